//! Long lists: every row once and in order, also while others come.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{is, offer, post_with_key};
use crate::support::api::{Api, User};
use crate::support::people;

fn page(api: &Api, by: &User, path: &str) -> (Vec<String>, Option<String>) {
    let reply = api.ask("GET", path).by(by).send();
    assert_eq!(reply.status, 200, "{reply:?}");
    let page = reply.json();
    let emails = page["items"].as_array().unwrap().iter().map(|item| item["email"].as_str().unwrap().to_owned());
    (emails.collect(), page["next"].as_str().map(str::to_owned))
}

#[test]
fn every_invitation_comes_once_and_in_order() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let invite = |number: usize| {
        let reply = post_with_key(&api, &first, &number.to_string(), &offer(&format!("n{number:03}@example.org")));
        assert_eq!(reply.status, 201, "{reply:?}");
    };
    (0..120).for_each(invite);
    let (mut seen, mut next, mut pages) = (Vec::new(), None::<String>, 0);
    loop {
        let cursor = next.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let (emails, following) = page(&api, &first, &format!("invitations?role=treasurer&limit=7{cursor}"));
        assert!(emails.len() == 7 || following.is_none());
        seen.extend(emails);
        pages += 1;
        // Newer ones stand before everything that was read, and move nothing.
        invite(1000 + pages);
        match following {
            Some(cursor) => next = Some(cursor),
            None => break,
        }
    }
    let expected: Vec<String> = (0..120).rev().map(|number| format!("n{number:03}@example.org")).collect();
    assert_eq!((pages, seen), (18, expected));
}

#[test]
fn rows_of_one_moment_are_told_apart() {
    let api = Api::start();
    let [first, _] = api.administrators();
    for number in 0..9 {
        post_with_key(&api, &first, &number.to_string(), &offer(&format!("n{number}@example.org")));
    }
    crate::sql::execute(&api.database, "UPDATE invitations SET invited_at = 1");
    let (mut seen, mut cursor) = (BTreeSet::new(), String::new());
    for _ in 0..5 {
        let (emails, next) = page(&api, &first, &format!("invitations?limit=2&role=treasurer{cursor}"));
        seen.extend(emails);
        cursor = next.map(|next| format!("&cursor={next}")).unwrap_or_default();
    }
    assert_eq!((seen.len(), cursor.as_str()), (9, ""));
}

#[test]
fn a_page_has_50_rows_unless_it_is_asked_for() {
    let api = Api::start();
    let [first, _] = api.administrators();
    for number in 0..51 {
        post_with_key(&api, &first, &number.to_string(), &offer(&format!("n{number}@example.org")));
    }
    let rows = |query: &str| page(&api, &first, &format!("invitations{query}")).0.len();
    assert_eq!((rows(""), rows("?limit=1"), rows("?limit=100")), (50, 1, 53));
    assert_eq!((rows("?role=administrator"), rows("?role=auditor")), (2, 0));
}

#[test]
fn the_parameters_of_a_list_are_checked() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let cursor_of_jobs = uuid::Uuid::now_v7().to_string();
    for (path, wrong) in [
        ("limit=0", "limit: limit"),
        ("limit=101", "limit: limit"),
        ("limit=256", "limit: limit"),
        ("limit=-1", "limit: limit"),
        ("limit=x", "limit: limit"),
        ("limit=", "limit: limit"),
        ("limit=7.0", "limit: limit"),
        ("limit=%2B7", "limit: limit"),
        ("cursor=x", "cursor: cursor"),
        ("cursor=", "cursor: cursor"),
        (&format!("cursor={cursor_of_jobs}"), "cursor: cursor"),
        ("page=2", "page: unknown"),
        ("Limit=2", "?: unknown"),
        ("limit=2&limit=2", "limit: twice"),
    ] {
        for list in ["invitations", "roles", "sessions", "calls"] {
            let reply = api.ask("GET", &format!("{list}?{path}")).by(&first).send();
            is(&reply, 400, "invalid");
            assert_eq!(reply.wrong_fields(), [wrong], "{list}?{path}");
        }
    }
    let dead = |query: &str| api.ask("GET", &format!("dead-jobs?{query}")).by(&first).send();
    assert_eq!(dead("cursor=x&limit=0").wrong_fields(), ["limit: limit", "cursor: id"]);
    let role = api.ask("GET", "roles?role=king").by(&first).send();
    assert_eq!(role.wrong_fields(), ["role: word"]);
    let sort = api.get("calls?sort=title&phase=soon");
    assert_eq!(sort.wrong_fields(), ["phase: word", "sort: word"]);
}

