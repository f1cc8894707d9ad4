//! Who may ask what: the table against the server, against its document, and against its sources.

pub mod bodies;
mod material;
mod mine;
pub mod table;
pub mod world;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use table::{ROLES, Row};
use world::World;

use crate::sql;
use crate::support::api::{Api, Reply, User};
use crate::support::project;

#[test]
fn the_table_holds() {
    let world = World::new();
    let mut wrong = Vec::new();
    for row in table::rows() {
        for (role, expected) in ROLES.iter().zip(&row.statuses) {
            let reply = world.ask(&row, world.person(role)).send();
            if reply.status != *expected {
                wrong.push(format!("{} {} {} as {role}: {expected}, not {reply:?}", row.method, row.path, row.whose));
            }
            if row.method != "GET" && reply.status < 300 {
                world.mend();
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What of an answer may differ between two requests that are alike.
fn comparable(reply: &Reply) -> (u16, BTreeMap<String, String>, Value) {
    let mut headers = reply.headers.clone();
    // `connection` says whether a refused file was read to its end yet.
    for name in ["x-request-id", "date", "ratelimit", "ratelimit-policy", "retry-after", "connection"] {
        headers.remove(name);
    }
    let mut body: Value = serde_json::from_str(&reply.body).unwrap_or_else(|_| reply.body.clone().into());
    if let Some(body) = body.as_object_mut() {
        body.remove("request_id");
    }
    (reply.status, headers, body)
}

#[test]
fn what_is_foreign_looks_like_what_is_not_there() {
    let world = World::new();
    let rows = table::rows();
    let mut compared = 0;
    for foreign in rows.iter().filter(|row| matches!(row.whose, "foreign" | "draft")) {
        let absent = twin(&rows, foreign);
        for (column, role) in ROLES.iter().enumerate() {
            let (status, of_absent) = (foreign.statuses[column], absent.statuses[column]);
            // What somebody may see, they are told more of: that it is late for it, or to give the second factor first.
            if !matches!(status, 401 | 403 | 404) || (*role == "stale" && status != of_absent) {
                continue;
            }
            assert_eq!(status, of_absent, "{foreign:?} as {role}");
            let [one, other] = [foreign, absent].map(|row| world.ask(row, world.person(role)).send());
            assert_eq!(comparable(&one), comparable(&other), "{} {} as {role}", foreign.method, foreign.path);
            compared += 1;
        }
    }
    assert!(compared > 600, "{compared}");
}

/// The line about what is not there.
fn twin<'a>(rows: &'a [Row], row: &Row) -> &'a Row {
    let is_twin = |other: &&Row| (other.method, other.path, other.whose) == (row.method, row.path, "absent");
    rows.iter().find(is_twin).unwrap_or_else(|| panic!("{row:?}"))
}

/// The table has those who hold their role on every call. On one call alone they see nothing of another.
#[test]
fn who_holds_a_role_on_one_call_sees_nothing_of_another() {
    let world = World::new();
    let call = sql::id(&world.api.database, world.call());
    let mut compared = 0;
    let rows = table::rows();
    for role in ["treasurer", "authoriser", "auditor"] {
        let person = sql::id(&world.api.database, &world.person(role).unwrap().user.person);
        let narrow = format!("UPDATE role_grants SET call_id = {call} WHERE person_id = {person}");
        assert_eq!(sql::execute(&world.api.database, &narrow), 1);
        let column = table::column(role);
        for foreign in rows.iter().filter(|row| row.whose == "foreign") {
            let absent = twin(&rows, foreign);
            if absent.statuses[column] != 404 {
                continue;
            }
            let [one, other] = [foreign, absent].map(|row| world.ask(row, world.person(role)).send());
            let place = format!("{} {} as {role}", foreign.method, foreign.path);
            let is_public = foreign.statuses[table::column("nobody")] == 200 || foreign.path.ends_with("/applications");
            if !is_public {
                assert_eq!((one.status, comparable(&one)), (404, comparable(&other)), "{place}");
                compared += 1;
            }
        }
        for own in rows.iter().filter(|row| row.whose == "own" && row.method == "GET") {
            let reply = world.ask(own, world.person(role)).send();
            assert_eq!(reply.status, own.statuses[column], "{} {} as {role}", own.method, own.path);
        }
    }
    assert!(compared > 60, "{compared}");
}

/// A permission is asked of an id that is no UUID too, and its answer tells no more.
#[test]
fn what_is_no_id_looks_like_what_is_not_there() {
    let world = World::new();
    let applicant = &world.person("applicant").unwrap().user;
    let ask = |id: &str| world.api.ask("DELETE", &format!("sessions/{id}")).by(applicant).send();
    let absent = comparable(&ask(&uuid::Uuid::now_v7().to_string()));
    assert_eq!(absent.0, 404);
    for wrong in ["1", "null", "%00", "00000000-0000-0000-0000-000000000000", "'%20OR%201=1"] {
        assert_eq!(comparable(&ask(wrong)), absent, "{wrong}");
    }
    // Sessions and invitations have other paths beside them, which these would be taken for.
    let is_plain = |row: &Row| !["sessions", "invitations"].iter().any(|part| row.path.contains(part));
    let absent = |row: &&Row| row.whose == "absent" && row.path.contains("{id}") && is_plain(row);
    for row in table::rows().iter().filter(absent) {
        // Who may see it is asked for a fresh proof, or told that there is nothing: either is right.
        for (role, status) in ROLES.iter().zip(&row.statuses).filter(|(role, _)| **role != "stale") {
            let reply = world.ask_about(row, "null", world.person(role)).send();
            assert_eq!(reply.status, *status, "{} {} as {role}: {reply:?}", row.method, row.path);
        }
    }
}

/// A second id, in the path or the body, reaches no further than the first.
#[test]
fn what_is_named_beside_is_asked_too() {
    let world = World::new();
    let rows = table::rows();
    let row = |end: &str| rows.iter().find(|row| row.whose == "own" && row.path.ends_with(end)).unwrap();
    let applicant = &world.person("applicant").unwrap().user;
    let answer = |clarification: &str| {
        let path = format!("me/applications/{}/clarifications/{clarification}/answer", world.mine.sent);
        world.api.ask("POST", &path).by(applicant).json(serde_json::json!({"answer": "Ne."})).send()
    };
    let absent = uuid::Uuid::now_v7().to_string();
    let [theirs, none] = [&world.theirs.clarification, &absent].map(|id| comparable(&answer(id)));
    assert_eq!((theirs.0, &theirs), (404, &none));

    for role in ["administrator", "here"] {
        let merge = |into: &str| {
            let ask = world.ask(row("/merge"), world.person(role));
            comparable(&ask.json(serde_json::json!({"into": into})).send())
        };
        let none = merge(&absent);
        assert_eq!(none.0, 422);
        for other in [&world.foreign.plain, &world.foreign.merged, &world.foreign.awarded, &world.foreign.paying] {
            assert_eq!(merge(other), none, "{role}");
        }
    }
}

#[test]
fn the_table_and_the_document_have_the_same_routes() {
    let api = Api::start();
    let document = api.get("openapi.json").json();
    let mut documented: Vec<(String, String)> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
        documented.extend(methods.map(|method| (method.to_uppercase(), path.clone())));
    }
    documented.sort();
    let table: Vec<_> = table::routes().into_iter().map(|(method, path)| (method.into(), path.into())).collect();
    assert_eq!(documented, table);
}

/// The macros that make a route of a function, in all the sources.
fn routes_in(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { routes_in(&path) } else { routes_in_file(&path) }).sum()
}

