//! Files that are wrong, cut, too large, or come too slowly: nothing of them comes into force, and nothing stays.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{HEADINGS, PATIENCE, programme, refused, strangers, upload, wait_for};
use crate::sql;
use crate::support::api::User;
use crate::support::round::Round;
use crate::wire::{Heard, Wire};

/// The head of an upload over a wire.
pub fn head(user: &User, programme: &str, more: &str) -> String {
    format!(
        "POST /api/v1/aid-programmes/{programme}/registers HTTP/1.1\r\nHost: fond\r\nAuthorization: Bearer {}\r\n\
         Content-Type: text/csv\r\n{more}\r\n\r\n",
        user.access
    )
}

fn nothing_is_left(round: &Round) {
    for table in
        ["aid_registers", "aid_records", "data_keys WHERE class = 'register'", "jobs WHERE kind = 'recheck_register'"]
    {
        wait_for(round, 0, table);
    }
}

#[test]
fn every_bad_row_is_told_by_line_and_nothing_stays() {
    let round = Round::open();
    let administrator = &round.administrators[0];
    let programme = programme(&round);
    let mut csv = strangers(2_500);
    csv.push_str("0101985660001,Ana,Beograd,1,2020-04-15\n123,Ana,Beograd,1,2020-04-15\n,Ana,Beograd,x,2020-02-30\n");
    csv.push_str(&strangers(1_000).replace(HEADINGS, ""));
    csv.push_str("1,2\n,Ana,Beograd,x,2020-04-15\n");
    let reply = upload(&round, administrator, &programme, &csv, "");
    refused(&reply, 422, "invalid");
    let rows = reply.json()["rows"].clone();
    let told: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["field"].clone(), row["code"].clone(), row["lines"].clone()))
        .collect();
    let expected = [
        (json!("amount"), json!("row_amount"), json!([2504, 3506])),
        (json!("jmbg"), json!("jmbg_check"), json!([2502])),
        (json!("jmbg"), json!("jmbg_digits"), json!([2503])),
        (json!("paid_on"), json!("row_date"), json!([2504])),
        (json!("row"), json!("columns"), json!([3505])),
    ];
    assert_eq!(told, expected);
    assert_eq!(reply.wrong_fields().len(), 5);
    nothing_is_left(&round);

    let dry = upload(&round, administrator, &programme, &csv, "?dry_run=true").json();
    assert_eq!((&dry["bad_rows"], &dry["rows"], &dry["rows_without_jmbg"]), (&json!(5), &json!(3505), &json!(3500)));
    let shown: Vec<_> = dry["problems"].as_array().unwrap().iter().map(|row| row["lines"].clone()).collect();
    assert_eq!(shown, expected.map(|(_, _, lines)| lines));
}

#[test]
fn rows_that_turn_the_writing_around_and_days_of_other_times_are_bad_rows() {
    let round = Round::open();
    let programme = programme(&round);
    let (year, _, _) = fond::clock::Instant::now().date().parts();
    let csv = format!(
        "{HEADINGS},\u{202e}ćinA anA,Beograd,1,2020-04-15\n,Ana Anić,Beo\u{200b}grad,1,2020-04-15\n\
         ,Ana Anić,Beograd,1,{0}-04-15\n,\u{202e}anA,Beograd,1,15.4.{0}.\n,Ana Anić,Beograd,1,2020-04-15\n\
         ,Ana Anić,Beograd,1,0026-05-05\n",
        year + 1
    );
    let reply = upload(&round, &round.administrators[0], &programme, &csv, "");
    refused(&reply, 422, "invalid");
    let rows = reply.json()["rows"].clone();
    let told: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["field"].clone(), row["code"].clone(), row["lines"].clone()))
        .collect();
    let expected = [
        (json!("municipality"), json!("control_character"), json!([3])),
        (json!("name"), json!("control_character"), json!([2, 5])),
        (json!("paid_on"), json!("future"), json!([4, 5])),
        (json!("paid_on"), json!("year"), json!([7])),
    ];
    assert_eq!(told, expected);
    nothing_is_left(&round);
}

#[test]
fn what_is_no_register_is_refused() {
    let round = Round::open();
    let (api, administrator) = (&round.api, &round.administrators[0]);
    let programme = programme(&round);
    let wrong = |csv: &str| upload(&round, administrator, &programme, csv, "").wrong_fields();
    // A first line without headings is a person's: nothing of it is told.
    assert_eq!(wrong("0101985660000,Ana Anić,Beograd,30000.00,2020-04-15\n"), ["headings: headings_missing"]);
    assert_eq!(wrong("j\0m\0b\0g\0,\0n\0a\0m\0e\0\n"), ["headings: not_utf8"]);
    assert_eq!(wrong("jmbg,name,town,amount,paid_on\n"), ["town: unknown", "municipality: missing"]);
    assert_eq!(wrong(HEADINGS), ["row: no_rows"]);
    assert_eq!(wrong("").len(), 5);
    assert_eq!(wrong(&format!("{HEADINGS},\"{}", "x".repeat(1_000_000))), ["row: row_too_long"]);
    let long = format!("{},\"{}", strangers(3), "x".repeat(1_000_000));
    let dry = upload(&round, administrator, &programme, &long, "?dry_run=true").json();
    assert_eq!([&dry["rows"], &dry["rows_without_jmbg"], &dry["bad_rows"]], [&json!(4), &json!(3), &json!(1)]);
    let path = format!("aid-programmes/{programme}/registers");
    for (name, value) in [
        ("Content-Type", "application/json"),
        ("Content-Type", "text/csv; charset=windows-1250"),
        ("Content-Encoding", "gzip"),
    ] {
        let ask = api.ask("POST", &path).by(administrator).header(name, value);
        let ask = if name == "Content-Type" { ask } else { ask.header("Content-Type", "text/csv") };
        refused(&ask.text(&strangers(1)).send(), 415, "csv_expected");
    }
    assert_eq!(upload(&round, administrator, &programme, &strangers(1), "?dry_run=perhaps").status, 400);
    nothing_is_left(&round);
}

