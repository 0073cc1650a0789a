//! No tabs, no spaces at the end of a line, one newline at the end of a file.

use super::{Finding, Tree};

const EXTENSIONS: &[&str] =
    &["rs", "toml", "md", "vsp", "yaml", "yml", "py", "sh", "c", "h", "mjs", "js", "css"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = vec![];
    let is_covered = |path: &str| EXTENSIONS.iter().any(|extension| path.ends_with(&format!(".{extension}")));
    for file in tree.files() {
        // Input files of tests hold such mistakes on purpose.
        let is_input = file.path.contains("tests/") && file.has_extension("vsp");
        if is_input || !(is_covered(&file.path) || file.path == ".ci/run") {
            continue;
        }
        // Tests in Rust hold expected output as it was printed; rustfmt watches what is around it.
        let is_test = file.path.contains("/tests/") || file.path.ends_with("tests.rs");
        let may_trail = is_test && file.has_extension("rs");
        for (index, line) in file.text.lines().enumerate() {
            if line.contains('\t') {
                found.push(Finding::new(&file.path, index + 1, "a tab; write spaces"));
            }
            if !may_trail && line.ends_with([' ', '\t', '\r']) {
                found.push(Finding::new(&file.path, index + 1, "white space at the end of the line"));
            }
        }
        let lines = file.text.lines().count();
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            found.push(Finding::new(&file.path, lines, "no newline at the end of the file"));
        } else if file.text.ends_with("\n\n") {
            found.push(Finding::new(&file.path, lines, "an empty line at the end of the file"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect::findings;

    #[test]
    fn white_space_is_where_it_belongs() {
        let files = [
            ("a.rs", "one\n\ttwo\nthree \n\nfour"),
            ("b.md", "one\n\n"),
            ("c.toml", "one\n"),
            ("d.svg", "one "),
            ("tests/files/format/tab.vsp", "\tone"),
            ("core/a/src/tests.rs", "one \n"),
        ];
        let expected = [
            "a.rs:2: a tab; write spaces",
            "a.rs:3: white space at the end of the line",
            "a.rs:5: no newline at the end of the file",
            "b.md:2: an empty line at the end of the file",
        ];
        findings(check, &files, &expected);
    }
}
