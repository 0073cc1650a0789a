//! Hostile texts end in an error with a place, quickly, on a small stack.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anrf_language::printer::{self, Quote};
use anrf_language::syntax::expression::{ExpressionKind, Expressions, MAX_DEPTH};
use anrf_language::syntax::{parse_expression, parse_text};
use anrf_language::yaml::Limits;

/// What the whole engine promises to get by with.
const STACK: usize = 256 * 1024;

fn on_small_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap()
}

/// The codes of what an expression is told, and how tall the tree is, which has to be one: a node that stood in two
/// places would be walked over twice, and in a chain of such nodes exponentially often.
fn read(text: String) -> (Vec<&'static str>, usize) {
    on_small_stack(move || {
        let mut expressions = Expressions::default();
        let mut diagnostics = vec![];
        let id = parse_expression(&text, |at| u32::try_from(at).unwrap(), &mut expressions, &mut diagnostics);
        let mut heights = vec![1; expressions.nodes.len()];
        for (index, node) in expressions.nodes.iter().enumerate() {
            node.kind
                .for_each_child(|child| heights[index] = heights[index].max(heights[child.0 as usize] + 1));
        }
        let mut parents = vec![0; expressions.nodes.len()];
        for node in &expressions.nodes {
            node.kind.for_each_child(|child| parents[child.0 as usize] += 1);
        }
        assert!(parents.iter().all(|parents| *parents <= 1), "{text}");
        // Printing walks the whole tree.
        let _ = printer::expression(&expressions, id, Quote::Double);
        (diagnostics.iter().map(|it| it.code.id).collect(), heights.into_iter().max().unwrap_or(0))
    })
}

fn nested(open: &str, inner: &str, close: &str, times: usize) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn chains_of_foreign_forms_are_read_once() {
    let forms = [
        "[1..]",
        "[..1]",
        "[..]",
        "[1:]",
        "[:1]",
        "[:]",
        "[-1:]",
        "[::2]",
        "[::-1]",
        ".get()",
        ".get(1)",
        ".get(1, 2)",
        ".getOrDefault()",
        ".unwrap_or()",
        ".append()",
        ".add()",
        ".push(1)",
        ".remove()",
        ".contains()",
        ".isEmpty()",
        ".is_empty()",
        ".equals()",
        ".length",
        ".len()",
        ".length()",
        ".map(x => x)",
        ".filter(x)",
        ".substring(1)",
        ".slice(1)",
        "?.a",
        "!",
        "++",
        "--",
        " ?? b",
        " if a",
        " in",
        " is None",
        " < 1 < 2",
        " == 1 == 2",
    ];
    for form in forms {
        let (_, height) = read(format!("a{}", form.repeat(60)));
        assert!(height <= MAX_DEPTH + 1, "{form}: {height}");
    }
}

#[test]
fn a_hundred_thousand_levels_are_one_error() {
    let forms = [
        ("(", ")"),
        ("[", "]"),
        ("{1: ", "}"),
        ("f(", ")"),
        ("A { a: ", "}"),
        ("SOME(", ")"),
        ("xs[", "]"),
        ("x.f(", ")"),
        ("-", ""),
        ("NOT ", ""),
        ("1 + ", ""),
        ("a IMPLIES ", ""),
        ("IF a THEN b ELSE ", ""),
        ("IF ", " THEN a ELSE b"),
        ("LET x = 1 IN ", ""),
        ("FORALL x IN xs: ", ""),
        ("MATCH v { a => ", " }"),
        ("SUM(", " FOR x IN xs)"),
        ("SORT(x IN xs BY ", ")"),
        ("s WITH ", ""),
        ("a WITH { b: ", "}"),
        ("m WITH [", "] = 1"),
        ("a ? b : ", ""),
        ("[x FOR x IN ", "]"),
    ];
    for (open, close) in forms {
        let (codes, height) = read(nested(open, "a", close, 100_000));
        assert_eq!(codes, ["E-SYNTAX-004"], "{open}");
        assert!(height <= MAX_DEPTH + 1, "{open}: {height}");
    }
    let (codes, _) = read(format!("a{}", ".b".repeat(100_000)));
    assert_eq!(codes, ["E-SYNTAX-004"]);
    let (codes, _) = read(format!("a{}", " WITH { b: 1 }".repeat(100_000)));
    assert_eq!(codes, ["E-SYNTAX-004"]);
}

#[test]
fn what_is_just_low_enough_is_read() {
    for (open, close) in
        [("(1 + ", ")"), ("f(", ")"), ("-(", ")"), ("IF c THEN (x) ELSE ", ""), ("a IMPLIES ", "")]
    {
        let (codes, height) = read(nested(open, "a", close, MAX_DEPTH - 2));
        assert!(codes.is_empty(), "{open}: {codes:?}");
        assert!(height <= MAX_DEPTH, "{open}");
    }
}

#[test]
fn broken_brackets_without_end_are_few_errors() {
    for text in [
        "(".repeat(100_000),
        ")".repeat(100_000),
        "[,".repeat(50_000),
        "{{}".repeat(50_000),
        "a b ".repeat(50_000),
    ] {
        let (codes, _) = read(text);
        assert!((1..=60).contains(&codes.len()), "{}", codes.len());
    }
}

#[test]
fn a_deep_file_is_read_on_a_small_stack() {
    let mut flow = String::from("node_id: f\ntype: algorithm\nflow:\n");
    let mut indent = 2;
    for level in 0..15 {
        let pad = " ".repeat(indent);
        flow += &format!(
            "{pad}- step: s{level}\n{pad}  operation: loop\n{pad}  parameters:\n{pad}    while: \"{}\"\n{pad}    do:\n",
            nested("NOT (", "a", ")", 60)
        );
        indent += 6;
    }
    let pad = " ".repeat(indent);
    flow += &format!(
        "{pad}- {{ step: last, operation: assert, parameters: {{ condition: \"{}\" }} }}\n",
        nested("f(", "a", ")", 120)
    );
    let codes = on_small_stack(move || {
        let (parsed, diagnostics) = parse_text(&flow, &Limits::default());
        assert_eq!(parsed.module.functions.len(), 1);
        diagnostics.iter().map(|it| it.code.id).collect::<Vec<_>>()
    });
    assert!(codes.is_empty(), "{codes:?}");
}

#[test]
fn a_type_without_end_is_one_error() {
    for (open, close) in [("array<", ">"), ("[", "]"), ("optional[", "]")] {
        let text = format!(
            "node_id: f\ninputs:\n  x:\n    type: '{}'\nflow: []\n",
            nested(open, "integer", close, 100_000)
        );
        let codes = on_small_stack(move || {
            parse_text(&text, &Limits::default()).1.iter().map(|it| it.code.id).collect::<Vec<_>>()
        });
        assert_eq!(codes, ["E-SYNTAX-004"]);
    }
}

#[test]
fn an_error_node_is_no_value() {
    let mut expressions = Expressions::default();
    let mut diagnostics = vec![];
    let id = parse_expression("a +", |_| 0, &mut expressions, &mut diagnostics);
    let ExpressionKind::Binary(_, _, right) = expressions[id].kind else { panic!() };
    assert!(matches!(expressions[right].kind, ExpressionKind::Error));
}
