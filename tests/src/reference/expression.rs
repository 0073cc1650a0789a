//! Expressions.

use std::rc::Rc;

use anrf_format::decimal::Decimal;
use anrf_format::execution::FaultKind;
use anrf_format::semantic::{
    Aggregate, BinaryOperator, Binder, Domain, ExprId, ExprKind, Quantifier, UnaryOperator,
};
use anrf_format::types::TypeId;

use super::value::Value;
use super::{Exit, Frame, Reference, Result, Stop, fault, flow};

/// What a walk over binders does with each element.
type Visit<'v, 'm> = &'v mut dyn FnMut(&mut Reference<'m>, &mut Frame<'m>) -> Result<Walk>;

/// Whether a walk goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Walk {
    On,
    Done,
}

impl<'m> Reference<'m> {
    pub(super) fn eval(&mut self, frame: &mut Frame<'m>, id: ExprId) -> Result<Value> {
        use ExprKind as E;
        self.step()?;
        let exprs = frame.exprs;
        let expr = &exprs.nodes[id.0 as usize];
        let type_id = expr.type_id;
        Ok(match &expr.kind {
            E::Literal(value) => self.import(type_id, value)?,
            E::BigInteger(digits) => {
                Value::Integer(digits.parse().map_err(|_| Stop::GivesUp("a very large number"))?)
            }
            E::Local(local) => frame.locals.get(local).cloned().ok_or(Stop::GivesUp("an unbound name"))?,
            E::State(variable) => {
                let state = if frame.old { &frame.entry.state } else { &self.state };
                state.get(*variable as usize).cloned().ok_or(Stop::GivesUp("no such state"))?
            }
            E::Result(index) => match &frame.exit {
                Exit::Success(values) => values[*index as usize].clone(),
                _ => return Err(Stop::GivesUp("a result where there is none")),
            },
            E::ResultRecord => match &frame.exit {
                Exit::Success(values) => Value::record(values.clone()),
                _ => return Err(Stop::GivesUp("a result where there is none")),
            },
            E::Old(inner) => {
                let before = std::mem::replace(&mut frame.old, true);
                let value = self.eval(frame, *inner);
                frame.old = before;
                value?
            }
            E::Success => Value::Boolean(matches!(frame.exit, Exit::Success(_))),
            E::Failed(code) => Value::Boolean(matches!(frame.exit, Exit::Failure(other) if other == *code)),
            E::Calls(operation) => {
                let index = *operation as usize;
                let before = frame.entry.attempts.get(index).copied().unwrap_or(0);
                Value::Integer(self.attempts[index] - before)
            }
            E::Unary(UnaryOperator::Not, a) => Value::Boolean(!self.holds(frame, *a)?),
            E::Unary(UnaryOperator::Negate, a) => match self.eval(frame, *a)? {
                Value::Integer(a) => integer(type_id, a.checked_neg())?,
                Value::Decimal(a) => Value::Decimal(a.neg()),
                Value::Float(a) => Value::Float(-a),
                _ => return Err(Stop::GivesUp("an operand")),
            },
            E::Binary(operator, a, b) => return self.binary(frame, *operator, *a, *b, type_id),
            E::Widen(a) => self.eval(frame, *a)?,
            E::Narrow { value, saturate } => {
                let value = self.eval(frame, *value)?.integer()?;
                match (i64::try_from(value), saturate) {
                    (Ok(value), _) => Value::Integer(i128::from(value)),
                    (Err(_), true) => Value::Integer(value.clamp(i128::from(i64::MIN), i128::from(i64::MAX))),
                    (Err(_), false) => return fault(FaultKind::Overflow),
                }
            }
            E::Field(a, field) => self.eval(frame, *a)?.elements()?[*field as usize].clone(),
            E::Index(a, index) => {
                let (a, index) = (self.eval(frame, *a)?, self.eval(frame, *index)?.integer()?);
                element(&a, index)?
            }
            E::Lookup(a, key) => {
                let (a, key) = (self.eval(frame, *a)?, self.eval(frame, *key)?);
                a.map()?.get(&key).cloned().ok_or(Stop::Fault(FaultKind::MissingKey))?
            }
            E::Slice(a, from, to) => {
                let a = self.eval(frame, *a)?;
                let (from, to) = (self.eval(frame, *from)?.integer()?, self.eval(frame, *to)?.integer()?);
                slice(&a, from, to)?
            }
            E::Record(fields) => {
                let record = Value::record(self.all(frame, fields)?);
                self.check_record(type_id, &record)?;
                record
            }
            E::Variant(case, fields) => Value::Variant(*case as usize, Rc::new(self.all(frame, fields)?)),
            E::Array(items) => Value::array(self.all(frame, items)?),
            E::Set(items) => Value::Set(Rc::new(self.all(frame, items)?.into_iter().collect())),
            E::Map(entries) => {
                let mut map = std::collections::BTreeMap::new();
                for (key, value) in entries {
                    let (key, value) = (self.eval(frame, *key)?, self.eval(frame, *value)?);
                    map.insert(key, value);
                }
                Value::Map(Rc::new(map))
            }
            E::Some(a) => Value::optional(Some(self.eval(frame, *a)?)),
            E::None => Value::Optional(None),
            E::WithFields(base, fields) => {
                let mut values = self.eval(frame, *base)?.elements()?.to_vec();
                for (field, value) in fields {
                    values[*field as usize] = self.eval(frame, *value)?;
                }
                let record = Value::record(values);
                self.check_record(type_id, &record)?;
                record
            }
            E::WithElements(base, updates) => {
                let mut values = self.eval(frame, *base)?.elements()?.to_vec();
                for (index, value) in updates {
                    let index = self.eval(frame, *index)?.integer()?;
                    let index = usize::try_from(index).ok().filter(|index| *index < values.len());
                    let index = index.ok_or(Stop::Fault(FaultKind::OutOfBounds))?;
                    values[index] = self.eval(frame, *value)?;
                }
                Value::array(values)
            }
            E::WithEntries(base, updates) => {
                let mut map = self.eval(frame, *base)?.map()?.clone();
                for (key, value) in updates {
                    let (key, value) = (self.eval(frame, *key)?, self.eval(frame, *value)?);
                    map.insert(key, value);
                }
                Value::Map(Rc::new(map))
            }
            E::WithMember(base, member) => {
                let (base, member) = (self.eval(frame, *base)?, self.eval(frame, *member)?);
                let mut set = base.set()?.clone();
                set.insert(member);
                Value::Set(Rc::new(set))
            }
            E::Without(base, key) => match (self.eval(frame, *base)?, self.eval(frame, *key)?) {
                (Value::Map(map), key) => {
                    let mut map = (*map).clone();
                    map.remove(&key);
                    Value::Map(Rc::new(map))
                }
                (Value::Set(set), key) => {
                    let mut set = (*set).clone();
                    set.remove(&key);
                    Value::Set(Rc::new(set))
                }
                _ => return Err(Stop::GivesUp("an operand")),
            },
            E::If(condition, a, b) => {
                let id = if self.holds(frame, *condition)? { *a } else { *b };
                self.eval(frame, id)?
            }
            E::Let(local, value, body) => {
                let value = self.eval(frame, *value)?;
                frame.locals.insert(*local, value);
                self.eval(frame, *body)?
            }
            E::MatchOptional(scrutinee, local, some, none) => {
                let scrutinee = self.eval(frame, *scrutinee)?;
                match scrutinee.some()? {
                    Some(value) => {
                        frame.locals.insert(*local, value.clone());
                        self.eval(frame, *some)?
                    }
                    None => self.eval(frame, *none)?,
                }
            }
            E::MatchVariant(scrutinee, arms) => {
                let Value::Variant(case, fields) = self.eval(frame, *scrutinee)? else {
                    return Err(Stop::GivesUp("an operand"));
                };
                let arm = &arms[case];
                for (field, local) in &arm.bindings {
                    frame.locals.insert(*local, fields[*field as usize].clone());
                }
                self.eval(frame, arm.body)?
            }
            E::MatchEnum(scrutinee, bodies) => {
                let Value::Symbol(symbol) = self.eval(frame, *scrutinee)? else {
                    return Err(Stop::GivesUp("an operand"));
                };
                self.eval(frame, bodies[symbol])?
            }
            E::Quantifier(quantifier, binders, body) => {
                let stops_at = *quantifier == Quantifier::Exists;
                let mut found = !stops_at;
                self.walk(frame, binders, None, &mut |reference, frame| {
                    if reference.holds(frame, *body)? == stops_at {
                        found = stops_at;
                        return Ok(Walk::Done);
                    }
                    Ok(Walk::On)
                })?;
                Value::Boolean(found)
            }
            E::ArrayComprehension(binders, filter, element) => {
                Value::array(self.each(frame, binders, *filter, &[*element])?.into_iter().flatten().collect())
            }
            E::SetComprehension(binders, filter, element) => {
                let elements = self.each(frame, binders, *filter, &[*element])?;
                Value::Set(Rc::new(elements.into_iter().flatten().collect()))
            }
            E::MapComprehension(binders, filter, key, value) => {
                let entries = self.each(frame, binders, *filter, &[*key, *value])?;
                let entry =
                    |entry: Vec<Value>| <[Value; 2]>::try_from(entry).map(|[key, value]| (key, value)).ok();
                Value::Map(Rc::new(entries.into_iter().filter_map(entry).collect()))
            }
            E::Aggregate(aggregate, binders, filter, element) => {
                self.aggregate(frame, *aggregate, binders, *filter, *element, type_id)?
            }
            E::SortBy(binder, keys) => {
                let Domain::Array(array) = binder.domain else { return Err(Stop::GivesUp("a domain")) };
                let elements = self.eval(frame, array)?.elements()?.to_vec();
                let mut rows = vec![];
                for (index, element) in elements.into_iter().enumerate() {
                    bind(frame, binder, element.clone(), index);
                    let mut row = vec![];
                    for (key, _) in keys {
                        row.push(self.eval(frame, *key)?);
                    }
                    rows.push((row, element));
                }
                rows.sort_by(|(a, _), (b, _)| {
                    let orders = keys
                        .iter()
                        .zip(a.iter().zip(b))
                        .map(|((_, descending), (a, b))| if *descending { b.cmp(a) } else { a.cmp(b) });
                    orders.into_iter().find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
                });
                Value::array(rows.into_iter().map(|(_, element)| element).collect())
            }
            E::Call(callee, arguments) => {
                let arguments = self.all(frame, arguments)?;
                match self.call(*callee as usize, arguments)? {
                    flow::Exit::Return(values) => {
                        values.into_iter().next().ok_or(Stop::GivesUp("a result"))?
                    }
                    flow::Exit::Fail(..) => return Err(Stop::GivesUp("a failing function")),
                }
            }
            E::Builtin(builtin, arguments) => {
                let operands =
                    arguments.iter().map(|it| exprs.nodes[it.0 as usize].type_id).collect::<Vec<_>>();
                let arguments = self.all(frame, arguments)?;
                self.builtin(*builtin, &arguments, &operands, type_id)?
            }
        })
    }

