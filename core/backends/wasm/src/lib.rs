//! WebAssembly of the interpreter's register code.
//!
//! [`Wasm`] is a backend that runs modules as the interpreter does, with WebAssembly in wasmtime in the place of what it
//! can compile. `plan` and `shape` give jumps the form of nested blocks, `translate` says how instructions follow each
//! other and `instructions` what each becomes, `module` puts functions together, `sandbox` runs them, and `border` is
//! where nothing is believed. What an instruction means is said by the interpreter: code that cannot do one gives it up,
//! and the interpreter does it (see [`anrf_runtime::register_code`]).

mod aggregates;
mod arena;
mod body;
mod border;
mod calls;
mod control;
#[cfg(test)]
mod hostile;
mod instructions;
mod layout;
mod memory;
mod module;
mod numbers;
mod plan;
mod sandbox;
mod shape;
mod sites;
#[cfg(test)]
mod tests;
mod translate;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anrf_format::module::Module;
use anrf_runtime::register_code::{Compiler, NativeCode, Program, accelerated};
use anrf_runtime::{Backend, Code, Error, codes};
use wasmtime::{Config, Engine, OptLevel};

use crate::arena::Lender;
use crate::sandbox::{Sandbox, Unit};

/// The backend that makes WebAssembly and runs it with wasmtime.
#[derive(Clone)]
pub struct Wasm {
    engine: Engine,
    lender: Arc<Lender>,
    /// Whether the clock runs.
    clock: Arc<OnceLock<Result<(), String>>>,
    threshold: u32,
}

/// Calls of a function, or turns of a loop, before it is compiled.
const THRESHOLD: u32 = 100;

/// Bytes of the thread's stack that code may take. Calls are counted, so that honest code needs two thirds of it.
const STACK: usize = 96 << 10;

/// How often code that runs is looked at.
const TICK: Duration = Duration::from_millis(50);

impl fmt::Debug for Wasm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Wasm in wasmtime")
    }
}

impl Wasm {
    /// A sandbox on the processor that it runs on.
    ///
    /// # Errors
    /// A processor that wasmtime makes no code for.
    pub fn new() -> Result<Self, Error> {
        let lender = Arc::new(Lender::default());
        let mut config = Config::new();
        config
            .cranelift_opt_level(OptLevel::Speed)
            // Bounds are checked by the code, as are divisors: no signal handler is put into the host's process, and the
            // memory of a run ends where its limit is.
            .signals_based_traps(false)
            .memory_reservation(0)
            .memory_guard_size(0)
            .memory_reservation_for_growth(0)
            .memory_may_move(false)
            .memory_init_cow(false)
            .with_host_memory(Arc::clone(&lender) as Arc<_>)
            // Code that charges nothing is ended by the clock.
            .epoch_interruption(true)
            .max_wasm_stack(STACK)
            .wasm_multi_memory(true)
            .wasm_wide_arithmetic(true)
            .wasm_branch_hinting(true)
            .generate_address_map(false);
        let unsupported = |why: wasmtime::Error| {
            Error::new(&codes::COMPILER, format!("no sandbox on this processor: {why:#}"))
        };
        let engine = Engine::new(&config).map_err(unsupported)?;
        Ok(Self { engine, lender, clock: Arc::default(), threshold: THRESHOLD })
    }

    /// Compiles functions when they are first called (0), or after so many calls or turns of a loop.
    #[must_use]
    pub fn threshold(mut self, count: u32) -> Self {
        self.threshold = count;
        self
    }

    /// Starts the clock, which goes as long as somebody has the engine.
    fn start_clock(&self) -> Result<(), Error> {
        let started = self.clock.get_or_init(|| {
            let engine = self.engine.weak();
            let tick = move || {
                while let Some(engine) = engine.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    std::thread::sleep(TICK);
                }
            };
            let builder = std::thread::Builder::new().name("anrf wasm clock".to_owned()).stack_size(64 << 10);
            builder.spawn(tick).map(drop).map_err(|error| error.to_string())
        });
        started.clone().map_err(|why| Error::new(&codes::COMPILER, format!("cannot start the clock: {why}")))
    }
}

impl Backend for Wasm {
    fn name(&self) -> &'static str {
        "wasm"
    }

    fn compile(&self, module: &Arc<Module>) -> Result<Arc<dyn Code>, Error> {
        accelerated(module, Arc::new(OfModule { wasm: self.clone(), whole: OnceLock::new() }))
    }
}

/// What compiles one module, all of it at once.
struct OfModule {
    wasm: Wasm,
    whole: OnceLock<Result<Option<Arc<Sandbox>>, Error>>,
}

impl fmt::Debug for OfModule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.wasm.fmt(formatter)
    }
}

impl Compiler for OfModule {
    fn name(&self) -> &'static str {
        "wasm"
    }

    fn threshold(&self) -> u32 {
        self.wasm.threshold
    }

    fn compile(&self, program: &Program, function: u32) -> Result<Option<Arc<dyn NativeCode>>, Error> {
        let whole = self.whole.get_or_init(|| {
            self.wasm.start_clock()?;
            let sandbox = Sandbox::new(&self.wasm.engine, &self.wasm.lender, program, function)?;
            Ok(sandbox.map(Arc::new))
        });
        let Some(sandbox) = whole.as_ref().map_err(Error::clone)? else { return Ok(None) };
        let unit = sandbox.entries(function).map(|entries| Unit {
            sandbox: Arc::clone(sandbox),
            function,
            entries: entries.to_vec(),
        });
        Ok(unit.map(|unit| Arc::new(unit) as Arc<dyn NativeCode>))
    }
}
