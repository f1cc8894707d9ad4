//! Everything about oneself, as one file.

use std::io::Read;

use serde_json::{Value, json};

use crate::applications::{answers, apply, begin};
use crate::documents::{asked, send};
use crate::merged::{enter, id_of, step};
use crate::sql;
use crate::support::api::{Api, User};
use crate::support::round::{Round, call_with};
use crate::support::{papers, people};

/// The files of the archive, in their order.
fn archive(api: &Api, by: &User) -> Vec<(String, Vec<u8>)> {
    let (reply, bytes) = api.ask("GET", "me/data").by(by).send_for_bytes();
    assert_eq!(reply.headers["content-type"], "application/zip");
    assert_eq!(reply.headers["content-disposition"], "attachment; filename=\"fond-data.zip\"");
    assert_eq!(reply.headers["cache-control"], "no-store");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let count = archive.len();
    let read = |place: usize| {
        let mut file = archive.by_index(place).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        (file.name().unwrap().into_owned(), content)
    };
    (0..count).map(read).collect()
}

/// The same as texts.
pub fn files(api: &Api, by: &User) -> Vec<(String, String)> {
    archive(api, by).into_iter().map(|(name, content)| (name, String::from_utf8(content).unwrap())).collect()
}

/// What stands in `data.json`.
pub fn data(api: &Api, by: &User) -> Value {
    let found = archive(api, by).into_iter().find(|(name, _)| name == "data.json");
    serde_json::from_slice(&found.unwrap().1).unwrap()
}

#[test]
fn who_works_for_the_fund_finds_their_name_and_what_they_were() {
    let round = Round::open();
    let api = &round.api;
    let told = data(api, &round.treasurer);
    assert_eq!((&told["account"]["name"], &told["roles"][0]["role"]), (&json!("Iva Ivić"), &json!("treasurer")));
    let invitation = &told["invitations"][0];
    assert_eq!((&invitation["role"], &invitation["email"]), (&json!("treasurer"), &json!("treasurer@example.org")));
    assert!(invitation["accepted_at"].is_string() && invitation["confirmed_at"].is_string(), "{invitation}");
    assert_eq!(data(api, &round.auditor)["roles"][0]["association"], "ULUS");

    let seat = &data(api, &round.chair)["seats"][0];
    assert_eq!(
        (&seat["seat"], &seat["call_id"], &seat["association"]),
        (&json!("chair"), &json!(round.call), &json!("ULUS"))
    );

    // A role that has ended was held all the same.
    let person = sql::id(&api.database, &round.treasurer.person);
    sql::execute(&api.database, &format!("UPDATE role_grants SET ends_at = granted_at + 1 WHERE person_id = {person}"));
    let told = data(api, &round.treasurer);
    assert_eq!(told["roles"][0]["role"], "treasurer", "{told:#}");
    assert!(told["roles"][0]["ends_at"].is_string());
}

#[test]
fn the_word_beside_it_names_all_that_is_in_it_and_what_is_not() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    for (language, in_it, not_in_it, recusals) in [
        ("en", "Not in it", "votes of the members", "stood aside"),
        ("sr-Cyrl", "Није унутра", "гласови чланова", "изузео"),
        ("sr-Latn", "Nije unutra", "glasovi članova", "izuzeo"),
    ] {
        let (_, bytes) = api.ask("GET", "me/data").by(&ana).header("Accept-Language", language).send_for_bytes();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut about = String::new();
        archive.by_name("README.txt").unwrap().read_to_string(&mut about).unwrap();
        let (_, left_out) = about.split_once(in_it).unwrap_or_else(|| panic!("{language}: {about}"));
        assert!(left_out.contains(not_in_it) && left_out.contains(recusals), "{language}: {about}");
    }
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

/// Somebody whose own application was merged into the one that the fund had entered for them, and then withdrew.
#[test]
fn why_the_fund_withdrew_is_in_it() {
    let round = Round::open();
    let api = &round.api;
    let ana = api.register("ana@example.org");
    let own = id_of(&apply(api, &ana, &round.call, &answers(1)));
    let entered = enter(&round, 2);
    assert_eq!(step(&round, &own, "merge", json!({"into": entered})).status, 200);
    assert_eq!(step(&round, &entered, "withdraw", json!({"reason": "Javila se telefonom."})).status, 200);
    let told = data(api, &ana);
    let reason = |id: &str| {
        let all = told["applications"].as_array().unwrap();
        all.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("{told:#}"))["withdrawal_reason"].clone()
    };
    assert_eq!((reason(&entered), reason(&own)), (json!("Javila se telefonom."), Value::Null));
}

#[test]
fn ones_documents_are_in_it_as_they_are_kept() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let asks = call_with(&api, "asks", |rules| rules.documents.push(asked("paper")));
    let draft = begin(&api, &ana, &asks);
    let [pdf, png] = [papers::pdf(), papers::png(4, 4)].map(|bytes| send(&api, &ana, &draft, "paper", &bytes));
    let folder = std::path::PathBuf::from(api.database.settings().documents.store);
    let all = archive(&api, &ana);
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    let name = |id: &str, extension: &str| format!("documents/paper-{}.{extension}", &id.replace('-', "")[24..]);
    assert_eq!(names, [&name(&pdf, "pdf"), &name(&png, "png"), "data.json", "README.txt"]);
    assert_eq!((&all[0].1, &all[1].1), (&papers::pdf(), &papers::png(4, 4)));
    let data: Value = serde_json::from_slice(&all[2].1).unwrap();
    assert_eq!(data["documents"][0]["file"], name(&pdf, "pdf"));
    assert_eq!(
        (&data["documents"][1]["name"], &data["documents"][1]["is_unreadable"]),
        (&"Moja potvrda.pdf".into(), &false.into())
    );

    // What the store lost withholds nothing else.
    for file in std::fs::read_dir(folder).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    let all = archive(&api, &ana);
    let data: Value = serde_json::from_slice(&all[0].1).unwrap();
    assert_eq!((all.len(), &data["documents"][1]["is_unreadable"]), (2, &true.into()));
}
