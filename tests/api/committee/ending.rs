//! Seats that end before their time: who ends them, and what of them stays.

use std::time::Duration;

use fond::accounts::Actor;
use fond::calls::actions as calls;
use fond::clock::Instant;
use fond::committee::{NewSeat, SeatKind, actions as committee};
use serde_json::{Value, json};

use super::{
    apply_plainly, declare, get, is, progress, queue, read, references, refused, step, vote, vote_openly, voting,
};
use crate::sql;
use crate::support::api::{Reply, User};
use crate::support::round::{Round, call_now, seat};

/// The seat that somebody holds.
fn seat_of(round: &Round, user: &User) -> String {
    let seats = get(round, user, "me/seats").json();
    seats["items"][0]["id"].as_str().unwrap().to_owned()
}

/// Seats somebody new on the committee.
fn seat_another(round: &Round, email: &str, kind: SeatKind, substitutes_for: Option<&str>) -> User {
    let mut user = round.api.register(email);
    round.api.enrol(&mut user);
    let fond = round.api.database.open();
    let substitutes_for = substitutes_for.map(|seat| seat.parse().unwrap());
    let new = NewSeat { kind, substitutes_for, association: "ULUS" };
    let (call, person) = (round.call_id(), user.person.parse().unwrap());
    fond.db.write(|conn| committee::seat(conn, &Actor::SYSTEM, call, person, new, Instant::now())).unwrap();
    user
}

fn end(round: &Round, by: &User, seat: &str, body: Value) -> Reply {
    round.api.ask("POST", &format!("seats/{seat}/end")).by(by).json(body).send()
}

fn reason() -> Value {
    json!({"reason": "withdrawn_by_association"})
}

#[test]
fn an_administrator_ends_a_seat_with_a_reason_and_once() {
    let (round, ids) = voting(2);
    let administrator = &round.administrators[0];
    let [first, second] = &round.members;
    vote_openly(&round, first, &ids[0], "approve");
    let seat = seat_of(&round, first);
    for (body, wrong) in [
        (json!({}), "reason: missing"),
        (json!({"reason": " "}), "reason: word"),
        (json!({"reason": "Ana is ill"}), "reason: word"),
        (json!({"reason": "resigned", "seat": 1}), "seat: unknown"),
    ] {
        let reply = end(&round, administrator, &seat, body);
        assert_eq!((reply.status, reply.wrong_fields()), (422, vec![wrong.to_owned()]), "{reply:?}");
    }
    for other in [first, second, &round.chair, &round.treasurer, &round.authoriser, &round.auditor] {
        is(&end(&round, other, &seat, reason()), 403);
    }
    sql::let_proof_grow_old(&round.api, administrator, 10);
    let reply = end(&round, administrator, &seat, reason());
    assert_eq!((reply.status, reply.code().as_str()), (403, "step_up_required"));
    sql::let_proof_grow_old(&round.api, administrator, -10);
    assert_eq!(sql::events(&round.api.database, "seat_ended"), 0);

    let keyed = || {
        let ask = round.api.ask("POST", &format!("seats/{seat}/end")).by(administrator);
        ask.header("Idempotency-Key", "end").json(reason()).send()
    };
    let ended = keyed();
    assert_eq!((ended.status, &ended.json()["id"]), (200, &json!(seat)), "{ended:?}");
    assert!(ended.json()["ends_at"].is_string());
    assert_eq!(keyed().body, ended.body);
    refused(&end(&round, administrator, &seat, reason()), "seat_ended");
    assert_eq!(sql::events(&round.api.database, "seat_ended"), 1);

    is(&queue(&round, first, ""), 403);
    is(&declare(&round, first, &ids[1], false), 403);
    is(&vote(&round, first, &ids[0], "reject"), 403);
    assert_eq!(get(&round, first, "me/seats").json()["items"], json!([]));
    // It has no vote left to give; the one that was cast counts, and the quorum is that of three.
    for id in &ids {
        vote_openly(&round, &round.chair, id, "reject");
        vote_openly(&round, second, id, "approve");
    }
    assert_eq!(progress(&round)["seats"].as_array().unwrap().len(), 2);
    is(&step(&round, "close"), 200);
    let minutes = get(&round, administrator, &format!("calls/{}/minutes", round.call)).json();
    let approvals: Vec<&Value> = minutes["decisions"].as_array().unwrap().iter().map(|row| &row["approvals"]).collect();
    assert_eq!((approvals, &minutes["quorum"]), (vec![&json!(2), &json!(1)], &json!(2)));
}

