//! Whether two files that were read say the same, whatever their layout and spelling.

use super::expression::{Quote, binder, expression};
use crate::syntax::reader::{Parsed, Written};
use crate::yaml::{Kind, NodeId};

/// Compares two trees: the same keys and items in the same order, data letter by letter, expressions and
/// types by their canonical text.
pub(super) fn same(left: &Parsed<'_>, right: &Parsed<'_>) -> bool {
    if left.scalars.len() != right.scalars.len() || left.tree.comments().len() != right.tree.comments().len()
    {
        return false;
    }
    let mut open = vec![(left.tree.root(), right.tree.root())];
    while let Some((a, b)) = open.pop() {
        match (left.tree.kind(a), right.tree.kind(b)) {
            (Kind::Null, Kind::Null) => {}
            (Kind::Scalar(_), Kind::Scalar(_)) => {
                if left.tree.text(a) != right.tree.text(b) && canonical(left, a) != canonical(right, b) {
                    return false;
                }
            }
            (Kind::Sequence { .. }, Kind::Sequence { .. }) => {
                let (one, other): (Vec<NodeId>, Vec<NodeId>) =
                    (left.tree.items(a).collect(), right.tree.items(b).collect());
                if one.len() != other.len() {
                    return false;
                }
                open.extend(one.into_iter().zip(other));
            }
            (Kind::Mapping { .. }, Kind::Mapping { .. }) => {
                let flat = |parsed: &Parsed<'_>, node| -> Vec<NodeId> {
                    parsed.tree.entries(node).flat_map(|entry| [entry.key, entry.value]).collect()
                };
                let (one, other) = (flat(left, a), flat(right, b));
                if one.len() != other.len() {
                    return false;
                }
                open.extend(one.into_iter().zip(other));
            }
            _ => return false,
        }
    }
    true
}

/// The canonical text of a scalar that is not data; what is data has none, and differs from every other.
fn canonical(parsed: &Parsed<'_>, node: NodeId) -> Option<Vec<String>> {
    let start = parsed.tree.span(node).start;
    let from = parsed.scalars.partition_point(|(other, _)| parsed.tree.span(*other).start < start);
    let expressions = &parsed.module.expressions;
    parsed.scalars.get(from..)?.iter().take_while(|(other, _)| *other == node).find_map(|(_, written)| {
        match written {
            Written::Name => None,
            Written::Expression(id) => Some(vec![expression(expressions, *id, Quote::Double)]),
            Written::Binder(head) => Some(vec![binder(expressions, head, Quote::Double, "")]),
            Written::Type(text) => Some(vec![text.clone()]),
            Written::Template(holes) => {
                Some(holes.iter().map(|id| expression(expressions, *id, Quote::Double)).collect())
            }
        }
    })
}
