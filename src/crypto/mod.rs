//! Sealing what is personal: keys per owner and class, the one AEAD primitive, blind indexes, commitments.
//!
//! ```text
//! master key (a file outside the database)
//!   └ wraps  data keys: one per person and class (identity, need, payment), one per aid register, one per blind index
//!       └ seal  the columns named *_sealed
//! ```
//! Destroying a data key erases what it sealed, in every copy of the database.

mod commitment;
mod index;
mod master;
mod seal;
mod store;
mod vault;

pub use commitment::{Commitment, Salt, commit};
pub use index::{BlindIndex, IndexKind, hmac_sha256};
pub use master::MasterKey;
pub use seal::{DataKey, Place, Sealed};
pub use vault::{KeyClass, Vault};
