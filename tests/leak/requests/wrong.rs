//! Secrets where none belongs: in bodies, names, queries, paths, headers, tokens; and what is no request.

use serde_json::{Map, Value, json};

use super::{Dice, Request, percent};
use crate::fund::{Fund, Who};

const EVERYBODY: [Who; 9] = [
    Who::Nobody,
    Who::Bystander,
    Who::Applicant(0),
    Who::Administrator,
    Who::Treasurer,
    Who::Authoriser,
    Who::Auditor,
    Who::Chair,
    Who::Member,
];

/// Any route but those that sign somebody out or take something away from whoever asks.
fn route(dice: &mut Dice, fund: &Fund, id: &str) -> Request {
    let is_safe = |(method, path): &&(String, String)| method != "DELETE" || path.contains('{');
    let routes: Vec<&(String, String)> = fund.routes.iter().filter(is_safe).collect();
    let (method, path) = *dice.pick(&routes);
    let filled: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { id } else { part }).collect();
    Request::at(*dice.pick(&EVERYBODY), method, path, filled.join("/"))
}

/// An id of something that is there, or of nothing.
fn id(dice: &mut Dice, fund: &Fund) -> String {
    let nothing = vec![uuid::Uuid::from_u128(u128::from(dice.next())).to_string()];
    let place = [&fund.checked, &fund.voted, &fund.payouts, &nothing][dice.below(4)];
    dice.pick(place).clone()
}

/// Only what can have a body that is read and refused.
fn posted(dice: &mut Dice, fund: &Fund) -> Request {
    loop {
        let id = id(dice, fund);
        let request = route(dice, fund, &id);
        if matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
            return request.header("If-Match", "*").header("Idempotency-Key", format!("key-{}", dice.next()));
        }
    }
}

const NAMES: [&str; 24] = [
    "email", "password", "token", "code", "name", "role", "ends_at", "call_id", "jmbg", "purpose", "question",
    "answer", "reason", "vote", "score", "amount", "donor", "budget", "digest", "binding", "into", "language", "born",
    "title",
];

pub fn body(dice: &mut Dice, fund: &Fund) -> Request {
    let mut fields = Map::new();
    for _ in 0..1 + dice.below(8) {
        let secret = dice.secret(fund);
        let value = match dice.below(4) {
            0 => json!(secret),
            1 => json!([secret]),
            2 => json!({"value": secret}),
            _ => secret.parse::<u64>().map_or(json!({"a": {"b": [secret]}}), Value::from),
        };
        fields.insert((*dice.pick(&NAMES)).to_owned(), value);
    }
    // Nothing that would be right: of what is sent one field is always one too many.
    fields.insert("surplus".into(), dice.secret(fund).into());
    posted(dice, fund).json(&Value::Object(fields))
}

pub fn names(dice: &mut Dice, fund: &Fund) -> Request {
    let (one, other) = (dice.secret(fund), dice.secret(fund));
    let body = match dice.below(4) {
        0 => format!("{{\"{one}\": 1, \"{other}\": \"{one}\"}}"),
        1 => format!("{{\"{one}\": 1, \"{one}\": 2}}"),
        2 => format!("{{\"a\": {{\"{one}\": {{\"{other}\": 1, \"{other}\": 2}}}}}}"),
        _ => {
            let mut rules: Value = serde_json::from_str(include_str!("../../cases/2020/call.json")).unwrap();
            rules["categories"][0][one.as_str()] = other.clone().into();
            rules["allocation"]["score"] = one.clone().into();
            rules["allocation"]["method"] = other.clone().into();
            rules["title"][other.as_str()] = one.into();
            let who = *dice.pick(&[Who::Administrator, Who::Auditor]);
            return Request::to(who, "POST", "calls", &[]).json(&rules);
        }
    };
    posted(dice, fund).header("Content-Type", "application/json").bytes(body.into_bytes())
}

pub fn query(dice: &mut Dice, fund: &Fund) -> Request {
    let (one, other) = (percent(&dice.secret(fund)), percent(&dice.secret(fund)));
    let id = id(dice, fund);
    let query = match dice.below(5) {
        0 => format!("{one}={other}"),
        1 => format!("cursor={one}&limit={other}"),
        2 => format!("{one}=1&{one}=2"),
        3 => format!("state={one}&sort={other}&by={one}"),
        _ => one,
    };
    loop {
        let request = route(dice, fund, &id);
        if request.method == "GET" {
            return request.query(&query);
        }
    }
}

