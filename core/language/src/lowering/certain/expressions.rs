//! Types and scopes of expressions.

use anrf_format::builtin::Builtin;
use anrf_format::execution::validate::{
    fits_builtin, is_large_integer, is_totally_ordered, is_value, widens,
};
use anrf_format::semantic::{
    Aggregate, BinaryOperator, Binder, Domain, ExprId, ExprKind, LocalId, UnaryOperator,
};
use anrf_format::types::{Type, TypeId};

use super::{Certain, MAX_REGION_DEPTH, NODE, Scope, Sure, Visible, require, same};
use crate::lowering::constants::any_value;

/// One thing to do; the last of the list is next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Task {
    /// Look at the expression, so many regions deep.
    Visit(ExprId, u32),
    /// The name is known.
    Bind(LocalId),
    /// No longer.
    Unbind(LocalId),
}

use Task::{Bind, Unbind, Visit};

impl<'m> Certain<'m> {
    /// The type of an expression, in ghost code or not.
    pub(super) fn expr(&mut self, scope: Scope<'m>, root: ExprId, ghost: bool) -> Sure<TypeId> {
        self.tasks.clear();
        self.tasks.push(Visit(root, 1));
        while let Some(task) = self.tasks.pop() {
            match task {
                Visit(id, depth) => self.visit(scope, id, depth, ghost)?,
                Bind(local) => self.bind(local, Visible::Yes)?,
                Unbind(local) => self.unbind(local),
            }
        }
        type_of(scope, root)
    }

    /// Tasks in the order in which they are to be done.
    fn then(&mut self, tasks: impl IntoIterator<Item = Task>) {
        let start = self.tasks.len();
        self.tasks.extend(tasks);
        self.tasks[start..].reverse();
        self.units += NODE * (self.tasks.len() - start);
    }

