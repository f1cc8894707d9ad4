//! Rotating the master key while the fund is at work.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use diesel::connection::SimpleConnection;
use fond::accounts::{Actor, actions as accounts};
use fond::applications;
use fond::audit::journal;
use fond::calls;
use fond::clock::Instant;
use fond::crypto::{KeyClass, MasterKey, OpenLog, Purpose, rotate};
use fond::eligibility::actions as eligibility;
use fond::ids::ApplicationId;
use fond::replay::Case;
use fond::startup::{self, Fond};

use crate::cases::replay_case;
use crate::support::{TestDatabase, case, people};

fn applications_of(fond: &Fond, name: &str) -> Vec<ApplicationId> {
    let code = Case::read(&case(name)).unwrap().rules().code.clone();
    let all = fond.db.read(|conn| {
        let list = calls::actions::list(conn, None, false, None, fond::page::Limit::default(), Instant::now())?;
        let call = list.items.into_iter().find(|call| call.code == code).unwrap();
        applications::actions::list(conn, &Actor::SYSTEM, call.id)
    });
    all.unwrap().into_iter().map(|application| application.id).collect()
}

/// Opens who somebody is, as the fund does for a payment.
fn open_one(fond: &Fond, id: ApplicationId) -> fond::error::Result<String> {
    fond.db.read(|conn| {
        let log = OpenLog::new(&fond.vault);
        let opener = log.opener(&fond.vault, journal::reader(Actor::SYSTEM.author(), Purpose::Pay));
        let application = applications::actions::find(conn, id)?;
        let identity = applications::actions::open_identity(conn, &opener, &application)?;
        let opened = format!("{identity:?}");
        let _ = log.take();
        Ok(opened)
    })
}

fn master_ids(database: &TestDatabase) -> i64 {
    database.number("SELECT COUNT(DISTINCT master_id) AS number FROM data_keys")
}

fn keep_copy(key: &Path) -> std::path::PathBuf {
    let copy = key.with_extension("old");
    std::fs::copy(key, &copy).unwrap();
    copy
}

