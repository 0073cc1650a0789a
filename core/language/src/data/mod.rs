//! Data in a file (defaults, initial values, examples): the JSON form of values, read from YAML nodes by
//! the type that is expected. Every finding stands at its node.

mod expected;
mod scalar;

use anrf_format::data::{DUPLICATE, MISSING_FIELD, UNKNOWN_FIELD, UNKNOWN_SYMBOL, WRONG_TYPE};
use anrf_format::diagnostic::{Diagnostic, Span};
use anrf_format::types::{Field, Type, TypeId, TypeTable};
use anrf_format::value::Value;

use crate::yaml::{Kind, NodeId, Style, Tree};

pub use expected::read_expected;

/// Reads a value of a type. `None` if it has none; the reasons are added to `findings`. Recursion is
/// bounded by the nesting that the loader accepts.
pub fn read(
    tree: &Tree<'_>,
    node: NodeId,
    type_id: TypeId,
    types: &TypeTable,
    findings: &mut Vec<Diagnostic>,
) -> Option<Value> {
    Reader { tree, types, findings }.value(node, type_id)
}

pub(crate) struct Reader<'r> {
    pub(crate) tree: &'r Tree<'r>,
    pub(crate) types: &'r TypeTable,
    pub(crate) findings: &'r mut Vec<Diagnostic>,
}

