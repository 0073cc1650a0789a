//! A bound on the parser's memory.
//!
//! The parser keeps the tokens of a `[...]` or `{...}` until it knows that the collection is not a key,
//! which it knows at its end. A token takes some fifty times the text of the smallest ones. Files whose
//! indicators could exceed the memory budget are therefore fed through [`Metered`], which ends the text when
//! too many tokens were read without an event.

use std::cell::Cell;
use std::ops::Range;
use std::str::Chars;

use super::text::tokens;

/// Bytes of one token in the parser's queue.
const TOKEN: usize = 104;
/// Bytes a short scalar holds on the heap.
const SCALAR: usize = 48;

/// Whether this many tokens in the queue may take more memory than a text of this size should.
pub(super) fn over_budget(tokens: usize, text_length: usize) -> bool {
    // The queue doubles, and holds the old and the new half while it does. The count of tokens is an
    // estimate, so be ready for the next doubling a little earlier.
    let doubled = (tokens + tokens / 64 + 64).ilog2();
    (3 << doubled) * TOKEN + tokens / 2 * SCALAR > 60 * text_length + (896 << 10)
}

/// Tokens since the last event, shared between the text's reader and the events' reader.
#[derive(Default)]
pub(super) struct Meter {
    tokens: Cell<usize>,
    exceeded: Cell<bool>,
    /// Scalars that look like a lot of tokens, as offsets.
    pub(super) ignored: Vec<Range<usize>>,
}

impl Meter {
    /// An event came, so the queue is drained.
    pub(super) fn reset(&self) {
        self.tokens.set(0);
    }

    pub(super) fn exceeded(&self) -> bool {
        self.exceeded.get()
    }

    /// Makes it ready for another reading that does not count in this range.
    pub(super) fn ignore(&mut self, range: Range<usize>) {
        self.reset();
        self.exceeded.set(false);
        self.ignored.push(range);
    }
}

/// The characters of a text, until the meter is full.
pub(super) struct Metered<'source> {
    characters: Chars<'source>,
    meter: &'source Meter,
    text_length: usize,
    /// Offset of the next character.
    offset: usize,
    /// The brackets that are open, as far as one can tell without reading scalars.
    brackets: Vec<char>,
}

impl<'source> Metered<'source> {
    /// Of a text that begins at an offset of its file.
    pub(super) fn new(text: &'source str, offset: usize, text_length: usize, meter: &'source Meter) -> Self {
        Self { characters: text.chars(), meter, text_length, offset, brackets: vec![] }
    }

    /// How many tokens a character stands for. A pair without braces in a list comes with two more.
    fn tokens(&mut self, character: char) -> usize {
        match character {
            '[' | '{' if self.brackets.len() < 256 => self.brackets.push(character),
            ']' | '}' => drop(self.brackets.pop()),
            ':' if self.brackets.last() == Some(&'{') => return 3,
            _ => {}
        }
        u8::try_from(character).map_or(0, tokens)
    }
}

impl Iterator for Metered<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let character = self.characters.next()?;
        let indicator = self.tokens(character);
        let offset = self.offset;
        self.offset += character.len_utf8();
        if indicator > 0 && !self.meter.ignored.iter().any(|range| range.contains(&offset)) {
            let tokens = self.meter.tokens.get() + indicator;
            self.meter.tokens.set(tokens);
            if over_budget(tokens, self.text_length) {
                self.meter.exceeded.set(true);
                self.characters = "".chars();
                return None;
            }
        }
        Some(character)
    }
}
