//! The rules of a call in a body: every key that is wrong is told at once, by its path.

use serde_json::{Map, Value};

use super::rules_repair::{SAMPLE, check_shape, repair};
use crate::calls::rules::{Problem, Rules, YEARS};
use crate::error::FieldError;
use crate::language::is_hidden;
use crate::web::{Fields, Input};

/// More wrong keys than these are not looked for.
const MOST_REPAIRS: usize = 100;

/// Of a code, in characters.
const LONGEST_CODE: usize = 100;

/// A body that holds rules and nothing else.
pub struct RulesBody(pub Rules);

impl Input for RulesBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        match read(fields.take_all()) {
            Ok(rules) => Some(Self(rules)),
            Err(wrong) => {
                wrong.into_iter().for_each(|wrong| fields.wrong(wrong));
                None
            }
        }
    }
}

/// Reads rules. What serde refuses is remembered and put right from the sample, until nothing more is found.
fn read(values: Map<String, Value>) -> Result<Rules, Vec<FieldError>> {
    let mut value = Value::Object(values);
    let mut wrong = Vec::new();
    let has_seed = value.pointer("/allocation/seed").is_some_and(|seed| !seed.is_null());
    check_shape("", &mut value, &SAMPLE, &mut wrong);
    for _ in 0..MOST_REPAIRS {
        match serde_path_to_error::deserialize::<_, Rules>(&value) {
            Ok(rules) => return judge(rules, has_seed, wrong),
            Err(error) => {
                let path = error.path().to_string();
                let message = error.inner().to_string();
                let found = repair(&mut value, &path, &message);
                let is_new = found.as_ref().is_some_and(|found| !wrong.contains(found));
                wrong.extend(found);
                if !is_new {
                    break;
                }
            }
        }
    }
    Err(wrong)
}

/// What well-formed rules contradict, unless it is about a key that was put right.
fn judge(rules: Rules, has_seed: bool, mut wrong: Vec<FieldError>) -> Result<Rules, Vec<FieldError>> {
    let mut contradictions: Vec<FieldError> = rules.problems().into_iter().map(field_error).collect();
    let more: Vec<FieldError> =
        asked_beside(&rules).into_iter().filter(|more| !contradictions.contains(more)).collect();
    // A title that holds such a sign is not missing.
    let is_beside = |found: &FieldError| more.iter().any(|more| more.field == found.field);
    contradictions.retain(|found| found.code != "missing" || !is_beside(found));
    contradictions.extend(more);
    let is_repaired =
        |field: &str| wrong.iter().any(|wrong| field.starts_with(&wrong.field) || wrong.field.starts_with(field));
    let fresh: Vec<FieldError> = contradictions.into_iter().filter(|found| !is_repaired(&found.field)).collect();
    wrong.extend(fresh);
    if has_seed {
        wrong.push(FieldError { field: "allocation.seed".into(), code: "seed_later", argument: None });
    }
    if wrong.is_empty() { Ok(rules) } else { Err(wrong) }
}

/// What is asked of the rules of a new call beside [`Rules::problems`], to which a case is held as well. The format of
/// cases asks none of this: a case may have any code, a single moment for all of its applications (both ends belong to
/// the call), ages and aid that are counted on any day, and any signs in its titles. A round that is played again keeps
/// what it had.
fn asked_beside(rules: &Rules) -> Vec<FieldError> {
    let mut found = Vec::new();
    let mut check = |is_right: bool, field: &str, code: &'static str, other: Option<&str>| {
        if !is_right {
            let argument = other.map(|other| ("other", other.to_owned()));
            found.push(FieldError { field: field.to_owned(), code, argument });
        }
    };
    check(is_code(&rules.code), "code", "call_code", None);
    let window = rules.aid_window;
    let days = [
        ("reference_date", rules.reference_date),
        ("aid_window.from", window.from),
        ("aid_window.until", window.until),
    ];
    for (path, day) in days {
        check(YEARS.contains(&day.parts().0), path, "year", None);
    }
    // For a single moment nobody can apply.
    check(rules.opens_at != rules.closes_at, "closes_at", "not_after", Some("opens_at"));
    for (path, text) in public_lines(rules) {
        check(!text.contains(|sign: char| sign.is_control() || is_hidden(sign)), &path, "control_character", None);
    }
    found
}

