//! Sessions: refreshed by a token that works once, listed and ended by their owner.

use serde_json::json;

use crate::letters::{letter_with, register_in_english, user};
use crate::sql;
use crate::support::api::{Api, PASSWORD, Reply, User};

fn refresh(api: &Api, token: &str) -> Reply {
    api.post("sessions/refresh", json!({"refresh_token": token}))
}

fn sign_in(api: &Api, email: &str) -> User {
    let reply = api.post("sessions", json!({"email": email, "password": PASSWORD}));
    assert_eq!(reply.status, 201, "{reply:?}");
    user(email, &reply.json())
}

fn is_in(api: &Api, user: &User) -> bool {
    match api.ask("GET", "me").by(user).send().status {
        200 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

const REUSE: &str = "Subject: We signed you out as a precaution";

#[test]
fn a_refresh_token_is_exchanged_for_the_next() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let mut token = ana.refresh.clone();
    for _ in 0..3 {
        let renewed = refresh(&api, &token);
        assert_eq!(renewed.status, 200, "{renewed:?}");
        let renewed = user(&ana.email, &renewed.json());
        assert_eq!((&renewed.session, &renewed.person), (&ana.session, &ana.person));
        assert_ne!(renewed.refresh, token);
        assert!(is_in(&api, &renewed) && is_in(&api, &ana));
        token = renewed.refresh;
    }
    for wrong in ["", "x", &token[1..], &ana.access] {
        assert!([401, 422].contains(&refresh(&api, wrong).status), "{wrong}");
    }
    assert_eq!(sql::rows(&api.database, "refresh_tokens"), 4);
}

#[test]
fn a_refresh_token_that_comes_again_ends_its_session_and_no_other() {
    let api = Api::start();
    let ana = register_in_english(&api, "ana@example.org");
    let (elsewhere, other) = (sign_in(&api, &ana.email), api.register("iva@example.org"));
    let renewed = user(&ana.email, &refresh(&api, &ana.refresh).json());
    let again = refresh(&api, &ana.refresh);
    assert_eq!((again.status, again.code().as_str()), (401, "unauthenticated"));
    assert!(!is_in(&api, &ana) && !is_in(&api, &renewed));
    assert_eq!(refresh(&api, &renewed.refresh).status, 401);
    assert!(is_in(&api, &elsewhere) && is_in(&api, &other));
    assert_eq!(refresh(&api, &elsewhere.refresh).status, 200);
    letter_with(&api, &ana.email, REUSE, 0);
    assert_eq!(api.database.number("SELECT COUNT(*) AS number FROM events WHERE kind LIKE '%reused%'"), 1);
}

#[test]
fn of_eight_refreshes_at_once_one_wins_and_the_session_ends() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(|| refresh(&api, &ana.refresh).status)).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 401].contains(status)), "{statuses:?}");
    assert!(!is_in(&api, &ana));
}

#[test]
fn a_session_that_ran_out_is_over() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    sql::execute(&api.database, "UPDATE sessions SET expires_at = created_at + 1");
    assert!(!is_in(&api, &ana));
    assert_eq!(refresh(&api, &ana.refresh).status, 401);
}

#[test]
fn no_token_is_stored() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let bytes = data_encoding::BASE64URL_NOPAD.decode(ana.refresh.as_bytes()).unwrap();
    assert_eq!(bytes.len(), 32, "256 random bits");
    for clear in [bytes.as_slice(), ana.refresh.as_bytes()] {
        let hex = data_encoding::HEXLOWER.encode(clear);
        let column = if api.database.is_postgres() { "encode(token_hash, 'hex')" } else { "LOWER(HEX(token_hash))" };
        assert_eq!(sql::rows(&api.database, &format!("refresh_tokens WHERE {column} LIKE '%{hex}%'")), 0);
    }
}

#[test]
fn somebody_sees_and_ends_their_own_sessions() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let body = json!({"email": ana.email, "password": PASSWORD});
    let phone = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0";
    let elsewhere = api.ask("POST", "sessions").header("User-Agent", phone).json(body).send();
    let elsewhere = user(&ana.email, &elsewhere.json());
    let third = sign_in(&api, &ana.email);

    let sessions = api.ask("GET", "sessions").by(&ana).send().json();
    let items = sessions["items"].as_array().unwrap();
    let ids: Vec<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&third.session, &elsewhere.session, &ana.session], "newest first");
    assert_eq!(items[1]["device"], "Firefox, Android");
    let current: Vec<bool> = items.iter().map(|item| item["is_current"] == true).collect();
    assert_eq!(current, [false, false, true]);

    let page = api.ask("GET", "sessions?limit=2").by(&ana).send().json();
    let rest = format!("sessions?limit=2&cursor={}", page["next"].as_str().unwrap());
    let rest = api.ask("GET", &rest).by(&ana).send().json();
    assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&json!(ana.session), &json!(null)));

    let end = |id: &str| api.ask("DELETE", &format!("sessions/{id}")).by(&ana).send().status;
    assert_eq!((end(&elsewhere.session), end(&elsewhere.session)), (204, 404));
    assert!(!is_in(&api, &elsewhere) && is_in(&api, &third));
    assert_eq!(api.ask("DELETE", "sessions").by(&ana).send().status, 204);
    assert!(!is_in(&api, &third) && !is_in(&api, &ana));
    assert_eq!(refresh(&api, &third.refresh).status, 401);
}

