//! Each role sees the least that its work needs: the fields of every answer as lists to look at, and nobody's own values.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use fond::applications::{ApplicationState, Household, actions as applications};
use fond::crypto::Opener;
use fond::ids::{ApplicationId, PayoutId};
use fond::schema;
use fond::serbian::{BankAccount, Jmbg, cyrillic, latin};
use serde_json::{Value, json};

use crate::policy::table::{self, Row};
use crate::policy::world::{Person, World};
use crate::support::api::Reply;
use crate::support::project;

/// Whose answers are listed, each in a file of its own.
const ROLES: [&str; 8] =
    ["nobody", "applicant", "administrator", "treasurer", "authoriser", "auditor", "member", "chair"];

/// Somebody who applied, opened from what is sealed.
struct Applicant {
    owner: String,
    state: ApplicationState,
    /// Name, number, contact, address.
    identity: Vec<String>,
    /// Holder and account, as digits and as written.
    payment: Vec<String>,
}

impl Applicant {
    fn values(&self) -> impl Iterator<Item = &String> {
        self.identity.iter().chain(&self.payment)
    }
}

/// In both scripts and small letters, as answers are compared.
fn said(values: Vec<String>) -> Vec<String> {
    let long_enough = values.into_iter().filter(|value| value.chars().count() >= 5);
    long_enough.flat_map(|value| [latin(&value), cyrillic(&value)]).map(|value| value.to_lowercase()).collect()
}

/// Everybody who applied.
fn applicants(world: &World) -> Vec<Applicant> {
    let fond = world.api.database.open();
    let ids: Vec<ApplicationId> =
        schema::applications::table.select(schema::applications::id).load(&mut world.api.database.raw()).unwrap();
    let open = |id: ApplicationId| {
        let opened = fond.db.write(|conn| {
            let application = applications::find(conn, id)?;
            let own = Opener::own(&fond.vault, application.person_id);
            let identity = applications::open_identity(conn, &own, &application)?;
            let payment = applications::open_payment(conn, &own, &application)?;
            Ok((applications::open_need(conn, &own, &application)?, identity, payment, application))
        });
        // One was given to somebody else afterwards, who has no key to it.
        let (need, identity, payment, application) = opened.ok()?;
        let street = match need.household {
            Household::Address { street, .. } => street,
            Household::Named(name) => name,
        };
        // Whoever works for the fund is reached by an address that administrators see.
        let email = Some(identity.email).filter(|email| email != "other@example.org").unwrap_or_default();
        let names = [&identity.given_name, &identity.family_name].map(Clone::clone);
        let account = BankAccount::parse(&payment.account).unwrap();
        Some(Applicant {
            owner: application.person_id.to_string(),
            state: application.state,
            identity: said([names.to_vec(), vec![identity.jmbg, identity.phone, email, street]].concat()),
            payment: said(vec![payment.holder, payment.account, account.written()]),
        })
    };
    ids.into_iter().filter_map(open).collect()
}

/// Every answer that somebody may read: of what a path names, everything that there is of its kind.
fn answers(world: &World, role: &str) -> Vec<(Row, Reply)> {
    let person = world.person(role);
    let column = table::column(role);
    let mut rows: Vec<Row> = table::rows();
    rows.retain(|row| row.method == "GET" && row.statuses[column] == 200);
    let mut found: Vec<(Row, Reply)> = Vec::new();
    for row in rows {
        for reply in asked(world, &row, person) {
            assert!(matches!(reply.status, 200 | 404 | 409), "{} as {role}: {reply:?}", row.path);
            found.extend((reply.status == 200).then(|| (row.clone(), reply)));
        }
    }
    found
}

fn asked(world: &World, row: &Row, person: Option<&Person>) -> Vec<Reply> {
    let mut conn = world.api.database.raw();
    let others: Vec<String> = match row.path {
        "/api/v1/applications/{id}" | "/api/v1/committee/applications/{id}" => {
            let ids: Vec<ApplicationId> =
                schema::applications::table.select(schema::applications::id).load(&mut conn).unwrap();
            // One was given to somebody else afterwards: nobody can open it.
            ids.iter().map(ToString::to_string).filter(|id| *id != world.own.awarded).collect()
        }
        "/api/v1/payouts/{id}" => {
            let ids: Vec<PayoutId> = schema::payouts::table.select(schema::payouts::id).load(&mut conn).unwrap();
            ids.iter().map(ToString::to_string).collect()
        }
        _ => Vec::new(),
    };
    let mut replies = vec![world.ask(row, person).send()];
    replies.extend(others.iter().map(|id| world.ask_about(row, id, person).send()));
    // All of the log, for every kind of event has fields of its own.
    while let Some(next) = replies.last().filter(|_| row.path == "/api/v1/events").and_then(next_of) {
        let person = &person.unwrap().user;
        replies.push(world.api.ask("GET", &format!("{}?limit=100&cursor={next}", row.path)).by(person).send());
    }
    if row.path.contains("/totals") {
        let path = row.path.replace("{id}", world.call());
        let by = |by: &str| world.api.ask("GET", &format!("{path}?by={by}")).by(&person.unwrap().user).send();
        replies.extend(["category", "association", "municipality", "discipline", "month"].map(by));
    }
    replies
}

