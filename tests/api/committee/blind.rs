//! The queue, the declaration of conflicts, and the facts.

use std::collections::BTreeSet;

use fond::clock::Instant;
use fond::committee::{NewSeat, SeatKind, actions as committee};
use fond::ids::{CallId, PersonId, SeatId};
use serde_json::{Value, json};

use super::{
    apply, apply_plainly, close_call, declare, end_voting, get, is, post, progress, queue, read, references, refused,
    step, vote, vote_openly, voting,
};
use crate::merged::{enter, put_together};
use crate::sql;
use crate::support::api::User;
use crate::support::round::Round;

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_queue_shows_what_a_conflict_can_be_known_by_and_no_more() {
    let round = Round::open();
    for number in 0..12 {
        apply_plainly(&round, number);
    }
    let row = queue(&round, &round.chair, "").json()["items"][0].clone();
    let expected = ["id", "reference", "category", "municipality", "discipline", "association", "declared", "voted"];
    assert_eq!(keys(&row), names(&expected));

    // Pages go through all of it, in an order that stays and is each member's own.
    let whole = |user: &User| -> Vec<String> {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let reply = queue(&round, user, &format!("?limit=5{cursor}"));
            seen.extend(references(&reply));
            match reply.json()["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return seen,
            }
        }
    };
    let orders: Vec<Vec<String>> = [&round.chair, &round.members[0], &round.members[1]].map(whole).to_vec();
    assert!(orders.iter().all(|order| order.len() == 12 && order.iter().collect::<BTreeSet<_>>().len() == 12));
    assert!(orders[0] != orders[1] && orders[1] != orders[2] && orders[0] != orders[2], "{orders:?}");
    assert_eq!(whole(&round.chair), orders[0]);

    for (query, wrong) in [
        ("?voted=perhaps", "voted: flag"),
        ("?category=first", "category: number"),
        ("?limit=0", "limit: limit"),
        ("?cursor=x", "cursor: cursor"),
        ("?name=Ana", "name: unknown"),
    ] {
        let reply = queue(&round, &round.chair, query);
        assert_eq!((reply.status, reply.wrong_fields()), (400, vec![wrong.to_owned()]));
    }
}

#[test]
fn a_queue_is_filtered_by_what_one_has_done() {
    let (round, ids) = voting(3);
    let of = |user: &User, query: &str| {
        let mut found = references(&queue(&round, user, query));
        found.sort();
        found
    };
    vote_openly(&round, &round.chair, &ids[0], "approve");
    is(&declare(&round, &round.chair, &ids[1], false), 201);
    assert_eq!(of(&round.chair, "?voted=true"), ["R0"]);
    assert_eq!(of(&round.chair, "?voted=false"), ["R1", "R2"]);
    assert_eq!(of(&round.chair, "?declared=true"), ["R0", "R1"]);
    assert_eq!(of(&round.chair, "?declared=true&voted=false"), ["R1"]);
    assert_eq!(of(&round.chair, "?category=1").len(), 3);
    assert_eq!(of(&round.chair, "?category=2").len(), 0);
    assert_eq!(of(&round.members[0], "?voted=true"), Vec::<String>::new());
}

#[test]
fn what_is_not_voted_on_is_not_there() {
    let round = Round::open();
    let eligible = apply_plainly(&round, 1);
    let underage = apply(&round, 2, |sent| sent.is_related_to_fund = true);
    assert_eq!(references(&queue(&round, &round.chair, "")), ["R1"]);
    is(&declare(&round, &round.chair, &underage, false), 404);
    is(&read(&round, &round.chair, &underage), 404);
    is(&declare(&round, &round.chair, &eligible, false), 201);
    // What one has seen stays there while it goes before a person; what is withdrawn does not.
    let id = sql::id(&round.api.database, &eligible);
    let become_ = |state: &str| {
        let held = if state == "needs_review" { "'eligible'" } else { "NULL" };
        let set = format!("UPDATE applications SET state = '{state}', held_from = {held} WHERE id = {id}");
        sql::execute(&round.api.database, &set);
    };
    become_("needs_review");
    is(&read(&round, &round.chair, &eligible), 200);
    is(&read(&round, &round.members[0], &eligible), 404);
    refused(&vote(&round, &round.chair, &eligible, "approve"), "not_eligible");
    become_("withdrawn");
    is(&read(&round, &round.chair, &eligible), 404);
}

