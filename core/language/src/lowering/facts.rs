//! What lowering asks of the module as a whole: which conditions exist, what state a function may write,
//! which calls are recursive.

use std::collections::BTreeSet;

use anrf_format::execution::Role;
use anrf_format::semantic::{ExprKind, Function, FunctionKind, Operation, Semantic, TransitionTarget};
use anrf_format::types::{Type, TypeId, TypeTable};
use rustc_hash::FxHashMap;

use super::error::{LowerError, Result};

/// A table for the whole of one lowering.
#[derive(Debug)]
pub(super) struct Facts<'m> {
    pub(super) types: &'m TypeTable,
    pub(super) semantic: &'m Semantic,
    /// Which state each function may write, called functions included.
    writes: Vec<BTreeSet<u32>>,
    /// Functions of one number call each other in a circle; a number of its own is not recursive.
    circle: Vec<u32>,
    /// Functions that call themselves directly.
    direct: Vec<bool>,
}

/// More entries than any real module's sets of written variables have together.
const MAX_WRITES: usize = 4_000_000;

impl<'m> Facts<'m> {
    pub(super) fn new(types: &'m TypeTable, semantic: &'m Semantic) -> Result<Self> {
        let calls: Vec<Vec<u32>> = semantic.functions.iter().map(callees).collect();
        let direct =
            (0..).zip(&calls).map(|(index, callees)| callees.binary_search(&index).is_ok()).collect();
        let writes = written(semantic, &calls)?;
        Ok(Self { types, semantic, writes, circle: circles(&calls), direct })
    }

    /// Whether the function has conditions on entry.
    pub(super) fn has_entry(&self, index: u32) -> bool {
        let Some(function) = self.semantic.functions.get(index as usize) else { return false };
        let state = || function.state.iter().filter_map(|index| self.semantic.state.get(*index as usize));
        function.inputs.iter().any(|input| !input.constraints.is_empty())
            || state().any(|variable| !variable.constraints.is_empty())
            || !function.module_invariants.is_empty()
            || !function.contract.invariants.is_empty()
            || !function.contract.preconditions.is_empty()
    }

    /// Whether values of the record definition have to keep constraints.
    pub(super) fn constrained_record(&self, type_id: TypeId) -> Option<u32> {
        let Type::Record(index) = self.types.types.get(type_id.0 as usize)? else { return None };
        let record = self.types.records.get(*index as usize)?;
        (!record.constraints.is_empty()).then_some(*index)
    }

    /// The state that a function may write, called functions included.
    pub(super) fn writes(&self, index: u32) -> &BTreeSet<u32> {
        static NONE: BTreeSet<u32> = BTreeSet::new();
        self.writes.get(index as usize).unwrap_or(&NONE)
    }

    /// Whether a call from one function to another may come back to the first.
    pub(super) fn is_recursive(&self, caller: u32, callee: u32) -> bool {
        if caller == callee {
            return self.direct.get(caller as usize).copied().unwrap_or(false);
        }
        let circle = |index: u32| self.circle.get(index as usize);
        circle(caller).is_some() && circle(caller) == circle(callee)
    }

    /// Whether the function is a lemma.
    pub(super) fn is_lemma(&self, index: u32) -> bool {
        self.semantic
            .functions
            .get(index as usize)
            .is_some_and(|function| function.kind == FunctionKind::Lemma)
    }

    /// The first part of the obligation ids of a role's code.
    pub(super) fn name(&self, role: Role) -> String {
        match role {
            Role::Body(index) | Role::Entry(index) => {
                self.semantic.functions.get(index as usize).map_or_else(String::new, function_name)
            }
            Role::Record(index) => name_at(self.types.records.iter().map(|record| &record.name), index),
            Role::State(index) => name_at(self.semantic.state.iter().map(|variable| &variable.name), index),
            Role::HostRequest(index) | Role::HostAnswer(index) => {
                name_at(self.semantic.host.iter().map(|operation| &operation.name), index)
            }
        }
    }
}

fn name_at<'a>(mut names: impl Iterator<Item = &'a String>, index: u32) -> String {
    names.nth(index as usize).cloned().unwrap_or_default()
}

