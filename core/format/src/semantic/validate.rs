//! Whether a decoded semantic layer is well formed: every index in range, every tree a tree. Types are
//! not looked at here: lowering refuses what it cannot type, and the execution layer's validator checks
//! what lowering made.

use std::cell::Cell;

use super::{
    Binder, Block, Clause, Domain, Example, Expected, ExprId, ExprKind, Exprs, Function, LocalId, LoopHead,
    Operation, Semantic, StepId, TransitionTarget,
};
use crate::types::{Type, TypeId, TypeTable};

/// What is wrong with a semantic layer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedError {
    /// An index points outside its list.
    #[error("an index of a {0} is out of range")]
    OutOfRange(&'static str),
    /// The type table is not one that the checker makes.
    #[error("the type table is malformed: {0}")]
    Types(&'static str),
    /// Expressions or steps do not form trees.
    #[error("{0} do not form a tree")]
    NotATree(&'static str),
    /// Trees are taller than the language allows.
    #[error("{0} nest too deeply")]
    TooDeep(&'static str),
}

/// The tallest expression tree: what the parser allows, with room for what the checker inserts.
pub const MAX_EXPRESSION_DEPTH: u32 = 512;

/// The deepest nesting of structural types, as in `array<array<integer>>`.
pub const MAX_TYPE_DEPTH: usize = 64;

/// The deepest nesting of steps.
pub const MAX_STEP_DEPTH: usize = 64;

type Result = std::result::Result<(), MalformedError>;

/// What the clauses of a contract may speak of: how many success fields and error codes there are.
#[derive(Clone, Copy, Default)]
struct Exits {
    success: usize,
    codes: usize,
}

/// Checks a type table and a semantic layer. Linear; allocates at most a few words per node.
///
/// # Errors
/// The first defect found.
pub fn validate(types: &TypeTable, semantic: &Semantic) -> Result {
    let scope = Scope { types, semantic };
    scope.type_table()?;
    for record in &types.records {
        scope.clauses(&record.constraints, Exits::default())?;
    }
    for variable in &semantic.state {
        scope.type_id(variable.type_id)?;
        if let Some(owner) = variable.owner {
            scope.index(owner, semantic.functions.len(), "function")?;
        }
        scope.clauses(&variable.constraints, Exits::default())?;
    }
    scope.clauses(&semantic.invariants, Exits::default())?;
    for operation in &semantic.host {
        for field in operation.inputs.iter().chain(&operation.success) {
            scope.type_id(field.type_id)?;
        }
        scope.type_id(operation.success_record)?;
        let exits = Exits { success: operation.success.len(), codes: operation.error_codes.len() };
        scope.clauses(&operation.preconditions, exits)?;
        scope.clauses(&operation.postconditions, exits)?;
    }
    semantic.functions.iter().try_for_each(|function| scope.function(function))
}

/// Marks an expression as the part of something. As a part of two things it would be lowered twice, and
/// trees of shared parts are exponentially larger than their nodes.
fn use_once(used: &[Cell<bool>], id: ExprId) -> Result {
    let used = used.get(id.0 as usize).ok_or(MalformedError::OutOfRange("expression"))?;
    if used.replace(true) { Err(MalformedError::NotATree("expressions")) } else { Ok(()) }
}

struct Scope<'a> {
    types: &'a TypeTable,
    semantic: &'a Semantic,
}

impl Scope<'_> {
    fn index(&self, index: u32, length: usize, what: &'static str) -> Result {
        if (index as usize) < length { Ok(()) } else { Err(MalformedError::OutOfRange(what)) }
    }

    fn type_id(&self, id: TypeId) -> Result {
        self.index(id.0, self.types.types.len(), "type")
    }

    fn type_table(&self) -> Result {
        let types = self.types;
        if !types.types.starts_with(&TypeTable::default().types) {
            return Err(MalformedError::Types("the scalar types do not stand first"));
        }
        let mut depths: Vec<u8> = Vec::with_capacity(types.types.len());
        for known in &types.types {
            // A structural part is always older than its whole, so structural types are finite.
            let mut depth = 0;
            let mut part = |id: &TypeId| {
                let inner =
                    depths.get(id.0 as usize).ok_or(MalformedError::Types("a part after its whole"))?;
                depth = depth.max(inner + 1);
                if usize::from(depth) > MAX_TYPE_DEPTH {
                    Err(MalformedError::TooDeep("types"))
                } else {
                    Ok(())
                }
            };
            match known {
                Type::Optional(inner) | Type::Array(inner) => part(inner)?,
                Type::Set(element) => {
                    part(element)?;
                    if !types.is_key(*element) {
                        return Err(MalformedError::Types("an element that cannot be a key"));
                    }
                }
                Type::Map(key, value) => {
                    part(key)?;
                    part(value)?;
                    if !types.is_key(*key) {
                        return Err(MalformedError::Types("a key of a type that cannot be one"));
                    }
                }
                Type::Enum(symbols) if symbols.is_empty() => {
                    return Err(MalformedError::Types("an empty enum"));
                }
                Type::Machine(index) => self.index(*index, types.machines.len(), "machine")?,
                Type::Record(index) => self.index(*index, types.records.len(), "record")?,
                Type::Variant(index) => self.index(*index, types.variants.len(), "variant")?,
                _ => {}
            }
            depths.push(depth);
        }
        let mut seen = std::collections::HashSet::new();
        if !types.types.iter().all(|known| seen.insert(known)) {
            return Err(MalformedError::Types("a type stands twice"));
        }
        let cases = types.variants.iter().flat_map(|variant| &variant.cases);
        let fields =
            types.records.iter().flat_map(|record| &record.fields).chain(cases.flat_map(|case| &case.fields));
        fields.map(|field| field.type_id).try_for_each(|id| self.type_id(id))?;
        types.aliases.iter().try_for_each(|(_, id)| self.type_id(*id))?;
        if types.variants.iter().any(|variant| variant.cases.is_empty()) {
            return Err(MalformedError::Types("a variant without cases"));
        }
        self.finite_values()?;
        for machine in &types.machines {
            self.index(machine.initial, machine.states.len(), "state")?;
            for (from, to) in &machine.transitions {
                self.index(*from, machine.states.len(), "state")?;
                self.index(*to, machine.states.len(), "state")?;
            }
        }
        Ok(())
    }

    /// A record that contains itself without a collection or optional between has no values.
    fn finite_values(&self) -> Result {
        let records = self.types.records.len();
        let total = records + self.types.variants.len();
        // 0 not seen, 1 open, 2 done; an explicit stack instead of recursion.
        let mut state = vec![0_u8; total];
        let children = |node: usize| -> Vec<usize> {
            let fields: Vec<TypeId> = if node < records {
                self.types.records[node].fields.iter().map(|field| field.type_id).collect()
            } else {
                let cases = &self.types.variants[node - records].cases;
                cases.iter().flat_map(|case| case.fields.iter().map(|field| field.type_id)).collect()
            };
            fields
                .into_iter()
                .filter_map(|id| match self.types.get(id) {
                    Type::Record(index) => Some(*index as usize),
                    Type::Variant(index) => Some(records + *index as usize),
                    _ => None,
                })
                .collect()
        };
        for root in 0..total {
            let mut stack = vec![(root, None)];
            while let Some((node, open)) = stack.pop() {
                let mut open: std::vec::IntoIter<usize> = match open {
                    Some(open) => open,
                    None if state[node] == 2 => continue,
                    None if state[node] == 1 => {
                        return Err(MalformedError::Types("a type that contains itself"));
                    }
                    None => {
                        state[node] = 1;
                        children(node).into_iter()
                    }
                };
                match open.next() {
                    Some(child) => stack.extend([(node, Some(open)), (child, None)]),
                    None => state[node] = 2,
                }
            }
        }
        Ok(())
    }

    fn clauses<'c>(&self, clauses: impl IntoIterator<Item = &'c Clause>, exits: Exits) -> Result {
        clauses.into_iter().try_for_each(|clause| {
            clause.locals.all().iter().try_for_each(|local| self.type_id(local.type_id))?;
            self.index(clause.root.0, clause.exprs.nodes.len(), "expression")?;
            let used = self.exprs(&clause.exprs, clause.locals.all().len(), exits)?;
            use_once(&used, clause.root)
        })
    }

    /// Children are older than their one parent, so the nodes are trees; height is bounded. Says which
    /// nodes have a parent.
    fn exprs(
        &self,
        exprs: &Exprs,
        locals: usize,
        exits: Exits,
    ) -> std::result::Result<Vec<Cell<bool>>, MalformedError> {
        let mut heights: Vec<u16> = Vec::with_capacity(exprs.nodes.len());
        let used = vec![Cell::new(false); exprs.nodes.len()];
        for (position, expr) in exprs.nodes.iter().enumerate() {
            self.type_id(expr.type_id)?;
            let mut height = 0;
            let mut broken = None;
            expr.kind.for_each_child(&mut |child: ExprId| {
                if (child.0 as usize) < position && use_once(&used, child).is_ok() {
                    height = height.max(heights[child.0 as usize] + 1);
                } else {
                    broken = Some(MalformedError::NotATree("expressions"));
                }
            });
            expr.kind.for_each_local(&mut |local: LocalId| {
                if local.0 as usize >= locals {
                    broken = Some(MalformedError::OutOfRange("local"));
                }
            });
            if let Some(error) = broken {
                return Err(error);
            }
            if u32::from(height) > MAX_EXPRESSION_DEPTH {
                return Err(MalformedError::TooDeep("expressions"));
            }
            heights.push(height);
            match expr.kind {
                ExprKind::State(index) => self.index(index, self.semantic.state.len(), "state variable")?,
                ExprKind::Calls(index) => self.index(index, self.semantic.host.len(), "host operation")?,
                ExprKind::Call(index, _) => self.index(index, self.semantic.functions.len(), "function")?,
                ExprKind::Result(index) => self.index(index, exits.success, "success field")?,
                ExprKind::Failed(index) => self.index(index, exits.codes, "error code")?,
                _ => {}
            }
        }
        Ok(used)
    }

    fn function(&self, function: &Function) -> Result {
        let exits = Exits { success: function.success.len(), codes: function.error_codes.len() };
        for input in &function.inputs {
            self.type_id(input.type_id)?;
            self.clauses(&input.constraints, exits)?;
        }
        if function.locals.len() < function.inputs.len() {
            return Err(MalformedError::OutOfRange("local"));
        }
        function.success.iter().try_for_each(|field| self.type_id(field.type_id))?;
        self.type_id(function.success_record)?;
        for index in function.state.iter() {
            self.index(*index, self.semantic.state.len(), "state variable")?;
        }
        for index in &function.module_invariants {
            self.index(*index, self.semantic.invariants.len(), "invariant")?;
        }
        let contract = &function.contract;
        self.clauses(&contract.preconditions, exits)?;
        self.clauses(contract.postconditions.iter().map(|postcondition| &postcondition.clause), exits)?;
        self.clauses(&contract.invariants, exits)?;
        self.clauses(&function.decreases, exits)?;
        function.locals.iter().try_for_each(|local| self.type_id(local.type_id))?;
        let used = self.exprs(&function.exprs, function.locals.len(), Exits::default())?;
        self.steps(function, &used)?;
        function.examples.iter().try_for_each(|example| self.example(function, example))
    }

    fn example(&self, function: &Function, example: &Example) -> Result {
        if example.inputs.len() != function.inputs.len() {
            return Err(MalformedError::OutOfRange("example's input"));
        }
        let variables = example.state.iter().map(|(index, _)| *index);
        for index in variables.chain(example.state_after.iter().map(|(index, _)| *index)) {
            self.index(index, self.semantic.state.len(), "state variable")?;
        }
        for (index, _) in &example.host {
            self.index(*index, self.semantic.host.len(), "host operation")?;
        }
        match &example.expected {
            Expected::Success(fields) => fields
                .iter()
                .try_for_each(|(index, _)| self.index(*index, function.success.len(), "success field")),
            Expected::Failure { .. } | Expected::Fault(_) => Ok(()),
        }
    }

    /// Every step stands in exactly one block, and all are reached from the body.
    fn steps(&self, function: &Function, used: &[Cell<bool>]) -> Result {
        let mut seen = vec![false; function.steps.len()];
        let mut open: Vec<(&Block, usize)> = vec![(&function.body, 1)];
        while let Some((block, depth)) = open.pop() {
            if depth > MAX_STEP_DEPTH {
                return Err(MalformedError::TooDeep("steps"));
            }
            for StepId(id) in block {
                let step = function.steps.get(*id as usize).ok_or(MalformedError::OutOfRange("step"))?;
                if std::mem::replace(&mut seen[*id as usize], true) {
                    return Err(MalformedError::NotATree("steps"));
                }
                open.push((&step.compensate, depth + 1));
                self.step_indices(function, step, used)?;
                match &step.operation {
                    Operation::Choose { cases, otherwise, .. } => {
                        open.extend(cases.iter().map(|(_, block)| (block, depth + 1)));
                        open.extend(otherwise.iter().map(|block| (block, depth + 1)));
                    }
                    Operation::Loop(looping) => open.push((&looping.body, depth + 1)),
                    Operation::Call(call) | Operation::Invoke(call) => {
                        open.extend(call.on_error.iter().map(|(_, block)| (block, depth + 1)));
                    }
                    _ => {}
                }
            }
        }
        if seen.iter().all(|seen| *seen) { Ok(()) } else { Err(MalformedError::NotATree("steps")) }
    }

    fn step_indices(&self, function: &Function, step: &super::Step, used: &[Cell<bool>]) -> Result {
        let semantic = self.semantic;
        let local = |id: LocalId| self.index(id.0, function.locals.len(), "local");
        let expr = |id: ExprId| use_once(used, id);
        let code = |index: u32| self.index(index, function.error_codes.len(), "error code");
        let bound = |list: &[(LocalId, ExprId)]| {
            list.iter().try_for_each(|(name, value)| local(*name).and_then(|()| expr(*value)))
        };
        let binder = |binder: &Binder| {
            local(binder.element)?;
            binder.index.map_or(Ok(()), local)?;
            match binder.domain {
                Domain::Range(low, high) => expr(low).and_then(|()| expr(high)),
                Domain::Array(array) => expr(array),
            }
        };
        if let Some(when) = &step.when {
            expr(when.condition)?;
            when.bound.iter().try_for_each(|(inner, outer)| local(*inner).and_then(|()| local(*outer)))?;
        }
        for guard in &step.guards {
            expr(guard.fail_when)?;
            expr(guard.message)?;
            code(guard.error_code)?;
        }
        bound(step.fallback.as_deref().unwrap_or_default())?;
        match &step.operation {
            Operation::Require { condition, error_code, message } => {
                expr(*condition)?;
                expr(*message)?;
                code(*error_code)
            }
            Operation::Compute { bindings, .. } => bound(bindings),
            Operation::Assert(condition) => expr(*condition),
            Operation::Choose { cases, otherwise, joined } => {
                cases.iter().try_for_each(|(condition, _)| expr(*condition))?;
                let branches = cases.len() + usize::from(otherwise.is_some());
                joined.iter().try_for_each(|(after, inner)| {
                    if inner.len() != branches {
                        return Err(MalformedError::OutOfRange("branch"));
                    }
                    local(*after)?;
                    inner.iter().flatten().try_for_each(|id| local(*id))
                })
            }
            Operation::Loop(looping) => {
                bound(&looping.state)?;
                match &looping.head {
                    LoopHead::For(over) => binder(over)?,
                    LoopHead::While(condition) => expr(*condition)?,
                }
                looping.invariants.iter().chain(&looping.decreases).try_for_each(|id| expr(*id))
            }
            Operation::Next(values) | Operation::Break(values) => bound(values),
            Operation::Call(call) => self.call(function, call, used, |callee| {
                semantic.functions.get(callee).map(|callee| (callee.inputs.len(), callee.error_codes.len()))
            }),
            Operation::Invoke(call) => self.call(function, call, used, |callee| {
                semantic.host.get(callee).map(|callee| (callee.inputs.len(), callee.error_codes.len()))
            }),
            Operation::Update(values) => values.iter().try_for_each(|(index, value)| {
                self.index(*index, semantic.state.len(), "state variable").and_then(|()| expr(*value))
            }),
            Operation::Transition { machine, from, to, target } => {
                let states =
                    self.types.machines.get(*machine as usize).map_or(0, |machine| machine.states.len());
                self.index(*to, states, "state")?;
                expr(*from)?;
                match target {
                    TransitionTarget::State(index, _) => {
                        self.index(*index, semantic.state.len(), "state variable")
                    }
                    TransitionTarget::Local(id) => local(*id),
                }
            }
            Operation::Log { message, fields, .. } => {
                expr(*message)?;
                fields.iter().try_for_each(|(_, value)| expr(*value))
            }
            Operation::Return(values) => values.iter().try_for_each(|value| expr(*value)),
            Operation::Fail { error_code, message } => code(*error_code).and_then(|()| expr(*message)),
        }
    }

    fn call(
        &self,
        function: &Function,
        call: &super::Call,
        used: &[Cell<bool>],
        callee: impl Fn(usize) -> Option<(usize, usize)>,
    ) -> Result {
        let (inputs, codes) = callee(call.callee as usize).ok_or(MalformedError::OutOfRange("callee"))?;
        if call.arguments.len() != inputs {
            return Err(MalformedError::OutOfRange("argument"));
        }
        for argument in &call.arguments {
            use_once(used, *argument)?;
        }
        if let Some(bind) = call.bind {
            self.index(bind.local.0, function.locals.len(), "local")?;
            self.type_id(bind.record)?;
        }
        call.on_error.iter().try_for_each(|(code, _)| self.index(*code, codes, "error code"))?;
        call.propagated.iter().try_for_each(|(theirs, ours)| {
            self.index(*theirs, codes, "error code")?;
            self.index(*ours, function.error_codes.len(), "error code")
        })
    }
}
