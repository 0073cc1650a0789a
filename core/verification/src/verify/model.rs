//! A solver's model as inputs of a run. Only the run decides: a model that cannot be read, or that shows
//! nothing, is no more than a try.

use anrf_format::decimal::Decimal;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::{Type, TypeId};
use anrf_format::value::Value;
use num_bigint::BigInt;
use num_traits::{One as _, ToPrimitive as _};

use anrf_runtime::Fields;

use crate::encode::{Encoded, Encoder, Goal};
use crate::report::LoopValue;
use crate::solver::{Node, SExpression, Session};
use crate::term::{Op, Script, SortId, TermId};

/// Longest array, map or set that is read.
const LONGEST: usize = 48;
/// Deepest nesting of values.
const DEEPEST: u32 = 8;
/// Decimal places that a number without an end is cut to.
const PLACES: u32 = 12;

/// The inputs and state that a model speaks of, if all can be read.
pub(super) fn given_by(
    encoder: &mut Encoder<'_>,
    encoded: &Encoded,
    goal: &Goal,
    script: &Script,
    session: &mut dyn Session,
) -> Option<(Fields, Fields)> {
    let (names, variables) = (encoder.input_names(encoded), encoder.state_names(encoded));
    let roots = goal.roots();
    let mut model = Model { encoder, script, session, roots: &roots };
    let inputs = encoded.inputs.iter().zip(names);
    let inputs = inputs.map(|((id, term), name)| Some((name, model.value(*id, *term)?))).collect();
    let state = encoded.state.iter().zip(variables);
    let state = state.map(|((_, id, term), name)| Some((name, model.value(*id, *term)?))).collect();
    Option::zip(inputs, state)
}

/// What a model says of the iteration that a goal is about.
pub(super) fn iteration_of(
    encoder: &mut Encoder<'_>,
    encoded: &Encoded,
    goal: &Goal,
    script: &Script,
    session: &mut dyn Session,
) -> Vec<LoopValue> {
    let Some(carried) = goal.iteration.and_then(|index| encoded.iterations.get(index)) else { return vec![] };
    let roots = goal.roots();
    let mut model = Model { encoder, script, session, roots: &roots };
    let values = carried.iter().map(|value| LoopValue {
        name: value.name.clone(),
        type_id: value.type_id,
        before: model.known(value.type_id, value.before),
        after: model.known(value.type_id, value.after),
    });
    values.filter(|value| value.before.is_some() || value.after.is_some()).collect()
}

/// Reads values out of a model.
struct Model<'a, 'm> {
    encoder: &'a mut Encoder<'m>,
    script: &'a Script,
    session: &'a mut dyn Session,
    /// Terms of the query, for keys that a map may have.
    roots: &'a [TermId],
}

impl Model<'_, '_> {
    /// The value of a term of a type.
    fn value(&mut self, id: TypeId, term: TermId) -> Option<Value> {
        self.read(id, term, DEEPEST)
    }

    /// The same, unless the query says nothing of it.
    fn known(&mut self, id: TypeId, term: TermId) -> Option<Value> {
        if self.script.declares(&self.encoder.terms, term) { self.value(id, term) } else { None }
    }

    fn ask(&mut self, term: TermId) -> Option<SExpression> {
        let printed = self.script.print(&self.encoder.terms, term).ok()?;
        self.session.values(&[&printed]).ok()?.pop()
    }

    fn truth(&mut self, term: TermId) -> Option<bool> {
        match self.encoder.terms.as_boolean(term) {
            Some(known) => Some(known),
            None => self.ask(term)?.symbol().map(|symbol| symbol == "true"),
        }
    }

