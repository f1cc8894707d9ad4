//! What restores, and what is refused without leaving a database.

use std::path::Path;
use std::process::Command;

use fond::crypto::MasterKey;
use fond::db::Engine;

use super::{Custodian, Place, holds, refusal, success};
use crate::command::fond;
use crate::rotation::leave_in_the_midst;

#[test]
fn a_backup_is_private_and_either_custodian_opens_it_alone() {
    let place = Place::new();
    let backup = place.backup_of_a_round();
    let name = backup.file_name().unwrap().to_str().unwrap();
    let ending = if place.is_postgres() { ".pgdump.age" } else { ".sqlite3.age" };
    assert!(name.starts_with("fond-") && name.ends_with(ending) && name.len() == 21 + ending.len(), "{name}");
    let bytes = std::fs::read(&backup).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/v1\n"));
    for plain in [&b"SQLite format 3"[..], b"PGDMP", b"CREATE TABLE", b"events"] {
        assert!(!holds(&bytes, plain), "{}", String::from_utf8_lossy(plain));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(backup.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    for (custodian, name) in place.custodians.iter().zip(["first", "second"]) {
        let target = place.database(name);
        success(place.restore(&backup, custodian, &target).arg("--no-erasures"));
        assert_ne!(target.count("votes"), "0");
    }
    place.require_tidy();
}

#[test]
fn what_cannot_be_restored_leaves_no_database() {
    let place = Place::new();
    let backup = place.backup_of_a_round();
    let target = place.database("target");
    let stranger = Custodian::new(place.folder.path(), "stranger.txt");
    let [ana, _] = &place.custodians;
    let mut tried = 0;
    let mut refused = |file: &Path, custodian: &Custodian, more: &[&str], parts: &[&str]| {
        refusal(place.restore(file, custodian, &target).args(more), parts);
        assert!(!target.is_there(), "{parts:?}");
        tried += 1;
    };
    refused(&backup, &stranger, &["--no-erasures"], &["was encrypted to other keys", "stranger.txt"]);

    let bytes = std::fs::read(&backup).unwrap();
    let broken = place.folder.path().join("broken.age");
    for (length, change) in [(0, None), (10, None), (300, None), (bytes.len() / 2, None), (bytes.len() - 1, None)]
        .into_iter()
        .chain([(bytes.len(), Some(bytes.len() / 2)), (bytes.len(), Some(bytes.len() - 1))])
    {
        let mut some = bytes[..length].to_vec();
        if let Some(at) = change {
            some[at] ^= 1;
        }
        std::fs::write(&broken, &some).unwrap();
        refused(&broken, ana, &["--no-erasures"], &["broken.age"]);
    }
    let wrong_key = place.folder.path().join("wrong.txt");
    std::fs::write(&wrong_key, "AGE-SECRET-KEY-1NONE\n").unwrap();
    let wrong = Custodian { identity: wrong_key, recipient: String::new() };
    refused(&backup, &wrong, &["--no-erasures"], &["wrong.txt, line 1"]);
    // Without the list of erasures who was erased would be back.
    let absent = place.folder.path().join("absent");
    refused(&backup, ana, &["--erasures", absent.to_str().unwrap()], &["absent", "--no-erasures"]);
    refused(&backup, ana, &[], &[".erasures", "--no-erasures"]);
    let list = fond::startup::erasures_file(&place.settings(), &Engine::parse(&target.url).unwrap());
    std::fs::write(&list, format!("2026-11-27T10:15:00Z person {}\n", uuid::Uuid::now_v7())).unwrap();
    refused(&backup, ana, &["--no-erasures"], &["--no-erasures", &list.display().to_string()]);
    std::fs::remove_file(&list).unwrap();
    assert_eq!(tried, 12);

    let other = place.folder.path().join("other.key");
    MasterKey::create(&other).unwrap();
    let mut restore = place.restore(&backup, ana, &target);
    refusal(restore.arg("--no-erasures").env("FOND__MASTER_KEY_FILE", &other), &["not the one of this database"]);
    if place.is_postgres() {
        // What pg_restore has committed is there, and nobody serves it.
        refusal(&mut place.command("migrate", &target), &["is not finished"]);
        refusal(place.restore(&backup, ana, &target).arg("--no-erasures"), &["is not finished"]);
        refusal(&mut place.backup(&target), &["is not finished"]);
        let saved = place.folder.path().join("saved.age");
        let mut commands = [["keys", "rotate"], ["keys", "escrow"]].map(|names| {
            let mut command = fond();
            command.args(names).args(["--database", &target.url]).env("FOND__MASTER_KEY_FILE", &place.key);
            command
        });
        commands[1].arg("--out").arg(&saved);
        for custodian in &place.custodians {
            commands[1].args(["--recipient", &custodian.recipient]);
        }
        for command in &mut commands {
            refusal(command, &["is not finished"]);
        }
        assert!(!saved.exists());
    } else {
        assert!(!target.is_there());
        success(place.restore(&backup, ana, &target).arg("--no-erasures"));
    }
    place.require_tidy();
}

#[test]
fn a_backup_of_before_a_rotation_needs_the_key_of_its_time() {
    let place = Place::new();
    let source = place.database("source");
    place.replay(&source);
    success(&mut place.backup(&source));
    let [backup] = place.made().try_into().unwrap();
    let old = place.folder.path().join("old.key");
    std::fs::copy(&place.key, &old).unwrap();
    let mut rotate = fond();
    rotate.args(["keys", "rotate", "--database", &source.url]).env("FOND__MASTER_KEY_FILE", &place.key);
    success(&mut rotate);
    let restore = |name: &str| {
        let target = place.database(name);
        let mut command = place.restore(&backup, &place.custodians[0], &target);
        command.arg("--no-erasures");
        (command, target)
    };
    let (mut by_the_new, _new) = restore("new");
    refusal(&mut by_the_new, &["not the one of this database", "before fond keys rotate", "FOND__MASTER_KEY_FILE"]);
    let (mut by_the_old, old_target) = restore("old");
    success(by_the_old.env("FOND__MASTER_KEY_FILE", &old));
    assert_ne!(old_target.count("votes"), "0");
    place.require_tidy();
}

#[test]
fn a_backup_of_the_midst_of_a_rotation_needs_both_keys() {
    let place = Place::new();
    let source = place.database("source");
    place.replay(&source);
    let [newer, older] = leave_in_the_midst(&place.open(&source), &place.key);
    success(&mut place.backup(&source));
    let [backup] = place.made().try_into().unwrap();
    let [alone, both] = ["alone.key", "both.key"].map(|name| place.folder.path().join(name));
    for (file, text) in [(&alone, newer.clone()), (&both, newer + &older)] {
        std::fs::copy(&place.key, file).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let run = |command: &mut Command, key: &Path, parts: &[&str]| match parts {
        [] => drop(success(command.env("FOND__MASTER_KEY_FILE", key))),
        parts => refusal(command.env("FOND__MASTER_KEY_FILE", key), parts),
    };
    let lacks: &[&str] = &["alone.key lacks the older master key", "FOND__MASTER_KEY_FILE"];
    for (name, key, parts) in [("by-one", &alone, lacks), ("by-both", &both, &[][..])] {
        let target = place.database(name);
        run(place.restore(&backup, &place.custodians[0], &target).arg("--no-erasures"), key, parts);
        assert!(place.is_postgres() || target.is_there() == parts.is_empty());
        // And of the database itself, whoever opens it or saves its key.
        run(&mut place.command("migrate", &source), key, parts);
        let out = place.folder.path().join(format!("{name}.age"));
        let mut escrow = fond();
        escrow.args(["keys", "escrow", "--database", &source.url, "--out"]).arg(&out);
        for custodian in &place.custodians {
            escrow.args(["--recipient", &custodian.recipient]);
        }
        run(&mut escrow, key, parts);
        assert_eq!(out.exists(), parts.is_empty());
    }
    place.require_tidy();
}

#[test]
fn pg_restore_is_missed_by_name_and_leaves_the_database_empty() {
    let place = Place::new();
    if !place.is_postgres() {
        return;
    }
    let backup = place.backup_of_a_round();
    let target = place.database("target");
    let restore = || {
        let mut command = place.restore(&backup, &place.custodians[0], &target);
        command.arg("--no-erasures");
        command
    };
    let programs = place.folder.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    refusal(restore().env("PATH", &programs), &["pg_restore: is not on this machine's PATH"]);
    assert!(!target.is_there());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let program = programs.join("pg_restore");
        std::fs::write(&program, "#!/bin/sh\necho 'pg_restore: error: no space' >&2; exit 1\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        refusal(restore().env("PATH", &programs), &["pg_restore", "no space"]);
        assert!(!target.is_there());
    }
    success(&mut restore());
    assert_ne!(target.count("votes"), "0");
}

#[test]
fn a_database_that_is_there_is_never_restored_over() {
    let place = Place::new();
    let backup = place.backup_of_a_round();
    let target = place.database("target");
    drop(place.open(&target));
    let people = target.people();
    let parts: &[&str] = if place.is_postgres() { &["tables already"] } else { &["fond.sqlite3", "is there already"] };
    refusal(place.restore(&backup, &place.custodians[0], &target).arg("--no-erasures"), parts);
    assert_eq!(target.people(), people);
}

#[test]
fn the_other_kind_of_backup_is_refused() {
    let place = Place::new();
    let mira = &place.custodians[1].recipient;
    let file = place.folder.path().join("a.age");
    let keys = [place.custodians[0].recipient.parse().unwrap(), mira.parse().unwrap()];
    let encryptor =
        age::Encryptor::with_recipients(keys.iter().map(|key: &age::x25519::Recipient| key as &dyn age::Recipient));
    let mut stream = encryptor.unwrap().wrap_output(std::fs::File::create(&file).unwrap()).unwrap();
    std::io::Write::write_all(&mut stream, b"neither the one nor the other").unwrap();
    stream.finish().unwrap();
    let target = place.database("target");
    refusal(
        place.restore(&file, &place.custodians[0], &target).arg("--no-erasures"),
        &["a.age", "holds no backup of a"],
    );
    assert!(!target.is_there());
}
