//! Checking again what was sent in: when a register comes into force or goes, something was corrected, or money is to leave.

use super::{EligibilityChecked, Round};
use crate::accounts::{Actor, Permission};
use crate::aid;
use crate::applications::actions::{Beside, Indexed};
use crate::applications::{self, Application, ApplicationEvent, ApplicationState};
use crate::audit::{self, Author, Kind, journal};
use crate::calls::CallState;
use crate::clock::Instant;
use crate::crypto::{BlindIndex, IndexKind, Opener, Purpose, Vault};
use crate::db::{Conn, Writes};
use crate::eligibility::rules::{
    Facts, Finding, Newest, Outcome, Raised, Status, conclude, examine, in_force, reopened, with_corrected,
    with_exclusion,
};
use crate::eligibility::store;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, RegisterId};
use crate::jobs::{self, JobKind};

/// Which findings fall where they are not found any more, also on an application that was corrected: those that come of what
/// has changed now, and not of the correction.
type Falls = fn(Finding) -> bool;

/// Runs the checks over an application again, keeps what they find and moves it to the state that follows. Gives it with what
/// is beside it.
fn check_again(
    (conn, vault): (&mut Conn, &Vault),
    opener: &Opener<'_>,
    by: Author,
    round: &Round,
    (application, falls): (Application, Falls),
    now: Instant,
) -> Result<(Application, Beside)> {
    let beside = applications::actions::beside(conn, vault, &application)?;
    if application.need_erased_at.is_some() {
        // There is nothing left to check.
        return Ok((application, beside));
    }
    let is_undecided = !application.standing().is_decided()
        && matches!(application.state, ApplicationState::Ineligible | ApplicationState::NeedsReview);
    let is_left_out = is_left_out(&application, round.call.state);
    if is_left_out || is_undecided && !round.call.state.has_voting_ahead() {
        // Nobody could decide on it any more, whatever is found now: it stays as the voting, or the allocation, left it.
        return Ok((application, beside));
    }
    let need = applications::actions::open_need(conn, opener, &application)?;
    let mut facts = round.facts((conn, vault), &application, &beside, &need)?;
    facts.hits.possible = facts.hits.possible.max(against_merged((conn, vault), round, application.id)?);
    let examination = examine(&facts);
    let is_settled = application.standing().is_settled();
    let mut found_before =
        if application.corrected_at.is_some() { store::findings(conn, application.id)? } else { Vec::new() };
    found_before.retain(|raised| !falls(raised.finding));
    let is_open = examination.raised.iter().any(|raised| raised.status == Status::Open);
    let asks = is_settled || is_open || !found_before.is_empty();
    let decided = if asks { store::decided(conn, application.id)? } else { Vec::new() };
    let mut resolutions = in_force(decided.iter().copied(), &newest(&application, &beside, &facts));
    let raised = match application.corrected_at {
        Some(at) => with_corrected(examination.raised, (&found_before, &decided), at, &mut resolutions),
        None => examination.raised,
    };
    let raised = match application.held_from {
        Some(ApplicationState::Approved | ApplicationState::Reserve) => with_exclusion(raised, &resolutions),
        _ => raised,
    };
    let outcome = conclude(&raised, &resolutions, is_settled);
    let is_taken_out = application.state == ApplicationState::Ineligible;
    let Outcome { raised, event } = if is_settled && !is_taken_out { outcome.before_a_person() } else { outcome };
    store::replace_findings(conn, application.id, &raised)?;
    let application = applications::actions::classify(conn, application, event, examination.category)?;
    let mut writes = Writes::default();
    note_check(conn, &mut writes, (by, now), &application, &raised)?;
    writes.run(conn)?;
    Ok((application, beside))
}

/// Since when other aid stands against what was merged into an application, found in registers or declared. It is of the same
/// person, so it counts here too; but a number that only the other one has may be a slip of the pen, so a person looks.
fn against_merged((conn, vault): (&mut Conn, &Vault), round: &Round, id: ApplicationId) -> Result<Option<Instant>> {
    let mut newest = None;
    for merged in applications::actions::merges::below(conn, id)? {
        let stands = |raised: &Raised| raised.finding.comes_of_registers() && raised.status != Status::Dismissed;
        if store::findings(conn, merged.id)?.iter().any(stands) {
            let hits = aid::actions::look_up(conn, vault, &merged, round.call.rules.aid_window)?;
            newest = newest.max(hits.certain.max(hits.possible).or(Some(merged.submitted_at)));
        }
    }
    Ok(newest)
}

