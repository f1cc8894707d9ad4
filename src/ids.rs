//! The ids of everything that is stored: UUIDv7, made before the insert, one type for each thing.
//!
//! They stand in the kernel, actor ids too, so that the audit log can speak of things whose slices come after it.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Binary;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Makes id types: 16 bytes in the database, the usual hyphenated text elsewhere.
macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow)]
        #[diesel(sql_type = Binary)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id. Ids made later in one process sort later.
            #[expect(clippy::new_without_default, reason = "each call gives another id")]
            #[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(out)
            }
        }

        impl<DB: Backend> ToSql<Binary, DB> for $name
        where
            [u8]: ToSql<Binary, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <[u8] as ToSql<Binary, DB>>::to_sql(self.0.as_bytes().as_slice(), out)
            }
        }

        impl<DB: Backend> FromSql<Binary, DB> for $name
        where
            Vec<u8>: FromSql<Binary, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
                Ok(Self(Uuid::from_slice(&Vec::from_sql(raw)?)?))
            }
        }
    )+ };
}

ids! {
    /// Somebody: an applicant, or one who works for the fund.
    PersonId,
    /// Somebody signed in on a device.
    SessionId,
    /// A row of the access journal.
    AccessId,
    /// What somebody asked and a mailed link answers.
    MailRequestId,
    /// One request to the API, in its answer and its line of the log.
    RequestId,
    /// A role offered by mail.
    InvitationId,
    /// A role given to a person.
    GrantId,
    /// An event of the audit log.
    EventId,
    /// A job that waits for the worker.
    JobId,
    /// An account of the books.
    AccountId,
    /// A journal entry.
    EntryId,
    ContributionId,
    CallId,
    ApplicationId,
    ClarificationId,
    DocumentId,
    ProgrammeId,
    RegisterId,
    AidRecordId,
    ResolutionId,
    SeatId,
    VoteId,
    AwardId,
    PayoutId,
    ExecutionId,
    /// Whoever has keys of their own: a person, a register, or the fund itself (all zeros).
    OwnerId,
}

impl CallId {
    /// No call: what is not there stands on this one.
    pub const NONE: Self = Self(Uuid::nil());
}

impl OwnerId {
    /// The owner of the keys that belong to nobody in particular: those of the blind indexes.
    pub const FUND: Self = Self(Uuid::nil());
}

impl From<PersonId> for OwnerId {
    fn from(person: PersonId) -> Self {
        Self(person.0)
    }
}

impl From<RegisterId> for OwnerId {
    fn from(register: RegisterId) -> Self {
        Self(register.0)
    }
}
