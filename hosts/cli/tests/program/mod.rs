//! Runs the built program and says what it did.
#![allow(unreachable_pub, dead_code, clippy::print_stderr, reason = "each test file uses a part")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a command ended in.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// Asserts the exit code.
    #[track_caller]
    pub fn code(self, expected: i32) -> Self {
        assert_eq!(self.code, expected, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that standard output holds a text.
    #[track_caller]
    pub fn prints(self, expected: &str) -> Self {
        assert!(
            self.stdout.contains(expected),
            "`{expected}` is not in stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Asserts that standard error holds a text.
    #[track_caller]
    pub fn says(self, expected: &str) -> Self {
        assert!(
            self.stderr.contains(expected),
            "`{expected}` is not in stderr:\n{}\nstdout:\n{}",
            self.stderr,
            self.stdout
        );
        self
    }

    /// The one JSON document on standard output.
    #[track_caller]
    pub fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.stdout);
        parsed.unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }
}

/// Runs `anrf` in the folder of the test's files.
pub fn anrf(arguments: &[&str]) -> Ended {
    anrf_in(&files(), arguments, b"")
}

/// Runs `anrf` in the folder of the test's files with standard input.
pub fn anrf_with(arguments: &[&str], input: &str) -> Ended {
    anrf_in(&files(), arguments, input.as_bytes())
}

/// Runs `anrf` in a folder with standard input.
pub fn anrf_in(folder: &Path, arguments: &[&str], input: &[u8]) -> Ended {
    anrf_where(folder, arguments, input, &[])
}

/// Runs `anrf` in a folder with standard input and variables.
pub fn anrf_where(folder: &Path, arguments: &[&str], input: &[u8], variables: &[(&str, &str)]) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_anrf"))
        .args(arguments)
        .env("ANRF_CACHE", "")
        .envs(variables.iter().copied())
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that does not read its input closes it, which is no mistake here.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ended = Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    };
    for stream in [&ended.stdout, &ended.stderr] {
        assert!(!stream.contains("panicked at") && !stream.contains("RUST_BACKTRACE"), "{stream}");
    }
    ended
}

/// Variables that leave out every solver.
pub const WITHOUT: &[(&str, &str)] = &[("ANRF_Z3", ""), ("ANRF_CVC5", ""), ("ANRF_BITWUZLA", "")];

/// Runs `anrf` in the folder of the test's files, on a machine without solvers.
pub fn without(arguments: &[&str]) -> Ended {
    without_in(&files(), arguments)
}

/// The same in another folder.
pub fn without_in(folder: &Path, arguments: &[&str]) -> Ended {
    anrf_where(folder, arguments, b"", WITHOUT)
}

/// Whether this machine has z3; if not, the test is skipped, and says so.
pub fn has_solver() -> bool {
    let found = anrf(&["--version", "--format", "json"]).code(0).json();
    if found["solvers"].as_array().unwrap().iter().any(|name| name == "z3") {
        return true;
    }
    eprintln!("z3 is not installed");
    if let Some(log) = std::env::var_os("ANRF_SKIP_LOG") {
        let mut log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        writeln!(log, "z3: not installed (`cargo xtask solvers`)").unwrap();
    }
    false
}

/// The one JSON document on standard output, which is what a schema of the program says.
#[track_caller]
pub fn is(name: &str, ended: &Ended) -> Value {
    let document = ended.json();
    conforms(name, &document);
    document
}

/// Asserts that a document is what a schema of the program says.
#[track_caller]
pub fn conforms(name: &str, document: &Value) {
    conforms_to(&anrf(&["schema", name]).code(0).json(), document);
}

/// Asserts that a document is what a JSON schema says, formats of texts included.
#[track_caller]
pub fn conforms_to(schema: &Value, document: &Value) {
    let schema = jsonschema::options().should_validate_formats(true).build(schema).unwrap();
    let errors: Vec<String> =
        schema.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
}

/// The folder of the test's files.
pub fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files")
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// An empty folder that goes when the test ends.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Copies one of the test's files into it.
    pub fn copy(&self, name: &str) -> &Self {
        std::fs::copy(files().join(name), self.0.join(name)).unwrap();
        self
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        std::fs::write(self.0.join(name), text).unwrap();
        self
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn anrf(&self, arguments: &[&str]) -> Ended {
        anrf_in(&self.0, arguments, b"")
    }

    pub fn anrf_with(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ended {
        anrf_in(&self.0, arguments, input.as_ref())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
