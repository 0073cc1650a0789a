//! Lowering: the semantic layer's typed trees become the execution layer's blocks.
//!
//! One file a theme: `expressions` and `folds` (values), `steps`, `loops`, `calls`, `compensation`, `state`
//! (the flow), `contracts` (conditions and exits), `sharing` and `charges` (what is added once a function is
//! complete), `builder` (the function under construction), `facts` (what is known of the module as a whole).
//!
//! A tree that no checker has made is refused, not trusted: indices are validated first, work and output are
//! bounded by a multiple of the input, and the result is validated.

mod builder;
mod calls;
mod certain;
mod charges;
mod compensation;
mod constants;
mod contracts;
mod error;
mod expressions;
mod facts;
mod flow;
mod folds;
mod loops;
mod paths;
mod scope;
mod sharing;
mod state;
mod steps;

pub use certain::is_certain;
pub use error::{LowerError, Refused};
pub use scope::Binding;

use std::collections::BTreeSet;

use anrf_format::execution::{Execution, Function, Op, Origin, Place, Role, ValueId};
use anrf_format::module::Module;
use anrf_format::semantic::{Clause, Exprs, Semantic};
use anrf_format::source_map::CodeMap;
use anrf_format::types::{TypeId, TypeTable};
use rustc_hash::FxHashMap;

use builder::Builder;
use constants::Constants;
use error::Result;
use expressions::Open;
use facts::Facts;
use flow::Flow;
use scope::Scope;

use crate::stages::{Checked, Lowered};

/// Fills in the execution layer of a checked module.
///
/// # Errors
/// [`LowerError::Unsupported`] for a form that this version does not run, [`LowerError::TooLarge`] where the
/// code would be more than a multiple of the module; nothing else for what the checker has accepted.
pub fn lower(checked: Checked) -> Result<Lowered, Refused> {
    let mut module = checked.into_module();
    let mut place = None;
    let Module { types, semantic, .. } = &module;
    let valid = anrf_format::semantic::validate::validate(types, semantic).map_err(LowerError::from);
    let built = valid.and_then(|()| build(types, semantic, &mut place)).and_then(|(execution, maps)| {
        if cfg!(debug_assertions) {
            anrf_format::execution::validate::validate(types, semantic, &execution, &maps)?;
        }
        Ok((execution, maps))
    });
    let (execution, maps) = built.map_err(|error| {
        let span = place.map(|(function, origin)| module.source_map.span(function, origin));
        Refused { error, span: span.unwrap_or_default() }
    })?;
    module.execution = execution;
    module.source_map.execution = maps;
    Ok(Lowered::new(module))
}

/// The execution layer of a semantic layer from anywhere, and where each instruction comes from. What it
/// gives is valid.
///
/// # Errors
/// Whatever keeps the trees from being lowered; see [`LowerError`].
pub fn lower_semantic(types: &TypeTable, semantic: &Semantic) -> Result<(Execution, Vec<CodeMap>)> {
    anrf_format::semantic::validate::validate(types, semantic)?;
    lower_decoded(types, semantic)
}

/// The same of a semantic layer whose indices are known to be valid, as those that decoding gives are. They
/// need not be well-typed.
///
/// # Errors
/// As [`lower_semantic`].
pub fn lower_decoded(types: &TypeTable, semantic: &Semantic) -> Result<(Execution, Vec<CodeMap>)> {
    let (execution, maps) = build(types, semantic, &mut None)?;
    anrf_format::execution::validate::validate_code(types, semantic, &execution, &maps)?;
    Ok((execution, maps))
}

/// What the names of each function's flow stand for in the execution layer, for whoever watches a run.
/// Functions in their order.
///
/// # Errors
/// As [`lower_semantic`].
pub fn names(types: &TypeTable, semantic: &Semantic) -> Result<Vec<Vec<Binding>>> {
    anrf_format::semantic::validate::validate(types, semantic)?;
    let facts = Facts::new(types, semantic)?;
    let mut sink = Sink::new(&facts, types, semantic);
    let mut names = vec![];
    for (index, function) in (0..).zip(&semantic.functions) {
        sink.body(index, function, |lowering| {
            names.push(lowering.scope.bound.take().unwrap_or_default());
        })?;
    }
    Ok(names)
}

