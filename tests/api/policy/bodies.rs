//! What a route is sent: right in form, and of no effect where nobody needs to be signed in.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::applications::answers;
use crate::support::api::{Ask, PASSWORD, in_days};
use crate::support::papers;

static NEXT: AtomicUsize = AtomicUsize::new(1);

/// A number that was not given before: for somebody new, or a code that is free.
pub fn number() -> usize {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A request with the body that its route is sent.
pub fn sent<'a>(ask: Ask<'a>, method: &str, path: &str) -> Ask<'a> {
    if path.ends_with("/registers") {
        let csv = format!("jmbg,name,municipality,amount,paid_on\n,Niko Nikić {},Niš,1.00,2020-04-15\n", number());
        return ask.header("Content-Type", "text/csv").text(&csv);
    }
    if method == "POST" && path.ends_with("/documents") {
        return ask.bytes(&papers::pdf());
    }
    let path = path.trim_start_matches("/api/v1");
    match account(method, path).or_else(|| work(method, path)) {
        Some(body) => ask.json(body),
        None => ask,
    }
}

fn account(method: &str, path: &str) -> Option<Value> {
    let token = json!({"token": "bm90aGluZw"});
    let address = json!({"email": "somebody@example.org"});
    let body = match (method, path) {
        ("POST", "/registrations" | "/sign-in-links" | "/password-resets") => address,
        ("POST", "/registrations/confirm" | "/sessions/link" | "/email-changes/confirm") => token,
        ("POST", "/password-resets/confirm") => json!({"token": "bm90aGluZw", "new_password": PASSWORD}),
        ("POST", "/invitations/accept") => json!({"token": "bm90aGluZw", "name": "Iva Ivić", "password": PASSWORD}),
        ("POST", "/sessions") => json!({"email": "somebody@example.org", "password": PASSWORD}),
        ("POST", "/sessions/code") => json!({"device_token": "bm90aGluZw", "code": "12345678"}),
        ("POST", "/sessions/refresh") => json!({"refresh_token": "bm90aGluZw"}),
        ("POST", "/sessions/current/step-up") => json!({"password": PASSWORD}),
        ("POST", "/me/second-factor/confirm") => json!({"totp_code": "no code"}),
        ("POST", "/me/email-changes") => address,
        ("PUT", "/me/password") => json!({"current_password": PASSWORD, "new_password": PASSWORD}),
        ("PATCH", "/me") => json!({"language": "en"}),
        ("POST", "/invitations") => {
            json!({"email": "new@example.org", "role": "treasurer", "ends_at": in_days(30)})
        }
        _ => return None,
    };
    Some(body)
}

fn work(method: &str, path: &str) -> Option<Value> {
    let today = fond::clock::Instant::now().in_belgrade().0.to_string();
    let last = path.rsplit('/').next().unwrap();
    let body = match (method, last) {
        ("POST", "calls") => rules(&format!("call-{}", number())),
        ("PUT", "rules") => rules("draft"),
        ("POST", "close") if !path.contains("voting") => json!({"reason": "funds_exhausted"}),
        ("POST", "pre-check") => json!({
            "born": "1985-01-01", "household_size": 2, "is_single_parent": false, "income_before": "1.00",
            "income_during": "0.00"
        }),
        ("POST", "aid-programmes") => json!({
            "code": format!("P{}", number()), "title": "Pomoć", "provider": "Republika", "level": "republic",
            "effect": "disqualify"
        }),
        ("POST", "withdraw") if path.starts_with("/aid-registers") => json!({"reason": "wrong_file"}),
        ("POST", "withdraw") if path.starts_with("/applications") => json!({"reason": "Javila se telefonom."}),
        ("POST", "entered-applications") => answers(number()),
        ("PATCH", "{id}") => json!({"phone": "+381600000000"}),
        ("POST", "corrections") => json!({"phone": "+381601112223"}),
        ("POST", "end") if path.starts_with("/seats") => json!({"reason": "withdrawn_by_association"}),
        ("POST", "answer") => json!({"answer": "Nije isplaćena."}),
        ("POST", "open") if path.contains("/documents/") => json!({"purpose": "resolve_finding"}),
        ("POST", "person") => json!({"purpose": "contact_applicant"}),
        ("POST", "clarifications") => json!({"question": "Da li je pomoć isplaćena?"}),
        ("POST", "resolutions") => json!({"resolution": "dismissed", "reason": "Provereno kod davaoca."}),
        ("POST", "merge") => json!({"into": uuid::Uuid::now_v7().to_string()}),
        ("POST", "declarations") => json!({"has_conflict": false}),
        ("POST", "votes") => json!({"vote": "approve", "score": 70, "reason": "need is proven"}),
        ("POST", "contributions") => {
            json!({"donor": "Fund for an Open Society", "amount": "1.00", "received_on": today})
        }
        ("POST", "reversal") => json!({"reason": "mistyped"}),
        ("PUT", "budget") => json!({"budget": "157500.00"}),
        ("POST", "seed") => json!({"seed": "Loto 7/39"}),
        ("POST", "allocation") => json!({"digest": "0"}),
        ("POST", "authorise") => json!({"binding": "0"}),
        ("POST", "execute") => {
            json!({"amount": "1.00", "executed_on": today, "bank_reference": format!("B-{}", number())})
        }
        ("POST", "return") => json!({"returned_on": today}),
        _ => return None,
    };
    Some(body)
}

fn rules(code: &str) -> Value {
    let mut rules: Value = serde_json::from_str(include_str!("../../cases/2020/call.json")).unwrap();
    rules["code"] = code.into();
    rules["allocation"].as_object_mut().unwrap().remove("seed");
    rules
}

/// Whether a change is made of what was seen: its route wants the version.
pub fn needs_version(method: &str, path: &str) -> bool {
    let ends = |of: &[&str]| of.iter().any(|end| path.ends_with(end));
    match method {
        "PUT" => ends(&["/rules", "/budget"]),
        "PATCH" => true,
        "DELETE" => path.contains("/me/applications") || path.contains("/invitations"),
        "POST" if path.contains("/me/applications") => ends(&["/submit", "/withdraw", "/decline", "/corrections"]),
        "POST" if path.contains("/payouts") => true,
        "POST" if path.contains("/invitations/{id}") || path.contains("/roles") => true,
        "POST" if path.contains("/calls/{id}") => ends(&["/open", "/close"]),
        "POST" => ends(&[
            "/merge",
            "/unmerge",
            "/resolutions",
            "/applications/{id}/withdraw",
            "/applications/{id}/corrections",
        ]),
        _ => false,
    }
}
