//! Maps and sets: lookup and update. The nodes are in `tree`, making many at once in `build`.

use anrf_format::types::TypeId;

use super::places::Place;
use super::tree::{Common, Entry, LEAST_KEYS, MAX_HEIGHT, Path, Tree, common, is_leaf, length, set_length};
use super::{Context, units_of_bytes};
use crate::arena::{Arena, Header, NODE_KEYS, Shape, TREE_WORDS};
use crate::meter::Meter;
use crate::stop::{Limit, Stop};

/// The word of a map or set with its root.
pub(super) const ROOT: usize = 1;

/// The value of a key of a map (of a set: the key itself), if it is there. Does not mark it shared.
///
/// # Errors
/// Limits.
pub(crate) fn find(
    context: &mut Context<'_>,
    type_id: TypeId,
    x: u64,
    key: u64,
) -> Result<Option<u64>, Stop> {
    find_in(context, Tree::of(context, type_id)?, x, key)
}

#[inline]
fn find_in(context: &mut Context<'_>, tree: &Tree, x: u64, key: u64) -> Result<Option<u64>, Stop> {
    charge_way(context, tree, x, key)?;
    let place = locate(context, tree, x, key)?;
    Ok(place.map(|place| tree.value(context.arena, place.node(), place.index())))
}

/// What was looked for last. Reading a value is often followed by setting it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sought {
    tree: u64,
    key: u64,
    /// A text grows in place, and is another key then.
    key_length: u32,
}

impl Sought {
    #[inline]
    fn new(arena: &Arena, tree: &Tree, x: u64, key: u64) -> Self {
        Self { tree: x, key, key_length: if tree.has_text() { arena.length(key) } else { 0 } }
    }
}

#[inline]
fn locate(context: &mut Context<'_>, tree: &Tree, x: u64, key: u64) -> Result<Option<Place>, Stop> {
    match known(context, tree, x, key) {
        Some(place) => Ok(Some(place)),
        None => search(context, tree, x, key),
    }
}

#[inline(never)]
fn search(context: &mut Context<'_>, tree: &Tree, x: u64, key: u64) -> Result<Option<Place>, Stop> {
    let mut node = root(context.arena, x);
    let mut shared = x == 0 || context.arena.is_shared(x);
    let mut path = Path::new();
    while node != 0 {
        shared |= context.arena.is_shared(node);
        match tree.search(context, node, key)? {
            Ok(index) => {
                let place = Place::new(node, index, shared);
                remember(context, tree, x, key, place);
                context.cache.found = Some((Sought::new(context.arena, tree, x, key), place));
                return Ok(Some(place));
            }
            // Stray bytes are no tree.
            Err(index) if path.push(node, index).is_err() => break,
            Err(_) => {}
        }
        if is_leaf(context.arena, node) {
            if !shared {
                context.settle();
                context.cache.missed = Some((Sought::new(context.arena, tree, x, key), path));
            }
            break;
        }
        node = path.steps().last().map_or(0, |(node, index)| tree.child(context.arena, *node, *index));
    }
    Ok(None)
}

/// Where a key is, if it was found before and stands there still.
#[inline]
fn known(context: &mut Context<'_>, tree: &Tree, x: u64, key: u64) -> Option<Place> {
    if !context.arena.is_settled(u64::from(u32::MAX)) {
        return None;
    }
    let sought = Sought::new(context.arena, tree, x, key);
    let place = match context.cache.found {
        Some((found, place)) if found == sought => place,
        _ => seen(context, tree, sought)?,
    };
    Some(place.or_shared(context.arena.is_shared(x)))
}

#[inline(never)]
fn seen(context: &mut Context<'_>, tree: &Tree, sought: Sought) -> Option<Place> {
    let Sought { tree: x, key, .. } = sought;
    if !has_places(context.arena, tree, x) {
        return None;
    }
    let name = context.cache.places.name(context.arena, x, key, tree.has_text());
    let place = context.cache.places.get(context.arena, name)?;
    context.cache.found = Some((sought, place));
    Some(place)
}

/// Keeps where a key stands.
fn remember(context: &mut Context<'_>, tree: &Tree, x: u64, key: u64, place: Place) {
    context.settle();
    if has_places(context.arena, tree, x) {
        let (arena, places) = (&*context.arena, &mut context.cache.places);
        let name = places.name(arena, x, key, tree.has_text());
        let key = tree.key(arena, place.node(), place.index());
        places.put(arena, name, key, place, arena.length(x) as usize);
    }
}

