//! How people are reached whom the journal names by their ids.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::accounts::actions::erasing;
use crate::applications::actions::reaching;
use crate::calls;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{CallId, PersonId};
use crate::web::Cell;

/// How somebody is reached.
#[derive(Default)]
pub(super) struct Reached {
    /// As `CALL/CODE`, the oldest first.
    pub references: Vec<String>,
    has_account: bool,
    is_readable: bool,
}

impl Reached {
    /// The references and the way, as two columns of a file. The code of a call is what an administrator made of it.
    pub fn columns(&self) -> [Cell; 2] {
        let way = match (self.has_account, self.is_readable) {
            (true, _) => "account",
            (false, true) => "application",
            (false, false) => "nothing",
        };
        [Cell::text(self.references.join(" ")), Cell::exact(way)]
    }
}

/// How these people are reached.
pub(super) fn of(conn: &mut Conn, people: &BTreeSet<PersonId>) -> Result<BTreeMap<PersonId, Reached>> {
    let people: Vec<PersonId> = people.iter().copied().collect();
    let mut reached: BTreeMap<PersonId, Reached> = BTreeMap::new();
    for person in erasing::with_login(conn, &people)? {
        reached.entry(person).or_default().has_account = true;
    }
    let mut codes = BTreeMap::new();
    for found in reaching::of_people(conn, &people)? {
        let code = written(conn, &mut codes, found.call, &found.reference)?;
        let person = reached.entry(found.person).or_default();
        person.references.push(code);
        person.is_readable |= found.is_readable;
    }
    Ok(reached)
}

/// `CALL/CODE`: a code names one application in a call.
pub(super) fn written(
    conn: &mut Conn,
    codes: &mut BTreeMap<CallId, String>,
    call: CallId,
    reference: &str,
) -> Result<String> {
    let code = match codes.entry(call) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unknown) => unknown.insert(calls::actions::find(conn, call)?.code),
    };
    Ok(format!("{code}/{reference}"))
}
