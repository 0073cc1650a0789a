//! Union, intersection, difference and inclusion of sets.

use std::cmp::Ordering;

use anrf_format::types::TypeId;

use super::build::{Cursor, entries, from_ascending};
use super::tree::Tree;
use super::{Context, compare, units_of_slots};
use crate::stop::Stop;

/// Which members of two sets make a third.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Either,
    Both,
    FirstOnly,
}

/// The set of some members of two; of equal members the first set's.
pub(super) fn combine(
    context: &mut Context<'_>,
    type_id: TypeId,
    a: u64,
    b: u64,
    choice: Choice,
) -> Result<u64, Stop> {
    let tree = Tree::of(context, type_id)?;
    let (mine, theirs) = (entries(context.arena, a), entries(context.arena, b));
    context.charge(units_of_slots(mine + theirs))?;
    let most = match choice {
        Choice::Either => mine + theirs,
        Choice::Both => mine.min(theirs),
        Choice::FirstOnly => mine,
    };
    let mut members = context.scratch(most)?;
    let (mut left, mut right) = (Cursor::new(context.arena, tree, a), Cursor::new(context.arena, tree, b));
    let (mut x, mut y) = (left.next(context.arena), right.next(context.arena));
    loop {
        let order = match (x, y) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((x, _)), Some((y, _))) => compare::order(context, tree.key, x, y)?,
        };
        let chosen = match (order, choice) {
            (Ordering::Less, Choice::Either | Choice::FirstOnly)
            | (Ordering::Equal, Choice::Either | Choice::Both) => x,
            (Ordering::Greater, Choice::Either) => y,
            _ => None,
        };
        members.extend(chosen.map(|(member, _)| member));
        if order.is_le() {
            x = left.next(context.arena);
        }
        if order.is_ge() {
            y = right.next(context.arena);
        }
    }
    from_ascending(context, type_id, &members)
}

/// Whether all members of the first set are in the second.
pub(super) fn is_subset(context: &mut Context<'_>, type_id: TypeId, a: u64, b: u64) -> Result<bool, Stop> {
    let tree = Tree::of(context, type_id)?;
    let (mine, theirs) = (entries(context.arena, a), entries(context.arena, b));
    if mine > theirs {
        return Ok(false);
    }
    context.charge(units_of_slots(mine + theirs))?;
    let (mut left, mut right) = (Cursor::new(context.arena, tree, a), Cursor::new(context.arena, tree, b));
    while let Some((x, _)) = left.next(context.arena) {
        loop {
            let Some((y, _)) = right.next(context.arena) else { return Ok(false) };
            match compare::order(context, tree.key, x, y)? {
                Ordering::Less => return Ok(false),
                Ordering::Equal => break,
                Ordering::Greater => {}
            }
        }
    }
    Ok(true)
}
