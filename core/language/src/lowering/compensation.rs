//! `compensate`: what completed steps undo when a later one fails or faults, the last one's first.
//!
//! Each compensation becomes code twice, however many places it is reached from: a block that takes the error
//! and goes on to the next compensation and at last to the failure exit, and a handler of faults that goes on
//! to the next handler and at last resumes the fault. Where paths join of which only some have completed a
//! step, a flag and what its compensation reads are handed on as parameters.

use anrf_format::execution::{BlockId, Target, Terminator, ValueId};
use anrf_format::semantic::{ExprId, Function, LocalId, Operation, StepId};
use anrf_format::types::TypeId;
use rustc_hash::FxHashSet;

use super::Lowering;
use super::builder::plain;
use super::error::{LowerError, Result};
use super::flow::Compensation;

/// What compensations a branch has added, and the value of a name that stays what it was.
#[derive(Debug)]
pub(super) struct Branch {
    /// Where the branch ends.
    pub(super) end: BlockId,
    pub(super) due: Option<usize>,
    /// What it hands to the block after the branches, besides compensations.
    pub(super) values: Vec<ValueId>,
}

impl<'m> Lowering<'m, '_> {
    /// The step is done: from here on its compensation is due.
    pub(super) fn push_compensation(&mut self, id: StepId) -> Result<()> {
        let flow = self.flow()?;
        if !flow.loops.is_empty() {
            return Err(LowerError::Unsupported("compensation inside a loop"));
        }
        if flow.abandon.is_some() {
            return Err(LowerError::Unsupported("compensation of a compensation"));
        }
        let (function, next) = (flow.function, flow.due);
        let mut captured = vec![];
        for local in locals_read(function, id) {
            captured.extend(self.scope.peek(local).map(|value| (local, value)));
        }
        self.due_compensation(Compensation {
            next,
            step: id,
            done: None,
            captured,
            on_failure: None,
            on_fault: None,
        })?;
        let rest = self.code.block()?;
        self.code.jump(rest, vec![])?;
        self.code.enter(rest);
        Ok(())
    }

    /// Makes the compensation the first that is due; blocks entered from now on send faults to it.
    fn due_compensation(&mut self, mut compensation: Compensation) -> Result<()> {
        let handler = self.code.block()?;
        compensation.on_fault = Some(handler);
        let flow = self.flow()?;
        let index = flow.compensations.len();
        flow.compensations.push(compensation);
        flow.pending.push((index, true));
        self.set_due(Some(index))
    }

    /// Compensations due from here on.
    pub(super) fn set_due(&mut self, due: Option<usize>) -> Result<()> {
        let flow = self.flow()?;
        flow.due = due;
        let handler = due.and_then(|due| flow.compensations.get(due)?.on_fault);
        self.code.handler = handler;
        Ok(())
    }

    /// Leaves with an error of the function, by way of what is due.
    pub(super) fn fail(&mut self, error_code: u32, message: ExprId) -> Result<()> {
        if let Some(target) = self.flow()?.abandon.clone() {
            return self.code.end(Terminator::Jump(target));
        }
        let message = self.expr(message)?;
        let code = self.code.immediate(i64::from(error_code), TypeId::INTEGER)?;
        self.fail_with(code, message)
    }

    /// The same with an error code that is a value.
    pub(super) fn fail_with(&mut self, code: ValueId, message: ValueId) -> Result<()> {
        if let Some(target) = self.flow()?.abandon.clone() {
            return self.code.end(Terminator::Jump(target));
        }
        let due = self.flow()?.due;
        let block = self.failure_target(due)?;
        self.code.jump(block, vec![code, message])
    }

    fn failure_target(&mut self, due: Option<usize>) -> Result<BlockId> {
        let flow = self.flow()?;
        let known = match due {
            Some(index) => flow.compensations.get(index).and_then(|compensation| compensation.on_failure),
            None => flow.failure_exit,
        };
        if let Some(block) = known {
            return Ok(block);
        }
        let block = self.code.block()?;
        self.code.parameter(block, TypeId::INTEGER)?;
        self.code.parameter(block, TypeId::STRING)?;
        let flow = self.flow()?;
        match due {
            Some(index) => {
                flow.pending.push((index, false));
                if let Some(compensation) = flow.compensations.get_mut(index) {
                    compensation.on_failure = Some(block);
                }
            }
            None => flow.failure_exit = Some(block),
        }
        Ok(block)
    }

    /// Makes the code of every compensation that something leads to.
    pub(super) fn finish_compensations(&mut self) -> Result<()> {
        while let Some((index, for_fault)) = self.flow()?.pending.pop() {
            let compensation = self
                .flow()?
                .compensations
                .get(index)
                .cloned()
                .ok_or(LowerError::IllTyped("a compensation"))?;
            let next = compensation.next;
            let (block, target) = if for_fault {
                (compensation.on_fault, plain(self.fault_target(next)?))
            } else {
                let block = compensation.on_failure.ok_or(LowerError::IllTyped("a compensation"))?;
                let arguments = self.code.blocks[block.0 as usize].parameters.clone();
                (Some(block), Target { block: self.failure_target(next)?, arguments })
            };
            self.set_due(next)?;
            self.at_step(compensation.step)?;
            self.code.enter(block.ok_or(LowerError::IllTyped("a compensation"))?);
            self.compensate(&compensation, target)?;
        }
        Ok(())
    }

    fn fault_target(&mut self, due: Option<usize>) -> Result<BlockId> {
        let flow = self.flow()?;
        let known = due.map_or(flow.resume, |index| flow.compensations.get(index)?.on_fault);
        if let Some(block) = known {
            return Ok(block);
        }
        let block = self.code.block()?;
        self.flow()?.resume = Some(block);
        let handler = self.code.handler.take();
        self.code.enter(block);
        self.code.end(Terminator::Resume)?;
        self.code.handler = handler;
        Ok(block)
    }

    fn compensate(&mut self, compensation: &Compensation, target: Target) -> Result<()> {
        if let Some(done) = compensation.done {
            let run = self.code.block()?;
            self.code.end(Terminator::Branch(done, plain(run), target.clone()))?;
            self.code.enter(run);
        }
        let mark = self.scope.mark();
        for (local, value) in &compensation.captured {
            self.scope.bind(*local, *value)?;
        }
        let flow = self.flow()?;
        flow.abandon = Some(target.clone());
        let function = flow.function;
        let step = function.steps.get(compensation.step.0 as usize).ok_or(LowerError::IllTyped("a step"))?;
        self.steps(&step.compensate)?;
        self.flow()?.abandon = None;
        self.scope.rollback(mark);
        if self.code.is_reachable() {
            self.at_step(compensation.step)?;
            self.code.end(Terminator::Jump(target))?;
        }
        Ok(())
    }

    /// Goes on after branches of which each hands over values of these types. Where more than one falls
    /// through, gives the parameters of the block after them; where one does, its values.
    pub(super) fn join(
        &mut self,
        branches: Vec<Branch>,
        types: &[TypeId],
        outer: Option<usize>,
    ) -> Result<Vec<ValueId>> {
        let mut branches = branches;
        match branches.len() {
            0 => {
                self.code.current = None;
                self.set_due(outer)?;
                return Ok(vec![]);
            }
            1 => {
                let branch = branches.remove(0);
                self.set_due(branch.due)?;
                // The rest of the block runs under the handler that the block was entered with, which is the
                // branch's own.
                self.code.current = Some(branch.end);
                return Ok(branch.values);
            }
            _ => {}
        }
        let after = self.code.block()?;
        let parameters =
            types.iter().map(|type_id| self.code.parameter(after, *type_id)).collect::<Result<Vec<_>>>()?;
        let merged = self.merge_compensations(&mut branches, after, outer)?;
        for branch in branches {
            self.code.current = Some(branch.end);
            self.code.jump(after, branch.values)?;
        }
        self.set_due(outer)?;
        for mut compensation in merged {
            compensation.next = self.flow()?.due;
            self.due_compensation(compensation)?;
        }
        self.code.enter(after);
        Ok(parameters)
    }

    /// Adds to each branch's values, for every compensation that some branch has added, whether it is due and
    /// what it reads.
    fn merge_compensations(
        &mut self,
        branches: &mut [Branch],
        after: BlockId,
        outer: Option<usize>,
    ) -> Result<Vec<Compensation>> {
        let mut merged = vec![];
        for owner in 0..branches.len() {
            let mut chain = vec![];
            let mut due = branches[owner].due;
            while let Some(index) = due.filter(|_| due != outer) {
                let compensation = self
                    .flow()?
                    .compensations
                    .get(index)
                    .cloned()
                    .ok_or(LowerError::IllTyped("a compensation"))?;
                due = compensation.next;
                chain.push(compensation);
            }
            // The first that was completed is the last to be undone.
            for compensation in chain.into_iter().rev() {
                let done = self.hand_on(branches, after, owner, compensation.done, TypeId::BOOLEAN)?;
                let mut captured = vec![];
                for (local, value) in &compensation.captured {
                    // What was there before the branches needs no handing on.
                    if self.scope.peek(*local) == Some(*value) {
                        captured.push((*local, *value));
                        continue;
                    }
                    let type_id = self.code.type_of(*value)?;
                    captured.push((*local, self.hand_on(branches, after, owner, Some(*value), type_id)?));
                }
                merged.push(Compensation { done: Some(done), captured, on_failure: None, ..compensation });
            }
        }
        Ok(merged)
    }

    /// A parameter that is the value on the owner's branch (`TRUE` if none is given), and on the others some
    /// value: FALSE of booleans.
    fn hand_on(
        &mut self,
        branches: &mut [Branch],
        after: BlockId,
        owner: usize,
        value: Option<ValueId>,
        type_id: TypeId,
    ) -> Result<ValueId> {
        for (index, branch) in branches.iter_mut().enumerate() {
            self.code.current = Some(branch.end);
            let argument = match value {
                Some(value) if index == owner => value,
                None if index == owner => self.code.immediate(1, type_id)?,
                _ => self.any_value(type_id)?,
            };
            branch.values.push(argument);
        }
        self.code.current = None;
        self.code.parameter(after, type_id)
    }
}

