//! Simpler values of every type, for shrinking: fewer elements, nearer to zero, plainer characters.

use anrf_format::decimal::{Decimal, RoundingMode};
use anrf_format::module::Module;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::{Field, Type, TypeId};
use anrf_format::value::Value;

use super::generate::{Generator, canonical};

/// Simpler values of a type, the simplest first.
pub(super) fn simpler(generator: &Generator, type_id: TypeId, value: &Value, depth: u32) -> Vec<Value> {
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

/// Shorter lists first: none, either half, each without one; then such with simpler elements, all, half of them
/// or one.
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
    let simplest: Vec<Vec<T>> = values.iter().map(simpler).collect();
    if values.len() > 1 {
        let half = values.len() / 2;
        for range in [0..values.len(), 0..half, half..values.len()] {
            let with = simplest.iter().zip(values).enumerate().map(|(index, (simpler, value))| {
                simpler.first().filter(|_| range.contains(&index)).unwrap_or(value).clone()
            });
            if range.clone().any(|index| simplest.get(index).is_some_and(|simpler| !simpler.is_empty())) {
                made.push(with.collect());
            }
        }
    }
    for (index, simpler) in simplest.into_iter().enumerate() {
        for value in simpler {
            let mut changed = values.to_vec();
            changed[index] = value;
            made.push(changed);
        }
    }
    made
}

/// Simpler numbers, texts and times.
pub(super) fn simpler_scalar(value: &Value) -> Vec<Value> {
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
