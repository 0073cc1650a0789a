//! The instructions of a function, where they lead, and which registers are live before them.
//!
//! Liveness is found by iteration to a fixed point, backward (Aho, Lam, Sethi and Ullman, Compilers, 9.2.5).

use rustc_hash::FxHashMap;

use super::code::{Code, Register, Slow};
use super::operands::Operand;
use super::program::Program;

/// Instructions times registers beyond which a function is left to the interpreter.
const MOST_BITS: usize = 64 << 20;

/// How a block is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On one way only.
    Only,
    /// On several, in a loop.
    Loop,
    /// On several otherwise.
    Joined,
}

/// What is known about a function.
#[derive(Debug)]
pub struct Flow {
    /// The instructions that can be reached, in order.
    pub instructions: Vec<u32>,
    /// Where machine code can be entered: the function, then the heads of its loops.
    pub entries: Vec<u32>,
    /// Instructions with which a block begins.
    pub leaders: Vec<u32>,
    /// From the head of each loop to its last instruction.
    loops: Vec<(u32, u32)>,
    /// Blocks that are reached on one way only.
    only: Vec<u32>,
    /// Registers that are written, each with the number that alone is written to it.
    constants: FxHashMap<Register, Option<i32>>,
    ghost: FxHashMap<u32, u32>,
    position: FxHashMap<u32, usize>,
    /// By position: registers whose values matter before the instruction.
    live: Vec<Set>,
}

impl Flow {
    /// Of a function of a program; `None` if it is too large.
    pub fn of(program: &Program, function: u32) -> Option<Self> {
        let compiled = program.functions.get(function as usize)?;
        let instructions = reachable(program, compiled.entry);
        if instructions.len().checked_mul(compiled.registers as usize)? > MOST_BITS {
            return None;
        }
        let position: FxHashMap<u32, usize> = instructions.iter().copied().zip(0..).collect();
        let mut leaders = vec![compiled.entry];
        let mut loops = vec![];
        for at in &instructions {
            let next = successors(program, *at);
            let falls_through = matches!(next[..], [only] if only == at + 1);
            if !falls_through {
                leaders.extend(&next);
            }
            loops.extend(next.into_iter().filter(|target| target <= at).map(|target| (target, *at)));
        }
        leaders.sort_unstable();
        leaders.dedup();
        let mut heads: Vec<u32> = loops.iter().map(|(head, _)| *head).collect();
        heads.sort_unstable();
        heads.dedup();
        // Ghost code has accounts of its own, which are those of the entry only outside of it.
        let ghost = ghost_levels(program, compiled.entry);
        heads.retain(|head| ghost.get(head) == Some(&0) && *head != compiled.entry);
        let mut entries = vec![compiled.entry];
        entries.append(&mut heads);
        let mut reached: Vec<u32> = instructions.iter().flat_map(|at| successors(program, *at)).collect();
        reached.extend(&entries);
        reached.sort_unstable();
        let only =
            reached.chunk_by(|a, b| a == b).filter(|ways| ways.len() == 1).map(|ways| ways[0]).collect();
        let constants = constants(program, &instructions, compiled.parameters);
        let live = vec![];
        let mut flow = Self { instructions, entries, leaders, loops, only, constants, ghost, position, live };
        flow.find_live(program, compiled.registers as usize);
        Some(flow)
    }

    /// Whether a block begins with an instruction.
    pub fn is_leader(&self, at: u32) -> bool {
        self.leaders.binary_search(&at).is_ok()
    }

    /// How the block that begins with an instruction is reached.
    pub fn place(&self, at: u32) -> Place {
        if self.only.binary_search(&at).is_ok() {
            Place::Only
        } else if self.loops.iter().any(|(head, last)| (*head..=*last).contains(&at)) {
            Place::Loop
        } else {
            Place::Joined
        }
    }

    /// Whether an instruction belongs to the innermost loop around another one.
    pub fn stays_in_loop(&self, at: u32, other: u32) -> bool {
        let around = self.loops.iter().filter(|(head, last)| (*head..=*last).contains(&at));
        let innermost = around.min_by_key(|(head, last)| last - head);
        innermost.is_some_and(|(head, last)| (*head..=*last).contains(&other))
    }

    /// What a register always is, if it is a number.
    pub fn constant(&self, register: Register) -> Option<i32> {
        self.constants.get(&register).copied().flatten()
    }

    /// Whether a register's value matters before an instruction.
    pub fn is_live(&self, at: u32, register: Register) -> bool {
        self.set(at).is_some_and(|live| live.contains(register))
    }

