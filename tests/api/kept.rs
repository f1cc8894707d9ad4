//! Answers that are kept for a retry hold nobody else's data: what they tell is opened anew, and on the journal.

use serde_json::json;

use crate::applications::answers;
use crate::sql;
use crate::support::api::{Reply, User};
use crate::support::round::Round;

fn once(round: &Round, user: &User, path: &str, key: &str, body: &serde_json::Value) -> Reply {
    round.api.ask("POST", path).by(user).header("Idempotency-Key", key).json(body.clone()).send()
}

#[test]
fn a_retry_tells_the_same_until_the_person_is_forgotten() {
    let round = Round::open();
    let (api, administrator) = (&round.api, &round.administrators[0]);
    let enter =
        || once(&round, administrator, &format!("calls/{}/entered-applications", round.call), "enter-1", &answers(1));
    let entered = enter();
    assert_eq!(entered.status, 201, "{entered:?}");
    let id = entered.json()["id"].as_str().unwrap().to_owned();
    let question = json!({"question": "Da li je pomoć isplaćena?", "answer": "Nije, rekla je telefonom."});
    let ask = || once(&round, administrator, &format!("applications/{id}/clarifications"), "ask-1", &question);
    let asked = ask();
    assert_eq!(asked.status, 201, "{asked:?}");

    let openings = api.database.journaled();
    let again = [enter(), ask()];
    for (first, again) in [&entered, &asked].into_iter().zip(&again) {
        assert_eq!((again.status, again.json()), (201, first.json()));
        assert_eq!(again.headers.get("location"), first.headers.get("location"));
    }
    assert!(api.database.journaled() > openings, "what a retry tells is on the journal too");
    assert_eq!(sql::rows(&api.database, "applications"), 1);

    let fond = api.database.open();
    let now = fond::clock::Instant::now();
    let forget = |conn: &mut fond::db::Conn| {
        use fond::applications::actions::erasing::{erase_identity, erase_need};
        erase_need(conn, &fond.vault, id.parse().unwrap(), now)?;
        erase_identity(conn, &fond.vault, id.parse().unwrap(), now)
    };
    fond.db.write(forget).unwrap();
    for refused in [enter(), ask()] {
        assert_eq!((refused.status, refused.code().as_str()), (409, "data_erased"), "{refused:?}");
    }
}
