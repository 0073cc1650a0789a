//! Scripts: terms as SMT-LIB 2 text.
//!
//! Names and their order depend on the assertions alone: symbols are numbered where names clash, in the
//! order in which the assertions mention them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{DatatypeId, Op, Sort, SortId, SymbolId, TermId, Terms, Theory, floats};
use crate::solver::Features;

/// A hypothesis with a name, so that a core can say which were used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What holds.
    pub term: TermId,
    /// What it is, for people and for cores; empty if it is of no interest.
    pub label: String,
}

/// A query as text, and how its symbols are called there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Declarations and assertions.
    pub text: String,
    /// What it needs of a solver.
    pub features: Features,
    /// Whether floats are values of a declared sort of which only the order is known.
    orders_floats: bool,
    names: FxHashMap<SymbolId, String>,
    datatypes: FxHashMap<DatatypeId, String>,
}

/// What a script cannot say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// A string with a scalar that the string theory does not have, or that stands in for such.
    #[error("strings with scalars above U+2FA1F")]
    Scalar,
    /// A fold's parameter outside its fold; a defect of the encoder.
    #[error("a fold's parameter outside its fold")]
    Parameter,
}

impl Script {
    /// The script that is unsatisfiable if the assertions contradict each other. `mentioned` terms are
    /// declared too, so that a model can be asked for them.
    ///
    /// # Errors
    /// What a script cannot say.
    pub fn new(terms: &Terms, assertions: &[TermId], mentioned: &[TermId]) -> Result<Self, ScriptError> {
        Self::naming(terms, assertions, mentioned, |_| false)
    }

    /// The same with names for some assertions, by position, so that a core can tell which were used; see
    /// [`Self::position`].
    ///
    /// # Errors
    /// What a script cannot say.
    pub fn naming(
        terms: &Terms,
        assertions: &[TermId],
        mentioned: &[TermId],
        is_named: impl Fn(usize) -> bool,
    ) -> Result<Self, ScriptError> {
        Self::made(terms, assertions, mentioned, true, is_named, FxHashSet::default())
    }

    /// The same of these assertions alone, without the axioms of their symbols. Of floats only the order is said, so
    /// that operations on them have to be functions there.
    ///
    /// # Errors
    /// What a script cannot say.
    pub fn closed(terms: &Terms, assertions: &[TermId]) -> Result<Self, ScriptError> {
        Self::made(terms, assertions, &[], false, |_| false, FxHashSet::default())
    }

    /// The same with some symbols as if nothing were known of them: what contradicts itself then does so with all
    /// that is known.
    ///
    /// # Errors
    /// What a script cannot say.
    pub fn knowing_less(
        terms: &Terms,
        assertions: &[TermId],
        unknown: FxHashSet<SymbolId>,
    ) -> Result<Self, ScriptError> {
        Self::made(terms, assertions, &[], true, |_| false, unknown)
    }

    fn made(
        terms: &Terms,
        assertions: &[TermId],
        mentioned: &[TermId],
        with_axioms: bool,
        is_named: impl Fn(usize) -> bool,
        unknown: FxHashSet<SymbolId>,
    ) -> Result<Self, ScriptError> {
        let mut collected = Collected { unknown, ..Collected::default() };
        let roots: Vec<TermId> = assertions.iter().chain(mentioned).copied().collect();
        let axioms = collected.collect(terms, &roots, with_axioms);
        let mut script = Self {
            text: String::new(),
            features: collected.features,
            orders_floats: !with_axioms && collected.features.contains(Features::FLOATS),
            names: FxHashMap::default(),
            datatypes: FxHashMap::default(),
        };
        if script.orders_floats {
            script.features =
                script.features.without(Features::FLOATS) | Features::INTEGERS | Features::FUNCTIONS;
            script.text.push_str(&floats::declarations(&collected.floats));
        }
        script.declare(terms, &collected)?;
        for axiom in &axioms {
            let printed = script.print(terms, *axiom)?;
            let _ = writeln!(script.text, "(assert {printed})");
        }
        for (position, assertion) in assertions.iter().enumerate() {
            let printed = script.print(terms, *assertion)?;
            let _ = match is_named(position) {
                true => writeln!(script.text, "(assert (! {printed} :named |fact {position}|))"),
                false => writeln!(script.text, "(assert {printed})"),
            };
        }
        Ok(script)
    }

