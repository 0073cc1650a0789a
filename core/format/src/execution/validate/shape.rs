//! Indices in range, every value defined once, every region run once.

use super::{Context, Defect, Result, ValidateError, broken, require};
use crate::execution::{BlockId, Check, Function, ObligationId, Op, RegionId, Terminator, ValueId};

/// Where things stand in a function whose indices are all in range.
pub(super) struct Shape {
    /// Block, and position of the instruction or `None` for a parameter, of every value.
    pub(super) definition: Vec<(u32, Option<u32>)>,
    pub(super) anchor: Vec<Anchor>,
    /// Whether the region is ghost code.
    pub(super) ghost: Vec<bool>,
}

/// What runs a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// An instruction: block and position.
    Instruction(u32, u32),
    /// Nothing: it is a measure over what is known when this block is entered.
    Measure(u32),
}

impl Anchor {
    pub(super) fn block(self) -> u32 {
        match self {
            Self::Instruction(block, _) | Self::Measure(block) => block,
        }
    }
}

pub(super) fn check(context: &Context<'_>, function: &Function) -> Result<Shape> {
    let checker = Checker { context, function };
    require(!function.blocks.is_empty(), Defect::Range, "a function without blocks")?;
    let small = |length: usize| u32::try_from(length).is_ok_and(|length| length < u32::MAX / 4);
    let sizes = [function.values.len(), function.blocks.len(), function.regions.len()];
    require(sizes.into_iter().all(small), Defect::Range, "a function of so many values")?;
    for type_id in function.values.iter().chain(&function.returns) {
        checker.within(type_id.0, context.types.types.len(), "a type")?;
    }
    for (index, block) in function.blocks.iter().enumerate() {
        checker.block(block).map_err(|error| error.at(index))?;
    }
    let definition = checker.definitions()?;
    let anchor = checker.anchors()?;
    let mut shape = Shape { definition, anchor, ghost: vec![] };
    checker.regions(&mut shape)?;
    Ok(shape)
}

struct Checker<'a> {
    context: &'a Context<'a>,
    function: &'a Function,
}

