//! Built-ins on texts and arrays: what the interpreter gives is possible in the encoding, and where the encoding
//! says everything nothing else is. The inputs are those at which such functions go wrong.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test may fail, and say why it is left out

mod harness;

use std::fmt::Write as _;

use anrf_format::value::Value;
use anrf_runtime::{CancellationToken, Loaded};
use anrf_verification::agreement::Comparer;
use anrf_verification::encode::Calls;
use anrf_verification::report::{Method, Witness};
use anrf_verification::solver::{Answer, Limits, Portfolio, PortfolioOptions, Query};
use anrf_verification::testing::{Observed, Shown, TestOptions, Tester};
use anrf_verification::verify::{Effort, ProofOptions, Prover, Silent, verify};

const TEXTS: &[&str] = &[
    "",
    "a",
    ",",
    ",,",
    "a,b",
    ",a,",
    "a,,b,,",
    "ab,ab",
    "Hello World",
    "aXb\u{301}",
    "ß",
    "İ",
    "ŉ",
    "ΑΣ",
    "Σ",
    "aΣ b",
    "ΑΣ,Σ",
    " \u{2003}x y\t",
    " \u{3000}",
    "\u{1D4B3}\u{10400}",
    "00",
    "-0",
    "-",
    "007",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "٣",
    "+5",
    "1 ",
    "\u{7f}\u{80}Az",
];
const SEPARATORS: &[&str] = &[",", ",,", "a", "b,", " ", "Σ"];

/// An expression of inputs, its type, and whether the encoding says all of it.
struct Case {
    inputs: &'static str,
    outputs: &'static str,
    expression: &'static str,
    candidates: Vec<Vec<Value>>,
    exact: bool,
}

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

fn texts(values: &[&str]) -> Value {
    Value::Array(values.iter().map(|value| text(value)).collect())
}

fn integers(values: &[i64]) -> Value {
    Value::Array(values.iter().map(|value| Value::Integer(*value)).collect())
}

fn of_texts(outputs: &'static str, expression: &'static str, exact: bool) -> Case {
    let candidates = TEXTS.iter().map(|value| vec![text(value)]).collect();
    Case { inputs: "t: string", outputs, expression, candidates, exact }
}

fn of_pairs(outputs: &'static str, expression: &'static str, exact: bool) -> Case {
    let pairs = TEXTS
        .iter()
        .step_by(2)
        .take(6)
        .flat_map(|value| SEPARATORS.iter().map(move |part| vec![text(value), text(part)]));
    Case { inputs: "t: string, s: string", outputs, expression, candidates: pairs.collect(), exact }
}

