//! Machine code in the place of register code.
//!
//! A compiler turns functions of a [`Program`] into machine code that keeps registers in the processor. What it cannot
//! do, or what would end a run (faults, limits, failures, host operations), it gives up *before* the instruction, with
//! the registers back in the window; the interpreter does that instruction and goes on from there. So how code ends is
//! said once. Machine code is entered at functions and at the heads of loops: see [`Code::Native`].

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use super::code::{Code, Register};
use super::machine::{Cursor, Frame, Halt, Machine, WINDOW};
use super::program::Program;
use super::scalar::{canonical, float, low, narrow};
use super::slow::Flow;
use crate::arena::SEQUENCE_HEAD;
use crate::backend::HostEffects;
use crate::error::Error;
use crate::stop::Stop;

/// Turns register code into machine code.
pub trait Compiler: Send + Sync + fmt::Debug {
    /// The name in records and metrics.
    fn name(&self) -> &'static str;

    /// How often a function is called, or a loop goes around, before it is worth compiling.
    fn threshold(&self) -> u32;

    /// Compiles a function of a program whose code is in [`Program::plain`], with what it calls; `None` if it is too
    /// large.
    ///
    /// # Errors
    /// What went wrong in the compiler.
    fn compile(&self, program: &Program, function: u32) -> Result<Option<Arc<dyn NativeCode>>, Error>;
}

/// Machine code of a function.
pub trait NativeCode: Send + Sync + fmt::Debug {
    /// Where it can be entered.
    fn entries(&self) -> &[Entry];

    /// Runs from an entry, by its index.
    fn enter(&self, entry: u32, run: &mut NativeRun<'_, '_>) -> Exit;
}

/// What there is of machine code in a program.
#[derive(Debug, Default)]
pub struct Tier {
    compiler: Option<Arc<dyn Compiler>>,
    places: Vec<Place>,
    /// By function.
    units: Vec<OnceLock<Option<Arc<dyn NativeCode>>>>,
}

/// An instruction where functions or loops begin, and machine code may.
#[derive(Debug)]
struct Place {
    at: u32,
    function: u32,
    /// How often the interpreter came by.
    count: AtomicU32,
    /// The index of the entry, or none.
    entry: OnceLock<Option<u32>>,
}

impl Tier {
    /// The machine code of a place and the entry there, once it is worth it.
    fn ready(&self, program: &Program, index: u32) -> Option<(&dyn NativeCode, u32)> {
        let place = self.places.get(index as usize)?;
        let unit = self.units.get(place.function as usize)?;
        let entry = match place.entry.get() {
            Some(entry) => *entry,
            None => {
                let compiler = self.compiler.as_ref()?;
                if place.count.fetch_add(1, Ordering::Relaxed) < compiler.threshold() {
                    return None;
                }
                let code = unit.get_or_init(|| compiled(&**compiler, program, place.function));
                let entries = code.as_ref().map_or(&[][..], |code| code.entries());
                let found = (0..).zip(entries).find(|(_, entry)| entry.at == place.at);
                *place.entry.get_or_init(|| found.map(|(index, _)| index))
            }
        };
        Some((unit.get()?.as_deref()?, entry?))
    }
}

/// Stack for compiling, which takes more of large functions than a caller may have.
const COMPILER_STACK: usize = 16 << 20;

/// Compiles a function on a thread of its own. Where there is none, or the compiler fails, it is interpreted, and the
/// host may hear of it.
fn compiled(compiler: &dyn Compiler, program: &Program, function: u32) -> Option<Arc<dyn NativeCode>> {
    let why = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("anrf compiler".to_owned()).stack_size(COMPILER_STACK);
        match builder.spawn_scoped(scope, || compiler.compile(program, function)) {
            Ok(thread) => match thread.join() {
                Ok(compiled) => compiled.map_err(|error| error.to_string()),
                Err(_) => Err("it panicked".to_owned()),
            },
            Err(error) => Err(format!("cannot start a thread: {error}")),
        }
    });
    why.unwrap_or_else(|why| {
        tracing::warn!(compiler = compiler.name(), function, why, "a function is interpreted");
        None
    })
}

/// A place where machine code can be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The instruction in [`Program::plain`].
    pub at: u32,
    /// The function that it belongs to.
    pub function: u32,
    /// Bytes of the largest stack frame that calls from here may need, each.
    pub frame_bytes: u32,
    /// Registers by which the window of a call may move, at most.
    pub window: u32,
}

