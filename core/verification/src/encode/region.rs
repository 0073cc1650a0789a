//! Code without effects as terms: regions, and bodies of functions that are used by their definition.

use anrf_format::execution::{
    Block, BlockId, FunctionId, ObligationId, Op, RegionId, Target, Terminator, ValueId,
};
use anrf_format::semantic::FunctionKind;
use rustc_hash::FxHashMap;

use super::frame::Frame;
use super::graph::forward_order;
use super::{Context, Encoder, Part, Pending};
use crate::term::TermId;

/// What a region gives: whether it gives anything (it may skip an element), and the values.
#[derive(Clone, Debug)]
pub(super) struct Yielded {
    pub(super) present: TermId,
    pub(super) values: Vec<TermId>,
}

/// A way into a block: when it is taken, and what it hands over.
type Edge = (TermId, Vec<TermId>);

impl<'m> Encoder<'m> {
    /// A region with these parameters, in a frame that has what it reads.
    pub(super) fn region(
        &mut self,
        frame: &Frame<'m>,
        region: RegionId,
        parameters: &[TermId],
        context: &mut Context,
    ) -> Yielded {
        let function = frame.function;
        let Some(entry) = function.regions.get(region.0 as usize).map(|region| region.entry) else {
            return Yielded { present: self.terms.boolean(true), values: vec![] };
        };
        self.walk(frame.clone(), entry, parameters.to_vec(), context)
    }

    /// Walks the blocks from `entry` on, and merges what they give at their ends.
    pub(super) fn walk(
        &mut self,
        mut frame: Frame<'m>,
        entry: BlockId,
        parameters: Vec<TermId>,
        context: &mut Context,
    ) -> Yielded {
        let function = frame.function;
        let mut edges: FxHashMap<BlockId, Vec<Edge>> = FxHashMap::default();
        let always = self.terms.boolean(true);
        edges.insert(entry, vec![(always, parameters)]);
        let mut yields: Vec<Edge> = vec![];
        for id in forward_order(function, entry, |_| None) {
            let Some(block) = function.block(id) else { continue };
            let Some(incoming) = edges.remove(&id) else { continue };
            let (reached, values) = self.merge(&incoming);
            for (parameter, value) in block.parameters.iter().zip(values) {
                frame.set(*parameter, value);
            }
            for instruction in &block.instructions {
                if let Some(value) =
                    self.pure_instruction(&mut frame, &instruction.op, instruction.result, reached, context)
                    && let Some(result) = instruction.result
                {
                    frame.set(result, value);
                }
            }
            self.leave(&frame, (id, block), reached, &mut edges, &mut yields, context);
        }
        let (present, values) = self.merge(&yields);
        Yielded { present, values }
    }

    /// Where a block's end leads.
    fn leave(
        &mut self,
        frame: &Frame<'m>,
        (id, block): (BlockId, &Block),
        reached: TermId,
        edges: &mut FxHashMap<BlockId, Vec<Edge>>,
        yields: &mut Vec<Edge>,
        context: &mut Context,
    ) {
        let mut go = |target: &Target, condition: TermId| {
            edges.entry(target.block).or_default().push((condition, frame.values(&target.arguments)));
        };
        match &block.terminator {
            Terminator::Jump(target) => go(target, reached),
            Terminator::Branch(condition, yes, no) => {
                let condition = frame.value(*condition);
                let taken = self.terms.and(vec![reached, condition]);
                go(yes, taken);
                let negated = self.terms.not(condition);
                let other = self.terms.and(vec![reached, negated]);
                go(no, other);
            }
            Terminator::Switch(value, targets) => {
                for (target, condition) in self.switch(frame, *value, targets) {
                    let taken = self.terms.and(vec![reached, condition]);
                    go(target, taken);
                }
            }
            Terminator::Yield(values) | Terminator::Return(values) => {
                yields.push((reached, frame.values(values)));
            }
            Terminator::Call { function, arguments, success, .. } => {
                let arguments = frame.values(arguments);
                self.check_termination(frame, id, function.0, &arguments, reached, context);
                let values = self.results_of(function.0, arguments, context);
                edges.entry(*success).or_default().push((reached, values));
            }
            _ => {}
        }
    }

