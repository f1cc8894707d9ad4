//! Broken cases: each ends in one message that names file, line, column and reason.

use std::path::Path;

use fond::replay::{Case, CaseError};

use crate::support::{copy_of, edit};

const GOOD: &str = "payouts";

fn error_in(folder: &Path) -> CaseError {
    Case::read(folder).err().expect("the case is broken and was read all the same")
}

/// Where a table's first data row is changed: file, column, new content, and a part of the reason.
const CELLS: &[(&str, &str, &str, &str)] = &[
    ("applications.csv", "ref", "", "must not be empty"),
    ("applications.csv", "submitted_at", "2021-03-04T11:57:15", "offset is needed"),
    ("applications.csv", "submitted_at", "2021-02-30T11:57:15+02:00", "is not a time"),
    ("applications.csv", "given_name", " ", "must not be empty"),
    ("applications.csv", "email", "nobody", "not an e-mail address"),
    ("applications.csv", "household_size", "0", "whole number from 1"),
    ("applications.csv", "household_size", "2.5", "whole number"),
    ("applications.csv", "household_size", "+2", "whole number"),
    ("applications.csv", "single_parent", "da", "neither yes nor no"),
    ("applications.csv", "children_born", "2021-13-01", "is not a date"),
    ("applications.csv", "children_born", "2013-01-12;", "is not a date"),
    ("applications.csv", "housing", "palace", "tenant, owner, family"),
    ("applications.csv", "income_before", "-5.00", "negative"),
    ("applications.csv", "income_during", "0.001", "more than 2 decimals"),
    ("applications.csv", "benefits", "1e5", "not an amount"),
    ("applications.csv", "benefits", "", "missing"),
    ("applications.csv", "income_before", "99999999999999999999", "too large"),
    ("applications.csv", "other_support", "YES", "neither yes nor no"),
    ("applications.csv", "declared_aid", "NO-SUCH", "no programme “NO-SUCH”"),
    ("aid_programmes.csv", "level", "planet", "republic, province"),
    ("aid_programmes.csv", "effect", "lower_priority", "not supported yet"),
    ("aid_programmes.csv", "effect", "reduce_amount", "not supported yet"),
    ("aid_programmes.csv", "effect", "punish", "disqualify"),
    ("aid_programmes.csv", "universal", "maybe", "neither yes nor no"),
    ("committee.csv", "seat", "king", "chair, member, substitute"),
    ("committee.csv", "substitutes_for", "M2", "only a substitute"),
    ("contributions.csv", "received_on", "01.02.2021", "is not a date"),
    ("contributions.csv", "amount", "1,100,000.00", "not an amount"),
    ("contributions.csv", "amount", "0", "above zero"),
    ("contributions.csv", "currency", "euro", "RSD or EUR"),
    ("contributions.csv", "rate", "0", "not a rate"),
    ("contributions.csv", "rate", "2", "rate 1"),
    ("contributions.csv", "fee", "-1", "negative"),
    ("votes.csv", "ref", "A999", "no application “A999”"),
    ("votes.csv", "vote", "yes", "approve, reject, abstain"),
    ("votes.csv", "score", "101", "from 0 to 100"),
    ("votes.csv", "score", "50.5", "whole number"),
    ("votes.csv", "cast_at", "yesterday", "is not a time"),
    ("payouts.csv", "ref", "A999", "no application “A999”"),
    ("payouts.csv", "on", "2021-06-31", "is not a date"),
    ("payouts.csv", "amount", "30000.005", "more than 2 decimals"),
    ("payouts.csv", "bank_reference", "", "must not be empty"),
    ("payouts.csv", "outcome", "lost", "executed, returned"),
];

/// Sets a cell of the first data row.
fn set_cell(folder: &Path, file: &str, column: &str, content: &str) {
    let path = folder.join(file);
    let mut csv = csv::ReaderBuilder::new().has_headers(false).from_path(&path).unwrap();
    let mut rows: Vec<Vec<String>> =
        csv.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    let at = rows[0].iter().position(|name| name == column).unwrap_or_else(|| panic!("{file} has no column {column}"));
    rows[1][at] = content.to_owned();
    let mut changed = csv::Writer::from_path(&path).unwrap();
    rows.iter().for_each(|row| changed.write_record(row).unwrap());
    changed.flush().unwrap();
}