/// How machine code ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The function returned; one result is in [`Context::value`], several are in the first registers of its window.
    Returned,
    /// At [`Context::exit_at`] with the window [`Context::exit_base`]: the interpreter goes on there.
    GaveUp,
    /// The same, but the instruction has been tried, by [`NativeRun::step`], which knows why it stopped.
    Stopped,
}

/// What machine code works on. Words are of eight bytes.
#[repr(C)]
#[derive(Debug)]
pub struct Context {
    /// The arena: 4 GiB and 64 KiB that stay where they are, so that no offset of 32 bits lies outside.
    pub arena: *mut u64,
    /// Registers of all windows.
    pub stack: *mut u64,
    /// The instance's constants.
    pub constants: *const u64,
    /// State variables.
    pub state: *mut u64,
    /// Functions of the compiler that machine code calls.
    pub functions: *const usize,
    /// Words of the arena in use, and how many there may be.
    pub top: u64,
    /// See `top`.
    pub cap: u64,
    /// Reclaiming is not tried before the arena ends here.
    pub next_reclaim: u64,
    /// Objects before this word may not grow.
    pub barrier: u64,
    /// Objects before this word count as shared.
    pub floor: u64,
    /// Charges until the interpreter looks at the clock.
    pub slice: u64,
    /// The result.
    pub value: u64,
    /// Where the interpreter goes on: the window, in registers from the first.
    pub exit_base: u64,
    /// And the instruction.
    pub exit_at: u32,
    /// Calls inside calls.
    pub depth: u32,
    /// Calls are given up from this depth on.
    pub depth_limit: u32,
}

/// One stay in machine code. A pointer to it is one to its [`Context`], which is its first field.
#[repr(C)]
pub struct NativeRun<'a, 'run> {
    /// What machine code sees of it.
    pub context: Context,
    machine: &'a mut Machine<'run>,
    effects: &'a mut dyn HostEffects,
    /// The windows that were left by giving up, innermost first.
    frames: Vec<Frame>,
    ghost: u32,
    stopped: Option<Result<Stop, Box<dyn Any + Send>>>,
}

impl fmt::Debug for NativeRun<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NativeRun").field("context", &self.context).finish_non_exhaustive()
    }
}

/// What became of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The next one follows.
    Next,
    /// It jumps to its target.
    Jump,
    /// It stops the code: [`Exit::Stopped`].
    Stopped,
}

impl NativeRun<'_, '_> {
    /// Does an instruction of the window at `base` whose operands are in it. A panic ends the stay, and goes on behind
    /// it.
    pub fn step(&mut self, at: u32, base: u64) -> Step {
        self.sync_in();
        let base = usize::try_from(base).unwrap_or(usize::MAX);
        let (machine, effects) = (&mut *self.machine, &mut *self.effects);
        let done = catch_unwind(AssertUnwindSafe(|| machine.step(effects, at, base)));
        self.sync_out();
        match done {
            Ok(Ok(Flow::Next)) => Step::Next,
            Ok(Ok(Flow::Jump(_))) => Step::Jump,
            Ok(Err(stop)) => {
                self.stopped = Some(Ok(stop));
                Step::Stopped
            }
            Err(panic) => {
                self.stopped = Some(Err(panic));
                Step::Stopped
            }
        }
    }

    /// Takes units that the slice does not have. Whether the code goes on.
    pub fn charge(&mut self, units: u32) -> bool {
        self.sync_in();
        let charged = self.machine.meter.charge(u64::from(units));
        self.sync_out();
        self.stopped = charged.err().map(Ok);
        self.stopped.is_none()
    }

    /// Looks at the clock and begins another slice. Whether the code goes on.
    pub fn renew(&mut self) -> bool {
        self.sync_in();
        let renewed = self.machine.meter.renew();
        self.sync_out();
        self.stopped = renewed.err().map(Ok);
        self.stopped.is_none()
    }

    /// A register of the window at `base`; 0 where there is none.
    #[must_use]
    pub fn register(&self, base: u64, register: Register) -> u64 {
        let place = word(base).saturating_add(usize::from(register));
        self.machine.stack.get(place).copied().unwrap_or(0)
    }

