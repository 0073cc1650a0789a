//! Steps: what each does, `when`, guards, and what is visible afterwards.

use anrf_format::execution::{FaultKind, ObligationKind, Op, Place, ValueId};
use anrf_format::semantic::{
    Block, Domain, ExprId, FunctionKind, LocalId, LoopHead, Operation, Step, StepId, When,
    validate::MAX_STEP_DEPTH,
};

use super::Lowering;
use super::compensation::Branch;
use super::error::{LowerError, Result};

impl<'m> Lowering<'m, '_> {
    /// Steps in order, as far as they can be reached.
    pub(super) fn steps(&mut self, block: &'m [StepId]) -> Result<()> {
        let flow = self.flow()?;
        if flow.depth > MAX_STEP_DEPTH {
            return Err(LowerError::TooDeep);
        }
        flow.depth += 1;
        for id in block {
            if !self.code.is_reachable() {
                break;
            }
            self.step(*id)?;
        }
        self.flow()?.depth -= 1;
        Ok(())
    }

    /// What is made from now on belongs to this step as a whole.
    pub(super) fn at_step(&mut self, id: StepId) -> Result<()> {
        let function = self.flow()?.function;
        let step = function.steps.get(id.0 as usize).ok_or(LowerError::IllTyped("a step"))?;
        self.code.set_step(&step.name);
        self.code.origin.step = Some(id);
        self.code.origin.place = Place::Step;
        self.scope.step = Some(id);
        Ok(())
    }

    fn step(&mut self, id: StepId) -> Result<()> {
        let function = self.flow()?.function;
        let step = function.steps.get(id.0 as usize).ok_or(LowerError::IllTyped("a step"))?;
        let (origin, name) = (self.code.origin, self.code.step());
        self.at_step(id)?;
        match &step.when {
            None => self.step_body(id, step)?,
            Some(when) => self.step_when(id, step, when)?,
        }
        self.code.origin = origin;
        self.scope.step = origin.step;
        self.code.set_step(&name);
        Ok(())
    }

    fn step_body(&mut self, id: StepId, step: &'m Step) -> Result<()> {
        for guard in &step.guards {
            let (fails, goes_on) = (self.code.block()?, self.code.block()?);
            self.condition(guard.fail_when, fails, goes_on)?;
            self.code.enter(fails);
            self.fail(guard.error_code, guard.message)?;
            self.code.enter(goes_on);
        }
        self.operation(id, step)?;
        if !step.compensate.is_empty() && self.code.is_reachable() {
            self.at_step(id)?;
            self.push_compensation(id)?;
        }
        Ok(())
    }

    fn step_when(&mut self, id: StepId, step: &'m Step, when: &'m When) -> Result<()> {
        if let Operation::Compute { bindings, ghost: true } = &step.operation
            && !self.is_ghost_flow()?
            && step.guards.is_empty()
            && step.compensate.is_empty()
        {
            return self.ghost_when(bindings, when);
        }
        let outer = self.flow()?.due;
        let (done, skipped) = (self.code.block()?, self.code.block()?);
        self.condition(when.condition, done, skipped)?;
        let types =
            when.bound.iter().map(|(_, after)| self.scope.type_of(*after)).collect::<Result<Vec<_>>>()?;
        let mark = self.scope.mark();
        let mut branches = vec![];
        self.code.enter(done);
        self.step_body(id, step)?;
        self.at_step(id)?;
        if self.code.is_reachable() {
            let mut values = vec![];
            for ((inner, _), type_id) in when.bound.iter().zip(&types) {
                let value = self.scope.get(*inner)?;
                values.push(self.code.define(Op::NewSome(value), *type_id)?);
            }
            branches.push(self.end_branch(values)?);
        }
        self.scope.rollback(mark);
        self.set_due(outer)?;
        self.code.enter(skipped);
        let mut values = vec![];
        for type_id in &types {
            values.push(self.code.define(Op::NewNone, *type_id)?);
        }
        branches.push(self.end_branch(values)?);
        let values = self.join(branches, &types, outer)?;
        when.bound.iter().zip(values).try_for_each(|((_, after), value)| self.scope.bind(*after, value))
    }

    /// The present end of a branch, whose block still lacks its jump.
    pub(super) fn end_branch(&mut self, values: Vec<ValueId>) -> Result<Branch> {
        let end = self.code.current.take().ok_or(LowerError::IllTyped("a branch"))?;
        Ok(Branch { end, due: self.flow()?.due, values })
    }

    fn operation(&mut self, id: StepId, step: &'m Step) -> Result<()> {
        match &step.operation {
            Operation::Require { condition, error_code, message } => {
                let (holds, fails) = (self.code.block()?, self.code.block()?);
                self.condition(*condition, holds, fails)?;
                self.code.enter(fails);
                self.fail(*error_code, *message)?;
                self.code.enter(holds);
                Ok(())
            }
            Operation::Compute { bindings, ghost } => {
                let ghost = *ghost && !self.is_ghost_flow()?;
                for (local, value) in bindings {
                    let value = if ghost { self.ghost(*value)? } else { self.expr(*value)? };
                    self.scope.bind(*local, value)?;
                }
                Ok(())
            }
            Operation::Assert(condition) => {
                self.assertion(*condition, FaultKind::AssertionViolation, ObligationKind::Assertion).map(drop)
            }
            Operation::Choose { cases, otherwise, joined } => self.choose(cases, otherwise.as_ref(), joined),
            Operation::Loop(looping) => self.loop_step(id, looping),
            Operation::Next(values) => self.next(values),
            Operation::Break(values) => self.break_out(values),
            Operation::Call(call) => self.call_step(call, step),
            Operation::Invoke(call) => self.invoke_step(id, call, step),
            Operation::Update(values) => self.update(values),
            Operation::Transition { machine, from, to, target } => {
                self.transition(*machine, *from, *to, target)
            }
            Operation::Log { level, message, fields } => {
                let message = self.expr(*message)?;
                let mut values = vec![];
                for (name, value) in fields {
                    values.push((name.clone(), self.expr(*value)?));
                }
                self.code.emit(Op::Log(*level, message, values))
            }
            Operation::Return(values) => {
                if self.flow()?.abandon.is_some() {
                    return Err(LowerError::IllTyped("a return inside a compensation"));
                }
                let values = self.exprs(values)?;
                self.return_from(values)
            }
            Operation::Fail { error_code, message } => self.fail(*error_code, *message),
        }
    }

    /// Whether all steps are contract code already: a lemma's are, so nothing in it is more ghost than the rest.
    fn is_ghost_flow(&mut self) -> Result<bool> {
        Ok(self.flow()?.function.kind == FunctionKind::Lemma)
    }

    /// A value of ghost code.
    fn ghost(&mut self, value: ExprId) -> Result<ValueId> {
        let (region, _) = self.code.begin_region(&[])?;
        let value = self.expr(value)?;
        let type_id = self.code.type_of(value)?;
        let region = self.code.end_region(&region, vec![value])?;
        self.code.define(Op::Ghost(region), type_id)
    }

    /// Ghost names under `when`: the condition is ghost code too, so that leaving it out changes no charge.
    fn ghost_when(&mut self, bindings: &[(LocalId, ExprId)], when: &When) -> Result<()> {
        let mark = self.scope.mark();
        let mut bound = vec![];
        for (inner, after) in &when.bound {
            let type_id = self.scope.type_of(*after)?;
            let (region, _) = self.code.begin_region(&[])?;
            let (holds, skipped, end) = (self.code.block()?, self.code.block()?, self.code.block()?);
            self.condition(when.condition, holds, skipped)?;
            self.code.enter(holds);
            // Earlier names of the same step are part of what a later one is made of.
            let inside = self.scope.mark();
            for (local, value) in bindings {
                let value = self.expr(*value)?;
                self.scope.bind(*local, value)?;
                if local == inner {
                    break;
                }
            }
            let value = self.scope.get(*inner)?;
            self.scope.rollback(inside);
            let some = self.code.define(Op::NewSome(value), type_id)?;
            self.code.jump(end, vec![some])?;
            self.code.enter(skipped);
            let none = self.code.define(Op::NewNone, type_id)?;
            self.code.jump(end, vec![none])?;
            let value = self.code.parameter(end, type_id)?;
            self.code.enter(end);
            let region = self.code.end_region(&region, vec![value])?;
            bound.push((*after, self.code.define(Op::Ghost(region), type_id)?));
        }
        self.scope.rollback(mark);
        bound.into_iter().try_for_each(|(after, value)| self.scope.bind(after, value))
    }

    fn choose(
        &mut self,
        cases: &'m [(ExprId, Block)],
        otherwise: Option<&'m Block>,
        joined: &'m [(LocalId, Vec<Option<LocalId>>)],
    ) -> Result<()> {
        let (outer, mark, place) = (self.flow()?.due, self.scope.mark(), self.code.origin);
        let types = joined.iter().map(|(after, _)| self.scope.type_of(*after)).collect::<Result<Vec<_>>>()?;
        let name = self.code.step();
        let mut branches = vec![];
        let blocks = cases.iter().map(|(condition, block)| (Some(*condition), Some(block)));
        for (index, (condition, block)) in blocks.chain([(None, otherwise)]).enumerate() {
            let next = match condition {
                Some(condition) => {
                    let (holds, next) = (self.code.block()?, self.code.block()?);
                    self.condition(condition, holds, next)?;
                    self.code.enter(holds);
                    Some(next)
                }
                None => None,
            };
            if let Some(block) = block {
                self.steps(block)?;
            }
            self.code.origin = place;
            self.code.set_step(&name);
            if self.code.is_reachable() {
                let mut values = vec![];
                for (_, inner) in joined {
                    let inner =
                        inner.get(index).copied().flatten().ok_or(LowerError::IllTyped("a branch"))?;
                    values.push(self.scope.get(inner)?);
                }
                branches.push(self.end_branch(values)?);
            }
            self.scope.rollback(mark);
            self.set_due(outer)?;
            if let Some(next) = next {
                self.code.enter(next);
            }
        }
        let values = self.join(branches, &types, outer)?;
        joined.iter().zip(values).try_for_each(|((after, _), value)| self.scope.bind(*after, value))
    }
}

