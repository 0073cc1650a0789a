//! What the decimal type promises at its edges.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use anrf_format::decimal::{Bound, Decimal, DecimalError, MAX_SCALE, RoundingMode};
use num_bigint::BigInt;

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).expect("a decimal")
}

/// `10^-places`.
fn unit(places: u32) -> Decimal {
    Decimal::from_parts(1, places).expect("a scale in range")
}

#[test]
fn a_decimal_takes_three_words() {
    assert_eq!(size_of::<Decimal>(), 24);
    assert_eq!(size_of::<Option<Decimal>>(), 24);
}

#[test]
fn trailing_zeros_are_not_part_of_the_value() {
    let (long, short) = (Decimal::from_parts(1_500, 3).unwrap(), Decimal::from_parts(15, 1).unwrap());
    assert_eq!(long, short);
    assert_eq!((long.scale(), long.digits(), long.coefficient()), (1, 2, BigInt::from(15)));
    assert_eq!(long.normalized().small(), Some((15, 1)));
    assert_eq!(Decimal::from_parts(0, 7).unwrap().scale(), 0);
    assert_eq!(decimal("-0.000"), Decimal::ZERO);
    assert_eq!(decimal("-0.0").to_string(), "0");
    assert_eq!(decimal("1200").to_string(), "1200");
}

#[test]
fn only_plain_notation_is_read() {
    for (text, value) in [
        ("0", "0"),
        ("007.50", "7.5"),
        ("-0.05", "-0.05"),
        ("12345678901234567890123456789012345678901234.5", "12345678901234567890123456789012345678901234.5"),
    ] {
        assert_eq!(decimal(text).to_string(), value);
    }
    let cases = [
        ("", "expected a decimal such as `12.50`, found ``", None),
        ("+1", "expected a decimal such as `12.50`, found `+1`", Some("leave out the `+`")),
        (
            ".5",
            "expected a decimal such as `12.50`, found `.5`",
            Some("write at least one digit on each side of the `.`"),
        ),
        (
            "5.",
            "expected a decimal such as `12.50`, found `5.`",
            Some("write at least one digit on each side of the `.`"),
        ),
        (
            "1e3",
            "expected a decimal such as `12.50`, found `1e3`",
            Some("write out all digits; exponents are not decimals"),
        ),
        (
            "1_000",
            "expected a decimal such as `12.50`, found `1_000`",
            Some("write the digits without separators and a `.` as the decimal point"),
        ),
        (" 1", "expected a decimal such as `12.50`, found ` 1`", Some("leave out the spaces")),
        ("--1", "expected a decimal such as `12.50`, found `--1`", None),
        ("1.2.3", "expected a decimal such as `12.50`, found `1.2.3`", None),
        ("٣", "expected a decimal such as `12.50`, found `٣`", None),
        ("NaN", "expected a decimal such as `12.50`, found `NaN`", None),
    ];
    for (text, message, help) in cases {
        let error = Decimal::parse(text).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.help()), (message, help));
    }
    let long = Decimal::parse(&"x".repeat(1000)).unwrap_err().to_string();
    assert_eq!(long, format!("expected a decimal such as `12.50`, found `{}…`", "x".repeat(40)));
}

#[test]
fn the_caller_limits_the_digits() {
    assert_eq!(Decimal::parse_limited("0012.340", 4).unwrap(), decimal("12.34"));
    let error = Decimal::parse_limited("12.345", 4).unwrap_err();
    assert_eq!(error.to_string(), "the decimal has more than 4 digits");
    let deep = format!("0.{}1", "0".repeat(MAX_SCALE as usize));
    assert!(Decimal::parse(&deep).is_err(), "leading zeros of a fraction count");
    let error = Decimal::parse_limited(&deep, usize::MAX).unwrap_err();
    assert_eq!(error.to_string(), "the decimal has more than 1000000 decimal places");
    let zeros = format!("1.{}", "0".repeat(2_000_000));
    assert_eq!(Decimal::parse(&zeros).unwrap(), Decimal::ONE);
    let long = "123456789".repeat(11_000);
    assert_eq!(decimal(&long).to_string(), long);
}

#[test]
fn scales_are_limited() {
    let too_large = Err(DecimalError::ScaleTooLarge);
    assert_eq!(Decimal::from_parts(1, MAX_SCALE + 1), too_large);
    assert_eq!(Decimal::from_parts(10, MAX_SCALE + 1), Ok(unit(MAX_SCALE)));
    assert_eq!(Decimal::new(BigInt::from(3).pow(200), u32::MAX), too_large);
    assert_eq!(unit(MAX_SCALE).mul(&decimal("0.1")), too_large);
    assert_eq!(unit(MAX_SCALE).mul(&decimal("10")), Ok(unit(MAX_SCALE - 1)));
    assert_eq!(decimal("0.5").mul(&Decimal::from_parts(2, MAX_SCALE).unwrap()), Ok(unit(MAX_SCALE)));
    assert_eq!(decimal("0.01").pow(MAX_SCALE), too_large);
    assert_eq!(
        DecimalError::ScaleTooLarge.to_string(),
        "the exact result has more than 1000000 decimal places"
    );
}

