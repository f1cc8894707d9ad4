//! The fund of the round: its officers, its call, and everybody who applies.

use std::collections::BTreeMap;
use std::time::{Duration, Instant as Stopwatch};

use fond::clock::{Instant, stop_clock};
use serde_json::{Value, json};

/// How long before they apply people open their accounts, at most.
const REGISTERED_AHEAD: Duration = Duration::from_secs(5 * 86_400);

use crate::files::{Row, rows, sorted};
use crate::people::{Mailbox, Somebody, register};
use crate::support::api::{Api, Reply};
use crate::support::case;

pub struct Fund {
    pub name: &'static str,
    pub api: Api,
    pub mailbox: Mailbox,
    pub administrator: Somebody,
    pub treasurer: Somebody,
    pub authoriser: Somebody,
    pub auditor: Somebody,
    pub call: String,
    pub rules: Value,
    /// What the file calls an attempt, and the application that came of it with its reference code.
    pub applications: BTreeMap<String, (String, String)>,
    pub refused: BTreeMap<String, String>,
    pub refused_votes: usize,
    pub refused_payouts: usize,
    pub returned_payouts: usize,
    keys: usize,
}

/// Puts the clock to a moment of the round.
pub fn at(moment: Instant) {
    stop_clock(Some(moment));
}

pub fn moment(text: &str) -> Instant {
    text.parse().unwrap()
}

pub fn start_of(day: &str) -> Instant {
    Instant::start_of(day.parse().unwrap())
}

fn is(text: &str) -> bool {
    text == "yes"
}

fn list(text: &str) -> Vec<&str> {
    text.split(';').filter(|part| !part.is_empty()).collect()
}

impl Fund {
    /// Officers, the call with its catalogue, open; and what donors gave.
    pub fn open(name: &'static str) -> Self {
        let contributions = rows(name, "contributions.csv");
        let mut rules: Value =
            serde_json::from_str(&std::fs::read_to_string(case(name).join("call.json")).unwrap()).unwrap();
        let first = contributions.iter().map(|row| start_of(&row["received_on"])).min().unwrap();
        at(first);
        let api = Api::start();
        let pair = api.administrators();
        let [treasurer, authoriser, auditor] = ["treasurer", "authoriser", "auditor"]
            .map(|role| Somebody::new(api.officer(&pair, &format!("{role}@example.org"), role)));
        let [administrator, _] = pair.map(Somebody::new);
        let seed = rules["allocation"].as_object_mut().unwrap().remove("seed");
        let mut fund = Self {
            name,
            api,
            mailbox: Mailbox::default(),
            administrator,
            treasurer,
            authoriser,
            auditor,
            call: String::new(),
            rules: json!({"rules": rules, "seed": seed}),
            applications: BTreeMap::new(),
            refused: BTreeMap::new(),
            refused_votes: 0,
            refused_payouts: 0,
            returned_payouts: 0,
            keys: 0,
        };
        fund.publish();
        fund.contribute(&contributions);
        fund
    }

    pub fn key(&mut self) -> String {
        self.keys += 1;
        format!("round-{}", self.keys)
    }

    pub fn get(&mut self, who: fn(&mut Self) -> &mut Somebody, path: &str) -> Reply {
        let user = who_is(self, who);
        let reply = self.api.ask("GET", path).by(&user).send();
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        reply
    }

