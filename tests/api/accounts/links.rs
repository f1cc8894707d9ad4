//! Signing in and registering by what is mailed: links and short codes, each good once, for one thing, for a while.

use serde_json::{Value, json};

use crate::letters::letter_with;
use crate::sql;
use crate::support::api::{Api, Letter, PASSWORD, Reply};

/// Asks for a letter to sign in; gives the token of this device, and the letter.
fn ask(api: &Api, email: &str, number: usize) -> (String, Letter) {
    let reply = api.post("sign-in-links", json!({"email": email}));
    assert_eq!((reply.status, &reply.json()["expires_in"]), (202, &json!(600)));
    (reply.json()["device_token"].as_str().unwrap().to_owned(), letter_with(api, email, "/sign-in#", number))
}

fn by_code(api: &Api, device: &str, code: &str) -> Reply {
    api.post("sessions/code", json!({"device_token": device, "code": code}))
}

fn is_spent(reply: &Reply) {
    let wrong = reply.wrong_fields();
    assert!(reply.status == 422 && (wrong == ["token: token"] || wrong == ["device_token: token"]), "{reply:?}");
}

fn let_run_out(api: &Api) {
    assert!(sql::execute(&api.database, "UPDATE mail_requests SET expires_at = created_at + 1") > 0);
}

#[test]
fn a_link_signs_in_once() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let (device, letter) = ask(&api, "ANA@example.org", 0);
    let signed_in = api.post("sessions/link", json!({"token": letter.token()}));
    assert_eq!((signed_in.status, &signed_in.json()["person_id"]), (201, &json!(ana.person)));
    is_spent(&api.post("sessions/link", json!({"token": letter.token()})));
    is_spent(&by_code(&api, &device, &letter.code()));
}

#[test]
fn a_short_code_signs_in_once_on_the_device_that_asked() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let (device, letter) = ask(&api, &ana.email, 0);
    let (elsewhere, _) = ask(&api, &ana.email, 1);
    let wrong = by_code(&api, &elsewhere, &letter.code());
    assert_eq!((wrong.status, wrong.wrong_fields()), (422, vec!["code: code".to_owned()]));
    is_spent(&by_code(&api, &letter.token(), &letter.code()));
    is_spent(&by_code(&api, "bm90aGluZw", &letter.code()));
    let code = letter.code();
    let signed_in = by_code(&api, &device, &format!("{} - {}", &code[..4], &code[4..]));
    assert_eq!(signed_in.status, 201, "{signed_in:?}");
    is_spent(&by_code(&api, &device, &code));
    is_spent(&api.post("sessions/link", json!({"token": letter.token()})));
}

/// A password cannot be hashed for a link that leads nowhere, and what is wrong with it is told all the same.
#[test]
fn a_wrong_link_and_a_wrong_password_are_told_together() {
    let api = Api::start();
    let wrong = |path: &str, field: &str, password: &str| {
        let reply = api.post(path, json!({"token": "bm90aGluZw", field: password}));
        assert_eq!(reply.status, 422, "{reply:?}");
        reply.wrong_fields()
    };
    for (password, problem) in [("short", "too_short"), ("passwordpassword", "password_common")] {
        for (path, field) in [("registrations/confirm", "password"), ("password-resets/confirm", "new_password")] {
            assert_eq!(wrong(path, field, password), ["token: token".to_owned(), format!("{field}: {problem}")]);
        }
        let body = json!({"token": "bm90aGluZw", "name": "Iva", "password": password});
        let reply = api.post("invitations/accept", body);
        assert_eq!(reply.wrong_fields(), ["token: token".to_owned(), format!("password: {problem}")]);
    }
    // Whether somebody with a second factor may have so short a one is not known, so nothing is said of it.
    assert_eq!(wrong("password-resets/confirm", "new_password", "kx7#mQw9"), ["token: token"]);
    assert_eq!(wrong("registrations/confirm", "password", PASSWORD), ["token: token"]);
}

