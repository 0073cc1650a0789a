//! Conditions over a function's inputs and state, as the language writes them: made of terms, printed, and
//! evaluated on values. Only what cannot fault is said, so that such a condition is defined for every input.

use anrf_format::decimal::Decimal;
use anrf_format::types::{Type, TypeId};
use anrf_format::value::Value;
use anrf_runtime::Fields;
use num_bigint::BigInt;
use num_traits::{Signed as _, ToPrimitive as _};
use rustc_hash::FxHashMap;

use crate::encode::{Encoded, Encoder};
use crate::term::{Op, TermId, Theory};

/// Records are looked into so far.
const DEEPEST: usize = 3;
/// A condition of more parts is not simple.
const MOST_PARTS: usize = 24;

/// What can be said of inputs and state, by the term that it is.
pub(super) struct Atoms {
    by_term: FxHashMap<TermId, Atom>,
    /// Maps and sets, to be asked for their members.
    keyed: Vec<(TermId, TypeId, TypeId, Atom)>,
    /// Inputs and their fields, with their types, in order.
    pub(super) whole: Vec<(TypeId, TermId)>,
}

/// A name, a field of it, and what is asked of that.
#[derive(Clone, Debug)]
struct Atom {
    root: String,
    fields: Vec<(usize, String)>,
    aspect: Aspect,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aspect {
    Itself,
    Length,
    IsSome,
}

/// What a part is; only parts of one kind are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Integer,
    Decimal,
    Boolean,
    Other(TypeId),
}

impl Atoms {
    pub(super) fn of(encoder: &mut Encoder<'_>, encoded: &Encoded) -> Self {
        let mut atoms = Self { by_term: FxHashMap::default(), keyed: vec![], whole: vec![] };
        let inputs = encoder.input_names(encoded).into_iter().zip(encoded.inputs.iter().copied());
        let state = encoder.state_names(encoded).into_iter();
        let state = state.zip(encoded.state.iter().map(|(_, type_id, term)| (*type_id, *term)));
        for (name, (type_id, term)) in inputs.chain(state) {
            atoms.add(encoder, &name, &mut vec![], type_id, term);
        }
        atoms
    }

    fn add(
        &mut self,
        encoder: &mut Encoder<'_>,
        root: &str,
        fields: &mut Vec<(usize, String)>,
        type_id: TypeId,
        term: TermId,
    ) {
        let types = encoder.types();
        let atom = |aspect, kind| Atom { root: root.to_owned(), fields: fields.clone(), aspect, kind };
        let (itself, length) = (Aspect::Itself, atom(Aspect::Length, Kind::Integer));
        match types.get(type_id) {
            Type::Integer => drop(self.by_term.insert(term, atom(itself, Kind::Integer))),
            Type::Decimal => drop(self.by_term.insert(term, atom(itself, Kind::Decimal))),
            Type::Boolean => drop(self.by_term.insert(term, atom(itself, Kind::Boolean))),
            Type::Enum(_) | Type::Timestamp => {
                drop(self.by_term.insert(term, atom(itself, Kind::Other(type_id))));
            }
            Type::String => {
                self.by_term.insert(term, atom(itself, Kind::Other(type_id)));
                self.by_term.insert(encoder.length_term(type_id, term), length);
            }
            Type::Bytes | Type::Array(_) => {
                drop(self.by_term.insert(encoder.length_term(type_id, term), length));
            }
            Type::Map(key, _) | Type::Set(key) => {
                self.by_term.insert(encoder.length_term(type_id, term), length);
                self.keyed.push((term, type_id, *key, atom(itself, Kind::Other(type_id))));
            }
            Type::Optional(_) => {
                let is_some = encoder.is_some_term(type_id, term);
                self.by_term.insert(is_some, atom(Aspect::IsSome, Kind::Boolean));
            }
            Type::Record(_) if fields.len() < DEEPEST => {
                let declared = types.record(type_id).map_or(&[][..], |record| &record.fields);
                for (position, field) in declared.iter().enumerate() {
                    let number = u32::try_from(position).unwrap_or(u32::MAX);
                    let Some(inner) = encoder.field_term(type_id, 0, number, term) else { continue };
                    fields.push((position, field.name.clone()));
                    self.add(encoder, root, fields, field.type_id, inner);
                    fields.pop();
                }
            }
            _ => {}
        }
        self.whole.push((type_id, term));
    }

    /// A condition that says what a term does, if the language has simple words for it.
    pub(super) fn condition(&self, encoder: &mut Encoder<'_>, term: TermId) -> Option<Condition> {
        let mut parts = 0;
        let said = self.say(encoder, term, &mut parts)?;
        (said.kind() == Kind::Boolean).then_some(Condition(said))
    }

