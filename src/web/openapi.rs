//! The document of the API: collected from the handlers, completed with what holds for every route.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use utoipa::OpenApi;
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, ResponseBuilder, Type};

use super::problem::{FieldProblem, Problem, ProblemBody};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Fond",
        description = "The API of a solidarity fund. Errors are RFC 9457 problems in the language of `Accept-Language` \
                       (sr-Latn, sr-Cyrl, en); amounts are strings; lists are pages with an opaque cursor; a change \
                       names in `If-Match` the version that `ETag` gave.",
        license(name = "MIT")
    ),
    components(schemas(ProblemBody, FieldProblem)),
    security(("access_token" = []))
)]
struct Base;

/// The document before the routes are added.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Base::openapi();
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The access token of a session: POST /api/v1/sessions gives one for ten minutes."))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("access_token", SecurityScheme::Http(scheme));
    document
}

/// Adds to every operation what the frame and the extractors may answer, and the headers of every answer.
pub fn complete(document: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (HttpMethod::Get, &mut item.get),
            (HttpMethod::Post, &mut item.post),
            (HttpMethod::Put, &mut item.put),
            (HttpMethod::Patch, &mut item.patch),
            (HttpMethod::Delete, &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(operation_id(&method, path));
                complete_operation(&method, operation);
            }
        }
    }
}

/// A name for generated clients: `get_sessions_id`.
fn operation_id(method: &HttpMethod, path: &str) -> String {
    let method =
        serde_json::to_value(method).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
    let words = path.trim_start_matches("/api/v1").split(|letter: char| !letter.is_ascii_alphanumeric());
    std::iter::once(method.as_str()).chain(words.filter(|word| !word.is_empty())).collect::<Vec<_>>().join("_")
}

fn complete_operation(method: &HttpMethod, operation: &mut Operation) {
    let is_open = operation.security.is_some();
    let has_body = operation.request_body.is_some();
    let takes_parameters = operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty());
    let mut statuses = vec![400, 429, 500, 503];
    if !is_open {
        statuses.push(401);
    }
    if has_body {
        statuses.extend([408, 413, 415, 422]);
    }
    if *method != HttpMethod::Get {
        statuses.extend([408, 413]);
    }
    if takes_parameters && operation_has(operation, "If-Match") {
        statuses.extend([412, 428]);
    }
    if operation_has(operation, "Idempotency-Key") {
        statuses.push(422);
    }
    for status in statuses {
        let code = status.to_string();
        operation.responses.responses.entry(code).or_insert_with(|| RefOr::T(problem(status)));
    }
    for (code, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            add_problem_body(code, response);
            let text = || ObjectBuilder::new().schema_type(Type::String).build();
            let header =
                |about: &str| RefOr::T(HeaderBuilder::new().schema(Some(text())).description(Some(about)).build());
            response.headers.insert("X-Request-Id".into(), header("The request's id, to quote when asking for help."));
            response.headers.insert("RateLimit".into(), header("How many requests are left, and until when."));
        }
    }
}

fn operation_has(operation: &Operation, name: &str) -> bool {
    operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == name))
}

fn problem(status: u16) -> utoipa::openapi::Response {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    ResponseBuilder::new().description(reason.unwrap_or("Problem")).build()
}

/// Every 4xx and 5xx has the same body.
fn add_problem_body(code: &str, response: &mut utoipa::openapi::Response) {
    if code.starts_with(['4', '5']) && response.content.is_empty() {
        let schema = Ref::from_schema_name("ProblemBody");
        let content = ContentBuilder::new().schema(Some(schema)).build();
        response.content.insert("application/problem+json".into(), RefOr::T(content));
    }
}

/// The document as it is served, and the paths that it knows with their methods.
pub struct Document {
    json: actix_web::web::Bytes,
    paths: Vec<(String, Vec<&'static str>)>,
}

impl Document {
    /// # Errors
    /// [`crate::error::Error::Corrupt`] where it cannot be written as JSON.
    pub fn new(document: &utoipa::openapi::OpenApi) -> crate::error::Result<Self> {
        let json = document.to_json().map_err(crate::error::Error::corrupt)?;
        let paths = document.paths.paths.iter().map(|(path, item)| (path.clone(), methods(item))).collect();
        Ok(Self { json: json.into(), paths })
    }

    /// Why no route was found: 405 with `Allow` where the path is known, else 404.
    pub fn unknown_route(&self, path: &str) -> Problem {
        // A path may be one by its words and another by its id: /sessions/current and /sessions/{id}.
        let known = self.paths.iter().filter(|(template, _)| is_path_of(path, template));
        let methods: BTreeSet<&str> = known.flat_map(|(_, methods)| methods.iter().copied()).collect();
        if methods.is_empty() {
            return Problem::new(StatusCode::NOT_FOUND, "not_found");
        }
        let allow = methods.into_iter().collect::<Vec<_>>().join(", ");
        Problem { allow: Some(allow), ..Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed") }
    }
}

/// The methods of a path, as `Allow` lists them.
fn methods(item: &utoipa::openapi::PathItem) -> Vec<&'static str> {
    let known = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    known.into_iter().filter(|(_, operation)| operation.is_some()).map(|(name, _)| name).collect()
}

fn is_path_of(path: &str, template: &str) -> bool {
    let is_part = |(part, wanted): (&str, &str)| wanted.starts_with('{') && !part.is_empty() || part == wanted;
    path.split('/').count() == template.split('/').count() && path.split('/').zip(template.split('/')).all(is_part)
}

/// This document.
#[utoipa::path(tag = "Operation", security(()), responses((status = 200, description = "OpenAPI 3.1.", body = serde_json::Value)))]
#[get("/api/v1/openapi.json")]
pub async fn openapi_json(document: Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(document.json.clone())
}

/// A page to read this document and to try the routes; its files are inside the binary.
#[utoipa::path(
    tag = "Operation",
    security(()),
    params(("file" = String, Path, description = "A file of the page.", example = "index.html")),
    responses(
        (status = 200, description = "The page.", body = String, content_type = "text/html"),
        (status = 404, description = "No such file.")
    )
)]
#[get("/api/docs/{file}")]
pub async fn documentation(file: Path<String>) -> Result<HttpResponse, Problem> {
    let config = Arc::new(utoipa_swagger_ui::Config::from("/api/v1/openapi.json"));
    let not_found = || Problem::new(StatusCode::NOT_FOUND, "not_found");
    let found = utoipa_swagger_ui::serve(&file, config).map_err(|_| not_found())?.ok_or_else(not_found)?;
    let policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, found.content_type))
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(found.bytes.into_owned()))
}
