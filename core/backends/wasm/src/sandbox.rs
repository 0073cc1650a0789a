//! Modules in wasmtime: how they are made, instantiated and entered.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use anrf_runtime::register_code::{Entry, Exit, NativeCode, NativeRun, Program, Register};
use anrf_runtime::{Error, codes};
use rustc_hash::FxHashMap;
use wasmtime::{Engine, InstancePre, Memory, Module, Store, TypedFunc};

use crate::arena::{Lender, Loan};
use crate::border::{Host, Phase, linker, word};
use crate::layout::PAGE;
use crate::module::{Assembled, PROBE_NAME, assemble, entrance};
use crate::translate::{GAVE_UP, PROBE, STOPPED, results};

/// Instances of a module that are kept for the next stay.
const MOST_SEATS: usize = 16;

/// Bytes of stack of a call that a probe does not see.
const FRAME_HEAD: u32 = 128;

/// How a function is entered: its entry, window, and slice.
type Enter = TypedFunc<(i32, i32, i64), i64>;

/// A program as a module that can be instantiated.
pub(crate) struct Sandbox {
    engine: Engine,
    lender: Arc<Lender>,
    module: InstancePre<Host>,
    assembled: Assembled,
    sites: Arc<crate::sites::Sites>,
    /// By function: what is known for entering it.
    units: BTreeMap<u32, Facts>,
    seats: Mutex<Vec<Seat>>,
}

/// What the host has to know to enter a function.
struct Facts {
    entries: Vec<Entry>,
    /// By entry: registers that have to be in the exchange, in order.
    registers: Vec<Vec<Register>>,
    results: usize,
}

/// An instance with the arena that it was made for.
struct Seat {
    loan: Loan,
    store: Store<Host>,
    instance: wasmtime::Instance,
    exchange: Memory,
    functions: FxHashMap<u32, Enter>,
}

/// A function of a sandbox.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) function: u32,
    pub(crate) entries: Vec<Entry>,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes of WebAssembly", self.assembled.bytes.len())
    }
}

fn broken(error: impl fmt::Display) -> Error {
    Error::new(&codes::COMPILER, format!("the compiler of WebAssembly failed: {error:#}"))
}

impl Sandbox {
    /// Of a program in which a function has to run first; `None` if it is too large.
    pub(crate) fn new(
        engine: &Engine,
        lender: &Arc<Lender>,
        program: &Program,
        first: u32,
    ) -> Result<Option<Self>, Error> {
        let Some(assembled) = assemble(program, first) else { return Ok(None) };
        #[cfg(debug_assertions)]
        crate::module::validate(&assembled.bytes).map_err(broken)?;
        Self::of(engine, lender, program, assembled).map(Some)
    }

    /// Of a module that was made for a program; what its code does is believed nowhere.
    pub(crate) fn of(
        engine: &Engine,
        lender: &Arc<Lender>,
        program: &Program,
        assembled: Assembled,
    ) -> Result<Self, Error> {
        let module = Module::new(engine, &assembled.bytes).map_err(broken)?;
        let module = linker(engine).and_then(|linker| linker.instantiate_pre(&module)).map_err(broken)?;
        let mut sandbox = Self {
            engine: engine.clone(),
            lender: Arc::clone(lender),
            module,
            sites: Arc::clone(&assembled.sites),
            assembled,
            units: BTreeMap::new(),
            seats: Mutex::default(),
        };
        let frames = sandbox.frames().map_err(broken)?;
        let window = |index: &u32| program.functions.get(*index as usize).map_or(0, |of| of.registers);
        for (function, reached) in &sandbox.assembled.reached {
            let frame_bytes =
                reached.iter().filter_map(|index| frames.get(index)).max().copied().unwrap_or(u32::MAX);
            let window = reached.iter().map(window).max().unwrap_or(0);
            let entered = sandbox.assembled.entries.get(function).map_or(&[][..], Vec::as_slice);
            let entry =
                |(at, _): &(u32, Vec<Register>)| Entry { at: *at, function: *function, frame_bytes, window };
            let facts = Facts {
                entries: entered.iter().map(entry).collect(),
                registers: entered.iter().map(|(_, registers)| registers.clone()).collect(),
                results: results(program, *function),
            };
            sandbox.units.insert(*function, facts);
        }
        Ok(sandbox)
    }

    /// Where a function is entered.
    pub(crate) fn entries(&self, function: u32) -> Option<&[Entry]> {
        self.units.get(&function).map(|facts| facts.entries.as_slice())
    }

    /// How large the frame of each function is: the host looks where the stack is when it is called from it.
    fn frames(&self) -> wasmtime::Result<BTreeMap<u32, u32>> {
        let mut page = vec![0_u64; usize::try_from(PAGE / 8).unwrap_or(0)];
        let loan = Loan { start: page.as_mut_ptr().cast(), bytes: page.len() * 8 };
        let mut seat = self.seat(loan)?;
        let probe = seat.instance.get_typed_func::<(), ()>(&mut seat.store, PROBE_NAME)?;
        probe.call(&mut seat.store, ())?;
        let without = seat.store.data().probed;
        let mut frames = BTreeMap::new();
        for function in self.assembled.entries.keys() {
            seat.function(*function)?.call(&mut seat.store, (PROBE, 0, 0))?;
            let used = without.saturating_sub(seat.store.data().probed);
            frames.insert(*function, u32::try_from(used).unwrap_or(u32::MAX).saturating_add(FRAME_HEAD));
        }
        drop(seat);
        Ok(frames)
    }

