//! Claims that are false, each of which would follow from a fact of the encoding that is not true of the interpreter.
//! No run is tried, so that the proof has to fail by itself.

#![allow(clippy::unwrap_used)] // a test may fail

mod harness;

use anrf_runtime::CancellationToken;
use anrf_verification::testing::TestOptions;
use anrf_verification::verify::{Effort, ProofOptions, Prover, Silent, verify};

/// Obligations of a text that are proved without a run; `None` without a solver.
fn proved(text: &str) -> Option<Vec<String>> {
    let portfolio = harness::portfolio()?;
    let loaded = harness::load(text);
    let prover = Prover::new(portfolio, ProofOptions::default());
    let testing = TestOptions { max_runs: 0, ..TestOptions::default() };
    let effort = Effort { tier: 3, testing, ..Effort::default() };
    let report = verify(&loaded, None, &prover, &effort, &Silent, &CancellationToken::new()).unwrap();
    let obligations = report.functions.iter().flat_map(|function| &function.obligations);
    Some(obligations.filter(|it| it.verdict.is_proved()).map(|it| it.id.clone()).collect())
}

/// A function of these inputs with one result, its postcondition and what it gives.
fn function(inputs: &str, result: &str, conditions: &str, gives: &str) -> String {
    format!(
        "node_id: f_v1\ntype: data_transform\nintent: A claim.\ninputs: {{ {inputs} }}\noutputs: {{ success: {{ r: \
         {result} }} }}\ncontracts:\n{conditions}\nflow:\n  - step: done\n    operation: return\n    parameters: {{ \
         r: \"{gives}\" }}\n"
    )
}

/// The first postcondition must not be proved; with `instead` in its place it is, so the test is about the claim.
fn check(text: &str, claim: &str, instead: &str) {
    let name = "/@exit/postcondition/0";
    let Some(found) = proved(text) else { return };
    assert!(!found.iter().any(|it| it.ends_with(name)), "`{claim}` is proved\n{text}");
    assert!(text.contains(claim), "there is no `{claim}`");
    let found = proved(&text.replace(claim, instead)).unwrap();
    assert!(found.iter().any(|it| it.ends_with(name)), "`{instead}` is not proved\n{text}");
}

/// One function on numbers stood for the texts of all enumerations.
#[test]
fn symbols_of_two_enumerations_differ() {
    let text = function(
        "a: \"enum[red, green]\", b: \"enum[apple, pear]\"",
        "boolean",
        "  preconditions: [\"a == red\", \"b == apple\"]\n  postconditions: [\"r\"]",
        "to_string(a) == to_string(b)",
    );
    check(&text, "postconditions: [\"r\"]", "postconditions: [\"NOT r\"]");
}

/// What was said of the elements of one array's type was said of those of another.
#[test]
fn what_is_unique_keeps_its_own_type() {
    let text = function(
        "a: \"array<enum[red, green]>\", b: \"array<integer>\"",
        "integer",
        "  preconditions: [\"LEN(UNIQUE(a)) == 1\", \"LEN(UNIQUE(b)) == 1\"]\n  postconditions: [\"r < 2\"]",
        "UNIQUE(b)[0]",
    );
    check(&text, "r < 2", "r < 9223372036854775807 OR r == 9223372036854775807");
}

/// A sorted array inside a comprehension was one constant for all elements.
#[test]
fn rows_are_sorted_each_for_itself() {
    let text = function(
        "rows: \"array<array<integer>>\"",
        "\"array<array<integer>>\"",
        "  postconditions: [\"FORALL i IN 0..LEN(r), j IN 0..LEN(r): r[i] == r[j]\"]",
        "[SORT(x IN row BY x) FOR row IN rows]",
    );
    check(&text, "r[i] == r[j]", "i != j OR r[i] == r[j]");
}

