//! Submitting with the checks, checking again when something new arrives, and resolving what a check left open.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rules::{Facts, Finding, Outcome, Raised, Resolution, Status, conclude, examine};
use super::store;
use crate::accounts::{Actor, Permission};
use crate::aid::{self, Effect, Programme};
use crate::applications::actions::Indexed;
use crate::applications::{self, Application, ApplicationState, Need, Submission};
use crate::audit::{self, Author, Kind};
use crate::calls::{self, Call, CallState};
use crate::clock::Instant;
use crate::crypto::{BlindIndex, IndexKind, Place, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, RegisterId, ResolutionId};
use crate::jobs::{self, JobKind};

#[derive(Serialize)]
struct EligibilityChecked<'a> {
    application: ApplicationId,
    category: Option<i32>,
    findings: &'a [Raised],
    state: ApplicationState,
}

#[derive(Serialize)]
struct FindingResolved {
    application: ApplicationId,
    finding: Finding,
    resolution: Resolution,
}

/// A call and its aid catalogue: what every check of the call asks.
struct Round {
    call: Call,
    programmes: Vec<Programme>,
}

impl Round {
    fn load(conn: &mut Conn, call: CallId) -> Result<Self> {
        Ok(Self { call: calls::actions::find(conn, call)?, programmes: aid::actions::programmes(conn, call)? })
    }

    fn effect_of(&self, code: &str) -> Option<Effect> {
        self.programmes.iter().find(|programme| programme.code == code).map(|programme| programme.effect)
    }
}

/// Submits an application and checks it; where it shares a bank account, the other side is checked again.
///
/// # Errors
/// Refused where no application comes to exist; [`Error::Invalid`] for an aid programme that the call does not know.
pub fn submit(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    call: CallId,
    sent: &Submission,
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::Submit)?;
    let round = Round::load(conn, call)?;
    if let Some(unknown) = sent.declared_aid.iter().find(|code| round.effect_of(code).is_none()) {
        return Err(Error::invalid("declared_aid", format!("the call knows no aid programme “{unknown}”")));
    }
    let application = applications::actions::submit(conn, vault, actor, &round.call, sent, now)?;
    let jmbg = crate::serbian::Jmbg::parse(&sent.jmbg).map_err(Error::corrupt)?;
    let others = applications::actions::sharing_account(conn, &application)?;
    let shares_account = !others.is_empty();
    let application = check(conn, actor.author(), &round, application, (&sent.need(&jmbg), shares_account), now)?;
    // Where there are two others, they have found each other already.
    if let [other] = others.as_slice() {
        recheck(conn, vault, Actor::SYSTEM.author(), &round, *other, now)?;
    }
    Ok(application)
}

/// Runs the checks over an application, keeps what they find and moves it to the state that follows.
fn check(
    conn: &mut Conn,
    by: Author,
    round: &Round,
    application: Application,
    (need, shares_account): (&Need, bool),
    now: Instant,
) -> Result<Application> {
    let rules = &round.call.rules;
    let facts = Facts {
        rules,
        need,
        hits: aid::actions::look_up(conn, &application, rules.aid_window)?,
        declares_disqualifying_aid: need
            .declared_aid
            .iter()
            .any(|code| round.effect_of(code) == Some(Effect::Disqualify)),
        shares_account,
        follows_in_household: rules.one_per_household
            && applications::actions::has_earlier_in_household(conn, &application)?,
    };
    let examination = examine(&facts);
    let is_settled = application.standing().is_settled();
    let is_first = application.state == ApplicationState::Submitted;
    let asks = is_settled || examination.raised.iter().any(|raised| raised.status == Status::Open);
    let resolutions = if asks && !is_first { store::resolutions(conn, application.id)? } else { BTreeMap::new() };
    let Outcome { raised, event } = conclude(&examination.raised, &resolutions, is_settled);
    store::replace_findings(conn, application.id, &raised, is_first)?;
    let application = applications::actions::classify(conn, application, event, examination.category)?;
    let (category, state) = (application.category, application.state);
    let facts = EligibilityChecked { application: application.id, category, findings: &raised, state };
    audit::record(conn, by, now, Kind::EligibilityChecked, &facts)?;
    Ok(application)
}

fn recheck(
    conn: &mut Conn,
    vault: &Vault,
    by: Author,
    round: &Round,
    id: ApplicationId,
    now: Instant,
) -> Result<Application> {
    let application = applications::actions::find(conn, id)?;
    check_again(conn, vault, by, round, application, now)
}

fn check_again(
    conn: &mut Conn,
    vault: &Vault,
    by: Author,
    round: &Round,
    application: Application,
    now: Instant,
) -> Result<Application> {
    let need = applications::actions::open_need(conn, vault, &application)?;
    let shares_account = !applications::actions::sharing_account(conn, &application)?.is_empty();
    check(conn, by, round, application, (&need, shares_account), now)
}

/// Checks an application again before money leaves, and gives it back as it stands then.
pub fn check_before_payment(
    conn: &mut Conn,
    vault: &Vault,
    application: Application,
    now: Instant,
) -> Result<Application> {
    let round = Round::load(conn, application.call_id)?;
    check_again(conn, vault, Actor::SYSTEM.author(), &round, application, now)
}

