//! Builders: each makes a term of a theory, simplified where that is plain.

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use rustc_hash::FxHashSet;

use super::{BoundId, DatatypeId, Op, SortId, SymbolId, TermId, Terms, Theory};

/// Disjunctions of more cases than this are left as they are.
const MOST_CASES: usize = 16;

impl Terms {
    /// TRUE or FALSE.
    pub fn boolean(&mut self, value: bool) -> TermId {
        self.intern(Op::Boolean(value), vec![], SortId::BOOLEAN)
    }

    /// An integer.
    pub fn integer(&mut self, value: impl Into<BigInt>) -> TermId {
        self.intern(Op::Integer(value.into()), vec![], SortId::INTEGER)
    }

    /// `numerator / denominator`, which is not zero.
    pub fn real(&mut self, numerator: BigInt, denominator: BigInt) -> TermId {
        let common = num_integer::Integer::gcd(&numerator, &denominator);
        let (mut numerator, mut denominator) = (numerator / &common, denominator / &common);
        if denominator.is_negative() {
            (numerator, denominator) = (-numerator, -denominator);
        }
        self.intern(Op::Real(numerator, denominator), vec![], SortId::REAL)
    }

    /// A binary64 number; all NaN are one.
    pub fn float(&mut self, value: f64) -> TermId {
        let value = if value.is_nan() { f64::NAN } else { value };
        self.intern(Op::Float(value.to_bits()), vec![], SortId::FLOAT)
    }

    /// A string.
    pub fn text(&mut self, value: &str) -> TermId {
        self.intern(Op::Text(value.to_owned()), vec![], SortId::TEXT)
    }

    /// A place that an argument takes.
    pub(crate) fn parameter(&mut self, number: u32, sort: SortId) -> TermId {
        self.intern(Op::Parameter(number), vec![], sort)
    }

    /// A symbol on its arguments.
    pub fn apply(&mut self, symbol: SymbolId, arguments: Vec<TermId>) -> TermId {
        let sort = self.symbol(symbol).result;
        self.intern(Op::Apply(symbol), arguments, sort)
    }

    /// The boolean that a term plainly is.
    #[must_use]
    pub fn as_boolean(&self, id: TermId) -> Option<bool> {
        match self.get(id).op {
            Op::Boolean(value) => Some(value),
            _ => None,
        }
    }

    /// The integer that a term plainly is.
    #[must_use]
    pub fn as_integer(&self, id: TermId) -> Option<&BigInt> {
        match &self.get(id).op {
            Op::Integer(value) => Some(value),
            _ => None,
        }
    }

    fn is_theory(&self, id: TermId, function: Theory) -> Option<&[TermId]> {
        match &self.get(id).op {
            Op::Theory(found) if *found == function => Some(&self.get(id).arguments),
            _ => None,
        }
    }

    fn is_literal(&self, id: TermId) -> bool {
        matches!(self.get(id).op, Op::Boolean(_) | Op::Integer(_) | Op::Real(..) | Op::Float(_) | Op::Text(_))
    }

    /// A theory's function on arguments, simplified where that is plain.
    pub fn theory(&mut self, function: Theory, arguments: Vec<TermId>) -> TermId {
        match (function, arguments.as_slice()) {
            (Theory::Not, [a]) => self.not(*a),
            (Theory::And, _) => self.and(arguments),
            (Theory::Or, _) => self.or(arguments),
            (Theory::Implies, [a, b]) => self.implies(*a, *b),
            (Theory::Equal, [a, b]) => self.equal(*a, *b),
            (Theory::IfThenElse, [c, a, b]) => self.if_then_else(*c, *a, *b),
            (Theory::Less, [a, b]) => self.less(*a, *b),
            (Theory::LessEqual, [a, b]) => self.less_equal(*a, *b),
            (Theory::Add, [a, b]) => self.add(*a, *b),
            (Theory::Subtract, [a, b]) => self.subtract(*a, *b),
            (Theory::Multiply, [a, b]) => self.multiply(*a, *b),
            (Theory::Negate, [a]) => self.negate(*a),
            _ => {
                let sort = self.sort_of(function, &arguments);
                self.intern(Op::Theory(function), arguments, sort)
            }
        }
    }

