//! People whose tokens run out while months go by: they refresh them, or sign in again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant as Stopwatch};

use fond::clock::{Instant, stop_clock};
use serde_json::{Value, json};

use crate::support::api::{Api, PASSWORD, Reply, User, code};

/// Somebody, and when their token was made.
pub struct Somebody {
    pub user: User,
    since: Instant,
}

impl Somebody {
    pub fn new(user: User) -> Self {
        Self { user, since: Instant::now() }
    }

    /// Makes sure that the access token is good now.
    pub fn awake(&mut self, api: &Api) -> &User {
        if Instant::now() > self.since.plus(Duration::from_secs(500)) {
            let body = json!({"refresh_token": self.user.refresh});
            let reply = api.post("sessions/refresh", body);
            match reply.status {
                200 => self.take(&reply),
                _ => self.sign_in(api),
            }
        }
        &self.user
    }

    /// Signs in with the second factor, which is fresh then. A code works once, so that a second time in the same half
    /// minute the clock goes on a little.
    pub fn sign_in(&mut self, api: &Api) {
        let secret = self.user.totp.clone().expect("only officers sign in again");
        let ask = || {
            let code = code(&secret, Instant::now());
            api.post("sessions", json!({"email": self.user.email, "password": PASSWORD, "totp_code": code}))
        };
        let mut reply = ask();
        while reply.status == 422 {
            stop_clock(Some(Instant::now().plus(Duration::from_secs(31))));
            reply = ask();
        }
        assert_eq!(reply.status, 201, "{reply:?}");
        self.take(&reply);
    }

    fn take(&mut self, reply: &Reply) {
        let tokens = reply.json();
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        (self.user.access, self.user.refresh) = (text("access_token"), text("refresh_token"));
        self.since = Instant::now();
    }
}

/// The letters that came, each file read once.
#[derive(Default)]
pub struct Mailbox {
    seen: BTreeSet<std::path::PathBuf>,
    links: BTreeMap<String, Vec<String>>,
}

impl Mailbox {
    fn read_new(&mut self, api: &Api) {
        let Ok(folder) = std::fs::read_dir(api.database.settings().mail.folder) else { return };
        for path in folder.map(|entry| entry.unwrap().path()) {
            let is_letter = path.extension().is_some_and(|extension| extension == "eml");
            if !is_letter || !self.seen.insert(path.clone()) {
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            let to = text.lines().find_map(|line| line.strip_prefix("To: ")).unwrap().trim().to_owned();
            let link = text.split_whitespace().find(|word| word.starts_with("http") && word.contains('#'));
            let token = link.map(|link| link.split('#').nth(1).unwrap().to_owned());
            self.links.entry(to).or_default().extend(token);
        }
    }

    /// Waits for the last link that was mailed to an address.
    pub fn link(&mut self, api: &Api, email: &str) -> String {
        let began = Stopwatch::now();
        loop {
            if let Some(token) = self.links.get(email).and_then(|tokens| tokens.last()) {
                return token.clone();
            }
            assert!(began.elapsed() < Duration::from_secs(60), "no letter came to {email}");
            std::thread::sleep(Duration::from_millis(2));
            self.read_new(api);
        }
    }
}

/// Opens accounts without a password for all of these addresses.
pub fn register(api: &Api, mailbox: &mut Mailbox, emails: &[String]) -> Vec<Somebody> {
    for email in emails {
        let reply = api.post("registrations", json!({"email": email}));
        assert_eq!(reply.status, 202, "{reply:?}");
    }
    let confirm = |email: &String| {
        let token = mailbox.link(api, email);
        let reply = api.post("registrations/confirm", json!({"token": token}));
        assert_eq!(reply.status, 201, "{reply:?}");
        let tokens: Value = reply.json();
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        Somebody::new(User {
            email: email.clone(),
            person: text("person_id"),
            access: text("access_token"),
            refresh: text("refresh_token"),
            session: text("session_id"),
            totp: None,
            recovery_codes: Vec::new(),
        })
    };
    emails.iter().map(confirm).collect()
}
