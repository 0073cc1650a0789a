//! What the expression parser makes of a text: the canonical text of the tree, and what it says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anrf_language::printer::{self, Quote};
use anrf_language::syntax::expression::Expressions;
use anrf_language::syntax::parse_expression;
use expect_test::expect_file;

fn read(text: &str) -> String {
    let mut expressions = Expressions::default();
    let mut diagnostics = vec![];
    let id =
        parse_expression(text, |offset| u32::try_from(offset).unwrap(), &mut expressions, &mut diagnostics);
    let mut result = printer::expression(&expressions, id, Quote::Double) + "\n";
    diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    for diagnostic in diagnostics {
        let place = text.get(diagnostic.span.range()).unwrap_or("?");
        let shown = if place.len() > 40 { format!("{}...", &place[..20]) } else { place.to_owned() };
        result += &format!("{} `{shown}` {}\n", diagnostic.code, diagnostic.message);
        if let Some(help) = diagnostic.help {
            result += &format!("  help: {help}\n");
        }
        for fix in diagnostic.fixes {
            let mut fixed = text.to_owned();
            for edit in fix.edits.iter().rev() {
                fixed.replace_range(edit.span.range(), &edit.replacement);
            }
            result += &format!("  fix:  {fixed}\n");
        }
    }
    result
}

/// A line `> text` is read, and what comes of it stands below up to an empty line. `UPDATE_EXPECT=1` writes it.
fn check(name: &str) {
    let path = format!("{}/tests/expressions/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read_to_string(&path).unwrap();
    let all: Vec<String> = file
        .lines()
        .filter_map(|line| line.strip_prefix("> "))
        .map(|text| format!("> {text}\n{}", read(text)))
        .collect();
    expect_file![path].assert_eq(&all.join("\n"));
}

#[test]
fn literals() {
    check("literals");
}

#[test]
fn precedence_and_forms() {
    check("precedence");
}

#[test]
fn operators_of_other_languages() {
    check("operators_of_other_languages");
}

#[test]
fn conditionals_of_other_languages() {
    check("conditionals_of_other_languages");
}

#[test]
fn words_of_other_languages() {
    check("words_of_other_languages");
}

#[test]
fn broken_text() {
    check("broken_text");
}
