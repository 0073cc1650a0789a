//! What the program says about itself: version, help, guide, explain, schema, completions, manual.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod program;

use program::{Folder, anrf, anrf_where, files};

#[test]
fn the_version_says_what_is_in_it() {
    assert_eq!(anrf(&["--version"]).code(0).stdout, format!("anrf {}\n", env!("CARGO_PKG_VERSION")));
    let none = [("ANRF_Z3", ""), ("ANRF_CVC5", ""), ("ANRF_BITWUZLA", "")];
    let ended = anrf_where(&files(), &["--version", "--verbose"], b"", &none).code(0);
    ended.prints("features").prints("solvers    none").prints("target");
    anrf(&["--verbose"]).code(2);
}

#[test]
fn codes_are_explained() {
    let all = anrf(&["explain"]).code(0).prints("E-DATA-002").prints("E-CLI-001").stdout;
    for line in all.lines() {
        let code = line.split_whitespace().next().unwrap();
        anrf(&["explain", code]).code(0).prints(code);
    }
    anrf(&["explain", "e-data-002"]).code(0).prints("E-DATA-002: ");
    anrf(&["explain", "E-DATA-999"]).code(2).says("there is no code `E-DATA-999`").says("E-DATA-002");
}

#[test]
fn help_completions_and_manual_are_generated() {
    anrf(&["--help"]).code(0).prints("Commands:").prints("Exit codes");
    anrf(&["run", "--help"]).code(0).prints("--host-command").prints("--carry-state");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        anrf(&["completions", shell]).code(0).prints("host-command");
    }
    anrf(&["completions", "tcsh"]).code(2);
    anrf(&["man"]).code(0).prints(".TH anrf");
    let folder = Folder::new("man");
    folder.anrf(&["man", "-o", "pages"]).code(0);
    assert!(folder.read("pages/anrf-run.1").contains("host\\-command"));
}

#[test]
fn colour_is_only_for_terminals() {
    let colour = '\u{1b}';
    assert!(!anrf(&["check", "wrong.vsp"]).code(1).stdout.contains(colour));
    assert!(anrf(&["check", "wrong.vsp", "--color", "always"]).code(1).stdout.contains(colour));
    assert!(!anrf(&["check", "wrong.vsp", "--color", "never"]).code(1).stdout.contains(colour));
}

#[test]
fn schemas_are_printed() {
    let list = anrf(&["schema", "list"]).code(0).stdout;
    for line in list.lines() {
        let name = line.split_whitespace().next().unwrap();
        assert!(anrf(&["schema", name]).code(0).json().is_object());
    }
    anrf(&["schema", "nothing"]).code(2).says("there is no schema `nothing`");
}
