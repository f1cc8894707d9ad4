//! Changes only of what was seen: `If-Match` (RFC 9110, section 13.1.1) with the version that `ETag` gave.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpRequest};

use super::problem::Problem;
use crate::version::Seen;

/// The versions that a change was decided on; `*` is whatever there is. 428 where a request names none; 412 where none of
/// them can be one of ours.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub Seen);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let missing = || Problem::new(StatusCode::PRECONDITION_REQUIRED, "precondition_required");
        let stale = || Problem::new(StatusCode::PRECONDITION_FAILED, "stale");
        let lines: Vec<&str> =
            request.headers().get_all(IF_MATCH).map(|line| line.to_str().unwrap_or_default()).collect();
        let read = match lines.is_empty() {
            true => Err(missing()),
            false => seen(&lines.join(",")).map(Self).ok_or_else(stale),
        };
        ready(read)
    }
}

/// `*`, or a list of tags. A weak one never matches, nor does one that we could not have given.
fn seen(header: &str) -> Option<Seen> {
    if header.trim() == "*" {
        return Some(Seen::ANY);
    }
    let mut versions = header.split(',').filter_map(|tag| version(tag.trim())).peekable();
    versions.peek()?;
    Some(Seen::one_of(versions))
}

/// The version in a tag, written as `ETag` writes it.
fn version(tag: &str) -> Option<i32> {
    let inside = tag.strip_prefix('"')?.strip_suffix('"')?;
    let version: i32 = inside.parse().ok()?;
    (version.to_string() == inside).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_the_rfc_has_it() {
        assert_eq!(seen(" * "), Some(Seen::ANY));
        assert_eq!(seen("\"7\""), Some(Seen::from(7)));
        assert_eq!(seen("\"1\" ,\"2\",, \"x\", W/\"3\""), Some(Seen::one_of([1, 2])));
        for wrong in ["", "7", "\"7", "W/\"7\"", "\"+7\"", "\"07\"", "\"x\"", "*, *", "\"99999999999\"", "\""] {
            assert_eq!(seen(wrong), None, "{wrong}");
        }
    }
}
