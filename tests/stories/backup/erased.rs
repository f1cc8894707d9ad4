//! Which list of erasures a restore takes: a whole one that is not older than the backup.

use diesel::connection::SimpleConnection;
use fond::db::Engine;

use super::drill::Erased;
use super::{Database, Place, refusal, success};

/// A place with a round of which somebody was erased, and a backup of it.
fn erased_and_backed_up(before: &str) -> (Place, Database, Erased, std::path::PathBuf) {
    let place = Place::new();
    let source = place.database("source");
    place.replay(&source);
    let erased = Erased::erase(&place, &place.open(&source));
    source.raw().batch_execute(before).unwrap();
    success(&mut place.backup(&source));
    let [backup] = place.made().try_into().unwrap();
    (place, source, erased, backup)
}

#[test]
fn a_list_that_is_cut_off_is_refused_by_its_line() {
    let (place, _source, erased, backup) = erased_and_backed_up("SELECT 1");
    let whole = std::fs::read_to_string(&erased.list).unwrap();
    let target = place.database("target");
    let restore = || {
        let mut command = place.restore(&backup, &place.custodians[0], &target);
        command.arg("--erasures").arg(&erased.list);
        command
    };
    for (text, line) in [(whole.trim_end().to_owned(), "line 1"), (format!("{whole}2026-11-27T1"), "line 2")] {
        std::fs::write(&erased.list, text).unwrap();
        refusal(&mut restore(), &[&erased.list.display().to_string(), line, "take the whole list"]);
        assert!(!target.is_there());
    }
    std::fs::write(&erased.list, whole).unwrap();
    assert!(success(&mut restore()).contains("Erased again: 0."), "the backup is of after the erasure");
    place.require_tidy();
}

#[test]
fn a_list_that_lacks_what_the_backup_records_is_refused() {
    let (place, _source, erased, backup) = erased_and_backed_up("SELECT 1");
    let older = place.folder.path().join("older");
    std::fs::write(&older, format!("2026-11-27T10:15:00Z person {}\n", uuid::Uuid::now_v7())).unwrap();
    let by_the_older = place.database("by-the-older");
    let mut restore = place.restore(&backup, &place.custodians[0], &by_the_older);
    refusal(restore.arg("--erasures").arg(&older), &["older, lacks 1 ", "older than the backup", "newest list"]);
    let by_none = place.database("by-none");
    let mut restore = place.restore(&backup, &place.custodians[0], &by_none);
    refusal(restore.arg("--no-erasures"), &["--no-erasures", "records 1 erasures", "newest list"]);
    if !place.is_postgres() {
        assert!(!by_the_older.is_there() && !by_none.is_there());
    }
    let by_the_newest = place.database("by-the-newest");
    let mut restore = place.restore(&backup, &place.custodians[0], &by_the_newest);
    success(restore.arg("--erasures").arg(&erased.list));
    place.require_tidy();
}

/// A list that was named for the restore alone: whom this backup does not know another one may know.
#[test]
fn what_was_applied_stands_on_the_list_of_the_restored_database() {
    let (place, _source, erased, backup) = erased_and_backed_up("SELECT 1");
    let own = std::fs::read_to_string(&erased.list).unwrap();
    let whole = format!("{own}2026-11-27T10:15:00Z person {}\n", uuid::Uuid::now_v7());
    std::fs::write(&erased.list, &whole).unwrap();
    let target = place.database("target");
    let list = fond::startup::erasures_file(&place.settings(), &Engine::parse(&target.url).unwrap());
    assert!(list != erased.list && !list.exists());
    // What stands there already stays, and is not written twice.
    std::fs::write(&list, &own).unwrap();
    success(place.restore(&backup, &place.custodians[0], &target).arg("--erasures").arg(&erased.list));
    assert_eq!(std::fs::read_to_string(&list).unwrap(), whole);
    assert_eq!(fond::privacy::list::write_down(&place.open(&target).db, &list).unwrap(), 0);
    place.require_tidy();
}

/// Whoever was erased just before the backup may stand on no list yet; the restored database writes them down.
#[test]
fn what_the_backup_had_not_written_down_yet_is_not_missed() {
    let (place, _source, _, backup) = erased_and_backed_up("UPDATE erasures SET listed_at = NULL");
    let empty = place.folder.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    let target = place.database("target");
    success(place.restore(&backup, &place.custodians[0], &target).arg("--erasures").arg(&empty));
    assert_eq!(target.lines("SELECT what AS line FROM erasures WHERE listed_at IS NULL"), ["person"]);
}
