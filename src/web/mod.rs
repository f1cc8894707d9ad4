//! What every route stands on, so that a handler is three moves: parse, act, present.
//!
//! ```text
//! bytes ─► wire: 10 s for the head of each request · what is none gets a problem too
//! request ─► frame: id · limit by account, else by address · body (≤ 1 MiB, 30 s) · 10 s to answer
//!              └► handler: Json / Query / Bearer / IfMatch / Once ─► one transaction ─► Answer or Problem
//!            frame: problem in the caller's language · headers · metrics · one line in the log ─► answer
//! ```

mod answer;
mod bearer;
mod conditional;
mod csv;
mod frame;
mod idempotency;
mod input;
mod limits;
mod metrics;
mod openapi;
mod probes;
mod problem;
mod services;
mod spoken;
mod store;
mod strict_json;
mod times;
mod turns;
mod uploads;
mod wire;

pub use answer::Answer;
pub use bearer::Bearer;
pub use conditional::{IfMatch, IfMatchOrAny};
pub use csv::{Cell, Csv};
pub use frame::{frame, outermost};
pub use idempotency::{Once, forget_answers, forget_answers_to, once, once_with};
pub use input::{
    Field, Fields, Input, Json, Line, Phone, Query, Told, Wrong, Wrongs, line, parse, path_id, text, too_large, up_to,
    word,
};
pub use limits::{Decision, Limits};
pub use metrics::Metrics;
pub use openapi::{Document, complete, document, documentation, openapi_json};
pub use probes::{health, ready, version};
pub use problem::{FieldProblem, Problem, ProblemBody, RowProblem, RowProblemBody};
pub use services::{App, Services};
pub use spoken::Spoken;
pub use times::{Begin, End, day_or_moment};
pub use turns::{DocumentTurn, DocumentTurns, Sending};
pub use uploads::{Upload, Uploads, read_upload};
pub use wire::{Turn, Wire};
