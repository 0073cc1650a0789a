//! Rules of this repository that no compiler knows. Each is a function from the [`Tree`] to findings, in
//! a file of its own.

mod book;
mod codes;
mod layers;
mod leftovers;
mod length;
mod links;
mod manifests;
mod names;
mod tree;
mod whitespace;

use tree::Tree;

use crate::Outcome;
use crate::process::{cargo, root, run as start};

/// A place and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: &[(&str, Rule)] = &[
    ("book", book::check),
    ("codes", codes::check),
    ("layers", layers::check),
    ("leftovers", leftovers::check),
    ("length", length::check),
    ("links", links::check),
    ("manifests", manifests::check),
    ("names", names::check),
    ("whitespace", whitespace::check),
];

/// Checks every rule, then what only the library's own tables can tell.
pub(crate) fn run() -> Outcome {
    let root = root()?;
    let tree = Tree::read(&root)?;
    let mut count = 0;
    for (name, rule) in RULES {
        let mut findings = rule(&tree);
        findings.sort();
        for Finding { path, line, message } in &findings {
            println!("{path}:{line}: {message} [{name}]");
        }
        count += findings.len();
    }
    // Which productions, operations, built-ins, outcomes, lints and codes have their tests is known to the
    // library only, and this program does not link it.
    if tree.exists("tests/src/bin/tidy.rs") {
        start(cargo(&root).args(["run", "--quiet", "--package", "anrf-tests", "--bin", "tidy"]))?;
    }
    match count {
        0 => {
            println!("tidy: {} files, {} rules, no findings", tree.files().len(), RULES.len());
            Ok(())
        }
        1 => Err("tidy has one finding".to_owned()),
        _ => Err(format!("tidy has {count} findings")),
    }
}

#[cfg(test)]
pub(crate) mod expect {
    use super::*;

    /// Asserts what a rule finds in some files, as `path:line: message` lines.
    #[track_caller]
    pub(crate) fn findings(rule: Rule, files: &[(&str, &str)], expected: &[&str]) {
        let mut found = rule(&Tree::of(files));
        found.sort();
        let found: Vec<String> = found
            .into_iter()
            .map(|Finding { path, line, message }| format!("{path}:{line}: {message}"))
            .collect();
        assert_eq!(found, expected);
    }
}
