//! What the money opens of people is on the access journal.

use serde_json::json;

use super::Scene;
use crate::journal::{is_whole, rows};

#[test]
fn allocating_and_paying_are_on_the_journal() {
    let scene = Scene::allocated(3, "40000.00");
    let api = scene.api();
    is_whole(api);
    let allocated: Vec<_> = rows(api).into_iter().filter(|(_, purpose, _)| purpose == "allocate").collect();
    let one = ("treasurer".to_owned(), "allocate".to_owned(), 3);
    assert_eq!(allocated, [one.clone(), one], "one for the preview and one for the commit, of all whom they ranked");

    let before = rows(api).len();
    let (award, number) = scene.award(0);
    let payout = scene.prepare(&award);
    assert_eq!(scene.authorise(&payout).status, 200);
    assert_eq!(scene.execute(&payout, "20000.00", "FT1").status, 200);
    is_whole(api);
    let paid = rows(api).split_off(before);
    let is_paying = |(_, purpose, subjects): &(String, String, i64)| {
        (purpose == "pay" || purpose == "check_eligibility") && *subjects == 1
    };
    assert!(paid.len() >= 3 && paid.iter().all(is_paying), "{paid:?}");
    let log = scene.read(&scene.applicants[number], "me/access-log");
    let roles: Vec<_> = log["items"].as_array().unwrap().iter().map(|access| access["role"].clone()).collect();
    assert!(roles.contains(&json!("authoriser")) && roles.contains(&json!("treasurer")), "{log}");
}
