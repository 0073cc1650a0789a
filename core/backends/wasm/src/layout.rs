//! The second memory of a module in the sandbox: what its code and the host tell each other, in words of eight bytes.

use anrf_runtime::register_code::Program;

/// Words of the run that both sides read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Words of the arena in use, and how many there may be.
    Top,
    Cap,
    /// See [`anrf_runtime::register_code::Context`].
    NextReclaim,
    Barrier,
    Floor,
    Depth,
    DepthLimit,
}

/// The number of [`Word`]s, and then some.
const WORDS: u32 = 8;

/// Bytes of a page of memory.
pub(crate) const PAGE: u64 = 64 << 10;

/// Where what lies in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) state: u32,
    pub(crate) constants: u32,
    /// Registers that cross the border.
    pub(crate) exchange: u32,
    /// How many of them there may be.
    pub(crate) room: u32,
}

impl Layout {
    /// For a program with functions of so many registers at most; `None` if it is too large.
    pub(crate) fn of(program: &Program, registers: u32) -> Option<Self> {
        let state = WORDS;
        let constants = state.checked_add(program.variables)?;
        let exchange = constants.checked_add(u32::try_from(program.constants.len()).ok()?)?;
        let room = registers.max(16);
        (exchange.checked_add(room)? < 1 << 26).then_some(Self { state, constants, exchange, room })
    }

    /// Pages that it takes.
    pub(crate) fn pages(&self) -> u64 {
        (u64::from(self.exchange + self.room) * 8).div_ceil(PAGE)
    }
}
