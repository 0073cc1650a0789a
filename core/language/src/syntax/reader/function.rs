//! Functions, and the two forms of a file.

use anrf_format::diagnostic::{Diagnostic, Span};

use super::super::expression::{ExprId, Name};
use super::super::module::{Function, Metadata, Outputs, Performance, Security};
use super::Reader;
use super::keys::{FUNCTION, METADATA, MODULE, PERFORMANCE, SECURITY};
use super::mappings::Keys;
use crate::codes::reader as codes;
use crate::yaml::{Kind, NodeId};

impl Reader<'_> {
    /// A file with `functions`.
    pub(super) fn several_functions(&mut self, root: NodeId) {
        if !matches!(self.tree.kind(root), Kind::Mapping { .. }) {
            return self.wrong_shape(root, "a module with `functions`, or a function with `node_id`,");
        }
        let keys = self.keys(root, &MODULE);
        self.module_keys(&keys, true);
        if let Some(node) = keys.get("functions") {
            for item in self.list(node, "a function") {
                if let Kind::Mapping { .. } = self.tree.kind(item) {
                    let keys = self.keys(item, &FUNCTION);
                    let function = self.function(item, &keys);
                    self.output.functions.push(function);
                } else {
                    self.wrong_shape(item, "a function with `node_id`");
                }
            }
        }
    }

    /// A file whose top level is a function; keys of a module may stand beside it.
    pub(super) fn single_function(&mut self, root: NodeId) {
        self.output.single_function = true;
        let mut keys = self.keys_and_others(root, &[&FUNCTION]);
        let mut module = self.keys_and_others(root, &[&MODULE]);
        module.others.clear();
        for entry in std::mem::take(&mut keys.others) {
            let known = self.tree.text(entry.key).is_some_and(|key| MODULE.position(key).is_some());
            if !known {
                self.unknown_key(entry, &[&FUNCTION, &MODULE], &mut keys);
            }
        }
        self.require_keys(&keys);
        self.module_keys(&module, false);
        if let Some(entry) = module.entry("functions") {
            self.report(
                Diagnostic::error(
                    &codes::CONFLICT,
                    self.span(entry.key),
                    "a file has `functions` or one function, not both",
                )
                .with_help("move the function with `node_id` into the list"),
            );
        }
        let function = self.function(root, &keys);
        if self.output.name.is_none() {
            self.output.name = Some(function.node_id.clone());
        }
        self.output.functions.push(function);
    }

    /// The keys of a module; those that a function has too only where `shared` says so.
    fn module_keys(&mut self, keys: &Keys, shared: bool) {
        if let Some(node) = keys.get("anrf") {
            self.version(node);
        }
        self.output.name =
            keys.get("module").map(|node| self.name(node)).filter(|name| !name.text.is_empty());
        self.output.machines = keys.get("machines").map(|node| self.machines(node)).unwrap_or_default();
        self.output.invariants =
            keys.get("invariants").map(|node| self.expressions(node)).unwrap_or_default();
        self.output.host = keys.get("host").map(|node| self.host(node)).unwrap_or_default();
        if shared {
            self.output.intent = keys.get("intent").map(|node| self.intent(node));
            self.output.types = keys.get("types").map(|node| self.types(node)).unwrap_or_default();
            self.output.state = keys.get("state").map(|node| self.state(node)).unwrap_or_default();
        }
    }

    fn version(&mut self, node: NodeId) {
        let version = self.name(node);
        if version.text == "1.0" || version.text == "1.0.0" {
            self.report(
                Diagnostic::error(
                    &codes::LANGUAGE_VERSION,
                    version.span,
                    "the version of the language is a whole number",
                )
                .with_help("write `\"1\"`")
                .with_fix("write `\"1\"`", self.span(node), "\"1\""),
            );
        } else if version.text != "1" && !version.text.is_empty() {
            let message = format!(
                "this file is written in version `{}` of the language, and this program knows version `1`",
                version.text
            );
            self.report(
                Diagnostic::error(&codes::LANGUAGE_VERSION, version.span, message)
                    .with_help("use a newer program"),
            );
        }
        self.output.version = Some(version);
    }

    fn function(&mut self, node: NodeId, keys: &Keys) -> Function {
        let span = self.span(node);
        let beginning = Span { start: span.start, end: span.start };
        let node_id = match keys.get("node_id") {
            Some(node) => self.name(node),
            None => Name { text: String::new(), span: beginning },
        };
        let mut uses_state = vec![];
        let mut own_state = vec![];
        if let Some(node) = keys.get("state") {
            match self.tree.kind(node) {
                Kind::Mapping { .. } => own_state = self.state(node),
                _ => uses_state = self.names(node),
            }
        }
        let performance = keys.get("performance").map(|node| self.performance(node)).unwrap_or_default();
        Function {
            kind: keys.get("type").map(|node| self.name(node)).filter(|name| !name.text.is_empty()),
            intent: keys.get("intent").map(|node| self.intent(node)),
            metadata: keys.get("metadata").map(|node| self.metadata(node)).unwrap_or_default(),
            types: keys.get("types").map(|node| self.types(node)).unwrap_or_default(),
            inputs: keys.get("inputs").map(|node| self.inputs(node)).unwrap_or_default(),
            outputs: keys
                .get("outputs")
                .map(|node| self.outputs(node))
                .unwrap_or_else(|| Outputs { span: node_id.span, ..Outputs::default() }),
            contract: keys.get("contracts").map(|node| self.contract(node)).unwrap_or_default(),
            uses_state,
            own_state,
            decreases: keys.get("decreases").map(|node| self.measure(node)).unwrap_or_default(),
            uses: keys.get("uses").map(|node| self.names(node)).unwrap_or_default(),
            examples: keys.get("examples").map(|node| self.examples(node)).unwrap_or_default(),
            flow: keys.get("flow").map(|node| self.steps(node)).unwrap_or_default(),
            performance,
            security: keys.get("security").map(|node| self.security(node)).unwrap_or_default(),
            node_id,
            span,
        }
    }

    /// One expression, or a list of them.
    pub(super) fn measure(&mut self, node: NodeId) -> Vec<ExprId> {
        match self.tree.kind(node) {
            Kind::Sequence { .. } => self.expressions(node),
            _ => vec![self.expression(node)],
        }
    }

    fn metadata(&mut self, node: NodeId) -> Metadata {
        let keys = self.keys(node, &METADATA);
        Metadata {
            author: keys.get("author").and_then(|node| self.text(node)),
            created: keys.get("created").map(|node| self.name(node)).filter(|name| !name.text.is_empty()),
            dependencies: keys.get("dependencies").map(|node| self.names(node)).unwrap_or_default(),
            tags: keys.get("tags").map(|node| self.texts(node)).unwrap_or_default(),
        }
    }

    fn performance(&mut self, node: NodeId) -> Performance {
        let keys = self.keys(node, &PERFORMANCE);
        Performance {
            expected_latency_ms: keys.get("expected_latency_ms").and_then(|node| self.count(node)),
            memory_limit_mb: keys.get("memory_limit_mb").and_then(|node| self.count(node)),
            timeout_seconds: keys.get("timeout_seconds").and_then(|node| self.count(node)),
            idempotent: keys.get("idempotent").and_then(|node| self.boolean(node)),
        }
    }

    fn security(&mut self, node: NodeId) -> Security {
        let keys = self.keys(node, &SECURITY);
        Security {
            capabilities_required: keys
                .get("capabilities_required")
                .map(|node| self.names(node))
                .unwrap_or_default(),
            denied_capabilities: keys
                .get("denied_capabilities")
                .map(|node| self.names(node))
                .unwrap_or_default(),
            sensitive_data: keys.get("sensitive_data").and_then(|node| self.boolean(node)).unwrap_or(false),
            audit_level: keys
                .get("audit_level")
                .map(|node| self.name(node))
                .filter(|name| !name.text.is_empty()),
        }
    }
}
