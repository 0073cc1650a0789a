//! Verification of modules: what is asked for, and on which thread it runs.

mod comparison;
mod json;
mod mend;
mod sarif;
mod solvers;

use std::panic::resume_unwind;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;
use anrf_verification::report::{Comparison, Question, Report};
use anrf_verification::solver::{Portfolio, PortfolioOptions, ProofCache, Solver};
use anrf_verification::testing::TestOptions;
use anrf_verification::verify::{
    Budget, Effort, Progress, ProofOptions, Prover, Side, Silent, compare, embedded, verify,
};

use crate::engine::Engine;
use crate::error::{Error, facade_codes};
use crate::function::Function;
use crate::module::Module;

pub use comparison::ComparisonJson;
pub use json::{FunctionJson, WitnessJson, why_unknown};
pub use mend::precondition_fix;
pub use sarif::Sarif;
pub use solvers::LINKED_SOLVERS;
pub(crate) use solvers::Solvers;

/// The stack of the thread that verifies: terms nest as deep as the expressions they are made of.
const STACK: usize = 64 << 20;

/// How often the caller's thread looks whether it is to end.
const PULSE: Duration = Duration::from_millis(10);

/// The tier that proves.
const PROOF: u8 = 3;

/// What is verified, how hard, and who watches.
#[derive(Clone)]
pub struct VerifyOptions {
    /// Functions by name or node id; all that the module declares itself, if there are none.
    pub functions: Vec<String>,
    /// How far: 0 and 1 are what loading has checked already, 2 looks for runs that show a defect, 3 proves.
    pub tier: u8,
    /// What may be spent and on which verifiers. What is not decided in time is unknown: `out of time`. A single
    /// question gets six seconds, or a sixtieth of the time if that is more. Verifiers of the engine that the
    /// budget does not name are asked last, as optional ones.
    pub budget: Budget,
    /// Names of the solvers that may be asked; all that are found on this machine, if there are none.
    pub solvers: Vec<String>,
    /// Every solver decides every question, and all must agree.
    pub cross_check: bool,
    /// Also finds out which preconditions and invariants the proofs used. Solvers are asked once more.
    pub explain: bool,
    /// What has been proved before, and is not asked again; without one everything is asked.
    pub cache: Option<Arc<ProofCache>>,
    /// Told what is begun and decided.
    pub progress: Option<Arc<dyn Progress>>,
    /// Ends it early; what is not decided by then is unknown.
    pub cancellation: Option<CancellationToken>,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self {
            functions: vec![],
            tier: PROOF,
            budget: Budget::default(),
            solvers: vec![],
            cross_check: false,
            explain: false,
            cache: None,
            progress: None,
            cancellation: None,
        }
    }
}

impl std::fmt::Debug for VerifyOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("VerifyOptions")
            .field("functions", &self.functions)
            .field("tier", &self.tier)
            .field("budget", &self.budget)
            .field("solvers", &self.solvers)
            .field("cross_check", &self.cross_check)
            .field("explain", &self.explain)
            .finish_non_exhaustive()
    }
}

impl VerifyOptions {
    /// All functions, tier 3, every solver on this machine, five minutes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function.
    #[must_use]
    pub fn function(mut self, name: impl Into<String>) -> Self {
        self.functions.push(name.into());
        self
    }

    /// Sets how far.
    #[must_use]
    pub fn tier(mut self, tier: u8) -> Self {
        self.tier = tier;
        self
    }

    /// Sets what may be spent, and on which verifiers.
    #[must_use]
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Sets the wall time.
    #[must_use]
    pub fn max_time(mut self, time: Duration) -> Self {
        self.budget.max_time = time;
        self
    }

    /// Adds a solver.
    #[must_use]
    pub fn solver(mut self, name: impl Into<String>) -> Self {
        self.solvers.push(name.into());
        self
    }

    /// Sets whether all solvers must agree.
    #[must_use]
    pub fn cross_check(mut self, all: bool) -> Self {
        self.cross_check = all;
        self
    }

    /// Sets whether it is found out what the proofs used.
    #[must_use]
    pub fn explain(mut self, explain: bool) -> Self {
        self.explain = explain;
        self
    }

    /// Sets what has been proved before.
    #[must_use]
    pub fn cache(mut self, cache: Arc<ProofCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Sets who watches.
    #[must_use]
    pub fn progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Sets who can end it.
    #[must_use]
    pub fn cancellation(mut self, token: CancellationToken) -> Self {
        self.cancellation = Some(token);
        self
    }
}

impl Engine {
    /// Proves a module's functions for every input, or shows a run that refutes them, or says why neither.
    /// Solvers are processes of z3, cvc5 and bitwuzla; the engine keeps them warm for the next call.
    ///
    /// # Errors
    /// If there is no such function or solver, or the module cannot be opened. What is found of the
    /// functions is never an error.
    pub fn verify(&self, module: &Module, options: &VerifyOptions) -> Result<Report, Error> {
        module.loaded.open()?;
        let functions = match options.functions.as_slice() {
            [] => module.functions().iter().map(|function| function.index).collect(),
            names => names.iter().map(|name| module.loaded.find(name)).collect::<Result<Vec<u32>, _>>()?,
        };
        let max_time = options.budget.max_time;
        let prover = Prover::new(self.portfolio(options)?, proof_options(max_time));
        let effort = self.effort(options)?;
        let silent: Arc<dyn Progress> = Arc::new(Silent);
        let progress = options.progress.clone().unwrap_or(silent);
        let loaded = Arc::clone(&module.loaded);
        let work = move |token: &CancellationToken| {
            verify(&loaded, Some(&functions), &prover, &effort, &*progress, token)
        };
        Ok(within(options, work)??)
    }

