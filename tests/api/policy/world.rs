//! One of everybody, something of everybody's, and the request that asks a route for it.

use std::cell::Cell;
use std::time::Duration;

use fond::accounts::Role;
use fond::calls::{Rules, actions as calls};
use fond::clock::Instant;
use serde_json::{Value, json};
use uuid::Uuid;

use super::bodies::{needs_version, number, sent};
use super::material::Material;
use super::mine::Mine;
use super::table::{Row, column};
use crate::documents;
use crate::sql;
use crate::support::api::{Api, Ask, User};
use crate::support::round::call_with;
use crate::support::{case, people};

pub struct World {
    pub api: Api,
    /// In the order of the roles of the table; the first, nobody, is missing.
    pub people: Vec<Person>,
    other: User,
    /// A call that nobody sees yet.
    draft: String,
    /// The call that has the committee and that `here` administers, and another one.
    pub own: Material,
    pub foreign: Material,
    /// What the applicant applied for, and somebody else.
    pub mine: Mine,
    pub theirs: Mine,
    stage: Cell<Option<Stage>>,
    open_invitation: String,
    /// On the call that `here` administers: an invitation that nobody has answered, and somebody's role.
    invitation_here: String,
    grant_here: String,
}

/// Somebody with one of each thing that a path can name.
pub struct Person {
    pub user: User,
    second_session: String,
    invitation: String,
    grant: String,
}

impl World {
    pub fn new() -> Self {
        let api = Api::start();
        let pair = api.administrators();
        let [call, another] = ["own", "foreign"]
            .map(|code| call_with(&api, code, |rules| rules.documents.push(documents::asked("paper"))));
        let draft = draft(&api);
        let [member, chair] = ["member", "chair"].map(|seat| {
            let more = json!({"call_id": call, "association": "ULUS"});
            api.officer_with(&pair, &format!("{seat}@example.org"), seat, more)
        });
        let stale = api.officer(&pair, "stale@example.org", "administrator");
        let other = api.officer(&pair, "other@example.org", "auditor");
        let [treasurer, authoriser, auditor] =
            ["treasurer", "authoriser", "auditor"].map(|role| api.officer(&pair, &format!("{role}@example.org"), role));
        let applicant = api.register("applicant@example.org");
        let open_invitation = id_of(&api.invite(&pair[0], "open@example.org", "treasurer", json!({})));
        let on_call = json!({"call_id": call});
        let here = api.officer_with(&pair, "here@example.org", "administrator", on_call.clone());
        let invitation_here = id_of(&api.invite(&pair[0], "waits@example.org", "treasurer", on_call));
        let checks = json!({"call_id": call, "association": "ULUS"});
        let inside = api.officer_with(&pair, "inside@example.org", "auditor", checks);
        let grant_here = grant_of(&api, &pair[0], &inside);
        await_seats(&api, 2);
        let fond = api.database.open();
        let [own, foreign] = [call, another].map(|call| Material::of(&api, &fond, &call));
        let [mine, theirs] = [&applicant, &other].map(|owner| Mine::of(&api, &pair[1], owner));
        for (material, mine) in [(&own, &mine), (&foreign, &theirs)] {
            for held in [[&material.plain, &mine.documents[2]], [&material.entered, &mine.documents[3]]] {
                let [application, document] = held.map(|id| sql::id(&api.database, id));
                let put = format!("UPDATE documents SET application_id = {application} WHERE id = {document}");
                assert_eq!(sql::execute(&api.database, &put), 1);
            }
        }
        let users = [applicant, pair[1].clone(), treasurer, authoriser, auditor, member, chair, stale, here];
        let people = users.map(|user| Person::new(&api, &pair[0], user, &open_invitation)).into();
        let stage = Cell::new(None);
        let world = Self {
            api,
            people,
            other,
            draft,
            own,
            foreign,
            mine,
            theirs,
            stage,
            open_invitation,
            invitation_here,
            grant_here,
        };
        world.seat_members();
        sql::let_proof_grow_old(&world.api, &world.person("stale").unwrap().user, 10);
        world
    }

