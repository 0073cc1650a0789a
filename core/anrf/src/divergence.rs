//! One function on two backends: runs with inputs that are made up have to end alike.

use std::collections::VecDeque;
use std::sync::Arc;

use anrf_execution::examples::ScriptedHost;
use anrf_runtime::{CancellationToken, Fields, HostResponse, Limits, Policy};
use anrf_verification::report::Witness;
use anrf_verification::testing::{TestOptions, Tester, testing_code};

use crate::{Engine, Error, Execution, Function, Run};

/// How much is compared.
#[derive(Clone, Debug)]
pub struct CompareRuns {
    /// Inputs that meet the conditions on entry, at most.
    pub runs: u64,
    /// Comparisons with one seed use the same inputs.
    pub seed: u64,
    /// Ends it between two runs.
    pub cancellation: Option<CancellationToken>,
}

impl Default for CompareRuns {
    /// 1,000 runs.
    fn default() -> Self {
        Self { runs: 1_000, seed: 0, cancellation: None }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComparedRuns {
    /// Inputs that both were run with.
    pub runs: u64,
    /// The first run that does not end alike.
    pub divergence: Option<Divergence>,
}

/// A run that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// What both were given.
    pub inputs: Fields,
    /// State before the run.
    pub state: Fields,
    /// What the host answered to which operation, in order.
    pub answers: Vec<(String, HostResponse)>,
    /// What differs first: `outcome`, `state`, `fuel`, `contract_units` or `journal`.
    pub aspect: &'static str,
    /// That of the first, and of the second.
    pub found: [String; 2],
}

impl Function {
    /// Runs this function on its engine and on another one, with inputs made up of its types, its code and its
    /// examples, and compares outcomes with their steps, state, fuel, charges of contracts and journals. Values of a
    /// function with `sensitive_data` are in what comes of it: they are made up or its own examples'.
    ///
    /// # Errors
    /// If one of the engines cannot run it.
    pub fn compare_runs(&self, other: &Engine, options: &CompareRuns) -> Result<ComparedRuns, Error> {
        let module = other.load_bytes(self.module().name(), &self.module().pack())?;
        let other = module.function(&self.node_id())?;
        let testing = TestOptions {
            seed: options.seed,
            max_runs: options.runs.saturating_mul(4),
            max_charges: u64::MAX,
            max_defects: usize::MAX,
            shrink_runs: 0,
            max_time: std::time::Duration::MAX,
            kept_runs: usize::try_from(options.runs).unwrap_or(usize::MAX),
            ..TestOptions::default()
        };
        let code = testing_code(&self.module().loaded)?;
        let searched =
            Tester::with_code(&code, self.index(), &testing)?.search(options.cancellation.as_ref());
        let mut compared = ComparedRuns::default();
        for observed in searched.kept {
            if options.cancellation.as_ref().is_some_and(CancellationToken::is_cancelled) {
                break;
            }
            compared.runs += 1;
            let ends = [self.ends(&observed.run)?, other.ends(&observed.run)?];
            if let Some((aspect, found)) = difference(&ends) {
                let Witness { inputs, state, answers, .. } = observed.run;
                compared.divergence = Some(Divergence { inputs, state, answers, aspect, found });
                break;
            }
        }
        Ok(compared)
    }

    fn ends(&self, given: &Witness) -> Result<Execution, Error> {
        let required = &self.semantic().security.capabilities_required;
        let limits = Limits { wall_time: None, ..Limits::default() };
        let policy = required
            .iter()
            .fold(Policy::default().limits(limits), |policy, capability| policy.grant(capability.clone()));
        let mut answers: Vec<(String, VecDeque<HostResponse>)> = vec![];
        for (operation, response) in &given.answers {
            match answers.iter_mut().find(|(known, _)| known == operation) {
                Some((_, responses)) => responses.push_back(response.clone()),
                None => answers.push((operation.clone(), VecDeque::from([response.clone()]))),
            }
        }
        let host = Arc::new(ScriptedHost::from_answers(answers));
        let run = Run::new().inputs(given.inputs.clone()).whole_state(given.state.clone());
        self.run(run.policy(policy).host(host))
    }
}

/// What two runs differ in first.
fn difference(ends: &[Execution; 2]) -> Option<(&'static str, [String; 2])> {
    let [first, second] = ends.each_ref().map(|run| {
        let record = run.record();
        [
            ("outcome", format!("{:?}", run.outcome())),
            ("state", format!("{:?}", run.state())),
            ("fuel", record.fuel.to_string()),
            ("contract_units", record.contract_units.to_string()),
            ("journal", format!("{:?} {:?}", record.journal, record.logs)),
        ]
    });
    let mut pairs = first.into_iter().zip(second);
    pairs.find_map(|((aspect, first), (_, second))| (first != second).then_some((aspect, [first, second])))
}
