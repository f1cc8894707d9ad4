//! Applying, from the draft to what becomes of it, and the work of administrators on applications.

mod admin;
mod correcting;
mod drafts;
mod sending;

use serde_json::{Value, json};

use crate::support::api::{Api, User};
use crate::support::people;

/// Answers of category 1 that are complete; another person for each number.
pub fn answers(number: usize) -> Value {
    json!({
        "given_name": "Ana", "family_name": format!("Anić{number}"), "jmbg": people::jmbg(number),
        "phone": "+381600000000", "address": format!("Bulevar despota Stefana {number}"),
        "municipality": "Beograd", "discipline": "dance", "association": "ULUS",
        "bank_account": people::account(number + 1), "account_holder": format!("Ana Anić{number}"),
        "household_size": 2, "is_single_parent": true, "children_born": ["2015-01-01"], "housing": "tenant",
        "income_before": "105000.00", "income_during": "0.00", "benefits": "0.00", "has_other_support": false,
        "declared_aid": [], "is_related_to_fund": false, "statement": "Otkazani su svi angažmani."
    })
}

/// Begins a draft; gives its id.
pub fn begin(api: &Api, user: &User, call: &str) -> String {
    let reply = api.ask("POST", &format!("calls/{call}/applications")).by(user).send();
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.json()["id"].as_str().unwrap().to_owned()
}

/// Fills a draft; gives its version.
pub fn fill(api: &Api, user: &User, id: &str, answers: &Value) -> String {
    let path = format!("me/applications/{id}");
    let held = api.ask("GET", &path).by(user).send().headers["etag"].clone();
    let reply = api.ask("PATCH", &path).by(user).header("If-Match", &held).json(answers.clone()).send();
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.headers["etag"].clone()
}

/// Applies with complete answers; gives what the applicant sees.
pub fn apply(api: &Api, user: &User, call: &str, answers: &Value) -> Value {
    let id = begin(api, user, call);
    let version = fill(api, user, &id, answers);
    let reply = api.ask("POST", &format!("me/applications/{id}/submit")).by(user).header("If-Match", &version).send();
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}