    /// All rows of a list.
    pub fn all(&mut self, who: fn(&mut Self) -> &mut Somebody, path: &str) -> Vec<Value> {
        let mark = if path.contains('?') { '&' } else { '?' };
        let (mut items, mut next) = (Vec::new(), format!("{path}{mark}limit=100"));
        loop {
            let page = self.get(who, &next).json();
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(cursor) => next = format!("{path}{mark}limit=100&cursor={cursor}"),
                None => return items,
            }
        }
    }

    /// A POST with a key of its own and, where something is moved, its version.
    pub fn post(&mut self, who: fn(&mut Self) -> &mut Somebody, path: &str, etag: Option<&str>, body: Value) -> Reply {
        let (user, key) = (who_is(self, who), self.key());
        let mut ask = self.api.ask("POST", path).by(&user).header("Idempotency-Key", &key);
        if let Some(etag) = etag {
            ask = ask.header("If-Match", etag);
        }
        if body.is_null() { ask.send() } else { ask.json(body).send() }
    }

    fn publish(&mut self) {
        let rules = self.rules["rules"].clone();
        let made = self.post(|fund| &mut fund.administrator, "calls", None, rules);
        assert_eq!(made.status, 201, "{made:?}");
        self.call = made.json()["id"].as_str().unwrap().to_owned();
        for row in rows(self.name, "aid_programmes.csv") {
            let body = json!({
                "code": row["programme"], "provider": row["provider"], "level": row["level"],
                "is_universal": is(&row["universal"]), "effect": row["effect"], "title": row["title"]
            });
            let path = format!("calls/{}/aid-programmes", self.call);
            let added = self.post(|fund| &mut fund.administrator, &path, None, body);
            assert_eq!(added.status, 201, "{added:?}");
        }
        let path = format!("calls/{}/rules", self.call);
        let etag = self.get(|fund| &mut fund.administrator, &path).headers["etag"].clone();
        let opened =
            self.post(|fund| &mut fund.administrator, &format!("calls/{}/open", self.call), Some(&etag), Value::Null);
        assert_eq!(opened.status, 200, "{opened:?}");
    }

    fn contribute(&mut self, contributions: &[Row]) {
        for row in contributions {
            at(start_of(&row["received_on"]));
            let mut body = json!({
                "donor": row["donor"], "amount": row["amount"], "currency": row["currency"],
                "received_on": row["received_on"]
            });
            for optional in ["rate", "fee", "note"] {
                if !row[optional].is_empty() {
                    body[optional] = row[optional].clone().into();
                }
            }
            let path = format!("calls/{}/contributions", self.call);
            let given = self.post(|fund| &mut fund.treasurer, &path, None, body);
            assert_eq!(given.status, 201, "{given:?}");
        }
    }

    /// Everybody opens an account some days before at most, and applies in their order.
    pub fn apply(&mut self) {
        let attempts = sorted(self.name, "applications.csv", &["submitted_at", "ref"]);
        let earliest = attempts.iter().map(|row| moment(&row["submitted_at"])).min().unwrap();
        at(earliest);
        let mut people: Vec<Somebody> = Vec::new();
        // A file names a household; the API tells one by its address, which is in one place: that of whoever came first.
        let mut places: BTreeMap<&str, &str> = BTreeMap::new();
        for row in &attempts {
            places.entry(&row["household"]).or_insert(&row["municipality"]);
        }
        for (number, row) in attempts.iter().enumerate() {
            let now = moment(&row["submitted_at"]);
            at(now);
            if number == people.len() {
                // Those of the next days at once, since letters take their time; their sessions last that long.
                let is_near = |row: &&Row| moment(&row["submitted_at"]) < now.plus(REGISTERED_AHEAD);
                let near = attempts[number..].iter().take_while(is_near);
                let emails: Vec<String> =
                    near.map(|row| format!("{}@example.org", row["ref"].to_lowercase())).collect();
                people.extend(register(&self.api, &mut self.mailbox, &emails));
            }
            match self.attempt(row, places[row["household"].as_str()], &mut people[number]) {
                Ok(sent) => drop(self.applications.insert(row["ref"].clone(), sent)),
                Err(why) => drop(self.refused.insert(row["ref"].clone(), why)),
            }
        }
    }

    /// One attempt: the application and its reference code, or why there is none.
    fn attempt(&self, row: &Row, municipality: &str, applicant: &mut Somebody) -> Result<(String, String), String> {
        let user = applicant.awake(&self.api);
        let begun = self.api.ask("POST", &format!("calls/{}/applications", self.call)).by(user).send();
        if begun.status == 409 {
            return Err(begun.code());
        }
        assert_eq!(begun.status, 201, "{begun:?}");
        let id = begun.json()["id"].as_str().unwrap().to_owned();
        let path = format!("me/applications/{id}");
        let written =
            self.api.ask("PATCH", &path).by(user).header("If-Match", "\"1\"").json(answers(row, municipality)).send();
        assert_eq!(written.status, 200, "{row:?} {written:?}");
        let sent = self.api.ask("POST", &format!("{path}/submit")).by(user);
        let sent = sent.header("If-Match", &written.headers["etag"]).send();
        match sent.status {
            200 => Ok((id, sent.json()["reference"].as_str().unwrap().to_owned())),
            409 => Err(sent.code()),
            _ => {
                let wrong = sent.wrong_fields();
                let is_wrong = |field: &str| wrong.iter().any(|wrong| wrong == field);
                match () {
                    () if is_wrong("jmbg: jmbg") => Err("jmbg_invalid".into()),
                    () if is_wrong("bank_account: account") => Err("account_invalid".into()),
                    () => panic!("{row:?} {sent:?}"),
                }
            }
        }
    }

    /// One file for each programme that has records.
    pub fn import_registers(&mut self) {
        let records = rows(self.name, "aid_records.csv");
        let path = format!("calls/{}/aid-programmes", self.call);
        // They come before the voting here, and no register tells a day that has not come yet: as if it were paid today.
        let today = Instant::now().date().to_string();
        for programme in self.get(|fund| &mut fund.administrator, &path).json()["items"].as_array().unwrap() {
            let mut file = csv::Writer::from_writer(Vec::new());
            file.write_record(["jmbg", "name", "municipality", "amount", "paid_on"]).unwrap();
            let of_programme = records.iter().filter(|row| programme["code"] == row["programme"].as_str());
            let mut count = 0;
            for row in of_programme {
                count += 1;
                let [jmbg, name, municipality, amount, paid_on] =
                    ["jmbg", "name", "municipality", "amount", "paid_on"].map(|column| row[column].as_str());
                file.write_record([jmbg, name, municipality, amount, paid_on.min(today.as_str())]).unwrap();
            }
            if count == 0 {
                continue;
            }
            let text = String::from_utf8(file.into_inner().unwrap()).unwrap();
            let user = who_is(self, |fund| &mut fund.administrator);
            let path = format!("aid-programmes/{}/registers", programme["id"].as_str().unwrap());
            let ask = self.api.ask("POST", &path).by(&user).header("Content-Type", "text/csv").text(&text);
            let imported = ask.send();
            assert_eq!(imported.status, 201, "{imported:?}");
            self.wait_for_jobs();
        }
    }

    /// Waits until nothing is left to be done behind the scenes.
    pub fn wait_for_jobs(&self) {
        let began = Stopwatch::now();
        let waiting = "SELECT COUNT(*) AS number FROM jobs WHERE done_at IS NULL AND dead_at IS NULL";
        while self.api.database.number(waiting) > 0 {
            assert!(began.elapsed() < Duration::from_secs(60), "jobs are left");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What is certain in a case's format is before a person in the fund: confirmed here. Then the decisions of the file.
    pub fn resolve(&mut self) {
        let path = format!("calls/{}/findings?state=needs_review", self.call);
        for found in self.all(|fund| &mut fund.administrator, &path) {
            let id = found["application"]["id"].as_str().unwrap();
            for finding in found["findings"].as_array().unwrap() {
                let name = finding["finding"].as_str().unwrap();
                if matches!(name, "other_aid" | "household_already_applied") && finding["status"] == "open" {
                    self.decide(id, name, "confirmed", "Potvrđeno.");
                }
            }
        }
        for row in rows(self.name, "resolutions.csv") {
            if let Some((id, _)) = self.applications.get(&row["ref"]).cloned() {
                self.decide(&id, &row["finding"], &row["resolution"], &row["reason"]);
            }
        }
    }

    fn decide(&mut self, id: &str, finding: &str, resolution: &str, reason: &str) {
        let path = format!("applications/{id}/findings/{finding}/resolutions");
        let body = json!({"resolution": resolution, "reason": reason});
        let decided = self.post(|fund| &mut fund.administrator, &path, Some("*"), body);
        let is_nothing = matches!(decided.status, 404 | 409);
        assert!(decided.status == 200 || is_nothing, "{decided:?}");
    }
}

fn who_is(fund: &mut Fund, who: fn(&mut Fund) -> &mut Somebody) -> crate::support::api::User {
    // The token is renewed beside the fund, whose server is asked for it.
    let mut somebody = Somebody::new(who(fund).user.clone());
    std::mem::swap(who(fund), &mut somebody);
    somebody.awake(&fund.api);
    let user = somebody.user.clone();
    *who(fund) = somebody;
    user
}

/// A row of the file as the answers of an application.
fn answers(row: &Row, municipality: &str) -> Value {
    let mut answers = json!({
        "given_name": row["given_name"], "family_name": row["family_name"], "jmbg": row["jmbg"],
        "email": row["email"], "address": row["household"], "municipality": municipality,
        "discipline": row["discipline"], "bank_account": row["bank_account"], "account_holder": row["account_holder"],
        "household_size": row["household_size"].parse::<u32>().unwrap(),
        "is_single_parent": is(&row["single_parent"]), "children_born": list(&row["children_born"]),
        "housing": row["housing"], "income_before": row["income_before"], "income_during": row["income_during"],
        "benefits": row["benefits"], "has_other_support": is(&row["other_support"]),
        "declared_aid": list(&row["declared_aid"]), "is_related_to_fund": is(&row["related_to_fund"])
    });
    for optional in ["phone", "association", "statement"] {
        if !row[optional].is_empty() {
            answers[optional] = row[optional].clone().into();
        }
    }
    answers
}
