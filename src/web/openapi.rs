//! The document of the API: collected from the handlers, completed with what holds for every route.

use std::io::Read;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use flate2::read::GzDecoder;
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, Object, ObjectBuilder, OpenApi, PathItem, Ref, RefOr, Required, Response,
    ResponseBuilder, Schema, Type,
};

use super::conditional;
use super::problem::{FieldProblem, Problem, ProblemBody, RowProblemBody};
use crate::error::{Error, Result};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Fond",
        description = "The API of a solidarity fund. Errors are RFC 9457 problems in the language of `Accept-Language` \
                       (sr-Latn, sr-Cyrl, en); amounts are strings; lists are pages with an opaque cursor; a change \
                       names in `If-Match` the version that `ETag` gave."
    ),
    components(schemas(ProblemBody, FieldProblem, RowProblemBody)),
    security(("access_token" = []))
)]
struct Base;

/// The document before the routes are added.
pub fn document() -> OpenApi {
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

/// Adds to every operation what the frame and the extractors may answer, the headers of every answer, and that no
/// unknown field is taken.
pub fn complete(document: &mut OpenApi) {
    document.info.license = None;
    let mut bodies = Vec::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(operation_id(method, path));
            bodies.extend(body_schema(operation));
            complete_operation(method, operation);
        }
    }
    let components = document.components.get_or_insert_default();
    for status in COMMON {
        components.responses.insert(format!("Problem{status}"), RefOr::T(problem(status)));
    }
    for (name, about) in HEADERS {
        let schema = ObjectBuilder::new().schema_type(Type::String).build();
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(about)).build();
        components.headers.insert(name.to_owned(), RefOr::T(header));
    }
    for name in bodies {
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(&name) {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// What may be answered to a request whatever it is about.
const COMMON: [u16; 14] = [400, 401, 404, 405, 406, 408, 412, 413, 415, 422, 428, 429, 500, 503];
const HEADERS: [(&str, &str); 5] = [
    ("X-Request-Id", "The request's id, to quote when asking for help."),
    ("RateLimit", "How many requests are left, and in how many seconds all are again."),
    ("RateLimit-Policy", "How many requests are let in which window."),
    ("Retry-After", "After how many seconds to try again."),
    ("WWW-Authenticate", "Bearer: an access token is needed."),
];

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, post, put, patch, delete, .. } = item;
    let all = [("get", get), ("post", post), ("put", put), ("patch", patch), ("delete", delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// A name for generated clients: `get_sessions_id`.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1").split(|letter: char| !letter.is_ascii_alphanumeric());
    std::iter::once(method).chain(words.filter(|word| !word.is_empty())).collect::<Vec<_>>().join("_")
}

/// The name of the schema of a body.
fn body_schema(operation: &Operation) -> Option<String> {
    let body = match operation.request_body.as_ref()? {
        RefOr::T(body) => body,
        RefOr::Ref(_) => return None,
    };
    let content = match body.content.get("application/json")? {
        RefOr::T(content) => content,
        RefOr::Ref(_) => return None,
    };
    match content.schema.as_ref()? {
        RefOr::Ref(reference) => reference.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(_) => None,
    }
}

fn complete_operation(method: &str, operation: &mut Operation) {
    let mut statuses = vec![400, 429, 500, 503];
    if operation.security.is_none() {
        statuses.push(401);
    }
    if operation.request_body.is_some() {
        statuses.extend([415, 422]);
    }
    if method != "get" {
        statuses.extend([408, 413]);
    }
    header_types(operation);
    if let Some((schema, is_required)) = header_schema(operation, "If-Match") {
        schema.pattern = Some(conditional::PATTERN.to_owned());
        statuses.push(412);
        // What may be left out is not asked for.
        statuses.extend(is_required.then_some(428));
    }
    let is_span = has_parameter(operation, "from") && has_parameter(operation, "until");
    if is_span || has_parameter(operation, "Idempotency-Key") {
        statuses.push(422);
    }
    for status in statuses {
        let reference = RefOr::Ref(Ref::from_response_name(format!("Problem{status}")));
        operation.responses.responses.entry(status.to_string()).or_insert(reference);
    }
    for (code, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            complete_response(code, response);
        }
    }
}

fn has_parameter(operation: &Operation, name: &str) -> bool {
    let is_it = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if parameter.name == name);
    operation.parameters.iter().flatten().any(is_it)
}

