//! Values of every type, also such that are there already: aliases, keys that are in the map, lengths.

use std::sync::Arc;

use anrf_format::decimal::Decimal;
use anrf_format::module::Module;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::{Field, Type, TypeId};
use anrf_format::value::Value;
use rustc_hash::FxHashMap;

use super::constants::Constants;
use super::random::Random;

/// Values nest no deeper than this where their type does not force them to.
const DEPTH: u32 = 6;
/// Types whose least value nests deeper are not made.
const HEIGHT: u32 = 32;
/// Numbers in the code that may be limits of lengths; longer collections would cost too much.
const LIMITS: std::ops::RangeInclusive<i64> = 4..=256;
/// So many values of a type are remembered.
const REMEMBERED: usize = 64;

/// What the values of one candidate have in common, so that many of them meet conditions that speak of all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Profile {
    pub(super) tiny: bool,
    pub(super) nonnegative: bool,
    pub(super) longest: usize,
    /// Collections and texts are as long as a number that the code speaks of: a limit, reached or just missed.
    pub(super) length: Option<usize>,
    /// Most values are ones that are around already.
    close: bool,
    order: Order,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    #[default]
    Any,
    Ascending,
    Distinct,
    Descending,
}

/// Makes values.
#[derive(Debug)]
pub(super) struct Generator {
    pub(super) module: Arc<Module>,
    pub(super) random: Random,
    pub(super) constants: Constants,
    /// How deep the least deep value of each type is; `u32::MAX` where there is none.
    heights: Vec<u32>,
    pub(super) profile: Profile,
    /// Values of the candidate that is being made.
    recent: FxHashMap<TypeId, Vec<Value>>,
    /// Values of examples and of inputs that met the conditions.
    known: FxHashMap<TypeId, Vec<Value>>,
}

impl Generator {
    pub(super) fn new(module: &Arc<Module>, function: u32, seed: u64) -> Self {
        Self {
            module: Arc::clone(module),
            random: Random::new(seed),
            constants: Constants::of(module, function),
            heights: heights(module),
            profile: Profile { longest: 4, ..Profile::default() },
            recent: FxHashMap::default(),
            known: FxHashMap::default(),
        }
    }

    /// Whether a type has values that are not too deep to make.
    pub(super) fn can_make(&self, type_id: TypeId) -> bool {
        self.heights.get(type_id.0 as usize).is_some_and(|height| *height < HEIGHT)
    }

    /// Begins another candidate.
    pub(super) fn begin(&mut self) {
        self.recent.clear();
        let order = match self.random.below(10) {
            0..=2 => Order::Ascending,
            3 | 4 => Order::Distinct,
            5 => Order::Descending,
            _ => Order::Any,
        };
        let longest = self.random.pick(&[1, 2, 3, 3, 4, 6, 12]).copied().unwrap_or(3);
        let (tiny, nonnegative) = (self.random.chance(30), self.random.chance(40));
        let length = self.random.chance(8).then(|| self.limit()).flatten();
        let close = self.random.chance(20);
        self.profile = Profile { tiny, nonnegative, longest, length, close, order };
    }

    /// A length that may be a limit of the code.
    fn limit(&mut self) -> Option<usize> {
        let limits = self.constants.integers.iter().filter(|number| LIMITS.contains(*number));
        let limits: Vec<i64> = limits.copied().collect();
        let limit = self.random.pick(&limits).copied()?;
        usize::try_from(limit + self.random.between(-1, 1)).ok()
    }

    /// Keeps a value and its parts for later ones.
    pub(super) fn remember(&mut self, type_id: TypeId, value: &Value) {
        let module = Arc::clone(&self.module);
        let mut work = vec![(type_id, value)];
        while let Some((type_id, value)) = work.pop() {
            let list = self.known.entry(type_id).or_default();
            if list.contains(value) {
                continue;
            }
            if list.len() < REMEMBERED {
                list.push(value.clone());
            } else if let Some(place) = list.get_mut(self.random.below(REMEMBERED)) {
                *place = value.clone();
            }
            work.extend(parts(&module, type_id, value));
        }
    }

    /// Lets the next values resemble one that is around.
    pub(super) fn notice(&mut self, type_id: TypeId, value: &Value) {
        let list = self.recent.entry(type_id).or_default();
        if list.len() < REMEMBERED {
            list.push(value.clone());
        }
        let length = match value {
            Value::Array(values) | Value::Set(values) => values.len(),
            Value::Map(entries) => entries.len(),
            Value::String(text) => text.chars().count(),
            _ => return,
        };
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        self.recent.entry(TypeId::INTEGER).or_default().push(Value::Integer(length));
    }

    /// A value of a type.
    pub(super) fn value(&mut self, type_id: TypeId) -> Value {
        self.value_at(type_id, 0)
    }

