//! Operands that must have one type: those with a type of their own decide it for the others.

use anrf_format::types::TypeId;

use super::coercion::join;
use crate::checker::body::{Body, Meaning, Typed};
use crate::syntax::expression::{BinaryOperator, ExprId, ExpressionKind, Pattern, UnaryOperator};

/// What became of operands that should have one type.
pub(super) enum Together {
    /// They have it.
    Same(TypeId, Vec<Typed>),
    /// The first two that differ, by position.
    Different(usize, usize, Vec<Typed>),
    /// Reported.
    Broken,
}

impl Body<'_, '_> {
    /// Infers all, the most telling first, each with the type of those before as its hint.
    pub(super) fn together(&mut self, ids: &[ExprId], hint: Option<TypeId>) -> Together {
        let mut order: Vec<usize> = (0..ids.len()).collect();
        order.sort_by_key(|position| self.vagueness(ids[*position]));
        let mut found: Vec<Option<Typed>> = vec![None; ids.len()];
        let mut hint = hint;
        let mut decided = false;
        let mut broken = false;
        for position in order {
            // What has no type of its own says nothing new where the one that would tell is broken.
            if broken && !decided && self.vagueness(ids[position]) >= 3 {
                continue;
            }
            let typed = self.infer(ids[position], hint);
            broken |= typed.is_none();
            if let (Some(typed), false) = (typed, decided) {
                hint = Some(typed.type_id);
                decided = true;
            }
            found[position] = typed;
        }
        let Some(found) = found.into_iter().collect::<Option<Vec<Typed>>>() else { return Together::Broken };
        self.same(found)
    }

    /// Brings typed operands to one type.
    pub(super) fn same(&mut self, found: Vec<Typed>) -> Together {
        let Some(first) = found.first() else { return Together::Broken };
        let mut common = first.type_id;
        for (position, typed) in found.iter().enumerate() {
            match join(self.cx, common, typed.type_id) {
                Some(joined) => common = joined,
                None => return Together::Different(0, position, found),
            }
        }
        let fitted = found.iter().map(|typed| self.coerce(*typed, common)).collect();
        match fitted {
            Some(fitted) => Together::Same(common, fitted),
            None => Together::Different(0, 1, found),
        }
    }

    /// How little an expression tells of its type: 0 says it, larger ones adopt more.
    pub(in crate::checker) fn vagueness(&self, id: ExprId) -> u8 {
        self.vagueness_under(id, &mut vec![])
    }

    /// The same below LET and MATCH, whose names have types of their own.
    fn vagueness_under<'e>(&'e self, id: ExprId, bound: &mut Vec<&'e str>) -> u8 {
        match &self.syntax[id].kind {
            ExpressionKind::Decimal(_) => 1,
            ExpressionKind::Integer(_) => 2,
            ExpressionKind::Unary(UnaryOperator::Negate, operand) => self.vagueness_under(*operand, bound),
            ExpressionKind::Binary(operator, left, right) if is_arithmetic(*operator) => {
                self.least_vague(&[*left, *right], bound)
            }
            ExpressionKind::If(_, then, otherwise) => self.least_vague(&[*then, *otherwise], bound),
            ExpressionKind::Let(name, _, body) => {
                bound.push(&name.text);
                let vagueness = self.vagueness_under(*body, bound);
                bound.pop();
                vagueness
            }
            ExpressionKind::Match(_, arms) => {
                let outer = bound.len();
                let arms = arms.iter().map(|arm| {
                    match &arm.pattern {
                        Pattern::None(_) => {}
                        Pattern::Some(name) => bound.push(&name.text),
                        Pattern::Case(_, fields) => bound.extend(fields.iter().map(|(_, name)| &*name.text)),
                    }
                    let vagueness = self.vagueness_under(arm.body, bound);
                    bound.truncate(outer);
                    vagueness
                });
                arms.min().unwrap_or(4)
            }
            ExpressionKind::Some(inner) => self.vagueness_under(*inner, bound),
            // Text tells its type, but a place for a symbol gives a better message about it.
            ExpressionKind::String(_) => 1,
            ExpressionKind::None => 4,
            ExpressionKind::Array(items) | ExpressionKind::Set(items) => self.least_vague(items, bound),
            // A map tells its type if its keys do and its values do.
            ExpressionKind::Map(entries) => {
                let keys = entries.iter().map(|(key, _)| self.vagueness_under(*key, bound)).min();
                let values = entries.iter().map(|(_, value)| self.vagueness_under(*value, bound)).min();
                keys.max(values).unwrap_or(4)
            }
            ExpressionKind::Name(name) if bound.contains(&name.as_str()) => 0,
            ExpressionKind::Name(name) => match self.lookup(name) {
                Some(Meaning::Local(_) | Meaning::Broken) => 0,
                _ if self.state_variable(name).is_some() => 0,
                _ if self.allowed.exit && self.outputs.field(name).is_some() => 0,
                _ if self.allowed.exit && (name == "result" || name == "success") => 0,
                _ => 3,
            },
            ExpressionKind::Construct { .. } => 1,
            _ => 0,
        }
    }

    fn least_vague<'e>(&'e self, ids: &[ExprId], bound: &mut Vec<&'e str>) -> u8 {
        ids.iter().map(|id| self.vagueness_under(*id, bound)).min().unwrap_or(4)
    }
}

pub(super) fn is_arithmetic(operator: BinaryOperator) -> bool {
    use BinaryOperator::{Add, Divide, Multiply, Remainder, Subtract};
    matches!(operator, Add | Subtract | Multiply | Divide | Remainder)
}