#[test]
fn nobody_who_reads_or_applies_notices_and_the_old_key_opens_nothing() {
    let database = TestDatabase::new();
    replay_case(&database, &case("2020"));
    let fond = database.open();
    let ids = applications_of(&fond, "2020");
    let old = keep_copy(&database.key);
    let call = people::open_call(&fond, |rules| rules.code = "open".into());
    let (is_over, reads, sent) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let wrapped = thread::scope(|scope| {
        scope.spawn(|| {
            for id in ids.iter().cycle() {
                open_one(&fond, *id).unwrap();
                reads.fetch_add(1, Ordering::Relaxed);
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        scope.spawn(|| {
            for number in 1..900 {
                let submission = people::submission(number, people::jmbg(number));
                let now = people::at("2020-07-20T12:00:00+02:00");
                let submit = |conn: &mut fond::db::Conn| {
                    let actor = accounts::register_applicant(conn, now)?;
                    eligibility::submit(conn, &fond.vault, &actor, call, &submission, now)
                };
                fond.db.write(submit).unwrap();
                sent.fetch_add(1, Ordering::Relaxed);
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        // As another process does it: with connections of its own, beside the server.
        let other = fond::db::Db::open(&database.engine(), &database.settings().database.tuning()).unwrap();
        let wrapped = rotate(&other, MasterKey::read(&database.key).unwrap(), &mut |_| ()).unwrap();
        let before = sent.load(Ordering::Relaxed);
        while sent.load(Ordering::Relaxed) < before + 3 && sent.load(Ordering::Relaxed) < 899 {
            thread::yield_now();
        }
        is_over.store(true, Ordering::Relaxed);
        wrapped
    });
    assert!(wrapped > 5000, "{wrapped}");
    assert!(reads.load(Ordering::Relaxed) > 50 && sent.load(Ordering::Relaxed) > 3, "{reads:?} {sent:?}");
    assert_eq!(master_ids(&database), 1);

    let again = database.open();
    let opened = ids.iter().filter(|id| open_one(&again, **id).is_ok()).count();
    assert_eq!(opened, ids.len());
    let mut settings = database.settings();
    settings.master_key_file = old;
    let refused = startup::open(&settings, Some(&database.url)).err().unwrap().to_string();
    assert!(refused.contains("not the one of this database"), "{refused}");
}

#[test]
fn what_is_interrupted_opens_everything_and_goes_on() {
    let database = TestDatabase::new();
    replay_case(&database, &case("2020"));
    let fond = database.open();
    let ids = applications_of(&fond, "2020");
    let stop = std::panic::AssertUnwindSafe(|| {
        let dies = &mut |wrapped: u64| assert!(wrapped < 1000, "the machine stops here");
        rotate(&fond.db, MasterKey::read(&database.key).unwrap(), dies)
    });
    assert!(std::panic::catch_unwind(stop).is_err());
    assert_eq!(master_ids(&database), 2);
    let halfway = database.open();
    assert!(ids.iter().all(|id| open_one(&halfway, *id).is_ok() && open_one(&fond, *id).is_ok()));
    let rest = rotate(&fond.db, MasterKey::read(&database.key).unwrap(), &mut |_| ()).unwrap();
    assert!(rest > 1000, "{rest}");
    assert_eq!(master_ids(&database), 1);
    assert_eq!(std::fs::read_to_string(&database.key).unwrap().lines().count(), 1);
    let again = database.open();
    assert!(ids.iter().all(|id| open_one(&again, *id).is_ok()));
}

/// One after the other or refused, but never a database whose key is in no file.
#[test]
fn two_rotations_at_once_do_not_meet() {
    let database = TestDatabase::new();
    let fonds = [database.open(), database.open(), database.open()];
    for _ in 0..5 {
        let rotated = thread::scope(|scope| {
            let rotating = fonds
                .each_ref()
                .map(|fond| scope.spawn(|| rotate(&fond.db, MasterKey::read(&database.key).unwrap(), &mut |_| ())));
            rotating.map(|rotating| rotating.join().unwrap())
        });
        assert!(rotated.iter().any(Result::is_ok));
        for refused in rotated.iter().filter_map(|rotated| rotated.as_ref().err()) {
            assert!(refused.to_string().contains("another rotation"), "{refused}");
        }
        assert_eq!(master_ids(&database), 1);
        database.open();
    }
}

/// What a rotation does at once: the key of more people than that.
const PEOPLE: usize = 300;

/// Leaves a rotation in its midst, as a killed one does; gives the lines of the file, the newer first.
pub fn leave_in_the_midst(fond: &Fond, key: &Path) -> [String; 2] {
    let made = fond.db.write(|conn| {
        for _ in 0..PEOPLE {
            let person = accounts::register_applicant(conn, people::at("2020-07-01T00:00:00Z"))?.person()?;
            fond.vault.create_key(conn, person, KeyClass::Need)?;
        }
        Ok(())
    });
    made.unwrap();
    let dies = std::panic::AssertUnwindSafe(|| {
        rotate(&fond.db, MasterKey::read(key).unwrap(), &mut |_| panic!("the machine stops here"))
    });
    assert!(std::panic::catch_unwind(dies).is_err());
    let text = std::fs::read_to_string(key).unwrap();
    let lines: Vec<String> = text.lines().map(|line| format!("{line}\n")).collect();
    lines.try_into().unwrap()
}

/// As long as both keys wrap something, a file with one of them is refused by whoever opens the database, and a rotation by it
/// changes nothing.
#[test]
fn in_the_midst_of_a_rotation_a_file_with_one_of_its_keys_is_refused() {
    let database = TestDatabase::new();
    let fond = database.open();
    let [newer, older] = leave_in_the_midst(&fond, &database.key);
    assert_eq!(master_ids(&database), 2);
    let named = || database.number("SELECT COUNT(*) AS number FROM wrapping_masters");
    assert_eq!(named(), 2);
    let open = || startup::open(&database.settings(), Some(&database.url)).map(drop);
    let rotate = || rotate(&fond.db, MasterKey::read(&database.key).unwrap(), &mut |_| ());
    let by_the_current = "SELECT COUNT(*) AS number FROM data_keys JOIN current_master USING (master_id)";
    let rows = || database.number(by_the_current);
    let wrapped = rows();
    for (line, lacks) in [(&newer, "lacks the older master key"), (&older, "lacks the newer master key")] {
        std::fs::write(&database.key, line).unwrap();
        for refused in [open().unwrap_err(), rotate().unwrap_err()] {
            let refused = refused.to_string();
            let path = database.key.display().to_string();
            assert!(
                refused.contains(lacks) && refused.contains(&path) && refused.contains("master_key_file"),
                "{refused}"
            );
        }
        assert_eq!(&std::fs::read_to_string(&database.key).unwrap(), line);
        assert_eq!((rows(), named(), master_ids(&database)), (wrapped, 2, 2));
    }
    std::fs::write(&database.key, newer.clone() + &older).unwrap();
    open().unwrap();
    assert!(rotate().unwrap() > 0);
    assert_eq!((master_ids(&database), named()), (1, 1));
    assert_eq!(std::fs::read_to_string(&database.key).unwrap(), newer);
    open().unwrap();
}

/// A rotation asks the keys themselves, and not what the database says of them.
#[test]
fn a_rotation_looks_at_every_key_before_it_begins() {
    let database = TestDatabase::new();
    let fond = database.open();
    let [newer, _] = leave_in_the_midst(&fond, &database.key);
    std::fs::write(&database.key, &newer).unwrap();
    let lie = "DELETE FROM wrapping_masters WHERE master_id <> (SELECT master_id FROM current_master)";
    database.raw().batch_execute(lie).unwrap();
    database.open();
    let refused = rotate(&fond.db, MasterKey::read(&database.key).unwrap(), &mut |_| ()).unwrap_err().to_string();
    assert!(refused.contains("lacks the older master key"), "{refused}");
    assert_eq!(std::fs::read_to_string(&database.key).unwrap(), newer);
}

#[test]
fn a_key_of_another_database_is_refused_before_anything_changes() {
    let database = TestDatabase::new();
    let fond = database.open();
    let other = database.folder.path().join("other.key");
    MasterKey::create(&other).unwrap();
    let text = std::fs::read_to_string(&other).unwrap();
    let refused = rotate(&fond.db, MasterKey::read(&other).unwrap(), &mut |_| ()).unwrap_err().to_string();
    assert!(refused.contains("not the one of this database") && refused.contains("other.key"), "{refused}");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), text);
    database.open();
}