impl Checker<'_> {
    fn within(&self, index: u32, length: usize, detail: &'static str) -> Result {
        require((index as usize) < length, Defect::Range, detail)
    }

    fn value(&self, value: ValueId) -> Result {
        self.within(value.0, self.function.values.len(), "a value")
    }

    fn to(&self, block: BlockId) -> Result {
        self.within(block.0, self.function.blocks.len(), "a block")
    }

    fn obligation(&self, obligation: ObligationId) -> Result {
        self.within(obligation.0, self.function.obligations.len(), "an obligation")
    }

    fn region(&self, region: RegionId) -> Result {
        self.within(region.0, self.function.regions.len(), "a region")
    }

    fn block(&self, block: &crate::execution::Block) -> Result {
        block.region.map_or(Ok(()), |region| self.region(region))?;
        block.on_fault.map_or(Ok(()), |handler| self.to(handler))?;
        block.parameters.iter().try_for_each(|value| self.value(*value))?;
        let mut values = true;
        let mut known = |value: ValueId| values &= (value.0 as usize) < self.function.values.len();
        for instruction in &block.instructions {
            instruction.result.map_or(Ok(()), |value| self.value(value))?;
            instruction.op.for_each_operand(&mut known);
            instruction.op.region().map_or(Ok(()), |region| self.region(region))?;
            self.op(&instruction.op)?;
        }
        let end = &block.terminator;
        end.for_each_operand(&mut known);
        require(values, Defect::Range, "a value")?;
        let mut blocks = true;
        end.for_each_successor(|block| blocks &= (block.0 as usize) < self.function.blocks.len());
        require(blocks, Defect::Range, "a block")?;
        match end {
            Terminator::Call { function, .. } => {
                self.within(function.0, self.context.semantic.functions.len(), "a called function")
            }
            Terminator::Invoke { operation, obligation, .. } => {
                self.within(*operation, self.context.semantic.host.len(), "a host operation")?;
                self.obligation(*obligation)
            }
            _ => Ok(()),
        }
    }

    fn op(&self, op: &Op) -> Result {
        let (types, semantic) = (self.context.types, self.context.semantic);
        match op {
            Op::Constant(index) => self.within(*index, self.context.execution.constants.len(), "a constant"),
            Op::StateRead(index, _) | Op::StateWrite(index, _) => {
                self.within(*index, semantic.state.len(), "a state variable")
            }
            Op::Attempts(index) => self.within(*index, semantic.host.len(), "a host operation"),
            Op::Check(check, _, obligation) => {
                if let Check::Transition(machine, to) = check {
                    let states =
                        types.machines.get(*machine as usize).map_or(0, |machine| machine.states.len());
                    self.within(*to, states, "a state of a machine")?;
                }
                self.obligation(*obligation)
            }
            Op::CheckRecord(index, _, obligation) => {
                self.within(*index, types.records.len(), "a record")?;
                self.obligation(*obligation)
            }
            Op::CheckState(index, obligation) => {
                self.within(*index, semantic.state.len(), "a state variable")?;
                self.obligation(*obligation)
            }
            Op::CheckCall(index, _, obligation) => {
                self.within(*index, semantic.functions.len(), "a called function")?;
                self.obligation(*obligation)
            }
            Op::CheckRequest(index, _, obligation) => {
                self.within(*index, semantic.host.len(), "a host operation")?;
                self.obligation(*obligation)
            }
            Op::Contract(_, _, obligation) => self.obligation(*obligation),
            Op::Fold(crate::execution::Fold::Aggregate(_, obligation), ..)
                if *obligation != ObligationId::NONE =>
            {
                self.obligation(*obligation)
            }
            _ => Ok(()),
        }
    }

    /// Every value has one definition; the first ones are the parameters of the entry.
    fn definitions(&self) -> Result<Vec<(u32, Option<u32>)>> {
        let mut found: Vec<Option<(u32, Option<u32>)>> = vec![None; self.function.values.len()];
        for (index, block) in (0..).zip(&self.function.blocks) {
            let parameters = block.parameters.iter().map(|value| (*value, None));
            let results = (0..).zip(&block.instructions);
            let results = results.filter_map(|(at, instruction)| Some((instruction.result?, Some(at))));
            for (value, position) in parameters.chain(results) {
                let before = found[value.0 as usize].replace((index, position));
                require(before.is_none(), Defect::Range, "a value that is defined twice")
                    .map_err(|error| error.at(index as usize))?;
            }
        }
        let entry = &self.function.blocks[0];
        let first = entry.parameters.iter().map(|value| value.0).eq(0..self.function.parameters);
        require(first, Defect::Range, "an entry block without the function's parameters")?;
        found
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .ok_or(ValidateError::new(Defect::Range, "a value that is not defined"))
    }

    fn anchors(&self) -> Result<Vec<Anchor>> {
        let mut found: Vec<Option<Anchor>> = vec![None; self.function.regions.len()];
        let mut set = |region: RegionId, anchor: Anchor| {
            let slot = found.get_mut(region.0 as usize);
            let Some(slot) = slot else { return broken(Defect::Range, "a region") };
            require(slot.replace(anchor).is_none(), Defect::Control, "a region that is run in two places")
        };
        for (index, block) in (0..).zip(&self.function.blocks) {
            for (position, instruction) in (0..).zip(&block.instructions) {
                if let Some(region) = instruction.op.region() {
                    set(region, Anchor::Instruction(index, position))?;
                }
            }
        }
        for region in &self.function.decreases {
            set(*region, Anchor::Measure(0))?;
        }
        for found in &self.function.loops {
            self.to(found.header)?;
            for region in &found.decreases {
                set(*region, Anchor::Measure(found.header.0))?;
            }
        }
        found
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .ok_or(ValidateError::new(Defect::Control, "a region that nothing runs"))
    }

    fn regions(&self, shape: &mut Shape) -> Result {
        let function = self.function;
        for (index, (region, anchor)) in (0..).zip(function.regions.iter().zip(&shape.anchor)) {
            self.to(region.entry)?;
            let entry = &function.blocks[region.entry.0 as usize];
            require(
                entry.region == Some(RegionId(index)),
                Defect::Control,
                "a region whose entry is outside",
            )?;
            // Regions are listed before those inside them, so their nesting is finite.
            let parent = region.parent.is_none_or(|parent| parent.0 < index);
            require(parent, Defect::Control, "a region listed before the one around it")?;
            let around = &function.blocks[anchor.block() as usize];
            require(
                around.region == region.parent,
                Defect::Control,
                "a region that is run outside its parent",
            )?;
            let ghost = match anchor {
                Anchor::Measure(_) => true,
                Anchor::Instruction(block, position) => {
                    let run = &function.blocks[*block as usize].instructions[*position as usize];
                    run.op.region_is_ghost()
                }
            };
            let inside = region.parent.is_some_and(|parent| shape.ghost[parent.0 as usize]);
            shape.ghost.push(ghost || inside);
        }
        Ok(())
    }
}
