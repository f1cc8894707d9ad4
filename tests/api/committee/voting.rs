//! Votes, and what the chair does.

use fond::committee::SeatKind;
use serde_json::{Value, json};

use super::{
    apply_plainly, close_call, declare, end_voting, get, is, post, progress, read, references, refused, step, vote,
    vote_openly, voting,
};
use crate::sql;
use crate::support::api::User;
use crate::support::round::{Round, seat};

#[test]
fn a_vote_has_a_reason_and_can_be_changed() {
    let (round, ids) = voting(1);
    let path = format!("committee/applications/{}/votes", ids[0]);
    is(&declare(&round, &round.chair, &ids[0], false), 201);
    for (body, wrong) in [
        (json!({"vote": "approve"}), "reason: missing"),
        (json!({"vote": "approve", "reason": " "}), "reason: missing"),
        (json!({"vote": "perhaps", "reason": "x"}), "vote: word"),
        (json!({"vote": "approve", "reason": "x", "score": 101}), "score: score"),
        (json!({"vote": "approve", "reason": "x", "score": -1}), "score: score"),
        (json!({"vote": "approve", "reason": "x".repeat(4001)}), "reason: too_long"),
        (json!({"vote": "approve", "reason": "x", "name": "Ana"}), "name: unknown"),
    ] {
        let reply = post(&round, &round.chair, &path, body);
        assert_eq!((reply.status, reply.wrong_fields()), (422, vec![wrong.to_owned()]), "{reply:?}");
    }
    let before = read(&round, &round.chair, &ids[0]).headers["etag"].clone();
    let first = post(&round, &round.chair, &path, json!({"vote": "reject", "score": 10, "reason": "not convinced"}));
    assert_eq!((first.status, &first.json()["version"]), (201, &json!(1)));
    let second = post(&round, &round.chair, &path, json!({"vote": "approve", "reason": "the papers came"}));
    assert_eq!((second.status, &second.json()["version"]), (201, &json!(2)));
    let seen = read(&round, &round.chair, &ids[0]);
    assert_ne!(seen.headers["etag"], before);
    let own = &seen.json()["own_vote"];
    let shown = [&own["vote"], &own["score"], &own["reason"], &own["version"]];
    assert_eq!(shown, [&json!("approve"), &Value::Null, &json!("the papers came"), &json!(2)]);
}

#[test]
fn a_vote_that_was_not_seen_is_not_changed_where_a_version_is_named() {
    let (round, ids) = voting(1);
    let path = format!("committee/applications/{}/votes", ids[0]);
    let cast = |tag: &str, reason: &str| {
        let ask = round.api.ask("POST", &path).by(&round.chair).header("If-Match", tag);
        ask.json(json!({"vote": "approve", "reason": reason})).send()
    };
    let seen = || read(&round, &round.chair, &ids[0]);
    refused(&cast("\"1\"", "x"), "conflict_undeclared");
    is(&declare(&round, &round.chair, &ids[0], false), 201);
    let before = seen().headers["etag"].clone();
    is(&cast(&before, "from one device"), 201);
    let stale = cast(&before, "from another");
    assert_eq!((stale.status, stale.code().as_str()), (412, "stale"), "{stale:?}");
    for garbled in ["1", "", "\"1\" \"1\""] {
        let reply = cast(garbled, "x");
        assert_eq!((reply.status, reply.wrong_fields()), (400, vec!["If-Match: if_match".to_owned()]), "{reply:?}");
    }
    assert_eq!(seen().json()["own_vote"]["reason"], "from one device");
    // What others vote is no change for this member.
    vote_openly(&round, &round.members[0], &ids[0], "reject");
    is(&cast(&seen().headers["etag"], "once more"), 201);
    is(&cast("*", "whatever there is"), 201);
    is(&vote(&round, &round.chair, &ids[0], "reject"), 201);
    assert_eq!(seen().json()["own_vote"]["version"], 4);
    let document = round.api.get("openapi.json").json();
    let answers = &document["paths"]["/api/v1/committee/applications/{id}/votes"]["post"]["responses"];
    assert!(answers.get("412").is_some() && answers.get("428").is_none(), "{answers}");
}

