//! The log: an event for every row, numbered without gaps, in canonical bytes, without a word about a person.

use fond::accounts::{Actor, actions as accounts};
use fond::audit::{self, Wanted};
use fond::page::{Cursor, Limit};

use crate::cases::replay_case;
use crate::support::{TestDatabase, case};

fn all_events(database: &TestDatabase) -> Vec<audit::Event> {
    let fond = database.open();
    let (mut events, mut after) = (Vec::new(), None);
    loop {
        let page = fond
            .db
            .read(|conn| accounts::read_log(conn, &Actor::SYSTEM, Wanted::default(), after, Limit::default()))
            .unwrap();
        events.extend(page.items);
        match page.next {
            Some(next) => after = Some(next.parse::<Cursor>().unwrap()),
            None => return events,
        }
    }
}

#[test]
fn numbers_have_no_gap_and_bytes_are_canonical() {
    let database = TestDatabase::new();
    replay_case(&database, &case("payouts"));
    let unnumbered = "SELECT COUNT(*) AS number FROM events WHERE sequence IS NULL";
    let written = database.number(unnumbered);
    assert!(written > 100, "writers do not number");
    // What an earlier process left behind is numbered at the next start.
    let fond = database.open();
    assert_eq!(database.number(unnumbered), 0);
    assert_eq!(audit::number_committed(&fond.db).unwrap(), 0, "events are numbered once");
    let events = all_events(&database);
    assert_eq!(i64::try_from(events.len()).unwrap(), written);
    for (expected, event) in (0..).zip(&events) {
        assert_eq!(event.sequence, expected);
        let value: serde_json::Value = serde_json::from_slice(&event.canonical).unwrap();
        assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), event.canonical);
        assert_eq!(value["kind"], event.kind.as_str());
        assert_eq!(value["id"], event.id.to_string());
    }
}

#[test]
fn two_sequencers_beside_writers_number_every_event_once() {
    let database = TestDatabase::new();
    let fond = database.open();
    let now = fond::clock::Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    fond.db.write(|conn| accounts::register_applicant(conn, now).map(|_| ())).unwrap();
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..20 {
                    audit::number_committed(&fond.db).unwrap();
                }
            });
        }
    });
    audit::number_committed(&fond.db).unwrap();
    let sequences: Vec<i64> = all_events(&database).iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, (0..100).collect::<Vec<i64>>());
}

#[test]
fn no_row_without_its_event_and_no_event_without_its_row() {
    let database = TestDatabase::new();
    replay_case(&database, &case("random-3"));
    let count = |sql: &str| database.number(&format!("SELECT COUNT(*) AS number FROM {sql}"));
    let events = |kind: &str| count(&format!("events WHERE kind = '{kind}'"));
    let mut seen = 0;
    let pairs = [
        ("person_registered", "people"),
        ("role_granted", "role_grants"),
        ("contribution_received", "contributions"),
        ("call_made", "calls"),
        ("programme_added", "aid_programmes"),
        ("application_submitted", "applications"),
        ("register_imported", "aid_registers"),
        ("finding_resolved", "resolutions"),
        ("member_seated", "seats"),
        ("recusal_declared", "recusals"),
        ("application_decided", "decisions"),
        ("allocation_committed", "allocations"),
        ("application_awarded", "awards"),
        ("application_reserved", "reserve_places"),
        ("vote_cast", "votes"),
        ("payout_executed", "executions"),
        ("payout_returned", "executions WHERE returned_on IS NOT NULL"),
    ];
    for (kind, table) in pairs {
        assert_eq!(events(kind), count(table), "{kind} and {table}");
        seen += i64::from(count(table) > 0);
    }
    // This case has everything but a returned payout; another one has that.
    assert_eq!(seen, 16, "too many tables are empty for the comparison to mean anything");
}
