//! One walk over the dominator tree with regions where they run: which values are there, which facts hold,
//! what is charged. Values and facts of a subtree are taken back when it is left, so what is there at an
//! instruction is exactly what dominates it.

use super::dominators::Lists;
use super::facts::{Facts, of_branch};
use super::flow::Flow;
use super::shape::{Anchor, Shape};
use super::{Context, Defect, Result, require};
use crate::execution::{Function, Op, RegionId, ValueId, segments};
use crate::types::Type;

pub(super) fn check(context: &Context<'_>, function: &Function, shape: &Shape, flow: &Flow) -> Result {
    let measures = (0..).zip(&shape.anchor).filter_map(|(region, anchor)| match anchor {
        Anchor::Measure(block) => Some((*block, region)),
        Anchor::Instruction(..) => None,
    });
    let mut walk = Walk {
        context,
        function,
        shape,
        flow,
        measures: Lists::new(function.blocks.len(), measures),
        there: vec![false; function.values.len()],
        log: vec![],
        facts: Facts::default(),
        open: vec![],
    };
    for (index, block) in function.blocks.iter().enumerate() {
        walk.charges(block).map_err(|error| error.at(index))?;
        walk.records(block).map_err(|error| error.at(index))?;
    }
    walk.enter(0);
    while let Some(frame) = walk.open.pop() {
        let block = frame.node / 2;
        walk.step(frame).map_err(|error| error.at(block as usize))?;
    }
    Ok(())
}

struct Walk<'a> {
    context: &'a Context<'a>,
    function: &'a Function,
    shape: &'a Shape,
    flow: &'a Flow,
    /// Of a block: measures over what is known when it is entered.
    measures: Lists,
    there: Vec<bool>,
    log: Vec<ValueId>,
    facts: Facts<'a>,
    open: Vec<Frame>,
}

/// A node of the tree that the walk is at.
#[derive(Clone, Copy)]
struct Frame {
    node: u32,
    /// The next instruction, for the half of a block that has them; the next measure for the other.
    position: usize,
    /// The region of that instruction has been walked.
    region_done: bool,
    /// The next child; they come last.
    child: usize,
    log: usize,
    facts: usize,
}

const NOT_THERE: &str = "a value that is not made on every way here";

impl Walk<'_> {
    fn enter(&mut self, node: u32) {
        let (log, facts) = (self.log.len(), self.facts.mark());
        self.open.push(Frame { node, position: 0, region_done: false, child: 0, log, facts });
    }

    fn enter_region(&mut self, region: RegionId) {
        self.enter(2 * self.function.regions[region.0 as usize].entry.0);
    }

    fn step(&mut self, mut frame: Frame) -> Result {
        let index = (frame.node / 2) as usize;
        let function = self.function;
        let block = &function.blocks[index];
        if frame.node.is_multiple_of(2) {
            if frame.position == 0 {
                block.parameters.iter().for_each(|value| self.define(*value));
                self.learn_from_entry(index);
            }
            if let Some(measure) = self.measures.of(frame.node / 2).get(frame.position).copied() {
                frame.position += 1;
                self.open.push(frame);
                self.enter_region(RegionId(measure));
                return Ok(());
            }
            // The count of measures is over; it must not start again for the children.
            frame.position = frame.position.max(1);
        } else if frame.child == 0 {
            while let Some(instruction) = block.instructions.get(frame.position) {
                if !frame.region_done {
                    let mut there = true;
                    instruction.op.for_each_operand(|value| there &= self.there[value.0 as usize]);
                    require(there, Defect::Dominance, NOT_THERE)?;
                    require(
                        self.facts.allow(function, &instruction.op),
                        Defect::Unchecked,
                        "an operation without its check",
                    )?;
                    if let Some(region) = instruction.op.region() {
                        frame.region_done = true;
                        self.open.push(frame);
                        self.enter_region(region);
                        return Ok(());
                    }
                }
                frame.region_done = false;
                frame.position += 1;
                self.facts.learn(&instruction.op);
                if let Some(result) = instruction.result {
                    self.define(result);
                }
            }
            let mut there = true;
            block.terminator.for_each_operand(|value| there &= self.there[value.0 as usize]);
            require(there, Defect::Dominance, NOT_THERE)?;
            let allowed = self.facts.allow_end(self.context, &block.terminator);
            require(allowed, Defect::Unchecked, "a call or invocation without its check")?;
        }
        match self.flow.children.of(frame.node).get(frame.child).copied() {
            Some(child) => {
                frame.child += 1;
                self.open.push(frame);
                self.enter(child);
            }
            None => {
                for value in self.log.drain(frame.log..) {
                    self.there[value.0 as usize] = false;
                }
                self.facts.rollback(frame.facts);
            }
        }
        Ok(())
    }

    fn define(&mut self, value: ValueId) {
        self.there[value.0 as usize] = true;
        self.log.push(value);
    }

    /// A block with one way into it knows what that way says.
    fn learn_from_entry(&mut self, index: usize) {
        let (1, from) = self.flow.entering[index] else { return };
        let Some(before) = self.function.blocks.get(from as usize) else { return };
        let made = |value: ValueId| {
            let (block, position) = self.shape.definition[value.0 as usize];
            let block = self.function.blocks.get(block as usize)?;
            Some(&block.instructions.get(position? as usize)?.op)
        };
        let block = u32::try_from(index).unwrap_or(u32::MAX);
        if let Some(fact) = of_branch(self.context, self.function, made, &before.terminator, block) {
            self.facts.add(fact);
        }
    }

    /// Each segment starts with a charge for what is in it, and there are no others.
    fn charges(&self, block: &crate::execution::Block) -> Result {
        let types = self.context.types;
        let wanted = segments(types, &self.function.values, &block.instructions, &block.terminator);
        let charges =
            block.instructions.iter().enumerate().filter_map(|(at, instruction)| match instruction.op {
                Op::Charge(units) => Some((at, units)),
                _ => None,
            });
        require(charges.eq(wanted), Defect::Charge, "a charge that does not fit its segment")
    }

    /// A record with constraints is checked once all fields of an update are set, before anything else sees it.
    fn records(&self, block: &crate::execution::Block) -> Result {
        let bookkeeping = |op: &Op| matches!(op, Op::Share(_) | Op::Charge(_));
        for (at, instruction) in block.instructions.iter().enumerate() {
            let Some(result) =
                instruction.result.filter(|_| matches!(instruction.op, Op::NewRecord(_) | Op::WithField(..)))
            else {
                continue;
            };
            let type_id = self.function.type_of(result);
            let Some(Type::Record(index)) =
                type_id.and_then(|id| self.context.types.types.get(id.0 as usize))
            else {
                continue;
            };
            let definition = self.context.types.records.get(*index as usize);
            if definition.is_none_or(|definition| definition.constraints.is_empty()) {
                continue;
            }
            let next = block.instructions.iter().skip(at + 1).find(|next| !bookkeeping(&next.op));
            let checked = next.is_some_and(|next| match &next.op {
                Op::CheckRecord(record, value, _) => record == index && *value == result,
                Op::WithField(base, ..) => *base == result,
                _ => false,
            });
            require(checked, Defect::Unchecked, "a record whose constraints are not checked")?;
        }
        Ok(())
    }
}
