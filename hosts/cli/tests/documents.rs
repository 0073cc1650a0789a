//! With `--format json` standard output is one document, and it is what its schema says.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::{Ended, Folder, anrf, anrf_with, conforms, is, root};

/// Runs a command with `--format json`.
fn json(arguments: &[&str]) -> Ended {
    anrf(&[arguments, &["--format", "json"]].concat())
}

#[test]
fn schemas_are_published_as_the_program_prints_them() {
    let published = root().join("docs/schema");
    let bless = std::env::var_os("UPDATE_EXPECT").is_some();
    let list = anrf(&["schema", "list"]).code(0).stdout;
    let mut names = vec![];
    for line in list.lines() {
        let name = line.split_whitespace().next().unwrap();
        let text = anrf(&["schema", name]).code(0).stdout;
        jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
        let path = published.join(name).with_extension("json");
        if bless {
            std::fs::create_dir_all(&published).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(there == text, "docs/schema/{name}.json is not the program's; run with UPDATE_EXPECT=1");
        names.push(path);
    }
    for entry in std::fs::read_dir(published).unwrap() {
        let path = entry.unwrap().path();
        assert!(names.contains(&path), "{} is not the program's", path.display());
    }
}

#[test]
fn findings_have_code_place_and_mend() {
    let document = is("check", &json(&["check", "wrong.vsp", "halve.vsp"]).code(1));
    let first = &document["diagnostics"][0];
    assert_eq!((first["file"].as_str(), first["line"].as_u64()), (Some("wrong.vsp"), Some(12)));
    assert!(first["help"].is_string());
    is("check", &json(&["check", "halve.vsp"]).code(0));
    is("error", &json(&["check", "none.vsp"]).code(2));
    is("error", &json(&["check"]).code(2));
    is("error", &json(&["nonsense"]).code(2));
    is("error", &json(&["run", "wrong.vsp"]).code(1));
}

#[test]
fn runs_have_an_outcome_and_a_record() {
    let run = |input: &str| json(&["run", "halve.vsp", "--input", input]);
    let document = is("run", &run(r#"{"amount": "3"}"#).code(0));
    assert_eq!(document["outcome"]["success"]["first"], "1.5");
    assert!(document["execution"]["fuel"].as_u64().unwrap() > 0);
    is("run", &run(r#"{"amount": "2000"}"#).code(1));
    is("run", &run(r#"{"amount": "-1"}"#).code(1));
    is("error", &run(r#"{"amount": 1}"#).code(1));
    let document = is("run", &json(&["run", "tally.vsp", "--input", r#"{"number": 1}"#]).code(0));
    assert_eq!(document["outcome"]["state"]["total"], 1);
    let input = r#"{"amount": "1", "currency": "EUR"}"#;
    is("run", &json(&["run", "rate.vsp", "--input", input]).code(1));
    is("run", &json(&["run", "rate.vsp", "--input", input, "--grant", "network"]).code(1));
    is("run", &json(&["run", "halve.vsp", "--input", r#"{"amount": "3"}"#, "--trace", "--profile"]).code(0));
}

#[test]
fn outcomes_of_rows_are_lines_and_their_summary_a_document() {
    let folder = Folder::new("documents-each");
    folder.copy("halve.vsp").write("rows.csv", "amount\n1\nx\n2000\n-1\n");
    let each = ["run", "halve.vsp", "--each", "rows.csv"];
    let ended = folder.anrf(&each).code(1);
    let ended_numbered = folder.anrf(&[&each[..], &["--number-rows"]].concat()).code(1);
    for line in ended.stdout.lines().chain(ended_numbered.stdout.lines()) {
        conforms("outcome", &serde_json::from_str(line).unwrap());
    }
    let json = ["--format", "json"];
    is("error", &folder.anrf(&[&each[..], &json].concat()).code(2));
    let ended = folder.anrf(&[&each[..], &json, &["-o", "out.jsonl"]].concat()).code(1);
    let document = is("each", &ended);
    assert_eq!(document["summary"]["rows"], 4);
    assert_eq!(document["diagnostics"].as_array().unwrap().len(), 1);
    assert_eq!(document["diagnostics"][0]["code"], "E-CLI-003");
    assert_eq!(folder.read("out.jsonl").lines().count(), 3);
}

#[test]
fn journals_and_replays() {
    let folder = Folder::new("documents-replay");
    folder
        .copy("rate.vsp")
        .write("answers.json", r#"{"exchange_rate": [{"error": {"error_code": "unavailable"}}]}"#);
    let input = r#"{"amount": "10", "currency": "EUR"}"#;
    let run = ["run", "rate.vsp", "--input", input, "--grant", "network", "--host", "answers.json"];
    folder.anrf(&[&run[..], &["--journal", "a.journal"]].concat()).code(1);
    conforms("journal", &serde_json::from_str(&folder.read("a.journal")).unwrap());
    let document = is("replay", &folder.anrf(&["replay", "a.journal", "--format", "json"]).code(0));
    assert_eq!(document["same"], true);
    is("error", &folder.anrf(&["replay", "rate.vsp", "--format", "json"]).code(2));
}

#[test]
fn evaluations() {
    is("eval", &json(&["eval", "1 + 1"]).code(0));
    is("eval", &json(&["eval", "1 / 0"]).code(1));
    is("eval", &json(&["eval", "1 +"]).code(1));
    let batch = anrf_with(
        &["eval", "--batch", "-"],
        "{\"id\": 1, \"expr\": \"1\"}\nx\n{\"id\": 2, \"expr\": \"1 / 0\"}\n",
    );
    for line in batch.code(0).stdout.lines() {
        conforms("eval-batch", &serde_json::from_str(line).unwrap());
    }
}

#[test]
fn everything_else() {
    let folder = Folder::new("documents");
    folder.copy("halve.vsp").copy("failing.vsp").copy("wrong.vsp");
    let json = |arguments: &[&str]| folder.anrf(&[arguments, &["--format", "json"]].concat());
    is("test", &json(&["test", "halve.vsp"]).code(0));
    let document = is("test", &json(&["test", "."]).code(1));
    assert_eq!(document["summary"], serde_json::json!({"passed": 3, "failed": 1, "refused": 1}));
    is("fmt", &json(&["fmt", "--check", "halve.vsp"]));
    folder.write("broken.vsp", "a: [");
    is("fmt", &json(&["fmt", "broken.vsp"]).code(1));
    is("file", &json(&["new", "fresh"]).code(0));
    is("file", &json(&["pack", "halve.vsp"]).code(0));
    is("file", &json(&["unpack", "halve.anrf", "-o", "b.vsp"]).code(0));
    is("inspect", &json(&["inspect", "halve.anrf", "--ir", "--source-map"]).code(0));
    is("view", &json(&["view", "halve.vsp", "--as", "svg"]).code(0));
    is("file", &json(&["view", "halve.vsp", "--as", "svg", "-o", "a.svg"]).code(0));
    is("explain", &json(&["explain"]).code(0));
    is("explain", &json(&["explain", "E-CLI-001"]).code(0));
    is("version", &json(&["--version"]).code(0));
    is("error", &json(&["explain", "E-NOTHING-001"]).code(2));
}
