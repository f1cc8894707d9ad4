//! Ten thousand requests, and a search of every place while the program runs, before it stops, and after.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::canary::Search;
use crate::fund::{Fund, Staff};
use crate::places::{self, Report};
use crate::program::Program;
use crate::requests::{Dice, TABLE};
use crate::support::TestDatabase;
use crate::watch::{self, Watch};
use crate::wire::Wire;

const REQUESTS: usize = 10_000;
const WIRES: usize = 6;
const SEED: u64 = 2020;

/// What became of the requests.
#[derive(Default)]
struct Tally {
    report: Report,
    /// By their status; 0 where nobody answered.
    statuses: BTreeMap<u16, usize>,
    /// Generator: how many, how many were answered well.
    generators: BTreeMap<&'static str, (usize, usize)>,
}

/// Sends requests on one connection until there were enough.
fn send(wire: u64, fund: &Fund, program: &Program, search: &Search, sent: &AtomicUsize) -> Tally {
    let (mut dice, mut wire, mut tally) = (Dice::new(SEED + wire), Wire::to(program.address), Tally::default());
    while sent.fetch_add(1, Ordering::Relaxed) < REQUESTS {
        let (name, request) = dice.request(fund);
        let answer = wire.ask(&request.method, &request.encode(fund));
        fund.learn(&request, &answer);
        places::answer(&mut tally.report, search, &request, &answer);
        *tally.statuses.entry(answer.status).or_default() += 1;
        let counts = tally.generators.entry(name).or_default();
        *counts = (counts.0 + 1, counts.1 + usize::from(answer.is_good()));
    }
    tally
}

fn flood(fund: &Fund, program: &Program, search: &Search, database: &TestDatabase) -> Tally {
    let sent = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let sent = &sent;
        let send = |wire| scope.spawn(move || send(wire, fund, program, search, sent));
        let wires: Vec<_> = (0..WIRES as u64).map(send).collect();
        while sent.load(Ordering::Relaxed) < REQUESTS / 2 {
            assert!(!wires.iter().all(|wire| wire.is_finished()), "the requests ended early");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut all = Tally::default();
        look(&mut all.report, search, program, database);
        for tally in wires.into_iter().map(|wire| wire.join().unwrap()) {
            all.report.add(tally.report);
            tally.statuses.into_iter().for_each(|(status, count)| *all.statuses.entry(status).or_default() += count);
            for (name, (count, good)) in tally.generators {
                let sums = all.generators.entry(name).or_default();
                *sums = (sums.0 + count, sums.1 + good);
            }
        }
        all
    })
}

/// One look at everything that lies there while the program runs.
fn look(report: &mut Report, search: &Search, program: &Program, database: &TestDatabase) {
    report.look(search, "metrics", "metrics", &program.metrics_text(), |_| false);
    look_at_what_stays(report, search, program, database);
}

fn look_at_what_stays(report: &mut Report, search: &Search, program: &Program, database: &TestDatabase) {
    let folder = database.folder.path();
    places::log(report, search, &program.log);
    places::letters(report, search, &folder.join("mail"));
    if let Some(path) = database.url.strip_prefix("sqlite://") {
        places::database_files(report, search, path);
    }
    places::rows(report, search, database);
    watch::look(report, search, &program.temporary, folder, None);
}

#[test]
fn ten_thousand_requests_leave_no_secret_anywhere() {
    let began = Instant::now();
    let mut staff = Staff::new();
    let mut program = Program::start(staff.database());
    staff.move_to(&program);
    let search = Arc::new(Search::new());
    let watch = Watch::start(&program, staff.database().folder.path(), Arc::clone(&search));
    let fund = Fund::open(&staff);
    let ready = began.elapsed();
    let Tally { mut report, statuses, generators } = flood(&fund, &program, &search, staff.database());
    let flooded = began.elapsed();
    look(&mut report, &search, &program, staff.database());
    let (watched, looks) = watch.stop();
    report.add(watched);
    assert_eq!(program.terminate().code(), Some(0));
    look_at_what_stays(&mut report, &search, &program, staff.database());

    let of = |from: u16, until: u16| statuses.range(from..until).map(|(_, count)| count).sum::<usize>();
    let (sum, good, silent, busy) = (of(0, 999), of(200, 300), of(0, 1), of(503, 504));
    let times = format!("ready {ready:?}, flooded {flooded:?}, searched {:?}", began.elapsed());
    eprintln!(
        "seed {SEED}: {sum} requests on {WIRES} connections, {good} answered well, by status {statuses:?}; {times}"
    );
    eprintln!(
        "{} forms of secrets; bytes by place: {:#?}; {looks} looks at files",
        search.patterns.len(),
        report.bytes
    );
    eprintln!("{generators:#?}");
    let lines: Vec<String> = report
        .hits
        .iter()
        .map(|((place, what, which), count)| format!("{place}: {which} in {what}, {count} times"))
        .collect();
    assert!(lines.is_empty(), "{} leaks:\n{}", lines.len(), lines.join("\n"));
    assert!(sum >= REQUESTS, "{sum}");
    assert!(good * 100 >= sum * 40, "too few were answered well: {statuses:?}");
    assert!((silent + busy) * 100 < sum, "too many were not answered: {statuses:?}");
    assert_eq!(of(500, 999), busy, "something broke: {statuses:?}");
    assert_eq!(generators.len(), TABLE.len(), "{generators:?}");
    assert!(looks >= 10, "{looks}");
    let files = ["database file", "WAL", "shared memory of the WAL"];
    let places = [
        "log",
        "error bodies",
        "error heads",
        "heads",
        "answers",
        "exports",
        "URLs",
        "metrics",
        "rows",
        "rows of jobs",
        "heads of letters",
        "letters",
        watch::DATA,
        watch::DOCUMENTS,
    ];
    let is_sqlite = !staff.database().is_postgres();
    for place in places.iter().chain(files.iter().filter(|_| is_sqlite)) {
        assert!(report.bytes.get(place).is_some_and(|bytes| *bytes > 0), "{place} was empty: {:?}", report.bytes);
    }
}