    /// The plainest value of a type.
    pub(super) fn plain(&self, type_id: TypeId) -> Value {
        let types = &self.module.types;
        let fields = |fields: &[Field]| {
            fields.iter().map(|field| (field.name.clone(), self.plain(field.type_id))).collect()
        };
        match types.types.get(type_id.0 as usize) {
            None | Some(Type::Boolean) => Value::Boolean(false),
            Some(Type::Integer | Type::Unbounded) => Value::Integer(0),
            Some(Type::Decimal) => Value::Decimal(Decimal::ZERO),
            Some(Type::Float) => Value::Float(0.0),
            Some(Type::String) => Value::String(String::new()),
            Some(Type::Bytes) => Value::Bytes(vec![]),
            Some(Type::Timestamp) => Value::Timestamp(Timestamp::EPOCH),
            Some(Type::Optional(_)) => Value::Optional(None),
            Some(Type::Array(_)) => Value::Array(vec![]),
            Some(Type::Map(..)) => Value::Map(vec![]),
            Some(Type::Set(_)) => Value::Set(vec![]),
            Some(Type::Enum(_) | Type::Machine(_)) => {
                let symbols = types.symbols(type_id).unwrap_or_default();
                Value::Enum(symbols.first().cloned().unwrap_or_default())
            }
            Some(Type::Record(_)) => {
                Value::Record(types.record(type_id).map_or_else(Vec::new, |record| fields(&record.fields)))
            }
            Some(Type::Variant(_)) => {
                let cases = types.variant(type_id).map_or(&[][..], |variant| &variant.cases);
                let least = cases.iter().min_by_key(|case| self.fields_height(&case.fields));
                least.map_or(Value::Variant(String::new(), vec![]), |case| {
                    Value::Variant(case.name.clone(), fields(&case.fields))
                })
            }
        }
    }

    fn fields_height(&self, fields: &[Field]) -> u32 {
        let height = |field: &Field| self.heights.get(field.type_id.0 as usize).copied().unwrap_or(u32::MAX);
        fields.iter().map(height).max().unwrap_or(0)
    }

    fn value_at(&mut self, type_id: TypeId, depth: u32) -> Value {
        if depth >= DEPTH {
            return self.plain(type_id);
        }
        let recent = if self.profile.close { 60 } else { 14 };
        let list = match self.random.below(100) {
            number if number < recent => self.recent.get(&type_id),
            number if number < recent + 6 => self.known.get(&type_id),
            _ => None,
        };
        let taken = list.and_then(|list| self.random.pick(list).cloned());
        let value = match taken {
            Some(Value::Integer(number)) if self.random.chance(30) => {
                Value::Integer(number.saturating_add(self.random.between(-1, 1)))
            }
            Some(value) => value,
            None => self.fresh(type_id, depth),
        };
        self.notice(type_id, &value);
        value
    }

    fn fresh(&mut self, type_id: TypeId, depth: u32) -> Value {
        let module = Arc::clone(&self.module);
        let Some(known) = module.types.types.get(type_id.0 as usize) else { return Value::Boolean(false) };
        match known {
            Type::Boolean => Value::Boolean(self.random.chance(50)),
            Type::Integer | Type::Unbounded => Value::Integer(self.integer()),
            Type::Decimal => Value::Decimal(self.decimal()),
            Type::Float => Value::Float(self.float()),
            Type::String => Value::String(self.string()),
            Type::Bytes => Value::Bytes(self.octets()),
            Type::Timestamp => Value::Timestamp(self.timestamp()),
            Type::Optional(inner) => {
                let given = self.random.chance(70).then(|| Box::new(self.value_at(*inner, depth + 1)));
                Value::Optional(given)
            }
            Type::Array(element) => {
                let mut values = self.values(*element, depth);
                if self.profile.order != Order::Any {
                    values.sort();
                }
                match self.profile.order {
                    Order::Any | Order::Ascending => {}
                    Order::Distinct => values.dedup(),
                    Order::Descending => values.reverse(),
                }
                Value::Array(values)
            }
            Type::Set(element) => canonical(Value::Set(self.values(*element, depth))),
            Type::Map(key, value) => {
                let keys: Vec<Value> = self.values(*key, depth);
                let keys = keys.into_iter().map(|made| self.met(*key).unwrap_or(made)).collect::<Vec<_>>();
                let entries = keys.into_iter().map(|key| (key, self.value_at(*value, depth + 1))).collect();
                canonical(Value::Map(entries))
            }
            Type::Enum(_) | Type::Machine(_) => {
                let symbols = module.types.symbols(type_id).unwrap_or_default();
                Value::Enum(self.random.pick(symbols).cloned().unwrap_or_default())
            }
            Type::Record(_) => {
                let fields = module.types.record(type_id).map_or(&[][..], |record| &record.fields);
                Value::Record(self.fields(fields, depth))
            }
            Type::Variant(_) => {
                let cases = module.types.variant(type_id).map_or(&[][..], |variant| &variant.cases);
                match self.random.pick(cases) {
                    Some(case) => Value::Variant(case.name.clone(), self.fields(&case.fields, depth)),
                    None => self.plain(type_id),
                }
            }
        }
    }

