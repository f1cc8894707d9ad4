//! The URL of a database as libpq takes it apart: what is secret in it, and what may be shown.

use zeroize::Zeroizing;

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
