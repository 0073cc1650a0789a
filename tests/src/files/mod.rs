//! File tests: a `.vsp` file that holds what is to be done and, behind its module, what came of it.
//!
//! ```text
//! # covers: builtin LEN, operation loop, code E-TYPE-003      what it stands for, in any number of lines
//! # run: FUNCTION {"input": 1}                                any number of runs; each may be followed by
//! # state: {"balance": "1"}
//! # host: {"charge": [{"success": {...}}, {"error": {...}}]}
//! # limits: fuel=10 memory=4096 depth=2 journal=0 contract=0 host_calls=0
//! # grant: network.http, disk
//! module: ...
//!
//! # found:
//! # error E-TYPE-002 12:5 `integer` is wanted, found `string`
//! # run FUNCTION: {"success": {"x": 1}}, fuel 12
//! ```
//!
//! Lines from `# found:` on are written by `ANRF_BLESS=1`. A file accepts what it covers if it has no finding
//! and a run succeeds, or there is no run; it rejects it if it has a finding or a run does not succeed.

mod expressions;
mod folders;
mod run;

#[cfg(test)]
mod documents;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod mistakes;

pub use expressions::ExpressionFile;
pub use folders::{root, with_extension};
pub use run::{FileTest, found};

/// Folders under `tests/files` that are read by tests of their own.
pub const OTHERS: &[&str] = &["mistakes", "generated", "lower"];

/// All tests of modules, in order of their paths.
#[must_use]
pub fn all() -> Vec<FileTest> {
    paths("vsp").iter().map(|path| FileTest::read(path)).collect()
}

/// All tests of expressions, in order of their paths.
#[must_use]
pub fn all_expressions() -> Vec<ExpressionFile> {
    paths("expr").iter().map(|path| ExpressionFile::read(path)).collect()
}

fn paths(extension: &str) -> Vec<std::path::PathBuf> {
    let folder = root().join("tests/files");
    let others: Vec<_> = OTHERS.iter().map(|name| folder.join(name)).collect();
    let mut files = with_extension(&folder, extension);
    files.retain(|path| !others.iter().any(|other| path.starts_with(other)));
    files
}

#[cfg(test)]
mod tests {
    use super::{all, all_expressions, found};

    #[test]
    fn every_file_gives_what_it_says() {
        let bless = std::env::var_os("ANRF_BLESS").is_some();
        let mut wrong = vec![];
        for test in all() {
            let new = found(&test);
            if new == test.found {
                continue;
            }
            if bless {
                std::fs::write(&test.path, format!("{}{new}", test.text)).expect("the file is written");
            } else {
                wrong.push(format!("{}\n--- expected\n{}--- found\n{new}", test.path.display(), test.found));
            }
        }
        assert!(wrong.is_empty(), "{}\n`cargo xtask bless` writes what is found", wrong.join("\n"));
    }
    #[test]
    fn every_expression_gives_what_it_says() {
        let bless = std::env::var_os("ANRF_BLESS").is_some();
        let mut wrong = vec![];
        for test in all_expressions() {
            let new = test.evaluated();
            if bless && new != test.text {
                std::fs::write(&test.path, &new).expect("the file is written");
            }
            for (found, expected) in new.lines().zip(test.text.lines()).filter(|(a, b)| a != b && !bless) {
                wrong.push(format!("{}\n  expected {expected}\n  found    {found}", test.path.display()));
            }
        }
        assert!(wrong.is_empty(), "{}\n`cargo xtask bless` writes what is found", wrong.join("\n"));
    }
}
