//! The money over HTTP: what was given, who gets it, how it is paid and how it comes back.

mod allocation;
mod at_once;
mod books;
mod erased;
mod journaled;
mod late;
mod lists;
mod own;
mod papers;
mod payouts;
mod reserve;
mod reversals;
mod rights;
mod under_way;
mod way_back;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use fond::clock::Instant;
use serde_json::{Value, json};

use crate::sql;
use crate::support::api::{Api, Reply, User};
use crate::support::round::Round;

/// A round whose voting is closed, with so many approved applications of category 1: R1, R2 and so on.
struct Scene {
    round: Round,
    applicants: Vec<User>,
    applications: Vec<String>,
}

static NEXT_KEY: AtomicU32 = AtomicU32::new(0);

/// An idempotency key that nobody used before.
fn new_key() -> String {
    format!("key-{}", NEXT_KEY.fetch_add(1, Ordering::Relaxed))
}

fn today() -> String {
    Instant::now().in_belgrade().0.to_string()
}

/// In Belgrade not begun yet, though on the other side of the earth it may be there.
fn tomorrow() -> String {
    Instant::now().plus(Duration::from_secs(86_400)).in_belgrade().0.to_string()
}

impl Scene {
    fn decided(count: usize) -> Self {
        Self::decided_in(Round::open(), count)
    }

    fn decided_in(round: Round, count: usize) -> Self {
        let applicants: Vec<User> =
            (1..=count).map(|number| round.api.register(&format!("r{number}@example.org"))).collect();
        let applications: Vec<String> =
            applicants.iter().zip(1..).map(|(applicant, number)| round.application(applicant, number)).collect();
        let scene = Self { round, applicants, applications };
        for id in &scene.applications {
            scene.decide(id);
        }
        scene.set_call_state("voting_closed");
        scene
    }

    fn api(&self) -> &Api {
        &self.round.api
    }

    /// Runs a statement; `CALL` in it stands for the call's id.
    fn sql(&self, statement: &str) {
        let call = sql::id(&self.api().database, &self.round.call);
        let changed = sql::execute(&self.api().database, &statement.replace("CALL", &call));
        assert_eq!(changed, 1, "{statement}");
    }

    fn id(&self, id: &str) -> String {
        sql::id(&self.api().database, id)
    }

    fn set_call_state(&self, state: &str) {
        self.sql(&format!("UPDATE calls SET state = '{state}', version = version + 1 WHERE id = CALL"));
    }

    fn decide(&self, application: &str) {
        let (id, now) = (self.id(application), Instant::now().micros());
        self.sql(&format!(
            "INSERT INTO decisions (application_id, call_id, reference, outcome, approvals, rejections, abstentions, \
             score_sum, score_count, decided_at) \
             SELECT id, CALL, reference, 'approved', 3, 0, 0, 0, 0, {now} FROM applications WHERE id = {id}"
        ));
        self.set_application(application, "state = 'approved', held_from = NULL");
    }

    fn set_application(&self, application: &str, change: &str) {
        let id = self.id(application);
        self.sql(&format!("UPDATE applications SET {change}, version = version + 1 WHERE id = {id}"));
    }

    /// Puts an application before a person, as a finding that came late does.
    fn hold(&self, application: &str, from: &str) {
        let id = self.id(application);
        self.sql(&format!("INSERT INTO findings VALUES ({id}, 'other_aid_possible', 'open')"));
        self.set_application(application, &format!("state = 'needs_review', held_from = '{from}'"));
    }

    /// A path below the call.
    fn path(&self, rest: &str) -> String {
        format!("calls/{}/{rest}", self.round.call)
    }

    fn get(&self, user: &User, path: &str) -> Reply {
        self.api().ask("GET", path).by(user).send()
    }

    fn read(&self, user: &User, path: &str) -> Value {
        let reply = self.get(user, path);
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        reply.json()
    }

    fn post(&self, user: &User, path: &str, body: Value) -> Reply {
        self.post_as(user, path, &new_key(), body)
    }

    fn post_as(&self, user: &User, path: &str, key: &str, body: Value) -> Reply {
        self.api().ask("POST", path).by(user).header("Idempotency-Key", key).json(body).send()
    }

    /// Moves something that is at a version.
    fn move_at(&self, user: &User, path: &str, etag: &str, body: Value) -> Reply {
        let ask = self.api().ask("POST", path).by(user).header("Idempotency-Key", &new_key());
        ask.header("If-Match", etag).json(body).send()
    }