#[test]
fn no_vote_before_the_voting_opens_or_after_it_closes() {
    let round = Round::open();
    let id = apply_plainly(&round, 1);
    is(&declare(&round, &round.chair, &id, false), 201);
    refused(&vote(&round, &round.chair, &id, "approve"), "voting_closed");
    close_call(&round);
    is(&step(&round, "open"), 200);
    vote_openly(&round, &round.members[0], &id, "approve");
    end_voting(&round);
    // The clock has ended it, and nobody has closed it yet.
    refused(&vote(&round, &round.chair, &id, "approve"), "voting_closed");
    is(&step(&round, "close"), 200);
    is(&read(&round, &round.chair, &id), 200);
    refused(&vote(&round, &round.chair, &id, "approve"), "voting_closed");
    is(&read(&round, &round.members[1], &id), 404);
}

#[test]
fn only_the_chair_opens_and_closes_and_at_the_version_that_was_seen() {
    let round = Round::open();
    apply_plainly(&round, 1);
    for step in ["open", "close"] {
        let path = format!("calls/{}/voting/{step}", round.call);
        let ask = |user| round.api.ask("POST", &path).by(user);
        is(&ask(&round.chair).send(), 428);
        is(&ask(&round.chair).header("If-Match", "\"7\"").send(), 412);
        for other in [&round.members[0], &round.administrators[0], &round.treasurer, &round.auditor] {
            is(&ask(other).header("If-Match", "\"2\"").send(), 403);
        }
    }
    refused(&step(&round, "open"), "call_open");
    refused(&step(&round, "close"), "voting_open");
    close_call(&round);
    let path = format!("calls/{}/voting/open", round.call);
    let open = || {
        let ask = round.api.ask("POST", &path).by(&round.chair).header("Idempotency-Key", "open");
        ask.header("If-Match", "\"2\"").send()
    };
    let opened = open();
    assert_eq!(
        (opened.status, &opened.json()["state"], opened.headers["etag"].as_str()),
        (200, &json!("voting"), "\"3\"")
    );
    assert_eq!(open().json(), opened.json());
    refused(&step(&round, "open"), "call_state");
}

#[test]
fn before_its_time_the_voting_closes_only_when_no_vote_is_missing() {
    let (round, ids) = voting(2);
    let [first, second] = &round.members;
    refused(&step(&round, "close"), "voting_open");
    for id in &ids {
        vote_openly(&round, first, id, "approve");
        vote_openly(&round, &round.chair, id, "reject");
    }
    is(&declare(&round, second, &ids[0], true), 201);
    let missing = |round: &Round| -> Vec<(u64, Value)> {
        let json = progress(round);
        let seats = json["seats"].as_array().unwrap().clone();
        seats.iter().map(|seat| (seat["missing"].as_u64().unwrap(), seat["references"].clone())).collect()
    };
    assert_eq!(missing(&round), [(0, json!([])), (0, json!([])), (1, json!(["R1"]))]);
    assert!(!progress(&round).to_string().contains("approve"), "never how");
    refused(&step(&round, "close"), "voting_open");
    vote_openly(&round, second, &ids[1], "reject");
    assert_eq!(progress(&round)["is_complete"], true);

    // One that waits for a person may become eligible yet.
    let id = sql::id(&round.api.database, &ids[1]);
    let set = |state: &str| {
        sql::execute(&round.api.database, &format!("UPDATE applications SET state = '{state}' WHERE id = {id}"));
    };
    set("needs_review");
    assert_eq!((&progress(&round)["has_waiting"], &progress(&round)["eligible"]), (&json!(true), &json!(1)));
    refused(&step(&round, "close"), "voting_open");
    set("eligible");
    let closed = step(&round, "close");
    assert_eq!((closed.status, &closed.json()["state"]), (200, &json!("voting_closed")));
    refused(&step(&round, "close"), "call_state");
}

