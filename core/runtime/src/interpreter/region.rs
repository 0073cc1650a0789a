//! Regions: contracts, ghost values and folds become straight code and loops in place.

use anrf_format::execution::{
    BlockId, Domain, FaultKind, Fold, Instruction, ObligationId, RegionId, Role, ValueId,
};
use anrf_format::semantic::{Aggregate, Quantifier};
use anrf_format::types::TypeId;

use super::code::{Code, Register, Slow};
use super::compile::{FunctionCompiler, index_of};
use crate::arena::{Shape, Trace};
use crate::error::Error;

/// What a region's blocks do at their end.
#[derive(Clone, Debug)]
pub(super) enum Context {
    /// Yields whether a condition holds.
    Verdict { end: Register, kind: FaultKind, obligation: ObligationId, exit: u32 },
    /// Yields a value.
    Ghost { to: Register, exit: u32 },
    /// Yields something for an element.
    Fold { kind: FoldKind, head: u32, exit: u32 },
}

/// How a fold collects.
#[derive(Clone, Debug)]
pub(super) enum FoldKind {
    /// Ends at the first value that is `stop`; the register then holds it.
    Until {
        to: Register,
        stop: bool,
    },
    Array {
        array: Register,
    },
    Sum {
        to: Register,
        type_id: TypeId,
        obligation: ObligationId,
    },
    Count {
        to: Register,
        type_id: TypeId,
    },
    Extreme {
        best: Register,
        has: Register,
        type_id: TypeId,
        smallest: bool,
    },
    Find {
        to: Register,
        type_id: TypeId,
    },
    Keys {
        arrays: Vec<Register>,
    },
}

/// The slots of 0 in decimals and unbounded integers, and of 1 in the latter: see `arena::number`.
const TAGGED_ZERO: i64 = 1;
const TAGGED_ONE: i32 = 2;

