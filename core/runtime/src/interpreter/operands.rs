//! Which registers instructions read and write.

use super::code::{Code, Register, Slow};
use super::program::Program;

/// What an instruction does to a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// Reads it.
    Read,
    /// Writes it; what it also reads is told first.
    Write,
}

impl Program {
    /// Tells the registers of the instruction at `at` of the code without machine code. Results of calls are written
    /// on their ways only (see [`super::code::CallSite`]), and so are those of host operations.
    #[allow(clippy::too_many_lines)] // one arm per instruction
    pub fn operands(&self, at: u32, tell: &mut dyn FnMut(Operand, Register)) {
        use Operand::{Read, Write};
        let Some(instruction) = self.plain.get(at as usize) else { return };
        let mut reads = |registers: &[Register]| registers.iter().for_each(|register| tell(Read, *register));
        match *instruction {
            Code::Native { .. }
            | Code::Charge { .. }
            | Code::Enter
            | Code::Leave
            | Code::Jump { .. }
            | Code::Resume
            | Code::GhostEnd => {}
            Code::Load { to, .. }
            | Code::Immediate { to, .. }
            | Code::StateRead { to, .. }
            | Code::StateReadPointer { to, .. }
            | Code::GhostBegin { to, .. }
            | Code::Mark { to } => tell(Write, to),
            Code::Contract { end, .. } | Code::Condition { end } => tell(Write, end),
            Code::Move { to, from: a }
            | Code::AddImmediate { to, a, .. }
            | Code::MultiplyImmediate { to, a, .. }
            | Code::DivideImmediate { to, a, .. }
            | Code::RemainderImmediate { to, a, .. }
            | Code::NegateInteger { to, a }
            | Code::NegateFloat { to, a }
            | Code::NegateNumber { to, a, .. }
            | Code::Not { to, a }
            | Code::Widen { to, a }
            | Code::Narrow { to, a }
            | Code::Field { to, x: a, .. }
            | Code::FieldPointer { to, x: a, .. }
            | Code::NewSome { to, a, .. }
            | Code::Length { to, x: a }
            | Code::LengthOfText { to, x: a }
            | Code::IsSome { to, x: a } => {
                reads(&[a]);
                tell(Write, to);
            }
            Code::Add { to, a, b }
            | Code::Subtract { to, a, b }
            | Code::Multiply { to, a, b }
            | Code::Wrapping { to, a, b, .. }
            | Code::CompareInteger { to, a, b, .. }
            | Code::Float { to, a, b, .. }
            | Code::CompareFloat { to, a, b, .. }
            | Code::Number { to, a, b, .. }
            | Code::Compare { to, a, b, .. }
            | Code::Concat { to, a, b, .. }
            | Code::MinInteger { to, a, b }
            | Code::MaxInteger { to, a, b }
            | Code::WithField { to, x: a, value: b, .. }
            | Code::CheckedElement { to, x: a, index: b }
            | Code::CheckedElementJumpUnless { to, x: a, index: b, .. }
            | Code::CheckedElementPointer { to, x: a, index: b, .. }
            | Code::Element { to, x: a, index: b }
            | Code::ElementPointer { to, x: a, index: b, .. }
            | Code::ElementOfText { to, x: a, index: b }
            | Code::ElementOfBytes { to, x: a, index: b }
            | Code::Lookup { to, x: a, key: b, .. }
            | Code::Without { to, x: a, key: b, .. }
            | Code::WithMember { to, x: a, key: b, .. }
            | Code::Contains { to, x: a, element: b, .. } => {
                reads(&[a, b]);
                tell(Write, to);
            }
            Code::CheckedWithElement { to, x, index: a, value: b }
            | Code::WithElement { to, x, index: a, value: b }
            | Code::LookupOr { to, x, key: a, otherwise: b, .. }
            | Code::WithEntry { to, x, key: a, value: b, .. } => {
                reads(&[x, a, b]);
                tell(Write, to);
            }
            Code::NewRecord { to, count, list, .. } | Code::NewArray { to, count, list, .. } => {
                reads(self.row(list, count));
                tell(Write, to);
            }
            Code::Share { x: a }
            | Code::StateWrite { from: a, .. }
            | Code::CheckNegate { a }
            | Code::CheckNarrow { a }
            | Code::CheckNotZero { a, .. }
            | Code::CheckSome { x: a }
            | Code::JumpIf { a, .. }
            | Code::JumpUnless { a, .. }
            | Code::JumpEqualImmediate { a, .. }
            | Code::JumpNotEqualImmediate { a, .. }
            | Code::JumpLessImmediate { a, .. }
            | Code::JumpLessEqualImmediate { a, .. }
            | Code::JumpGreaterImmediate { a, .. }
            | Code::JumpGreaterEqualImmediate { a, .. }
            | Code::Switch { a, .. }
            | Code::LeaveReturnOne { from: a, .. } => reads(&[a]),
            Code::CheckArithmetic { a, b, .. }
            | Code::CheckIndex { x: a, index: b }
            | Code::CheckIndexOfText { x: a, index: b }
            | Code::CheckKey { x: a, key: b, .. }
            | Code::JumpEqual { a, b, .. }
            | Code::JumpNotEqual { a, b, .. }
            | Code::JumpLess { a, b, .. }
            | Code::JumpLessEqual { a, b, .. }
            | Code::Fail { code: a, message: b }
            | Code::Verdict { value: a, end: b, .. } => reads(&[a, b]),
            Code::CheckSlice { x, from, to, .. } => reads(&[x, from, to]),
            Code::AddImmediateCall { to, a, site, .. } => {
                reads(&[a]);
                tell(Write, to);
                self.arguments(site, to, tell);
            }
            Code::Call { site } => self.arguments(site, Register::MAX, tell),
            Code::CheckCondition { site } => {
                if let Some(call) = self.calls.get(site as usize) {
                    reads(self.list(call.arguments));
                }
            }
            Code::Return { list, count } | Code::LeaveReturn { list, count } => reads(self.row(list, count)),
            Code::FoldRange { counter, high, element, .. }
            | Code::FoldUnbounded { counter, high, element, .. }
            | Code::FoldRangeNext { counter, high, element, .. } => {
                reads(&[counter, high]);
                tell(Write, counter);
                tell(Write, element);
            }
            Code::PushRangeNext { array, value, counter, high, element, .. } => {
                reads(&[array, value, counter, high]);
                tell(Write, array);
                tell(Write, counter);
                tell(Write, element);
            }
            Code::FoldArray { counter, array, element, .. }
            | Code::FoldArrayNext { counter, array, element, .. }
            | Code::FoldPointers { counter, array, element, .. } => {
                reads(&[counter, array]);
                tell(Write, counter);
                tell(Write, element);
            }
            Code::Push { array, element } => {
                reads(&[array, element]);
                tell(Write, array);
            }
            Code::Reclaim { mark } => self.roots(at, mark, tell),
            Code::RepeatLess { a, b, mark, .. } | Code::RepeatLessEqual { a, b, mark, .. } => {
                reads(&[a, b]);
                self.roots(at, mark, tell);
            }
            Code::RepeatNext { counter, high, mark, .. } => {
                reads(&[counter, high]);
                self.roots(at, mark, tell);
                tell(Write, counter);
            }
            Code::RepeatAdd { counter, step, high, mark, .. } => {
                reads(&[counter, step, high]);
                self.roots(at, mark, tell);
                tell(Write, counter);
            }
            Code::Slow { index } => {
                if let Some(slow) = self.slow.get(index as usize) {
                    slow.operands(tell);
                }
            }
        }
    }

