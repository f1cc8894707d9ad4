//! The command line as people and scripts meet it: what goes to stdout, what to stderr, which exit code.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{TestDatabase, case, copy_of, edit};

/// `fond`, with nothing in its environment but what the test gives.
pub fn fond() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fond"));
    command.env_clear();
    command
}

pub fn replay(database: &TestDatabase, folder: &Path) -> Command {
    let mut command = fond();
    command.arg("replay").arg(folder).args(["--database", &database.url]).env("FOND__MASTER_KEY_FILE", &database.key);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn expect_failure(output: &Output, code: i32, parts: &[&str]) {
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert_eq!(text(&output.stdout), "", "a failure prints no report");
    for part in parts {
        assert!(message.contains(part), "“{part}” in: {message}");
    }
    assert_eq!(message.trim_end().lines().count(), 1, "one message: {message}");
}

#[test]
fn a_replay_prints_the_report_alone_and_a_second_one_is_refused() {
    let database = TestDatabase::new();
    let first = replay(&database, &case("payouts")).output().unwrap();
    assert!(first.status.success(), "{}", text(&first.stderr));
    let report: serde_json::Value = serde_json::from_slice(&first.stdout).unwrap();
    let expected: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(case("payouts").join("expected.json")).unwrap()).unwrap();
    assert_eq!(report, expected);
    assert_eq!(text(&first.stderr), "", "no progress where stderr is no terminal");
    let unnumbered = "SELECT COUNT(*) AS number FROM events WHERE sequence IS NULL";
    assert_eq!(database.number(unnumbered), 0);
    let second = replay(&database, &case("payouts")).output().unwrap();
    expect_failure(&second, 1, &["the call “T-payouts” exists in this database already"]);
}

#[test]
fn a_wrong_case_leaves_no_database_behind() {
    let folder = copy_of("payouts");
    edit(folder.path(), "applications.csv", |text| text.replacen(",owner,", ",palace,", 1));
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("new.sqlite3");
    let output = fond()
        .arg("replay")
        .arg(folder.path())
        .args(["--database", &format!("sqlite://{}", file.display())])
        .output()
        .unwrap();
    expect_failure(&output, 2, &["applications.csv, line ", "(housing)", "palace"]);
    assert!(!file.exists());
}

#[test]
fn a_budget_above_the_money_is_told_where_it_stands_and_nothing_stays() {
    let database = TestDatabase::new();
    let folder = copy_of("payouts");
    edit(folder.path(), "contributions.csv", |text| text.replace("1100000.00", "1001234.55"));
    let output = replay(&database, folder.path()).output().unwrap();
    expect_failure(&output, 2, &["call.json, line 56, column ", "allocation.budget", "1000000.00", "999999.99"]);
    for table in ["events", "people", "contributions", "calls"] {
        assert_eq!(database.number(&format!("SELECT COUNT(*) AS number FROM {table}")), 0, "{table}");
    }
    edit(folder.path(), "contributions.csv", |text| text.replace("1001234.55", "1001234.56"));
    assert!(replay(&database, folder.path()).output().unwrap().status.success(), "the very sum is enough");
}

#[test]
fn a_database_of_an_unknown_kind_is_refused() {
    let place = tempfile::tempdir().unwrap();
    for url in ["mysql://localhost/fond", "fond.sqlite3", "sqlite:fond.sqlite3", "postgress://x"] {
        let output = fond()
            .current_dir(place.path())
            .arg("replay")
            .arg(case("payouts"))
            .env("DATABASE_URL", url)
            .output()
            .unwrap();
        expect_failure(&output, 2, &["unknown kind of database"]);
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "no file was made");
}

