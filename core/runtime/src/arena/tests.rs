//! The layout is as its page says, and stray bytes do no harm.

use anrf_format::types::{Field, Record, Type, TypeId, TypeTable};
use proptest::prelude::*;

use super::*;

#[test]
fn the_page_says_the_same() {
    let page = include_str!("../../../../docs/layout.md");
    let row = |cells: &str| assert!(page.contains(cells), "docs/layout.md should say: {cells}");
    for (name, flag) in
        [("shared", SHARED), ("node", NODE), ("leaf", LEAF), ("visited", VISITED), ("moved", MOVED)]
    {
        row(&format!("| {name} | {flag} |"));
    }
    row(&format!("at most {NODE_KEYS} keys a node"));
    row(&format!(
        "room for {NODE_KEYS} keys, of a map for {NODE_KEYS} values, and unless it is a leaf for {}",
        NODE_KEYS + 1
    ));
    row(&format!("`{:#x}`", f64::NAN.to_bits()));
    assert_eq!((FIRST_WORD, SLOT_BYTES, SEQUENCE_HEAD), (2, 8, 2));
    assert_eq!(node_words(true, false), NODE_HEAD + 15 + 15 + 16);
}

#[test]
fn objects_lie_as_the_page_says() {
    let mut arena = Arena::new(1 << 20);
    let text = arena.new_text("aé").unwrap();
    assert_eq!(arena.word(text, 0), 3 | u64::from(TypeId::STRING.0) << 32);
    assert_eq!(arena.word(text, 1), 8 | 2 << 32);
    assert_eq!(arena.words(text, 2, 1)[0].to_ne_bytes()[..3], *"aé".as_bytes());
    let array = arena.new_array(TypeId(9), &[7, 8]).unwrap();
    assert_eq!(arena.words(array, 0, 4), [2 | 9 << 32, 2, 7, 8]);
    let record = arena.new_record(TypeId(9), &[7, 8]).unwrap();
    assert_eq!(arena.words(record, 0, 3), [2 | 9 << 32, 7, 8]);
    let variant = arena.new_variant(TypeId(9), 3, &[7]).unwrap();
    assert_eq!(arena.words(variant, 0, 3), [1 | 9 << 32, 3, 7]);
    arena.share(variant);
    assert_eq!(arena.word(variant, 0), 1 | 9 << 32 | 1 << 56);
    assert_eq!(decimal_slot(-150, 2), Some((-150_i64).cast_unsigned() << 8 | 2 << 1 | 1));
    assert_eq!(unbounded_slot(-1), Some(u64::MAX));
}

#[test]
fn numbers_come_back() {
    let mut arena = Arena::new(1 << 20);
    for text in [
        "0",
        "-1.50",
        "36028797018963967",
        "36028797018963968",
        "-1e-0",
        "123456789012345678901234567890.123",
    ] {
        let Ok(value) = anrf_format::decimal::Decimal::parse(text) else { continue };
        let slot = arena.new_decimal(&value).unwrap();
        assert_eq!(arena.decimal(slot), value, "{text}");
    }
    for shift in [0_u32, 1, 61, 62, 63, 64, 127, 128, 500] {
        for value in [num_bigint::BigInt::from(1_i32) << shift, -(num_bigint::BigInt::from(1_i32) << shift)] {
            let slot = arena.new_unbounded(&value).unwrap();
            assert_eq!(arena.unbounded(slot), value);
        }
    }
}

/// record { next: optional<record>, name: string, xs: array<decimal> }, an array of it, a map to it.
fn types() -> (TypeTable, Vec<TypeId>) {
    let mut types = TypeTable::default();
    let record = types.intern(Type::Record(0));
    let next = types.intern(Type::Optional(record));
    let decimals = types.intern(Type::Array(TypeId::DECIMAL));
    let field = |name: &str, type_id| Field { name: name.into(), type_id };
    let fields = vec![field("next", next), field("name", TypeId::STRING), field("xs", decimals)];
    types.records.push(Record { name: "R".into(), fields, constraints: vec![] });
    let array = types.intern(Type::Array(record));
    let map = types.intern(Type::Map(TypeId::STRING, record));
    (types, vec![record, next, decimals, array, map, TypeId::STRING, TypeId::DECIMAL, TypeId::UNBOUNDED])
}

