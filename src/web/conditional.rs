//! Changes only of what was seen: `If-Match` (RFC 9110, section 13.1.1) with the version that `ETag` gave.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpRequest};

use super::problem::Problem;

/// The version that a change was decided on. 428 where a request names none; 412 where it cannot be one of ours.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub i32);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let missing = || Problem::new(StatusCode::PRECONDITION_REQUIRED, "precondition_required");
        let stale = || Problem::new(StatusCode::PRECONDITION_FAILED, "stale");
        let read = || {
            let header = request.headers().get(IF_MATCH).ok_or_else(missing)?;
            let tag = header.to_str().unwrap_or_default().trim();
            let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|tag| tag.parse().ok());
            version.map(Self).ok_or_else(stale)
        };
        ready(read())
    }
}
