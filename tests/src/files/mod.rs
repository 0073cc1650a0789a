//! File tests: a file that holds a text, what is to be done with it and, behind it, what came of it.
//!
//! ```text
//! # covers: builtin LEN, operation loop, code E-TYPE-003      what it stands for, in any number of lines
//! # run: FUNCTION {"input": 1}                                any number of acts; a run may be followed by
//! # state: {"balance": "1"}
//! # host: {"charge": [{"success": {...}}, {"error": {...}}]}
//! # limits: fuel=10 memory=4096 depth=2 journal=0 contract=0 host_calls=0
//! # grant: network.http, disk
//! # hook: before                                              or after: something refuses every run
//! # replay: "r1" => "r2"                                      its recording is changed and run again
//! # unread: {"input": "1"}                                    inputs as they are, whatever the types say
//! # unread_state: {"balance": 1}
//! # packed: cut 40                                            packed, changed (see `packed`), and loaded
//! # verified: cut 40                                          the same, its stored code compared
//! # trusted: cut 40                                           the same, loaded as trusted
//! # bytes: find name = ff                                     the text's bytes changed and loaded
//! # typed: FUNCTION                                           a typed handle from integer to integer
//! # view: mermaid
//! # open: nowhere.vsp
//! # load: text
//! # edit: 10..12 more                                       a document, in which these bytes are replaced
//! # repeat 100: text {#}                                      so many lines, numbered, in place of one
//! module: ...
//! # file: other.vsp                                           a text that the first may import
//! module: ...
//! # found:
//! # error E-TYPE-002 12:5 `integer` is wanted, found `string`; help: ...
//! # run FUNCTION: {"success": {"x": 1}}, fuel 12
//! ```
//!
//! Lines from `# found:` on are written by `ANRF_BLESS=1`. A test accepts what it covers if it has no finding
//! and an act succeeds, or there is none; it rejects it if it has a finding or an act does not succeed.
//!
//! A `.vsp` file is one test. A `.cases` file holds several, each behind a line `=== title`.

mod expressions;
mod folders;
mod packed;
mod run;
mod test;

#[cfg(test)]
mod documents;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod mistakes;

pub use expressions::ExpressionFile;
pub use folders::{root, with_extension};
pub use test::{FileTest, found};

/// Folders under `tests/files` that are read by tests of their own.
pub const OTHERS: &[&str] = &["mistakes", "generated", "lower"];

/// All tests of modules, in order of their paths.
#[must_use]
pub fn all() -> Vec<FileTest> {
    let mut paths = paths("vsp");
    paths.extend(self::paths("cases"));
    paths.iter().flat_map(|path| FileTest::read(path)).collect()
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
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::{all, all_expressions, found};

    #[test]
    fn every_file_gives_what_it_says() {
        let bless = std::env::var_os("ANRF_BLESS").is_some();
        let mut blessed: BTreeMap<PathBuf, String> = BTreeMap::new();
        let mut wrong = vec![];
        for test in all() {
            let new = found(&test);
            if new != test.found {
                let place = format!("{}: {}", test.path.display(), test.title);
                wrong.push(format!("{place}\n--- expected\n{}--- found\n{new}", test.found));
            }
            let file = blessed.entry(test.path.clone()).or_default();
            if !file.is_empty() {
                file.push('\n');
            }
            file.push_str(&test.blessed(&new));
        }
        if bless {
            for (path, text) in blessed {
                if std::fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                    std::fs::write(&path, text).expect("the file is written");
                }
            }
            return;
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
