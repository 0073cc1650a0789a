//! A crate, folder or file named after nothing collects everything.

use super::{Finding, Tree};

const EMPTY_NAMES: &[&str] = &["common", "helper", "helpers", "misc", "shared", "util", "utils"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = vec![];
    for file in tree.with_extension("rs") {
        let mut parts = file.path.split('/').map(|part| part.trim_end_matches(".rs"));
        if let Some(name) = parts.find(|part| EMPTY_NAMES.contains(part)) {
            found.push(Finding::new(&file.path, 1, format!("`{name}` says nothing; name the idea in it")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect::findings;

    #[test]
    fn a_name_says_something() {
        let files = [("core/utils/src/lib.rs", ""), ("core/format/src/common.rs", ""), ("a/commons.rs", "")];
        let expected = [
            "core/format/src/common.rs:1: `common` says nothing; name the idea in it",
            "core/utils/src/lib.rs:1: `utils` says nothing; name the idea in it",
        ];
        findings(check, &files, &expected);
    }
}