/// What everybody is shown as a text of one line, by its path.
fn public_lines(rules: &Rules) -> Vec<(String, &str)> {
    let call = std::iter::once(("title".to_owned(), &rules.title));
    let categories = rules.categories.iter().enumerate();
    let categories = categories
        .filter_map(|(at, category)| category.title.as_ref().map(|title| (format!("categories[{at}].title"), title)));
    let documents = rules.documents.iter().enumerate();
    let documents = documents.map(|(at, document)| (format!("documents[{at}].title"), &document.title));
    let titles = call.chain(categories).chain(documents).flat_map(|(path, title)| {
        let english = title.en.as_deref().map(|text| (format!("{path}.en"), text));
        std::iter::once((format!("{path}.sr"), title.sr.as_str())).chain(english)
    });
    titles.chain(rules.tax_basis.as_deref().map(|text| ("tax_basis".to_owned(), text))).collect()
}

/// A code is the name of a book and stands on the command line: what looks alike must be alike, and no blank is in it.
fn is_code(code: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let begins_well = code.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
    begins_well && code.len() <= LONGEST_CODE && code.bytes().all(is_sign)
}

fn field_error(problem: Problem) -> FieldError {
    let Problem { key, code, other, .. } = problem;
    match (code, other) {
        ("missing", Some(other)) => FieldError { field: format!("{key}.{other}"), code, argument: None },
        (_, other) => FieldError { field: key, code, argument: other.map(|other| ("other", other.to_owned())) },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::rules_repair::{at_mut, joined};
    use super::*;

    fn told(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut value = SAMPLE.clone();
        value["allocation"].as_object_mut().unwrap().remove("seed");
        change(&mut value);
        let wrong = read(value.as_object().unwrap().clone()).err().unwrap_or_default();
        wrong.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.code)).collect()
    }

    #[test]
    fn the_sample_has_every_key_and_is_valid() {
        assert_eq!(told(|_| ()), Vec::<String>::new());
        let rules: Rules = serde_json::from_value(SAMPLE.clone()).unwrap();
        assert_eq!(serde_json::to_value(rules).unwrap(), *SAMPLE);
    }

    #[test]
    fn every_wrong_key_is_told_at_once() {
        let wrong = told(|value| {
            value["code"] = json!(5);
            value["title"] = json!(["Poziv"]);
            value["opens_at"] = json!("2020-07-16");
            value["reference_date"] = json!("6.5.2020.");
            value["one_per_household"] = json!("yes");
            value["most_means_over"] = json!("1.5");
            value["surprise"] = json!(1);
            value["payment_code"] = json!("12");
            value.as_object_mut().unwrap().remove("aid_window");
            value["categories"][0]["conditions"]["min_age"] = json!(-1);
            value["categories"][0]["conditions"]["income_lost"] = json!("some");
            value["allocation"]["bands"] = json!([{"amount": "1.00"}, {"amount": 2, "extra": 0}]);
            value["allocation"]["method"] = json!("lottery");
        });
        let mut wrong = wrong;
        wrong.sort();
        insta::assert_snapshot!(wrong.join("\n"), @r"
        aid_window: missing
        allocation.bands[1].amount: amount
        allocation.bands[1].extra: unknown
        allocation.method: word
        categories[0].conditions.income_lost: word
        categories[0].conditions.min_age: number
        code: wrong_type
        most_means_over: share
        one_per_household: flag
        opens_at: instant
        payment_code: payment_code
        reference_date: date
        surprise: unknown
        title: wrong_type
        ");
    }

    #[test]
    fn what_contradicts_itself_is_told_by_its_key() {
        let wrong = told(|value| {
            value["closes_at"] = json!("2020-01-01T00:00:00+01:00");
            value["currency"] = json!("EUR");
            value["allocation"]["method"] = json!("category_order");
            value["allocation"].as_object_mut().unwrap().remove("full_amount");
            value["allocation"].as_object_mut().unwrap().remove("minimum_amount");
            value["allocation"]["ties"] = json!(["draw", "draw"]);
            value["allocation"]["seed"] = json!("x");
        });
        insta::assert_snapshot!(wrong.join("\n"), @r"
        closes_at: before
        currency: currency_dinar
        allocation.ties[1]: twice
        allocation.full_amount: missing
        allocation.minimum_amount: missing
        allocation.seed: seed_later
        ");
    }

    #[test]
    fn what_cannot_work_is_told_by_its_key() {
        let wrong = told(|value| {
            value["code"] = json!("2020\u{200b}-1");
            value["opens_at"] = json!("1970-01-01T00:00:00Z");
            value["categories"][0]["conditions"]["min_age"] = json!(121);
            value["categories"][0]["conditions"]["child_younger_than"] = json!(0);
            value["allocation"]["round_down_to"] = json!("30000.01");
        });
        insta::assert_snapshot!(wrong.join("\n"), @r"
        code: call_code
        opens_at: year
        categories[0].conditions.min_age: age
        categories[0].conditions.child_younger_than: above_zero
        allocation.round_down_to: above
        ");
        let of_method = |method: &str, change: fn(&mut Value)| {
            told(|value| {
                value["allocation"]["method"] = json!(method);
                change(&mut value["allocation"]);
            })
        };
        let split = |allocation: &mut Value| allocation["cap"] = json!("99.99");
        assert_eq!(of_method("equal_split", split), ["allocation.round_down_to: above"]);
        // A band may get next to nothing: nobody is misled by an amount that stands there.
        let bands = |allocation: &mut Value| allocation["bands"][0]["amount"] = json!("99.99");
        assert_eq!(of_method("income_bands", bands), Vec::<String>::new());
        // What a method does not use has no effect.
        let unused = |allocation: &mut Value| allocation["cap"] = json!("99.99");
        assert_eq!(of_method("draw", unused), Vec::<String>::new());
        let whole = |allocation: &mut Value| allocation["round_down_to"] = json!("30000.00");
        assert_eq!(of_method("draw", whole), Vec::<String>::new());
    }

    #[test]
    fn a_code_is_of_plain_signs() {
        let with = |code: &str| told(|value| value["code"] = json!(code));
        let (longest, too_long) = ("x".repeat(100), "x".repeat(101));
        for right in ["2020-1", "x", "7", "T_a.b-2", longest.as_str()] {
            assert_eq!(with(right), Vec::<String>::new(), "{right}");
        }
        let strange = ["позив", "2020-\u{430}", "a\u{301}", "č", "a/b", "a\nb", too_long.as_str()];
        for wrong in ["", " 2020", "2020 ", "2020 1", "-2020", ".2020", "_2020"].into_iter().chain(strange) {
            assert_eq!(with(wrong), ["code: call_code"], "{wrong:?}");
        }
    }

    #[test]
    fn a_call_is_of_our_time_and_takes_applications_for_a_while() {
        let on = |day: &str| told(|value| value["reference_date"] = json!(day));
        for wrong in ["1999-12-31", "2100-01-01", "0202-05-06"] {
            assert_eq!(on(wrong), ["reference_date: year"], "{wrong}");
        }
        let window =
            |from: &str, until: &str| told(|value| value["aid_window"] = json!({"from": from, "until": until}));
        assert_eq!(window("0020-03-15", "2020-10-15"), ["aid_window.from: year"]);
        assert_eq!(window("2020-03-15", "9999-12-31"), ["aid_window.until: year"]);
        assert_eq!(window("2000-01-01", "2099-12-31"), Vec::<String>::new());
        assert_eq!([on("2000-01-01"), on("2099-12-31")], [Vec::<String>::new(), Vec::new()]);
        assert_eq!(told(|value| value["closes_at"] = value["opens_at"].clone()), ["closes_at: not_after"]);
    }

    #[test]
    fn public_texts_are_lines_whose_every_sign_is_seen() {
        let paths = [
            ("/title/sr", "title.sr"),
            ("/title/en", "title.en"),
            ("/tax_basis", "tax_basis"),
            ("/categories/0/title/sr", "categories[0].title.sr"),
            ("/categories/0/title/en", "categories[0].title.en"),
            ("/documents/0/title/sr", "documents[0].title.sr"),
            ("/documents/0/title/en", "documents[0].title.en"),
        ];
        for (place, path) in paths {
            for hidden in ["a\0b", "a\nb", "a\u{202e}b", "a\u{200b}", "\u{2066}a"] {
                let wrong = told(|value| *value.pointer_mut(place).unwrap() = json!(hidden));
                assert_eq!(wrong, [format!("{path}: control_character")], "{hidden:?}");
            }
        }
        assert_eq!(told(|value| value["title"]["sr"] = json!(" ")), ["title.sr: missing"]);
        assert_eq!(told(|value| value["title"]["sr"] = json!("Pomoć – „2020“ (Помоћ)")), Vec::<String>::new());
    }

    #[test]
    fn a_case_may_have_what_a_new_call_may_not() {
        let mut value = SAMPLE.clone();
        value["code"] = json!("Позив 2020/1");
        value["reference_date"] = json!("1999-12-31");
        value["closes_at"] = value["opens_at"].clone();
        value["aid_window"]["from"] = json!("1999-12-31");
        value["tax_basis"] = json!("a\nb");
        let rules: Rules = serde_json::from_value(value).unwrap();
        assert_eq!((rules.problems(), asked_beside(&rules).len()), (vec![], 5));
    }

    #[test]
    fn what_is_too_large_is_told_as_that() {
        let mut wrong = told(|value| {
            value["appeal_days"] = json!(65_536);
            value["categories"][0]["number"] = json!(2_147_483_648_u32);
            value["categories"][0]["conditions"]["min_age"] = json!(256);
            value["categories"][0]["conditions"]["child_younger_than"] = json!(1e20);
            value["categories"][0]["conditions"]["benefits_at_most"] = json!("99999999999999999999");
            value["allocation"]["budget"] = json!("92233720368547758.08");
            value["allocation"]["cap"] = json!(1e20);
        });
        wrong.sort();
        insta::assert_snapshot!(wrong.join("\n"), @r"
        allocation.budget: amount_too_large
        allocation.cap: amount
        appeal_days: number_too_large
        categories[0].conditions.benefits_at_most: amount_too_large
        categories[0].conditions.child_younger_than: age
        categories[0].conditions.min_age: age
        categories[0].number: number_too_large
        ");
        assert_eq!(told(|value| value["appeal_days"] = json!(8.5)), ["appeal_days: number"]);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z0-9.:-]{0,12}".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect()))
            ]
        })
    }

    proptest! {
        /// Whatever stands in the place of a key, the key is told, and the others are not.
        #[test]
        fn a_wrong_key_is_found_wherever_it_stands(replacement in any_json(), at in 0..100_usize) {
            fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
                match value {
                    Value::Object(fields) => fields.iter().for_each(|(name, value)| paths(value, &joined(path, name), found)),
                    Value::Array(items) => items.iter().take(1).for_each(|item| paths(item, &format!("{path}[0]"), found)),
                    _ => {}
                }
                found.push(path.to_owned());
            }
            let mut value = SAMPLE.clone();
            value["allocation"].as_object_mut().unwrap().remove("seed");
            let mut all = Vec::new();
            paths(&value, "", &mut all);
            all.retain(|path| !path.is_empty());
            let path = all[at % all.len()].clone();
            *at_mut(&mut value, &path).unwrap() = replacement;
            if let Err(wrong) = read(value.as_object().unwrap().clone()) {
                prop_assert!(!wrong.is_empty());
                prop_assert!(wrong.iter().all(|wrong| !wrong.field.is_empty()), "{wrong:?}");
            }
        }
    }
}
