//! What is accepted, and what the tree says about it.

use expect_test::expect;

use super::{check, check_bytes};

#[test]
fn block_and_flow_collections() {
    check(
        "a: 1\nb:\n  - x\n  - y: 2\n    z:\nc: { d: [e, f], g: }\nh:\n- i\n-\n- k\n",
        expect![[r#"
        mapping@0..63
          "a"@0..1: Plain@3..4 "1"
          "b"@5..6: sequence@10..29
            - Plain@12..13 "x"
            - mapping@18..29
              "y"@18..19: Plain@21..22 "2"
              "z"@27..28: null@29..29
          "c"@30..31: mapping@33..50 flow
            "d"@35..36: sequence@38..44 flow
              - Plain@39..40 "e"
              - Plain@42..43 "f"
            "g"@46..47: null@48..48
          "h"@51..52: sequence@54..63
            - Plain@56..57 "i"
            - null@59..59
            - Plain@62..63 "k"
    "#]],
    );
}

#[test]
fn scalar_styles_and_verbatim_text() {
    check(
        "plain: no\nsingle: 'it''s'\ndouble: \"a\\tb\"\nliteral: |\n  one\n    two\n\n  three\nfolded: >-\n  one\n  two\n\n  three\nlong: one\n  two\n1: true\n",
        expect![[r#"
            mapping@0..130
              "plain"@0..5: Plain@7..9 "no"
              "single"@10..16: SingleQuoted@18..25 "it's"
              "double"@26..32: DoubleQuoted@34..40 "a\tb"
              "literal"@41..48: Literal@50..74 "one\n  two\n\nthree\n"
              "folded"@75..81: Folded@83..106 "one two\nthree"
              "long"@107..111: Plain@113..122 "one two"
              "1"@123..124: Plain@126..130 "true"
        "#]],
    );
}

#[test]
fn block_scalar_headers() {
    check(
        "a: |2-\n   x\n  y\nb: |+ # comment\n  z\n\nc: >\n\n  w\nd: |\ne: f\n",
        expect![[r##"
        mapping@0..56
          "a"@0..1: Literal@3..15 " x\ny"
          "b"@16..17: Literal@19..35 "z\n\n"
          "c"@37..38: Folded@40..46 "\nw\n"
          "d"@47..48: Literal@50..52 ""
          "e"@52..53: Plain@55..56 "f"
        comment@22..31 trailing "# comment"
    "##]],
    );
    check(
        "- |\n  x\n- >-\n  y\n- |",
        expect![[r#"
        sequence@0..20
          - Literal@2..7 "x\n"
          - Folded@10..16 "y"
          - Literal@19..20 ""
    "#]],
    );
}

#[test]
fn comments_and_their_places() {
    check(
        "# first\na: 1 # one\n  # inside\nb: 'x # no' # two\nc: |\n  # text\n# three\nd: [ # four\n  1, # five\n  2]\ne: x#y\n# last",
        expect![[r##"
            mapping@8..105
              "a"@8..9: Plain@11..12 "1"
              "b"@30..31: SingleQuoted@33..41 "x # no"
              "c"@48..49: Literal@51..61 "# text\n"
              "d"@70..71: sequence@73..98 flow
                - Plain@84..85 "1"
                - Plain@96..97 "2"
              "e"@99..100: Plain@102..105 "x#y"
            comment@0..7 alone "# first"
            comment@13..18 trailing "# one"
            comment@21..29 alone "# inside"
            comment@42..47 trailing "# two"
            comment@62..69 alone "# three"
            comment@75..81 trailing "# four"
            comment@87..93 trailing "# five"
            comment@106..112 alone "# last"
        "##]],
    );
}

#[test]
fn line_ends_byte_order_mark_and_unicode() {
    check(
        "a: 1\r\nb: |\r\n  x\r\n  y\r\nc: \"p\r\n  q\"\r\n# end\r\n",
        expect![[r##"
        mapping@0..33
          "a"@0..1: Plain@3..4 "1"
          "b"@6..7: Literal@9..20 "x\ny\n"
          "c"@22..23: DoubleQuoted@25..33 "p q"
        comment@35..40 alone "# end"
    "##]],
    );
    check_bytes(
        "\u{FEFF}ä: ö # ü\n😀: \"€\"\nz: [日, 本]\n".as_bytes(),
        expect![[r##"
        mapping@3..40
          "ä"@3..5: Plain@7..9 "ö"
          "😀"@15..19: DoubleQuoted@21..26 "€"
          "z"@27..28: sequence@30..40 flow
            - Plain@31..34 "日"
            - Plain@36..39 "本"
        comment@10..14 trailing "# ü"
    "##]],
    );
}

#[test]
fn documents_and_empty_files() {
    check(
        "",
        expect![[r#"
        null@0..0
    "#]],
    );
    check(
        "# only a comment\n",
        expect![[r##"
        null@17..17
        comment@0..16 alone "# only a comment"
    "##]],
    );
    check(
        "--- # start\na: b\n...\n# after\n",
        expect![[r##"
        mapping@12..16
          "a"@12..13: Plain@15..16 "b"
        comment@4..11 trailing "# start"
        comment@21..28 alone "# after"
    "##]],
    );
    check(
        "just text",
        expect![[r#"
        Plain@0..9 "just text"
    "#]],
    );
}

#[test]
fn names_that_other_loaders_would_convert_stay_text() {
    check(
        "no: 1e3\nnull: ~\n2024-01-01: 0x1F\n\"<<\": x\n",
        expect![[r#"
        mapping@0..40
          "no"@0..2: Plain@4..7 "1e3"
          "null"@8..12: Plain@14..15 "~"
          "2024-01-01"@16..26: Plain@28..32 "0x1F"
          "<<"@33..37: Plain@39..40 "x"
    "#]],
    );
}

#[test]
fn comparisons_inside_braces_are_not_type_arguments() {
    check(
        "{ a: x < 3, b: y > 2, c: map<string>, d: f(x) }",
        expect![[r#"
        mapping@0..47 flow
          "a"@2..3: Plain@5..10 "x < 3"
          "b"@12..13: Plain@15..20 "y > 2"
          "c"@22..23: Plain@25..36 "map<string>"
          "d"@38..39: Plain@41..45 "f(x)"
    "#]],
    );
}

#[test]
fn json_is_yaml() {
    check(
        "{\"a\": [1, {\"b\": null}],\n\"c\":\"d\"}\n",
        expect![[r#"
        mapping@0..32 flow
          "a"@1..4: sequence@6..22 flow
            - Plain@7..8 "1"
            - mapping@10..21 flow
              "b"@11..14: Plain@16..20 "null"
          "c"@24..27: DoubleQuoted@28..31 "d"
    "#]],
    );
}
