//! The access journal: whoever opens data of another is on it before they see anything, and the other can read it.

use serde_json::{Value, json};

use crate::applications::{answers, apply};
use crate::committee::{close_call, declare, get, is, step, vote, vote_openly};
use crate::sql;
use crate::support::api::{Api, User};
use crate::support::round::Round;

/// How often something was opened with the keys of people, by others than themselves and not in vain.
fn opened(api: &Api) -> i64 {
    let [all, own, abandoned] = api.openings();
    i64::try_from(all - own - abandoned).unwrap()
}

/// Asserts that all of it is on the journal.
#[track_caller]
pub fn is_whole(api: &Api) {
    let kept = "SELECT CAST(COALESCE(SUM(openings), 0) AS BIGINT) AS number FROM access_journal";
    assert_eq!(opened(api), api.database.number(kept));
}

/// The rows of the journal: role, purpose and of how many people, in the order of their making.
pub fn rows(api: &Api) -> Vec<(String, String, i64)> {
    sql::texts(
        &api.database,
        "SELECT role || ' ' || purpose || ' ' || subjects AS text FROM access_journal ORDER BY id",
    )
    .into_iter()
    .map(|row| {
        let [role, purpose, subjects] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row}") };
        (role.to_owned(), purpose.to_owned(), subjects.parse().unwrap())
    })
    .collect()
}

fn access_log(api: &Api, by: &User) -> Vec<Value> {
    let reply = api.ask("GET", "me/access-log").by(by).send();
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["items"].as_array().unwrap().clone()
}

fn purposes(log: &[Value]) -> Vec<&str> {
    log.iter().map(|access| access["purpose"].as_str().unwrap()).collect()
}

#[test]
fn every_reading_is_on_it_and_its_subject_sees_it() {
    let round = Round::open();
    let api = &round.api;
    let [administrator, _] = &round.administrators;
    let (ana, iva) = (api.register("ana@example.org"), api.register("iva@example.org"));
    let first = apply(api, &ana, &round.call, &answers(1))["id"].as_str().unwrap().to_owned();
    let second = apply(api, &iva, &round.call, &answers(2))["id"].as_str().unwrap().to_owned();
    is_whole(api);
    assert_eq!(rows(api), [], "nobody but they themselves");
    assert_eq!(access_log(api, &ana), [] as [Value; 0]);

    is(&get(&round, administrator, &format!("applications/{first}")), 200);
    is_whole(api);
    let openings = format!("applications/{first}/person");
    let body = json!({"purpose": "contact_applicant"});
    is(&api.ask("POST", &openings).by(administrator).json(body).send(), 200);
    is_whole(api);
    let seen = access_log(api, &ana);
    assert_eq!(purposes(&seen), ["contact_applicant", "review_application"], "the latest first");
    assert_eq!(seen[0]["fields"], json!(["applications.identity", "applications.payment"]));
    assert_eq!((&seen[0]["role"], &seen[0]["person_id"]), (&json!("administrator"), &json!(administrator.person)));
    assert!(seen[0]["why"].as_str().unwrap().len() > 20, "{seen:?}");
    assert_eq!(access_log(api, &iva), [] as [Value; 0], "nothing was read of another");

    close_call(&round);
    is(&step(&round, "open"), 200);
    is(&declare(&round, &round.chair, &first, false), 201);
    is(&get(&round, &round.chair, &format!("committee/applications/{first}")), 200);
    is(&vote(&round, &round.chair, &first, "approve"), 201);
    is_whole(api);
    for member in &round.members {
        vote_openly(&round, member, &first, "approve");
        vote_openly(&round, member, &second, "reject");
    }
    vote_openly(&round, &round.chair, &second, "reject");
    is(&step(&round, "close"), 200);
    is(&get(&round, &round.chair, &format!("calls/{}/minutes", round.call)), 200);
    is_whole(api);
    let seen = access_log(api, &ana);
    assert!(purposes(&seen).iter().filter(|purpose| **purpose == "vote").count() >= 4, "{seen:?}");
}

#[test]
fn the_names_of_a_committee_are_one_row_a_page() {
    let round = Round::open();
    let api = &round.api;
    let more = || json!({"call_id": round.call, "association": "ULUS"});
    for email in ["iva@example.org", "eva@example.org"] {
        api.officer_with(&round.administrators, email, "member", more());
    }
    let path = format!("calls/{}/seats", round.call);
    let began = std::time::Instant::now();
    while get(&round, &round.administrators[0], &path).json()["items"].as_array().unwrap().len() < 5 {
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "not seated");
    }
    let before = rows(api).len();
    is(&get(&round, &round.administrators[1], &path), 200);
    is_whole(api);
    let read = ("administrator".to_owned(), "read_minutes".to_owned(), 2);
    assert_eq!(rows(api).split_off(before), [read], "the three others gave no name");
}

