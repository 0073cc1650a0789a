//! What is known of the whole module while it is checked: files, types, signatures, findings.

use anrf_format::diagnostic::{Diagnostic, Severity, Span};
use anrf_format::semantic::FunctionKind;
use anrf_format::types::{Field, Record, Type, TypeId, TypeTable};
use anrf_format::value::Value;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::syntax::module as written;
use crate::syntax::reader::Parsed;
use crate::yaml::Tree;

use super::declarations::NamedType;
use super::imports::Link;

/// Findings that are kept; nobody reads more, and each of a hostile text would cost memory.
const MAX_FINDINGS: usize = 200;

/// Names around clauses, all clauses together: some 60 bytes each.
const MAX_AROUND_CLAUSES: usize = 1 << 18;

/// One file of the module: the text at hand (the first) or an imported one.
pub(super) struct File<'a> {
    /// The name of the imported source; `None` for the text at hand.
    pub(super) imported: Option<String>,
    parsed: &'a Parsed<'a>,
    pub(super) module: &'a written::Module,
    pub(super) tree: &'a Tree<'a>,
    /// Functions that expressions and steps of this file may call, by both names.
    pub(super) functions: FxHashMap<String, Vec<u32>>,
    pub(super) state: FxHashMap<&'a str, u32>,
    pub(super) host: FxHashMap<&'a str, u32>,
    /// What it imports.
    pub(super) links: Vec<Link>,
}

impl<'a> File<'a> {
    pub(super) fn new(imported: Option<String>, parsed: &'a Parsed<'a>, links: Vec<Link>) -> Self {
        let (functions, state, host) = Default::default();
        let (module, tree) = (&parsed.module, &parsed.tree);
        Self { imported, parsed, module, tree, functions, state, host, links }
    }

    /// What an imported file is called wherever it lies: its module's name, or that of the file without the
    /// folder. It is part of the identity of whoever imports it.
    pub(super) fn imported_name(&self) -> Option<String> {
        let source = self.imported.as_deref()?;
        let file = source.rsplit(['/', '\\']).next().unwrap_or(source);
        Some(self.module.name.as_ref().map_or(file, |name| &name.text).to_owned())
    }
}

/// What callers and contracts need to know of a function before any body is checked.
pub(super) struct Signature<'a> {
    pub(super) file: usize,
    pub(super) written: &'a written::Function,
    pub(super) name: String,
    pub(super) version: Option<u32>,
    pub(super) kind: FunctionKind,
    pub(super) inputs: Vec<InputSignature>,
    pub(super) outputs: OutputSignature,
    /// State it uses, its own and that of what it calls included, ascending.
    pub(super) state: Vec<u32>,
    /// State that its expressions may name.
    pub(super) named_state: Vec<(&'a str, u32)>,
    /// Host operations that it invokes itself or through calls, ascending.
    pub(super) host: Vec<u32>,
}

/// An input of a function or host operation. A type that could not be resolved is `None` and silences
/// what depends on it.
pub(super) struct InputSignature {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) type_id: Option<TypeId>,
    pub(super) default: Option<Value>,
    /// May be left out.
    pub(super) optional: bool,
}

/// Outputs of a function or host operation.
#[derive(Clone, Default)]
pub(super) struct OutputSignature {
    pub(super) success: Vec<(String, Option<TypeId>)>,
    /// `None` if a field's type could not be resolved.
    pub(super) record: Option<TypeId>,
    pub(super) error_codes: Vec<String>,
    /// Any success field may be meant.
    pub(super) unreadable: bool,
}

impl OutputSignature {
    pub(super) fn error_code(&self, name: &str) -> Option<u32> {
        index(self.error_codes.iter().position(|code| code == name)?)
    }

    pub(super) fn field(&self, name: &str) -> Option<(u32, Option<TypeId>)> {
        let position = self.success.iter().position(|(field, _)| field == name)?;
        Some((index(position)?, self.success[position].1))
    }
}

/// A host operation.
pub(super) struct HostSignature<'a> {
    pub(super) file: usize,
    pub(super) written: &'a written::HostOperation,
    pub(super) inputs: Vec<InputSignature>,
    pub(super) outputs: OutputSignature,
}

