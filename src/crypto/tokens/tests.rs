//! Every way we know to bring a token that is not ours, or no longer, and the one way that is right.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::EncodingKey;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NOW: &str = "2020-07-16T12:00:00Z";

fn settings() -> TokenSettings {
    crate::config::Settings::load(None).unwrap().tokens
}

fn key_line(digit: &str) -> String {
    format!("fond-signing-key-1:{}", digit.repeat(64))
}

fn tokens() -> AccessTokens {
    AccessTokens::new(SigningKeys::parse(&key_line("a")).unwrap(), &settings())
}

fn now() -> Instant {
    NOW.parse().unwrap()
}

fn claims() -> AccessClaims {
    AccessClaims {
        person: PersonId::from(uuid::Uuid::from_u128(1)),
        session: SessionId::from(uuid::Uuid::from_u128(2)),
    }
}

/// The payload of a good token, with some claims exchanged; `null` takes one away.
fn payload(changes: Value) -> Value {
    let issued_at = now().unix_seconds();
    let mut payload = json!({"iss": "fond", "aud": "fond-api", "sub": claims().person, "sid": claims().session,
        "iat": issued_at, "exp": issued_at + 600});
    for (name, value) in changes.as_object().unwrap() {
        payload[name] = value.clone();
        payload.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    }
    payload
}

/// Signed as ours are, whatever is said.
fn signed(tokens: &AccessTokens, change: impl Fn(&mut Header), payload: &Value) -> String {
    let key = tokens.keys.signing();
    let mut header = header(key);
    change(&mut header);
    jsonwebtoken::encode(&header, payload, &key.encoding).unwrap()
}

fn encoded(part: &Value) -> String {
    BASE64URL_NOPAD.encode(part.to_string().as_bytes())
}

fn refused(tokens: &AccessTokens, token: &str) -> bool {
    matches!(tokens.verify(token, now()), Err(Error::Unauthenticated))
}

#[test]
fn a_token_says_who_until_it_expires() {
    let tokens = tokens();
    let token = tokens.issue(&claims(), now()).unwrap();
    assert!(token.len() < 500, "{}", token.len());
    let moments = [("11:58:59", false), ("11:59:00", true), ("12:00:00", true), ("12:09:59.999999", true)];
    for (time, is_good) in moments.into_iter().chain([("12:10:00", false), ("12:00:00", true)]) {
        let moment = format!("2020-07-16T{time}Z").parse().unwrap();
        let outcome = tokens.verify(&token, moment);
        assert_eq!(outcome.ok(), is_good.then_some(claims()), "{time}");
    }
    assert_eq!(tokens.memory.len(), 1);
}

#[test]
fn the_header_names_algorithm_type_and_key() {
    let token = tokens().issue(&claims(), now()).unwrap();
    let header = BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(header, json!({"alg": "EdDSA", "typ": "at+jwt", "kid": tokens().keys.signing().kid}));
}

#[test]
fn wrong_claims_are_refused_though_signed() {
    let tokens = tokens();
    let at = now().unix_seconds();
    assert!(!refused(&tokens, &signed(&tokens, |_| {}, &payload(json!({})))));
    let wrong = [
        json!({"iss": "fund"}),
        json!({"aud": "fond"}),
        json!({"aud": ["fond-api"]}),
        json!({"exp": at}),
        json!({"exp": at - 1}),
        json!({"exp": at + 601}),
        json!({"exp": i64::MAX, "iat": -1}),
        json!({"iat": at + 61, "exp": at + 300}),
        json!({"iat": at, "exp": format!("{}", at + 60)}),
        json!({"sub": "nobody"}),
    ];
    let missing = ["iss", "aud", "sub", "sid", "iat", "exp"].map(|name| json!({name: null}));
    for changes in wrong.iter().chain(&missing) {
        assert!(refused(&tokens, &signed(&tokens, |_| {}, &payload(changes.clone()))), "{changes}");
    }
    assert!(!refused(&tokens, &signed(&tokens, |_| {}, &payload(json!({"iat": at + 60, "exp": at + 300})))));
}

