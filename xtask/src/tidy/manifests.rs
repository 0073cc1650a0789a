//! Every crate says what it is and under which licence, and shares the lint table.

use super::{Finding, Tree};
use crate::manifest::entries;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = vec![];
    for file in tree.manifests() {
        let entries = entries(&file.text);
        let has = |section: &str, keys: &[&str]| {
            entries.iter().any(|entry| entry.section == section && keys.contains(&entry.key.as_str()))
        };
        let mut wants = |is_there: bool, what: &str| {
            if !is_there {
                found.push(Finding::new(&file.path, 1, format!("no {what}")));
            }
        };
        wants(has("package", &["description"]), "`description` under `[package]`");
        wants(has("package", &["license", "license.workspace"]), "`license` under `[package]`");
        // A crate that must allow what the workspace denies, or is a workspace of its own, stands apart.
        let own = file.text.contains("[lints.rust]") || file.text.contains("\n[workspace]\n");
        wants(own || has("lints", &["workspace"]), "`workspace = true` under `[lints]`");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect::findings;

    #[test]
    fn a_crate_describes_itself() {
        let whole = "[package]\ndescription = \"d\"\nlicense.workspace = true\n[lints]\nworkspace = true\n";
        let files =
            [("Cargo.toml", "[workspace]\n"), ("a/Cargo.toml", whole), ("b/Cargo.toml", "[package]\n")];
        let expected = [
            "b/Cargo.toml:1: no `description` under `[package]`",
            "b/Cargo.toml:1: no `license` under `[package]`",
            "b/Cargo.toml:1: no `workspace = true` under `[lints]`",
        ];
        findings(check, &files, &expected);
    }
}
