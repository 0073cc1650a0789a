//! Loops: cut at the head, where the invariants hold.

use std::collections::BTreeSet;

use anrf_format::execution::{
    Block, BlockId, Comparison, LoopInfo, ObligationId, ObligationKind, Op, Place, Terminator, ValueId,
};
use anrf_format::semantic::{Domain, LocalId, LoopHead, Operation, Step};

use super::{Carried, Met, Part, Walk, fact};
use crate::encode::beside::{sources, sources_of_entry};
use crate::encode::conjecture::{Typed, Values};
use crate::encode::frame::Frame;
use crate::encode::graph::loop_blocks;
use crate::encode::{Context, Encoder};
use crate::term::TermId;

impl<'m> Encoder<'m> {
    /// At a loop's head: the invariants hold on entry; then the state is anything that keeps them.
    pub(super) fn cut_loop(
        &mut self,
        walk: &mut Walk<'m>,
        id: BlockId,
        block: &'m Block,
        info: &'m LoopInfo,
    ) {
        let contracts: Vec<(anrf_format::execution::RegionId, ObligationId)> = block
            .instructions
            .iter()
            .filter_map(|instruction| match &instruction.op {
                Op::Contract(_, region, obligation) => Some((*region, *obligation)),
                _ => None,
            })
            .collect();
        let frame = walk.frame.clone();
        self.invariant_goals(walk, id, &frame, &contracts, Part::Entry);
        let code = walk.frame.function;
        let inside = loop_blocks(code, info);
        let (mut writes, mut invokes) = (BTreeSet::new(), BTreeSet::new());
        for block in inside.iter().filter_map(|id| code.block(*id)) {
            for instruction in &block.instructions {
                if let Op::StateWrite(variable, _) = instruction.op {
                    writes.insert(variable);
                }
            }
            match &block.terminator {
                Terminator::Call { function, .. } => {
                    writes.extend(self.calls.writes(function.0));
                    invokes.extend(self.calls.invokes(function.0));
                }
                Terminator::Invoke { operation, .. } => {
                    invokes.insert(*operation);
                }
                _ => {}
            }
        }
        let head = walk.met.len();
        let typed = |frame: &Frame<'m>| -> Typed {
            block.parameters.iter().map(|id| (frame.type_of(*id), frame.value(*id))).collect()
        };
        let start = typed(&frame);
        let inputs = (0..code.parameters).map(ValueId);
        let inputs = inputs.map(|id| (frame.type_of(id), frame.value(id))).collect();
        let values = Values { carried: start.clone(), start, inputs };
        self.conjecture_goals(walk, id, head, &values);
        walk.met.push(Met { header: id, written: writes.clone(), state: vec![], values: values.clone() });
        let from = sources_of_entry(code, |id| walk.headers.contains_key(&id), id);
        self.arrive(walk, id, head, &from, &frame);
        let mut state = vec![];
        let mut facts = vec![];
        for (number, parameter) in block.parameters.iter().enumerate() {
            let type_id = walk.frame.type_of(*parameter);
            let sort = self.sort(type_id);
            let is_index = info.range.is_some() && number + 1 == block.parameters.len();
            let name = if is_index { "index" } else { "v" };
            let value = self.head_value(head, state.len(), name, sort);
            state.push(value);
            walk.frame.set(*parameter, value);
            facts.push(self.well_formed(type_id, value));
            if let (true, Some((low, high))) = (is_index, info.range) {
                let (low, high) = (walk.frame.value(low), walk.frame.value(high));
                let above = self.terms.less_equal(low, value);
                let shorter = self.terms.less(low, high);
                let end = self.terms.if_then_else(shorter, high, low);
                let below = self.terms.less_equal(value, end);
                facts.extend([above, below]);
            }
        }
        for variable in writes {
            let known = &self.module.semantic.state[variable as usize];
            let (name, type_id) = (known.name.clone(), known.type_id);
            let sort = self.sort(type_id);
            let value = self.head_value(head, state.len(), &name, sort);
            state.push(value);
            walk.frame.world.state.insert(variable, value);
            facts.push(self.well_formed(type_id, value));
        }
        if let Some(met) = walk.met.get_mut(head) {
            met.state = state;
        }
        let now = Values { carried: typed(&walk.frame), ..values };
        for conjecture in self.conjectures.clone().iter().filter(|conjecture| conjecture.head == head) {
            facts.push(self.conjecture(conjecture, &now));
        }
        let none = self.terms.integer(0);
        // Only lowering's own loop around an `invoke` counts its rounds; a loop of the text is anybody's.
        let steps = self.module.semantic.functions.get(walk.caller as usize).map(|function| &function.steps);
        let step = steps.and_then(|steps| steps.get(info.step.0 as usize));
        let is_retry = step.is_some_and(|step| matches!(step.operation, Operation::Invoke(_)))
            && block.parameters.len() == 1;
        let once = is_retry && inside.iter().filter(|id| invokes_host(code, **id)).count() == 1;
        if let (true, Some(parameter)) = (once, block.parameters.first()) {
            facts.extend(self.retry_facts(&walk.frame, *parameter, &inside));
        }
        for operation in invokes {
            let before = walk.frame.world.attempts.get(&operation).copied().unwrap_or(none);
            let value = self.terms.constant("attempts", crate::term::SortId::INTEGER);
            walk.frame.world.attempts.insert(operation, value);
            facts.push(self.terms.less_equal(before, value));
            if let (true, Some(parameter)) = (once, block.parameters.first()) {
                // Every iteration of a retry invokes once.
                let rounds = walk.frame.value(*parameter);
                let said = self.terms.add(before, rounds);
                facts.push(self.terms.equal(value, said));
            }
        }
        if let Some(walked) = walk.blocks.get_mut(&id) {
            walked.facts.extend(facts.into_iter().map(|term| fact(term, "")));
        }
        let head = self.carried(walk, block, info, step);
        walk.heads.insert(id, head);
        let mut context = Context { pending: Some(vec![]), ..Context::default() };
        let frame = walk.frame.clone();
        let measures =
            info.decreases.iter().map(|region| self.condition(&frame, *region, &mut context)).collect();
        walk.measures.insert(id, measures);
        walk.measure_goals.push((id, context));
    }

    /// The state at a head: the parameters and then the state variables, as the text calls them.
    fn carried(&self, walk: &Walk<'m>, block: &Block, info: &LoopInfo, step: Option<&Step>) -> Vec<Carried> {
        let function = self.module.semantic.functions.get(walk.caller as usize);
        let locals = function.map_or(&[][..], |function| &function.locals);
        let name = |local: LocalId| locals.get(local.0 as usize).map(|local| local.name.clone());
        let mut names = vec![];
        if let Some(Operation::Loop(known)) = step.map(|step| &step.operation) {
            names.extend(known.state.iter().map(|(local, _)| name(*local)));
            if let LoopHead::For(binder) = &known.head {
                names.push(match binder.domain {
                    Domain::Range(..) => name(binder.element),
                    Domain::Array(_) => binder.index.and_then(name),
                });
            }
        }
        let parameters = block.parameters.iter().enumerate().map(|(number, parameter)| {
            let named = names.get(number).cloned().flatten().filter(|name| !name.is_empty());
            let index = info.range.is_some() && number + 1 == block.parameters.len();
            let otherwise = || if index { "the index".to_owned() } else { format!("the value {number}") };
            (named.unwrap_or_else(otherwise), walk.frame.type_of(*parameter), walk.frame.value(*parameter))
        });
        let variables = walk.frame.world.state.iter().filter_map(|(variable, value)| {
            let known = self.module.semantic.state.get(*variable as usize)?;
            Some((known.name.clone(), known.type_id, *value))
        });
        let made = parameters.chain(variables);
        made.map(|(name, type_id, before)| Carried { name, type_id, before, after: before }).collect()
    }

    /// Back to the head: the invariants hold again, and the measure is smaller.
    pub(super) fn repeat(
        &mut self,
        walk: &mut Walk<'m>,
        id: BlockId,
        target: &anrf_format::execution::Target,
    ) {
        let code = walk.frame.function;
        let (Some(header), Some(info)) = (code.block(target.block), walk.headers.get(&target.block).copied())
        else {
            return;
        };
        let contracts: Vec<_> = header
            .instructions
            .iter()
            .filter_map(|instruction| match &instruction.op {
                Op::Contract(_, region, obligation) => Some((*region, *obligation)),
                _ => None,
            })
            .collect();
        let mut frame = walk.frame.clone();
        for (parameter, value) in header.parameters.iter().zip(walk.frame.values(&target.arguments)) {
            frame.set(*parameter, value);
        }
        let before = walk.goals.len();
        self.invariant_goals(walk, id, &frame, &contracts, Part::Preserved);
        let mut iteration = walk.heads.get(&target.block).cloned().unwrap_or_default();
        let variables = frame.world.state.values().copied();
        let after = frame.values(&header.parameters).into_iter().chain(variables);
        for (carried, after) in iteration.iter_mut().zip(after) {
            carried.after = after;
        }
        let head = walk.met.iter().position(|met| met.header == target.block);
        if let Some(head) = head {
            let from = sources(code, |id| walk.headers.contains_key(&id), id);
            self.arrive(walk, id, head, &from, &frame);
            let mut values = walk.met.get(head).map(|met| met.values.clone()).unwrap_or_default();
            values.carried =
                header.parameters.iter().map(|id| (frame.type_of(*id), frame.value(*id))).collect();
            self.conjecture_goals(walk, id, head, &values);
        }
        for goal in walk.goals.iter_mut().skip(before) {
            goal.iteration = Some(walk.iterations.len());
        }
        walk.iterations.push(iteration);
        let ends = (0..).zip(&code.obligations).find(|(_, obligation)| {
            obligation.kind == ObligationKind::Termination
                && obligation.origin.place == Place::Step
                && obligation.origin.step == Some(info.step)
        });
        if let Some((obligation, _)) = ends {
            let now = walk.measures.get(&target.block).cloned().unwrap_or_default();
            let next = self.measure_values(&frame, &info.decreases);
            let nearer = self.decreases(&now, &next);
            self.goal(walk, id, ObligationId(obligation), Part::Whole, nearer);
        }
    }

    /// The invariants of a loop in a frame, each as a goal, and then known to those after it.
    pub(super) fn invariant_goals(
        &mut self,
        walk: &mut Walk<'m>,
        at: BlockId,
        frame: &Frame<'m>,
        contracts: &[(anrf_format::execution::RegionId, ObligationId)],
        part: Part,
    ) {
        let mut context = Context::default();
        for (region, obligation) in contracts {
            let holds = self.condition(frame, *region, &mut context);
            let known = self.terms.and(context.known.clone());
            let goal = self.terms.implies(known, holds);
            self.goal(walk, at, *obligation, part, goal);
            context.known.push(holds);
        }
    }

    /// The rounds of a retry: from 0 up to as often as it may.
    pub(super) fn retry_facts(
        &mut self,
        frame: &Frame<'m>,
        parameter: ValueId,
        inside: &BTreeSet<BlockId>,
    ) -> Vec<TermId> {
        let rounds = frame.value(parameter);
        let zero = self.terms.integer(0);
        let mut facts = vec![self.terms.less_equal(zero, rounds)];
        let code = frame.function;
        let instructions =
            || inside.iter().filter_map(|id| code.block(*id)).flat_map(|block| &block.instructions);
        for instruction in instructions() {
            let Op::Compare(Comparison::Less, this, times) = instruction.op else { continue };
            let constant = instructions().find_map(|other| match other.op {
                Op::Immediate(bits) if other.result == Some(times) => Some(bits),
                _ => None,
            });
            if let (true, Some(times)) = (this == parameter, constant) {
                let times = self.terms.integer(times);
                facts.push(self.terms.less_equal(rounds, times));
            }
        }
        facts
    }
}

fn invokes_host(code: &anrf_format::execution::Function, id: BlockId) -> bool {
    code.block(id)
        .is_some_and(|block| matches!(block.terminator, Terminator::Invoke { .. } | Terminator::Call { .. }))
}
