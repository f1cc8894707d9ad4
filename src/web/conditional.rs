//! Changes only of what was seen: `If-Match` (RFC 9110, section 13.1.1) with the version that `ETag` gave.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpRequest};

use super::problem::Problem;
use crate::error::FieldError;
use crate::version::Seen;

/// What the header looks like, for the document of the API.
pub const PATTERN: &str = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#;

/// The versions that a change was decided on; `*` is whatever there is. 428 where a request names none; 400 where what
/// it names is no list of tags. A tag that we could not have given is as one of another version.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub Seen);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let missing = || Problem::new(StatusCode::PRECONDITION_REQUIRED, "precondition_required");
        ready(named(request).and_then(|seen| seen.map(Self).ok_or_else(missing)))
    }
}

/// The same where a request may leave it out: then it is whatever there is.
#[derive(Debug, Clone, Copy)]
pub struct IfMatchOrAny(pub Seen);

impl FromRequest for IfMatchOrAny {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(named(request).map(|seen| Self(seen.unwrap_or(Seen::ANY))))
    }
}

/// What a request names; nothing where it has no such header.
fn named(request: &HttpRequest) -> Result<Option<Seen>, Problem> {
    let garbled = || {
        let field = FieldError { field: "If-Match".into(), code: "if_match", argument: None };
        Problem::fields(StatusCode::BAD_REQUEST, "bad_request", vec![field])
    };
    let lines: Vec<_> =
        request.headers().get_all(IF_MATCH).map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    match lines.is_empty() {
        true => Ok(None),
        false => seen(&lines.join(",")).map(Some).ok_or_else(garbled),
    }
}

/// `*`, or a list of tags, of which items may be empty; nothing for what is neither. A weak tag never matches.
fn seen(header: &str) -> Option<Seen> {
    let is_blank = |sign: char| matches!(sign, ' ' | '\t');
    let is_between = |sign: char| matches!(sign, ' ' | '\t' | ',');
    if header.trim_matches(is_blank) == "*" {
        return Some(Seen::ANY);
    }
    let mut versions = Vec::new();
    let mut rest = header.trim_matches(is_between);
    loop {
        let weak = rest.strip_prefix("W/");
        let (inside, behind) = weak.unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
        if !inside.chars().all(is_of_tag) {
            return None;
        }
        versions.extend(version(inside).filter(|_| weak.is_none()));
        let behind = behind.trim_start_matches(is_blank);
        match behind.strip_prefix(',') {
            Some(next) => rest = next.trim_start_matches(is_between),
            None => return behind.is_empty().then(|| Seen::one_of(versions)),
        }
    }
}

/// What a tag may hold between its quotation marks (RFC 9110, section 8.8.3).
fn is_of_tag(sign: char) -> bool {
    sign.is_ascii_graphic() || !sign.is_ascii()
}

/// The version in a tag, written as `ETag` writes it.
fn version(inside: &str) -> Option<i32> {
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
        // No version of ours, so never the current one.
        for other in ["W/\"7\"", "\"+7\"", "\"07\"", "\"99999999999\"", "\"\"", "\"7,7\"", "\"\u{fffd}\"", ",W/\"\","] {
            assert_eq!(seen(other), Some(Seen::one_of([])), "{other}");
        }
        for wrong in ["", " , ", "7", "\"7", "w/\"7\"", "W/7", "\"7\" \"7\"", "*, *", "\"7\", *", "\"7 7\"", "\""] {
            assert_eq!(seen(wrong), None, "{wrong}");
        }
    }
}
