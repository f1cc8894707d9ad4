//! Keeping documents, opening them, forgetting them.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::rules::{Clean, LARGEST_TOGETHER, MOST, MediaType};
use super::store::{self, Row};
use crate::accounts::Caller;
use crate::clock::Instant;
use crate::crypto::{DataKey, KeyClass, Keys, Opener, Place, Sealed, Vault};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId, DocumentId, PersonId};
use crate::objects::ObjectName;

/// A document that is kept.
#[derive(Debug, Clone)]
pub struct Document {
    pub id: DocumentId,
    pub person: PersonId,
    pub application: ApplicationId,
    /// Its code in the rules of the call.
    pub kind: String,
    pub media_type: MediaType,
    /// In bytes, without what was taken out of it.
    pub size: i64,
    /// Of what is kept.
    pub sha256: [u8; 32],
    pub uploaded_at: Instant,
    pub object: ObjectName,
    name_sealed: Option<Sealed>,
}

/// A document that is in the store already, for its row to be written.
#[derive(Debug, Clone)]
pub struct New {
    pub id: DocumentId,
    pub call: CallId,
    pub application: ApplicationId,
    pub kind: String,
    pub media_type: MediaType,
    pub size: usize,
    pub sha256: [u8; 32],
    pub object: ObjectName,
    /// What the file was called, where that was told.
    pub name: Option<String>,
}

impl Document {
    /// A name for its file that tells nothing of its owner: `income_proof-1c2b4d5e.pdf`.
    pub fn file_name(&self) -> String {
        // The end of an id is by chance; its beginning is the time.
        let id = self.id.uuid().simple().to_string();
        let short: String = id.chars().skip(24).collect();
        format!("{}-{short}.{}", self.kind, self.media_type.extension())
    }

    fn of(row: Row) -> Result<Self> {
        let Row { id, person_id, application_id, kind, media_type, size, uploaded_at, name_sealed, .. } = row;
        let sha256 = row.sha256.and_then(|digest| digest.try_into().ok());
        Ok(Self {
            id,
            person: person_id,
            application: application_id,
            kind,
            media_type,
            size,
            sha256: sha256.ok_or_else(|| Error::corrupt("the digest of a document"))?,
            uploaded_at,
            object: ObjectName::parse(&row.object_name).ok_or_else(|| Error::corrupt("the name of an object"))?,
            name_sealed,
        })
    }
}

fn place(column: &'static str, id: DocumentId) -> Place {
    Place { table: "documents", column, row: id.uuid() }
}

/// The key of somebody's documents; made where there is none.
pub fn key(conn: &mut Conn, vault: &Vault, owner: &Keys) -> Result<DataKey> {
    vault.ensure_among(conn, &mut owner.clone(), KeyClass::Documents)
}

/// Seals what is kept of a document.
///
/// # Errors
/// [`Error::Crypto`] where the machine has no randomness.
pub fn seal(key: &DataKey, id: DocumentId, clean: &Clean) -> Result<Sealed> {
    key.seal(place("content", id), &clean.content)
}

/// Writes down a document that is in the store, as one of whose keys these are.
///
/// # Errors
/// Refused as `document_quota` where the application has as much as it may; [`Error::NotFound`] where the key that it was
/// sealed with is destroyed.
pub fn keep(conn: &mut Conn, vault: &Vault, owner: &Keys, new: &New, now: Instant) -> Result<Document> {
    let held = store::of_application(conn, new.application)?;
    let size = i64::try_from(new.size).map_err(Error::corrupt)?;
    let together = held.iter().fold(size, |sum, row| sum.saturating_add(row.size));
    if together > LARGEST_TOGETHER || held.len() >= MOST {
        return Err(Error::refused("document_quota", "the documents of an application are at most 50 and 50 MiB"));
    }
    let key = vault.among(conn, owner, KeyClass::Documents)?;
    let name_sealed = new.name.as_ref().map(|name| key.seal_value(place("name_sealed", new.id), name)).transpose()?;
    let row = Row {
        id: new.id,
        person_id: PersonId::from(owner.owner().uuid()),
        call_id: new.call,
        application_id: new.application,
        kind: new.kind.clone(),
        media_type: new.media_type,
        size,
        sha256: Some(new.sha256.to_vec()),
        name_sealed,
        object_name: new.object.as_str().to_owned(),
        uploaded_at: now,
        removed_at: None,
    };
    store::strike(conn, &row.object_name)?;
    store::insert(conn, &row)?;
    Document::of(row)
}

/// # Errors
/// [`Error::NotFound`] where there is no such document, or it is removed.
pub fn find(conn: &mut Conn, id: DocumentId) -> Result<Document> {
    Document::of(store::find(conn, id)?.ok_or(Error::NotFound)?)
}

