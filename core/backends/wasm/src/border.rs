//! What crosses the border between a module in the sandbox and the run that it works for.
//!
//! Code in the sandbox is not trusted. Numbers of places are looked up, windows have to be there, and what may only go
//! down or up is compared with what it was; whatever is wrong ends the run in an internal error.
#![allow(unsafe_code, reason = "the run of a stay is reached by its address, see `Visit`")]

use std::ptr::NonNull;
use std::sync::Arc;

use anrf_runtime::register_code::{NativeRun, Register, Step};
use wasmtime::{Caller, Linker, Memory, UpdateDeadline};

use crate::layout::{Layout, Word};
use crate::sites::Sites;
use crate::translate::STOPPED;

/// Looks at the clock, one behind the other, in which a stay may have charged nothing.
const MOST_TICKS: u32 = 20;

/// The run that an instance works for, while it does.
struct Visit(Option<NonNull<NativeRun<'static, 'static>>>);

// SAFETY: the pointer is there only during `Host::visit`, on whose thread all code of the instance runs.
unsafe impl Send for Visit {}
// SAFETY: the same; it is not reached through a shared reference.
unsafe impl Sync for Visit {}

/// What the host keeps of an instance.
pub(crate) struct Host {
    pub(crate) sites: Arc<Sites>,
    pub(crate) layout: Layout,
    /// The second memory.
    pub(crate) exchange: Option<Memory>,
    visit: Visit,
    /// The window that was entered, and the depth there.
    base: u64,
    depth: u32,
    /// The slice when the border was crossed last.
    slice: u64,
    /// Looks at the clock since it became less.
    ticks: u32,
    pub(crate) phase: Phase,
    left: u32,
    /// Where the stack was at the last probe.
    pub(crate) probed: usize,
}

/// How far a stay has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Running,
    /// An instruction has stopped it; where, is to be told.
    Stopped,
    /// It has told where it goes on.
    Left,
    /// The same of one that was stopped.
    StoppedAndLeft,
}

impl Host {
    pub(crate) fn new(sites: Arc<Sites>, layout: Layout) -> Self {
        Self {
            sites,
            layout,
            exchange: None,
            visit: Visit(None),
            base: 0,
            depth: 0,
            slice: 0,
            ticks: 0,
            phase: Phase::Running,
            left: 0,
            probed: 0,
        }
    }

    /// A stay begins: code of the instance may be called until [`Self::end`]. All words are in the exchange.
    pub(crate) fn begin(&mut self, run: &mut NativeRun<'_, '_>, words: &mut [u8]) -> wasmtime::Result<()> {
        self.base = run.context.exit_base;
        self.depth = run.context.depth;
        (self.ticks, self.left, self.phase) = (0, 0, Phase::Running);
        set_word(words, Word::DepthLimit as u32, run.context.depth_limit.into())?;
        let constants = run.constants();
        let own = constants.len().min((self.layout.exchange - self.layout.constants) as usize);
        for (word, value) in (self.layout.constants..).zip(&constants[..own]) {
            set_word(words, word, *value)?;
        }
        self.words_out(run, words)?;
        self.visit = Visit(Some(NonNull::from(run).cast()));
        Ok(())
    }

    /// And is over.
    pub(crate) fn end(&mut self) {
        self.visit = Visit(None);
    }

    /// What the run has goes to the exchange.
    fn words_out(&mut self, run: &mut NativeRun<'_, '_>, words: &mut [u8]) -> wasmtime::Result<()> {
        let context = &run.context;
        for (word, value) in [
            (Word::Top, context.top),
            (Word::Cap, context.cap),
            (Word::NextReclaim, context.next_reclaim),
            (Word::Barrier, context.barrier),
            (Word::Floor, context.floor),
            (Word::Depth, context.depth.into()),
        ] {
            set_word(words, word as u32, value)?;
        }
        self.slice = context.slice;
        for (word, value) in (self.layout.state..self.layout.constants).zip(run.state()) {
            set_word(words, word, *value)?;
        }
        Ok(())
    }

