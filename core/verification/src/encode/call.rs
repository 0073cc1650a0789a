//! Other functions' contracts: what a call has to keep, and what may be relied on after it.

use anrf_format::execution::{
    BlockId, Function, ObligationId, ObligationKind, Op, Place, Role, Terminator, ValueId,
};
use anrf_format::semantic::FunctionKind;
use rustc_hash::FxHashMap;

use super::frame::{Frame, World};
use super::{Context, Encoder, Part};
use crate::term::{SymbolId, TermId};

impl<'m> Encoder<'m> {
    /// The entry conditions of a function on these arguments, in order.
    pub(super) fn entry_clauses(
        &mut self,
        function: u32,
        arguments: &[TermId],
        world: &World,
    ) -> Vec<TermId> {
        self.clauses(Role::Entry(function), arguments, world)
    }

    /// The preconditions of a host operation.
    pub(super) fn request_clauses(&mut self, operation: u32, arguments: &[TermId]) -> Vec<TermId> {
        self.clauses(Role::HostRequest(operation), arguments, &World::default())
    }

    /// The postconditions of a host operation, of inputs and then success fields.
    pub(super) fn answer_clauses(&mut self, operation: u32, values: &[TermId]) -> Vec<TermId> {
        self.clauses(Role::HostAnswer(operation), values, &World::default())
    }

    /// The constraints of a record on its fields.
    pub(super) fn record_constraints(&mut self, record: u32, fields: &[TermId]) -> Vec<TermId> {
        self.clauses(Role::Record(record), fields, &World::default())
    }

    /// That a record keeps its constraints.
    pub(super) fn keeps_constraints(&mut self, record: u32, value: TermId) -> TermId {
        let Some(definition) = self.module.types.records.get(record as usize) else {
            return self.terms.boolean(true);
        };
        let count = u32::try_from(definition.fields.len()).unwrap_or(0);
        let crate::term::Sort::Datatype(datatype) = *self.terms.sorts.get(self.terms.sort(value)) else {
            return self.terms.boolean(true);
        };
        let fields: Vec<TermId> =
            (0..count).map(|field| self.terms.project(datatype, 0, field, value)).collect();
        let clauses = self.record_constraints(record, &fields);
        self.terms.and(clauses)
    }

    /// The constraints of a state variable.
    pub(super) fn state_constraints(&mut self, variable: u32, world: &World) -> TermId {
        let clauses = self.clauses(Role::State(variable), &[], world);
        self.terms.and(clauses)
    }

    /// The conditions of a role that is not a body, in order.
    fn clauses(&mut self, role: Role, parameters: &[TermId], world: &World) -> Vec<TermId> {
        let Some(function) = self.code(role) else { return vec![] };
        let mut frame = self.frame(function, world.clone());
        for (number, parameter) in (0..).zip(parameters) {
            frame.set(ValueId(number), *parameter);
        }
        self.contracts_of(&mut frame, BlockId(0)).into_iter().map(|(_, clause)| clause).collect()
    }

    /// The contracts that a block checks, each with its obligation; those of others are not proved here.
    fn contracts_of(&mut self, frame: &mut Frame<'m>, block: BlockId) -> Vec<(ObligationId, TermId)> {
        let always = self.terms.boolean(true);
        let mut found = vec![];
        let Some(block) = frame.function.block(block) else { return found };
        let mut context = Context::default();
        for instruction in &block.instructions {
            match &instruction.op {
                Op::Contract(_, region, obligation) => {
                    let holds = self.condition(frame, *region, &mut context);
                    found.push((*obligation, holds));
                }
                Op::CheckState(variable, obligation) => {
                    let holds = self.state_constraints(*variable, &frame.world.clone());
                    found.push((*obligation, holds));
                }
                op => {
                    let value = self.pure_instruction(frame, op, instruction.result, always, &mut context);
                    if let (Some(value), Some(result)) = (value, instruction.result) {
                        frame.set(result, value);
                    }
                }
            }
        }
        found
    }

    /// What holds when a call has come back: of its results, or of its error code.
    pub(super) fn exit_facts(
        &mut self,
        callee: u32,
        arguments: &[TermId],
        before: &World,
        after: &World,
        results: Option<&[TermId]>,
        code: Option<TermId>,
    ) -> Vec<TermId> {
        let Some(function) = self.code(Role::Body(callee)) else { return vec![] };
        let exit = (0..).zip(&function.blocks).find(|(_, block)| {
            block.region.is_none()
                && match block.terminator {
                    Terminator::Return(_) => results.is_some(),
                    Terminator::Fail(..) => code.is_some(),
                    _ => false,
                }
        });
        let Some((exit, block)) = exit else {
            // It never comes back this way.
            return if code.is_some() || !returns(function) {
                vec![self.terms.boolean(false)]
            } else {
                vec![]
            };
        };
        let mut frame = self.frame(function, before.clone());
        for (number, argument) in (0..).zip(arguments) {
            frame.set(ValueId(number), *argument);
        }
        self.read_entry(&mut frame);
        frame.world = after.clone();
        let given = results.map_or_else(|| code.into_iter().collect(), <[TermId]>::to_vec);
        for (parameter, value) in block.parameters.iter().zip(given) {
            frame.set(*parameter, value);
        }
        self.contracts_of(&mut frame, BlockId(exit)).into_iter().map(|(_, holds)| holds).collect()
    }

