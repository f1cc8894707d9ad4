//! After a breach everybody is written to, and whoever asks is told who read what: also those without an account.

use std::process::Output;

use serde_json::{Value, json};

use crate::applications::{answers, apply};
use crate::erasure::erase;
use crate::support::api::Api;
use crate::support::round::{Round, call_now};

fn fond(api: &Api, arguments: &[&str]) -> Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_fond"));
    command.env_clear().env("FOND__MASTER_KEY_FILE", &api.database.key).arg(arguments[0]);
    command.args(["--database", &api.database.url]).args(&arguments[1..]).output().unwrap()
}

fn lines(api: &Api, arguments: &[&str]) -> Vec<String> {
    let output = fond(api, arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// An application that the fund enters for somebody.
fn enter(round: &Round, call: &str, number: usize) -> Value {
    let path = format!("calls/{call}/entered-applications");
    let reply = round.api.ask("POST", &path).by(&round.administrators[0]);
    let reply = reply.header("Idempotency-Key", &format!("enter-{call}-{number}")).json(answers(number)).send();
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.json()
}

fn open(round: &Round, application: &Value) {
    let path = format!("applications/{}/person", application["id"].as_str().unwrap());
    let ask = round.api.ask("POST", &path).by(&round.administrators[1]);
    assert_eq!(ask.json(json!({"purpose": "contact_applicant"})).send().status, 200);
}

#[test]
fn the_report_says_how_each_person_is_reached() {
    let round = Round::open();
    let api = &round.api;
    let ana = api.register("ana@example.org");
    let own = apply(api, &ana, &round.call, &answers(1));
    let all = [2, 3, 4, 5, 6].map(|number| enter(&round, &round.call, number));
    for application in all.iter().chain([&own]) {
        open(&round, application);
    }
    let [whole, gone, by_address, by_phone, by_nothing] =
        all.each_ref().map(|entered| entered["reference"].as_str().unwrap());
    for (reference, erased) in [
        (gone, "identity_erased_at = 1"),
        (by_address, "contact_erased_at = 1"),
        (by_phone, "need_erased_at = 1"),
        (by_nothing, "contact_erased_at = 1, need_erased_at = 1"),
    ] {
        let set = format!("UPDATE applications SET {erased} WHERE reference = '{reference}'");
        assert_eq!(crate::sql::execute(&api.database, &set), 1);
    }
    let report = lines(api, &["breach-report", "--since", "2020-01-01", "--person", &round.administrators[1].person]);
    let ends = |number: usize| report[number].splitn(8, ',').nth(7).unwrap().to_owned();
    let own_reference = own["reference"].as_str().unwrap();
    let mut told: Vec<String> = (1..report.len()).map(ends).collect();
    told.sort_unstable();
    let mut expected = [
        format!("now/{own_reference},account"),
        format!("now/{whole},application"),
        format!("now/{gone},nothing"),
        format!("now/{by_address},application"),
        format!("now/{by_phone},application"),
        format!("now/{by_nothing},nothing"),
    ];
    expected.sort_unstable();
    assert_eq!(told, expected);

    // The code of a call may hold anything: it stays in its column, and no spreadsheet computes with it.
    let code = "UPDATE calls SET code = '=1+1, \"so\"' WHERE code = 'now'";
    assert_eq!(crate::sql::execute(&api.database, code), 1);
    let report = fond(api, &["breach-report", "--since", "2020-01-01", "--person", &round.administrators[1].person]);
    let text = String::from_utf8(report.stdout).unwrap();
    let cell = format!(",\"'=1+1, \"\"so\"\"/{whole}\",application\r\n");
    assert!(text.contains(&cell), "{cell} in {text}");
}

#[test]
fn somebody_without_an_account_is_told_who_read_what() {
    let round = Round::open();
    let api = &round.api;
    let entered = enter(&round, &round.call, 2);
    let other = enter(&round, &round.call, 3);
    open(&round, &entered);
    let reference = entered["reference"].as_str().unwrap();
    let log = lines(api, &["access-log", "--application", reference]);
    assert_eq!(log[0], "opened_at,reader,role,purpose,fields,why");
    assert!(
        log[1].contains(",contact_applicant,applications.identity applications.payment,\"Administratoru"),
        "{log:?}"
    );
    assert!(log.iter().filter(|line| line.contains(&round.administrators[1].person)).count() == 1, "{log:?}");
    let of_other = lines(api, &["access-log", "--application", other["reference"].as_str().unwrap()]);
    assert!(
        !of_other.iter().any(|line| line.contains("contact_applicant")),
        "nothing was read of another: {of_other:?}"
    );
    assert_eq!(lines(api, &["access-log", "--application", &format!("now/{reference}")]), log);
    let cyrillic = lines(api, &["access-log", "--application", reference, "--language", "sr-Cyrl"]);
    assert!(cyrillic[1].contains("\"Администратору"), "{cyrillic:?}");

    // Where two calls have the code, it is asked which one is meant.
    let second = enter(&round, &call_now(api, "second"), 2);
    let id = crate::sql::id(&api.database, second["id"].as_str().unwrap());
    crate::sql::execute(&api.database, &format!("UPDATE applications SET reference = '{reference}' WHERE id = {id}"));
    let wrong = |named: &str, said: &str| {
        let output = fond(api, &["access-log", "--application", named]);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(said), "{message}");
    };
    wrong(reference, &format!("now/{reference}"));
    wrong("ZZZZ-ZZZZ", "“ZZZZ-ZZZZ” is the reference code of no application");
    wrong(&format!("third/{reference}"), "of no application");
    assert_eq!(fond(api, &["access-log", "--application", reference, "--language", "de"]).status.code(), Some(2));
    assert_eq!(lines(api, &["access-log", "--application", &format!("now/{reference}")]), log);
}

/// An account that nobody works with any more is no way to reach anybody.
#[test]
fn whoever_erased_their_account_is_reached_by_nothing() {
    let round = Round::open();
    let api = &round.api;
    let ana = api.register("ana@example.org");
    let own = apply(api, &ana, &round.call, &answers(1));
    open(&round, &own);
    let path = format!("me/applications/{}", own["id"].as_str().unwrap());
    let etag = api.ask("GET", &path).by(&ana).send().headers["etag"].clone();
    let ask = api.ask("POST", &format!("{path}/withdraw")).by(&ana).header("If-Match", &etag);
    assert_eq!(ask.header("Idempotency-Key", "withdraw-1").json(json!({})).send().status, 200);
    assert_eq!(erase(api, &ana).status, 204);
    let report = lines(api, &["breach-report", "--since", "2020-01-01", "--person", &round.administrators[1].person]);
    assert!(report[1].ends_with(",nothing"), "{report:?}");
}
