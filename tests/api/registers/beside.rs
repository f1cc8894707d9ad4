//! A long upload beside other people's writes, which go on as if it were not there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{programme, strangers, upload, wait_for};
use crate::support::round::Round;

/// Generous: this is a build without optimisation, on a machine that does other things. docs/PERFORMANCE.md has figures.
const LONGEST_WAIT: Duration = Duration::from_millis(1_500);

#[test]
fn fifty_thousand_rows_land_while_others_write() {
    let round = Round::open();
    let programme = programme(&round);
    let csv = strangers(50_000);
    let is_over = AtomicBool::new(false);
    let (reply, mut waits) = std::thread::scope(|scope| {
        let write = |writer: usize| {
            let mut waits = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                let began = Instant::now();
                let email = format!("w{writer}-{}@example.org", waits.len());
                assert_eq!(round.api.post("registrations", json!({"email": email})).status, 202);
                waits.push(began.elapsed());
            }
            waits
        };
        let writers: Vec<_> = (0..2).map(|writer| scope.spawn(move || write(writer))).collect();
        let reply = upload(&round, &round.administrators[0], &programme, &csv, "");
        is_over.store(true, Ordering::Relaxed);
        (reply, writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect::<Vec<_>>())
    });
    assert_eq!((reply.status, &reply.json()["record_count"]), (201, &json!(50_000)), "{reply:?}");
    wait_for(&round, 50_000, "aid_records");
    waits.sort_unstable();
    let (middle, longest) = (waits[waits.len() / 2], waits[waits.len() - 1]);
    eprintln!("{} writes beside it: {middle:?} in the middle, {longest:?} at the longest", waits.len());
    assert!(waits.len() > 20, "others were there");
    assert!(longest < LONGEST_WAIT, "{longest:?}");
}
