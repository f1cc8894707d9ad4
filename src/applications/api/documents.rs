//! Documents over HTTP: sending one, seeing one's own. Taking one back is where the payments are (src/payouts/api).
//!
//! ```text
//! body ─► read (≤ 10 MiB) ─► looked at, cleaned ─► sealed ─► store ─► a write: its row, or it is taken out again
//! ```

pub mod work;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::web::{Path, Payload, block};
use actix_web::{HttpRequest, HttpResponse, get, post};
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use crate::accounts::{Caller, signed_in};
use crate::applications::actions::documents;
use crate::clock::Instant;
use crate::crypto::{DataKey, Opener, Vault};
use crate::db::Conn;
use crate::documents::actions as kept;
use crate::documents::{self as shelf, Clean, Document, Fault, LARGEST, MediaType, New};
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, DocumentId};
use crate::objects::ObjectName;
use crate::page::Page;
use crate::web::{
    Answer, App, Bearer, DocumentTurn, Fields, Input, Line, Once, Problem, Query, Sending, path_id, read_upload,
};

/// Nothing in a document may run, load or frame anything, wherever it is opened.
const SANDBOX: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// What is sent.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DocumentQuery {
    /// The code of a document that the call asks for.
    #[param(value_type = String, example = "income_proof", max_length = 40, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\s][^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    kind: Line<40>,
    /// What the file is called, for you to find it again.
    #[param(value_type = Option<String>, example = "Potvrda.pdf", max_length = 255, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\uFFF0-\\uFFFB]*$")]
    name: Option<Line<255>>,
}

impl Input for DocumentQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (kind, name) = (fields.required("kind"), fields.filled("name"));
        Some(Self { kind: kind?, name: name? })
    }
}

/// A document that is kept.
#[derive(Serialize, ToSchema)]
pub struct DocumentBody {
    #[schema(value_type = String, format = Uuid)]
    id: DocumentId,
    /// Its code in the rules of the call.
    #[schema(example = "income_proof")]
    kind: String,
    /// What your file was called, where you told it; nobody else is shown this.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Potvrda.pdf")]
    name: Option<String>,
    /// What it is, told by its bytes.
    media_type: MediaType,
    /// In bytes. Of pictures what was not needed to show them is gone: place, time, device.
    #[schema(example = 183_204)]
    size: i64,
    /// Of what is kept, in hexadecimal digits.
    #[schema(example = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")]
    sha256: String,
    #[schema(value_type = String, format = DateTime)]
    uploaded_at: Instant,
}

impl DocumentBody {
    fn of(document: Document, name: Option<String>) -> Self {
        let sha256 = HEXLOWER.encode(&document.sha256);
        let Document { id, kind, media_type, size, uploaded_at, .. } = document;
        Self { id, kind, name, media_type, size, sha256, uploaded_at }
    }

    /// One's own, with the name of its file.
    fn own(conn: &mut Conn, vault: &Vault, caller: &Caller, document: Document) -> Result<Self> {
        let name = kept::open_name(conn, &Opener::own(vault, caller.person), &document)?;
        Ok(Self::of(document, name))
    }
}

/// Why a document is not taken, as a problem.
fn refused(fault: Fault) -> Problem {
    let status = match fault {
        Fault::TypeUnknown => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Problem::new(status, fault.as_str())
}

/// Send a document that the call asks for: PDF, JPEG, PNG or HEIC, at most 10 MiB (10,485,760 bytes), and at most 50 MiB
/// and 50 documents an application. What it is its bytes say; the `Content-Type` is not believed.
#[utoipa::path(
    tag = "Your documents",
    params(
        ("id" = String, Path, description = "The draft or application.", format = Uuid),
        DocumentQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body(content = String, content_type = "application/octet-stream", description = "The bytes of the file."),
    responses(
        (status = 201, description = "It is kept.", body = DocumentBody),
        (status = 404, description = "There is no such draft or application of yours."),
        (status = 409, description = "It is not the time for it (call_closed, document_late, document_not_awarded), or there are too many (document_quota)."),
        (status = 413, description = "It is larger than 10 MiB (document_too_large)."),
        (status = 415, description = "It is none of the four kinds (document_type_unknown)."),
        (status = 422, description = "It is damaged, or more than paper: the code says what.")
    )
)]
#[post("/me/applications/{id}/documents")]
pub async fn add(
    app: App,
    bearer: Bearer,
    key: Once,
    request: HttpRequest,
    Query(query): Query<DocumentQuery>,
    id: Path<String>,
    payload: Payload,
) -> Result<Answer, Problem> {
    let place = (id.into_inner(), query.kind.0.clone());
    let asked = signed_in::read(&app, bearer, move |conn, _, caller, _| {
        let id = path_id(&place.0)?;
        documents::asked(conn, caller, (id, &place.1)).map(|call| (id, call))
    });
    let (application, call) = asked.await?;
    let sent = take(&app, bearer, &request, payload).await?;
    let once = key.with_body(&sent.digest);
    let key = signed_in::write(&app, bearer, |conn, app, caller, _| kept::key(conn, &app.vault, &caller.keys)).await?;
    let what = What { call, application, kind: query.kind.0, name: query.name.map(|name| name.0) };
    let new = put(&app, key, what, sent.clean).await?;
    let (object, location) = (new.object.clone(), format!("/api/v1/me/documents/{}", new.id));
    let own_location = location.clone();
    let written = signed_in::write_once(&app, bearer, once, move |conn, app, caller, now| {
        let added = documents::add(conn, &app.vault, caller, &new, now)?;
        Answer::created(&DocumentBody::own(conn, &app.vault, caller, added)?, own_location.clone())
    });
    settle(&app, (object, location), written.await).await
}

