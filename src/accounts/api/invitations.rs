//! Offering roles: an administrator invites, the person accepts, a second administrator confirms what counts most.

use actix_web::web::Path;
use actix_web::{delete, get, post};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{OfferedRole, anybodys_password, new_password};
use crate::accounts::actions::invitations::{self, Offered};
use crate::accounts::actions::reach;
use crate::accounts::rules::{Caller, Email, Factors, Invitation, InvitationState, Permission, Role};
use crate::accounts::signed_in;
use crate::clock::Instant;
use crate::crypto::PasswordText;
use crate::crypto::Purpose;
use crate::db::Conn;
use crate::error::{Error, FieldError};
use crate::ids::{CallId, InvitationId, PersonId, SeatId};
use crate::language::Language;
use crate::page::{Limit, Page, TimeCursor};
use crate::web::{
    Answer, App, Bearer, End, Field, Fields, IfMatch, Input, Json, Once, Problem, Query, Told, Wrong, day_or_moment,
    line, path_id,
};

/// A role offered to an address.
#[derive(ToSchema)]
pub struct InviteBody {
    #[schema(value_type = String, example = "iva@example.org", max_length = 254)]
    email: Email,
    #[schema(inline)]
    role: OfferedRole,
    /// The call that the role is for; left out, for every call. The committee is seated for one.
    #[schema(value_type = Option<String>, format = Uuid)]
    call_id: Option<CallId>,
    /// The association that an auditor checks for, or that sends a member of the committee.
    #[schema(value_type = Option<String>, example = "ULUS", max_length = 40)]
    association: Option<Association>,
    /// The seat that a substitute stands for.
    #[schema(value_type = Option<String>, format = Uuid)]
    substitutes_for: Option<SeatId>,
    /// When the role ends: a moment, or a day, which means its end in Belgrade.
    #[schema(schema_with = day_or_moment)]
    ends_at: End,
    /// In which language the letter is; sr-Latn if left out.
    language: Option<Language>,
}

impl Input for InviteBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (email, role, ends_at) =
            (fields.required("email"), fields.required("role"), fields.required::<End>("ends_at"));
        let (call_id, association) = (fields.optional("call_id"), fields.optional("association"));
        let (substitutes_for, language) = (fields.optional("substitutes_for"), fields.optional("language"));
        if matches!(&ends_at, Some(at) if at.0 <= Instant::now()) {
            fields.wrong(FieldError { field: "ends_at".into(), code: "past", argument: None });
        }
        Some(Self {
            email: email?,
            role: role?,
            call_id: call_id?,
            association: association?,
            substitutes_for: substitutes_for?,
            ends_at: ends_at?,
            language: language?,
        })
    }
}

impl InviteBody {
    fn into_invitation(self) -> Invitation {
        Invitation {
            email: self.email,
            language: self.language.unwrap_or_default(),
            role: self.role.0,
            call: self.call_id,
            association: self.association.map(|association| association.0),
            substitutes_for: self.substitutes_for,
            ends_at: self.ends_at.0,
        }
    }
}

/// The code of an association.
struct Association(String);

impl Field for Association {
    fn read(value: &serde_json::Value) -> Result<Self, Wrong> {
        line(value, 40).map(Self)
    }
}

/// The name of a person.
pub struct Name(String);

impl Field for Name {
    fn read(value: &serde_json::Value) -> Result<Self, Wrong> {
        line(value, 200).map(Self)
    }
}

/// An invitation as administrators see it.
#[derive(Serialize, ToSchema)]
pub struct InvitationBody {
    #[schema(value_type = String, format = Uuid)]
    id: InvitationId,
    /// Where it was offered; nothing, once whoever accepted it was erased, or a week after an offer that nobody accepted was over. Reading it of somebody who accepted is on their access log.
    #[schema(example = "iva@example.org")]
    email: Option<String>,
    role: Role,
    #[schema(value_type = Option<String>, format = Uuid)]
    call_id: Option<CallId>,
    association: Option<String>,
    #[schema(value_type = Option<String>, format = Uuid)]
    substitutes_for: Option<SeatId>,
    state: InvitationState,
    /// Whether a second administrator must agree.
    needs_confirmation: bool,
    is_confirmed: bool,
    #[schema(value_type = String, format = DateTime)]
    invited_at: Instant,
    /// Until when it can be accepted.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Instant,
    /// Who accepted it.
    #[schema(value_type = Option<String>, format = Uuid)]
    person_id: Option<PersonId>,
}

