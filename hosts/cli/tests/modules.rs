//! Commands about modules: new, check, test, fmt, pack, unpack, inspect, view.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod program;

use program::{Folder, anrf, anrf_with};

#[test]
fn a_new_module_checks_and_its_examples_pass() {
    let folder = Folder::new("new");
    folder.anrf(&["new", "discount"]).code(0).prints("wrote discount.vsp");
    folder.anrf(&["check", "discount.vsp"]).code(0).prints("1 file checked: all is well");
    folder.anrf(&["test", "discount.vsp"]).code(0).prints("2 examples passed");
    folder.anrf(&["new", "discount"]).code(2).says("`discount.vsp` exists already");
    folder.anrf(&["new", "NetPrice"]).code(2).says("write `net_price`");
}

#[test]
fn check_says_what_is_wrong_where_and_how_to_mend_it() {
    anrf(&["check", "halve.vsp", "rate.vsp"]).code(0).prints("2 files checked: all is well");
    let ended = anrf(&["check", "wrong.vsp"]).code(1);
    let ended = ended.prints("--> wrong.vsp:12:").prints("sum / count").prints("help").prints("div(");
    ended.prints("1 file checked: 1 error");
}

#[test]
fn check_takes_folders_and_standard_input() {
    let folder = Folder::new("check-folder");
    folder.copy("halve.vsp").copy("wrong.vsp");
    folder.anrf(&["check", "."]).code(1).prints("2 files checked: 1 error");
    let text = folder.read("wrong.vsp");
    folder.anrf_with(&["check", "-"], text).code(1).prints("--> <stdin>:12:");
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    folder.anrf(&["check", "empty"]).code(2).says("there is no `.vsp` or `.anrf` file in `empty`");
}

#[test]
fn check_fix_mends_what_a_machine_can_mend() {
    let folder = Folder::new("fix");
    let text = std::fs::read_to_string(program::files().join("failing.vsp")).unwrap();
    folder.write("fixable.vsp", text.replace("\"n * 2\"", "\"if n = 0 then 0 else n * 2\""));
    folder.anrf(&["check", "fixable.vsp"]).code(1).prints("`anrf check --fix` can mend");
    folder.anrf(&["check", "--fix", "fixable.vsp"]).code(0).prints("applied");
    assert!(folder.read("fixable.vsp").contains("n == 0"), "{}", folder.read("fixable.vsp"));
    folder.anrf(&["check", "fixable.vsp"]).code(0);
}

#[test]
fn files_that_are_not_there_are_a_plain_sentence() {
    anrf(&["check", "halv.vsp"])
        .code(2)
        .says("cannot read `halv.vsp`: there is no such file or folder")
        .says("did you mean `halve.vsp`?");
    anrf(&["check"]).code(2).says("required arguments were not provided");
    anrf(&["chekc"]).code(2).says("unrecognized subcommand").says("check");
    anrf(&[]).code(2).says("no command was given");
    let folder = Folder::new("encoding");
    folder
        .write("latin.vsp", b"node_id: a\nintent: \xe4\n")
        .anrf(&["check", "latin.vsp"])
        .code(2)
        .says("line 2 holds other bytes");
}

