//! Regular expressions of `matches` as those of the string theory.

use std::fmt::Write as _;

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use crate::term::FIRST_STAND_IN;

/// Largest bound of a repetition that is written out.
const MOST_REPEATS: u32 = 256;
/// Deepest nesting that is translated.
const DEEPEST: u32 = 60;

/// The theory's form of a pattern that has to match the whole text; `None` for what it has no form of (word
/// boundaries, line ends inside, parts of blocks of scalars above U+2FA1F).
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
    let mut ranges: Vec<(u32, u32)> =
        class.ranges().iter().map(|range| (u32::from(range.start()), u32::from(range.end()))).collect();
    let inside = |scalar: u32| {
        class.ranges().iter().any(|it| (u32::from(it.start())..=u32::from(it.end())).contains(&scalar))
    };
    // No text holds a surrogate; with them `[^,]` is all but one character for solvers too.
    if inside(BEFORE_SURROGATES) && inside(BEHIND_SURROGATES) {
        ranges.push((BEFORE_SURROGATES, BEHIND_SURROGATES));
    }
    let mut parts = vec![];
    for (first, last) in ranges.iter().copied().filter(|(first, _)| *first < FIRST_STAND_IN) {
        parts.push((first, last.min(FIRST_STAND_IN - 1)));
    }
    for (number, first) in (0..).zip(BLOCKS) {
        let next = BLOCKS.get(number + 1).copied().unwrap_or(0x11_0000);
        let stand_in = FIRST_STAND_IN + STAND_INS * u32::try_from(number).ok()?;
        let last_stand_in = if number + 1 == BLOCKS.len() { LAST } else { stand_in + STAND_INS - 1 };
        let covered: u32 =
            ranges.iter().map(|(low, high)| (*high + 1).min(next).saturating_sub((*low).max(first))).sum();
        if covered == next - first {
            parts.push((stand_in, last_stand_in));
        } else if covered > 0 {
            return None;
        }
    }
    let parts = parts.into_iter().map(|(first, last)| {
        let (start, end) = (scalar(first), scalar(last));
        if first == last { format!("(str.to_re {start})") } else { format!("(re.range {start} {end})") }
    });
    join("re.union", parts.map(Some))
}

const BEFORE_SURROGATES: u32 = 0xD7FF;
const BEHIND_SURROGATES: u32 = 0xE000;

/// Where the blocks begin that characters of the string theory stand in for, in order. The theory has no scalars
/// above U+2FFFF; those from here on, none of which has a meaning below U+30000, stand for all that are here or
/// above, block by block in their order. Texts are taken to hold no more different ones of a block than stand in
/// for it. A class that holds only a part of a block cannot be said.
const BLOCKS: [u32; 14] = [
    FIRST_STAND_IN,
    0x3_0000,
    0x3_134B,
    0x3_1350,
    0x3_23B0,
    0xE_0001,
    0xE_0002,
    0xE_0020,
    0xE_0080,
    0xE_0100,
    0xE_01F0,
    0xF_0000,
    0xF_FFFE,
    0x10_0000,
];
/// The last scalar of the string theory.
const LAST: u32 = 0x2_FFFF;
/// How many stand in for each block; for the last one the rest.
const STAND_INS: u32 = 100;

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
