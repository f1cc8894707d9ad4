//! One login for each kind of user, with a second factor where a role needs one.

use crate::accounts::actions::staff::{ReadyLogin, make_ready};
use crate::accounts::{Actor, Email, Role, TotpSecret, actions as accounts};
use crate::clock::Instant;
use crate::crypto::{Vault, random_bytes};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::PersonId;
use crate::language::Language;

/// Everybody's password. The database is gone when the demo ends.
pub const PASSWORD: &str = "seven grey cranes over Palic";

/// Somebody of the demo.
pub struct Person {
    pub id: PersonId,
    pub role: Role,
    pub email: String,
    /// base32, for an authenticator app; none for applicants.
    pub secret: Option<String>,
    /// What waits for them.
    pub waiting: &'static str,
}

const EVERYBODY: [(Role, &str, &str, &str); 9] = [
    (
        Role::Applicant,
        "applicant",
        "Ana Anić",
        "a half-filled draft in demo-open; an award in demo-pay; each call takes a document, which nobody has to send",
    ),
    (Role::Administrator, "administrator", "Iva Ivić", "findings to resolve and a question to ask in demo-open"),
    (
        Role::Administrator,
        "second-administrator",
        "Mira Mirić",
        "confirms the roles that the first one offers; the same findings",
    ),
    (Role::Chair, "chair", "Vera Verić", "the vote on demo-vote: who has not voted, closing"),
    (Role::Member, "member", "Sava Savić", "applications to read and vote on in demo-vote"),
    (Role::Member, "second-member", "Nada Nadić", "the same, beside the first member"),
    (Role::Treasurer, "treasurer", "Tasa Tasić", "payouts to prepare and one authorised to execute in demo-pay"),
    (Role::Authoriser, "authoriser", "Olga Olgić", "a payout to authorise in demo-pay"),
    (Role::Auditor, "auditor", "Rada Radić", "totals, books and log of four rounds"),
];

/// Makes everybody known. The committee is seated call by call.
pub(super) fn make(conn: &mut Conn, vault: &Vault, password_hash: &str, now: Instant) -> Result<Vec<Person>> {
    let mut people = Vec::new();
    for (role, user, name, waiting) in EVERYBODY {
        let email: Email = format!("{user}@example.org").parse().map_err(Error::corrupt)?;
        let secret = match role {
            Role::Applicant => None,
            _ => Some(TotpSecret::from_bytes(*random_bytes()?)),
        };
        let login = ReadyLogin {
            email: &email,
            name,
            language: Language::SerbianLatin,
            password_hash,
            second_factor: secret.as_ref(),
        };
        let id = make_ready(conn, vault, &Actor::SYSTEM, &login, now)?;
        if matches!(role, Role::Administrator | Role::Treasurer | Role::Authoriser | Role::Auditor) {
            accounts::grant(conn, &Actor::SYSTEM, id, role, now)?;
        }
        let secret = secret.map(|secret| secret.base32());
        people.push(Person { id, role, email: email.as_str().to_owned(), secret, waiting });
    }
    Ok(people)
}