/// Whether it is worth keeping where the keys of a map or set stand: searching one node is quick.
#[inline]
fn has_places(arena: &Arena, tree: &Tree, x: u64) -> bool {
    tree.has_places() && x != 0 && arena.length(x) as usize > NODE_KEYS
}

/// The value of a key; 0 if it is not there. Does not mark anything shared.
///
/// # Errors
/// Limits.
pub(crate) fn lookup(context: &mut Context<'_>, type_id: TypeId, map: u64, key: u64) -> Result<u64, Stop> {
    Ok(find(context, type_id, map, key)?.unwrap_or(0))
}

/// The value of a key, or another one if it is not there; the one that it is gets marked shared.
///
/// # Errors
/// Limits.
pub(crate) fn lookup_or(
    context: &mut Context<'_>,
    type_id: TypeId,
    map: u64,
    key: u64,
    otherwise: u64,
) -> Result<u64, Stop> {
    let tree = Tree::of(context, type_id)?;
    let value = find_in(context, tree, map, key)?.unwrap_or(otherwise);
    if tree.shares_values {
        context.arena.share(value);
    }
    Ok(value)
}

/// As [`lookup`], for a value that is about to be replaced in the same map: it is marked shared exactly if
/// the map or a node on the way to it is.
///
/// # Errors
/// Limits.
pub(crate) fn take(context: &mut Context<'_>, type_id: TypeId, map: u64, key: u64) -> Result<u64, Stop> {
    let tree = Tree::of(context, type_id)?;
    charge_way(context, tree, map, key)?;
    let Some(place) = locate(context, tree, map, key)? else { return Ok(0) };
    let value = tree.value(context.arena, place.node(), place.index());
    if place.is_shared() {
        context.share(tree.value.unwrap_or(tree.key), value);
    }
    Ok(value)
}

/// Whether a key is there; for checks, which take no fuel (the work that follows them does).
///
/// # Errors
/// Stray bytes that are no map.
pub(crate) fn has_key(context: &mut Context<'_>, type_id: TypeId, x: u64, key: u64) -> Result<bool, Stop> {
    let mut meter = Meter::new(u64::MAX, u64::MAX);
    let Context { arena, shapes, cache, .. } = context;
    let mut free = Context { arena, shapes, meter: &mut meter, cache };
    Ok(find(&mut free, type_id, x, key)?.is_some())
}

/// Marks what [`find`] gave from a map (a set: a member) shared if it is an aggregate.
pub(crate) fn share_value_of(context: &mut Context<'_>, type_id: TypeId, value: u64) {
    if let Shape::Map(_, of) | Shape::Set(of) = *context.shapes.get(type_id) {
        context.share(of, value);
    }
}

/// The map with a key set, in place as far as it and its nodes are not shared; what is copied because it is
/// shared marks its children shared.
///
/// # Errors
/// Limits.
pub(crate) fn with_entry(
    context: &mut Context<'_>,
    type_id: TypeId,
    map: u64,
    key: u64,
    value: u64,
) -> Result<u64, Stop> {
    insert(context, type_id, map, key, value)
}

/// The set with one more member; as [`with_entry`].
///
/// # Errors
/// Limits.
pub(crate) fn with_member(
    context: &mut Context<'_>,
    type_id: TypeId,
    set: u64,
    member: u64,
) -> Result<u64, Stop> {
    insert(context, type_id, set, member, 0)
}

/// The map or set without a key; as [`with_entry`].
///
/// # Errors
/// Limits.
pub(crate) fn without(context: &mut Context<'_>, type_id: TypeId, x: u64, key: u64) -> Result<u64, Stop> {
    let tree = Tree::of(context, type_id)?;
    if find(context, type_id, x, key)?.is_none() {
        return Ok(x);
    }
    context.cache.found = None;
    context.cache.missed = None;
    context.cache.places.forget();
    let x = own_object(context, tree, x)?;
    let mut node = own_root(context, tree, x)?;
    let mut path = Path::new();
    loop {
        let (index, found) = match tree.search(context, node, key)? {
            Ok(index) => (index, true),
            Err(index) => (index, false),
        };
        path.push(node, index)?;
        if found {
            break;
        }
        if is_leaf(context.arena, node) {
            return Ok(x);
        }
        node = tree.own_child(context, node, index)?;
    }
    remove(context, tree, &mut path)?;
    let root = root(context.arena, x);
    if length(context.arena, root) == 0 {
        let lower = if is_leaf(context.arena, root) { 0 } else { tree.child(context.arena, root, 0) };
        context.arena.set_word(x, ROOT, lower);
    }
    let entries = context.arena.length(x).saturating_sub(1);
    set_entries(context.arena, x, entries);
    Ok(x)
}

