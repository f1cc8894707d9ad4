//! Reading `call.json`: the rules of the call and the seed of its draw; every error knows its key, line and column.

use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::CaseError;
use super::table::open_file;
use crate::calls::{Problem, Rules};

pub const FILE: &str = "call.json";
const LARGEST_FILE: u64 = 1 << 20;
/// Characters; a message that repeats a whole file helps nobody.
const LONGEST_MESSAGE: usize = 500;

/// The rules, the seed of the draw, and the text, in which keys are found again.
pub struct CallFile {
    pub rules: Rules,
    pub seed: Option<String>,
    text: String,
}

impl CallFile {
    pub fn read(folder: &Path) -> Result<Self, CaseError> {
        let mut bytes = Vec::new();
        let mut file = open_file(folder, FILE, LARGEST_FILE)?;
        file.read_to_end(&mut bytes).map_err(|error| CaseError::of_file(FILE, error))?;
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(&error))?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        if text.trim().is_empty() {
            return Err(CaseError {
                line: Some(1),
                ..CaseError::of_file(FILE, "the file is empty; it must hold the call's rules as JSON")
            });
        }
        let mut rules = parse(&text)?;
        let mut problems = wrong_shape(&text, &rules).into_iter().chain(rules.problems()).chain(missing_seed(&rules));
        if let Some(problem) = problems.next() {
            return Err(at_key(&text, &problem));
        }
        let seed = rules.allocation.seed.take();
        Ok(Self { rules, seed, text })
    }

    /// A problem with a key, where it stands in the file.
    pub fn wrong(&self, problem: &Problem) -> CaseError {
        at_key(&self.text, problem)
    }
}

/// A case tells the seed with the rules, and lots cannot be drawn without one.
fn missing_seed(rules: &Rules) -> Option<Problem> {
    let is_missing = rules.allocation.needs_seed() && rules.allocation.seed.is_none();
    let reason = "lots decide in this call; the key `seed` is missing".to_owned();
    is_missing.then(|| Problem { key: "allocation".into(), code: "missing", other: Some("seed"), reason })
}

/// What serde would forgive: a list in the place of an object, or a key that is there with nothing in it.
fn wrong_shape(text: &str, rules: &Rules) -> Option<Problem> {
    let (written, read) = (serde_json::from_str(text).ok()?, serde_json::to_value(rules).ok()?);
    shape_problem("", &written, &read)
}

fn shape_problem(key: &str, written: &Value, read: &Value) -> Option<Problem> {
    let problem = |reason: &str| {
        Some(Problem { key: key.to_owned(), code: "wrong_type", other: None, reason: reason.to_owned() })
    };
    match (written, read) {
        (Value::Null, _) => problem("is null; leave the key out"),
        (Value::Object(written), Value::Object(read)) => written.iter().find_map(|(name, value)| {
            let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
            shape_problem(&key, value, read.get(name).unwrap_or(&Value::Bool(true)))
        }),
        (_, Value::Object(_)) => problem("must be an object in braces"),
        (Value::Array(written), Value::Array(read)) => written
            .iter()
            .zip(read)
            .enumerate()
            .find_map(|(at, (value, read))| shape_problem(&format!("{key}[{at}]"), value, read)),
        _ => None,
    }
}

fn not_utf8(error: &std::string::FromUtf8Error) -> CaseError {
    let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
    let (line, column) = place_of_end(good);
    wrong(line, column.to_string(), "is not UTF-8 text".into())
}

fn parse(text: &str) -> Result<Rules, CaseError> {
    let value: Value = serde_json::from_str(text).map_err(|error| json_error(&error, ""))?;
    if !value.is_object() {
        return Err(wrong(1, "1".into(), "must be an object in braces".into()));
    }
    let mut from = serde_json::Deserializer::from_str(text);
    let rules = serde_path_to_error::deserialize(&mut from).map_err(|error| {
        let path = error.path().to_string();
        let key = if path == "." { String::new() } else { format!(", key {path}") };
        json_error(error.inner(), &key)
    })?;
    from.end().map_err(|error| json_error(&error, ""))?;
    Ok(rules)
}

