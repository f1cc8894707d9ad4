//! A whole round from a folder of files: read and checked whole, then played through the same actions as everybody's.
//!
//! `docs/CASES.md` describes the format. Nothing here touches the database but through the slices' actions.

mod call_json;
mod case;
mod fields;
mod people;
mod quotes;
mod read;
mod report;
mod run;
mod table;

pub use case::{Case, CaseError};
pub use report::Report;
pub use run::{Progress, Step, run};
