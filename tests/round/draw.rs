//! A draw over HTTP. Chance gives the reference codes there, so it is drawn here anew, by the words of docs/CASES.md alone.

use std::collections::BTreeSet;

use fond::money::Money;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::files::{Row, rows};
use crate::fund::Fund;

/// What must come out with the codes of this round, and what the bank does for the winners: as the case has it for those of its
/// own draw. All win the same amount.
pub fn again(fund: &Fund, mut expected: Value, bank: Vec<Row>) -> (Value, Vec<Row>) {
    let amount = bank[0]["amount"].clone();
    let order = drawn(fund, &expected);
    let winners = &order[..bank.len()];
    let of_case: BTreeSet<&String> = bank.iter().map(|line| &line["ref"]).collect();
    assert_ne!(winners.iter().collect::<BTreeSet<_>>(), of_case, "chance would have to repeat the draw of the case");
    for (name, line) in expected["applications"].as_object_mut().unwrap() {
        let has_won = winners.contains(name);
        line["award"] = if has_won { json!(amount) } else { Value::Null };
        line["paid"] = has_won.into();
    }
    let lines: Vec<Value> = expected["applications"].as_object().unwrap().values().cloned().collect();
    for (category, row) in expected["totals"]["by_category"].as_object_mut().unwrap() {
        let category: i64 = category.parse().unwrap();
        let is_of = |line: &&Value| line["award"].is_string() && line["category"] == category;
        let awards = lines.iter().filter(is_of).count();
        row["awarded"] = Money::sum((0..awards).map(|_| amount.parse().unwrap())).unwrap().to_string().into();
        row["awards"] = awards.into();
    }
    let paid = |(mut line, winner): (Row, &String)| {
        line.insert("ref".into(), winner.clone());
        line
    };
    (expected, bank.into_iter().zip(winners).map(paid).collect())
}

/// The approved by their names in the file, the first drawn first.
fn drawn(fund: &Fund, expected: &Value) -> Vec<String> {
    let seed = fund.rules["seed"].as_str().unwrap();
    let has_more = fund.rules["rules"]["allocation"]["tickets"] == "one_plus_children";
    let number = |code: &str, ticket: usize| {
        let mut mac = Hmac::<Sha256>::new_from_slice(seed.as_bytes()).unwrap();
        mac.update(format!("{code}|{ticket}").as_bytes());
        data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
    };
    let mut order: Vec<(String, String)> = Vec::new();
    for row in rows(fund.name, "applications.csv") {
        let name = &row["ref"];
        if expected["applications"][name]["decision"] != "approved" {
            continue;
        }
        let children = row["children_born"].split(';').filter(|day| !day.is_empty()).count();
        let tickets = if has_more { 1 + children } else { 1 };
        let code = &fund.applications[name].1;
        let lowest = (1..=tickets).map(|ticket| number(code, ticket)).min().unwrap();
        order.push((lowest, name.clone()));
    }
    order.sort();
    order.into_iter().map(|(_, name)| name).collect()
}
