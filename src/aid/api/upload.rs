//! A register as a CSV file: taken as it comes, and in force as a whole or not at all.
//!
//! ```text
//! payload ─► feed (30 s, 256 MiB) ─► pieces ─► a thread: rows checked, sorted, sealed ─► chunks ─► a write each
//!                                                                    end ─► one update: in force, or all is discarded
//! ```

use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, post, rt};
use futures_util::StreamExt;
use serde::Serialize;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{sleep, timeout};
use utoipa::{IntoParams, ToSchema};

use super::registers::RegisterBody;
use crate::accounts::actions::act_on;
use crate::accounts::{Actor, Permission, signed_in};
use crate::aid::actions::{self, Load, LoadedRow};
use crate::aid::file::{self, Contents, Ending, Piece, Taken};
use crate::aid::rules::{Faults, RecordIndexes};
use crate::aid::runs::{CHUNK, Runs};
use crate::calls;
use crate::clock::Date;
use crate::db::Conn;
use crate::error::{Error, FieldError, Result};
use crate::ids::{CallId, ProgrammeId, RegisterId};
use crate::web::{
    Answer, App, Bearer, Fields, Input, Once, Problem, Query, RowProblem, RowProblemBody, Spoken, path_id,
};

/// The most that a file may hold, in bytes.
const LARGEST_FILE: usize = 256 * 1024 * 1024;
/// Where nothing comes for so long, nothing more is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many pieces wait to be read, and how many chunks to be written: what a slow side holds back the other with.
const PIECES: usize = 8;
const CHUNKS: usize = 2;
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// How a file is taken.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// Only say what would come of it: nothing is written.
    dry_run: Option<bool>,
}

impl Input for UploadQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { dry_run: fields.optional("dry_run")? })
    }
}

/// What would come of a file.
#[derive(Serialize, ToSchema)]
pub struct DryRunBody {
    #[schema(example = 1842)]
    rows: u64,
    #[schema(example = 1500)]
    rows_with_jmbg: u64,
    /// They find people by name and municipality, which a person then looks at.
    #[schema(example = 342)]
    rows_without_jmbg: u64,
    /// Rows that name an applicant of the call and were paid in its window.
    #[schema(example = 7)]
    rows_that_hit: u64,
    /// While there is one, the file will not come into force.
    #[schema(example = 0)]
    bad_rows: u64,
    /// Every bad row, by what is wrong with it.
    problems: Vec<RowProblemBody>,
}

/// The register, or with `dry_run` what would come of the file.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the document shows the two answers as one schema")]
pub enum UploadedBody {
    Register(RegisterBody),
    DryRun(DryRunBody),
}

/// Upload a register: CSV with the columns jmbg, name, municipality, amount and paid_on in any order, separated by commas or
/// semicolons, at most 256 MiB and 1,000,000 rows. It comes into force as a whole; while one row is wrong, not at all.
#[utoipa::path(
    tag = "Aid",
    params(
        ("id" = String, Path, description = "The programme.", format = Uuid),
        UploadQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "So that a retry is done once.", min_length = 1, max_length = 255, pattern = "^[!-~]+$")
    ),
    request_body(
        content = String,
        content_type = "text/csv",
        description = "UTF-8 (RFC 4180), in either script. Amounts 30000.00 or 30.000,00, days 2020-04-15 or 15.4.2020.",
        example = "jmbg,name,municipality,amount,paid_on\r\n0101985660000,Ana Anić,Beograd,30000.00,2020-04-15\r\n"
    ),
    responses(
        (status = 200, description = "The same file is in force already; or the dry run.", body = UploadedBody),
        (status = 201, description = "In force. Applications that it names are checked again.", body = RegisterBody),
        (status = 403, description = "Only administrators."),
        (status = 404, description = "There is no such programme."),
        (status = 409, description = "Another file is being taken for the same call (`upload_running`)."),
        (status = 413, description = "It is larger than 256 MiB, or has more than 1,000,000 rows (`rows_many`).")
    )
)]
#[post("/aid-programmes/{id}/registers")]
pub async fn upload(
    app: App,
    bearer: Bearer,
    key: Once,
    request: HttpRequest,
    Query(query): Query<UploadQuery>,
    Spoken(language): Spoken,
    id: Path<String>,
    payload: Payload,
) -> Result<Answer, Problem> {
    require_csv(&request)?;
    let programme: ProgrammeId = path_id(&id).unwrap_or_else(|_| ProgrammeId::new());
    let upload = app.uploads.begin(call_of(&app, bearer, programme).await?)?;
    let (give, pieces) = channel(PIECES);
    let is_dry = query.dry_run.unwrap_or_default();
    // On its own: where whoever sends goes away this handler ends with them, and what was loaded must still be discarded.
    let taken = if is_dry {
        let round = begin_dry(&app, bearer, programme).await?;
        let app = app.clone();
        rt::spawn(async move {
            let seen = look_through(&app, round, pieces).await;
            drop(upload);
            let (contents, hits) = seen?;
            Ok(Answer::ok(&dry_run(contents, hits, language))?)
        })
    } else {
        let begun = begin(&app, bearer, programme).await?;
        let app = app.clone();
        rt::spawn(async move {
            let answer = take(app, (bearer, key), begun, pieces).await;
            drop(upload);
            answer
        })
    };
    let fed = feed(&request, payload, give).await;
    let answer = taken.await.map_err(|error| Problem::from(Error::corrupt(error)))?;
    fed?;
    let answer = answer?;
    (app.wake)();
    Ok(answer)
}

