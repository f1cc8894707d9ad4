//! The books close after every single action, and nothing in them is ever changed.

use diesel::RunQueryDsl;
use fond::accounts::Actor;
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

#[test]
fn what_is_booked_or_decided_is_never_changed() {
    let database = TestDatabase::new();
    replay_case(&database, &case("payouts"));
    fond::audit::number_committed(&database.open().db).unwrap();
    let frozen = [
        ("ledger_accounts", "code = 'x'"),
        ("ledger_entries", "narration = 'x'"),
        ("ledger_postings", "amount = 1"),
        ("contributions", "amount = 1"),
        ("resolutions", "resolution = 'confirmed'"),
        ("recusals", "declared_at = 1"),
        ("decisions", "approvals = 9"),
        ("allocations", "budget = 1"),
        ("awards", "gross = 1"),
        ("events", "kind = 'x'"),
        ("events", "sequence = sequence + 1000"),
    ];
    let mut refused = 0;
    for (table, change) in frozen {
        if database.number(&format!("SELECT COUNT(*) AS number FROM {table}")) == 0 {
            continue;
        }
        for sql in [format!("UPDATE {table} SET {change}"), format!("DELETE FROM {table}")] {
            let outcome = diesel::sql_query(&sql).execute(&mut database.raw());
            let message = outcome.expect_err(&sql).to_string();
            assert!(message.contains("never changed or deleted"), "{sql}: {message}");
            refused += 1;
        }
    }
    assert!(refused >= 14, "only {refused} changes were tried");
}
