//! Values, as literals of the language and as data, biased to the edges of their types.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::expression::{Expr, hole, level, text};
use super::random::Random;
use super::types::{Field, Kind, Ty, Types};

const INTEGERS: &[i64] = &[
    0,
    0,
    1,
    1,
    -1,
    2,
    3,
    7,
    10,
    -10,
    100,
    255,
    1000,
    i64::MAX,
    i64::MIN,
    i64::MAX - 1,
    1 << 32,
    -(1 << 31),
];

const DECIMALS: &[&str] = &[
    "0",
    "1",
    "-1",
    "0.1",
    "2.50",
    "-0.005",
    "99.995",
    "1000000",
    "0.00000000000000000001",
    "123456789012345678901234567890.000000000000000000000001",
    "-99999999999999999999.5",
    "9223372036854775808",
    "-9223372036854775809",
];

const FLOATS: &[&str] = &[
    "0.0",
    "-0.0",
    "1.0",
    "-1.5",
    "0.1",
    "1e308",
    "-1e308",
    "5e-324",
    "9007199254740993.0",
    "1e19",
    "\"NaN\"",
    "\"Infinity\"",
    "\"-Infinity\"",
];

const STRINGS: &[&str] = &[
    "",
    "",
    "a",
    "abc",
    "abcabc",
    "naïve",
    "straße",
    "𝔘𝔫𝔦",
    "😀",
    "e\u{301}x",
    " x\ty ",
    "0",
    "-1",
    "12.50",
    "1e3",
    "a,b,,c",
    "line\nbreak",
    "it's \"so\"",
    "back\\slash",
    "{brace} }}",
    "NaN",
    "2026-01-08T14:23:15Z",
    "AP8=",
    "00ff",
    "[a-z]+",
    "(",
    "\u{0}nul",
    "\u{2028}\u{feff}\u{85}",
    "ǅ ﬀ İ",
    "# x: y",
];

const BYTES: &[&[u8]] =
    &[b"", b"\0", b"\xff\xfe", b"abc", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"0123456789abcdef!"];

const TIMESTAMPS: &[&str] = &[
    "1970-01-01T00:00:00Z",
    "2026-01-08T14:23:15Z",
    "2024-02-29T12:30:45.123456Z",
    "1969-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
];

/// An integer within bounds, often at their edges.
pub(crate) fn integer(random: &mut Random, low: i128, high: i128) -> i128 {
    let low = i64::try_from(low).unwrap_or(i64::MIN);
    let high = i64::try_from(high).unwrap_or(i64::MAX);
    let value = match random.below(6) {
        0..=2 => *random.pick(INTEGERS),
        3 => low,
        4 => high,
        _ => random.between(low.max(-20), high.min(20).max(low.max(-20))),
    };
    let value = if (low..=high).contains(&value) { value } else { random.between(low, high) };
    i128::from(value)
}

/// Decimal digits as the language and the data write them.
pub(crate) fn decimal(random: &mut Random) -> String {
    match random.below(3) {
        0 | 1 => (*random.pick(DECIMALS)).to_owned(),
        _ => format!("{}.{:02}", random.between(-5000, 5000), random.below(100)),
    }
}

pub(crate) fn string(random: &mut Random) -> &'static str {
    STRINGS[random.below(STRINGS.len())]
}

/// A text literal, in either kind of quotes, with every character that YAML may not hold as an escape.
pub(crate) fn quoted(random: &mut Random, value: &str) -> String {
    let quote = if random.chance(50) { '"' } else { '\'' };
    let mut out = String::from(quote);
    for character in value.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            it if it == quote => out.extend(['\\', quote]),
            it if it.is_control() || matches!(it, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{{{:X}}}", u32::from(it)));
            }
            it if !it.is_ascii() && random.chance(15) => out.push_str(&format!("\\u{{{:x}}}", u32::from(it))),
            it => out.push(it),
        }
    }
    out.push(quote);
    out
}

