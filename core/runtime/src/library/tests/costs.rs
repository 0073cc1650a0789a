//! `costs.md` says what each built-in takes.

use anrf_format::builtin::Builtin;
use anrf_format::types::TypeId;

use super::World;

#[test]
fn every_built_in_has_a_row() {
    let text = include_str!("../costs.md");
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let first_cells: Vec<&str> = rows.filter_map(|row| row.split('|').nth(1)).collect();
    for info in Builtin::ALL {
        let name = format!("`{}`", info.name);
        let rows = first_cells.iter().filter(|cell| cell.split(", ").any(|entry| entry.trim() == name));
        assert!(rows.count() >= 1, "no row for {name}");
    }
}

/// Units that a call takes.
fn units(world: &mut World, builtin: Builtin, arguments: &[(TypeId, u64)], result: TypeId) -> u64 {
    let before = world.meter.fuel_used();
    world.call(builtin, arguments, result).unwrap();
    world.meter.fuel_used() - before
}

#[test]
fn units_grow_with_the_operands() {
    let mut world = World::new();
    let integers = world.array(TypeId::INTEGER);
    let xs = world.integers(&[1; 80]);
    assert_eq!(units(&mut world, Builtin::Len, &[(integers, xs)], TypeId::INTEGER), 0);
    assert_eq!(units(&mut world, Builtin::Reverse, &[(integers, xs)], integers), 10);
    assert_eq!(units(&mut world, Builtin::Sort, &[(integers, xs)], integers), 7 * 80);
    let text = world.text(&"a".repeat(640));
    assert_eq!(units(&mut world, Builtin::Upper, &[(TypeId::STRING, text)], TypeId::STRING), 40);
    assert_eq!(units(&mut world, Builtin::Sha256, &[(TypeId::STRING, text)], TypeId::BYTES), 88);
    let small = world.decimal("12.50");
    let places = [(TypeId::DECIMAL, small), (TypeId::INTEGER, 1), (TypeId::INTEGER, 0)];
    assert_eq!(units(&mut world, Builtin::Round, &places, TypeId::DECIMAL), 0);
}

#[test]
fn work_that_is_not_paid_for_is_not_begun() {
    let mut world = World::with_memory(1 << 20);
    let huge = 1_u64 << 40;
    let a = world.text("a");
    let repeat = [(TypeId::STRING, a), (TypeId::INTEGER, huge)];
    let memory = Err(crate::stop::Stop::Limit(crate::stop::Limit::Memory));
    assert_eq!(world.call(Builtin::Repeat, &repeat, TypeId::STRING), memory);
    let pad = [(TypeId::STRING, a), (TypeId::INTEGER, huge), (TypeId::STRING, a)];
    assert_eq!(world.call(Builtin::PadLeft, &pad, TypeId::STRING), memory);
    let two = world.decimal("2");
    let power = [(TypeId::DECIMAL, two), (TypeId::INTEGER, 1 << 31)];
    assert_eq!(world.call(Builtin::Pow, &power, TypeId::DECIMAL), memory);
    assert_eq!(world.call(Builtin::Pow, &[power[0], (TypeId::INTEGER, huge)], TypeId::DECIMAL), memory);
    let three = world.arena.widen(3).unwrap();
    let power = [(TypeId::UNBOUNDED, three), (TypeId::INTEGER, 1 << 31)];
    assert_eq!(world.call(Builtin::Pow, &power, TypeId::UNBOUNDED), memory);
    world.meter = crate::meter::Meter::new(10, 0);
    let text = world.text(&"a".repeat(6400));
    let fuel = Err(crate::stop::Stop::Limit(crate::stop::Limit::Fuel));
    assert_eq!(world.call(Builtin::Upper, &[(TypeId::STRING, text)], TypeId::STRING), fuel);
}
