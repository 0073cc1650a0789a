//! Records, variants, machines, other names for types, and types as written.

use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::types::{Case, Field, Machine, Record, Type, TypeId, Variant};
use rustc_hash::{FxHashMap, FxHashSet};

use super::names::{check_distinct, check_name, report_duplicate};
use crate::checker::context::{Context, index};
use crate::checker::imports::same_definition;
use crate::checker::suggest::{list, suggest};
use crate::codes::{imports, names, types};
use crate::syntax::expression::Name;
use crate::syntax::module::{self as written, TypeDefinitionKind, TypeExpression, TypeExpressionKind};

/// A declared name of a type.
pub(in crate::checker) struct NamedType<'a> {
    pub(in crate::checker) file: usize,
    pub(in crate::checker) name: &'a Name,
    pub(in crate::checker) written: Option<&'a written::TypeDefinition>,
    pub(in crate::checker) machine: Option<&'a written::Machine>,
    meaning: Meaning<'a>,
}

#[derive(Clone, Copy)]
enum Meaning<'a> {
    Known(TypeId),
    Alias(&'a TypeExpression),
    /// An alias that is being looked up, so meeting it again is a cycle.
    Open,
    /// Reported already.
    Broken,
}

impl NamedType<'_> {
    /// The type, if it is known without looking further.
    pub(in crate::checker) fn known(&self) -> Option<TypeId> {
        match self.meaning {
            Meaning::Known(type_id) => Some(type_id),
            _ => None,
        }
    }
}

/// How many types may lie in each other, or stand for each other, in a row.
const MAX_NESTING: usize = 64;

const SCALARS: &[(&str, TypeId)] = &[
    ("boolean", TypeId::BOOLEAN),
    ("integer", TypeId::INTEGER),
    ("decimal", TypeId::DECIMAL),
    ("float", TypeId::FLOAT),
    ("string", TypeId::STRING),
    ("bytes", TypeId::BYTES),
    ("timestamp", TypeId::TIMESTAMP),
];

const CONSTRUCTORS: &[&str] = &["optional", "array", "map", "set", "enum", "tensor"];

/// What other languages call our types.
const FOREIGN: &[(&str, &str)] = &[
    ("int", "integer"),
    ("int64", "integer"),
    ("i64", "integer"),
    ("i32", "integer"),
    ("long", "integer"),
    ("bigint", "integer"),
    ("str", "string"),
    ("text", "string"),
    ("char", "string"),
    ("varchar", "string"),
    ("bool", "boolean"),
    ("double", "float"),
    ("f64", "float"),
    ("real", "float"),
    ("number", "decimal"),
    ("numeric", "decimal"),
    ("money", "decimal"),
    ("bigdecimal", "decimal"),
    ("datetime", "timestamp"),
    ("date", "timestamp"),
    ("time", "timestamp"),
    ("instant", "timestamp"),
    ("bytearray", "bytes"),
    ("binary", "bytes"),
    ("list", "array"),
    ("vec", "array"),
    ("sequence", "array"),
    ("dict", "map"),
    ("dictionary", "map"),
    ("hashmap", "map"),
    ("object", "map"),
    ("option", "optional"),
    ("maybe", "optional"),
    ("nullable", "optional"),
    ("hashset", "set"),
];

/// Declares the types of all files: names first, so that they may refer to each other in any order.
pub(super) fn declare(cx: &mut Context<'_>) {
    for file in 0..cx.files.len() {
        cx.file = file;
        let module = cx.files[file].module;
        for definition in module.types.iter().chain(module.functions.iter().flat_map(|it| &it.types)) {
            name_definition(cx, definition);
        }
        for machine in &module.machines {
            declare_machine(cx, machine);
        }
    }
    let mut own: Vec<&written::TypeDefinition> = vec![];
    for file in 0..cx.files.len() {
        cx.file = file;
        let module = cx.files[file].module;
        for definition in module.types.iter().chain(module.functions.iter().flat_map(|it| &it.types)) {
            let named = cx.named.get(definition.name.text.as_str());
            if named.and_then(|it| it.written).is_some_and(|it| std::ptr::eq(it, definition)) {
                define(cx, definition);
                own.push(definition);
            }
        }
    }
    check_finite(cx, &own);
}