impl From<&Offered> for InvitationBody {
    fn from(offered: &Offered) -> Self {
        Self {
            id: offered.id,
            email: offered.email.as_ref().map(|email| email.as_str().to_owned()),
            role: offered.role,
            call_id: offered.call,
            association: offered.association.clone(),
            substitutes_for: offered.substitutes_for,
            state: offered.state,
            needs_confirmation: offered.needs_confirmation,
            is_confirmed: offered.is_confirmed,
            invited_at: offered.invited_at,
            expires_at: offered.expires_at,
            ends_at: offered.ends_at,
            person_id: offered.person,
        }
    }
}

/// Offer a role. A letter with a link goes to the address.
#[utoipa::path(
    tag = "Roles",
    params(("Idempotency-Key" = Option<String>, Header, description = "So that a retry invites nobody twice.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")),
    request_body = InviteBody,
    responses(
        (status = 201, description = "Invited.", body = InvitationBody),
        (status = 403, description = "Only administrators, with a fresh second factor."),
        (status = 409, description = "To oneself, or a role that excludes another one of the person.")
    )
)]
#[post("/invitations")]
pub async fn create(app: App, bearer: Bearer, key: Once, Json(body): Json<InviteBody>) -> Result<Answer, Problem> {
    let invitation = body.into_invitation();
    let right = (Permission::GiveRoles, invitation.call);
    let answer = signed_in::act_once(&app, bearer, key, right, move |conn, app, caller, actor, now| {
        let offered = invitations::invite(conn, &app.vault, actor, caller, &invitation, now)?;
        let location = format!("/api/v1/invitations/{}", offered.id);
        Ok(Answer::created(&InvitationBody::from(&offered), location)?.version(offered.version))
    });
    let answer = answer.await?;
    (app.wake)();
    Ok(answer)
}

/// Which invitations, and from where on.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only of this role.
    #[param(inline)]
    pub role: Option<OfferedRole>,
    /// How many rows, 1 to 100; 50 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    pub limit: Option<Limit>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{32}$")]
    pub cursor: Option<TimeCursor>,
}

impl Input for ListQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (role, limit, cursor) = (fields.optional("role"), fields.optional("limit"), fields.optional("cursor"));
        Some(Self { role: role?, limit: limit?, cursor: cursor? })
    }
}

/// The invitations, newest first.
#[utoipa::path(
    tag = "Roles",
    params(ListQuery),
    responses(
        (status = 200, description = "A page; for an administrator of some calls, of invitations to these.", body = Page<InvitationBody>),
        (status = 403, description = "Only administrators.")
    )
)]
#[get("/invitations")]
pub async fn list(app: App, bearer: Bearer, Query(query): Query<ListQuery>) -> Result<Answer, Problem> {
    let right = (Permission::ReadRoles, Purpose::ManageRoles);
    let page = signed_in::read_others_within(&app, bearer, right, move |conn, opener, acting, now| {
        let place = (query.cursor, query.limit.unwrap_or_default());
        invitations::list(conn, opener, acting, query.role.map(|role| role.0), place, now)
    });
    Ok(Answer::ok(&page.await?.map(|offered| InvitationBody::from(&offered)))?)
}

/// One invitation.
#[utoipa::path(
    tag = "Roles",
    path = "/invitations/{id}",
    params(("id" = String, Path, description = "The invitation.", format = Uuid)),
    responses(
        (status = 200, description = "The invitation.", body = InvitationBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is none such.")
    )
)]
#[get("/invitations/{id:[0-9a-fA-F-]+}")]
pub async fn one(app: App, bearer: Bearer, id: Path<String>) -> Result<Answer, Problem> {
    let right = (Permission::ReadRoles, Purpose::ManageRoles);
    let offered = signed_in::read_others_within(&app, bearer, right, move |conn, opener, acting, now| {
        invitations::find(conn, opener, acting, path_id(&id)?, now)
    });
    let offered = offered.await?;
    Ok(Answer::ok(&InvitationBody::from(&offered))?.version(offered.version))
}

