//! Forgetting: what somebody asks to be erased is gone everywhere, and books, awards, log and totals stay as they are.

use fond::clock::Instant;
use fond::privacy::{list, retention};
use serde_json::{Value, json};

use crate::applications::{answers, apply, begin};
use crate::journal::rows;
use crate::letters::letter_with;
use crate::sql;
use crate::support::api::{Api, PASSWORD, Reply, User};
use crate::support::round::{Round, call_now};
use crate::totals::settle;

pub fn erase(api: &Api, user: &User) -> Reply {
    api.ask("DELETE", "me").by(user).send()
}

pub fn withdraw(api: &Api, user: &User, id: &str) {
    let path = format!("me/applications/{id}");
    let etag = api.ask("GET", &path).by(user).send().headers["etag"].clone();
    let ask = api.ask("POST", &format!("{path}/withdraw")).by(user).header("If-Match", &etag);
    let reply = ask.header("Idempotency-Key", "withdraw-1").json(json!({})).send();
    assert_eq!(reply.status, 200, "{reply:?}");
}

pub fn keys_of(api: &Api, user: &User) -> Vec<String> {
    let id = sql::id(&api.database, &user.person);
    sql::texts(&api.database, &format!("SELECT class AS text FROM data_keys WHERE owner_id = {id} ORDER BY class"))
}

/// Everything that is told of the round without anybody in it.
pub fn told(round: &Round) -> Vec<Value> {
    settle(&round.api);
    let dimensions = ["call", "category", "association", "municipality", "discipline", "month"];
    let mut told: Vec<Value> = dimensions
        .map(|by| {
            let path = format!("calls/{}/totals?by={by}", round.call);
            round.api.ask("GET", &path).by(&round.auditor).send().json()
        })
        .into();
    for rest in ["trial-balance", "accounts", "entries", "awards"] {
        let path = format!("calls/{}/{rest}", round.call);
        told.push(round.api.ask("GET", &path).by(&round.treasurer).send().json());
    }
    told
}

pub fn listed(api: &Api) -> String {
    std::fs::read_to_string(api.database.erasures_file()).unwrap_or_default()
}

#[test]
fn whoever_asks_is_forgotten_and_no_total_changes() {
    let round = Round::open();
    let api = &round.api;
    let [mut ana, other] = ["ana@example.org", "other@example.org"].map(|email| api.register(email));
    let sent = apply(api, &ana, &round.call, &answers(1));
    apply(api, &other, &round.call, &answers(2));
    begin(api, &ana, &call_now(api, "second"));
    let id = sent["id"].as_str().unwrap();

    let refused = erase(api, &ana);
    assert_eq!((refused.status, refused.code().as_str()), (409, "application_running"));
    withdraw(api, &ana, id);
    sql::let_proof_grow_old(api, &ana, 10);
    let refused = erase(api, &ana);
    assert_eq!((refused.status, refused.code().as_str()), (403, "step_up_required"));
    api.sign_in(&mut ana);

    let before = told(&round);
    let people = sql::rows(&api.database, "people");
    assert_eq!(keys_of(api, &ana), ["identity", "need", "payment"]);
    assert_eq!(erase(api, &ana).status, 204);
    assert!(keys_of(api, &ana).is_empty() && keys_of(api, &other).len() == 3);
    assert!(listed(api).ends_with(&format!(" person {}\n", ana.person)), "{}", listed(api));
    assert_eq!(told(&round), before);
    assert_eq!((sql::rows(&api.database, "people"), sql::events(&api.database, "data_erased")), (people, 1));

    // Signed out, unknown, and nothing of what was sealed is left in the rows.
    assert_eq!(api.ask("GET", "me").by(&ana).send().status, 401);
    let sign_in = api.post("sessions", json!({"email": ana.email, "password": PASSWORD}));
    assert_eq!((sign_in.status, sign_in.code().as_str()), (401, "wrong_credentials"));
    let row = sql::id(&api.database, id);
    let left = format!(
        "SELECT CAST(LENGTH(identity_sealed) + LENGTH(need_sealed) + LENGTH(ranking_sealed) + LENGTH(payment_sealed) \
         AS BIGINT) AS number FROM applications WHERE id = {row}"
    );
    assert_eq!(api.database.number(&left), 0);
    assert_eq!(sql::rows(&api.database, "drafts"), 0);

    // Who works on the application is told why there is nothing to read.
    let path = format!("applications/{id}");
    let detail = api.ask("GET", &path).by(&round.administrators[0]).send();
    assert_eq!((detail.status, &detail.json()["facts"]), (200, &Value::Null), "{detail:?}");
    let open = api.ask("POST", &format!("{path}/person")).by(&round.administrators[0]);
    let opened = open.header("Idempotency-Key", "open-1").json(json!({"purpose": "answer_request"})).send();
    assert_eq!((opened.status, opened.code().as_str()), (409, "data_erased"), "{opened:?}");

    // The bare index stays: the same person does not come a second time under another account.
    let again = api.register("again@example.org");
    let second = begin(api, &again, &round.call);
    let etag = crate::applications::fill(api, &again, &second, &answers(1));
    let submit = api.ask("POST", &format!("me/applications/{second}/submit")).by(&again).header("If-Match", &etag);
    let refused = submit.header("Idempotency-Key", "again-1").json(json!({})).send();
    assert_eq!((refused.status, refused.code().as_str()), (409, "already_applied"), "{refused:?}");
    // And whoever shares account or address with the forgotten is no longer told of them.
    let mut like_ana = answers(3);
    like_ana["address"] = answers(1)["address"].clone();
    let neighbour = api.register("neighbour@example.org");
    assert_eq!(apply(api, &neighbour, &round.call, &like_ana)["state"], "eligible");
}