#[test]
fn ending_others_asks_for_a_fresh_proof_and_signing_out_does_not() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let (elsewhere, third) = (sign_in(&api, &ana.email), sign_in(&api, &ana.email));
    let end = |path: &str| api.ask("DELETE", path).by(&ana).send();
    let other = format!("sessions/{}", elsewhere.session);
    sql::let_proof_grow_old(&api, &ana, 6);
    for path in [other.as_str(), "sessions"] {
        let reply = end(path);
        assert_eq!((reply.status, reply.code().as_str()), (403, "step_up_required"), "{path}");
    }
    assert!([&ana, &elsewhere, &third].iter().all(|user| is_in(&api, user)));
    let proved = api.ask("POST", "sessions/current/step-up").by(&ana).json(json!({"password": PASSWORD})).send();
    assert_eq!((proved.status, end(&other).status), (204, 204));
    assert!(!is_in(&api, &elsewhere) && is_in(&api, &third));
    // Out of this one session everybody may go, by its name too.
    sql::let_proof_grow_old(&api, &ana, 6);
    assert_eq!(end(&format!("sessions/{}", ana.session)).status, 204);
    sql::let_proof_grow_old(&api, &third, 6);
    assert_eq!(api.ask("DELETE", "sessions/current").by(&third).send().status, 204);
    assert!(!is_in(&api, &ana) && !is_in(&api, &third));
}

/// Who has a second factor proves it by that; a password is none.
#[test]
fn a_session_without_a_fresh_second_factor_ends_no_other() {
    let api = Api::start();
    let mut ana = api.register("ana@example.org");
    api.enrol(&mut ana);
    sql::let_proof_grow_old(&api, &ana, 6);
    let proved = api.ask("POST", "sessions/current/step-up").by(&ana).json(json!({"password": PASSWORD})).send();
    assert_eq!((proved.status, proved.code().as_str()), (403, "totp_required"));
    assert_eq!(api.ask("DELETE", "sessions").by(&ana).send().code(), "step_up_required");
    let body = json!({"recovery_code": ana.recovery_codes[0]});
    assert_eq!(api.ask("POST", "sessions/current/step-up").by(&ana).json(body).send().status, 204);
    assert_eq!(api.ask("DELETE", "sessions").by(&ana).send().status, 204);
    assert!(!is_in(&api, &ana));
}

/// `fond sessions end`, beside the server: its exit code and what it says.
fn end_sessions(api: &Api, whose: &[&str]) -> (Option<i32>, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_fond"));
    command.env_clear().env("FOND__MASTER_KEY_FILE", &api.database.key);
    command.args(["sessions", "end", "--database", &api.database.url]).args(whose);
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[test]
fn the_command_line_ends_the_sessions_of_one_and_of_all() {
    let api = Api::start();
    let (ana, iva) = (api.register("ana@example.org"), api.register("iva@example.org"));
    let elsewhere = sign_in(&api, &ana.email);
    let over = sign_in(&api, &ana.email);
    assert_eq!(api.ask("DELETE", "sessions/current").by(&over).send().status, 204);

    let nobody = uuid::Uuid::now_v7().to_string();
    for (wrong, said) in [
        (&["--person", "ana"][..], "--person"),
        (&["--person", &nobody], "nobody with this id"),
        (&["--person", &ana.person, "--all"], "--all"),
        (&[], "--all"),
    ] {
        let (code, told) = end_sessions(&api, wrong);
        assert!(code == Some(2) && told.contains(said), "{wrong:?}: {code:?} {told}");
    }
    assert!([&ana, &elsewhere, &iva].iter().all(|user| is_in(&api, user)));
    assert_eq!(end_sessions(&api, &["--person", &ana.person]), (Some(0), "Sessions ended: 2.\n".to_owned()));
    assert!(!is_in(&api, &ana) && !is_in(&api, &elsewhere) && is_in(&api, &iva));
    assert_eq!(refresh(&api, &ana.refresh).status, 401);

    let again = sign_in(&api, &ana.email);
    assert_eq!(end_sessions(&api, &["--all"]), (Some(0), "Sessions ended: 2.\n".to_owned()));
    assert!(!is_in(&api, &again) && !is_in(&api, &iva));
    assert_eq!(end_sessions(&api, &["--all"]), (Some(0), "Sessions ended: 0.\n".to_owned()));

    let events = "SELECT COUNT(*) AS number FROM events WHERE kind = 'sessions_ended'";
    assert_eq!(api.database.number(events), 3);
    let numbered = format!("{events} AND sequence IS NOT NULL");
    assert_eq!(api.database.number(&numbered), 3);
}

#[test]
fn a_session_ends_at_last_however_often_it_is_refreshed() {
    let api = Api::start_with(|settings| {
        settings.tokens.refresh_days = 30;
        settings.tokens.session_days = 40;
    });
    let ana = api.register("ana@example.org");
    let (day, now) = (86_400_000_000, fond::clock::Instant::now().micros());
    let began = now - 35 * day;
    crate::sql::execute(&api.database, &format!("UPDATE sessions SET created_at = {began}"));
    assert_eq!(refresh(&api, &ana.refresh).status, 200);
    let left = api.database.number("SELECT expires_at - created_at AS number FROM sessions");
    assert_eq!(left, 40 * day);
}
