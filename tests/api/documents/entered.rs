//! What came on paper: documents that an administrator adds for somebody whose application the fund entered.

use fond::calls::AskedWhen;
use serde_json::json;

use crate::applications::{answers, apply};
use crate::documents::{asked, comes_to_hold, stored};
use crate::journal;
use crate::sql;
use crate::support::api::{Api, Reply};
use crate::support::papers::{self, CANARY, holds};
use crate::support::round::Round;

/// A call that asks for `paper` with the application and for `contract` of the awarded.
fn round() -> Round {
    Round::open_with(Api::start(), |rules| {
        let mut contract = asked("contract");
        (contract.when, contract.is_required) = (AskedWhen::WhenAwarded, true);
        rules.documents = vec![asked("paper"), contract];
    })
}

/// An application that the fund entered for somebody.
fn entered(round: &Round) -> String {
    let path = format!("calls/{}/entered-applications", round.call);
    let entered = round.api.ask("POST", &path).by(&round.administrators[0]).json(answers(1)).send();
    assert_eq!(entered.status, 201, "{entered:?}");
    entered.json()["id"].as_str().unwrap().to_owned()
}

fn add(round: &Round, application: &str, kind: &str, key: &str, bytes: &[u8]) -> Reply {
    let path = format!("applications/{application}/documents?kind={kind}");
    let ask = round.api.ask("POST", &path).by(&round.administrators[1]).header("Content-Type", "text/plain");
    ask.header("Idempotency-Key", key).bytes(bytes).send()
}

#[track_caller]
fn is(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{reply:?}");
}

#[test]
fn an_administrator_adds_what_came_on_paper() {
    let round = round();
    let (api, id) = (&round.api, entered(&round));
    let before = journal::rows(api).len();
    let added = add(&round, &id, "paper", "one", &papers::png_that_tells());
    assert_eq!((added.status, &added.json()["media_type"]), (201, &json!("image/png")), "{added:?}");
    let document = added.json()["id"].as_str().unwrap().to_owned();
    let opening = format!("applications/{id}/documents/{document}/open");
    assert_eq!(added.headers["location"], format!("/api/v1/{opening}"));
    assert_eq!(add(&round, &id, "paper", "one", &papers::png_that_tells()).body, added.body);
    // What was sent twice is kept once.
    comes_to_hold(api, 1);
    assert_eq!(journal::rows(api).len(), before, "nothing was opened");
    journal::is_whole(api);

    let (file, bytes) = api
        .ask("POST", &opening)
        .by(&round.administrators[0])
        .json(json!({"purpose": "resolve_finding"}))
        .send_for_bytes();
    assert_eq!(file.status, 200, "{file:?}");
    assert!(bytes.starts_with(b"\x89PNG") && !holds(&bytes, CANARY.as_bytes()));
    let listed = api.ask("GET", &format!("applications/{id}/documents")).by(&round.administrators[0]).send().json();
    assert_eq!(listed["items"][0]["id"], document.as_str());
    let number = |sql: &str| api.database.number(sql);
    assert_eq!(number("SELECT COUNT(*) AS number FROM events WHERE kind = 'document_added'"), 1);
    let owned = "SELECT COUNT(*) AS number FROM documents JOIN applications ON applications.id = application_id \
                 JOIN data_keys ON owner_id = documents.person_id AND class = 'documents' \
                 WHERE documents.person_id = applications.person_id AND name_sealed IS NULL";
    assert_eq!(number(owned), 1, "it is sealed for whose application it is");
}