/// Lowers, and says where it was when it failed: in which function, and from where in it.
fn build(
    types: &TypeTable,
    semantic: &Semantic,
    place: &mut Option<(u32, Origin)>,
) -> Result<(Execution, Vec<CodeMap>)> {
    let facts = Facts::new(types, semantic)?;
    let mut sink = Sink::new(&facts, types, semantic);
    let mut bodies = (0..).zip(&semantic.functions);
    let done = bodies
        .try_for_each(|(index, function)| sink.body(index, function, |_| ()))
        .and_then(|()| contracts::conditions(&mut sink));
    *place = sink.place;
    done?;
    Ok((Execution { constants: sink.constants.list, functions: sink.functions }, sink.maps))
}

/// What the whole output may come to: every node becomes a few instructions, compensation and exit conditions
/// are repeated where a function can leave.
fn budget(types: &TypeTable, semantic: &Semantic) -> usize {
    let exprs = |exprs: &Exprs| exprs.nodes.len();
    let clauses = |clauses: &[Clause]| clauses.iter().map(|clause| exprs(&clause.exprs) + 1).sum::<usize>();
    let mut size =
        types.records.iter().map(|record| record.fields.len() + clauses(&record.constraints)).sum::<usize>();
    size += semantic.state.iter().map(|variable| 1 + clauses(&variable.constraints)).sum::<usize>();
    size += clauses(&semantic.invariants);
    for operation in &semantic.host {
        size += operation.inputs.len() + operation.success.len();
        size += clauses(&operation.preconditions) + clauses(&operation.postconditions);
    }
    for function in &semantic.functions {
        size += function.inputs.iter().map(|input| 1 + clauses(&input.constraints)).sum::<usize>();
        size += function.state.len() + function.module_invariants.len() + function.success.len();
        size += clauses(&function.contract.preconditions) + clauses(&function.contract.invariants);
        size += function.contract.postconditions.iter().map(|it| exprs(&it.clause.exprs) + 1).sum::<usize>();
        size += clauses(&function.decreases) + exprs(&function.exprs) + function.steps.len() + 1;
    }
    size.saturating_mul(200).saturating_add(20_000).min(u32::MAX as usize / 2)
}

/// What the functions of an execution layer are collected in.
struct Sink<'m> {
    facts: &'m Facts<'m>,
    constants: Constants,
    functions: Vec<Function>,
    maps: Vec<CodeMap>,
    budget: usize,
    /// What was lowered last: the function, and what of it.
    place: Option<(u32, Origin)>,
}

impl<'m> Sink<'m> {
    fn new(facts: &'m Facts<'m>, types: &TypeTable, semantic: &Semantic) -> Self {
        let budget = budget(types, semantic);
        Self { facts, constants: Constants::default(), functions: vec![], maps: vec![], budget, place: None }
    }

    /// Adds the body of a semantic function; `seen` looks at it before it is finished.
    fn body(
        &mut self,
        index: u32,
        function: &anrf_format::semantic::Function,
        seen: impl FnOnce(&mut Lowering<'m, '_>),
    ) -> Result<()> {
        let parameters: Vec<TypeId> = function.inputs.iter().map(|input| input.type_id).collect();
        let returns: Vec<TypeId> = function.success.iter().map(|field| field.type_id).collect();
        self.function(Role::Body(index), &parameters, &returns, |lowering, inputs| {
            lowering.body(index, inputs)?;
            seen(lowering);
            Ok(())
        })
    }