    fn sort_of(&self, function: Theory, arguments: &[TermId]) -> SortId {
        use Theory as T;
        match function {
            T::Not | T::And | T::Or | T::Implies | T::Equal | T::Less | T::LessEqual | T::TextLess => {
                SortId::BOOLEAN
            }
            T::TextLessEqual | T::ContainsText | T::PrefixOf | T::SuffixOf => SortId::BOOLEAN,
            T::FloatEqual
            | T::FloatLess
            | T::FloatLessEqual
            | T::FloatIsNan
            | T::FloatIsInfinite
            | T::FloatIsZero
            | T::FloatIsNegative => SortId::BOOLEAN,
            T::Divide
            | T::Modulo
            | T::Floor
            | T::Length
            | T::IndexOf
            | T::IntegerOfText
            | T::CodeOfText
            | T::NaturalOfBits => SortId::INTEGER,
            T::ToReal | T::RealDivide | T::RealOfFloat => SortId::REAL,
            T::Append | T::At | T::Substring | T::ReplaceAll | T::TextOfInteger | T::TextOfCode => {
                SortId::TEXT
            }
            T::FloatOfReal => SortId::FLOAT,
            T::BitsOfInteger => SortId::BITS,
            T::IfThenElse => self.sort(arguments[1]),
            // The rest gives back the sort of its operands.
            _ => self.sort(arguments[0]),
        }
    }

    /// `NOT a`.
    pub fn not(&mut self, a: TermId) -> TermId {
        if let Some(value) = self.as_boolean(a) {
            return self.boolean(!value);
        }
        if let Some([inner]) = self.is_theory(a, Theory::Not) {
            return *inner;
        }
        self.intern(Op::Theory(Theory::Not), vec![a], SortId::BOOLEAN)
    }

    /// The conjunction; TRUE of none.
    pub fn and(&mut self, terms: Vec<TermId>) -> TermId {
        self.junction(Theory::And, terms, true)
    }

    /// The disjunction; FALSE of none.
    pub fn or(&mut self, terms: Vec<TermId>) -> TermId {
        self.junction(Theory::Or, terms, false)
    }

    /// Flat, without repeats and neutral elements; absorbed by the other constant or by a pair `a`, `NOT a`.
    fn junction(&mut self, function: Theory, terms: Vec<TermId>, neutral: bool) -> TermId {
        let mut flat: Vec<TermId> = vec![];
        for term in terms {
            match self.as_boolean(term) {
                Some(value) if value == neutral => continue,
                Some(_) => return self.boolean(!neutral),
                None => {}
            }
            let parts = match self.is_theory(term, function) {
                Some(parts) => parts.to_vec(),
                None => vec![term],
            };
            for part in parts {
                if !flat.contains(&part) {
                    flat.push(part);
                }
            }
        }
        for term in flat.clone() {
            let negated = self.not(term);
            if flat.contains(&negated) {
                return self.boolean(!neutral);
            }
        }
        if function == Theory::Or
            && let Some(merged) = self.merge_cases(&flat)
        {
            return self.or(merged);
        }
        match flat.as_slice() {
            [] => self.boolean(neutral),
            [one] => *one,
            _ => self.intern(Op::Theory(function), flat, SortId::BOOLEAN),
        }
    }

    /// `(x AND c) OR (x AND NOT c)` is `x`: two of these cases as one, in the place of the first; `None` if no two
    /// go together. Ways that part and meet again leave such cases.
    fn merge_cases(&mut self, cases: &[TermId]) -> Option<Vec<TermId>> {
        if cases.len() > MOST_CASES {
            return None;
        }
        let parts: Vec<Vec<TermId>> = cases
            .iter()
            .map(|case| self.is_theory(*case, Theory::And).map_or_else(|| vec![*case], <[TermId]>::to_vec))
            .collect();
        for (first, ours) in parts.iter().enumerate() {
            for (second, theirs) in parts.iter().enumerate().skip(first + 1) {
                if ours.len() != theirs.len() {
                    continue;
                }
                let mut own = ours.iter().filter(|part| !theirs.contains(part));
                let (Some(only), None) = (own.next(), own.next()) else { continue };
                let negated = self.not(*only);
                if !theirs.contains(&negated) {
                    continue;
                }
                let common = self.and(ours.iter().copied().filter(|part| part != only).collect());
                let mut merged = cases.to_vec();
                merged[first] = common;
                merged.remove(second);
                return Some(merged);
            }
        }
        None
    }

