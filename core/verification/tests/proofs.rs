//! Proofs and what must not be proved: each function is proved as it stands, and after each of its changes one
//! named obligation is not.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test may fail, and say why it is left out

mod harness;

use anrf_runtime::CancellationToken;
use anrf_verification::encode::Calls;
use anrf_verification::report::Verdict;
use anrf_verification::testing::TestOptions;
use anrf_verification::verify::{Effort, ProofOptions, Prover, Silent, verify};
use harness::{change, check, load, open, portfolio, report};

const SUM: &str = r#"
node_id: total_v1
type: algorithm
intent: Add up.
inputs: { xs: "array<integer>" }
outputs: { success: { total: integer } }
contracts:
  preconditions: ["LEN(xs) <= 1000", "FORALL x IN xs: 0 <= x <= 1000000"]
  postconditions: ["total == SUM(x FOR x IN xs)", "total >= 0"]
flow:
  - step: add
    operation: loop
    parameters:
      state: { t: "0" }
      for: "x AT i IN xs"
      invariants: ["t == SUM(xs[k] FOR k IN 0..i)", "0 <= t <= i * 1000000"]
      do:
        - step: more
          operation: next
          parameters: { t: "t + x" }
  - step: done
    operation: return
    parameters: { total: t }
"#;

#[test]
fn a_sum_is_proved_by_a_loop() {
    check(
        SUM,
        &[
            change("t + x", "t + x + 1", "total_v1/add/loop_invariant/0 refuted"),
            change("0 <= x <= 1000000", "0 <= x", "total_v1/add/loop_invariant/1 refuted"),
            change("{ t: \"0\" }", "{ t: \"1\" }", "total_v1/add/loop_invariant/0 refuted"),
            change("total: t }", "total: 0 }", "total_v1/@exit/postcondition/0 refuted"),
        ],
    );
}

const SEARCH: &str = r#"
node_id: find_v1
type: algorithm
intent: Find a key in a sorted array.
inputs: { xs: "array<integer>", key: integer }
outputs: { success: { position: "optional<integer>" } }
contracts:
  preconditions: ["FORALL i IN 0..LEN(xs), j IN i..LEN(xs): xs[i] <= xs[j]"]
  postconditions:
    - "IS_SOME(position) IMPLIES 0 <= VALUE(position) < LEN(xs) AND xs[VALUE(position)] == key"
    - "position == NONE IMPLIES FORALL i IN 0..LEN(xs): xs[i] != key"
flow:
  - step: search
    operation: loop
    parameters:
      state: { lo: "0", hi: "LEN(xs)" }
      while: "lo < hi"
      invariants:
        - "0 <= lo <= hi <= LEN(xs)"
        - "FORALL i IN 0..lo: xs[i] < key"
        - "FORALL i IN hi..LEN(xs): xs[i] > key"
      decreases: "hi - lo"
      do:
        - step: probe
          operation: compute
          parameters: { mid: "lo + (hi - lo) / 2" }
        - step: found
          operation: return
          when: "xs[mid] == key"
          parameters: { position: "SOME(mid)" }
        - step: narrow
          operation: next
          parameters: { lo: "IF xs[mid] < key THEN mid + 1 ELSE lo", hi: "IF xs[mid] < key THEN hi ELSE mid" }
  - step: absent
    operation: return
    parameters: { position: "NONE" }
"#;

#[test]
fn binary_search_is_proved() {
    check(
        SEARCH,
        &[
            change("THEN mid + 1 ELSE lo", "THEN mid ELSE lo", "find_v1/search/termination/0 unknown"),
            change("SOME(mid)", "SOME(lo)", "find_v1/@exit/postcondition/0 refuted"),
            change("FORALL i IN hi..LEN(xs): xs[i] > key", "TRUE", "find_v1/@exit/postcondition/1 unknown"),
            change("hi: \"LEN(xs)\"", "hi: \"LEN(xs) + 1\"", "find_v1/search/loop_invariant/0 refuted"),
            change("decreases: \"hi - lo\"", "decreases: \"lo\"", "find_v1/search/termination/0 unknown"),
        ],
    );
}

