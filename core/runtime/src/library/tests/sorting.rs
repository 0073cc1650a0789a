//! Sorting is what the standard library's stable sort does.

use anrf_format::types::TypeId;
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::sort::{SortKey, sort_by};
use super::World;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_keys_sort_stably(rows in vec((-5..5_i64, "[abé]{0,3}|commonprefix[ab]{0,3}"), 0..300), down in any::<[bool; 2]>()) {
        let mut world = World::new();
        let ids: Vec<i64> = (0..).take(rows.len()).collect();
        let array = world.integers(&ids);
        let row = |id: i64| &rows[usize::try_from(id).unwrap()];
        let numbers: Vec<i64> = rows.iter().map(|row| row.0).collect();
        let texts: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
        let keys = [
            SortKey { keys: world.integers(&numbers), type_id: TypeId::INTEGER, descending: down[0] },
            SortKey { keys: world.texts(&texts), type_id: TypeId::STRING, descending: down[1] },
        ];
        let direction = |order: std::cmp::Ordering, down: bool| if down { order.reverse() } else { order };
        let integers = world.array(TypeId::INTEGER);
        for count in 1..=2 {
            let sorted = sort_by(&mut world.context(), integers, array, &keys[..count]).unwrap();
            let mut expected = ids.clone();
            expected.sort_by(|a, b| {
                let (a, b) = (row(*a), row(*b));
                let first = direction(a.0.cmp(&b.0), down[0]);
                if count == 1 { first } else { first.then(direction(a.1.cmp(&b.1), down[1])) }
            });
            let found: Vec<i64> = world.arena.elements(sorted).iter().map(|slot| slot.cast_signed()).collect();
            prop_assert_eq!(found, expected);
        }
        let by_text = sort_by(&mut world.context(), integers, array, &keys[1..]).unwrap();
        let mut expected = ids;
        expected.sort_by(|a, b| direction(row(*a).1.cmp(&row(*b).1), down[1]));
        let found: Vec<i64> = world.arena.elements(by_text).iter().map(|slot| slot.cast_signed()).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn decimals_sort_by_value(values in vec((-2000..2000_i64, 0..4_u32, any::<bool>()), 0..100)) {
        let mut world = World::new();
        let values: Vec<_> = values.into_iter().map(|(coefficient, scale, long)| {
            let coefficient = i128::from(coefficient) * if long { 10_i128.pow(30) } else { 1 };
            anrf_format::decimal::Decimal::from_parts(coefficient, scale).unwrap()
        }).collect();
        let slots: Vec<u64> = values.iter().map(|value| world.arena.new_decimal(value).unwrap()).collect();
        let type_id = world.array(TypeId::DECIMAL);
        let array = world.arena.new_array(type_id, &slots).unwrap();
        let sorted = super::super::sort::sort(&mut world.context(), type_id, array).unwrap();
        let found: Vec<_> = world.arena.elements(sorted).to_vec().into_iter().map(|slot| world.arena.decimal(slot)).collect();
        let mut expected = values;
        expected.sort();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn floats_sort_in_the_total_order() {
    let mut world = World::new();
    let type_id = world.array(TypeId::FLOAT);
    let floats = [f64::NAN, 1.0, 0.0, -0.0, f64::NEG_INFINITY, f64::INFINITY, -1.0];
    let slots: Vec<u64> = floats.iter().map(|float| float.to_bits()).collect();
    let array = world.arena.new_array(type_id, &slots).unwrap();
    let sorted = super::super::sort::sort(&mut world.context(), type_id, array).unwrap();
    assert_eq!(world.show(type_id, sorted), "[-Infinity, -1.0, -0.0, 0.0, 1.0, Infinity, NaN]");
}

#[test]
fn sorted_elements_are_held_twice() {
    let mut world = World::new();
    let type_id = world.array(TypeId::STRING);
    let array = world.texts(&["b", "a"]);
    let sorted = super::super::sort::sort(&mut world.context(), type_id, array).unwrap();
    assert!(world.arena.elements(sorted).iter().all(|text| world.arena.is_shared(*text)));
}
