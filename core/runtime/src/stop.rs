//! Why code cannot go on.

use std::fmt;

use anrf_format::execution::FaultKind;
use serde::{Deserialize, Serialize};

/// Why the machine stops before its code does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// A defect of the program; the machine adds the place.
    Fault(FaultKind),
    /// A limit of the run.
    Limit(Limit),
    /// The module asks for what this version cannot do, or is not what its validator promises.
    Internal(&'static str),
}

/// Which limit ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Charges of the code.
    Fuel,
    /// Bytes of the arena and of the registers.
    Memory,
    /// Calls inside calls.
    Depth,
    /// Wall time.
    Time,
    /// Bytes of the journal.
    Journal,
    /// Charges of contracts that are checked at run time.
    Contract,
    /// Host calls, or bytes exchanged with the host.
    Io,
    /// The host has cancelled the run.
    Cancelled,
}

impl Limit {
    /// All of them, in order.
    pub const ALL: &'static [Self] = &[
        Self::Fuel,
        Self::Memory,
        Self::Depth,
        Self::Time,
        Self::Journal,
        Self::Contract,
        Self::Io,
        Self::Cancelled,
    ];

    /// The name in JSON and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fuel => "fuel",
            Self::Memory => "memory",
            Self::Depth => "depth",
            Self::Time => "time",
            Self::Journal => "journal",
            Self::Contract => "contract",
            Self::Io => "io",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
