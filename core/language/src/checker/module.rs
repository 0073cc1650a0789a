//! The module as a whole: everything that is checked, in order, and the layers it becomes.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::execution::{ClauseRef, Execution};
use anrf_format::module::{FunctionMeta, LANGUAGE_VERSION, Meta, Module, Source};
use anrf_format::semantic::{Clause, HostOperation, Semantic, StateVariable};
use anrf_format::source_map::{FunctionMap, SourceMap};
use anrf_format::timestamp::Timestamp;
use anrf_format::types::{Field, Type, TypeId};
use anrf_format::value::Value;

use super::body::Allowed;
use super::clauses::{self, Frame};
use super::context::{Context, InputSignature, index};
use super::functions::{self, state_of};
use super::lints::InvariantState;
use super::{declarations, initial, intent, lints};
use crate::codes::contracts;
use crate::syntax::module as written;

type Places = Vec<(ClauseRef, Vec<Span>)>;

pub(super) fn check(cx: &mut Context<'_>, source: &Source) -> Option<Module> {
    declarations::declare(cx);
    let mut places: Places = vec![];
    check_records(cx, &mut places);
    let state = check_state(cx, &mut places);
    let (invariants, concerned) = check_invariants(cx, &mut places);
    initial::check(cx, &state, &invariants);
    let host = check_host(cx, &mut places);
    let mut checked = vec![];
    let mut maps = vec![];
    for position in 0..cx.signatures.len() {
        let done = functions::check(cx, position, &concerned, &mut places);
        lints::unused_in_function(cx, position, &done.function);
        maps.push(done.map);
        checked.push(done.function);
    }
    lints::unused_in_module(cx);
    let (intent, links) = intent::check(cx, &checked);
    let root = cx.files.first()?.module;
    let meta = Meta {
        name: root.name.as_ref().map(|name| name.text.clone()).unwrap_or_default(),
        language_version: LANGUAGE_VERSION,
        functions: function_meta(cx),
    };
    let elsewhere: Vec<bool> = cx.signatures.iter().map(|it| cx.files[it.file].imported.is_some()).collect();
    for (map, elsewhere) in maps.iter_mut().zip(elsewhere) {
        if elsewhere {
            forget_places(map);
        }
    }
    places.sort_by_key(|(reference, _)| *reference);
    Some(Module {
        meta,
        intent,
        types: std::mem::take(&mut cx.types),
        semantic: Semantic { state, invariants, host, functions: checked },
        execution: Execution::default(),
        source_map: SourceMap { functions: maps, clauses: places, execution: vec![], intent: links },
        source: source.clone(),
        other: vec![],
    })
}

/// Places of an imported function are places in another text.
fn forget_places(map: &mut FunctionMap) {
    let FunctionMap { function, name, steps, exprs, inputs, examples } = map;
    *function = Span::default();
    *name = Span::default();
    for spans in [steps, exprs, inputs, examples] {
        spans.fill(Span::default());
    }
}

fn check_records(cx: &mut Context<'_>, places: &mut Places) {
    let definitions: Vec<(usize, &written::TypeDefinition, TypeId)> = {
        let mut definitions: Vec<_> = cx
            .named
            .values()
            .filter_map(|named| Some((named.file, named.written?, named.known()?)))
            .collect();
        definitions.sort_by_key(|(.., type_id)| *type_id);
        definitions
    };
    for (file, definition, type_id) in definitions {
        let Type::Record(position) = *cx.types.get(type_id) else { continue };
        let written::TypeDefinitionKind::Record(fields) = &definition.kind else { continue };
        let Some(record) = cx.types.records.get(position as usize) else { continue };
        let locals = record
            .fields
            .iter()
            .zip(fields)
            .map(|(field, written)| {
                let broken = cx.broken_fields.contains(&field.name);
                (field.name.clone(), written.name.span, (!broken).then_some(field.type_id))
            })
            .collect();
        let frame = Frame { locals, ..Frame::default() };
        let constraints = clauses::check_all(
            cx,
            file,
            &frame,
            &definition.constraints,
            TypeId::BOOLEAN,
            places,
            |clause| ClauseRef::Record(position, clause),
        );
        if let Some(record) = cx.types.records.get_mut(position as usize) {
            record.constraints = constraints;
        }
    }
}

fn check_state(cx: &mut Context<'_>, places: &mut Places) -> Vec<StateVariable> {
    let mut variables = vec![];
    for position in 0..cx.state.len() {
        let number = index(position).unwrap_or(u32::MAX);
        let (file, written, owner) = {
            let signature = &cx.state[position];
            (signature.file, signature.written, signature.owner)
        };
        // A constraint may speak of its own variable and of those declared beside it.
        let beside = |signature: &super::context::StateSignature<'_>| {
            signature.file == file && signature.owner == owner
        };
        let state = (0_u32..)
            .zip(&cx.state)
            .filter(|(_, signature)| beside(signature))
            .map(|(number, signature)| (signature.written.name.text.as_str(), number))
            .collect();
        let frame = Frame { state, ..Frame::default() };
        let used = cx.usage.state.clone();
        let constraints =
            clauses::check_all(cx, file, &frame, &written.constraints, TypeId::BOOLEAN, places, |clause| {
                ClauseRef::State(number, clause)
            });
        cx.usage.state = used;
        let signature = &cx.state[position];
        variables.push(StateVariable {
            name: written.name.text.clone(),
            owner,
            type_id: signature.type_id.unwrap_or(TypeId::BOOLEAN),
            initial: signature.initial.clone().unwrap_or(Value::Boolean(false)),
            constraints,
        });
    }
    variables
}

