//! Every offset of a value leads to its character in the file.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::super::{Kind, Limits, NodeId, Tree, load};

/// The value of `k`, and below it for each character (from the tenth on base 36) where it stands.
fn check(input: &str, expect: Expect) {
    let (tree, found) = load(input, &Limits::default());
    let tree = tree.unwrap_or_else(|| panic!("{found:?}"));
    let value = tree.get(tree.root(), "k").expect("key `k`").value;
    let text = tree.text(value).unwrap();
    let map = tree.offset_map(value);
    let mut out = String::new();
    let mut rest: &str = "";
    for (offset, character) in text.char_indices() {
        let source = map.source(u32::try_from(offset).unwrap()) as usize;
        rest = &input[source..];
        let found = rest.chars().next().unwrap();
        if character != found {
            out.push_str(&format!(
                "{character:?} at {source} {:?}\n",
                rest.chars().take(4).collect::<String>()
            ));
        }
    }
    let end = map.source(u32::try_from(text.len()).unwrap());
    out.push_str(&format!("{text:?} ends at {end} of {}", tree.span(value).end));
    let _ = rest;
    expect.assert_eq(&out);
}

#[test]
fn plain_and_quoted() {
    check("k: a + b\n", expect![[r#""a + b" ends at 8 of 8"#]]);
    check("k: 'it''s ä'\n", expect![[r#""it's ä" ends at 12 of 13"#]]);
    check(
        r#"k: "a\tb\x41\u00e4\"c""#,
        expect![[r#"
        '\t' at 5 "\\tb\\"
        'A' at 8 "\\x41"
        'ä' at 12 "\\u00"
        '"' at 18 "\\\"c\""
        "a\tbAä\"c" ends at 21 of 22"#]],
    );
}

#[test]
fn folded_lines() {
    check(
        "k: one\n  two\n\n  three\n",
        expect![[r#"
        ' ' at 6 "\n  t"
        "one two\nthree" ends at 21 of 21"#]],
    );
    check(
        "k: \"one  \n  two\\\n   three\n\n\n  four \"\n",
        expect![[r#""one twothree\n\nfour " ends at 35 of 36"#]],
    );
    check(
        "k: ' one\r\n  two'\r\n",
        expect![[r#"
        ' ' at 8 "\r\n  "
        " one two" ends at 15 of 16"#]],
    );
}

#[test]
fn blocks() {
    check("k: |\n  one\n    two\n\n  three\n", expect![[r#""one\n  two\n\nthree\n" ends at 27 of 27"#]]);
    check("k: |2\n\n    one\n  two\n\n\n", expect![[r#""\n  one\ntwo\n" ends at 20 of 20"#]]);
    check(
        "k: >\n  one\n  two\n\n  three\n    four\n  five\n",
        expect![[r#"
        ' ' at 10 "\n  t"
        "one two\nthree\n  four\nfive\n" ends at 41 of 41"#]],
    );
    check(
        "k: >- # note\r\n  ä one\r\n  two\r\n",
        expect![[r#"
        ' ' at 22 "\r\n  "
        "ä one two" ends at 29 of 29"#]],
    );
    check("k: |+\n  x\n\n", expect![[r#""x\n\n" ends at 9 of 9"#]]);
}

/// All scalars of a tree.
fn scalars(tree: &Tree<'_>) -> Vec<NodeId> {
    let mut open = vec![tree.root()];
    let mut found = vec![];
    while let Some(node) = open.pop() {
        open.extend(tree.items(node));
        open.extend(tree.entries(node).flat_map(|entry| [entry.key, entry.value]));
        if let Kind::Scalar(_) = tree.kind(node) {
            found.push(node);
        }
    }
    found
}

proptest! {
    /// In plain text nothing is escaped, so characters correspond, whatever the style.
    #[test]
    fn words_keep_their_characters(lines in prop::collection::vec("[a-z][a-z +]{0,12}[a-z]", 1..6), style in 0..5_usize) {
        let (open, separator, close) = [
            ("", "\n  ", ""), ("'", "\n  ", "'"), ("\"", "\n\n   ", "\""), ("|\n  ", "\n  ", ""), (">\n  ", "\n\n  ", ""),
        ][style];
        let text = format!("- {open}{}{close}\n- end\n", lines.join(separator));
        let (tree, found) = load(&text, &Limits::default());
        prop_assert_eq!(found, vec![]);
        let tree = tree.unwrap();
        for node in scalars(&tree) {
            let map = tree.offset_map(node);
            for (offset, byte) in tree.text(node).unwrap().bytes().enumerate() {
                let source = map.source(u32::try_from(offset).unwrap()) as usize;
                let there = text.as_bytes()[source];
                prop_assert!(there == byte || (byte.is_ascii_whitespace() && there.is_ascii_whitespace()));
            }
        }
    }

    /// Whatever the text: no panic, spans inside the text, maps that never go back.
    #[test]
    fn any_text_is_safe(text in "[ab:,#'\"\\\\\\[\\]{}&*!|>%@?\\-<( \n\t\rä]{0,60}") {
        let (tree, found) = load(&text, &Limits::default());
        for diagnostic in &found {
            prop_assert!(text.get(diagnostic.span.range()).is_some(), "{:?}", diagnostic);
            for edit in diagnostic.fixes.iter().flat_map(|fix| &fix.edits) {
                prop_assert!(text.get(edit.span.range()).is_some(), "{:?}", diagnostic);
            }
        }
        prop_assert!(tree.is_some() || !found.is_empty());
        if let Some(tree) = tree {
            for comment in tree.comments() {
                prop_assert!(text[comment.span.range()].starts_with('#'));
            }
            for node in scalars(&tree) {
                let value = tree.text(node).unwrap();
                let map = tree.offset_map(node);
                let mut last = 0;
                for (offset, _) in value.char_indices() {
                    let source = map.source(u32::try_from(offset).unwrap());
                    prop_assert!(source >= last && source <= tree.span(node).end);
                    last = source;
                }
            }
        }
    }
}