    fn visit(&mut self, scope: Scope<'m>, id: ExprId, depth: u32, ghost: bool) -> Sure {
        use ExprKind as E;
        const BOOLEAN: TypeId = TypeId::BOOLEAN;
        const INTEGER: TypeId = TypeId::INTEGER;
        let expr = scope.exprs.nodes.get(id.0 as usize)?;
        let result = expr.type_id;
        let of = |id: ExprId| type_of(scope, id);
        self.units += NODE;
        let fits = match &expr.kind {
            E::Literal(value) => is_value(self.types, result, value),
            E::BigInteger(digits) => result == TypeId::UNBOUNDED && is_large_integer(digits),
            E::Local(local) => {
                let known = match *self.visible.get(local.0 as usize)? {
                    Visible::No => false,
                    Visible::Yes => true,
                    Visible::Ghost => ghost,
                };
                known && scope.type_of(*local)? == result
            }
            E::State(variable) => self.semantic.state.get(*variable as usize)?.type_id == result,
            E::Result(index) => {
                let exits = scope.exits?;
                exits.success.get(*index as usize)?.type_id == result
                    && (!exits.failures || any_value(self.types, result).is_some())
            }
            E::ResultRecord => {
                let exits = scope.exits?;
                self.units += NODE * exits.success.len();
                exits.record == result
                    && same(self.fields(result)?, exits.success.iter().map(|field| field.type_id))
                    && (!exits.failures || any_value(self.types, result).is_some())
            }
            E::Success | E::Failed(_) => scope.exits.is_some() && result == BOOLEAN,
            E::Calls(_) => ghost && !scope.at_entry && result == TypeId::UNBOUNDED,
            E::Old(a) => !scope.at_entry && of(*a)? == result,
            E::Unary(UnaryOperator::Not, a) => of(*a)? == BOOLEAN && result == BOOLEAN,
            E::Unary(UnaryOperator::Negate, a) => of(*a)? == result && is_number(self.get(result)?),
            E::Binary(operator, a, b) => self.binary(*operator, of(*a)?, of(*b)?, result)?,
            E::Widen(a) => {
                let a = of(*a)?;
                a == result || widens(self.types, a, result)
            }
            E::Narrow { value, .. } => of(*value)? == TypeId::UNBOUNDED && result == INTEGER,
            E::Field(a, field) => self.fields(of(*a)?)?.get(*field as usize)?.type_id == result,
            E::Index(a, index) => {
                of(*index)? == INTEGER
                    && match self.get(of(*a)?)? {
                        Type::Array(element) => *element == result,
                        Type::String => result == TypeId::STRING,
                        Type::Bytes => result == INTEGER || result == TypeId::BYTES,
                        _ => false,
                    }
            }
            E::Lookup(a, key) => {
                matches!(self.get(of(*a)?)?, Type::Map(known, element)
                    if of(*key)? == *known && *element == result)
            }
            E::Slice(a, from, to) => self.slice(of(*a)?, of(*from)?, of(*to)?, result)?,
            E::Record(parts) => self.all(scope, parts, self.fields(result)?)?,
            E::Variant(case, parts) => {
                let Type::Variant(index) = self.get(result)? else { return None };
                let case = self.types.variants.get(*index as usize)?.cases.get(*case as usize)?;
                self.all(scope, parts, &case.fields)?
            }
            E::Array(parts) => {
                let Type::Array(element) = self.get(result)? else { return None };
                parts.iter().all(|part| of(*part) == Some(*element))
            }
            E::Set(parts) => {
                let Type::Set(element) = self.get(result)? else { return None };
                parts.iter().all(|part| of(*part) == Some(*element))
            }
            E::Map(entries) => {
                let Type::Map(key, element) = self.get(result)? else { return None };
                entries.iter().all(|(k, v)| of(*k) == Some(*key) && of(*v) == Some(*element))
            }
            E::Some(a) => self.get(result)? == &Type::Optional(of(*a)?),
            E::None => matches!(self.get(result)?, Type::Optional(_)),
            E::WithFields(base, updates) => {
                let fields = self.fields(result)?;
                let known = |field: u32| Some(fields.get(field as usize)?.type_id);
                of(*base)? == result
                    && updates
                        .iter()
                        .all(|(field, value)| of(*value).is_some_and(|id| known(*field) == Some(id)))
            }
            E::WithElements(base, updates) => {
                let Type::Array(element) = self.get(result)? else { return None };
                let fits = |(index, value): &(ExprId, ExprId)| {
                    of(*index) == Some(INTEGER) && of(*value) == Some(*element)
                };
                of(*base)? == result && updates.iter().all(fits)
            }
            E::WithEntries(base, updates) => {
                let Type::Map(key, element) = self.get(result)? else { return None };
                let fits = |(k, v): &(ExprId, ExprId)| of(*k) == Some(*key) && of(*v) == Some(*element);
                of(*base)? == result && updates.iter().all(fits)
            }
            E::WithMember(base, member) => {
                of(*base)? == result && self.get(result)? == &Type::Set(of(*member)?)
            }
            E::Without(base, key) => {
                let (Type::Set(known) | Type::Map(known, _)) = self.get(result)? else { return None };
                of(*base)? == result && of(*key)? == *known
            }
            E::If(condition, a, b) => of(*condition)? == BOOLEAN && of(*a)? == result && of(*b)? == result,
            E::Let(local, value, body) => {
                require(scope.type_of(*local)? == of(*value)? && of(*body)? == result)?;
                self.then([Visit(*value, depth), Bind(*local), Visit(*body, depth), Unbind(*local)]);
                return Some(());
            }
            E::MatchOptional(scrutinee, local, some, none) => {
                let inner = self.get(of(*scrutinee)?)?;
                require(inner == &Type::Optional(scope.type_of(*local)?))?;
                require(of(*some)? == result && of(*none)? == result)?;
                self.then([
                    Visit(*scrutinee, depth),
                    Bind(*local),
                    Visit(*some, depth),
                    Unbind(*local),
                    Visit(*none, depth),
                ]);
                return Some(());
            }
            E::MatchVariant(scrutinee, arms) => {
                let Type::Variant(index) = self.get(of(*scrutinee)?)? else { return None };
                let cases = &self.types.variants.get(*index as usize)?.cases;
                require(cases.len() == arms.len() && !arms.is_empty())?;
                self.then([Visit(*scrutinee, depth)]);
                for (arm, case) in arms.iter().zip(cases) {
                    require(of(arm.body)? == result)?;
                    for (field, local) in &arm.bindings {
                        require(case.fields.get(*field as usize)?.type_id == scope.type_of(*local)?)?;
                    }
                    let names = || arm.bindings.iter().map(|(_, local)| *local);
                    self.then(names().map(Bind).chain([Visit(arm.body, depth)]).chain(names().map(Unbind)));
                }
                return Some(());
            }
            E::MatchEnum(scrutinee, bodies) => {
                let symbols = self.types.symbols(of(*scrutinee)?)?.len();
                symbols == bodies.len() && symbols > 0 && bodies.iter().all(|body| of(*body) == Some(result))
            }
            E::Quantifier(_, binders, body) => {
                require(of(*body)? == BOOLEAN && result == BOOLEAN && !binders.is_empty())?;
                return self.fold(scope, binders, &[*body], depth);
            }
            E::ArrayComprehension(binders, filter, value) => {
                require(self.get(result)? == &Type::Array(of(*value)?))?;
                return self.filtered(scope, binders, *filter, &[*value], depth);
            }
            E::SetComprehension(binders, filter, value) => {
                require(self.get(result)? == &Type::Set(of(*value)?))?;
                return self.filtered(scope, binders, *filter, &[*value], depth);
            }
            E::MapComprehension(binders, filter, key, value) => {
                require(self.get(result)? == &Type::Map(of(*key)?, of(*value)?))?;
                return self.filtered(scope, binders, *filter, &[*key, *value], depth);
            }
            E::Aggregate(aggregate, binders, filter, value) => {
                let of_value = of(*value)?;
                require(match aggregate {
                    Aggregate::Sum => of_value == result && is_number(self.get(result)?),
                    Aggregate::Count => matches!(self.get(result)?, Type::Integer | Type::Unbounded),
                    Aggregate::Min | Aggregate::Max => {
                        of_value == result && is_totally_ordered(self.types, result)
                    }
                    Aggregate::All | Aggregate::Any => of_value == BOOLEAN && result == BOOLEAN,
                    Aggregate::Find => self.get(result)? == &Type::Optional(of_value),
                })?;
                return self.filtered(scope, binders, *filter, &[*value], depth);
            }
            E::SortBy(binder, keys) => {
                require((1..=64).contains(&keys.len()))?;
                require(match binder.domain {
                    Domain::Range(low, _) => self.get(result)? == &Type::Array(of(low)?),
                    Domain::Array(array) => of(array)? == result,
                })?;
                for (key, _) in keys {
                    require(is_totally_ordered(self.types, of(*key)?))?;
                }
                let keys: Vec<ExprId> = keys.iter().map(|(key, _)| *key).collect();
                return self.fold(scope, std::slice::from_ref(binder), &keys, depth);
            }
            E::Call(callee, arguments) => {
                let callee = self.semantic.functions.get(*callee as usize)?;
                let inputs = callee.inputs.iter().map(|input| Some(input.type_id));
                matches!(callee.success.as_slice(), [only] if only.type_id == result)
                    && callee.error_codes.is_empty()
                    && arguments.iter().map(|argument| of(*argument)).eq(inputs)
            }
            E::Builtin(builtin, arguments) => self.builtin(scope, *builtin, arguments, result)?,
        };
        require(fits)?;
        let before = self.tasks.len();
        let tasks = &mut self.tasks;
        expr.kind.for_each_child(&mut |child| tasks.push(Visit(child, depth)));
        self.units += NODE * (self.tasks.len() - before);
        Some(())
    }