#[test]
fn a_chair_who_is_recused_somewhere_is_still_the_chair_and_reads_no_code_of_it() {
    let (round, ids) = voting(2);
    is(&declare(&round, &round.chair, &ids[0], true), 201);
    let json = progress(&round);
    let member = &json["seats"][1];
    assert_eq!((&member["missing"], &member["references"]), (&json!(2), &json!(["R1"])));
    assert!(!json.to_string().contains("R0"), "{json}");
    end_voting(&round);
    is(&step(&round, "close"), 200);
}

#[test]
fn decisions_are_told_by_code_and_never_who_voted_how() {
    let (round, ids) = voting(3);
    let [first, second] = &round.members;
    for (id, votes) in ids.iter().zip([["approve"; 3], ["reject"; 3], ["approve", "reject", "abstain"]]) {
        for (user, how) in [&round.chair, first, second].into_iter().zip(votes) {
            vote_openly(&round, user, id, how);
        }
    }
    let list = format!("calls/{}/decisions", round.call);
    refused(&get(&round, &round.chair, &list), "voting_open");
    refused(&get(&round, &round.administrators[0], &format!("calls/{}/minutes", round.call)), "voting_open");
    is(&step(&round, "close"), 200);
    let rows = |query: &str| {
        let reply = get(&round, second, &format!("{list}{query}"));
        is(&reply, 200);
        let json = reply.json();
        let items = json["items"].as_array().unwrap().clone();
        let shown = items.iter().map(|row| format!("{} {}", row["reference"], row["outcome"]).replace('"', ""));
        (shown.collect::<Vec<_>>(), json["next"].clone())
    };
    assert_eq!(rows("").0, ["R0 approved", "R1 rejected", "R2 approved"]);
    assert_eq!(rows("?outcome=rejected").0, ["R1 rejected"]);
    let (page, next) = rows("?limit=2");
    assert_eq!(page, ["R0 approved", "R1 rejected"]);
    assert_eq!(rows(&format!("?limit=2&cursor={}", next.as_str().unwrap())), (vec!["R2 approved".into()], Value::Null));
    let reply = get(&round, second, &format!("{list}?outcome=maybe"));
    assert_eq!((reply.status, reply.wrong_fields()), (400, vec!["outcome: word".to_owned()]));

    let csv = get(&round, &round.treasurer, &format!("{list}.csv?outcome=approved"));
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<String> = csv.body.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect();
    let heading = "reference,outcome,approvals,rejections,abstentions,score_sum,score_count";
    assert_eq!(lines, [heading, "R0,approved,3,0,0,210,3", "R2,approved,1,1,1,210,3"]);
    for (user, status) in [(&round.auditor, 200), (&round.administrators[0], 200), (&round.authoriser, 403)] {
        assert_eq!(get(&round, user, &list).status, status);
    }
    let seats = get(&round, &round.chair, &format!("calls/{}/seats", round.call)).json();
    for seat in seats["items"].as_array().unwrap() {
        assert!(!get(&round, second, &list).body.contains(seat["id"].as_str().unwrap()));
    }
}

