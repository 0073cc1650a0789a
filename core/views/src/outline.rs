//! What a view says, before it is drawn: nested items that every emitter renders in its own way.

use anrf_format::diagnostic::Span;
use anrf_format::execution::{ClauseRef, Origin, Place};
use anrf_format::line_index::{LineIndex, Position};
use anrf_format::module::Module;
use anrf_format::semantic::{
    Block, Call, Clause, ExprId, Function, LocalId, LogLevel, LoopHead, Operation, Step, StepId,
    TransitionTarget,
};
use anrf_format::types::Field;

use crate::expression::Scope;
use crate::verdicts::{Mark, Verdicts};
use crate::{Level, View};

/// One item of an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// One thing that happens.
    Line(Line),
    /// Items under a heading: a loop, a handler, a section.
    Group(Line, Vec<Item>),
    /// Alternatives, each under its condition.
    Branch(Line, Vec<(String, Vec<Item>)>),
}

/// A text, at the code level its place in the source, and what is proved of it, if there is a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) place: Option<Position>,
    pub(crate) mark: Option<Mark>,
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self { text, place: None, mark: None }
    }
}

/// Everything that a view says of one function.
pub(crate) struct Outline {
    /// `transfer_funds_v1(from: Account) -> ...`
    pub(crate) signature: String,
    /// What it is for.
    pub(crate) intent: String,
    /// Headings with their lines: requires, ensures, capabilities.
    pub(crate) facts: Vec<(&'static str, Vec<Line>)>,
    /// The flow; empty at the summary level.
    pub(crate) flow: Vec<Item>,
    /// The function's verdict, if there is a report.
    pub(crate) verdict: Option<Mark>,
}

/// The outline of a function.
pub(crate) fn outline(module: &Module, index: usize, view: &View<'_>) -> Outline {
    let level = view.level;
    let function = &module.semantic.functions[index];
    let scope = Scope::of_function(module, function);
    let verdicts = view.found(module, index).map(Verdicts::new);
    let lines = LineIndex::new(&module.source.text);
    let writer = Writer { module, function, scope, level, index, lines, verdicts };
    let contract = &function.contract;
    let number = u32::try_from(index).unwrap_or(u32::MAX);
    let clause = |clause: &Clause, reference: ClauseRef| Line {
        mark: writer.mark(Origin { step: None, place: Place::Clause(reference, clause.root) }),
        ..scope.clause(clause).text(clause.root).into()
    };
    // That a caller keeps to a demand is proved where it calls.
    let demand = |line: Line| Line { mark: line.mark.map(Mark::of_demand), ..line };
    let mut requires = vec![];
    for (input, declared) in (0..).zip(&function.inputs) {
        let constraints = (0..).zip(&declared.constraints);
        requires.extend(constraints.map(|(at, known)| clause(known, ClauseRef::Input(number, input, at))));
    }
    let preconditions = (0..).zip(&contract.preconditions);
    requires.extend(preconditions.map(|(at, known)| clause(known, ClauseRef::Precondition(number, at))));
    let requires: Vec<Line> = requires.into_iter().map(demand).collect();
    let ensures = (0..).zip(&contract.postconditions);
    let ensures = ensures.map(|(at, known)| clause(&known.clause, ClauseRef::Postcondition(number, at)));
    let keeps = (0..).zip(&contract.invariants);
    let keeps = keeps.map(|(at, known)| clause(known, ClauseRef::Invariant(number, at)));
    let plain = |texts: &[String]| texts.iter().cloned().map(Line::from).collect();
    let facts = vec![
        ("requires", requires),
        ("ensures", ensures.collect()),
        ("keeps", keeps.collect()),
        ("fails with", plain(&function.error_codes)),
        (
            "reads and writes",
            function
                .state
                .iter()
                .filter_map(|index| {
                    let variable = module.semantic.state.get(*index as usize)?;
                    Some(format!("{}: {}", variable.name, module.types.name(variable.type_id)).into())
                })
                .collect(),
        ),
        ("capabilities", plain(&function.security.capabilities_required)),
        ("denied", plain(&function.security.denied_capabilities)),
    ];
    let intent = module.intent.functions.get(index).map(|intent| intent.text.clone()).unwrap_or_default();
    let flow = if level == Level::Summary { vec![] } else { writer.block(&function.body) };
    Outline {
        signature: writer.signature(),
        intent,
        facts: facts.into_iter().filter(|(_, lines)| !lines.is_empty()).collect(),
        flow,
        // The flow is told first: what it does not tell is the function's.
        verdict: writer.verdicts.as_ref().map(Verdicts::of_function),
    }
}

struct Writer<'a> {
    module: &'a Module,
    function: &'a Function,
    scope: Scope<'a>,
    level: Level,
    index: usize,
    lines: LineIndex,
    verdicts: Option<Verdicts<'a>>,
}

impl Item {
    /// The line that stands first.
    fn line(&mut self) -> &mut Line {
        match self {
            Self::Line(line) | Self::Group(line, _) | Self::Branch(line, _) => line,
        }
    }
}