/// A state variable.
pub(super) struct StateSignature<'a> {
    pub(super) file: usize,
    pub(super) written: &'a written::StateVariable,
    pub(super) owner: Option<u32>,
    pub(super) type_id: Option<TypeId>,
    pub(super) initial: Option<Value>,
}

/// What has been referred to, for the lints of what has not.
#[derive(Default)]
pub(super) struct Usage {
    pub(super) types: FxHashSet<String>,
    pub(super) state: FxHashSet<u32>,
    pub(super) host: FxHashSet<u32>,
}

/// Everything the checker knows beyond the function at hand.
pub(super) struct Context<'a> {
    pub(super) files: Vec<File<'a>>,
    /// The file that diagnostics are about.
    pub(super) file: usize,
    pub(super) types: TypeTable,
    pub(super) named: FxHashMap<&'a str, NamedType<'a>>,
    /// Cases of all variants by name.
    pub(super) cases: FxHashMap<String, Vec<(TypeId, u32)>>,
    pub(super) signatures: Vec<Signature<'a>>,
    pub(super) host: Vec<HostSignature<'a>>,
    pub(super) state: Vec<StateSignature<'a>>,
    pub(super) usage: Usage,
    /// Names of fields whose type could not be resolved: using one is not a second error.
    pub(super) broken_fields: FxHashSet<String>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Aliases that are being looked up inside each other.
    pub(super) open_aliases: usize,
    /// How many errors there were, those that are not kept included.
    pub(super) errors: usize,
    /// How many names stand around all clauses so far; see [`Context::spend`].
    around_clauses: usize,
    interned: FxHashMap<Type, TypeId>,
    entries: FxHashMap<(TypeId, TypeId), TypeId>,
    pairs: FxHashMap<(TypeId, TypeId), TypeId>,
}

impl<'a> Context<'a> {
    pub(super) fn new(files: Vec<File<'a>>) -> Self {
        Self {
            files,
            file: 0,
            types: TypeTable::default(),
            named: FxHashMap::default(),
            cases: FxHashMap::default(),
            signatures: vec![],
            host: vec![],
            state: vec![],
            usage: Usage::default(),
            broken_fields: FxHashSet::default(),
            diagnostics: vec![],
            open_aliases: 0,
            errors: 0,
            around_clauses: 0,
            interned: FxHashMap::default(),
            entries: FxHashMap::default(),
            pairs: FxHashMap::default(),
        }
    }

    /// Records a finding about the file at hand. Imported files are linted where they are at home.
    #[cold]
    #[inline(never)]
    pub(super) fn report(&mut self, mut diagnostic: Diagnostic) {
        if let Some(file) = self.files.get(self.file) {
            file.parsed.fit_fixes(&mut diagnostic);
        }
        self.report_layout(diagnostic);
    }

