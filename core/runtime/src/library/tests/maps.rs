//! Maps and sets do what `BTreeMap` and `BTreeSet` do, whoever else holds them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use anrf_format::types::TypeId;
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::build::from_ascending;
use super::super::collection::find;
use super::super::places::MULTIPLIER;
use super::super::sets::{Choice, combine, is_subset};
use super::super::tree::{LEAST_KEYS, Tree, common, is_leaf, length};
use super::super::{flatten, new_map, new_set, order, take, with_entry, with_member, without};
use super::World;
use crate::arena::{NODE_HEAD, NODE_KEYS};

/// What a key is outside and inside the arena.
trait Key: Clone + Ord + Debug {
    const TYPE: TypeId;
    fn slot(&self, world: &mut World) -> u64;
}

impl Key for i64 {
    const TYPE: TypeId = TypeId::INTEGER;
    fn slot(&self, _: &mut World) -> u64 {
        self.cast_unsigned()
    }
}

impl Key for String {
    const TYPE: TypeId = TypeId::STRING;
    fn slot(&self, world: &mut World) -> u64 {
        world.text(self)
    }
}

impl Key for anrf_format::decimal::Decimal {
    const TYPE: TypeId = TypeId::DECIMAL;
    fn slot(&self, world: &mut World) -> u64 {
        world.arena.new_decimal(self).unwrap()
    }
}

#[derive(Clone, Debug)]
enum Step<K> {
    /// In which map, whether the old one stays, key, value.
    Insert(usize, bool, K, i64),
    Remove(usize, bool, K),
    /// Looks a key up.
    Find(usize, K),
    /// The same in ghost code, which copies what it updates and leaves nothing behind.
    Ghost(usize, K, i64),
    /// What is not in a map any more goes.
    Reclaim,
}

fn steps<K: Key>(key: impl Strategy<Value = K> + Clone) -> impl Strategy<Value = Vec<Step<K>>> {
    let kept = prop::bool::weighted(0.1);
    let step = prop_oneof![
        6 => (0..4_usize, kept, key.clone(), any::<i64>()).prop_map(|(at, kept, key, value)| Step::Insert(at, kept, key, value)),
        2 => (0..4_usize, kept, key.clone()).prop_map(|(at, kept, key)| Step::Remove(at, kept, key)),
        6 => (0..4_usize, key.clone()).prop_map(|(at, key)| Step::Find(at, key)),
        1 => (0..4_usize, key.clone(), any::<i64>()).prop_map(|(at, key, value)| Step::Ghost(at, key, value)),
        1 => Just(Step::Reclaim),
    ];
    vec(step, 0..600)
}

