//! Whether execution code is what lowering may make of a semantic layer: sound types, SSA, regions, charges,
//! bookkeeping, effects, origins, and no instruction that is not checked.
//!
//! A partial operation is accepted only under its facts, each established by a dominating instruction on the
//! *same values*: `Element` and `WithElement` by `Check::Index`, `Slice` by `Check::Slice`, `Lookup` by
//! `Check::Key`, `Payload` by `Check::Some` or the true side of a branch on `IS_SOME`, `CaseField` by its side
//! of a switch on `CaseOf`, arithmetic and negation of integers by the overflow check, division by
//! `Check::NotZero` (floats excepted), a built-in that can fault by `Check::Builtin`, a call or invocation with
//! conditions by `CheckCall` or `CheckRequest`. A record with constraints is checked before anything but the
//! next field of the same update sees it.
//!
//! Time is linear in the code but for the dominator tree (`n log n`); nothing here recurses over the code.

mod conditions;
mod constants;
mod dominators;
mod facts;
mod flow;
mod ghost;
mod origins;
mod shape;
mod signature;
mod typing;
mod walk;

pub use constants::{is_large_integer, is_value};
pub use signature::{fits_builtin, is_totally_ordered};
pub use typing::widens;

use super::{BlockId, Execution, Function, FunctionId};
use crate::semantic::Semantic;
use crate::source_map::CodeMap;
use crate::types::TypeTable;

/// What kind of rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Defect {
    /// An index points outside its list, or something stands twice.
    Range,
    /// Operands or results of the wrong type.
    Type,
    /// A value is used where its definition does not dominate.
    Dominance,
    /// Blocks, regions or loops that do not fit together.
    Control,
    /// An operation without the check that it wants.
    Unchecked,
    /// A charge that is missing, misplaced or wrong.
    Charge,
    /// `Enter` or `Leave` missing or misplaced.
    Depth,
    /// An effect, or a ghost value, where it may not be.
    Ghost,
    /// Functions or conditions missing, or in another order.
    Role,
    /// An obligation of the wrong kind, or one that two checks share.
    Obligation,
    /// An instruction, terminator or obligation without an origin that exists.
    Origin,
    /// A constant that is not a value of its type.
    Constant,
}

/// The first broken rule of an execution layer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the code is not valid: {detail}{}", self.place())]
pub struct ValidateError {
    /// Which rule.
    pub defect: Defect,
    /// In which function, if it is in one.
    pub function: Option<FunctionId>,
    /// In which block, if it is in one.
    pub block: Option<BlockId>,
    /// What is wrong, in words.
    pub detail: &'static str,
}

impl ValidateError {
    fn new(defect: Defect, detail: &'static str) -> Self {
        Self { defect, function: None, block: None, detail }
    }

    fn at(mut self, block: usize) -> Self {
        self.block = self.block.or(u32::try_from(block).ok().map(BlockId));
        self
    }

    fn place(&self) -> String {
        let function = self.function.map(|function| format!(" in function {}", function.0));
        let block = self.block.map(|block| format!(", block {}", block.0));
        function.unwrap_or_default() + &block.unwrap_or_default()
    }
}

type Result<T = ()> = std::result::Result<T, ValidateError>;

fn broken<T>(defect: Defect, detail: &'static str) -> Result<T> {
    Err(ValidateError::new(defect, detail))
}

fn require(holds: bool, defect: Defect, detail: &'static str) -> Result {
    if holds { Ok(()) } else { broken(defect, detail) }
}

/// Checks execution code against the types and the semantic layer that it belongs to. Neither panics nor
/// recurses, whatever it is given; `types` and `semantic` need not be valid.
///
/// # Errors
/// The first broken rule.
pub fn validate(types: &TypeTable, semantic: &Semantic, execution: &Execution, maps: &[CodeMap]) -> Result {
    crate::semantic::validate::validate(types, semantic)
        .map_err(|_| ValidateError::new(Defect::Range, "the semantic layer is malformed"))?;
    validate_code(types, semantic, execution, maps)
}

/// The same where types and semantic layer are known to be valid.
///
/// # Errors
/// The first broken rule.
pub fn validate_code(
    types: &TypeTable,
    semantic: &Semantic,
    execution: &Execution,
    maps: &[CodeMap],
) -> Result {
    let context = Context { types, semantic, execution };
    constants::check(&context)?;
    conditions::check(&context)?;
    require(maps.len() == execution.functions.len(), Defect::Origin, "a function without origins")?;
    for (index, (function, map)) in (0..).zip(execution.functions.iter().zip(maps)) {
        context.function(function, map).map_err(|mut error| {
            error.function = Some(FunctionId(index));
            error
        })?;
    }
    Ok(())
}

/// What every part of the validator looks things up in.
struct Context<'a> {
    types: &'a TypeTable,
    semantic: &'a Semantic,
    execution: &'a Execution,
}

impl Context<'_> {
    fn function(&self, function: &Function, map: &CodeMap) -> Result {
        // Later parts rely on what earlier ones have checked: indices first.
        let shape = shape::check(self, function)?;
        origins::check(self, function, map)?;
        typing::check(self, function, &shape)?;
        ghost::check(function, &shape)?;
        let flow = flow::check(self, function, &shape)?;
        walk::check(self, function, &shape, &flow)
    }
}
