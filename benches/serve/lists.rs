//! Long lists: a page of applications, and totals, of calls with 10,000, 100,000 and 1,000,000 applications.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use fond::accounts::{Role, actions as accounts};
use fond::applications::actions::{self as applications, Wanted};
use fond::applications::api::ListedBody;
use fond::eligibility::actions as eligibility;
use fond::ids::CallId;
use fond::page::{Limit, TimeCursor};
use fond::startup::Fond;
use fond::transparency::actions as transparency;
use uuid::Uuid;

use super::applicants;
use super::client::{self, Load};
use super::people::Officer;
use super::server::{Place, Server, request};
use super::synthetic;
use super::table::Row;
use super::{CONNECTIONS, PAIRS, SLICE, describe, in_turn, median, medians};

/// A call with so many applications.
struct Long {
    place: Place,
    call: CallId,
    officer: Officer,
    /// Pages that begin anywhere in the list.
    cursors: Vec<Option<TimeCursor>>,
}

const CURSORS: i64 = 32;

impl Long {
    fn new(postgres: Option<&str>, applications: i64) -> Self {
        println!("making a call with {applications} applications");
        let place = Place::new(postgres);
        let fond = place.open();
        let call = applicants::open_call(&fond);
        let officer = Officer::make(&fond, Role::Administrator);
        let submission = synthetic::submission(0, synthetic::jmbg(0));
        let sent = fond.db.write(|conn| {
            let now = fond::clock::Instant::now();
            let actor = accounts::register_applicant(conn, now)?;
            eligibility::submit(conn, &fond.vault, &actor, call, &submission, now)
        });
        sent.unwrap();
        multiply(&place, postgres.is_some(), applications);
        transparency::count_waiting(&fond.db).unwrap();
        Self { cursors: cursors(&place, applications), place, call, officer }
    }

    fn pages(&self) -> Vec<String> {
        let path = |cursor: &Option<TimeCursor>| {
            let from = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            format!("/api/v1/calls/{}/applications?limit=50{from}", self.call.uuid())
        };
        self.cursors.iter().map(path).collect()
    }

    fn totals(&self) -> Vec<String> {
        let by = ["call", "category", "association", "municipality", "discipline", "month"];
        by.map(|by| format!("/api/v1/calls/{}/totals?by={by}", self.call.uuid())).to_vec()
    }

    /// Each connection asks for all of these in turn, from another one on.
    fn reads(&self, connections: usize, paths: &[String]) -> Vec<Vec<Vec<u8>>> {
        let bearer = self.officer.bearer(&self.place);
        let mut requests: Vec<_> = paths.iter().map(|path| request("GET", path, &[&bearer], "")).collect();
        let mut each = || {
            requests.rotate_left(1);
            requests.clone()
        };
        (0..connections).map(|_| each()).collect()
    }
}

/// Copies the one application of a database until there are so many, spread over two months, and over states, places,
/// disciplines and associations as many as a country has.
fn multiply(place: &Place, is_postgres: bool, applications: i64) {
    let (numbers, random): (_, fn(u8, char) -> String) = if is_postgres {
        let numbers = format!("generate_series(1, {}) AS copies(n)", applications - 1);
        (numbers, |bytes, salt| format!("substr(sha256(('{salt}' || n)::bytea), 1, {bytes})"))
    } else {
        let rows = "SELECT 1 AS n UNION ALL SELECT n + 1 FROM copies WHERE n <";
        (
            format!("(WITH RECURSIVE copies AS ({rows} {}) SELECT n FROM copies) AS copies", applications - 1),
            |bytes, _| format!("randomblob({bytes})"),
        )
    };
    // Each of another person, who is told apart from the real ones by when they came.
    let people = format!("INSERT INTO people (id, created_at) SELECT {}, n FROM {numbers}", random(16, 'p'));
    let [jmbg, account, name, household] = ['j', 'a', 'n', 'h'].map(|salt| random(32, salt));
    let copy = format!(
        "INSERT INTO applications (id, call_id, person_id, reference, state, category, municipality, discipline, association,
            submitted_at, jmbg_index, account_index, name_index, household_index, identity_sealed, need_sealed,
            ranking_sealed, payment_sealed, version)
         SELECT {id}, call_id, person, 'B' || n,
            CASE n % 4 WHEN 0 THEN 'ineligible' WHEN 1 THEN 'needs_review' ELSE 'eligible' END,
            CASE n % 4 WHEN 0 THEN NULL ELSE n % 7 + 1 END,
            'Opština ' || n % 170, 'discipline ' || n % 12, 'association ' || n % 6, submitted_at + n * 5000000,
            {jmbg}, {account}, {name}, {household}, identity_sealed, need_sealed, ranking_sealed, payment_sealed, 1
         FROM applications, (SELECT id AS person, created_at AS n FROM people WHERE created_at < {applications}) AS copies
         WHERE reference = 'R0'",
        id = random(16, 'i')
    );
    let found = "INSERT INTO findings (application_id, finding, status)
        SELECT id, 'no_category', 'failed' FROM applications WHERE state = 'ineligible'";
    let mut conn = place.raw();
    if !is_postgres {
        // Twelve indexes of a million random keys.
        diesel::sql_query("PRAGMA cache_size = -2000000").execute(&mut conn).unwrap();
    }
    for sql in [people.as_str(), &copy, found] {
        diesel::sql_query(sql).execute(&mut conn).unwrap();
    }
    if is_postgres {
        // As autovacuum does it where the rows come one by one.
        diesel::sql_query("VACUUM ANALYZE applications").execute(&mut conn).unwrap();
    }
}

