//! An answer that is yes: status, JSON, and the headers that belong to what is shown.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, LOCATION};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use data_encoding::BASE64URL_NOPAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// Everything of an answer that a later retry must see again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    location: Option<String>,
    /// Whoever may keep it, where it is the same for everybody; else nobody.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    public_seconds: Option<u32>,
    body: String,
}

impl Answer {
    pub fn new(status: StatusCode, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_string(body).map_err(Error::corrupt)?;
        Ok(Self { status: status.as_u16(), etag: None, location: None, public_seconds: None, body })
    }

    pub fn ok(body: &impl Serialize) -> Result<Self> {
        Self::new(StatusCode::OK, body)
    }

    pub fn created(body: &impl Serialize, location: String) -> Result<Self> {
        Ok(Self { location: Some(location), ..Self::new(StatusCode::CREATED, body)? })
    }

    /// What was asked for will be done; nothing more is said.
    pub fn accepted(body: &impl Serialize) -> Result<Self> {
        Self::new(StatusCode::ACCEPTED, body)
    }

    pub fn nothing() -> Self {
        let status = StatusCode::NO_CONTENT.as_u16();
        Self { status, etag: None, location: None, public_seconds: None, body: String::new() }
    }

    /// What its body says.
    ///
    /// # Errors
    /// [`Error::Corrupt`] where it says something else.
    pub fn told<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.body).map_err(Error::corrupt)
    }

    /// The same with another body: for what is opened anew each time it is told, so that no kept answer holds it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a body that is no JSON.
    pub fn telling(mut self, body: &impl Serialize) -> Result<Self> {
        self.body = serde_json::to_string(body).map_err(Error::corrupt)?;
        Ok(self)
    }

    /// Whether it tells of what was made here; a first answer that is given again tells of something else.
    pub fn is_at(&self, location: &str) -> bool {
        self.location.as_deref() == Some(location)
    }

    /// With the version that a change must name in `If-Match`.
    #[must_use]
    pub fn version(mut self, version: i32) -> Self {
        self.etag = Some(format!("\"{version}\""));
        self
    }

    /// The same for everybody, so that it may be kept a while and asked for again by what it held.
    #[must_use]
    pub fn public(mut self, seconds: u32) -> Self {
        let digest = Sha256::digest(self.body.as_bytes());
        let start = digest.first_chunk::<12>().copied().unwrap_or_default();
        self.etag = Some(format!("W/\"{}\"", BASE64URL_NOPAD.encode(&start)));
        self.public_seconds = Some(seconds);
        self
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponseBuilder::new(status);
        if let Some(etag) = self.etag {
            response.insert_header((ETAG, etag));
        }
        if let Some(location) = self.location {
            response.insert_header((LOCATION, location));
        }
        if let Some(seconds) = self.public_seconds {
            response.insert_header((CACHE_CONTROL, format!("public, max-age={seconds}")));
        }
        if status == StatusCode::NO_CONTENT {
            return response.finish();
        }
        response.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json")));
        response.body(self.body)
    }
}