fn next_of(page: &Reply) -> Option<String> {
    page.json()["next"].as_str().map(str::to_owned)
}

/// The paths of all values: of a list, those of its items.
fn paths(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                paths(value, &at, found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().for_each(|item| paths(item, &format!("{at}[]"), found));
        }
        _ => drop(found.insert(at.to_owned())),
    }
}

/// The fields of an answer: those of its JSON, the columns of a file, or what else it is.
fn fields(path: &str, reply: &Reply) -> BTreeSet<String> {
    let kind = reply.headers.get("content-type").map_or("nothing", |kind| kind.split(';').next().unwrap());
    let mut found = BTreeSet::new();
    match kind {
        "application/json" if !path.ends_with("openapi.json") => paths(&reply.json(), "", &mut found),
        "text/csv" => {
            found.extend(reply.body.lines().next().unwrap().split(',').map(|column| format!("column {column}")))
        }
        _ => drop(found.insert(format!("({kind})"))),
    }
    found
}

fn compare(role: &str, answers: &[(Row, Reply)]) -> Option<String> {
    let mut lines: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (row, reply) in answers {
        lines.entry(row.path).or_default().extend(fields(row.path, reply));
    }
    let line = |(path, fields): (&&str, &BTreeSet<String>)| -> String {
        fields.iter().map(|field| format!("{path} {field}\n")).collect()
    };
    let current: String = lines.iter().map(line).collect();
    let path = project("tests/api/fields").join(format!("{role}.txt"));
    if std::env::var_os("UPDATE_FIELDS").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    let [held, current] = [&held, &current].map(|text| text.lines().collect::<BTreeSet<_>>());
    let (new, gone): (Vec<_>, Vec<_>) = (current.difference(&held).collect(), held.difference(&current).collect());
    (!new.is_empty() || !gone.is_empty()).then(|| format!("{role}: new {new:#?}, gone {gone:#?}"))
}

/// Asserts that an answer tells of nobody more than it may.
fn tells_nobody(role: &str, path: &str, reply: &Reply, me: &str, people: &[Applicant]) -> usize {
    let text = format!("{} {:?}", reply.body, reply.headers).to_lowercase();
    let own = people.iter().filter(|applicant| applicant.owner == me);
    let own: BTreeSet<&String> = own.flat_map(Applicant::values).collect();
    let mut payees = 0;
    for applicant in people.iter().filter(|applicant| applicant.owner != me) {
        let is_awarded = matches!(applicant.state, ApplicationState::Awarded | ApplicationState::Paid);
        let pays = matches!(role, "treasurer" | "authoriser") && path == "/api/v1/payouts/{id}" && is_awarded;
        let is_payee = pays && applicant.payment.iter().any(|value| text.contains(value.as_str()));
        payees += usize::from(is_payee);
        if !is_payee {
            let told = applicant.values().find(|value| text.contains(value.as_str()) && !own.contains(value));
            assert!(told.is_none(), "{path} tells the {role} {told:?}: {}", reply.body);
        }
    }
    assert!(payees <= 1, "{path} tells the {role} of {payees} people: {}", reply.body);
    payees
}

/// Asserts that numbers of people and accounts stand nowhere but where they are meant to.
fn has_no_numbers(role: &str, path: &str, body: &str) {
    let digits = body.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    for word in digits.filter(|word| word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')) {
        let is_number = word.len() >= 7 && word.contains('-') && BankAccount::parse(word).is_ok();
        let is_number = is_number || (word.len() == 18 && BankAccount::parse(word).is_ok());
        assert!(!is_number && Jmbg::parse(word).is_err(), "{path} shows the {role} {word}: {body}");
    }
}

