//! The module's constants, and values that stand where none will ever be looked at.

use anrf_format::decimal::Decimal;
use anrf_format::execution::Op;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::{Type, TypeId, TypeTable};
use anrf_format::value::Value;
use rustc_hash::FxHashMap;

use super::builder::id;
use super::error::Result;

/// The constants of an execution layer, without repeats.
#[derive(Debug, Default)]
pub(super) struct Constants {
    pub(super) list: Vec<(TypeId, Value)>,
    known: FxHashMap<(TypeId, Value), u32>,
}

impl Constants {
    /// The operation that gives a value.
    pub(super) fn op(&mut self, types: &TypeTable, type_id: TypeId, value: &Value) -> Result<Op> {
        if let Some(bits) = immediate(types, type_id, value) {
            return Ok(Op::Immediate(bits));
        }
        let key = (type_id, value.clone());
        if let Some(known) = self.known.get(&key) {
            return Ok(Op::Constant(*known));
        }
        let index = id(self.list.len())?;
        self.list.push(key.clone());
        self.known.insert(key, index);
        Ok(Op::Constant(index))
    }
}

fn immediate(types: &TypeTable, type_id: TypeId, value: &Value) -> Option<i64> {
    match value {
        Value::Boolean(value) if type_id == TypeId::BOOLEAN => Some(i64::from(*value)),
        Value::Integer(value) if type_id == TypeId::INTEGER || type_id == TypeId::UNBOUNDED => Some(*value),
        Value::Timestamp(value) if type_id == TypeId::TIMESTAMP => Some(value.micros()),
        Value::Enum(symbol) => {
            let position = types.symbols(type_id)?.iter().position(|known| known == symbol)?;
            i64::try_from(position).ok()
        }
        _ => None,
    }
}

/// Some value of a type, for places that no execution looks at; `None` for a type that would need an
/// unreasonably large one.
pub(super) fn any_value(types: &TypeTable, type_id: TypeId) -> Option<Value> {
    build(types, type_id, 24, &mut 2_000)
}

/// Recursion is at most `depth` deep and makes at most `budget` values.
fn build(types: &TypeTable, type_id: TypeId, depth: u32, budget: &mut u32) -> Option<Value> {
    *budget = budget.checked_sub(1)?;
    let depth = depth.checked_sub(1)?;
    let mut fields = |fields: &[anrf_format::types::Field]| -> Option<Vec<(String, Value)>> {
        fields
            .iter()
            .map(|field| Some((field.name.clone(), build(types, field.type_id, depth, budget)?)))
            .collect()
    };
    Some(match types.types.get(type_id.0 as usize)? {
        Type::Boolean => Value::Boolean(false),
        Type::Integer | Type::Unbounded => Value::Integer(0),
        Type::Decimal => Value::Decimal(Decimal::default()),
        Type::Float => Value::Float(0.0),
        Type::String => Value::String(String::new()),
        Type::Bytes => Value::Bytes(vec![]),
        Type::Timestamp => Value::Timestamp(Timestamp::EPOCH),
        Type::Optional(_) => Value::Optional(None),
        Type::Array(_) => Value::Array(vec![]),
        Type::Map(..) => Value::Map(vec![]),
        Type::Set(_) => Value::Set(vec![]),
        Type::Enum(_) | Type::Machine(_) => Value::Enum(types.symbols(type_id)?.first()?.clone()),
        Type::Record(_) => Value::Record(fields(&types.record(type_id)?.fields)?),
        Type::Variant(_) => {
            let cases = &types.variant(type_id)?.cases;
            return cases
                .iter()
                .find_map(|case| Some(Value::Variant(case.name.clone(), fields(&case.fields)?)));
        }
    })
}
