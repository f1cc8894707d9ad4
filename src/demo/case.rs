//! The round of 2020, embedded in the binary: synthetic people, published figures.

use crate::error::{Error, Result};
use crate::replay::Case;

/// Name and text of each file of the case.
const FILES: [(&str, &str); 9] = [
    ("call.json", include_str!("../../tests/cases/2020/call.json")),
    ("applications.csv", include_str!("../../tests/cases/2020/applications.csv")),
    ("aid_programmes.csv", include_str!("../../tests/cases/2020/aid_programmes.csv")),
    ("aid_records.csv", include_str!("../../tests/cases/2020/aid_records.csv")),
    ("resolutions.csv", include_str!("../../tests/cases/2020/resolutions.csv")),
    ("committee.csv", include_str!("../../tests/cases/2020/committee.csv")),
    ("recusals.csv", include_str!("../../tests/cases/2020/recusals.csv")),
    ("votes.csv", include_str!("../../tests/cases/2020/votes.csv")),
    ("contributions.csv", include_str!("../../tests/cases/2020/contributions.csv")),
];
const PAYOUTS: (&str, &str) = ("payouts.csv", include_str!("../../tests/cases/2020/payouts.csv"));

/// Reads the embedded case: it is laid out in a folder for that moment.
pub(super) fn read() -> Result<Case> {
    let folder = tempfile::tempdir().map_err(Error::corrupt)?;
    for (name, text) in FILES.into_iter().chain([PAYOUTS]) {
        std::fs::write(folder.path().join(name), text).map_err(Error::corrupt)?;
    }
    Case::read(folder.path()).map_err(Error::corrupt)
}