    fn give(&self, amount: &str) {
        let body = json!({"donor": "Fund for an Open Society", "amount": amount, "received_on": today()});
        let reply = self.post(&self.round.treasurer, &self.path("contributions"), body);
        assert_eq!(reply.status, 201, "{reply:?}");
    }

    fn set_budget(&self, amount: &str) {
        let etag = self.get(&self.round.treasurer, &self.path("budget")).headers["etag"].clone();
        let ask = self.api().ask("PUT", &self.path("budget")).by(&self.round.treasurer).header("If-Match", &etag);
        let reply = ask.json(json!({"budget": amount})).send();
        assert_eq!(reply.status, 200, "{reply:?}");
    }

    fn seed(&self) {
        let body = json!({"seed": "Loto 7/39"});
        let reply = self.post(&self.round.administrators[0], &self.path("seed"), body);
        assert_eq!(reply.status, 200, "{reply:?}");
    }

    fn digest(&self) -> String {
        let preview = self.read(&self.round.treasurer, &self.path("allocation/preview"));
        preview["digest"].as_str().unwrap().to_owned()
    }

    /// Allocated: of 20,000.00 each, as many awards as the budget holds; the others are on the reserve list.
    fn allocated(count: usize, budget: &str) -> Self {
        Self::allocated_in(Round::open(), count, budget)
    }

    fn allocated_in(round: Round, count: usize, budget: &str) -> Self {
        let scene = Self::decided_in(round, count);
        scene.give("1000000.00");
        scene.set_budget(budget);
        scene.seed();
        let body = json!({"digest": scene.digest()});
        let reply = scene.post(&scene.round.treasurer, &scene.path("allocation"), body);
        assert_eq!(reply.status, 201, "{reply:?}");
        scene
    }

    /// The award with this rank, counted from 0: its id, and the number of its application.
    fn award(&self, rank: usize) -> (String, usize) {
        let awards = self.read(&self.round.treasurer, &self.path("awards"));
        let award = &awards["items"][rank];
        let reference = award["reference"].as_str().unwrap();
        (award["id"].as_str().unwrap().to_owned(), reference[1..].parse::<usize>().unwrap() - 1)
    }

    fn etag_of(&self, payout: &str) -> String {
        self.get(&self.round.treasurer, &format!("payouts/{payout}")).headers["etag"].clone()
    }

    /// Prepares an award's payout; gives its id.
    fn prepare(&self, award: &str) -> String {
        let reply = self.post(&self.round.treasurer, &format!("awards/{award}/payout"), json!({}));
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()["payout"]["id"].as_str().unwrap().to_owned()
    }

    fn authorise(&self, payout: &str) -> Reply {
        let shown = self.get(&self.round.authoriser, &format!("payouts/{payout}"));
        assert_eq!(shown.status, 200, "{shown:?}");
        let body = json!({"binding": shown.json()["binding"]});
        self.move_at(&self.round.authoriser, &format!("payouts/{payout}/authorise"), &shown.headers["etag"], body)
    }

    fn execute(&self, payout: &str, amount: &str, bank_reference: &str) -> Reply {
        let body = json!({"amount": amount, "executed_on": today(), "bank_reference": bank_reference});
        self.move_at(&self.round.treasurer, &format!("payouts/{payout}/execute"), &self.etag_of(payout), body)
    }

    /// The trial balance closes; gives the balance of an account.
    fn balance(&self, account: &str) -> String {
        let trial = self.read(&self.round.auditor, &self.path("trial-balance"));
        assert_eq!(trial["sum"], "0.00", "{trial}");
        assert_eq!(trial["debit"], trial["credit"], "{trial}");
        let accounts = self.read(&self.round.auditor, &self.path("accounts"));
        let found = accounts["accounts"].as_array().unwrap().iter().find(|line| line["account"] == account).cloned();
        found.map_or("none".to_owned(), |line| line["balance"].as_str().unwrap().to_owned())
    }

    /// The version of an application, as its owner's pages give it.
    fn version_of(&self, application: &str) -> String {
        let id = self.id(application);
        let version = self
            .api()
            .database
            .number(&format!("SELECT CAST(version AS BIGINT) AS number FROM applications WHERE id = {id}"));
        format!("\"{version}\"")
    }

    fn decline(&self, number: usize) -> Reply {
        let application = &self.applications[number];
        let path = format!("me/applications/{application}/decline");
        self.move_at(&self.applicants[number], &path, &self.version_of(application), json!({}))
    }
}

/// Asserts status and code of a refusal.
#[track_caller]
fn is(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{reply:?}");
}
