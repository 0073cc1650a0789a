//! Builds the program and shows what it does on real functions, as a person would type it.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::process::{cargo, quoted, root, run as start, target_folder};
use crate::report::seconds;
use crate::{Outcome, solvers};

/// One command and what it must end in.
struct Scene {
    heading: &'static str,
    arguments: &'static [&'static str],
    expected: Expected,
    /// File in the demo's folder that takes standard output; its first lines are shown.
    into: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// Exit code 0.
    Success,
    /// Exit code 1: the program found something wrong and said what.
    Findings,
    /// As `Success`; on a machine without solvers nothing is proved.
    Proof,
}

impl Expected {
    fn exit_code(self, has_solvers: bool) -> i32 {
        match self {
            Self::Success => 0,
            Self::Proof if has_solvers => 0,
            Self::Proof | Self::Findings => 1,
        }
    }
}

const SCENES: &[Scene] = &[
    Scene {
        heading: "Check a function",
        arguments: &["check", "examples/money/price_order.vsp"],
        expected: Expected::Success,
        into: None,
    },
    Scene {
        heading: "Run the examples that it carries as tests",
        arguments: &["test", "examples/money/price_order.vsp"],
        expected: Expected::Success,
        into: None,
    },
    Scene {
        heading: "Run it on one input",
        arguments: &[
            "run",
            "examples/money/price_order.vsp",
            "--input",
            r#"{"order_id": "A-1", "quantity": 3, "unit_price": "9.99", "country": "DE"}"#,
        ],
        expected: Expected::Success,
        into: None,
    },
    Scene {
        heading: "Test a workflow against scripted answers of the outside world",
        arguments: &["test", "examples/workflows/exchange_rate.vsp"],
        expected: Expected::Success,
        into: None,
    },
    Scene {
        heading: "Prove a function for every input; the time is that of all its obligations together",
        arguments: &["verify", "examples/algorithms/binary_search.vsp"],
        expected: Expected::Proof,
        into: None,
    },
    Scene {
        heading: "Refute one whose examples all pass: a run that shows the defect, and how to step through it",
        arguments: &["verify", "examples/refuted/midpoint.vsp"],
        expected: Expected::Findings,
        into: None,
    },
    Scene {
        heading: "Run a function on every row of a data file; a bad row is reported and the rest goes on",
        arguments: &["run", "examples/money/price_order.vsp", "--each", "examples/data/orders.csv"],
        expected: Expected::Findings,
        into: Some("orders.jsonl"),
    },
    Scene {
        heading: "Draw a state machine",
        arguments: &["view", "examples/state/order_machine.vsp", "--level", "detail", "--as", "svg"],
        expected: Expected::Success,
        into: Some("order_machine.svg"),
    },
    Scene {
        heading: "Refuse a file with a mistake, and say how to mend it",
        arguments: &["check", "examples/refused/decimal_division.vsp"],
        expected: Expected::Findings,
        into: None,
    },
];

/// Lines shown of an output that goes into a file.
const SHOWN: usize = 3;

/// Builds the program, then plays every scene; the first that ends otherwise than expected ends the demo.
pub(crate) fn run() -> Outcome {
    let begin = Instant::now();
    let root = root()?;
    let has_solvers = solvers::bring();
    println!("\n== Build the program");
    start(cargo(&root).args(["build", "--release", "--package", "anrf-cli"]))?;
    let target = target_folder()?;
    let program = target.join("release").join("anrf").with_extension(std::env::consts::EXE_EXTENSION);
    let folder = target.join("demo");
    std::fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    println!("-- {}", seconds(begin.elapsed()));

    for scene in SCENES {
        play(scene, has_solvers, &root, &program, &folder)?;
    }
    println!("\nThe demo took {}. Next: README.md, and `cargo xtask test`.", seconds(begin.elapsed()));
    Ok(())
}

fn play(scene: &Scene, has_solvers: bool, root: &Path, program: &Path, folder: &Path) -> Outcome {
    let typed: Vec<String> = scene.arguments.iter().map(|word| quoted(word)).collect();
    let mut typed = format!("anrf {}", typed.join(" "));
    let mut command = Command::new(program);
    command.current_dir(root).args(scene.arguments).stdin(Stdio::null());
    let output = scene.into.map(|name| folder.join(name));
    if let Some(path) = &output {
        typed += &format!(" > {}", quoted(&path.to_string_lossy()));
        let file =
            File::create(path).map_err(|error| format!("cannot create {}: {error}", path.display()))?;
        command.stdout(file);
    }

    println!("\n== {}\n$ {typed}", scene.heading);
    let begin = Instant::now();
    let status = command.status().map_err(|error| format!("cannot start {}: {error}", program.display()))?;
    let duration = begin.elapsed();
    if let Some(path) = &output {
        show_beginning(path)?;
    }
    println!("-- {:.1} ms", duration.as_secs_f64() * 1000.0);

    let expected = scene.expected.exit_code(has_solvers);
    match status.code() {
        Some(code) if code == expected => Ok(()),
        Some(code) => Err(format!("`{typed}` ended with exit code {code}, and {expected} was expected")),
        None => Err(format!("`{typed}` was ended by a signal")),
    }
}

fn show_beginning(path: &Path) -> Outcome {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {} back: {error}", path.display()))?;
    let count = text.lines().count();
    for line in text.lines().take(SHOWN) {
        let short: String = line.chars().take(100).collect();
        println!("{short}{}", if short.len() < line.len() { " …" } else { "" });
    }
    println!("({count} lines in {})", path.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_a_scene_names_is_there() {
        let root = root().unwrap();
        let words = SCENES.iter().flat_map(|scene| scene.arguments);
        for path in words.filter(|word| word.starts_with("examples/")) {
            assert!(root.join(path).is_file(), "{path}");
        }
    }

    #[test]
    fn the_demo_ends_with_a_run_over_data_a_picture_and_a_refusal() {
        let last: Vec<&str> = SCENES.iter().rev().take(3).map(|scene| scene.arguments[0]).collect();
        assert_eq!(last, ["check", "view", "run"]);
        assert!(SCENES.last().is_some_and(|scene| scene.expected == Expected::Findings));
    }
}
