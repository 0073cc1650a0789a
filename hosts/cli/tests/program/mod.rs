//! Runs the built program and says what it did.
#![allow(unreachable_pub, dead_code, reason = "each test file uses a part")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
    pub fn json(&self) -> serde_json::Value {
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
