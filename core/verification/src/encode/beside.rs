//! Two functions on the same inputs, in one set of terms: what each does from one place to the next, so that the
//! two can be compared there.
//!
//! A place is the start, the head of a loop, or an end. Where both functions have loops of one shape, the heads
//! of the second take the state of the first: if both go from equal states at one place to equal states at the
//! next, they do so for ever (a lock-step product).

use std::collections::{BTreeMap, BTreeSet};

use anrf_format::execution::{BlockId, Function, Terminator};
use anrf_format::module::Module;
use anrf_format::types::{Type, TypeId, TypeTable};
use rustc_hash::FxHashMap;

use super::collection::Function as CollectionFunction;
use super::frame::World;
use super::sorts::Shape;
use super::{Calls, Encoded, Encoder, fold};
use crate::term::{SortId, TermId};

/// The state at the head of a loop, in the order of its parameters and of the state variables it writes.
pub(super) type Head = Vec<TermId>;

/// What the second of two functions takes from the first.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside {
    pub(super) inputs: Vec<TermId>,
    /// State on entry, by name.
    pub(super) state: BTreeMap<String, TermId>,
    /// The heads that are shared.
    pub(super) heads: Vec<Head>,
}

impl<'m> Encoder<'m> {
    /// Goes on with another module, in which types of one name are the same.
    ///
    /// # Errors
    /// The name of a type that is another one there.
    pub fn over(mut self, module: &'m Module, calls: &'m Calls) -> Result<Self, String> {
        if std::ptr::eq(module, self.module) {
            return Ok(self);
        }
        let (from, to) = (&self.module.types, &module.types);
        if let Some(name) = other_type(from, to) {
            return Err(name);
        }
        let mut same: FxHashMap<TypeId, TypeId> = FxHashMap::default();
        let ids = |types: &TypeTable| (0..u32::try_from(types.types.len()).unwrap_or(0)).map(TypeId);
        for id in ids(from) {
            let name = from.name(id);
            // The unbounded integer is called like the other.
            let is_same = |other: &TypeId| {
                to.name(*other) == name
                    && (*to.get(*other) == Type::Unbounded) == (*from.get(id) == Type::Unbounded)
            };
            same.extend(ids(to).find(is_same).map(|other| (id, other)));
        }
        // Collections and optionals are found by their sorts; datatypes only here.
        let shapes = std::mem::take(&mut self.shapes).into_iter().filter_map(|(id, shape)| {
            let id = *same.get(&id)?;
            match (shape, to.get(id)) {
                (Shape::Record(datatype, _), Type::Record(index)) => {
                    Some((id, Shape::Record(datatype, *index)))
                }
                (Shape::Variant(datatype, _), Type::Variant(index)) => {
                    Some((id, Shape::Variant(datatype, *index)))
                }
                _ => None,
            }
        });
        let shapes = shapes.collect();
        let functions =
            std::mem::take(&mut self.functions).into_iter().filter_map(|((sort, function), symbol)| {
                let function = match function {
                    CollectionFunction::Same(id) => CollectionFunction::Same(*same.get(&id)?),
                    function => function,
                };
                Some(((sort, function), symbol))
            });
        let functions = functions.collect();
        let folds = std::mem::take(&mut self.folds).into_iter();
        let folds = folds.filter_map(|(key, symbol)| Some((key.with_result(&same)?, symbol))).collect();
        Ok(Self {
            module,
            calls,
            shapes,
            functions,
            folds,
            proving: None,
            results: FxHashMap::default(),
            ..self
        })
    }

    /// The goals of a function with the inputs and the state of another, and the same heads of loops if
    /// `in_step`.
    pub fn encode_beside(&mut self, index: u32, first: &Encoded, names: &[String], in_step: bool) -> Encoded {
        let heads = if in_step { first.heads.clone() } else { vec![] };
        let inputs = first.inputs.iter().map(|(_, term)| *term).collect();
        let terms = first.state.iter().map(|(_, _, term)| *term);
        let state = names.iter().cloned().zip(terms).collect();
        self.beside = Some(Beside { inputs, state, heads });
        let encoded = self.encode(index);
        self.beside = None;
        encoded
    }

    /// Whether the loops of two functions carry states of the same sorts, one by one.
    #[must_use]
    pub fn same_heads(&self, first: &Encoded, second: &Encoded) -> bool {
        let sorts = |encoded: &Encoded| -> Vec<Vec<SortId>> {
            let sorts = |head: &Head| head.iter().map(|term| self.terms.sort(*term)).collect();
            encoded.heads.iter().map(sorts).collect()
        };
        sorts(first) == sorts(second)
    }

