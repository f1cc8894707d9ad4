//! When a document is asked for: with the application, or once it is awarded; and how the call says so.

use fond::calls::{AskedDocument, AskedWhen};
use serde_json::json;

use crate::applications::{answers, begin, fill};
use crate::documents::{asked, call, comes_to_hold, list, send, try_send};
use crate::sql;
use crate::support::api::{Api, Reply, User};
use crate::support::papers;

fn required(code: &str) -> AskedDocument {
    AskedDocument { is_required: true, ..asked(code) }
}

fn when_awarded(code: &str) -> AskedDocument {
    AskedDocument { when: AskedWhen::WhenAwarded, ..required(code) }
}

fn submit(api: &Api, user: &User, id: &str, version: &str) -> Reply {
    api.ask("POST", &format!("me/applications/{id}/submit")).by(user).header("If-Match", version).send()
}

fn stand(api: &Api, application: &str, state: &str) {
    let id = sql::id(&api.database, application);
    sql::execute(&api.database, &format!("UPDATE applications SET state = '{state}' WHERE id = {id}"));
}

#[test]
fn an_application_is_not_sent_without_what_the_call_wants() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let call =
        call(&api, vec![required("income_proof"), asked("may"), required("identity_card"), when_awarded("later")]);
    let draft = begin(&api, &ana, &call);
    let mut incomplete = answers(1);
    incomplete["family_name"] = json!(null);
    let version = fill(&api, &ana, &draft, &incomplete);
    let reply = submit(&api, &ana, &draft, &version);
    let missing = ["documents.income_proof: document_missing", "documents.identity_card: document_missing"];
    assert_eq!(reply.status, 422, "{reply:?}");
    assert_eq!(reply.wrong_fields(), ["family_name: missing", missing[0], missing[1]], "all at once");

    send(&api, &ana, &draft, "income_proof", &papers::pdf());
    let version = fill(&api, &ana, &draft, &answers(1));
    let shown = api.ask("GET", &format!("me/applications/{draft}")).by(&ana).send().json();
    assert_eq!(shown["problems"][0]["field"], "documents.identity_card");
    assert_eq!(shown["problems"].as_array().unwrap().len(), 1, "{shown}");
    assert_eq!(submit(&api, &ana, &draft, &version).wrong_fields(), [missing[1]]);
    let card = send(&api, &ana, &draft, "identity_card", &papers::png(4, 4));
    assert_eq!(submit(&api, &ana, &draft, &version).status, 200);

    let late = try_send(&api, &ana, &draft, "may", &papers::pdf());
    assert_eq!((late.status, late.code().as_str()), (409, "document_late"));
    let late = api.ask("DELETE", &format!("me/documents/{card}")).by(&ana).send();
    assert_eq!((late.status, late.code().as_str()), (409, "document_late"));
    assert_eq!(list(&api, &ana, &draft).len(), 2);
}

#[test]
fn what_is_asked_of_the_awarded_is_taken_from_them_alone() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let call = call(&api, vec![when_awarded("contract")]);
    let id = begin(&api, &ana, &call);
    let refused = |code: &str| {
        let reply = try_send(&api, &ana, &id, "contract", &papers::pdf());
        assert_eq!((reply.status, reply.code().as_str()), (409, code), "{reply:?}");
    };
    refused("document_not_awarded");
    let version = fill(&api, &ana, &id, &answers(1));
    assert_eq!(submit(&api, &ana, &id, &version).status, 200, "it is asked for later");
    refused("document_not_awarded");
    stand(&api, &id, "awarded");
    let [first, second] = [(); 2].map(|()| send(&api, &ana, &id, "contract", &papers::pdf()));
    let take_back = |id: &str| api.ask("DELETE", &format!("me/documents/{id}")).by(&ana).send();
    assert_eq!(take_back(&first).status, 204);
    stand(&api, &id, "paid");
    let fixed = take_back(&second);
    assert_eq!((fixed.status, fixed.code().as_str()), (409, "document_fixed"));
    comes_to_hold(&api, 1);
    let count =
        |kind: &str| api.database.number(&format!("SELECT COUNT(*) AS number FROM events WHERE kind = '{kind}'"));
    assert_eq!((count("document_added"), count("document_removed")), (2, 1));
}

#[test]
fn after_the_call_nothing_is_added_to_a_draft() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let call = call(&api, vec![asked("paper")]);
    let draft = begin(&api, &ana, &call);
    let paper = send(&api, &ana, &draft, "paper", &papers::pdf());
    let id = sql::id(&api.database, &call);
    sql::execute(&api.database, &format!("UPDATE calls SET closes_at = opens_at + 1 WHERE id = {id}"));
    let late = try_send(&api, &ana, &draft, "paper", &papers::pdf());
    assert_eq!((late.status, late.code().as_str()), (409, "call_closed"));
    assert_eq!(api.ask("DELETE", &format!("me/documents/{paper}")).by(&ana).send().status, 204);
}

#[test]
fn the_call_says_in_every_language_what_it_asks_for() {
    let api = Api::start();
    let call = call(&api, vec![required("income_proof"), when_awarded("contract")]);
    let told = |language: &str| {
        let reply = api.ask("GET", &format!("calls/{call}")).header("Accept-Language", language).send().json();
        assert_eq!(reply["rules"]["documents"][1]["when"], "when_awarded");
        reply["explained"].to_string()
    };
    for (language, words) in [
        ("en", ["Which documents are needed", "Without it the application cannot be sent", "Proof of income"]),
        ("sr-Latn", ["Koja dokumenta su potrebna", "Bez toga prijava ne može", "Dokaz o prihodima"]),
        ("sr-Cyrl", ["Која документа су потребна", "Без тога пријава не може", "Доказ о приходима"]),
    ] {
        let told = told(language);
        assert!(words.iter().all(|word| told.contains(word)) && told.contains("PDF, JPEG, PNG, HEIC"), "{told}");
    }
}
