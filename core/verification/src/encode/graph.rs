//! The shape of code: the order of its blocks without the ways back, what lies in a loop, and calls.

use std::collections::BTreeSet;

use anrf_format::execution::{BlockId, Function, LoopInfo, Op, Role, Terminator};
use anrf_format::module::Module;

use super::Calls;

/// Blocks that can be reached from `entry` without going back, each after all that lead to it. Follows the
/// ways of faults where `faults` says so.
pub(super) fn forward_order(
    function: &Function,
    entry: BlockId,
    faults: impl Fn(BlockId) -> Option<BlockId>,
) -> Vec<BlockId> {
    let mut order = vec![];
    let mut seen = BTreeSet::new();
    let mut stack = vec![(entry, false)];
    while let Some((id, done)) = stack.pop() {
        if done {
            order.push(id);
            continue;
        }
        if !seen.insert(id) {
            continue;
        }
        stack.push((id, true));
        let Some(block) = function.block(id) else { continue };
        if !matches!(block.terminator, Terminator::Repeat { .. }) {
            block.terminator.for_each_successor(|next| {
                if !seen.contains(&next) {
                    stack.push((next, false));
                }
            });
        }
        stack.extend(faults(id).filter(|next| !seen.contains(next)).map(|next| (next, false)));
    }
    order.reverse();
    order
}

/// The blocks of a loop: those that lead from its header back to it.
pub(super) fn loop_blocks(function: &Function, info: &LoopInfo) -> BTreeSet<BlockId> {
    let mut before: Vec<Vec<BlockId>> = vec![vec![]; function.blocks.len()];
    let mut stack = vec![];
    for (index, block) in (0..).zip(&function.blocks) {
        if let Terminator::Repeat { target, .. } = &block.terminator
            && target.block == info.header
        {
            stack.push(BlockId(index));
        }
        block.terminator.for_each_successor(|next| {
            if let Some(list) = before.get_mut(next.0 as usize) {
                list.push(BlockId(index));
            }
        });
    }
    let mut found = BTreeSet::from([info.header]);
    while let Some(id) = stack.pop() {
        if found.insert(id) {
            stack.extend(before[id.0 as usize].iter().copied());
        }
    }
    found
}

impl Calls {
    /// Of all bodies of a module.
    #[must_use]
    pub fn of(module: &Module) -> Self {
        let bodies: Vec<&Function> = module
            .execution
            .functions
            .iter()
            .filter(|function| matches!(function.role, Role::Body(_)))
            .collect();
        let mut calls = Self::default();
        let mut direct = vec![];
        for body in &bodies {
            let (mut writes, mut invokes, mut callees) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
            for block in &body.blocks {
                for instruction in &block.instructions {
                    match &instruction.op {
                        Op::StateWrite(variable, _) => {
                            writes.insert(*variable);
                        }
                        Op::CheckCall(callee, ..) => {
                            callees.insert(*callee);
                        }
                        _ => {}
                    }
                }
                match &block.terminator {
                    Terminator::Call { function, .. } => {
                        callees.insert(function.0);
                    }
                    Terminator::Invoke { operation, .. } => {
                        invokes.insert(*operation);
                    }
                    _ => {}
                }
            }
            calls.writes.push(writes);
            calls.invokes.push(invokes);
            direct.push(callees);
        }
        for start in 0..bodies.len() {
            let mut reached = BTreeSet::new();
            let mut stack: Vec<u32> = direct[start].iter().copied().collect();
            while let Some(callee) = stack.pop() {
                if reached.insert(callee) {
                    stack.extend(direct.get(callee as usize).into_iter().flatten().copied());
                }
            }
            calls.reaches.push(reached);
        }
        let (writes, invokes) = (calls.writes.clone(), calls.invokes.clone());
        for (index, reached) in calls.reaches.iter().enumerate() {
            for callee in reached {
                calls.writes[index].extend(writes.get(*callee as usize).into_iter().flatten());
                calls.invokes[index].extend(invokes.get(*callee as usize).into_iter().flatten());
            }
        }
        calls
    }

    /// State variables that a body may write.
    pub(super) fn writes(&self, body: u32) -> BTreeSet<u32> {
        self.writes.get(body as usize).cloned().unwrap_or_default()
    }

    /// Host operations that a body may invoke.
    pub(super) fn invokes(&self, body: u32) -> BTreeSet<u32> {
        self.invokes.get(body as usize).cloned().unwrap_or_default()
    }

    /// Host operations that a body may invoke, its callees included.
    #[must_use]
    pub fn invoked(&self, body: u32) -> BTreeSet<u32> {
        self.invokes(body)
    }

    /// Everything that a body may call, directly or not, itself only if it is recursive.
    #[must_use]
    pub fn reached(&self, body: u32) -> BTreeSet<u32> {
        self.reaches.get(body as usize).cloned().unwrap_or_default()
    }

    /// Whether the two are in one cycle of calls.
    pub(super) fn is_recursive(&self, caller: u32, callee: u32) -> bool {
        self.reached(callee).contains(&caller) && (caller == callee || self.reached(caller).contains(&callee))
    }
}
