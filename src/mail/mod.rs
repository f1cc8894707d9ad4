//! Letters to people, and the postman who carries them: to a mail server, or into a folder.
//!
//! A letter is made from what the job's subject says at the moment of sending; nothing of it is stored or logged.

mod folder;
mod letter;
mod message;
mod postman;
mod smtp;

pub use letter::{Frame, Letter, LetterKind, Rendered, masked};
pub use postman::Postman;
