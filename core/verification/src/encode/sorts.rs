//! Types as sorts, with what holds of every value of a type.
//!
//! Scalars are numbers, strings and floats of the theories; records, variants and optionals are datatypes.
//! Arrays, maps and sets are declared sorts with axioms (after Leino's encoding of sequences and maps in
//! Dafny), so that a collection of ours and one of the logic are the same thing, and equal ones are equal
//! everywhere.

use anrf_format::types::{Type, TypeId};
use num_bigint::BigInt;

use super::Encoder;
use super::collection::{List, Mapping, Members};
use crate::term::{Constructor, DatatypeId, SortId, SymbolId, TermId, Theory};

/// Shape of an `optional<T>`: `none` is constructor 0, `some` constructor 1.
const SOME: u32 = 1;

/// How values of a type stand in the logic.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A value of a theory.
    Plain(SortId),
    /// The datatype and the type inside.
    Optional(DatatypeId, TypeId),
    /// A list of elements of a type.
    List(List, TypeId),
    /// From keys to values.
    Map(Mapping, TypeId, TypeId),
    /// Of elements.
    Set(Members, TypeId),
    /// The datatype and the definition.
    Record(DatatypeId, u32),
    /// The same.
    Variant(DatatypeId, u32),
}

impl Encoder<'_> {
    /// How values of a type stand in the logic.
    pub(super) fn shape(&mut self, id: TypeId) -> Shape {
        if let Some(shape) = self.shapes.get(&id) {
            return *shape;
        }
        let name = self.module.types.name(id);
        let shape = match self.module.types.get(id).clone() {
            Type::Boolean => Shape::Plain(SortId::BOOLEAN),
            Type::Integer | Type::Unbounded | Type::Timestamp | Type::Enum(_) | Type::Machine(_) => {
                Shape::Plain(SortId::INTEGER)
            }
            Type::Decimal => Shape::Plain(SortId::REAL),
            Type::Float => Shape::Plain(SortId::FLOAT),
            Type::String => Shape::Plain(SortId::TEXT),
            Type::Bytes => {
                let list = self.list_of("bytes", SortId::INTEGER);
                Shape::List(list, TypeId::INTEGER)
            }
            Type::Optional(inner) => {
                let sort = self.sort(inner);
                let name = format!("optional<{}>", self.sort_name(sort));
                let datatype = match self.optionals.get(&sort) {
                    Some(known) => *known,
                    None => {
                        let (datatype, _) = self.terms.sorts.declare(&name);
                        let none = Constructor { name: "none".into(), fields: vec![] };
                        let some = Constructor { name: "some".into(), fields: vec![("value".into(), sort)] };
                        self.terms.sorts.define(datatype, vec![none, some]);
                        self.optionals.insert(sort, datatype);
                        datatype
                    }
                };
                Shape::Optional(datatype, inner)
            }
            Type::Array(element) => {
                let name = format!("array<{}>", self.element_name(element));
                // The sort comes first: an element may hold such an array itself.
                let sort = self.terms.sorts.declared(&name);
                let list = match self.lists.get(&sort) {
                    Some(list) => *list,
                    None => {
                        let element = self.sort(element);
                        self.list_of(&name, element)
                    }
                };
                Shape::List(list, element)
            }
            Type::Map(key, value) => {
                let name = format!("map<{},{}>", self.element_name(key), self.element_name(value));
                let (key_sort, value_sort) = (self.sort(key), self.sort(value));
                Shape::Map(self.mapping_of(&name, key_sort, value_sort), key, value)
            }
            Type::Set(element) => {
                let name = format!("set<{}>", self.element_name(element));
                let sort = self.sort(element);
                Shape::Set(self.members_of(&name, sort), element)
            }
            Type::Record(index) => {
                let (datatype, _) = self.terms.sorts.declare(&name);
                self.shapes.insert(id, Shape::Record(datatype, index));
                let fields = self.module.types.records[index as usize].fields.clone();
                let fields =
                    fields.iter().map(|field| (field.name.clone(), self.sort(field.type_id))).collect();
                self.terms.sorts.define(datatype, vec![Constructor { name: "record".into(), fields }]);
                Shape::Record(datatype, index)
            }
            Type::Variant(index) => {
                let (datatype, _) = self.terms.sorts.declare(&name);
                self.shapes.insert(id, Shape::Variant(datatype, index));
                let cases = self.module.types.variants[index as usize].cases.clone();
                let mut constructors = vec![];
                for case in cases {
                    let fields = case
                        .fields
                        .iter()
                        .map(|field| (field.name.clone(), self.sort(field.type_id)))
                        .collect();
                    constructors.push(Constructor { name: case.name, fields });
                }
                self.terms.sorts.define(datatype, constructors);
                Shape::Variant(datatype, index)
            }
        };
        self.shapes.insert(id, shape);
        shape
    }

    /// The sort of a type's values.
    pub(super) fn sort(&mut self, id: TypeId) -> SortId {
        match self.shape(id) {
            Shape::Plain(sort) => sort,
            Shape::Optional(datatype, _) | Shape::Record(datatype, _) | Shape::Variant(datatype, _) => {
                self.terms.sorts.of_datatype(datatype)
            }
            Shape::List(list, _) => list.sort,
            Shape::Map(mapping, ..) => mapping.sort,
            Shape::Set(members, _) => members.sort,
        }
    }

    /// The name of the sort that values of a type will have: types with one sort share one name.
    fn element_name(&self, id: TypeId) -> String {
        match self.module.types.get(id) {
            Type::Boolean => "boolean".into(),
            Type::Integer | Type::Unbounded | Type::Timestamp | Type::Enum(_) | Type::Machine(_) => {
                "integer".into()
            }
            Type::Optional(inner) => format!("optional<{}>", self.element_name(*inner)),
            Type::Array(inner) => format!("array<{}>", self.element_name(*inner)),
            Type::Set(inner) => format!("set<{}>", self.element_name(*inner)),
            Type::Map(key, value) => {
                format!("map<{},{}>", self.element_name(*key), self.element_name(*value))
            }
            _ => self.module.types.name(id),
        }
    }

    fn sort_name(&self, id: SortId) -> String {
        self.terms.sorts.name(id)
    }

    /// `NONE` of an optional type.
    pub(super) fn none(&mut self, optional: TypeId) -> TermId {
        match self.shape(optional) {
            Shape::Optional(datatype, _) => self.terms.construct(datatype, 0, vec![]),
            _ => self.opaque("a value of another type", optional),
        }
    }

    /// `SOME(value)`.
    pub(super) fn some(&mut self, optional: TypeId, value: TermId) -> TermId {
        match self.shape(optional) {
            Shape::Optional(datatype, _) => self.terms.construct(datatype, SOME, vec![value]),
            _ => self.opaque("a value of another type", optional),
        }
    }

    /// `IS_SOME(value)`.
    pub(super) fn is_some(&mut self, optional: TypeId, value: TermId) -> TermId {
        match self.shape(optional) {
            Shape::Optional(datatype, _) => self.terms.is_made_by(datatype, SOME, value),
            _ => self.opaque("a value of another type", TypeId::BOOLEAN),
        }
    }

    /// `VALUE(value)`.
    pub(super) fn payload(&mut self, optional: TypeId, value: TermId) -> TermId {
        match self.shape(optional) {
            Shape::Optional(datatype, _) => self.terms.project(datatype, SOME, 0, value),
            _ => self.opaque("a value of another type", optional),
        }
    }

    /// The bounds of a signed 64-bit integer.
    pub(super) fn in_64_bits(&mut self, value: TermId) -> TermId {
        let low = self.terms.integer(BigInt::from(i64::MIN));
        let high = self.terms.integer(BigInt::from(i64::MAX));
        self.terms.between(low, value, high)
    }

    /// What holds of every value of a type: ranges, and the constraints of records, inside collections too.
    pub(super) fn well_formed(&mut self, id: TypeId, value: TermId) -> TermId {
        self.well_formed_within(id, value, 0)
    }

    fn well_formed_within(&mut self, id: TypeId, value: TermId, depth: u32) -> TermId {
        /// Records may hold arrays of themselves; what is deeper is left unsaid, which is sound.
        const DEPTH: u32 = 6;
        let always = self.terms.boolean(true);
        if depth > DEPTH {
            return always;
        }
        match self.shape(id) {
            Shape::Plain(_) => self.scalar_range(id, value),
            Shape::Optional(_, inner) => {
                let (present, payload) = (self.is_some(id, value), self.payload(id, value));
                let holds = self.well_formed_within(inner, payload, depth + 1);
                self.terms.implies(present, holds)
            }
            Shape::List(list, element) => {
                let length = self.length(list, value);
                let sized = self.is_size(length);
                let (variable, index) = self.terms.variable(SortId::INTEGER);
                let item = self.at(list, value, index);
                let holds = if matches!(self.module.types.get(id), Type::Bytes) {
                    let (low, high) = (self.terms.integer(0), self.terms.integer(255));
                    self.terms.between(low, item, high)
                } else {
                    self.well_formed_within(element, item, depth + 1)
                };
                let inside = self.is_index(index, length);
                let body = self.terms.implies(inside, holds);
                let items = self.terms.for_all(vec![variable], body, vec![item]);
                self.terms.and(vec![sized, items])
            }
            Shape::Map(mapping, key_type, value_type) => {
                let size = self.terms.apply(mapping.size, vec![value]);
                let sized = self.is_size(size);
                let (variable, key) = self.terms.variable(mapping.key);
                let has = self.terms.apply(mapping.has, vec![value, key]);
                let found = self.terms.apply(mapping.lookup, vec![value, key]);
                let of_key = self.well_formed_within(key_type, key, depth + 1);
                let of_value = self.well_formed_within(value_type, found, depth + 1);
                let both = self.terms.and(vec![of_key, of_value]);
                let body = self.terms.implies(has, both);
                let entries = self.terms.for_all(vec![variable], body, vec![has]);
                self.terms.and(vec![sized, entries])
            }
            Shape::Set(members, element) => {
                let size = self.terms.apply(members.size, vec![value]);
                let sized = self.is_size(size);
                let (variable, item) = self.terms.variable(members.element);
                let has = self.terms.apply(members.has, vec![value, item]);
                let holds = self.well_formed_within(element, item, depth + 1);
                let body = self.terms.implies(has, holds);
                let items = self.terms.for_all(vec![variable], body, vec![has]);
                self.terms.and(vec![sized, items])
            }
            Shape::Record(datatype, index) => {
                let fields = self.module.types.records[index as usize].fields.clone();
                let mut parts = vec![];
                let mut values = vec![];
                for (number, field) in (0..).zip(&fields) {
                    let part = self.terms.project(datatype, 0, number, value);
                    values.push(part);
                    parts.push(self.well_formed_within(field.type_id, part, depth + 1));
                }
                parts.extend(self.record_constraints(index, &values));
                self.terms.and(parts)
            }
            Shape::Variant(datatype, index) => {
                let cases = self.module.types.variants[index as usize].cases.clone();
                let mut parts = vec![];
                for (number, case) in (0..).zip(&cases) {
                    let is_case = self.terms.is_made_by(datatype, number, value);
                    let mut holds = vec![];
                    for (field, known) in (0..).zip(&case.fields) {
                        let part = self.terms.project(datatype, number, field, value);
                        holds.push(self.well_formed_within(known.type_id, part, depth + 1));
                    }
                    let holds = self.terms.and(holds);
                    parts.push(self.terms.implies(is_case, holds));
                }
                self.terms.and(parts)
            }
        }
    }

    fn scalar_range(&mut self, id: TypeId, value: TermId) -> TermId {
        let (types, terms) = (&self.module.types, &mut self.terms);
        let (low, high) = match types.get(id) {
            Type::Integer => (i64::MIN, i64::MAX),
            Type::Timestamp => (super::constant::FIRST_MICROSECOND, super::constant::LAST_MICROSECOND),
            Type::Enum(symbols) => (0, i64::try_from(symbols.len()).unwrap_or(i64::MAX) - 1),
            Type::Machine(index) => {
                (0, i64::try_from(types.machines[*index as usize].states.len()).unwrap_or(i64::MAX) - 1)
            }
            Type::String => {
                let length = terms.theory(Theory::Length, vec![value]);
                let most = terms.integer(i64::from(u32::MAX));
                return terms.less_equal(length, most);
            }
            _ => return terms.boolean(true),
        };
        let (low, high) = (terms.integer(low), terms.integer(high));
        terms.between(low, value, high)
    }

    /// Every LEN is below 2^32.
    pub(super) fn is_size(&mut self, length: TermId) -> TermId {
        let (zero, most) = (self.terms.integer(0), self.terms.integer(i64::from(u32::MAX)));
        self.terms.between(zero, length, most)
    }

    /// `0 <= index < length`.
    pub(super) fn is_index(&mut self, index: TermId, length: TermId) -> TermId {
        let zero = self.terms.integer(0);
        let low = self.terms.less_equal(zero, index);
        let high = self.terms.less(index, length);
        self.terms.and(vec![low, high])
    }

    /// Whether two values of a type are equal. Floats inside a value are compared canonically (`whole` is
    /// FALSE), a float by itself by IEEE.
    pub(super) fn equal_values(&mut self, id: TypeId, a: TermId, b: TermId, whole: bool) -> TermId {
        self.equal_within(id, a, b, whole, &mut vec![])
    }

    /// `around` holds the records and variants that the values lie in. Of a type that holds itself no more is said than
    /// that they are one value, which is what equal ones are.
    fn equal_within(
        &mut self,
        id: TypeId,
        a: TermId,
        b: TermId,
        whole: bool,
        around: &mut Vec<TypeId>,
    ) -> TermId {
        if a == b && (id != TypeId::FLOAT || !whole) {
            return self.terms.boolean(true);
        }
        if around.contains(&id) {
            return self.terms.equal(a, b);
        }
        match self.shape(id) {
            Shape::Plain(SortId::FLOAT) if whole => self.terms.theory(Theory::FloatEqual, vec![a, b]),
            Shape::Plain(_) => self.terms.equal(a, b),
            Shape::List(list, element) => {
                let same = self.same_lists(list, element);
                self.terms.apply(same, vec![a, b])
            }
            Shape::Map(mapping, _, value) => {
                let same = self.same_maps(mapping, value);
                self.terms.apply(same, vec![a, b])
            }
            Shape::Set(members, _) => {
                let same = self.same_sets(members);
                self.terms.apply(same, vec![a, b])
            }
            Shape::Optional(_, inner) => {
                let (has_a, has_b) = (self.is_some(id, a), self.is_some(id, b));
                let (of_a, of_b) = (self.payload(id, a), self.payload(id, b));
                let alike = self.terms.equal(has_a, has_b);
                let equal = self.equal_within(inner, of_a, of_b, false, around);
                let equal = self.terms.implies(has_a, equal);
                self.terms.and(vec![alike, equal])
            }
            Shape::Record(datatype, index) => {
                let fields = self.module.types.records[index as usize].fields.clone();
                let mut parts = vec![];
                around.push(id);
                for (number, field) in (0..).zip(&fields) {
                    let of_a = self.terms.project(datatype, 0, number, a);
                    let of_b = self.terms.project(datatype, 0, number, b);
                    parts.push(self.equal_within(field.type_id, of_a, of_b, false, around));
                }
                around.pop();
                self.terms.and(parts)
            }
            Shape::Variant(datatype, index) => {
                let cases = self.module.types.variants[index as usize].cases.clone();
                let mut parts = vec![];
                around.push(id);
                for (number, case) in (0..).zip(&cases) {
                    let is_a = self.terms.is_made_by(datatype, number, a);
                    let is_b = self.terms.is_made_by(datatype, number, b);
                    parts.push(self.terms.equal(is_a, is_b));
                    for (field, known) in (0..).zip(&case.fields) {
                        let of_a = self.terms.project(datatype, number, field, a);
                        let of_b = self.terms.project(datatype, number, field, b);
                        let equal = self.equal_within(known.type_id, of_a, of_b, false, around);
                        parts.push(self.terms.implies(is_a, equal));
                    }
                }
                around.pop();
                self.terms.and(parts)
            }
        }
    }

    /// A value of a type of which nothing is known but its type; `what` says why.
    pub(super) fn opaque(&mut self, what: &'static str, id: TypeId) -> TermId {
        let sort = self.sort(id);
        let symbol = self.terms.declare("unknown", vec![], sort);
        self.opaque.insert(symbol, what);
        self.terms.apply(symbol, vec![])
    }

    /// A function of which nothing is known but that equal arguments give equal values.
    pub(super) fn opaque_function(
        &mut self,
        what: &'static str,
        parameters: Vec<SortId>,
        result: SortId,
    ) -> SymbolId {
        self.opaque_of(what, false, parameters, result)
    }

    /// Whether a built-in is defined on its arguments, where nothing more is known of that.
    pub(super) fn opaque_demand(&mut self, what: &'static str, parameters: Vec<SortId>) -> SymbolId {
        self.opaque_of(what, true, parameters, SortId::BOOLEAN)
    }

    fn opaque_of(
        &mut self,
        what: &'static str,
        is_demand: bool,
        parameters: Vec<SortId>,
        result: SortId,
    ) -> SymbolId {
        let key = (what, is_demand, parameters.clone(), result);
        if let Some(symbol) = self.opaque_functions.get(&key) {
            return *symbol;
        }
        let name = if is_demand { format!("{what}.is_defined") } else { what.to_owned() };
        let symbol = self.terms.declare(&name, parameters, result);
        self.opaque.insert(symbol, what);
        self.opaque_functions.insert(key, symbol);
        symbol
    }
}
