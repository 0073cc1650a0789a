//! The intent layer, and which clauses state its constraints formally.

use anrf_format::diagnostic::Diagnostic;
use anrf_format::execution::ClauseRef;
use anrf_format::module::{Intent, IntentConstraint, IntentLayer};
use anrf_format::semantic::Function;
use anrf_format::types::TypeId;

use super::body::Allowed;
use super::clauses::{self, Frame};
use super::context::{Context, index};
use super::imports::same_expression;
use crate::codes::lints;
use crate::printer::Quote;
use crate::syntax::expression::ExprId;
use crate::syntax::module as written;

/// Function (`None` is the module), constraint, clause.
type Link = (Option<u32>, u32, ClauseRef);

pub(super) fn check(cx: &mut Context<'_>, functions: &[Function]) -> (IntentLayer, Vec<Link>) {
    let mut links = vec![];
    let module = cx.files.first().and_then(|file| file.module.intent.as_ref());
    let module = module.map(|intent| {
        check_module_intent(cx, intent, &mut links);
        convert(cx, 0, intent)
    });
    let mut intents = vec![];
    for position in 0..functions.len() {
        let signature = &cx.signatures[position];
        let (file, written) = (signature.file, signature.written);
        intents.push(match &written.intent {
            Some(intent) => {
                check_function_intent(cx, position, intent, &mut links);
                convert(cx, file, intent)
            }
            None => Intent::default(),
        });
    }
    (IntentLayer { module, functions: intents }, links)
}

fn convert(cx: &Context<'_>, file: usize, intent: &written::Intent) -> Intent {
    let expressions = &cx.files[file].module.expressions;
    Intent {
        text: intent.text.clone(),
        goals: intent.goals.clone(),
        constraints: intent
            .constraints
            .iter()
            .map(|constraint| IntentConstraint {
                text: constraint.text.clone(),
                tag: constraint.tag.clone(),
                formal: constraint
                    .formal
                    .map(|id| crate::printer::expression(expressions, id, Quote::Double)),
            })
            .collect(),
        entities: intent.entities.clone(),
        domain: intent.domain.clone(),
    }
}

/// The clause of a list that is the same expression.
fn find(
    cx: &Context<'_>,
    file: usize,
    formal: ExprId,
    listed: &[ExprId],
    reference: impl Fn(u32) -> ClauseRef,
) -> Option<ClauseRef> {
    let expressions = &cx.files[file].module.expressions;
    let position = listed.iter().position(|id| same_expression(expressions, *id, expressions, formal))?;
    index(position).map(reference)
}

fn check_function_intent(
    cx: &mut Context<'_>,
    position: usize,
    intent: &written::Intent,
    links: &mut Vec<Link>,
) {
    let signature = &cx.signatures[position];
    let (file, written) = (signature.file, signature.written);
    let function = index(position).unwrap_or(u32::MAX);
    let mut frame = Frame::of_inputs(&signature.inputs);
    frame.function = Some(function);
    frame.state = signature.named_state.clone();
    frame.outputs = signature.outputs.clone();
    frame.allowed = Allowed { entry: true, exit: true };
    for (number, constraint) in (0_u32..).zip(&intent.constraints) {
        let Some(formal) = constraint.formal else { continue };
        let contract = &written.contract;
        let found =
            find(cx, file, formal, &contract.postconditions, |it| ClauseRef::Postcondition(function, it))
                .or_else(|| {
                    find(cx, file, formal, &contract.preconditions, |it| {
                        ClauseRef::Precondition(function, it)
                    })
                })
                .or_else(|| {
                    find(cx, file, formal, &contract.invariants, |it| ClauseRef::Invariant(function, it))
                })
                .or_else(|| {
                    (0_u32..).zip(&written.inputs).find_map(|(input, it)| {
                        find(cx, file, formal, &it.constraints, |clause| {
                            ClauseRef::Input(function, input, clause)
                        })
                    })
                });
        match found {
            Some(clause) => links.push((Some(function), number, clause)),
            // A clause that is the same has been checked already.
            None => {
                let is_well_formed = clauses::check(cx, file, &frame, formal, TypeId::BOOLEAN).is_some();
                if is_well_formed {
                    unstated(cx, file, formal, "one of the function's `contracts`");
                }
            }
        }
    }
}

/// A constraint that is said and neither checked nor proved.
fn unstated(cx: &mut Context<'_>, file: usize, formal: ExprId, place: &str) {
    cx.file = file;
    let span = cx.files[file].module.expressions[formal].span;
    let message = "no clause states this constraint of the intent".to_owned();
    let help = format!("add it to {place}, so that it is checked and proved");
    cx.report(Diagnostic::warning(&lints::UNSTATED_CONSTRAINT, span, message).with_help(help));
}

fn check_module_intent(cx: &mut Context<'_>, intent: &written::Intent, links: &mut Vec<Link>) {
    let mut state: Vec<(&str, u32)> = cx.files[0].state.iter().map(|(name, it)| (*name, *it)).collect();
    state.sort_by_key(|(_, variable)| *variable);
    let frame = Frame { state, ..Frame::default() };
    for (number, constraint) in (0_u32..).zip(&intent.constraints) {
        let Some(formal) = constraint.formal else { continue };
        let listed = &cx.files[0].module.invariants;
        match find(cx, 0, formal, listed, ClauseRef::ModuleInvariant) {
            Some(clause) => links.push((None, number, clause)),
            None => {
                if clauses::check(cx, 0, &frame, formal, TypeId::BOOLEAN).is_some() {
                    unstated(cx, 0, formal, "one of the module's `invariants`");
                }
            }
        }
    }
}
