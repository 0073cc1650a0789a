//! The one error type of the facade: a code, a message, and for texts the diagnostics with their source.

use std::fmt;

use anrf_execution::json::RecordingError;
use anrf_execution::load::{LoadError, codes};
use anrf_format::data::DataError;
use anrf_format::diagnostic::{Code, Diagnostic};
use anrf_format::module::Source;

/// Codes of the facade itself.
pub(crate) mod facade_codes {
    anrf_format::codes! {
        UNKNOWN_FUNCTION = "E-CALL-001", "no such function",
            "The module has no function of this name, or none was named and it has several.";
        SIGNATURE = "E-CALL-002", "other types than the function's",
            "A typed handle needs a function whose inputs and success fields are the scalars that it names, without state and host operations.";
        UNKNOWN_EMITTER = "E-CALL-003", "no such view",
            "The engine has no emitter of this name. `pseudocode`, `mermaid` and `svg` are always there.";
        RECORDING = "E-CALL-004", "not a recording of this module",
            "A recording replays on the module that it was made with; its id stands in the file.";
        RANGE = "E-CALL-005", "not a range of the text",
            "An edit replaces whole characters that are in the text; ranges count bytes.";
        REDACTED = "E-CALL-006", "a redacted recording cannot be replayed",
            "The function has `sensitive_data`, so its recording holds none of the values that a replay would need.";
        UNKNOWN_SOLVER = "E-CALL-007", "no such solver",
            "A solver was named that is not on this machine. `cargo xtask solvers` installs z3, cvc5 and bitwuzla; `ANRF_Z3`, `ANRF_CVC5` and `ANRF_BITWUZLA` name programs elsewhere, and set to nothing leave one out.";
        THREAD = "E-CALL-008", "no thread to verify on",
            "Verification runs on a thread of its own with a large stack, and the system does not give one.";
        UNKNOWN_VERIFIER = "E-CALL-009", "no such verifier",
            "The budget names a verifier that is neither embedded (`examples`, `property`, `smt`) nor registered with the engine.";
    }
}

/// Why the engine cannot do something. How a run ends is never an error: see
/// [`Outcome`](crate::Outcome).
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    code: &'static Code,
    message: String,
    help: Option<String>,
    diagnostics: Vec<Diagnostic>,
    source: Source,
}

impl Error {
    pub(crate) fn new(code: &'static Code, message: impl Into<String>) -> Self {
        let inner = Inner {
            code,
            message: message.into(),
            help: None,
            diagnostics: vec![],
            source: Source::default(),
        };
        Self(Box::new(inner))
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    pub(crate) fn check(diagnostics: Vec<Diagnostic>, source: Source) -> Self {
        let mut error = Self::from(LoadError::Check(diagnostics.clone()));
        error.0.diagnostics = diagnostics;
        error.0.source = source;
        error
    }

    pub(crate) fn unreadable(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(&codes::UNREADABLE, format!("`{}` cannot be read: {error}", path.display()))
    }

    pub(crate) fn too_large(path: &std::path::Path, limit: u64) -> Self {
        let message =
            format!("`{}` is larger than {} MiB, the most that is read", path.display(), limit >> 20);
        Self::new(&codes::UNREADABLE, message)
    }

    /// The stable code, such as `E-LOAD-001`.
    #[must_use]
    pub fn code(&self) -> &'static Code {
        self.0.code
    }

    /// What is wrong, in one line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The mend, where there is one.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// For a text with errors: all that was found, in order of place.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0.diagnostics
    }

    /// The text that the diagnostics are about.
    #[must_use]
    pub fn source_text(&self) -> &Source {
        &self.0.source
    }
}

impl fmt::Display for Error {
    /// One line: place and message of the first finding, or the message.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        match inner.diagnostics.first() {
            Some(first) => formatter.write_str(&first.told(&inner.source)),
            None => write!(formatter, "{}: {}", inner.code, inner.message),
        }
    }
}

impl std::error::Error for Error {}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        let help = error.help().map(str::to_owned);
        let converted = Self::new(error.code(), error.to_string());
        match help {
            Some(help) => converted.with_help(help),
            None => converted,
        }
    }
}

impl From<anrf_runtime::Error> for Error {
    fn from(error: anrf_runtime::Error) -> Self {
        let converted = Self::new(error.code, error.message);
        match error.help {
            Some(help) => converted.with_help(help),
            None => converted,
        }
    }
}

impl From<DataError> for Error {
    fn from(error: DataError) -> Self {
        let converted = Self::new(error.code, error.to_string());
        match error.help {
            Some(help) => converted.with_help(help),
            None => converted,
        }
    }
}

impl From<RecordingError> for Error {
    fn from(error: RecordingError) -> Self {
        match &error {
            RecordingError::Redacted(_) => Self::new(&facade_codes::REDACTED, error.to_string())
                .with_help("run it again with its inputs, which the caller has"),
            _ => Self::new(&facade_codes::RECORDING, error.to_string()),
        }
    }
}
