//! The JSON Schema of `.vsp` files, made from the reader's own table of keys.
//!
//! A scalar that holds an expression may be a number or a boolean to other YAML readers, so the schema
//! takes these too. What the schema cannot say, the checker does.

use anrf_language::syntax::reader::keys::{FUNCTION, Key, MODULE, OPERATIONS, PLACES, Place, Shape};
use serde_json::{Map, Value, json};

/// The JSON Schema (draft 2020-12) of a `.vsp` file, as text.
#[must_use]
pub fn vsp_schema() -> String {
    let mut definitions: Map<String, Value> = Map::new();
    for place in PLACES {
        definitions.insert(slug(place), object(place.keys.iter()));
    }
    let step = PLACES.iter().find(|place| place.keys.iter().any(|key| is_parameters(key.shape)));
    if let Some(definition) = step.and_then(|step| definitions.get_mut(&slug(step))) {
        refine_step(definition);
    }
    // A file with `node_id` is a module of one function; a key that both know is the function's.
    let module_keys = MODULE.keys.iter().filter(|key| key.name != "functions");
    let outer = module_keys.filter(|key| FUNCTION.position(key.name).is_none());
    definitions.insert("single_function".to_owned(), object(FUNCTION.keys.iter().chain(outer)));
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "anrf/vsp.json",
        "title": "A .vsp file",
        "type": "object",
        "if": { "required": ["node_id"] },
        "then": { "$ref": "#/$defs/single_function" },
        "else": { "$ref": reference(&MODULE) },
        "$defs": definitions,
    });
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

fn is_parameters(shape: Shape) -> bool {
    matches!(shape, Shape::Parameters)
}

/// The name of a place's definition: `a host operation` is `host_operation`.
fn slug(place: &Place) -> String {
    let name = place.name.trim_start_matches("an ").trim_start_matches("a ").trim_start_matches("the ");
    name.replace('`', "").replace(' ', "_")
}

fn reference(place: &Place) -> String {
    format!("#/$defs/{}", slug(place))
}

fn object(keys: impl Iterator<Item = &'static Key>) -> Value {
    let mut properties = Map::new();
    let mut required = vec![];
    for key in keys {
        let mut schema = shape(key.shape);
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".to_owned(), key.summary.into());
        }
        properties.insert(key.name.to_owned(), schema);
        if key.required {
            required.push(key.name);
        }
    }
    json!({
        "type": "object", "properties": properties, "required": required, "additionalProperties": false,
    })
}

/// A step's operation is one of the table, and decides what its parameters are.
fn refine_step(step: &mut Value) {
    let names: Vec<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
    if let Some(operation) = step.pointer_mut("/properties/operation") {
        operation["enum"] = json!(names);
    }
    let cases = OPERATIONS.iter().map(|operation| {
        json!({
            "if": { "properties": { "operation": { "const": operation.name } } },
            "then": { "properties": { "parameters": shape(operation.parameters) } },
        })
    });
    step["allOf"] = cases.collect();
}

fn shape(shape: Shape) -> Value {
    let list = |items: Value| json!({ "type": "array", "items": items });
    let named = |values: Value| json!({ "type": "object", "additionalProperties": values });
    let scalar = || json!({ "type": ["string", "number", "boolean", "null"] });
    match shape {
        Shape::Text | Shape::Name | Shape::Template | Shape::Expression => scalar(),
        Shape::Type | Shape::Binder => json!({ "type": "string" }),
        Shape::Texts | Shape::Names | Shape::Expressions => list(scalar()),
        Shape::NamePairs => list(json!({ "type": ["array", "object", "string"] })),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Count => json!({ "type": "integer", "minimum": 0 }),
        Shape::Measure => json!({ "type": ["string", "number", "array"], "items": scalar() }),
        Shape::Data => json!({}),
        Shape::Place(place) => json!({ "$ref": reference(place) }),
        Shape::Places(place) => list(json!({ "$ref": reference(place) })),
        // `name: T` stands for `name: { type: T }`, and in loops `name: value`.
        Shape::NamedPlaces(place) => named(json!({
            "if": { "type": "object" }, "then": { "$ref": reference(place) }, "else": scalar(),
        })),
        Shape::NamedTypes => named(json!({ "type": ["string", "object"] })),
        // Expressions stand in lists and mappings of parameters too.
        Shape::NamedExpressions | Shape::NamedData => named(json!({})),
        Shape::NamedLists(place) => named(list(json!({ "$ref": reference(place) }))),
        Shape::OneOf(shapes) => {
            json!({ "anyOf": shapes.iter().map(|it| self::shape(*it)).collect::<Vec<_>>() })
        }
        Shape::Parameters => json!({ "type": "object" }),
    }
}
