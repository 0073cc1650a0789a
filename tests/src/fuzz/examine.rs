//! What has to hold of every program: it checks, and all the ways to its runs agree.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::Mutex;

use anrf::{Engine, Execution, Function, Host, HostError, HostRequest, HostResponse, Limits, Module, Policy};

use super::coverage::Coverage;
use crate::generator::{Program, Run, RunLimits};
use crate::host::read_answer;

/// Something that does not hold.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What kind, for counting.
    pub kind: String,
    /// What a smaller program has to share to be taken for the same.
    pub signature: String,
    /// What happened.
    pub detail: String,
}

impl Failure {
    pub(super) fn new(kind: impl Into<String>, detail: impl Into<String>) -> Self {
        let kind = kind.into();
        Self { signature: kind.clone(), kind, detail: detail.into() }
    }
}

/// Takes a program through every layer and compares the ways. What its runs came to is one number: the same
/// for every engine of the same meaning.
///
/// # Errors
/// The first thing that does not hold.
pub fn examine(engine: &Engine, program: &Program, coverage: &mut Coverage) -> Result<u64, Failure> {
    let examined = catch_unwind(AssertUnwindSafe(|| ways(engine, program, coverage)));
    examined.unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        let message = message.or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
        let message = message.unwrap_or_default();
        let kind = message.chars().filter(|it| !it.is_ascii_digit()).take(60).collect::<String>();
        Err(Failure::new(format!("panic: {kind}"), message))
    })
}

fn ways(engine: &Engine, program: &Program, coverage: &mut Coverage) -> Result<u64, Failure> {
    let text = program.text();
    let module = checked(engine, &text, "rejected")?;
    let document = module.document();
    anrf::ir::validate::validate(
        &document.types,
        &document.semantic,
        &document.execution,
        &document.source_map.execution,
    )
    .map_err(|error| Failure::new("invalid code", error.to_string()))?;
    coverage.program(document);

    let packed = module.pack();
    let unpacked = engine
        .load_bytes("generated.anrf", &packed)
        .map_err(|error| Failure::new("unpack", error.to_string()))?;
    if unpacked.document() != document {
        return Err(Failure::new("unpack", "the packed module is another one"));
    }
    if unpacked.pack() != packed {
        return Err(Failure::new("pack again", "packing the unpacked module gives other bytes"));
    }
    printed(engine, &text, &module)?;
    let mut digest = DefaultHasher::new();
    for run in &program.runs {
        let execution = compare(&module, &unpacked, run, coverage)?;
        facts(&execution).hash(&mut digest);
    }
    Ok(digest.finish())
}

/// What has to be the same of a run wherever it happens.
pub(super) fn facts(run: &Execution) -> String {
    let record = run.record();
    format!(
        "{:?}\nstate {:?}\nfuel {} contracts {}\njournal {:?}",
        run.outcome(),
        run.state(),
        record.fuel,
        record.contract_units,
        run.recording().journal
    )
}

pub(super) fn checked(engine: &Engine, text: &str, kind: &str) -> Result<Module, Failure> {
    engine.load_text("generated.vsp", text).map_err(|error| {
        let codes: Vec<String> = error.diagnostics().iter().map(|it| it.code.to_string()).collect();
        let first = codes.first().cloned().unwrap_or_default();
        let details: Vec<String> = error
            .diagnostics()
            .iter()
            .map(|it| {
                let near = text.get(it.span.range()).unwrap_or_default();
                format!("{}: {}\n    at `{near}`", it.code, it.message)
            })
            .collect();
        let mut failure = Failure::new(format!("{kind} {first}"), format!("{error}\n{}", details.join("\n")));
        let message = error.diagnostics().first().map(|it| it.message.clone()).unwrap_or_default();
        failure.signature = if first == "E-NAME-001" { message } else { codes.join(" ") };
        failure
    })
}

/// The canonical text is the same module, and canonical.
fn printed(engine: &Engine, text: &str, module: &Module) -> Result<(), Failure> {
    let canonical =
        engine.format("generated.vsp", text).map_err(|error| Failure::new("format", error.to_string()))?;
    let again = engine
        .format("generated.vsp", &canonical)
        .map_err(|error| Failure::new("format again", format!("{error}\n{canonical}")))?;
    if again != canonical {
        return Err(Failure::new("format again", difference(&canonical, &again)));
    }
    let reread = checked(engine, &canonical, "rejected canonical text")?;
    if reread.id() != module.id() {
        return Err(Failure::new("format changes identity", canonical));
    }
    Ok(())
}