/// Runs the steps on up to four maps that share what they can, each beside its model.
fn run<K: Key>(steps: Vec<Step<K>>) {
    let mut world = World::new();
    let type_id = world.map(K::TYPE, TypeId::INTEGER);
    let empty = new_map(&mut world.context(), type_id, &[]).unwrap();
    let mut maps: Vec<(u64, BTreeMap<K, i64>)> = vec![(empty, BTreeMap::new())];
    for step in steps {
        let (at, kept, change) = match step {
            Step::Insert(at, kept, key, value) => (at % maps.len(), kept, (key, Some(value))),
            Step::Remove(at, kept, key) => (at % maps.len(), kept, (key, None)),
            Step::Find(at, key) => {
                let (map, model) = &maps[at % maps.len()];
                let slot = key.slot(&mut world);
                let found = find(&mut world.context(), type_id, *map, slot).unwrap();
                assert_eq!(found.map(u64::cast_signed), model.get(&key).copied());
                continue;
            }
            Step::Ghost(at, key, value) => {
                let (map, end) = (maps[at % maps.len()].0, world.arena.end());
                world.arena.raise_floor();
                let slot = key.slot(&mut world);
                let new =
                    with_entry(&mut world.context(), type_id, map, slot, value.cast_unsigned()).unwrap();
                let found = find(&mut world.context(), type_id, new, slot).unwrap();
                assert_eq!(found.map(u64::cast_signed), Some(value));
                world.arena.lower_floor(0);
                world.arena.truncate(end);
                continue;
            }
            Step::Reclaim => {
                let mut roots: Vec<_> = maps.iter().map(|(map, _)| (type_id, *map)).collect();
                let mark = 16;
                world.arena.reclaim(&world.shapes, mark, &mut roots).unwrap();
                for (map, (_, root)) in maps.iter_mut().zip(roots) {
                    map.0 = root;
                }
                continue;
            }
        };
        let (map, mut model) = maps[at].clone();
        if kept {
            world.arena.share(map);
        }
        let key = change.0.slot(&mut world);
        let new = match change.1 {
            Some(value) => {
                model.insert(change.0, value);
                with_entry(&mut world.context(), type_id, map, key, value.cast_unsigned()).unwrap()
            }
            None => {
                model.remove(&change.0);
                without(&mut world.context(), type_id, map, key).unwrap()
            }
        };
        if kept && new == map {
            // Nothing had to change.
        } else if kept && maps.len() < 4 {
            maps.push((new, model));
        } else {
            maps[at] = (new, model);
        }
    }
    for (map, model) in maps {
        check(&mut world, type_id, map);
        assert_eq!(world.arena.length(map) as usize, model.len());
        let flat = flatten(&mut world.context(), map).unwrap();
        let mut expected = vec![];
        for (key, value) in &model {
            expected.push((key.slot(&mut world), value.cast_unsigned()));
        }
        assert_eq!(flat.len(), 2 * expected.len());
        for (found, (key, value)) in flat.chunks(2).zip(&expected) {
            assert!(order(&mut world.context(), K::TYPE, found[0], *key).unwrap().is_eq());
            assert_eq!(found[1], *value);
            assert_eq!(find(&mut world.context(), type_id, map, *key).unwrap(), Some(*value));
        }
    }
}

/// Holds what every tree promises: filled nodes, ascending keys, true heads, as many entries as it says.
fn check(world: &mut World, type_id: TypeId, x: u64) {
    let tree = *Tree::of(&world.context(), type_id).unwrap();
    let root = world.arena.word(x, 1);
    let mut count = 0;
    let mut leaves = BTreeSet::new();
    let mut work = if root == 0 { vec![] } else { vec![(root, 0, None, None)] };
    while let Some((node, depth, low, high)) = work.pop() {
        let keys = length(&world.arena, node);
        assert!(keys >= if node == root { 1 } else { LEAST_KEYS }, "{keys} keys");
        assert!(keys <= NODE_KEYS);
        count += keys;
        let skipped = common(&world.arena, node);
        match (low, high) {
            (Some(low), Some(high)) if !skipped.checked => {
                assert!(skipped.bytes <= tree.in_common(&world.arena, low, high));
            }
            _ if tree.has_text() => {
                let (first, last) = (tree.key(&world.arena, node, 0), tree.key(&world.arena, node, keys - 1));
                assert!(skipped.checked && skipped.bytes <= tree.in_common(&world.arena, first, last));
            }
            _ => {}
        }
        let mut previous = low;
        for at in 0..keys {
            let key = tree.key(&world.arena, node, at);
            if let Some(previous) = previous {
                assert!(order(&mut world.context(), tree.key, previous, key).unwrap().is_lt());
            }
            if tree.has_text() {
                let octets = world.arena.octets(key).iter().skip(skipped.bytes).copied();
                let head: Vec<u8> = octets.chain([0; 4]).take(4).collect();
                let word = world.arena.word(node, NODE_HEAD + at);
                assert_eq!((word >> 32).to_be_bytes()[4..], head[..]);
            }
            previous = Some(key);
        }
        if let (Some(last), Some(high)) = (previous, high) {
            assert!(order(&mut world.context(), tree.key, last, high).unwrap().is_lt());
        }
        if is_leaf(&world.arena, node) {
            leaves.insert(depth);
            continue;
        }
        for at in 0..=keys {
            let low = if at == 0 { low } else { Some(tree.key(&world.arena, node, at - 1)) };
            let high = if at == keys { high } else { Some(tree.key(&world.arena, node, at)) };
            work.push((tree.child(&world.arena, node, at), depth + 1, low, high));
        }
    }
    assert!(leaves.len() <= 1, "leaves at {leaves:?}");
    assert_eq!(count, world.arena.length(x) as usize);
}

