//! Numbers in slots compute what numbers outside do.

use anrf_format::builtin::Builtin;
use anrf_format::decimal::Decimal;
use anrf_format::execution::Arithmetic;
use anrf_format::types::TypeId;
use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::Zero as _;
use proptest::prelude::*;

use super::super::{arithmetic, equal, negate, order};
use super::World;

/// Small, at the edges of one slot and of 64 bits, and larger ones.
fn integer() -> impl Strategy<Value = BigInt> {
    prop_oneof![
        (-9..10_i64).prop_map(BigInt::from),
        (-3..3_i64).prop_map(|near| BigInt::from((1_i64 << 62) + near)),
        (-3..3_i64).prop_map(|near| BigInt::from(-(1_i64 << 62) + near)),
        any::<i64>().prop_map(BigInt::from),
        any::<i128>().prop_map(|value| BigInt::from(value) * value),
    ]
}

fn decimal() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (-999..999_i128, 0..4_u32),
        ((-3..3_i128).prop_map(|near| (1 << 55) + near), 0..20_u32),
        (any::<i64>().prop_map(i128::from), 0..130_u32),
        (any::<i128>(), 0..40_u32),
    ]
    .prop_map(|(coefficient, scale)| Decimal::from_parts(coefficient, scale).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn unbounded_integers(a in integer(), b in integer(), small in 0..64_i64) {
        let mut world = World::new();
        let (x, y) = (world.arena.new_unbounded(&a).unwrap(), world.arena.new_unbounded(&b).unwrap());
        let t = TypeId::UNBOUNDED;
        let c = &mut world.context();
        prop_assert_eq!(order(c, t, x, y).unwrap(), a.cmp(&b));
        let operators = [Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply, Arithmetic::Divide, Arithmetic::Remainder];
        for operator in operators {
            let expected = match operator {
                Arithmetic::Add => &a + &b,
                Arithmetic::Subtract => &a - &b,
                Arithmetic::Multiply => &a * &b,
                _ if b.is_zero() => BigInt::zero(),
                Arithmetic::Divide => &a / &b,
                Arithmetic::Remainder => &a % &b,
            };
            let found = arithmetic(c, operator, t, x, y).unwrap();
            prop_assert_eq!(c.arena.unbounded(found), expected);
        }
        let negated = negate(c, t, x).unwrap();
        prop_assert_eq!(c.arena.unbounded(negated), -&a);
        let mut call = |builtin, second: (TypeId, u64)| {
            let result = world.call(builtin, &[(t, x), second], t).unwrap();
            world.arena.unbounded(result)
        };
        prop_assert_eq!(call(Builtin::BitAnd, (t, y)), &a & &b);
        prop_assert_eq!(call(Builtin::BitOr, (t, y)), &a | &b);
        prop_assert_eq!(call(Builtin::BitXor, (t, y)), &a ^ &b);
        prop_assert_eq!(call(Builtin::ShiftLeft, (TypeId::INTEGER, small.cast_unsigned())), &a << small);
        prop_assert_eq!(call(Builtin::ShiftRight, (TypeId::INTEGER, small.cast_unsigned())), &a >> small);
        prop_assert_eq!(call(Builtin::Pow, (TypeId::INTEGER, small.cast_unsigned() % 9)), a.pow(u32::try_from(small % 9).unwrap()));
        if !b.is_zero() {
            prop_assert_eq!(call(Builtin::FloorDiv, (t, y)), a.div_floor(&b));
            prop_assert_eq!(call(Builtin::FloorMod, (t, y)), a.mod_floor(&b));
        }
        if a >= BigInt::zero() {
            let root = world.call(Builtin::Isqrt, &[(t, x)], t).unwrap();
            prop_assert_eq!(world.arena.unbounded(root), a.sqrt());
        }
        let complement = world.call(Builtin::BitNot, &[(t, x)], t).unwrap();
        prop_assert_eq!(world.arena.unbounded(complement), !a);
    }

    #[test]
    fn decimals(a in decimal(), b in decimal(), places in -5..8_i64) {
        let mut world = World::new();
        let (x, y) = (world.arena.new_decimal(&a).unwrap(), world.arena.new_decimal(&b).unwrap());
        let t = TypeId::DECIMAL;
        let c = &mut world.context();
        prop_assert_eq!(order(c, t, x, y).unwrap(), a.cmp(&b));
        prop_assert_eq!(equal(c, t, x, y).unwrap(), a == b);
        for operator in [Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply, Arithmetic::Remainder] {
            let expected = match operator {
                Arithmetic::Add => a.add(&b),
                Arithmetic::Subtract => a.sub(&b),
                Arithmetic::Multiply => a.mul(&b).unwrap(),
                _ => a.remainder(&b).unwrap_or_default(),
            };
            let found = arithmetic(c, operator, t, x, y).unwrap();
            prop_assert_eq!(c.arena.decimal(found), expected);
        }
        let text = super::super::decimal::text(c, x).unwrap();
        prop_assert_eq!(&text, &a.to_string());
        let slot = c.arena.new_text(&text).unwrap();
        let read = super::super::decimal::parse(c, slot).unwrap().unwrap();
        prop_assert_eq!(c.arena.decimal(read), a.clone());
        for (symbol, mode) in anrf_format::decimal::RoundingMode::ALL.into_iter().enumerate() {
            let arguments = [(t, x), (TypeId::INTEGER, places.cast_unsigned()), (TypeId::INTEGER, symbol as u64)];
            let rounded = world.call(Builtin::Round, &arguments, t).unwrap();
            prop_assert_eq!(world.arena.decimal(rounded), a.round(places, mode).unwrap());
        }
    }

    #[test]
    fn integers_overflow_where_they_leave_64_bits(a in any::<i64>(), b in prop_oneof![-70..70_i64, any::<i64>()]) {
        let mut world = World::new();
        let t = TypeId::INTEGER;
        let arguments = [(t, a.cast_unsigned()), (t, b.cast_unsigned())];
        let mut call = |builtin| world.call(builtin, &arguments, t).ok().map(u64::cast_signed);
        let floor = |a: i64, b: i64| i64::try_from(num_integer::Integer::div_floor(&i128::from(a), &i128::from(b))).ok();
        prop_assert_eq!(call(Builtin::FloorDiv), if b == 0 { None } else { floor(a, b) });
        prop_assert_eq!(call(Builtin::FloorMod), if b == 0 { None } else { Some(i64::try_from(num_integer::Integer::mod_floor(&i128::from(a), &i128::from(b))).unwrap()) });
        let shifts = (0..=63).contains(&b);
        prop_assert_eq!(call(Builtin::ShiftLeft), if shifts { i64::try_from(i128::from(a) << b).ok() } else { None });
        prop_assert_eq!(call(Builtin::ShiftRight), if shifts { Some(a >> b) } else { None });
        let power = u32::try_from(b).ok().and_then(|b| (a % 100).checked_pow(b));
        let arguments = [(t, (a % 100).cast_unsigned()), (t, b.cast_unsigned())];
        let found = world.call(Builtin::Pow, &arguments, t).ok().map(u64::cast_signed);
        // The standard library does not take every exponent of 0, 1 and -1.
        if b < 1 << 32 {
            prop_assert_eq!(found, power);
        }
    }
}
