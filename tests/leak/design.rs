//! Who may see what by design, as a short and explicit list; everything else is a leak.

use crate::canary::{Kind, Pattern};
use crate::fund::Who;
use crate::requests::Request;

/// Answers in which an owner reads what they wrote themselves, and nobody else's.
const OWN: [(&str, &str); 10] = [
    ("POST", "/api/v1/calls/{id}/applications"),
    ("GET", "/api/v1/me/applications"),
    ("GET", "/api/v1/me/applications/{id}"),
    ("PATCH", "/api/v1/me/applications/{id}"),
    ("POST", "/api/v1/me/applications/{id}/submit"),
    ("GET", "/api/v1/me/applications/{id}/receipt"),
    ("POST", "/api/v1/me/applications/{id}/clarifications/{clarification}/answer"),
    ("POST", "/api/v1/me/applications/{id}/withdraw"),
    // What the file was called.
    ("POST", "/api/v1/me/applications/{id}/documents"),
    ("GET", "/api/v1/me/applications/{id}/documents"),
];

/// Files of one's own: what is written in a document, and not what the pictures knew beside.
const OWN_FILES: [(&str, &str); 2] = [("GET", "/api/v1/me/documents/{id}"), ("GET", "/api/v1/me/data")];
const WRITTEN: &[Kind] = &[Kind::Text, Kind::Income];

/// The one refusal that shows values: a draft that was changed meanwhile, to its owner, in both versions.
const OWN_REFUSAL: (&str, &str, u16) = ("PATCH", "/api/v1/me/applications/{id}", 412);

/// Answers in which somebody who works for the fund reads what their work needs.
const WORK: [(&[Who], &str, &str, &[Kind]); 7] = [
    // What an application says of need, and what was written about it: no name, number, contact, address or account.
    (&[Who::Administrator], "GET", "/api/v1/applications/{id}", &[Kind::Text, Kind::Income]),
    // With a purpose; of the account the last digits.
    (&[Who::Administrator], "POST", "/api/v1/applications/{id}/person", &[Kind::Jmbg, Kind::Name]),
    // The same of a document, for a purpose.
    (&[Who::Administrator], "POST", "/api/v1/applications/{id}/documents/{document}/open", WRITTEN),
    // One's own question.
    (&[Who::Administrator], "POST", "/api/v1/applications/{id}/clarifications", &[Kind::Text]),
    // The facts. The statement is shown as it was written; so is one's own vote.
    (&[Who::Chair, Who::Member], "GET", "/api/v1/committee/applications/{id}", &[Kind::Text, Kind::Income]),
    (&[Who::Chair, Who::Member], "POST", "/api/v1/committee/applications/{id}/votes", &[Kind::Text, Kind::Income]),
    // To whom the money goes.
    (&[Who::Treasurer, Who::Authoriser], "GET", "/api/v1/payouts/{id}", &[Kind::Name, Kind::Account]),
];

/// Whether a secret may stand in the body of an answer. In heads, logs, letters and files none may.
pub fn may_hold(request: &Request, status: u16, pattern: &Pattern) -> bool {
    let (method, route) = (request.method.as_str(), request.route.as_str());
    let is_good = (200..300).contains(&status);
    let is_owner = request.who == Who::Applicant(pattern.whose);
    if is_owner && !pattern.is_masked() {
        let is_in_file = OWN_FILES.contains(&(method, route)) && WRITTEN.contains(&pattern.kind);
        let is_own = OWN.contains(&(method, route)) || is_in_file;
        return (is_good && is_own) || (method, route, status) == OWN_REFUSAL;
    }
    if pattern.is_masked() {
        let is_person = (method, route) == ("POST", "/api/v1/applications/{id}/person");
        return is_good && is_person && request.who == Who::Administrator && pattern.kind == Kind::Account;
    }
    let is_work = |(who, known_method, known_route, kinds): &(&[Who], &str, &str, &[Kind])| {
        who.contains(&request.who) && (method, route) == (*known_method, *known_route) && kinds.contains(&pattern.kind)
    };
    is_good && WORK.iter().any(is_work)
}
