//! The event log over HTTP: who reads it, by what, and that it tells nothing about an applicant.

use std::time::{Duration, Instant as Stopwatch};

use serde_json::{Value, json};

use crate::committee::apply;
use crate::sql;
use crate::support::api::{Api, User, in_days};
use crate::support::people;
use crate::support::round::Round;

/// Waits until every event has its number.
fn numbered(api: &Api) {
    let began = Stopwatch::now();
    while api.database.number("SELECT COUNT(*) AS number FROM events WHERE sequence IS NULL") > 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "events were not numbered");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Every event that a query shows, page by page.
pub fn everything(api: &Api, by: &User, query: &str) -> Vec<Value> {
    numbered(api);
    let (mut events, mut cursor) = (Vec::new(), String::new());
    let mark = if query.is_empty() { "?" } else { "&" };
    loop {
        let reply = api.ask("GET", &format!("events{query}{mark}limit=20{cursor}")).by(by).send();
        assert_eq!(reply.status, 200, "{reply:?}");
        let page = reply.json();
        events.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return events,
        }
    }
}

#[test]
fn administrators_and_auditors_read_it_in_its_order() {
    let round = Round::open();
    let api = &round.api;
    let all = everything(api, &round.auditor, "");
    let numbers: Vec<i64> = all.iter().map(|event| event["sequence"].as_i64().unwrap()).collect();
    assert!(all.len() > 20);
    assert_eq!(numbers, (0..numbers.len() as i64).collect::<Vec<_>>());
    for event in &all {
        assert_eq!(event["kind"], event["event"]["kind"]);
        assert_eq!(event["recorded_at"], event["event"]["at"]);
        assert!(event["event"]["facts"].is_object(), "{event}");
    }
    assert_eq!(everything(api, &round.administrators[0], ""), all);
    for other in [&round.treasurer, &round.authoriser, &round.chair, &round.members[0]] {
        let reply = api.ask("GET", "events").by(other).send();
        assert_eq!((reply.status, reply.code().as_str()), (403, "forbidden"));
    }
    assert_eq!(api.get("events").status, 401);
}

#[test]
fn it_is_read_by_kind_and_by_time() {
    let round = Round::open();
    let api = &round.api;
    let all = everything(api, &round.auditor, "");
    let seated = everything(api, &round.auditor, "?kind=member_seated");
    assert_eq!(seated.len(), 3);
    let of_kind: Vec<&Value> = all.iter().filter(|event| event["kind"] == "member_seated").collect();
    assert_eq!(seated.iter().collect::<Vec<_>>(), of_kind);
    let (first, last) = (seated[0]["recorded_at"].as_str().unwrap(), seated[2]["recorded_at"].as_str().unwrap());
    let between = everything(api, &round.auditor, &format!("?from={first}&until={last}"));
    assert!(between.len() >= 3 && between.len() < all.len());
    let at = |event: &Value| event["recorded_at"].as_str().unwrap().to_owned();
    assert!(between.iter().all(|event| *first <= *at(event) && *at(event) <= *last));
    let both = everything(api, &round.auditor, &format!("?kind=member_seated&from={last}"));
    assert_eq!(both, [seated[2].clone()]);
    let day = |days: u64| fond::clock::Instant::now().minus(Duration::from_secs(days * 86_400)).date();
    let today = everything(api, &round.auditor, &format!("?from={}&until={}", day(2), in_days(2)));
    let before = everything(api, &round.auditor, &format!("?until={}", day(2)));
    assert!(today.len() > 20 && !before.is_empty(), "the call was made at another time");
    assert_eq!(today.len() + before.len(), all.len());
    // One day, and one moment, are spans of time.
    for span in ["?from=2020-01-05&until=2020-01-05", "?from=2020-01-01T00:00:00Z&until=2020-01-01T00:00:00Z"] {
        assert_eq!(everything(api, &round.auditor, span), Vec::<Value>::new());
    }
    for (query, wrong) in [
        ("?kind=anything", "kind: word"),
        ("?from=yesterday", "from: end"),
        ("?cursor=x", "cursor: cursor"),
        ("?from=2026-11-28&until=2026-11-27", "until: before"),
        ("?until=2020-01-01T00:00:00Z&from=2020-01-02", "until: before"),
    ] {
        let reply = api.ask("GET", &format!("events{query}")).by(&round.auditor).send();
        // Each for itself is right, and together they are not.
        let status = if wrong.ends_with(": before") { 422 } else { 400 };
        assert_eq!((reply.status, reply.wrong_fields()), (status, vec![wrong.to_owned()]));
    }
}

#[test]
fn it_holds_nothing_about_an_applicant() {
    let round = Round::open();
    let id = apply(&round, 3, |sent| {
        sent.given_name = "Kanarinac".into();
        sent.statement = "Kanarinac je bez posla".into();
    });
    let log = everything(&round.api, &round.auditor, "");
    let text = serde_json::to_string(&log).unwrap();
    assert!(text.contains(&id), "the application is on the log");
    for secret in [&people::jmbg(3), "Kanarinac", "Beograd", "dance", "r3@example.org", "1985-01-01", "01011985"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let kinds: Vec<Value> = log.iter().rev().take(2).map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds, [json!("eligibility_checked"), json!("application_submitted")]);
    assert_eq!(sql::rows(&round.api.database, "applications"), 1);
}

#[test]
fn its_file_holds_what_the_filter_shows() {
    let round = Round::open();
    let api = &round.api;
    for query in ["", "?kind=member_seated", "?kind=vote_cast"] {
        let shown = everything(api, &round.auditor, query);
        let file = api.ask("GET", &format!("events.csv{query}")).by(&round.auditor).send();
        assert_eq!((file.status, file.headers["content-type"].as_str()), (200, "text/csv; charset=utf-8"));
        let lines: Vec<&str> = file.body.lines().collect();
        assert_eq!((lines[0], lines.len()), ("sequence,kind,recorded_at,event", shown.len() + 1));
        for (line, event) in lines[1..].iter().zip(&shown) {
            let [sequence, kind, at, canonical] = line.splitn(4, ',').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let canonical = canonical.trim_matches('"').replace("\"\"", "\"");
            assert_eq!(serde_json::from_str::<Value>(&canonical).unwrap(), event["event"], "{line}");
            assert_eq!(
                (sequence, json!(kind), json!(at)),
                (&*event["sequence"].to_string(), event["kind"].clone(), event["recorded_at"].clone())
            );
        }
    }
    assert_eq!(api.ask("GET", "events.csv?kind=anything").by(&round.auditor).send().status, 400);
    assert_eq!(api.ask("GET", "events.csv").by(&round.treasurer).send().status, 403);
}
