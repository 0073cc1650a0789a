//! Tests of the runtime library: maps and sets beside the standard library's, built-ins by tables, and
//! stray bytes everywhere.

mod builtins;
mod costs;
mod maps;
mod numbers;
mod sorting;
mod stray;
mod strings;

use anrf_format::decimal::Decimal;
use anrf_format::types::{Field, Record, Type, TypeId, TypeTable};

use super::{Cache, CallTypes, Context};
use crate::arena::{Arena, Shapes};
use crate::meter::Meter;
use crate::stop::Stop;

/// An arena with types, and who pays.
struct World {
    types: TypeTable,
    shapes: Shapes,
    arena: Arena,
    meter: Meter,
    cache: Cache,
}

impl World {
    fn new() -> Self {
        Self::with_memory(64 << 20)
    }

    fn with_memory(bytes: u64) -> Self {
        let types = TypeTable::default();
        let shapes = Shapes::new(&types);
        let meter = Meter::new(u64::MAX / 2, 0);
        Self { types, shapes, arena: Arena::new(bytes), meter, cache: Cache::default() }
    }

    fn context(&mut self) -> Context<'_> {
        Context {
            arena: &mut self.arena,
            shapes: &self.shapes,
            meter: &mut self.meter,
            cache: &mut self.cache,
        }
    }

    fn intern(&mut self, new: Type) -> TypeId {
        let id = self.types.intern(new);
        self.shapes = Shapes::new(&self.types);
        id
    }

    fn array(&mut self, element: TypeId) -> TypeId {
        self.intern(Type::Array(element))
    }

    fn optional(&mut self, inner: TypeId) -> TypeId {
        self.intern(Type::Optional(inner))
    }

    fn map(&mut self, key: TypeId, value: TypeId) -> TypeId {
        self.intern(Type::Map(key, value))
    }

    fn set(&mut self, key: TypeId) -> TypeId {
        self.intern(Type::Set(key))
    }

    fn record(&mut self, name: &str, fields: &[(&str, TypeId)]) -> TypeId {
        let fields = fields.iter().map(|(name, type_id)| Field { name: (*name).into(), type_id: *type_id });
        self.types.records.push(Record { name: name.into(), fields: fields.collect(), constraints: vec![] });
        let index = u32::try_from(self.types.records.len() - 1).unwrap();
        self.intern(Type::Record(index))
    }

    fn text(&mut self, text: &str) -> u64 {
        self.arena.new_text(text).unwrap()
    }

    fn bytes(&mut self, bytes: &[u8]) -> u64 {
        self.arena.new_bytes(bytes).unwrap()
    }

    fn decimal(&mut self, text: &str) -> u64 {
        self.arena.new_decimal(&Decimal::parse(text).unwrap()).unwrap()
    }

    fn integers(&mut self, elements: &[i64]) -> u64 {
        let type_id = self.array(TypeId::INTEGER);
        let elements: Vec<u64> = elements.iter().map(|element| element.cast_unsigned()).collect();
        self.arena.new_array(type_id, &elements).unwrap()
    }

    fn texts(&mut self, elements: &[&str]) -> u64 {
        let type_id = self.array(TypeId::STRING);
        let elements: Vec<u64> = elements.iter().map(|element| self.text(element)).collect();
        self.arena.new_array(type_id, &elements).unwrap()
    }

    /// A value as the tests write it.
    fn show(&mut self, type_id: TypeId, slot: u64) -> String {
        match self.types.get(type_id).clone() {
            Type::Optional(_) if slot == 0 => "NONE".into(),
            Type::Optional(inner) => {
                let payload = self.arena.word(slot, 1);
                format!("SOME({})", self.show(inner, payload))
            }
            Type::Array(element) => {
                let elements = self.arena.elements(slot).to_vec();
                let shown: Vec<_> = elements.into_iter().map(|slot| self.show(element, slot)).collect();
                format!("[{}]", shown.join(", "))
            }
            Type::Map(key, value) => {
                let flat = super::flatten(&mut self.context(), slot).unwrap();
                let shown = flat
                    .chunks(2)
                    .map(|entry| format!("{}: {}", self.show(key, entry[0]), self.show(value, entry[1])));
                format!("{{{}}}", shown.collect::<Vec<_>>().join(", "))
            }
            Type::Set(key) => {
                let flat = super::flatten(&mut self.context(), slot).unwrap();
                let shown: Vec<_> = flat.into_iter().map(|slot| self.show(key, slot)).collect();
                format!("SET[{}]", shown.join(", "))
            }
            Type::Record(index) => {
                let fields = self.types.records[index as usize].fields.clone();
                let shown = fields.iter().enumerate().map(|(at, field)| {
                    let slot = self.arena.word(slot, 1 + at);
                    format!("{}: {}", field.name, self.show(field.type_id, slot))
                });
                format!("{{{}}}", shown.collect::<Vec<_>>().join(", "))
            }
            Type::String => format!("{:?}", self.arena.text(slot)),
            Type::Bytes => format!("b\"{}\"", anrf_format::encoding::hex_encode(self.arena.octets(slot))),
            _ => {
                let text = super::text::to_string(&mut self.context(), type_id, slot).unwrap();
                self.arena.text(text).to_owned()
            }
        }
    }

    fn call(
        &mut self,
        builtin: anrf_format::builtin::Builtin,
        arguments: &[(TypeId, u64)],
        result: TypeId,
    ) -> Result<u64, Stop> {
        let (types, slots): (Vec<TypeId>, Vec<u64>) = arguments.iter().copied().unzip();
        let types = CallTypes { arguments: &types, result };
        super::check(builtin, &types, &mut self.context(), &slots)?;
        super::call(builtin, &types, &mut self.context(), &slots)
    }
}
