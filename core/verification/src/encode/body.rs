//! The walk over a body: goals with what is known at each.
//!
//! Blocks are met in the order of control. What a block learns holds wherever control can only come through
//! it, and behind a condition elsewhere. A loop is cut at its header: the invariants are goals on entry and at
//! every way back, and known in between, where the loop's state is anything that keeps them.

use std::collections::{BTreeMap, BTreeSet};

use anrf_format::execution::{
    Block, BlockId, Comparison, FunctionId, LoopInfo, ObligationId, ObligationKind, Op, Place, Role,
    Terminator, ValueId,
};
use anrf_format::semantic::Operation;
use anrf_format::types::TypeId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::frame::{Frame, World};
use super::graph::{forward_order, loop_blocks};
use super::{Context, Encoder};
use crate::term::{Fact, TermId};

/// Which part of an obligation a goal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// All of it.
    Whole,
    /// A loop invariant, when the loop is reached.
    Entry,
    /// A loop invariant, after an iteration.
    Preserved,
    /// One clause of a callee's contract, by number.
    Clause(usize),
}

/// Something to be proved, and what may be used.
#[derive(Clone, Debug)]
pub struct Goal {
    /// The code it belongs to.
    pub function: FunctionId,
    /// The obligation there.
    pub obligation: ObligationId,
    /// Which part of it.
    pub part: Part,
    /// What is known.
    pub known: Vec<Fact>,
    /// What has to follow.
    pub goal: TermId,
}

/// The goals of one function, and the terms that a counterexample gives values to.
#[derive(Clone, Debug, Default)]
pub struct Encoded {
    /// The function's index.
    pub index: u32,
    /// In the order of the code.
    pub goals: Vec<Goal>,
    /// Inputs with their types.
    pub inputs: Vec<(TypeId, TermId)>,
    /// State before the run: variable, type, value.
    pub state: Vec<(u32, TypeId, TermId)>,
    /// What holds on entry: types, constraints, invariants, preconditions.
    pub entry: Vec<Fact>,
    /// The ways out, with what is known there.
    pub exits: Vec<Exit>,
}

/// A way out of a function.
#[derive(Clone, Debug)]
pub struct Exit {
    /// What is known there.
    pub known: Vec<Fact>,
    /// Whether it is success.
    pub succeeds: bool,
    /// The success fields with their types, or the number of the error.
    pub values: Vec<(TypeId, TermId)>,
}

/// What is known of a block once it has been walked.
#[derive(Clone, Debug, Default)]
struct Walked {
    reached: Option<TermId>,
    facts: Vec<Fact>,
    /// Blocks from which control can come here, itself included.
    before: BTreeSet<BlockId>,
    /// Blocks that control always comes through.
    dominators: BTreeSet<BlockId>,
}

