//! Loading: the last stage. What is loaded can be run.

use std::sync::Arc;

use anrf_format::binary::{self, DecodeError, Packed, decode_unlowered};
use anrf_format::diagnostic::{Code as DiagnosticCode, Diagnostic, Span};
use anrf_format::execution::validate::validate_code;
use anrf_format::execution::{Origin, Place};
use anrf_format::module::Module;
use anrf_language::lowering::{LowerError, Refused, is_certain, lower, lower_decoded};
use anrf_language::stages::Checked;
use anrf_runtime::{Backend, Loaded};

/// Codes of loading.
pub mod codes {
    anrf_format::codes! {
        CHECK = "E-LOAD-001", "the module has errors",
            "The text does not pass its check; the diagnostics say where and why.";
        FOREIGN_EXECUTION = "E-LOAD-002", "the execution layer is not that of the module",
            "The file's execution layer is not what this library makes of its semantic layer. It was changed, or packed by another version; pack the module again from its text. The code in a file is never run unless the file is loaded as trusted, so this is said only where it is asked for: by `anrf check`, `anrf inspect`, `anrf unpack`, and engines with `verify_stored_code`.";
        UNREADABLE = "E-LOAD-003", "the file cannot be read",
            "The file does not exist, is a folder, or may not be read.";
    }
}

/// Why something is not loaded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The text has errors.
    #[error("{}", summary(.0))]
    Check(Vec<Diagnostic>),
    /// The semantic layer cannot be lowered.
    #[error(transparent)]
    Lower(#[from] LowerError),
    /// The bytes are not a module.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The text cannot be lowered.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The backend refuses the module.
    #[error("{}", .0.message)]
    Backend(anrf_runtime::Error, Span),
    /// The execution layer in the file is not what lowering makes of its semantic layer.
    #[error("the execution layer is not the one that the semantic layer lowers to")]
    ForeignExecution,
}

fn summary(diagnostics: &[Diagnostic]) -> String {
    let errors =
        diagnostics.iter().filter(|found| found.severity == anrf_format::diagnostic::Severity::Error);
    let count = errors.clone().count();
    let first = errors.clone().next().map_or(String::new(), |first| first.message.clone());
    match count {
        0 | 1 => first,
        _ => format!("{first}, and {} more", count - 1),
    }
}

impl LoadError {
    /// The mend, where there is one.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Check(found) => found.first()?.help.as_deref(),
            Self::Lower(error) | Self::Refused(Refused { error, .. }) => Some(error.help()),
            Self::ForeignExecution => Some("pack the module again from its text"),
            // Its message says what to use.
            Self::Decode(error) if *error.code == binary::NEWER_FORMAT => None,
            Self::Decode(error) if *error.code == binary::NOT_ANRF => {
                Some("packed files are made by `anrf pack`")
            }
            Self::Decode(_) => Some("copy the file once more, or pack the module again from its text"),
            Self::Backend(error, _) => error.help.as_deref(),
        }
    }

    /// Where in the text it is, where there is a text.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Refused(refused) => refused.span,
            Self::Backend(_, span) => *span,
            _ => Span::default(),
        }
    }

    /// The backend's refusal of a module, with its place.
    pub(crate) fn backend(module: &Module, error: anrf_runtime::Error) -> Self {
        let origin = Origin { step: None, place: Place::Function };
        let span = error.function.map(|function| module.source_map.span(function, origin));
        Self::Backend(error, span.unwrap_or_default())
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static DiagnosticCode {
        match self {
            Self::Check(_) => &codes::CHECK,
            Self::Lower(error) | Self::Refused(Refused { error, .. }) => error.code(),
            Self::Decode(error) => error.code,
            Self::Backend(error, _) => error.code,
            Self::ForeignExecution => &codes::FOREIGN_EXECUTION,
        }
    }
}

/// Lowers a checked module and compiles it for a backend.
///
/// # Errors
/// If it uses something that this version cannot lower or the backend cannot run.
pub fn load_checked(checked: Checked, backend: &dyn Backend) -> Result<Loaded, LoadError> {
    load(lower(checked)?.into_module(), backend)
}

/// Loads a packed module from anywhere. Of its layers only types, intent, typed trees and system are believed:
/// the execution layer in the file is not looked at, but made again when the module is first run. What keeps it
/// from being made is found here.
///
/// # Errors
/// If the bytes are not a module, or one that cannot be lowered.
pub fn load_bytes(bytes: &[u8], backend: &Arc<dyn Backend>) -> Result<Loaded, LoadError> {
    let module = decode_unlowered(bytes)?.into_module();
    if !is_certain(&module.types, &module.semantic) {
        return load(lowered(module)?, &**backend);
    }
    Ok(Loaded::late(Arc::clone(backend), move || lowered(module).map_err(late)))
}

/// The same, but makes the execution layer at once and refuses a file that holds another one.
///
/// # Errors
/// As [`load_bytes`], and [`LoadError::ForeignExecution`].
pub fn load_verified_bytes(bytes: &[u8], backend: &dyn Backend) -> Result<Loaded, LoadError> {
    let unlowered = decode_unlowered(bytes)?;
    let (execution, origins) = lower_decoded(&unlowered.module().types, &unlowered.module().semantic)?;
    load(unlowered.complete(execution, origins).ok_or(LoadError::ForeignExecution)?, backend)
}

fn lowered(mut module: Module) -> Result<Module, LoadError> {
    (module.execution, module.source_map.execution) = lower_decoded(&module.types, &module.semantic)?;
    Ok(module)
}

/// Loads a packed module that this host has packed itself and kept safe. Its execution layer need not be what
/// its semantic layer lowers to, only valid; all layers are decoded when the first of them is asked for.
///
/// # Errors
/// If the bytes are damaged.
pub fn load_trusted_bytes(bytes: &[u8], backend: Arc<dyn Backend>) -> Result<Loaded, LoadError> {
    let packed = Packed::new(bytes)?;
    Ok(Loaded::late(backend, move || bring(&packed).map_err(late)))
}

/// What is wrong with a module that is brought when it is first asked for.
fn late(error: LoadError) -> anrf_runtime::Error {
    let (message, help) = (error.to_string(), error.help().map(str::to_owned));
    anrf_runtime::Error { code: error.code(), message, help, function: None }
}

fn bring(packed: &Packed) -> Result<Module, LoadError> {
    let module = packed.decode()?;
    let Module { types, semantic, execution, source_map, .. } = &module;
    validate_code(types, semantic, execution, &source_map.execution).map_err(LowerError::from)?;
    Ok(module)
}

fn load(module: Module, backend: &dyn Backend) -> Result<Loaded, LoadError> {
    let module = Arc::new(module);
    Loaded::new(backend, &module).map_err(|error| LoadError::backend(&module, error))
}
