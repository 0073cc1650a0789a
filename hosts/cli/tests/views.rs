//! `anrf view` with and without verdicts.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::{Folder, anrf_where, has_solver, is, without_in};
use serde_json::{Value, json};

const ADD: &str = r#"module: adding
functions:
  - node_id: sum_v1
    type: algorithm
    intent: Add what is positive, and divide.
    inputs: { numbers: { type: array<integer>, constraints: ["LEN(numbers) <= 10"] }, by: integer }
    outputs: { success: { total: integer } }
    contracts: { preconditions: ["by == 0 OR -1 / by != 1"], postconditions: ["total >= -9", "by > 0 IMPLIES total >= 0"] }
    flow:
      - step: add
        operation: loop
        parameters:
          state: { sum: "0" }
          for: "n AT i IN numbers"
          invariants: ["0 <= sum <= 100 * i"]
          do: [{ step: more, operation: next, parameters: { sum: "IF 0 < n <= 100 THEN sum + n ELSE sum" } }]
      - { step: share, operation: compute, parameters: { part: "sum / by" } }
      - { step: done, operation: return, parameters: { total: "MAX(part, -9)" } }
"#;

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("add.vsp", ADD);
    folder
}

#[test]
fn verdicts_stand_at_clauses_and_steps() {
    if !has_solver() {
        return;
    }
    let folder = folder("views");
    let cache = folder.path().join("cache");
    let variables = [("ANRF_CACHE", cache.to_str().unwrap())];
    let view = |more: &[&str]| {
        let arguments = [&["view", "add.vsp"], more].concat();
        anrf_where(folder.path(), &arguments, b"", &variables).code(0)
    };
    let expected = "sum_v1(numbers: array<integer>, by: integer) -> { total: integer }
  Add what is positive, and divide.
  refuted: 8 of 9 obligations are proved
  requires LEN(numbers) <= 10
  requires by == 0 OR -1 / by != 1   -- well defined
  ensures total >= -9   -- proved
  ensures by > 0 IMPLIES total >= 0   -- proved
  does
    add: for n AT i IN numbers   -- proved
      state sum = 0
      invariant 0 <= sum AND sum <= 100 * i   -- proved
      more: next with sum = IF 0 < n AND n <= 100 THEN sum + n ELSE sum   -- proved
    part = sum / by   -- refuted: a divisor is zero, proved where by != 0
    done: return total: MAX(part, -9)
";
    assert_eq!(view(&["--verified"]).stdout, expected);
    // What was proved is remembered, and nothing is asked unless it is wanted.
    assert!(folder.read("cache/proofs").lines().count() > 0);
    assert!(!view(&[]).stdout.contains("proved"));
    let code = view(&["--verified", "--level", "code"]).stdout;
    assert!(code.contains("-- 17:9, refuted: a divisor is zero"), "{code}");
    let summary = view(&["--verified", "--level", "summary"]).stdout;
    assert!(
        summary.contains("refuted: 8 of 9 obligations are proved; refuted: a divisor is zero"),
        "{summary}"
    );
    let mermaid = view(&["--verified", "--as", "mermaid"]).stdout;
    assert!(mermaid.contains("  classDef refuted stroke:#cf222e\n"), "{mermaid}");
    let part = "[\"part = sum / by<br/>refuted: a divisor is zero, proved where by != 0\"]:::refuted\n";
    assert!(mermaid.contains(part), "{mermaid}");
    let svg = view(&["--verified", "--as", "svg"]).stdout;
    assert!(svg.contains("fill=\"#cf222e\"") && svg.contains("fill=\"#1a7f37\""), "{svg}");
    let found = is("view", &view(&["--verified", "--format", "json"]));
    let sum = json!({ "function": "sum_v1", "verdict": "refuted", "obligations": 9, "proved": 8 });
    assert_eq!(found["verdicts"], json!([sum]));
    assert_eq!(is("view", &view(&["--format", "json"]))["verdicts"], Value::Null);
}

#[test]
fn without_solvers_runs_still_refute() {
    let folder = folder("views-without");
    let seen = without_in(folder.path(), &["view", "add.vsp", "--verified", "--function", "sum"]).code(0);
    let seen = seen.prints("part = sum / by   -- refuted: a divisor is zero; unknown whether an integer");
    seen.prints("ensures total >= -9   -- unknown whether the postcondition holds (no_solver)\n");
    folder.write("wrong.vsp", ADD.replace("sum / by", "sum / by / \"x\""));
    without_in(folder.path(), &["view", "wrong.vsp", "--verified"]).code(1);
}

#[test]
fn values_of_runs_are_in_no_view() {
    let folder = folder("views-sensitive");
    let secret = format!("{ADD}    security: {{ sensitive_data: true, audit_level: detailed }}\n");
    folder.write("add.vsp", secret);
    let seen = without_in(folder.path(), &["view", "add.vsp", "--verified"]).code(0);
    seen.prints("part = sum / by   -- refuted: a divisor is zero; unknown whether an integer");
}
