//! `call` and `invoke`: conditions, attempts, and where errors go.

use anrf_format::execution::{
    Arithmetic, BlockId, Comparison, FaultKind, FunctionId, ObligationKind, Op, Target, Terminator, ValueId,
};
use anrf_format::semantic::{Bind, Call, LocalId, Step, StepId};
use anrf_format::types::{Field, TypeId};

use super::Lowering;
use super::compensation::Branch;
use super::error::{LowerError, Result};

/// What is known of the function or host operation that is called.
struct Callee<'m> {
    success: &'m [Field],
    success_record: TypeId,
    codes: usize,
}

impl<'m> Lowering<'m, '_> {
    pub(super) fn call_step(&mut self, call: &'m Call, step: &'m Step) -> Result<()> {
        if step.retry.is_some() {
            return Err(LowerError::IllTyped("retry of a called function"));
        }
        if self.facts.is_lemma(call.callee) {
            return self.lemma_step(call);
        }
        let arguments = self.exprs(&call.arguments)?;
        let callee = self.facts.semantic.functions.get(call.callee as usize);
        let callee = callee.ok_or(LowerError::IllTyped("a called function"))?;
        let known = Callee {
            success: &callee.success,
            success_record: callee.success_record,
            codes: callee.error_codes.len(),
        };
        self.check_call(call.callee, &arguments)?;
        let (success, failure) = self.continuations(&known)?;
        let function = FunctionId(call.callee);
        self.code.end(Terminator::Call { function, arguments, success, failure })?;
        self.after_call(call, step, &known, success, failure)
    }

    /// Brings a fact: ghost code that runs the lemma's entry conditions, so that it costs nothing where
    /// contracts are left out.
    fn lemma_step(&mut self, call: &'m Call) -> Result<()> {
        if call.bind.is_some() || !call.on_error.is_empty() {
            return Err(LowerError::IllTyped("a name for what a lemma gives"));
        }
        let (region, _) = self.code.begin_region(&[])?;
        let arguments = self.exprs(&call.arguments)?;
        let obligation = self.code.obligation(ObligationKind::CallPrecondition)?;
        self.code.emit(Op::CheckCall(call.callee, arguments, obligation))?;
        if let Some(caller) = self.body_of()
            && self.facts.is_recursive(caller, call.callee)
        {
            self.code.obligation(ObligationKind::Termination)?;
        }
        let holds = self.code.immediate(1, TypeId::BOOLEAN)?;
        let region = self.code.end_region(&region, vec![holds])?;
        self.code.contract(FaultKind::AssertionViolation, region, ObligationKind::Assertion)
    }

    pub(super) fn invoke_step(&mut self, id: StepId, call: &'m Call, step: &'m Step) -> Result<()> {
        let arguments = self.exprs(&call.arguments)?;
        let operation = self.facts.semantic.host.get(call.callee as usize);
        let operation = operation.ok_or(LowerError::IllTyped("a host operation"))?;
        let known = Callee {
            success: &operation.success,
            success_record: operation.success_record,
            codes: operation.error_codes.len(),
        };
        if !operation.preconditions.is_empty() {
            let obligation = self.code.obligation(ObligationKind::CallPrecondition)?;
            self.code.emit(Op::CheckRequest(call.callee, arguments.clone(), obligation))?;
        }
        let obligation = self.code.obligation(ObligationKind::HostContract)?;
        let retry = step.retry.filter(|retry| retry.times > 0 && known.codes > 0);
        let attempts = match retry {
            None => None,
            Some(_) => {
                let header = self.code.block()?;
                let none = self.code.immediate(0, TypeId::INTEGER)?;
                self.code.jump(header, vec![none])?;
                let attempt = self.code.parameter(header, TypeId::INTEGER)?;
                self.code.enter(header);
                self.plain_loop(id, header);
                Some((header, attempt))
            }
        };
        let (success, mut failure) = self.continuations(&known)?;
        let operation = call.callee;
        self.code.end(Terminator::Invoke { operation, arguments, success, failure, obligation })?;
        if let (Some(retry), Some((header, attempt)), Some(failed)) = (retry, attempts, failure) {
            self.code.enter(failed);
            let answer = self.code.blocks[failed.0 as usize].parameters.clone();
            let times = self.code.immediate(i64::from(retry.times), TypeId::INTEGER)?;
            let again = Op::Compare(Comparison::Less, attempt, times);
            let again = self.code.define(again, TypeId::BOOLEAN)?;
            let (repeat, give_up) = self.split(again)?;
            self.code.enter(repeat);
            self.code.emit(Op::Wait(retry.backoff_ms))?;
            let one = self.code.immediate(1, TypeId::INTEGER)?;
            let next = self.arithmetic(Arithmetic::Add, attempt, one, TypeId::INTEGER)?;
            let target = Target { block: header, arguments: vec![next] };
            self.code.end(Terminator::Repeat { target, mark: None })?;
            self.code.enter(give_up);
            let last = self.code.block()?;
            self.code.parameter(last, TypeId::INTEGER)?;
            self.code.parameter(last, TypeId::STRING)?;
            self.code.jump(last, answer)?;
            failure = Some(last);
        }
        self.after_call(call, step, &known, success, failure)
    }

    /// Blocks for success, with the returned fields, and for failure, with code and message.
    fn continuations(&mut self, callee: &Callee<'_>) -> Result<(BlockId, Option<BlockId>)> {
        let success = self.code.block()?;
        for field in callee.success {
            self.code.parameter(success, field.type_id)?;
        }
        if callee.codes == 0 {
            return Ok((success, None));
        }
        let failure = self.code.block()?;
        self.code.parameter(failure, TypeId::INTEGER)?;
        self.code.parameter(failure, TypeId::STRING)?;
        Ok((success, Some(failure)))
    }

    fn after_call(
        &mut self,
        call: &'m Call,
        step: &'m Step,
        callee: &Callee<'_>,
        success: BlockId,
        failure: Option<BlockId>,
    ) -> Result<()> {
        let (outer, mark, place) = (self.flow()?.due, self.scope.mark(), self.code.origin);
        let name = self.code.step();
        let mut types = vec![];
        if let Some(bind) = call.bind {
            types.push(self.scope.type_of(bind.local)?);
        }
        self.code.enter(success);
        let fields = self.code.blocks[success.0 as usize].parameters.clone();
        let mut values = vec![];
        if let Some(bind) = call.bind {
            if bind.record != callee.success_record {
                return Err(LowerError::IllTyped("a bound record"));
            }
            let record = self.new_record(fields, bind.record)?;
            values.push(self.bound(bind, record)?);
        }
        let mut branches = vec![self.end_branch(values)?];
        if let Some(failure) = failure {
            self.code.enter(failure);
            let &[code, message] = self.code.blocks[failure.0 as usize].parameters.as_slice() else {
                return Err(LowerError::IllTyped("a failure"));
            };
            let blocks = self.switch(code, callee.codes)?;
            let mut fallback = None;
            for (index, block) in (0..).zip(blocks) {
                self.set_due(outer)?;
                self.code.enter(block);
                if let Some((_, steps)) = call.on_error.iter().find(|(code, _)| *code == index) {
                    self.steps(steps)?;
                    self.code.origin = place;
                    self.code.set_step(&name);
                    if self.code.is_reachable() {
                        branches.push(self.unbound(call.bind)?);
                    }
                    self.scope.rollback(mark);
                } else if let Some(values) = &step.fallback {
                    // One copy for all the errors that it takes.
                    match fallback {
                        Some(target) => self.code.jump(target, vec![])?,
                        None => {
                            let target = self.code.block()?;
                            self.code.jump(target, vec![])?;
                            self.code.enter(target);
                            branches.push(self.fallback(call.bind, values)?);
                            fallback = Some(target);
                        }
                    }
                } else if let Some((_, ours)) = call.propagated.iter().find(|(theirs, _)| *theirs == index) {
                    let code = self.code.immediate(i64::from(*ours), TypeId::INTEGER)?;
                    self.fail_with(code, message)?;
                } else {
                    return Err(LowerError::IllTyped("an error that nothing takes"));
                }
            }
        }
        let values = self.join(branches, &types, outer)?;
        match (call.bind, values.first()) {
            (Some(bind), Some(value)) => self.scope.bind(bind.local, *value),
            _ => Ok(()),
        }
    }

    /// What the name is bound to where there is a record.
    fn bound(&mut self, bind: Bind, record: ValueId) -> Result<ValueId> {
        let type_id = self.scope.type_of(bind.local)?;
        if bind.optional { self.code.define(Op::NewSome(record), type_id) } else { Ok(record) }
    }

    /// A handler that falls through: there is no record.
    fn unbound(&mut self, bind: Option<Bind>) -> Result<Branch> {
        let mut values = vec![];
        if let Some(bind) = bind {
            let type_id = self.scope.type_of(bind.local)?;
            values.push(self.code.define(Op::NewNone, type_id)?);
        }
        self.end_branch(values)
    }

    fn fallback(
        &mut self,
        bind: Option<Bind>,
        values: &[(LocalId, anrf_format::semantic::ExprId)],
    ) -> Result<Branch> {
        let mut made = vec![];
        if let Some(bind) = bind {
            let (_, value) = values.first().ok_or(LowerError::IllTyped("a fallback"))?;
            let record = self.expr(*value)?;
            made.push(self.bound(bind, record)?);
        }
        self.end_branch(made)
    }
}