/// Calls `visit` for the blocks of steps inside a step, compensation included, in order of the text.
pub(super) fn for_each_block<'s>(step: &'s Step, visit: &mut dyn FnMut(&'s Block)) {
    match &step.operation {
        Operation::Choose { cases, otherwise, .. } => {
            cases.iter().for_each(|(_, block)| visit(block));
            otherwise.iter().for_each(&mut *visit);
        }
        Operation::Loop(looping) => visit(&looping.body),
        Operation::Call(call) | Operation::Invoke(call) => {
            call.on_error.iter().for_each(|(_, block)| visit(block))
        }
        _ => {}
    }
    visit(&step.compensate);
}

/// Calls `visit` for the expressions of a step that are not those of steps inside it.
pub(super) fn for_each_root(step: &Step, visit: &mut dyn FnMut(ExprId)) {
    step.when.iter().for_each(|when| visit(when.condition));
    for guard in &step.guards {
        visit(guard.fail_when);
        visit(guard.message);
    }
    step.fallback.iter().flatten().for_each(|(_, value)| visit(*value));
    match &step.operation {
        Operation::Require { condition, message, .. } => {
            visit(*condition);
            visit(*message);
        }
        Operation::Compute { bindings: values, .. } | Operation::Next(values) | Operation::Break(values) => {
            values.iter().for_each(|(_, value)| visit(*value));
        }
        Operation::Assert(value) | Operation::Transition { from: value, .. } => visit(*value),
        Operation::Choose { cases, .. } => cases.iter().for_each(|(condition, _)| visit(*condition)),
        Operation::Loop(looping) => {
            looping.state.iter().for_each(|(_, value)| visit(*value));
            match &looping.head {
                LoopHead::While(condition) => visit(*condition),
                LoopHead::For(binder) => match binder.domain {
                    Domain::Range(low, high) => {
                        visit(low);
                        visit(high);
                    }
                    Domain::Array(array) => visit(array),
                },
            }
            looping.invariants.iter().chain(&looping.decreases).for_each(|value| visit(*value));
        }
        Operation::Call(call) | Operation::Invoke(call) => {
            call.arguments.iter().for_each(|value| visit(*value))
        }
        Operation::Update(values) => values.iter().for_each(|(_, value)| visit(*value)),
        Operation::Log { message, fields, .. } => {
            visit(*message);
            fields.iter().for_each(|(_, value)| visit(*value));
        }
        Operation::Return(values) => values.iter().for_each(|value| visit(*value)),
        Operation::Fail { message, .. } => visit(*message),
    }
}
