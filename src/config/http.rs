//! Settings of the server: where it listens, who may call it, how often.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A wrong setting: its key, and the rule it breaks.
type Wrong = (&'static str, &'static str);

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,
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
fn list<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(from: D) -> Result<Vec<T>, D::Error> {
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
