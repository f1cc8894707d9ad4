//! What somebody applied for: a thing for each of the routes that are for its owner.

use serde_json::json;

use crate::applications::{answers, apply, begin, fill};
use crate::support::api::{Api, User};
use crate::support::round::call_now;

use super::bodies::number;
use super::material::Material;
use super::table::Row;

pub struct Mine {
    /// An application with a question, and one to withdraw.
    pub sent: String,
    pub clarification: String,
    pub to_withdraw: String,
    /// Drafts: to change, to throw away, to send.
    pub drafts: [String; 3],
}

impl Mine {
    pub fn of(api: &Api, administrator: &User, owner: &User) -> Self {
        let call = || call_now(api, &format!("mine-{}", number()));
        let apply = || apply(api, owner, &call(), &answers(number()))["id"].as_str().unwrap().to_owned();
        let (sent, to_withdraw) = (apply(), apply());
        let path = format!("applications/{sent}/clarifications");
        let question = json!({"question": "Da li je pomoć isplaćena?"});
        let asked = api.ask("POST", &path).by(administrator).json(question).send();
        assert_eq!(asked.status, 201, "{asked:?}");
        let clarification = asked.json()["id"].as_str().unwrap().to_owned();
        let drafts = [(); 3].map(|()| {
            let id = begin(api, owner, &call());
            fill(api, owner, &id, &answers(number()));
            id
        });
        Self { sent, clarification, to_withdraw, drafts }
    }

    /// What of somebody's own a route is asked about.
    pub fn target(&self, material: &Material, row: &Row) -> String {
        let [to_change, to_discard, to_send] = &self.drafts;
        let id = match (row.method, row.path.rsplit('/').next().unwrap()) {
            ("PATCH", _) => to_change,
            ("DELETE", _) => to_discard,
            (_, "submit") => to_send,
            (_, "withdraw") => &self.to_withdraw,
            (_, "decline") => &material.awarded,
            _ => &self.sent,
        };
        id.clone()
    }
}
