//! Invariants of loops that nobody wrote: found where they are needed, only true ones, and no others are believed.

#![allow(clippy::unwrap_used)] // a test may fail

mod harness;

use anrf_runtime::CancellationToken;
use anrf_verification::report::FunctionReport;
use anrf_verification::testing::TestOptions;
use anrf_verification::verify::{Effort, Silent, verify};

use harness::{COUNT, load, prover};

fn report(text: &str, runs: u64) -> Option<FunctionReport> {
    let testing = TestOptions { max_runs: runs, ..Effort::default().testing };
    let effort = Effort { testing, ..Effort::default() };
    let report = verify(&load(text), None, &prover()?, &effort, &Silent, &CancellationToken::new()).unwrap();
    report.functions.into_iter().next()
}

fn facts(report: &FunctionReport) -> Vec<String> {
    report.inferred.iter().map(|found| format!("{}: {}", found.step, found.text)).collect()
}

/// Proved with these facts; after each change not proved, and without runs neither.
#[track_caller]
fn check(text: &str, needed: &[&str], wrong: &[(&str, &str)]) {
    let Some(found) = report(text, 1_500) else { return };
    assert!(found.verdict.is_proved(), "{found:#?}");
    let known = facts(&found);
    for fact in needed {
        assert!(known.iter().any(|known| known == fact), "`{fact}`: {known:?}");
    }
    for (from, to) in wrong {
        assert!(text.contains(from), "there is no `{from}`");
        for runs in [0, 1_500] {
            let found = report(&text.replacen(from, to, 1), runs).unwrap();
            assert!(!found.verdict.is_proved(), "`{from}` to `{to}`: {:?}", facts(&found));
        }
    }
}

#[test]
fn counters_are_bounded_and_related() {
    check(
        COUNT,
        &["add: t == 2 * k", "add: k <= n", "add: s == s at the start"],
        &[
            ("total == 2 * n", "total == 2 * n + 1"),
            ("t + 2", "IF k == 700 THEN t + 3 ELSE t + 2"),
            ("k: \"0\"", "k: \"1\""),
            ("\"k + 1\" }", "\"k + 1\", s: \"IF k == 900 THEN 'lost' ELSE s\" }"),
            ("\"k < n\"", "\"k <= n\""),
        ],
    );
}

const DOUBLE: &str = r#"
node_id: double_v1
type: algorithm
intent: Double each.
inputs: { xs: "array<integer>" }
outputs: { success: { ys: "array<integer>" } }
contracts:
  preconditions: ["FORALL x IN xs: 0 <= x <= 1000000"]
  postconditions: ["LEN(ys) == LEN(xs)"]
flow:
  - step: all
    operation: loop
    parameters:
      state: { acc: { type: "array<integer>", initial: "[]" } }
      for: "x AT i IN xs"
      do: [{ step: more, operation: next, parameters: { acc: "acc ++ [x * 2]" } }]
  - { step: done, operation: return, parameters: { ys: acc } }
"#;

#[test]
fn lengths_follow_the_index() {
    check(
        DOUBLE,
        &["all: LEN(acc) == i"],
        &[
            ("acc ++ [x * 2]", "IF x == 77777 THEN acc ELSE acc ++ [x * 2]"),
            ("x AT i IN xs", "x AT i IN xs[1..LEN(xs)]"),
        ],
    );
}

const DOWN: &str = r#"
node_id: last_v1
type: algorithm
intent: Find the last place of a key.
inputs: { xs: "array<integer>", key: integer }
outputs: { success: { at: integer } }
contracts: { postconditions: ["-1 <= at < LEN(xs)"] }
flow:
  - step: look
    operation: loop
    parameters:
      state: { k: "LEN(xs)" }
      while: "k > 0"
      decreases: k
      do:
        - { step: hit, operation: return, when: "xs[k - 1] == key", parameters: { at: "k - 1" } }
        - { step: more, operation: next, parameters: { k: "k - 1" } }
  - { step: done, operation: return, parameters: { at: "-1" } }
"#;

#[test]
fn a_countdown_stays_inside() {
    check(
        DOWN,
        &["look: k <= LEN(xs)"],
        &[
            ("k: \"LEN(xs)\"", "k: \"LEN(xs) + 1\""),
            ("at: \"k - 1\"", "at: \"k\""),
            ("\"k > 0\"", "\"k >= 0\""),
        ],
    );
}

/// Each loop has its own; those of the inner are found together with those of the outer.
#[test]
fn loops_in_loops_are_inferred_together() {
    let text = COUNT.replace(
        "      do: [{ step: more, operation: next, parameters: { t: \"t + 2\", k: \"k + 1\" } }]\n",
        "      do:
        - step: twice
          operation: loop
          parameters:
            state: { j: \"0\", u: \"t\" }
            while: \"j < 2\"
            decreases: \"2 - j\"
            invariants: [\"u == t + j\"]
            do: [{ step: one, operation: next, parameters: { j: \"j + 1\", u: \"u + 1\" } }]
        - { step: more, operation: next, parameters: { t: u, k: \"k + 1\" } }
",
    );
    check(&text, &["add: t == 2 * k"], &[("\"j < 2\"", "\"j < 1\""), ("u + 1", "u + 2")]);
}

/// What holds for a while only is not believed.
#[test]
fn what_ends_to_hold_is_not_inferred() {
    let text = COUNT
        .replace("\"total == 2 * n\"", "\"total <= 3000\"")
        .replace("t + 2", "IF k < 900 THEN t + 2 ELSE t + 5");
    for runs in [0, 1_500] {
        let Some(found) = report(&text, runs) else { return };
        let known = facts(&found);
        for wrong in ["add: t == 2 * k", "add: t <= 2 * k", "add: t <= t at the start"] {
            assert!(!known.iter().any(|known| known == wrong), "{known:?}");
        }
    }
}

/// What is proved as it stands is not looked at.
#[test]
fn nothing_is_inferred_where_nothing_is_needed() {
    let text = COUNT.replace(
        "      decreases",
        "      invariants: [\"0 <= k <= n\", \"t == 2 * k\", \"s == \\\"kept\\\"\"]\n      decreases",
    );
    let Some(found) = report(&text, 100) else { return };
    assert!(found.verdict.is_proved(), "{found:#?}");
    assert_eq!(facts(&found), Vec::<String>::new());
}
