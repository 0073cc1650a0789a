//! Whether argument and result types fit a built-in's signatures.

use crate::builtin::{Builtin, Shape};
use crate::types::{Type, TypeId, TypeTable};

/// Whether some signature takes these arguments and, if one is asked for, gives this result.
#[must_use]
pub fn fits_builtin(
    types: &TypeTable,
    builtin: Builtin,
    arguments: &[TypeId],
    result: Option<TypeId>,
) -> bool {
    builtin.info().signatures.iter().any(|signature| {
        let mut binding = Binding { types, number: None, t: None, u: None, k: None, v: None };
        signature.parameters.len() == arguments.len()
            && signature.parameters.iter().zip(arguments).all(|((_, shape), id)| binding.fits(*shape, *id))
            && result.is_none_or(|result| binding.fits(signature.result, result))
    })
}

/// What the letters of a signature stand for.
struct Binding<'a> {
    types: &'a TypeTable,
    /// `Number`, `Integral`, `Ordered`: a signature has at most one of them.
    number: Option<TypeId>,
    t: Option<TypeId>,
    u: Option<TypeId>,
    k: Option<TypeId>,
    v: Option<TypeId>,
}

impl Binding<'_> {
    /// Recursion is as deep as the shape, which is part of the table of built-ins.
    fn fits(&mut self, shape: Shape, id: TypeId) -> bool {
        let Some(known) = self.types.types.get(id.0 as usize) else { return false };
        match (shape, known) {
            (Shape::Boolean, Type::Boolean)
            | (Shape::Integer, Type::Integer)
            | (Shape::Decimal, Type::Decimal)
            | (Shape::Float, Type::Float)
            | (Shape::String, Type::String)
            | (Shape::Bytes, Type::Bytes)
            | (Shape::Timestamp, Type::Timestamp) => true,
            (Shape::RoundingMode, Type::Enum(symbols)) => {
                symbols.iter().all(|symbol| crate::decimal::RoundingMode::from_name(symbol).is_some())
            }
            (Shape::Integral, Type::Integer | Type::Unbounded) => bind(&mut self.number, id),
            (Shape::Number, Type::Integer | Type::Unbounded | Type::Decimal | Type::Float) => {
                bind(&mut self.number, id)
            }
            (Shape::Ordered, _) => is_totally_ordered(self.types, id) && bind(&mut self.number, id),
            (
                Shape::Scalar,
                Type::Array(_) | Type::Map(..) | Type::Set(_) | Type::Record(_) | Type::Variant(_),
            ) => false,
            (Shape::Scalar, _) => true,
            (Shape::T, _) => bind(&mut self.t, id),
            (Shape::U, _) => bind(&mut self.u, id),
            (Shape::K, _) => bind(&mut self.k, id),
            (Shape::V, _) => bind(&mut self.v, id),
            (Shape::Optional(inner), Type::Optional(id)) | (Shape::Array(inner), Type::Array(id)) => {
                self.fits(*inner, *id)
            }
            (Shape::SetK, Type::Set(id)) => bind(&mut self.k, *id),
            (Shape::MapKV, Type::Map(key, value)) => bind(&mut self.k, *key) && bind(&mut self.v, *value),
            (Shape::EntryKV, Type::Record(index)) => self
                .pair(*index)
                .is_some_and(|(key, value)| bind(&mut self.k, key) && bind(&mut self.v, value)),
            (Shape::PairTU, Type::Record(index)) => self
                .pair(*index)
                .is_some_and(|(first, second)| bind(&mut self.t, first) && bind(&mut self.u, second)),
            _ => false,
        }
    }

    fn pair(&self, index: u32) -> Option<(TypeId, TypeId)> {
        match self.types.records.get(index as usize)?.fields.as_slice() {
            [first, second] => Some((first.type_id, second.type_id)),
            _ => None,
        }
    }
}

fn bind(slot: &mut Option<TypeId>, id: TypeId) -> bool {
    *slot.get_or_insert(id) == id
}

/// Whether `<` is defined on a type and total: keys, floats, and arrays of these.
#[must_use]
pub fn is_totally_ordered(types: &TypeTable, id: TypeId) -> bool {
    let mut id = id;
    // A part is older than its whole.
    while let Some(Type::Array(element)) = types.types.get(id.0 as usize) {
        if element.0 >= id.0 {
            return false;
        }
        id = *element;
    }
    matches!(types.types.get(id.0 as usize), Some(Type::Float))
        || ((id.0 as usize) < types.types.len() && types.is_key(id))
}
