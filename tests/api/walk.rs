//! The five users on one application, from a draft to executed money and the books, with every refusal on the way.

use fond::clock::Instant;
use serde_json::{Value, json};

use crate::applications::{answers, apply, begin, fill};
use crate::sql;
use crate::support::api::{Reply, User};
use crate::support::round::Round;

/// A round that closes early, so that the whole walk takes no time.
struct Walk {
    round: Round,
    keys: std::cell::Cell<usize>,
}

impl Walk {
    fn get(&self, by: &User, path: &str) -> Reply {
        self.round.api.ask("GET", path).by(by).send()
    }

    /// A POST with a new key and, where something is moved, its version.
    fn post(&self, by: &User, path: &str, etag: Option<&str>, body: Value) -> Reply {
        self.keys.set(self.keys.get() + 1);
        let mut ask =
            self.round.api.ask("POST", path).by(by).header("Idempotency-Key", &format!("k{}", self.keys.get()));
        if let Some(etag) = etag {
            ask = ask.header("If-Match", etag);
        }
        if body.is_null() { ask.send() } else { ask.json(body).send() }
    }

    fn path(&self, rest: &str) -> String {
        format!("calls/{}{rest}", self.round.call)
    }

    /// Moves the call by somebody at the version that they see.
    fn step(&self, by: &User, seen: &str, step: &str, body: Value) -> Reply {
        let etag = self.get(by, &self.path(seen)).headers["etag"].clone();
        self.post(by, &self.path(step), Some(&etag), body)
    }
}

fn is(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{reply:?}");
}

fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{reply:?}");
}

#[test]
fn from_a_draft_to_the_books() {
    let walk = Walk { round: Round::open(), keys: std::cell::Cell::new(0) };
    let round = &walk.round;
    let api = &round.api;
    let [administrator, _] = &round.administrators;

    // The applicant: a draft in two parts, refused while something is missing, then sent.
    let applicant = api.register("applicant@example.org");
    let id = begin(api, &applicant, &round.call);
    fill(api, &applicant, &id, &json!({"given_name": "Ana"}));
    let submit = format!("me/applications/{id}/submit");
    is(&walk.post(&applicant, &submit, Some("\"2\""), Value::Null), 422);
    let version = fill(api, &applicant, &id, &answers(1));
    let sent = walk.post(&applicant, &submit, Some(&version), Value::Null);
    assert_eq!((sent.status, sent.json()["state"].as_str().unwrap()), (200, "eligible"), "{sent:?}");
    let (late, second) = (api.register("tardy@example.org"), api.register("neighbour@example.org"));
    let other = apply(api, &second, &round.call, &answers(2))["id"].as_str().unwrap().to_owned();

    // The administrator: nobody votes before the call is closed, and nobody applies after it.
    let declare = |by: &User, id: &str, body: Value| {
        walk.post(by, &format!("committee/applications/{id}/declarations"), None, body)
    };
    let vote = |by: &User, id: &str, vote: &str| {
        let body = json!({"vote": vote, "score": 80, "reason": "Navodi su potkrepljeni."});
        walk.post(by, &format!("committee/applications/{id}/votes"), None, body)
    };
    is(&declare(&round.chair, &id, json!({"has_conflict": false})), 201);
    refused(&vote(&round.chair, &id, "approve"), 409, "voting_closed");
    refused(&walk.step(&round.chair, "/voting/progress", "/voting/open", Value::Null), 409, "call_open");
    let closed = walk.step(administrator, "/rules", "/close", json!({"reason": "funds_exhausted"}));
    is(&closed, 200);
    let begun = walk.post(&late, &walk.path("/applications"), None, Value::Null);
    refused(&begun, 409, "call_closed");

    // The committee: a conflict before anything is read, a vote after it refused, the others vote.
    is(&walk.step(&round.chair, "/voting/progress", "/voting/open", Value::Null), 200);
    let [first_member, second_member] = &round.members;
    is(&declare(first_member, &other, json!({"has_conflict": true, "reason": "Delimo atelje."})), 201);
    is(&vote(first_member, &other, "approve"), 404);
    refused(&walk.get(first_member, &format!("committee/applications/{id}")), 409, "conflict_undeclared");
    for by in [&round.chair, first_member, second_member] {
        is(&declare(by, &id, json!({"has_conflict": false})), 201);
        is(&vote(by, &id, "approve"), 201);
    }
    is(&vote(&applicant, &id, "approve"), 403);
    refused(&walk.step(&round.chair, "/voting/progress", "/voting/close", Value::Null), 409, "voting_open");
    for by in [&round.chair, second_member] {
        is(&declare(by, &other, json!({"has_conflict": false})), 201);
        is(&vote(by, &other, "reject"), 201);
    }
    is(&walk.step(&round.chair, "/voting/progress", "/voting/close", Value::Null), 200);
    refused(&vote(second_member, &id, "reject"), 409, "voting_closed");
    money(&walk, &applicant, &id);
}