    /// The position of an assertion from its name in a core.
    #[must_use]
    pub fn position(name: &str) -> Option<usize> {
        bare(name).strip_prefix("fact ")?.parse().ok()
    }

    /// Whether everything that a term is made of is declared, so that a solver can be asked for its value.
    #[must_use]
    pub fn declares(&self, terms: &Terms, root: TermId) -> bool {
        let mut seen = FxHashSet::default();
        let mut stack = vec![root];
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            let term = terms.get(id);
            let known = match &term.op {
                Op::Apply(symbol) => self.names.contains_key(symbol),
                Op::Construct(id, _) | Op::Project(id, ..) | Op::IsMadeBy(id, _) => {
                    self.datatypes.contains_key(id)
                }
                _ => true,
            };
            if !known {
                return false;
            }
            stack.extend(term.arguments.iter().copied());
        }
        true
    }

    fn declare(&mut self, terms: &Terms, collected: &Collected) -> Result<(), ScriptError> {
        let mut taken: FxHashSet<String> = collected.declared.iter().cloned().collect();
        for name in &collected.declared {
            let _ = writeln!(self.text, "(declare-sort {} 0)", quoted(name));
        }
        for id in &collected.datatypes {
            let name = unique(&mut taken, &terms.sorts.datatype(*id).name);
            self.datatypes.insert(*id, name);
        }
        // One after the other, parts first, but for those that hold each other.
        let groups: Vec<&[DatatypeId]> = match collected.recursive {
            true => vec![&collected.datatypes],
            false => collected.datatypes.chunks(1).collect(),
        };
        for group in groups {
            let (mut heads, mut bodies) = (vec![], vec![]);
            for id in group {
                heads.push(format!("({} 0)", self.datatypes[id]));
                bodies.push(self.constructors(terms, *id));
            }
            let _ = writeln!(self.text, "(declare-datatypes ({}) ({}))", heads.join(" "), bodies.join(" "));
        }
        for id in &collected.symbols {
            let symbol = terms.symbol(*id);
            let name = unique(&mut taken, &symbol.name);
            let parameters: Vec<String> =
                symbol.parameters.iter().map(|sort| self.sort(terms, *sort)).collect();
            let result = self.sort(terms, symbol.result);
            let _ = writeln!(self.text, "(declare-fun {name} ({}) {result})", parameters.join(" "));
            self.names.insert(*id, name);
        }
        Ok(())
    }

    /// The constructors of a datatype with their fields.
    fn constructors(&self, terms: &Terms, id: DatatypeId) -> String {
        let mut text = String::from("(");
        for (number, constructor) in (0..).zip(&terms.sorts.datatype(id).constructors) {
            let _ = write!(text, "({}", self.constructor(terms, id, number));
            for (field, (_, sort)) in (0..).zip(&constructor.fields) {
                let _ =
                    write!(text, " ({} {})", self.field(terms, id, number, field), self.sort(terms, *sort));
            }
            text.push(')');
        }
        text + ")"
    }

    fn sort(&self, terms: &Terms, id: SortId) -> String {
        match terms.sorts.get(id) {
            Sort::Boolean => "Bool".into(),
            Sort::Integer => "Int".into(),
            Sort::Real => "Real".into(),
            Sort::Float if self.orders_floats => "float.value".into(),
            Sort::Float => "(_ FloatingPoint 11 53)".into(),
            Sort::Text => "String".into(),
            Sort::Bits => "(_ BitVec 64)".into(),
            Sort::Declared(name) => quoted(name),
            Sort::Datatype(id) => self.datatypes.get(id).cloned().unwrap_or_default(),
        }
    }

    fn constructor(&self, terms: &Terms, id: DatatypeId, number: u32) -> String {
        let constructor = &terms.sorts.constructor(id, number).name;
        quoted(&format!("{}.{constructor}", bare(&self.datatypes[&id])))
    }

    fn field(&self, terms: &Terms, id: DatatypeId, number: u32, field: u32) -> String {
        let constructor = terms.sorts.constructor(id, number);
        let name = &constructor.fields[field as usize].0;
        quoted(&format!("{}.{}.{name}", bare(&self.datatypes[&id]), constructor.name))
    }

    /// A term as text, of what the script declares. What stands in it more than once is named by a `let`
    /// at the innermost binder that it needs.
    ///
    /// # Errors
    /// What a script cannot say.
    pub fn print(&self, terms: &Terms, root: TermId) -> Result<String, ScriptError> {
        let mut printer = Printer { script: self, terms, named: FxHashMap::default(), next: 0 };
        printer.scope(root, &[])
    }
}

