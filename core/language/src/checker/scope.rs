//! The names that are visible at one place, innermost last.

use anrf_format::semantic::LocalId;
use rustc_hash::FxHashMap;

/// What a visible name stands for.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    Local(LocalId),
    /// Its expression had an error, so nothing is said about its uses.
    Broken,
    /// It would be visible, had every branch bound it: why it is not.
    Lost(String),
}

/// A name and what it stands for.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    pub(super) name: String,
    pub(super) meaning: Meaning,
}

/// A stack of bindings in which looking up a name does not walk over the others.
#[derive(Default)]
pub(super) struct Scope {
    bindings: Vec<Binding>,
    positions: FxHashMap<String, Vec<usize>>,
}

impl Scope {
    pub(super) fn len(&self) -> usize {
        self.bindings.len()
    }

    pub(super) fn push(&mut self, binding: Binding) {
        self.positions.entry(binding.name.clone()).or_default().push(self.bindings.len());
        self.bindings.push(binding);
    }

    pub(super) fn pop(&mut self) -> Option<Binding> {
        let binding = self.bindings.pop()?;
        if let Some(positions) = self.positions.get_mut(&binding.name) {
            positions.pop();
        }
        Some(binding)
    }

    /// Forgets what was bound since the stack had this height.
    pub(super) fn truncate(&mut self, height: usize) {
        while self.bindings.len() > height {
            self.pop();
        }
    }

    /// Takes what was bound since the stack had this height, in order.
    pub(super) fn split_off(&mut self, height: usize) -> Vec<Binding> {
        let mut taken: Vec<Binding> = vec![];
        while self.bindings.len() > height {
            taken.extend(self.pop());
        }
        taken.reverse();
        taken
    }

    pub(super) fn lookup(&self, name: &str) -> Option<&Meaning> {
        let position = *self.positions.get(name)?.last()?;
        self.bindings.get(position).map(|binding| &binding.meaning)
    }

    /// The names, innermost first.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.bindings.iter().rev().map(|binding| binding.name.as_str())
    }
}

impl Extend<Binding> for Scope {
    fn extend<I: IntoIterator<Item = Binding>>(&mut self, bindings: I) {
        bindings.into_iter().for_each(|binding| self.push(binding));
    }
}
