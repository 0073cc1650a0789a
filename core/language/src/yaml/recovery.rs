//! Parsing, and parsing again.
//!
//! An expression that should have been quoted breaks the grammar of the whole file. When an error looks like
//! that, the parser is shown the text once more with a plain word of the same length in the place of the
//! expression: offsets stay what they are, the tree gets the text that was meant, and the errors after it
//! are found too. A guess that does not move the error past the expression is taken back.

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::line_index::LineIndex;
use saphyr_parser::{Input, Parser};

use super::Limits;
use super::builder::Builder;
use super::metered::{Meter, Metered, over_budget};
use super::syntax::{SyntaxError, diagnose, unexplained};
use super::text::{BYTE_ORDER_MARK, Survey};
use super::tree::Tree;
use crate::codes::yaml as codes;

/// How often a file is read again; larger files less often, so that editing a thousand lines stays fluent
/// and hostile files stay cheap.
fn rounds(length: usize) -> usize {
    match length {
        0..=0x3FFF => 16,
        0x4000..=0xF_FFFF => 4,
        _ => 1,
    }
}

/// How one reading ended, when it did not reach the end.
enum Failure {
    Syntax(SyntaxError),
    /// A diagnostic has said why.
    Stopped,
    /// Readable, but not as it was meant.
    Expression(Box<(Diagnostic, Span)>),
}

/// Reads a text that passed the survey.
pub(super) fn parse<'source>(
    text: &'source str,
    survey: &Survey,
    limits: &Limits,
) -> (Option<Tree<'source>>, Vec<Diagnostic>) {
    let mut masks: Vec<Span> = vec![];
    let mut explained: Vec<Diagnostic> = vec![];
    // The guess that the coming reading has to confirm, and what to say if it does not.
    let mut guess: Option<(Span, Diagnostic)> = None;
    for round in 0.. {
        let masked = mask(text, &masks);
        let (builder, failure) = read(text, &masked, &masks, survey, limits);
        let (builder, failure) = match failure {
            None => {
                let (tree, mut diagnostics) = builder.finish();
                diagnostics.append(&mut explained);
                return (Some(tree), diagnostics);
            }
            Some(failure) => (builder, failure),
        };
        let place = match &failure {
            Failure::Syntax(error) => error.offset,
            Failure::Expression(found) => found.1.start as usize,
            Failure::Stopped => text.len(),
        };
        if let Some((span, alternative)) = guess.take()
            && place <= span.end as usize
            && !explained.is_empty()
        {
            explained.pop();
            explained.push(alternative);
            return (None, explained);
        }
        let (diagnostic, expression, alternative) = match failure {
            Failure::Stopped => {
                explained.extend(builder.diagnostics);
                return (None, explained);
            }
            Failure::Expression(found) => (found.0.clone(), Some(found.1), found.0),
            Failure::Syntax(error) => {
                let (diagnostic, expression) = diagnose(text, &error, limits.max_depth);
                let alternative =
                    if expression.is_some() { unexplained(text, &error) } else { diagnostic.clone() };
                (diagnostic, expression, alternative)
            }
        };
        let unmasked =
            |span: &Span| masks.iter().all(|mask| mask.end <= span.start || span.end <= mask.start);
        match expression.filter(unmasked) {
            Some(span) if round < rounds(text.len()) => {
                explained.push(diagnostic);
                guess = Some((span, alternative));
                masks.push(span);
                masks.sort_unstable();
            }
            _ => {
                explained.push(diagnostic);
                explained.extend(builder.diagnostics);
                return (None, explained);
            }
        }
    }
    (None, explained)
}

/// One reading, with the text or through the meter if its tokens could take too much memory.
fn read<'source, 'masks>(
    text: &'source str,
    masked: &str,
    masks: &'masks [Span],
    survey: &Survey,
    limits: &'masks Limits,
) -> (Builder<'source, 'masks>, Option<Failure>) {
    let base = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let shown = masked.get(base..).unwrap_or("");
    let characters = || (!survey.ascii).then(|| LineIndex::new(shown));
    let builder = || Builder::new(text, limits, masks, base);
    if !over_budget(survey.tokens, text.len()) {
        return events(Parser::new_from_str(shown), builder(), characters(), None);
    }
    let mut meter = Meter::default();
    loop {
        let metered = Metered::new(shown, base, text.len(), &meter);
        let read = events(Parser::new_from_iter(metered), builder(), characters(), Some(&meter));
        match read.0.scalar_ahead() {
            // Text full of brackets and commas is no reason to refuse it.
            Some(scalar) if meter.exceeded() && meter.ignored.len() < SCALARS => meter.ignore(scalar),
            _ => return read,
        }
    }
}