#[test]
fn only_to_what_the_fund_entered_and_what_is_right() {
    let round = round();
    let (api, id) = (&round.api, entered(&round));
    let ana = api.register("ana@example.org");
    let own = apply(api, &ana, &round.call, &answers(2));
    is(&add(&round, own["id"].as_str().unwrap(), "paper", "own", &papers::pdf()), 404, "not_found");
    is(&add(&round, &uuid::Uuid::now_v7().to_string(), "paper", "none", &papers::pdf()), 404, "not_found");
    let unasked = add(&round, &id, "passport", "unasked", &papers::pdf());
    assert_eq!((unasked.status, unasked.wrong_fields()), (422, vec!["kind: document_unasked".to_owned()]));
    is(&add(&round, &id, "paper", "zip", &papers::zip()), 415, "document_type_unknown");
    let path = format!("applications/{id}/documents?kind=paper");
    is(&api.ask("POST", &path).by(&round.treasurer).bytes(&papers::pdf()).send(), 403, "forbidden");
    let named =
        api.ask("POST", &(path + "&name=Potvrda.pdf")).by(&round.administrators[0]).bytes(&papers::pdf()).send();
    assert_eq!((named.status, named.wrong_fields()), (400, vec!["name: unknown".to_owned()]), "{named:?}");
    assert_eq!(stored(api).len(), 0);
}

#[test]
fn each_in_its_time() {
    let round = round();
    let (api, id) = (&round.api, entered(&round));
    let [application, call] = [&id, &round.call].map(|id| sql::id(&api.database, id));
    let set = |table: &str, change: &str, id: &str| {
        assert_eq!(sql::execute(&api.database, &format!("UPDATE {table} SET {change} WHERE id = {id}")), 1);
    };
    is(&add(&round, &id, "contract", "early", &papers::pdf()), 409, "document_not_awarded");
    set("calls", "closes_at = opens_at + 1", &call);
    assert_eq!(
        add(&round, &id, "paper", "scanned", &papers::pdf()).status,
        201,
        "it came in time and is scanned later"
    );
    set("calls", "state = 'voting_closed'", &call);
    is(&add(&round, &id, "paper", "late", &papers::pdf()), 409, "document_late");
    set("applications", "state = 'awarded'", &application);
    assert_eq!(add(&round, &id, "contract", "awarded", &papers::pdf()).status, 201);
    set("calls", "state = 'published'", &call);
    set("applications", "state = 'withdrawn'", &application);
    is(&add(&round, &id, "paper", "over", &papers::pdf()), 409, "application_over");
    set("applications", "need_erased_at = 1", &application);
    is(&add(&round, &id, "paper", "erased", &papers::pdf()), 409, "data_erased");
    comes_to_hold(api, 2);
}

#[test]
fn what_was_scanned_by_mistake_is_removed_until_it_is_voted_on() {
    let round = round();
    let (api, id) = (&round.api, entered(&round));
    let scan = |key: &str| {
        let added = add(&round, &id, "paper", key, &papers::pdf());
        assert_eq!(added.status, 201, "{added:?}");
        added.json()["id"].as_str().unwrap().to_owned()
    };
    let remove = |document: &str| {
        api.ask("DELETE", &format!("applications/{id}/documents/{document}")).by(&round.administrators[0]).send()
    };
    let (wrong, right) = (scan("wrong"), scan("right"));
    assert_eq!(remove(&wrong).status, 204);
    // It is out of the store, too.
    comes_to_hold(api, 1);
    is(&remove(&wrong), 404, "not_found");
    assert_eq!(sql::events(&api.database, "document_removed"), 1);

    // What somebody sent is theirs.
    let ana = api.register("ana@example.org");
    let own = apply(api, &ana, &round.call, &answers(2))["id"].as_str().unwrap().to_owned();
    let moved = [&own, &right].map(|id| sql::id(&api.database, id));
    sql::execute(&api.database, &format!("UPDATE documents SET application_id = {} WHERE id = {}", moved[0], moved[1]));
    is(&remove(&right), 404, "not_found");
    let theirs =
        api.ask("DELETE", &format!("applications/{own}/documents/{right}")).by(&round.administrators[0]).send();
    is(&theirs, 404, "not_found");

    let last = scan("last");
    let call = sql::id(&api.database, &round.call);
    sql::execute(&api.database, &format!("UPDATE calls SET state = 'voting_closed' WHERE id = {call}"));
    is(&remove(&last), 409, "document_late");
    assert_eq!(stored(api).len(), 2);
}