    pub(super) fn all(&mut self, frame: &mut Frame<'m>, ids: &[ExprId]) -> Result<Vec<Value>> {
        ids.iter().map(|id| self.eval(frame, *id)).collect()
    }

    fn binary(
        &mut self,
        frame: &mut Frame<'m>,
        operator: BinaryOperator,
        a: ExprId,
        b: ExprId,
        type_id: TypeId,
    ) -> Result<Value> {
        use BinaryOperator as B;
        let guard = match operator {
            B::And => Some((false, false)),
            B::Or => Some((true, true)),
            B::Implies => Some((false, true)),
            _ => None,
        };
        let a = self.eval(frame, a)?;
        if let Some((decides, result)) = guard {
            if a.boolean()? == decides {
                return Ok(Value::Boolean(result));
            }
            return self.eval(frame, b);
        }
        let b = self.eval(frame, b)?;
        Ok(match operator {
            B::In => Value::Boolean(contains(&b, &a)?),
            B::Contains => Value::Boolean(contains(&a, &b)?),
            B::Concat => match (&a, &b) {
                (Value::Text(a), Value::Text(b)) => Value::text(format!("{a}{b}")),
                (Value::Bytes(a), Value::Bytes(b)) => Value::Bytes([&a[..], &b[..]].concat().into()),
                _ => Value::array([a.elements()?, b.elements()?].concat()),
            },
            B::Add | B::Subtract | B::Multiply | B::Divide | B::Remainder => {
                arithmetic(operator, &a, &b, type_id)?
            }
            _ => Value::Boolean(compare(operator, &a, &b)),
        })
    }

