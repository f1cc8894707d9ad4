//! The work of administrators on applications: lists, files, findings, questions, entering.

use serde_json::{Value, json};

use super::{answers, apply};
use crate::sql;
use crate::support::api::{Api, Reply, User};
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
    let code = list("").json()["items"][3]["reference"].as_str().unwrap().to_owned();
    for typed in [&code, &code.to_lowercase()] {
        assert_eq!(ids(&list(&format!("reference={typed}")).json()), [all[3].clone()], "{typed}");
    }
    assert_eq!(list("state=rich").status, 400);
    for (category, code) in [
        ("first", "number"),
        ("0", "above_zero"),
        ("1001", "number_too_large"),
        ("99999999999999999999", "number_too_large"),
    ] {
        let reply = list(&format!("category={category}"));
        assert_eq!((reply.status, reply.wrong_fields()), (400, vec![format!("category: {code}")]), "{category}");
    }
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
        let path = format!("applications/{}", id["id"].as_str().unwrap());
        let seen = api.ask("GET", &path).by(&administrator).send().headers["etag"].clone();
        let ask = api.ask("POST", &format!("{path}/findings/{finding}/resolutions")).by(&administrator);
        ask.header("If-Match", &seen).json(body).send()
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
    let withdraw = format!("me/applications/{}/withdraw", second["id"].as_str().unwrap());
    assert_eq!(api.ask("POST", &withdraw).by(&iva).header("If-Match", "*").send().status, 200);
    let over = decide(&second, "shared_bank_account", json!({"resolution": "confirmed", "reason": reason}));
    assert_eq!((over.status, over.code().as_str()), (409, "application_over"));
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
fn whoever_looks_is_told_what_holds_now() {
    let api = Api::start();
    let administrator = api.founder("first@example.org");
    let (call, ana) = (call_now(&api, "now"), api.register("ana@example.org"));
    let id = apply(&api, &ana, &call, &answers(1))["id"].as_str().unwrap().to_owned();
    let path = format!("me/applications/{id}");
    let told = |language: &str| {
        let one = api.ask("GET", &path).by(&ana).header("Accept-Language", language).send().json();
        let list = api.ask("GET", "me/applications").by(&ana).header("Accept-Language", language).send().json();
        for key in ["status", "next", "next_by"] {
            assert_eq!(one[key], list["items"][0][key], "{one} {list}");
        }
        (one["status"].as_str().unwrap().to_owned(), one["next"].as_str().unwrap().to_owned(), one["next_by"].clone())
    };
    let put = |change: &str| sql::execute(&api.database, &format!("UPDATE applications SET {change}"));
    assert!(told("en").2.is_string());
    put("state = 'needs_review', held_from = NULL");
    let (status, _, by) = told("en");
    assert!(status.starts_with("Your application has arrived") && by.is_string(), "{status} {by}");
    for (held, begins) in [
        ("awarded", ["You have been awarded help. Something", "Dodeljena Vam je pomoć. ", "Додељена Вам је помоћ. "]),
        ("reserve", ["Your application is approved. ", "Vaša prijava je prihvaćena. ", "Ваша пријава је прихваћена. "]),
        ("approved", ["The committee has approved", "Komisija je prihvatila", "Комисија је прихватила"]),
    ] {
        put(&format!("held_from = '{held}'"));
        for (language, begin) in ["en", "sr-Latn", "sr-Cyrl"].into_iter().zip(begins) {
            let (status, next, by) = told(language);
            assert!(status.starts_with(begin) && next.len() > 60 && by.is_null(), "{status} {next} {by}");
        }
        assert!(told("en").0.contains("wait"), "{held}");
    }
    // What is decided stays decided while a question waits.
    let question = json!({"question": "Da li je pomoć opštine isplaćena?"});
    let asked = api.ask("POST", &format!("applications/{id}/clarifications")).by(&administrator).json(question);
    assert_eq!(asked.send().status, 201);
    put("state = 'ineligible', held_from = NULL");
    let next = told("en").1;
    assert!(next.contains("The answer alone does not change") && next.ends_with("please write to the fund."), "{next}");
    // A day that has passed is none to wait for.
    put("state = 'eligible'");
    let by = told("en").2.as_str().unwrap().to_owned();
    sql::execute(&api.database, &format!("UPDATE calls SET rules = REPLACE(rules, '{by}', '2020-11-12T17:00:00Z')"));
    assert!(told("en").2.is_null());
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
        let ask = api.ask("POST", &path).by(by).header("If-Match", "*");
        ask.json(json!({"resolution": "dismissed", "reason": "to sam ja"})).send()
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
    let told = "Nije, rekla je telefonom.";
    let post = |path: String, body: Value| api.ask("POST", &path).by(&round.administrators[0]).json(body).send();
    let ask = |id: &str, answer: Option<&str>| {
        let body = json!({"question": "Da li je pomoć isplaćena?", "answer": answer});
        post(format!("applications/{id}/clarifications"), body)
    };
    let of = |asked: &Reply| asked.json()["id"].as_str().unwrap().to_owned();
    let answer = |id: &str, asked: &Reply| {
        post(format!("applications/{id}/clarifications/{}/answer", of(asked)), json!({"answer": told}))
    };
    let answered = ask(&id, Some(told));
    assert_eq!((answered.status, answered.json()["answer"].as_str()), (201, Some(told)));
    let shown = || api.ask("GET", &format!("applications/{id}")).by(&round.administrators[1]).send().json();
    assert_eq!(shown()["clarifications"], json!([answered.json()]));
    let online = online["id"].as_str().unwrap();
    assert_eq!(ask(online, Some(told)).wrong_fields(), ["answer: answer_not_theirs"]);
    // A letter by post is answered weeks later.
    let later = ask(&id, None);
    assert_eq!((later.status, &shown()["clarifications"][1]["answer"]), (201, &Value::Null));
    assert_eq!(answer(&id, &later).status, 204);
    assert_eq!(shown()["clarifications"][1]["answer"], told);
    assert_eq!(answer(&id, &later).code(), "clarification_answered");
    assert_eq!(answer(&id, &ask(online, None)).status, 404, "of another application");
    assert_eq!(answer(online, &ask(online, None)).status, 404, "whoever has an account answers on their own");
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

/// What a person dismissed was about what was there: a new holder, account or sharer goes before a person again.
#[test]
fn what_came_after_a_dismissal_is_asked_about_again() {
    let api = Api::start();
    let [administrator, _] = api.administrators();
    let call = call_now(&api, "now");
    let [ana, iva, eva] = ["ana", "iva", "eva"].map(|name| api.register(&format!("{name}@example.org")));
    let first = apply(&api, &ana, &call, &answers(1));
    let id = first["id"].as_str().unwrap().to_owned();
    let shown = || api.ask("GET", &format!("applications/{id}")).by(&administrator).send();
    let open = || -> Vec<String> {
        let shown = shown().json();
        let open = shown["findings"].as_array().unwrap().iter().filter(|finding| finding["status"] == "open");
        open.map(|finding| finding["finding"].as_str().unwrap().to_owned()).collect()
    };
    let dismiss = |finding: &str| {
        let seen = shown().headers["etag"].clone();
        let path = format!("applications/{id}/findings/{finding}/resolutions");
        let decide = |seen: &str| {
            let body = json!({"resolution": "dismissed", "reason": "Provereno."});
            api.ask("POST", &path).by(&administrator).header("If-Match", seen).json(body).send()
        };
        assert_eq!(api.ask("POST", &path).by(&administrator).json(json!({})).send().status, 428);
        assert_eq!(decide(&seen).status, 200);
        assert_eq!(decide(&seen).code(), "stale", "somebody has decided since");
        assert_eq!(open(), [""; 0]);
    };
    let correct = |changes: Value| {
        let path = format!("me/applications/{id}/corrections");
        let corrected = api.ask("POST", &path).by(&ana).header("If-Match", "*").json(changes).send();
        assert_eq!(corrected.status, 200, "{corrected:?}");
    };
    let share = |user: &User, number: usize| {
        let mut same = answers(number);
        same["bank_account"] = answers(1)["bank_account"].clone();
        apply(&api, user, &call, &same);
    };
    correct(json!({"account_holder": "Petar Petrović"}));
    assert_eq!(open(), ["account_holder_differs"]);
    dismiss("account_holder_differs");
    correct(json!({"phone": "+381601112223"}));
    assert_eq!(open(), [""; 0], "a telephone says nothing of an account");
    correct(json!({"account_holder": "Sasvim Treći"}));
    assert_eq!(open(), ["account_holder_differs"]);
    dismiss("account_holder_differs");
    share(&iva, 2);
    assert_eq!(open(), ["shared_bank_account"]);
    dismiss("shared_bank_account");
    share(&eva, 3);
    correct(json!({"phone": "+381601112224"}));
    assert_eq!(open(), ["shared_bank_account"], "another one names the account since");
}