impl Writer<'_> {
    fn signature(&self) -> String {
        let types = &self.module.types;
        let inputs: Vec<String> = self
            .function
            .inputs
            .iter()
            .map(|input| format!("{}: {}", input.name, types.name(input.type_id)))
            .collect();
        format!(
            "{}({}) -> {}",
            self.function.node_id(),
            inputs.join(", "),
            self.fields(&self.function.success)
        )
    }

    fn fields(&self, fields: &[Field]) -> String {
        if fields.is_empty() {
            return "nothing".into();
        }
        let fields: Vec<String> = fields
            .iter()
            .map(|field| format!("{}: {}", field.name, self.module.types.name(field.type_id)))
            .collect();
        format!("{{ {} }}", fields.join(", "))
    }

    fn block(&self, block: &Block) -> Vec<Item> {
        block.iter().flat_map(|id| self.step(*id)).collect()
    }

    fn line(&self, id: StepId, text: String) -> Line {
        let map = self.module.source_map.functions.get(self.index);
        let span = map.and_then(|map| map.steps.get(id.0 as usize)).copied();
        let place = span.filter(|span| self.level == Level::Code && *span != Span::default());
        Line { text, place: place.map(|span| self.lines.position(span.start)), mark: None }
    }

    /// What is found at a place.
    fn mark(&self, origin: Origin) -> Option<Mark> {
        let number = u32::try_from(self.index).unwrap_or(u32::MAX);
        self.verdicts.as_ref()?.within(self.module.source_map.span(number, origin))
    }

    /// A line about an expression of the flow.
    fn about(&self, expression: ExprId, text: String) -> Item {
        let mark = self.mark(Origin { step: None, place: Place::Expr(expression) });
        Item::Line(Line { mark, ..text.into() })
    }

    fn step(&self, id: StepId) -> Vec<Item> {
        let Some(step) = self.function.steps.get(id.0 as usize) else { return vec![] };
        let mut items: Vec<Item> = step
            .guards
            .iter()
            .map(|guard| {
                let condition = self.scope.text(guard.fail_when);
                let (code, message) = (self.code(guard.error_code), self.scope.message(guard.message));
                Item::Line(self.line(id, format!("{}: if {condition} fail {code} {message:?}", step.name)))
            })
            .collect();
        items.extend(self.operation(id, step));
        // What stands in the blocks inside has been told there.
        if let (Some(verdicts), Some(first)) = (&self.verdicts, items.first_mut()) {
            first.line().mark = verdicts.of_step(&step.name);
        }
        if let Some(retry) = step.retry {
            let text = format!("retry {} times, waiting {} ms", retry.times, retry.backoff_ms);
            items.push(Item::Line(text.into()));
        }
        for (local, value) in step.fallback.iter().flatten() {
            items.push(Item::Line(format!("otherwise {}", self.binding(*local, *value)).into()));
        }
        if !step.compensate.is_empty() {
            let heading = format!("if a later step fails, undo {}", step.name);
            items.push(Item::Group(heading.into(), self.block(&step.compensate)));
        }
        match &step.when {
            None => items,
            Some(when) => {
                let heading = Line::from(format!("{}?", step.name));
                vec![Item::Branch(heading, vec![(format!("if {}", self.scope.text(when.condition)), items)])]
            }
        }
    }

    fn code(&self, index: u32) -> &str {
        self.function.error_codes.get(index as usize).map_or("?", |code| code)
    }

    fn binding(&self, local: LocalId, value: ExprId) -> String {
        let name = self.scope.local(local);
        let value = self.scope.text(value);
        match self.function.locals.get(local.0 as usize) {
            Some(known) if self.level == Level::Code => {
                format!("{name}: {} = {value}", self.module.types.name(known.type_id))
            }
            _ => format!("{name} = {value}"),
        }
    }

    fn bindings(&self, values: &[(LocalId, ExprId)]) -> String {
        let texts: Vec<String> = values.iter().map(|(local, value)| self.binding(*local, *value)).collect();
        texts.join(", ")
    }

    fn operation(&self, id: StepId, step: &Step) -> Vec<Item> {
        let scope = self.scope;
        let name = &step.name;
        let one = |text: String| vec![Item::Line(self.line(id, text))];
        match &step.operation {
            Operation::Require { condition, error_code, message } => one(format!(
                "{name}: require {} else fail {} {:?}",
                scope.text(*condition),
                self.code(*error_code),
                scope.message(*message)
            )),
            Operation::Compute { bindings, ghost } => bindings
                .iter()
                .map(|(local, value)| {
                    let ghost = if *ghost { "ghost " } else { "" };
                    Item::Line(self.line(id, format!("{ghost}{}", self.binding(*local, *value))))
                })
                .collect(),
            Operation::Assert(condition) => one(format!("{name}: assert {}", scope.text(*condition))),
            Operation::Choose { cases, otherwise, .. } => {
                let mut branches: Vec<(String, Vec<Item>)> = cases
                    .iter()
                    .map(|(condition, block)| (format!("if {}", scope.text(*condition)), self.block(block)))
                    .collect();
                branches.extend(otherwise.iter().map(|block| ("else".into(), self.block(block))));
                vec![Item::Branch(self.line(id, format!("{name}: choose")), branches)]
            }
            Operation::Loop(looping) => {
                let head = match &looping.head {
                    LoopHead::For(binder) => format!("for {}", scope.binder(binder)),
                    LoopHead::While(condition) => format!("while {}", scope.text(*condition)),
                };
                let mut items = vec![];
                if !looping.state.is_empty() {
                    items.push(Item::Line(format!("state {}", self.bindings(&looping.state)).into()));
                }
                items.extend(
                    looping
                        .invariants
                        .iter()
                        .map(|id| self.about(*id, format!("invariant {}", scope.text(*id)))),
                );
                items.extend(
                    looping
                        .decreases
                        .iter()
                        .map(|id| self.about(*id, format!("decreases {}", scope.text(*id)))),
                );
                items.extend(self.block(&looping.body));
                vec![Item::Group(self.line(id, format!("{name}: {head}")), items)]
            }
            Operation::Next(values) if values.is_empty() => one(format!("{name}: next")),
            Operation::Next(values) => one(format!("{name}: next with {}", self.bindings(values))),
            Operation::Break(values) if values.is_empty() => one(format!("{name}: break")),
            Operation::Break(values) => one(format!("{name}: break with {}", self.bindings(values))),
            Operation::Call(call) => {
                let callee = self.module.semantic.functions.get(call.callee as usize);
                let codes = callee.map_or(&[][..], |callee| &callee.error_codes);
                let inputs =
                    callee.map(|callee| callee.inputs.iter().map(|input| input.name.clone()).collect());
                self.call(id, name, "call", callee.map_or("?", |callee| &callee.name), inputs, codes, call)
            }
            Operation::Invoke(call) => {
                let callee = self.module.semantic.host.get(call.callee as usize);
                let codes = callee.map_or(&[][..], |callee| &callee.error_codes);
                let inputs =
                    callee.map(|callee| callee.inputs.iter().map(|input| input.name.clone()).collect());
                self.call(id, name, "invoke", callee.map_or("?", |callee| &callee.name), inputs, codes, call)
            }
            Operation::Update(values) => {
                let texts: Vec<String> = values
                    .iter()
                    .map(|(index, value)| {
                        let variable = self.module.semantic.state.get(*index as usize);
                        format!(
                            "{} = {}",
                            variable.map_or("?", |variable| &variable.name),
                            scope.text(*value)
                        )
                    })
                    .collect();
                one(format!("{name}: update {}", texts.join(", ")))
            }
            Operation::Transition { machine, from, to, target } => {
                let machine = self.module.types.machines.get(*machine as usize);
                let to =
                    machine.and_then(|machine| machine.states.get(*to as usize)).map_or("?", |state| state);
                let bound = match target {
                    TransitionTarget::Local(local) => format!(" as {}", scope.local(*local)),
                    TransitionTarget::State(..) => String::new(),
                };
                one(format!("{name}: move {} to {to}{bound}", scope.text(*from)))
            }
            Operation::Log { level, message, fields } => {
                let level = match level {
                    LogLevel::Debug => "debug",
                    LogLevel::Info => "info",
                    LogLevel::Warn => "warn",
                    LogLevel::Error => "error",
                };
                let fields: Vec<String> =
                    fields.iter().map(|(name, value)| format!(", {name} = {}", scope.text(*value))).collect();
                one(format!("{name}: log {level} {:?}{}", scope.message(*message), fields.concat()))
            }
            Operation::Return(values) => {
                let fields: Vec<String> = self
                    .function
                    .success
                    .iter()
                    .zip(values)
                    .map(|(field, value)| format!("{}: {}", field.name, scope.text(*value)))
                    .collect();
                one(format!("{name}: return {}", fields.join(", ")).trim_end().to_owned())
            }
            Operation::Fail { error_code, message } => {
                one(format!("{name}: fail {} {:?}", self.code(*error_code), scope.message(*message)))
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "calls and invocations differ in where their callee's names stand"
    )]
    fn call(
        &self,
        id: StepId,
        name: &str,
        verb: &str,
        callee: &str,
        inputs: Option<Vec<String>>,
        codes: &[String],
        call: &Call,
    ) -> Vec<Item> {
        let arguments: Vec<String> = inputs
            .unwrap_or_default()
            .iter()
            .zip(&call.arguments)
            .map(|(input, value)| format!("{input}: {}", self.scope.text(*value)))
            .collect();
        let bound = call.bind.map_or(String::new(), |bind| format!("{} = ", self.scope.local(bind.local)));
        let line = self.line(id, format!("{name}: {bound}{verb} {callee}({})", arguments.join(", ")));
        if call.on_error.is_empty() {
            return vec![Item::Line(line)];
        }
        let handlers = call.on_error.iter().map(|(code, block)| {
            let code = codes.get(*code as usize).map_or("?", |code| code);
            (format!("on {code}"), self.block(block))
        });
        vec![Item::Branch(line, handlers.collect())]
    }
}
