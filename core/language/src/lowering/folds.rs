//! Quantifiers, comprehensions, aggregates and sorting: a region over a domain each.

use anrf_format::execution::{Domain as CodeDomain, Fold, ObligationId, ObligationKind, Op};
use anrf_format::semantic::{Aggregate, Binder, Domain, ExprId, ExprKind};
use anrf_format::types::{Type, TypeId};

use super::Lowering;
use super::builder::OpenRegion;
use super::error::{LowerError, Result};
use super::expressions::{Open, Task};

/// A region that has been begun, what it ranges over, and how many values it yields.
#[derive(Debug)]
pub(super) struct OpenFold {
    region: OpenRegion,
    domain: CodeDomain,
    yields: usize,
    mark: usize,
}

impl Lowering<'_, '_> {
    /// Lowers the domain of the binder of this level, then its region.
    pub(super) fn visit_fold(&mut self, id: ExprId, level: usize, open: &mut Open) -> Result<()> {
        match self.binder(id, level)?.domain {
            Domain::Range(low, high) => {
                open.then([Task::Visit(low), Task::Visit(high), Task::BeginFold(id, level)]);
            }
            Domain::Array(array) => open.then([Task::Visit(array), Task::BeginFold(id, level)]),
        }
        Ok(())
    }

    fn binder(&self, id: ExprId, level: usize) -> Result<Binder> {
        let binders: &[Binder] = match &self.node(id)?.kind {
            ExprKind::Quantifier(_, binders, _) => binders,
            ExprKind::ArrayComprehension(binders, ..)
            | ExprKind::SetComprehension(binders, ..)
            | ExprKind::MapComprehension(binders, ..)
            | ExprKind::Aggregate(_, binders, ..) => {
                if binders.len() > 1 {
                    return Err(LowerError::IllTyped("a comprehension over several names"));
                }
                binders
            }
            ExprKind::SortBy(binder, _) => std::slice::from_ref(binder),
            _ => &[],
        };
        binders.get(level).cloned().ok_or(LowerError::IllTyped("a binder"))
    }

    /// The domain's values lie on the stack.
    pub(super) fn begin_fold(&mut self, id: ExprId, level: usize, open: &mut Open) -> Result<()> {
        self.at(id);
        let binder = self.binder(id, level)?;
        let mut domain = match binder.domain {
            Domain::Range(..) => {
                let (high, low) = (open.pop()?, open.pop()?);
                CodeDomain::Range(low, high)
            }
            Domain::Array(_) => CodeDomain::Array(open.pop()?),
        };
        let expr = self.scope.exprs.nodes.get(id.0 as usize).ok_or(LowerError::IllTyped("an expression"))?;
        if matches!(expr.kind, ExprKind::SortBy(..)) {
            domain = self.array_of(domain, expr.type_id)?;
        }
        let mark = self.scope.mark();
        let mut parameters = vec![self.scope.type_of(binder.element)?];
        if matches!(domain, CodeDomain::Array(_)) {
            parameters.extend(binder.index.map(|index| self.scope.type_of(index)).transpose()?);
        }
        let (region, values) = self.code.begin_region(&parameters)?;
        let mut values = values.into_iter();
        self.scope.bind(binder.element, values.next().ok_or(LowerError::IllTyped("a binder"))?)?;
        if let Some(index) = binder.index {
            // Over a range the element is its own index.
            let value = values.next().map_or_else(|| self.scope.get(binder.element), Ok)?;
            self.scope.bind(index, value)?;
        }
        let fold = |yields| Task::EndFold(id, OpenFold { region, domain, yields, mark });
        match &expr.kind {
            ExprKind::Quantifier(_, binders, body) => {
                open.then([fold(1)]);
                if level + 1 < binders.len() {
                    return self.visit_fold(id, level + 1, open);
                }
                open.then([Task::Visit(*body)]);
            }
            ExprKind::ArrayComprehension(_, filter, value)
            | ExprKind::SetComprehension(_, filter, value)
            | ExprKind::Aggregate(_, _, filter, value) => {
                open.then([Task::Visit(*value), fold(1)]);
                self.filter(*filter, open)?;
            }
            ExprKind::MapComprehension(_, filter, key, value) => {
                open.then([Task::Visit(*key), Task::Visit(*value), fold(2)]);
                self.filter(*filter, open)?;
            }
            ExprKind::SortBy(_, keys) => {
                open.then(keys.iter().map(|(key, _)| Task::Visit(*key)).chain([fold(keys.len())]));
            }
            _ => return Err(LowerError::IllTyped("a fold")),
        }
        Ok(())
    }

    fn filter(&mut self, filter: Option<ExprId>, open: &mut Open) -> Result<()> {
        let Some(filter) = filter else { return Ok(()) };
        let (keep, skip) = (self.code.block()?, self.code.block()?);
        open.then([Task::Condition(filter, keep, skip), Task::Skip(skip), Task::Enter(keep)]);
        Ok(())
    }

    /// What the region yields lies on the stack.
    pub(super) fn end_fold(&mut self, id: ExprId, fold: &OpenFold, open: &mut Open) -> Result<()> {
        self.at(id);
        let yields = open.pop_many(fold.yields)?;
        let yielded = yields.first().copied();
        let region = self.code.end_region(&fold.region, yields)?;
        self.scope.rollback(fold.mark);
        let exprs = self.scope.exprs;
        let expr = exprs.nodes.get(id.0 as usize).ok_or(LowerError::IllTyped("an expression"))?;
        let kind = match &expr.kind {
            ExprKind::Quantifier(quantifier, ..) => Fold::Quantifier(*quantifier),
            ExprKind::ArrayComprehension(..) => Fold::Array,
            ExprKind::SetComprehension(..) => Fold::Set,
            ExprKind::MapComprehension(..) => Fold::Map,
            ExprKind::Aggregate(aggregate, ..) => {
                let operand = yielded.map(|value| self.code.type_of(value)).transpose()?;
                let obligation = match aggregate {
                    Aggregate::Sum if operand == Some(TypeId::INTEGER) => {
                        self.code.obligation(ObligationKind::NoOverflow)?
                    }
                    Aggregate::Min | Aggregate::Max => self.code.obligation(ObligationKind::ValidArgument)?,
                    _ => ObligationId::NONE,
                };
                Fold::Aggregate(*aggregate, obligation)
            }
            ExprKind::SortBy(_, keys) => {
                let count = u8::try_from(keys.len()).ok().filter(|count| (1..=64).contains(count));
                let count = count.ok_or(LowerError::Unsupported("sorting by more than 64 keys"))?;
                let bits = (0..count).zip(keys).filter(|(_, (_, descending))| *descending);
                Fold::Sort { keys: count, descending: bits.fold(0, |bits, (key, _)| bits | 1 << key) }
            }
            _ => return Err(LowerError::IllTyped("a fold")),
        };
        let value = self.code.define(Op::Fold(kind, fold.domain, region), expr.type_id)?;
        open.values.push(value);
        Ok(())
    }

    /// A domain as an array, which sorting puts in order.
    fn array_of(&mut self, domain: CodeDomain, array: TypeId) -> Result<CodeDomain> {
        let CodeDomain::Range(..) = domain else { return Ok(domain) };
        let Some(Type::Array(element)) = self.facts.types.types.get(array.0 as usize) else {
            return Err(LowerError::IllTyped("a sorted range"));
        };
        let (region, values) = self.code.begin_region(&[*element])?;
        let region = self.code.end_region(&region, values)?;
        Ok(CodeDomain::Array(self.code.define(Op::Fold(Fold::Array, domain, region), array)?))
    }
}
