//! The configured entry point. It wires the layers together and holds no logic of its own.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use anrf_execution::evaluate::{load_expression, load_expression_in};
use anrf_execution::load::{LoadError, load_bytes, load_checked, load_trusted_bytes, load_verified_bytes};
use anrf_execution::trace::tracing_interpreter;
use anrf_format::binary::MAGIC;
use anrf_format::diagnostic::{Diagnostic, Severity};
use anrf_format::module::Source;
use anrf_format::types::Field;
use anrf_language::printer::format_document;
use anrf_language::resolver::{FolderResolver, Resolver};
use anrf_language::yaml::Limits;
use anrf_language::{check_source, text_of_bytes};
use anrf_runtime::{Backend, Hook, Host, Interpreter, Loaded, NoHost, NoObserver, Observer, Policy};
use anrf_verification::solver::Solver;
use anrf_verification::verify::Verifier;
use anrf_views::{Emitter, Mermaid, Pseudocode, Svg};

use crate::error::Error;
use crate::function::Function;
use crate::module::Module;
use crate::verification::Solvers;

/// The most bytes that are read of a file, whatever it says of its length.
const LARGEST_FILE: u64 = 64 << 20;

/// The configured entry point: cheap to clone, shared by threads.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Parts>);

/// What an engine is made of.
pub(crate) struct Parts {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) verifies_stored_code: bool,
    pub(crate) policy: Policy,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) hooks: Vec<Arc<dyn Hook>>,
    pub(crate) emitters: Vec<Arc<dyn Emitter>>,
    pub(crate) verifiers: Vec<Arc<dyn Verifier>>,
    /// Found and started when something is first verified.
    pub(crate) solvers: OnceLock<Solvers>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let emitters: Vec<&str> = self.0.emitters.iter().map(|emitter| emitter.name()).collect();
        formatter
            .debug_struct("Engine")
            .field("backend", &self.0.backend.name())
            .field("policy", &self.0.policy)
            .field("emitters", &emitters)
            .finish_non_exhaustive()
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

/// A text that was looked at: what was found, and the module if nothing was wrong.
#[derive(Clone, Debug)]
pub struct Checked {
    /// In order of place; warnings and hints too.
    pub diagnostics: Vec<Diagnostic>,
    /// The text.
    pub source: Source,
    /// Loaded, if there is no error.
    pub module: Option<Module>,
}

impl Engine {
    /// An engine with the embedded defaults: the interpreter, no host operations, nothing granted, imports
    /// from the folder of the importing file.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// To configure one.
    #[must_use]
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// Checks a text and tells all that is found. `name` is a path where imports are to be found beside it.
    #[must_use]
    pub fn check(&self, name: &str, text: &str) -> Checked {
        self.check_source(Source { name: name.to_owned(), text: text.to_owned() })
    }

    pub(crate) fn check_source(&self, source: Source) -> Checked {
        let (checked, mut diagnostics) = check_source(&source, &*self.0.resolver);
        let module = checked.and_then(|checked| match load_checked(checked, &*self.0.backend) {
            Ok(loaded) => Some(self.module(loaded, diagnostics.clone())),
            Err(error) => {
                let found = Diagnostic::error(error.code(), error.span(), error.to_string());
                diagnostics.push(match error.help() {
                    Some(help) => found.with_help(help),
                    None => found,
                });
                None
            }
        });
        Checked { diagnostics, source, module }
    }

    /// Loads a text.
    ///
    /// # Errors
    /// If it has errors; they are in [`Error::diagnostics`].
    pub fn load_text(&self, name: &str, text: &str) -> Result<Module, Error> {
        let Checked { diagnostics, source, module } = self.check(name, text);
        module.ok_or_else(|| {
            let errors = diagnostics.into_iter().filter(|found| found.severity == Severity::Error).collect();
            Error::check(errors, source)
        })
    }

