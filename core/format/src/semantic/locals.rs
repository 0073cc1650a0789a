//! The names of a clause. What stands around it (inputs, fields) is its owner's, held once for all its clauses.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Local, LocalId};

/// What stands around a clause first, then its own binders. Equal if they are the same names in all.
#[derive(Clone, Debug, Default)]
pub struct Locals {
    around: Arc<[Local]>,
    own: Vec<Local>,
}

/// Names by their index.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalsRef<'a> {
    around: &'a [Local],
    own: &'a [Local],
}

impl<'a> LocalsRef<'a> {
    /// The local of an index.
    #[must_use]
    pub fn get(self, local: LocalId) -> Option<&'a Local> {
        let index = local.0 as usize;
        self.around.get(index).or_else(|| self.own.get(index.checked_sub(self.around.len())?))
    }

    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.around.len() + self.own.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// All of them, in order.
    pub fn iter(self) -> impl Iterator<Item = &'a Local> {
        self.around.iter().chain(self.own)
    }
}

impl<'a> From<&'a Locals> for LocalsRef<'a> {
    fn from(locals: &'a Locals) -> Self {
        Self { around: &locals.around, own: &locals.own }
    }
}

impl<'a> From<&'a Vec<Local>> for LocalsRef<'a> {
    fn from(own: &'a Vec<Local>) -> Self {
        Self { around: &[], own }
    }
}

impl Locals {
    /// All names, by their index.
    #[must_use]
    pub fn all(&self) -> LocalsRef<'_> {
        self.into()
    }

    /// These names, which so far are all, stand inside those.
    pub(crate) fn put_inside(&mut self, around: &Arc<[Local]>) {
        self.around = Arc::clone(around);
    }

    /// Renumbers the types of its own names; those around are the owner's.
    pub(super) fn own_mut(&mut self) -> &mut [Local] {
        &mut self.own
    }
}

impl From<Vec<Local>> for Locals {
    fn from(own: Vec<Local>) -> Self {
        Self { around: Arc::default(), own }
    }
}

impl Extend<Local> for Locals {
    fn extend<T: IntoIterator<Item = Local>>(&mut self, more: T) {
        self.own.extend(more);
    }
}

impl PartialEq for Locals {
    fn eq(&self, other: &Self) -> bool {
        self.all().iter().eq(other.all().iter())
    }
}

impl Serialize for Locals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        super::stored::inside(self, 0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Locals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}
