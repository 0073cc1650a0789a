//! A layer never names a later one, nor a host, a test or a task.

use super::{Finding, Tree};
use crate::manifest::{dependencies, entries, strings};

/// First to last.
const LAYERS: &[&str] = &[
    "anrf-format",
    "anrf-language",
    "anrf-runtime",
    "anrf-verification",
    "anrf-optimization",
    "anrf-cranelift",
    "anrf-wasm",
    "anrf-execution",
    "anrf-views",
    "anrf-z3",
    "anrf",
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = vec![];
    for file in tree.manifests() {
        let entries = entries(&file.text);
        let name = entries.iter().find(|entry| entry.section == "package" && entry.key == "name");
        let name = name.and_then(|entry| strings(&entry.value).pop()).unwrap_or_default();
        let layer = LAYERS.iter().position(|layer| *layer == name);
        let may_use = |dependency: &str| match (layer, LAYERS.iter().position(|layer| *layer == dependency)) {
            (Some(layer), Some(other)) => other < layer,
            (Some(_), None) => !dependency.starts_with("anrf-"),
            (None, _) => true,
        };
        let is_host = file.path.starts_with("hosts/");
        for (dependency, line) in dependencies(&entries) {
            if !may_use(&dependency) {
                let message = format!("`{name}` may not use `{dependency}`, which comes after it");
                found.push(Finding::new(&file.path, line, message));
            } else if is_host && dependency.starts_with("anrf-") {
                let message = format!("a host uses the public API only, not `{dependency}`");
                found.push(Finding::new(&file.path, line, message));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect::findings;

    #[test]
    fn layers_look_only_upwards() {
        let files = [
            ("core/a/Cargo.toml", "[package]\nname = \"anrf-runtime\"\n[dependencies]\nanrf-format = {}\n"),
            (
                "core/b/Cargo.toml",
                "[package]\nname = \"anrf-language\"\n[dependencies]\nserde = \"1\"\nanrf-runtime.workspace = true\n",
            ),
            (
                "hosts/c/Cargo.toml",
                "[package]\nname = \"anrf-cli\"\n[dependencies]\nanrf-format = {}\nanrf = {}\n",
            ),
        ];
        let expected = [
            "core/b/Cargo.toml:5: `anrf-language` may not use `anrf-runtime`, which comes after it",
            "hosts/c/Cargo.toml:4: a host uses the public API only, not `anrf-format`",
        ];
        findings(check, &files, &expected);
    }
}
