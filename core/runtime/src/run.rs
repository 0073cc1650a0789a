//! One run from request to result: what the execution model calls its flow, in eight steps.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anrf_format::module::Module;
use anrf_format::semantic::{AuditLevel, Function};
use anrf_format::types::{Type, TypeTable};
use anrf_format::value::Value;

use crate::authorise::Needs;
use crate::backend::{Backend, Call, Code, End, Ended, Instance};
use crate::cancellation::CancellationToken;
use crate::effects::{RunEffects, Surroundings};
use crate::error::{Error, codes};
use crate::execution_record::{AuditOutcome, AuditRecord, Execution, REDACTED, redacted};
use crate::host::Host;
use crate::journal::Journal;
use crate::observer::{Event, Measurement, Observer, metric};
use crate::outcome::{Fields, Outcome};
use crate::policy::Policy;
use crate::stop::Limit;

/// A module that is ready to run: compiled, with what its functions need worked out.
pub struct Loaded {
    opened: OnceLock<Result<Opened, Error>>,
    /// Of a module that is opened when something of it is first asked for.
    open: Mutex<Option<Box<Open>>>,
    backend: &'static str,
}

/// How a module is opened late, once.
type Open = dyn FnOnce() -> Result<Opened, Error> + Send;

struct Opened {
    code: Arc<dyn Code>,
    needs: Needs,
}

impl Opened {
    fn new(backend: &dyn Backend, module: &Arc<Module>) -> Result<Self, Error> {
        Ok(Self { code: backend.compile(module)?, needs: Needs::of(module) })
    }
}

/// What a module that cannot be opened looks like to whoever does not ask whether it could.
static NOTHING: LazyLock<Arc<Module>> = LazyLock::new(Arc::default);

impl std::fmt::Debug for Loaded {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Loaded").field("backend", &self.backend).finish_non_exhaustive()
    }
}

impl Loaded {
    /// Compiles a lowered module.
    ///
    /// # Errors
    /// What the backend cannot do.
    pub fn new(backend: &dyn Backend, module: &Arc<Module>) -> Result<Self, Error> {
        let opened = OnceLock::from(Ok(Opened::new(backend, module)?));
        Ok(Self { opened, open: Mutex::default(), backend: backend.name() })
    }

    /// A module that is brought from where it is kept, and compiled, when something of it is first asked for.
    #[must_use]
    pub fn late(
        backend: Arc<dyn Backend>,
        bring: impl FnOnce() -> Result<Module, Error> + Send + 'static,
    ) -> Self {
        let name = backend.name();
        let open = move || Opened::new(&*backend, &Arc::new(bring()?));
        Self { opened: OnceLock::new(), open: Mutex::new(Some(Box::new(open))), backend: name }
    }

    fn opened(&self) -> Result<&Opened, &Error> {
        let opened = self.opened.get_or_init(|| {
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
            open.map_or_else(|| Err(Error::malformed("a module")), |open| open())
        });
        opened.as_ref()
    }

    /// The module.
    ///
    /// # Errors
    /// Why it cannot be opened, if it is opened late.
    pub fn open(&self) -> Result<&Arc<Module>, Error> {
        self.opened().map(|opened| opened.code.module()).map_err(Error::clone)
    }

    /// The module; one without anything in it, if it is opened late and cannot be.
    #[must_use]
    pub fn module(&self) -> &Arc<Module> {
        self.opened().map_or_else(|_| &*NOTHING, |opened| opened.code.module())
    }

