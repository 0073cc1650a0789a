//! The machine: registers, frames, and the loop over instructions.
//!
//! Registers of all frames lie in one vector; the running function sees 65,536 of them as an array, so
//! that a register number cannot be out of bounds. Calls push a [`Frame`] and move the window; nothing
//! here recurses except that conditions on host answers run in a nested loop, one level deep.

use anrf_format::module::Module;

use super::fault::FaultReport;
use super::program::Program;
use crate::arena::Arena;
use crate::backend::HostEffects;
use crate::library::Cache;
use crate::meter::Meter;
use crate::stop::{Limit, Stop};

/// Registers in reach of an instruction.
pub(crate) const WINDOW: usize = 1 << 16;

/// Frames that conditions may add to those of calls: they do not count as depth, calls inside them do.
const FRAMES_PER_CALL: usize = 8;

/// How code ended.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The returned slots.
    Return(Vec<u64>),
    /// Index of the error code and the slot of the message.
    Fail(u64, u64),
    Fault(Box<FaultReport>),
    Limit(Limit),
    Internal(&'static str),
}

/// What is kept of a caller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Index into the program's calls.
    pub(super) site: u32,
    pub(super) base: u32,
    /// The levels of ghost code and of depth at the call.
    pub(super) ghost: u32,
    pub(super) depth: u32,
}

/// The position of the running code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    pub(super) pc: usize,
    pub(super) base: usize,
}

/// Everything that running code changes.
#[derive(Debug)]
pub(crate) struct Machine<'run> {
    pub(crate) program: &'run Program,
    pub(crate) module: &'run Module,
    pub(crate) arena: Arena,
    pub(crate) meter: Meter,
    pub(crate) cache: Cache,
    /// Slots of the program's constants and large immediates.
    pub(crate) constants: Vec<u64>,
    /// State variables.
    pub(crate) state: Vec<u64>,
    /// Whether contracts that the Policy may leave out are checked.
    pub(crate) checks_contracts: bool,
    pub(crate) depth_limit: u32,
    /// Bytes that registers may take beyond the first window, arena included.
    pub(crate) memory_limit: u64,
    /// Whether fault reports keep values.
    pub(crate) keeps_values: bool,
    pub(super) stack: Vec<u64>,
    pub(super) frames: Vec<Frame>,
    pub(super) depth: u32,
    /// The levels at which the outermost running function was entered.
    pub(super) outer: (u32, u32),
    pub(super) frame_limit: usize,
    /// Where the arena ended before each condition that is running.
    pub(super) ends: Vec<u64>,
    /// Faults whose handlers are running, and how many frames there were.
    pub(super) pending: Vec<(usize, Box<FaultReport>)>,
}

/// The memory of a machine, kept between runs.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) arena: Arena,
    pub(crate) constants: Vec<u64>,
    stack: Vec<u64>,
    frames: Vec<Frame>,
    cache: Cache,
}

impl Memory {
    /// Memory with an arena that may grow to so many bytes.
    pub(crate) fn new(memory_limit: u64) -> Self {
        Self {
            arena: Arena::new(memory_limit),
            constants: vec![],
            stack: vec![0; 2 * WINDOW],
            frames: Vec::with_capacity(64),
            cache: Cache::default(),
        }
    }

    /// The same for machine code, whose arena never moves.
    pub(crate) fn wide(memory_limit: u64) -> Self {
        Self { arena: Arena::wide(memory_limit), ..Self::new(memory_limit) }
    }
}

impl Memory {
    /// Bytes that it takes from the system.
    pub(super) fn held_bytes(&self) -> u64 {
        self.arena.held_bytes()
            + self.cache.held_bytes()
            + ((self.stack.len() + self.constants.len()) * size_of::<u64>()) as u64
    }
}

impl<'run> Machine<'run> {
    /// A machine without limits on depth and memory but the arena's.
    pub(crate) fn new(program: &'run Program, module: &'run Module, memory: Memory, meter: Meter) -> Self {
        Self {
            program,
            module,
            arena: memory.arena,
            meter,
            cache: memory.cache,
            constants: memory.constants,
            state: vec![],
            checks_contracts: true,
            depth_limit: 1_000,
            memory_limit: u64::MAX,
            keeps_values: true,
            stack: memory.stack,
            frames: memory.frames,
            depth: 0,
            outer: (0, 0),
            frame_limit: 0,
            ends: vec![],
            pending: vec![],
        }
    }

