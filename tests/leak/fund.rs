//! The fund that is asked: everybody who works for it, six applicants full of secrets, and calls at every stage.

use std::collections::BTreeMap;
use std::sync::Mutex;

use diesel::RunQueryDsl;
use fond::calls::{AskedDocument, AskedWhen, Text};
use fond::clock::Instant;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::canary::{PEOPLE, Secrets};
use crate::program::Program;
use crate::requests::{Request, papers};
use crate::support::TestDatabase;
use crate::support::api::{Api, Reply, User};
use crate::support::round::{Round, call_with};
use crate::wire::Answer;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Nobody,
    /// The applicants, by the number of their secrets.
    Applicant(usize),
    /// An applicant without anything, who looks at what is of others.
    Bystander,
    Administrator,
    Treasurer,
    Authoriser,
    Auditor,
    Chair,
    Member,
}

/// What an applicant has on a call of their own.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub id: String,
    pub etag: String,
    pub is_sent: bool,
}

pub struct Fund {
    pub secrets: Vec<Secrets>,
    users: BTreeMap<Who, User>,
    /// Calls to apply to, again and again.
    pub open: Vec<String>,
    /// A call with registers, questions and findings, and the applications on it.
    pub checked_call: String,
    pub checked: Vec<String>,
    /// A document of each application there.
    pub papers: Vec<String>,
    pub programme: String,
    /// A draft of each applicant that documents come to and are taken from, on a call of its own.
    pub papered: Vec<String>,
    /// On that call too: an application that the fund entered for somebody.
    pub entered: String,
    /// A call that is voted on.
    pub voted_call: String,
    pub voted: Vec<String>,
    /// A call that pays.
    pub paid_call: String,
    pub paid: Vec<String>,
    pub payouts: Vec<String>,
    pub routes: Vec<(String, String)>,
    pub drafts: Mutex<BTreeMap<(usize, usize), Draft>>,
    /// Questions that nobody answered yet: applicant, application, question.
    pub questions: Mutex<Vec<(usize, String, String)>>,
    /// What each applicant has sent to their draft and not taken back.
    pub documents: Mutex<BTreeMap<usize, Vec<String>>>,
}

const OPEN_CALLS: usize = 60;

/// Everybody, without a secret yet: made by a server in this process, before the one that is looked at.
pub struct Staff {
    pub round: Round,
    applicants: Vec<User>,
    bystander: User,
    open: Vec<String>,
}

impl Staff {
    pub fn new() -> Self {
        let mut round = Round::open();
        let api = &round.api;
        let applicants = (0..PEOPLE).map(|number| api.register(&format!("applicant{number}@example.org"))).collect();
        let bystander = api.register("bystander@example.org");
        let open = (0..OPEN_CALLS + 3)
            .map(|number| call_with(api, &format!("open-{number}"), |rules| rules.documents = vec![paper()]));
        let open = open.collect();
        round.api.stop();
        Self { round, applicants, bystander, open }
    }

    pub fn database(&self) -> &TestDatabase {
        &self.round.api.database
    }

    /// Everything else happens on the program that is looked at.
    pub fn move_to(&mut self, program: &Program) {
        self.round.api.url = format!("http://{}", program.address);
    }
}

