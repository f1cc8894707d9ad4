//! What is asked: a table of generators, each with its weight; a seed decides.

mod own;
pub mod papers;
mod work;
mod wrong;

use serde_json::Value;

use crate::canary::PEOPLE;
use crate::fund::{Fund, Who};

/// A request before it is bytes.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// As the document names it; what fits no route has a word of its own.
    pub route: String,
    pub path: String,
    pub who: Who,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    /// The applicant and the call whose draft it changes.
    pub draft: Option<(usize, usize)>,
    /// The applicant and the application that it asks a question about.
    pub asks_about: Option<(usize, String)>,
    /// The applicant to whose draft it adds a document.
    pub adds_to: Option<usize>,
}

/// A generator of the table.
pub type Make = fn(&mut Dice, &Fund) -> Request;

/// Name, weight, generator.
pub const TABLE: &[(&str, u32, Make)] = &[
    ("a draft begins or is asked for again", 8, own::begin),
    ("a draft changes in parts", 14, own::change),
    ("a draft changes, and values are wrong", 7, own::change_wrongly),
    ("a draft changes too late", 4, own::change_late),
    ("a draft is sent, and sent again", 8, own::submit),
    ("one looks at one's own", 7, own::look),
    ("a question is answered", 4, own::answer),
    ("an application is withdrawn at a wrong version", 1, own::withdraw_late),
    ("an application is corrected", 3, own::correct),
    ("an application is corrected wrongly", 2, own::correct_wrongly),
    ("a document is sent", 8, papers::send),
    ("a document is sent, and is none", 3, papers::send_wrongly),
    ("one's documents are read and taken back", 8, papers::own),
    ("a document of another is asked for", 2, papers::of_others),
    ("administrators see documents and open them", 4, papers::work),
    ("administrators add what came on paper", 2, papers::add),
    ("a pre-check", 4, own::pre_check),
    ("somebody signs in with a wrong password", 1, own::sign_in),
    ("somebody looks at what is another's", 4, own::look_at_others),
    ("a register is uploaded", 2, work::upload),
    ("a register with bad rows is uploaded", 2, work::upload_badly),
    ("a register is looked through", 2, work::dry_run),
    ("administrators list and filter", 6, work::lists),
    ("administrators read", 4, work::read),
    ("a person is opened", 2, work::person),
    ("a question is asked", 4, work::ask),
    ("a finding is decided", 3, work::resolve),
    ("the committee declares", 3, work::declare),
    ("the committee votes", 5, work::vote),
    ("the committee reads", 3, work::committee),
    ("the money is read", 4, work::money),
    ("a payout is moved wrongly", 2, work::move_payout),
    ("the log and the totals are read", 3, work::log),
    ("secrets stand in a body where none belongs", 7, wrong::body),
    ("names of fields are secrets", 4, wrong::names),
    ("secrets stand in the query", 4, wrong::query),
    ("secrets stand in the path", 4, wrong::path),
    ("secrets stand in headers", 6, wrong::headers),
    ("a token is a secret", 2, wrong::token),
    ("a body is broken", 3, wrong::broken),
    ("a body is of another type", 2, wrong::media_type),
    ("a body is too large", 1, wrong::oversized),
    ("what comes is no HTTP", 1, wrong::no_http),
];

impl Request {
    /// A request for a route; what stands in its braces comes in their order.
    pub fn to(who: Who, method: &str, route: &str, ids: &[&str]) -> Self {
        let mut path = format!("/api/v1/{route}");
        for id in ids {
            let (start, end) = (path.find('{').unwrap(), path.find('}').unwrap());
            path.replace_range(start..=end, id);
        }
        Self::at(who, method, &format!("/api/v1/{route}"), path)
    }

    pub fn at(who: Who, method: &str, route: &str, path: String) -> Self {
        Self {
            method: method.to_owned(),
            route: route.to_owned(),
            path,
            who,
            headers: Vec::new(),
            body: Vec::new(),
            draft: None,
            asks_about: None,
            adds_to: None,
        }
    }

    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub fn query(mut self, query: &str) -> Self {
        self.path.push('?');
        self.path.push_str(query);
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").bytes(body.to_string().into_bytes())
    }

    pub fn csv(self, body: String) -> Self {
        self.header("Content-Type", "text/csv; charset=utf-8").bytes(body.into_bytes())
    }

    pub fn bytes(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// As it goes on the wire.
    pub fn encode(&self, fund: &Fund) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\nHost: fond.example.org\r\n", self.method, self.path).into_bytes();
        let has_own = self.headers.iter().any(|(name, _)| name == "Authorization");
        if let Some(user) = fund.user(self.who).filter(|_| !has_own) {
            bytes.extend_from_slice(format!("Authorization: Bearer {}\r\n", user.access).as_bytes());
        }
        for (name, value) in &self.headers {
            bytes.extend_from_slice(format!("{name}: ").as_bytes());
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        if !matches!(self.method.as_str(), "GET" | "HEAD") {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", self.body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// Chance that can be repeated (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(count).unwrap()).unwrap()
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// One of some ids.
    pub fn one<'a>(&mut self, of: &'a [String]) -> &'a str {
        &of[self.below(of.len())]
    }

    pub fn whose(&mut self) -> usize {
        self.below(PEOPLE)
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// A name, a generator, as often as the table weighs them.
    pub fn request(&mut self, fund: &Fund) -> (&'static str, Request) {
        let sum: u32 = TABLE.iter().map(|(_, weight, _)| weight).sum();
        let mut place = u32::try_from(self.below(usize::try_from(sum).unwrap())).unwrap();
        for (name, weight, make) in TABLE {
            if place < *weight {
                return (name, make(self, fund));
            }
            place -= weight;
        }
        panic!("the weights add up")
    }

    /// Some secret of somebody, in some form in which people write it.
    pub fn secret(&mut self, fund: &Fund) -> String {
        let of = &fund.secrets[self.whose()];
        let spaced = |digits: &str| [&digits[..4], &digits[4..7], &digits[7..10], &digits[10..]].join(" ");
        match self.below(9) {
            0 | 1 => of.jmbg.clone(),
            2 => spaced(&of.jmbg),
            3 => of.account.clone(),
            4 => of.account_written.clone(),
            5 => of.income_written(),
            6 => fond::serbian::cyrillic(&of.text),
            7 => of.name.clone(),
            _ => of.text.clone(),
        }
    }
}

/// Percent-encoded, as a browser writes it into a path or a query.
pub fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
