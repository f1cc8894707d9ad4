//! The letters of the accounts: from the id in a job's row to what is sent, looked up at the moment of sending.

use super::actions::links::{self, Purpose};
use super::actions::{email, invitations, requests};
use super::rules::RequestKind;
use super::store::requests::RequestRow;
use super::store::{invitations as invitation_rows, logins, requests as request_rows};
use crate::clock::Instant;
use crate::crypto::Vault;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{InvitationId, MailRequestId, PersonId};
use crate::jobs::{Job, JobKind};
use crate::language::Language;
use crate::mail::{Letter, LetterKind};

/// The jobs that end in a letter of this slice.
pub const KINDS: &[JobKind] = &[
    JobKind::MailRegistration,
    JobKind::MailSignInLink,
    JobKind::MailPasswordReset,
    JobKind::MailOldAddress,
    JobKind::MailNewAddress,
    JobKind::MailInvitation,
    JobKind::MailRoleGiven,
    JobKind::MailPasswordChanged,
    JobKind::MailEmailChanged,
    JobKind::MailSecondFactor,
    JobKind::MailSessionReused,
    JobKind::MailSuspended,
    JobKind::MailRestored,
];

/// The address that a letter goes to, and the letter; nothing where it would come too late or nobody is there any more.
pub fn letter(
    conn: &mut Conn,
    vault: &Vault,
    public_url: &str,
    job: &Job,
    now: Instant,
) -> Result<Option<(String, Letter)>> {
    let desk = Desk { vault, public_url, now };
    match job.kind {
        JobKind::MailRegistration | JobKind::MailSignInLink | JobKind::MailPasswordReset => {
            desk.to_whom_asked(conn, MailRequestId::from(job.subject))
        }
        JobKind::MailOldAddress => desk.to_old_address(conn, MailRequestId::from(job.subject)),
        JobKind::MailNewAddress => desk.to_new_address(conn, MailRequestId::from(job.subject)),
        JobKind::MailInvitation | JobKind::MailRoleGiven => {
            desk.to_invited(conn, InvitationId::from(job.subject), job.kind)
        }
        JobKind::MailPasswordChanged => desk.notice(conn, job, LetterKind::PasswordChanged),
        JobKind::MailEmailChanged => desk.to_left_address(conn, MailRequestId::from(job.subject)),
        JobKind::MailSecondFactor => desk.notice(conn, job, LetterKind::SecondFactorChanged),
        JobKind::MailSessionReused => desk.notice(conn, job, LetterKind::SessionEndedForReuse),
        JobKind::MailSuspended => desk.notice(conn, job, LetterKind::RolesSuspended),
        JobKind::MailRestored => desk.notice(conn, job, LetterKind::RolesRestored),
        _ => Err(Error::corrupt("a job that is no letter of the accounts")),
    }
}

/// Where somebody is reached, and in which language; nothing for those who have no account.
pub fn reached_at(conn: &mut Conn, vault: &Vault, person: PersonId) -> Result<Option<(String, Language)>> {
    let Some(login) = logins::find(conn, person)? else { return Ok(None) };
    let address = email::of_login(conn, vault, &login)?;
    Ok(Some((address.as_str().to_owned(), login.language)))
}

struct Desk<'a> {
    vault: &'a Vault,
    public_url: &'a str,
    now: Instant,
}