impl Fund {
    /// Applies on every call, lets one be voted on, one be paid.
    pub fn open(staff: &Staff) -> Self {
        let round = &staff.round;
        let api = &round.api;
        let secrets: Vec<Secrets> = (0..PEOPLE).map(Secrets::of).collect();
        let mut users: BTreeMap<Who, User> =
            staff.applicants.iter().enumerate().map(|(whose, user)| (Who::Applicant(whose), user.clone())).collect();
        users.extend([
            (Who::Bystander, staff.bystander.clone()),
            (Who::Administrator, round.administrators[0].clone()),
            (Who::Treasurer, round.treasurer.clone()),
            (Who::Authoriser, round.authoriser.clone()),
            (Who::Auditor, round.auditor.clone()),
            (Who::Chair, round.chair.clone()),
            (Who::Member, round.members[0].clone()),
        ]);
        let mut open = staff.open.clone();
        let (checked_call, paid_call, papered_call) = (open.pop().unwrap(), open.pop().unwrap(), open.pop().unwrap());
        let apply_to = |call: &str| -> Vec<String> {
            (0..PEOPLE).map(|whose| apply(api, &staff.applicants[whose], call, &answers(&secrets[whose]))).collect()
        };
        let begin_on = |call: &str| -> Vec<String> {
            (0..PEOPLE).map(|whose| begin(api, &staff.applicants[whose], call)).collect()
        };
        let send = |(whose, draft): (usize, &String)| send(api, &staff.applicants[whose], draft, &secrets[whose]);
        let papers = begin_on(&checked_call).iter().enumerate().map(send).collect();
        let checked = apply_to(&checked_call);
        let papered = begin_on(&papered_call);
        let entered = format!("calls/{papered_call}/entered-applications");
        let entered = api.ask("POST", &entered).by(&round.administrators[0]).json(answers(&secrets[0])).send();
        let entered = text(&is(&entered, 201)["id"]);
        let voted = apply_to(&round.call);
        let paid = apply_to(&paid_call);
        let programme = programme(api, &round.administrators[0], &checked_call);
        set_state(&staff.round.api.database, &round.call, "voting");
        let payouts = pay(staff, &paid_call, &paid);
        let document = api.get("openapi.json").json();
        let paths = document["paths"].as_object().unwrap();
        let routes = paths.iter().flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
            methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
        });
        Self {
            secrets,
            users,
            open,
            checked_call,
            checked,
            papers,
            programme,
            papered,
            entered,
            voted_call: round.call.clone(),
            voted,
            paid_call,
            paid,
            payouts,
            routes: routes.collect(),
            drafts: Mutex::default(),
            questions: Mutex::default(),
            documents: Mutex::default(),
        }
    }

    pub fn user(&self, who: Who) -> Option<&User> {
        self.users.get(&who)
    }

    /// Remembers what an answer says of drafts and questions.
    pub fn learn(&self, request: &Request, answer: &Answer) {
        let body = answer.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if let (Some(place), 200 | 201 | 412) = (request.draft, answer.status) {
            let etag = answer.header("etag").unwrap_or("\"1\"").to_owned();
            let mut drafts = self.drafts.lock().unwrap();
            let draft = drafts.entry(place).or_default();
            draft.etag = etag;
            if answer.is_good() {
                draft.id = text("id");
                draft.is_sent = body["state"] != "draft";
            }
        }
        if let (Some(whose), 201) = (request.adds_to, answer.status) {
            self.documents.lock().unwrap().entry(whose).or_default().push(text("id"));
        }
        if request.asks_about.is_some() && answer.status == 201 {
            let (whose, application) = request.asks_about.clone().unwrap();
            self.questions.lock().unwrap().push((whose, application, text("id")));
        }
    }
}

/// Complete answers of category 1, with every secret in its place. The address is told by the name: so it is told apart from
/// the statement, which is shown as it was written.
pub fn answers(of: &Secrets) -> Value {
    json!({
        "given_name": "Ana", "family_name": of.name, "jmbg": of.jmbg, "phone": "+381600000000",
        "address": format!("Ulica {} 5", of.name), "municipality": "Beograd", "discipline": "dance",
        "association": "ULUS", "bank_account": of.account_written, "account_holder": format!("Ana {}", of.name),
        "household_size": 2, "is_single_parent": true, "children_born": ["2015-01-01"], "housing": "tenant",
        "income_before": of.income_written(), "income_during": "0.00", "benefits": "0.00",
        "has_other_support": false, "declared_aid": [], "is_related_to_fund": false,
        "statement": format!("{} je bez posla.", of.text)
    })
}

