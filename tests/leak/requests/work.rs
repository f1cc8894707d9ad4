//! What those ask who work for the fund: registers, lists, questions, decisions, votes, payouts, the log.

use serde_json::json;

use super::{Dice, Request, percent};
use crate::fund::{Fund, Who};

const HEADINGS: &str = "jmbg,name,municipality,amount,paid_on\n";

/// Rows about applicants of the call and about strangers.
fn rows(dice: &mut Dice, fund: &Fund) -> String {
    let mut rows = HEADINGS.to_owned();
    for _ in 0..1 + dice.below(8) {
        let of = &fund.secrets[dice.whose()];
        let (jmbg, stranger) = (&of.jmbg, dice.next() % 100_000);
        let row = match dice.below(3) {
            0 => format!("{jmbg},Ana {},Beograd,{},2020-04-15\n", of.name, of.income_written()),
            1 => format!(",Ana {},Beograd,\"30.000,00\",15.4.2020.\n", fond::serbian::cyrillic(&of.name)),
            _ => format!(",Niko Nikić {stranger},Niš,1.00,2020-04-15\n"),
        };
        rows.push_str(&row);
    }
    rows
}

fn uploading(fund: &Fund, body: String) -> Request {
    Request::to(Who::Administrator, "POST", "aid-programmes/{id}/registers", &[&fund.programme]).csv(body)
}

pub fn upload(dice: &mut Dice, fund: &Fund) -> Request {
    let rows = rows(dice, fund);
    uploading(fund, rows)
}

pub fn dry_run(dice: &mut Dice, fund: &Fund) -> Request {
    let rows = rows(dice, fund);
    uploading(fund, rows).query("dry_run=true")
}

pub fn upload_badly(dice: &mut Dice, fund: &Fund) -> Request {
    let of = &fund.secrets[dice.whose()];
    let (jmbg, name) = (&of.jmbg, &of.name);
    let body = match dice.below(7) {
        0 => format!("{HEADINGS}{jmbg}1,Ana {name},Beograd,{},2020-04-15\n", of.text),
        1 => format!("{HEADINGS}{jmbg},Ana {name},Beograd,{},{jmbg}\n", of.income_written()),
        2 => format!("{HEADINGS}{jmbg},Ana {name}\n{name},{jmbg}\n"),
        // Without headings the first line is somebody's.
        3 => format!("{jmbg},Ana {name},Beograd,1.00,2020-04-15\n"),
        // Nor are they told back where some are right.
        4 => format!("jmbg,{name},{jmbg},amount,paid_on\n{jmbg},x,y,1.00,2020-04-15\n"),
        5 => format!("jmbg,name,municipality,amount,paid_on,{},{}\n", of.account_written, of.text),
        _ => format!("{HEADINGS}{jmbg},\"{name}\u{7}\",{},-1,{}\n", of.account, of.text),
    };
    uploading(fund, body)
}

pub fn lists(dice: &mut Dice, fund: &Fund) -> Request {
    let call = dice.pick(&[&fund.checked_call, &fund.voted_call, &fund.paid_call]).as_str();
    let route = *dice.pick(&[
        "calls/{id}/applications",
        "calls/{id}/applications.csv",
        "calls/{id}/findings",
        "calls/{id}/aid-registers",
        "calls/{id}/aid-registers.csv",
    ]);
    let request = Request::to(Who::Administrator, "GET", route, &[call]);
    if !route.contains("applications") {
        return request;
    }
    // Somebody pastes what they look for into the box that is there.
    let secret = percent(&dice.secret(fund));
    match dice.below(6) {
        0 => request.query(&format!("reference={secret}")),
        1 => request.query(&format!("municipality={secret}&sort=-submitted_at")),
        2 => request.query("municipality=Beograd&association=ULUS"),
        3 => request.query(&format!("name={secret}")),
        _ => request.query("sort=-submitted_at"),
    }
}

pub fn read(dice: &mut Dice, fund: &Fund) -> Request {
    let place = [&fund.checked, &fund.voted, &fund.paid][dice.below(3)];
    let application = dice.one(place);
    match dice.below(5) {
        0 => Request::to(Who::Administrator, "GET", "roles", &[]),
        1 => Request::to(Who::Administrator, "GET", "invitations", &[]),
        2 => Request::to(Who::Administrator, "GET", "dead-jobs", &[]),
        _ => Request::to(Who::Administrator, "GET", "applications/{id}", &[application]),
    }
}

pub fn person(dice: &mut Dice, fund: &Fund) -> Request {
    let request = Request::to(Who::Administrator, "POST", "applications/{id}/person", &[dice.one(&fund.checked)]);
    match dice.below(3) {
        0 => request.json(&json!({"purpose": dice.secret(fund)})),
        _ => request.json(&json!({"purpose": "contact_applicant"})),
    }
}

pub fn ask(dice: &mut Dice, fund: &Fund) -> Request {
    let whose = dice.whose();
    let (of, application) = (&fund.secrets[whose], &fund.checked[whose]);
    let question = format!("Da li je pomoć isplaćena, {}?", of.text);
    let mut request = Request::to(Who::Administrator, "POST", "applications/{id}/clarifications", &[application]);
    request.asks_about = Some((whose, application.clone()));
    let request = request.json(&json!({"question": question}));
    if dice.one_in(4) { request.header("Idempotency-Key", of.account_written.as_bytes()) } else { request }
}

