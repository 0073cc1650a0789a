//! Who holds an aggregate: where `Share` stands, and which reads leave the shared bit alone.
//!
//! An aggregate is unshared when it is made, and an update of an unshared one is in place. So `Share x` stands
//! before whatever stores, passes, hands on or updates `x` if `x` is live afterwards. Liveness is that of SSA:
//! from each use backward to the definition (Boissinot et al., "Computing Liveness Sets for SSA-Form
//! Programs", 2011, the variant by variable). A use inside a region is a use at the instruction that runs the
//! region, and inside it, where code may run again, everything from outside is live.
//!
//! A read that is only looked at need not mark what it reads; its uses then count as uses of what it was read
//! from. Nor need a path update `x WITH { f: (x.f WITH ...) }` where nothing looks at `x` in between.

use anrf_format::execution::{
    Access, BlockId, Instruction, Op, RegionId, Target, Terminator, ValueId, is_updatable,
};
use anrf_format::types::{TypeId, TypeTable};
use rustc_hash::{FxHashMap, FxHashSet};

use super::builder::{Builder, OpenBlock};
use super::error::{LowerError, Result};

/// Inserts `Share` and decides over [`Access`] in a complete body.
pub(super) fn insert(types: &TypeTable, code: &mut Builder) -> Result<()> {
    if !code.function.values.iter().any(|id| types.is_aggregate(*id)) {
        return Ok(());
    }
    let mut analysis = Analysis::new(types, code)?;
    analysis.collect_uses(code);
    let borrowed = analysis.borrow(code);
    set_access(code, &borrowed);
    analysis.live();
    analysis.index_uses();
    let taken = analysis.path_updates(code);
    set_access(code, &taken);
    let mut shares = analysis.shares(code);
    while let Some(((block, _), _)) = shares.last() {
        let block = *block;
        let first = shares.iter().rposition(|((other, _), _)| *other != block).map_or(0, |before| before + 1);
        place(shares.split_off(first), &mut code.blocks[block as usize])?;
    }
    Ok(())
}

/// Puts the `Share`s of one block before the instructions at their positions; later positions come first.
fn place(shares: Vec<((u32, u32), Vec<ValueId>)>, open: &mut OpenBlock) -> Result<()> {
    let end = open.instructions.len();
    let at = |((_, position), values): ((u32, u32), Vec<ValueId>)| {
        values.into_iter().map(move |value| ((position as usize).min(end), Op::Share(value)))
    };
    open.insert(shares.into_iter().rev().flat_map(at).collect())
}

/// The terminator's position.
const END: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub(super) block: u32,
    pub(super) position: u32,
    /// Whether the value may be held or changed by it, and not only be looked at.
    escapes: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Definition {
    pub(super) block: u32,
    /// `None` for a parameter.
    pub(super) position: Option<u32>,
}

pub(super) struct Analysis {
    /// Whether values of the type have a shared bit, and the value is not ghost.
    tracked: Vec<bool>,
    /// What has aggregates inside: its uses matter to what it was read from.
    aggregate: Vec<bool>,
    /// The same, of ghost values too.
    holds: Vec<bool>,
    /// Whether any ghost code keeps what it reads.
    keeps: bool,
    pub(super) definition: Vec<Option<Definition>>,
    pub(super) uses: Vec<Vec<Use>>,
    /// Of a region: the instruction that runs it.
    anchor: Vec<Option<(u32, u32)>>,
    ghost: Vec<bool>,
    parent: Vec<Option<RegionId>>,
    region: Vec<Option<RegionId>>,
    predecessors: Vec<Vec<u32>>,
    /// Blocks whose faults come here.
    faulting: Vec<Vec<u32>>,
    /// Entry blocks of regions, whose parameters are read as by [`Access::Read`].
    entries: FxHashSet<BlockId>,
    /// Of a block: position and value of each use, by position.
    by_block: Vec<Vec<(u32, ValueId)>>,
    live_in: FxHashSet<(u32, u32)>,
    live_out: FxHashSet<(u32, u32)>,
    /// What may still be spent on liveness; without any left everything counts as live.
    work: usize,
}

