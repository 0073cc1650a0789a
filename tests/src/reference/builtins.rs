//! Built-in functions, by their sentences in the reference.

use std::rc::Rc;

use anrf_format::builtin::Builtin;
use anrf_format::decimal::{Decimal, RoundingMode};
use anrf_format::execution::FaultKind;
use anrf_format::semantic::BinaryOperator;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::{Type, TypeId};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use regex_automata::nfa::thompson::pikevm::PikeVM;
use sha2::Digest as _;

use super::expression::{arithmetic, contains, integer, slice};
use super::value::Value;
use super::{Reference, Result, Stop, fault};

const INVALID: Stop = Stop::Fault(FaultKind::InvalidArgument);

impl Reference<'_> {
    pub(super) fn builtin(
        &mut self,
        builtin: Builtin,
        arguments: &[Value],
        operands: &[TypeId],
        type_id: TypeId,
    ) -> Result<Value> {
        use Builtin as B;
        let operand = |index: usize| arguments.get(index).ok_or(Stop::GivesUp("an argument"));
        let a = operand(0)?;
        let (whole, texts) = (i64::MIN.into()..=i64::MAX.into(), |index: usize| operand(index)?.str());
        let decimals = |index: usize| operand(index)?.decimal();
        let within = |value: i128| {
            if whole.contains(&value) { Ok(Value::Integer(value)) } else { fault(FaultKind::Overflow) }
        };
        Ok(match builtin {
            B::Len => Value::Integer(match a {
                Value::Text(text) => text.chars().count(),
                Value::Bytes(bytes) => bytes.len(),
                Value::Map(entries) => entries.len(),
                Value::Set(values) => values.len(),
                _ => a.elements()?.len(),
            } as i128),
            B::Abs => match a {
                Value::Integer(a) => integer(type_id, a.checked_abs())?,
                Value::Decimal(a) => Value::Decimal(a.abs()),
                _ => Value::Float(a.float()?.abs()),
            },
            B::Min => {
                if operand(1)? < a {
                    operand(1)?.clone()
                } else {
                    a.clone()
                }
            }
            B::Max => {
                if operand(1)? > a {
                    operand(1)?.clone()
                } else {
                    a.clone()
                }
            }
            B::Sqrt => Value::Float(a.float()?.sqrt()),
            B::Isqrt => {
                let a = a.integer()?;
                if a < 0 {
                    return Err(INVALID);
                }
                Value::Integer(a.isqrt())
            }
            B::FloorDiv | B::FloorMod => {
                let (a, b) = (a.integer()?, operand(1)?.integer()?);
                if b == 0 {
                    return fault(FaultKind::DivisionByZero);
                }
                let exact = a.checked_rem(b).ok_or(Stop::GivesUp("a very large number"))?;
                let below = exact != 0 && (exact < 0) != (b < 0);
                if builtin == B::FloorMod {
                    Value::Integer(if below { exact + b } else { exact })
                } else {
                    integer(type_id, Some(a / b - i128::from(below)))?
                }
            }
            B::BitAnd => Value::Integer(a.integer()? & operand(1)?.integer()?),
            B::BitOr => Value::Integer(a.integer()? | operand(1)?.integer()?),
            B::BitXor => Value::Integer(a.integer()? ^ operand(1)?.integer()?),
            B::BitNot => Value::Integer(!a.integer()?),
            B::ShiftLeft | B::ShiftRight => {
                let places = operand(1)?.integer()?;
                if !(0..=63).contains(&places) {
                    return Err(INVALID);
                }
                let power = 1_i128 << places;
                if builtin == B::ShiftRight {
                    Value::Integer(a.integer()?.div_euclid(power))
                } else {
                    integer(type_id, a.integer()?.checked_mul(power))?
                }
            }
            B::IsSome => Value::Boolean(a.some()?.is_some()),
            B::ValueOf => a.some()?.cloned().ok_or(Stop::Fault(FaultKind::NoneValue))?,
            B::OrElse => a.some()?.cloned().map_or_else(|| operand(1).cloned(), Ok)?,
            B::Get => Value::optional(a.map()?.get(operand(1)?).cloned()),
            B::Keys => Value::array(a.map()?.keys().cloned().collect()),
            B::Values => Value::array(a.map()?.values().cloned().collect()),
            B::Entries => Value::array(
                a.map()?.iter().map(|(key, value)| Value::record(vec![key.clone(), value.clone()])).collect(),
            ),
            B::Items => Value::array(a.set()?.iter().cloned().collect()),
            B::Union => Value::Set(Rc::new(a.set()?.union(operand(1)?.set()?).cloned().collect())),
            B::Intersect => Value::Set(Rc::new(a.set()?.intersection(operand(1)?.set()?).cloned().collect())),
            B::Difference => Value::Set(Rc::new(a.set()?.difference(operand(1)?.set()?).cloned().collect())),
            B::IsSubset => Value::Boolean(a.set()?.is_subset(operand(1)?.set()?)),
            B::IsPermutation => {
                let (mut a, mut b) = (a.elements()?.to_vec(), operand(1)?.elements()?.to_vec());
                a.sort();
                b.sort();
                Value::Boolean(a == b)
            }
            B::Reverse => match a {
                Value::Text(text) => Value::text(text.chars().rev().collect::<String>()),
                _ => Value::array(a.elements()?.iter().rev().cloned().collect()),
            },
            B::Unique => {
                let mut found: Vec<Value> = vec![];
                for value in a.elements()? {
                    if !found.contains(value) {
                        found.push(value.clone());
                    }
                }
                Value::array(found)
            }
            B::Zip => {
                let pairs = a.elements()?.iter().zip(operand(1)?.elements()?);
                Value::array(pairs.map(|(a, b)| Value::record(vec![a.clone(), b.clone()])).collect())
            }
            B::Flatten => {
                let mut all = vec![];
                for inner in a.elements()? {
                    all.extend_from_slice(inner.elements()?);
                }
                Value::array(all)
            }
            B::Sort => {
                let mut values = a.elements()?.to_vec();
                values.sort();
                Value::array(values)
            }
            B::IndexOf => Value::optional(
                match a {
                    Value::Text(text) => text.find(texts(1)?).map(|at| text[..at].chars().count()),
                    _ => a.elements()?.iter().position(|value| Some(value) == arguments.get(1)),
                }
                .map(|at| Value::Integer(at as i128)),
            ),
            B::StartsWith => Value::Boolean(texts(0)?.starts_with(texts(1)?)),
            B::EndsWith => Value::Boolean(texts(0)?.ends_with(texts(1)?)),
            B::ContainsText => Value::Boolean(contains(a, operand(1)?)?),
            B::Split if texts(1)?.is_empty() => return Err(INVALID),
            B::Split => Value::array(texts(0)?.split(texts(1)?).map(Value::text).collect()),
            B::Join => {
                let parts = a.elements()?.iter().map(Value::str).collect::<Result<Vec<_>>>()?;
                Value::text(parts.join(texts(1)?))
            }
            B::Trim => Value::text(texts(0)?.trim()),
            B::Upper => Value::text(texts(0)?.to_uppercase()),
            B::Lower => Value::text(texts(0)?.to_lowercase()),
            B::Replace if texts(1)?.is_empty() => return Err(INVALID),
            B::Replace => Value::text(texts(0)?.replace(texts(1)?, texts(2)?)),
            B::Substring => slice(a, operand(1)?.integer()?, operand(2)?.integer()?)?,
            B::PadLeft | B::PadRight => {
                let (text, length, fill) = (texts(0)?, operand(1)?.integer()?, texts(2)?);
                if fill.chars().count() != 1 {
                    return Err(INVALID);
                }
                let lacks = length.saturating_sub(text.chars().count() as i128).max(0);
                let filled = fill.repeat(
                    usize::try_from(lacks)
                        .ok()
                        .filter(|it| *it < 100_000)
                        .ok_or(Stop::GivesUp("a long text"))?,
                );
                Value::text(if builtin == B::PadLeft { filled + text } else { text.to_owned() + &filled })
            }
            B::Repeat => {
                let times = operand(1)?.integer()?;
                if times < 0 {
                    return Err(INVALID);
                }
                let times = usize::try_from(times)
                    .ok()
                    .filter(|it| it.saturating_mul(texts(0).map_or(0, str::len)) < 1 << 20);
                Value::text(texts(0)?.repeat(times.ok_or(Stop::GivesUp("a long text"))?))
            }
            B::ParseInteger => {
                let text = texts(0)?;
                let digits = text.strip_prefix('-').unwrap_or(text);
                let plain = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
                let value = text.parse::<i64>().ok().filter(|_| plain);
                Value::optional(value.map(|value| Value::Integer(i128::from(value))))
            }
            B::ParseTimestamp => Value::optional(Timestamp::parse(texts(0)?).ok().map(Value::Time)),
            B::ToString => Value::text(self.text_of(a, operands.first().copied().unwrap_or(type_id))?),
            B::ToInteger => match a {
                Value::Integer(_) => a.clone(),
                Value::Decimal(value) => {
                    within(value.trunc().to_i64().map(i128::from).ok_or(Stop::Fault(FaultKind::Overflow))?)?
                }
                _ => {
                    let value = a.float()?;
                    if value.is_nan() {
                        return Err(INVALID);
                    }
                    let value = value.trunc();
                    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value) {
                        return fault(FaultKind::Overflow);
                    }
                    #[expect(clippy::cast_possible_truncation, reason = "it is within 64 bits")]
                    Value::Integer(value as i128)
                }
            },
            B::ToDecimal => Value::Decimal(match a {
                Value::Integer(value) => Decimal::from_i128(*value),
                Value::Decimal(value) => value.clone(),
                _ => Decimal::from_f64(a.float()?).ok_or(INVALID)?,
            }),
            B::ToFloat => Value::Float(match a {
                #[expect(clippy::cast_precision_loss, reason = "the nearest is meant")]
                Value::Integer(value) => *value as f64,
                Value::Decimal(value) => value.to_f64(),
                _ => a.float()?,
            }),
            B::IsNan => Value::Boolean(a.float()?.is_nan()),
            B::Round | B::Quantize => {
                let places = places(operand(1)?, -1000)?;
                Value::Decimal(
                    decimals(0)?.round(places, self.mode(operand(2)?, operands, 2)?).map_err(|_| INVALID)?,
                )
            }
            B::Div => {
                let (a, b, places) = (decimals(0)?, decimals(1)?, places(operand(2)?, 0));
                if b.is_zero() {
                    return fault(FaultKind::DivisionByZero);
                }
                Value::Decimal(a.div(&b, places?, self.mode(operand(3)?, operands, 3)?).map_err(|_| INVALID)?)
            }
            B::Format => {
                let places = places(operand(1)?, 0)?;
                Value::text(decimals(0)?.format_places(places, RoundingMode::HalfEven).map_err(|_| INVALID)?)
            }
            B::Floor => match a {
                Value::Decimal(value) => Value::Decimal(value.floor()),
                _ => Value::Float(a.float()?.floor()),
            },
            B::Ceil => match a {
                Value::Decimal(value) => Value::Decimal(value.ceil()),
                _ => Value::Float(a.float()?.ceil()),
            },
            B::Scale => Value::Integer(i128::from(decimals(0)?.normalized().scale())),
            B::AddMicros => {
                let micros = i64::try_from(operand(1)?.integer()?).map_err(|_| INVALID)?;
                Value::Time(a.time()?.add_micros(micros).ok_or(INVALID)?)
            }
            B::MicrosBetween => {
                Value::Integer(i128::from(operand(1)?.time()?.micros()) - i128::from(a.time()?.micros()))
            }
            B::Year => Value::Integer(a.time()?.year().into()),
            B::Month => Value::Integer(a.time()?.month().into()),
            B::Day => Value::Integer(a.time()?.day().into()),
            B::Hour => Value::Integer(a.time()?.micros().div_euclid(3_600_000_000).rem_euclid(24).into()),
            B::Minute => Value::Integer(a.time()?.micros().div_euclid(60_000_000).rem_euclid(60).into()),
            B::Second => Value::Integer(a.time()?.micros().div_euclid(1_000_000).rem_euclid(60).into()),
            B::Base64Encode => match a {
                Value::Bytes(bytes) => Value::text(BASE64_STANDARD.encode(bytes)),
                _ => return Err(Stop::GivesUp("bytes")),
            },
            B::Base64Decode => {
                Value::optional(BASE64_STANDARD.decode(texts(0)?).ok().map(|it| Value::Bytes(it.into())))
            }
            B::HexEncode => match a {
                Value::Bytes(bytes) => {
                    Value::text(bytes.iter().map(|it| format!("{it:02x}")).collect::<String>())
                }
                _ => return Err(Stop::GivesUp("bytes")),
            },
            B::HexDecode => {
                let text = texts(0)?;
                let hex = text.len().is_multiple_of(2) && text.bytes().all(|it| it.is_ascii_hexdigit());
                let byte = |at: usize| text.get(at..at + 2).and_then(|it| u8::from_str_radix(it, 16).ok());
                let bytes = hex.then(|| (0..text.len()).step_by(2).filter_map(byte).collect::<Vec<u8>>());
                Value::optional(bytes.map(|it| Value::Bytes(it.into())))
            }
            B::Utf8Encode => Value::Bytes(texts(0)?.as_bytes().into()),
            B::Utf8Decode => match a {
                Value::Bytes(bytes) => Value::optional(std::str::from_utf8(bytes).ok().map(Value::text)),
                _ => return Err(Stop::GivesUp("bytes")),
            },
            B::Pow => return power(a, operand(1)?, type_id),
            B::ParseDecimal => {
                let text = texts(0)?;
                Value::optional(
                    is_number(text).then(|| Decimal::parse(text).ok()).flatten().map(Value::Decimal),
                )
            }
            B::ParseFloat => {
                let text = texts(0)?;
                let value = match text {
                    "NaN" => Some(f64::NAN),
                    "Infinity" => Some(f64::INFINITY),
                    "-Infinity" => Some(f64::NEG_INFINITY),
                    _ => {
                        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
                        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                        let plain = is_number(number) && is_digits(exponent);
                        text.parse().ok().filter(|_| plain)
                    }
                };
                Value::optional(value.map(Value::Float))
            }
            B::Sha256 => {
                let octets = match a {
                    Value::Bytes(bytes) => bytes,
                    _ => texts(0)?.as_bytes(),
                };
                Value::Bytes(sha2::Sha256::digest(octets).as_slice().into())
            }
            B::Matches => {
                let (text, pattern) = (texts(0)?, texts(1)?);
                PikeVM::new(pattern).map_err(|_| INVALID)?;
                let whole = PikeVM::new(&format!(r"\A(?:{pattern})\z")).map_err(|_| INVALID)?;
                Value::Boolean(whole.is_match(&mut whole.create_cache(), text))
            }
        })
    }

    fn text_of(&self, value: &Value, type_id: TypeId) -> Result<String> {
        Ok(match (value, self.module.types.get(type_id)) {
            (Value::Optional(None), _) => "NONE".to_owned(),
            (Value::Optional(Some(value)), Type::Optional(inner)) => {
                format!("SOME({})", self.text_of(value, *inner)?)
            }
            (Value::Text(value), _) => value.to_string(),
            (Value::Bytes(bytes), _) => bytes.iter().map(|it| format!("{it:02x}")).collect(),
            (Value::Integer(value), _) => value.to_string(),
            (Value::Decimal(value), _) => value.normalized().to_string(),
            (Value::Boolean(value), _) => (if *value { "TRUE" } else { "FALSE" }).to_owned(),
            (Value::Time(value), _) => value.to_string(),
            (Value::Float(value), _) if value.is_infinite() => {
                (if *value > 0.0 { "Infinity" } else { "-Infinity" }).to_owned()
            }
            (Value::Float(value), _) => format!("{value:?}"),
            (Value::Symbol(index), _) => {
                let symbols = self.module.types.symbols(type_id);
                symbols.and_then(|it| it.get(*index)).cloned().ok_or(Stop::GivesUp("a symbol"))?
            }
            _ => return Err(Stop::GivesUp("the text of a value")),
        })
    }

    fn mode(&self, value: &Value, operands: &[TypeId], index: usize) -> Result<RoundingMode> {
        let Value::Symbol(symbol) = value else { return Err(Stop::GivesUp("a rounding mode")) };
        let symbols = operands.get(index).and_then(|type_id| self.module.types.symbols(*type_id));
        let name = symbols.and_then(|symbols| symbols.get(*symbol));
        name.and_then(|name| RoundingMode::from_name(name)).ok_or(Stop::GivesUp("a rounding mode"))
    }
}

