//! Lists read from untrusted bytes. A length in a file is a claim: memory follows what was really read,
//! and a list never holds much more than its elements, so that decoding stays within a bounded multiple
//! of the input (see [`crate::binary`]).

use std::fmt;
use std::marker::PhantomData;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Appends to a list that, once it is long, grows by an eighth where [`Vec::push`] would double it, and never
/// past the length that it is said to get.
pub(crate) fn push<T>(list: &mut Vec<T>, item: T, claimed: usize) {
    if list.len() == list.capacity() {
        let more = (list.len() / 8).max(list.len().clamp(4, 64)).min(claimed.saturating_sub(list.len()));
        list.reserve_exact(more);
    }
    list.push(item);
}

/// For `deserialize_with`: a list whose elements are much larger in memory than in a file.
pub(crate) fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_seq(ListVisitor(PhantomData))
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Vec<T>, A::Error> {
        let hint = access.size_hint();
        // The decoder gives a hint only where the bytes that are left can bear it.
        let mut list = Vec::with_capacity(hint.unwrap_or(0).min(1 << 16));
        while let Some(item) = access.next_element()? {
            push(&mut list, item, usize::MAX);
        }
        Ok(list)
    }
}