    /// Whether two functions do the same for every input, or the first can stand wherever the second does; else
    /// runs of both that show a difference, or why neither. Both may be of one module.
    ///
    /// # Errors
    /// If there is no such function or solver, or a module cannot be opened.
    pub fn compare(
        &self,
        question: Question,
        first: &Function,
        second: &Function,
        options: &VerifyOptions,
    ) -> Result<Comparison, Error> {
        let (one, other) = (Arc::clone(&first.module().loaded), Arc::clone(&second.module().loaded));
        one.open()?;
        other.open()?;
        let indices = (one.find(&first.node_id())?, other.find(&second.node_id())?);
        let prover = Prover::new(self.portfolio(options)?, proof_options(options.budget.max_time));
        let effort = self.effort(options)?;
        let work = move |token: &CancellationToken| {
            let first = Side { loaded: &one, function: indices.0 };
            let second = Side { loaded: &other, function: indices.1 };
            compare(first, second, question, &prover, &effort, token)
        };
        Ok(within(options, work)??)
    }

    /// Whether two functions allow the same inputs and do the same with each; see [`Self::compare`].
    ///
    /// # Errors
    /// As there.
    pub fn equivalent(
        &self,
        first: &Function,
        second: &Function,
        options: &VerifyOptions,
    ) -> Result<Comparison, Error> {
        self.compare(Question::Equivalent, first, second, options)
    }

    /// Whether a new function can stand wherever an old one does: it allows every input that the old one allows,
    /// and keeps the old one's postconditions there; see [`Self::compare`].
    ///
    /// # Errors
    /// As there.
    pub fn refines(
        &self,
        new: &Function,
        old: &Function,
        options: &VerifyOptions,
    ) -> Result<Comparison, Error> {
        self.compare(Question::Refines, new, old, options)
    }

    /// How much is tried. Below tier 2 nothing is run.
    fn effort(&self, options: &VerifyOptions) -> Result<Effort, Error> {
        let verifiers = self.0.verifiers.clone();
        let mut budget = options.budget.clone();
        let known = || verifiers.iter().map(|verifier| verifier.id()).chain(embedded::ALL);
        for id in budget.required.iter().chain(&budget.optional) {
            if !known().any(|known| known == id) {
                let names: Vec<String> = known().map(|id| format!("`{id}`")).collect();
                let message = format!("there is no verifier `{id}`");
                return Err(Error::new(&facade_codes::UNKNOWN_VERIFIER, message)
                    .with_help(format!("there are {}", names.join(", "))));
            }
        }
        for verifier in &verifiers {
            let id = verifier.id().to_owned();
            if !budget.required.contains(&id) && !budget.optional.contains(&id) {
                budget.optional.push(id);
            }
        }
        let explain = options.explain;
        let usual = Effort { tier: options.tier, explain, budget, verifiers, ..Effort::default() };
        Ok(match options.tier {
            0 | 1 => Effort { testing: TestOptions { max_runs: 0, ..usual.testing }, ..usual },
            _ => usual,
        })
    }

    /// The solvers that the options allow.
    fn portfolio(&self, options: &VerifyOptions) -> Result<Portfolio, Error> {
        let race = PortfolioOptions { cross_check: options.cross_check, ..PortfolioOptions::default() };
        let solvers = || self.0.solvers.get_or_init(Solvers::installed);
        let mut chosen: Vec<Arc<dyn Solver>> = vec![];
        if options.tier >= PROOF && options.solvers.is_empty() {
            chosen.extend_from_slice(&solvers().asked);
        }
        for name in &options.solvers {
            let known = solvers().find(name).ok_or_else(|| {
                let message = format!("the solver `{name}` was not found");
                Error::new(&facade_codes::UNKNOWN_SOLVER, message).with_help(solvers().help(name))
            })?;
            if options.tier >= PROOF {
                chosen.push(Arc::clone(known));
            }
        }
        let portfolio = Portfolio::new(chosen, race);
        Ok(match &options.cache {
            Some(cache) => portfolio.remembering(Arc::clone(cache)),
            None => portfolio,
        })
    }
}

impl Module {
    /// As [`Engine::verify`], by the engine that loaded the module.
    ///
    /// # Errors
    /// As there.
    pub fn verify(&self, options: &VerifyOptions) -> Result<Report, Error> {
        self.engine.verify(self, options)
    }
}

/// Does work on a thread with a stack that is large enough, for as long as the options allow.
fn within<T: Send + 'static>(
    options: &VerifyOptions,
    work: impl FnOnce(&CancellationToken) -> T + Send + 'static,
) -> Result<T, Error> {
    let cancel = CancellationToken::new();
    let (sender, receiver) = mpsc::channel();
    let token = cancel.clone();
    let work = move || {
        let _ = sender.send(work(&token));
    };
    let worker = thread::Builder::new().name("anrf-verify".to_owned()).stack_size(STACK).spawn(work);
    let worker = worker.map_err(|error| {
        Error::new(&facade_codes::THREAD, format!("no thread can be started to verify on: {error}"))
    })?;
    let begin = Instant::now();
    let found = loop {
        match receiver.recv_timeout(PULSE) {
            Ok(found) => break Some(found),
            Err(mpsc::RecvTimeoutError::Disconnected) => break None,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let ended = options.cancellation.as_ref().is_some_and(CancellationToken::is_cancelled);
                if ended || begin.elapsed() >= options.budget.max_time {
                    cancel.cancel();
                }
            }
        }
    };
    match (worker.join(), found) {
        (Ok(()), Some(found)) => Ok(found),
        // A defect of the verifier, as any panic of this library; nothing else ends the thread so.
        (Err(panic), _) => resume_unwind(panic),
        (Ok(()), None) => Err(Error::new(&facade_codes::THREAD, "the thread that verifies ended early")),
    }
}

