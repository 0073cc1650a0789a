//! Commands that run: run, replay, eval.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod program;

use program::{Folder, anrf, anrf_with};

const HALVE: &[&str] = &["run", "halve.vsp", "--input"];

fn halve(input: &str) -> program::Ended {
    anrf(&[HALVE, &[input]].concat())
}

#[test]
fn run_prints_the_outcome_and_says_why_it_is_no_success() {
    let ended = halve(r#"{"amount": "10.01"}"#).code(0);
    assert_eq!(ended.stdout, "{\"success\":{\"first\":\"5.01\",\"second\":\"5\"}}\n");
    assert_eq!(ended.stderr, "");
    let ended = halve(r#"{"amount": "2000"}"#).code(1);
    assert_eq!(
        ended.stdout,
        "{\"failure\":{\"error_code\":\"too_much\",\"message\":\"2000 is more than 1000\"}}\n"
    );
    let ended = halve(r#"{"amount": "-1"}"#).code(1).prints("\"kind\":\"constraint_violation\"");
    ended.says("constraint_violation").says("--> halve.vsp:5:").says("amount");
}

#[test]
fn inputs_come_as_an_argument_a_file_or_standard_input() {
    let folder = Folder::new("inputs");
    folder.copy("halve.vsp").write("input.json", r#"{"amount": "4"}"#);
    folder.anrf(&["run", "halve.vsp", "--input", "@input.json"]).code(0).prints("\"2\"");
    folder.anrf_with(&["run", "halve.vsp", "--input", "-"], r#"{"amount": "6"}"#).code(0).prints("\"3\"");
    folder.anrf(&["run", "halve.vsp", "--input", "@none.json"]).code(2).says("cannot read `none.json`");
    folder.anrf(&["run", "halve.vsp"]).code(2).says(r#"--input '{"amount": ...,"#);
}

#[test]
fn inputs_that_do_not_fit_are_findings() {
    halve(r#"{"amount": true}"#).code(1).says("E-DATA-002").says("amount");
    halve(r#"{"amount": "1", "amuont": "1"}"#).code(1).says("E-DATA-004").says("amuont");
    halve("{}").code(1).says("E-DATA-005").says("amount");
    halve("{").code(1).says("E-DATA-001");
    halve("[1]").code(1);
}

#[test]
fn limits_end_a_run() {
    let input = r#"{"amount": "1"}"#;
    let run = |more: &[&str]| anrf(&[HALVE, &[input], more].concat());
    run(&["--fuel", "1"]).code(1).prints(r#"{"limit":{"which":"fuel"}}"#).says("--fuel");
    let many = format!(r#"{{"changes": [{}1]}}"#, "1, ".repeat(100));
    let ended = anrf(&["run", "lowest.vsp", "--input", &many, "--memory", "400"]).code(1);
    ended.prints(r#"{"limit":{"which":"memory"}}"#).says("--memory");
    run(&["--timeout", "10000", "--memory", "1M"]).code(0);
    run(&["--memory", "lots"]).code(2).says("expected a number of bytes");
}

#[test]
fn machine_code_ends_as_the_interpreter_does() {
    let many = format!(r#"{{"changes": [{}1]}}"#, "1, ".repeat(1_000));
    let run = |more: &[&str]| anrf(&[&["run", "lowest.vsp", "--input", &many], more].concat());
    let compiled: &[&str] = &["--backend", "cranelift"];
    assert_eq!(run(compiled).code(0).stdout, run(&[]).code(0).stdout);
    let ended = run(&[compiled, &["--memory", "400"]].concat()).code(1);
    ended.prints(r#"{"limit":{"which":"memory"}}"#);
    for told in ["--trace", "--profile"] {
        run(&[compiled, &[told]].concat()).code(2).says("cannot be used with");
    }
    run(&["--backend", "interpreter"]).code(0);
    let sandboxed = run(&["--backend", "wasm"]);
    if cfg!(feature = "wasm") {
        assert_eq!(sandboxed.code(0).stdout, run(&[]).code(0).stdout);
    } else {
        sandboxed.code(2).says("built without the feature `wasm`");
    }
    run(&["--backend", "quick"]).code(2).says("cranelift");
}

#[test]
fn state_goes_in_and_comes_out() {
    let run = |more: &[&str]| anrf(&[&["run", "tally.vsp", "--input", r#"{"number": 2}"#], more].concat());
    run(&[]).code(0).prints(r#"{"success":{"added":2},"state":{"total":2}}"#);
    run(&["--state", r#"{"total": 40}"#]).code(0).prints(r#""state":{"total":42}"#);
    run(&["--state", r#"{"sum": 40}"#]).code(1).says("E-DATA-004");
}

#[test]
fn a_host_is_a_script_or_a_program() {
    let folder = Folder::new("host");
    folder.copy("rate.vsp").write("answers.json", r#"{"exchange_rate": [{"success": {"rate": "0.5"}}]}"#);
    let run = ["run", "rate.vsp", "--input", r#"{"amount": "10", "currency": "EUR"}"#];
    let grant = ["--grant", "network"];
    let go = |more: &[&str]| folder.anrf(&[&run, more].concat());
    go(&[]).code(1).prints(r#"{"denied":{"capability":"network.rates"}}"#).says("--grant network.rates");
    go(&grant).code(1).prints("host_contract_violation").says("nobody answers `exchange_rate`");
    let ended = go(&[&grant[..], &["--host", "answers.json"]].concat()).code(0);
    ended.prints(r#"{"success":{"converted":"5"}}"#).says("info [tell] the rate is 0.5 currency=\"EUR\"");

    folder.write("bad.json", r#"{"exchange_rates": []}"#);
    go(&[&grant[..], &["--host", "bad.json"]].concat()).code(2).says("no host operation `exchange_rates`");

    let program = "while read -r line; do echo \"$line\" >&2; \
        echo '{\"id\": 1, \"success\": {\"rate\": \"2\"}}'; done";
    folder.write("host.sh", program);
    let ended = go(&[&grant[..], &["--host-command", "sh host.sh"]].concat()).code(0);
    let ended = ended.prints(r#"{"success":{"converted":"20"}}"#);
    ended.says(r#"{"id":1,"operation":"exchange_rate","attempt":1,"inputs":{"currency":"EUR"}}"#);

    let ended = go(&[&grant[..], &["--host-command", "true"]].concat()).code(1);
    ended.prints("host_contract_violation").says("before it answered `exchange_rate`");
    let ended = go(&[&grant[..], &["--host-command", "echo nonsense"]].concat()).code(1);
    ended.says("is not a JSON object: `nonsense`");
    go(&[&grant[..], &["--host-command", "./no-such-program"]].concat()).code(2).says("cannot start");
    let ended = go(&[&grant[..], &["--host-command", "sleep 60", "--timeout", "200"]].concat()).code(1);
    ended.prints(r#"{"limit":{"which":"time"}}"#).says("within the time limit");
}

#[test]
fn a_journal_is_replayed_without_the_host() {
    let folder = Folder::new("replay");
    folder.copy("rate.vsp").write("answers.json", r#"{"exchange_rate": [{"success": {"rate": "0.5"}}]}"#);
    let run = ["run", "rate.vsp", "--input", r#"{"amount": "10", "currency": "EUR"}"#, "--grant", "network"];
    let recorded = folder.anrf(&[&run[..], &["--host", "answers.json", "--journal", "run.journal"]].concat());
    let recorded = recorded.code(0).stdout;
    let replayed = folder.anrf(&["replay", "run.journal"]).code(0).says("ended as the recorded run did");
    assert_eq!(replayed.stdout, recorded);

    let edited = folder.read("run.journal").replace("\"converted\":\"5\"", "\"converted\":\"6\"");
    folder.write("edited.journal", edited);
    folder.anrf(&["replay", "edited.journal"]).code(1).says("E-CLI-004");
    folder.copy("halve.vsp");
    folder.anrf(&["replay", "run.journal", "--file", "halve.vsp"]).code(2).says("does not fit");
    folder.anrf(&["replay", "rate.vsp"]).code(2).says("is not a journal");
}

#[test]
fn eval_prints_a_value() {
    assert_eq!(anrf(&["eval", "1 + 2 * 3"]).code(0).stdout, "7\n");
    assert_eq!(anrf(&["eval", "-3"]).code(0).stdout, "-3\n");
    assert_eq!(anrf_with(&["eval", "-"], "0.1 + 0.2\n").code(0).stdout, "\"0.3\"\n");
    anrf(&["eval", "1 / 0"]).code(1).says("division_by_zero");
    anrf(&["eval", "1 +"]).code(1).says("--> expression:1:");
    anrf(&["eval"]).code(2);
}

#[test]
fn eval_batch_answers_line_by_line_in_order() {
    let input = "{\"id\": 1, \"expr\": \"1 + 1\"}\n\n{\"id\": \"b\", \"expr\": \"1 / 0\"}\n\
        {\"id\": [2], \"expr\": \"nope\"}\nnonsense\n{\"expr\": \"TRUE\"}";
    let ended = anrf_with(&["eval", "--batch", "-"], input).code(0);
    let lines: Vec<serde_json::Value> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0], serde_json::json!({"id": 1, "value": 2, "type": "integer"}));
    assert_eq!(lines[1], serde_json::json!({"id": "b", "fault": {"kind": "division_by_zero"}}));
    assert_eq!(lines[2]["id"], serde_json::json!([2]));
    assert!(lines[2]["error"]["code"].as_str().unwrap().starts_with("E-"), "{}", lines[2]);
    assert!(lines[3]["error"]["message"].is_string() && lines[3]["id"].is_null());
    assert_eq!(lines[4], serde_json::json!({"id": null, "value": true, "type": "boolean"}));
    assert_eq!(lines.len(), 5);
}
