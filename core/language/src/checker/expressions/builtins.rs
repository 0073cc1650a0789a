//! Built-in functions: the first signature that fits the arguments.

use anrf_format::builtin::{Builtin, Shape, Signature};
use anrf_format::decimal::RoundingMode;
use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::ExprKind;
use anrf_format::types::{Type, TypeId};
use anrf_format::value::Value;

use super::arguments::{Arranged, arrange};
use super::coercion::join;
use crate::checker::body::{Body, Typed};
use crate::codes::types;
use crate::syntax::expression::{Argument, ExprId};

/// What the variables of a signature stand for.
#[derive(Clone, Copy, Default)]
struct Variables {
    /// `Integral`, `Number`, `Ordered`.
    scalar: Option<TypeId>,
    t: Option<TypeId>,
    u: Option<TypeId>,
    k: Option<TypeId>,
    v: Option<TypeId>,
}

impl Variables {
    fn slot(&mut self, shape: Shape) -> Option<&mut Option<TypeId>> {
        Some(match shape {
            Shape::Integral | Shape::Number | Shape::Ordered => &mut self.scalar,
            Shape::T => &mut self.t,
            Shape::U => &mut self.u,
            Shape::K => &mut self.k,
            Shape::V => &mut self.v,
            _ => return None,
        })
    }
}