/// Keys with long common beginnings, some the beginning of others, some with zeros.
fn text() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        "[ab\u{0}é]{0,4}",
        (0..300_u32).prop_map(|number| format!("customer-{number:06}")),
        (0..300_u32).prop_map(|number| format!("customer-{number}")),
    ]
}

fn decimal() -> impl Strategy<Value = anrf_format::decimal::Decimal> + Clone {
    (-300..300_i128, 0..3_u32, any::<bool>()).prop_map(|(coefficient, scale, long)| {
        let coefficient = if long { coefficient * 10_i128.pow(25) + 7 } else { coefficient };
        anrf_format::decimal::Decimal::from_parts(coefficient, scale).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn maps_of_integers_do_what_their_model_does(steps in steps(-150..150_i64)) {
        run(steps);
    }

    #[test]
    fn maps_of_texts_do_what_their_model_does(steps in steps(text())) {
        run(steps);
    }

    #[test]
    fn maps_of_decimals_do_what_their_model_does(steps in steps(decimal())) {
        run(steps);
    }

    #[test]
    fn maps_made_at_once_are_those_made_one_by_one(entries in vec((text(), any::<i64>()), 0..600)) {
        let mut world = World::new();
        let type_id = world.map(TypeId::STRING, TypeId::INTEGER);
        let mut slots = vec![];
        let mut one_by_one = new_map(&mut world.context(), type_id, &[]).unwrap();
        for (key, value) in &entries {
            slots.extend([world.text(key), value.cast_unsigned()]);
            let key = world.text(key);
            one_by_one = with_entry(&mut world.context(), type_id, one_by_one, key, value.cast_unsigned()).unwrap();
        }
        let at_once = new_map(&mut world.context(), type_id, &slots).unwrap();
        check(&mut world, type_id, at_once);
        check(&mut world, type_id, one_by_one);
        prop_assert!(super::super::equal(&mut world.context(), type_id, at_once, one_by_one).unwrap());
        let model: BTreeMap<_, _> = entries.into_iter().collect();
        prop_assert_eq!(world.arena.length(at_once) as usize, model.len());
        for (key, value) in model {
            let key = world.text(&key);
            prop_assert_eq!(find(&mut world.context(), type_id, at_once, key).unwrap(), Some(value.cast_unsigned()));
        }
    }

    #[test]
    fn set_operations_are_those_of_sets(a in vec(0..60_i64, 0..80), b in vec(0..60_i64, 0..80)) {
        let mut world = World::new();
        let type_id = world.set(TypeId::INTEGER);
        let make = |world: &mut World, members: &[i64]| {
            let slots: Vec<u64> = members.iter().map(|member| member.cast_unsigned()).collect();
            new_set(&mut world.context(), type_id, &slots).unwrap()
        };
        let (x, y) = (make(&mut world, &a), make(&mut world, &b));
        let (a, b): (BTreeSet<i64>, BTreeSet<i64>) = (a.into_iter().collect(), b.into_iter().collect());
        let expected: [(Choice, Vec<i64>); 3] = [
            (Choice::Either, a.union(&b).copied().collect()),
            (Choice::Both, a.intersection(&b).copied().collect()),
            (Choice::FirstOnly, a.difference(&b).copied().collect()),
        ];
        for (choice, members) in expected {
            let set = combine(&mut world.context(), type_id, x, y, choice).unwrap();
            check(&mut world, type_id, set);
            let flat = flatten(&mut world.context(), set).unwrap();
            prop_assert_eq!(flat, members.iter().map(|member| member.cast_unsigned()).collect::<Vec<_>>());
            let subset = is_subset(&mut world.context(), type_id, set, x).unwrap();
            prop_assert_eq!(subset, members.iter().all(|member| a.contains(member)));
        }
    }

    #[test]
    fn order_of_maps_is_that_of_their_entries(a in vec((0..4_i64, 0..3_i64), 0..5), b in vec((0..4_i64, 0..3_i64), 0..5)) {
        let mut world = World::new();
        let type_id = world.map(TypeId::INTEGER, TypeId::INTEGER);
        let mut make = |entries: &[(i64, i64)]| {
            let slots: Vec<u64> = entries.iter().flat_map(|(k, v)| [k.cast_unsigned(), v.cast_unsigned()]).collect();
            new_map(&mut world.context(), type_id, &slots).unwrap()
        };
        let (x, y) = (make(&a), make(&b));
        let (a, b): (BTreeMap<_, _>, BTreeMap<_, _>) = (a.into_iter().collect(), b.into_iter().collect());
        prop_assert_eq!(order(&mut world.context(), type_id, x, y).unwrap(), a.cmp(&b));
        prop_assert_eq!(super::super::equal(&mut world.context(), type_id, x, y).unwrap(), a == b);
    }
}

#[test]
fn ascending_maps_of_every_size_are_well_formed() {
    let mut world = World::new();
    let type_id = world.set(TypeId::INTEGER);
    for count in (0..300).chain([1000, 4094, 4095, 4096, 4097, 10_000]) {
        let slots: Vec<u64> = (0..count).collect();
        let set = from_ascending(&mut world.context(), type_id, &slots).unwrap();
        check(&mut world, type_id, set);
        assert_eq!(flatten(&mut world.context(), set).unwrap(), slots);
        world.arena.reset();
    }
}

/// Keys of one hash are found as others are, and none costs more than a search.
#[test]
fn a_place_is_nothing_but_a_short_way() {
    let mut world = World::new();
    let type_id = world.map(TypeId::INTEGER, TypeId::INTEGER);
    let mut map = new_map(&mut world.context(), type_id, &[]).unwrap();
    // The upper bits of the hash are the same: the inverse of the multiplier undoes it.
    let mut inverse = MULTIPLIER;
    for _ in 0..5 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(MULTIPLIER.wrapping_mul(inverse)));
    }
    let keys: Vec<u64> = (0..200_u64).map(|low| inverse.wrapping_mul(low) ^ (map / 8)).collect();
    for (key, value) in keys.iter().zip(0..) {
        map = with_entry(&mut world.context(), type_id, map, *key, value).unwrap();
    }
    let known = |world: &World| {
        let (mut places, arena) = (world.cache.places.clone(), &world.arena);
        let is_known = |key: &&u64| {
            let name = places.name(arena, map, **key, false);
            places.get(arena, name).is_some()
        };
        keys.iter().filter(is_known).count()
    };
    // They have one place between them, in whose node some of the others are.
    assert!((1..=NODE_KEYS).contains(&known(&world)));
    for (key, value) in keys.iter().zip(0..) {
        assert_eq!(find(&mut world.context(), type_id, map, *key).unwrap(), Some(value));
    }
}

