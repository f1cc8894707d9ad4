//! How often somebody may ask: counted by account, and by address only where nobody is signed in.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use sha2::{Digest, Sha256};

use super::problem::Problem;
use crate::config::LimitSettings;
use crate::ids::PersonId;

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// A number of requests in a window, for each key.
struct Limit<K: Hash + Eq + Clone> {
    name: &'static str,
    /// What `RateLimit-Policy` says of it.
    policy: Arc<str>,
    window_seconds: u64,
    most: u32,
    keyed: Keyed<K>,
}

/// Who may ask how often. Kept in memory: several servers count each for itself.
pub struct Limits {
    accounts: Limit<PersonId>,
    addresses: Limit<IpAddr>,
    sign_ins: Limit<Hashed>,
    codes: Limit<PersonId>,
    letters: Limit<Hashed>,
}

/// SHA-256 of an address of mail, so that none is kept.
type Hashed = [u8; 32];

/// What the counting of one request came to.
#[derive(Debug, Clone)]
pub struct Decision {
    policy: Arc<str>,
    state: String,
    /// How long to wait, where it was one too many.
    pub retry_after_seconds: Option<u64>,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(name: &'static str, most: u32, window: Duration) -> Self {
        let burst = NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN);
        let each = window.checked_div(burst.get()).unwrap_or(window);
        let quota = Quota::with_period(each).unwrap_or_else(|| Quota::per_minute(burst)).allow_burst(burst);
        let keyed = RateLimiter::keyed(quota).with_middleware();
        let (window_seconds, most) = (window.as_secs(), burst.get());
        let policy = format!("\"{name}\";q={most};w={window_seconds}").into();
        Self { name, policy, window_seconds, most, keyed }
    }

    fn count(&self, key: &K) -> Decision {
        let (remaining, wait) = match self.keyed.check_key(key) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(not_until) => {
                let wait = not_until.wait_time_from(DefaultClock::default().now());
                (0, Some(wait.as_secs().saturating_add(1)))
            }
        };
        let used = u64::from(self.most.saturating_sub(remaining));
        let reset = used.saturating_mul(self.window_seconds).div_ceil(u64::from(self.most.max(1)));
        Decision {
            policy: Arc::clone(&self.policy),
            state: format!("\"{}\";r={remaining};t={reset}", self.name),
            retry_after_seconds: wait,
        }
    }

    fn require(&self, key: &K) -> Result<(), Problem> {
        let decision = self.count(key);
        match decision.retry_after_seconds {
            None => Ok(()),
            Some(seconds) => Err(Problem { limit: Some(Box::new(decision)), ..too_many(seconds) }),
        }
    }
}

pub(super) fn too_many(seconds: u64) -> Problem {
    Problem::later(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", seconds)
}

const MINUTE: Duration = Duration::from_secs(60);
const QUARTER: Duration = Duration::from_secs(900);
const HOUR: Duration = Duration::from_secs(3600);

impl Limits {
    pub fn new(settings: &LimitSettings) -> Self {
        Self {
            accounts: Limit::new("account", settings.account_per_minute, MINUTE),
            addresses: Limit::new("address", settings.address_per_minute, MINUTE),
            sign_ins: Limit::new("sign_in", settings.sign_ins_per_quarter, QUARTER),
            codes: Limit::new("code", settings.sign_ins_per_quarter, QUARTER),
            letters: Limit::new("letter", settings.letters_per_hour, HOUR),
        }
    }

    /// Counts a request of somebody signed in.
    pub(super) fn account(&self, person: PersonId) -> Decision {
        self.accounts.count(&person)
    }

    /// Counts a request of nobody in particular. A network of IPv6 (/64) is one address.
    pub(super) fn address(&self, address: IpAddr) -> Decision {
        self.addresses.count(&network(address))
    }

    /// Counts an attempt to sign in with an address of mail, folded, known or not.
    ///
    /// # Errors
    /// 429 where it is one too many.
    pub fn sign_in(&self, email: &str) -> Result<(), Problem> {
        self.sign_ins.require(&Sha256::digest(email).into())
    }

    /// Counts a try of a second factor or password by somebody signed in.
    ///
    /// # Errors
    /// 429 where it is one too many.
    pub fn code(&self, person: PersonId) -> Result<(), Problem> {
        self.codes.require(&person)
    }

    /// Counts a letter that anybody may ask for, to a folded address.
    ///
    /// # Errors
    /// 429 where it is one too many.
    pub fn letter(&self, email: &str) -> Result<(), Problem> {
        self.letters.require(&Sha256::digest(email).into())
    }

    /// Forgets whoever has not asked for a while.
    pub fn forget(&self) {
        self.accounts.keyed.retain_recent();
        self.addresses.keyed.retain_recent();
        self.sign_ins.keyed.retain_recent();
        self.codes.keyed.retain_recent();
        self.letters.keyed.retain_recent();
    }
}

impl Decision {
    /// The fields of draft-ietf-httpapi-ratelimit-headers: (RateLimit-Policy, RateLimit).
    pub(super) fn headers(&self) -> (&str, &str) {
        (&self.policy, &self.state)
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_does_not_use_up_anothers() {
        let settings = LimitSettings {
            account_per_minute: 2,
            address_per_minute: 1,
            sign_ins_per_quarter: 1,
            letters_per_hour: 1,
        };
        let limits = Limits::new(&settings);
        let (ana, iva) = (PersonId::new(), PersonId::new());
        assert_eq!(limits.account(ana).headers(), ("\"account\";q=2;w=60", "\"account\";r=1;t=30"));
        assert_eq!(limits.account(ana).retry_after_seconds, None);
        assert!(limits.account(ana).retry_after_seconds.is_some_and(|seconds| (1..=31).contains(&seconds)));
        assert_eq!(limits.account(iva).retry_after_seconds, None);
        assert!(limits.code(ana).is_ok() && limits.code(ana).is_err() && limits.code(iva).is_ok());
    }

    #[test]
    fn a_network_is_one_address() {
        let limits = Limits::new(&LimitSettings {
            account_per_minute: 1,
            address_per_minute: 1,
            sign_ins_per_quarter: 1,
            letters_per_hour: 1,
        });
        let is_let = |address: &str| limits.address(address.parse().unwrap()).retry_after_seconds.is_none();
        assert!(is_let("2001:db8::1") && !is_let("2001:db8::2") && is_let("2001:db8:0:1::1"));
        assert!(is_let("192.0.2.1") && !is_let("::ffff:192.0.2.1") && is_let("192.0.2.2"));
    }
}