impl Body<'_, '_> {
    #[inline(never)]
    pub(super) fn builtin(
        &mut self,
        builtin: Builtin,
        arguments: &[Argument],
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let info = builtin.info();
        let what = format!("`{}`", info.name);
        let mut candidates: Vec<(&'static Signature, Vec<ExprId>)> = vec![];
        for signature in info.signatures {
            let names: Vec<&str> = signature.parameters.iter().map(|(name, _)| *name).collect();
            if let Arranged::Values(values) = arrange(arguments, &names)
                && let Some(values) = values.into_iter().collect::<Option<Vec<ExprId>>>()
            {
                candidates.push((signature, values));
            }
        }
        if candidates.is_empty() {
            let signature = info.signatures.first()?;
            let names: Vec<&str> = signature.parameters.iter().map(|(name, _)| *name).collect();
            let arranged = arrange(arguments, &names);
            self.wrong_arguments(&what, &arranged, arguments.len(), &names, span);
            self.infer_arguments(arguments);
            return None;
        }
        let (signature, ids, found, variables) = self.choose_signature(builtin, candidates, hint, span)?;
        self.apply(builtin, signature, &ids, found, variables, span)
    }

    /// Infers the arguments, telling ones first, and drops the signatures that they rule out.
    #[inline(never)]
    fn choose_signature(
        &mut self,
        builtin: Builtin,
        mut candidates: Vec<(&'static Signature, Vec<ExprId>)>,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<(&'static Signature, Vec<ExprId>, Vec<Typed>, Variables)> {
        let ids = candidates.first()?.1.clone();
        let mut order: Vec<usize> = (0..ids.len()).collect();
        order.sort_by_key(|position| self.vagueness(ids[*position]));
        let mut found: Vec<Option<Typed>> = vec![None; ids.len()];
        let mut bound: Vec<Variables> = vec![Variables::default(); candidates.len()];
        let mut broken = false;
        for position in order {
            let wanted = if broken {
                None
            } else {
                self.argument_hint(candidates[0].0, candidates.len() == 1, &bound[0], position, hint)
            };
            if broken && self.vagueness(ids[position]) >= 3 {
                continue;
            }
            let Some(typed) = self.infer(ids[position], wanted) else {
                broken = true;
                continue;
            };
            found[position] = Some(typed);
            if broken {
                continue;
            }
            let before = (candidates.clone(), bound.clone());
            let mut kept = vec![];
            for ((signature, values), mut variables) in candidates.drain(..).zip(bound.drain(..)) {
                let shape = signature.parameters[position].1;
                if self.matches(shape, typed.type_id, &mut variables) {
                    kept.push(((signature, values), variables));
                }
            }
            (candidates, bound) = kept.into_iter().unzip();
            if candidates.is_empty() {
                self.wrong_argument(builtin, &before.0, &before.1, position, typed, ids[position], span);
                broken = true;
                (candidates, bound) = before;
            }
        }
        if broken {
            return None;
        }
        let (signature, ids) = candidates.swap_remove(0);
        Some((signature, ids, found.into_iter().collect::<Option<_>>()?, bound[0]))
    }

    /// The type that a parameter would like, as far as it is known.
    fn argument_hint(
        &mut self,
        signature: &Signature,
        only: bool,
        variables: &Variables,
        position: usize,
        result: Option<TypeId>,
    ) -> Option<TypeId> {
        let shape = signature.parameters[position].1;
        if let Some(type_id) = self.instantiate(shape, variables) {
            // Of several signatures only what the arguments so far have decided is a hint.
            let decided =
                only || !matches!(shape, Shape::Integer | Shape::Decimal | Shape::Float | Shape::String);
            return (decided || position > 0).then_some(type_id);
        }
        if same_shape(shape, signature.result) {
            return result;
        }
        match (shape, signature.result) {
            (Shape::Optional(inner), outer) if same_shape(*inner, outer) => {
                result.map(|result| self.cx.intern(Type::Optional(result)))
            }
            _ => None,
        }
    }

    /// The type of a shape whose variables are all known.
    fn instantiate(&mut self, shape: Shape, variables: &Variables) -> Option<TypeId> {
        let mut variables = *variables;
        Some(match shape {
            Shape::Boolean => TypeId::BOOLEAN,
            Shape::Integer => TypeId::INTEGER,
            Shape::Decimal => TypeId::DECIMAL,
            Shape::Float => TypeId::FLOAT,
            Shape::String => TypeId::STRING,
            Shape::Bytes => TypeId::BYTES,
            Shape::Timestamp => TypeId::TIMESTAMP,
            Shape::RoundingMode => self.rounding_mode(),
            Shape::Scalar => return None,
            Shape::Integral | Shape::Number | Shape::Ordered | Shape::T | Shape::U | Shape::K | Shape::V => {
                (*variables.slot(shape)?)?
            }
            Shape::Optional(inner) => {
                let inner = self.instantiate(*inner, &variables)?;
                self.cx.intern(Type::Optional(inner))
            }
            Shape::Array(element) => {
                let element = self.instantiate(*element, &variables)?;
                self.cx.intern(Type::Array(element))
            }
            Shape::SetK => self.cx.intern(Type::Set(variables.k?)),
            Shape::MapKV => self.cx.intern(Type::Map(variables.k?, variables.v?)),
            Shape::EntryKV => self.cx.entry(variables.k?, variables.v?),
            Shape::PairTU => self.cx.pair(variables.t?, variables.u?),
        })
    }

    fn rounding_mode(&mut self) -> TypeId {
        let modes = RoundingMode::ALL.iter().map(|mode| mode.name().to_owned()).collect();
        self.cx.intern(Type::Enum(modes))
    }

    /// Whether a type has the shape, binding the variables on the way.
    fn matches(&mut self, shape: Shape, type_id: TypeId, variables: &mut Variables) -> bool {
        match shape {
            Shape::Boolean => type_id == TypeId::BOOLEAN,
            Shape::Integer => matches!(type_id, TypeId::INTEGER | TypeId::UNBOUNDED),
            Shape::Decimal => type_id == TypeId::DECIMAL,
            Shape::Float => type_id == TypeId::FLOAT,
            Shape::String => type_id == TypeId::STRING,
            Shape::Bytes => type_id == TypeId::BYTES,
            Shape::Timestamp => type_id == TypeId::TIMESTAMP,
            Shape::RoundingMode => type_id == self.rounding_mode(),
            Shape::Scalar => self.is_scalar(type_id),
            Shape::Integral => {
                matches!(type_id, TypeId::INTEGER | TypeId::UNBOUNDED)
                    && self.unify(shape, type_id, variables)
            }
            Shape::Number => super::mismatch::is_number(type_id) && self.unify(shape, type_id, variables),
            Shape::Ordered => {
                (self.cx.types.is_ordered(type_id) || self.cx.types.is_key(type_id))
                    && self.unify(shape, type_id, variables)
            }
            Shape::K => self.cx.types.is_key(type_id) && self.unify(shape, type_id, variables),
            Shape::T | Shape::U | Shape::V => self.unify(shape, type_id, variables),
            Shape::Optional(inner) => match self.cx.types.get(type_id) {
                Type::Optional(payload) => {
                    let payload = *payload;
                    self.matches(*inner, payload, variables)
                }
                _ => false,
            },
            Shape::Array(element) => match self.cx.types.get(type_id) {
                Type::Array(payload) => {
                    let payload = *payload;
                    self.matches(*element, payload, variables)
                }
                _ => false,
            },
            Shape::SetK => match self.cx.types.get(type_id) {
                Type::Set(element) => {
                    let element = *element;
                    self.unify(Shape::K, element, variables)
                }
                _ => false,
            },
            Shape::MapKV => match *self.cx.types.get(type_id) {
                Type::Map(key, value) => {
                    self.unify(Shape::K, key, variables) && self.unify(Shape::V, value, variables)
                }
                _ => false,
            },
            Shape::EntryKV | Shape::PairTU => false,
        }
    }

    fn unify(&mut self, shape: Shape, type_id: TypeId, variables: &mut Variables) -> bool {
        let Some(slot) = variables.slot(shape) else { return false };
        match *slot {
            None => {
                *slot = Some(type_id);
                true
            }
            // Keys of a map have 64 bits: a mathematical integer is narrowed instead.
            Some(TypeId::INTEGER) if type_id == TypeId::UNBOUNDED && shape == Shape::K => true,
            Some(known) => match join(self.cx, known, type_id) {
                Some(joined) => {
                    *slot = Some(joined);
                    true
                }
                None => false,
            },
        }
    }

    #[inline(never)]
    fn apply(
        &mut self,
        builtin: Builtin,
        signature: &'static Signature,
        ids: &[ExprId],
        found: Vec<Typed>,
        mut variables: Variables,
        span: Span,
    ) -> Option<Typed> {
        // Arithmetic of contracts is mathematical.
        let arithmetic =
            signature.parameters.iter().any(|(_, shape)| matches!(shape, Shape::Integral | Shape::Number));
        if self.contract && arithmetic && variables.scalar == Some(TypeId::INTEGER) {
            variables.scalar = Some(TypeId::UNBOUNDED);
        }
        let mut arguments = vec![];
        for ((typed, id), (_, shape)) in found.into_iter().zip(ids).zip(signature.parameters) {
            let fitted = match self.instantiate(*shape, &variables) {
                Some(wanted) => self.fit(typed, *id, wanted)?,
                None => typed,
            };
            arguments.push(fitted);
        }
        self.check_pattern(builtin, &arguments)?;
        let result = match self.instantiate(signature.result, &variables) {
            Some(result) => result,
            None => return self.cannot_infer("the type of the result", span),
        };
        let arguments = arguments.into_iter().map(|typed| typed.id).collect();
        Some(self.push(ExprKind::Builtin(builtin, arguments), result, span))
    }

    /// A literal pattern of `matches` is read now rather than when it runs.
    fn check_pattern(&mut self, builtin: Builtin, arguments: &[Typed]) -> Option<()> {
        let [_, pattern] = arguments else { return Some(()) };
        let ExprKind::Literal(Value::String(text)) = self.kind(*pattern) else { return Some(()) };
        if builtin != Builtin::Matches {
            return Some(());
        }
        if let Err(error) = regex_automata::util::syntax::parse(text) {
            let what = error.to_string();
            let reason = what.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            let span = self.span_of(*pattern);
            let message = format!("malformed regular expression: {reason}");
            let help = "backreferences and look-around are not part of the syntax; in YAML's double quotes a \
                        backslash is written twice";
            self.report(Diagnostic::error(&types::BAD_PATTERN, span, message).with_help(help));
            return None;
        }
        Some(())
    }

    #[cold]
    #[inline(never)]
    #[expect(clippy::too_many_arguments, reason = "one message from everything that is known of the call")]
    fn wrong_argument(
        &mut self,
        builtin: Builtin,
        candidates: &[(&'static Signature, Vec<ExprId>)],
        bound: &[Variables],
        position: usize,
        found: Typed,
        id: ExprId,
        span: Span,
    ) {
        let name = builtin.info().name;
        if let ([(signature, _)], [variables]) = (candidates, bound)
            && let Some(wanted) = self.instantiate(signature.parameters[position].1, variables)
        {
            self.mismatch(found, id, wanted);
            return;
        }
        let has = self.type_name(found.type_id);
        let at = self.span(id);
        if let Type::Optional(_) = self.cx.types.get(found.type_id) {
            self.optional_operand(found, id);
            return;
        }
        let mut wanted: Vec<String> = vec![];
        for (signature, _) in candidates {
            let shape = shape_name(signature.parameters[position].1);
            if !wanted.contains(&shape) {
                wanted.push(shape);
            }
        }
        let message = format!("`{name}` takes {}, found `{has}`", wanted.join(" or "));
        let mut diagnostic = Diagnostic::error(&types::MISMATCH, at, message);
        diagnostic = match builtin {
            Builtin::ValueOf | Builtin::IsSome | Builtin::OrElse => {
                let text = self.cx.text(at);
                let diagnostic = diagnostic.with_help("the value is always there, so it needs no such call");
                if builtin == Builtin::ValueOf {
                    diagnostic.with_fix(format!("write `{text}`"), span, text)
                } else {
                    diagnostic
                }
            }
            Builtin::Round | Builtin::Quantize | Builtin::Div if found.type_id == TypeId::FLOAT => {
                diagnostic.with_help("convert it: `decimal(x)`")
            }
            Builtin::Sort | Builtin::Min | Builtin::Max => {
                diagnostic.with_help("records are sorted by a key: `SORT(x IN xs BY x.key)`")
            }
            _ => diagnostic,
        };
        self.report(diagnostic);
    }
}

/// Whether two shapes are the same variable or type.
fn same_shape(one: Shape, other: Shape) -> bool {
    one == other
}

fn shape_name(shape: Shape) -> String {
    match shape {
        Shape::Boolean => "`boolean`".into(),
        Shape::Integer | Shape::Integral => "`integer`".into(),
        Shape::Decimal => "`decimal`".into(),
        Shape::Float => "`float`".into(),
        Shape::String => "`string`".into(),
        Shape::Bytes => "`bytes`".into(),
        Shape::Timestamp => "`timestamp`".into(),
        Shape::RoundingMode => "a rounding mode".into(),
        Shape::Number => "a number".into(),
        Shape::Ordered => "a type with an order".into(),
        Shape::Scalar => "a scalar".into(),
        Shape::T | Shape::U | Shape::V => "a value".into(),
        Shape::K => "a key".into(),
        Shape::Optional(_) => "an optional".into(),
        Shape::Array(Shape::Array(_)) => "an array of arrays".into(),
        Shape::Array(Shape::String) => "an array of strings".into(),
        Shape::Array(_) => "an array".into(),
        Shape::SetK => "a set".into(),
        Shape::MapKV => "a map".into(),
        Shape::EntryKV => "an entry".into(),
        Shape::PairTU => "a pair".into(),
    }
}
