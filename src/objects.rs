//! Where large sealed things lie: a folder, or a store that speaks S3. Whoever sees what is there can read none of it.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};

use crate::config::DocumentSettings;
use crate::crypto::{Sealed, random_bytes};
use crate::db::Engine;
use crate::error::{Error, Result};

/// What the folder beside a SQLite database FILE is called: FILE.documents.
const ENDING: &str = ".documents";
/// How long the store may take for one thing, and how often it is asked again.
const TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const RETRIES: usize = 2;

/// The name of one thing in the store: 32 random hexadecimal digits, which say nothing of whose or what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectName(String);

impl ObjectName {
    /// A new name, by chance.
    ///
    /// # Errors
    /// [`Error::Crypto`] where the machine has no randomness.
    pub fn random() -> Result<Self> {
        Ok(Self(HEXLOWER.encode(random_bytes::<16>()?.as_slice())))
    }

    /// A name as it was written down; nothing where it is none of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 32 && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The store, where there is one.
#[derive(Clone)]
pub struct Objects(Option<Place>);

#[derive(Clone)]
struct Place {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl Objects {
    /// Opens the store that the settings name; none is named: the folder beside a SQLite database. With PostgreSQL there is
    /// none then, and whoever wants to put something there is told so.
    ///
    /// # Errors
    /// [`Error::Settings`], [`Error::File`] where the store that is named cannot be.
    pub fn open(settings: &DocumentSettings, engine: &Engine) -> Result<Self> {
        let place = match (settings.store.as_str(), engine) {
            ("", Engine::Postgres(_)) => None,
            ("", Engine::Sqlite(file)) => {
                let mut folder = file.as_os_str().to_owned();
                folder.push(ENDING);
                Some(folder_at(&PathBuf::from(folder))?)
            }
            (store, _) => Some(match store.strip_prefix("s3://") {
                Some(place) => bucket(settings, place)?,
                None => folder_at(FilePath::new(store))?,
            }),
        };
        Ok(Self(place))
    }

    fn place(&self) -> Result<&Place> {
        self.0.as_ref().ok_or_else(|| Error::Objects("documents.store names no folder and no bucket".into()))
    }

    /// Says whether something can be put there at all.
    ///
    /// # Errors
    /// [`Error::Objects`] where no store is named.
    pub fn require(&self) -> Result<()> {
        self.place().map(|_| ())
    }

    /// Puts something there. It is on the disk, or with the store, when this returns.
    ///
    /// # Errors
    /// [`Error::Objects`].
    pub async fn put(&self, name: &ObjectName, sealed: Sealed) -> Result<()> {
        let place = self.place()?;
        let payload = PutPayload::from(sealed.into_bytes());
        place.store.put(&place.path(name), payload).await.map_err(failed)?;
        Ok(())
    }

    /// # Errors
    /// [`Error::Objects`], also where it is not there any more.
    pub async fn get(&self, name: &ObjectName) -> Result<Sealed> {
        let place = self.place()?;
        let found = place.store.get(&place.path(name)).await.map_err(failed)?;
        let bytes = found.bytes().await.map_err(failed)?;
        Ok(Sealed::from_bytes(bytes.into()))
    }

    /// Takes something away; what is not there is gone already.
    ///
    /// # Errors
    /// [`Error::Objects`].
    pub async fn delete(&self, name: &ObjectName) -> Result<()> {
        let place = self.place()?;
        match place.store.delete(&place.path(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

impl Place {
    fn path(&self, name: &ObjectName) -> Path {
        self.prefix.clone().join(name.as_str())
    }
}

fn failed(error: object_store::Error) -> Error {
    Error::Objects(error.to_string())
}

/// A folder that nobody else may look into.
fn folder_at(folder: &FilePath) -> Result<Place> {
    let wrong = |reason| Error::File { path: format!("documents.store: {}", folder.display()), reason };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(wrong)?;
    let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| of_setting("documents.store", &error))?;
    Ok(Place { store: Arc::new(store.with_fsync(true)), prefix: Path::default() })
}

/// A bucket, with what the settings say of it and nothing else: without a key the client would look for one of its own, in
/// variables that nobody wrote down here or with the service that tells machines in a cloud who they are.
fn bucket(settings: &DocumentSettings, place: &str) -> Result<Place> {
    // The client of the store asks for the library that encrypts its way; there is one in this program.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if settings.s3_access_key.is_empty() {
        let reason = "names no key, which s3:// needs (AWS_ACCESS_KEY_ID may name it)";
        return Err(of_setting("documents.s3_access_key", &reason));
    }
    if settings.s3_secret_key.is_empty() {
        let reason = "is missing, and s3:// needs it: FOND__DOCUMENTS__S3_SECRET_KEY or AWS_SECRET_ACCESS_KEY";
        return Err(of_setting("documents.s3_secret_key", &reason));
    }
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    let prefix = Path::parse(prefix).map_err(|error| of_setting("documents.store", &error))?;
    let is_plain = settings.s3_endpoint.starts_with("http://");
    let client =
        ClientOptions::new().with_timeout(TIMEOUT).with_connect_timeout(CONNECT_TIMEOUT).with_allow_http(is_plain);
    let retry = RetryConfig { max_retries: RETRIES, retry_timeout: TIMEOUT, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_client_options(client).with_retry(retry);
    builder = builder.with_access_key_id(settings.s3_access_key.as_str());
    builder = builder.with_secret_access_key(settings.s3_secret_key.reveal());
    // One at a time, as every store that speaks S3 can.
    builder = builder.with_disable_bulk_delete(true);
    if !settings.s3_endpoint.is_empty() {
        builder = builder.with_endpoint(settings.s3_endpoint.as_str());
    }
    if !settings.s3_region.is_empty() {
        builder = builder.with_region(settings.s3_region.as_str());
    }
    let store = builder.build().map_err(|error| of_setting("documents.store", &error))?;
    Ok(Place { store: Arc::new(store), prefix })
}

fn of_setting(key: &str, error: &impl std::fmt::Display) -> Error {
    Error::Settings(format!("wrong setting {key}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_by_chance_and_nothing_else_is_one() {
        let (one, other) = (ObjectName::random().unwrap(), ObjectName::random().unwrap());
        assert_ne!(one, other);
        assert_eq!(ObjectName::parse(one.as_str()), Some(one));
        for wrong in ["", "..", "0123456789abcdef0123456789ABCDEF", "0123456789abcdef0123456789abcde/"] {
            assert_eq!(ObjectName::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_bucket_wants_no_network_to_be_named() {
        let settings = DocumentSettings {
            store: "s3://fond/documents".into(),
            s3_endpoint: "https://s3.example.org".into(),
            s3_region: "eu-central-1".into(),
            s3_access_key: "key".into(),
            s3_secret_key: crate::config::Secret::new("secret".into()),
        };
        let engine = Engine::Postgres("postgres://none".into());
        Objects::open(&settings, &engine).unwrap().require().unwrap();
        for (key, wrong) in [
            ("documents.s3_access_key", DocumentSettings { s3_access_key: String::new(), ..settings.clone() }),
            ("documents.s3_secret_key", DocumentSettings { s3_secret_key: Default::default(), ..settings.clone() }),
        ] {
            let error = Objects::open(&wrong, &engine).err().unwrap();
            assert!(matches!(&error, Error::Settings(message) if message.contains(key)), "{error}");
        }
        let none = DocumentSettings { store: String::new(), ..settings };
        assert!(matches!(Objects::open(&none, &engine).unwrap().require(), Err(Error::Objects(_))));
    }
}