/// What the terms below these are made by, axioms of their symbols included: the name of each constructor once.
#[must_use]
pub fn constructors(terms: &Terms, roots: &[TermId]) -> BTreeSet<String> {
    let mut collected = Collected::default();
    let _ = collected.collect(terms, roots, true);
    collected.seen.into_iter().map(|id| constructor_of(terms.get(id))).collect()
}

fn constructor_of(term: &super::Term) -> String {
    match &term.op {
        Op::Boolean(_) => "literal boolean".into(),
        Op::Integer(_) => "literal integer".into(),
        Op::Real(..) => "literal real".into(),
        Op::Float(_) => "literal float".into(),
        Op::Text(_) => "literal text".into(),
        Op::Bound(_) => "bound variable".into(),
        Op::Parameter(_) => "parameter".into(),
        Op::Apply(_) if term.arguments.is_empty() => "constant".into(),
        Op::Apply(_) => "function".into(),
        Op::Theory(function) => format!("{function:?}"),
        Op::InLanguage(_) => "regular language".into(),
        Op::Construct(..) => "construct".into(),
        Op::Project(..) => "project".into(),
        Op::IsMadeBy(..) => "is made by".into(),
        Op::Together => "pattern of several".into(),
        Op::ForAll(_) => "for all".into(),
        Op::Exists(_) => "exists".into(),
    }
}

/// A name that is not taken yet.
fn unique(taken: &mut FxHashSet<String>, name: &str) -> String {
    let mut candidate = name.to_owned();
    let mut number = 1;
    while !taken.insert(candidate.clone()) {
        number += 1;
        candidate = format!("{name}!{number}");
    }
    quoted(&candidate)
}

fn quoted(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.!@$%&*+-/<=>?~^".contains(&byte));
    let starts = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if plain && starts { name.to_owned() } else { format!("|{}|", name.replace(['|', '\\'], "_")) }
}

fn bare(name: &str) -> &str {
    name.trim_matches('|')
}

/// What assertions mention, in order.
#[derive(Default)]
struct Collected {
    seen: FxHashSet<TermId>,
    symbols: Vec<SymbolId>,
    known_symbols: FxHashSet<SymbolId>,
    /// Symbols whose axioms are left out.
    unknown: FxHashSet<SymbolId>,
    declared: Vec<String>,
    datatypes: Vec<DatatypeId>,
    known_sorts: FxHashSet<SortId>,
    /// The floats that are plainly there, by their bits.
    floats: Vec<u64>,
    /// Whether a datatype holds itself, other than through a declared sort.
    recursive: bool,
    features: Features,
}