#[test]
fn every_role_sees_the_fields_of_its_list_and_nobody() {
    let world = World::new();
    let people = applicants(&world);
    let states: BTreeSet<String> = people.iter().map(|applicant| applicant.state.to_string()).collect();
    assert!(people.len() > 30 && states.len() >= 7, "{states:?}");
    // A letter that was given up, so that the list of them is not empty.
    let retry = table::rows().into_iter().find(|row| row.path.contains("dead-jobs/{id}")).unwrap();
    world.ask(&retry, None);
    let began = std::time::Instant::now();
    while world.api.database.number("SELECT COUNT(*) AS number FROM events WHERE sequence IS NULL") > 0 {
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "events are not numbered");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let (mut wrong, mut looked, mut payees) = (Vec::new(), 0, BTreeMap::new());
    for role in ROLES {
        let answers = answers(&world, role);
        wrong.extend(compare(role, &answers));
        let me = world.person(role).map(|person| person.user.person.clone()).unwrap_or_default();
        for (row, reply) in &answers {
            *payees.entry(role).or_insert(0) += tells_nobody(role, row.path, reply, &me, &people);
            let is_own = role == "applicant" && row.path.contains("/me");
            let is_paid = matches!(role, "treasurer" | "authoriser") && row.path == "/api/v1/payouts/{id}";
            let is_document = row.path.ends_with("openapi.json") || row.path.starts_with("/api/docs");
            if !is_own && !is_paid && !is_document {
                has_no_numbers(role, row.path, &reply.body);
            }
            looked += 1;
        }
    }
    assert!(looked > 400, "{looked}");
    for role in ROLES {
        let pays = matches!(role, "treasurer" | "authoriser");
        assert_eq!(payees[role] > 0, pays, "{payees:?}");
    }
    assert!(wrong.is_empty(), "the fields changed; if that is meant: UPDATE_FIELDS=1\n{}", wrong.join("\n"));
}

/// Who somebody is, an administrator opens for a purpose; of the account the last digits are enough.
#[test]
fn administrators_open_a_person_with_a_reason() {
    let world = World::new();
    let administrator = &world.person("administrator").unwrap().user;
    let ask = |body: Value| {
        let path = format!("applications/{}/person", world.own.plain);
        world.api.ask("POST", &path).by(administrator).json(body).send()
    };
    for body in [json!({}), json!({"purpose": ""}), json!({"purpose": "curiosity"})] {
        let reply = ask(body);
        assert_eq!(reply.status, 422);
        assert!(reply.wrong_fields()[0].starts_with("purpose"), "{reply:?}");
    }
    let opened = ask(json!({"purpose": "contact_applicant"}));
    let mut found = BTreeSet::new();
    paths(&opened.json(), "", &mut found);
    let expected = ["account_holder", "bank_account", "email", "family_name", "given_name", "jmbg", "phone"];
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    let account = opened.json()["bank_account"].as_str().unwrap().to_owned();
    let (stars, digits) = account.split_at(14);
    assert!(stars == "*".repeat(14) && digits.len() == 4, "{account}");
    assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{account}");
}

/// The known-bad variant: what is looked for is found where it stands.
#[test]
fn an_answer_that_tells_is_caught() {
    let value = |text: &str| said(vec![text.to_owned()]);
    let of = |identity: &str, payment: &str| Applicant {
        owner: "somebody".into(),
        state: ApplicationState::Eligible,
        identity: value(identity),
        payment: value(payment),
    };
    let reply = |body: &str| Reply { status: 200, headers: BTreeMap::new(), body: body.to_owned() };
    let caught = |role: &'static str, body: &str, people: Applicant| {
        let reply = reply(body);
        let check = move || tells_nobody(role, "/api/v1/payouts/{id}", &reply, "me", &[people]);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).is_err()
    };
    let (name, account) = ("Đurđićabc", "999000000000000151");
    assert!(caught("chair", "{\"name\": \"ЂУРЂИЋАБЦ\"}", of(name, account)));
    assert!(caught("auditor", "{\"name\": \"đurđićabc\"}", of(name, account)));
    assert!(caught("treasurer", "{\"account\": \"999000000000000151\"}", of(name, account)), "it is not awarded");
    let awarded = Applicant { state: ApplicationState::Awarded, ..of(name, account) };
    assert!(!caught("treasurer", "{\"account\": \"999000000000000151\"}", awarded));
    assert!(!caught("chair", "{\"reference\": \"A00001\"}", of(name, account)));
    for number in [crate::support::people::jmbg(7), crate::support::people::account(7)] {
        let body = format!("{{\"note\": \"see {number}\"}}");
        assert!(std::panic::catch_unwind(|| has_no_numbers("auditor", "x", &body)).is_err(), "{number}");
    }
    has_no_numbers("auditor", "x", "{\"jmbg\": \"*********0006\", \"day\": \"2020-04-15\", \"amount\": \"30000.00\"}");
}
