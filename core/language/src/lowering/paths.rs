//! Path updates: reads whose place is overwritten before anybody looks again, which need not mark what they
//! read as shared.

use anrf_format::execution::{Access, Check, Op, ValueId};
use rustc_hash::FxHashMap;

use super::builder::{Builder, OpenBlock};
use super::sharing::{Analysis, Definition, update_base};

/// How long a chain of updates may be to count as one.
const LONGEST: usize = 64;

impl Analysis {
    /// Reads whose place is overwritten before anybody looks again.
    pub(super) fn path_updates(&self, code: &Builder) -> Vec<(u32, u32)> {
        let mut taken = vec![];
        for (index, block) in (0_u32..).zip(&code.blocks) {
            if self.is_ghost_block(index) {
                continue;
            }
            // Of the result of an update: where the first change of anything inside it may have happened.
            let mut changed: FxHashMap<ValueId, u32> = FxHashMap::default();
            for (position, instruction) in (0_u32..).zip(&block.instructions) {
                let (place, new) = match &instruction.op {
                    Op::WithField(base, _, new)
                    | Op::WithElement(base, _, new)
                    | Op::WithEntry(base, _, new) => (Some(*base), *new),
                    Op::StateWrite(_, new) => (None, *new),
                    _ => {
                        if let (Some(base), Some(result)) = (update_base(&instruction.op), instruction.result)
                        {
                            let first = changed.get(&base).copied().unwrap_or(position);
                            changed.insert(result, first);
                        }
                        continue;
                    }
                };
                let places = self.places(index, block, &instruction.op, position);
                if let Some(from) = changed.get(&new).copied()
                    && let Some((read, place)) =
                        self.find_read(code, index, block, &instruction.op, &places, new)
                    && match place {
                        Some(place) => self.unseen(index, &instruction.op, &places[..=place], from, block),
                        None => self.untouched(block, read, from, position),
                    }
                {
                    taken.push((index, read));
                }
                if let (Some(base), Some(result)) = (place, instruction.result) {
                    let inside =
                        [base, new].into_iter().filter_map(|value| changed.get(&value).copied()).min();
                    changed.insert(result, inside.unwrap_or(position).min(position));
                }
            }
        }
        taken
    }

    /// The values that an update overwrites a place of, and where each of them is updated: its operand, and
    /// for a field the record before other fields of it were set in the same way.
    fn places(&self, index: u32, block: &OpenBlock, update: &Op, position: u32) -> Vec<(ValueId, u32)> {
        let Some(base) = update_base(update) else { return vec![] };
        let mut places = vec![(base, position)];
        let Op::WithField(_, changed, _) = update else { return places };
        while let Some((record, _)) = places.last().filter(|_| places.len() < LONGEST)
            && let Some(Definition { block: at, position: Some(position) }) =
                self.definition[record.0 as usize]
            && at == index
            && self.uses[record.0 as usize].len() == 1
            && let Some(Op::WithField(before, field, _)) =
                block.instructions.get(position as usize).map(|it| &it.op)
            && field != changed
        {
            places.push((*before, position));
        }
        places
    }

    /// Where this block reads what an update overwrites, and which of the places that is, if the new value is
    /// made of it by updates alone.
    fn find_read(
        &self,
        code: &Builder,
        index: u32,
        block: &OpenBlock,
        update: &Op,
        places: &[(ValueId, u32)],
        new: ValueId,
    ) -> Option<(u32, Option<usize>)> {
        let place = |value: &ValueId| places.iter().position(|(known, _)| known == value);
        let mut value = new;
        for _ in 0..LONGEST {
            let Definition { block: at, position: Some(position) } = self.definition[value.0 as usize]?
            else {
                return None;
            };
            if at != index {
                return None;
            }
            let made = &block.instructions.get(position as usize)?.op;
            let same = match (made, update) {
                (Op::Field(x, field, _), Op::WithField(_, changed, _)) if field == changed => {
                    place(x).map(Some)
                }
                (Op::Element(x, at, _), Op::WithElement(_, changed, _))
                | (Op::Lookup(x, at, _), Op::WithEntry(_, changed, _))
                    if self.equal(code, *at, *changed, 8) =>
                {
                    place(x).map(Some)
                }
                (Op::StateRead(x, _), Op::StateWrite(changed, _)) if x == changed => Some(None),
                _ => None,
            };
            if let Some(place) = same {
                return (value != new).then_some((position, place));
            }
            value = update_base(made)?;
        }
        None
    }

