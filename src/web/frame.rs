//! Around every handler: the request's id, its limit, its body, its deadline, its headers, its line in the log.

use std::net::IpAddr;
use std::pin::pin;
use std::time::{Duration, Instant as Stopwatch};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::BytesMut;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::bearer::{Bearer, token};
use super::input::Body;
use super::limits::{Decision, too_many};
use super::metrics::known_method;
use super::problem::Problem;
use super::services::{App, Services};
use super::spoken::Spoken;
use super::wire::Turn;
use crate::clock::Instant;
use crate::db::Patience;
use crate::ids::RequestId;
use crate::language::Language;

/// The most that a body may hold, in bytes.
const LARGEST_BODY: usize = 1024 * 1024;
/// A body that takes longer is not waited for.
const BODY_DEADLINE: Duration = Duration::from_secs(30);
/// A handler that takes longer is not waited for, but for the few below.
const HANDLER_DEADLINE: Duration = Duration::from_secs(10);
/// Nor is a commit that has begun by then, beyond this.
const COMMIT_DEADLINE: Duration = Duration::from_secs(5);
/// The paths that take files. Their handlers give up where nothing comes for 30 s, and say how large a file may be.
const UPLOADS: [&str; 2] = ["/registers", "/documents"];
const UPLOAD_DEADLINE: Duration = Duration::from_secs(3600);
/// The path that gives everything of a person: its handler reads all of their documents.
const ARCHIVE: &str = "/me/data";
const ARCHIVE_DEADLINE: Duration = Duration::from_secs(600);
/// Nothing that a browser shows of an answer may load, post or embed anything.
const POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The frame of every request; see the module's picture in `web`.
///
/// # Errors
/// Only where a handler is late: the error holds the finished answer, for the request is gone with the handler.
pub async fn frame(
    app: App,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let began = Stopwatch::now();
    let id = RequestId::new().to_string();
    let method = known_method(request.method().as_str());
    let language = language(request.request());
    // The library leaves the body of an answer to HEAD out by itself; everything else is as for GET.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let _turn = request.conn_data::<Turn>().map(Turn::take);
    let (mut limit, admitted) = admit(&app, request).await;
    let mut response = match admitted {
        Err((request, problem)) => request.into_response(problem.error_response()),
        Ok(request) => match in_time(deadline(request.request()), next.call(request)).await {
            Ok(answered) => answered?.map_into_boxed_body(),
            Err(problem) => {
                tracing::warn!(request_id = %id, method, problem = %problem, "a handler was late");
                app.metrics.count(method, "late", problem.status.as_str(), began.elapsed());
                let mut late = problem.render(language, &id);
                write_headers(&app, late.headers_mut(), &id, limit.as_ref());
                return Err(InternalError::from_response("late", late).into());
            }
        },
    };
    let problem = response.response_mut().extensions_mut().remove::<Problem>();
    if let Some(problem) = problem {
        if let Some(cause) = &problem.cause {
            tracing::error!(request_id = %id, method, cause, "a request could not be answered");
        }
        report_refusal(&response, &problem, &id);
        limit = problem.limit.as_deref().cloned().or(limit);
        response = rendered(response, &problem, language, &id);
    }
    if is_unchanged(&response) {
        response = unchanged(response);
    }
    if app.stopping_since.get().is_some() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    write_headers(&app, response.headers_mut(), &id, limit.as_ref());
    report(&app, &response, method, &id, began.elapsed());
    Ok(response)
}

/// Around what answers before the frame: the rules for other origins, and the compression, which refuses whoever takes
/// neither what it can do nor the plain bytes. These answers get the frame's headers too, and a no is a problem like any other.
///
/// # Errors
/// Those of the handlers, unchanged.
pub async fn outermost<B: MessageBody + 'static>(
    app: App,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let (began, method, language) =
        (Stopwatch::now(), known_method(request.method().as_str()), language(request.request()));
    let response = next.call(request).await?;
    if response.headers().contains_key(REQUEST_ID) {
        return Ok(response.map_into_left_body());
    }
    let id = RequestId::new().to_string();
    let refused = match response.status() {
        StatusCode::NOT_ACCEPTABLE => Some(Problem::new(StatusCode::NOT_ACCEPTABLE, "not_acceptable")),
        status if status.is_client_error() => Some(Problem::new(StatusCode::BAD_REQUEST, "bad_request")),
        _ => None,
    };
    let mut response = match refused {
        Some(problem) => rendered(response, &problem, language, &id).map_into_right_body(),
        None => response.map_into_left_body(),
    };
    write_headers(&app, response.headers_mut(), &id, None);
    report(&app, &response, method, &id, began.elapsed());
    Ok(response)
}

