//! Expressions: types flow down as hints and up as results; every coercion becomes a node.
//!
//! A function here answers `None` for an expression that has an error. The error has been reported where
//! it is, and whoever meets the `None` says nothing more.

mod access;
mod arguments;
mod builtins;
mod calls;
mod coercion;
mod collections;
mod comparison;
mod comprehension;
mod construct;
mod exits;
mod literals;
mod matching;
mod mismatch;
mod names;
mod operators;
mod together;
mod update;

use anrf_format::types::TypeId;

use super::body::{Body, Typed};
use crate::syntax::expression::{ExprId, Expression, ExpressionKind};

impl<'a> Body<'_, 'a> {
    /// The expression as a value of exactly this type.
    pub(in crate::checker) fn expect(&mut self, id: ExprId, wanted: TypeId) -> Option<Typed> {
        let found = self.infer(id, Some(wanted))?;
        self.fit(found, id, wanted)
    }

    /// The expression with the type it has; the hint is what its place would like.
    pub(in crate::checker) fn infer(&mut self, id: ExprId, hint: Option<TypeId>) -> Option<Typed> {
        let syntax = self.syntax;
        let Expression { kind, span } = &syntax[id];
        match kind {
            ExpressionKind::Error => None,
            ExpressionKind::Integer(digits) => self.integer(digits, false, hint, *span),
            ExpressionKind::Decimal(text) => self.decimal(text, false, hint, *span),
            ExpressionKind::String(text) => self.string(text, hint, *span),
            ExpressionKind::Bytes(bytes) => self.bytes(bytes, *span),
            ExpressionKind::Timestamp(text) => self.timestamp(text, *span),
            ExpressionKind::Boolean(value) => self.boolean(*value, *span),
            ExpressionKind::None => self.none(hint, *span),
            ExpressionKind::Some(inner) => self.some(*inner, hint, *span),
            ExpressionKind::Name(name) => self.name(name, hint, *span),
            ExpressionKind::Array(items) => self.array(items, hint, *span),
            ExpressionKind::Set(items) => self.set(items, hint, *span),
            ExpressionKind::Map(entries) => self.map(entries, hint, *span),
            ExpressionKind::Construct { name, fields } => self.construct(name, fields, hint, *span),
            ExpressionKind::Field(base, field) => self.field(*base, field, *span),
            ExpressionKind::Index(base, index) => self.index(*base, *index, *span),
            ExpressionKind::Slice(base, from, to) => self.slice(*base, *from, *to, *span),
            ExpressionKind::Call { callee, arguments } => self.call(callee, arguments, hint, *span),
            ExpressionKind::Unary(operator, operand) => self.unary(*operator, *operand, hint, *span),
            ExpressionKind::Binary(operator, left, right) => {
                self.binary(*operator, *left, *right, hint, *span)
            }
            ExpressionKind::Chain(first, rest) => self.chain(*first, rest, *span),
            ExpressionKind::With(base, updates) => self.with(*base, updates, hint, *span),
            ExpressionKind::Without(base, member) => self.without(*base, *member, hint, *span),
            ExpressionKind::If(condition, then, otherwise) => {
                self.conditional(*condition, *then, *otherwise, hint, *span)
            }
            ExpressionKind::Let(name, value, body) => self.let_in(name, *value, *body, hint, *span),
            ExpressionKind::Match(scrutinee, arms) => self.match_on(*scrutinee, arms, hint, *span),
            ExpressionKind::Range(..) => self.misplaced_range(*span),
            ExpressionKind::Quantifier(quantifier, binders, body) => {
                self.quantifier(*quantifier, binders, *body, *span)
            }
            ExpressionKind::Comprehension(head, binders, filter) => {
                self.comprehension(head, binders, *filter, hint, *span)
            }
            ExpressionKind::Aggregate(aggregate, element, binders, filter) => {
                self.aggregate(*aggregate, *element, binders, *filter, hint, *span)
            }
            ExpressionKind::SortBy(binder, keys) => self.sort_by(binder, keys, *span),
        }
    }
}