impl FunctionCompiler<'_> {
    /// A condition: `kind` unless the region yields TRUE.
    pub(super) fn contract(
        &mut self,
        kind: FaultKind,
        region: RegionId,
        obligation: ObligationId,
    ) -> Result<(), Error> {
        let (end, exit) = (self.fresh(), self.label());
        self.push(if matches!(self.function.role, Role::Body(_)) {
            Code::Contract { end, target: exit }
        } else {
            Code::Condition { end }
        });
        self.region(region, Context::Verdict { end, kind, obligation, exit })?;
        self.place(exit);
        Ok(())
    }

    /// A value that only ghost code reads.
    pub(super) fn ghost(&mut self, instruction: &Instruction, region: RegionId) -> Result<(), Error> {
        let (value, exit) = (self.fresh(), self.label());
        let to = self.result(instruction)?;
        let optional = matches!(self.function.role, Role::Body(_));
        self.push(Code::GhostBegin { to: value, optional, target: exit });
        self.region(region, Context::Ghost { to: value, exit })?;
        self.place(exit);
        self.push(Code::Move { to, from: value });
        Ok(())
    }

    fn region(&mut self, region: RegionId, context: Context) -> Result<(), Error> {
        self.check_nesting()?;
        let blocks = self.blocks_of(region)?;
        if blocks.is_empty() {
            return Err(Error::malformed("a region"));
        }
        let outer = self.in_loop;
        self.in_loop |= matches!(context, Context::Fold { .. });
        self.contexts.push(context);
        for (position, block) in blocks.iter().enumerate() {
            self.block(*block, blocks.get(position + 1).copied())?;
        }
        self.contexts.pop();
        self.in_loop = outer;
        Ok(())
    }

    /// The end of a region's block.
    pub(super) fn yielded(&mut self, values: &[ValueId], next: Option<BlockId>) -> Result<(), Error> {
        let context = self.contexts.last().cloned().ok_or_else(|| Error::malformed("a region"))?;
        let first = values.first().copied().ok_or_else(|| Error::malformed("a value"))?;
        let (continuation, is_behind) = match context {
            Context::Verdict { end, kind, obligation, exit } => {
                let value = self.register(first)?;
                self.site(obligation, &[])?;
                self.push(Code::Verdict { value, end, kind });
                (exit, next.is_none())
            }
            Context::Ghost { to, exit } => {
                let from = self.register(first)?;
                self.push(Code::Move { to, from });
                self.push(Code::GhostEnd);
                (exit, next.is_none())
            }
            Context::Fold { kind, head, exit } => {
                self.collect(&kind, values, exit)?;
                (head, false)
            }
        };
        if !is_behind {
            self.go((continuation, 0));
        }
        Ok(())
    }

    /// Nothing for this element.
    pub(super) fn skipped(&mut self) -> Result<(), Error> {
        match self.contexts.last() {
            Some(Context::Fold { head, .. }) => {
                let target = *head;
                self.go((target, 0));
                Ok(())
            }
            _ => Err(Error::malformed("a fold")),
        }
    }

    fn collect(&mut self, kind: &FoldKind, values: &[ValueId], exit: u32) -> Result<(), Error> {
        let mut registers = self.registers_of(values)?.into_vec();
        let value = registers[0];
        match *kind {
            FoldKind::Until { to, stop } => {
                self.push(Code::Move { to, from: value });
                let target = exit;
                self.push(if stop {
                    Code::JumpIf { other: 0, a: to, charge: 0, target }
                } else {
                    Code::JumpUnless { other: 0, a: to, charge: 0, target }
                });
            }
            FoldKind::Array { array } => {
                for element in registers.drain(..) {
                    self.push(Code::Push { array, element });
                }
            }
            FoldKind::Sum { to, type_id, obligation } => {
                use anrf_format::execution::Arithmetic::Add;
                self.site(obligation, &[])?;
                self.push(match type_id {
                    TypeId::INTEGER => Code::Add { to, a: to, b: value },
                    TypeId::FLOAT => Code::Float { operator: Add, to, a: to, b: value },
                    _ => Code::Number { operator: Add, to, a: to, b: value, type_id: type_id.0 },
                });
            }
            // Neither can overflow: a fold has less than 2^62 elements.
            FoldKind::Count { to, type_id } => {
                let step = if type_id == TypeId::UNBOUNDED { TAGGED_ONE } else { 1 };
                self.push(Code::AddImmediate { to, a: to, value: step });
            }
            FoldKind::Extreme { best, has, type_id, smallest } => {
                self.slow(Slow::Extreme { best, has, value, type_id, smallest })?;
            }
            FoldKind::Find { to, type_id } => {
                self.push(Code::NewSome { to, a: value, type_id: type_id.0 });
                self.go((exit, 0));
            }
            FoldKind::Keys { ref arrays } => {
                if arrays.len() != registers.len() {
                    return Err(Error::malformed("a key"));
                }
                for (array, element) in arrays.iter().zip(registers) {
                    self.push(Code::Push { array: *array, element });
                }
            }
        }
        Ok(())
    }

    /// A fold over a domain.
    pub(super) fn fold(
        &mut self,
        instruction: &Instruction,
        fold: &Fold,
        domain: &Domain,
        region: RegionId,
    ) -> Result<(), Error> {
        let to = self.result(instruction)?;
        let result_type = instruction.result.map_or(TypeId::BOOLEAN, |value| self.type_of(value));
        let (head, exit) = (self.label(), self.label());
        // Collected aside: the result's register may still hold a value that the region reads.
        let own = self.fresh();
        let kind = match *fold {
            Fold::Quantifier(Quantifier::Forall) | Fold::Aggregate(Aggregate::All, _) => {
                self.immediate(own, 1)?;
                FoldKind::Until { to: own, stop: false }
            }
            Fold::Quantifier(Quantifier::Exists) | Fold::Aggregate(Aggregate::Any, _) => {
                self.immediate(own, 0)?;
                FoldKind::Until { to: own, stop: true }
            }
            Fold::Array => {
                self.empty_array(own, result_type)?;
                FoldKind::Array { array: own }
            }
            // Members and entries are collected first and ordered at the end.
            Fold::Set | Fold::Map => {
                self.empty_array(own, TypeId::BOOLEAN)?;
                FoldKind::Array { array: own }
            }
            Fold::Aggregate(Aggregate::Sum, obligation) => {
                let zero = matches!(result_type, TypeId::DECIMAL | TypeId::UNBOUNDED);
                self.immediate(own, if zero { TAGGED_ZERO } else { 0 })?;
                FoldKind::Sum { to: own, type_id: result_type, obligation }
            }
            Fold::Aggregate(Aggregate::Count, _) => {
                self.immediate(own, if result_type == TypeId::UNBOUNDED { TAGGED_ZERO } else { 0 })?;
                FoldKind::Count { to: own, type_id: result_type }
            }
            Fold::Aggregate(aggregate @ (Aggregate::Min | Aggregate::Max), _) => {
                let has = self.fresh();
                self.immediate(has, 0)?;
                let smallest = aggregate == Aggregate::Min;
                FoldKind::Extreme { best: own, has, type_id: result_type, smallest }
            }
            Fold::Aggregate(Aggregate::Find, _) => {
                self.immediate(own, 0)?;
                FoldKind::Find { to: own, type_id: result_type }
            }
            Fold::Sort { keys, .. } => {
                let arrays: Vec<_> = (0..keys).map(|_| self.fresh()).collect();
                for array in &arrays {
                    self.empty_array(*array, TypeId::BOOLEAN)?;
                }
                FoldKind::Keys { arrays }
            }
        };
        let key_types = self.elements(domain, region, head, exit, kind.clone())?;
        self.place(exit);
        match (fold, kind) {
            (Fold::Set, _) => self.slow(Slow::SetOf { to, array: own, type_id: result_type })?,
            (Fold::Map, _) => self.slow(Slow::MapOf { to, array: own, type_id: result_type })?,
            (Fold::Aggregate(_, obligation), FoldKind::Extreme { has, .. }) => {
                self.site(*obligation, &[])?;
                self.slow(Slow::RequireSome { has })?;
                self.push(Code::Move { to, from: own });
            }
            (Fold::Sort { descending, .. }, FoldKind::Keys { arrays }) => {
                let Domain::Array(array) = *domain else { return Err(Error::malformed("an array")) };
                let array = self.register(array)?;
                let keys = arrays.into_iter().zip(key_types).enumerate();
                let keys =
                    keys.map(|(at, (keys, type_id))| (keys, type_id, at < 64 && descending >> at & 1 == 1));
                self.slow(Slow::Sort { to, array, type_id: result_type, keys: keys.collect() })?;
            }
            _ => self.push(Code::Move { to, from: own }),
        }
        Ok(())
    }

    /// The loop over a domain's elements; gives the types that the region yields.
    fn elements(
        &mut self,
        domain: &Domain,
        region: RegionId,
        head: u32,
        exit: u32,
        kind: FoldKind,
    ) -> Result<Vec<TypeId>, Error> {
        let blocks = self.blocks_of(region)?;
        let entry = blocks.first().and_then(|entry| self.function.blocks.get(entry.0 as usize));
        let entry = entry.ok_or_else(|| Error::malformed("a region"))?;
        let [element, index @ ..] = entry.parameters.as_slice() else {
            return Err(Error::malformed("a parameter"));
        };
        let element_type = self.type_of(*element);
        let element = self.register(*element)?;
        let counter = self.fresh();
        let position = self.fresh();
        let mut step = 1;
        if let Some(index) = index.first() {
            let unbounded = self.type_of(*index) == TypeId::UNBOUNDED;
            self.immediate(position, if unbounded { TAGGED_ZERO } else { 0 })?;
            step = if unbounded { TAGGED_ONE } else { 1 };
        }
        let code = match *domain {
            Domain::Range(low, high) => {
                let (low, high) = (self.register(low)?, self.register(high)?);
                self.push(Code::Move { to: counter, from: low });
                if element_type == TypeId::UNBOUNDED {
                    Code::FoldUnbounded { counter, high, element, target: exit }
                } else {
                    Code::FoldRange { counter, high, element, target: exit }
                }
            }
            Domain::Array(array) => {
                let array = self.register(array)?;
                self.immediate(counter, 0)?;
                if self.program.shapes.trace(element_type) == Trace::Pointer {
                    Code::FoldPointers { counter, array, element, target: exit }
                } else {
                    Code::FoldArray { counter, array, element, target: exit }
                }
            }
        };
        self.place(head);
        self.push(code);
        if let Some(index) = index.first() {
            let to = self.register(*index)?;
            self.push(Code::Move { to, from: position });
            self.push(Code::AddImmediate { to: position, a: position, value: step });
        }
        self.region(region, Context::Fold { kind, head, exit })?;
        let yielded =
            blocks.iter().find_map(|block| match &self.function.blocks.get(block.0 as usize)?.terminator {
                anrf_format::execution::Terminator::Yield(values) => {
                    Some(values.iter().map(|value| self.type_of(*value)).collect())
                }
                _ => None,
            });
        Ok(yielded.unwrap_or_default())
    }

    fn empty_array(&mut self, to: Register, type_id: TypeId) -> Result<(), Error> {
        let list = index_of(self.program.lists.len())?;
        let type_id = match self.program.shapes.get(type_id) {
            Shape::Array(_) => u16::try_from(type_id.0).unwrap_or(0),
            _ => 0,
        };
        self.push(Code::NewArray { to, type_id, count: 0, list });
        Ok(())
    }
}
