//! The document of the API: held by a snapshot in docs/openapi.json, and complete.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::project;
use crate::tidy::sources;

fn document() -> Value {
    serde_json::from_slice(fond::startup::document().unwrap().json()).unwrap()
}

/// Every operation: method, path, its part of the document.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    found
}

#[test]
fn the_document_is_the_one_in_docs() {
    let current = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    let path = project("docs/openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    let line = held.lines().zip(current.lines()).position(|(held, current)| held != current);
    assert!(
        held == current,
        "the API changed (line {line:?} of docs/openapi.json); if that is meant: UPDATE_OPENAPI=1 cargo test --test code"
    );
}

#[test]
fn every_handler_is_in_the_document() {
    let mut handlers = BTreeMap::new();
    for source in sources(&["src"]) {
        for method in ["get", "post", "put", "patch", "delete", "head"] {
            let number = source.text.matches(&format!("\n#[{method}(\"")).count();
            *handlers.entry(method.to_uppercase()).or_insert(0) += number;
        }
    }
    handlers.retain(|_, number| *number > 0);
    let mut documented = BTreeMap::new();
    for (method, _, _) in operations(&document()) {
        *documented.entry(method).or_insert(0) += 1;
    }
    assert_eq!(documented, handlers);
    assert!(documented.values().sum::<usize>() >= 40, "{documented:?}");
}

#[test]
fn every_operation_says_all_about_itself() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let place = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{place}: its id is taken");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{place}: no summary");
        assert!(operation["tags"][0].is_string(), "{place}: no tag");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{place}: {parameter}");
        }
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{place}: nothing goes well");
        for status in ["400", "429", "500", "503"] {
            assert!(responses.contains_key(status), "{place}: {status} is missing");
        }
        let is_open = operation["security"].is_array();
        assert!(is_open || responses.contains_key("401"), "{place}: 401 is missing");
    }
}

/// What is answered before or behind every handler.
#[test]
fn what_may_be_answered_to_anything_is_in_the_document() {
    let document = document();
    let responses = document["components"]["responses"].as_object().unwrap();
    for status in [400, 401, 404, 405, 406, 408, 412, 413, 415, 422, 428, 429, 500, 503] {
        let problem = &responses[&format!("Problem{status}")];
        assert!(problem["content"].get("application/problem+json").is_some(), "{status}: {problem}");
    }
}

#[test]
fn every_field_is_explained_or_exemplified() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert!(schemas.len() >= 30, "{}", schemas.len());
    let mut silent = Vec::new();
    for (name, schema) in schemas {
        for (field, about) in schema["properties"].as_object().into_iter().flatten() {
            let says = ["description", "example", "format", "$ref", "oneOf", "items", "enum", "examples"];
            let is_plain = about["type"] == "boolean" || field == "association";
            if !says.iter().any(|key| about.get(key).is_some()) && !is_plain {
                silent.push(format!("{name}.{field}"));
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn no_two_schemas_share_a_name() {
    let mut names = BTreeMap::new();
    for source in sources(&["src"]) {
        for item in source.text.split("ToSchema").skip(1).filter(|item| item.starts_with(")]")) {
            let name = item.split("pub struct ").nth(1).and_then(|rest| rest.split([' ', '<', '(']).next());
            if let Some(name) = name {
                let place = (source.path.clone(), item.len());
                names.entry(name.to_owned()).or_insert_with(BTreeSet::new).insert(place);
            }
        }
    }
    assert!(names.len() >= 25, "{names:?}");
    for (name, places) in names {
        assert_eq!(places.len(), 1, "{name} is declared in {places:?}");
    }
}
