//! A long file and edits of it as a person at a keyboard makes them: letters typed and rubbed out, words
//! replaced, lines deleted, moved and pasted, with what is broken left broken for a while.

use std::ops::Range;

use crate::generator::Random;

const INVENTORY: &str = include_str!("../../examples/state/inventory.vsp");
const FETCH: &str = include_str!("../../examples/workflows/fetch_with_retry.vsp");
const COLLATZ: &str = include_str!("../../examples/algorithms/collatz.vsp");

/// A module without a finding, of the functions of three examples over and over: a thousand lines.
#[must_use]
pub fn long_file() -> String {
    let (head, stock) = INVENTORY.split_once("functions:\n").unwrap_or_default();
    let (host, fetch) = FETCH.split_once("functions:\n").unwrap_or_default();
    let (_, host) = host.split_once("host:\n").unwrap_or_default();
    let mut text = format!("{head}host:\n{host}functions:\n");
    for number in 1.. {
        let mut functions = format!("{stock}{fetch}");
        for (line, indent) in COLLATZ.lines().zip(std::iter::once("  - ").chain(std::iter::repeat("    "))) {
            functions += &format!("{indent}{line}\n");
        }
        text += &functions.replace("_v1\n", &format!("_{number}_v1\n"));
        if text.lines().count() >= 1_000 {
            break;
        }
    }
    text
}

/// What people type, paste and mistype.
const PIECES: &[&str] = &[
    "x",
    " ",
    "\n",
    "\"",
    "'",
    ":",
    ": ",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ",",
    "#",
    "- ",
    "-",
    "\t",
    "é",
    "日本",
    "💶",
    "&a ",
    "*a",
    "|",
    "%",
    "==",
    " AND ",
    "quantity",
    "0",
    "9999999999999999999",
    "1.5",
    "  ",
    "null",
];

const WORDS: &[&str] =
    &["quantity", "stock", "integer", "string", "step", "compute", "IF", "AND", "sku", "success", "path"];

/// Edits of a text, the same for the same seed.
#[derive(Debug)]
pub struct Edits {
    random: Random,
    original: String,
    broken: usize,
}

impl Edits {
    /// Edits that come back to the original text again and again.
    #[must_use]
    pub fn new(seed: u64, original: &str) -> Self {
        Self { random: Random::new(seed), original: original.to_owned(), broken: 0 }
    }

    /// What is replaced next in the present text, and by what.
    pub fn next(&mut self, text: &str) -> (Range<usize>, String) {
        self.broken += 1;
        if self.broken > 4 && self.random.chance(30) {
            self.broken = 0;
            return self.undo(text);
        }
        let at = text.floor_char_boundary(self.random.below(text.len() + 1));
        match self.random.below(10) {
            0..=3 => (at..at, (*self.random.pick(PIECES)).to_owned()),
            4 | 5 => {
                let end = text.floor_char_boundary((at + self.random.below(8)).min(text.len()));
                (at..end.max(at), String::new())
            }
            6 => (self.word(text, at), (*self.random.pick(WORDS)).to_owned()),
            7 => (self.lines(text, at), String::new()),
            8 => {
                let from = text.floor_char_boundary(self.random.below(text.len() + 1));
                let copied = text.get(self.lines(text, from)).unwrap_or_default().to_owned();
                let start = line_start(text, at);
                (start..start, copied)
            }
            _ => {
                let start = line_start(text, at);
                (start..start, (*self.random.pick(&["# ", "  ", "é: 1\n", "\n\n"])).to_owned())
            }
        }
    }

    /// What has to be replaced to get the original back.
    fn undo(&self, text: &str) -> (Range<usize>, String) {
        let pairs = || text.char_indices().zip(self.original.chars());
        let same = pairs().find(|((_, one), other)| one != other).map(|((at, _), _)| at);
        let start = same.unwrap_or(text.len().min(self.original.len()));
        let most = text.len().min(self.original.len()) - start;
        let tails = text.chars().rev().zip(self.original.chars().rev());
        let mut tail = 0;
        for (one, other) in tails {
            if one != other || tail + one.len_utf8() > most {
                break;
            }
            tail += one.len_utf8();
        }
        let restored = self.original.get(start..self.original.len() - tail).unwrap_or_default();
        (start..text.len() - tail, restored.to_owned())
    }

    fn word(&self, text: &str, at: usize) -> Range<usize> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let (before, after) = text.split_at(at);
        let start = before.trim_end_matches(is_part).len();
        start..at + after.find(|c| !is_part(c)).unwrap_or(after.len())
    }

    /// One to three whole lines.
    fn lines(&mut self, text: &str, at: usize) -> Range<usize> {
        let start = line_start(text, at);
        let count = 1 + self.random.below(3);
        let length: usize = text[start..].split_inclusive('\n').take(count).map(str::len).sum();
        start..start + length
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |feed| feed + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use anrf::{Document, Engine};

    use super::*;

    #[test]
    fn a_thousand_edits_of_a_thousand_lines_say_what_a_full_check_says() {
        let engine = Engine::new();
        let original = long_file();
        assert!(original.lines().count() >= 1_000);
        let mut document: Document = engine.document("long.vsp", &original);
        assert_eq!(document.diagnostics(), []);
        let mut edits = Edits::new(7, &original);
        // Kept beside the document, not taken from it.
        let mut text = original.clone();
        let (mut clean, mut broken) = (0, 0);
        for round in 0..1_000 {
            let (range, replacement) = edits.next(&text);
            text.replace_range(range.clone(), &replacement);
            let found = document.edit(range.clone(), &replacement).unwrap();
            let full = engine.check("long.vsp", &text).diagnostics;
            assert_eq!(found, full, "edit {round}: {range:?} by {replacement:?}");
            *(if full.is_empty() { &mut clean } else { &mut broken }) += 1;
        }
        assert_eq!(document.text(), text);
        assert!(clean > 100 && broken > 500, "{clean} without a finding, {broken} with some");
    }
}
