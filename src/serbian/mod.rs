//! Serbian formats, all pure: numbers of people, companies and accounts, references, the IPS QR text, scripts.

mod account;
mod digits;
mod folding;
mod ips;
mod jmbg;
mod maticni;
mod pib;
mod reference;
mod script;

pub use account::{AccountError, BankAccount};
pub use folding::{fold, fold_address};
pub use ips::{IpsError, PaymentQr};
pub use jmbg::{Jmbg, JmbgError};
pub use maticni::{MaticniBroj, MaticniBrojError};
pub use pib::{Pib, PibError};
pub use reference::{Reference, ReferenceError};
pub use script::{cyrillic, latin};
