//! What went wrong, as RFC 9457 says it: one place where meanings become statuses and texts.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, ALLOW, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::limits::Decision;
use crate::error::{Error, FieldError};
use crate::language::{Language, text};

/// The kinds of files that are taken as documents, as a text names them.
const DOCUMENT_TYPES: &str = "PDF, JPEG, PNG, HEIC";

/// An answer that is no: rendered by the frame, which knows the language and the request's id.
#[derive(Debug, Clone)]
pub struct Problem {
    pub status: StatusCode,
    /// Stable; the last part of the type.
    pub code: &'static str,
    pub fields: Vec<FieldError>,
    pub retry_after_seconds: Option<u64>,
    /// The methods that the path does know, for 405.
    pub allow: Option<Box<str>>,
    /// What else the answer says: of a change that came too late, both versions.
    pub more: Option<Box<More>>,
    /// What is wrong with the rows of a file.
    pub(super) rows: Option<Box<RowProblems>>,
    /// Why a request could not be answered: for the log, where the frame writes it beside the request's id.
    pub(super) cause: Option<Box<str>>,
    /// The limit that refused, where it is another than that of the account or the address.
    pub(super) limit: Option<Box<Decision>>,
}

/// The body of an error (RFC 9457, application/problem+json).
#[derive(Serialize, ToSchema)]
pub struct ProblemBody {
    /// Which kind of problem; stable, for programs.
    #[serde(rename = "type")]
    #[schema(example = "urn:fond:problem:not_found")]
    pub kind: String,
    /// What it is, in the language of the request.
    #[schema(example = "Not found")]
    pub title: String,
    #[schema(example = 404, minimum = 400, maximum = 599)]
    pub status: u16,
    /// What can be done about it, in the language of the request.
    pub detail: String,
    /// To quote when asking for help.
    #[schema(example = "0199f0c8-6f3f-7cc5-8a5e-0d5f3a1c2b4d")]
    pub request_id: String,
    /// Every field that is wrong, not the first alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldProblem>,
    /// Of a file: every wrong row, by what is wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub rows: Vec<RowProblemBody>,
    /// For a change that came too late: what holds now. Its version is the `ETag` of this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub current: Option<serde_json::Value>,
    /// For a change that came too late: what was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub sent: Option<serde_json::Value>,
}

/// The same thing wrong in some rows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    pub field: &'static str,
    pub code: &'static str,
    /// Counted from 1, the headings too.
    pub lines: Vec<u64>,
}

/// What is wrong with the rows of a file; apart, so that a problem stays small.
#[derive(Debug, Clone)]
pub(super) struct RowProblems(Vec<RowProblem>);

/// Rows of a file in which the same is wrong.
#[derive(Serialize, ToSchema)]
pub struct RowProblemBody {
    /// The column; `row` for the whole of it.
    #[schema(example = "jmbg")]
    field: &'static str,
    /// Stable, for programs.
    #[schema(example = "jmbg_check")]
    code: &'static str,
    /// What is wrong, in the language of the request.
    message: String,
    /// The lines of the file on which such rows begin, counted from 1; the headings are the first.
    #[schema(example = json!([17, 204]))]
    lines: Vec<u64>,
}

impl RowProblem {
    /// As it is shown in a language.
    pub fn body(&self, language: Language) -> RowProblemBody {
        let message = text(language, &format!("field-{}", self.code), &[]);
        RowProblemBody {
            field: self.field,
            code: self.code,
            message: message.unwrap_or_else(|| self.code.to_owned()),
            lines: self.lines.clone(),
        }
    }
}

/// Two versions of the same thing.
#[derive(Debug, Clone)]
pub struct More {
    version: i32,
    current: serde_json::Value,
    /// Nothing where the request had no body.
    sent: Option<serde_json::Value>,
}

