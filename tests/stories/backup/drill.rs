//! The drill: a backup under load, restored elsewhere.

use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use fond::accounts::{Actor, actions as accounts};
use fond::applications::{self, ApplicationState};
use fond::calls;
use fond::clock::Instant;
use fond::crypto::KeyClass;
use fond::ids::PersonId;
use fond::page::Limit;
use fond::privacy::{erasure, list};
use fond::startup::Fond;

use super::{Place, plain_id, success, told};

/// How many write all the time.
const WRITERS: usize = 4;

/// Somebody who is erased after the backup, and the list that says so.
pub(super) struct Erased {
    pub list: PathBuf,
    person: PersonId,
}

impl Erased {
    /// Erases somebody of the round that was played, and writes the list.
    pub fn erase(place: &Place, fond: &Fond) -> Self {
        let list = place.folder.path().join("erasures");
        let person = fond.db.write(|conn| {
            let call = calls::actions::list(conn, None, false, None, Limit::default(), Instant::now())?.items[0].id;
            let all = applications::actions::list(conn, &Actor::SYSTEM, call)?;
            let person = all.iter().find(|one| one.state == ApplicationState::Rejected).unwrap().person_id;
            erasure::erase_person(conn, &fond.vault, Actor::SYSTEM.author(), person, Instant::now())?;
            Ok(person)
        });
        assert_eq!(list::write_down(&fond.db, &list).unwrap(), 1);
        Self { list, person: person.unwrap() }
    }

    /// Whether the person is still erased in a restored database: no key of theirs is left.
    fn stays_erased(&self, fond: &Fond) -> bool {
        let key = |class| fond.db.read(|conn| fond.vault.key(conn, self.person, class).map(|_| ()));
        [KeyClass::Identity, KeyClass::Need, KeyClass::Payment].into_iter().all(|class| key(class).is_err())
    }
}

/// The drill: back up under load, restore elsewhere; whatever was acknowledged before the moment that the backup names is
/// there, the checks pass, an erased person stays erased.
fn drill(hold_seconds: &str, is_held_to_its_end: bool) {
    let place = Place::new();
    let (source, target) = (place.database("source"), place.database("target"));
    place.replay(&source);
    let fond = place.open(&source);
    let is_over = AtomicBool::new(false);
    let warm = Barrier::new(WRITERS + 1);
    let (mut acknowledged, mut output) = (Vec::new(), None);
    std::thread::scope(|scope| {
        let write = || {
            let (mut acknowledged, mut more) = (Vec::new(), 10);
            while more > 0 {
                // Some more at the end, which the backup cannot hold.
                more -= usize::from(is_over.load(Ordering::SeqCst));
                let written = fond.db.write(|conn| accounts::register_applicant(conn, Instant::now()));
                let id = written.unwrap().author().person.unwrap().to_string();
                acknowledged.push((Instant::now(), plain_id(&id)));
                if acknowledged.len() == 20 {
                    warm.wait();
                }
            }
            acknowledged
        };
        let writers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(write)).collect();
        warm.wait();
        output = Some(place.backup(&source).env("FOND__BACKUP__HOLD_SECONDS", hold_seconds).output().unwrap());
        is_over.store(true, Ordering::SeqCst);
        acknowledged = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
    });
    let told = told(&output.unwrap());
    let is_held = told.contains("before its end");
    assert_eq!(is_held, is_held_to_its_end, "{told}");
    let moment = moment(&told, if is_held { "writers were held from " } else { "acknowledged before " });
    let [backup] = place.made().try_into().unwrap();
    assert!(told.contains(&backup.display().to_string()) && told.contains("The master key is not in it"), "{told}");

    let erased = Erased::erase(&place, &fond);
    let mut restore = place.restore(&backup, &place.custodians[1], &target);
    let report = success(restore.arg("--erasures").arg(&erased.list));
    assert!(
        report.contains("Erased again: 1.")
            && report.contains("numbered without a gap")
            && report.contains("1 books sum to zero"),
        "{report}"
    );
    let restored = place.open(&target);
    let there = target.people();
    let before: Vec<_> = acknowledged.iter().filter(|(at, _)| *at <= moment).collect();
    assert!(before.len() >= 20 * WRITERS, "only {} of {} were acknowledged before", before.len(), acknowledged.len());
    for (at, id) in before {
        assert!(there.contains(id), "acknowledged at {at}, backup of {moment}: {id} is missing");
    }
    // What was written afterwards is not there: the comparison can fail.
    let (at, _) = acknowledged.iter().find(|(_, id)| !there.contains(id)).unwrap();
    if is_held {
        let stood = modified(&backup);
        assert!(*at >= stood, "acknowledged at {at} and missing; the file was written until {stood}");
    }
    eprintln!("{} writes, {} of them in the backup: {told}", acknowledged.len(), there.len());
    assert_eq!(target.count("executions"), source.count("executions"), "the round is there");
    assert!(erased.stays_erased(&restored));
    drop(restored);
    place.require_tidy();
}

/// The moment that stands behind some words.
fn moment(told: &str, words: &str) -> Instant {
    let behind = told.split(words).nth(1).unwrap();
    let end = behind.find('Z').unwrap();
    behind[..=end].parse().unwrap()
}

/// When the last byte of a file was written.
fn modified(file: &Path) -> Instant {
    let since = file.metadata().unwrap().modified().unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
    Instant::from_micros(i64::try_from(since.as_micros()).unwrap())
}

#[test]
fn a_backup_under_load_is_restored_elsewhere_with_every_write_up_to_its_end() {
    drill("4", true);
}

#[test]
fn a_backup_that_holds_nobody_has_every_write_up_to_its_moment() {
    drill("0", false);
}
