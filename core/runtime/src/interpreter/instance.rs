//! The interpreter as a backend.

use std::fmt;
use std::sync::{Arc, OnceLock};

use anrf_format::binary::MALFORMED;
use anrf_format::execution::FaultKind;
use anrf_format::module::Module;
use anrf_format::value::Value;

use super::compile::compile;
use super::describe::describe;
use super::fault::FaultReport;
use super::machine::{Halt, Machine, Memory};
use super::native::Compiler;
use super::pool::Pool;
use super::program::{Program, Roles};
use crate::arena::{EncodeError, Trace};
use crate::backend::{Backend, Call, Code, End, Ended, HostEffects, Instance, SlotCall, Stopped};
use crate::error::{Error, codes};
use crate::meter::Meter;
use crate::outcome::Fault;
use crate::policy::{ContractChecks, Limits};
use crate::stop::{Limit, Stop};

/// The backend that defines what code means.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interpreter;

impl Backend for Interpreter {
    fn name(&self) -> &'static str {
        "interpreter"
    }

    fn compile(&self, module: &Arc<Module>) -> Result<Arc<dyn Code>, Error> {
        Interpreted::new(module, OnceLock::new()).loaded()
    }
}

/// A module whose functions run as machine code where this compiler can make it, and as the interpreter runs them
/// elsewhere.
///
/// # Errors
/// As of the interpreter.
pub fn accelerated(module: &Arc<Module>, compiler: Arc<dyn Compiler>) -> Result<Arc<dyn Code>, Error> {
    Interpreted { compiler: Some(compiler), ..Interpreted::new(module, OnceLock::new()) }.loaded()
}

/// Whether some part of a module is so large that the interpreter may have to refuse it. All others are
/// compiled when they first run.
fn is_large(module: &Module) -> bool {
    let execution = &module.execution;
    module.types.types.len() > usize::from(u16::MAX)
        || execution.functions.iter().any(|function| {
            let instructions = function.blocks.iter().map(|block| block.instructions.len()).sum::<usize>();
            function.values.len().max(instructions) > 4_000
                || function.parameters > 1_000
                || function.regions.len() > 2_000
        })
}

/// A module as register code.
pub(super) struct Interpreted {
    pub(super) module: Arc<Module>,
    pub(super) program: OnceLock<Result<Arc<Program>, Error>>,
    /// What makes machine code of it.
    compiler: Option<Arc<dyn Compiler>>,
    /// Memory of ended runs, for the next ones.
    idle: Arc<Pool>,
}

impl Interpreted {
    pub(super) fn new(module: &Arc<Module>, program: OnceLock<Result<Arc<Program>, Error>>) -> Self {
        Self { module: Arc::clone(module), program, compiler: None, idle: Arc::default() }
    }

    /// The module's code, which is made when it first runs unless it may have to be refused.
    fn loaded(self) -> Result<Arc<dyn Code>, Error> {
        if is_large(&self.module) {
            self.program()?;
        }
        Ok(Arc::new(self))
    }

    fn program(&self) -> Result<&Arc<Program>, Error> {
        let made = self.program.get_or_init(|| {
            let mut program = compile(&self.module)?;
            if let Some(compiler) = &self.compiler {
                program.accelerate(Arc::clone(compiler));
            }
            Ok(Arc::new(program))
        });
        made.as_ref().map_err(Error::clone)
    }

    /// New memory for runs.
    fn memory(&self, program: &Program, limits: &Limits) -> Memory {
        if program.is_accelerated() {
            Memory::wide(limits.memory_bytes)
        } else {
            Memory::new(limits.memory_bytes)
        }
    }

    fn instance(
        &self,
        program: &Arc<Program>,
        memory: Memory,
        exceeded: Option<Limit>,
        limits: &Limits,
        checks: ContractChecks,
    ) -> Box<dyn Instance> {
        Box::new(InterpreterInstance {
            module: Arc::clone(&self.module),
            program: Arc::clone(program),
            memory: Some(memory),
            idle: exceeded.is_none().then(|| Arc::clone(&self.idle)),
            exceeded,
            limits: limits.clone(),
            checks,
        })
    }
}

impl Code for Interpreted {
    fn module(&self) -> &Arc<Module> {
        &self.module
    }

