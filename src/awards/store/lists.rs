//! Pages of awards: each order has an index.

use diesel::prelude::*;

use super::{Row, stands};
use crate::awards::actions::{Award, AwardState};
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{AwardId, CallId};
use crate::money::Money;
use crate::page::KeyCursor;
use crate::schema::{award_reinstatements, award_releases, awards};

crate::text_enum! {
    /// In which order awards are listed.
    pub enum AwardSort {
        BestFirst => "rank",
        LeastFirst => "gross",
        MostFirst => "-gross",
        ByReference => "reference",
    }
}

impl AwardSort {
    /// Where an award stands in this order.
    pub fn place_of(self, award: &Award) -> KeyCursor {
        let key = match self {
            Self::BestFirst => i64::from(award.rank),
            Self::LeastFirst | Self::MostFirst => award.gross.minor(),
            // The code is looked up by the id; it never changes.
            Self::ByReference => 0,
        };
        KeyCursor { key, id: award.id.uuid() }
    }
}

/// What a list of awards is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub state: Option<AwardState>,
    pub reference: Option<String>,
    pub sort: AwardSort,
}

/// A page of a call's awards; all of them where the number of rows is left out.
pub(in crate::awards) fn page(
    conn: &mut Conn,
    call: CallId,
    wanted: &Wanted,
    after: Option<KeyCursor>,
    rows: Option<i64>,
) -> Result<Vec<Award>> {
    let mut found = awards::table.filter(awards::call_id.eq(call)).select(Row::as_select()).into_boxed();
    let released = award_releases::table.filter(stands!()).select(award_releases::award_id);
    found = match wanted.state {
        None => found,
        Some(AwardState::Released) => found.filter(awards::id.eq_any(released)),
        Some(AwardState::Standing) => found.filter(awards::id.ne_all(released)),
    };
    if let Some(reference) = &wanted.reference {
        // Codes are made of capitals, and typed as it comes.
        let capitals = reference.to_ascii_uppercase();
        found = found.filter(awards::reference.eq(reference).or(awards::reference.eq(capitals)));
    }
    if let Some((key, id)) = after.map(|cursor| (cursor.key, AwardId::from(cursor.id))) {
        let gross = Money::from_minor(key);
        found = match wanted.sort {
            AwardSort::BestFirst => {
                // No rank is beyond a number that is none.
                let rank = i32::try_from(key).unwrap_or(i32::MAX);
                found.filter(awards::rank.ge(rank)).filter(awards::rank.gt(rank).or(awards::id.gt(id)))
            }
            AwardSort::LeastFirst => {
                found.filter(awards::gross.ge(gross)).filter(awards::gross.gt(gross).or(awards::id.gt(id)))
            }
            AwardSort::MostFirst => {
                found.filter(awards::gross.le(gross)).filter(awards::gross.lt(gross).or(awards::id.lt(id)))
            }
            AwardSort::ByReference => match reference_of(conn, call, id)? {
                Some(reference) => found.filter(awards::reference.gt(reference)),
                None => return Ok(Vec::new()),
            },
        };
    }
    found = match wanted.sort {
        AwardSort::BestFirst => found.order((awards::rank, awards::id)),
        AwardSort::LeastFirst => found.order((awards::gross, awards::id)),
        AwardSort::MostFirst => found.order((awards::gross.desc(), awards::id.desc())),
        AwardSort::ByReference => found.order(awards::reference),
    };
    if let Some(rows) = rows {
        found = found.limit(rows);
    }
    let found: Vec<Row> = found.load(conn)?;
    Ok(found.into_iter().map(Award::from).collect())
}

/// The reference code of an award of a call; nothing stands behind one that is not there.
fn reference_of(conn: &mut Conn, call: CallId, id: AwardId) -> Result<Option<String>> {
    let this = awards::table.filter(awards::id.eq(id)).filter(awards::call_id.eq(call));
    Ok(this.select(awards::reference).first(conn).optional()?)
}
