//! Pairs of functions: the right ones are proved to do the same, the wrong ones are told apart by runs, and are
//! not proved where no run is tried either.

#![allow(clippy::unwrap_used)] // a test may fail

mod harness;

use anrf_runtime::{CancellationToken, Loaded};
use anrf_verification::report::{Compared, Comparison, Question, Seen, Unknown, Way};
use anrf_verification::testing::TestOptions;
use anrf_verification::verify::{Effort, Prover, Side, compare};

use harness::{load, prover};

fn side<'a>(loaded: &'a Loaded, name: &str) -> Side<'a> {
    let functions = &loaded.open().unwrap().semantic.functions;
    let index = functions.iter().position(|it| it.node_id() == format!("{name}_v1")).unwrap();
    Side { loaded, function: u32::try_from(index).unwrap() }
}

fn compared(prover: &Prover, first: Side<'_>, second: Side<'_>, question: Question, runs: u64) -> Comparison {
    let testing = TestOptions { max_runs: runs, ..Effort::default().testing };
    let effort = Effort { testing, ..Effort::default() };
    compare(first, second, question, prover, &effort, &CancellationToken::new()).unwrap()
}

/// Both functions of a module do the same.
#[track_caller]
fn same(text: &str, first: &str, second: &str, by: Way) {
    let Some(prover) = prover() else { return };
    let loaded = load(text);
    let (one, other) = (side(&loaded, first), side(&loaded, second));
    let found = compared(&prover, one, other, Question::Equivalent, 1_500);
    assert_eq!(found.verdict, Compared::Proved(by), "{first} and {second}");
    // And the other way round.
    assert!(compared(&prover, other, one, Question::Equivalent, 0).verdict.is_proved());
    assert!(compared(&prover, one, other, Question::Refines, 0).verdict.is_proved());
}

/// They do not: runs show it, and without runs it is not proved.
#[track_caller]
fn differ(text: &str, first: &str, second: &str) -> (Seen, Seen) {
    let Some(prover) = prover() else { return (Seen::Refuses(String::new()), Seen::Refuses(String::new())) };
    let loaded = load(text);
    let (one, other) = (side(&loaded, first), side(&loaded, second));
    let blind = compared(&prover, one, other, Question::Equivalent, 0);
    assert!(!blind.verdict.is_proved(), "{first} and {second}: {blind:?}");
    let found = compared(&prover, one, other, Question::Equivalent, 1_500);
    let Compared::Differ(difference) = found.verdict else { panic!("{first} and {second}: {found:?}") };
    assert!(!difference.first.is_like(&difference.second));
    (difference.first, difference.second)
}

/// Functions of a module, with the flow of each.
fn functions(head: &str, each: &str, flows: &[(&str, &str)]) -> String {
    let mut text = format!("module: pairs\n{head}functions:\n");
    for (name, flow) in flows {
        text += &format!("  - node_id: {name}_v1\n    type: algorithm\n    intent: Do something.\n");
        for line in each.lines().chain(["flow:"]) {
            text += &format!("    {line}\n");
        }
        for line in flow.lines().filter(|line| !line.trim().is_empty()) {
            text += &format!("      {line}\n");
        }
    }
    text
}

#[test]
fn terms_are_compared() {
    let each = "inputs: { n: integer, m: decimal }\noutputs: { success: { r: integer, d: decimal } }";
    let text = functions(
        "",
        each,
        &[
            (
                "plain",
                "- { step: done, operation: return, parameters: { r: \"IF n < 0 THEN 0 ELSE IF n > 10 THEN 10 ELSE n\", d: \"m + m\" } }",
            ),
            (
                "short",
                "- { step: done, operation: return, parameters: { d: \"2 * m\", r: \"MAX(0, MIN(10, n))\" } }",
            ),
            (
                "eleven",
                "- { step: done, operation: return, parameters: { d: \"2 * m\", r: \"MAX(0, MIN(11, n))\" } }",
            ),
            (
                "cent",
                "- { step: done, operation: return, parameters: { d: \"2 * m + 0.01\", r: \"MAX(0, MIN(10, n))\" } }",
            ),
        ],
    );
    same(&text, "plain", "short", Way::Ends);
    differ(&text, "plain", "eleven");
    differ(&text, "cent", "plain");
}

