//! Slow clients beside honest ones: they are cut off at their deadlines, and nobody else waits for them.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::lock::Lock;
use crate::support::TestDatabase;
use crate::support::api::Api;
use crate::wire::{Heard, Wire, get, registration};

/// Clients of each kind; all of them together fit where a server without deadlines lets them wait.
const EACH: usize = 14;
const HEADERS: Duration = Duration::from_secs(10);
const BODY: Duration = Duration::from_secs(30);
const HANDLER: Duration = Duration::from_secs(10);
/// How much later than its deadline a cut may come, on a machine that does other things too.
const TOLERANCE: Duration = Duration::from_secs(3);
/// Between two bytes of who drips.
const DRIP: Duration = Duration::from_millis(100);

/// What a slow client asks for before, on the same connection: nothing; something that it waits for; something that it
/// sends in one piece with the beginning of what is slow.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    Apart,
    Together,
}

/// How a client is slow: what it sends at once, what it sends byte by byte, when it must be cut off.
#[derive(Debug, Clone, Copy)]
struct Slow {
    name: &'static str,
    before: Before,
    first: &'static str,
    drips: &'static str,
    deadline: Duration,
    /// The status that a cut may come with; 0: hung up without one.
    cut: &'static [u16],
}

const POST: &str = "POST /api/v1/registrations HTTP/1.1\r\nHost: fond\r\nContent-Type: application/json\r\n";

const SLOW: [Slow; 9] = [
    Slow {
        name: "headers dripped",
        before: Before::Nothing,
        first: "GET /health HTTP/1.1\r\nHost: fond\r\n",
        drips: "x: y\r\n",
        deadline: HEADERS,
        cut: &[408, 0],
    },
    Slow {
        name: "headers unfinished",
        before: Before::Nothing,
        first: "GET /health HTTP/1.1\r\nHo",
        drips: "",
        deadline: HEADERS,
        cut: &[408, 0],
    },
    Slow {
        name: "second headers dripped",
        before: Before::Apart,
        first: "GET /health HTTP/1.1\r\nHost: fond\r\n",
        drips: "x: y\r\n",
        deadline: HEADERS,
        cut: &[408, 0],
    },
    Slow {
        name: "second headers begun early",
        before: Before::Together,
        first: "GET /health HTTP/1.1\r\nHost: fond\r\n",
        drips: "x: y\r\n",
        deadline: HEADERS,
        cut: &[408, 0],
    },
    Slow {
        name: "second headers unfinished",
        before: Before::Apart,
        first: "GET /health HTTP/1.1\r\nHo",
        drips: "",
        deadline: HEADERS,
        cut: &[408, 0],
    },
    Slow {
        name: "second body dripped",
        before: Before::Apart,
        first: "Content-Length: 9999\r\n\r\n{\"email\": \"",
        drips: "a",
        deadline: BODY,
        cut: &[408],
    },
    Slow {
        name: "body dripped",
        before: Before::Nothing,
        first: "Content-Length: 9999\r\n\r\n{\"email\": \"",
        drips: "a",
        deadline: BODY,
        cut: &[408],
    },
    Slow {
        name: "body never sent",
        before: Before::Nothing,
        first: "Content-Length: 40\r\n\r\n",
        drips: "",
        deadline: BODY,
        cut: &[408],
    },
    Slow {
        name: "chunks never ended",
        before: Before::Nothing,
        first: "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"ema\r\n",
        drips: "1\r\n \r\n",
        deadline: BODY,
        cut: &[408],
    },
];