    /// Whether two values are made in the same way. Bounded.
    fn equal(&self, code: &Builder, a: ValueId, b: ValueId, depth: u32) -> bool {
        if a == b {
            return true;
        }
        let made = |value: ValueId| -> Option<&Op> {
            let Definition { block, position: Some(position) } = self.definition[value.0 as usize]? else {
                return None;
            };
            Some(&code.blocks.get(block as usize)?.instructions.get(position as usize)?.op)
        };
        if depth == 0 || code.function.type_of(a) != code.function.type_of(b) {
            return false;
        }
        match (made(a), made(b)) {
            (Some(Op::Immediate(x)), Some(Op::Immediate(y))) => x == y,
            (Some(Op::Constant(x)), Some(Op::Constant(y))) => x == y,
            (Some(Op::Arithmetic(o, x1, x2)), Some(Op::Arithmetic(p, y1, y2))) => {
                o == p && self.equal(code, *x1, *y1, depth - 1) && self.equal(code, *x2, *y2, depth - 1)
            }
            (Some(Op::Field(x, f, _)), Some(Op::Field(y, g, _))) => {
                f == g && self.equal(code, *x, *y, depth - 1)
            }
            (Some(Op::Narrow(x)), Some(Op::Narrow(y))) => self.equal(code, *x, *y, depth - 1),
            _ => false,
        }
    }

    /// Whether nothing looks at the overwritten place of the last of these values after the first change, nor
    /// afterwards. The values before it are that one with other fields set, and have no other use.
    fn unseen(
        &self,
        block: u32,
        update: &Op,
        places: &[(ValueId, u32)],
        from: u32,
        open: &OpenBlock,
    ) -> bool {
        const MOST: usize = 512;
        let (Some((base, first)), Some((_, last))) = (places.last(), places.first()) else { return false };
        let uses = &self.uses[base.0 as usize];
        let harmless = |position: u32| {
            let op = open.instructions.get(position as usize).map(|instruction| &instruction.op);
            match (op, update) {
                (Some(Op::Check(Check::Index | Check::Key, ..)), _) => true,
                (Some(Op::Field(_, other, _)), Op::WithField(_, changed, _)) => other != changed,
                (Some(op), _) if position == *first => {
                    let mut times = 0;
                    op.for_each_operand(|value| times += usize::from(value == *base));
                    times == 1
                }
                _ => false,
            }
        };
        // Not live out, so uses in other blocks come before.
        !self.is_live_out(block, *base)
            && uses.len() <= MOST
            && uses
                .iter()
                .filter(|found| found.block == block)
                .all(|found| found.position < from || (found.position <= *last && harmless(found.position)))
    }

    /// Whether nothing between a read of a state variable and the write of what was made of it looks at the
    /// variable once the change has begun.
    fn untouched(&self, block: &OpenBlock, read: u32, from: u32, to: u32) -> bool {
        const LONGEST: usize = 20_000;
        let Some(Op::StateWrite(variable, _)) =
            block.instructions.get(to as usize).map(|instruction| &instruction.op)
        else {
            return false;
        };
        // A handler would see the change without the write.
        block.on_fault.is_none()
            && block.instructions.len() <= LONGEST
            && (0..to).zip(&block.instructions).all(|(position, instruction)| match &instruction.op {
                Op::StateRead(other, access) if other == variable && position != read => {
                    let last = instruction.result.map(|result| &self.uses[result.0 as usize]);
                    position < from
                        && (*access == Access::Read
                            || last.is_none_or(|uses| uses.iter().all(|found| found.position < from)))
                }
                Op::StateWrite(other, _) => other != variable || position < read,
                Op::CheckState(..) | Op::Contract(..) | Op::Ghost(_) | Op::CheckCall(..) => position < from,
                _ => true,
            })
    }
}