    fn all(&self, scope: Scope<'m>, parts: &[ExprId], fields: &[anrf_format::types::Field]) -> Sure<bool> {
        Some(
            parts.len() == fields.len()
                && parts.iter().zip(fields).all(|(part, field)| type_of(scope, *part) == Some(field.type_id)),
        )
    }

    fn binary(&self, operator: BinaryOperator, a: TypeId, b: TypeId, result: TypeId) -> Sure<bool> {
        use BinaryOperator as B;
        Some(match operator {
            B::And | B::Or | B::Implies | B::Iff => [a, b, result].iter().all(|id| *id == TypeId::BOOLEAN),
            B::Equal | B::NotEqual => a == b && result == TypeId::BOOLEAN,
            B::Less | B::LessEqual | B::Greater | B::GreaterEqual => {
                a == b
                    && result == TypeId::BOOLEAN
                    && a != TypeId::BOOLEAN
                    && is_totally_ordered(self.types, a)
            }
            B::In => result == TypeId::BOOLEAN && self.contains(b, a)?,
            B::Contains => result == TypeId::BOOLEAN && self.contains(a, b)?,
            B::Concat => {
                a == result
                    && b == result
                    && matches!(self.get(result)?, Type::Array(_) | Type::String | Type::Bytes)
            }
            B::Add | B::Subtract | B::Multiply | B::Divide | B::Remainder => {
                a == result
                    && b == result
                    && match self.get(result)? {
                        Type::Integer | Type::Unbounded | Type::Float => true,
                        Type::Decimal => operator != B::Divide,
                        _ => false,
                    }
            }
        })
    }