fn places(value: &Value, least: i64) -> Result<i64> {
    let places = i64::try_from(value.integer()?).map_err(|_| INVALID)?;
    if (least..=1000).contains(&places) { Ok(places) } else { Err(INVALID) }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

/// An optional minus, digits, optionally a point and digits.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    is_digits(whole) && is_digits(part)
}

/// By multiplying.
fn power(base: &Value, exponent: &Value, type_id: TypeId) -> Result<Value> {
    if let (Value::Float(base), Value::Float(exponent)) = (base, exponent) {
        return Ok(Value::Float(libm::pow(*base, *exponent)));
    }
    let exponent = exponent.integer()?;
    if exponent < 0 {
        return Err(INVALID);
    }
    let mut result = match base {
        Value::Decimal(_) => Value::Decimal(Decimal::from_i64(1)),
        _ => Value::Integer(1),
    };
    if let Value::Integer(base) = base
        && (-1..=1).contains(base)
    {
        return Ok(Value::Integer(if exponent == 0 || *base == 1 || (*base == -1 && exponent % 2 == 0) {
            1
        } else {
            *base
        }));
    }
    for _ in 0..exponent.min(2_000) {
        result = arithmetic(BinaryOperator::Multiply, &result, base, type_id)?;
    }
    if exponent > 2_000 { Err(Stop::GivesUp("a very large number")) } else { Ok(result) }
}
