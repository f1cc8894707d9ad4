//! The search itself: what is planted in a place is found there by the functions that search it, in every form.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use diesel::RunQueryDsl;
use serde_json::json;
use uuid::Uuid;

use crate::canary::{Pattern, Search};
use crate::design::may_hold;
use crate::fund::Who;
use crate::places::{self, Report};
use crate::program;
use crate::requests::Request;
use crate::support::TestDatabase;
use crate::watch;
use crate::wire::Answer;

/// The forms of the secrets of one person.
fn forms(search: &Search) -> Vec<&Pattern> {
    let forms: Vec<&Pattern> = search.patterns.iter().filter(|pattern| pattern.whose == 0).collect();
    assert!(forms.len() > 200, "only {} forms", forms.len());
    forms
}

/// What of these was not found in a place.
fn missed<'a>(report: &Report, place: &str, planted: impl IntoIterator<Item = &'a Pattern>) -> Vec<String> {
    let found: BTreeSet<&String> =
        report.hits.keys().filter(|(known, ..)| *known == place).map(|(_, _, said)| said).collect();
    planted.into_iter().map(Pattern::said).filter(|said| !found.contains(said)).collect()
}

/// Plants every form, each by itself, and lets it be looked for.
#[track_caller]
fn is_found_in(place: &str, search: &Search, look: impl Fn(&mut Report, &[u8])) {
    let forms = forms(search);
    for pattern in &forms {
        let mut report = Report::default();
        look(&mut report, &pattern.bytes);
        assert_eq!(missed(&report, place, [*pattern]), Vec::<String>::new(), "in {place}");
    }
    let mut report = Report::default();
    look(&mut report, b"nothing");
    assert!(report.hits.is_empty() && report.bytes[place] > 0, "{:?}", report.hits);
}

fn between(start: &str, planted: &[u8], end: &str) -> Vec<u8> {
    [start.as_bytes(), planted, end.as_bytes()].concat()
}

#[test]
fn a_planted_secret_is_found_in_files() {
    let search = Search::new();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: Vec<u8>| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let line = r#"{"timestamp":"2026-11-27T13:00:00.000001Z","level":"DEBUG","route":"/api/v1/calls","message":""#;
    is_found_in("log", &search, |report, planted| {
        places::log(report, &search, &write("server.log", between(line, planted, "\"}\n")));
    });
    is_found_in("URLs", &search, |report, planted| {
        // A URL ends at the first blank, in a log as in a letter; UTF-16 is full of what no URL holds.
        let url = between("{\"url\":\"https://fond.example.org/applications?", planted, "\"}\n");
        let has_blanks = planted.iter().any(|byte| byte.is_ascii_whitespace() || *byte == 0 || b"\"<>".contains(byte));
        match has_blanks || std::str::from_utf8(planted).is_ok_and(|text| text.contains(char::is_whitespace)) {
            true => report.look(&search, "URLs", "url", &url, |_| false),
            false => places::log(report, &search, &write("server.log", url)),
        }
    });
    let temporary = folder.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    is_found_in(watch::TEMPORARY, &search, |report, planted| {
        fs::write(temporary.join("register.part"), planted).unwrap();
        watch::look(report, &search, &temporary, folder.path(), None);
    });
    is_found_in(watch::DATA, &search, |report, planted| {
        write("erasures.list", planted.to_vec());
        watch::look(report, &search, &temporary, folder.path(), None);
    });
    let documents = folder.path().join(program::DOCUMENTS);
    fs::create_dir(&documents).unwrap();
    let name = documents.join("0123456789abcdef0123456789abcdef");
    is_found_in(watch::DOCUMENTS, &search, |report, planted| {
        fs::write(&name, between("\u{1}sealed", planted, "\u{0}")).unwrap();
        watch::look(report, &search, &temporary, folder.path(), None);
    });
    fs::write(&name, "nothing").unwrap();
    for pattern in forms(&search) {
        let Some(name) = std::str::from_utf8(&pattern.bytes).ok().filter(|name| !name.contains(['/', '\0'])) else {
            continue;
        };
        let (mut report, path) = (Report::default(), documents.join(name));
        fs::write(&path, "nothing").unwrap();
        watch::look(&mut report, &search, &temporary, folder.path(), None);
        fs::remove_file(&path).unwrap();
        assert_eq!(missed(&report, watch::DOCUMENTS, [pattern]), Vec::<String>::new(), "{name} as a name");
    }
    // What is open and has no name any more, as SQLite keeps what it sorts.
    let nameless = temporary.join("nameless");
    fs::write(&nameless, &forms(&search)[0].bytes).unwrap();
    let open = fs::File::open(&nameless).unwrap();
    fs::remove_file(&nameless).unwrap();
    fs::remove_file(temporary.join("register.part")).unwrap();
    let mut report = Report::default();
    watch::look(&mut report, &search, &temporary, folder.path(), Some(std::process::id()));
    assert!(missed(&report, watch::TEMPORARY, [forms(&search)[0]]).is_empty() || !Path::new("/proc/self/fd").exists());
    drop(open);
}