#[test]
fn values_far_apart_cost_little_to_compare_and_divide() {
    let (tiny, huge) = (unit(MAX_SCALE), decimal(&"9".repeat(50_000)));
    for _ in 0..1_000 {
        assert!(tiny < huge);
        assert_eq!(tiny.div(&huge, 2, RoundingMode::HalfEven), Ok(Decimal::ZERO));
        assert_eq!(tiny.div(&huge, 2, RoundingMode::Ceiling), Ok(decimal("0.01")));
        assert_eq!(tiny.neg().round(2, RoundingMode::Floor), Ok(decimal("-0.01")));
        assert_eq!(tiny.to_f64().to_bits(), 0);
        assert_eq!(tiny.neg().to_f64().to_bits(), (-0.0_f64).to_bits());
        assert_eq!(huge.to_f64(), f64::INFINITY);
        assert_eq!(tiny.remainder(&huge), Ok(tiny.clone()));
    }
    assert!(tiny.add_bound(&huge).digits >= 1_050_000);
    assert!(huge.mul_bound(&huge).digits >= 100_000);
}

#[test]
fn many_trailing_zeros_vanish() {
    let nines = decimal(&format!("0.{}", "9".repeat(20_000)));
    assert_eq!(nines.add(&unit(20_000)), Decimal::ONE);
    for zeros in [38, 39, 40, 63, 64, 65, 1_000, 1_023, 1_024, 1_025] {
        let value = BigInt::from(7).pow(300);
        let padded = &value * BigInt::from(10).pow(zeros + 5);
        let decimal = Decimal::new(padded.clone(), zeros).unwrap();
        assert_eq!((decimal.scale(), decimal.coefficient()), (0, &value * 100_000));
        let decimal = Decimal::new(padded, zeros + 8).unwrap();
        assert_eq!((decimal.scale(), decimal.coefficient()), (3, value));
    }
}

#[test]
fn the_edges_of_128_bits_are_crossed_exactly() {
    let (least, most) = (Decimal::from_i128(i128::MIN), Decimal::from_i128(i128::MAX));
    assert_eq!(least.neg(), most.add(&Decimal::ONE));
    assert_eq!(least.abs().neg(), least);
    assert_eq!(least.remainder(&Decimal::from_i64(-1)), Ok(Decimal::ZERO));
    let quotient = least.div(&Decimal::from_i64(-1), 0, RoundingMode::Down).unwrap();
    assert_eq!(quotient.to_string(), "170141183460469231731687303715884105728");
    assert!(most.small().is_some() && most.add(&Decimal::ONE).small().is_none());
    assert!(most.add(&Decimal::ONE).sub(&Decimal::ONE).small().is_some());
    assert_eq!(
        least.mul(&least).unwrap().to_string(),
        "28948022309329048855892746252171976963317496166410141009864396001978282409984"
    );
    assert_eq!(most.round(-39, RoundingMode::Up).unwrap().to_string(), format!("1{}", "0".repeat(39)));
    assert_eq!(most.round(-38, RoundingMode::HalfUp).unwrap().to_string(), format!("2{}", "0".repeat(38)));
}

#[test]
fn places_are_limited() {
    let half = decimal("0.5");
    let mode = RoundingMode::HalfEven;
    let error = half.div(&half, -1, mode).unwrap_err();
    assert_eq!(error.to_string(), "the number of places is `-1`, expected 0 to 1000000");
    assert!(half.div(&half, 1_000_001, mode).is_err() && half.format_places(-1, mode).is_err());
    assert!(half.round(i64::MIN, mode).is_err() && half.round(i64::MAX, mode).is_err());
    assert_eq!(half.round(-1_000_000, mode), Ok(Decimal::ZERO));
    assert_eq!(half.round(-1_000_000, RoundingMode::Up).unwrap().digits(), 1_000_001);
    assert_eq!(half.div(&Decimal::ZERO, 2, mode), Err(DecimalError::DivisionByZero));
    assert_eq!(half.remainder(&Decimal::ZERO), Err(DecimalError::DivisionByZero));
    assert_eq!(Decimal::ZERO.div(&decimal("3"), 1_000_000, RoundingMode::Up), Ok(Decimal::ZERO));
}

#[test]
fn small_work_has_one_price() {
    assert_eq!(decimal("12.50").add_bound(&decimal("3")), Bound::LEAST);
    assert_eq!(decimal("12.50").mul_bound(&decimal("0.19")), Bound::LEAST);
    assert_eq!(decimal("12.50").div_bound(&decimal("3"), 2), Bound::LEAST);
    assert_eq!(Decimal::ONE.neg().pow_bound(u32::MAX), Bound::LEAST);
    assert!(decimal("2").pow_bound(u32::MAX).digits > 1_000_000_000);
    assert_eq!(Decimal::ONE.round_bound(i64::MIN).work, u64::MAX);
}

