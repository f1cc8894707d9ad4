//! The work of administrators on applications: lists, files, findings, questions, entering.

use serde_json::{Value, json};

use super::{answers, apply};
use crate::support::api::{Api, User};
use crate::support::people;
use crate::support::round::{Round, call_now};

fn ids(reply: &Value) -> Vec<String> {
    reply["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// A call with five applications: one by one another town.
fn five(api: &Api) -> (String, Vec<User>) {
    let call = call_now(api, "now");
    let towns = ["Beograd", "Novi Sad", "Beograd", "=1+1", "Niš"];
    let apply_from = |(number, town): (usize, &&str)| {
        let user = api.register(&format!("a{number}@example.org"));
        let mut sent = answers(number);
        sent["municipality"] = (*town).into();
        apply(api, &user, &call, &sent);
        user
    };
    let users = towns.iter().enumerate().map(apply_from).collect();
    (call, users)
}

#[test]
fn lists_filter_sort_and_export_what_they_show() {
    let api = Api::start();
    let administrator = api.founder("first@example.org");
    let (call, _) = five(&api);
    let list = |query: &str| api.ask("GET", &format!("calls/{call}/applications?{query}")).by(&administrator).send();
    let all = ids(&list("").json());
    assert_eq!(all.len(), 5);
    let mut turned = ids(&list("sort=-submitted_at").json());
    turned.reverse();
    assert_eq!(turned, all);
    assert_eq!(ids(&list("municipality=Beograd").json()), [all[0].clone(), all[2].clone()]);
    assert_eq!(
        (ids(&list("state=eligible&category=1").json()), ids(&list("state=paid").json()).len()),
        (all.clone(), 0)
    );
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = list(&format!("limit=2{cursor}")).json();
        paged.extend(ids(&page));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, all);
    assert_eq!(list("state=rich").status, 400);
    let file =
        |query: &str| api.ask("GET", &format!("calls/{call}/applications.csv?{query}")).by(&administrator).send();
    let csv = file("municipality=Beograd");
    assert_eq!((csv.status, csv.headers["content-type"].as_str()), (200, "text/csv; charset=utf-8"));
    assert_eq!(csv.body.lines().count(), 3);
    assert!(file("").body.contains(",'=1+1,"), "{}", file("").body);
    for name in ["Anić", people::jmbg(1).as_str(), "example.org"] {
        assert!(!file("").body.contains(name) && !list("").body.contains(name));
    }
}

#[test]
fn a_person_is_opened_for_a_purpose_that_is_on_the_log() {
    let api = Api::start();
    let administrator = api.founder("first@example.org");
    let (call, users) = five(&api);
    let id = ids(&api.ask("GET", &format!("calls/{call}/applications")).by(&administrator).send().json())[0].clone();
    let one = api.ask("GET", &format!("applications/{id}")).by(&administrator).send();
    assert_eq!((one.status, &one.json()["facts"]["household_size"]), (200, &json!(2)));
    assert!(!one.body.contains("Anić") && !one.body.contains(&people::jmbg(0)), "{}", one.body);
    let path = format!("applications/{id}/person");
    let opened = || crate::sql::events(&api.database, "person_opened");
    assert_eq!(api.ask("POST", &path).by(&administrator).json(json!({})).send().status, 422);
    assert_eq!(api.ask("POST", &path).by(&users[0]).json(json!({"purpose": "contact_applicant"})).send().status, 403);
    assert_eq!(opened(), 0);
    let person = api.ask("POST", &path).by(&administrator).json(json!({"purpose": "contact_applicant"})).send();
    assert_eq!((person.status, &person.json()["jmbg"]), (200, &people::jmbg(0).into()));
    assert!(person.json()["bank_account"].as_str().unwrap().starts_with("**************"));
    assert_eq!(opened(), 1);
}

#[test]
fn a_finding_is_decided_with_a_reason_and_decided_again() {
    let api = Api::start();
    let administrator = api.founder("first@example.org");
    let call = call_now(&api, "now");
    let (ana, iva) = (api.register("ana@example.org"), api.register("iva@example.org"));
    let first = apply(&api, &ana, &call, &answers(1));
    let mut same = answers(2);
    same["bank_account"] = answers(1)["bank_account"].clone();
    let second = apply(&api, &iva, &call, &same);
    assert_eq!(second["state"], "needs_review");
    let state = |user: &User, id: &Value| {
        let path = format!("me/applications/{}", id["id"].as_str().unwrap());
        api.ask("GET", &path).by(user).send().json()["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(&ana, &first), "needs_review", "the other side is told too");
    let waiting = api.ask("GET", &format!("calls/{call}/findings")).by(&administrator).send().json();
    assert_eq!(waiting["items"].as_array().unwrap().len(), 2);
    assert_eq!(waiting["items"][0]["findings"][0]["finding"], "shared_bank_account");
    let decide = |id: &Value, finding: &str, body: Value| {
        let path = format!("applications/{}/findings/{finding}/resolutions", id["id"].as_str().unwrap());
        api.ask("POST", &path).by(&administrator).json(body).send()
    };
    let reason = "Isti račun vode zajedno.";
    assert_eq!(decide(&first, "shared_bank_account", json!({"resolution": "dismissed"})).status, 422);
    assert_eq!(
        decide(&first, "underage", json!({"resolution": "dismissed", "reason": reason})).code(),
        "finding_not_open"
    );
    assert_eq!(decide(&first, "nonsense", json!({"resolution": "dismissed", "reason": reason})).status, 404);
    let dismissed = decide(&first, "shared_bank_account", json!({"resolution": "dismissed", "reason": reason}));
    assert_eq!((dismissed.status, &dismissed.json()["state"]), (200, &json!("eligible")));
    let confirmed = decide(&second, "shared_bank_account", json!({"resolution": "confirmed", "reason": reason}));
    assert_eq!(confirmed.json()["state"], "ineligible");
    let changed = decide(&second, "shared_bank_account", json!({"resolution": "dismissed", "reason": reason}));
    assert_eq!(changed.json()["state"], "eligible");
    let one =
        api.ask("GET", &format!("applications/{}", second["id"].as_str().unwrap())).by(&administrator).send().json();
    assert_eq!((one["resolutions"].as_array().unwrap().len(), &one["resolutions"][0]["reason"]), (2, &reason.into()));
}

#[test]
fn a_question_is_asked_by_letter_and_answered_once() {
    let api = Api::start();
    let administrator = api.founder("first@example.org");
    let call = call_now(&api, "now");
    let (ana, iva) = (api.register("ana@example.org"), api.register("iva@example.org"));
    let sent = apply(&api, &ana, &call, &answers(1));
    let id = sent["id"].as_str().unwrap();
    let question = json!({"question": "Da li je pomoć opštine isplaćena?"});
    let path = format!("applications/{id}/clarifications");
    assert_eq!(api.ask("POST", &path).by(&ana).json(question.clone()).send().status, 403);
    let asked = api.ask("POST", &path).by(&administrator).json(question.clone()).send();
    assert_eq!(asked.status, 201, "{asked:?}");
    // The letter to confirm the address, the receipt of the application, the question.
    let letter = api.letter("ana@example.org", 2);
    assert!(letter.text.contains(sent["reference"].as_str().unwrap()) && !letter.text.contains("opštine"));
    let own = api.ask("GET", &format!("me/applications/{id}")).by(&ana).send().json();
    assert_eq!(own["clarifications"][0]["question"], question["question"]);
    let clarification = asked.json()["id"].as_str().unwrap().to_owned();
    let answer = |user: &User| {
        let path = format!("me/applications/{id}/clarifications/{clarification}/answer");
        api.ask("POST", &path).by(user).json(json!({"answer": "Nije isplaćena."})).send()
    };
    assert_eq!(answer(&iva).status, 404);
    let next = |path: &str| api.ask("GET", path).by(&ana).header("Accept-Language", "en").send().json();
    assert!(own["next"] != next("me/applications")["items"][0]["next"], "in another language");
    let asked_text = "The fund has asked you something.";
    assert!(next(&format!("me/applications/{id}"))["next"].as_str().unwrap().starts_with(asked_text));
    assert!(next("me/applications")["items"][0]["next"].as_str().unwrap().starts_with(asked_text));
    assert_eq!((answer(&ana).status, answer(&ana).code().as_str()), (200, "clarification_answered"));
    let one = api.ask("GET", &format!("applications/{id}")).by(&administrator).send().json();
    assert_eq!(one["clarifications"][0]["answer"], "Nije isplaćena.");
    assert!(next("me/applications")["items"][0]["next"].as_str().unwrap().starts_with("The committee reads"));

    // Once it is withdrawn, nothing is asked and nothing is answered.
    let second = api.ask("POST", &path).by(&administrator).json(question.clone()).send().json();
    let withdraw = api.ask("POST", &format!("me/applications/{id}/withdraw")).by(&ana).header("If-Match", "*");
    assert_eq!(withdraw.send().status, 200);
    let path = format!("me/applications/{id}/clarifications/{}/answer", second["id"].as_str().unwrap());
    let late = api.ask("POST", &path).by(&ana).json(json!({"answer": "Kasno."})).send();
    assert_eq!((late.status, late.code().as_str()), (409, "application_over"));
    assert!(next("me/applications")["items"][0]["next"].as_str().unwrap().starts_with("Nothing more"));
}

#[test]
fn nobody_decides_about_their_own_application() {
    let api = Api::start();
    let [administrator, other] = api.administrators();
    let call = call_now(&api, "now");
    let mut same = answers(1);
    apply(&api, &api.register("ana@example.org"), &call, &same);
    same["jmbg"] = people::jmbg(2).into();
    let own = apply(&api, &administrator, &call, &same)["id"].as_str().unwrap().to_owned();
    let decide = |by: &User| {
        let path = format!("applications/{own}/findings/shared_bank_account/resolutions");
        api.ask("POST", &path).by(by).json(json!({"resolution": "dismissed", "reason": "to sam ja"})).send()
    };
    let refused = decide(&administrator);
    assert_eq!((refused.status, refused.code().as_str()), (409, "own_application"));
    assert_eq!(decide(&other).status, 200);
}

#[test]
fn an_application_is_entered_for_somebody_and_marked_so() {
    let round = Round::open();
    let api = &round.api;
    let path = format!("calls/{}/entered-applications", round.call);
    let enter = |user: &User, number: usize| api.ask("POST", &path).by(user).json(answers(number)).send();
    assert_eq!((enter(&round.treasurer, 1).status, enter(&round.chair, 1).status), (403, 403));
    let blank = {
        let mut body = answers(1);
        body["statement"] = " ".into();
        body
    };
    let entered = api.ask("POST", &path).by(&round.administrators[0]).json(blank).send();
    assert_eq!((entered.status, &entered.json()["is_entered"]), (201, &json!(true)), "{entered:?}");
    assert!(entered.json()["text"].as_str().unwrap().contains(entered.json()["reference"].as_str().unwrap()));
    assert_eq!(enter(&round.administrators[0], 1).code(), "already_applied");
    let list = api.ask("GET", &format!("calls/{}/applications", round.call)).by(&round.administrators[0]).send().json();
    assert_eq!(list["items"][0]["is_entered"], true);
    let id = entered.json()["id"].as_str().unwrap().to_owned();
    let receipt = api.ask("POST", &format!("applications/{id}/receipt")).by(&round.administrators[1]).send();
    assert_eq!((receipt.status, &receipt.json()["jmbg"]), (200, &people::jmbg(1).into()));
    let online = apply(api, &api.register("ana@example.org"), &round.call, &answers(2));
    let path = format!("applications/{}/receipt", online["id"].as_str().unwrap());
    assert_eq!(api.ask("POST", &path).by(&round.administrators[0]).send().status, 404, "theirs alone");
    let ask = |id: &str| {
        let body = json!({"question": "Da li je pomoć isplaćena?", "answer": "Nije, rekla je telefonom."});
        api.ask("POST", &format!("applications/{id}/clarifications")).by(&round.administrators[0]).json(body).send()
    };
    let answered = ask(&id);
    assert_eq!((answered.status, answered.json()["answer"].as_str()), (201, Some("Nije, rekla je telefonom.")));
    let one = api.ask("GET", &format!("applications/{id}")).by(&round.administrators[1]).send().json();
    assert_eq!(one["clarifications"], json!([answered.json()]));
    assert_eq!(ask(online["id"].as_str().unwrap()).wrong_fields(), ["answer: answer_not_theirs"]);
}

#[test]
fn two_of_one_person_are_merged_and_taken_apart_but_not_while_money_runs() {
    let api = Api::start();
    let administrator = api.founder("first@example.org");
    let call = call_now(&api, "now");
    let (ana, other) = (api.register("ana@example.org"), api.register("ana.a@example.org"));
    let first = apply(&api, &ana, &call, &answers(1));
    let mut same = answers(2);
    same["bank_account"] = answers(1)["bank_account"].clone();
    let second = apply(&api, &other, &call, &same);
    let id = |of: &Value| of["id"].as_str().unwrap().to_owned();
    let see = |of: &Value| api.ask("GET", &format!("applications/{}", id(of))).by(&administrator).send();
    let step = |of: &Value, step: &str| {
        let ask = api.ask("POST", &format!("applications/{}/{step}", id(of))).by(&administrator);
        ask.header("If-Match", &see(of).headers["etag"])
    };
    let into_itself = step(&second, "merge").json(json!({"into": id(&second)})).send();
    assert_eq!(into_itself.wrong_fields(), ["into: not_mergeable"]);
    let absent = step(&second, "merge").json(json!({"into": administrator.person})).send();
    assert_eq!(absent.wrong_fields(), ["into: absent"]);
    let merged = step(&second, "merge").json(json!({"into": id(&first)})).send();
    assert_eq!((merged.status, &merged.json()["merged_into"]), (200, &first["id"]), "{merged:?}");
    assert_eq!(see(&first).json()["state"], "eligible", "what they shared counts no more");
    assert_eq!(step(&second, "merge").json(json!({"into": id(&first)})).send().code(), "application_state");
    let apart = step(&second, "unmerge").send();
    assert_eq!((apart.status, &apart.json()["merged_into"]), (200, &Value::Null), "{apart:?}");
    assert_eq!(
        (see(&first).json()["state"].clone(), see(&second).json()["state"].clone()),
        (json!("needs_review"), json!("needs_review"))
    );
    assert_eq!(step(&second, "unmerge").send().code(), "not_merged");
}
