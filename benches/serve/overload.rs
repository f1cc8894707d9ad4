//! More than can be done: people send drafts at five times the rate that the server can take, whether or not it answers.
//!
//! Who is refused comes again later, as people do.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::rt::time::interval;
use actix_web::rt::{System, spawn};
use tokio::sync::Semaphore;

use super::applicants::{self, Applicants};
use super::client::{self, Connection};
use super::server::{Place, Server};
use super::table::Row;
use super::{CONNECTIONS, PAIRS, median};

const TIMES: f64 = 5.0;
const LENGTH: Duration = Duration::from_secs(30);
/// As many browsers as wait for an answer at the same time, at the most.
const BROWSERS: usize = 1024;
/// How many connections, and how many requests of each, find the rate at which the server is saturated: as many as it lets
/// wait, for the more share a commit, the more are served.
const SATURATING: usize = 128;
const EACH: usize = 12;
/// After the load: small loads in turn until one is answered as before.
const PROBES: usize = 100;
const EACH_PROBE: usize = 2;
const NORMAL: Duration = Duration::from_secs(5);

/// What was answered.
#[derive(Default)]
struct Tally {
    served: Cell<usize>,
    /// Microseconds from the request to an answer 429 or 503 that says when to come again.
    refused: RefCell<Vec<u32>>,
    /// Any other answer, with its status.
    other: RefCell<Vec<String>>,
}

/// People who want to send, and the requests that they send.
struct Crowd {
    address: SocketAddr,
    due: Semaphore,
    requests: RefCell<VecDeque<Vec<u8>>>,
    tally: Tally,
}

pub fn rows(engine: &str, postgres: Option<&str>) -> Vec<Row> {
    let place = Place::new(postgres);
    let fond = place.open();
    let call = applicants::open_call(&fond);
    let mut applicants = Applicants::none(&place);
    applicants.make(&fond, call, (PAIRS + 1) * SATURATING * EACH + PROBES * CONNECTIONS * EACH_PROBE);
    let server = place.serve();
    let share = place.share(&[server.process()]);
    // The first slice warms up.
    client::send(server.address, applicants.send(SATURATING, EACH).0, &share);
    let slices: Vec<_> =
        (0..PAIRS).map(|_| client::send(server.address, applicants.send(SATURATING, EACH).0, &share)).collect();
    let saturated = median(slices.iter().map(|slice| slice.per_second));
    println!("saturated at {saturated:.0} a second");
    // As many as can be served, and some more.
    let count = (saturated * LENGTH.as_secs_f64() * 1.4) as usize;
    println!("making {count} people with a draft each");
    applicants.make(&fond, call, count);
    drop(fond);
    let before = probe(&mut applicants, &server, &place);
    let requests = applicants.send(1, count).0.swap_remove(0);
    let (offered, crowd) = offer(server.address, requests, TIMES * saturated);
    let normal = recovery(&mut applicants, &server, &place, before);
    let mut refused = crowd.tally.refused.take();
    refused.sort_unstable();
    let other = crowd.tally.other.take();
    let at =
        |share: f64| refused.get((refused.len() as f64 * share) as usize).map_or(0.0, |at| f64::from(*at) / 1000.0);
    let per_second = |count: usize| count as f64 / LENGTH.as_secs_f64();
    println!(
        "refused: p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms; others: {:?}",
        at(0.5),
        at(0.99),
        at(1.0),
        other.first()
    );
    let what = format!("{engine}: overload");
    vec![
        Row::share(&format!("{what}: offered"), "a second", per_second(offered), TIMES * saturated, 0.95),
        Row::share(
            &format!("{what}: served, against saturation"),
            "a second",
            per_second(crowd.tally.served.get()),
            saturated,
            0.85,
        ),
        Row::most(
            &format!("{what}: the other {} with 429 or 503 and Retry-After: p99", refused.len()),
            "ms",
            at(0.99),
            100.0,
        ),
        Row::alone(
            &format!("{what}: the same, longest"),
            "ms",
            refused.last().map_or(0.0, |at| f64::from(*at) / 1000.0),
        ),
        Row::most(&format!("{what}: any other answer, or none"), "requests", other.len() as f64, 0.0),
        Row::most(&format!("{what}: normal again after"), "s", normal.as_secs_f64(), NORMAL.as_secs_f64()),
    ]
}

/// The median of a small load, in microseconds.
fn probe(applicants: &mut Applicants, server: &Server, place: &Place) -> f64 {
    let share = place.share(&[server.process()]);
    client::send(server.address, applicants.send(CONNECTIONS, EACH_PROBE).0, &share).p50_micros
}

/// How long until the same load is answered in no more than twice the time that it took before.
fn recovery(applicants: &mut Applicants, server: &Server, place: &Place, before: f64) -> Duration {
    let began = Instant::now();
    for _ in 1..PROBES {
        if probe(applicants, server, place) <= before * 2.0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    began.elapsed()
}

/// Offers requests at a rate; says how many came to be sent.
fn offer(address: SocketAddr, requests: Vec<Vec<u8>>, per_second: f64) -> (usize, Rc<Crowd>) {
    let crowd = Rc::new(Crowd {
        address,
        due: Semaphore::new(0),
        requests: RefCell::new(requests.into()),
        tally: Tally::default(),
    });
    let offered = System::new().block_on(async {
        let browsers: Vec<_> = (0..BROWSERS).map(|_| spawn(browse(Rc::clone(&crowd)))).collect();
        let (began, mut tick, mut due) = (Instant::now(), interval(Duration::from_millis(1)), 0_usize);
        while began.elapsed() < LENGTH {
            tick.tick().await;
            let until = (began.elapsed().as_secs_f64() * per_second) as usize;
            crowd.due.add_permits(until - due);
            due = until;
        }
        let waiting = crowd.due.available_permits();
        crowd.due.close();
        for browser in browsers {
            browser.await.unwrap();
        }
        due - waiting
    });
    (offered, crowd)
}

/// Sends whenever somebody is due, until the load is over.
async fn browse(crowd: Rc<Crowd>) {
    let mut connection = Connection::open(crowd.address).await;
    while let Ok(due) = crowd.due.acquire().await {
        due.forget();
        let request = crowd.requests.borrow_mut().pop_front().expect("somebody who has not sent yet");
        let began = Instant::now();
        let status = connection.ask(&request).await;
        let micros = u32::try_from(began.elapsed().as_micros()).unwrap();
        match &status {
            b"200" => crowd.tally.served.set(crowd.tally.served.get() + 1),
            b"429" | b"503" if connection.text().contains("\r\nretry-after: ") => {
                crowd.tally.refused.borrow_mut().push(micros);
                crowd.requests.borrow_mut().push_back(request);
            }
            _ => crowd.tally.other.borrow_mut().push(connection.text()),
        }
    }
}