    fn say(&self, encoder: &mut Encoder<'_>, term: TermId, parts: &mut usize) -> Option<Said> {
        *parts += 1;
        if *parts > MOST_PARTS {
            return None;
        }
        if let Some(atom) = self.by_term.get(&term) {
            return Some(Said::Atom(atom.clone()));
        }
        let node = encoder.terms.get(term).clone();
        let arguments = node.arguments;
        match (node.op, &arguments[..]) {
            (Op::Integer(value), _) => Some(Said::Integer(value)),
            (Op::Real(numerator, denominator), _) => decimal(numerator, &denominator).map(Said::Decimal),
            (Op::Theory(theory), _) => {
                let said = arguments.iter().map(|argument| self.say(encoder, *argument, parts));
                Said::of(theory, said.collect::<Option<Vec<Said>>>()?)
            }
            (Op::Apply(_), &[collection, key]) => {
                let (_, type_id, key_type, atom) =
                    self.keyed.iter().find(|(known, ..)| *known == collection)?;
                if encoder.has_term(*type_id, collection, key) != term {
                    return None;
                }
                let key = self.say(encoder, key, parts)?;
                let wanted = match encoder.types().get(*key_type) {
                    Type::Integer => Kind::Integer,
                    _ => Kind::Other(*key_type),
                };
                (key.kind() == wanted).then(|| Said::In(Box::new(key), atom.clone()))
            }
            _ => None,
        }
    }
}

/// The decimal of a fraction, if it ends.
fn decimal(numerator: BigInt, denominator: &BigInt) -> Option<Decimal> {
    const PLACES: u32 = 12;
    let (mut numerator, ten) = (numerator, BigInt::from(10));
    for scale in 0..=PLACES {
        if (&numerator % denominator) == BigInt::ZERO {
            return Decimal::new(numerator / denominator, scale).ok();
        }
        numerator *= &ten;
    }
    None
}

/// A condition that is defined for every input.
#[derive(Clone, Debug)]
pub(super) struct Condition(Said);

#[derive(Clone, Debug)]
enum Said {
    Integer(BigInt),
    Decimal(Decimal),
    Atom(Atom),
    Arithmetic(char, Box<Said>, Box<Said>),
    Negative(Box<Said>),
    Compare(Comparison, Box<Said>, Box<Said>),
    In(Box<Said>, Atom),
    Not(Box<Said>),
    All(Vec<Said>),
    Any(Vec<Said>),
    Implies(Box<Said>, Box<Said>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Comparison {
    fn name(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }

    /// What holds where this does not.
    fn negated(self) -> Self {
        match self {
            Self::Equal => Self::Unequal,
            Self::Unequal => Self::Equal,
            Self::Less => Self::GreaterEqual,
            Self::LessEqual => Self::Greater,
            Self::Greater => Self::LessEqual,
            Self::GreaterEqual => Self::Less,
        }
    }

    /// The same with its sides exchanged.
    fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Greater => Self::Less,
            Self::GreaterEqual => Self::LessEqual,
            same => same,
        }
    }
}

impl Said {
    fn kind(&self) -> Kind {
        match self {
            Self::Integer(_) | Self::Arithmetic(..) | Self::Negative(_) => Kind::Integer,
            Self::Decimal(_) => Kind::Decimal,
            Self::Atom(atom) => atom.kind,
            _ => Kind::Boolean,
        }
    }

    /// A theory's function on parts. Of decimals only comparisons are said: their arithmetic has limits.
    fn of(theory: Theory, parts: Vec<Self>) -> Option<Self> {
        let all = |kind| parts.iter().all(|part: &Self| part.kind() == kind);
        let compare = |comparison, kinds: &[Kind]| {
            let [left, right] = <[Self; 2]>::try_from(parts.clone()).ok()?;
            let same = left.kind() == right.kind();
            let fits = same && (kinds.is_empty() || kinds.contains(&left.kind()));
            let is_literal = |side: &Self| matches!(side, Self::Integer(_) | Self::Decimal(_));
            let (comparison, left, right) = match is_literal(&left) && !is_literal(&right) {
                true => (Comparison::turned(comparison), right, left),
                false => (comparison, left, right),
            };
            fits.then(|| Self::compare(comparison, left, right))
        };
        let numbers = [Kind::Integer, Kind::Decimal];
        match theory {
            Theory::Less => compare(Comparison::Less, &numbers),
            Theory::LessEqual => compare(Comparison::LessEqual, &numbers),
            Theory::Equal => compare(Comparison::Equal, &[]),
            Theory::Not if all(Kind::Boolean) => parts.into_iter().next().map(Self::negated),
            Theory::And if all(Kind::Boolean) => Some(Self::All(parts)),
            Theory::Or if all(Kind::Boolean) => Some(Self::Any(parts)),
            Theory::Implies if all(Kind::Boolean) => {
                let [given, then] = <[Self; 2]>::try_from(parts).ok()?;
                Some(Self::Implies(Box::new(given), Box::new(then)))
            }
            Theory::Add | Theory::Subtract | Theory::Multiply if all(Kind::Integer) => {
                let sign = match theory {
                    Theory::Add => '+',
                    Theory::Subtract => '-',
                    _ => '*',
                };
                let mut parts = parts.into_iter();
                let first = parts.next()?;
                Some(parts.fold(first, |sum, part| Self::Arithmetic(sign, Box::new(sum), Box::new(part))))
            }
            Theory::Negate if all(Kind::Integer) => {
                parts.into_iter().next().map(|part| Self::Negative(Box::new(part)))
            }
            _ => None,
        }
    }