/// Whether the money of its call was allocated while it was excluded, though the committee had approved it.
pub(super) fn is_left_out(application: &Application, call: CallState) -> bool {
    call == CallState::Allocated && application.held_from == Some(ApplicationState::Approved)
}

/// Since when what raises the findings on an application is there: registers that came, an account or a name that was put
/// right, somebody else who names the account.
fn newest(application: &Application, beside: &Beside, facts: &Facts<'_>) -> Newest {
    let corrected = application.corrected_at;
    let all = [
        (Finding::OtherAid, facts.hits.certain),
        (Finding::OtherAidPossible, facts.hits.possible.max(corrected)),
        (Finding::AccountHolderDiffers, corrected),
        (Finding::SharedBankAccount, beside.account_shared_since.max(corrected)),
    ];
    all.into_iter().filter_map(|(finding, since)| Some((finding, since?))).collect()
}

/// Puts on the log what a check found.
pub(super) fn note_check(
    conn: &mut Conn,
    writes: &mut Writes,
    by: (Author, Instant),
    application: &Application,
    findings: &[Raised],
) -> Result<()> {
    let Application { id, category, state, .. } = *application;
    let facts = EligibilityChecked { application: id, category, findings, state };
    audit::record_with(conn, writes, by, Kind::EligibilityChecked, &facts)
}

/// Checks an application again before money leaves, and gives it back as it stands then.
pub fn check_before_payment(
    conn: &mut Conn,
    vault: &Vault,
    application: Application,
    now: Instant,
) -> Result<Application> {
    let round = Round::load(conn, application.call_id)?;
    let (checked, _) = check_one((conn, vault), &round, (application, |_| false), now)?;
    Ok(checked)
}

/// Puts an award whose payment the bank gave back before a person, where something stands against it: it was paid all the
/// same, or the finding came after it was.
pub fn hold_returned(conn: &mut Conn, actor: &Actor, application: Application, now: Instant) -> Result<Application> {
    actor.require(Permission::RecordPayout)?;
    let raised = store::findings(conn, application.id)?;
    let stands = raised.iter().any(|raised| raised.status != Status::Dismissed);
    if !stands || application.need_erased_at.is_some() {
        // Nobody decides about what was erased.
        return Ok(application);
    }
    let raised = reopened(&raised);
    store::replace_findings(conn, application.id, &raised)?;
    let held = applications::actions::advance(conn, application, ApplicationEvent::CheckOpen)?;
    let mut writes = Writes::default();
    note_check(conn, &mut writes, (actor.author(), now), &held, &raised)?;
    writes.run(conn)?;
    Ok(held)
}

fn check_one(
    (conn, vault): (&mut Conn, &Vault),
    round: &Round,
    (application, falls): (Application, Falls),
    now: Instant,
) -> Result<(Application, Beside)> {
    let by = Actor::SYSTEM.author();
    journal::during(conn, vault, (by, Purpose::CheckEligibility, now), |conn, opener| {
        check_again((conn, vault), opener, by, round, (application, falls), now)
    })
}

/// Does the waiting jobs of registers that came into force. A job that runs twice finds the same again.
pub fn run_rechecks(conn: &mut Conn, vault: &Vault, now: Instant) -> Result<()> {
    for job in jobs::waiting(conn, JobKind::RecheckRegister)? {
        let (call, named) = named_by(conn, vault, RegisterId::from(job.subject))?;
        recheck_all(conn, vault, call, &named, now)?;
        jobs::finish(conn, &job, now)?;
    }
    Ok(())
}

/// How many applications are looked up in a register at once.
const LOOKED_UP: i64 = 500;

