//! Who sends a request, as its access token says. Whether the session still stands is asked in the transaction.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::problem::Problem;
use crate::crypto::AccessClaims;
use crate::error::Error;
use crate::ids::{PersonId, SessionId};

/// A verified access token.
#[derive(Debug, Clone, Copy)]
pub struct Bearer {
    pub person: PersonId,
    pub session: SessionId,
}

impl From<AccessClaims> for Bearer {
    fn from(claims: AccessClaims) -> Self {
        Self { person: claims.person, session: claims.session }
    }
}

/// The token of a request (RFC 6750, section 2.1), if there is one.
pub(super) fn token(headers: &actix_web::http::header::HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequest for Bearer {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    /// The frame has verified it already, to count the request for its account.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let bearer = request.extensions().get::<Self>().copied();
        ready(bearer.ok_or_else(|| Error::Unauthenticated.into()))
    }
}
