//! How roles and invitations end, and what an administrator of one call may not do on others.

use std::process::{Command, Output};

use serde_json::{Value, json};

use super::{accept, at_any_version, confirm, holds, path, refused, token, try_end_role, try_invite};
use crate::sql;
use crate::support::api::{Api, User, in_days};
use crate::support::{TestDatabase, people};

#[test]
fn every_role_has_an_end() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let ends = |at: Value| try_invite(&api, &first, "iva@example.org", "treasurer", &json!({"ends_at": at}));
    for (at, wrong) in [
        (Value::Null, "ends_at: missing"),
        (json!("2020-01-01T00:00:00Z"), "ends_at: past"),
        (json!(in_days(3 * 366 + 1)), "ends_at: too_far"),
        (json!("2099-12-31T00:00:00Z"), "ends_at: too_far"),
        (json!("2020-01-01"), "ends_at: past"),
        (json!("2027-02-30"), "ends_at: end"),
        (json!("2099-12-31T00:00:00"), "ends_at: end"),
        (json!(7), "ends_at: wrong_type"),
    ] {
        let reply = ends(at);
        assert_eq!((reply.status, reply.wrong_fields()), (422, vec![wrong.to_owned()]));
    }
    assert_eq!(ends(json!(in_days(3 * 365))).status, 201);
}

#[test]
fn an_end_may_be_a_day_and_means_its_last_moment_in_belgrade() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let year = in_days(366)[..4].to_owned();
    for (day, end) in [("12-31", "12-31T23:00:00Z"), ("07-01", "07-01T22:00:00Z")] {
        let more = json!({"ends_at": format!("{year}-{day}")});
        let invited = try_invite(&api, &first, &format!("{day}@example.org"), "treasurer", &more);
        assert_eq!((invited.status, &invited.json()["ends_at"]), (201, &json!(format!("{year}-{end}"))), "{invited:?}");
    }
}

#[test]
fn a_role_ends_on_its_day_and_not_before() {
    let api = Api::start();
    let administrators = api.administrators();
    let treasurer = api.officer(&administrators, "iva@example.org", "treasurer");
    assert_eq!(holds(&api, &treasurer), ["treasurer"]);
    let person = sql::id(&api.database, &treasurer.person);
    sql::execute(&api.database, &format!("UPDATE role_grants SET ends_at = granted_at + 1 WHERE person_id = {person}"));
    assert_eq!(holds(&api, &treasurer), Vec::<String>::new());
    refused(&try_end_role(&api, &administrators[0], &treasurer), "role_ended");
}

#[test]
fn the_last_administrator_stays() {
    let api = Api::start();
    let [first, second] = api.administrators();
    assert_eq!(try_end_role(&api, &first, &second).status, 200);
    refused(&try_end_role(&api, &first, &first), "last_administrator");
}

#[test]
fn an_administrator_who_cannot_act_does_not_count() {
    let api = Api::start();
    let [first, second] = api.administrators();
    let suspend = format!("people/{}/suspend", second.person);
    assert_eq!(api.ask("POST", &suspend).by(&first).send().status, 204);
    refused(&try_end_role(&api, &first, &first), "last_administrator");
    assert_eq!(api.ask("POST", &suspend.replace("suspend", "restore")).by(&first).send().status, 204);
    assert_eq!(try_end_role(&api, &first, &first).status, 200);
}

/// A request that runs beside another has a now of its own, and may be ending that very role.
#[test]
fn an_administrator_whose_role_is_about_to_end_does_not_count() {
    let api = Api::start();
    let [first, second] = api.administrators();
    let person = sql::id(&api.database, &second.person);
    let soon = fond::clock::Instant::now().plus(std::time::Duration::from_secs(40)).micros();
    sql::execute(&api.database, &format!("UPDATE role_grants SET ends_at = {soon} WHERE person_id = {person}"));
    refused(&try_end_role(&api, &first, &first), "last_administrator");
}

#[test]
fn an_administrator_of_one_call_does_not_count() {
    let api = Api::start();
    let administrators = api.administrators();
    administrator_of_a_call(&api, &administrators);
    let [first, second] = &administrators;
    assert_eq!(try_end_role(&api, first, second).status, 200);
    refused(&try_end_role(&api, first, first), "last_administrator");
}

/// Somebody who is an administrator on one call alone, and that call.
fn administrator_of_a_call(api: &Api, [first, second]: &[User; 2]) -> (User, String) {
    let call = people::open_call(&api.database.open(), |_| ()).to_string();
    // The maker of the call is no administrator that the server knows of.
    sql::execute(&api.database, "UPDATE role_grants SET ends_at = 1 WHERE ends_at IS NULL");
    let email = "here@example.org";
    let invited = try_invite(api, first, email, "administrator", &json!({"call_id": call})).json();
    assert_eq!(confirm(api, second, &invited).status, 200);
    (api.accept(email, &token(api, email, 0)), call)
}

