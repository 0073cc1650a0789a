//! One function: its flow, contract, examples and settings.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::execution::ClauseRef;
use anrf_format::semantic::{
    AuditLevel, Contract, Exprs, Function, FunctionKind, Input, Operation, Performance, Postcondition,
    Security, Step,
};
use anrf_format::source_map::FunctionMap;
use anrf_format::types::{Field, TypeId};

use super::body::{Allowed, Body};
use super::clauses::{self, Frame};
use super::context::{Context, index};
use super::{capabilities, examples, lints};
use crate::codes::{contracts, flow};
use crate::syntax::module as written;

/// What checking a function came to; the parts are usable if nothing was reported.
pub(super) struct CheckedFunction {
    pub(super) function: Function,
    pub(super) map: FunctionMap,
}

/// What the flow came to.
struct Flow {
    locals: Vec<anrf_format::semantic::Local>,
    exprs: Exprs,
    spans: Vec<Span>,
    steps: Vec<Step>,
    step_spans: Vec<Span>,
    body: Vec<anrf_format::semantic::StepId>,
}

pub(super) fn check(
    cx: &mut Context<'_>,
    position: usize,
    invariants: &[lints::InvariantState],
    places: &mut Vec<(ClauseRef, Vec<Span>)>,
) -> CheckedFunction {
    let function = index(position).unwrap_or(u32::MAX);
    let file = cx.signatures[position].file;
    cx.file = file;
    let written = cx.signatures[position].written;
    let mut frame = Frame::of_inputs(&cx.signatures[position].inputs);
    frame.function = Some(function);

    let inputs = inputs(cx, position, &frame, places);
    frame.state = cx.signatures[position].named_state.clone();
    let contract = contract(cx, position, &frame, places);
    let decreases =
        clauses::check_all(cx, file, &frame, &written.decreases, TypeId::UNBOUNDED, places, |clause| {
            ClauseRef::Decreases(function, clause)
        });
    let flow = check_flow(cx, position, &frame);
    let module_invariants = lints::module_invariants(cx, position, invariants);
    let security = security(cx, written);
    capabilities::check(cx, position);
    let examples = examples::check(cx, position);

    let signature = &cx.signatures[position];
    let map = FunctionMap {
        function: written.span,
        name: written.node_id.span,
        steps: flow.step_spans,
        exprs: flow.spans,
        inputs: written.inputs.iter().map(|input| input.name.span).collect(),
        examples: written.examples.iter().map(|example| example.span).collect(),
    };
    let success = signature.outputs.success.iter();
    let function = Function {
        name: signature.name.clone(),
        version: signature.version,
        kind: signature.kind,
        imported_from: cx.files[file].imported_name(),
        inputs,
        success: success
            .map(|(name, type_id)| Field { name: name.clone(), type_id: type_id.unwrap_or(TypeId::BOOLEAN) })
            .collect(),
        success_record: signature.outputs.record.unwrap_or(TypeId::BOOLEAN),
        error_codes: signature.outputs.error_codes.clone(),
        state: signature.state.clone(),
        module_invariants,
        contract,
        decreases,
        locals: flow.locals,
        exprs: flow.exprs,
        steps: flow.steps,
        body: flow.body,
        examples,
        performance: performance(&written.performance),
        security,
    };
    CheckedFunction { function, map }
}

fn inputs<'a>(
    cx: &mut Context<'a>,
    position: usize,
    frame: &Frame<'a>,
    places: &mut Vec<(ClauseRef, Vec<Span>)>,
) -> Vec<Input> {
    let function = index(position).unwrap_or(u32::MAX);
    let file = cx.signatures[position].file;
    let written = cx.signatures[position].written;
    let mut inputs = vec![];
    for (number, input) in written.inputs.iter().enumerate() {
        let number = index(number).unwrap_or(u32::MAX);
        let constraints =
            clauses::check_all(cx, file, frame, &input.constraints, TypeId::BOOLEAN, places, |clause| {
                ClauseRef::Input(function, number, clause)
            });
        let signature = &cx.signatures[position].inputs[number as usize];
        inputs.push(Input {
            name: signature.name.clone(),
            type_id: signature.type_id.unwrap_or(TypeId::BOOLEAN),
            default: signature.default.clone(),
            constraints,
        });
    }
    inputs
}

