//! `run --each`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod program;

use std::fmt::Write;

use program::{Folder, anrf_with};

const EACH: &[&str] = &["run", "halve.vsp", "--each"];

fn each(folder: &Folder, more: &[&str]) -> program::Ended {
    folder.anrf(&[EACH, more].concat())
}

#[test]
fn rows_of_json_lines_give_outcomes_and_a_summary() {
    let folder = Folder::new("each-jsonl");
    folder.copy("halve.vsp").write(
        "rows.jsonl",
        "{\"amount\": \"3\"}\n{\"amount\": \"2000\"}\n{\"amount\": 1}\n{\n{\"amount\": \"-1\"}\n",
    );
    let ended = each(&folder, &["rows.jsonl"]).code(1);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ended.stdout);
    assert_eq!(lines[0], r#"{"success":{"first":"1.5","second":"1.5"}}"#);
    assert!(lines[2].contains("constraint_violation"));
    let ended = ended.says("rows.jsonl: row 3 (line 3): `amount`").says("row 4 (line 4)").says("5 rows in");
    let ended = ended.says("  success   1").says("  failure   1  too_much 1");
    ended.says("  fault     1  constraint_violation 1").says("  bad rows  2  left out");
    let ended = each(&folder, &["rows.jsonl", "--fail-fast"]).code(1);
    assert_eq!(ended.stdout.lines().count(), 2);
    let ended = each(&folder, &["rows.jsonl", "--number-rows"]).code(1);
    assert!(ended.stdout.contains("{\"row\":5,\"fault\""), "{}", ended.stdout);
    folder.write("good.jsonl", "{\"amount\": \"3\"}\n");
    each(&folder, &["good.jsonl"]).code(0);
}

#[test]
fn a_header_maps_columns_to_inputs() {
    let folder = Folder::new("each-csv");
    folder.copy("halve.vsp").write("rows.csv", "note,amount\n\"a, b\",10.01\n,x\nlast,\"2\"\n1,2,3\n");
    let ended = each(&folder, &["rows.csv"]).code(1);
    assert_eq!(ended.stdout.lines().count(), 2);
    let ended = ended.says("rows.csv: row 2 (line 3): `amount`");
    ended.says("row 4 (line 5): the row has 3 cells, and the header has 2");
    let ended = each(&folder, &["rows.csv", "--output-as", "csv"]).code(1);
    assert_eq!(
        ended.stdout,
        "row,outcome,first,second,error_code,message\n1,success,5.01,5,,\n3,success,1,1,,\n"
    );
    each(&folder, &["rows.csv", "-o", "out.csv"]).code(1);
    assert!(folder.read("out.csv").starts_with("row,outcome"));
    folder.write("more.csv", "amount,other\n1,2\n");
    each(&folder, &["more.csv"]).code(2).says("the column `other` is no input");
    each(&folder, &["more.csv", "--ignore-columns"]).code(0);
    folder.write("less.csv", "note\n1\n");
    each(&folder, &["less.csv"]).code(2).says("there is no column for the input `amount`");
    folder.write("rows.txt", "amount\n1\n");
    each(&folder, &["rows.txt"]).code(2).says("--rows-as");
    each(&folder, &["rows.txt", "--rows-as", "csv"]).code(0);
    each(&folder, &["none.csv"]).code(2);
}

#[test]
fn broken_rows_are_named_and_the_rest_goes_on() {
    let folder = Folder::new("each-broken");
    folder.copy("halve.vsp");
    let rows =
        "note,amount\r\nfine,1\r\n\r\n\"never closed,2\r\nfine,3\r\n\"b\"junk,4\r\n\"a\r\nb\",5\r\nx,y\r\n";
    folder.write("rows.csv", rows);
    let ended = each(&folder, &["rows.csv"]).code(1);
    assert_eq!(ended.stdout.lines().count(), 3, "{}", ended.stdout);
    let ended = ended
        .says("row 2 (line 4): the quote that opens cell 1 is not closed before the next one, in line 6");
    let ended = ended.says("[E-CLI-003]").says("write a quote inside a cell as `\"\"`");
    let ended = ended.says("row 4 (line 6): text follows the closing quote of cell 1");
    ended.says("row 6 (line 9): `amount`").says("bad rows  3");
    let ended = each(&folder, &["rows.csv", "--format", "json", "-o", "out.csv"]).code(1).json();
    let lines: Vec<_> =
        ended["diagnostics"].as_array().unwrap().iter().map(|it| it["line"].as_u64()).collect();
    assert_eq!(lines, [Some(4), Some(6), Some(9)]);
    assert!(ended["diagnostics"][0]["help"].is_string());
    let ended = each(&folder, &["rows.csv", "--fail-fast"]).code(1);
    assert_eq!(ended.stdout.lines().count(), 1);
    ended.says("stopped at the first row that cannot be read");
    folder.write("open.csv", "note,\"amount\nfine,1\n");
    each(&folder, &["open.csv"]).code(2).says("the header (line 1) cannot be read");
    folder.write("semicolons.csv", "note;amount\nfine;1\n");
    each(&folder, &["semicolons.csv"]).code(2).says("columns are separated by `,`, not by `;`");
    folder.write("plain.jsonl", "{\"amount\": 2.5}\n");
    each(&folder, &["plain.jsonl"]).code(1).says("write decimals as strings");
}

#[test]
fn rows_come_from_standard_input_too() {
    let ended = anrf_with(&[EACH, &["-"]].concat(), "{\"amount\": \"2\"}\n").code(0);
    assert_eq!(ended.stdout, "{\"success\":{\"first\":\"1\",\"second\":\"1\"}}\n");
    anrf_with(&[EACH, &["-", "--rows-as", "csv"]].concat(), "amount\n2\n").code(0).prints("\"1\"");
}

#[test]
fn threads_keep_the_order_and_state_can_be_carried() {
    let folder = Folder::new("each-order");
    folder.copy("halve.vsp").copy("tally.vsp");
    let mut rows = String::from("amount\n");
    let mut numbers = String::from("number\n");
    for row in 1..=2000 {
        writeln!(rows, "{row}").unwrap();
        writeln!(numbers, "{row}").unwrap();
    }
    folder.write("rows.csv", rows).write("numbers.csv", numbers);
    let one = each(&folder, &["rows.csv"]).code(1).stdout;
    let four = each(&folder, &["rows.csv", "--threads", "4"]).code(1).stdout;
    assert!(one == four, "the order changes with the number of threads");
    let apart = folder.anrf(&["run", "tally.vsp", "--each", "numbers.csv"]).code(0).stdout;
    assert!(apart.ends_with("{\"success\":{\"added\":2000},\"state\":{\"total\":2000}}\n"));
    let carried = folder.anrf(&["run", "tally.vsp", "--each", "numbers.csv", "--carry-state"]).code(0).stdout;
    assert!(carried.ends_with("{\"success\":{\"added\":2000},\"state\":{\"total\":2001000}}\n"), "{carried}");
}

#[test]
fn nobody_reading_is_no_error() {
    let folder = Folder::new("each-pipe");
    folder.copy("halve.vsp").write("rows.csv", "amount\n".to_owned() + &"1\n".repeat(20_000));
    let line = format!("{} run halve.vsp --each rows.csv | head -n 1", env!("CARGO_BIN_EXE_anrf"));
    let output = std::process::Command::new("bash")
        .args(["-o", "pipefail", "-c", &line])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success(), "{output:?}");
}
