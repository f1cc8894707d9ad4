//! How fast a round replays on SQLite, beside the limit measured in the same run: the same rows inserted raw.
//!
//! ```text
//! cargo bench --bench replay
//! ```
//! Prints the table of docs/PERFORMANCE.md; ends with exit code 1 where a figure misses its limit.
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

mod lookup;
mod raw;
mod scale;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 5;
const MOST_TIMES_RAW: f64 = 10.0;
const MOST_GROWTH: f64 = 12.0;
const MOST_MEMORY_MIB: f64 = 250.0;
/// A B-tree of a hundred times the rows is two pages deeper at the most; a scan would take a hundred times as long.
const MOST_LOOK_UP_GROWTH: f64 = 2.0;

/// What one process took.
struct Measured {
    seconds: f64,
    memory_mib: f64,
}

/// A release `fond replay` of a folder into a new database file.
fn replay(folder: &Path, database: &Path) -> Measured {
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_fond"))
        .arg("replay")
        .arg(folder)
        .arg("--database")
        .arg(format!("sqlite://{}", database.display()))
        .env_clear()
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0.0;
    let status = loop {
        if let Some(memory) = peak_memory_mib(child.id()) {
            peak = memory;
        }
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let seconds = began.elapsed().as_secs_f64();
    assert!(status.success(), "the replay failed");
    Measured { seconds, memory_mib: peak }
}

/// The largest resident set of a process so far, where the system tells (Linux).
fn peak_memory_mib(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<f64>().ok().map(|kib| kib / 1024.0)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> ExitCode {
    let place = tempfile::tempdir().unwrap();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/2020");
    let (mut replays, mut raws, mut large_replays) = (Vec::new(), Vec::new(), Vec::new());
    let large = place.path().join("large");
    let applications = scale::write(&case, &large, 10);
    let rows = {
        let database = place.path().join("rows.sqlite3");
        replay(&case, &database);
        raw::Rows::read(&database)
    };
    // In turn, so that whatever else the machine does meets both.
    for run in 0..RUNS {
        replays.push(replay(&case, &place.path().join(format!("replay{run}.sqlite3"))).seconds);
        raws.push(rows.insert(&place.path().join(format!("raw{run}.sqlite3"))));
        large_replays.push(replay(&large, &place.path().join(format!("large{run}.sqlite3"))));
    }
    let memory = median(large_replays.iter().map(|measured| measured.memory_mib).collect());
    let ten = median(large_replays.iter().map(|measured| measured.seconds).collect());

    let (short, long) = (lookup::microseconds(place.path(), 1_000), lookup::microseconds(place.path(), 100_000));

    let (one, raw) = (median(replays), median(raws));
    let figures = [
        ("replay of 2020 / raw insert of its rows", one / raw, MOST_TIMES_RAW, "times"),
        ("ten times the applications / once", ten / one, MOST_GROWTH, "times"),
        ("memory of the large replay", memory, MOST_MEMORY_MIB, "MiB"),
        ("look-up in a register of 100,000 / of 1,000", long / short, MOST_LOOK_UP_GROWTH, "times"),
    ];
    println!("{} rows raw: {raw:.3} s; replay: {one:.3} s (medians of {RUNS})", rows.count());
    println!("{applications} applications: {ten:.3} s; a look-up: {short:.1} and {long:.1} µs\n");
    println!("| figure | measured | at most | |\n|---|---|---|---|");
    for (name, measured, limit, unit) in figures {
        let verdict = if measured <= limit { "met" } else { "MISSED" };
        println!("| {name} | {measured:.1} {unit} | {limit:.0} {unit} | {verdict} |");
    }
    let is_met = figures.iter().all(|(_, measured, limit, _)| measured <= limit);
    if is_met { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
