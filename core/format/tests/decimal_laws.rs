//! What holds for all decimals.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use anrf_format::decimal::{Bound, Decimal, RoundingMode};
use num_bigint::BigInt;
use proptest::prelude::*;

/// Money, machine-word edges and numbers of some hundred digits, with and without trailing zeros.
fn decimals() -> impl Strategy<Value = Decimal> {
    let coefficient = prop_oneof![
        (-100_000_i128..100_000).prop_map(BigInt::from),
        any::<i64>().prop_map(BigInt::from),
        any::<i128>().prop_map(BigInt::from),
        (-2_i128..=2).prop_map(|near| BigInt::from(i128::MAX) + near),
        (-2_i128..=2).prop_map(|near| BigInt::from(i128::MIN) + near),
        proptest::collection::vec(any::<u8>(), 0..100).prop_map(|bytes| BigInt::from_signed_bytes_le(&bytes)),
        (any::<i8>(), 0_u32..120).prop_map(|(lead, zeros)| BigInt::from(lead) * BigInt::from(10).pow(zeros)),
    ];
    (coefficient, prop_oneof![0_u32..5, 0_u32..150])
        .prop_map(|(coefficient, scale)| Decimal::new(coefficient, scale).expect("a scale in range"))
}

fn modes() -> impl Strategy<Value = RoundingMode> {
    proptest::sample::select(RoundingMode::ALL.as_slice())
}

/// The same value, stored with more trailing zeros where that is possible.
fn padded(value: &Decimal, zeros: u32) -> Decimal {
    Decimal::new(value.coefficient() * BigInt::from(10).pow(zeros), value.scale() + zeros)
        .expect("a scale in range")
}

