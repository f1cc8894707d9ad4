//! A register that comes after another one, and whoever both of them name.

use serde_json::json;

use super::{HEADINGS, programme, upload, wait_for};
use crate::applications::{answers, apply};
use crate::sql;
use crate::support::round::Round;

/// A dismissed hit of one register says nothing of the next one.
#[test]
fn a_register_that_came_after_a_dismissal_is_asked_about_again() {
    let round = Round::open();
    let (api, administrator) = (&round.api, &round.administrators[0]);
    let ana = api.register("ana@example.org");
    let id = apply(api, &ana, &round.call, &answers(1))["id"].as_str().unwrap().to_owned();
    let programme = programme(&round);
    let shown = || api.ask("GET", &format!("applications/{id}")).by(administrator).send();
    let waiting = format!("applications WHERE id = {} AND state = 'needs_review'", sql::id(&api.database, &id));
    for (name, amount) in [("Ana Anić1", "10.00"), ("АНА Анић1", "90000.00")] {
        let csv = format!("{HEADINGS},{name},Beograd,{amount},2020-05-01\n");
        assert_eq!(upload(&round, administrator, &programme, &csv, "").status, 201);
        wait_for(&round, 1, &waiting);
        let path = format!("applications/{id}/findings/other_aid_possible/resolutions");
        let dismiss = || {
            let ask = api.ask("POST", &path).by(administrator).header("If-Match", &shown().headers["etag"]);
            ask.json(json!({"resolution": "dismissed", "reason": "Drugo lice istog imena."})).send()
        };
        // What a register brings that is still compared with the applications is not on the screen yet.
        let job = "kind = 'recheck_register'";
        let set = |to: &str| sql::execute(&api.database, &format!("UPDATE jobs SET {to} WHERE {job}"));
        assert!(set("done_at = NULL, due_at = 9000000000000000") > 0);
        assert_eq!(dismiss().code(), "register_compared");
        set("done_at = 1");
        let dismissed = dismiss();
        assert_eq!((dismissed.status, &dismissed.json()["state"]), (200, &json!("eligible")), "{dismissed:?}");
    }
}