/// Waits for a handler, as long as there is patience. One that is late has done nothing and will do nothing: what it writes
/// is not committed any more. Only where the database is in the midst of a commit is it waited for a little longer.
async fn in_time<T>(deadline: Duration, handling: impl Future<Output = T>) -> Result<T, Problem> {
    let patience = Patience::default();
    let mut handling = pin!(patience.during(handling));
    if let Ok(answered) = timeout(deadline, &mut handling).await {
        return Ok(answered);
    }
    if patience.give_up() {
        return Err(Problem::later(StatusCode::SERVICE_UNAVAILABLE, "busy", 5));
    }
    // Whether it is done nobody can say then, so nobody says that it is not.
    timeout(COMMIT_DEADLINE, handling).await.map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal"))
}

fn language(request: &HttpRequest) -> Language {
    Spoken::of(request).0
}

/// Counts the answer, and writes its line into the log: nothing of a person, and the route instead of the path.
fn report<B>(app: &Services, response: &ServiceResponse<B>, method: &str, id: &str, took: Duration) {
    let route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
    let (status, micros) = (response.status(), took.as_micros());
    app.metrics.count(method, &route, status.as_str(), took);
    tracing::debug!(request_id = %id, method, route, status = status.as_u16(), micros, "answered");
}

/// Writes down who was refused for who they are or how often they asked: by id, and why in a word.
fn report_refusal(response: &ServiceResponse<BoxBody>, problem: &Problem, id: &str) {
    if !matches!(problem.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS) {
        return;
    }
    let route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
    let person = response.request().extensions().get::<Bearer>().map(|bearer| bearer.person.to_string());
    tracing::info!(request_id = %id, route, code = problem.code, person, "refused");
}

/// Counts the request and reads its body. What is refused here reaches no handler.
async fn admit(
    app: &Services,
    mut request: ServiceRequest,
) -> (Option<Decision>, Result<ServiceRequest, (ServiceRequest, Problem)>) {
    // Who would only wait is told so before anything else is done for it.
    if !is_safe(request.method()) && !is_upload(request.request()) && app.db.is_crowded() {
        return (None, Err((request, Problem::later(StatusCode::SERVICE_UNAVAILABLE, "busy", 1))));
    }
    let bearer = token(request.headers()).and_then(|token| app.tokens.verify(token, Instant::now()).ok());
    let decision = match bearer {
        Some(claims) => Some(app.limits.account(claims.person)),
        None => address(app, &request).map(|address| app.limits.address(address)),
    };
    if let Some(seconds) = decision.as_ref().and_then(|decision| decision.retry_after_seconds) {
        return (decision, Err((request, too_many(seconds))));
    }
    if let Some(claims) = bearer {
        request.extensions_mut().insert(Bearer::from(claims));
    }
    if !is_safe(request.method()) && !is_upload(request.request()) {
        match read_body(&mut request).await {
            Ok(body) => drop(request.extensions_mut().insert(body)),
            Err(problem) => return (decision, Err((request, problem))),
        }
    }
    (decision, Ok(request))
}

/// Whether the handler reads the body itself, as it comes: what may be larger than memory should hold.
fn is_upload(request: &HttpRequest) -> bool {
    request.method() == Method::POST && UPLOADS.iter().any(|ending| request.path().ends_with(ending))
}

fn deadline(request: &HttpRequest) -> Duration {
    match is_upload(request) {
        true => UPLOAD_DEADLINE,
        false if request.method() == Method::GET && request.path().ends_with(ARCHIVE) => ARCHIVE_DEADLINE,
        false => HANDLER_DEADLINE,
    }
}

/// Whether a request changes nothing, so that no body is read: it only asks, or there is no route for it. What follows a
/// CONNECT has no end to wait for.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::OPTIONS | Method::CONNECT)
}

/// Reads the whole body. actix itself would wait for a slow one for ever. One that says it is too large is not waited for.
async fn read_body(request: &mut ServiceRequest) -> Result<Body, Problem> {
    let mut payload = request.take_payload();
    let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large");
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > LARGEST_BODY) {
        return Err(too_large());
    }
    let read = async {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "bad_request"))?;
            if bytes.len().saturating_add(chunk.len()) > LARGEST_BODY {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Body(bytes.freeze()))
    };
    let late = |_| Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout"));
    timeout(BODY_DEADLINE, read).await.unwrap_or_else(late)
}

