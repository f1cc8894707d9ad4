//! One application before a member: the conflict, the facts, the vote.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Reason, Score, named};
use crate::accounts::{Permission, signed_in};
use crate::applications::{Housing, Need};
use crate::audit::journal;
use crate::calls::{Category, Conditions, IncomeLost};
use crate::clock::Instant;
use crate::committee::actions::{self, Blind, OwnVote};
use crate::committee::rules::{Ballot, Vote};
use crate::crypto::Purpose;
use crate::eligibility::{Finding, Raised, Status};
use crate::error::Error;
use crate::ids::ApplicationId;
use crate::money::Money;
use crate::serbian::latin;
use crate::web::{Answer, App, Bearer, Fields, IfMatchOrAny, Input, Json, Once, Problem, once};

/// Whether one has a conflict about an application.
#[derive(ToSchema)]
pub struct NewDeclaration {
    has_conflict: bool,
    /// Why there is one; needed then, and only then.
    #[schema(value_type = Option<String>, example = "We share a studio.", max_length = 4000)]
    reason: Option<Reason>,
}

impl Input for NewDeclaration {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (has_conflict, reason) = (fields.required("has_conflict"), fields.filled("reason"));
        Some(Self { has_conflict: has_conflict?, reason: reason? })
    }
}

/// What one has declared.
#[derive(Serialize, ToSchema)]
pub struct DeclarationBody {
    has_conflict: bool,
    #[schema(value_type = String, format = DateTime)]
    declared_at: Instant,
}

/// Declare whether one has a conflict about an application, before it opens.
///
/// Without one the application opens. With one, one is recused: from then on there is nothing of the application, and a
/// vote that was cast counts no more. A conflict that is noticed later is declared the same way, until the close.
#[utoipa::path(
    tag = "Committee",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = NewDeclaration,
    responses(
        (status = 201, description = "Declared.", body = DeclarationBody),
        (status = 403, description = "Only the committee."),
        (status = 404, description = "There is none such before this member."),
        (status = 409, description = "The voting is closed.")
    )
)]
#[post("/committee/applications/{id}/declarations")]
pub async fn declare(
    app: App,
    bearer: Bearer,
    key: Once,
    id: Path<String>,
    Json(new): Json<NewDeclaration>,
) -> Result<Answer, Problem> {
    let id = named::<ApplicationId>(&id);
    let reason = match (new.has_conflict, new.reason) {
        (true, None) => return Err(Error::field("reason", "missing").into()),
        (false, Some(_)) => return Err(Error::field("reason", "unfit").into()),
        (_, reason) => reason.map(|reason| reason.0),
    };
    let declared = signed_in::write(&app, bearer, move |conn, services, caller, now| {
        let (actor, application) = actions::act_on(conn, caller, Permission::DeclareRecusal, id, now)?;
        once(conn, &services.vault, &caller.keys, &key, now, |conn| {
            let declared_at = match &reason {
                None => actions::declare_no_conflict(conn, &actor, application, now)?,
                Some(reason) => {
                    actions::declare_conflict(conn, &services.vault, &actor, application, reason, now)?;
                    now
                }
            };
            Answer::new(StatusCode::CREATED, &DeclarationBody { has_conflict: reason.is_some(), declared_at })
        })
    });
    declared.await
}

/// Why an application is in its category: all of these hold for it.
#[derive(Serialize, ToSchema)]
pub struct BlindCategoryBody {
    #[schema(example = 1)]
    number: i32,
    /// In Serbian, in Latin script.
    #[schema(example = "Samohrani roditelji")]
    title: Option<String>,
    /// How much of the household's income is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    income_lost: Option<IncomeLost>,
    /// Whether the applicant raises children alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    single_parent: Option<bool>,
    /// Whether somebody else supports the applicant.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_support: Option<bool>,
    /// Some child is younger than this many full years.
    #[serde(skip_serializing_if = "Option::is_none")]
    child_younger_than: Option<u8>,
    /// At least this many full years old.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_age: Option<u8>,
    /// Whether the household is the applicant alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    lives_alone: Option<bool>,
    /// Pension and benefits a month are at most this.
    #[schema(value_type = Option<String>, example = "25000.00")]
    #[serde(skip_serializing_if = "Option::is_none")]
    benefits_at_most: Option<Money>,
}

