//! The projected totals are what counting every application anew gives, whatever happened and whoever counts beside it.

use std::sync::atomic::{AtomicBool, Ordering};

use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use fond::accounts::actions as accounts;
use fond::applications::{ApplicationEvent, actions as applications};
use fond::clock::Instant;
use fond::eligibility::actions as eligibility;
use fond::ids::ApplicationId;
use fond::transparency::actions as transparency;

use crate::cases::replay_case;
use crate::support::{TestDatabase, case, people};

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

const DIMENSIONS: [(&str, &str); 6] = [
    // No constant: PostgreSQL groups by none.
    ("call", "'' || ''"),
    ("category", "COALESCE(CAST(category AS TEXT), '')"),
    ("association", "COALESCE(association, '')"),
    ("municipality", "municipality"),
    ("discipline", "discipline"),
    ("month", "MONTH"),
];

fn lines(database: &TestDatabase, sql: &str) -> Vec<String> {
    let rows: Vec<Line> =
        diesel::sql_query(sql).load(&mut database.raw()).unwrap_or_else(|error| panic!("{error}: {sql}"));
    let mut lines: Vec<String> = rows.into_iter().map(|row| row.line).collect();
    lines.sort();
    lines
}

/// Every row of the totals, and the same from scratch.
fn both(database: &TestDatabase) -> (Vec<String>, Vec<String>) {
    let (id, month) = match database.is_postgres() {
        true => {
            ("encode(a.call_id, 'hex')", "to_char(to_timestamp(submitted_at / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM')")
        }
        false => ("lower(hex(a.call_id))", "strftime('%Y-%m', submitted_at / 1000000, 'unixepoch')"),
    };
    let kept = format!(
        "SELECT {id} || ' ' || dimension || ' ' || value || ' ' || state || ' ' || people || ' ' || amount AS line \
         FROM totals a WHERE people <> 0 OR amount <> 0"
    );
    let anew = DIMENSIONS.iter().flat_map(|(dimension, value)| {
        let value = value.replace("MONTH", month);
        let state = "COALESCE(held_from, state)";
        let given = format!("CASE WHEN {state} IN ('awarded', 'paid') THEN COALESCE(net, 0) ELSE 0 END");
        let sql = format!(
            "SELECT {id} || ' {dimension} ' || {value} || ' ' || {state} || ' ' || COUNT(*) || ' ' || \
             CAST(SUM({given}) AS BIGINT) AS line \
             FROM applications a LEFT JOIN awards ON awards.application_id = a.id \
             GROUP BY a.call_id, {value}, {state}"
        );
        lines(database, &sql)
    });
    let mut anew: Vec<String> = anew.collect();
    anew.sort();
    (lines(database, &kept), anew)
}

#[test]
fn after_a_round_they_are_what_counting_anew_gives() {
    for name in ["random-3", "payouts"] {
        let database = TestDatabase::new();
        replay_case(&database, &case(name));
        let fond = database.open();
        assert!(transparency::count_waiting(&fond.db).unwrap() > 0);
        assert_eq!(transparency::count_waiting(&fond.db).unwrap(), 0);
        let (kept, anew) = both(&database);
        assert_eq!(kept, anew, "{name}");
        assert!(kept.len() > 10, "{kept:?}");
        let paid = database.number("SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS number FROM totals WHERE dimension = 'call' AND state = 'paid'");
        assert!(paid > 0, "{name}");
    }
}

#[test]
fn counted_in_small_parts_they_are_the_same() {
    let database = TestDatabase::new();
    replay_case(&database, &case("payouts"));
    let fond = database.open();
    while fond.db.write(|conn| transparency::count_changes(conn, 3)).unwrap() > 0 {}
    let (kept, anew) = both(&database);
    assert_eq!(kept, anew);
}

/// Two who count, beside people who apply and withdraw: everybody is counted once, and nobody fails.
#[test]
fn beside_writers_and_another_who_counts_nobody_is_counted_twice() {
    let database = TestDatabase::new();
    let fond = database.open();
    let call = people::open_call(&fond, |_| ());
    let now = people::at("2020-07-20T00:00:00Z");
    let is_over = AtomicBool::new(false);
    let mut counted = 0;
    std::thread::scope(|scope| {
        let counters: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut counted = 0;
                    while !is_over.load(Ordering::SeqCst) {
                        counted += transparency::count_waiting(&fond.db).unwrap();
                    }
                    counted
                })
            })
            .collect();
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let fond = &fond;
                scope.spawn(move || {
                    for number in (0..20).map(|at| writer * 20 + at) {
                        let sent = people::submission(number, people::jmbg(number));
                        let id = fond.db.write(|conn| submit(conn, fond, call, &sent, now)).unwrap();
                        if number % 3 == 0 {
                            let withdrawn = fond.db.write(|conn| {
                                let found = applications::find(conn, id)?;
                                applications::advance(conn, found, ApplicationEvent::Withdraw)
                            });
                            withdrawn.unwrap();
                        }
                    }
                })
            })
            .collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        is_over.store(true, Ordering::SeqCst);
        counted = counters.into_iter().map(|counter| counter.join().unwrap()).sum();
    });
    counted += transparency::count_waiting(&fond.db).unwrap();
    assert!(counted >= 60, "{counted}");
    let (kept, anew) = both(&database);
    assert_eq!(kept, anew);
}

fn submit(
    conn: &mut fond::db::Conn,
    fond: &fond::startup::Fond,
    call: fond::ids::CallId,
    sent: &fond::applications::Submission,
    now: Instant,
) -> fond::error::Result<ApplicationId> {
    let actor = accounts::register_applicant(conn, now)?;
    Ok(eligibility::submit(conn, &fond.vault, &actor, call, sent, now)?.id)
}
