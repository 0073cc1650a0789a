//! Mistakes in expressions: each gives another form of the same type.

use anrf::builtin::Builtin;
use anrf::semantic::{BinaryOperator, ExprId, ExprKind, Exprs, UnaryOperator};
use anrf::types::{TypeId, TypeTable};
use anrf::{Decimal, Value};

/// The expression and all that is in it, parents first.
pub(crate) fn reachable(exprs: &Exprs, root: ExprId) -> Vec<ExprId> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(id) = found.get(next).copied() {
        next += 1;
        if let Some(node) = exprs.nodes.get(id.0 as usize) {
            node.kind.for_each_child(&mut |child| found.push(child));
        }
    }
    found
}

/// What may stand instead of this expression, and what the change is called.
pub(super) fn expression_mutants(exprs: &Exprs, types: &TypeTable, id: ExprId) -> Vec<(String, ExprKind)> {
    let Some(node) = exprs.nodes.get(id.0 as usize) else { return vec![] };
    let kind_of = |id: ExprId| exprs.nodes.get(id.0 as usize).map(|node| node.kind.clone());
    let type_of = |id: ExprId| exprs.nodes.get(id.0 as usize).map(|node| node.type_id);
    match &node.kind {
        ExprKind::Literal(value) => literal(value, types, node.type_id),
        ExprKind::Unary(operator, operand) => {
            let name = if *operator == UnaryOperator::Not { "`NOT`" } else { "unary `-`" };
            kind_of(*operand).into_iter().map(|kind| (format!("{name} dropped"), kind)).collect()
        }
        ExprKind::Binary(operator, left, right) => binary(*operator, *left, *right, type_of(*left)),
        ExprKind::If(condition, then, other) => {
            vec![("branches of `IF` swapped".to_owned(), ExprKind::If(*condition, *other, *then))]
        }
        ExprKind::Some(_) => vec![("`SOME(...)` to `NONE`".to_owned(), ExprKind::None)],
        ExprKind::WithFields(base, fields) => without_each(fields)
            .map(|(at, rest)| {
                let kind = kind_of(*base).filter(|_| rest.is_empty());
                (format!("update {at} dropped"), kind.unwrap_or(ExprKind::WithFields(*base, rest)))
            })
            .collect(),
        ExprKind::WithElements(base, entries) => without_each(entries)
            .map(|(at, rest)| {
                let kind = kind_of(*base).filter(|_| rest.is_empty());
                (format!("update {at} dropped"), kind.unwrap_or(ExprKind::WithElements(*base, rest)))
            })
            .collect(),
        ExprKind::WithEntries(base, entries) => without_each(entries)
            .map(|(at, rest)| {
                let kind = kind_of(*base).filter(|_| rest.is_empty());
                (format!("update {at} dropped"), kind.unwrap_or(ExprKind::WithEntries(*base, rest)))
            })
            .collect(),
        ExprKind::WithMember(base, _) | ExprKind::Without(base, _) => {
            kind_of(*base).into_iter().map(|kind| ("change of members dropped".to_owned(), kind)).collect()
        }
        ExprKind::Record(parts) => {
            swaps(parts, type_of).map(|(what, parts)| (what, ExprKind::Record(parts))).collect()
        }
        ExprKind::Call(callee, arguments) => {
            swaps(arguments, type_of).map(|(what, parts)| (what, ExprKind::Call(*callee, parts))).collect()
        }
        ExprKind::Builtin(builtin, arguments) => {
            let swapped = swaps(arguments, type_of).filter(|_| !is_commutative(*builtin));
            let swapped = swapped.map(|(what, parts)| (what, ExprKind::Builtin(*builtin, parts)));
            let other = opposite(*builtin).map(|other| {
                let what = format!("`{}` to `{}`", builtin.info().name, other.info().name);
                (what, ExprKind::Builtin(other, arguments.clone()))
            });
            swapped.chain(other).collect()
        }
        _ => vec![],
    }
}

