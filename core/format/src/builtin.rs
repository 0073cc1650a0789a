//! The built-in functions: one table that the checker, the interpreter, the documentation and the tests
//! read. Adding a row here without an implementation does not compile elsewhere.

use serde::{Deserialize, Serialize};

use crate::execution::FaultKind;

/// What a parameter accepts or a result is. `Number`, `Integral`, `Ordered`, `T`, `K` and `V` stand for
/// one type throughout a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `boolean`.
    Boolean,
    /// `integer`, 64-bit; in contracts the argument is narrowed.
    Integer,
    /// `decimal`.
    Decimal,
    /// `float`.
    Float,
    /// `string`.
    String,
    /// `bytes`.
    Bytes,
    /// `timestamp`.
    Timestamp,
    /// The enumeration of rounding modes.
    RoundingMode,
    /// `integer`, or in contracts the unbounded one.
    Integral,
    /// [`Shape::Integral`], `decimal` or `float`.
    Number,
    /// Any type with a total order: keys and floats, and arrays of these.
    Ordered,
    /// Any type but collections, records and variants (what `to_string` takes).
    Scalar,
    /// Any type.
    T,
    /// Any type, another one.
    U,
    /// A key type.
    K,
    /// Any type, of a map's values.
    V,
    /// `optional<_>`.
    Optional(&'static Shape),
    /// `array<_>`.
    Array(&'static Shape),
    /// `set<K>`.
    SetK,
    /// `map<K, V>`.
    MapKV,
    /// The record `entry<K, V>` with `key`, `value`.
    EntryKV,
    /// The record `pair<T, U>` with `first`, `second`.
    PairTU,
}

/// One way to call a built-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Parameters: name (for named arguments) and shape.
    pub parameters: &'static [(&'static str, Shape)],
    /// The result.
    pub result: Shape,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltinInfo {
    /// The built-in.
    pub builtin: Builtin,
    /// As the language writes it.
    pub name: &'static str,
    /// The ways to call it; the first that fits the arguments counts.
    pub signatures: &'static [Signature],
    /// The faults it may end in.
    pub faults: &'static [FaultKind],
    /// One sentence for the reference and the guide.
    pub summary: &'static str,
}

macro_rules! builtins {
    ($($variant:ident $name:literal [$(($($parameter:ident : $shape:expr),*) -> $result:expr),+ $(,)?] [$($fault:ident),*] $summary:literal;)*) => {
        /// A built-in function.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum Builtin { $(#[doc = $summary] $variant),* }

        impl Builtin {
            /// The table, in the order of the enumeration.
            pub const ALL: &'static [BuiltinInfo] = &[$(BuiltinInfo {
                builtin: Builtin::$variant,
                name: $name,
                signatures: &[$(Signature { parameters: &[$((stringify!($parameter), $shape)),*], result: $result }),+],
                faults: &[$(FaultKind::$fault),*],
                summary: $summary,
            }),*];
        }
    };
}

use Shape::{
    Array, Boolean, Bytes, Decimal, EntryKV, Float, Integer, Integral, K, MapKV, Number, Optional, Ordered,
    PairTU, Scalar, SetK, String, T, Timestamp, U, V,
};

