//! Totals that show nobody: no figure that is told, and no difference of such figures, stands for one to four people.
//!
//! Everybody of a call stands in exactly one cell: at the last step that they took. Steps that would hold too few people in
//! the whole call are told together with the step before them; values (a municipality, say) that would are told as one row.
//! What is told are sums of cells that each hold nobody or at least five people, so every difference of them does, too.

use super::Step;
use crate::error::{Error, Result};
use crate::money::Money;

/// The fewest people that a figure may stand for, unless it is none.
pub const LEAST: i64 = 5;

const STEPS: usize = 5;

/// People and money by the last step that the people took, in the order of [`Step::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cells {
    pub people: [i64; STEPS],
    pub amounts: [Money; STEPS],
}

impl Cells {
    /// # Errors
    /// [`Error::Overflow`] where a sum leaves its range.
    pub fn add(&mut self, step: Step, people: i64, amount: Money) -> Result<()> {
        let place = Step::ALL.iter().position(|other| *other == step).unwrap_or_default();
        let mut one = Self::default();
        one.people.iter_mut().skip(place).take(1).for_each(|cell| *cell = people);
        one.amounts.iter_mut().skip(place).take(1).for_each(|cell| *cell = amount);
        *self = self.plus(&one)?;
        Ok(())
    }

    fn plus(&self, other: &Self) -> Result<Self> {
        let mut sum = *self;
        for (cell, more) in sum.people.iter_mut().zip(other.people) {
            *cell = cell.checked_add(more).ok_or(Error::Overflow)?;
        }
        for (cell, more) in sum.amounts.iter_mut().zip(other.amounts) {
            *cell = cell.plus(more)?;
        }
        Ok(sum)
    }

    fn all_people(&self) -> i64 {
        self.people.iter().fold(0, |sum, cell| sum.saturating_add(*cell))
    }

    /// Whether no figure is too small, when only these steps are told.
    fn shows_nobody(&self, told: &Told) -> bool {
        told.groups(&self.people).iter().all(|people| *people == 0 || *people >= LEAST)
    }
}

/// Which steps are told. One that is not is told together with the step before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told([bool; STEPS]);

impl Told {
    /// The people of each step that is told, with those of the steps behind it that are not.
    fn groups(&self, people: &[i64; STEPS]) -> Vec<i64> {
        let mut groups: Vec<i64> = Vec::with_capacity(STEPS);
        for (is_told, cell) in self.0.iter().zip(people) {
            match groups.last_mut() {
                Some(last) if !is_told => *last = last.saturating_add(*cell),
                _ => groups.push(*cell),
            }
        }
        groups
    }

    /// Every choice of steps that holds the first, those that tell most at the end.
    fn choices() -> Vec<Self> {
        let choice = |bits: u8| {
            let has = |bit: u32| bits.checked_shr(bit).unwrap_or_default() % 2 == 1;
            Self([true, has(0), has(1), has(2), has(3)])
        };
        let mut choices: Vec<Self> = (0..16).map(choice).collect();
        choices.sort_by_key(|choice| choice.0.iter().filter(|is_told| **is_told).count());
        choices
    }
}

/// A row of totals as it may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosedRow {
    /// Nothing for the values that are told together.
    pub value: Option<String>,
    cells: Cells,
    told: Told,
}

impl DisclosedRow {
    /// How many people took a step; nothing where that is not told.
    pub fn people(&self, step: Step) -> Option<i64> {
        self.from(step)?;
        let cells = Step::ALL.iter().zip(self.cells.people).filter(|(other, _)| **other >= step);
        Some(cells.fold(0, |sum, (_, cell)| sum.saturating_add(cell)))
    }

    /// What those who took a step were given; nothing where that is not told.
    ///
    /// # Errors
    /// [`Error::Overflow`] where a sum leaves its range.
    pub fn amount(&self, step: Step) -> Result<Option<Money>> {
        let cells = Step::ALL.iter().zip(self.cells.amounts).filter(|(other, _)| **other >= step);
        self.from(step).map(|()| Money::sum(cells.map(|(_, cell)| cell))).transpose()
    }

    fn from(&self, step: Step) -> Option<()> {
        Step::ALL.iter().zip(self.told.0).any(|(other, is_told)| *other == step && is_told).then_some(())
    }
}

/// The totals of a call in one dimension, as they may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosed {
    /// By value; what is told together stands last.
    pub rows: Vec<DisclosedRow>,
    /// The steps that are not told, because too few people stand there. All of them, where the whole call has too few.
    pub left_out: Vec<Step>,
}

