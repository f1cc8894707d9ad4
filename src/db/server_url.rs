//! The URL of a database as libpq takes it apart: what is secret in it, and what may be shown.

use std::net::IpAddr;

use zeroize::Zeroizing;

/// A URL as libpq is given it: a server on this very machine is asked for a plain connection first, and only where it wants
/// none for an encrypted one (`sslmode=allow`, <https://www.postgresql.org/docs/15/libpq-ssl.html>). What never leaves the
/// machine is nobody's to listen to, and encrypting it costs a tenth of the processor. Whoever says how to connect is obeyed.
pub(super) fn as_connected(url: &str) -> String {
    if std::env::var_os("PGSSLMODE").is_some() { url.to_owned() } else { plain_at_home(url) }
}

fn plain_at_home(url: &str) -> String {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let host = place.split_once("://").map_or("", |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next(),
        None => host.split(':').next(),
    };
    let name = name.unwrap_or_default();
    let is_here = name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let says = |key: &str| query.split('&').any(|parameter| parameter.starts_with(key));
    let is_told = says("ssl") || says("host") || says("service");
    match (is_here && !is_told, query.is_empty()) {
        (false, _) => url.to_owned(),
        (true, true) => format!("{place}?sslmode=allow"),
        (true, false) => format!("{url}&sslmode=allow"),
    }
}

/// A URL whose secrets stand apart.
pub struct ServerUrl {
    /// The URL without a password.
    pub shown: String,
    pub password: Option<Zeroizing<String>>,
    /// Whether it names the password of a key file, which `shown` leaves out.
    pub has_key_password: bool,
}

impl ServerUrl {
    /// Takes a URL apart as libpq does (`conninfo_uri_parse_options` in fe-connect.c).
    pub fn parse(url: &str) -> Self {
        let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
        let (user, rest) = match rest.find(['@', '/']).and_then(|at| rest.split_at_checked(at)) {
            Some((user, rest)) if rest.starts_with('@') => (user, rest),
            _ => ("", rest),
        };
        let (user, own) = user.split_once(':').map_or((user, None), |(user, password)| (user, Some(password)));
        let mut password = own.map(decode);
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (mut kept, mut has_key_password) = (Vec::new(), false);
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match decode(key).as_str() {
                "password" => password = Some(decode(value)),
                "sslpassword" => has_key_password = true,
                _ => kept.push(parameter),
            }
        }
        let mark = if kept.is_empty() { "" } else { "?" };
        let shown = format!("{scheme}://{user}{place}{mark}{}", kept.join("&"));
        Self { shown, password, has_key_password }
    }

    /// Whether it holds what only its owner may read.
    pub fn holds_secret(&self) -> bool {
        self.has_key_password || self.password.as_ref().is_some_and(|password| !password.is_empty())
    }
}

/// Percent-encoding (RFC 3986). What is none stays as it is; libpq has refused it before.
fn decode(text: &str) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let coded = (*first == b'%').then(|| behind.split_at_checked(2)).flatten();
        let coded = coded.and_then(|(digits, rest)| {
            let digits = std::str::from_utf8(digits).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, rest))
        });
        let (byte, behind) = coded.unwrap_or((*first, behind));
        bytes.push(byte);
        rest = behind;
    }
    Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_on_this_machine_is_asked_without_encryption() {
        for (url, asked) in [
            ("postgres://ana@127.0.0.1:5432/fond", "postgres://ana@127.0.0.1:5432/fond?sslmode=allow"),
            ("postgres://[::1]/fond", "postgres://[::1]/fond?sslmode=allow"),
            ("postgresql://a:b@localhost", "postgresql://a:b@localhost?sslmode=allow"),
            (
                "postgres://localhost/fond?application_name=f",
                "postgres://localhost/fond?application_name=f&sslmode=allow",
            ),
        ] {
            assert_eq!(plain_at_home(url), asked);
        }
        for url in [
            "postgres://ana@db.example.org/fond",
            "postgres://10.0.0.1/fond",
            "postgres://localhost.example.org/fond",
            "postgres://localhost@db.example.org/fond",
            "postgres:///fond?host=/run/postgresql",
            "postgres://localhost/fond?host=db.example.org",
            "postgres://localhost/fond?sslmode=verify-full",
            "postgres://localhost/fond?hostaddr=10.0.0.1",
            "postgres://localhost/fond?service=fond",
            "postgres://localhost,db.example.org/fond",
        ] {
            assert_eq!(plain_at_home(url), url);
        }
    }

    #[test]
    fn a_url_with_a_secret_is_told_from_one_without() {
        for secret in ["postgres://ana:1@h/fond", "postgres://h/fond?password=1", "postgres://h/fond?sslpassword=1"] {
            let url = ServerUrl::parse(secret);
            assert!(url.holds_secret() && !url.shown.contains('1'), "{secret}");
        }
        for plain in [
            "",
            "sqlite:///var/lib/a:b@c",
            "postgres://ana@h/fond",
            "postgres://ana:@h/fond",
            "postgres://h/a?passfile=/x",
        ] {
            assert!(!ServerUrl::parse(plain).holds_secret(), "{plain}");
        }
    }
}