    fn instantiate(&self, limits: &Limits, checks: ContractChecks) -> Result<Box<dyn Instance>, Error> {
        let program = self.program()?;
        if let Some(memory) = self.idle.take(limits.memory_bytes) {
            return Ok(self.instance(program, memory, None, limits, checks));
        }
        let mut memory = self.memory(program, limits);
        let mut machine = Machine::new(program, &self.module, memory, Meter::new(u64::MAX, 0));
        let mut constants = Vec::with_capacity(program.constants.len() + program.immediates.len());
        let mut exceeded = None;
        for (type_id, value) in &program.constants {
            let slot = match machine.slot(*type_id, value) {
                Ok(slot) => slot,
                Err(EncodeError::Stop(Stop::Limit(limit))) => {
                    exceeded = Some(limit);
                    break;
                }
                Err(EncodeError::Type { path, message }) => {
                    return Err(Error::new(&MALFORMED, format!("a constant{path}: {message}")));
                }
                Err(EncodeError::Stop(_)) => return Err(Error::malformed("a constant")),
            };
            if program.shapes.trace(*type_id) == Trace::Pointer {
                machine.arena.share(slot);
            }
            constants.push(slot);
        }
        constants.extend_from_slice(&program.immediates);
        machine.arena.keep();
        memory = machine.into_memory();
        memory.constants = constants;
        Ok(self.instance(program, memory, exceeded, limits, checks))
    }
}

/// Memory for runs of one module.
struct InterpreterInstance {
    module: Arc<Module>,
    program: Arc<Program>,
    /// Away while a run has it.
    memory: Option<Memory>,
    /// Where the memory goes in the end, unless it must not be used again.
    idle: Option<Arc<Pool>>,
    /// The limit that the module's constants alone exceed: what every run ends in.
    exceeded: Option<Limit>,
    limits: Limits,
    checks: ContractChecks,
}

impl Drop for InterpreterInstance {
    fn drop(&mut self) {
        if let (Some(memory), Some(idle)) = (self.memory.take(), &self.idle) {
            idle.give(memory);
        }
    }
}

impl fmt::Debug for InterpreterInstance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InterpreterInstance").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// A call that ended before or in the body.
enum Early {
    Error(Error),
    End(End),
}

impl From<Stop> for Early {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Limit(limit) => Self::End(End::Limit(limit)),
            Stop::Internal(what) => Self::Error(Error::new(&MALFORMED, what)),
            Stop::Fault(_) => Self::Error(Error::new(&MALFORMED, "a fault outside of code")),
        }
    }
}

impl Instance for InterpreterInstance {
    fn call(&mut self, call: &Call<'_>, effects: &mut dyn HostEffects) -> Result<Ended, Error> {
        if let Some(limit) = self.exceeded {
            let (end, state) = (End::Limit(limit), call.state.to_vec());
            return Ok(Ended { end, state, fuel: 0, contract_units: 0, peak_memory: 0 });
        }
        let (module, program) = (Arc::clone(&self.module), Arc::clone(&self.program));
        let memory = self.memory.take().unwrap_or_else(|| Memory::new(self.limits.memory_bytes));
        let mut machine = self.machine(&program, &module, memory, call.deadline, call.cancellation.clone());
        machine.keeps_values = call.keeps_values;
        if !call.keeps_values {
            // Sensitive values are in it.
            self.idle = None;
        }
        let result = run_call(&mut machine, &module, call, effects);
        let (fuel, contract_units) = (machine.meter.fuel_used(), machine.meter.contract_used());
        let peak_memory = machine.arena.peak_bytes();
        self.memory = Some(machine.into_memory());
        let (end, state) = match result {
            Ok((values, state)) => (End::Success(values), state),
            Err(Early::End(end)) => (end, call.state.to_vec()),
            Err(Early::Error(error)) => return Err(error),
        };
        Ok(Ended { end, state, fuel, contract_units, peak_memory })
    }

    fn call_slots(
        &mut self,
        call: &SlotCall,
        arguments: &[u64],
        results: &mut [u64],
    ) -> Result<(), Box<Stopped>> {
        let refuse = |what: &str| Err(Box::new(Stopped::Error(Error::malformed(what))));
        let (module, program) = (Arc::clone(&self.module), Arc::clone(&self.program));
        let Some(body) = Roles::get(&program.roles.body, call.function) else { return refuse("a function") };
        let is_scalar = |type_id| program.shapes.trace(type_id) == Trace::Scalar;
        let (Some(parameters), Some(returns)) =
            (program.parameters.get(body as usize), program.returns.get(body as usize))
        else {
            return refuse("a function");
        };
        if parameters.len() != arguments.len()
            || returns.len() != results.len()
            || !parameters.iter().chain(returns).all(|type_id| is_scalar(*type_id))
            || !module.semantic.state.is_empty()
        {
            return refuse("a function of these scalars");
        }
        if let Some(limit) = self.exceeded {
            return Err(Box::new(Stopped::End(End::Limit(limit))));
        }
        let memory = self.memory.take().unwrap_or_else(|| Memory::new(self.limits.memory_bytes));
        let mut machine = self.machine(&program, &module, memory, call.deadline, call.cancellation.clone());
        let function = module.semantic.functions.get(call.function as usize);
        let sensitive = function.is_none_or(|function| function.security.sensitive_data);
        machine.keeps_values = !sensitive;
        let ended = run_slots(&mut machine, &module, call.function, body, arguments, results);
        self.memory = Some(machine.into_memory());
        ended.map_err(|early| {
            Box::new(match early {
                Early::Error(error) => Stopped::Error(error),
                Early::End(End::Failure(code, message)) if sensitive => {
                    Stopped::End(End::Failure(code, crate::run::without_values_in(&module, message)))
                }
                Early::End(end) => Stopped::End(end),
            })
        })
    }
}

