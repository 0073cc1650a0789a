//! Built-ins by cases: arguments and the value or fault. Each built-in has a value, and each of its faults
//! a case.

use anrf_format::builtin::Builtin;
use anrf_format::decimal::RoundingMode;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::{Type, TypeId};

use super::World;
use crate::stop::Stop;

/// An argument.
#[derive(Clone, Copy, Debug)]
enum A {
    /// Boolean.
    Yes,
    /// Integer.
    I(i64),
    /// Unbounded integer, in decimal digits.
    U(&'static str),
    /// Decimal.
    D(&'static str),
    /// Float.
    F(f64),
    /// String.
    S(&'static str),
    /// Bytes.
    B(&'static [u8]),
    /// Timestamp.
    T(&'static str),
    /// Rounding mode.
    M(RoundingMode),
    /// Symbol of `enum[red, green]`.
    E(u64),
    /// Optional integer.
    O(Option<i64>),
    /// Arrays.
    Is(&'static [i64]),
    Ss(&'static [&'static str]),
    Iss(&'static [&'static [i64]]),
    /// Map of strings to integers.
    Map(&'static [(&'static str, i64)]),
    /// Set of integers.
    Set(&'static [i64]),
}

use A::{B, D, E, F, I, Is, Iss, M, Map, O, S, Set, Ss, T, U, Yes};

impl A {
    fn slot(self, world: &mut World) -> (TypeId, u64) {
        match self {
            Yes => (TypeId::BOOLEAN, 1),
            I(value) => (TypeId::INTEGER, value.cast_unsigned()),
            U(digits) => (TypeId::UNBOUNDED, world.arena.new_unbounded(&digits.parse().unwrap()).unwrap()),
            D(text) => (TypeId::DECIMAL, world.decimal(text)),
            F(value) => (TypeId::FLOAT, value.to_bits()),
            S(text) => (TypeId::STRING, world.text(text)),
            B(bytes) => (TypeId::BYTES, world.bytes(bytes)),
            T(text) => (TypeId::TIMESTAMP, Timestamp::parse(text).unwrap().micros().cast_unsigned()),
            M(mode) => {
                let symbols = RoundingMode::ALL.iter().map(|mode| mode.name().into()).collect();
                let index = RoundingMode::ALL.iter().position(|other| *other == mode).unwrap();
                (world.intern(Type::Enum(symbols)), index as u64)
            }
            E(symbol) => (world.intern(Type::Enum(vec!["red".into(), "green".into()])), symbol),
            O(value) => {
                let type_id = world.optional(TypeId::INTEGER);
                let some = value.map(|value| world.arena.new_some(type_id, value.cast_unsigned()).unwrap());
                (type_id, some.unwrap_or(0))
            }
            Is(elements) => (world.array(TypeId::INTEGER), world.integers(elements)),
            Ss(elements) => (world.array(TypeId::STRING), world.texts(elements)),
            Iss(arrays) => {
                let inner = world.array(TypeId::INTEGER);
                let type_id = world.array(inner);
                let slots: Vec<u64> = arrays.iter().map(|array| world.integers(array)).collect();
                (type_id, world.arena.new_array(type_id, &slots).unwrap())
            }
            Map(entries) => {
                let type_id = world.map(TypeId::STRING, TypeId::INTEGER);
                let mut slots = vec![];
                for (key, value) in entries {
                    slots.extend([world.text(key), value.cast_unsigned()]);
                }
                (type_id, super::super::new_map(&mut world.context(), type_id, &slots).unwrap())
            }
            Set(members) => {
                let type_id = world.set(TypeId::INTEGER);
                let slots: Vec<u64> = members.iter().map(|member| member.cast_unsigned()).collect();
                (type_id, super::super::new_set(&mut world.context(), type_id, &slots).unwrap())
            }
        }
    }
}

/// The result type of a call.
fn result_type(world: &mut World, builtin: Builtin, types: &[TypeId]) -> TypeId {
    use anrf_format::builtin::Shape;
    let of = |world: &World, index: usize| world.types.get(types[index]).clone();
    let signature = builtin.info().signatures.iter().find(|signature| {
        let first = signature.parameters[0].1;
        signature.parameters.len() == types.len()
            && match (first, of(world, 0)) {
                (Shape::Decimal, other) => other == Type::Decimal,
                (Shape::Float, other) => other == Type::Float,
                (Shape::String, other) => other == Type::String,
                (Shape::Bytes, other) => other == Type::Bytes,
                (Shape::Integer | Shape::Integral, other) => matches!(other, Type::Integer | Type::Unbounded),
                (Shape::Array(_), other) => matches!(other, Type::Array(_)),
                (Shape::MapKV, other) => matches!(other, Type::Map(..)),
                (Shape::SetK, other) => matches!(other, Type::Set(_)),
                _ => true,
            }
    });
    let element = |world: &World, index: usize| match of(world, index) {
        Type::Array(inner) | Type::Optional(inner) | Type::Set(inner) | Type::Map(inner, _) => inner,
        _ => types[index],
    };
    match signature.expect("a signature").result {
        Shape::Boolean => TypeId::BOOLEAN,
        Shape::Integer => TypeId::INTEGER,
        Shape::Decimal => TypeId::DECIMAL,
        Shape::Float => TypeId::FLOAT,
        Shape::String => TypeId::STRING,
        Shape::Bytes => TypeId::BYTES,
        Shape::Timestamp => TypeId::TIMESTAMP,
        Shape::Integral | Shape::Number | Shape::Ordered | Shape::SetK => types[0],
        Shape::T => element(world, 0),
        Shape::Optional(inner) => {
            let inner = match inner {
                Shape::Integer | Shape::V => TypeId::INTEGER,
                Shape::Decimal => TypeId::DECIMAL,
                Shape::Float => TypeId::FLOAT,
                Shape::Timestamp => TypeId::TIMESTAMP,
                Shape::Bytes => TypeId::BYTES,
                _ => TypeId::STRING,
            };
            world.optional(inner)
        }
        Shape::Array(inner) => {
            let inner = match inner {
                Shape::EntryKV => {
                    world.record("entry", &[("key", TypeId::STRING), ("value", TypeId::INTEGER)])
                }
                Shape::PairTU => {
                    let (first, second) = (element(world, 0), element(world, 1));
                    world.record("pair", &[("first", first), ("second", second)])
                }
                Shape::V => TypeId::INTEGER,
                Shape::String => TypeId::STRING,
                _ if builtin == Builtin::Flatten => return element(world, 0),
                _ => element(world, 0),
            };
            world.array(inner)
        }
        other => panic!("{other:?}"),
    }
}

use Builtin as F0;

/// Built-in, arguments, what it gives: a value as `World::show` writes it, or `fault` and its name.
fn cases() -> Vec<(Builtin, Vec<A>, &'static str)> {
    let half_even = M(RoundingMode::HalfEven);
    let tall = "100000000000000000000000";
    let day = "2026-01-08T14:23:15Z";
    vec![
        (F0::Len, vec![Is(&[1, 2])], "2"),
        (F0::Len, vec![S("naïve")], "5"),
        (F0::Len, vec![B(b"abc")], "3"),
        (F0::Len, vec![Map(&[("a", 1)])], "1"),
        (F0::Len, vec![Set(&[])], "0"),
        (F0::Abs, vec![I(-3)], "3"),
        (F0::Abs, vec![I(i64::MIN)], "fault overflow"),
        (F0::Abs, vec![D("-2.5")], "2.5"),
        (F0::Abs, vec![F(-0.0)], "0.0"),
        (F0::Abs, vec![U("-100000000000000000000000")], tall),
        (F0::Min, vec![I(2), I(3)], "2"),
        (F0::Min, vec![F(f64::NAN), F(1.0)], "1.0"),
        (F0::Min, vec![Is(&[1, 2]), Is(&[1])], "[1]"),
        (F0::Max, vec![S("a"), S("b")], "\"b\""),
        (F0::Max, vec![F(-0.0), F(0.0)], "0.0"),
        (F0::Sqrt, vec![F(9.0)], "3.0"),
        (F0::Sqrt, vec![F(-1.0)], "NaN"),
        (F0::Isqrt, vec![I(10)], "3"),
        (F0::Isqrt, vec![I(i64::MAX)], "3037000499"),
        (F0::Isqrt, vec![I(-1)], "fault invalid_argument"),
        (F0::Isqrt, vec![U("-100000000000000000000000")], "fault invalid_argument"),
        (F0::Pow, vec![I(2), I(10)], "1024"),
        (F0::Pow, vec![I(2), I(63)], "fault overflow"),
        (F0::Pow, vec![I(-2), I(63)], "-9223372036854775808"),
        (F0::Pow, vec![I(2), I(-1)], "fault invalid_argument"),
        (F0::Pow, vec![I(-1), I(i64::MAX)], "-1"),
        (F0::Pow, vec![D("1.1"), I(2)], "1.21"),
        (F0::Pow, vec![D("-1"), I(i64::MAX)], "-1"),
        (F0::Pow, vec![D("0"), I(0)], "1"),
        (F0::Pow, vec![F(2.0), F(0.5)], "1.4142135623730951"),
        (F0::Pow, vec![U("10"), I(23)], tall),
        (F0::FloorDiv, vec![I(-7), I(2)], "-4"),
        (F0::FloorDiv, vec![I(1), I(0)], "fault division_by_zero"),
        (F0::FloorDiv, vec![I(i64::MIN), I(-1)], "fault overflow"),
        (F0::FloorMod, vec![I(-7), I(3)], "2"),
        (F0::FloorMod, vec![I(i64::MIN), I(-1)], "0"),
        (F0::FloorMod, vec![U("7"), U("0")], "fault division_by_zero"),
        (F0::BitAnd, vec![I(12), I(10)], "8"),
        (F0::BitOr, vec![I(12), I(10)], "14"),
        (F0::BitXor, vec![I(12), I(-1)], "-13"),
        (F0::BitNot, vec![I(0)], "-1"),
        (F0::ShiftLeft, vec![I(3), I(4)], "48"),
        (F0::ShiftLeft, vec![I(1), I(63)], "fault overflow"),
        (F0::ShiftLeft, vec![I(1), I(64)], "fault invalid_argument"),
        (F0::ShiftLeft, vec![U("1"), I(63)], "9223372036854775808"),
        (F0::ShiftRight, vec![I(-5), I(1)], "-3"),
        (F0::ShiftRight, vec![I(1), I(-1)], "fault invalid_argument"),
        (F0::IsSome, vec![O(Some(1))], "TRUE"),
        (F0::IsSome, vec![O(None)], "FALSE"),
        (F0::ValueOf, vec![O(Some(7))], "7"),
        (F0::ValueOf, vec![O(None)], "fault none_value"),
        (F0::OrElse, vec![O(Some(7)), I(1)], "7"),
        (F0::OrElse, vec![O(None), I(1)], "1"),
        (F0::Get, vec![Map(&[("a", 1)]), S("a")], "SOME(1)"),
        (F0::Get, vec![Map(&[("a", 1)]), S("b")], "NONE"),
        (F0::Keys, vec![Map(&[("b", 2), ("a", 1)])], "[\"a\", \"b\"]"),
        (F0::Values, vec![Map(&[("b", 2), ("a", 1)])], "[1, 2]"),
        (
            F0::Entries,
            vec![Map(&[("b", 2), ("a", 1), ("b", 3)])],
            "[{key: \"a\", value: 1}, {key: \"b\", value: 3}]",
        ),
        (F0::Items, vec![Set(&[2, 1, 2])], "[1, 2]"),
        (F0::Union, vec![Set(&[1, 2]), Set(&[2, 3])], "SET[1, 2, 3]"),
        (F0::Intersect, vec![Set(&[1, 2]), Set(&[2, 3])], "SET[2]"),
        (F0::Difference, vec![Set(&[1, 2]), Set(&[2, 3])], "SET[1]"),
        (F0::IsSubset, vec![Set(&[1]), Set(&[1, 2])], "TRUE"),
        (F0::IsSubset, vec![Set(&[1, 3]), Set(&[1, 2])], "FALSE"),
        (F0::IsPermutation, vec![Is(&[1, 2, 1]), Is(&[1, 1, 2])], "TRUE"),
        (F0::IsPermutation, vec![Is(&[1, 2, 2]), Is(&[1, 1, 2])], "FALSE"),
        (F0::IsPermutation, vec![Is(&[1]), Is(&[1, 1])], "FALSE"),
        (F0::Reverse, vec![Is(&[1, 2, 3])], "[3, 2, 1]"),
        (F0::Reverse, vec![S("naïve")], "\"evïan\""),
        (F0::Unique, vec![Is(&[3, 1, 3, 1, 2])], "[3, 1, 2]"),
        (F0::Unique, vec![Ss(&["b", "a", "b"])], "[\"b\", \"a\"]"),
        (
            F0::Zip,
            vec![Is(&[1, 2, 3]), Ss(&["a", "b"])],
            "[{first: 1, second: \"a\"}, {first: 2, second: \"b\"}]",
        ),
        (F0::Flatten, vec![Iss(&[&[1], &[], &[2, 3]])], "[1, 2, 3]"),
        (F0::Sort, vec![Is(&[3, -1, 2])], "[-1, 2, 3]"),
        (F0::Sort, vec![Iss(&[&[2], &[1, 5], &[], &[1]])], "[[], [1], [1, 5], [2]]"),
        (F0::Sort, vec![Ss(&["b", "", "é", "ab"])], "[\"\", \"ab\", \"b\", \"é\"]"),
        (F0::IndexOf, vec![Is(&[5, 6, 6]), I(6)], "SOME(1)"),
        (F0::IndexOf, vec![Ss(&["a"]), S("b")], "NONE"),
        (F0::IndexOf, vec![S("naïve"), S("v")], "SOME(3)"),
        (F0::IndexOf, vec![S("abc"), S("")], "SOME(0)"),
        (F0::StartsWith, vec![S("anrf"), S("an")], "TRUE"),
        (F0::StartsWith, vec![S("a"), S("an")], "FALSE"),
        (F0::EndsWith, vec![S("anrf"), S("rf")], "TRUE"),
        (F0::ContainsText, vec![S("anrf"), S("nr")], "TRUE"),
        (F0::ContainsText, vec![S("anrf"), S("rn")], "FALSE"),
        (F0::Split, vec![S("a,b,,c"), S(",")], "[\"a\", \"b\", \"\", \"c\"]"),
        (F0::Split, vec![S(""), S(",")], "[\"\"]"),
        (F0::Split, vec![S("a"), S("")], "fault invalid_argument"),
        (F0::Join, vec![Ss(&["a", "é", ""]), S("-")], "\"a-é-\""),
        (F0::Join, vec![Ss(&[]), S("-")], "\"\""),
        (F0::Trim, vec![S("\u{2003} a b\t\n")], "\"a b\""),
        (F0::Upper, vec![S("straße")], "\"STRASSE\""),
        (F0::Lower, vec![S("ÀB")], "\"àb\""),
        (F0::Replace, vec![S("banana"), S("an"), S("o")], "\"booa\""),
        (F0::Replace, vec![S("banana"), S(""), S("o")], "fault invalid_argument"),
        (F0::Substring, vec![S("naïve"), I(1), I(3)], "\"aï\""),
        (F0::Substring, vec![S("abc"), I(3), I(3)], "\"\""),
        (F0::Substring, vec![S("abc"), I(2), I(4)], "fault out_of_bounds"),
        (F0::Substring, vec![S("abc"), I(2), I(1)], "fault out_of_bounds"),
        (F0::Substring, vec![S("abc"), I(-1), I(1)], "fault out_of_bounds"),
        (F0::PadLeft, vec![S("7"), I(3), S("é")], "\"éé7\""),
        (F0::PadLeft, vec![S("7"), I(-3), S("0")], "\"7\""),
        (F0::PadLeft, vec![S("7"), I(3), S("")], "fault invalid_argument"),
        (F0::PadRight, vec![S("7"), I(3), S(".")], "\"7..\""),
        (F0::PadRight, vec![S("7"), I(1), S("ab")], "fault invalid_argument"),
        (F0::Repeat, vec![S("ab"), I(3)], "\"ababab\""),
        (F0::Repeat, vec![S(""), I(i64::MAX)], "\"\""),
        (F0::Repeat, vec![S("ab"), I(-1)], "fault invalid_argument"),
        (F0::Matches, vec![S("AB-12"), S("[A-Z]+-[0-9]+")], "TRUE"),
        (F0::Matches, vec![S("AB-12"), S("[A-Z]+")], "FALSE"),
        (F0::Matches, vec![S("ab"), S("a|ab")], "TRUE"),
        (F0::Matches, vec![S("ab"), S("(?x) a b # all")], "TRUE"),
        (F0::Matches, vec![S("a\nb"), S("(?m)a$")], "FALSE"),
        (F0::Matches, vec![S("é b"), S(r"\w\b \b.")], "TRUE"),
        (F0::Matches, vec![S(""), S("")], "TRUE"),
        (F0::Matches, vec![S("a"), S("(")], "fault invalid_argument"),
        (F0::Matches, vec![S("a"), S(r"\w{9999}{9999}")], "fault invalid_argument"),
        (F0::ParseInteger, vec![S("-42")], "SOME(-42)"),
        (F0::ParseInteger, vec![S("+42")], "NONE"),
        (F0::ParseInteger, vec![S("9223372036854775808")], "NONE"),
        (F0::ParseDecimal, vec![S("12.50")], "SOME(12.5)"),
        (
            F0::ParseDecimal,
            vec![S("-0.0000000000000000000000000000000000000000000001")],
            "SOME(-0.0000000000000000000000000000000000000000000001)",
        ),
        (F0::ParseDecimal, vec![S("1.")], "NONE"),
        (F0::ParseDecimal, vec![S(".5")], "NONE"),
        (F0::ParseDecimal, vec![S("1e3")], "NONE"),
        (F0::ParseFloat, vec![S("2.5e-1")], "SOME(0.25)"),
        (F0::ParseFloat, vec![S("-Infinity")], "SOME(-Infinity)"),
        (F0::ParseFloat, vec![S("inf")], "NONE"),
        (F0::ParseFloat, vec![S("1.e3")], "NONE"),
        (F0::ParseTimestamp, vec![S(day)], "SOME(2026-01-08T14:23:15Z)"),
        (F0::ParseTimestamp, vec![S("2026-02-30T00:00:00Z")], "NONE"),
        (F0::ToString, vec![Yes], "\"TRUE\""),
        (F0::ToString, vec![I(-7)], "\"-7\""),
        (F0::ToString, vec![U(tall)], "\"100000000000000000000000\""),
        (F0::ToString, vec![D("1.50")], "\"1.5\""),
        (F0::ToString, vec![F(1e300)], "\"1e300\""),
        (F0::ToString, vec![F(2.0)], "\"2.0\""),
        (F0::ToString, vec![S("é")], "\"é\""),
        (F0::ToString, vec![B(&[0, 255])], "\"00ff\""),
        (F0::ToString, vec![T(day)], "\"2026-01-08T14:23:15Z\""),
        (F0::ToString, vec![E(1)], "\"green\""),
        (F0::ToString, vec![O(None)], "\"NONE\""),
        (F0::ToString, vec![O(Some(3))], "\"SOME(3)\""),
        (F0::Format, vec![D("2.5"), I(2)], "\"2.50\""),
        (F0::Format, vec![D("2.5"), I(0)], "\"2\""),
        (F0::Format, vec![D("2.5"), I(1001)], "fault invalid_argument"),
        (F0::ToInteger, vec![D("-2.9")], "-2"),
        (F0::ToInteger, vec![D("9223372036854775807.9")], "9223372036854775807"),
        (F0::ToInteger, vec![D("9223372036854775808")], "fault overflow"),
        (F0::ToInteger, vec![D("-9223372036854775808.5")], "-9223372036854775808"),
        (F0::ToInteger, vec![D("-9223372036854775809")], "fault overflow"),
        (F0::ToInteger, vec![F(-2.9)], "-2"),
        (F0::ToInteger, vec![F(9.3e18)], "fault overflow"),
        (F0::ToInteger, vec![F(f64::INFINITY)], "fault overflow"),
        (F0::ToInteger, vec![F(f64::NAN)], "fault invalid_argument"),
        (F0::ToInteger, vec![I(4)], "4"),
        (F0::ToDecimal, vec![I(i64::MIN)], "-9223372036854775808"),
        (F0::ToDecimal, vec![F(0.1)], "0.1000000000000000055511151231257827021181583404541015625"),
        (F0::ToDecimal, vec![F(f64::INFINITY)], "fault invalid_argument"),
        (F0::ToFloat, vec![I(9_007_199_254_740_993)], "9007199254740992.0"),
        (F0::ToFloat, vec![D("2.5")], "2.5"),
        (F0::IsNan, vec![F(f64::NAN)], "TRUE"),
        (F0::IsNan, vec![F(1.0)], "FALSE"),
        (F0::Round, vec![D("2.5"), I(0), half_even], "2"),
        (F0::Round, vec![D("2.5"), I(0), M(RoundingMode::HalfUp)], "3"),
        (F0::Round, vec![D("1234.5"), I(-2), M(RoundingMode::Down)], "1200"),
        (F0::Round, vec![D("1"), I(1001), half_even], "fault invalid_argument"),
        (F0::Quantize, vec![D("2.345"), I(2), M(RoundingMode::Ceiling)], "2.35"),
        (F0::Quantize, vec![D("1"), I(-1001), half_even], "fault invalid_argument"),
        (F0::Div, vec![D("10"), D("3"), I(2), half_even], "3.33"),
        (F0::Div, vec![D("1"), D("0.0"), I(2), half_even], "fault division_by_zero"),
        (F0::Div, vec![D("1"), D("3"), I(-1), half_even], "fault invalid_argument"),
        (F0::Floor, vec![D("-2.5")], "-3"),
        (F0::Floor, vec![F(-2.5)], "-3.0"),
        (F0::Ceil, vec![D("-2.5")], "-2"),
        (F0::Ceil, vec![F(2.1)], "3.0"),
        (F0::Scale, vec![D("1.500")], "1"),
        (F0::Scale, vec![D("100")], "0"),
        (F0::AddMicros, vec![T(day), I(1_000_001)], "2026-01-08T14:23:16.000001Z"),
        (F0::AddMicros, vec![T(day), I(i64::MAX)], "fault invalid_argument"),
        (F0::MicrosBetween, vec![T(day), T("2026-01-08T14:23:14Z")], "-1000000"),
        (F0::Year, vec![T(day)], "2026"),
        (F0::Month, vec![T(day)], "1"),
        (F0::Day, vec![T(day)], "8"),
        (F0::Hour, vec![T(day)], "14"),
        (F0::Minute, vec![T(day)], "23"),
        (F0::Second, vec![T(day)], "15"),
        (F0::Sha256, vec![S("abc")], "b\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""),
        (F0::Sha256, vec![B(b"")], "b\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\""),
        (F0::Base64Encode, vec![B(&[0, 255])], "\"AP8=\""),
        (F0::Base64Decode, vec![S("AP8=")], "SOME(b\"00ff\")"),
        (F0::Base64Decode, vec![S("AP8")], "NONE"),
        (F0::HexEncode, vec![B(&[0, 255])], "\"00ff\""),
        (F0::HexDecode, vec![S("00FF")], "SOME(b\"00ff\")"),
        (F0::HexDecode, vec![S("0")], "NONE"),
        (F0::Utf8Encode, vec![S("é")], "b\"c3a9\""),
        (F0::Utf8Decode, vec![B("é".as_bytes())], "SOME(\"é\")"),
        (F0::Utf8Decode, vec![B(&[255])], "NONE"),
    ]
}

#[test]
fn built_ins_give_what_the_reference_says() {
    let mut world = World::new();
    for (builtin, arguments, expected) in cases() {
        let slots: Vec<(TypeId, u64)> = arguments.iter().map(|argument| argument.slot(&mut world)).collect();
        let types: Vec<TypeId> = slots.iter().map(|(type_id, _)| *type_id).collect();
        let result = result_type(&mut world, builtin, &types);
        let found = match world.call(builtin, &slots, result) {
            Ok(slot) => world.show(result, slot),
            Err(Stop::Fault(kind)) => format!("fault {}", kind.name()),
            Err(other) => format!("{other:?}"),
        };
        assert_eq!(found, expected, "{} of {arguments:?}", builtin.info().name);
    }
}

#[test]
fn each_built_in_has_a_value_and_each_fault_a_case() {
    let cases = cases();
    for info in Builtin::ALL {
        let mine = || cases.iter().filter(|(builtin, ..)| *builtin == info.builtin);
        assert!(mine().any(|(.., expected)| !expected.starts_with("fault ")), "no value of {}", info.name);
        for fault in info.faults {
            let expected = format!("fault {}", fault.name());
            assert!(mine().any(|case| case.2 == expected), "no {expected} of {}", info.name);
        }
        for (.., expected) in mine().filter(|(.., expected)| expected.starts_with("fault ")) {
            let known = info.faults.iter().any(|fault| expected.ends_with(fault.name()));
            assert!(known, "{} has no {expected}", info.name);
        }
    }
}

#[test]
fn patterns_need_little_stack() {
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(|| {
        let mut world = World::new();
        let nested = format!("{}a{}", "(".repeat(45), ")*".repeat(45));
        for pattern in [nested.as_str(), &"(".repeat(500), &"a|".repeat(500), &"[a&&".repeat(200)] {
            let (text, pattern) = (world.text("aaa"), world.text(pattern));
            let arguments = [(TypeId::STRING, text), (TypeId::STRING, pattern)];
            let found = world.call(Builtin::Matches, &arguments, TypeId::BOOLEAN);
            assert!(matches!(found, Ok(_) | Err(Stop::Fault(_))));
        }
    });
    thread.unwrap().join().unwrap();
}
