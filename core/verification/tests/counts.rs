//! What is counted and what is said of every element: each law is proved, and what is no law is not.

#![allow(clippy::unwrap_used)] // a test may fail

mod harness;

use std::fmt::Write as _;

use anrf_verification::report::Report;
use harness::{load, open, portfolio, report};

/// What is given, and what follows; then what does not follow.
const LAWS: [(&str, &str, &str); 12] = [
    (
        "FORALL x IN xs: NOT x > k",
        "COUNT(x FOR x IN xs IF x > k) == 0",
        "COUNT(x FOR x IN xs IF x >= k) == 0",
    ),
    (
        "FORALL x IN xs: x > k",
        "COUNT(x FOR x IN xs IF x > k) == LEN(xs)",
        "COUNT(x FOR x IN xs IF x > k + 1) == LEN(xs)",
    ),
    ("COUNT(x FOR x IN xs IF x > k) > 0", "EXISTS x IN xs: x > k", "EXISTS x IN xs: x > k + 1"),
    ("EXISTS x IN xs: x > k", "COUNT(x FOR x IN xs IF x > k) > 0", "COUNT(x FOR x IN xs IF x > k) > 1"),
    ("COUNT(x FOR x IN xs IF x > k) == 0", "FORALL x IN xs: x <= k", "FORALL x IN xs: x < k"),
    ("COUNT(x FOR x IN xs IF x > k) == LEN(xs)", "FORALL x IN xs: x > k", "FORALL x IN xs: x > k + 1"),
    ("COUNT(x FOR x IN xs IF x > k) < LEN(xs)", "EXISTS x IN xs: x <= k", "EXISTS x IN xs: x < k"),
    (
        "EXISTS x IN xs: x <= k",
        "COUNT(x FOR x IN xs IF x > k) < LEN(xs)",
        "COUNT(x FOR x IN xs IF x > k) < LEN(xs) - 1",
    ),
    (
        "FORALL i IN 0..n: xs[i] > k",
        "COUNT(i FOR i IN 0..n IF xs[i] > k) == n",
        "COUNT(i FOR i IN 0..n IF xs[i] > k) == LEN(xs)",
    ),
    (
        "FORALL i IN n..LEN(xs): xs[i] <= k",
        "COUNT(x FOR x IN xs[n..LEN(xs)] IF x > k) == 0",
        "COUNT(x FOR x IN xs IF x > k) == 0",
    ),
    ("0 < n AND xs[0] > k", "COUNT(x FOR x IN xs IF x > k) >= 1", "COUNT(x FOR x IN xs IF x > k) >= 2"),
    ("0 < n AND xs[0] <= k", "COUNT(x FOR x IN xs IF x > k) < LEN(xs)", "COUNT(x FOR x IN xs IF x > k) < n"),
];

fn text(laws: &[(&str, &str)]) -> String {
    let mut text = "anrf: \"1\"\nmodule: laws\nintent: Laws.\nfunctions:\n".to_owned();
    for (number, (given, said)) in laws.iter().enumerate() {
        let _ = write!(
            text,
            "  - node_id: law_{number}_v1\n    type: algorithm\n    intent: A law.\n    inputs: {{ xs: \"array<integer>\", k: integer, n: integer }}\n    \
             outputs: {{ success: {{ r: boolean }} }}\n    contracts:\n      preconditions: [\"0 <= n <= LEN(xs)\", \"0 <= k < 1000\", \"{given}\"]\n      \
             postconditions: [\"{said}\"]\n    flow: [{{ step: done, operation: return, parameters: {{ r: \"TRUE\" }} }}]\n"
        );
    }
    load(&text);
    text
}

fn verified(laws: &[(&str, &str)]) -> Option<Report> {
    Some(report(&text(laws), &portfolio()?))
}

#[test]
fn laws_of_counts_are_proved() {
    let laws = LAWS.map(|(given, said, _)| (given, said));
    let Some(report) = verified(&laws) else { return };
    assert_eq!(open(&report), Vec::<String>::new());
}

#[test]
fn what_is_no_law_of_counts_is_not_proved() {
    let wrong = LAWS.map(|(given, _, wrong)| (given, wrong));
    let Some(report) = verified(&wrong) else { return };
    for number in 0..LAWS.len() {
        let name = format!("law_{number}_v1");
        let found = report.function(&name).unwrap();
        assert!(!found.verdict.is_proved(), "{:?} is proved", wrong.get(number));
    }
}
