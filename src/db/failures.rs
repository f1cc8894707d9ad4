//! What went wrong with a database: a race that may be won another time, a connection that is gone, or neither.

use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::error::Error;

/// A lost connection by its own name: the database was restarted, say, while the connection lay in the pool.
pub(super) fn unless_lost(error: Error) -> Error {
    match error {
        Error::Database(error) if is_lost_connection(&error) => Error::Connection(error.to_string()),
        error => error,
    }
}

/// What came of a commit: where the connection was lost meanwhile, it may have been carried out.
pub(super) fn unless_unsure(error: DieselError) -> Error {
    if is_lost_connection(&error) { Error::Unsure(error.to_string()) } else { error.into() }
}

/// Whether nobody is at the other end any more. libpq says so in words.
pub fn is_lost_connection(error: &DieselError) -> bool {
    let words = ["connection", "terminating"];
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => true,
        DieselError::DatabaseError(DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::Unknown, info) => {
            words.iter().any(|word| info.message().contains(word))
        }
        DieselError::BrokenTransactionManager => true,
        DieselError::RollbackErrorOnCommit { commit_error, .. } => is_lost_connection(commit_error),
        _ => false,
    }
}

/// Whether the work lost a race and may win when it runs again.
pub(super) fn is_race(error: &Error) -> bool {
    matches!(error, Error::Database(error) if is_lost_race(error))
}

/// Whether the engine refused for what another transaction did at the same time.
pub fn is_lost_race(error: &DieselError) -> bool {
    let DieselError::DatabaseError(kind, info) = error else {
        return false;
    };
    // diesel knows one of the states; the others are told by their message. The shared memory of PostgreSQL is out while the
    // transactions of others hold more locks than its table takes.
    let races = [
        "deadlock detected",
        "could not serialize",
        "lock timeout",
        "is locked",
        "canceling statement due to lock",
        "out of shared memory",
    ];
    match kind {
        // Every action asks first whether a key is taken, so that a second run gives the proper refusal.
        DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::UniqueViolation => true,
        _ => races.iter().any(|race| info.message().contains(race)),
    }
}

/// Waits a random moment that grows with the tries, so that those who collided do not collide again.
pub(super) fn pause(tries: u32) {
    let longest = 1_u64.checked_shl(tries.min(7)).unwrap_or(128);
    let millis = getrandom::u64().unwrap_or(1).checked_rem(longest.saturating_add(1)).unwrap_or(1);
    std::thread::sleep(Duration::from_millis(millis.saturating_add(1)));
}
