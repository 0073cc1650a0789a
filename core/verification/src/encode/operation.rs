//! Operations as terms, and what their checks demand. The meaning is that of `docs/ir.md`; built-ins are in
//! [`super::builtin`].

use anrf_format::execution::{Arithmetic, Check, Comparison, Op as Code};
use anrf_format::types::{Type, TypeId};

use super::Encoder;
use super::frame::Frame;
use super::sorts::Shape;
use crate::term::{SortId, TermId, Theory};

impl Encoder<'_> {
    /// The value that an operation without a region gives. State and attempts are for whoever keeps them.
    pub(super) fn operation(&mut self, frame: &Frame<'_>, op: &Code, result: TypeId) -> TermId {
        let value = |id| frame.value(id);
        let type_of = |id| frame.type_of(id);
        match op {
            Code::Constant(index) => match self.module.execution.constants.get(*index as usize) {
                Some((id, constant)) => self.value(*id, &constant.clone()),
                None => self.opaque("a constant that is not there", result),
            },
            Code::Immediate(bits) => self.immediate(result, *bits),
            Code::Arithmetic(arithmetic, a, b) => self.arithmetic(*arithmetic, result, value(*a), value(*b)),
            Code::Negate(a) if result == TypeId::FLOAT => {
                self.terms.theory(Theory::FloatNegate, vec![value(*a)])
            }
            Code::Negate(a) => self.terms.negate(value(*a)),
            Code::Not(a) => self.terms.not(value(*a)),
            Code::Compare(comparison, a, b) => self.compare(*comparison, type_of(*a), value(*a), value(*b)),
            Code::Contains(a, b) => self.contains(type_of(*a), value(*a), value(*b)),
            // The check before a `Narrow` is an obligation; past it the value is the same.
            Code::Widen(a) | Code::Narrow(a) => value(*a),
            Code::Field(a, field, _) => match self.shape(type_of(*a)) {
                Shape::Record(datatype, _) => self.terms.project(datatype, 0, *field, value(*a)),
                _ => self.opaque("a field of no record", result),
            },
            Code::WithField(a, field, new) => match self.shape(result) {
                Shape::Record(datatype, index) => {
                    let count = self.module.types.records[index as usize].fields.len();
                    let fields = (0..u32::try_from(count).unwrap_or(0))
                        .map(|number| match number == *field {
                            true => value(*new),
                            false => self.terms.project(datatype, 0, number, value(*a)),
                        })
                        .collect();
                    self.terms.construct(datatype, 0, fields)
                }
                _ => self.opaque("a field of no record", result),
            },
            Code::Element(a, index, _) => match self.shape(type_of(*a)) {
                Shape::List(list, _) => self.at(list, value(*a), value(*index)),
                _ => self.char_at(value(*a), value(*index)),
            },
            Code::WithElement(a, index, new) => match self.shape(result) {
                Shape::List(list, _) => self.with_element(list, value(*a), value(*index), value(*new)),
                _ => self.opaque("an element of no array", result),
            },
            Code::Slice(a, from, to) => {
                let (from, to) = (value(*from), value(*to));
                match self.shape(result) {
                    Shape::List(list, _) => self.slice(list, value(*a), from, to),
                    _ => self.cut(value(*a), from, to),
                }
            }
            Code::Lookup(a, key, _) => match self.shape(type_of(*a)) {
                Shape::Map(mapping, ..) => self.terms.apply(mapping.lookup, vec![value(*a), value(*key)]),
                _ => self.opaque("a key of no map", result),
            },
            Code::WithEntry(a, key, new) => match self.shape(result) {
                Shape::Map(mapping, ..) => self.with_entry(mapping, value(*a), value(*key), value(*new)),
                _ => self.opaque("a key of no map", result),
            },
            Code::WithMember(a, item) => match self.shape(result) {
                Shape::Set(members, _) => self.with_member(members, value(*a), value(*item)),
                _ => self.opaque("a member of no set", result),
            },
            Code::Without(a, item) => match self.shape(result) {
                Shape::Set(members, _) => {
                    let sorts = (members.sort, members.element);
                    self.without(sorts, [members.has, members.size], None, value(*a), value(*item))
                }
                Shape::Map(mapping, ..) => {
                    let sorts = (mapping.sort, mapping.key);
                    let functions = [mapping.has, mapping.size];
                    self.without(sorts, functions, Some(mapping.lookup), value(*a), value(*item))
                }
                _ => self.opaque("a member of no set", result),
            },
            Code::Concat(a, b) => match self.shape(result) {
                Shape::List(list, _) => self.concat(list, value(*a), value(*b)),
                _ => self.glue(value(*a), value(*b)),
            },
            Code::NewRecord(fields) => match self.shape(result) {
                Shape::Record(datatype, _) => {
                    self.terms.construct(datatype, 0, fields.iter().map(|field| value(*field)).collect())
                }
                _ => self.opaque("a field of no record", result),
            },
            Code::NewVariant(case, fields) => match self.shape(result) {
                Shape::Variant(datatype, _) => {
                    self.terms.construct(datatype, *case, fields.iter().map(|field| value(*field)).collect())
                }
                _ => self.opaque("a case of no variant", result),
            },
            Code::NewArray(items) => match self.shape(result) {
                Shape::List(list, _) => {
                    let empty = self.empty_list(list);
                    items.iter().fold(empty, |made, item| self.append(list, made, value(*item)))
                }
                _ => self.opaque("an element of no array", result),
            },
            Code::NewSet(items) => match self.shape(result) {
                Shape::Set(members, _) => {
                    let sorts = (members.sort, members.element);
                    let empty = self.empty_collection(sorts, [members.has, members.size]);
                    items.iter().fold(empty, |made, item| self.with_member(members, made, value(*item)))
                }
                _ => self.opaque("a member of no set", result),
            },
            Code::NewMap(entries) => match self.shape(result) {
                Shape::Map(mapping, ..) => {
                    let sorts = (mapping.sort, mapping.key);
                    let empty = self.empty_collection(sorts, [mapping.has, mapping.size]);
                    entries.iter().fold(empty, |made, (key, new)| {
                        self.with_entry(mapping, made, value(*key), value(*new))
                    })
                }
                _ => self.opaque("a key of no map", result),
            },
            Code::NewSome(a) => self.some(result, value(*a)),
            Code::NewNone => self.none(result),
            Code::Payload(a, _) => self.payload(type_of(*a), value(*a)),
            Code::CaseOf(a) => match self.shape(type_of(*a)) {
                Shape::Variant(datatype, index) => {
                    let count = self.module.types.variants[index as usize].cases.len();
                    let mut number = self.terms.integer(count.saturating_sub(1));
                    for case in (0..u32::try_from(count).unwrap_or(0).saturating_sub(1)).rev() {
                        let is_case = self.terms.is_made_by(datatype, case, value(*a));
                        let this = self.terms.integer(case);
                        number = self.terms.if_then_else(is_case, this, number);
                    }
                    number
                }
                _ => self.opaque("a case of no variant", result),
            },
            Code::CaseField(a, case, field, _) => match self.shape(type_of(*a)) {
                Shape::Variant(datatype, _) => self.terms.project(datatype, *case, *field, value(*a)),
                _ => self.opaque("a case of no variant", result),
            },
            Code::SymbolOf(a) => value(*a),
            Code::Builtin(builtin, arguments) => {
                let types: Vec<TypeId> = arguments.iter().map(|id| type_of(*id)).collect();
                let values: Vec<TermId> = arguments.iter().map(|id| value(*id)).collect();
                self.builtin(*builtin, &types, &values, result)
            }
            Code::Mark => self.terms.integer(0),
            _ => self.opaque("an effect where a value is wanted", result),
        }
    }

    fn arithmetic(&mut self, operator: Arithmetic, id: TypeId, a: TermId, b: TermId) -> TermId {
        if id == TypeId::FLOAT {
            let function = match operator {
                Arithmetic::Add => Theory::FloatAdd,
                Arithmetic::Subtract => Theory::FloatSubtract,
                Arithmetic::Multiply => Theory::FloatMultiply,
                Arithmetic::Divide => Theory::FloatDivide,
                Arithmetic::Remainder => return self.float_remainder(a, b),
            };
            return self.terms.theory(function, vec![a, b]);
        }
        match operator {
            Arithmetic::Add => self.terms.add(a, b),
            Arithmetic::Subtract => self.terms.subtract(a, b),
            Arithmetic::Multiply => self.terms.multiply(a, b),
            Arithmetic::Divide => self.terms.divide(a, b),
            Arithmetic::Remainder if id == TypeId::DECIMAL => {
                let quotient = self.terms.theory(Theory::RealDivide, vec![a, b]);
                let whole = self.toward_zero(quotient);
                let whole = self.terms.theory(Theory::ToReal, vec![whole]);
                let product = self.terms.multiply(b, whole);
                self.terms.subtract(a, product)
            }
            Arithmetic::Remainder => self.terms.remainder(a, b),
        }
    }

    fn float_remainder(&mut self, a: TermId, b: TermId) -> TermId {
        let symbol =
            self.opaque_function("float_remainder", vec![SortId::FLOAT, SortId::FLOAT], SortId::FLOAT);
        self.terms.apply(symbol, vec![a, b])
    }

    fn compare(&mut self, comparison: Comparison, id: TypeId, a: TermId, b: TermId) -> TermId {
        match comparison {
            Comparison::Equal => self.equal_values(id, a, b, true),
            Comparison::NotEqual => {
                let equal = self.equal_values(id, a, b, true);
                self.terms.not(equal)
            }
            Comparison::Less => self.less_values(id, a, b, true),
            Comparison::LessEqual => self.less_values(id, a, b, false),
            Comparison::Greater => self.less_values(id, b, a, true),
            Comparison::GreaterEqual => self.less_values(id, b, a, false),
        }
    }

    /// `a < b`, or `a <= b` where it is not strict; floats by IEEE.
    pub(super) fn less_values(&mut self, id: TypeId, a: TermId, b: TermId, strict: bool) -> TermId {
        if let Some(said) = self.compare_scale(a, b, strict) {
            return said;
        }
        let known = match self.shape(id) {
            Shape::Plain(SortId::TEXT) => Some((Theory::TextLess, Theory::TextLessEqual)),
            Shape::Plain(SortId::FLOAT) => Some((Theory::FloatLess, Theory::FloatLessEqual)),
            Shape::Plain(SortId::BOOLEAN) => {
                let not = self.terms.not(a);
                return if strict { self.terms.and(vec![not, b]) } else { self.terms.or(vec![not, b]) };
            }
            Shape::Plain(_) => Some((Theory::Less, Theory::LessEqual)),
            _ => None,
        };
        match known {
            Some((less, less_equal)) => self.terms.theory(if strict { less } else { less_equal }, vec![a, b]),
            None => match self.shape(id) {
                Shape::List(list, element) => {
                    let less = self.less_lists(list, element, [a, b]);
                    if strict {
                        return less;
                    }
                    let same = self.equal_values(id, a, b, false);
                    self.terms.or(vec![less, same])
                }
                _ => self.opaque("an order of another form", TypeId::BOOLEAN),
            },
        }
    }

    fn contains(&mut self, id: TypeId, collection: TermId, item: TermId) -> TermId {
        match self.shape(id) {
            Shape::Map(mapping, ..) => self.terms.apply(mapping.has, vec![collection, item]),
            Shape::Set(members, _) => self.terms.apply(members.has, vec![collection, item]),
            Shape::List(list, element) => {
                let (variable, index) = self.terms.variable(SortId::INTEGER);
                let length = self.length(list, collection);
                let inside = self.is_index(index, length);
                let found = self.at(list, collection, index);
                let equal = self.equal_values(element, found, item, false);
                let body = self.terms.and(vec![inside, equal]);
                self.terms.exists(vec![variable], body, vec![found])
            }
            _ => self.terms.theory(Theory::ContainsText, vec![collection, item]),
        }
    }

    /// What `LEN` of a value is.
    pub(super) fn len_of(&mut self, id: TypeId, value: TermId) -> TermId {
        match self.shape(id) {
            Shape::List(list, _) => self.length(list, value),
            Shape::Map(mapping, ..) => self.terms.apply(mapping.size, vec![value]),
            Shape::Set(members, _) => self.terms.apply(members.size, vec![value]),
            _ => self.terms.theory(Theory::Length, vec![value]),
        }
    }

    /// What a check demands.
    pub(super) fn demand(
        &mut self,
        frame: &Frame<'_>,
        check: &Check,
        operands: &[anrf_format::execution::ValueId],
    ) -> TermId {
        let values: Vec<TermId> = operands.iter().map(|id| frame.value(*id)).collect();
        let types: Vec<TypeId> = operands.iter().map(|id| frame.type_of(*id)).collect();
        match (check, values.as_slice()) {
            (Check::Arithmetic(operator), &[a, b]) => {
                let exact = self.arithmetic(*operator, TypeId::UNBOUNDED, a, b);
                self.in_64_bits(exact)
            }
            (Check::Negate, &[a]) => {
                let exact = self.terms.negate(a);
                self.in_64_bits(exact)
            }
            (Check::Narrow, &[a]) => self.in_64_bits(a),
            (Check::NotZero, &[a]) => {
                let zero = if types[0] == TypeId::DECIMAL {
                    self.terms.real(0.into(), 1.into())
                } else {
                    self.terms.integer(0)
                };
                let equal = self.terms.equal(a, zero);
                self.terms.not(equal)
            }
            (Check::Index, &[a, index]) => {
                let length = self.len_of(types[0], a);
                self.is_index(index, length)
            }
            (Check::Slice, &[a, from, to]) => {
                let length = self.len_of(types[0], a);
                self.is_slice(from, to, length)
            }
            (Check::Key, &[a, key]) => self.contains(types[0], a, key),
            (Check::Some, &[a]) => self.is_some(types[0], a),
            (Check::Transition(machine, to), &[from]) => {
                let machine = self.module.types.machines.get(*machine as usize);
                let moves = machine.map(|machine| machine.transitions.clone()).unwrap_or_default();
                let allowed = moves
                    .iter()
                    .filter(|(_, target)| target == to)
                    .map(|(source, _)| {
                        let source = self.terms.integer(*source);
                        self.terms.equal(from, source)
                    })
                    .collect();
                self.terms.or(allowed)
            }
            (Check::Builtin(builtin), values) => self.builtin_demand(*builtin, &types, values),
            _ => self.opaque("a check of another form", TypeId::BOOLEAN),
        }
    }

    /// `0 <= from <= to <= length`.
    pub(super) fn is_slice(&mut self, from: TermId, to: TermId, length: TermId) -> TermId {
        let zero = self.terms.integer(0);
        let low = self.terms.less_equal(zero, from);
        let middle = self.terms.less_equal(from, to);
        let high = self.terms.less_equal(to, length);
        self.terms.and(vec![low, middle, high])
    }

    /// Whether a type is one of the numbers of the integer theory.
    pub(super) fn is_integral(&self, id: TypeId) -> bool {
        matches!(self.module.types.get(id), Type::Integer | Type::Unbounded)
    }
}