fn name_definition<'a>(cx: &mut Context<'a>, definition: &'a written::TypeDefinition) {
    let name = &definition.name;
    if !check_name(cx, name, "a type") || !check_not_built_in(cx, name) || !is_new(cx, name, Some(definition))
    {
        return;
    }
    let meaning = match &definition.kind {
        TypeDefinitionKind::Alias(target) => Meaning::Alias(target),
        TypeDefinitionKind::Record(_) => Meaning::Known(cx.new_record(name.text.clone(), vec![])),
        TypeDefinitionKind::Variant(_) => {
            let position = index(cx.types.variants.len()).unwrap_or(u32::MAX);
            cx.types.variants.push(Variant { name: name.text.clone(), cases: vec![] });
            Meaning::Known(cx.intern(Type::Variant(position)))
        }
    };
    let file = cx.file;
    cx.named.insert(&name.text, NamedType { file, name, written: Some(definition), machine: None, meaning });
}

fn declare_machine<'a>(cx: &mut Context<'a>, machine: &'a written::Machine) {
    let name = &machine.name;
    if !check_name(cx, name, "a machine") || !check_not_built_in(cx, name) {
        return;
    }
    let known = cx.named.get(name.text.as_str()).and_then(|named| named.machine).filter(|_| cx.file > 0);
    if known.is_some_and(|known| same_machine(known, machine)) || !is_new(cx, name, None) {
        return;
    }
    check_distinct(cx, &machine.states, "state");
    for state in &machine.states {
        check_name(cx, state, "a state");
    }
    let states: Vec<String> = machine.states.iter().map(|state| state.text.clone()).collect();
    let mut find = |state: &Name| {
        let position = states.iter().position(|known| *known == state.text).and_then(index);
        if position.is_none() && !state.text.is_empty() {
            let message = format!("machine `{}` has no state `{}`", name.text, state.text);
            let diagnostic = Diagnostic::error(&names::UNKNOWN_SYMBOL, state.span, message);
            cx.report(suggest(diagnostic, &state.text, state.span, states.iter().map(String::as_str)));
        }
        position
    };
    let initial = machine.initial.as_ref().and_then(&mut find).unwrap_or(0);
    let mut transitions: Vec<(u32, u32)> =
        machine.transitions.iter().filter_map(|(from, to)| Some((find(from)?, find(to)?))).collect();
    transitions.sort_unstable();
    transitions.dedup();
    let position = index(cx.types.machines.len()).unwrap_or(u32::MAX);
    cx.types.machines.push(Machine { name: name.text.clone(), states, initial, transitions });
    let meaning = Meaning::Known(cx.intern(Type::Machine(position)));
    let file = cx.file;
    cx.named.insert(&name.text, NamedType { file, name, written: None, machine: Some(machine), meaning });
}

fn same_machine(one: &written::Machine, other: &written::Machine) -> bool {
    let text = |name: &Option<Name>| name.as_ref().map(|name| name.text.clone());
    one.states.iter().map(|it| &it.text).eq(other.states.iter().map(|it| &it.text))
        && text(&one.initial) == text(&other.initial)
        && one
            .transitions
            .iter()
            .map(|(from, to)| (&from.text, &to.text))
            .eq(other.transitions.iter().map(|(from, to)| (&from.text, &to.text)))
}

fn check_not_built_in(cx: &mut Context<'_>, name: &Name) -> bool {
    let text = name.text.as_str();
    let built_in = SCALARS.iter().any(|(scalar, _)| *scalar == text) || CONSTRUCTORS.contains(&text);
    if built_in {
        let message = format!("`{text}` is a type of the language");
        cx.report(Diagnostic::error(&names::RESERVED, name.span, message).with_help("choose another name"));
    }
    !built_in
}