fn contract<'a>(
    cx: &mut Context<'a>,
    position: usize,
    frame: &Frame<'a>,
    places: &mut Vec<(ClauseRef, Vec<Span>)>,
) -> Contract {
    let function = index(position).unwrap_or(u32::MAX);
    let file = cx.signatures[position].file;
    let written = cx.signatures[position].written;
    let preconditions = clauses::check_all(
        cx,
        file,
        frame,
        &written.contract.preconditions,
        TypeId::BOOLEAN,
        places,
        |clause| ClauseRef::Precondition(function, clause),
    );
    let mut exit = frame.clone();
    exit.allowed = Allowed { entry: true, exit: true };
    exit.outputs = cx.signatures[position].outputs.clone();
    let mut postconditions = vec![];
    for id in &written.contract.postconditions {
        if let Some(checked) = clauses::check(cx, file, &exit, *id, TypeId::BOOLEAN) {
            let clause = index(postconditions.len()).unwrap_or(u32::MAX);
            places.push((ClauseRef::Postcondition(function, clause), checked.spans));
            let success_only = checked.reads.result && !checked.mentions_exit;
            postconditions.push(Postcondition { clause: checked.clause, success_only });
        }
    }
    let mut invariants = vec![];
    for id in &written.contract.invariants {
        if let Some(checked) = clauses::check(cx, file, frame, *id, TypeId::BOOLEAN) {
            if !checked.reads.state {
                let span = cx.files[file].module.expressions[*id].span;
                let message = "this invariant reads no state variable";
                let help = "what concerns inputs is a precondition, what concerns results a postcondition";
                cx.report(Diagnostic::error(&contracts::STATELESS_INVARIANT, span, message).with_help(help));
            }
            let clause = index(invariants.len()).unwrap_or(u32::MAX);
            places.push((ClauseRef::Invariant(function, clause), checked.spans));
            invariants.push(checked.clause);
        }
    }
    Contract { preconditions, postconditions, invariants }
}

fn check_flow<'a>(cx: &mut Context<'a>, position: usize, frame: &Frame<'a>) -> Flow {
    let signature = &cx.signatures[position];
    let (file, written, kind) = (signature.file, signature.written, signature.kind);
    let returns_nothing = signature.outputs.success.is_empty();
    let sensitive = written.security.sensitive_data;
    let mut body = Body::new(cx, file);
    body.function = frame.function;
    body.state = frame.state.clone();
    body.contract = kind == FunctionKind::Lemma;
    body.bind_outer(&frame.locals);
    body.facts.iter_mut().for_each(|facts| facts.sensitive = sensitive);
    let (mut block, goes_on) = body.block(&written.flow);
    if goes_on {
        if returns_nothing {
            // Nothing is returned, so the end of the flow is the return.
            let step = Step {
                name: "return".into(),
                when: None,
                guards: vec![],
                operation: Operation::Return(vec![]),
                retry: None,
                fallback: None,
                compensate: vec![],
            };
            let id = body.add_step(step, written.node_id.span);
            block.push(id);
        } else if !written.node_id.text.is_empty() {
            let fields: Vec<String> =
                written.outputs.success.iter().map(|field| format!("{}: ...", field.name.text)).collect();
            let message =
                format!("the flow of `{}` can reach its end without `return`", written.node_id.text);
            let help =
                format!("add a step with `operation: return` and `parameters: {{ {} }}`", fields.join(", "));
            let span = written.flow.last().map_or(written.node_id.span, |step| step.name.span);
            body.report(Diagnostic::error(&flow::MISSING_RETURN, span, message).with_help(help));
        }
    }
    lints::unused_in_body(&mut body, written);
    Flow {
        locals: body.locals,
        exprs: Exprs { nodes: body.exprs },
        spans: body.spans,
        steps: body.steps,
        step_spans: body.step_spans,
        body: block,
    }
}

fn performance(written: &written::Performance) -> Performance {
    Performance {
        expected_latency_ms: written.expected_latency_ms,
        memory_limit_mb: written.memory_limit_mb,
        timeout_seconds: written.timeout_seconds,
        idempotent: written.idempotent,
    }
}

fn security(cx: &mut Context<'_>, written: &written::Function) -> Security {
    let sorted = |names: &[crate::syntax::expression::Name]| {
        let mut sorted: Vec<String> = names.iter().map(|name| name.text.clone()).collect();
        sorted.sort();
        sorted.dedup();
        sorted
    };
    let audit_level = match &written.security.audit_level {
        None => AuditLevel::None,
        Some(level) => match level.text.as_str() {
            "none" => AuditLevel::None,
            "basic" => AuditLevel::Basic,
            "detailed" => AuditLevel::Detailed,
            "" => AuditLevel::None,
            other => {
                let message = format!("unknown audit level `{other}`");
                let diagnostic = Diagnostic::error(&contracts::AUDIT_LEVEL, level.span, message);
                let known = ["none", "basic", "detailed"];
                let diagnostic = super::suggest::suggest(diagnostic, other, level.span, known);
                let help = "one of none, basic and detailed";
                cx.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
                AuditLevel::None
            }
        },
    };
    Security {
        capabilities_required: sorted(&written.security.capabilities_required),
        denied_capabilities: sorted(&written.security.denied_capabilities),
        sensitive_data: written.security.sensitive_data,
        audit_level,
    }
}

/// The state variables that an expression tree reads.
pub(super) fn state_of(exprs: &Exprs) -> Vec<u32> {
    let mut read: Vec<u32> = exprs
        .nodes
        .iter()
        .filter_map(|node| match node.kind {
            anrf_format::semantic::ExprKind::State(variable) => Some(variable),
            _ => None,
        })
        .collect();
    read.sort_unstable();
    read.dedup();
    read
}
