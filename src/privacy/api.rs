//! One's own data over HTTP: all of it as one file.

use std::io::{Cursor, Write};

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, delete, get, web};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::actions::{self, Everything};
use super::{access_log, erasure, list};
use crate::accounts::signed_in;
use crate::applications::actions::documents as sent;
use crate::applications::api::read_own;
use crate::documents::{self, Document};
use crate::error::{Error, Result};
use crate::language::text;
use crate::web::{Answer, App, Bearer, Problem, Sending, Spoken};

const DATA: &str = "data.json";

/// Every route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(data).service(erase).service(access_log::show);
}

/// What the fund holds of you, as a ZIP file: your documents, `data.json`, and a word on what stands in it, what does not, and why.
#[utoipa::path(
    tag = "You",
    responses(
        (status = 200, description = "A ZIP file.", body = String, content_type = "application/zip"),
        (status = 403, description = "Prove first who you are (step_up_required)."),
        (status = 503, description = "Two such files with documents are being sent out, or one to you (downloads_running).")
    )
)]
#[get("/me/data")]
pub async fn data(app: App, bearer: Bearer, spoken: Spoken) -> Result<HttpResponse, Problem> {
    let everything = signed_in::read(&app, bearer, move |conn, app, caller, now| {
        actions::everything(conn, &app.vault, caller, spoken.0, now)
    });
    let Everything { mut data, documents } = everything.await?;
    // All of them are in memory until the last byte is sent, so there are few such files at once.
    let turn = if documents.is_empty() { None } else { Some(app.archives.begin(bearer.person)?) };
    let mut archive = Archive::new();
    let mut all = Vec::new();
    for document in documents {
        // What cannot be read must not withhold the rest.
        let read = read_own(&app, bearer, document.clone()).await;
        if let Ok((document, content)) = &read {
            archive.keep(&actions::path(document), content)?;
        }
        all.push((document, read.is_ok()));
    }
    let listed = signed_in::read(&app, bearer, move |conn, app, _, _| {
        let listed = |(document, is_there): &(Document, bool)| actions::listed(conn, &app.vault, (document, *is_there));
        all.iter().map(listed).collect::<Result<Vec<Value>>>()
    });
    data.insert("documents".to_owned(), Value::Array(listed.await?));
    let data = serde_json::to_vec_pretty(&data).map_err(Error::corrupt)?;
    let about = text(spoken.0, "data-about", &[("file", DATA)]).unwrap_or_default();
    archive.write(DATA, &data)?;
    archive.write("README.txt", about.as_bytes())?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, "application/zip"));
    answer.insert_header((CONTENT_DISPOSITION, "attachment; filename=\"fond-data.zip\""));
    let file = archive.finish()?;
    Ok(match turn {
        Some(turn) => answer.body(Sending::new(file, turn)),
        None => answer.body(file),
    })
}

/// Erases everything that the fund holds of you, for good: account, drafts, and what you sent in. Who received what was paid is
/// kept for as long as the law on accounting asks, and of your JMBG a bare index until nobody can be paid twice any more.
/// What is under way is withdrawn, or its award declined, before.
#[utoipa::path(
    tag = "You",
    responses(
        (status = 204, description = "Erased. You are signed out everywhere."),
        (status = 403, description = "Prove first who you are (step_up_required)."),
        (status = 409, description = "An application is under way (application_running), or you hold a role (roles_held).")
    )
)]
#[delete("/me")]
pub async fn erase(app: App, bearer: Bearer) -> Result<Answer, Problem> {
    let erased = signed_in::write(&app, bearer, |conn, app, caller, now| {
        let documents = sent::with_merged(conn, caller.person)?;
        erasure::erase_oneself(conn, &app.vault, caller, now)?;
        Ok(documents.into_iter().map(|document| document.object).collect::<Vec<_>>())
    });
    let objects = erased.await?;
    // Before it is answered: whoever was told that they are forgotten is forgotten in every backup too.
    let (db, path) = (app.db.clone(), app.erasures_file.clone());
    let written = web::block(move || list::write_down(&db, &path)).await;
    if let Ok(Err(error)) = written {
        tracing::error!(%error, "an erasure is not on the list outside the database yet; trying again every second");
    }
    documents::discard(&app.objects, objects);
    Ok(Answer::nothing())
}

/// A ZIP file that is being written.
struct Archive(ZipWriter<Cursor<Vec<u8>>>);

impl Archive {
    fn new() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.add(name, bytes, SimpleFileOptions::default())
    }

    /// The same as it is: pictures and PDF are packed already.
    fn keep(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.add(name, bytes, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))
    }

    fn add(&mut self, name: &str, bytes: &[u8], options: SimpleFileOptions) -> Result<()> {
        self.0.start_file(name, options).map_err(Error::corrupt)?;
        self.0.write_all(bytes).map_err(Error::corrupt)
    }

    fn finish(self) -> Result<Vec<u8>> {
        self.0.finish().map(Cursor::into_inner).map_err(Error::corrupt)
    }
}
