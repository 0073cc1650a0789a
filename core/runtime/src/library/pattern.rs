//! `matches`: regular expressions in time linear in the text.
//!
//! A pattern becomes a lazily built automaton (`regex_automata::hybrid`); where that cannot be (a word
//! boundary beside text that is not ASCII) its nondeterministic form is simulated, which takes time in
//! proportion to text times pattern. Look-around and back-references are not in the syntax.

use regex_automata::hybrid::dfa;
use regex_automata::nfa::thompson::{self, pikevm};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};
use rustc_hash::FxHashMap;

/// Longest pattern, in bytes.
pub(super) const LONGEST_PATTERN: usize = 1024;

/// Most bytes that a compiled pattern takes.
const LARGEST_PROGRAM: usize = 256 << 10;

/// Most bytes of an automaton that is built while it runs; then it starts anew.
const AUTOMATON_BYTES: usize = 256 << 10;

/// How deep groups may nest: compiling them recurses.
const DEEPEST_NESTING: u32 = 50;

/// Most patterns that are kept; then all are dropped.
const MOST_PATTERNS: usize = 16;

/// Whether a text is a pattern that `matches` takes.
#[must_use]
pub fn is_pattern(text: &str) -> bool {
    text.len() <= LONGEST_PATTERN && Pattern::compile(text).is_some()
}

/// Compiled patterns by their text.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    known: FxHashMap<Box<str>, Option<Pattern>>,
}

/// One compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    program: pikevm::PikeVM,
    automaton: Option<(dfa::DFA, dfa::Cache)>,
    weight: u64,
}

impl Patterns {
    /// The pattern of a text, compiled at most once while it is kept; `None` if it is none, or too large.
    pub(super) fn get(&mut self, text: &str) -> Option<&mut Pattern> {
        if text.len() > LONGEST_PATTERN {
            return None;
        }
        if !self.known.contains_key(text) {
            if self.known.len() >= MOST_PATTERNS {
                self.known.clear();
            }
            self.known.insert(text.into(), Pattern::compile(text));
        }
        self.known.get_mut(text)?.as_mut()
    }
}

impl Pattern {
    fn compile(text: &str) -> Option<Self> {
        let syntax = syntax::Config::new().nest_limit(DEEPEST_NESTING);
        let nfa = thompson::Compiler::new()
            .syntax(syntax)
            .configure(
                thompson::Config::new()
                    .nfa_size_limit(Some(LARGEST_PROGRAM))
                    .which_captures(thompson::WhichCaptures::Implicit),
            )
            .build(text)
            .ok()?;
        let weight = 1 + (nfa.memory_usage() / 1024) as u64;
        // All matches are followed, so the longest one is found, whatever the order of alternatives.
        let config = dfa::Config::new()
            .match_kind(MatchKind::All)
            .unicode_word_boundary(true)
            .cache_capacity(AUTOMATON_BYTES)
            .skip_cache_capacity_check(true);
        let automaton = dfa::Builder::new().configure(config).build_from_nfa(nfa.clone()).ok();
        let automaton = automaton.map(|automaton| {
            let cache = automaton.create_cache();
            (automaton, cache)
        });
        let config = pikevm::Config::new().match_kind(MatchKind::All);
        let program = pikevm::Builder::new().configure(config).build_from_nfa(nfa).ok()?;
        Some(Self { program, automaton, weight })
    }

    /// What every 64 bytes of text cost: 1 for each started KiB of the program.
    pub(super) const fn weight(&self) -> u64 {
        self.weight
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&mut self, text: &str) -> bool {
        let input = Input::new(text).anchored(Anchored::Yes);
        if let Some((automaton, cache)) = &mut self.automaton
            && let Ok(found) = automaton.try_search_fwd(cache, &input)
        {
            return found.is_some_and(|end| end.offset() == text.len());
        }
        let mut cache = self.program.create_cache();
        let mut slots = [None; 2];
        self.program.search_slots(&mut cache, &input, &mut slots);
        slots[1].is_some_and(|end| end.get() == text.len())
    }
}
