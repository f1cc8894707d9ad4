//! The language of a request, for the answers that hold texts for people.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::{FromRequest, HttpRequest};

use crate::language::Language;

/// What `Accept-Language` asks for.
#[derive(Debug, Clone, Copy)]
pub struct Spoken(pub Language);

impl Spoken {
    pub(super) fn of(request: &HttpRequest) -> Self {
        let lines: Vec<&str> =
            request.headers().get_all(ACCEPT_LANGUAGE).filter_map(|value| value.to_str().ok()).collect();
        Self(Language::negotiate(Some(&lines.join(","))))
    }
}

impl FromRequest for Spoken {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}
