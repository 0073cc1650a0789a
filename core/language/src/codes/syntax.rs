//! Codes of the expression and type parsers.

anrf_format::codes! {
    UNEXPECTED = "E-SYNTAX-001", "unexpected text",
        "The expression cannot go on here as it does. The message says what was expected; the usual causes \
         are a missing operator or comma and a word of another language.";
    EMPTY = "E-SYNTAX-002", "expression missing",
        "An expression has to stand here, but nothing is written. Write a value, such as `0`, `\"\"`, `[]` or \
         `NONE`.";
    UNCLOSED = "E-SYNTAX-003", "bracket not closed",
        "A bracket is open where the expression ends, or another bracket closes it. Write the closing bracket \
         that belongs to it.";
    TOO_DEEP = "E-SYNTAX-004", "expression nested too deeply",
        "Expressions may be 128 levels deep; long chains such as `a + b + c + ...` count one level for each \
         operator. Give parts a name in a `compute` step, sum a list with `SUM`, or write a function.";
    CHARACTER = "E-SYNTAX-005", "character without a meaning",
        "The character does not occur in expressions. Mathematical signs and typographic quotes have a plain \
         spelling, which the fix writes; names are made of ASCII letters, digits and `_`.";
    OPEN_STRING = "E-SYNTAX-006", "string not closed",
        "The string has no closing quote. Inside YAML double quotes, string literals are best written in \
         single quotes.";
    ESCAPE = "E-SYNTAX-007", "unknown escape",
        "Strings know `\\n`, `\\r`, `\\t`, `\\0`, `\\\\`, `\\\"`, `\\'`, `\\xHH`, `\\uHHHH` and `\\u{H...}`. A \
         backslash itself is written `\\\\`.";
    NUMBER = "E-SYNTAX-008", "malformed number",
        "Numbers are digits, with `_` between them if you like, and at most one point with digits on both \
         sides. There are no exponents, prefixes or suffixes.";
    LITERAL = "E-SYNTAX-009", "malformed literal",
        "Bytes are pairs of hexadecimal digits, `b\"00ff\"`; a timestamp is an RFC 3339 instant in UTC, \
         `t\"2026-01-08T14:23:15Z\"`; strings stand in single or double quotes without a prefix.";
    FOREIGN_OPERATOR = "E-SYNTAX-010", "operator of another language",
        "The operator exists elsewhere but not here. Equality is `==`, inequality `!=`; `a // b` is \
         `floor_div(a, b)`, `a ** b` is `pow(a, b)`, bits have functions (`bit_and`), and an assignment is a \
         step, not an expression.";
    KEYWORD_CASE = "E-SYNTAX-011", "keyword or constant in another spelling",
        "Keywords are upper case (most are also read in lower case); the constants are `TRUE`, `FALSE` and \
         `NONE`.";
    CONDITIONAL = "E-SYNTAX-012", "conditional of another language",
        "A choice is written `IF c THEN a ELSE b`, always with `ELSE`; further conditions follow as \
         `ELSE IF`.";
    METHOD = "E-SYNTAX-013", "method call",
        "Values have no methods and collections no `length`. Functions take the value as an argument: \
         `LEN(xs)`, `upper(s)`, `xs ++ [x]`.";
    FOREIGN_CALL = "E-SYNTAX-014", "function of another language",
        "The function has another name here, such as `LEN` for `len` and `to_string` for `str`. A file may \
         declare a function of that name; then it is that one.";
    INTERPOLATION = "E-SYNTAX-015", "interpolated string",
        "Strings in expressions have no holes: join pieces with `++` and `to_string`. Only messages \
         (`message:`) fill in `{expression}`.";
    LAMBDA = "E-SYNTAX-016", "function value",
        "Functions are not values. What a lambda does elsewhere is written as a comprehension, an aggregate, \
         or `SORT(x IN xs BY key)`.";
    SLICE = "E-SYNTAX-017", "slice of another language",
        "A slice is `xs[i..j]`, from `i` to just before `j`, both given. There is no step, and negative \
         numbers do not count from the end.";
    RANGE = "E-SYNTAX-018", "range out of place",
        "A range `a..b` stands after `IN` and in the brackets of a slice; it is not a value. An array of its \
         numbers is `[i FOR i IN a..b]`.";
    NAMED = "E-SYNTAX-019", "name and value",
        "Fields, named arguments and map entries are written `name: value`, field names without quotes and \
         always with a value.";
    COMPREHENSION = "E-SYNTAX-020", "malformed comprehension",
        "Comprehensions are `[e FOR x IN xs IF p]`; the aggregates SUM, COUNT, MIN, MAX, ALL, ANY and FIND \
         take the same after their expression: `SUM(x.price FOR x IN xs)`. `x AT i IN xs` binds the index too.";
    QUANTIFIER = "E-SYNTAX-021", "malformed quantifier",
        "A quantifier is `FORALL x IN xs: p` or `EXISTS i IN 0..n: p`: it names a range or a collection, and \
         its body follows a colon.";
    PATTERN = "E-SYNTAX-022", "malformed pattern",
        "Arms of `MATCH` are `NONE => a`, `SOME(x) => b`, `case { field } => c` or an enum symbol. Every case \
         is listed; there is no wildcard, and numbers and strings are compared with `IF`.";
    RESERVED = "E-SYNTAX-023", "reserved word as a name",
        "The word is a keyword, or the lower-case alias of one, and cannot be a name.";
    TEMPLATE = "E-SYNTAX-024", "malformed message",
        "In a message `{expression}` is filled in; a brace itself is written `{{` or `}}`. There are no format \
         specifications: use `format(x, 2)`.";
    TYPE = "E-SYNTAX-030", "malformed type",
        "Types are `integer`, `decimal`, `float`, `boolean`, `string`, `bytes`, `timestamp`, `optional<T>`, \
         `array<T>`, `set<T>`, `map<K, V>`, `enum[a, b]` and the names that the file declares.";
    FOREIGN_TYPE = "E-SYNTAX-031", "type of another language",
        "The type has another name here, such as `integer` for `int`, `array<T>` for `list[T]` or `T[]`, and \
         `optional<T>` for `T?`. A file may declare a type of that name; then it is that one.";
    ENUM = "E-SYNTAX-033", "malformed enum",
        "An enum lists its symbols as names in square brackets: `enum[open, closed]`.";
}
