//! A restore that is killed leaves a database in the plain, which the next one takes away.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Database, Place, files, success};

/// A restore that waits in its midst: the backup comes through a pipe, and its end does not come yet.
struct Held {
    process: Child,
    pipe: std::fs::File,
    rest: Vec<u8>,
}

impl Held {
    fn start(place: &Place, backup: &Path, target: &Database) -> Self {
        let pipe = place.folder.path().join(format!("{}.pipe", files(place.folder.path()).len()));
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut restore = place.restore(&pipe, &place.custodians[0], target);
        restore.arg("--no-erasures").stdout(Stdio::null()).stderr(Stdio::null());
        let process = restore.spawn().unwrap();
        let bytes = std::fs::read(backup).unwrap();
        let (some, rest) = bytes.split_at(bytes.len() - 100);
        // Opened when the restore reads.
        let mut pipe = std::fs::File::options().write(true).open(&pipe).unwrap();
        pipe.write_all(some).unwrap();
        Self { process, pipe, rest: rest.to_vec() }
    }

    fn finish(mut self) {
        self.pipe.write_all(&self.rest).unwrap();
        drop(self.pipe);
        assert!(self.process.wait().unwrap().success());
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        assert_eq!(self.process.wait().unwrap().signal(), Some(9), "it was still there to be killed");
    }
}

/// The unfinished databases in a folder.
fn unfinished(folder: &Path) -> Vec<PathBuf> {
    let all = files(folder).into_iter().map(|path| path.join("unfinished.sqlite3"));
    all.filter(|path| path.exists()).collect()
}

/// The unfinished database in a folder, once there is one, which is not `other`.
fn only_unfinished(folder: &Path, other: Option<&Path>) -> PathBuf {
    let began = Instant::now();
    loop {
        match unfinished(folder).as_slice() {
            [one] if Some(one.as_path()) != other => return one.clone(),
            found => assert!(began.elapsed() < Duration::from_secs(60), "{found:?} is there, not one"),
        }
        std::thread::yield_now();
    }
}

#[test]
fn what_a_killed_restore_left_goes_with_the_next_and_what_is_under_way_stays() {
    let place = Place::new();
    if place.is_postgres() {
        return;
    }
    let backup = place.backup_of_a_round();
    let folder = place.folder.path().join("targets");
    std::fs::create_dir(&folder).unwrap();
    let target = |name: &str| Database { url: format!("sqlite://{}", folder.join(name).display()), made_on: None };
    let [killed, running, whole] = ["killed", "running", "whole"].map(target);

    let restore = Held::start(&place, &backup, &killed);
    let left = only_unfinished(&folder, None);
    restore.kill();
    assert!(left.exists() && !killed.is_there(), "it leaves what it had decrypted");

    let restore = Held::start(&place, &backup, &running);
    let under_way = only_unfinished(&folder, Some(&left));
    assert!(!left.exists(), "the next restore has taken it away");
    success(place.restore(&backup, &place.custodians[1], &whole).arg("--no-erasures"));
    assert_eq!(unfinished(&folder), [under_way], "another one that goes on is left alone");
    restore.finish();
    assert_eq!(running.count("votes"), whole.count("votes"));
    place.require_tidy();
}