/// Also what the form of a field says by itself stands beside what only the database and the rules of passwords know.
#[test]
fn all_that_is_wrong_with_a_link_is_told_at_once() {
    let api = Api::start();
    let wrong = |path: &str, body: Value| {
        let reply = api.post(path, body);
        assert_eq!(reply.status, 422, "{reply:?}");
        reply.wrong_fields()
    };
    let body = json!({"token": "bm90aGluZw", "name": " ", "password": "short", "me": 1});
    assert_eq!(
        wrong("invitations/accept", body),
        ["name: missing", "me: unknown", "token: token", "password: too_short"]
    );
    let body = json!({"name": 7, "password": "short"});
    assert_eq!(wrong("invitations/accept", body), ["token: missing", "name: wrong_type", "password: too_short"]);
    let body = json!({"token": 7, "password": "short"});
    assert_eq!(wrong("registrations/confirm", body), ["token: wrong_type", "password: too_short"]);
    let body = json!({"token": "bm90aGluZw", "password": 7});
    assert_eq!(wrong("registrations/confirm", body), ["password: wrong_type", "token: token"]);
    assert_eq!(
        wrong("password-resets/confirm", json!({"new_password": "1"})),
        ["token: missing", "new_password: too_short"]
    );
    let ana = api.register("ana@example.org");
    let body = json!({"current_password": "nothing of the kind", "new_password": "short"});
    let reply = api.ask("PUT", "me/password").by(&ana).json(body).send();
    assert_eq!(reply.wrong_fields(), ["new_password: too_short", "current_password: password_wrong"]);
    let reply = api.post("sessions/code", json!({"device_token": "bm90aGluZw", "code": "1234"}));
    assert_eq!(reply.wrong_fields(), ["device_token: token"]);
}

#[test]
fn five_wrong_codes_end_the_right_one() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let (device, letter) = ask(&api, &ana.email, 0);
    let other = if letter.code().starts_with('0') { "1" } else { "0" };
    for number in 0..5 {
        let reply = by_code(&api, &device, &format!("{other}{number:07}"));
        assert_eq!((reply.status, reply.wrong_fields()), (422, vec!["code: code".to_owned()]));
    }
    is_spent(&by_code(&api, &device, &letter.code()));
    let (device, letter) = ask(&api, &ana.email, 1);
    assert_eq!(by_code(&api, &device, &letter.code()).status, 201, "a new letter works");
}

#[test]
fn what_ran_out_is_over() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let (device, letter) = ask(&api, &ana.email, 0);
    api.post("password-resets", json!({"email": ana.email}));
    let reset = letter_with(&api, &ana.email, "/password-reset#", 0).token();
    api.post("registrations", json!({"email": "new@example.org"}));
    let registration = letter_with(&api, "new@example.org", "/registration#", 0).token();
    let_run_out(&api);
    is_spent(&api.post("sessions/link", json!({"token": letter.token()})));
    is_spent(&by_code(&api, &device, &letter.code()));
    is_spent(&api.post("password-resets/confirm", json!({"token": reset, "new_password": PASSWORD})));
    is_spent(&api.post("registrations/confirm", json!({"token": registration, "password": PASSWORD})));
    assert_eq!(sql::rows(&api.database, "logins"), 1);
}

/// As long as the letter says, and no longer.
#[test]
fn a_letter_to_sign_in_is_good_for_ten_minutes() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let (device, letter) = ask(&api, &ana.email, 0);
    assert!(letter.text.contains("Link i kod važe 10 minuta"), "{}", letter.text);
    let wait = |seconds: i64| {
        let past = |column| format!("{column} = {column} - {}", seconds * 1_000_000);
        let (created, expires) = (past("created_at"), past("expires_at"));
        sql::execute(&api.database, &format!("UPDATE mail_requests SET {created}, {expires}"));
    };
    let wrong = if letter.code() == "00000000" { "00000001" } else { "00000000" };
    wait(560);
    assert_eq!(by_code(&api, &device, wrong).wrong_fields(), ["code: code"], "still asked for the right one");
    wait(40);
    is_spent(&by_code(&api, &device, &letter.code()));
    is_spent(&api.post("sessions/link", json!({"token": letter.token()})));
}

#[test]
fn a_link_opens_nothing_that_it_is_not_for() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let (device, letter) = ask(&api, &ana.email, 0);
    let token = letter.token();
    is_spent(&api.post("sessions/link", json!({"token": device})));
    is_spent(&api.post("password-resets/confirm", json!({"token": token, "new_password": PASSWORD})));
    is_spent(&api.post("registrations/confirm", json!({"token": token})));
    is_spent(&api.post("email-changes/confirm", json!({"token": token})));
    is_spent(&api.post("invitations/accept", json!({"token": token, "name": "Ana"})));
    for place in [0, 20, 30, token.len() - 1] {
        let mut forged: Vec<char> = token.chars().collect();
        forged[place] = if forged[place] == 'A' { 'E' } else { 'A' };
        is_spent(&api.post("sessions/link", json!({"token": forged.into_iter().collect::<String>()})));
    }
    assert_eq!(api.post("sessions/link", json!({"token": token})).status, 201);
}

