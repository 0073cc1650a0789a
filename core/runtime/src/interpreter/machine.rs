//! The machine: registers, frames, and the loop over instructions.
//!
//! Registers of all frames lie in one vector; the running function sees 65,536 of them as an array, so
//! that a register number cannot be out of bounds. Calls push a [`Frame`] and move the window; nothing
//! here recurses except that conditions on host answers run in a nested loop, one level deep.

use anrf_format::execution::{Access, Arithmetic, Comparison, FaultKind};
use anrf_format::module::Module;
use anrf_format::types::TypeId;

use super::code::{Code, Program};
use super::fault::FaultReport;
use super::scalar::{canonical, compares, float, low, narrow, registers, wrapping};
use super::slow::Flow;
use crate::arena::{Arena, SEQUENCE_HEAD, inline_unbounded, unbounded_slot};
use crate::backend::HostEffects;
use crate::library::{self, Cache, Context};
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
    /// The calling instruction.
    pub(super) at: u32,
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
    frame_limit: usize,
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
        self.arena.set_floor(false);
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
        if self.meter.ghost() == 0 {
            self.arena.set_floor(true);
        }
        self.meter.enter_ghost();
    }

    #[inline]
    fn leave_ghost(&mut self) {
        self.meter.leave_ghost();
        if self.meter.ghost() == 0 {
            self.arena.set_floor(false);
        }
    }

    pub(super) fn leave_ghost_to(&mut self, ghost: u32) {
        self.meter.set_ghost(ghost);
        if ghost == 0 {
            self.arena.set_floor(false);
        }
    }

    /// The loop over instructions, up to the end of the frame at `floor`.
    #[allow(clippy::too_many_lines)] // one arm per instruction
    fn execute(
        &mut self,
        effects: &mut dyn HostEffects,
        floor: usize,
        cursor: &mut Cursor,
    ) -> Result<Halt, Stop> {
        let program = self.program;
        let code = program.code.as_slice();
        let Cursor { mut pc, mut base } = *cursor;

        macro_rules! window {
            () => {
                match self.stack.get_mut(base..).and_then(|rest| rest.first_chunk_mut::<WINDOW>()) {
                    Some(window) => window,
                    None => return Err(Stop::Internal("no registers")),
                }
            };
        }
        let mut r: &mut [u64; WINDOW] = window!();
        macro_rules! stop {
            ($stop:expr) => {{
                *cursor = Cursor { pc: pc - 1, base };
                return Err($stop);
            }};
        }
        macro_rules! fault {
            ($kind:ident) => {
                stop!(Stop::Fault(FaultKind::$kind))
            };
        }
        macro_rules! attempt {
            ($result:expr) => {
                match $result {
                    Ok(value) => value,
                    Err(error) => stop!(error),
                }
            };
        }
        macro_rules! context {
            () => {
                &mut Context {
                    arena: &mut self.arena,
                    shapes: &program.shapes,
                    meter: &mut self.meter,
                    cache: &mut self.cache,
                }
            };
        }
        macro_rules! get {
            ($register:expr) => {
                r[$register as usize]
            };
        }
        macro_rules! signed {
            ($register:expr) => {
                r[$register as usize].cast_signed()
            };
        }
        macro_rules! set {
            ($register:expr, $value:expr) => {{
                let value = $value;
                r[$register as usize] = value;
            }};
        }
        macro_rules! jump_if {
            ($condition:expr, $charge:expr, $other:expr, $target:expr) => {{
                let units = if $condition {
                    pc = $target as usize;
                    u64::from($charge)
                } else {
                    u64::from($other)
                };
                attempt!(self.meter.charge(units));
            }};
        }

        loop {
            let Some(instruction) = code.get(pc) else { return Err(Stop::Internal("the code has no end")) };
            pc += 1;
            let instruction = *instruction;
            match instruction {
                Code::Move { to, from } => set!(to, get!(from)),
                Code::Load { to, index } => {
                    set!(to, self.constants.get(index as usize).copied().unwrap_or(0))
                }
                Code::Immediate { to, value } => set!(to, i64::from(value).cast_unsigned()),
                Code::Charge { units } => attempt!(self.meter.charge(u64::from(units))),
                Code::Enter => {
                    if self.depth >= self.depth_limit {
                        stop!(Stop::Limit(Limit::Depth));
                    }
                    self.depth += 1;
                }
                Code::Leave => self.depth = self.depth.saturating_sub(1),

                Code::Add { to, a, b } => match signed!(a).checked_add(signed!(b)) {
                    Some(sum) => set!(to, sum.cast_unsigned()),
                    None => fault!(Overflow),
                },
                Code::Subtract { to, a, b } => match signed!(a).checked_sub(signed!(b)) {
                    Some(difference) => set!(to, difference.cast_unsigned()),
                    None => fault!(Overflow),
                },
                Code::Multiply { to, a, b } => match signed!(a).checked_mul(signed!(b)) {
                    Some(product) => set!(to, product.cast_unsigned()),
                    None => fault!(Overflow),
                },
                Code::AddImmediate { to, a, value } => match signed!(a).checked_add(i64::from(value)) {
                    Some(sum) => set!(to, sum.cast_unsigned()),
                    None => fault!(Overflow),
                },
                Code::MultiplyImmediate { to, a, value } => match signed!(a).checked_mul(i64::from(value)) {
                    Some(product) => set!(to, product.cast_unsigned()),
                    None => fault!(Overflow),
                },
                Code::DivideImmediate { to, a, value } => {
                    set!(to, signed!(a).checked_div(i64::from(value)).unwrap_or(0).cast_unsigned());
                }
                Code::RemainderImmediate { to, a, value } => {
                    set!(to, signed!(a).checked_rem(i64::from(value)).unwrap_or(0).cast_unsigned());
                }
                Code::Wrapping { operator, to, a, b } => {
                    let (a, b) = (signed!(a), signed!(b));
                    set!(to, wrapping(operator, a, b).cast_unsigned());
                }
                Code::NegateInteger { to, a } => set!(to, signed!(a).wrapping_neg().cast_unsigned()),
                Code::CompareInteger { comparison, to, a, b } => {
                    set!(to, u64::from(compares(comparison, &signed!(a), &signed!(b))));
                }
                Code::Float { operator, to, a, b } => {
                    let (a, b) = (f64::from_bits(get!(a)), f64::from_bits(get!(b)));
                    set!(to, canonical(float(operator, a, b)));
                }
                Code::NegateFloat { to, a } => set!(to, canonical(-f64::from_bits(get!(a)))),
                Code::CompareFloat { comparison, to, a, b } => {
                    set!(
                        to,
                        u64::from(compares(comparison, &f64::from_bits(get!(a)), &f64::from_bits(get!(b))))
                    );
                }
                Code::Number { operator, to, a, b, type_id } => {
                    let (a, b) = (get!(a), get!(b));
                    set!(to, attempt!(library::arithmetic(context!(), operator, TypeId(type_id), a, b)));
                }
                Code::NegateNumber { to, a, type_id } => {
                    let a = get!(a);
                    set!(to, attempt!(library::negate(context!(), TypeId(type_id), a)));
                }
                Code::Compare { comparison, to, a, b, type_id } => {
                    let (a, b, type_id) = (get!(a), get!(b), TypeId(type_id));
                    let holds = match comparison {
                        Comparison::Equal => attempt!(library::equal(context!(), type_id, a, b)),
                        Comparison::NotEqual => !attempt!(library::equal(context!(), type_id, a, b)),
                        _ => {
                            let order = attempt!(library::order(context!(), type_id, a, b));
                            compares(comparison, &(order as i8), &0)
                        }
                    };
                    set!(to, u64::from(holds));
                }
                Code::Not { to, a } => set!(to, u64::from(get!(a) == 0)),
                Code::Widen { to, a } => {
                    let value = signed!(a);
                    set!(
                        to,
                        match unbounded_slot(value) {
                            Some(slot) => slot,
                            None => attempt!(self.arena.widen(value)),
                        }
                    );
                }
                Code::Narrow { to, a } => set!(to, self.arena.narrow(get!(a)).0.cast_unsigned()),

                Code::Field { to, x, word } => set!(to, self.arena.word(get!(x), word as usize)),
                Code::FieldPointer { access, to, x, word } => {
                    let x = get!(x);
                    let value = self.arena.word(x, word as usize);
                    if access == Access::Read || self.arena.is_shared(x) {
                        self.arena.share(value);
                    }
                    set!(to, value);
                }
                Code::WithField { to, x, value, field } => {
                    let (x, value) = (get!(x), get!(value));
                    set!(to, attempt!(library::with_word(context!(), x, 1 + field as usize, value)));
                }
                Code::CheckedElement { to, x, index } => {
                    let (x, index) = (get!(x), get!(index));
                    if index >= u64::from(self.arena.length(x)) {
                        fault!(OutOfBounds);
                    }
                    set!(to, self.arena.word(x, SEQUENCE_HEAD + low(index)));
                }
                Code::CheckedElementPointer { access, to, x, index } => {
                    let (x, index) = (get!(x), get!(index));
                    if index >= u64::from(self.arena.length(x)) {
                        fault!(OutOfBounds);
                    }
                    let value = self.arena.word(x, SEQUENCE_HEAD + low(index));
                    if access == Access::Read || self.arena.is_shared(x) {
                        self.arena.share(value);
                    }
                    set!(to, value);
                }
                Code::CheckedWithElement { to, x, index, value } => {
                    let (x, index, value) = (get!(x), get!(index), get!(value));
                    if index >= u64::from(self.arena.length(x)) {
                        fault!(OutOfBounds);
                    }
                    if self.arena.is_shared(x) {
                        set!(
                            to,
                            attempt!(library::with_word(context!(), x, SEQUENCE_HEAD + low(index), value))
                        );
                    } else {
                        self.arena.set_word(x, SEQUENCE_HEAD + low(index), value);
                        set!(to, x);
                    }
                }
                Code::Element { to, x, index } => {
                    let (x, index) = (get!(x), get!(index));
                    let inside = index < u64::from(self.arena.length(x));
                    set!(to, if inside { self.arena.word(x, SEQUENCE_HEAD + low(index)) } else { 0 });
                }
                Code::ElementPointer { access, to, x, index } => {
                    let (x, index) = (get!(x), get!(index));
                    let value = if index < u64::from(self.arena.length(x)) {
                        self.arena.word(x, SEQUENCE_HEAD + low(index))
                    } else {
                        0
                    };
                    if access == Access::Read || self.arena.is_shared(x) {
                        self.arena.share(value);
                    }
                    set!(to, value);
                }
                Code::ElementOfText { to, x, index } => {
                    let (x, index) = (get!(x), signed!(index));
                    set!(to, attempt!(library::element_of_text(context!(), x, index)));
                }
                Code::ElementOfBytes { to, x, index } => {
                    let octet = self.arena.octets(get!(x)).get(low(get!(index))).copied().unwrap_or(0);
                    set!(to, u64::from(octet));
                }
                Code::WithElement { to, x, index, value } => {
                    let (x, index, value) = (get!(x), get!(index), get!(value));
                    if index < u64::from(self.arena.length(x)) {
                        set!(
                            to,
                            attempt!(library::with_word(context!(), x, SEQUENCE_HEAD + low(index), value))
                        );
                    } else {
                        set!(to, x);
                    }
                }
                Code::Lookup { access, to, x, key, type_id } => {
                    let (x, key, type_id) = (get!(x), get!(key), TypeId(type_id));
                    let value = if access == Access::Take {
                        attempt!(library::take(context!(), type_id, x, key))
                    } else {
                        let value = attempt!(library::lookup(context!(), type_id, x, key));
                        library::share_value_of(context!(), type_id, value);
                        value
                    };
                    set!(to, value);
                }
                Code::Without { to, x, key, type_id } => {
                    let (x, key) = (get!(x), get!(key));
                    set!(to, attempt!(library::without(context!(), TypeId(type_id), x, key)));
                }
                Code::WithMember { to, x, key, type_id } => {
                    let (x, key) = (get!(x), get!(key));
                    set!(to, attempt!(library::with_member(context!(), TypeId(type_id), x, key)));
                }
                Code::Contains { to, x, element, type_id } => {
                    let (x, element) = (get!(x), get!(element));
                    let has = attempt!(library::contains(context!(), TypeId(type_id), x, element));
                    set!(to, u64::from(has));
                }
                Code::Concat { to, a, b, type_id } => {
                    let (a, b) = (get!(a), get!(b));
                    set!(to, attempt!(library::concat(context!(), TypeId(type_id), a, b)));
                }
                Code::NewRecord { to, type_id, count, list } => {
                    let type_id = TypeId(u32::from(type_id));
                    let slot = attempt!(self.arena.new_record_of(type_id, u32::from(count)));
                    for (word, register) in registers(program, list, count).iter().enumerate() {
                        self.arena.set_word(slot, 1 + word, get!(*register));
                    }
                    set!(to, slot);
                }
                Code::NewArray { to, type_id, count, list } => {
                    attempt!(self.meter.charge(library::units_of_slots(usize::from(count))));
                    let type_id = TypeId(u32::from(type_id));
                    let slot = attempt!(self.arena.new_array_of(type_id, usize::from(count)));
                    for (word, register) in registers(program, list, count).iter().enumerate() {
                        self.arena.set_word(slot, SEQUENCE_HEAD + word, get!(*register));
                    }
                    set!(to, slot);
                }
                Code::NewSome { to, a, type_id } => {
                    let payload = get!(a);
                    set!(to, attempt!(self.arena.new_some(TypeId(type_id), payload)));
                }
                Code::Length { to, x } => set!(to, u64::from(self.arena.length(get!(x)))),
                Code::LengthOfText { to, x } => set!(to, u64::from(self.arena.scalars(get!(x)))),
                Code::IsSome { to, x } => set!(to, u64::from(get!(x) != 0)),
                Code::MinInteger { to, a, b } => set!(to, signed!(a).min(signed!(b)).cast_unsigned()),
                Code::MaxInteger { to, a, b } => set!(to, signed!(a).max(signed!(b)).cast_unsigned()),
                Code::Share { x } => self.arena.share(get!(x)),
                Code::StateRead { to, variable } => {
                    set!(to, self.state.get(variable as usize).copied().unwrap_or(0));
                }
                Code::StateReadPointer { to, variable } => {
                    let value = self.state.get(variable as usize).copied().unwrap_or(0);
                    self.arena.share(value);
                    set!(to, value);
                }
                Code::StateWrite { from, variable } => {
                    if let Some(state) = self.state.get_mut(variable as usize) {
                        *state = get!(from);
                    }
                }

                Code::CheckArithmetic { operator, a, b } => {
                    attempt!(library::check_arithmetic(operator, signed!(a), signed!(b)));
                }
                Code::CheckNegate { a } => {
                    if signed!(a) == i64::MIN {
                        fault!(Overflow);
                    }
                }
                Code::CheckNarrow { a } => {
                    if !self.arena.narrow(get!(a)).1 {
                        fault!(Overflow);
                    }
                }
                Code::CheckNotZero { a, type_id } => {
                    let a = get!(a);
                    let context: &Context<'_> = context!();
                    if library::is_zero(context, TypeId(type_id), a) {
                        fault!(DivisionByZero);
                    }
                }
                Code::CheckIndex { x, index } => {
                    if get!(index) >= u64::from(self.arena.length(get!(x))) {
                        fault!(OutOfBounds);
                    }
                }
                Code::CheckIndexOfText { x, index } => {
                    if get!(index) >= u64::from(self.arena.scalars(get!(x))) {
                        fault!(OutOfBounds);
                    }
                }
                Code::CheckSlice { x, from, to, is_text } => {
                    let x = get!(x);
                    let length = if is_text { self.arena.scalars(x) } else { self.arena.length(x) };
                    let (from, to) = (signed!(from), signed!(to));
                    if from < 0 || from > to || to > i64::from(length) {
                        fault!(OutOfBounds);
                    }
                }
                Code::CheckKey { x, key, type_id } => {
                    let (x, key) = (get!(x), get!(key));
                    if !attempt!(library::has_key(context!(), TypeId(type_id), x, key)) {
                        fault!(MissingKey);
                    }
                }
                Code::CheckSome { x } => {
                    if get!(x) == 0 {
                        fault!(NoneValue);
                    }
                }

                Code::Jump { charge, target } => {
                    attempt!(self.meter.charge(u64::from(charge)));
                    pc = target as usize;
                }
                Code::JumpIf { other, a, charge, target } => jump_if!(get!(a) != 0, charge, other, target),
                Code::JumpUnless { other, a, charge, target } => {
                    jump_if!(get!(a) == 0, charge, other, target)
                }
                Code::JumpEqual { other, a, b, charge, target } => {
                    jump_if!(signed!(a) == signed!(b), charge, other, target);
                }
                Code::JumpNotEqual { other, a, b, charge, target } => {
                    jump_if!(signed!(a) != signed!(b), charge, other, target);
                }
                Code::JumpLess { other, a, b, charge, target } => {
                    jump_if!(signed!(a) < signed!(b), charge, other, target);
                }
                Code::JumpLessEqual { other, a, b, charge, target } => {
                    jump_if!(signed!(a) <= signed!(b), charge, other, target);
                }
                Code::JumpEqualImmediate { other, a, value, charge, target } => {
                    jump_if!(signed!(a) == i64::from(value), charge, other, target);
                }
                Code::JumpNotEqualImmediate { other, a, value, charge, target } => {
                    jump_if!(signed!(a) != i64::from(value), charge, other, target);
                }
                Code::JumpLessImmediate { other, a, value, charge, target } => {
                    jump_if!(signed!(a) < i64::from(value), charge, other, target);
                }
                Code::JumpLessEqualImmediate { other, a, value, charge, target } => {
                    jump_if!(signed!(a) <= i64::from(value), charge, other, target);
                }
                Code::JumpGreaterImmediate { other, a, value, charge, target } => {
                    jump_if!(signed!(a) > i64::from(value), charge, other, target);
                }
                Code::JumpGreaterEqualImmediate { other, a, value, charge, target } => {
                    jump_if!(signed!(a) >= i64::from(value), charge, other, target);
                }
                Code::Switch { a, table } => {
                    let Some([targets @ .., last]) = program.tables.get(table as usize).map(|table| &**table)
                    else {
                        return Err(Stop::Internal("no targets"));
                    };
                    let chosen = usize::try_from(get!(a)).ok().and_then(|index| targets.get(index));
                    pc = *chosen.unwrap_or(last) as usize;
                }
                Code::Call { site } => {
                    let Some(call) = program.calls.get(site as usize) else {
                        return Err(Stop::Internal("no such call"));
                    };
                    for (parameter, from) in (call.window..).zip(program.list(call.arguments)) {
                        set!(parameter, get!(*from));
                    }
                    let frame = Frame {
                        at: narrow(pc - 1),
                        base: narrow(base),
                        ghost: self.meter.ghost(),
                        depth: self.depth,
                    };
                    let Some(callee) = program.functions.get(call.function as usize) else {
                        return Err(Stop::Internal("no such function"));
                    };
                    if self.frames.len() >= self.frame_limit {
                        stop!(Stop::Limit(Limit::Depth));
                    }
                    if callee.enters {
                        if self.depth >= self.depth_limit {
                            stop!(Stop::Limit(Limit::Depth));
                        }
                        self.depth += 1;
                    }
                    let window = base + usize::from(call.window);
                    if window + WINDOW > self.stack.len() {
                        attempt!(self.reach(window));
                    }
                    self.frames.push(frame);
                    base = window;
                    pc = callee.entry as usize;
                    r = window!();
                }
                Code::CheckCondition { site } => {
                    let Some(call) = program.calls.get(site as usize) else {
                        return Err(Stop::Internal("no such call"));
                    };
                    for (parameter, from) in (call.window..).zip(program.list(call.arguments)) {
                        set!(parameter, get!(*from));
                    }
                    let frame = Frame {
                        at: narrow(pc - 1),
                        base: narrow(base),
                        ghost: self.meter.ghost(),
                        depth: self.depth,
                    };
                    if self.frames.len() >= self.frame_limit {
                        stop!(Stop::Limit(Limit::Depth));
                    }
                    let callee =
                        program.functions.get(call.function as usize).map_or(0, |callee| callee.entry);
                    let window = base + usize::from(call.window);
                    attempt!(self.reach(window));
                    self.frames.push(frame);
                    self.ends.push(self.arena.end());
                    self.enter_ghost();
                    base = window;
                    pc = callee as usize;
                    r = window!();
                }
                Code::Return { list, count } | Code::LeaveReturn { list, count } => {
                    if matches!(instruction, Code::LeaveReturn { .. }) {
                        self.depth = self.depth.saturating_sub(1);
                    }
                    let returned = registers(program, list, count);
                    if self.frames.len() <= floor {
                        return Ok(Halt::Return(returned.iter().map(|register| get!(*register)).collect()));
                    }
                    let Some(frame) = self.frames.pop() else { return Err(Stop::Internal("no caller")) };
                    let caller = frame.base as usize;
                    match code.get(frame.at as usize) {
                        Some(Code::Call { site }) => {
                            let Some(call) = program.calls.get(*site as usize) else {
                                return Err(Stop::Internal("no such call"));
                            };
                            let results = program.list(call.results);
                            if let ([to], [from]) = (results, returned) {
                                let value = get!(*from);
                                base = caller;
                                r = window!();
                                set!(*to, value);
                            } else {
                                for (to, from) in results.iter().zip(returned) {
                                    let value =
                                        self.stack.get(base + usize::from(*from)).copied().unwrap_or(0);
                                    if let Some(result) = self.stack.get_mut(caller + usize::from(*to)) {
                                        *result = value;
                                    }
                                }
                                base = caller;
                                r = window!();
                            }
                            pc = call.success as usize;
                            attempt!(self.meter.charge(u64::from(call.charge)));
                        }
                        _ => {
                            self.leave_ghost();
                            let end = self.ends.pop().unwrap_or(u64::MAX);
                            self.arena.truncate(end);
                            pc = frame.at as usize + 1;
                            base = caller;
                            r = window!();
                        }
                    }
                }
                Code::Fail { code: error, message } => {
                    let (error, message) = (get!(error), get!(message));
                    if self.frames.len() <= floor {
                        return Ok(Halt::Fail(error, message));
                    }
                    let Some(frame) = self.frames.pop() else { return Err(Stop::Internal("no caller")) };
                    let Some(Code::Call { site }) = code.get(frame.at as usize) else {
                        return Err(Stop::Internal("a condition fails"));
                    };
                    let failure = program.calls.get(*site as usize).and_then(|call| call.failure);
                    let Some((target, code_register, message_register)) = failure else {
                        return Err(Stop::Internal("a function without errors fails"));
                    };
                    base = frame.base as usize;
                    r = window!();
                    set!(code_register, error);
                    set!(message_register, message);
                    pc = target as usize;
                }
                Code::Resume => {
                    let Some((_, report)) = self.pending.pop() else {
                        return Err(Stop::Internal("no fault"));
                    };
                    *cursor = Cursor { pc: pc - 1, base };
                    if let Err(report) = self.unwind(floor, cursor, report) {
                        return Ok(Halt::Fault(report));
                    }
                    Cursor { pc, base } = *cursor;
                    r = window!();
                }

                Code::Contract { end, target } => {
                    if self.checks_contracts {
                        set!(end, self.arena.end());
                        if self.meter.ghost() == 0 {
                            self.arena.set_floor(true);
                        }
                        self.meter.enter_ghost();
                    } else {
                        pc = target as usize;
                    }
                }
                Code::Condition { end } => {
                    set!(end, self.arena.end());
                    if self.meter.ghost() == 0 {
                        self.arena.set_floor(true);
                    }
                    self.meter.enter_ghost();
                }
                Code::Verdict { value, end, kind } => {
                    if get!(value) == 0 {
                        stop!(Stop::Fault(kind));
                    }
                    let end = get!(end);
                    self.meter.leave_ghost();
                    if self.meter.ghost() == 0 {
                        self.arena.set_floor(false);
                    }
                    self.arena.truncate(end);
                }
                Code::GhostBegin { to, optional, target } => {
                    if optional && !self.checks_contracts {
                        set!(to, 0);
                        pc = target as usize;
                    } else {
                        if self.meter.ghost() == 0 {
                            self.arena.set_floor(true);
                        }
                        self.meter.enter_ghost();
                    }
                }
                Code::GhostEnd => {
                    self.meter.leave_ghost();
                    if self.meter.ghost() == 0 {
                        self.arena.set_floor(false);
                    }
                }
                Code::FoldRange { counter, high, element, target } => {
                    let next = signed!(counter);
                    if next >= signed!(high) {
                        pc = target as usize;
                    } else {
                        attempt!(self.meter.charge(1));
                        set!(element, next.cast_unsigned());
                        set!(counter, (next + 1).cast_unsigned());
                    }
                }
                Code::FoldUnbounded { counter, high, element, target } => {
                    let (next, high) = (get!(counter), get!(high));
                    if let (Some(small), Some(end)) = (inline_unbounded(next), inline_unbounded(high)) {
                        if small >= end {
                            pc = target as usize;
                        } else {
                            attempt!(self.meter.charge(1));
                            set!(element, next);
                            // Below an inline number, so the next one is inline too.
                            set!(counter, next.wrapping_add(2));
                        }
                    } else if attempt!(library::order(context!(), TypeId::UNBOUNDED, next, high)).is_ge() {
                        pc = target as usize;
                    } else {
                        attempt!(self.meter.charge(1));
                        set!(element, next);
                        let one = 3;
                        let operator = Arithmetic::Add;
                        let after = library::arithmetic(context!(), operator, TypeId::UNBOUNDED, next, one);
                        set!(counter, attempt!(after));
                    }
                }
                Code::FoldArray { counter, array, element, target } => {
                    let (next, array) = (get!(counter), get!(array));
                    if next >= u64::from(self.arena.length(array)) {
                        pc = target as usize;
                    } else {
                        attempt!(self.meter.charge(1));
                        set!(element, self.arena.word(array, SEQUENCE_HEAD + low(next)));
                        set!(counter, next + 1);
                    }
                }
                Code::FoldPointers { counter, array, element, target } => {
                    let (next, array) = (get!(counter), get!(array));
                    if next >= u64::from(self.arena.length(array)) {
                        pc = target as usize;
                    } else {
                        attempt!(self.meter.charge(1));
                        let value = self.arena.word(array, SEQUENCE_HEAD + low(next));
                        self.arena.share(value);
                        set!(element, value);
                        set!(counter, next + 1);
                    }
                }
                Code::Push { array, element } => {
                    let (into, value) = (get!(array), get!(element));
                    set!(array, attempt!(self.arena.push_element(into, value)));
                }
                Code::Mark { to } => set!(to, self.arena.mark()),
                Code::Reclaim { mark, list, count } => {
                    let mark = get!(mark);
                    if self.arena.wants_reclaim(mark) {
                        let list = list as usize..list as usize + usize::from(count);
                        let roots = program.lists.get(list.clone()).unwrap_or_default();
                        let types = program.list_types.get(list).unwrap_or_default();
                        let mut slots: Vec<(TypeId, u64)> =
                            types.iter().zip(roots).map(|(type_id, root)| (*type_id, get!(*root))).collect();
                        let variables = self.module.semantic.state.iter().zip(&self.state);
                        slots.extend(variables.map(|(variable, slot)| (variable.type_id, *slot)));
                        attempt!(self.arena.reclaim(&program.shapes, mark, &mut slots));
                        let mut moved = slots.into_iter().map(|(_, slot)| slot);
                        for (root, slot) in roots.iter().zip(moved.by_ref()) {
                            set!(*root, slot);
                        }
                        for (state, slot) in self.state.iter_mut().zip(moved) {
                            *state = slot;
                        }
                    }
                }
                Code::Slow { index } => {
                    let Some(slow) = program.slow.get(index as usize) else {
                        return Err(Stop::Internal("no such instruction"));
                    };
                    *cursor = Cursor { pc: pc - 1, base };
                    match self.slow(effects, slow, base)? {
                        Flow::Next => {}
                        Flow::Jump(target) => pc = target as usize,
                    }
                    r = window!();
                }
            }
        }
    }
}
