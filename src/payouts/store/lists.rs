//! Pages of payouts: each order has an index, and another behind each state.

use diesel::prelude::*;

use super::{Row, TIMES, Times};
use crate::clock::Instant;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{CallId, PayoutId};
use crate::money::Money;
use crate::page::KeyCursor;
use crate::payouts::rules::{Payout, PayoutState};
use crate::schema::payouts;

crate::text_enum! {
    /// In which order payouts are listed.
    pub enum PayoutSort {
        OldestFirst => "prepared_at",
        NewestFirst => "-prepared_at",
        LeastFirst => "amount",
        MostFirst => "-amount",
        ByReference => "reference",
    }
}

impl PayoutSort {
    /// Where a payout stands in this order.
    pub fn place_of(self, payout: &Payout, times: &Times) -> KeyCursor {
        let key = match self {
            Self::OldestFirst | Self::NewestFirst => times.prepared_at.micros(),
            Self::LeastFirst | Self::MostFirst => payout.amount.minor(),
            // The code is looked up by the id; it never changes.
            Self::ByReference => 0,
        };
        KeyCursor { key, id: payout.id.uuid() }
    }
}

/// What a list of payouts is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub state: Option<PayoutState>,
    pub reference: Option<String>,
    pub sort: PayoutSort,
}

/// A page of a call's payouts; all of them where the number of rows is left out.
pub(in crate::payouts) fn page(
    conn: &mut Conn,
    call: CallId,
    wanted: &Wanted,
    after: Option<KeyCursor>,
    rows: Option<i64>,
) -> Result<Vec<(Payout, Times)>> {
    let of_call = payouts::table.filter(payouts::call_id.eq(call));
    let mut found = of_call.select((Row::as_select(), TIMES)).into_boxed();
    if let Some(state) = wanted.state {
        found = found.filter(payouts::state.eq(state));
    }
    if let Some(reference) = &wanted.reference {
        // Codes are made of capitals, and typed as it comes.
        let capitals = reference.to_ascii_uppercase();
        found = found.filter(payouts::reference.eq(reference).or(payouts::reference.eq(capitals)));
    }
    if let Some((key, id)) = after.map(|cursor| (cursor.key, PayoutId::from(cursor.id))) {
        let (at, amount) = (Instant::from_micros(key), Money::from_minor(key));
        found = match wanted.sort {
            PayoutSort::OldestFirst => {
                found.filter(payouts::prepared_at.ge(at)).filter(payouts::prepared_at.gt(at).or(payouts::id.gt(id)))
            }
            PayoutSort::NewestFirst => {
                found.filter(payouts::prepared_at.le(at)).filter(payouts::prepared_at.lt(at).or(payouts::id.lt(id)))
            }
            PayoutSort::LeastFirst => {
                found.filter(payouts::amount.ge(amount)).filter(payouts::amount.gt(amount).or(payouts::id.gt(id)))
            }
            PayoutSort::MostFirst => {
                found.filter(payouts::amount.le(amount)).filter(payouts::amount.lt(amount).or(payouts::id.lt(id)))
            }
            PayoutSort::ByReference => match reference_of(conn, call, id)? {
                Some(reference) => found.filter(payouts::reference.gt(reference)),
                None => return Ok(Vec::new()),
            },
        };
    }
    found = match wanted.sort {
        PayoutSort::OldestFirst => found.order((payouts::prepared_at, payouts::id)),
        PayoutSort::NewestFirst => found.order((payouts::prepared_at.desc(), payouts::id.desc())),
        PayoutSort::LeastFirst => found.order((payouts::amount, payouts::id)),
        PayoutSort::MostFirst => found.order((payouts::amount.desc(), payouts::id.desc())),
        PayoutSort::ByReference => found.order(payouts::reference),
    };
    if let Some(rows) = rows {
        found = found.limit(rows);
    }
    let found: Vec<(Row, Times)> = found.load(conn)?;
    Ok(found.into_iter().map(|(row, times)| (Payout::from(row), times)).collect())
}

/// The reference code of a payout of a call; nothing stands behind one that is not there.
fn reference_of(conn: &mut Conn, call: CallId, id: PayoutId) -> Result<Option<String>> {
    let this = payouts::table.filter(payouts::id.eq(id)).filter(payouts::call_id.eq(call));
    Ok(this.select(payouts::reference).first(conn).optional()?)
}