/// The locals that the compensation of a step reads and does not bind itself, ascending.
fn locals_read(function: &Function, id: StepId) -> Vec<LocalId> {
    let mut read = FxHashSet::default();
    let mut steps: Vec<StepId> =
        function.steps.get(id.0 as usize).map(|step| step.compensate.clone()).unwrap_or_default();
    let mut roots: Vec<ExprId> = vec![];
    let mut seen = 0;
    // Steps form a tree, so each is met once; the count guards against a malformed one.
    while let Some(id) = steps.pop().filter(|_| seen <= function.steps.len()) {
        seen += 1;
        let Some(step) = function.steps.get(id.0 as usize) else { continue };
        super::steps::for_each_root(step, &mut |root| roots.push(root));
        super::steps::for_each_block(step, &mut |block| steps.extend(block));
        if let Operation::Loop(looping) = &step.operation {
            read.extend(looping.state.iter().map(|(local, _)| *local));
        }
    }
    let mut visited = FxHashSet::default();
    while let Some(root) = roots.pop() {
        if !visited.insert(root) {
            continue;
        }
        let Some(expr) = function.exprs.nodes.get(root.0 as usize) else { continue };
        expr.kind.for_each_local(&mut |local| {
            read.insert(local);
        });
        expr.kind.for_each_child(&mut |child| roots.push(child));
    }
    let mut read: Vec<LocalId> = read.into_iter().collect();
    read.sort_unstable();
    read
}
