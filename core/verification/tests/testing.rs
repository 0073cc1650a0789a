//! Planted defects are found with a small witness, and nothing is found where nothing is wrong.

#![allow(clippy::unwrap_used)] // a test may fail

use std::sync::Arc;

use anrf_format::module::{Module, Source};
use anrf_format::value::Value;
use anrf_language::resolver::FolderResolver;
use anrf_runtime::{Interpreter, Loaded};
use anrf_verification::testing::{Shown, TestOptions, Tested, Tester};

fn load(text: &str) -> Loaded {
    let source = Source { name: "test.vsp".into(), text: text.into() };
    let (checked, diagnostics) = anrf_language::check_source(&source, &FolderResolver::new());
    let messages: Vec<_> = diagnostics.iter().map(|found| &found.message).collect();
    let checked = checked.unwrap_or_else(|| panic!("{messages:?}\n{text}"));
    let lowered = anrf_language::lowering::lower(checked).unwrap();
    let module: Module = lowered.module().clone();
    Loaded::new(&Interpreter, &Arc::new(module)).unwrap()
}

fn search(text: &str) -> Tested {
    Tester::new(&load(text), 0, &TestOptions::default()).unwrap().search(None)
}

/// A function of these inputs that answers `r` of a type.
fn function(inputs: &str, result: &str, contracts: &str, expression: &str) -> String {
    format!(
        "node_id: f_v1\ntype: algorithm\nintent: A test.\ninputs: {{ {inputs} }}\noutputs: {{ success: {{ r: {result} }} }}\ncontracts: {{ {contracts} }}\nflow:\n  - step: done\n    operation: return\n    parameters: {{ r: \"{expression}\" }}\n"
    )
}

/// The obligation of the only defect and its inputs, as text.
fn found(text: &str) -> (String, String) {
    let tested = search(text);
    assert_eq!(tested.defects.len(), 1, "{tested:#?}");
    let defect = &tested.defects[0];
    let inputs: Vec<String> =
        defect.witness.inputs.iter().map(|(name, value)| format!("{name}={}", show(value))).collect();
    (defect.obligation.clone(), inputs.join(" "))
}

fn show(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::Array(values) | Value::Set(values) => {
            format!("[{}]", values.iter().map(show).collect::<Vec<_>>().join(","))
        }
        other => format!("{other:?}"),
    }
}

fn finds(text: &str, obligation: &str, inputs: &str) {
    assert_eq!(found(text), (obligation.to_owned(), inputs.to_owned()), "{text}");
}

fn finds_nothing(text: &str) {
    let tested = search(text);
    assert!(tested.defects.is_empty(), "{tested:#?}");
    assert!(tested.satisfied_entry && tested.runs > 500, "{tested:?}");
}

#[test]
fn overflow_at_the_bounds() {
    let add = |contracts| function("n: integer", "integer", contracts, "n + 3");
    finds(&add(""), "f_v1/done/no_overflow/0", "n=9223372036854775805");
    finds_nothing(&add("preconditions: [\"n < 1000000000\"]"));
}

#[test]
fn a_special_constant() {
    let wrong = |special: &str| {
        let postconditions = "postconditions: [\"r == n\"]";
        function("n: integer", "integer", postconditions, &format!("IF n == 918273 THEN {special} ELSE n"))
    };
    finds(&wrong("918274"), "f_v1/@exit/postcondition/0", "n=918273");
    finds_nothing(&wrong("918273"));
}

#[test]
fn sums_of_constants() {
    let text = function(
        "a: integer, b: integer",
        "integer",
        "preconditions: [\"a == b\", \"a > 4000\"], postconditions: [\"r < 8010\"]",
        "IF a < 100000 THEN a + b ELSE 0",
    );
    finds(&text, "f_v1/@exit/postcondition/0", "a=4005 b=4005");
}

#[test]
fn an_index_behind_the_end() {
    let at = |bound| {
        let contracts = format!("preconditions: [\"0 <= i AND i {bound} LEN(xs)\"]");
        function("xs: array<integer>, i: integer", "integer", &contracts, "xs[i]")
    };
    finds(&at("<="), "f_v1/done/in_bounds/0", "xs=[] i=0");
    finds_nothing(&at("<"));
}