    /// Every element of nested binders that the filter lets through.
    fn walk(
        &mut self,
        frame: &mut Frame<'m>,
        binders: &'m [Binder],
        filter: Option<ExprId>,
        visit: Visit<'_, 'm>,
    ) -> Result<Walk> {
        let Some((binder, rest)) = binders.split_first() else {
            if let Some(filter) = filter
                && !self.holds(frame, filter)?
            {
                return Ok(Walk::On);
            }
            return visit(self, frame);
        };
        match binder.domain {
            Domain::Range(low, high) => {
                let (low, high) = (self.eval(frame, low)?.integer()?, self.eval(frame, high)?.integer()?);
                let mut at = low;
                while at < high {
                    self.step()?;
                    let index = usize::try_from(at - low).unwrap_or(usize::MAX);
                    bind(frame, binder, Value::Integer(at), index);
                    if self.walk(frame, rest, filter, visit)? == Walk::Done {
                        return Ok(Walk::Done);
                    }
                    at += 1;
                }
            }
            Domain::Array(array) => {
                let array = self.eval(frame, array)?;
                for (index, element) in array.elements()?.iter().enumerate() {
                    bind(frame, binder, element.clone(), index);
                    if self.walk(frame, rest, filter, visit)? == Walk::Done {
                        return Ok(Walk::Done);
                    }
                }
            }
        }
        Ok(Walk::On)
    }

