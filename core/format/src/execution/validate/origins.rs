//! Every instruction, terminator and obligation says where it comes from, and that place exists.

use std::collections::HashSet;

use super::{Context, Defect, Result, ValidateError, require};
use crate::execution::{
    Check, ClauseRef, FaultKind, Fold, Function, ObligationId, ObligationKind, Op, Origin, Place, Role,
    Terminator,
};
use crate::semantic::{Aggregate, Clause, Function as SemanticFunction};
use crate::source_map::CodeMap;
use crate::types::TypeId;

pub(super) fn check(context: &Context<'_>, function: &Function, map: &CodeMap) -> Result {
    let origin =
        |origin: &Origin| require(exists(context, function.role, origin), Defect::Origin, "a broken link");
    require(map.blocks.len() == function.blocks.len(), Defect::Origin, "a block without origins")?;
    // Neighbours often come from the same place.
    let mut last = None;
    let mut origins_exist = |origins: &[Origin]| {
        origins
            .iter()
            .try_for_each(|next| if last.replace(*next) == Some(*next) { Ok(()) } else { origin(next) })
    };
    for (index, (block, origins)) in function.blocks.iter().zip(&map.blocks).enumerate() {
        let complete = origins.len() == block.instructions.len() + 1;
        require(complete, Defect::Origin, "an instruction without origin")
            .and_then(|()| origins_exist(origins))
            .map_err(|error| error.at(index))?;
    }
    let mut ids = HashSet::new();
    for obligation in &function.obligations {
        origin(&obligation.origin)?;
        require(ids.insert(obligation.id.as_str()), Defect::Obligation, "two obligations of one id")?;
    }
    obligations(function)
}

/// Each check names an obligation of its kind that no other check names.
fn obligations(function: &Function) -> Result {
    let mut guarded = vec![false; function.obligations.len()];
    let mut guard = |id: ObligationId, kinds: &[ObligationKind]| {
        let kind = function.obligations.get(id.0 as usize).map(|obligation| obligation.kind);
        let fits = kind.is_some_and(|kind| kinds.contains(&kind));
        require(fits, Defect::Obligation, "a check that names an obligation of another kind")?;
        let first = guarded.get_mut(id.0 as usize).is_some_and(|guarded| !std::mem::replace(guarded, true));
        require(first, Defect::Obligation, "an obligation that two checks name")
    };
    for (index, block) in function.blocks.iter().enumerate() {
        let mut block_obligations = || -> Result {
            for instruction in &block.instructions {
                match &instruction.op {
                    Op::Check(check, _, id) => guard(*id, kinds_of(*check))?,
                    Op::CheckRecord(.., id) | Op::CheckState(_, id) => {
                        guard(*id, &[ObligationKind::Constraint])?
                    }
                    Op::CheckCall(.., id) | Op::CheckRequest(.., id) => {
                        guard(*id, &[ObligationKind::CallPrecondition])?
                    }
                    Op::Contract(fault, _, id) => guard(*id, kinds_of_contract(*fault))?,
                    Op::Fold(Fold::Aggregate(aggregate, id), ..) => {
                        let sums_integers = instruction.result.and_then(|result| function.type_of(result));
                        match aggregate {
                            Aggregate::Sum if sums_integers == Some(TypeId::INTEGER) => {
                                guard(*id, &[ObligationKind::NoOverflow])?;
                            }
                            Aggregate::Min | Aggregate::Max => guard(*id, &[ObligationKind::ValidArgument])?,
                            _ => require(
                                *id == ObligationId::NONE,
                                Defect::Obligation,
                                "an obligation of what is total",
                            )?,
                        }
                    }
                    _ => {}
                }
            }
            match &block.terminator {
                Terminator::Invoke { obligation, .. } => guard(*obligation, &[ObligationKind::HostContract]),
                _ => Ok(()),
            }
        };
        block_obligations().map_err(|error: ValidateError| error.at(index))?;
    }
    Ok(())
}

fn kinds_of(check: Check) -> &'static [ObligationKind] {
    use ObligationKind as K;
    match check {
        Check::Arithmetic(_) | Check::Negate | Check::Narrow => &[K::NoOverflow],
        Check::NotZero => &[K::NoDivisionByZero],
        Check::Index | Check::Slice => &[K::InBounds],
        Check::Key => &[K::KeyPresent],
        Check::Some => &[K::ValuePresent],
        Check::Transition(..) => &[K::TransitionAllowed],
        Check::Builtin(_) => &[K::ValidArgument, K::NoDivisionByZero, K::NoOverflow],
    }
}

fn kinds_of_contract(fault: FaultKind) -> &'static [ObligationKind] {
    use ObligationKind as K;
    match fault {
        FaultKind::ConstraintViolation => &[K::Constraint],
        FaultKind::PreconditionViolation => &[K::Precondition],
        FaultKind::PostconditionViolation => &[K::Postcondition],
        FaultKind::InvariantViolation => &[K::Invariant, K::LoopInvariant],
        FaultKind::AssertionViolation => &[K::Assertion],
        FaultKind::HostContractViolation => &[K::HostContract],
        _ => &[],
    }
}

fn exists(context: &Context<'_>, role: Role, origin: &Origin) -> bool {
    let function = match role {
        Role::Body(index) | Role::Entry(index) => context.semantic.functions.get(index as usize),
        _ => None,
    };
    let step = origin.step.is_none_or(|step| {
        matches!(role, Role::Body(_))
            && function.is_some_and(|function| (step.0 as usize) < function.steps.len())
    });
    step && match origin.place {
        Place::Function => origin.step.is_none(),
        Place::Step => origin.step.is_some(),
        Place::Expr(expr) => {
            let within = |function: &SemanticFunction| (expr.0 as usize) < function.exprs.nodes.len();
            origin.step.is_some() && function.is_some_and(within)
        }
        Place::Clause(reference, expr) => {
            clause(context, reference).is_some_and(|clause| (expr.0 as usize) < clause.exprs.nodes.len())
        }
    }
}

fn clause<'a>(context: &Context<'a>, reference: ClauseRef) -> Option<&'a Clause> {
    let (types, semantic) = (context.types, context.semantic);
    let function = |index: u32| semantic.functions.get(index as usize);
    let host = |index: u32| semantic.host.get(index as usize);
    match reference {
        ClauseRef::Input(index, input, position) => {
            function(index)?.inputs.get(input as usize)?.constraints.get(position as usize)
        }
        ClauseRef::Precondition(index, position) => {
            function(index)?.contract.preconditions.get(position as usize)
        }
        ClauseRef::Postcondition(index, position) => {
            Some(&function(index)?.contract.postconditions.get(position as usize)?.clause)
        }
        ClauseRef::Invariant(index, position) => function(index)?.contract.invariants.get(position as usize),
        ClauseRef::Decreases(index, position) => function(index)?.decreases.get(position as usize),
        ClauseRef::ModuleInvariant(position) => semantic.invariants.get(position as usize),
        ClauseRef::Record(index, position) => {
            types.records.get(index as usize)?.constraints.get(position as usize)
        }
        ClauseRef::State(index, position) => {
            semantic.state.get(index as usize)?.constraints.get(position as usize)
        }
        ClauseRef::HostPrecondition(index, position) => host(index)?.preconditions.get(position as usize),
        ClauseRef::HostPostcondition(index, position) => host(index)?.postconditions.get(position as usize),
    }
}
