//! Registers for values: an argument and the parameter it is passed for share one where they are never
//! live together, so that a loop's state stays where it is instead of being moved in each iteration.
//!
//! Liveness is solved over the blocks (Appel and Palsberg, Modern Compiler Implementation, 10.1), live
//! ranges are intervals in the order of the code, and classes of values are merged as long as their ranges
//! are disjoint.

use anrf_format::execution::{BlockId, Function, Op, RegionId, Target, Terminator, ValueId};

use super::code::Register;

/// Beyond this many bits of liveness a function's values simply have a register each.
const MOST_BITS: usize = 1 << 24;

/// Classes of more intervals are not merged further, which bounds the work.
const MOST_RANGES: usize = 256;

/// Regions inside regions; deeper ones are refused when code is emitted.
const MOST_NESTED: usize = 200;

/// A register for each value, and how many there are. Parameters have the first.
pub(super) fn assign_registers(function: &Function) -> (Vec<Register>, u32) {
    let count = function.values.len();
    let each_its_own = || {
        let registers = (0..count).map(|value| Register::try_from(value).unwrap_or(Register::MAX));
        (registers.collect(), u32::try_from(count).unwrap_or(u32::MAX))
    };
    if count.saturating_mul(function.blocks.len()) > MOST_BITS {
        return each_its_own();
    }
    let Some(layout) = Layout::of(function) else { return each_its_own() };
    let live = Liveness::of(function, &layout);
    let mut classes = Classes::new(ranges(function, &layout, &live));
    for only_loops in [true, false] {
        for block in &layout.order {
            let terminator = &function.blocks[block.0 as usize].terminator;
            if matches!(terminator, Terminator::Repeat { .. }) == only_loops {
                terminator.for_each_target(|target| classes.merge_target(function, target));
            }
        }
    }
    let parameters = (function.parameters as usize).min(count);
    let mut of_class: Vec<Option<Register>> = vec![None; count];
    for value in 0..parameters {
        of_class[classes.find(value)] = Register::try_from(value).ok();
    }
    let mut next = parameters;
    let mut registers = Vec::with_capacity(count);
    for value in 0..count {
        let class = classes.find(value);
        let register = *of_class[class].get_or_insert_with(|| {
            next += 1;
            Register::try_from(next - 1).unwrap_or(Register::MAX)
        });
        registers.push(register);
    }
    (registers, u32::try_from(next).unwrap_or(u32::MAX))
}

/// The order in which code is emitted, as positions: an instruction reads at its position and writes at
/// the next one.
struct Layout {
    /// Blocks that are emitted, those of regions inside the block that runs them.
    order: Vec<BlockId>,
    /// First and last position of each block.
    spans: Vec<(u32, u32)>,
    /// Where each instruction of each block reads; after its region, if it has one.
    instructions: Vec<Vec<u32>>,
    /// Whether a region is run once per element.
    repeats: Vec<bool>,
    blocks_of: Vec<Vec<BlockId>>,
}

impl Layout {
    fn of(function: &Function) -> Option<Self> {
        let blocks = function.blocks.len();
        let mut layout = Self {
            order: vec![],
            spans: vec![(0, 0); blocks],
            instructions: vec![vec![]; blocks],
            repeats: vec![false; function.regions.len()],
            blocks_of: vec![vec![]; function.regions.len()],
        };
        let mut body = vec![];
        for (block, id) in function.blocks.iter().zip(0..) {
            match block.region {
                None => body.push(BlockId(id)),
                Some(region) => layout.blocks_of.get_mut(region.0 as usize)?.push(BlockId(id)),
            }
        }
        for (blocks, region) in layout.blocks_of.iter_mut().zip(&function.regions) {
            blocks.sort_by_key(|block| (*block != region.entry, *block));
        }
        let mut next = 2;
        for block in body {
            layout.place(function, block, &mut next, 0)?;
        }
        Some(layout)
    }