impl Desk<'_> {
    /// The token stands behind the #, so that no server on the way writes it into a log.
    fn link(&self, conn: &mut Conn, purpose: Purpose, id: uuid::Uuid) -> Result<String> {
        let token = links::token(conn, self.vault, purpose, id)?;
        Ok(format!("{}/{purpose}#{token}", self.public_url))
    }

    fn page(&self, name: &str) -> String {
        format!("{}/{name}", self.public_url)
    }

    fn open_request(&self, conn: &mut Conn, id: MailRequestId) -> Result<Option<RequestRow>> {
        Ok(request_rows::find(conn, id)?.filter(|request| request.is_open(self.now)))
    }

    /// Whether the address is known shows here and only here, in what its owner reads.
    fn to_whom_asked(&self, conn: &mut Conn, id: MailRequestId) -> Result<Option<(String, Letter)>> {
        let Some(request) = self.open_request(conn, id)? else { return Ok(None) };
        let address = requests::email_of(self.vault, &request)?;
        let login = requests::login_of(conn, self.vault, &address)?;
        let (id, hours) = (request.id.uuid(), request.kind.lifetime_hours());
        let kind = match (request.kind, &login) {
            (RequestKind::Registration, None) => {
                LetterKind::ConfirmRegistration { link: self.link(conn, Purpose::Registration, id)?, hours }
            }
            (RequestKind::Registration, Some(_)) => LetterKind::AlreadyRegistered { link: self.page("sign-in") },
            (RequestKind::SignIn, Some(_)) => LetterKind::SignInLink {
                link: self.link(conn, Purpose::SignIn, id)?,
                code: links::code(conn, self.vault, id)?,
                minutes: u32::try_from(RequestKind::SignIn.lifetime_seconds().div_euclid(60)).unwrap_or(10),
            },
            (RequestKind::PasswordReset, Some(_)) => {
                LetterKind::ResetPassword { link: self.link(conn, Purpose::PasswordReset, id)?, hours }
            }
            (RequestKind::SignIn | RequestKind::PasswordReset, None) => {
                LetterKind::NoAccount { link: self.page("registration") }
            }
            (RequestKind::EmailChange, _) => return Err(Error::corrupt("a change of address among other requests")),
        };
        let language = login.map_or(request.language, |login| login.language);
        Ok(Some((address.as_str().to_owned(), Letter { language, kind })))
    }

    fn to_old_address(&self, conn: &mut Conn, id: MailRequestId) -> Result<Option<(String, Letter)>> {
        let Some(request) = self.open_request(conn, id)? else { return Ok(None) };
        let Some(person) = request.person_id else { return Ok(None) };
        let new_address = requests::email_of(self.vault, &request)?.as_str().to_owned();
        let link = self.link(conn, Purpose::EmailOld, id.uuid())?;
        let hours = request.kind.lifetime_hours();
        self.to_person(conn, person, LetterKind::ConfirmOldEmail { link, new_address, hours })
    }

    /// An address that has an account already is told so, and gets no link.
    fn to_new_address(&self, conn: &mut Conn, id: MailRequestId) -> Result<Option<(String, Letter)>> {
        let Some(request) = self.open_request(conn, id)? else { return Ok(None) };
        let address = requests::email_of(self.vault, &request)?;
        let is_taken = requests::login_of(conn, self.vault, &address)?.is_some();
        let kind = match is_taken {
            true => LetterKind::AlreadyRegistered { link: self.page("sign-in") },
            false => LetterKind::ConfirmNewEmail {
                link: self.link(conn, Purpose::EmailNew, id.uuid())?,
                hours: request.kind.lifetime_hours(),
            },
        };
        Ok(Some((address.as_str().to_owned(), Letter { language: request.language, kind })))
    }

    /// Once an address was changed, its request keeps the old one.
    fn to_left_address(&self, conn: &mut Conn, id: MailRequestId) -> Result<Option<(String, Letter)>> {
        let Some(request) = request_rows::find(conn, id)?.filter(|request| request.used_at.is_some()) else {
            return Ok(None);
        };
        let address = requests::email_of(self.vault, &request)?;
        let letter = Letter { language: request.language, kind: LetterKind::EmailChanged };
        Ok(Some((address.as_str().to_owned(), letter)))
    }

    fn to_invited(&self, conn: &mut Conn, id: InvitationId, job: JobKind) -> Result<Option<(String, Letter)>> {
        let is_there =
            |row: &invitation_rows::InvitationRow| row.withdrawn_at.is_none() && !row.email_sealed.is_nothing();
        let Some(row) = invitation_rows::find(conn, id)?.filter(is_there) else {
            return Ok(None);
        };
        let role = row.role.as_str().to_owned();
        let kind = match job {
            JobKind::MailInvitation if row.accepted_at.is_some() || row.expires_at <= self.now => return Ok(None),
            JobKind::MailInvitation => {
                let left = row.expires_at.unix_seconds().saturating_sub(self.now.unix_seconds());
                let days = u32::try_from(left.div_euclid(86_400)).unwrap_or(0).max(1);
                LetterKind::Invitation { link: self.link(conn, Purpose::Invitation, id.uuid())?, role, days }
            }
            _ => LetterKind::RoleGiven { role },
        };
        let address = invitations::email_of(self.vault, &row)?;
        Ok(Some((address.as_str().to_owned(), Letter { language: row.language, kind })))
    }

    fn notice(&self, conn: &mut Conn, job: &Job, kind: LetterKind) -> Result<Option<(String, Letter)>> {
        self.to_person(conn, PersonId::from(job.subject), kind)
    }

    fn to_person(&self, conn: &mut Conn, person: PersonId, kind: LetterKind) -> Result<Option<(String, Letter)>> {
        let reached = reached_at(conn, self.vault, person)?;
        Ok(reached.map(|(address, language)| (address, Letter { language, kind })))
    }
}
