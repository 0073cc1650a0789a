//! What tests of whole reports share.
#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test may fail, and say why it is left out

use std::sync::Arc;
use std::time::Duration;

use anrf_format::module::{Module, Source};
use anrf_language::resolver::FolderResolver;
use anrf_runtime::{Interpreter, Loaded};
use anrf_verification::solver::{Limits, PoolOptions, Portfolio, PortfolioOptions};
use anrf_verification::verify::{ProofOptions, Prover};

/// The module of a text, ready to run; one that does not pass its check is a mistake of the test.
pub(crate) fn load(text: &str) -> Loaded {
    let source = Source { name: "test.vsp".into(), text: text.into() };
    let (checked, diagnostics) = anrf_language::check_source(&source, &FolderResolver::new());
    let messages: Vec<_> = diagnostics.iter().map(|found| &found.message).collect();
    let checked = checked.unwrap_or_else(|| panic!("{messages:?}\n{text}"));
    let module: Module = anrf_language::lowering::lower(checked).unwrap().into_module();
    Loaded::new(&Interpreter, &Arc::new(module)).unwrap()
}

/// A prover with the solvers of this machine; a test without any is left out, and named where skips are
/// collected.
pub(crate) fn prover() -> Option<Prover> {
    let portfolio = Portfolio::installed(PoolOptions::default(), PortfolioOptions::default());
    if !portfolio.solvers().is_empty() {
        let limits = Limits { time: Duration::from_secs(10), ..Limits::default() };
        return Some(Prover::new(portfolio, ProofOptions { limits }));
    }
    eprintln!("left out: there is no solver");
    if let Some(log) = std::env::var_os("ANRF_SKIP_LOG") {
        let mut log = std::fs::OpenOptions::new().append(true).create(true).open(log).unwrap();
        std::io::Write::write_all(&mut log, b"proofs: no solver (`cargo xtask solvers`)\n").unwrap();
    }
    None
}