    /// Sets a register of the window at `base`, if there is one.
    pub fn set_register(&mut self, base: u64, register: Register, value: u64) {
        let place = word(base).saturating_add(usize::from(register));
        if let Some(register) = self.machine.stack.get_mut(place) {
            *register = value;
        }
    }

    /// Whether all registers of a window at `base` are there.
    #[must_use]
    pub fn has_window(&self, base: u64) -> bool {
        word(base).saturating_add(WINDOW) <= self.machine.stack.len()
    }

    /// The instance's constants.
    #[must_use]
    pub fn constants(&self) -> &[u64] {
        &self.machine.constants
    }

    /// State variables.
    pub fn state(&mut self) -> &mut [u64] {
        &mut self.machine.state
    }

    /// Code of a kind that is not trusted did what it must not: the run ends in an internal error.
    pub fn broken(&mut self, why: &'static str) -> Exit {
        self.frames.clear();
        self.stopped = Some(Ok(Stop::Internal(why)));
        Exit::Stopped
    }

    /// A call was given up inside: its caller's window and depth.
    pub fn left(&mut self, site: u32, base: u64, depth: u32) {
        let base = u32::try_from(base).unwrap_or(u32::MAX);
        self.frames.push(Frame { site, base, ghost: self.ghost, depth });
    }

    /// What machine code changed goes to the machine.
    fn sync_in(&mut self) {
        let context = &self.context;
        self.machine.arena.set_bounds(word(context.top), word(context.barrier));
        self.machine.meter.set_slice(context.slice);
        self.machine.depth = context.depth;
    }

    /// And back.
    fn sync_out(&mut self) {
        let (context, machine) = (&mut self.context, &mut *self.machine);
        let bounds = machine.arena.bounds();
        context.top = bounds.top as u64;
        context.cap = bounds.cap as u64;
        context.barrier = bounds.barrier as u64;
        context.floor = bounds.floor as u64;
        context.next_reclaim = bounds.next_reclaim as u64;
        context.slice = machine.meter.slice();
        context.depth = machine.depth;
        context.stack = machine.stack.as_mut_ptr();
        context.state = machine.state.as_mut_ptr();
    }
}

