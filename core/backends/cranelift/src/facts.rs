//! What is known where code stands, so that it is neither looked up nor checked again.
//!
//! Blocks within loops are translated once for each of a few sets of facts that they are reached with: lazy basic block
//! versioning (Chevalier-Boisvert and Feeley, Simple and Effective Type Check Removal through Lazy Basic Block
//! Versioning, ECOOP 2015). So the first turn of a loop looks at the header of an array, and the further ones do not.

use std::collections::BTreeSet;

use anrf_runtime::register_code::Register;

/// Versions of a block, the one without facts among them.
pub(crate) const MOST_VERSIONS: usize = 3;

/// Facts about the registers' present values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Arrays whose address and length are in variables. What is live is never changed under its name, so this ends
    /// only with the register's value.
    found: BTreeSet<Register>,
    /// Objects that may be updated in place.
    unshared: BTreeSet<Register>,
    /// Marks of loops since which too little was allocated to look at it again.
    settled: BTreeSet<Register>,
    /// Units that the slice is known to have.
    credit: u32,
}

impl Facts {
    /// A register has another value.
    pub(crate) fn forget(&mut self, register: Register) {
        self.found.remove(&register);
        self.unshared.remove(&register);
        self.settled.remove(&register);
    }

    pub(crate) fn find(&mut self, array: Register) {
        self.found.insert(array);
    }

    pub(crate) fn is_found(&self, array: Register) -> bool {
        self.found.contains(&array)
    }

    pub(crate) fn own(&mut self, object: Register) {
        self.unshared.insert(object);
    }

    pub(crate) fn owns(&self, object: Register) -> bool {
        self.unshared.contains(&object)
    }

    pub(crate) fn settle(&mut self, mark: Register) {
        self.settled.insert(mark);
    }

    pub(crate) fn is_settled(&self, mark: Register) -> bool {
        self.settled.contains(&mark)
    }

    /// Something may be shared, by whatever name it has.
    pub(crate) fn shared(&mut self) {
        self.unshared.clear();
    }

    pub(crate) fn allocated(&mut self) {
        self.settled.clear();
    }

    /// Code ran of which nothing is known but that values stay what they are.
    pub(crate) fn disturbed(&mut self) {
        self.shared();
        self.allocated();
    }

    /// Takes units from those that are known to be there; whether they are.
    pub(crate) fn spend(&mut self, units: u32) -> bool {
        match self.credit.checked_sub(units) {
            Some(left) => self.credit = left,
            None => return false,
        }
        true
    }

    /// So many units are known to be there.
    pub(crate) fn set_credit(&mut self, units: u32) {
        self.credit = units;
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Those about these registers.
    pub(crate) fn about(&self, of: impl Fn(Register) -> bool) -> Self {
        let about = |set: &BTreeSet<Register>| set.iter().copied().filter(|register| of(*register)).collect();
        let (found, unshared, settled) = (about(&self.found), about(&self.unshared), about(&self.settled));
        Self { found, unshared, settled, credit: self.credit }
    }

    /// Whether all of these hold where `other` holds.
    pub(crate) fn hold_in(&self, other: &Self) -> bool {
        self.found.is_subset(&other.found)
            && self.unshared.is_subset(&other.unshared)
            && self.settled.is_subset(&other.settled)
            && self.credit <= other.credit
    }

    pub(crate) fn count(&self) -> usize {
        self.found.len() + self.unshared.len() + self.settled.len() + usize::from(self.credit > 0)
    }
}
