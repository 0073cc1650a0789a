//! A Rust file of more than 1,000 lines holds more than one idea.

use super::{Finding, Tree};

const MOST: usize = 1000;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let lengths = tree.with_extension("rs").map(|file| (&file.path, file.text.lines().count()));
    lengths
        .filter(|(_, lines)| *lines > MOST)
        .map(|(path, lines)| {
            Finding::new(path, MOST + 1, format!("{lines} lines; at most {MOST}, split it by idea"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect::findings;

    #[test]
    fn a_thousand_lines_are_the_most() {
        let (fits, long) = ("//\n".repeat(1000), "//\n".repeat(1001));
        let files = [("fits.rs", fits.as_str()), ("long.rs", long.as_str()), ("long.md", long.as_str())];
        findings(check, &files, &["long.rs:1001: 1001 lines; at most 1000, split it by idea"]);
    }
}