fn word(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// How a stay in machine code ended, to the interpreter.
pub(super) enum Stay {
    /// The code goes on at the cursor.
    On,
    /// There is no room for it: the instruction is interpreted.
    Refused,
    /// The outermost function ended.
    Ended(Halt),
}

/// Bytes of the thread's stack that the frames of machine code may take. Deeper calls are given up, which makes them
/// frames of the interpreter, and entered again from there. Everything has to work on a stack of 256 KiB.
const STACK: usize = 64 << 10;

impl Machine<'_> {
    /// Runs machine code from an entry, which is at the cursor.
    ///
    /// # Errors
    /// Why it stopped, with the cursor at the instruction.
    #[inline(never)]
    pub(super) fn stay(
        &mut self,
        effects: &mut dyn HostEffects,
        index: u32,
        floor: usize,
        cursor: &mut Cursor,
    ) -> Result<Stay, Stop> {
        let program = self.program;
        let Some((native, index)) = program.tier.ready(program, index) else { return Ok(Stay::Refused) };
        let entry = *native.entries().get(index as usize).ok_or(Stop::Internal("no such entry"))?;
        let calls = STACK / (entry.frame_bytes as usize).max(1);
        let windows = self.stack.len().saturating_sub(WINDOW + cursor.base) / (entry.window as usize).max(1);
        // The function itself needs a frame and a window too.
        let Some(room) = narrow(calls.min(windows).min(1 << 30)).checked_sub(1) else {
            return Ok(Stay::Refused);
        };
        if !self.arena.is_wide() {
            return Ok(Stay::Refused);
        }
        let ghost = self.meter.ghost();
        let context = Context {
            arena: self.arena.base_pointer(),
            stack: self.stack.as_mut_ptr(),
            constants: self.constants.as_ptr(),
            state: self.state.as_mut_ptr(),
            functions: std::ptr::null(),
            top: 0,
            cap: 0,
            next_reclaim: 0,
            barrier: 0,
            floor: 0,
            slice: 0,
            value: 0,
            exit_base: cursor.base as u64,
            exit_at: 0,
            depth: 0,
            depth_limit: self.depth_limit.min(self.depth.saturating_add(room)),
        };
        let mut run = NativeRun { context, machine: self, effects, frames: vec![], ghost, stopped: None };
        run.sync_out();
        let exit = native.enter(index, &mut run);
        run.sync_in();
        let NativeRun { context, mut frames, stopped, .. } = run;
        if exit == Exit::Returned {
            return self.returned(entry, context.value, floor, cursor);
        }
        frames.reverse();
        self.frames.append(&mut frames);
        *cursor = Cursor { pc: context.exit_at as usize, base: word(context.exit_base) };
        match stopped {
            Some(Ok(stop)) if exit == Exit::Stopped => Err(stop),
            Some(Err(panic)) => resume_unwind(panic),
            _ => Ok(Stay::On),
        }
    }

    /// A function returned in machine code that the interpreter had entered.
    fn returned(
        &mut self,
        entry: Entry,
        value: u64,
        floor: usize,
        cursor: &mut Cursor,
    ) -> Result<Stay, Stop> {
        let program = self.program;
        let count = program.returns.get(entry.function as usize).map_or(0, |types| types.len());
        let base = cursor.base;
        if count == 1 {
            self.set_register(base, 0, value);
        }
        if self.frames.len() <= floor {
            let values = self.stack.get(base..base + count).unwrap_or_default().to_vec();
            return Ok(Stay::Ended(Halt::Return(values)));
        }
        // Machine code says its depth only where it ends otherwise.
        self.depth = self.frames.last().map_or(self.depth, |frame| frame.depth);
        let returned: Vec<Register> = (0..).take(count).collect();
        *cursor = self.return_to_caller(&returned, base)?;
        Ok(Stay::On)
    }

    /// One instruction that does not move between frames.
    fn step(&mut self, effects: &mut dyn HostEffects, at: u32, base: usize) -> Result<Flow, Stop> {
        let program = self.program;
        let instruction = program.plain.get(at as usize).ok_or(Stop::Internal("no such instruction"))?;
        match *instruction {
            Code::Push { array, element: value } | Code::PushRangeNext { array, value, .. } => {
                let (into, value) = (self.register(base, array), self.register(base, value));
                let grown = self.arena.push_element(into, value)?;
                self.set_register(base, array, grown);
            }
            Code::CheckedWithElement { to, x, index, value } => {
                let (x, index) = (self.register(base, x), self.register(base, index));
                let value = self.register(base, value);
                let copy = self.with_word(x, SEQUENCE_HEAD + low(index), value)?;
                self.set_register(base, to, copy);
            }
            Code::Float { operator, to, a, b } => {
                let (a, b) = (f64::from_bits(self.register(base, a)), f64::from_bits(self.register(base, b)));
                self.set_register(base, to, canonical(float(operator, a, b)));
            }
            Code::Slow { index } => {
                let slow = program.slow.get(index as usize).ok_or(Stop::Internal("no such instruction"))?;
                return self.slow(effects, slow, base);
            }
            ref other => return self.perform(other, base),
        }
        Ok(Flow::Next)
    }
}

impl Program {
    /// Marks the instructions where machine code may be entered: at functions, and where jumps go back to.
    pub(super) fn accelerate(&mut self, compiler: Arc<dyn Compiler>) {
        self.plain.clone_from(&self.code);
        let entries = self.functions.iter().map(|function| function.entry);
        let back =
            (0..).zip(&self.plain).filter_map(|(at, code)| code.target().filter(|target| *target <= at));
        let mut found: Vec<u32> = entries.chain(back).collect();
        found.sort_unstable();
        found.dedup();
        let place = |at: u32| {
            // Functions stand one behind the other.
            let behind = self.functions.partition_point(|function| function.entry <= at);
            let function = narrow(behind.saturating_sub(1));
            Place { at, function, count: AtomicU32::new(0), entry: OnceLock::new() }
        };
        let places: Vec<Place> = found.into_iter().map(place).collect();
        for (index, place) in (0..).zip(&places) {
            if let Some(instruction) = self.code.get_mut(place.at as usize) {
                *instruction = Code::Native { entry: index };
            }
        }
        let units = self.functions.iter().map(|_| OnceLock::new()).collect();
        self.tier = Arc::new(Tier { compiler: Some(compiler), places, units });
    }

    /// Whether machine code may run.
    pub(super) fn is_accelerated(&self) -> bool {
        self.tier.compiler.is_some()
    }
}
