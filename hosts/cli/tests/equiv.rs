//! `anrf equiv`.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic")]

mod program;

use program::{Ended, Folder, WITHOUT, anrf_where, has_solver, is};
use serde_json::Value;

const CLAMPS: &str = r#"module: clamps
functions:
  - node_id: plain_v1
    type: algorithm
    intent: Keep a number within bounds.
    inputs: { n: integer }
    outputs: { success: { r: integer } }
    flow:
      - { step: done, operation: return, parameters: { r: "IF n < 0 THEN 0 ELSE IF n > 10 THEN 10 ELSE n" } }
  - node_id: short_v1
    type: algorithm
    intent: Keep a number within bounds.
    inputs: { n: integer }
    outputs: { success: { r: integer } }
    flow:
      - { step: done, operation: return, parameters: { r: "MAX(0, MIN(10, n))" } }
"#;

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("clamps.vsp", CLAMPS);
    folder.write("wider.vsp", CLAMPS.replace("MIN(10, n)", "MIN(11, n)"));
    folder
}

fn equiv(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    anrf_where(folder.path(), &[&["equiv"], arguments].concat(), b"", variables)
}

#[test]
fn what_does_the_same_is_proved() {
    if !has_solver() {
        return;
    }
    let folder = folder("equiv-same");
    let both = ["clamps.vsp", "clamps.vsp", "--function", "plain", "--function", "short"];
    equiv(&folder, &both, &[])
        .code(0)
        .prints("`plain_v1` and `short_v1` do the same: proved for every input");
    let found = is("equiv", &equiv(&folder, &[&both[..], &["--format", "json"]].concat(), &[]).code(0));
    let comparison = &found["comparison"];
    assert_eq!((&comparison["verdict"], &comparison["why"]), (&"proved".into(), &Value::Null));
    assert_eq!(comparison["question"], "equivalent");
    equiv(&folder, &[&both[..], &["--refines"]].concat(), &[]).code(0).prints("can stand wherever");
    // The same function of two files.
    equiv(&folder, &["clamps.vsp", "wider.vsp", "--function", "plain_v1"], &[]).code(0).prints("proved");
}

#[test]
fn a_difference_needs_no_solver() {
    let folder = folder("equiv-differ");
    let arguments = ["clamps.vsp", "wider.vsp", "--function", "short"];
    let ended = equiv(&folder, &arguments, WITHOUT).code(1);
    let ended = ended.prints("error[not_equivalent]: `short_v1` and `short_v1` differ").prints("  with n = ");
    ended.prints("  short_v1  succeeds with r = 10").prints("  short_v1  succeeds with r = 11");
    let found =
        is("equiv", &equiv(&folder, &[&arguments[..], &["--format", "json"]].concat(), WITHOUT).code(1));
    let difference = &found["comparison"]["difference"];
    assert_eq!(difference["first"]["outcome"]["success"]["r"], 10);
    assert_eq!(difference["second"]["outcome"]["success"]["r"], 11);
    // What is said can be run.
    let input = difference["inputs"].to_string();
    for (file, shown) in [("clamps.vsp", "10"), ("wider.vsp", "11")] {
        let run = ["run", file, "--function", "short", "--input", &input];
        anrf_where(folder.path(), &run, b"", &[]).code(0).prints(shown);
    }
}

#[test]
fn without_a_solver_it_is_not_known() {
    let folder = folder("equiv-without");
    let both = ["clamps.vsp", "clamps.vsp", "--function", "plain", "--function", "short"];
    equiv(&folder, &both, WITHOUT).code(1).prints("no solver").prints("no difference was seen");
    let found = is("equiv", &equiv(&folder, &[&both[..], &["--format", "json"]].concat(), WITHOUT).code(1));
    assert_eq!(found["comparison"]["why"]["class"], "no_solver");
    equiv(&folder, &[&both[..], &["--tier", "2"]].concat(), &[]).code(1).prints("not tried");
}

#[test]
fn values_of_sensitive_data_are_not_told() {
    let folder = folder("equiv-sensitive");
    for file in ["clamps.vsp", "wider.vsp"] {
        let text = folder
            .read(file)
            .replace("    flow:", "    security: { sensitive_data: true, audit_level: detailed }\n    flow:");
        folder.write(file, text);
    }
    let arguments = ["clamps.vsp", "wider.vsp", "--function", "short"];
    let ended = equiv(&folder, &arguments, WITHOUT).code(1).prints("are not told");
    assert!(!ended.stdout.contains("r = "), "{}", ended.stdout);
    let found =
        is("equiv", &equiv(&folder, &[&arguments[..], &["--format", "json"]].concat(), WITHOUT).code(1));
    let difference = &found["comparison"]["difference"];
    assert_eq!((&difference["inputs"], &difference["first"]["outcome"]), (&Value::Null, &Value::Null));
}

#[test]
fn wrong_usage_is_refused() {
    let folder = folder("equiv-usage");
    equiv(&folder, &["clamps.vsp", "wider.vsp"], &[]).code(2).says("has 2 functions, and none was named");
    equiv(&folder, &["clamps.vsp", "wider.vsp", "--function", "none"], &[])
        .code(2)
        .says("no function `none`");
    let thrice = ["--function", "plain", "--function", "plain", "--function", "plain"];
    equiv(&folder, &[&["clamps.vsp", "wider.vsp"], &thrice[..]].concat(), &[]).code(2).says("twice at most");
    let solver = ["clamps.vsp", "wider.vsp", "--function", "plain", "--solver", "z3"];
    equiv(&folder, &solver, WITHOUT).code(2).says("`z3` was not found");
    equiv(&folder, &["clamps.vsp", "none.vsp", "--function", "plain"], &[]).code(2);
}