/// The treasurer, the authoriser and the auditor.
fn money(walk: &Walk, applicant: &User, id: &str) {
    let round = &walk.round;
    let (treasurer, authoriser) = (&round.treasurer, &round.authoriser);
    let today = Instant::now().in_belgrade().0.to_string();
    let seed = json!({"seed": "Loto 7/39, kolo 84"});
    is(&walk.post(&round.administrators[0], &walk.path("/seed"), None, seed), 200);
    let budget = walk.get(treasurer, &walk.path("/budget"));
    let set = round.api.ask("PUT", &walk.path("/budget")).by(treasurer).header("If-Match", &budget.headers["etag"]);
    is(&set.json(json!({"budget": "30000.00"})).send(), 200);
    let digest = || walk.get(treasurer, &walk.path("/allocation/preview")).json()["digest"].clone();
    let unfunded = walk.post(treasurer, &walk.path("/allocation"), None, json!({"digest": digest()}));
    refused(&unfunded, 409, "budget_above_funds");
    let given = json!({"donor": "Fond za otvoreno društvo", "amount": "30000.00", "received_on": today});
    is(&walk.post(treasurer, &walk.path("/contributions"), None, given), 201);
    refused(
        &walk.post(treasurer, &walk.path("/allocation"), None, json!({"digest": "0".repeat(64)})),
        409,
        "allocation_changed",
    );
    is(&walk.post(treasurer, &walk.path("/allocation"), None, json!({"digest": digest()})), 201);
    let award = walk.get(treasurer, &walk.path("/awards")).json()["items"][0]["id"].as_str().unwrap().to_owned();

    let prepare = || walk.post(treasurer, &format!("awards/{award}/payout"), None, Value::Null);
    let prepared = prepare();
    is(&prepared, 201);
    refused(&prepare(), 409, "payout_state");
    let payout = prepared.json()["payout"]["id"].as_str().unwrap().to_owned();
    let shown = || walk.get(authoriser, &format!("payouts/{payout}"));
    let authorise = |by: &User, binding: Value| {
        let etag = shown().headers["etag"].clone();
        walk.post(by, &format!("payouts/{payout}/authorise"), Some(&etag), json!({"binding": binding}))
    };
    is(&authorise(treasurer, shown().json()["binding"].clone()), 403);
    refused(&authorise(authoriser, "00".repeat(32).into()), 409, "payout_other");
    is(&authorise(authoriser, shown().json()["binding"].clone()), 200);

    let execute = |amount: &str, reference: &str| {
        let etag = shown().headers["etag"].clone();
        let body = json!({"amount": amount, "executed_on": today, "bank_reference": reference});
        walk.post(treasurer, &format!("payouts/{payout}/execute"), Some(&etag), body)
    };
    refused(&execute("29999.00", "B-1"), 409, "amount_differs");
    // As if the account had been edited after it was authorised.
    let database = &round.api.database;
    let row = sql::id(database, &payout);
    let flipped = match database.is_postgres() {
        true => "sha256(binding) || substring(sha256(binding) FROM 1 FOR 18)",
        false => "randomblob(50)",
    };
    sql::execute(database, "CREATE TABLE kept AS SELECT id, binding FROM payouts");
    sql::execute(database, &format!("UPDATE payouts SET binding = {flipped} WHERE id = {row}"));
    refused(&execute("30000.00", "B-1"), 409, "payout_changed");
    let back = format!("UPDATE payouts SET binding = (SELECT binding FROM kept WHERE id = {row}) WHERE id = {row}");
    sql::execute(database, &back);
    is(&execute("30000.00", "B-1"), 200);
    refused(&execute("30000.00", "B-2"), 409, "payout_state");
    assert_eq!(walk.get(applicant, &format!("me/applications/{id}")).json()["state"], "paid");
    books(walk);
}

/// What the auditor sees: books that close, the log, and totals that show nobody.
fn books(walk: &Walk) {
    let auditor = &walk.round.auditor;
    let trial = walk.get(auditor, &walk.path("/trial-balance")).json();
    assert_eq!(trial["sum"], "0.00", "{trial}");
    let budget = walk.get(auditor, &walk.path("/budget")).json();
    assert_eq!((&budget["paid"], &budget["bank_balance"]), (&json!("30000.00"), &json!("0.00")), "{budget}");
    // Events get their numbers a moment after they are committed.
    let began = std::time::Instant::now();
    let log = loop {
        let log = walk.get(auditor, "events?limit=100&kind=payout_executed");
        if !log.json()["items"].as_array().unwrap().is_empty() {
            break log;
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "{log:?}");
        std::thread::yield_now();
    };
    assert_eq!(log.json()["items"].as_array().unwrap().len(), 1, "{log:?}");
    let totals = walk.get(auditor, &walk.path("/totals?by=municipality"));
    is(&totals, 200);
    for told in
        [&totals, &log, &walk.get(auditor, &walk.path("/entries")), &walk.get(auditor, &walk.path("/decisions"))]
    {
        for name in ["Ana", "Anić", "example.org", "0101985660"] {
            assert!(!told.body.contains(name), "{name}: {}", told.body);
        }
    }
    is(&walk.get(auditor, &walk.path("/applications")), 403);
    is(&walk.get(auditor, &walk.path("/payouts")), 403);
}
