//! Everything that a database holds, as it is really stored.

use diesel::RunQueryDsl;
use diesel::sql_types::Text;

use super::TestDatabase;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every row of every table as text, binary columns in hex.
pub fn dump(database: &TestDatabase) -> Vec<(String, String)> {
    let tables = if database.is_postgres() {
        "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = current_schema()"
    } else {
        "SELECT name AS line FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    };
    let rows = |sql: String| -> Vec<Line> { diesel::sql_query(sql).load(&mut database.raw()).unwrap() };
    let mut dumped = Vec::new();
    for Line { line: table } in rows(tables.to_owned()) {
        let all = if database.is_postgres() {
            // jsonb shows bytea in hex.
            format!("SELECT to_jsonb(t)::text AS line FROM {table} t")
        } else {
            let columns = rows(format!("SELECT name AS line FROM pragma_table_info('{table}')"));
            let shown = columns.iter().map(|column| {
                let name = &column.line;
                format!("CASE typeof({name}) WHEN 'blob' THEN lower(hex({name})) ELSE COALESCE(CAST({name} AS TEXT), '') END")
            });
            format!("SELECT {} AS line FROM {table}", shown.collect::<Vec<_>>().join(" || '|' || "))
        };
        dumped.extend(rows(all).into_iter().map(|row| (table.clone(), row.line)));
    }
    dumped
}
