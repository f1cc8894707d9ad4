//! Documents: what is taken and what is not, who sees them, and what lies in the store.

mod bucket;
mod entered;
mod refusals;
mod times;
mod turns;
mod work;

use std::path::PathBuf;

use fond::calls::{AskedDocument, AskedWhen, Text};
use serde_json::Value;

use crate::applications::begin;
use crate::letters::eventually;
use crate::sql;
use crate::support::api::{Api, Reply, User};
use crate::support::papers::{self, CANARY, holds};
use crate::support::round::call_with;

/// A document that may be sent with an application.
pub fn asked(code: &str) -> AskedDocument {
    let title = Text { sr: "Dokaz o prihodima".into(), en: Some("Proof of income".into()) };
    AskedDocument { code: code.into(), title, when: AskedWhen::AtSubmission, is_required: false }
}

/// A call that asks for these.
fn call(api: &Api, documents: Vec<AskedDocument>) -> String {
    call_with(api, "asks", |rules| rules.documents = documents)
}

/// Sends a document, whatever comes of it.
fn try_send(api: &Api, user: &User, application: &str, kind: &str, bytes: &[u8]) -> Reply {
    let path = format!("me/applications/{application}/documents?kind={kind}&name=Moja%20potvrda.pdf");
    api.ask("POST", &path).by(user).header("Content-Type", "text/plain").bytes(bytes).send()
}

/// Sends a document; gives its id.
pub fn send(api: &Api, user: &User, application: &str, kind: &str, bytes: &[u8]) -> String {
    let reply = try_send(api, user, application, kind, bytes);
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.json()["id"].as_str().unwrap().to_owned()
}

/// A fund whose call asks for `paper`, somebody, and their draft.
fn fund() -> (Api, User, String) {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let draft = begin(&api, &ana, &call(&api, vec![asked("paper")]));
    (api, ana, draft)
}

fn list(api: &Api, user: &User, application: &str) -> Vec<Value> {
    let reply = api.ask("GET", &format!("me/applications/{application}/documents")).by(user).send();
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["items"].as_array().unwrap().clone()
}

/// What lies in the store.
fn stored(api: &Api) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(api.database.settings().documents.store);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    // What is taken out meanwhile is not there.
    let read =
        |file: std::fs::DirEntry| Some((file.file_name().into_string().unwrap(), std::fs::read(file.path()).ok()?));
    files.filter_map(read).collect()
}

/// Waits until so many lie in the store: they are taken out behind the answer.
#[track_caller]
fn comes_to_hold(api: &Api, count: usize) {
    eventually(|| (stored(api).len() == count).then_some(()));
}

#[test]
fn every_kind_is_taken_cleaned_sealed_and_given_back() {
    let (api, ana, draft) = fund();
    for (sent, media_type, extension) in [
        (papers::jpeg_that_tells(6), "image/jpeg", "jpg"),
        (papers::png_that_tells(), "image/png", "png"),
        (papers::heic(), "image/heic", "heic"),
        (papers::pdf(), "application/pdf", "pdf"),
    ] {
        let reply = try_send(&api, &ana, &draft, "paper", &sent);
        assert_eq!(reply.status, 201, "{reply:?}");
        let told = reply.json();
        assert_eq!((&told["kind"], &told["name"]), (&"paper".into(), &"Moja potvrda.pdf".into()));
        assert_eq!(told["media_type"], media_type);
        let id = told["id"].as_str().unwrap();
        assert_eq!(reply.headers["location"], format!("/api/v1/me/documents/{id}"));

        let (file, bytes) = api.ask("GET", &format!("me/documents/{id}")).by(&ana).send_for_bytes();
        assert_eq!(file.status, 200, "{file:?}");
        assert!(!holds(&bytes, CANARY.as_bytes()), "{media_type}");
        assert_eq!(told["size"], bytes.len());
        let digest = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
        assert_eq!(told["sha256"], data_encoding::HEXLOWER.encode(&digest));
        let short = &id.replace('-', "")[24..];
        for (name, value) in [
            ("content-type", media_type),
            ("content-disposition", &format!("attachment; filename=\"paper-{short}.{extension}\"")),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(file.headers[name], value, "{name}");
        }
    }
    assert_eq!(list(&api, &ana, &draft).len(), 4);
    let stored = stored(&api);
    assert_eq!(stored.len(), 4);
    for (name, bytes) in stored {
        assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        for plain in [CANARY.as_bytes(), b"%PDF-", b"IHDR", b"ftyp", b"JFIF", papers::PICTURE] {
            assert!(!holds(&bytes, plain), "{name}");
        }
    }
    let plain = "SELECT COUNT(*) AS number FROM documents WHERE kind = 'paper' AND name_sealed IS NOT NULL";
    assert_eq!(api.database.number(plain), 4);
}

