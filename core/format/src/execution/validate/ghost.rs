//! Ghost code has no effects, other code does not use what it makes; depth is counted at entry and exits.

use super::shape::Shape;
use super::{Defect, Result, ValidateError, require};
use crate::execution::{Function, Op, Role, Terminator, ValueId};

pub(super) fn check(function: &Function, shape: &Shape) -> Result {
    let body = matches!(function.role, Role::Body(_));
    let ghosts = ghost_values(function);
    for (index, block) in function.blocks.iter().enumerate() {
        let ghost = !body || block.region.is_some_and(|region| shape.ghost[region.0 as usize]);
        let inside = block.region.is_some();
        let at = |error: ValidateError| error.at(index);
        for (position, instruction) in block.instructions.iter().enumerate() {
            let op = &instruction.op;
            let last = position + 1 == block.instructions.len();
            let leaves = matches!(block.terminator, Terminator::Return(_) | Terminator::Fail(..));
            let allowed = match op {
                Op::StateWrite(..) | Op::Log(..) | Op::Wait(_) | Op::Mark => !ghost && !inside,
                Op::Share(_) => !ghost,
                Op::Attempts(_) => ghost,
                _ => true,
            };
            require(allowed, Defect::Ghost, "an operation where it may not stand").map_err(at)?;
            let counted = match op {
                Op::Enter => body && index == 0 && position == 0,
                Op::Leave => body && !inside && last && leaves,
                _ => true,
            };
            require(counted, Defect::Depth, "an operation that counts depth where it may not stand")
                .map_err(at)?;
            if !ghost && !ghosts.is_empty() {
                let mut used = false;
                op.for_each_operand(|value| used |= ghosts[value.0 as usize]);
                require(!used, Defect::Ghost, "a ghost value outside ghost code").map_err(at)?;
            }
        }
        if body && index == 0 {
            let enters = matches!(block.instructions.first(), Some(first) if first.op == Op::Enter);
            require(enters, Defect::Depth, "a body that does not enter").map_err(at)?;
        }
        if !ghost && !ghosts.is_empty() {
            require(
                !uses_ghost(&block.terminator, &ghosts),
                Defect::Ghost,
                "a ghost value outside ghost code",
            )
            .map_err(at)?;
        }
        if body && matches!(block.terminator, Terminator::Return(_) | Terminator::Fail(..)) {
            let leaves = matches!(block.instructions.last(), Some(last) if last.op == Op::Leave);
            require(leaves, Defect::Depth, "an exit that does not leave").map_err(at)?;
        }
    }
    Ok(())
}

/// Results of `Ghost`, and parameters that are handed one; nothing if there are none.
fn ghost_values(function: &Function) -> Vec<bool> {
    let mut open: Vec<ValueId> = vec![];
    for instruction in function.blocks.iter().flat_map(|block| &block.instructions) {
        open.extend(instruction.result.filter(|_| matches!(instruction.op, Op::Ghost(_))));
    }
    if open.is_empty() {
        return vec![];
    }
    let mut ghosts = vec![false; function.values.len()];
    let mut handed: Vec<Vec<ValueId>> = vec![vec![]; function.values.len()];
    for block in &function.blocks {
        block.terminator.for_each_target(|target| {
            let parameters = &function.blocks[target.block.0 as usize].parameters;
            for (argument, parameter) in target.arguments.iter().zip(parameters) {
                handed[argument.0 as usize].push(*parameter);
            }
        });
    }
    while let Some(ghost) = open.pop() {
        if !std::mem::replace(&mut ghosts[ghost.0 as usize], true) {
            open.extend(&handed[ghost.0 as usize]);
        }
    }
    ghosts
}

/// Handing a ghost value on is not using it.
fn uses_ghost(terminator: &Terminator, ghosts: &[bool]) -> bool {
    let is_ghost = |value: &ValueId| ghosts[value.0 as usize];
    match terminator {
        Terminator::Branch(value, ..) | Terminator::Switch(value, _) => is_ghost(value),
        Terminator::Repeat { mark, .. } => mark.as_ref().is_some_and(is_ghost),
        Terminator::Return(values) | Terminator::Yield(values) => values.iter().any(is_ghost),
        Terminator::Fail(code, message) => is_ghost(code) || is_ghost(message),
        Terminator::Call { arguments, .. } | Terminator::Invoke { arguments, .. } => {
            arguments.iter().any(is_ghost)
        }
        Terminator::Jump(_) | Terminator::Skip | Terminator::Resume => false,
    }
}