impl InterpreterInstance {
    fn machine<'run>(
        &self,
        program: &'run Program,
        module: &'run Module,
        mut memory: Memory,
        deadline: Option<std::time::Instant>,
        cancellation: Option<crate::CancellationToken>,
    ) -> Machine<'run> {
        let mut meter = Meter::new(self.limits.fuel, self.limits.contract_budget);
        meter.watch(deadline, cancellation);
        memory.arena.reset();
        let mut machine = Machine::new(program, module, memory, meter);
        machine.checks_contracts = self.checks != ContractChecks::Never;
        machine.depth_limit = self.limits.depth;
        machine.memory_limit = self.limits.memory_bytes;
        machine
    }
}

/// From values to values.
fn run_call(
    machine: &mut Machine<'_>,
    module: &Module,
    call: &Call<'_>,
    effects: &mut dyn HostEffects,
) -> Result<(Vec<Value>, Vec<Value>), Early> {
    let Some(body) = Roles::get(&machine.program.roles.body, call.function) else {
        return Err(Early::Error(Error::malformed("a function")));
    };
    let Some(function) = module.semantic.functions.get(call.function as usize) else {
        return Err(Early::Error(Error::malformed("a function")));
    };
    let mut arguments = vec![];
    if call.inputs.len() != function.inputs.len() || call.state.len() != module.semantic.state.len() {
        return Err(Early::Error(Error::malformed("an input")));
    }
    for (input, (_, value)) in function.inputs.iter().zip(call.inputs) {
        let slot = machine.slot(input.type_id, value);
        arguments
            .push(slot.map_err(|error| typed(error, &codes::INPUT_TYPE, &input.name, call.keeps_values))?);
    }
    machine.state.clear();
    for (variable, value) in module.semantic.state.iter().zip(call.state) {
        let slot = machine.slot(variable.type_id, value);
        machine
            .state
            .push(slot.map_err(|error| typed(error, &codes::STATE, &variable.name, call.keeps_values))?);
    }
    let returned = enter(machine, effects, call.function, body, &arguments)
        .map_err(|early| with_inputs(early, call, function))?;
    let mut budget = machine.memory_limit;
    let mut values = vec![];
    for (field, slot) in function.success.iter().zip(returned) {
        values.push(machine.value(field.type_id, slot, &mut budget)?);
    }
    let mut state = vec![];
    for (variable, slot) in module.semantic.state.iter().zip(machine.state.clone()) {
        state.push(machine.value(variable.type_id, slot, &mut budget)?);
    }
    Ok((values, state))
}

/// The path and the message may quote the value, which is told only if values are kept.
fn typed(error: EncodeError, code: &'static anrf_format::diagnostic::Code, name: &str, keeps: bool) -> Early {
    match error {
        EncodeError::Type { .. } if !keeps => {
            let message = format!("`{name}`: the value is not of the declared type");
            Early::Error(Error::new(code, message).with_help("the value is sensitive, so it is not shown"))
        }
        EncodeError::Type { path, message } => {
            Early::Error(Error::new(code, format!("`{name}{path}`: {message}")))
        }
        EncodeError::Stop(stop) => stop.into(),
    }
}

/// What failed on entry is said with the inputs themselves.
fn with_inputs(early: Early, call: &Call<'_>, function: &anrf_format::semantic::Function) -> Early {
    match early {
        Early::End(End::Fault(mut fault))
            if call.keeps_values
                && fault.values.is_empty()
                && matches!(
                    fault.kind,
                    FaultKind::PreconditionViolation | FaultKind::ConstraintViolation
                ) =>
        {
            for (input, (_, value)) in function.inputs.iter().zip(call.inputs) {
                if is_short(value) {
                    fault.values.push((input.name.clone(), value.clone()));
                }
            }
            Early::End(End::Fault(fault))
        }
        other => other,
    }
}

