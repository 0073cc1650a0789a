//! The loop over instructions: numbers, elements, jumps and calls are here, everything else is in
//! [`super::perform`], so that the loop keeps what it needs in the processor's registers.

use std::hint::cold_path;

use anrf_format::execution::{Access, FaultKind};

use super::code::Code;
use super::machine::{Cursor, Frame, Halt, Machine, WINDOW};
use super::native::Stay;
use super::scalar::{canonical, compares, float, low, narrow, registers};
use super::slow::Flow;
use crate::arena::SEQUENCE_HEAD;
use crate::backend::HostEffects;
use crate::stop::{Limit, Stop};

impl Machine<'_> {
    /// Runs from the cursor to the end of the frame at `floor`. A stop leaves the cursor at its instruction.
    #[allow(clippy::too_many_lines)] // one arm per instruction
    pub(super) fn execute(
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

        let stop = 'run: {
            macro_rules! fault {
                ($kind:ident) => {
                    break 'run Stop::Fault(FaultKind::$kind)
                };
            }
            macro_rules! attempt {
                ($result:expr) => {
                    match $result {
                        Ok(value) => value,
                        Err(stop) => break 'run stop,
                    }
                };
            }
            // A jump that the processor foresees: chosen by arithmetic instead, the next instruction could not be
            // looked at before the condition is known, and each would wait for the one before. The path is not
            // cold; saying so is what keeps it a path of its own.
            macro_rules! jump_if {
                ($condition:expr, $charge:expr, $other:expr, $target:expr) => {{
                    let units = if $condition {
                        pc = $target as usize;
                        u64::from($charge)
                    } else {
                        cold_path();
                        u64::from($other)
                    };
                    attempt!(self.meter.charge(units));
                }};
            }
            // The end of an iteration: what the loop left behind is reclaimed if it is enough.
            macro_rules! repeat_if {
                ($condition:expr, $charge:expr, $mark:expr, $target:expr) => {{
                    if self.arena.wants_reclaim(get!($mark)) {
                        attempt!(self.reclaim_at(pc - 1, base));
                        r = window!();
                    }
                    if $condition {
                        pc = $target as usize;
                        attempt!(self.meter.charge(u64::from($charge)));
                    }
                }};
            }
            macro_rules! range_next {
                ($charge:expr, $counter:expr, $high:expr, $element:expr, $target:expr) => {{
                    let next = signed!($counter);
                    if next < signed!($high) {
                        attempt!(self.meter.charge(u64::from($charge)));
                        set!($element, next.cast_unsigned());
                        set!($counter, (next + 1).cast_unsigned());
                        pc = $target as usize;
                    }
                }};
            }
            macro_rules! call {
                ($site:expr) => {{
                    let Some(call) = program.calls.get($site as usize) else {
                        return Err(Stop::Internal("no such call"));
                    };
                    let depth = self.depth;
                    if call.enters {
                        if depth >= self.depth_limit {
                            break 'run Stop::Limit(Limit::Depth);
                        }
                        self.depth = depth + 1;
                    } else if self.frames.len() >= self.frame_limit {
                        break 'run Stop::Limit(Limit::Depth);
                    }
                    let window = base + usize::from(call.window);
                    if window + WINDOW > self.stack.len() {
                        attempt!(self.reach(window));
                    }
                    let ghost = self.meter.ghost();
                    self.frames.push(Frame { site: $site, base: narrow(base), ghost, depth });
                    base = window;
                    pc = call.entry as usize;
                    r = window!();
                }};
            }

            let mut instruction;
            loop {
                instruction = match code.get(pc) {
                    Some(instruction) => instruction,
                    None => return Err(Stop::Internal("the code has no end")),
                };
                pc += 1;
                // Again only for what machine code leaves to be interpreted.
                'again: loop {
                    match *instruction {
                        Code::Move { to, from } => set!(to, get!(from)),
                        Code::Load { to, index } => {
                            set!(to, self.constants.get(index as usize).copied().unwrap_or(0));
                        }
                        Code::Immediate { to, value } => set!(to, i64::from(value).cast_unsigned()),
                        Code::Charge { units } => attempt!(self.meter.charge(u64::from(units))),
                        Code::Enter => {
                            if self.depth >= self.depth_limit {
                                break 'run Stop::Limit(Limit::Depth);
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
                        Code::AddImmediate { to, a, value } => match signed!(a).checked_add(i64::from(value))
                        {
                            Some(sum) => set!(to, sum.cast_unsigned()),
                            None => fault!(Overflow),
                        },
                        Code::AddImmediateCall { to, a, value, site } => {
                            let Some(sum) = signed!(a).checked_add(i64::from(value)) else {
                                fault!(Overflow)
                            };
                            set!(to, sum.cast_unsigned());
                            call!(site);
                        }
                        Code::MultiplyImmediate { to, a, value } => {
                            match signed!(a).checked_mul(i64::from(value)) {
                                Some(product) => set!(to, product.cast_unsigned()),
                                None => fault!(Overflow),
                            }
                        }
                        Code::DivideImmediate { to, a, value } => {
                            set!(to, signed!(a).checked_div(i64::from(value)).unwrap_or(0).cast_unsigned());
                        }
                        Code::RemainderImmediate { to, a, value } => {
                            set!(to, signed!(a).checked_rem(i64::from(value)).unwrap_or(0).cast_unsigned());
                        }
                        Code::CompareInteger { comparison, to, a, b } => {
                            set!(to, u64::from(compares(comparison, &signed!(a), &signed!(b))));
                        }
                        Code::MinInteger { to, a, b } => set!(to, signed!(a).min(signed!(b)).cast_unsigned()),
                        Code::MaxInteger { to, a, b } => set!(to, signed!(a).max(signed!(b)).cast_unsigned()),
                        Code::Not { to, a } => set!(to, u64::from(get!(a) == 0)),
                        Code::Float { operator, to, a, b } => {
                            let (a, b) = (f64::from_bits(get!(a)), f64::from_bits(get!(b)));
                            set!(to, canonical(float(operator, a, b)));
                        }

                        Code::Field { to, x, word } => set!(to, self.arena.word(get!(x), word as usize)),
                        Code::FieldPointer { access, to, x, word } => {
                            let x = get!(x);
                            let value = self.arena.word(x, word as usize);
                            if access == Access::Read || self.arena.is_shared(x) {
                                self.arena.share(value);
                            }
                            set!(to, value);
                        }
                        Code::CheckedElement { to, x, index } => {
                            let (x, index) = (get!(x), get!(index));
                            if index >= u64::from(self.arena.length(x)) {
                                fault!(OutOfBounds);
                            }
                            set!(to, self.arena.word(x, SEQUENCE_HEAD + low(index)));
                        }
                        Code::CheckedElementJumpUnless { other, to, x, index, charge, target } => {
                            let (x, index) = (get!(x), get!(index));
                            if index >= u64::from(self.arena.length(x)) {
                                fault!(OutOfBounds);
                            }
                            let element = self.arena.word(x, SEQUENCE_HEAD + low(index));
                            set!(to, element);
                            jump_if!(element == 0, charge, other, target);
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
                                let copy = attempt!(self.with_word(x, SEQUENCE_HEAD + low(index), value));
                                r = window!();
                                set!(to, copy);
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
                        Code::Length { to, x } => set!(to, u64::from(self.arena.length(get!(x)))),
                        Code::IsSome { to, x } => set!(to, u64::from(get!(x) != 0)),
                        Code::Share { x } => self.arena.share(get!(x)),
                        Code::CheckIndex { x, index } => {
                            if get!(index) >= u64::from(self.arena.length(get!(x))) {
                                fault!(OutOfBounds);
                            }
                        }
                        Code::CheckSome { x } => {
                            if get!(x) == 0 {
                                fault!(NoneValue);
                            }
                        }
                        Code::Push { array, element } => {
                            let (into, value) = (get!(array), get!(element));
                            set!(array, attempt!(self.arena.push_element(into, value)));
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
                        Code::FoldRangeNext { charge, counter, high, element, target } => {
                            range_next!(charge, counter, high, element, target);
                        }
                        Code::PushRangeNext { charge, array, value, counter, high, element, target } => {
                            let (into, value) = (get!(array), get!(value));
                            set!(array, attempt!(self.arena.push_element(into, value)));
                            range_next!(charge, counter, high, element, target);
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
                        Code::FoldArrayNext { charge, counter, array, element, target } => {
                            let (next, array) = (get!(counter), get!(array));
                            if next < u64::from(self.arena.length(array)) {
                                attempt!(self.meter.charge(u64::from(charge)));
                                set!(element, self.arena.word(array, SEQUENCE_HEAD + low(next)));
                                set!(counter, next + 1);
                                pc = target as usize;
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

                        Code::Jump { charge, target } => {
                            attempt!(self.meter.charge(u64::from(charge)));
                            pc = target as usize;
                        }
                        Code::JumpIf { other, a, charge, target } => {
                            jump_if!(get!(a) != 0, charge, other, target);
                        }
                        Code::JumpUnless { other, a, charge, target } => {
                            jump_if!(get!(a) == 0, charge, other, target);
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
                        Code::RepeatLess { charge, a, b, mark, target } => {
                            repeat_if!(signed!(a) < signed!(b), charge, mark, target);
                        }
                        Code::RepeatLessEqual { charge, a, b, mark, target } => {
                            repeat_if!(signed!(a) <= signed!(b), charge, mark, target);
                        }
                        Code::RepeatNext { charge, counter, high, mark, target } => {
                            let Some(next) = signed!(counter).checked_add(1) else { fault!(Overflow) };
                            set!(counter, next.cast_unsigned());
                            repeat_if!(next < signed!(high), charge, mark, target);
                        }
                        Code::RepeatAdd { charge, counter, step, high, mark, target } => {
                            let Some(next) = signed!(counter).checked_add(signed!(step)) else {
                                fault!(Overflow)
                            };
                            set!(counter, next.cast_unsigned());
                            repeat_if!(next < signed!(high), charge, mark, target);
                        }
                        Code::Mark { to } => set!(to, self.arena.mark()),
                        Code::Reclaim { mark } => {
                            if self.arena.wants_reclaim(get!(mark)) {
                                attempt!(self.reclaim_at(pc - 1, base));
                                r = window!();
                            }
                        }
                        Code::Switch { a, table } => {
                            let Some([targets @ .., last]) =
                                program.tables.get(table as usize).map(|table| &**table)
                            else {
                                return Err(Stop::Internal("no targets"));
                            };
                            let chosen = usize::try_from(get!(a)).ok().and_then(|index| targets.get(index));
                            pc = *chosen.unwrap_or(last) as usize;
                        }
                        Code::Call { site } => call!(site),
                        Code::LeaveReturnOne { charge, from } => {
                            let value = get!(from);
                            self.depth = self.depth.saturating_sub(1);
                            if self.frames.len() <= floor {
                                attempt!(self.meter.charge(u64::from(charge)));
                                return Ok(Halt::Return(vec![value]));
                            }
                            let Some(frame) = self.frames.pop() else {
                                return Err(Stop::Internal("no caller"));
                            };
                            let Some(call) = program.calls.get(frame.site as usize) else {
                                return Err(Stop::Internal("no such call"));
                            };
                            base = frame.base as usize;
                            r = window!();
                            set!(call.result, value);
                            pc = call.success as usize;
                            attempt!(self.meter.charge(u64::from(charge) + u64::from(call.charge)));
                        }
                        Code::Return { list, count } | Code::LeaveReturn { list, count } => {
                            if matches!(instruction, Code::LeaveReturn { .. }) {
                                self.depth = self.depth.saturating_sub(1);
                            }
                            let returned = registers(program, list, count);
                            if self.frames.len() <= floor {
                                return Ok(Halt::Return(
                                    returned.iter().map(|register| get!(*register)).collect(),
                                ));
                            }
                            *cursor = attempt!(self.return_to_caller(returned, base));
                            Cursor { pc, base } = *cursor;
                            r = window!();
                        }
                        Code::Slow { index } => {
                            let Some(slow) = program.slow.get(index as usize) else {
                                return Err(Stop::Internal("no such instruction"));
                            };
                            match attempt!(self.slow(effects, slow, base)) {
                                Flow::Next => {}
                                Flow::Jump(target) => {
                                    cold_path();
                                    pc = target as usize;
                                }
                            }
                            r = window!();
                        }
                        Code::Fail { .. } | Code::Resume | Code::CheckCondition { .. } => {
                            *cursor = Cursor { pc: pc - 1, base };
                            if let Some(halt) = self.transfer(instruction, floor, cursor)? {
                                return Ok(halt);
                            }
                            Cursor { pc, base } = *cursor;
                            r = window!();
                        }
                        Code::Native { entry } => {
                            *cursor = Cursor { pc: pc - 1, base };
                            match self.stay(effects, entry, floor, cursor)? {
                                Stay::Ended(halt) => return Ok(halt),
                                Stay::On | Stay::Refused => {}
                            }
                            Cursor { pc, base } = *cursor;
                            r = window!();
                            instruction = match program.plain.get(pc) {
                                Some(instruction) => instruction,
                                None => return Err(Stop::Internal("the code has no end")),
                            };
                            pc += 1;
                            continue 'again;
                        }
                        ref other => {
                            match attempt!(self.perform(other, base)) {
                                Flow::Next => {}
                                Flow::Jump(target) => {
                                    cold_path();
                                    pc = target as usize;
                                }
                            }
                            r = window!();
                        }
                    }
                    break;
                }
            }
        };
        *cursor = Cursor { pc: pc.saturating_sub(1), base };
        Err(stop)
    }
}
