//! The rules of the house that no compiler knows: `docs/ARCHITECTURE.md` and `docs/STYLE.md` say why.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::project;

/// The slices in their order: each may use those before it, none behind it.
const SLICES: [&str; 15] = [
    "audit",
    "accounts",
    "calls",
    "ledger",
    "documents",
    "applications",
    "aid",
    "eligibility",
    "committee",
    "awards",
    "payouts",
    "transparency",
    "privacy",
    "backup",
    "replay",
];
/// What stands below every slice.
const KERNEL: [&str; 17] = [
    "text_enum",
    "error",
    "ids",
    "clock",
    "money",
    "page",
    "version",
    "config",
    "schema",
    "db",
    "serbian",
    "crypto",
    "language",
    "objects",
    "jobs",
    "mail",
    "web",
];
const LONGEST_FILE: usize = 400;

/// A file of the project, by its path below the project's folder.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// The code without its tests and without lines that are comments alone.
    fn code(&self) -> String {
        let code = self.text.split("#[cfg(test)]\nmod ").next().unwrap();
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }

    /// A store is one file, or a folder of them.
    fn is_store(&self) -> bool {
        self.path.ends_with("/store.rs") || self.path.contains("/store/")
    }

    /// The module directly below src.
    fn module(&self) -> &str {
        self.path.strip_prefix("src/").unwrap().split(['/', '.']).next().unwrap()
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every Rust file below some folders of the project.
pub fn sources(folders: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    folders.iter().for_each(|folder| collect(&project(folder), &mut paths));
    let read = |path: PathBuf| Source {
        text: std::fs::read_to_string(&path).unwrap(),
        path: path.strip_prefix(project("")).unwrap().to_str().unwrap().replace('\\', "/"),
    };
    let sources: Vec<Source> = paths.into_iter().map(read).collect();
    assert!(!sources.is_empty());
    sources
}

/// The modules of this crate that a source names.
fn used_modules(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (_, behind) in code.match_indices("crate::").map(|(at, word)| code.split_at(at + word.len())) {
        let words: Vec<String> = match behind.strip_prefix('{') {
            Some(list) => {
                list.split(['}', ';']).next().unwrap().split(',').map(|word| word.trim().to_owned()).collect()
            }
            None => vec![behind.to_owned()],
        };
        used.extend(words.iter().map(|word| {
            word.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap().to_owned()
        }));
    }
    used
}

#[test]
fn files_are_short_and_begin_with_what_they_are_for() {
    for Source { path, text } in sources(&["src", "tests", "benches"]) {
        let lines = text.lines().count();
        // The schema is a list, as long as there are columns.
        assert!(
            lines <= LONGEST_FILE || path == "src/schema.rs",
            "{path} has {lines} lines; {LONGEST_FILE} are enough"
        );
        let first = text.lines().next().unwrap();
        assert!(
            first.starts_with("//! ") && first.ends_with(['.', ':']),
            "{path} does not begin with a sentence: {first}"
        );
        assert!(!text.contains("\t"), "{path} is indented with tabs");
    }
}

#[test]
fn a_slice_uses_only_what_stands_before_it() {
    let place = |module: &str| SLICES.iter().position(|slice| *slice == module);
    for source in sources(&["src"]) {
        for used in used_modules(&source.code()) {
            match (place(source.module()), place(&used)) {
                (Some(own), Some(other)) => {
                    assert!(other <= own, "{} uses {used}, which stands behind it", source.path)
                }
                (None, Some(_)) if KERNEL.contains(&source.module()) => {
                    panic!("{} is kernel and uses the slice {used}", source.path)
                }
                _ => {}
            }
        }
    }
}

#[test]
fn only_stores_speak_to_the_database() {
    // Value types say how they are stored; db, schema and text_enum are the database's own.
    let value_types = [
        "src/clock.rs",
        "src/money.rs",
        "src/ids.rs",
        "src/text_enum.rs",
        "src/db.rs",
        "src/db/opening.rs",
        "src/db/pool.rs",
        "src/db/sql.rs",
        "src/db/scrub.rs",
        "src/db/writer.rs",
        "src/db/writer/tests.rs",
        "src/db/failures.rs",
        "src/db/writes.rs",
        "src/schema.rs",
        "src/error.rs",
        "src/crypto/seal.rs",
        "src/crypto/index.rs",
        "src/crypto/commitment.rs",
        "src/crypto/master.rs",
        "src/audit/event.rs",
    ];
    for source in sources(&["src"]) {
        let may = source.is_store() || value_types.contains(&source.path.as_str());
        assert!(may || !source.code().contains("diesel"), "{} speaks diesel and is no store", source.path);
        assert!(source.is_store() || !source.code().contains("crate::schema"), "{} names tables", source.path);
    }
}

#[test]
fn a_store_is_used_by_its_own_slice_alone() {
    for source in sources(&["src"]) {
        for other in SLICES.iter().chain(["crypto", "jobs", "web"].iter()).filter(|slice| **slice != source.module()) {
            assert!(!source.code().contains(&format!("{other}::store")), "{} reaches into {other}", source.path);
        }
    }
}

/// Read by a second store in a join, each with its reason.
const JOINED: [(&str, &str); 1] = [
    // GET /me is session, login and key in one round trip (docs/decisions/0005-http.md).
    ("data_keys", "accounts"),
];

#[test]
fn every_table_belongs_to_one_store() {
    let schema = std::fs::read_to_string(project("src/schema.rs")).unwrap();
    let mut tables = 0;
    for table in
        schema.lines().filter_map(|line| line.trim().strip_suffix(") {")).filter_map(|line| line.split_once(" ("))
    {
        let owners = sources(&["src"])
            .into_iter()
            .filter(|source| source.is_store() && source.code().contains(&format!("{}::table", table.0)))
            .map(|source| source.module().to_owned())
            .filter(|module| !JOINED.contains(&(table.0, module)))
            .collect::<BTreeSet<_>>();
        assert_eq!(owners.len(), 1, "the table {} is used by {owners:?}", table.0);
        tables += 1;
    }
    assert!(tables >= 20, "only {tables} tables were found in src/schema.rs");
}

#[test]
fn replay_is_no_side_door() {
    for source in sources(&["src/replay"]) {
        for forbidden in ["store", "diesel", "schema"] {
            assert!(!source.code().contains(forbidden), "{} speaks of {forbidden}", source.path);
        }
    }
}

#[test]
fn rules_are_pure() {
    for source in sources(&["src"]) {
        if !source.path.contains("/rules") || source.path.ends_with("tests.rs") {
            continue;
        }
        for impure in ["Conn", "Instant::now", "getrandom", "std::fs", "std::env", "println"] {
            assert!(!source.code().contains(impure), "{} uses {impure}", source.path);
        }
    }
}

/// Public functions that write as a step of a verb that has asked, or for the fund itself.
const STEPS: [&str; 23] = [
    // By a mailed link or a password, which is the permission.
    "confirm_registration",
    "reset_password",
    "confirm_change",
    "accept",
    "begin",
    "refresh",
    // By anybody: only a letter follows, to the address that is named.
    "ask",
    "register_applicant",
    "require_compatible",
    "seat_invited",
    "post",
    "close_income",
    "mark_allocated",
    "keep",
    "take_out",
    "advance",
    "classify",
    "classify_anew",
    "check_before_payment",
    "run_rechecks",
    "release",
    "release_ineligible",
    "leave_erased",
];

#[test]
fn actions_ask_for_a_permission_first() {
    // Public verbs that write; what only reads for other slices asks nothing.
    let mut verbs = 0;
    for source in sources(&["src"]) {
        if !source.path.ends_with("/actions.rs") && !source.path.contains("/actions/") {
            continue;
        }
        for function in source.code().split("\npub fn ").skip(1) {
            let (head, body) = function.split("\n}\n").next().unwrap().split_once("{\n").unwrap();
            let name = head.split('(').next().unwrap();
            if head.contains("actor: &Actor") {
                let first = body.trim_start().lines().next().unwrap();
                assert!(
                    first.starts_with("actor.require(Permission::"),
                    "{}: {}",
                    source.path,
                    head.lines().next().unwrap()
                );
                verbs += 1;
            } else if head.contains("caller: &Caller") {
                // One's own things: whoever is signed in needs no permission for them.
            } else if ["insert", "advance", "post(", "record("].iter().any(|word| body.contains(word)) {
                assert!(
                    STEPS.contains(&name),
                    "{}: {name} writes and asks nobody; is it a step of another verb?",
                    source.path
                );
            }
        }
    }
    assert!(verbs >= 25, "only {verbs} verbs were found");
}

/// Where the fund opens an address to write to it, to see whose a link is, or to forget it.
const LETTERS: [&str; 5] = [
    "src/accounts/mails.rs",
    "src/accounts/actions/email.rs",
    "src/accounts/actions/erasing.rs",
    "src/accounts/actions/invitations.rs",
    "src/accounts/actions/requests.rs",
];

/// The key of addresses is nobody's, so what it opens is not counted where it opens: whoever shows an address to somebody goes
/// by an `Opener`, which is.
#[test]
fn an_address_is_shown_by_an_opener() {
    let mut found = 0;
    for source in sources(&["src"]).into_iter().filter(|source| !source.path.starts_with("src/crypto/")) {
        if ["vault.open_contact(", "email_of("].iter().any(|opening| source.code().contains(opening)) {
            assert!(LETTERS.contains(&source.path.as_str()), "{} opens an address", source.path);
            found += 1;
        }
    }
    assert_eq!(found, LETTERS.len(), "a file that opens none needs no leave");
}

#[test]
fn nothing_is_left_unfinished() {
    let marks = [
        concat!("to", "do!"),
        concat!("unimple", "mented!"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("#[ign", "ore"),
    ];
    for source in sources(&["src", "tests", "benches"]) {
        for mark in marks {
            assert!(!source.text.contains(mark), "{} holds {mark}", source.path);
        }
    }
}

#[test]
fn the_checks_above_can_fail() {
    assert_eq!(used_modules("use crate::{ids, money::Money};\ncrate::db::Conn"), ["ids", "money", "db"]);
    let source =
        Source { path: "src/ids.rs".into(), text: "use crate::payouts;\n#[cfg(test)]\nmod tests { diesel }".into() };
    assert!(!source.code().contains("diesel") && used_modules(&source.code()) == ["payouts"]);
}
