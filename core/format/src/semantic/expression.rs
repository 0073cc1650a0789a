//! Typed expressions in index arrays: a child is always older than its parent.

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::builtin::Builtin;
use crate::types::TypeId;
use crate::value::Value;

/// An index into [`Exprs::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ExprId(pub u32);

/// An index into the locals of the function or clause that the expression belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LocalId(pub u32);

/// The expressions of one function or clause.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exprs {
    /// Children before parents.
    #[serde(deserialize_with = "crate::bounded::list")]
    pub nodes: Vec<Expr>,
}

impl std::ops::Index<ExprId> for Exprs {
    type Output = Expr;

    fn index(&self, id: ExprId) -> &Expr {
        &self.nodes[id.0 as usize]
    }
}

/// One expression and its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// The type of its value.
    pub type_id: TypeId,
    /// What it is.
    pub kind: ExprKind,
}

impl ExprKind {
    /// Whether every value of this form is a boolean.
    #[must_use]
    pub fn is_condition(&self) -> bool {
        use BinaryOperator::{
            And, Contains, Equal, Greater, GreaterEqual, Iff, Implies, In, Less, LessEqual, NotEqual, Or,
        };
        match self {
            Self::Success | Self::Failed(_) | Self::Unary(UnaryOperator::Not, _) | Self::Quantifier(..) => {
                true
            }
            Self::Binary(operator, ..) => matches!(
                operator,
                Iff | Implies
                    | Or
                    | And
                    | Equal
                    | NotEqual
                    | Less
                    | LessEqual
                    | Greater
                    | GreaterEqual
                    | In
                    | Contains
            ),
            _ => false,
        }
    }
}

/// The form, then the type where the form does not say it.
impl Serialize for Expr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_condition = self.kind.is_condition();
        if is_condition && self.type_id != TypeId::BOOLEAN {
            return Err(serde::ser::Error::custom("a condition that is not boolean"));
        }
        let mut parts = serializer.serialize_struct("Expr", 2 - usize::from(is_condition))?;
        parts.serialize_field("kind", &self.kind)?;
        if is_condition {
            parts.skip_field("type_id")?;
        } else {
            parts.serialize_field("type_id", &self.type_id)?;
        }
        parts.end()
    }
}

impl<'de> Deserialize<'de> for Expr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const PARTS: &[&str] = &["kind", "type_id"];
        struct Parts;

        impl<'de> Visitor<'de> for Parts {
            type Value = Expr;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an expression")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Expr, A::Error> {
                let missing = || serde::de::Error::custom("an expression that ends too early");
                let kind: ExprKind = parts.next_element()?.ok_or_else(missing)?;
                let type_id = match kind.is_condition() {
                    true => TypeId::BOOLEAN,
                    false => parts.next_element()?.ok_or_else(missing)?,
                };
                Ok(Expr { type_id, kind })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Expr, A::Error> {
                let (mut kind, mut type_id) = (None, None);
                while let Some(part) = parts.next_key::<String>()? {
                    match part.as_str() {
                        "kind" => kind = Some(parts.next_value()?),
                        "type_id" => type_id = Some(parts.next_value()?),
                        _ => return Err(serde::de::Error::unknown_field(&part, PARTS)),
                    }
                }
                let kind: ExprKind = kind.ok_or_else(|| serde::de::Error::missing_field("kind"))?;
                let implied = kind.is_condition().then_some(TypeId::BOOLEAN);
                let type_id =
                    type_id.or(implied).ok_or_else(|| serde::de::Error::missing_field("type_id"))?;
                Ok(Expr { type_id, kind })
            }
        }

        deserializer.deserialize_struct("Expr", PARTS, Parts)
    }
}

/// Digits that an integer literal may have: reading them takes time that grows with their square.
pub const MOST_INTEGER_DIGITS: usize = 10_000;

