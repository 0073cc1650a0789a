//! From a fault's place in the code to its step, its place in the text and the names of its values.

use anrf_format::diagnostic::Span;
use anrf_format::execution::{ClauseRef, Place, Role};
use anrf_format::module::Module;
use anrf_format::semantic::{Clause, ExprId, ExprKind, Exprs, LocalsRef};

use super::fault::FaultReport;
use super::program::Program;
use crate::outcome::Fault;

/// Parts of a path such as `order.total` that are followed to name a value.
const LONGEST_PATH: usize = 8;

/// A fault as the host sees it; `entered` is the function that was called.
pub(super) fn describe(module: &Module, _program: &Program, entered: u32, report: FaultReport) -> Fault {
    let code = module.execution.functions.get(report.function as usize);
    let function = match code.map(|code| code.role) {
        Some(Role::Body(function) | Role::Entry(function)) => function,
        _ => entered,
    };
    let semantic = module.semantic.functions.get(function as usize);
    let step = report.origin.and_then(|origin| origin.step);
    let step = step.and_then(|step| semantic?.steps.get(step.0 as usize)).map(|step| step.name.clone());
    let obligation = report.obligation.and_then(|index| code?.obligations.get(index as usize));
    let names = report.origin.map_or(vec![], |origin| operand_names(module, function, origin.place));
    let mut values = vec![];
    for (index, value) in report.values.into_iter().enumerate() {
        if let Some(value) = value {
            let name = names.get(index).cloned().flatten();
            values.push((name.unwrap_or_else(|| format!("operand {}", index + 1)), value));
        }
    }
    Fault {
        kind: report.kind,
        function: semantic.map_or_else(String::new, anrf_format::semantic::Function::node_id),
        step,
        span: report.origin.map_or_else(Span::default, |origin| module.source_map.span(function, origin)),
        obligation: obligation.map(|obligation| obligation.id.clone()),
        values,
    }
}

/// What the operands of an expression are called, where they have a name.
fn operand_names(module: &Module, function: u32, place: Place) -> Vec<Option<String>> {
    let semantic = module.semantic.functions.get(function as usize);
    let (exprs, locals, expr) = match place {
        Place::Expr(expr) => match semantic {
            Some(function) => (&function.exprs, LocalsRef::from(&function.locals), expr),
            None => return vec![],
        },
        Place::Clause(clause, expr) => match clause_of(module, clause) {
            Some(clause) => (&clause.exprs, clause.locals.all(), expr),
            None => return vec![],
        },
        Place::Function | Place::Step => return vec![],
    };
    let Some(node) = exprs.nodes.get(expr.0 as usize) else { return vec![] };
    let parts: Vec<ExprId> = match &node.kind {
        ExprKind::Binary(_, a, b) | ExprKind::Index(a, b) | ExprKind::Lookup(a, b) => vec![*a, *b],
        ExprKind::Slice(a, b, c) => vec![*a, *b, *c],
        ExprKind::Unary(_, a) | ExprKind::Narrow { value: a, .. } => vec![*a],
        ExprKind::Builtin(_, parts) => parts.clone(),
        _ => vec![],
    };
    parts.into_iter().map(|part| path_of(module, exprs, locals, part)).collect()
}

/// `name`, `name.field`, `name[2]`... of an expression that is a path.
fn path_of(module: &Module, exprs: &Exprs, locals: LocalsRef<'_>, mut expr: ExprId) -> Option<String> {
    let mut fields: Vec<String> = vec![];
    for _ in 0..LONGEST_PATH {
        let node = exprs.nodes.get(expr.0 as usize)?;
        match &node.kind {
            ExprKind::Local(local) => {
                let mut path = locals.get(*local)?.name.clone();
                for field in fields.iter().rev() {
                    path.push('.');
                    path.push_str(field);
                }
                return Some(path);
            }
            ExprKind::State(variable) => {
                let mut path = module.semantic.state.get(*variable as usize)?.name.clone();
                for field in fields.iter().rev() {
                    path.push('.');
                    path.push_str(field);
                }
                return Some(path);
            }
            ExprKind::Field(record, field) => {
                let outer = exprs.nodes.get(record.0 as usize)?;
                let definition = module.types.record(outer.type_id)?;
                fields.push(definition.fields.get(*field as usize)?.name.clone());
                expr = *record;
            }
            ExprKind::Widen(inner) | ExprKind::Narrow { value: inner, .. } => expr = *inner,
            _ => return None,
        }
    }
    None
}

/// The clause that a reference names.
fn clause_of(module: &Module, clause: ClauseRef) -> Option<&Clause> {
    let semantic = &module.semantic;
    let function = |index: u32| semantic.functions.get(index as usize);
    match clause {
        ClauseRef::Input(f, input, at) => {
            function(f)?.inputs.get(input as usize)?.constraints.get(at as usize)
        }
        ClauseRef::Precondition(f, at) => function(f)?.contract.preconditions.get(at as usize),
        ClauseRef::Postcondition(f, at) => {
            Some(&function(f)?.contract.postconditions.get(at as usize)?.clause)
        }
        ClauseRef::Invariant(f, at) => function(f)?.contract.invariants.get(at as usize),
        ClauseRef::Decreases(f, at) => function(f)?.decreases.get(at as usize),
        ClauseRef::ModuleInvariant(at) => semantic.invariants.get(at as usize),
        ClauseRef::Record(record, at) => {
            module.types.records.get(record as usize)?.constraints.get(at as usize)
        }
        ClauseRef::State(variable, at) => semantic.state.get(variable as usize)?.constraints.get(at as usize),
        ClauseRef::HostPrecondition(host, at) => {
            semantic.host.get(host as usize)?.preconditions.get(at as usize)
        }
        ClauseRef::HostPostcondition(host, at) => {
            semantic.host.get(host as usize)?.postconditions.get(at as usize)
        }
    }
}
