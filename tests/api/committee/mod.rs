//! The committee over HTTP: the queue, conflicts, blind facts, votes, the chair, decisions, minutes.

mod acting;
mod blind;
mod ending;
mod leaks;
mod sealed;
mod voting;

use fond::accounts::{Actor, actions as accounts};
use fond::applications::Submission;
use fond::clock::Instant;
use fond::eligibility::actions as eligibility;
use fond::ids::ApplicationId;
use serde_json::{Value, json};

use crate::sql;
use crate::support::api::{Reply, User};
use crate::support::people;
use crate::support::round::Round;

/// An application of somebody without an account, another for each number; `change` says what is special about it.
pub fn apply(round: &Round, number: usize, change: impl Fn(&mut Submission)) -> String {
    let fond = round.api.database.open();
    let mut sent = people::submission(number, people::jmbg(number));
    change(&mut sent);
    let submitted = fond.db.write(|conn| {
        let now = Instant::now();
        let actor: Actor = accounts::register_applicant(conn, now)?;
        Ok(eligibility::submit(conn, &fond.vault, &actor, round.call_id(), &sent, now)?.id)
    });
    let id: ApplicationId = submitted.unwrap();
    id.to_string()
}

pub fn apply_plainly(round: &Round, number: usize) -> String {
    apply(round, number, |_| ())
}

/// The time for applications is over.
pub fn close_call(round: &Round) {
    let call = sql::id(&round.api.database, &round.call);
    sql::execute(&round.api.database, &format!("UPDATE calls SET closes_at = opens_at + 1 WHERE id = {call}"));
}

/// The time for votes is over.
pub fn end_voting(round: &Round) {
    let progress = progress(round);
    let end = progress["voting"]["voting_closes_at"].as_str().unwrap();
    let now = Instant::now();
    let call = sql::id(&round.api.database, &round.call);
    let rules = format!("REPLACE(rules, '\"voting_closes_at\":\"{end}\"', '\"voting_closes_at\":\"{now}\"')");
    let changed = sql::execute(
        &round.api.database,
        &format!("UPDATE calls SET voting_closes_at = {}, rules = {rules} WHERE id = {call}", now.micros()),
    );
    assert_eq!(changed, 1);
}

pub fn progress(round: &Round) -> Value {
    let reply = get(round, &round.chair, &format!("calls/{}/voting/progress", round.call));
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

/// Opens or closes the voting at the version that the chair sees.
pub fn step(round: &Round, step: &str) -> Reply {
    let seen = get(round, &round.chair, &format!("calls/{}/voting/progress", round.call));
    let ask = round.api.ask("POST", &format!("calls/{}/voting/{step}", round.call)).by(&round.chair);
    ask.header("If-Match", &seen.headers["etag"]).send()
}

/// A round whose voting is open.
pub fn voting(applications: usize) -> (Round, Vec<String>) {
    let round = Round::open();
    let ids = (0..applications).map(|number| apply_plainly(&round, number)).collect();
    close_call(&round);
    assert_eq!(step(&round, "open").status, 200);
    (round, ids)
}

pub fn get(round: &Round, by: &User, path: &str) -> Reply {
    round.api.ask("GET", path).by(by).send()
}

pub fn post(round: &Round, by: &User, path: &str, body: Value) -> Reply {
    round.api.ask("POST", path).by(by).json(body).send()
}

pub fn queue(round: &Round, by: &User, query: &str) -> Reply {
    get(round, by, &format!("calls/{}/committee/queue{query}", round.call))
}

pub fn references(reply: &Reply) -> Vec<String> {
    let json = reply.json();
    json["items"].as_array().unwrap().iter().map(|row| row["reference"].as_str().unwrap().to_owned()).collect()
}

pub fn declare(round: &Round, by: &User, id: &str, has_conflict: bool) -> Reply {
    let body = match has_conflict {
        true => json!({"has_conflict": true, "reason": "we share a studio"}),
        false => json!({"has_conflict": false}),
    };
    post(round, by, &format!("committee/applications/{id}/declarations"), body)
}

pub fn vote(round: &Round, by: &User, id: &str, vote: &str) -> Reply {
    let body = json!({"vote": vote, "score": 70, "reason": "need is proven"});
    post(round, by, &format!("committee/applications/{id}/votes"), body)
}

/// Declares no conflict and votes.
pub fn vote_openly(round: &Round, by: &User, id: &str, how: &str) {
    let reply = declare(round, by, id, false);
    assert_eq!(reply.status, 201, "{reply:?}");
    let reply = vote(round, by, id, how);
    assert_eq!(reply.status, 201, "{reply:?}");
}

pub fn read(round: &Round, by: &User, id: &str) -> Reply {
    get(round, by, &format!("committee/applications/{id}"))
}

pub fn refused(reply: &Reply, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (409, code), "{reply:?}");
}

pub fn is(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{reply:?}");
}
