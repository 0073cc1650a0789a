//! `lower` and `upper`: what holds of them for every text. The mappings of single scalars are Unicode's, and no
//! theory has them; a test looks at every scalar for what is said here.

use crate::encode::Encoder;
use crate::encode::pattern::translate;
use crate::term::{SortId, SymbolId, TermId, Theory};

/// What an axiom says of a case by patterns of whole texts.
pub(crate) struct Case {
    /// As the language calls it.
    pub(crate) name: &'static str,
    /// What the result never holds anything but.
    pub(crate) result: &'static str,
    /// Texts that it leaves alone.
    pub(crate) fixed: &'static str,
    /// Texts that are mapped scalar by scalar, whatever stands around them.
    pub(crate) context_free: &'static str,
    /// Single ASCII letters that change, and by how much.
    pub(crate) letters: &'static str,
    pub(crate) distance: i64,
}

/// `lower`: Σ alone becomes one of two letters by what stands around it.
pub(crate) const LOWER: Case = Case {
    name: "lower",
    result: "[^A-Z]*",
    fixed: "[\\x00-@\\[-\\x7f]*",
    context_free: "[^\u{3a3}]*",
    letters: "[A-Z]",
    distance: 32,
};

/// `upper`.
pub(crate) const UPPER: Case = Case {
    name: "upper",
    result: "[^a-z]*",
    fixed: "[\\x00-`\\{-\\x7f]*",
    context_free: "(?s).*",
    letters: "[a-z]",
    distance: -32,
};

/// Most scalars that one becomes.
pub(crate) const MOST_SCALARS: usize = 3;

impl Encoder<'_> {
    /// `lower(text)` or `upper(text)`.
    pub(in crate::encode) fn change_case(&mut self, case: &'static Case, text: TermId) -> TermId {
        let symbol = self.named(case.name, |encoder| encoder.define_case(case));
        self.terms.apply(symbol, vec![text])
    }

    fn define_case(&mut self, case: &'static Case) -> SymbolId {
        let symbol = self.terms.declare(case.name, vec![SortId::TEXT], SortId::TEXT);
        self.opaque.insert(symbol, case.name);
        let (variables, given) = self.given(&[SortId::TEXT]);
        let text = given[0];
        let whole = self.terms.apply(symbol, given);
        let (length, size) = (self.text_length(text), self.text_length(whole));
        let most = self.terms.integer(i64::try_from(MOST_SCALARS).unwrap_or(i64::MAX));
        let most = self.terms.multiply(length, most);
        let mut said = vec![self.terms.between(length, size, most)];
        let is_in = |encoder: &mut Self, text, pattern| match translate(pattern) {
            Some(language) => encoder.terms.in_language(text, language),
            None => encoder.terms.boolean(false),
        };
        if let Some(language) = translate(case.result) {
            said.push(self.terms.in_language(whole, language));
        }
        let fixed = is_in(self, text, case.fixed);
        let itself = self.terms.equal(whole, text);
        said.push(self.terms.implies(fixed, itself));
        // ASCII is mapped letter by letter.
        let ascii = is_in(self, text, "[\\x00-\\x7f]*");
        let ascii_result = is_in(self, whole, "[\\x00-\\x7f]*");
        let sized = self.terms.equal(size, length);
        let both = self.terms.and(vec![ascii_result, sized]);
        said.push(self.terms.implies(ascii, both));
        let letter = is_in(self, text, case.letters);
        let code = self.terms.theory(Theory::CodeOfText, vec![text]);
        let distance = self.terms.integer(case.distance);
        let code = self.terms.add(code, distance);
        let changed = self.terms.theory(Theory::TextOfCode, vec![code]);
        let is_changed = self.terms.equal(whole, changed);
        said.push(self.terms.implies(letter, is_changed));
        let body = self.terms.and(said);
        self.terms.axiom(symbol, &variables, body, whole);
        let again = self.terms.apply(symbol, vec![whole]);
        let body = self.terms.equal(again, whole);
        self.terms.axiom(symbol, &variables, body, again);
        // Character by character, where it is ASCII.
        let (index_variable, index) = self.terms.variable(SortId::INTEGER);
        let found = self.char_at(whole, index);
        let before = self.char_at(text, index);
        let mapped = self.terms.apply(symbol, vec![before]);
        let inside = self.is_index(index, length);
        let condition = self.terms.and(vec![ascii, inside]);
        let equal = self.terms.equal(found, mapped);
        let body = self.terms.implies(condition, equal);
        let with_index = [variables, vec![index_variable]].concat();
        self.terms.axiom(symbol, &with_index, body, found);
        // Part by part, where nothing depends on what stands around it.
        let (variables, given) = self.given(&[SortId::TEXT, SortId::TEXT]);
        let glued = self.glue(given[0], given[1]);
        let made = self.terms.apply(symbol, vec![glued]);
        let free = given.iter().map(|part| is_in(self, *part, case.context_free)).collect();
        let free = self.terms.and(free);
        let parts: Vec<TermId> = given.iter().map(|part| self.terms.apply(symbol, vec![*part])).collect();
        let glued = self.glue(parts[0], parts[1]);
        let equal = self.terms.equal(made, glued);
        let body = self.terms.implies(free, equal);
        self.terms.axiom(symbol, &variables, body, made);
        symbol
    }
}