    /// The index of a function, by name or node id.
    ///
    /// # Errors
    /// [`codes::UNKNOWN_FUNCTION`].
    pub fn find(&self, name: &str) -> Result<u32, Error> {
        let functions = &self.open()?.semantic.functions;
        let matches = |function: &Function| function.node_id() == name;
        // A bare name is the newest version.
        let newest = || {
            let named = functions.iter().enumerate().filter(|(_, function)| function.name == name);
            named.max_by_key(|(_, function)| function.version).map(|(index, _)| index)
        };
        let found = functions.iter().position(matches).or_else(newest);
        found.and_then(|index| u32::try_from(index).ok()).ok_or_else(|| {
            let known: Vec<_> =
                functions.iter().map(|function| format!("`{}`", function.node_id())).collect();
            Error::new(&codes::UNKNOWN_FUNCTION, format!("there is no function `{name}`"))
                .with_help(format!("the module has {}", known.join(", ")))
        })
    }

    /// The first capability that a function, or a host operation that it may come to invoke, needs and the
    /// Policy does not give.
    #[must_use]
    pub fn missing_capability(&self, function: u32, policy: &Policy) -> Option<String> {
        let opened = self.opened().ok()?;
        opened.needs.missing(opened.code.module(), function, policy)
    }

    /// Memory for runs of a function, under the stricter of the Policy and what it declares.
    ///
    /// # Errors
    /// As [`Code::instantiate`].
    pub fn instantiate(&self, function: u32, policy: &Policy) -> Result<Box<dyn Instance>, Error> {
        let opened = self.opened().map_err(Error::clone)?;
        let limits = match opened.code.module().semantic.functions.get(function as usize) {
            Some(function) => policy.limits.within(&function.performance),
            None => policy.limits.clone(),
        };
        opened.code.instantiate(&limits, policy.contract_checks)
    }
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Index of the function: see [`Loaded::find`].
    pub function: u32,
    /// By name, in any order; inputs with a default may be left out.
    pub inputs: Fields,
    /// State variables by name; those left out have their initial value.
    pub state: Fields,
    /// The id of the run; made up if there is none.
    pub id: Option<String>,
    /// Who can end it.
    pub cancellation: Option<CancellationToken>,
}

/// What a run happens in.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// What is permitted and how much.
    pub policy: &'a Policy,
    /// What implements host operations.
    pub host: &'a dyn Host,
    /// Who watches.
    pub observer: &'a dyn Observer,
    /// Asked before and after, in order.
    pub hooks: &'a [&'a dyn Hook],
}

/// Something that is asked before and after each run; verification can be one.
pub trait Hook: Send + Sync {
    /// Before the first step of a run that is permitted.
    ///
    /// # Errors
    /// Why the run is refused.
    fn before(&self, _module: &Module, _function: &Function, _inputs: &Fields) -> Result<(), String> {
        Ok(())
    }

    /// After a run, before its result is given back.
    ///
    /// # Errors
    /// Why the result is withheld.
    fn after(&self, _module: &Module, _function: &Function, _execution: &Execution) -> Result<(), String> {
        Ok(())
    }
}

/// What the caller gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The record, which may be kept: of a function that handles sensitive data, without values.
    pub execution: Execution,
    /// What the record may not hold.
    revealed: Option<Box<Revealed>>,
}

/// Outcome and state of a function that handles sensitive data.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Revealed {
    outcome: Outcome,
    state: Fields,
}

impl Ran {
    /// How it ended, with the success fields.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        self.revealed.as_ref().map_or(&self.execution.outcome, |revealed| &revealed.outcome)
    }

    /// The state of the function's variables afterwards.
    #[must_use]
    pub fn state(&self) -> &Fields {
        self.revealed.as_ref().map_or(&self.execution.state, |revealed| &revealed.state)
    }
}

