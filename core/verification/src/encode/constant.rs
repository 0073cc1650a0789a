//! Constants: values as terms.

use anrf_format::types::{Type, TypeId};
use anrf_format::value::Value;
use num_bigint::BigInt;

use super::Encoder;
use super::sorts::Shape;
use crate::term::TermId;

/// 0001-01-01T00:00:00Z in microseconds since 1970.
pub(super) const FIRST_MICROSECOND: i64 = -62_135_596_800_000_000;
/// The last microsecond of the year 9999.
pub(super) const LAST_MICROSECOND: i64 = 253_402_300_799_999_999;

impl Encoder<'_> {
    /// A value of a type as a term.
    pub(super) fn value(&mut self, id: TypeId, value: &Value) -> TermId {
        match (value, self.shape(id)) {
            (Value::Boolean(value), _) => self.terms.boolean(*value),
            (Value::Integer(value), _) => self.terms.integer(*value),
            (Value::Timestamp(value), _) => self.terms.integer(value.micros()),
            (Value::Float(value), _) => self.terms.float(*value),
            (Value::Decimal(value), _) => {
                let ten = BigInt::from(10);
                self.terms.real(value.coefficient(), ten.pow(value.scale()))
            }
            (Value::String(digits), Shape::Plain(sort)) if id == TypeId::UNBOUNDED => {
                debug_assert_eq!(sort, crate::term::SortId::INTEGER, "unbounded integers are integers");
                match digits.parse::<BigInt>() {
                    Ok(value) => self.terms.integer(value),
                    Err(_) => self.opaque("a number that cannot be read", id),
                }
            }
            (Value::String(text), _) => self.terms.text(text),
            (Value::Enum(symbol), _) => {
                let symbols = self.module.types.symbols(id).unwrap_or_default();
                let position = symbols.iter().position(|known| known == symbol).unwrap_or(symbols.len());
                self.terms.integer(position)
            }
            (Value::Bytes(bytes), Shape::List(list, _)) => {
                let items = bytes.iter().map(|byte| self.terms.integer(*byte)).collect::<Vec<_>>();
                items
                    .into_iter()
                    .fold(self.empty_list(list), |list_so_far, item| self.append(list, list_so_far, item))
            }
            (Value::Optional(None), _) => self.none(id),
            (Value::Optional(Some(inner)), Shape::Optional(_, type_id)) => {
                let inner = self.value(type_id, inner);
                self.some(id, inner)
            }
            (Value::Array(items), Shape::List(list, element)) => {
                let empty = self.empty_list(list);
                items.iter().fold(empty, |made, item| {
                    let item = self.value(element, item);
                    self.append(list, made, item)
                })
            }
            (Value::Set(items), Shape::Set(members, element)) => {
                let empty =
                    self.empty_collection((members.sort, members.element), [members.has, members.size]);
                items.iter().fold(empty, |made, item| {
                    let item = self.value(element, item);
                    self.with_member(members, made, item)
                })
            }
            (Value::Map(entries), Shape::Map(mapping, key_type, value_type)) => {
                let empty = self.empty_collection((mapping.sort, mapping.key), [mapping.has, mapping.size]);
                entries.iter().fold(empty, |made, (key, value)| {
                    let key = self.value(key_type, key);
                    let value = self.value(value_type, value);
                    self.with_entry(mapping, made, key, value)
                })
            }
            (Value::Record(fields), Shape::Record(datatype, index)) => {
                let types: Vec<TypeId> = self.module.types.records[index as usize]
                    .fields
                    .iter()
                    .map(|field| field.type_id)
                    .collect();
                let fields = fields.iter().zip(types).map(|((_, value), id)| self.value(id, value)).collect();
                self.terms.construct(datatype, 0, fields)
            }
            (Value::Variant(case, fields), Shape::Variant(datatype, index)) => {
                let cases = &self.module.types.variants[index as usize].cases;
                let Some((number, known)) = (0..).zip(cases).find(|(_, known)| known.name == *case) else {
                    return self.opaque("a case that is not there", id);
                };
                let types: Vec<TypeId> = known.fields.iter().map(|field| field.type_id).collect();
                let fields = fields.iter().zip(types).map(|((_, value), id)| self.value(id, value)).collect();
                self.terms.construct(datatype, number, fields)
            }
            _ => self.opaque("a constant of another type", id),
        }
    }

    /// A small constant by its bits.
    pub(super) fn immediate(&mut self, id: TypeId, bits: i64) -> TermId {
        match self.module.types.get(id) {
            Type::Boolean => self.terms.boolean(bits != 0),
            _ => self.terms.integer(bits),
        }
    }
}
