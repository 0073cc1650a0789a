//! The JSON form of values: text in, canonical text or the error out.

#![allow(clippy::unwrap_used)]

use anrf_format::data::{Fields, from_json, to_json};
use anrf_format::types::{Case, Field, Record, Type, TypeId, TypeTable, Variant};
use anrf_format::value::Value;

struct World {
    types: TypeTable,
}

impl World {
    fn new() -> Self {
        Self { types: TypeTable::default() }
    }

    fn record(&mut self, name: &str, fields: &[(&str, TypeId)]) -> TypeId {
        let fields =
            fields.iter().map(|(name, type_id)| Field { name: (*name).into(), type_id: *type_id }).collect();
        self.types.records.push(Record { name: name.into(), fields, constraints: vec![] });
        let index = u32::try_from(self.types.records.len() - 1).unwrap();
        self.types.intern(Type::Record(index))
    }

    #[track_caller]
    fn accepts(&self, type_id: TypeId, text: &str, canonical: &str) {
        let value = from_json(&self.types, type_id, text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let written = to_json(&self.types, type_id, &value);
        assert_eq!(written, canonical);
        assert_eq!(from_json(&self.types, type_id, &written).unwrap(), value);
    }

    #[track_caller]
    fn refuses(&self, type_id: TypeId, text: &str, code_and_message: &str) {
        let error = from_json(&self.types, type_id, text).expect_err(text);
        assert_eq!(format!("{} {error}", error.code), code_and_message);
    }
}

#[test]
fn scalars_are_read_by_their_type() {
    let world = World::new();
    world.accepts(TypeId::BOOLEAN, "true", "true");
    world.accepts(TypeId::INTEGER, "-9223372036854775808", "-9223372036854775808");
    world.accepts(TypeId::INTEGER, "\"9223372036854775807\"", "9223372036854775807");
    world.accepts(TypeId::DECIMAL, "\"2.50\"", "\"2.5\"");
    world.accepts(TypeId::FLOAT, "1", "1.0");
    world.accepts(TypeId::FLOAT, "\"NaN\"", "\"NaN\"");
    world.accepts(TypeId::FLOAT, "-0.0", "-0.0");
    world.accepts(TypeId::STRING, r#""\ud83d\ude00""#, "\"😀\"");
    world.accepts(TypeId::BYTES, "\"AP8=\"", "\"AP8=\"");
    world.accepts(TypeId::TIMESTAMP, "\"2026-01-08T15:23:15+01:00\"", "\"2026-01-08T14:23:15Z\"");
    world.refuses(TypeId::INTEGER, "1.0", "E-DATA-002 expected integer, found the number `1.0`");
    world.refuses(
        TypeId::INTEGER,
        "9223372036854775808",
        "E-DATA-003 `9223372036854775808` does not fit a 64-bit integer",
    );
    world.refuses(TypeId::DECIMAL, "2.5", "E-DATA-002 expected decimal, found the number `2.5`");
    world.refuses(TypeId::BYTES, "\"?\"", "E-DATA-002 expected bytes, found `?`, which is not base64");
    world.refuses(TypeId::STRING, "\"a", "E-DATA-001 not a JSON document: EOF while parsing a string");
    world.refuses(TypeId::STRING, "\"a\" 1", "E-DATA-001 not a JSON document: trailing characters");
}

#[test]
fn collections_and_optionals() {
    let mut world = World::new();
    let numbers = world.types.intern(Type::Array(TypeId::INTEGER));
    let by_name = world.types.intern(Type::Map(TypeId::STRING, TypeId::INTEGER));
    let by_number = world.types.intern(Type::Map(TypeId::INTEGER, TypeId::STRING));
    let set = world.types.intern(Type::Set(TypeId::STRING));
    let maybe = world.types.intern(Type::Optional(TypeId::INTEGER));
    let maybe_twice = world.types.intern(Type::Optional(maybe));
    world.accepts(numbers, "[1,2]", "[1,2]");
    world.accepts(by_name, r#"{"b":1,"a":2}"#, r#"{"a":2,"b":1}"#);
    world.accepts(by_name, "{}", "{}");
    world.accepts(by_number, r#"[[2,"b"],[1,"a"]]"#, r#"[[1,"a"],[2,"b"]]"#);
    world.accepts(set, r#"["b","a"]"#, r#"["a","b"]"#);
    world.accepts(maybe, "null", "null");
    world.accepts(maybe, "3", "3");
    world.accepts(maybe_twice, "null", "null");
    world.accepts(maybe_twice, r#"{"some":null}"#, r#"{"some":null}"#);
    world.accepts(maybe_twice, r#"{"some":3}"#, r#"{"some":3}"#);
    world.refuses(numbers, "[1,true]", "E-DATA-002 `[1]`: expected integer, found `true`");
    world.refuses(by_name, r#"{"a":1,"a":2}"#, r#"E-DATA-006 the key `"a"` stands twice"#);
    world.refuses(set, r#"["a","a"]"#, r#"E-DATA-006 `"a"` stands in the set twice"#);
    world.refuses(by_number, "{}", "E-DATA-002 expected map<integer, string>, found an object");
}

#[test]
fn records_variants_and_enums() {
    let mut world = World::new();
    let colour = world.types.intern(Type::Enum(vec!["red".into(), "green".into()]));
    let note = world.types.intern(Type::Optional(TypeId::STRING));
    let line = world.record("Line", &[("price", TypeId::DECIMAL), ("colour", colour), ("note", note)]);
    let lines = world.types.intern(Type::Array(line));
    let order = world.record("Order", &[("lines", lines)]);
    world.types.variants.push(Variant {
        name: "Shape".into(),
        cases: vec![
            Case { name: "circle".into(), fields: vec![Field { name: "r".into(), type_id: TypeId::FLOAT }] },
            Case { name: "nothing".into(), fields: vec![] },
        ],
    });
    let shape = world.types.intern(Type::Variant(0));
    world.accepts(
        order,
        r#"{"lines":[{"colour":"red","price":"1.10"}]}"#,
        r#"{"lines":[{"price":"1.1","colour":"red","note":null}]}"#,
    );
    world.accepts(shape, r#"{"circle":{"r":1}}"#, r#"{"circle":{"r":1.0}}"#);
    world.accepts(shape, r#"{"nothing":{}}"#, r#"{"nothing":{}}"#);
    world.refuses(
        order,
        r#"{"lines":[{"price":"x","colour":"red"}]}"#,
        "E-DATA-002 `lines[0].price`: expected a decimal such as `12.50`, found `x`",
    );
    world.refuses(
        order,
        r#"{"lines":[{"price":"1","colour":"blue"}]}"#,
        "E-DATA-007 `lines[0].colour`: `blue` is none of red, green",
    );
    world.refuses(order, "{}", "E-DATA-005 the field `lines` is missing");
    world.refuses(order, r#"{"line":[]}"#, "E-DATA-004 there is no field `line`");
    world.refuses(shape, r#"{"square":{}}"#, "E-DATA-007 `square` is none of the cases circle, nothing");
}

#[test]
fn inputs_take_their_defaults() {
    let types = TypeTable::default();
    let field = |name: &str| Field { name: name.into(), type_id: TypeId::INTEGER };
    let fields = [field("a"), field("b")];
    let defaults = [None, Some(Value::Integer(7))];
    let inputs = Fields { types: &types, fields: &fields, defaults: &defaults, sensitive: false };
    assert_eq!(inputs.from_json(r#"{"a":1}"#).unwrap(), [Value::Integer(1), Value::Integer(7)]);
    assert_eq!(inputs.from_json(r#"{"b":1}"#).unwrap_err().path, "");
}

#[test]
fn numbers_in_messages_are_as_they_are_written_and_long_values_are_shortened() {
    let types = TypeTable::default();
    let fields = [Field { name: "a".into(), type_id: TypeId::INTEGER }];
    let inputs = Fields { types: &types, fields: &fields, defaults: &[], sensitive: false };
    let message = |text: &str| inputs.from_json(text).unwrap_err().to_string();
    assert_eq!(message(r#"{"a": 1e3}"#), "`a`: expected integer, found the number `1e3`");
    assert_eq!(message("{\n \"a\" : -1.50\n}"), "`a`: expected integer, found the number `-1.50`");
    let digits = "9".repeat(100);
    let shown = format!("`a`: `{}…` does not fit a 64-bit integer", "9".repeat(60));
    assert_eq!(message(&format!(r#"{{"a":{digits}}}"#)), shown);
    assert_eq!(message(&format!(r#"{{"a":"{digits}"}}"#)), shown);
}

#[test]
fn sensitive_values_are_in_no_message() {
    let mut types = TypeTable::default();
    let optional = types.intern(Type::Optional(TypeId::BYTES));
    let set = types.intern(Type::Set(TypeId::STRING));
    let map = types.intern(Type::Map(TypeId::STRING, TypeId::INTEGER));
    let every =
        [TypeId::BOOLEAN, TypeId::INTEGER, TypeId::DECIMAL, TypeId::FLOAT, TypeId::BYTES, TypeId::TIMESTAMP];
    for type_id in every.into_iter().chain([optional, set, map]) {
        let fields = [Field { name: "a".into(), type_id }];
        let refused = |text: &str, sensitive: bool| {
            let read = Fields { types: &types, fields: &fields, defaults: &[], sensitive }.from_json(text);
            read.err().map(|error| format!("{error:?} {error}"))
        };
        for value in [
            r#""MARKER 7331""#,
            r#"["MARKER", "MARKER"]"#,
            r#"{"MARKER": "MARKER", "MARKER": "x"}"#,
            "7331.5e3",
            "73317331733173317331733173317331",
            r#"{"MARKER": MARKER}"#,
        ] {
            for text in [format!("{{\"a\": {value}}}"), format!("{{\"MARKER\": {value}}}"), value.to_owned()]
            {
                let error = refused(&text, true);
                assert!(error.iter().all(|it| !it.contains("MARKER") && !it.contains("7331")), "{error:?}");
                assert_eq!(error.is_some(), refused(&text, false).is_some());
            }
        }
    }
}

#[test]
fn deep_values_end_in_an_error_on_a_small_stack() {
    let mut types = TypeTable::default();
    types.records.push(Record {
        name: "Tree".into(),
        fields: vec![Field { name: "children".into(), type_id: TypeId(9) }],
        constraints: vec![],
    });
    let tree = types.intern(Type::Record(0));
    types.intern(Type::Array(tree));
    let text = format!("{}{}", r#"{"children":["#.repeat(50_000), "]}".repeat(50_000));
    let run = move || from_json(&types, tree, &text).unwrap_err().code.id;
    let code = std::thread::Builder::new().stack_size(256 * 1024).spawn(run).unwrap().join().unwrap();
    assert_eq!(code, "E-DATA-008");
}