impl From<Category> for BlindCategoryBody {
    fn from(category: Category) -> Self {
        let Category { number, title, conditions } = category;
        let Conditions {
            income_lost,
            single_parent,
            other_support,
            child_younger_than,
            min_age,
            lives_alone,
            benefits_at_most,
        } = conditions;
        let title = title.map(|title| latin(&title.sr));
        Self {
            number,
            title,
            income_lost,
            single_parent,
            other_support,
            child_younger_than,
            min_age,
            lives_alone,
            benefits_at_most,
        }
    }
}

/// A finding that was not dismissed.
#[derive(Serialize, ToSchema)]
pub struct BlindFindingBody {
    finding: Finding,
    status: Status,
}

/// One's own vote as it holds now.
#[derive(Serialize, ToSchema)]
pub struct OwnVoteBody {
    vote: Vote,
    /// 0 to 100.
    #[schema(example = 80)]
    score: Option<u8>,
    #[schema(example = "All income is gone, two children.")]
    reason: String,
    #[schema(value_type = String, format = DateTime)]
    cast_at: Instant,
    /// 1 for the first; each change is a further one.
    #[schema(example = 1)]
    version: i32,
}

impl From<OwnVote> for OwnVoteBody {
    fn from(own: OwnVote) -> Self {
        let OwnVote { vote, score, reason, cast_at, version } = own;
        Self { vote, score, reason, cast_at, version }
    }
}

/// An application as a member sees it: the facts, and nobody. The statement is as it was written: it may name its author.
#[derive(Serialize, ToSchema)]
pub struct BlindBody {
    #[schema(value_type = String, format = Uuid)]
    id: ApplicationId,
    #[schema(example = "A-0001")]
    reference: String,
    #[schema(example = "Beograd")]
    municipality: String,
    #[schema(example = "dance")]
    discipline: String,
    #[schema(example = "ULUS")]
    association: Option<String>,
    /// Full years at the reference date of the call.
    #[schema(example = 35)]
    age: u8,
    /// Of the children, in full years at the reference date.
    #[schema(example = json!([5, 8]))]
    children_ages: Vec<u8>,
    #[schema(example = 3)]
    household_size: u32,
    single_parent: bool,
    housing: Housing,
    /// Of the household, a month, without pension and benefits.
    #[schema(value_type = String, example = "60000.00")]
    income_before: Money,
    #[schema(value_type = String, example = "0.00")]
    income_during: Money,
    /// Pension and benefits, a month.
    #[schema(value_type = String, example = "12000.00")]
    benefits: Money,
    #[schema(example = "RSD")]
    currency: String,
    other_support: bool,
    /// Codes of the aid programmes that the applicant received from.
    #[schema(example = json!(["MIN30"]))]
    declared_aid: Vec<String>,
    /// In the applicant's own words.
    #[schema(example = "All my shows were cancelled.")]
    statement: String,
    category: Option<BlindCategoryBody>,
    /// What was raised and not dismissed.
    findings: Vec<BlindFindingBody>,
    own_vote: Option<OwnVoteBody>,
    #[schema(value_type = String, format = DateTime)]
    declared_at: Instant,
    /// A vote at this very moment still counts.
    #[schema(value_type = String, format = DateTime)]
    voting_closes_at: Instant,
}

