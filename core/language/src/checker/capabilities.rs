//! Capabilities: what a function declares against what its host operations need.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::context::Context;
use super::effects::for_each_step;
use super::suggest::list;
use crate::codes::{contracts, lints};
use crate::syntax::expression::Name;
use crate::syntax::module::Operation;

/// Whether granting `granted` grants `wanted`: it is the same dotted path, or one above it.
fn covers(granted: &str, wanted: &str) -> bool {
    wanted.strip_prefix(granted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

pub(super) fn check(cx: &mut Context<'_>, position: usize) {
    let signature = &cx.signatures[position];
    let written = signature.written;
    let security = &written.security;
    let mut needed: Vec<String> = vec![];
    for host in &signature.host {
        let capability = cx.host.get(*host as usize).and_then(|host| host.written.capability.as_ref());
        needed.extend(capability.map(|capability| capability.text.clone()).filter(|it| !it.is_empty()));
    }
    needed.sort();
    needed.dedup();
    for capability in security.capabilities_required.iter().chain(&security.denied_capabilities) {
        super::declarations::check_capability(cx, capability);
    }
    let declares = |wanted: &str| security.capabilities_required.iter().any(|it| covers(&it.text, wanted));
    let missing: Vec<&str> = needed.iter().map(String::as_str).filter(|wanted| !declares(wanted)).collect();
    if let Some(first) = missing.first() {
        let place = first_use(cx, position, first).unwrap_or(written.node_id.span);
        let message =
            format!("this needs {}, which the function does not declare", list(missing.iter().copied()));
        let mut diagnostic = Diagnostic::error(&contracts::CAPABILITY_MISSING, place, message);
        let mut all: Vec<&str> = security.capabilities_required.iter().map(|it| it.text.as_str()).collect();
        all.extend(&missing);
        diagnostic = diagnostic
            .with_help(format!("write `security: {{ capabilities_required: [{}] }}`", all.join(", ")));
        if security.capabilities_required.is_empty()
            && let Some(empty) = empty_list(cx, written.span)
        {
            diagnostic = diagnostic.with_fix("declare it", empty, format!("[{}]", missing.join(", ")));
        }
        if let Some(last) = security.capabilities_required.last() {
            let end = Span { start: last.span.end, end: last.span.end };
            diagnostic = diagnostic.with_fix("declare it", end, format!(", {}", missing.join(", ")));
        }
        cx.report_layout(diagnostic);
    }
    for wanted in &needed {
        let denied = security.denied_capabilities.iter().find(|denied| covers(&denied.text, wanted));
        if let Some(denied) = denied {
            let place = first_use(cx, position, wanted).unwrap_or(denied.span);
            let message = format!("`{}` is denied, and `{wanted}` is needed", denied.text);
            let diagnostic = Diagnostic::error(&contracts::CAPABILITY_DENIED, denied.span, message);
            let help = "remove it here, or remove the step that needs it";
            cx.report(diagnostic.with_note(place, "needed here").with_help(help));
        }
    }
    for declared in &security.capabilities_required {
        lint_width(cx, declared, &needed);
    }
}

/// The `[]` behind `capabilities_required` in a function.
fn empty_list(cx: &Context<'_>, function: Span) -> Option<Span> {
    const KEY: &str = "capabilities_required:";
    let text = cx.text(function);
    let value = text.find(KEY)? + KEY.len();
    let bracket = value + text[value..].find(|letter| letter != ' ')?;
    let found = text[bracket..].starts_with("[]");
    let start = function.start as usize + bracket;
    found.then(|| Span::new(start, start + 2))
}

fn lint_width(cx: &mut Context<'_>, declared: &Name, needed: &[String]) {
    let below: Vec<&str> =
        needed.iter().map(String::as_str).filter(|wanted| covers(&declared.text, wanted)).collect();
    if below.contains(&declared.text.as_str()) {
        return;
    }
    let span = declared.span;
    let diagnostic = if below.is_empty() {
        let message = format!("`{}` is declared and not used", declared.text);
        Diagnostic::warning(&lints::WIDE_CAPABILITY, span, message).with_help("remove it")
    } else {
        let message = format!("`{}` is wider than what is used", declared.text);
        let narrow = below.join(", ");
        Diagnostic::warning(&lints::WIDE_CAPABILITY, span, message)
            .with_help(format!("ask for {}", list(below.iter().copied())))
            .with_fix(format!("write `{narrow}`"), span, narrow)
    };
    cx.report_layout(diagnostic);
}

/// The first step that needs a capability, itself or through what it calls.
fn first_use(cx: &Context<'_>, position: usize, capability: &str) -> Option<Span> {
    let needs = |host: &u32| {
        let host = cx.host.get(*host as usize).and_then(|host| host.written.capability.as_ref());
        host.is_some_and(|it| it.text == capability)
    };
    let signature = &cx.signatures[position];
    let mut found = None;
    for_each_step(&signature.written.flow, &mut |step| {
        let (call, invokes) = match &step.operation {
            Operation::Call(call) => (call, false),
            Operation::Invoke(call) => (call, true),
            _ => return,
        };
        let Some(name) = call.callee.as_ref().filter(|_| found.is_none()) else { return };
        let uses = if invokes {
            cx.files[signature.file].host.get(name.text.as_str()).is_some_and(needs)
        } else {
            let callee = cx.function(&name.text).ok().and_then(|callee| cx.signatures.get(callee as usize));
            callee.is_some_and(|callee| callee.host.iter().any(needs))
        };
        if uses {
            found = Some(name.span);
        }
    });
    found
}
