//! Every page of the book is in its table of contents, once.

use super::links::{links, resolve};
use super::{Finding, Tree};

const SUMMARY: &str = "docs/SUMMARY.md";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(summary) = tree.files().iter().find(|file| file.path == SUMMARY) else {
        return vec![];
    };
    let mut found = vec![];
    let mut listed = vec![];
    for (line, target) in links(summary) {
        let Some(page) = resolve(SUMMARY, &target) else { continue };
        if listed.contains(&page) {
            found.push(Finding::new(SUMMARY, line, format!("`{target}` is listed twice")));
        }
        listed.push(page);
    }
    let pages =
        tree.with_extension("md").filter(|file| file.path.starts_with("docs/") && file.path != SUMMARY);
    for page in pages.filter(|page| !listed.contains(&page.path)) {
        found.push(Finding::new(&page.path, 1, "the page is not in docs/SUMMARY.md"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect::findings;

    #[test]
    fn every_page_is_listed_once() {
        let summary = "# Summary\n[A](a.md)\n- [B](reference/b.md)\n- [B](reference/b.md)\n";
        let files = [
            (SUMMARY, summary),
            ("docs/a.md", ""),
            ("docs/reference/b.md", ""),
            ("docs/c.md", ""),
            ("README.md", ""),
        ];
        let expected = [
            "docs/SUMMARY.md:4: `reference/b.md` is listed twice",
            "docs/c.md:1: the page is not in docs/SUMMARY.md",
        ];
        findings(check, &files, &expected);
    }
}
