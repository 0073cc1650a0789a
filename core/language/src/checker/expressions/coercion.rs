//! The only implicit conversions: between 64-bit and mathematical integers in contracts.

use anrf_format::builtin::Builtin;
use anrf_format::semantic::{ExprId as TypedId, ExprKind};
use anrf_format::types::{Type, TypeId};
use anrf_format::value::Value;

use crate::checker::body::{Body, Typed};
use crate::checker::context::Context;
use crate::syntax::expression::ExprId;

/// The type that both can be read as: equal, or one has `unbounded` where the other has `integer`.
pub(super) fn join(cx: &mut Context<'_>, one: TypeId, other: TypeId) -> Option<TypeId> {
    if one == other {
        return Some(one);
    }
    let joined = match (cx.types.get(one).clone(), cx.types.get(other).clone()) {
        (Type::Integer, Type::Unbounded) | (Type::Unbounded, Type::Integer) => {
            return Some(TypeId::UNBOUNDED);
        }
        (Type::Optional(a), Type::Optional(b)) => Type::Optional(join(cx, a, b)?),
        (Type::Array(a), Type::Array(b)) => Type::Array(join(cx, a, b)?),
        (Type::Set(a), Type::Set(b)) => Type::Set(join(cx, a, b)?),
        (Type::Map(k, a), Type::Map(l, b)) if k == l => Type::Map(k, join(cx, a, b)?),
        _ => return None,
    };
    Some(cx.intern(joined))
}

impl Body<'_, '_> {
    /// The value as one of another type; `None` if that needs more than widening or narrowing.
    pub(in crate::checker) fn coerce(&mut self, found: Typed, wanted: TypeId) -> Option<Typed> {
        if found.type_id == wanted {
            return Some(found);
        }
        if found.type_id == TypeId::UNBOUNDED && wanted == TypeId::INTEGER {
            return Some(self.narrow(found, false));
        }
        if join(self.cx, found.type_id, wanted) == Some(wanted) {
            return Some(self.widen(found, wanted));
        }
        None
    }

    /// As [`Self::coerce`], and reports where it cannot be done.
    pub(in crate::checker) fn fit(&mut self, found: Typed, id: ExprId, wanted: TypeId) -> Option<Typed> {
        let fitted = self.coerce(found, wanted).or_else(|| self.narrow_inside(found, wanted));
        if fitted.is_none() {
            self.mismatch(found, id, wanted);
        }
        fitted
    }

    fn widen(&mut self, found: Typed, wanted: TypeId) -> Typed {
        let node = &mut self.exprs[found.id.0 as usize];
        if let (ExprKind::Literal(Value::Integer(_)), TypeId::UNBOUNDED) = (&node.kind, wanted) {
            node.type_id = wanted;
            return Typed { id: found.id, type_id: wanted };
        }
        let (span, known) = (self.span_of(found), self.known(found));
        let widened = self.push(ExprKind::Widen(found.id), wanted, span);
        self.known[widened.id.0 as usize] = known;
        widened
    }

    /// `integer` of a mathematical integer; `saturate` for positions, which are then out of bounds.
    pub(super) fn narrow(&mut self, found: Typed, saturate: bool) -> Typed {
        if found.type_id != TypeId::UNBOUNDED {
            return found;
        }
        let node = &mut self.exprs[found.id.0 as usize];
        match node.kind {
            ExprKind::Literal(Value::Integer(_)) => {
                node.type_id = TypeId::INTEGER;
                Typed { id: found.id, type_id: TypeId::INTEGER }
            }
            ExprKind::Widen(inner) => {
                self.abandon(found);
                Typed { id: inner, type_id: TypeId::INTEGER }
            }
            _ => {
                let span = self.span_of(found);
                self.push(ExprKind::Narrow { value: found.id, saturate }, TypeId::INTEGER, span)
            }
        }
    }

    /// The value with mathematical integers inside as one with 64-bit integers, as a place wants that is not
    /// contract code: the argument of a function, the field of a record.
    fn narrow_inside(&mut self, found: Typed, wanted: TypeId) -> Option<Typed> {
        let joined = join(self.cx, found.type_id, wanted)?;
        if joined == wanted {
            return self.coerce(found, wanted);
        }
        if found.type_id == TypeId::UNBOUNDED {
            return Some(self.narrow(found, false));
        }
        match self.narrow_literal(found, wanted) {
            Some(narrowed) => Some(narrowed),
            None => self.narrow_each(found, wanted),
        }
    }