pub fn path(dice: &mut Dice, fund: &Fund) -> Request {
    let secret = percent(&dice.secret(fund));
    match dice.below(4) {
        0 => Request::at(Who::Bystander, "GET", "no route", format!("/api/v1/{secret}")),
        1 => Request::at(Who::Nobody, "POST", "no route", format!("/{secret}/{secret}")),
        _ => {
            let request = route(dice, fund, &secret);
            // Without something in its path it would be a right request.
            match request.path.contains(&secret) {
                true => request,
                false => Request::at(request.who, "GET", "no route", format!("{}/{secret}", request.path)),
            }
        }
    }
}

pub fn headers(dice: &mut Dice, fund: &Fund) -> Request {
    let secret = dice.secret(fund);
    let request = match dice.below(4) {
        0 => Request::to(Who::Nobody, "GET", "calls", &[]),
        1 => Request::to(Who::Bystander, "GET", "me/applications", &[]),
        2 => Request::to(Who::Auditor, "GET", "calls/{id}/decisions", &[&fund.paid_call]),
        _ => Request::to(Who::Administrator, "POST", "applications/{id}/clarifications", &[&fund.checked[0]])
            .json(&json!({"question": "Da li?"})),
    };
    let name = *dice.pick(&[
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "User-Agent",
        "Accept-Language",
        "Accept",
        "Accept-Encoding",
        "Referer",
        "Origin",
        "X-Forwarded-For",
        "X-Request-Id",
        "Cookie",
        "Expect",
        "Range",
        "X-Whatever",
    ]);
    request.header(name, secret)
}

pub fn token(dice: &mut Dice, fund: &Fund) -> Request {
    let secret = dice.secret(fund);
    let encoded = data_encoding::BASE64URL_NOPAD.encode(secret.as_bytes());
    let token = match dice.below(4) {
        0 => format!("Bearer {secret}"),
        1 => format!("Bearer {encoded}.{encoded}.{encoded}"),
        2 => format!("Basic {encoded}"),
        _ => secret,
    };
    let route = *dice.pick(&["me", "me/applications", "roles"]);
    Request::to(Who::Nobody, "GET", route, &[]).header("Authorization", token)
}

pub fn broken(dice: &mut Dice, fund: &Fund) -> Request {
    let secret = dice.secret(fund);
    let body = match dice.below(6) {
        0 => format!("{{\"email\": \"{secret}\"").into_bytes(),
        1 => [b"{\"email\": \"\xff\xfe", secret.as_bytes(), b"\"}"].concat(),
        2 => secret.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        3 => format!("[\"{secret}\"]").into_bytes(),
        4 => format!("{{\"email\": {secret}}}").into_bytes(),
        _ => format!("{{\"a\": \"{secret}\"}}{secret}").into_bytes(),
    };
    posted(dice, fund).header("Content-Type", "application/json").bytes(body)
}

pub fn media_type(dice: &mut Dice, fund: &Fund) -> Request {
    let secret = dice.secret(fund);
    let kind = match dice.below(4) {
        0 => "text/plain".to_owned(),
        1 => "application/x-www-form-urlencoded".to_owned(),
        2 => format!("application/json; charset={secret}"),
        _ => format!("text/{}", percent(&secret)),
    };
    posted(dice, fund).header("Content-Type", kind).bytes(format!("jmbg={secret}").into_bytes())
}

pub fn oversized(dice: &mut Dice, fund: &Fund) -> Request {
    let secret = dice.secret(fund);
    let body = format!("{{\"statement\": \"{}\"}}", secret.repeat(1_100_000 / secret.len()));
    Request::to(Who::Applicant(0), "PATCH", "me/applications/{id}", &[&fund.checked[0]])
        .header("If-Match", "*")
        .header("Content-Type", "application/json")
        .bytes(body.into_bytes())
}

pub fn no_http(dice: &mut Dice, fund: &Fund) -> Request {
    let secret = dice.secret(fund);
    match dice.below(4) {
        0 => Request::at(Who::Nobody, &percent(&secret), "no route", "/api/v1/calls".into()),
        1 => Request::at(Who::Nobody, "GET", "no route", format!("/api/v1/calls?name={secret}")),
        2 => Request::at(Who::Nobody, "GET", "no route", "/api/v1/calls".into()).header(&secret, "x"),
        _ => {
            Request::at(Who::Nobody, "GET", "no route", "/api/v1/calls".into()).header("X-Long", secret.repeat(20_000))
        }
    }
}