fn routes_in_file(path: &Path) -> usize {
    let methods = ["get", "post", "put", "patch", "delete", "head", "options", "trace", "connect", "route", "routes"];
    let is_route = |line: &str| methods.iter().any(|method| line.trim().starts_with(&format!("#[{method}(")));
    std::fs::read_to_string(path).unwrap().lines().filter(|line| is_route(line)).count()
}

#[test]
fn every_route_in_the_sources_is_in_the_table() {
    assert_eq!(routes_in(&project("src")), table::routes().len());
}

/// Somebody signed in whose access token is good for minutes still.
fn administrator(world: &World) -> &User {
    &world.person("administrator").unwrap().user
}

#[test]
fn a_role_that_is_ended_is_ended_at_once() {
    let world = World::new();
    let treasurer = &world.person("treasurer").unwrap().user;
    let pair = [administrator(&world).clone(), stale_made_fresh(&world)];
    let other = world.api.officer(&pair, "late@example.org", "administrator");
    let roles = |user: &User| world.api.ask("GET", "roles").by(user).send().status;
    assert_eq!((roles(&other), roles(treasurer)), (200, 403));
    let grants = world.api.ask("GET", "me/roles").by(&other).send().json();
    let path = format!("roles/{}/end", grants["items"][0]["id"].as_str().unwrap());
    let ended = world.api.ask("POST", &path).by(administrator(&world)).header("If-Match", "\"1\"").send();
    assert_eq!(ended.status, 200, "{ended:?}");
    assert_eq!(roles(&other), 403);
    assert_eq!(world.api.ask("GET", "me").by(&other).send().status, 200, "the session stays, the right is gone");
}

fn stale_made_fresh(world: &World) -> User {
    let stale = world.person("stale").unwrap().user.clone();
    sql::let_proof_grow_old(&world.api, &stale, -10);
    stale
}

#[test]
fn who_is_suspended_is_out_at_once_and_without_roles_after() {
    let world = World::new();
    let mut stale = stale_made_fresh(&world);
    let ask = |path: &str| world.api.ask("POST", path).by(administrator(&world)).send().status;
    assert_eq!(ask(&format!("people/{}/suspend", stale.person)), 204);
    let told = |user: &User, path: &str, status: u16| {
        let reply = world.api.ask("GET", path).by(user).send();
        assert_eq!((reply.status, reply.code().as_str()), (status, "suspended"), "{reply:?}");
    };
    told(&stale, "roles", 401);
    told(&stale, "me", 401);
    let refresh = world.api.post("sessions/refresh", serde_json::json!({"refresh_token": stale.refresh}));
    assert_eq!((refresh.status, refresh.code().as_str()), (401, "suspended"));
    world.api.sign_in(&mut stale);
    assert_eq!(world.api.ask("GET", "me").by(&stale).send().json()["is_suspended"], true);
    told(&stale, "roles", 403);
    assert_eq!(ask(&format!("people/{}/restore", stale.person)), 204);
    assert_eq!(world.api.ask("GET", "roles").by(&stale).send().status, 200);
    for words in ["administrator fonda je obustavio", "administrator fonda je vratio"] {
        crate::letters::letter_with(&world.api, &stale.email, words, 0);
    }
}

#[test]
fn logging_out_everywhere_ends_tokens_that_are_still_good() {
    let world = World::new();
    let mut elsewhere = administrator(&world).clone();
    world.api.sign_in(&mut elsewhere);
    assert_eq!(world.api.ask("DELETE", "sessions").by(&elsewhere).send().status, 204);
    for token in [administrator(&world), &elsewhere] {
        let reply = world.api.ask("GET", "roles").by(token).send();
        assert_eq!((reply.status, reply.code().as_str()), (401, "unauthenticated"));
    }
    let refresh = serde_json::json!({"refresh_token": elsewhere.refresh});
    assert_eq!(world.api.post("sessions/refresh", refresh).status, 401);
}
