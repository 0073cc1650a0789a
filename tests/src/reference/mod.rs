//! A second evaluation: what a run comes to, worked out on the typed trees by themselves.
//!
//! It shares no code with lowering and the interpreter, only what the format layer says of values (decimals,
//! timestamps), and is written for being right at sight, not for speed: environments are maps, values are
//! trees, recursion is recursion. It knows nothing of fuel and other limits, so runs that end in one are not
//! compared, and it gives up where it would need what is not worth writing twice.

mod builtins;
mod contracts;
mod expression;
mod flow;
mod value;

use std::collections::HashMap;

use anrf::{Host, Outcome};
use anrf_format::execution::FaultKind;
use anrf_format::module::Module;
use anrf_format::semantic::{ExprId, Exprs, LocalId};
use anrf_format::value::Value as HostValue;

use value::Value;

/// Why an evaluation does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A defect of the program.
    Fault(FaultKind),
    /// The reference does not do this.
    GivesUp(&'static str),
}

type Result<T> = std::result::Result<T, Stop>;

/// How a run ends.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The success fields, in order, and the state by index.
    Success(Vec<HostValue>, Vec<HostValue>),
    /// A declared error.
    Failure(String, String),
    /// A defect.
    Fault(FaultKind),
}

impl End {
    /// Whether a run of the engine ended so.
    #[must_use]
    pub fn is(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Self::Success(values, _), Outcome::Success(fields)) => {
                values.len() == fields.len() && values.iter().zip(fields).all(|(a, (_, b))| a == b)
            }
            (Self::Failure(code, message), Outcome::Failure { error_code, message: said }) => {
                (code, message) == (error_code, said)
            }
            (Self::Fault(kind), Outcome::Fault(fault)) => *kind == fault.kind,
            _ => false,
        }
    }
}

/// More work than generated programs should be.
const MOST_STEPS: u64 = 3_000_000;

/// More calls inside calls than a stack has room for.
const MOST_CALLS: u32 = 300;

/// One run.
struct Reference<'m> {
    module: &'m Module,
    host: &'m dyn Host,
    state: Vec<Value>,
    attempts: Vec<i128>,
    steps: u64,
    depth: u32,
}

/// What an expression is evaluated in.
struct Frame<'m> {
    exprs: &'m Exprs,
    locals: HashMap<LocalId, Value>,
    /// The function around: its state and attempts on entry.
    entry: Entry,
    /// Read state as it was on entry.
    old: bool,
    exit: Exit,
}

#[derive(Clone, Default)]
struct Entry {
    state: Vec<Value>,
    attempts: Vec<i128>,
}

/// What a postcondition knows of the exit.
#[derive(Clone)]
enum Exit {
    None,
    Success(Vec<Value>),
    Failure(u32),
}

/// Runs a function with all its inputs, in order, and all state.
///
/// # Errors
/// What the reference does not do.
pub fn run(
    module: &Module,
    function: usize,
    inputs: &[HostValue],
    state: &[HostValue],
    host: &dyn Host,
) -> std::result::Result<End, &'static str> {
    let mut reference = Reference {
        module,
        host,
        state: vec![],
        attempts: vec![0; module.semantic.host.len()],
        steps: 0,
        depth: 0,
    };
    match reference.whole(function, inputs, state) {
        Ok(end) => Ok(end),
        Err(Stop::Fault(kind)) => Ok(End::Fault(kind)),
        Err(Stop::GivesUp(why)) => Err(why),
    }
}

impl<'m> Reference<'m> {
    fn whole(&mut self, index: usize, inputs: &[HostValue], state: &[HostValue]) -> Result<End> {
        let module = self.module;
        let function = &module.semantic.functions[index];
        let mut arguments = vec![];
        for (input, value) in function.inputs.iter().zip(inputs) {
            arguments.push(self.import(input.type_id, value)?);
        }
        for (variable, value) in module.semantic.state.iter().zip(state) {
            let value = self.import(variable.type_id, value)?;
            self.state.push(value);
        }
        for (input, value) in function.inputs.iter().zip(&arguments) {
            self.check_records(input.type_id, value)?;
        }
        for variable in &function.state {
            let type_id = module.semantic.state[*variable as usize].type_id;
            self.check_records(type_id, &self.state[*variable as usize].clone())?;
        }
        self.entry_conditions(index, &arguments)?;
        match self.body(index, arguments)? {
            flow::Exit::Return(values) => {
                let fields = function.success.iter().zip(&values);
                let values = fields.map(|(field, value)| self.export(field.type_id, value));
                let values = values.collect::<Result<_>>()?;
                let variables = module.semantic.state.iter().zip(&self.state);
                let state = variables.map(|(variable, value)| self.export(variable.type_id, value));
                Ok(End::Success(values, state.collect::<Result<_>>()?))
            }
            flow::Exit::Fail(code, message) => {
                Ok(End::Failure(function.error_codes[code as usize].clone(), message))
            }
        }
    }

    fn step(&mut self) -> Result<()> {
        self.steps += 1;
        if self.steps > MOST_STEPS { Err(Stop::GivesUp("much work")) } else { Ok(()) }
    }

    /// An expression of contract clauses, with a frame of its own.
    fn in_clause(
        &mut self,
        clause: &'m anrf_format::semantic::Clause,
        arguments: &[Value],
        entry: Entry,
        exit: Exit,
    ) -> Result<Value> {
        let locals = (0..).map(LocalId).zip(arguments.iter().cloned()).collect();
        let mut frame = Frame { exprs: &clause.exprs, locals, entry, old: false, exit };
        self.eval(&mut frame, clause.root)
    }

    fn holds(&mut self, frame: &mut Frame<'m>, id: ExprId) -> Result<bool> {
        self.eval(frame, id)?.boolean()
    }
}

fn fault<T>(kind: FaultKind) -> Result<T> {
    Err(Stop::Fault(kind))
}