#[test]
fn a_wrong_cell_is_named() {
    for (file, column, content, reason) in CELLS {
        let folder = copy_of(GOOD);
        set_cell(folder.path(), file, column, content);
        let error = error_in(folder.path());
        let shown = error.to_string();
        assert_eq!((error.file.as_str(), error.line), (*file, Some(2)), "{column}={content}: {shown}");
        assert!(error.column.as_ref().is_some_and(|named| named.ends_with(&format!("({column})"))), "{shown}");
        assert!(error.reason.contains(reason), "{column}={content}: {shown}");
    }
}

/// Rows added to the end of a file, for files whose rows speak of others.
#[test]
fn a_row_that_speaks_of_nobody_is_named() {
    let rows = [
        ("recusals.csv", "A999,M1,friends", "ref", "no application"),
        ("recusals.csv", "A008,M99,friends", "member", "no member"),
        ("resolutions.csv", "A999,shared_bank_account,dismissed,ADMIN,seen", "ref", "no application"),
        ("resolutions.csv", "A008,shared_bank_account,perhaps,ADMIN,seen", "resolution", "confirmed, dismissed"),
        ("resolutions.csv", "A008,shared_bank_account,dismissed,ADMIN, ", "reason", "needs a reason"),
        ("aid_records.csv", "NO-SUCH,,Ana Anić,Beograd,1.00,2021-01-01", "programme", "no programme"),
        ("aid_records.csv", "REP-ART,,Ana Anić,Beograd,-1.00,2021-01-01", "amount", "negative"),
        ("aid_records.csv", "REP-ART,,,Beograd,1.00,2021-01-01", "name", "must not be empty"),
        ("aid_programmes.csv", "REP-ART,x,republic,no,ignore,x", "programme", "two of the programme"),
        ("committee.csv", "M1,ULUS,member,", "member", "two of the member"),
        ("committee.csv", "M9,ULUS,chair,", "seat", "two chairs"),
        ("committee.csv", "M9,ULUS,substitute,", "substitutes_for", "only a substitute"),
        ("committee.csv", "M9,ULUS,substitute,M99", "substitutes_for", "no member or chair"),
    ];
    for (file, row, column, reason) in rows {
        let folder = copy_of(GOOD);
        edit(folder.path(), file, |text| format!("{}\n{row}\n", text.trim_end()));
        let line = std::fs::read_to_string(folder.path().join(file)).unwrap().lines().count();
        let error = error_in(folder.path());
        assert_eq!((error.file.as_str(), error.line), (file, u64::try_from(line).ok()), "{error}");
        assert!(error.column.as_ref().is_some_and(|named| named.contains(column)), "{error}");
        assert!(error.reason.to_lowercase().contains(reason), "{row}: {error}");
    }
}

#[test]
fn a_second_row_with_the_same_ref_is_named() {
    let folder = copy_of(GOOD);
    edit(folder.path(), "applications.csv", |text| {
        let first = text.lines().nth(1).unwrap().to_owned();
        format!("{}\n{first}\n", text.trim_end())
    });
    assert!(error_in(folder.path()).reason.contains("two of the ref"));
}

