//! The documents of an application for administrators: the list, one opened for a purpose, one added that came on paper.

use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa::IntoParams;

use super::super::admin::OpeningBody;
use super::{DocumentBody, What, file, put, settle, take};
use crate::accounts::{Permission, signed_in};
use crate::applications::actions::{self, documents};
use crate::crypto::Keys;
use crate::documents::actions as kept;
use crate::page::Page;
use crate::web::{Answer, App, Bearer, Fields, Input, Json, Line, Once, Problem, Query, once, path_id};

/// The documents of an application. None of them is opened by this.
#[utoipa::path(
    tag = "Applications",
    params(("id" = String, Path, description = "The application.", format = Uuid)),
    responses(
        (status = 200, description = "All of them, the oldest first.", body = Page<DocumentBody>),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application.")
    )
)]
#[get("/applications/{id}/documents")]
pub async fn list(app: App, bearer: Bearer, Query(()): Query<()>, id: Path<String>) -> Result<Answer, Problem> {
    let all = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let (actor, application) = actions::act_on(conn, caller, Permission::ReadApplications, &id, now)?;
        documents::list_for(conn, &actor, &application)
    });
    let items = all.await?.into_iter().map(|document| DocumentBody::of(document, None)).collect();
    Ok(Answer::ok(&Page { items, next: None })?)
}

/// What is added.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct KindQuery {
    /// The code of a document that the call asks for.
    #[param(value_type = String, example = "income_proof", max_length = 40, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\s][^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    kind: Line<40>,
}

impl Input for KindQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { kind: fields.required("kind")? })
    }
}

/// Add a document to an application that the fund entered for somebody: what came on paper, scanned. It is looked at, cleaned
/// and kept as if they had sent it.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid),
        KindQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body(content = String, content_type = "application/octet-stream", description = "The bytes of the file."),
    responses(
        (status = 201, description = "It is kept.", body = DocumentBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application that the fund entered."),
        (status = 409, description = "It is not the time for it (document_late, document_not_awarded, application_over, data_erased), or there are too many (document_quota)."),
        (status = 413, description = "It is larger than 10 MiB (document_too_large)."),
        (status = 415, description = "It is none of the four kinds (document_type_unknown)."),
        (status = 422, description = "It is damaged, or more than paper: the code says what.")
    )
)]
#[post("/applications/{id}/documents")]
pub async fn add(
    app: App,
    bearer: Bearer,
    key: Once,
    request: HttpRequest,
    Query(query): Query<KindQuery>,
    id: Path<String>,
    payload: Payload,
) -> Result<Answer, Problem> {
    let (id, kind) = (id.into_inner(), query.kind.0);
    let place = (id.clone(), kind.clone());
    let asked = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let (actor, application) = actions::act_on(conn, caller, Permission::EnterApplication, &place.0, now)?;
        documents::require_addable(conn, &actor, &application, &place.1, now).map(|()| application)
    });
    let application = asked.await?;
    let sent = take(&app, bearer, &request, payload).await?;
    let key = key.with_body(&sent.digest);
    let owner = application.person_id;
    let data_key = signed_in::write(&app, bearer, move |conn, app, _, _| kept::key(conn, &app.vault, &Keys::of(owner)));
    let what = What { call: application.call_id, application: application.id, kind, name: None };
    let new = put(&app, data_key.await?, what, sent.clean).await?;
    let object = new.object.clone();
    let location = format!("/api/v1/applications/{}/documents/{}/open", new.application, new.id);
    let own_location = location.clone();
    let written = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let (actor, application) = actions::act_on(conn, caller, Permission::EnterApplication, &id, now)?;
        once(conn, &app.vault, &caller.keys, &key, now, |conn| {
            let added = documents::add_for(conn, &app.vault, &actor, (&application, &new), now)?;
            Answer::created(&DocumentBody::of(added, None), own_location.clone())
        })
    });
    settle(&app, (object, location), written.await).await
}

/// Open a document of an applicant. What for goes on the log, before a byte of it is sent.
#[utoipa::path(
    tag = "Applications",
    params(
        ("id" = String, Path, description = "The application.", format = Uuid),
        ("document" = String, Path, description = "The document.", format = Uuid)
    ),
    request_body = OpeningBody,
    responses(
        (status = 200, description = "The file.", body = String, content_type = "application/octet-stream"),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such application, or no such document of it.")
    )
)]
#[post("/applications/{id}/documents/{document}/open")]
pub async fn open(
    app: App,
    bearer: Bearer,
    path: Path<(String, String)>,
    Json(body): Json<OpeningBody>,
) -> Result<HttpResponse, Problem> {
    let (application, document) = path.into_inner();
    let (place, purpose) = ((application.clone(), document), body.purpose);
    let found = signed_in::read(&app, bearer, move |conn, _, caller, now| {
        let (actor, application) = actions::act_on(conn, caller, Permission::OpenPerson, &place.0, now)?;
        documents::find_for(conn, &actor, &application, path_id(&place.1)?)
    });
    let document = found.await?;
    let turn = app.document_downloads.begin(bearer.person)?;
    let (id, sealed) = (document.id, app.objects.get(&document.object).await?);
    let opened = signed_in::write(&app, bearer, move |conn, app, caller, now| {
        let (actor, application) = actions::act_on(conn, caller, Permission::OpenPerson, &application, now)?;
        documents::open_for(conn, &app.vault, &actor, (&application, id, purpose), &sealed, now)
    });
    Ok(file(&document, opened.await?, turn))
}