#[test]
fn what_is_too_large_is_refused() {
    let round = Round::open();
    let administrator = &round.administrators[0];
    let programme = programme(&round);
    let mut wire = Wire::connect(round.api.address());
    wire.send(&head(administrator, &programme, &format!("Content-Length: {}", 256 * 1024 * 1024 + 1)));
    assert_eq!(wire.hear(Duration::from_secs(10)).status(), 413);

    // Its length not told beforehand, and of one wrong line, so that only its size counts.
    let mut wire = Wire::connect(round.api.address());
    assert!(wire.send(&head(administrator, &programme, "Transfer-Encoding: chunked")));
    let piece = format!("100000\r\n{}\r\n", "x".repeat(0x10_0000));
    let sent = (0..257).take_while(|_| wire.send(&piece)).count();
    assert!(sent >= 256, "only {sent} MiB were taken");
    let heard = wire.hear(Duration::from_secs(20));
    assert!(matches!(&heard, Heard::Answer(reply) if reply.status == 413) && heard.says_goodbye(), "{heard:?}");

    let rows = "1,,,1,2020-01-01\n".repeat(1_000_001);
    let reply = upload(&round, administrator, &programme, &format!("{HEADINGS}{rows}"), "?dry_run=true");
    refused(&reply, 413, "payload_too_large");
    assert_eq!(reply.wrong_fields(), ["row: rows_many"]);
    nothing_is_left(&round);
}

#[test]
fn who_stops_sending_is_not_waited_for() {
    let round = Round::open();
    let programme = programme(&round);
    let (began, csv) = (Instant::now(), strangers(3_000));
    let mut wire = Wire::connect(round.api.address());
    wire.send(&head(&round.administrators[0], &programme, "Content-Length: 9999999"));
    wire.send(&csv);
    let heard = wire.hear(Duration::from_secs(40));
    assert_eq!(heard.status(), 408, "{heard:?}");
    assert!(began.elapsed() >= Duration::from_secs(30) && heard.says_goodbye());
    nothing_is_left(&round);
}

#[test]
fn who_goes_away_leaves_nothing() {
    let round = Round::open();
    let programme = programme(&round);
    // More than is sorted at once, so that some of it is written before the end.
    let csv = strangers(140_000);
    let mut wire = Wire::connect(round.api.address());
    wire.send(&head(&round.administrators[0], &programme, &format!("Content-Length: {}", csv.len())));
    wire.send(&csv[..csv.len() - 10]);
    // It has begun: rows are there, and nobody is found by them.
    let began = Instant::now();
    while sql::rows(&round.api.database, "aid_records") == 0 {
        assert!(began.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(5));
    }
    let list = format!("calls/{}/aid-registers?state=loading", round.call);
    let loading = round.api.ask("GET", &list).by(&round.administrators[0]).send().json();
    assert_eq!(loading["items"].as_array().unwrap().len(), 1, "{loading}");
    drop(wire);
    nothing_is_left(&round);
}

#[test]
fn what_nobody_finished_is_swept_after_a_day() {
    let round = Round::open();
    let database = &round.api.database;
    let programme = programme(&round);
    for count in [2_500, 3] {
        assert_eq!(upload(&round, &round.administrators[0], &programme, &strangers(count), "").status, 201);
    }
    wait_for(&round, 2, "jobs WHERE kind = 'recheck_register' AND done_at IS NOT NULL");
    // As if the process had died while it loaded.
    sql::execute(database, "UPDATE aid_registers SET state = 'loading', in_force_at = NULL WHERE record_count = 2500");
    let fond = database.open();
    let sweep = |now| {
        let mut steps = 0;
        while fond.db.write(|conn| fond::aid::actions::sweep(conn, &fond.vault, now)).unwrap() {
            steps += 1;
        }
        steps
    };
    let now = fond::clock::Instant::now();
    assert_eq!(sweep(now.plus(Duration::from_secs(80_000))), 0, "it may still be loading");
    assert_eq!(sweep(now.plus(Duration::from_secs(90_000))), 4, "three parts, and what is left");
    assert_eq!([sql::rows(database, "aid_registers"), sql::rows(database, "aid_records")], [1, 3]);
}
