//! What is personal is nowhere in the open: not in a column, not in an event, not in the database file.

use crate::cases::replay_case;
use crate::support::dump::dump;
use crate::support::{TestDatabase, case, copy_of, edit};

const CANARY: &str = "Kanarinac";

fn finds(dumped: &[(String, String)], needle: &str) -> Vec<String> {
    let hex = data_encoding::HEXLOWER.encode(needle.as_bytes());
    let holds = |line: &str| line.contains(needle) || line.to_lowercase().contains(&hex);
    dumped.iter().filter(|(_, line)| holds(line)).map(|(table, _)| table.clone()).collect()
}

#[test]
fn nothing_personal_is_stored_in_the_open() {
    let folder = copy_of("random-3");
    edit(folder.path(), "applications.csv", |text| {
        let mut lines = text.lines();
        let header = lines.next().unwrap().to_owned();
        let place = |name: &str| header.split(',').position(|column| column == name).unwrap();
        let (statement, given_name, holder) = (place("statement"), place("given_name"), place("account_holder"));
        let changed = lines.map(|line| {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            for at in [statement, given_name, holder] {
                if cells.len() == header.split(',').count() {
                    cells[at] = format!("{CANARY} {}", cells[at].trim_matches('"'));
                }
            }
            cells.join(",")
        });
        let changed: Vec<String> = changed.collect();
        format!("{header}\n{}\n", changed.join("\n"))
    });
    edit(folder.path(), "aid_records.csv", |text| {
        format!(
            "{}\n{},,{CANARY} Registrović,Beograd,1.00,2021-01-01\n",
            text.trim_end(),
            text.lines().nth(1).unwrap().split(',').next().unwrap()
        )
    });
    let votes = std::fs::read_to_string(folder.path().join("votes.csv")).unwrap();
    let planted = std::fs::read_to_string(folder.path().join("applications.csv")).unwrap().matches(CANARY).count();
    assert!(planted > 60, "only {planted} canaries were planted");
    let database = TestDatabase::new();
    replay_case(&database, folder.path());
    let dumped = dump(&database);
    assert!(!finds(&dumped, "payout_executed").is_empty(), "the dump shows what is stored in the open");

    let sources = std::fs::read_to_string(folder.path().join("applications.csv")).unwrap();
    let mut csv = csv::Reader::from_reader(sources.as_bytes());
    let header = csv.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|column| column == name).unwrap();
    let mut looked_for = 0;
    for row in csv.records() {
        let row = row.unwrap();
        let digits: String = row[place("bank_account")].chars().filter(char::is_ascii_digit).collect();
        let secrets =
            [&row[place("jmbg")], &row[place("email")], &row[place("phone")], &row[place("bank_account")], &digits];
        for secret in secrets.into_iter().filter(|secret| secret.len() > 9) {
            assert_eq!(finds(&dumped, secret), Vec::<String>::new(), "{secret}");
            looked_for += 1;
        }
    }
    assert!(looked_for > 50, "only {looked_for} secrets were looked for");
    assert_eq!(finds(&dumped, CANARY), Vec::<String>::new());
    assert!(database.number("SELECT COUNT(*) AS number FROM aid_records") > 5);
    let reason = csv::Reader::from_reader(votes.as_bytes()).records().next().unwrap().unwrap()[4].to_owned();
    assert!(reason.len() > 5 && finds(&dumped, &reason).is_empty(), "{reason}");
}

#[test]
fn the_wrong_master_key_opens_nothing_and_says_so() {
    let database = TestDatabase::new();
    replay_case(&database, &case("payouts"));
    let other = database.folder.path().join("other.key");
    fond::crypto::MasterKey::create(&other).unwrap();
    let mut settings = database.settings();
    settings.master_key_file = other;
    let error = fond::startup::open(&settings, Some(&database.url)).err().unwrap();
    assert!(error.to_string().contains("not the one of this database"), "{error}");
}
