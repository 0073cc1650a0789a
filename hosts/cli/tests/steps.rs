//! `run --trace`, `run --profile` and `debug`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod program;

use program::{Ended, Folder, anrf, anrf_with};

const INPUT: &str = r#"{"changes": [5, -7, 1]}"#;

fn debug(more: &[&str], commands: &str) -> Ended {
    anrf_with(&[&["debug", "lowest.vsp", "--input", INPUT], more].concat(), commands)
}

#[test]
fn a_trace_tells_each_step_and_what_it_binds() {
    let plain = anrf(&["run", "lowest.vsp", "--input", INPUT, "--format", "json"]).code(0).json();
    let ended = anrf(&["run", "lowest.vsp", "--input", INPUT, "--trace"]).code(0);
    assert_eq!(ended.stdout, "{\"success\":{\"day\":1,\"lowest\":-2}}\n");
    let lines: Vec<&str> = ended.stderr.lines().collect();
    let expected = [
        "lowest_v1",
        "    changes = [5, -7, 1]",
        "  scan  line 13",
        "    total = 0",
        "    least = 0",
        "    day = NONE",
        "    i = 0",
        "    change = 5",
        "  add  line 20",
        "    sum = 5",
        "  keep  line 23",
    ];
    assert_eq!(lines[..expected.len()], expected, "{}", ended.stderr);
    let traced = anrf(&["run", "lowest.vsp", "--input", INPUT, "--trace", "--profile", "--format", "json"]);
    let traced = traced.code(0).json();
    assert_eq!(traced["execution"]["fuel"], plain["execution"]["fuel"], "tracing changes no charge");
    assert_eq!(traced["outcome"], plain["outcome"]);
    let spent: u64 =
        traced["profile"].as_array().unwrap().iter().map(|it| it["fuel"].as_u64().unwrap()).sum();
    assert_eq!(Some(spent), plain["execution"]["fuel"].as_u64());
}

#[test]
fn a_profile_tells_what_the_fuel_is_for() {
    let ended = anrf(&["run", "lowest.vsp", "--input", INPUT, "--profile"]).code(0);
    ended.says("fuel").says("add of lowest_v1, line 20");
}

#[test]
fn a_run_can_be_stepped_through() {
    let ended =
        debug(&[], "step\nstep\nprint sum\nprint total + sum * 2\nprint nope\nwhere\ncontinue\n").code(0);
    let ended = ended.prints("step `scan` of lowest_v1 (lowest.vsp:13)").prints("step `keep` of lowest_v1");
    let ended = ended.prints("sum = 5\n").prints("total + sum * 2 = 10\n").prints("cannot print `nope`:");
    ended.prints("{\"success\":{\"day\":1,\"lowest\":-2}}");
    debug(&[], "quit\n").code(1).says("left before the run ended");
    debug(&[], "").code(0).prints("\"lowest\":-2");
    debug(&[], "fly\nhelp\n").code(0).prints("there is no command `fly`").prints("continue (c)");
}

#[test]
fn it_stops_where_an_expression_becomes_true() {
    let ended = debug(&["--break-on", "sum < 0"], "print i\nprint sum\ncontinue\n").code(0);
    let ended = ended.prints("break `sum < 0`").prints("i = 1\nsum = -2\n");
    assert_eq!(ended.stdout.matches("break `").count(), 1, "it stays true: {}", ended.stdout);
    debug(&["--break-on", "done"], "print least\n").code(0).prints("break `done`").prints("least = -2");
    debug(&["--break-on", "nothing > 0"], "")
        .code(0)
        .says("`nothing > 0` had a value at no step: unknown name");
}

#[test]
fn it_stops_at_moves_of_a_machine_and_at_broken_contracts() {
    let run = |on: &str, input: &str, commands: &str| {
        anrf_with(&["debug", "door.vsp", "--input", input, "--break-on", on], commands)
    };
    let input = r#"{"target": 3}"#;
    let ended = run("state_transition:closed->open", input, "print target\nprint position\n").code(0);
    ended.prints("door moves from closed to open").prints("target = 3").prints("position = closed");
    run("state_transition:closed->*", input, "").code(0).prints("door moves");
    run("state_transition:open->*", input, "").code(2).says("its moves are `closed->open`");
    run("state_transition:open->closed", input, "").code(2).says("its moves are `closed->open`");
    run("nosuchstep", input, "")
        .code(2)
        .says("there is no step and no name `nosuchstep`")
        .says("`done`, `double`, `turn`");
    run("position", input, "").code(0);
    run("state_transition:open->ajar", input, "").code(2).says("has a state `ajar`");
    run("state_transition:open", input, "").code(2).says("is no transition");
    let ended = run("contract_violation", r#"{"target": 13}"#, "print doubled\n").code(1);
    ended.prints("contract_violation: postcondition_violation").prints("doubled = 26");
}

#[test]
fn a_debugger_is_no_document() {
    anrf(&["debug", "lowest.vsp", "--input", INPUT, "--format", "json"]).code(2);
    anrf(&["debug", "lowest.vsp", "--input", "-"]).code(2);
    anrf(&["debug", "wrong.vsp"]).code(1);
}

#[test]
fn sensitive_values_are_not_told() {
    let folder = Folder::new("sensitive");
    folder.write("mask.vsp", std::fs::read(program::root().join("examples/text/mask_card.vsp")).unwrap());
    let text = folder.read("mask.vsp");
    assert!(text.contains("sensitive_data: true"));
    let run = |more: &[&str], commands: &str| {
        let input = r#"{"number": "4000123412341234"}"#;
        let arguments = [more, &["mask.vsp", "--input", input]].concat();
        folder.anrf_with(&arguments, commands)
    };
    for ended in [
        run(&["run", "--trace", "--profile"], ""),
        run(&["run", "--journal", "a.journal"], ""),
        run(&["debug"], "names\nstep\nnames\nprint number\n"),
    ] {
        let all = ended.stdout + &ended.stderr;
        assert!(!all.contains("40001234"), "{all}");
    }
    assert!(!folder.read("a.journal").contains("40001234"));
}
