//! The walk over a body: goals with what is known at each.
//!
//! Blocks are met in the order of control. What a block learns holds wherever control can only come through
//! it, and behind a condition elsewhere. A loop is cut at its header: the invariants are goals on entry and at
//! every way back, and known in between, where the loop's state is anything that keeps them.

mod call;
mod contract;
mod goal;
mod join;
mod looping;
mod unreachable;

use std::collections::{BTreeMap, BTreeSet};

use anrf_format::execution::{
    Block, BlockId, FunctionId, LoopInfo, ObligationId, Op, Role, Terminator, ValueId,
};
use rustc_hash::{FxHashMap, FxHashSet};

use self::join::{Edge, Walked, go};
use super::beside::sources;
use super::conjecture::Values;
use super::frame::{Frame, World};
use super::graph::forward_order;
use super::{Context, Encoder};
use crate::term::{Fact, TermId};

pub use self::goal::{Arrival, Carried, Encoded, Exit, Goal, Part};

struct Walk<'m> {
    function: FunctionId,
    frame: Frame<'m>,
    blocks: BTreeMap<BlockId, Walked>,
    edges: FxHashMap<BlockId, Vec<Edge>>,
    goals: Vec<Goal>,
    caller: u32,
    headers: BTreeMap<BlockId, &'m LoopInfo>,
    /// Measures at the head of a loop.
    measures: BTreeMap<BlockId, Vec<TermId>>,
    /// Goals of measures: that they are defined where the invariants hold.
    measure_goals: Vec<(BlockId, Context)>,
    /// What holds everywhere.
    entry: Vec<Fact>,
    exits: Vec<Exit>,
    /// The state at the heads of loops, as the text calls it.
    heads: BTreeMap<BlockId, Vec<Carried>>,
    iterations: Vec<Vec<Carried>>,
    /// The heads that were met, in order, with the state variables that each loop writes and the state there.
    met: Vec<Met>,
    arrivals: Vec<Arrival>,
    conjectures: Vec<(usize, Goal)>,
}

/// A head of a loop that was met.
struct Met {
    header: BlockId,
    written: BTreeSet<u32>,
    state: Vec<TermId>,
    /// What conjectures speak of.
    values: Values,
}

impl Walk<'_> {
    /// Places by number: the start, and heads in the order in which they were met.
    fn numbered(&self, sources: &BTreeSet<Option<BlockId>>) -> BTreeSet<usize> {
        let number = |source: &Option<BlockId>| match source {
            None => Some(0),
            Some(header) => self.met.iter().position(|met| met.header == *header).map(|head| head + 1),
        };
        sources.iter().filter_map(number).collect()
    }
}

