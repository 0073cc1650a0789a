//! What tests of proofs share.

#![allow(dead_code, reason = "no test needs all of it")]
#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test may fail, and say why it is left out

use std::sync::Arc;

use anrf_format::module::{Module, Source};
use anrf_language::resolver::FolderResolver;
use anrf_runtime::{CancellationToken, Interpreter, Loaded};
use anrf_verification::report::Report;
use anrf_verification::solver::{Limits, PoolOptions, Portfolio, PortfolioOptions};
use anrf_verification::verify::{Effort, ProofOptions, Prover, Silent, verify};

/// The module of a text, ready to run; one that does not pass its check is a mistake of the test.
pub(crate) fn load(text: &str) -> Loaded {
    let source = Source { name: "test.vsp".into(), text: text.into() };
    let (checked, diagnostics) = anrf_language::check_source(&source, &FolderResolver::new());
    let messages: Vec<_> = diagnostics.iter().map(|found| &found.message).collect();
    let checked = checked.unwrap_or_else(|| panic!("{messages:?}\n{text}"));
    let module: Module = anrf_language::lowering::lower(checked).unwrap().into_module();
    Loaded::new(&Interpreter, &Arc::new(module)).unwrap()
}

/// The solvers of this machine; a test without any is left out, and named where skips are collected.
pub(crate) fn portfolio() -> Option<Portfolio> {
    let portfolio = Portfolio::installed(PoolOptions::default(), PortfolioOptions::default());
    if !portfolio.solvers().is_empty() {
        return Some(portfolio);
    }
    eprintln!("left out: there is no solver");
    if let Some(log) = std::env::var_os("ANRF_SKIP_LOG") {
        let mut log = std::fs::OpenOptions::new().append(true).create(true).open(log).unwrap();
        std::io::Write::write_all(&mut log, b"proofs: no solver (`cargo xtask solvers`)\n").unwrap();
    }
    None
}

/// A prover that asks them.
pub(crate) fn prover() -> Option<Prover> {
    portfolio().map(patient)
}

fn patient(portfolio: Portfolio) -> Prover {
    let limits = Limits { time: std::time::Duration::from_secs(10), ..Limits::default() };
    Prover::new(portfolio, ProofOptions { limits })
}

pub(crate) fn report(text: &str, portfolio: &Portfolio) -> Report {
    let prover = patient(portfolio.clone());
    verify(&load(text), None, &prover, &Effort::default(), &Silent, &CancellationToken::new()).unwrap()
}

/// What is not proved, with its verdict.
pub(crate) fn open(report: &Report) -> Vec<String> {
    let obligations = report.functions.iter().flat_map(|function| &function.obligations);
    let open = obligations.filter(|it| !it.verdict.is_proved());
    open.map(|it| format!("{} {}", it.id, it.verdict.name())).collect()
}

/// A change of a text, and the obligation that then is not proved.
pub(crate) struct Change {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) breaks: &'static str,
}

pub(crate) fn change(from: &'static str, to: &'static str, breaks: &'static str) -> Change {
    Change { from, to, breaks }
}

/// The text is proved; after each change it is not, and the named obligation is refuted or unknown as said.
pub(crate) fn check(text: &str, changes: &[Change]) {
    let Some(portfolio) = portfolio() else { return };
    assert_eq!(open(&report(text, &portfolio)), Vec::<String>::new(), "all of it is proved");
    for Change { from, to, breaks } in changes {
        assert!(text.contains(from), "there is no `{from}`");
        let changed = text.replacen(from, to, 1);
        let found = open(&report(&changed, &portfolio));
        assert!(found.iter().any(|it| it == breaks), "`{from}` to `{to}` breaks `{breaks}`: {found:?}");
    }
}

/// A loop that counts, whose invariants are to be found.
pub(crate) const COUNT: &str = r#"
node_id: count_v1
type: algorithm
intent: Count up by two.
inputs: { n: integer }
outputs: { success: { total: integer, same: string } }
contracts:
  preconditions: ["0 <= n <= 1000"]
  postconditions: ["total == 2 * n", "same == \"kept\""]
flow:
  - step: add
    operation: loop
    parameters:
      state: { t: "0", k: "0", s: "'kept'" }
      while: "k < n"
      decreases: "n - k"
      do: [{ step: more, operation: next, parameters: { t: "t + 2", k: "k + 1" } }]
  - { step: done, operation: return, parameters: { total: t, same: s } }
"#;