fn require_csv(request: &HttpRequest) -> Result<(), Problem> {
    let header = |name: HeaderName| {
        request.headers().get(name).map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase()).unwrap_or_default()
    };
    let media_type = header(CONTENT_TYPE);
    let mut parts = media_type.split(';').map(str::trim);
    let is_csv = parts.next() == Some("text/csv");
    let is_utf8 = parts.all(|part| part.strip_prefix("charset=").is_none_or(|set| set.trim_matches('"') == "utf-8"));
    let is_plain = matches!(header(CONTENT_ENCODING).as_str(), "" | "identity");
    if is_csv && is_utf8 && is_plain {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "csv_expected"))
}

/// Hands the body on as it comes. Where nobody takes it any more the rest is read over, so that the answer can be heard.
async fn feed(request: &HttpRequest, mut payload: Payload, give: Sender<Piece>) -> Result<(), Problem> {
    let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large");
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > LARGEST_FILE) {
        return Err(too_large());
    }
    let mut size: usize = 0;
    loop {
        let late = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout");
        let Some(bytes) = timeout(PATIENCE, payload.next()).await.map_err(late)? else { break };
        let bytes = bytes.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "bad_request"))?;
        size = size.saturating_add(bytes.len());
        if size > LARGEST_FILE {
            return Err(too_large());
        }
        let _ = give.send(Piece::Bytes(bytes)).await;
    }
    let _ = give.send(Piece::End).await;
    Ok(())
}

/// Asks for the right before a byte of the file is read; says for which call it is.
async fn call_of(app: &App, bearer: Bearer, programme: ProgrammeId) -> Result<CallId, Problem> {
    signed_in::read(app, bearer, move |conn, _, caller, now| {
        let call = actions::call_of_programme(conn, programme)?;
        act_on(conn, caller, Permission::ImportAid, call, now)?;
        call.ok_or(Error::NotFound)
    })
    .await
}

/// Begins a register that nobody sees yet; the right is asked again, because a place among the uploads came between.
async fn begin(app: &App, bearer: Bearer, programme: ProgrammeId) -> Result<(Load, Actor), Problem> {
    signed_in::write(app, bearer, move |conn, app, caller, now| {
        let call = actions::call_of_programme(conn, programme)?;
        let actor = act_on(conn, caller, Permission::ImportAid, call, now)?;
        Ok((actions::begin_load(conn, &app.vault, &actor, programme, now)?, actor))
    })
    .await
}

/// Takes a whole file and puts it in force; whatever else happens, nothing of it stays.
async fn take(
    app: App,
    (bearer, key): (Bearer, Once),
    (load, actor): (Load, Actor),
    pieces: Receiver<Piece>,
) -> Result<Answer, Problem> {
    let (register, programme) = (load.register, load.programme);
    let answer = match fill(&app, load, actor, pieces).await.and_then(whole) {
        Ok(contents) => {
            let key = (key.with_body(&contents.digest), contents.digest);
            put_in_force(&app, bearer, key, (register, programme)).await
        }
        Err(problem) => Err(problem),
    };
    // A register in force stays; this one is not, where it failed or the same file was there before.
    discard(&app, register).await;
    answer
}

/// Reads, seals and writes the rows; says what the file held. Between two chunks as much time passes as one takes, so that
/// whoever waited for one never waits for the next too.
async fn fill(app: &App, load: Load, actor: Actor, pieces: Receiver<Piece>) -> Result<Contents, Problem> {
    let (give, mut chunks) = channel::<Vec<LoadedRow>>(CHUNKS);
    let (register, vault) = (load.register, Arc::clone(&app.vault));
    let reading = rt::task::spawn_blocking(move || {
        let mut runs = Runs::new(&vault, &load.key, give);
        file::read(pieces, true, |record| runs.take(record))
    });
    while let Some(rows) = chunks.recv().await {
        let actor = actor.clone();
        let began = Stopwatch::now();
        app.write(move |conn, app| actions::append(conn, &app.vault, &actor, register, &rows)).await?;
        sleep(began.elapsed().min(LONGEST_PAUSE)).await;
    }
    Ok(reading.await.map_err(Error::corrupt)??)
}