/// Runs a function.
///
/// # Errors
/// Inputs or state that are not what the function declares, or a hook's refusal; everything that happens
/// in the run itself is an [`Outcome`].
pub fn run(loaded: &Loaded, request: Request, environment: &Environment<'_>) -> Result<Ran, Error> {
    // 1. The request is received: it gets an id, and whoever watches hears of it.
    let begun = Begun::new(&request);
    // 2. The function is fetched and authorised. Its module was validated when it was loaded.
    let module = Arc::clone(loaded.open()?);
    let function = (module.semantic.functions.get(request.function as usize))
        .ok_or_else(|| Error::new(&codes::UNKNOWN_FUNCTION, "there is no function of this index"))?;
    let node = function.node_id();
    let span =
        tracing::info_span!("anrf.execution", id = %begun.id, function = %node, backend = loaded.backend);
    let _entered = span.enter();
    environment.observer.event(Event::Started { id: &begun.id, function: &node });
    let denied = loaded.missing_capability(request.function, environment.policy);
    // 3. Inputs are validated; their types and constraints are checked as they enter the run.
    let inputs = ordered_inputs(&module.types, function, request.inputs)?;
    let state = complete_state(&module, request.state)?;
    let mut surroundings =
        Surroundings::new(&module, function, environment, &begun.id, request.cancellation.clone());
    let ended = match denied {
        Some(capability) => Finished::denied(capability),
        None => {
            // 4. Whoever wants to verify before the execution does.
            for hook in environment.hooks {
                hook.before(&module, function, &inputs).map_err(|why| Error::new(&codes::REFUSED, why))?;
            }
            // 5. The code runs, alone with its arena, under its limits.
            let mut instance = loaded.instantiate(request.function, environment.policy)?;
            let call = Call {
                function: request.function,
                inputs: &inputs,
                state: &state,
                deadline: surroundings.deadline(),
                cancellation: request.cancellation,
                keeps_values: !function.security.sensitive_data,
            };
            let ended = instance.call(&call, &mut RunEffects::new(&mut surroundings))?;
            Finished::of(function, ended)
        }
    };
    // 6. What happened is recorded and measured.
    let sensitive = function.security.sensitive_data;
    let state = named_state(&module, function, ended.state.unwrap_or(state));
    let (inputs, outcome, state, revealed) = if sensitive {
        let outcome = without_message(&module, ended.outcome);
        let (kept, kept_state) = (without_values(&module, &outcome), redacted_fields(&state));
        (redacted_fields(&inputs), kept, kept_state, Some(Box::new(Revealed { outcome, state })))
    } else {
        (inputs, ended.outcome, state, None)
    };
    let (logs, journal) = surroundings.into_records();
    let duration = begun.instant.elapsed();
    let mut execution = Execution {
        id: begun.id.clone(),
        backend: loaded.backend.to_owned(),
        function: node.clone(),
        inputs,
        outcome,
        state,
        logs,
        journal,
        fuel: ended.fuel,
        contract_units: ended.contract_units,
        peak_memory: ended.peak_memory,
        duration,
        audit: None,
    };
    execution.audit = audit(environment.policy, function, &execution, begun.time_micros);
    // 7. Whoever wants to verify after the execution does.
    for hook in environment.hooks {
        hook.after(&module, function, &execution).map_err(|why| Error::new(&codes::REFUSED, why))?;
    }
    report(environment.observer, function, &execution);
    // 8. The result goes back.
    Ok(Ran { execution, revealed })
}

/// When and as what a run began.
struct Begun {
    id: String,
    instant: Instant,
    time_micros: i64,
}

impl Begun {
    fn new(request: &Request) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self {
            id: request.id.clone().unwrap_or_else(random_id),
            instant: Instant::now(),
            time_micros: i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        }
    }
}

/// A random UUID (RFC 9562, version 4), from the seeds that the standard library draws for its maps.
fn random_id() -> String {
    let half = || RandomState::new().build_hasher().finish();
    let (high, low) = (half(), half());
    let high = high & 0xffff_ffff_ffff_0fff | 0x4000;
    let low = low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xffff);
    format!("{a:08x}-{b:04x}-{c:04x}-{:04x}-{:012x}", low >> 48, low & 0xffff_ffff_ffff)
}

/// How a run ended and what it used.
struct Finished {
    outcome: Outcome,
    /// `None` if it is as it was.
    state: Option<Vec<Value>>,
    fuel: u64,
    contract_units: u64,
    peak_memory: u64,
}

