//! Making a witness small: the same obligation with less.

use std::collections::BTreeMap;

use anrf_format::decimal::{Decimal, RoundingMode};
use anrf_format::module::Module;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::{Field, Type, TypeId};
use anrf_format::value::Value;
use anrf_runtime::{CancellationToken, End, HostResponse};

use super::generate::{Generator, canonical};
use super::run::{Candidate, Tester, Verdict};

impl Tester {
    /// The smallest candidate that is found which breaks the same obligation, and how its run ends.
    pub(super) fn shrink(
        &mut self,
        candidate: Candidate,
        obligation: &str,
        end: End,
        cancellation: Option<&CancellationToken>,
    ) -> (Candidate, End) {
        let mut best = (candidate, end);
        let mut left = self.options.shrink_runs;
        loop {
            let mut improved = false;
            for place in 0..self.places(&best.0) {
                improved |=
                    self.shrink_at(&mut best, obligation, &mut left, cancellation, |tester, candidate| {
                        tester.simpler_at(candidate, place)
                    });
            }
            if !improved {
                // What must stay equal is changed together.
                improved = self.shrink_at(&mut best, obligation, &mut left, cancellation, Self::together);
            }
            if !improved || left == 0 {
                return best;
            }
        }
    }

    /// Takes the first simpler candidate that shows the same, as long as there is one.
    fn shrink_at(
        &mut self,
        best: &mut (Candidate, End),
        obligation: &str,
        left: &mut u64,
        cancellation: Option<&CancellationToken>,
        simpler: impl Fn(&Self, &Candidate) -> Vec<Candidate>,
    ) -> bool {
        let mut improved = false;
        'again: loop {
            for candidate in simpler(self, &best.0) {
                if *left == 0 || cancellation.is_some_and(CancellationToken::is_cancelled) {
                    *left = 0;
                    return improved;
                }
                *left -= 1;
                let Ok(ran) = self.run(&candidate, false, cancellation) else { continue };
                if let Verdict::Defect(found, end) = ran.verdict
                    && found == obligation
                    && ran.given.len() <= best.0.answers.len().max(candidate.answers.len())
                {
                    *best = (Candidate { answers: ran.given, ..candidate }, end);
                    improved = true;
                    continue 'again;
                }
            }
            return improved;
        }
    }

    fn places(&self, candidate: &Candidate) -> usize {
        candidate.inputs.len() + candidate.state.len() + candidate.answers.len()
    }

    fn simpler_at(&self, candidate: &Candidate, place: usize) -> Vec<Candidate> {
        let with = |change: &dyn Fn(&mut Candidate)| {
            let mut changed = candidate.clone();
            change(&mut changed);
            changed
        };
        if let Some((_, value)) = candidate.inputs.get(place) {
            let type_id = self.input_types().get(place).copied().unwrap_or(TypeId::BOOLEAN);
            let values = simpler(&self.generator, type_id, value, 0).into_iter();
            return values.map(|value| with(&|changed| changed.inputs[place].1 = value.clone())).collect();
        }
        let place = place - candidate.inputs.len();
        if let Some(value) = candidate.state.get(place) {
            let Some(variable) = self.module.semantic.state.get(place) else { return vec![] };
            if *value == variable.initial {
                return vec![];
            }
            let mut values = vec![variable.initial.clone()];
            values.extend(simpler(&self.generator, variable.type_id, value, 0));
            return values
                .into_iter()
                .map(|value| with(&|changed| changed.state[place] = value.clone()))
                .collect();
        }
        let place = place - candidate.state.len();
        let Some((operation, HostResponse::Success(fields))) = candidate.answers.get(place) else {
            return vec![];
        };
        let Some(declared) = self.module.semantic.host.get(*operation as usize) else { return vec![] };
        let mut made = vec![];
        for (index, (name, value)) in fields.iter().enumerate() {
            let Some(field) = declared.success.iter().find(|field| field.name == *name) else { continue };
            for value in simpler(&self.generator, field.type_id, value, 0) {
                made.push(with(&|changed| {
                    if let Some((_, HostResponse::Success(fields))) = changed.answers.get_mut(place) {
                        fields[index].1 = value.clone();
                    }
                }));
            }
        }
        made
    }

    /// Candidates in which a number or text that stands at several places is simpler at all of them.
    fn together(&self, candidate: &Candidate) -> Vec<Candidate> {
        let mut counts: BTreeMap<Value, usize> = BTreeMap::new();
        let values = candidate.inputs.iter().map(|(_, value)| value).chain(&candidate.state);
        let mut work: Vec<&Value> = values.collect();
        for (_, response) in &candidate.answers {
            if let HostResponse::Success(fields) = response {
                work.extend(fields.iter().map(|(_, value)| value));
            }
        }
        while let Some(value) = work.pop() {
            match value {
                Value::Integer(_) | Value::Decimal(_) | Value::String(_) => {
                    *counts.entry(value.clone()).or_default() += 1;
                }
                Value::Optional(Some(inner)) => work.push(inner),
                Value::Array(values) | Value::Set(values) => work.extend(values),
                Value::Map(entries) => work.extend(entries.iter().flat_map(|(key, value)| [key, value])),
                Value::Record(fields) | Value::Variant(_, fields) => {
                    work.extend(fields.iter().map(|(_, value)| value));
                }
                _ => {}
            }
        }
        let mut made = shorter_together(candidate);
        for (value, _) in counts.into_iter().filter(|(_, count)| *count > 1) {
            for simple in simpler_scalar(&value) {
                let mut changed = candidate.clone();
                let places = changed.inputs.iter_mut().map(|(_, place)| place).chain(&mut changed.state);
                places.for_each(|place| *place = replaced(place, &value, &simple));
                for (_, response) in &mut changed.answers {
                    if let HostResponse::Success(fields) = response {
                        fields.iter_mut().for_each(|(_, place)| *place = replaced(place, &value, &simple));
                    }
                }
                made.push(changed);
            }
        }
        made
    }
}

