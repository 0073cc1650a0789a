//! All code of a module, with what instructions have indices into.

use std::sync::Arc;

use anrf_format::execution::{Function, Origin};
use anrf_format::types::{Type, TypeId, TypeTable};
use anrf_format::value::Value;

use super::code::{CallSite, Code, List, Reclaim, Register, Slow};
use super::native::Tier;
use crate::arena::{Header, Shape, Shapes};
use crate::error::Error;

/// What a fault at an instruction says.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "said where it is not in the name")]
pub struct Site {
    /// Index into [`Program::code`]; sites are sorted by it.
    pub at: u32,
    /// Index of the execution function.
    pub function: u32,
    /// Index of the obligation in it.
    pub obligation: u32,
    pub origin: Origin,
    /// What was checked.
    pub operands: Box<[(Register, TypeId)]>,
}

/// One compiled function.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "said where it is not in the name")]
pub struct Compiled {
    /// Behind its `Enter`, if it has one.
    pub entry: u32,
    /// One level deeper.
    pub enters: bool,
    /// How many registers its window needs, its own calls' arguments included.
    pub registers: u32,
    pub parameters: u32,
}

/// The execution functions of each role, by the index in the role.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "said where it is not in the name")]
pub struct Roles {
    pub body: Vec<Option<u32>>,
    pub entry: Vec<Option<u32>>,
    pub record: Vec<Option<u32>>,
    pub state: Vec<Option<u32>>,
    pub request: Vec<Option<u32>>,
    pub answer: Vec<Option<u32>>,
}

impl Roles {
    /// The function of an index in one of the lists.
    pub fn get(list: &[Option<u32>], index: u32) -> Option<u32> {
        list.get(index as usize).copied().flatten()
    }
}

/// No handler.
pub const NO_TARGET: u32 = u32::MAX;

/// All of a module's code.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "tables that instructions have indices into")]
pub struct Program {
    pub code: Vec<Code>,
    /// The code without machine code in it; empty if there is none.
    pub plain: Vec<Code>,
    /// How many state variables the module has.
    pub variables: u32,
    /// Machine code for parts of it.
    pub tier: Arc<Tier>,
    pub functions: Vec<Compiled>,
    pub roles: Roles,
    pub(crate) shapes: Shapes,
    /// Registers of records, arrays, returns and reclaims.
    pub lists: Vec<Register>,
    pub tables: Vec<Box<[u32]>>,
    pub calls: Vec<CallSite>,
    pub slow: Vec<Slow>,
    pub sites: Vec<Site>,
    /// What is reclaimed where; sorted.
    pub reclaims: Vec<Reclaim>,
    /// From this instruction on, faults go to that one; sorted.
    pub handlers: Vec<(u32, u32)>,
    /// Constants, then immediates that do not fit an instruction.
    pub constants: Vec<(TypeId, Value)>,
    pub immediates: Vec<u64>,
    /// Roots of reclaims: types of the registers in [`Program::lists`], in step with them.
    pub list_types: Vec<TypeId>,
    /// Types of parameters and results of each function, for conversion.
    pub parameters: Vec<Box<[TypeId]>>,
    pub returns: Vec<Box<[TypeId]>>,
    /// By type: whether values may hold records with constraints.
    pub constrained: Vec<bool>,
}

impl Program {
    /// Registers in a row.
    #[inline]
    pub fn list(&self, list: List) -> &[Register] {
        let start = list.start as usize;
        self.lists.get(start..start + usize::from(list.count)).unwrap_or_default()
    }

    /// The first word of a new record, or of the cell of an optional.
    #[must_use]
    pub fn record_header(type_id: TypeId, fields: u32) -> u64 {
        Header::new(type_id, fields).encode()
    }

    /// What is known about a fault at an instruction.
    pub fn site(&self, at: u32) -> Option<&Site> {
        let index = self.sites.binary_search_by_key(&at, |site| site.at).ok()?;
        self.sites.get(index)
    }

    /// Where a fault at an instruction is handled.
    pub fn handler(&self, at: u32) -> Option<u32> {
        let next = self.handlers.partition_point(|(from, _)| *from <= at);
        let (_, handler) = self.handlers.get(next.checked_sub(1)?)?;
        (*handler != NO_TARGET).then_some(*handler)
    }

    /// Gives calls what they need of their callees, and their own places.
    ///
    /// # Errors
    /// No such function, or a call of one of several results that takes one.
    pub fn link(&mut self) -> Result<(), Error> {
        for site in &mut self.calls {
            let callee =
                self.functions.get(site.function as usize).ok_or_else(|| Error::malformed("a function"))?;
            (site.entry, site.enters) = (callee.entry, callee.enters);
        }
        for (at, instruction) in (0..).zip(&self.code) {
            if let Code::Call { site } | Code::CheckCondition { site } = instruction
                && let Some(site) = self.calls.get_mut(*site as usize)
            {
                site.at = at;
            }
        }
        Ok(())
    }

    /// Finds out which types may hold records with constraints.
    pub fn find_constrained(&mut self, types: &TypeTable) {
        let mut found = vec![false; types.types.len()];
        loop {
            let mut changed = false;
            for (index, of) in types.types.iter().enumerate() {
                let id = TypeId(u32::try_from(index).unwrap_or(u32::MAX));
                let inner = |id: &TypeId| found.get(id.0 as usize).copied().unwrap_or(false);
                let holds = match self.shapes.get(id) {
                    Shape::Optional(element) | Shape::Array(element) | Shape::Map(_, element) => {
                        inner(element)
                    }
                    Shape::Record(fields) => {
                        let record = if let Type::Record(record) = of { *record } else { u32::MAX };
                        Roles::get(&self.roles.record, record).is_some() || fields.iter().any(inner)
                    }
                    Shape::Variant(cases) => cases.iter().any(|fields| fields.iter().any(inner)),
                    _ => false,
                };
                if holds && !found[index] {
                    found[index] = true;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        self.constrained = found;
    }

    /// Records what a function takes and gives.
    pub fn describe(&mut self, function: &Function) {
        let count = (function.parameters as usize).min(function.values.len());
        self.parameters.push(function.values[..count].into());
        self.returns.push(function.returns.as_slice().into());
    }
}
