//! The money: the seed, the allocation as it was previewed, payouts prepared, authorised and recorded.

use fond::clock::Instant;
use serde_json::{Value, json};

use crate::files::Row;
use crate::fund::{Fund, at, start_of};

impl Fund {
    pub fn allocate(&mut self) {
        self.administrator.sign_in(&self.api);
        if let Some(seed) = self.rules["seed"].as_str().map(str::to_owned) {
            let path = format!("calls/{}/seed", self.call);
            let call = format!("calls/{}/rules", self.call);
            let etag = self.get(|fund| &mut fund.administrator, &call).headers["etag"].clone();
            let recorded = self.post(|fund| &mut fund.administrator, &path, Some(&etag), json!({"seed": seed}));
            assert!(matches!(recorded.status, 200 | 201), "{recorded:?}");
        }
        self.treasurer.sign_in(&self.api);
        let preview = self.get(|fund| &mut fund.treasurer, &format!("calls/{}/allocation/preview", self.call)).json();
        assert_eq!(preview["obstacles"], json!([]), "{preview}");
        let body = json!({"digest": preview["digest"]});
        let committed = self.post(|fund| &mut fund.treasurer, &format!("calls/{}/allocation", self.call), None, body);
        assert!(matches!(committed.status, 200 | 201), "{committed:?}");
    }

    /// Every award is prepared and authorised; then what the bank did is recorded in its order.
    pub fn pay(&mut self, bank: &[Row]) {
        self.authoriser.sign_in(&self.api);
        let awards = self.all(|fund| &mut fund.treasurer, &format!("calls/{}/awards", self.call));
        for award in &awards {
            self.prepare_and_authorise(award["id"].as_str().unwrap());
        }
        let payouts = self.all(|fund| &mut fund.treasurer, &format!("calls/{}/payouts", self.call));
        for line in bank {
            at(Instant::now().max(start_of(&line["on"])));
            let reference = self.applications.get(&line["ref"]).map(|(_, reference)| reference.clone());
            let due = payouts.iter().find(|payout| reference.as_deref() == payout["reference"].as_str());
            let is_accepted = match due {
                Some(payout) => {
                    let (id, award) = (payout["id"].as_str().unwrap(), payout["award_id"].as_str().unwrap());
                    self.record(id, award, line)
                }
                None => false,
            };
            match (is_accepted, line["outcome"].as_str()) {
                (false, _) => self.refused_payouts += 1,
                (true, "returned") => self.returned_payouts += 1,
                (true, _) => {}
            }
        }
    }

    /// Prepares the payout of an award, and has another person authorise what is shown.
    fn prepare_and_authorise(&mut self, award: &str) {
        let prepared = self.post(|fund| &mut fund.treasurer, &format!("awards/{award}/payout"), None, Value::Null);
        assert!(matches!(prepared.status, 200 | 201), "{prepared:?}");
        let id = prepared.json()["payout"]["id"].as_str().unwrap().to_owned();
        let shown = self.get(|fund| &mut fund.authoriser, &format!("payouts/{id}"));
        let body = json!({"binding": shown.json()["binding"]});
        let etag = shown.headers["etag"].clone();
        let authorised = self.post(|fund| &mut fund.authoriser, &format!("payouts/{id}/authorise"), Some(&etag), body);
        assert_eq!(authorised.status, 200, "{authorised:?}");
    }

    fn record(&mut self, id: &str, award: &str, line: &Row) -> bool {
        let shown = self.get(|fund| &mut fund.treasurer, &format!("payouts/{id}"));
        if line["outcome"] == "executed" && shown.json()["state"] == "returned" {
            self.authoriser.sign_in(&self.api);
            self.prepare_and_authorise(award);
        }
        let etag = self.get(|fund| &mut fund.treasurer, &format!("payouts/{id}")).headers["etag"].clone();
        let (step, body) = match line["outcome"].as_str() {
            "executed" => (
                "execute",
                json!({"amount": line["amount"], "executed_on": line["on"], "bank_reference": line["bank_reference"]}),
            ),
            _ => ("return", json!({"returned_on": line["on"]})),
        };
        let done = self.post(|fund| &mut fund.treasurer, &format!("payouts/{id}/{step}"), Some(&etag), body);
        assert!(matches!(done.status, 200 | 201 | 409), "{done:?}");
        done.status != 409
    }
}