/// An empty map or set.
pub(super) fn new_object(arena: &mut Arena, type_id: TypeId) -> Result<u64, Stop> {
    let new = arena.allocate(TREE_WORDS)?;
    arena.set_word(new, 0, Header::new(type_id, 0).encode());
    arena.set_word(new, ROOT, 0);
    Ok(new)
}

pub(super) fn set_entries(arena: &mut Arena, x: u64, entries: u32) {
    let header = arena.header(x);
    arena.set_word(x, 0, Header { length: entries, ..header }.encode());
}

/// The root node of a map or set; 0 if there is none.
#[inline]
pub(super) fn root(arena: &Arena, x: u64) -> u64 {
    if x == 0 { 0 } else { arena.word(x, ROOT) }
}

/// Charges for looking for a key: the comparisons, each with the octets of a long key.
#[inline]
fn charge_way(context: &mut Context<'_>, tree: &Tree, x: u64, key: u64) -> Result<(), Stop> {
    let entries = if x == 0 { 0 } else { context.arena.length(x) };
    let comparisons = u64::from(u32::BITS - entries.leading_zeros()).max(1);
    let each = if tree.has_text() { units_of_bytes(context.arena.length(key) as usize).max(1) } else { 1 };
    context.charge(comparisons * each)
}

/// The object itself if nobody else holds it, otherwise a copy that shares the root.
fn own_object(context: &mut Context<'_>, tree: &Tree, x: u64) -> Result<u64, Stop> {
    if x != 0 && !context.arena.is_shared(x) {
        return Ok(x);
    }
    let new = new_object(context.arena, tree.type_id)?;
    if x != 0 {
        let (entries, root) = (context.arena.length(x), root(context.arena, x));
        context.arena.share(root);
        set_entries(context.arena, new, entries);
        context.arena.set_word(new, ROOT, root);
    }
    Ok(new)
}

/// The root of an owned object, owned.
fn own_root(context: &mut Context<'_>, tree: &Tree, x: u64) -> Result<u64, Stop> {
    let root = root(context.arena, x);
    if root == 0 {
        return Ok(0);
    }
    let owned = tree.own(context, root)?;
    context.arena.set_word(x, ROOT, owned);
    Ok(owned)
}

fn insert(context: &mut Context<'_>, type_id: TypeId, x: u64, key: u64, value: u64) -> Result<u64, Stop> {
    let tree = Tree::of(context, type_id)?;
    charge_way(context, tree, x, key)?;
    if let Some(place) = known(context, tree, x, key)
        && !place.is_shared()
    {
        tree.set_value(context.arena, place.node(), place.index(), value);
        return Ok(x);
    }
    insert_anew(context, tree, x, key, value)
}

#[inline(never)]
fn insert_anew(context: &mut Context<'_>, tree: &Tree, x: u64, key: u64, value: u64) -> Result<u64, Stop> {
    context.cache.found = None;
    let missed = context.cache.missed.take().filter(|(sought, _)| {
        *sought == Sought::new(context.arena, tree, x, key)
            && context.arena.is_settled(u64::from(u32::MAX))
            && !context.arena.is_shared(x)
    });
    let (x, path) = match missed {
        Some((_, path)) => (x, path),
        None => match way_to(context, tree, x, key, value)? {
            (x, Some(path)) => (x, path),
            (x, None) => return Ok(x),
        },
    };
    let entries = context.arena.length(x).checked_add(1).ok_or(Stop::Limit(Limit::Memory))?;
    // Keys may stand in several trees, and in arrays that were read from one.
    context.share(tree.key, key);
    let place = path.steps().last().filter(|(node, _)| length(context.arena, *node) < NODE_KEYS).copied();
    insert_upward(context, tree, x, path, Entry { key, value, right: 0 })?;
    set_entries(context.arena, x, entries);
    // A node that is divided does not say where the key has gone.
    if let Some((node, index)) = place {
        remember(context, tree, x, key, Place::new(node, index, false));
    }
    Ok(x)
}