    /// The applicant has an award on the call that has the committee; member and chair have said that they may read one of
    /// its applications.
    fn seat_members(&self) {
        let database = &self.api.database;
        let [owner, awarded] =
            [&self.person("applicant").unwrap().user.person, &self.own.awarded].map(|id| sql::id(database, id));
        let give = format!("UPDATE applications SET person_id = {owner} WHERE id = {awarded}");
        assert_eq!(sql::execute(database, &give), 1);
        self.reach(Stage::Voting);
        for role in ["member", "chair"] {
            let path = format!("committee/applications/{}/declarations", self.own.pair[1]);
            let ask = self.api.ask("POST", &path).by(&self.person(role).unwrap().user);
            let reply = ask.json(json!({"has_conflict": false})).send();
            assert_eq!(reply.status, 201, "{reply:?}");
        }
    }

    /// Both calls as far as a route wants them.
    fn reach(&self, stage: Stage) {
        if self.stage.replace(Some(stage)) == Some(stage) {
            return;
        }
        let far = Instant::now().plus(Duration::from_secs(864_000)).micros().to_string();
        let (state, end, seed) = match stage {
            Stage::Open => ("published", far.as_str(), "NULL"),
            Stage::Over => ("published", "opens_at + 1", "NULL"),
            Stage::Voting => ("voting", "opens_at + 1", "NULL"),
            Stage::Decided => ("voting_closed", "opens_at + 1", "NULL"),
            Stage::Drawn => ("voting_closed", "opens_at + 1", "'Loto 7/39'"),
        };
        let calls = [&self.own, &self.foreign].map(|material| sql::id(&self.api.database, &material.call));
        let set = format!("state = '{state}', closes_at = {end}, seed = {seed}, seed_recorded_at = NULL");
        let statement = format!("UPDATE calls SET {set} WHERE id IN ({})", calls.join(", "));
        assert_eq!(sql::execute(&self.api.database, &statement), 2);
    }

    /// Whoever a column of the table stands for.
    pub fn person(&self, role: &str) -> Option<&Person> {
        column(role).checked_sub(1).map(|place| &self.people[place])
    }

    /// The call that has the committee and that `here` administers.
    pub fn call(&self) -> &str {
        &self.own.call
    }

    /// Somebody who is not in the table.
    pub fn visitor(&self, user: User) -> Person {
        Person::with_one_session(&self.api, &self.people[1].user, user, &self.open_invitation)
    }

