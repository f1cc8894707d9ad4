//! Sending an application in: a draft becomes an application, sealed, checked, on the log, and its answer is kept.

use super::applicants::{self, Applicants};
use super::client::{self, Sent};
use super::raw::{Copy, Pgbench, rows};
use super::server::Place;
use super::table::Row;
use super::{CONNECTIONS, PAIRS, median};

/// How many each connection sends in one slice.
const EACH: usize = 60;
/// Before each slice: a server that has just started has prepared nothing yet.
const WARM_UP: usize = 8;
const PGBENCH_SECONDS: u64 = 3;
/// Each write alone, as a build without group commit would do it.
const UNGROUPED: [(&str, &str); 1] = [("FOND__DATABASE__GROUP_COMMIT", "1")];

struct Bench {
    place: Place,
    applicants: Applicants,
}

impl Bench {
    fn new(postgres: Option<&str>, slices: usize) -> Self {
        let place = Place::new(postgres);
        let fond = place.open();
        let call = applicants::open_call(&fond);
        let mut applicants = Applicants::none(&place);
        let count = slices * CONNECTIONS * (EACH + WARM_UP);
        println!("making {count} people with a draft each");
        applicants.make(&fond, call, count);
        Self { place, applicants }
    }

    /// A slice on a server that has just been started.
    fn slice(&mut self, settings: &[(&str, &str)]) -> (Sent, Vec<fond::ids::PersonId>) {
        let server = self.place.serve_with(settings);
        let share = self.place.share(&[server.process()]);
        client::send(server.address, self.applicants.send(CONNECTIONS, WARM_UP).0, &share);
        let (requests, people) = self.applicants.send(CONNECTIONS, EACH);
        (client::send(server.address, requests, &share), people)
    }
}

fn describe(what: &str, sent: &Sent) {
    let Sent { per_second, p50_micros, p99_micros, cpu_millis, foreign } = sent;
    println!(
        "{what}: {per_second:.0}/s, p50 {p50_micros:.0} µs, p99 {p99_micros:.0} µs, {cpu_millis:.2} ms of processor each; \
         others used {foreign:.2} processors"
    );
}

fn figures(engine: &str, sent: &[Sent], most_millis: f64) -> Vec<Row> {
    let of = |figure: fn(&Sent) -> f64| median(sent.iter().map(figure));
    vec![
        Row::alone(&format!("{engine}: sending: p50"), "ms", of(|sent| sent.p50_micros) / 1000.0),
        Row::alone(&format!("{engine}: sending: p99"), "ms", of(|sent| sent.p99_micros) / 1000.0),
        Row::most(
            &format!("{engine}: sending: processor time each, server and database"),
            "ms",
            of(|sent| sent.cpu_millis),
            most_millis,
        ),
    ]
}

pub fn sqlite() -> Vec<Row> {
    let mut bench = Bench::new(None, 2 * PAIRS);
    let copy = Copy::of(&bench.place);
    let (mut grouped, mut ungrouped, mut raw, mut raw_grouped) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let (sent, people) = bench.slice(&[]);
        describe("sending", &sent);
        grouped.push(sent);
        raw.push(copy.commit(&rows(&bench.place.file(), &people), 1));
        println!("raw: {:.0}/s", raw[raw.len() - 1]);
        let (sent, people) = bench.slice(&UNGROUPED);
        describe("each alone", &sent);
        ungrouped.push(sent);
        raw_grouped.push(copy.commit(&rows(&bench.place.file(), &people), CONNECTIONS));
        println!("raw, {CONNECTIONS} in each commit: {:.0}/s", raw_grouped[raw_grouped.len() - 1]);
    }
    let rate = |sent: &[Sent]| median(sent.iter().map(|sent| sent.per_second));
    let what = format!("SQLite: sending, {CONNECTIONS} clients");
    let (raw, raw_grouped) = (median(raw.into_iter()), median(raw_grouped.into_iter()));
    let mut table = vec![
        Row::share(&format!("{what}, against raw commits"), "a second", rate(&grouped), raw, 1.0),
        Row::share(&format!("{what}, against group commit off"), "a second", rate(&grouped), rate(&ungrouped), 3.0),
        // What grouping gives where nothing is done but writing the rows.
        Row::shown(
            &format!("SQLite: raw commits of {CONNECTIONS} at once, against one by one"),
            "a second",
            raw_grouped,
            raw,
        ),
    ];
    table.extend(figures("SQLite", &grouped, 1.0));
    table
}

pub fn postgres(server: &str) -> Vec<Row> {
    let mut bench = Bench::new(Some(server), PAIRS);
    let (mut served, mut limit, mut pgbench) = (Vec::new(), Vec::new(), None);
    for _ in 0..PAIRS {
        let (sent, people) = bench.slice(&[]);
        describe("sending", &sent);
        served.push(sent);
        let pgbench = pgbench.get_or_insert_with(|| Pgbench::like(&bench.place, people[0]));
        limit.push(pgbench.per_second(&bench.place, PGBENCH_SECONDS));
        println!("pgbench: {:.0}/s", limit[limit.len() - 1]);
    }
    let rate = median(served.iter().map(|sent| sent.per_second));
    let what = format!("PostgreSQL: sending, {CONNECTIONS} clients, against pgbench");
    let mut table = vec![Row::share(&what, "a second", rate, median(limit.into_iter()), 0.35)];
    table.extend(figures("PostgreSQL", &served, 1.5));
    table
}