fn json_error(error: &serde_json::Error, key: &str) -> CaseError {
    // serde_json ends its messages with the place, which ours begin with.
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let reason = message.strip_suffix(place.as_str()).unwrap_or(&message);
    let cut = |text: &str| text.chars().take(LONGEST_MESSAGE).collect::<String>();
    wrong(error.line(), cut(&format!("{}{key}", error.column())), cut(reason))
}

fn at_key(text: &str, problem: &Problem) -> CaseError {
    let (line, column) = find_key(text, &problem.key);
    wrong(line, format!("{column}, key {}", problem.key), problem.reason.clone())
}

fn wrong(line: usize, column: String, reason: String) -> CaseError {
    let line = u64::try_from(line).ok();
    CaseError { file: FILE.to_owned(), line, column: Some(column), reason }
}

/// Line and column, from 1, of a key such as `allocation.bands[1].amount`: each part is looked for behind the one before.
fn find_key(text: &str, key: &str) -> (usize, usize) {
    let mut rest = text;
    for part in key.split('.') {
        let (name, index) = match part.split_once('[') {
            Some((name, index)) => (name, index.trim_end_matches(']').parse().unwrap_or(0)),
            None => (part, 0_usize),
        };
        let Some((_, behind)) = rest.split_once(&format!("\"{name}\"")) else { break };
        rest = behind;
        if part.contains('[') {
            rest = behind_items(rest, index).trim_start();
        }
    }
    let read = text.len().saturating_sub(rest.len());
    place_of_end(text.as_bytes().get(..read).unwrap_or_default())
}

/// What stands behind the opening bracket and the first `count` items of a list, brackets and texts balanced.
fn behind_items(text: &str, count: usize) -> &str {
    let (mut depth, mut commas, mut is_quoted, mut is_escaped) = (0_i32, 0_usize, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '[' | '{' => depth = depth.saturating_add(1),
            ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 1 => commas = commas.saturating_add(1),
            _ => continue,
        }
        let has_arrived = depth == 1 && !is_quoted && (letter == ',' || letter == '[') && commas == count;
        if has_arrived {
            return text.split_at_checked(at.saturating_add(1)).map_or(text, |(_, behind)| behind);
        }
    }
    text
}

/// Line and column just behind some bytes.
fn place_of_end(bytes: &[u8]) -> (usize, usize) {
    let line = bytes.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
    let column = bytes.iter().rev().take_while(|byte| **byte != b'\n').count().saturating_add(1);
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_where_they_stand() {
        let text = "{\n \"code\": \"x\",\n \"allocation\": {\n  \"bands\": [\n   {\"limit\": 1, \"amount\": 2},\n   {\"limit\": 3,\n    \"amount\": 4}\n  ]\n }\n}";
        assert_eq!(find_key(text, "code").0, 2);
        assert_eq!(find_key(text, "allocation").0, 3);
        assert_eq!(find_key(text, "allocation.bands[0].amount").0, 5);
        assert_eq!(find_key(text, "allocation.bands[1].amount").0, 7);
        assert_eq!(find_key(text, "nothing"), (1, 1));
        let nested = "{\"categories\": [\n {\"title\": {\"sr\": \"a, {b\"}, \"number\": 1},\n {\"title\": {\"sr\": \"c\"},\n \"number\": 2},\n {\"number\": 1}],\n\"ties\": [\"draw\",\n\"draw\"]}";
        assert_eq!(find_key(nested, "categories[0].number").0, 2);
        assert_eq!(find_key(nested, "categories[1].number").0, 4);
        assert_eq!(find_key(nested, "categories[2].number").0, 5);
        assert_eq!(find_key(nested, "ties[1]").0, 7);
    }
}
