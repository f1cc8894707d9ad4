//! Sealing what is personal (keys per owner and class, the one AEAD primitive, blind indexes, commitments), hashing passwords, signing tokens.
//!
//! ```text
//! master key (a file outside the database)
//!   └ wraps  data keys: one per person and class (identity, need, payment, documents), one per aid register, one per blind index
//!       └ seal  the columns named *_sealed, and the documents
//! ```
//! Destroying a data key erases what it sealed, in every copy of the database.

mod commitment;
mod coverage;
mod hashing;
mod index;
mod indexes;
mod master;
mod opener;
mod private_file;
mod ring;
mod rotation;
mod seal;
mod signing;
mod store;
mod tokens;
mod vault;

pub use commitment::{Commitment, Salt, commit};
pub use coverage::require_all;
pub use hashing::{Hasher, PasswordText, Verdict};
pub use index::{BlindIndex, IndexKind, hmac_sha256};
pub use indexes::Forms;
pub use master::MasterKey;
pub use opener::{OpenLog, Opened, Opener, Openings, Purpose, Reader};
pub use private_file::{read_private, sync_folder_of};
pub use rotation::{PAUSE, rotate, rotate_indexes};
pub use seal::{DataKey, Place, Sealed, random_bytes};
pub use signing::SigningKeys;
pub use store::StoredKey;
pub use store::renewing::{INDEX_COLUMNS, IndexColumn};
pub use tokens::{AccessClaims, AccessTokens};
pub use vault::{KeyClass, Keys, Vault};
