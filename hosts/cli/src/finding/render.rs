//! Findings for people: the message, the lines of the source, the mend.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};
use anrf::{Fix, Severity, Span};

use super::{Finding, Place, Text};

/// Lines longer than this are cut around the place: nobody reads the rest, and it may be megabytes.
const LONGEST_LINE: usize = 400;

/// Characters kept on each side of a place in a line that is cut.
const KEPT_AROUND: usize = 100;

/// The text of a finding, without a newline at its end.
pub(crate) fn render(finding: &Finding, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Hint => Level::NOTE.with_name("hint"),
    };
    let mut group = Group::with_title(level.primary_title(&*finding.message).id(finding.code));
    let excerpt = finding.place.as_ref().map(Excerpt::of);
    match &excerpt {
        Some(excerpt) => {
            let mut snippet = Snippet::source(&*excerpt.text).line_start(excerpt.first_line);
            snippet = snippet.path(excerpt.name);
            for (range, kind, label) in &excerpt.annotations {
                let annotation = kind.span(range.clone());
                snippet = snippet.annotation(match label {
                    Some(label) => annotation.label(*label),
                    None => annotation,
                });
            }
            group = group.element(snippet);
        }
        None => {
            if let Some(file) = finding.file_name() {
                let origin = Origin::path(file);
                group = group.element(match finding.position {
                    Some((line, column)) => {
                        let number = |it: u64| usize::try_from(it).unwrap_or(usize::MAX);
                        let origin = origin.line(number(line));
                        match column {
                            Some(column) => origin.char_column(number(column)),
                            None => origin,
                        }
                    }
                    None => origin,
                });
            }
        }
    }
    let fix = finding.place.as_ref().and_then(|place| place.fixes.first().map(|fix| (place, fix)));
    let fix = fix.and_then(|(place, fix)| Some((fix, Patched::of(&place.text, fix)?)));
    // The fix says it too, and shows it.
    let said = fix.as_ref().map(|(fix, _)| fix.title.as_str());
    if let Some(help) = finding.help.as_deref().filter(|help| Some(*help) != said) {
        group = group.element(Level::HELP.message(help));
    }
    let mut groups = vec![group];
    if let Some((fix, patched)) = &fix {
        let snippet = Snippet::source(&*patched.text).line_start(patched.first_line);
        let patches = patched.patches.iter().map(|(range, new)| Patch::new(range.clone(), *new));
        groups.push(Level::HELP.secondary_title(&*fix.title).element(snippet.patches(patches)));
    }
    renderer.render(&groups)
}

/// The lines around a place, so that what is rendered does not grow with the file.
struct Excerpt<'a> {
    name: &'a str,
    first_line: usize,
    text: String,
    annotations: Vec<(Range<usize>, AnnotationKind, Option<&'a str>)>,
}

impl<'a> Excerpt<'a> {
    fn of(place: &'a Place) -> Self {
        let text = &place.text.text;
        let primary = clamped(text, place.span);
        // Notes far away would bring the whole text between into the excerpt.
        let notes = place.notes.iter().map(|(span, note)| (clamped(text, *span), note.as_str()));
        let notes: Vec<_> =
            notes.filter(|(range, _)| range.start.abs_diff(primary.start) < 64 << 10).collect();
        let all = || notes.iter().map(|(range, _)| range).chain([&primary]);
        let start = all().map(|range| range.start).min().unwrap_or(primary.start);
        let end = all().map(|range| range.end).max().unwrap_or(primary.end);
        let (lines, first_line) = whole_lines(&place.text, start..end);
        let shown = &text[lines.clone()];
        if notes.is_empty() && shown.len() > LONGEST_LINE && !shown.trim_end().contains('\n') {
            return Self::cut(place, primary, lines, first_line);
        }
        let inside = |range: &Range<usize>| range.start - lines.start..range.end - lines.start;
        let mut annotations = vec![(inside(&primary), AnnotationKind::Primary, place.label.as_deref())];
        annotations
            .extend(notes.iter().map(|(range, note)| (inside(range), AnnotationKind::Context, Some(*note))));
        Self { name: &place.text.name, first_line, text: shown.to_owned(), annotations }
    }

