//! Carries letters by the transport of the settings.

use lettre::Address;
use lettre::message::header::ContentTransferEncoding;

use super::folder::Folder;
use super::message::{self, Sender};
use super::smtp::Server;
use super::{Frame, Letter};
use crate::clock::Instant;
use crate::config::{MailSettings, Transport};
use crate::error::{Error, Result};
use crate::ids::JobId;
use crate::jobs::Failure;

/// Carries letters; one may serve many threads.
pub struct Postman {
    sender: Sender,
    way: Way,
}

enum Way {
    Folder(Folder),
    Smtp(Box<Server>),
}

impl Postman {
    /// Makes ready what can be made ready without speaking to anybody: a mail server that is down stops no start.
    ///
    /// # Errors
    /// [`Error::Settings`] for an address or certificate that cannot be read, [`Error::File`] for a folder that cannot be
    /// made.
    pub fn open(settings: &MailSettings) -> Result<Self> {
        let from: Address =
            settings.from.parse().map_err(|_| Error::Settings("wrong setting mail.from: is not an address".into()))?;
        let way = match settings.transport {
            Transport::File => Way::Folder(Folder::open(&settings.folder)?),
            Transport::Smtp => Way::Smtp(Box::new(Server::open(settings, from.domain())?)),
        };
        let frame = Frame { fund_name: settings.fund_name.clone(), help_address: settings.help_address.clone() };
        // Whoever opens a file wants to read it.
        let encoding = matches!(way, Way::Folder(_)).then_some(ContentTransferEncoding::Binary);
        Ok(Self { sender: Sender { from, frame, encoding }, way })
    }

    /// Sends the letter of a job to an address. When this says yes, the transport has taken it; after a failure it may
    /// have done so all the same, and the next try brings the same letter under the same Message-ID.
    ///
    /// # Errors
    /// A word that names nobody: `refused_550`, `postponed_451`, `relay_535`, `unreachable`, `interrupted`, `address_wrong`,
    /// `address_unsupported`, `text_missing`, `message_wrong`, `folder_unwritable`.
    pub fn send(&self, id: JobId, to: &str, letter: &Letter, now: Instant) -> Result<(), Failure> {
        let message = message::build(&self.sender, id, to, letter, now)?;
        match &self.way {
            Way::Folder(folder) => folder.put(id, &message.formatted()),
            Way::Smtp(server) => server.send(message.envelope(), &message.formatted()),
        }
    }
}