/// Whether the name is free; an imported type that is equal to a known one is that one.
fn is_new(cx: &mut Context<'_>, name: &Name, definition: Option<&written::TypeDefinition>) -> bool {
    let Some(known) = cx.named.get(name.text.as_str()) else { return true };
    if known.file == cx.file {
        let first = known.name;
        report_duplicate(cx, name, first, "type");
        return false;
    }
    let same = match (known.written, definition) {
        (Some(one), Some(other)) => {
            let expressions = |file: usize| &cx.files[file].module.expressions;
            same_definition(expressions(known.file), one, expressions(cx.file), other)
        }
        _ => false,
    };
    if !same {
        let message =
            format!("type `{}` is declared here in another way than in the importing module", name.text);
        cx.report(Diagnostic::error(&imports::CONFLICTING_TYPES, name.span, message).with_help("rename one"));
        // Which of the two a name means, nobody knows.
        if let Some(known) = cx.named.get_mut(name.text.as_str()) {
            known.meaning = Meaning::Broken;
        }
    }
    false
}

fn define<'a>(cx: &mut Context<'a>, definition: &'a written::TypeDefinition) {
    let name = definition.name.text.as_str();
    if let (false, Some(first)) =
        (matches!(definition.kind, TypeDefinitionKind::Record(_)), definition.constraints.first())
    {
        let span = cx.files[cx.file].module.expressions[*first].span;
        let message = format!("`{name}` is not a record, so it cannot have constraints");
        let help = "put the constraint on the input or on a record that holds the value";
        cx.report(Diagnostic::error(&types::CONSTRAINT_PLACE, span, message).with_help(help));
    }
    match &definition.kind {
        TypeDefinitionKind::Alias(_) => {
            if let Some(type_id) = cx.named_type(name) {
                cx.types.aliases.push((name.to_owned(), type_id));
            }
        }
        TypeDefinitionKind::Record(fields) => {
            let fields = resolve_fields(cx, fields, "field");
            let position = cx.named.get(name).and_then(NamedType::known).map(|it| cx.types.get(it).clone());
            if let Some(Type::Record(record)) = position
                && let Some(Record { fields: place, .. }) = cx.types.records.get_mut(record as usize)
            {
                *place = fields;
            }
        }
        TypeDefinitionKind::Variant(cases) => {
            check_distinct(cx, cases.iter().map(|(case, _)| case), "case");
            let Some(type_id) = cx.named.get(name).and_then(NamedType::known) else { return };
            let mut defined: Vec<Case> = vec![];
            for (case, fields) in cases {
                check_name(cx, case, "a case");
                let fields = resolve_fields(cx, fields, "field");
                if let Some(position) = index(defined.len()) {
                    cx.cases.entry(case.text.clone()).or_default().push((type_id, position));
                }
                defined.push(Case { name: case.text.clone(), fields });
            }
            if let Type::Variant(variant) = *cx.types.get(type_id)
                && let Some(place) = cx.types.variants.get_mut(variant as usize)
            {
                place.cases = defined;
            }
        }
    }
}

/// Fields whose type cannot be resolved are left out; the module has an error then in any case.
fn resolve_fields<'a>(cx: &mut Context<'a>, fields: &'a [written::Field], what: &str) -> Vec<Field> {
    check_distinct(cx, fields.iter().map(|field| &field.name), what);
    let mut resolved = vec![];
    for field in fields {
        check_name(cx, &field.name, "a field");
        // A broken field stays, with some type, so that using it is not a second error.
        let type_id = cx.resolve(&field.type_expression);
        if type_id.is_none() {
            cx.broken_fields.insert(field.name.text.clone());
        }
        resolved.push(Field { name: field.name.text.clone(), type_id: type_id.unwrap_or(TypeId::BOOLEAN) });
    }
    resolved
}