/// What of two answers must be alike, where one of them is to somebody unknown.
fn form(reply: &Reply) -> (u16, Vec<String>, Vec<String>) {
    let body: Value = reply.json();
    let names = body.as_object().unwrap().iter().map(|(name, value)| match name.as_str() {
        "device_token" => format!("{name}: {} signs", value.as_str().unwrap().len()),
        _ => format!("{name}: {value}"),
    });
    (reply.status, reply.headers.keys().cloned().collect(), names.collect())
}

#[test]
fn no_answer_tells_who_has_an_account() {
    let api = Api::start();
    api.register("ana@example.org");
    for path in ["registrations", "sign-in-links", "password-resets"] {
        let [known, unknown] =
            ["ana@example.org", "eva@example.org"].map(|email| api.post(path, json!({"email": email})));
        assert_eq!(form(&known), form(&unknown), "{path}");
    }
    let sign_in = |email: &str| {
        let reply = api.post("sessions", json!({"email": email, "password": "wrong and long enough"}));
        let mut body = reply.json();
        body.as_object_mut().unwrap().remove("request_id");
        (reply.status, reply.headers.keys().cloned().collect::<Vec<_>>(), body)
    };
    assert_eq!(sign_in("ana@example.org"), sign_in("eva@example.org"));
}

#[test]
fn only_the_letter_tells_who_has_an_account() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    api.post("registrations", json!({"email": ana.email}));
    let already = letter_with(&api, &ana.email, "/sign-in", 0);
    assert!(!already.text.contains('#'), "it opens nothing: {}", already.text);
    for path in ["sign-in-links", "password-resets"] {
        api.post(path, json!({"email": "eva@example.org"}));
    }
    for number in 0..2 {
        let none = letter_with(&api, "eva@example.org", "/registration", number);
        assert!(!none.text.contains('#'), "it opens nothing: {}", none.text);
    }
    assert_eq!(sql::rows(&api.database, "logins"), 1);
}

#[test]
fn of_two_registrations_one_makes_the_account() {
    let api = Api::start();
    let tokens = [0, 1].map(|number| {
        api.post("registrations", json!({"email": "ana@example.org"}));
        letter_with(&api, "ana@example.org", "/registration#", number).token()
    });
    let confirm = |token: &str| api.post("registrations/confirm", json!({"token": token, "password": PASSWORD}));
    assert_eq!(confirm(&tokens[1]).status, 201);
    is_spent(&confirm(&tokens[1]));
    is_spent(&confirm(&tokens[0]));
}

#[test]
fn an_account_needs_no_password() {
    let api = Api::start();
    api.post("registrations", json!({"email": "ana@example.org"}));
    let token = letter_with(&api, "ana@example.org", "/registration#", 0).token();
    let made = api.post("registrations/confirm", json!({"token": token}));
    let ana = crate::letters::user("ana@example.org", &made.json());
    assert_eq!(api.ask("GET", "me").by(&ana).send().json()["has_password"], false);
    for password in ["", " ", "null", PASSWORD] {
        let reply = api.post("sessions", json!({"email": ana.email, "password": password}));
        assert_eq!((reply.status, reply.code().as_str()), (401, "wrong_credentials"), "{password}");
    }
    let (_, letter) = ask(&api, &ana.email, 0);
    assert_eq!(api.post("sessions/link", json!({"token": letter.token()})).status, 201);
}

#[test]
fn links_that_were_asked_for_before_a_new_password_are_spent() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let (device, letter) = ask(&api, &ana.email, 0);
    let resets = [0, 1].map(|number| {
        api.post("password-resets", json!({"email": ana.email}));
        letter_with(&api, &ana.email, "/password-reset#", number).token()
    });
    let reset = |token: &str| {
        let body = json!({"token": token, "new_password": "another long password"});
        api.post("password-resets/confirm", body)
    };
    assert_eq!(reset(&resets[0]).status, 204);
    is_spent(&reset(&resets[1]));
    is_spent(&api.post("sessions/link", json!({"token": letter.token()})));
    is_spent(&by_code(&api, &device, &letter.code()));
    let (_, letter) = ask(&api, &ana.email, 1);
    assert_eq!(api.post("sessions/link", json!({"token": letter.token()})).status, 201);
}
