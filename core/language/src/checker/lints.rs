//! What is declared and never used, and invariants that a function should know of.

use anrf_format::diagnostic::{Diagnostic, Severity};
use anrf_format::semantic::{ExprKind, Exprs, Function, FunctionKind, LocalId};

use rustc_hash::FxHashSet;

use super::body::{Body, Source};
use super::context::Context;
use super::suggest::list;
use crate::codes::{contracts, lints};
use crate::syntax::module as written;

/// The state variables of one module invariant, and whose it is.
pub(super) struct InvariantState {
    pub(super) file: usize,
    pub(super) variables: Vec<u32>,
}

/// The module invariants that concern a function; it lists all variables of each.
pub(super) fn module_invariants(
    cx: &mut Context<'_>,
    position: usize,
    invariants: &[InvariantState],
) -> Vec<u32> {
    let signature = &cx.signatures[position];
    let (state, file, node) = (signature.state.clone(), signature.file, &signature.written.node_id);
    let listed: Vec<u32> = signature.named_state.iter().map(|(_, variable)| *variable).collect();
    let mut concerned = vec![];
    let mut missing: Vec<String> = vec![];
    for (number, invariant) in invariants.iter().enumerate() {
        if !invariant.variables.iter().any(|variable| state.contains(variable)) {
            continue;
        }
        concerned.extend(super::context::index(number));
        // What callees use has to be listed too, which the calls report.
        let concerns = invariant.variables.iter().any(|variable| listed.contains(variable));
        for variable in &invariant.variables {
            let known = cx.state.get(*variable as usize);
            let name = known.map(|variable| variable.written.name.text.clone()).unwrap_or_default();
            let told = missing.contains(&name) || listed.contains(variable);
            if concerns && invariant.file == file && !told {
                missing.push(name);
            }
        }
    }
    if !missing.is_empty() {
        let listed = list(missing.iter().map(String::as_str));
        let message =
            format!("an invariant ties the state of `{}` to {listed}, which it does not list", node.text);
        let help = format!("add {listed} to the function's `state`");
        let span = node.span;
        let place = signature_state_span(cx, position).unwrap_or(span);
        let mut diagnostic =
            Diagnostic::error(&contracts::STATE_OF_INVARIANT, place, message).with_help(help);
        if let Some(last) = cx.signatures[position].written.uses_state.last() {
            let end = anrf_format::diagnostic::Span { start: last.span.end, end: last.span.end };
            diagnostic = diagnostic.with_fix("list it", end, format!(", {}", missing.join(", ")));
        }
        cx.report_layout(diagnostic);
    }
    concerned
}

fn signature_state_span(cx: &Context<'_>, position: usize) -> Option<anrf_format::diagnostic::Span> {
    cx.signatures[position].written.uses_state.first().map(|name| name.span)
}

/// Names that a flow binds and never reads, and error codes that no path ends in.
pub(super) fn unused_in_body(body: &mut Body<'_, '_>, written: &written::Function) {
    // A join or optional twin stands for the locals behind it; later ones may stand for earlier ones.
    let stands_for = std::mem::take(&mut body.stands_for);
    for (twin, local) in stands_for.iter().rev() {
        if body.facts(*twin).used {
            body.facts(*local).used = true;
        }
    }
    let joined: FxHashSet<u32> = stands_for.iter().map(|(_, local)| local.0).collect();
    let mut told: FxHashSet<String> = FxHashSet::default();
    for position in 0..body.locals.len() {
        let (facts, name) = (body.facts[position], body.locals[position].name.clone());
        let counts = matches!(facts.source, Source::Step | Source::LoopState);
        if facts.used || !counts || name.starts_with('_') {
            continue;
        }
        // Branches that bind the same name are one mistake.
        let in_branch = super::context::index(position).is_some_and(|it| joined.contains(&it));
        if in_branch && !told.insert(name.clone()) {
            continue;
        }
        let message = format!("`{name}` is never read");
        let help = format!("remove it, or call it `_{name}`");
        body.report(Diagnostic::warning(&lints::UNUSED_NAME, facts.span, message).with_help(help));
    }
    let failed = std::mem::take(&mut body.failed_codes);
    for (position, code) in written.outputs.error_codes.iter().enumerate() {
        if !failed.iter().any(|failed| *failed as usize == position) {
            let message = format!("no path ends in the error `{}`", code.text);
            let help = "remove it, or fail with it";
            body.report(Diagnostic::warning(&lints::UNUSED_ERROR_CODE, code.span, message).with_help(help));
        }
    }
}

