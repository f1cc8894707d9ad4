//! Everything about oneself, as one file.

use std::io::Read;

use serde_json::Value;

use crate::applications::{answers, apply, begin};
use crate::sql;
use crate::support::api::{Api, User};
use crate::support::people;
use crate::support::round::Round;

/// The files of the archive, by name.
fn files(api: &Api, by: &User) -> Vec<(String, String)> {
    let mut reply = ureq::get(&format!("{}/api/v1/me/data", api.url))
        .header("Authorization", &format!("Bearer {}", by.access))
        .call()
        .unwrap();
    assert_eq!(reply.headers()["content-type"], "application/zip");
    assert_eq!(reply.headers()["content-disposition"], "attachment; filename=\"fond-data.zip\"");
    assert_eq!(reply.headers()["cache-control"], "no-store");
    let mut bytes = Vec::new();
    reply.body_mut().as_reader().read_to_end(&mut bytes).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut read = |place: usize| {
        let mut file = archive.by_index(place).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        (file.name().unwrap().into_owned(), text)
    };
    (0..2).map(&mut read).collect()
}

#[test]
fn one_gets_everything_that_the_fund_has_of_one() {
    let round = Round::open();
    let api = &round.api;
    let ana = api.register("ana@example.org");
    let sent = apply(api, &ana, &round.call, &answers(1));
    let other = crate::support::round::call_now(api, "other");
    begin(api, &ana, &other);
    let path = format!("applications/{}", sent["id"].as_str().unwrap());
    assert_eq!(api.ask("GET", &path).by(&round.administrators[0]).send().status, 200);
    let files_of = files;
    let files = files_of(api, &ana);
    assert_eq!(files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["data.json", "README.txt"]);
    assert!(files[1].1.contains("data.json"));
    let data: Value = serde_json::from_str(&files[0].1).unwrap();
    assert_eq!(data["account"]["email"], "ana@example.org");
    assert_eq!(data["applications"][0]["sent"]["jmbg"], people::jmbg(1));
    assert_eq!(data["applications"][0]["became"]["state"], "eligible", "{data:#}");
    assert_eq!(data["drafts"][0]["call_code"], "other");
    assert_eq!(data["readings"][0]["purpose"], "review_application");
    assert_eq!(data["sessions"].as_array().unwrap().len(), 1);

    // Of somebody who asked for nothing there is little, and nothing of another.
    let bare = api.register("bare@example.org");
    let data: Value = serde_json::from_str(&files_of(api, &bare)[0].1).unwrap();
    assert_eq!((&data["applications"], &data["drafts"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    assert!(!data.to_string().contains("ana@example.org"));

    sql::let_proof_grow_old(api, &ana, 10);
    let reply = api.ask("GET", "me/data").by(&ana).send();
    assert_eq!((reply.status, reply.code().as_str()), (403, "step_up_required"));
}
