//! A running server for a test, and people who use it: HTTP does the thing tested, letters are read from the folder.

use std::collections::BTreeMap;
use std::time::{Duration, Instant as Stopwatch};

use fond::accounts::{Actor, Invitation, Role, TotpSecret, actions::invitations};
use fond::clock::Instant;
use fond::config::Settings;
use fond::crypto::Openings;
use fond::language::Language;
use fond::startup;
use serde_json::{Value, json};

use super::TestDatabase;

/// A server on a database of its own; it stops when this is dropped.
pub struct Api {
    pub database: TestDatabase,
    pub url: String,
    pub metrics_url: String,
    handle: actix_web::dev::ServerHandle,
    openings: std::sync::Arc<Openings>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case; of several values, the last.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// A request that is being put together.
pub struct Ask<'a> {
    api: &'a Api,
    method: &'a str,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct User {
    pub email: String,
    pub person: String,
    pub access: String,
    pub refresh: String,
    pub session: String,
    pub totp: Option<String>,
    pub recovery_codes: Vec<String>,
}

/// A letter from the folder.
#[derive(Debug, Clone)]
pub struct Letter {
    pub file: String,
    pub text: String,
}

/// Long enough to stand alone, and on no list.
pub const PASSWORD: &str = "seven grey cranes over Palic";
const PATIENCE: Duration = Duration::from_secs(20);

impl Api {
    pub fn start() -> Self {
        Self::start_with(|_| ())
    }

