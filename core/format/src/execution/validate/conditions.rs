//! The functions of an execution layer: all bodies in order, then the conditions that are not empty.

use super::{Context, Defect, Result, require};
use crate::execution::{Function, Role};
use crate::semantic::{Clause, Function as SemanticFunction, Semantic};
use crate::types::{Field, TypeId, TypeTable};

pub(super) fn check(context: &Context<'_>) -> Result {
    let (types, semantic) = (context.types, context.semantic);
    let count = |length: usize| 0..u32::try_from(length).unwrap_or(u32::MAX);
    let bodies = count(semantic.functions.len()).map(Role::Body);
    let entries = (0..).zip(&semantic.functions).filter(|(_, function)| has_entry(semantic, function));
    let records = (0..).zip(&types.records).filter(|(_, record)| !record.constraints.is_empty());
    let state = (0..).zip(&semantic.state).filter(|(_, variable)| !variable.constraints.is_empty());
    let host = (0..).zip(&semantic.host).flat_map(|(index, operation)| {
        let some = |clauses: &[Clause], role| (!clauses.is_empty()).then_some(role);
        [
            some(&operation.preconditions, Role::HostRequest(index)),
            some(&operation.postconditions, Role::HostAnswer(index)),
        ]
    });
    let expected = bodies
        .chain(entries.map(|(index, _)| Role::Entry(index)))
        .chain(records.map(|(index, _)| Role::Record(index)))
        .chain(state.map(|(index, _)| Role::State(index)))
        .chain(host.flatten());
    let actual = context.execution.functions.iter().map(|function| function.role);
    require(
        expected.eq(actual),
        Defect::Role,
        "a function or condition is missing, surplus or out of order",
    )?;
    for function in &context.execution.functions {
        let known = signature(types, semantic, function).is_some();
        require(
            known,
            Defect::Role,
            "the parameters or results of a function are not those of what it is of",
        )?;
    }
    Ok(())
}

pub(super) fn has_entry(semantic: &Semantic, function: &SemanticFunction) -> bool {
    let state = || function.state.iter().filter_map(|index| semantic.state.get(*index as usize));
    function.inputs.iter().any(|input| !input.constraints.is_empty())
        || state().any(|variable| !variable.constraints.is_empty())
        || !function.module_invariants.is_empty()
        || !function.contract.invariants.is_empty()
        || !function.contract.preconditions.is_empty()
}

/// Something, if the function takes and gives what its role says.
fn signature(types: &TypeTable, semantic: &Semantic, function: &Function) -> Option<()> {
    fn ids(fields: &[Field]) -> Vec<TypeId> {
        fields.iter().map(|field| field.type_id).collect()
    }
    let inputs = |index: u32| -> Option<Vec<TypeId>> {
        Some(semantic.functions.get(index as usize)?.inputs.iter().map(|input| input.type_id).collect())
    };
    let (parameters, returns) = match function.role {
        Role::Body(index) => (inputs(index)?, ids(&semantic.functions.get(index as usize)?.success)),
        Role::Entry(index) => (inputs(index)?, vec![]),
        Role::Record(index) => (ids(&types.records.get(index as usize)?.fields), vec![]),
        Role::State(_) => (vec![], vec![]),
        Role::HostRequest(index) => (ids(&semantic.host.get(index as usize)?.inputs), vec![]),
        Role::HostAnswer(index) => {
            let operation = semantic.host.get(index as usize)?;
            ([ids(&operation.inputs), ids(&operation.success)].concat(), vec![])
        }
    };
    let taken = function.values.get(..function.parameters as usize)?;
    (taken == parameters && function.returns == returns).then_some(())
}
