//! People on their way to a role, or out of one: whatever they ask that needs the role, nothing happens.

use serde_json::{Value, json};

use crate::letters::{letter_with, register_in_english, user};
use crate::policy::table::needing_a_role;
use crate::policy::world::World;
use crate::sql;
use crate::support::api::{Api, PASSWORD, User};

/// Everything that a request could leave behind, as one number: each kind of it counts differently.
fn traces(api: &Api) -> i64 {
    let tables = [
        "events",
        "jobs",
        "people",
        "logins",
        "role_grants",
        "invitations",
        "sessions",
        "idempotent_answers",
        "calls",
        "applications",
        "drafts",
        "resolutions",
        "clarifications",
        "clarifications WHERE answered_at IS NOT NULL",
        "aid_programmes",
        "aid_registers",
        "contributions",
        "ledger_entries",
        "awards",
        "payouts",
        "conflict_declarations",
        "recusals",
        "votes",
        "sessions WHERE ended_at IS NULL",
        "jobs WHERE dead_at IS NOT NULL",
        "findings WHERE status = 'open'",
        "aid_registers WHERE state = 'in_force'",
    ];
    let versions = ["logins", "role_grants", "invitations", "calls", "applications", "payouts"];
    let counted = tables.iter().map(|table| format!("(SELECT COUNT(*) FROM {table})"));
    let summed =
        versions.iter().map(|table| format!("(SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) FROM {table})"));
    let weighed =
        counted.chain(summed).zip(1..).map(|(number, place): (String, i64)| format!("{} * {number}", place * place));
    api.database.number(&format!("SELECT {} AS number", weighed.collect::<Vec<_>>().join(" + ")))
}

fn nothing_is_let_through(world: &World, user: User, code: &str) {
    nothing_of(world, "administrator", user, code, 100);
}

/// Asks all that needs the role, on the call that a seat would be on.
fn nothing_of(world: &World, role: &str, user: User, code: &str, at_least: usize) {
    let person = world.visitor(user);
    let mut rows = needing_a_role(role);
    // Who has a seat is told that there is nothing of the kind on their call before anything else.
    rows.retain(|row| role != "chair" || row.whose == "own");
    assert!(rows.len() >= at_least, "{} for {role}", rows.len());
    for row in rows {
        let ask = world.ask(&row, Some(&person));
        let before = traces(&world.api);
        let reply = ask.send();
        let place = format!("{} {} {} by {}", row.method, row.path, row.whose, person.user.email);
        assert_eq!((reply.status, reply.code().as_str()), (403, code), "{place}");
        assert_eq!(traces(&world.api), before, "{place} left something behind");
    }
}

/// Two administrators with a second factor given just now.
fn pair(world: &World) -> [User; 2] {
    let [administrator, stale] = ["administrator", "stale"].map(|role| world.person(role).unwrap().user.clone());
    sql::let_proof_grow_old(&world.api, &stale, -10);
    [administrator, stale]
}

fn invite(world: &World, email: &str) -> (Value, String) {
    let invitation = world.api.invite(&pair(world)[0], email, "administrator", json!({}));
    (invitation, world.api.letter(email, 0).token())
}

fn confirm(world: &World, invitation: &Value) {
    let path = format!("invitations/{}/confirm", invitation["id"].as_str().unwrap());
    let by = pair(world)[1].clone();
    let ask = world.api.ask("GET", path.trim_end_matches("/confirm")).by(&by).send();
    let reply = world.api.ask("POST", &path).by(&by).header("If-Match", &ask.headers["etag"]).send();
    assert_eq!(reply.status, 200, "{reply:?}");
}

/// Accepts and signs in, and enrols nothing.
fn accept_only(api: &Api, email: &str, token: &str) -> User {
    let body = json!({"token": token, "name": "Iva Ivić", "password": PASSWORD});
    assert_eq!(api.post("invitations/accept", body).status, 200);
    let reply = api.post("sessions", json!({"email": email, "password": PASSWORD}));
    assert_eq!(reply.status, 201, "{reply:?}");
    user(email, &reply.json())
}

#[test]
fn who_has_not_accepted_or_is_not_confirmed_can_do_nothing() {
    let world = World::new();
    invite(&world, "invited@example.org");
    let mut invited = register_in_english(&world.api, "invited@example.org");
    world.api.enrol(&mut invited);
    nothing_is_let_through(&world, invited, "forbidden");

    let (_, token) = invite(&world, "unconfirmed@example.org");
    let unconfirmed = world.api.accept("unconfirmed@example.org", &token);
    nothing_is_let_through(&world, unconfirmed, "forbidden");

    let (invitation, token) = invite(&world, "withdrawn@example.org");
    let withdrawn = world.api.accept("withdrawn@example.org", &token);
    let path = format!("invitations/{}", invitation["id"].as_str().unwrap());
    let reply = world.api.ask("DELETE", &path).by(&pair(&world)[0]).header("If-Match", "\"2\"").send();
    assert_eq!(reply.status, 204, "{reply:?}");
    nothing_is_let_through(&world, withdrawn, "forbidden");
}