#[test]
fn it_is_read_page_by_page_and_only_of_oneself() {
    let round = Round::open();
    let api = &round.api;
    let ana = api.register("ana@example.org");
    let id = apply(api, &ana, &round.call, &answers(1))["id"].as_str().unwrap().to_owned();
    for _ in 0..5 {
        is(&get(&round, &round.administrators[0], &format!("applications/{id}")), 200);
    }
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = api.ask("GET", &format!("me/access-log?limit=2{cursor}")).by(&ana).send().json();
        seen += page["items"].as_array().unwrap().len();
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 5);
    assert_eq!(access_log(api, &round.administrators[0]), [] as [Value; 0]);
    for change in ["UPDATE access_journal SET role = 'x'", "DELETE FROM access_subjects", "DELETE FROM access_journal"]
    {
        assert!(sql::try_execute(&api.database, change).is_err(), "{change}");
    }
}

#[test]
fn many_openings_within_an_hour_raise_an_alarm_once() {
    let round = Round::open_on(Api::start_with(|settings| settings.privacy.alarm_people_per_hour = 2));
    let api = &round.api;
    let ids: Vec<String> = (1..=4).map(|number| crate::committee::apply_plainly(&round, number)).collect();
    let alarms = || api.database.number("SELECT COUNT(*) AS number FROM events WHERE kind = 'many_opened'");
    for id in ids[..2].iter().chain(&ids[..2]) {
        is(&get(&round, &round.administrators[0], &format!("applications/{id}")), 200);
    }
    std::thread::sleep(std::time::Duration::from_millis(2500));
    assert_eq!(alarms(), 0, "as many people as the settings allow, however often");
    for id in &ids[2..] {
        is(&get(&round, &round.administrators[0], &format!("applications/{id}")), 200);
    }
    let began = std::time::Instant::now();
    while alarms() == 0 {
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "no alarm");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    is(&get(&round, &round.administrators[0], &format!("applications/{}", ids[0])), 200);
    std::thread::sleep(std::time::Duration::from_millis(2500));
    assert_eq!(alarms(), 1, "once an hour");
}

#[test]
fn after_a_breach_the_readings_of_a_session_are_listed() {
    let round = Round::open();
    let api = &round.api;
    let ana = api.register("ana@example.org");
    let id = apply(api, &ana, &round.call, &answers(1))["id"].as_str().unwrap().to_owned();
    let [administrator, other] = &round.administrators;
    for by in [administrator, other] {
        is(&get(&round, by, &format!("applications/{id}")), 200);
    }
    let sessions = sql::texts(
        &api.database,
        "SELECT CAST(COUNT(DISTINCT session_id) AS TEXT) AS text FROM access_journal WHERE session_id IS NOT NULL",
    );
    assert_eq!(sessions, ["2"]);
    let report = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_fond"));
        command.env_clear().env("FOND__MASTER_KEY_FILE", &api.database.key);
        command.args(["breach-report", "--database", &api.database.url]).args(more).output().unwrap()
    };
    let lines = |more: &[&str]| {
        let output = report(more);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let all = lines(&["--since", "2020-01-01"]);
    assert_eq!(
        (all[0].as_str(), all.len()),
        ("opened_at,reader,role,session,purpose,subject,fields,references,reached_by", 3)
    );
    assert!(all[1..].iter().all(|line| line.contains(&ana.person) && line.contains("applications.need")), "{all:?}");
    let of_one = lines(&["--since", "2020-01-01", "--person", &administrator.person]);
    assert!(of_one.len() == 2 && of_one[1].contains(",administrator,"), "{of_one:?}");
    let session = of_one[1].split(',').nth(3).unwrap();
    assert_eq!(lines(&["--since", "2020-01-01T00:00:00Z", "--session", session]), of_one);
    assert_eq!(lines(&["--since", &fond::clock::Instant::now().to_string()]).len(), 1);
    // Nobody, and nothing yet, is no answer of nothing.
    let (nobody, future) = (uuid::Uuid::now_v7().to_string(), crate::support::api::in_days(1));
    for (wrong, value) in [
        (vec!["--since", "yesterday"], "“yesterday”"),
        (vec!["--since", "2020-13-01"], "“2020-13-01”"),
        (vec!["--since", &future], &*format!("“{future}”")),
        (vec!["--since", "2020-01-01", "--session", "x"], "“x”"),
        (vec!["--since", "2020-01-01", "--person", "ana"], "“ana”"),
        (vec!["--since", "2020-01-01", "--person", &nobody], &*format!("“{nobody}”")),
        (vec!["--since", "2020-01-01", "--session", &nobody], &*format!("“{nobody}”")),
    ] {
        let output = report(&wrong);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(wrong[wrong.len() - 2]) && message.contains(value), "{message}");
        assert!(output.stdout.is_empty());
    }
}