fn cases() -> Vec<Case> {
    let counted = || {
        let texts = ["", "a", "ab", "é\u{1D4B3}"];
        texts
            .iter()
            .flat_map(|value| [0, 1, 2, 5].map(|times| vec![text(value), Value::Integer(times)]))
            .collect()
    };
    let padded = || {
        let texts = ["", "a", "abc", "é\u{1D4B3}"];
        let sizes = [-3, 0, 1, 3, 6];
        texts
            .iter()
            .flat_map(|value| sizes.map(|size| vec![text(value), Value::Integer(size), text("\u{1D4B3}")]))
            .collect()
    };
    let parts: &[&[&str]] = &[
        &[],
        &[""],
        &["", ""],
        &["a"],
        &["a", "b"],
        &["", "a", ""],
        &["é", "\u{1D4B3}", "x"],
        &["a,", ",b"],
        &["ab", "c,d", ""],
    ];
    let joined = || {
        parts.iter().flat_map(|parts| ["", ",", ",,"].map(|part| vec![texts(parts), text(part)])).collect()
    };
    let arrays: &[&[i64]] = &[
        &[],
        &[1],
        &[1, 1],
        &[2, 1],
        &[1, 2, 1, 2],
        &[3, 3, 1, 3],
        &[i64::MIN, i64::MAX, i64::MIN],
        &[1, 2],
        &[1, 2, 0],
    ];
    let numbers = || {
        let values = [0, -1, 1, 10, -10, 1 << 62, -(1 << 62)];
        values.iter().map(|value| vec![Value::Integer(*value), Value::Integer(7)]).collect()
    };
    let single = || arrays.iter().map(|array| vec![integers(array)]).collect();
    let both = || arrays.iter().flat_map(|a| arrays.iter().map(|b| vec![integers(a), integers(b)])).collect();
    let floats = |values: &[f64]| Value::Array(values.iter().map(|value| Value::Float(*value)).collect());
    let some_floats: &[&[f64]] =
        &[&[], &[0.0], &[-0.0], &[f64::NAN], &[f64::INFINITY], &[1.0, f64::NAN], &[1.0]];
    let both_floats =
        || some_floats.iter().flat_map(|a| some_floats.iter().map(|b| vec![floats(a), floats(b)])).collect();
    let nested: &[&[&[i64]]] =
        &[&[], &[&[]], &[&[], &[]], &[&[1]], &[&[1, 2], &[], &[3]], &[&[], &[4, 4], &[5]]];
    let nested = || {
        nested
            .iter()
            .map(|arrays| vec![Value::Array(arrays.iter().map(|it| integers(it)).collect())])
            .collect()
    };
    let bytes = |values: &[u8]| Value::Bytes(values.to_vec());
    let both_bytes = || {
        let values: [&[u8]; 5] = [&[], &[0], &[255], &[0, 0], &[255, 1]];
        values.iter().flat_map(|a| values.iter().map(|b| vec![bytes(a), bytes(b)])).collect()
    };
    let threes = || {
        let values = [0, -1, 7, i64::MAX, i64::MIN];
        let threes = values.iter().flat_map(|a| values.map(|b| [*a, b, 0]).into_iter().chain([[3, *a, *a]]));
        threes.map(|three| three.map(Value::Integer).to_vec()).collect()
    };
    let float_threes = || {
        let values = [0.0, -0.0, f64::NAN, f64::INFINITY, 1.5];
        let threes =
            values.iter().flat_map(|a| values.map(|b| [*a, b, 0.0]).into_iter().chain([[-0.0, *a, *a]]));
        threes.map(|three| three.map(Value::Float).to_vec()).collect()
    };
    let case = |inputs, outputs, expression, candidates, exact| Case {
        inputs,
        outputs,
        expression,
        candidates,
        exact,
    };
    let pair = "a: array<integer>, b: array<integer>";
    vec![
        of_texts("string", "lower(t)", false),
        of_texts("string", "upper(t)", false),
        of_texts("array<string>", "LET r = lower(t) IN [r[i] FOR i IN 0..LEN(r)]", false),
        of_texts("string", "lower(t ++ 'Ab') ++ upper('xσ' ++ t)", false),
        of_texts("string", "trim(t)", true),
        of_texts("boolean", "trim(trim(t)) == trim(t)", true),
        of_texts("string", "REVERSE(t)", true),
        of_texts("array<string>", "LET r = REVERSE(t) IN [r[i] FOR i IN 0..LEN(r)]", true),
        of_texts("optional<integer>", "parse_integer(t)", true),
        of_texts("array<string>", "[t[i] FOR i IN 0..LEN(t)]", true),
        of_texts("string", "join([t[i] FOR i IN 0..LEN(t)], '')", true),
        of_texts("string", "join([t[i] FOR i IN 0..LEN(t) IF t[i] != 'a'], '-')", true),
        of_texts("boolean", r"matches(t, '[^,]*')", true),
        // A class that holds but a part of a block above U+2FFFF cannot be said.
        of_texts("boolean", r"matches(t, '\\\\w+')", false),
        of_texts("boolean", r"matches(t, '\\\\s*\\\\S.*')", true),
        of_pairs("array<string>", "split(t, s)", false),
        of_pairs("string", "join(split(t, s), s)", false),
        of_pairs("string", "replace(t, s, 'xy')", true),
        of_pairs("optional<integer>", "index_of(t, s)", true),
        of_pairs("boolean", "contains(t, s) AND NOT starts_with(t, s) OR ends_with(t, s)", true),
        of_pairs("boolean", "t < s OR t ++ 'a' <= s", true),
        case("t: string, n: integer", "string", "repeat(t, n)", counted(), true),
        case(
            "t: string, n: integer",
            "array<string>",
            "LET r = repeat(t, n) IN [r[i] FOR i IN 0..LEN(r)]",
            counted(),
            true,
        ),
        case("t: string, n: integer, f: string", "string", "pad_left(t, n, f)", padded(), true),
        case("t: string, n: integer, f: string", "string", "pad_right(t, n, f)", padded(), true),
        case("xs: array<string>, s: string", "string", "join(xs, s)", joined(), true),
        case("xs: array<string>, s: string", "string", "join(xs ++ ['q'] ++ xs, s)", joined(), true),
        case(
            "xs: array<string>, s: string",
            "integer",
            "LEN(join(xs, s)) - SUM(LEN(x) FOR x IN xs)",
            joined(),
            true,
        ),
        case("xs: array<string>, s: string", "array<string>", "split(join(xs, ','), ',')", joined(), false),
        case("n: integer, m: integer", "string", "to_string(n) ++ to_string(n - m)", numbers(), true),
        case("a: array<integer>", "array<integer>", "UNIQUE(a)", single(), true),
        case(
            "a: array<integer>",
            "integer",
            "LEN([x FOR x IN a IF x > 1]) + SUM(x FOR x IN a ++ [5] IF x < 9)",
            single(),
            false,
        ),
        case(pair, "boolean", "a < b", both(), true),
        case(pair, "boolean", "a >= b", both(), true),
        case(pair, "array<integer>", "MIN(a, b)", both(), true),
        case("a: array<float>, b: array<float>", "boolean", "a < b", both_floats(), true),
        case("a: bytes, b: bytes", "boolean", "a <= b", both_bytes(), true),
        case("xs: array<array<integer>>", "array<integer>", "FLATTEN(xs)", nested(), true),
        case("xs: array<array<integer>>", "array<array<integer>>", "UNIQUE(xs)", nested(), true),
        case("xs: array<array<integer>>", "array<array<integer>>", "SORT(xs)", nested(), false),
        case("a: integer, b: integer, c: integer", "array<integer>", "SORT([a, b, c])", threes(), true),
        case(
            "a: integer, b: integer, c: integer",
            "array<boolean>",
            "[COUNT(x FOR x IN [a, b, c] IF x <= b) == 2, ALL(x > a FOR x IN [b, c]), ANY(x == a FOR x IN [b, c])]",
            threes(),
            true,
        ),
        case(
            "a: integer, b: integer, c: integer",
            "integer",
            "SUM(x FOR x IN [a, b, -1, c] IF x != 7)",
            threes(),
            true,
        ),
        case("a: float, b: float, c: float", "array<float>", "SORT([a, b, c])", float_threes(), true),
        case("a: float, b: float, c: float", "float", "SUM(x FOR x IN [a, b, c])", float_threes(), true),
        case(
            "a: array<integer>, b: array<integer>",
            "array<array<integer>>",
            "SORT([a, b, a])",
            both(),
            false,
        ),
    ]
}