impl Finished {
    fn denied(capability: String) -> Self {
        let outcome = Outcome::Denied { capability };
        Self { outcome, state: None, fuel: 0, contract_units: 0, peak_memory: 0 }
    }

    fn of(function: &Function, ended: Ended) -> Self {
        let Ended { end, state, fuel, contract_units, peak_memory } = ended;
        let succeeded = matches!(end, End::Success(_));
        let outcome = match end {
            End::Success(values) => Outcome::Success(
                function.success.iter().map(|field| field.name.clone()).zip(values).collect(),
            ),
            End::Failure(code, message) => {
                let error_code = function.error_codes.get(code as usize).cloned().unwrap_or_default();
                Outcome::Failure { error_code, message }
            }
            End::Fault(fault) => Outcome::Fault(fault),
            End::Limit(limit) => Outcome::Limit(limit),
        };
        Self { outcome, state: succeeded.then_some(state), fuel, contract_units, peak_memory }
    }
}

/// Inputs in declared order, with defaults; an optional one that is left out is NONE.
fn ordered_inputs(types: &TypeTable, function: &Function, given: Fields) -> Result<Fields, Error> {
    let mut values: Vec<Option<Value>> = vec![None; function.inputs.len()];
    for (name, value) in given {
        let Some(index) = function.inputs.iter().position(|input| input.name == name) else {
            let known: Vec<_> = function.inputs.iter().map(|input| format!("`{}`", input.name)).collect();
            return Err(Error::new(
                &codes::INPUT_NAME,
                format!("`{}` has no input `{name}`", function.node_id()),
            )
            .with_help(format!("its inputs are {}", known.join(", "))));
        };
        if values[index].replace(value).is_some() {
            return Err(Error::new(&codes::INPUT_NAME, format!("the input `{name}` is given twice")));
        }
    }
    let complete = function.inputs.iter().zip(values).map(|(input, value)| {
        let optional = matches!(types.types.get(input.type_id.0 as usize), Some(Type::Optional(_)));
        let missing = || optional.then_some(Value::Optional(None));
        match value.or_else(|| input.default.clone()).or_else(missing) {
            Some(value) => Ok((input.name.clone(), value)),
            None => Err(Error::new(&codes::INPUT_NAME, format!("the input `{}` is missing", input.name))),
        }
    });
    complete.collect()
}

/// All variables of the module's state, in declared order.
fn complete_state(module: &Module, given: Fields) -> Result<Vec<Value>, Error> {
    let variables = &module.semantic.state;
    let mut values: Vec<Option<Value>> = vec![None; variables.len()];
    for (name, value) in given {
        let Some(index) = variables.iter().position(|variable| variable.name == name) else {
            return Err(Error::new(&codes::STATE, format!("the module has no state variable `{name}`")));
        };
        values[index].get_or_insert(value);
    }
    let complete = variables.iter().zip(values);
    Ok(complete.map(|(variable, value)| value.unwrap_or_else(|| variable.initial.clone())).collect())
}

/// The variables that a function uses.
fn named_state(module: &Module, function: &Function, values: Vec<Value>) -> Fields {
    let mut values: Vec<Option<Value>> = values.into_iter().map(Some).collect();
    let named = |index: &u32| {
        let variable = module.semantic.state.get(*index as usize)?;
        Some((variable.name.clone(), values.get_mut(*index as usize)?.take()?))
    };
    function.state.iter().filter_map(named).collect()
}

fn redacted_fields(fields: &Fields) -> Fields {
    fields.iter().map(|(name, _)| (name.clone(), redacted())).collect()
}

/// A message that carries no sensitive value: one that the module holds as a constant has none in it, any
/// other is made from values.
pub(crate) fn without_values_in(module: &Module, message: String) -> String {
    let mut constants = module.execution.constants.iter();
    let constant = constants.any(|(_, value)| matches!(value, Value::String(text) if *text == message));
    if constant { message } else { REDACTED.to_owned() }
}

