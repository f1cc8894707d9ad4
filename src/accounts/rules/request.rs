//! What can be asked by mail, and how long the answer is good for.

crate::text_enum! {
    pub enum RequestKind {
        Registration => "registration",
        /// A link and a short code instead of a password.
        SignIn => "sign_in",
        PasswordReset => "password_reset",
        /// Confirmed at the old and the new address.
        EmailChange => "email_change",
    }
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

impl RequestKind {
    /// How long its links work, in seconds.
    pub fn lifetime_seconds(self) -> u64 {
        match self {
            Self::SignIn => 10 * MINUTE,
            Self::PasswordReset => HOUR,
            Self::Registration | Self::EmailChange => 24 * HOUR,
        }
    }

    /// The same in hours, as letters say it.
    pub fn lifetime_hours(self) -> u32 {
        u32::try_from(self.lifetime_seconds().div_ceil(HOUR)).unwrap_or(u32::MAX)
    }

    /// How often its short code may be tried.
    pub const TRIES: i32 = 5;
}
