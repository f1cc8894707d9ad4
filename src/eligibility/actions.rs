//! Submitting with the checks, checking again when something new arrives, and resolving what a check left open.

mod checking;
mod lists;
mod submission;

use std::collections::BTreeMap;

use checking::is_left_out;
pub use checking::{
    check_anew, check_before_payment, check_beside, check_corrected, check_household, hold_returned, named_by,
    recheck_all, require_compared, run_rechecks, sharing_account,
};
pub use lists::{export, page};
use serde::Serialize;
pub use submission::{asked_about, enter, pre_check, submit, submit_draft};

use super::rules::{Facts, Finding, Outcome, Raised, Resolution, Status, decide};
use super::store;
use crate::accounts::{Actor, Permission};
use crate::aid::{self, Effect, Programme};
use crate::applications::actions::Beside;
use crate::applications::{self, Application, ApplicationState, Need, Submission};
use crate::audit::{self, Kind};
use crate::calls::{self, Call};
use crate::clock::Instant;
use crate::crypto::{Opener, Place, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, PersonId, ResolutionId};
use crate::jobs::{self, JobKind};
use crate::version::Seen;

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
pub struct Round {
    pub call: Call,
    programmes: Vec<Programme>,
}

impl Round {
    fn load(conn: &mut Conn, call: CallId) -> Result<Self> {
        Ok(Self { call: calls::actions::find(conn, call)?, programmes: aid::actions::programmes(conn, call)? })
    }

    /// The same for something that is sent in: it may declare only what the catalogue has.
    fn for_submission(conn: &mut Conn, call: Call, sent: &Submission) -> Result<Self> {
        let round = Self { programmes: aid::actions::programmes(conn, call.id)?, call };
        round.require_known(&sent.declared_aid)?;
        Ok(round)
    }

    /// What the rules ask of an application.
    fn facts<'a>(
        &'a self,
        (conn, vault): (&mut Conn, &Vault),
        application: &Application,
        beside: &Beside,
        need: &'a Need,
    ) -> Result<Facts<'a>> {
        let rules = &self.call.rules;
        Ok(Facts {
            rules,
            need,
            hits: aid::actions::look_up(conn, vault, application, rules.aid_window)?,
            declares_disqualifying_aid: self.disqualifies(&need.declared_aid),
            shares_account: !beside.sharing_account.is_empty(),
            follows_in_household: rules.one_per_household && beside.has_earlier_in_household,
        })
    }

    /// # Errors
    /// A field error where something is declared that the catalogue does not have.
    pub fn require_known(&self, declared: &[String]) -> Result<()> {
        match declared.iter().all(|code| self.effect_of(code).is_some()) {
            true => Ok(()),
            false => Err(Error::field("declared_aid", "programme_unknown")),
        }
    }

    fn disqualifies(&self, declared: &[String]) -> bool {
        declared.iter().any(|code| self.effect_of(code) == Some(Effect::Disqualify))
    }

    fn effect_of(&self, code: &str) -> Option<Effect> {
        self.programmes.iter().find(|programme| programme.code == code).map(|programme| programme.effect)
    }
}

fn resolution_place(id: ResolutionId) -> Place {
    Place { table: "resolutions", column: "reason_sealed", row: id.uuid() }
}