impl Collected {
    /// Collects and gives the axioms of all symbols that occur, those of axioms included.
    fn collect(&mut self, terms: &Terms, roots: &[TermId], with_axioms: bool) -> Vec<TermId> {
        let mut axioms = vec![];
        let mut stack: Vec<TermId> = roots.iter().rev().copied().collect();
        let mut checked = 0;
        loop {
            while let Some(id) = stack.pop() {
                if !self.seen.insert(id) {
                    continue;
                }
                let term = terms.get(id);
                self.sort(terms, term.sort);
                self.need(terms, id);
                if let Op::Apply(symbol) = term.op
                    && self.known_symbols.insert(symbol)
                {
                    self.symbols.push(symbol);
                }
                if let Op::ForAll(variables) | Op::Exists(variables) = &term.op {
                    variables.iter().for_each(|variable| self.sort(terms, terms.bound_sort(*variable)));
                }
                stack.extend(term.arguments.iter().rev());
            }
            let Some(symbol) = self.symbols.get(checked) else { break };
            checked += 1;
            if !with_axioms || self.unknown.contains(symbol) {
                continue;
            }
            axioms.extend_from_slice(&terms.symbol(*symbol).axioms);
            stack.extend(terms.symbol(*symbol).axioms.iter().rev());
        }
        axioms
    }

    /// What a term needs of a solver besides its sort.
    fn need(&mut self, terms: &Terms, id: TermId) {
        let term = terms.get(id);
        match &term.op {
            Op::ForAll(_) | Op::Exists(_) => self.features |= Features::QUANTIFIERS,
            Op::Apply(_) if !term.arguments.is_empty() => self.features |= Features::FUNCTIONS,
            Op::Float(bits) => self.floats.push(*bits),
            Op::InLanguage(_) => self.features |= Features::STRINGS,
            Op::Theory(Theory::Multiply | Theory::RealDivide | Theory::Divide | Theory::Modulo) => {
                let literal = |id: &TermId| matches!(terms.get(*id).op, Op::Integer(_) | Op::Real(..));
                let linear = match term.op {
                    Op::Theory(Theory::Multiply) => term.arguments.iter().any(literal),
                    _ => term.arguments.get(1).is_some_and(literal),
                };
                if !linear {
                    self.features |= Features::NONLINEAR;
                }
            }
            Op::Theory(Theory::NaturalOfBits | Theory::BitsOfInteger) => {
                self.features |= Features::BIT_VECTORS | Features::INTEGERS;
            }
            Op::Theory(Theory::RealOfFloat | Theory::FloatOfReal) => {
                self.features |= Features::FLOATS | Features::REALS;
            }
            _ => {}
        }
    }

    /// A sort and what it is made of, parts first. Recursion is as deep as types nest.
    fn sort(&mut self, terms: &Terms, id: SortId) {
        if !self.known_sorts.insert(id) {
            if let Sort::Datatype(datatype) = terms.sorts.get(id) {
                self.recursive |= !self.datatypes.contains(datatype);
            }
            return;
        }
        self.features |= match terms.sorts.get(id) {
            Sort::Boolean => Features::NONE,
            Sort::Integer => Features::INTEGERS,
            Sort::Real => Features::REALS,
            Sort::Float => Features::FLOATS,
            Sort::Text => Features::STRINGS,
            Sort::Bits => Features::BIT_VECTORS,
            Sort::Declared(_) => Features::FUNCTIONS,
            Sort::Datatype(_) => Features::DATATYPES,
        };
        match terms.sorts.get(id) {
            Sort::Declared(name) => self.declared.push(name.clone()),
            Sort::Datatype(datatype) => {
                for constructor in &terms.sorts.datatype(*datatype).constructors {
                    constructor.fields.iter().for_each(|(_, sort)| self.sort(terms, *sort));
                }
                self.datatypes.push(*datatype);
            }
            _ => {}
        }
    }
}

struct Printer<'a> {
    script: &'a Script,
    terms: &'a Terms,
    /// Terms that a `let` around the present place names.
    named: FxHashMap<TermId, String>,
    next: u32,
}