    /// The functions that it calls.
    pub fn callees(&self, program: &Program) -> Vec<u32> {
        let called = |at: &u32| match program.plain.get(*at as usize)? {
            Code::Call { site } | Code::AddImmediateCall { site, .. } => {
                program.calls.get(*site as usize).map(|call| call.function)
            }
            _ => None,
        };
        self.instructions.iter().filter_map(called).collect()
    }

    /// Registers whose values matter before an instruction.
    pub fn live(&self, at: u32) -> Vec<Register> {
        self.position.get(&at).and_then(|index| self.live.get(*index)).map(Set::members).unwrap_or_default()
    }

    /// Registers whose values matter where an instruction faults: what the fault tells, and what its handler reads.
    pub fn live_in_fault(&self, program: &Program, at: u32) -> Vec<Register> {
        let mut live = Set::default();
        self.in_fault(program, at, &mut live);
        live.members()
    }

    /// Registers whose values matter after a call, but for what it gives.
    pub fn live_behind(&self, program: &Program, at: u32, site: u32) -> Vec<Register> {
        let mut live = Set::default();
        self.behind_call(program, site, &mut live);
        self.in_fault(program, at, &mut live);
        live.members()
    }

    /// Whether an instruction stands in a region of ghost code of the function.
    pub fn is_ghost(&self, at: u32) -> bool {
        self.ghost.get(&at) != Some(&0)
    }

    fn set(&self, at: u32) -> Option<&Set> {
        self.live.get(*self.position.get(&at)?)
    }

    fn find_live(&mut self, program: &Program, registers: usize) {
        self.live = vec![Set::with_room(registers); self.instructions.len()];
        let mut changed = true;
        while changed {
            changed = false;
            for index in (0..self.instructions.len()).rev() {
                let live = self.live_before(program, self.instructions[index]);
                if live != self.live[index] {
                    self.live[index] = live;
                    changed = true;
                }
            }
        }
    }

    fn live_before(&self, program: &Program, at: u32) -> Set {
        let mut live = Set::default();
        match program.plain.get(at as usize) {
            Some(Code::Call { site } | Code::AddImmediateCall { site, .. }) => {
                self.behind_call(program, *site, &mut live);
            }
            _ => {
                for next in successors(program, at) {
                    if let Some(set) = self.set(next) {
                        live.add_all(set);
                    }
                }
            }
        }
        let kills = program.plain.get(at as usize).is_some_and(|code| !writes_on_one_way(code));
        program.operands(at, &mut |operand, register| {
            if operand == Operand::Write && kills {
                live.remove(register);
            }
        });
        program.operands(at, &mut |operand, register| {
            if operand == Operand::Read {
                live.add(register);
            }
        });
        self.in_fault(program, at, &mut live);
        live
    }

    fn in_fault(&self, program: &Program, at: u32, live: &mut Set) {
        if let Some(site) = program.site(at) {
            site.operands.iter().for_each(|(register, _)| live.add(*register));
        }
        if let Some(handler) = program.handler(at).and_then(|handler| self.set(handler)) {
            live.add_all(handler);
        }
    }

    fn behind_call(&self, program: &Program, site: u32, live: &mut Set) {
        let Some(call) = program.calls.get(site as usize) else { return };
        if let Some(success) = self.set(call.success) {
            live.add_all(success);
        }
        live.remove(call.result);
        program.list(call.results).iter().for_each(|register| live.remove(*register));
        if let Some((failure, code, message)) = call.failure
            && let Some(set) = self.set(failure)
        {
            let mut set = set.clone();
            set.remove(code);
            set.remove(message);
            live.add_all(&set);
        }
    }
}

/// Whether some register is written only where the instruction does not jump, or only where it does.
fn writes_on_one_way(code: &Code) -> bool {
    matches!(
        code,
        Code::FoldRange { .. }
            | Code::FoldUnbounded { .. }
            | Code::FoldRangeNext { .. }
            | Code::PushRangeNext { .. }
            | Code::FoldArray { .. }
            | Code::FoldArrayNext { .. }
            | Code::FoldPointers { .. }
            | Code::Contract { .. }
            | Code::Slow { .. }
    )
}

