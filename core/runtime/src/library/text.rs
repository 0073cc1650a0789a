//! Built-ins on strings and bytes. Results are sized before they are made.

use anrf_format::encoding;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::TypeId;
use memchr::memmem;
use sha2::{Digest as _, Sha256};

use super::{Context, decimal, units_of_bytes};
use crate::arena::{Arena, SEQUENCE_HEAD, Shape};
use crate::stop::Stop;

/// Whether a text is ASCII, by its counts.
pub(super) fn is_ascii(arena: &Arena, text: u64) -> bool {
    arena.scalars(text) == arena.length(text)
}

/// The first position, in scalars, of a part of a text.
pub(super) fn position_of(arena: &Arena, text: u64, part: u64) -> Option<usize> {
    let octets = arena.text(text);
    let at = octets.find(arena.text(part))?;
    Some(if is_ascii(arena, text) { at } else { octets.get(..at)?.chars().count() })
}

/// The text back to front, scalar by scalar.
pub(super) fn reverse(context: &mut Context<'_>, text: u64) -> Result<u64, Stop> {
    context.reserve(context.arena.octets(text).len() as u64)?;
    let reversed: String = context.arena.text(text).chars().rev().collect();
    context.arena.new_text(&reversed)
}

/// The pieces between separators. Charges for the text, and one unit a piece.
pub(super) fn split(
    context: &mut Context<'_>,
    result: TypeId,
    text: u64,
    separator: u64,
) -> Result<u64, Stop> {
    context.charge(units_of_bytes(context.arena.octets(text).len()))?;
    if context.arena.octets(separator).is_empty() {
        return context.arena.new_array_of(result, 0);
    }
    let finder = Finder::new(context.arena.octets(separator));
    let pieces = finder.count(context.arena.octets(text)) + 1;
    context.charge(pieces as u64)?;
    let width = context.arena.octets(separator).len();
    let ascii = is_ascii(context.arena, text);
    let array = context.arena.new_array_of(result, pieces)?;
    context.arena.words_mut(array, SEQUENCE_HEAD, pieces).fill(0);
    let mut start = 0;
    for at in 0..pieces {
        let rest = context.arena.octets(text).get(start..).unwrap_or(&[]);
        let end = start + finder.find(rest).unwrap_or(rest.len());
        let piece = part(context.arena, text, start, end, ascii)?;
        context.arena.set_word(array, SEQUENCE_HEAD + at, piece);
        start = end + width;
    }
    Ok(array)
}

/// Looks for separators. Looking for a single octet needs no preparation.
enum Finder {
    Octet(u8),
    Octets(Box<memmem::Finder<'static>>),
}

impl Finder {
    fn new(separator: &[u8]) -> Self {
        match *separator {
            [octet] => Self::Octet(octet),
            _ => Self::Octets(Box::new(memmem::Finder::new(separator).into_owned())),
        }
    }

    #[inline]
    fn find(&self, octets: &[u8]) -> Option<usize> {
        match self {
            Self::Octet(octet) => memchr::memchr(*octet, octets),
            Self::Octets(finder) => finder.find(octets),
        }
    }

