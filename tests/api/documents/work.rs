//! Documents before those who work for the fund, and their end: erasure, terms, and what nobody knows any more.

use std::time::Duration;

use fond::clock::Instant;
use fond::config::{Action, RetentionSettings};
use fond::documents;
use fond::objects::{ObjectName, Objects};
use fond::privacy::retention;
use serde_json::json;

use crate::applications::{answers, begin, fill};
use crate::documents::{asked, call, comes_to_hold, list, send, stored};
use crate::journal;
use crate::support::api::{Api, User};
use crate::support::papers;

const DAY: Duration = Duration::from_secs(86_400);

/// Somebody's application with a document; gives the ids of both.
fn sent(api: &Api, user: &User) -> [String; 2] {
    sent_to(api, user, &call(api, vec![asked("paper")]), 1)
}

fn sent_to(api: &Api, user: &User, call: &str, number: usize) -> [String; 2] {
    let id = begin(api, user, call);
    let document = send(api, user, &id, "paper", &papers::pdf());
    let version = fill(api, user, &id, &answers(number));
    let reply = api.ask("POST", &format!("me/applications/{id}/submit")).by(user).header("If-Match", &version).send();
    assert_eq!(reply.status, 200, "{reply:?}");
    [id, document]
}

#[test]
fn an_administrator_opens_one_for_a_purpose_that_is_on_the_journal_first() {
    let api = Api::start();
    let [administrator, _] = api.administrators();
    let ana = api.register("ana@example.org");
    let [id, document] = sent(&api, &ana);
    let before = journal::rows(&api).len();
    let reply = api.ask("GET", &format!("applications/{id}/documents")).by(&administrator).send();
    assert_eq!(reply.status, 200, "{reply:?}");
    let shown = &reply.json()["items"][0];
    assert_eq!((&shown["id"], shown.get("name")), (&json!(document), None), "what the file is called is not shown");
    assert_eq!(journal::rows(&api).len(), before, "nothing was opened");
    journal::is_whole(&api);

    let path = format!("applications/{id}/documents/{document}/open");
    let open = |body| api.ask("POST", &path).by(&administrator).json(body).send_for_bytes();
    assert_eq!(open(json!({})).0.status, 422);
    assert_eq!(journal::rows(&api).len(), before);
    let (file, bytes) = open(json!({"purpose": "resolve_finding"}));
    assert_eq!((file.status, bytes), (200, papers::pdf()));
    assert!(file.headers["content-disposition"].starts_with("attachment; filename=\"paper-"));
    assert_eq!(file.headers["content-security-policy"], "sandbox; default-src 'none'; frame-ancestors 'none'");
    let read = ("administrator".to_owned(), "resolve_finding".to_owned(), 1);
    assert_eq!(journal::rows(&api).split_off(before), [read]);
    journal::is_whole(&api);
    let log = api.ask("GET", "me/access-log").by(&ana).send().json();
    assert_eq!(log["items"][0]["fields"], json!(["documents.content"]));
    let events = "SELECT COUNT(*) AS number FROM events WHERE kind = 'document_opened'";
    assert_eq!(api.database.number(events), 1);

    let other = format!("applications/{}/documents/{document}/open", uuid::Uuid::now_v7());
    let body = || json!({"purpose": "resolve_finding"});
    assert_eq!(api.ask("POST", &other).by(&administrator).json(body()).send().status, 404);
    assert_eq!(api.ask("POST", &path).by(&ana).json(body()).send().status, 403);
}

/// Runs a future to its end, as the server would.
fn run<T>(future: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(future)
}