    /// Gives the memory back for the next run.
    pub(crate) fn into_memory(mut self) -> Memory {
        self.frames.clear();
        Memory {
            arena: self.arena,
            constants: self.constants,
            stack: self.stack,
            frames: self.frames,
            cache: self.cache,
        }
    }

    /// Runs a function from its entry.
    pub(crate) fn run(&mut self, effects: &mut dyn HostEffects, function: u32, arguments: &[u64]) -> Halt {
        self.frames.clear();
        self.ends.clear();
        self.pending.clear();
        self.depth = 0;
        self.meter.set_ghost(0);
        self.arena.lower_floor(0);
        self.run_at(effects, function, arguments, 0)
    }

    /// Runs a condition as ghost code; what it allocated is forgotten.
    pub(crate) fn run_condition(
        &mut self,
        effects: &mut dyn HostEffects,
        function: u32,
        arguments: &[u64],
        base: usize,
    ) -> Halt {
        let (ghost, depth) = (self.meter.ghost(), self.depth);
        let outer = self.outer;
        let end = self.arena.end();
        self.enter_ghost();
        let halt = self.run_at(effects, function, arguments, base);
        self.leave_ghost_to(ghost);
        (self.depth, self.outer) = (depth, outer);
        self.arena.truncate(end);
        halt
    }

    fn run_at(
        &mut self,
        effects: &mut dyn HostEffects,
        function: u32,
        arguments: &[u64],
        base: usize,
    ) -> Halt {
        let Some(compiled) = self.program.functions.get(function as usize) else {
            return Halt::Internal("no such function");
        };
        if let Err(stop) = self.reach(base) {
            return Self::halt_of(stop);
        }
        if let Some(parameters) = self.stack.get_mut(base..base + arguments.len()) {
            parameters.copy_from_slice(arguments);
        }
        let floor = self.frames.len();
        self.outer = (self.meter.ghost(), self.depth);
        self.frame_limit = (self.depth_limit as usize).saturating_mul(FRAMES_PER_CALL).saturating_add(WINDOW);
        if compiled.enters {
            if self.depth >= self.depth_limit {
                return Halt::Limit(Limit::Depth);
            }
            self.depth += 1;
        }
        let mut cursor = Cursor { pc: compiled.entry as usize, base };
        loop {
            match self.execute(effects, floor, &mut cursor) {
                Ok(halt) => return halt,
                Err(Stop::Fault(kind)) => {
                    let report = self.report(kind, &cursor);
                    if let Err(report) = self.unwind(floor, &mut cursor, report) {
                        return Halt::Fault(report);
                    }
                }
                Err(stop) => {
                    self.frames.truncate(floor);
                    return Self::halt_of(stop);
                }
            }
        }
    }

    fn halt_of(stop: Stop) -> Halt {
        match stop {
            Stop::Limit(limit) => Halt::Limit(limit),
            Stop::Internal(what) => Halt::Internal(what),
            Stop::Fault(_) => Halt::Internal("a fault without a place"),
        }
    }

    /// Makes the window at `base` exist.
    #[inline]
    pub(super) fn reach(&mut self, base: usize) -> Result<(), Stop> {
        if base + WINDOW <= self.stack.len() { Ok(()) } else { self.grow_stack(base) }
    }

    #[cold]
    fn grow_stack(&mut self, base: usize) -> Result<(), Stop> {
        let bytes = (base as u64 + 1) * 8;
        if base > u32::MAX as usize / 2 || bytes + self.arena.end() > self.memory_limit {
            return Err(Stop::Limit(Limit::Memory));
        }
        let length = (base + WINDOW).max(self.stack.len() + self.stack.len() / 2);
        self.stack.resize(length, 0);
        Ok(())
    }

    /// One level further into ghost code.
    #[inline]
    pub(super) fn enter_ghost(&mut self) {
        self.arena.raise_floor();
        self.meter.enter_ghost();
    }

    #[inline]
    pub(super) fn leave_ghost(&mut self) {
        self.meter.leave_ghost();
        self.arena.lower_floor(self.meter.ghost());
    }

    pub(super) fn leave_ghost_to(&mut self, ghost: u32) {
        self.meter.set_ghost(ghost);
        self.arena.lower_floor(ghost);
    }
}
