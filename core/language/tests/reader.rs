//! What the reader says about files of the wrong shape: one line a diagnostic, beside each file.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use anrf_language::syntax::parse_text;
use anrf_language::syntax::reader::keys::{OPERATIONS, PLACES, Shape};
use anrf_language::yaml::Limits;
use expect_test::expect_file;

fn report(text: &str) -> String {
    let mut result = String::new();
    for diagnostic in parse_text(text, &Limits::default()).1 {
        let line = text[..diagnostic.span.start as usize].matches('\n').count() + 1;
        let place: String = text[diagnostic.span.range()].chars().take(40).collect();
        result += &format!("{line}: {} `{place}` {}\n", diagnostic.code, diagnostic.message);
        if let Some(help) = diagnostic.help {
            result += &format!("  help: {help}\n");
        }
        for fix in diagnostic.fixes {
            let edits: Vec<String> = fix
                .edits
                .iter()
                .map(|edit| format!("{:?} -> {:?}", &text[edit.span.range()], edit.replacement))
                .collect();
            result += &format!("  fix:  {}\n", edits.join(", "));
        }
    }
    result
}

#[test]
fn files_of_the_wrong_shape() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reader");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "vsp") {
            let text = std::fs::read_to_string(&path).unwrap();
            expect_file![path.with_extension("expected")].assert_eq(&report(&text));
        }
    }
}

#[test]
fn synonyms_lead_to_keys_and_do_not_hide_any() {
    for place in PLACES {
        for (wrong, right) in place.synonyms {
            assert!(place.position(right).is_some(), "{}: {right}", place.name);
            assert!(place.position(wrong).is_none(), "{}: {wrong}", place.name);
        }
    }
}

#[test]
fn every_place_is_reached_from_a_file() {
    fn inner(shape: &Shape, found: &mut Vec<&'static str>) {
        match shape {
            Shape::Place(place)
            | Shape::Places(place)
            | Shape::NamedPlaces(place)
            | Shape::NamedLists(place) => {
                found.push(place.name);
            }
            Shape::OneOf(shapes) => shapes.iter().for_each(|shape| inner(shape, found)),
            _ => {}
        }
    }
    let mut found = vec![PLACES[0].name];
    for place in PLACES {
        place.keys.iter().for_each(|key| inner(&key.shape, &mut found));
    }
    OPERATIONS.iter().for_each(|operation| inner(&operation.parameters, &mut found));
    for place in PLACES {
        assert!(found.contains(&place.name), "{}", place.name);
    }
}
