//! Questions that the fund asks an applicant, and the answers.

use std::collections::BTreeSet;

use serde::Serialize;

use super::own;
use super::{find, open_remark, seal_remark};
use crate::accounts::{Actor, Caller, Permission};
use crate::applications::rules::Application;
use crate::applications::store::clarifications::{self as rows, ClarificationRow};
use crate::audit::{self, Author, Kind, journal};
use crate::clock::Instant;
use crate::crypto::{Opener, Place, Purpose, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, ClarificationId};
use crate::jobs::{self, JobKind};

#[derive(Serialize)]
struct Asked {
    application: ApplicationId,
    clarification: ClarificationId,
}

/// A question, and its answer once there is one.
#[derive(Debug, Clone)]
pub struct Clarification {
    pub id: ClarificationId,
    pub question: String,
    pub asked_at: Instant,
    pub answer: Option<String>,
    pub answered_at: Option<Instant>,
}

fn place(id: ClarificationId, column: &'static str) -> Place {
    Place { table: "clarifications", column, row: id.uuid() }
}

/// Asks an applicant something. A letter tells them. Somebody without e-mail, whose application the fund entered, is asked by
/// telephone or by post: what they answered is written down with the question, or later with [`answer_for`].
///
/// # Errors
/// Refused where nothing happens with the application any more; a field error for an answer on behalf of anybody else.
pub fn ask(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    id: ApplicationId,
    (question, answer): (&str, Option<&str>),
    now: Instant,
) -> Result<Clarification> {
    actor.require(Permission::AskClarification)?;
    let application = find(conn, id)?;
    require_going_on(&application)?;
    if answer.is_some() && application.entered_by.is_none() {
        return Err(Error::field("answer", "answer_not_theirs"));
    }
    let clarification = ClarificationId::new();
    let seal = |conn: &mut Conn, column, text: &str| {
        seal_remark(conn, vault, &application, place(clarification, column), &text)
    };
    let row = ClarificationRow {
        id: clarification,
        application_id: id,
        question_sealed: seal(conn, "question_sealed", question)?,
        asked_by: actor.person()?,
        asked_at: now,
        answer_sealed: answer.map(|answer| seal(conn, "answer_sealed", answer)).transpose()?,
        answered_at: answer.map(|_| now),
    };
    rows::insert(conn, &row)?;
    if application.entered_by.is_none() {
        jobs::enqueue(conn, JobKind::MailClarification, id.uuid(), now)?;
    }
    let facts = Asked { application: id, clarification };
    audit::record(conn, actor.author(), now, Kind::ClarificationAsked, &facts)?;
    if answer.is_some() {
        audit::record(conn, actor.author(), now, Kind::ClarificationAnswered, &facts)?;
    }
    Ok(Clarification {
        id: clarification,
        question: question.to_owned(),
        asked_at: now,
        answer: answer.map(str::to_owned),
        answered_at: row.answered_at,
    })
}

fn require_going_on(application: &Application) -> Result<()> {
    if application.state.is_over() {
        let message = format!("the application is {}; nothing can be asked about it any more", application.state);
        return Err(Error::refused("application_over", message));
    }
    Ok(())
}

/// Answers a question about one's own application; the first answer stands.
///
/// # Errors
/// [`Error::NotFound`] where there is no such question to them; refused where it is answered.
pub fn answer(
    conn: &mut Conn,
    vault: &Vault,
    caller: &Caller,
    (id, clarification): (ApplicationId, ClarificationId),
    answer: &str,
    now: Instant,
) -> Result<Clarification> {
    let application = own::application(conn, caller, id)?;
    require_going_on(&application)?;
    let own = Opener::own(vault, caller.person);
    let asked = list(conn, &own, &application)?.into_iter().find(|asked| asked.id == clarification);
    let asked = asked.ok_or(Error::NotFound)?;
    let open = (clarification, asked.answered_at);
    keep_answer(conn, vault, (caller.applicant().author(), now), &application, open, answer)?;
    Ok(Clarification { answer: Some(answer.to_owned()), answered_at: Some(now), ..asked })
}

/// Writes down what somebody without e-mail, whose application the fund entered, answered by telephone or by post to what
/// was asked before; the first answer stands.
///
/// # Errors
/// [`Error::NotFound`] where the fund did not enter it, or there is no such question about it; refused where it is answered,
/// erased, or nothing happens with the application any more.
pub fn answer_for(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (application, clarification): (&Application, ClarificationId),
    answer: &str,
    now: Instant,
) -> Result<()> {
    actor.require(Permission::AskClarification)?;
    let row = rows::list(conn, application.id)?.into_iter().find(|row| row.id == clarification);
    let row = row.filter(|_| application.entered_by.is_some()).ok_or(Error::NotFound)?;
    if application.need_erased_at.is_some() {
        return Err(super::erased());
    }
    require_going_on(application)?;
    keep_answer(conn, vault, (actor.author(), now), application, (clarification, row.answered_at), answer)
}

fn keep_answer(
    conn: &mut Conn,
    vault: &Vault,
    (by, now): (Author, Instant),
    application: &Application,
    (id, answered_at): (ClarificationId, Option<Instant>),
    answer: &str,
) -> Result<()> {
    if answered_at.is_some() {
        return Err(Error::refused("clarification_answered", "this question is answered already"));
    }
    let sealed = seal_remark(conn, vault, application, place(id, "answer_sealed"), &answer)?;
    rows::answer(conn, id, &sealed, now)?;
    let facts = Asked { application: application.id, clarification: id };
    audit::record(conn, by, now, Kind::ClarificationAnswered, &facts)
}

/// Which of one's own applications have a question that waits for an answer; those that are over wait for none.
pub fn unanswered(conn: &mut Conn, caller: &Caller) -> Result<BTreeSet<ApplicationId>> {
    let asked = rows::unanswered(conn, caller.person)?;
    Ok(asked.into_iter().filter(|(_, state)| !state.is_over()).map(|(id, _)| id).collect())
}

/// A question as it was asked, for whoever sends it a second time.
///
/// # Errors
/// Refused where what was asked is forgotten.
pub fn ask_again(
    conn: &mut Conn,
    vault: &Vault,
    (actor, now): (&Actor, Instant),
    application: &Application,
    id: ClarificationId,
) -> Result<Clarification> {
    actor.require(Permission::AskClarification)?;
    let access = (actor.author(), Purpose::CheckEligibility, now);
    let all = journal::during(conn, vault, access, |conn, opener| list(conn, opener, application))?;
    let mut asked = all.into_iter().find(|asked| asked.id == id).ok_or_else(super::erased)?;
    if asked.answered_at != Some(asked.asked_at) {
        (asked.answer, asked.answered_at) = (None, None);
    }
    Ok(asked)
}

/// The questions about an application, oldest first. Who may see it is asked by whoever shows it.
pub fn list(conn: &mut Conn, opener: &Opener<'_>, application: &Application) -> Result<Vec<Clarification>> {
    let mut opened = Vec::new();
    if application.need_erased_at.is_some() {
        return Ok(opened);
    }
    for row in rows::list(conn, application.id)? {
        let id = row.id;
        let question = open_remark(conn, opener, application, place(id, "question_sealed"), &row.question_sealed)?;
        let answer = match &row.answer_sealed {
            Some(sealed) => Some(open_remark(conn, opener, application, place(id, "answer_sealed"), sealed)?),
            None => None,
        };
        let (asked_at, answered_at) = (row.asked_at, row.answered_at);
        opened.push(Clarification { id, question, asked_at, answer, answered_at });
    }
    Ok(opened)
}