/// The forms of a typed expression. `integer` operands make checked 64-bit arithmetic, `unbounded` ones
/// (contracts, ghost code) mathematical; both operands of an operator have one type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ExprKind {
    /// A constant. A literal of type `unbounded` within 64 bits is `Value::Integer`, a larger one is
    /// [`ExprKind::BigInteger`].
    Literal(Value),
    /// A literal beyond 64 bits in a contract: up to [`MOST_INTEGER_DIGITS`] decimal digits with an optional
    /// sign.
    BigInteger(String),
    /// A local.
    Local(LocalId),
    /// A state variable's present value.
    State(u32),
    /// Contracts: the success field of this index (of the function, or of the host operation).
    Result(u32),
    /// Contracts: the success record.
    ResultRecord,
    /// Contracts: the value on entry.
    Old(ExprId),
    /// Contracts: this exit is a success.
    Success,
    /// Contracts: this exit is the failure of this code (index into the function's codes).
    Failed(u32),
    /// Contracts: attempts to invoke the host operation since this function's entry (unbounded).
    Calls(u32),
    /// `NOT a`, `-a`.
    Unary(UnaryOperator, ExprId),
    /// An operator on two operands of one type (`IN` and `CONTAINS` excepted: see [`BinaryOperator`]).
    Binary(BinaryOperator, ExprId, ExprId),
    /// An `integer` inside the value becomes `unbounded`: the identity in mathematics. The types of the
    /// operand and of this node differ in that alone; also inside arrays, optionals, sets, map values.
    Widen(ExprId),
    /// `unbounded` to `integer`; outside 64 bits the fault `overflow`, or with `saturate` the nearest
    /// bound (used for indices, which are then out of bounds).
    Narrow {
        /// The operand.
        value: ExprId,
        /// Take the nearest bound instead of faulting.
        saturate: bool,
    },
    /// A record's field, by index.
    Field(ExprId, u32),
    /// `xs[i]` on array, string or bytes: fault `out_of_bounds`. The index is `integer`.
    Index(ExprId, ExprId),
    /// `m[k]`: fault `missing_key`.
    Lookup(ExprId, ExprId),
    /// `xs[i..j]` on array, string or bytes: fault `out_of_bounds` unless 0 <= i <= j <= LEN.
    Slice(ExprId, ExprId, ExprId),
    /// A record with all fields in declared order; its constraints are an obligation.
    Record(Vec<ExprId>),
    /// A variant's case (index) with all fields in declared order.
    Variant(u32, Vec<ExprId>),
    /// `[a, b]`.
    Array(Vec<ExprId>),
    /// `SET[a, b]`.
    Set(Vec<ExprId>),
    /// `{ k: v }`; of equal keys the last counts.
    Map(Vec<(ExprId, ExprId)>),
    /// `SOME(x)`.
    Some(ExprId),
    /// `NONE`.
    None,
    /// `a WITH { b: x }`, fields by index, distinct; the constraints are an obligation.
    WithFields(ExprId, Vec<(u32, ExprId)>),
    /// `xs WITH [i] = x` on an array, several left to right: fault `out_of_bounds`.
    WithElements(ExprId, Vec<(ExprId, ExprId)>),
    /// `m WITH [k] = v`, several left to right.
    WithEntries(ExprId, Vec<(ExprId, ExprId)>),
    /// `s WITH x`.
    WithMember(ExprId, ExprId),
    /// `m WITHOUT k`, `s WITHOUT x`.
    Without(ExprId, ExprId),
    /// `IF c THEN a ELSE b`.
    If(ExprId, ExprId, ExprId),
    /// `LET x = e IN body`.
    Let(LocalId, ExprId, ExprId),
    /// On an optional: `(scrutinee, bound by SOME, body of SOME, body of NONE)`.
    MatchOptional(ExprId, LocalId, ExprId, ExprId),
    /// On a variant: one arm per case, in declared order of the cases.
    MatchVariant(ExprId, Vec<VariantArm>),
    /// On an enum or machine: one body per symbol, in declared order.
    MatchEnum(ExprId, Vec<ExprId>),
    /// `FORALL`, `EXISTS`.
    Quantifier(Quantifier, Vec<Binder>, ExprId),
    /// `[e FOR ...]`: binders, filter, element.
    ArrayComprehension(Vec<Binder>, Option<ExprId>, ExprId),
    /// `SET[e FOR ...]`.
    SetComprehension(Vec<Binder>, Option<ExprId>, ExprId),
    /// `{k: v FOR ...}`; of equal keys the last counts.
    MapComprehension(Vec<Binder>, Option<ExprId>, ExprId, ExprId),
    /// `SUM(e FOR ...)` and the like.
    Aggregate(Aggregate, Vec<Binder>, Option<ExprId>, ExprId),
    /// `SORT(x IN xs BY ...)`, stable: the one binder and its keys (`true` is descending).
    SortBy(Binder, Vec<(ExprId, bool)>),
    /// A function of the module with one success field and no errors, state or host operations.
    Call(u32, Vec<ExprId>),
    /// A built-in; argument types are as its signature says.
    Builtin(Builtin, Vec<ExprId>),
}

