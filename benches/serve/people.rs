//! People for the load: applicants registered through the API, with the links of their letters; officers made ready.

use std::path::Path;
use std::time::{Duration, Instant as Stopwatch};

use fond::accounts::actions::second_factor::SecondFactor;
use fond::accounts::actions::sessions::{self, Proof, SignIn};
use fond::accounts::actions::staff::{ReadyLogin, make_ready};
use fond::accounts::actions::{act_as, grant};
use fond::accounts::{Actor, Role, TotpSecret};
use fond::clock::Instant;
use fond::crypto::{AccessClaims, random_bytes};
use fond::ids::{PersonId, SessionId};
use fond::language::Language;
use fond::startup::Fond;
use serde_json::{Value, json};

use super::server::{Place, Server, request};

const PEOPLE: usize = 8;
const PASSWORD: &str = "seven grey cranes over Palic";
const PATIENCE: Duration = Duration::from_secs(20);

fn email(number: usize) -> String {
    format!("person{number}@example.org")
}

/// Registers everybody.
pub fn register(place: &Place, server: &Server) {
    for email in (0..PEOPLE).map(email) {
        assert_eq!(server.ask("POST", "/api/v1/registrations", &json!({"email": email}).to_string()).0, 202);
        let token = token(&place.folder.path().join("mail"), &email);
        let body = json!({"token": token, "password": PASSWORD}).to_string();
        assert_eq!(server.ask("POST", "/api/v1/registrations/confirm", &body).0, 201);
    }
}

/// The token in the letter to an address, which comes soon.
fn token(folder: &Path, email: &str) -> String {
    let began = Stopwatch::now();
    while began.elapsed() < PATIENCE {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let letter = std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
            let mut words = letter.split_whitespace().filter(|word| word.starts_with("http"));
            if let (true, Some((_, token))) =
                (letter.contains(&format!("To: {email}\r\n")), words.find_map(|word| word.split_once('#')))
            {
                return token.to_owned();
            }
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("no letter came to {email}");
}

fn credentials(number: usize) -> String {
    json!({"email": email(number), "password": PASSWORD}).to_string()
}

/// Requests to log in, for so many clients.
pub fn logins(clients: usize) -> Vec<Vec<u8>> {
    (0..clients).map(|client| request("POST", "/api/v1/sessions", &[], &credentials(client % PEOPLE))).collect()
}

/// `GET /me` of everybody, each in a session of its own that has just begun.
pub fn me(server: &Server) -> Vec<Vec<u8>> {
    let mut requests = Vec::new();
    for number in 0..PEOPLE {
        let (status, body) = server.ask("POST", "/api/v1/sessions", &credentials(number));
        assert_eq!(status, 201, "{body}");
        let tokens: Value = serde_json::from_str(&body).unwrap();
        let bearer = format!("Authorization: Bearer {}", tokens["access_token"].as_str().unwrap());
        requests.push(request("GET", "/api/v1/me", &[&bearer], ""));
    }
    requests
}

/// Somebody who works for the fund, signed in with a second factor; made through the library.
pub struct Officer {
    person: PersonId,
    session: SessionId,
}

impl Officer {
    pub fn make(fond: &Fond, role: Role) -> Self {
        let now = Instant::now();
        let secret = TotpSecret::from_bytes(*random_bytes().unwrap());
        let email = format!("{role}@example.org").parse().unwrap();
        let login = ReadyLogin {
            email: &email,
            name: "Iva Ivić",
            language: Language::SerbianLatin,
            password_hash: "nobody signs in with it",
            second_factor: Some(&secret),
        };
        let totp =
            totp_rs::Builder::new().with_secret(totp_rs::Secret::from(secret.bytes().as_slice())).build().unwrap();
        let code = totp.generate(now.unix_seconds().unsigned_abs()).to_string();
        let made = fond.db.write(|conn| {
            let person = make_ready(conn, &fond.vault, &Actor::SYSTEM, &login, now)?;
            grant(conn, &Actor::SYSTEM, person, role, now)?;
            let second_factor = Some(SecondFactor::Totp(code.clone()));
            let sign_in =
                SignIn { device: "Firefox Linux".into(), second_factor, lifetime: Duration::from_secs(86_400) };
            let session = sessions::begin(conn, &fond.vault, person, &Proof::Mail, &sign_in, now)?.session;
            Ok(Self { person, session })
        });
        made.unwrap()
    }

    /// Them in their role, as the library knows them.
    pub fn actor(&self, fond: &Fond, role: Role) -> Actor {
        fond.db.read(|conn| act_as(conn, self.person, role, Instant::now())).unwrap()
    }

    /// The header with a token that is good from now on.
    pub fn bearer(&self, place: &Place) -> String {
        let claims = AccessClaims { person: self.person, session: self.session };
        format!("Authorization: Bearer {}", place.tokens().issue(&claims, Instant::now()).unwrap())
    }
}
