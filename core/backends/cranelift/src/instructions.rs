//! What each instruction becomes.

use anrf_format::execution::{Access, Arithmetic, Comparison};
use anrf_format::types::TypeId;
use anrf_runtime::register_code::{Code, Program, Register, Slow};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{Block, InstBuilder, MemFlagsData, Value, types};

use crate::context;
use crate::memory::{constant_flags, flags};
use crate::translate::{Translator, Way};

/// Words allocated since a mark from which reclaiming is tried: 64 KiB, as `arena::reclaim` says.
const RECLAIM_WORDS: i64 = (64 << 10) / 8;

impl Translator<'_, '_> {
    /// Translates the instruction at `self.at`. Whether the next one is not reached from it.
    #[allow(clippy::too_many_lines)] // one arm per instruction
    pub(crate) fn instruction(&mut self) -> bool {
        let Some(code) = self.code() else {
            self.give_up();
            return true;
        };
        match code {
            Code::Native { .. }
            | Code::Enter
            | Code::Fail { .. }
            | Code::Resume
            | Code::CheckCondition { .. } => {
                self.give_up();
                return true;
            }
            Code::Move { to, from } => {
                let value = self.get(from);
                self.set(to, value);
            }
            Code::Load { to, index } => {
                let constants =
                    self.builder.ins().load(types::I64, constant_flags(), self.context, context::CONSTANTS);
                let offset = i32::try_from(index.saturating_mul(8)).unwrap_or(i32::MAX - 7);
                let value = self.builder.ins().load(types::I64, constant_flags(), constants, offset);
                self.set(to, value);
            }
            Code::Immediate { to, value } => {
                let value = self.builder.ins().iconst(types::I64, i64::from(value));
                self.set(to, value);
            }
            Code::Charge { units } => self.charge(units),
            Code::Leave => self.leave(),

            Code::Add { to, a, b } => self.checked(Arithmetic::Add, to, a, b),
            Code::Subtract { to, a, b } => self.checked(Arithmetic::Subtract, to, a, b),
            Code::Multiply { to, a, b } => self.checked(Arithmetic::Multiply, to, a, b),
            Code::AddImmediate { to, a, value } => {
                let sum = self.sum_with(a, value);
                self.set(to, sum);
            }
            Code::AddImmediateCall { to, a, value, site } => {
                let sum = self.sum_with(a, value);
                if self.call(site, Some((to, sum))) {
                    return true;
                }
                self.give_up();
                return true;
            }
            Code::MultiplyImmediate { to, a, value } => {
                let (a, value) = (self.get(a), self.builder.ins().iconst(types::I64, i64::from(value)));
                let (product, over) = self.builder.ins().smul_overflow(a, value);
                self.fault_if(over);
                self.set(to, product);
            }
            Code::DivideImmediate { to, a, value } => self.divide_by(Arithmetic::Divide, to, a, value),
            Code::RemainderImmediate { to, a, value } => self.divide_by(Arithmetic::Remainder, to, a, value),
            Code::Wrapping { operator, to, a, b } => self.wrapping(operator, to, a, b),
            Code::NegateInteger { to, a } => {
                let a = self.get(a);
                let value = self.builder.ins().ineg(a);
                self.set(to, value);
            }
            Code::CompareInteger { comparison, to, a, b } => {
                let (a, b) = (self.get(a), self.get(b));
                let holds = self.builder.ins().icmp(signed(comparison), a, b);
                self.set_condition(to, holds);
            }
            Code::MinInteger { to, a, b } => {
                let (a, b) = (self.get(a), self.get(b));
                let value = self.builder.ins().smin(a, b);
                self.set(to, value);
            }
            Code::MaxInteger { to, a, b } => {
                let (a, b) = (self.get(a), self.get(b));
                let value = self.builder.ins().smax(a, b);
                self.set(to, value);
            }
            Code::Not { to, a } => {
                let a = self.get(a);
                let holds = self.builder.ins().icmp_imm_u(IntCC::Equal, a, 0);
                self.set_condition(to, holds);
            }
            Code::Float { operator, to, a, b } if operator != Arithmetic::Remainder => {
                self.float(operator, to, a, b)
            }
            Code::NegateFloat { to, a } => {
                let a = self.get_float(a);
                let value = self.builder.ins().fneg(a);
                self.set_float(to, value);
            }
            Code::CompareFloat { comparison, to, a, b } => {
                let (a, b) = (self.get_float(a), self.get_float(b));
                let holds = self.builder.ins().fcmp(ieee(comparison), a, b);
                self.set_condition(to, holds);
            }

            Code::Field { to, x, word } => {
                let x = self.get(x);
                let value = self.word(x, word);
                self.set(to, value);
            }
            Code::FieldPointer { access, to, x, word } => {
                let x = self.get(x);
                let value = self.word(x, word);
                self.read_out(access, x, value);
                self.set(to, value);
            }
            Code::WithField { to, x, value, field } => {
                let (object, value) = (self.get(x), self.get(value));
                let shared = self.is_shared(object);
                self.update(shared, |this| {
                    let (place, offset) = this.word_place(object, field.saturating_add(1));
                    this.builder.ins().store(flags(), value, place, offset);
                    this.set(to, object);
                });
            }
            Code::CheckedElement { to, x, index } => {
                let (x, index) = self.inside(x, index);
                let value = self.element(x, index);
                self.set(to, value);
            }
            Code::CheckedElementJumpUnless { other, to, x, index, charge, target } => {
                let (x, index) = self.inside(x, index);
                let value = self.element(x, index);
                let zero = self.builder.ins().icmp_imm_u(IntCC::Equal, value, 0);
                self.branch(zero, (u32::from(charge), target), u32::from(other), &[(to, value)]);
                return true;
            }
            Code::CheckedElementPointer { access, to, x, index } => {
                let (x, index) = self.inside(x, index);
                let value = self.element(x, index);
                self.read_out(access, x, value);
                self.set(to, value);
            }
            Code::CheckedWithElement { to, x, index, value } => {
                let (array, index) = self.inside(x, index);
                let value = self.get(value);
                let shared = self.is_shared(array);
                self.update(shared, |this| {
                    let (place, offset) = this.element_place(array, index);
                    this.builder.ins().store(flags(), value, place, offset);
                    this.set(to, array);
                });
            }
            Code::Element { to, x, index } => {
                let (x, index) = (self.get(x), self.get(index));
                let length = self.length(x);
                let inside = self.builder.ins().icmp(IntCC::UnsignedLessThan, index, length);
                let (value, zero) = (self.element(x, index), self.builder.ins().iconst(types::I64, 0));
                let value = self.builder.ins().select(inside, value, zero);
                self.set(to, value);
            }
            Code::Length { to, x } => {
                let x = self.get(x);
                let length = self.length(x);
                self.set(to, length);
            }
            Code::LengthOfText { to, x } => {
                let scalars = self.scalars(x);
                self.set(to, scalars);
            }
            Code::IsSome { to, x } => {
                let x = self.get(x);
                let holds = self.builder.ins().icmp_imm_u(IntCC::NotEqual, x, 0);
                self.set_condition(to, holds);
            }
            Code::Share { x } => {
                let x = self.get(x);
                self.share(x);
            }
            Code::NewRecord { to, type_id, count, list } => {
                let header = Program::record_header(TypeId(u32::from(type_id)), u32::from(count));
                let start = list as usize;
                let fields =
                    self.program.lists.get(start..start + usize::from(count)).unwrap_or_default().to_vec();
                self.new_record(to, header, &fields);
            }
            Code::NewSome { to, a, type_id } => {
                self.new_record(to, Program::record_header(TypeId(type_id), 1), &[a])
            }
            Code::StateRead { to, variable } => {
                let value = self.state(variable);
                self.set(to, value);
            }
            Code::StateReadPointer { to, variable } => {
                let value = self.state(variable);
                self.share(value);
                self.set(to, value);
            }
            Code::StateWrite { from, variable } => {
                let value = self.get(from);
                let state = self.builder.ins().load(types::I64, flags(), self.context, context::STATE);
                self.builder.ins().store(flags(), value, state, offset_of(variable));
            }
            Code::CheckNotZero { a, type_id: 1 } if TypeId::INTEGER.0 == 1 => {
                let a = self.get(a);
                let zero = self.builder.ins().icmp_imm_u(IntCC::Equal, a, 0);
                self.fault_if(zero);
            }
            Code::CheckNegate { a } => {
                let a = self.get(a);
                let least = self.builder.ins().icmp_imm_s(IntCC::Equal, a, i64::MIN);
                self.fault_if(least);
            }
            Code::CheckIndex { x, index } => {
                self.inside(x, index);
            }
            Code::CheckIndexOfText { x, index } => {
                let (scalars, index) = (self.scalars(x), self.get(index));
                let outside = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, scalars);
                self.fault_if(outside);
            }
            Code::CheckSome { x } => {
                let x = self.get(x);
                let none = self.builder.ins().icmp_imm_u(IntCC::Equal, x, 0);
                self.fault_if(none);
            }

            Code::Push { array, element } => {
                let value = self.get(element);
                self.push(array, value);
            }
            Code::PushRangeNext { charge, array, value, counter, high, element, target } => {
                // What may be given up comes first.
                let (next, high) = (self.get(counter), self.get(high));
                let more = self.builder.ins().icmp(IntCC::SignedLessThan, next, high);
                let slice = self.slice();
                let short = self.builder.ins().icmp_imm_u(IntCC::UnsignedLessThan, slice, i64::from(charge));
                let short = self.builder.ins().band(more, short);
                self.give_up_if(short);
                let value = self.get(value);
                self.push(array, value);
                let next = self.get(counter);
                self.range_next(more, (u32::from(charge), target), next, (counter, element));
                return true;
            }
            Code::FoldRange { counter, high, element, target } => {
                let (next, high) = (self.get(counter), self.get(high));
                let done = self.builder.ins().icmp(IntCC::SignedGreaterThanOrEqual, next, high);
                let (exit, passed) = (self.block_at(target), self.builder.create_block());
                self.builder.ins().brif(done, exit, &[], passed, &[]);
                self.begin(passed);
                self.charge(1);
                self.count(next, next, (counter, element));
            }
            Code::FoldRangeNext { charge, counter, high, element, target } => {
                let (next, high) = (self.get(counter), self.get(high));
                let more = self.builder.ins().icmp(IntCC::SignedLessThan, next, high);
                self.range_next(more, (u32::from(charge), target), next, (counter, element));
                return true;
            }
            Code::FoldArray { counter, array, element, target } => {
                self.fold_array(counter, array, element, target, false)
            }
            Code::FoldPointers { counter, array, element, target } => {
                self.fold_array(counter, array, element, target, true);
            }
            Code::FoldArrayNext { charge, counter, array, element, target } => {
                let (next, array) = (self.get(counter), self.get(array));
                let length = self.length(array);
                let more = self.builder.ins().icmp(IntCC::UnsignedLessThan, next, length);
                let (taken, passed) = (self.builder.create_block(), self.block_at(self.at + 1));
                self.builder.ins().brif(more, taken, &[], passed, &[]);
                self.begin(taken);
                self.charge(u32::from(charge));
                let value = self.element(array, next);
                self.count(next, value, (counter, element));
                self.jump_to(target);
                return true;
            }

            Code::Jump { charge, target } => {
                self.charge(charge);
                self.jump_to(target);
                return true;
            }
            Code::JumpIf { other, a, charge, target } => {
                return self.jump(IntCC::NotEqual, a, Other::Number(0), (charge, target, other));
            }
            Code::JumpUnless { other, a, charge, target } => {
                return self.jump(IntCC::Equal, a, Other::Number(0), (charge, target, other));
            }
            Code::JumpEqual { other, a, b, charge, target } => {
                return self.jump(IntCC::Equal, a, Other::Register(b), (charge, target, other));
            }
            Code::JumpNotEqual { other, a, b, charge, target } => {
                return self.jump(IntCC::NotEqual, a, Other::Register(b), (charge, target, other));
            }
            Code::JumpLess { other, a, b, charge, target } => {
                return self.jump(IntCC::SignedLessThan, a, Other::Register(b), (charge, target, other));
            }
            Code::JumpLessEqual { other, a, b, charge, target } => {
                return self.jump(
                    IntCC::SignedLessThanOrEqual,
                    a,
                    Other::Register(b),
                    (charge, target, other),
                );
            }
            Code::JumpEqualImmediate { other, a, value, charge, target } => {
                return self.jump(IntCC::Equal, a, Other::Number(value), (charge, target, other));
            }
            Code::JumpNotEqualImmediate { other, a, value, charge, target } => {
                return self.jump(IntCC::NotEqual, a, Other::Number(value), (charge, target, other));
            }
            Code::JumpLessImmediate { other, a, value, charge, target } => {
                return self.jump(IntCC::SignedLessThan, a, Other::Number(value), (charge, target, other));
            }
            Code::JumpLessEqualImmediate { other, a, value, charge, target } => {
                return self.jump(
                    IntCC::SignedLessThanOrEqual,
                    a,
                    Other::Number(value),
                    (charge, target, other),
                );
            }
            Code::JumpGreaterImmediate { other, a, value, charge, target } => {
                return self.jump(IntCC::SignedGreaterThan, a, Other::Number(value), (charge, target, other));
            }
            Code::JumpGreaterEqualImmediate { other, a, value, charge, target } => {
                return self.jump(
                    IntCC::SignedGreaterThanOrEqual,
                    a,
                    Other::Number(value),
                    (charge, target, other),
                );
            }
            Code::RepeatLess { charge, a, b, mark, target } => {
                self.reclaim(mark);
                let (a, b) = (self.get(a), self.get(b));
                let more = self.builder.ins().icmp(IntCC::SignedLessThan, a, b);
                self.branch(more, (u32::from(charge), target), 0, &[]);
                return true;
            }
            Code::RepeatLessEqual { charge, a, b, mark, target } => {
                self.reclaim(mark);
                let (a, b) = (self.get(a), self.get(b));
                let more = self.builder.ins().icmp(IntCC::SignedLessThanOrEqual, a, b);
                self.branch(more, (u32::from(charge), target), 0, &[]);
                return true;
            }
            Code::RepeatNext { charge, counter, high, mark, target } => {
                let one = self.builder.ins().iconst(types::I64, 1);
                self.repeat((u32::from(charge), target), counter, one, high, mark);
                return true;
            }
            Code::RepeatAdd { charge, counter, step, high, mark, target } => {
                let step = self.get(step);
                self.repeat((u32::from(charge), target), counter, step, high, mark);
                return true;
            }
            Code::Reclaim { mark } => self.reclaim(mark),
            Code::Mark { to } => {
                let top = self.builder.ins().load(types::I64, flags(), self.context, context::TOP);
                self.builder.ins().store(flags(), top, self.context, context::BARRIER);
                let end = self.builder.ins().ishl_imm_u(top, 3);
                self.set(to, end);
            }
            Code::Switch { a, table } => {
                self.switch(a, table);
                return true;
            }
            Code::Call { site } => {
                if !self.call(site, None) {
                    self.give_up();
                }
                return true;
            }
            Code::LeaveReturnOne { charge, from } => {
                self.charge(charge);
                self.leave();
                let (status, value) =
                    (self.builder.ins().iconst(types::I64, context::RETURNED), self.get(from));
                let slice = self.slice();
                self.builder.ins().return_(&[status, value, slice]);
                return true;
            }
            Code::Return { list, count } => {
                self.return_all(list, count);
                return true;
            }
            Code::LeaveReturn { list, count } => {
                self.leave();
                self.return_all(list, count);
                return true;
            }
            Code::Slow { index } => match self.program.slow.get(index as usize) {
                Some(Slow::Invoke(_) | Slow::Trace(_) | Slow::Wait { .. }) | None => {
                    self.give_up();
                    return true;
                }
                Some(_) => self.step(),
            },
            _ => self.step(),
        }
        false
    }

    fn leave(&mut self) {
        let outer = self.builder.ins().iadd_imm_s(self.depth, -1);
        self.builder.ins().store(flags(), outer, self.context, context::DEPTH);
    }

    /// Returns any number of values: one in the processor's registers, others in the first of the window.
    fn return_all(&mut self, list: u32, count: u16) {
        let registers = self
            .program
            .lists
            .get(list as usize..list as usize + usize::from(count))
            .unwrap_or_default()
            .to_vec();
        let status = self.builder.ins().iconst(types::I64, context::RETURNED);
        let values: Vec<Value> = registers.iter().map(|register| self.get(*register)).collect();
        let value = match values[..] {
            [only] => only,
            _ => {
                let window = self.window();
                for (index, value) in (0..).zip(&values) {
                    self.builder.ins().store(flags(), *value, window, index * 8);
                }
                status
            }
        };
        let slice = self.slice();
        self.builder.ins().return_(&[status, value, slice]);
    }

    fn checked(&mut self, operator: Arithmetic, to: Register, a: Register, b: Register) {
        let (a, b) = (self.get(a), self.get(b));
        let (value, over) = match operator {
            Arithmetic::Add => self.builder.ins().sadd_overflow(a, b),
            Arithmetic::Subtract => self.builder.ins().ssub_overflow(a, b),
            _ => self.builder.ins().smul_overflow(a, b),
        };
        self.fault_if(over);
        self.set(to, value);
    }

    fn sum_with(&mut self, a: Register, value: i32) -> Value {
        let (a, value) = (self.get(a), self.builder.ins().iconst(types::I64, i64::from(value)));
        let (sum, over) = self.builder.ins().sadd_overflow(a, value);
        self.fault_if(over);
        sum
    }

    /// By a number that is known; by none, 0.
    fn divide_by(&mut self, operator: Arithmetic, to: Register, a: Register, value: i32) {
        let a = self.get(a);
        let zero = self.builder.ins().iconst(types::I64, 0);
        let least = self.builder.ins().icmp_imm_s(IntCC::Equal, a, i64::MIN);
        let result = match (operator, value) {
            (_, 0) | (Arithmetic::Remainder, -1 | 1) => zero,
            (_, -1) => {
                let negated = self.builder.ins().ineg(a);
                self.builder.ins().select(least, zero, negated)
            }
            (Arithmetic::Divide, _) => self.builder.ins().sdiv_imm_s(a, i64::from(value)),
            _ => self.builder.ins().srem_imm_s(a, i64::from(value)),
        };
        self.set(to, result);
    }

    /// Arithmetic that has passed its check, and is total without it.
    fn wrapping(&mut self, operator: Arithmetic, to: Register, a: Register, b: Register) {
        let (a, b) = (self.get(a), self.get(b));
        let value = match operator {
            Arithmetic::Add => self.builder.ins().iadd(a, b),
            Arithmetic::Subtract => self.builder.ins().isub(a, b),
            Arithmetic::Multiply => self.builder.ins().imul(a, b),
            Arithmetic::Divide | Arithmetic::Remainder => self.divide(operator, a, b),
        };
        self.set(to, value);
    }

    /// By 0 it is 0; by -1, which the processor may not be asked for, the negation, or without rest.
    fn divide(&mut self, operator: Arithmetic, a: Value, b: Value) -> Value {
        let (special, usual, after) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        let result = self.builder.append_block_param(after, types::I64);
        let bumped = self.builder.ins().iadd_imm_u(b, 1);
        let is_special = self.builder.ins().icmp_imm_u(IntCC::UnsignedLessThanOrEqual, bumped, 1);
        self.builder.ins().brif(is_special, special, &[], usual, &[]);
        self.begin_cold(special);
        let zero = self.builder.ins().iconst(types::I64, 0);
        let value = if operator == Arithmetic::Divide {
            let (negated, by_zero) =
                (self.builder.ins().ineg(a), self.builder.ins().icmp_imm_u(IntCC::Equal, b, 0));
            self.builder.ins().select(by_zero, zero, negated)
        } else {
            zero
        };
        self.builder.ins().jump(after, &[value.into()]);
        self.begin(usual);
        let value = if operator == Arithmetic::Divide {
            self.builder.ins().sdiv(a, b)
        } else {
            self.builder.ins().srem(a, b)
        };
        self.builder.ins().jump(after, &[value.into()]);
        self.begin(after);
        result
    }

    fn get_float(&mut self, register: Register) -> Value {
        let bits = self.get(register);
        self.builder.ins().bitcast(types::F64, MemFlagsData::new(), bits)
    }

    /// All NaN have the same bits.
    fn set_float(&mut self, to: Register, value: Value) {
        let bits = self.builder.ins().bitcast(types::I64, MemFlagsData::new(), value);
        let nan = self.builder.ins().iconst(types::I64, f64::NAN.to_bits().cast_signed());
        let is_number = self.builder.ins().fcmp(FloatCC::Ordered, value, value);
        let bits = self.builder.ins().select(is_number, bits, nan);
        self.set(to, bits);
    }

    fn float(&mut self, operator: Arithmetic, to: Register, a: Register, b: Register) {
        let (a, b) = (self.get_float(a), self.get_float(b));
        let value = match operator {
            Arithmetic::Add => self.builder.ins().fadd(a, b),
            Arithmetic::Subtract => self.builder.ins().fsub(a, b),
            Arithmetic::Multiply => self.builder.ins().fmul(a, b),
            Arithmetic::Divide | Arithmetic::Remainder => self.builder.ins().fdiv(a, b),
        };
        self.set_float(to, value);
    }

    fn set_condition(&mut self, to: Register, condition: Value) {
        let value = self.builder.ins().uextend(types::I64, condition);
        self.set(to, value);
    }

    /// Marks what was read out of an aggregate, as the access says.
    fn read_out(&mut self, access: Access, outer: Value, value: Value) {
        if access == Access::Read {
            self.share(value);
            return;
        }
        let shared = self.is_shared(outer);
        let (mark, after) = (self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(shared, mark, &[], after, &[]);
        self.begin(mark);
        self.share(value);
        self.builder.ins().jump(after, &[]);
        self.begin(after);
    }

    /// Updates in place, or by the library where a copy is needed.
    fn update(&mut self, shared: Value, in_place: impl FnOnce(&mut Self)) {
        let (copies, stores, after) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(shared, copies, &[], stores, &[]);
        self.begin_cold(copies);
        self.step();
        self.builder.ins().jump(after, &[]);
        self.begin(stores);
        in_place(self);
        self.builder.ins().jump(after, &[]);
        self.begin(after);
    }

    /// An array and an index that is inside.
    fn inside(&mut self, x: Register, index: Register) -> (Value, Value) {
        let (x, index) = (self.get(x), self.get(index));
        let length = self.length(x);
        let outside = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, length);
        self.fault_if(outside);
        (x, index)
    }

    /// Unicode scalars of a text.
    fn scalars(&mut self, x: Register) -> Value {
        let x = self.get(x);
        let second = self.word(x, 1);
        let scalars = self.builder.ins().ushr_imm_u(second, 32);
        let (none, zero) =
            (self.builder.ins().icmp_imm_u(IntCC::Equal, x, 0), self.builder.ins().iconst(types::I64, 0));
        self.builder.ins().select(none, zero, scalars)
    }

    fn new_record(&mut self, to: Register, header: u64, fields: &[Register]) {
        let words = u32::try_from(fields.len() + 1).unwrap_or(u32::MAX);
        let slot = self.allocate(words);
        let header = self.builder.ins().iconst(types::I64, header.cast_signed());
        let values: Vec<Value> =
            std::iter::once(header).chain(fields.iter().map(|field| self.get(*field))).collect();
        for (word, value) in (0..).zip(values) {
            let (place, offset) = self.word_place(slot, word);
            self.builder.ins().store(flags(), value, place, offset);
        }
        self.set(to, slot);
    }

    fn state(&mut self, variable: u32) -> Value {
        let state = self.builder.ins().load(types::I64, flags(), self.context, context::STATE);
        self.builder.ins().load(types::I64, flags(), state, offset_of(variable))
    }

    /// Another element behind an array that a fold collects: in the room that it has, or by the library.
    fn push(&mut self, array: Register, value: Value) {
        let object = self.get(array);
        let header = self.word(object, 0);
        let length = self.length(object);
        let second = self.word(object, 1);
        let capacity = self.builder.ins().ireduce(types::I32, second);
        let capacity = self.builder.ins().uextend(types::I64, capacity);
        let full = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, length, capacity);
        let (grows, stores, after) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(full, grows, &[], stores, &[]);
        self.begin_cold(grows);
        self.step_with(&[array]);
        self.builder.ins().jump(after, &[]);
        self.begin(stores);
        let longer = self.builder.ins().iadd_imm_u(header, 1);
        let (place, offset) = self.word_place(object, 0);
        self.builder.ins().store(flags(), longer, place, offset);
        let (place, offset) = self.element_place(object, length);
        self.builder.ins().store(flags(), value, place, offset);
        self.builder.ins().jump(after, &[]);
        self.begin(after);
    }

    /// One element further.
    fn count(
        &mut self,
        counter_value: Value,
        element_value: Value,
        (counter, element): (Register, Register),
    ) {
        let next = self.builder.ins().iadd_imm_u(counter_value, 1);
        self.set(element, element_value);
        self.set(counter, next);
    }

    fn range_next(
        &mut self,
        more: Value,
        (charge, target): (u32, u32),
        next: Value,
        registers: (Register, Register),
    ) {
        let (taken, passed) = (self.builder.create_block(), self.block_at(self.at + 1));
        self.builder.ins().brif(more, taken, &[], passed, &[]);
        self.begin(taken);
        self.charge(charge);
        self.count(next, next, registers);
        self.jump_to(target);
    }

    fn fold_array(
        &mut self,
        counter: Register,
        array: Register,
        element: Register,
        target: u32,
        shares: bool,
    ) {
        let (next, array) = (self.get(counter), self.get(array));
        let length = self.length(array);
        let done = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, next, length);
        let (exit, passed) = (self.block_at(target), self.builder.create_block());
        self.builder.ins().brif(done, exit, &[], passed, &[]);
        self.begin(passed);
        self.charge(1);
        let value = self.element(array, next);
        if shares {
            self.share(value);
        }
        self.count(next, value, (counter, element));
    }

    fn jump(
        &mut self,
        condition: IntCC,
        a: Register,
        b: Other,
        (charge, target, other): (u16, u32, u8),
    ) -> bool {
        let a = self.get(a);
        let holds = match b {
            Other::Register(b) => {
                let b = self.get(b);
                self.builder.ins().icmp(condition, a, b)
            }
            Other::Number(number) => self.builder.ins().icmp_imm_s(condition, a, i64::from(number)),
        };
        self.branch(holds, (u32::from(charge), target), u32::from(other), &[]);
        true
    }

    /// Leaves reclaiming to the interpreter where enough was allocated since the mark and the last time.
    fn reclaim(&mut self, mark: Register) {
        let mark = self.get(mark);
        let top = self.builder.ins().load(types::I64, flags(), self.context, context::TOP);
        let since = self.builder.ins().ushr_imm_u(mark, 3);
        let grown = self.builder.ins().isub(top, since);
        let enough = self.builder.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, grown, RECLAIM_WORDS);
        let (look, next) = (self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(enough, look, &[], next, &[]);
        self.begin_cold(look);
        let due = self.builder.ins().load(types::I64, flags(), self.context, context::NEXT_RECLAIM);
        let due = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, top, due);
        let exit = self.exit(Way::GiveUp);
        self.builder.ins().brif(due, exit, &[], next, &[]);
        self.begin(next);
    }

    fn repeat(
        &mut self,
        (charge, target): (u32, u32),
        counter: Register,
        step: Value,
        high: Register,
        mark: Register,
    ) {
        let (before, high) = (self.get(counter), self.get(high));
        let (next, over) = self.builder.ins().sadd_overflow(before, step);
        self.fault_if(over);
        self.reclaim(mark);
        let more = self.builder.ins().icmp(IntCC::SignedLessThan, next, high);
        self.branch(more, (charge, target), 0, &[(counter, next)]);
    }

    fn switch(&mut self, a: Register, table: u32) {
        let targets = self.program.tables.get(table as usize).map(|table| table.to_vec()).unwrap_or_default();
        if targets.is_empty() {
            self.give_up();
            return;
        }
        let a = self.get(a);
        let count = self.builder.ins().iconst(types::I64, i64::try_from(targets.len()).unwrap_or(i64::MAX));
        let index = self.builder.ins().umin(a, count);
        let index = self.builder.ins().ireduce(types::I32, index);
        let blocks: Vec<Block> = targets.iter().map(|_| self.builder.create_block()).collect();
        self.choose(index, &blocks);
        for (block, target) in blocks.into_iter().zip(targets) {
            self.begin(block);
            self.jump_to(target);
        }
    }
}

/// What a jump compares with.
enum Other {
    Register(Register),
    Number(i16),
}

fn offset_of(variable: u32) -> i32 {
    i32::try_from(variable.saturating_mul(8)).unwrap_or(i32::MAX - 7)
}

fn signed(comparison: Comparison) -> IntCC {
    match comparison {
        Comparison::Equal => IntCC::Equal,
        Comparison::NotEqual => IntCC::NotEqual,
        Comparison::Less => IntCC::SignedLessThan,
        Comparison::LessEqual => IntCC::SignedLessThanOrEqual,
        Comparison::Greater => IntCC::SignedGreaterThan,
        Comparison::GreaterEqual => IntCC::SignedGreaterThanOrEqual,
    }
}

fn ieee(comparison: Comparison) -> FloatCC {
    match comparison {
        Comparison::Equal => FloatCC::Equal,
        Comparison::NotEqual => FloatCC::NotEqual,
        Comparison::Less => FloatCC::LessThan,
        Comparison::LessEqual => FloatCC::LessThanOrEqual,
        Comparison::Greater => FloatCC::GreaterThan,
        Comparison::GreaterEqual => FloatCC::GreaterThanOrEqual,
    }
}