    /// `a IMPLIES b`.
    pub fn implies(&mut self, a: TermId, b: TermId) -> TermId {
        match (self.as_boolean(a), self.as_boolean(b)) {
            (Some(true), _) => b,
            (Some(false), _) | (_, Some(true)) => self.boolean(true),
            (_, Some(false)) => self.not(a),
            _ if a == b => self.boolean(true),
            _ => self.intern(Op::Theory(Theory::Implies), vec![a, b], SortId::BOOLEAN),
        }
    }

    /// `a = b`, canonically: of floats all NaN are one and -0 is not 0.
    pub fn equal(&mut self, a: TermId, b: TermId) -> TermId {
        if a == b {
            return self.boolean(true);
        }
        if self.is_literal(a) && self.is_literal(b) {
            return self.boolean(false);
        }
        for (this, other) in [(a, b), (b, a)] {
            match self.as_boolean(this) {
                Some(true) => return other,
                Some(false) => return self.not(other),
                None => {}
            }
        }
        self.intern(Op::Theory(Theory::Equal), vec![a, b], SortId::BOOLEAN)
    }

    /// `IF c THEN a ELSE b`.
    pub fn if_then_else(&mut self, c: TermId, a: TermId, b: TermId) -> TermId {
        match self.as_boolean(c) {
            Some(true) => return a,
            Some(false) => return b,
            None => {}
        }
        if a == b {
            return a;
        }
        match (self.as_boolean(a), self.as_boolean(b)) {
            (Some(true), Some(false)) => return c,
            (Some(false), Some(true)) => return self.not(c),
            (Some(true), _) => return self.or(vec![c, b]),
            (Some(false), _) => {
                let not = self.not(c);
                return self.and(vec![not, b]);
            }
            (_, Some(false)) => return self.and(vec![c, a]),
            (_, Some(true)) => return self.implies(c, a),
            _ => {}
        }
        let sort = self.sort(a);
        self.intern(Op::Theory(Theory::IfThenElse), vec![c, a, b], sort)
    }

    /// Whether a string is of a regular language.
    pub fn in_language(&mut self, text: TermId, language: String) -> TermId {
        self.intern(Op::InLanguage(language), vec![text], SortId::BOOLEAN)
    }

    /// The string that a term plainly is.
    #[must_use]
    pub fn as_text(&self, id: TermId) -> Option<&str> {
        match &self.get(id).op {
            Op::Text(value) => Some(value),
            _ => None,
        }
    }

    /// A datatype's value.
    pub fn construct(&mut self, datatype: DatatypeId, constructor: u32, fields: Vec<TermId>) -> TermId {
        let sort = self.sorts.intern(super::Sort::Datatype(datatype));
        self.intern(Op::Construct(datatype, constructor), fields, sort)
    }

