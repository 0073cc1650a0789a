//! Whether a semantic layer is certain to be lowered to valid code, found out without making any: types,
//! scopes, what is ghost and what is not, and a bound on the size of what comes of it.
//!
//! A packed module is lowered when it is first run, and whatever is wrong with it has to be said when it is
//! loaded. So loading asks this first, and lowers at once what this does not know: it may answer no for a module
//! that can be lowered (and does for one with compensations), never yes for one that cannot. Each rule is that
//! of the instruction that lowering makes, as [`anrf_format::execution::validate`] checks it.

mod expressions;
mod steps;

use anrf_format::semantic::{Clause, Exprs, FunctionKind, LocalId, LocalsRef, Semantic};
use anrf_format::types::{Field, Type, TypeId, TypeTable};

use expressions::Task;

/// Whether lowering this gives valid code. `types` and `semantic` are known to be well formed
/// ([`anrf_format::semantic::validate`]).
#[must_use]
pub fn is_certain(types: &TypeTable, semantic: &Semantic) -> bool {
    let mut certain = Certain { types, semantic, units: 0, visible: vec![], tasks: vec![] };
    certain.module().is_some() && certain.units <= super::budget(types, semantic).min(MOST_UNITS)
}

/// Far less than what indices of values and blocks can count.
const MOST_UNITS: usize = 100_000_000;

/// More than what one node of a tree takes from the budget of lowering, for itself and for each of its parts.
const NODE: usize = 16;

/// More than one step takes, for itself and for each name or part that it has.
const STEP: usize = 40;

/// How deep regions may nest here; lowering allows a few more.
const MAX_REGION_DEPTH: u32 = 56;

/// Something, if it is certain.
type Sure<T = ()> = Option<T>;

fn require(holds: bool) -> Sure {
    holds.then_some(())
}

struct Certain<'m> {
    types: &'m TypeTable,
    semantic: &'m Semantic,
    /// What lowering takes from its budget, or more.
    units: usize,
    /// Of the scope that is being looked at.
    visible: Vec<Visible>,
    /// What is still to be looked at of the present expression.
    tasks: Vec<Task>,
}

/// Whether a local stands for something at the present place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Visible {
    No,
    Yes,
    /// In ghost code alone.
    Ghost,
}

/// Expressions and their names, and what they may speak of.
#[derive(Clone, Copy)]
struct Scope<'m> {
    exprs: &'m Exprs,
    locals: LocalsRef<'m>,
    exits: Option<Exits<'m>>,
    /// A measure of recursion is taken before anything is known of what there was on entry.
    at_entry: bool,
}

/// What words of contracts stand for on an exit.
#[derive(Clone, Copy)]
struct Exits<'m> {
    success: &'m [Field],
    record: TypeId,
    /// Failures too, where a result is some value that nobody looks at.
    failures: bool,
}

impl Scope<'_> {
    fn type_of(&self, local: LocalId) -> Sure<TypeId> {
        self.locals.get(local).map(|local| local.type_id)
    }
}

impl<'m> Certain<'m> {
    fn module(&mut self) -> Sure {
        let (types, semantic) = (self.types, self.semantic);
        // Each function may read on entry and write back all the state that those that it calls write.
        let pairs = semantic.functions.len().checked_mul(semantic.state.len())?;
        require(pairs <= 1_000_000)?;
        self.units += 16 * pairs;
        for record in &types.records {
            let fields = record.fields.iter().map(|field| field.type_id);
            self.clauses(&record.constraints, fields, None)?;
        }
        for variable in &semantic.state {
            self.clauses(&variable.constraints, [].into_iter(), None)?;
        }
        self.clauses(&semantic.invariants, [].into_iter(), None)?;
        for operation in &semantic.host {
            let inputs = operation.inputs.iter().map(|field| field.type_id);
            self.clauses(&operation.preconditions, inputs.clone(), None)?;
            let exits = self.exits(&operation.success, operation.success_record, false);
            self.clauses(&operation.postconditions, inputs, Some(exits))?;
        }
        (0..).zip(&semantic.functions).try_for_each(|(index, function)| self.function(index, function))
    }