    /// The targets of a switch with when each is taken; one that several numbers lead to stands once for
    /// each.
    pub(super) fn switch<'t>(
        &mut self,
        frame: &Frame<'m>,
        value: ValueId,
        targets: &'t [Target],
    ) -> Vec<(&'t Target, TermId)> {
        let value = frame.value(value);
        let mut found = vec![];
        let mut others = vec![];
        for (number, target) in targets.iter().enumerate() {
            let number_term = self.terms.integer(number);
            let is_this = self.terms.equal(value, number_term);
            let is_last = number + 1 == targets.len();
            let condition = if is_last { self.terms.and(others.clone()) } else { is_this };
            found.push((target, condition));
            others.push(self.terms.not(is_this));
        }
        found
    }

    /// When any of the edges is taken, and what then comes in by parameter.
    pub(super) fn merge(&mut self, edges: &[Edge]) -> (TermId, Vec<TermId>) {
        let taken = self.terms.or(edges.iter().map(|(condition, _)| *condition).collect());
        let Some((_, last)) = edges.last() else { return (taken, vec![]) };
        let mut values = last.clone();
        for (condition, these) in edges.iter().rev().skip(1) {
            for (value, this) in values.iter_mut().zip(these) {
                *value = self.terms.if_then_else(*condition, *this, *value);
            }
        }
        (taken, values)
    }

    /// An instruction that has no effect but goals: gives its value.
    pub(super) fn pure_instruction(
        &mut self,
        frame: &mut Frame<'m>,
        op: &Op,
        result: Option<ValueId>,
        reached: TermId,
        context: &mut Context,
    ) -> Option<TermId> {
        match op {
            Op::Charge(_) | Op::Share(_) | Op::Enter | Op::Leave | Op::Log(..) | Op::Wait(_) => None,
            Op::Check(check, operands, obligation) => {
                let demand = self.demand(frame, check, operands);
                self.require(*obligation, Part::Whole, reached, demand, context);
                None
            }
            Op::CheckRecord(record, value, obligation) => {
                let value = frame.value(*value);
                let demand = self.keeps_constraints(*record, value);
                self.require(*obligation, Part::Whole, reached, demand, context);
                None
            }
            Op::CheckState(variable, obligation) => {
                let demand = self.state_constraints(*variable, &frame.world.clone());
                self.require(*obligation, Part::Whole, reached, demand, context);
                None
            }
            Op::CheckCall(callee, arguments, obligation) => {
                self.check_call(frame, *callee, arguments, *obligation, reached, context);
                None
            }
            Op::CheckRequest(operation, arguments, obligation) => {
                let arguments = frame.values(arguments);
                for (number, clause) in self.request_clauses(*operation, &arguments).into_iter().enumerate() {
                    self.require(*obligation, Part::Clause(number), reached, clause, context);
                }
                None
            }
            // A definition is what the code gives where its checks hold.
            Op::Contract(..) if context.defining.is_some() => None,
            Op::Contract(_, region, obligation) => {
                let holds = self.condition(frame, *region, context);
                self.require(*obligation, Part::Whole, reached, holds, context);
                None
            }
            Op::Ghost(region) => self.region(frame, *region, &[], context).values.first().copied(),
            Op::Fold(fold, domain, region) => {
                Some(self.fold(frame, *fold, *domain, *region, result, reached, context))
            }
            Op::StateRead(variable, _) => Some(match frame.world.state.get(variable) {
                Some(value) => *value,
                None => {
                    let type_id = result.map_or(anrf_format::types::TypeId::BOOLEAN, |id| frame.type_of(id));
                    self.opaque("state that is not there", type_id)
                }
            }),
            Op::StateWrite(variable, value) => {
                let value = frame.value(*value);
                frame.world.state.insert(*variable, value);
                None
            }
            Op::Attempts(operation) => {
                let none = self.terms.integer(0);
                Some(frame.world.attempts.get(operation).copied().unwrap_or(none))
            }
            _ => {
                let result = result?;
                let type_id = frame.type_of(result);
                Some(self.operation(frame, op, type_id))
            }
        }
    }

    /// A goal where the walk stands; from here on it is known.
    pub(super) fn require(
        &mut self,
        obligation: ObligationId,
        part: Part,
        reached: TermId,
        demand: TermId,
        context: &mut Context,
    ) {
        let here = self.terms.implies(reached, demand);
        if self.terms.as_boolean(here) == Some(true) && context.pending.is_none() {
            return;
        }
        if context.pending.is_some() && obligation != ObligationId::NONE {
            let known = self.terms.and(context.known.clone());
            let goal = self.terms.implies(known, here);
            let goal = self.close(goal, &context.binders);
            if let Some(pending) = &mut context.pending {
                pending.push(Pending { obligation, goal, part });
            }
        }
        context.known.push(here);
    }

    /// The goal for all values of the binders around it.
    pub(super) fn close(&mut self, goal: TermId, binders: &[crate::term::BoundId]) -> TermId {
        self.terms.for_all(binders.to_vec(), goal, vec![])
    }

    /// A call's precondition, that a recursive one is nearer its end, and what a lemma brings.
    pub(super) fn check_call(
        &mut self,
        frame: &Frame<'m>,
        callee: u32,
        arguments: &[ValueId],
        obligation: ObligationId,
        reached: TermId,
        context: &mut Context,
    ) {
        let arguments = frame.values(arguments);
        let clauses = self.entry_clauses(callee, &arguments, &frame.world);
        for (number, clause) in clauses.into_iter().enumerate() {
            self.require(obligation, Part::Clause(number), reached, clause, context);
        }
        let function = self.module.semantic.functions.get(callee as usize);
        if function.is_some_and(|function| function.kind == FunctionKind::Lemma) {
            if context.pending.is_some()
                && let Some(caller) = context.caller
                && self.calls.is_recursive(caller, callee)
            {
                let next = ObligationId(obligation.0 + 1);
                let nearer = self.is_nearer(frame, caller, callee, &arguments);
                self.require(next, Part::Whole, reached, nearer, context);
            }
            let world = frame.world.clone();
            for fact in self.exit_facts(callee, &arguments, &world, &world, Some(&[]), None) {
                let here = self.terms.implies(reached, fact);
                context.known.push(here);
            }
        }
    }

    /// The values that a function without effects gives for these arguments.
    pub(super) fn results_of(
        &mut self,
        callee: u32,
        arguments: Vec<TermId>,
        context: &Context,
    ) -> Vec<TermId> {
        let within = context.defining.is_some_and(|defined| self.calls.is_recursive(defined, callee));
        let symbols = if within { self.previous_symbols(callee) } else { self.result_symbols(callee) };
        symbols.into_iter().map(|symbol| self.terms.apply(symbol, arguments.clone())).collect()
    }

    /// Whether code is free of loops and of effects, so that it has a definition.
    pub(super) fn has_definition(&self, body: FunctionId) -> bool {
        /// Larger definitions are left to their contracts.
        const MOST_BLOCKS: usize = 120;
        let Some(function) = self.body(body) else { return false };
        function.loops.is_empty()
            && function.blocks.len() <= MOST_BLOCKS
            && function.blocks.iter().all(|block| {
                !matches!(block.terminator, Terminator::Invoke { .. } | Terminator::Fail(..))
                    && !block
                        .instructions
                        .iter()
                        .any(|instruction| matches!(instruction.op, Op::StateRead(..) | Op::StateWrite(..)))
            })
    }
}
