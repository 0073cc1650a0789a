//! What each instruction becomes.

use anrf_format::execution::{Arithmetic, Comparison};
use anrf_format::types::TypeId;
use anrf_runtime::register_code::{Code, Program, Slow};
use wasm_encoder::Instruction as Op;

use crate::control::Other;
use crate::layout::Word;
use crate::memory::ELEMENTS;
use crate::numbers::{ieee, signed};
use crate::translate::Translator;

impl Translator<'_> {
    /// Translates the instruction at `self.at`. Whether the next one is not reached from it, but where `go_on_at` says.
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
                self.get(from);
                self.set(to);
            }
            Code::Load { to, index } => {
                if !self.constant(index) {
                    self.give_up();
                    return true;
                }
                self.set(to);
            }
            Code::Immediate { to, value } => {
                self.number(i64::from(value));
                self.set(to);
            }
            Code::Charge { units } => self.charge(units),
            Code::Leave => self.leave_call(),

            Code::Add { to, a, b } => self.checked(Arithmetic::Add, to, a, b),
            Code::Subtract { to, a, b } => self.checked(Arithmetic::Subtract, to, a, b),
            Code::Multiply { to, a, b } => self.checked(Arithmetic::Multiply, to, a, b),
            Code::AddImmediate { to, a, value } => {
                let sum = self.sum_with(a, value);
                self.set_all(&[(to, sum)]);
            }
            Code::AddImmediateCall { to, a, value, site } => {
                let sum = self.sum_with(a, value);
                return self.call(site, Some((to, sum)));
            }
            Code::MultiplyImmediate { to, a, value } => {
                self.number(i64::from(value));
                let (value, a) = (self.store_away(), self.local(a));
                let product = self.checked_value(Arithmetic::Multiply, a, value);
                self.set_all(&[(to, product)]);
            }
            Code::DivideImmediate { to, a, value } => self.divide_by(Arithmetic::Divide, to, a, value),
            Code::RemainderImmediate { to, a, value } => self.divide_by(Arithmetic::Remainder, to, a, value),
            Code::Wrapping { operator, to, a, b } => self.wrapping(operator, to, a, b),
            Code::NegateInteger { to, a } => {
                self.number(0);
                self.get(a);
                self.op(Op::I64Sub);
                self.set(to);
            }
            Code::CompareInteger { comparison, to, a, b } => self.compare(signed(comparison), to, a, b),
            Code::MinInteger { to, a, b } => self.choose(signed(Comparison::LessEqual), to, a, b),
            Code::MaxInteger { to, a, b } => self.choose(signed(Comparison::GreaterEqual), to, a, b),
            Code::Not { to, a } => {
                self.get(a);
                self.op(Op::I64Eqz);
                self.set_condition(to);
            }
            Code::Float { operator, to, a, b } if operator != Arithmetic::Remainder => {
                self.float(operator, to, a, b);
            }
            Code::NegateFloat { to, a } => {
                self.get_float(a);
                self.op(Op::F64Neg);
                self.set_float(to);
            }
            Code::CompareFloat { comparison, to, a, b } => {
                self.get_float(a);
                self.get_float(b);
                self.op(ieee(comparison));
                self.set_condition(to);
            }

            Code::Field { to, x, word } if is_near(word) => {
                let x = self.local(x);
                self.word(x, word);
                self.set(to);
            }
            Code::FieldPointer { access, to, x, word } if is_near(word) => {
                let x = self.local(x);
                self.word(x, word);
                let value = self.store_away();
                self.read_out(access, x, value);
                self.set_all(&[(to, value)]);
            }
            Code::WithField { to, x, value, field } if is_near(field) => {
                let (object, value) = (self.local(x), self.local(value));
                self.update(object, |this| {
                    this.op(Op::LocalGet(object));
                    this.address();
                    this.op(Op::LocalGet(value));
                    this.store((u64::from(field) + 1) * 8);
                    this.set_all(&[(to, object)]);
                });
            }
            Code::CheckedElement { to, x, index } => {
                let (x, index) = self.inside(x, index);
                self.element(x, index);
                self.set(to);
            }
            Code::CheckedElementJumpUnless { other, to, x, index, charge, target } => {
                let (x, index) = self.inside(x, index);
                self.element(x, index);
                let value = self.keep();
                self.op(Op::I64Eqz);
                self.branch((u32::from(charge), target), u32::from(other), &[(to, value)]);
                return true;
            }
            Code::CheckedElementPointer { access, to, x, index } => {
                let (x, index) = self.inside(x, index);
                self.element(x, index);
                let value = self.store_away();
                self.read_out(access, x, value);
                self.set_all(&[(to, value)]);
            }
            Code::CheckedWithElement { to, x, index, value } => {
                let (array, index) = self.inside(x, index);
                let value = self.local(value);
                self.update(array, |this| {
                    this.element_address(array, index);
                    this.op(Op::LocalGet(value));
                    this.store(ELEMENTS);
                    this.set_all(&[(to, array)]);
                });
            }
            Code::Element { to, x, index } => self.element_or_zero(to, x, index),
            Code::Length { to, x } => {
                let x = self.local(x);
                self.length(x);
                self.set(to);
            }
            Code::LengthOfText { to, x } => {
                self.scalars(x);
                self.set(to);
            }
            Code::IsSome { to, x } => {
                self.get(x);
                self.number(0);
                self.op(Op::I64Ne);
                self.set_condition(to);
            }
            Code::Share { x } => {
                let x = self.local(x);
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
                self.new_record(to, Program::record_header(TypeId(type_id), 1), &[a]);
            }
            Code::StateRead { to, variable } => match self.state(variable) {
                Some(word) => {
                    self.load_exchanged(word);
                    self.set(to);
                }
                None => self.step(),
            },
            Code::StateReadPointer { to, variable } => match self.state(variable) {
                Some(word) => {
                    self.load_exchanged(word);
                    let value = self.store_away();
                    self.share(value);
                    self.set_all(&[(to, value)]);
                }
                None => self.step(),
            },
            Code::StateWrite { from, variable } => match self.state(variable) {
                Some(word) => {
                    let from = self.local(from);
                    self.store_exchanged(word, from);
                }
                None => self.step(),
            },
            Code::CheckNotZero { a, type_id } if TypeId(type_id) == TypeId::INTEGER => {
                self.get(a);
                self.op(Op::I64Eqz);
                self.fault_if();
            }
            Code::CheckNegate { a } => {
                self.get(a);
                self.number(i64::MIN);
                self.op(Op::I64Eq);
                self.fault_if();
            }
            Code::CheckIndex { x, index } => {
                self.inside(x, index);
            }
            Code::CheckIndexOfText { x, index } => {
                self.get(index);
                self.scalars(x);
                self.op(Op::I64GeU);
                self.fault_if();
            }
            Code::CheckSome { x } => {
                self.get(x);
                self.op(Op::I64Eqz);
                self.fault_if();
            }

            Code::Push { array, element } => self.push(array, element),
            Code::PushRangeNext { charge, array, value, counter, high, element, target } => {
                // What may be given up comes first.
                self.is_below(counter, high);
                self.slice();
                self.number(i64::from(charge));
                self.op(Op::I64LtU);
                self.op(Op::I32And);
                self.give_up_if();
                self.push(array, value);
                self.is_below(counter, high);
                self.range_next((u32::from(charge), target), (counter, element));
                return true;
            }
            Code::FoldRange { counter, high, element, target } => {
                self.is_below(counter, high);
                self.op(Op::I32Eqz);
                self.jump_if(target);
                self.charge(1);
                self.count_range((counter, element));
            }
            Code::FoldRangeNext { charge, counter, high, element, target } => {
                self.is_below(counter, high);
                self.range_next((u32::from(charge), target), (counter, element));
                return true;
            }
            Code::FoldArray { counter, array, element, target } => {
                self.fold_array(counter, array, element, target, false);
            }
            Code::FoldPointers { counter, array, element, target } => {
                self.fold_array(counter, array, element, target, true);
            }
            Code::FoldArrayNext { charge, counter, array, element, target } => {
                let (next, array) = (self.local(counter), self.local(array));
                self.op(Op::LocalGet(next));
                self.length(array);
                self.op(Op::I64LtU);
                self.body.begin_if();
                self.charge(u32::from(charge));
                self.element(array, next);
                let value = self.store_away();
                self.count(value, (counter, element));
                self.jump_to(target);
                self.body.end();
                self.go_on_at(self.at + 1);
                return true;
            }

            Code::Jump { charge, target } => {
                self.charge(charge);
                return self.go_on_at(target);
            }
            Code::JumpIf { other, a, charge, target } => {
                return self.jump(Op::I64Ne, a, Other::Number(0), (charge, target, other));
            }
            Code::JumpUnless { other, a, charge, target } => {
                return self.jump(Op::I64Eq, a, Other::Number(0), (charge, target, other));
            }
            Code::JumpEqual { other, a, b, charge, target } => {
                return self.jump(Op::I64Eq, a, Other::Register(b), (charge, target, other));
            }
            Code::JumpNotEqual { other, a, b, charge, target } => {
                return self.jump(Op::I64Ne, a, Other::Register(b), (charge, target, other));
            }
            Code::JumpLess { other, a, b, charge, target } => {
                return self.jump(Op::I64LtS, a, Other::Register(b), (charge, target, other));
            }
            Code::JumpLessEqual { other, a, b, charge, target } => {
                return self.jump(Op::I64LeS, a, Other::Register(b), (charge, target, other));
            }
            Code::JumpEqualImmediate { other, a, value, charge, target } => {
                return self.jump(Op::I64Eq, a, Other::Number(value), (charge, target, other));
            }
            Code::JumpNotEqualImmediate { other, a, value, charge, target } => {
                return self.jump(Op::I64Ne, a, Other::Number(value), (charge, target, other));
            }
            Code::JumpLessImmediate { other, a, value, charge, target } => {
                return self.jump(Op::I64LtS, a, Other::Number(value), (charge, target, other));
            }
            Code::JumpLessEqualImmediate { other, a, value, charge, target } => {
                return self.jump(Op::I64LeS, a, Other::Number(value), (charge, target, other));
            }
            Code::JumpGreaterImmediate { other, a, value, charge, target } => {
                return self.jump(Op::I64GtS, a, Other::Number(value), (charge, target, other));
            }
            Code::JumpGreaterEqualImmediate { other, a, value, charge, target } => {
                return self.jump(Op::I64GeS, a, Other::Number(value), (charge, target, other));
            }
            Code::RepeatLess { charge, a, b, mark, target } => {
                self.reclaim(mark);
                self.get(a);
                self.get(b);
                self.op(Op::I64LtS);
                self.branch((u32::from(charge), target), 0, &[]);
                return true;
            }
            Code::RepeatLessEqual { charge, a, b, mark, target } => {
                self.reclaim(mark);
                self.get(a);
                self.get(b);
                self.op(Op::I64LeS);
                self.branch((u32::from(charge), target), 0, &[]);
                return true;
            }
            Code::RepeatNext { charge, counter, high, mark, target } => {
                self.number(1);
                let one = self.store_away();
                self.repeat((u32::from(charge), target), counter, one, high, mark);
                return true;
            }
            Code::RepeatAdd { charge, counter, step, high, mark, target } => {
                let step = self.local(step);
                self.repeat((u32::from(charge), target), counter, step, high, mark);
                return true;
            }
            Code::Reclaim { mark } => self.reclaim(mark),
            Code::Mark { to } => {
                self.load_word(Word::Top);
                let top = self.store_away();
                self.store_word(Word::Barrier, top);
                self.op(Op::LocalGet(top));
                self.number(3);
                self.op(Op::I64Shl);
                self.set(to);
            }
            Code::Switch { a, table } => {
                self.switch(a, table);
                return true;
            }
            Code::Call { site } => {
                return self.call(site, None);
            }
            Code::LeaveReturnOne { charge, from } => {
                self.charge(charge);
                self.leave_call();
                if crate::translate::results(self.program, self.index) == 1 {
                    self.return_registers(&[from]);
                } else {
                    self.give_up();
                }
                return true;
            }
            Code::Return { list, count } => {
                self.return_all(list, count);
                return true;
            }
            Code::LeaveReturn { list, count } => {
                self.leave_call();
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

    /// Whether a counter has not come to its end.
    fn is_below(&mut self, counter: u16, high: u16) {
        self.get(counter);
        self.get(high);
        self.op(Op::I64LtS);
    }
}

/// Whether the offset of a word fits an instruction; others are left to the library.
fn is_near(word: u32) -> bool {
    word < 1 << 28
}