#[test]
fn a_planted_secret_is_found_in_letters_and_metrics() {
    let search = Search::new();
    let folder = tempfile::tempdir().unwrap();
    let look = |report: &mut Report, letter: Vec<u8>| {
        fs::write(folder.path().join("letter.eml"), letter).unwrap();
        places::letters(report, &search, folder.path());
    };
    let head = "From: fund@example.org\r\nSubject: ";
    is_found_in("heads of letters", &search, |report, planted| {
        look(report, between(head, planted, "\r\n\r\nDobar dan.\r\n"));
    });
    is_found_in("letters", &search, |report, planted| {
        look(report, between("From: fund@example.org\r\n\r\nDobar dan, ", planted, "\r\n"));
    });
    for pattern in forms(&search).into_iter().filter(|pattern| pattern.encoding == "UTF-8") {
        // As mail programs encode them.
        let words = data_encoding::BASE64.encode(&pattern.bytes);
        let quoted: Vec<String> = pattern.bytes.iter().map(|byte| format!("={byte:02X}")).collect();
        let mut report = Report::default();
        let body = format!("{}=\r\n{}", quoted[..5].concat(), quoted[5..].concat());
        look(&mut report, format!("Subject: =?utf-8?b?{words}?=\r\n\r\n{body}\r\n").into_bytes());
        for place in ["heads of letters", "letters"] {
            assert_eq!(missed(&report, place, [pattern]), Vec::<String>::new(), "{place}");
        }
    }
    is_found_in("metrics", &search, |report, planted| {
        let text = between("fond_requests_total{route=\"", planted, "\"} 1\n");
        report.look(&search, "metrics", "metrics", &text, |_| false);
    });
}

fn answered(status: u16, kind: &str, head: Vec<u8>, body: Vec<u8>) -> Answer {
    Answer { status, headers: vec![("content-type".into(), kind.into())], head, body }
}

#[test]
fn a_planted_secret_is_found_in_answers() {
    let search = Search::new();
    let json = "application/problem+json";
    let asked = Request::to(Who::Applicant(1), "POST", "registrations", &[]);
    for (place, status, kind) in
        [("error bodies", 422, json), ("exports", 200, "text/csv; charset=utf-8"), ("answers", 200, "application/json")]
    {
        is_found_in(place, &search, |report, planted| {
            let answer = answered(status, kind, b"HTTP/1.1".to_vec(), between("{\"field\":\"", planted, "\"}"));
            places::answer(report, &search, &asked, &answer);
        });
    }
    for (place, status) in [("error heads", 404), ("heads", 200)] {
        is_found_in(place, &search, |report, planted| {
            let head = between("HTTP/1.1 200 OK\r\netag: ", planted, "\r\n\r\n");
            places::answer(report, &search, &asked, &answered(status, json, head, Vec::new()));
        });
    }
    is_found_in("URLs", &search, |report, planted| {
        let mut answer = answered(201, json, Vec::new(), Vec::new());
        // A header is text; what is no text stands in its head.
        let location = String::from_utf8(planted.to_vec());
        match location.is_ok_and(|location| {
            answer.headers.push(("location".into(), format!("/api/v1/{location}")));
            true
        }) {
            true => places::answer(report, &search, &asked, &answer),
            false => report.look(&search, "URLs", "location", planted, |_| false),
        }
    });
}

