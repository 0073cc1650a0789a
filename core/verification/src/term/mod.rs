//! Terms: what obligations are made of. Many-sorted first-order logic over the theories that SMT solvers
//! share, hash-consed, so that equal terms have equal ids and sharing costs nothing.
//!
//! Builders simplify what is plain (constants, neutral elements, double negation); what they make means the
//! same as what they were given.

mod arithmetic;
mod build;
mod floats;
mod script;
mod sort;

pub use script::{FIRST_STAND_IN, Fact, Script, ScriptError, constructors, string as string_literal};
pub use sort::{Constructor, Datatype, DatatypeId, Sort, SortId, Sorts};

use num_bigint::BigInt;
use rustc_hash::FxHashMap;

/// A term of one [`Terms`] table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(pub u32);

/// A variable bound by a quantifier; every binder has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BoundId(pub u32);

/// A constant or function without an interpretation of its own; axioms may say what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(pub u32);

/// A declared constant or function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// How it is called in scripts; made unique there by a number where two agree.
    pub name: String,
    /// Sorts of its arguments; none for a constant.
    pub parameters: Vec<SortId>,
    /// Sort of its value.
    pub result: SortId,
    /// What holds of it everywhere: asserted in every script that mentions the symbol.
    pub axioms: Vec<TermId>,
    /// What it is, where lemmas of arithmetic are known.
    pub meaning: Meaning,
}

/// What a symbol stands for besides its axioms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing in particular.
    #[default]
    Plain,
    /// The power of a base to an exponent; 1 for an exponent that is negative.
    Power,
    /// Two to the power of an exponent; 1 for one that is negative.
    PowerOfTwo,
    /// A real rounded to an integer, which is at most 1 away.
    Rounding,
    /// Whether a real has at most so many decimal places.
    Places(u32),
}

/// What a term is made by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// TRUE or FALSE.
    Boolean(bool),
    /// An integer.
    Integer(BigInt),
    /// A real: numerator and a positive denominator without common factor.
    Real(BigInt, BigInt),
    /// A binary64 number by its bits; NaN is the canonical one.
    Float(u64),
    /// A string.
    Text(String),
    /// A quantifier's variable.
    Bound(BoundId),
    /// A place in the body of a fold that an argument takes (see the encoder's folds).
    Parameter(u32),
    /// A declared constant or function on its arguments.
    Apply(SymbolId),
    /// A function of a theory.
    Theory(Theory),
    /// Whether a string is of a regular language, written as the string theory does.
    InLanguage(String),
    /// A constructor of a datatype: its number.
    Construct(DatatypeId, u32),
    /// A field of a constructor: constructor, field.
    Project(DatatypeId, u32, u32),
    /// Whether the value was made by this constructor.
    IsMadeBy(DatatypeId, u32),
    /// Terms that are one pattern: all of them must be there.
    Together,
    /// The arguments are the body and then the patterns, of which any will do.
    ForAll(Vec<BoundId>),
    /// The same.
    Exists(Vec<BoundId>),
}

