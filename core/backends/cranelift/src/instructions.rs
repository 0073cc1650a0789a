//! What each instruction becomes.

use anrf_format::execution::Arithmetic;
use anrf_format::types::TypeId;
use anrf_runtime::register_code::{Code, Program, Slow};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};

use crate::context;
use crate::control::Other;
use crate::memory::{constant_flags, flags};
use crate::numbers::{ieee, signed};
use crate::translate::Translator;

impl Translator<'_, '_> {
    /// Translates the instruction at `self.at`. Whether the next one is not reached from it.
    #[allow(clippy::too_many_lines)] // one arm per instruction
    pub(crate) fn instruction(&mut self) -> bool {
        let Some(code) = self.code() else {
            self.give_up();
            return true;
        };
        match code {
            Code::Native { .. } | Code::Enter | Code::Fail { .. } | Code::Resume => {
                self.give_up();
                return true;
            }
            Code::CheckCondition { .. } => {
                self.leave_to_interpreter();
                return true;
            }
            Code::Move { to, from } => self.move_register(to, from),
            Code::Load { to, index } => {
                let Some(offset) = self.constant(index) else {
                    self.give_up();
                    return true;
                };
                let constants = self.context_word(context::CONSTANTS);
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
                if !self.call(site, Some((to, sum))) {
                    self.leave_to_interpreter();
                }
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
                let object = self.get(x);
                let value = self.word(object, word);
                self.read_out(access, x, value);
                self.set(to, value);
            }
            Code::WithField { to, x, value, field } => self.with_field(to, x, field, value),
            Code::CheckedElement { to, x, index } => {
                let (array, index) = self.inside(x, index);
                let value = self.element(array, index);
                self.set(to, value);
            }
            Code::CheckedElementJumpUnless { other, to, x, index, charge, target } => {
                let (array, index) = self.inside(x, index);
                let value = self.element(array, index);
                let zero = self.builder.ins().iconst(types::I64, 0);
                let is_zero = (IntCC::Equal, value, zero);
                self.branch(is_zero, (u32::from(charge), target), u32::from(other), &[(to, value)]);
                return true;
            }
            Code::CheckedElementPointer { access, to, x, index } => {
                let (array, index) = self.inside(x, index);
                let value = self.element(array, index);
                self.read_out(access, x, value);
                self.set(to, value);
            }
            Code::CheckedWithElement { to, x, index, value } => self.with_element(to, x, index, value),
            Code::Element { to, x, index } => {
                let (array, index) = (self.array(x), self.get(index));
                let inside = self.builder.ins().icmp(IntCC::UnsignedLessThan, index, array.length);
                let (read, after) = (self.builder.create_block(), self.builder.create_block());
                let result = self.builder.append_block_param(after, types::I64);
                let zero = self.builder.ins().iconst(types::I64, 0);
                self.builder.ins().brif(inside, read, &[], after, &[zero.into()]);
                self.begin(read);
                let value = self.element(array, index);
                self.builder.ins().jump(after, &[value.into()]);
                self.begin(after);
                self.set(to, result);
            }
            Code::Length { to, x } => {
                let length = self.array(x).length;
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
            Code::StateRead { to, variable } => match self.state(variable) {
                Some((state, offset)) => {
                    let value = self.builder.ins().load(types::I64, flags(), state, offset);
                    self.set(to, value);
                }
                None => self.step(),
            },
            Code::StateReadPointer { to, variable } => match self.state(variable) {
                Some((state, offset)) => {
                    let value = self.builder.ins().load(types::I64, flags(), state, offset);
                    self.share(value);
                    self.set(to, value);
                }
                None => self.step(),
            },
            Code::StateWrite { from, variable } => match self.state(variable) {
                Some((state, offset)) => {
                    let value = self.get(from);
                    self.builder.ins().store(flags(), value, state, offset);
                }
                None => self.step(),
            },
            Code::CheckNotZero { a, type_id } if TypeId(type_id) == TypeId::INTEGER => {
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
                self.facts.set_credit(0);
                let value = self.get(value);
                self.push(array, value);
                let next = self.get(counter);
                self.range_next(more, (u32::from(charge), false, target), next, (counter, element));
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
                self.range_next(more, (u32::from(charge), true, target), next, (counter, element));
                return true;
            }
            Code::FoldArray { counter, array, element, target } => {
                self.fold_array(counter, array, element, target, false)
            }
            Code::FoldPointers { counter, array, element, target } => {
                self.fold_array(counter, array, element, target, true);
            }
            Code::FoldArrayNext { charge, counter, array, element, target } => {
                let (next, array) = (self.get(counter), self.array(array));
                let more = self.builder.ins().icmp(IntCC::UnsignedLessThan, next, array.length);
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
                let more = (IntCC::SignedLessThan, a, b);
                self.branch(more, (u32::from(charge), target), 0, &[]);
                return true;
            }
            Code::RepeatLessEqual { charge, a, b, mark, target } => {
                self.reclaim(mark);
                let (a, b) = (self.get(a), self.get(b));
                let more = (IntCC::SignedLessThanOrEqual, a, b);
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
                let top = self.context_word(context::TOP);
                self.set_context(context::BARRIER, top);
                let end = self.builder.ins().ishl_imm_u(top, 3);
                self.set(to, end);
                self.facts.settle(to);
            }
            Code::Switch { a, table } => {
                self.switch(a, table);
                return true;
            }
            Code::Call { site } => {
                if !self.call(site, None) {
                    self.leave_to_interpreter();
                }
                return true;
            }
            Code::LeaveReturnOne { charge, from } => {
                self.charge(charge);
                self.leave();
                let value = self.get(from);
                self.return_with(value);
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
                    self.leave_to_interpreter();
                    return true;
                }
                Some(_) => self.step(),
            },
            _ => self.step(),
        }
        false
    }
}
