//! Runs of all functions of a module, each compared with what the encoding says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anrf_format::value::Value;
use anrf_runtime::{CancellationToken, Error, Loaded};

use super::{Comparer, Figures};
use crate::encode::Calls;
use crate::solver::{Answer, Features, Freshness, Limits, Query, Solver, SolverErrorKind};
use crate::testing::{Observed, TestOptions, Tester};

/// How much is compared of one function.
#[derive(Clone, Debug)]
pub struct Options {
    /// Runs that are looked through.
    pub runs: u64,
    /// Different runs that are compared.
    pub kept: usize,
    /// What the runs depend on.
    pub seed: u64,
    /// How much the solver may do for one question.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        let limits = Limits { resources: 80_000, time: Duration::from_millis(1_500), ..Limits::default() };
        Self { runs: 400, kept: 8, seed: 0, limits }
    }
}

/// Compares runs of every function of a module.
///
/// # Errors
/// If it cannot be run.
pub fn compare(
    name: &str,
    loaded: &Loaded,
    solver: &dyn Solver,
    options: &Options,
    figures: &mut Figures,
) -> Result<(), Error> {
    let module = loaded.module();
    let calls = Calls::of(module);
    let testing = TestOptions {
        seed: options.seed,
        max_runs: options.runs,
        // Different runs are chosen among these.
        kept_runs: options.kept * 8,
        max_defects: usize::MAX,
        shrink_runs: 0,
        max_time: Duration::from_secs(3),
        ..TestOptions::default()
    };
    for index in (0..).take(module.semantic.functions.len()) {
        let mut tester = Tester::new(loaded, index, &testing)?;
        let kept = chosen(tester.search(None).kept, options.kept);
        figures.functions += 1;
        let mut comparer = Comparer::new(module, &calls, index);
        for run in &kept {
            compare_run(&format!("{name}/{index}"), &mut comparer, run, solver, options, figures);
        }
    }
    Ok(())
}

/// Different ones, faults and others in turn, so that neither is left out, and of each first those whose inputs are of
/// another kind than what was chosen before.
fn chosen(runs: Vec<Observed>, count: usize) -> Vec<Observed> {
    let mut seen = BTreeSet::new();
    let different =
        |run: &Observed| seen.insert(format!("{:?}", (&run.run.inputs, &run.run.state, &run.run.answers)));
    let (faults, others): (Vec<_>, Vec<_>) =
        runs.into_iter().filter(different).partition(|run| run.breaks.is_some());
    let (faults, others) = (varied(faults), varied(others));
    let (mut faults, mut others) = (faults.into_iter(), others.into_iter());
    let mut found = vec![];
    while found.len() < count {
        let before = found.len();
        found.extend(others.next());
        found.extend(faults.next());
        found.extend(others.next());
        if found.len() == before {
            break;
        }
    }
    found.truncate(count);
    found
}

/// One of each kind of inputs first, then a second of each, and so on.
fn varied(runs: Vec<Observed>) -> Vec<Observed> {
    let mut met: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let mut numbered: Vec<(usize, Observed)> = vec![];
    for run in runs {
        let before = met.entry(run.run.inputs.iter().map(|(_, value)| kind(value)).collect()).or_default();
        numbered.push((*before, run));
        *before += 1;
    }
    numbered.sort_by_key(|(before, _)| *before);
    numbered.into_iter().map(|(_, run)| run).collect()
}

/// What makes encodings go wrong: signs, parity, and whether there is anything.
fn kind(value: &Value) -> u8 {
    let of_sign = |is_negative: bool, is_zero: bool| match (is_negative, is_zero) {
        (true, _) => 1,
        (_, true) => 0,
        _ => 2,
    };
    match value {
        Value::Integer(number) => of_sign(*number < 0, *number == 0) + if number % 2 == 0 { 0 } else { 3 },
        Value::Decimal(number) => {
            of_sign(number.signum() < 0, number.signum() == 0) + if number.scale() == 0 { 0 } else { 3 }
        }
        Value::Float(number) if number.is_nan() => 3,
        Value::Float(number) => of_sign(number.is_sign_negative(), *number == 0.0),
        Value::Boolean(truth) => u8::from(*truth),
        Value::String(text) => u8::try_from(text.chars().count().min(2)).unwrap_or(2),
        Value::Array(items) => u8::try_from(items.len().min(3)).unwrap_or(3),
        _ => 0,
    }
}

fn compare_run(
    name: &str,
    comparer: &mut Comparer<'_>,
    run: &Observed,
    solver: &dyn Solver,
    options: &Options,
    figures: &mut Figures,
) {
    let Some(agreement) = comparer.compare(run) else {
        figures.unsaid += 1;
        return;
    };
    figures.made_by(&agreement.constructors);
    let script = &agreement.possible;
    let answer = ask(solver, &script.text, script.features, options, figures);
    if let Some((text, features)) = &agreement.in_bits {
        let answer = ask(solver, text, *features, options, figures);
        figures.in_bits.count(answer);
        if answer == Some(Answer::Unsat) {
            figures.differences.push(format!("{name}: not possible in bits: {run:?}\n{text}"));
        }
    }
    let counted = if run.breaks.is_some() { &mut figures.broken } else { &mut figures.possible };
    counted.count(answer);
    if answer == Some(Answer::Unsat) {
        let what = if run.breaks.is_some() { "proved not to break" } else { "not possible" };
        figures.differences.push(format!("{name}: {what}: {run:?}\n{}", agreement.possible.text));
    }
    if let Some(otherwise) = &agreement.otherwise {
        let answer = ask(solver, &otherwise.text, otherwise.features, options, figures);
        figures.otherwise.count(answer);
        if answer == Some(Answer::Sat) {
            figures.differences.push(format!("{name}: not all: {run:?}\n{}", otherwise.text));
        }
    }
}

/// By patterns only: what follows that way is what proofs are made of, and that nothing does is seen at once.
fn ask(
    solver: &dyn Solver,
    script: &str,
    features: Features,
    options: &Options,
    figures: &mut Figures,
) -> Option<Answer> {
    let query = Query { script, features, wants_core: false, by_patterns: true };
    let cancel = CancellationToken::new();
    match solver.solve(&query, &options.limits, Freshness::Warm, &cancel) {
        Ok(reply) => Some(reply.answer),
        // A script that is refused is the encoder's mistake.
        Err(error) if error.kind() == SolverErrorKind::Rejected => {
            figures.differences.push(format!("refused: {error}\n{script}"));
            None
        }
        Err(_) => None,
    }
}
