//! Goals about the form of a text that is put together: `matches(a ++ b, ...)`. Solvers decide whether one
//! regular language lies in another, but seldom that of a text of unknown parts. So it is said of the whole what
//! follows from the languages of its parts, and how it is made is hidden.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::term::{FIRST_STAND_IN, Op, SortId, TermId, Terms, Theory, string_literal};

/// Most ways in which one text may be put together of parts.
const MOST_WAYS: usize = 96;

/// A language with what has to hold for a part to be of it.
type Known = (Vec<TermId>, String);

/// A way in which a text is known to be of a language, and one that is asked for: if all of the first is in the
/// second, the text is of that where the condition holds.
pub(super) struct Way {
    condition: TermId,
    text: TermId,
    /// The language that follows from the parts.
    pub(super) made: String,
    /// The one that is asked for.
    pub(super) asked: String,
}

/// A goal without quantifiers, and the ways in which its texts are put together.
pub(super) struct Languages {
    said: Vec<TermId>,
    /// What is to be decided of each by itself.
    pub(super) ways: Vec<Way>,
}

impl Languages {
    /// Of assertions that should contradict themselves; `None` if no language is asked of a text that is put
    /// together. To leave out assertions only weakens them.
    pub(super) fn of(terms: &mut Terms, assertions: &[TermId]) -> Option<Self> {
        let ground: Vec<TermId> =
            assertions.iter().copied().filter(|assertion| !has_quantifier(terms, *assertion)).collect();
        let parts = Parts::of(terms, &ground);
        let asked: Vec<(TermId, String)> = parts
            .in_language
            .iter()
            .filter(|(text, _)| matches!(terms.get(*text).op, Op::Theory(Theory::Append)))
            .cloned()
            .collect();
        let mut ways = vec![];
        for (text, asked) in asked {
            for (conditions, made) in made_of(terms, &parts, text) {
                let condition = terms.and(conditions);
                ways.push(Way { condition, text, made, asked: asked.clone() });
            }
        }
        if ways.is_empty() {
            return None;
        }
        let mut said = ground;
        for (text, bounds) in &parts.bounds {
            of_comparisons(terms, *text, bounds, &mut said);
        }
        for text in &parts.characters {
            of_character(terms, *text, &mut said);
        }
        Some(Self { said, ways })
    }

    /// What contradicts itself if the assertions do, given which of the ways lead where they should: languages,
    /// orders and how texts are made are hidden in it.
    pub(super) fn assertions(self, terms: &mut Terms, leads: &[bool]) -> Vec<TermId> {
        let mut said = self.said;
        for (way, _) in self.ways.into_iter().zip(leads).filter(|(_, leads)| **leads) {
            let is_in = terms.in_language(way.text, way.asked);
            said.push(terms.implies(way.condition, is_in));
        }
        hide(terms, &said)
    }
}

impl Way {
    /// The script that contradicts itself if all of the language made is in the one asked for.
    pub(super) fn script(&self) -> String {
        let Self { made, asked, .. } = self;
        format!(
            "(declare-fun text () String)\n(assert (str.in_re text {made}))\n(assert (not (str.in_re text {asked})))\n"
        )
    }
}

/// What a goal says of texts.
#[derive(Default)]
struct Parts {
    /// Each text with a language that is spoken of, in order.
    in_language: Vec<(TermId, String)>,
    /// Texts that are compared with single characters.
    bounds: Vec<(TermId, Vec<char>)>,
    /// Texts that are said to be a literal, as what comes from one of several branches is.
    literals: Vec<(TermId, TermId)>,
    /// `text[i]`.
    characters: Vec<TermId>,
}

impl Parts {
    fn of(terms: &Terms, roots: &[TermId]) -> Self {
        let mut found = Self::default();
        let mut seen = FxHashSet::default();
        let mut stack: Vec<TermId> = roots.iter().rev().copied().collect();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            let term = terms.get(id);
            match (&term.op, &*term.arguments) {
                (Op::InLanguage(language), [text]) => found.in_language.push((*text, language.clone())),
                (Op::Theory(Theory::TextLess | Theory::TextLessEqual), [a, b]) => {
                    for (text, bound) in [(*a, *b), (*b, *a)] {
                        let Some(Some(bound)) = terms.as_text(bound).map(single) else { continue };
                        match found.bounds.iter_mut().find(|(known, _)| *known == text) {
                            Some((_, bounds)) => bounds.push(bound),
                            None => found.bounds.push((text, vec![bound])),
                        }
                    }
                }
                (Op::Theory(Theory::Equal), &[a, b]) => {
                    for (text, literal) in [(a, b), (b, a)] {
                        if terms.as_text(literal).is_some() {
                            found.literals.push((text, literal));
                        }
                    }
                }
                (Op::Theory(Theory::At), _) => found.characters.push(id),
                _ => {}
            }
            stack.extend(term.arguments.iter().rev());
        }
        for (_, bounds) in &mut found.bounds {
            bounds.sort_unstable();
            bounds.dedup();
        }
        found
    }
}

