//! The books close after every single action, and nothing in them is ever changed.

use diesel::RunQueryDsl;
use fond::accounts::Actor;
use fond::db::Conn;
use fond::ledger::{self, Account};
use fond::money::Money;
use fond::replay::{self, Case};

use crate::cases::replay_case;
use crate::support::{TestDatabase, case};

#[test]
fn the_trial_balance_closes_after_every_action() {
    for name in ["payouts", "money", "2020"] {
        let database = TestDatabase::new();
        let fond = database.open();
        let case = Case::read(&case(name)).unwrap();
        let book = case.rules().code.clone();
        let mut actions = 0;
        let watch = |conn: &mut fond::db::Conn| {
            let balance = ledger::actions::trial_balance(conn, &Actor::SYSTEM, &book)?;
            assert_eq!(balance.sum()?, Money::ZERO, "{name}, after {actions} actions: {balance:?}");
            // A donor never owes, awards payable are never overdrawn.
            assert!(!balance.of(&Account::AwardsPayable).is_positive(), "{name}: {balance:?}");
            actions += 1;
            Ok(())
        };
        let mut watch = watch;
        fond.db.write(|conn| replay::run(conn, &fond.vault, &case, &mut |conn, _| watch(conn))).unwrap();
        assert!(actions > 20, "{name}: only {actions} actions were watched");
    }
}

/// Every table whose rows stay as they are, and a change that must be refused.
const FROZEN: &[(&str, &str)] = &[
    ("ledger_accounts", "code = 'x'"),
    ("ledger_entries", "narration = 'x'"),
    ("ledger_postings", "amount = 1"),
    ("contributions", "amount = 1"),
    ("contribution_reversals", "reason = 'taken_back'"),
    ("resolutions", "resolution = 'confirmed'"),
    ("recusals", "declared_at = 1"),
    ("votes", "vote = 'approve'"),
    ("decisions", "approvals = 9"),
    ("allocations", "budget = 1"),
    ("awards", "gross = 1"),
    ("reserve_places", "rank = 9"),
    ("unfunded_places", "rank = 9"),
    ("award_releases", "reason = 'ineligible'"),
    ("award_reinstatements", "reinstated_at = 9"),
    ("events", "kind = 'x'"),
    ("events", "sequence = sequence + 1000"),
];

#[test]
fn what_is_booked_or_decided_is_never_changed() {
    let database = TestDatabase::new();
    replay_case(&database, &case("random-3"));
    database.open();
    // Rounds that are played from files release no award, reverse nothing, and not all of them leave somebody waiting.
    for row in [
        "contribution_reversals (contribution_id, reason, reversed_by, reversed_at) \
         SELECT contributions.id, 'mistyped', allocations.committed_by, 1 FROM contributions, allocations LIMIT 1",
        "award_releases (award_id, turn, reason, released_at) SELECT id, 0, 'declined', 1 FROM awards LIMIT 1",
        "award_reinstatements (award_id, turn, reinstated_at) SELECT award_id, turn, 2 FROM award_releases",
        "reserve_places (application_id, call_id, rank) SELECT application_id, call_id, 1 FROM awards LIMIT 1",
        "unfunded_places (application_id, call_id, rank) SELECT application_id, call_id, 1 FROM awards LIMIT 1",
    ] {
        diesel::sql_query(format!("INSERT INTO {row}")).execute(&mut database.raw()).unwrap();
    }
    for (table, change) in FROZEN {
        let count = || database.number(&format!("SELECT COUNT(*) AS number FROM {table}"));
        let before = count();
        assert!(before > 0, "{table} is empty, so nothing is tried");
        let mut tries = vec![format!("UPDATE {table} SET {change}"), format!("DELETE FROM {table}")];
        if database.is_postgres() {
            tries.push(format!("TRUNCATE {table} CASCADE"));
        } else {
            tries.push(format!("REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"));
        }
        for sql in tries {
            let outcome = diesel::sql_query(&sql).execute(&mut database.raw());
            let message = outcome.expect_err(&sql).to_string();
            assert!(message.contains("never changed or deleted"), "{sql}: {message}");
        }
        assert_eq!(count(), before, "{table}");
    }
}

#[test]
fn a_reader_cannot_write() {
    let database = TestDatabase::new();
    let fond = database.open();
    let now = fond::clock::Instant::now();
    let write = move |conn: &mut Conn| fond::accounts::actions::register_applicant(conn, now).map(|_| ());
    let glanced = actix_web::rt::System::new().block_on(fond.db.glance_async(write));
    for outcome in [fond.db.read(write), glanced] {
        let message = outcome.unwrap_err().to_string().to_lowercase();
        assert!(message.contains("read-only") || message.contains("readonly"), "{message}");
    }
    assert_eq!(database.number("SELECT COUNT(*) AS number FROM people"), 0);
}