    /// Adds a function whose code `fill` makes, given the parameters.
    fn function(
        &mut self,
        role: Role,
        parameters: &[TypeId],
        returns: &[TypeId],
        fill: impl FnOnce(&mut Lowering<'m, '_>, &[ValueId]) -> Result<()>,
    ) -> Result<()> {
        let origin = Origin { step: None, place: Place::Function };
        let mut code = Builder::new(role, self.facts.name(role), parameters, origin, self.budget)?;
        code.function.returns = returns.to_vec();
        let inputs: Vec<ValueId> = code.blocks[0].parameters.clone();
        let mut lowering = Lowering {
            facts: self.facts,
            constants: &mut self.constants,
            code,
            scope: Scope::empty(),
            open: Open::default(),
            flow: None,
            entry_state: FxHashMap::default(),
            entry_attempts: FxHashMap::default(),
        };
        let filled = fill(&mut lowering, &inputs);
        let mut code = lowering.code;
        let of = match role {
            Role::Body(of) | Role::Entry(of) => of,
            _ => u32::MAX,
        };
        self.place = Some((of, code.origin));
        filled?;
        self.budget = code.budget();
        if matches!(role, Role::Body(_)) {
            sharing::insert(self.facts.types, &mut code)?;
        }
        let (function, map) = charges::finish(self.facts.types, code)?;
        self.functions.push(function);
        self.maps.push(map);
        Ok(())
    }
}

/// One function while it is lowered.
struct Lowering<'m, 's> {
    facts: &'m Facts<'m>,
    constants: &'s mut Constants,
    code: Builder,
    scope: Scope<'m>,
    /// What the tasks of one expression after the other are put in.
    open: Open,
    /// Of a body.
    flow: Option<Flow<'m>>,
    /// State on entry, as far as `old` or a failure wants it.
    entry_state: FxHashMap<u32, ValueId>,
    /// Attempts of host operations before entry, as far as `calls` wants them.
    entry_attempts: FxHashMap<u32, ValueId>,
}

impl<'m> Lowering<'m, '_> {
    fn body(&mut self, index: u32, inputs: &[ValueId]) -> Result<()> {
        let facts = self.facts;
        let function =
            facts.semantic.functions.get(index as usize).ok_or(LowerError::IllTyped("a function"))?;
        let restored = state::restored(facts, index, function);
        let allocates = loops::allocating(facts.types, function);
        self.scope = Scope::flow(function);
        for (local, value) in (0..).zip(inputs) {
            self.scope.bind(anrf_format::semantic::LocalId(local), *value)?;
        }
        let (mut old, mut counted) = (restored.clone(), BTreeSet::new());
        state::entry_reads(&function.exprs, &mut old, &mut counted);
        for postcondition in &function.contract.postconditions {
            state::entry_reads(&postcondition.clause.exprs, &mut old, &mut counted);
        }
        self.flow = Some(Flow::new(function, index, restored, allocates));
        self.code.set_step("@entry");
        self.code.emit(Op::Enter)?;
        self.read_entry_state(&old)?;
        for operation in counted {
            let (region, _) = self.code.begin_region(&[])?;
            let attempts = self.code.define(Op::Attempts(operation), TypeId::UNBOUNDED)?;
            let region = self.code.end_region(&region, vec![attempts])?;
            let attempts = self.code.define(Op::Ghost(region), TypeId::UNBOUNDED)?;
            self.entry_attempts.insert(operation, attempts);
        }
        for (position, clause) in (0..).zip(&function.decreases) {
            let reference = anrf_format::execution::ClauseRef::Decreases(index, position);
            self.recursion_measure(clause, reference, inputs)?;
        }
        self.steps(&function.body)?;
        if self.code.is_reachable() {
            // Only a flow that answers nothing may end without saying so.
            self.code.origin = Origin { step: None, place: Place::Function };
            self.return_from(vec![])?;
        }
        self.finish_compensations()?;
        self.finish_exits(inputs)
    }

    fn flow(&mut self) -> Result<&mut Flow<'m>> {
        self.flow.as_mut().ok_or(LowerError::IllTyped("a step"))
    }

    /// The function whose body is lowered, if it is one.
    fn body_of(&self) -> Option<u32> {
        self.flow.as_ref().map(|flow| flow.index)
    }
}
