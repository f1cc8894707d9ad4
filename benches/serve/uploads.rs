//! A register of a million rows is taken, and somebody goes on writing a draft beside it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::rt::System;
use actix_web::rt::time::sleep;
use fond::accounts::Role;
use fond::aid::actions as aid;
use fond::aid::{Effect, Level, NewProgramme};

use super::applicants::{self, Applicants};
use super::client::Connection;
use super::people::Officer;
use super::server::{Place, request};
use super::synthetic;
use super::table::Row;

const ROWS: usize = 1_000_000;
/// How often somebody writes.
const EVERY: Duration = Duration::from_millis(20);
/// How long the same is measured without the upload.
const ALONE: Duration = Duration::from_secs(3);

pub fn rows(engine: &str, postgres: Option<&str>) -> Vec<Row> {
    let place = Place::new(postgres);
    let fond = place.open();
    let call = applicants::open_call(&fond);
    let officer = Officer::make(&fond, Role::Administrator);
    let mut applicants = Applicants::none(&place);
    applicants.make(&fond, call, 1);
    let added = fond.db.write(|conn| {
        let now = fond::clock::Instant::now();
        let administrator = synthetic::officer(conn, &fond, Role::Administrator, now)?;
        let new = NewProgramme {
            code: "BENCH".into(),
            provider: "Grad Beograd".into(),
            level: Level::Municipality,
            is_universal: false,
            effect: Effect::Disqualify,
            title: "Pomoć".into(),
        };
        aid::add_programme(conn, &administrator, call, &new, now)
    });
    let programme = added.unwrap();
    drop(fond);
    let server = place.serve();
    let change = applicants.change();
    let alone = write_until(server.address, &change, || false, ALONE);
    let mut csv = String::from("jmbg,name,municipality,amount,paid_on\r\n");
    for number in 0..ROWS {
        let jmbg = if number % 3 == 0 { synthetic::jmbg(number / 3) } else { String::new() };
        csv += &format!("{jmbg},Ana Anić {number},Beograd,30000.00,2020-09-02\r\n");
    }
    let length = format!("Content-Length: {}", csv.len());
    let bearer = officer.bearer(&place);
    let path = format!("/api/v1/aid-programmes/{}/registers", programme.id.uuid());
    let head = request("POST", &path, &[&bearer, "Content-Type: text/csv", &length, "Connection: close"], "");
    let (is_over, began) = (AtomicBool::new(false), Instant::now());
    let (during, seconds) = thread::scope(|scope| {
        let uploading = scope.spawn(|| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            stream.write_all(&head).unwrap();
            stream.write_all(csv.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            is_over.store(true, Ordering::Relaxed);
            assert_eq!(&answer[9..12], "201", "{answer}");
            began.elapsed().as_secs_f64()
        });
        let is_over = || is_over.load(Ordering::Relaxed);
        let during = write_until(server.address, &change, is_over, Duration::from_secs(3600));
        (during, uploading.join().unwrap())
    });
    let at = |millis: &[f64], share: f64| millis[(millis.len() as f64 * share) as usize];
    let what = format!("{engine}: writes beside an upload of {ROWS} rows");
    let over = during.iter().filter(|millis| **millis > 100.0).count();
    println!("{what}: {over} of {} over 100 ms; the upload took {seconds:.0} s", during.len());
    vec![
        Row::alone(&format!("{what}: the upload"), "s", seconds),
        Row::shown(&format!("{what}: p50"), "ms", at(&during, 0.5), at(&alone, 0.5)),
        Row::shown(&format!("{what}: p99"), "ms", at(&during, 0.99), at(&alone, 0.99)),
        Row::most(&format!("{what}: longest"), "ms", during[during.len() - 1], 100.0),
    ]
}

/// Writes until it is over: how many milliseconds each took, sorted.
fn write_until(address: SocketAddr, change: &[u8], is_over: impl Fn() -> bool, longest: Duration) -> Vec<f64> {
    let mut millis = System::new().block_on(async {
        let (mut connection, all, mut millis) = (Connection::open(address).await, Instant::now(), Vec::new());
        while !is_over() && all.elapsed() < longest {
            let began = Instant::now();
            let status = connection.ask(change).await;
            assert_eq!(status, *b"200", "{}", connection.text());
            millis.push(began.elapsed().as_secs_f64() * 1000.0);
            sleep(EVERY).await;
        }
        millis
    });
    millis.sort_by(f64::total_cmp);
    millis
}