fn add_reads(exprs: &Exprs, read: &mut FxHashSet<u32>) {
    read.extend(exprs.nodes.iter().filter_map(|node| match node.kind {
        ExprKind::Local(LocalId(local)) => Some(local),
        _ => None,
    }));
}

/// Inputs that neither flow nor contract reads, and a function without examples.
pub(super) fn unused_in_function(cx: &mut Context<'_>, position: usize, function: &Function) {
    cx.file = cx.signatures[position].file;
    let written = cx.signatures[position].written;
    let contract = &function.contract;
    let clauses = (contract.preconditions.iter())
        .chain(contract.postconditions.iter().map(|it| &it.clause))
        .chain(&contract.invariants)
        .chain(&function.decreases)
        .chain(function.inputs.iter().flat_map(|input| &input.constraints));
    let mut reads: FxHashSet<u32> = FxHashSet::default();
    add_reads(&function.exprs, &mut reads);
    clauses.for_each(|clause| add_reads(&clause.exprs, &mut reads));
    for (number, input) in (0_u32..).zip(&written.inputs) {
        let read = reads.contains(&number);
        if !read && !input.name.text.starts_with('_') {
            let message = format!("input `{}` is never read", input.name.text);
            let help = "remove it, or begin its name with an underscore";
            cx.report(Diagnostic::warning(&lints::UNUSED_INPUT, input.name.span, message).with_help(help));
        }
    }
    if written.examples.is_empty() && function.kind != FunctionKind::Lemma {
        let message = format!("`{}` has no example", written.node_id.text);
        let help = "add `examples:` with inputs and what comes out; `anrf test` runs them";
        let mut diagnostic =
            Diagnostic::warning(&lints::MISSING_EXAMPLE, written.node_id.span, message).with_help(help);
        diagnostic.severity = Severity::Hint;
        cx.report(diagnostic);
    }
}

/// Types, state variables and host operations that nothing in the module uses.
pub(super) fn unused_in_module(cx: &mut Context<'_>) {
    cx.file = 0;
    let mut findings = vec![];
    for (name, named) in &cx.named {
        if named.file == 0 && !cx.usage.types.contains(*name) {
            let message = format!("type `{name}` is never used");
            findings.push(
                Diagnostic::warning(&lints::UNUSED_TYPE, named.name.span, message).with_help("remove it"),
            );
        }
    }
    for (position, host) in cx.host.iter().enumerate() {
        let used = super::context::index(position).is_some_and(|it| cx.usage.host.contains(&it));
        if host.file == 0 && !used {
            let name = &host.written.name;
            let message = format!("host operation `{}` is never invoked", name.text);
            findings
                .push(Diagnostic::warning(&lints::UNUSED_HOST, name.span, message).with_help("remove it"));
        }
    }
    for (position, variable) in cx.state.iter().enumerate() {
        let used = super::context::index(position).is_some_and(|it| cx.usage.state.contains(&it));
        if variable.file == 0 && !used {
            let name = &variable.written.name;
            let message = format!("state variable `{}` is never used", name.text);
            findings
                .push(Diagnostic::warning(&lints::UNUSED_STATE, name.span, message).with_help("remove it"));
        }
    }
    findings.into_iter().for_each(|finding| cx.report(finding));
}