    /// What code has changed goes to the run.
    pub(crate) fn words_in(
        &mut self,
        run: &mut NativeRun<'_, '_>,
        words: &[u8],
        slice: u64,
    ) -> wasmtime::Result<()> {
        let (top, barrier) = (word(words, Word::Top as u32)?, word(words, Word::Barrier as u32)?);
        let context = &mut run.context;
        if top < context.top || top > context.cap.max(context.top) || barrier > top {
            wasmtime::bail!("bounds of the arena");
        }
        let depth = u32::try_from(word(words, Word::Depth as u32)?).unwrap_or(u32::MAX);
        if depth.saturating_add(1) < self.depth || depth > context.depth_limit.max(self.depth) {
            wasmtime::bail!("a depth");
        }
        // What stopped code has charged is known.
        if self.phase != Phase::Stopped {
            if slice > self.slice {
                wasmtime::bail!("a slice of fuel");
            }
            if slice < self.slice {
                self.ticks = 0;
            }
            self.slice = slice;
            context.slice = slice;
        }
        (context.top, context.barrier, context.depth) = (top, barrier, depth);
        for (index, value) in (self.layout.state..self.layout.constants).zip(run.state()) {
            *value = word(words, index)?;
        }
        Ok(())
    }

    /// Registers in the exchange go to the window at `base`.
    fn registers_in(
        &self,
        run: &mut NativeRun<'_, '_>,
        words: &[u8],
        registers: &[Register],
        base: u64,
    ) -> wasmtime::Result<()> {
        if base < self.base || !run.has_window(base) {
            wasmtime::bail!("a window");
        }
        for (index, register) in (self.layout.exchange..).zip(registers) {
            run.set_register(base, *register, word(words, index)?);
        }
        Ok(())
    }

    /// Registers of the window at `base` go to the exchange.
    pub(crate) fn registers_out(
        &self,
        run: &NativeRun<'_, '_>,
        words: &mut [u8],
        registers: &[Register],
        base: u64,
    ) -> wasmtime::Result<()> {
        for (index, register) in (self.layout.exchange..).zip(registers) {
            set_word(words, index, run.register(base, *register))?;
        }
        Ok(())
    }

    /// The run that is visited.
    fn run<'a>(&mut self) -> wasmtime::Result<&'a mut NativeRun<'static, 'static>> {
        let Some(mut run) = self.visit.0 else { wasmtime::bail!("nobody is visited") };
        // SAFETY: the pointer was made by `begin` of a reference that its caller does not use before `end`; the code that
        // calls here runs between the two, on the same thread, and each host function makes one reference of it. The
        // lifetimes of a run say only what it borrows, which outlives the stay.
        Ok(unsafe { run.as_mut() })
    }

    fn step(&mut self, words: &mut [u8], site: i32, base: i32, slice: i64) -> wasmtime::Result<i64> {
        let run = self.run()?;
        self.expect(&[Phase::Running])?;
        let sites = Arc::clone(&self.sites);
        let Some(site) = place(&sites.steps, site) else { wasmtime::bail!("no such instruction") };
        let base = u64::from(base.cast_unsigned());
        self.words_in(run, words, slice.cast_unsigned())?;
        self.registers_in(run, words, &site.reads, base)?;
        let step = run.step(site.at, base);
        self.words_out(run, words)?;
        if step == Step::Stopped {
            self.phase = Phase::Stopped;
            return Ok(STOPPED);
        }
        self.registers_out(run, words, &site.writes, base)?;
        let left = i64::try_from(self.slice).unwrap_or(i64::MAX / 2);
        Ok(left << 1 | i64::from(step == Step::Jump))
    }

    fn leave(&mut self, words: &[u8], exit: i32, base: i32, slice: i64) -> wasmtime::Result<()> {
        let run = self.run()?;
        self.expect(&[Phase::Running, Phase::Stopped])?;
        let sites = Arc::clone(&self.sites);
        let Some(exit) = place(&sites.exits, exit) else { wasmtime::bail!("no such exit") };
        let base = u64::from(base.cast_unsigned());
        self.words_in(run, words, slice.cast_unsigned())?;
        self.registers_in(run, words, &exit.registers, base)?;
        run.context.exit_at = exit.at;
        run.context.exit_base = base;
        self.phase = if self.phase == Phase::Stopped { Phase::StoppedAndLeft } else { Phase::Left };
        Ok(())
    }

