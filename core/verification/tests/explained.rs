//! What a report says beside the verdicts: what proofs used, and why a loop is not inductive.

#![allow(clippy::unwrap_used)] // a test may fail

mod harness;

use anrf_format::value::Value;
use anrf_runtime::CancellationToken;
use anrf_verification::report::{FunctionReport, Unknown, Verdict};
use anrf_verification::verify::{Effort, Silent, verify};

use harness::{load, prover};

const SUM: &str = r#"
node_id: total_v1
type: algorithm
intent: Add up.
inputs: { xs: "array<integer>" }
outputs: { success: { total: integer } }
contracts:
  preconditions: ["LEN(xs) <= 1000", "FORALL x IN xs: 0 <= x <= 1000000", "LEN(xs) != 17"]
  postconditions: ["total >= 0"]
flow:
  - step: add
    operation: loop
    parameters:
      state: { t: "0", alone: "0", first: "0" }
      for: "x AT i IN xs"
      invariants: ["first <= i", "0 <= t <= first * 1000000", "alone <= 0"]
      do:
        - step: more
          operation: next
          parameters: { t: "t + x", first: "first + 1" }
  - step: done
    operation: return
    parameters: { total: t }
"#;

fn report(text: &str, explain: bool) -> Option<FunctionReport> {
    let prover = prover()?;
    let effort = Effort { explain, ..Effort::default() };
    let report = verify(&load(text), None, &prover, &effort, &Silent, &CancellationToken::new()).unwrap();
    report.functions.into_iter().next()
}

/// `first <= i` is used by another invariant alone, and so is needed; `alone <= 0` keeps only itself.
#[test]
fn what_no_proof_needs_is_named() {
    let Some(found) = report(SUM, true) else { return };
    assert!(found.verdict.is_proved(), "{found:#?}");
    let unused = ["total_v1/@entry/precondition/2", "total_v1/add/loop_invariant/2"];
    assert_eq!(found.unused.unwrap(), unused);
    let used = |id: &str| found.obligations.iter().find(|it| it.id == id).unwrap().used.clone().unwrap();
    let overflow = used("total_v1/more/no_overflow/0");
    for needed in ["@entry/precondition/0", "@entry/precondition/1", "add/loop_invariant/1"] {
        assert!(overflow.contains(&format!("total_v1/{needed}")), "{overflow:?}");
    }
    assert_eq!(used("total_v1/@exit/postcondition/0"), ["total_v1/add/loop_invariant/1"]);
}

/// What is left out of the contract as not needed can be left out.
#[test]
fn it_is_proved_without_what_no_proof_needs() {
    let without = SUM.replace(", \"LEN(xs) != 17\"", "").replace(", \"alone <= 0\"", "");
    let Some(found) = report(&without, true) else { return };
    assert!(found.verdict.is_proved(), "{found:#?}");
    assert_eq!(found.unused.unwrap(), Vec::<String>::new());
}

#[test]
fn nobody_asks_for_cores_unasked_or_of_what_is_not_proved() {
    let Some(found) = report(SUM, false) else { return };
    assert!(found.verdict.is_proved());
    assert_eq!(found.unused, None);
    let Some(found) = report(&SUM.replace("t + x", "t - x"), true) else { return };
    assert!(!found.verdict.is_proved());
    assert_eq!(found.unused, None);
}

const COUNT: &str = r#"
node_id: count_v1
type: algorithm
intent: Square a number by sums of odd ones.
inputs: { n: integer }
outputs: { success: { total: integer } }
contracts:
  preconditions: ["0 <= n <= 1000"]
  postconditions: ["total <= 1000000"]
flow:
  - step: add
    operation: loop
    parameters:
      state: { t: "0", k: "0" }
      while: "k < n"
      invariants: ["-1000000 <= t <= 1000000", "0 <= k <= n"]
      decreases: "n - k"
      do:
        - step: more
          operation: next
          parameters: { t: "t + 2 * k + 1", k: "k + 1" }
  - step: done
    operation: return
    parameters: { total: t }
"#;

#[test]
fn a_loop_that_is_not_inductive_shows_its_state() {
    let Some(found) = report(COUNT, false) else { return };
    let invariant = found.obligations.iter().find(|it| it.id == "count_v1/add/loop_invariant/0").unwrap();
    let Verdict::Unknown(Unknown::NotInductive(state)) = &invariant.verdict else { panic!("{invariant:?}") };
    let values: Vec<_> = state.iter().map(|it| (it.name.as_str(), &it.before, &it.after)).collect();
    let [("t", Some(Value::Integer(t)), Some(Value::Integer(next))), ("k", Some(Value::Integer(k)), _)] =
        &values[..]
    else {
        panic!("{values:?}")
    };
    assert!(*t <= 1_000_000 && *next == t + 2 * k + 1 && *next > 1_000_000, "{values:?}");
    assert!((0..1000).contains(k), "{values:?}");
}