/// Merges what would show somebody.
///
/// The steps are chosen for the whole call, so that they are the same in every dimension and no two of them can be compared
/// to show more. Values are merged from the smallest on, until the rest holds too.
///
/// # Errors
/// [`Error::Overflow`] where a sum leaves its range.
pub fn disclose(rows: Vec<(String, Cells)>) -> Result<Disclosed> {
    let whole = rows.iter().try_fold(Cells::default(), |sum, (_, cells)| sum.plus(cells))?;
    let Some(told) = Told::choices().into_iter().rev().find(|told| whole.shows_nobody(told)) else {
        return Ok(Disclosed { rows: Vec::new(), left_out: Step::ALL.to_vec() });
    };
    let there = rows.into_iter().filter(|(_, cells)| cells.all_people() > 0);
    let (mut kept, small): (Vec<_>, Vec<_>) = there.partition(|(_, cells)| cells.shows_nobody(&told));
    kept.sort_by(|(value, cells), (other_value, other)| {
        other.all_people().cmp(&cells.all_people()).then_with(|| other_value.cmp(value))
    });
    let mut merged = small.iter().try_fold(Cells::default(), |sum, (_, cells)| sum.plus(cells))?;
    while !merged.shows_nobody(&told) {
        let Some((_, smallest)) = kept.pop() else { break };
        merged = merged.plus(&smallest)?;
    }
    kept.sort_by(|(value, _), (other, _)| value.cmp(other));
    let row = |value: Option<String>, cells: Cells| DisclosedRow { value, cells, told };
    let mut rows: Vec<DisclosedRow> = kept.into_iter().map(|(value, cells)| row(Some(value), cells)).collect();
    if merged.all_people() > 0 {
        rows.push(row(None, merged));
    }
    let left_out = Step::ALL.iter().zip(told.0).filter(|(_, is_told)| !is_told).map(|(step, _)| *step).collect();
    Ok(Disclosed { rows, left_out })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells() -> impl Strategy<Value = Cells> {
        let people = prop::array::uniform5(prop_oneof![Just(0_i64), 0..4_i64, 0..30_i64]);
        people.prop_map(|people| Cells { people, amounts: people.map(|people| Money::from_minor(people * 100)) })
    }

    fn rows() -> impl Strategy<Value = Vec<(String, Cells)>> {
        prop::collection::vec(cells(), 0..8)
            .prop_map(|cells| (0..).zip(cells).map(|(at, cells)| (format!("V{at}"), cells)).collect())
    }

    /// What a reader knows of a row: the people at each step that is told, without those at the next one that is.
    fn known(row: &DisclosedRow) -> Vec<i64> {
        let reached: Vec<i64> = Step::ALL.iter().filter_map(|step| row.people(*step)).collect();
        let next = reached.iter().skip(1).copied().chain([0]);
        reached.iter().zip(next).map(|(people, next)| people - next).collect()
    }

    fn is_safe(people: i64) -> bool {
        people == 0 || people >= LEAST
    }

    proptest! {
        #[test]
        fn nothing_that_is_told_shows_one_to_four_people(rows in rows()) {
            let whole = rows.iter().fold(Cells::default(), |sum, (_, cells)| sum.plus(cells).unwrap());
            let total = disclose(vec![(String::new(), whole)]).unwrap();
            let told = disclose(rows).unwrap();
            prop_assert_eq!(&told.left_out, &total.left_out, "the same steps in every dimension");
            for row in told.rows.iter().chain(&total.rows) {
                for (at, exactly) in known(row).into_iter().enumerate() {
                    prop_assert!(is_safe(exactly), "{row:?} at {at}");
                }
                for step in Step::ALL {
                    prop_assert!(row.people(*step).is_none_or(is_safe), "{row:?} {step}");
                }
            }
            // The call without any choice of rows, and any choice of rows.
            if let Some(total) = total.rows.first() {
                for choice in 0..1_usize << told.rows.len() {
                    let chosen = told.rows.iter().enumerate().filter(|(at, _)| choice >> at & 1 == 1);
                    let mut left = known(total);
                    for (_, row) in chosen {
                        left.iter_mut().zip(known(row)).for_each(|(left, people)| *left -= people);
                    }
                    prop_assert!(left.iter().all(|people| is_safe(*people)), "{told:?} without {choice:b}");
                }
            }
        }

        #[test]
        fn nobody_is_lost(rows in rows()) {
            let whole = rows.iter().fold(Cells::default(), |sum, (_, cells)| sum.plus(cells).unwrap());
            let told = disclose(rows).unwrap();
            let all: i64 = told.rows.iter().filter_map(|row| row.people(Step::Submitted)).sum();
            prop_assert!(all == whole.all_people() || told.rows.is_empty() && whole.all_people() < LEAST);
            for step in Step::ALL {
                let amounts = told.rows.iter().filter_map(|row| row.amount(*step).unwrap());
                let expected = Step::ALL.iter().zip(whole.amounts).filter(|(other, _)| *other >= step);
                if !told.rows.is_empty() && !told.left_out.contains(step) {
                    prop_assert_eq!(Money::sum(amounts).unwrap(), Money::sum(expected.map(|(_, cell)| cell)).unwrap());
                }
            }
        }

        /// What needs no merging is told as it is.
        #[test]
        fn large_cells_stay(rows in prop::collection::vec(prop::array::uniform5(prop_oneof![Just(0), 5..50_i64]), 0..8)) {
            let rows: Vec<(String, Cells)> =
                (0..).zip(rows).map(|(at, people)| (format!("V{at}"), Cells { people, ..Cells::default() })).collect();
            let there = rows.iter().filter(|(_, cells)| cells.all_people() > 0).count();
            let told = disclose(rows).unwrap();
            prop_assert!(told.left_out.is_empty() && told.rows.len() == there);
            prop_assert!(told.rows.iter().all(|row| row.value.is_some()));
        }
    }

    #[test]
    fn small_values_are_told_together_and_small_steps_with_the_one_before() {
        let cells = |people| Cells { people, ..Cells::default() };
        let rows = [("Bor", [2, 0, 0, 0, 9]), ("Niš", [9, 9, 0, 2, 9]), ("Ub", [6, 0, 0, 0, 0])];
        let told = disclose(rows.map(|(value, people)| (value.to_owned(), cells(people))).to_vec()).unwrap();
        assert_eq!(told.left_out, [Step::Paid], "two people were awarded and are not paid yet");
        let shown: Vec<_> = told.rows.iter().map(|row| (row.value.as_deref(), known(row))).collect();
        assert_eq!(shown, [(Some("Niš"), vec![9, 9, 0, 11]), (None, vec![8, 0, 0, 9])]);
    }
}