/// And in a function's definition one for all calls.
#[test]
fn two_calls_of_a_function_that_sorts_differ() {
    let text = "
anrf: \"1\"
module: rows
intent: Sorted rows.
types:
  Row: { fields: { key: integer } }
functions:
  - node_id: sorted_v1
    type: data_transform
    intent: Sort by the key.
    inputs: { rows: \"array<Row>\" }
    outputs: { success: { out: \"array<Row>\" } }
    flow:
      - step: done
        operation: return
        parameters: { out: \"SORT(row IN rows BY row.key)\" }
  - node_id: twice_v1
    type: data_transform
    intent: The lengths of two sorted arrays.
    inputs: { rows: \"array<Row>\", others: \"array<Row>\" }
    outputs: { success: { one: integer, other: integer } }
    contracts:
      postconditions: [\"one == other\"]
    flow:
      - step: first
        operation: call
        parameters: { function: sorted, arguments: { rows: rows }, bind: a }
      - step: second
        operation: call
        parameters: { function: sorted, arguments: { rows: others }, bind: b }
      - step: done
        operation: return
        parameters: { one: \"LEN(a.out)\", other: \"LEN(b.out)\" }
";
    check(text, "one == other", "one == LEN(rows)");
}

/// The string theory ends at U+2FFFF, Unicode at U+10FFFF.
#[test]
fn scalars_past_the_theory_are_spoken_of_too() {
    let text = function(
        "t: string",
        "boolean",
        "  postconditions: [\"r\"]",
        "matches(t, '[\\\\u{0}-\\\\u{2FFFF}]*')",
    );
    check(&text, "u{2FFFF}", "u{10FFFF}");
    let text = function(
        "t: string",
        "boolean",
        "  preconditions: [\"LEN(t) == 1\"]\n  postconditions: [\"t <= '\\\\u{2FFFF}'\"]",
        "TRUE",
    );
    check(&text, "t <= '\\\\u{2FFFF}'", "t >= '\\\\u{0}'");
}

/// To say that two values of such a type are equal did not end.
#[test]
fn a_type_that_holds_itself_has_equality() {
    let text = "
anrf: \"1\"
module: chains
intent: Chains.
types:
  Chain: { cases: { end: { n: integer }, link: { next: \"optional<Chain>\", n: integer } } }
functions:
  - node_id: same_v1
    type: data_transform
    intent: Compare two chains.
    inputs: { a: Chain, b: Chain }
    outputs: { success: { same: boolean } }
    contracts:
      postconditions: [\"same\"]
    flow:
      - step: done
        operation: return
        parameters: { same: \"SOME(a) == SOME(b)\" }
";
    check(text, "postconditions: [\"same\"]", "postconditions: [\"same IFF b == a\"]");
}

/// What a callee's contract counts from its entry was counted from the caller's.
#[test]
fn attempts_are_counted_from_the_entry_of_each_call() {
    let text = "
anrf: \"1\"
module: pings
intent: Pings.
host:
  ping: { inputs: {}, outputs: { success: { ok: boolean } } }
functions:
  - node_id: once_v1
    type: workflow
    intent: Ping once.
    inputs: {}
    outputs: { success: {} }
    contracts:
      postconditions: [\"calls(ping) == 1\"]
    flow:
      - step: ping
        operation: invoke
        parameters: { host: ping, arguments: {} }
  - node_id: twice_v1
    type: workflow
    intent: Ping twice.
    inputs: {}
    outputs: { success: {} }
    contracts:
      postconditions: [\"calls(ping) == 1\"]
    flow:
      - step: first
        operation: call
        parameters: { function: once, arguments: {} }
      - step: second
        operation: call
        parameters: { function: once, arguments: {} }
";
    let Some(found) = proved(text) else { return };
    assert_eq!(found, ["once_v1/@exit/postcondition/0"], "the callee's contract only");
    let found = proved(&text.replace(
        "[\"calls(ping) == 1\"]\n    flow:\n      - step: first",
        "[\"calls(ping) == 2\"]\n    flow:\n      - step: first",
    ));
    assert_eq!(found.unwrap().len(), 2);
}

/// What is compensated where a host breaks its contract inside of what is called was taken for unreachable.
#[test]
fn compensations_run_where_a_host_breaks_its_contract_in_a_callee() {
    let text = "
anrf: \"1\"
module: bookings
intent: Bookings.
host:
  reserve:
    inputs: { n: integer }
    outputs: { success: { id: integer } }
    contracts: { postconditions: [\"0 <= id <= 1000\"] }
  release:
    inputs: { id: integer }
    outputs: { success: { done: boolean } }
    contracts: { preconditions: [\"id > 0\"] }
  charge:
    inputs: {}
    outputs: { success: { sum: integer } }
    contracts: { postconditions: [\"sum > 0 AND sum < 0\"] }
state:
  paid: { type: integer, initial: \"7\" }
functions:
  - node_id: pay_v1
    type: workflow
    intent: Charge.
    state: [paid]
    inputs: {}
    outputs: { success: {} }
    contracts: { postconditions: [\"FALSE\"] }
    flow:
      - { step: note, operation: update, parameters: { paid: \"0\" } }
      - { step: charge, operation: invoke, parameters: { host: charge, arguments: {}, bind: c } }
  - node_id: book_v1
    type: workflow
    intent: Reserve and charge.
    state: [paid]
    inputs: { n: integer }
    outputs: { success: {} }
    contracts: { preconditions: [\"paid == 7\"] }
    flow:
      - step: reserve
        operation: invoke
        parameters: { host: reserve, arguments: { n: n }, bind: r }
        error_handling:
          compensate: [{ step: back, operation: invoke, parameters: { host: release, arguments: { id: \"r.id + 1\" } } }]
      - { step: pay, operation: call, parameters: { function: pay, arguments: {} } }
";
    let id = "book_v1/back/precondition_of_a_call/0";
    let Some(found) = proved(text) else { return };
    assert!(found.iter().any(|it| it == id), "{found:?}");
    // The state that is left is neither that before nor what the callee's contract says.
    for wrong in ["r.id", "r.id + paid - 6", "-1"] {
        let found = proved(&text.replace("r.id + 1", wrong)).unwrap();
        assert!(!found.iter().any(|it| it == id), "`{wrong}` is proved: {found:?}");
    }
}