    fn each(
        &mut self,
        frame: &mut Frame<'m>,
        binders: &'m [Binder],
        filter: Option<ExprId>,
        parts: &[ExprId],
    ) -> Result<Vec<Vec<Value>>> {
        let mut found = vec![];
        self.walk(frame, binders, filter, &mut |reference, frame| {
            found.push(reference.all(frame, parts)?);
            Ok(Walk::On)
        })?;
        Ok(found)
    }

    fn aggregate(
        &mut self,
        frame: &mut Frame<'m>,
        aggregate: Aggregate,
        binders: &'m [Binder],
        filter: Option<ExprId>,
        element: ExprId,
        type_id: TypeId,
    ) -> Result<Value> {
        let mut best: Option<Value> = match aggregate {
            Aggregate::Sum => Some(match type_id {
                TypeId::DECIMAL => Value::Decimal(Decimal::default()),
                TypeId::FLOAT => Value::Float(0.0),
                _ => Value::Integer(0),
            }),
            Aggregate::Count => Some(Value::Integer(0)),
            Aggregate::All => Some(Value::Boolean(true)),
            Aggregate::Any => Some(Value::Boolean(false)),
            Aggregate::Min | Aggregate::Max | Aggregate::Find => None,
        };
        self.walk(frame, binders, filter, &mut |reference, frame| {
            let value = reference.eval(frame, element)?;
            let known = best.take();
            let (next, walk) = match (aggregate, known) {
                (Aggregate::Sum, Some(known)) => {
                    (arithmetic(BinaryOperator::Add, &known, &value, type_id)?, Walk::On)
                }
                (Aggregate::Count, Some(known)) => (Value::Integer(known.integer()? + 1), Walk::On),
                (Aggregate::Min, Some(known)) if value >= known => (known, Walk::On),
                (Aggregate::Max, Some(known)) if value <= known => (known, Walk::On),
                (Aggregate::Min | Aggregate::Max, _) => (value, Walk::On),
                (Aggregate::All, _) => {
                    let holds = value.boolean()?;
                    (value, if holds { Walk::On } else { Walk::Done })
                }
                (Aggregate::Any, _) => {
                    let holds = value.boolean()?;
                    (value, if holds { Walk::Done } else { Walk::On })
                }
                (Aggregate::Find, _) => (value, Walk::Done),
                (Aggregate::Sum | Aggregate::Count, None) => return Err(Stop::GivesUp("a sum")),
            };
            best = Some(next);
            Ok(walk)
        })?;
        match (aggregate, best) {
            (Aggregate::Find, best) => Ok(Value::optional(best)),
            (_, Some(best)) => Ok(best),
            (_, None) => fault(FaultKind::InvalidArgument),
        }
    }
}

fn bind(frame: &mut Frame<'_>, binder: &Binder, element: Value, index: usize) {
    frame.locals.insert(binder.element, element);
    if let Some(local) = binder.index {
        frame.locals.insert(local, Value::Integer(index as i128));
    }
}