impl<'m> Encoder<'m> {
    /// The goals of a semantic function: of its entry conditions, which have to be well defined, and of its
    /// body.
    pub fn encode(&mut self, index: u32) -> Encoded {
        let Some(code) = self.code(Role::Body(index)) else { return Encoded::default() };
        let semantic = &self.module.semantic.functions[index as usize];
        let mut encoded = Encoded { index, ..Encoded::default() };
        let names: Vec<String> = semantic.inputs.iter().map(|input| input.name.clone()).collect();
        let mut world = World::default();
        let reads = self.state_read(index);
        for variable in &reads {
            let known = &self.module.semantic.state[*variable as usize];
            let sort = self.sort(known.type_id);
            let given = self.beside.as_ref().and_then(|beside| beside.state.get(&known.name)).copied();
            let given = given.filter(|term| self.terms.sort(*term) == sort);
            let value = given.unwrap_or_else(|| self.terms.constant(&known.name, sort));
            world.state.insert(*variable, value);
            encoded.state.push((*variable, known.type_id, value));
            let formed = self.well_formed(known.type_id, value);
            encoded.entry.push(fact(formed, ""));
        }
        let mut frame = self.frame(code, world.clone());
        for (number, name) in (0..code.parameters).zip(&names) {
            let type_id = frame.type_of(ValueId(number));
            let sort = self.sort(type_id);
            let given = self.beside.as_ref().and_then(|beside| beside.inputs.get(number as usize)).copied();
            let given = given.filter(|term| self.terms.sort(*term) == sort);
            let value = given.unwrap_or_else(|| self.terms.constant(name, sort));
            frame.set(ValueId(number), value);
            encoded.inputs.push((type_id, value));
            let formed = self.well_formed(type_id, value);
            encoded.entry.push(fact(formed, ""));
        }
        let arguments: Vec<TermId> = encoded.inputs.iter().map(|(_, value)| *value).collect();
        self.proving = Some((index, arguments.clone()));
        self.entry_goals(index, &arguments, &world, &mut encoded);
        let types: Vec<Fact> = encoded.entry.iter().filter(|fact| fact.label.is_empty()).cloned().collect();
        self.used_contracts(index, &world, &types, &mut encoded.goals);
        encoded.entry.retain(|fact| self.terms.as_boolean(fact.term) != Some(true));
        let mut walk = Walk {
            function: FunctionId(index),
            frame,
            blocks: BTreeMap::new(),
            edges: FxHashMap::default(),
            goals: std::mem::take(&mut encoded.goals),
            caller: index,
            headers: code.loops.iter().map(|info| (info.header, info)).collect(),
            measures: BTreeMap::new(),
            measure_goals: vec![],
            entry: encoded.entry.clone(),
            exits: vec![],
            heads: BTreeMap::new(),
            iterations: vec![],
            met: vec![],
            arrivals: vec![],
            conjectures: vec![],
        };
        let mut context = Context { pending: Some(vec![]), ..Context::default() };
        let frame = walk.frame.clone();
        for region in &code.decreases {
            self.condition(&frame, *region, &mut context);
        }
        self.take_pending(&mut walk, BlockId(0), context);
        self.walk_body(&mut walk, world);
        self.missing(&mut walk);
        encoded.goals = walk.goals;
        encoded.exits = walk.exits;
        encoded.iterations = walk.iterations;
        let names = |met: &Met| {
            let count = met.values.carried.len();
            let is_for = walk.headers.get(&met.header).is_some_and(|info| info.range.is_some());
            let carried = walk.heads.get(&met.header).into_iter().flatten().take(count).enumerate();
            let named = |(place, carried): (usize, &Carried)| {
                (carried.name.clone(), carried.type_id, is_for && place + 1 == count)
            };
            carried.map(named).collect()
        };
        encoded.names = walk.met.iter().map(names).collect();
        let step = |met: &Met| {
            let step = walk.headers.get(&met.header).map(|info| info.step.0 as usize);
            let step = step.and_then(|step| semantic.steps.get(step));
            step.map(|step| step.name.clone()).unwrap_or_default()
        };
        encoded.loops = walk.met.iter().map(step).collect();
        encoded.conjectures = walk.conjectures;
        encoded.heads = walk.met.into_iter().map(|met| met.state).collect();
        encoded.arrivals = walk.arrivals;
        encoded
    }

    /// State variables that a body or its contract may look at.
    fn state_read(&self, index: u32) -> BTreeSet<u32> {
        let mut found: BTreeSet<u32> =
            self.module.semantic.functions[index as usize].state.iter().copied().collect();
        for callee in self.calls.reached(index) {
            let callee = self.module.semantic.functions.get(callee as usize);
            found.extend(callee.into_iter().flat_map(|callee| callee.state.iter().copied()));
        }
        found
    }

    fn walk_body(&mut self, walk: &mut Walk<'m>, world: World) {
        let code = walk.frame.function;
        let always = self.terms.boolean(true);
        let parameters = (0..code.parameters).map(|id| walk.frame.value(ValueId(id))).collect();
        let start = Edge { from: BlockId(0), taken: always, values: parameters, world };
        walk.edges.insert(BlockId(0), vec![start]);
        // A fault that is a defect is refuted before; only a host that breaks its contract leads to a handler.
        let faults = |id: BlockId| {
            let block = code.block(id)?;
            let may_break = match &block.terminator {
                Terminator::Invoke { .. } => true,
                Terminator::Call { function, .. } => !self.calls.invokes(function.0).is_empty(),
                _ => false,
            };
            block.on_fault.filter(|_| may_break)
        };
        for id in forward_order(code, BlockId(0), faults) {
            let Some(block) = code.block(id) else { continue };
            let Some(edges) = walk.edges.remove(&id) else { continue };
            self.enter_block(walk, id, block, &edges);
            self.walk_block(walk, id, block);
        }
    }