/// A way into a block.
struct Edge {
    from: BlockId,
    taken: TermId,
    values: Vec<TermId>,
    world: World,
}

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
            let value = self.terms.constant(&known.name, sort);
            world.state.insert(*variable, value);
            encoded.state.push((*variable, known.type_id, value));
            let formed = self.well_formed(known.type_id, value);
            encoded.entry.push(fact(formed, ""));
        }
        let mut frame = self.frame(code, world.clone());
        for (number, name) in (0..code.parameters).zip(&names) {
            let type_id = frame.type_of(ValueId(number));
            let sort = self.sort(type_id);
            let value = self.terms.constant(name, sort);
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

    /// The entry conditions become known, in order; that each is well defined under those before it is a
    /// goal.
    fn entry_goals(&mut self, index: u32, arguments: &[TermId], world: &World, encoded: &mut Encoded) {
        let known = std::mem::take(&mut encoded.entry);
        encoded.entry = self.contract_goals(Role::Entry(index), arguments, world, known, &mut encoded.goals);
    }

    /// Goals that the clauses of a role are well defined, each under those before it; gives what is known
    /// when all of them hold.
    fn contract_goals(
        &mut self,
        role: Role,
        arguments: &[TermId],
        world: &World,
        mut known: Vec<Fact>,
        goals: &mut Vec<Goal>,
    ) -> Vec<Fact> {
        let Some(id) = self.module.execution.find(role) else { return known };
        let Some(code) = self.body(id) else { return known };
        let mut frame = self.frame(code, world.clone());
        for (number, argument) in (0..).zip(arguments) {
            frame.set(ValueId(number), *argument);
        }
        let always = self.terms.boolean(true);
        let Some(block) = code.block(BlockId(0)) else { return known };
        for instruction in &block.instructions {
            let mut context = Context { pending: Some(vec![]), ..Context::default() };
            let clause = match &instruction.op {
                Op::Contract(_, region, obligation) => {
                    let holds = self.condition(&frame, *region, &mut context);
                    let label = code.obligations.get(obligation.0 as usize).map(|known| known.id.clone());
                    Some(fact(holds, &label.unwrap_or_default()))
                }
                Op::CheckState(variable, _) => {
                    let holds = self.state_constraints(*variable, world);
                    Some(fact(holds, ""))
                }
                op => {
                    let value =
                        self.pure_instruction(&mut frame, op, instruction.result, always, &mut context);
                    if let (Some(value), Some(result)) = (value, instruction.result) {
                        frame.set(result, value);
                    }
                    None
                }
            };
            for pending in context.pending.into_iter().flatten() {
                goals.push(Goal {
                    function: id,
                    obligation: pending.obligation,
                    part: pending.part,
                    known: known.clone(),
                    goal: pending.goal,
                });
            }
            known.extend(clause);
        }
        known
    }

    /// That the constraints of records and state, and the contracts of host operations, that a body or its
    /// entry checks can be evaluated for all values of their types.
    fn used_contracts(&mut self, index: u32, world: &World, entry: &[Fact], goals: &mut Vec<Goal>) {
        let mut roles = BTreeSet::new();
        let codes = [self.code(Role::Body(index)), self.code(Role::Entry(index))];
        for block in codes.into_iter().flatten().flat_map(|code| &code.blocks) {
            for instruction in &block.instructions {
                match instruction.op {
                    Op::CheckRecord(record, ..) => roles.insert((0, record)),
                    Op::CheckState(variable, _) => roles.insert((1, variable)),
                    Op::CheckRequest(operation, ..) => roles.insert((2, operation)),
                    _ => false,
                };
            }
            if let Terminator::Invoke { operation, .. } = block.terminator {
                roles.insert((3, operation));
            }
        }
        for (kind, number) in roles {
            let role = match kind {
                0 => Role::Record(number),
                1 => Role::State(number),
                2 => Role::HostRequest(number),
                _ => Role::HostAnswer(number),
            };
            let Some(code) = self.code(role) else { continue };
            let types: Vec<TypeId> = code.values.iter().take(code.parameters as usize).copied().collect();
            let mut known = if kind == 1 { entry.to_vec() } else { vec![] };
            let mut arguments = vec![];
            for type_id in types {
                let sort = self.sort(type_id);
                let value = self.terms.constant("any", sort);
                let formed = self.well_formed(type_id, value);
                known.push(fact(formed, ""));
                arguments.push(value);
            }
            // An answer is judged when the request was allowed.
            if kind == 3 {
                let inputs = self.module.semantic.host.get(number as usize).map_or(0, |it| it.inputs.len());
                for clause in self.request_clauses(number, arguments.get(..inputs).unwrap_or_default()) {
                    known.push(fact(clause, ""));
                }
            }
            let before = goals.len();
            self.contract_goals(role, &arguments, world, known, goals);
            debug_assert!(goals.len() >= before, "goals are only added");
        }
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
            matches!(block.terminator, Terminator::Invoke { .. }).then_some(block.on_fault).flatten()
        };
        for id in forward_order(code, BlockId(0), faults) {
            let Some(block) = code.block(id) else { continue };
            let Some(edges) = walk.edges.remove(&id) else { continue };
            self.enter_block(walk, id, block, &edges);
            self.walk_block(walk, id, block);
        }
    }

    /// Joins the ways into a block. Where values differ the parameter is a new constant that each way
    /// defines.
    fn enter_block(&mut self, walk: &mut Walk<'m>, id: BlockId, block: &'m Block, edges: &[Edge]) {
        let mut walked = Walked::default();
        for (position, edge) in edges.iter().enumerate() {
            let from = walk.blocks.get(&edge.from);
            let mut before = from.map(|from| from.before.clone()).unwrap_or_default();
            let mut dominators = from.map(|from| from.dominators.clone()).unwrap_or_default();
            before.insert(edge.from);
            dominators.insert(edge.from);
            walked.before.extend(before);
            walked.dominators = if position == 0 {
                dominators
            } else {
                walked.dominators.intersection(&dominators).copied().collect()
            };
        }
        walked.before.insert(id);
        walked.dominators.insert(id);
        let taken = edges.iter().map(|edge| edge.taken).collect();
        let mut reached = self.terms.or(taken);
        if edges.len() > 1 && self.terms.as_boolean(reached).is_none() {
            let known = self.terms.constant("reached", crate::term::SortId::BOOLEAN);
            let means = self.terms.equal(known, reached);
            walked.facts.push(fact(means, ""));
            reached = known;
        }
        walked.reached = Some(reached);
        let looping = walk.headers.get(&id).copied();
        for (number, parameter) in block.parameters.iter().enumerate() {
            let values: Vec<TermId> =
                edges.iter().filter_map(|edge| edge.values.get(number).copied()).collect();
            let type_id = walk.frame.type_of(*parameter);
            let value = self.join(type_id, "v", edges, &values, &mut walked);
            walk.frame.set(*parameter, value);
        }
        let mut world = World::default();
        let variables: BTreeSet<u32> =
            edges.iter().flat_map(|edge| edge.world.state.keys().copied()).collect();
        for variable in variables {
            let known = &self.module.semantic.state[variable as usize];
            let (name, type_id) = (known.name.clone(), known.type_id);
            let values: Vec<TermId> =
                edges.iter().filter_map(|edge| edge.world.state.get(&variable).copied()).collect();
            let value = self.join(type_id, &name, edges, &values, &mut walked);
            world.state.insert(variable, value);
        }
        let operations: BTreeSet<u32> =
            edges.iter().flat_map(|edge| edge.world.attempts.keys().copied()).collect();
        let none = self.terms.integer(0);
        for operation in operations {
            let values: Vec<TermId> = edges
                .iter()
                .map(|edge| edge.world.attempts.get(&operation).copied().unwrap_or(none))
                .collect();
            let value = self.join(TypeId::UNBOUNDED, "attempts", edges, &values, &mut walked);
            world.attempts.insert(operation, value);
        }
        walk.frame.world = world;
        walk.blocks.insert(id, walked);
        if let Some(info) = looping {
            self.cut_loop(walk, id, block, info);
        }
    }

    /// One value for what comes in on several ways.
    fn join(
        &mut self,
        id: TypeId,
        name: &str,
        edges: &[Edge],
        values: &[TermId],
        walked: &mut Walked,
    ) -> TermId {
        match values {
            [] => return self.opaque("a value that is not there", id),
            [first, rest @ ..] if rest.iter().all(|value| value == first) => return *first,
            _ => {}
        }
        let sort = self.sort(id);
        let joined = self.terms.constant(name, sort);
        for (edge, value) in edges.iter().zip(values) {
            let equal = self.terms.equal(joined, *value);
            let said = self.terms.implies(edge.taken, equal);
            walked.facts.push(fact(said, ""));
        }
        joined
    }

    /// At a loop's head: the invariants hold on entry; then the state is anything that keeps them.
    fn cut_loop(&mut self, walk: &mut Walk<'m>, id: BlockId, block: &'m Block, info: &'m LoopInfo) {
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
        let mut facts = vec![];
        for (number, parameter) in block.parameters.iter().enumerate() {
            let type_id = walk.frame.type_of(*parameter);
            let sort = self.sort(type_id);
            let is_index = info.range.is_some() && number + 1 == block.parameters.len();
            let value = self.terms.constant(if is_index { "index" } else { "v" }, sort);
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
            let value = self.terms.constant(&name, sort);
            walk.frame.world.state.insert(variable, value);
            facts.push(self.well_formed(type_id, value));
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
        let mut context = Context { pending: Some(vec![]), ..Context::default() };
        let frame = walk.frame.clone();
        let measures =
            info.decreases.iter().map(|region| self.condition(&frame, *region, &mut context)).collect();
        walk.measures.insert(id, measures);
        walk.measure_goals.push((id, context));
    }

    /// The rounds of a retry: from 0 up to as often as it may.
    fn retry_facts(
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

    /// The invariants of a loop in a frame, each as a goal, and then known to those after it.
    fn invariant_goals(
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

    /// A goal at a block: with all that is known on the way there.
    fn goal(&mut self, walk: &mut Walk<'m>, at: BlockId, obligation: ObligationId, part: Part, goal: TermId) {
        let known = self.known_at(walk, at);
        walk.goals.push(Goal { function: walk.function, obligation, part, known, goal });
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

    /// The goals of an instruction's regions, with what is known before it.
    fn take_pending(&mut self, walk: &mut Walk<'m>, id: BlockId, context: Context) {
        for pending in context.pending.into_iter().flatten() {
            self.goal(walk, id, pending.obligation, pending.part, pending.goal);
        }
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
                self.call(walk, id, function.0, &arguments, *success, *failure, reached);
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
        walk.exits.push(Exit { known, succeeds, values });
    }

    /// Back to the head: the invariants hold again, and the measure is smaller.
    fn repeat(&mut self, walk: &mut Walk<'m>, id: BlockId, target: &anrf_format::execution::Target) {
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
        self.invariant_goals(walk, id, &frame, &contracts, Part::Preserved);
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

    #[allow(clippy::too_many_arguments, reason = "a call and where it stands")]
    fn call(
        &mut self,
        walk: &mut Walk<'m>,
        id: BlockId,
        callee: u32,
        arguments: &[TermId],
        success: BlockId,
        failure: Option<BlockId>,
        reached: TermId,
    ) {
        let mut context = Context { pending: Some(vec![]), caller: Some(walk.caller), ..Context::default() };
        let always = self.terms.boolean(true);
        let frame = walk.frame.clone();
        self.check_termination(&frame, id, callee, arguments, always, &mut context);
        self.take_pending(walk, id, context);
        let code = walk.frame.function;
        let types: Vec<TypeId> = code
            .block(success)
            .map(|block| block.parameters.iter().map(|parameter| walk.frame.type_of(*parameter)).collect())
            .unwrap_or_default();
        if self.is_pure(callee) {
            let results = self.results_of(callee, arguments.to_vec(), &Context::default());
            for (type_id, result) in types.iter().zip(&results) {
                let formed = self.well_formed(*type_id, *result);
                Self::learn(walk, id, formed, "");
            }
            go(walk, id, success, reached, results);
            return;
        }
        let before = walk.frame.world.clone();
        let results: Vec<TermId> = types
            .iter()
            .map(|type_id| {
                let sort = self.sort(*type_id);
                self.terms.constant("result", sort)
            })
            .collect();
        let after = self.after_call(walk, id, callee, &before);
        let succeeded = self.terms.constant("succeeded", crate::term::SortId::BOOLEAN);
        let failed = self.terms.not(succeeded);
        let mut facts = vec![];
        for (type_id, result) in types.iter().zip(&results) {
            facts.push(self.well_formed(*type_id, *result));
        }
        facts.extend(self.exit_facts(callee, arguments, &before, &after, Some(&results), None));
        for holds in facts {
            let said = self.terms.implies(succeeded, holds);
            Self::learn(walk, id, said, "");
        }
        let Some(failure) = failure else {
            Self::learn(walk, id, succeeded, "");
            walk.frame.world = after;
            go(walk, id, success, reached, results);
            return;
        };
        let count = self.module.semantic.functions.get(callee as usize).map_or(0, |it| it.error_codes.len());
        let (error, message) = self.error(walk, id, count);
        // A failure leaves the state as it was.
        let unchanged = World { state: before.state.clone(), attempts: after.attempts.clone() };
        for holds in self.exit_facts(callee, arguments, &before, &unchanged, None, Some(error)) {
            let said = self.terms.implies(failed, holds);
            Self::learn(walk, id, said, "");
        }
        let taken = self.terms.and(vec![reached, succeeded]);
        walk.frame.world = after;
        go(walk, id, success, taken, results);
        let taken = self.terms.and(vec![reached, failed]);
        walk.frame.world = unchanged;
        go(walk, id, failure, taken, vec![error, message]);
    }

    /// An error code of so many, and a message.
    fn error(&mut self, walk: &mut Walk<'m>, id: BlockId, count: usize) -> (TermId, TermId) {
        let error = self.terms.constant("error_code", crate::term::SortId::INTEGER);
        let message = self.terms.constant("message", crate::term::SortId::TEXT);
        let count = self.terms.integer(count);
        let known = self.is_index(error, count);
        Self::learn(walk, id, known, "");
        (error, message)
    }

    /// State and attempts after a call: what the callee may change is anything its contract allows.
    fn after_call(&mut self, walk: &mut Walk<'m>, id: BlockId, callee: u32, before: &World) -> World {
        let mut after = before.clone();
        for variable in self.calls.writes(callee) {
            let Some(known) = self.module.semantic.state.get(variable as usize) else { continue };
            let (name, type_id) = (known.name.clone(), known.type_id);
            let sort = self.sort(type_id);
            let value = self.terms.constant(&name, sort);
            after.state.insert(variable, value);
            let formed = self.well_formed(type_id, value);
            Self::learn(walk, id, formed, "");
        }
        let none = self.terms.integer(0);
        for operation in self.calls.invokes(callee) {
            let so_far = before.attempts.get(&operation).copied().unwrap_or(none);
            let value = self.terms.constant("attempts", crate::term::SortId::INTEGER);
            after.attempts.insert(operation, value);
            let grown = self.terms.less_equal(so_far, value);
            Self::learn(walk, id, grown, "");
        }
        after
    }

    #[allow(clippy::too_many_arguments, reason = "an invocation and where it stands")]
    fn invoke(
        &mut self,
        walk: &mut Walk<'m>,
        id: BlockId,
        block: &Block,
        operation: u32,
        arguments: &[TermId],
        success: BlockId,
        failure: Option<BlockId>,
        reached: TermId,
    ) {
        let (none, one) = (self.terms.integer(0), self.terms.integer(1));
        let so_far = walk.frame.world.attempts.get(&operation).copied().unwrap_or(none);
        let attempts = self.terms.add(so_far, one);
        walk.frame.world.attempts.insert(operation, attempts);
        let Some(known) = self.module.semantic.host.get(operation as usize) else { return };
        let types: Vec<TypeId> = known.success.iter().map(|field| field.type_id).collect();
        let codes = known.error_codes.len();
        let answers: Vec<TermId> = types
            .iter()
            .map(|type_id| {
                let sort = self.sort(*type_id);
                self.terms.constant("answer", sort)
            })
            .collect();
        let ended = self.terms.constant("ended", crate::term::SortId::INTEGER);
        // 0 is an answer, 1 a declared error, the rest a host that broke its contract.
        let succeeded = self.terms.equal(ended, none);
        let failed = self.terms.equal(ended, one);
        let mut facts: Vec<TermId> = vec![];
        for (type_id, answer) in types.iter().zip(&answers) {
            facts.push(self.well_formed(*type_id, *answer));
        }
        let values: Vec<TermId> = arguments.iter().chain(&answers).copied().collect();
        facts.extend(self.answer_clauses(operation, &values));
        for holds in facts {
            let said = self.terms.implies(succeeded, holds);
            Self::learn(walk, id, said, "");
        }
        if let Some(handler) = block.on_fault {
            let either = self.terms.or(vec![succeeded, failed]);
            let broken = self.terms.not(either);
            let taken = self.terms.and(vec![reached, broken]);
            go(walk, id, handler, taken, vec![]);
        }
        if let Some(failure) = failure {
            let (error, message) = self.error(walk, id, codes);
            let taken = self.terms.and(vec![reached, failed]);
            go(walk, id, failure, taken, vec![error, message]);
        }
        let taken = self.terms.and(vec![reached, succeeded]);
        go(walk, id, success, taken, answers);
    }

    /// Obligations that the walk did not meet: in code that nothing leads to there is nothing to prove; any
    /// other is a gap of the encoder and is never proved.
    fn missing(&mut self, walk: &mut Walk<'m>) {
        let code = walk.frame.function;
        let met: FxHashSet<ObligationId> = walk
            .goals
            .iter()
            .filter(|goal| goal.function == walk.function)
            .map(|goal| goal.obligation)
            .collect();
        let unreachable = unreachable_obligations(code, |block| walk.blocks.contains_key(&block));
        for (id, obligation) in (0..).zip(&code.obligations) {
            let id = ObligationId(id);
            if met.contains(&id) || obligation.kind == ObligationKind::HostContract {
                continue;
            }
            let ends_at_once = obligation.kind == ObligationKind::Termination
                && code.loops.iter().any(|info| {
                    Some(info.step) == obligation.origin.step && !goes_back(code, info.header, walk)
                });
            let goal = self.terms.boolean(unreachable.contains(&id) || ends_at_once);
            walk.goals.push(Goal {
                function: walk.function,
                obligation: id,
                part: Part::Whole,
                known: vec![],
                goal,
            });
        }
    }
}

/// Whether a block that was walked goes back to a header.
fn goes_back(code: &anrf_format::execution::Function, header: BlockId, walk: &Walk<'_>) -> bool {
    (0..).zip(&code.blocks).any(|(id, block)| {
        walk.blocks.contains_key(&BlockId(id))
            && matches!(&block.terminator, Terminator::Repeat { target, .. } if target.block == header)
    })
}

/// Obligations of instructions in blocks, or in regions of instructions in blocks, that were not walked.
fn unreachable_obligations(
    code: &anrf_format::execution::Function,
    walked: impl Fn(BlockId) -> bool,
) -> FxHashSet<ObligationId> {
    let mut home: FxHashMap<u32, BlockId> = FxHashMap::default();
    for (id, block) in (0..).zip(&code.blocks) {
        for region in block.instructions.iter().filter_map(|instruction| instruction.op.region()) {
            home.insert(region.0, BlockId(id));
        }
    }
    let mut found = FxHashSet::default();
    for (id, block) in (0..).zip(&code.blocks) {
        let (mut place, mut region) = (BlockId(id), block.region);
        while let Some(inner) = region {
            let Some(outer) = home.get(&inner.0) else { break };
            place = *outer;
            region = code.block(place).and_then(|block| block.region);
        }
        if region.is_some() || walked(place) {
            continue;
        }
        for instruction in &block.instructions {
            match instruction.op {
                Op::Check(_, _, obligation)
                | Op::CheckRecord(_, _, obligation)
                | Op::CheckState(_, obligation)
                | Op::CheckCall(_, _, obligation)
                | Op::CheckRequest(_, _, obligation)
                | Op::Contract(_, _, obligation)
                | Op::Fold(anrf_format::execution::Fold::Aggregate(_, obligation), ..) => {
                    found.insert(obligation);
                }
                _ => {}
            }
        }
    }
    found
}

fn invokes_host(code: &anrf_format::execution::Function, id: BlockId) -> bool {
    code.block(id)
        .is_some_and(|block| matches!(block.terminator, Terminator::Invoke { .. } | Terminator::Call { .. }))
}

fn go(walk: &mut Walk<'_>, from: BlockId, to: BlockId, taken: TermId, values: Vec<TermId>) {
    let world = walk.frame.world.clone();
    walk.edges.entry(to).or_default().push(Edge { from, taken, values, world });
}

fn fact(term: TermId, label: &str) -> Fact {
    Fact { term, label: label.to_owned() }
}