/// One arm of a match on a variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantArm {
    /// The fields it binds: field index and local.
    pub bindings: Vec<(u32, LocalId)>,
    /// What the match is then.
    pub body: ExprId,
}

/// `x IN xs`, `x AT i IN xs`, `i IN lo..hi`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Binder {
    /// The element.
    pub element: LocalId,
    /// The index, if bound (`integer`, in contracts `unbounded`).
    pub index: Option<LocalId>,
    /// What it ranges over.
    pub domain: Domain,
}

/// What a binder ranges over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Domain {
    /// `lo..hi`, half-open; `integer`, in contracts `unbounded`. Empty if `lo >= hi`.
    Range(ExprId, ExprId),
    /// An array. Maps and sets come as `entries(m)`, `items(s)`.
    Array(ExprId),
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UnaryOperator {
    /// `NOT`.
    Not,
    /// `-`; the smallest integer overflows.
    Negate,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BinaryOperator {
    /// `IFF`.
    Iff,
    /// `IMPLIES`, which guards its right side.
    Implies,
    /// `OR`, which guards its right side.
    Or,
    /// `AND`, which guards its right side.
    And,
    /// `==`, on any type.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterEqual,
    /// `x IN xs`: array, set, map (keys); element on the left, collection on the right. `s IN t` on
    /// strings is substring.
    In,
    /// `xs CONTAINS x`: the same the other way round.
    Contains,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `++`, on strings, bytes and arrays.
    Concat,
    /// `*`.
    Multiply,
    /// `/`: integers truncate toward zero; floats; never decimals.
    Divide,
    /// `%`: the dividend's sign; integers, decimals and floats.
    Remainder,
}

impl BinaryOperator {
    /// The operator as it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        use BinaryOperator as B;
        match self {
            B::Iff => "IFF",
            B::Implies => "IMPLIES",
            B::Or => "OR",
            B::And => "AND",
            B::Equal => "==",
            B::NotEqual => "!=",
            B::Less => "<",
            B::LessEqual => "<=",
            B::Greater => ">",
            B::GreaterEqual => ">=",
            B::In => "IN",
            B::Contains => "CONTAINS",
            B::Add => "+",
            B::Subtract => "-",
            B::Concat => "++",
            B::Multiply => "*",
            B::Divide => "/",
            B::Remainder => "%",
        }
    }
}

/// `FORALL`, `EXISTS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Quantifier {
    /// `FORALL`.
    Forall,
    /// `EXISTS`.
    Exists,
}

/// Aggregates over a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Aggregate {
    /// `SUM`: integer, decimal or float; of nothing 0.
    Sum,
    /// `COUNT`.
    Count,
    /// `MIN`: of nothing the fault `invalid_argument`; of equals the first.
    Min,
    /// `MAX`: likewise.
    Max,
    /// `ALL`: stops at the first FALSE.
    All,
    /// `ANY`: stops at the first TRUE.
    Any,
    /// `FIND`: the first whose filter holds, optional; stops there.
    Find,
}