#[test]
fn whoever_holds_a_role_or_a_seat_is_not_forgotten() {
    let round = Round::open();
    for user in [&round.auditor, &round.members[0], &round.administrators[0]] {
        let refused = erase(&round.api, user);
        assert_eq!((refused.status, refused.code().as_str()), (409, "roles_held"), "{}", user.email);
    }
    assert_eq!(sql::events(&round.api.database, "data_erased"), 0);
}

#[test]
fn a_list_that_cannot_be_written_is_written_later() {
    let round = Round::open();
    let api = &round.api;
    let ana = api.register("ana@example.org");
    let list = api.database.erasures_file();
    std::fs::remove_file(&list).ok();
    std::fs::create_dir(&list).unwrap();
    assert_eq!(erase(api, &ana).status, 204);
    assert_eq!(api.database.number("SELECT COUNT(*) AS number FROM erasures WHERE listed_at IS NULL"), 1);
    std::fs::remove_dir(&list).unwrap();
    let began = std::time::Instant::now();
    while !listed(api).contains(&ana.person) {
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "it was never written");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// A run looks for all of it and then erases class by class: whoever comes back meanwhile is idle no more.
#[test]
fn whoever_comes_back_while_others_are_erased_is_not_forgotten() {
    let api = Api::start();
    let [administrator, _] = api.administrators();
    let [mut ana, iva, mia, eva] =
        ["ana", "iva", "mia", "eva"].map(|name| api.register(&format!("{name}@example.org")));
    for user in [&ana, &iva, &mia, &eva] {
        let id = sql::id(&api.database, &user.person);
        for (table, change) in [("logins", "created_at = 1, secured_at = 1"), ("sessions", "ended_at = 1")] {
            let change = format!("UPDATE {table} SET {change} WHERE person_id = {id}");
            assert_eq!(sql::execute(&api.database, &change), 1);
        }
    }
    let (fond, terms, now) = (api.database.open(), api.database.settings().retention, Instant::now());
    let due = || fond.db.read(|conn| retention::due(conn, &terms, now)).unwrap();
    let idle = || due().iter().find(|due| due.class == "accounts").unwrap().count;
    let found = due();
    assert_eq!(idle(), 4);

    api.sign_in(&mut ana);
    // The first role waits for a second administrator, the other is given at once.
    for (user, role, more) in [(&iva, "treasurer", json!({})), (&mia, "auditor", json!({"association": "ULUS"}))] {
        api.invite(&administrator, &user.email, role, more);
        let token = letter_with(&api, &user.email, "/invitation#", 0).token();
        let accepted = api.post("invitations/accept", json!({"token": token, "name": "Iva Ivić"}));
        assert_eq!(accepted.status, 200, "{accepted:?}");
    }
    retention::erase(&fond.db, &fond.vault, &found, &api.database.erasures_file(), now).unwrap();
    let stay = [&ana, &iva, &mia].map(|user| keys_of(&api, user));
    assert!(stay.iter().all(|keys| keys == &["identity"]) && keys_of(&api, &eva).is_empty(), "{stay:?}");
    assert_eq!((idle(), api.ask("GET", "me").by(&ana).send().status), (0, 200));
    // The fund had to open the address of whom it forgot.
    let erasing = rows(&api).into_iter().filter(|(_, purpose, _)| purpose == "erase").collect::<Vec<_>>();
    assert_eq!(erasing, [("system".to_owned(), "erase".to_owned(), 1)]);
}

/// A restored backup is older than the erasure: the list makes it forget, once, and only what it knows.
#[test]
fn a_restored_database_forgets_by_the_list() {
    let round = Round::open();
    let api = &round.api;
    let ana = api.register("ana@example.org");
    let sent = apply(api, &ana, &round.call, &answers(1));
    withdraw(api, &ana, sent["id"].as_str().unwrap());
    let fond = api.database.open();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    let absent = uuid::Uuid::now_v7();
    let line = |what: &str, id: &str| format!("2026-11-27T10:15:00Z {what} {id}\n");
    std::fs::write(&path, line("person", &ana.person) + &line("need", &absent.to_string())).unwrap();
    assert_eq!(list::apply(&fond.db, &fond.vault, &list::read(&path).unwrap()).unwrap(), 1);
    assert!(keys_of(api, &ana).is_empty());
    assert_eq!(api.ask("GET", "me").by(&ana).send().status, 401);
    assert_eq!(list::apply(&fond.db, &fond.vault, &list::read(&path).unwrap()).unwrap(), 0);
    assert_eq!(list::write_down(&fond.db, &path).unwrap(), 0, "what came from the list stands on it");

    std::fs::write(&path, line("person", "x")).unwrap();
    assert!(list::read(&path).unwrap_err().to_string().contains("line 1"));
}