#[test]
fn after_a_chair_whose_seat_was_ended_another_is_seated() {
    let (round, ids) = voting(1);
    let [first, second] = &round.members;
    vote_openly(&round, &round.chair, &ids[0], "approve");
    vote_openly(&round, first, &ids[0], "approve");
    vote_openly(&round, second, &ids[0], "reject");
    let mut next = round.api.register("next@example.org");
    round.api.enrol(&mut next);
    let fond = round.api.database.open();
    let seat_next = |kind| {
        let (call, person) = (round.call_id(), next.person.parse().unwrap());
        let new = NewSeat { kind, substitutes_for: None, association: "ULUS" };
        let now = fond::clock::Instant::now();
        fond.db.write(|conn| committee::seat(conn, &Actor::SYSTEM, call, person, new, now))
    };
    assert_eq!(seat_next(SeatKind::Chair).unwrap_err().refusal_code(), Some("second_chair"));
    is(&end(&round, &round.administrators[1], &seat_of(&round, &round.chair), reason()), 200);
    is(&get(&round, &round.chair, &format!("calls/{}/voting/progress", round.call)), 403);
    seat_next(SeatKind::Chair).unwrap();
    vote_openly(&round, &next, &ids[0], "reject");
    let round = Round { chair: next, ..round };
    is(&step(&round, "close"), 200);
    let minutes = get(&round, &round.chair, &format!("calls/{}/minutes", round.call)).json();
    let decision = &minutes["decisions"][0];
    assert_eq!((&decision["approvals"], &decision["rejections"]), (&json!(1), &json!(2)), "one chair, one vote");
}

/// Whoever stood in for a chair votes for them until another presides, who votes anew: three seats, three votes.
#[test]
fn the_substitute_of_a_former_chair_stands_in_no_more() {
    let (round, ids) = voting(2);
    let [first, second] = &round.members;
    let former = seat_of(&round, &round.chair);
    let substitute = seat_another(&round, "substitute@example.org", SeatKind::Substitute, Some(&former));
    for id in &ids {
        is(&declare(&round, &round.chair, id, true), 201);
        vote_openly(&round, first, id, "approve");
        vote_openly(&round, second, id, "reject");
    }
    vote_openly(&round, &substitute, &ids[0], "approve");
    is(&end(&round, &round.administrators[0], &former, reason()), 200);
    is(&read(&round, &substitute, &ids[0]), 200);
    assert_eq!(references(&queue(&round, &substitute, "")).len(), 2);
    let next = seat_another(&round, "next@example.org", SeatKind::Chair, None);
    is(&read(&round, &substitute, &ids[0]), 404);
    is(&vote(&round, &substitute, &ids[0], "reject"), 404);
    is(&declare(&round, &substitute, &ids[1], false), 404);
    assert_eq!(references(&queue(&round, &substitute, "")), Vec::<String>::new());
    let round = Round { chair: next, ..round };
    for id in &ids {
        vote_openly(&round, &round.chair, id, "reject");
    }
    // Before its time: no vote of the substitute is waited for.
    is(&step(&round, "close"), 200);
    let decisions = get(&round, &round.auditor, &format!("calls/{}/decisions", round.call)).json();
    let rows = decisions["items"].as_array().unwrap();
    let counts: Vec<[&Value; 2]> = rows.iter().map(|row| [&row["approvals"], &row["rejections"]]).collect();
    assert_eq!(counts, [[&json!(1), &json!(2)]; 2]);
}

