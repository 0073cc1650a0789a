//! Renumbering: every index that a function or clause has into the module's lists.

use super::{Clause, ExprKind, Exprs, Function, Local, Operation, TransitionTarget};
use crate::types::{Field, TypeId};

/// What becomes of each index.
pub trait Renumber {
    /// A type.
    fn type_id(&mut self, id: TypeId) -> TypeId;
    /// A function of the module.
    fn function(&mut self, index: u32) -> u32;
    /// A host operation.
    fn host(&mut self, index: u32) -> u32;
    /// A state variable.
    fn state(&mut self, index: u32) -> u32;
    /// A module invariant.
    fn invariant(&mut self, index: u32) -> u32;
    /// A machine.
    fn machine(&mut self, index: u32) -> u32;
}

fn exprs(exprs: &mut Exprs, to: &mut dyn Renumber) {
    for expr in &mut exprs.nodes {
        expr.type_id = to.type_id(expr.type_id);
        match &mut expr.kind {
            ExprKind::State(index) => *index = to.state(*index),
            ExprKind::Calls(index) => *index = to.host(*index),
            ExprKind::Call(index, _) => *index = to.function(*index),
            _ => {}
        }
    }
}

fn locals(locals: &mut [Local], to: &mut dyn Renumber) {
    for local in locals {
        local.type_id = to.type_id(local.type_id);
    }
}

impl Clause {
    /// Renumbers the clause.
    pub fn renumber(&mut self, to: &mut dyn Renumber) {
        exprs(&mut self.exprs, to);
        locals(self.locals.own_mut(), to);
    }
}

/// Renumbers fields.
pub fn renumber_fields(fields: &mut [Field], to: &mut dyn Renumber) {
    for field in fields {
        field.type_id = to.type_id(field.type_id);
    }
}

impl Function {
    /// Renumbers the function, its examples included.
    pub fn renumber(&mut self, to: &mut dyn Renumber) {
        for input in &mut self.inputs {
            input.type_id = to.type_id(input.type_id);
            input.constraints.iter_mut().for_each(|clause| clause.renumber(to));
        }
        renumber_fields(&mut self.success, to);
        self.success_record = to.type_id(self.success_record);
        self.state.iter_mut().for_each(|index| *index = to.state(*index));
        self.module_invariants.iter_mut().for_each(|index| *index = to.invariant(*index));
        let contract = &mut self.contract;
        let clauses =
            contract.preconditions.iter_mut().chain(&mut contract.invariants).chain(&mut self.decreases);
        clauses
            .chain(contract.postconditions.iter_mut().map(|postcondition| &mut postcondition.clause))
            .for_each(|clause| clause.renumber(to));
        locals(&mut self.locals, to);
        exprs(&mut self.exprs, to);
        for step in &mut self.steps {
            match &mut step.operation {
                Operation::Call(call) => {
                    call.callee = to.function(call.callee);
                    call.bind.iter_mut().for_each(|bind| bind.record = to.type_id(bind.record));
                }
                Operation::Invoke(call) => {
                    call.callee = to.host(call.callee);
                    call.bind.iter_mut().for_each(|bind| bind.record = to.type_id(bind.record));
                }
                Operation::Update(values) => {
                    values.iter_mut().for_each(|(index, _)| *index = to.state(*index));
                }
                Operation::Transition { machine, target, .. } => {
                    *machine = to.machine(*machine);
                    if let TransitionTarget::State(index, _) = target {
                        *index = to.state(*index);
                    }
                }
                _ => {}
            }
        }
        for example in &mut self.examples {
            example.state.iter_mut().for_each(|(index, _)| *index = to.state(*index));
            example.state_after.iter_mut().for_each(|(index, _)| *index = to.state(*index));
            example.host.iter_mut().for_each(|(index, _)| *index = to.host(*index));
        }
    }
}