impl Analysis {
    fn new(types: &TypeTable, code: &Builder) -> Result<Self> {
        let values = &code.function.values;
        let blocks = code.blocks.len();
        let holds: Vec<bool> = values.iter().map(|id| types.is_aggregate(*id)).collect();
        let mut analysis = Self {
            tracked: values.iter().map(|id| is_updatable(types, *id)).collect(),
            aggregate: holds.clone(),
            holds,
            keeps: false,
            definition: vec![None; values.len()],
            uses: vec![vec![]; values.len()],
            anchor: vec![None; code.function.regions.len()],
            // A region that nothing runs is a measure.
            ghost: vec![true; code.function.regions.len()],
            parent: code.function.regions.iter().map(|region| region.parent).collect(),
            region: code.blocks.iter().map(|block| block.region).collect(),
            predecessors: vec![vec![]; blocks],
            faulting: vec![vec![]; blocks],
            entries: code.function.regions.iter().map(|region| region.entry).collect(),
            by_block: vec![vec![]; blocks],
            live_in: FxHashSet::default(),
            live_out: FxHashSet::default(),
            work: 1_000_000 + 20 * values.len(),
        };
        let mut ghosts = vec![];
        for (index, block) in (0_u32..).zip(&code.blocks) {
            let end = block.terminator.as_ref().ok_or(LowerError::IllTyped("a block without end"))?;
            end.for_each_successor(|next| analysis.predecessors[next.0 as usize].push(index));
            if let Some(handler) = block.on_fault {
                analysis.faulting[handler.0 as usize].push(index);
            }
            for parameter in &block.parameters {
                analysis.definition[parameter.0 as usize] = Some(Definition { block: index, position: None });
            }
            for (position, instruction) in (0..).zip(&block.instructions) {
                if let Some(result) = instruction.result {
                    let definition = Definition { block: index, position: Some(position) };
                    analysis.definition[result.0 as usize] = Some(definition);
                    if matches!(instruction.op, Op::Ghost(_)) {
                        ghosts.push(result);
                        analysis.keeps |= analysis.holds[result.0 as usize];
                    }
                }
                if let Some(region) = instruction.op.region() {
                    analysis.anchor[region.0 as usize] = Some((index, position));
                    analysis.ghost[region.0 as usize] = instruction.op.region_is_ghost();
                }
            }
        }
        // Parents are begun before what is inside them.
        for index in 0..analysis.ghost.len() {
            let parent = analysis.parent[index];
            analysis.ghost[index] |= parent.is_some_and(|parent| analysis.ghost[parent.0 as usize]);
        }
        for (value, definition) in analysis.definition.iter().enumerate() {
            let region = definition.and_then(|definition| analysis.region[definition.block as usize]);
            if region.is_some_and(|region| analysis.ghost[region.0 as usize]) {
                analysis.tracked[value] = false;
                analysis.aggregate[value] = false;
            }
        }
        analysis.forget_ghosts(code, ghosts);
        Ok(analysis)
    }

    /// Ghost values, and parameters that are handed one: where contracts are left out they are nothing that
    /// could be marked.
    fn forget_ghosts(&mut self, code: &Builder, mut ghosts: Vec<ValueId>) {
        if ghosts.is_empty() {
            return;
        }
        let mut handed: FxHashMap<ValueId, Vec<ValueId>> = FxHashMap::default();
        for block in &code.blocks {
            let Some(end) = &block.terminator else { continue };
            end.for_each_target(|target| {
                let parameters = &code.blocks[target.block.0 as usize].parameters;
                for (argument, parameter) in target.arguments.iter().zip(parameters) {
                    handed.entry(*argument).or_default().push(*parameter);
                }
            });
        }
        while let Some(ghost) = ghosts.pop() {
            self.tracked[ghost.0 as usize] = false;
            self.aggregate[ghost.0 as usize] = false;
            ghosts.extend(handed.remove(&ghost).into_iter().flatten());
        }
    }

    pub(super) fn is_ghost_block(&self, block: u32) -> bool {
        self.region[block as usize].is_some_and(|region| self.ghost[region.0 as usize])
    }

    fn region_of(&self, value: ValueId) -> Option<RegionId> {
        self.definition[value.0 as usize].and_then(|definition| self.region[definition.block as usize])
    }

