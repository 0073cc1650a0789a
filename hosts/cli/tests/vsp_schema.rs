//! The JSON Schema of `.vsp` files accepts every example and refuses what has the wrong shape.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use std::path::{Path, PathBuf};

use program::{anrf, root};
use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::Value;

fn schema() -> jsonschema::Validator {
    jsonschema::validator_for(&anrf(&["schema"]).code(0).json()).unwrap()
}

/// YAML as other readers see it: the core schema of YAML 1.2.
fn yaml(text: &str) -> Value {
    let mut events = Parser::new_from_str(text).map(|event| event.unwrap().0).filter(|event| {
        !matches!(event, Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::StreamEnd)
    });
    node(&mut events).unwrap()
}

/// The next value; `None` at the end of a list or mapping.
fn node<'a>(events: &mut impl Iterator<Item = Event<'a>>) -> Option<Value> {
    match events.next().unwrap() {
        Event::Scalar(text, ScalarStyle::Plain, ..) => Some(match &*text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" | "~" | "" => Value::Null,
            text => text.parse::<i64>().map(Value::from).unwrap_or_else(|_| {
                text.parse::<f64>().ok().filter(|it| it.is_finite()).map_or_else(|| text.into(), Value::from)
            }),
        }),
        Event::Scalar(text, ..) => Some(Value::String(text.into_owned())),
        Event::SequenceStart(..) => {
            let mut list = vec![];
            while let Some(item) = node(events) {
                list.push(item);
            }
            Some(Value::Array(list))
        }
        Event::MappingStart(..) => {
            let mut map = serde_json::Map::new();
            while let Some(key) = node(events) {
                let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                map.insert(key, node(events).unwrap());
            }
            Some(Value::Object(map))
        }
        _ => None,
    }
}

fn modules(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            modules(&path, found);
        } else if path.extension().is_some_and(|it| it == "vsp") {
            found.push(path);
        }
    }
}

#[test]
fn every_example_is_accepted() {
    let schema = schema();
    let mut found = vec![];
    modules(&root().join("examples"), &mut found);
    assert!(found.len() > 30);
    for path in found {
        let document = yaml(&std::fs::read_to_string(&path).unwrap());
        let errors: Vec<String> = schema
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
}

#[test]
fn wrong_shapes_are_refused() {
    let schema = schema();
    let good = std::fs::read_to_string(program::files().join("halve.vsp")).unwrap();
    assert!(schema.is_valid(&yaml(&good)));
    for (from, to) in [
        ("intent:", "intention:"),
        ("flow:", "steps:"),
        ("operation: compute", "operation: calculate"),
        ("operation: require\n    parameters: { condition:", "operation: require\n    parameters: { when:"),
        ("required: false", "required: maybe"),
        ("postconditions: [\"success IMPLIES first + second == amount\"]", "postconditions: first == amount"),
    ] {
        assert!(good.contains(from), "{from}");
        assert!(!schema.is_valid(&yaml(&good.replace(from, to))), "{to} is accepted");
    }
}
