//! Documents in a store that speaks S3: a small one that listens here, and is told nothing that can be read.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fond::clock::Instant;
use fond::config::{DocumentSettings, Secret};
use fond::documents;
use fond::objects::{ObjectName, Objects};

use crate::applications::begin;
use crate::documents::{asked, call, send};
use crate::erasure::{erase, listed};
use crate::letters::eventually;
use crate::support::TestDatabase;
use crate::support::api::Api;
use crate::support::papers::{self, holds};

type Things = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A bucket that is called `fond`; what it holds, and where it listens.
fn bucket() -> (Things, String) {
    let things = Things::default();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let shared = Arc::clone(&things);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let things = Arc::clone(&shared);
            std::thread::spawn(move || serve(stream.unwrap(), &things));
        }
    });
    (things, endpoint)
}

/// Answers what comes on one connection until it ends.
fn serve(mut stream: TcpStream, things: &Things) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            match reader.read_line(&mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) if line == "\r\n" => break,
                Ok(_) => head.push(line.trim_end().to_ascii_lowercase()),
            }
        }
        let header = |name: &str| head.iter().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let mut body = vec![0; header("content-length:").map_or(0, |length| length.parse().unwrap())];
        reader.read_exact(&mut body).unwrap();
        let is_signed =
            header("authorization:").is_some_and(|value| value.starts_with("aws4-hmac-sha256 credential=key/"));
        let mut words = head[0].split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let (status, answer) = if is_signed { answer(method, target, body, things) } else { (403, Vec::new()) };
        let fixed = "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nETag: \"1\"\r\nContent-Type: application/xml\r\n";
        let length = answer.len();
        write!(stream, "HTTP/1.1 {status} X\r\n{fixed}Content-Length: {length}\r\n\r\n").unwrap();
        stream.write_all(&answer).unwrap();
    }
}

fn answer(method: &str, target: &str, body: Vec<u8>, things: &Things) -> (u16, Vec<u8>) {
    let mut things = things.lock().unwrap();
    match (method, target.strip_prefix("/fond/")) {
        ("put", Some(name)) => {
            things.insert(name.to_owned(), body);
            (200, Vec::new())
        }
        ("get", Some(name)) => things.get(name).map_or((404, Vec::new()), |thing| (200, thing.clone())),
        ("delete", Some(name)) => {
            things.remove(name);
            (204, Vec::new())
        }
        ("get", None) => {
            let thing = |(name, thing): (&String, &Vec<u8>)| {
                let (size, time) = (thing.len(), "2026-01-01T00:00:00.000Z");
                format!(
                    "<Contents><Key>{name}</Key><Size>{size}</Size><LastModified>{time}</LastModified><ETag>1</ETag></Contents>"
                )
            };
            let all: String = things.iter().map(thing).collect();
            (200, format!("<ListBucketResult><IsTruncated>false</IsTruncated>{all}</ListBucketResult>").into_bytes())
        }
        _ => (400, Vec::new()),
    }
}

fn settings(endpoint: &str) -> DocumentSettings {
    DocumentSettings {
        store: "s3://fond/documents".into(),
        s3_endpoint: endpoint.into(),
        s3_region: "eu-central-1".into(),
        s3_access_key: "key".into(),
        s3_secret_key: Secret::new("secret".into()),
    }
}

#[test]
fn a_bucket_takes_them_gives_them_back_and_is_swept() {
    let (things, endpoint) = bucket();
    let api = Api::start_with(|all| all.documents = settings(&endpoint));
    let ana = api.register("ana@example.org");
    let draft = begin(&api, &ana, &call(&api, vec![asked("paper")]));
    let [id, other] = [papers::pdf(), papers::png(4, 4)].map(|bytes| send(&api, &ana, &draft, "paper", &bytes));
    {
        let things = things.lock().unwrap();
        assert_eq!(things.len(), 2);
        for (name, thing) in things.iter() {
            assert!(ObjectName::parse(name.strip_prefix("documents/").unwrap()).is_some(), "{name}");
            assert!(!holds(thing, b"%PDF-") && !holds(thing, b"IHDR"));
        }
    }
    let (file, bytes) = api.ask("GET", &format!("me/documents/{id}")).by(&ana).send_for_bytes();
    assert_eq!((file.status, bytes), (200, papers::pdf()));
    assert_eq!(api.ask("DELETE", &format!("me/documents/{id}")).by(&ana).send().status, 204);
    eventually(|| (things.lock().unwrap().len() == 1).then_some(()));

    // As if it could not be taken out at once.
    let removed = "SELECT object_name AS text FROM documents WHERE removed_at IS NOT NULL";
    let orphan = format!("documents/{}", crate::sql::texts(&api.database, removed).remove(0));
    things.lock().unwrap().insert(orphan.clone(), vec![1]);
    let (fond, engine) = (api.database.open(), api.database.engine());
    let swept = actix_web::rt::System::new().block_on(async {
        let objects = Objects::open(&settings(&endpoint), &engine).unwrap();
        documents::sweep(&fond.db, &objects, Instant::now().plus(Duration::from_secs(2 * 86_400))).await.unwrap()
    });
    assert_eq!((swept, things.lock().unwrap().contains_key(&orphan)), (1, false));
    assert_eq!(api.ask("GET", &format!("me/documents/{other}")).by(&ana).send().status, 200);
}