#[cfg(test)]
mod tests {
    use regex_syntax::hir::{Class, Hir, HirKind};

    use super::{Case, LOWER, MOST_SCALARS, UPPER};

    /// The class that a pattern is, or repeats.
    fn class(pattern: &str) -> impl Fn(char) -> bool {
        fn ranges(hir: &Hir) -> Vec<(char, char)> {
            match hir.kind() {
                HirKind::Class(Class::Unicode(class)) => {
                    class.ranges().iter().map(|range| (range.start(), range.end())).collect()
                }
                HirKind::Repetition(repetition) => ranges(&repetition.sub),
                other => panic!("{other:?} is no class"),
            }
        }
        let parsed = regex_syntax::Parser::new().parse(pattern);
        let ranges = parsed.as_ref().map(ranges).unwrap_or_default();
        move |scalar| ranges.iter().any(|(first, last)| (*first..=*last).contains(&scalar))
    }

    /// What is said of a case, of every scalar by itself: the mapping of a text is that of its scalars, but for Σ,
    /// which is left out where parts are mapped by themselves.
    #[test]
    fn what_is_said_of_cases_holds_of_every_scalar() {
        for (case, map) in [(LOWER, str::to_lowercase as fn(&str) -> String), (UPPER, str::to_uppercase)] {
            let Case { name, result, fixed, letters, context_free, distance } = case;
            let [result, fixed, letters, free] = [result, fixed, letters, context_free].map(class);
            for scalar in '\0'..=char::MAX {
                let text = scalar.to_string();
                let mapped = map(&text);
                let count = mapped.chars().count();
                assert!((1..=MOST_SCALARS).contains(&count), "{name} of {scalar:?} is {count} scalars");
                assert_eq!(map(&mapped), mapped, "{name} of {scalar:?} is left alone");
                assert!(mapped.chars().all(&result), "{name} of {scalar:?} is {mapped}");
                assert!(!fixed(scalar) || mapped == text, "{name} of {scalar:?} is {mapped}");
                if scalar.is_ascii() {
                    assert!(mapped.is_ascii() && count == 1, "{name} of {scalar:?} is {mapped}");
                }
                if letters(scalar) {
                    let moved = i64::from(u32::from(scalar)) + distance;
                    assert_eq!(mapped.chars().next().map(|it| i64::from(u32::from(it))), Some(moved));
                }
                let [before, behind] = ['a', 'Z'].map(|around| map(&format!("{around}{scalar}")));
                let apart = ['a', 'Z'].map(|around| map(&around.to_string()) + &mapped);
                assert!(
                    !free(scalar) || [before, behind] == apart,
                    "{name} of {scalar:?} depends on what is before"
                );
            }
        }
        assert_ne!("aΣ".to_lowercase(), "a".to_lowercase() + &"Σ".to_lowercase());
    }
}
