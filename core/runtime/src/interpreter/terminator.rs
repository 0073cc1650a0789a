//! How blocks end: jumps with their moves and charges, branches, calls, returns.

use anrf_format::execution::{Block, BlockId, Comparison, Op, Target, Terminator, ValueId};

use super::code::{CallSite, Code, InvokeSite, List, Reclaim, Register, Slow};
use super::compile::{FunctionCompiler, head_charge, index_of, negated, swapped, too_large};
use super::moves::in_sequence;
use crate::arena::Trace;
use crate::error::Error;

impl<'a> FunctionCompiler<'a> {
    pub(super) fn terminator(&mut self, block: &Block, next: Option<BlockId>) -> Result<(), Error> {
        match &block.terminator {
            Terminator::Jump(target) => self.jump(target, next)?,
            Terminator::Repeat { target, mark } => {
                self.assign(target)?;
                if let Some(mark) = mark {
                    self.reclaim(target, *mark)?;
                }
                match self.function.blocks.get(target.block.0 as usize) {
                    // The head is only a test: testing here saves a jump per iteration.
                    Some(head) if self.is_test(head) => {
                        self.pending = self.pending.saturating_add(head_charge(head).unwrap_or(0));
                        self.terminator(head, next)?;
                    }
                    _ => self.jump_to(target.block, next),
                }
            }
            Terminator::Branch(condition, then, otherwise) => {
                self.branch(block, *condition, then, otherwise, next)?;
            }
            Terminator::Switch(value, targets) => {
                let a = self.register(*value)?;
                let mut labels = vec![];
                for target in targets {
                    labels.push(if target.arguments.is_empty() { target.block.0 } else { self.label() });
                }
                if labels.is_empty() {
                    return Err(Error::malformed("a target"));
                }
                let table = index_of(self.program.tables.len())?;
                self.program.tables.push(labels.clone().into());
                self.push(Code::Switch { a, table });
                for (target, label) in targets.iter().zip(labels) {
                    if !target.arguments.is_empty() {
                        self.place(label);
                        self.jump(target, None)?;
                    }
                }
            }
            Terminator::Return(values) => {
                let leaves = self.left_at == self.here()
                    && self.program.code.last() == Some(&Code::Leave)
                    && self.pending == 0;
                if leaves {
                    self.program.code.pop();
                }
                let code = match (leaves, values.as_slice()) {
                    (true, [value]) => Code::LeaveReturnOne { charge: 0, from: self.register(*value)? },
                    _ => {
                        let (list, count) = self.list(values)?;
                        if leaves { Code::LeaveReturn { list, count } } else { Code::Return { list, count } }
                    }
                };
                self.push(code);
            }
            Terminator::Fail(code, message) => {
                let (code, message) = (self.register(*code)?, self.register(*message)?);
                self.push(Code::Fail { code, message });
            }
            Terminator::Call { function, arguments, success, failure } => {
                let parameters = self.block_parameters(*success)?;
                let callee = self.execution.functions.get(function.0 as usize);
                if callee.is_none_or(|callee| {
                    callee.parameters as usize != arguments.len() || callee.returns.len() != parameters.len()
                }) {
                    return Err(Error::malformed("a function"));
                }
                self.pass(arguments)?;
                let (results, failure) = (self.list_of(parameters)?, self.failure(*failure)?);
                let result = parameters.first().map_or(Ok(0), |result| self.register(*result))?;
                let (success, charge) = self.way_to(*success);
                let site = CallSite {
                    at: 0,
                    function: function.0,
                    entry: 0,
                    enters: false,
                    window: 0,
                    arguments: List::default(),
                    results,
                    result,
                    success,
                    charge,
                    failure,
                    condition: None,
                };
                self.call(site)?;
            }
            Terminator::Invoke { operation, arguments, success, failure, obligation } => {
                let arguments = self.registers_of(arguments)?;
                let parameters = self.block_parameters(*success)?;
                let (results, failure) = (self.registers_of(parameters)?, self.failure(*failure)?);
                let operation = *operation;
                self.site(*obligation, &[])?;
                let site =
                    InvokeSite { operation, arguments, results, success: success.0, failure, window: 0 };
                self.slow(Slow::Invoke(Box::new(site)))?;
            }
            Terminator::Yield(values) => self.yielded(values, next)?,
            Terminator::Skip => self.skipped()?,
            Terminator::Resume => self.push(Code::Resume),
        }
        Ok(())
    }

