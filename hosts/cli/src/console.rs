//! Standard output and standard error, and how they look.

use std::fmt::Display as Shown;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use annotate_snippets::Renderer;

use crate::arguments::{Color, Display, Format};
use crate::document::Document;
use crate::failure::{Failure, Outcome};
use crate::finding::{Finding, codes, render};

/// Something could not be written to standard error.
static LOST: AtomicBool = AtomicBool::new(false);

/// Where a command shows what it has to say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Console {
    format: Format,
    output: Style,
    errors: Style,
}

/// How one stream looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    color: bool,
    width: usize,
}

/// What is coloured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ink {
    Good,
    Bad,
    Faint,
    Strong,
}

impl Style {
    fn of(color: Color, is_terminal: bool) -> Self {
        let wanted = || std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let able = || std::env::var_os("TERM").is_none_or(|value| value != "dumb");
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && wanted() && able(),
        };
        Self { color, width: 140 }
    }

    /// The text in a colour, or as it is.
    pub(crate) fn paint(self, ink: Ink, text: impl Shown) -> String {
        let code = match ink {
            Ink::Good => "32",
            Ink::Bad => "1;31",
            Ink::Faint => "2",
            Ink::Strong => "1",
        };
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }

    fn renderer(self) -> Renderer {
        let renderer = if self.color { Renderer::styled() } else { Renderer::plain() };
        renderer.term_width(self.width)
    }

    /// A finding, without a newline at its end.
    pub(crate) fn finding(self, finding: &Finding) -> String {
        render(finding, &self.renderer())
    }
}

impl Console {
    pub(crate) fn new(display: Display) -> Self {
        Self {
            format: display.format,
            output: Style::of(display.color, io::stdout().is_terminal()),
            errors: Style::of(display.color, io::stderr().is_terminal()),
        }
    }

    /// Whether standard output takes one JSON document and nothing else.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether standard output takes one SARIF log and nothing else.
    pub(crate) fn is_sarif(&self) -> bool {
        self.format == Format::Sarif
    }

    /// How standard output looks.
    pub(crate) fn output(&self) -> Style {
        self.output
    }

    /// How standard error looks.
    pub(crate) fn errors(&self) -> Style {
        self.errors
    }

    /// Prints a line to standard output.
    pub(crate) fn print(&self, line: impl Shown) -> Outcome<()> {
        writeln!(io::stdout().lock(), "{line}").map_err(|error| Failure::printing(&error))
    }

    /// Prints text to standard output as it is.
    pub(crate) fn print_text(&self, text: &str) -> Outcome<()> {
        self.print_bytes(text.as_bytes())
    }

    /// Prints bytes to standard output as they are.
    pub(crate) fn print_bytes(&self, bytes: &[u8]) -> Outcome<()> {
        let mut output = io::stdout().lock();
        output.write_all(bytes).and_then(|()| output.flush()).map_err(|error| Failure::printing(&error))
    }

    /// Prints a JSON document to standard output.
    pub(crate) fn print_document(&self, document: &Document) -> Outcome<()> {
        self.print(document.to_text())
    }

    /// Prints a line to standard error. Nobody may be reading, which changes nothing; that it could not be
    /// written is told at the end.
    pub(crate) fn note(&self, line: impl Shown) {
        let written = writeln!(io::stderr().lock(), "{line}");
        if written.is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe) {
            LOST.store(true, Ordering::Relaxed);
        }
    }

    /// Whether all that was to be said was said.
    pub(crate) fn finish(&self) -> Outcome<()> {
        io::stdout().lock().flush().map_err(|error| Failure::printing(&error))?;
        if LOST.load(Ordering::Relaxed) {
            return Err(Failure::of(&codes::OUTPUT, "cannot write to standard error"));
        }
        Ok(())
    }

    /// Shows findings on standard error.
    pub(crate) fn note_findings(&self, findings: &[Finding]) {
        for finding in findings {
            self.note(format_args!("{}\n", self.errors.finding(finding)));
        }
    }
}
