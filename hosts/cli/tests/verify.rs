//! `anrf verify` and `run --verified`.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic")]

mod program;

use program::{Folder, anrf, anrf_in, anrf_where, files, has_solver, is, root, without, without_in};
use serde_json::Value;

#[test]
fn a_proof_is_a_line() {
    if !has_solver() {
        return;
    }
    let ended = anrf(&["verify", "halve.vsp"]).code(0);
    let ended = ended.prints("halve.vsp  halve_v1  proved   5 obligations  in ");
    ended.prints("1 function: 1 proved in ").prints("z3 ");
    let ended = anrf(&["verify", "halve.vsp", "--explain"]).code(0);
    ended.prints("halve_v1 rests on").prints("postcondition").prints("2 of 2 proved");
    let document = is("verify", &anrf(&["verify", "halve.vsp", "--format", "json"]).code(0));
    let function = &document["functions"][0];
    assert_eq!((function["verdict"].as_str(), &function["why"]), (Some("proved"), &Value::Null));
    assert_eq!(document["solvers"][0]["name"], "z3");
    anrf(&["run", "halve.vsp", "--verified", "--input", r#"{"amount": "3"}"#]).code(0);
}

#[test]
fn what_was_proved_is_not_asked_again() {
    if !has_solver() {
        return;
    }
    let folder = Folder::new("verify-cache");
    let cache = folder.path().join("cache");
    let variables = [("ANRF_CACHE", cache.to_str().unwrap())];
    let verify = |more: &[&str]| {
        let arguments = [&["verify", "halve.vsp"], more].concat();
        anrf_where(&files(), &arguments, b"", &variables).code(0)
    };
    verify(&["--no-cache"]);
    assert!(!cache.exists());
    verify(&[]);
    let kept = folder.read("cache/proofs");
    assert!(kept.lines().count() > 0 && kept.lines().all(|line| line.len() == 64), "{kept}");
    verify(&[]);
    assert_eq!(folder.read("cache/proofs"), kept);
}

#[test]
fn a_refutation_shows_the_run_and_how_to_step_through_it() {
    let ended = without(&["verify", "tally.vsp"]).code(1);
    let ended = ended.prints("error[no_overflow]: an integer leaves 64 bits in `tally_v1`");
    let ended = ended.prints("tally.vsp:17:27").prints("the fault `overflow`");
    let ended = ended.prints("tally.vsp  tally_v1  refuted  0 of 1 obligation");
    let line = ended.stdout.lines().find_map(|line| line.split_once("anrf debug ")).unwrap().1;
    let words = shlex::split(line).unwrap();
    let words: Vec<&str> = ["debug"].into_iter().chain(words.iter().map(String::as_str)).collect();
    anrf_in(&files(), &words, b"continue\n").code(1).prints("\"overflow\"");

    let document = is("verify", &without(&["verify", "tally.vsp", "--format", "json"]).code(1));
    let function = &document["functions"][0];
    assert_eq!(function["verdict"], "refuted");
    let obligation = &function["obligations"][0];
    assert_eq!(obligation["id"], "tally_v1/keep/no_overflow/0");
    assert_eq!((obligation["line"].as_u64(), obligation["column"].as_u64()), (Some(17), Some(27)));
    let witness = &obligation["witness"];
    assert_eq!(witness["outcome"]["fault"]["kind"], "overflow");
    let (input, state) = (witness["inputs"].to_string(), witness["state"].to_string());
    let run = ["run", "tally.vsp", "--input", &input, "--state", &state];
    anrf(&run).code(1).prints("\"overflow\"");
}

#[test]
fn without_a_solver_runs_are_tried_and_proofs_are_unknown() {
    let ended = without(&["verify", "lowest.vsp", "tally.vsp"]).code(1);
    let ended = ended.prints("are not decided: no solver").prints("cargo xtask solvers");
    ended.prints("lowest.vsp  lowest_v1  unknown").prints("tally_v1   refuted").prints("; no solver");
    let document = is("verify", &without(&["verify", "lowest.vsp", "--format", "json"]).code(1));
    assert_eq!(document["solvers"], serde_json::json!([]));
    let obligations = document["functions"][0]["obligations"].as_array().unwrap();
    let unknown = obligations.iter().find(|obligation| obligation["verdict"] == "unknown").unwrap();
    assert_eq!(unknown["why"]["class"], "no_solver");
    assert!(unknown["why"]["help"].is_string() && unknown["witness"].is_null());
    without(&["verify", "tally.vsp", "--tier", "2"]).code(1).prints("refuted");
    without(&["verify", "tally.vsp", "--tier", "1"]).code(1).prints("not tried").prints("ask for tier 3");
    without(&["verify", "tally.vsp", "--solver", "z3"]).code(2).says("`z3` was not found");
    let refused = without(&["verify", "tally.vsp", "--solver", "z3", "--format", "json"]).code(2).json();
    assert_eq!(refused["diagnostics"][0]["code"], "E-CALL-007");
}

#[cfg(not(feature = "z3-in-process"))]
#[test]
fn a_solver_that_was_not_built_in_is_said_to_be_so() {
    let ended = without(&["verify", "tally.vsp", "--solver", "z3-in-process"]).code(2);
    ended.says("`z3-in-process` was not found").says("built without it; the feature `z3-in-process`");
}

#[test]
fn sensitive_values_are_in_no_report() {
    let folder = Folder::new("verify-sensitive");
    folder.write(
        "f.vsp",
        "node_id: f_v1\ntype: algorithm\nintent: Show one thing.\ninputs: { n: integer }\n\
         outputs: { success: { y: integer } }\nflow:\n\
         \x20 - { step: done, operation: return, parameters: { y: \"1 / (n + 1 - 73317333)\" } }\n\
         security: { sensitive_data: true, audit_level: detailed }\n",
    );
    for format in ["human", "json", "sarif"] {
        let arguments = ["verify", "f.vsp", "--explain", "--format", format];
        let ended = without_in(folder.path(), &arguments).code(1);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(said.contains("division_by_zero"), "{said}");
        assert!(!said.contains("73317332"), "{said}");
        if format == "json" {
            let found = is("verify", &ended);
            let obligations = found["functions"][0]["obligations"].as_array().unwrap();
            let refuted = obligations.iter().find(|obligation| obligation["verdict"] == "refuted").unwrap();
            assert_eq!(
                (&refuted["witness"]["inputs"], &refuted["witness"]["redacted"]),
                (&Value::Null, &true.into())
            );
        }
    }
}

#[test]
fn what_is_not_proved_is_not_run() {
    let ended = without(&["run", "tally.vsp", "--verified", "--input", r#"{"number": 1}"#]).code(1);
    ended.says("E-CLI-008").says("`tally_v1` is not proved but refuted").says("anrf verify tally.vsp");
    without(&["run", "tally.vsp", "--input", r#"{"number": 1}"#]).code(0);
}

#[test]
fn wrong_usage_and_wrong_files() {
    anrf(&["verify", "halve.vsp", "--function", "none"])
        .code(2)
        .says("there is no function `none`")
        .says("`halve_v1`");
    anrf(&["verify", "halve.vsp", "--tier", "4"]).code(2);
    anrf(&["verify", "halve.vsp", "--budget", "0"]).code(2).says("a number of seconds");
    anrf(&["verify", "none.vsp"]).code(2);
    let ended = without(&["verify", "wrong.vsp", "--format", "json"]).code(1);
    assert!(!is("verify", &ended)["diagnostics"].as_array().unwrap().is_empty());
    without(&["verify", "wrong.vsp"]).code(1).says("wrong.vsp:12");
}

const COUNT: &str = r#"node_id: count_v1
type: algorithm
intent: Count up by two.
inputs: { n: integer }
outputs: { success: { total: integer } }
contracts:
  preconditions: ["0 <= n <= 1000", "n != 17"]
  postconditions: ["total <= 2000"]
flow:
  - step: add
    operation: loop
    parameters:
      state: { t: "0", k: "0" }
      while: "k < n"
      invariants: ["0 <= t <= 2000", "0 <= k <= n", "t == 2 * k"]
      decreases: "n - k"
      do: [{ step: more, operation: next, parameters: { t: "t + 2", k: "k + 1" } }]
  - { step: done, operation: return, parameters: { total: t } }
"#;

#[test]
fn what_proofs_need_is_told_when_it_is_asked_for() {
    if !has_solver() {
        return;
    }
    let folder = Folder::new("verify-used");
    folder.write("count.vsp", COUNT);
    let cache = folder.path().join("cache");
    let variables = [("ANRF_CACHE", cache.to_str().unwrap())];
    let verify = |more: &[&str]| {
        let arguments = [&["verify", "count.vsp"], more].concat();
        anrf_where(folder.path(), &arguments, b"", &variables).code(0)
    };
    let found = is("verify", &verify(&["--format", "json"]));
    assert_eq!(found["functions"][0]["rests_on"]["unused"], Value::Null);
    // Asked, and remembered.
    for _ in 0..2 {
        let found = is("verify", &verify(&["--format", "json", "--explain"]));
        let function = &found["functions"][0];
        let unused = function["rests_on"]["unused"].as_array().unwrap();
        assert!(unused.contains(&"count_v1/@entry/precondition/1".into()), "{function:#}");
        assert!(!unused.contains(&"count_v1/@entry/precondition/0".into()), "{function:#}");
        let obligations = function["obligations"].as_array().unwrap();
        let exit = obligations.iter().find(|it| it["id"] == "count_v1/@exit/postcondition/0").unwrap();
        assert!(!exit["used"].as_array().unwrap().is_empty(), "{exit:#}");
    }
    let kept = folder.read("cache/proofs");
    assert!(kept.lines().any(|line| line.ends_with(" .")), "{kept}");
    verify(&["--explain"]).prints("not needed by the proofs found").prints("count_v1/@entry/precondition/1");
}

#[test]
fn a_loop_that_is_not_inductive_shows_a_state_that_is_no_counterexample() {
    if !has_solver() {
        return;
    }
    let folder = Folder::new("verify-inductive");
    // A square is no sum of its terms' multiples, so that nothing is inferred of it.
    let squares = COUNT.replace("t + 2", "t + 2 * k + 1").replace("2000", "1000000");
    folder.write("count.vsp", squares.replace(", \"t == 2 * k\"", "").replace("0 <= t", "-9000 <= t"));
    let ended = anrf_in(folder.path(), &["verify", "count.vsp"], b"").code(1);
    ended.prints("not inductive: an iteration from t = ").prints("though no run is known that gets there");
    let found =
        is("verify", &anrf_in(folder.path(), &["verify", "count.vsp", "--format", "json"], b"").code(1));
    let obligations = found["functions"][0]["obligations"].as_array().unwrap();
    let open = obligations.iter().find(|it| it["verdict"] == "unknown").unwrap();
    assert_eq!((&open["why"]["class"], &open["witness"]), (&"not_inductive".into(), &Value::Null));
    let t = &open["why"]["iteration"][0];
    let k = open["why"]["iteration"][1]["before"].as_i64().unwrap();
    assert_eq!((&t["name"], t["after"].as_i64()), (&"t".into(), t["before"].as_i64().map(|t| t + 2 * k + 1)));
    let log = anrf_in(folder.path(), &["verify", "count.vsp", "--format", "sarif"], b"").code(1).json();
    let told =
        log["runs"][0]["results"].as_array().unwrap().iter().map(|it| it["message"]["text"].to_string());
    assert!(told.into_iter().any(|it| it.contains("an iteration from t = ")), "{log:#}");
    // Values of sensitive data stay out.
    let secret = folder.read("count.vsp") + "security: { sensitive_data: true, audit_level: detailed }\n";
    folder.write("count.vsp", &secret);
    for format in ["human", "json", "sarif"] {
        let ended = anrf_in(folder.path(), &["verify", "count.vsp", "--format", format], b"").code(1);
        assert!(!ended.stdout.contains("an iteration from"), "{}", ended.stdout);
    }
}

#[test]
fn a_condition_that_would_be_enough_is_told_with_the_run_that_refutes() {
    if !has_solver() {
        return;
    }
    let file = "../../../../examples/refuted/midpoint.vsp";
    let condition = "low + high <= 9223372036854775807";
    let said = format!("proved where `{condition}`: add that to the preconditions");
    anrf(&["verify", file]).code(1).prints(&said).prints("; step through it: anrf debug ");
    let found = is("verify", &anrf(&["verify", file, "--format", "json"]).code(1));
    let obligations = found["functions"][0]["obligations"].as_array().unwrap();
    let refuted = obligations.iter().find(|it| it["verdict"] == "refuted").unwrap();
    assert_eq!(
        (&refuted["why"]["precondition"], &refuted["why"]["class"]),
        (&condition.into(), &"refuted".into())
    );
    let log = anrf(&["verify", file, "--format", "sarif"]).code(1).stdout;
    assert!(log.contains(&said), "{log}");
}

/// Adds what JSON calls edits and SARIF replacements: of this range, and what stands there then.
fn edited(text: &str, range: [&Value; 4], new: &Value) -> String {
    let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    let at = |line: &Value, column: &Value| {
        let lines = text.split_inclusive('\n').take(number(line) - 1).map(str::len).sum::<usize>();
        let rest = text[lines..].char_indices().nth(number(column) - 1);
        rest.map_or(text.len(), |(offset, _)| lines + offset)
    };
    let [line, column, end_line, end_column] = range;
    let (start, end) = (at(line, column), at(end_line, end_column));
    format!("{}{}{}", &text[..start], new.as_str().unwrap(), &text[end..])
}

/// A division that no contract speaks of, and a list of preconditions that lacks one, in one module.
const LACKING: &str = "anrf: \"1\"
module: lacking
intent: What lacks a precondition.
functions:
  - node_id: share_v1
    type: algorithm
    intent: Divide — größer oder kleiner.
    inputs: { among: integer }
    outputs:
      success: { each: integer }   # exactly
    # How.
    flow: [{ step: done, operation: return, parameters: { each: \"100 / among\" } }]
  - node_id: pick_v1
    type: algorithm
    intent: Pick one.
    inputs: { xs: \"array<integer>\", i: integer }
    outputs: { success: { x: integer } }
    contracts:
      preconditions:
        - LEN(xs) < 100   # not many
      postconditions: [\"x IN xs\"]
    flow: [{ step: done, operation: return, parameters: { x: \"xs[i]\" } }]
";

#[test]
fn the_condition_comes_with_an_edit_after_which_it_is_proved() {
    if !has_solver() {
        return;
    }
    let folder = Folder::new("verify-mend");
    let midpoint = std::fs::read_to_string(root().join("examples/refuted/midpoint.vsp")).unwrap();
    for (text, count) in [(&*midpoint, 1), (LACKING, 2)] {
        let verify = |format: &str| anrf_in(folder.path(), &["verify", "f.vsp", "--format", format], b"");
        folder.write("f.vsp", text);
        let found = is("verify", &verify("json").code(1));
        let log = verify("sarif").code(1).json();
        let functions = found["functions"].as_array().unwrap().iter();
        let obligations = functions.flat_map(|it| it["obligations"].as_array().unwrap());
        let fixes = obligations.filter_map(|it| it["why"]["fixes"].get(0));
        let edits: Vec<&Value> = fixes.flat_map(|fix| fix["edits"].as_array().unwrap()).collect();
        let results = log["runs"][0]["results"].as_array().unwrap().iter();
        let fixes = results.filter_map(|it| it["fixes"].get(0));
        let changes: Vec<&Value> = fixes.map(|fix| &fix["artifactChanges"][0]).collect();
        assert_eq!((edits.len(), changes.len()), (count, count), "{found:#}");
        let (mut by_json, mut by_sarif) = (text.to_owned(), text.to_owned());
        // From the end, so that the places of the others stay.
        for (edit, change) in edits.iter().zip(&changes).rev() {
            let range = ["line", "column", "end_line", "end_column"].map(|name| &edit[name]);
            by_json = edited(&by_json, range, &edit["replacement"]);
            assert_eq!(change["artifactLocation"]["uri"], "f.vsp");
            let replacement = &change["replacements"][0];
            let names = ["startLine", "startColumn", "endLine", "endColumn"];
            let range = names.map(|name| &replacement["deletedRegion"][name]);
            by_sarif = edited(&by_sarif, range, &replacement["insertedContent"]["text"]);
        }
        assert_eq!(by_json, by_sarif);
        folder.write("f.vsp", &by_json);
        verify("json").code(0);
        // A packed module has no text to be edited.
        folder.write("f.vsp", text);
        anrf_in(folder.path(), &["pack", "f.vsp", "--output", "f.anrf"], b"").code(0);
        let packed = anrf_in(folder.path(), &["verify", "f.anrf", "--format", "sarif"], b"").code(1);
        assert!(!packed.stdout.contains("\"fixes\""), "{}", packed.stdout);
    }
}