/// Arrays of one length without their first or last element, and one number that counts them or not.
fn shorter_together(candidate: &Candidate) -> Vec<Candidate> {
    let length = |value: &Value| match value {
        Value::Array(values) if !values.is_empty() => Some(values.len()),
        _ => None,
    };
    let mut lengths: Vec<usize> = candidate.inputs.iter().filter_map(|(_, value)| length(value)).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let mut made = vec![];
    for shortened in lengths {
        for from_front in [false, true] {
            let mut changed = candidate.clone();
            for (_, value) in &mut changed.inputs {
                if let Value::Array(values) = value
                    && values.len() == shortened
                {
                    values.remove(if from_front { 0 } else { shortened - 1 });
                }
            }
            for (index, (_, value)) in changed.inputs.iter().enumerate() {
                if let Value::Integer(number @ 1..) = value {
                    let mut counted = changed.clone();
                    counted.inputs[index].1 = Value::Integer(number - 1);
                    made.push(counted);
                }
            }
            made.push(changed);
        }
    }
    made
}

/// A value in which another one is replaced wherever it stands.
fn replaced(value: &Value, from: &Value, to: &Value) -> Value {
    if value == from {
        return to.clone();
    }
    let all = |values: &[Value]| values.iter().map(|value| replaced(value, from, to)).collect();
    let fields = |fields: &[(String, Value)]| {
        fields.iter().map(|(name, value)| (name.clone(), replaced(value, from, to))).collect()
    };
    canonical(match value {
        Value::Optional(Some(inner)) => Value::Optional(Some(Box::new(replaced(inner, from, to)))),
        Value::Array(values) => Value::Array(all(values)),
        Value::Set(values) => Value::Set(all(values)),
        Value::Map(entries) => Value::Map(
            entries.iter().map(|(key, value)| (replaced(key, from, to), replaced(value, from, to))).collect(),
        ),
        Value::Record(known) => Value::Record(fields(known)),
        Value::Variant(case, known) => Value::Variant(case.clone(), fields(known)),
        other => other.clone(),
    })
}

