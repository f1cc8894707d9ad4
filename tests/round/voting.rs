//! The committee: seated by invitation, recused, voting, closed by its chair.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant as Stopwatch};

use fond::clock::Instant;
use serde_json::{Value, json};

use crate::files::{rows, sorted};
use crate::fund::{Fund, at, moment};
use crate::people::Somebody;

impl Fund {
    /// Seats, recusals, votes, and the close.
    pub fn vote(&mut self) {
        let closes = moment(self.rules["rules"]["closes_at"].as_str().unwrap());
        at(Instant::now().max(closes.plus(Duration::from_secs(1))));
        let (mut members, chair) = self.seat();
        self.step(&mut members, &chair, "open");
        let mut declared = BTreeSet::new();
        for row in rows(self.name, "recusals.csv") {
            let Some((id, _)) = self.applications.get(&row["ref"]).cloned() else { continue };
            let member = members.get_mut(&row["member"]).unwrap();
            let body = json!({"has_conflict": true, "reason": row["reason"]});
            let ask = self.api.ask("POST", &format!("committee/applications/{id}/declarations"));
            let reply = ask.by(member.awake(&self.api)).json(body).send();
            assert!(matches!(reply.status, 201 | 404 | 409), "{reply:?}");
        }
        for row in sorted(self.name, "votes.csv", &["cast_at", "ref", "member"]) {
            at(moment(&row["cast_at"]));
            let application = self.applications.get(&row["ref"]).cloned();
            let counts = match (members.get_mut(&row["member"]), application) {
                (Some(member), Some((id, _))) => cast(self, member, &id, &row, &mut declared),
                _ => false,
            };
            if !counts {
                self.refused_votes += 1;
            }
        }
        let ends = moment(self.rules["rules"]["voting_closes_at"].as_str().unwrap());
        at(Instant::now().max(ends));
        self.step(&mut members, &chair, "close");
    }

    /// Invites the committee; gives its people by their names in the file, and the name of the chair.
    fn seat(&mut self) -> (BTreeMap<String, Somebody>, String) {
        let (mut members, mut seats, mut chair) = (BTreeMap::new(), BTreeMap::new(), String::new());
        let mut committee = rows(self.name, "committee.csv");
        committee.sort_by_key(|row| row["seat"] == "substitute");
        for row in committee {
            let email = format!("{}@example.org", row["member"].to_lowercase());
            let mut more = json!({"call_id": self.call, "association": row["association"]});
            if let Some(seat) = seats.get(&row["substitutes_for"]) {
                let seat: &String = seat;
                more["substitutes_for"] = seat.clone().into();
            }
            self.administrator.sign_in(&self.api);
            self.api.invite(&self.administrator.user, &email, &row["seat"], more);
            let token = self.mailbox.link(&self.api, &email);
            let mut member = Somebody::new(self.api.accept(&email, &token));
            let seat = seat_of(self, &mut member);
            seats.insert(row["member"].clone(), seat);
            if row["seat"] == "chair" {
                chair = row["member"].clone();
            }
            members.insert(row["member"].clone(), member);
        }
        (members, chair)
    }

    fn step(&self, members: &mut BTreeMap<String, Somebody>, chair: &str, step: &str) {
        let chair = members.get_mut(chair).unwrap();
        let path = format!("calls/{}/voting", self.call);
        let seen = self.api.ask("GET", &format!("{path}/progress")).by(chair.awake(&self.api)).send();
        assert_eq!(seen.status, 200, "{seen:?}");
        let ask = self.api.ask("POST", &format!("{path}/{step}")).by(chair.awake(&self.api));
        let reply = ask.header("If-Match", &seen.headers["etag"]).send();
        assert_eq!(reply.status, 200, "{reply:?}");
    }
}

/// Waits until somebody is seated.
fn seat_of(fund: &Fund, member: &mut Somebody) -> String {
    let began = Stopwatch::now();
    loop {
        let seats = fund.api.ask("GET", "me/seats").by(member.awake(&fund.api)).send().json();
        if let Some(seat) = seats["items"].as_array().and_then(|items| items.first()) {
            return seat["id"].as_str().unwrap().to_owned();
        }
        assert!(began.elapsed() < Duration::from_secs(30), "not seated");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Declares, where that was not done yet, and votes; whether the vote counts.
fn cast(
    fund: &Fund,
    member: &mut Somebody,
    id: &str,
    row: &BTreeMap<String, String>,
    declared: &mut BTreeSet<(String, String)>,
) -> bool {
    let path = format!("committee/applications/{id}");
    if !declared.contains(&(row["member"].clone(), id.to_owned())) {
        let ask = fund.api.ask("POST", &format!("{path}/declarations")).by(member.awake(&fund.api));
        let reply = ask.json(json!({"has_conflict": false})).send();
        if reply.status != 201 {
            assert!(matches!(reply.status, 404 | 409), "{reply:?}");
            return false;
        }
        declared.insert((row["member"].clone(), id.to_owned()));
    }
    let mut ballot = json!({"vote": row["vote"], "reason": row["reason"]});
    if !row["score"].is_empty() {
        ballot["score"] = Value::from(row["score"].parse::<u32>().unwrap());
    }
    let ask = fund.api.ask("POST", &format!("{path}/votes")).by(member.awake(&fund.api));
    let reply = ask.json(ballot).send();
    assert!(matches!(reply.status, 201 | 404 | 409 | 422), "{reply:?}");
    reply.status == 201
}