    /// The request of a line of the table, as somebody sends it who does everything right.
    pub fn ask(&self, row: &Row, person: Option<&Person>) -> Ask<'_> {
        self.reach(Stage::of(row.path));
        self.ask_about(row, &self.target(row, person), person)
    }

    /// The same about what has this id, or no id at all.
    pub fn ask_about(&self, row: &Row, id: &str, person: Option<&Person>) -> Ask<'_> {
        let of_call = self.material(row).filter(|_| !row.path.contains("/me/"));
        let asked = of_call.map(|material| material.question.clone());
        let asked = asked.unwrap_or_else(|| self.beside(row, |mine| &mine.clarification));
        let path = row.path.replace("{id}", id).replace("{file}", file(row.whose));
        let path = path.replace("{finding}", Material::FINDING).replace("{clarification}", &asked);
        let document = self
            .beside(row, if row.method == "DELETE" { |mine| &mine.documents[3] } else { |mine| &mine.documents[2] });
        let path = path.replace("{document}", &document);
        let is_sent = row.method == "POST" && row.path.ends_with("/documents");
        let path = if is_sent { path + "?kind=paper" } else { path };
        let mut ask = self.api.ask(row.method, &path);
        if let Some(person) = person {
            ask = ask.by(&person.user);
        }
        if needs_version(row.method, row.path) {
            ask = ask.header("If-Match", &self.version(row, id, person));
        }
        if row.method == "POST" {
            ask = ask.header("Idempotency-Key", &format!("key-{}", number()));
        }
        match self.body(row) {
            Some(body) => ask.json(body),
            None => sent(ask, row.method, row.path),
        }
    }

    /// What is sent about something that is there, where that is not the same for all.
    fn body(&self, row: &Row) -> Option<Value> {
        let material = self.material(row)?;
        let payout = |step: &str| &material.payouts[step];
        let today = Instant::now().in_belgrade().0.to_string();
        let body = match row.path.rsplit('/').next().unwrap() {
            "merge" => json!({"into": material.pair[1]}),
            "authorise" => json!({"binding": payout("authorise").binding}),
            "execute" => {
                let reference = format!("B-{}", number());
                json!({"amount": payout("execute").amount, "executed_on": today, "bank_reference": reference})
            }
            _ => return None,
        };
        Some(body)
    }

    fn material(&self, row: &Row) -> Option<&Material> {
        match row.whose {
            "own" => Some(&self.own),
            "foreign" => Some(&self.foreign),
            _ => None,
        }
    }

    /// Something of somebody's own that a path names beside its first id.
    fn beside(&self, row: &Row, named: fn(&Mine) -> &String) -> String {
        match row.whose {
            "own" => named(&self.mine).clone(),
            "foreign" => named(&self.theirs).clone(),
            _ => Uuid::now_v7().to_string(),
        }
    }

    /// What `If-Match` says: the version that is stored, as somebody who has just read it would say.
    fn version(&self, row: &Row, id: &str, person: Option<&Person>) -> String {
        let mut parts = row.path.trim_start_matches("/api/v1/").split('/');
        let (part, next) = (parts.next().unwrap(), parts.next());
        let (table, key, id) = match (part, next) {
            ("me", None) => ("logins", "person_id", person.map(|person| person.user.person.as_str())),
            ("me", _) if row.path.ends_with("/withdraw") || row.path.ends_with("/decline") => {
                ("applications", "id", Some(id))
            }
            ("me", _) => ("drafts", "id", Some(id)),
            ("roles", _) => ("role_grants", "id", Some(id)),
            (table, _) => (table, "id", Some(id)),
        };
        let id = id.filter(|id| id.parse::<Uuid>().is_ok()).unwrap_or(&self.other.person);
        let id = sql::id(&self.api.database, id);
        let version = self.api.database.number(&format!(
            "SELECT CAST(COALESCE(MAX(version), 1) AS BIGINT) AS number FROM {table} WHERE {key} = {id}"
        ));
        format!("\"{version}\"")
    }

    fn target(&self, row: &Row, person: Option<&Person>) -> String {
        let part = row.path.trim_start_matches("/api/v1/").split('/').next().unwrap();
        match (row.whose, part, person) {
            (_, "", _) | ("absent" | "-", _, _) => Uuid::now_v7().to_string(),
            ("draft", "calls", _) => self.draft.clone(),
            ("draft", "aid-programmes", _) => draft_programme(&self.api, &self.draft),
            ("own", "me", _) => self.mine.target(&self.own, row),
            ("foreign", "me", _) => self.theirs.target(&self.foreign, row),
            ("own", "calls" | "committee" | "applications" | "awards" | "contributions" | "payouts", _)
            | ("own", "aid-programmes" | "aid-registers" | "seats", _) => self.own.target(part, row),
            ("foreign", "calls" | "committee" | "applications" | "awards" | "contributions" | "payouts", _)
            | ("foreign", "aid-programmes" | "aid-registers" | "seats", _) => self.foreign.target(part, row),
            ("own", "sessions", Some(person)) => person.second_session.clone(),
            ("own", "invitations", Some(person)) => person.invitation.clone(),
            ("own", "roles", Some(person)) => person.grant.clone(),
            ("own", "people", Some(person)) => person.user.person.clone(),
            ("call", "invitations", _) => self.invitation_here.clone(),
            ("call", "roles", _) => self.grant_here.clone(),
            (_, "sessions", _) => self.other.session.clone(),
            (_, "invitations", _) => self.open_invitation.clone(),
            (_, "roles", _) => grant_of(&self.api, &self.people[1].user, &self.other),
            (_, "people", _) => self.other.person.clone(),
            (_, "dead-jobs", _) => dead_job(&self.api),
            (whose, part, _) => panic!("nothing {whose} among {part}"),
        }
    }

    /// Puts back what a request may have changed, so that no line depends on the ones above it.
    pub fn mend(&self) {
        let far = Instant::now().plus(Duration::from_secs(86_400)).micros();
        let accounts = [
            "UPDATE sessions SET ended_at = NULL WHERE ended_at IS NOT NULL".to_owned(),
            "UPDATE logins SET suspended_at = NULL WHERE suspended_at IS NOT NULL".to_owned(),
            format!("UPDATE role_grants SET ends_at = {far}, version = 1 WHERE version > 1"),
            "UPDATE invitations SET withdrawn_at = NULL, confirmed_at = NULL, confirmed_by = NULL, version = 1 \
             WHERE accepted_at IS NULL AND version > 1"
                .to_owned(),
            "UPDATE calls SET state = 'draft' WHERE code = 'draft'".to_owned(),
        ];
        let database = &self.api.database;
        let work = [&self.own, &self.foreign].map(|material| material.mending(database));
        sql::execute_all(database, accounts.into_iter().chain(work.into_iter().flatten()));
        self.stage.set(None);
    }
}

