//! How many documents are given out at once, and what becomes of those whose readers go away.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::applications::begin;
use crate::documents::{asked, call, fund, send};
use crate::letters::eventually;
use crate::support::api::{Api, User};
use crate::support::papers;

/// Larger than what the machine keeps for a reader who does not read.
const SIZE: usize = 10_000_000;

/// Asks for a document and takes nothing of it but the first byte of the answer.
fn ask_and_wait(api: &Api, user: &User, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(api.address()).unwrap();
    let bearer = &user.access;
    let request = format!("GET /api/v1/{path} HTTP/1.1\r\nHost: fond\r\nAuthorization: Bearer {bearer}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    stream.read_exact(&mut [0]).unwrap();
    stream
}

#[test]
fn two_of_one_person_are_given_out_at_once() {
    let (api, ana, draft) = fund();
    let paper = papers::pdf_with(&[b"%".as_slice(), &vec![b'a'; SIZE], b"\n"].concat());
    let path = format!("me/documents/{}", send(&api, &ana, &draft, "paper", &paper));
    let waiting = [(); 2].map(|()| ask_and_wait(&api, &ana, &path));
    let reply = api.ask("GET", &path).by(&ana).send();
    assert_eq!((reply.status, reply.code().as_str()), (503, "downloads_running"), "{reply:?}");
    assert_eq!(reply.headers["retry-after"], "5");
    assert_eq!(api.ask("GET", "me").by(&ana).send().status, 200, "nothing else waits");
    send(&api, &ana, &draft, "paper", &papers::pdf());

    // Whoever hangs up makes room; the other one is waited for, and gets all of it.
    let [mut slow, gone] = waiting;
    drop(gone);
    let (reply, bytes) = eventually(|| {
        let (reply, bytes) = api.ask("GET", &path).by(&ana).send_for_bytes();
        (reply.status == 200).then_some((reply, bytes))
    });
    assert_eq!(
        (bytes.len(), reply.headers["content-length"].as_str()),
        (paper.len(), paper.len().to_string().as_str())
    );
    assert!(bytes == paper);
    let (mut rest, mut piece) = (Vec::new(), vec![0; 1 << 20]);
    while !rest.ends_with(b"%%EOF\n") {
        let count = slow.read(&mut piece).unwrap();
        assert!(count > 0, "it broke off");
        rest.extend_from_slice(&piece[..count]);
    }
    assert!(rest.ends_with(&paper));
}

/// All documents of somebody are in memory together, for as long as they are being sent.
#[test]
fn two_files_with_everything_are_given_out_at_once_and_one_to_one_person() {
    let api = Api::start();
    let call = call(&api, vec![asked("paper")]);
    let paper = papers::pdf_with(&[b"%".as_slice(), &vec![b'a'; SIZE], b"\n"].concat());
    let people = ["ana@example.org", "iva@example.org", "eva@example.org"].map(|email| {
        let user = api.register(email);
        let id = send(&api, &user, &begin(&api, &user, &call), "paper", &paper);
        (user, format!("me/documents/{id}"))
    });
    let [(ana, _), (iva, _), (eva, document)] = &people;
    let refused = |user: &User| {
        let reply = api.ask("GET", "me/data").by(user).send();
        assert_eq!((reply.status, reply.code().as_str()), (503, "downloads_running"), "{reply:?}");
        assert_eq!(reply.headers["retry-after"], "5");
    };
    let first = ask_and_wait(&api, ana, "me/data");
    refused(ana);
    let _second = ask_and_wait(&api, iva, "me/data");
    refused(eva);
    assert_eq!(api.ask("GET", document).by(eva).send_for_bytes().0.status, 200, "a document alone is another matter");
    let bare = api.register("bare@example.org");
    assert_eq!(api.ask("GET", "me/data").by(&bare).send_for_bytes().0.status, 200, "so is a file without documents");
    drop(first);
    let (reply, bytes) = eventually(|| {
        let (reply, bytes) = api.ask("GET", "me/data").by(eva).send_for_bytes();
        (reply.status == 200).then_some((reply, bytes))
    });
    assert!(bytes.len() > SIZE, "{reply:?}");
}