/// One of one's own.
///
/// # Errors
/// [`Error::NotFound`] where there is none such of theirs.
pub fn own(conn: &mut Conn, caller: &Caller, id: DocumentId) -> Result<Document> {
    let found = find(conn, id)?;
    if found.person == caller.person { Ok(found) } else { Err(Error::NotFound) }
}

/// What was sent with an application, or will be with a draft; the oldest first.
pub fn of_application(conn: &mut Conn, application: ApplicationId) -> Result<Vec<Document>> {
    store::of_application(conn, application)?.into_iter().map(Document::of).collect()
}

/// Everything that somebody sent, the oldest first.
pub fn of_person(conn: &mut Conn, person: PersonId) -> Result<Vec<Document>> {
    store::of_person(conn, person)?.into_iter().map(Document::of).collect()
}

/// Whether anything that somebody sent is kept still.
pub fn are_kept_of(conn: &mut Conn, person: PersonId) -> Result<bool> {
    store::are_kept_of(conn, person)
}

/// Opens what was in the store under a document's name.
///
/// # Errors
/// As for [`Opener::open`]; [`Error::Corrupt`] where it is not what was put there.
pub fn open(conn: &mut Conn, opener: &Opener<'_>, document: &Document, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
    let whose = (document.person, KeyClass::Documents);
    let plain = opener.open(conn, whose, place("content", document.id), sealed)?;
    let digest: [u8; 32] = Sha256::digest(plain.as_slice()).into();
    if digest == document.sha256 { Ok(plain) } else { Err(Error::corrupt("a document with another digest")) }
}

/// Opens what the file was called, where that was told.
///
/// # Errors
/// As for [`Opener::open`].
pub fn open_name(conn: &mut Conn, opener: &Opener<'_>, document: &Document) -> Result<Option<String>> {
    let whose = (document.person, KeyClass::Documents);
    let open = |sealed| opener.open_value(conn, whose, place("name_sealed", document.id), sealed);
    document.name_sealed.as_ref().map(open).transpose()
}

/// Removes documents; gives what is to be taken out of the store once this is committed.
pub fn remove(conn: &mut Conn, documents: &[Document], now: Instant) -> Result<Vec<ObjectName>> {
    forget(conn, documents, now)
}

/// Removes everything that somebody sent, for the erasure of their data. Their key is destroyed by whoever erases, and the
/// store is swept of what has no row.
pub fn forget_person(conn: &mut Conn, person: PersonId, now: Instant) -> Result<()> {
    let all = of_person(conn, person)?;
    forget(conn, &all, now).map(|_| ())
}

/// The same for what came with a draft or an application.
pub fn forget_application(conn: &mut Conn, application: ApplicationId, now: Instant) -> Result<()> {
    let all = of_application(conn, application)?;
    forget(conn, &all, now).map(|_| ())
}

/// The same for one document; says whose it was, where it was kept still.
pub fn forget_one(conn: &mut Conn, id: DocumentId, now: Instant) -> Result<Option<PersonId>> {
    let Some(document) = store::find(conn, id)?.map(Document::of).transpose()? else { return Ok(None) };
    let owner = document.person;
    forget(conn, &[document], now).map(|_| Some(owner))
}

/// What was sent in a call and is kept still, each with its draft or application.
pub fn of_call(conn: &mut Conn, call: CallId) -> Result<Vec<(DocumentId, ApplicationId)>> {
    Ok(store::of_call(conn, call)?.into_iter().map(|row| (row.id, row.application_id)).collect())
}

fn forget(conn: &mut Conn, documents: &[Document], now: Instant) -> Result<Vec<ObjectName>> {
    let mut gone = Vec::new();
    for document in documents {
        if store::remove(conn, document.id, now)? {
            store::leave(conn, document.object.as_str(), now)?;
            gone.push(document.object.clone());
        }
    }
    Ok(gone)
}

/// Writes down that something is about to be put in the store, so that it is taken out again if no document comes of it.
pub fn announce(conn: &mut Conn, name: &ObjectName, now: Instant) -> Result<()> {
    store::leave(conn, name.as_str(), now)
}

/// Some of what lies in the store since before a moment and belongs to no document.
pub fn left_before(conn: &mut Conn, before: Instant, rows: i64) -> Result<Vec<ObjectName>> {
    let names = store::left_before(conn, before, rows)?;
    let parse = |name: String| ObjectName::parse(&name).ok_or_else(|| Error::corrupt("a name in the store"));
    names.into_iter().map(parse).collect()
}

/// Strikes what was taken out of the store.
pub fn taken_out(conn: &mut Conn, names: &[ObjectName]) -> Result<()> {
    names.iter().try_for_each(|name| store::strike(conn, name.as_str()))
}

/// Strikes, in a database that was restored, what requests had put in the store at the time of the backup: they have gone on
/// since, and it may belong to a document of the database that goes on.
pub fn forget_begun(conn: &mut Conn) -> Result<()> {
    store::strike_begun(conn)
}