/// The module of one expression.
fn load(case: &Case) -> Loaded {
    load_with(case, "")
}

fn load_with(case: &Case, contracts: &str) -> Loaded {
    let inputs: Vec<String> = case
        .inputs
        .split(", ")
        .map(|input| input.split_once(": ").unwrap())
        .map(|(name, type_name)| format!("{name}: \"{type_name}\""))
        .collect();
    let text = format!(
        "node_id: case_v1\ntype: algorithm\nintent: One expression.\ninputs: {{ {} }}\noutputs: {{ success: {{ r: \"{}\" }} }}\n{contracts}flow:\n  - step: done\n    operation: return\n    parameters: {{ r: \"{}\" }}\n",
        inputs.join(", "),
        case.outputs,
        case.expression
    );
    harness::load(&text)
}

#[test]
fn built_ins_on_texts_agree_with_the_interpreter() {
    agree(|case| case.inputs.contains("string"), 500);
}

#[test]
fn built_ins_on_arrays_agree_with_the_interpreter() {
    agree(|case| !case.inputs.contains("string"), 500);
}

/// Compares the runs of the cases that `is_meant` picks; there are at least so many.
fn agree(is_meant: fn(&Case) -> bool, least: u32) {
    // The first solver alone: most of these questions nobody answers, so all would be asked each time.
    let Some(installed) = harness::portfolio() else { return };
    let portfolio = Portfolio::new(installed.solvers()[..1].to_vec(), PortfolioOptions::default());
    let ask = |script: &anrf_verification::term::Script, by_patterns: bool, millis: u64| {
        let limits = Limits { time: std::time::Duration::from_millis(millis), ..Limits::default() };
        let query = Query { by_patterns, ..Query::new(&script.text, script.features) };
        portfolio.solve(&query, &limits, &CancellationToken::new()).unwrap().answer
    };
    let (mut possible, mut exact, mut wrong) = (0, 0, String::new());
    for case in cases().into_iter().filter(is_meant) {
        let loaded = load(&case);
        let calls = Calls::of(loaded.module());
        let mut tester = Tester::new(&loaded, 0, &TestOptions::default()).unwrap();
        let mut comparer = Comparer::new(loaded.module(), &calls, 0);
        let names: Vec<&str> =
            case.inputs.split(", ").map(|input| input.split_once(':').unwrap().0).collect();
        let mut exact_here = 0;
        for candidate in &case.candidates {
            let inputs: Vec<(String, Value)> =
                names.iter().map(|name| (*name).to_owned()).zip(candidate.iter().cloned()).collect();
            let outcome = match tester.run_candidate(inputs.clone(), vec![], vec![]) {
                Shown::Holds(outcome) => outcome,
                // A fault: the obligation says so.
                Shown::Defect(_) => continue,
                other => panic!("{}: {other:?}", case.expression),
            };
            let run = Witness { inputs, state: vec![], answers: vec![], outcome, method: Method::Example };
            let observed = Observed { run, after: vec![], breaks: None };
            let Some(agreement) = comparer.compare(&observed) else { continue };
            let run = observed.run;
            possible += 1;
            if ask(&agreement.possible, true, 30) == Answer::Unsat {
                let _ = writeln!(
                    wrong,
                    "{}: is not possible: {:?} {:?}",
                    case.expression, run.inputs, run.outcome
                );
            }
            match agreement.otherwise.as_ref().map(|script| ask(script, true, 80)) {
                Some(Answer::Sat) => {
                    let _ = writeln!(
                        wrong,
                        "{}: is not all: {:?} {:?}",
                        case.expression, run.inputs, run.outcome
                    );
                }
                Some(Answer::Unsat) => exact_here += 1,
                _ => {}
            }
        }
        eprintln!("{}: {exact_here} of {}", case.expression, case.candidates.len());
        if case.exact && exact_here == 0 {
            let _ = writeln!(wrong, "{}: nothing else is never excluded", case.expression);
        }
        exact += exact_here;
    }
    assert_eq!(wrong, "");
    eprintln!("{possible} {exact}");
    assert!(possible >= least, "{possible} runs");
}