/// The call of a register, and its applications that the register names, in force or not. Reads only. The smaller side is
/// looked up in the larger: a few records among the applications, else the applications in the register, some at once.
pub fn named_by(conn: &mut Conn, vault: &Vault, register: RegisterId) -> Result<(CallId, Vec<ApplicationId>)> {
    let call = aid::actions::call_of_register(conn, register)?.ok_or(Error::NotFound)?;
    let kinds = [IndexKind::Jmbg, IndexKind::NameAndPlace];
    let mut named = Vec::new();
    if let Some(records) = aid::actions::few_indexes(conn, register)? {
        for kind in kinds {
            let indexes: Vec<BlindIndex> = records.iter().filter_map(|record| record.of_kind(kind)).collect();
            named.extend(applications::actions::found_by(conn, vault, call, kind, &indexes)?);
        }
    } else {
        let mut page = applications::actions::index_page(conn, call, None, LOOKED_UP)?;
        while let Some(last) = page.last().copied() {
            for kind in kinds {
                let index = |of: &Indexed| if kind == IndexKind::Jmbg { of.jmbg } else { of.name };
                let wanted: Vec<BlindIndex> = page.iter().map(index).collect();
                let standing = aid::actions::standing_in(conn, vault, register, kind, &wanted)?;
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
pub fn recheck_all(conn: &mut Conn, vault: &Vault, call: CallId, named: &[ApplicationId], now: Instant) -> Result<()> {
    let round = Round::load(conn, call)?;
    recheck_in(conn, vault, &round, (named, Finding::comes_of_registers), now)
}

pub(super) fn recheck_in(
    conn: &mut Conn,
    vault: &Vault,
    round: &Round,
    (named, falls): (&[ApplicationId], Falls),
    now: Instant,
) -> Result<()> {
    let by = Actor::SYSTEM.author();
    journal::during(conn, vault, (by, Purpose::CheckEligibility, now), |conn, opener| {
        let (mut ids, mut at) = (named.to_vec(), 0_usize);
        while let Some(id) = ids.get(at).copied() {
            let application = applications::actions::find(conn, id)?;
            // What stands against one that was merged stands against the one that goes on, which is looked at after it.
            ids.extend(application.merged_into);
            check_again((conn, vault), opener, by, round, (application, falls), now)?;
            at = at.saturating_add(1);
        }
        Ok(())
    })
}

/// Checks those again that name the household of an application which is for itself again: they may follow it now.
pub fn check_household(conn: &mut Conn, vault: &Vault, application: &Application, now: Instant) -> Result<()> {
    let others = applications::actions::same_household(conn, vault, application)?;
    let round = Round::load(conn, application.call_id)?;
    recheck_in(conn, vault, &round, (&others, Finding::comes_of_sharing), now)
}

/// While a register is not compared with the applications yet nobody has seen what it brings: nobody dismisses it then, and no
/// money goes.
///
/// # Errors
/// Refused as `register_compared`.
pub fn require_compared(conn: &mut Conn, call: CallId) -> Result<()> {
    let undone = jobs::undone(conn, JobKind::RecheckRegister)?;
    // Nearly always all are compared, and nothing more is asked.
    if undone.is_empty() {
        return Ok(());
    }
    let is_undone = |register: &RegisterId| undone.contains(&register.uuid());
    match aid::actions::ever_in_force(conn, call)?.iter().any(is_undone) {
        true => Err(Error::refused("register_compared", "a register is still compared with the applications")),
        false => Ok(()),
    }
}

/// Checks an application again because of itself: it was corrected, or is for itself again.
pub fn check_anew(conn: &mut Conn, vault: &Vault, id: ApplicationId, now: Instant) -> Result<Application> {
    let application = applications::actions::find(conn, id)?;
    check_before_payment(conn, vault, application, now)
}

/// The same because of one beside it, which may share its account no more: that one was merged, or taken apart again.
pub fn check_beside(conn: &mut Conn, vault: &Vault, id: ApplicationId, now: Instant) -> Result<Application> {
    let application = applications::actions::find(conn, id)?;
    let round = Round::load(conn, application.call_id)?;
    let (checked, _) = check_one((conn, vault), &round, (application, Finding::comes_of_sharing), now)?;
    Ok(checked)
}

/// Checks an application again that was corrected, and whoever shares its account now or did before: with one of them alone
/// it is another finding for them, too.
pub fn check_corrected(
    conn: &mut Conn,
    vault: &Vault,
    corrected: Application,
    shared_before: &[ApplicationId],
    now: Instant,
) -> Result<Application> {
    let round = Round::load(conn, corrected.call_id)?;
    let (checked, beside) = check_one((conn, vault), &round, (corrected, |_| false), now)?;
    let sides = [shared_before, beside.sharing_account.as_slice()];
    let mut others: Vec<ApplicationId> =
        sides.into_iter().filter_map(|some| <[_; 1]>::try_from(some).ok()).flatten().collect();
    others.sort_unstable();
    others.dedup();
    recheck_in(conn, vault, &round, (&others, Finding::comes_of_sharing), now)?;
    Ok(checked)
}

/// Who shares the account of an application: none, one, or two of them.
pub fn sharing_account(conn: &mut Conn, vault: &Vault, application: &Application) -> Result<Vec<ApplicationId>> {
    Ok(applications::actions::beside(conn, vault, application)?.sharing_account)
}
