//! A letter as a message of RFC 5322: who, to whom, when, in which language, under an id that stays.

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Body, Mailbox};
use lettre::{Address, Message};

use super::{Frame, Letter};
use crate::clock::Instant;
use crate::ids::JobId;
use crate::jobs::Failure;

const WRONG: Failure = Failure::permanent("message_wrong");

/// Whose letters, and how their bodies are encoded; without an encoding, as seven bits, which pass every server.
pub(super) struct Sender {
    pub from: Address,
    pub frame: Frame,
    pub encoding: Option<ContentTransferEncoding>,
}

/// Makes the message of a job. Its id is the same at each try, so that a reader's mail program can show it once.
pub(super) fn build(sender: &Sender, id: JobId, to: &str, letter: &Letter, now: Instant) -> Result<Message, Failure> {
    let Sender { from, frame, encoding } = sender;
    // Whatever is no address, a second line among it, ends here.
    let to: Address = to.parse().map_err(|_| Failure::permanent("address_wrong"))?;
    let rendered = letter.render(frame).ok_or(Failure::permanent("text_missing"))?;
    let fund = Mailbox::new(Some(frame.fund_name(letter.language)), from.clone());
    let body = match encoding {
        Some(encoding) => Body::new_with_encoding(rendered.body, *encoding).map_err(|_| WRONG)?,
        None => Body::new(rendered.body),
    };

    let mut message = Message::builder()
        .message_id(Some(format!("<{id}@{}>", from.domain())))
        .date(now.into())
        .from(fund)
        .to(Mailbox::new(None, to))
        .subject(rendered.subject)
        .header(MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN)
        .body(body)
        .map_err(|_| WRONG)?;
    // RFC 3834, so that no holiday notice comes back; RFC 3282, so that a program can read it aloud.
    let headers = message.headers_mut();
    headers.insert_raw(header(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated"));
    headers.insert_raw(header(HeaderName::new_from_ascii_str("Content-Language"), letter.language.as_str()));
    Ok(message)
}

fn header(name: HeaderName, value: &str) -> HeaderValue {
    HeaderValue::new(name, value.to_owned())
}
