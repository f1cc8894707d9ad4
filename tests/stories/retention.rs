//! What is kept, and for how long: the round of 2020 a day, a year and ten years after its end.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use fond::accounts::Actor;
use fond::applications::{self, ApplicationState};
use fond::calls;
use fond::clock::Instant;
use fond::config::RetentionSettings;
use fond::ledger;
use fond::money::Money;
use fond::page::Limit;
use fond::privacy::{list, retention};
use fond::replay::Case;
use fond::startup::Fond;

use crate::cases::replay_case;
use crate::command::fond as program;
use crate::support::dump::dump;
use crate::support::{TestDatabase, case};

/// What books, committee and allocation hold, row by row: erasing changes none of it.
const WHOLE: [&str; 15] = [
    "ledger_accounts",
    "ledger_entries",
    "ledger_postings",
    "contributions",
    "allocations",
    "awards",
    "award_releases",
    "award_reinstatements",
    "reserve_places",
    "unfunded_places",
    "payouts",
    "executions",
    "decisions",
    "votes",
    "totals",
];

fn whole(database: &TestDatabase) -> BTreeSet<(String, String)> {
    dump(database).into_iter().filter(|(table, _)| WHOLE.contains(&table.as_str())).collect()
}

fn end_of(name: &str) -> Instant {
    let rules = Case::read(&case(name)).unwrap().rules().clone();
    rules.closes_at.max(rules.voting_closes_at)
}

fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

/// Class, count and held of what a run found.
fn run(
    database: &TestDatabase,
    fond: &Fond,
    terms: &RetentionSettings,
    at: Instant,
) -> Vec<(&'static str, usize, usize)> {
    let found = retention::run(&fond.db, &fond.vault, terms, &database.erasures_file(), at).unwrap();
    found.into_iter().map(|due| (due.class, due.count, due.held)).collect()
}

fn keys(database: &TestDatabase, class: &str) -> i64 {
    database.number(&format!("SELECT COUNT(*) AS number FROM data_keys WHERE class = '{class}'"))
}

#[test]
fn each_class_goes_at_its_term_and_nothing_else_changes() {
    let database = TestDatabase::new();
    replay_case(&database, &case("2020"));
    let (fond, terms, end) = (database.open(), database.settings().retention, end_of("2020"));
    fond::transparency::actions::count_waiting(&fond.db).unwrap();
    let (before, all) = (whole(&database), 1668);
    let officers = database.number("SELECT COUNT(*) AS number FROM people WHERE name_sealed IS NOT NULL");
    let nothing = [("drafts", 0, 0), ("documents", 0, 0), ("need", 0, 0), ("identity", 0, 0), ("books", 0, 0)];
    let rest = [("contact", 0, 0), ("jmbg", 0, 0), ("registers", 0, 0), ("accounts", 0, 0)];
    let nothing: Vec<_> = nothing.into_iter().chain(rest).collect();
    assert_eq!(run(&database, &fond, &terms, end.plus(days(1))), nothing, "a day later nothing is over its term");
    assert_eq!((keys(&database, "need"), keys(&database, "payment")), (all, all));

    let a_year_later = run(&database, &fond, &terms, end.plus(days(366)));
    let count = |found: &[(&str, usize, usize)], class| found.iter().find(|due| due.0 == class).unwrap().1;
    let held = |found: &[(&str, usize, usize)], class| found.iter().find(|due| due.0 == class).unwrap().2;
    assert_eq!(count(&a_year_later, "need") + held(&a_year_later, "need"), 1668, "{a_year_later:?}");
    assert!(count(&a_year_later, "registers") > 0, "{a_year_later:?}");
    assert_eq!(count(&a_year_later, "identity") + count(&a_year_later, "books"), 0);
    assert_eq!(keys(&database, "need"), held(&a_year_later, "need") as i64);
    assert_eq!((keys(&database, "payment"), keys(&database, "register")), (all, 0));
    assert_eq!(database.number("SELECT COUNT(*) AS number FROM aid_records"), 0);

    let ten_years_later = run(&database, &fond, &terms, end.plus(days(3660)));
    let paid = database.number("SELECT COUNT(*) AS number FROM applications WHERE state = 'paid'");
    assert_eq!(paid, 177);
    assert_eq!(count(&ten_years_later, "books") as i64, paid, "{ten_years_later:?}");
    let waiting = held(&ten_years_later, "books");
    assert_eq!(count(&ten_years_later, "identity") as i64 + paid + waiting as i64, all, "{ten_years_later:?}");
    assert_eq!(keys(&database, "payment"), waiting as i64);
    assert_eq!(keys(&database, "identity"), waiting as i64 + officers, "who worked for the fund is named still");
    let again = run(&database, &fond, &terms, end.plus(days(3660)));
    assert!(again.iter().all(|(_, count, _)| *count == 0), "{again:?}");

    assert_eq!(whole(&database), before, "books, votes, awards and totals are as they were");
    let book = Case::read(&case("2020")).unwrap().rules().code.clone();
    let balance = fond.db.read(|conn| ledger::actions::trial_balance(conn, &fond::accounts::Actor::SYSTEM, &book));
    assert_eq!(balance.unwrap().sum().unwrap(), Money::ZERO);
    // No index of anybody is left: the whole round is of people whom nobody can find.
    let left = "SELECT COUNT(*) AS number FROM applications WHERE jmbg_erased_at IS NULL";
    assert_eq!(database.number(left), waiting as i64);
}

