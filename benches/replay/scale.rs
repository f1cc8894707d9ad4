//! A case many times as large: every person again under other names and numbers, with their votes and money.

use std::collections::HashMap;
use std::path::Path;

type Table = (Vec<String>, Vec<Vec<String>>);

fn read(folder: &Path, file: &str) -> Table {
    let mut csv = csv::Reader::from_path(folder.join(file)).unwrap();
    let header = csv.headers().unwrap().iter().map(str::to_owned).collect();
    (header, csv.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect())
}

fn write_table(folder: &Path, file: &str, (header, rows): &Table) {
    let mut csv = csv::Writer::from_path(folder.join(file)).unwrap();
    csv.write_record(header).unwrap();
    rows.iter().for_each(|row| csv.write_record(row).unwrap());
    csv.flush().unwrap();
}

/// Writes the case `times` times into a new folder; gives the number of attempts.
pub fn write(from: &Path, to: &Path, times: usize) -> usize {
    std::fs::create_dir(to).unwrap();
    for file in ["aid_programmes.csv", "committee.csv"] {
        std::fs::copy(from.join(file), to.join(file)).unwrap();
    }
    let call = std::fs::read_to_string(from.join("call.json")).unwrap();
    std::fs::write(to.join("call.json"), call.replace("5182800.00", &format!("{}.00", 5_182_800 * times))).unwrap();
    let mut people = People { taken: HashMap::new(), given: HashMap::new(), next_account: 1 };
    let mut attempts = 0;
    for (file, change) in FILES {
        let (header, rows) = read(from, file);
        let place = |name: &str| header.iter().position(|column| column == name);
        let mut copies = Vec::with_capacity(rows.len() * times);
        for copy in 0..times {
            for row in &rows {
                let mut row = row.clone();
                for (column, kind) in *change {
                    let at = place(column).unwrap();
                    row[at] = people.change(*kind, &row[at], copy);
                }
                copies.push(row);
            }
        }
        attempts = attempts.max(if *file == "applications.csv" { copies.len() } else { 0 });
        write_table(to, file, &(header, copies));
    }
    attempts
}

#[derive(Clone, Copy)]
enum Kind {
    /// A text that gets the number of the copy behind it.
    Numbered,
    Jmbg,
    Account,
}

type Change = (&'static str, &'static [(&'static str, Kind)]);

const FILES: &[Change] = &[
    ("contributions.csv", &[]),
    (
        "applications.csv",
        &[
            ("ref", Kind::Numbered),
            ("family_name", Kind::Numbered),
            ("account_holder", Kind::Numbered),
            ("household", Kind::Numbered),
            ("jmbg", Kind::Jmbg),
            ("bank_account", Kind::Account),
        ],
    ),
    ("aid_records.csv", &[("name", Kind::Numbered), ("jmbg", Kind::Jmbg)]),
    ("resolutions.csv", &[("ref", Kind::Numbered)]),
    ("recusals.csv", &[("ref", Kind::Numbered)]),
    ("votes.csv", &[("ref", Kind::Numbered)]),
    ("payouts.csv", &[("ref", Kind::Numbered), ("bank_reference", Kind::Numbered)]),
];

struct People {
    /// How many JMBG of a birthday are taken.
    taken: HashMap<String, usize>,
    /// What a value of the case became in a copy.
    given: HashMap<(String, usize), String>,
    next_account: u64,
}

impl People {
    fn change(&mut self, kind: Kind, value: &str, copy: usize) -> String {
        match kind {
            _ if value.is_empty() => String::new(),
            Kind::Numbered => format!("{value}{}", char::from(b'a' + u8::try_from(copy).unwrap())),
            Kind::Jmbg if value.len() == 13 => self.once(value, copy, Self::new_jmbg),
            Kind::Account => self.once(value, copy, Self::new_account),
            Kind::Jmbg => value.to_owned(),
        }
    }

    /// The same value becomes the same one wherever it stands in a copy.
    fn once(&mut self, value: &str, copy: usize, make: impl Fn(&mut Self, &str) -> String) -> String {
        let key = (value.to_owned(), copy);
        if let Some(given) = self.given.get(&key) {
            return given.clone();
        }
        let new = make(self, value);
        self.given.insert(key, new.clone());
        new
    }

    /// Another JMBG with the same birthday and region.
    fn new_jmbg(&mut self, old: &str) -> String {
        let front = &old[..9];
        let number = self.taken.entry(front.to_owned()).or_default();
        *number += 1;
        let front = format!("{front}{:03}", *number - 1);
        let weighted = front.chars().zip([7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
        let sum: u32 = weighted.map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
        let control = 11 - sum % 11;
        format!("{front}{}", if control > 9 { 0 } else { control })
    }

    fn new_account(&mut self, _: &str) -> String {
        let front = 999 * 10_u128.pow(13) + u128::from(self.next_account);
        self.next_account += 1;
        format!("{front}{:02}", 98 - front * 100 % 97)
    }
}