/// Records what a person decided on a finding; the latest decision holds.
///
/// # Errors
/// [`Error::Stale`] where the application is not at this version any more: somebody else has decided, or something has come.
/// Refused where the finding asks for no decision, or was not raised on this application; where this is over, paid for one; and
/// as `register_compared` where what a new register brings might be dismissed unseen.
pub fn resolve(
    conn: &mut Conn,
    vault: &Vault,
    actor: &Actor,
    (application, seen): (Application, Seen),
    (finding, resolution): (Finding, Resolution),
    reason: &str,
    now: Instant,
) -> Result<Application> {
    actor.require(Permission::ResolveFinding)?;
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", "is empty; a decision on a finding needs a reason"));
    }
    let id = application.id;
    seen.require(application.version, "the application")?;
    if applications::actions::own::theirs(conn, actor.person()?)?.contains(&id) {
        return Err(Error::refused("own_application", "nobody decides about a finding on their own application"));
    }
    if application.state == ApplicationState::Merged {
        return Err(Error::refused(
            "finding_not_open",
            "this application is merged into another one; unmerge it first",
        ));
    }
    if matches!(application.state, ApplicationState::Withdrawn | ApplicationState::Declined) {
        return Err(Error::refused("application_over", "nothing more happens with this application"));
    }
    let earlier = store::decided(conn, id)?;
    let raised = store::findings(conn, id)?;
    let is_settled = application.standing().is_settled();
    // What a person has decided on is theirs to decide again.
    let was_decided = |finding: Finding| earlier.iter().any(|(of, ..)| *of == finding);
    let asks = |raised: &Raised| is_settled || raised.status != Status::Failed || was_decided(raised.finding);
    if !raised.iter().any(|raised| raised.finding == finding && asks(raised)) {
        let message = format!("“{finding}” is no finding on this application that asks for a decision");
        return Err(Error::refused("finding_not_open", message));
    }
    let call_state = calls::actions::voting(conn, application.call_id)?.state;
    if !application.standing().is_decided() && !call_state.has_voting_ahead() {
        if application.state.is_over() {
            return Err(Error::refused("application_over", "nothing more happens with this application"));
        }
        return Err(Error::refused("voting_closed", "the voting is closed, and this application was not in it"));
    }
    if is_left_out(&application, call_state) {
        return Err(Error::refused("allocated", "the money is allocated, and this application was not in it"));
    }
    if resolution == Resolution::Dismissed && finding.comes_of_registers() {
        require_compared(conn, application.call_id)?;
    }
    let resolution_id = ResolutionId::new();
    let place = resolution_place(resolution_id);
    let reason = applications::actions::seal_remark(conn, vault, &application, place, &reason)?;
    store::insert_resolution(conn, resolution_id, id, (finding, resolution), actor.person()?, &reason, now)?;
    let Outcome { raised, event } = decide(&raised, (finding, resolution));
    store::replace_findings(conn, id, &raised)?;
    let category = application.category;
    let was_awarded = application.held_from.unwrap_or(application.state) == ApplicationState::Awarded;
    let mut application = applications::actions::classify_anew(conn, application, event, category)?;
    if resolution == Resolution::Confirmed && application.state == ApplicationState::NeedsReview {
        // A check would hold what was decided until a person has looked at it, which one has just done.
        application = applications::actions::advance(conn, application, event)?;
    }
    if was_awarded && application.state == ApplicationState::Ineligible {
        jobs::enqueue(conn, JobKind::ReleaseAward, id.uuid(), now)?;
    }
    let facts = FindingResolved { application: id, finding, resolution };
    audit::record(conn, actor.author(), now, Kind::FindingResolved, &facts)?;
    Ok(application)
}

/// The findings of an application and what people decided on them, the latest decision last.
pub fn history(
    conn: &mut Conn,
    opener: &Opener<'_>,
    actor: &Actor,
    application: &Application,
) -> Result<(Vec<Raised>, Vec<Resolved>)> {
    actor.require(Permission::ReadApplications)?;
    Ok((store::findings(conn, application.id)?, resolved_on(conn, opener, application)?))
}

/// What people decided on the findings of an application, the latest last: for slices that have asked who may know it.
pub fn resolved_on(conn: &mut Conn, opener: &Opener<'_>, application: &Application) -> Result<Vec<Resolved>> {
    let mut resolved = Vec::new();
    for row in store::history(conn, application.id)? {
        let place = resolution_place(row.id);
        let reason = match application.need_erased_at {
            Some(_) => None,
            None => Some(applications::actions::open_remark(conn, opener, application, place, &row.reason_sealed)?),
        };
        let store::ResolutionRow { finding, resolution, resolved_by, resolved_at, .. } = row;
        resolved.push(Resolved { finding, resolution, by: resolved_by, at: resolved_at, reason });
    }
    Ok(resolved)
}

/// What a person decided on a finding.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub finding: Finding,
    pub resolution: Resolution,
    pub by: PersonId,
    pub at: Instant,
    /// Nothing, once it was erased.
    pub reason: Option<String>,
}

/// What was raised on an application and not dismissed: for slices that have asked who may know it.
pub fn raised_on(conn: &mut Conn, application: ApplicationId) -> Result<Vec<Raised>> {
    let raised = store::findings(conn, application)?;
    Ok(raised.into_iter().filter(|raised| raised.status != Status::Dismissed).collect())
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
