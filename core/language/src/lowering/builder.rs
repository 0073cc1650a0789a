//! The function under construction: blocks, values, regions, obligations, and where each comes from.

use anrf_format::execution::{
    BlockId, Check, FaultKind, Function, Instruction, Obligation, ObligationId, ObligationKind, Op, Origin,
    Region, RegionId, Role, Target, Terminator, ValueId,
};
use anrf_format::types::TypeId;
use rustc_hash::FxHashMap;

use super::error::{LowerError, Result};

/// A block that may still lack its end.
#[derive(Debug)]
pub(super) struct OpenBlock {
    pub(super) region: Option<RegionId>,
    pub(super) parameters: Vec<ValueId>,
    pub(super) instructions: Vec<Instruction>,
    /// One per instruction, then the terminator's.
    pub(super) origins: Vec<Origin>,
    pub(super) terminator: Option<Terminator>,
    pub(super) on_fault: Option<BlockId>,
}

impl OpenBlock {
    /// Puts operations without results before the instructions, or the end, at these positions, which ascend.
    /// Each comes from where what follows it comes from.
    pub(super) fn insert(&mut self, added: Vec<(usize, Op)>) -> Result<()> {
        let Some((last, _)) = added.last() else { return Ok(()) };
        let mut from = self.instructions.len();
        let (Some(end), true) = (self.origins.pop(), self.origins.len() == from && *last <= from) else {
            return Err(LowerError::IllTyped("an origin"));
        };
        let mut to = from + added.len();
        self.instructions.reserve_exact(added.len());
        self.instructions.resize_with(to, || Instruction { op: Op::Enter, result: None });
        self.origins.reserve_exact(added.len() + 1);
        self.origins.resize(to, end);
        self.origins.push(end);
        // From the end, so that everything moves once.
        for (position, op) in added.into_iter().rev() {
            while from > position {
                (from, to) = (from - 1, to - 1);
                self.instructions.swap(from, to);
                self.origins.swap(from, to);
            }
            to -= 1;
            self.instructions[to] = Instruction { op, result: None };
            self.origins[to] = self.origins[to + 1];
        }
        Ok(())
    }
}

/// A count for each kind of obligation.
type Ordinals = [u32; ObligationKind::ALL.len()];

/// How deep regions nest: a backend compiles what is inside a region while it compiles the region, which must
/// fit a stack of 256 KiB.
const MAX_REGION_DEPTH: u32 = 64;

/// A function of the execution layer under construction.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) function: Function,
    pub(super) blocks: Vec<OpenBlock>,
    /// Where instructions go; `None` after a terminator, when nothing more can be reached.
    pub(super) current: Option<BlockId>,
    /// The region of new blocks.
    pub(super) region: Option<RegionId>,
    depth: u32,
    /// Where a fault in blocks entered from now on goes.
    pub(super) handler: Option<BlockId>,
    /// Where new instructions come from.
    pub(super) origin: Origin,
    /// The first part of obligation ids: the function.
    name: String,
    /// The second part: the step.
    step: String,
    /// How many obligations of each kind the step has.
    ordinals: Ordinals,
    /// The same of the steps before.
    other_ordinals: FxHashMap<String, Ordinals>,
    /// How many more instructions, blocks and arguments may be made: output is bounded by input.
    budget: usize,
}

impl Builder {
    /// A function whose entry block takes parameters of these types.
    pub(super) fn new(
        role: Role,
        name: String,
        parameters: &[TypeId],
        origin: Origin,
        budget: usize,
    ) -> Result<Self> {
        let function = Function {
            role,
            values: vec![],
            parameters: id(parameters.len())?,
            returns: vec![],
            blocks: vec![],
            regions: vec![],
            obligations: vec![],
            loops: vec![],
            decreases: vec![],
        };
        let mut builder = Self {
            function,
            blocks: vec![],
            current: None,
            region: None,
            depth: 0,
            handler: None,
            origin,
            name,
            step: String::new(),
            ordinals: Ordinals::default(),
            other_ordinals: FxHashMap::default(),
            budget,
        };
        let entry = builder.block()?;
        for type_id in parameters {
            builder.parameter(entry, *type_id)?;
        }
        builder.enter(entry);
        Ok(builder)
    }