pub fn resolve(dice: &mut Dice, fund: &Fund) -> Request {
    let whose = dice.whose();
    let of = &fund.secrets[whose];
    let route = "applications/{id}/findings/{finding}/resolutions";
    let finding = match dice.below(6) {
        0 => percent(&of.text),
        1 => "other_aid_possible".to_owned(),
        _ => "other_aid".to_owned(),
    };
    let reason = format!("Provereno: {}.", of.text);
    let resolution = if dice.one_in(5) { of.text.as_str() } else { "dismissed" };
    Request::to(Who::Administrator, "POST", route, &[&fund.checked[whose], &finding])
        .header("If-Match", b"*")
        .json(&json!({"resolution": resolution, "reason": reason}))
}

fn of_committee(dice: &mut Dice) -> Who {
    *dice.pick(&[Who::Chair, Who::Member])
}

pub fn declare(dice: &mut Dice, fund: &Fund) -> Request {
    let whose = dice.whose();
    let of = &fund.secrets[whose];
    let who = of_committee(dice);
    let request = Request::to(who, "POST", "committee/applications/{id}/declarations", &[&fund.voted[whose]]);
    // Of the last one, a member is recused at some time; of all others nobody.
    match dice.below(8) {
        0 => request.json(&json!({"has_conflict": false, "reason": of.text})),
        1 => request.json(&json!({"has_conflict": of.jmbg})),
        2 if whose == 5 && who == Who::Member => request.json(&json!({"has_conflict": true, "reason": of.text})),
        _ => request.json(&json!({"has_conflict": false})),
    }
}

pub fn vote(dice: &mut Dice, fund: &Fund) -> Request {
    let whose = dice.whose();
    let of = &fund.secrets[whose];
    let who = of_committee(dice);
    let request = Request::to(who, "POST", "committee/applications/{id}/votes", &[&fund.voted[whose]]);
    let reason = format!("{} je bez prihoda, imao je {}.", of.text, of.income_written());
    match dice.below(8) {
        0 => request.json(&json!({"vote": of.text, "score": of.jmbg, "reason": reason})),
        1 => request.json(&json!({"vote": "approve", "score": 70, "reason": reason, "comment": of.jmbg})),
        _ => request.json(&json!({"vote": "approve", "score": dice.below(101), "reason": reason})),
    }
}

pub fn committee(dice: &mut Dice, fund: &Fund) -> Request {
    let (who, call) = (of_committee(dice), &fund.voted_call);
    match dice.below(5) {
        0 => Request::to(who, "GET", "me/seats", &[]),
        1 => Request::to(who, "GET", "calls/{id}/committee/queue", &[call]),
        2 => Request::to(Who::Chair, "GET", "calls/{id}/voting/progress", &[call]),
        _ => Request::to(who, "GET", "committee/applications/{id}", &[dice.one(&fund.voted)]),
    }
}

pub fn money(dice: &mut Dice, fund: &Fund) -> Request {
    let who = *dice.pick(&[Who::Treasurer, Who::Treasurer, Who::Authoriser, Who::Auditor]);
    let below = [
        "awards",
        "awards.csv",
        "payouts",
        "payouts.csv",
        "contributions.csv",
        "entries",
        "entries.csv",
        "accounts",
        "trial-balance",
        "budget",
        "allocation",
        "reserve-list",
    ];
    if dice.one_in(4) {
        return Request::to(who, "GET", "payouts/{id}", &[dice.one(&fund.payouts)]);
    }
    Request::to(who, "GET", &format!("calls/{{id}}/{}", dice.pick(&below)), &[&fund.paid_call])
}

pub fn move_payout(dice: &mut Dice, fund: &Fund) -> Request {
    let of = &fund.secrets[dice.whose()];
    let payout = dice.one(&fund.payouts);
    let request = match dice.below(3) {
        0 => Request::to(Who::Treasurer, "POST", "payouts/{id}/execute", &[payout]).json(&json!({
            "amount": of.income_written(), "executed_on": "2020-11-12", "bank_reference": of.account
        })),
        1 => Request::to(Who::Authoriser, "POST", "payouts/{id}/authorise", &[payout])
            .json(&json!({"binding": of.account})),
        _ => {
            Request::to(Who::Treasurer, "POST", "payouts/{id}/return", &[payout]).json(&json!({"returned_on": of.jmbg}))
        }
    };
    let tag = if dice.one_in(2) { "*".to_owned() } else { format!("\"{}\"", of.account) };
    request.header("If-Match", tag).header("Idempotency-Key", format!("{}-{}", of.jmbg, dice.next()))
}

pub fn log(dice: &mut Dice, fund: &Fund) -> Request {
    let who = *dice.pick(&[Who::Auditor, Who::Auditor, Who::Administrator]);
    match dice.below(6) {
        0 => Request::to(who, "GET", "events", &[]).query("limit=100"),
        1 => Request::to(who, "GET", "events.csv", &[]).query("kind=vote_cast"),
        2 => Request::to(who, "GET", "events", &[]).query(&format!("kind={}", percent(&dice.secret(fund)))),
        3 => Request::to(who, "GET", "calls/{id}/totals.csv", &[&fund.paid_call]).query("by=category"),
        4 => Request::to(who, "GET", "calls/{id}/decisions.csv", &[&fund.paid_call]),
        _ => Request::to(who, "GET", "calls/{id}/totals", &[&fund.paid_call]).query("by=municipality"),
    }
}
