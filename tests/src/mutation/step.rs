//! Mistakes in steps: what is skipped, dropped or done under another condition.

use anrf::Value;
use anrf::semantic::{
    BinaryOperator, Block, Domain, Expr, ExprId, ExprKind, Function, FunctionKind, LoopHead, Operation,
    Semantic, Step, UnaryOperator, When,
};
use anrf::types::TypeId;

use super::expression::{reachable, swaps};

/// The expressions that decide what the function does: no contract, no ghost code, no message.
pub(crate) fn code(function: &Function, semantic: &Semantic) -> Vec<ExprId> {
    let mut roots = vec![];
    for step in &function.steps {
        roots.extend(step.when.as_ref().map(|when| when.condition));
        roots.extend(step.guards.iter().map(|guard| guard.fail_when));
        roots.extend(step.fallback.iter().flatten().map(|(_, value)| *value));
        match &step.operation {
            Operation::Require { condition, .. } => roots.push(*condition),
            Operation::Compute { bindings, ghost: false }
            | Operation::Next(bindings)
            | Operation::Break(bindings) => roots.extend(bindings.iter().map(|(_, value)| *value)),
            Operation::Choose { cases, .. } => roots.extend(cases.iter().map(|(condition, _)| *condition)),
            Operation::Loop(it) => {
                roots.extend(it.state.iter().map(|(_, value)| *value));
                match &it.head {
                    LoopHead::While(condition) => roots.push(*condition),
                    LoopHead::For(binder) => match binder.domain {
                        Domain::Range(low, high) => roots.extend([low, high]),
                        Domain::Array(array) => roots.push(array),
                    },
                }
            }
            Operation::Call(call) => {
                let callee = semantic.functions.get(call.callee as usize);
                if callee.is_some_and(|callee| callee.kind != FunctionKind::Lemma) {
                    roots.extend(&call.arguments);
                }
            }
            Operation::Invoke(call) => roots.extend(&call.arguments),
            Operation::Update(entries) => roots.extend(entries.iter().map(|(_, value)| *value)),
            Operation::Return(values) => roots.extend(values),
            Operation::Compute { ghost: true, .. }
            | Operation::Assert(_)
            | Operation::Transition { .. }
            | Operation::Log { .. }
            | Operation::Fail { .. } => {}
        }
    }
    roots.into_iter().flat_map(|root| reachable(&function.exprs, root)).collect()
}

/// Functions in which one step is another: index of the step, what was changed, the function.
pub(super) fn step_mutants(original: &Function) -> Vec<(u32, String, Function)> {
    let mut found = vec![];
    for (index, step) in original.steps.iter().enumerate() {
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        let mut keep = |what: String, change: &dyn Fn(&mut Function, &mut Step)| {
            let mut function = original.clone();
            let mut step = step.clone();
            change(&mut function, &mut step);
            if let Some(place) = function.steps.get_mut(index) {
                *place = step;
                found.push((number, what, function));
            }
        };
        if let Some(when) = &step.when {
            keep("condition of the step negated".to_owned(), &|function, step| {
                let negated =
                    add(function, TypeId::BOOLEAN, ExprKind::Unary(UnaryOperator::Not, when.condition));
                step.when = Some(When { condition: negated, bound: when.bound.clone() });
            });
            if when.bound.is_empty() {
                keep("condition of the step dropped".to_owned(), &|_, step| step.when = None);
            }
        }
        if may_be_skipped(&step.operation) {
            keep("step dropped".to_owned(), &|function, step| {
                let never = add(function, TypeId::BOOLEAN, ExprKind::Literal(Value::Boolean(false)));
                step.when = Some(When { condition: never, bound: vec![] });
            });
        }
        for at in 0..step.guards.len() {
            keep(format!("guard {} dropped", at + 1), &|_, step| {
                step.guards.remove(at);
            });
        }
        if let Some(retry) = step.retry {
            keep("retries dropped".to_owned(), &|_, step| step.retry = None);
            keep("one retry more".to_owned(), &|_, step| {
                step.retry = Some(anrf::semantic::Retry { times: retry.times + 1, ..retry });
            });
        }
        if !step.compensate.is_empty() {
            keep("compensation dropped".to_owned(), &|_, step| step.compensate = Block::new());
        }
        operation_mutants(original, &step.operation, &mut keep);
    }
    found
}