    /// What is left of the budget.
    pub(super) fn budget(&self) -> usize {
        self.budget
    }

    /// Takes from the budget.
    pub(super) fn spend(&mut self, units: usize) -> Result<()> {
        self.budget = self.budget.checked_sub(units).ok_or(LowerError::TooLarge)?;
        Ok(())
    }

    /// Names the step that obligations made from now on belong to.
    pub(super) fn set_step(&mut self, step: &str) {
        if self.step != step {
            let ordinals = self.other_ordinals.remove(step).unwrap_or_default();
            let before = std::mem::replace(&mut self.step, step.to_owned());
            self.other_ordinals.insert(before, std::mem::replace(&mut self.ordinals, ordinals));
        }
    }

    /// The step that obligations belong to at present.
    pub(super) fn step(&self) -> String {
        self.step.clone()
    }

    /// A new block of the present region.
    pub(super) fn block(&mut self) -> Result<BlockId> {
        self.spend(1)?;
        let block = BlockId(id(self.blocks.len())?);
        self.blocks.push(OpenBlock {
            region: self.region,
            parameters: vec![],
            instructions: vec![],
            origins: vec![],
            terminator: None,
            on_fault: None,
        });
        Ok(block)
    }

    /// Adds a parameter to a block.
    pub(super) fn parameter(&mut self, block: BlockId, type_id: TypeId) -> Result<ValueId> {
        let value = self.value(type_id)?;
        self.open(block)?.parameters.push(value);
        Ok(value)
    }

    /// New instructions go to the end of this block.
    pub(super) fn enter(&mut self, block: BlockId) {
        let handler = if self.region.is_none() { self.handler } else { None };
        if let Some(open) = self.blocks.get_mut(block.0 as usize) {
            open.on_fault = handler;
        }
        self.current = Some(block);
    }

    /// Whether control can reach here.
    pub(super) fn is_reachable(&self) -> bool {
        self.current.is_some()
    }

    /// The type of a value.
    pub(super) fn type_of(&self, value: ValueId) -> Result<TypeId> {
        self.function.type_of(value).ok_or(LowerError::IllTyped("a value"))
    }

    fn value(&mut self, type_id: TypeId) -> Result<ValueId> {
        self.spend(1)?;
        let value = ValueId(id(self.function.values.len())?);
        self.function.values.push(type_id);
        Ok(value)
    }

    fn open(&mut self, block: BlockId) -> Result<&mut OpenBlock> {
        self.blocks.get_mut(block.0 as usize).ok_or(LowerError::IllTyped("a block"))
    }

    /// An instruction with a result.
    pub(super) fn define(&mut self, op: Op, type_id: TypeId) -> Result<ValueId> {
        let result = self.value(type_id)?;
        self.push(op, Some(result))?;
        Ok(result)
    }

    /// An instruction without one.
    pub(super) fn emit(&mut self, op: Op) -> Result<()> {
        self.push(op, None)
    }

    fn push(&mut self, op: Op, result: Option<ValueId>) -> Result<()> {
        let mut operands = 1;
        op.for_each_operand(|_| operands += 1);
        self.spend(operands)?;
        let origin = self.origin;
        let block = self.current.ok_or(LowerError::IllTyped("code that cannot be reached"))?;
        let open = self.open(block)?;
        open.instructions.push(Instruction { op, result });
        open.origins.push(origin);
        Ok(())
    }