    fn read(&mut self, id: TypeId, term: TermId, depth: u32) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        let types = self.encoder.types();
        match types.get(id).clone() {
            Type::Boolean => self.truth(term).map(Value::Boolean),
            Type::Integer | Type::Unbounded => integer(&self.ask(term)?)?.to_i64().map(Value::Integer),
            Type::Timestamp => {
                let micros = integer(&self.ask(term)?)?.to_i64()?;
                Timestamp::from_micros(micros).map(Value::Timestamp)
            }
            Type::Enum(_) | Type::Machine(_) => {
                let position = integer(&self.ask(term)?)?.to_usize()?;
                let symbol = self.encoder.types().symbols(id)?.get(position)?.clone();
                Some(Value::Enum(symbol))
            }
            Type::Decimal => decimal(&self.ask(term)?).map(Value::Decimal),
            Type::Float => float(&self.ask(term)?).map(Value::Float),
            Type::String => self.ask(term)?.text().map(Value::String),
            Type::Bytes => {
                let items = self.items(id, TypeId::INTEGER, term, depth)?;
                let octet = |value| match value {
                    Value::Integer(octet) => u8::try_from(octet).ok(),
                    _ => None,
                };
                items.into_iter().map(octet).collect::<Option<_>>().map(Value::Bytes)
            }
            Type::Optional(inner) => {
                let is_some = self.encoder.is_some_term(id, term);
                if !self.truth(is_some)? {
                    return Some(Value::Optional(None));
                }
                let payload = self.encoder.payload_term(id, term);
                let value = self.read(inner, payload, depth)?;
                Some(Value::Optional(Some(Box::new(value))))
            }
            Type::Array(element) => self.items(id, element, term, depth).map(Value::Array),
            Type::Set(element) => {
                let mut found = vec![];
                for key in self.keys(element) {
                    let is_in = self.encoder.has_term(id, term, key);
                    if self.truth(is_in)? {
                        found.push(self.read(element, key, depth)?);
                    }
                }
                found.sort();
                found.dedup();
                Some(Value::Set(found))
            }
            Type::Map(key_type, value_type) => {
                let mut found = vec![];
                for key in self.keys(key_type) {
                    let is_in = self.encoder.has_term(id, term, key);
                    if self.truth(is_in)? {
                        let value = self.encoder.lookup_term(id, term, key);
                        found.push((self.read(key_type, key, depth)?, self.read(value_type, value, depth)?));
                    }
                }
                found.sort();
                found.dedup_by(|a, b| a.0 == b.0);
                Some(Value::Map(found))
            }
            Type::Record(index) => {
                let fields = self.encoder.types().records.get(index as usize)?.fields.clone();
                let mut values = vec![];
                for (number, field) in (0..).zip(fields) {
                    let part = self.encoder.field_term(id, 0, number, term)?;
                    values.push((field.name, self.read(field.type_id, part, depth)?));
                }
                Some(Value::Record(values))
            }
            Type::Variant(index) => {
                let cases = self.encoder.types().variants.get(index as usize)?.cases.clone();
                for (number, case) in (0..).zip(cases) {
                    let is_case = self.encoder.is_case_term(id, number, term)?;
                    if !self.truth(is_case)? {
                        continue;
                    }
                    let mut values = vec![];
                    for (field, known) in (0..).zip(case.fields) {
                        let part = self.encoder.field_term(id, number, field, term)?;
                        values.push((known.name, self.read(known.type_id, part, depth)?));
                    }
                    return Some(Value::Variant(case.name, values));
                }
                None
            }
        }
    }

    fn items(&mut self, id: TypeId, element: TypeId, term: TermId, depth: u32) -> Option<Vec<Value>> {
        let length = self.encoder.length_term(id, term);
        let length = integer(&self.ask(length)?)?.to_usize()?.min(LONGEST);
        let mut items = vec![];
        for index in 0..length {
            let item = self.encoder.item_term(id, term, index)?;
            items.push(self.read(element, item, depth)?);
        }
        Some(items)
    }

    /// Plain terms of the query that may be keys.
    fn keys(&mut self, id: TypeId) -> Vec<TermId> {
        let sort = self.encoder.sort_of(id);
        let mut found = vec![];
        let mut seen = rustc_hash::FxHashSet::default();
        let mut stack = self.roots.to_vec();
        while let Some(term) = stack.pop() {
            if !seen.insert(term) || found.len() > LONGEST {
                continue;
            }
            let node = self.encoder.terms.get(term);
            if node.sort == sort
                && self.encoder.terms.free(term).is_empty()
                && !matches!(node.op, Op::Theory(_) if sort == SortId::BOOLEAN)
            {
                found.push(term);
            }
            stack.extend(node.arguments.iter().copied());
        }
        found.sort_unstable();
        found
    }
}

fn negated(value: &SExpression) -> Option<SExpression> {
    value.application::<1>("-").map(|[inner]| inner)
}

fn integer(value: &SExpression) -> Option<BigInt> {
    if let Some(inner) = negated(value) {
        return integer(&inner).map(|inner| -inner);
    }
    match value.node() {
        Node::Numeral(digits) => digits.parse().ok(),
        Node::Decimal(digits) => digits.strip_suffix(".0")?.parse().ok(),
        _ => None,
    }
}

fn fraction(value: &SExpression) -> Option<(BigInt, BigInt)> {
    if let Some(inner) = negated(value) {
        return fraction(&inner).map(|(numerator, denominator)| (-numerator, denominator));
    }
    if let Some([numerator, denominator]) = value.application::<2>("/") {
        let ((a, b), (c, d)) = (fraction(&numerator)?, fraction(&denominator)?);
        return Some((a * d, b * c));
    }
    match value.node() {
        Node::Numeral(digits) => Some((digits.parse().ok()?, BigInt::one())),
        Node::Decimal(digits) => {
            let (whole, places) = digits.split_once('.')?;
            let scale = u32::try_from(places.len()).ok()?;
            Some((format!("{whole}{places}").parse().ok()?, BigInt::from(10).pow(scale)))
        }
        _ => None,
    }
}

fn decimal(value: &SExpression) -> Option<Decimal> {
    let (numerator, denominator) = fraction(value)?;
    if denominator == BigInt::ZERO {
        return None;
    }
    let scaled = numerator * BigInt::from(10).pow(PLACES) / denominator;
    Decimal::new(scaled, PLACES).ok().map(|value| value.normalized())
}

fn float(value: &SExpression) -> Option<f64> {
    let bits = |part: &SExpression| match part.node() {
        Node::Binary(digits) => u64::from_str_radix(digits, 2).ok(),
        Node::Hexadecimal(digits) => u64::from_str_radix(digits, 16).ok(),
        _ => None,
    };
    if let Some([sign, exponent, significand]) = value.application::<3>("fp") {
        let (sign, exponent, significand) = (bits(&sign)?, bits(&exponent)?, bits(&significand)?);
        return Some(f64::from_bits(sign << 63 | exponent << 52 | significand));
    }
    let [kind, _, _] = value.application::<3>("_")?;
    match kind.symbol()? {
        "+zero" => Some(0.0),
        "-zero" => Some(-0.0),
        "+oo" => Some(f64::INFINITY),
        "-oo" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ => None,
    }
}