#[test]
fn sorted_arrays() {
    let sorted = "FORALL i IN 0..LEN(xs): i == 0 OR xs[i - 1] <= xs[i]";
    let text = |contracts: &str| {
        function("xs: array<integer>", "boolean", contracts, "LEN(xs) == 0 OR xs[0] <= xs[LEN(xs) - 1]")
    };
    finds(&text("postconditions: [\"r\"]"), "f_v1/@exit/postcondition/0", "xs=[1,0]");
    finds_nothing(&text(&format!("preconditions: [\"{sorted}\"], postconditions: [\"r\"]")));
    let many = format!("preconditions: [\"{sorted}\", \"LEN(xs) >= 4\"], postconditions: [\"r\"]");
    finds_nothing(&text(&many));
}

#[test]
fn a_contract_that_divides_by_zero() {
    let text = |contracts| function("n: integer", "integer", contracts, "1");
    finds(&text("preconditions: [\"10 / n >= 0\"]"), "f_v1/@entry/no_division_by_zero/0", "n=0");
    finds(&text("postconditions: [\"10 / (n - 7) < 100\"]"), "f_v1/@exit/no_division_by_zero/0", "n=7");
    finds_nothing(&text("preconditions: [\"n > 0 AND 10 / n >= 0\"]"));
}

#[test]
fn decimals_and_strings() {
    let places = function("x: decimal", "boolean", "postconditions: [\"r\"]", "x * 100 % 1 == 0");
    let (obligation, _) = found(&places);
    assert_eq!(obligation, "f_v1/@exit/postcondition/0");
    let text = |literal: &str| {
        let postconditions = format!("postconditions: [\"r != '{literal}'\"]");
        function("s: string", "string", &postconditions, "s ++ 'b'")
    };
    finds(&text("a€b"), "f_v1/@exit/postcondition/0", "s=\"a€\"");
    finds_nothing(&text("a€"));
}

#[test]
fn inputs_that_are_equal() {
    let text = |contracts| function("a: string, b: string", "boolean", contracts, "a != b");
    finds(&text("postconditions: [\"r\"]"), "f_v1/@exit/postcondition/0", "a=\"\" b=\"\"");
    finds_nothing(&text("preconditions: [\"a != b\"], postconditions: [\"r\"]"));
}

#[test]
fn a_missing_key() {
    let text = |contracts| function("m: \"map<string, integer>\", k: string", "integer", contracts, "m[k]");
    let (obligation, _) = found(&text(""));
    assert_eq!(obligation, "f_v1/done/key_present/0");
    finds_nothing(&text("preconditions: [\"k IN m\"]"));
}

#[test]
fn a_loop_that_does_not_end_is_no_defect() {
    let tested = search(
        "node_id: f_v1\ntype: algorithm\nintent: A test.\ninputs: { n: integer }\noutputs: { success: { r: integer } }\nflow:\n  - step: count\n    operation: loop\n    parameters:\n      state: { sum: \"0\" }\n      for: \"i IN 0..n\"\n      do:\n        - step: add\n          operation: next\n          parameters: { sum: \"(sum + i) % 7\" }\n  - step: done\n    operation: return\n    parameters: { r: sum }\n",
    );
    assert!(tested.limited > 0 && tested.runs > tested.limited, "{tested:?}");
    assert!(tested.defects.is_empty());
}

#[test]
fn searches_are_repeatable() {
    let text = function("xs: array<integer>, n: integer", "integer", "", "xs[n] + n");
    assert_eq!(search(&text), search(&text));
}

#[test]
fn a_model_is_believed_when_it_runs() {
    let loaded = load(&function("n: integer", "integer", "preconditions: [\"n > 0\"]", "n + 1"));
    let mut tester = Tester::new(&loaded, 0, &TestOptions::default()).unwrap();
    let mut run = |n| tester.run_candidate(vec![("n".into(), n)], vec![], vec![]);
    assert!(matches!(run(Value::Integer(1)), Shown::Holds(_)));
    assert_eq!(run(Value::Integer(0)), Shown::NotAnInput("f_v1/@entry/precondition/0".into()));
    assert!(matches!(run(Value::Integer(i64::MAX)), Shown::Defect(_)));
    assert!(matches!(run(Value::Boolean(true)), Shown::Refused(_)));
}

const STATE: &str = r#"
state: { total: { type: integer, initial: 0, constraints: ["total >= 0"] } }
host:
  price:
    capability: network.shop
    inputs: { id: string }
    outputs: { success: { amount: integer }, error: { error_code: "enum[gone]", message: string } }
    contracts: { postconditions: ["amount > 0", "amount <= 500"] }