#[derive(diesel::QueryableByName)]
struct At {
    #[diesel(sql_type = BigInt)]
    at: i64,
}

/// The beginning of the list, and places all over it.
fn cursors(place: &Place, applications: i64) -> Vec<Option<TimeCursor>> {
    let mut conn = place.raw();
    let sql = "SELECT submitted_at AS at FROM applications WHERE reference = 'R0'";
    let first = diesel::sql_query(sql).get_result::<At>(&mut conn).unwrap().at;
    let place = |number: i64| {
        let micros = first + (applications - 50) / CURSORS * number * 5_000_000;
        let at = fond::clock::Instant::from_micros(micros);
        (number > 0).then_some(TimeCursor { at, id: Uuid::nil() })
    };
    (0..CURSORS).map(place).collect()
}

/// The same query and the same JSON without HTTP and authentication, on every processor: so many a second.
fn in_process(fond: &Fond, long: &Long) -> f64 {
    let (count, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (actor, began) = (long.officer.actor(fond, Role::Administrator), Instant::now());
    let work = || {
        for cursor in long.cursors.iter().cycle() {
            let page = fond.db.read(|conn| {
                let place = (*cursor, Limit::default());
                applications::page(conn, &actor, long.call, &Wanted::default(), place)
            });
            let body = serde_json::to_vec(&page.unwrap().map(ListedBody::from)).unwrap();
            assert!(body.len() > 5000);
            count.fetch_add(1, Ordering::Relaxed);
            if is_over.load(Ordering::Relaxed) {
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().unwrap().get() {
            scope.spawn(work);
        }
        thread::sleep(SLICE);
        is_over.store(true, Ordering::Relaxed);
    });
    count.into_inner() as f64 / began.elapsed().as_secs_f64()
}

fn load<'a>(server: &Server, reads: &'a [Vec<Vec<u8>>], share: &'a super::machine::Share) -> Load<'a> {
    Load { address: server.address, reads, logins: &[], share }
}

pub fn rows(engine: &str, postgres: Option<&str>) -> Vec<Row> {
    let mut table = page_rate(engine, &Long::new(postgres, 100_000));
    let (short, long) = (Long::new(postgres, 10_000), Long::new(postgres, 1_000_000));
    let (short_server, long_server) = (short.place.serve(), long.place.serve());
    let share = |of: &Long| of.place.share(&[short_server.process(), long_server.process()]);
    let (short_share, long_share) = (share(&short), share(&long));
    let (short_reads, long_reads) = (short.reads(CONNECTIONS, &short.pages()), long.reads(CONNECTIONS, &long.pages()));
    let loads = (load(&short_server, &short_reads, &short_share), load(&long_server, &long_reads, &long_share));
    let pairs = in_turn(&loads.0, &loads.1);
    describe(&pairs, ["of 10,000", "of 1,000,000"]);
    let (limit, measured) = medians(&pairs, |slice| slice.p50_micros / 1000.0);
    let what = format!("{engine}: page of 50 of 1,000,000, against of 10,000: p50");
    table.push(Row::times(&what, "ms", measured, limit, 1.3));
    let totals = long.reads(1, &long.totals());
    let slice = client::run(&load(&long_server, &totals, &long_share), Duration::from_secs(1));
    table.push(Row::most(&format!("{engine}: totals of 1,000,000: p50"), "ms", slice.p50_micros / 1000.0, 20.0));
    table.push(Row::most(&format!("{engine}: totals of 1,000,000: p99"), "ms", slice.p99_micros / 1000.0, 20.0));
    table
}

fn page_rate(engine: &str, of: &Long) -> Vec<Row> {
    let (fond, server) = (of.place.open(), of.place.serve());
    let share = of.place.share(&[server.process()]);
    let reads = of.reads(CONNECTIONS, &of.pages());
    let (mut limits, mut served) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        limits.push(in_process(&fond, of));
        let slice = client::run(&load(&server, &reads, &share), SLICE);
        println!("pages: {:.0}/s, without HTTP {:.0}/s", slice.per_second, limits[limits.len() - 1]);
        served.push(slice);
    }
    let rate = median(served.iter().map(|slice| slice.per_second));
    let what = format!("{engine}: page of 50 of 100,000, {CONNECTIONS} connections");
    let p50 = median(served.iter().map(|slice| slice.p50_micros / 1000.0));
    vec![
        Row::share(&what, "a second", rate, median(limits.into_iter()), 0.5),
        Row::alone(&format!("{what}: p50"), "ms", p50),
    ]
}