    /// Constants are all on the right: of exact integers that says the same.
    fn compare(comparison: Comparison, left: Self, right: Self) -> Self {
        if let Self::Integer(limit) = &right
            && let Self::Arithmetic('+', part, constant) = &left
            && let Self::Integer(constant) = &**constant
        {
            return Self::compare(comparison, (**part).clone(), Self::Integer(limit - constant));
        }
        Self::Compare(comparison, Box::new(left), Box::new(right))
    }

    fn negated(self) -> Self {
        match self {
            Self::Compare(comparison, left, right) => Self::Compare(comparison.negated(), left, right),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }
}

impl Condition {
    /// As the language writes it.
    pub(super) fn text(&self) -> String {
        self.0.text(0)
    }

    /// Whether it holds for these values; `None` if one is missing.
    pub(super) fn holds(&self, inputs: &Fields, state: &Fields) -> Option<bool> {
        match self.0.value(&(inputs, state))? {
            Known::Boolean(value) => Some(value),
            _ => None,
        }
    }
}

/// How tightly operators bind, loosest first: where everything may stand, and sides of each.
const SIDE: u8 = 1;
const SUM: u8 = 2;
const PRODUCT: u8 = 3;
const UNARY: u8 = 4;

impl Said {
    /// In a place that takes what binds at least so tightly.
    fn text(&self, place: u8) -> String {
        let (binds, text) = match self {
            Self::Integer(value) => (if value.is_negative() { UNARY } else { u8::MAX }, value.to_string()),
            Self::Decimal(value) => {
                let text = value.to_string();
                let text = if text.contains('.') { text } else { format!("{text}.0") };
                (if text.starts_with('-') { UNARY } else { u8::MAX }, text)
            }
            Self::Atom(atom) => (u8::MAX, atom.text()),
            Self::Arithmetic(sign, left, right) => match (sign, &**right) {
                ('+', Self::Integer(value)) if value.is_negative() => {
                    (SUM, format!("{} - {}", left.text(SUM), -value))
                }
                ('*', _) => (PRODUCT, format!("{} * {}", left.text(PRODUCT), right.text(UNARY))),
                _ => (SUM, format!("{} {sign} {}", left.text(SUM), right.text(PRODUCT))),
            },
            Self::Negative(inner) => (UNARY, format!("-{}", inner.text(u8::MAX))),
            Self::Compare(comparison, left, right) => {
                (SIDE, format!("{} {} {}", left.text(SUM), comparison.name(), right.text(SUM)))
            }
            Self::In(key, collection) => (SIDE, format!("{} IN {}", key.text(SUM), collection.text())),
            Self::Not(inner) => (SIDE, format!("NOT {}", inner.text(u8::MAX))),
            Self::All(parts) => (0, all(parts)),
            Self::Any(parts) => (0, joined(parts, " OR ")),
            Self::Implies(given, then) => (0, format!("{} IMPLIES {}", given.text(SIDE), then.text(SIDE))),
        };
        if binds < place { format!("({text})") } else { text }
    }

