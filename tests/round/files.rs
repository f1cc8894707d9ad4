//! The files of a case as plain rows.

use std::collections::BTreeMap;

use fond::clock::Instant;

use crate::support::case;

pub type Row = BTreeMap<String, String>;

/// The rows of a file, by the names of its columns.
pub fn rows(name: &str, file: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(case(name).join(file)).unwrap();
    let headers: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |record: Result<csv::StringRecord, csv::Error>| {
        headers.iter().cloned().zip(record.unwrap().iter().map(str::to_owned)).collect()
    };
    reader.records().map(row).collect()
}

/// The rows in the order of some columns; times are compared as moments.
pub fn sorted(name: &str, file: &str, columns: &[&str]) -> Vec<Row> {
    let key = |row: &Row| -> Vec<String> {
        let comparable = |text: &String| match text.parse::<Instant>() {
            Ok(moment) => format!("{:020}", moment.micros()),
            Err(_) => text.clone(),
        };
        columns.iter().map(|column| comparable(&row[*column])).collect()
    };
    let mut rows = rows(name, file);
    rows.sort_by_key(key);
    rows
}