fn without_message(module: &Module, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Failure { error_code, message } => {
            Outcome::Failure { error_code, message: without_values_in(module, message) }
        }
        other => other,
    }
}

/// An outcome without any value.
fn without_values(module: &Module, outcome: &Outcome) -> Outcome {
    match outcome {
        Outcome::Success(fields) => Outcome::Success(redacted_fields(fields)),
        other => without_message(module, other.clone()),
    }
}

fn audit(
    policy: &Policy,
    function: &Function,
    execution: &Execution,
    time_micros: i64,
) -> Option<AuditRecord> {
    let rank = |level: AuditLevel| match level {
        AuditLevel::None => 0,
        AuditLevel::Basic => 1,
        AuditLevel::Detailed => 2,
    };
    let level = policy.audit_level;
    let level =
        if rank(level) > rank(function.security.audit_level) { level } else { function.security.audit_level };
    let detailed = level == AuditLevel::Detailed;
    (level != AuditLevel::None).then(|| AuditRecord {
        time_micros,
        node_id: execution.function.clone(),
        actor: policy.actor.clone(),
        action: function.name.clone(),
        inputs: detailed.then(|| execution.inputs.clone()),
        outcome: if detailed {
            AuditOutcome::Whole(execution.outcome.clone())
        } else {
            AuditOutcome::Kind(execution.outcome.kind().to_owned())
        },
        execution_id: execution.id.clone(),
        security_context: if detailed { policy.security_context.clone() } else { BTreeMap::new() },
    })
}

/// Events, metrics and the trace at the end of a run.
fn report(observer: &dyn Observer, function: &Function, execution: &Execution) {
    let (node, path) = (&*execution.function, &*execution.backend);
    let labels = [("node", node), ("path", path)];
    observer.measure(Measurement { name: metric::TOTAL, value: 1.0, labels: &labels });
    let milliseconds = execution.duration.as_secs_f64() * 1_000.0;
    observer.measure(Measurement { name: metric::DURATION_MS, value: milliseconds, labels: &labels });
    let kind = error_kind(&execution.outcome);
    if let Some(kind) = kind {
        let labels = [("node", node), ("path", path), ("error", kind)];
        observer.measure(Measurement { name: metric::ERRORS, value: 1.0, labels: &labels });
    }
    tracing::info!(
        outcome = execution.outcome.kind(),
        error = kind,
        fuel = execution.fuel,
        peak_memory = execution.peak_memory,
        milliseconds,
        "execution ended"
    );
    if let Some(expected) = function.performance.expected_latency_ms.map(Duration::from_millis)
        && execution.duration > expected
    {
        let (id, duration) = (&*execution.id, execution.duration);
        observer.event(Event::Slow { id, function: node, expected, duration });
    }
    if let Some(record) = &execution.audit {
        observer.event(Event::Audited(record));
    }
    observer.event(Event::Finished(execution));
}

/// The kind of an outcome that is not a success.
fn error_kind(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Success(_) => None,
        Outcome::Failure { error_code, .. } => Some(error_code),
        Outcome::Fault(fault) => Some(fault.kind.name()),
        Outcome::Limit(limit) => Some(Limit::name(*limit)),
        Outcome::Denied { .. } => Some("denied"),
    }
}

/// Runs a function again from a journal, without a host.
///
/// # Errors
/// As [`run`]; [`codes::JOURNAL`] where the run asks for something else than what the journal holds.
pub fn replay(loaded: &Loaded, request: Request, journal: &Journal, policy: &Policy) -> Result<Ran, Error> {
    let host = crate::journal::ReplayHost::new(journal.clone());
    let observer = crate::observer::NoObserver;
    let environment = Environment { policy, host: &host, observer: &observer, hooks: &[] };
    let ran = run(loaded, request, &environment)?;
    if ran.execution.journal == *journal {
        Ok(ran)
    } else {
        Err(Error::new(
            &codes::JOURNAL,
            "the run exchanged something else with the outside than the journal says",
        ))
    }
}