/// When a slow client was cut off, and with what status; nothing, where it never was.
fn suffer(address: SocketAddr, slow: &Slow, patience: Duration) -> Option<(Duration, u16)> {
    let mut wire = Wire::connect(address);
    let start = if slow.first.starts_with("GET") { "" } else { POST };
    let (before, slowly) = (get("/health"), format!("{start}{}", slow.first));
    match slow.before {
        Before::Nothing => {}
        Before::Apart => drop(wire.send(&before)),
        Before::Together => drop(wire.send(&format!("{before}{slowly}"))),
    }
    if slow.before != Before::Nothing && wire.hear(patience).status() != 200 {
        return None;
    }
    let began = Instant::now();
    if slow.before != Before::Together {
        wire.send(&slowly);
    }
    let mut drips = slow.drips.chars().cycle();
    while began.elapsed() < patience {
        match wire.hear(DRIP) {
            Heard::Silence => drips.next().is_none_or(|drip| wire.send(drip.encode_utf8(&mut [0; 4]))),
            heard => {
                if let Heard::Answer(reply) = &heard {
                    let problem = (reply.code(), reply.json()["request_id"] == reply.headers["x-request-id"].as_str());
                    assert_eq!(problem, ("timeout".to_owned(), true), "{}: {reply:?}", slow.name);
                }
                return Some((began.elapsed(), heard.status()));
            }
        };
    }
    None
}

/// What is wrong with how slow clients were cut off; nothing, where all is well.
fn wrong_cuts(address: SocketAddr, kinds: &[Slow]) -> Vec<String> {
    let judge = |slow: &Slow| match suffer(address, slow, slow.deadline + TOLERANCE) {
        None => Some(format!("{}: not cut off", slow.name)),
        Some((after, _)) if after + Duration::from_millis(100) < slow.deadline => {
            Some(format!("{}: after {after:?}", slow.name))
        }
        Some((_, status)) if !slow.cut.contains(&status) => Some(format!("{}: with {status}", slow.name)),
        Some(_) => None,
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = kinds
            .iter()
            .flat_map(|slow| (0..EACH).map(move |_| slow))
            .map(|slow| scope.spawn(move || judge(slow)))
            .collect();
        clients.into_iter().filter_map(|client| client.join().unwrap()).collect()
    })
}

/// Asks for the longest answer again and again and reads it byte by byte, or never.
fn read_slowly(address: SocketAddr, most: usize, is_over: &AtomicBool) -> usize {
    let (mut wire, mut bytes) = (Wire::connect(address), 0);
    (0..20).for_each(|_| assert!(wire.send(&get("/api/v1/openapi.json"))));
    while !is_over.load(Ordering::Relaxed) {
        if most == 0 {
            std::thread::sleep(DRIP);
        } else {
            let read = wire.read_some(most, DRIP);
            assert_ne!(read, Ok(0), "a slow reader is no slow sender");
            bytes += read.unwrap_or(0);
            std::thread::sleep(DRIP / 10);
        }
    }
    bytes
}

/// The middle time of honest requests to a calm server and to a besieged one, asked in turn until it is over.
fn honest(servers: [&Api; 2], is_over: impl Fn() -> bool) -> ([Duration; 2], usize) {
    let mut times = [Vec::new(), Vec::new()];
    while !is_over() {
        for (api, times) in servers.iter().zip(&mut times) {
            let email = format!("honest{}@example.org", times.len());
            let began = Instant::now();
            assert_eq!(api.get("/api/v1/calls").status, 200);
            assert_eq!(api.post("registrations", json!({"email": email})).status, 202);
            times.push(began.elapsed());
        }
        std::thread::sleep(DRIP / 5);
    }
    let count = times[0].len();
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    (times.map(median), count)
}

#[test]
fn slow_clients_are_cut_off_and_honest_ones_do_not_wait_for_them() {
    let (calm, besieged, is_over) = (Api::start(), Api::start(), &AtomicBool::new(false));
    let address = besieged.address();
    let (wrong, medians, count, bytes) = std::thread::scope(|scope| {
        let readers = [0, 1].map(|most| [most; EACH]).concat();
        let readers: Vec<_> =
            readers.into_iter().map(|most| scope.spawn(move || read_slowly(address, most, is_over))).collect();
        let cuts = scope.spawn(|| wrong_cuts(address, &SLOW));
        let (medians, count) = honest([&calm, &besieged], || cuts.is_finished());
        is_over.store(true, Ordering::Relaxed);
        let bytes: usize = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
        (cuts.join().unwrap(), medians, count, bytes)
    });
    eprintln!(
        "{count} honest rounds: {:?} beside nobody, {:?} beside the slow; {bytes} bytes read slowly",
        medians[0], medians[1]
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 100 && bytes > EACH * 1000, "the slow ones and the honest ones were there");
    assert!(medians[1] <= 5 * medians[0], "{medians:?}");
}