#[test]
fn names_of_rounding_modes_are_those_of_the_language() {
    let names = RoundingMode::ALL.map(RoundingMode::name);
    assert_eq!(names, ["HALF_EVEN", "HALF_UP", "HALF_DOWN", "UP", "DOWN", "CEILING", "FLOOR"]);
    assert!(RoundingMode::ALL.iter().all(|mode| RoundingMode::from_name(&mode.to_string()) == Some(*mode)));
    assert_eq!(RoundingMode::from_name("half_even"), None);
}

#[test]
fn formatting_pads_and_never_shows_a_negative_zero() {
    let format = |text: &str, places| decimal(text).format_places(places, RoundingMode::HalfEven).unwrap();
    assert_eq!(format("2", 2), "2.00");
    assert_eq!(format("2.5", 0), "2");
    assert_eq!(format("3.5", 0), "4");
    assert_eq!(format("-0.004", 2), "0.00");
    assert_eq!(format("-0.006", 2), "-0.01");
    assert_eq!(format!("[{:>8}] [{:08}]", decimal("-1.5"), decimal("-1.5")), "[    -1.5] [-00001.5]");
}

#[test]
fn floats_convert_exactly() {
    let tenth = "0.1000000000000000055511151231257827021181583404541015625";
    assert_eq!(Decimal::from_f64(0.1).unwrap().to_string(), tenth);
    assert_eq!(Decimal::from_f64(-0.0), Some(Decimal::ZERO));
    assert_eq!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(Decimal::from_f64), [None, None, None]);
    assert_eq!(Decimal::from_f64(f64::from_bits(1)).unwrap().scale(), 1074);
    assert_eq!(Decimal::from_f64(f64::MAX).unwrap().to_f64(), f64::MAX);
    // Half a unit above the greatest float is where infinity begins.
    let half_unit = Decimal::from(BigInt::from(2).pow(970));
    let edge = Decimal::from_f64(f64::MAX).unwrap().add(&half_unit);
    assert_eq!(edge.to_f64(), f64::INFINITY);
    assert_eq!(edge.sub(&unit(300)).to_f64(), f64::MAX);
    // Half of the least float is a tie, and goes to zero.
    let half_least = Decimal::from_f64(f64::from_bits(1)).unwrap().mul(&decimal("0.5")).unwrap();
    assert_eq!(half_least.to_f64().to_bits(), 0);
    assert_eq!(half_least.add(&unit(2_000)).to_f64().to_bits(), 1);
}

#[test]
fn only_canonical_bytes_decode() {
    let cases: [(&str, &[u8]); 7] = [
        ("0", &[]),
        ("2.5", &[1, 25]),
        ("-1", &[0, 0xff]),
        ("-12.8", &[1, 0x80]),
        ("128", &[0, 0x80, 0]),
        ("-12.9", &[1, 0x7f, 0xff]),
        ("100", &[0, 100]),
    ];
    for (text, bytes) in cases {
        assert_eq!(decimal(text).to_bytes(), bytes, "{text}");
        assert_eq!(Decimal::from_bytes(bytes).unwrap(), decimal(text));
    }
    assert_eq!(postcard::to_stdvec(&decimal("2.50")).unwrap(), [2, 1, 25]);
    assert_eq!(serde_json::to_string(&decimal("2.50")).unwrap(), "\"2.5\"");
    assert!(serde_json::from_str::<Decimal>("2.5").is_err());
    let refused: [&[u8]; 10] = [
        &[0],
        &[0, 0],
        &[1, 0],
        &[1, 10],
        &[0x81, 0, 25],
        &[0, 25, 0],
        &[0, 0xfe, 0xff],
        &[0x80],
        &[0xc1, 0x84, 0x3d, 1],
        &[0xff, 0xff, 0xff, 0x7f, 1],
    ];
    for bytes in refused {
        assert_eq!(Decimal::from_bytes(bytes), None, "{bytes:?}");
    }
    assert_eq!(Decimal::from_bytes(&[0xc0, 0x84, 0x3d, 1]).unwrap(), unit(MAX_SCALE));
}

#[test]
fn a_small_stack_is_enough() {
    let work = || {
        let long = decimal(&"7".repeat(90_000));
        let product = long.mul(&long).unwrap();
        assert_eq!(product.div(&long, 10, RoundingMode::HalfEven), Ok(long.clone()));
        assert_eq!(Decimal::parse_limited(&product.to_string(), 200_000).unwrap(), product);
    };
    std::thread::Builder::new().stack_size(256 * 1024).spawn(work).unwrap().join().unwrap();
}
