//! Codes of the reader: the shape of a file.

anrf_format::codes! {
    UNKNOWN_KEY = "E-FILE-001", "unknown key",
        "The key means nothing in its place. The help names the key that was probably meant, or the place \
         where this one belongs.";
    MISSING_KEY = "E-FILE-002", "missing key",
        "A key that cannot be left out is not there.";
    SHAPE = "E-FILE-003", "wrong shape",
        "A list, a mapping or a single value stands where another of these is expected.";
    MISSING_VALUE = "E-FILE-004", "missing value",
        "The key has nothing behind it. Write a value, or leave the key out.";
    BOOLEAN = "E-FILE-005", "not a boolean",
        "Only `true` and `false` are booleans here; `yes`, `no`, `on` and `off` are text in YAML 1.2.";
    NUMBER = "E-FILE-006", "not a whole number",
        "A whole number that is at least 0 is expected, in digits.";
    NAME = "E-FILE-007", "not a name",
        "A name is letters, digits and `_`, and does not begin with a digit. It stands alone: no expression, \
         no list.";
    LANGUAGE_VERSION = "E-FILE-008", "unknown version of the language",
        "`anrf:` says in which version of the language a file is written. This program knows version `\"1\"`; \
         a newer file needs a newer program.";
    MISPLACED = "E-FILE-009", "key in the wrong place",
        "The key is known, but it belongs elsewhere: contract lists under `contracts`, what an operation takes \
         under `parameters`, fields of the result under `success`.";
    QUOTE = "E-FILE-010", "expression must be quoted",
        "Text in quotes inside `[...]` or `{...}` is text to YAML and would be an expression of its own here. \
         Put quotes around the whole expression; strings inside it keep theirs.";
    OPERATION = "E-FILE-011", "unknown operation",
        "The operations are `require`, `compute`, `assert`, `choose`, `loop`, `next`, `break`, `call`, \
         `invoke`, `update`, `transition`, `log`, `return` and `fail`.";
    CONFLICT = "E-FILE-012", "keys that exclude each other",
        "Only one of the keys can be given: a loop has `for` or `while`, a type `fields` or `cases`, an example \
         one expectation.";
    FIELD_FORM = "E-FILE-013", "wrong form of a field",
        "Fields of records, cases and results are `name: type`. Conditions on results are postconditions.";
    ERROR_CODES = "E-FILE-014", "wrong form of error codes",
        "The codes of a function's errors are an enum in quotes: `error_code: \"enum[not_found, refused]\"`; \
         `message` is a `string`.";
    TRANSITION = "E-FILE-015", "wrong form of a transition",
        "The moves of a machine are pairs of states: `transitions: [[pending, paid], [paid, shipped]]`.";
    GHOST = "E-FILE-016", "ghost on another step than compute",
        "Only a `compute` step can be `ghost: true`. An `assert` is a contract by itself.";
    EMPTY_FILE = "E-FILE-017", "empty file",
        "The file has no module. A module has `functions`; a file of one function begins with `node_id`.";
}
