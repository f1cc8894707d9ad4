//! The places that are searched, each read as it lies there. What was planted is looked for by the same functions.

use std::collections::BTreeMap;
use std::path::Path;

use crate::canary::{Pattern, Search};
use crate::design::may_hold;
use crate::requests::Request;
use crate::support::TestDatabase;
use crate::support::dump::dump;
use crate::wire::Answer;

/// What was searched, and what was found, by place.
#[derive(Default)]
pub struct Report {
    pub bytes: BTreeMap<&'static str, u64>,
    /// Place, what exactly, which secret: how often.
    pub hits: BTreeMap<(&'static str, String, String), usize>,
}

impl Report {
    /// Searches bytes of a place; what `may` stand there is no hit.
    pub fn look(
        &mut self,
        search: &Search,
        place: &'static str,
        what: &str,
        bytes: &[u8],
        may: impl Fn(&Pattern) -> bool,
    ) {
        *self.bytes.entry(place).or_default() += bytes.len() as u64;
        for pattern in search.find(bytes).into_iter().filter(|pattern| !may(pattern)) {
            *self.hits.entry((place, what.to_owned(), pattern.said())).or_default() += 1;
        }
    }

    pub fn add(&mut self, other: Self) {
        other.bytes.into_iter().for_each(|(place, bytes)| *self.bytes.entry(place).or_default() += bytes);
        other.hits.into_iter().for_each(|(hit, count)| *self.hits.entry(hit).or_default() += count);
    }
}

fn none(_: &Pattern) -> bool {
    false
}

pub fn file(report: &mut Report, search: &Search, place: &'static str, path: &Path) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    if let Ok(bytes) = std::fs::read(path) {
        report.look(search, place, &name, &bytes, none);
    }
}

/// A file in the store of documents, and what it is called there.
pub fn document(report: &mut Report, search: &Search, place: &'static str, path: &Path) {
    report.look(search, place, "name", path.file_name().unwrap().as_encoded_bytes(), none);
    file(report, search, place, path);
}

/// Head and body of an answer. Of a refusal nothing may be told back, of anything else what is meant for whoever asked.
pub fn answer(report: &mut Report, search: &Search, request: &Request, answer: &Answer) {
    let what = format!("{} {} {} as {:?}", answer.status, request.method, request.route, request.who);
    let is_file = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/csv"));
    let place = match (answer.status, is_file) {
        (400.., _) => "error bodies",
        (_, true) => "exports",
        (_, false) => "answers",
    };
    let may = |pattern: &Pattern| !is_file && may_hold(request, answer.status, pattern);
    report.look(search, place, &what, &answer.body, may);
    report.look(search, if answer.status >= 400 { "error heads" } else { "heads" }, &what, &answer.head, none);
    if let Some(location) = answer.header("location") {
        report.look(search, "URLs", &what, location.as_bytes(), none);
    }
}

/// The log, and every path and link in it apart.
pub fn log(report: &mut Report, search: &Search, path: &Path) {
    file(report, search, "log", path);
    urls(report, search, "log", &std::fs::read(path).unwrap());
}

fn urls(report: &mut Report, search: &Search, what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let is_url = |word: &&str| word.contains("://") || word.starts_with("/api/");
    for url in text.split(|letter: char| letter.is_whitespace() || "\"<>".contains(letter)).filter(is_url) {
        report.look(search, "URLs", what, url.as_bytes(), none);
    }
}

/// Letters as they were handed over, and with their lines joined and decoded.
pub fn letters(report: &mut Report, search: &Search, folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap_or_default();
        let end = bytes.windows(4).position(|part| part == b"\r\n\r\n").unwrap_or(bytes.len());
        let (head, body) = bytes.split_at(end);
        for text in [head.to_vec(), decoded_words(head)] {
            report.look(search, "heads of letters", "letter", &text, none);
        }
        for text in [body.to_vec(), joined(body)] {
            report.look(search, "letters", "letter", &text, none);
            urls(report, search, "letter", &text);
        }
    }
}

/// Without the breaks that encodings put into lines; quoted-printable is decoded.
fn joined(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body).replace("=\r\n", "").into_bytes();
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_slice();
    while let Some((first, behind)) = rest.split_first() {
        let hex = behind.get(..2).filter(|_| *first == b'=');
        match hex.and_then(|hex| data_encoding::HEXUPPER.decode(hex).ok()) {
            Some(byte) => {
                decoded.extend(byte);
                rest = &behind[2..];
            }
            None => {
                decoded.extend((!b"\r\n".contains(first)).then_some(*first));
                rest = behind;
            }
        }
    }
    decoded
}

/// The encoded words of a head (RFC 2047: `=?charset?encoding?text?=`), one behind the other.
fn decoded_words(head: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(head).into_owned();
    let (mut rest, mut decoded) = (text.as_str(), Vec::new());
    while let Some(at) = rest.find("=?") {
        rest = &rest[at + 2..];
        let mut parts = rest.splitn(4, '?');
        let (_, encoding, word) = (parts.next(), parts.next(), parts.next());
        match (encoding, word) {
            (Some("b" | "B"), Some(word)) => {
                decoded.extend(data_encoding::BASE64.decode(word.as_bytes()).unwrap_or_default());
            }
            (Some(_), Some(word)) => decoded.extend(joined(word.as_bytes())),
            _ => return decoded,
        }
        rest = parts.next().unwrap_or_default();
    }
    decoded
}

/// Every row of every table, as text, and what of it is bytes as bytes.
pub fn rows(report: &mut Report, search: &Search, database: &TestDatabase) {
    for (table, line) in dump(database) {
        let place = if table == "jobs" { "rows of jobs" } else { "rows" };
        report.look(search, place, &table, line.as_bytes(), none);
        // Of PostgreSQL a row comes as JSON, which escapes what is no plain character.
        let fields = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&line).unwrap_or_default();
        for text in fields.values().filter_map(serde_json::Value::as_str) {
            report.look(search, place, &table, text.as_bytes(), none);
        }
        let is_hex = |run: &&str| run.len() >= 8 && run.len().is_multiple_of(2);
        for run in line.split(|letter: char| !letter.is_ascii_hexdigit()).filter(is_hex) {
            let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(run.as_bytes()).unwrap();
            report.look(search, place, &table, &bytes, none);
        }
    }
}

/// The files of SQLite, byte by byte: of a database, what is not checkpointed yet, and the index of that.
pub fn database_files(report: &mut Report, search: &Search, path: &str) {
    for (place, ending) in [("database file", ""), ("WAL", "-wal"), ("shared memory of the WAL", "-shm")] {
        file(report, search, place, Path::new(&format!("{path}{ending}")));
    }
}
