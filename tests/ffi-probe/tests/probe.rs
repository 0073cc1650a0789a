//! Builds the C program and runs it and the Python one against the library.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The shared library, which cargo builds beside the test programs.
fn library() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its program");
    let folder = test.parent().and_then(Path::parent).expect("tests lie in target/PROFILE/deps");
    ["libanrf_ffi_probe.so", "libanrf_ffi_probe.dylib", "anrf_ffi_probe.dll"]
        .iter()
        .flat_map(|name| [folder.join(name), folder.join("deps").join(name)])
        .find(|path| path.is_file())
        .expect("cargo builds the library with its tests")
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("c").join(name)
}

#[track_caller]
fn succeeds(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn c_loads_calls_fails_cancels_and_serves() {
    let library = library();
    let program = std::env::temp_dir().join(format!("anrf-ffi-probe-{}", std::process::id()));
    succeeds(
        Command::new("cc")
            .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-o"])
            .arg(&program)
            .arg(source("probe.c"))
            .arg(&library)
            .args(["-lpthread"]),
    );
    let folder = library.parent().expect("a library lies in a folder");
    succeeds(Command::new(&program).arg(source("probe.vsp")).env("LD_LIBRARY_PATH", folder));
    std::fs::remove_file(program).expect("the program was just built");
}

#[test]
fn python_loads_calls_fails_cancels_and_serves() {
    succeeds(Command::new("python3").arg(source("probe.py")).arg(library()).arg(source("probe.vsp")));
}
