//! Built-ins on text. Lengths, parts and comparisons are those of the string theory; what it does not have is
//! a function with axioms.
//!
//! `text[i]`, `a ++ b` and `text[i..j]` are functions too, each said by the theory's own and by what it does
//! to single characters. Solvers instantiate a quantifier over the characters of a text where such a function
//! is named; of the theory's own functions they do not. Where no quantifier speaks of characters the theory's
//! own take their places ([`Encoder::plain_text`]).

mod case;
mod join;
mod parse;
mod repeat;
mod split;
mod trim;

pub(crate) use self::case::{LOWER, UPPER};

use rustc_hash::{FxHashMap, FxHashSet};

use super::Encoder;
use crate::term::{Op, SortId, SymbolId, TermId, Theory};

const CHARACTER: &str = "char_at";
const GLUE: &str = "glue";
const CUT: &str = "cut";

/// Functions on whole texts with axioms.
const FUNCTIONS: [&str; 10] = [
    "join",
    "split",
    "trim",
    "lower",
    "upper",
    "repeat",
    "reverse text",
    "replace",
    "parse_integer",
    "to_string",
];

impl Encoder<'_> {
    /// `LEN(text)`.
    pub(super) fn text_length(&mut self, text: TermId) -> TermId {
        self.terms.theory(Theory::Length, vec![text])
    }

    /// `text[index]`; outside the empty text, as in the theory.
    pub(super) fn char_at(&mut self, text: TermId, index: TermId) -> TermId {
        let symbol = self.char_symbol();
        self.terms.apply(symbol, vec![text, index])
    }

    fn char_symbol(&mut self) -> SymbolId {
        self.named(CHARACTER, |encoder| {
            let parameters = vec![SortId::TEXT, SortId::INTEGER];
            let symbol = encoder.terms.declare(CHARACTER, parameters.clone(), SortId::TEXT);
            let (variables, given) = encoder.given(&parameters);
            let value = encoder.terms.apply(symbol, given.clone());
            let said = encoder.terms.theory(Theory::At, given);
            let body = encoder.terms.equal(value, said);
            encoder.terms.axiom(symbol, &variables, body, value);
            symbol
        })
    }

    /// `a ++ b`.
    pub(super) fn glue(&mut self, a: TermId, b: TermId) -> TermId {
        let is_empty = |encoder: &Self, text| encoder.terms.as_text(text) == Some("");
        if is_empty(self, a) {
            return b;
        }
        if is_empty(self, b) {
            return a;
        }
        let symbol = self.glue_symbol();
        self.terms.apply(symbol, vec![a, b])
    }

    fn glue_symbol(&mut self) -> SymbolId {
        self.named(GLUE, |encoder| {
            let parameters = vec![SortId::TEXT, SortId::TEXT];
            let symbol = encoder.terms.declare(GLUE, parameters.clone(), SortId::TEXT);
            let (variables, given) = encoder.given(&parameters);
            let value = encoder.terms.apply(symbol, given.clone());
            let said = encoder.terms.theory(Theory::Append, given.clone());
            let body = encoder.terms.equal(value, said);
            encoder.terms.axiom(symbol, &variables, body, value);
            // At an index before `a` both are the empty text, behind `b` too, so this holds of every index.
            let (index_variable, index) = encoder.terms.variable(SortId::INTEGER);
            let with_index = [variables, vec![index_variable]].concat();
            let found = encoder.char_at(value, index);
            let length = encoder.text_length(given[0]);
            let before = encoder.terms.less(index, length);
            let behind = encoder.terms.subtract(index, length);
            let (first, second) = (encoder.char_at(given[0], index), encoder.char_at(given[1], behind));
            let said = encoder.terms.if_then_else(before, first, second);
            let body = encoder.terms.equal(found, said);
            encoder.terms.axiom(symbol, &with_index, body, found);
            // Of the first part the other way as well: the index stays, so this ends.
            let equal = encoder.terms.equal(found, first);
            let body = encoder.terms.implies(before, equal);
            let pattern = encoder.terms.together(vec![value, first]);
            encoder.terms.axiom(symbol, &with_index, body, pattern);
            symbol
        })
    }

    /// `text[from..to]`, which is inside.
    pub(super) fn cut(&mut self, text: TermId, from: TermId, to: TermId) -> TermId {
        let symbol = self.cut_symbol();
        self.terms.apply(symbol, vec![text, from, to])
    }

    fn cut_symbol(&mut self) -> SymbolId {
        self.named(CUT, |encoder| {
            let parameters = vec![SortId::TEXT, SortId::INTEGER, SortId::INTEGER];
            let symbol = encoder.terms.declare(CUT, parameters.clone(), SortId::TEXT);
            let (variables, given) = encoder.given(&parameters);
            let (text, from, to) = (given[0], given[1], given[2]);
            let value = encoder.terms.apply(symbol, given.clone());
            let size = encoder.terms.subtract(to, from);
            let said = encoder.terms.theory(Theory::Substring, vec![text, from, size]);
            let body = encoder.terms.equal(value, said);
            encoder.terms.axiom(symbol, &variables, body, value);
            let length = encoder.text_length(text);
            let inside = encoder.is_slice(from, to, length);
            let (index_variable, index) = encoder.terms.variable(SortId::INTEGER);
            let found = encoder.char_at(value, index);
            let position = encoder.terms.add(from, index);
            let there = encoder.char_at(text, position);
            let is_index = encoder.is_index(index, size);
            let condition = encoder.terms.and(vec![inside, is_index]);
            let equal = encoder.terms.equal(found, there);
            let body = encoder.terms.implies(condition, equal);
            encoder.terms.axiom(symbol, &[variables.clone(), vec![index_variable]].concat(), body, found);
            // One character more, where one speaks of it.
            let next = encoder.char_at(text, to);
            let one = encoder.terms.integer(1);
            let end = encoder.terms.add(to, one);
            let longer = encoder.terms.apply(symbol, vec![text, from, end]);
            let glued = encoder.glue(value, next);
            let equal = encoder.terms.equal(longer, glued);
            let fits = encoder.is_slice(from, end, length);
            let condition = encoder.terms.and(vec![inside, fits]);
            let body = encoder.terms.implies(condition, equal);
            let pattern = encoder.terms.together(vec![value, next]);
            encoder.terms.axiom(symbol, &variables, body, pattern);
            symbol
        })
    }

    /// The same assertions with the theory's own functions for characters and parts of texts, if no quantifier
    /// in them, or in an axiom that they bring along, speaks of such.
    pub(crate) fn plain_text(&mut self, assertions: Vec<TermId>) -> Vec<TermId> {
        let known = |name| self.named.get(&(name, None)).copied();
        let functions = [CHARACTER, GLUE, CUT].map(known);
        if functions.iter().all(Option::is_none) || self.speaks_of_characters(&assertions, functions) {
            return assertions;
        }
        self.theory_text(&assertions)
    }

    /// The same assertions with the theory's own functions for characters and parts of texts.
    pub(crate) fn theory_text(&mut self, assertions: &[TermId]) -> Vec<TermId> {
        let functions = [CHARACTER, GLUE, CUT].map(|name| self.named.get(&(name, None)).copied());
        let mut done: FxHashMap<TermId, TermId> = FxHashMap::default();
        let mut stack: Vec<(TermId, bool)> = assertions.iter().map(|root| (*root, false)).collect();
        while let Some((id, children_done)) = stack.pop() {
            if done.contains_key(&id) {
                continue;
            }
            let arguments = self.terms.get(id).arguments.clone();
            if !children_done {
                stack.push((id, true));
                stack.extend(arguments.iter().map(|argument| (*argument, false)));
                continue;
            }
            let new: Vec<TermId> = arguments.iter().map(|argument| done[argument]).collect();
            let function = match self.terms.get(id).op {
                Op::Apply(symbol) => functions.iter().position(|known| *known == Some(symbol)),
                _ => None,
            };
            let made = match (function, new.as_slice()) {
                (Some(0), _) => self.terms.theory(Theory::At, new),
                (Some(1), _) => self.terms.theory(Theory::Append, new),
                (Some(_), &[text, from, to]) => {
                    let size = self.terms.subtract(to, from);
                    self.terms.theory(Theory::Substring, vec![text, from, size])
                }
                _ if new[..] == arguments[..] => id,
                _ => self.terms.rebuild(id, new),
            };
            done.insert(id, made);
        }
        assertions.iter().map(|assertion| done[assertion]).collect()
    }

    /// Functions of which a goal may need no more than that they give equal texts for equal ones.
    pub(crate) fn text_functions(&self) -> FxHashSet<SymbolId> {
        FUNCTIONS.iter().filter_map(|name| self.named.get(&(*name, None)).copied()).collect()
    }

    /// Whether one of these functions is applied to what a quantifier binds.
    fn speaks_of_characters(&self, assertions: &[TermId], functions: [Option<SymbolId>; 3]) -> bool {
        let (mut seen, mut symbols) = (FxHashSet::default(), FxHashSet::default());
        let mut stack = assertions.to_vec();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            let term = self.terms.get(id);
            if let Op::Apply(symbol) = term.op {
                if functions.contains(&Some(symbol)) {
                    if !self.terms.free(id).is_empty() {
                        return true;
                    }
                } else if symbols.insert(symbol) {
                    stack.extend(self.terms.symbol(symbol).axioms.iter().copied());
                }
            }
            stack.extend(term.arguments.iter().copied());
        }
        false
    }
}
