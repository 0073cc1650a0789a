//! What has been computed or checked already is not computed or checked again.
//!
//! Value numbering over extended basic blocks (Muchnick, Advanced Compiler Design and Implementation,
//! 12.4): a block with one way into it knows what the block before it knows. Charges stay as they are, so
//! that fuel does not depend on it, and so do obligations, of which the first to be reached reports.

use std::collections::HashMap;

use anrf_format::execution::{Arithmetic, BlockId, Check, Comparison, Function, Instruction, Op, ValueId};
use anrf_format::types::TypeId;

use crate::arena::{Shape, Shapes, Trace};

/// Longer functions are compiled as they are, which bounds the work.
const MOST_INSTRUCTIONS: usize = 1 << 16;

/// What an instruction computes or checks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Immediate(i64, TypeId),
    Arithmetic(Arithmetic, ValueId, ValueId),
    Compare(Comparison, ValueId, ValueId),
    Element(ValueId, ValueId),
    CheckArithmetic(Arithmetic, ValueId, ValueId),
    CheckIndex(ValueId, ValueId),
}

/// The function without what it does twice, if it does anything twice.
pub(super) fn without_repetition(function: &Function, shapes: &Shapes) -> Option<Function> {
    let instructions: usize = function.blocks.iter().map(|block| block.instructions.len()).sum();
    if instructions > MOST_INSTRUCTIONS {
        return None;
    }
    let mut numbering = Numbering {
        function,
        shapes,
        known: HashMap::new(),
        found: vec![],
        values: vec![],
        repeated: vec![],
    };
    numbering.values = (0..).take(function.values.len()).map(ValueId).collect();
    for (chain, block) in chains(function) {
        numbering.block(chain, block);
    }
    let Numbering { values, repeated, .. } = numbering;
    if repeated.is_empty() {
        return None;
    }
    let mut function = function.clone();
    for (block, at) in repeated {
        // In place of the instruction, as others are known by their position.
        if let Some(instruction) =
            function.blocks.get_mut(block).and_then(|block| block.instructions.get_mut(at))
        {
            *instruction = Instruction { result: None, op: Op::Charge(0) };
        }
    }
    let mut rename = |value: &mut ValueId| {
        if let Some(known) = values.get(value.0 as usize) {
            *value = *known;
        }
    };
    for block in &mut function.blocks {
        block
            .instructions
            .iter_mut()
            .for_each(|instruction| instruction.op.for_each_operand_mut(&mut rename));
        block.terminator.for_each_operand_mut(&mut rename);
    }
    Some(function)
}

/// The blocks outside regions, each behind the one before it in its chain, with where that stands in the
/// chain.
fn chains(function: &Function) -> Vec<(usize, usize)> {
    let count = function.blocks.len();
    let mut ways = vec![0_u32; count];
    let mut enter = |block: BlockId, by: u32| {
        if let Some(ways) = ways.get_mut(block.0 as usize) {
            *ways += by;
        }
    };
    enter(BlockId(0), 2);
    for block in &function.blocks {
        block.terminator.for_each_successor(|successor| enter(successor, 1));
        // A fault comes from the middle of a block.
        block.on_fault.iter().for_each(|handler| enter(*handler, 2));
    }
    let mut order = vec![];
    let is_root = |index: usize| function.blocks[index].region.is_none() && ways[index] != 1;
    let mut open: Vec<(usize, usize)> =
        (0..count).filter(|index| is_root(*index)).map(|root| (0, root)).collect();
    while let Some((depth, index)) = open.pop() {
        order.push((depth, index));
        function.blocks[index].terminator.for_each_successor(|successor| {
            let successor = successor.0 as usize;
            if ways.get(successor) == Some(&1) {
                open.push((depth + 1, successor));
            }
        });
    }
    order
}

struct Numbering<'a> {
    function: &'a Function,
    shapes: &'a Shapes,
    known: HashMap<Key, ValueId>,
    /// What was found out by the chain's blocks, with where in the chain that was.
    found: Vec<(usize, Key)>,
    /// The first value that is the same, for each.
    values: Vec<ValueId>,
    /// Block and position of what needs no doing.
    repeated: Vec<(usize, usize)>,
}

impl Numbering<'_> {
    fn block(&mut self, depth: usize, index: usize) {
        while let Some((_, key)) = self.found.pop_if(|(found, _)| *found >= depth) {
            self.known.remove(&key);
        }
        let function = self.function;
        for (at, instruction) in function.blocks[index].instructions.iter().enumerate() {
            let Some(key) = self.key(instruction) else { continue };
            if let Some(known) = self.known.get(&key) {
                if let Some(value) = instruction.result
                    && let Some(same) = self.values.get_mut(value.0 as usize)
                {
                    *same = *known;
                }
                self.repeated.push((index, at));
            } else {
                // A check has no value; that it is known is enough.
                self.known.insert(key.clone(), instruction.result.unwrap_or(ValueId(u32::MAX)));
                self.found.push((depth, key));
            }
        }
    }

    fn key(&self, instruction: &Instruction) -> Option<Key> {
        let same = |value: &ValueId| self.values.get(value.0 as usize).copied().unwrap_or(*value);
        let type_of = |value: &ValueId| self.function.type_of(*value);
        Some(match &instruction.op {
            Op::Immediate(number) => Key::Immediate(*number, type_of(&instruction.result?)?),
            Op::Arithmetic(operator, a, b) if type_of(a) == Some(TypeId::INTEGER) => {
                Key::Arithmetic(*operator, same(a), same(b))
            }
            Op::Compare(comparison, a, b) if type_of(a) == Some(TypeId::INTEGER) => {
                Key::Compare(*comparison, same(a), same(b))
            }
            // Aggregates may be marked by reading them.
            Op::Element(x, index, _) => match self.shapes.get(type_of(x)?) {
                Shape::Array(element) if self.shapes.trace(*element) == Trace::Scalar => {
                    Key::Element(same(x), same(index))
                }
                _ => return None,
            },
            Op::Check(Check::Arithmetic(operator), operands, _) => match operands.as_slice() {
                [a, b] if type_of(a) == Some(TypeId::INTEGER) => {
                    Key::CheckArithmetic(*operator, same(a), same(b))
                }
                _ => return None,
            },
            Op::Check(Check::Index, operands, _) => match operands.as_slice() {
                [x, index] => Key::CheckIndex(same(x), same(index)),
                _ => return None,
            },
            _ => return None,
        })
    }
}