    /// What is written out is narrowed where it stands.
    fn narrow_literal(&mut self, found: Typed, wanted: TypeId) -> Option<Typed> {
        let part = |body: &mut Self, id: TypedId, wanted: TypeId| {
            let type_id = body.exprs.get(id.0 as usize)?.type_id;
            Some(body.narrow_inside(Typed { id, type_id }, wanted)?.id)
        };
        let kind = match (self.kind(found).clone(), self.cx.types.get(wanted).clone()) {
            (ExprKind::Array(items), Type::Array(inner)) => {
                ExprKind::Array(items.into_iter().map(|item| part(self, item, inner)).collect::<Option<_>>()?)
            }
            (ExprKind::Set(items), Type::Set(inner)) => {
                ExprKind::Set(items.into_iter().map(|item| part(self, item, inner)).collect::<Option<_>>()?)
            }
            (ExprKind::Map(entries), Type::Map(_, inner)) => ExprKind::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| Some((key, part(self, value, inner)?)))
                    .collect::<Option<_>>()?,
            ),
            (ExprKind::Some(value), Type::Optional(inner)) => ExprKind::Some(part(self, value, inner)?),
            (ExprKind::None, Type::Optional(_)) => ExprKind::None,
            _ => return None,
        };
        // What is narrowed may be younger than the literal was.
        let span = self.span_of(found);
        self.abandon(found);
        Some(self.push(kind, wanted, span))
    }

    /// Leaves a node without parts: they have found another parent, and every node has one at most.
    fn abandon(&mut self, node: Typed) {
        let node = &mut self.exprs[node.id.0 as usize];
        (node.kind, node.type_id) = (ExprKind::Literal(Value::Boolean(false)), TypeId::BOOLEAN);
    }

    /// Any other value is made anew of its parts.
    fn narrow_each(&mut self, found: Typed, wanted: TypeId) -> Option<Typed> {
        let span = self.span_of(found);
        let (from, to) = (self.cx.types.get(found.type_id).clone(), self.cx.types.get(wanted).clone());
        let kind = match (from, to) {
            (Type::Array(a), Type::Array(b)) => {
                let (binder, read) = self.over(found, a, span);
                ExprKind::ArrayComprehension(vec![binder], None, self.narrow_inside(read, b)?.id)
            }
            (Type::Set(a), Type::Set(b)) => {
                let items = self.cx.intern(Type::Array(a));
                let items = self.push(ExprKind::Builtin(Builtin::Items, vec![found.id]), items, span);
                let (binder, read) = self.over(items, a, span);
                ExprKind::SetComprehension(vec![binder], None, self.narrow_inside(read, b)?.id)
            }
            (Type::Map(key, a), Type::Map(_, b)) => {
                let entry = self.cx.entry(key, a);
                let entries = self.cx.intern(Type::Array(entry));
                let entries = self.push(ExprKind::Builtin(Builtin::Entries, vec![found.id]), entries, span);
                let (binder, read) = self.over(entries, entry, span);
                let name = self.push(ExprKind::Field(read.id, 0), key, span);
                let again = self.push(ExprKind::Local(binder.element), entry, span);
                let value = self.push(ExprKind::Field(again.id, 1), a, span);
                let value = self.narrow_inside(value, b)?;
                ExprKind::MapComprehension(vec![binder], None, name.id, value.id)
            }
            (Type::Optional(a), Type::Optional(b)) => {
                let local = self.made_local(a, span);
                let read = self.push(ExprKind::Local(local), a, span);
                let inner = self.narrow_inside(read, b)?;
                let some = self.push(ExprKind::Some(inner.id), wanted, span);
                let none = self.push(ExprKind::None, wanted, span);
                ExprKind::MatchOptional(found.id, local, some.id, none.id)
            }
            _ => return None,
        };
        Some(self.push(kind, wanted, span))
    }

    /// In contracts, the mathematical integer of an `integer`.
    pub(super) fn mathematical(&mut self, found: Typed) -> Typed {
        if self.contract && found.type_id == TypeId::INTEGER {
            self.widen(found, TypeId::UNBOUNDED)
        } else {
            found
        }
    }

    /// A position: an index or a bound of a slice.
    pub(super) fn position(&mut self, id: ExprId) -> Option<Typed> {
        let found = self.infer(id, Some(TypeId::INTEGER))?;
        if found.type_id == TypeId::UNBOUNDED {
            return Some(self.narrow(found, true));
        }
        self.fit(found, id, TypeId::INTEGER)
    }
}