const ACCOUNT: &str = r#"
anrf: "1"
module: bank
intent: Money in accounts.
types:
  Account: { fields: { id: string, balance: decimal }, constraints: ["balance >= 0"] }
state:
  accounts: { type: "map<string, Account>", initial: {} }
  total:    { type: decimal, initial: "0" }
invariants: ["SUM(a.balance FOR a IN values(accounts)) == total"]
functions:
  - node_id: move_v1
    type: data_transform
    intent: Move money from one account to another.
    state: [accounts, total]
    inputs: { from: string, to: string, amount: decimal }
    outputs:
      success: { left: decimal }
      error:   { error_code: "enum[unknown, poor]", message: string }
    contracts:
      preconditions: ["amount > 0", "from != to"]
      postconditions:
        - "success IMPLIES left == old(accounts[from].balance) - amount"
        - "failed(unknown) IFF NOT (from IN old(accounts) AND to IN old(accounts))"
        - "total == old(total)"
    flow:
      - step: known
        operation: require
        parameters: { condition: "from IN accounts AND to IN accounts", fail: unknown, message: "no account" }
      - step: enough
        operation: require
        parameters: { condition: "accounts[from].balance >= amount", fail: poor, message: "too little" }
      - step: change
        operation: compute
        parameters:
          poorer: "accounts[from] WITH { balance: accounts[from].balance - amount }"
          richer: "accounts[to] WITH { balance: accounts[to].balance + amount }"
      - step: book
        operation: update
        parameters: { accounts: "accounts WITH [from] = poorer, [to] = richer" }
      - step: done
        operation: return
        parameters: { left: "accounts[from].balance" }
"#;

#[test]
fn money_in_a_map_is_neither_made_nor_lost() {
    check(
        ACCOUNT,
        &[
            change("balance + amount }", "balance + amount + 0.01 }", "move_v1/@exit/invariant/1 unknown"),
            change(
                "\"amount > 0\", \"from != to\"",
                "\"amount > 0\"",
                "move_v1/@exit/postcondition/3 refuted",
            ),
            change("accounts[from].balance >= amount", "TRUE", "move_v1/change/constraint/0 unknown"),
            change(
                "from IN accounts AND to IN accounts\"",
                "from IN accounts\"",
                "move_v1/change/key_present/2 refuted",
            ),
        ],
    );
}

const RECURSION: &str = r#"
anrf: "1"
module: recursion
intent: Recursion and lemmas.
functions:
  - node_id: triangle_v1
    type: algorithm
    intent: The sum of the numbers up to n.
    inputs: { n: integer }
    outputs: { success: { sum: integer } }
    decreases: n
    contracts:
      preconditions: ["0 <= n <= 1000000"]
      postconditions: ["2 * sum == n * (n + 1)"]
    flow:
      - step: none
        operation: return
        when: "n == 0"
        parameters: { sum: 0 }
      - step: some
        operation: return
        parameters: { sum: "n + triangle(n - 1)" }
  - node_id: grows_v1
    type: lemma
    intent: A larger triangle has a larger sum.
    inputs: { a: integer, b: integer }
    decreases: "b - a"
    contracts:
      preconditions: ["0 <= a <= b <= 1000000"]
      postconditions: ["triangle(a) <= triangle(b)"]
    flow:
      - step: same
        operation: return
        when: "a == b"
        parameters: {}
      - step: before
        operation: call
        parameters: { function: grows, arguments: { a: a, b: "b - 1" } }
      - step: done
        operation: return
        parameters: {}
"#;

#[test]
fn recursion_and_induction_are_proved() {
    check(
        RECURSION,
        &[
            change("triangle(n - 1)", "triangle(n)", "triangle_v1/some/termination/0 unknown"),
            change("decreases: n\n", "\n", "triangle_v1/some/termination/0 unknown"),
            change("sum: 0 }", "sum: 1 }", "triangle_v1/@exit/postcondition/0 refuted"),
            change("0 <= n <= 1000000", "0 <= n", "triangle_v1/some/no_overflow/1 unknown"),
            change("a: a, b: \"b - 1\"", "a: a, b: b", "grows_v1/before/termination/0 unknown"),
        ],
    );
}

