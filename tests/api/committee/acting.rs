//! Who acts by a seat, and who does not.

use std::time::Duration;

use fond::committee::SeatKind;
use serde_json::{Value, json};

use super::{apply_plainly, declare, get, is, queue, read, vote};
use crate::sql;
use crate::support::api::User;
use crate::support::round::{Round, call_now, seat};

/// Every read of the committee's, with who may: the committee, the chair alone, officers too.
fn reads(round: &Round, application: &str) -> Vec<String> {
    let call = &round.call;
    vec![
        format!("calls/{call}/committee/queue"),
        format!("committee/applications/{application}"),
        format!("calls/{call}/voting/progress"),
        format!("calls/{call}/decisions"),
        format!("calls/{call}/decisions.csv"),
        format!("calls/{call}/minutes"),
        format!("calls/{call}/seats"),
    ]
}

fn statuses(round: &Round, by: &User, application: &str) -> Vec<u16> {
    reads(round, application).iter().map(|path| get(round, by, path).status).collect()
}

#[test]
fn each_role_reads_what_is_its_own() {
    let round = Round::open();
    let id = apply_plainly(&round, 1);
    let applicant = round.api.register("nobody@example.org");
    let mut stranger = round.api.register("stranger@example.org");
    round.api.enrol(&mut stranger);
    let other = call_now(&round.api, "other");
    seat(&round.api, &other, &stranger, SeatKind::Chair);
    // Queue, application, progress, decisions, the same as CSV, minutes, seats.
    let expected = [
        (&applicant, [403, 403, 403, 403, 403, 403, 403]),
        (&round.administrators[0], [403, 403, 403, 409, 409, 409, 200]),
        (&round.treasurer, [403, 403, 403, 409, 409, 403, 403]),
        (&round.authoriser, [403, 403, 403, 403, 403, 403, 403]),
        (&round.auditor, [403, 403, 403, 409, 409, 403, 403]),
        (&round.chair, [200, 409, 200, 409, 409, 409, 200]),
        (&round.members[0], [200, 409, 403, 409, 409, 403, 403]),
        (&stranger, [404, 404, 404, 404, 404, 404, 404]),
    ];
    for (user, statuses_expected) in expected {
        assert_eq!(statuses(&round, user, &id), statuses_expected, "{}", user.email);
    }
    for path in reads(&round, &id) {
        assert_eq!(round.api.get(&path).status, 401, "{path}");
    }
    // What is not there looks the same as what is another's.
    let nowhere = "0199f0c8-6f3f-7cc5-8a5e-0d5f3a1c2b4d";
    for path in reads(&round, nowhere) {
        let path = path.replace(&round.call, nowhere);
        assert_eq!(get(&round, &applicant, &path).status, 403, "{path}");
        assert_eq!(get(&round, &round.chair, &path).status, 404, "{path}");
    }
    for who in [&applicant, &round.treasurer, &round.administrators[0]] {
        is(&declare(&round, who, &id, false), 403);
        is(&vote(&round, who, &id, "approve"), 403);
    }
    is(&declare(&round, &stranger, &id, false), 404);
    is(&vote(&round, &stranger, &id, "approve"), 404);
    is(&declare(&round, &round.chair, "no-id", false), 404);
}

#[test]
fn a_seat_that_ended_a_suspended_person_and_one_without_a_second_factor_do_nothing() {
    let round = Round::open();
    let id = apply_plainly(&round, 1);
    let database = &round.api.database;
    let [ended, suspended] = &round.members;
    is(&queue(&round, ended, ""), 200);
    let person = sql::id(database, &ended.person);
    sql::execute(database, &format!("UPDATE seats SET ends_at = seated_at + 1 WHERE person_id = {person}"));
    is(&queue(&round, ended, ""), 403);
    is(&declare(&round, ended, &id, false), 403);
    assert_eq!(get(&round, ended, "me/seats").json()["items"], json!([]));

    let person = sql::id(database, &suspended.person);
    sql::execute(database, &format!("UPDATE logins SET suspended_at = created_at WHERE person_id = {person}"));
    let reply = queue(&round, suspended, "");
    assert_eq!((reply.status, reply.code().as_str()), (403, "suspended"));
    is(&vote(&round, suspended, &id, "approve"), 403);
    is(&read(&round, suspended, &id), 403);

    let session = sql::id(database, &round.chair.session);
    sql::execute(database, &format!("UPDATE sessions SET second_factor_at = NULL WHERE id = {session}"));
    let reply = queue(&round, &round.chair, "");
    assert_eq!((reply.status, reply.code().as_str()), (403, "totp_required"));
}

#[test]
fn an_accepted_seat_ends_with_its_invitation_and_is_ones_own() {
    let round = Round::open();
    let more = json!({"call_id": round.call, "association": "SULUV"});
    let invitation = round.api.invite(&round.administrators[0], "new@example.org", "member", more);
    let member = round.api.accept("new@example.org", &round.api.letter("new@example.org", 0).token());
    let began = std::time::Instant::now();
    let own: Value = loop {
        let own = get(&round, &member, "me/seats").json();
        if own["items"] != json!([]) {
            break own["items"][0].clone();
        }
        assert!(began.elapsed() < Duration::from_secs(20), "nobody was seated");
        std::thread::sleep(Duration::from_millis(10));
    };
    assert_eq!(own["ends_at"], invitation["ends_at"]);
    assert_eq!(
        (&own["kind"], &own["association"], &own["call_code"]),
        (&json!("member"), &json!("SULUV"), &json!("now"))
    );
    is(&queue(&round, &member, ""), 200);
    let seats = get(&round, &round.chair, &format!("calls/{}/seats", round.call)).json();
    let names: Vec<&Value> = seats["items"].as_array().unwrap().iter().map(|seat| &seat["name"]).collect();
    assert_eq!(names, [&Value::Null, &Value::Null, &Value::Null, &json!("Iva Ivić")]);
    let nobody = get(&round, &round.treasurer, "me/seats");
    assert_eq!(nobody.json(), json!({"items": []}));
}
