//! Floats as values that have an order, and nothing else: what a script says of them where their operations are
//! functions of which lemmas speak.
//!
//! The order is that of the language: -infinity first, -0 just before 0, NaN last. So it is an integer that says which
//! float it is, and comparisons by IEEE are comparisons of integers.

use std::fmt::Write as _;

use super::Theory;

/// The bits of infinity: no number has more.
const INFINITY: i64 = 0x7FF0_0000_0000_0000;
/// The place of NaN.
const NAN: i64 = i64::MAX;

/// The place of a float: the bits of one that is not negative, otherwise one less than minus those of its magnitude.
fn place(bits: u64) -> i64 {
    let value = f64::from_bits(bits);
    let magnitude = value.abs().to_bits().cast_signed();
    match (value.is_nan(), value.is_sign_negative()) {
        (true, _) => NAN,
        (false, false) => magnitude,
        (false, true) => -1 - magnitude,
    }
}

/// The sort, what is said of it, and constants for these floats.
pub(super) fn declarations(constants: &[u64]) -> String {
    let mut text = format!(
        "(declare-sort float.value 0)\n\
         (declare-fun float.place (float.value) Int)\n\
         (define-fun float.is_nan ((x float.value)) Bool (= (float.place x) {NAN}))\n\
         (define-fun float.of ((x float.value)) Int (ite (= (float.place x) (- 1)) 0 (float.place x)))\n\
         (define-fun float.is_zero ((x float.value)) Bool (= (float.of x) 0))\n\
         (define-fun float.is_negative ((x float.value)) Bool (< (float.place x) 0))\n\
         (define-fun float.is_infinite ((x float.value)) Bool \
         (or (= (float.place x) {INFINITY}) (= (float.place x) (- {}))))\n",
        INFINITY + 1
    );
    for (name, comparison) in [("equal", "="), ("less", "<"), ("less_equal", "<=")] {
        let _ = writeln!(
            text,
            "(define-fun float.{name} ((x float.value) (y float.value)) Bool (and (not (float.is_nan x)) \
             (not (float.is_nan y)) ({comparison} (float.of x) (float.of y))))"
        );
    }
    for bits in constants {
        let (name, place) = (constant(*bits), place(*bits));
        let place = if place < 0 { format!("(- {})", place.unsigned_abs()) } else { place.to_string() };
        let _ =
            writeln!(text, "(declare-fun {name} () float.value)\n(assert (= (float.place {name}) {place}))");
    }
    text
}

/// The name of a constant.
pub(super) fn constant(bits: u64) -> String {
    format!("float.{bits:016x}")
}

/// What a comparison is called there.
pub(super) fn ordered(function: Theory) -> Option<&'static str> {
    Some(match function {
        Theory::FloatEqual => "float.equal",
        Theory::FloatLess => "float.less",
        Theory::FloatLessEqual => "float.less_equal",
        Theory::FloatIsNan => "float.is_nan",
        Theory::FloatIsInfinite => "float.is_infinite",
        Theory::FloatIsZero => "float.is_zero",
        Theory::FloatIsNegative => "float.is_negative",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_in_the_order_of_numbers() {
        let ordered = [
            f64::NEG_INFINITY,
            f64::MIN,
            -1.5,
            -1.0,
            -5e-324,
            -0.0,
            0.0,
            5e-324,
            f64::MIN_POSITIVE,
            0.1,
            1.0,
            1.5,
            f64::MAX,
            f64::INFINITY,
            f64::NAN,
        ];
        let places = ordered.map(|value| place(value.to_bits()));
        assert!(places.windows(2).all(|two| two[0] < two[1]), "{places:?}");
        assert_eq!((place(f64::INFINITY.to_bits()), places[0]), (INFINITY, -1 - INFINITY));
        // What a script compares: -0 is 0 there.
        let of = |value: f64| if place(value.to_bits()) == -1 { 0 } else { place(value.to_bits()) };
        for a in &ordered[..14] {
            for b in &ordered[..14] {
                assert_eq!((a < b, a == b), (of(*a) < of(*b), of(*a) == of(*b)), "{a} {b}");
            }
        }
    }
}
