//! Sorting arrays.

use anrf_format::types::TypeId;

use super::Context;
use crate::stop::Stop;

/// Keys of one sort: an array with one key per element, its element type, whether descending.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SortKey {
    /// The array of keys.
    pub(crate) keys: u64,
    /// The type of one.
    pub(crate) type_id: TypeId,
    /// Largest first.
    pub(crate) descending: bool,
}

/// The array in the order of the keys, the first key deciding first; stable. Charges `n` times the bits of
/// `n` for the comparisons, and for what they read. The elements become shared.
///
/// # Errors
/// Limits.
pub(crate) fn sort_by(
    _: &mut Context<'_>,
    _type_id: TypeId,
    _array: u64,
    _keys: &[SortKey],
) -> Result<u64, Stop> {
    Err(Stop::Internal("sorting is not available"))
}