/// One question gets a sixtieth of the budget, and what it gets by default if that is more.
fn proof_options(budget: Duration) -> ProofOptions {
    let mut proof = ProofOptions::default();
    let usual = proof.limits.time.max(Duration::from_millis(1));
    let time = usual.max(budget / 60);
    // Steps grow with the time, so that they go on being what ends a question.
    let times = u64::try_from(time.as_millis() / usual.as_millis().max(1)).unwrap_or(u64::MAX).max(1);
    proof.limits.resources = proof.limits.resources.saturating_mul(times);
    proof.limits.time = time.min(budget);
    proof
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::sync::atomic::{AtomicUsize, Ordering};

    use anrf_runtime::Fields;
    use anrf_verification::report::{ObligationReport, Unknown, Verdict};

    use super::*;

    const TALLY: &str = "node_id: tally_v1
type: algorithm
intent: Add one.
inputs: { n: integer }
outputs: { success: { more: integer } }
flow: [{ step: done, operation: return, parameters: { more: \"n + 1\" } }]
";

    /// Without solvers, whatever the machine has.
    fn module(text: &str) -> Module {
        Engine::builder().solvers(vec![]).build().load_text("f.vsp", text).unwrap()
    }

    #[derive(Default)]
    struct Heard(AtomicUsize, AtomicUsize);

    impl Progress for Heard {
        fn begun(&self, _: &str, _: usize, _: usize) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }

        fn decided(&self, _: &ObligationReport) {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_caller_with_a_small_stack_hears_of_a_refutation() {
        let nested = format!("{}n{} + 1", "(".repeat(60), ")".repeat(60));
        let module = module(&TALLY.replace("n + 1", &nested));
        let heard = Arc::new(Heard::default());
        let options =
            VerifyOptions::new().function("tally").progress(Arc::clone(&heard) as Arc<dyn Progress>);
        let small = thread::Builder::new().stack_size(256 << 10);
        let report = small.spawn(move || module.verify(&options)).unwrap().join().unwrap().unwrap();
        assert_eq!((heard.0.load(Ordering::Relaxed), heard.1.load(Ordering::Relaxed)), (1, 1));
        let Verdict::Refuted(witness) = &report.functions[0].verdict else { panic!("{report:?}") };
        let expected: Fields = vec![("n".to_owned(), anrf_format::value::Value::Integer(i64::MAX))];
        assert_eq!(witness.inputs, expected);
    }

    #[test]
    fn a_budget_names_verifiers_that_there_are() {
        let budget = Budget { optional: vec!["oracle".to_owned()], ..Budget::default() };
        let error = module(TALLY).verify(&VerifyOptions::new().budget(budget)).unwrap_err();
        assert_eq!(error.code().id, "E-CALL-009");
        assert_eq!(error.help(), Some("there are `examples`, `property`, `smt`"));
    }

    #[test]
    fn what_was_cancelled_is_not_proved() {
        let token = CancellationToken::new();
        token.cancel();
        let module = module(TALLY);
        let report = module.verify(&VerifyOptions::new().cancellation(token)).unwrap();
        assert!(!report.is_proved(), "{report:?}");
    }

    #[test]
    fn a_packed_module_is_opened_and_tiers_are_kept() {
        let engine = Engine::new();
        let module = engine.load_bytes("f.anrf", &module(TALLY).pack()).unwrap();
        let report = module.verify(&VerifyOptions::new().tier(1)).unwrap();
        assert_eq!(report.functions[0].verdict, Verdict::Unknown(Unknown::NotTried));
        let report = module.verify(&VerifyOptions::new().tier(2)).unwrap();
        assert_eq!(report.functions[0].verdict.name(), "refuted");
        assert_eq!(
            module.verify(&VerifyOptions::new().function("none")).unwrap_err().code().id,
            "E-RUNTIME-002"
        );
    }
}
