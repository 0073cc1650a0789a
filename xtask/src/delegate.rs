//! Tasks that another package of the workspace does.

use crate::process::{cargo, root, run};
use crate::{Outcome, USAGE};

/// Runs the file tests with the switch on that writes what they found into them.
pub(crate) fn bless(arguments: &[&str]) -> Outcome {
    let root = root()?;
    needs(&root, "tests")?;
    run(cargo(&root)
        .args(["test", "--package", "anrf-tests"])
        .args(arguments)
        .env("ANRF_BLESS", "1")
        .env("UPDATE_EXPECT", "1"))?;
    println!("blessed; `git diff tests` shows what changed");
    Ok(())
}

/// Runs generated programs for a number of programs or of minutes.
pub(crate) fn fuzz(arguments: &[&str]) -> Outcome {
    let (["--programs" | "--minutes", count, ..], true) = (arguments, arguments.len() >= 2) else {
        return Err(format!("fuzz wants `--programs N` or `--minutes N`\n\n{USAGE}"));
    };
    if count.parse::<u64>().is_err() {
        return Err(format!("`{count}` is not a number of programs or minutes"));
    }
    let root = root()?;
    needs(&root, "tests")?;
    let mut command = cargo(&root);
    command.args(["run", "--release", "--package", "anrf-tests", "--bin", "fuzz"]);
    if arguments.contains(&"--wasm") {
        command.args(["--features", "sandbox"]);
    }
    run(command.arg("--").args(arguments))
}

/// Runs the benchmarks, then prints and saves their table.
pub(crate) fn bench(arguments: &[&str]) -> Outcome {
    let root = root()?;
    needs(&root, "benches")?;
    run(cargo(&root).args(["bench", "--package", "anrf-benches"]).args(arguments))?;
    run(cargo(&root).args(["run", "--profile", "bench", "--package", "anrf-benches", "--bin", "table"]))
}

fn needs(root: &std::path::Path, folder: &str) -> Outcome {
    if root.join(folder).join("Cargo.toml").is_file() {
        Ok(())
    } else {
        Err(format!("there is no package in `{folder}/`"))
    }
}