    fn walk_block(&mut self, walk: &mut Walk<'m>, id: BlockId, block: &'m Block) {
        let always = self.terms.boolean(true);
        let is_header = walk.headers.contains_key(&id);
        for instruction in &block.instructions {
            let mut context =
                Context { pending: Some(vec![]), caller: Some(walk.caller), ..Context::default() };
            let mut frame = walk.frame.clone();
            let label = match &instruction.op {
                Op::Contract(_, _, obligation) => {
                    let code = walk.frame.function;
                    code.obligations.get(obligation.0 as usize).map(|known| known.id.clone())
                }
                _ => None,
            };
            // A loop's invariants are goals where the loop is entered and goes back; that they are well defined
            // is one here.
            if let (true, Op::Contract(_, region, _)) = (is_header, &instruction.op) {
                let holds = self.condition(&frame, *region, &mut context);
                self.take_pending(walk, id, context);
                Self::learn(walk, id, holds, &label.unwrap_or_default());
                continue;
            }
            let value =
                self.pure_instruction(&mut frame, &instruction.op, instruction.result, always, &mut context);
            walk.frame = frame;
            let facts = context.known.clone();
            self.take_pending(walk, id, context);
            for fact in facts {
                Self::learn(walk, id, fact, label.as_deref().unwrap_or_default());
            }
            if let (Some(value), Some(result)) = (value, instruction.result) {
                walk.frame.set(result, value);
                self.learn_result(walk, id, &instruction.op, result, value);
            }
        }
        for (header, context) in std::mem::take(&mut walk.measure_goals) {
            self.take_pending(walk, header, context);
        }
        self.end_block(walk, id, block);
    }

    /// Every value that exists keeps its type: what grows has a size, what a built-in gives a range.
    fn learn_result(&mut self, walk: &mut Walk<'m>, id: BlockId, op: &Op, result: ValueId, value: TermId) {
        let type_id = walk.frame.type_of(result);
        let sized = matches!(
            op,
            Op::Concat(..) | Op::WithEntry(..) | Op::WithMember(..) | Op::Fold(..) | Op::Slice(..)
        );
        let listed = self.module.types.is_aggregate(type_id) && self.module.types.record(type_id).is_none();
        if sized
            && listed
            && !matches!(
                self.module.types.get(type_id),
                anrf_format::types::Type::Optional(_) | anrf_format::types::Type::Variant(_)
            )
        {
            let length = self.len_of(type_id, value);
            let size = self.is_size(length);
            Self::learn(walk, id, size, "");
        } else if matches!(op, Op::Builtin(..)) && !self.module.types.is_aggregate(type_id) {
            let formed = self.well_formed(type_id, value);
            Self::learn(walk, id, formed, "");
        }
    }

    fn end_block(&mut self, walk: &mut Walk<'m>, id: BlockId, block: &'m Block) {
        let reached = walk.blocks.get(&id).and_then(|block| block.reached);
        let reached = reached.unwrap_or_else(|| self.terms.boolean(true));
        match &block.terminator {
            Terminator::Jump(target) => {
                let values = walk.frame.values(&target.arguments);
                go(walk, id, target.block, reached, values);
            }
            Terminator::Branch(condition, yes, no) => {
                let condition = walk.frame.value(*condition);
                let negated = self.terms.not(condition);
                for (target, condition) in [(yes, condition), (no, negated)] {
                    let taken = self.terms.and(vec![reached, condition]);
                    let values = walk.frame.values(&target.arguments);
                    go(walk, id, target.block, taken, values);
                }
            }
            Terminator::Switch(value, targets) => {
                let frame = walk.frame.clone();
                for (target, condition) in self.switch(&frame, *value, targets) {
                    let taken = self.terms.and(vec![reached, condition]);
                    let values = walk.frame.values(&target.arguments);
                    go(walk, id, target.block, taken, values);
                }
            }
            Terminator::Repeat { target, .. } => self.repeat(walk, id, target),
            Terminator::Call { function, arguments, success, failure } => {
                let arguments = walk.frame.values(arguments);
                self.call(walk, id, block, function.0, &arguments, *success, *failure, reached);
            }
            Terminator::Invoke { operation, arguments, success, failure, .. } => {
                let arguments = walk.frame.values(arguments);
                self.invoke(walk, id, block, *operation, &arguments, *success, *failure, reached);
            }
            Terminator::Return(values) => self.leave_function(walk, id, true, values),
            Terminator::Fail(code, _) => self.leave_function(walk, id, false, &[*code]),
            Terminator::Yield(_) | Terminator::Skip | Terminator::Resume => {}
        }
    }

