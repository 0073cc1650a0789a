//! Text in, tree and diagnostics out.

mod accepted;
mod hostile;
mod offsets;
mod quoting;
mod refused;

use std::fmt::Write as _;

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::line_index::LineIndex;
use expect_test::Expect;

use super::{Kind, Limits, NodeId, Tree, load, load_bytes};

/// Loads a text and compares the tree (a node a line, indented) and the diagnostics.
fn check(input: &str, expect: Expect) {
    expect.assert_eq(&rendered(input.as_bytes(), &Limits::default()));
}

fn check_bytes(input: &[u8], expect: Expect) {
    expect.assert_eq(&rendered(input, &Limits::default()));
}

/// The same without the tree.
fn check_diagnostics(input: &str, expect: Expect) {
    expect.assert_eq(&diagnostics(input, &load(input, &Limits::default()).1));
}

/// Applies the first fix of each diagnostic, last place first, and expects a text without diagnostics.
fn check_fixed(input: &str, expect: Expect) {
    let (_, found) = load(input, &Limits::default());
    assert!(!found.is_empty(), "nothing to mend");
    let mut text = input.to_owned();
    for diagnostic in found.iter().rev() {
        let fix = diagnostic.fixes.first().unwrap_or_else(|| panic!("no fix: {diagnostic:?}"));
        for edit in fix.edits.iter().rev() {
            text.replace_range(edit.span.range(), &edit.replacement);
        }
    }
    let (tree, left) = load(&text, &Limits::default());
    assert!(tree.is_some() && left.is_empty(), "still wrong: {text}\n{left:?}");
    expect.assert_eq(&text);
}

fn rendered(input: &[u8], limits: &Limits) -> String {
    let (tree, found) = load_bytes(input, limits);
    let mut out = String::new();
    match &tree {
        Some(tree) => {
            tree_lines(tree, tree.root(), 0, "", &mut out);
            for comment in tree.comments() {
                let place = if comment.alone { "alone" } else { "trailing" };
                writeln!(
                    out,
                    "comment@{} {place} {:?}",
                    range(comment.span),
                    &tree.source()[comment.span.range()]
                )
                .unwrap();
            }
        }
        None => out.push_str("no tree\n"),
    }
    let valid = std::str::from_utf8(input).map_or_else(|error| error.valid_up_to(), str::len);
    out.push_str(&diagnostics(std::str::from_utf8(&input[..valid]).unwrap(), &found));
    out
}

fn tree_lines(tree: &Tree<'_>, node: NodeId, depth: usize, before: &str, out: &mut String) {
    let span = range(tree.span(node));
    let indentation = "  ".repeat(depth);
    match tree.kind(node) {
        Kind::Null => writeln!(out, "{indentation}{before}null@{span}").unwrap(),
        Kind::Scalar(style) => {
            writeln!(out, "{indentation}{before}{style:?}@{span} {:?}", tree.text(node).unwrap()).unwrap();
        }
        Kind::Sequence { flow } => {
            writeln!(out, "{indentation}{before}sequence@{span}{}", if flow { " flow" } else { "" }).unwrap();
            for item in tree.items(node) {
                tree_lines(tree, item, depth + 1, "- ", out);
            }
        }
        Kind::Mapping { flow } => {
            writeln!(out, "{indentation}{before}mapping@{span}{}", if flow { " flow" } else { "" }).unwrap();
            for entry in tree.entries(node) {
                let key = format!("{:?}@{}: ", tree.text(entry.key).unwrap(), range(tree.span(entry.key)));
                tree_lines(tree, entry.value, depth + 1, &key, out);
            }
        }
    }
}

fn range(span: Span) -> String {
    format!("{}..{}", span.start, span.end)
}

fn diagnostics(text: &str, found: &[Diagnostic]) -> String {
    let index = LineIndex::new(text);
    let mut out = String::new();
    for diagnostic in found {
        let place = index.position(diagnostic.span.start);
        write!(out, "{}:{} {} {}", place.line, place.column, diagnostic.code, diagnostic.message).unwrap();
        write!(out, " | {}", diagnostic.help.as_deref().unwrap_or("")).unwrap();
        for (span, note) in &diagnostic.notes {
            let place = index.position(span.start);
            write!(out, " | {}:{} {note}", place.line, place.column).unwrap();
        }
        for fix in &diagnostic.fixes {
            write!(out, " | {}:", fix.title).unwrap();
            for edit in &fix.edits {
                write!(out, " {}={:?}", range(edit.span), edit.replacement).unwrap();
            }
        }
        out.push('\n');
    }
    out
}
