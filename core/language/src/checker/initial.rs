//! Initial values of state meet their constraints and the module's invariants, as far as that can be
//! told without running anything.

use std::cmp::Ordering;

use anrf_format::builtin::Builtin;
use anrf_format::diagnostic::Diagnostic;
use anrf_format::semantic::{BinaryOperator, Clause, ExprId, ExprKind, StateVariable, UnaryOperator};
use anrf_format::value::Value;

use super::context::Context;
use super::suggest::list;
use crate::codes::contracts;

pub(super) fn check(cx: &mut Context<'_>, state: &[StateVariable], invariants: &[Clause]) {
    let missing = cx.state.iter().any(|variable| variable.initial.is_none());
    if missing {
        return;
    }
    for (position, variable) in state.iter().enumerate() {
        let broken = variable.constraints.iter().any(|clause| holds(clause, state) == Some(false));
        if broken {
            let (file, name) = (cx.state[position].file, &cx.state[position].written.name);
            cx.file = file;
            let message = format!("the initial value of `{}` breaks its constraint", name.text);
            let help = "change the value or the constraint";
            cx.report(Diagnostic::error(&contracts::INITIAL_BREAKS, name.span, message).with_help(help));
        }
    }
    for clause in invariants {
        if holds(clause, state) == Some(false) {
            let read = super::functions::state_of(&clause.exprs);
            let names: Vec<&str> =
                read.iter().filter_map(|it| state.get(*it as usize)).map(|it| it.name.as_str()).collect();
            let Some(first) = read.first().and_then(|it| cx.state.get(*it as usize)) else { continue };
            let (file, span) = (first.file, first.written.name.span);
            cx.file = file;
            let message = format!("the initial values of {} break an invariant", list(names));
            let help = "change the values or the invariant";
            cx.report(Diagnostic::error(&contracts::INITIAL_BREAKS, span, message).with_help(help));
        }
    }
}

/// The truth of a clause over initial values; `None` where that needs more than is known here.
fn holds(clause: &Clause, state: &[StateVariable]) -> Option<bool> {
    match (Evaluation { clause, state }).value(clause.root)? {
        Value::Boolean(value) => Some(value),
        _ => None,
    }
}

struct Evaluation<'e> {
    clause: &'e Clause,
    state: &'e [StateVariable],
}

impl Evaluation<'_> {
    /// Recursion is bounded by the height of an expression.
    fn value(&self, id: ExprId) -> Option<Value> {
        match &self.clause.exprs.nodes.get(id.0 as usize)?.kind {
            ExprKind::Literal(value) => Some(value.clone()),
            ExprKind::State(variable) => Some(self.state.get(*variable as usize)?.initial.clone()),
            ExprKind::Widen(inner) | ExprKind::Narrow { value: inner, .. } => self.value(*inner),
            ExprKind::Field(base, field) => match self.value(*base)? {
                Value::Record(fields) => fields.into_iter().nth(*field as usize).map(|(_, value)| value),
                _ => None,
            },
            ExprKind::Unary(UnaryOperator::Not, inner) => match self.value(*inner)? {
                Value::Boolean(value) => Some(Value::Boolean(!value)),
                _ => None,
            },
            ExprKind::Unary(UnaryOperator::Negate, inner) => match self.value(*inner)? {
                Value::Integer(value) => value.checked_neg().map(Value::Integer),
                Value::Decimal(value) => Some(Value::Decimal(value.neg())),
                _ => None,
            },
            ExprKind::Binary(operator, left, right) => self.binary(*operator, *left, *right),
            ExprKind::Builtin(Builtin::Len, arguments) => self.length(*arguments.first()?),
            _ => None,
        }
    }

    fn length(&self, id: ExprId) -> Option<Value> {
        let length = match self.value(id)? {
            Value::String(text) => text.chars().count(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Array(items) | Value::Set(items) => items.len(),
            Value::Map(entries) => entries.len(),
            _ => return None,
        };
        i64::try_from(length).ok().map(Value::Integer)
    }

    fn truth(&self, id: ExprId) -> Option<bool> {
        match self.value(id)? {
            Value::Boolean(value) => Some(value),
            _ => None,
        }
    }

    fn binary(&self, operator: BinaryOperator, left: ExprId, right: ExprId) -> Option<Value> {
        use BinaryOperator as B;
        let truth = match operator {
            B::And => self.truth(left)? && self.truth(right)?,
            B::Or => self.truth(left)? || self.truth(right)?,
            B::Implies => !self.truth(left)? || self.truth(right)?,
            B::Iff => self.truth(left)? == self.truth(right)?,
            B::Add | B::Subtract | B::Multiply => {
                return arithmetic(operator, self.value(left)?, self.value(right)?);
            }
            B::Equal | B::NotEqual | B::Less | B::LessEqual | B::Greater | B::GreaterEqual => {
                let order = order(&self.value(left)?, &self.value(right)?)?;
                match operator {
                    B::Equal => order == Ordering::Equal,
                    B::NotEqual => order != Ordering::Equal,
                    B::Less => order == Ordering::Less,
                    B::LessEqual => order != Ordering::Greater,
                    B::Greater => order == Ordering::Greater,
                    _ => order != Ordering::Less,
                }
            }
            _ => return None,
        };
        Some(Value::Boolean(truth))
    }
}

/// The order of scalars whose order here is that of values; enumerations and floats have another.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Enum(a), Value::Enum(b)) if a == b => Some(Ordering::Equal),
        (Value::Integer(_), Value::Integer(_))
        | (Value::Decimal(_), Value::Decimal(_))
        | (Value::String(_), Value::String(_))
        | (Value::Boolean(_), Value::Boolean(_))
        | (Value::Timestamp(_), Value::Timestamp(_)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn arithmetic(operator: BinaryOperator, left: Value, right: Value) -> Option<Value> {
    match (left, right) {
        (Value::Integer(a), Value::Integer(b)) => match operator {
            BinaryOperator::Add => a.checked_add(b),
            BinaryOperator::Subtract => a.checked_sub(b),
            _ => a.checked_mul(b),
        }
        .map(Value::Integer),
        (Value::Decimal(a), Value::Decimal(b)) => match operator {
            BinaryOperator::Add => Some(a.add(&b)),
            BinaryOperator::Subtract => Some(a.sub(&b)),
            _ => a.mul(&b).ok(),
        }
        .map(Value::Decimal),
        _ => None,
    }
}
