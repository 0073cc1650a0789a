//! Walking over expressions: the children and the places of a node.

use anrf_format::diagnostic::Span;

use super::expression::{
    Binder, ComprehensionHead, ExprId, Expression, ExpressionKind, Expressions, Pattern, Update,
};

impl ExpressionKind {
    /// Calls `visit` with each child, in the order of the text.
    pub fn for_each_child(&self, mut visit: impl FnMut(ExprId)) {
        use ExpressionKind as E;
        let binders = |binders: &[Binder], visit: &mut dyn FnMut(ExprId)| {
            binders.iter().for_each(|binder| visit(binder.domain));
        };
        match self {
            E::Error | E::Integer(_) | E::Decimal(_) | E::String(_) | E::Bytes(_) | E::Timestamp(_) => {}
            E::Boolean(_) | E::None | E::Name(_) => {}
            E::Some(a) | E::Field(a, _) | E::Unary(_, a) => visit(*a),
            E::Array(items) | E::Set(items) => items.iter().copied().for_each(visit),
            E::Map(entries) => entries.iter().for_each(|(key, value)| {
                visit(*key);
                visit(*value);
            }),
            E::Construct { fields, .. } => fields.iter().for_each(|(_, value)| visit(*value)),
            E::Index(a, b) | E::Binary(_, a, b) | E::Without(a, b) | E::Let(_, a, b) | E::Range(a, b) => {
                visit(*a);
                visit(*b);
            }
            E::Slice(a, b, c) | E::If(a, b, c) => [a, b, c].into_iter().copied().for_each(visit),
            E::Call { arguments, .. } => arguments.iter().for_each(|argument| visit(argument.value)),
            E::Chain(first, rest) => {
                visit(*first);
                rest.iter().for_each(|(_, operand)| visit(*operand));
            }
            E::With(base, updates) => {
                visit(*base);
                for update in updates {
                    match update {
                        Update::Field(_, value) | Update::Element(value) => visit(*value),
                        Update::Index(index, value) => {
                            visit(*index);
                            visit(*value);
                        }
                    }
                }
            }
            E::Match(scrutinee, arms) => {
                visit(*scrutinee);
                arms.iter().for_each(|arm| visit(arm.body));
            }
            E::Quantifier(_, over, body) => {
                binders(over, &mut visit);
                visit(*body);
            }
            E::Comprehension(head, over, filter) => {
                match head {
                    ComprehensionHead::Array(element) | ComprehensionHead::Set(element) => visit(*element),
                    ComprehensionHead::Map(key, value) => {
                        visit(*key);
                        visit(*value);
                    }
                }
                binders(over, &mut visit);
                filter.iter().copied().for_each(visit);
            }
            E::Aggregate(_, element, over, filter) => {
                visit(*element);
                binders(over, &mut visit);
                filter.iter().copied().for_each(visit);
            }
            E::SortBy(binder, keys) => {
                visit(binder.domain);
                keys.iter().for_each(|key| visit(key.key));
            }
        }
    }
}

impl Expression {
    /// Calls `visit` with every span of the node: its own and those of the names in it.
    pub(crate) fn for_each_span(&mut self, mut visit: impl FnMut(&mut Span)) {
        use ExpressionKind as E;
        visit(&mut self.span);
        let binder = |binder: &mut Binder, visit: &mut dyn FnMut(&mut Span)| {
            visit(&mut binder.name.span);
            binder.index.iter_mut().for_each(|name| visit(&mut name.span));
        };
        match &mut self.kind {
            E::Construct { name, fields } => {
                visit(&mut name.span);
                fields.iter_mut().for_each(|(name, _)| visit(&mut name.span));
            }
            E::Field(_, name) | E::Let(name, _, _) => visit(&mut name.span),
            E::Call { callee, arguments } => {
                visit(&mut callee.span);
                arguments.iter_mut().filter_map(|it| it.name.as_mut()).for_each(|name| visit(&mut name.span));
            }
            E::With(_, updates) => {
                for update in updates {
                    if let Update::Field(name, _) = update {
                        visit(&mut name.span);
                    }
                }
            }
            E::Match(_, arms) => {
                for arm in arms {
                    visit(&mut arm.span);
                    match &mut arm.pattern {
                        Pattern::None(span) => visit(span),
                        Pattern::Some(name) => visit(&mut name.span),
                        Pattern::Case(name, fields) => {
                            visit(&mut name.span);
                            for (field, bound) in fields {
                                visit(&mut field.span);
                                visit(&mut bound.span);
                            }
                        }
                    }
                }
            }
            E::Quantifier(_, over, _) | E::Comprehension(_, over, _) | E::Aggregate(_, _, over, _) => {
                over.iter_mut().for_each(|it| binder(it, &mut visit));
            }
            E::SortBy(over, _) => binder(over, &mut visit),
            _ => {}
        }
    }
}

impl Expressions {
    /// The node and everything below it, in no particular order. Iterates, so any height will do.
    pub fn for_each_below(&self, root: ExprId, mut visit: impl FnMut(ExprId, &Expression)) {
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            let Some(node) = self.nodes.get(id.0 as usize) else { continue };
            visit(id, node);
            node.kind.for_each_child(|child| open.push(child));
        }
    }
}