/// How far the calls are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    /// The time for applications is over, and nobody votes yet.
    Over,
    Voting,
    /// The voting is closed; awards are there all the same.
    Decided,
    /// The seed of the draw is recorded too.
    Drawn,
}

impl Stage {
    /// What a route wants to find.
    fn of(path: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| path.contains(word));
        match () {
            () if path.ends_with("/voting/open") => Self::Over,
            () if has(&["/voting/", "committee/"]) => Self::Voting,
            () if path.ends_with("/seed") => Self::Decided,
            () if has(&["decisions", "minutes", "alloc", "reserve", "award", "payout", "decline", "totals"]) => {
                Self::Drawn
            }
            () => Self::Open,
        }
    }
}

impl Person {
    fn new(api: &Api, administrator: &User, mut user: User, open_invitation: &str) -> Self {
        let mut second = user.clone();
        api.sign_in(&mut second);
        user.recovery_codes = second.recovery_codes;
        Self { second_session: second.session, ..Self::with_one_session(api, administrator, user, open_invitation) }
    }

    fn with_one_session(api: &Api, administrator: &User, user: User, open_invitation: &str) -> Self {
        let invitations = api.ask("GET", "invitations?limit=100").by(administrator).send().json();
        let own = |item: &&Value| item["email"] == user.email.as_str();
        let invitation = invitations["items"].as_array().unwrap().iter().find(own).map(id_of);
        let invitation = invitation.unwrap_or_else(|| open_invitation.to_owned());
        let grant = grant_of(api, administrator, &user);
        Self { second_session: user.session.clone(), user, invitation, grant }
    }
}

fn id_of(item: &Value) -> String {
    item["id"].as_str().unwrap().to_owned()
}

fn file(whose: &str) -> &'static str {
    if whose == "absent" { "absent.html" } else { "index.html" }
}

/// The newest role of somebody; an administrator's, for those who have none.
fn grant_of(api: &Api, administrator: &User, user: &User) -> String {
    let roles = api.ask("GET", "roles?limit=100").by(administrator).send().json();
    let items = roles["items"].as_array().unwrap();
    let own = items.iter().find(|item| item["person_id"] == user.person.as_str());
    id_of(own.or(items.last()).unwrap())
}

fn draft(api: &Api) -> String {
    let fond = api.database.open();
    let text = std::fs::read_to_string(case("2020").join("call.json")).unwrap();
    let mut rules: Rules = serde_json::from_str(&text).unwrap();
    rules.allocation.seed = None;
    rules.code = "draft".into();
    let draft = fond.db.write(|conn| {
        let maker = people::officer(conn, &fond, Role::Administrator, Instant::now())?;
        calls::make(conn, &maker, &rules, Instant::now())
    });
    draft.unwrap().id.to_string()
}

/// Whoever accepted a seat is seated by the worker.
fn await_seats(api: &Api, count: i64) {
    let began = std::time::Instant::now();
    while sql::rows(&api.database, "seats") != count {
        assert!(began.elapsed() < Duration::from_secs(20), "nobody is seated");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// An aid programme of a call that is a draft, which may be removed.
fn draft_programme(api: &Api, draft: &str) -> String {
    let programme = Uuid::now_v7().to_string();
    let [id, call] = [&programme, draft].map(|id| sql::id(&api.database, id));
    let values = format!("{id}, {call}, '{programme}', 'Republika', 'republic', FALSE, 'disqualify', 'Pomoć'");
    sql::execute(&api.database, &format!("INSERT INTO aid_programmes VALUES ({values})"));
    programme
}

/// A letter that was given up; whom it was for is gone too.
fn dead_job(api: &Api) -> String {
    let (job, subject) = (Uuid::now_v7().to_string(), Uuid::now_v7().to_string());
    let (id, subject) = (sql::id(&api.database, &job), sql::id(&api.database, &subject));
    sql::execute(
        &api.database,
        &format!(
            "INSERT INTO jobs (id, kind, lane, subject, created_at, due_at, attempts, failure, dead_at) \
             VALUES ({id}, 'mail_registration', 'link', {subject}, 1, 1, 9, 'refused_550', 2)"
        ),
    );
    job
}
