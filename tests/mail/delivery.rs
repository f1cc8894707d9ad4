//! Letters through a real mail server that misbehaves: nothing is lost, and a refusal means what it says.

use std::path::Path;

use fond::clock::Instant;
use fond::config::{MailSettings, Secret, Settings, SmtpTls, Transport};
use fond::db::Db;
use fond::ids::JobId;
use fond::jobs::{self, Failure, Job, Worker};
use fond::language::Language;
use fond::mail::{Letter, LetterKind, Postman};
use fond::page::Limit;

use crate::outbox::{LANE, enqueue};
use crate::server::{MailServer, Taken, header};
use crate::support::{TestDatabase, project};
use crate::wait_until;

pub fn settings(port: u16) -> MailSettings {
    let mut settings = Settings::load(Some(&project("config/test.toml"))).unwrap().mail;
    settings.transport = Transport::Smtp;
    settings.smtp_host = "localhost".into();
    settings.smtp_port = port;
    settings.smtp_tls = SmtpTls::None;
    settings
}

pub fn address(job: &Job) -> String {
    format!("person{}@example.org", job.subject.as_u128())
}

pub fn letter() -> Letter {
    let kind = LetterKind::ConfirmRegistration { link: "https://example.org/l?t=secret".into(), hours: 24 };
    Letter { language: Language::SerbianCyrillic, kind }
}

fn worker(db: &Db, settings: &MailSettings) -> Worker {
    let postman = Postman::open(settings).unwrap();
    Worker::start(db.clone(), LANE, move |job| postman.send(job.id, &address(job), &letter(), Instant::now())).unwrap()
}

fn send(settings: &MailSettings) -> Result<(), String> {
    let sent = Postman::open(settings).unwrap().send(JobId::new(), "ana@example.org", &letter(), Instant::now());
    let told =
        |failure: Failure| format!("{} {}", if failure.is_permanent { "never" } else { "later" }, failure.word());
    sent.map_err(told)
}

/// Everything the database keeps of the jobs, as text.
fn stored(database: &TestDatabase) -> String {
    use diesel::RunQueryDsl;
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let sql = if database.is_postgres() {
        "SELECT jobs::text AS line FROM jobs"
    } else {
        "SELECT quote(id) || quote(kind) || quote(subject) || quote(failure) || attempts AS line FROM jobs"
    };
    let lines: Vec<Line> = diesel::sql_query(sql).load(&mut database.raw()).unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

#[test]
fn a_refused_letter_is_dead_until_somebody_revives_it() {
    let (database, taken) = (TestDatabase::new(), Taken::new());
    let db = database.open().db;
    let refusing = MailServer::start(taken.path(), 0, &["--refuse", "550"]);
    let id = enqueue(&db, 1, Instant::now());
    let first = worker(&db, &settings(refusing.port));
    wait_until("the letter is refused", || db.read(jobs::dead_count).unwrap() == 1);
    first.stop();
    assert_eq!(taken.faults("refused 550"), 1, "a permanent refusal is not tried again");
    let dead = db.read(|conn| jobs::dead(conn, None, Limit::default())).unwrap().items;
    assert_eq!((dead[0].id, dead[0].failure.as_str()), (id, "refused_550"));

    // The server's answer held the address; nothing of it is kept.
    let rows = stored(&database);
    for secret in ["person1", "example", "secret", "known here"] {
        let in_hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02X}")).collect();
        assert!(!rows.contains(secret) && !rows.to_uppercase().contains(&in_hexadecimal), "{rows}");
        if !database.is_postgres() {
            let files = ["fond.sqlite3", "fond.sqlite3-wal"].map(|name| database.folder.path().join(name));
            let bytes: Vec<u8> = files.iter().flat_map(|path| std::fs::read(path).unwrap_or_default()).collect();
            assert!(
                !bytes.is_empty() && !bytes.windows(secret.len()).any(|part| part == secret.as_bytes()),
                "{secret}"
            );
        }
    }

    drop(refusing);
    let willing = MailServer::start(taken.path(), 0, &[]);
    db.write(|conn| jobs::retry(conn, id, Instant::now())).unwrap();
    let second = worker(&db, &settings(willing.port));
    wait_until("the letter is sent", || db.read(jobs::waiting_count).unwrap() == 0);
    second.stop();
    assert_eq!(db.read(jobs::dead_count).unwrap(), 0);
    assert_eq!(header(&taken.messages()[0], "Message-ID"), format!("<{id}@example.org>"));
    assert_eq!(header(&taken.messages()[0], "To"), "person1@example.org");
}