/// What is erased is answered and on the list, however long the store takes.
#[test]
fn nobody_waits_for_a_bucket_to_forget() {
    let (things, endpoint) = bucket();
    let api = Api::start_with(|all| all.documents = settings(&endpoint));
    let ana = api.register("ana@example.org");
    let call = call(&api, vec![asked("paper")]);
    let draft = begin(&api, &ana, &call);
    let [id, ..] = [(); 3].map(|()| send(&api, &ana, &draft, "paper", &papers::pdf()));
    // As long as this is held the bucket answers nothing.
    let held = things.lock().unwrap();
    assert_eq!(api.ask("DELETE", &format!("me/documents/{id}")).by(&ana).send().status, 204);
    let path = format!("me/applications/{draft}");
    let version = api.ask("GET", &path).by(&ana).send().headers["etag"].clone();
    assert_eq!(api.ask("DELETE", &path).by(&ana).header("If-Match", &version).send().status, 204);
    drop(held);
    eventually(|| things.lock().unwrap().is_empty().then_some(()));

    let draft = begin(&api, &ana, &call);
    send(&api, &ana, &draft, "paper", &papers::pdf());
    let held = things.lock().unwrap();
    assert_eq!(erase(&api, &ana).status, 204);
    assert!(listed(&api).ends_with(&format!(" person {}\n", ana.person)), "{}", listed(&api));
    drop(held);
    eventually(|| things.lock().unwrap().is_empty().then_some(()));
}

/// Alarms, erasures and votings are looked after every second, however long the store takes to give up what is left there.
#[test]
fn the_clock_waits_for_no_bucket() {
    let (things, endpoint) = bucket();
    let (database, left) = (TestDatabase::new(), ObjectName::random().unwrap());
    let since = Instant::now().minus(Duration::from_secs(2 * 86_400));
    database.open().db.write(|conn| documents::actions::announce(conn, &left, since)).unwrap();
    let mut held = things.lock().unwrap();
    held.insert(format!("documents/{}", left.as_str()), vec![1]);
    let api = Api::start_on(database, |all| all.documents = settings(&endpoint));
    let list = api.database.erasures_file();
    eventually(|| list.exists().then_some(()));
    // By now the sweep has begun, and the bucket does not answer it. The list is looked at again all the same.
    std::thread::sleep(Duration::from_secs(1));
    std::fs::remove_file(&list).unwrap();
    eventually(|| list.exists().then_some(()));
    drop(held);
    eventually(|| things.lock().unwrap().is_empty().then_some(()));
}

#[test]
fn a_bucket_that_is_away_or_refuses_is_said_to_be_away() {
    let (things, endpoint) = bucket();
    let api = Api::start_with(|all| {
        all.documents = DocumentSettings { s3_access_key: "another".into(), ..settings(&endpoint) };
    });
    let ana = api.register("ana@example.org");
    let draft = begin(&api, &ana, &call(&api, vec![asked("paper")]));
    let reply = crate::documents::try_send(&api, &ana, &draft, "paper", &papers::pdf());
    assert_eq!((reply.status, reply.code().as_str()), (503, "documents_unavailable"));
    assert!(reply.headers.contains_key("retry-after") && things.lock().unwrap().is_empty());
    assert_eq!(crate::documents::list(&api, &ana, &draft).len(), 0);
}