    /// A new instance.
    fn seat(&self, loan: Loan) -> wasmtime::Result<Seat> {
        let mut store = Store::new(&self.engine, Host::new(Arc::clone(&self.sites), self.assembled.layout));
        store.epoch_deadline_callback(|mut context| context.data_mut().tick());
        store.set_epoch_deadline(1);
        let instance = self.lender.lend(loan, || self.module.instantiate(&mut store))?;
        let exchange = instance.get_memory(&mut store, "exchange");
        let exchange = exchange.ok_or_else(|| wasmtime::Error::msg("no exchange"))?;
        store.data_mut().exchange = Some(exchange);
        Ok(Seat { loan, store, instance, exchange, functions: FxHashMap::default() })
    }

    /// An instance for an arena, used before or new.
    fn take_seat(&self, loan: Loan) -> wasmtime::Result<Seat> {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = seats.iter().rposition(|seat| seat.loan == loan) {
            return Ok(seats.remove(found));
        }
        drop(seats);
        self.seat(loan)
    }

    fn give_seat(&self, seat: Seat) {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        if seats.len() >= MOST_SEATS {
            seats.remove(0);
        }
        seats.push(seat);
    }

    fn enter(&self, function: u32, entry: u32, run: &mut NativeRun<'_, '_>) -> Exit {
        // What the run may use of its arena, in whole pages.
        let words = run.context.cap.max(run.context.top);
        let bytes = words.saturating_mul(8).next_multiple_of(PAGE).clamp(PAGE, 1 << 32);
        let loan =
            Loan { start: run.context.arena.cast(), bytes: usize::try_from(bytes).unwrap_or(usize::MAX) };
        let place = (run.context.exit_at, run.context.exit_base);
        let ended = self.take_seat(loan).and_then(|mut seat| {
            let ended = self.stay(&mut seat, function, entry, run);
            seat.store.data_mut().end();
            // What trapped is not used again.
            if ended.is_ok() {
                self.give_seat(seat);
            }
            ended
        });
        match ended {
            Ok(exit) => exit,
            Err(error) => {
                tracing::warn!(function, error = format!("{error:#}"), "code in the sandbox failed");
                let at = self.units.get(&function).and_then(|facts| facts.entries.get(entry as usize));
                run.context.exit_at = at.map_or(place.0, |entry| entry.at);
                run.context.exit_base = place.1;
                run.broken("code in the sandbox failed")
            }
        }
    }

    fn stay(
        &self,
        seat: &mut Seat,
        function: u32,
        entry: u32,
        run: &mut NativeRun<'_, '_>,
    ) -> wasmtime::Result<Exit> {
        let facts = self.units.get(&function).ok_or_else(|| wasmtime::Error::msg("no such function"))?;
        let registers = facts.registers.get(entry as usize).map_or(&[][..], Vec::as_slice);
        let enter = seat.function(function)?;
        let base = run.context.exit_base;
        let slice = run.context.slice;
        let (words, host) = seat.exchange.data_and_store_mut(&mut seat.store);
        host.registers_out(run, words, registers, base)?;
        host.begin(run, words)?;
        seat.store.set_epoch_deadline(1);
        let number = i32::try_from(entry).unwrap_or(i32::MAX).saturating_add(1);
        let window = u32::try_from(base).unwrap_or(u32::MAX).cast_signed();
        let status = enter.call(&mut seat.store, (number, window, slice.cast_signed()))?;
        let (words, host) = seat.exchange.data_and_store_mut(&mut seat.store);
        host.end();
        match (status, host.phase) {
            (GAVE_UP, Phase::Left) => Ok(Exit::GaveUp),
            (STOPPED, Phase::StoppedAndLeft) => Ok(Exit::Stopped),
            (0.., Phase::Running) => {
                host.words_in(run, words, status.cast_unsigned())?;
                for (index, register) in (self.assembled.layout.exchange..).zip(0..).take(facts.results) {
                    let value = word(words, index)?;
                    run.context.value = value;
                    run.set_register(base, register, value);
                }
                Ok(Exit::Returned)
            }
            _ => wasmtime::bail!("an answer that does not fit what was told before"),
        }
    }
}

impl Seat {
    fn function(&mut self, function: u32) -> wasmtime::Result<Enter> {
        if let Some(found) = self.functions.get(&function) {
            return Ok(found.clone());
        }
        let found = self.instance.get_typed_func(&mut self.store, &entrance(function))?;
        self.functions.insert(function, Enter::clone(&found));
        Ok(found)
    }
}

impl NativeCode for Unit {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn enter(&self, entry: u32, run: &mut NativeRun<'_, '_>) -> Exit {
        self.sandbox.enter(self.function, entry, run)
    }
}
