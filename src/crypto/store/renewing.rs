//! Every column that holds a blind index, and the queries that take it to another key.
//!
//! The tables are other slices'; only here are they walked by what they have in common.

use diesel::prelude::*;
use diesel::sql_types::Binary;

use crate::crypto::index::{BlindIndex, IndexKind};
use crate::db::Conn;
use crate::error::Result;

/// A column of indexes of one kind, and by which column its rows are told apart.
#[derive(Debug, Clone, Copy)]
pub struct IndexColumn {
    table: &'static str,
    key: &'static str,
    column: &'static str,
    pub(in crate::crypto) kind: IndexKind,
}

const fn of(table: &'static str, key: &'static str, column: &'static str, kind: IndexKind) -> IndexColumn {
    IndexColumn { table, key, column, kind }
}

/// All of them; a test of the migrations looks for others.
pub const INDEX_COLUMNS: [IndexColumn; 11] = [
    of("applications", "id", "jmbg_index", IndexKind::Jmbg),
    of("applications", "id", "account_index", IndexKind::Account),
    of("applications", "id", "name_index", IndexKind::NameAndPlace),
    of("applications", "id", "household_index", IndexKind::Household),
    of("aid_records", "id", "jmbg_index", IndexKind::Jmbg),
    of("aid_records", "id", "name_index", IndexKind::NameAndPlace),
    of("logins", "person_id", "email_index", IndexKind::Email),
    of("invitations", "id", "email_index", IndexKind::Email),
    of("payouts", "id", "binding", IndexKind::Payout),
    of("idempotent_answers", "key_index", "key_index", IndexKind::Answer),
    of("idempotent_answers", "key_index", "fingerprint", IndexKind::Answer),
];

#[derive(QueryableByName)]
pub(in crate::crypto) struct IndexedRow {
    #[diesel(sql_type = Binary)]
    pub key: Vec<u8>,
    #[diesel(sql_type = Binary)]
    pub found: BlindIndex,
}

impl IndexColumn {
    /// Table and column.
    pub fn names(self) -> (&'static str, &'static str) {
        (self.table, self.column)
    }

    /// Some rows behind a key, in the order of their keys.
    pub(in crate::crypto) fn some(self, conn: &mut Conn, after: &[u8], rows: usize) -> Result<Vec<IndexedRow>> {
        let Self { table, key, column, .. } = self;
        let sql = format!(
            "SELECT {key} AS key, {column} AS found FROM {table} WHERE {column} IS NOT NULL AND {key} > $1 ORDER BY {key} LIMIT {rows}"
        );
        Ok(diesel::sql_query(sql).bind::<Binary, _>(after).load(conn)?)
    }

    /// Puts an index in the place of the one that was read, unless that was changed meanwhile.
    pub(in crate::crypto) fn renew(self, conn: &mut Conn, row: &IndexedRow, index: BlindIndex) -> Result<usize> {
        let Self { table, key, column, .. } = self;
        let sql = format!("UPDATE {table} SET {column} = $1 WHERE {key} = $2 AND {column} = $3");
        let update = diesel::sql_query(sql).bind::<Binary, _>(index).bind::<Binary, _>(&row.key);
        Ok(update.bind::<Binary, _>(row.found).execute(conn)?)
    }
}
