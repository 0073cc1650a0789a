//! The execution layer: functions as typed SSA blocks with explicit checks, charges and effects.
//!
//! `docs/ir.md` gives operands, fault, charge, allocation and meaning of each instruction, and a test
//! holds it. Regions (contracts, quantifiers, comprehensions) are sub-graphs of the same block list: a
//! backend runs them as loops, the verifier reads them as terms.

mod cfg;
mod fault;
mod instruction;
mod print;
mod print_names;
pub mod validate;

pub use cfg::*;
pub use fault::*;
pub use instruction::*;
pub use print::{print, print_function};

use serde::{Deserialize, Serialize};

use crate::semantic::{ExprId, StepId};
use crate::types::TypeId;
use crate::value::Value;

/// An SSA value of one function: an index into [`Function::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ValueId(pub u32);

/// An index into [`Function::blocks`]. Block 0 is the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlockId(pub u32);

/// An index into [`Function::regions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RegionId(pub u32);

/// An index into [`Function::obligations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObligationId(pub u32);

impl ObligationId {
    /// Of an instruction that cannot fault, where its form wants an id.
    pub const NONE: Self = Self(u32::MAX);
}

/// An index into [`Execution::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FunctionId(pub u32);

/// The execution layer of a module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// Constants with their types, without repeats. An unbounded integer beyond 64 bits stands as a
    /// [`Value::String`] of its decimal digits.
    pub constants: Vec<(TypeId, Value)>,
    /// The bodies of the semantic functions, in their order, then the conditions.
    pub functions: Vec<Function>,
}

impl Execution {
    /// The function of a role. Conditions that would be empty do not exist.
    #[must_use]
    pub fn find(&self, role: Role) -> Option<FunctionId> {
        let position = self.functions.iter().position(|function| function.role == role)?;
        u32::try_from(position).ok().map(FunctionId)
    }
}

/// What a function of the execution layer is the code of. All but bodies are ghost code: they take the
/// named values, check clause after clause by [`Op::Contract`], and return nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// The body of a semantic function.
    Body(u32),
    /// Entry of a semantic function: input constraints (`constraint_violation`), state constraints
    /// (`constraint_violation`), invariants (`invariant_violation`), preconditions
    /// (`precondition_violation`). Takes the inputs.
    Entry(u32),
    /// Constraints of a record definition. Takes the fields.
    Record(u32),
    /// Constraints of a state variable. Takes nothing, reads the state.
    State(u32),
    /// Preconditions of a host operation. Takes its inputs.
    HostRequest(u32),
    /// Postconditions of a host operation. Takes its inputs, then its success fields.
    HostAnswer(u32),
}

/// One function: blocks over typed values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// What it is the code of.
    pub role: Role,
    /// The type of every value. The first are the parameters, which the entry block takes.
    pub values: Vec<TypeId>,
    /// How many parameters there are.
    pub parameters: u32,
    /// What `return` hands back.
    pub returns: Vec<TypeId>,
    /// The blocks; 0 is the entry.
    pub blocks: Vec<Block>,
    /// The regions that its instructions refer to.
    pub regions: Vec<Region>,
    /// The obligations that its checks guard.
    pub obligations: Vec<Obligation>,
    /// Its loops, outer before inner.
    pub loops: Vec<LoopInfo>,
    /// Measures of recursion: regions that yield an unbounded integer over the parameters; never run.
    pub decreases: Vec<RegionId>,
}

/// Straight code with one way in and one end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// The region it belongs to; `None` is the function's own code.
    pub region: Option<RegionId>,
    /// Values it takes from whoever jumps here.
    pub parameters: Vec<ValueId>,
    /// In order.
    pub instructions: Vec<Instruction>,
    /// How it ends.
    pub terminator: Terminator,
    /// Where a fault in this block goes: a block without parameters that compensates and ends in
    /// [`Terminator::Resume`].
    pub on_fault: Option<BlockId>,
}

/// Code that an instruction runs as part of itself. Its blocks jump only among themselves and end in
/// [`Terminator::Yield`] or [`Terminator::Skip`]; they may read every value that dominates the
/// instruction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Its first block; the parameters are the element and then the index, for those that have a domain.
    pub entry: BlockId,
    /// The region around it.
    pub parent: Option<RegionId>,
}

/// What must be proved, and the check that stands for it until it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligation {
    /// What kind.
    pub kind: ObligationKind,
    /// Stable under edits elsewhere: `function/step/kind/ordinal`.
    pub id: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// A loop and what is known about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoopInfo {
    /// The block that every iteration starts with. Its parameters are the loop's state, for a `for`
    /// followed by the index.
    pub header: BlockId,
    /// The step.
    pub step: StepId,
    /// For a `for`: the values of `lo` and `hi`; the index is the header's last parameter.
    pub range: Option<(ValueId, ValueId)>,
    /// Invariants: regions that yield a boolean; the header runs them by [`Op::Contract`].
    pub invariants: Vec<RegionId>,
    /// Measures: regions that yield an unbounded integer; never run.
    pub decreases: Vec<RegionId>,
}

/// Where an instruction comes from: the link from the execution layer to step, expression and contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The step, if it belongs to one.
    pub step: Option<StepId>,
    /// The expression.
    pub place: Place,
}

/// The expression an instruction comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    /// The function as a whole (entry and exit bookkeeping).
    Function,
    /// The step as a whole.
    Step,
    /// An expression of the function's flow.
    Expr(ExprId),
    /// An expression of a clause.
    Clause(ClauseRef, ExprId),
}

/// Names a clause of the semantic layer; numbers are indices into the lists of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ClauseRef {
    /// Function, input, constraint.
    Input(u32, u32, u32),
    /// Function, precondition.
    Precondition(u32, u32),
    /// Function, postcondition.
    Postcondition(u32, u32),
    /// Function, invariant of its contract.
    Invariant(u32, u32),
    /// Function, measure.
    Decreases(u32, u32),
    /// Module invariant.
    ModuleInvariant(u32),
    /// Record, constraint.
    Record(u32, u32),
    /// State variable, constraint.
    State(u32, u32),
    /// Host operation, precondition.
    HostPrecondition(u32, u32),
    /// Host operation, postcondition.
    HostPostcondition(u32, u32),
}