/// The character that a text is.
fn single(text: &str) -> Option<char> {
    let mut scalars = text.chars();
    scalars.next().filter(|scalar| scalars.next().is_none() && u32::from(*scalar) < FIRST_STAND_IN)
}

fn has_quantifier(terms: &Terms, root: TermId) -> bool {
    let mut seen = FxHashSet::default();
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        if seen.insert(id) {
            if matches!(terms.get(id).op, Op::ForAll(_) | Op::Exists(_)) {
                return true;
            }
            stack.extend(terms.get(id).arguments.iter().copied());
        }
    }
    false
}

/// The languages of a text that is put together, with what has to hold for them: those of its parts, one behind
/// the other, in every way that they are known.
fn made_of(terms: &mut Terms, parts: &Parts, whole: TermId) -> Vec<Known> {
    let mut ways: Vec<Known> = vec![];
    for (conditions, pieces) in cases(terms, whole) {
        let mut these: Vec<Known> = vec![(conditions, String::new())];
        for piece in pieces {
            let known = of_piece(terms, parts, piece);
            these = these
                .iter()
                .flat_map(|(before, language)| {
                    known.iter().map(move |(guards, more)| {
                        let guards = before.iter().chain(guards).copied().collect();
                        (guards, format!("{language} {more}"))
                    })
                })
                .take(MOST_WAYS)
                .collect();
        }
        ways.extend(these);
    }
    ways.truncate(MOST_WAYS);
    ways.into_iter().map(|(guards, parts)| (guards, format!("(re.++{parts} (str.to_re \"\"))"))).collect()
}

/// The pieces of a text by the conditions that choose among them.
fn cases(terms: &mut Terms, text: TermId) -> Vec<(Vec<TermId>, Vec<TermId>)> {
    let term = terms.get(text).clone();
    match (&term.op, &*term.arguments) {
        (Op::Theory(Theory::Append), arguments) => {
            let mut found: Vec<(Vec<TermId>, Vec<TermId>)> = vec![(vec![], vec![])];
            for argument in arguments {
                let of_argument = cases(terms, *argument);
                found = found
                    .iter()
                    .flat_map(|(conditions, pieces)| {
                        of_argument.iter().map(move |(more, others)| {
                            ([&conditions[..], more].concat(), [&pieces[..], others].concat())
                        })
                    })
                    .take(MOST_WAYS)
                    .collect();
            }
            found
        }
        (Op::Theory(Theory::IfThenElse), &[condition, yes, no]) => {
            let not = terms.not(condition);
            let mut found = vec![];
            for (condition, text) in [(condition, yes), (not, no)] {
                for (mut conditions, pieces) in cases(terms, text) {
                    conditions.push(condition);
                    found.push((conditions, pieces));
                }
            }
            found
        }
        _ => vec![(vec![], vec![text])],
    }
}

/// The languages that a piece may be known to be of; of any at the least.
fn of_piece(terms: &mut Terms, parts: &Parts, piece: TermId) -> Vec<Known> {
    if let Some(Ok(literal)) = terms.as_text(piece).map(string_literal) {
        return vec![(vec![], format!("(str.to_re {literal})"))];
    }
    let mut found = vec![];
    let empty = terms.text("");
    let is_empty = terms.equal(piece, empty);
    let some = terms.not(is_empty);
    for (text, language) in &parts.in_language {
        if *text == piece {
            let is_in = terms.in_language(piece, language.clone());
            found.push((vec![is_in], language.clone()));
            found.push((vec![is_in, some], format!("(re.inter {language} (re.comp (str.to_re \"\")))")));
        }
    }
    for (text, literal) in &parts.literals {
        if *text == piece
            && let Some(Ok(written)) = terms.as_text(*literal).map(string_literal)
        {
            let is_it = terms.equal(piece, *literal);
            found.push((vec![is_it], format!("(str.to_re {written})")));
        }
    }
    if let Some((_, bounds)) = parts.bounds.iter().find(|(text, _)| *text == piece) {
        for (_, interval) in intervals(bounds) {
            let is_in = terms.in_language(piece, interval.clone());
            found.push((vec![is_in], interval));
        }
    }
    if found.is_empty() {
        found.push((vec![], String::from("re.all")));
    }
    found
}

