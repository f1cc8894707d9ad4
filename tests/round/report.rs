//! The report of the round, put together from what the API answers.

use std::collections::BTreeMap;

use fond::money::Money;
use serde_json::{Map, Value, json};

use crate::fund::Fund;

/// As `fond replay` prints it.
pub fn of(fund: &mut Fund) -> Value {
    let listed = fund.all(|fund| &mut fund.administrator, &format!("calls/{}/applications", fund.call));
    let mut findings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let states: std::collections::BTreeSet<String> =
        listed.iter().map(|item| item["state"].as_str().unwrap().to_owned()).collect();
    for state in states {
        let path = format!("calls/{}/findings?state={state}", fund.call);
        for found in fund.all(|fund| &mut fund.administrator, &path) {
            let counting = found["findings"].as_array().unwrap().iter().filter(|found| found["status"] != "dismissed");
            let names = counting.map(|found| found["finding"].as_str().unwrap().to_owned()).collect();
            findings.insert(found["application"]["id"].as_str().unwrap().to_owned(), names);
        }
    }
    let path = format!("calls/{}/allocation", fund.call);
    let allocation = fund.get(|fund| &mut fund.auditor, &path).json();
    let amounts: BTreeMap<String, Value> = allocation["places"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|place| place["outcome"] == "awarded")
        .map(|place| (place["reference"].as_str().unwrap().to_owned(), place["amount"].clone()))
        .collect();
    let by_id: BTreeMap<&str, &Value> = listed.iter().map(|item| (item["id"].as_str().unwrap(), item)).collect();
    let mut lines = Map::new();
    for (reference, why) in &fund.refused {
        lines.insert(reference.clone(), json!({"refused": why}));
    }
    for (name, (id, reference)) in &fund.applications {
        let item = by_id[id.as_str()];
        let (eligibility, decision) = standing(item["state"].as_str().unwrap());
        lines.insert(
            name.clone(),
            json!({
                "category": item["category"], "eligibility": eligibility,
                "findings": findings.get(id).cloned().unwrap_or_default(), "decision": decision,
                "award": amounts.get(reference), "paid": item["state"] == "paid"
            }),
        );
    }
    let path = format!("calls/{}/budget", fund.call);
    let books = fund.get(|fund| &mut fund.treasurer, &path).json();
    let totals = totals(fund, &lines, &books);
    json!({"totals": totals, "applications": lines})
}

fn standing(state: &str) -> (&str, Option<&str>) {
    match state {
        "rejected" | "no_quorum" => ("eligible", Some(state)),
        "approved" | "awarded" | "reserve" | "unfunded" | "paid" | "declined" => ("eligible", Some("approved")),
        _ => (state, None),
    }
}

fn totals(fund: &Fund, lines: &Map<String, Value>, books: &Value) -> Value {
    let count = |wanted: &dyn Fn(&Value) -> bool| lines.values().filter(|line| wanted(line)).count();
    let eligibility = |word: &str| count(&|line| line["eligibility"] == word);
    let decision = |word: &str| count(&|line| line["decision"] == word);
    let sum = |wanted: &dyn Fn(&Value) -> bool| {
        let amounts = lines.values().filter(|line| wanted(line)).filter_map(|line| line["award"].as_str());
        Money::sum(amounts.map(|amount| amount.parse().unwrap())).unwrap().to_string()
    };
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    fund.refused.values().for_each(|why| *refused.entry(why).or_default() += 1);
    let mut by_category = Map::new();
    for category in fund.rules["rules"]["categories"].as_array().unwrap() {
        let is_of = |line: &Value| line["category"] == category["number"];
        by_category.insert(
            category["number"].to_string(),
            json!({
                "approved": count(&|line| is_of(line) && line["decision"] == "approved"),
                "awards": count(&|line| is_of(line) && line["award"].is_string()),
                "awarded": sum(&is_of)
            }),
        );
    }
    json!({
        "attempts": lines.len(), "submitted": fund.applications.len(), "refused": refused,
        "eligible": eligibility("eligible"), "ineligible": eligibility("ineligible"),
        "needs_review": eligibility("needs_review"), "approved": decision("approved"),
        "rejected": decision("rejected"), "no_quorum": decision("no_quorum"), "refused_votes": fund.refused_votes,
        "awards": count(&|line| line["award"].is_string()), "awarded": sum(&|_| true), "by_category": by_category,
        "received": books["received"], "fees": books["fees"],
        "paid_awards": count(&|line| line["paid"] == true), "paid": books["paid"],
        "returned_payouts": fund.returned_payouts, "refused_payouts": fund.refused_payouts,
        "bank_balance": books["bank_balance"], "undistributed": books["undistributed"]
    })
}
