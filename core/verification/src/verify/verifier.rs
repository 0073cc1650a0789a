//! Verifiers of a host: what else may judge obligations, and how far it is believed.
//!
//! That an obligation fails is believed only when a run shows it. That it holds is believed because the host has
//! registered whoever says so, and the Report names it. What panics, takes too long or speaks of what there is
//! not is a [`Complaint`] and decides nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anrf_format::binary::encode;
use anrf_format::module::Module;
use anrf_runtime::{CancellationToken, Fields, HostResponse};

use crate::report::{Complaint, FunctionReport, Method, ObligationReport, Verdict, Witness};
use crate::testing::{Shown, Tester};

/// How often is looked whether an answer came or somebody cancelled.
const PULSE: Duration = Duration::from_millis(5);

/// Something of the host's that judges obligations. Shared by threads.
pub trait Verifier: Send + Sync {
    /// How budgets and Reports name it: unique among an engine's verifiers, and none of the embedded ones
    /// (`examples`, `property`, `smt`).
    fn id(&self) -> &str;

    /// 2 if it looks for runs, 3 if it proves: those of tier 2 come first.
    fn tier(&self) -> u8 {
        3
    }

    /// Judges what is still open of a function. What it says nothing of stays open. It runs on a thread of its
    /// own and is waited for as long as the task says.
    fn verify(&self, task: &Task, cancel: &CancellationToken) -> Vec<Opinion>;
}

/// What a verifier is asked.
#[derive(Clone, Debug)]
pub struct Task {
    /// The module in its `.anrf` form.
    pub module: Arc<[u8]>,
    /// The function's node id.
    pub function: String,
    /// Ids of the obligations that are neither proved nor refuted: `function/step/kind/ordinal`.
    pub open: Vec<String>,
    /// So long is waited for the answer.
    pub time: Duration,
}

/// What a verifier says of one obligation.
#[derive(Clone, Debug, PartialEq)]
pub struct Opinion {
    /// Its id.
    pub obligation: String,
    /// What of it.
    pub judgement: Judgement,
}

/// Whether an obligation holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// For every input.
    Holds,
    /// A run with these shows that it does not.
    Fails {
        /// By name; those left out have their defaults.
        inputs: Fields,
        /// State variables by name; those left out have their initial value.
        state: Fields,
        /// What the host answers, in order, with the operation's name.
        answers: Vec<(String, HostResponse)>,
    },
}

/// Asks a verifier, and takes what it says into the report.
pub(super) fn ask(
    verifier: &Arc<dyn Verifier>,
    module: &Module,
    report: &mut FunctionReport,
    tester: &mut Tester,
    time: Duration,
    cancel: &CancellationToken,
) {
    let is_open = |known: &&ObligationReport| matches!(known.verdict, Verdict::Unknown(_));
    let open: Vec<String> = report.obligations.iter().filter(is_open).map(|known| known.id.clone()).collect();
    let function = report.function.clone();
    let answered = encode(module).map_err(|error| format!("it cannot be given the module: {error}"));
    let answered = answered
        .and_then(|packed| answer(verifier, Task { module: packed.into(), function, open, time }, cancel));
    match answered {
        Ok(opinions) => {
            for opinion in opinions {
                if let Err(message) = believe(verifier.id(), opinion, report, tester) {
                    report.complaints.push(Complaint { verifier: verifier.id().to_owned(), message });
                }
            }
        }
        Err(message) => report.complaints.push(Complaint { verifier: verifier.id().to_owned(), message }),
    }
}

/// The answer, if one comes in time. A thread that never ends is left behind: there is no way to stop it.
fn answer(
    verifier: &Arc<dyn Verifier>,
    task: Task,
    cancel: &CancellationToken,
) -> Result<Vec<Opinion>, String> {
    let (sender, receiver) = mpsc::channel();
    let (asked, token, time) = (Arc::clone(verifier), cancel.clone(), task.time);
    let work = move || {
        let answer = catch_unwind(AssertUnwindSafe(|| asked.verify(&task, &token)));
        let _ = sender.send(answer.map_err(|panic| panic_text(&*panic)));
    };
    let spawned = thread::Builder::new().name("anrf-verifier".to_owned()).spawn(work);
    spawned.map_err(|error| format!("no thread can be started for it: {error}"))?;
    let begin = Instant::now();
    loop {
        match receiver.recv_timeout(PULSE) {
            Ok(Ok(opinions)) => return Ok(opinions),
            Ok(Err(panic)) => return Err(format!("it panicked: {panic}")),
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err("it gave no answer".to_owned()),
            Err(mpsc::RecvTimeoutError::Timeout) if cancel.is_cancelled() => {
                return Err("it was cancelled".to_owned());
            }
            Err(mpsc::RecvTimeoutError::Timeout) if begin.elapsed() >= time => {
                return Err(format!("it did not answer within {time:?}"));
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

/// Takes in one opinion; the error says why it is not believed.
fn believe(
    id: &str,
    opinion: Opinion,
    report: &mut FunctionReport,
    tester: &mut Tester,
) -> Result<(), String> {
    let Opinion { obligation, judgement } = opinion;
    let Some(known) = report.obligations.iter_mut().find(|known| known.id == obligation) else {
        return Err(format!("it speaks of `{obligation}`, which is no obligation of `{}`", report.function));
    };
    match (judgement, &known.verdict) {
        (Judgement::Holds, Verdict::Refuted(_)) => {
            Err(format!("it says that `{obligation}` holds, which a run refutes"))
        }
        (Judgement::Holds, Verdict::Unknown(_)) => {
            known.verdict = Verdict::Proved;
            known.effort.solver = Some(id.to_owned());
            Ok(())
        }
        (Judgement::Holds, Verdict::Proved | Verdict::Error(_)) => Ok(()),
        (Judgement::Fails { inputs, state, answers }, before) => {
            let witness = match tester.run_candidate(inputs, state, answers) {
                Shown::Defect(defect) if defect.obligation == obligation => {
                    Witness { method: Method::Verifier, ..defect.witness }
                }
                Shown::Defect(defect) => {
                    let other = defect.obligation;
                    return Err(format!("its run for `{obligation}` shows `{other}`"));
                }
                shown => return Err(format!("its run for `{obligation}` shows no defect: {}", told(&shown))),
            };
            known.verdict = match before {
                Verdict::Proved => Verdict::Error(format!(
                    "`{obligation}` was proved, and a run that `{id}` found refutes it"
                )),
                _ => Verdict::Refuted(Box::new(witness)),
            };
            Ok(())
        }
    }
}

/// How a run ended, without values.
fn told(shown: &Shown) -> String {
    match shown {
        Shown::Defect(_) => "a defect".to_owned(),
        Shown::Holds(_) => "all is well".to_owned(),
        Shown::NotAnInput(condition) => format!("the inputs break `{condition}`"),
        Shown::HostContract(condition) => format!("the host breaks `{condition}`"),
        Shown::Limit(limit) => format!("it ends at the limit `{}`", limit.name()),
        Shown::Refused(error) => error.code.id.to_owned(),
    }
}
