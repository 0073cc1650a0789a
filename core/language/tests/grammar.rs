//! The grammar in the reference is the one in the code. `ANRF_BLESS=1` writes it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use anrf_language::syntax::grammar::{GRAMMAR, section};
use anrf_language::syntax::keywords::KEYWORDS;

/// The page with the rules of each section in its `ebnf` block.
fn page(text: &str) -> String {
    let mut result = String::new();
    let mut heading = "";
    let mut inside = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            heading = name;
        }
        if inside && line == "```" {
            inside = false;
        }
        if !inside {
            result += line;
            result += "\n";
        }
        if line == "```ebnf" {
            inside = true;
            result += &section(heading);
        }
    }
    result
}

#[test]
fn the_reference_shows_the_grammar_of_the_code() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/grammar.md");
    let Ok(text) = std::fs::read_to_string(&path) else { return };
    let expected = page(&text);
    if std::env::var_os("ANRF_BLESS").is_some() {
        std::fs::write(&path, &expected).unwrap();
        return;
    }
    assert!(
        text == expected,
        "docs/reference/grammar.md is not what the code says; bless it with ANRF_BLESS=1"
    );
    for rule in GRAMMAR {
        assert!(text.contains(&format!("## {}\n", rule.section)), "no section `{}`", rule.section);
    }
}

/// The words in quotes and the other words of a rule.
fn words(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut quoted, mut bare) = (vec![], vec![]);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let end = rest[1..].find(first).unwrap() + 2;
            quoted.push(rest[1..end - 1].to_owned());
            rest = &rest[end..];
        } else if first.is_ascii_lowercase() {
            let end = rest.find(|it: char| !it.is_ascii_lowercase() && it != '_').unwrap_or(rest.len());
            bare.push(rest[..end].to_owned());
            rest = &rest[end..];
        } else {
            rest = &rest[first.len_utf8()..];
        }
    }
    (quoted, bare)
}

#[test]
fn every_word_of_the_grammar_is_defined_and_every_keyword_occurs() {
    // What any other character of a text is.
    let terminals = ["character", "text"];
    let mut quoted = vec![];
    for rule in GRAMMAR {
        let (literals, names) = words(rule.text);
        quoted.extend(literals);
        for name in names {
            let known = GRAMMAR.iter().any(|other| other.name == name) || terminals.contains(&name.as_str());
            assert!(known, "`{name}` in `{}` is not defined", rule.name);
        }
    }
    for keyword in KEYWORDS {
        assert!(quoted.iter().any(|it| it == keyword.text), "`{}` occurs in no rule", keyword.text);
    }
}
