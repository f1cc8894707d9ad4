//! How fast the server answers, beside the limit measured in the same run: a bare handler of actix on this machine.
//!
//! ```text
//! cargo bench --bench serve                     on SQLite, and on PostgreSQL where TEST_DATABASE_URL is set
//! cargo bench --bench serve -- me sqlite        only some of: me, logins, start, memory, size, sending, lists, overload, uploads; sqlite, postgresql
//! ```
//! Prints the table of docs/PERFORMANCE.md; ends with exit code 1 where a figure misses what is demanded.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a measurement that meets the unexpected should stop there"
)]

mod applicants;
mod client;
mod hello;
mod lists;
mod machine;
mod overload;
mod people;
mod raw;
mod sending;
mod server;
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
#[path = "../../tests/support/people.rs"]
mod synthetic;
mod table;
mod uploads;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use client::{Load, Slice};
use server::{Place, Server};
use table::Row;

/// The limit must not lose by its allocator: the server uses the same.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const PAIRS: usize = 5;
/// Pairs in which others used more than `MOST_FOREIGN` processors are measured again, until there are so many in all.
const MOST_PAIRS: usize = 10;
const MOST_FOREIGN: f64 = 0.1;
const SLICE: Duration = Duration::from_secs(3);
const CONNECTIONS: usize = 32;
const LOGIN_CLIENTS: usize = 16;
const STARTS: usize = 10;
const IDLE: Duration = Duration::from_secs(5);

/// The folder of a case.
fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Two loads in turn, so that whatever else the machine does meets both. Of more pairs than needed, the quietest count.
fn in_turn(one: &Load, other: &Load) -> Vec<(Slice, Slice)> {
    let foreign = |(one, other): &(Slice, Slice)| one.foreign.max(other.foreign);
    let mut pairs = Vec::new();
    while pairs.len() < MOST_PAIRS {
        pairs.push((client::run(one, SLICE), client::run(other, SLICE)));
        if pairs.iter().filter(|pair| foreign(pair) <= MOST_FOREIGN).count() == PAIRS {
            break;
        }
    }
    pairs.sort_by(|one, other| foreign(one).total_cmp(&foreign(other)));
    pairs.truncate(PAIRS);
    pairs
}

/// The median of one figure over the first and over the second of each pair.
fn medians(pairs: &[(Slice, Slice)], figure: impl Fn(&Slice) -> f64) -> (f64, f64) {
    (median(pairs.iter().map(|(one, _)| figure(one))), median(pairs.iter().map(|(_, other)| figure(other))))
}

/// Every slice that counts.
fn describe(pairs: &[(Slice, Slice)], names: [&str; 2]) {
    let [one, other] = names;
    for (name, slice) in pairs.iter().flat_map(|pair| [(one, &pair.0), (other, &pair.1)]) {
        let Slice { per_second, p50_micros, p99_micros, logins_per_second, put_off, foreign } = slice;
        println!(
            "{name}: {per_second:.0}/s, p50 {p50_micros:.0} µs, p99 {p99_micros:.0} µs, {logins_per_second:.1} logins/s, \
             {put_off} answers 503; others used {foreign:.2} processors"
        );
    }
}

/// `GET /me` against the bare handler, with the very same requests.
fn me(engine: &str, place: &Place, server: &Server, least: f64) -> Vec<Row> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(hello::ARGUMENT);
    let bare = Server::start(command);
    let requests = people::me(server);
    let reads: Vec<_> = (0..CONNECTIONS).map(|number| vec![requests[number % requests.len()].clone()]).collect();
    let share = place.share(&[server.process(), bare.process()]);
    let load = |address| Load { address, reads: &reads, logins: &[], share: &share };
    let pairs = in_turn(&load(bare.address), &load(server.address));
    describe(&pairs, ["bare", "me"]);
    let (limit, measured) = medians(&pairs, |slice| slice.per_second);
    let (limit_p50, p50) = medians(&pairs, |slice| slice.p50_micros / 1000.0);
    let (limit_p99, p99) = medians(&pairs, |slice| slice.p99_micros / 1000.0);
    let what = format!("{engine}: GET /me, {CONNECTIONS} connections");
    vec![
        Row::share(&what, "requests/s", measured, limit, least),
        Row::shown(&format!("{what}: p50"), "ms", p50, limit_p50),
        Row::shown(&format!("{what}: p99"), "ms", p99, limit_p99),
    ]
}

/// Reads with people logging in all the time, against the same reads without them.
fn logins(engine: &str, place: &Place, server: &Server) -> Vec<Row> {
    let me = people::me(server);
    let calls = server::request("GET", "/api/v1/calls", &[], "");
    let reads: Vec<_> = (0..LOGIN_CLIENTS).map(|number| vec![calls.clone(), me[number % me.len()].clone()]).collect();
    let (share, logins) = (place.share(&[server.process()]), people::logins(LOGIN_CLIENTS));
    let load = |logins| Load { address: server.address, reads: &reads, logins, share: &share };
    let pairs = in_turn(&load(&[]), &load(&logins));
    describe(&pairs, ["reads", "reads beside logins"]);
    let (alone, beside) = medians(&pairs, |slice| slice.per_second);
    let (alone_p50, beside_p50) = medians(&pairs, |slice| slice.p50_micros / 1000.0);
    let (alone_p99, beside_p99) = medians(&pairs, |slice| slice.p99_micros / 1000.0);
    let per_second = median(pairs.iter().map(|pair| pair.1.logins_per_second));
    let put_off: usize = pairs.iter().map(|pair| pair.1.put_off).sum();
    let what = format!("{engine}: reads beside {LOGIN_CLIENTS} clients logging in");
    println!("{what}: {per_second:.1} logins/s, {put_off} answers 503");
    vec![
        Row::share(&format!("{what} ({per_second:.0} logins/s)"), "requests/s", beside, alone, 0.9),
        Row::times(&format!("{what}: p50"), "ms", beside_p50, alone_p50, 1.0 / 0.9),
        Row::times(&format!("{what}: p99"), "ms", beside_p99, alone_p99, 2.0),
    ]
}