const SUM: &str = "inputs: { xs: \"array<integer>\" }
outputs: { success: { r: integer } }
contracts: { preconditions: [\"LEN(xs) <= 1000\", \"FORALL x IN xs: 0 <= x <= 1000\"] }";

fn sum(domain: &str, body: &str, result: &str) -> String {
    format!(
        "- step: add
  operation: loop
  parameters:
    state: {{ t: \"0\" }}
    for: \"{domain}\"
    invariants: [\"0 <= t <= i * 1000\"]
    do: [{{ step: more, operation: next, parameters: {{ t: \"{body}\" }} }}]
- {{ step: done, operation: return, parameters: {{ r: \"{result}\" }} }}"
    )
}

/// No invariant says what is computed; the loops go in step.
#[test]
fn loops_go_in_step() {
    let flows = [
        ("one", sum("x AT i IN xs", "t + x", "t")),
        ("other", sum("i IN 0..LEN(xs)", "IF xs[i] == 0 THEN t ELSE xs[i] * 2 + t - xs[i]", "t")),
        ("skips", sum("i IN 0..LEN(xs)", "IF xs[i] == 777 THEN t ELSE t + xs[i]", "t")),
        ("late", sum("i IN 1..LEN(xs)", "t + xs[i]", "t")),
        ("early", sum("i IN 0..LEN(xs) - 1", "t + xs[i]", "t")),
        ("more", sum("x AT i IN xs", "t + x", "t + 1")),
    ];
    let flows: Vec<(&str, &str)> = flows.iter().map(|(name, flow)| (*name, flow.as_str())).collect();
    let text = functions("", SUM, &flows);
    same(&text, "one", "other", Way::InStep);
    for wrong in ["skips", "late", "early", "more"] {
        differ(&text, "one", wrong);
    }
}

fn pairs(inner: &str, step: &str) -> String {
    format!(
        "- step: rows
  operation: loop
  parameters:
    state: {{ c: \"0\" }}
    for: \"i IN 0..LEN(xs)\"
    invariants: [\"0 <= c <= i * 100\"]
    do:
      - step: columns
        operation: loop
        parameters:
          state: {{ d: \"c\" }}
          for: \"j IN {inner}\"
          invariants: [\"c <= d <= c + j\", \"c <= i * 100\"]
          do: [{{ step: count, operation: next, parameters: {{ d: \"{step}\" }} }}]
      - {{ step: on, operation: next, parameters: {{ c: d }} }}
- {{ step: done, operation: return, parameters: {{ r: c }} }}"
    )
}

#[test]
fn loops_in_loops_go_in_step() {
    let flows = [
        ("one", pairs("0..LEN(xs)", "IF xs[i] < xs[j] THEN d + 1 ELSE d")),
        ("other", pairs("0..LEN(xs)", "d + (IF xs[j] <= xs[i] THEN 0 ELSE 1)")),
        ("ties", pairs("0..LEN(xs)", "IF xs[i] <= xs[j] THEN d + 1 ELSE d")),
        ("less", pairs("0..i", "IF xs[i] < xs[j] THEN d + 1 ELSE d")),
    ];
    let flows: Vec<(&str, &str)> = flows.iter().map(|(name, flow)| (*name, flow.as_str())).collect();
    let each = "inputs: { xs: \"array<integer>\" }\noutputs: { success: { r: integer } }\n\
                contracts: { preconditions: [\"LEN(xs) <= 100\"] }";
    let text = functions("", each, &flows);
    same(&text, "one", "other", Way::InStep);
    differ(&text, "one", "ties");
    differ(&text, "one", "less");
}

/// Loops of other shapes, where the contracts say all of the result.
#[test]
fn contracts_pin_the_result() {
    let each = SUM.replace("] }", "], postconditions: [\"r == SUM(x FOR x IN xs)\"] }");
    let up = sum("x AT i IN xs", "t + x", "t")
        .replace("i * 1000\"", "i * 1000\", \"t == SUM(xs[j] FOR j IN 0..i)\"");
    let down = "- step: add
  operation: loop
  parameters:
    state: { s: \"0\", k: \"LEN(xs)\" }
    while: \"k > 0\"
    invariants:
      - \"0 <= k <= LEN(xs)\"
      - \"0 <= s <= (LEN(xs) - k) * 1000\"
      - \"s == SUM(xs[j] FOR j IN k..LEN(xs))\"
    decreases: k
    do: [{ step: more, operation: next, parameters: { s: \"s + xs[k - 1]\", k: \"k - 1\" } }]
- { step: done, operation: return, parameters: { r: s } }";
    same(&functions("", &each, &[("up", &up), ("down", down)]), "up", "down", Way::Ends);
}

const WITHDRAW: &str = "inputs: { amount: integer }
outputs:
  success: { left: integer }
  error: { error_code: \"enum[too_much, nothing]\", message: string }
state: [balance]";

#[test]
fn errors_and_state_are_compared() {
    let head = "state:\n  balance: { type: integer, initial: \"0\", constraints: [\"balance >= 0\"] }\n";
    let steps = |nothing: &str, more: &str, next: &str| {
        format!(
            "- step: some\n  operation: require\n  parameters: {{ condition: \"{nothing}\", fail: nothing, message: nothing }}
- step: enough\n  operation: require\n  parameters: {{ condition: \"{more}\", fail: too_much, message: too much }}
- {{ step: take, operation: update, parameters: {{ balance: \"{next}\" }} }}
- {{ step: done, operation: return, parameters: {{ left: balance }} }}"
        )
    };
    let flows = [
        ("one", steps("amount > 0", "amount <= balance", "balance - amount")),
        ("other", steps("NOT amount < 1", "balance - amount >= 0 OR amount == balance", "-amount + balance")),
        ("keeps", steps("amount > 0", "amount < balance", "balance - amount")),
        ("errs", steps("amount > 0 OR balance > 5", "amount > 0 AND amount <= balance", "balance - amount")),
    ];
    let flows: Vec<(&str, &str)> = flows.iter().map(|(name, flow)| (*name, flow.as_str())).collect();
    let text = functions(head, WITHDRAW, &flows);
    same(&text, "one", "other", Way::Ends);
    differ(&text, "one", "keeps");
    differ(&text, "one", "errs");
    // The same result, and another state: runs compare results only, so nobody knows.
    let text = functions(
        "state:\n  seen: { type: boolean, initial: false }\n",
        "inputs: { n: integer }\noutputs: { success: { r: integer } }\nstate: [seen]",
        &[
            (
                "sets",
                "- { step: set, operation: update, parameters: { seen: \"TRUE\" } }\n- { step: done, operation: return, parameters: { r: n } }",
            ),
            (
                "clears",
                "- { step: set, operation: update, parameters: { seen: \"FALSE\" } }\n- { step: done, operation: return, parameters: { r: n } }",
            ),
        ],
    );
    let Some(prover) = prover() else { return };
    let loaded = load(&text);
    let found = compared(&prover, side(&loaded, "sets"), side(&loaded, "clears"), Question::Equivalent, 100);
    assert!(!found.verdict.is_proved(), "{found:?}");
}

fn halve(precondition: &str, postcondition: &str, result: &str) -> String {
    format!(
        "node_id: halve_v1\ntype: algorithm\nintent: Halve.\ninputs: {{ n: integer }}\n\
         outputs: {{ success: {{ h: integer }} }}\ncontracts:\n  preconditions: [\"{precondition}\"]\n  \
         postconditions: [\"{postcondition}\"]\nflow:\n  - {{ step: done, operation: return, parameters: {{ h: \"{result}\" }} }}\n"
    )
}

#[test]
fn a_function_that_asks_less_and_promises_more_refines() {
    let Some(prover) = prover() else { return };
    let old = load(&halve("n >= 0", "0 <= h <= n", "n / 2"));
    let ask = |new: &str, question| {
        let new = load(new);
        compared(&prover, side(&new, "halve"), side(&old, "halve"), question, 1_500).verdict
    };
    let wider = halve("n >= -8", "h <= n + 8", "IF n > 3 THEN n / 3 ELSE n / 2");
    assert_eq!(ask(&wider, Question::Refines).name(), "proved");
    // But it does something else.
    assert_eq!(ask(&wider, Question::Equivalent).name(), "refuted");
    let narrower = halve("n > 0", "0 <= h <= n", "n / 2");
    let Compared::Differ(difference) = ask(&narrower, Question::Refines) else { panic!() };
    assert!(matches!((difference.first, difference.second), (Seen::Refuses(_), Seen::Ends(_))));
    assert_eq!(ask(&narrower, Question::Equivalent).name(), "refuted");
    // More than was promised: not what callers rely on.
    let more = halve("n >= 0", "h <= n + 1", "n + 1 - (n - n / 2)")
        .replace("n + 1 - (n - n / 2)", "IF n > 9 THEN n ELSE n + 1");
    assert_ne!(ask(&more, Question::Refines).name(), "proved");
}

#[test]
fn functions_of_two_modules_are_compared() {
    let Some(prover) = prover() else { return };
    let cart = |name: &str, total: &str| {
        format!(
            "module: {name}\ntypes:\n  Item: {{ fields: {{ price: decimal, count: integer }} }}\nfunctions:\n  - node_id: total_v1\n    \
             type: algorithm\n    intent: Add up.\n    inputs: {{ items: \"array<Item>\" }}\n    outputs: {{ success: {{ total: decimal, all: \"array<Item>\" }} }}\n    \
             flow:\n      - {{ step: done, operation: return, parameters: {{ total: \"{total}\", all: items }} }}\n"
        )
    };
    let one = load(&cart("one", "SUM(item.price FOR item IN items)"));
    for (total, verdict) in [
        ("SUM(it.price FOR it IN items)", "proved"),
        ("SUM(items[i].price FOR i IN 0..LEN(items))", "proved"),
        ("SUM(item.price FOR item IN items) + 1", "refuted"),
    ] {
        let other = load(&cart("two", total));
        let found = compared(&prover, side(&one, "total"), side(&other, "total"), Question::Equivalent, 500);
        if verdict == "refuted" {
            assert_eq!(found.verdict.name(), verdict, "{total}: {found:?}");
        } else {
            assert!(!matches!(found.verdict, Compared::Differ(_) | Compared::Error(_)), "{total}: {found:?}");
        }
        if total.starts_with("SUM(it.") {
            assert!(found.verdict.is_proved(), "{found:?}");
        }
    }
    // A type of the same name that is another one.
    let other =
        load(&cart("two", "SUM(item.price FOR item IN items)").replace("count: integer", "count: decimal"));
    let found = compared(&prover, side(&one, "total"), side(&other, "total"), Question::Equivalent, 100);
    assert!(matches!(found.verdict, Compared::Unknown(Unknown::Unsupported(_))), "{found:?}");
}

#[test]
fn what_is_not_proved_has_nothing_to_compare() {
    let Some(prover) = prover() else { return };
    let each = "inputs: { n: integer }\noutputs: { success: { r: integer } }";
    let flow = "- { step: done, operation: return, parameters: { r: \"n + 1\" } }";
    let loaded = load(&functions("", each, &[("one", flow), ("other", flow)]));
    let found = compared(&prover, side(&loaded, "one"), side(&loaded, "other"), Question::Equivalent, 1_500);
    assert_eq!(found.verdict, Compared::Unknown(Unknown::NotProved("one_v1".into())));
    let other = load(&functions(
        "",
        &each.replace("n: integer", "m: integer"),
        &[("one", &flow.replace("n + 1", "m"))],
    ));
    let found = compared(&prover, side(&loaded, "one"), side(&other, "one"), Question::Equivalent, 10);
    assert!(matches!(found.verdict, Compared::Unknown(Unknown::Unsupported(_))), "{found:?}");
}
