//! What other languages write for something that this one has: tables only.

use anrf_format::builtin::Builtin;

use super::expression::BinaryOperator;

/// `True`, `null` and the like.
pub(super) fn constant(word: &str) -> Option<&'static str> {
    Some(match word {
        "True" => "TRUE",
        "False" => "FALSE",
        "None" | "null" | "Null" | "NULL" | "nil" | "Nil" | "undefined" => "NONE",
        _ => return None,
    })
}

/// Operators that are words: whether they compare, and what is meant (an operator or a function).
pub(super) fn word_operator(word: &str) -> Option<(bool, &'static str)> {
    Some(match word {
        "mod" | "MOD" => (false, "%"),
        "div" | "DIV" => (false, "floor_div"),
        "xor" | "XOR" => (true, "!="),
        "matches" => (true, "matches"),
        "startswith" | "starts_with" => (true, "starts_with"),
        "endswith" | "ends_with" => (true, "ends_with"),
        _ => return None,
    })
}

/// The built-in that a function of another language is.
pub(super) fn function(name: &str) -> Option<&'static str> {
    Some(match name {
        "length" | "size" | "strlen" | "count_of" | "cardinality" => "LEN",
        "str" | "String" | "tostring" => "to_string",
        "int" | "Integer" | "parseInt" | "to_integer" => "integer",
        "Decimal" | "to_decimal" => "decimal",
        "Float" | "double" | "parseFloat" | "to_float" => "float",
        "sorted" => "SORT",
        "reversed" => "REVERSE",
        "distinct" => "UNIQUE",
        "unwrap" => "VALUE",
        "coalesce" | "COALESCE" | "ifnull" | "IFNULL" | "nvl" | "NVL" | "unwrap_or" => "OR_ELSE",
        "some" | "Some" => "SOME",
        "power" | "Power" => "pow",
        "ceiling" => "ceil",
        "strip" => "trim",
        "substr" => "substring",
        "uppercase" | "to_upper" | "to_uppercase" => "upper",
        "lowercase" | "to_lower" | "to_lowercase" => "lower",
        _ => {
            let lower = name.to_ascii_lowercase();
            return if lower == name { alike(name) } else { alike(name).or_else(|| function(&lower)) };
        }
    })
}

/// The built-in whose name is the same but for case and underscores.
fn alike(name: &str) -> Option<&'static str> {
    let letters = |text: &str| text.replace('_', "").to_ascii_lowercase();
    let wanted = letters(name);
    Builtin::ALL.iter().map(|info| info.name).find(|known| letters(known) == wanted)
}

/// What a method call means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// A built-in with the value in front.
    Function(&'static str),
    /// A built-in with the value behind its argument.
    Swapped(&'static str),
    /// `xs.append(x)`
    Append,
    /// An operator between the value and the argument.
    Operator(&'static str, BinaryOperator),
    /// A comparison with `NONE`.
    CompareWith(&'static str, BinaryOperator),
    /// `s.add(x)`, `s.remove(x)`
    Update {
        /// `remove`.
        without: bool,
    },
    IsEmpty,
    /// `m.get(k, default)`
    GetOr,
    /// `xs.map(x => e)`: the text with `$x`, `$body` and `$xs` in it.
    Closure(&'static str),
}

/// The meaning of a method with so many arguments.
pub(super) fn method(name: &str, arguments: usize) -> Option<Method> {
    use Method::{Append, Closure, CompareWith, Function, GetOr, IsEmpty, Operator, Update};
    Some(match (name, arguments) {
        ("len" | "length" | "size" | "count", 0) => Function("LEN"),
        ("append" | "push" | "push_back", 1) => Append,
        ("concat" | "extend", 1) => Operator("++", BinaryOperator::Concat),
        ("add" | "insert", 1) => Update { without: false },
        ("remove" | "delete" | "discard", 1) => Update { without: true },
        ("contains" | "includes" | "has" | "contains_key" | "containsKey" | "has_key", 1) => {
            Operator("CONTAINS", BinaryOperator::Contains)
        }
        ("equals" | "eq", 1) => Operator("==", BinaryOperator::Equal),
        ("toUpperCase" | "to_uppercase" | "toUpper", 0) => Function("upper"),
        ("toLowerCase" | "to_lowercase" | "toLower", 0) => Function("lower"),
        ("strip", 0) => Function("trim"),
        ("index", 1) => Function("index_of"),
        ("items", 0) => Function("entries"),
        ("get", 2) => GetOr,
        ("is_none" | "isNone" | "is_null" | "isNull", 0) => CompareWith("==", BinaryOperator::Equal),
        ("is_present" | "isPresent", 0) => Function("IS_SOME"),
        ("unwrap" | "expect", _) => Function("VALUE"),
        ("unwrap_or" | "unwrapOr" | "getOrElse" | "orElse", 1) => Function("OR_ELSE"),
        ("reversed", 0) => Function("REVERSE"),
        ("sorted", 0) => Function("SORT"),
        ("distinct", 0) => Function("UNIQUE"),
        ("str", 0) => Function("to_string"),
        ("toFixed", 1) => Function("format"),
        ("padStart", 2) => Function("pad_left"),
        ("padEnd", 2) => Function("pad_right"),
        ("slice" | "substr", 2) => Function("substring"),
        ("is_empty" | "isEmpty" | "empty", 0) => IsEmpty,
        ("map", 1) => Closure("[$body FOR $x IN $xs]"),
        ("filter", 1) => Closure("[$x FOR $x IN $xs IF $body]"),
        ("some" | "any", 1) => Closure("ANY($body FOR $x IN $xs)"),
        ("every" | "all", 1) => Closure("ALL($body FOR $x IN $xs)"),
        ("find", 1) => Closure("FIND($x FOR $x IN $xs IF $body)"),
        ("reduce" | "fold" | "forEach" | "flatMap", _) => Closure(""),
        _ => Function(alike(name)?),
    })
}

/// What the type of another language is here; `arguments` says whether it takes some.
pub(super) fn type_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "int" | "Int" | "i64" | "i32" | "int64" | "int32" | "Integer" | "long" | "Long" | "bigint"
        | "BigInt" | "INTEGER" | "INT" | "u32" | "u64" | "usize" | "uint" | "short" => "integer",
        "str" | "String" | "text" | "Text" | "STRING" | "TEXT" | "varchar" | "char" => "string",
        "bool" | "Bool" | "Boolean" | "BOOLEAN" | "BOOL" => "boolean",
        "float64" | "double" | "Double" | "Float" | "f64" | "f32" | "float32" | "real" | "FLOAT" => "float",
        "number" | "Number" | "Decimal" | "money" | "Money" | "numeric" | "DECIMAL" | "BigDecimal" => {
            "decimal"
        }
        "datetime" | "DateTime" | "date" | "Date" | "time" | "Timestamp" | "TIMESTAMP" | "Instant" => {
            "timestamp"
        }
        "Bytes" | "bytearray" | "blob" | "binary" | "BYTES" => "bytes",
        "list" | "List" | "Array" | "vec" | "Vec" | "sequence" | "Sequence" | "seq" | "ARRAY" => "array",
        "dict" | "Dict" | "Map" | "HashMap" | "object" | "hash" | "MAP" | "BTreeMap" | "Record" => "map",
        "Set" | "HashSet" | "frozenset" | "SET" | "BTreeSet" => "set",
        "Optional" | "Option" | "Maybe" | "maybe" | "option" | "nullable" => "optional",
        "Enum" | "ENUM" | "Literal" => "enum",
        _ => return None,
    })
}