/// Whether a value is worth showing whole.
fn is_short(value: &Value) -> bool {
    match value {
        Value::String(text) => text.len() <= 1_024,
        Value::Bytes(bytes) => bytes.len() <= 1_024,
        Value::Optional(None) => true,
        Value::Optional(_)
        | Value::Array(_)
        | Value::Map(_)
        | Value::Set(_)
        | Value::Record(_)
        | Value::Variant(..) => false,
        _ => true,
    }
}

/// Entry conditions, then the body.
fn enter(
    machine: &mut Machine<'_>,
    effects: &mut dyn HostEffects,
    function: u32,
    body: u32,
    arguments: &[u64],
) -> Result<Vec<u64>, Early> {
    let (module, program) = (machine.module, machine.program);
    let Some(types) = program.parameters.get(body as usize) else {
        return Err(Early::Error(Error::malformed("a function")));
    };
    machine.meter.check_clock()?;
    let inputs = types.iter().copied().zip(arguments.iter().copied());
    let uses = module.semantic.functions.get(function as usize).map_or(&[][..], |function| &function.state);
    let state = uses.iter().filter_map(|variable| {
        let declared = module.semantic.state.get(*variable as usize)?;
        Some((declared.type_id, *machine.state.get(*variable as usize)?))
    });
    let entering: Vec<_> = inputs.chain(state).collect();
    for (type_id, slot) in entering {
        if let Some(mut report) = machine.check_records(effects, type_id, slot, 0)? {
            report.kind = FaultKind::ConstraintViolation;
            return Err(fault_of(module, program, function, *report));
        }
    }
    if let Some(entry) = Roles::get(&program.roles.entry, function) {
        match machine.run_condition(effects, entry, arguments, 0) {
            Halt::Return(_) => {}
            other => return Err(halted(module, program, function, machine, other)),
        }
    }
    match machine.run(effects, body, arguments) {
        Halt::Return(values) => {
            // What ran shorter than a fuel slice has not looked yet.
            machine.meter.check_clock()?;
            Ok(values)
        }
        other => Err(halted(module, program, function, machine, other)),
    }
}

fn halted(module: &Module, program: &Program, function: u32, machine: &Machine<'_>, halt: Halt) -> Early {
    match halt {
        Halt::Return(_) => Early::Error(Error::malformed("a result")),
        Halt::Fail(code, message) => {
            let message = machine.arena.text(message).to_owned();
            Early::End(End::Failure(u32::try_from(code).unwrap_or(u32::MAX), message))
        }
        Halt::Fault(report) => fault_of(module, program, function, *report),
        Halt::Limit(limit) => Early::End(End::Limit(limit)),
        Halt::Internal(what) => Early::Error(Error::new(&MALFORMED, what)),
    }
}

fn fault_of(module: &Module, program: &Program, function: u32, report: FaultReport) -> Early {
    let fault: Fault = describe(module, program, function, report);
    Early::End(End::Fault(fault))
}

/// Scalars in, scalars out.
fn run_slots(
    machine: &mut Machine<'_>,
    module: &Module,
    function: u32,
    body: u32,
    arguments: &[u64],
    results: &mut [u64],
) -> Result<(), Early> {
    let effects = &mut NoEffects;
    let program = machine.program;
    machine.meter.check_clock()?;
    if let Some(entry) = Roles::get(&program.roles.entry, function) {
        match machine.run_condition(effects, entry, arguments, 0) {
            Halt::Return(_) => {}
            other => return Err(halted(module, program, function, machine, other)),
        }
    }
    match machine.run(effects, body, arguments) {
        Halt::Return(values) => {
            machine.meter.check_clock()?;
            for (result, value) in results.iter_mut().zip(values) {
                *result = value;
            }
            Ok(())
        }
        other => Err(halted(module, program, function, machine, other)),
    }
}

/// Surroundings of code that has none.
pub(crate) struct NoEffects;

impl HostEffects for NoEffects {
    fn invoke(&mut self, _: u32, _: Vec<Value>) -> Result<crate::backend::Answer, Limit> {
        Ok(crate::backend::Answer::Invalid)
    }

    fn log(
        &mut self,
        _: anrf_format::semantic::LogLevel,
        _: Option<&str>,
        _: String,
        _: crate::Fields,
    ) -> Result<(), Limit> {
        Ok(())
    }

    fn moved(&mut self, _: u32, _: u32, _: u32) -> Result<(), Limit> {
        Ok(())
    }

    fn wait(&mut self, _: u64) -> Result<(), Limit> {
        Ok(())
    }

    fn attempts(&self, _: u32) -> u64 {
        0
    }
}
