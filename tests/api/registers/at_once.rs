//! How many files are taken at once: two, and one for a call.

use std::time::{Duration, Instant};

use super::broken::head;
use super::{programme_of, refused, strangers, upload, wait_for};
use crate::support::round::{Round, call_now};
use crate::wire::Wire;

/// Begins with a file and does not come to its end.
fn begin(round: &Round, programme: &str) -> Wire {
    let mut wire = Wire::connect(round.api.address());
    wire.send(&head(&round.administrators[0], programme, "Content-Length: 99999"));
    wire.send(&strangers(3));
    wire
}

#[test]
fn a_third_file_is_told_to_come_later_and_a_second_of_a_call_that_there_is_one() {
    let round = Round::open();
    let administrator = &round.administrators[0];
    let calls = [round.call.clone(), call_now(&round.api, "second"), call_now(&round.api, "third")];
    let [first, second, third] = calls.each_ref().map(|call| programme_of(&round, call));
    let send = |programme: &str, query: &str| upload(&round, administrator, programme, &strangers(2), query);

    let one = begin(&round, &first);
    wait_for(&round, 1, "aid_registers WHERE state = 'loading'");
    refused(&send(&first, ""), 409, "upload_running");
    refused(&send(&first, "?dry_run=true"), 409, "upload_running");
    assert_eq!(send(&second, "").status, 201, "another call's goes on beside it");

    let _other = begin(&round, &second);
    wait_for(&round, 2, "aid_registers WHERE state = 'loading'");
    for query in ["", "?dry_run=true"] {
        let reply = send(&third, query);
        refused(&reply, 503, "uploads_running");
        assert_eq!(reply.headers["retry-after"], "30");
    }
    let stranger = upload(&round, &round.treasurer, &third, &strangers(1), "");
    refused(&stranger, 403, "forbidden");
    wait_for(&round, 3, "aid_registers");

    drop(one);
    let began = Instant::now();
    while send(&third, "").status != 201 {
        assert!(began.elapsed() < Duration::from_secs(20), "the place was not given back");
        std::thread::sleep(Duration::from_millis(20));
    }
}
