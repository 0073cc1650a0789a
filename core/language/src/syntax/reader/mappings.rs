//! Mappings: those with known keys, and those with names that the file chooses.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{ExprId, Name};
use super::super::nearest::nearest;
use super::super::parser::clipped;
use super::keys::{Place, Shape};
use super::{Reader, keys};
use crate::codes::reader as codes;
use crate::yaml::{Entry, Kind, NodeId};

/// The entries of a mapping by the keys of its place.
pub(super) struct Keys {
    place: &'static Place,
    /// The mapping.
    pub(super) node: NodeId,
    found: Vec<Option<Entry>>,
    /// Entries whose keys mean nothing here; reported, unless the caller asked for them.
    pub(super) others: Vec<Entry>,
}

impl Keys {
    pub(super) fn get(&self, name: &str) -> Option<NodeId> {
        self.entry(name).map(|entry| entry.value)
    }

    pub(super) fn entry(&self, name: &str) -> Option<Entry> {
        self.place.position(name).and_then(|position| self.found.get(position).copied().flatten())
    }
}

impl Reader<'_> {
    /// A mapping with the keys of a place; what does not fit is reported.
    pub(super) fn keys(&mut self, node: NodeId, place: &'static Place) -> Keys {
        let mut keys = self.keys_and_others(node, &[place]);
        for entry in std::mem::take(&mut keys.others) {
            self.unknown_key(entry, &[place], &mut keys);
        }
        self.require_keys(&keys);
        keys
    }

    /// The same without a word about other keys and missing ones; several places are looked through in order
    /// and the keys of the first are returned.
    pub(super) fn keys_and_others(&mut self, node: NodeId, places: &[&'static Place]) -> Keys {
        let Some(place) = places.first() else {
            return Keys { place: &keys::MODULE, node, found: vec![], others: vec![] };
        };
        let mut result = Keys { place, node, found: vec![None; place.keys.len()], others: vec![] };
        match self.tree.kind(node) {
            Kind::Mapping { .. } => {}
            Kind::Null => return result,
            Kind::Scalar(_) | Kind::Sequence { .. } => {
                self.wrong_shape(node, &format!("{} is a mapping; one", place.name));
                return result;
            }
        }
        for entry in self.tree.entries(node) {
            let name = self.tree.text(entry.key).unwrap_or("");
            match place.position(name).and_then(|position| result.found.get_mut(position)) {
                Some(slot) => *slot = Some(entry),
                None => result.others.push(entry),
            }
        }
        result
    }

    pub(super) fn require_keys(&mut self, keys: &Keys) {
        if self.is_damaged(keys.node)
            || !matches!(self.tree.kind(keys.node), Kind::Mapping { .. } | Kind::Null)
        {
            return;
        }
        for (key, found) in keys.place.keys.iter().zip(&keys.found) {
            if key.required && found.is_none() {
                let span = self.title(keys.node);
                let message = format!("{} needs the key `{}`: {}", keys.place.name, key.name, key.summary);
                self.report(Diagnostic::error(&codes::MISSING_KEY, span, message));
            }
        }
    }

    /// What to point at to mean a mapping: its first value, or its beginning.
    fn title(&self, node: NodeId) -> Span {
        let first = self.tree.entries(node).next().map(|entry| entry.value);
        match first.filter(|value| matches!(self.tree.kind(*value), Kind::Scalar(_))) {
            Some(value) => self.beginning(self.span(value)),
            None => self.beginning(self.span(node)),
        }
    }

    /// A key that its place does not know. Where the one that was meant is clear and free, the entry is read
    /// as that.
    pub(super) fn unknown_key(&mut self, entry: Entry, places: &[&'static Place], keys: &mut Keys) {
        let name = self.tree.text(entry.key).unwrap_or("").to_owned();
        let span = self.span(entry.key);
        let Some(place) = places.first() else { return };
        if name.contains(':') && self.tree.kind(entry.value) == Kind::Null {
            return self.missing_space(entry, &name);
        }
        let message = format!("{} has no key `{}`", place.name, clipped(&name));
        let diagnostic = Diagnostic::error(&codes::UNKNOWN_KEY, span, message);
        let synonym =
            place.synonyms.iter().find(|(wrong, _)| *wrong == name.as_str()).map(|(_, right)| *right);
        let known = places.iter().flat_map(|place| place.keys.iter().map(|key| key.name));
        let meant = synonym.or_else(|| nearest(&name, known.clone()));
        if let Some(meant) = meant {
            self.report(diagnostic.with_help(format!("did you mean `{meant}`?")).with_fix(
                format!("write `{meant}`"),
                span,
                meant,
            ));
            if let Some(slot) = keys.place.position(meant).and_then(|position| keys.found.get_mut(position)) {
                slot.get_or_insert(entry);
            }
            return;
        }
        if let Some(home) = below(place, &name) {
            self.report(
                Diagnostic::error(&codes::MISPLACED, span, format!("`{name}` does not stand here"))
                    .with_help(format!("write it under `{home}`")),
            );
            return;
        }
        let mut names: Vec<String> = vec![];
        for name in known.map(|name| format!("`{name}`")) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        self.report(diagnostic.with_help(format!("the keys are {}", names.join(", "))));
    }

    /// `{type:integer}`
    fn missing_space(&mut self, entry: Entry, name: &str) {
        let span = self.span(entry.key);
        let mend = name.replacen(':', ": ", 1);
        self.report(
            Diagnostic::error(&codes::UNKNOWN_KEY, span, format!("`{}` is one key to YAML", clipped(name)))
                .with_help("a space stands between `:` and the value")
                .with_fix(format!("write `{}`", clipped(&mend)), span, mend),
        );
        // What it gives is not read, so nothing is said to be missing.
        self.refused.push(span);
    }

    // Names chosen by the file.

    /// A mapping of names to something; nothing at all is an empty one. A list of entries is reported and
    /// read as the mapping that was meant.
    pub(super) fn named(&mut self, node: NodeId, example: &str) -> Vec<(Name, NodeId)> {
        match self.tree.kind(node) {
            Kind::Mapping { .. } => {
                let entries: Vec<Entry> = self.tree.entries(node).collect();
                entries.into_iter().map(|entry| (self.key_name(entry.key), entry.value)).collect()
            }
            Kind::Null => vec![],
            Kind::Scalar(_) => {
                self.wrong_shape(node, &format!("a mapping, such as `{example}`,"));
                vec![]
            }
            Kind::Sequence { .. } => self.listed(node, example),
        }
    }

    fn listed(&mut self, node: NodeId, example: &str) -> Vec<(Name, NodeId)> {
        let span = self.span(node);
        let mut entries = vec![];
        for item in self.tree.items(node) {
            let mut keys = self.tree.entries(item);
            match (self.tree.get(item, "name"), keys.next(), keys.next()) {
                (Some(name), ..) => entries.push((name.value, item)),
                (None, Some(only), None) => entries.push((only.key, only.value)),
                _ if matches!(self.tree.kind(item), Kind::Scalar(_)) => entries.push((item, item)),
                _ => {}
            }
        }
        let place = Span { start: span.start, end: span.start + 1 };
        self.report(
            Diagnostic::error(&codes::SHAPE, place, "a mapping is expected, found a list")
                .with_help(format!("write a mapping of names, such as `{example}`")),
        );
        entries.into_iter().map(|(key, value)| (self.key_name(key), value)).collect()
    }

    /// Names and expressions.
    pub(super) fn bindings(&mut self, node: NodeId) -> Vec<(Name, ExprId)> {
        let named = self.named(node, "name: \"expression\"");
        named.into_iter().map(|(name, value)| (name, self.expression(value))).collect()
    }
}

/// The key under which another one belongs.
fn below(place: &Place, name: &str) -> Option<&'static str> {
    let holds = |shape: &Shape| matches!(shape, Shape::Place(inner) if inner.position(name).is_some());
    place
        .keys
        .iter()
        .find(|key| match key.shape {
            Shape::OneOf(shapes) => shapes.iter().any(holds),
            shape => holds(&shape),
        })
        .map(|key| key.name)
}