#[test]
fn sqlite_makes_its_key_and_postgres_wants_one_named() {
    let place = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", place.path().join("a.sqlite3").display());
    let migrate = || fond().args(["migrate", "--database", &url]).output().unwrap();
    assert!(migrate().status.success());
    let key = place.path().join("a.sqlite3.key");
    assert!(key.exists());
    assert!(migrate().status.success(), "the second start uses the same key");
    std::fs::remove_file(&key).unwrap();
    expect_failure(&migrate(), 1, &["a.sqlite3.key is missing"]);
    assert!(!key.exists(), "a lost key is not replaced by a new one");

    let output = fond().args(["migrate", "--database", "postgres://127.0.0.1:1/none"]).output().unwrap();
    expect_failure(&output, 2, &["FOND__MASTER_KEY_FILE", "fond keys master"]);
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let database = TestDatabase::new();
    let made = fond().args(["keys", "master", "--out"]).arg(&database.key).output().unwrap();
    expect_failure(&made, 1, &["master.key"]);
    std::fs::set_permissions(&database.key, std::fs::Permissions::from_mode(0o644)).unwrap();
    expect_failure(
        &replay(&database, &case("payouts")).output().unwrap(),
        1,
        &["others may read", "0644", "chmod 600"],
    );
    let new = database.folder.path().join("new.key");
    assert!(fond().args(["keys", "master", "--out"]).arg(&new).output().unwrap().status.success());
    assert_eq!(std::fs::metadata(&new).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn signing_keys_are_made_once_and_rotated_on_demand() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("signing.keys");
    let signing = |more: &[&str]| fond().args(["keys", "signing", "--out"]).arg(&file).args(more).output().unwrap();
    expect_failure(&signing(&["--rotate"]), 1, &["signing.keys is missing"]);
    let made = signing(&[]);
    assert!(made.status.success() && text(&made.stdout).contains("signing.keys"), "{}", text(&made.stderr));
    let first = std::fs::read_to_string(&file).unwrap();
    assert!(first.starts_with("fond-signing-key-1:") && first.lines().count() == 1);
    expect_failure(&signing(&[]), 1, &["signing.keys"]);
    let rotated = signing(&["--rotate"]);
    assert!(rotated.status.success(), "{}", text(&rotated.stderr));
    let both = std::fs::read_to_string(&file).unwrap();
    assert!(both.ends_with(&first) && both.lines().count() == 2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn the_default_database_lies_in_the_data_folder() {
    let home = tempfile::tempdir().unwrap();
    let output =
        fond().arg("migrate").env("HOME", home.path()).env("XDG_DATA_HOME", home.path().join("data")).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let made = home.path().join("data/fond/fond.sqlite3");
    assert!(!cfg!(target_os = "linux") || made.exists());
}

/// What looks at a database or changes it has nothing to do where there is none: an answer of nothing would be believed.
#[test]
fn what_does_not_begin_a_fund_makes_no_database() {
    let place = tempfile::tempdir().unwrap();
    let key = place.path().join("a.key");
    fond::crypto::MasterKey::create(&key).unwrap();
    let absent = format!("sqlite://{}", place.path().join("absent.sqlite3").display());
    let empty = TestDatabase::new();
    if !empty.is_postgres() {
        std::fs::write(empty.url.strip_prefix("sqlite://").unwrap(), "").unwrap();
    }
    let nobody = uuid::Uuid::now_v7().to_string();
    for arguments in [
        vec!["breach-report", "--since", "2020-01-01"],
        vec!["retention"],
        vec!["retention", "--dry-run"],
        vec!["erase", "--application", &nobody],
        vec!["sessions", "end", "--all"],
        vec!["keys", "rotate"],
        vec!["keys", "rotate", "--indexes"],
    ] {
        let run = |url: &str, key: &Path| {
            let mut command = fond();
            command.args(&arguments).args(["--database", url]).env("FOND__MASTER_KEY_FILE", key);
            command.output().unwrap()
        };
        expect_failure(&run(&absent, &key), 1, &["absent.sqlite3", "there is no such database"]);
        expect_failure(&run(&empty.url, &empty.key), 2, &["the database ", "holds nothing of Fond"]);
        let unnamed = fond().args(&arguments).args(["--database", &absent]).output().unwrap();
        assert_eq!(unnamed.status.code(), Some(1), "{arguments:?}");
    }
    let left: Vec<_> = std::fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["a.key"], "nothing is made");
    assert!(crate::support::dump::dump(&empty).is_empty(), "not even tables");
}

#[test]
fn a_wrong_argument_is_told_with_its_value() {
    let database = TestDatabase::new();
    drop(database.open());
    let nobody = uuid::Uuid::now_v7().to_string();
    for arguments in [
        ["erase", "--application", "ana"].as_slice(),
        &["erase", "--application", &nobody],
        &["retention", "--dry-run", "--at", "2036-02-30"],
        &["breach-report", "--since", "soon"],
        &["breach-report", "--since", "2020-01-01", "--session", "none"],
    ] {
        let mut command = fond();
        command.args(arguments).args(["--database", &database.url]).env("FOND__MASTER_KEY_FILE", &database.key);
        let [.., argument, value] = arguments else { panic!() };
        expect_failure(&command.output().unwrap(), 2, &[&format!("{argument}: “{value}”")]);
    }
}

#[test]
fn a_wrong_setting_stops_the_start() {
    let output = fond().arg("migrate").env("FOND__DATABASE__POOL_SIZE", "lots").output().unwrap();
    expect_failure(&output, 2, &["pool_size"]);
}

#[test]
fn a_server_in_the_open_without_tls_does_not_start() {
    let place = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", place.path().join("a.sqlite3").display());
    let mut serve = fond();
    serve.args(["serve", "--listen", "0.0.0.0:0", "--database", &url]);
    let output = serve.env("FOND__HTTP__PUBLIC_URL", "http://fond.example.org").output().unwrap();
    expect_failure(&output, 2, &["http.listen: 0.0.0.0:0", "http://fond.example.org", "http.open_without_tls"]);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn help_shows_examples() {
    for arguments in [
        vec!["--help"],
        vec!["serve", "--help"],
        vec!["demo", "--help"],
        vec!["user", "create", "--help"],
        vec!["replay", "--help"],
        vec!["migrate", "--help"],
        vec!["erase", "--help"],
        vec!["retention", "--help"],
        vec!["backup", "--help"],
        vec!["restore", "--help"],
        vec!["sessions", "end", "--help"],
        vec!["keys", "master", "--help"],
        vec!["keys", "rotate", "--help"],
        vec!["keys", "signing", "--help"],
        vec!["keys", "escrow", "--help"],
    ] {
        let output = fond().args(&arguments).output().unwrap();
        assert!(output.status.success() && text(&output.stdout).contains("Example"), "{arguments:?}");
    }
    let all = text(&fond().arg("--help").output().unwrap().stdout);
    let (_, examples) = all.split_once("Examples:").unwrap();
    for name in [
        "demo",
        "serve",
        "user create",
        "replay",
        "migrate",
        "sessions end",
        "breach-report",
        "access-log",
        "retention",
        "erase",
        "backup",
        "restore",
        "keys master",
        "keys rotate",
        "keys signing",
        "keys escrow",
    ] {
        assert!(examples.contains(&format!("fond {name}")), "{name} has no example");
    }
    assert_eq!(fond().arg("nonsense").output().unwrap().status.code(), Some(2));
}

/// The demo is nobody's fund: what the environment names for one is neither used nor asked for.
#[test]
fn the_demo_leaves_a_real_store_and_real_keys_alone() {
    use std::io::{BufRead, BufReader};
    let place = tempfile::tempdir().unwrap();
    let [store, temporary] = ["store", "temporary"].map(|name| place.path().join(name));
    std::fs::create_dir(&temporary).unwrap();
    let mut demo = fond();
    demo.args(["demo", "--listen", "127.0.0.1:0"]).env("TMPDIR", &temporary).env("FOND_SIGNING_KEYS", "none");
    demo.env("FOND__DOCUMENTS__STORE", &store).env("FOND__MAIL__TRANSPORT", "smtp").env("FOND__HTTP__LOG", "error");
    let mut running = demo.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(running.stdout.take().unwrap()).lines().map_while(Result::ok);
    let told: Vec<String> = lines.take_while(|line| !line.starts_with("Letters are files in ")).collect();
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(told.iter().any(|line| line.starts_with("Fond listens on http://127.0.0.1:")), "{told:?}");
    assert!(!store.exists(), "the store of the environment is made");
}

#[test]
fn a_database_in_a_folder_that_is_not_there_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent");
    for command in ["migrate", "serve"] {
        let url = format!("sqlite://{}", absent.join("fond.sqlite3").display());
        let output = fond().args([command, "--database", &url]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("{}, is not there", absent.display())), "{said}");
        assert!(!absent.exists());
    }
}
