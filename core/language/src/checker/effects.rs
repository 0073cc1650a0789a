//! Which host operations and which state a function reaches, itself or through what it calls.

use super::context::Context;
use crate::syntax::module::{Operation, Step};

/// Completes the signatures: host operations and state of callees become those of the caller.
pub(super) fn propagate(cx: &mut Context<'_>) {
    let mut calls: Vec<Vec<u32>> = vec![];
    for position in 0..cx.signatures.len() {
        let signature = &cx.signatures[position];
        cx.file = signature.file;
        let (mut hosts, mut callees) = (vec![], vec![]);
        for_each_step(&signature.written.flow, &mut |step| match &step.operation {
            Operation::Call(call) => {
                let callee = call.callee.as_ref().and_then(|callee| cx.function(&callee.text).ok());
                callees.extend(callee);
            }
            Operation::Invoke(call) => {
                let name = call.callee.as_ref().map(|callee| callee.text.as_str());
                hosts.extend(name.and_then(|name| cx.files[cx.file].host.get(name)));
            }
            _ => {}
        });
        cx.signatures[position].host = hosts;
        calls.push(callees);
    }
    let mut callers: Vec<Vec<usize>> = vec![vec![]; calls.len()];
    for (caller, callees) in calls.iter().enumerate() {
        for callee in callees {
            if let Some(callers) = callers.get_mut(*callee as usize) {
                callers.push(caller);
            }
        }
    }
    let mut pending: Vec<usize> = (0..cx.signatures.len()).collect();
    while let Some(callee) = pending.pop() {
        let (host, state) = (cx.signatures[callee].host.clone(), cx.signatures[callee].state.clone());
        if host.is_empty() && state.is_empty() {
            continue;
        }
        for caller in &callers[callee] {
            let signature = &mut cx.signatures[*caller];
            if merge(&mut signature.host, &host) | merge(&mut signature.state, &state) {
                pending.push(*caller);
            }
        }
    }
    for signature in &mut cx.signatures {
        signature.host.sort_unstable();
        signature.host.dedup();
    }
}

fn merge(into: &mut Vec<u32>, from: &[u32]) -> bool {
    let before = into.len();
    let new: Vec<u32> = from.iter().copied().filter(|it| !into.contains(it)).collect();
    into.extend(new);
    into.sort_unstable();
    into.len() > before
}

/// Visits every step of a flow, nested ones too; nesting is bounded by the loader.
pub(super) fn for_each_step<'a>(steps: &'a [Step], visit: &mut impl FnMut(&'a Step)) {
    let mut pending: Vec<&'a Step> = steps.iter().rev().collect();
    while let Some(step) = pending.pop() {
        visit(step);
        let mut nested: Vec<&'a [Step]> = vec![];
        match &step.operation {
            Operation::Choose { cases, otherwise } => {
                nested.extend(cases.iter().map(|case| &case.steps[..]));
                nested.extend(otherwise.as_deref());
            }
            Operation::Loop(body) => nested.push(&body.steps),
            Operation::Call(call) | Operation::Invoke(call) => {
                nested.extend(call.on_error.iter().map(|(_, steps)| &steps[..]));
            }
            _ => {}
        }
        let compensation = step.handling.as_ref().and_then(|handling| handling.compensate.as_ref());
        nested.extend(compensation.map(|(steps, _)| &steps[..]));
        pending.extend(nested.into_iter().rev().flat_map(|steps| steps.iter().rev()));
    }
}