    pub(super) fn block_parameters(&self, block: BlockId) -> Result<&'a [ValueId], Error> {
        let block = self.function.blocks.get(block.0 as usize).ok_or_else(|| Error::malformed("a block"))?;
        Ok(&block.parameters)
    }

    pub(super) fn failure(
        &mut self,
        failure: Option<BlockId>,
    ) -> Result<Option<(u32, Register, Register)>, Error> {
        let Some(failure) = failure else { return Ok(None) };
        let block =
            self.function.blocks.get(failure.0 as usize).ok_or_else(|| Error::malformed("a block"))?;
        match *block.parameters.as_slice() {
            [code, message] => Ok(Some((failure.0, self.register(code)?, self.register(message)?))),
            _ => Err(Error::malformed("a parameter")),
        }
    }

    pub(super) fn call(&mut self, site: CallSite) -> Result<(), Error> {
        let index = index_of(self.program.calls.len())?;
        let code = if site.condition.is_some() {
            Code::CheckCondition { site: index }
        } else {
            Code::Call { site: index }
        };
        self.program.calls.push(site);
        self.push(code);
        Ok(())
    }

    /// Puts the arguments of a call where the callee has its parameters.
    fn pass(&mut self, arguments: &[ValueId]) -> Result<(), Error> {
        for (argument, index) in arguments.iter().zip(0..) {
            let to = self.window.checked_add(index).ok_or_else(too_large)?;
            if let Some(value) = self.immediate_of(*argument).and_then(|value| i32::try_from(value).ok()) {
                self.push(Code::Immediate { to, value });
                continue;
            }
            let from = self.register(*argument)?;
            if self.uses_of(*argument) != 1 || !self.redirect(from, to) {
                self.push(Code::Move { to, from });
            }
        }
        Ok(())
    }

    /// Lets the instruction that writes a register which nothing else reads write another one, if it is
    /// among the last few.
    fn redirect(&mut self, from: Register, to: Register) -> bool {
        let start = self.settled as usize;
        let Some(open) = self.program.code.get_mut(start..) else { return false };
        for instruction in open.iter_mut().rev().take(8) {
            match instruction.number_to() {
                Some(written) if *written == from => {
                    *written = to;
                    return true;
                }
                Some(_) => {}
                None => return false,
            }
        }
        false
    }

    pub(super) fn reclaim(&mut self, target: &Target, mark: ValueId) -> Result<(), Error> {
        let mark = self.register(mark)?;
        let parameters = &self
            .function
            .blocks
            .get(target.block.0 as usize)
            .ok_or_else(|| Error::malformed("a block"))?
            .parameters;
        let list = index_of(self.program.lists.len())?;
        for parameter in parameters {
            let type_id = self.type_of(*parameter);
            if self.program.shapes.trace(type_id) != Trace::Scalar {
                let register = self.register(*parameter)?;
                self.program.lists.push(register);
                self.program.list_types.push(type_id);
            }
        }
        let count = u16::try_from(self.program.lists.len() - list as usize).map_err(|_| too_large())?;
        self.flush();
        let at = self.here();
        self.program.reclaims.push(Reclaim { at, mark, roots: List { start: list, count } });
        self.push(Code::Reclaim { mark });
        Ok(())
    }

    pub(super) fn branch(
        &mut self,
        block: &Block,
        condition: ValueId,
        then: &Target,
        otherwise: &Target,
        next: Option<BlockId>,
    ) -> Result<(), Error> {
        match (then.arguments.is_empty(), otherwise.arguments.is_empty()) {
            (true, true) if next == Some(then.block) => {
                self.jump_on(block, condition, false, self.way_to(otherwise.block), Some(then.block))?;
            }
            (true, true) if next == Some(otherwise.block) => {
                self.jump_on(block, condition, true, self.way_to(then.block), Some(otherwise.block))?;
            }
            (true, _) => {
                self.jump_on(block, condition, true, self.way_to(then.block), None)?;
                self.jump(otherwise, next)?;
            }
            (false, true) => {
                self.jump_on(block, condition, false, self.way_to(otherwise.block), None)?;
                self.jump(then, next)?;
            }
            (false, false) => {
                self.flush();
                let label = self.label();
                self.jump_on(block, condition, false, (label, 0), None)?;
                self.jump(then, None)?;
                self.place(label);
                self.jump(otherwise, next)?;
            }
        }
        Ok(())
    }

    /// Jumps if the condition of a block's branch is `wanted`, else goes on, to `behind` if that stands
    /// there. What is pending is paid on both ways, and the charges that the blocks there begin with.
    pub(super) fn jump_on(
        &mut self,
        block: &Block,
        condition: ValueId,
        wanted: bool,
        (target, due): (u32, u32),
        behind: Option<BlockId>,
    ) -> Result<(), Error> {
        if self.pending > u32::from(u8::MAX) || due > 0x8000 {
            self.flush();
        }
        let (target, charge) = match u16::try_from(self.pending.saturating_add(due)) {
            Ok(charge) => (target, charge),
            // Too much for the instruction: the block itself takes it.
            Err(_) => return Err(Error::unsupported("a charge of more than 32,768 units cannot be run")),
        };
        let mut other = u8::try_from(self.pending).unwrap_or(u8::MAX);
        self.pending = 0;
        if let Some(behind) = behind {
            self.falls_into(behind);
            let head = self.function.blocks.get(behind.0 as usize).and_then(head_charge);
            let both = head.and_then(|units| u8::try_from(u32::from(other).saturating_add(units)).ok());
            if let Some(both) = both
                && !self.entered[behind.0 as usize]
            {
                other = both;
                self.head_paid = true;
            }
        }
        if self.fused_tail(block) == 0 {
            let a = self.register(condition)?;
            self.program.code.push(if wanted {
                Code::JumpIf { other, a, charge, target }
            } else {
                Code::JumpUnless { other, a, charge, target }
            });
            return Ok(());
        }
        let Some(Op::Compare(comparison, left, right)) = block.instructions.last().map(|last| &last.op)
        else {
            return Err(Error::malformed("a comparison"));
        };
        let comparison = if wanted { *comparison } else { negated(*comparison) };
        if self.repeat(comparison, *left, *right, (target, charge), other)? {
            return Ok(());
        }
        let small = |value: Option<i64>| value.and_then(|value| i16::try_from(value).ok());
        let (comparison, a, value) = match (small(self.immediate_of(*left)), small(self.immediate_of(*right)))
        {
            (_, Some(value)) => (comparison, *left, Some(value)),
            (Some(value), None) => (swapped(comparison), *right, Some(value)),
            (None, None) => (comparison, *left, None),
        };
        let code = if let Some(value) = value {
            let a = self.register(a)?;
            match comparison {
                Comparison::Equal => Code::JumpEqualImmediate { other, a, value, charge, target },
                Comparison::NotEqual => Code::JumpNotEqualImmediate { other, a, value, charge, target },
                Comparison::Less => Code::JumpLessImmediate { other, a, value, charge, target },
                Comparison::LessEqual => Code::JumpLessEqualImmediate { other, a, value, charge, target },
                Comparison::Greater => Code::JumpGreaterImmediate { other, a, value, charge, target },
                Comparison::GreaterEqual => {
                    Code::JumpGreaterEqualImmediate { other, a, value, charge, target }
                }
            }
        } else {
            let (a, b) = (self.register(*left)?, self.register(*right)?);
            match comparison {
                Comparison::Equal => Code::JumpEqual { other, a, b, charge, target },
                Comparison::NotEqual => Code::JumpNotEqual { other, a, b, charge, target },
                Comparison::Less => Code::JumpLess { other, a, b, charge, target },
                Comparison::LessEqual => Code::JumpLessEqual { other, a, b, charge, target },
                Comparison::Greater => Code::JumpLess { other, a: b, b: a, charge, target },
                Comparison::GreaterEqual => Code::JumpLessEqual { other, a: b, b: a, charge, target },
            }
        };
        self.program.code.push(code);
        Ok(())
    }

    /// The test at the end of an iteration as one instruction with the reclaiming that has just been
    /// emitted, and with the step of a counter before it.
    fn repeat(
        &mut self,
        comparison: Comparison,
        left: ValueId,
        right: ValueId,
        (target, charge): (u32, u16),
        other: u8,
    ) -> Result<bool, Error> {
        let (Some(Code::Reclaim { mark }), Ok(charge)) =
            (self.program.code.last().copied(), u8::try_from(charge))
        else {
            return Ok(false);
        };
        let last = self.program.code.len() - 1;
        if self.tracing.is_some() || last < self.settled as usize {
            return Ok(false);
        }
        let (a, b) = (self.register(left)?, self.register(right)?);
        let mut code = match comparison {
            Comparison::Less => Code::RepeatLess { charge, a, b, mark, target },
            Comparison::Greater => Code::RepeatLess { charge, a: b, b: a, mark, target },
            Comparison::LessEqual => Code::RepeatLessEqual { charge, a, b, mark, target },
            Comparison::GreaterEqual => Code::RepeatLessEqual { charge, a: b, b: a, mark, target },
            Comparison::Equal | Comparison::NotEqual => return Ok(false),
        };
        self.program.code.pop();
        if let (Code::RepeatLess { a: counter, b: high, .. }, Some(step)) = (code, self.program.code.last())
            && last > self.settled as usize
        {
            let whole = match *step {
                Code::AddImmediate { to, a, value: 1 } if to == counter && a == counter && to != high => {
                    Some(Code::RepeatNext { charge, counter, high, mark, target })
                }
                Code::Add { to, a, b: step } if to == counter && a == counter && to != high => {
                    Some(Code::RepeatAdd { charge, counter, step, high, mark, target })
                }
                _ => None,
            };
            if let Some(whole) = whole {
                self.program.code.pop();
                code = whole;
            }
        }
        let at = self.here();
        if let Some(reclaim) = self.program.reclaims.last_mut() {
            reclaim.at = at;
        }
        self.program.code.push(code);
        if other > 0 {
            self.program.code.push(Code::Charge { units: u32::from(other) });
        }
        Ok(true)
    }

    pub(super) fn jump(&mut self, target: &Target, next: Option<BlockId>) -> Result<(), Error> {
        self.assign(target)?;
        self.jump_to(target.block, next);
        Ok(())
    }

    pub(super) fn jump_to(&mut self, block: BlockId, next: Option<BlockId>) {
        if next == Some(block) {
            self.falls_into(block);
        } else {
            let way = self.way_to(block);
            self.go(way);
        }
    }

    /// Jumps to a label, paying what is due there.
    pub(super) fn go(&mut self, (target, due): (u32, u32)) {
        let charge = std::mem::take(&mut self.pending).saturating_add(due);
        self.program.code.push(Code::Jump { charge, target });
    }

    /// The block behind is reached without a jump.
    pub(super) fn falls_into(&mut self, block: BlockId) {
        if let Some(jumps) = self.jumps.get_mut(block.0 as usize) {
            *jumps = jumps.saturating_sub(1);
        }
    }

    /// Gives a block's parameters their values.
    pub(super) fn assign(&mut self, target: &Target) -> Result<(), Error> {
        let block =
            self.function.blocks.get(target.block.0 as usize).ok_or_else(|| Error::malformed("a block"))?;
        if block.parameters.len() != target.arguments.len() {
            return Err(Error::malformed("a parameter"));
        }
        let (mut moves, mut immediates) = (vec![], vec![]);
        for (parameter, argument) in block.parameters.iter().zip(&target.arguments) {
            let to = self.register(*parameter)?;
            match self.immediate_of(*argument).and_then(|value| i32::try_from(value).ok()) {
                Some(value) => immediates.push(Code::Immediate { to, value }),
                None => moves.push((to, self.register(*argument)?)),
            }
        }
        if !moves.is_empty() {
            let spare = if moves.len() > 1 { self.fresh() } else { 0 };
            // Neither can fail, so a pending charge may stay behind them.
            let moves = in_sequence(&moves, spare).into_iter().map(|(to, from)| Code::Move { to, from });
            self.program.code.extend(moves);
        }
        self.program.code.extend(immediates);
        Ok(())
    }
}