fn hash(value: &Decimal) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn addition_is_a_commutative_group(a in decimals(), b in decimals(), c in decimals()) {
        prop_assert_eq!(a.add(&b), b.add(&a));
        prop_assert_eq!(a.add(&b).add(&c), a.add(&b.add(&c)));
        prop_assert_eq!(a.add(&b).sub(&b), a.clone());
        prop_assert_eq!(a.add(&a.neg()), Decimal::ZERO);
        prop_assert_eq!(a.sub(&b), b.sub(&a).neg());
    }

    #[test]
    fn multiplication_commutes_and_distributes(a in decimals(), b in decimals(), c in decimals()) {
        let mul = |a: &Decimal, b: &Decimal| a.mul(b).unwrap();
        prop_assert_eq!(mul(&a, &b), mul(&b, &a));
        prop_assert_eq!(mul(&mul(&a, &b), &c), mul(&a, &mul(&b, &c)));
        prop_assert_eq!(mul(&a, &b.add(&c)), mul(&a, &b).add(&mul(&a, &c)));
        prop_assert_eq!(mul(&a, &Decimal::ONE), a);
    }

    #[test]
    fn order_is_the_sign_of_the_difference(a in decimals(), b in decimals()) {
        prop_assert_eq!(a.cmp(&b) as i32, a.sub(&b).signum());
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a == b, a.cmp(&b).is_eq());
    }

    #[test]
    fn trailing_zeros_do_not_show(a in decimals(), zeros in 0_u32..40, b in decimals()) {
        let same = padded(&a, zeros);
        prop_assert_eq!(&same, &a);
        prop_assert_eq!(hash(&same), hash(&a));
        prop_assert_eq!(same.to_string(), a.to_string());
        prop_assert_eq!(same.to_bytes(), a.to_bytes());
        prop_assert_eq!((same.scale(), same.digits(), same.coefficient()), (a.scale(), a.digits(), a.coefficient()));
        prop_assert_eq!(same.small().is_some(), a.small().is_some());
        prop_assert_eq!(same.byte_size(), a.byte_size());
        prop_assert_eq!(same.add_bound(&b), a.add_bound(&b));
        prop_assert_eq!(same.mul_bound(&b), a.mul_bound(&b));
        prop_assert_eq!(same.div_bound(&b, 50), a.div_bound(&b, 50));
        prop_assert_eq!(same.round_bound(3), a.round_bound(3));
    }

    #[test]
    fn text_and_bytes_lead_back(a in decimals()) {
        prop_assert_eq!(&Decimal::parse(&a.to_string()).unwrap(), &a);
        prop_assert_eq!(&Decimal::from_bytes(&a.to_bytes()).unwrap(), &a);
        prop_assert_eq!(&postcard::from_bytes::<Decimal>(&postcard::to_stdvec(&a).unwrap()).unwrap(), &a);
        prop_assert_eq!(&serde_json::from_str::<Decimal>(&serde_json::to_string(&a).unwrap()).unwrap(), &a);
    }

    #[test]
    fn bytes_that_decode_are_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
        if let Some(value) = Decimal::from_bytes(&bytes) {
            prop_assert_eq!(value.to_bytes(), bytes);
        }
    }

    #[test]
    fn the_remainder_completes_the_division(a in decimals(), b in decimals()) {
        prop_assume!(!b.is_zero());
        let rest = a.remainder(&b).unwrap();
        prop_assert!(rest.abs() < b.abs());
        prop_assert!(rest.is_zero() || rest.signum() == a.signum());
        let whole = a.sub(&rest).div(&b, 0, RoundingMode::Down).unwrap();
        prop_assert_eq!(whole.mul(&b).unwrap().add(&rest), a);
    }

    #[test]
    fn rounding_moves_by_less_than_a_unit(a in decimals(), places in -60_i64..60, mode in modes()) {
        let unit = match u32::try_from(places) {
            Ok(places) => Decimal::from_parts(1, places).unwrap(),
            Err(_) => Decimal::from_i64(10).pow(u32::try_from(-places).unwrap()).unwrap(),
        };
        let rounded = a.round(places, mode).unwrap();
        prop_assert!(rounded.remainder(&unit).unwrap().is_zero());
        prop_assert!(rounded.sub(&a).abs() < unit);
        prop_assert_eq!(rounded.round(places, mode).unwrap(), rounded.clone());
        match mode {
            RoundingMode::Up => prop_assert!(rounded.abs() >= a.abs()),
            RoundingMode::Down => prop_assert!(rounded.abs() <= a.abs()),
            RoundingMode::Ceiling => prop_assert!(rounded >= a),
            RoundingMode::Floor => prop_assert!(rounded <= a),
            _ => prop_assert!(rounded.sub(&a).abs().mul(&Decimal::from_i64(2)).unwrap() <= unit),
        }
    }

    #[test]
    fn dividing_an_integer_is_rounding_the_fraction(a in decimals(), places in 0_i64..60, mode in modes()) {
        prop_assert_eq!(a.div(&Decimal::ONE, places, mode).unwrap(), a.round(places, mode).unwrap());
    }

    #[test]
    fn every_float_comes_back(bits in any::<u64>()) {
        let float = f64::from_bits(bits);
        match Decimal::from_f64(float) {
            Some(value) => prop_assert_eq!(value.to_f64(), float),
            None => prop_assert!(!float.is_finite()),
        }
    }

    #[test]
    fn floats_are_the_nearest(a in decimals()) {
        prop_assert_eq!(a.to_f64().to_bits(), (a.to_string() + "e0").parse::<f64>().unwrap().to_bits());
    }

    #[test]
    fn results_stay_within_their_bounds(
        a in decimals(), b in decimals(), places in 0_i64..300, mode in modes(), exponent in 0_u32..5,
    ) {
        let within = |bound: Bound, result: Decimal| {
            bound.digits >= result.digits() && bound.bytes() >= result.byte_size() && bound.work > 0
        };
        prop_assert!(within(a.add_bound(&b), a.add(&b)));
        prop_assert!(within(a.add_bound(&b), a.sub(&b)));
        prop_assert!(within(a.mul_bound(&b), a.mul(&b).unwrap()));
        prop_assert!(within(a.round_bound(places), a.round(places, mode).unwrap()));
        prop_assert!(within(a.round_bound(-places), a.round(-places, mode).unwrap()));
        prop_assert!(within(a.pow_bound(exponent), a.pow(exponent).unwrap()));
        prop_assert!(a.text_bound(places).digits + 3 >= a.format_places(places, mode).unwrap().len() as u64);
        if !b.is_zero() {
            prop_assert!(within(a.div_bound(&b, places), a.div(&b, places, mode).unwrap()));
            prop_assert!(within(a.remainder_bound(&b), a.remainder(&b).unwrap()));
        }
    }

    #[test]
    fn parsing_any_text_ends(text in "[-+0-9._eE ]{0,12}|\\PC{0,12}") {
        let _ = Decimal::parse(&text);
    }
}
