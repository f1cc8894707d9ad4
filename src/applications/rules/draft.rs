//! What a draft holds: answers as they were typed, by class of data. Any may be missing; submitting asks for all at once.

use serde_json::{Map, Value};

/// Answers by the name of their field.
pub type Answers = Map<String, Value>;

crate::text_enum! {
    /// The classes of data of a draft: each is sealed under a key of its own.
    pub enum Part {
        Identity => "identity",
        Need => "need",
        Payment => "payment",
    }
}

impl Part {
    /// The class that a field belongs to; nothing where an application has no such field.
    pub fn of(field: &str) -> Option<Self> {
        match field {
            "given_name" | "family_name" | "jmbg" | "email" | "phone" => Some(Self::Identity),
            "address" | "municipality" | "discipline" | "association" | "household_size" | "is_single_parent"
            | "children_born" | "housing" | "income_before" | "income_during" | "benefits" | "has_other_support"
            | "declared_aid" | "is_related_to_fund" | "statement" => Some(Self::Need),
            "bank_account" | "account_holder" => Some(Self::Payment),
            _ => None,
        }
    }
}

/// Puts changes over answers: a value takes the place of the one before, null takes it away.
pub fn change(answers: &mut Answers, changes: Answers) {
    for (field, value) in changes {
        match value {
            Value::Null => drop(answers.remove(&field)),
            value => drop(answers.insert(field, value)),
        }
    }
}

/// The answers of one class.
pub fn part_of(answers: &Answers, part: Part) -> Answers {
    let of_part = answers.iter().filter(|(field, _)| Part::of(field) == Some(part));
    of_part.map(|(field, value)| (field.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn answers() -> impl Strategy<Value = Answers> {
        let field = prop::sample::select(vec!["given_name", "jmbg", "statement", "housing", "bank_account"]);
        let value = prop_oneof![Just(Value::Null), "[a-z]{0,8}".prop_map(Value::from)];
        prop::collection::btree_map(field.prop_map(str::to_owned), value, 0..5)
            .prop_map(|answers| answers.into_iter().collect())
    }

    proptest! {
        #[test]
        fn what_is_not_named_stays(before in answers(), changes in answers()) {
            let mut after = before.clone();
            change(&mut after, changes.clone());
            for (field, value) in &after {
                prop_assert_eq!(Some(value), changes.get(field).or(before.get(field)));
            }
            let kept = before.iter().filter(|(field, _)| !changes.contains_key(*field));
            prop_assert!(kept.into_iter().all(|(field, value)| after.get(field) == Some(value)));
        }

        #[test]
        fn the_parts_are_the_whole(answers in answers()) {
            let mut joined = Answers::new();
            Part::ALL.iter().for_each(|part| joined.extend(part_of(&answers, *part)));
            prop_assert_eq!(joined, answers);
        }
    }

    #[test]
    fn null_takes_an_answer_away() {
        let mut answers: Answers = [("phone".to_owned(), json!("1"))].into_iter().collect();
        change(&mut answers, [("phone".to_owned(), Value::Null)].into_iter().collect());
        assert!(answers.is_empty());
    }
}