impl Printer<'_> {
    /// The body of a binder (or the whole): names what is shared in it and bound by it. Recursion is as deep
    /// as binders nest.
    fn scope(&mut self, root: TermId, bound: &[super::BoundId]) -> Result<String, ScriptError> {
        let shared = self.shared(root, bound);
        let before = self.named.len();
        let mut text = String::new();
        for id in &shared {
            let printed = self.flat(*id)?;
            let name = format!("?{}", self.next);
            self.next += 1;
            let _ = write!(text, "(let (({name} {printed})) ");
            self.named.insert(*id, name);
        }
        text.push_str(&self.flat(root)?);
        text.extend(shared.iter().map(|_| ')'));
        for id in &shared {
            self.named.remove(id);
        }
        debug_assert_eq!(self.named.len(), before, "names end with their scope");
        Ok(text)
    }

    /// Terms with arguments that stand below `root` more than once, need one of the variables (or none at
    /// all, at the outermost place) and no variable that is bound further inside; parts first.
    fn shared(&self, root: TermId, bound: &[super::BoundId]) -> Vec<TermId> {
        let mut uses: FxHashMap<TermId, u32> = FxHashMap::default();
        let mut order = vec![];
        let mut stack = vec![(root, false, 0_u32)];
        // Variables bound between here and there: what needs one is named there.
        let mut inner: FxHashSet<super::BoundId> = FxHashSet::default();
        while let Some((id, children_done, _)) = stack.pop() {
            if self.named.contains_key(&id) {
                continue;
            }
            if children_done {
                order.push(id);
                continue;
            }
            let count = uses.entry(id).or_insert(0);
            *count += 1;
            if *count > 1 {
                continue;
            }
            let term = self.terms.get(id);
            if let Op::ForAll(variables) | Op::Exists(variables) = &term.op {
                inner.extend(variables.iter().copied());
            }
            stack.push((id, true, 0));
            stack.extend(term.arguments.iter().rev().map(|argument| (*argument, false, 0)));
        }
        order.retain(|id| {
            let term = self.terms.get(*id);
            let free = self.terms.free(*id);
            let here =
                if bound.is_empty() { free.is_empty() } else { free.iter().any(|it| bound.contains(it)) };
            *id != root
                && uses[id] > 1
                && !term.arguments.is_empty()
                && here
                && free.iter().all(|variable| !inner.contains(variable))
        });
        order
    }

    /// A term without `let`s but inside binders. Iterative but for binders.
    fn flat(&mut self, root: TermId) -> Result<String, ScriptError> {
        enum Work {
            Term(TermId),
            Text(&'static str),
            Owned(String),
        }
        let mut text = String::new();
        let mut stack = vec![Work::Term(root)];
        while let Some(work) = stack.pop() {
            let id = match work {
                Work::Text(piece) => {
                    text.push_str(piece);
                    continue;
                }
                Work::Owned(piece) => {
                    text.push_str(&piece);
                    continue;
                }
                Work::Term(id) => id,
            };
            if let Some(name) = self.named.get(&id) {
                text.push_str(name);
                continue;
            }
            let term = self.terms.get(id);
            let head = match &term.op {
                Op::ForAll(variables) | Op::Exists(variables) => {
                    let quantifier = if matches!(term.op, Op::ForAll(_)) { "forall" } else { "exists" };
                    let _ = write!(text, "({quantifier} (");
                    for (position, variable) in variables.iter().enumerate() {
                        let space = if position > 0 { " " } else { "" };
                        let sort = self.script.sort(self.terms, self.terms.bound_sort(*variable));
                        let _ = write!(text, "{space}({} {sort})", bound_name(*variable));
                    }
                    text.push_str(") ");
                    let body = self.scope(term.arguments[0], &variables.clone())?;
                    if let Some(patterns) = term.arguments.get(1..).filter(|patterns| !patterns.is_empty()) {
                        let _ = write!(text, "(! {body}");
                        for pattern in patterns {
                            let parts = match self.terms.get(*pattern) {
                                super::Term { op: Op::Together, arguments, .. } => arguments,
                                _ => std::slice::from_ref(pattern),
                            };
                            text.push_str(" :pattern (");
                            for (position, part) in parts.iter().enumerate() {
                                text.push_str(if position > 0 { " " } else { "" });
                                text.push_str(&self.flat(*part)?);
                            }
                            text.push(')');
                        }
                        text.push(')');
                    } else {
                        text.push_str(&body);
                    }
                    text.push(')');
                    continue;
                }
                Op::Boolean(value) => value.to_string(),
                Op::Integer(value) => integer(value),
                Op::Real(numerator, denominator) => real(numerator, denominator),
                Op::Float(bits) if self.script.orders_floats => floats::constant(*bits),
                Op::Float(bits) => float(*bits),
                Op::Text(value) => string(value)?,
                Op::Bound(id) => bound_name(*id),
                Op::Parameter(_) | Op::Together => return Err(ScriptError::Parameter),
                Op::Apply(symbol) => self.script.names.get(symbol).cloned().unwrap_or_default(),
                // `fp.add RNE` and indexed names are written as they are.
                Op::Theory(function) => {
                    match floats::ordered(*function).filter(|_| self.script.orders_floats) {
                        Some(name) => name.to_owned(),
                        None => function.name().to_owned(),
                    }
                }
                Op::InLanguage(language) => {
                    text.push_str("(str.in_re ");
                    stack.push(Work::Owned(format!(" {language})")));
                    stack.push(Work::Term(term.arguments[0]));
                    continue;
                }
                Op::Construct(id, number) => self.script.constructor(self.terms, *id, *number),
                Op::Project(id, number, field) => self.script.field(self.terms, *id, *number, *field),
                Op::IsMadeBy(id, number) => {
                    format!("(_ is {})", self.script.constructor(self.terms, *id, *number))
                }
            };
            if term.arguments.is_empty() {
                text.push_str(&head);
                continue;
            }
            let _ = write!(text, "({head}");
            stack.push(Work::Text(")"));
            for argument in term.arguments.iter().rev() {
                stack.push(Work::Term(*argument));
                stack.push(Work::Text(" "));
            }
        }
        Ok(text)
    }
}

