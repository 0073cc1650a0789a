//! What strictness refuses: each code once with its place, its mend, and what is still read.

use expect_test::expect;

use super::super::{Limits, load};
use super::{check, check_bytes, check_diagnostics, check_fixed, rendered};

#[test]
fn duplicate_keys() {
    check(
        "a: 1\nb: 2\na: 3\nc: { x: 1, \"x\": 2, x: 3 }\n",
        expect![[r#"
        mapping@0..40
          "a"@0..1: Plain@3..4 "1"
          "b"@5..6: Plain@8..9 "2"
          "c"@15..16: mapping@18..40 flow
            "x"@20..21: Plain@23..24 "1"
        3:1 E-YAML-006 key `a` is given twice | rename or remove one of the two | 1:1 first given here
        4:12 E-YAML-006 key `x` is given twice | rename or remove one of the two | 4:6 first given here
        4:20 E-YAML-006 key `x` is given twice | rename or remove one of the two | 4:6 first given here
    "#]],
    );
}

#[test]
fn anchors_aliases_and_merge_keys() {
    check(
        "a: &x 1\nb: *x\nc:\n  <<: *x\n  d: 2\n",
        expect![[r#"
        mapping@0..32
          "a"@0..1: Plain@6..7 "1"
          "b"@8..9: Plain@11..13 "*x"
          "c"@14..15: mapping@19..32
            "d"@28..29: Plain@31..32 "2"
        1:4 E-YAML-007 anchors are not supported: `&x` | remove the anchor; shared definitions go under `types:` | remove the anchor: 3..6=""
        2:4 E-YAML-008 aliases are not supported: `*x` | write the value out; if the `*` belongs to an expression, quote the expression
        4:3 E-YAML-009 merge keys (`<<`) are not supported | write the keys out
        4:7 E-YAML-008 aliases are not supported: `*x` | write the value out; if the `*` belongs to an expression, quote the expression
    "#]],
    );
    check_diagnostics(
        "a: *unknown\n",
        expect![[r#"
        1:4 E-YAML-008 aliases are not supported: `*unknown` | if it belongs to an expression, write `"*unknown"` | put the value in quotes: 3..11="\"*unknown\""
    "#]],
    );
    check_diagnostics(
        "- &a\n- &b {x: 1}\n",
        expect![[r#"
        1:3 E-YAML-007 anchors are not supported: `&a` | remove the anchor; shared definitions go under `types:` | remove the anchor: 2..4=""
        2:3 E-YAML-007 anchors are not supported: `&b` | remove the anchor; shared definitions go under `types:` | remove the anchor: 7..10=""
    "#]],
    );
    check_fixed(
        "a: &x 1\n",
        expect![[r#"
        a: 1
    "#]],
    );
}

#[test]
fn tags() {
    check(
        "a: !!str 1\nb: !found AND x\nc: !x\nd: !!map {e: 1}\n",
        expect![[r#"
        mapping@0..48
          "a"@0..1: Plain@9..10 "1"
          "b"@11..12: Plain@14..26 "!found AND x"
          "c"@27..28: Plain@30..32 "!x"
          "d"@33..34: mapping@42..48 flow
            "e"@43..44: Plain@46..47 "1"
        1:4 E-YAML-010 tags are not supported: `!!str` | remove the tag; a scalar is read by the type that is expected here | remove the tag: 3..9=""
        2:4 E-YAML-010 tags are not supported: `!found` | if it belongs to an expression, write `"!found AND x"` | put the value in quotes: 14..26="\"!found AND x\""
        3:4 E-YAML-010 tags are not supported: `!x` | if it belongs to an expression, write `"!x"` | put the value in quotes: 30..32="\"!x\""
        4:4 E-YAML-010 tags are not supported: `!!map` | remove the tag; a scalar is read by the type that is expected here | remove the tag: 36..42=""
    "#]],
    );
    check_fixed(
        "a: !!str 1\nb: !found AND x\n",
        expect![[r#"
        a: 1
        b: "!found AND x"
    "#]],
    );
}

#[test]
fn keys_that_are_not_text() {
    check(
        "? [a, b]\n: 1\n? {c: d}\n: 2\n: 3\ne: 4\n",
        expect![[r#"
        mapping@0..34
          "e"@30..31: Plain@33..34 "4"
        1:3 E-YAML-011 a list cannot be a key | a key is a plain or quoted text
        3:3 E-YAML-011 a mapping cannot be a key | a key is a plain or quoted text
        5:2 E-YAML-011 expected a key before `:` | write a name before the colon
    "#]],
    );
    check_diagnostics(
        "[a]: 1\n",
        expect![[r#"
        1:1 E-YAML-011 a list cannot be a key | a key is a plain or quoted text
    "#]],
    );
    check_diagnostics(
        "{{a: b}: 1, ? c : d, : e}\n",
        expect![[r#"
        1:2 E-YAML-011 a mapping cannot be a key | a key is a plain or quoted text
        1:23 E-YAML-011 expected a key before `:` | write a name before the colon
    "#]],
    );
}

#[test]
fn documents_and_directives() {
    check(
        "a: 1\n---\nb: 2\n",
        expect![[r#"
        no tree
        2:1 E-YAML-012 a second document begins here | one file holds one module; move the rest into a file of its own
    "#]],
    );
    check_diagnostics(
        "%YAML 1.2\n---\na: 1\n",
        expect![[r#"
        1:1 E-YAML-013 directives are not supported: `%YAML 1.2` | remove the line | remove the directive: 0..9=""
    "#]],
    );
    check_diagnostics(
        "%TAG ! tag:x,2000:\n---\na: 1\n",
        expect![[r#"
        1:1 E-YAML-013 directives are not supported: `%TAG ! tag:x,2000:` | remove the line | remove the directive: 0..18=""
    "#]],
    );
    check_diagnostics(
        "a: 1\n%YAML 1.2\n---\nb: 1\n",
        expect![[r#"
        2:1 E-YAML-013 directives are not supported: `%YAML 1.2` | remove the line | remove the directive: 5..14=""
    "#]],
    );
}

#[test]
fn tabs_as_indentation() {
    check_diagnostics(
        "a:\n\tb: 1\n\tc: 2\n",
        expect![[r#"
        2:1 E-YAML-005 tab used as indentation | indent with spaces | indent with spaces: 3..4="  " 9..10="  "
    "#]],
    );
    check_diagnostics(
        "a:\n  - b\n\t- c\n",
        expect![[r#"
        3:1 E-YAML-005 tab used as indentation | indent with spaces | indent with spaces: 9..10="  "
    "#]],
    );
    check_diagnostics(
        "a: [\n\t1,\n\t2\n  ]\n",
        expect![[r#"
            2:1 E-YAML-005 tab used as indentation | indent with spaces | indent with spaces: 5..6="" 9..10=""
        "#]],
    );
    check_fixed(
        "a:\n\tb: 1\n\tc: 2\n",
        expect![[r#"
        a:
          b: 1
          c: 2
    "#]],
    );
    check(
        "a:\tb\nc: |\n  \tx\n",
        expect![[r#"
        no tree
        1:3 E-YAML-001 tab after `:` or `-` | write a space | write a space: 2..3=" "
    "#]],
    );
}

#[test]
fn nesting_up_to_the_limit() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(load(&nested(64), &Limits::default()).1, vec![]);
    check_diagnostics(
        &nested(65),
        expect![[r#"
        1:65 E-YAML-014 nested deeper than 64 levels | name parts of the structure, as types or functions of their own
    "#]],
    );
    let block = "- ".repeat(65) + "x";
    check_diagnostics(
        &block,
        expect![[r#"
            1:129 E-YAML-014 nested deeper than 64 levels | name parts of the structure, as types or functions of their own
        "#]],
    );
}

#[test]
fn size_limit() {
    let limits = Limits { max_bytes: 8, ..Limits::default() };
    expect![[r#"
        mapping@0..8
          "a"@0..1: Plain@3..8 "12345"
    "#]]
    .assert_eq(&rendered(b"a: 12345", &limits));
    expect![[r#"
        no tree
        1:9 E-YAML-002 the file has 9 bytes, the limit is 8 | split the module
    "#]]
    .assert_eq(&rendered(b"a: 123456", &limits));
}

#[test]
fn bytes_that_are_not_utf8() {
    check_bytes(
        b"a: \xC3\x28\n",
        expect![[r#"
        no tree
        1:4 E-YAML-003 byte 0xc3 at offset 3 is not valid UTF-8 | save the file as UTF-8
    "#]],
    );
    check_bytes(
        b"a: b\xF0\x9F",
        expect![[r#"
        no tree
        1:5 E-YAML-003 byte 0xf0 at offset 4 is not valid UTF-8 | save the file as UTF-8
    "#]],
    );
}

#[test]
fn control_characters() {
    check_diagnostics(
        "a: \0\nb: \"\u{1b}\"\nc: d\re: f\ng: \u{FEFF}h\ni: \u{9f}\u{7f}\u{FFFE}",
        expect![[r#"
        1:4 E-YAML-004 control character U+0000 in the text | remove it, or write `\x00` inside double quotes | remove it: 3..4=""
        2:5 E-YAML-004 control character U+001B in the text | remove it, or write `\x1b` inside double quotes | remove it: 9..10=""
        3:5 E-YAML-004 carriage return without a line feed | end lines with a line feed | write a line feed: 16..17="\n"
        4:4 E-YAML-004 byte order mark in the middle of the file | a byte order mark may only begin the file | remove it: 25..28=""
        5:4 E-YAML-004 control character U+009F in the text | remove it, or write `\x9f` inside double quotes | remove it: 33..35=""
        5:5 E-YAML-004 control character U+007F in the text | remove it, or write `\x7f` inside double quotes | remove it: 35..36=""
        5:6 E-YAML-004 control character U+FFFE in the text | remove it, or write `\ufffe` inside double quotes | remove it: 36..39=""
    "#]],
    );
}

#[test]
fn syntax_errors() {
    for (input, expect) in [
        (
            "a: \"open\nb: 1\n",
            expect![[r#"
            1:4 E-YAML-001 this quote is never closed | add the closing quote
        "#]],
        ),
        (
            "a: [1, 2\nb: 1\n",
            expect![[r#"
            1:4 E-YAML-001 this `[` is never closed | add the closing `]`
        "#]],
        ),
        (
            "a: { b: 1\n",
            expect![[r#"
            1:4 E-YAML-001 this `{` is never closed | add the closing `}`
        "#]],
        ),
        (
            "a: 1\n  b: 2\n",
            expect![[r#"
            2:3 E-YAML-001 `b` is indented further than the key above it | begin it in the column of the keys it belongs to; a key with a value on its own line holds no others
        "#]],
        ),
        (
            "a:\n    b: 1\n  c: 2\n",
            expect![[r#"
            3:3 E-YAML-001 this line is indented unlike the lines it belongs to | entries of one list or mapping begin in the same column
        "#]],
        ),
        (
            "a:\n  - b\n  c: 1\n",
            expect![[r#"
            3:3 E-YAML-001 this line is indented unlike the lines it belongs to | entries of one list or mapping begin in the same column
        "#]],
        ),
        (
            "a: 1\nword\nb: 2\n",
            expect![[r#"
            2:1 E-YAML-001 expected `:` after `word` | write `key: value`; a continued text must be indented further than its key
        "#]],
        ),
        (
            "a: 1\nword\n",
            expect![[r#"
            2:1 E-YAML-001 expected `:` after `word` | write `key: value`; a continued text must be indented further than its key
        "#]],
        ),
        (
            "a: - b\n",
            expect![[r#"
            1:4 E-YAML-001 a `-` item cannot begin here | begin the list on a line of its own
        "#]],
        ),
        (
            "a: 1 ]\nb: ]\n",
            expect![[r#"
            2:4 E-YAML-001 `]` closes nothing | remove it, or quote the value
        "#]],
        ),
        (
            "a: 1\n]\n",
            expect![[r#"
            2:1 E-YAML-001 `]` closes nothing | remove it, or quote the value
        "#]],
        ),
        (
            "a: \"\\d+\\.\"\n",
            expect![[r#"
            1:5 E-YAML-001 unknown escape `\d` in double quotes | write `\\` for a backslash, or put the text in single quotes | double the backslash: 4..4="\\" 7..7="\\"
        "#]],
        ),
        (
            "a: \"\\xZZ\"\n",
            expect![[r#"
            1:5 E-YAML-001 unknown escape `\x` in double quotes | write `\\` for a backslash, or put the text in single quotes | double the backslash: 4..4="\\"
        "#]],
        ),
        (
            "a: b\n # c\n  d\n",
            expect![[r#"
            3:3 E-YAML-001 this line is indented unlike the lines it belongs to | entries of one list or mapping begin in the same column
        "#]],
        ),
        (
            "a: 'x' y\n",
            expect![[r#"
            1:4 E-YAML-016 `'x' y` must be quoted: to YAML the value ends at the second quote | write `"'x' y"` | put it in quotes: 3..8="\"'x' y\""
        "#]],
        ),
        (
            "a: b\n...\nc: d\n",
            expect![[r#"
            3:1 E-YAML-012 a second document begins here | one file holds one module; move the rest into a file of its own
        "#]],
        ),
        (
            "a: |x\n  b\n",
            expect![[r#"
            1:4 E-YAML-016 `|x` must be quoted: its first character means something to YAML | write `"|x"` | put it in quotes: 3..5="\"|x\""
        "#]],
        ),
        (
            "{ a: 1 b: 2 }\n",
            expect![[r#"
            1:9 E-YAML-001 expected `,` before the next key | separate entries with `,` | write a comma: 6..6=","
        "#]],
        ),
        (
            "- a\nb: 1\n",
            expect![[r#"
            2:1 E-YAML-001 this line is indented unlike the lines it belongs to | entries of one list or mapping begin in the same column
        "#]],
        ),
        (
            "a: 1\n- b\n",
            expect![[r#"
            2:1 E-YAML-001 this line is indented unlike the lines it belongs to | entries of one list or mapping begin in the same column
        "#]],
        ),
        (
            "a: b: c\n",
            expect![[r#"
            1:4 E-YAML-016 `b: c` must be quoted: it holds `: `, which YAML reads as a key and its value | write `"b: c"` | put it in quotes: 3..7="\"b: c\""
        "#]],
        ),
        (
            "a: 'x\n",
            expect![[r#"
            1:4 E-YAML-001 this quote is never closed | add the closing quote
        "#]],
        ),
    ] {
        check_diagnostics(input, expect);
    }
}