#[test]
fn what_belongs_to_no_document_is_swept_away_a_day_later() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    sent(&api, &ana);
    let (fond, database) = (api.database.open(), &api.database);
    let objects = Objects::open(&database.settings().documents, &database.engine()).unwrap();
    let [orphan, foreign] = [ObjectName::random().unwrap(), ObjectName::random().unwrap()];
    let now = Instant::now();
    fond.db.write(|conn| documents::actions::announce(conn, &orphan, now)).unwrap();
    run(async {
        for name in [&orphan, &foreign] {
            objects.put(name, fond::crypto::Sealed::from_bytes(vec![1; 40])).await.unwrap();
        }
        assert_eq!(documents::sweep(&fond.db, &objects, now).await.unwrap(), 0, "its row may still come");
        assert_eq!(documents::sweep(&fond.db, &objects, now.plus(DAY * 2)).await.unwrap(), 1);
        assert!(objects.get(&orphan).await.is_err());
        assert!(objects.get(&foreign).await.is_ok(), "what the database knows nothing of may be another's");
        assert_eq!(documents::sweep(&fond.db, &objects, now.plus(DAY * 2)).await.unwrap(), 0);
    });
    assert_eq!(stored(&api).len(), 2);
}

/// A restored copy that is tried out beside the fund, with the same store, takes nothing away.
#[test]
fn a_copy_of_the_database_takes_nothing_that_came_after_it() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let fond = api.database.open();
    let objects = Objects::open(&api.database.settings().documents, &api.database.engine()).unwrap();
    let begun = ObjectName::random().unwrap();
    let now = Instant::now();
    // At the time of the backup a document was on its way, and another was removed and not taken out yet.
    sent(&api, &ana);
    fond.db.write(|conn| documents::actions::announce(conn, &begun, now)).unwrap();
    run(async { objects.put(&begun, fond::crypto::Sealed::from_bytes(vec![1; 40])).await.unwrap() });
    assert_eq!(crate::sql::execute(&api.database, "UPDATE applications SET state = 'withdrawn'"), 1);
    let (mut terms, list) = (api.database.settings().retention, api.database.erasures_file());
    terms.drafts.action = Action::Keep;
    retention::run(&fond.db, &fond.vault, &terms, &list, now.plus(DAY * 400)).unwrap();
    fond.db.write(documents::actions::forget_begun).unwrap();
    run(async { assert_eq!(documents::sweep(&fond.db, &objects, now.plus(DAY * 402)).await.unwrap(), 1) });
    assert_eq!(stored(&api).len(), 1, "what was on its way");
}

#[test]
fn what_was_taken_up_since_it_was_looked_for_stays() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    sent(&api, &ana);
    let (fond, mut terms) = (api.database.open(), api.database.settings().retention);
    terms.drafts.action = Action::Keep;
    let later = Instant::now().plus(DAY * 400);
    let set = |state: &str| {
        let set = format!("UPDATE applications SET state = '{state}'");
        assert_eq!(crate::sql::execute(&api.database, &set), 1);
    };
    let erased = || {
        let erased = ["documents WHERE removed_at IS NOT NULL", "applications WHERE need_erased_at IS NOT NULL"];
        erased.map(|rows| api.database.number(&format!("SELECT COUNT(*) AS number FROM {rows}")))
    };
    let list = api.database.erasures_file();
    // Paid, and then the bank gave the money back.
    set("paid");
    let due = fond.db.read(|conn| retention::due(conn, &terms, later)).unwrap();
    set("awarded");
    retention::erase(&fond.db, &fond.vault, &due, &list, later).unwrap();
    assert_eq!((erased(), keys_of(&api, &ana)), ([0, 0], 1));
    set("paid");
    retention::erase(&fond.db, &fond.vault, &due, &list, later).unwrap();
    assert_eq!((erased(), keys_of(&api, &ana)), ([1, 1], 0));
}

fn keys_of(api: &Api, user: &User) -> i64 {
    let id = crate::sql::id(&api.database, &user.person);
    let keys = format!("SELECT COUNT(*) AS number FROM data_keys WHERE owner_id = {id} AND class = 'documents'");
    api.database.number(&keys)
}

