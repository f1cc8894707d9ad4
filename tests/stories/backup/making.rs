//! What a backup is refused for, and which backups it deletes.

use fond::clock::Instant;

use super::{Database, Place, refusal, success};
use crate::command::fond;

#[test]
fn wrong_recipients_and_absent_places_are_refused_by_name() {
    let place = Place::new();
    let source = place.database("source");
    drop(place.open(&source));
    let [ana, mira] = [&place.custodians[0].recipient, &place.custodians[1].recipient];
    let with = |recipients: &[&str]| {
        let mut command = place.command("backup", &source);
        command.arg("--out").arg(&place.backups);
        for key in recipients {
            command.args(["--recipient", key]);
        }
        command
    };
    refusal(&mut with(&[]), &["backup.recipients", "two public keys", "0 are named"]);
    refusal(&mut with(&[ana]), &["--recipient", "1 are named"]);
    refusal(&mut with(&[ana, ana]), &[ana, "twice"]);
    refusal(&mut with(&[ana, "age1nonsense"]), &["“age1nonsense” is no public key"]);
    refusal(
        with(&[]).env("FOND__BACKUP__RECIPIENTS", format!("{ana},age1wrong")),
        &["backup.recipients", "“age1wrong”"],
    );
    let mut absent = place.command("backup", &source);
    absent.env("FOND__BACKUP__RECIPIENTS", format!("{ana}, {mira}")).env("FOND__BACKUP__FOLDER", "absent");
    refusal(&mut absent, &["the folder of the backups, absent, is not there"]);
    absent.env("FOND__BACKUP__FOLDER", "");
    refusal(&mut absent, &["--out FOLDER"]);
    absent.env("FOND__BACKUP__FOLDER", &place.backups);
    assert_eq!(place.made().len(), 0);
    assert!(success(&mut absent).contains("SHA-256"), "folder and recipients of the settings");
    if !place.is_postgres() {
        let nothing =
            Database { url: format!("sqlite://{}", place.folder.path().join("none").display()), made_on: None };
        refusal(&mut place.backup(&nothing), &["there is no such database"]);
        assert!(!place.folder.path().join("none").exists());
    }
    place.require_tidy();
}

#[test]
fn old_backups_go_once_a_new_one_stands_and_nothing_else_does() {
    let place = Place::new();
    let source = place.database("source");
    drop(place.open(&source));
    let days = |days: u64| {
        let moment = Instant::now().minus(std::time::Duration::from_secs(days * 86_400 + 3600)).to_string();
        moment.split('.').next().unwrap().replace(['-', ':'], "")
    };
    let old = [format!("fond-{}Z.sqlite3.age", days(35)), format!("fond-{}Z.pgdump.age", days(400))];
    let kept = [
        format!("fond-{}Z.sqlite3.age", days(34)),
        format!("fond-{}Z.sqlite3.age.copy", days(50)),
        format!("fond-{}.sqlite3.age", days(50)),
        format!("my-fond-{}Z.sqlite3.age", days(50)),
        "notes.txt".to_owned(),
    ];
    old.iter().chain(&kept).for_each(|name| std::fs::write(place.backups.join(name), "").unwrap());
    std::fs::create_dir(place.backups.join(format!("fond-{}Z.sqlite3.age", days(60)))).unwrap();
    // One that fails deletes nothing.
    let output = place.command("backup", &source).arg("--out").arg(&place.backups).output().unwrap();
    assert!(!output.status.success());
    assert_eq!(place.made().len(), 8);
    let told = success(&mut place.backup(&source));
    let left = place.made();
    for name in &old {
        assert!(!left.contains(&place.backups.join(name)) && told.contains(name.as_str()), "{name}: {told}");
    }
    for name in &kept {
        assert!(left.contains(&place.backups.join(name)), "{name}");
    }
    assert_eq!(left.len(), kept.len() + 2, "{left:?}");
    // Two of the same second would have one name.
    let first = left.iter().find(|file| told.starts_with(file.to_str().unwrap())).unwrap();
    std::fs::remove_file(first).unwrap();
    success(place.backup(&source).env("FOND__BACKUP__KEEP_DAYS", "20"));
    assert!(!place.backups.join(&kept[0]).exists());
}

#[test]
fn pg_dump_is_missed_by_name_and_leaves_no_half_file() {
    let place = Place::new();
    if !place.is_postgres() {
        return;
    }
    let source = place.database("source");
    drop(place.open(&source));
    let programs = place.folder.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    let backup = || {
        let mut command = place.backup(&source);
        command.env("PATH", &programs);
        command
    };
    refusal(&mut backup(), &["pg_dump: is not on this machine's PATH"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let program = programs.join("pg_dump");
        for (script, part) in [
            ("printf PGDMPhalf; echo 'pg_dump: error: the disk burns' >&2; exit 1", "the disk burns"),
            ("printf PGDMPhalf; kill -9 $$", "signal"),
            ("echo 'pg_dump: error: aborting because of server version mismatch' >&2; exit 1", "as new as the server"),
        ] {
            std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
            refusal(&mut backup(), &["pg_dump", part]);
        }
        // One that never ends, ended by SIGTERM.
        std::fs::write(&program, "#!/bin/sh\nwhile printf PGDMP; do :; done\n").unwrap();
        let endless = backup().stderr(std::process::Stdio::piped()).spawn().unwrap();
        let has_begun = || place.made().iter().any(|file| file.metadata().is_ok_and(|file| file.len() > 100_000));
        while !has_begun() {
            std::thread::yield_now();
        }
        let told = std::process::Command::new("kill").arg(endless.id().to_string()).status().unwrap();
        assert!(told.success());
        let output = endless.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8(output.stderr).unwrap().contains("encrypting: interrupted"));
        // Nobody who lists the processes of the machine reads the password.
        let seen = place.folder.path().join("seen");
        std::fs::write(&program, format!("#!/bin/sh\necho \"$@ / $PGPASSWORD\" > {}\nexit 3\n", seen.display()))
            .unwrap();
        let (front, behind) = source.url.split_once("://").unwrap();
        let behind = behind.split_once('@').map_or(behind, |(_, place)| place);
        let mut secret = fond();
        secret.args(["backup", "--database", &format!("{front}://postgres:se%20cret@{behind}"), "--out"]);
        secret.arg(&place.backups).env("PATH", &programs);
        for custodian in &place.custodians {
            secret.args(["--recipient", &custodian.recipient]);
        }
        refusal(&mut secret, &["pg_dump"]);
        let seen = std::fs::read_to_string(&seen).unwrap();
        let (arguments, password) = seen.trim_end().split_once(" / ").unwrap();
        assert!(arguments.contains("--snapshot") && !arguments.contains("cret"), "{arguments}");
        assert_eq!(password, "se cret");
    }
    assert_eq!(place.made().len(), 0);
    place.require_tidy();
}