    /// Loads a `.vsp` or `.anrf` file; which it is, its first bytes tell.
    ///
    /// # Errors
    /// If it cannot be read or is larger than 64 MiB, or as [`Engine::load_text`] and [`Engine::load_bytes`].
    pub fn load_file(&self, path: impl AsRef<Path>) -> Result<Module, Error> {
        let path = path.as_ref();
        let mut bytes = vec![];
        let read = File::open(path).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes));
        read.map_err(|error| Error::unreadable(path, &error))?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(Error::too_large(path, LARGEST_FILE));
        }
        self.load_bytes(&path.to_string_lossy(), &bytes)
    }

    /// Loads the bytes of a `.vsp` text or of an `.anrf` file from anywhere. Of a packed module only types, intent,
    /// typed trees and system are believed: its code is made from these when it is first run, whatever code the
    /// file holds ([`EngineBuilder::verify_stored_code`] compares).
    ///
    /// # Errors
    /// If they are neither, or have errors.
    pub fn load_bytes(&self, name: &str, bytes: &[u8]) -> Result<Module, Error> {
        if bytes.starts_with(&MAGIC) {
            let loaded = match self.0.verifies_stored_code {
                true => load_verified_bytes(bytes, &*self.0.backend)?,
                false => load_bytes(bytes, &self.0.backend)?,
            };
            return Ok(self.module(loaded, vec![]));
        }
        match text_of_bytes(bytes) {
            Ok(text) => self.load_text(name, text),
            Err(diagnostics) => {
                let text = String::from_utf8_lossy(bytes).into_owned();
                Err(Error::check(diagnostics, Source { name: name.to_owned(), text }))
            }
        }
    }

    /// Loads a packed module that this host has packed itself and kept safe: what it holds is not worked
    /// out again, and is decoded when something of it is first asked for.
    ///
    /// # Errors
    /// If the bytes are damaged. Of a file that is whole but holds no module, functions are refused with the
    /// reason, and its document is empty.
    pub fn load_trusted(&self, bytes: &[u8]) -> Result<Module, Error> {
        Ok(self.module(load_trusted_bytes(bytes, Arc::clone(&self.0.backend))?, vec![]))
    }

    /// The text in canonical form, comments kept.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn format(&self, name: &str, text: &str) -> Result<String, Error> {
        format_document(text, &Limits::default()).map_err(|mut diagnostics| {
            diagnostics.retain(|found| found.severity == Severity::Error);
            Error::check(diagnostics, Source { name: name.to_owned(), text: text.to_owned() })
        })
    }

    /// Makes a module of one expression: its only function takes nothing and returns it as `value`.
    ///
    /// # Errors
    /// If the expression has errors; places are those in its own text.
    pub fn load_expression(&self, expression: &str) -> Result<Function, Error> {
        self.expression(expression, load_expression(expression, &*self.0.backend))
    }

    /// The same of an expression over named values of a module's types; they are the function's inputs.
    ///
    /// # Errors
    /// As [`Engine::load_expression`].
    pub fn load_expression_in(
        &self,
        module: &Module,
        inputs: &[Field],
        expression: &str,
    ) -> Result<Function, Error> {
        let types = &module.document().types;
        self.expression(expression, load_expression_in(types, inputs, expression, &*self.0.backend))
    }

    fn expression(&self, expression: &str, loaded: Result<Loaded, LoadError>) -> Result<Function, Error> {
        match loaded {
            Ok(loaded) => Ok(Function { module: self.module(loaded, vec![]), index: 0 }),
            Err(LoadError::Check(diagnostics)) => {
                let source = Source { name: "expression".into(), text: expression.to_owned() };
                Err(Error::check(diagnostics, source))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What runs get that bring none of their own.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// The emitters that [`Module::view`] knows.
    pub fn emitters(&self) -> impl Iterator<Item = &dyn Emitter> {
        self.0.emitters.iter().map(|emitter| &**emitter)
    }

    fn module(&self, loaded: Loaded, diagnostics: Vec<Diagnostic>) -> Module {
        Module { engine: self.clone(), loaded: Arc::new(loaded), diagnostics: diagnostics.into() }
    }
}

/// Configures an [`Engine`]. What is not set has an embedded default.
#[derive(Default)]
pub struct EngineBuilder {
    backend: Option<Arc<dyn Backend>>,
    resolver: Option<Arc<dyn Resolver>>,
    search_path: Vec<PathBuf>,
    verifies_stored_code: bool,
    policy: Policy,
    host: Option<Arc<dyn Host>>,
    observer: Option<Arc<dyn Observer>>,
    hooks: Vec<Arc<dyn Hook>>,
    emitters: Vec<Arc<dyn Emitter>>,
    verifiers: Vec<Arc<dyn Verifier>>,
    solvers: Option<Vec<Arc<dyn Solver>>>,
}

impl std::fmt::Debug for EngineBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("EngineBuilder").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl EngineBuilder {
    /// What runs code; the interpreter by default.
    #[must_use]
    pub fn backend(mut self, backend: Arc<dyn Backend>) -> Self {
        self.backend = Some(backend);
        self
    }

    /// Runs tell their observer each step and what names stand for ([`Event::Traced`](crate::Event)); they
    /// are slower, with the same outcomes and charges.
    #[must_use]
    pub fn tracing(self) -> Self {
        self.backend(Arc::new(tracing_interpreter()))
    }

    /// Where imports come from; by default the importing file's folder and those of
    /// [`EngineBuilder::search_path`].
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = Some(resolver);
        self
    }

    /// One more folder for imports.
    #[must_use]
    pub fn search_path(mut self, folder: impl Into<PathBuf>) -> Self {
        self.search_path.push(folder.into());
        self
    }

    /// Packed modules from anywhere are refused if the code that they hold is not what their typed trees lower
    /// to. That code is never run, so this is for whoever wants to know that a file is of one piece, or that it
    /// was packed by a version that lowers in the same way; such loading is slower.
    #[must_use]
    pub fn verify_stored_code(mut self) -> Self {
        self.verifies_stored_code = true;
        self
    }

    /// What runs are permitted that bring no Policy of their own.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// What implements host operations for runs that bring none of their own.
    #[must_use]
    pub fn host(mut self, host: Arc<dyn Host>) -> Self {
        self.host = Some(host);
        self
    }

    /// Who watches all runs.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// One more that is asked before and after each run.
    #[must_use]
    pub fn hook(mut self, hook: Arc<dyn Hook>) -> Self {
        self.hooks.push(hook);
        self
    }

    /// One more way to view modules; it wins over an embedded one of the same name.
    #[must_use]
    pub fn emitter(mut self, emitter: Arc<dyn Emitter>) -> Self {
        self.emitters.push(emitter);
        self
    }

    /// One more that judges obligations when something is verified; its id must be its own.
    #[must_use]
    pub fn verifier(mut self, verifier: Arc<dyn Verifier>) -> Self {
        self.verifiers.push(verifier);
        self
    }

    /// What decides what is to be proved, the first to begin first; by default the solvers on this machine.
    #[must_use]
    pub fn solvers(mut self, solvers: Vec<Arc<dyn Solver>>) -> Self {
        self.solvers = Some(solvers);
        self
    }

    /// The engine.
    #[must_use]
    pub fn build(self) -> Engine {
        let folders = || self.search_path.iter().fold(FolderResolver::new(), FolderResolver::folder);
        let mut emitters = self.emitters;
        let embedded: [Arc<dyn Emitter>; 3] = [Arc::new(Pseudocode), Arc::new(Mermaid), Arc::new(Svg)];
        emitters.extend(embedded);
        Engine(Arc::new(Parts {
            backend: self.backend.unwrap_or_else(|| Arc::new(Interpreter)),
            resolver: self.resolver.clone().unwrap_or_else(|| Arc::new(folders())),
            verifies_stored_code: self.verifies_stored_code,
            policy: self.policy,
            host: self.host.unwrap_or_else(|| Arc::new(NoHost)),
            observer: self.observer.unwrap_or_else(|| Arc::new(NoObserver)),
            hooks: self.hooks,
            emitters,
            verifiers: self.verifiers,
            solvers: self.solvers.map(Solvers::chosen).map(OnceLock::from).unwrap_or_default(),
        }))
    }
}