#[test]
fn calls_are_sorted_and_filtered() {
    let api = Api::start();
    let fond = api.database.open();
    for year in [2020, 2021, 2022] {
        people::open_call(&fond, |rules| {
            rules.code = year.to_string();
            let hours = std::time::Duration::from_secs(24 * 3600 * (year - 2020));
            rules.opens_at = rules.opens_at.plus(hours);
        });
    }
    let codes = |query: &str| -> Vec<Value> {
        let page = api.get(&format!("calls?{query}")).json();
        page["items"].as_array().unwrap().iter().map(|item| item["code"].clone()).collect()
    };
    assert_eq!(codes(""), ["2022", "2021", "2020"]);
    assert_eq!(codes("sort=opens_at"), ["2020", "2021", "2022"]);
    assert_eq!(codes("sort=opens_at&phase=closed&limit=2"), ["2020", "2021"]);
    assert_eq!(codes("phase=open"), Vec::<Value>::new());
    for sort in ["sort=opens_at", "sort=-opens_at"] {
        let first = api.get(&format!("calls?{sort}&limit=2")).json();
        let rest = codes(&format!("{sort}&limit=2&cursor={}", first["next"].as_str().unwrap()));
        assert_eq!(rest, [if sort.contains('-') { "2020" } else { "2022" }], "{sort}");
        let file = api.get(&format!("calls.csv?{sort}&phase=closed"));
        assert_eq!((file.status, file.headers["content-type"].as_str()), (200, "text/csv; charset=utf-8"), "{file:?}");
        let lines: Vec<&str> = file.body.lines().map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(lines[0], "code");
        assert_eq!(lines[1..], codes(&format!("{sort}&phase=closed")), "{sort}");
    }
    assert_eq!(api.get("calls.csv?phase=open").body.lines().count(), 1);
    assert_eq!(api.get("calls.csv?limit=2").status, 400);
}

/// A cursor is a place in time and no permit: whoever brings one from elsewhere reads their own rows, and only them.
#[test]
fn a_cursor_of_another_list_shows_nothing_that_is_foreign() {
    let api = Api::start();
    let [first, _] = api.administrators();
    let mut ana = api.register("ana@example.org");
    (0..3).for_each(|_| api.sign_in(&mut ana));
    for number in 0..3 {
        post_with_key(&api, &first, &number.to_string(), &offer(&format!("n{number}@example.org")));
    }
    let rows = |by: &User, list: &str| -> BTreeSet<String> {
        let reply = api.ask("GET", list).by(by).send();
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    let next = |by: &User, list: &str| page_of(&api, by, list)["next"].as_str().unwrap().to_owned();
    let foreign = next(&first, "invitations?limit=1");
    let own = rows(&ana, "sessions");
    assert_eq!((own.len(), rows(&ana, &format!("sessions?cursor={foreign}"))), (4, own.clone()), "all are older");
    let between = next(&ana, "sessions?limit=1");
    assert_eq!(rows(&ana, &format!("sessions?cursor={between}")).len(), 3);
    assert!(rows(&first, &format!("roles?cursor={between}")).is_subset(&rows(&first, "roles")));
    assert_eq!(api.ask("GET", &format!("roles?cursor={foreign}")).by(&ana).send().status, 403);
}

fn page_of(api: &Api, by: &User, list: &str) -> Value {
    api.ask("GET", list).by(by).send().json()
}
