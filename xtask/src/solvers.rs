//! Brings z3, cvc5 and bitwuzla into the build folder, where programs built there find them.
//!
//! All three come from PyPI. Only z3's package holds a program; for the libraries of the other two small
//! drivers in `xtask/drivers` stand in, each behind a script of the solver's name.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Outcome;
use crate::process::{is_present, output, run as start, target_folder};
use crate::report::seconds;

const PACKAGES: &[&str] = &["z3-solver==5.4.0.0", "cvc5==1.4.2", "bitwuzla==0.9.1"];

const DRIVERS: &[(&str, &str)] =
    &[("cvc5", include_str!("../drivers/cvc5.py")), ("bitwuzla", include_str!("../drivers/bitwuzla.py"))];

/// Installs what is missing.
pub(crate) fn run() -> Outcome {
    install(&target_folder()?.join("solvers"))
}

/// Installs what is missing; a machine that cannot have solvers is told so and goes on without. Says whether
/// they are there.
pub(crate) fn bring() -> bool {
    println!("\n== solvers");
    let brought = run();
    if let Err(message) = &brought {
        println!("going on without solvers: {message}");
    }
    brought.is_ok()
}

/// The folder of libz3 that came with z3's program, if there is one.
pub(crate) fn z3_library(target: &Path) -> Option<PathBuf> {
    let folder = target.join("solvers").join("site").join("z3").join("lib");
    folder.join(format!("{DLL_PREFIX}z3{DLL_SUFFIX}")).is_file().then_some(folder)
}

/// Tells cargo, and the programs that it starts, where that library is. No other is looked for.
pub(crate) fn link_z3(command: &mut Command, library: &Path) {
    let version = PACKAGES.iter().find_map(|package| package.strip_prefix("z3-solver=="));
    command.env("Z3_LIBRARY_PATH_OVERRIDE", library).env("Z3_NO_PKG_CONFIG", "1");
    command.env("Z3_SYS_Z3_VERSION", version.unwrap_or_default());
    let variable = if cfg!(windows) {
        "PATH"
    } else if cfg!(target_os = "macos") {
        "DYLD_FALLBACK_LIBRARY_PATH"
    } else {
        "LD_LIBRARY_PATH"
    };
    let others = std::env::var_os(variable).unwrap_or_default();
    let folders = std::iter::once(library.to_owned()).chain(std::env::split_paths(&others));
    // A name with a colon in it could not be said; the library is then not found, and that is seen.
    if let Ok(folders) = std::env::join_paths(folders) {
        command.env(variable, folders);
    }
}

fn install(folder: &Path) -> Outcome {
    let begin = Instant::now();
    let python = output(
        Command::new("python3").args(["-c", "import sys; print(sys.executable); print(*sys.version_info)"]),
    )?;
    // What is installed, and for which Python.
    let wanted = format!("{}\n{}\n", PACKAGES.join("\n"), python.trim());
    let stamp = folder.join("installed");
    let is_there = std::fs::read_to_string(&stamp).is_ok_and(|text| text == wanted);
    if !is_there {
        println!("Installing {} from PyPI into {}", PACKAGES.join(", "), folder.display());
        fetch(folder)?;
    }
    let (interpreter, _) = python.trim().split_once('\n').ok_or("python3 does not say where it lies")?;
    link(folder, interpreter)?;
    if !is_there {
        for name in ["z3", "cvc5", "bitwuzla"] {
            try_out(&folder.join("bin").join(name))?;
        }
    }
    write(&stamp, &wanted)?;
    println!("z3, cvc5 and bitwuzla are in {} ({})", folder.join("bin").display(), seconds(begin.elapsed()));
    Ok(())
}

