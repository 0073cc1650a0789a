//! A generated program as a tree: what is printed, and what is made smaller when it fails.

use super::expression::Expr;
use super::types::{Field, Ty, Types};

/// A whole module and the runs to make with it.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) seed: u64,
    pub(crate) types: Types,
    pub(crate) state: Vec<StateVariable>,
    pub(crate) invariants: Vec<Expr>,
    pub(crate) host: Vec<HostOperation>,
    pub(crate) functions: Vec<Function>,
    /// What is run.
    pub runs: Vec<Run>,
}

/// One run: everything as JSON text in the form of the language reference.
#[derive(Clone, Debug)]
pub struct Run {
    /// The function's name.
    pub function: String,
    /// An object of its inputs.
    pub inputs: String,
    /// An object of state variables; empty where the initial values are taken.
    pub state: String,
    /// Answers of each host operation, taken in turn and from the beginning again when they run out: objects
    /// with `success` or `error`.
    pub answers: Vec<(String, Vec<String>)>,
    /// How much it may use.
    pub limits: RunLimits,
    /// Grant the capabilities that the function needs.
    pub granted: bool,
}

/// How much a run may use.
#[derive(Clone, Copy, Debug)]
pub struct RunLimits {
    /// Units of fuel.
    pub fuel: u64,
    /// Units for contracts.
    pub contract_budget: u64,
    /// Bytes of values.
    pub memory_bytes: u64,
    /// Calls inside calls.
    pub depth: u32,
    /// Bytes of journal and logs.
    pub journal_bytes: u64,
    /// Calls of host operations.
    pub host_calls: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct StateVariable {
    pub(crate) field: Field,
    pub(crate) initial: String,
    pub(crate) constraints: Vec<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) struct HostOperation {
    pub(crate) name: String,
    pub(crate) capability: String,
    pub(crate) inputs: Vec<Field>,
    pub(crate) success: Vec<Field>,
    pub(crate) record: Ty,
    pub(crate) errors: Vec<String>,
    pub(crate) preconditions: Vec<Expr>,
    pub(crate) postconditions: Vec<Expr>,
    pub(crate) idempotent: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) field: Field,
    pub(crate) constraints: Vec<Expr>,
    pub(crate) default: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) version: Option<u32>,
    pub(crate) kind: &'static str,
    pub(crate) inputs: Vec<Input>,
    pub(crate) success: Vec<Field>,
    /// The type of its success record.
    pub(crate) record: Ty,
    pub(crate) errors: Vec<String>,
    pub(crate) uses_state: bool,
    pub(crate) preconditions: Vec<Expr>,
    pub(crate) postconditions: Vec<Expr>,
    pub(crate) invariants: Vec<Expr>,
    pub(crate) decreases: Vec<Expr>,
    pub(crate) flow: Vec<Step>,
    pub(crate) capabilities: Vec<String>,
    /// Inputs of an example that only says that the run succeeds or not: they are read, not run.
    pub(crate) example: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) when: Option<Expr>,
    pub(crate) guards: Vec<(Expr, String, Message)>,
    pub(crate) operation: Operation,
    pub(crate) retry: Option<(u32, u64)>,
    pub(crate) fallback: Vec<(String, Expr)>,
    pub(crate) compensate: Vec<Step>,
}

/// A template: text and holes.
#[derive(Clone, Debug)]
pub(crate) struct Message(pub(crate) Vec<(String, Option<Expr>)>);

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Require(Expr, String, Message),
    Compute { bindings: Vec<(String, Expr)>, ghost: bool },
    Assert(Expr),
    Choose { cases: Vec<(Expr, Vec<Step>)>, otherwise: Option<Vec<Step>> },
    Loop(Loop),
    Next(Vec<(String, Expr)>),
    Break(Vec<(String, Expr)>),
    Call(Call),
    Invoke(Call),
    Update(Vec<(String, Expr)>),
    Transition { on: String, to: String, bind: Option<String> },
    Log { level: &'static str, message: Message, fields: Vec<(String, Expr)> },
    Return(Vec<(String, Expr)>),
    Fail(String, Message),
}

#[derive(Clone, Debug)]
pub(crate) struct Loop {
    /// Name, the type where it is written, the initial value.
    pub(crate) state: Vec<(String, Option<Ty>, Expr)>,
    /// `for`, as an expression of the binder's text, or `while`.
    pub(crate) head: (&'static str, Expr),
    pub(crate) invariants: Vec<Expr>,
    pub(crate) decreases: Vec<Expr>,
    pub(crate) body: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) callee: String,
    pub(crate) arguments: Vec<(String, Expr)>,
    pub(crate) bind: Option<String>,
    pub(crate) on_error: Vec<(String, Vec<Step>)>,
}

impl Step {
    pub(crate) fn new(name: String, operation: Operation) -> Self {
        Self {
            name,
            when: None,
            guards: vec![],
            operation,
            retry: None,
            fallback: vec![],
            compensate: vec![],
        }
    }

    /// The blocks inside, to be changed.
    pub(crate) fn blocks_mut(&mut self) -> Vec<&mut Vec<Self>> {
        let mut blocks: Vec<&mut Vec<Self>> = vec![&mut self.compensate];
        match &mut self.operation {
            Operation::Choose { cases, otherwise } => {
                blocks.extend(cases.iter_mut().map(|(_, block)| block));
                blocks.extend(otherwise);
            }
            Operation::Loop(body) => blocks.push(&mut body.body),
            Operation::Call(call) | Operation::Invoke(call) => {
                blocks.extend(call.on_error.iter_mut().map(|(_, block)| block));
            }
            _ => {}
        }
        blocks
    }
}

impl Message {
    pub(crate) fn holes_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        self.0.iter_mut().filter_map(|(_, hole)| hole.as_mut())
    }
}
