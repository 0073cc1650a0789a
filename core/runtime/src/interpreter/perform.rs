//! Instructions that the library does, or that are rare: out of the way of [`super::execute`].

use anrf_format::execution::{Access, Arithmetic, Comparison, FaultKind};
use anrf_format::types::TypeId;

use super::code::Code;
use super::machine::{Machine, WINDOW};
use super::scalar::{canonical, compares, low, registers, wrapping};
use super::slow::Flow;
use crate::arena::{SEQUENCE_HEAD, inline_unbounded, unbounded_slot};
use crate::library::{self, Context};
use crate::stop::Stop;

impl Machine<'_> {
    /// One instruction of the function whose registers are at `base`.
    #[inline(never)]
    #[allow(clippy::too_many_lines)] // one arm per instruction
    pub(super) fn perform(&mut self, instruction: &Code, base: usize) -> Result<Flow, Stop> {
        let program = self.program;
        let Some(r) = self.stack.get_mut(base..).and_then(|rest| rest.first_chunk_mut::<WINDOW>()) else {
            return Err(Stop::Internal("no registers"));
        };
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
        macro_rules! fault {
            ($kind:ident) => {
                return Err(Stop::Fault(FaultKind::$kind))
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
        match *instruction {
            Code::NegateFloat { to, a } => set!(to, canonical(-f64::from_bits(get!(a)))),
            Code::Number { operator, to, a, b, type_id } => {
                let (a, b) = (get!(a), get!(b));
                set!(to, library::arithmetic(context!(), operator, TypeId(type_id), a, b)?);
            }
            Code::NegateNumber { to, a, type_id } => {
                let a = get!(a);
                set!(to, library::negate(context!(), TypeId(type_id), a)?);
            }
            Code::Compare { comparison, to, a, b, type_id } => {
                let (a, b, type_id) = (get!(a), get!(b), TypeId(type_id));
                let holds = match comparison {
                    Comparison::Equal => library::equal(context!(), type_id, a, b)?,
                    Comparison::NotEqual => !library::equal(context!(), type_id, a, b)?,
                    _ => {
                        let order = library::order(context!(), type_id, a, b)?;
                        compares(comparison, &(order as i8), &0)
                    }
                };
                set!(to, u64::from(holds));
            }
            Code::WithField { to, x, value, field } => {
                let (x, value) = (get!(x), get!(value));
                set!(to, library::with_word(context!(), x, 1 + field as usize, value)?);
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
                set!(to, library::element_of_text(context!(), x, index)?);
            }
            Code::ElementOfBytes { to, x, index } => {
                let octet = self.arena.octets(get!(x)).get(low(get!(index))).copied().unwrap_or(0);
                set!(to, u64::from(octet));
            }
            Code::WithElement { to, x, index, value } => {
                let (x, index, value) = (get!(x), get!(index), get!(value));
                if index < u64::from(self.arena.length(x)) {
                    set!(to, library::with_word(context!(), x, SEQUENCE_HEAD + low(index), value)?);
                } else {
                    set!(to, x);
                }
            }
            Code::Lookup { access, to, x, key, type_id } => {
                let (x, key, type_id) = (get!(x), get!(key), TypeId(type_id));
                let value = if access == Access::Take {
                    library::take(context!(), type_id, x, key)?
                } else {
                    let value = library::lookup(context!(), type_id, x, key)?;
                    library::share_value_of(context!(), type_id, value);
                    value
                };
                set!(to, value);
            }
            Code::LookupOr { to, x, key, otherwise, type_id } => {
                let (x, key, otherwise) = (get!(x), get!(key), get!(otherwise));
                set!(to, library::lookup_or(context!(), TypeId(type_id), x, key, otherwise)?);
            }
            Code::WithEntry { to, x, key, value, type_id } => {
                let (x, key, value) = (get!(x), get!(key), get!(value));
                set!(to, library::with_entry(context!(), TypeId(type_id), x, key, value)?);
            }
            Code::Without { to, x, key, type_id } => {
                let (x, key) = (get!(x), get!(key));
                set!(to, library::without(context!(), TypeId(type_id), x, key)?);
            }
            Code::WithMember { to, x, key, type_id } => {
                let (x, key) = (get!(x), get!(key));
                set!(to, library::with_member(context!(), TypeId(type_id), x, key)?);
            }
            Code::Contains { to, x, element, type_id } => {
                let (x, element) = (get!(x), get!(element));
                let has = library::contains(context!(), TypeId(type_id), x, element)?;
                set!(to, u64::from(has));
            }
            Code::Concat { to, a, b, type_id } => {
                let (a, b) = (get!(a), get!(b));
                set!(to, library::concat(context!(), TypeId(type_id), a, b)?);
            }
            Code::NewRecord { to, type_id, count, list } => {
                let type_id = TypeId(u32::from(type_id));
                let slot = self.arena.new_record_of(type_id, u32::from(count))?;
                for (word, register) in registers(program, list, count).iter().enumerate() {
                    self.arena.set_word(slot, 1 + word, get!(*register));
                }
                set!(to, slot);
            }
            Code::NewArray { to, type_id, count, list } => {
                self.meter.charge(library::units_of_slots(usize::from(count)))?;
                let type_id = TypeId(u32::from(type_id));
                let slot = self.arena.new_array_of(type_id, usize::from(count))?;
                for (word, register) in registers(program, list, count).iter().enumerate() {
                    self.arena.set_word(slot, SEQUENCE_HEAD + word, get!(*register));
                }
                set!(to, slot);
            }
            Code::NewSome { to, a, type_id } => {
                let payload = get!(a);
                set!(to, self.arena.new_some(TypeId(type_id), payload)?);
            }
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
                library::check_arithmetic(operator, signed!(a), signed!(b))?;
            }
            Code::CheckNegate { a } => {
                if signed!(a) == i64::MIN {
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
                if !library::has_key(context!(), TypeId(type_id), x, key)? {
                    fault!(MissingKey);
                }
            }
            Code::FoldUnbounded { counter, high, element, target } => {
                let (next, high) = (get!(counter), get!(high));
                if let (Some(small), Some(end)) = (inline_unbounded(next), inline_unbounded(high)) {
                    if small >= end {
                        return Ok(Flow::Jump(target));
                    } else {
                        self.meter.charge(1)?;
                        set!(element, next);
                        // Below an inline number, so the next one is inline too.
                        set!(counter, next.wrapping_add(2));
                    }
                } else if library::order(context!(), TypeId::UNBOUNDED, next, high)?.is_ge() {
                    return Ok(Flow::Jump(target));
                } else {
                    self.meter.charge(1)?;
                    set!(element, next);
                    let one = 3;
                    let operator = Arithmetic::Add;
                    let after = library::arithmetic(context!(), operator, TypeId::UNBOUNDED, next, one);
                    set!(counter, after?);
                }
            }
            Code::Contract { end, target } => {
                if self.checks_contracts {
                    set!(end, self.arena.end());
                    self.arena.raise_floor();
                    self.meter.enter_ghost();
                } else {
                    return Ok(Flow::Jump(target));
                }
            }
            Code::Condition { end } => {
                set!(end, self.arena.end());
                self.arena.raise_floor();
                self.meter.enter_ghost();
            }
            Code::Verdict { value, end, kind } => {
                if get!(value) == 0 {
                    return Err(Stop::Fault(kind));
                }
                let end = get!(end);
                self.meter.leave_ghost();
                self.arena.lower_floor(self.meter.ghost());
                self.arena.truncate(end);
            }
            Code::GhostBegin { to, optional, target } => {
                if optional && !self.checks_contracts {
                    set!(to, 0);
                    return Ok(Flow::Jump(target));
                } else {
                    self.arena.raise_floor();
                    self.meter.enter_ghost();
                }
            }
            Code::GhostEnd => {
                self.meter.leave_ghost();
                self.arena.lower_floor(self.meter.ghost());
            }
            Code::Widen { to, a } => {
                let value = signed!(a);
                set!(
                    to,
                    match unbounded_slot(value) {
                        Some(slot) => slot,
                        None => self.arena.widen(value)?,
                    }
                );
            }
            Code::Narrow { to, a } => set!(to, self.arena.narrow(get!(a)).0.cast_unsigned()),
            Code::CheckNarrow { a } => {
                if !self.arena.narrow(get!(a)).1 {
                    fault!(Overflow);
                }
            }
            Code::Wrapping { operator, to, a, b } => {
                let (a, b) = (signed!(a), signed!(b));
                set!(to, wrapping(operator, a, b).cast_unsigned());
            }
            Code::CompareFloat { comparison, to, a, b } => {
                set!(to, u64::from(compares(comparison, &f64::from_bits(get!(a)), &f64::from_bits(get!(b)))));
            }
            Code::LengthOfText { to, x } => set!(to, u64::from(self.arena.scalars(get!(x)))),
            Code::NegateInteger { to, a } => set!(to, signed!(a).wrapping_neg().cast_unsigned()),

            _ => return Err(Stop::Internal("an instruction of another loop")),
        }
        Ok(Flow::Next)
    }
}