/// Does the waiting jobs of registers that came into force. A job that runs twice finds the same again.
pub fn run_rechecks(conn: &mut Conn, vault: &Vault, now: Instant) -> Result<()> {
    for job in jobs::waiting(conn, JobKind::RecheckRegister)? {
        let (call, named) = named_by(conn, RegisterId::from(job.subject))?;
        recheck_all(conn, vault, call, &named, now)?;
        jobs::finish(conn, &job, now)?;
    }
    Ok(())
}

/// How many applications are looked up in a register at once.
const LOOKED_UP: i64 = 500;

/// The call of a register, and its applications that the register names, in force or not. Reads only. The smaller side is
/// looked up in the larger: a few records among the applications, else the applications in the register, some at once.
pub fn named_by(conn: &mut Conn, register: RegisterId) -> Result<(CallId, Vec<ApplicationId>)> {
    let call = aid::actions::call_of_register(conn, register)?.ok_or(Error::NotFound)?;
    let kinds = [IndexKind::Jmbg, IndexKind::NameAndPlace];
    let mut named = Vec::new();
    if let Some(records) = aid::actions::few_indexes(conn, register)? {
        for kind in kinds {
            let indexes: Vec<BlindIndex> = records.iter().filter_map(|record| record.of_kind(kind)).collect();
            named.extend(applications::actions::found_by(conn, call, kind, &indexes)?);
        }
    } else {
        let mut page = applications::actions::index_page(conn, call, None, LOOKED_UP)?;
        while let Some(last) = page.last().copied() {
            for kind in kinds {
                let index = |of: &Indexed| if kind == IndexKind::Jmbg { of.jmbg } else { of.name };
                let wanted: Vec<BlindIndex> = page.iter().map(index).collect();
                let standing = aid::actions::standing_in(conn, register, kind, &wanted)?;
                named.extend(page.iter().filter(|of| standing.contains(&index(of))).map(|of| of.id));
            }
            page = applications::actions::index_page(conn, call, Some(&last), LOOKED_UP)?;
        }
    }
    named.sort_unstable();
    named.dedup();
    Ok((call, named))
}

/// Checks applications of a call again; twice does no harm. A long list is better given in parts, each in a write of its
/// own, so that nobody waits for all of it.
pub fn recheck_all(
    conn: &mut Conn,
    vault: &Vault,
    call: CallId,
    applications: &[ApplicationId],
    now: Instant,
) -> Result<()> {
    let round = Round::load(conn, call)?;
    for id in applications {
        recheck(conn, vault, Actor::SYSTEM.author(), &round, *id, now)?;
    }
    Ok(())
}

/// Records what a person decided on a finding; the latest decision holds.
///
/// # Errors
/// Refused where the finding asks for no decision, or was not raised on this application.
pub fn resolve(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    id: ApplicationId,
    (finding, resolution): (Finding, Resolution),
    reason: &str,
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::ResolveFinding)?;
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", "is empty; a decision on a finding needs a reason"));
    }
    let application = applications::actions::find(conn, id)?;
    let earlier = store::resolutions(conn, id)?;
    let raised = store::findings(conn, id)?;
    let is_settled = application.standing().is_settled();
    let asks = |raised: &Raised| is_settled || raised.status != Status::Failed || earlier.contains_key(&raised.finding);
    if !raised.iter().any(|raised| raised.finding == finding && asks(raised)) {
        let message = format!("“{finding}” is no finding on this application that asks for a decision");
        return Err(Error::refused("finding_not_open", message));
    }
    let call_state = calls::actions::voting(conn, application.call_id)?.state;
    let has_vote_ahead = matches!(call_state, CallState::Published | CallState::Voting);
    if !application.standing().is_decided() && !has_vote_ahead {
        return Err(Error::refused("voting_closed", "the voting is closed, and this application was not in it"));
    }
    let resolution_id = ResolutionId::new();
    let place = Place { table: "resolutions", column: "reason_sealed", row: resolution_id.uuid() };
    let reason = applications::actions::seal_remark(conn, vault, &application, place, &reason)?;
    store::insert_resolution(conn, resolution_id, id, (finding, resolution), actor.person()?, &reason, now)?;
    // What a person has decided on is theirs to decide again.
    let resolutions = store::resolutions(conn, id)?;
    let reopened = |raised: Raised| match resolutions.contains_key(&raised.finding) {
        true => Raised { status: Status::Open, ..raised },
        false => raised,
    };
    let raised: Vec<Raised> = raised.into_iter().map(reopened).collect();
    let Outcome { raised, event } = conclude(&raised, &resolutions, is_settled);
    store::replace_findings(conn, id, &raised, false)?;
    let category = application.category;
    let application = applications::actions::classify(conn, application, event, category)?;
    let facts = FindingResolved { application: id, finding, resolution };
    audit::record(conn, actor.author(), now, Kind::FindingResolved, &facts)?;
    Ok(application)
}

/// The findings of a call's applications that count against them or wait for a person, sorted by name.
pub fn list(
    conn: &mut Conn,
    actor: &Actor,
    applications: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, Vec<Finding>>> {
    actor.require(Permission::ReadTotals)?;
    let mut found: BTreeMap<ApplicationId, Vec<Finding>> = BTreeMap::new();
    for (application, Raised { finding, status }) in store::all_findings(conn, applications)? {
        if status != Status::Dismissed {
            found.entry(application).or_default().push(finding);
        }
    }
    for findings in found.values_mut() {
        findings.sort_unstable_by_key(|finding| finding.as_str());
    }
    Ok(found)
}
