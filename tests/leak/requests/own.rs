//! What applicants ask: drafts in parts, sent and sent again, questions answered; and what is not theirs.

use serde_json::{Value, json};

use super::{Dice, Request, percent};
use crate::fund::{Draft, Fund, Who, answers};

/// An applicant, a call of theirs, and what they have there.
fn draft(dice: &mut Dice, fund: &Fund) -> ((usize, usize), Option<Draft>) {
    let place = (dice.whose(), dice.below(fund.open.len()));
    (place, fund.drafts.lock().unwrap().get(&place).cloned())
}

fn key(dice: &mut Dice, request: Request, fund: &Fund) -> Request {
    match dice.below(4) {
        // What somebody takes for a key: their own number.
        0 => request.header("Idempotency-Key", fund.secrets[dice.whose()].jmbg.as_bytes()),
        1 => request.header("Idempotency-Key", format!("key-{}", dice.next())),
        _ => request,
    }
}

fn beginning(place: (usize, usize), fund: &Fund) -> Request {
    let mut request = Request::to(Who::Applicant(place.0), "POST", "calls/{id}/applications", &[&fund.open[place.1]]);
    request.draft = Some(place);
    request
}

pub fn begin(dice: &mut Dice, fund: &Fund) -> Request {
    let (place, _) = draft(dice, fund);
    beginning(place, fund).header("User-Agent", format!("Firefox Linux {}", fund.secrets[place.0].jmbg))
}

/// A change of the draft, or its beginning where there is none.
fn changing(dice: &mut Dice, fund: &Fund, etag: &str, body: impl Fn(&mut Dice, usize) -> Value) -> Request {
    let (place, held) = draft(dice, fund);
    let Some(held) = held.filter(|held| !held.id.is_empty()) else { return beginning(place, fund) };
    let who = Who::Applicant(place.0);
    let mut request = Request::to(who, "PATCH", "me/applications/{id}", &[&held.id]);
    request.draft = Some(place);
    let etag = if etag.is_empty() { held.etag.as_str() } else { etag };
    request.header("If-Match", etag).json(&body(dice, place.0))
}

pub fn change(dice: &mut Dice, fund: &Fund) -> Request {
    let etag = *dice.pick(&["", "*"]);
    changing(dice, fund, etag, |dice, whose| {
        let of = &fund.secrets[whose];
        let mut all = answers(of);
        // Only its owner reads it: whoever works for the fund opens none of these.
        all["statement"] = format!("{}: JMBG {}, račun {}.", of.text, of.jmbg, of.account_written).into();
        let fields = all.as_object().unwrap().clone();
        if dice.one_in(3) {
            return all;
        }
        fields.into_iter().filter(|_| dice.one_in(3)).collect::<serde_json::Map<_, _>>().into()
    })
}

pub fn change_wrongly(dice: &mut Dice, fund: &Fund) -> Request {
    changing(dice, fund, "*", |dice, whose| {
        let of = &fund.secrets[whose];
        let wrong = [
            json!({"jmbg": format!("{}9", of.jmbg)}),
            json!({"jmbg": of.jmbg.parse::<u64>().unwrap(), "income_before": of.income}),
            json!({"household_size": of.jmbg, "housing": of.text, "is_single_parent": of.name}),
            json!({"children_born": [of.jmbg, of.text], "declared_aid": of.text}),
            json!({"income_before": format!("{} din {}", of.income_written(), of.text), "bank_account": of.text}),
            json!({"given_name": of.name.repeat(20), "statement": format!("{}\u{7}", of.text)}),
            json!({(of.jmbg.as_str()): "1", (of.name.as_str()): of.account}),
            json!({"phone": {"number": of.jmbg}, "address": [of.text, of.account_written]}),
        ];
        dice.pick(&wrong).clone()
    })
}

pub fn change_late(dice: &mut Dice, fund: &Fund) -> Request {
    changing(dice, fund, "\"0\"", |_, whose| {
        let of = &fund.secrets[whose];
        json!({"statement": of.text, "jmbg": of.jmbg, "bank_account": of.account, "income_before": of.income_written()})
    })
}

pub fn submit(dice: &mut Dice, fund: &Fund) -> Request {
    let (place, held) = draft(dice, fund);
    let Some(held) = held.filter(|held| !held.id.is_empty()) else { return beginning(place, fund) };
    let who = Who::Applicant(place.0);
    let mut request = Request::to(who, "POST", "me/applications/{id}/submit", &[&held.id]).header("If-Match", "*");
    request.draft = Some(place);
    key(dice, request, fund)
}

pub fn look(dice: &mut Dice, fund: &Fund) -> Request {
    let whose = dice.whose();
    let (who, sent) = (Who::Applicant(whose), &fund.checked[whose]);
    match dice.below(6) {
        0 => Request::to(who, "GET", "me/applications", &[]),
        1 => Request::to(who, "GET", "me/applications/{id}/receipt", &[sent]),
        2 => Request::to(who, "GET", "me/access-log", &[]),
        3 => Request::to(who, "GET", "me", &[]),
        4 => Request::to(who, "GET", "me/data", &[]),
        _ => Request::to(who, "GET", "me/applications/{id}", &[sent]),
    }
}