/// The object, owned, and the way to where a key has to be put, of owned nodes; none where the key has been
/// there and has got the value.
fn way_to(
    context: &mut Context<'_>,
    tree: &Tree,
    x: u64,
    key: u64,
    value: u64,
) -> Result<(u64, Option<Path>), Stop> {
    let x = own_object(context, tree, x)?;
    let mut node = own_root(context, tree, x)?;
    if node == 0 {
        node = tree.new_node(context.arena, true, Common::NONE)?;
        context.arena.set_word(x, ROOT, node);
    }
    let mut path = Path::new();
    loop {
        match tree.search(context, node, key)? {
            Ok(index) => {
                tree.set_value(context.arena, node, index, value);
                remember(context, tree, x, key, Place::new(node, index, false));
                return Ok((x, None));
            }
            Err(index) => {
                path.push(node, index)?;
                if is_leaf(context.arena, node) {
                    return Ok((x, Some(path)));
                }
                node = tree.own_child(context, node, index)?;
                if node == 0 {
                    return Ok((x, None));
                }
            }
        }
    }
}

/// Puts an entry where a way ends, splitting full nodes from the leaf up.
fn insert_upward(
    context: &mut Context<'_>,
    tree: &Tree,
    x: u64,
    mut path: Path,
    mut entry: Entry,
) -> Result<(), Stop> {
    let arena = &mut *context.arena;
    while let Some((node, index)) = path.pop() {
        if length(arena, node) < NODE_KEYS {
            tree.insert_at(arena, node, index, entry);
            if length(arena, node) == LEAST_KEYS + 1 && common(arena, node).checked {
                // The root of a small map is never split.
                tree.refit(arena, node, (None, None));
            }
            return Ok(());
        }
        let leaf = is_leaf(arena, node);
        let right = tree.new_node(arena, leaf, common(arena, node))?;
        let middle = LEAST_KEYS;
        let up = Entry { key: tree.key(arena, node, middle), value: tree.value(arena, node, middle), right };
        tree.append(arena, node, middle + 1, NODE_KEYS - middle - 1, right);
        set_length(arena, node, middle);
        if index <= middle {
            tree.insert_at(arena, node, index, entry);
        } else {
            tree.insert_at(arena, right, index - middle - 1, entry);
        }
        // The separator is a new fence, so there may be more to pass over.
        let (low, high) = tree.fences(arena, path.steps());
        tree.refit(arena, node, (low, Some(up.key)));
        tree.refit(arena, right, (Some(up.key), high));
        entry = up;
        if path.height == 0 {
            let top = tree.new_node(arena, false, Common::NONE)?;
            tree.set_child(arena, top, 0, node);
            tree.insert_at(arena, top, 0, entry);
            tree.refit(arena, top, (None, None));
            arena.set_word(x, ROOT, top);
        }
    }
    Ok(())
}

/// Takes out the entry where a way of owned nodes ends.
fn remove(context: &mut Context<'_>, tree: &Tree, path: &mut Path) -> Result<(), Stop> {
    let Some((node, index)) = path.pop() else { return Ok(()) };
    path.push(node, index)?;
    if !is_leaf(context.arena, node) {
        // The entry before it takes its place; that one is in a leaf.
        let mut leaf = tree.own_child(context, node, index)?;
        while !is_leaf(context.arena, leaf) {
            let last = length(context.arena, leaf);
            path.push(leaf, last)?;
            leaf = tree.own_child(context, leaf, last)?;
            if leaf == 0 {
                return Ok(());
            }
        }
        let last = length(context.arena, leaf).saturating_sub(1);
        path.push(leaf, last)?;
        let (key, value) = (tree.key(context.arena, leaf, last), tree.value(context.arena, leaf, last));
        let old = tree.key(context.arena, node, index);
        tree.admit(context.arena, node, key);
        tree.set_key(context.arena, node, index, key);
        tree.set_value(context.arena, node, index, value);
        let between = tree.in_common(context.arena, key, old);
        lower_left_edge(context, tree, node, index + 1, between)?;
    }
    if let Some((leaf, at)) = path.pop() {
        tree.remove_at(context.arena, leaf, at);
        let mut child = leaf;
        while let Some((parent, index)) = path.pop() {
            if length(context.arena, child) >= LEAST_KEYS {
                break;
            }
            refill(context, tree, parent, index)?;
            child = parent;
        }
    }
    Ok(())
}