    /// Now and then one of the values that are around: a key that is asked for, so that it is found.
    pub(super) fn met(&mut self, type_id: TypeId) -> Option<Value> {
        let around = self.recent.get(&type_id)?;
        self.random.chance(30).then(|| self.random.pick(around).cloned()).flatten()
    }

    fn fields(&mut self, fields: &[Field], depth: u32) -> Vec<(String, Value)> {
        let made = fields.iter().map(|field| (field.name.clone(), self.value_at(field.type_id, depth + 1)));
        made.collect()
    }

    fn values(&mut self, element: TypeId, depth: u32) -> Vec<Value> {
        // Of inner collections that would be the square of it.
        if let Some(length) = self.profile.length.filter(|_| depth == 0) {
            return match self.value_at(element, depth + 1) {
                // Ones that differ: keys and members that do not are one.
                Value::Integer(least) if self.random.chance(50) => {
                    let numbers = (0..).map(|step| least.saturating_add(step));
                    numbers.take(length).map(Value::Integer).collect()
                }
                Value::String(_) if self.random.chance(50) => {
                    (0..length).map(|number| Value::String(number.to_string())).collect()
                }
                value => vec![value; length],
            };
        }
        let count = self.random.below(self.profile.longest + 1);
        if count > 1 && self.random.chance(6) {
            return vec![self.value_at(element, depth + 1); count];
        }
        (0..count).map(|_| self.value_at(element, depth + 1)).collect()
    }
}

/// Maps and sets ascending and without repeats.
pub(super) fn canonical(value: Value) -> Value {
    match value {
        Value::Set(mut members) => {
            members.sort();
            members.dedup();
            Value::Set(members)
        }
        Value::Map(mut entries) => {
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            entries.dedup_by(|(one, _), (other, _)| one == other);
            Value::Map(entries)
        }
        other => other,
    }
}

/// The values directly inside a value, with their types.
pub(super) fn parts<'v>(module: &Module, type_id: TypeId, value: &'v Value) -> Vec<(TypeId, &'v Value)> {
    let types = &module.types;
    let named = |fields: &[Field], values: &'v [(String, Value)]| {
        fields.iter().map(|field| field.type_id).zip(values.iter().map(|(_, value)| value)).collect()
    };
    match (types.types.get(type_id.0 as usize), value) {
        (Some(Type::Optional(inner)), Value::Optional(Some(value))) => vec![(*inner, value)],
        (Some(Type::Array(element) | Type::Set(element)), Value::Array(values) | Value::Set(values)) => {
            values.iter().map(|value| (*element, value)).collect()
        }
        (Some(Type::Map(key, to)), Value::Map(entries)) => {
            entries.iter().flat_map(|(from, value)| [(*key, from), (*to, value)]).collect()
        }
        (Some(Type::Record(_)), Value::Record(values)) => {
            types.record(type_id).map_or_else(Vec::new, |record| named(&record.fields, values))
        }
        (Some(Type::Variant(_)), Value::Variant(name, values)) => {
            let cases = types.variant(type_id).map_or(&[][..], |variant| &variant.cases);
            let case = cases.iter().find(|case| case.name == *name);
            case.map_or_else(Vec::new, |case| named(&case.fields, values))
        }
        _ => vec![],
    }
}

/// How deep the least deep value of each type is.
fn heights(module: &Module) -> Vec<u32> {
    let types = &module.types;
    let mut heights = vec![u32::MAX; types.types.len()];
    loop {
        let of = |type_id: TypeId| heights.get(type_id.0 as usize).copied().unwrap_or(u32::MAX);
        let inside = |fields: &[Field]| {
            let deepest = fields.iter().map(|field| of(field.type_id)).max();
            deepest.map_or(0, |height| height.saturating_add(1))
        };
        let next: Vec<u32> = (0..)
            .map(TypeId)
            .zip(&types.types)
            .map(|(type_id, known)| match known {
                Type::Record(_) => types.record(type_id).map_or(0, |record| inside(&record.fields)),
                Type::Variant(_) => {
                    let cases = types.variant(type_id).map_or(&[][..], |variant| &variant.cases);
                    cases.iter().map(|case| inside(&case.fields)).min().unwrap_or(0)
                }
                _ => 0,
            })
            .collect();
        if next == heights {
            return heights;
        }
        heights = next;
    }
}
