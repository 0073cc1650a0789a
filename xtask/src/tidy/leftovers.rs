//! Unfinished work and left-over debugging. A real gap is a typed `unsupported` error with a code.

use super::{Finding, Tree};

// Written in halves so that this file does not find itself.
const WORDS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
    concat!("db", "g!"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = vec![];
    for file in tree.with_extension("rs") {
        for (index, line) in file.text.lines().enumerate() {
            let words = WORDS.iter().filter(|word| has_word(line, word));
            found.extend(
                words.map(|word| Finding::new(&file.path, index + 1, format!("`{word}` is unfinished work"))),
            );
        }
    }
    found
}

fn has_word(line: &str, word: &str) -> bool {
    let is_part = |character: Option<char>| character.is_some_and(|it| it.is_alphanumeric() || it == '_');
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !is_part(before) && (word.ends_with('!') || !is_part(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect::findings;

    #[test]
    fn words_are_found_whole() {
        let text = format!("// {}: later\nlet {}S = 1;\n{}(x);\n", WORDS[0], WORDS[0], WORDS[5]);
        let expected = [
            format!("a.rs:1: `{}` is unfinished work", WORDS[0]),
            format!("a.rs:3: `{}` is unfinished work", WORDS[5]),
        ];
        findings(check, &[("a.rs", &text)], &[&expected[0], &expected[1]]);
    }
}
