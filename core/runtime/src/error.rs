//! What the runtime refuses before anything runs.

use std::fmt;

use anrf_format::binary::MALFORMED;
use anrf_format::diagnostic::Code;

/// Codes of the runtime.
pub mod codes {
    anrf_format::codes! {
        UNSUPPORTED = "E-RUNTIME-008", "too large for the interpreter",
            "A function may have at most 5,000 parameters and 60,000 values in its code, and a module at most 65,535 types. Divide the function.";
        UNKNOWN_FUNCTION = "E-RUNTIME-002", "no such function",
            "The module has no function of this name. Functions are called by their name, with or without the version.";
        INPUT_TYPE = "E-RUNTIME-003", "an input has the wrong type",
            "A value given to a function is not of the type that it declares. The path says which part of the value.";
        INPUT_NAME = "E-RUNTIME-004", "an input is missing or unknown",
            "Every input without a default must be given, and no others.";
        STATE = "E-RUNTIME-005", "the state does not fit the module",
            "The state given to a run must have a value of the right type for each variable that it names.";
        REFUSED = "E-RUNTIME-006", "a hook refused the run",
            "A hook that runs before or after the execution refused it; its message says why.";
        COMPILER = "E-RUNTIME-009", "no machine code",
            "The compiler of machine code does not know this processor, gets no memory for code, or has failed. The interpreter runs the module.";
        JOURNAL = "E-RUNTIME-007", "the journal does not fit the run",
            "A replay asked for something else than what the journal holds: the module, its inputs or the journal have changed.";
    }
}

/// Why something could not be compiled or run at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The stable code.
    pub code: &'static Code,
    /// Lower case, no full stop, user input in backticks.
    pub message: String,
    /// The mend, where there is one.
    pub help: Option<String>,
    /// The function of the semantic layer (index) whose code it is about, if it is about one's.
    pub function: Option<u32>,
}

impl Error {
    /// An error without help.
    #[must_use]
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, function: None }
    }

    /// Adds the mend.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Something that a validated module does not have: no module that was loaded comes here.
    pub(crate) fn malformed(what: &str) -> Self {
        Self::new(&MALFORMED, format!("the execution layer refers to {what} that does not exist"))
    }

    /// Too much of something.
    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(&codes::UNSUPPORTED, message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {}
