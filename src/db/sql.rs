//! Two small helpers for statements that both engines have but diesel's multi-connection lacks.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, SqlType};
use diesel::sqlite::Sqlite;

use super::{Conn, MultiBackend};

/// A statement built for whichever engine the connection is: upserts, casts, unions.
#[derive(Debug, Clone, Copy)]
pub struct Both<T>(pub T);

impl<T: QueryFragment<Pg> + QueryFragment<Sqlite>> QueryFragment<MultiBackend> for Both<T> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(&self.0, pass)
    }
}

impl<T> QueryId for Both<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T: Query> Query for Both<T> {
    type SqlType = T::SqlType;
}

impl<T> RunQueryDsl<Conn> for Both<T> {}

/// `CAST(COALESCE(SUM(x), 0) AS BIGINT)`: exact on both engines, an error on overflow.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct SumI64<E>(E);

pub fn sum_i64<E: Expression<SqlType = BigInt>>(of: E) -> SumI64<E> {
    SumI64(of)
}

impl<E: Expression> Expression for SumI64<E>
where
    BigInt: SqlType,
{
    type SqlType = BigInt;
}

impl<E, GroupBy> ValidGrouping<GroupBy> for SumI64<E> {
    type IsAggregate = is_aggregate::Yes;
}

impl<E: AppearsOnTable<Source>, Source> AppearsOnTable<Source> for SumI64<E> where Self: Expression {}
impl<E: SelectableExpression<Source>, Source> SelectableExpression<Source> for SumI64<E> where
    Self: AppearsOnTable<Source>
{
}

impl<E: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for SumI64<E> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        pass.push_sql("CAST(COALESCE(SUM(");
        self.0.walk_ast(pass.reborrow())?;
        pass.push_sql("), 0) AS BIGINT)");
        Ok(())
    }
}