/// Simpler values of a type, the simplest first.
fn simpler(generator: &Generator, type_id: TypeId, value: &Value, depth: u32) -> Vec<Value> {
    let module: &Module = &generator.module;
    let types = &module.types;
    if depth > 16 {
        return vec![];
    }
    match (types.types.get(type_id.0 as usize), value) {
        (Some(Type::Optional(inner)), Value::Optional(Some(value))) => {
            let mut made = vec![Value::Optional(None)];
            let inside = simpler(generator, *inner, value, depth + 1).into_iter();
            made.extend(inside.map(|value| Value::Optional(Some(Box::new(value)))));
            made
        }
        (Some(Type::Array(element)), Value::Array(values)) => {
            let lists = simpler_list(values, |value| simpler(generator, *element, value, depth + 1));
            lists.into_iter().map(Value::Array).collect()
        }
        (Some(Type::Set(element)), Value::Set(values)) => {
            let lists = simpler_list(values, |value| simpler(generator, *element, value, depth + 1));
            lists.into_iter().map(|list| canonical(Value::Set(list))).filter(|made| made < value).collect()
        }
        (Some(Type::Map(key, to)), Value::Map(entries)) => {
            let lists = simpler_list(entries, |(from, value)| {
                let keys = simpler(generator, *key, from, depth + 1).into_iter();
                let values = simpler(generator, *to, value, depth + 1).into_iter();
                let keys = keys.map(|key| (key, value.clone()));
                keys.chain(values.map(|value| (from.clone(), value))).collect()
            });
            let whole = |list: &Vec<(Value, Value)>| {
                let mut keys: Vec<&Value> = list.iter().map(|(key, _)| key).collect();
                keys.sort();
                keys.windows(2).all(|pair| pair[0] != pair[1])
            };
            lists.into_iter().filter(whole).map(|list| canonical(Value::Map(list))).collect()
        }
        (Some(Type::Enum(_) | Type::Machine(_)), Value::Enum(symbol)) => {
            let symbols = types.symbols(type_id).unwrap_or_default();
            let before = symbols.iter().take_while(|known| *known != symbol);
            before.map(|symbol| Value::Enum(symbol.clone())).collect()
        }
        (Some(Type::Record(_)), Value::Record(fields)) => {
            let declared = types.record(type_id).map_or(&[][..], |record| &record.fields);
            simpler_fields(generator, declared, fields, depth).into_iter().map(Value::Record).collect()
        }
        (Some(Type::Variant(_)), Value::Variant(name, fields)) => {
            let cases = types.variant(type_id).map_or(&[][..], |variant| &variant.cases);
            let plain = generator.plain(type_id);
            let mut made = vec![];
            if matches!(&plain, Value::Variant(least, _) if least != name) {
                made.push(plain);
            }
            if let Some(case) = cases.iter().find(|case| case.name == *name) {
                let lists = simpler_fields(generator, &case.fields, fields, depth).into_iter();
                made.extend(lists.map(|fields| Value::Variant(name.clone(), fields)));
            }
            made
        }
        _ => simpler_scalar(value),
    }
}

fn simpler_fields(
    generator: &Generator,
    declared: &[Field],
    fields: &[(String, Value)],
    depth: u32,
) -> Vec<Vec<(String, Value)>> {
    let mut made = vec![];
    for (index, ((_, value), field)) in fields.iter().zip(declared).enumerate() {
        for value in simpler(generator, field.type_id, value, depth + 1) {
            let mut fields = fields.to_vec();
            fields[index].1 = value;
            made.push(fields);
        }
    }
    made
}