    fn contains(&self, collection: TypeId, element: TypeId) -> Sure<bool> {
        Some(match self.get(collection)? {
            Type::Array(known) | Type::Set(known) | Type::Map(known, _) => *known == element,
            Type::String => element == TypeId::STRING,
            _ => false,
        })
    }

    fn slice(&self, a: TypeId, from: TypeId, to: TypeId, result: TypeId) -> Sure<bool> {
        let sliced = matches!(self.get(result)?, Type::Array(_) | Type::String | Type::Bytes);
        Some(a == result && from == TypeId::INTEGER && to == TypeId::INTEGER && sliced)
    }

    fn builtin(
        &self,
        scope: Scope<'m>,
        builtin: Builtin,
        arguments: &[ExprId],
        result: TypeId,
    ) -> Sure<bool> {
        let of = |id: ExprId| type_of(scope, id);
        match (builtin, arguments) {
            (Builtin::ValueOf, [optional]) => Some(self.get(of(*optional)?)? == &Type::Optional(result)),
            (Builtin::Substring, [text, from, to]) => self.slice(of(*text)?, of(*from)?, of(*to)?, result),
            (Builtin::ContainsText, [text, part]) => {
                Some(result == TypeId::BOOLEAN && self.contains(of(*text)?, of(*part)?)?)
            }
            (Builtin::ValueOf | Builtin::Substring | Builtin::ContainsText, _) => None,
            _ => {
                let mut types = [TypeId::BOOLEAN; 8];
                let types = types.get_mut(..arguments.len())?;
                for (slot, argument) in types.iter_mut().zip(arguments) {
                    *slot = of(*argument)?;
                }
                Some(fits_builtin(self.types, builtin, types, Some(result)))
            }
        }
    }

    /// A comprehension or aggregate, which has one binder.
    fn filtered(
        &mut self,
        scope: Scope<'m>,
        binders: &[Binder],
        filter: Option<ExprId>,
        body: &[ExprId],
        depth: u32,
    ) -> Sure {
        require(binders.len() == 1)?;
        match filter {
            None => self.fold(scope, binders, body, depth),
            Some(filter) => {
                require(type_of(scope, filter)? == TypeId::BOOLEAN)?;
                let mut parts = vec![filter];
                parts.extend(body);
                self.fold(scope, binders, &parts, depth)
            }
        }
    }

    /// Regions one inside the other, each with its binder's names.
    fn fold(&mut self, scope: Scope<'m>, binders: &[Binder], body: &[ExprId], depth: u32) -> Sure {
        let of = |id: ExprId| type_of(scope, id);
        let start = self.tasks.len();
        let mut depth = depth;
        for binder in binders {
            let element = scope.type_of(binder.element)?;
            let index = binder.index.map(|index| scope.type_of(index));
            match binder.domain {
                Domain::Range(low, high) => {
                    let bound = of(low)?;
                    let number = matches!(self.get(bound)?, Type::Integer | Type::Unbounded);
                    require(number && of(high)? == bound && element == bound)?;
                    require(index.is_none_or(|index| index == Some(bound)))?;
                    self.tasks.extend([Visit(low, depth), Visit(high, depth)]);
                }
                Domain::Array(array) => {
                    require(self.get(of(array)?)? == &Type::Array(element))?;
                    if let Some(index) = index {
                        require(matches!(self.get(index?)?, Type::Integer | Type::Unbounded))?;
                    }
                    self.tasks.push(Visit(array, depth));
                }
            }
            depth += 1;
            require(depth <= MAX_REGION_DEPTH)?;
            self.tasks.push(Bind(binder.element));
            self.tasks.extend(binder.index.map(Bind));
        }
        self.tasks.extend(body.iter().map(|part| Visit(*part, depth)));
        for binder in binders {
            self.tasks.push(Unbind(binder.element));
            self.tasks.extend(binder.index.map(Unbind));
        }
        self.tasks[start..].reverse();
        self.units += NODE * (self.tasks.len() - start);
        Some(())
    }
}

fn type_of(scope: Scope<'_>, id: ExprId) -> Sure<TypeId> {
    scope.exprs.nodes.get(id.0 as usize).map(|expr| expr.type_id)
}

fn is_number(known: &Type) -> bool {
    matches!(known, Type::Integer | Type::Unbounded | Type::Decimal | Type::Float)
}