    fn count(&self, octets: &[u8]) -> usize {
        match self {
            Self::Octet(octet) => memchr::memchr_iter(*octet, octets).count(),
            Self::Octets(finder) => finder.find_iter(octets).count(),
        }
    }
}

/// The text of some octets of another.
fn part(arena: &mut Arena, text: u64, start: usize, end: usize, ascii: bool) -> Result<u64, Stop> {
    let count = end.saturating_sub(start);
    let scalars = if ascii {
        count
    } else {
        let octets = arena.octets(text).get(start..end).unwrap_or(&[]);
        octets.iter().filter(|octet| **octet & 0xc0 != 0x80).count()
    };
    arena.new_part(TypeId::STRING, text, start, count, u32::try_from(scalars).unwrap_or(u32::MAX))
}

/// The parts with a separator between them. Charges for the parts and the result.
pub(super) fn join(context: &mut Context<'_>, parts: u64, separator: u64) -> Result<u64, Stop> {
    let count = context.arena.elements(parts).len();
    context.charge(super::units_of_slots(count))?;
    let octets = context.arena.elements(parts).iter().map(|part| context.arena.octets(*part).len());
    let between = context.arena.octets(separator).len().saturating_mul(count.saturating_sub(1));
    let total = octets.fold(between, usize::saturating_add);
    context.reserve((total as u64).saturating_mul(2))?;
    context.charge(units_of_bytes(total))?;
    let mut joined = String::with_capacity(total);
    let separator = context.arena.text(separator);
    for (at, part) in context.arena.elements(parts).iter().enumerate() {
        if at > 0 {
            joined.push_str(separator);
        }
        joined.push_str(context.arena.text(*part));
    }
    context.arena.new_text(&joined)
}

/// Without white space at both ends; the text itself, shared, if there is none.
pub(super) fn trim(context: &mut Context<'_>, text: u64) -> Result<u64, Stop> {
    let whole = context.arena.text(text);
    let trimmed = whole.trim();
    let (start, count) = (whole.len() - whole.trim_start().len(), trimmed.len());
    if count == context.arena.octets(text).len() {
        context.arena.share(text);
        return Ok(text);
    }
    let ascii = is_ascii(context.arena, text);
    part(context.arena, text, start, start + count, ascii)
}

/// Upper or lower case.
pub(super) fn change_case(context: &mut Context<'_>, text: u64, upper: bool) -> Result<u64, Stop> {
    let octets = context.arena.octets(text).len() as u64;
    // A few scalars become three.
    context.reserve(octets.saturating_mul(if is_ascii(context.arena, text) { 2 } else { 4 }))?;
    let text = context.arena.text(text);
    let changed = if upper { text.to_uppercase() } else { text.to_lowercase() };
    context.arena.new_text(&changed)
}

/// Every occurrence of a part, from the left, by another. Charges for the text and the result.
pub(super) fn replace(context: &mut Context<'_>, text: u64, part: u64, by: u64) -> Result<u64, Stop> {
    context.charge(units_of_bytes(context.arena.octets(text).len()))?;
    let width = context.arena.octets(part).len();
    let count = match width {
        0 => 0,
        _ => context.arena.text(text).matches(context.arena.text(part)).count(),
    };
    if count == 0 {
        context.arena.share(text);
        return Ok(text);
    }
    let added = context.arena.octets(by).len().saturating_mul(count);
    let kept = context.arena.octets(text).len().saturating_sub(width.saturating_mul(count));
    let total = kept.saturating_add(added);
    context.reserve((total as u64).saturating_mul(2))?;
    context.charge(units_of_bytes(total))?;
    let arena = &mut *context.arena;
    let replaced = arena.text(text).replace(arena.text(part), arena.text(by));
    arena.new_text(&replaced)
}

/// Filled up with a scalar to at least a length. Charges for the result.
pub(super) fn pad(
    context: &mut Context<'_>,
    text: u64,
    length: u64,
    fill: u64,
    left: bool,
) -> Result<u64, Stop> {
    let present = i64::from(context.arena.scalars(text));
    let missing = usize::try_from(length.cast_signed().saturating_sub(present)).unwrap_or(0);
    if missing == 0 {
        context.arena.share(text);
        return Ok(text);
    }
    let filling = context.arena.octets(fill).len().saturating_mul(missing);
    let total = context.arena.octets(text).len().saturating_add(filling);
    context.reserve((total as u64).saturating_mul(2))?;
    context.charge(units_of_bytes(total))?;
    let (text, filling) = (context.arena.text(text), context.arena.text(fill).repeat(missing));
    let padded = if left { filling + text } else { text.to_owned() + &filling };
    context.arena.new_text(&padded)
}

/// The text so many times. Charges for the result.
pub(super) fn repeat(context: &mut Context<'_>, text: u64, times: u64) -> Result<u64, Stop> {
    let times = usize::try_from(times.cast_signed()).unwrap_or(0);
    let octets = context.arena.octets(text).len();
    if octets == 0 || times == 0 {
        return context.arena.new_text("");
    }
    let total = octets.saturating_mul(times);
    context.reserve((total as u64).saturating_mul(2))?;
    context.charge(units_of_bytes(total))?;
    let repeated = context.arena.text(text).repeat(times);
    context.arena.new_text(&repeated)
}

/// Characters of the smallest integer.
const MOST_DIGITS: usize = 20;

/// The text of an integer without asking for memory: a loop that makes a text each time would share the
/// allocator's cache lines with every other thread that does.
fn integer_text(digits: &mut [u8; MOST_DIGITS], value: i64) -> &str {
    let mut rest = value.unsigned_abs();
    let mut start = MOST_DIGITS;
    for (at, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        start = at;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if let (true, Some(sign)) = (value < 0, digits.get_mut(start.wrapping_sub(1))) {
        *sign = b'-';
        start -= 1;
    }
    digits.get(start..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default()
}

/// The canonical text of a value that holds no others; of an optional `NONE` or `SOME(...)`.
pub(super) fn to_string(context: &mut Context<'_>, mut type_id: TypeId, mut slot: u64) -> Result<u64, Stop> {
    let mut depth = 0;
    while let Shape::Optional(inner) = *context.shapes.get(type_id) {
        if slot == 0 {
            break;
        }
        slot = context.arena.word(slot, 1);
        (type_id, depth) = (inner, depth + 1);
    }
    let text = match context.shapes.get(type_id) {
        Shape::String if depth == 0 => {
            context.arena.share(slot);
            return Ok(slot);
        }
        Shape::Integer if depth == 0 => {
            let mut digits = [0; MOST_DIGITS];
            return context.arena.new_text(integer_text(&mut digits, slot.cast_signed()));
        }
        Shape::Optional(_) => "NONE".to_owned(),
        Shape::Boolean => (if slot == 0 { "FALSE" } else { "TRUE" }).to_owned(),
        Shape::Integer => slot.cast_signed().to_string(),
        Shape::Unbounded => unbounded_text(context, slot)?,
        Shape::Decimal => decimal::text(context, slot)?,
        Shape::Float => float_text(f64::from_bits(slot)),
        Shape::Timestamp => {
            Timestamp::from_micros(slot.cast_signed()).map_or_else(String::new, |t| t.to_string())
        }
        Shape::Enum(_) => context.shapes.symbol(type_id, slot).to_owned(),
        Shape::String | Shape::Bytes => {
            let octets = context.arena.octets(slot).len();
            context.reserve((octets as u64).saturating_mul(4))?;
            context.charge(units_of_bytes(octets) * 2)?;
            if type_id == TypeId::STRING {
                context.arena.text(slot).to_owned()
            } else {
                encoding::hex_encode(context.arena.octets(slot))
            }
        }
        _ => return Err(Stop::Internal("only scalars have a canonical text")),
    };
    if depth == 0 {
        return context.arena.new_text(&text);
    }
    context.arena.new_text(&format!("{}{text}{}", "SOME(".repeat(depth), ")".repeat(depth)))
}

fn unbounded_text(context: &mut Context<'_>, slot: u64) -> Result<String, Stop> {
    if let Some(value) = crate::arena::inline_unbounded(slot) {
        return Ok(value.to_string());
    }
    let value = context.arena.unbounded(slot);
    let limbs = super::number::limbs(&value);
    super::number::limit_limbs(context, limbs.saturating_mul(3))?;
    context.charge(super::units_of_slots(super::number::product_work(limbs, limbs)))?;
    Ok(value.to_string())
}

/// The shortest text that reads back as the same float, always with a point or an exponent.
pub(super) fn float_text(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        (if value > 0.0 { "Infinity" } else { "-Infinity" }).to_owned()
    } else {
        format!("{value:?}")
    }
}

/// `-?[0-9]+` within 64 bits.
pub(super) fn parse_integer(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// `-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?`, `NaN`, `-?Infinity`.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    match text {
        "NaN" => return Some(f64::NAN),
        "Infinity" => return Some(f64::INFINITY),
        "-Infinity" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (significand, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((significand, exponent)) => (significand, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent_is_valid =
        exponent.is_none_or(|digits| all_digits(digits.strip_prefix(['+', '-']).unwrap_or(digits)));
    let significand_is_valid = match significand.split_once('.') {
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => all_digits(significand),
    };
    if significand_is_valid && exponent_is_valid { text.parse().ok() } else { None }
}

/// The digest of octets.
pub(super) fn sha256(context: &mut Context<'_>, slot: u64) -> Result<u64, Stop> {
    let digest = Sha256::digest(context.arena.octets(slot));
    context.arena.new_bytes(&digest)
}

/// Base64 or hexadecimal text of bytes.
pub(super) fn encode(context: &mut Context<'_>, bytes: u64, base64: bool) -> Result<u64, Stop> {
    context.reserve((context.arena.octets(bytes).len() as u64).saturating_mul(4))?;
    let octets = context.arena.octets(bytes);
    let text = if base64 { encoding::base64_encode(octets) } else { encoding::hex_encode(octets) };
    context.arena.new_text(&text)
}

/// The bytes of base64 or hexadecimal text, if it is that.
pub(super) fn decode(context: &mut Context<'_>, text: u64, base64: bool) -> Result<Option<u64>, Stop> {
    context.reserve((context.arena.octets(text).len() as u64).saturating_mul(2))?;
    let text = context.arena.text(text);
    let bytes = if base64 { encoding::base64_decode(text) } else { encoding::hex_decode(text) };
    bytes.map(|bytes| context.arena.new_bytes(&bytes)).transpose()
}

/// The text of bytes, if they are UTF-8.
pub(super) fn utf8_decode(context: &mut Context<'_>, bytes: u64) -> Result<Option<u64>, Stop> {
    let octets = context.arena.octets(bytes);
    let Ok(text) = std::str::from_utf8(octets) else { return Ok(None) };
    let (length, scalars) = (text.len(), if text.is_ascii() { text.len() } else { text.chars().count() });
    let scalars = u32::try_from(scalars).unwrap_or(u32::MAX);
    context.arena.new_part(TypeId::STRING, bytes, 0, length, scalars).map(Some)
}

#[cfg(test)]
mod tests {
    use super::{MOST_DIGITS, integer_text};

    #[test]
    fn integers_as_text() {
        for value in [0, 7, -7, 10, -10, 1_234_567_890, i64::MAX, i64::MIN, i64::MIN + 1] {
            assert_eq!(integer_text(&mut [0; MOST_DIGITS], value), value.to_string());
        }
    }
}