type Keep<'a> = dyn FnMut(String, &dyn Fn(&mut Function, &mut Step)) + 'a;

fn operation_mutants(original: &Function, operation: &Operation, keep: &mut Keep<'_>) {
    let type_of = |id: ExprId| original.exprs.nodes.get(id.0 as usize).map(|node| node.type_id);
    match operation {
        Operation::Next(bindings) | Operation::Break(bindings) => {
            for at in 0..bindings.len() {
                keep(format!("new value {} dropped", at + 1), &|_, step| {
                    if let Operation::Next(bindings) | Operation::Break(bindings) = &mut step.operation {
                        bindings.remove(at);
                    }
                });
            }
        }
        Operation::Update(entries) if entries.len() > 1 => {
            for at in 0..entries.len() {
                keep(format!("update {} dropped", at + 1), &|_, step| {
                    if let Operation::Update(entries) = &mut step.operation {
                        entries.remove(at);
                    }
                });
            }
        }
        Operation::Return(values) => {
            for (what, values) in swaps(values, type_of) {
                keep(what, &|_, step| step.operation = Operation::Return(values.clone()));
            }
        }
        Operation::Invoke(call) | Operation::Call(call) => {
            for (what, arguments) in swaps(&call.arguments, type_of) {
                keep(format!("arguments {what}"), &|_, step| {
                    if let Operation::Invoke(call) | Operation::Call(call) = &mut step.operation {
                        call.arguments.clone_from(&arguments);
                    }
                });
            }
        }
        Operation::Require { error_code, .. } | Operation::Fail { error_code, .. } => {
            let codes = 0..u32::try_from(original.error_codes.len()).unwrap_or(0);
            for code in codes.filter(|code| code != error_code) {
                keep(format!("error code to number {}", code + 1), &|_, step| {
                    if let Operation::Require { error_code, .. } | Operation::Fail { error_code, .. } =
                        &mut step.operation
                    {
                        *error_code = code;
                    }
                });
            }
        }
        Operation::Loop(it) => loop_mutants(it, keep),
        _ => {}
    }
}

/// Ranges that begin one later or end one earlier.
fn loop_mutants(it: &anrf::semantic::Loop, keep: &mut Keep<'_>) {
    let LoopHead::For(binder) = &it.head else { return };
    let Domain::Range(low, high) = binder.domain else { return };
    let shorter = |function: &mut Function, step: &mut Step, is_low: bool| {
        let one = add(function, TypeId::INTEGER, ExprKind::Literal(Value::Integer(1)));
        let (operator, end) =
            if is_low { (BinaryOperator::Add, low) } else { (BinaryOperator::Subtract, high) };
        let other = add(function, TypeId::INTEGER, ExprKind::Binary(operator, end, one));
        if let Operation::Loop(it) = &mut step.operation
            && let LoopHead::For(binder) = &mut it.head
        {
            binder.domain = if is_low { Domain::Range(other, high) } else { Domain::Range(low, other) };
        }
    };
    keep("range begins one later".to_owned(), &|function, step| shorter(function, step, true));
    keep("range ends one earlier".to_owned(), &|function, step| shorter(function, step, false));
}

/// Without it the steps after it still have all names that they use.
fn may_be_skipped(operation: &Operation) -> bool {
    match operation {
        Operation::Require { .. }
        | Operation::Next(_)
        | Operation::Break(_)
        | Operation::Update(_)
        | Operation::Return(_)
        | Operation::Fail { .. } => true,
        Operation::Invoke(call) => call.bind.is_none(),
        Operation::Transition { target, .. } => matches!(target, anrf::semantic::TransitionTarget::State(..)),
        _ => false,
    }
}

fn add(function: &mut Function, type_id: TypeId, kind: ExprKind) -> ExprId {
    let id = ExprId(u32::try_from(function.exprs.nodes.len()).unwrap_or(u32::MAX));
    function.exprs.nodes.push(Expr { type_id, kind });
    id
}