    /// A server with other settings. Limits are wide unless the test narrows them.
    pub fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_on(TestDatabase::new(), change)
    }

    pub fn start_on(database: TestDatabase, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = database.settings();
        settings.http.listen = "127.0.0.1:0".parse().unwrap();
        settings.http.metrics_listen = "127.0.0.1:0".into();
        settings.http.workers = 2;
        settings.limits.account_per_minute = 1_000_000;
        settings.limits.address_per_minute = 1_000_000;
        settings.limits.sign_ins_per_quarter = 1_000_000;
        settings.limits.letters_per_hour = 1_000_000;
        settings.tokens.signing_keys_file = database.folder.path().join("signing.keys");
        if !settings.tokens.signing_keys_file.exists() {
            fond::crypto::SigningKeys::create(&settings.tokens.signing_keys_file).unwrap();
        }
        change(&mut settings);
        let url = database.url.clone();
        let (tell, told) = std::sync::mpsc::channel();
        let serve = move || {
            actix_web::rt::System::new().block_on(async move {
                let running = startup::start(&settings, Some(&url)).unwrap();
                let told = (running.address, running.metrics_address.unwrap(), running.handle(), running.openings());
                tell.send(told).unwrap();
                running.stopped().await.unwrap();
            });
        };
        let thread = std::thread::spawn(serve);
        let (address, metrics, handle, openings) = told.recv().unwrap();
        let (url, metrics_url) = (format!("http://{address}"), format!("http://{metrics}"));
        Self { database, url, metrics_url, handle, openings, thread: Some(thread) }
    }

    /// How often sealed data of people were opened: in all, by themselves, and for what then failed.
    pub fn openings(&self) -> [u64; 3] {
        let Openings { all, own, abandoned } = &*self.openings;
        [all, own, abandoned].map(|count| count.load(std::sync::atomic::Ordering::Relaxed))
    }

    pub fn address(&self) -> std::net::SocketAddr {
        self.url.trim_start_matches("http://").parse().unwrap()
    }

    /// Begins a request; a path that does not begin with / stands below /api/v1.
    pub fn ask<'a>(&'a self, method: &'a str, path: &str) -> Ask<'a> {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/api/v1/{path}") };
        Ask { api: self, method, path, headers: Vec::new(), body: None }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.ask("GET", path).send()
    }

    pub fn post(&self, path: &str, body: Value) -> Reply {
        self.ask("POST", path).json(body).send()
    }

    /// The letters to an address, oldest first.
    pub fn letters_to(&self, email: &str) -> Vec<Letter> {
        let Ok(folder) = std::fs::read_dir(self.database.settings().mail.folder) else { return Vec::new() };
        let mut letters: Vec<Letter> = folder
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
            .map(|path| Letter {
                file: path.file_name().unwrap().to_str().unwrap().to_owned(),
                text: std::fs::read_to_string(&path).unwrap(),
            })
            .filter(|letter| letter.text.contains(&format!("To: {email}\r\n")))
            .collect();
        letters.sort_by(|one, other| one.file.cmp(&other.file));
        letters
    }

    /// Waits for the letter with this number to an address, counted from 0.
    pub fn letter(&self, email: &str, number: usize) -> Letter {
        let began = Stopwatch::now();
        loop {
            if let Some(letter) = self.letters_to(email).get(number) {
                return letter.clone();
            }
            assert!(began.elapsed() < PATIENCE, "no letter {number} came to {email}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Somebody new with a password, signed in, without a role.
    pub fn register(&self, email: &str) -> User {
        let reply = self.post("registrations", json!({"email": email}));
        assert_eq!(reply.status, 202, "{reply:?}");
        let token = self.letter(email, self.letters_to(email).len().saturating_sub(1)).token();
        let reply = self.post("registrations/confirm", json!({"token": token, "password": PASSWORD}));
        assert_eq!(reply.status, 201, "{reply:?}");
        User::from_tokens(email, &reply.json())
    }

    /// Signs in with the password and, where there is one, the second factor.
    pub fn sign_in(&self, user: &mut User) {
        let mut body = json!({"email": user.email, "password": PASSWORD});
        if let Some(code) = user.recovery_codes.pop() {
            body["recovery_code"] = code.into();
        }
        let reply = self.post("sessions", body);
        assert_eq!(reply.status, 201, "{reply:?}");
        let signed_in = User::from_tokens(&user.email, &reply.json());
        (user.access, user.refresh, user.session) = (signed_in.access, signed_in.refresh, signed_in.session);
    }

    /// Enrols a second factor; the session is fresh afterwards.
    pub fn enrol(&self, user: &mut User) {
        let reply = self.ask("POST", "me/second-factor").by(user).send();
        assert_eq!(reply.status, 201, "{reply:?}");
        let secret = reply.json()["secret"].as_str().unwrap().to_owned();
        let body = json!({"totp_code": code(&secret, Instant::now())});
        let reply = self.ask("POST", "me/second-factor/confirm").by(user).json(body).send();
        assert_eq!(reply.status, 200, "{reply:?}");
        let codes = reply.json()["recovery_codes"].as_array().unwrap().clone();
        user.recovery_codes = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        user.totp = Some(secret);
    }

    /// One of the first two administrators, with a second factor.
    pub fn founder(&self, email: &str) -> User {
        let fond = self.database.open();
        let now = Instant::now();
        let invitation = Invitation {
            email: email.parse().unwrap(),
            language: Language::English,
            role: Role::Administrator,
            call: None,
            association: None,
            substitutes_for: None,
            ends_at: now.plus(Duration::from_secs(700 * 86_400)),
        };
        let invited =
            fond.db.write(|conn| invitations::invite_founder(conn, &fond.vault, &Actor::SYSTEM, &invitation, now));
        self.accept(email, &invited.unwrap().0)
    }

    /// Accepts an invitation, signs in and enrols a second factor.
    pub fn accept(&self, email: &str, token: &str) -> User {
        let body = json!({"token": token, "name": "Iva Ivić", "password": PASSWORD});
        let reply = self.post("invitations/accept", body);
        assert_eq!(reply.status, 200, "{reply:?}");
        let reply = self.post("sessions", json!({"email": email, "password": PASSWORD}));
        assert_eq!(reply.status, 201, "{reply:?}");
        let mut user = User::from_tokens(email, &reply.json());
        self.enrol(&mut user);
        user
    }

    /// Invites somebody to a role; gives the invitation.
    pub fn invite(&self, administrator: &User, email: &str, role: &str, more: Value) -> Value {
        let mut body = json!({"email": email, "role": role, "ends_at": in_days(700)});
        for (name, value) in more.as_object().cloned().unwrap_or_default() {
            body[name] = value;
        }
        let reply = self.ask("POST", "invitations").by(administrator).json(body).send();
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()
    }

    /// Somebody who works for the fund: invited by one administrator, confirmed by the other where that is needed.
    pub fn officer(&self, administrators: &[User; 2], email: &str, role: &str) -> User {
        let more = if role == "auditor" { json!({"association": "ULUS"}) } else { json!({}) };
        self.officer_with(administrators, email, role, more)
    }

    /// The same with what else stands in the invitation: the call that it is for.
    pub fn officer_with(&self, administrators: &[User; 2], email: &str, role: &str, more: Value) -> User {
        let invitation = self.invite(&administrators[0], email, role, more);
        if invitation["needs_confirmation"] == true {
            let path = format!("invitations/{}/confirm", invitation["id"].as_str().unwrap());
            let reply = self.ask("POST", &path).by(&administrators[1]).header("If-Match", "\"1\"").send();
            assert_eq!(reply.status, 200, "{reply:?}");
        }
        let token = self.letter(email, 0).token();
        self.accept(email, &token)
    }

    /// Two administrators.
    pub fn administrators(&self) -> [User; 2] {
        [self.founder("first@example.org"), self.founder("second@example.org")]
    }

    /// Stops the server as SIGTERM would; nothing of it runs any more when this returns.
    pub fn stop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        actix_web::rt::System::new().block_on(self.handle.stop(true));
        thread.join().unwrap();
        self.require_journal();
    }

    /// Whatever this server opened of another is on the journal, at the end of every test; what the test itself opened, too.
    fn require_journal(&self) {
        let ([all, own, abandoned], kept) = (self.openings(), self.database.journaled());
        assert!(all - own - abandoned <= kept, "opened {all}, own {own}, in vain {abandoned}; on the journal {kept}");
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop();
        }
    }
}