pub fn answer(dice: &mut Dice, fund: &Fund) -> Request {
    let open = fund.questions.lock().unwrap().pop();
    let Some((whose, application, question)) = open else { return super::work::ask(dice, fund) };
    let route = "me/applications/{id}/clarifications/{clarification}/answer";
    let of = &fund.secrets[whose];
    let said = format!("Nije, {}.", of.text);
    let request = Request::to(Who::Applicant(whose), "POST", route, &[&application, &question]);
    key(dice, request.json(&json!({"answer": said})), fund)
}

pub fn withdraw_late(dice: &mut Dice, fund: &Fund) -> Request {
    let whose = dice.whose();
    let request = Request::to(Who::Applicant(whose), "POST", "me/applications/{id}/withdraw", &[&fund.checked[whose]]);
    request.header("If-Match", format!("\"{}\"", fund.secrets[whose].jmbg))
}

pub fn correct(dice: &mut Dice, fund: &Fund) -> Request {
    let whose = dice.whose();
    let of = &fund.secrets[whose];
    let right = [
        json!({"given_name": of.name, "family_name": of.name}),
        json!({"bank_account": of.account_written, "account_holder": format!("Ana {}", of.name)}),
        json!({"phone": of.jmbg, "email": format!("applicant{whose}@example.org")}),
    ];
    let route = "me/applications/{id}/corrections";
    let request = Request::to(Who::Applicant(whose), "POST", route, &[&fund.checked[whose]]);
    let request = request.header("If-Match", "*").json(dice.pick(&right));
    key(dice, request, fund)
}

pub fn correct_wrongly(dice: &mut Dice, fund: &Fund) -> Request {
    let whose = dice.whose();
    let of = &fund.secrets[whose];
    let wrong = [
        json!({"email": of.jmbg, "given_name": of.name.repeat(20)}),
        json!({"bank_account": format!("{}1", of.account), "account_holder": [of.name]}),
        json!({"jmbg": of.jmbg, (of.name.as_str()): of.text}),
        json!({"phone": format!("{}\u{7}{}", of.jmbg, of.text.repeat(5))}),
    ];
    let who = *dice.pick(&[Who::Applicant(whose), Who::Bystander, Who::Administrator]);
    let request = Request::to(who, "POST", "me/applications/{id}/corrections", &[&fund.checked[whose]]);
    let tag = if dice.one_in(3) { format!("\"{}\"", of.jmbg) } else { "*".to_owned() };
    request.header("If-Match", tag).json(dice.pick(&wrong))
}

pub fn pre_check(dice: &mut Dice, fund: &Fund) -> Request {
    let of = &fund.secrets[dice.whose()];
    let who = *dice.pick(&[Who::Nobody, Who::Bystander]);
    let mut body = json!({
        "born": "1985-01-01", "household_size": 2, "is_single_parent": true, "children_born": ["2015-01-01"],
        "income_before": of.income_written(), "income_during": "0.00"
    });
    match dice.below(4) {
        0 => body["born"] = of.jmbg.clone().into(),
        1 => body["jmbg"] = of.jmbg.clone().into(),
        _ => {}
    }
    Request::to(who, "POST", "calls/{id}/pre-check", &[dice.one(&fund.open)]).json(&body)
}

pub fn sign_in(dice: &mut Dice, fund: &Fund) -> Request {
    let of = &fund.secrets[dice.whose()];
    let agent = format!("Mozilla/5.0 (Android 14) {} {} Firefox/140.0", of.text, of.jmbg);
    let request = Request::to(Who::Nobody, "POST", "sessions", &[]).header("User-Agent", agent);
    match dice.below(3) {
        0 => request.json(&json!({"email": of.jmbg, "password": of.text})),
        1 => request.json(&json!({"email": "applicant0@example.org", "password": of.jmbg})),
        _ => {
            let password = crate::support::api::PASSWORD;
            request.json(&json!({"email": "bystander@example.org", "password": password}))
        }
    }
}

pub fn look_at_others(dice: &mut Dice, fund: &Fund) -> Request {
    let who = *dice.pick(&[Who::Bystander, Who::Nobody, Who::Applicant(0), Who::Auditor, Who::Member, Who::Treasurer]);
    let theirs = &fund.checked[1 + dice.below(fund.checked.len() - 1)];
    let of = dice.secret(fund);
    match dice.below(6) {
        0 => Request::to(who, "GET", "me/applications/{id}", &[theirs]),
        1 => Request::to(who, "GET", "me/applications/{id}/receipt", &[theirs]),
        2 => Request::to(who, "GET", "applications/{id}", &[theirs]),
        3 => Request::to(who, "POST", "applications/{id}/person", &[theirs]).json(&json!({"purpose": of})),
        4 => Request::to(who, "GET", "payouts/{id}", &[&percent(&of)]),
        _ => Request::to(who, "PATCH", "me/applications/{id}", &[theirs])
            .header("If-Match", "*")
            .json(&json!({"statement": of})),
    }
}
