//! A generated program as text.

use std::fmt::Write;

use super::expression::Expr;
use super::program::{Call, Function, HostOperation, Message, Operation, Program, Step};
use super::types::{Field, Types};

/// Lines with indentation.
struct Printer<'a> {
    out: String,
    types: &'a Types,
}

impl Program {
    /// The program as a `.vsp` file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut printer = Printer { out: String::with_capacity(8192), types: &self.types };
        printer.module(self);
        printer.out
    }
}

impl Printer<'_> {
    fn line(&mut self, indent: usize, line: &str) {
        for _ in 0..indent {
            self.out.push_str("  ");
        }
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn module(&mut self, program: &Program) {
        self.line(0, "anrf: \"1\"");
        self.line(0, &format!("module: generated_{}", program.seed));
        self.type_definitions();
        if !self.types.machines.is_empty() {
            self.line(0, "machines:");
        }
        for machine in &self.types.machines {
            let moves: Vec<String> = machine
                .transitions
                .iter()
                .map(|(from, to)| format!("[{}, {}]", machine.states[*from], machine.states[*to]))
                .collect();
            let (states, moves) = (machine.states.join(", "), moves.join(", "));
            let first = &machine.states[0];
            let text = format!(
                "{}: {{ states: [{states}], initial: {first}, transitions: [{moves}] }}",
                machine.name
            );
            self.line(1, &text);
        }
        if !program.state.is_empty() {
            self.line(0, "state:");
        }
        for variable in &program.state {
            self.line(1, &format!("{}:", variable.field.name));
            self.line(2, &format!("type: {}", quote(&self.types.text(variable.field.ty))));
            self.line(2, &format!("initial: {}", variable.initial));
            self.list(2, "constraints", &variable.constraints);
        }
        self.list(0, "invariants", &program.invariants);
        if !program.host.is_empty() {
            self.line(0, "host:");
        }
        for operation in &program.host {
            self.host(operation);
        }
        self.line(0, "functions:");
        for function in &program.functions {
            self.function(function, program);
        }
    }

    fn type_definitions(&mut self) {
        let types = self.types;
        let enumerations = types.enumerations.iter().filter_map(|it| Some((it.alias.as_ref()?, &it.symbols)));
        let enumerations: Vec<_> = enumerations.collect();
        let records: Vec<_> = types
            .records
            .iter()
            .filter(|it| !it.name.is_empty() && !types.hidden.contains(&it.name))
            .collect();
        let variants: Vec<_> = types.variants.iter().filter(|it| !types.hidden.contains(&it.name)).collect();
        let nothing = records.is_empty() && variants.is_empty() && types.aliases.is_empty();
        if nothing && enumerations.is_empty() {
            return;
        }
        self.line(0, "types:");
        for (name, symbols) in enumerations {
            self.line(1, &format!("{name}: \"enum[{}]\"", symbols.join(", ")));
        }
        for (name, ty) in &types.aliases {
            self.line(1, &format!("{name}: {}", quote(&types.text(*ty))));
        }
        for record in records {
            self.line(1, &format!("{}:", record.name));
            self.fields(2, "fields", &record.fields);
            self.list(2, "constraints", &record.constraints);
        }
        for variant in variants {
            self.line(1, &format!("{}:", variant.name));
            self.line(2, "cases:");
            for (case, fields) in &variant.cases {
                self.fields(3, case, fields);
            }
        }
    }

    fn fields(&mut self, indent: usize, key: &str, fields: &[Field]) {
        let fields = fields
            .iter()
            .map(|it| format!("{}: {}", it.name, quote(&self.types.text(it.ty))))
            .collect::<Vec<_>>();
        let text = if fields.is_empty() {
            format!("{key}: {{}}")
        } else {
            format!("{key}: {{ {} }}", fields.join(", "))
        };
        self.line(indent, &text);
    }

    fn list(&mut self, indent: usize, key: &str, items: &[Expr]) {
        if items.is_empty() {
            return;
        }
        self.line(indent, &format!("{key}:"));
        for item in items {
            self.line(indent, &format!("  - {}", scalar(item)));
        }
    }

    fn outputs(&mut self, indent: usize, success: &[Field], errors: &[String]) {
        self.line(indent, "outputs:");
        self.fields(indent + 1, "success", success);
        if !errors.is_empty() {
            let codes = errors.join(", ");
            self.line(indent + 1, &format!("error: {{ error_code: \"enum[{codes}]\", message: string }}"));
        }
    }

    fn host(&mut self, operation: &HostOperation) {
        self.line(1, &format!("{}:", operation.name));
        self.line(2, &format!("capability: {}", operation.capability));
        self.fields(2, "inputs", &operation.inputs);
        self.outputs(2, &operation.success, &operation.errors);
        if !operation.preconditions.is_empty() || !operation.postconditions.is_empty() {
            self.line(2, "contracts:");
            self.list(3, "preconditions", &operation.preconditions);
            self.list(3, "postconditions", &operation.postconditions);
        }
        self.line(2, &format!("idempotent: {}", operation.idempotent));
    }

    fn function(&mut self, function: &Function, program: &Program) {
        let name = match function.version {
            Some(version) => format!("{}_v{version}", function.name),
            None => function.name.clone(),
        };
        self.line(1, &format!("- node_id: {name}"));
        self.line(2, &format!("type: {}", function.kind));
        self.line(2, "intent: Something that was generated.");
        if function.uses_state {
            let names: Vec<&str> = program.state.iter().map(|it| it.field.name.as_str()).collect();
            self.line(2, &format!("state: [{}]", names.join(", ")));
        }
        if !function.inputs.is_empty() {
            self.line(2, "inputs:");
        }
        for input in &function.inputs {
            let ty = quote(&self.types.text(input.field.ty));
            let mut text = format!("{}: {{ type: {ty}", input.field.name);
            if let Some(default) = &input.default {
                let _ = write!(text, ", required: false, default: {default}");
            }
            if !input.constraints.is_empty() {
                let constraints: Vec<String> = input.constraints.iter().map(scalar).collect();
                let _ = write!(text, ", constraints: [{}]", constraints.join(", "));
            }
            self.line(3, &format!("{text} }}"));
        }
        self.outputs(2, &function.success, &function.errors);
        let contract = [&function.preconditions, &function.postconditions, &function.invariants];
        if contract.iter().any(|it| !it.is_empty()) {
            self.line(2, "contracts:");
            self.list(3, "preconditions", &function.preconditions);
            self.list(3, "postconditions", &function.postconditions);
            self.list(3, "invariants", &function.invariants);
        }
        self.list(2, "decreases", &function.decreases);
        if let Some(inputs) = &function.example {
            self.line(2, "examples:");
            self.line(3, &format!("- {{ inputs: {inputs}, success: {{}} }}"));
        }
        if !function.capabilities.is_empty() {
            let list = function.capabilities.join(", ");
            self.line(2, &format!("security: {{ capabilities_required: [{list}] }}"));
        }
        self.line(2, "flow:");
        self.steps(3, &function.flow);
    }

    fn steps(&mut self, indent: usize, steps: &[Step]) {
        for step in steps {
            self.step(indent, step);
        }
    }

    fn step(&mut self, indent: usize, step: &Step) {
        self.line(indent, &format!("- step: {}", step.name));
        let indent = indent + 1;
        self.line(indent, &format!("operation: {}", step.operation.name()));
        if let Operation::Compute { ghost: true, .. } = step.operation {
            self.line(indent, "ghost: true");
        }
        if let Some(when) = &step.when {
            self.line(indent, &format!("when: {}", scalar(when)));
        }
        if !step.guards.is_empty() {
            self.line(indent, "guards:");
        }
        for (condition, code, message) in &step.guards {
            let (condition, message) = (scalar(condition), message.text());
            self.line(indent, &format!("  - {{ fail_when: {condition}, fail: {code}, message: {message} }}"));
        }
        self.operation(indent, &step.operation);
        self.handling(indent, step);
    }

    fn handling(&mut self, indent: usize, step: &Step) {
        if step.retry.is_none() && step.fallback.is_empty() && step.compensate.is_empty() {
            return;
        }
        self.line(indent, "error_handling:");
        if let Some((times, backoff)) = step.retry {
            self.line(indent + 1, &format!("retry: {{ times: {times}, backoff_ms: {backoff} }}"));
        }
        self.named(indent + 1, "fallback", &step.fallback);
        if !step.compensate.is_empty() {
            self.line(indent + 1, "compensate:");
            self.steps(indent + 2, &step.compensate);
        }
    }

    fn named(&mut self, indent: usize, key: &str, named: &[(String, Expr)]) {
        if named.is_empty() {
            return;
        }
        self.line(indent, &format!("{key}:"));
        for (name, value) in named {
            self.line(indent + 1, &format!("{name}: {}", scalar(value)));
        }
    }

    fn operation(&mut self, indent: usize, operation: &Operation) {
        match operation {
            Operation::Require(condition, code, message) => {
                let (condition, message) = (scalar(condition), message.text());
                let text = format!("condition: {condition}, fail: {code}, message: {message}");
                self.line(indent, &format!("parameters: {{ {text} }}"));
            }
            Operation::Compute { bindings: named, .. } | Operation::Update(named) => {
                self.named(indent, "parameters", named);
            }
            Operation::Next(named) | Operation::Break(named) | Operation::Return(named) => {
                if named.is_empty() {
                    self.line(indent, "parameters: {}");
                }
                self.named(indent, "parameters", named);
            }
            Operation::Assert(condition) => {
                self.line(indent, &format!("parameters: {{ condition: {} }}", scalar(condition)));
            }
            Operation::Choose { cases, otherwise } => {
                self.line(indent, "parameters:");
                self.line(indent + 1, "cases:");
                for (condition, steps) in cases {
                    self.line(indent + 2, &format!("- when: {}", scalar(condition)));
                    self.block(indent + 3, "do", steps);
                }
                if let Some(steps) = otherwise {
                    self.block(indent + 1, "else", steps);
                }
            }
            Operation::Loop(body) => {
                self.line(indent, "parameters:");
                let indent = indent + 1;
                if !body.state.is_empty() {
                    self.line(indent, "state:");
                }
                for (name, ty, initial) in &body.state {
                    let initial = scalar(initial);
                    let text = match ty {
                        Some(ty) => {
                            let ty = quote(&self.types.text(*ty));
                            format!("{name}: {{ type: {ty}, initial: {initial} }}")
                        }
                        None => format!("{name}: {initial}"),
                    };
                    self.line(indent + 1, &text);
                }
                self.line(indent, &format!("{}: {}", body.head.0, scalar(&body.head.1)));
                self.list(indent, "invariants", &body.invariants);
                self.list(indent, "decreases", &body.decreases);
                self.block(indent, "do", &body.body);
            }
            Operation::Call(call) => self.call(indent, "function", call),
            Operation::Invoke(call) => self.call(indent, "host", call),
            Operation::Transition { on, to, bind } => {
                let bind = bind.as_ref().map(|name| format!(", bind: {name}")).unwrap_or_default();
                self.line(indent, &format!("parameters: {{ on: {on}, to: {to}{bind} }}"));
            }
            Operation::Log { level, message, fields } => {
                self.line(indent, "parameters:");
                self.line(indent + 1, &format!("level: {level}"));
                self.line(indent + 1, &format!("message: {}", message.text()));
                self.named(indent + 1, "fields", fields);
            }
            Operation::Fail(code, message) => {
                self.line(
                    indent,
                    &format!("parameters: {{ error_code: {code}, message: {} }}", message.text()),
                );
            }
        }
    }

    fn block(&mut self, indent: usize, key: &str, steps: &[Step]) {
        if steps.is_empty() {
            self.line(indent, &format!("{key}: []"));
            return;
        }
        self.line(indent, &format!("{key}:"));
        self.steps(indent + 1, steps);
    }

    fn call(&mut self, indent: usize, key: &str, call: &Call) {
        self.line(indent, "parameters:");
        let indent = indent + 1;
        self.line(indent, &format!("{key}: {}", call.callee));
        self.named(indent, "arguments", &call.arguments);
        if let Some(name) = &call.bind {
            self.line(indent, &format!("bind: {name}"));
        }
        if !call.on_error.is_empty() {
            self.line(indent, "on_error:");
        }
        for (code, steps) in &call.on_error {
            self.block(indent + 1, code, steps);
        }
    }
}

impl Operation {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Require(..) => "require",
            Self::Compute { .. } => "compute",
            Self::Assert(_) => "assert",
            Self::Choose { .. } => "choose",
            Self::Loop(_) => "loop",
            Self::Next(_) => "next",
            Self::Break(_) => "break",
            Self::Call(_) => "call",
            Self::Invoke(_) => "invoke",
            Self::Update(_) => "update",
            Self::Transition { .. } => "transition",
            Self::Log { .. } => "log",
            Self::Return(_) => "return",
            Self::Fail(..) => "fail",
        }
    }
}

impl Message {
    fn text(&self) -> String {
        let mut out = String::new();
        for (text, expression) in &self.0 {
            out.push_str(&text.replace('{', "{{").replace('}', "}}"));
            if let Some(expression) = expression {
                let _ = write!(out, "{{{}}}", expression.to_text());
            }
        }
        quote(&out)
    }
}

fn scalar(expression: &Expr) -> String {
    quote(&expression.to_text())
}

/// A YAML scalar: in double quotes where the text has single ones, so that both kinds are read.
fn quote(text: &str) -> String {
    let plain = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    if plain {
        text.to_owned()
    } else if text.contains('\'') {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        format!("'{text}'")
    }
}