#[test]
fn what_an_audit_asks_to_keep_is_kept() {
    let database = TestDatabase::new();
    replay_case(&database, &case("payouts"));
    let (fond, mut terms, end) = (database.open(), database.settings().retention, end_of("payouts"));
    let before: BTreeSet<_> = dump(&database).into_iter().collect();
    terms.keep_all();
    let found = run(&database, &fond, &terms, end.plus(days(36_000)));
    assert!(found.iter().any(|(_, count, _)| *count > 0), "{found:?}");
    assert_eq!(dump(&database).into_iter().collect::<BTreeSet<_>>(), before);
}

/// A process that dies in the midst of a run, or a disk, never takes more than a part of it from the list.
#[test]
fn a_run_that_is_stopped_has_put_on_the_list_what_it_erased() {
    let database = TestDatabase::new();
    replay_case(&database, &case("boundaries"));
    let (fond, terms, end) = (database.open(), database.settings().retention, end_of("boundaries"));
    let run = |list: &Path| retention::run(&fond.db, &fond.vault, &terms, list, end.plus(days(366)));
    let erased = || database.number("SELECT COUNT(*) AS number FROM erasures");
    // Where there is no list, nothing is erased.
    assert!(run(&database.folder.path().join("absent").join("list")).is_err());
    assert_eq!(erased(), 0);

    let stop = if database.is_postgres() {
        "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF (SELECT COUNT(*) FROM erasures) >= 60 THEN RAISE EXCEPTION 'stopped'; END IF; RETURN NEW; END $$;
         CREATE TRIGGER stop BEFORE INSERT ON erasures FOR EACH ROW EXECUTE FUNCTION stop();"
    } else {
        "CREATE TRIGGER stop BEFORE INSERT ON erasures WHEN (SELECT COUNT(*) FROM erasures) >= 60
         BEGIN SELECT RAISE(ABORT, 'stopped'); END;"
    };
    database.raw().batch_execute(stop).unwrap();
    let list = database.erasures_file();
    let stopped = run(&list).unwrap_err().to_string();
    assert!(stopped.contains("stopped"), "{stopped}");
    let lines = || i64::try_from(std::fs::read_to_string(&list).unwrap().lines().count()).unwrap();
    let stopped_at = erased();
    assert!(
        (50..=60).contains(&stopped_at),
        "the first fifty are committed, and not those that come to more: {stopped_at}"
    );
    assert_eq!(lines(), stopped_at);

    let gone = if database.is_postgres() { "DROP TRIGGER stop ON erasures" } else { "DROP TRIGGER stop" };
    database.raw().batch_execute(gone).unwrap();
    run(&list).unwrap();
    assert!(erased() > 60, "{}", erased());
    assert_eq!(lines(), erased());
}

