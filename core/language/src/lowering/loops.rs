//! Loops: what an iteration hands to the next are the parameters of the loop's header.

use anrf_format::builtin::Builtin;
use anrf_format::execution::{
    Access, Arithmetic, Check, Comparison, FaultKind, LoopInfo, ObligationKind, Op, RegionId, Target,
    Terminator, ValueId,
};
use anrf_format::semantic::{
    BinaryOperator, Block, Domain, ExprId, ExprKind, Function, LocalId, Loop, LoopHead, Operation, StepId,
};
use anrf_format::types::{TypeId, TypeTable};

use super::Lowering;
use super::builder::plain;
use super::error::{LowerError, Result};
use super::flow::LoopFrame;

/// What a `for` goes over.
struct Range {
    low: ValueId,
    high: ValueId,
    array: Option<ValueId>,
}

impl<'m> Lowering<'m, '_> {
    pub(super) fn loop_step(&mut self, id: StepId, looping: &'m Loop) -> Result<()> {
        let mut arguments = vec![];
        for (_, initial) in &looping.state {
            arguments.push(self.expr(*initial)?);
        }
        let range = match &looping.head {
            LoopHead::While(_) => None,
            LoopHead::For(binder) => Some(self.range(&binder.domain)?),
        };
        let allocates = self.body_allocates(looping)?;
        self.at_step(id)?;
        let mark = allocates.then(|| self.code.define(Op::Mark, TypeId::INTEGER)).transpose()?;
        let header = self.code.block()?;
        arguments.extend(range.as_ref().map(|range| range.low));
        self.code.jump(header, arguments)?;
        self.code.enter(header);

        let outside = self.scope.mark();
        for (local, _) in &looping.state {
            let type_id = self.scope.type_of(*local)?;
            let value = self.code.parameter(header, type_id)?;
            self.scope.bind(*local, value)?;
        }
        let index = match &range {
            Some(range) => {
                let type_id = self.code.type_of(range.low)?;
                Some(self.code.parameter(header, type_id)?)
            }
            None => None,
        };
        let at_head = self.scope.mark();
        if let (LoopHead::For(binder), Some(index)) = (&looping.head, index) {
            let position = match binder.domain {
                Domain::Range(..) => Some(binder.element),
                Domain::Array(_) => binder.index,
            };
            if let Some(position) = position {
                self.bind_position(position, index)?;
            }
        }
        self.begin_loop(id, looping, header, range.as_ref())?;
        let due = self.flow()?.due;
        let state = looping.state.iter().map(|(local, _)| *local).collect();
        self.flow()?.loops.push(LoopFrame { header, exit: None, state, index, mark, due });

        let (body, done) = (self.code.block()?, self.code.block()?);
        match (&looping.head, index, &range) {
            (LoopHead::For(binder), Some(index), Some(range)) => {
                let goes_on = Op::Compare(Comparison::Less, index, range.high);
                let goes_on = self.code.define(goes_on, TypeId::BOOLEAN)?;
                self.code.branch(goes_on, body, done)?;
                self.code.enter(body);
                if let Some(array) = range.array {
                    let type_id = self.scope.type_of(binder.element)?;
                    self.code.check(Check::Index, vec![array, index], ObligationKind::InBounds)?;
                    let element = self.code.define(Op::Element(array, index, Access::Read), type_id)?;
                    self.scope.bind(binder.element, element)?;
                }
            }
            (LoopHead::While(condition), ..) => {
                self.condition(*condition, body, done)?;
                self.code.enter(body);
            }
            _ => return Err(LowerError::IllTyped("a loop")),
        }
        self.steps(&looping.body)?;
        self.at_step(id)?;
        if self.code.is_reachable() {
            self.next(&[])?;
        }
        let frame = self.flow()?.loops.pop().ok_or(LowerError::IllTyped("a loop"))?;

        // After the loop its state has the values that the header was given last, or what a break gives.
        self.scope.rollback(at_head);
        let mut last = vec![];
        for (local, _) in &looping.state {
            last.push(self.scope.get(*local)?);
        }
        self.scope.rollback(outside);
        self.code.enter(done);
        if let Some(exit) = frame.exit {
            self.code.jump(exit, last)?;
            self.code.enter(exit);
            last = self.code.blocks[exit.0 as usize].parameters.clone();
        }
        looping.state.iter().zip(last).try_for_each(|((local, _), value)| self.scope.bind(*local, value))
    }

    fn range(&mut self, domain: &Domain) -> Result<Range> {
        match domain {
            Domain::Range(low, high) => {
                let (low, high) = (self.expr(*low)?, self.expr(*high)?);
                Ok(Range { low, high, array: None })
            }
            Domain::Array(array) => {
                let array = self.expr(*array)?;
                let low = self.code.immediate(0, TypeId::INTEGER)?;
                let high = self.code.define(Op::Builtin(Builtin::Len, vec![array]), TypeId::INTEGER)?;
                Ok(Range { low, high, array: Some(array) })
            }
        }
    }

    /// The name of the position, which in ghost code may be unbounded where the position is not.
    fn bind_position(&mut self, local: LocalId, index: ValueId) -> Result<()> {
        let type_id = self.scope.type_of(local)?;
        let value = if type_id == self.code.type_of(index)? {
            index
        } else {
            self.code.define(Op::Widen(index), type_id)?
        };
        self.scope.bind(local, value)
    }

    /// Invariants, which the header runs, and measures, which nothing runs.
    fn begin_loop(
        &mut self,
        step: StepId,
        looping: &'m Loop,
        header: anrf_format::execution::BlockId,
        range: Option<&Range>,
    ) -> Result<()> {
        let position = self.code.function.loops.len();
        let range = range.map(|range| (range.low, range.high));
        let info = LoopInfo { header, step, range, invariants: vec![], decreases: vec![] };
        self.code.function.loops.push(info);
        let origin = self.code.origin;
        if matches!(looping.head, LoopHead::While(_)) {
            // A `for` ends by itself.
            self.code.obligation(ObligationKind::Termination)?;
        }
        let mut decreases = vec![];
        for measure in &looping.decreases {
            decreases.push(self.measure(*measure)?);
        }
        let mut invariants = vec![];
        for invariant in &looping.invariants {
            let (fault, kind) = (FaultKind::InvariantViolation, ObligationKind::LoopInvariant);
            invariants.push(self.assertion(*invariant, fault, kind)?);
        }
        self.code.origin = origin;
        if let Some(info) = self.code.function.loops.get_mut(position) {
            (info.invariants, info.decreases) = (invariants, decreases);
        }
        Ok(())
    }

    /// A region that yields a measure.
    pub(super) fn measure(&mut self, root: ExprId) -> Result<RegionId> {
        let (region, _) = self.code.begin_region(&[])?;
        let value = self.expr(root)?;
        let origin = self.code.origin;
        self.at(root);
        let region = self.code.end_region(&region, vec![value])?;
        self.code.origin = origin;
        Ok(region)
    }

    /// A condition that is ghost code, with its obligation.
    pub(super) fn assertion(
        &mut self,
        root: ExprId,
        fault: FaultKind,
        kind: ObligationKind,
    ) -> Result<RegionId> {
        let origin = self.code.origin;
        let (region, _) = self.code.begin_region(&[])?;
        let value = self.expr(root)?;
        self.at(root);
        let region = self.code.end_region(&region, vec![value])?;
        self.code.contract(fault, region, kind)?;
        self.code.origin = origin;
        Ok(region)
    }

    /// `next`, and the end of `do`: on to the header.
    pub(super) fn next(&mut self, values: &[(LocalId, ExprId)]) -> Result<()> {
        let mut arguments = self.new_state(values)?;
        let frame = self.frame()?;
        let (header, index, mark) = (frame.header, frame.index, frame.mark);
        if let Some(index) = index {
            let type_id = self.code.type_of(index)?;
            let one = self.code.immediate(1, type_id)?;
            arguments.push(self.arithmetic(Arithmetic::Add, index, one, type_id)?);
        }
        self.code.end(Terminator::Repeat { target: Target { block: header, arguments }, mark })
    }

    /// `break`.
    pub(super) fn break_out(&mut self, values: &[(LocalId, ExprId)]) -> Result<()> {
        let arguments = self.new_state(values)?;
        let frame = self.frame()?;
        let (exit, state) = (frame.exit, frame.state.clone());
        let exit = match exit {
            Some(exit) => exit,
            None => {
                let exit = self.code.block()?;
                for local in state {
                    let type_id = self.scope.type_of(local)?;
                    self.code.parameter(exit, type_id)?;
                }
                self.flow()?.loops.last_mut().ok_or(LowerError::IllTyped("a loop"))?.exit = Some(exit);
                exit
            }
        };
        self.code.jump(exit, arguments)
    }

    fn frame(&mut self) -> Result<&LoopFrame> {
        let flow = self.flow()?;
        let due = flow.due;
        flow.loops
            .last()
            .filter(|frame| frame.due == due)
            .ok_or(LowerError::IllTyped("`next` outside a loop"))
    }

    /// All new values are made of the old ones; names left out keep theirs.
    fn new_state(&mut self, values: &[(LocalId, ExprId)]) -> Result<Vec<ValueId>> {
        let state = self.frame()?.state.clone();
        let mut made = vec![];
        for (local, value) in values {
            made.push((*local, self.expr(*value)?));
        }
        state
            .into_iter()
            .map(|local| match made.iter().find(|(name, _)| *name == local) {
                Some((_, value)) => Ok(*value),
                None => self.scope.get(local),
            })
            .collect()
    }

    fn body_allocates(&mut self, looping: &Loop) -> Result<bool> {
        let flow = self.flow()?;
        let allocates = |id: &ExprId| flow.allocates.get(id.0 as usize).copied().unwrap_or(true);
        let head = match &looping.head {
            LoopHead::While(condition) => allocates(condition),
            LoopHead::For(_) => false,
        };
        Ok(head
            || looping.invariants.iter().any(allocates)
            || block_allocates(flow.function, &looping.body, &allocates))
    }

    /// A loop of lowering's own around a block: nothing is known about it but that it ends.
    pub(super) fn plain_loop(&mut self, step: StepId, header: anrf_format::execution::BlockId) {
        let info = LoopInfo { header, step, range: None, invariants: vec![], decreases: vec![] };
        self.code.function.loops.push(info);
    }

    /// A branch of two new blocks.
    pub(super) fn split(
        &mut self,
        condition: ValueId,
    ) -> Result<(anrf_format::execution::BlockId, anrf_format::execution::BlockId)> {
        let (yes, no) = (self.code.block()?, self.code.block()?);
        self.code.end(Terminator::Branch(condition, plain(yes), plain(no)))?;
        Ok((yes, no))
    }
}

