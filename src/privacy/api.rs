//! One's own data over HTTP: all of it as one file.

use std::io::{Cursor, Write};

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::actions;
use crate::accounts::signed_in;
use crate::error::{Error, Result};
use crate::language::text;
use crate::web::{App, Bearer, Problem, Spoken};

const DATA: &str = "data.json";

/// Every route of this slice.
pub fn routes(config: &mut ServiceConfig) {
    config.service(data);
}

/// Everything that the fund holds of you, as a ZIP file: `data.json`, and a word on what stands in it.
#[utoipa::path(
    tag = "You",
    responses(
        (status = 200, description = "A ZIP file.", body = String, content_type = "application/zip"),
        (status = 403, description = "Prove first who you are (step_up_required).")
    )
)]
#[get("/me/data")]
pub async fn data(app: App, bearer: Bearer, spoken: Spoken) -> Result<HttpResponse, Problem> {
    let everything = signed_in::read(&app, bearer, move |conn, app, caller, now| {
        actions::everything(conn, &app.vault, caller, spoken.0, now)
    });
    let everything = serde_json::to_vec_pretty(&everything.await?).map_err(Error::corrupt)?;
    let about = text(spoken.0, "data-about", &[("file", DATA)]).unwrap_or_default();
    let files = [(DATA, everything.as_slice()), ("README.txt", about.as_bytes())];
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/zip"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"fond-data.zip\""))
        .body(archive(&files)?))
}

fn archive(files: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).map_err(Error::corrupt)?;
        zip.write_all(bytes).map_err(Error::corrupt)?;
    }
    zip.finish().map(Cursor::into_inner).map_err(Error::corrupt)
}