/// From nothing to an answer: where there is a database, and where there is none yet.
fn start(engine: &str, place: &Place, postgres: Option<&str>) -> Vec<Row> {
    let millis = |place: &Place| place.serve().first_answer().as_secs_f64() * 1000.0;
    let existing = median((0..STARTS).map(|_| millis(place)));
    let fresh = median((0..STARTS).map(|_| millis(&Place::new(postgres))));
    vec![
        Row::most(&format!("{engine}: start to first answer"), "ms", existing, 200.0),
        Row::alone(&format!("{engine}: the same, on a new database"), "ms", fresh),
    ]
}

/// What an idle server holds, before and after it had work.
fn memory(engine: &str, place: &Place) -> Vec<Row> {
    let server = place.serve();
    std::thread::sleep(IDLE);
    let before = machine::resident_mib(server.process());
    let (me, logins) = (people::me(&server), people::logins(LOGIN_CLIENTS));
    let reads: Vec<_> = (0..CONNECTIONS).map(|number| vec![me[number % me.len()].clone()]).collect();
    let share = place.share(&[server.process()]);
    client::run(&Load { address: server.address, reads: &reads, logins: &logins, share: &share }, SLICE);
    std::thread::sleep(IDLE);
    let after = machine::resident_mib(server.process());
    vec![
        Row::most(&format!("{engine}: memory, idle after the start"), "MiB", before, 40.0),
        Row::most(&format!("{engine}: memory, idle after reads and logins"), "MiB", after, 40.0),
    ]
}

/// The rows that are measured on the round of 2020.
const OF_2020: [&str; 4] = ["me", "logins", "start", "memory"];
/// All others.
const OTHERS: [&str; 5] = ["size", "sending", "lists", "overload", "uploads"];

fn of_2020(engine: &str, postgres: Option<&str>, least: f64, is_row: impl Fn(&str) -> bool) -> Vec<Row> {
    let place = Place::new(postgres);
    place.replay();
    let mut rows = Vec::new();
    let server = place.serve();
    people::register(&place, &server);
    if is_row("me") {
        rows.extend(me(engine, &place, &server, least));
    }
    if is_row("logins") {
        rows.extend(logins(engine, &place, &server));
    }
    drop(server);
    if is_row("start") {
        rows.extend(start(engine, &place, postgres));
    }
    if is_row("memory") {
        rows.extend(memory(engine, &place));
    }
    rows
}

fn measure(engine: &str, postgres: Option<&str>, least: f64, is_row: impl Fn(&str) -> bool) -> Vec<Row> {
    let mut rows = Vec::new();
    if OF_2020.iter().any(|row| is_row(row)) {
        rows.extend(of_2020(engine, postgres, least, &is_row));
    }
    if is_row("sending") {
        rows.extend(postgres.map_or_else(sending::sqlite, sending::postgres));
    }
    if is_row("lists") {
        rows.extend(lists::rows(engine, postgres));
    }
    if is_row("overload") {
        rows.extend(overload::rows(engine, postgres));
    }
    if is_row("uploads") {
        rows.extend(uploads::rows(engine, postgres));
    }
    rows
}

/// Whether a word was named, or none of its kind was.
fn is_wanted(named: &[String], kind: &[&str], word: &str) -> bool {
    let mut of_kind = named.iter().filter(|named| kind.contains(&named.as_str())).peekable();
    of_kind.peek().is_none() || of_kind.any(|named| named == word)
}

fn main() -> ExitCode {
    // cargo adds `--bench`.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if wanted.iter().any(|argument| argument == hello::ARGUMENT) {
        hello::serve();
        return ExitCode::SUCCESS;
    }
    let is_engine = |word: &str| is_wanted(&wanted, &["sqlite", "postgresql"], word);
    let is_row = |word: &str| is_wanted(&wanted, &[&OF_2020[..], &OTHERS].concat(), word);
    let mut rows = Vec::new();
    if is_engine("sqlite") {
        rows.extend(measure("SQLite", None, 0.2, is_row));
    }
    if let (true, Ok(server)) = (is_engine("postgresql"), std::env::var("TEST_DATABASE_URL")) {
        rows.extend(measure("PostgreSQL", Some(&server), 0.08, is_row));
    }
    if is_row("size") {
        let bytes = std::fs::metadata(server::BINARY).unwrap().len();
        rows.push(Row::most("release binary", "MiB", bytes as f64 / 1024.0 / 1024.0, 40.0));
    }
    table::print(&rows);
    if rows.iter().all(Row::holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