/// Shorter lists first: none, either half, each without one; then such with one simpler element.
fn simpler_list<T: Clone>(values: &[T], simpler: impl Fn(&T) -> Vec<T>) -> Vec<Vec<T>> {
    let mut made = vec![];
    if values.len() > 1 {
        made.push(vec![]);
    }
    if values.len() > 3 {
        let (left, right) = values.split_at(values.len() / 2);
        made.extend([left.to_vec(), right.to_vec()]);
    }
    for index in 0..values.len() {
        let mut shorter = values.to_vec();
        shorter.remove(index);
        made.push(shorter);
    }
    for (index, value) in values.iter().enumerate() {
        for value in simpler(value) {
            let mut changed = values.to_vec();
            changed[index] = value;
            made.push(changed);
        }
    }
    made
}

/// Simpler numbers, texts and times.
fn simpler_scalar(value: &Value) -> Vec<Value> {
    match value {
        Value::Boolean(true) => vec![Value::Boolean(false)],
        Value::Integer(number) => simpler_integers(*number).into_iter().map(Value::Integer).collect(),
        Value::Decimal(number) => simpler_decimals(number).into_iter().map(Value::Decimal).collect(),
        Value::Float(number) => {
            let plain = [0.0, 1.0, -1.0, 0.5, number.trunc(), (number / 2.0).trunc()];
            let rank =
                |number: f64| (number.fract() != 0.0, number.abs().to_bits(), number.is_sign_negative());
            plain.into_iter().filter(|plain| rank(*plain) < rank(*number)).map(Value::Float).collect()
        }
        Value::String(text) => {
            let characters: Vec<char> = text.chars().collect();
            let lists = simpler_list(&characters, |character| {
                ['a', '0']
                    .into_iter()
                    .filter(|plain| *character != 'a' && plain != character)
                    .take_while(|_| !matches!(character, '0'))
                    .collect()
            });
            lists.into_iter().map(|list| Value::String(list.into_iter().collect())).collect()
        }
        Value::Bytes(octets) => {
            let lists =
                simpler_list(octets, |octet| [0, octet / 2].into_iter().filter(|it| it < octet).collect());
            lists.into_iter().map(Value::Bytes).collect()
        }
        Value::Timestamp(time) => {
            let micros = simpler_integers(time.micros()).into_iter();
            micros.filter_map(Timestamp::from_micros).map(Value::Timestamp).collect()
        }
        _ => vec![],
    }
}

/// Nearer to zero: 0, the positive of a negative number, then ever smaller steps.
fn simpler_integers(number: i64) -> Vec<i64> {
    let mut made = vec![];
    if number < 0 {
        made.extend(number.checked_neg());
    }
    let mut step = number;
    while step != 0 {
        made.push(number - step);
        step /= 2;
    }
    made
}

/// Fewer places, then nearer to zero.
fn simpler_decimals(number: &Decimal) -> Vec<Decimal> {
    let mut made = vec![];
    if number.signum() < 0 {
        made.push(number.neg());
    }
    let scale = i64::from(number.scale());
    for places in 0..scale.min(8) {
        made.extend(number.round(places, RoundingMode::Down));
    }
    if scale > 8 {
        made.extend(number.round(scale - 1, RoundingMode::Down));
    }
    match number.small() {
        Some((coefficient, scale)) => {
            // Without its first digits: what is wrong with a rounding stands at the end.
            let powers = (1..=scale.min(30)).map(|digits| 10_i128.pow(digits));
            made.extend(powers.filter_map(|power| Decimal::from_parts(coefficient % power, scale).ok()));
            let mut step = coefficient;
            while step != 0 {
                made.extend(Decimal::from_parts(coefficient - step, scale));
                step /= 2;
            }
        }
        None => made.push(Decimal::ONE),
    }
    let rank = |number: &Decimal| (number.abs(), number.signum() < 0);
    made.retain(|plain| rank(plain) < rank(number));
    made
}
