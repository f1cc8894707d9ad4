//! A request that is sent twice is done once: `Idempotency-Key`.
//!
//! The first answer is built inside the write and stored with it, sealed under the person's key; a failure rolls both
//! back and so frees the key. Keys of different people never meet, and a key that comes with another payload is refused.

use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::answer::Answer;
use super::input::Body;
use super::problem::Problem;
use super::store;
use crate::clock::Instant;
use crate::crypto::{IndexKind, KeyClass, Keys, Opener, Place, Vault};
use crate::db::{Conn, Writes, skips_question};
use crate::error::{Error, FieldError, Result};
use crate::ids::PersonId;

/// The key of a request and what it came with; none where the header is left out.
#[derive(Debug, Clone)]
pub struct Once {
    key: Option<String>,
    /// Method, path with its query, and SHA-256 of the body.
    payload: String,
    /// Method and path with its query: a document's kind and name stand there.
    target: String,
    is_seldom_twice: bool,
}

/// How long the first answer is given again.
const KEPT: Duration = Duration::from_secs(7 * 86_400);
const LONGEST_KEY: usize = 255;
const HEADER: &str = "Idempotency-Key";

impl Once {
    /// For what moves money: without a key it is not done.
    ///
    /// # Errors
    /// 400 where the header is missing.
    pub fn require(self) -> Result<Self, Problem> {
        let missing = || Problem::new(StatusCode::BAD_REQUEST, "idempotency_key_missing");
        self.key.is_some().then_some(()).ok_or_else(missing)?;
        Ok(self)
    }
}

impl Once {
    /// It may be tried before anybody looks whether it was done.
    #[must_use]
    pub fn seldom_twice(self) -> Self {
        Self { is_seldom_twice: true, ..self }
    }

    /// For a body that the handler read itself, as it came.
    #[must_use]
    pub fn with_body(self, digest: &[u8; 32]) -> Self {
        Self { payload: format!("{} {}", self.target, HEXLOWER.encode(digest)), ..self }
    }
}

impl FromRequest for Once {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let wrong = || {
            let field = FieldError { field: HEADER.into(), code: "idempotency_key", argument: None };
            Problem::fields(StatusCode::BAD_REQUEST, "idempotency_key_invalid", vec![field])
        };
        let mut keys = request.headers().get_all(HEADER).map(|value| value.to_str());
        let key = match (keys.next(), keys.next()) {
            (None, _) => Ok(None),
            (Some(Ok(key)), None) if is_key(key) => Ok(Some(key.to_owned())),
            // Of two keys nobody could say which one a retry will bring.
            (Some(_), _) => Err(wrong()),
        };
        let body = request.extensions().get::<Body>().map(|body| Sha256::digest(&body.0)).unwrap_or_default();
        let path = request.uri().path_and_query().map_or(request.path(), |whole| whole.as_str());
        let target = format!("{} {path}", request.method());
        let payload = format!("{target} {}", HEXLOWER.encode(&body));
        ready(key.map(|key| Self { key, payload, target, is_seldom_twice: false }))
    }
}

/// Whether a key is one word of printable characters.
fn is_key(key: &str) -> bool {
    (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Runs `work` unless the owner of the keys sent the same before; then its first answer is given again.
///
/// # Errors
/// [`Error::KeyReused`] where the key came with another payload; whatever `work` fails with.
pub fn once(
    conn: &mut Conn,
    vault: &Vault,
    keys: &Keys,
    once: &Once,
    now: Instant,
    work: impl FnOnce(&mut Conn) -> Result<Answer>,
) -> Result<Answer> {
    once_with(conn, vault, keys, once, now, Box::new(|conn, _| work(conn)))
}

/// What is to be done once. Boxed, so that the code around it is compiled once and not for each handler.
pub type Work<'a> = Box<dyn FnOnce(&mut Conn, &mut Writes) -> Result<Answer> + 'a>;

/// The same; what `work` leaves in the writes is written together with its answer.
///
/// # Errors
/// As for [`once`].
pub fn once_with(
    conn: &mut Conn,
    vault: &Vault,
    keys: &Keys,
    once: &Once,
    now: Instant,
    work: Work<'_>,
) -> Result<Answer> {
    let mut writes = Writes::default();
    let Some(key) = &once.key else {
        let answer = work(conn, &mut writes)?;
        return writes.run(conn).map(|()| answer);
    };
    let person = PersonId::from(keys.owner().uuid());
    let named = format!("key:{person}:{key}");
    let index = vault.index(conn, IndexKind::Answer, &named)?;
    let fingerprint = vault.index(conn, IndexKind::Answer, &format!("payload:{}", once.payload))?;
    let place = place(&named);
    // Where there is an answer, keeping another one fails, and all of this runs again.
    let is_told = once.is_seldom_twice && index.is_single() && skips_question();
    match if is_told { None } else { store::find(conn, person, &index)? } {
        Some(first) if first.created_at.plus(KEPT) <= now => store::delete(conn, person, first.key_index)?,
        Some(first) if !fingerprint.contains(&first.fingerprint) => return Err(Error::KeyReused),
        Some(first) => {
            let whose = (person, KeyClass::Identity);
            let plain = Opener::own(vault, person).open_among(conn, keys, whose, place, &first.answer_sealed)?;
            return serde_json::from_slice(&plain).map_err(Error::corrupt);
        }
        None => {}
    }
    let answer = work(conn, &mut writes)?;
    let answer_sealed = vault.among(conn, keys, KeyClass::Identity)?.seal_value(place, &answer)?;
    let (key_index, fingerprint) = (index.written()?, fingerprint.written()?);
    let row = store::AnswerRow { person_id: person, key_index, fingerprint, answer_sealed, created_at: now };
    store::insert(conn, &mut writes, row)?;
    writes.run(conn).map(|()| answer)
}

/// An answer opens only beside its own key, however that is indexed.
fn place(named: &str) -> Place {
    let row = Sha256::digest(named).first_chunk::<16>().copied().unwrap_or_default();
    Place { table: "idempotent_answers", column: "answer_sealed", row: uuid::Uuid::from_bytes(row) }
}

/// Forgets every answer to somebody.
pub fn forget_answers_to(conn: &mut Conn, person: PersonId) -> Result<()> {
    store::forget_all_of(conn, person)
}

/// Forgets the answers that are not given again any more.
pub fn forget_answers(conn: &mut Conn, now: Instant) -> Result<()> {
    store::forget(conn, now.minus(KEPT))
}