/// Nor of their own; who has no seat reads it all.
#[test]
fn a_member_is_told_no_decision_on_what_they_are_recused_from() {
    let round = Round::open();
    let [first, second] = &round.members;
    let ids: Vec<String> = (0..3).map(|number| apply_plainly(&round, number)).collect();
    round.application(first, 7);
    round.application(&round.chair, 8);
    close_call(&round);
    is(&step(&round, "open"), 200);
    is(&declare(&round, first, &ids[1], true), 201);
    is(&declare(&round, &round.chair, &ids[0], true), 201);
    assert_eq!(progress(&round)["seats"][2]["references"], json!(["R1", "R2", "R7"]));
    end_voting(&round);
    is(&step(&round, "close"), 200);
    let list = format!("calls/{}/decisions", round.call);
    let told = |user: &User| -> Vec<String> {
        let (mut told, mut cursor) = (Vec::new(), String::new());
        loop {
            let reply = get(&round, user, &format!("{list}?limit=1{cursor}"));
            let page = references(&reply);
            assert_eq!(page.len(), 1, "each page is full: {reply:?}");
            told.extend(page);
            match reply.json()["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return told,
            }
        }
    };
    let in_file = |user: &User| -> Vec<String> {
        let file = get(&round, user, &format!("{list}.csv"));
        is(&file, 200);
        file.body.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
    };
    let all = ["R0", "R1", "R2", "R7", "R8"];
    for (user, expected) in [
        (first, ["R0", "R2", "R8"].as_slice()),
        (second, all.as_slice()),
        (&round.chair, ["R1", "R2", "R7"].as_slice()),
        (&round.auditor, all.as_slice()),
        (&round.treasurer, all.as_slice()),
        (&round.administrators[0], all.as_slice()),
    ] {
        assert_eq!((told(user), in_file(user)), (owned(expected), owned(expected)), "{}", user.email);
    }
    let minutes = |user: &User| get(&round, user, &format!("calls/{}/minutes", round.call)).json();
    let decided = |minutes: &Value| -> Vec<String> {
        let rows = minutes["decisions"].as_array().unwrap();
        rows.iter().map(|row| row["reference"].as_str().unwrap().to_owned()).collect()
    };
    let [theirs, whole] = [minutes(&round.chair), minutes(&round.administrators[0])];
    assert_eq!((decided(&theirs), decided(&whole)), (owned(&["R1", "R2", "R7"]), owned(&all)));
    assert_eq!((&theirs["seats"], &theirs["decided_at"]), (&whole["seats"], &whole["decided_at"]));
}

fn owned(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[test]
fn the_minutes_name_seats_attendance_and_recusals() {
    let (round, ids) = voting(2);
    let [first, second] = &round.members;
    is(&declare(&round, first, &ids[1], true), 201);
    vote_openly(&round, first, &ids[0], "approve");
    for id in &ids {
        vote_openly(&round, &round.chair, id, "approve");
        vote_openly(&round, second, id, "approve");
    }
    is(&step(&round, "close"), 200);
    let path = format!("calls/{}/minutes", round.call);
    let minutes = get(&round, &round.chair, &path).json();
    assert_eq!(get(&round, &round.administrators[0], &path).json(), minutes);
    let seats = minutes["seats"].as_array().unwrap();
    let shown: Vec<Value> =
        seats.iter().map(|seat| json!([seat["seat"]["kind"], seat["voted"], seat["recusals"]])).collect();
    assert_eq!(shown, [json!(["chair", 2, []]), json!(["member", 1, ["R1"]]), json!(["member", 2, []])]);
    assert_eq!((&minutes["quorum"], &minutes["call_code"]), (&json!(2), &json!("now")));
    let outcomes: Vec<&Value> = minutes["decisions"].as_array().unwrap().iter().map(|row| &row["approvals"]).collect();
    assert_eq!(outcomes, [&json!(3), &json!(2)]);
}

/// The first chair's seat ends with the voting open; the next one sees everything, votes and closes.
#[test]
fn a_chair_whose_seat_ended_is_followed_by_another() {
    let (round, ids) = voting(1);
    let [first, second] = &round.members;
    vote_openly(&round, &round.chair, &ids[0], "approve");
    vote_openly(&round, first, &ids[0], "approve");
    vote_openly(&round, second, &ids[0], "reject");
    let mut next = round.api.register("next@example.org");
    round.api.enrol(&mut next);
    let person = sql::id(&round.api.database, &round.chair.person);
    sql::execute(&round.api.database, &format!("UPDATE seats SET ends_at = seated_at + 1 WHERE person_id = {person}"));
    seat(&round.api, &round.call, &next, SeatKind::Chair);
    is(&get(&round, &round.chair, &format!("calls/{}/voting/progress", round.call)), 403);
    vote_openly(&round, &next, &ids[0], "reject");
    let round = Round { chair: next, ..round };
    is(&step(&round, "close"), 200);
    let minutes = get(&round, &round.chair, &format!("calls/{}/minutes", round.call)).json();
    let decision = &minutes["decisions"][0];
    assert_eq!(minutes["quorum"], 2);
    assert_eq!(
        [&decision["outcome"], &decision["approvals"], &decision["rejections"]],
        [&json!("rejected"), &json!(1), &json!(2)]
    );
}
