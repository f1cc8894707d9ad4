//! The keys that sign access tokens: Ed25519, in a file outside the database or in the environment.

use std::path::Path;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::private_file::{KeyFile, parse_key, push_key};
use super::seal::{KEY_BYTES, random_bytes};
use crate::error::{Error, Result};

/// The first key signs, all verify: a token that was signed before a rotation is good until it expires.
pub struct SigningKeys {
    signing: Key,
    older: Vec<Key>,
}

/// One key pair, as the token library wants it.
pub(super) struct Key {
    /// The key's name in the header of a token: it says nothing but which key.
    pub kid: String,
    pub encoding: EncodingKey,
    pub decoding: DecodingKey,
}

type Seed = Zeroizing<[u8; KEY_BYTES]>;

const PREFIX: &str = "fond-signing-key-1:";
/// Tokens live ten minutes at most, so that one older key would do; two leave room for a rotation that was repeated.
const OLDER_KEYS_KEPT: usize = 2;
const MOST_KEYS: usize = 16;
const KID_CHARACTERS: usize = 16;

impl SigningKeys {
    /// Makes a key and writes it to a new file with mode 0600.
    ///
    /// # Errors
    /// [`Error::File`] where the file exists already (it is never overwritten) or cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        let seeds = [random_bytes()?];
        file(path).create(&to_text(&seeds))?;
        Self::from_seeds(&seeds)
    }

    /// Puts a new key before those of the file and keeps the two newest of them, so that what they signed still verifies.
    ///
    /// # Errors
    /// As for [`SigningKeys::read`]; [`Error::File`] where the file cannot be written. Then it is as it was.
    pub fn rotate(path: &Path) -> Result<Self> {
        let text = file(path).read()?;
        let older = parse_seeds(&text).ok_or_else(|| no_keys(&path.display()))?;
        let seeds: Vec<Seed> =
            std::iter::once(random_bytes()?).chain(older.into_iter().take(OLDER_KEYS_KEPT)).collect();
        file(path).replace(&to_text(&seeds))?;
        Self::from_seeds(&seeds)
    }

    /// Reads the keys of a file.
    ///
    /// # Errors
    /// [`Error::Crypto`] where the file is missing, readable by others, or holds anything but signing keys.
    pub fn read(path: &Path) -> Result<Self> {
        let text = file(path).read()?;
        Self::from_seeds(&parse_seeds(&text).ok_or_else(|| no_keys(&path.display()))?)
    }

    /// Reads keys from the text of such a file, as the environment may hold it: a line each, or separated by commas.
    ///
    /// # Errors
    /// [`Error::Crypto`] where it holds anything but signing keys.
    pub fn parse(text: &str) -> Result<Self> {
        Self::from_seeds(&parse_seeds(text).ok_or_else(|| no_keys(&"FOND_SIGNING_KEYS"))?)
    }

    fn from_seeds(seeds: &[Seed]) -> Result<Self> {
        let mut keys = seeds.iter().map(|seed| Key::from_seed(seed));
        let signing = keys.next().ok_or_else(|| Error::Crypto("there is no signing key".into()))??;
        Ok(Self { signing, older: keys.collect::<Result<_>>()? })
    }

    pub(super) fn signing(&self) -> &Key {
        &self.signing
    }

    pub(super) fn find(&self, kid: &str) -> Option<&Key> {
        std::iter::once(&self.signing).chain(&self.older).find(|key| key.kid == kid)
    }
}

impl Key {
    fn from_seed(seed: &[u8; KEY_BYTES]) -> Result<Self> {
        let key = SigningKey::from_bytes(seed);
        let public = key.verifying_key().to_bytes();
        let private =
            key.to_pkcs8_der().map_err(|error| Error::Crypto(format!("a signing key cannot be used: {error}")))?;
        Ok(Self {
            kid: kid(&public),
            encoding: EncodingKey::from_ed_der(private.as_bytes()),
            decoding: DecodingKey::from_ed_der(&public),
        })
    }
}

