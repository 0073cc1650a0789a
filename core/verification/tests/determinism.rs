//! Two runs ask the same scripts in the same order and say the same, whoever of the solvers is quick; and what
//! stands elsewhere changes none of it. What is inferred of loops and what is proposed counts as well.

#![allow(clippy::unwrap_used)] // a test may fail

mod harness;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anrf_runtime::{CancellationToken, Outcome};
use anrf_verification::report::{FunctionReport, Unknown, Verdict, Witness};
use anrf_verification::solver::{
    Features, Freshness, Limits, Portfolio, PortfolioOptions, Query, Reply, Solver, SolverError,
};
use anrf_verification::verify::{Effort, ProofOptions, Prover, Silent, verify};

/// A solver that remembers what it is asked, and at times waits before it begins, so that others overtake it.
struct Watched {
    solver: Arc<dyn Solver>,
    asked: Arc<Mutex<Vec<String>>>,
    /// Every how many questions it waits; never if 0.
    waits: usize,
    count: AtomicUsize,
}

/// Longer than others take to join.
const WAIT: Duration = Duration::from_millis(150);

impl Solver for Watched {
    fn name(&self) -> &str {
        self.solver.name()
    }

    fn version(&self) -> Result<String, SolverError> {
        self.solver.version()
    }

    fn features(&self) -> Features {
        self.solver.features()
    }

    fn solve(
        &self,
        query: &Query<'_>,
        limits: &Limits,
        freshness: Freshness,
        cancel: &CancellationToken,
    ) -> Result<Reply, SolverError> {
        // A process that gave up is replaced, and asked the same again.
        if freshness == Freshness::Warm {
            let Query { script, by_patterns, .. } = query;
            let asked = format!("; {} steps, by patterns: {by_patterns}\n{script}", limits.resources);
            self.asked.lock().unwrap().push(asked);
            let number = self.count.fetch_add(1, Ordering::Relaxed);
            if self.waits > 0 && number.is_multiple_of(self.waits) {
                std::thread::sleep(WAIT);
            }
        }
        self.solver.solve(query, limits, freshness, cancel)
    }
}

/// What two runs have to have in common.
#[derive(Debug, PartialEq)]
struct Found {
    /// What the first solver was asked, which begins every race.
    asked: Vec<String>,
    told: String,
}

/// Verifies the function of this name.
fn found(text: &str, name: &str, installed: &Portfolio, waits: usize) -> Found {
    let asked: Vec<Arc<Mutex<Vec<String>>>> = installed.solvers().iter().map(|_| Arc::default()).collect();
    let watched = installed.solvers().iter().zip(&asked).enumerate().map(|(place, (solver, asked))| {
        let waits = if place == 0 { waits } else { 0 };
        let (solver, asked) = (Arc::clone(solver), Arc::clone(asked));
        Arc::new(Watched { solver, asked, waits, count: AtomicUsize::new(0) }) as Arc<dyn Solver>
    });
    let portfolio = Portfolio::new(watched.collect(), PortfolioOptions::default());
    // Steps end a question, not the clock.
    let limits = Limits { resources: 400_000, time: Duration::from_secs(120), ..Limits::default() };
    let prover = Prover::new(portfolio, ProofOptions { limits });
    let mut effort = Effort::default();
    effort.testing.max_time = Duration::from_secs(120);
    let loaded = harness::load(text);
    let functions = &loaded.module().semantic.functions;
    let index = functions.iter().position(|function| function.node_id() == name).unwrap();
    let index = u32::try_from(index).unwrap();
    let report =
        verify(&loaded, Some(&[index]), &prover, &effort, &Silent, &CancellationToken::new()).unwrap();
    let asked: Vec<Vec<String>> = asked.iter().map(|asked| asked.lock().unwrap().clone()).collect();
    let (first, others) = asked.split_first().unwrap();
    for script in others.iter().flatten() {
        assert!(first.contains(script), "another was asked what the first was not");
    }
    Found { asked: first.clone(), told: told(report.function(name).unwrap()) }
}

/// Everything that a report says but for how long it took and who said it.
fn told(report: &FunctionReport) -> String {
    let mut text = format!("{}: {}\n", report.function, report.verdict.name());
    for known in &report.obligations {
        let verdict = match &known.verdict {
            // Places in the text are other ones below other things, and so are the numbers of types.
            Verdict::Refuted(witness) => {
                let Witness { inputs, state, outcome, method, .. } = &**witness;
                format!("{inputs:?} {state:?} {method:?} {}", ended(outcome))
            }
            Verdict::Unknown(Unknown::NotInductive(values)) => {
                let values = values.iter().map(|it| format!("{} {:?} {:?}", it.name, it.before, it.after));
                values.collect::<Vec<_>>().join(", ")
            }
            other => format!("{other:?}"),
        };
        let (goals, asked) = (known.effort.goals, known.effort.asked);
        let proposed = &known.precondition;
        let _ = writeln!(text, "{} {goals} {asked} {proposed:?}: {verdict}", known.id);
    }
    for fact in &report.inferred {
        let _ = writeln!(text, "{}: {}", fact.step, fact.text);
    }
    text
}