    /// A piece of a long line.
    fn cut(place: &'a Place, primary: Range<usize>, line: Range<usize>, first_line: usize) -> Self {
        let text = &place.text.text;
        let end = primary.end.min(primary.start + LONGEST_LINE);
        let start = floor_boundary(text, primary.start.saturating_sub(KEPT_AROUND).max(line.start));
        let stop = floor_boundary(text, (end + KEPT_AROUND).min(line.end));
        let before = if start > line.start { "…" } else { "" };
        let after = if stop < line.end { "…" } else { "" };
        let shift = |offset: usize| floor_boundary(text, offset.clamp(start, stop)) - start + before.len();
        let range = shift(primary.start)..shift(end);
        let annotations = vec![(range, AnnotationKind::Primary, place.label.as_deref())];
        let text = format!("{before}{}{after}", text[start..stop].trim_end_matches('\n'));
        Self { name: &place.text.name, first_line, text, annotations }
    }
}

/// The lines that a fix changes.
struct Patched<'a> {
    first_line: usize,
    text: String,
    patches: Vec<(Range<usize>, &'a str)>,
}

impl<'a> Patched<'a> {
    /// `None` if the fix is too large to be shown.
    fn of(text: &Text, fix: &'a Fix) -> Option<Self> {
        let ranges: Vec<_> = fix.edits.iter().map(|edit| clamped(&text.text, edit.span)).collect();
        let start = ranges.iter().map(|range| range.start).min()?;
        let end = ranges.iter().map(|range| range.end).max()?;
        let (lines, first_line) = whole_lines(text, start..end);
        let long = fix.edits.iter().any(|edit| edit.replacement.len() > LONGEST_LINE);
        if lines.len() > 2 * LONGEST_LINE || long {
            return None;
        }
        let patches = ranges.iter().zip(&fix.edits);
        let patches = patches
            .map(|(range, edit)| (range.start - lines.start..range.end - lines.start, &*edit.replacement));
        Some(Self { first_line, patches: patches.collect(), text: text.text[lines].to_owned() })
    }
}

/// A span as a range that surely slices the text.
fn clamped(text: &str, span: Span) -> Range<usize> {
    let start = floor_boundary(text, span.range().start);
    start..floor_boundary(text, span.range().end).max(start)
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|offset| text.is_char_boundary(*offset)).unwrap_or(0)
}

/// The whole lines that hold a range, and the number of the first, from 1.
fn whole_lines(text: &Text, range: Range<usize>) -> (Range<usize>, usize) {
    let start = text.text[..range.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text.text[range.end..].find('\n').map_or(text.text.len(), |newline| range.end + newline);
    let line = u32::try_from(start).map_or(1, |start| text.lines.position(start).line);
    (start..end, line as usize)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::finding::codes;

    fn shown(text: &str, span: Span) -> String {
        let text: Arc<Text> = Text::new("a.vsp", text);
        render(&Finding::error(&codes::USAGE, "wrong").at(&text, span), &Renderer::plain())
    }

    #[test]
    fn the_line_of_the_place_is_shown() {
        let expected = "error[E-CLI-001]: wrong\n --> a.vsp:2:3\n  |\n2 | bä b\n  |   ^";
        assert_eq!(shown("a\nbä b\nc", Span::new(5, 6)), expected);
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}HERE{}", "ä".repeat(3000), "ö".repeat(3000));
        let shown = shown(&text, Span::new(6000, 6004));
        assert!(shown.contains("HERE") && shown.contains('…'), "{shown}");
        assert!(shown.len() < 2000, "{} bytes", shown.len());
    }

    #[test]
    fn any_span_of_any_text_is_rendered() {
        for text in ["", "\n", "ä", "a\r\nb", "x\n\n"] {
            for start in 0..6 {
                for end in start..7 {
                    assert!(shown(text, Span::new(start, end)).contains("wrong"));
                }
            }
        }
    }
}
