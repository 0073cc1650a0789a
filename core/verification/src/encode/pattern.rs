//! Regular expressions of `matches` as those of the string theory.

use std::fmt::Write as _;

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

/// Largest bound of a repetition that is written out.
const MOST_REPEATS: u32 = 256;
/// Deepest nesting that is translated.
const DEEPEST: u32 = 60;

/// The theory's form of a pattern that has to match the whole text; `None` for what it has no form of (word
/// boundaries, line ends inside, some but not all scalars from U+2FA20 on).
pub(super) fn translate(pattern: &str) -> Option<String> {
    let hir = regex_syntax::Parser::new().parse(pattern).ok()?;
    whole(&hir, DEEPEST)
}

/// At the outermost place `^` and `$` say nothing more than that the whole text matches.
fn whole(hir: &Hir, depth: u32) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match hir.kind() {
        HirKind::Look(Look::Start | Look::End) => Some(EMPTY.to_owned()),
        HirKind::Capture(capture) => whole(&capture.sub, depth),
        HirKind::Alternation(parts) => join("re.union", parts.iter().map(|part| whole(part, depth))),
        HirKind::Concat(parts) => {
            let first = usize::from(matches!(parts.first()?.kind(), HirKind::Look(Look::Start)));
            let last = parts.len() - usize::from(matches!(parts.last()?.kind(), HirKind::Look(Look::End)));
            join("re.++", parts.get(first..last)?.iter().map(|part| inner(part, depth)))
        }
        _ => inner(hir, depth),
    }
}

const EMPTY: &str = "(str.to_re \"\")";

fn inner(hir: &Hir, depth: u32) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match hir.kind() {
        HirKind::Empty => Some(EMPTY.to_owned()),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            Some(format!("(str.to_re {})", crate::term::string_literal(text).ok()?))
        }
        HirKind::Class(class) => class_of(class),
        HirKind::Look(_) => None,
        HirKind::Repetition(repetition) => repeated(repetition, depth),
        HirKind::Capture(capture) => inner(&capture.sub, depth),
        HirKind::Concat(parts) => join("re.++", parts.iter().map(|part| inner(part, depth))),
        HirKind::Alternation(parts) => join("re.union", parts.iter().map(|part| inner(part, depth))),
    }
}

fn repeated(repetition: &Repetition, depth: u32) -> Option<String> {
    let part = inner(&repetition.sub, depth)?;
    let (least, most) = (repetition.min, repetition.max);
    if least > MOST_REPEATS || most.is_some_and(|most| most > MOST_REPEATS) {
        return None;
    }
    Some(match (least, most) {
        (0, None) => format!("(re.* {part})"),
        (1, None) => format!("(re.+ {part})"),
        (0, Some(1)) => format!("(re.opt {part})"),
        (least, None) => format!("(re.++ ((_ re.^ {least}) {part}) (re.* {part}))"),
        (least, Some(most)) => format!("((_ re.loop {least} {most}) {part})"),
    })
}

fn class_of(class: &Class) -> Option<String> {
    let Class::Unicode(class) = class else { return None };
    let shared = crate::term::FIRST_SHARED;
    let mut parts = vec![];
    for range in class.ranges() {
        let (start, mut end) = (u32::from(range.start()), u32::from(range.end()));
        if end >= shared {
            // All of the scalars that share their places, or none of them.
            if start > shared || range.end() != char::MAX {
                return None;
            }
            end = crate::term::LAST_SCALAR;
        }
        let (start, end) = (scalar(start), scalar(end));
        parts.push(if start == end {
            format!("(str.to_re {start})")
        } else {
            format!("(re.range {start} {end})")
        });
    }
    join("re.union", parts.into_iter().map(Some))
}

fn scalar(value: u32) -> String {
    format!("\"\\u{{{value:x}}}\"")
}

fn join(function: &str, parts: impl Iterator<Item = Option<String>>) -> Option<String> {
    let parts: Vec<String> = parts.collect::<Option<_>>()?;
    match parts.as_slice() {
        [] if function == "re.++" => Some(EMPTY.to_owned()),
        [] => Some("re.none".to_owned()),
        [one] => Some(one.clone()),
        _ => {
            let mut text = format!("({function}");
            for part in parts {
                let _ = write!(text, " {part}");
            }
            text.push(')');
            Some(text)
        }
    }
}