/// The fence before a child has moved down to where only `between` bytes are common.
fn lower_left_edge(
    context: &mut Context<'_>,
    tree: &Tree,
    mut parent: u64,
    mut index: usize,
    between: usize,
) -> Result<(), Stop> {
    if !tree.has_text() {
        return Ok(());
    }
    for _ in 0..MAX_HEIGHT {
        let mut node = tree.child(context.arena, parent, index);
        if node == 0 {
            break;
        }
        // Below a node that passes over less, others may pass over more.
        let Common { bytes, checked } = common(context.arena, node);
        let lowers = bytes > between && !checked;
        if !is_leaf(context.arena, node) || lowers {
            node = tree.own_child(context, parent, index)?;
        }
        if lowers {
            tree.lower_common(context.arena, node, between);
        }
        if is_leaf(context.arena, node) {
            break;
        }
        (parent, index) = (node, 0);
    }
    Ok(())
}

/// Brings a child with too few keys to enough: from a neighbour that can spare one, else by joining both.
fn refill(context: &mut Context<'_>, tree: &Tree, parent: u64, index: usize) -> Result<(), Stop> {
    let last = length(context.arena, parent);
    if last == 0 {
        return Ok(());
    }
    // The separator between the two.
    let between = index.saturating_sub(1).min(last - 1);
    let left = tree.own_child(context, parent, between)?;
    let right = tree.own_child(context, parent, between + 1)?;
    let arena = &mut *context.arena;
    let (left_length, right_length) = (length(arena, left), length(arena, right));
    let separator = Entry {
        key: tree.key(arena, parent, between),
        value: tree.value(arena, parent, between),
        right: tree.child(arena, right, 0),
    };
    if left_length + right_length < NODE_KEYS {
        let (a, b) = (common(arena, left), common(arena, right));
        let joined = if a.checked || b.checked {
            let (first, last) =
                (tree.key(arena, left, 0), tree.key(arena, right, right_length.saturating_sub(1)));
            let bytes =
                if left_length == 0 || right_length == 0 { 0 } else { tree.in_common(arena, first, last) };
            Common { bytes, checked: true }
        } else {
            // The outer fences have in common what both have with the separator.
            Common { bytes: a.bytes.min(b.bytes), checked: false }
        };
        tree.set_common(arena, left, joined);
        tree.set_common(arena, right, joined);
        // The separator brings the right one's first child, the others follow behind it.
        tree.insert_at(arena, left, left_length, separator);
        tree.append(arena, right, 0, right_length, left);
        tree.remove_at(arena, parent, between);
    } else if left_length < right_length {
        let (key, value) = (tree.key(arena, right, 0), tree.value(arena, right, 0));
        // The fence behind the left one moves from the separator to this key.
        if !common(arena, left).checked {
            tree.lower_common(arena, left, tree.in_common(arena, separator.key, key));
        }
        tree.insert_at(arena, left, left_length, separator);
        tree.admit(arena, parent, key);
        tree.set_key(arena, parent, between, key);
        tree.set_value(arena, parent, between, value);
        if !is_leaf(arena, right) {
            // The first child went with the separator: the second one is first now.
            let second = tree.child(arena, right, 1);
            tree.set_child(arena, right, 0, second);
        }
        tree.remove_at(arena, right, 0);
    } else {
        let last = left_length.saturating_sub(1);
        let (key, value) = (tree.key(arena, left, last), tree.value(arena, left, last));
        let moved = tree.child(arena, left, left_length);
        let first = tree.child(arena, right, 0);
        if !common(arena, right).checked {
            tree.lower_common(arena, right, tree.in_common(arena, key, separator.key));
        }
        // The old first child comes behind the separator, the moved one before it.
        tree.insert_at(arena, right, 0, Entry { right: first, ..separator });
        if !is_leaf(arena, right) {
            tree.set_child(arena, right, 0, moved);
        }
        tree.admit(arena, parent, key);
        tree.set_key(arena, parent, between, key);
        tree.set_value(arena, parent, between, value);
        set_length(arena, left, last);
    }
    Ok(())
}