builtins! {
    Len "LEN" [(xs: Array(&T)) -> Integer, (text: String) -> Integer, (data: Bytes) -> Integer, (m: MapKV) -> Integer, (s: SetK) -> Integer] []
        "number of elements, of a string's Unicode scalars, of bytes";
    Abs "ABS" [(x: Number) -> Number] [Overflow] "absolute value";
    Min "MIN" [(a: Ordered, b: Ordered) -> Ordered] [] "the smaller in the total order";
    Max "MAX" [(a: Ordered, b: Ordered) -> Ordered] [] "the larger in the total order";
    Sqrt "sqrt" [(x: Float) -> Float] [] "square root; NaN below zero";
    Isqrt "isqrt" [(x: Integral) -> Integral] [InvalidArgument] "largest integer whose square is at most x; x >= 0";
    Pow "pow" [(base: Integral, exponent: Integer) -> Integral, (base: Decimal, exponent: Integer) -> Decimal, (base: Float, exponent: Float) -> Float] [Overflow, InvalidArgument]
        "power; the exponent of integers and decimals is at least 0";
    FloorDiv "floor_div" [(a: Integral, b: Integral) -> Integral] [DivisionByZero, Overflow] "quotient rounded down";
    FloorMod "floor_mod" [(a: Integral, b: Integral) -> Integral] [DivisionByZero] "remainder with the divisor's sign";
    BitAnd "bit_and" [(a: Integral, b: Integral) -> Integral] [] "bitwise and, two's complement";
    BitOr "bit_or" [(a: Integral, b: Integral) -> Integral] [] "bitwise or, two's complement";
    BitXor "bit_xor" [(a: Integral, b: Integral) -> Integral] [] "bitwise exclusive or, two's complement";
    BitNot "bit_not" [(a: Integral) -> Integral] [] "bitwise complement, -a - 1";
    ShiftLeft "shift_left" [(a: Integral, places: Integer) -> Integral] [Overflow, InvalidArgument] "a * 2^places, 0 <= places <= 63";
    ShiftRight "shift_right" [(a: Integral, places: Integer) -> Integral] [InvalidArgument] "a / 2^places rounded down, 0 <= places <= 63";
    IsSome "IS_SOME" [(x: Optional(&T)) -> Boolean] [] "whether there is a value";
    ValueOf "VALUE" [(x: Optional(&T)) -> T] [NoneValue] "the value that must be there";
    OrElse "OR_ELSE" [(x: Optional(&T), default: T) -> T] [] "the value, or another where there is none";
    Get "get" [(m: MapKV, key: K) -> Optional(&V)] [] "the value of a key, if it is there";
    Keys "keys" [(m: MapKV) -> Array(&K)] [] "the keys, ascending";
    Values "values" [(m: MapKV) -> Array(&V)] [] "the values in order of their keys";
    Entries "entries" [(m: MapKV) -> Array(&EntryKV)] [] "records of key and value, in order of the keys";
    Items "items" [(s: SetK) -> Array(&K)] [] "the elements, ascending";
    Union "union" [(a: SetK, b: SetK) -> SetK] [] "what is in either";
    Intersect "intersect" [(a: SetK, b: SetK) -> SetK] [] "what is in both";
    Difference "difference" [(a: SetK, b: SetK) -> SetK] [] "what is in the first only";
    IsSubset "is_subset" [(a: SetK, b: SetK) -> Boolean] [] "whether all of the first is in the second";
    IsPermutation "is_permutation" [(a: Array(&T), b: Array(&T)) -> Boolean] [] "whether both hold the same elements equally often";
    Reverse "REVERSE" [(xs: Array(&T)) -> Array(&T), (text: String) -> String] [] "back to front";
    Unique "UNIQUE" [(xs: Array(&T)) -> Array(&T)] [] "without later repeats, order kept";
    Zip "ZIP" [(a: Array(&T), b: Array(&U)) -> Array(&PairTU)] [] "records of first and second, as many as the shorter has";
    Flatten "FLATTEN" [(xs: Array(&Array(&T))) -> Array(&T)] [] "the elements of the elements";
    Sort "SORT" [(xs: Array(&Ordered)) -> Array(&Ordered)] [] "ascending in the total order, stable";
    IndexOf "index_of" [(xs: Array(&T), x: T) -> Optional(&Integer), (text: String, part: String) -> Optional(&Integer)] [] "first position";
    StartsWith "starts_with" [(text: String, part: String) -> Boolean] [] "whether the text begins so";
    EndsWith "ends_with" [(text: String, part: String) -> Boolean] [] "whether the text ends so";
    ContainsText "contains" [(text: String, part: String) -> Boolean] [] "whether the part occurs";
    Split "split" [(text: String, separator: String) -> Array(&String)] [InvalidArgument] "the pieces between separators, which are not empty";
    Join "join" [(parts: Array(&String), separator: String) -> String] [] "the parts with the separator between them";
    Trim "trim" [(text: String) -> String] [] "without white space at both ends";
    Upper "upper" [(text: String) -> String] [] "upper case by Unicode's default mapping";
    Lower "lower" [(text: String) -> String] [] "lower case by Unicode's default mapping";
    Replace "replace" [(text: String, part: String, by: String) -> String] [InvalidArgument] "every occurrence, from the left; the part is not empty";
    Substring "substring" [(text: String, from: Integer, to: Integer) -> String] [OutOfBounds] "the scalars from..to, as text[from..to]";
    PadLeft "pad_left" [(text: String, length: Integer, fill: String) -> String] [InvalidArgument] "filled on the left to at least the length; fill is one scalar";
    PadRight "pad_right" [(text: String, length: Integer, fill: String) -> String] [InvalidArgument] "filled on the right to at least the length; fill is one scalar";
    Repeat "repeat" [(text: String, times: Integer) -> String] [InvalidArgument] "the text so many times, at least 0";
    Matches "matches" [(text: String, pattern: String) -> Boolean] [InvalidArgument] "whether the regular expression matches the whole text; linear time";
    ParseInteger "parse_integer" [(text: String) -> Optional(&Integer)] [] "an optional minus and digits, within 64 bits";
    ParseDecimal "parse_decimal" [(text: String) -> Optional(&Decimal)] [] "an optional minus, digits, optionally a point and digits";
    ParseFloat "parse_float" [(text: String) -> Optional(&Float)] [] "as ParseDecimal with an optional exponent; NaN, Infinity";
    ParseTimestamp "parse_timestamp" [(text: String) -> Optional(&Timestamp)] [] "RFC 3339";
    ToString "to_string" [(x: Scalar) -> String] [] "the canonical text of a scalar";
    Format "format" [(x: Decimal, places: Integer) -> String] [InvalidArgument] "with exactly so many places (0 to 1000), rounded HALF_EVEN";
    ToInteger "integer" [(x: Decimal) -> Integer, (x: Float) -> Integer, (x: Integral) -> Integral] [Overflow, InvalidArgument] "truncated toward zero";
    ToDecimal "decimal" [(x: Integer) -> Decimal, (x: Float) -> Decimal, (x: Decimal) -> Decimal] [InvalidArgument] "exact; a float must be finite";
    ToFloat "float" [(x: Integer) -> Float, (x: Decimal) -> Float, (x: Float) -> Float] [] "nearest, ties to even";
    IsNan "is_nan" [(x: Float) -> Boolean] [] "whether it is not a number";
    Round "round" [(x: Decimal, places: Integer, mode: Shape::RoundingMode) -> Decimal] [InvalidArgument] "to so many places (-1000 to 1000)";
    Quantize "quantize" [(x: Decimal, places: Integer, mode: Shape::RoundingMode) -> Decimal] [InvalidArgument] "the same as round";
    Div "div" [(a: Decimal, b: Decimal, places: Integer, mode: Shape::RoundingMode) -> Decimal] [DivisionByZero, InvalidArgument] "quotient with so many places (0 to 1000), rounded once";
    Floor "floor" [(x: Decimal) -> Decimal, (x: Float) -> Float] [] "largest whole number at most x";
    Ceil "ceil" [(x: Decimal) -> Decimal, (x: Float) -> Float] [] "smallest whole number at least x";
    Scale "scale" [(x: Decimal) -> Integer] [] "places of the canonical form";
    AddMicros "add_micros" [(t: Timestamp, micros: Integer) -> Timestamp] [InvalidArgument] "later by so many microseconds, within years 0001 to 9999";
    MicrosBetween "micros_between" [(from: Timestamp, to: Timestamp) -> Integer] [] "microseconds from the first to the second";
    Year "year" [(t: Timestamp) -> Integer] [] "the year, UTC";
    Month "month" [(t: Timestamp) -> Integer] [] "1 to 12, UTC";
    Day "day" [(t: Timestamp) -> Integer] [] "1 to 31, UTC";
    Hour "hour" [(t: Timestamp) -> Integer] [] "0 to 23, UTC";
    Minute "minute" [(t: Timestamp) -> Integer] [] "0 to 59";
    Second "second" [(t: Timestamp) -> Integer] [] "0 to 59";
    Sha256 "sha256" [(data: Bytes) -> Bytes, (text: String) -> Bytes] [] "the digest, of a string's UTF-8";
    Base64Encode "base64_encode" [(data: Bytes) -> String] [] "standard alphabet with padding";
    Base64Decode "base64_decode" [(text: String) -> Optional(&Bytes)] [] "standard alphabet with padding";
    HexEncode "hex_encode" [(data: Bytes) -> String] [] "lower case";
    HexDecode "hex_decode" [(text: String) -> Optional(&Bytes)] [] "either case";
    Utf8Encode "utf8_encode" [(text: String) -> Bytes] [] "the text's UTF-8";
    Utf8Decode "utf8_decode" [(data: Bytes) -> Optional(&String)] [] "text, if the bytes are UTF-8";
}

impl Builtin {
    /// The row of the table.
    #[must_use]
    pub fn info(self) -> &'static BuiltinInfo {
        &Self::ALL[self as usize]
    }

    /// The built-in of a name as the language writes it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|info| info.name == name).map(|info| info.builtin)
    }
}