    /// Registers in a row, out of line.
    fn row(&self, list: u32, count: u16) -> &[Register] {
        self.lists.get(list as usize..list as usize + usize::from(count)).unwrap_or_default()
    }

    /// The arguments of a call; they are in its window.
    fn arguments(&self, site: u32, written: Register, tell: &mut dyn FnMut(Operand, Register)) {
        let Some(call) = self.calls.get(site as usize) else { return };
        let parameters = self.functions.get(call.function as usize).map_or(0, |function| function.parameters);
        let count = Register::try_from(parameters).unwrap_or(Register::MAX);
        let arguments = (0..count).map(|index| call.window.saturating_add(index));
        arguments.filter(|register| *register != written).for_each(|register| tell(Operand::Read, register));
    }

    /// What survives reclaiming at an instruction: it may come to lie elsewhere.
    fn roots(&self, at: u32, mark: Register, tell: &mut dyn FnMut(Operand, Register)) {
        tell(Operand::Read, mark);
        let found = self.reclaims.binary_search_by_key(&at, |reclaim| reclaim.at);
        if let Some(reclaim) = found.ok().and_then(|index| self.reclaims.get(index)) {
            self.list(reclaim.roots).iter().for_each(|register| tell(Operand::Read, *register));
        }
    }
}

impl Slow {
    /// Tells the registers that it reads, then those that it writes.
    fn operands(&self, tell: &mut dyn FnMut(Operand, Register)) {
        use Operand::{Read, Write};
        let mut reads = |registers: &[Register]| registers.iter().for_each(|register| tell(Read, *register));
        match self {
            Self::Widen { to, a, .. } => {
                reads(&[*a]);
                tell(Write, *to);
            }
            Self::Slice { to, x, from, until, .. } => {
                reads(&[*x, *from, *until]);
                tell(Write, *to);
            }
            Self::NewVariant { to, fields: registers, .. }
            | Self::NewSet { to, members: registers, .. }
            | Self::NewMap { to, entries: registers, .. }
            | Self::Builtin { to, arguments: registers, .. } => {
                reads(registers);
                tell(Write, *to);
            }
            Self::SetOf { to, array, .. } | Self::MapOf { to, array, .. } => {
                reads(&[*array]);
                tell(Write, *to);
            }
            Self::CheckBuiltin { arguments, .. } => reads(arguments),
            Self::CheckTransition { from, .. } => reads(&[*from]),
            Self::Extreme { best, has, value, .. } => {
                reads(&[*best, *has, *value]);
                tell(Write, *best);
                tell(Write, *has);
            }
            Self::RequireSome { has } => reads(&[*has]),
            Self::Sort { to, array, keys, .. } => {
                reads(&[*array]);
                keys.iter().for_each(|(key, ..)| tell(Read, *key));
                tell(Write, *to);
            }
            Self::Invoke(site) => reads(&site.arguments),
            Self::Attempts { to, .. } => tell(Write, *to),
            Self::Log { message, fields, .. } => {
                reads(&[*message]);
                fields.iter().for_each(|(_, field, _)| tell(Read, *field));
            }
            Self::Wait { .. } | Self::Trace(_) => {}
        }
    }
}