#[test]
fn wrong_headers_are_refused_though_signed() {
    let tokens = tokens();
    let with_type = |typ: Option<&str>| signed(&tokens, |header| header.typ = typ.map(Into::into), &payload(json!({})));
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"] {
        assert!(!refused(&tokens, &with_type(Some(typ))), "{typ}");
    }
    for typ in [None, Some("JWT"), Some("at+jwt "), Some("text/at+jwt"), Some("application/application/at+jwt")] {
        assert!(refused(&tokens, &with_type(typ)), "{typ:?}");
    }
    let other = SigningKeys::parse(&key_line("b")).unwrap().signing().kid.clone();
    for kid in [None, Some(String::new()), Some(other)] {
        assert!(
            refused(&tokens, &signed(&tokens, |header| header.kid.clone_from(&kid), &payload(json!({})))),
            "{kid:?}"
        );
    }
}

#[test]
fn other_algorithms_and_keys_are_refused() {
    let tokens = tokens();
    let key = tokens.keys.signing();
    let body = encoded(&payload(json!({})));
    for algorithm in ["none", "None", "NONE", "", "HS256", "ES256", "EdDSA"] {
        let head = encoded(&json!({"alg": algorithm, "typ": TYPE, "kid": key.kid}));
        for signature in ["", "AA", "null"] {
            assert!(refused(&tokens, &format!("{head}.{body}.{signature}")), "{algorithm}");
        }
        assert!(refused(&tokens, &format!("{head}.{body}")));
    }
    // The public key is no secret: it must not serve as one.
    let mut hmac = Header::new(Algorithm::HS256);
    hmac.typ = Some(TYPE.into());
    hmac.kid = Some(key.kid.clone());
    let secret = EncodingKey::from_secret(key.decoding.try_get_as_bytes().unwrap());
    assert!(refused(&tokens, &jsonwebtoken::encode(&hmac, &payload(json!({})), &secret).unwrap()));
    // Another's key under the name of ours.
    let stranger = SigningKeys::parse(&key_line("b")).unwrap();
    let forged = jsonwebtoken::encode(&header(key), &payload(json!({})), &stranger.signing().encoding).unwrap();
    assert!(refused(&tokens, &forged));
}

#[test]
fn changed_cut_and_long_tokens_are_refused() {
    let tokens = tokens();
    let token = tokens.issue(&claims(), now()).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let other = encoded(&payload(json!({"sub": uuid::Uuid::from_u128(3)})));
    assert!(refused(&tokens, &format!("{}.{other}.{}", parts[0], parts[2])));
    (0..token.len()).for_each(|length| assert!(refused(&tokens, &token[..length]), "{length}"));
    for wrong in [format!("{token}="), format!(" {token}"), format!("{token}."), format!("{token}.{token}")] {
        assert!(refused(&tokens, &wrong), "{wrong}");
    }
    let padded = |length: usize| signed(&tokens, |_| {}, &payload(json!({"more": "x".repeat(length)})));
    let longest = (0..1500).rev().map(padded).find(|token| token.len() <= LONGEST_TOKEN_BYTES).unwrap();
    assert!(!refused(&tokens, &longest));
    assert!(refused(&tokens, &padded(1500)));
}

#[test]
fn a_token_of_the_key_before_verifies_and_a_forgotten_key_does_not() {
    let old = tokens().issue(&claims(), now()).unwrap();
    let rotated = |lines: &[&str]| {
        let text: Vec<String> = lines.iter().map(|digit| key_line(digit)).collect();
        AccessTokens::new(SigningKeys::parse(&text.join("\n")).unwrap(), &settings())
    };
    let tokens = rotated(&["b", "a"]);
    assert!(!refused(&tokens, &old));
    let new = tokens.issue(&claims(), now()).unwrap();
    assert_ne!(old, new);
    assert!(!refused(&tokens, &new));
    assert!(refused(&rotated(&["c", "b"]), &old));
}

proptest! {
    #[test]
    fn one_changed_character_refuses_a_token(at in 0..10_000_usize, other in "[A-Za-z0-9_.=+/ -]") {
        let tokens = tokens();
        let token = tokens.issue(&claims(), now()).unwrap();
        prop_assert!(tokens.verify(&token, now()).is_ok());
        let at = at % token.len();
        prop_assume!(token[at..=at] != other);
        let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        prop_assert!(refused(&tokens, &changed));
    }

    #[test]
    fn nonsense_is_refused(text in "\\PC{0,200}(\\.\\PC{0,200}){0,3}") {
        prop_assert!(refused(&tokens(), &text));
    }
}