/// The first 96 bits of the public key's SHA-256, as base64url.
fn kid(public: &[u8; KEY_BYTES]) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(public)).chars().take(KID_CHARACTERS).collect()
}

fn to_text(seeds: &[Seed]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(512));
    seeds.iter().for_each(|seed| push_key(&mut text, PREFIX, seed));
    text
}

fn parse_seeds(text: &str) -> Option<Vec<Seed>> {
    let lines = text.split(['\n', ',']).map(str::trim).filter(|line| !line.is_empty());
    let seeds: Vec<Seed> = lines.map(|line| parse_key(line, PREFIX)).collect::<Option<_>>()?;
    (1..=MOST_KEYS).contains(&seeds.len()).then_some(seeds)
}

fn file(path: &Path) -> KeyFile<'_> {
    KeyFile { path, what: "signing key", if_missing: "make one: fond keys signing --out FILE" }
}

fn no_keys(place: &dyn std::fmt::Display) -> Error {
    Error::Crypto(format!(
        "{place} does not hold signing keys (lines {PREFIX}…, made by: fond keys signing --out FILE)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kids(keys: &SigningKeys) -> Vec<&str> {
        std::iter::once(&keys.signing).chain(&keys.older).map(|key| key.kid.as_str()).collect()
    }

    #[test]
    fn the_kid_is_cut_from_the_hash_of_the_public_key() {
        // RFC 8032, section 7.1, test 1.
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let keys = SigningKeys::parse(&format!("{PREFIX}{seed}")).unwrap();
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let public = data_encoding::HEXLOWER.decode(public.as_bytes()).unwrap();
        assert_eq!(keys.signing.decoding.try_get_as_bytes().unwrap(), public);
        assert_eq!(kids(&keys), ["If4x36FUomFia_hU"]);
    }

    #[test]
    fn a_rotation_puts_a_new_key_first_and_keeps_two() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing.keys");
        let first = SigningKeys::create(&path).unwrap();
        assert!(matches!(SigningKeys::create(&path), Err(Error::File { .. })));
        let mut expected = kids(&first);
        let rotated: Vec<SigningKeys> = (0..4).map(|_| SigningKeys::rotate(&path).unwrap()).collect();
        for keys in &rotated {
            expected.insert(0, &keys.signing.kid);
            expected.truncate(3);
            assert_eq!(kids(keys), expected);
        }
        assert_eq!(kids(&SigningKeys::read(&path).unwrap()), expected);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unfinished is left");
    }

    #[cfg(unix)]
    #[test]
    fn a_missing_wrong_or_readable_file_is_refused_by_name() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing.keys");
        let refusal = |expected: &str| {
            for outcome in [SigningKeys::read(&path), SigningKeys::rotate(&path)] {
                let message = outcome.err().unwrap().to_string();
                assert!(message.contains(expected) && message.contains("signing.keys"), "{message}");
            }
        };
        refusal("is missing");
        std::fs::write(&path, "not a key").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        refusal("chmod 600");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        refusal("does not hold signing keys");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "not a key");
    }

    #[test]
    fn a_text_holds_keys_and_nothing_else() {
        let line = |digit: &str| format!("{PREFIX}{}", digit.repeat(64));
        for text in [format!("{}\n{}\n", line("a"), line("b")), format!("{},{}", line("a"), line("b"))] {
            assert_eq!(SigningKeys::parse(&text).unwrap().older.len(), 1);
        }
        let wrong = [
            String::new(),
            "\n".into(),
            line("A"),
            line("a").replace("key-1", "key-2"),
            line("a").replace("signing", "master"),
            format!("{}0", line("a")),
            format!("{}\nrest", line("a")),
            vec![line("a"); 17].join(","),
        ];
        for text in wrong {
            assert!(SigningKeys::parse(&text).is_err(), "{text}");
        }
    }
}
