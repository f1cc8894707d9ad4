//! Two small helpers for statements that both engines have but diesel's multi-connection lacks, or prepares anew each time.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, SqlType};

use super::{Conn, MultiBackend};

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

/// `UPDATE … SET … WHERE …`, prepared once. diesel prepares its own updates each time, because their columns may vary;
/// here they never do, and preparing costs more than running (docs/decisions/0002-two-databases.md).
#[derive(Debug, Clone, Copy)]
pub struct Update<From, Changes, Filter> {
    from: From,
    changes: Changes,
    filter: Filter,
}

/// Changes the rows of a table that pass a filter; `execute` gives their number. No change may be an `Option` that
/// stands for “leave it”.
pub fn update<T, C, F>(table: T, filter: F, changes: C) -> Update<T::FromClause, C::Changeset, F>
where
    T: Table,
    C: AsChangeset<Target = T>,
{
    Update { from: table.from_clause(), changes: changes.as_changeset(), filter }
}

impl<From, Changes, Filter> QueryFragment<MultiBackend> for Update<From, Changes, Filter>
where
    From: QueryFragment<MultiBackend>,
    Changes: QueryFragment<MultiBackend>,
    Filter: QueryFragment<MultiBackend>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        pass.push_sql("UPDATE ");
        self.from.walk_ast(pass.reborrow())?;
        pass.push_sql(" SET ");
        self.changes.walk_ast(pass.reborrow())?;
        pass.push_sql(" WHERE ");
        self.filter.walk_ast(pass)
    }
}

impl<From, Changes, Filter> QueryId for Update<From, Changes, Filter> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<From, Changes, Filter> RunQueryDsl<Conn> for Update<From, Changes, Filter> {}
