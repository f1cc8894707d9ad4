//! Past the server, straight into its database: to turn the clock on, to lose a right, to look at what is stored.

use diesel::RunQueryDsl;
use uuid::Uuid;

use crate::support::TestDatabase;
use crate::support::api::{Api, User};

/// Runs a statement; gives how many rows it changed.
pub fn execute(database: &TestDatabase, sql: &str) -> usize {
    diesel::sql_query(sql).execute(&mut database.raw()).unwrap_or_else(|error| panic!("{error}: {sql}"))
}

/// Whether a statement is let through.
pub fn try_execute(database: &TestDatabase, sql: &str) -> Result<usize, diesel::result::Error> {
    diesel::sql_query(sql).execute(&mut database.raw())
}

/// The column `text` of every row of a query.
pub fn texts(database: &TestDatabase, sql: &str) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        text: String,
    }
    let rows: Vec<Row> = diesel::sql_query(sql).load(&mut database.raw()).unwrap();
    rows.into_iter().map(|row| row.text).collect()
}

/// Runs statements one after the other on one connection.
pub fn execute_all(database: &TestDatabase, statements: impl IntoIterator<Item = String>) {
    let mut conn = database.raw();
    for sql in statements {
        diesel::sql_query(&sql).execute(&mut conn).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
}

/// An id as a literal of this engine.
pub fn id(database: &TestDatabase, id: &str) -> String {
    let hex: String = id.parse::<Uuid>().unwrap().simple().to_string();
    if database.is_postgres() { format!("'\\x{hex}'::bytea") } else { format!("X'{hex}'") }
}

/// Lets so many minutes pass since somebody last proved who they are.
pub fn let_proof_grow_old(api: &Api, user: &User, minutes: i64) {
    let micros = minutes * 60_000_000;
    let session = id(&api.database, &user.session);
    let changed = execute(
        &api.database,
        &format!(
            "UPDATE sessions SET proven_at = proven_at - {micros}, second_factor_at = second_factor_at - {micros} \
             WHERE id = {session}"
        ),
    );
    assert_eq!(changed, 1);
}

/// How many rows a table has.
pub fn rows(database: &TestDatabase, table: &str) -> i64 {
    database.number(&format!("SELECT COUNT(*) AS number FROM {table}"))
}

/// How many events of a kind were written.
pub fn events(database: &TestDatabase, kind: &str) -> i64 {
    database.number(&format!("SELECT COUNT(*) AS number FROM events WHERE kind = '{kind}'"))
}
