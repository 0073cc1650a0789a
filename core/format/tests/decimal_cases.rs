//! Every operation agrees with Python's `decimal`, on the cases of `data/decimal/decimal_cases.py`.

use std::collections::BTreeMap;

use anrf_format::decimal::{Decimal, RoundingMode};
use num_bigint::BigInt;

const CASES: &str = include_str!("data/decimal/cases.txt");

#[test]
fn all_operations_agree_with_python() {
    let mut count = BTreeMap::new();
    for line in CASES.lines() {
        let (case, expected) = line.split_once(" = ").expect("a case and its result");
        let words: Vec<&str> = case.split(' ').collect();
        *count.entry(words[0]).or_insert(0) += 1;
        assert_eq!(run(&words, canonical), expected, "{case}");
        assert_eq!(run(&words, uncanonical), expected, "{case}, with trailing zeros kept");
    }
    let expected = [
        ("abs", 100),
        ("add", 500),
        ("canonical", 200),
        ("ceil", 100),
        ("cmp", 300),
        ("div", 1400),
        ("floor", 100),
        ("format", 420),
        ("from_f64", 150),
        ("mul", 500),
        ("neg", 100),
        ("pow", 100),
        ("rem", 500),
        ("round", 1190),
        ("sub", 500),
        ("to_f64", 400),
        ("to_i64", 100),
        ("trunc", 100),
    ];
    assert_eq!(count, BTreeMap::from(expected));
    assert_eq!(CASES.lines().count(), 6760);
}

fn canonical(text: &str) -> Decimal {
    Decimal::parse(text).expect("a case in the form of its operation")
}

/// Keeps the scale of the text in the stored form, as arithmetic leaves it.
fn uncanonical(text: &str) -> Decimal {
    let scale = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let coefficient: BigInt = text.replace('.', "").parse().expect("a case in the form of its operation");
    Decimal::new(coefficient, u32::try_from(scale).expect("a case in the form of its operation"))
        .expect("a case in the form of its operation")
}

fn run(words: &[&str], one: fn(&str) -> Decimal) -> String {
    let mode = |name: &str| RoundingMode::from_name(name).expect("a rounding mode");
    let result = match *words {
        ["add", a, b] => one(a).add(&one(b)),
        ["sub", a, b] => one(a).sub(&one(b)),
        ["mul", a, b] => one(a).mul(&one(b)).expect("a case in the form of its operation"),
        ["rem", a, b] => one(a).remainder(&one(b)).expect("a case in the form of its operation"),
        ["div", a, b, places, name] => one(a)
            .div(&one(b), places.parse().expect("a case in the form of its operation"), mode(name))
            .expect("a case in the form of its operation"),
        ["round", a, places, name] => one(a)
            .round(places.parse().expect("a case in the form of its operation"), mode(name))
            .expect("a case in the form of its operation"),
        ["pow", a, exponent] => one(a)
            .pow(exponent.parse().expect("a case in the form of its operation"))
            .expect("a case in the form of its operation"),
        ["floor", a] => one(a).floor(),
        ["ceil", a] => one(a).ceil(),
        ["trunc", a] => one(a).trunc(),
        ["neg", a] => one(a).neg(),
        ["abs", a] => one(a).abs(),
        ["from_f64", bits] => {
            Decimal::from_f64(f64::from_bits(bits.parse().expect("a case in the form of its operation")))
                .expect("a case in the form of its operation")
        }
        ["cmp", a, b] => return (one(a).cmp(&one(b)) as i8).to_string(),
        ["format", a, places, name] => {
            return one(a)
                .format_places(places.parse().expect("a case in the form of its operation"), mode(name))
                .expect("a case in the form of its operation");
        }
        ["to_i64", a] => return one(a).to_i64().map_or("none".to_owned(), |value| value.to_string()),
        ["to_f64", a] => return one(a).to_f64().to_bits().to_string(),
        ["canonical", a] => return format!("{} {} {}", one(a), one(a).digits(), one(a).scale()),
        _ => panic!("unknown case {words:?}"),
    };
    result.to_string()
}