/// Whether going through these steps and coming back may leave something in the arena. What only happens on
/// the way out (messages, results) does not count.
fn block_allocates(function: &Function, block: &Block, allocates: &dyn Fn(&ExprId) -> bool) -> bool {
    block.iter().any(|id| {
        let Some(step) = function.steps.get(id.0 as usize) else { return true };
        let when = step.when.iter().any(|when| !when.bound.is_empty() || allocates(&when.condition));
        let guards = step.guards.iter().any(|guard| allocates(&guard.fail_when));
        let values = |values: &[(LocalId, ExprId)]| values.iter().any(|(_, value)| allocates(value));
        let inside = |block: &Block| block_allocates(function, block, allocates);
        when || guards
            || match &step.operation {
                Operation::Require { condition, .. } => allocates(condition),
                Operation::Compute { bindings, .. } => values(bindings),
                Operation::Assert(condition) => allocates(condition),
                Operation::Choose { cases, otherwise, .. } => {
                    cases.iter().any(|(condition, block)| allocates(condition) || inside(block))
                        || otherwise.iter().any(inside)
                }
                Operation::Loop(looping) => {
                    let head = match &looping.head {
                        LoopHead::While(condition) => allocates(condition),
                        LoopHead::For(binder) => match &binder.domain {
                            Domain::Range(low, high) => allocates(low) || allocates(high),
                            Domain::Array(array) => allocates(array),
                        },
                    };
                    values(&looping.state) || head || inside(&looping.body)
                }
                Operation::Next(new) | Operation::Break(new) => values(new),
                Operation::Call(_) | Operation::Invoke(_) | Operation::Log { .. } => true,
                Operation::Update(new) => new.iter().any(|(_, value)| allocates(value)),
                Operation::Transition { from, .. } => allocates(from),
                Operation::Return(_) | Operation::Fail { .. } => false,
            }
    })
}