/// One wrong field.
#[derive(Serialize, ToSchema)]
pub struct FieldProblem {
    /// Its name in the body, the query or the headers.
    #[schema(example = "email")]
    pub field: String,
    /// Stable, for programs.
    #[schema(example = "missing")]
    pub code: String,
    /// What is wrong, in the language of the request.
    pub message: String,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self {
            status,
            code,
            fields: Vec::new(),
            retry_after_seconds: None,
            allow: None,
            more: None,
            rows: None,
            cause: None,
            limit: None,
        }
    }

    pub fn later(status: StatusCode, code: &'static str, seconds: u64) -> Self {
        Self { retry_after_seconds: Some(seconds.max(1)), ..Self::new(status, code) }
    }

    pub fn fields(status: StatusCode, code: &'static str, fields: Vec<FieldError>) -> Self {
        Self { fields, ..Self::new(status, code) }
    }

    /// 422 for a file with wrong rows: each kind of wrong as a field, and by line.
    pub fn rows(rows: Vec<RowProblem>) -> Self {
        let field = |row: &RowProblem| FieldError { field: row.field.to_owned(), code: row.code, argument: None };
        let fields = rows.iter().map(field).collect();
        let rows = Some(Box::new(RowProblems(rows)));
        Self { rows, ..Self::fields(StatusCode::UNPROCESSABLE_ENTITY, "invalid", fields) }
    }

    /// 412 for a change of an older version, with the version that holds now beside the one that was sent, so that
    /// nothing of either is lost.
    pub fn stale(version: i32, current: serde_json::Value, sent: Option<serde_json::Value>) -> Self {
        let more = More { version, current, sent };
        Self { more: Some(Box::new(more)), ..Self::new(StatusCode::PRECONDITION_FAILED, "stale") }
    }

    /// Writes it in a language.
    pub fn render(&self, language: Language, request_id: &str) -> HttpResponse {
        let seconds = self.retry_after_seconds.unwrap_or(0).to_string();
        let arguments = [("seconds", seconds.as_str()), ("request_id", request_id), ("types", DOCUMENT_TYPES)];
        // A rule's no has a text of its own under one common title.
        let key = format!("problem-{}", self.code);
        let (title, detail) = match text(language, &key, &arguments) {
            Some(title) => (title, text(language, &format!("{key}.detail"), &arguments).unwrap_or_default()),
            None => (
                text(language, "problem-conflict", &arguments).unwrap_or_default(),
                text(language, &format!("refused-{}", self.code), &arguments).unwrap_or_default(),
            ),
        };
        let body = ProblemBody {
            kind: format!("urn:fond:problem:{}", self.code),
            title,
            status: self.status.as_u16(),
            detail,
            request_id: request_id.to_owned(),
            errors: self.fields.iter().map(|wrong| field_problem(language, wrong)).collect(),
            rows: self.rows.iter().flat_map(|rows| &rows.0).map(|row| row.body(language)).collect(),
            current: self.more.as_ref().map(|more| more.current.clone()),
            sent: self.more.as_ref().and_then(|more| more.sent.clone()),
        };
        let mut response = HttpResponseBuilder::new(self.status);
        response.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/problem+json")));
        response.insert_header((CONTENT_LANGUAGE, HeaderValue::from_static(language.as_str())));
        if let Some(seconds) = self.retry_after_seconds {
            response.insert_header((RETRY_AFTER, seconds));
        }
        if let Some(more) = &self.more {
            response.insert_header((ETAG, format!("\"{}\"", more.version)));
        }
        if let Some(methods) = &self.allow {
            response.insert_header((ALLOW, methods.as_ref()));
        }
        if self.code == "unsupported_content_encoding" {
            response.insert_header((ACCEPT_ENCODING, HeaderValue::from_static("identity")));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"fond\"")));
        }
        response.body(serde_json::to_vec(&body).unwrap_or_default())
    }
}

impl FieldProblem {
    /// A wrong field in a language.
    pub fn of(language: Language, wrong: &FieldError) -> Self {
        field_problem(language, wrong)
    }
}

fn field_problem(language: Language, wrong: &FieldError) -> FieldProblem {
    let argument = wrong.argument.as_ref().map(|(name, value)| [(*name, value.as_str())]);
    let arguments = argument.as_ref().map_or(&[][..], |argument| argument.as_slice());
    let message = text(language, &format!("field-{}", wrong.code), arguments);
    FieldProblem {
        field: wrong.field.clone(),
        code: wrong.code.to_owned(),
        message: message.unwrap_or_else(|| wrong.code.to_owned()),
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        use StatusCode as S;
        match error {
            Error::NotFound => Self::new(S::NOT_FOUND, "not_found"),
            Error::Forbidden { .. } => Self::new(S::FORBIDDEN, "forbidden"),
            Error::Unauthenticated => Self::new(S::UNAUTHORIZED, "unauthenticated"),
            Error::Suspended { is_signed_out: true } => Self::new(S::UNAUTHORIZED, "suspended"),
            Error::Suspended { is_signed_out: false } => Self::new(S::FORBIDDEN, "suspended"),
            Error::WrongCredentials => Self::new(S::UNAUTHORIZED, "wrong_credentials"),
            Error::TotpRequired => Self::new(S::FORBIDDEN, "totp_required"),
            Error::StepUpRequired => Self::new(S::FORBIDDEN, "step_up_required"),
            Error::Busy { retry_after_seconds } => Self::later(S::SERVICE_UNAVAILABLE, "busy", retry_after_seconds),
            Error::Fields(fields) => Self::fields(S::UNPROCESSABLE_ENTITY, "invalid", fields),
            Error::Invalid(field, _) => {
                let wrong = FieldError { field, code: "unfit", argument: None };
                Self::fields(S::UNPROCESSABLE_ENTITY, "invalid", vec![wrong])
            }
            Error::KeyReused => Self::new(S::UNPROCESSABLE_ENTITY, "idempotency_mismatch"),
            Error::Refused(refusal) => Self::fields(S::CONFLICT, refusal.code, refusal.fields),
            Error::Stale(_) => Self::new(S::PRECONDITION_FAILED, "stale"),
            error @ Error::Connection(_) => {
                Self { cause: Some(error.to_string().into()), ..Self::later(S::SERVICE_UNAVAILABLE, "busy", 5) }
            }
            error @ Error::Objects(_) => {
                let unavailable = Self::later(S::SERVICE_UNAVAILABLE, "documents_unavailable", 60);
                Self { cause: Some(error.to_string().into()), ..unavailable }
            }
            Error::Database(error) if crate::db::is_lost_race(&error) => Self::later(S::SERVICE_UNAVAILABLE, "busy", 1),
            Error::Database(error) if crate::db::is_lost_connection(&error) => {
                Self { cause: Some(error.to_string().into()), ..Self::later(S::SERVICE_UNAVAILABLE, "busy", 5) }
            }
            error @ (Error::Settings(_)
            | Error::Crypto(_)
            | Error::Overflow
            | Error::Corrupt(_)
            | Error::Unsure(_)
            | Error::Database(_)
            | Error::File { .. }) => {
                Self { cause: Some(error.to_string().into()), ..Self::new(S::INTERNAL_SERVER_ERROR, "internal") }
            }
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}", self.status.as_u16(), self.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// The frame renders it; without the frame there is a status and no body.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status);
        response.extensions_mut().insert(self.clone());
        response
    }
}