macro_rules! theory {
    ($($variant:ident = $text:literal),* $(,)?) => {
        /// Functions of the theories, with their names in SMT-LIB 2.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "each is documented by its SMT-LIB name")]
        pub enum Theory { $(#[doc = concat!("`", $text, "`")] $variant),* }

        impl Theory {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in scripts.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
    };
}

theory! {
    Not = "not", And = "and", Or = "or", Implies = "=>", Equal = "=", IfThenElse = "ite",
    Less = "<", LessEqual = "<=", Add = "+", Subtract = "-", Multiply = "*", Negate = "-",
    Divide = "div", Modulo = "mod", RealDivide = "/", ToReal = "to_real", Floor = "to_int",
    Length = "str.len", Append = "str.++", At = "str.at", Substring = "str.substr", TextLess = "str.<",
    TextLessEqual = "str.<=", ContainsText = "str.contains", PrefixOf = "str.prefixof",
    SuffixOf = "str.suffixof", IndexOf = "str.indexof", ReplaceAll = "str.replace_all",
    IntegerOfText = "str.to_int", TextOfInteger = "str.from_int",
    CodeOfText = "str.to_code", TextOfCode = "str.from_code",
    FloatAdd = "fp.add RNE", FloatSubtract = "fp.sub RNE", FloatMultiply = "fp.mul RNE",
    FloatDivide = "fp.div RNE", FloatNegate = "fp.neg", FloatAbsolute = "fp.abs", FloatSqrt = "fp.sqrt RNE",
    FloatEqual = "fp.eq", FloatLess = "fp.lt", FloatLessEqual = "fp.leq", FloatIsNan = "fp.isNaN",
    FloatIsInfinite = "fp.isInfinite", FloatIsZero = "fp.isZero", FloatIsNegative = "fp.isNegative", FloatFloor = "fp.roundToIntegral RTN",
    FloatCeiling = "fp.roundToIntegral RTP", FloatOfReal = "(_ to_fp 11 53) RNE", RealOfFloat = "fp.to_real",
    BitAnd = "bvand", BitOr = "bvor", BitXor = "bvxor",
    BitsOfInteger = "(_ int2bv 64)", NaturalOfBits = "bv2nat",
}

/// A node: what it is made by, of what, and its sort.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// What it is made by.
    pub op: Op,
    /// Of these.
    pub arguments: Box<[TermId]>,
    /// Its sort.
    pub sort: SortId,
}

/// All terms, symbols and sorts of one encoding.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    nodes: Vec<Term>,
    ids: FxHashMap<Term, TermId>,
    /// Per term the variables that are free in it, ascending.
    free: Vec<Box<[BoundId]>>,
    bound: Vec<SortId>,
    symbols: Vec<Symbol>,
    /// The sorts.
    pub sorts: Sorts,
}

impl Terms {
    /// The node behind an id.
    #[must_use]
    pub fn get(&self, id: TermId) -> &Term {
        &self.nodes[id.0 as usize]
    }

    /// The sort of a term.
    #[must_use]
    pub fn sort(&self, id: TermId) -> SortId {
        self.get(id).sort
    }

    /// Variables that are free in a term, ascending.
    #[must_use]
    pub fn free(&self, id: TermId) -> &[BoundId] {
        &self.free[id.0 as usize]
    }

    /// The sort of a bound variable.
    #[must_use]
    pub fn bound_sort(&self, id: BoundId) -> SortId {
        self.bound[id.0 as usize]
    }

    /// A declared symbol.
    #[must_use]
    pub fn symbol(&self, id: SymbolId) -> &Symbol {
        &self.symbols[id.0 as usize]
    }

    /// How many terms there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// A new symbol. Two of one name are two symbols.
    pub fn declare(&mut self, name: &str, parameters: Vec<SortId>, result: SortId) -> SymbolId {
        let id = SymbolId(u32::try_from(self.symbols.len()).unwrap_or(u32::MAX));
        self.symbols.push(Symbol {
            name: name.to_owned(),
            parameters,
            result,
            axioms: vec![],
            meaning: Meaning::Plain,
        });
        id
    }

    /// Says what a symbol stands for.
    pub fn set_meaning(&mut self, symbol: SymbolId, meaning: Meaning) {
        self.symbols[symbol.0 as usize].meaning = meaning;
    }

    /// Says what holds of a symbol wherever it is used.
    pub fn add_axiom(&mut self, symbol: SymbolId, axiom: TermId) {
        if self.as_boolean(axiom) != Some(true) {
            self.symbols[symbol.0 as usize].axioms.push(axiom);
        }
    }

    /// A new constant.
    pub fn constant(&mut self, name: &str, sort: SortId) -> TermId {
        let symbol = self.declare(name, vec![], sort);
        self.apply(symbol, vec![])
    }

    /// A term that stands for a sort where terms are compared; it never gets into a script.
    pub(crate) fn constant_of_sort(&mut self, sort: SortId) -> TermId {
        self.intern(Op::Parameter(u32::MAX), vec![], sort)
    }

    /// A variable for a quantifier.
    pub fn variable(&mut self, sort: SortId) -> (BoundId, TermId) {
        let id = BoundId(u32::try_from(self.bound.len()).unwrap_or(u32::MAX));
        self.bound.push(sort);
        (id, self.intern(Op::Bound(id), vec![], sort))
    }

    /// The term that a variable of a quantifier is.
    pub fn bound(&mut self, id: BoundId) -> TermId {
        let sort = self.bound_sort(id);
        self.intern(Op::Bound(id), vec![], sort)
    }

    /// The node with an id of its own; equal nodes have one id.
    pub(crate) fn intern(&mut self, op: Op, arguments: Vec<TermId>, sort: SortId) -> TermId {
        let term = Term { op, arguments: arguments.into(), sort };
        if let Some(id) = self.ids.get(&term) {
            return *id;
        }
        let mut free: Vec<BoundId> =
            term.arguments.iter().flat_map(|argument| self.free(*argument).iter().copied()).collect();
        match &term.op {
            Op::Bound(id) => free.push(*id),
            Op::ForAll(variables) | Op::Exists(variables) => free.retain(|id| !variables.contains(id)),
            _ => {}
        }
        free.sort_unstable();
        free.dedup();
        let id = TermId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(term.clone());
        self.free.push(free.into());
        self.ids.insert(term, id);
        id
    }

    /// The same term with other arguments, simplified again.
    pub(crate) fn rebuild(&mut self, id: TermId, arguments: Vec<TermId>) -> TermId {
        let Term { op, sort, .. } = self.get(id).clone();
        match op {
            Op::Theory(function) => self.theory(function, arguments),
            Op::ForAll(variables) => self.quantify_with(true, variables, arguments),
            Op::Exists(variables) => self.quantify_with(false, variables, arguments),
            Op::Project(datatype, constructor, field) => {
                self.project(datatype, constructor, field, arguments[0])
            }
            Op::IsMadeBy(datatype, constructor) => self.is_made_by(datatype, constructor, arguments[0]),
            op => self.intern(op, arguments, sort),
        }
    }

    /// The term with some replaced. Iterative; every node is looked at once.
    pub fn substitute(&mut self, root: TermId, replacements: &FxHashMap<TermId, TermId>) -> TermId {
        let mut done: FxHashMap<TermId, TermId> = replacements.clone();
        let mut stack = vec![(root, false)];
        while let Some((id, children_done)) = stack.pop() {
            if done.contains_key(&id) {
                continue;
            }
            let arguments = self.get(id).arguments.clone();
            if children_done {
                let new: Vec<TermId> = arguments.iter().map(|argument| done[argument]).collect();
                let made = if new[..] == arguments[..] { id } else { self.rebuild(id, new) };
                done.insert(id, made);
            } else {
                stack.push((id, true));
                stack.extend(arguments.iter().map(|argument| (*argument, false)));
            }
        }
        done[&root]
    }
}