/// For every expression whether making its value may take room in the arena.
pub(super) fn allocating(types: &TypeTable, function: &Function) -> Vec<bool> {
    let mut found: Vec<bool> = Vec::with_capacity(function.exprs.nodes.len());
    for expr in &function.exprs.nodes {
        // Sums and quotients of unbounded numbers fit a slot as long as nobody goes beyond 62 bits.
        let big = expr.type_id == TypeId::DECIMAL
            || expr.type_id == TypeId::UNBOUNDED && !matches!(expr.kind, ExprKind::Widen(_));
        let aggregate = (expr.type_id.0 as usize) < types.types.len() && types.is_aggregate(expr.type_id);
        let mut any = match &expr.kind {
            // What is there already.
            ExprKind::Literal(_)
            | ExprKind::Local(_)
            | ExprKind::State(_)
            | ExprKind::Field(..)
            | ExprKind::Lookup(..)
            | ExprKind::If(..)
            | ExprKind::Let(..)
            | ExprKind::MatchOptional(..)
            | ExprKind::MatchVariant(..)
            | ExprKind::MatchEnum(..)
            | ExprKind::None => false,
            // An element of a string is a new string.
            ExprKind::Index(..) => matches!(expr.type_id, TypeId::STRING),
            ExprKind::Call(..) | ExprKind::BigInteger(_) => true,
            ExprKind::Binary(
                BinaryOperator::Add
                | BinaryOperator::Subtract
                | BinaryOperator::Divide
                | BinaryOperator::Remainder,
                ..,
            ) if expr.type_id == TypeId::UNBOUNDED => false,
            _ => aggregate || big,
        };
        expr.kind.for_each_child(&mut |child| any |= found.get(child.0 as usize).copied().unwrap_or(true));
        found.push(any);
    }
    found
}