/// The registers that are written, each with the number that it is wherever it is read, if there is one.
fn constants(program: &Program, instructions: &[u32], parameters: u32) -> FxHashMap<Register, Option<i32>> {
    let mut found: FxHashMap<Register, Option<i32>> = FxHashMap::default();
    let mut written = |register: Register, number: Option<i32>| {
        let known = *found.entry(register).or_insert(number);
        if known != number {
            found.insert(register, None);
        }
    };
    for parameter in 0..Register::try_from(parameters).unwrap_or(Register::MAX) {
        written(parameter, None);
    }
    for at in instructions {
        let code = program.plain.get(*at as usize);
        if let Some(Code::Immediate { to, value }) = code {
            written(*to, Some(*value));
            continue;
        }
        program.operands(*at, &mut |operand, register| {
            if operand == Operand::Write {
                written(register, None);
            }
        });
        let call = match code {
            Some(Code::Call { site } | Code::AddImmediateCall { site, .. }) => {
                program.calls.get(*site as usize).map(|call| (program.list(call.results), call.failure))
            }
            Some(Code::Slow { index }) => match program.slow.get(*index as usize) {
                Some(Slow::Invoke(site)) => Some((&*site.results, site.failure)),
                _ => None,
            },
            _ => None,
        };
        if let Some((results, failure)) = call {
            results.iter().for_each(|register| written(*register, None));
            failure.into_iter().flat_map(|(_, code, message)| [code, message]).for_each(|register| {
                written(register, None);
            });
        }
        if let Some(Code::Call { site } | Code::AddImmediateCall { site, .. }) = code
            && let Some(call) = program.calls.get(*site as usize)
        {
            written(call.result, None);
        }
    }
    found
}

/// Everything that can be reached from an instruction, handlers included, in order.
fn reachable(program: &Program, entry: u32) -> Vec<u32> {
    let mut found = rustc_hash::FxHashSet::default();
    let mut open = vec![entry];
    while let Some(at) = open.pop() {
        if (at as usize) < program.plain.len() && found.insert(at) {
            open.extend(successors(program, at));
            open.extend(program.handler(at));
        }
    }
    let mut found: Vec<u32> = found.into_iter().collect();
    found.sort_unstable();
    found
}

/// Where an instruction may lead within its function.
pub fn successors(program: &Program, at: u32) -> Vec<u32> {
    let Some(code) = program.plain.get(at as usize) else { return vec![] };
    let of_call = |site: u32| {
        let call = program.calls.get(site as usize);
        call.map_or_else(Vec::new, |call| {
            std::iter::once(call.success).chain(call.failure.map(|(target, ..)| target)).collect()
        })
    };
    match *code {
        Code::Jump { target, .. } => vec![target],
        Code::Switch { table, .. } => {
            program.tables.get(table as usize).map_or_else(Vec::new, |table| table.to_vec())
        }
        Code::Call { site } | Code::AddImmediateCall { site, .. } => of_call(site),
        Code::Return { .. }
        | Code::LeaveReturn { .. }
        | Code::LeaveReturnOne { .. }
        | Code::Fail { .. }
        | Code::Resume => vec![],
        Code::Slow { index } => match program.slow.get(index as usize) {
            Some(Slow::Invoke(site)) => {
                std::iter::once(site.success).chain(site.failure.map(|(target, ..)| target)).collect()
            }
            _ => vec![at + 1],
        },
        _ => code.target().map_or_else(|| vec![at + 1], |target| vec![target, at + 1]),
    }
}

/// How many regions of ghost code are around each instruction of a function.
fn ghost_levels(program: &Program, entry: u32) -> FxHashMap<u32, u32> {
    let mut levels = FxHashMap::default();
    let mut open = vec![(entry, 0_u32)];
    while let Some((at, level)) = open.pop() {
        if levels.contains_key(&at) {
            continue;
        }
        levels.insert(at, level);
        let code = program.plain.get(at as usize);
        for next in successors(program, at) {
            let falls = next == at + 1;
            let level = match code {
                Some(Code::Contract { .. } | Code::GhostBegin { .. } | Code::Condition { .. }) if falls => {
                    level + 1
                }
                Some(Code::Verdict { .. } | Code::GhostEnd) => level.saturating_sub(1),
                _ => level,
            };
            open.push((next, level));
        }
        // A handler leaves the ghost code that faulted.
        open.extend(program.handler(at).map(|handler| (handler, 0)));
    }
    levels
}

/// A set of registers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Set(Vec<u64>);

impl Set {
    fn with_room(registers: usize) -> Self {
        Self(Vec::with_capacity(registers / 64 + 1))
    }

    fn add(&mut self, register: Register) {
        let word = usize::from(register / 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (register % 64);
    }

    fn contains(&self, register: Register) -> bool {
        self.0.get(usize::from(register / 64)).is_some_and(|word| word >> (register % 64) & 1 == 1)
    }

    fn remove(&mut self, register: Register) {
        if let Some(word) = self.0.get_mut(usize::from(register / 64)) {
            *word &= !(1 << (register % 64));
        }
    }

    fn add_all(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    fn members(&self) -> Vec<Register> {
        let bits = |(word, bits): (Register, &u64)| {
            let bits = *bits;
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit)
        };
        (0..).zip(&self.0).flat_map(bits).collect()
    }
}
