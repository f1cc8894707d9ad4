//! What the totals count: people and money by where an application stands, along the dimensions in which it is looked at.

mod disclose;

use std::collections::BTreeMap;

pub use disclose::{Cells, Disclosed, DisclosedRow, LEAST, disclose};

use crate::applications::{ApplicationState, Uncounted};
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, CallId};
use crate::money::Money;

crate::text_enum! {
    /// By what the totals of a call are told.
    pub enum Dimension {
        /// The whole call.
        Call => "call",
        Category => "category",
        Association => "association",
        Municipality => "municipality",
        Discipline => "discipline",
        /// Of submission.
        Month => "month",
    }
}

crate::text_enum! {
    /// How far people came: each step holds everybody of the next one too.
    pub enum Step {
        Submitted => "submitted",
        Eligible => "eligible",
        Approved => "approved",
        Awarded => "awarded",
        Paid => "paid",
    }
}

impl Step {
    /// The last step that an application in a state has taken. Nothing for one of a person who is counted with another.
    ///
    /// What was declined or released was approved, and its money went back to what can be awarded.
    pub fn of(state: ApplicationState) -> Option<Self> {
        use ApplicationState as S;
        match state {
            S::Submitted | S::Ineligible | S::NeedsReview | S::Withdrawn => Some(Self::Submitted),
            S::Eligible | S::Rejected | S::NoQuorum => Some(Self::Eligible),
            S::Approved | S::Reserve | S::Unfunded | S::Declined => Some(Self::Approved),
            S::Awarded => Some(Self::Awarded),
            S::Paid => Some(Self::Paid),
            S::Merged => None,
        }
    }
}

/// A row of the totals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub call: CallId,
    pub dimension: Dimension,
    /// Empty for the whole call, and for what an application does not say.
    pub value: String,
    pub state: ApplicationState,
}

/// What a row of the totals grows by; less than nothing where people left it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    pub people: i64,
    pub amount: Money,
}

impl Change {
    fn plus(self, people: i64, amount: Money) -> Result<Self> {
        let people = self.people.checked_add(people).ok_or(Error::Overflow)?;
        Ok(Self { people, amount: self.amount.plus(amount)? })
    }

    fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

/// What the totals change by when applications are counted as they are now, instead of as they were counted before.
///
/// `net` is what each was given; it counts while the application is awarded or paid.
///
/// # Errors
/// [`Error::Overflow`] where a sum leaves its range.
pub fn changes(uncounted: &[Uncounted], net: &BTreeMap<ApplicationId, Money>) -> Result<BTreeMap<Place, Change>> {
    let mut changes: BTreeMap<Place, Change> = BTreeMap::new();
    for row in uncounted {
        let given = net.get(&row.id).copied().unwrap_or_default();
        let before = row.counted.map(|(state, category)| (state, category, -1));
        let now = (row.state, row.category, 1);
        for (state, category, people) in before.into_iter().chain([now]) {
            let counts = matches!(state, ApplicationState::Awarded | ApplicationState::Paid);
            let amount = if counts { given } else { Money::ZERO };
            let amount = if people < 0 { amount.negated()? } else { amount };
            for (dimension, value) in values(row, category) {
                let place = Place { call: row.call, dimension, value, state };
                let change = changes.entry(place).or_default();
                *change = change.plus(people, amount)?;
            }
        }
    }
    changes.retain(|_, change| !change.is_nothing());
    Ok(changes)
}

/// Where an application stands in each dimension.
fn values(row: &Uncounted, category: Option<i32>) -> [(Dimension, String); 6] {
    let (year, month, _) = row.submitted_at.in_belgrade().0.parts();
    [
        (Dimension::Call, String::new()),
        (Dimension::Category, category.map(|number| number.to_string()).unwrap_or_default()),
        (Dimension::Association, row.association.clone().unwrap_or_default()),
        (Dimension::Municipality, row.municipality.clone()),
        (Dimension::Discipline, row.discipline.clone()),
        (Dimension::Month, format!("{year:04}-{month:02}")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Instant;
    use proptest::prelude::*;

    #[test]
    fn step_table() {
        let row =
            |state: &ApplicationState| format!("{state}: {}", Step::of(*state).map_or("with another", Step::as_str));
        let table = ApplicationState::ALL.iter().map(row).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(table, @r"
        submitted: submitted
        ineligible: submitted
        needs_review: submitted
        eligible: eligible
        approved: approved
        rejected: eligible
        no_quorum: eligible
        awarded: awarded
        reserve: approved
        unfunded: approved
        paid: paid
        withdrawn: submitted
        declined: approved
        merged: with another
        ");
    }

    fn uncounted(id: ApplicationId, municipality: u8, state: ApplicationState, category: Option<i32>) -> Uncounted {
        Uncounted {
            id,
            call: CallId::NONE,
            state,
            category,
            municipality: format!("M{municipality}"),
            discipline: "dance".into(),
            association: (municipality > 1).then(|| "ULUS".to_owned()),
            submitted_at: Instant::from_micros(i64::from(municipality) * 20 * 86_400_000_000),
            counted: None,
        }
    }

    proptest! {
        /// However often applications change and whichever are counted when: in the end it is what a count of all says.
        #[test]
        fn counting_changes_ends_where_counting_anew_does(
            steps in prop::collection::vec(
                (0..6_usize, prop::sample::select(ApplicationState::ALL.to_vec()), prop::option::of(1..4_i32), any::<bool>()),
                0..60,
            ),
        ) {
            let ids: Vec<ApplicationId> = (0..6).map(|_| ApplicationId::new()).collect();
            let net: BTreeMap<ApplicationId, Money> =
                (1..).zip(&ids).map(|(at, id)| (*id, Money::from_minor(at * 100))).collect();
            let mut rows: Vec<Uncounted> = (0..)
                .zip(&ids)
                .map(|(at, id)| uncounted(*id, at % 3, ApplicationState::Submitted, None))
                .collect();
            let mut totals: BTreeMap<Place, Change> = BTreeMap::new();
            let mut count = |rows: &mut Vec<Uncounted>| {
                for (place, change) in changes(rows, &net).unwrap() {
                    let total = totals.entry(place).or_default();
                    *total = total.plus(change.people, change.amount).unwrap();
                }
                for row in rows.iter_mut() {
                    row.counted = Some((row.state, row.category));
                }
                totals.retain(|_, total| !total.is_nothing());
                totals.clone()
            };
            for (at, state, category, is_counted) in steps {
                (rows[at].state, rows[at].category) = (state, category);
                if is_counted {
                    count(&mut rows);
                }
            }
            let projected = count(&mut rows);
            let anew: Vec<Uncounted> = rows.iter().map(|row| Uncounted { counted: None, ..row.clone() }).collect();
            prop_assert_eq!(projected, changes(&anew, &net).unwrap());
        }
    }
}
