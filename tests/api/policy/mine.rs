//! What somebody applied for: a thing for each of the routes that are for its owner.

use serde_json::json;

use crate::applications::{answers, apply, begin, fill};
use crate::documents;
use crate::support::api::{Api, User};
use crate::support::papers;
use crate::support::round::{call_now, call_with};

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
    /// A draft with documents, and those: to read, to take back, to be opened by others, to be removed by them.
    pub documented: String,
    pub documents: [String; 4],
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
        let asking =
            call_with(api, &format!("mine-{}", number()), |rules| rules.documents.push(documents::asked("paper")));
        let documented = begin(api, owner, &asking);
        let documents = [(); 4].map(|()| documents::send(api, owner, &documented, "paper", &papers::pdf()));
        Self { sent, clarification, to_withdraw, drafts, documented, documents }
    }

    /// What of somebody's own a route is asked about.
    pub fn target(&self, material: &Material, row: &Row) -> String {
        let [to_change, to_discard, to_send] = &self.drafts;
        let [to_read, to_take_back, ..] = &self.documents;
        let id = match (row.method, row.path.rsplit('/').next().unwrap()) {
            ("GET", _) if row.path.contains("/me/documents") => to_read,
            ("DELETE", _) if row.path.contains("/me/documents") => to_take_back,
            (_, "documents") => &self.documented,
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
