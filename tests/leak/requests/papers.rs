//! Documents: what is written in them, what the pictures know beside, what the files are called.

use serde_json::json;

use super::{Dice, Request, percent};
use crate::canary::Secrets;
use crate::fund::{Fund, Who};
use crate::support::papers::{self, Heic};

/// What an office writes: only who may open it reads it.
pub fn written(of: &Secrets) -> Vec<u8> {
    papers::pdf_with(format!("% {} ima {} dinara.\n", of.text, of.income_written()).as_bytes())
}

/// A document with everything that is secret in it: in a picture where it must not stay.
fn paper(dice: &mut Dice, of: &Secrets) -> Vec<u8> {
    let word = format!("{} {} {} {} {}", of.name, of.jmbg, of.account, of.text, of.income_written());
    match dice.below(4) {
        0 => written(of),
        1 => papers::jpeg_that_tells_of(6, &word),
        2 => papers::png_that_tells_of(&word),
        _ => Heic { word, ..Heic::default() }.build(),
    }
}

/// What files are called on the telephones of people.
pub fn name(of: &Secrets) -> String {
    percent(&format!("Potvrda {} {} {}.pdf", of.name, of.jmbg, of.account_written))
}

fn sending(who: Who, draft: &str, query: &str, body: Vec<u8>) -> Request {
    Request::to(who, "POST", "me/applications/{id}/documents", &[draft]).query(query).bytes(body)
}

pub fn send(dice: &mut Dice, fund: &Fund) -> Request {
    let whose = dice.whose();
    let of = &fund.secrets[whose];
    let body = paper(dice, of);
    let query = format!("kind=paper&name={}", name(of));
    let mut request = sending(Who::Applicant(whose), &fund.papered[whose], &query, body);
    request.adds_to = Some(whose);
    match dice.below(4) {
        0 => request.header("Idempotency-Key", format!("{}-{}", of.jmbg, dice.next())),
        1 => request.header("Content-Type", format!("image/{}", of.account)),
        _ => request,
    }
}

pub fn send_wrongly(dice: &mut Dice, fund: &Fund) -> Request {
    let whose = dice.whose();
    let of = &fund.secrets[whose];
    let (who, draft, name) = (Who::Applicant(whose), fund.papered[whose].as_str(), name(of));
    let paper = paper(dice, of);
    let half = paper[..paper.len() * 2 / 3].to_vec();
    match dice.below(8) {
        0 => sending(who, draft, &format!("kind={}&name={name}", percent(&of.text)), paper),
        1 => sending(who, draft, &format!("kind=paper&name={}", name.repeat(8)), paper),
        2 => sending(who, draft, &format!("kind=paper&{name}={name}"), paper),
        3 => sending(who, draft, &format!("kind=paper&name={name}"), half),
        4 => sending(who, draft, "kind=paper", format!("{} {}", of.text, of.jmbg).into_bytes()),
        5 => sending(who, draft, "kind=paper", [paper, of.jmbg.clone().into_bytes()].concat()),
        6 => sending(who, &fund.checked[whose], &format!("kind=paper&name={name}"), paper),
        _ => sending(who, &percent(&of.jmbg), &format!("kind=paper&name={name}"), paper),
    }
}

pub fn own(dice: &mut Dice, fund: &Fund) -> Request {
    let whose = dice.whose();
    let who = Who::Applicant(whose);
    let mut documents = fund.documents.lock().unwrap();
    let held = documents.entry(whose).or_default();
    match dice.below(8) {
        0 => Request::to(who, "GET", "me/applications/{id}/documents", &[&fund.checked[whose]]),
        1 | 2 => Request::to(who, "GET", "me/applications/{id}/documents", &[&fund.papered[whose]]),
        3 | 4 if !held.is_empty() => Request::to(who, "DELETE", "me/documents/{id}", &[&held.remove(0)]),
        5.. if !held.is_empty() => Request::to(who, "GET", "me/documents/{id}", &[dice.one(held)]),
        _ => Request::to(who, "GET", "me/documents/{id}", &[&fund.papers[whose]]),
    }
}

pub fn of_others(dice: &mut Dice, fund: &Fund) -> Request {
    let who = *dice.pick(&[Who::Bystander, Who::Nobody, Who::Applicant(0), Who::Auditor, Who::Member, Who::Treasurer]);
    let whose = 1 + dice.below(fund.papers.len() - 1);
    let (application, document) = (fund.checked[whose].as_str(), fund.papers[whose].as_str());
    let opening = "applications/{id}/documents/{document}/open";
    match dice.below(5) {
        0 => Request::to(who, "GET", "me/documents/{id}", &[document]),
        1 => Request::to(who, "DELETE", "me/documents/{id}", &[document]),
        2 => Request::to(who, "GET", "me/applications/{id}/documents", &[application]),
        3 => Request::to(who, "GET", "applications/{id}/documents", &[application]),
        _ => Request::to(who, "POST", opening, &[application, document]).json(&json!({"purpose": "resolve_finding"})),
    }
}

pub fn work(dice: &mut Dice, fund: &Fund) -> Request {
    let whose = dice.whose();
    let (application, document) = (fund.checked[whose].as_str(), fund.papers[whose].as_str());
    let (who, opening) = (Who::Administrator, "applications/{id}/documents/{document}/open");
    match dice.below(6) {
        0 | 1 => Request::to(who, "GET", "applications/{id}/documents", &[application]),
        2 => Request::to(who, "GET", "applications/{id}/documents", &[&fund.entered]),
        3 => Request::to(who, "POST", opening, &[application, document]).json(&json!({"purpose": dice.secret(fund)})),
        _ => Request::to(who, "POST", opening, &[application, document]).json(&json!({"purpose": "resolve_finding"})),
    }
}

pub fn add(dice: &mut Dice, fund: &Fund) -> Request {
    let of = &fund.secrets[0];
    let body = paper(dice, of);
    let add =
        |application: &str| Request::to(Who::Administrator, "POST", "applications/{id}/documents", &[application]);
    match dice.below(6) {
        0 => add(&fund.entered).query(&format!("kind=paper&name={}", name(of))).bytes(body),
        1 => add(&fund.entered).query(&format!("kind={}", percent(&of.name))).bytes(body),
        2 => add(&fund.checked[0]).query("kind=paper").bytes(body),
        _ => add(&fund.entered).query("kind=paper").bytes(body),
    }
}
