//! What was destroyed is not found in what is left of it: free pages, the log beside the database, dead rows.

use std::path::PathBuf;

use diesel::prelude::*;
use diesel::sql_types::{Binary, Text};
use fond::accounts::actions as accounts;
use fond::crypto::{KeyClass, MasterKey, rotate};
use fond::ids::PersonId;
use fond::startup::Fond;

use crate::support::{TestDatabase, people};

#[derive(QueryableByName)]
struct Wrapped {
    #[diesel(sql_type = Binary)]
    wrapped: Vec<u8>,
}

#[derive(QueryableByName)]
struct Path {
    #[diesel(sql_type = Text)]
    path: String,
}

/// Everything that the database's files hold of the table of keys.
fn bytes(database: &TestDatabase) -> Vec<u8> {
    if database.is_postgres() {
        // What is committed is in the files only after this.
        let mut conn = database.raw();
        diesel::sql_query("CHECKPOINT").execute(&mut conn).unwrap();
        let sql = "SELECT pg_relation_filepath('data_keys') AS path";
        let Path { path } = diesel::sql_query(sql).get_result(&mut conn).unwrap();
        let sql = format!("SELECT pg_read_binary_file('{path}') AS wrapped");
        return diesel::sql_query(sql).get_result::<Wrapped>(&mut conn).unwrap().wrapped;
    }
    let file = database.url.strip_prefix("sqlite://").unwrap();
    let files = ["", "-wal"].map(|ending| PathBuf::from(format!("{file}{ending}")));
    files.iter().flat_map(|file| std::fs::read(file).unwrap_or_default()).collect()
}

fn found(database: &TestDatabase, wanted: &[Vec<u8>]) -> usize {
    let all = bytes(database);
    wanted.iter().filter(|wanted| all.windows(wanted.len()).any(|window| window == wanted.as_slice())).count()
}

fn wrapped(database: &TestDatabase) -> Vec<Vec<u8>> {
    let rows: Vec<Wrapped> = diesel::sql_query("SELECT wrapped FROM data_keys").load(&mut database.raw()).unwrap();
    rows.into_iter().map(|row| row.wrapped).collect()
}

/// On PostgreSQL the tests beside this one read the same database: it goes on trying between their transactions.
fn scrub(fond: &Fond) {
    let mut tries = 0..20;
    while let Err(error) = fond.db.scrub() {
        assert!(tries.next().is_some(), "{error}");
    }
}

/// People with a key each.
fn people_with_keys(fond: &Fond, count: usize) -> Vec<PersonId> {
    let now = people::at("2020-07-01T00:00:00Z");
    let make = |_| {
        fond.db.write(|conn| {
            let person = accounts::register_applicant(conn, now)?.person()?;
            fond.vault.create_key(conn, person, KeyClass::Need).map(|_| person)
        })
    };
    (0..count).map(make).collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_destroyed_key_is_nowhere_in_the_files() {
    let database = TestDatabase::new();
    let fond = database.open();
    let before = wrapped(&database);
    let gone = people_with_keys(&fond, 40);
    let theirs: Vec<Vec<u8>> = wrapped(&database).into_iter().filter(|key| !before.contains(key)).collect();
    assert_eq!((theirs.len(), found(&database, &theirs)), (40, 40));
    for person in gone {
        fond.db.write(|conn| fond.vault.destroy_key(conn, person, KeyClass::Need)).unwrap();
    }
    assert!(found(&database, &theirs) > 0, "deleting alone leaves them: there is something to overwrite");
    scrub(&fond);
    assert_eq!(found(&database, &theirs), 0);
    assert_eq!(found(&database, &before), before.len(), "and what is kept is there");
}

#[test]
fn what_the_old_master_key_wrapped_is_nowhere_in_the_files() {
    let database = TestDatabase::new();
    let fond = database.open();
    people_with_keys(&fond, 300);
    let old = wrapped(&database);
    rotate(&fond.db, MasterKey::read(&database.key).unwrap(), &mut |_| ()).unwrap();
    scrub(&fond);
    assert_eq!((found(&database, &old), found(&database, &wrapped(&database))), (0, old.len()));
}