#[test]
fn places_of_large_maps_are_kept_until_nodes_are_copied() {
    let mut world = World::new();
    let type_id = world.map(TypeId::STRING, TypeId::INTEGER);
    let mut map = new_map(&mut world.context(), type_id, &[]).unwrap();
    let keys: Vec<u64> =
        (0..2_000).map(|key| world.text(&format!("a key of more than a word {key}"))).collect();
    for (key, value) in keys.iter().zip(0..) {
        map = with_entry(&mut world.context(), type_id, map, *key, value).unwrap();
        assert_eq!(find(&mut world.context(), type_id, map, *key).unwrap(), Some(value));
    }
    for key in &keys {
        find(&mut world.context(), type_id, map, *key).unwrap();
    }
    let known = |world: &World, map| {
        let (mut places, arena) = (world.cache.places.clone(), &world.arena);
        let is_known = |key: &&u64| {
            let name = places.name(arena, map, **key, true);
            places.get(arena, name).is_some()
        };
        keys.iter().filter(is_known).count()
    };
    assert!(known(&world, map) > 1_990, "{}", known(&world, map));
    world.arena.share(map);
    let copy = with_entry(&mut world.context(), type_id, map, keys[0], 7).unwrap();
    assert!(known(&world, map) + known(&world, copy) <= 1);
    assert_eq!(find(&mut world.context(), type_id, map, keys[0]).unwrap(), Some(0));
    assert_eq!(find(&mut world.context(), type_id, copy, keys[0]).unwrap(), Some(7));
}

