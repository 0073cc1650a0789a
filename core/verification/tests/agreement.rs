//! The encoding compared with the interpreter: each expression of a table, modules with state, hosts and loops.
//! `cargo run -p anrf-tests --bin agreement` does the same at length, and with generated programs.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test may fail, and say why it is left out

mod harness;

use anrf_verification::agreement::{Figures, Options, compare};
use anrf_verification::solver::{Dialect, PoolOptions, ProcessSolver, Program};

#[path = "agreement/texts.rs"]
mod texts;

/// What is compared of these texts; `None` without z3.
fn compared(texts: &[(String, String)], options: &Options) -> Option<Figures> {
    let Some(program) = Program::find(Dialect::Z3) else {
        eprintln!("left out: there is no z3");
        if let Some(log) = std::env::var_os("ANRF_SKIP_LOG") {
            let mut log = std::fs::OpenOptions::new().append(true).create(true).open(log).unwrap();
            std::io::Write::write_all(&mut log, b"agreement: no z3 (`cargo xtask solvers`)\n").unwrap();
        }
        return None;
    };
    let solver = ProcessSolver::new(program, PoolOptions::default());
    let halves = texts.chunks(texts.len().div_ceil(2));
    let figures = std::thread::scope(|scope| {
        let works: Vec<_> = halves.map(|half| scope.spawn(|| one_by_one(half, &solver, options))).collect();
        let mut all = Figures::default();
        works.into_iter().for_each(|work| all.add(work.join().unwrap()));
        all
    });
    assert!(figures.differences.is_empty(), "{}", figures.differences.join("\n\n"));
    Some(figures)
}

fn one_by_one(texts: &[(String, String)], solver: &ProcessSolver, options: &Options) -> Figures {
    let mut figures = Figures::default();
    for (name, text) in texts {
        let loaded = harness::load(text);
        compare(name, &loaded, solver, options, &mut figures).unwrap();
    }
    figures
}

#[test]
fn expressions_mean_the_same() {
    let options = Options { runs: 60, kept: 6, ..Options::default() };
    let Some(figures) = compared(&texts::expressions(), &options) else { return };
    assert!(figures.possible.all() > 800 && figures.otherwise.unsat > 600, "{figures}");
    assert!(figures.broken.all() > 60, "{figures}");
}

/// Powers, and places that are computed, are said by recurrences: with more inputs, as few are at their edges.
#[test]
fn powers_mean_the_same() {
    let is_power = |line: &str| line.contains("pow(") || line.contains(", n, ") || line.contains(", n %");
    let lines: Vec<_> = texts::expressions().into_iter().filter(|(line, _)| is_power(line)).collect();
    assert!(lines.len() > 25, "{}", lines.len());
    let options = Options { runs: 600, kept: 24, ..Options::default() };
    let Some(figures) = compared(&lines, &options) else { return };
    assert!(figures.possible.all() > 300 && figures.broken.all() > 20, "{figures}");
}

#[test]
fn state_hosts_and_loops_mean_the_same() {
    let options = Options { runs: 800, kept: 20, ..Options::default() };
    let Some(figures) = compared(&texts::modules(), &options) else { return };
    assert!(figures.possible.all() > 200, "{figures}");
    assert!(figures.broken.all() > 20, "{figures}");
}