#[test]
fn a_worker_that_stops_in_the_midst_ends_the_letter_it_has_begun() {
    let (database, taken) = (TestDatabase::new(), Taken::new());
    let db = database.open().db;
    let slow = MailServer::start(taken.path(), 0, &["--slow", "0.3"]);
    for subject in 0..100 {
        enqueue(&db, subject, Instant::now());
    }
    let worker = worker(&db, &settings(slow.port));
    wait_until("a letter is with the server", || !taken.messages().is_empty());
    worker.stop();
    let done = database.number("SELECT COUNT(*) AS number FROM jobs WHERE done_at IS NOT NULL");
    let touched = database.number("SELECT COUNT(*) AS number FROM jobs WHERE attempts > 0");
    assert_eq!((done, touched), (taken.messages().len() as i64, done), "nothing is sent twice or left open");
    assert!(done < 100, "it stopped only when all was done");
}

#[test]
fn what_is_our_own_fault_costs_no_letter() {
    let taken = Taken::new();
    let refused = |behaviour: &[&str], change: fn(&mut MailSettings)| {
        let server = MailServer::start(taken.path(), 0, behaviour);
        let mut settings = settings(server.port);
        change(&mut settings);
        send(&settings).unwrap_err()
    };
    let wrong = |settings: &mut MailSettings| {
        settings.smtp_user = "fond".into();
        settings.smtp_password = Secret::new("wrong".into());
    };
    assert_eq!(refused(&["--user", "fond"], wrong), "later relay_535");
    assert_eq!(refused(&["--user", "fond"], |_| ()), "later relay_530");
    assert_eq!(refused(&["--refuse-sender", "550"], |_| ()), "later relay_550");
    assert_eq!(refused(&[], |settings| settings.smtp_tls = SmtpTls::Starttls), "later unreachable");
    assert_eq!(refused(&["--tls", "starttls"], |_| ()), "later relay_530");
    assert_eq!(refused(&["--tls", "tls"], |settings| settings.smtp_tls = SmtpTls::Tls), "later unreachable");
    assert_eq!(refused(&["--greylist", "1"], |_| ()), "later postponed_451");
    assert_eq!(refused(&["--refuse", "452"], |_| ()), "later postponed_452");
    assert_eq!(refused(&["--refuse", "553"], |_| ()), "never refused_553");
    assert_eq!(taken.messages().len(), 0);
    assert_eq!(refused(&["--drop", "1"], |_| ()), "later interrupted");
    assert_eq!((taken.messages().len(), taken.faults("stranger")), (1, 1));
}

#[test]
fn nobody_there_is_a_failure_that_may_pass() {
    // The port of tcpmux, which nobody serves.
    assert_eq!(send(&settings(1)).unwrap_err(), "later unreachable");
}

#[test]
fn letters_that_the_server_does_not_take_in_an_address_are_not_bent() {
    let taken = Taken::new();
    let server = MailServer::start(taken.path(), 0, &[]);
    let postman = Postman::open(&settings(server.port)).unwrap();
    let failure = postman.send(JobId::new(), "жика@example.org", &letter(), Instant::now()).unwrap_err();
    assert_eq!(failure, Failure::permanent("address_unsupported"));
    assert_eq!(taken.messages().len(), 0);
}

#[test]
fn signed_in_and_encrypted_either_way() {
    for (word, tls) in [("starttls", SmtpTls::Starttls), ("tls", SmtpTls::Tls)] {
        let taken = Taken::new();
        let server = MailServer::start(taken.path(), 0, &["--tls", word, "--user", "fond"]);
        let mut settings = settings(server.port);
        settings.smtp_tls = tls;
        settings.smtp_ca_file = taken.path().join("ca.pem");
        settings.smtp_user = "fond".into();
        settings.smtp_password = Secret::new("right".into());
        send(&settings).unwrap();
        assert_eq!(header(&taken.messages()[0], "Content-Language"), "sr-Cyrl");
        assert!(taken.messages()[0].is_ascii(), "seven bits pass every server");
    }
}

#[test]
fn a_wrong_certificate_file_stops_the_start() {
    let mut settings = settings(1);
    settings.smtp_tls = SmtpTls::Tls;
    settings.smtp_ca_file = project("Cargo.toml");
    assert!(Postman::open(&settings).err().unwrap().to_string().contains("mail.smtp_ca_file"));
    settings.smtp_ca_file = Path::new("/absent.pem").into();
    assert!(Postman::open(&settings).err().unwrap().to_string().contains("/absent.pem"));
}