proptest! {
    /// Whatever lies in the arena, reading, updating and reclaiming it does not panic.
    #[test]
    fn stray_bytes_do_no_harm(
        words in prop::collection::vec(prop_oneof![any::<u64>(), 0_u64..2_048, (0_u64..16).prop_map(|id| id << 32 | 3)], 1..200),
        slots in prop::collection::vec(prop_oneof![any::<u64>(), 0_u64..2_048], 1..8),
        mark in 0_u64..2_048,
    ) {
        let (types, ids) = types();
        let shapes = Shapes::new(&types);
        let mut arena = Arena::new(1 << 20);
        let start = arena.allocate(words.len()).unwrap();
        arena.words_mut(start, 0, words.len()).copy_from_slice(&words);
        let mut roots: Vec<_> = ids.iter().copied().zip(slots.iter().copied().cycle()).collect();
        // A limit is as good an end as any.
        let _ = arena.reclaim(&shapes, mark, &mut roots);
        for (_, slot) in roots {
            let _ = (arena.text(slot).len(), arena.elements(slot).len(), arena.decimal(slot), arena.unbounded(slot));
            let _ = arena.append_elements(TypeId(9), slot, slot);
            let _ = arena.append_octets(TypeId::STRING, slot, slot);
            arena.share(slot);
            arena.set_word(slot, 3, 1);
        }
    }
}

/// A linked list whose every part is new, made after the mark together with garbage.
#[test]
fn a_long_list_survives_reclaiming() {
    let (types, ids) = types();
    let (record, optional, decimals) = (ids[0], ids[1], ids[2]);
    let shapes = Shapes::new(&types);
    let mut arena = Arena::new(64 << 20);
    let kept = arena.new_text("old").unwrap();
    let mark = arena.mark();
    let mut list = 0;
    for index in 0..50_000_u32 {
        arena.new_text("garbage that nobody holds").unwrap();
        let name = if index % 3 == 0 { kept } else { arena.new_text(&index.to_string()).unwrap() };
        let big = arena.new_decimal(&"123456789012345678901234567890".parse().unwrap()).unwrap();
        let xs = arena.new_array(decimals, &[decimal_slot(i64::from(index), 0).unwrap(), big]).unwrap();
        let node = arena.new_record(record, &[list, name, xs]).unwrap();
        list = arena.new_some(optional, node).unwrap();
    }
    let before = arena.end();
    assert!(arena.wants_reclaim(mark));
    let mut roots = [(optional, list)];
    arena.reclaim(&shapes, mark, &mut roots).unwrap();
    assert!(arena.end() < before * 4 / 5);
    let mut at = roots[0].1;
    for index in (0..50_000_u32).rev() {
        let node = arena.word(at, 1);
        let name = arena.word(node, 2);
        let expected = if index % 3 == 0 { "old".to_owned() } else { index.to_string() };
        assert_eq!(arena.text(name), expected);
        let xs = arena.elements(arena.word(node, 3)).to_vec();
        assert_eq!(inline_decimal(xs[0]), Some((i64::from(index), 0)));
        assert_eq!(arena.decimal(xs[1]).to_string(), "123456789012345678901234567890");
        at = arena.word(node, 1);
    }
    assert_eq!(at, 0);
    // Nothing is left to reclaim a second time, and the result is the same.
    let end = arena.end();
    arena.reclaim(&shapes, mark, &mut roots).unwrap();
    assert_eq!(arena.end(), end);
}

/// An old object that was updated in place to hold a new one.
#[test]
fn what_older_objects_hold_survives() {
    let (types, ids) = types();
    let shapes = Shapes::new(&types);
    let mut arena = Arena::new(1 << 20);
    let old = arena.new_record(ids[0], &[0, 0, 0]).unwrap();
    let mark = arena.mark();
    arena.new_text("garbage").unwrap();
    let name = arena.new_text("new").unwrap();
    arena.set_word(old, 2, name);
    let mut roots = [(ids[0], old)];
    arena.reclaim(&shapes, mark, &mut roots).unwrap();
    assert_eq!(roots[0].1, old);
    assert_eq!(arena.text(arena.word(old, 2)), "new");
    assert_eq!(arena.word(old, 2), mark);
    assert_eq!(arena.header(old).flags, 0);
}

#[test]
fn the_cap_is_exact() {
    let mut arena = Arena::new(64 * 8);
    let free = arena.free_bytes() / 8;
    assert!(arena.allocate(usize::try_from(free).unwrap() + 1).is_err());
    assert!(arena.allocate(usize::try_from(free).unwrap()).is_ok());
    assert!(arena.allocate(1).is_err());
    assert_eq!(arena.peak_bytes(), 64 * 8);
    arena.reset();
    assert_eq!(arena.free_bytes() / 8, free);
}
