//! What the host knows about the places where code crosses the border: code names them by number only.

use anrf_runtime::register_code::Register;

/// An instruction that the library does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepSite {
    pub(crate) at: u32,
    /// Registers that are in the exchange before, in order.
    pub(crate) reads: Vec<Register>,
    /// And behind.
    pub(crate) writes: Vec<Register>,
}

/// Where a stay ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExitSite {
    pub(crate) at: u32,
    /// Registers that are in the exchange, in order.
    pub(crate) registers: Vec<Register>,
}

/// A call that may be given up inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallSite {
    /// Its index in the program.
    pub(crate) site: u32,
    /// Registers that are in the exchange, in order.
    pub(crate) registers: Vec<Register>,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Sites {
    pub(crate) steps: Vec<StepSite>,
    pub(crate) exits: Vec<ExitSite>,
    pub(crate) calls: Vec<CallSite>,
}

impl Sites {
    pub(crate) fn step(&mut self, site: StepSite) -> i32 {
        add(&mut self.steps, site)
    }

    pub(crate) fn exit(&mut self, site: ExitSite) -> i32 {
        add(&mut self.exits, site)
    }

    pub(crate) fn call(&mut self, site: CallSite) -> i32 {
        add(&mut self.calls, site)
    }
}

/// Instructions are few enough for the numbers.
fn add<T>(list: &mut Vec<T>, item: T) -> i32 {
    list.push(item);
    i32::try_from(list.len() - 1).unwrap_or(i32::MAX)
}
