//! Conditions that are proposed: what would have to be a precondition, in the words of the language.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod harness;

use anrf_verification::report::{ObligationReport, Unknown, Verdict};
use anrf_verification::solver::{Portfolio, PortfolioOptions};

/// A function with these inputs and these steps.
struct Case {
    inputs: &'static str,
    given: &'static [&'static str],
    examples: &'static str,
    flow: String,
    /// Other functions.
    more: &'static str,
}

impl Case {
    /// The text, with another precondition if there is one.
    fn text(&self, condition: Option<&str>) -> String {
        let given: Vec<String> =
            self.given.iter().copied().chain(condition).map(|it| format!("{it:?}")).collect();
        let Self { inputs, examples, flow, more, .. } = self;
        format!(
            "anrf: \"1\"\nmodule: proposals\nintent: Things that hang on the inputs.\ntypes:\n\
             \x20 Account: {{ fields: {{ id: string, balance: integer }} }}\n\
             \x20 Plan: enum[free, paid]\nfunctions:\n\
             \x20 - node_id: half_v1\n    type: algorithm\n    intent: Half of a number.\n\
             \x20   inputs: {{ of: integer }}\n    outputs: {{ success: {{ half: integer }} }}\n\
             \x20   contracts: {{ preconditions: [\"of > 0\"] }}\n\
             \x20   flow: [{{ step: done, operation: return, parameters: {{ half: \"of / 2\" }} }}]\n\
             \x20 - node_id: f_v1\n    type: algorithm\n    intent: Compute something.\n\
             \x20   inputs: {{ {inputs} }}\n    outputs: {{ success: {{ r: integer }} }}\n\
             \x20   contracts: {{ preconditions: [{}] }}\n    examples: [{examples}]\n    flow:\n{flow}{more}",
            given.join(", ")
        )
    }

    fn obligations(&self, condition: Option<&str>, portfolio: &Portfolio) -> Vec<ObligationReport> {
        let report = harness::report(&self.text(condition), portfolio);
        report.function("f_v1").unwrap().obligations.clone()
    }
}

fn case(inputs: &'static str, flow: &str) -> Case {
    Case { inputs, given: &[], examples: "", flow: flow.to_owned(), more: "" }
}

/// A function that returns an expression.
fn returns(inputs: &'static str, expression: &str) -> Case {
    case(inputs, &done(expression))
}

fn done(expression: &str) -> String {
    format!("      - {{ step: done, operation: return, parameters: {{ r: {expression:?} }} }}\n")
}

/// An obligation that is not proved, and the condition proposed for it; with it as a precondition it is proved.
#[track_caller]
fn proposes(case: &Case, id: &str, condition: &str, verdict: &str, portfolio: &Portfolio) {
    let find = |more| case.obligations(more, portfolio).into_iter().find(|known| known.id == id).unwrap();
    let open = find(None);
    assert_eq!((open.precondition.as_deref(), open.verdict.name()), (Some(condition), verdict), "{open:?}");
    if let Verdict::Unknown(why) = &open.verdict {
        let needed = Unknown::NeedsPrecondition { function: "f_v1".into(), condition: condition.into() };
        assert_eq!(*why, needed);
    }
    let proved = find(Some(condition));
    assert!(proved.verdict.is_proved() && proved.precondition.is_none(), "{proved:?}");
}

#[test]
fn what_a_check_demands_of_the_inputs_is_proposed() {
    let Some(portfolio) = harness::portfolio() else { return };
    let (numbers, array) = ("a: integer, b: integer", "xs: array<integer>, i: integer");
    let map = "m: \"map<string, integer>\", k: string";
    let low = "-9223372036854775808";
    for (inputs, expression, kind, condition) in [
        (numbers, "a / b", "no_division_by_zero/0", "b != 0"),
        (numbers, "a / b", "no_overflow/0", &*format!("a > {low}")),
        (numbers, "a + 1", "no_overflow/0", "a <= 9223372036854775806"),
        (numbers, "a - b", "no_overflow/0", &format!("{low} <= a - b <= 9223372036854775807")),
        (numbers, "-(a - 5)", "no_overflow/0", &format!("a >= {}", i64::MIN + 5)),
        (numbers, "IF a > 0 THEN 100 / b ELSE 0", "no_division_by_zero/0", "a > 0 IMPLIES b != 0"),
        (array, "xs[0]", "in_bounds/0", "LEN(xs) > 0"),
        (array, "xs[i]", "in_bounds/0", "0 <= i < LEN(xs)"),
        (array, "xs[i - 1]", "in_bounds/0", "i >= 1 AND i - 1 < LEN(xs)"),
        (map, "m[k]", "key_present/0", "k IN m"),
        ("p: Plan, m: \"map<Plan, integer>\"", "m[p]", "key_present/0", "p IN m"),
        ("o: optional<integer>", "VALUE(o)", "value_present/0", "IS_SOME(o)"),
        ("a: Account", "a.balance - 1", "no_overflow/0", &format!("a.balance >= {}", i64::MIN + 1)),
    ] {
        proposes(
            &returns(inputs, expression),
            &format!("f_v1/done/{kind}"),
            condition,
            "refuted",
            &portfolio,
        );
    }
}

#[test]
fn what_follows_already_is_left_out() {
    let Some(portfolio) = harness::portfolio() else { return };
    let middle = Case { given: &["0 <= a <= b"], ..returns("a: integer, b: integer", "(a + b) / 2") };
    proposes(&middle, "f_v1/done/no_overflow/0", "a + b <= 9223372036854775807", "refuted", &portfolio);
}