    fn place(&mut self, function: &Function, id: BlockId, next: &mut u32, depth: usize) -> Option<()> {
        if depth > MOST_NESTED || *next > u32::MAX - 8 {
            return None;
        }
        self.order.push(id);
        let block = function.blocks.get(id.0 as usize)?;
        let start = *next;
        *next += 2;
        for instruction in &block.instructions {
            if let Some(region) = instruction.op.region() {
                *self.repeats.get_mut(region.0 as usize)? = matches!(instruction.op, Op::Fold(..));
                for inner in std::mem::take(self.blocks_of.get_mut(region.0 as usize)?) {
                    self.place(function, inner, next, depth + 1)?;
                }
            }
            self.instructions.get_mut(id.0 as usize)?.push(*next);
            *next += 2;
        }
        *self.spans.get_mut(id.0 as usize)? = (start, *next);
        *next += 2;
        Some(())
    }
}

/// Values live at the start of each block, without its parameters.
struct Liveness {
    words: usize,
    bits: Vec<u64>,
}

impl Liveness {
    fn of(function: &Function, layout: &Layout) -> Self {
        let words = function.values.len().div_ceil(64);
        let mut liveness = Self { words, bits: vec![0; words * function.blocks.len()] };
        let mut live = vec![0; words];
        loop {
            let mut changed = false;
            for id in layout.order.iter().rev() {
                liveness.out_of(function, layout, *id, &mut live);
                let block = &function.blocks[id.0 as usize];
                for instruction in block.instructions.iter().rev() {
                    if let Some(result) = instruction.result {
                        clear(&mut live, result);
                    }
                    instruction.op.for_each_operand(|value| {
                        set(&mut live, value);
                    });
                    if let Some(region) = instruction.op.region() {
                        liveness.add_entry(function, region, &mut live);
                    }
                }
                block.parameters.iter().for_each(|parameter| clear(&mut live, *parameter));
                let known = &mut liveness.bits[id.0 as usize * words..(id.0 as usize + 1) * words];
                if known != live {
                    known.copy_from_slice(&live);
                    changed = true;
                }
            }
            if !changed {
                return liveness;
            }
        }
    }

    /// What is live at the end of a block, its terminator's operands included.
    fn out_of(&self, function: &Function, layout: &Layout, id: BlockId, live: &mut [u64]) {
        live.fill(0);
        let block = &function.blocks[id.0 as usize];
        block.terminator.for_each_successor(|successor| self.add(successor, live));
        block.on_fault.iter().for_each(|handler| self.add(*handler, live));
        if let (Some(region), Terminator::Yield(_) | Terminator::Skip) = (block.region, &block.terminator)
            && layout.repeats.get(region.0 as usize) == Some(&true)
        {
            self.add_entry(function, region, live);
        }
        block.terminator.for_each_operand(|value| {
            set(live, value);
        });
    }

    fn add(&self, block: BlockId, live: &mut [u64]) {
        let start = block.0 as usize * self.words;
        if let Some(bits) = self.bits.get(start..start + self.words) {
            live.iter_mut().zip(bits).for_each(|(live, bits)| *live |= bits);
        }
    }

    fn add_entry(&self, function: &Function, region: RegionId, live: &mut [u64]) {
        if let Some(region) = function.regions.get(region.0 as usize) {
            self.add(region.entry, live);
        }
    }
}

fn set(live: &mut [u64], value: ValueId) -> bool {
    let Some(word) = live.get_mut(value.0 as usize / 64) else { return true };
    let before = *word;
    *word |= 1 << (value.0 % 64);
    before != *word
}

fn clear(live: &mut [u64], value: ValueId) {
    if let Some(word) = live.get_mut(value.0 as usize / 64) {
        *word &= !(1 << (value.0 % 64));
    }
}

type Range = (u32, u32);

