//! Every relative link in a Markdown file leads to a file or folder of the repository.

use super::tree::File;
use super::{Finding, Tree};
use crate::markdown::prose;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = vec![];
    for file in tree.with_extension("md") {
        for (line, target) in links(file) {
            let (path, _) = target.split_once('#').unwrap_or((&target, ""));
            let is_outside = target.contains("://") || target.starts_with("mailto:");
            if is_outside || path.is_empty() {
                continue;
            }
            let is_there = resolve(&file.path, path).is_some_and(|path| tree.exists(&path));
            if !is_there {
                found.push(Finding::new(&file.path, line, format!("the link to `{target}` leads nowhere")));
            }
        }
    }
    found
}

/// The targets of `[text](target)` outside code, each with its line.
pub(super) fn links(file: &File) -> Vec<(usize, String)> {
    let mut found = vec![];
    for (number, line) in prose(&file.text) {
        // Every second piece between backticks is code.
        let line: Vec<&str> = line
            .split('`')
            .enumerate()
            .map(|(index, piece)| if index % 2 == 0 { piece } else { "" })
            .collect();
        for piece in line.join("").split("](").skip(1) {
            if let Some((target, _)) = piece.split_once(')') {
                let target = target.split_whitespace().next().unwrap_or("");
                found.push((number, target.to_owned()));
            }
        }
    }
    found
}

/// A path relative to the folder of a file, from the root; `None` if it leaves the repository.
pub(super) fn resolve(file: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect::findings;

    #[test]
    fn links_lead_somewhere() {
        let text = "[a](b.md#part) [c](../core) [d](https://example.org/x) ![e](gone.svg)\n`[f](code)`\n\
            ```\n[g](fenced)\n```\n[h](#here) [i](../../outside.md)\n[`j`](gone.md)\n";
        let files = [("docs/a.md", text), ("docs/b.md", ""), ("core/lib.rs", "")];
        let expected = [
            "docs/a.md:1: the link to `gone.svg` leads nowhere",
            "docs/a.md:6: the link to `../../outside.md` leads nowhere",
            "docs/a.md:7: the link to `gone.md` leads nowhere",
        ];
        findings(check, &files, &expected);
    }
}
