//! The same few characters over and over, and bytes that are no text.

use std::fmt::Write as _;

use super::*;

/// The same few characters over and over, and bytes that are no text.
#[must_use]
pub fn characters() -> Inputs {
    let mut all: Inputs = vec![];
    let mut add = |name: &'static str, text: String| all.push((name, text.into_bytes()));
    let large = 4 << 20;
    add("nothing", String::new());
    add("newlines", "\n".repeat(large));
    add("spaces", " ".repeat(large));
    add("carriage_returns", "\r".repeat(large));
    add("comments", "#\n".repeat(large / 2));
    add("comment", format!("#{}", "x".repeat(large - 1)));
    for (name, part) in [
        ("tabs", "\t"),
        ("tab_lines", "\tx\n"),
        ("colons", ":"),
        ("colon_spaces", ": "),
        ("key_lines", "a: "),
        ("dashes", "-"),
        ("dash_spaces", "- "),
        ("dash_lines", "-\n"),
        ("questions", "? "),
        ("flow_sequences", "["),
        ("flow_mappings", "{"),
        ("flow_mappings_of_keys", "{a: "),
        ("flow_closing", "]"),
        ("flow_commas", ","),
        ("flow_pairs", "[[],"),
        ("quotes_double", "\""),
        ("quotes_single", "'"),
        ("quoted_lines", "\"\n"),
        ("anchors", "&a "),
        ("aliases", "*a "),
        ("tags", "! "),
        ("tags_long", "!a"),
        ("directives", "%a\n"),
        ("documents", "---\n"),
        ("document_ends", "...\n"),
        ("pipes", "|"),
        ("folds", ">"),
        ("ats", "@"),
        ("backticks", "`"),
        ("percents", "%"),
        ("backslashes", "\\"),
        ("wide", "\u{1f600}"),
        ("combining", "e\u{301}"),
        ("nulls", "~\n"),
        ("merge", "<<: "),
        ("entries", "a: b\n"),
        ("wrong_entries", "a: b: c\n"),
        ("wrong_expressions", "a: [x > 1] AND {y}\n"),
        ("unquoted", "a: \"x\" ++ \"y\"\n"),
        ("indented", " a:\n"),
        ("dedented", "  a: 1\n b: 2\n"),
    ] {
        add(name, part.repeat(large / part.len()));
        add(name, part.repeat(5_000));
        add(name, format!("node_id: {}", part.repeat(100_000 / part.len())));
        add(name, format!("flow:\n  - {}", part.repeat(100_000 / part.len())));
    }
    add("nul", "node_id: a\0b\n".into());
    add("nuls", "\0".repeat(large));
    add("byte_order_mark", format!("\u{feff}{}", function("", "n")));
    add("byte_order_marks", "\u{feff}".repeat(1000));
    add("controls", (0..32_u8).map(char::from).collect::<String>().repeat(1000));
    add("deep_blocks", repeat(2_000, |index| format!("{}a:\n", " ".repeat(index))));
    add("deep_lists", format!("{}x\n", "- ".repeat(100_000)));
    add("alias_bomb", {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for index in 1..30 {
            let _ =
                writeln!(text, "a{index}: &a{index} [{}]", joined(10, ", ", |_| format!("*a{}", index - 1)));
        }
        text
    });
    add("duplicate_keys", "node_id: a\n".repeat(100_000));
    add("duplicate_keys_in_flow", format!("inputs: {{ {} }}\n", "a: integer, ".repeat(100_000)));
    add("unknown_keys", repeat(100_000, |index| format!("key_{index}: 1\n")));
    add("near_keys", repeat(100_000, |index| format!("node_i{index}: 1\n")));
    add("unknown_long_key", format!("{}: 1\n", "node_id".repeat(100_000)));
    all.push(("not_utf8", vec![0xff; 1000]));
    all.push(("not_utf8_late", [function("", "n").as_bytes(), &[0xc3, 0x28]].concat()));
    all.push(("utf16", "node_id: f\n".encode_utf16().flat_map(u16::to_le_bytes).collect()));
    all.push(("surrogates", b"node_id: \xed\xa0\x80\n".to_vec()));
    all
}