    fn leave_function(&mut self, walk: &mut Walk<'m>, id: BlockId, succeeds: bool, values: &[ValueId]) {
        let known = self.known_at(walk, id);
        let values =
            values.iter().map(|value| (walk.frame.type_of(*value), walk.frame.value(*value))).collect();
        let code = walk.frame.function;
        let sources = sources(code, |id| walk.headers.contains_key(&id), id);
        let sources = walk.numbered(&sources);
        let World { state, attempts } = walk.frame.world.clone();
        walk.exits.push(Exit { known, succeeds, values, state, attempts, sources });
    }

    /// The conjectures about a loop as goals on a way to its head.
    fn conjecture_goals(&mut self, walk: &mut Walk<'m>, at: BlockId, head: usize, values: &Values) {
        for (number, conjecture) in self.conjectures.clone().into_iter().enumerate() {
            if conjecture.head != head {
                continue;
            }
            let goal = self.conjecture(&conjecture, values);
            let known = self.known_at(walk, at);
            let (function, obligation) = (walk.function, ObligationId::NONE);
            let goal =
                Goal { function, obligation, part: Part::Whole, iteration: None, reached: None, known, goal };
            walk.conjectures.push((number, goal));
        }
    }

    /// A way to the head of a loop, for whoever compares two functions.
    fn arrive(
        &mut self,
        walk: &mut Walk<'m>,
        at: BlockId,
        head: usize,
        sources: &BTreeSet<Option<BlockId>>,
        frame: &Frame<'m>,
    ) {
        let Some(met) = walk.met.get(head) else { return };
        let Some(header) = walk.frame.function.block(met.header) else { return };
        let parameters = header.parameters.iter().map(|id| (frame.type_of(*id), frame.value(*id)));
        let variables = met.written.iter().filter_map(|variable| {
            let known = self.module.semantic.state.get(*variable as usize)?;
            Some((known.type_id, *frame.world.state.get(variable)?))
        });
        let values = parameters.chain(variables).collect();
        let sources = walk.numbered(sources);
        let known = self.known_at(walk, at);
        walk.arrivals.push(Arrival { head, known, values, sources });
    }

    /// A goal at a block: with all that is known on the way there.
    fn goal(&mut self, walk: &mut Walk<'m>, at: BlockId, obligation: ObligationId, part: Part, goal: TermId) {
        let known = self.known_at(walk, at);
        let reached = walk.blocks.get(&at).and_then(|block| block.reached);
        let function = walk.function;
        walk.goals.push(Goal { function, obligation, part, iteration: None, reached, known, goal });
    }

    fn known_at(&mut self, walk: &Walk<'m>, at: BlockId) -> Vec<Fact> {
        let mut known = walk.entry.clone();
        let Some(here) = walk.blocks.get(&at) else { return known };
        let mut seen: FxHashSet<TermId> = known.iter().map(|fact| fact.term).collect();
        for id in &here.before {
            let Some(block) = walk.blocks.get(id) else { continue };
            let sure = here.dominators.contains(id);
            for fact in &block.facts {
                let term = match block.reached {
                    Some(reached) if !sure => self.terms.implies(reached, fact.term),
                    _ => fact.term,
                };
                if self.terms.as_boolean(term) != Some(true) && seen.insert(term) {
                    known.push(Fact { term, label: fact.label.clone() });
                }
            }
        }
        if let Some(reached) = here.reached
            && self.terms.as_boolean(reached) != Some(true)
            && seen.insert(reached)
        {
            known.push(fact(reached, ""));
        }
        known
    }

    fn learn(walk: &mut Walk<'m>, at: BlockId, term: TermId, label: &str) {
        if let Some(block) = walk.blocks.get_mut(&at) {
            block.facts.push(fact(term, label));
        }
    }

    /// The goals of an instruction's regions, with what is known before it.
    fn take_pending(&mut self, walk: &mut Walk<'m>, id: BlockId, context: Context) {
        for pending in context.pending.into_iter().flatten() {
            self.goal(walk, id, pending.obligation, pending.part, pending.goal);
        }
    }
}

fn fact(term: TermId, label: &str) -> Fact {
    Fact { term, label: label.to_owned() }
}
