//! Expressions without the quotes they need: one diagnostic each, a mend, and a tree as it was meant.

use expect_test::expect;

use super::{check, check_diagnostics, check_fixed};

#[test]
fn comma_inside_a_type() {
    check(
        "inputs:\n  m: { type: map<string, integer>, required: true }\n  n: {type: map<string, map<string, integer>>}\n",
        expect![[r#"
        mapping@0..106
          "inputs"@0..6: mapping@10..106
            "m"@10..11: mapping@13..59 flow
              "type"@15..19: Plain@21..41 "map<string, integer>"
              "required"@43..51: Plain@53..57 "true"
            "n"@62..63: mapping@65..106 flow
              "type"@66..70: Plain@72..105 "map<string, map<string, integer>>"
        2:14 E-YAML-015 `map<string, integer>` is two keys to YAML | quote it: `"map<string, integer>"` | put it in quotes: 21..41="\"map<string, integer>\""
        3:13 E-YAML-015 `map<string, map<string, integer>>` is two keys to YAML | quote it: `"map<string, map<string, integer>>"` | put it in quotes: 72..105="\"map<string, map<string, integer>>\""
    "#]],
    );
    check_fixed(
        "inputs:\n  m: { type: map<string, integer>, required: true }\n",
        expect![[r#"
        inputs:
          m: { type: "map<string, integer>", required: true }
    "#]],
    );
    check(
        "t: [map<string, integer>, boolean]\n",
        expect![[r#"
        mapping@0..34
          "t"@0..1: sequence@3..34 flow
            - Plain@4..24 "map<string, integer>"
            - Plain@26..33 "boolean"
        1:5 E-YAML-015 `map<string, integer>` is two items to YAML | quote it: `"map<string, integer>"` | put it in quotes: 4..24="\"map<string, integer>\""
    "#]],
    );
}

#[test]
fn comma_inside_a_call() {
    check(
        "p: { a: xs, b: f(x, g(y, 1)), c: 2 }\n",
        expect![[r#"
        mapping@0..36
          "p"@0..1: mapping@3..36 flow
            "a"@5..6: Plain@8..10 "xs"
            "b"@12..13: Plain@15..28 "f(x, g(y, 1))"
            "c"@30..31: Plain@33..34 "2"
        1:16 E-YAML-015 `f(x, g(y, 1))` is two keys to YAML | quote it: `"f(x, g(y, 1))"` | put it in quotes: 15..28="\"f(x, g(y, 1))\""
    "#]],
    );
    check_fixed(
        "p: { b: f(x, \"y\"), c: 2 }\n",
        expect![[r#"
        p: { b: 'f(x, "y")', c: 2 }
    "#]],
    );
    check_fixed(
        "p: [f(x, y), 2]\n",
        expect![[r#"
        p: ["f(x, y)", 2]
    "#]],
    );
}

#[test]
fn brackets_inside_a_flow_collection() {
    check(
        "p: { a: xs[0], b: f(x, y), c: enum[p, q] }\nq: 1\n",
        expect![[r#"
        mapping@0..47
          "p"@0..1: mapping@3..42 flow
            "a"@5..6: Plain@8..13 "xs[0]"
            "b"@15..16: Plain@18..25 "f(x, y)"
            "c"@27..28: Plain@30..40 "enum[p, q]"
          "q"@43..44: Plain@46..47 "1"
        1:9 E-YAML-016 `xs[0]` must be quoted: inside `{...}` and `[...]` a bracket, a quote or `: ` cannot be part of it | write `"xs[0]"` | put it in quotes: 8..13="\"xs[0]\""
        1:19 E-YAML-015 `f(x, y)` is two keys to YAML | quote it: `"f(x, y)"` | put it in quotes: 18..25="\"f(x, y)\""
        1:31 E-YAML-016 `enum[p, q]` must be quoted: inside `{...}` and `[...]` a bracket, a quote or `: ` cannot be part of it | write `"enum[p, q]"` | put it in quotes: 30..40="\"enum[p, q]\""
    "#]],
    );
    check_fixed(
        "p: { a: xs[0], b: f(x, y), c: enum[p, q] }\nq: 1\n",
        expect![[r#"
        p: { a: "xs[0]", b: "f(x, y)", c: "enum[p, q]" }
        q: 1
    "#]],
    );
    check_fixed(
        "p: { a: from WITH { balance: from.balance - 1 }, b: 1 }\n",
        expect![[r#"
        p: { a: "from WITH { balance: from.balance - 1 }", b: 1 }
    "#]],
    );
    check_fixed(
        "p: [SET[1, 2], 3]\n",
        expect![[r#"
        p: ["SET[1, 2]", 3]
    "#]],
    );
    check_fixed(
        "p:\n  {\n    a: xs[0],\n    b: 1\n  }\n",
        expect![[r#"
        p:
          {
            a: "xs[0]",
            b: 1
          }
    "#]],
    );
}

#[test]
fn colon_inside_a_value() {
    check(
        "c: FORALL i IN 0..n: xs[i] > 0\nd: 1\nc: 2\n",
        expect![[r#"
        mapping@0..40
          "c"@0..1: Plain@3..30 "FORALL i IN 0..n: xs[i] > 0"
          "d"@31..32: Plain@34..35 "1"
        1:4 E-YAML-016 `FORALL i IN 0..n: xs[i] > 0` must be quoted: it holds `: `, which YAML reads as a key and its value | write `"FORALL i IN 0..n: xs[i] > 0"` | put it in quotes: 3..30="\"FORALL i IN 0..n: xs[i] > 0\""
        3:1 E-YAML-006 key `c` is given twice | rename or remove one of the two | 1:1 first given here
    "#]],
    );
    check_fixed(
        "c: FORALL i IN 0..n: xs[i] > 0\nm: note: this\n",
        expect![[r#"
        c: "FORALL i IN 0..n: xs[i] > 0"
        m: "note: this"
    "#]],
    );
    check(
        "c:\n  - FORALL i IN 0..LEN(xs): xs[i] > 0\n  - x > 1\n",
        expect![[r#"
        mapping@0..50
          "c"@0..1: sequence@5..50
            - Plain@7..40 "FORALL i IN 0..LEN(xs): xs[i] > 0"
            - Plain@45..50 "x > 1"
        2:5 E-YAML-016 `FORALL i IN 0..LEN(xs): xs[i] > 0` must be quoted: it holds `: `, which YAML reads as a key and its value | write `"FORALL i IN 0..LEN(xs): xs[i] > 0"` | put it in quotes: 7..40="\"FORALL i IN 0..LEN(xs): xs[i] > 0\""
    "#]],
    );
    check_fixed(
        "c:\n  - FORALL i IN 0..LEN(xs): xs[i] > 0\n",
        expect![[r#"
        c:
          - "FORALL i IN 0..LEN(xs): xs[i] > 0"
    "#]],
    );
    check_fixed(
        "p: { a: FORALL i IN xs: i > 0, b: 1 }\n",
        expect![[r#"
        p: { a: "FORALL i IN xs: i > 0", b: 1 }
    "#]],
    );
}

#[test]
fn first_characters_that_mean_something_to_yaml() {
    for (input, expect) in [
        (
            "a: @x\n",
            expect![[r#"
            a: "@x"
        "#]],
        ),
        (
            "a: `x`\n",
            expect![[r#"
            a: "`x`"
        "#]],
        ),
        (
            "a: %x\n",
            expect![[r#"
            a: "%x"
        "#]],
        ),
        (
            "a: > 5\n",
            expect![[r#"
            a: "> 5"
        "#]],
        ),
        (
            "a: || b\n",
            expect![[r#"
            a: "|| b"
        "#]],
        ),
        (
            "a: *x + 1\n",
            expect![[r#"
            a: "*x + 1"
        "#]],
        ),
        (
            "a: !x\n",
            expect![[r#"
            a: "!x"
        "#]],
        ),
        (
            "a: [1, 2][0]\n",
            expect![[r#"
            a: "[1, 2][0]"
        "#]],
        ),
        (
            "a: [1, 2] ++ xs\n",
            expect![[r#"
            a: "[1, 2] ++ xs"
        "#]],
        ),
        (
            "a: {x: 1}[k]\n",
            expect![[r#"
            a: "{x: 1}[k]"
        "#]],
        ),
        (
            "a: \"x\" ++ y\n",
            expect![[r#"
            a: '"x" ++ y'
        "#]],
        ),
        (
            "a: 'x' ++ \"y\" # note\n",
            expect![[r#"
            a: '''x'' ++ "y"' # note
        "#]],
        ),
        (
            "- \"x\" == y\n",
            expect![[r#"
            - '"x" == y'
        "#]],
        ),
        (
            "p: { a: \"x\" ++ y, b: 1 }\n",
            expect![[r#"
            p: { a: '"x" ++ y', b: 1 }
        "#]],
        ),
    ] {
        check_fixed(input, expect);
    }
}

#[test]
fn several_in_one_file() {
    check_diagnostics(
        "a: xs\nb: { c: xs[0] }\nd: note: x\ne: \"x\" ++ y\nf: %\na: 2\n",
        expect![[r#"
        2:9 E-YAML-016 `xs[0]` must be quoted: inside `{...}` and `[...]` a bracket, a quote or `: ` cannot be part of it | write `"xs[0]"` | put it in quotes: 14..19="\"xs[0]\""
        3:4 E-YAML-016 `note: x` must be quoted: it holds `: `, which YAML reads as a key and its value | write `"note: x"` | put it in quotes: 25..32="\"note: x\""
        4:4 E-YAML-016 `"x" ++ y` must be quoted: to YAML the value ends at the second quote | write `'"x" ++ y'` | put it in quotes: 36..44="'\"x\" ++ y'"
        5:4 E-YAML-016 `%` must be quoted: its first character means something to YAML | write `"%"` | put it in quotes: 48..49="\"%\""
        6:1 E-YAML-006 key `a` is given twice | rename or remove one of the two | 1:1 first given here
    "#]],
    );
}

#[test]
fn comment_inside_an_expression() {
    check(
        "a: f(\"x\", \" #1\") # note\nb: x # it's fine\nc: (x # y\n",
        expect![[r##"
        mapping@0..46
          "a"@0..1: Plain@3..16 "f(\"x\", \" #1\")"
          "b"@24..25: Plain@27..28 "x"
          "c"@41..42: Plain@44..46 "(x"
        comment@17..23 trailing "# note"
        comment@29..40 trailing "# it's fine"
        comment@47..50 trailing "# y"
        1:13 E-YAML-017 ` #` begins a comment inside this value | quote the value: `'f("x", " #1")'` | put the value in quotes: 3..16="'f(\"x\", \" #1\")'"
    "##]],
    );
    check_fixed(
        "a: f(\"x\", \" #1\")\n",
        expect![[r#"
        a: 'f("x", " #1")'
    "#]],
    );
}

#[test]
fn errors_that_quotes_do_not_mend_stay_syntax_errors() {
    check_diagnostics(
        "a: [1, 2\nb: 3\n",
        expect![[r#"
        1:4 E-YAML-001 this `[` is never closed | add the closing `]`
    "#]],
    );
    check_diagnostics(
        "a: {b: c: d\n",
        expect![[r#"
        1:4 E-YAML-001 this `{` is never closed | add the closing `}`
        1:8 E-YAML-016 `c: d` must be quoted: inside `{...}` and `[...]` a bracket, a quote or `: ` cannot be part of it | write `"c: d"` | put it in quotes: 7..11="\"c: d\""
    "#]],
    );
}

#[test]
fn comprehensions() {
    check(
        "p: { a: 1 }\nx: [f(x, 1) FOR x IN xs IF x > 0]\ny: {k: 2 FOR k IN xs}\nz: [WAIT FOR ME]\nw: [ALL(x > 0 FOR x IN xs)]\n",
        expect![[r#"
            mapping@0..112
              "p"@0..1: mapping@3..11 flow
                "a"@5..6: Plain@8..9 "1"
              "x"@12..13: Plain@15..45 "[f(x, 1) FOR x IN xs IF x > 0]"
              "y"@46..47: Plain@49..67 "{k: 2 FOR k IN xs}"
              "z"@68..69: sequence@71..84 flow
                - Plain@72..83 "WAIT FOR ME"
              "w"@85..86: sequence@88..112 flow
                - Plain@89..111 "ALL(x > 0 FOR x IN xs)"
            2:4 E-YAML-016 `[f(x, 1) FOR x IN xs IF x > 0]` must be quoted: YAML reads its brackets as a list or mapping of texts | write `"[f(x, 1) FOR x IN xs IF x > 0]"` | put it in quotes: 15..45="\"[f(x, 1) FOR x IN xs IF x > 0]\""
            3:4 E-YAML-016 `{k: 2 FOR k IN xs}` must be quoted: YAML reads its brackets as a list or mapping of texts | write `"{k: 2 FOR k IN xs}"` | put it in quotes: 49..67="\"{k: 2 FOR k IN xs}\""
        "#]],
    );
    check_fixed(
        "- [x FOR x IN xs]\n",
        expect![[r#"
        - "[x FOR x IN xs]"
    "#]],
    );
}
