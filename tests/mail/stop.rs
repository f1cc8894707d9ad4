//! A server that is told to stop while a mail server takes its time.

use std::time::Duration;

use serde_json::json;

use crate::binary::Binary;
use crate::server::{MailServer, Taken};
use crate::support::TestDatabase;
use crate::wait_until;

const LETTERS: usize = 3;
const STOP: Duration = Duration::from_secs(12);

/// Stops a server that has a letter with a mail server of this slowness; how many letters it says it has sent.
fn stop_beside(slow: &str, taken: &Taken) -> i64 {
    let (database, mail) = (TestDatabase::new(), MailServer::start(taken.path(), 0, &["--slow", slow]));
    let port = mail.port.to_string();
    let smtp = [("TRANSPORT", "smtp"), ("SMTP_TLS", "none"), ("SMTP_PORT", &port)];
    let names = smtp.map(|(name, _)| format!("FOND__MAIL__{name}"));
    let settings: Vec<(&str, &str)> = names.iter().zip(smtp).map(|(name, (_, value))| (name.as_str(), value)).collect();
    let mut server = Binary::start(&database, &settings);
    for number in 0..LETTERS {
        let url = format!("http://{}/api/v1/registrations", server.address);
        let body = json!({"email": format!("reader{number}@example.org")}).to_string();
        let sent = ureq::post(url).header("Content-Type", "application/json").send(body);
        assert_eq!(sent.unwrap().status(), 202);
    }
    wait_until("a letter is with the mail server", || !taken.messages().is_empty());
    server.terminate();
    assert_eq!(server.ended(STOP).map(|status| status.code()), Some(Some(0)), "it ends in time");
    database.number("SELECT COUNT(*) AS number FROM jobs WHERE done_at IS NOT NULL")
}

#[test]
fn a_stop_lets_the_letter_end_that_has_begun() {
    let taken = Taken::new();
    let done = stop_beside("5", &taken);
    assert_eq!((done, taken.messages().len()), (1, 1), "what was sent is recorded, and nothing else was begun");
}

#[test]
fn a_stop_does_not_wait_for_a_mail_server_that_hangs() {
    let taken = Taken::new();
    assert_eq!(stop_beside("60", &taken), 0, "the letter comes again, under the same id");
}
