//! People with a filled draft each, ready to be sent.
//!
//! They are made through the library: a thousand logins a second, each with its hash, are not what is measured.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use fond::accounts::actions::sessions::{self, Proof, SignIn};
use fond::accounts::actions::staff::{ReadyLogin, make_ready};
use fond::accounts::{Actor, actions as accounts};
use fond::applications::actions::drafts::{self, Changed};
use fond::applications::actions::own::Own;
use fond::clock::Instant;
use fond::crypto::{AccessClaims, AccessTokens};
use fond::db::Conn;
use fond::error::Result;
use fond::ids::{ApplicationId, CallId, PersonId, SessionId};
use fond::language::Language;
use fond::startup::Fond;
use fond::version::Seen;
use serde_json::{Value, json};

use super::server::{Place, request};
use super::synthetic;

/// Somebody who signed in and filled a draft.
pub struct Applicant {
    pub person: PersonId,
    session: SessionId,
    draft: ApplicationId,
    version: i32,
}

/// Drafts that wait to be sent, the next one last.
pub struct Applicants {
    ready: Vec<Applicant>,
    tokens: AccessTokens,
    made: usize,
}

/// How many are made in one transaction.
const AT_ONCE: usize = 10;
/// How many connections make them.
const MAKERS: usize = 2;
const LIFETIME: Duration = Duration::from_secs(86_400);

/// A call with the rules of 2020 that takes applications from yesterday for a month.
pub fn open_call(fond: &Fond) -> CallId {
    let (day, now) = (Duration::from_secs(86_400), Instant::now());
    synthetic::open_call(fond, |rules| {
        rules.code = "bench".into();
        rules.opens_at = now.minus(day);
        rules.closes_at = now.plus(day * 30);
        rules.voting_closes_at = now.plus(day * 60);
    })
}

impl Applicants {
    pub fn none(place: &Place) -> Self {
        Self { ready: Vec::new(), tokens: place.tokens(), made: 0 }
    }

    /// Makes so many more.
    pub fn make(&mut self, fond: &Fond, call: CallId, count: usize) {
        let until = self.made + count;
        let next = AtomicUsize::new(self.made);
        let make = || {
            let mut made: Vec<Applicant> = Vec::new();
            loop {
                let from = next.fetch_add(AT_ONCE, Ordering::Relaxed);
                if from >= until {
                    return made;
                }
                let numbers = from..(from + AT_ONCE).min(until);
                // PostgreSQL takes them for conflicts of each other more often than a write has patience for.
                let some: Vec<Applicant> = loop {
                    match fond.db.write(|conn| numbers.clone().map(|number| one(conn, fond, call, number)).collect()) {
                        Ok(some) => break some,
                        Err(error) => println!("making people again: {error}"),
                    }
                };
                made.extend(some);
            }
        };
        let made = thread::scope(|scope| {
            let makers: Vec<_> = (0..MAKERS).map(|_| scope.spawn(make)).collect();
            makers.into_iter().flat_map(|maker| maker.join().unwrap()).collect::<Vec<_>>()
        });
        self.ready.extend(made);
        self.made = until;
    }

    /// The next ones, who send their drafts: the requests of so many connections, and who sends them.
    pub fn send(&mut self, connections: usize, each: usize) -> (Vec<Vec<Vec<u8>>>, Vec<PersonId>) {
        let next = self.ready.split_off(self.ready.len() - connections * each);
        let requests: Vec<Vec<u8>> = next.iter().map(|applicant| self.request(applicant)).collect();
        let people = next.iter().map(|applicant| applicant.person).collect();
        (requests.chunks(each).map(<[_]>::to_vec).collect(), people)
    }

    /// A request of the next one to change their draft, which may be sent often.
    pub fn change(&self) -> Vec<u8> {
        let applicant = self.ready.last().unwrap();
        let path = format!("/api/v1/me/applications/{}", applicant.draft);
        request("PATCH", &path, &[&self.bearer(applicant), "If-Match: *"], "{\"phone\": \"+381 60 000 0001\"}")
    }

    fn bearer(&self, applicant: &Applicant) -> String {
        let claims = AccessClaims { person: applicant.person, session: applicant.session };
        format!("Authorization: Bearer {}", self.tokens.issue(&claims, Instant::now()).unwrap())
    }

    fn request(&self, applicant: &Applicant) -> Vec<u8> {
        let bearer = self.bearer(applicant);
        let version = format!("If-Match: \"{}\"", applicant.version);
        let key = format!("Idempotency-Key: {}", applicant.draft);
        let path = format!("/api/v1/me/applications/{}/submit", applicant.draft);
        request("POST", &path, &[&bearer, &version, &key, "Content-Length: 0"], "")
    }
}

fn one(conn: &mut Conn, fond: &Fond, call: CallId, number: usize) -> Result<Applicant> {
    let now = Instant::now();
    let email = format!("applicant{number}@example.org").parse().unwrap();
    let login = ReadyLogin {
        email: &email,
        name: "Ana Anić",
        language: Language::SerbianLatin,
        password_hash: "nobody signs in with it",
        second_factor: None,
    };
    let person = make_ready(conn, &fond.vault, &Actor::SYSTEM, &login, now)?;
    let sign_in = SignIn { device: "Firefox Linux".into(), second_factor: None, lifetime: LIFETIME };
    let session = sessions::begin(conn, &fond.vault, person, &Proof::Mail, &sign_in, now)?.session;
    let caller = accounts::caller(conn, person, session, now)?;
    let (Own::Draft(draft), true) = drafts::begin(conn, &fond.vault, &caller, call, now)? else {
        panic!("no new draft")
    };
    let answers = answers(number).as_object().unwrap().clone();
    let seen = (draft.id, Seen::from(draft.version));
    match drafts::save(conn, &fond.vault, &caller, seen, &answers, now)? {
        Changed::Saved(draft) => Ok(Applicant { person, session, draft: draft.id, version: draft.version }),
        Changed::Stale(_) => panic!("a draft that somebody else changed"),
    }
}

/// What a single parent in a rented flat answers.
fn answers(number: usize) -> Value {
    json!({
        "given_name": "Ana", "family_name": "Anić", "jmbg": synthetic::jmbg(number), "phone": "+381 60 000 0000",
        "address": format!("Bulevar despota Stefana {number}"), "municipality": "Beograd", "discipline": "dance",
        "association": "ULUS", "bank_account": synthetic::account(number + 1), "account_holder": "Ana Anić",
        "household_size": 2, "is_single_parent": true, "children_born": ["2015-01-01"], "housing": "tenant",
        "income_before": "60000.00", "income_during": "0.00", "benefits": "0.00", "has_other_support": false,
        "declared_aid": [], "is_related_to_fund": false,
        "statement": "Predstave su otkazane do jeseni, a drugih prihoda nemamo. ".repeat(8),
    })
}