    fn collect_uses(&mut self, code: &Builder) {
        for (index, block) in (0_u32..).zip(&code.blocks) {
            for (position, instruction) in (0..).zip(&block.instructions) {
                let mut operands = 0..;
                instruction.op.for_each_operand(|value| {
                    let escapes = operands.next().is_some_and(|operand| holds(&instruction.op, operand));
                    self.add_use(value, Use { block: index, position, escapes });
                });
            }
            if let Some(end) = &block.terminator {
                let escapes = !matches!(end, Terminator::Invoke { .. });
                end.for_each_operand(|value| {
                    self.add_use(value, Use { block: index, position: END, escapes });
                });
            }
        }
    }

    /// A use of a value, seen from the region that the value is defined in.
    fn add_use(&mut self, value: ValueId, found: Use) {
        if !self.aggregate[value.0 as usize] {
            return;
        }
        if let Some(found) = self.climb(found, self.region_of(value)) {
            self.uses[value.0 as usize].push(found);
        }
    }

    /// The same use as the instruction of this region that runs it; `None` in a measure, which nothing runs.
    fn climb(&self, found: Use, to: Option<RegionId>) -> Option<Use> {
        let mut found = found;
        while self.region[found.block as usize] != to {
            let region = self.region[found.block as usize]?;
            let (block, position) = self.anchor[region.0 as usize]?;
            // What a contract makes of a value is gone when it ends, and what other code makes of it is its own.
            let keeps = !self.ghost[region.0 as usize];
            found = Use { block, position, escapes: found.escapes && keeps };
        }
        Some(found)
    }

    /// Reads that are only looked at, last ones first: their uses become uses of what they were read from.
    fn borrow(&mut self, code: &Builder) -> Vec<(u32, u32)> {
        let snapshots = self.snapshots(code);
        let mut borrowed = vec![];
        for value in (0..self.uses.len()).rev() {
            let Some(Definition { block, position: Some(position) }) = self.definition[value] else {
                continue;
            };
            if !self.aggregate[value] || self.uses[value].iter().any(|found| found.escapes) || self.work == 0
            {
                continue;
            }
            let outer = match &code.blocks[block as usize].instructions[position as usize].op {
                Op::Field(outer, ..)
                | Op::Element(outer, ..)
                | Op::Lookup(outer, ..)
                | Op::Payload(outer, _)
                | Op::CaseField(outer, ..) => Some(*outer),
                Op::StateRead(variable, _) => {
                    if !only_here(&self.uses[value], block, position, *variable, &code.blocks[block as usize])
                    {
                        continue;
                    }
                    None
                }
                _ => continue,
            };
            if snapshots.contains(&value) {
                continue;
            }
            borrowed.push((block, position));
            let Some(outer) = outer.filter(|outer| self.aggregate[outer.0 as usize]) else { continue };
            self.work = self.work.saturating_sub(self.uses[value].len());
            let region = self.region_of(outer);
            let seen: Vec<Use> =
                self.uses[value].iter().filter_map(|found| self.climb(*found, region)).collect();
            self.uses[outer.0 as usize].extend(seen);
        }
        borrowed
    }

    /// Values that a `Ghost` region reads and so may keep.
    fn snapshots(&self, code: &Builder) -> FxHashSet<usize> {
        if !self.keeps {
            return FxHashSet::default();
        }
        let kept = |at: &Use| {
            let instruction = code.blocks[at.block as usize].instructions.get(at.position as usize);
            instruction.is_some_and(|instruction| keeps_values(instruction, self))
        };
        (0..self.uses.len()).filter(|value| self.uses[*value].iter().any(kept)).collect()
    }

    fn index_uses(&mut self) {
        for (value, uses) in (0..).zip(&self.uses) {
            for found in uses {
                self.by_block[found.block as usize].push((found.position, ValueId(value)));
            }
        }
        self.by_block.iter_mut().for_each(|uses| uses.sort_unstable());
    }

