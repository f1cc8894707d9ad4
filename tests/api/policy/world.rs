//! One of everybody, something of everybody's, and the request that asks a route for it.

use std::time::Duration;

use fond::accounts::Role;
use fond::calls::{Rules, actions as calls};
use fond::clock::Instant;
use serde_json::{Value, json};
use uuid::Uuid;

use super::table::{ROLES, Row};
use crate::sql;
use crate::support::api::{Api, Ask, PASSWORD, User, in_days};
use crate::support::{case, people};

pub struct World {
    pub api: Api,
    /// In the order of the roles of the table; the first, nobody, is missing.
    pub people: Vec<Person>,
    other: User,
    call: String,
    draft: String,
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
        let (call, draft) = two_calls(&api);
        let seat = json!({"call_id": call, "association": "ULUS"});
        let invited = api.invite(&pair[0], "member@example.org", "member", seat);
        assert_eq!(invited["needs_confirmation"], false);
        let member = api.accept("member@example.org", &api.letter("member@example.org", 0).token());
        let stale = api.officer(&pair, "stale@example.org", "administrator");
        let other = api.officer(&pair, "other@example.org", "auditor");
        let officers =
            ["treasurer", "authoriser", "auditor"].map(|role| api.officer(&pair, &format!("{role}@example.org"), role));
        let applicant = api.register("applicant@example.org");
        let open_invitation = id_of(&api.invite(&pair[0], "open@example.org", "treasurer", json!({})));
        let [treasurer, authoriser, auditor] = officers;
        let on_call = json!({"call_id": call});
        let here = api.officer_with(&pair, "here@example.org", "administrator", on_call.clone());
        let invitation_here = id_of(&api.invite(&pair[0], "waits@example.org", "treasurer", on_call));
        let checks = json!({"call_id": call, "association": "ULUS"});
        let inside = api.officer_with(&pair, "inside@example.org", "auditor", checks);
        let grant_here = grant_of(&api, &pair[0], &inside);
        let users = [applicant, pair[1].clone(), treasurer, authoriser, auditor, member, stale, here];
        let people = users.map(|user| Person::new(&api, &pair[0], user, &open_invitation)).into();
        let world = Self { api, people, other, call, draft, open_invitation, invitation_here, grant_here };
        sql::let_proof_grow_old(&world.api, &world.people[6].user, 10);
        world
    }

    /// Whoever a column of the table stands for.
    pub fn person(&self, role: &str) -> Option<&Person> {
        let column = ROLES.iter().position(|name| *name == role).unwrap();
        column.checked_sub(1).map(|place| &self.people[place])
    }

    /// Somebody who is not in the table.
    pub fn visitor(&self, user: User) -> Person {
        Person::with_one_session(&self.api, &self.people[1].user, user, &self.open_invitation)
    }

    /// The request of a line of the table, as somebody sends it who does everything right.
    pub fn ask(&self, row: &Row, person: Option<&Person>) -> Ask<'_> {
        let path = row.path.replace("{id}", &self.target(row, person)).replace("{file}", file(row.whose));
        let mut ask = self.api.ask(row.method, &path);
        if let Some(person) = person {
            ask = ask.by(&person.user);
        }
        if row.path.starts_with("/api/v1/invitations/{id}") || row.path.ends_with("/end") {
            ask = ask.header("If-Match", &format!("\"{}\"", self.version(row, person)));
        }
        if (row.method, row.path) == ("PATCH", "/api/v1/me") {
            let me = person.map(|person| self.api.ask("GET", "me").by(&person.user).send());
            let tag = me.map_or_else(|| "\"1\"".to_owned(), |me| me.headers["etag"].clone());
            ask = ask.header("If-Match", &tag);
        }
        match body(row.method, row.path) {
            Some(body) => ask.json(body),
            None => ask,
        }
    }

    /// The version of the invitation that a line asks for; one's own was accepted, and perhaps confirmed.
    fn version(&self, row: &Row, person: Option<&Person>) -> i64 {
        let (true, true) = (row.whose == "own", row.path.contains("invitations")) else { return 1 };
        let id = sql::id(&self.api.database, &self.target(row, person));
        self.api.database.number(&format!("SELECT CAST(version AS BIGINT) AS number FROM invitations WHERE id = {id}"))
    }

    fn target(&self, row: &Row, person: Option<&Person>) -> String {
        let part = row.path.trim_start_matches("/api/v1/").split('/').next().unwrap();
        match (row.whose, part, person) {
            (_, "", _) | ("absent" | "-", _, _) => Uuid::now_v7().to_string(),
            ("own", "calls", _) => self.call.clone(),
            ("foreign", "calls", _) => self.draft.clone(),
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
        for statement in [
            "UPDATE sessions SET ended_at = NULL WHERE ended_at IS NOT NULL".to_owned(),
            "UPDATE logins SET suspended_at = NULL WHERE suspended_at IS NOT NULL".to_owned(),
            format!("UPDATE role_grants SET ends_at = {far}, version = 1 WHERE version > 1"),
            "UPDATE invitations SET withdrawn_at = NULL, confirmed_at = NULL, confirmed_by = NULL, version = 1 \
             WHERE accepted_at IS NULL AND version > 1"
                .to_owned(),
        ] {
            sql::execute(&self.api.database, &statement);
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

/// A published call, and one that is a draft.
fn two_calls(api: &Api) -> (String, String) {
    let fond = api.database.open();
    let open = people::open_call(&fond, |_| ());
    let text = std::fs::read_to_string(case("2020").join("call.json")).unwrap();
    let mut rules: Rules = serde_json::from_str(&text).unwrap();
    rules.allocation.seed = None;
    rules.code = "draft".into();
    let draft = fond.db.write(|conn| {
        let maker = people::officer(conn, &fond, Role::Administrator, Instant::now())?;
        calls::make(conn, &maker, &rules, Instant::now())
    });
    (open.to_string(), draft.unwrap().id.to_string())
}

/// A letter that was given up; whom it was for is gone too.
fn dead_job(api: &Api) -> String {
    let (job, subject) = (Uuid::now_v7().to_string(), Uuid::now_v7().to_string());
    let (id, subject) = (sql::id(&api.database, &job), sql::id(&api.database, &subject));
    sql::execute(
        &api.database,
        &format!(
            "INSERT INTO jobs (id, kind, subject, created_at, due_at, attempts, failure, dead_at) \
             VALUES ({id}, 'mail_registration', {subject}, 1, 1, 9, 'refused_550', 2)"
        ),
    );
    job
}

/// What a route is sent: right in form, and of no effect where nobody needs to be signed in.
pub fn body(method: &str, path: &str) -> Option<Value> {
    let token = json!({"token": "bm90aGluZw"});
    let address = json!({"email": "somebody@example.org"});
    let body = match (method, path.trim_start_matches("/api/v1")) {
        ("POST", "/registrations" | "/sign-in-links" | "/password-resets") => address,
        ("POST", "/registrations/confirm" | "/sessions/link" | "/email-changes/confirm") => token,
        ("POST", "/password-resets/confirm") => json!({"token": "bm90aGluZw", "new_password": PASSWORD}),
        ("POST", "/invitations/accept") => json!({"token": "bm90aGluZw", "name": "Iva Ivić", "password": PASSWORD}),
        ("POST", "/sessions") => json!({"email": "somebody@example.org", "password": PASSWORD}),
        ("POST", "/sessions/code") => json!({"device_token": "bm90aGluZw", "code": "12345678"}),
        ("POST", "/sessions/refresh") => json!({"refresh_token": "bm90aGluZw"}),
        ("POST", "/sessions/current/step-up") => json!({"password": PASSWORD}),
        ("POST", "/me/second-factor/confirm") => json!({"totp_code": "no code"}),
        ("POST", "/me/email-changes") => address,
        ("PUT", "/me/password") => json!({"current_password": PASSWORD, "new_password": PASSWORD}),
        ("PATCH", "/me") => json!({"language": "en"}),
        ("POST", "/invitations") => {
            json!({"email": "new@example.org", "role": "treasurer", "ends_at": in_days(30)})
        }
        _ => return None,
    };
    Some(body)
}
