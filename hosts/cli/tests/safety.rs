//! What a command must never do: destroy an input, tell a sensitive value, read or wait without end.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod program;

use std::time::{Duration, Instant};

use program::{Ended, Folder, anrf};

/// Fails if the marker is anywhere in what a command said.
#[track_caller]
fn quiet(ended: Ended) -> Ended {
    for text in [&ended.stdout, &ended.stderr] {
        assert!(!text.contains("MARKER") && !text.contains("73317331"), "{text}");
    }
    ended
}

#[test]
fn a_sensitive_value_is_in_nothing_that_is_said() {
    let folder = Folder::new("sensitive");
    let text = std::fs::read_to_string(program::files().join("secret.vsp")).unwrap();
    for level in ["none", "basic", "detailed"] {
        let leveled = text
            .replace("sensitive_data: true", &format!("sensitive_data: true\n      audit_level: {level}"));
        folder.write("secret.vsp", leveled);
        for input in [
            r#"{"code": "MARKER"}"#,
            r#"{"code": 73317331.5e1}"#,
            r#"{"code": 7331733173317331733173317331}"#,
            r#"{"code": true, "MARKER": 1}"#,
            r#"{"MARKER": 1}"#,
            r#"{"code": 1, "names": {"MARKER": "MARKER"}}"#,
            r#"{"code": 1, "names": {"MARKER": 1, "MARKER": 2}}"#,
            r#"{"code": 1, "born": "MARKER"}"#,
            r#"{"code": 1, "price": "1MARKER"}"#,
            r#"{"code": 1, "price": 73317331}"#,
            r#"{"code": ["MARKER"]}"#,
            r#"{"code": -73317331}"#,
            r#""MARKER""#,
            r#"{"code": MARKER}"#,
        ] {
            folder.write("input.json", input).write("rows.jsonl", format!("{input}\n"));
            let all = [
                vec!["run", "secret.vsp", "--input", input],
                vec!["run", "secret.vsp", "--input", "@input.json"],
                vec![
                    "run",
                    "secret.vsp",
                    "--input",
                    "@input.json",
                    "--grant",
                    "network",
                    "--journal",
                    "journal",
                ],
                vec!["run", "secret.vsp", "--input", "@input.json", "--grant", "network", "--trace"],
                vec!["run", "secret.vsp", "--each", "rows.jsonl", "--grant", "network"],
                vec!["debug", "secret.vsp", "--input", "@input.json", "--grant", "network"],
            ];
            for arguments in all {
                quiet(folder.anrf(&arguments).code(1));
                if arguments[0] == "run" {
                    let more: &[&str] =
                        if arguments.contains(&"--each") { &["-o", "out.jsonl"] } else { &[] };
                    quiet(folder.anrf(&[&arguments, &["--format", "json"][..], more].concat()).code(1));
                }
            }
            if let Ok(journal) = std::fs::read_to_string(folder.path().join("journal")) {
                assert!(!journal.contains("MARKER") && !journal.contains("73317331"), "{journal}");
            }
        }
        folder.write(
            "rows.csv",
            "code,names\nMARKER,\n1,\"{\"\"MARKER\"\": \"\"MARKER\"\"}\"\n\"MARKER\"MARKER,1\n",
        );
        quiet(folder.anrf(&["run", "secret.vsp", "--each", "rows.csv", "--grant", "network"]).code(1));
        for state in [r#"{"seen": "MARKER"}"#, r#"{"seen": [{"MARKER": 1}]}"#, r#"{"MARKER": 1}"#, "MARKER"] {
            quiet(folder.anrf(&["run", "secret.vsp", "--input", r#"{"code": 1}"#, "--state", state]).code(1));
        }
        let run = ["run", "secret.vsp", "--input", r#"{"code": 1}"#, "--grant", "network"];
        for answer in [
            r#"{"look_up": [{"success": {"rating": "MARKER"}}]}"#,
            r#"{"look_up": [{"error": "MARKER"}]}"#,
            r#"{"look_up": "MARKER"}"#,
        ] {
            folder.write("answers.json", answer);
            quiet(folder.anrf(&[&run[..], &["--host", "answers.json"]].concat()).code(2));
        }
        for answer in
            ["echo MARKER", "echo '{\"id\": \"MARKER\"}'", "echo '{\"success\": {\"rating\": \"MARKER\"}}'"]
        {
            folder.write("host.sh", answer);
            quiet(folder.anrf(&[&run[..], &["--host-command", "sh host.sh"]].concat()).code(1));
        }
    }
}

#[test]
fn a_redacted_journal_says_that_it_cannot_be_replayed() {
    let folder = Folder::new("redacted");
    folder.copy("secret.vsp").write("answers.json", r#"{"look_up": [{"success": {"rating": 3}}]}"#);
    let run = ["run", "secret.vsp", "--input", r#"{"code": 73317331}"#, "--grant", "network"];
    quiet(folder.anrf(&[&run[..], &["--host", "answers.json", "--journal", "journal"]].concat()).code(0));
    assert!(!folder.read("journal").contains("73317331"));
    let ended = folder.anrf(&["replay", "journal"]).code(1);
    ended.says("E-CALL-006").says("`rate_v1` has `sensitive_data`").says("cannot be replayed");
}

#[test]
fn an_output_never_takes_the_place_of_an_input() {
    let folder = Folder::new("outputs");
    folder
        .copy("halve.vsp")
        .write("rows.jsonl", "{\"amount\": \"3\"}\n")
        .write("input.json", "{\"amount\": \"3\"}");
    folder.anrf(&["pack", "halve.vsp"]).code(0);
    let path = |name: &str| folder.path().join(name);
    std::fs::hard_link(path("rows.jsonl"), path("hard.jsonl")).unwrap();
    let mut same = vec!["rows.jsonl", "./rows.jsonl", "hard.jsonl", "halve.vsp"];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("rows.jsonl", path("soft.jsonl")).unwrap();
        same.push("soft.jsonl");
    }
    let before = || ["rows.jsonl", "halve.vsp", "input.json"].map(|name| folder.read(name));
    let kept = before();
    for output in same {
        let ended = folder.anrf(&["run", "halve.vsp", "--each", "rows.jsonl", "-o", output]).code(2);
        ended.says("E-CLI-007").says(output);
        assert_eq!(before(), kept, "{output}");
    }
    for arguments in [
        &["view", "halve.vsp", "-o", "halve.vsp"][..],
        &["pack", "halve.vsp", "-o", "halve.vsp"],
        &["unpack", "halve.anrf", "-o", "halve.anrf", "--force"],
        &["run", "halve.vsp", "--input", "@input.json", "--journal", "input.json"],
        &["run", "halve.vsp", "--input", "@input.json", "--journal", "halve.vsp"],
    ] {
        folder.anrf(arguments).code(2).says("E-CLI-007");
        assert_eq!(before(), kept, "{arguments:?}");
    }
    // What was there before stays when the run cannot go on.
    folder.write("out.csv", "kept").write("bad.csv", "other\n1\n");
    folder.anrf(&["run", "halve.vsp", "--each", "bad.csv", "-o", "out.csv"]).code(2);
    assert_eq!(folder.read("out.csv"), "kept");
    let left = std::fs::read_dir(folder.path()).unwrap().flatten();
    let left: Vec<_> =
        left.map(|it| it.file_name()).filter(|it| it.to_string_lossy().ends_with(".tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn files_without_an_end_are_refused() {
    let zero = "/dev/zero";
    for arguments in [
        &["check", zero][..],
        &["test", zero],
        &["fmt", "--check", zero],
        &["inspect", zero],
        &["view", zero],
        &["pack", zero, "-o", "never"],
        &["unpack", zero],
        &["replay", zero],
        &["run", zero],
        &["run", "halve.vsp", "--input", "@/dev/zero"],
        &["run", "tally.vsp", "--input", r#"{"number": 2}"#, "--state", "@/dev/zero"],
        &["run", "rate.vsp", "--input", "{}", "--host", zero],
        &["eval", "--batch", zero],
    ] {
        anrf(arguments).code(2).says("E-CLI-005").says("64 MiB");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_plain_error() {
    let folder = Folder::new("full");
    folder.copy("halve.vsp").copy("wrong.vsp").write("rows.jsonl", "{\"amount\": \"3\"}\n");
    let shell = |line: &str| {
        let line = line.replace("anrf ", &format!("{} ", env!("CARGO_BIN_EXE_anrf")));
        let mut command = std::process::Command::new("bash");
        let output =
            command.args(["-o", "pipefail", "-c", &line]).current_dir(folder.path()).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for line in [
        "anrf --help > /dev/full",
        "anrf check --help > /dev/full",
        "anrf eval 1 > /dev/full",
        "anrf check halve.vsp > /dev/full",
        "anrf check halve.vsp --format json > /dev/full",
        "anrf guide > /dev/full",
        "anrf run halve.vsp --input '{\"amount\": \"3\"}' > /dev/full",
        "anrf run halve.vsp --each rows.jsonl > /dev/full",
        "anrf run halve.vsp --each rows.jsonl -o /dev/full",
        "anrf view halve.vsp -o /dev/full",
        "anrf run halve.vsp --input '{\"amount\": \"3\"}' --journal /dev/full",
    ] {
        let (code, said) = shell(line);
        assert_eq!(code, Some(2), "{line}: {said}");
        assert!(said.contains("E-CLI-006") && said.contains("the disk is full"), "{line}: {said}");
        assert!(!said.contains("internal") && !said.contains("report"), "{line}: {said}");
    }
    assert_eq!(shell("anrf run halve.vsp --each rows.jsonl 2> /dev/full").0, Some(2));
    for line in ["anrf --help | head -n 1", "anrf guide | true", "anrf check halve.vsp wrong.vsp | true"] {
        let (code, said) = shell(&line.replace("| ", "2>&1 | "));
        assert!(matches!(code, Some(0 | 1)) && said.is_empty(), "{line}: {code:?} {said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_host_program_is_ended_with_what_it_started() {
    let folder = Folder::new("group");
    folder.copy("rate.vsp");
    let run = ["run", "rate.vsp", "--input", r#"{"amount": "10", "currency": "EUR"}"#, "--grant", "network"];
    // It ends, and what it started holds its output open.
    folder.write("host.sh", "sleep 60 & echo $! > left; exit 3\n");
    let begin = Instant::now();
    let ended = folder.anrf(&[&run[..], &["--host-command", "sh host.sh"]].concat()).code(1);
    ended.prints("host_contract_violation").says("before it answered");
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    assert!(!is_running(&folder.read("left")));
    // It does not end, and neither does what it started.
    folder.write("host.sh", "sleep 60 & echo $! > left\nwait\n");
    let begin = Instant::now();
    let ended =
        folder.anrf(&[&run[..], &["--host-command", "sh host.sh", "--timeout", "300"]].concat()).code(1);
    ended.prints(r#"{"limit":{"which":"time"}}"#).says("within the time limit");
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    assert!(!is_running(&folder.read("left")));
}

#[cfg(target_os = "linux")]
fn is_running(id: &str) -> bool {
    // A program that was killed goes a little later, and may wait for its parent to notice.
    let running = || {
        let status = std::fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
        status.rsplit(") ").next().is_some_and(|state| !state.is_empty() && !state.starts_with('Z'))
    };
    let begin = Instant::now();
    while running() && begin.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(5));
    }
    running()
}

#[test]
fn a_script_with_a_key_twice_is_refused() {
    let folder = Folder::new("twice");
    folder.copy("rate.vsp");
    let run =
        ["run", "rate.vsp", "--input", r#"{"amount": "10", "currency": "EUR"}"#, "--host", "answers.json"];
    folder.write("answers.json", "{\"exchange_rate\": [],\n \"exchange_rate\": []}");
    folder.anrf(&run).code(2).says("the key `exchange_rate` stands twice at line 2 column 16");
    folder.write("answers.json", r#"{"exchange_rate": [{"success": {}, "success": {}}]}"#);
    folder.anrf(&run).code(2).says("the key `success` stands twice at line 1");
}
