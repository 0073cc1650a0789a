//! Counting what a run uses: fuel, the contract budget, and the clock at the end of each fuel slice.

use std::time::Instant;

use crate::cancellation::CancellationToken;
use crate::stop::{Limit, Stop};

/// Charges between two looks at the clock: about 50 µs of interpreted code.
const SLICE: u64 = 20_000;

/// The accounts of a run. Ghost code (contracts) charges the contract budget, all other code fuel.
#[derive(Debug)]
pub(crate) struct Meter {
    /// What the account in use has until the next look at the clock.
    slice: u64,
    /// What it has beyond that.
    reserve: u64,
    /// What the other account has.
    idle: u64,
    /// How many ghost regions the code is in.
    ghost: u32,
    fuel: u64,
    contract: u64,
    deadline: Option<Instant>,
    token: Option<CancellationToken>,
}

impl Meter {
    /// Accounts with so much fuel and contract budget.
    pub(crate) fn new(fuel: u64, contract: u64) -> Self {
        let mut meter = Self {
            slice: 0,
            reserve: 0,
            idle: contract,
            ghost: 0,
            fuel,
            contract,
            deadline: None,
            token: None,
        };
        meter.load(fuel);
        meter
    }

    /// Ends the run when the time is up or the token is cancelled.
    pub(crate) fn watch(&mut self, deadline: Option<Instant>, token: Option<CancellationToken>) {
        self.deadline = deadline;
        self.token = token;
    }

    /// Takes units before the work that they are for.
    ///
    /// # Errors
    /// The limit whose account does not have them (which is then empty), time or cancellation.
    #[inline]
    pub(crate) fn charge(&mut self, units: u64) -> Result<(), Stop> {
        if units <= self.slice {
            self.slice -= units;
            return Ok(());
        }
        self.refill(units)
    }

    #[cold]
    #[inline(never)]
    fn refill(&mut self, units: u64) -> Result<(), Stop> {
        let Some(rest) = self.left().checked_sub(units) else {
            // All of it is used, so it makes no difference in which portions it was taken.
            self.load(0);
            return Err(Stop::Limit(if self.ghost > 0 { Limit::Contract } else { Limit::Fuel }));
        };
        self.load(rest);
        self.check_clock()
    }

    /// Looks at the clock before the slice is used up, and begins another one.
    ///
    /// # Errors
    /// [`Limit::Time`], [`Limit::Cancelled`].
    pub(crate) fn renew(&mut self) -> Result<(), Stop> {
        self.load(self.left());
        self.check_clock()
    }

    /// What is left until the next look at the clock.
    #[inline]
    pub(crate) fn slice(&self) -> u64 {
        self.slice
    }

    /// Machine code has taken from the slice.
    #[inline]
    pub(crate) fn set_slice(&mut self, slice: u64) {
        self.slice = slice.min(self.slice);
    }

    /// Looks at the clock and the token.
    ///
    /// # Errors
    /// [`Limit::Time`], [`Limit::Cancelled`].
    pub(crate) fn check_clock(&self) -> Result<(), Stop> {
        if self.token.as_ref().is_some_and(CancellationToken::is_cancelled) {
            return Err(Stop::Limit(Limit::Cancelled));
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Stop::Limit(Limit::Time));
        }
        Ok(())
    }

    /// One ghost region deeper.
    #[inline]
    pub(crate) fn enter_ghost(&mut self) {
        self.set_ghost(self.ghost + 1);
    }

    /// One back.
    #[inline]
    pub(crate) fn leave_ghost(&mut self) {
        self.set_ghost(self.ghost.saturating_sub(1));
    }

    /// How many ghost regions the code is in.
    #[inline]
    pub(crate) fn ghost(&self) -> u32 {
        self.ghost
    }

    /// Back to so many, when a fault leaves several at once.
    #[inline]
    pub(crate) fn set_ghost(&mut self, ghost: u32) {
        if (self.ghost > 0) != (ghost > 0) {
            let left = self.left();
            let other = self.idle;
            self.idle = left;
            self.load(other);
        }
        self.ghost = ghost;
    }

    /// Fuel taken so far.
    pub(crate) fn fuel_used(&self) -> u64 {
        self.fuel - if self.ghost > 0 { self.idle } else { self.left() }
    }

    /// Contract budget taken so far.
    pub(crate) fn contract_used(&self) -> u64 {
        self.contract - if self.ghost > 0 { self.left() } else { self.idle }
    }

    fn left(&self) -> u64 {
        self.slice + self.reserve
    }

    fn load(&mut self, units: u64) {
        self.slice = units.min(SLICE);
        self.reserve = units - self.slice;
    }
}