const HOST: &str = r#"
anrf: "1"
module: hosts
intent: Calls of the host.
host:
  charge:
    capability: pay
    inputs:  { amount: decimal }
    outputs: { success: { id: string }, error: { error_code: "enum[declined]", message: string } }
    contracts: { preconditions: ["amount > 0"], postconditions: ["LEN(id) > 0"] }
    idempotent: true
functions:
  - node_id: pay_v1
    type: workflow
    intent: Charge once or a few times.
    inputs: { amount: { type: decimal, constraints: ["amount > 0"] } }
    outputs:
      success: { id: string }
      error:   { error_code: "enum[refused]", message: string }
    security: { capabilities_required: [pay] }
    contracts:
      postconditions: ["LEN(id) > 0", "1 <= calls(charge) <= 3"]
    flow:
      - step: charge
        operation: invoke
        parameters:
          host: charge
          arguments: { amount: amount }
          bind: paid
          on_error:
            declined:
              - step: no
                operation: fail
                parameters: { error_code: refused, message: "declined" }
        error_handling: { retry: { times: 2, backoff_ms: 1 } }
      - step: done
        operation: return
        parameters: { id: paid.id }
"#;

#[test]
fn what_a_host_promises_is_assumed_and_what_it_wants_is_proved() {
    check(
        HOST,
        &[
            change(
                "constraints: [\"amount > 0\"]",
                "constraints: [\"amount >= 0\"]",
                "pay_v1/charge/precondition_of_a_call/0 refuted",
            ),
            change("times: 2", "times: 3", "pay_v1/@exit/postcondition/0 refuted"),
            change(
                "postconditions: [\"LEN(id) > 0\"] }",
                "postconditions: [] }",
                "pay_v1/@exit/postcondition/1 refuted",
            ),
        ],
    );
}

const MONEY: &str = r#"
node_id: fee_v1
type: data_transform
intent: Take a fee and lose no cent.
inputs: { amount: { type: decimal, constraints: ["amount >= 0", "scale(amount) <= 2"] } }
outputs: { success: { fee: decimal, rest: decimal } }
contracts:
  postconditions: ["fee + rest == amount", "scale(fee) <= 2", "scale(rest) <= 2", "fee >= 0", "fee - amount * 0.025 <= 0.005"]
flow:
  - step: done
    operation: compute
    parameters: { taken: "round(amount * 0.025, 2, HALF_UP)" }
  - step: give
    operation: return
    parameters: { fee: taken, rest: "amount - taken" }
"#;

#[test]
fn decimals_are_exact_and_rounded_as_asked() {
    check(
        MONEY,
        &[
            change("HALF_UP", "UP", "fee_v1/@exit/postcondition/4 refuted"),
            change("0.025, 2,", "0.025, 3,", "fee_v1/@exit/postcondition/1 refuted"),
            change("\"amount >= 0\", ", "", "fee_v1/@exit/postcondition/3 refuted"),
            change(
                "rest: \"amount - taken\"",
                "rest: \"round(amount * 0.975, 2, HALF_UP)\"",
                "fee_v1/@exit/postcondition/0 refuted",
            ),
        ],
    );
}

const TEXT: &str = r#"
node_id: code_v1
type: data_transform
intent: Read a code of a letter and digits.
inputs: { text: string }
outputs:
  success: { kind: string, rest: string }
  error:   { error_code: "enum[bad]", message: string }
contracts:
  postconditions: ["success IMPLIES kind ++ rest == text", "success IMPLIES LEN(kind) == 1", "failed(bad) IFF NOT matches(text, '[A-Z][0-9]+')"]
flow:
  - step: form
    operation: require
    parameters: { condition: "matches(text, '[A-Z][0-9]+')", fail: bad, message: "a letter and digits" }
  - step: done
    operation: return
    parameters: { kind: "text[0..1]", rest: "text[1..LEN(text)]" }
"#;