/// A substitute stands in where the member was recused, before and after: not for what the member left undone.
#[test]
fn a_substitute_goes_on_where_the_member_was_recused() {
    let (round, ids) = voting(2);
    let member = &round.members[0];
    let mut substitute = round.api.register("substitute@example.org");
    round.api.enrol(&mut substitute);
    let fond = round.api.database.open();
    let principal = seat_of(&round, member);
    let new =
        NewSeat { kind: SeatKind::Substitute, substitutes_for: Some(principal.parse().unwrap()), association: "ULUS" };
    let (person, now) = (substitute.person.parse().unwrap(), fond::clock::Instant::now());
    fond.db.write(|conn| committee::seat(conn, &Actor::SYSTEM, round.call_id(), person, new, now)).unwrap();
    is(&declare(&round, member, &ids[0], true), 201);
    is(&end(&round, &round.administrators[0], &principal, reason()), 200);
    vote_openly(&round, &substitute, &ids[0], "approve");
    is(&declare(&round, &substitute, &ids[1], false), 404);
    let own = seat_of(&round, &substitute);
    is(&end(&round, &round.administrators[0], &own, reason()), 200);
    is(&vote(&round, &substitute, &ids[0], "reject"), 403);
}

#[test]
fn a_seat_of_another_call_or_of_none_is_not_there() {
    let round = Round::open();
    let other = call_now(&round.api, "other");
    let mut stranger = round.api.register("stranger@example.org");
    round.api.enrol(&mut stranger);
    seat(&round.api, &other, &stranger, SeatKind::Chair);
    let email = "here@example.org";
    let here = round.api.officer_with(&round.administrators, email, "administrator", json!({"call_id": round.call}));
    is(&end(&round, &here, &seat_of(&round, &stranger), reason()), 404);
    for absent in ["no-id", "0199f0c8-6f3f-7cc5-8a5e-0d5f3a1c2b4d"] {
        is(&end(&round, &here, absent, reason()), 404);
        is(&end(&round, &round.treasurer, absent, reason()), 403);
    }
    is(&end(&round, &here, &seat_of(&round, &round.members[0]), reason()), 200);
}

/// After the close a member reads what they saw until their seat ends.
#[test]
fn after_the_close_it_ends_what_can_be_read() {
    let (round, ids) = voting(1);
    let member = &round.members[0];
    for user in [&round.chair, member, &round.members[1]] {
        vote_openly(&round, user, &ids[0], "approve");
    }
    is(&step(&round, "close"), 200);
    let read = || super::read(&round, member, &ids[0]).status;
    assert_eq!(read(), 200);
    is(&end(&round, &round.administrators[0], &seat_of(&round, member), reason()), 200);
    assert_eq!(read(), 403);
}

/// An hour after its time, a step that no chair takes is the clock's; on a call with nobody seated it takes none.
#[test]
fn without_a_chair_the_clock_opens_and_closes() {
    let round = Round::open();
    apply_plainly(&round, 1);
    let other = call_now(&round.api, "other");
    let (fond, call) = (round.api.database.open(), round.call_id());
    let begin = Instant::now();
    let after = |days: u64, minutes: u64| begin.plus(Duration::from_secs((days * 1440 + minutes) * 60));
    let left = |now: Instant| fond.db.read(move |conn| committee::left_to_clock(conn, now)).unwrap();
    let step = |now: Instant| fond.db.write(|conn| committee::step_by_clock(conn, &fond.vault, call, now)).unwrap();
    let state = || fond.db.read(move |conn| calls::find(conn, call)).unwrap().state.to_string();
    assert!(left(after(30, 0)).is_empty(), "there is a chair");
    assert!(!step(after(30, 0)));
    let chair = sql::id(&round.api.database, &round.chair.person);
    sql::execute(&round.api.database, &format!("UPDATE seats SET ends_at = seated_at + 1 WHERE person_id = {chair}"));

    assert!(left(after(10, 50)).is_empty(), "somebody may be seated yet");
    assert!(!step(after(10, 50)));
    assert_eq!(left(after(10, 70)), [call]);
    assert!(step(after(10, 70)) && !step(after(10, 70)));
    assert_eq!((state().as_str(), left(after(20, 50))), ("voting", vec![]));
    assert_eq!(left(after(20, 70)), [call]);
    assert!(step(after(20, 70)));
    assert_eq!((state().as_str(), sql::rows(&round.api.database, "decisions")), ("voting_closed", 1));
    for kind in ["voting_opened", "voting_closed"] {
        assert_eq!(sql::events(&round.api.database, kind), 1, "{kind}");
    }
    assert!(left(after(90, 0)).is_empty(), "{other} has nobody seated");
}