    fn exits(&self, success: &'m [Field], record: TypeId, failures: bool) -> Exits<'m> {
        Exits { success, record, failures }
    }

    fn function(&mut self, index: u32, function: &'m anrf_format::semantic::Function) -> Sure {
        let inputs = || function.inputs.iter().map(|input| input.type_id);
        self.units +=
            STEP * (1 + function.inputs.len() + function.success.len() + function.error_codes.len());
        for input in &function.inputs {
            self.clauses(&input.constraints, inputs(), None)?;
        }
        let contract = &function.contract;
        self.clauses(&contract.preconditions, inputs(), None)?;
        for postcondition in &contract.postconditions {
            let exits = self.exits(&function.success, function.success_record, !postcondition.success_only);
            self.clause(&postcondition.clause, inputs(), Some(exits), TypeId::BOOLEAN, 2)?;
        }
        for clause in &contract.invariants {
            self.clause(clause, inputs(), None, TypeId::BOOLEAN, 3)?;
        }
        for measure in &function.decreases {
            self.clause(measure, inputs(), None, TypeId::UNBOUNDED, 1)?;
        }
        for invariant in &function.module_invariants {
            let clause = self.semantic.invariants.get(*invariant as usize)?;
            self.units = self.units.checked_add(3 * size(&clause.exprs))?;
        }
        steps::check(self, index, function)
    }

    /// Conditions that are lowered once, each with these values as its first names.
    fn clauses(
        &mut self,
        clauses: &'m [Clause],
        first: impl Iterator<Item = TypeId> + Clone,
        exits: Option<Exits<'m>>,
    ) -> Sure {
        clauses.iter().try_for_each(|clause| self.clause(clause, first.clone(), exits, TypeId::BOOLEAN, 1))
    }

    /// A clause of this type, of which lowering makes this many copies.
    fn clause(
        &mut self,
        clause: &'m Clause,
        first: impl Iterator<Item = TypeId>,
        exits: Option<Exits<'m>>,
        wanted: TypeId,
        times: usize,
    ) -> Sure {
        let at_entry = wanted == TypeId::UNBOUNDED;
        let scope = Scope { exprs: &clause.exprs, locals: clause.locals.all(), exits, at_entry };
        self.visible.clear();
        self.visible.resize(scope.locals.len(), Visible::No);
        for ((slot, local), type_id) in self.visible.iter_mut().zip(scope.locals.iter()).zip(first) {
            require(local.type_id == type_id)?;
            *slot = Visible::Yes;
        }
        self.units = self.units.checked_add((times - 1) * size(&clause.exprs))?;
        require(self.expr(scope, clause.root, true)? == wanted)
    }

    fn get(&self, id: TypeId) -> Sure<&'m Type> {
        self.types.types.get(id.0 as usize)
    }

    fn fields(&self, id: TypeId) -> Sure<&'m [Field]> {
        let Type::Record(index) = self.get(id)? else { return None };
        Some(&self.types.records.get(*index as usize)?.fields)
    }

    fn is_lemma(&self, function: u32) -> bool {
        let known = self.semantic.functions.get(function as usize);
        known.is_some_and(|function| function.kind == FunctionKind::Lemma)
    }

    fn bind(&mut self, local: LocalId, as_what: Visible) -> Sure {
        let slot = self.visible.get_mut(local.0 as usize)?;
        // Two values of one name at once is something that no checker makes.
        require(*slot == Visible::No)?;
        *slot = as_what;
        Some(())
    }

    fn unbind(&mut self, local: LocalId) {
        if let Some(slot) = self.visible.get_mut(local.0 as usize) {
            *slot = Visible::No;
        }
    }
}

/// What one copy of these expressions takes from the budget, or more.
fn size(exprs: &Exprs) -> usize {
    let mut parts = 0;
    for expr in &exprs.nodes {
        parts += 1;
        expr.kind.for_each_child(&mut |_| parts += 1);
        expr.kind.for_each_local(&mut |_| parts += 1);
    }
    NODE * (parts + 1)
}

/// Whether a list of fields has exactly these types.
fn same(fields: &[Field], types: impl ExactSizeIterator<Item = TypeId>) -> bool {
    fields.len() == types.len() && fields.iter().zip(types).all(|(field, id)| field.type_id == id)
}