/// A header is text or is not there: what may be left out is never null, which would be sent as that word.
fn header_types(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(Parameter {
            parameter_in: ParameterIn::Header,
            schema: Some(RefOr::T(Schema::Object(schema))),
            ..
        }) = parameter
        {
            schema.schema_type = Type::String.into();
        }
    }
}

/// What a header looks like, where an operation takes it, and whether it must be there.
fn header_schema<'a>(operation: &'a mut Operation, name: &str) -> Option<(&'a mut Object, bool)> {
    operation.parameters.iter_mut().flatten().find_map(|parameter| match parameter {
        RefOr::T(Parameter { name: own, required, schema: Some(RefOr::T(Schema::Object(schema))), .. })
            if own == name =>
        {
            Some((schema, matches!(required, Required::True)))
        }
        _ => None,
    })
}

fn problem(status: u16) -> Response {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut response = ResponseBuilder::new().description(reason.unwrap_or("Problem")).build();
    complete_response(&status.to_string(), &mut response);
    response
}

/// The headers of every answer, and the one body of every problem.
fn complete_response(code: &str, response: &mut Response) {
    for (name, _) in HEADERS {
        let is_given = match name {
            "Retry-After" => matches!(code, "429" | "503"),
            "WWW-Authenticate" => code == "401",
            _ => true,
        };
        if is_given {
            let reference = Ref::new(format!("#/components/headers/{name}"));
            response.headers.insert(name.to_owned(), RefOr::Ref(reference));
        }
    }
    if code.starts_with(['4', '5']) && response.content.is_empty() {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
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
    pub fn new(document: &OpenApi) -> crate::error::Result<Self> {
        let json = document.to_json().map_err(crate::error::Error::corrupt)?;
        let paths = document.paths.paths.iter().map(|(path, item)| (path.clone(), methods(item))).collect();
        Ok(Self { json: json.into(), paths })
    }

    /// The document itself.
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// Why no route was found: 405 with `Allow` where the path is known, else 404.
    pub fn unknown_route(&self, method: &str, path: &str) -> Problem {
        let not_found = Problem::new(StatusCode::NOT_FOUND, "not_found");
        let exact = self.paths.iter().find(|(template, _)| template == path);
        let known = exact.or_else(|| self.paths.iter().find(|(template, _)| is_path_of(path, template)));
        match known {
            Some((_, methods)) if !methods.contains(&method) => Problem {
                allow: Some(methods.join(", ").into()),
                ..Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
            },
            // Where the method is known, the id in the path is none.
            _ => not_found,
        }
    }
}

/// The methods of a path, as `Allow` lists them.
fn methods(item: &PathItem) -> Vec<&'static str> {
    let known = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    let named = known.into_iter().filter(|(_, operation)| operation.is_some()).map(|(name, _)| name);
    // Whoever may GET may ask for the headers alone (RFC 9110, section 9.3.2).
    named.flat_map(|name| [Some(name), (name == "GET").then_some("HEAD")]).flatten().collect()
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
    let policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; \
                  form-action 'none'; frame-ancestors 'none'; object-src 'none'";
    let is_text = found.content_type.starts_with("text/");
    let content_type = if is_text { format!("{}; charset=utf-8", found.content_type) } else { found.content_type };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(if found.gzpipped { unpacked(&found.bytes)? } else { found.bytes.into_owned() }))
}

/// A file of the page as it was before it was built in, where it lies compressed; whoever asks may take it otherwise.
fn unpacked(gzip: &[u8]) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(gzip).read_to_end(&mut plain).map_err(Error::corrupt)?;
    Ok(plain)
}