fn check_invariants(cx: &mut Context<'_>, places: &mut Places) -> (Vec<Clause>, Vec<InvariantState>) {
    let mut invariants: Vec<Clause> = vec![];
    let mut concerned = vec![];
    let used = cx.usage.state.clone();
    for file in 0..cx.files.len() {
        let module = cx.files[file].module;
        let mut state: Vec<(&str, u32)> =
            cx.files[file].state.iter().map(|(name, variable)| (*name, *variable)).collect();
        state.sort_by_key(|(_, variable)| *variable);
        let frame = Frame { state, ..Frame::default() };
        for id in &module.invariants {
            let Some(checked) = clauses::check(cx, file, &frame, *id, TypeId::BOOLEAN) else { continue };
            let variables = state_of(&checked.clause.exprs);
            if variables.is_empty() {
                let span = module.expressions[*id].span;
                let message = "this invariant reads no state variable";
                let help = "what concerns inputs is a precondition, what concerns results a postcondition";
                cx.report(Diagnostic::error(&contracts::STATELESS_INVARIANT, span, message).with_help(help));
            }
            let number = index(invariants.len()).unwrap_or(u32::MAX);
            places.push((ClauseRef::ModuleInvariant(number), checked.spans));
            concerned.push(InvariantState { file, variables });
            invariants.push(checked.clause);
        }
    }
    cx.usage.state = used;
    (invariants, concerned)
}

fn check_host(cx: &mut Context<'_>, places: &mut Places) -> Vec<HostOperation> {
    let mut operations = vec![];
    for position in 0..cx.host.len() {
        let number = index(position).unwrap_or(u32::MAX);
        let (file, written) = (cx.host[position].file, cx.host[position].written);
        let frame = Frame::of_inputs(&cx.host[position].inputs);
        let conditions: Vec<_> = written
            .inputs
            .iter()
            .flat_map(|input| &input.constraints)
            .chain(&written.contract.preconditions)
            .copied()
            .collect();
        let preconditions =
            clauses::check_all(cx, file, &frame, &conditions, TypeId::BOOLEAN, places, |clause| {
                ClauseRef::HostPrecondition(number, clause)
            });
        let mut after = frame;
        after.outputs = cx.host[position].outputs.clone();
        after.allowed = Allowed { entry: false, exit: true };
        after.always_success = true;
        let postconditions = clauses::check_all(
            cx,
            file,
            &after,
            &written.contract.postconditions,
            TypeId::BOOLEAN,
            places,
            |clause| ClauseRef::HostPostcondition(number, clause),
        );
        let signature = &cx.host[position];
        let field = |name: &String, type_id: Option<TypeId>| Field {
            name: name.clone(),
            type_id: type_id.unwrap_or(TypeId::BOOLEAN),
        };
        let input = |input: &InputSignature| field(&input.name, input.type_id);
        operations.push(HostOperation {
            name: written.name.text.clone(),
            capability: written.capability.as_ref().map(|it| it.text.clone()).unwrap_or_default(),
            inputs: signature.inputs.iter().map(input).collect(),
            success: signature.outputs.success.iter().map(|(name, type_id)| field(name, *type_id)).collect(),
            success_record: signature.outputs.record.unwrap_or(TypeId::BOOLEAN),
            error_codes: signature.outputs.error_codes.clone(),
            preconditions,
            postconditions,
            idempotent: written.idempotent,
        });
    }
    operations
}

fn function_meta(cx: &mut Context<'_>) -> Vec<FunctionMeta> {
    let mut metas = vec![];
    for position in 0..cx.signatures.len() {
        let signature = &cx.signatures[position];
        cx.file = signature.file;
        let written = signature.written;
        let metadata = &written.metadata;
        if let Some(created) = &metadata.created
            && !created.text.is_empty()
            && Timestamp::parse(&created.text).is_err()
        {
            let message = format!("`{}` is not an RFC 3339 time", created.text);
            let help = "write such as `2026-01-08T14:23:15Z`";
            let diagnostic = Diagnostic::error(&contracts::INVALID_TIMESTAMP, created.span, message);
            cx.report(diagnostic.with_help(help));
        }
        let names = metadata.dependencies.iter().chain(&written.uses);
        metas.push(FunctionMeta {
            author: metadata.author.clone(),
            created: metadata.created.as_ref().map(|created| created.text.clone()),
            uses: names.map(|name| name.text.clone()).collect(),
            tags: metadata.tags.clone(),
        });
    }
    metas
}