impl From<Blind> for BlindBody {
    fn from(blind: Blind) -> Self {
        let Blind { handle, age, children_ages, need, category, findings, own_vote, .. } = blind;
        // What a member must not see is named here, so that a new fact is a decision.
        let Need {
            born: _,
            household: _,
            household_size,
            is_single_parent,
            children_born: _,
            housing,
            income_before,
            income_during,
            benefits,
            has_other_support,
            declared_aid,
            is_related_to_fund: _,
            is_account_holder: _,
            statement,
        } = need;
        let finding = |Raised { finding, status }| BlindFindingBody { finding, status };
        Self {
            id: handle.id,
            reference: handle.reference,
            municipality: handle.municipality,
            discipline: handle.discipline,
            association: handle.association,
            age,
            children_ages,
            household_size,
            single_parent: is_single_parent,
            housing,
            income_before,
            income_during,
            benefits,
            currency: blind.currency,
            other_support: has_other_support,
            declared_aid,
            statement,
            category: category.map(BlindCategoryBody::from),
            findings: findings.into_iter().map(finding).collect(),
            own_vote: own_vote.map(OwnVoteBody::from),
            declared_at: blind.declared_at,
            voting_closes_at: blind.voting_closes_at,
        }
    }
}

/// The facts of an application, without a name.
#[utoipa::path(
    tag = "Committee",
    params(("id" = String, Path, description = "The application.", format = Uuid)),
    responses(
        (status = 200, description = "The facts, and one's own vote.", body = BlindBody),
        (status = 403, description = "Only the committee."),
        (status = 404, description = "There is none such before this member."),
        (status = 409, description = "One has not declared whether there is a conflict.")
    )
)]
#[get("/committee/applications/{id}")]
pub async fn one(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let id = named::<ApplicationId>(&id);
    let blind = signed_in::read_others(&app, bearer, move |conn, services, caller, log, now| {
        let (actor, application) = actions::act_on(conn, caller, Permission::ReadBlind, id, now)?;
        let opener = log.opener(&services.vault, journal::reader(actor.author(), Purpose::Vote));
        actions::open_blind(conn, &opener, &actor, application)
    });
    let blind = blind.await?;
    let version = blind.version;
    Ok(Answer::ok(&BlindBody::from(blind))?.version(version))
}

/// A vote on an application.
#[derive(ToSchema)]
pub struct NewVote {
    vote: Vote,
    /// 0 to 100; none, where the member gives none.
    #[schema(value_type = Option<u8>, example = 80, minimum = 0, maximum = 100)]
    score: Option<Score>,
    /// Needed for every vote, for acceptance too.
    #[schema(value_type = String, example = "All income is gone, two children.", min_length = 1, max_length = 4000)]
    reason: Reason,
}

impl Input for NewVote {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (vote, score) = (fields.required("vote"), fields.optional("score"));
        let reason = fields.required("reason");
        Some(Self { vote: vote?, score: score?, reason: reason? })
    }
}

/// Vote on an application, or change one's vote: until the close, as often as one likes.
#[utoipa::path(
    tag = "Committee",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the application, so that no vote is changed that one has not seen; without it the later vote holds.", example = "\"1\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body = NewVote,
    responses(
        (status = 201, description = "Cast. Nobody else sees how before the close.", body = OwnVoteBody),
        (status = 403, description = "Only the committee."),
        (status = 404, description = "There is none such before this member."),
        (status = 409, description = "No conflict was declared about, the voting is not open, or the application is not eligible.")
    )
)]
#[post("/committee/applications/{id}/votes")]
pub async fn vote_on(
    app: App,
    bearer: Bearer,
    version: IfMatchOrAny,
    key: Once,
    id: Path<String>,
    Json(new): Json<NewVote>,
) -> Result<Answer, Problem> {
    let id = named::<ApplicationId>(&id);
    let ballot = Ballot { vote: new.vote, score: new.score.map(|score| score.0), reason: new.reason.0 };
    let cast = signed_in::write(&app, bearer, move |conn, services, caller, now| {
        let (actor, known) = actions::act_on_known(conn, caller, Permission::CastVote, id, now)?;
        once(conn, &services.vault, &caller.keys, &key, now, |conn| {
            let own = actions::vote(conn, &services.vault, &actor, &known, (&ballot, version.0), now)?;
            Answer::new(StatusCode::CREATED, &OwnVoteBody::from(own))
        })
    });
    cast.await
}
