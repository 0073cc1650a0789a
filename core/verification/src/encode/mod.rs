//! From the execution layer to goals: what has to hold, and what is known there.
//!
//! Code is walked once, in the order of its blocks; loops are cut at their invariants and calls at contracts.
//! Values become terms, checks become goals, and what has been checked is known from there on.

mod arrays;
mod beside;
mod body;
mod builtin;
mod call;
mod collection;
mod conjecture;
mod constant;
mod fold;
mod frame;
mod graph;
mod operation;
mod order;
mod parts;
mod pattern;
mod places;
mod power;
mod region;
mod rounding;
mod shown;
mod sorts;
mod text;

pub use body::{Arrival, Carried, Encoded, Exit, Goal, Part};
pub use conjecture::{Base, Conjecture, Operand, Relation};

use std::collections::BTreeMap;

use anrf_format::execution::{Function, FunctionId, ObligationId, RegionId, Role};
use anrf_format::module::Module;
use anrf_format::types::TypeId;
use rustc_hash::{FxHashMap, FxHashSet};

use self::collection::{Function as CollectionFunction, List, Mapping, Members};
use self::frame::{Frame, World};
use self::sorts::Shape;
use crate::term::{BoundId, DatatypeId, SortId, SymbolId, TermId, Terms};

/// Makes goals of the functions of a module. One encoder serves one function, so that nothing it makes
/// depends on another.
pub struct Encoder<'m> {
    module: &'m Module,
    calls: &'m Calls,
    /// The terms of the goals.
    pub terms: Terms,
    shapes: FxHashMap<TypeId, Shape>,
    optionals: FxHashMap<SortId, DatatypeId>,
    lists: FxHashMap<SortId, List>,
    mappings: FxHashMap<SortId, Mapping>,
    members: FxHashMap<SortId, Members>,
    functions: FxHashMap<(SortId, CollectionFunction), SymbolId>,
    named: FxHashMap<(&'static str, Option<SortId>), SymbolId>,
    folds: FxHashMap<fold::Key, SymbolId>,
    places: FxHashMap<u32, SymbolId>,
    /// The body that is being proved, with its arguments: what it says of itself may be used only of calls
    /// that are nearer their end.
    proving: Option<(u32, Vec<TermId>)>,
    results: FxHashMap<u32, Vec<SymbolId>>,
    /// What is known at the heads of loops if every one of them is kept.
    pub conjectures: Vec<Conjecture>,
    /// Set while a function is encoded beside another.
    beside: Option<beside::Beside>,
    opaque_functions: FxHashMap<(&'static str, bool, Vec<SortId>, SortId), SymbolId>,
    /// Opaque functions with the types of whose values something is said.
    typed: FxHashSet<(SymbolId, Vec<TypeId>, TypeId)>,
    /// Symbols of which less is known than the language says, and what they stand for.
    pub opaque: BTreeMap<SymbolId, &'static str>,
}

/// Who calls whom, and what that means for each function; made once for a module.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// Per body: state variables it may write, its callees included.
    writes: Vec<std::collections::BTreeSet<u32>>,
    /// Per body: host operations it may invoke, its callees included.
    invokes: Vec<std::collections::BTreeSet<u32>>,
    /// Per body: everything it may call, directly or not.
    reaches: Vec<std::collections::BTreeSet<u32>>,
}

/// A goal inside a region: what must hold for all values of the binders around it.
#[derive(Clone, Debug)]
struct Pending {
    obligation: ObligationId,
    goal: TermId,
    part: Part,
}

/// Where a walk stands: what is known on the way there, and which variables are bound around it.
#[derive(Clone, Debug, Default)]
struct Context {
    known: Vec<TermId>,
    binders: Vec<BoundId>,
    /// Goals that were met; `None` while somebody else's contract is read.
    pending: Option<Vec<Pending>>,
    /// The body that is being proved, for termination.
    caller: Option<u32>,
    /// Set while a function's definition is read: calls within its cycle take the function before.
    defining: Option<u32>,
}

impl<'m> Encoder<'m> {
    /// For the functions of this module.
    #[must_use]
    pub fn new(module: &'m Module, calls: &'m Calls) -> Self {
        Self {
            module,
            calls,
            terms: Terms::default(),
            shapes: FxHashMap::default(),
            optionals: FxHashMap::default(),
            lists: FxHashMap::default(),
            mappings: FxHashMap::default(),
            members: FxHashMap::default(),
            functions: FxHashMap::default(),
            named: FxHashMap::default(),
            folds: FxHashMap::default(),
            places: FxHashMap::default(),
            proving: None,
            results: FxHashMap::default(),
            conjectures: vec![],
            beside: None,
            opaque_functions: FxHashMap::default(),
            typed: FxHashSet::default(),
            opaque: BTreeMap::new(),
        }
    }

    /// That a term has this value.
    pub fn has_value(&mut self, id: TypeId, term: TermId, value: &anrf_format::value::Value) -> TermId {
        let value = self.value(id, value);
        self.equal_values(id, term, value, false)
    }

    /// A symbol of which there is one, declared when it is first used.
    fn named(&mut self, name: &'static str, define: impl FnOnce(&mut Self) -> SymbolId) -> SymbolId {
        self.named_at((name, None), define)
    }

    /// One for each sort.
    fn named_on(
        &mut self,
        name: &'static str,
        sort: SortId,
        define: impl FnOnce(&mut Self) -> SymbolId,
    ) -> SymbolId {
        self.named_at((name, Some(sort)), define)
    }

    fn named_at(
        &mut self,
        key: (&'static str, Option<SortId>),
        define: impl FnOnce(&mut Self) -> SymbolId,
    ) -> SymbolId {
        if let Some(symbol) = self.named.get(&key) {
            return *symbol;
        }
        let symbol = define(self);
        self.named.insert(key, symbol);
        symbol
    }

    /// The code of a role, if there is any.
    fn code(&self, role: Role) -> Option<&'m Function> {
        let id = self.module.execution.find(role)?;
        self.module.execution.functions.get(id.0 as usize)
    }

    fn body(&self, function: FunctionId) -> Option<&'m Function> {
        self.module.execution.functions.get(function.0 as usize)
    }

    fn frame(&mut self, function: &'m Function, world: World) -> Frame<'m> {
        // Of a sort of its own: a script that takes it for a value is refused, and nothing is proved with it.
        let symbol = self.named("nothing", |encoder| {
            let sort = encoder.terms.sorts.declared("nothing");
            encoder.terms.declare("nothing", vec![], sort)
        });
        let nothing = self.terms.apply(symbol, vec![]);
        Frame::new(function, world, nothing)
    }

    /// The boolean that a contract's region yields; what was learned on the way is known afterwards.
    fn condition(&mut self, frame: &Frame<'m>, region: RegionId, context: &mut Context) -> TermId {
        let yielded = self.region(frame, region, &[], context);
        yielded.values.first().copied().unwrap_or_else(|| self.terms.boolean(true))
    }
}