#[test]
fn a_broken_file_is_named() {
    let files = [
        "applications",
        "aid_programmes",
        "aid_records",
        "resolutions",
        "committee",
        "recusals",
        "votes",
        "contributions",
        "payouts",
    ];
    for file in files.map(|name| format!("{name}.csv")) {
        let broken = |change: &dyn Fn(&Path)| {
            let folder = copy_of(GOOD);
            change(&folder.path().join(&file));
            let error = error_in(folder.path());
            assert_eq!(error.file, file, "{error}");
            error
        };
        let header = |path: &Path| std::fs::read_to_string(path).unwrap().lines().next().unwrap().to_owned();
        let missing = broken(&|path| std::fs::remove_file(path).unwrap());
        assert!(missing.reason.contains("missing"), "{missing}");
        let empty = broken(&|path| std::fs::write(path, "").unwrap());
        assert!(empty.line == Some(1) && empty.reason.contains("empty"), "{empty}");
        let short = broken(&|path| std::fs::write(path, header(path).split_once(',').unwrap().1).unwrap());
        assert!(short.line == Some(1) && short.reason.contains("the column is missing"), "{short}");
        let long = broken(&|path| std::fs::write(path, format!("{},extra\n", header(path))).unwrap());
        assert!(long.line == Some(1) && long.to_string().contains("(extra): there is no such column"), "{long}");
        let twice = broken(&|path| {
            let header = header(path);
            std::fs::write(path, format!("{header},{}\n", header.split(',').next().unwrap())).unwrap();
        });
        assert!(twice.reason.contains("twice"), "{twice}");
        let ragged = broken(&|path| std::fs::write(path, format!("{}\na,b\n", header(path))).unwrap());
        assert!(ragged.line == Some(2) && ragged.reason.contains("2 cells"), "{ragged}");
        let latin2 = broken(&|path| {
            let cells = vec![b'\x9a'; 1];
            std::fs::write(
                path,
                [header(path).as_bytes(), b"\n", &cells, &vec![b','; header(path).matches(',').count()]].concat(),
            )
            .unwrap();
        });
        assert!(latin2.line == Some(2) && latin2.reason.contains("UTF-8"), "{latin2}");
        let huge = broken(&|path| {
            let commas = ",".repeat(header(path).matches(',').count());
            std::fs::write(path, format!("{}\n{}{commas}\n", header(path), "x".repeat(10_000_000))).unwrap();
        });
        assert!(huge.line == Some(2) && huge.reason.contains("longer than") && huge.to_string().len() < 300, "{huge}");
        let zero = broken(&|path| {
            let commas = ",".repeat(header(path).matches(',').count());
            std::fs::write(path, format!("{}\na\0b{commas}\n", header(path))).unwrap();
        });
        assert!(zero.reason.contains("control character"), "{zero}");
        let quote = broken(&|path| {
            let commas = ",".repeat(header(path).matches(',').count());
            std::fs::write(path, format!("{}\n\"never closed{commas}\n", header(path))).unwrap();
        });
        assert!(quote.line == Some(2) && quote.reason.contains("quotation mark"), "{quote}");
    }
}

/// Changes of call.json: what is replaced, by what, the line where it is noticed, parts of the message.
const CALLS: &[(&str, &str, u64, &[&str])] = &[
    ("\"budget\": \"1000000.00\"", "\"budget\": \"-1.00\"", 56, &["allocation.budget", "negative"]),
    ("\"budget\": \"1000000.00\"", "\"budget\": \"1000000.001\"", 56, &["allocation.budget", "decimals"]),
    ("\"budget\": \"1000000.00\"", "\"budget\": 1000000", 56, &["allocation.budget", "expected a string"]),
    ("\"method\": \"category_order\"", "\"method\": \"favourites\"", 55, &["allocation.method", "favourites"]),
    ("\"full_amount\": \"30000.00\",", "", 54, &["allocation", "`full_amount` is missing"]),
    ("\"full_amount\": \"30000.00\"", "\"full_amount\": \"0.00\"", 57, &["allocation.full_amount", "above zero"]),
    (
        "\"minimum_amount\": \"20000.00\"",
        "\"minimum_amount\": \"30000.01\"",
        58,
        &["allocation.minimum_amount", "above full_amount"],
    ),
    ("\"round_down_to\": \"100.00\"", "\"round_down_to\": \"0.00\"", 59, &["allocation.round_down_to", "above zero"]),
    ("\"children_desc\"", "\"friends_first\"", 62, &["allocation.ties[0]", "friends_first"]),
    ("\"children_desc\"", "\"draw\"", 64, &["allocation.ties[3]", "twice"]),
    ("\"opens_at\": \"2021-03-01", "\"opens_at\": \"2021-04-01", 8, &["closes_at", "before opens_at"]),
    (
        "\"voting_closes_at\": \"2021-05-10",
        "\"voting_closes_at\": \"2021-03-10",
        10,
        &["voting_closes_at", "before closes_at"],
    ),
    ("\"until\": \"2021-05-10\"", "\"until\": \"2020-03-14\"", 18, &["aid_window.until", "before"]),
    ("\"most_means_over\": \"0.50\"", "\"most_means_over\": \"1.50\"", 15, &["most_means_over", "share"]),
    ("\"currency\": \"RSD\"", "\"currency\": \"EUR\"", 11, &["currency", "only RSD"]),
    ("\"one_per_household\": false", "\"one_per_household\": \"no\"", 14, &["one_per_household", "boolean"]),
    ("\"number\": 2", "\"number\": 1", 34, &["categories[1].number", "two categories 1"]),
    ("\"income_lost\": \"most\"", "\"income_lost\": \"some\"", 51, &["categories[2].conditions.income_lost", "some"]),
    ("\"child_younger_than\": 18", "\"child_younger\": 18", 30, &["unknown field `child_younger`"]),
    ("\"appeal_days\": 8", "\"appeal_days\": 8, \"appeal_day\": 8", 20, &["unknown field `appeal_day`"]),
    ("\"appeal_days\": 8", "\"code\": \"again\"", 20, &["duplicate field `code`"]),
    ("\"seed\": \"Loto", "\"seed\": \"\", \"x\": \"Loto", 66, &["unknown field `x`"]),
    ("\"code\": \"T-payouts\"", "\"code\": \"\"", 2, &["code", "1 to 100 characters"]),
    ("\"code\": \"T-payouts\",", "\"code\": \"T-payouts\"", 3, &["expected `,`"]),
];