#[test]
fn what_is_called_demands_its_precondition() {
    let Some(portfolio) = harness::portfolio() else { return };
    let call = |argument: &str| {
        let call = "      - { step: part, operation: call, parameters: { function: half, arguments: { of: ";
        format!("{call}\"{argument}\" }}, bind: h }} }}\n{}", done("h.half"))
    };
    let id = "f_v1/part/precondition_of_a_call/0";
    proposes(&case("n: integer", &call("n - 1")), id, "n > 1", "refuted", &portfolio);
    let size = "xs: array<integer>";
    proposes(&case(size, &call("LEN(xs)")), id, "LEN(xs) > 0", "refuted", &portfolio);
}

const ZIP: &str = r#"      - step: all
        operation: loop
        parameters:
          state: { t: "0" }
          for: "x AT i IN a"
          do: [{ step: more, operation: next, parameters: { t: "MAX(t, b[i])" } }]
"#;

#[test]
fn what_a_loop_demands_is_looked_for_among_usual_conditions() {
    let Some(portfolio) = harness::portfolio() else { return };
    let zip = case("a: array<integer>, b: array<integer>", &format!("{ZIP}{}", done("t")));
    proposes(&zip, "f_v1/more/in_bounds/0", "LEN(a) <= LEN(b)", "refuted", &portfolio);
}

/// No run shows a defect, as what is called does better than its contract says.
const MODEST: &str = r#"  - node_id: more_v1
    type: algorithm
    intent: Count from one.
    inputs: { n: integer }
    outputs: { success: { m: integer } }
    contracts: { preconditions: ["-9 <= n <= 9"], postconditions: ["n > 0 IMPLIES m > 0"] }
    flow:
      - step: count
        operation: loop
        parameters:
          state: { m: "1" }
          for: "k IN 0..9"
          invariants: ["1 <= m <= k + 1"]
          do: [{ step: up, operation: next, parameters: { m: "m + 1" } }]
      - { step: done, operation: return, parameters: { m: m } }
"#;

#[test]
fn what_no_run_refutes_needs_a_precondition() {
    let Some(portfolio) = harness::portfolio() else { return };
    let call = "      - { step: part, operation: call, parameters: { function: more, arguments: { n: n }, bind: m } }\n";
    let flow = format!("{call}{}", done("100 / m.m"));
    let modest = Case { given: &["-9 <= n <= 9"], more: MODEST, ..case("n: integer", &flow) };
    proposes(&modest, "f_v1/done/no_division_by_zero/0", "n > 0", "unknown", &portfolio);
    // An example says that zero is meant to be allowed.
    let example = "{ inputs: { n: 0 }, success: { r: 10 } }";
    let allowed = Case { examples: example, ..modest };
    let known = allowed.obligations(None, &portfolio);
    let open = known.iter().find(|it| it.id == "f_v1/done/no_division_by_zero/0").unwrap();
    let Verdict::Unknown(why) = &open.verdict else { panic!("{open:?}") };
    assert!(why.class() != "needs_precondition" && open.precondition.is_none(), "{open:?}");
}

#[test]
fn nothing_is_proposed_that_would_not_do() {
    let Some(portfolio) = harness::portfolio() else { return };
    let none = |case: &Case| {
        let open: Vec<ObligationReport> = case.obligations(None, &portfolio);
        let open: Vec<&ObligationReport> = open.iter().filter(|it| !it.verdict.is_proved()).collect();
        assert!(!open.is_empty() && open.iter().all(|it| it.precondition.is_none()), "{open:#?}");
    };
    let divide = || returns("a: integer, b: integer", "a / b");
    // No input is left.
    none(&Case { given: &["b == 0"], ..divide() });
    // The function is meant to take zero.
    none(&Case { given: &["a > 0"], examples: "{ inputs: { a: 1, b: 0 }, success: { r: 0 } }", ..divide() });
    // No simple condition says where a sum stays small.
    let sum = ZIP.replace("MAX(t, b[i])", "t + x");
    none(&case("a: array<integer>", &format!("{sum}{}", done("t"))));
    // What its values are compared with stays with a function of sensitive data.
    let sensitive = "    security: { sensitive_data: true, audit_level: detailed }\n";
    none(&case("n: integer", &format!("{}{sensitive}", done("100 / (n - 7)"))));
    // A result is the function's own affair.
    none(&Case {
        more: MODEST.replace("n > 0 IMPLIES m > 0", "m > 10").leak(),
        ..returns("n: integer", "n / 0")
    });
    let wrong = MODEST.replace("n > 0 IMPLIES m > 0", "m > 10");
    let report = harness::report(&Case { more: wrong.leak(), ..divide() }.text(None), &portfolio);
    let more = report.function("more_v1").unwrap();
    let refuted = more.obligations.iter().find(|it| !it.verdict.is_proved()).unwrap();
    assert!(refuted.id.ends_with("/postcondition/0") && refuted.precondition.is_none(), "{refuted:?}");
}

#[test]
fn who_has_no_solver_proposes_nothing() {
    let known = returns("a: integer, b: integer", "a / b");
    let known = known.obligations(None, &Portfolio::new(vec![], PortfolioOptions::default()));
    assert!(known.iter().all(|it| !it.verdict.is_proved() && it.precondition.is_none()), "{known:#?}");
}