fn bound_name(id: super::BoundId) -> String {
    format!("x{}", id.0)
}

fn integer(value: &num_bigint::BigInt) -> String {
    match value.sign() {
        num_bigint::Sign::Minus => format!("(- {})", -value),
        _ => value.to_string(),
    }
}

fn real(numerator: &num_bigint::BigInt, denominator: &num_bigint::BigInt) -> String {
    let negative = numerator.sign() == num_bigint::Sign::Minus;
    let magnitude = numerator.magnitude();
    let text = if *denominator == num_bigint::BigInt::from(1) {
        format!("{magnitude}.0")
    } else {
        format!("(/ {magnitude}.0 {denominator}.0)")
    };
    if negative { format!("(- {text})") } else { text }
}

fn float(bits: u64) -> String {
    if f64::from_bits(bits).is_nan() {
        return "(_ NaN 11 53)".into();
    }
    format!("(fp #b{} #b{:011b} #b{:052b})", bits >> 63, bits >> 52 & 0x7FF, bits & ((1 << 52) - 1))
}

/// The first of the characters of the string theory that stand in for scalars: it has none above U+2FFFF, so those
/// that mean nothing in Unicode stand for what is above. A text that names one of them cannot be said: that nothing is
/// behind U+2FFFF would be proved.
pub const FIRST_STAND_IN: u32 = 0x2_FA20;

/// A string as a literal of the string theory.
///
/// # Errors
/// If it has a scalar that the theory does not have.
pub fn string(value: &str) -> Result<String, ScriptError> {
    let mut text = String::from("\"");
    for scalar in value.chars() {
        match scalar {
            '"' => text.push_str("\"\""),
            ' '..='~' if scalar != '\\' => text.push(scalar),
            _ if u32::from(scalar) < FIRST_STAND_IN => {
                let _ = write!(text, "\\u{{{:x}}}", u32::from(scalar));
            }
            _ => return Err(ScriptError::Scalar),
        }
    }
    text.push('"');
    Ok(text)
}