/// What a file held, where all of it is there and right.
fn whole(contents: Contents) -> Result<Contents, Problem> {
    match contents.ending {
        Ending::TooMany => {
            let many = FieldError { field: "row".to_owned(), code: "rows_many", argument: None };
            Err(Problem::fields(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", vec![many]))
        }
        Ending::BrokenOff => Err(Problem::new(StatusCode::BAD_REQUEST, "bad_request")),
        Ending::Whole if contents.faults.is_empty() => Ok(contents),
        Ending::Whole => Err(Problem::rows(row_problems(contents.faults))),
    }
}

fn row_problems(faults: Faults) -> Vec<RowProblem> {
    faults.into_lines().into_iter().map(|((field, code), lines)| RowProblem { field, code, lines }).collect()
}

async fn put_in_force(
    app: &App,
    bearer: Bearer,
    (key, digest): (Once, [u8; 32]),
    load: (RegisterId, ProgrammeId),
) -> Result<Answer, Problem> {
    let right = move |conn: &mut Conn, caller: &_, now| {
        let call = actions::call_of_programme(conn, load.1)?;
        act_on(conn, caller, Permission::ImportAid, call, now)
    };
    signed_in::once_as(app, bearer, key, right, move |conn, _, _, actor, now| {
        let register = actions::finish_load(conn, actor, load, &digest, now)?;
        let location = format!("/api/v1/aid-registers/{}", register.id);
        let is_new = register.id == load.0;
        let body = RegisterBody::from(register);
        if is_new { Answer::created(&body, location) } else { Answer::ok(&body) }
    })
    .await
}

/// Deletes what was loaded, a part at a time. What cannot be deleted now is swept away later.
async fn discard(app: &App, register: RegisterId) {
    loop {
        match app.write(move |conn, app| actions::discard(conn, &app.vault, register)).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(%error, "a register that was not finished could not be deleted; it is swept away later");
                return;
            }
        }
    }
}

/// The call and the window that a dry run looks into.
type Round = (Actor, (CallId, calls::Window));

async fn begin_dry(app: &App, bearer: Bearer, programme: ProgrammeId) -> Result<Round, Problem> {
    signed_in::read(app, bearer, move |conn, _, caller, now| {
        let call = actions::call_of_programme(conn, programme)?;
        let actor = act_on(conn, caller, Permission::ImportAid, call, now)?;
        let call = calls::actions::find(conn, call.ok_or(Error::NotFound)?)?;
        Ok((actor, (call.id, call.rules.aid_window)))
    })
    .await
}

/// Reads a file, and counts the rows that would hit applications of the call.
async fn look_through(app: &App, (actor, round): Round, pieces: Receiver<Piece>) -> Result<(Contents, u64), Problem> {
    let (give, mut chunks) = channel::<Vec<(RecordIndexes, Date)>>(CHUNKS);
    let vault = Arc::clone(&app.vault);
    let reading = rt::task::spawn_blocking(move || {
        let mut chunk = Vec::with_capacity(CHUNK);
        file::read(pieces, false, |record| {
            let is_end = record.is_none();
            if let Some(record) = record {
                chunk.push((actions::indexes_of(&vault, &record)?, record.paid_on));
            }
            let is_full = is_end || chunk.len() >= CHUNK;
            let is_gone = is_full && give.blocking_send(std::mem::take(&mut chunk)).is_err();
            Ok(if is_gone { Taken::NotAnyMore } else { Taken::GoOn })
        })
    });
    let mut hits: u64 = 0;
    while let Some(rows) = chunks.recv().await {
        let actor = actor.clone();
        let more = app.read(move |conn, app| actions::hits_among(conn, &app.vault, &actor, round, &rows)).await?;
        hits = hits.saturating_add(more);
    }
    let contents = reading.await.map_err(Error::corrupt)??;
    match contents.ending {
        Ending::Whole => Ok((contents, hits)),
        Ending::TooMany | Ending::BrokenOff => whole(contents).map(|contents| (contents, hits)),
    }
}

fn dry_run(contents: Contents, hits: u64, language: crate::language::Language) -> DryRunBody {
    let Contents { rows, rows_with_jmbg, faults, .. } = contents;
    let bad_rows = faults.rows();
    let good_rows = rows.saturating_sub(bad_rows);
    DryRunBody {
        rows,
        rows_with_jmbg,
        rows_without_jmbg: good_rows.saturating_sub(rows_with_jmbg),
        rows_that_hit: hits,
        bad_rows,
        problems: row_problems(faults).iter().map(|row| row.body(language)).collect(),
    }
}
