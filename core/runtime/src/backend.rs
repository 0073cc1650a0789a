//! What runs a lowered module. The interpreter is the backend that defines the meaning; others are
//! compared with it, and a host can bring its own.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use anrf_format::module::Module;
use anrf_format::semantic::{LogLevel, StepId};
use anrf_format::types::TypeId;
use anrf_format::value::Value;

use crate::cancellation::CancellationToken;
use crate::error::Error;
use crate::outcome::{Fault, Fields};
use crate::policy::{ContractChecks, Limits};
use crate::stop::Limit;

/// Turns lowered modules into code.
pub trait Backend: Send + Sync {
    /// The name in records and metrics.
    fn name(&self) -> &'static str;

    /// Compiles a module's execution layer.
    ///
    /// # Errors
    /// What the backend cannot do, or an execution layer that is not well-formed.
    fn compile(&self, module: &Arc<Module>) -> Result<Arc<dyn Code>, Error>;
}

/// A compiled module: immutable, shared by all its runs.
pub trait Code: Send + Sync {
    /// The module that it was compiled from.
    fn module(&self) -> &Arc<Module>;

    /// Memory for runs, one at a time, under these limits.
    ///
    /// # Errors
    /// Limits in which not even the module's constants fit.
    fn instantiate(&self, limits: &Limits, checks: ContractChecks) -> Result<Box<dyn Instance>, Error>;
}

/// What runs one call at a time and keeps its memory between them.
pub trait Instance: Send {
    /// Calls a function: converts the inputs, checks its entry conditions, runs it.
    ///
    /// # Errors
    /// Inputs or state of a wrong type; everything that happens in the run itself is an [`End`].
    fn call(&mut self, call: &Call<'_>, effects: &mut dyn HostEffects) -> Result<Ended, Error>;

    /// Calls a function whose inputs and success fields are all boolean, integer, float, timestamp or enum,
    /// given and answered as slots (`docs/layout.md`), and that has no state and no host operations.
    /// Nothing is converted and, after the first call, nothing allocated.
    ///
    /// # Errors
    /// How it ended, if not in success; a function of other types ends in a `Fault` of entry never run.
    fn call_slots(
        &mut self,
        call: &SlotCall,
        arguments: &[u64],
        results: &mut [u64],
    ) -> Result<(), Box<Stopped>>;
}

/// One call.
#[derive(Debug)]
pub struct Call<'a> {
    /// Index into the module's functions.
    pub function: u32,
    /// One per input with its name, in declared order.
    pub inputs: &'a [(String, Value)],
    /// One per variable of the module's state, in declared order.
    pub state: &'a [Value],
    /// When its time is up.
    pub deadline: Option<Instant>,
    /// Who can end it.
    pub cancellation: Option<CancellationToken>,
    /// Whether faults keep values.
    pub keeps_values: bool,
}

/// One call by slots.
#[derive(Clone, Debug, Default)]
pub struct SlotCall {
    /// Index into the module's functions.
    pub function: u32,
    /// When its time is up.
    pub deadline: Option<Instant>,
    /// Who can end it.
    pub cancellation: Option<CancellationToken>,
}

/// Why a call by slots did not succeed.
#[derive(Clone, Debug, PartialEq)]
pub enum Stopped {
    /// It ended otherwise.
    End(End),
    /// It cannot be called so.
    Error(Error),
}

impl fmt::Display for Stopped {
    /// One line, without values.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End(End::Success(_)) => formatter.write_str("the call succeeded"),
            Self::End(End::Failure(code, message)) => {
                write!(formatter, "the call failed with the error of index {code}")?;
                if message.is_empty() { Ok(()) } else { write!(formatter, ": {message}") }
            }
            Self::End(End::Fault(fault)) => {
                write!(formatter, "the call ended in the fault `{}`", fault.kind.name())?;
                if let Some(step) = &fault.step {
                    write!(formatter, " in step `{step}`")?;
                }
                write!(formatter, " of `{}`", fault.function)
            }
            Self::End(End::Limit(limit)) => write!(formatter, "the call reached the limit `{limit}`"),
            Self::Error(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for Stopped {}

/// How a call ended and what it used.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// How it ended.
    pub end: End,
    /// The state afterwards, as it was given unless the end is a success.
    pub state: Vec<Value>,
    /// Charges of the code.
    pub fuel: u64,
    /// Charges of contracts.
    pub contract_units: u64,
    /// The most bytes that values took at once.
    pub peak_memory: u64,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The success fields, in declared order.
    Success(Vec<Value>),
    /// Index of the error code, and the message.
    Failure(u32, String),
    /// A defect.
    Fault(Fault),
    /// A limit.
    Limit(Limit),
}

/// What running code asks of its surroundings.
pub trait HostEffects {
    /// Invokes a host operation (its index) with inputs in declared order.
    ///
    /// # Errors
    /// The limit of host calls, bytes or the journal.
    fn invoke(&mut self, operation: u32, inputs: Vec<Value>) -> Result<Answer, Limit>;

    /// Keeps a log entry of a step.
    ///
    /// # Errors
    /// [`Limit::Journal`].
    fn log(
        &mut self,
        level: LogLevel,
        step: Option<&str>,
        message: String,
        fields: Fields,
    ) -> Result<(), Limit>;

    /// Keeps a move of a state machine: machine, states from and to.
    ///
    /// # Errors
    /// [`Limit::Journal`].
    fn moved(&mut self, machine: u32, from: u32, to: u32) -> Result<(), Limit>;

    /// Lets time pass before another attempt.
    ///
    /// # Errors
    /// [`Limit::Time`], [`Limit::Cancelled`].
    fn wait(&mut self, milliseconds: u64) -> Result<(), Limit>;

    /// How often the run has attempted an operation.
    fn attempts(&self, operation: u32) -> u64;

    /// Hears what traced code comes by.
    fn traced(&mut self, _traced: Traced) {}
}

/// What traced code comes by. Functions are indices into the module's, depths count calls inside calls, fuel
/// is what was charged so far.
#[derive(Clone, Debug, PartialEq)]
pub enum Traced {
    /// A function is entered.
    Entered {
        /// Which.
        function: u32,
        /// How deep.
        depth: u32,
        /// Charged so far.
        fuel: u64,
        /// Its inputs.
        values: Vec<TracedValue>,
    },
    /// A step is reached; told again where another block of the same step begins.
    Stepped {
        /// Of which function.
        function: u32,
        /// Which.
        step: StepId,
        /// How deep.
        depth: u32,
        /// Charged so far.
        fuel: u64,
    },
    /// Names stand for values, or state variables have new ones.
    Bound {
        /// In which function.
        function: u32,
        /// How deep.
        depth: u32,
        /// Names and values.
        values: Vec<TracedValue>,
    },
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct TracedValue {
    /// The name.
    pub name: String,
    /// The step that binds it; a value may be known before its name is bound. `None` for inputs and state.
    pub step: Option<StepId>,
    /// The type.
    pub type_id: TypeId,
    /// The value, unless it is large.
    pub value: Option<Value>,
}

/// What a host operation answered; a backend checks its types and conditions.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Success fields in declared order; `None` where one was not given.
    Success(Vec<Option<Value>>),
    /// Index of the error code, and the message.
    Error(u32, String),
    /// Something that the operation's declaration does not allow: `host_contract_violation`.
    Invalid,
}