    /// What a body reads before it does anything: state for `old`, and attempts so far, which are ghost values.
    pub(super) fn read_entry(&mut self, frame: &mut Frame<'m>) {
        let Some(entry) = frame.function.block(BlockId(0)) else { return };
        let (always, mut context) = (self.terms.boolean(true), Context::default());
        for instruction in &entry.instructions {
            match instruction.op {
                Op::StateRead(..) | Op::Ghost(_) => {
                    let value = self.pure_instruction(
                        frame,
                        &instruction.op,
                        instruction.result,
                        always,
                        &mut context,
                    );
                    if let (Some(value), Some(result)) = (value, instruction.result) {
                        frame.set(result, value);
                    }
                }
                Op::Enter | Op::Charge(_) | Op::Share(_) | Op::Mark => {}
                _ => break,
            }
        }
    }

    /// Whether a body depends on its arguments alone: no state, no host, no errors.
    pub(super) fn is_pure(&self, callee: u32) -> bool {
        let Some(function) = self.module.semantic.functions.get(callee as usize) else { return false };
        function.state.is_empty()
            && function.error_codes.is_empty()
            && function.kind != FunctionKind::Lemma
            && self.calls.invokes(callee).is_empty()
            && self.calls.writes(callee).is_empty()
    }

    /// The functions that stand for the results of a pure body; its contract and, where it is free of loops,
    /// its definition are their axioms.
    pub(super) fn result_symbols(&mut self, callee: u32) -> Vec<SymbolId> {
        if let Some(symbols) = self.results.get(&callee) {
            return symbols.clone();
        }
        let symbols = self.declare_results(callee, "");
        self.results.insert(callee, symbols.clone());
        let previous = self.previous_symbols(callee);
        let Some(function) = self.code(Role::Body(callee)) else { return symbols };
        let parameters: Vec<_> = function.values.iter().take(function.parameters as usize).copied().collect();
        let sorts: Vec<_> = parameters.iter().map(|id| self.sort(*id)).collect();
        let (variables, arguments): (Vec<_>, Vec<_>) =
            sorts.iter().map(|sort| self.terms.variable(*sort)).unzip();
        let results: Vec<TermId> =
            symbols.iter().map(|symbol| self.terms.apply(*symbol, arguments.clone())).collect();
        let world = World::default();
        let mut wanted = self.entry_clauses(callee, &arguments, &world);
        for (id, argument) in parameters.iter().zip(&arguments) {
            wanted.push(self.well_formed(*id, *argument));
        }
        if let Some((caller, own)) = self.proving.clone()
            && self.calls.is_recursive(caller, callee)
        {
            // Otherwise a contract that no value keeps would prove itself.
            let (now, next) = (self.measures(caller, &own), self.measures(callee, &arguments));
            wanted.push(self.decreases(&now, &next));
        }
        let mut given = self.exit_facts(callee, &arguments, &world, &world, Some(&results), None);
        for (id, result) in function.returns.iter().zip(&results) {
            given.push(self.well_formed(*id, *result));
        }
        if self.has_definition(anrf_format::execution::FunctionId(callee)) {
            let mut frame = self.frame(function, world);
            for (number, argument) in (0..).zip(&arguments) {
                frame.set(ValueId(number), *argument);
            }
            let mut context = Context { defining: Some(callee), ..Context::default() };
            let yielded = self.walk(frame, BlockId(0), arguments.clone(), &mut context);
            for (result, value) in results.iter().zip(yielded.values) {
                given.push(self.terms.equal(*result, value));
            }
        }
        let (wanted, given) = (self.terms.and(wanted), self.terms.and(given));
        let body = self.terms.implies(wanted, given);
        for (symbol, (result, before)) in symbols.iter().zip(results.iter().zip(&previous)) {
            let earlier = self.terms.apply(*before, arguments.clone());
            let same = self.terms.equal(*result, earlier);
            let body = self.terms.and(vec![body, same]);
            self.terms.axiom(*symbol, &variables, body, *result);
        }
        symbols
    }

    /// The same functions without axioms: what a definition calls, so that it is unfolded once for every
    /// place that names the function.
    pub(super) fn previous_symbols(&mut self, callee: u32) -> Vec<SymbolId> {
        let key = callee | 1 << 31;
        if let Some(symbols) = self.results.get(&key) {
            return symbols.clone();
        }
        let symbols = self.declare_results(callee, ".");
        self.results.insert(key, symbols.clone());
        symbols
    }

