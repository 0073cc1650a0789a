//! Walking over what an expression refers to.

use super::{Binder, Domain, ExprId, ExprKind, LocalId};

impl ExprKind {
    /// Calls `visit` for every direct child, in order of evaluation.
    pub fn for_each_child(&self, visit: &mut dyn FnMut(ExprId)) {
        use ExprKind as E;
        match self {
            E::Literal(_)
            | E::BigInteger(_)
            | E::Local(_)
            | E::State(_)
            | E::Result(_)
            | E::ResultRecord
            | E::Success
            | E::Failed(_)
            | E::Calls(_)
            | E::None => {}
            E::Old(a)
            | E::Unary(_, a)
            | E::Widen(a)
            | E::Narrow { value: a, .. }
            | E::Field(a, _)
            | E::Some(a) => {
                visit(*a);
            }
            E::Binary(_, a, b)
            | E::Index(a, b)
            | E::Lookup(a, b)
            | E::WithMember(a, b)
            | E::Without(a, b)
            | E::Let(_, a, b) => {
                visit(*a);
                visit(*b);
            }
            E::Slice(a, b, c) | E::If(a, b, c) | E::MatchOptional(a, _, b, c) => {
                visit(*a);
                visit(*b);
                visit(*c);
            }
            E::Record(parts)
            | E::Variant(_, parts)
            | E::Array(parts)
            | E::Set(parts)
            | E::Call(_, parts)
            | E::Builtin(_, parts) => parts.iter().for_each(|part| visit(*part)),
            E::Map(entries) => entries.iter().for_each(|(key, value)| {
                visit(*key);
                visit(*value);
            }),
            E::WithFields(base, updates) => {
                visit(*base);
                updates.iter().for_each(|(_, value)| visit(*value));
            }
            E::WithElements(base, updates) | E::WithEntries(base, updates) => {
                visit(*base);
                updates.iter().for_each(|(place, value)| {
                    visit(*place);
                    visit(*value);
                });
            }
            E::MatchVariant(scrutinee, arms) => {
                visit(*scrutinee);
                arms.iter().for_each(|arm| visit(arm.body));
            }
            E::MatchEnum(scrutinee, bodies) => {
                visit(*scrutinee);
                bodies.iter().for_each(|body| visit(*body));
            }
            E::Quantifier(_, binders, body) => {
                visit_domains(binders, visit);
                visit(*body);
            }
            E::ArrayComprehension(binders, filter, value)
            | E::SetComprehension(binders, filter, value)
            | E::Aggregate(_, binders, filter, value) => {
                visit_domains(binders, visit);
                filter.iter().for_each(|filter| visit(*filter));
                visit(*value);
            }
            E::MapComprehension(binders, filter, key, value) => {
                visit_domains(binders, visit);
                filter.iter().for_each(|filter| visit(*filter));
                visit(*key);
                visit(*value);
            }
            E::SortBy(binder, keys) => {
                visit_domains(std::slice::from_ref(binder), visit);
                keys.iter().for_each(|(key, _)| visit(*key));
            }
        }
    }

    /// Calls `visit` for every local that the node itself reads or binds.
    pub fn for_each_local(&self, visit: &mut dyn FnMut(LocalId)) {
        use ExprKind as E;
        match self {
            E::Local(local) | E::Let(local, ..) | E::MatchOptional(_, local, ..) => visit(*local),
            E::MatchVariant(_, arms) => {
                arms.iter().flat_map(|arm| &arm.bindings).for_each(|(_, local)| visit(*local));
            }
            E::Quantifier(_, binders, _)
            | E::ArrayComprehension(binders, ..)
            | E::SetComprehension(binders, ..)
            | E::MapComprehension(binders, ..)
            | E::Aggregate(_, binders, ..) => visit_binders(binders, visit),
            E::SortBy(binder, _) => visit_binders(std::slice::from_ref(binder), visit),
            _ => {}
        }
    }
}

fn visit_domains(binders: &[Binder], visit: &mut dyn FnMut(ExprId)) {
    for binder in binders {
        match binder.domain {
            Domain::Range(low, high) => {
                visit(low);
                visit(high);
            }
            Domain::Array(array) => visit(array),
        }
    }
}

fn visit_binders(binders: &[Binder], visit: &mut dyn FnMut(LocalId)) {
    for binder in binders {
        visit(binder.element);
        binder.index.into_iter().for_each(&mut *visit);
    }
}
