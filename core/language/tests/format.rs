//! `fmt`: the canonical form of files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use anrf_language::printer::format_document;
use anrf_language::yaml::Limits;
use expect_test::expect_file;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(folder: PathBuf) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut open = vec![folder];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "vsp") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn format(text: &str) -> String {
    format_document(text, &Limits::default()).unwrap_or_else(|found| panic!("{found:#?}"))
}

#[test]
fn a_messy_file_is_tidied_and_keeps_its_comments() {
    for path in files(folder("tests/format")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let formatted = format(&text);
        assert_eq!(format(&formatted), formatted, "{}", path.display());
        expect_file![path.with_extension("expected")].assert_eq(&formatted);
    }
}

#[test]
fn formatting_twice_is_formatting_once() {
    for path in files(folder("../../examples")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let Ok(once) = format_document(&text, &Limits::default()) else { continue };
        assert_eq!(format(&once), once, "{}", path.display());
    }
}

#[test]
fn what_cannot_be_read_is_not_formatted() {
    let found = format_document(
        "node_id: f\nflow:\n  - { step: a, operation: assert, parameters: { condition: \"1 +\" } }\n",
        &Limits::default(),
    );
    assert_eq!(found.unwrap_err().len(), 1);
}

#[test]
fn indentation_and_line_ends_of_any_kind_come_out_the_same() {
    let text = "\u{feff}node_id: f  \r\nintent: |\r\n  kept  \r\nflow:\r\n   -  step: a\r\n      operation: return\r\n\r\n\r\n      parameters:\r\n         y: a\r\n";
    let expected = "node_id: f\nintent: |\n  kept  \nflow:\n  - step: a\n    operation: return\n\n    parameters:\n      y: a\n";
    assert_eq!(format(text), expected);
}
