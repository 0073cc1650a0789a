//! Machine code for the interpreter's register code.
//!
//! [`Cranelift`] is a backend that runs modules as the interpreter does, with machine code in the place of what it can
//! compile. `translate` says how instructions follow each other and `instructions` what each becomes, `blob` puts functions
//! together and makes them executable. What an instruction means is said by the interpreter: machine code that cannot do
//! one gives it up, and the interpreter does it (see [`anrf_runtime::register_code`]).

mod aggregates;
mod blob;
mod calls;
mod context;
mod control;
mod facts;
mod instructions;
mod library;
mod memory;
mod numbers;
mod translate;

use std::sync::Arc;

use anrf_format::module::Module;
use anrf_runtime::register_code::{Compiler, NativeCode, Program, accelerated};
use anrf_runtime::{Backend, Code, Error, codes};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};

/// The backend that makes machine code with Cranelift.
#[derive(Clone)]
pub struct Cranelift {
    isa: OwnedTargetIsa,
    threshold: u32,
}

/// Calls of a function, or turns of a loop, before it is compiled.
const THRESHOLD: u32 = 100;

impl std::fmt::Debug for Cranelift {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Cranelift for {}", self.isa.triple())
    }
}

impl Cranelift {
    /// A compiler for the processor that it runs on.
    ///
    /// # Errors
    /// A processor that Cranelift makes no code for.
    pub fn new() -> Result<Self, Error> {
        let unsupported =
            |why: String| Error::new(&codes::COMPILER, format!("no machine code for this processor: {why}"));
        let mut flags = settings::builder();
        // Frames are counted, see `Entry::frame_bytes`, so pages are not probed.
        for (name, value) in [
            ("opt_level", "speed"),
            ("enable_probestack", "false"),
            ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
            ("unwind_info", "false"),
            ("preserve_frame_pointers", "true"),
            ("enable_pinned_reg", "true"),
        ] {
            flags.set(name, value).map_err(|error| unsupported(error.to_string()))?;
        }
        let isa = cranelift_native::builder().map_err(|why| unsupported(why.to_owned()))?;
        let isa = isa.finish(settings::Flags::new(flags)).map_err(|error| unsupported(error.to_string()))?;
        Ok(Self { isa, threshold: THRESHOLD })
    }
}

impl Cranelift {
    /// Compiles functions after so many calls or turns of a loop; with 0 before their first, and also what gains nothing
    /// over the interpreter because the library does most of it.
    #[must_use]
    pub fn threshold(mut self, count: u32) -> Self {
        self.threshold = count;
        self
    }
}

impl Backend for Cranelift {
    fn name(&self) -> &'static str {
        "cranelift"
    }

    fn compile(&self, module: &Arc<Module>) -> Result<Arc<dyn Code>, Error> {
        accelerated(module, Arc::new(self.clone()))
    }
}

impl Compiler for Cranelift {
    fn name(&self) -> &'static str {
        "cranelift"
    }

    fn threshold(&self) -> u32 {
        self.threshold
    }

    fn compile(&self, program: &Program, function: u32) -> Result<Option<Arc<dyn NativeCode>>, Error> {
        let blob = blob::assemble(&*self.isa, program, function, self.threshold == 0)?;
        Ok(blob.map(|blob| Arc::new(blob) as Arc<dyn NativeCode>))
    }
}
