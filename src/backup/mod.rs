//! Backups: the whole database in one file that only its custodians open, the way back from it, the master key saved apart.
//!
//! ```text
//! fond backup    hold writers (a moment) → snapshot → encrypt → rename → let writers go → delete what is too old
//! fond restore   decrypt → a database that nothing serves → migrate → erase again → check → serve it under its name
//! ```
//! A file is encrypted by age (<https://age-encryption.org/v1>) to two public keys at least; any of the secret keys opens it,
//! and the `age` tool does, too. The master key is never in a backup of the database; [`escrow`] saves it.

mod age_file;
mod check;
mod escrow;
mod hold;
mod identities;
mod make;
mod name;
mod pour;
mod program;
mod recipients;
mod server;
mod sqlite;
mod store;
mod unpack;

pub use age_file::Written;
pub use check::{Checked, check};
pub use escrow::escrow;
pub use identities::Identities;
pub use make::{Job, Made, expire, make, require_there};
pub use pour::{Progress, Step, Watch};
pub use recipients::Recipients;
pub use unpack::{Unfinished, require_finished, require_free, unpack};

use std::path::{Path, PathBuf};

use crate::error::Error;

/// What went wrong with a file.
fn failed(path: &Path) -> impl Fn(std::io::Error) -> Error + use<> {
    let path = path.display().to_string();
    move |reason| Error::File { path: path.clone(), reason }
}

/// The folder that a file lies in.
fn folder_of(file: &Path) -> PathBuf {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}
