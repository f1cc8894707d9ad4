//! Writes that do not read each other: on PostgreSQL one statement, and so one way to the server and back.

use diesel::RunQueryDsl;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

use super::Conn;
use crate::error::Result;

/// Statements that wait to be run together. On SQLite each runs when it is added, on PostgreSQL all of them in
/// [`Writes::run`], as parts of one (<https://www.postgresql.org/docs/15/queries-with.html#QUERIES-WITH-MODIFYING>): none
/// sees the rows of another, and what refers to another row is checked when all are written.
#[derive(Default)]
#[must_use = "what is not run is not written"]
pub struct Writes {
    waiting: Vec<Box<dyn QueryFragment<Pg>>>,
}

impl Writes {
    /// For [`write_with`].
    pub fn add(&mut self, statement: impl QueryFragment<Pg> + 'static) {
        self.waiting.push(Box::new(statement));
    }

    /// Runs what waits.
    ///
    /// # Errors
    /// Those of the database; whatever is refused, nothing of it is written.
    pub fn run(self, conn: &mut Conn) -> Result<()> {
        match conn {
            Conn::Pg(conn) if !self.waiting.is_empty() => drop(self.execute(conn)?),
            _ => {}
        }
        Ok(())
    }
}

impl QueryFragment<Pg> for Writes {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let last = self.waiting.len().saturating_sub(1);
        for (place, statement) in self.waiting.iter().enumerate() {
            if place < last {
                pass.push_sql(if place == 0 { "WITH " } else { ", " });
                pass.push_identifier(&format!("write{place}"))?;
                pass.push_sql(" AS (");
                statement.walk_ast(pass.reborrow())?;
                pass.push_sql(")");
            } else {
                pass.push_sql(if place == 0 { "" } else { " " });
                statement.walk_ast(pass.reborrow())?;
            }
        }
        Ok(())
    }
}

impl QueryId for Writes {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<PgConnection> for Writes {}

/// Adds an insert or a delete to some [`Writes`]. It must own what it writes.
macro_rules! write_with {
    ($conn:expr, $writes:expr, $statement:expr) => {
        match $conn {
            $crate::db::Conn::Pg(_) => $writes.add($statement),
            $crate::db::Conn::Sqlite(conn) => {
                ::diesel::RunQueryDsl::execute($statement, conn)?;
            }
        }
    };
}
pub(crate) use write_with;

#[cfg(test)]
mod tests {
    use diesel::prelude::*;

    use super::*;

    diesel::table! { numbers (number) { number -> Integer, } }

    #[test]
    fn several_are_one_statement_for_postgresql() {
        let told = |writes: &Writes| diesel::debug_query::<Pg, _>(writes).to_string();
        let mut writes = Writes::default();
        writes.add(diesel::delete(numbers::table.filter(numbers::number.eq(1))));
        let delete = r#"DELETE FROM "numbers" WHERE ("numbers"."number" = $1)"#;
        assert_eq!(told(&writes), format!("{delete} -- binds: [1]"));
        writes.add(diesel::insert_into(numbers::table).values(numbers::number.eq(2)));
        writes.add(diesel::insert_into(numbers::table).values(numbers::number.eq(3)));
        let insert = |place| format!(r#"INSERT INTO "numbers" ("number") VALUES (${place})"#);
        let one =
            format!(r#"WITH "write0" AS ({delete}), "write1" AS ({}) {} -- binds: [1, 2, 3]"#, insert(2), insert(3));
        assert_eq!(told(&writes), one);
        assert!(writes.is_safe_to_cache_prepared(&Pg).unwrap(), "it is prepared once");
    }
}
