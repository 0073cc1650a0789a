//! What a module declares beside its functions: types, machines, state and host operations.

use anrf_format::diagnostic::Diagnostic;

use super::super::expression::Name;
use super::super::module::{
    HostOperation, Intent, IntentConstraint, Machine, Outputs, StateVariable, TypeDefinition,
    TypeDefinitionKind, TypeExpression, TypeExpressionKind,
};
use super::Reader;
use super::keys::{HOST, INTENT, INTENT_CONSTRAINT, MACHINE, STATE, TYPE};
use crate::codes::reader as codes;
use crate::yaml::{Kind, NodeId};

impl Reader<'_> {
    pub(super) fn intent(&mut self, node: NodeId) -> Intent {
        let mut intent = Intent { span: self.span(node), ..Intent::default() };
        if !matches!(self.tree.kind(node), Kind::Mapping { .. }) {
            intent.text = self.text(node).unwrap_or_default();
            return intent;
        }
        let keys = self.keys(node, &INTENT);
        intent.text = keys.get("text").and_then(|node| self.text(node)).unwrap_or_default();
        intent.goals = keys.get("goals").map(|node| self.texts(node)).unwrap_or_default();
        intent.entities = keys.get("entities").map(|node| self.texts(node)).unwrap_or_default();
        intent.domain = keys.get("domain").and_then(|node| self.text(node));
        if let Some(node) = keys.get("constraints") {
            let items = self.list(node, "a constraint");
            intent.constraints = items.into_iter().map(|item| self.intent_constraint(item)).collect();
        }
        intent
    }

    fn intent_constraint(&mut self, node: NodeId) -> IntentConstraint {
        let span = self.span(node);
        if !matches!(self.tree.kind(node), Kind::Mapping { .. }) {
            let text = self.text(node).unwrap_or_default();
            return IntentConstraint { text, tag: None, formal: None, span };
        }
        let keys = self.keys(node, &INTENT_CONSTRAINT);
        IntentConstraint {
            text: keys.get("text").and_then(|node| self.text(node)).unwrap_or_default(),
            tag: keys.get("tag").and_then(|node| self.text(node)),
            formal: keys.get("formal").map(|node| self.expression(node)),
            span,
        }
    }

    // Types.

    pub(super) fn types(&mut self, node: NodeId) -> Vec<TypeDefinition> {
        let named = self.named(node, "Account: { fields: { id: string } }");
        named.into_iter().map(|(name, value)| self.type_definition(name, value)).collect()
    }

    fn type_definition(&mut self, name: Name, node: NodeId) -> TypeDefinition {
        let mut definition =
            TypeDefinition { name, kind: TypeDefinitionKind::Record(vec![]), constraints: vec![] };
        if !matches!(self.tree.kind(node), Kind::Mapping { .. }) {
            let type_expression = self.type_expression(node);
            definition.kind = TypeDefinitionKind::Alias(type_expression);
            return definition;
        }
        if !self.has_key_of(node, &TYPE) && !self.is_damaged(node) && self.tree.entries(node).next().is_some()
        {
            return self.fields_without_key(definition, node);
        }
        let keys = self.keys(node, &TYPE);
        let given: Vec<&str> =
            ["fields", "cases", "type"].into_iter().filter(|key| keys.get(key).is_some()).collect();
        match given.as_slice() {
            ["fields", ..] => {
                if let Some(node) = keys.get("fields") {
                    definition.kind = TypeDefinitionKind::Record(self.fields(node));
                }
            }
            ["cases", ..] => {
                if let Some(node) = keys.get("cases") {
                    definition.kind = TypeDefinitionKind::Variant(self.cases(node));
                }
            }
            ["type", ..] => {
                if let Some(node) = keys.get("type") {
                    definition.kind = TypeDefinitionKind::Alias(self.type_expression(node));
                }
            }
            _ => {
                let span = definition.name.span;
                if !self.is_damaged(node) {
                    let message =
                        format!("the type `{}` has neither `fields` nor `cases`", definition.name.text);
                    self.report(Diagnostic::error(&codes::MISSING_KEY, span, message).with_help(
                        "a record has `fields: { name: type }`, a variant `cases: { name: { field: type } }`",
                    ));
                }
                definition.kind =
                    TypeDefinitionKind::Alias(TypeExpression { kind: TypeExpressionKind::Error, span });
            }
        }
        if let [first, second, ..] = given.as_slice()
            && let Some(entry) = keys.entry(second)
        {
            let message = format!("a type has `{first}` or `{second}`, not both");
            self.report(Diagnostic::error(&codes::CONFLICT, self.span(entry.key), message));
        }
        if let Some(node) = keys.get("constraints") {
            definition.constraints = self.expressions(node);
        }
        definition
    }

    /// `Account: { id: string, balance: decimal }`
    fn fields_without_key(&mut self, mut definition: TypeDefinition, node: NodeId) -> TypeDefinition {
        let before = self.diagnostics.len();
        definition.kind = TypeDefinitionKind::Record(self.fields(node));
        if self.diagnostics.len() > before {
            return definition;
        }
        let span = self.span(node);
        let message = format!("the fields of `{}` stand under `fields`", definition.name.text);
        let mut diagnostic = Diagnostic::error(&codes::MISPLACED, definition.name.span, message);
        if self.tree.kind(node) == (Kind::Mapping { flow: true }) {
            let mend = format!("{{ fields: {} }}", self.source_text(span));
            diagnostic = diagnostic.with_help(format!("write `{mend}`")).with_fix(
                "put them under `fields`",
                span,
                mend,
            );
        } else {
            diagnostic = diagnostic.with_help("write `fields:` above them, and indent them");
        }
        self.report(diagnostic);
        definition
    }

    fn cases(&mut self, node: NodeId) -> Vec<(Name, Vec<super::super::module::Field>)> {
        // `cases: [red, green]` has no fields to lose.
        if let Kind::Sequence { .. } = self.tree.kind(node) {
            let only_names =
                self.tree.items(node).all(|item| matches!(self.tree.kind(item), Kind::Scalar(_)));
            if only_names {
                let names = self.names(node);
                let texts: Vec<String> = names.iter().map(|name| format!("{}: {{}}", name.text)).collect();
                let mend = format!("{{ {} }}", texts.join(", "));
                let mut diagnostic = Diagnostic::error(
                    &codes::SHAPE,
                    self.beginning(self.span(node)),
                    "a mapping of cases to their fields is expected, found a list",
                )
                .with_help(format!("write `{mend}`, or an `enum[...]` type"));
                if self.tree.kind(node) == (Kind::Sequence { flow: true }) {
                    diagnostic = diagnostic.with_fix("write a mapping", self.span(node), mend);
                }
                self.report(diagnostic);
                return names.into_iter().map(|name| (name, vec![])).collect();
            }
        }
        let named = self.named(node, "circle: { r: float }");
        named.into_iter().map(|(name, value)| (name, self.fields(value))).collect()
    }

    // Machines.

    pub(super) fn machines(&mut self, node: NodeId) -> Vec<Machine> {
        let named = self.named(
            node,
            "Order: { states: [pending, paid], initial: pending, transitions: [[pending, paid]] }",
        );
        named.into_iter().map(|(name, value)| self.machine(name, value)).collect()
    }

    fn machine(&mut self, name: Name, node: NodeId) -> Machine {
        let keys = self.keys(node, &MACHINE);
        let states = keys.get("states").map(|node| self.names(node)).unwrap_or_default();
        let initial = keys.get("initial").map(|node| self.name(node)).filter(|name| !name.text.is_empty());
        let mut transitions = vec![];
        if let Some(node) = keys.get("transitions") {
            for item in self.list(node, "a pair of states") {
                transitions.extend(self.move_of(item));
            }
        }
        Machine { name, states, initial, transitions }
    }

    /// `[pending, paid]`
    fn move_of(&mut self, node: NodeId) -> Option<(Name, Name)> {
        if let Kind::Sequence { .. } = self.tree.kind(node) {
            let items: Vec<NodeId> = self.tree.items(node).collect();
            if let [from, to] = items.as_slice() {
                return Some((self.name(*from), self.name(*to)));
            }
        }
        let span = self.span(node);
        let from_to = match self.tree.kind(node) {
            Kind::Mapping { .. } => {
                let from = self.tree.get(node, "from").map(|entry| entry.value);
                let to = self.tree.get(node, "to").map(|entry| entry.value);
                from.zip(to).map(|(from, to)| (self.name(from), self.name(to)))
            }
            Kind::Scalar(_) => {
                let text = self.tree.text(node).unwrap_or("");
                text.split_once("->").map(|(from, to)| {
                    let name = |text: &str| Name { text: text.trim().to_owned(), span };
                    (name(from), name(to))
                })
            }
            _ => None,
        };
        let mut diagnostic =
            Diagnostic::error(&codes::TRANSITION, self.beginning(span), "a transition is a pair of states");
        match &from_to {
            Some((from, to)) => {
                let mend = format!("[{}, {}]", from.text, to.text);
                diagnostic =
                    diagnostic.with_help(format!("write `{mend}`")).with_fix("write a pair", span, mend);
            }
            None => diagnostic = diagnostic.with_help("write `[from, to]`"),
        }
        if !self.is_damaged(node) {
            self.report(diagnostic);
        }
        from_to
    }

    // State.

    pub(super) fn state(&mut self, node: NodeId) -> Vec<StateVariable> {
        let named = self.named(node, "balance: { type: decimal, initial: \"0\" }");
        named.into_iter().map(|(name, value)| self.state_variable(name, value)).collect()
    }

    fn state_variable(&mut self, name: Name, node: NodeId) -> StateVariable {
        if !matches!(self.tree.kind(node), Kind::Mapping { .. }) {
            // `status: OrderStatus`; a machine gives the initial value.
            let type_expression = self.type_expression(node);
            return StateVariable { name, type_expression, initial: None, constraints: vec![] };
        }
        let keys = self.keys(node, &STATE);
        let type_expression = match keys.get("type") {
            Some(node) => self.type_expression(node),
            None => TypeExpression { kind: TypeExpressionKind::Error, span: name.span },
        };
        let constraints = keys.get("constraints").map(|node| self.expressions(node)).unwrap_or_default();
        StateVariable { name, type_expression, initial: keys.get("initial"), constraints }
    }

    // Host operations.

    pub(super) fn host(&mut self, node: NodeId) -> Vec<HostOperation> {
        let named = self.named(
            node,
            "charge_card: { capability: network.http_client, outputs: { success: { id: string } } }",
        );
        named.into_iter().map(|(name, value)| self.host_operation(name, value)).collect()
    }

    fn host_operation(&mut self, name: Name, node: NodeId) -> HostOperation {
        let keys = self.keys(node, &HOST);
        HostOperation {
            capability: keys
                .get("capability")
                .map(|node| self.name(node))
                .filter(|name| !name.text.is_empty()),
            inputs: keys.get("inputs").map(|node| self.inputs(node)).unwrap_or_default(),
            outputs: keys
                .get("outputs")
                .map(|node| self.outputs(node))
                .unwrap_or_else(|| Outputs { span: name.span, ..Outputs::default() }),
            contract: keys.get("contracts").map(|node| self.contract(node)).unwrap_or_default(),
            idempotent: keys.get("idempotent").and_then(|node| self.boolean(node)).unwrap_or(false),
            name,
        }
    }
}