#[test]
fn strings_are_cut_where_they_may_be() {
    check(
        TEXT,
        &[
            change("text[1..LEN(text)]", "text[2..LEN(text)]", "code_v1/@exit/postcondition/3 refuted"),
            change("kind: \"text[0..1]\"", "kind: \"text[0..2]\"", "code_v1/@exit/postcondition/3 refuted"),
            change(
                "condition: \"matches(text, '[A-Z][0-9]+')\"",
                "condition: \"LEN(text) > 0\"",
                "code_v1/@exit/postcondition/5 refuted",
            ),
            change(
                "condition: \"matches(text, '[A-Z][0-9]+')\"",
                "condition: \"TRUE\"",
                "code_v1/done/in_bounds/0 refuted",
            ),
        ],
    );
}

/// A loop of the text that looks like a retry: one state variable, one `invoke`, no invariant. Its rounds are not
/// counted by the variable.
const TWO_BY_TWO: &str = r#"
anrf: "1"
module: hosts
intent: Calls of the host.
host:
  ping:
    inputs:  {}
    outputs: { success: { id: string } }
functions:
  - node_id: pings_v1
    type: workflow
    intent: Ping twice.
    inputs: {}
    outputs: { success: { last: integer } }
    contracts:
      postconditions: ["calls(ping) >= 4"]
    flow:
      - step: rounds
        operation: loop
        parameters:
          state: { i: "0" }
          while: "i < 4"
          decreases: "4 - i"
          do:
            - step: ping
              operation: invoke
              parameters: { host: ping, arguments: {} }
            - step: on
              operation: next
              parameters: { i: "i + 2" }
      - step: done
        operation: return
        parameters: { last: i }
"#;

#[test]
fn a_loop_that_looks_like_a_retry_counts_nothing() {
    let Some(portfolio) = portfolio() else { return };
    // Without a single run: the proof has to fail by itself.
    let testing = TestOptions { max_runs: 0, ..TestOptions::default() };
    let prover = Prover::new(portfolio, ProofOptions::default());
    let effort = Effort { testing, ..Effort::default() };
    let loaded = load(TWO_BY_TWO);
    let report = verify(&loaded, None, &prover, &effort, &Silent, &CancellationToken::new()).unwrap();
    let found = open(&report);
    assert!(found.iter().any(|it| it.starts_with("pings_v1/@exit/postcondition/0 ")), "{found:?}");
}

#[test]
fn what_no_input_meets_proves_nothing() {
    let Some(portfolio) = portfolio() else { return };
    let text = SUM.replace("LEN(xs) <= 1000", "LEN(xs) < 0");
    let report = report(&text, &portfolio);
    let Verdict::Unknown(why) = &report.functions[0].verdict else {
        panic!("{:?}", report.functions[0].verdict)
    };
    assert_eq!(why.class(), "vacuous");
}

#[test]
fn a_constraint_that_cannot_be_evaluated_is_a_defect() {
    let Some(portfolio) = portfolio() else { return };
    let text = MONEY.replace("\"amount >= 0\", ", "\"div(1.00, amount, 2, HALF_UP) > 0\", ");
    let found = open(&report(&text, &portfolio));
    assert!(found.iter().any(|it| it.starts_with("fee_v1/@entry/valid_argument/0")), "{found:?}");
}

#[test]
fn scripts_do_not_depend_on_what_stands_elsewhere() {
    let scripts = |text: &str| {
        let loaded = load(text);
        let module = loaded.module();
        Prover::scripts(module, &Calls::of(module), 0)
    };
    let once = scripts(RECURSION);
    assert!(once.len() > 3, "there are goals");
    assert_eq!(once, scripts(RECURSION), "two runs say the same");
    let more = format!("# a comment\n{}", RECURSION.replace("intent: Recursion", "intent: Again recursion"));
    let more = format!(
        "{more}  - node_id: other_v1\n    type: algorithm\n    intent: Another.\n    inputs: {{ t: decimal }}\n    outputs: {{ success: {{ r: decimal }} }}\n    flow:\n      - step: done\n        operation: return\n        parameters: {{ r: \"t + 1\" }}\n"
    );
    assert_eq!(once, scripts(&more), "nor on another function");
}