fn literal(value: &Value, types: &TypeTable, type_id: TypeId) -> Vec<(String, ExprKind)> {
    let change = |other: Value, text: String| (text, ExprKind::Literal(other));
    match value {
        Value::Boolean(it) => vec![change(Value::Boolean(!it), format!("{it} to {}", !it).to_uppercase())],
        Value::Integer(it) => [it.checked_add(1), it.checked_sub(1)]
            .into_iter()
            .flatten()
            .map(|other| change(Value::Integer(other), format!("{it} to {other}")))
            .collect(),
        Value::Decimal(it) => {
            // Off by one in its last place, and not less than a hundredth of a cent.
            let unit = Decimal::from_parts(1, it.scale().min(4)).ok();
            let others = unit.map(|unit| [it.add(&unit), it.sub(&unit)]);
            let others = others.into_iter().flatten();
            others.map(|other| change(Value::Decimal(other.clone()), format!("{it} to {other}"))).collect()
        }
        Value::Float(it) => vec![change(Value::Float(it + 1.0), format!("{it} to {}", it + 1.0))],
        Value::String(it) => vec![change(Value::String(format!("{it}!")), format!("'{it}' to '{it}!'"))],
        Value::Enum(it) => {
            let symbols = types.symbols(type_id).unwrap_or_default();
            let others = symbols.iter().filter(|symbol| *symbol != it);
            others.map(|other| change(Value::Enum(other.clone()), format!("{it} to {other}"))).collect()
        }
        _ => vec![],
    }
}

fn binary(
    operator: BinaryOperator,
    left: ExprId,
    right: ExprId,
    operands: Option<TypeId>,
) -> Vec<(String, ExprKind)> {
    use BinaryOperator as B;
    let is_integer = operands == Some(TypeId::INTEGER) || operands == Some(TypeId::UNBOUNDED);
    let others: &[B] = match operator {
        B::Less => &[B::LessEqual, B::GreaterEqual],
        B::LessEqual => &[B::Less, B::Greater],
        B::Greater => &[B::GreaterEqual, B::LessEqual],
        B::GreaterEqual => &[B::Greater, B::Less],
        B::Equal => &[B::NotEqual],
        B::NotEqual => &[B::Equal],
        B::And => &[B::Or],
        B::Or => &[B::And],
        B::Implies => &[B::And, B::Or],
        B::Iff => &[B::Implies],
        B::Add => &[B::Subtract],
        B::Subtract => &[B::Add],
        B::Multiply => &[B::Add],
        B::Divide if is_integer => &[B::Multiply, B::Remainder],
        B::Remainder if is_integer => &[B::Divide],
        B::Divide | B::Remainder | B::Concat | B::In | B::Contains => &[],
    };
    let others = others.iter().map(|other| {
        (format!("`{}` to `{}`", operator.symbol(), other.symbol()), ExprKind::Binary(*other, left, right))
    });
    let is_directed = matches!(operator, B::Subtract | B::Divide | B::Remainder | B::Concat);
    let swapped = is_directed.then(|| {
        (format!("operands of `{}` swapped", operator.symbol()), ExprKind::Binary(operator, right, left))
    });
    others.chain(swapped).collect()
}

fn opposite(builtin: Builtin) -> Option<Builtin> {
    Some(match builtin {
        Builtin::Min => Builtin::Max,
        Builtin::Max => Builtin::Min,
        Builtin::Union => Builtin::Intersect,
        Builtin::Intersect => Builtin::Union,
        Builtin::Floor => Builtin::Ceil,
        Builtin::Ceil => Builtin::Floor,
        Builtin::ShiftLeft => Builtin::ShiftRight,
        Builtin::BitOr => Builtin::BitAnd,
        Builtin::BitAnd => Builtin::BitOr,
        Builtin::FloorDiv => Builtin::FloorMod,
        Builtin::FloorMod => Builtin::FloorDiv,
        Builtin::StartsWith => Builtin::EndsWith,
        Builtin::EndsWith => Builtin::StartsWith,
        _ => return None,
    })
}

/// Whether two arguments may be swapped without a difference.
fn is_commutative(builtin: Builtin) -> bool {
    use Builtin as B;
    matches!(builtin, B::Min | B::Max | B::Union | B::Intersect | B::BitAnd | B::BitOr | B::BitXor)
        || builtin == B::IsPermutation
}

/// Every list that lacks one entry, with the entry's number from 1.
fn without_each<T: Clone>(list: &[T]) -> impl Iterator<Item = (usize, Vec<T>)> + '_ {
    (0..list.len()).map(|at| {
        let mut rest = list.to_vec();
        rest.remove(at);
        (at + 1, rest)
    })
}

/// Every list in which two neighbours of one type have changed places.
pub(super) fn swaps(
    list: &[ExprId],
    type_of: impl Fn(ExprId) -> Option<TypeId>,
) -> impl Iterator<Item = (String, Vec<ExprId>)> {
    let pairs = list.windows(2).enumerate();
    let pairs = pairs.filter(|(_, pair)| matches!(pair, [a, b] if type_of(*a) == type_of(*b)));
    pairs.map(|(at, _)| at).collect::<Vec<_>>().into_iter().map(|at| {
        let mut other = list.to_vec();
        other.swap(at, at + 1);
        (format!("{} and {} swapped", at + 1, at + 2), other)
    })
}
