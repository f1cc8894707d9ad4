//! Queries of the accounts, one file for each kind of thing.

pub(super) mod erasing;
pub(super) mod invitations;
pub(super) mod logins;
pub(super) mod people;
pub(super) mod requests;
pub(super) mod sessions;