/// An integer within the bounds of its type.
pub(super) fn integer(type_id: TypeId, value: Option<i128>) -> Result<Value> {
    match value {
        Some(value) if type_id == TypeId::UNBOUNDED || i64::try_from(value).is_ok() => {
            Ok(Value::Integer(value))
        }
        None if type_id == TypeId::UNBOUNDED => Err(Stop::GivesUp("a very large number")),
        _ => fault(FaultKind::Overflow),
    }
}

pub(super) fn arithmetic(operator: BinaryOperator, a: &Value, b: &Value, type_id: TypeId) -> Result<Value> {
    use BinaryOperator as B;
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => {
            if matches!(operator, B::Divide | B::Remainder) && *b == 0 {
                return fault(FaultKind::DivisionByZero);
            }
            let value = match operator {
                B::Add => a.checked_add(*b),
                B::Subtract => a.checked_sub(*b),
                B::Multiply => a.checked_mul(*b),
                B::Divide => a.checked_div(*b),
                _ => a.checked_rem(*b),
            };
            integer(type_id, value)
        }
        (Value::Decimal(a), Value::Decimal(b)) => Ok(Value::Decimal(match operator {
            B::Add => a.add(b),
            B::Subtract => a.sub(b),
            B::Multiply => a.mul(b).map_err(|_| Stop::GivesUp("a very large number"))?,
            _ => a.remainder(b).map_err(|_| Stop::Fault(FaultKind::DivisionByZero))?,
        })),
        (Value::Float(a), Value::Float(b)) => Ok(Value::Float(match operator {
            B::Add => a + b,
            B::Subtract => a - b,
            B::Multiply => a * b,
            B::Divide => a / b,
            _ => a % b,
        })),
        _ => Err(Stop::GivesUp("an operand")),
    }
}

fn compare(operator: BinaryOperator, a: &Value, b: &Value) -> bool {
    use BinaryOperator as B;
    if let (Value::Float(a), Value::Float(b)) = (a, b) {
        #[expect(clippy::float_cmp, reason = "what `==` means on floats")]
        return match operator {
            B::NotEqual => a != b,
            B::Less => a < b,
            B::LessEqual => a <= b,
            B::Greater => a > b,
            B::GreaterEqual => a >= b,
            _ => a == b,
        };
    }
    let order = a.cmp(b);
    match operator {
        B::NotEqual => order.is_ne(),
        B::Less => order.is_lt(),
        B::LessEqual => order.is_le(),
        B::Greater => order.is_gt(),
        B::GreaterEqual => order.is_ge(),
        _ => order.is_eq(),
    }
}

pub(super) fn contains(collection: &Value, element: &Value) -> Result<bool> {
    Ok(match (collection, element) {
        (Value::Array(values), _) => values.contains(element),
        (Value::Set(values), _) => values.contains(element),
        (Value::Map(entries), _) => entries.contains_key(element),
        (Value::Text(text), Value::Text(part)) => text.contains(&**part),
        (Value::Bytes(bytes), Value::Bytes(part)) => {
            part.is_empty() || bytes.windows(part.len()).any(|window| window == &**part)
        }
        _ => return Err(Stop::GivesUp("a collection")),
    })
}

fn element(value: &Value, index: i128) -> Result<Value> {
    let outside = Stop::Fault(FaultKind::OutOfBounds);
    let index = usize::try_from(index).map_err(|_| outside.clone())?;
    let found = match value {
        Value::Text(text) => text.chars().nth(index).map(|it| Value::text(it.to_string())),
        Value::Bytes(bytes) => bytes.get(index).map(|it| Value::Integer(i128::from(*it))),
        _ => value.elements()?.get(index).cloned(),
    };
    found.ok_or(outside)
}

pub(super) fn slice(value: &Value, from: i128, to: i128) -> Result<Value> {
    let length = match value {
        Value::Text(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        _ => value.elements()?.len(),
    };
    if !(0 <= from && from <= to && to <= length as i128) {
        return fault(FaultKind::OutOfBounds);
    }
    let range = usize::try_from(from).unwrap_or(0)..usize::try_from(to).unwrap_or(0);
    Ok(match value {
        Value::Text(text) => {
            Value::text(text.chars().skip(range.start).take(range.len()).collect::<String>())
        }
        Value::Bytes(bytes) => Value::Bytes(bytes[range].into()),
        _ => Value::array(value.elements()?[range].to_vec()),
    })
}