    fn declare_results(&mut self, callee: u32, suffix: &str) -> Vec<SymbolId> {
        let Some(function) = self.module.semantic.functions.get(callee as usize) else { return vec![] };
        let name = format!("{}{suffix}", function.node_id());
        let inputs: Vec<_> = function.inputs.iter().map(|input| input.type_id).collect();
        let outputs: Vec<_> = function.success.iter().map(|field| field.type_id).collect();
        let parameters: Vec<_> = inputs.into_iter().map(|id| self.sort(id)).collect();
        outputs
            .into_iter()
            .map(|id| {
                let sort = self.sort(id);
                self.terms.declare(&name, parameters.clone(), sort)
            })
            .collect()
    }

    /// A recursive call's termination goal, if it is one.
    pub(super) fn check_termination(
        &mut self,
        frame: &Frame<'m>,
        block: BlockId,
        callee: u32,
        arguments: &[TermId],
        reached: TermId,
        context: &mut Context,
    ) {
        if context.pending.is_none() {
            return;
        }
        if let Some(caller) = context.caller
            && self.calls.is_recursive(caller, callee)
            && let Some(obligation) = termination_of_calls(frame.function, self.calls, caller).get(&block)
        {
            let nearer = self.is_nearer(frame, caller, callee, arguments);
            self.require(*obligation, Part::Whole, reached, nearer, context);
        }
    }

    /// Whether the callee's measure is below the caller's; FALSE where one has none.
    pub(super) fn is_nearer(
        &mut self,
        frame: &Frame<'m>,
        caller: u32,
        callee: u32,
        arguments: &[TermId],
    ) -> TermId {
        let own: Vec<TermId> = (0..frame.function.parameters).map(|id| frame.value(ValueId(id))).collect();
        let now = self.measures(caller, &own);
        let next = self.measures(callee, arguments);
        self.decreases(&now, &next)
    }

    fn measures(&mut self, function: u32, arguments: &[TermId]) -> Vec<TermId> {
        let Some(code) = self.code(Role::Body(function)) else { return vec![] };
        let mut frame = self.frame(code, World::default());
        for (number, argument) in (0..).zip(arguments) {
            frame.set(ValueId(number), *argument);
        }
        self.measure_values(&frame, &code.decreases)
    }

    /// The values of measures.
    pub(super) fn measure_values(
        &mut self,
        frame: &Frame<'m>,
        regions: &[anrf_format::execution::RegionId],
    ) -> Vec<TermId> {
        let mut context = Context::default();
        regions
            .iter()
            .filter_map(|region| self.region(frame, *region, &[], &mut context).values.first().copied())
            .collect()
    }

    /// `next < now` lexicographically, where what decreases is not negative.
    pub(super) fn decreases(&mut self, now: &[TermId], next: &[TermId]) -> TermId {
        let mut holds = self.terms.boolean(false);
        for (now, next) in now.iter().zip(next).rev() {
            let zero = self.terms.integer(0);
            let less = self.terms.less(*next, *now);
            let bounded = self.terms.less_equal(zero, *now);
            let nearer = self.terms.and(vec![less, bounded]);
            let same = self.terms.equal(*now, *next);
            let rest = self.terms.and(vec![same, holds]);
            holds = self.terms.or(vec![nearer, rest]);
        }
        holds
    }
}

fn returns(function: &Function) -> bool {
    function.blocks.iter().any(|block| matches!(block.terminator, Terminator::Return(_)))
}

/// Which obligation says that a call in this block ends: lowering makes one for every recursive call, in the
/// order of the blocks.
fn termination_of_calls(
    function: &Function,
    calls: &super::Calls,
    caller: u32,
) -> FxHashMap<BlockId, ObligationId> {
    let is_loop = |id: usize| {
        let obligation = &function.obligations[id];
        obligation.origin.place == Place::Step
            && function.loops.iter().any(|info| Some(info.step) == obligation.origin.step)
    };
    let after_lemma = |id: usize| {
        let before = id.checked_sub(1).and_then(|id| u32::try_from(id).ok());
        function.blocks.iter().flat_map(|block| &block.instructions).any(|instruction| {
            matches!(instruction.op, Op::CheckCall(callee, _, ObligationId(found))
                if Some(found) == before && calls.is_recursive(caller, callee)
                    && !function.blocks.iter().any(|block| matches!(&block.terminator,
                        Terminator::Call { function, .. } if function.0 == callee)))
        })
    };
    let mut obligations = (0..function.obligations.len())
        .filter(|id| function.obligations[*id].kind == ObligationKind::Termination)
        .filter(|id| !is_loop(*id) && !after_lemma(*id))
        .filter_map(|id| u32::try_from(id).ok().map(ObligationId));
    let mut found = FxHashMap::default();
    for (index, block) in (0..).zip(&function.blocks) {
        if let Terminator::Call { function: callee, .. } = &block.terminator
            && calls.is_recursive(caller, callee.0)
            && let Some(obligation) = obligations.next()
        {
            found.insert(BlockId(index), obligation);
        }
    }
    found
}