/// What is erased and could not be written down is told with its number and the list, and is written down by the next run.
#[cfg(target_os = "linux")]
#[test]
fn a_run_whose_list_has_no_room_says_what_is_not_on_it() {
    let database = TestDatabase::new();
    replay_case(&database, &case("payouts"));
    let retention = |list: &Path| {
        let mut command = program();
        command.args(["retention", "--database", &database.url]).env("FOND__MASTER_KEY_FILE", &database.key);
        command.env("FOND__ERASURES_FILE", list).output().unwrap()
    };
    let full = retention(Path::new("/dev/full"));
    let said = String::from_utf8(full.stderr).unwrap();
    let waiting = database.number("SELECT COUNT(*) AS number FROM erasures WHERE listed_at IS NULL");
    assert!(waiting > 0);
    let expected = format!("{waiting} of the class “need” are erased and not on this list yet: a running server");
    assert!(said.contains("/dev/full") && said.contains("No space left") && said.contains(&expected), "{said}");
    let again = retention(Path::new("/dev/full"));
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(said.contains("/dev/full") && said.contains("nothing more is erased"), "{said}");
    assert_eq!(database.number("SELECT COUNT(*) AS number FROM erasures"), waiting);
    let list = database.folder.path().join("list");
    assert!(retention(&list).status.success());
    let lines = i64::try_from(std::fs::read_to_string(&list).unwrap().lines().count()).unwrap();
    assert_eq!(lines, database.number("SELECT COUNT(*) AS number FROM erasures"));
    assert!(lines > waiting);
}