#[test]
fn facts_open_after_the_declaration() {
    let (round, ids) = voting(1);
    let id = &ids[0];
    refused(&read(&round, &round.chair, id), "conflict_undeclared");
    refused(&vote(&round, &round.chair, id, "approve"), "conflict_undeclared");
    let path = format!("committee/applications/{id}/declarations");
    for (body, wrong) in [
        (json!({}), "has_conflict: missing"),
        (json!({"has_conflict": true}), "reason: missing"),
        (json!({"has_conflict": true, "reason": "  "}), "reason: missing"),
        (json!({"has_conflict": false, "reason": "none"}), "reason: unfit"),
        (json!({"has_conflict": 1}), "has_conflict: flag"),
    ] {
        let reply = post(&round, &round.chair, &path, body);
        assert_eq!((reply.status, reply.wrong_fields()), (422, vec![wrong.to_owned()]), "{reply:?}");
    }
    let first = declare(&round, &round.chair, id, false);
    assert_eq!((first.status, &first.json()["has_conflict"]), (201, &json!(false)));
    assert_eq!(declare(&round, &round.chair, id, false).json(), first.json(), "saying it twice changes nothing");
    assert_eq!(sql::rows(&round.api.database, "conflict_declarations"), 1);
    assert_eq!(
        round.api.database.number("SELECT COUNT(*) AS number FROM events WHERE kind = 'no_conflict_declared'"),
        1
    );

    let facts = read(&round, &round.chair, id).json();
    let expected = [
        "id",
        "reference",
        "municipality",
        "discipline",
        "association",
        "age",
        "children_ages",
        "household_size",
        "single_parent",
        "housing",
        "income_before",
        "income_during",
        "benefits",
        "currency",
        "other_support",
        "declared_aid",
        "statement",
        "category",
        "findings",
        "own_vote",
        "declared_at",
        "voting_closes_at",
    ];
    assert_eq!(keys(&facts), names(&expected));
    assert_eq!((&facts["age"], &facts["children_ages"]), (&json!(35), &json!([5])));
    assert_eq!(facts["own_vote"], Value::Null);
    assert_eq!((&facts["category"]["number"], &facts["category"]["single_parent"]), (&json!(1), &json!(true)));
    assert_eq!(
        keys(&facts["category"]),
        names(&["number", "title", "income_lost", "single_parent", "child_younger_than"])
    );
    refused(&read(&round, &round.members[0], id), "conflict_undeclared");
}

#[test]
fn a_conflict_closes_everything_and_a_vote_counts_no_more() {
    let (round, ids) = voting(2);
    let [first, second] = &round.members;
    let path = format!("committee/applications/{}/votes", ids[0]);
    let body = json!({"vote": "reject", "reason": "not convinced"});
    is(&declare(&round, first, &ids[0], false), 201);
    let ask = || round.api.ask("POST", &path).by(first).header("Idempotency-Key", "once").json(body.clone()).send();
    is(&ask(), 201);
    assert_eq!(ask().json(), ask().json());
    assert_eq!(sql::rows(&round.api.database, "votes"), 1);
    vote_openly(&round, second, &ids[0], "approve");
    vote_openly(&round, &round.chair, &ids[0], "approve");

    // A conflict that is noticed later.
    let late = declare(&round, first, &ids[0], true);
    assert_eq!((late.status, &late.json()["has_conflict"]), (201, &json!(true)));
    for reply in [
        read(&round, first, &ids[0]),
        vote(&round, first, &ids[0], "approve"),
        declare(&round, first, &ids[0], false),
        declare(&round, first, &ids[0], true),
        ask(),
    ] {
        is(&reply, 404);
    }
    assert_eq!(references(&queue(&round, first, "")), ["R1"]);
    for (user, how) in [(first, "approve"), (second, "approve"), (&round.chair, "abstain")] {
        vote_openly(&round, user, &ids[1], how);
    }
    is(&step(&round, "close"), 200);
    let decisions = get(&round, &round.auditor, &format!("calls/{}/decisions", round.call)).json();
    let counts = |at: usize| {
        let row = &decisions["items"][at];
        [&row["reference"], &row["outcome"], &row["approvals"], &row["rejections"], &row["abstentions"]]
            .map(Clone::clone)
    };
    assert_eq!(counts(0), [json!("R0"), json!("approved"), json!(2), json!(0), json!(0)]);
    assert_eq!(counts(1), [json!("R1"), json!("approved"), json!(2), json!(0), json!(1)]);
    refused(&declare(&round, second, &ids[1], true), "voting_closed");
}

