//! What a function's own code compares with: the values at which it may change its mind.

use std::collections::BTreeSet;

use anrf_format::decimal::Decimal;
use anrf_format::execution::{Op, Role, Terminator};
use anrf_format::module::Module;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::{Type, TypeId};
use anrf_format::value::Value;

/// Constants of a function, of what it calls, and of conditions on the types, state and operations that it uses.
#[derive(Clone, Debug, Default)]
pub(super) struct Constants {
    pub(super) integers: Vec<i64>,
    /// Sums, products and quotients of those, and neighbours.
    pub(super) near: Vec<i64>,
    pub(super) decimals: Vec<Decimal>,
    pub(super) floats: Vec<f64>,
    pub(super) strings: Vec<String>,
    pub(super) bytes: Vec<Vec<u8>>,
    pub(super) timestamps: Vec<Timestamp>,
    /// Characters of the strings.
    pub(super) alphabet: Vec<char>,
}

/// So many constants are combined with each other.
const COMBINED: usize = 12;
/// So many characters of a literal join the alphabet.
const LITERAL_CHARACTERS: usize = 48;

impl Constants {
    pub(super) fn of(module: &Module, function: u32) -> Self {
        let execution = &module.execution;
        let mut found = Found::default();
        let mut open: Vec<usize> = vec![];
        let (mut seen, mut types) = (BTreeSet::new(), BTreeSet::new());
        // What stands elsewhere in the module changes no search.
        let mut meet = |open: &mut Vec<usize>, role: Role| {
            let index = execution.find(role).map(|id| id.0 as usize);
            open.extend(index.filter(|index| seen.insert(*index)));
        };
        meet(&mut open, Role::Body(function));
        meet(&mut open, Role::Entry(function));
        while let Some(index) = open.pop() {
            let Some(code) = execution.functions.get(index) else { continue };
            for record in records(module, &code.values, &mut types) {
                meet(&mut open, Role::Record(record));
            }
            for block in &code.blocks {
                for instruction in &block.instructions {
                    let result = instruction.result.and_then(|result| code.values.get(result.0 as usize));
                    match (&instruction.op, result) {
                        (Op::Immediate(bits), Some(type_id)) => found.immediate(module, *type_id, *bits),
                        (Op::Constant(index), _) => {
                            if let Some((type_id, value)) = execution.constants.get(*index as usize) {
                                found.value(*type_id, value);
                            }
                        }
                        (Op::StateRead(variable, _) | Op::StateWrite(variable, _), _) => {
                            meet(&mut open, Role::State(*variable));
                        }
                        _ => {}
                    }
                }
                match &block.terminator {
                    Terminator::Call { function, .. } => {
                        let Some(callee) = execution.functions.get(function.0 as usize) else { continue };
                        meet(&mut open, callee.role);
                        if let Role::Body(semantic) = callee.role {
                            meet(&mut open, Role::Entry(semantic));
                        }
                    }
                    Terminator::Invoke { operation, .. } => {
                        meet(&mut open, Role::HostRequest(*operation));
                        meet(&mut open, Role::HostAnswer(*operation));
                    }
                    _ => {}
                }
            }
        }
        found.finish()
    }
}

/// The records among types that were not met before, and inside of these.
fn records(module: &Module, types: &[TypeId], met: &mut BTreeSet<TypeId>) -> Vec<u32> {
    let mut work = types.to_vec();
    let mut found = vec![];
    while let Some(type_id) = work.pop() {
        if !met.insert(type_id) {
            continue;
        }
        match module.types.get(type_id) {
            Type::Optional(inner) | Type::Array(inner) | Type::Set(inner) => work.push(*inner),
            Type::Map(key, value) => work.extend([*key, *value]),
            Type::Record(index) => {
                found.push(*index);
                let fields = module.types.record(type_id).map_or(&[][..], |record| &record.fields);
                work.extend(fields.iter().map(|field| field.type_id));
            }
            Type::Variant(_) => {
                let cases = module.types.variant(type_id).map_or(&[][..], |variant| &variant.cases);
                work.extend(cases.iter().flat_map(|case| &case.fields).map(|field| field.type_id));
            }
            _ => {}
        }
    }
    found
}

#[derive(Debug, Default)]
struct Found {
    integers: BTreeSet<i64>,
    values: BTreeSet<Value>,
}

impl Found {
    fn immediate(&mut self, module: &Module, type_id: TypeId, bits: i64) {
        match module.types.types.get(type_id.0 as usize) {
            Some(Type::Integer | Type::Unbounded) => {
                self.integers.insert(bits);
            }
            Some(Type::Timestamp) => {
                self.values.extend(Timestamp::from_micros(bits).map(Value::Timestamp));
            }
            _ => {}
        }
    }

    fn value(&mut self, type_id: TypeId, value: &Value) {
        if type_id == TypeId::UNBOUNDED && matches!(value, Value::String(_)) {
            // Beyond 64 bits.
            return;
        }
        let mut work = vec![value];
        while let Some(value) = work.pop() {
            match value {
                Value::Integer(number) => {
                    self.integers.insert(*number);
                }
                Value::Array(values) | Value::Set(values) => work.extend(values),
                Value::Map(entries) => work.extend(entries.iter().flat_map(|(key, value)| [key, value])),
                Value::Record(fields) | Value::Variant(_, fields) => {
                    work.extend(fields.iter().map(|(_, value)| value));
                }
                Value::Optional(Some(inner)) => work.push(inner),
                other => {
                    self.values.insert(other.clone());
                }
            }
        }
    }

    fn finish(self) -> Constants {
        let mut constants = Constants::default();
        let mut near = BTreeSet::new();
        let mut add = |number: Option<i64>| {
            let Some(number) = number else { return };
            near.insert(number);
            near.extend(number.checked_sub(1));
            near.extend(number.checked_add(1));
        };
        for (position, number) in self.integers.iter().enumerate() {
            add(Some(*number));
            add(number.checked_neg());
            for end in [i64::MIN, i64::MAX] {
                add(end.checked_div(*number));
                add(end.checked_sub(*number));
            }
            for other in self.integers.iter().take(COMBINED.min(position + 1)) {
                add(number.checked_add(*other));
                add(number.checked_sub(*other));
                add(number.checked_mul(*other));
                add(number.checked_div(*other));
            }
        }
        constants.near = near.into_iter().collect();
        constants.integers = self.integers.into_iter().collect();
        let mut alphabet: BTreeSet<char> = BTreeSet::new();
        for value in self.values {
            match value {
                Value::Decimal(number) => constants.decimals.push(number),
                Value::Float(number) => constants.floats.push(number),
                Value::Bytes(octets) => constants.bytes.push(octets),
                Value::Timestamp(time) => constants.timestamps.push(time),
                Value::String(text) => {
                    alphabet.extend(text.chars().take(LITERAL_CHARACTERS));
                    constants.strings.push(text);
                }
                _ => {}
            }
        }
        constants.alphabet = alphabet.into_iter().collect();
        constants
    }
}
