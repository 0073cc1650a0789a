//! A finding with the text it is about: what is shown to people and written into JSON documents.

mod json;
mod render;

use std::path::Path;
use std::sync::Arc;

use anrf::{Code, Diagnostic, Fix, LineIndex, Severity, Source, Span};

pub(crate) use render::render;

/// Codes of this program itself.
pub(crate) mod codes {
    use anrf::Code;

    /// Wrong usage.
    pub(crate) static USAGE: Code = Code {
        id: "E-CLI-001",
        title: "wrong usage",
        explanation: "The command cannot do what was typed: an argument is missing, unknown or has a wrong form, or a file cannot be read or written. `anrf help COMMAND` lists the arguments.",
    };
    /// A defect.
    pub(crate) static INTERNAL: Code = Code {
        id: "E-CLI-002",
        title: "internal error",
        explanation: "The program has met a defect of its own, not one of the module. Please report it with the command and the file.",
    };
    /// A row.
    pub(crate) static ROW: Code = Code {
        id: "E-CLI-003",
        title: "bad row",
        explanation: "A row of a data file cannot be read: it is not valid UTF-8, is longer than 4 MiB, has more or fewer cells than the header, has text after a closing quote, or has a quote that is never closed. The row is left out and the rest goes on, unless --fail-fast is given; after a quote that is not closed it goes on with the line after the one in which the quote was opened.",
    };
    /// A replay.
    pub(crate) static REPLAY: Code = Code {
        id: "E-CLI-004",
        title: "the replay ended otherwise",
        explanation: "A replay did not end as the recorded run did. The module or the engine has changed since, or the journal was edited.",
    };

    /// A file.
    pub(crate) static TOO_LARGE: Code = Code {
        id: "E-CLI-005",
        title: "file too large",
        explanation: "A file that is needed whole is larger than 64 MiB, or has no end. Nothing beyond that is read. Rows of any number can be given with `anrf run --each`.",
    };
    /// An output.
    pub(crate) static OUTPUT: Code = Code {
        id: "E-CLI-006",
        title: "output cannot be written",
        explanation: "Standard output or a file cannot be written, because the disk is full, say. A file that was there before is as it was.",
    };
    /// An output that is an input.
    pub(crate) static SAME_FILE: Code = Code {
        id: "E-CLI-007",
        title: "output is an input",
        explanation: "The output names a file that the command reads, perhaps through a link, and would destroy it. Write elsewhere and move the file afterwards.",
    };
    /// A function that is not proved.
    pub(crate) static NOT_PROVED: Code = Code {
        id: "E-CLI-008",
        title: "not proved",
        explanation: "`--verified` runs only functions that are proved, with everything that they call. `anrf verify FILE` says what is refuted or unknown, and what to do about it.",
    };
    /// All of them.
    pub(crate) static TABLE: &[&Code] =
        &[&USAGE, &INTERNAL, &ROW, &REPLAY, &TOO_LARGE, &OUTPUT, &SAME_FILE, &NOT_PROVED];
}

/// A text with its name and lines.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) lines: LineIndex,
}

impl Text {
    pub(crate) fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let text = text.into();
        Arc::new(Self { name: name.into(), lines: LineIndex::new(&text), text })
    }
}

impl From<&Source> for Text {
    fn from(source: &Source) -> Self {
        Self { name: source.name.clone(), lines: LineIndex::new(&source.text), text: source.text.clone() }
    }
}

/// Something found.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// What it is about, if it has no place in a text that is at hand.
    pub(crate) file: Option<String>,
    /// The line and perhaps the column, where the text is not at hand or must not be shown.
    pub(crate) position: Option<(u64, Option<u64>)>,
    pub(crate) place: Option<Place>,
}

/// A place in a text.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) text: Arc<Text>,
    pub(crate) span: Span,
    /// What is said beside the place.
    pub(crate) label: Option<String>,
    pub(crate) notes: Vec<(Span, String)>,
    pub(crate) fixes: Vec<Fix>,
}

impl Finding {
    /// A finding without a place.
    pub(crate) fn error(code: &'static Code, message: impl Into<String>) -> Self {
        Self::of(code.id, message)
    }

    /// A finding without a place, by its code's text.
    pub(crate) fn of(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, severity: Severity::Error, message, help: None, file: None, position: None, place: None }
    }

    pub(crate) fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    pub(crate) fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// A line, and perhaps a column, of a file whose text is not shown.
    pub(crate) fn on_line(mut self, line: u64, column: Option<u64>) -> Self {
        self.position = Some((line, column));
        self
    }

    /// What is said beside the place.
    pub(crate) fn labelled(mut self, label: impl Into<String>) -> Self {
        if let Some(place) = &mut self.place {
            place.label = Some(label.into());
        }
        self
    }

    pub(crate) fn at(mut self, text: &Arc<Text>, span: Span) -> Self {
        let text = Arc::clone(text);
        self.place = Some(Place { text, span, label: None, notes: vec![], fixes: vec![] });
        self
    }

    /// A diagnostic about a text, or about one that it imports.
    pub(crate) fn about(text: &Arc<Text>, diagnostic: &Diagnostic) -> Self {
        let imported = diagnostic.source.as_deref().filter(|name| *name != text.name);
        let text = match imported {
            None => Some(Arc::clone(text)),
            Some(name) => crate::files::text(Path::new(name)).ok().map(|read| Text::new(name, read)),
        };
        let place = text.map(|text| Place {
            text,
            span: diagnostic.span,
            label: None,
            notes: diagnostic.notes.clone(),
            fixes: diagnostic.fixes.clone(),
        });
        Self {
            code: diagnostic.code.id,
            severity: diagnostic.severity,
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            file: imported.map(str::to_owned),
            position: None,
            place,
        }
    }

    /// What an engine's error says: its diagnostics, or itself.
    pub(crate) fn from_error(file: &str, error: &anrf::Error) -> Vec<Self> {
        if error.diagnostics().is_empty() {
            let finding = Self::of(error.code().id, error.message());
            return vec![finding.in_file(file).with_help(error.help().map(str::to_owned))];
        }
        let text = Arc::new(Text::from(error.source_text()));
        error.diagnostics().iter().map(|diagnostic| Self::about(&text, diagnostic)).collect()
    }

    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The name of the file it is about.
    pub(crate) fn file_name(&self) -> Option<&str> {
        self.place.as_ref().map(|place| place.text.name.as_str()).or(self.file.as_deref())
    }
}

/// `error` and the like.
pub(crate) fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "hint",
    }
}