    fn live(&mut self) {
        for value in 0..self.uses.len() {
            let Some(definition) = self.definition[value].filter(|_| self.tracked[value]) else { continue };
            let name = u32::try_from(value).unwrap_or(u32::MAX);
            let mut open: Vec<u32> = self.uses[value]
                .iter()
                .map(|found| found.block)
                .filter(|block| *block != definition.block)
                .collect();
            while let Some(block) = open.pop() {
                if self.work == 0 {
                    return;
                }
                if !self.live_in.insert((block, name)) {
                    continue;
                }
                self.work -= 1;
                let before = &self.predecessors[block as usize];
                for previous in before.iter().chain(&self.faulting[block as usize]) {
                    self.work = self.work.saturating_sub(1);
                    self.live_out.insert((*previous, name));
                    if *previous != definition.block {
                        open.push(*previous);
                    }
                }
            }
        }
    }

    /// Whether a value is live after the whole of a block's end, or code may run again that reads it.
    pub(super) fn is_live_out(&self, block: u32, value: ValueId) -> bool {
        self.work == 0
            || self.region_of(value) != self.region[block as usize]
            || self.live_out.contains(&(block, value.0))
    }

    /// Where `Share` is wanted.
    fn shares(&self, code: &Builder) -> Vec<((u32, u32), Vec<ValueId>)> {
        let mut found = vec![];
        // Of a value: the block that was last seen to use it later on.
        let mut later = vec![u32::MAX; self.uses.len()];
        for (index, block) in (0_u32..).zip(&code.blocks) {
            if self.is_ghost_block(index) {
                continue;
            }
            if let Some(end) = &block.terminator {
                let shared = self.shared_at_end(index, end, code);
                if !shared.is_empty() {
                    found.push(((index, END), shared));
                }
            }
            let mut uses = self.by_block[index as usize].iter().rev().peekable();
            let mut position = END;
            for instruction in block.instructions.iter().rev() {
                // What is used after this instruction, up to the end.
                while let Some((_, value)) = uses.next_if(|(at, _)| *at >= position) {
                    later[value.0 as usize] = index;
                }
                position = match position {
                    END => u32::try_from(block.instructions.len()).unwrap_or(END).wrapping_sub(1),
                    position => position.wrapping_sub(1),
                };
                let mut held = held(&instruction.op);
                if keeps_values(instruction, self) {
                    let here = uses.clone().take_while(|(at, _)| *at == position);
                    held.extend(here.map(|(_, value)| *value));
                }
                held.retain(|value| self.wants_share(*value, code));
                let mut shared = vec![];
                if !held.is_empty() {
                    let mut times: FxHashMap<ValueId, u32> = FxHashMap::default();
                    instruction.op.for_each_operand(|operand| *times.entry(operand).or_default() += 1);
                    let mut seen: FxHashSet<ValueId> = FxHashSet::default();
                    for value in held.into_iter().filter(|value| seen.insert(*value)) {
                        let twice = times.get(&value).is_some_and(|times| *times > 1);
                        if twice || later[value.0 as usize] == index || self.is_live_out(index, value) {
                            shared.push(value);
                        }
                    }
                }
                if !shared.is_empty() {
                    found.push(((index, position), shared));
                }
            }
        }
        // Later places first, so that inserting moves none that are still to come.
        found.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
        without_repeats(found)
    }

    fn shared_at_end(&self, block: u32, end: &Terminator, code: &Builder) -> Vec<ValueId> {
        let mut shared: Vec<ValueId> = vec![];
        let mut seen: FxHashSet<ValueId> = FxHashSet::default();
        let mut add = |value: ValueId| {
            if self.wants_share(value, code) && seen.insert(value) {
                shared.push(value);
            }
        };
        end.for_each_target(|Target { block: next, arguments }| {
            let repeated = repeated(arguments);
            for value in arguments {
                let twice = repeated.contains(value);
                let outside = self.region_of(*value) != self.region[block as usize];
                if twice || outside || self.work == 0 || self.live_in.contains(&(next.0, value.0)) {
                    add(*value);
                }
            }
        });
        let handed: &[ValueId] = match end {
            Terminator::Call { arguments, .. } => arguments,
            Terminator::Return(values) | Terminator::Yield(values) => values,
            _ => &[],
        };
        let repeated = repeated(handed);
        for value in handed {
            let twice = repeated.contains(value);
            if twice || self.is_live_out(block, *value) {
                add(*value);
            }
        }
        shared
    }