/// The first line that differs.
fn difference(one: &str, other: &str) -> String {
    let differing = one.lines().zip(other.lines()).find(|(a, b)| a != b);
    differing.map_or_else(|| "one is longer".to_owned(), |(a, b)| format!("- {a}\n+ {b}"))
}

fn compare(
    module: &Module,
    unpacked: &Module,
    run: &Run,
    coverage: &mut Coverage,
) -> Result<Execution, Failure> {
    let first = execute(module, run)?;
    coverage.outcome(first.outcome());
    let second = execute(unpacked, run)?;
    same(&first, &second, "unpacked run")?;
    let policy = policy(first.function(), run);
    let replayed = first
        .function()
        .replay(&first.recording(), Some(&policy))
        .map_err(|error| Failure::new("replay", error.to_string()))?;
    same(&first, &replayed, "replay")?;
    Ok(first)
}

fn same(one: &Execution, other: &Execution, way: &str) -> Result<(), Failure> {
    let equal = one.outcome() == other.outcome()
        && one.state() == other.state()
        && one.record().fuel == other.record().fuel
        && one.record().contract_units == other.record().contract_units
        && one.record().logs == other.record().logs
        && one.to_json() == other.to_json();
    if equal {
        return Ok(());
    }
    Err(Failure::new(format!("{way} differs"), format!("{}\n---\n{}", facts(one), facts(other))))
}

pub(super) fn execute(module: &Module, run: &Run) -> Result<Execution, Failure> {
    let refused = |what: &str, error: &anrf::Error| Failure::new(what, error.to_string());
    let function = module.function(&run.function).map_err(|error| refused("function", &error))?;
    let inputs = function.inputs_from_json(&run.inputs).map_err(|error| refused("inputs", &error))?;
    let state = if run.state.is_empty() {
        vec![]
    } else {
        function.state_from_json(&run.state).map_err(|error| refused("state", &error))?
    };
    let host = Answers::new(module, run);
    let policy = policy(&function, run);
    let given =
        anrf::Run { inputs, state, policy: Some(policy), host: Some(Arc::new(host)), ..anrf::Run::default() };
    function.run(given).map_err(|error| refused("run", &error))
}

fn policy(function: &Function, run: &Run) -> Policy {
    let RunLimits { fuel, contract_budget, memory_bytes, depth, journal_bytes, host_calls } = run.limits;
    let limits = Limits {
        fuel,
        contract_budget,
        memory_bytes,
        depth,
        wall_time: None,
        journal_bytes,
        host_calls,
        host_bytes: 1 << 20,
    };
    let granted = &function.semantic().security.capabilities_required;
    let policy = Policy::default().limits(limits);
    if run.granted { granted.iter().fold(policy, |policy, it| policy.grant(it.clone())) } else { policy }
}

/// A host that gives its answers in turn, from the beginning again when they run out.
pub(super) struct Answers {
    operations: Vec<(String, Vec<Result<HostResponse, HostError>>)>,
    given: Mutex<Vec<usize>>,
}

impl Answers {
    pub(super) fn new(module: &Module, run: &Run) -> Self {
        let operations: Vec<_> = run
            .answers
            .iter()
            .map(|(name, answers)| {
                let answers = answers.iter().map(|answer| parsed(module, name, answer)).collect();
                (name.clone(), answers)
            })
            .collect();
        let given = Mutex::new(vec![0; operations.len()]);
        Self { operations, given }
    }
}

/// An answer of another form than the operation's is one that the host cannot give.
fn parsed(module: &Module, operation: &str, answer: &str) -> Result<HostResponse, HostError> {
    let answer: serde_json::Value =
        serde_json::from_str(answer).map_err(|error| HostError { message: error.to_string() })?;
    read_answer(module, operation, &answer).map_err(|message| HostError { message })
}

impl Host for Answers {
    fn invoke(&self, request: &HostRequest) -> Result<HostResponse, HostError> {
        let position = self.operations.iter().position(|(name, _)| *name == request.operation);
        let Some(position) = position else {
            return Err(HostError { message: format!("no answers for `{}`", request.operation) });
        };
        let mut given = self.given.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let answers = &self.operations[position].1;
        let answer = answers[given[position] % answers.len()].clone();
        given[position] += 1;
        answer
    }

    fn wait(&self, _milliseconds: u64) {}
}
