//! Inputs made to hurt end soon, in an error with a place, on a small stack.

use std::time::{Duration, Instant};

use super::super::{Limits, load};

/// Loads on a thread with 256 KiB of stack and gives code and place of the first diagnostic.
fn first(text: String) -> Option<(&'static str, u32)> {
    let work = move || {
        let started = Instant::now();
        let (tree, found) = load(&text, &Limits::default());
        drop(tree);
        assert!(started.elapsed() < Duration::from_secs(5), "took {:?}", started.elapsed());
        found.first().map(|diagnostic| (diagnostic.code.id, diagnostic.span.start))
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(work).unwrap().join().unwrap()
}

#[test]
fn deep_nesting() {
    for open in ["[", "{", "- ", "? ", "a: [", "[{a: ", "{a: "] {
        let found = first(open.repeat(100_000));
        assert!(matches!(found, Some(("E-YAML-014" | "E-YAML-001" | "E-YAML-011", _))), "{open}: {found:?}");
    }
    let stairs: String = (0..1_500).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert_eq!(first(stairs).map(|found| found.0), Some("E-YAML-014"));
}

#[test]
fn large_scalars_are_fine() {
    let size = (4 << 20) - 16;
    for text in [
        format!("a: {}", "x".repeat(size)),
        format!("a: \"{}\"", "(".repeat(size)),
        format!("a: '{}'", "''".repeat(size / 2)),
        format!("a: |\n  {}", "x\n  ".repeat(size / 4)),
        format!("a: |\n  {}", "[1,\n  ".repeat(size / 6)),
        format!("a: \"{}\"", "[1,".repeat(size / 3)),
        format!("a: >\n  {}", "x\n  ".repeat(size / 4)),
    ] {
        assert_eq!(first(text), None);
    }
}

#[test]
fn alias_bomb() {
    let mut text = "a0: &a0 x\n".to_owned();
    for level in 1..10_000 {
        text += &format!("a{level}: &a{level} [*a{0}, *a{0}, *a{0}]\n", level - 1);
    }
    assert_eq!(first(text), Some(("E-YAML-007", 4)));
}

#[test]
fn many_errors_are_cut_off() {
    let text = "a: 1\n".repeat(200_000);
    let (tree, found) = load(&text, &Limits::default());
    assert_eq!(found.len(), 100);
    assert_eq!(tree.map(|tree| tree.entries(tree.root()).count()), Some(1));
}

#[test]
fn dense_lists_are_refused_only_where_they_cost_too_much() {
    let dense = |count: usize| format!("a:\n- [{}]\n", "1,".repeat(count));
    assert_eq!(first(dense(500)), None);
    assert_eq!(first(dense(2_000_000)), Some(("E-YAML-018", 5)));
    assert_eq!(first("- [1, 2]\n".repeat(100_000)), None);
    assert_eq!(first(format!("a: [{}]", "1,".repeat(500_000))), None);
    let json = format!(
        "{{{}}}",
        (0..100_000).map(|i| format!("\"name_{i}\": \"some text\",\n")).collect::<String>()
    );
    assert_eq!(first(json), None);
}

#[test]
fn more_nodes_than_a_program_has_are_refused_where_they_become_too_many() {
    assert_eq!(first("a: 1\n".repeat(1 << 19)), Some(("E-YAML-019", 5 * ((1 << 18) - 1) + 3)));
    let few = Limits { max_nodes: 5, ..Limits::default() };
    let found = |text: &str| load(text, &few).1.first().map(|found| (found.code.id, found.span.start));
    assert_eq!(found("a: 1\nb: 2\n"), None);
    assert_eq!(found("a: 1\nb: 2\nc: 3\n"), Some(("E-YAML-019", 10)));
}

#[test]
fn lines_that_invite_repeated_reading() {
    for text in [
        format!("a: [{}]", "f(,".repeat(1_300_000)),
        format!("- [{}]", "map<,".repeat(100_000)),
        "a: (# \n".repeat(500_000),
        format!("a: {}", "b: ".repeat(1_000_000)),
        format!("{}@", "a: f(\n".repeat(600_000)),
        format!("a: \"{}\"", "\\q".repeat(2_000_000)),
        "\t\n".repeat(2_000_000),
        "a:\n\tb\n".repeat(500_000),
    ] {
        first(text);
    }
}