/// Characters in ranges so that none of the bounds is inside a range but at its end: each bound by itself and what
/// lies between; with the last character of each.
fn intervals(bounds: &[char]) -> Vec<(u32, String)> {
    let range = |from: u32, to: u32| (to, format!("(re.range \"\\u{{{from:x}}}\" \"\\u{{{to:x}}}\")"));
    let mut found = vec![];
    let mut next = 0;
    for bound in bounds.iter().map(|bound| u32::from(*bound)) {
        if next < bound {
            found.push(range(next, bound - 1));
        }
        found.push(range(bound, bound));
        next = bound + 1;
    }
    found.push(range(next, 0x2_FFFF));
    found
}

/// A single character is in one of the ranges, which decides every comparison.
fn of_comparisons(terms: &mut Terms, text: TermId, bounds: &[char], said: &mut Vec<TermId>) {
    let (length, one) = (terms.theory(Theory::Length, vec![text]), terms.integer(1));
    let is_single = terms.equal(length, one);
    let ranges: Vec<(u32, TermId)> =
        intervals(bounds).into_iter().map(|(last, range)| (last, terms.in_language(text, range))).collect();
    let up_to = |terms: &mut Terms, most: Option<u32>| {
        let inside = ranges.iter().filter(|(last, _)| most.is_some_and(|most| *last <= most));
        let inside = inside.map(|(_, is_in)| *is_in).collect();
        terms.or(inside)
    };
    let somewhere = up_to(terms, Some(u32::MAX));
    said.push(terms.implies(is_single, somewhere));
    for (position, (_, here)) in ranges.iter().enumerate() {
        for (_, there) in ranges.iter().skip(position + 1) {
            let both = terms.and(vec![*here, *there]);
            said.push(terms.not(both));
        }
    }
    for bound in bounds {
        let literal = terms.text(&bound.to_string());
        let this = u32::from(*bound);
        for (function, is_first, most) in [
            (Theory::TextLess, true, this.checked_sub(1)),
            (Theory::TextLessEqual, true, Some(this)),
            (Theory::TextLess, false, Some(this)),
            (Theory::TextLessEqual, false, this.checked_sub(1)),
        ] {
            // `b < text` is that it is not in the ranges up to `b`.
            let (a, b) = if is_first { (text, literal) } else { (literal, text) };
            let compares = terms.theory(function, vec![a, b]);
            let low = up_to(terms, most);
            let low = if is_first { low } else { terms.not(low) };
            let means = terms.equal(compares, low);
            said.push(terms.implies(is_single, means));
        }
    }
}

/// `text[i]` is one character where the index is inside.
fn of_character(terms: &mut Terms, text: TermId, said: &mut Vec<TermId>) {
    let (source, index) = (terms.get(text).arguments[0], terms.get(text).arguments[1]);
    let length = terms.theory(Theory::Length, vec![source]);
    let (zero, one) = (terms.integer(0), terms.integer(1));
    let (low, high) = (terms.less_equal(zero, index), terms.less(index, length));
    let inside = terms.and(vec![low, high]);
    let width = terms.theory(Theory::Length, vec![text]);
    let is_one = terms.equal(width, one);
    said.push(terms.implies(inside, is_one));
}

/// Every text that is made of others or by a function, every language and comparison of texts as a constant: one
/// for each.
fn hide(terms: &mut Terms, roots: &[TermId]) -> Vec<TermId> {
    let mut done: FxHashMap<TermId, TermId> = FxHashMap::default();
    let mut stack: Vec<(TermId, bool)> = roots.iter().map(|root| (*root, false)).collect();
    while let Some((id, children_done)) = stack.pop() {
        if done.contains_key(&id) {
            continue;
        }
        let term = terms.get(id).clone();
        let is_made = !term.arguments.is_empty() && term.sort == SortId::TEXT;
        let is_asked =
            matches!(term.op, Op::InLanguage(_) | Op::Theory(Theory::TextLess | Theory::TextLessEqual));
        if is_made || is_asked {
            let constant = terms.constant("hidden", term.sort);
            done.insert(id, constant);
        } else if children_done {
            let new: Vec<TermId> = term.arguments.iter().map(|argument| done[argument]).collect();
            let rebuilt = if new[..] == term.arguments[..] { id } else { terms.rebuild(id, new) };
            done.insert(id, rebuilt);
        } else {
            stack.push((id, true));
            stack.extend(term.arguments.iter().map(|argument| (*argument, false)));
        }
    }
    roots.iter().map(|root| done[root]).collect()
}
