//! Editing a long file: what is said after each edit is what a fresh read says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anrf_language::syntax::document::Document;
use anrf_language::syntax::parse_text;
use anrf_language::yaml::Limits;

/// A thousand lines of functions.
fn long_file() -> String {
    let mut text = String::from("anrf: \"1\"\nmodule: long\nfunctions:\n");
    for number in 0..56 {
        text += &format!(
            r#"  - node_id: plan_{number}_v1
    type: algorithm
    intent: Plan number {number}.   # a comment
    inputs:
      amount: {{ type: decimal, constraints: ["amount > 0", "scale(amount) <= 2"] }}
      rows:   {{ type: "map<string, array<integer>>" }}
    outputs:
      success: {{ total: decimal }}
    contracts:
      postconditions:
        - "FORALL k IN keys(rows), i IN 1..LEN(rows[k]): rows[k][i] >= rows[k][i - 1]"
    flow:
      - step: sum
        operation: compute
        parameters: {{ total: "SUM(decimal(x) FOR x IN rows['a'] IF x != {number}) + (IF amount > 1 THEN 2 ELSE 3)" }}
      - step: done
        operation: return
        parameters: {{ total: total }}
"#
        );
    }
    text
}

/// Numbers that look random and are the same each time.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap()
}

const PIECES: &[&str] = &[
    "", "x", " ", "\n", "\"", "'", ": ", "[", "]", "{", "}", "(", ")", ",", "#", "- ", "AND", "=", "\t", "é",
    "step: a", "  ",
];

#[test]
fn a_thousand_random_edits_say_what_a_fresh_read_says() {
    let original = long_file();
    assert!(original.lines().count() >= 1000);
    let mut document = Document::new(original.clone(), Limits::default());
    assert!(document.diagnostics().is_empty(), "{:?}", document.diagnostics());
    let mut state = 7;
    let mut times = vec![];
    for round in 0..1000 {
        let mut start = next(&mut state) % document.text().len();
        while !document.text().is_char_boundary(start) {
            start -= 1;
        }
        let mut end = (start + next(&mut state) % 4).min(document.text().len());
        while !document.text().is_char_boundary(end) {
            end -= 1;
        }
        let piece = PIECES[next(&mut state) % PIECES.len()];
        let before = std::time::Instant::now();
        let found = document.edit(start..end.max(start), piece).unwrap().to_vec();
        times.push(before.elapsed());
        if round % 10 == 0 {
            assert_eq!(found, parse_text(document.text(), &Limits::default()).1);
        }
        // A person mends what is broken before breaking the next thing.
        if round % 3 == 2 {
            let length = document.text().len();
            document.edit(0..length, &original).unwrap();
        }
    }
    times.sort_unstable();
    println!("median {:?}, p99 {:?}", times[times.len() / 2], times[times.len() * 99 / 100]);
}

#[test]
fn a_range_outside_the_text_changes_nothing() {
    let mut document = Document::new("node_id: é\n", Limits::default());
    for range in [0..99, 10..11, 9..10] {
        let error = document.edit(range, "x").unwrap_err();
        assert_eq!(error.length, 12);
    }
    assert_eq!(document.text(), "node_id: é\n");
}