#[test]
fn test_prints_a_line_for_each_example_and_a_summary() {
    let ended = anrf(&["test", "halve.vsp", "rate.vsp"]).code(0);
    let ended =
        ended.prints("ok    halve.vsp: halve_v1 example 1").prints("ok    rate.vsp: convert_v1 example 1");
    ended.prints("3 examples passed");
    let ended = anrf(&["test", "failing.vsp"]).code(1).prints("FAIL  failing.vsp: double example 2");
    let ended = ended
        .prints("--> failing.vsp:9:")
        .prints(r#"{"success":{"doubled":7}}"#)
        .prints(r#"{"success":{"doubled":6}}"#);
    ended.prints("1 example passed, 1 failed");
    anrf(&["test", "wrong.vsp", "halve.vsp"]).code(1).prints("2 examples passed, 1 file could not be loaded");
    anrf(&["test", "missing.vsp"]).code(2).says("cannot read `missing.vsp`");
}

#[test]
fn fmt_writes_the_canonical_layout_once() {
    let folder = Folder::new("fmt");
    let text = std::fs::read_to_string(program::files().join("failing.vsp")).unwrap();
    folder.write("a.vsp", text.replace("\"n * 2\"", "\"n*2\""));
    folder.anrf(&["fmt", "--check", "a.vsp"]).code(1).prints("would change a.vsp");
    folder.anrf(&["fmt", "a.vsp"]).code(0).prints("changed a.vsp");
    assert!(folder.read("a.vsp").contains("n * 2"));
    folder.anrf(&["fmt", "--check", "a.vsp"]).code(0);
    let printed = folder.anrf_with(&["fmt", "-"], text.replace("\"n * 2\"", "\"n*2\"")).code(0).stdout;
    assert_eq!(printed, folder.read("a.vsp"));
    folder.write("b.vsp", "a: [").anrf(&["fmt", "b.vsp"]).code(1).says("--> b.vsp:1:");
    folder.anrf(&["fmt", "none.vsp"]).code(2);
}

#[test]
fn a_packed_module_is_the_same_module() {
    let folder = Folder::new("pack");
    folder.copy("halve.vsp");
    let id = |ended: program::Ended| ended.stdout.split("sha256:").nth(1).unwrap()[..64].to_owned();
    let packed = id(folder.anrf(&["pack", "halve.vsp"]).code(0).prints("wrote halve.anrf"));
    folder.anrf(&["check", "halve.anrf"]).code(0);
    folder.anrf(&["test", "halve.anrf"]).code(0).prints("2 examples passed");
    assert_eq!(packed, id(folder.anrf(&["inspect", "halve.anrf"]).code(0)));
    folder.anrf(&["unpack", "halve.anrf", "-o", "again.vsp"]).code(0);
    assert_eq!(folder.read("again.vsp"), folder.read("halve.vsp"));
    folder.write("halve.vsp", "# mine\n").anrf(&["unpack", "halve.anrf"]).code(2).says("exists already");
    folder.anrf(&["unpack", "--force", "halve.anrf"]).code(0);
    folder.anrf(&["unpack", "again.vsp"]).code(2).says("is not a packed module");
    let mut bytes = std::fs::read(folder.path().join("halve.anrf")).unwrap();
    bytes[500] ^= 1;
    folder.write("broken.anrf", bytes).anrf(&["check", "broken.anrf"]).code(1).prints("E-BINARY-");
    folder.anrf(&["pack", "none.vsp"]).code(2);
    folder.copy("wrong.vsp").anrf(&["pack", "wrong.vsp"]).code(1).says("--> wrong.vsp:12:");
}

#[test]
fn inspect_shows_layers_hashes_source_map_and_code() {
    let ended = anrf(&["inspect", "halve.vsp"]).code(0).prints("SEMANTIC").prints("interface  sha256:");
    ended.prints("halve_v1 (algorithm): 3 steps");
    anrf(&["inspect", "--ir", "halve.vsp"]).code(0).prints("block0");
    let ended = anrf(&["inspect", "--source-map", "halve.vsp"]).code(0);
    ended.prints("divide").prints("postcondition 1");
    anrf(&["inspect", "wrong.vsp"]).code(1);
    anrf(&["inspect", "halve.vsp", "--function", "other"]).code(2).says("its functions are `halve_v1`");
}

#[test]
fn view_draws_in_three_forms() {
    anrf(&["view", "halve.vsp"]).code(0).prints("halve");
    anrf(&["view", "halve.vsp", "--level", "summary"]).code(0).prints("Split an amount");
    anrf(&["view", "halve.vsp", "--level", "code", "--as", "mermaid"]).code(0).prints("flowchart");
    let folder = Folder::new("view");
    folder
        .copy("halve.vsp")
        .anrf(&["view", "halve.vsp", "--as", "svg", "-o", "a.svg"])
        .code(0)
        .prints("wrote a.svg");
    assert!(folder.read("a.svg").starts_with("<svg"));
    anrf(&["view", "wrong.vsp"]).code(1);
    anrf(&["view", "halve.vsp", "--as", "png"]).code(2).says("possible values: pseudocode, mermaid, svg");
}

#[test]
fn standard_input_can_be_a_module() {
    let text = std::fs::read_to_string(program::files().join("halve.vsp")).unwrap();
    anrf_with(&["test", "-"], &text).code(0).prints("ok    <stdin>: halve_v1 example 1");
    anrf_with(&["run", "-", "--input", r#"{"amount": "3"}"#], &text).code(0).prints("1.5");
}