#[test]
fn an_administrator_of_one_call_gives_nothing_beyond_it() {
    let api = Api::start();
    let administrators = api.administrators();
    let [first, second] = &administrators;
    let (here, call) = administrator_of_a_call(&api, &administrators);
    let elsewhere = people::open_call(&api.database.open(), |rules| rules.code = "other".into()).to_string();

    let invite = |more: Value| try_invite(&api, &here, "iva@example.org", "treasurer", &more).status;
    assert_eq!(invite(json!({"call_id": call})), 201);
    assert_eq!(invite(json!({"call_id": elsewhere})), 404);
    assert_eq!(invite(json!({})), 403, "on every call");

    let everywhere = try_invite(&api, first, "accomplice@example.org", "administrator", &json!({})).json();
    let reply = api.ask("POST", &format!("{}/confirm", path(&everywhere))).by(&here).header("If-Match", "\"1\"").send();
    assert_eq!(reply.status, 404, "{reply:?}");
    let suspend = format!("people/{}/suspend", second.person);
    assert_eq!(api.ask("POST", &suspend).by(&here).send().status, 403);
    assert_eq!(api.ask("GET", "dead-jobs").by(&here).send().status, 403);
}

#[test]
fn an_administrator_of_one_call_sees_and_changes_what_belongs_to_it() {
    let api = Api::start();
    let administrators = api.administrators();
    let [first, second] = &administrators;
    let (here, call) = administrator_of_a_call(&api, &administrators);
    let elsewhere = people::open_call(&api.database.open(), |rules| rules.code = "other".into()).to_string();
    let on = |call: &str| json!({"call_id": call, "association": "ULUS"});
    let auditor = api.officer_with(&administrators, "inside@example.org", "auditor", on(&call));
    let outside = api.officer_with(&administrators, "outside@example.org", "auditor", on(&elsewhere));

    let column = |list: &str, name: &str| -> Vec<String> {
        let page = api.ask("GET", list).by(&here).send().json();
        let items = page["items"].as_array().unwrap();
        assert!(items.iter().all(|item| item["call_id"] == call.as_str()), "{page}");
        items.iter().map(|item| item[name].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(column("invitations", "email"), ["inside@example.org", "here@example.org"]);
    assert_eq!(column("invitations?role=auditor&limit=1", "email"), ["inside@example.org"]);
    assert_eq!(column("roles", "person_id"), [auditor.person.clone(), here.person.clone()]);
    assert_eq!(column("roles?role=treasurer", "person_id"), Vec::<String>::new());

    let invited = try_invite(&api, first, "iva@example.org", "treasurer", &json!({"call_id": call})).json();
    assert_eq!(confirm(&api, &here, &invited).status, 200, "the second administrator may be one of the call");
    let own = try_invite(&api, &here, "eva@example.org", "authoriser", &json!({"call_id": call})).json();
    refused(&confirm(&api, &here, &own), "second_person");
    assert_eq!(at_any_version(&api, &here, "DELETE", &path(&own), "").status, 204);

    let grant = |of: &User| {
        let roles = api.ask("GET", "me/roles").by(of).send().json();
        format!("roles/{}", roles["items"][0]["id"].as_str().unwrap())
    };
    for foreign in [grant(&outside), grant(second), format!("roles/{}", uuid::Uuid::now_v7())] {
        assert_eq!(api.ask("GET", &foreign).by(&here).send().status, 404);
        let end = api.ask("POST", &format!("{foreign}/end")).by(&here).header("If-Match", "*").send();
        assert_eq!(end.status, 404, "{end:?}");
    }
    assert_eq!(at_any_version(&api, &here, "POST", &grant(&auditor), "/end").status, 200);
    assert_eq!((holds(&api, &auditor), holds(&api, &outside)), (vec![], vec!["auditor".to_owned()]));
}

#[test]
fn a_call_that_is_not_there_is_a_wrong_field() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let nowhere = json!({"call_id": uuid::Uuid::now_v7()});
    let reply = try_invite(&api, &first, "iva@example.org", "treasurer", &nowhere);
    assert_eq!((reply.status, reply.wrong_fields()), (422, vec!["call_id: absent".to_owned()]), "{reply:?}");
}

#[test]
fn a_withdrawn_invitation_is_over() {
    let api = Api::start();
    let [first, second] = api.administrators();
    let email = "iva@example.org";
    let invited = try_invite(&api, &first, email, "treasurer", &json!({})).json();
    let token = token(&api, email, 0);
    assert_eq!(at_any_version(&api, &second, "DELETE", &path(&invited), "").status, 204);
    let reply = accept(&api, &token);
    assert_eq!((reply.status, reply.wrong_fields()), (422, vec!["token: token".to_owned()]));
    refused(&confirm(&api, &second, &invited), "invitation_state");
    refused(&at_any_version(&api, &first, "DELETE", &path(&invited), ""), "invitation_state");
    assert_eq!(api.ask("GET", &path(&invited)).by(&first).send().json()["state"], "withdrawn");
    assert_eq!(sql::rows(&api.database, "logins"), 2, "no account came of it");
}

/// Whoever did not answer is known to the fund for a week longer than they could, and no more.
#[test]
fn the_address_of_an_offer_that_nobody_accepted_is_forgotten() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let [withdrawn, expired, fresh, open] = ["withdrawn", "expired", "fresh", "open"].map(|name| {
        let email = format!("{name}@example.org");
        (try_invite(&api, &first, &email, "treasurer", &json!({})).json(), email)
    });
    assert_eq!(at_any_version(&api, &first, "DELETE", &path(&withdrawn.0), "").status, 204);
    let set = |(invitation, _): &(Value, String), column: &str, days_ago: u64| {
        let at = fond::clock::Instant::now().minus(std::time::Duration::from_secs(days_ago * 86_400)).micros();
        let id = sql::id(&api.database, invitation["id"].as_str().unwrap());
        sql::execute(&api.database, &format!("UPDATE invitations SET {column} = {at} WHERE id = {id}"));
    };
    set(&withdrawn, "withdrawn_at", 8);
    set(&expired, "expires_at", 8);
    set(&fresh, "expires_at", 6);
    let indexes = "SELECT COUNT(DISTINCT email_index) AS number FROM invitations";
    let before = api.database.number(indexes);
    let fond = api.database.open();
    for _ in 0..2 {
        let now = fond::clock::Instant::now();
        fond.db.write(|conn| fond::accounts::actions::forget_old(conn, &fond.vault, now)).unwrap();
    }
    let list = api.ask("GET", "invitations").by(&first).send();
    assert_eq!(list.status, 200, "{list:?}");
    let list = list.json();
    let of = |(invitation, _): &(Value, String)| {
        let found = list["items"].as_array().unwrap().iter().find(|item| item["id"] == invitation["id"]).unwrap();
        (found["email"].clone(), found["state"].as_str().unwrap().to_owned())
    };
    assert_eq!((of(&withdrawn), of(&expired)), ((Value::Null, "withdrawn".into()), (Value::Null, "expired".into())));
    assert_eq!((of(&fresh).0, of(&open).0), (json!(fresh.1), json!(open.1)));
    let named = list["items"].as_array().unwrap().iter().filter(|item| item["email"].is_string()).count();
    assert_eq!(named, 4, "those of the administrators, who accepted, stay: {list}");
    assert_eq!(api.ask("GET", &path(&expired.0)).by(&first).send().json()["email"], Value::Null);
    assert_eq!(api.database.number(indexes), before, "each has an index of its own still, of nothing");
    let kept = "SELECT COUNT(*) AS number FROM invitations WHERE LENGTH(email_sealed) = 0";
    assert_eq!(api.database.number(kept), 2);
}