    /// Whether the value may be unshared at all: what is read by [`Access::Read`] is not, nor are constants.
    fn wants_share(&self, value: ValueId, code: &Builder) -> bool {
        if !self.tracked[value.0 as usize] {
            return false;
        }
        let Some(definition) = self.definition[value.0 as usize] else { return false };
        let open = &code.blocks[definition.block as usize];
        match definition.position.and_then(|position| open.instructions.get(position as usize)) {
            Some(instruction) => match &instruction.op {
                // A piece of a text is a new one.
                Op::Element(text, ..) => {
                    matches!(code.function.type_of(*text), Some(TypeId::STRING | TypeId::BYTES))
                }
                Op::Constant(_)
                | Op::Field(.., Access::Read)
                | Op::Lookup(.., Access::Read)
                | Op::Payload(_, Access::Read)
                | Op::CaseField(.., Access::Read)
                | Op::StateRead(_, Access::Read) => false,
                _ => true,
            },
            None => !self.entries.contains(&BlockId(definition.block)),
        }
    }
}

/// The values that stand in a list more than once.
fn repeated(values: &[ValueId]) -> FxHashSet<ValueId> {
    let mut seen: FxHashSet<ValueId> = FxHashSet::default();
    values.iter().copied().filter(|value| !seen.insert(*value)).collect()
}

/// Whether all uses are in this block, before the state variable is written again.
fn only_here(uses: &[Use], block: u32, position: u32, variable: u32, open: &OpenBlock) -> bool {
    let Some(last) = uses.iter().map(|found| found.position).max() else { return true };
    let between = open.instructions.iter().take(last as usize).skip(position as usize);
    uses.iter().all(|found| found.block == block && found.position != END)
        && !between.into_iter().any(|it| matches!(it.op, Op::StateWrite(other, _) if other == variable))
}

/// Whether the instruction is ghost code whose value may be or hold what it reads.
fn keeps_values(instruction: &Instruction, analysis: &Analysis) -> bool {
    matches!(instruction.op, Op::Ghost(_))
        && instruction.result.is_some_and(|result| analysis.holds[result.0 as usize])
}

/// Whether an operation stores this operand in an aggregate or the state, or updates it.
fn holds(op: &Op, operand: usize) -> bool {
    match op {
        Op::NewRecord(_)
        | Op::NewVariant(..)
        | Op::NewArray(_)
        | Op::NewSet(_)
        | Op::NewMap(_)
        | Op::NewSome(_)
        | Op::StateWrite(..)
        | Op::WithField(..)
        | Op::WithMember(..)
        | Op::WithEntry(..) => true,
        Op::WithElement(..) => operand != 1,
        Op::Without(..) | Op::Concat(..) => operand == 0,
        _ => false,
    }
}

/// The operands that an operation holds.
fn held(op: &Op) -> Vec<ValueId> {
    let (mut held, mut operands) = (vec![], 0..);
    op.for_each_operand(|value| {
        held.extend(operands.next().filter(|operand| holds(op, *operand)).map(|_| value));
    });
    held
}

/// What an operation updates, in place if it is not shared.
pub(super) fn update_base(op: &Op) -> Option<ValueId> {
    match op {
        Op::WithField(a, ..)
        | Op::WithElement(a, ..)
        | Op::WithEntry(a, ..)
        | Op::WithMember(a, _)
        | Op::Without(a, _)
        | Op::Concat(a, _) => Some(*a),
        _ => None,
    }
}

/// The bit stays set, so the first `Share` of a value in a block is enough. Later places come first.
fn without_repeats(mut found: Vec<((u32, u32), Vec<ValueId>)>) -> Vec<((u32, u32), Vec<ValueId>)> {
    let mut known: FxHashSet<(u32, ValueId)> = FxHashSet::default();
    for ((block, _), values) in found.iter_mut().rev() {
        values.retain(|value| known.insert((*block, *value)));
    }
    found
}

fn set_access(code: &mut Builder, places: &[(u32, u32)]) {
    for (block, position) in places {
        let open = &mut code.blocks[*block as usize];
        if let Some(instruction) = open.instructions.get_mut(*position as usize)
            && let Op::Field(.., access)
            | Op::Element(.., access)
            | Op::Lookup(.., access)
            | Op::Payload(_, access)
            | Op::CaseField(.., access)
            | Op::StateRead(_, access) = &mut instruction.op
        {
            *access = Access::Take;
        }
    }
}
