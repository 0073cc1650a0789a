//! Whatever lies in the arena, the library ends: in a value or a stop, never in a panic.

use anrf_format::builtin::Builtin;
use anrf_format::execution::Arithmetic;
use anrf_format::types::{Type, TypeId};
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::collection::find;
use super::super::*;
use super::World;
use crate::arena::Header;

const WORDS: usize = 256;

/// An object's first word with some type and flags, an offset, any word.
fn word() -> impl Strategy<Value = u64> {
    prop_oneof![
        (0..40_u32, 0..24_u32, any::<u8>()).prop_map(|(length, type_id, flags)| Header {
            length,
            type_id: TypeId(type_id),
            flags
        }
        .encode()),
        (0..WORDS as u64).prop_map(|word| word * 8),
        (0..WORDS as u64, any::<u32>()).prop_map(|(word, head)| (word * 8) | (u64::from(head) << 32)),
        0..20_u64,
        any::<u64>(),
    ]
}

/// One type of each shape, so that built-ins take every way.
fn types(world: &mut World) -> Vec<TypeId> {
    let mut ids: Vec<TypeId> = (0..8).map(TypeId).collect();
    for element in [TypeId::INTEGER, TypeId::STRING, TypeId::DECIMAL, TypeId::UNBOUNDED] {
        ids.push(world.array(element));
        ids.push(world.set(element));
        ids.push(world.map(element, TypeId::STRING));
        ids.push(world.optional(element));
    }
    let inner = ids[8];
    ids.push(world.array(inner));
    ids.push(world.intern(Type::Enum(vec!["a".into(), "b".into()])));
    ids.push(world.record("r", &[("a", TypeId::STRING), ("b", inner)]));
    ids
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(
        words in vec(word(), WORDS),
        arguments in vec((any::<prop::sample::Index>(), word()), 4),
        builtin in any::<prop::sample::Index>(),
        result in any::<prop::sample::Index>(),
    ) {
        let mut world = World::with_memory(256 << 10);
        let ids = types(&mut world);
        let start = world.arena.allocate(WORDS).unwrap();
        world.arena.words_mut(start, 0, WORDS).copy_from_slice(&words);
        world.meter = Meter::new(100_000, 0);
        let any_type = |index: &prop::sample::Index| ids[index.index(ids.len())];
        let slots: Vec<u64> = arguments.iter().map(|(_, slot)| *slot).collect();
        let argument_types: Vec<TypeId> = arguments.iter().map(|(index, _)| any_type(index)).collect();
        let result = any_type(&result);
        let builtin = Builtin::ALL[builtin.index(Builtin::ALL.len())].builtin;
        let call_types = CallTypes { arguments: &argument_types, result };
        let c = &mut world.context();
        let _ = check(builtin, &call_types, c, &slots);
        let _ = call(builtin, &call_types, c, &slots);
        for builtin in [Builtin::Split, Builtin::Join, Builtin::Sort, Builtin::Entries, Builtin::ParseDecimal, Builtin::Zip] {
            let _ = call(builtin, &call_types, c, &slots);
        }
        let (first, a, b) = (argument_types[0], slots[0], slots[1]);
        let _ = order(c, first, a, b);
        let _ = equal(c, first, a, b);
        for tree in &ids[8..24] {
            let _ = find(c, *tree, a, b);
            let _ = with_entry(c, *tree, a, b, slots[2]);
            let _ = with_member(c, *tree, a, b);
            let _ = without(c, *tree, a, b);
            let _ = take(c, *tree, a, b);
            let _ = flatten(c, a);
            let _ = new_map(c, *tree, &words[..32]);
            let _ = contains(c, *tree, a, b);
            let _ = slice(c, *tree, a, b.cast_signed(), slots[2].cast_signed());
            let _ = concat(c, *tree, a, b);
        }
        let keys = [SortKey { keys: b, type_id: first, descending: true }, SortKey { keys: a, type_id: result, descending: false }];
        let _ = sort_by(c, ids[8], a, &keys);
        for number in [TypeId::DECIMAL, TypeId::UNBOUNDED] {
            for operator in [Arithmetic::Add, Arithmetic::Multiply, Arithmetic::Remainder, Arithmetic::Divide] {
                let _ = arithmetic(c, operator, number, a, b);
            }
            let _ = negate(c, number, a);
        }
    }
}