impl<'a> Context<'a> {
    /// The type that a name stands for; `None` if it is unknown or broken, which is reported where the
    /// name is written.
    fn named_type(&mut self, name: &str) -> Option<TypeId> {
        let named = self.named.get_mut(name)?;
        match named.meaning {
            Meaning::Known(type_id) => Some(type_id),
            Meaning::Broken => None,
            Meaning::Open => {
                named.meaning = Meaning::Broken;
                let span = named.name.span;
                let message = format!("`{name}` stands for itself");
                self.report(
                    Diagnostic::error(&types::ENDLESS_TYPE, span, message)
                        .with_help("name a type that exists"),
                );
                None
            }
            Meaning::Alias(target) => {
                named.meaning = Meaning::Open;
                let (home, away) = (named.file, self.file);
                self.file = home;
                self.open_aliases += 1;
                let resolved = if self.open_aliases > MAX_NESTING {
                    self.too_nested(target.span)
                } else {
                    self.resolve(target)
                };
                self.open_aliases -= 1;
                self.file = away;
                if let Some(named) = self.named.get_mut(name) {
                    named.meaning = resolved.map_or(Meaning::Broken, Meaning::Known);
                }
                resolved
            }
        }
    }

    /// The type that is written; errors are reported.
    pub(in crate::checker) fn resolve(&mut self, written: &'a TypeExpression) -> Option<TypeId> {
        match &written.kind {
            TypeExpressionKind::Error => None,
            TypeExpressionKind::Tensor => {
                let message = "`tensor` is reserved and not supported yet";
                let help = "use an array of arrays";
                self.report(Diagnostic::error(&types::TENSOR, written.span, message).with_help(help));
                None
            }
            TypeExpressionKind::Name(name) => self.resolve_name(name, written.span),
            TypeExpressionKind::Enum(symbols) => {
                check_distinct(self, symbols, "symbol");
                for symbol in symbols {
                    check_name(self, symbol, "a symbol");
                }
                Some(self.intern(Type::Enum(symbols.iter().map(|it| it.text.clone()).collect())))
            }
            TypeExpressionKind::Generic(constructor, arguments) => {
                self.resolve_generic(constructor, arguments, written.span)
            }
        }
    }

    #[cold]
    fn too_nested(&mut self, span: Span) -> Option<TypeId> {
        let message = format!("types are nested deeper than {MAX_NESTING} levels");
        let help = "give a level of it a name as a record";
        self.report(Diagnostic::error(&types::NESTED_TYPES, span, message).with_help(help));
        None
    }

    /// How deep optionals and collections lie in each other.
    fn nesting(&self, type_id: TypeId) -> usize {
        let mut depth = 0;
        let mut pending = vec![(type_id, 0)];
        while let Some((next, level)) = pending.pop() {
            depth = depth.max(level);
            match self.types.get(next) {
                Type::Optional(inner) | Type::Array(inner) | Type::Set(inner) => {
                    pending.push((*inner, level + 1))
                }
                Type::Map(_, value) => pending.push((*value, level + 1)),
                _ => {}
            }
        }
        depth
    }

    fn resolve_name(&mut self, name: &str, span: Span) -> Option<TypeId> {
        if let Some((_, type_id)) = SCALARS.iter().find(|(scalar, _)| *scalar == name) {
            return Some(*type_id);
        }
        if self.named.contains_key(name) {
            self.usage.types.insert(name.to_owned());
            return self.named_type(name);
        }
        if CONSTRUCTORS.contains(&name) {
            let example = match name {
                "map" => "map<string, integer>",
                "enum" => "enum[low, high]",
                "optional" => "optional<integer>",
                "set" => "set<integer>",
                _ => "array<integer>",
            };
            let message = format!("`{name}` needs to know its elements");
            let help = format!("write such as `{example}`");
            self.report(Diagnostic::error(&types::TYPE_ARGUMENTS, span, message).with_help(help));
            return None;
        }
        self.report_unknown_type(name, span);
        None
    }

    #[cold]
    fn report_unknown_type(&mut self, name: &str, span: Span) {
        let diagnostic = Diagnostic::error(&types::UNKNOWN_TYPE, span, format!("unknown type `{name}`"));
        let lower = name.to_lowercase();
        let foreign = FOREIGN.iter().find(|(other, _)| *other == lower).map(|(_, ours)| *ours);
        let scalar = SCALARS.iter().map(|(scalar, _)| *scalar).find(|scalar| *scalar == lower);
        let diagnostic = if let Some(ours) = foreign.or(scalar) {
            let help = format!("the language calls it `{ours}`");
            diagnostic.with_help(help).with_fix(format!("write `{ours}`"), span, ours)
        } else {
            let known = SCALARS.iter().map(|(scalar, _)| *scalar).chain(CONSTRUCTORS.iter().copied());
            let mut candidates: Vec<&str> = known.chain(self.named.keys().copied()).collect();
            candidates.sort_unstable();
            let suggested = suggest(diagnostic, name, span, candidates);
            if suggested.help.is_none() { suggested.with_help("declare it under `types`") } else { suggested }
        };
        self.report(diagnostic);
    }