fn function_name(function: &Function) -> String {
    match &function.imported_from {
        Some(module) => format!("{module}.{}", function.node_id()),
        None => function.node_id(),
    }
}

/// The functions that a function's flow calls, ascending.
fn callees(function: &Function) -> Vec<u32> {
    let called = function.exprs.nodes.iter().filter_map(|expr| match expr.kind {
        ExprKind::Call(callee, _) => Some(callee),
        _ => None,
    });
    let steps = function.steps.iter().filter_map(|step| match &step.operation {
        Operation::Call(call) => Some(call.callee),
        _ => None,
    });
    let set: BTreeSet<u32> = called.chain(steps).collect();
    set.into_iter().collect()
}

fn written(semantic: &Semantic, calls: &[Vec<u32>]) -> Result<Vec<BTreeSet<u32>>> {
    let mut writes: Vec<BTreeSet<u32>> = semantic.functions.iter().map(written_directly).collect();
    let mut callers: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for (caller, callees) in (0..).zip(calls) {
        callees.iter().for_each(|callee| callers.entry(*callee).or_default().push(caller));
    }
    // Each (function, variable) enters the list once.
    let mut open: Vec<(u32, u32)> = (0..)
        .zip(&writes)
        .flat_map(|(index, set)| set.iter().map(move |variable| (index, *variable)))
        .collect();
    let mut total = open.len();
    while let Some((callee, variable)) = open.pop() {
        for caller in callers.get(&callee).into_iter().flatten() {
            if writes.get_mut(*caller as usize).is_some_and(|set| set.insert(variable)) {
                total += 1;
                if total > MAX_WRITES {
                    return Err(LowerError::TooLarge);
                }
                open.push((*caller, variable));
            }
        }
    }
    Ok(writes)
}

fn written_directly(function: &Function) -> BTreeSet<u32> {
    let mut set = BTreeSet::new();
    for step in &function.steps {
        match &step.operation {
            Operation::Update(values) => set.extend(values.iter().map(|(variable, _)| *variable)),
            Operation::Transition { target: TransitionTarget::State(variable, _), .. } => {
                set.insert(*variable);
            }
            _ => {}
        }
    }
    set
}

/// Strongly connected components: R. Tarjan, "Depth-first search and linear graph algorithms" (1972), with an
/// explicit stack.
fn circles(calls: &[Vec<u32>]) -> Vec<u32> {
    const UNSEEN: u32 = u32::MAX;
    let mut order = vec![UNSEEN; calls.len()];
    let mut low = vec![UNSEEN; calls.len()];
    let mut component = vec![UNSEEN; calls.len()];
    let (mut next, mut components) = (0_u32, 0_u32);
    let mut open: Vec<u32> = vec![];
    let mut path: Vec<(u32, usize)> = vec![];
    for root in 0..u32::try_from(calls.len()).unwrap_or(UNSEEN) {
        if order[root as usize] != UNSEEN {
            continue;
        }
        path.push((root, 0));
        while let Some((node, position)) = path.pop() {
            let here = node as usize;
            if position == 0 {
                (order[here], low[here]) = (next, next);
                next += 1;
                open.push(node);
            }
            let child = calls[here].get(position).map(|child| *child as usize);
            match child {
                Some(child) if child < calls.len() => {
                    path.push((node, position + 1));
                    if order[child] == UNSEEN {
                        path.push((u32::try_from(child).unwrap_or(UNSEEN), 0));
                    } else if component[child] == UNSEEN {
                        low[here] = low[here].min(order[child]);
                    }
                }
                Some(_) => path.push((node, position + 1)),
                None => {
                    if low[here] == order[here] {
                        while let Some(member) = open.pop() {
                            component[member as usize] = components;
                            if member == node {
                                break;
                            }
                        }
                        components += 1;
                    }
                    if let Some((parent, _)) = path.last() {
                        let parent = *parent as usize;
                        low[parent] = low[parent].min(low[here]);
                    }
                }
            }
        }
    }
    component
}
