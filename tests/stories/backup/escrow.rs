//! The master key, saved for its custodians.

use fond::crypto::MasterKey;

use super::{Place, files, holds, refusal, success};
use crate::command::fond;
use crate::support::TestDatabase;

#[test]
fn an_escrowed_master_key_is_the_key_byte_for_byte() {
    let place = Place::new();
    let source = place.database("source");
    place.replay(&source);
    let out = place.folder.path().join("master.key.age");
    let escrow = || {
        let mut command = fond();
        command.args(["keys", "escrow", "--database", &source.url, "--out"]).arg(&out);
        command.env("FOND__MASTER_KEY_FILE", &place.key);
        for custodian in &place.custodians {
            command.args(["--recipient", &custodian.recipient]);
        }
        command
    };
    let told = success(&mut escrow());
    assert!(told.contains("age --decrypt -i key.txt") && told.contains("chmod 600"), "{told}");
    let key = std::fs::read(&place.key).unwrap();
    let saved = std::fs::read(&out).unwrap();
    assert!(!holds(&saved, &key[..40]));
    for custodian in &place.custodians {
        let text = std::fs::read_to_string(&custodian.identity).unwrap();
        let identity: age::x25519::Identity = text.lines().nth(1).unwrap().parse().unwrap();
        assert_eq!(age::decrypt(&identity, &saved).unwrap(), key);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(out.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    refusal(&mut escrow(), &["master.key.age", "is there already"]);
    assert_eq!(std::fs::read(&out).unwrap(), saved, "never overwritten");
    std::fs::remove_file(&out).unwrap();
    let other = place.folder.path().join("other.key");
    MasterKey::create(&other).unwrap();
    refusal(escrow().env("FOND__MASTER_KEY_FILE", &other), &["not the one of this database"]);
    refusal(escrow().args(["--recipient", &place.custodians[0].recipient]), &["twice"]);
    assert!(!out.exists());
    place.require_tidy();
}

#[test]
fn the_key_beside_a_sqlite_database_is_found_and_none_is_made() {
    let database = TestDatabase::new();
    if database.is_postgres() {
        return;
    }
    let place = Place::new();
    let file = database.folder.path().join("fond.sqlite3");
    let run = |arguments: &[&str]| {
        let mut command = fond();
        command.args(arguments).args(["--database", &database.url]);
        command
    };
    let keys: Vec<&str> =
        place.custodians.iter().flat_map(|custodian| ["--recipient", custodian.recipient.as_str()]).collect();
    let out = place.folder.path().join("escrowed.age");
    let escrow = [&["keys", "escrow", "--out", out.to_str().unwrap()], &keys[..]].concat();
    refusal(&mut run(&escrow), &["fond.sqlite3.key is missing"]);
    assert!(!file.exists() && files(database.folder.path()).len() == 1, "nothing is made");
    success(&mut run(&["migrate"]));
    success(&mut run(&escrow));
    let backup = [&["backup", "--out", place.backups.to_str().unwrap()], &keys[..]].concat();
    success(&mut run(&backup));
    let [made] = place.made().try_into().unwrap();
    // Elsewhere: the key is put beside the database that is to be.
    let elsewhere = place.folder.path().join("elsewhere.sqlite3");
    let mut restore = fond();
    restore.arg("restore").arg(&made).arg("--identity").arg(&place.custodians[0].identity);
    restore.args(["--database", &format!("sqlite://{}", elsewhere.display())]);
    std::fs::write(place.folder.path().join("elsewhere.sqlite3.erasures"), "").unwrap();
    refusal(&mut restore, &["elsewhere.sqlite3.key is missing"]);
    assert!(!elsewhere.exists());
    std::fs::copy(database.folder.path().join("fond.sqlite3.key"), place.folder.path().join("elsewhere.sqlite3.key"))
        .unwrap();
    assert!(success(&mut restore).contains("Erased again: 0"));
    assert_eq!(
        files(place.folder.path()).iter().filter(|file| file.to_str().unwrap().contains("elsewhere")).count(),
        3,
        "the database, its key and its list"
    );
    place.require_tidy();
}
