//! Codes of types and expressions.

anrf_format::codes! {
    UNKNOWN_TYPE = "E-TYPE-001", "unknown type",
        "Types are boolean, integer, decimal, float, string, bytes, timestamp, optional<T>, array<T>, \
         map<K, V>, set<T>, enum[a, b], and the names under `types` and `machines`.";
    MISMATCH = "E-TYPE-002", "wrong type",
        "The expression has another type than its place wants.";
    TYPE_ARGUMENTS = "E-TYPE-003", "wrong type arguments",
        "optional, array and set take one type in angle brackets, map two: `map<string, integer>`.";
    NOT_A_KEY = "E-TYPE-004", "not a key type",
        "Keys of maps and elements of sets are boolean, integer, decimal, string, bytes, timestamp or an \
         enumeration, because they are kept in order.";
    ENDLESS_TYPE = "E-TYPE-005", "type that contains itself",
        "Every value of the type would contain another one whole, without end. Put an optional, an array, a \
         map or a set between.";
    OPERAND = "E-TYPE-006", "operator on the wrong type",
        "The operator is not defined on operands of this type.";
    DECIMAL_DIVISION = "E-TYPE-007", "bare division of decimals",
        "A quotient of decimals seldom has an exact value, so the number of places and the rounding have to \
         be said: `div(a, b, 2, HALF_EVEN)`.";
    MIXED_NUMBERS = "E-TYPE-008", "numbers of different types",
        "There are no implicit conversions between integer, decimal and float. Convert one side: `decimal(n)`, \
         `float(n)`, `integer(x)`.";
    TEXT_ADDITION = "E-TYPE-009", "`+` on text or lists",
        "`+` adds numbers. Strings, bytes and arrays are joined by `++`; `to_string(x)` makes text of a scalar.";
    OPTIONAL_USED = "E-TYPE-010", "optional used as a value",
        "The value may be missing. Take it out with `VALUE(x)` where it must be there, give a substitute with \
         `OR_ELSE(x, y)`, ask with `IS_SOME(x)`, or compare with `SOME(y)`.";
    CANNOT_INFER = "E-TYPE-011", "type cannot be inferred",
        "NONE, an empty collection or a bare symbol has no type of its own, and nothing around it gives one. \
         In a loop's state write `{ type: array<integer>, initial: \"[]\" }`.";
    INTEGER_RANGE = "E-TYPE-012", "integer does not fit",
        "Integers of computations have 64 bits: -9223372036854775808 to 9223372036854775807. Only contracts \
         know larger ones.";
    BAD_LITERAL = "E-TYPE-013", "malformed literal",
        "The literal is not a value of its type, such as a timestamp with an impossible date.";
    NOT_INDEXABLE = "E-TYPE-014", "cannot be indexed",
        "`x[i]` reads arrays, strings, bytes and maps, `x[i..j]` arrays, strings and bytes.";
    NO_FIELDS = "E-TYPE-015", "has no fields",
        "`x.f` reads a field of a record. Variants are taken apart with MATCH, lengths asked with LEN(x).";
    ARGUMENTS = "E-TYPE-016", "wrong arguments",
        "The call gives too many or too few arguments, or one that the function does not know.";
    MISSING_FIELDS = "E-TYPE-017", "missing fields",
        "A record, a case or a list of outputs is given with all its fields.";
    NOT_EXHAUSTIVE = "E-TYPE-018", "match is not exhaustive",
        "A MATCH has an arm for every case, symbol, or for SOME and NONE.";
    DUPLICATE_ARM = "E-TYPE-019", "arm that is never reached",
        "An earlier arm matches the same values.";
    NOT_ORDERED = "E-TYPE-020", "no order",
        "`<`, MIN, MAX and SORT are defined on integer, decimal, float, string, bytes, timestamp, \
         enumerations and arrays of these.";
    NOT_A_COLLECTION = "E-TYPE-021", "not a collection",
        "Only arrays, maps, sets and ranges can be walked or searched.";
    WITH_FORM = "E-TYPE-022", "wrong form of WITH",
        "Records are updated by `r WITH { field: x }`, arrays and maps by `xs WITH [i] = x`, sets by \
         `s WITH x`.";
    NOT_CALLABLE = "E-TYPE-023", "function cannot be called in an expression",
        "In an expression only functions with exactly one success field and no errors, state or host \
         operations can be called. Use a `call` step.";
    BAD_PATTERN = "E-TYPE-024", "malformed regular expression",
        "The pattern of `matches` is not a regular expression of the linear-time syntax: no backreferences \
         and no look-around.";
    NOT_A_SCALAR = "E-TYPE-025", "not a scalar in a message",
        "The holes of a message take scalars. Name a field, an element or a length instead.";
    NOT_MATCHABLE = "E-TYPE-026", "cannot be matched",
        "MATCH takes apart optionals, variants, enumerations and states of machines.";
    TEXT_FOR_SYMBOL = "E-TYPE-027", "text in place of a symbol",
        "Symbols of enumerations and machines are written bare, without quotes.";
    CONSTRAINT_PLACE = "E-TYPE-030", "constraints where none can be",
        "Constraints belong to records, inputs and state variables.";
    TENSOR = "E-UNSUPPORTED-001", "tensor is reserved",
        "The type `tensor` comes with compiled execution; its name is reserved until then. Use arrays of \
         arrays.";
    COMPENSATE_IN_LOOP = "E-UNSUPPORTED-002", "compensation inside a loop",
        "A step inside a loop cannot have `compensate`, because how often it ran is known only at run time. \
         Move the work into a function with compensation of its own and call that.";
    LONG_CHAIN = "E-UNSUPPORTED-003", "chain of comparisons too long",
        "A chain such as `a < b < c` may have up to eight operators. Split it with AND.";
    NESTED_TYPES = "E-UNSUPPORTED-004", "types nested too deeply",
        "Optionals and collections may lie in each other, and other names of types stand for each other, up to \
         64 levels. A record in between begins anew.";
}