/// What was sent, looked at and cleaned.
struct Sent {
    clean: Clean,
    /// Of what came.
    digest: [u8; 32],
    _turn: DocumentTurn,
}

/// Reads a document as it comes, and looks at it.
async fn take(app: &App, bearer: Bearer, request: &HttpRequest, payload: Payload) -> Result<Sent, Problem> {
    app.objects.require()?;
    let turn = app.document_uploads.begin(bearer.person)?;
    let sent = read_upload(request, payload, (LARGEST, "document_too_large")).await?;
    let digest = Sha256::digest(&sent).into();
    let clean = block(move || shelf::clean(&sent)).await.map_err(Error::corrupt)?.map_err(refused)?;
    Ok(Sent { clean, digest, _turn: turn })
}

/// Of which application a document is, and what it is called.
struct What {
    call: CallId,
    application: ApplicationId,
    kind: String,
    name: Option<String>,
}

/// Seals a document and puts it in the store.
async fn put(app: &App, key: DataKey, what: What, clean: Clean) -> Result<New, Problem> {
    let What { call, application, kind, name } = what;
    let (id, object) = (DocumentId::new(), ObjectName::random()?);
    let (media_type, size, sha256) = (clean.media_type, clean.content.len(), clean.digest);
    let sealed = block(move || kept::seal(&key, id, &clean)).await.map_err(Error::corrupt)??;
    let announced = object.clone();
    app.write(move |conn, _| kept::announce(conn, &announced, Instant::now())).await?;
    app.objects.put(&object, sealed).await?;
    Ok(New { id, call, application, kind, media_type, size, sha256, object, name })
}

/// Where what is in the store was not written down, or the same was sent before, it is taken out again.
async fn settle(
    app: &App,
    (object, location): (ObjectName, String),
    written: Result<Answer, Problem>,
) -> Result<Answer, Problem> {
    // Where nobody knows whether it was committed it stays: if it was not, it is swept away.
    let is_needless = match &written {
        Ok(answer) => !answer.is_at(&location),
        Err(problem) => !problem.status.is_server_error(),
    };
    if is_needless {
        shelf::discard(&app.objects, vec![object]);
    }
    written
}

/// What you sent with an application, or will with a draft; the oldest first.
#[utoipa::path(
    tag = "Your documents",
    params(("id" = String, Path, description = "The draft or application.", format = Uuid)),
    responses(
        (status = 200, description = "All of them.", body = Page<DocumentBody>),
        (status = 404, description = "There is no such draft or application of yours.")
    )
)]
#[get("/me/applications/{id}/documents")]
pub async fn list(app: App, bearer: Bearer, Query(()): Query<()>, id: Path<String>) -> Result<Answer, Problem> {
    let items = signed_in::read(&app, bearer, move |conn, app, caller, _| {
        let all = documents::list(conn, caller, path_id(&id)?)?;
        all.into_iter()
            .map(|document| DocumentBody::own(conn, &app.vault, caller, document))
            .collect::<Result<Vec<_>>>()
    });
    Ok(Answer::ok(&Page { items: items.await?, next: None })?)
}

/// A document of yours, as a file.
#[utoipa::path(
    tag = "Your documents",
    params(("id" = String, Path, description = "The document.", format = Uuid)),
    responses(
        (status = 200, description = "The file.", body = String, content_type = "application/octet-stream"),
        (status = 404, description = "There is no such document of yours.")
    )
)]
#[get("/me/documents/{id}")]
pub async fn one(app: App, bearer: Bearer, id: Path<String>) -> Result<HttpResponse, Problem> {
    let found = signed_in::read(&app, bearer, move |conn, _, caller, _| kept::own(conn, caller, path_id(&id)?));
    let document = found.await?;
    let turn = app.document_downloads.begin(bearer.person)?;
    let (document, content) = read_own(&app, bearer, document).await?;
    Ok(file(&document, content, turn))
}

/// A document of one's own, or of an application that was merged with one's own, with what is in it.
///
/// # Errors
/// [`Error::NotFound`] where it was removed meanwhile; those of the store.
pub async fn read_own(app: &App, bearer: Bearer, document: Document) -> Result<(Document, Vec<u8>), Problem> {
    let sealed = app.objects.get(&document.object).await?;
    signed_in::read(app, bearer, move |conn, app, caller, _| {
        let document = documents::find_with_merged(conn, caller, document.id)?;
        let content = kept::open(conn, &Opener::own(&app.vault, document.person), &document, &sealed)?.to_vec();
        Ok((document, content))
    })
    .await
}

/// A document as it is handed out: to be saved, and to do nothing where it is opened all the same.
fn file(document: &Document, content: Vec<u8>, turn: DocumentTurn) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, document.media_type.as_str()))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", document.file_name())))
        .insert_header((CONTENT_SECURITY_POLICY, SANDBOX))
        .body(Sending::new(content, turn))
}