    fn resolve_generic(
        &mut self,
        constructor: &'a Name,
        arguments: &'a [TypeExpression],
        span: Span,
    ) -> Option<TypeId> {
        let lower = constructor.text.to_lowercase();
        let foreign = FOREIGN.iter().find(|(other, _)| *other == lower).map(|(_, ours)| *ours);
        let text = constructor.text.as_str();
        if text == "tensor" {
            let help = "use an array of arrays";
            let message = "`tensor` is reserved and not supported yet";
            self.report(Diagnostic::error(&types::TENSOR, span, message).with_help(help));
            return None;
        }
        if !CONSTRUCTORS.contains(&text) {
            let known = SCALARS.iter().any(|(scalar, _)| *scalar == text) || self.named.contains_key(text);
            if known {
                self.usage.types.insert(text.to_owned());
                let message = format!("`{text}` takes no types");
                let help = format!("write `{text}`");
                let diagnostic = Diagnostic::error(&types::TYPE_ARGUMENTS, span, message).with_help(&help);
                self.report(diagnostic.with_fix(help, span, text));
                return None;
            }
            let message = format!("unknown type `{text}<...>`");
            let diagnostic = Diagnostic::error(&types::UNKNOWN_TYPE, constructor.span, message);
            let ours = foreign.filter(|ours| CONSTRUCTORS.contains(ours));
            let ours = ours.or_else(|| CONSTRUCTORS.iter().copied().find(|known| *known == lower));
            let diagnostic = match ours {
                Some(ours) => diagnostic.with_help(format!("the language calls it `{ours}`")).with_fix(
                    format!("write `{ours}`"),
                    constructor.span,
                    ours,
                ),
                None => suggest(diagnostic, text, constructor.span, CONSTRUCTORS.iter().copied()),
            };
            self.report(diagnostic);
            return None;
        }
        let resolved: Vec<Option<TypeId>> = arguments.iter().map(|argument| self.resolve(argument)).collect();
        let wanted = if text == "map" { 2 } else { 1 };
        if resolved.len() != wanted {
            let plural = if wanted == 1 { "type" } else { "types" };
            let message = format!("`{text}` takes {wanted} {plural}, found {}", resolved.len());
            let example =
                if wanted == 1 { format!("{text}<integer>") } else { "map<string, integer>".into() };
            let help = format!("write such as `{example}`");
            self.report(Diagnostic::error(&types::TYPE_ARGUMENTS, span, message).with_help(help));
            return None;
        }
        let resolved: Vec<TypeId> = resolved.into_iter().collect::<Option<_>>()?;
        let first = *resolved.first()?;
        let made = match (text, resolved.get(1)) {
            ("optional", _) => Type::Optional(first),
            ("array", _) => Type::Array(first),
            ("map", Some(value)) => {
                self.check_key(first, arguments.first()?.span, "a key of a map")?;
                Type::Map(first, *value)
            }
            ("set", _) => {
                self.check_key(first, arguments.first()?.span, "an element of a set")?;
                Type::Set(first)
            }
            _ => return None,
        };
        if self.nesting(*resolved.last()?) >= MAX_NESTING {
            return self.too_nested(span);
        }
        Some(self.intern(made))
    }

    /// Reports a type that cannot be a key.
    pub(in crate::checker) fn check_key(&mut self, type_id: TypeId, span: Span, what: &str) -> Option<()> {
        if self.types.is_key(type_id) {
            return Some(());
        }
        let message = format!("`{}` cannot be {what}", self.types.name(type_id));
        let help = "keys are boolean, integer, decimal, string, bytes, timestamp or an enumeration";
        self.report(Diagnostic::error(&types::NOT_A_KEY, span, message).with_help(help));
        None
    }
}

