//! From an argument to a loaded module and the function that is meant.

use std::path::Path;
use std::sync::Arc;

use anrf::{
    Engine, EngineBuilder, FolderResolver, Function, Module, Reference, ResolveError, Resolver, Source,
};

use crate::arguments::{Backend, Search};
use crate::failure::{Failure, Outcome};
use crate::files;
use crate::finding::{Finding, Text};

/// What a packed module starts with.
const MAGIC: &[u8] = b"ANRF";

/// An engine that looks for imports where the arguments say.
pub(crate) fn engine(search: &Search) -> Engine {
    builder(search).build()
}

/// The same, whose functions a backend runs.
pub(crate) fn engine_on(search: &Search, backend: Backend) -> Outcome<Engine> {
    match backend {
        Backend::Interpreter => Ok(engine(search)),
        Backend::Cranelift => Ok(builder(search).backend(Arc::new(compiler()?)).build()),
        Backend::Wasm => sandboxed(search, None),
    }
}

/// The same, with everything compiled before it first runs.
pub(crate) fn compiled_engine_on(search: &Search, backend: Backend) -> Outcome<Engine> {
    match backend {
        Backend::Interpreter => Ok(engine(search)),
        Backend::Cranelift => Ok(builder(search).backend(Arc::new(compiler()?.threshold(0))).build()),
        Backend::Wasm => sandboxed(search, Some(0)),
    }
}

fn compiler() -> Outcome<anrf::Cranelift> {
    anrf::Cranelift::new().map_err(|error| Failure::usage(error.to_string()))
}

#[cfg(feature = "wasm")]
fn sandboxed(search: &Search, threshold: Option<u32>) -> Outcome<Engine> {
    let sandbox = anrf::Wasm::new().map_err(|error| Failure::usage(error.to_string()))?;
    let sandbox = match threshold {
        Some(count) => sandbox.threshold(count),
        None => sandbox,
    };
    Ok(builder(search).backend(Arc::new(sandbox)).build())
}

#[cfg(not(feature = "wasm"))]
fn sandboxed(_search: &Search, _threshold: Option<u32>) -> Outcome<Engine> {
    Err(Failure::usage("this program was built without the feature `wasm`, which has wasmtime in it"))
}

/// The same, whose runs tell their observer each step.
pub(crate) fn tracing_engine(search: &Search) -> Engine {
    builder(search).tracing().build()
}

/// The same, which refuses a packed module whose stored code is not what its typed trees lower to: for commands
/// that tell what a file holds.
pub(crate) fn verifying_engine(search: &Search) -> Engine {
    builder(search).verify_stored_code().build()
}

fn builder(search: &Search) -> EngineBuilder {
    let folders = search.path.iter().fold(FolderResolver::new(), FolderResolver::folder);
    Engine::builder().resolver(Arc::new(Imports(folders)))
}

/// Imports from folders; each is an input of the command.
struct Imports(FolderResolver);

impl Resolver for Imports {
    fn resolve(&self, reference: &Reference, importer: &str) -> Result<Source, ResolveError> {
        self.0.resolve(reference, importer).inspect(|source| files::note_input(Path::new(&source.name)))
    }
}

/// Whether bytes are a packed module.
pub(crate) fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Loads a module, as text or packed.
pub(crate) fn module(engine: &Engine, path: &Path) -> Outcome<Module> {
    let name = files::name(path);
    let bytes = files::bytes(path)?;
    let loaded = if is_packed(&bytes) || path.extension().is_some_and(|it| it == "anrf") {
        engine.load_bytes(&name, &bytes)
    } else {
        engine.load_text(&name, &text_of(path, bytes)?)
    };
    loaded.map_err(|error| Failure::Findings(Finding::from_error(&name, &error)))
}

/// The text of a module's bytes. A byte order mark is left out.
pub(crate) fn text_of(path: &Path, bytes: Vec<u8>) -> Outcome<String> {
    let text = String::from_utf8(bytes).map_err(|error| files::not_text(path, &error))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// The text that a module was made from.
pub(crate) fn source(module: &Module) -> Arc<Text> {
    Arc::new(Text::from(&module.document().source))
}

/// The function of a name, or the only one.
pub(crate) fn function(module: &Module, file: &Path, name: Option<&str>) -> Outcome<Function> {
    let functions = module.functions();
    let known = || functions.iter().map(|it| format!("`{}`", it.node_id())).collect::<Vec<_>>().join(", ");
    let file = files::name(file);
    match (name, functions.as_slice()) {
        (Some(name), _) => {
            let meant = functions.iter().find(|it| it.node_id() == name || it.name() == name);
            meant.cloned().ok_or_else(|| {
                Failure::usage(format!("`{file}` has no function `{name}`"))
                    .with_help(format!("its functions are {}", known()))
            })
        }
        (None, [only]) => Ok(only.clone()),
        (None, []) => Err(Failure::usage(format!("`{file}` has no functions"))),
        (None, _) => {
            let message = format!("`{file}` has {} functions, and none was named", functions.len());
            Err(Failure::usage(message).with_help(format!("add `--function` with one of {}", known())))
        }
    }
}
