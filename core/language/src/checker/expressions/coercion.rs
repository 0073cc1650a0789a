//! The only implicit conversions: between 64-bit and mathematical integers in contracts.

use anrf_format::semantic::ExprKind;
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
        let fitted = self.coerce(found, wanted);
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
            ExprKind::Widen(inner) => Typed { id: inner, type_id: TypeId::INTEGER },
            _ => {
                let span = self.span_of(found);
                self.push(ExprKind::Narrow { value: found.id, saturate }, TypeId::INTEGER, span)
            }
        }
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
