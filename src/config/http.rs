//! Settings of the server: where it listens, who may call it, how often.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::error::Error;

/// A wrong setting: its key, and the rule it breaks.
type Wrong = (&'static str, &'static str);

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,
    /// Whether other machines may reach it where people do not come by https.
    pub open_without_tls: bool,
    /// Where people reach the pages; links in letters begin with it.
    pub public_url: String,
    /// How many threads answer; 0: as many as the machine has processors.
    pub workers: usize,
    /// Proxies whose X-Forwarded-For is believed.
    #[serde(deserialize_with = "list")]
    pub trusted_proxies: Vec<IpAddr>,
    /// Other origins whose pages may call the API from a browser.
    #[serde(deserialize_with = "list")]
    pub allowed_origins: Vec<String>,
    /// Whether the document of the API is served, and the page to try it.
    pub docs: bool,
    /// Where Prometheus finds the metrics; empty: nowhere.
    pub metrics_listen: String,
    /// How much is logged: error, warn, info or debug.
    pub log: String,
}

/// How often somebody may ask.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// Requests of one account in a minute.
    pub account_per_minute: u32,
    /// Requests of one address in a minute, where nobody is signed in.
    pub address_per_minute: u32,
    /// Attempts to sign in to one account, and codes tried on it, in a quarter of an hour.
    pub sign_ins_per_quarter: u32,
    /// Letters that anybody may ask for to one address in an hour.
    pub letters_per_hour: u32,
}

impl HttpSettings {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        let is_url = |url: &str| behind_scheme(url).is_some_and(|rest| !rest.ends_with('/'));
        let is_origin = |url: &str| behind_scheme(url).is_some_and(|rest| !rest.contains('/'));
        if !is_url(&self.public_url) {
            return Err(("http.public_url", "must begin with https:// (or http://) and not end with a slash"));
        }
        if !self.allowed_origins.iter().all(|origin| is_origin(origin)) {
            return Err(("http.allowed_origins", "must be origins such as https://fond.example.org"));
        }
        if self.metrics_listen().is_err() {
            return Err(("http.metrics_listen", "must be empty or an address with a port, such as 127.0.0.1:9464"));
        }
        if !matches!(self.log.as_str(), "error" | "warn" | "info" | "debug") {
            return Err(("http.log", "must be error, warn, info or debug"));
        }
        if self.workers > 1024 {
            return Err(("http.workers", "must be 0 to 1024"));
        }
        Ok(())
    }

    /// Asks that passwords and tokens cross no network in the open: it listens on this machine alone, or people come by
    /// https, which a proxy in front of it ends, or the settings say that it may.
    ///
    /// # Errors
    /// [`Error::Settings`].
    pub fn require_tls(&self) -> Result<(), Error> {
        let is_here = self.listen.ip().to_canonical().is_loopback();
        if is_here || self.public_url.starts_with("https://") || self.open_without_tls {
            return Ok(());
        }
        Err(Error::Settings(format!(
            "http.listen: {} can be reached from other machines, and people come by {} without TLS: put a proxy with TLS \
             in front and set http.public_url to its https:// address, or, where passwords may cross the network in the \
             open, http.open_without_tls = true",
            self.listen, self.public_url
        )))
    }

    /// Where the metrics listen, if anywhere.
    pub fn metrics_listen(&self) -> Result<Option<SocketAddr>, std::net::AddrParseError> {
        Some(self.metrics_listen.as_str()).filter(|address| !address.is_empty()).map(str::parse).transpose()
    }
}

impl LimitSettings {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        let Self { account_per_minute, address_per_minute, sign_ins_per_quarter, letters_per_hour } = *self;
        let named = [
            ("limits.account_per_minute", account_per_minute),
            ("limits.address_per_minute", address_per_minute),
            ("limits.sign_ins_per_quarter", sign_ins_per_quarter),
            ("limits.letters_per_hour", letters_per_hour),
        ];
        let zero = named.into_iter().find(|(_, limit)| *limit == 0);
        zero.map_or(Ok(()), |(key, _)| Err((key, "must be at least 1")))
    }
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(|_| D::Error::custom("must be an address with a port, such as 127.0.0.1:8080"))
}

/// A list, or (as it stands in a variable of the environment) its items with commas between them.
pub(super) fn list<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(from: D) -> Result<Vec<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        List(Vec<String>),
        Line(String),
    }
    let items = match Written::deserialize(from)? {
        Written::List(items) => items,
        Written::Line(line) => {
            line.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
        }
    };
    let read = |item: &String| item.parse().map_err(|error| D::Error::custom(format!("“{item}”: {error}")));
    items.iter().map(read).collect()
}

/// What stands behind http:// or https://, if it can stand in a link.
fn behind_scheme(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let is_strange = |letter: char| letter.is_whitespace() || "?#\"<>".contains(letter);
    (!rest.is_empty() && !rest.contains(is_strange)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::super::Settings;

    fn is_let(listen: &str, public_url: &str, open_without_tls: &str) -> bool {
        let variables = [("LISTEN", listen), ("PUBLIC_URL", public_url), ("OPEN_WITHOUT_TLS", open_without_tls)];
        let variables = variables.map(|(key, value)| (format!("FOND__HTTP__{key}"), value.to_owned()));
        let environment = config::Environment::default().source(Some(variables.into_iter().collect()));
        Settings::load_with(None, environment).unwrap().http.require_tls().is_ok()
    }

    #[test]
    fn other_machines_reach_it_where_people_come_by_https_or_it_is_said() {
        for here in ["127.0.0.1:8080", "127.1.2.3:0", "[::1]:8080", "[::ffff:127.0.0.1]:8080"] {
            assert!(is_let(here, "http://localhost:8080", "false"), "{here}");
        }
        for open in ["0.0.0.0:8080", "[::]:8080", "192.0.2.7:8080", "[2001:db8::1]:8080", "[::ffff:192.0.2.7]:8080"] {
            assert!(!is_let(open, "http://localhost:8080", "false"), "{open}");
            assert!(is_let(open, "https://fond.example.org", "false"), "{open}");
            assert!(is_let(open, "http://fond.example.org", "true"), "{open}");
        }
    }
}