#[test]
fn a_wrong_call_is_named_by_its_key() {
    for (found, instead, line, parts) in CALLS {
        let folder = copy_of(GOOD);
        edit(folder.path(), "call.json", |text| {
            assert!(text.contains(found), "{found}");
            text.replacen(found, instead, 1)
        });
        let error = error_in(folder.path());
        let shown = error.to_string();
        assert_eq!((error.file.as_str(), error.line), ("call.json", Some(*line)), "{instead}: {shown}");
        assert!(error.column.is_some() && parts.iter().all(|part| shown.contains(part)), "{instead}: {shown}");
    }
}

#[test]
fn a_call_file_that_is_no_call_is_named() {
    let contents: [(&[u8], &str); 5] = [
        (b"", "empty"),
        (b"not json", "expected"),
        (b"[]", "must be an object"),
        (b"{\"code\": \"\xff\"}", "UTF-8"),
        (b"{\"code\": \"x\"", "EOF"),
    ];
    for (content, reason) in contents {
        let folder = copy_of(GOOD);
        std::fs::write(folder.path().join("call.json"), content).unwrap();
        let error = error_in(folder.path());
        assert!(error.file == "call.json" && error.line == Some(1) && error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn bands_must_not_overlap_or_be_missing() {
    let bands = [
        ("[]", "at least one band"),
        ("[{\"limit\": \"2.00\", \"amount\": \"9.00\"}, {\"limit\": \"1.00\", \"amount\": \"5.00\"}]", "overlap"),
        ("[{\"limit\": \"2.00\", \"amount\": \"9.00\"}, {\"limit\": \"2.00\", \"amount\": \"5.00\"}]", "overlap"),
        ("[{\"amount\": \"9.00\"}, {\"limit\": \"2.00\", \"amount\": \"5.00\"}]", "only the last band"),
        ("[{\"limit\": \"2.00\", \"amount\": \"-9.00\"}]", "negative"),
        ("[{\"limit\": \"2.00\"}]", "missing field `amount`"),
        ("[{\"limit\": \"2.00\", \"amount\": \"9.00\", \"colour\": 1}]", "unknown field `colour`"),
    ];
    for (written, reason) in bands {
        let folder = copy_of(GOOD);
        edit(folder.path(), "call.json", |text| {
            text.replace(
                "\"method\": \"category_order\"",
                &format!("\"method\": \"income_bands\", \"bands\": {written}"),
            )
        });
        let shown = error_in(folder.path()).to_string();
        assert!(shown.starts_with("call.json, line 55") && shown.contains(reason), "{written}: {shown}");
    }
    let folder = copy_of(GOOD);
    edit(folder.path(), "call.json", |text| text.replace("category_order", "income_bands"));
    assert!(error_in(folder.path()).to_string().contains("`bands` is missing"));
}

#[test]
fn lots_need_a_seed() {
    let folder = copy_of(GOOD);
    edit(folder.path(), "call.json", |text| {
        let mut call: serde_json::Value = serde_json::from_str(&text).unwrap();
        call["allocation"].as_object_mut().unwrap().remove("seed");
        call.to_string()
    });
    let shown = error_in(folder.path()).to_string();
    assert!(shown.contains("key allocation: lots decide in this call; the key `seed` is missing"), "{shown}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    assert!(error_in(Path::new("/nowhere/at/all")).to_string().contains("/nowhere/at/all: there is no such folder"));
}