    fn left(&mut self, words: &[u8], site: i32, base: i32, depth: i64) -> wasmtime::Result<()> {
        let run = self.run()?;
        self.expect(&[Phase::Left, Phase::StoppedAndLeft])?;
        let sites = Arc::clone(&self.sites);
        let Some(site) = place(&sites.calls, site) else { wasmtime::bail!("no such call") };
        let base = u64::from(base.cast_unsigned());
        self.registers_in(run, words, &site.registers, base)?;
        let depth = u32::try_from(depth).unwrap_or(u32::MAX);
        self.left = self.left.saturating_add(1);
        if depth > run.context.depth_limit || self.left > run.context.depth_limit {
            wasmtime::bail!("a depth");
        }
        run.left(site.site, base, depth);
        Ok(())
    }

    fn charge(&mut self, words: &mut [u8], units: i32, slice: i64) -> wasmtime::Result<i64> {
        let run = self.run()?;
        self.expect(&[Phase::Running])?;
        self.words_in(run, words, slice.cast_unsigned())?;
        let goes_on = run.charge(units.cast_unsigned());
        self.words_out(run, words)?;
        if !goes_on {
            self.phase = Phase::Stopped;
            return Ok(STOPPED);
        }
        self.ticks = 0;
        Ok(i64::try_from(self.slice).unwrap_or(i64::MAX))
    }

    fn expect(&self, phases: &[Phase]) -> wasmtime::Result<()> {
        if !phases.contains(&self.phase) {
            wasmtime::bail!("a call behind the end");
        }
        Ok(())
    }

    /// The clock has gone on while code of the instance ran. Whether it may go on.
    pub(crate) fn tick(&mut self) -> wasmtime::Result<UpdateDeadline> {
        self.ticks += 1;
        if self.ticks > MOST_TICKS {
            wasmtime::bail!("code that does not come back");
        }
        Ok(UpdateDeadline::Continue(1))
    }
}

/// The functions that modules import.
pub(crate) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(
        "anrf",
        "step",
        |mut caller: Caller<'_, Host>, site: i32, base: i32, slice: i64| -> wasmtime::Result<i64> {
            let (words, host) = exchange(&mut caller)?;
            host.step(words, site, base, slice)
        },
    )?;
    linker.func_wrap(
        "anrf",
        "leave",
        |mut caller: Caller<'_, Host>, exit: i32, base: i32, slice: i64| -> wasmtime::Result<()> {
            let (words, host) = exchange(&mut caller)?;
            host.leave(words, exit, base, slice)
        },
    )?;
    linker.func_wrap(
        "anrf",
        "left",
        |mut caller: Caller<'_, Host>, site: i32, base: i32, depth: i64| -> wasmtime::Result<()> {
            let (words, host) = exchange(&mut caller)?;
            host.left(words, site, base, depth)
        },
    )?;
    linker.func_wrap(
        "anrf",
        "charge",
        |mut caller: Caller<'_, Host>, units: i32, slice: i64| -> wasmtime::Result<i64> {
            let (words, host) = exchange(&mut caller)?;
            host.charge(words, units, slice)
        },
    )?;
    linker.func_wrap("anrf", "probe", |mut caller: Caller<'_, Host>| {
        let here = 0_u8;
        caller.data_mut().probed = std::ptr::from_ref(&here).addr();
    })?;
    Ok(linker)
}

fn exchange<'a>(caller: &'a mut Caller<'_, Host>) -> wasmtime::Result<(&'a mut [u8], &'a mut Host)> {
    let Some(memory) = caller.data().exchange else { wasmtime::bail!("no exchange") };
    Ok(memory.data_and_store_mut(caller))
}

fn place<T>(list: &[T], index: i32) -> Option<&T> {
    list.get(usize::try_from(index).ok()?)
}

/// A word of the exchange.
pub(crate) fn word(words: &[u8], index: u32) -> wasmtime::Result<u64> {
    let start = index as usize * 8;
    let bytes = words.get(start..start + 8).and_then(|bytes| bytes.try_into().ok());
    bytes.map(u64::from_le_bytes).ok_or_else(|| wasmtime::Error::msg("a word of the exchange"))
}

fn set_word(words: &mut [u8], index: u32, value: u64) -> wasmtime::Result<()> {
    let start = index as usize * 8;
    match words.get_mut(start..start + 8) {
        Some(bytes) => bytes.copy_from_slice(&value.to_le_bytes()),
        None => wasmtime::bail!("a word of the exchange"),
    }
    Ok(())
}
