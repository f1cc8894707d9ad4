//! Writes that nobody waits for any more: what was answered “not carried out” never is, what is being committed is told.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use fond::db::{Conn, Patience};
use fond::error::Error;
use serde_json::json;

use crate::sql;
use crate::support::TestDatabase;
use crate::support::api::Api;

const INSERT: &str = "INSERT INTO people (id, created_at) VALUES ";

fn insert(database: &TestDatabase) -> String {
    format!("{INSERT} ({}, 1)", sql::id(database, &uuid::Uuid::now_v7().to_string()))
}

fn run(conn: &mut Conn, statement: &str) -> fond::error::Result<()> {
    diesel::sql_query(statement).execute(conn).map(|_| ()).map_err(Error::from)
}

/// A write that has begun and is slow: given up before its commit, it is rolled back; those beside it are not.
#[test]
fn a_write_that_is_given_up_is_rolled_back() {
    let database = TestDatabase::new();
    let db = database.open().db;
    let before = sql::rows(&database, "people");
    let [slow, quick] = [insert(&database), insert(&database)];
    let (begun, has_begun) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let may_go_on = std::sync::Mutex::new(may_go_on);
    let patience = Patience::default();
    let writing = {
        let (db, patience) = (db.clone(), patience.clone());
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(patience.during(db.write_async(move |conn| {
                run(conn, &slow)?;
                begun.send(()).unwrap();
                may_go_on.lock().unwrap().recv().map_err(Error::corrupt)
            })))
        })
    };
    has_begun.recv().unwrap();
    assert!(patience.give_up(), "it has not come to its commit");
    go_on.send(()).unwrap();
    let outcome = writing.join().unwrap();
    assert!(matches!(outcome, Err(Error::Busy { .. })), "{outcome:?}");
    db.write(|conn| run(conn, &quick)).unwrap();
    assert_eq!(sql::rows(&database, "people"), before + 1);

    let never = insert(&database);
    let given_up = async { patience.during(db.write_async(move |conn| run(conn, &never))).await };
    let outcome = actix_web::rt::System::new().block_on(given_up);
    assert!(matches!(outcome, Err(Error::Busy { .. })), "nor does it begin: {outcome:?}");
    assert_eq!(sql::rows(&database, "people"), before + 1);
}

/// PostgreSQL alone can be made to commit slowly: by a trigger that waits until then.
#[test]
fn a_commit_that_has_begun_is_waited_for() {
    let api = Api::start();
    if !api.database.is_postgres() {
        return;
    }
    for statement in [
        "CREATE FUNCTION dawdle() RETURNS trigger AS 'BEGIN PERFORM pg_sleep(12); RETURN NULL; END' LANGUAGE plpgsql",
        "CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON mail_requests DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION dawdle()",
    ] {
        sql::execute(&api.database, statement);
    }
    let began = Instant::now();
    let reply = api.post("registrations", json!({"email": "ana@example.org"}));
    assert_eq!(reply.status, 202, "{reply:?}");
    assert!(began.elapsed() > Duration::from_secs(11), "it was slow");
    assert_eq!(sql::rows(&api.database, "mail_requests"), 1);
}