/// The problem in the language of the request. A body that was not read to its end leaves the connection unusable.
fn rendered<B>(response: ServiceResponse<B>, problem: &Problem, language: Language, id: &str) -> ServiceResponse {
    let (request, _) = response.into_parts();
    let mut rendered = problem.render(language, id);
    if matches!(problem.status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
        rendered.head_mut().set_connection_type(ConnectionType::Close);
    }
    ServiceResponse::new(request, rendered)
}

/// 304 with what the caller may compare next time.
fn unchanged(response: ServiceResponse) -> ServiceResponse {
    let (request, full) = response.into_parts();
    let mut short = HttpResponse::NotModified().finish();
    for name in [ETAG, CACHE_CONTROL] {
        if let Some(value) = full.headers().get(&name) {
            short.headers_mut().insert(name, value.clone());
        }
    }
    ServiceResponse::new(request, short)
}

/// Whether the caller holds the same already (RFC 9110, section 13.1.2).
fn is_unchanged<B>(response: &ServiceResponse<B>) -> bool {
    let held = response.request().headers().get(IF_NONE_MATCH);
    let current = response.headers().get(ETAG);
    let is_read = *response.request().method() == Method::GET && response.status() == StatusCode::OK;
    match (held.and_then(|held| held.to_str().ok()), current.and_then(|current| current.to_str().ok())) {
        (Some(held), Some(current)) if is_read => {
            let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
            held.split(',').any(|tag| opaque(tag) == opaque(current) || tag.trim() == "*")
        }
        _ => false,
    }
}

/// Where a request comes from: the peer, or what the last proxy that is not trusted gave to one that is. Behind a hop that
/// cannot be read nothing is believed: it was written by whoever sent the request.
fn address(app: &Services, request: &ServiceRequest) -> Option<IpAddr> {
    let trusted = &app.settings.http.trusted_proxies;
    let peer = request.peer_addr()?.ip().to_canonical();
    if !trusted.contains(&peer) {
        return Some(peer);
    }
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
    let mut nearest = peer;
    for hop in hops.into_iter().rev() {
        match hop_address(hop.trim()) {
            Some(hop) if trusted.contains(&hop) => nearest = hop,
            Some(hop) => return Some(hop),
            None => return Some(nearest),
        }
    }
    Some(nearest)
}

/// An address as proxies write it: alone, with a port, or in brackets.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    hop.parse().ok().or_else(with_port).or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

pub(super) fn write_headers(app: &Services, headers: &mut HeaderMap, id: &str, limit: Option<&Decision>) {
    let is_https = app.settings.http.public_url.starts_with("https://");
    let fixed = |value: &'static str| HeaderValue::from_static(value);
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, fixed("no-store"));
    }
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, fixed(POLICY));
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    headers.insert(X_FRAME_OPTIONS, fixed("DENY"));
    headers.insert(REFERRER_POLICY, fixed("no-referrer"));
    headers.insert(RESOURCE_POLICY, fixed("same-origin"));
    headers.append(VARY, fixed("Accept-Language, Authorization"));
    if is_https {
        headers.insert(STRICT_TRANSPORT_SECURITY, fixed("max-age=63072000; includeSubDomains"));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some((policy, state)) = limit.map(Decision::headers) {
        let values = (HeaderValue::from_str(policy), HeaderValue::from_str(state));
        if let (Ok(policy), Ok(state)) = values {
            headers.insert(RATE_LIMIT_POLICY, policy);
            headers.insert(RATE_LIMIT, state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_or_gives_many_documents_has_longer() {
        for (method, path, expected) in [
            (Method::GET, "/api/v1/me/data", ARCHIVE_DEADLINE),
            (Method::DELETE, "/api/v1/me", HANDLER_DEADLINE),
            (Method::GET, "/api/v1/me/documents", HANDLER_DEADLINE),
            (Method::POST, "/api/v1/me/applications/1/documents", UPLOAD_DEADLINE),
        ] {
            let request = actix_web::test::TestRequest::with_uri(path).method(method).to_http_request();
            assert_eq!(deadline(&request), expected, "{path}");
        }
    }

    #[test]
    fn a_hop_is_an_address_however_proxies_write_it() {
        let read = |hop| hop_address(hop).map(|address| address.to_string());
        for (hop, address) in [
            ("203.0.113.5", Some("203.0.113.5")),
            ("203.0.113.5:4711", Some("203.0.113.5")),
            ("::ffff:203.0.113.5", Some("203.0.113.5")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("unknown", None),
            ("_hidden", None),
            ("", None),
        ] {
            assert_eq!(read(hop).as_deref(), address, "{hop}");
        }
    }
}
