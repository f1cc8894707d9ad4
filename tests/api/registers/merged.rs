//! A register that names what was merged: the one that goes on is of the same person.

use serde_json::json;

use super::{HEADINGS, programme, upload, wait_for};
use crate::merged::{enter, stands, step};
use crate::support::people;
use crate::support::round::Round;

/// The number of what was merged is one that only it has: what a register says about it stops the money of the one that goes on,
/// until a person has looked, also through a chain; where the register is withdrawn, or the two are apart, it counts no more.
#[test]
fn it_asks_about_the_one_that_goes_on() {
    let round = Round::open();
    let administrator = &round.administrators[0];
    let [first, middle, last] = [1, 2, 3].map(|number| enter(&round, number));
    for (id, into) in [(&first, &middle), (&middle, &last)] {
        assert_eq!(step(&round, id, "merge", json!({"into": into})).status, 200);
    }
    let programme = programme(&round);
    let name = |amount: &str| {
        let file = format!("{HEADINGS}{},Niko Nikić,Niš,{amount},2020-05-01\n", people::jmbg(1));
        let uploaded = upload(&round, administrator, &programme, &file, "");
        assert_eq!(uploaded.status, 201, "{uploaded:?}");
        uploaded.json()["id"].as_str().unwrap().to_owned()
    };
    let compared = || wait_for(&round, 0, "jobs WHERE kind = 'recheck_register' AND done_at IS NULL");
    let (asked, free) = ("needs_review other_aid_possible:open", "eligible");
    let register = name("30000.00");
    compared();
    assert_eq!([stands(&round, &first), stands(&round, &last)], ["merged other_aid:failed", asked]);
    let withdraw = round.api.ask("POST", &format!("aid-registers/{register}/withdraw")).by(administrator);
    assert_eq!(withdraw.json(json!({"reason": "other"})).send().status, 200);
    compared();
    assert_eq!([stands(&round, &first), stands(&round, &last)], ["merged", free]);
    name("30001.00");
    compared();
    assert_eq!(stands(&round, &last), asked);
    // Taken apart in the midst of the chain: the last one is free of it.
    assert_eq!(step(&round, &middle, "unmerge", json!({})).status, 200);
    assert_eq!([stands(&round, &middle), stands(&round, &last)], [asked, free]);
    // What stands against one before it is merged is asked about when it is.
    assert_eq!(step(&round, &middle, "merge", json!({"into": last})).status, 200);
    assert_eq!(stands(&round, &last), asked);
}