/// The known-bad variant: a server without deadlines that serves one connection after the other.
#[test]
fn a_server_that_waits_for_everybody_is_caught() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().for_each(|stream| drop(std::io::read_to_string(stream.unwrap()))));
    let hasty = SLOW.map(|slow| Slow { deadline: Duration::from_millis(500), ..slow });
    std::thread::scope(|scope| {
        let cuts = scope.spawn(|| wrong_cuts(address, &hasty));
        let mut wire = Wire::connect(address);
        assert!(wire.send(&get("/health")) && matches!(wire.hear(DRIP), Heard::Silence), "honest people wait");
        let wrong = cuts.join().unwrap();
        assert!(
            wrong.len() == SLOW.len() * EACH && wrong.iter().all(|wrong| wrong.ends_with("not cut off")),
            "{wrong:?}"
        );
    });
}

#[test]
fn a_handler_that_is_late_is_not_waited_for() {
    let database = TestDatabase::new();
    database.open();
    // Alone in their commits, writes of SQLite give up one after the other, after five seconds each.
    let mut api = Api::start_on(database, |settings| settings.database.group_commit = 1);
    let lock = Lock::take(&api.database);
    let ask = |number: usize| {
        let (mut wire, began) = (Wire::connect(api.address()), Instant::now());
        assert!(wire.send(&registration(&format!("late{number}@example.org"))));
        (wire.hear(HANDLER + TOLERANCE), began.elapsed())
    };
    let answers: Vec<(Heard, Duration)> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..4).map(|number| scope.spawn(move || ask(number))).collect();
        assert_eq!(api.get("calls").status, 200, "reading goes on");
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    for (heard, after) in &answers {
        let Heard::Answer(reply) = heard else { panic!("{heard:?} after {after:?}") };
        assert_eq!((reply.status, reply.code().as_str()), (503, "busy"), "{reply:?}");
        assert!(reply.headers["retry-after"].parse::<u64>().unwrap() > 0 && reply.headers.contains_key("x-request-id"));
    }
    let late = answers.iter().filter(|(_, after)| *after >= HANDLER).count();
    assert!(late > 0, "nobody waited for the deadline: {answers:?}");
    drop(lock);
    assert_eq!(api.post("registrations", json!({"email": "quick@example.org"})).status, 202);
    // What was answered “not carried out” is not carried out afterwards either.
    api.stop();
    assert_eq!(crate::binary::asked(&api.database), ["quick@example.org"]);
}

/// Its head says that it is a byte too large; nothing of it ever comes.
#[test]
fn a_body_that_says_it_is_too_large_is_not_waited_for() {
    let api = Api::start();
    let mut wire = Wire::connect(api.address());
    assert!(wire.send(&format!("{POST}Content-Length: {}\r\n\r\n", 1024 * 1024 + 1)));
    let heard = wire.hear(Duration::from_secs(5));
    assert!(heard.says_goodbye(), "{heard:?}");
    let Heard::Answer(reply) = &heard else { panic!("{heard:?}") };
    assert_eq!((reply.status, reply.code().as_str()), (413, "payload_too_large"), "{reply:?}");
}

/// What follows it has no end, so that nobody waits for it.
#[test]
fn a_connect_is_answered_at_once() {
    let api = Api::start();
    let mut wire = Wire::connect(api.address());
    wire.send("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n");
    match wire.hear(Duration::from_secs(5)) {
        Heard::Answer(reply) => assert!([400, 404, 405].contains(&reply.status), "{reply:?}"),
        other => panic!("{other:?}"),
    }
}