    fn value(&self, given: &(&Fields, &Fields)) -> Option<Known> {
        let truth = |part: &Self| match part.value(given)? {
            Known::Boolean(value) => Some(value),
            _ => None,
        };
        let integer = |part: &Self| match part.value(given)? {
            Known::Integer(value) => Some(value),
            _ => None,
        };
        Some(match self {
            Self::Integer(value) => Known::Integer(value.clone()),
            Self::Decimal(value) => Known::Decimal(value.clone()),
            Self::Atom(atom) => atom.value(given)?,
            Self::Arithmetic(sign, left, right) => {
                let (left, right) = (integer(left)?, integer(right)?);
                Known::Integer(match sign {
                    '+' => left + right,
                    '-' => left - right,
                    _ => left * right,
                })
            }
            Self::Negative(inner) => Known::Integer(-integer(inner)?),
            Self::Compare(comparison, left, right) => {
                let (left, right) = (left.value(given)?, right.value(given)?);
                let order = match (&left, &right) {
                    (Known::Integer(left), Known::Integer(right)) => Some(left.cmp(right)),
                    (Known::Decimal(left), Known::Decimal(right)) => Some(left.cmp(right)),
                    _ => None,
                };
                Known::Boolean(match comparison {
                    Comparison::Equal => left == right,
                    Comparison::Unequal => left != right,
                    Comparison::Less => order?.is_lt(),
                    Comparison::LessEqual => order?.is_le(),
                    Comparison::Greater => order?.is_gt(),
                    Comparison::GreaterEqual => order?.is_ge(),
                })
            }
            Self::In(key, collection) => {
                let key = match key.value(given)? {
                    Known::Integer(value) => Value::Integer(value.to_i64()?),
                    Known::Other(value) => value,
                    _ => return None,
                };
                Known::Boolean(match collection.value(given)? {
                    Known::Other(Value::Map(entries)) => entries.iter().any(|(known, _)| *known == key),
                    Known::Other(Value::Set(members)) => members.contains(&key),
                    _ => return None,
                })
            }
            Self::Not(inner) => Known::Boolean(!truth(inner)?),
            Self::All(parts) => {
                let parts = parts.iter().map(truth).collect::<Option<Vec<bool>>>()?;
                Known::Boolean(parts.into_iter().all(|part| part))
            }
            Self::Any(parts) => {
                let parts = parts.iter().map(truth).collect::<Option<Vec<bool>>>()?;
                Known::Boolean(parts.into_iter().any(|part| part))
            }
            Self::Implies(left, right) => Known::Boolean(!truth(left)? || truth(right)?),
        })
    }
}

/// `AND` between parts; `a <= b` and then `b <= c` as a chain.
fn all(parts: &[Said]) -> String {
    let mut texts: Vec<String> = vec![];
    let mut last: Option<&Said> = None;
    for part in parts {
        // Literals stand on the right, but a chain begins with one.
        let upward = match part {
            Said::Compare(Comparison::Less, left, right) => Some((left, "<", right)),
            Said::Compare(Comparison::LessEqual, left, right) => Some((left, "<=", right)),
            _ => None,
        };
        let chained = match (last, upward) {
            (Some(Said::Compare(Comparison::GreaterEqual, middle, low)), Some((left, sign, right)))
                if middle.text(0) == left.text(0) =>
            {
                Some(format!("{} <= {} {sign} {}", low.text(SUM), left.text(SUM), right.text(SUM)))
            }
            _ => None,
        };
        match chained {
            Some(chain) => {
                texts.pop();
                texts.push(chain);
                last = None;
            }
            None => {
                texts.push(part.text(SIDE));
                last = Some(part);
            }
        }
    }
    texts.join(" AND ")
}

fn joined(parts: &[Said], between: &str) -> String {
    parts.iter().map(|part| part.text(SIDE)).collect::<Vec<_>>().join(between)
}

/// The value of a part.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    Integer(BigInt),
    Decimal(Decimal),
    Boolean(bool),
    Other(Value),
}

impl Atom {
    fn text(&self) -> String {
        let mut text = self.root.clone();
        for (_, field) in &self.fields {
            text = format!("{text}.{field}");
        }
        match self.aspect {
            Aspect::Itself => text,
            Aspect::Length => format!("LEN({text})"),
            Aspect::IsSome => format!("IS_SOME({text})"),
        }
    }

    fn value(&self, (inputs, state): &(&Fields, &Fields)) -> Option<Known> {
        let mut named = inputs.iter().chain(state.iter());
        let mut value = &named.find(|(name, _)| *name == self.root)?.1;
        for (position, _) in &self.fields {
            let Value::Record(fields) = value else { return None };
            value = &fields.get(*position)?.1;
        }
        let length = |length: usize| Known::Integer(length.into());
        Some(match (self.aspect, value) {
            (Aspect::Length, Value::String(text)) => length(text.chars().count()),
            (Aspect::Length, Value::Bytes(bytes)) => length(bytes.len()),
            (Aspect::Length, Value::Array(items) | Value::Set(items)) => length(items.len()),
            (Aspect::Length, Value::Map(entries)) => length(entries.len()),
            (Aspect::IsSome, Value::Optional(inner)) => Known::Boolean(inner.is_some()),
            (Aspect::Itself, Value::Integer(value)) => Known::Integer((*value).into()),
            (Aspect::Itself, Value::Decimal(value)) => Known::Decimal(value.clone()),
            (Aspect::Itself, Value::Boolean(value)) => Known::Boolean(*value),
            (Aspect::Itself, value) => Known::Other(value.clone()),
            _ => return None,
        })
    }
}