fn ended(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Fault(fault) => format!("{:?} {:?} {:?}", fault.kind, fault.obligation, fault.values),
        other => format!("{other:?}"),
    }
}

/// A module of functions, each with a comment and all of them among these types.
fn module(comment: &str, types: &str, functions: &[&str]) -> String {
    let mut text = format!("anrf: \"1\"\nmodule: some\nintent: Some functions.\n{types}functions:\n");
    for function in functions {
        let _ = writeln!(text, "{comment}");
        for (number, line) in function.trim().lines().enumerate() {
            let _ = writeln!(text, "  {} {line}", if number == 0 { "-" } else { " " });
        }
    }
    text
}

/// Has types, texts, decimals and a loop of its own.
const OTHER: &str = r#"
node_id: other_v1
type: algorithm
intent: Add up what is paid.
inputs: { orders: "array<Order>", note: "map<string, decimal>" }
outputs: { success: { sum: decimal, many: integer } }
contracts: { preconditions: ["LEN(orders) < 12345"] }
flow:
  - step: all
    operation: loop
    parameters:
      state: { sum: "0.00", many: "77" }
      for: "order IN orders"
      do: [{ step: one, operation: next, parameters: { sum: "sum + order.price", many: "many + 1" } }]
  - { step: done, operation: return, parameters: { sum: sum, many: many } }
"#;

const TYPES: &str = "types:\n  Order: { fields: { price: decimal, n: integer }, constraints: [\"price >= 31.07\", \"n > 4711\"] }\n";

/// The same is found in every run, and with other things around; something is inferred or proposed, as is said.
#[track_caller]
fn check(function: &str, name: &str, is_inferred: bool, is_proposed: bool) {
    let Some(installed) = harness::portfolio() else { return };
    let alone = module("", "", &[function]);
    let once = found(&alone, name, &installed, 0);
    assert!(once.asked.len() > 3, "{}", once.asked.len());
    assert_eq!(once.told.contains("add: "), is_inferred, "{}", once.told);
    assert_eq!(once.told.contains("Some("), is_proposed, "{}", once.told);
    let more = module("  # A comment.", TYPES, &[OTHER, function, &OTHER.replace("other_v1", "last_v1")]);
    let runs = [(&alone, 2), (&more, 5)];
    for (text, waits) in runs {
        let again = found(text, name, &installed, waits);
        assert_eq!(again.told, once.told);
        assert_eq!(again.asked.len(), once.asked.len());
        for (again, once) in again.asked.iter().zip(&once.asked) {
            assert_eq!(again, once);
        }
    }
}

#[test]
fn what_is_inferred_of_counters() {
    check(harness::COUNT, "count_v1", true, false);
}

/// Most of what is looked for does not hold, and what does is not enough.
#[test]
fn what_is_inferred_in_vain() {
    let text =
        harness::COUNT.replace("t + 2", "IF k < 900 THEN t + 2 ELSE t + 5").replace("== 2 * n", "<= 3000");
    check(&text, "count_v1", true, false);
}

#[test]
fn what_is_inferred_of_loops_in_loops() {
    let text = harness::COUNT.replace(
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
    check(&text, "count_v1", true, false);
}

#[test]
fn what_is_inferred_of_lengths() {
    let text = r#"
node_id: double_v1
type: algorithm
intent: Double each.
inputs: { xs: "array<integer>" }
outputs: { success: { ys: "array<integer>" } }
contracts:
  preconditions: ["FORALL x IN xs: 0 <= x <= 1000000"]
  postconditions: ["LEN(ys) == LEN(xs)"]
flow:
  - step: add
    operation: loop
    parameters:
      state: { acc: { type: "array<integer>", initial: "[]" } }
      for: "x AT i IN xs"
      do: [{ step: more, operation: next, parameters: { acc: "acc ++ [x * 2]" } }]
  - { step: done, operation: return, parameters: { ys: acc } }
"#;
    check(text, "double_v1", true, false);
}

#[test]
fn what_is_proposed_for_the_example() {
    check(include_str!("../../../examples/refuted/midpoint.vsp"), "midpoint_v1", false, true);
}

/// Conditions that are tried one after another, of texts too.
#[test]
fn what_is_proposed_after_trying() {
    let text = r#"
node_id: pick_v1
type: algorithm
intent: Pick something.
inputs: { xs: "array<integer>", i: integer, name: string }
outputs: { success: { r: integer } }
contracts: { preconditions: ["LEN(name) > 2", "FORALL x IN xs: 0 <= x <= 5"] }
flow:
  - { step: first, operation: compute, parameters: { a: "xs[i] + 100 / (i - LEN(name))" } }
  - step: add
    operation: loop
    parameters:
      state: { t: "0" }
      for: "k IN 0..i"
      do: [{ step: more, operation: next, parameters: { t: "MAX(t, xs[k])" } }]
  - { step: done, operation: return, parameters: { r: "t + LEN(name) / xs[0]" } }
"#;
    check(text, "pick_v1", false, true);
}