    /// Ends the present block.
    pub(super) fn end(&mut self, terminator: Terminator) -> Result<()> {
        let mut operands = 1;
        terminator.for_each_operand(|_| operands += 1);
        self.spend(operands)?;
        let origin = self.origin;
        let block = self.current.take().ok_or(LowerError::IllTyped("code that cannot be reached"))?;
        let open = self.open(block)?;
        open.terminator = Some(terminator);
        open.origins.push(origin);
        Ok(())
    }

    /// Ends the present block with a jump.
    pub(super) fn jump(&mut self, block: BlockId, arguments: Vec<ValueId>) -> Result<()> {
        self.end(Terminator::Jump(Target { block, arguments }))
    }

    /// Ends the present block with a branch to blocks without parameters.
    pub(super) fn branch(&mut self, condition: ValueId, yes: BlockId, no: BlockId) -> Result<()> {
        self.end(Terminator::Branch(condition, plain(yes), plain(no)))
    }

    /// A small constant.
    pub(super) fn immediate(&mut self, bits: i64, type_id: TypeId) -> Result<ValueId> {
        self.define(Op::Immediate(bits), type_id)
    }

    /// A new obligation of the present step and place.
    pub(super) fn obligation(&mut self, kind: ObligationKind) -> Result<ObligationId> {
        self.spend(1)?;
        let count = self.ordinals.get_mut(kind as usize).ok_or(LowerError::IllTyped("an obligation"))?;
        let ordinal = std::mem::replace(count, *count + 1).to_string();
        let name = [&self.name, &self.step, kind.name(), &ordinal].join("/");
        let obligation = ObligationId(id(self.function.obligations.len())?);
        self.function.obligations.push(Obligation { kind, id: name, origin: self.origin });
        Ok(obligation)
    }

    /// A check and the obligation that it guards.
    pub(super) fn check(&mut self, check: Check, operands: Vec<ValueId>, kind: ObligationKind) -> Result<()> {
        let obligation = self.obligation(kind)?;
        self.emit(Op::Check(check, operands, obligation))
    }

    /// Starts a region: new instructions go to its entry block, whose parameters have these types.
    pub(super) fn begin_region(&mut self, parameters: &[TypeId]) -> Result<(OpenRegion, Vec<ValueId>)> {
        if self.depth >= MAX_REGION_DEPTH {
            return Err(LowerError::TooDeep);
        }
        let region = RegionId(id(self.function.regions.len())?);
        let outer = OpenRegion { region, parent: self.region, resume: self.current };
        self.region = Some(region);
        self.depth += 1;
        let entry = self.block()?;
        self.function.regions.push(Region { entry, parent: outer.parent });
        let values = parameters.iter().map(|id| self.parameter(entry, *id)).collect::<Result<Vec<_>>>()?;
        self.enter(entry);
        Ok((outer, values))
    }

    /// Ends a region with what it yields; new instructions go to where it was begun.
    pub(super) fn end_region(&mut self, outer: &OpenRegion, yields: Vec<ValueId>) -> Result<RegionId> {
        self.end(Terminator::Yield(yields))?;
        self.region = outer.parent;
        self.depth -= 1;
        self.current = outer.resume;
        Ok(outer.region)
    }

    /// Runs the region as a contract of this kind of fault, under an obligation.
    pub(super) fn contract(
        &mut self,
        fault: FaultKind,
        region: RegionId,
        kind: ObligationKind,
    ) -> Result<()> {
        let obligation = self.obligation(kind)?;
        self.emit(Op::Contract(fault, region, obligation))
    }
}

/// What to return to after a region.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenRegion {
    region: RegionId,
    parent: Option<RegionId>,
    resume: Option<BlockId>,
}

/// A target without arguments.
pub(super) fn plain(block: BlockId) -> Target {
    Target { block, arguments: vec![] }
}

/// The next index of a list as an id.
pub(super) fn id(length: usize) -> Result<u32> {
    // The last one stands for "none" in obligations.
    u32::try_from(length).ok().filter(|id| *id < u32::MAX).ok_or(LowerError::TooLarge)
}