/// Agree, as a second administrator, to a role that one alone must not give.
#[utoipa::path(
    tag = "Roles",
    params(
        ("id" = String, Path, description = "The invitation.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the invitation.", example = "\"1\""),
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    responses(
        (status = 200, description = "Confirmed.", body = InvitationBody),
        (status = 403, description = "Only administrators, with a fresh second factor."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "By whoever invited, or nothing is to be confirmed.")
    )
)]
#[post("/invitations/{id}/confirm")]
pub async fn confirm(
    app: App,
    bearer: Bearer,
    version: IfMatch,
    key: Once,
    id: Path<String>,
) -> Result<Answer, Problem> {
    // What is no id names nothing, for whoever may ask.
    let id = path_id(&id).ok();
    let found = move || id.ok_or(Error::NotFound);
    let call_of = move |conn: &mut Conn, caller: &Caller, now| {
        caller.require_step_up(now)?;
        invitations::call_of(conn, found()?)
    };
    let right = Permission::GiveRoles;
    let answer = signed_in::act_on_once(&app, bearer, key, right, call_of, move |conn, app, caller, actor, now| {
        let offered = invitations::confirm(conn, &app.vault, actor, caller, (found()?, version.0), now)?;
        Ok(Answer::ok(&InvitationBody::from(&offered))?.version(offered.version))
    });
    let answer = answer.await?;
    (app.wake)();
    Ok(answer)
}

/// Take an offer back before the role is given.
#[utoipa::path(
    tag = "Roles",
    path = "/invitations/{id}",
    params(
        ("id" = String, Path, description = "The invitation.", format = Uuid),
        ("If-Match" = String, Header, description = "The `ETag` of the invitation.", example = "\"1\"")
    ),
    responses(
        (status = 204, description = "Withdrawn."),
        (status = 403, description = "Only administrators, with a fresh second factor."),
        (status = 404, description = "There is none such."),
        (status = 409, description = "It is given already, or over.")
    )
)]
#[delete("/invitations/{id:[0-9a-fA-F-]+}")]
pub async fn withdraw(app: App, bearer: Bearer, version: IfMatch, id: Path<String>) -> Result<Answer, Problem> {
    let withdrawn = signed_in::write(&app, bearer, move |conn, _, caller, now| {
        let (actor, reach) = reach(conn, caller, Permission::GiveRoles, now)?;
        caller.require_step_up(now)?;
        let id = path_id(&id)?;
        reach.require(invitations::call_of(conn, id)?)?;
        invitations::withdraw(conn, &actor, caller, (id, version.0), now)
    });
    withdrawn.await?;
    Ok(Answer::nothing())
}

/// The link of an invitation, and who accepts it.
#[derive(ToSchema)]
pub struct AcceptBody {
    /// What stands behind the # of the mailed link.
    #[schema(value_type = String)]
    token: Option<String>,
    /// Your name, as the minutes and the books will have it.
    #[schema(value_type = String, example = "Iva Ivić", max_length = 200)]
    name: Option<Name>,
    /// At least 15 characters; only where the address has no account yet.
    #[schema(value_type = Option<String>, example = "seven grey cranes over Palic")]
    password: Option<PasswordText>,
}

impl Input for AcceptBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (token, name) = (fields.required("token"), fields.required("name"));
        Some(Self { token, name, password: fields.optional("password").flatten() })
    }
}

/// What came of accepting.
#[derive(Serialize, ToSchema)]
pub struct RoleAcceptedBody {
    role: Role,
    /// `accepted`: a second administrator still has to agree. `given`: enrol a second factor, and it works.
    state: InvitationState,
}

/// Accept a role by the mailed link. Where the address has no account, one is opened with the password.
#[utoipa::path(
    tag = "Roles",
    security(()),
    request_body = AcceptBody,
    responses(
        (status = 200, description = "Accepted.", body = RoleAcceptedBody),
        (status = 409, description = "The role excludes another one of yours.")
    )
)]
#[post("/invitations/accept")]
pub async fn accept(app: App, Told(body, mut wrongs): Told<AcceptBody>) -> Result<Answer, Problem> {
    let now = Instant::now();
    let AcceptBody { token, name, password } = body;
    let behind = match token.clone() {
        Some(token) => {
            wrongs.keep(app.read(move |conn, app| invitations::behind(conn, &app.vault, &token, now)).await)?
        }
        None => None,
    };
    let password = match (behind, password) {
        (_, None) => None,
        (None, Some(text)) => wrongs.keep(anybodys_password("password", text, Factors::Alone))?,
        (Some((email, false)), Some(text)) => wrongs.keep(new_password("password", text, false, &email))?,
        // Whoever thinks that they set one would not come in with it.
        (Some((_, true)), Some(_)) => wrongs.keep(Err(Error::field("password", "has_account")))?,
    };
    let (token, name) = wrongs.settle(token.zip(name))?;
    let hash = match password {
        Some(password) => Some(app.hasher.hash(password).await?),
        None => None,
    };
    let accepted =
        app.write(move |conn, app| invitations::accept(conn, &app.vault, &token, &name.0, hash.as_deref(), now));
    let accepted = accepted.await?;
    (app.wake)();
    Ok(Answer::ok(&RoleAcceptedBody { role: accepted.role, state: accepted.state })?)
}