    /// The value at a head: that of the function beside which this one is encoded, or a new one.
    pub(super) fn head_value(&mut self, head: usize, position: usize, name: &str, sort: SortId) -> TermId {
        let shared = self.beside.as_ref().and_then(|beside| beside.heads.get(head)?.get(position)).copied();
        match shared.filter(|term| self.terms.sort(*term) == sort) {
            Some(term) => term,
            None => self.terms.constant(name, sort),
        }
    }

    /// What a function's contract says of a way out: of its results, or of the number of its error. State is
    /// given by variable.
    pub fn promises(
        &mut self,
        index: u32,
        inputs: &[TermId],
        before: &BTreeMap<u32, TermId>,
        after: &BTreeMap<u32, TermId>,
        values: &[TermId],
        succeeds: bool,
    ) -> TermId {
        let world = |state: &BTreeMap<u32, TermId>| World { state: state.clone(), ..World::default() };
        let (before, after) = (world(before), world(after));
        let (results, code) = if succeeds { (Some(values), None) } else { (None, values.first().copied()) };
        let facts = self.exit_facts(index, inputs, &before, &after, results, code);
        self.terms.and(facts)
    }

    /// That two values of a type are the same one, as outcomes are compared.
    pub fn same_value(&mut self, id: TypeId, a: TermId, b: TermId) -> TermId {
        self.equal_values(id, a, b, false)
    }

    /// State variables that a function may write.
    #[must_use]
    pub fn written(&self, index: u32) -> BTreeSet<u32> {
        self.calls.writes(index)
    }
}

impl fold::Key {
    fn with_result(mut self, same: &FxHashMap<TypeId, TypeId>) -> Option<Self> {
        self.result = *same.get(&self.result)?;
        Some(self)
    }
}

/// The name of a record, variant or machine that both have and that is not the same in both.
fn other_type(from: &TypeTable, to: &TypeTable) -> Option<String> {
    let fields = |types: &TypeTable, fields: &[anrf_format::types::Field]| -> Vec<(String, String)> {
        fields.iter().map(|field| (field.name.clone(), types.name(field.type_id))).collect()
    };
    let records = from.records.iter().flat_map(|a| to.records.iter().map(move |b| (a, b)));
    let records = records
        .filter(|(a, b)| a.name == b.name)
        .find(|(a, b)| fields(from, &a.fields) != fields(to, &b.fields) || a.constraints != b.constraints);
    if let Some((record, _)) = records {
        return Some(record.name.clone());
    }
    let variants = from.variants.iter().flat_map(|a| to.variants.iter().map(move |b| (a, b)));
    let variants = variants.filter(|(a, b)| a.name == b.name).find(|(a, b)| {
        let cases = |types, variant: &anrf_format::types::Variant| -> Vec<_> {
            variant.cases.iter().map(|case| (case.name.clone(), fields(types, &case.fields))).collect()
        };
        cases(from, a) != cases(to, b)
    });
    if let Some((variant, _)) = variants {
        return Some(variant.name.clone());
    }
    let machines = from.machines.iter().flat_map(|a| to.machines.iter().map(move |b| (a, b)));
    let other = machines.into_iter().find(|(a, b)| a.name == b.name && a != b);
    other.map(|(machine, _)| machine.name.clone())
}

/// The places from which control can come to a block without passing another: heads of loops, and `None` for
/// the start.
pub(super) fn sources(
    code: &Function,
    is_head: impl Fn(BlockId) -> bool,
    at: BlockId,
) -> BTreeSet<Option<BlockId>> {
    let mut before: FxHashMap<BlockId, Vec<BlockId>> = FxHashMap::default();
    for (id, block) in (0..).zip(&code.blocks) {
        if !matches!(block.terminator, Terminator::Repeat { .. }) {
            block.terminator.for_each_successor(|next| before.entry(next).or_default().push(BlockId(id)));
        }
    }
    let (mut found, mut seen, mut stack) = (BTreeSet::new(), BTreeSet::new(), vec![at]);
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        if is_head(id) {
            found.insert(Some(id));
            continue;
        }
        if id == BlockId(0) {
            found.insert(None);
        }
        stack.extend(before.get(&id).into_iter().flatten().copied());
    }
    found
}

/// The same of what leads into a head.
pub(super) fn sources_of_entry(
    code: &Function,
    is_head: impl Fn(BlockId) -> bool,
    head: BlockId,
) -> BTreeSet<Option<BlockId>> {
    let mut found = BTreeSet::new();
    for (id, block) in (0..).zip(&code.blocks) {
        let mut leads = false;
        if !matches!(block.terminator, Terminator::Repeat { .. }) {
            block.terminator.for_each_successor(|next| leads |= next == head);
        }
        if leads {
            found.extend(sources(code, &is_head, BlockId(id)));
        }
    }
    found
}