#[track_caller]
fn is(reply: &Reply, status: u16) -> Value {
    assert_eq!(reply.status, status, "{reply:?}");
    serde_json::from_str(&reply.body).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

/// What every call here may have with an application.
fn paper() -> AskedDocument {
    let title = Text { sr: "Potvrda".into(), en: None };
    AskedDocument { code: "paper".into(), title, when: AskedWhen::AtSubmission, is_required: false }
}

/// Begins a draft, or gives the one that is there.
fn begin(api: &Api, user: &User, call: &str) -> String {
    let reply = api.ask("POST", &format!("calls/{call}/applications")).by(user).send();
    assert!(matches!(reply.status, 200 | 201), "{reply:?}");
    text(&reply.json()["id"])
}

/// Sends a document, with secrets in it and in its name.
fn send(api: &Api, user: &User, draft: &str, of: &Secrets) -> String {
    let path = format!("me/applications/{draft}/documents?kind=paper&name={}", papers::name(of));
    text(&is(&api.ask("POST", &path).by(user).bytes(&papers::written(of)).send(), 201)["id"])
}

fn apply(api: &Api, user: &User, call: &str, answers: &Value) -> String {
    let id = begin(api, user, call);
    let path = format!("me/applications/{id}");
    is(&api.ask("PATCH", &path).by(user).header("If-Match", "*").json(answers.clone()).send(), 200);
    let sent = api.ask("POST", &format!("{path}/submit")).by(user).header("If-Match", "*").send();
    text(&is(&sent, 200)["id"])
}

fn programme(api: &Api, administrator: &User, call: &str) -> String {
    let body = json!({"code": "REP", "title": "Pomoć", "provider": "Republika", "level": "republic",
        "effect": "disqualify"});
    let reply = api.ask("POST", &format!("calls/{call}/aid-programmes")).by(administrator).json(body).send();
    text(&is(&reply, 201)["id"])
}

fn literal(database: &TestDatabase, id: &str) -> String {
    let hex = id.parse::<Uuid>().unwrap().simple().to_string();
    if database.is_postgres() { format!("'\\x{hex}'::bytea") } else { format!("X'{hex}'") }
}

/// Past the server, as time and votes would.
fn execute(database: &TestDatabase, sql: &str) {
    let changed = diesel::sql_query(sql).execute(&mut database.raw()).unwrap_or_else(|error| panic!("{error}: {sql}"));
    assert!(changed > 0, "{sql}");
}

fn set_state(database: &TestDatabase, call: &str, state: &str) {
    let call = literal(database, call);
    let set = format!("state = '{state}', closes_at = opens_at + 1, version = version + 1");
    execute(database, &format!("UPDATE calls SET {set} WHERE id = {call}"));
}

/// Approved, allocated, prepared; one authorised and executed. Gives the payouts.
fn pay(staff: &Staff, call: &str, applications: &[String]) -> Vec<String> {
    let round = &staff.round;
    let (api, database, treasurer) = (&round.api, &round.api.database, &round.treasurer);
    let (call_id, now) = (literal(database, call), Instant::now().micros());
    for id in applications {
        let id = literal(database, id);
        let columns = "application_id, call_id, reference, outcome, approvals, rejections, abstentions, score_sum, \
                       score_count, decided_at";
        let values = format!("id, {call_id}, reference, 'approved', 3, 0, 0, 0, 0, {now}");
        execute(
            database,
            &format!("INSERT INTO decisions ({columns}) SELECT {values} FROM applications WHERE id = {id}"),
        );
        let set = "state = 'approved', held_from = NULL, version = version + 1";
        execute(database, &format!("UPDATE applications SET {set} WHERE id = {id}"));
    }
    set_state(database, call, "voting_closed");
    let key = || Uuid::now_v7().to_string();
    let post = |by: &User, path: String, body: Value| {
        api.ask("POST", &path).by(by).header("Idempotency-Key", &key()).json(body).send()
    };
    let get = |by: &User, path: String| api.ask("GET", &path).by(by).send();
    let today = Instant::now().in_belgrade().0.to_string();
    let given = json!({"donor": "Fund for an Open Society", "amount": "1000000.00", "received_on": today});
    is(&post(treasurer, format!("calls/{call}/contributions"), given), 201);
    let budget = format!("calls/{call}/budget");
    let etag = get(treasurer, budget.clone()).headers["etag"].clone();
    let set = api.ask("PUT", &budget).by(treasurer).header("If-Match", &etag).json(json!({"budget": "90000.00"}));
    is(&set.send(), 200);
    is(&post(&round.administrators[0], format!("calls/{call}/seed"), json!({"seed": "Loto 7/39"})), 200);
    let digest = is(&get(treasurer, format!("calls/{call}/allocation/preview")), 200)["digest"].clone();
    is(&post(treasurer, format!("calls/{call}/allocation"), json!({"digest": digest})), 201);
    let awards = is(&get(treasurer, format!("calls/{call}/awards")), 200);
    let prepare = |award: &Value| {
        let path = format!("awards/{}/payout", text(&award["id"]));
        text(&is(&post(treasurer, path, json!({})), 201)["payout"]["id"])
    };
    let payouts: Vec<String> = awards["items"].as_array().unwrap().iter().map(prepare).collect();
    let shown = get(&round.authoriser, format!("payouts/{}", payouts[0]));
    let step = |by: &User, step: &str, etag: &str, body: Value| {
        let ask = api.ask("POST", &format!("payouts/{}/{step}", payouts[0])).by(by).header("If-Match", etag);
        ask.header("Idempotency-Key", &key()).json(body).send()
    };
    let binding = json!({"binding": shown.json()["binding"]});
    let authorised = step(&round.authoriser, "authorise", &shown.headers["etag"], binding);
    is(&authorised, 200);
    let body = json!({"amount": shown.json()["amount"], "executed_on": today, "bank_reference": "B-0001"});
    is(&step(treasurer, "execute", &authorised.headers["etag"], body), 200);
    assert!(payouts.len() >= 3, "{payouts:?}");
    payouts
}
