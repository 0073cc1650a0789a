//! Reads as much of `Cargo.toml` as the tasks need: sections, keys, and values as they are written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::Outcome;

/// One `key = value` of a manifest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The header it stands under, without brackets.
    pub(crate) section: String,
    pub(crate) key: String,
    /// As written, comments cut off; an array over several lines is joined.
    pub(crate) value: String,
    pub(crate) line: usize,
}

/// The entries of a manifest in order.
pub(crate) fn entries(text: &str) -> Vec<Entry> {
    let mut section = String::new();
    let mut found: Vec<Entry> = vec![];
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let line = without_comment(line).trim();
        if open {
            if let Some(entry) = found.last_mut() {
                entry.value.push_str(line);
                open = is_open(&entry.value);
            }
        } else if let Some(header) = line.strip_prefix('[') {
            section = header.trim_start_matches('[').trim_end_matches(']').trim().to_owned();
        } else if let Some((key, value)) = line.split_once('=') {
            let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
            open = is_open(&value);
            found.push(Entry { section: section.clone(), key, value, line: index + 1 });
        }
    }
    found
}

fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    for (index, character) in line.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '#' if !quoted => return &line[..index],
            _ => {}
        }
    }
    line
}

fn is_open(value: &str) -> bool {
    value.matches(['[', '{']).count() > value.matches([']', '}']).count()
}

/// The strings in a value, such as those of an array.
pub(crate) fn strings(value: &str) -> Vec<String> {
    value.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The packages that a manifest depends on, for building, running or testing, each with its line.
pub(crate) fn dependencies(entries: &[Entry]) -> Vec<(String, usize)> {
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let mut found = vec![];
    for entry in entries {
        let parts: Vec<&str> = entry.section.split('.').collect();
        let Some(at) = parts.iter().position(|part| kinds.contains(part)) else { continue };
        let name = match parts.get(at + 1) {
            Some(name) => name,
            None => entry.key.split('.').next().unwrap_or(&entry.key),
        };
        let name = name.trim_matches('"').to_owned();
        if parts.first() != Some(&"workspace") && !found.iter().any(|(known, _)| *known == name) {
            found.push((name, entry.line));
        }
    }
    found
}

/// A package of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Whether it may go to a registry.
    pub(crate) is_published: bool,
    /// Names of the packages it depends on, inside the workspace and outside.
    pub(crate) dependencies: Vec<String>,
}

/// The packages of the workspace, each after those it depends on.
pub(crate) fn packages(root: &Path) -> Outcome<Vec<Package>> {
    let read = |path: PathBuf| {
        std::fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
    };
    let workspace = entries(&read(root.join("Cargo.toml"))?);
    let members = workspace.iter().find(|entry| entry.section == "workspace" && entry.key == "members");
    let mut waiting = BTreeMap::new();
    for member in strings(members.map_or("", |entry| &entry.value)) {
        let folder = root.join(&member);
        let entries = entries(&read(folder.join("Cargo.toml"))?);
        let of_package = |key| entries.iter().find(|entry| entry.section == "package" && entry.key == key);
        let name = of_package("name").and_then(|entry| strings(&entry.value).pop());
        let name = name.ok_or_else(|| format!("{member}/Cargo.toml has no package name"))?;
        let is_published = of_package("publish").is_none_or(|entry| entry.value != "false");
        let dependencies = dependencies(&entries).into_iter().map(|(name, _)| name).collect();
        waiting.insert(name.clone(), Package { name, is_published, dependencies });
    }
    in_order(waiting)
}

fn in_order(mut waiting: BTreeMap<String, Package>) -> Outcome<Vec<Package>> {
    let mut ordered = vec![];
    while !waiting.is_empty() {
        let is_ready =
            |package: &Package| package.dependencies.iter().all(|name| !waiting.contains_key(name.as_str()));
        let Some(name) =
            waiting.values().find(|package| is_ready(package)).map(|package| package.name.clone())
        else {
            let names: Vec<&str> = waiting.keys().map(String::as_str).collect();
            return Err(format!("these packages depend on each other in a circle: {}", names.join(", ")));
        };
        ordered.extend(waiting.remove(&name));
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_keys_and_arrays_are_read() {
        let text = "[package]\nname = \"a\" # why\n\n[features]\nall = [\n  \"x\", # first\n  \"y#z\",\n]\n";
        let found = entries(text);
        assert_eq!(found[0].section, "package");
        assert_eq!(strings(&found[0].value), ["a"]);
        assert_eq!(
            (found[1].key.as_str(), strings(&found[1].value)),
            ("all", vec!["x".into(), "y#z".into()])
        );
    }

    #[test]
    fn dependencies_are_found_in_every_way_of_writing_them() {
        let text = "[dependencies]\na.workspace = true\nb = \"1\"\n[dependencies.c]\nversion = \"1\"\n\
            features = [\"f\"]\n[target.'cfg(unix)'.dev-dependencies]\nd = { path = \"..\" }\n[features]\ne = []\n";
        let names: Vec<String> = dependencies(&entries(text)).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
    }

    #[test]
    fn packages_come_after_what_they_need() {
        let package = |name: &str, needs: &[&str]| {
            let dependencies = needs.iter().map(|name| (*name).to_owned()).collect();
            (name.to_owned(), Package { name: name.into(), is_published: true, dependencies })
        };
        let all = [package("a", &["c", "serde"]), package("b", &[]), package("c", &["b"])];
        let names: Vec<String> =
            in_order(all.into_iter().collect()).unwrap().into_iter().map(|package| package.name).collect();
        assert_eq!(names, ["b", "c", "a"]);
        let circle = [package("a", &["b"]), package("b", &["a"])];
        assert!(in_order(circle.into_iter().collect()).unwrap_err().contains("in a circle: a, b"));
    }
}