#[test]
fn a_substitute_sees_what_the_member_is_recused_from() {
    let (round, ids) = voting(2);
    let mut user = round.api.register("substitute@example.org");
    round.api.enrol(&mut user);
    let seats = get(&round, &round.chair, &format!("calls/{}/seats", round.call)).json();
    let seat = seats["items"].as_array().unwrap().iter().find(|seat| seat["person_id"] == round.members[0].person);
    let principal: SeatId = seat.unwrap()["id"].as_str().unwrap().parse().unwrap();
    let new = NewSeat { kind: SeatKind::Substitute, substitutes_for: Some(principal), association: "ULUS" };
    let (call, person): (CallId, PersonId) = (round.call_id(), user.person.parse().unwrap());
    let fond = round.api.database.open();
    let actor = &fond::accounts::Actor::SYSTEM;
    fond.db.write(|conn| committee::seat(conn, actor, call, person, new, Instant::now())).unwrap();

    assert_eq!(references(&queue(&round, &user, "")), Vec::<String>::new());
    is(&declare(&round, &user, &ids[0], false), 404);
    is(&declare(&round, &round.members[0], &ids[0], true), 201);
    assert_eq!(references(&queue(&round, &user, "")), ["R0"]);
    vote_openly(&round, &user, &ids[0], "approve");
    is(&read(&round, &user, &ids[1]), 404);
    is(&vote(&round, &user, &ids[1], "approve"), 404);
}

#[test]
fn nobody_votes_on_their_own_application() {
    let round = Round::open();
    let own = round.application(&round.members[0], 7);
    apply_plainly(&round, 8);
    assert_eq!(references(&queue(&round, &round.members[0], "")), ["R8"]);
    is(&declare(&round, &round.members[0], &own, false), 404);
    is(&declare(&round, &round.members[1], &own, false), 201);
    close_call(&round);
    is(&step(&round, "open"), 200);
    is(&vote(&round, &round.members[0], &own, "approve"), 404);
}

/// What a member sent in was merged into the one that the fund had entered for them: it is theirs, though it stands under
/// another person.
#[test]
fn what_ones_own_was_merged_into_is_not_there_either() {
    let round = Round::open();
    let [first, second] = &round.members;
    let (own, entered) = (round.application(first, 5), enter(&round, 20));
    apply_plainly(&round, 40);
    let id = sql::id(&round.api.database, &entered);
    let eligible = format!("UPDATE applications SET state = 'eligible', held_from = NULL WHERE id = {id}");
    assert_eq!(sql::execute(&round.api.database, &eligible), 1);
    put_together(&round, &own, &entered);
    is(&declare(&round, second, &entered, false), 201);
    is(&declare(&round, first, &entered, false), 404);
    is(&declare(&round, first, &entered, true), 404);
    is(&read(&round, first, &entered), 404);
    is(&vote(&round, first, &entered, "approve"), 404);
    assert_eq!(references(&queue(&round, first, "")), ["R40"]);
    assert_eq!(references(&queue(&round, second, "")).len(), 2);
    let seats = progress(&round)["seats"].clone();
    let missing: Vec<&Value> = seats.as_array().unwrap().iter().map(|seat| &seat["missing"]).collect();
    assert_eq!(missing, [&json!(2), &json!(1), &json!(2)]);
}

/// They voted on it before anybody knew that it was theirs.
#[test]
fn a_vote_on_what_ones_own_is_merged_into_later_counts_no_more() {
    let round = Round::open();
    let [first, second] = &round.members;
    let (own, entered) = (round.application(first, 5), enter(&round, 20));
    let id = sql::id(&round.api.database, &entered);
    let eligible = format!("UPDATE applications SET state = 'eligible', held_from = NULL WHERE id = {id}");
    assert_eq!(sql::execute(&round.api.database, &eligible), 1);
    close_call(&round);
    is(&step(&round, "open"), 200);
    for (user, how) in [(&round.chair, "abstain"), (first, "approve"), (second, "approve")] {
        vote_openly(&round, user, &entered, how);
    }
    put_together(&round, &own, &entered);
    end_voting(&round);
    is(&step(&round, "close"), 200);
    let decided = get(&round, &round.auditor, &format!("calls/{}/decisions", round.call)).json();
    let tally = &decided["items"][0];
    assert_eq!([&tally["approvals"], &tally["rejections"], &tally["abstentions"]], [&json!(1), &json!(0), &json!(1)]);
    let minutes = get(&round, &round.administrators[0], &format!("calls/{}/minutes", round.call)).json();
    let voted: Vec<&Value> = minutes["seats"].as_array().unwrap().iter().map(|seat| &seat["voted"]).collect();
    assert_eq!(voted, [&json!(1), &json!(0), &json!(1)]);
}