functions:
  - node_id: add_v1
    type: workflow
    intent: Add.
    state: [total]
    inputs: { id: string }
    outputs: { success: { r: integer }, error: { error_code: "enum[gone]", message: string } }
    contracts: { preconditions: ["total < 1000"], postconditions: ["r < LIMIT"] }
    flow:
      - step: ask
        operation: invoke
        parameters: { host: price, arguments: { id: id }, bind: priced }
      - step: keep
        operation: update
        parameters: { total: "total OPERATOR priced.amount" }
      - step: done
        operation: return
        parameters: { r: "priced.amount" }
    security: { capabilities_required: [network.shop] }
"#;

#[test]
fn state_and_answers() {
    let text = |limit: &str, operator: &str| STATE.replace("LIMIT", limit).replace("OPERATOR", operator);
    finds_nothing(&text("501", "+"));
    let tested = search(&text("500", "+"));
    let defect = &tested.defects[0];
    assert_eq!(defect.obligation, "add_v1/@exit/postcondition/0");
    assert!(format!("{:?}", defect.witness.answers).contains("Integer(500)"), "{defect:#?}");
    let tested = search(&text("501", "-"));
    let defect = &tested.defects[0];
    assert_eq!(defect.obligation, "add_v1/@exit/constraint/0");
    assert_eq!(defect.witness.state, vec![("total".to_owned(), Value::Integer(0))]);
    assert!(format!("{:?}", defect.witness.answers).contains("Integer(1)"), "{defect:#?}");
}

#[test]
fn a_callee_s_precondition() {
    let text = |bound: &str| {
        format!(
            "functions:\n  - node_id: f_v1\n    type: algorithm\n    intent: A test.\n    inputs: {{ n: integer }}\n    outputs: {{ success: {{ r: integer }} }}\n    flow:\n      - step: done\n        operation: return\n        parameters: {{ r: \"IF n > {bound} THEN small_v1(n) ELSE 0\" }}\n  - node_id: small_v1\n    type: algorithm\n    intent: A test.\n    inputs: {{ n: integer }}\n    outputs: {{ success: {{ r: integer }} }}\n    contracts: {{ preconditions: [\"n > 40\"] }}\n    flow:\n      - step: done\n        operation: return\n        parameters: {{ r: n }}\n"
        )
    };
    finds(&text("39"), "f_v1/done/precondition_of_a_call/0", "n=40");
    finds_nothing(&text("40"));
}

#[test]
fn record_constraints() {
    let text = |low: &str| {
        format!(
            "types:\n  Range: {{ fields: {{ low: integer, high: integer }}, constraints: [\"low <= high\"] }}\nfunctions:\n  - node_id: f_v1\n    type: algorithm\n    intent: A test.\n    inputs: {{ range: Range, n: integer }}\n    outputs: {{ success: {{ r: Range }} }}\n    contracts: {{ preconditions: [\"n <= range.high\"] }}\n    flow:\n      - step: done\n        operation: return\n        parameters: {{ r: \"Range {{ low: {low}, high: range.high }}\" }}\n"
        )
    };
    let tested = search(&text("range.low + (IF n == 77 THEN 1 ELSE 0)"));
    let ids: Vec<&str> = tested.defects.iter().map(|defect| &*defect.obligation).collect();
    assert!(ids.contains(&"f_v1/done/constraint/0"), "{ids:?}");
    finds_nothing(&text("n"));
}

#[test]
fn roundings() {
    let text = |mode: &str| {
        function(
            "x: decimal",
            "decimal",
            "postconditions: [\"r == round(x, 2, HALF_EVEN)\"]",
            &format!("round(x, 2, {mode})"),
        )
    };
    finds(&text("HALF_UP"), "f_v1/@exit/postcondition/0", "x=0.005");
    finds_nothing(&text("HALF_EVEN"));
}

/// Thousands of runs are a matter of a moment.
#[test]
fn searches_are_fast_enough() {
    let text =
        function("xs: array<integer>, n: integer", "integer", "preconditions: [\"n > 0\"]", "LEN(xs) % n");
    let begun = std::time::Instant::now();
    let tested = search(&text);
    let taken = begun.elapsed();
    println!("{} runs, {} discarded, {taken:?}", tested.runs, tested.discarded);
    assert_eq!(tested.runs + tested.discarded, TestOptions::default().max_runs);
    assert!(!tested.cut_short);
}
