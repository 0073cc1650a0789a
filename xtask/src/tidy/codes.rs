//! The codes of diagnostics, as the `codes!` tables declare them, are well formed and unique.

use std::collections::BTreeMap;

use super::{Finding, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = vec![];
    let mut declared: BTreeMap<String, String> = BTreeMap::new();
    for file in tree.with_extension("rs") {
        for (line, id) in declarations(&file.text) {
            if !is_well_formed(&id) {
                let message = format!("`{id}` is no code; write it like `E-TYPE-012`");
                found.push(Finding::new(&file.path, line, message));
            }
            let place = format!("{}:{line}", file.path);
            if let Some(first) = declared.get(&id) {
                found.push(Finding::new(&file.path, line, format!("`{id}` is also declared at {first}")));
            } else {
                declared.insert(id, place);
            }
        }
    }
    found
}

/// The codes between `codes! {` and the brace that ends it at the same indentation, each with its line.
fn declarations(text: &str) -> Vec<(usize, String)> {
    let mut found = vec![];
    let mut end = None;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        let indentation = &line[..line.len() - trimmed.len()];
        match end {
            None if trimmed.starts_with("codes! {") || trimmed.contains("::codes! {") => {
                end = Some(indentation)
            }
            Some(start) if start == indentation && trimmed.starts_with('}') => end = None,
            // `NAME = "E-…", "title", "explanation";`, where only the first string can be a code.
            Some(_) => {
                let value = trimmed.split_once(" = \"").filter(|(name, _)| is_constant(name));
                if let Some((id, _)) = value.and_then(|(_, value)| value.split_once('"')) {
                    found.push((index + 1, id.to_owned()));
                }
            }
            None => {}
        }
    }
    found
}

fn is_constant(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_')
}

fn is_well_formed(id: &str) -> bool {
    let parts: Vec<&str> = id.split('-').collect();
    let [kind, area, number] = parts.as_slice() else { return false };
    ["E", "L"].contains(kind)
        && !area.is_empty()
        && area.chars().all(|it| it.is_ascii_uppercase())
        && number.len() == 3
        && number.chars().all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect::findings;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let first = "anrf_format::codes! {\n    A = \"E-TYPE-001\", \"t\", \"x\";\n    B = \"E-TYPE-2\",\n        \"t\", \"x\";\n}\n";
        let second = "codes! {\n    C = \"E-TYPE-001\", \"t\",\n        \"x = \\\"y\\\"\";\n}\nconst D: &str = \"E-TYPE-001\";\n";
        let expected = [
            "a.rs:3: `E-TYPE-2` is no code; write it like `E-TYPE-012`",
            "b.rs:2: `E-TYPE-001` is also declared at a.rs:2",
        ];
        findings(check, &[("a.rs", first), ("b.rs", second)], &expected);
    }
}
