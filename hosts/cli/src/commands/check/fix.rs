//! Applies fixes until none is left that helps.

use anrf::{Edit, Engine, Fix, Severity};

/// Rounds of checking and mending; a mend may uncover what another one is for.
const ROUNDS: usize = 50;

/// A text after mending.
#[derive(Debug)]
pub(super) struct Mended {
    pub(super) text: String,
    /// How many fixes were applied.
    pub(super) applied: usize,
}

/// Applies the best fix of each diagnostic. A fix that leaves more errors than there were is taken back.
pub(super) fn mend(engine: &Engine, name: &str, text: &str) -> Mended {
    let mut mended = Mended { text: text.to_owned(), applied: 0 };
    let (mut errors, mut fixes) = state(engine, name, text);
    for _ in 0..ROUNDS {
        let together = compatible(&fixes);
        let mut tries = vec![together.clone()];
        if together.len() > 1 {
            tries.extend(together.iter().map(|fix| vec![*fix]));
        }
        let mut progress = false;
        for chosen in tries {
            let Some(new) = apply(&mended.text, &chosen) else { continue };
            let (new_errors, new_fixes) = state(engine, name, &new);
            if new != mended.text
                && new_errors <= errors
                && (new_errors, new_fixes.len()) < (errors, fixes.len())
            {
                mended.applied += chosen.len();
                mended.text = new;
                (errors, fixes) = (new_errors, new_fixes);
                progress = true;
                break;
            }
        }
        if !progress {
            break;
        }
    }
    mended
}

/// How many errors a text has, and the best fix of each finding that has one.
fn state(engine: &Engine, name: &str, text: &str) -> (usize, Vec<Fix>) {
    let found = engine.check(name, text).diagnostics;
    let errors = found.iter().filter(|it| it.severity == Severity::Error).count();
    let own = found.into_iter().filter(|it| it.source.as_deref().is_none_or(|source| source == name));
    (errors, own.filter_map(|it| it.fixes.into_iter().next()).collect())
}

/// Those fixes that do not touch what an earlier one changes.
fn compatible(fixes: &[Fix]) -> Vec<&Fix> {
    let mut chosen: Vec<&Fix> = vec![];
    for fix in fixes {
        let touches = |edit: &Edit| {
            let others = chosen.iter().flat_map(|fix| &fix.edits);
            others
                .into_iter()
                .any(|other| edit.span.start <= other.span.end && other.span.start <= edit.span.end)
        };
        if !fix.edits.iter().any(touches) {
            chosen.push(fix);
        }
    }
    chosen
}

/// The text with all edits of some fixes; `None` if an edit is outside the text or there is none.
fn apply(text: &str, fixes: &[&Fix]) -> Option<String> {
    let mut edits: Vec<&Edit> = fixes.iter().flat_map(|fix| &fix.edits).collect();
    if edits.is_empty() {
        return None;
    }
    edits.sort_by_key(|edit| edit.span);
    let mut new = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        new.push_str(text.get(at..edit.span.range().start)?);
        new.push_str(&edit.replacement);
        at = edit.span.range().end;
    }
    new.push_str(text.get(at..)?);
    Some(new)
}

#[cfg(test)]
mod tests {
    use anrf::Span;

    use super::*;

    fn fix(start: usize, end: usize, replacement: &str) -> Fix {
        let edits = vec![Edit { span: Span::new(start, end), replacement: replacement.into() }];
        Fix { title: String::new(), edits }
    }

    #[test]
    fn fixes_that_overlap_wait_for_the_next_round() {
        let fixes = [fix(0, 2, "x"), fix(1, 3, "y"), fix(4, 5, "z")];
        let chosen = compatible(&fixes);
        assert_eq!(chosen, [&fixes[0], &fixes[2]]);
        assert_eq!(apply("abcdef", &chosen).as_deref(), Some("xcdzf"));
    }

    #[test]
    fn an_edit_outside_the_text_changes_nothing() {
        assert_eq!(apply("ä", &[&fix(1, 2, "x")]), None);
        assert_eq!(apply("a", &[&fix(0, 9, "x")]), None);
    }
}
