//! `MATCH` on optionals, variants, enumerations and machines.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::semantic::{ExprKind, LocalId, VariantArm};
use anrf_format::types::{Case, Type, TypeId};

use crate::checker::body::{Body, Reads, Source, Typed};
use crate::checker::context::index;
use crate::checker::suggest::{list, suggest};
use crate::codes::{names, types};
use crate::syntax::expression::{Arm, ExprId, Name, Pattern};

/// The arms of a match in the order of what they match: bindings and body of each.
struct Arms<'s> {
    slots: Vec<Option<&'s Arm>>,
    broken: bool,
}

fn pattern_span(pattern: &Pattern) -> Span {
    match pattern {
        Pattern::None(span) => *span,
        Pattern::Some(name) | Pattern::Case(name, _) => name.span,
    }
}

fn optional_key(pattern: &Pattern) -> Option<&str> {
    match pattern {
        Pattern::Some(_) => Some("SOME(x)"),
        Pattern::None(_) => Some("NONE"),
        Pattern::Case(..) => None,
    }
}

fn case_key(pattern: &Pattern) -> Option<&str> {
    match pattern {
        Pattern::Case(name, _) => Some(&name.text),
        _ => None,
    }
}

impl Body<'_, '_> {
    #[inline(never)]
    pub(super) fn match_on(
        &mut self,
        scrutinee: ExprId,
        arms: &[Arm],
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let (found, reads) = self.tracked(|body| body.infer(scrutinee, None));
        let found = found?;
        match self.cx.types.get(found.type_id).clone() {
            Type::Optional(inner) => self.match_optional(found, inner, arms, reads, hint, span),
            Type::Variant(variant) => {
                let (name, cases) = {
                    let variant = self.cx.types.variants.get(variant as usize)?;
                    (variant.name.clone(), variant.cases.clone())
                };
                self.match_variant(found, &name, &cases, arms, reads, hint, span)
            }
            Type::Enum(_) | Type::Machine(_) => self.match_enum(found, arms, hint, span),
            _ => {
                let at = self.span(scrutinee);
                let message = format!("`{}` cannot be taken apart", self.type_name(found.type_id));
                let help = "MATCH is for optionals, variants, enumerations and machines; elsewhere use IF";
                self.report(Diagnostic::error(&types::NOT_MATCHABLE, at, message).with_help(help));
                None
            }
        }
    }