/// A literal of a type that has one of its own; `hinted` where its place gives the type.
pub(crate) fn scalar(random: &mut Random, ty: Ty, hinted: bool) -> Expr {
    match ty {
        Ty::BOOLEAN => Expr::boolean(random.chance(50)),
        Ty::INTEGER => Expr::integer(integer(random, i128::from(i64::MIN), i128::from(i64::MAX))),
        Ty::DECIMAL => {
            let mut digits = decimal(random);
            if !hinted && !digits.contains('.') {
                digits.push_str(".0");
            }
            signed(Ty::DECIMAL, digits)
        }
        Ty::FLOAT => {
            let digits = *random.pick(&["0", "1", "2.5", "0.1", "1000000", "-1", "-0.0", "3.25"]);
            let literal = signed(Ty::FLOAT, digits.to_owned());
            if hinted && random.chance(70) {
                literal
            } else {
                let parsed = *random.pick(&["'NaN'", "'-0'", "'1e308'", "'-Infinity'", "'5e-324'"]);
                match random.below(3) {
                    0 => Expr::atom(ty, format!("OR_ELSE(parse_float({parsed}), 0)")),
                    _ => {
                        let inner = signed(Ty::FLOAT, digits.to_owned());
                        Expr::new(ty, level::ATOM, vec![text("float("), hole(level::OPEN, inner), text(")")])
                    }
                }
            }
        }
        Ty::BYTES => {
            let digits: String = random.pick(BYTES).iter().map(|byte| format!("{byte:02x}")).collect();
            Expr::atom(ty, format!("b\"{digits}\""))
        }
        Ty::TIMESTAMP => Expr::atom(ty, format!("t\"{}\"", random.pick(TIMESTAMPS))),
        _ => {
            let value = string(random);
            Expr::atom(Ty::STRING, quoted(random, value))
        }
    }
}

fn signed(ty: Ty, digits: String) -> Expr {
    let level = if digits.starts_with('-') { level::UNARY } else { level::ATOM };
    Expr::new(ty, level, vec![text(digits)])
}

/// A value in the JSON form, small enough that runs stay short; an integer lies within the field's bounds.
pub(crate) fn field_json(random: &mut Random, types: &Types, field: &Field, depth: usize) -> String {
    match types.get(field.ty) {
        Kind::Boolean => random.chance(50).to_string(),
        Kind::Integer => integer(random, field.low, field.high).to_string(),
        Kind::Decimal => format!("\"{}\"", decimal(random)),
        Kind::Float => (*random.pick(FLOATS)).to_owned(),
        Kind::String => serde_json::Value::from(string(random)).to_string(),
        Kind::Bytes => format!("\"{}\"", BASE64.encode(random.pick(BYTES))),
        Kind::Timestamp => format!("\"{}\"", random.pick(TIMESTAMPS)),
        Kind::Optional(inner) => {
            let nested = matches!(types.get(inner), Kind::Optional(_));
            match (random.chance(35), nested) {
                (true, _) => "null".into(),
                (false, false) => json_below(random, types, inner, depth),
                (false, true) => format!("{{\"some\": {}}}", json_below(random, types, inner, depth)),
            }
        }
        Kind::Array(inner) => {
            let items: Vec<String> =
                (0..length(random, depth)).map(|_| json_below(random, types, inner, depth)).collect();
            format!("[{}]", items.join(", "))
        }
        Kind::Set(inner) => format!("[{}]", distinct(random, types, inner, depth).join(", ")),
        Kind::Map(key, value) => {
            let keys = distinct(random, types, key, depth);
            let entries = keys.into_iter().map(|key_text| {
                let value = json_below(random, types, value, depth);
                if key == Ty::STRING {
                    format!("{key_text}: {value}")
                } else {
                    format!("[{key_text}, {value}]")
                }
            });
            let entries = entries.collect::<Vec<_>>().join(", ");
            if key == Ty::STRING { format!("{{{entries}}}") } else { format!("[{entries}]") }
        }
        Kind::Enum(_) | Kind::Machine(_) => {
            let symbols = types.symbols(field.ty).unwrap_or_default();
            format!("\"{}\"", random.pick(symbols))
        }
        Kind::Record(index) => fields_json(random, types, &types.records[index].fields, depth + 1),
        Kind::Variant(index) => {
            let (name, fields) = random.pick(&types.variants[index].cases);
            format!("{{\"{name}\": {}}}", fields_json(random, types, fields, depth + 1))
        }
    }
}

/// Several fields as one JSON object.
pub(crate) fn fields_json(random: &mut Random, types: &Types, fields: &[Field], depth: usize) -> String {
    let fields = fields.iter().map(|it| format!("\"{}\": {}", it.name, field_json(random, types, it, depth)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
}

fn json_below(random: &mut Random, types: &Types, ty: Ty, depth: usize) -> String {
    field_json(random, types, &Field::new("", ty), depth + 1)
}

fn length(random: &mut Random, depth: usize) -> usize {
    if depth > 2 { random.below(2) } else { *random.pick(&[0, 1, 2, 2, 3, 5]) }
}

/// Values that differ as values, not only as text.
fn distinct(random: &mut Random, types: &Types, ty: Ty, depth: usize) -> Vec<String> {
    let mut found: Vec<String> = vec![];
    for _ in 0..length(random, depth) {
        let value = match ty {
            // Different texts of decimals may be one value; these are not.
            Ty::DECIMAL => format!("\"{}.5\"", random.below(20)),
            _ => json_below(random, types, ty, depth),
        };
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}