/// What an author needs of texts, proved for every text; and what looks like it and is not so.
#[test]
fn laws_of_texts_are_proved_and_what_is_no_law_is_not() {
    let Some(installed) = harness::portfolio() else { return };
    let limits = Limits { time: std::time::Duration::from_secs(4), ..Limits::default() };
    let prover = Prover::new(installed, ProofOptions { limits });
    let effort =
        Effort { testing: TestOptions { max_runs: 300, ..TestOptions::default() }, ..Effort::default() };
    let mut wrong = String::new();
    for (inputs, law, holds) in LAWS {
        let case = Case { inputs, outputs: "boolean", expression: law, candidates: vec![], exact: false };
        let loaded = load_with(&case, "contracts: { postconditions: [r] }\n");
        let report = verify(&loaded, None, &prover, &effort, &Silent, &CancellationToken::new()).unwrap();
        let verdict = &report.functions[0].verdict;
        if verdict.is_proved() != *holds {
            let _ = writeln!(wrong, "{law}: {verdict:?}");
        }
    }
    assert_eq!(wrong, "");
}

const LAWS: &[(&str, &str, bool)] = &[
    ("t: string", "join(split(t, ','), ',') == t", true),
    ("t: string", "LEN(split(t, ',')) >= 1", true),
    ("t: string", "ALL(NOT contains(p, ',') FOR p IN split(t, ','))", true),
    ("t: string", "contains(t, ',') IFF LEN(split(t, ',')) > 1", true),
    ("t: string", "LEN(split(t, ',,')) <= LEN(t) + 1", true),
    (
        "xs: array<string>",
        "LEN(xs) > 0 AND ALL(NOT contains(x, ',') FOR x IN xs) IMPLIES split(join(xs, ','), ',') == xs",
        true,
    ),
    (
        "xs: array<string>",
        "LEN(xs) > 0 AND ALL(NOT contains(x, ',,') FOR x IN xs) IMPLIES split(join(xs, ',,'), ',,') == xs",
        false,
    ),
    (
        "xs: array<string>",
        "ALL(NOT contains(x, ',') FOR x IN xs) IMPLIES split(join(xs, ','), ',') == xs",
        false,
    ),
    ("xs: array<string>", "LEN(join(xs, ',')) == SUM(LEN(x) FOR x IN xs)", false),
    (
        "xs: array<string>, x: string",
        "LEN(xs) > 0 IMPLIES join(xs ++ [x], '; ') == join(xs, '; ') ++ '; ' ++ x",
        true,
    ),
    ("xs: array<string>, x: string", "join(xs ++ [x], '; ') == join(xs, '; ') ++ '; ' ++ x", false),
    ("xs: array<string>, ys: array<string>", "join(xs ++ ys, '') == join(xs, '') ++ join(ys, '')", true),
    ("t: string", "lower(lower(t)) == lower(t)", true),
    ("t: string", "LEN(lower(t)) >= LEN(t)", true),
    ("t: string", "LEN(lower(t)) == LEN(t)", false),
    ("t: string", "LEN(upper(t)) == LEN(t)", false),
    ("t: string", "matches(t, '[ -~]*') IMPLIES LEN(lower(t)) == LEN(t)", true),
    ("t: string", "matches(t, '[a-z0-9-]*') IMPLIES lower(t) == t", true),
    ("t: string", "lower(upper(t)) == lower(t)", false),
    ("t: string, s: string", "upper(t ++ s) == upper(t) ++ upper(s)", true),
    ("t: string, s: string", "lower(t ++ s) == lower(t) ++ lower(s)", false),
    ("t: string", "trim(trim(t)) == trim(t)", true),
    ("t: string", "contains(t, trim(t)) AND LEN(trim(t)) <= LEN(t)", true),
    ("t: string", "NOT starts_with(trim(t), ' ')", true),
    ("t: string", "NOT ends_with(trim(t), '-')", false),
    ("t: string", "REVERSE(REVERSE(t)) == t AND LEN(REVERSE(t)) == LEN(t)", true),
    ("t: string, s: string", "REVERSE(t ++ s) == REVERSE(s) ++ REVERSE(t)", true),
    ("t: string, s: string", "REVERSE(t ++ s) == REVERSE(t) ++ REVERSE(s)", false),
    ("t: string, n: integer", "0 <= n <= 1000 IMPLIES LEN(repeat(t, n)) == n * LEN(t)", true),
    ("t: string, n: integer", "0 <= n <= 1000 IMPLIES repeat(t, n + 1) == repeat(t, n) ++ t", true),
    (
        "t: string, n: integer",
        "LEN(pad_left(t, n, '0')) == MAX(n, LEN(t)) AND ends_with(pad_left(t, n, '0'), t)",
        true,
    ),
    ("t: string, n: integer", "LEN(pad_left(t, n, '0')) == n", false),
    ("t: string", "NOT contains(replace(t, '-', ''), '-')", false),
    (
        "t: string, s: string",
        "replace(t ++ s, '-', '+') == replace(t, '-', '+') ++ replace(s, '-', '+')",
        true,
    ),
    (
        "t: string, s: string",
        "replace(t ++ s, '--', '+') == replace(t, '--', '+') ++ replace(s, '--', '+')",
        false,
    ),
    ("n: integer", "parse_integer(to_string(n)) == SOME(n)", true),
    ("t: string", "IS_SOME(parse_integer(t)) IMPLIES to_string(VALUE(parse_integer(t))) == t", false),
    ("t: string", "LEN(t) == 1 IMPLIES t <= '\\\\u{2FFFF}'", false),
    ("t: string", "matches(t, '[a-z]+') IMPLIES matches(t ++ '-' ++ '7', '[a-z]+-[0-9]')", true),
    ("t: string", "matches(t, '[a-z]*') IMPLIES matches(t ++ '-' ++ '7', '[a-z]+-[0-9]')", false),
    ("a: array<integer>, b: array<integer>", "a < b OR a == b OR b < a", true),
    ("a: array<integer>, b: array<integer>", "a < b IMPLIES LEN(a) <= LEN(b)", false),
    ("a: array<integer>, x: integer", "a < a ++ [x]", true),
    ("a: array<integer>", "LEN(UNIQUE(a)) <= LEN(a) AND ALL(x IN a FOR x IN UNIQUE(a))", true),
    ("a: array<integer>", "ALL(x IN UNIQUE(a) FOR x IN a)", true),
    ("a: array<integer>", "LEN(UNIQUE(a)) == LEN(a)", false),
    ("a: array<integer>", "LEN(a) > 0 IMPLIES UNIQUE(a)[0] == a[0]", true),
    ("xs: array<array<integer>>", "ALL(ANY(y IN x FOR x IN xs) FOR y IN FLATTEN(xs))", true),
    ("xs: array<array<integer>>", "LEN(FLATTEN(xs)) >= LEN(xs)", false),
];