/// How many large scalars that look like lists a dense file may have.
const SCALARS: usize = 4;

fn events<'source, 'masks, T: Input>(
    mut parser: Parser<'_, T>,
    mut builder: Builder<'source, 'masks>,
    characters: Option<LineIndex>,
    meter: Option<&Meter>,
) -> (Builder<'source, 'masks>, Option<Failure>) {
    builder.characters = characters;
    while let Some(result) = parser.next_event() {
        if meter.is_some_and(Meter::exceeded) {
            builder.refuse_flow();
            return (builder, Some(Failure::Stopped));
        }
        if let Some(meter) = meter {
            meter.reset();
        }
        match result {
            Ok((event, marks)) => {
                if let ControlFlow::Break(()) = builder.event(event, marks) {
                    return (builder, Some(Failure::Stopped));
                }
                if let Some(found) = builder.expression.take() {
                    return (builder, Some(Failure::Expression(Box::new(found))));
                }
            }
            Err(error) => {
                let offset = builder.offset(*error.marker());
                let open_flow = builder.open_flow().or_else(|| builder.unread_bracket(offset));
                let error = SyntaxError { offset, info: error.info().to_owned(), open_flow };
                return (builder, Some(Failure::Syntax(error)));
            }
        }
    }
    (builder, None)
}

/// The text with a word in the place of each mask, byte for byte as long.
fn mask<'source>(text: &'source str, masks: &[Span]) -> Cow<'source, str> {
    if masks.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for span in masks {
        masked.push_str(text.get(done..span.start as usize).unwrap_or(""));
        masked.extend(span.range().map(|_| 'x'));
        done = span.end as usize;
    }
    masked.push_str(text.get(done..).unwrap_or(""));
    Cow::Owned(masked)
}

impl Builder<'_, '_> {
    /// The scalar that comes next in the text, or a range that holds it; `None` if a bracket comes next.
    fn scalar_ahead(&self) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let mut start = self.gaps.cursor;
        loop {
            match *bytes.get(start)? {
                b' ' | b'\t' | b'\r' | b'\n' | b'-' | b':' | b'?' | b',' => start += 1,
                b'#' => start += bytes.get(start..)?.iter().position(|&byte| byte == b'\n')?,
                b'[' | b'{' => return None,
                b'"' | b'\'' => return Some(start..self.closing_quote(start)),
                _ => break,
            }
        }
        // A block, or a plain text of several lines, ends before a line that is indented no further.
        let column = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let line = self.text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let mut lines = self.text.get(line..)?.split_inclusive('\n');
        let first = lines.next()?;
        let more = lines.take_while(|next| next.trim().is_empty() || column(next) > column(first));
        Some(start..line + first.len() + more.map(str::len).sum::<usize>())
    }

    /// The bracket that the parser has read, but not told about, because its collection could be a key.
    fn unread_bracket(&self, before: usize) -> Option<Span> {
        let start = self.gaps.cursor;
        let start = start + self.text.get(start..before)?.find(['[', '{'])?;
        Some(Span::new(start, start + 1))
    }

    /// The next list or mapping in the text is too large for the parser's queue.
    fn refuse_flow(&mut self) {
        let start = self.gaps.cursor;
        let rest = self.text.get(start..).unwrap_or("");
        let start = start + rest.find(['[', '{']).unwrap_or(0);
        let diagnostic = Diagnostic::error(
            &codes::FLOW_TOO_LARGE,
            Span::new(start, start + 1),
            "too many entries for a list or mapping in brackets",
        )
        .with_help("write the outermost list or mapping in block style, one entry a line");
        self.report(diagnostic);
    }
}