#[test]
fn the_command_forgets_somebody_and_says_when_there_is_nothing_left_of_them() {
    let database = TestDatabase::new();
    replay_case(&database, &case("payouts"));
    let rejected = database.open().db.read(|conn| {
        let call = calls::actions::list(conn, None, false, None, Limit::default(), Instant::now())?.items[0].id;
        let all = applications::actions::list(conn, &Actor::SYSTEM, call)?;
        Ok(all.into_iter().find(|one| one.state == ApplicationState::Rejected).unwrap())
    });
    let rejected = rejected.unwrap();
    let erase = || {
        let mut command = program();
        command.args(["erase", "--application", &rejected.id.to_string(), "--database", &database.url]);
        let output = command.env("FOND__MASTER_KEY_FILE", &database.key).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // Overwriting waits on PostgreSQL for whoever reads the database as it was: other tests, here (tests/stories/scrubbed.rs).
        let told = String::from_utf8(output.stdout).unwrap();
        let lines = told.lines().filter(|line| !line.starts_with("What is left of destroyed keys"));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_eq!(erase(), "Erased.\n");
    let list = || std::fs::read_to_string(database.erasures_file()).unwrap();
    assert!(list().ends_with(&format!(" person {}\n", rejected.person_id)), "{}", list());
    assert_eq!(erase(), "Nothing was left to erase: it was done before.\n");
    assert_eq!(list().lines().count(), 1);
}

/// A backup of before the erasures, and the list of them: what was erased is erased again.
#[test]
fn a_list_makes_an_older_database_forget_the_same() {
    let [live, backup] = [TestDatabase::new(), TestDatabase::new()];
    replay_case(&live, &case("payouts"));
    let (fond, terms, end) = (live.open(), live.settings().retention, end_of("payouts"));
    run(&live, &fond, &terms, end.plus(days(366)));
    let path = live.folder.path().join("list");
    let written = list::write_down(&fond.db, &path).unwrap();
    assert!(written > 3, "{written}");
    assert_eq!(list::write_down(&fond.db, &path).unwrap(), 0);
    // Another database knows none of these people, and is left alone.
    replay_case(&backup, &case("payouts"));
    let other = backup.open();
    let before: BTreeSet<_> = dump(&backup).into_iter().collect();
    assert_eq!(list::apply(&other.db, &other.vault, &list::read(&path).unwrap()).unwrap(), 0);
    assert_eq!(dump(&backup).into_iter().collect::<BTreeSet<_>>(), before);
}

/// Servers or commands that write on different files take from one another what each writes down: every file is made whole.
#[test]
fn each_of_two_lists_becomes_whole() {
    let database = TestDatabase::new();
    replay_case(&database, &case("payouts"));
    let (fond, terms, end) = (database.open(), database.settings().retention, end_of("payouts"));
    let [one, other] = ["one", "other"].map(|name| database.folder.path().join(name));
    assert_eq!(list::write_down(&fond.db, &other).unwrap(), 0, "it is there, and empty");
    retention::run(&fond.db, &fond.vault, &terms, &one, end.plus(days(366))).unwrap();
    let lines = |list: &Path| {
        let text = std::fs::read_to_string(list).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let sorted = |list: &Path| {
        let mut lines = lines(list);
        lines.sort_unstable();
        lines
    };
    let all = lines(&one).len();
    assert_eq!(i64::try_from(all).unwrap(), database.number("SELECT COUNT(*) AS number FROM erasures"));
    assert!(all > 3, "{all}");
    assert_eq!((lines(&other).len(), list::write_down(&fond.db, &other).unwrap()), (0, all));
    assert_eq!(sorted(&other), sorted(&one));
    for whole in [&one, &other] {
        assert_eq!(list::write_down(&fond.db, whole).unwrap(), 0, "nothing is written twice");
    }

    // A line of somebody whom this database does not know hides by its number that another is missing, until the next run.
    let mut wrong = lines(&other);
    let missing = wrong.pop().unwrap();
    wrong.push(format!("2026-11-27T10:15:00Z person {}", uuid::Uuid::now_v7()));
    std::fs::write(&other, wrong.join("\n") + "\n").unwrap();
    assert_eq!(list::write_down(&fond.db, &other).unwrap(), 0);
    retention::run(&fond.db, &fond.vault, &terms, &other, end.plus(days(366))).unwrap();
    wrong.push(missing);
    assert!(lines(&other).starts_with(&wrong), "{:?} and {wrong:?}", lines(&other));
}

#[test]
fn the_command_shows_what_is_due_and_erases_it_only_when_asked() {
    let database = TestDatabase::new();
    replay_case(&database, &case("payouts"));
    let retention = |more: &[&str]| {
        let mut command = program();
        command.arg("retention").args(more).args(["--database", &database.url]);
        let output = command.env("FOND__MASTER_KEY_FILE", &database.key).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let need = |text: &str| text.lines().find(|line| line.starts_with("need ")).unwrap().to_owned();
    let line = |text: &str| need(text).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let due = retention(&["--dry-run"]);
    assert_eq!(line(&due)[1..3], ["365", "erase"], "{due}");
    assert_ne!(line(&due)[3], "0", "{due}");
    assert_eq!(line(&retention(&["--dry-run", "--at", "2020-08-01"]))[3], "0");
    let far = retention(&["--dry-run", "--at", "9999-12-31"]);
    assert_eq!(far, retention(&["--dry-run", "--at", "5000-01-01"]), "the last day of all is far");
    assert_ne!(far, due);
    assert_eq!(retention(&["--dry-run"]), due, "looking changes nothing");
    assert_eq!(line(&retention(&[]))[3], line(&due)[3]);
    assert_eq!(line(&retention(&["--dry-run"]))[3], "0");
    let list = fond::startup::erasures_file(&database.settings(), &database.engine());
    assert!(std::fs::read_to_string(list).unwrap().contains(" need "));
    let wrong = program().args(["retention", "--at", "2030-01-01"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2), "a day to look from is for looking alone");
}