#[test]
fn who_has_no_second_factor_can_do_nothing() {
    let world = World::new();
    let (invitation, token) = invite(&world, "bare@example.org");
    confirm(&world, &invitation);
    let bare = accept_only(&world.api, "bare@example.org", &token);
    let roles = world.api.ask("GET", "me/roles").by(&bare).send().json();
    assert_eq!(roles["items"][0]["role"], "administrator", "they do hold it");
    nothing_is_let_through(&world, bare.clone(), "totp_required");

    let offered = world.api.ask("POST", "me/second-factor").by(&bare).send();
    assert_eq!(offered.status, 201);
    nothing_is_let_through(&world, bare.clone(), "totp_required");

    // A session that began without the second factor, if there were one.
    let mut enrolled = bare;
    world.api.enrol(&mut enrolled);
    let session = sql::id(&world.api.database, &enrolled.session);
    let clear = format!("UPDATE sessions SET second_factor_at = NULL WHERE id = {session}");
    assert_eq!(sql::execute(&world.api.database, &clear), 1);
    nothing_is_let_through(&world, enrolled.clone(), "totp_required");

    world.api.sign_in(&mut enrolled);
    let removed = world.api.ask("DELETE", "me/second-factor").by(&enrolled).send();
    assert_eq!(removed.status, 204, "{removed:?}");
    nothing_is_let_through(&world, enrolled, "totp_required");
}

/// The same for those who keep the money, check it, and preside.
#[test]
fn who_is_half_enrolled_for_another_role_can_do_nothing_either() {
    let world = World::new();
    for (role, at_least) in [("treasurer", 40), ("authoriser", 20), ("auditor", 15), ("chair", 10)] {
        let [unconfirmed, bare] = ["unconfirmed", "bare"].map(|what| format!("{what}-{role}@example.org"));
        let more = match role {
            "auditor" => json!({"association": "ULUS"}),
            "chair" => json!({"call_id": world.call(), "association": "ULUS"}),
            _ => json!({}),
        };
        let invite = |email: &str| world.api.invite(&pair(&world)[0], email, role, more.clone());
        if invite(&unconfirmed)["needs_confirmation"] == true {
            let user = world.api.accept(&unconfirmed, &world.api.letter(&unconfirmed, 0).token());
            nothing_of(&world, role, user, "forbidden", at_least);
        }
        let invitation = invite(&bare);
        if invitation["needs_confirmation"] == true {
            confirm(&world, &invitation);
        }
        let user = accept_only(&world.api, &bare, &world.api.letter(&bare, 0).token());
        if role == "chair" {
            // There is one already; this one has the seat of the other.
            let [seated, bare] =
                [&world.person("chair").unwrap().user, &user].map(|user| sql::id(&world.api.database, &user.person));
            let statement = format!("UPDATE seats SET person_id = {bare} WHERE person_id = {seated}");
            assert_eq!(sql::execute(&world.api.database, &statement), 1);
        }
        nothing_of(&world, role, user, "totp_required", at_least);
    }
}

#[test]
fn who_is_suspended_or_whose_role_is_over_can_do_nothing() {
    let world = World::new();
    let [administrator, mut other] = pair(&world);
    let role = |set: &str| {
        let person = sql::id(&world.api.database, &other.person);
        let changed =
            sql::execute(&world.api.database, &format!("UPDATE role_grants SET {set} WHERE person_id = {person}"));
        assert_eq!(changed, 1);
    };
    role("granted_at = granted_at - 2000000, ends_at = granted_at - 1000000");
    nothing_is_let_through(&world, other.clone(), "forbidden");
    role("granted_at = granted_at + 864000000000, ends_at = NULL");
    nothing_is_let_through(&world, other.clone(), "forbidden");
    role("granted_at = granted_at - 864000000000");
    assert_eq!(world.api.ask("GET", "roles").by(&other).send().status, 200);

    let suspend = format!("people/{}/suspend", other.person);
    assert_eq!(world.api.ask("POST", &suspend).by(&administrator).send().status, 204);
    world.api.sign_in(&mut other);
    nothing_is_let_through(&world, other, "suspended");
}

#[test]
fn no_session_of_somebody_with_a_second_factor_began_without_it() {
    let api = Api::start();
    let mut ana = api.register("ana@example.org");
    let mut elsewhere = ana.clone();
    api.sign_in(&mut elsewhere);
    api.enrol(&mut ana);
    assert_eq!(api.ask("GET", "me").by(&elsewhere).send().status, 401, "sessions from before have ended");
    assert_eq!(api.post("sessions/refresh", json!({"refresh_token": elsewhere.refresh})).status, 401);

    let needs_a_code = |path: &str, body: Value| {
        let reply = api.post(path, body);
        assert_eq!((reply.status, reply.code().as_str()), (403, "totp_required"), "{path}");
    };
    needs_a_code("sessions", json!({"email": ana.email, "password": PASSWORD}));
    let asked = api.post("sign-in-links", json!({"email": ana.email})).json();
    let letter = letter_with(&api, &ana.email, "/sign-in#", 0);
    needs_a_code("sessions/link", json!({"token": letter.token()}));
    needs_a_code("sessions/code", json!({"device_token": asked["device_token"], "code": letter.code()}));

    let without = "SELECT COUNT(*) AS number FROM sessions WHERE ended_at IS NULL AND second_factor_at IS NULL";
    assert_eq!(api.database.number(without), 0);
    let body = json!({"email": ana.email, "password": PASSWORD, "recovery_code": ana.recovery_codes[0]});
    assert_eq!(api.post("sessions", body).status, 201);
    assert_eq!(api.database.number(without), 0);
}