    /// A field; of a value made by another constructor it is some value.
    pub fn project(&mut self, datatype: DatatypeId, constructor: u32, field: u32, of: TermId) -> TermId {
        match &self.get(of).op {
            Op::Construct(_, made) if *made == constructor => return self.get(of).arguments[field as usize],
            Op::Theory(Theory::IfThenElse) => {
                let parts = self.get(of).arguments.clone();
                let (condition, yes, no) = (parts[0], parts[1], parts[2]);
                let made = |terms: &Self, id| match terms.get(id).op {
                    Op::Construct(_, number) => Some(number),
                    _ => None,
                };
                match (made(self, yes), made(self, no)) {
                    // Of the other constructor the field is any value: this one will do.
                    (Some(a), Some(b)) if a == constructor && b != constructor => {
                        return self.project(datatype, constructor, field, yes);
                    }
                    (Some(a), Some(b)) if b == constructor && a != constructor => {
                        return self.project(datatype, constructor, field, no);
                    }
                    (Some(a), Some(b)) if a == constructor && b == constructor => {
                        let yes = self.project(datatype, constructor, field, yes);
                        let no = self.project(datatype, constructor, field, no);
                        return self.if_then_else(condition, yes, no);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        let sort = self.sorts.constructor(datatype, constructor).fields[field as usize].1;
        self.intern(Op::Project(datatype, constructor, field), vec![of], sort)
    }

    /// Whether a value was made by this constructor.
    pub fn is_made_by(&mut self, datatype: DatatypeId, constructor: u32, of: TermId) -> TermId {
        if let Op::Construct(_, made) = self.get(of).op {
            return self.boolean(made == constructor);
        }
        if self.sorts.datatype(datatype).constructors.len() == 1 {
            return self.boolean(true);
        }
        if let Op::Theory(Theory::IfThenElse) = self.get(of).op {
            let parts = self.get(of).arguments.clone();
            let made = |id| matches!(self.get(id).op, Op::Construct(..));
            if made(parts[1]) && made(parts[2]) {
                let yes = self.is_made_by(datatype, constructor, parts[1]);
                let no = self.is_made_by(datatype, constructor, parts[2]);
                return self.if_then_else(parts[0], yes, no);
            }
        }
        self.intern(Op::IsMadeBy(datatype, constructor), vec![of], SortId::BOOLEAN)
    }

    /// For all values of the variables; `patterns` say when to use it, none leaves that to the solver.
    pub fn for_all(&mut self, variables: Vec<BoundId>, body: TermId, patterns: Vec<TermId>) -> TermId {
        let mut arguments = vec![body];
        arguments.extend(patterns);
        self.quantify_with(true, variables, arguments)
    }

    /// For some values of the variables.
    pub fn exists(&mut self, variables: Vec<BoundId>, body: TermId, patterns: Vec<TermId>) -> TermId {
        let mut arguments = vec![body];
        arguments.extend(patterns);
        self.quantify_with(false, variables, arguments)
    }

    /// One pattern of several terms.
    pub(crate) fn together(&mut self, parts: Vec<TermId>) -> TermId {
        self.intern(Op::Together, parts, SortId::BOOLEAN)
    }

    pub(super) fn quantify_with(
        &mut self,
        for_all: bool,
        variables: Vec<BoundId>,
        mut arguments: Vec<TermId>,
    ) -> TermId {
        let body = arguments[0];
        let said = self.free(body);
        let named = |variable: &BoundId| arguments.iter().any(|part| self.free(*part).contains(variable));
        // A pattern may name variables that the body does not.
        let used: Vec<BoundId> = match variables.iter().any(|variable| said.contains(variable)) {
            true => variables.into_iter().filter(named).collect(),
            false => vec![],
        };
        // Every sort has a value, so a variable that does not occur says nothing.
        if used.is_empty() {
            return body;
        }
        // A pattern that simplification took apart would not name all variables any more.
        let whole = arguments[1..].iter().all(|pattern| {
            let parts = match self.get(*pattern) {
                super::Term { op: Op::Together, arguments, .. } => arguments,
                _ => std::slice::from_ref(pattern),
            };
            used.iter().all(|variable| parts.iter().any(|part| self.free(*part).contains(variable)))
                && parts.iter().all(|part| matches!(self.get(*part).op, Op::Apply(_)) && !self.chooses(*part))
        });
        let mut used = used;
        if !whole {
            arguments.truncate(1);
            used.retain(|variable| self.free(body).contains(variable));
        }
        let op = if for_all { Op::ForAll(used) } else { Op::Exists(used) };
        self.intern(op, arguments, SortId::BOOLEAN)
    }

    /// Whether there is a choice in a term, which no pattern may have.
    fn chooses(&self, root: TermId) -> bool {
        let (mut stack, mut seen) = (vec![root], FxHashSet::default());
        while let Some(id) = stack.pop() {
            if matches!(self.get(id).op, Op::Theory(Theory::IfThenElse)) {
                return true;
            }
            if seen.insert(id) {
                stack.extend(self.get(id).arguments.iter().copied());
            }
        }
        false
    }

    pub(super) fn is_zero(&self, id: TermId) -> bool {
        match &self.get(id).op {
            Op::Integer(value) => value.is_zero(),
            Op::Real(numerator, _) => numerator.is_zero(),
            _ => false,
        }
    }

    pub(super) fn is_one(&self, id: TermId) -> bool {
        match &self.get(id).op {
            Op::Integer(value) => value.is_one(),
            Op::Real(numerator, denominator) => numerator == denominator,
            _ => false,
        }
    }
}