/// Reports types whose values would directly contain values of the same type: records and variants lie
/// inside each other whole, so only an optional or a collection may stand between. One finding a cycle.
fn check_finite(cx: &mut Context<'_>, definitions: &[&written::TypeDefinition]) {
    let endless = endless_types(cx);
    if endless.is_empty() {
        return;
    }
    let mut told: FxHashSet<TypeId> = FxHashSet::default();
    for definition in definitions {
        let named = cx.named.get(definition.name.text.as_str());
        let Some((type_id, file)) = named.and_then(|named| Some((named.known()?, named.file))) else {
            continue;
        };
        if !endless.contains(&type_id) || told.contains(&type_id) || cx.is_full() {
            continue;
        }
        let fields: Vec<Field> = fields_of(cx, type_id).cloned().collect();
        let culprits: Vec<&Field> =
            fields.iter().filter(|field| reachable(cx, field.type_id).contains(&type_id)).collect();
        if culprits.is_empty() {
            continue;
        }
        told.extend(reachable(cx, type_id));
        let listed = list(culprits.iter().map(|field| field.name.as_str()));
        let message = format!("a value of `{}` would contain another one, without end", definition.name.text);
        let help = format!("make {listed} optional or a collection");
        cx.file = file;
        cx.report(Diagnostic::error(&types::ENDLESS_TYPE, definition.name.span, message).with_help(help));
    }
}

/// Types whose parts have parts without end: what is left when types whose parts are all done are taken
/// away, again and again.
fn endless_types(cx: &Context<'_>) -> FxHashSet<TypeId> {
    let nominal = |type_id: TypeId| matches!(cx.types.get(type_id), Type::Record(_) | Type::Variant(_));
    let ids: Vec<TypeId> = (0..cx.types.types.len()).filter_map(index).map(TypeId).collect();
    let mut holders: FxHashMap<TypeId, Vec<TypeId>> = FxHashMap::default();
    let mut open: FxHashMap<TypeId, usize> = FxHashMap::default();
    for holder in ids.into_iter().filter(|id| nominal(*id)) {
        let parts: Vec<TypeId> =
            fields_of(cx, holder).map(|field| field.type_id).filter(|it| nominal(*it)).collect();
        open.insert(holder, parts.len());
        for part in parts {
            holders.entry(part).or_default().push(holder);
        }
    }
    let mut done: Vec<TypeId> = open.iter().filter(|(_, parts)| **parts == 0).map(|(id, _)| *id).collect();
    while let Some(part) = done.pop() {
        open.remove(&part);
        for holder in holders.get(&part).into_iter().flatten() {
            if let Some(parts) = open.get_mut(holder) {
                *parts = parts.saturating_sub(1);
                if *parts == 0 {
                    done.push(*holder);
                }
            }
        }
    }
    open.into_keys().collect()
}

/// The fields that lie in a record or in the cases of a variant.
fn fields_of<'c>(cx: &'c Context<'_>, type_id: TypeId) -> impl Iterator<Item = &'c Field> {
    let record = cx.types.record(type_id).map(|record| &record.fields[..]).unwrap_or_default();
    let cases = cx.types.variant(type_id).map(|variant| &variant.cases[..]).unwrap_or_default();
    record.iter().chain(cases.iter().flat_map(|case| &case.fields))
}

/// The records and variants that lie in a value of the type, itself included.
fn reachable(cx: &Context<'_>, type_id: TypeId) -> Vec<TypeId> {
    let mut found = vec![];
    let mut seen: FxHashSet<TypeId> = FxHashSet::default();
    let mut pending = vec![type_id];
    while let Some(next) = pending.pop() {
        let nominal = matches!(cx.types.get(next), Type::Record(_) | Type::Variant(_));
        if nominal && seen.insert(next) {
            found.push(next);
            pending.extend(fields_of(cx, next).map(|field| field.type_id));
        }
    }
    found
}