    /// Sorts arms by what they match; reports unknown, repeated and missing ones.
    fn arrange_arms<'s>(
        &mut self,
        arms: &'s [Arm],
        expected: &[String],
        type_name: &str,
        key: fn(&Pattern) -> Option<&str>,
        span: Span,
    ) -> Arms<'s> {
        let mut slots: Vec<Option<&Arm>> = vec![None; expected.len()];
        let mut broken = false;
        for arm in arms {
            let at = pattern_span(&arm.pattern);
            let name = key(&arm.pattern);
            let slot = name.and_then(|name| expected.iter().position(|known| known == name));
            let Some(slot) = slot else {
                broken = true;
                let written = self.cx.text(at);
                let text = name.unwrap_or(written).to_owned();
                let message = format!("`{type_name}` has no case `{text}`");
                let diagnostic = Diagnostic::error(&names::UNKNOWN_CASE, at, message);
                let known = expected.iter().map(String::as_str);
                let diagnostic = suggest(diagnostic, &text, at, known.clone());
                let help = format!("its cases are {}", list(known));
                self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
                continue;
            };
            if let Some(first) = slots[slot] {
                let first = pattern_span(&first.pattern);
                let message = format!("`{}` is matched twice", expected[slot]);
                let diagnostic = Diagnostic::error(&types::DUPLICATE_ARM, at, message);
                self.report(
                    diagnostic.with_note(first, "matched here first").with_help("remove one of the arms"),
                );
                broken = true;
                continue;
            }
            slots[slot] = Some(arm);
        }
        let missing: Vec<&str> = expected
            .iter()
            .zip(&slots)
            .filter(|(_, slot)| slot.is_none())
            .map(|(name, _)| name.as_str())
            .collect();
        if !broken && !missing.is_empty() {
            let message = format!("this MATCH has no arm for {}", list(missing.iter().copied()));
            let help = format!("add such as `{} => ...`", missing.first().unwrap_or(&""));
            self.report(Diagnostic::error(&types::NOT_EXHAUSTIVE, span, message).with_help(help));
            broken = true;
        }
        Arms { slots, broken }
    }

    fn match_optional(
        &mut self,
        found: Typed,
        inner: TypeId,
        arms: &[Arm],
        reads: Reads,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let expected = ["SOME(x)".to_owned(), "NONE".to_owned()];
        let type_name = self.type_name(found.type_id);
        let arranged = self.arrange_arms(arms, &expected, &type_name, optional_key, span);
        let mut local = None;
        let (bodies, ids) = self.arm_bodies(&arranged, hint, |body, arm, _| {
            if let Pattern::Some(name) = &arm.pattern {
                local = Some(body.bind_part(name, inner, reads));
            }
        });
        if arranged.broken {
            return None;
        }
        let (type_id, bodies) = self.arms_type(bodies?, &ids, hint)?;
        let [some, none] = bodies[..] else { return None };
        Some(self.push(ExprKind::MatchOptional(found.id, local?, some.id, none.id), type_id, span))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one expression")]
    fn match_variant(
        &mut self,
        found: Typed,
        name: &str,
        cases: &[Case],
        arms: &[Arm],
        reads: Reads,
        hint: Option<TypeId>,
        span: Span,
    ) -> Option<Typed> {
        let expected: Vec<String> = cases.iter().map(|case| case.name.clone()).collect();
        let arranged = self.arrange_arms(arms, &expected, name, case_key, span);
        let mut bindings: Vec<Vec<(u32, LocalId)>> = vec![vec![]; cases.len()];
        let mut wrong_field = false;
        let (bodies, ids) = self.arm_bodies(&arranged, hint, |body, arm, slot| {
            let (Pattern::Case(_, bound), Some(case)) = (&arm.pattern, cases.get(slot)) else { return };
            for (field, name) in bound {
                let position = case.fields.iter().position(|known| known.name == field.text);
                match position.and_then(index) {
                    Some(position) => {
                        let type_id = case.fields[position as usize].type_id;
                        let local = body.bind_part(name, type_id, reads);
                        bindings[slot].push((position, local));
                    }
                    None => {
                        wrong_field = true;
                        body.unknown_case_field(case, field);
                        body.bind_broken(name);
                    }
                }
            }
        });
        if arranged.broken || wrong_field {
            return None;
        }
        let (type_id, bodies) = self.arms_type(bodies?, &ids, hint)?;
        let arms = bindings
            .into_iter()
            .zip(bodies)
            .map(|(bindings, body)| VariantArm { bindings, body: body.id })
            .collect();
        Some(self.push(ExprKind::MatchVariant(found.id, arms), type_id, span))
    }

    #[cold]
    fn unknown_case_field(&mut self, case: &Case, field: &Name) {
        let message = format!("case `{}` has no field `{}`", case.name, field.text);
        let diagnostic = Diagnostic::error(&names::UNKNOWN_FIELD, field.span, message);
        let known = case.fields.iter().map(|field| field.name.as_str());
        let diagnostic = suggest(diagnostic, &field.text, field.span, known.clone());
        let help = format!("its fields are {}", list(known));
        self.report(if diagnostic.help.is_none() { diagnostic.with_help(help) } else { diagnostic });
    }

    fn match_enum(&mut self, found: Typed, arms: &[Arm], hint: Option<TypeId>, span: Span) -> Option<Typed> {
        let expected = self.cx.types.symbols(found.type_id)?.to_vec();
        let type_name = self.type_name(found.type_id);
        let arranged = self.arrange_arms(arms, &expected, &type_name, case_key, span);
        let (bodies, ids) = self.arm_bodies(&arranged, hint, |_, _, _| {});
        if arranged.broken {
            return None;
        }
        let (type_id, bodies) = self.arms_type(bodies?, &ids, hint)?;
        let bodies = bodies.into_iter().map(|body| body.id).collect();
        Some(self.push(ExprKind::MatchEnum(found.id, bodies), type_id, span))
    }

    /// Checks the bodies of arms, the telling ones first; `bind` makes the names of an arm visible.
    fn arm_bodies(
        &mut self,
        arms: &Arms<'_>,
        hint: Option<TypeId>,
        mut bind: impl FnMut(&mut Self, &Arm, usize),
    ) -> (Option<Vec<Typed>>, Vec<ExprId>) {
        let mut order: Vec<(usize, &Arm)> =
            arms.slots.iter().enumerate().filter_map(|(slot, arm)| Some((slot, (*arm)?))).collect();
        let ids: Vec<ExprId> = order.iter().map(|(_, arm)| arm.body).collect();
        order.sort_by_key(|(_, arm)| self.arm_vagueness(arm));
        let mut found: Vec<Option<Typed>> = vec![None; arms.slots.len()];
        let mut hint = hint;
        let mut decided = false;
        for (slot, arm) in order {
            let outer = self.scope.len();
            bind(self, arm, slot);
            let typed = self.infer(arm.body, hint);
            self.scope.truncate(outer);
            if let (Some(typed), false) = (typed, decided) {
                hint = Some(typed.type_id);
                decided = true;
            }
            found[slot] = typed;
        }
        (found.into_iter().collect(), ids)
    }

    /// A name that the pattern binds says its type, though it is not visible yet.
    fn arm_vagueness(&self, arm: &Arm) -> u8 {
        let vague = self.vagueness(arm.body);
        let binds = match &arm.pattern {
            Pattern::None(_) => false,
            Pattern::Some(_) => true,
            Pattern::Case(_, bound) => !bound.is_empty(),
        };
        if vague == 3 && binds { 0 } else { vague }
    }

    /// A name that a pattern binds to a part of what is matched.
    fn bind_part(&mut self, name: &Name, type_id: TypeId, reads: Reads) -> LocalId {
        self.lint_shadowing(name);
        let local = self.bind(name, type_id, Source::Binder);
        let facts = self.facts(local);
        facts.sensitive = reads.sensitive;
        facts.from_host = reads.from_host;
        local
    }
}
