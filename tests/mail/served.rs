//! The running server beside mail servers that misbehave: no request waits for them, no letter is lost by them.

use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use fond::clock;
use fond::ids::JobId;
use fond::mail::Postman;
use serde_json::json;

use crate::delivery::{letter, settings};
use crate::server::{MailServer, Taken, header};
use crate::support::TestDatabase;
use crate::support::api::Api;
use crate::wait_until;

const ROUNDS: usize = 100;
/// What a mail server may cost a request at the median.
const MOST: Duration = Duration::from_millis(50);
const LETTERS: usize = 40;

fn api_with(port: u16) -> Api {
    Api::start_with(|own| own.mail = settings(port))
}

fn ask(api: &Api, number: usize) {
    let reply = api.post("registrations", json!({"email": address(number)}));
    assert_eq!(reply.status, 202, "{reply:?}");
}

fn address(number: usize) -> String {
    format!("reader{number}@example.org")
}

/// The middle times of several ways to do something, done in turn.
fn medians(rounds: usize, ways: &[&dyn Fn(usize)]) -> Vec<Duration> {
    let mut times = vec![Vec::new(); ways.len()];
    for round in 0..rounds {
        for (way, times) in ways.iter().zip(&mut times) {
            let began = Instant::now();
            way(round);
            times.push(began.elapsed());
        }
    }
    times.iter_mut().for_each(|times| times.sort_unstable());
    times.iter().map(|times| times[times.len() / 2]).collect()
}

#[test]
fn no_request_waits_for_a_mail_server() {
    let taken: [Taken; 3] = std::array::from_fn(|_| Taken::new());
    let behaviours: [&[&str]; 3] = [&["--slow", "1"], &["--refuse", "550"], &["--drop", "1000000"]];
    let servers: Vec<_> =
        taken.iter().zip(behaviours).map(|(taken, behaviour)| MailServer::start(taken.path(), 0, behaviour)).collect();
    let (file, apis) = (Api::start(), [0, 1, 2].map(|index| api_with(servers[index].port)));
    let by_mail = |index: usize| {
        let api = &apis[index];
        move |round| ask(api, round)
    };
    let medians = medians(ROUNDS, &[&|round| ask(&file, round), &by_mail(0), &by_mail(1), &by_mail(2)]);
    eprintln!("a registration, by file, slow, refusing, dropping: {medians:?}");
    assert!(medians.iter().all(|median| *median <= medians[0] + MOST), "{medians:?}");
    wait_until("all three have misbehaved", || {
        let faults =
            ["refused 550", "dropped"].map(|fault| taken.iter().map(|taken| taken.faults(fault)).sum::<usize>());
        faults.iter().all(|count| *count >= ROUNDS / 2) && !taken[0].messages().is_empty()
    });
}

/// The known-bad variant: a request that sends its letter itself.
#[test]
fn a_request_that_sends_its_letter_itself_is_caught() {
    let taken = Taken::new();
    let server = MailServer::start(taken.path(), 0, &["--slow", "0.2"]);
    let (api, postman) = (Api::start(), Postman::open(&settings(server.port)).unwrap());
    let itself = |round| {
        ask(&api, round);
        postman.send(JobId::new(), &address(round), &letter(), clock::Instant::now()).unwrap();
    };
    let medians = medians(10, &[&|round| ask(&api, round), &itself]);
    assert!(medians[1] > medians[0] + MOST, "{medians:?}");
}

/// Lets the waits of failed jobs be over.
fn pass_time(database: &TestDatabase) {
    let sql = "UPDATE jobs SET due_at = 0 WHERE failure IS NOT NULL AND done_at IS NULL AND dead_at IS NULL";
    diesel::sql_query(sql).execute(&mut database.raw()).unwrap();
}

fn open_jobs(database: &TestDatabase) -> i64 {
    database.number("SELECT COUNT(*) AS number FROM jobs WHERE done_at IS NULL")
}

#[test]
fn nothing_is_lost_and_what_comes_twice_is_the_same() {
    let taken = Taken::new();
    let server = MailServer::start(taken.path(), 0, &["--greylist", "10", "--drop", "10"]);
    let api = api_with(server.port);
    (0..LETTERS).for_each(|number| ask(&api, number));
    wait_until("every letter is sent", || {
        pass_time(&api.database);
        open_jobs(&api.database) == 0
    });
    assert_eq!((taken.faults("greylisted"), taken.faults("dropped")), (10, 10));
    let ids = taken.ids();
    let mut arrived: Vec<String> = ids.values().map(|to| to[0].clone()).collect();
    arrived.sort();
    let mut expected: Vec<String> = (0..LETTERS).map(address).collect();
    expected.sort();
    assert_eq!(arrived, expected, "one letter for each who asked");
    assert!(ids.values().all(|to| to.iter().all(|other| *other == to[0])), "an id names one letter");
    assert_eq!(taken.messages().len(), LETTERS + 10, "again came what was taken without an answer, and nothing else");
}

#[test]
fn an_administrator_sees_dead_letters_and_revives_them() {
    let taken = Taken::new();
    let refusing = MailServer::start(taken.path(), 0, &["--refuse", "550"]);
    let port = refusing.port;
    let api = api_with(port);
    let [administrator, _] = api.administrators();
    ask(&api, 1);
    let dead = || api.ask("GET", "dead-jobs").by(&administrator).send().json()["items"].as_array().unwrap().clone();
    // Beside the registration: each administrator is told of the role and of the second factor.
    wait_until("every letter is given up", || dead().len() as i64 == open_jobs(&api.database));
    let given_up = dead();
    let registration =
        given_up.iter().find(|job| job["kind"] == "mail_registration").expect("the registration is dead");
    assert_eq!((&registration["failure"], &registration["attempts"]), (&json!("refused_550"), &json!(1)));
    assert!(!json!(given_up).to_string().contains('@'), "{given_up:?}");
    assert_eq!(taken.faults("refused 550"), given_up.len(), "a permanent refusal is not tried again");

    drop(refusing);
    let _willing = MailServer::start(taken.path(), port, &[]);
    for job in &given_up {
        let path = format!("dead-jobs/{}/retry", job["id"].as_str().unwrap());
        let reply = api.ask("POST", &path).by(&administrator).send();
        assert_eq!(reply.status, 204, "{reply:?}");
        let again = api.ask("POST", &path).by(&administrator).send().status;
        assert_eq!(again, 404, "it is not dead any more");
    }
    wait_until("every letter is sent", || open_jobs(&api.database) == 0);
    assert_eq!((dead().len(), taken.messages().len()), (0, given_up.len()));
    let letter = taken.messages().into_iter().find(|letter| header(letter, "To") == address(1)).unwrap();
    let id = registration["id"].as_str().unwrap();
    assert_eq!(header(&letter, "Message-ID"), format!("<{id}@example.org>"));
}