/// Where each value is live: intervals in order, both ends included.
fn ranges(function: &Function, layout: &Layout, liveness: &Liveness) -> Vec<Vec<Range>> {
    let mut ranges: Vec<Vec<Range>> = vec![vec![]; function.values.len()];
    // The end of the interval that is being built, for each value.
    let mut until: Vec<u32> = vec![0; function.values.len()];
    let mut live = vec![0; liveness.words];
    for id in &layout.order {
        let block = &function.blocks[id.0 as usize];
        let (start, end) = layout.spans[id.0 as usize];
        liveness.out_of(function, layout, *id, &mut live);
        for value in members(&live) {
            until[value] = end;
        }
        let mut define = |live: &mut Vec<u64>, value: ValueId, at: u32, until: &[u32]| {
            let index = value.0 as usize;
            let is_live = live.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1);
            if let Some(ranges) = ranges.get_mut(index) {
                // What nobody reads still has its register written.
                ranges.push((at, if is_live { until[index] } else { at }));
            }
            clear(live, value);
        };
        for (instruction, at) in block.instructions.iter().zip(&layout.instructions[id.0 as usize]).rev() {
            if let Some(result) = instruction.result {
                define(&mut live, result, at + 1, &until);
            }
            let mut used = |live: &mut Vec<u64>, value: ValueId| {
                if set(live, value)
                    && let Some(until) = until.get_mut(value.0 as usize)
                {
                    *until = *at;
                }
            };
            instruction.op.for_each_operand(|value| used(&mut live, value));
            if let Some(region) = instruction.op.region() {
                let mut inside = vec![0; liveness.words];
                liveness.add_entry(function, region, &mut inside);
                for value in members(&inside) {
                    used(&mut live, ValueId(u32::try_from(value).unwrap_or(u32::MAX)));
                }
            }
        }
        for parameter in &block.parameters {
            define(&mut live, *parameter, start, &until);
        }
        for value in members(&live) {
            if let Some(ranges) = ranges.get_mut(value) {
                ranges.push((start, until[value]));
            }
        }
    }
    // A function's parameters all arrive at once.
    for ranges in ranges.iter_mut().take(function.parameters as usize) {
        ranges.push((0, 1));
    }
    ranges.into_iter().map(joined).collect()
}

/// The members of a set of values.
fn members(live: &[u64]) -> impl Iterator<Item = usize> + use<> {
    let mut found = vec![];
    for (index, word) in live.iter().enumerate() {
        let mut rest = *word;
        while rest != 0 {
            found.push(index * 64 + rest.trailing_zeros() as usize);
            rest &= rest - 1;
        }
    }
    found.into_iter()
}

/// Intervals in order, those that overlap or touch made one.
fn joined(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable();
    let mut result: Vec<Range> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        match result.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => result.push((start, end)),
        }
    }
    result
}

/// Values that share a register.
struct Classes {
    /// Towards the class of each value.
    parents: Vec<usize>,
    ranges: Vec<Vec<Range>>,
}

impl Classes {
    fn new(ranges: Vec<Vec<Range>>) -> Self {
        Self { parents: (0..ranges.len()).collect(), ranges }
    }

    fn find(&mut self, mut value: usize) -> usize {
        while self.parents[value] != value {
            self.parents[value] = self.parents[self.parents[value]];
            value = self.parents[value];
        }
        value
    }

    fn merge_target(&mut self, function: &Function, target: &Target) {
        let Some(block) = function.blocks.get(target.block.0 as usize) else { return };
        for (parameter, argument) in block.parameters.iter().zip(&target.arguments) {
            let (parameter, argument) = (parameter.0 as usize, argument.0 as usize);
            if parameter.max(argument) >= self.parents.len() {
                continue;
            }
            let (a, b) = (self.find(parameter), self.find(argument));
            let few = self.ranges[a].len() + self.ranges[b].len() <= MOST_RANGES;
            if a != b && few && are_disjoint(&self.ranges[a], &self.ranges[b]) {
                let both =
                    [std::mem::take(&mut self.ranges[a]), std::mem::take(&mut self.ranges[b])].concat();
                self.ranges[a] = joined(both);
                self.parents[b] = a;
            }
        }
    }
}

fn are_disjoint(a: &[Range], b: &[Range]) -> bool {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        if x.1 < y.0 {
            a.next();
        } else if y.1 < x.0 {
            b.next();
        } else {
            return false;
        }
    }
    true
}