impl Ask<'_> {
    pub fn by(self, user: &User) -> Self {
        let value = format!("Bearer {}", user.access);
        self.header("Authorization", &value)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn json(self, body: Value) -> Self {
        self.header("Content-Type", "application/json").text(&body.to_string())
    }

    pub fn text(self, body: &str) -> Self {
        self.bytes(body.as_bytes())
    }

    pub fn bytes(mut self, body: &[u8]) -> Self {
        self.body = Some(body.to_vec());
        self
    }

    pub fn send(self) -> Reply {
        self.send_for_bytes().0
    }

    /// The answer, and its body as it came.
    pub fn send_for_bytes(self) -> (Reply, Vec<u8>) {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        let mut request =
            ureq::http::Request::builder().method(self.method).uri(format!("{}{}", self.api.url, self.path));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let agent = ureq::Agent::new_with_config(agent);
        let sent = match self.body {
            Some(body) => agent.run(request.body(body).unwrap()),
            None => agent.run(request.body(()).unwrap()),
        };
        let mut response = sent.unwrap();
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let body = response.body_mut().with_config().limit(64 * 1024 * 1024).read_to_vec().unwrap();
        let text = String::from_utf8_lossy(&body).into_owned();
        (Reply { status: response.status().as_u16(), headers, body: text }, body)
    }
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The last part of a problem's type.
    pub fn code(&self) -> String {
        let json = self.json();
        json["type"].as_str().unwrap().trim_start_matches("urn:fond:problem:").to_owned()
    }

    /// The codes of the wrong fields: `email: missing`.
    pub fn wrong_fields(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|wrong| format!("{}: {}", text(&wrong["field"]), text(&wrong["code"]))).collect()
    }
}

impl User {
    fn from_tokens(email: &str, tokens: &Value) -> Self {
        Self {
            email: email.to_owned(),
            person: text(&tokens["person_id"]),
            access: text(&tokens["access_token"]),
            refresh: text(&tokens["refresh_token"]),
            session: text(&tokens["session_id"]),
            totp: None,
            recovery_codes: Vec::new(),
        }
    }
}

impl Letter {
    /// The token behind the # of its link.
    pub fn token(&self) -> String {
        let link = self.text.split_whitespace().find(|word| word.starts_with("http") && word.contains('#'));
        link.unwrap_or_else(|| panic!("no link: {}", self.text)).split('#').nth(1).unwrap().to_owned()
    }

    /// The short code to sign in.
    pub fn code(&self) -> String {
        let is_code = |word: &&str| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit());
        self.text.split_whitespace().find(is_code).unwrap_or_else(|| panic!("no code: {}", self.text)).to_owned()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The six digits of a secret at a moment.
pub fn code(secret: &str, at: Instant) -> String {
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let secret = totp_rs::Secret::from(bytes.as_slice());
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let seconds = u64::try_from(at.unix_seconds()).unwrap();
    let code = totp.generate(seconds).to_string();
    debug_assert!(TotpSecret::BYTES == bytes.len());
    code
}

/// A moment so many days from now, as the API reads it.
pub fn in_days(days: u64) -> String {
    Instant::now().plus(Duration::from_secs(days * 86_400)).to_string()
}
