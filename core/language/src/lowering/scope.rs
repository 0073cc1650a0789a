//! What the names of an expression stand for while it is lowered.

use anrf_format::execution::{ClauseRef, Place, ValueId};
use anrf_format::semantic::{Clause, ExprId, Exprs, Function, LocalId, LocalsRef, StepId};
use anrf_format::types::TypeId;

use super::error::{LowerError, Result};

/// Expressions, their locals, and the values that those have at present.
#[derive(Debug)]
pub(super) struct Scope<'m> {
    pub(super) exprs: &'m Exprs,
    locals: LocalsRef<'m>,
    clause: Option<ClauseRef>,
    values: Vec<Option<ValueId>>,
    /// What bindings replaced, for [`Scope::rollback`].
    journal: Vec<(LocalId, Option<ValueId>)>,
    /// Every binding there was and the step that made it, for [`super::names`]; of a flow only.
    pub(super) bound: Option<Vec<Binding>>,
    /// The step that is lowered.
    pub(super) step: Option<StepId>,
    /// Inside `old`: state is read as it was on entry.
    pub(super) old: bool,
    /// What `result` and `success` mean here.
    pub(super) exit: Exit,
}

/// A local of a function's flow and a value that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The local.
    pub local: LocalId,
    /// The value, in the function's body.
    pub value: ValueId,
    /// The step that binds it; an input is bound by none.
    pub step: Option<StepId>,
}

/// Which exit a clause speaks of.
#[derive(Clone, Debug)]
pub(super) enum Exit {
    /// None.
    None,
    /// Success with these fields.
    Success(Vec<ValueId>),
    /// Failure with the error code of this index.
    Failure(ValueId),
}

impl<'m> Scope<'m> {
    /// Of a function's flow.
    pub(super) fn flow(function: &'m Function) -> Self {
        let scope = Self::new(&function.exprs, (&function.locals).into(), None);
        Self { bound: Some(vec![]), ..scope }
    }

    /// Of a clause, whose first locals have these values.
    pub(super) fn clause(clause: &'m Clause, reference: ClauseRef, first: &[ValueId], exit: Exit) -> Self {
        let mut scope = Self::new(&clause.exprs, clause.locals.all(), Some(reference));
        scope.values.iter_mut().zip(first).for_each(|(slot, value)| *slot = Some(*value));
        scope.exit = exit;
        scope
    }

    /// Of nothing.
    pub(super) fn empty() -> Self {
        static NONE: Exprs = Exprs { nodes: vec![] };
        Self::new(&NONE, LocalsRef::default(), None)
    }

    fn new(exprs: &'m Exprs, locals: LocalsRef<'m>, clause: Option<ClauseRef>) -> Self {
        let values = vec![None; locals.len()];
        Self {
            exprs,
            locals,
            clause,
            values,
            journal: vec![],
            bound: None,
            step: None,
            old: false,
            exit: Exit::None,
        }
    }

    /// The place of an expression, for the source map.
    pub(super) fn place(&self, expr: ExprId) -> Place {
        match self.clause {
            None => Place::Expr(expr),
            Some(clause) => Place::Clause(clause, expr),
        }
    }

    /// The type of a local.
    pub(super) fn type_of(&self, local: LocalId) -> Result<TypeId> {
        self.locals.get(local).map(|local| local.type_id).ok_or(LowerError::IllTyped("a local"))
    }

    /// What a local stands for.
    pub(super) fn get(&self, local: LocalId) -> Result<ValueId> {
        self.peek(local).ok_or(LowerError::IllTyped("a local outside its scope"))
    }

    /// What a local stands for, if anything.
    pub(super) fn peek(&self, local: LocalId) -> Option<ValueId> {
        self.values.get(local.0 as usize).copied().flatten()
    }

    /// A local stands for a value until [`Scope::rollback`].
    pub(super) fn bind(&mut self, local: LocalId, value: ValueId) -> Result<()> {
        let slot = self.values.get_mut(local.0 as usize).ok_or(LowerError::IllTyped("a local"))?;
        self.journal.push((local, slot.replace(value)));
        if let Some(bound) = &mut self.bound {
            bound.push(Binding { local, value, step: self.step });
        }
        Ok(())
    }

    /// A point to roll back to.
    pub(super) fn mark(&self) -> usize {
        self.journal.len()
    }

    /// Every local stands for what it stood for at the mark.
    pub(super) fn rollback(&mut self, mark: usize) {
        for (local, before) in self.journal.drain(mark.min(self.journal.len())..).rev() {
            if let Some(slot) = self.values.get_mut(local.0 as usize) {
                *slot = before;
            }
        }
    }
}
