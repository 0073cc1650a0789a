//! Codes of the YAML loader.

anrf_format::codes! {
    SYNTAX = "E-YAML-001", "not well-formed YAML",
        "The text does not follow the grammar of YAML 1.2. The usual causes are a line that is indented \
         unlike its neighbours, a missing `:` after a key, an open quote or bracket, and an expression that \
         has to be quoted.";
    TOO_LARGE = "E-YAML-002", "file over the size limit",
        "The file is larger than the loader accepts (4 MiB). Split it into several modules \
         that import each other.";
    INVALID_UTF8 = "E-YAML-003", "not valid UTF-8",
        "A `.vsp` file is UTF-8 text. Save it with that encoding; the place shown is the first byte that \
         does not belong.";
    CONTROL_CHARACTER = "E-YAML-004", "control character in the text",
        "NUL, other control characters, lone carriage returns and byte order marks inside the file are not \
         allowed, not even inside quotes. Inside double quotes write the escape, such as `\\0` or `\\x07`.";
    TAB_INDENTATION = "E-YAML-005", "tab used as indentation",
        "YAML forbids tabs in indentation because their width is not defined. Indent with spaces.";
    DUPLICATE_KEY = "E-YAML-006", "key given twice",
        "A mapping has the same key twice, so one of the two values would be lost without a word. Rename or \
         remove one.";
    ANCHOR = "E-YAML-007", "anchor",
        "Anchors (`&name`) are not part of the language: what a file says must stand where it is read. \
         Remove the anchor and write shared definitions under `types:`.";
    ALIAS = "E-YAML-008", "alias",
        "Aliases (`*name`) are not part of the language. Write the value out; if the star belongs to an \
         expression, quote the expression.";
    MERGE_KEY = "E-YAML-009", "merge key",
        "The merge key `<<` is not part of YAML 1.2 nor of the language. Write the keys out.";
    TAG = "E-YAML-010", "explicit tag",
        "Tags (`!!str`, `!name`) are not part of the language: a scalar is read by the type that is \
         expected in its place. Remove the tag; if the `!` belongs to an expression, quote the expression.";
    KEY_NOT_TEXT = "E-YAML-011", "key is not text",
        "A key must be a plain or quoted scalar. Lists, mappings and nothing at all cannot be keys.";
    SEVERAL_DOCUMENTS = "E-YAML-012", "several documents in one file",
        "One file holds one module. Put what follows the second `---` into a file of its own.";
    DIRECTIVE = "E-YAML-013", "YAML directive",
        "Directives (`%YAML`, `%TAG`) are not needed and not accepted. Remove the line.";
    TOO_DEEP = "E-YAML-014", "nested too deeply",
        "Lists and mappings may be nested up to 64 levels. Name parts of the structure instead, for example \
         as types or functions of their own.";
    UNQUOTED_COMMA = "E-YAML-015", "comma splits an unquoted value",
        "Inside `{...}` and `[...]` a comma ends the value, so `{ type: map<string, integer> }` is two keys \
         to YAML. Quote a type or an expression that has a comma: `{ type: \"map<string, integer>\" }`.";
    UNQUOTED_EXPRESSION = "E-YAML-016", "expression must be quoted",
        "Some characters mean something to YAML: `: ` inside a value, brackets inside `{...}` and `[...]`, \
         and a first character such as `[`, `{`, `*`, `&`, `!`, `@`, `%`, `|`, `>` or a quote. Put quotes \
         around the whole expression.";
    COMMENT_CUTS = "E-YAML-017", "comment cuts a value",
        "A `#` after a space starts a comment, even in the middle of an expression. Quote the expression.";
    FLOW_TOO_LARGE = "E-YAML-018", "list or mapping too large for one line style",
        "A `[...]` or `{...}` with very many small entries needs more memory than a file of this size may \
         use. Write the outer list or mapping in block style, one entry a line.";
    TOO_MANY = "E-YAML-019", "too many keys and values",
        "A file has at most 524,288 keys, values, lists and mappings. Data is given as an input of a run; a \
         program that is so large is split into several modules that import each other.";
}