#[test]
fn without_the_key_of_its_owner_nothing_opens() {
    let (api, ana, draft) = fund();
    let id = send(&api, &ana, &draft, "paper", &papers::pdf());
    let owner = sql::id(&api.database, &ana.person);
    let destroy = format!("DELETE FROM data_keys WHERE owner_id = {owner} AND class = 'documents'");
    assert_eq!(sql::execute(&api.database, &destroy), 1);
    assert_eq!(api.ask("GET", &format!("me/documents/{id}")).by(&ana).send().status, 404);
}

#[test]
fn sent_twice_under_one_key_it_is_kept_once() {
    let api = Api::start();
    let ana = api.register("ana@example.org");
    let draft = begin(&api, &ana, &call(&api, vec![asked("paper"), asked("letter")]));
    let send = |query: &str, bytes: &[u8]| {
        let path = format!("me/applications/{draft}/documents?{query}");
        api.ask("POST", &path).by(&ana).header("Idempotency-Key", "one").bytes(bytes).send()
    };
    let [first, second] = [(); 2].map(|()| send("kind=paper", &papers::pdf()));
    assert_eq!((first.status, &first.body), (201, &second.body));
    for (query, bytes) in [
        ("kind=paper", papers::png(4, 4)),
        ("kind=letter", papers::pdf()),
        ("kind=paper&name=other.pdf", papers::pdf()),
    ] {
        let other = send(query, &bytes);
        assert_eq!((other.status, other.code().as_str()), (422, "idempotency_mismatch"), "{query}");
    }
    assert_eq!(list(&api, &ana, &draft).len(), 1);
    comes_to_hold(&api, 1);
}

#[test]
fn what_is_taken_back_is_gone() {
    let (api, ana, draft) = fund();
    let [id, other] = [papers::pdf(), papers::png(4, 4)].map(|bytes| send(&api, &ana, &draft, "paper", &bytes));
    let path = format!("me/documents/{id}");
    assert_eq!(api.ask("DELETE", &path).by(&ana).send().status, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(api.ask(method, &path).by(&ana).send().status, 404);
    }
    assert_eq!(list(&api, &ana, &draft)[0]["id"], other.as_str());
    comes_to_hold(&api, 1);
    let gone = "SELECT COUNT(*) AS number FROM documents WHERE removed_at IS NOT NULL AND sha256 IS NULL";
    assert_eq!(api.database.number(gone), 1);

    let path = format!("me/applications/{draft}");
    let version = api.ask("GET", &path).by(&ana).send().headers["etag"].clone();
    assert_eq!(api.ask("DELETE", &path).by(&ana).header("If-Match", &version).send().status, 204);
    // The draft took its documents with it.
    comes_to_hold(&api, 0);
}

#[test]
fn of_others_there_is_nothing() {
    let (api, ana, draft) = fund();
    let id = send(&api, &ana, &draft, "paper", &papers::pdf());
    let iva = api.register("iva@example.org");
    let absent = uuid::Uuid::now_v7().to_string();
    for (method, foreign, absent) in [
        ("GET", format!("me/documents/{id}"), format!("me/documents/{absent}")),
        ("DELETE", format!("me/documents/{id}"), format!("me/documents/{absent}")),
        ("GET", format!("me/applications/{draft}/documents"), format!("me/applications/{absent}/documents")),
    ] {
        let [foreign, absent] = [foreign, absent].map(|path| api.ask(method, &path).by(&iva).send());
        assert_eq!((foreign.status, foreign.code()), (404, absent.code()));
    }
    assert_eq!(try_send(&api, &iva, &draft, "paper", &papers::pdf()).status, 404);
    assert_eq!(api.get(&format!("me/documents/{id}")).status, 401);
    assert_eq!(list(&api, &ana, &draft).len(), 1);
}