#[test]
fn an_invitation_that_ran_out_is_over() {
    let api = Api::start();
    let [first, second] = api.administrators();
    for (column, email) in [("expires_at", "iva@example.org"), ("ends_at", "ana@example.org")] {
        let invited = try_invite(&api, &first, email, "treasurer", &json!({})).json();
        let token = token(&api, email, 0);
        let row = sql::id(&api.database, invited["id"].as_str().unwrap());
        sql::execute(&api.database, &format!("UPDATE invitations SET {column} = invited_at + 1 WHERE id = {row}"));
        assert_eq!(accept(&api, &token).wrong_fields(), ["token: token"]);
        refused(&confirm(&api, &second, &invited), "invitation_state");
        assert_eq!(api.ask("GET", &path(&invited)).by(&first).send().json()["state"], "expired");
    }
}

/// `fond user create`, with nothing in its environment but what it needs.
fn create(database: &TestDatabase, email: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fond"));
    command.env_clear().env("FOND__MASTER_KEY_FILE", &database.key);
    command.args(["user", "create", "--role", "administrator", "--email", email, "--database", &database.url]);
    command.output().unwrap()
}

#[test]
fn the_command_line_makes_two_administrators_and_no_third() {
    let database = TestDatabase::new();
    let mut tokens = Vec::new();
    for email in ["first@example.org", "second@example.org"] {
        let output = create(&database, email);
        let text = String::from_utf8(output.stdout).unwrap();
        let link = text.split_whitespace().find(|word| word.contains("/invitation#"));
        tokens.push((email, link.unwrap_or_else(|| panic!("no link: {text}")).split('#').nth(1).unwrap().to_owned()));
    }
    let refused = |database: &TestDatabase| {
        let output = create(database, "third@example.org");
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), message.contains("two administrators are there")),
            (Some(1), true),
            "{message}"
        );
    };
    refused(&database);
    let api = Api::start_on(database, |_| ());
    for (email, token) in tokens {
        let administrator = api.accept(email, &token);
        assert_eq!(holds(&api, &administrator), ["administrator"]);
    }
    refused(&api.database);
}