#[test]
fn a_value_taken_out_of_a_copy_does_not_change_the_original() {
    let mut world = World::new();
    let list = world.array(TypeId::INTEGER);
    let type_id = world.map(TypeId::INTEGER, list);
    let mut slots = vec![];
    for key in 0..100_u64 {
        slots.extend([key, world.integers(&[1, 2])]);
    }
    let original = from_ascending(&mut world.context(), type_id, &slots).unwrap();
    world.arena.share(original);
    let mut copy = original;
    for key in [3, 50, 3, 99] {
        let value = take(&mut world.context(), type_id, copy, key).unwrap();
        let one = world.integers(&[9]);
        let longer = super::super::concat(&mut world.context(), list, value, one).unwrap();
        copy = with_entry(&mut world.context(), type_id, copy, key, longer).unwrap();
    }
    for key in 0..100 {
        let value = find(&mut world.context(), type_id, original, key).unwrap().unwrap();
        assert_eq!(world.show(list, value), "[1, 2]");
    }
    let value = find(&mut world.context(), type_id, copy, 3).unwrap().unwrap();
    assert_eq!(world.show(list, value), "[1, 2, 9, 9]");
}

#[test]
fn updates_of_a_map_that_nobody_else_holds_take_no_memory() {
    let mut world = World::new();
    let type_id = world.map(TypeId::INTEGER, TypeId::INTEGER);
    let slots: Vec<u64> = (0..2000).collect();
    let map = from_ascending(&mut world.context(), type_id, &slots).unwrap();
    let end = world.arena.end();
    for key in (0..2000).step_by(2) {
        assert_eq!(with_entry(&mut world.context(), type_id, map, key, 7).unwrap(), map);
    }
    assert_eq!(world.arena.end(), end);
    let removed =
        (0..2000).step_by(4).try_for_each(|key| without(&mut world.context(), type_id, map, key).map(drop));
    assert_eq!((removed, world.arena.end()), (Ok(()), end));
}

#[test]
fn a_set_keeps_a_member_that_it_has() {
    let mut world = World::new();
    let type_id = world.set(TypeId::STRING);
    let (a, again) = (world.text("a"), world.text("a"));
    let set = new_set(&mut world.context(), type_id, &[a, again]).unwrap();
    let set = with_member(&mut world.context(), type_id, set, again).unwrap();
    assert_eq!(world.show(type_id, set), "SET[\"a\"]");
}

#[test]
fn a_full_arena_is_a_limit() {
    let mut world = World::with_memory(4096);
    let type_id = world.map(TypeId::INTEGER, TypeId::INTEGER);
    let mut map = new_map(&mut world.context(), type_id, &[]).unwrap();
    let result = (0..1000).try_for_each(|key| {
        map = with_entry(&mut world.context(), type_id, map, key, key)?;
        Ok(())
    });
    assert_eq!(result, Err(crate::stop::Stop::Limit(crate::stop::Limit::Memory)));
}