/// Fetches the packages into a folder of their own first, so that no half of them is ever found.
fn fetch(folder: &Path) -> Outcome {
    if !is_present("python3", &["-m", "pip", "--version"]) {
        return Err("python3 has no pip, which is needed to install from PyPI".to_owned());
    }
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", folder.display());
    let fresh = folder.with_extension(format!("{}", std::process::id()));
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    pip.args(["--root-user-action", "ignore", "--only-binary", ":all:", "--target"]);
    pip.arg(fresh.join("site")).args(PACKAGES);
    if let Err(message) = start(&mut pip) {
        drop(std::fs::remove_dir_all(&fresh));
        return Err(message);
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(failed)?;
    }
    std::fs::rename(&fresh, folder).map_err(failed)
}

/// Puts a program of each solver's name into `bin`.
fn link(folder: &Path, interpreter: &str) -> Outcome {
    let (bin, drivers) = (folder.join("bin"), folder.join("drivers"));
    for made in [&bin, &drivers] {
        std::fs::create_dir_all(made).map_err(|error| format!("cannot make {}: {error}", made.display()))?;
    }
    let z3 = format!("z3{}", std::env::consts::EXE_SUFFIX);
    let (from, into) = (folder.join("site").join("bin").join(&z3), bin.join(&z3));
    if !into.exists() && std::fs::hard_link(&from, &into).is_err() {
        std::fs::copy(&from, &into).map_err(|error| format!("cannot copy {}: {error}", from.display()))?;
    }
    for (name, text) in DRIVERS {
        write(&drivers.join(format!("{name}.py")), text)?;
        // Isolated from what else may be installed for Python.
        let script =
            format!("#!/bin/sh\nexec '{interpreter}' -I \"${{0%/*}}/../drivers/{name}.py\" \"$@\"\n");
        write(&bin.join(name), &script)?;
        make_executable(&bin.join(name))?;
    }
    Ok(())
}

/// Asks a trivial question.
fn try_out(program: &Path) -> Outcome {
    let failed = |what: &dyn std::fmt::Display| format!("{} does not work: {what}", program.display());
    let mut command = Command::new(program);
    if program.ends_with("z3") {
        command.arg("-in");
    }
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| failed(&error))?;
    if let Some(mut input) = child.stdin.take() {
        let question = b"(set-logic QF_BV)\n(check-sat)\n(echo \"done\")\n";
        input.write_all(question).map_err(|error| failed(&error))?;
    }
    let answer = child.wait_with_output().map_err(|error| failed(&error))?;
    let answer = String::from_utf8_lossy(&answer.stdout).into_owned();
    if answer.trim() == "sat\ndone" {
        Ok(())
    } else {
        Err(failed(&format!("it answers `{}`", answer.trim())))
    }
}

/// Writes a file unless it is as wanted already: another process may be running it.
fn write(path: &PathBuf, text: &str) -> Outcome {
    if std::fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    let fresh = path.with_extension(format!("{}", std::process::id()));
    let written = std::fs::write(&fresh, text).and_then(|()| std::fs::rename(&fresh, path));
    written.map_err(|error| format!("cannot write {}: {error}", path.display()))
}

#[cfg(unix)]
fn make_executable(path: &Path) -> Outcome {
    use std::os::unix::fs::PermissionsExt;

    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(path, mode).map_err(|error| format!("cannot mark {}: {error}", path.display()))
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) -> Outcome {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_solver_gets_a_program() {
        let folder = std::env::temp_dir().join(format!("anrf-solvers-{}", std::process::id()));
        let site = folder.join("site").join("bin");
        std::fs::create_dir_all(&site).unwrap();
        std::fs::write(site.join(format!("z3{}", std::env::consts::EXE_SUFFIX)), "program").unwrap();
        // The second time it finds its own work.
        for _ in 0..2 {
            link(&folder, "/usr/bin/python3").unwrap();
            let driver = std::fs::read_to_string(folder.join("bin/cvc5")).unwrap();
            assert!(driver.starts_with("#!/bin/sh\nexec '/usr/bin/python3' -I "), "{driver}");
            assert!(folder.join("drivers/bitwuzla.py").is_file());
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
