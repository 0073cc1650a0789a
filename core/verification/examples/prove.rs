//! Verifies files and prints every obligation that is not proved.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::print_stdout, missing_docs)]

use std::sync::Arc;

use anrf_format::module::Source;
use anrf_language::resolver::FolderResolver;
use anrf_runtime::CancellationToken;
use anrf_verification::solver::{PoolOptions, Portfolio, PortfolioOptions};
use anrf_verification::verify::{Effort, ProofOptions, Prover, Silent, verify};

fn main() {
    let prover = Prover::new(
        Portfolio::installed(PoolOptions::default(), PortfolioOptions::default()),
        ProofOptions::default(),
    );
    for path in std::env::args().skip(1) {
        let source = Source { name: path.clone(), text: std::fs::read_to_string(&path).unwrap() };
        let folder = std::path::Path::new(&path).parent().unwrap();
        let _ = folder;
        let (checked, diagnostics) = anrf_language::check_source(&source, &FolderResolver::new());
        let Some(checked) = checked else {
            println!("{path}: {:?}", diagnostics.first().map(|it| &it.message));
            continue;
        };
        let lowered = anrf_language::lowering::lower(checked).unwrap();
        let module = Arc::new(lowered.module().clone());
        if let Ok(wanted) = std::env::var("DUMP") {
            let calls = anrf_verification::encode::Calls::of(&module);
            for index in 0..module.semantic.functions.len() {
                for (id, part, text) in Prover::scripts(&module, &calls, index as u32) {
                    if id == wanted {
                        println!("; {id} {part:?}\n(push)\n{text}(check-sat)\n(pop)");
                    }
                }
            }
            continue;
        }
        if std::env::var("CONSISTENT").is_ok() {
            // Are the hypotheses alone contradictory? Then the code is unreachable, or the encoding wrong.
            let portfolio = Portfolio::installed(PoolOptions::default(), PortfolioOptions::default());
            let calls = anrf_verification::encode::Calls::of(&module);
            for index in 0..module.semantic.functions.len() {
                for (id, part, text) in Prover::scripts(&module, &calls, index as u32) {
                    let mut lines: Vec<&str> = text.lines().collect();
                    lines.pop();
                    let script = lines.join("\n") + "\n";
                    let query = anrf_verification::solver::Query {
                        script: &script,
                        features: anrf_verification::solver::Features::ALL,
                        wants_core: false,
                    };
                    let limits = anrf_verification::solver::Limits {
                        time: std::time::Duration::from_millis(700),
                        ..Default::default()
                    };
                    let answer =
                        portfolio.solve(&query, &limits, &CancellationToken::new()).map(|it| it.answer);
                    if answer == Ok(anrf_verification::solver::Answer::Unsat) {
                        println!("{path} {id} {part:?}: hypotheses are contradictory");
                    }
                }
            }
            continue;
        }
        if let Ok(runs) = std::env::var("AGREE") {
            let portfolio = Portfolio::installed(PoolOptions::default(), PortfolioOptions::default());
            let calls = anrf_verification::encode::Calls::of(&module);
            let loaded = anrf_runtime::Loaded::new(&anrf_runtime::Interpreter, &module).unwrap();
            let kept: usize = runs.parse().unwrap();
            let options = anrf_verification::testing::TestOptions {
                kept_runs: kept,
                max_runs: 3000,
                ..Default::default()
            };
            let (mut possible, mut exact, mut open) = (0, 0, 0);
            for index in 0..module.semantic.functions.len() as u32 {
                let tested =
                    anrf_verification::testing::Tester::new(&loaded, index, &options).unwrap().search(None);
                for run in &tested.kept {
                    let Some(agreement) = anrf_verification::verify::agreement(&module, &calls, index, run)
                    else {
                        continue;
                    };
                    let limits = anrf_verification::solver::Limits {
                        time: std::time::Duration::from_millis(1000),
                        ..Default::default()
                    };
                    let ask = |script: &anrf_verification::term::Script| {
                        let query = anrf_verification::solver::Query {
                            script: &script.text,
                            features: script.features,
                            wants_core: false,
                        };
                        portfolio.solve(&query, &limits, &CancellationToken::new()).map(|it| it.answer)
                    };
                    match ask(&agreement.possible) {
                        Ok(anrf_verification::solver::Answer::Unsat) => println!("{path} DISAGREES {run:?}"),
                        Ok(_) => possible += 1,
                        Err(error) => println!("{path} {error}"),
                    }
                    if let Some(other) = &agreement.otherwise {
                        match ask(other) {
                            Ok(anrf_verification::solver::Answer::Unsat) => exact += 1,
                            Ok(anrf_verification::solver::Answer::Sat) => println!("{path} INEXACT {run:?}"),
                            _ => open += 1,
                        }
                    }
                }
            }
            println!("{path} agreed: {possible} possible, {exact} exact, {open} open");
            continue;
        }
        let start = std::time::Instant::now();
        let loaded = anrf_runtime::Loaded::new(&anrf_runtime::Interpreter, &module).unwrap();
        let report =
            verify(&loaded, None, &prover, &Effort::default(), &Silent, &CancellationToken::new()).unwrap();
        for function in &report.functions {
            let proved = function.obligations.iter().filter(|it| it.verdict.is_proved()).count();
            println!(
                "{path} {}: {} {}/{} {} ms",
                function.function,
                function.verdict.name(),
                proved,
                function.obligations.len(),
                start.elapsed().as_millis()
            );
            for obligation in function.obligations.iter().filter(|it| !it.verdict.is_proved()) {
                println!(
                    "    {} {:?} {} ms",
                    obligation.id,
                    obligation.verdict,
                    obligation.effort.solver_micros / 1000
                );
            }
        }
    }
}