impl Reader<'_> {
    pub(crate) fn value(&mut self, node: NodeId, type_id: TypeId) -> Option<Value> {
        match self.types.get(type_id) {
            Type::Optional(inner) => self.optional(node, type_id, *inner),
            Type::Array(element) => self.array(node, type_id, *element).map(Value::Array),
            Type::Set(element) => self.set(node, type_id, *element),
            Type::Map(TypeId::STRING, value) => self.object(node, type_id, *value),
            Type::Map(key, value) => self.pairs(node, type_id, *key, *value),
            Type::Record(_) => self.record(node, type_id),
            Type::Variant(_) => self.variant(node, type_id),
            _ => self.scalar(node, type_id),
        }
    }

    fn optional(&mut self, node: NodeId, type_id: TypeId, inner: TypeId) -> Option<Value> {
        if self.is_null(node) {
            return Some(Value::Optional(None));
        }
        let some = |value| Value::Optional(Some(Box::new(value)));
        if !matches!(self.types.get(inner), Type::Optional(_)) {
            return self.value(node, inner).map(some);
        }
        let mut entries = self.tree.entries(node);
        match (entries.next(), entries.next()) {
            (Some(entry), None) if self.tree.text(entry.key) == Some("some") => {
                self.value(entry.value, inner).map(some)
            }
            _ => self.wrong(node, type_id),
        }
    }

    fn array(&mut self, node: NodeId, type_id: TypeId, element: TypeId) -> Option<Vec<Value>> {
        if !matches!(self.tree.kind(node), Kind::Sequence { .. }) {
            return self.wrong(node, type_id);
        }
        // All items are read, so that each mistake is reported.
        let items: Vec<Option<Value>> = self.tree.items(node).map(|item| self.value(item, element)).collect();
        items.into_iter().collect()
    }

    fn set(&mut self, node: NodeId, type_id: TypeId, element: TypeId) -> Option<Value> {
        let values = self.array(node, type_id, element)?;
        let nodes: Vec<NodeId> = self.tree.items(node).collect();
        let mut sorted: Vec<(Value, NodeId)> = values.into_iter().zip(nodes).collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));
        self.check_distinct(&sorted, "the set holds this value twice")?;
        Some(Value::Set(sorted.into_iter().map(|(value, _)| value).collect()))
    }

    fn object(&mut self, node: NodeId, type_id: TypeId, value: TypeId) -> Option<Value> {
        if !matches!(self.tree.kind(node), Kind::Mapping { .. }) {
            return self.wrong(node, type_id);
        }
        let mut entries = vec![];
        let mut complete = true;
        for entry in self.tree.entries(node) {
            let key = self.tree.text(entry.key).unwrap_or_default().to_owned();
            match self.value(entry.value, value) {
                Some(value) => entries.push((Value::String(key), value)),
                None => complete = false,
            }
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        complete.then_some(Value::Map(entries))
    }

    fn pairs(&mut self, node: NodeId, type_id: TypeId, key: TypeId, value: TypeId) -> Option<Value> {
        if !matches!(self.tree.kind(node), Kind::Sequence { .. }) {
            return self.wrong(node, type_id);
        }
        let mut entries = vec![];
        let mut complete = true;
        for item in self.tree.items(node) {
            let pair: Vec<NodeId> = self.tree.items(item).collect();
            let [first, second] = pair[..] else {
                let message = "expected a pair of key and value";
                let diagnostic = Diagnostic::error(&WRONG_TYPE, self.tree.span(item), message);
                self.findings.push(diagnostic.with_help("write `[key, value]`"));
                complete = false;
                continue;
            };
            match (self.value(first, key), self.value(second, value)) {
                (Some(key), Some(value)) => entries.push((key, first, value)),
                _ => complete = false,
            }
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));
        let keys: Vec<(Value, NodeId)> = entries.iter().map(|(key, node, _)| (key.clone(), *node)).collect();
        self.check_distinct(&keys, "the map has this key twice")?;
        complete.then(|| Value::Map(entries.into_iter().map(|(key, _, value)| (key, value)).collect()))
    }

    fn check_distinct(&mut self, sorted: &[(Value, NodeId)], message: &str) -> Option<()> {
        let mut distinct = Some(());
        for pair in sorted.windows(2) {
            if let [(first, _), (second, node)] = pair
                && first == second
            {
                let finding = Diagnostic::error(&DUPLICATE, self.tree.span(*node), message);
                self.findings.push(finding.with_help("remove one of the two"));
                distinct = None;
            }
        }
        distinct
    }

    fn record(&mut self, node: NodeId, type_id: TypeId) -> Option<Value> {
        if !matches!(self.tree.kind(node), Kind::Mapping { .. }) {
            return self.wrong(node, type_id);
        }
        let types = self.types;
        let record = types.record(type_id)?;
        let what = format!("`{}`", record.name);
        let values = self.fields(node, &record.fields, &what)?;
        Some(Value::Record(named(&record.fields, values)))
    }

    fn variant(&mut self, node: NodeId, type_id: TypeId) -> Option<Value> {
        let types = self.types;
        let variant = types.variant(type_id)?;
        let mut entries = self.tree.entries(node);
        let (Some(entry), None) = (entries.next(), entries.next()) else {
            return self.wrong(node, type_id);
        };
        let name = self.tree.text(entry.key).unwrap_or_default();
        let Some(case) = variant.cases.iter().find(|case| case.name == name) else {
            let message = format!("`{}` has no case `{name}`", variant.name);
            let names: Vec<&str> = variant.cases.iter().map(|case| &*case.name).collect();
            let help = format!("its cases are {}", names.join(", "));
            let span = self.tree.span(entry.key);
            self.findings.push(Diagnostic::error(&UNKNOWN_SYMBOL, span, message).with_help(help));
            return None;
        };
        if !matches!(self.tree.kind(entry.value), Kind::Mapping { .. }) && !self.is_null(entry.value) {
            return self.wrong(entry.value, type_id);
        }
        let what = format!("case `{name}`");
        let values = self.fields(entry.value, &case.fields, &what)?;
        Some(Value::Variant(case.name.clone(), named(&case.fields, values)))
    }

    /// One value per field, in declared order; optional ones may be left out.
    pub(crate) fn fields(&mut self, node: NodeId, fields: &[Field], what: &str) -> Option<Vec<Value>> {
        let mut values: Vec<Option<Value>> = vec![None; fields.len()];
        let mut complete = true;
        for entry in self.tree.entries(node) {
            let name = self.tree.text(entry.key).unwrap_or_default();
            match fields.iter().position(|field| field.name == name) {
                Some(position) => {
                    let value = self.value(entry.value, fields[position].type_id);
                    complete &= value.is_some();
                    // A broken value has been reported; the field is not missing as well.
                    values[position] = value.or(Some(Value::Boolean(false)));
                }
                None => {
                    complete = false;
                    self.unknown_field(self.tree.span(entry.key), name, fields, what);
                }
            }
        }
        let missing: Vec<&str> = fields
            .iter()
            .zip(&values)
            .filter(|(field, value)| value.is_none() && !self.is_optional(field.type_id))
            .map(|(field, _)| &*field.name)
            .collect();
        if !missing.is_empty() {
            // An unknown field is most likely the missing one, misspelt.
            if complete {
                let message = format!("{what} is given without `{}`", missing.join("`, `"));
                let help = format!("add `{}: ...`", missing.join(": ...`, `"));
                let finding = Diagnostic::error(&MISSING_FIELD, self.tree.span(node), message);
                self.findings.push(finding.with_help(help));
            }
            return None;
        }
        complete.then(|| values.into_iter().map(|it| it.unwrap_or(Value::Optional(None))).collect())
    }

    pub(crate) fn is_optional(&self, type_id: TypeId) -> bool {
        matches!(self.types.get(type_id), Type::Optional(_))
    }

    pub(crate) fn unknown_field(&mut self, span: Span, name: &str, fields: &[Field], what: &str) {
        let diagnostic = Diagnostic::error(&UNKNOWN_FIELD, span, format!("{what} has no field `{name}`"));
        let known = fields.iter().map(|field| &*field.name);
        let diagnostic = crate::checker::suggest_name(diagnostic, name, span, known.clone());
        let diagnostic = if diagnostic.help.is_none() && !fields.is_empty() {
            let names: Vec<&str> = known.collect();
            diagnostic.with_help(format!("its fields are {}", names.join(", ")))
        } else {
            diagnostic
        };
        self.findings.push(diagnostic);
    }

    pub(crate) fn is_null(&self, node: NodeId) -> bool {
        match self.tree.kind(node) {
            Kind::Null => true,
            Kind::Scalar(Style::Plain) => matches!(self.tree.text(node), Some("null" | "~")),
            _ => false,
        }
    }
}

pub(crate) fn named(fields: &[Field], values: Vec<Value>) -> Vec<(String, Value)> {
    fields.iter().map(|field| field.name.clone()).zip(values).collect()
}
