//! What holds for every route: retries, versions, pages, problems, limits.

mod conditional;
mod idempotency;
mod limits;
mod pages;
mod problems;

use serde_json::{Value, json};

use crate::support::api::{Api, Reply, User, in_days};

/// The body of an invitation that can be sent again and again: its end is the same each time.
fn offer(email: &str) -> Value {
    let day = in_days(30);
    json!({"email": email, "role": "treasurer", "ends_at": format!("{}T00:00:00Z", &day[..10])})
}

fn post_with_key(api: &Api, by: &User, key: &str, body: &Value) -> Reply {
    api.ask("POST", "invitations").by(by).header("Idempotency-Key", key).json(body.clone()).send()
}

fn is(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{reply:?}");
}