/// What is allowed is allowed to its owner, in the answers of the list, and nowhere else.
#[test]
fn what_may_be_seen_is_seen_by_nobody_else() {
    let search = Search::new();
    let own = |who| Request::to(who, "PATCH", "me/applications/{id}", &["x"]);
    for pattern in forms(&search) {
        assert!(pattern.is_masked() || may_hold(&own(Who::Applicant(0)), 412, pattern));
        for (who, status) in
            [(Who::Applicant(1), 412), (Who::Applicant(1), 200), (Who::Administrator, 200), (Who::Applicant(0), 422)]
        {
            assert!(!may_hold(&own(who), status, pattern), "{}", pattern.said());
        }
        for who in [Who::Nobody, Who::Bystander, Who::Auditor, Who::Chair, Who::Member, Who::Treasurer] {
            let person = Request::to(who, "POST", "applications/{id}/person", &["x"]);
            let facts = Request::to(who, "GET", "applications/{id}", &["x"]);
            let list = Request::to(who, "GET", "calls/{id}/applications", &["x"]);
            assert!([person, facts, list].iter().all(|request| !may_hold(request, 200, pattern)));
        }
    }
}

#[test]
fn a_planted_secret_is_found_in_the_files_of_the_database() {
    let search = Search::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.sqlite3");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.pragma_update(None, "journal_mode", "WAL").unwrap();
    conn.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    conn.execute_batch("CREATE TABLE planted (value BLOB)").unwrap();
    let forms = forms(&search);
    for pattern in &forms {
        conn.execute("INSERT INTO planted VALUES (?1)", [&pattern.bytes]).unwrap();
    }
    let look = || {
        let mut report = Report::default();
        places::database_files(&mut report, &search, path.to_str().unwrap());
        report
    };
    let report = look();
    assert_eq!(missed(&report, "WAL", forms.iter().copied()), Vec::<String>::new());
    assert!(report.bytes["shared memory of the WAL"] > 0);
    // It goes into the file when the last connection is closed.
    conn.close().unwrap();
    assert_eq!(missed(&look(), "database file", forms.iter().copied()), Vec::<String>::new());
    fs::write(folder.path().join("copy.sqlite3-shm"), &forms[0].bytes).unwrap();
    assert_eq!(missed(&look(), "shared memory of the WAL", [forms[0]]), Vec::<String>::new());
}

#[test]
fn a_planted_secret_is_found_in_rows() {
    let search = Search::new();
    let database = TestDatabase::new();
    database.open();
    let mut conn = database.raw();
    let forms = forms(&search);
    let bytes = if database.is_postgres() { "BYTEA" } else { "BLOB" };
    diesel::sql_query(format!("CREATE TABLE planted (value {bytes})")).execute(&mut conn).unwrap();
    let literal = |bytes: &[u8]| {
        let hex = data_encoding::HEXLOWER.encode(bytes);
        if database.is_postgres() { format!("'\\x{hex}'::bytea") } else { format!("X'{hex}'") }
    };
    let mut as_text = Vec::new();
    for pattern in &forms {
        let sql = format!("INSERT INTO planted VALUES ({})", literal(&pattern.bytes));
        diesel::sql_query(sql).execute(&mut conn).unwrap();
        let text =
            std::str::from_utf8(&pattern.bytes).ok().filter(|text| !text.contains('\0') && text.chars().count() <= 40);
        if let Some(text) = text {
            let [id, subject] = [(); 2].map(|()| literal(Uuid::now_v7().as_bytes()));
            diesel::sql_query(format!(
                "INSERT INTO jobs (id, kind, lane, subject, created_at, due_at, attempts, failure, dead_at) \
                 VALUES ({id}, 'mail_registration', 'link', {subject}, 1, 1, 9, '{}', 2)",
                text.replace('\'', "''")
            ))
            .execute(&mut conn)
            .unwrap();
            as_text.push(*pattern);
        }
    }
    assert!(as_text.len() > 100, "{}", as_text.len());
    let mut report = Report::default();
    places::rows(&mut report, &search, &database);
    assert_eq!(missed(&report, "rows", forms.iter().copied()), Vec::<String>::new());
    assert_eq!(missed(&report, "rows of jobs", as_text), Vec::<String>::new());
}

/// A search that finds everything everywhere would be none.
#[test]
fn what_is_no_secret_is_not_found() {
    let search = Search::new();
    let other = json!({"jmbg": crate::support::people::jmbg(1), "account": crate::support::people::account(1),
        "masked": "*********9999", "amount": "73219.57", "text": "Žuti čvorak", "name": "Ana Anić"});
    assert!(search.find(other.to_string().as_bytes()).is_empty());
}
