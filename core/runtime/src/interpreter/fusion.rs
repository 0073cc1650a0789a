//! Instructions that stand for several of the execution layer.

use anrf_format::builtin::Builtin;
use anrf_format::execution::{Arithmetic, BlockId, Check, Instruction, Op, Origin, Place};
use anrf_format::semantic::ExprKind;
use anrf_format::types::TypeId;

use super::code::Code;
use super::compile::FunctionCompiler;
use crate::arena::{Shape, Trace};
use crate::error::Error;

impl FunctionCompiler<'_> {
    /// Emits the first of these instructions, or several as one; the answer is how many.
    pub(super) fn instruction(
        &mut self,
        block: BlockId,
        at: usize,
        rest: &[Instruction],
    ) -> Result<usize, Error> {
        let [first, behind @ ..] = rest else { return Ok(1) };
        if let Some(count) = self.lookup_or(block, at, rest)? {
            return Ok(count);
        }
        if self.tracing.is_none() && matches!(first.op, Op::Check(..)) {
            // Numbers that stand between a check and its operation may as well come before both.
            let numbers =
                behind.iter().take_while(|next| matches!(next.op, Op::Immediate(_) | Op::Charge(0))).count();
            if let Some(second) = behind.get(numbers) {
                for number in &behind[..numbers] {
                    super::operation::emit(self, number)?;
                }
                if !self.superinstruction(first, second)? {
                    super::operation::emit(self, first)?;
                    return Ok(1 + numbers);
                }
                return Ok(2 + numbers);
            }
        }
        super::operation::emit(self, first)?;
        Ok(1)
    }

    /// A check and the operation it guards.
    fn superinstruction(&mut self, first: &Instruction, second: &Instruction) -> Result<bool, Error> {
        let Op::Check(check, operands, obligation) = &first.op else { return Ok(false) };
        match (check, operands.as_slice(), &second.op) {
            (Check::Arithmetic(checked), [x, y], Op::Arithmetic(operator, a, b))
                if checked == operator && (x, y) == (a, b) && self.type_of(*a) == TypeId::INTEGER =>
            {
                use Arithmetic::{Add, Multiply, Subtract};
                let to = self.result(second)?;
                let small = |value: Option<i64>| value.and_then(|value| i32::try_from(value).ok());
                let (left, right) = (small(self.immediate_of(*a)), small(self.immediate_of(*b)));
                let code = match (operator, left, right) {
                    (Add, _, Some(value)) => Code::AddImmediate { to, a: self.register(*a)?, value },
                    (Add, Some(value), None) => Code::AddImmediate { to, a: self.register(*b)?, value },
                    (Subtract, _, Some(value)) if value != i32::MIN => {
                        Code::AddImmediate { to, a: self.register(*a)?, value: -value }
                    }
                    (Multiply, _, Some(value)) => {
                        Code::MultiplyImmediate { to, a: self.register(*a)?, value }
                    }
                    (Multiply, Some(value), None) => {
                        Code::MultiplyImmediate { to, a: self.register(*b)?, value }
                    }
                    (Add, ..) => Code::Add { to, a: self.register(*a)?, b: self.register(*b)? },
                    (Subtract, ..) => Code::Subtract { to, a: self.register(*a)?, b: self.register(*b)? },
                    (Multiply, ..) => Code::Multiply { to, a: self.register(*a)?, b: self.register(*b)? },
                    _ => return Ok(false),
                };
                self.site(*obligation, operands)?;
                self.push(code);
                Ok(true)
            }
            (Check::Index, [x, i], Op::Element(array, index, access)) if (x, i) == (array, index) => {
                let Shape::Array(element) = *self.program.shapes.get(self.type_of(*x)) else {
                    return Ok(false);
                };
                let (to, x, index) = (self.result(second)?, self.register(*x)?, self.register(*i)?);
                self.site(*obligation, operands)?;
                self.push(match self.program.shapes.trace(element) {
                    Trace::Pointer => Code::CheckedElementPointer { access: *access, to, x, index },
                    _ => Code::CheckedElement { to, x, index },
                });
                Ok(true)
            }
            (Check::Index, [x, i], Op::WithElement(array, index, value)) if (x, i) == (array, index) => {
                let (to, x, index) = (self.result(second)?, self.register(*x)?, self.register(*i)?);
                let value = self.register(*value)?;
                self.site(*obligation, operands)?;
                self.push(Code::CheckedWithElement { to, x, index, value });
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// `OR_ELSE(get(map, key), otherwise)` where nobody else sees the optional, which is then not made. What
    /// stands in the source decides, not what is traced or done already: code that is traced takes as much
    /// memory.
    fn lookup_or(&mut self, id: BlockId, at: usize, rest: &[Instruction]) -> Result<Option<usize>, Error> {
        let block = self.whole.blocks.get(id.0 as usize);
        let Some([first, behind @ ..]) = block.and_then(|block| block.instructions.get(at..)) else {
            return Ok(None);
        };
        let Op::Builtin(Builtin::Get, _) = &first.op else { return Ok(None) };
        let is_number = |next: &&Instruction| matches!(next.op, Op::Immediate(_) | Op::Constant(_));
        let numbers = behind.iter().take_while(is_number).count();
        let Some(Instruction { op: Op::Builtin(Builtin::OrElse, chosen), .. }) = behind.get(numbers) else {
            return Ok(None);
        };
        let is_only_use =
            first.result.is_some_and(|found| chosen.first() == Some(&found) && self.uses_of(found) == 1);
        if !is_only_use || !self.is_argument(id, at, at + 1 + numbers) {
            return Ok(None);
        }
        // The same, with the names that values have now.
        let Some((second, numbers)) = rest.get(1..2 + numbers).and_then(<[_]>::split_last) else {
            return Ok(None);
        };
        let (Some(Instruction { op: Op::Builtin(_, operands), .. }), Op::Builtin(_, chosen)) =
            (rest.first(), &second.op)
        else {
            return Ok(None);
        };
        let ([x, key], [_, otherwise]) = (operands.as_slice(), chosen.as_slice()) else { return Ok(None) };
        for number in numbers {
            super::operation::emit(self, number)?;
        }
        let (to, type_id) = (self.result(second)?, self.type_of(*x).0);
        let (x, key, otherwise) = (self.register(*x)?, self.register(*key)?, self.register(*otherwise)?);
        self.push(Code::LookupOr { to, x, key, otherwise, type_id });
        Ok(Some(2 + numbers.len()))
    }

    /// Whether an instruction of a block computes what is written as the first argument of the built-in that
    /// another computes.
    fn is_argument(&self, block: BlockId, argument: usize, call: usize) -> bool {
        let origins = self.origins.and_then(|map| map.blocks.get(block.0 as usize));
        let expr = |at: usize| match origins?.get(at)? {
            Origin { place: Place::Expr(expr), .. } => Some(*expr),
            _ => None,
        };
        let (Some(argument), Some(call)) = (expr(argument), expr(call)) else { return false };
        match self.exprs.and_then(|exprs| exprs.nodes.get(call.0 as usize)).map(|node| &node.kind) {
            Some(ExprKind::Builtin(_, arguments)) => arguments.first() == Some(&argument),
            _ => false,
        }
    }
}