    /// Records a finding whose fix edits the YAML around, not a scalar in it.
    #[cold]
    #[inline(never)]
    pub(super) fn report_layout(&mut self, mut diagnostic: Diagnostic) {
        clip(&mut diagnostic.message);
        diagnostic.help.iter_mut().for_each(clip);
        if let Some(name) = self.files.get(self.file).and_then(|file| file.imported.clone()) {
            if diagnostic.severity != Severity::Error {
                return;
            }
            diagnostic.source = Some(name);
        }
        if diagnostic.severity == Severity::Error {
            // The first error is always kept: it decides whether there is a module.
            if !self.is_full() {
                self.diagnostics.push(diagnostic);
            }
            self.errors += 1;
        } else if self.diagnostics.len() < MAX_FINDINGS {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether there are more errors than anyone reads.
    pub(super) fn is_full(&self) -> bool {
        self.errors > 0 && self.diagnostics.len() >= MAX_FINDINGS
    }

    /// Takes back the findings since there were so many, to say something better instead.
    pub(super) fn take_back(&mut self, length: usize) {
        let taken = self.diagnostics.split_off(length.min(self.diagnostics.len()));
        let errors = taken.iter().filter(|finding| finding.severity == Severity::Error).count();
        self.errors = self.errors.saturating_sub(errors);
    }

    /// The id of a type, added if it is new. As [`TypeTable::intern`], but constant in the number of types.
    pub(super) fn intern(&mut self, wanted: Type) -> TypeId {
        if let Some(known) = self.interned.get(&wanted) {
            return *known;
        }
        let scalars = self.types.types.iter().take(8);
        let known = scalars.zip(0_u32..).find(|(scalar, _)| **scalar == wanted).map(|(_, id)| TypeId(id));
        let made = known.unwrap_or_else(|| {
            self.types.types.push(wanted.clone());
            TypeId(index(self.types.types.len() - 1).unwrap_or(u32::MAX))
        });
        self.interned.insert(wanted, made);
        made
    }

    /// Every clause repeats the names around it, so many of both need memory that grows with their product.
    /// Answers whether there is room for one more.
    pub(super) fn spend(&mut self, names: usize) -> bool {
        self.around_clauses += names;
        self.has_room_around_clauses()
    }

    pub(super) fn has_room_around_clauses(&self) -> bool {
        self.around_clauses <= MAX_AROUND_CLAUSES
    }

    /// Findings about data; where the type of some field is broken, data cannot be judged.
    pub(super) fn report_data(&mut self, findings: Vec<Diagnostic>) {
        if self.broken_fields.is_empty() {
            findings.into_iter().for_each(|finding| self.report(finding));
        }
    }

    /// The text of the file at hand.
    pub(super) fn text(&self, span: Span) -> &'a str {
        let source = self.files.get(self.file).map_or("", |file| {
            let tree: &'a Tree<'a> = file.tree;
            tree.source()
        });
        source.get(span.range()).unwrap_or("")
    }

    /// The record `entry<K, V>` with `key` and `value`.
    pub(super) fn entry(&mut self, key: TypeId, value: TypeId) -> TypeId {
        if let Some(known) = self.entries.get(&(key, value)) {
            return *known;
        }
        let name = format!("entry<{}, {}>", self.types.name(key), self.types.name(value));
        let made = self.add_record(name, vec![("key", key), ("value", value)]);
        self.entries.insert((key, value), made);
        made
    }

    /// The record `pair<T, U>` with `first` and `second`.
    pub(super) fn pair(&mut self, first: TypeId, second: TypeId) -> TypeId {
        if let Some(known) = self.pairs.get(&(first, second)) {
            return *known;
        }
        let name = format!("pair<{}, {}>", self.types.name(first), self.types.name(second));
        let made = self.add_record(name, vec![("first", first), ("second", second)]);
        self.pairs.insert((first, second), made);
        made
    }

    fn add_record(&mut self, name: String, fields: Vec<(&str, TypeId)>) -> TypeId {
        let fields = fields.into_iter().map(|(name, type_id)| Field { name: name.to_owned(), type_id });
        self.new_record(name, fields.collect())
    }

    /// The record of an operation's success fields. Operations with the same fields share one, so that the
    /// answer of one can stand for that of another.
    pub(super) fn success_record(&mut self, owner: &str, fields: Vec<Field>) -> TypeId {
        let mut records = self.types.records.iter();
        let same = |record: &Record| record.name.ends_with(".success") && record.fields == fields;
        match records.position(same).and_then(index) {
            Some(known) => self.intern(Type::Record(known)),
            None => self.new_record(format!("{owner}.success"), fields),
        }
    }

    /// A new record type without constraints.
    pub(super) fn new_record(&mut self, name: String, fields: Vec<Field>) -> TypeId {
        self.types.records.push(Record { name, fields, constraints: vec![] });
        let last = self.types.records.len() - 1;
        self.intern(Type::Record(index(last).unwrap_or(u32::MAX)))
    }

    /// The function that a name means in the file at hand: `Err` with the candidates if not exactly one.
    pub(super) fn function(&self, name: &str) -> Result<u32, &[u32]> {
        match self.files.get(self.file).and_then(|file| file.functions.get(name)).map(Vec::as_slice) {
            Some([one]) => Ok(*one),
            Some(several) => Err(several),
            None => Err(&[]),
        }
    }
}

/// An index as the trees hold it.
pub(super) fn index(position: usize) -> Option<u32> {
    u32::try_from(position).ok()
}

/// Cuts a message short that repeats a name or list of absurd length.
fn clip(text: &mut String) {
    const LONGEST: usize = 1000;
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push_str("...");
    }
}