#[test]
fn whoever_is_forgotten_takes_their_documents_with_them() {
    let api = Api::start();
    let (ana, iva) = (api.register("ana@example.org"), api.register("iva@example.org"));
    let call = call(&api, vec![asked("paper")]);
    sent_to(&api, &ana, &call, 1);
    let [kept, _] = sent_to(&api, &iva, &call, 2);
    let all_over = "UPDATE applications SET state = 'withdrawn'";
    assert_eq!(crate::sql::execute(&api.database, all_over), 2);
    assert_eq!((stored(&api).len(), keys_of(&api, &ana)), (2, 1));
    assert_eq!(api.ask("DELETE", "me").by(&ana).send().status, 204);
    assert_eq!((keys_of(&api, &ana), list(&api, &iva, &kept).len()), (0, 1));
    comes_to_hold(&api, 1);
}

#[test]
fn documents_go_at_their_term_and_their_key_with_the_last() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    sent(&api, &ana);
    let (fond, mut terms) = (api.database.open(), api.database.settings().retention);
    terms.drafts.action = Action::Keep;
    let run_at = |at| {
        let found = retention::run(&fond.db, &fond.vault, &terms, &api.database.erasures_file(), at).unwrap();
        found.iter().find(|due| due.class == "documents").unwrap().count
    };
    let now = Instant::now();
    assert_eq!((run_at(now), run_at(now.plus(DAY * 400)), keys_of(&api, &ana)), (0, 0, 1), "it is under way still");
    assert_eq!(crate::sql::execute(&api.database, "UPDATE applications SET state = 'withdrawn'"), 1);
    assert_eq!((run_at(now.plus(DAY * 400)), run_at(now.plus(DAY * 400)), keys_of(&api, &ana)), (1, 0, 0));
    let objects = Objects::open(&api.database.settings().documents, &api.database.engine()).unwrap();
    run(async { assert_eq!(documents::sweep(&fond.db, &objects, now.plus(DAY * 402)).await.unwrap(), 1) });
    assert_eq!(stored(&api).len(), 0);
}

/// Erasing an account destroys the key of its documents, and a draft takes its documents with it.
#[test]
fn documents_that_are_kept_keep_the_drafts_and_accounts_that_they_belong_to() {
    let api = Api::start();
    let (ana, iva) = (api.register("ana@example.org"), api.register("iva@example.org"));
    let call = call(&api, vec![asked("paper")]);
    sent_to(&api, &ana, &call, 1);
    send(&api, &iva, &begin(&api, &iva, &call), "paper", &papers::pdf());
    assert_eq!(crate::sql::execute(&api.database, "UPDATE applications SET state = 'withdrawn'"), 1);
    let (fond, mut terms) = (api.database.open(), api.database.settings().retention);
    let later = Instant::now().plus(DAY * 4000);
    let run = |terms: &RetentionSettings| {
        let found = retention::run(&fond.db, &fond.vault, terms, &api.database.erasures_file(), later).unwrap();
        ["drafts", "documents", "accounts"].map(|class| {
            let due = found.iter().find(|due| due.class == class).unwrap();
            (due.count, due.held)
        })
    };
    terms.documents.action = Action::Keep;
    for _ in 0..2 {
        assert_eq!(run(&terms), [(0, 1), (2, 0), (0, 0)]);
    }
    assert_eq!((keys_of(&api, &ana), keys_of(&api, &iva)), (1, 1));

    // A draft goes at its own term; whoever sent something is not forgotten before it.
    (terms.documents.action, terms.documents.days) = (Action::Erase, 36_500);
    assert_eq!((run(&terms), run(&terms)), ([(1, 0), (0, 0), (0, 0)], [(0, 0), (0, 0), (1, 0)]));
    assert_eq!((run(&terms)[2], keys_of(&api, &ana), keys_of(&api, &iva)), ((0, 0), 1, 0));
    terms.documents.days = 180;
    assert_eq!((run(&terms), run(&terms)), ([(0, 0), (1, 0), (0, 0)], [(0, 0), (0, 0), (1, 0)]));
    assert_eq!(keys_of(&api, &ana), 0);
}
