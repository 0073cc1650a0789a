//! Flows: the steps of a function.

use std::collections::BTreeSet;

use super::author::{Author, Variable};
use super::comprehensions::flatten;
use super::contracts::Place;
use super::expression::{Expr, level};
use super::program::{Call, Function, HostOperation, Input, Loop, Message, Operation, StateVariable, Step};
use super::types::{Field, Kind, Ty};

/// What steps may reach.
#[derive(Clone, Debug)]
pub(crate) struct Reach<'a> {
    pub(crate) functions: &'a [Function],
    pub(crate) host: &'a [HostOperation],
    pub(crate) state: &'a [StateVariable],
}

/// Writes the flow of one function.
#[derive(Debug)]
pub(crate) struct Flow<'a> {
    pub(crate) author: &'a mut Author,
    pub(crate) reach: Reach<'a>,
    pub(crate) success: Vec<Field>,
    pub(crate) errors: Vec<String>,
    pub(crate) uses_state: bool,
    pub(crate) lemma: bool,
    /// May be called in contracts, so it has no effects at all.
    pub(crate) pure: bool,
    pub(crate) capabilities: BTreeSet<String>,
    /// State of the innermost loop, the counter of a `while` first.
    loop_state: Option<(Vec<Variable>, Option<String>)>,
    depth: usize,
    compensating: bool,
    steps: usize,
}

impl<'a> Flow<'a> {
    pub(crate) fn new(
        author: &'a mut Author,
        reach: Reach<'a>,
        success: Vec<Field>,
        errors: Vec<String>,
    ) -> Self {
        Self {
            author,
            reach,
            success,
            errors,
            uses_state: false,
            lemma: false,
            pure: false,
            capabilities: BTreeSet::new(),
            loop_state: None,
            depth: 0,
            compensating: false,
            steps: 0,
        }
    }

    /// A whole flow of about so many steps.
    pub(crate) fn write(&mut self, steps: usize) -> Vec<Step> {
        self.steps = steps;
        let (mut flow, leaves) = self.block(steps);
        if !leaves {
            flow.push(self.returning());
        }
        flow
    }

    /// Steps, and whether the last one leaves.
    fn block(&mut self, most: usize) -> (Vec<Step>, bool) {
        let mut steps = vec![];
        for _ in 0..most {
            if self.steps == 0 {
                break;
            }
            self.steps -= 1;
            if let Some(step) = self.step() {
                steps.push(step);
            }
        }
        (steps, false)
    }

    /// A block of its own: what it binds is gone after it.
    fn inner(&mut self, most: usize) -> Vec<Step> {
        let known = self.author.scope.len();
        self.depth += 1;
        let (mut steps, _) = self.block(most);
        if steps.is_empty() {
            steps.push(self.log());
        }
        self.depth -= 1;
        self.author.scope.truncate(known);
        steps
    }

    fn named(&mut self, operation: Operation) -> Step {
        Step::new(self.author.fresh("s"), operation)
    }

    fn budget(&mut self) -> usize {
        *self.author.random.pick(&[1, 3, 4, 6, 12])
    }

    fn condition(&mut self) -> Expr {
        let budget = self.budget();
        self.author.write(Ty::BOOLEAN, budget)
    }

    /// A step, now and then behind guards, which know nothing of what it binds.
    fn step(&mut self) -> Option<Step> {
        let guards = self.guards();
        let mut step = self.plain_step()?;
        step.guards = guards;
        Some(step)
    }

    fn plain_step(&mut self) -> Option<Step> {
        let leaves = !self.compensating && !self.lemma;
        let fails = usize::from(leaves && !self.errors.is_empty());
        let stateful = usize::from(self.uses_state && !self.lemma);
        let effects = usize::from(!self.lemma && !self.pure);
        let nests = usize::from(self.depth < 3 && !self.compensating);
        let in_loop = usize::from(self.loop_state.is_some() && leaves);
        let kind = self.author.random.weighted(&[
            14,
            3 * fails,
            3,
            4 * nests,
            4 * nests * usize::from(self.depth < 2),
            3,
            4 * effects,
            4 * stateful,
            2 * stateful,
            effects,
            2,
            2 * in_loop,
            usize::from(leaves),
            fails,
            effects,
        ]);
        Some(match kind {
            0 => self.compute(),
            1 => self.require(),
            2 => self.assert(),
            3 => self.choose(),
            4 => self.repeat(),
            5 => self.call()?,
            6 => self.invoke()?,
            7 => self.update()?,
            8 => self.transition()?,
            9 => self.log(),
            10 => self.ghost(),
            11 => self.next_or_break(),
            12 => {
                let mut step = self.returning();
                step.when = Some(self.condition());
                step
            }
            13 => {
                let mut step = self.failing();
                step.when = Some(self.condition());
                step
            }
            _ => self.local_transition()?,
        })
    }

    fn guards(&mut self) -> Vec<(Expr, String, Message)> {
        let may_fail = !self.errors.is_empty() && !self.compensating && !self.lemma;
        if !may_fail || !self.author.random.chance(8) {
            return vec![];
        }
        let condition = self.rare();
        let code = self.author.random.pick(&self.errors).clone();
        vec![(condition, code, self.message())]
    }

    /// A condition that seldom holds, so that most runs go on.
    fn rare(&mut self) -> Expr {
        let condition = self.condition();
        if self.author.random.chance(25) {
            return condition;
        }
        let other = self.condition();
        Expr::infix(Ty::BOOLEAN, level::AND, (level::AND, condition), " AND ", (level::NOT, other))
    }

    /// What the last step of a function's own block may bind again.
    fn compute(&mut self) -> Step {
        let count = 1 + self.author.random.below(3);
        let known = self.author.scope.len();
        let mut bindings = vec![];
        for _ in 0..count {
            let ty = self.author.some_type();
            let budget = self.budget();
            let (name, value) = if self.author.random.chance(6) {
                self.unnamed_collection()
            } else {
                let value = self.author.write_alone(ty, budget);
                (self.author.fresh("v"), value)
            };
            self.author.scope.push(Variable::new(name.clone(), value.ty).within(value.low, value.high));
            bindings.push((name, value));
        }
        let mut step = self.named(Operation::Compute { bindings, ghost: false });
        if self.author.random.chance(15) {
            let bound = self.author.scope.split_off(known);
            step.when = Some(self.condition());
            self.optional(bound);
        }
        step
    }

    /// A collection of records that have no name: entries and pairs.
    fn unnamed_collection(&mut self) -> (String, Expr) {
        let pool = self.author.types.pool.clone();
        let maps: Vec<Ty> =
            pool.into_iter().filter(|it| matches!(self.author.types.get(*it), Kind::Map(..))).collect();
        let name = self.author.fresh("v");
        if self.author.random.chance(50)
            && let Some(map) = maps.first()
            && let Kind::Map(key, value) = self.author.types.get(*map)
        {
            let record = self.author.types.unnamed_record(vec![("key", key), ("value", value)]);
            let ty = self.author.types.intern(Kind::Array(record));
            let argument = self.author.write_alone(*map, 5);
            return (name, Expr::call(ty, "entries", vec![argument]));
        }
        let (first, second) = (self.author.some_type(), self.author.some_type());
        let record = self.author.types.unnamed_record(vec![("first", first), ("second", second)]);
        let ty = self.author.types.intern(Kind::Array(record));
        let arrays = [first, second].map(|it| self.author.types.intern(Kind::Array(it)));
        let arguments = arrays.map(|it| self.author.write_alone(it, 5)).to_vec();
        (name, Expr::call(ty, "ZIP", arguments))
    }

    /// Makes what was bound under `when` visible as optionals.
    fn optional(&mut self, bound: Vec<Variable>) {
        for mut variable in bound {
            variable.ty = self.author.types.intern(Kind::Optional(variable.ty));
            self.author
                .scope
                .push(Variable { ghost: variable.ghost, ..Variable::new(variable.name, variable.ty) });
        }
    }

    fn ghost(&mut self) -> Step {
        let ty = self.author.some_type();
        let value = self.in_clause(|author| author.write_alone(ty, 6));
        let name = self.author.fresh("g");
        let mut variable = Variable::new(name.clone(), ty).within(value.low, value.high);
        (variable.ghost, variable.wide) = (true, true);
        self.author.scope.push(variable);
        self.named(Operation::Compute { bindings: vec![(name, value)], ghost: true })
    }

    /// Writes contract code inside a flow.
    fn in_clause<T>(&mut self, write: impl FnOnce(&mut Author) -> T) -> T {
        let old = std::mem::replace(&mut self.author.old, true);
        let careful = self.author.careful;
        self.author.careful |= self.author.random.chance(85);
        let written = self.author.in_contract(write);
        (self.author.old, self.author.careful) = (old, careful);
        written
    }

    fn require(&mut self) -> Step {
        let rare = self.rare();
        let condition = Expr::new(
            Ty::BOOLEAN,
            level::NOT,
            vec![super::expression::text("NOT "), super::expression::hole(level::NOT, rare)],
        );
        let code = self.author.random.pick(&self.errors).clone();
        let message = self.message();
        self.named(Operation::Require(condition, code, message))
    }

    fn assert(&mut self) -> Step {
        let clause = self.in_clause(|author| author.clause(Place::Flow));
        self.named(Operation::Assert(clause))
    }

    fn message(&mut self) -> Message {
        let mut parts = vec![];
        for _ in 0..self.author.random.below(3) {
            let prefix = *self.author.random.pick(&["is ", "", "not {so} ", "ünïcode 😀 "]);
            let hole = self.author.variable(|types, it| types.is_scalar(it.ty) && !it.ghost && !it.wide);
            parts.push((prefix.to_owned(), hole.map(|it| it.read())));
        }
        parts.push(("end".to_owned(), None));
        Message(parts)
    }

    fn log(&mut self) -> Step {
        let level = *self.author.random.pick(&["debug", "info", "warn", "error"]);
        let message = self.message();
        let mut fields = vec![];
        for _ in 0..self.author.random.below(3) {
            let ty = self.author.some_type();
            let value = self.author.write_alone(ty, 4);
            fields.push((self.author.fresh("l"), value));
        }
        if self.lemma || self.pure {
            return self.assert();
        }
        self.named(Operation::Log { level, message, fields })
    }

    fn returning(&mut self) -> Step {
        let budget = self.budget();
        let fields = self.success.clone();
        let values = fields.iter().map(|field| {
            self.author.budget = budget;
            (field.name.clone(), self.author.field(field.ty, field.low, field.high, budget))
        });
        let values = values.collect();
        self.named(Operation::Return(values))
    }

    fn failing(&mut self) -> Step {
        let code = self.author.random.pick(&self.errors).clone();
        let message = self.message();
        self.named(Operation::Fail(code, message))
    }

    fn choose(&mut self) -> Step {
        let count = 1 + self.author.random.below(2);
        let mut cases = vec![];
        for _ in 0..count {
            let condition = self.condition();
            let block = self.inner(3);
            cases.push((condition, block));
        }
        let mut otherwise = self.author.random.chance(70).then(|| self.inner(3));
        if let Some(otherwise) = otherwise.as_mut().filter(|_| self.author.random.chance(60)) {
            self.join(&mut cases, otherwise);
        }
        self.named(Operation::Choose { cases, otherwise })
    }

    /// Lets every branch bind a name, which is then visible after.
    fn join(&mut self, cases: &mut [(Expr, Vec<Step>)], otherwise: &mut Vec<Step>) {
        let ty = self.author.some_type();
        let name = self.author.fresh("j");
        let blocks = cases.iter_mut().map(|(_, block)| block).chain([otherwise]);
        let leaves = !self.compensating && !self.lemma && !self.errors.is_empty();
        let (mut low, mut high) = (i128::MAX, i128::MIN);
        for (position, block) in blocks.enumerate() {
            if position > 0 && leaves && self.author.random.chance(10) {
                let step = self.failing();
                block.push(step);
                continue;
            }
            let value = self.author.write_alone(ty, 6);
            (low, high) = (low.min(value.low), high.max(value.high));
            let step = self.named(Operation::Compute { bindings: vec![(name.clone(), value)], ghost: false });
            block.push(step);
        }
        self.author.scope.push(Variable::new(name, ty).within(low, high));
    }

    fn repeat(&mut self) -> Step {
        let known = self.author.scope.len();
        let mut state = vec![];
        let mut variables = vec![];
        for _ in 0..1 + self.author.random.below(3) {
            let mut ty = self.author.some_type();
            if self.author.contract && self.author.types.carries_integers(ty) {
                // In a lemma they would be unbounded at one place and not at another.
                ty = Ty::STRING;
            }
            let typed = self.author.random.chance(50);
            let initial = if typed { self.author.write(ty, 5) } else { self.author.write_alone(ty, 5) };
            let name = self.author.fresh("w");
            variables.push(Variable::new(name.clone(), ty));
            state.push((name, typed.then_some(ty), initial));
        }
        let bounded = self.author.random.chance(40);
        let (head, names, counter, decreases, mut invariants) = if bounded {
            self.counting(&mut state, &mut variables)
        } else {
            let domain = self.author.with(vec![], |author| {
                author.budget = 6;
                author.domain(None)
            });
            match domain {
                Some((domain, names)) => {
                    let head = Expr::new(Ty::BOOLEAN, 0, flatten(vec![domain]));
                    (("for", head), names, None, vec![], vec![])
                }
                None => self.counting(&mut state, &mut variables),
            }
        };
        self.author.scope.extend(variables.clone());
        if self.author.random.chance(40) {
            invariants.push(self.in_clause(|author| author.clause(Place::Flow)));
        }
        self.author.scope.extend(names);
        let outer = self.loop_state.replace((variables.clone(), counter));
        let mut body = self.looped();
        let step = self.next();
        body.push(step);
        self.loop_state = outer;
        self.author.scope.truncate(known);
        let mut step = self.named(Operation::Loop(Loop { state, head, invariants, decreases, body }));
        if self.author.random.chance(6) {
            step.when = Some(self.condition());
            self.optional(variables);
        } else {
            self.author.scope.extend(variables);
        }
        step
    }

    /// The steps of a loop, without the `next` at the end, whose names are still in scope after this.
    fn looped(&mut self) -> Vec<Step> {
        self.depth += 1;
        let (steps, _) = self.block(4);
        self.depth -= 1;
        steps
    }

    #[expect(clippy::type_complexity, reason = "the parts of a loop, taken apart at once")]
    fn counting(
        &mut self,
        state: &mut Vec<(String, Option<Ty>, Expr)>,
        variables: &mut Vec<Variable>,
    ) -> ((&'static str, Expr), Vec<Variable>, Option<String>, Vec<Expr>, Vec<Expr>) {
        let name = self.author.fresh("c");
        // Now and then long enough for memory to be reclaimed on the way.
        let long = self.depth == 0 && self.author.random.chance(4);
        let bound =
            if long { self.author.random.between(150, 900) } else { self.author.random.between(0, 6) };
        let bound = i128::from(bound);
        let counter = Variable::new(name.clone(), Ty::INTEGER).within(0, bound.max(0));
        state.push((name.clone(), None, Expr::integer(0)));
        variables.push(counter.clone());
        let below = |limit: Expr| {
            Expr::infix(
                Ty::BOOLEAN,
                level::COMPARISON,
                (level::UPDATE, counter.read()),
                " < ",
                (level::UPDATE, limit),
            )
        };
        let mut condition = below(Expr::integer(bound));
        if self.author.random.chance(30) {
            let other = self.author.with(variables.clone(), |author| author.write(Ty::BOOLEAN, 4));
            condition =
                Expr::infix(Ty::BOOLEAN, level::AND, (level::AND, condition), " AND ", (level::NOT, other));
        }
        let measure = Expr::infix(
            Ty::INTEGER,
            level::ADDITIVE,
            (level::ADDITIVE, Expr::integer(bound)),
            " - ",
            (level::MULTIPLICATIVE, counter.read()),
        );
        let invariant = super::contracts::bounds(counter.read(), 0, bound);
        (("while", condition), vec![], Some(name), vec![measure], vec![invariant])
    }

    fn new_state(&mut self) -> Vec<(String, Expr)> {
        let Some((variables, counter)) = self.loop_state.clone() else { return vec![] };
        let mut values = vec![];
        for variable in variables {
            if counter.as_ref() == Some(&variable.name) {
                let bound = Expr::infix(
                    Ty::INTEGER,
                    level::ADDITIVE,
                    (level::ADDITIVE, variable.read()),
                    " + ",
                    (level::MULTIPLICATIVE, Expr::integer(1)),
                );
                values.push((variable.name, bound));
            } else if self.author.random.chance(70) {
                let budget = self.budget();
                let value = self.author.write(variable.ty, budget);
                values.push((variable.name, value));
            }
        }
        values
    }

    fn next(&mut self) -> Step {
        let values = self.new_state();
        self.named(Operation::Next(values))
    }

    fn next_or_break(&mut self) -> Step {
        let values = self.new_state();
        let operation =
            if self.author.random.chance(50) { Operation::Next(values) } else { Operation::Break(values) };
        let mut step = self.named(operation);
        step.when = Some(self.condition());
        step
    }

    fn call(&mut self) -> Option<Step> {
        let fits: Vec<usize> = (0..self.reach.functions.len())
            .filter(|it| {
                let function = &self.reach.functions[*it];
                let lemma = function.kind == "lemma";
                (!function.uses_state || self.uses_state)
                    && (!self.lemma || lemma)
                    && (!self.compensating || !lemma)
                    && (self.depth < 2 || function.flow.len() < 4)
            })
            .collect();
        if fits.is_empty() {
            return None;
        }
        let callee = self.reach.functions[*self.author.random.pick(&fits)].clone();
        self.capabilities.extend(callee.capabilities.iter().cloned());
        let lemma = callee.kind == "lemma";
        let arguments = if lemma {
            self.in_clause(|author| arguments(author, &callee.inputs))
        } else {
            arguments(self.author, &callee.inputs)
        };
        let name = match callee.version {
            Some(version) if self.author.random.chance(50) => format!("{}_v{version}", callee.name),
            _ => callee.name.clone(),
        };
        let binds = !callee.success.is_empty() && !lemma;
        Some(self.calling(name, arguments, &callee.errors, binds.then_some(callee.record), None))
    }

    fn invoke(&mut self) -> Option<Step> {
        if self.reach.host.is_empty() {
            return None;
        }
        let position = self.author.random.below(self.reach.host.len());
        let operation = self.reach.host[position].clone();
        self.capabilities.insert(operation.capability.clone());
        let inputs: Vec<Input> = operation
            .inputs
            .iter()
            .map(|field| Input { field: field.clone(), constraints: vec![], default: None })
            .collect();
        let arguments = arguments(self.author, &inputs);
        let binds = !operation.success.is_empty();
        let retry = operation.idempotent && !operation.errors.is_empty() && self.author.random.chance(50);
        let retry = retry.then(|| (*self.author.random.pick(&[1, 2, 3]), 0));
        Some(self.calling(
            operation.name,
            arguments,
            &operation.errors,
            binds.then_some(operation.record),
            Some(retry),
        ))
    }

    /// A `call`, or an `invoke` with its retries.
    fn calling(
        &mut self,
        callee: String,
        arguments: Vec<(String, Expr)>,
        errors: &[String],
        record: Option<Ty>,
        invoke: Option<Option<(u32, u64)>>,
    ) -> Step {
        let mut bind = record.map(|ty| Variable::new(self.author.fresh("b"), ty));
        if self.author.random.chance(15) {
            bind = None;
        }
        let known = bind.as_ref().and_then(|it| {
            let ty = it.ty;
            self.author.variable(|_, it| it.ty == ty)
        });
        let fallback = known.filter(|_| !errors.is_empty() && self.author.random.chance(60));
        let mut on_error = vec![];
        let mut falls_through = false;
        for code in errors {
            let propagates = (self.errors.contains(code) && !self.compensating) || fallback.is_some();
            if propagates && self.author.random.chance(55) {
                continue;
            }
            let leaves = !self.compensating && !self.lemma && self.author.random.chance(40);
            let mut steps = if self.author.random.chance(60) { self.inner(2) } else { vec![] };
            if leaves {
                let known = self.author.scope.len();
                let last = if self.errors.is_empty() || self.author.random.chance(60) {
                    self.returning()
                } else {
                    self.failing()
                };
                self.author.scope.truncate(known);
                steps.push(last);
            } else {
                falls_through = true;
            }
            on_error.push((code.clone(), steps));
        }
        let call = Call { callee, arguments, bind: bind.as_ref().map(|it| it.name.clone()), on_error };
        let operation = if invoke.is_some() { Operation::Invoke(call) } else { Operation::Call(call) };
        let mut step = self.named(operation);
        step.retry = invoke.flatten();
        if let (Some(bind), Some(known)) = (&bind, fallback) {
            step.fallback = vec![(bind.name.clone(), known.read())];
        }
        if self.depth == 0 && !self.compensating && !self.lemma && self.author.random.chance(15) {
            self.compensating = true;
            let outer = self.author.scope.len();
            self.author.scope.extend(bind.clone().filter(|_| !falls_through));
            step.compensate = self.inner(2);
            self.author.scope.truncate(outer);
            self.compensating = false;
        }
        let conditional = !falls_through && step.compensate.is_empty() && self.author.random.chance(12);
        if conditional {
            step.when = Some(self.condition());
        }
        match bind {
            Some(bind) if conditional || falls_through => self.optional(vec![bind]),
            bind => self.author.scope.extend(bind),
        }
        step
    }

    fn update(&mut self) -> Option<Step> {
        let mut values = vec![];
        for variable in self.reach.state {
            if self.author.random.chance(60) {
                let field = &variable.field;
                self.author.budget = 8;
                values.push((field.name.clone(), self.author.field(field.ty, field.low, field.high, 8)));
            }
        }
        if values.is_empty() {
            return None;
        }
        let mut step = self.named(Operation::Update(values));
        if self.author.random.chance(15) {
            step.when = Some(self.condition());
        }
        Some(step)
    }

    fn transition(&mut self) -> Option<Step> {
        let types = &self.author.types;
        let variable =
            self.reach.state.iter().find(|it| matches!(types.get(it.field.ty), Kind::Machine(_)))?;
        self.moving(&Variable::new(variable.field.name.clone(), variable.field.ty), None)
    }

    fn local_transition(&mut self) -> Option<Step> {
        let variable =
            self.author.variable(|types, it| matches!(types.get(it.ty), Kind::Machine(_)) && !it.ghost)?;
        let name = self.author.fresh("m");
        self.moving(&variable, Some(name))
    }

    fn moving(&mut self, on: &Variable, bind: Option<String>) -> Option<Step> {
        let Kind::Machine(index) = self.author.types.get(on.ty) else { return None };
        let machine = self.author.types.machines[index].clone();
        let (_, to) = *self.author.random.pick(&machine.transitions);
        let target = machine.states[to].clone();
        let mut step =
            self.named(Operation::Transition { on: on.name.clone(), to: target, bind: bind.clone() });
        let conditional = self.author.careful || self.author.random.chance(30);
        if conditional {
            let sources = machine.transitions.iter().filter(|(_, it)| *it == to);
            let tests: Vec<String> =
                sources.map(|(from, _)| format!("{} == {}", on.name, machine.states[*from])).collect();
            step.when =
                Some(Expr::new(Ty::BOOLEAN, level::OR, vec![super::expression::text(tests.join(" OR "))]));
        }
        if let Some(name) = bind {
            let bound = Variable::new(name, on.ty);
            if conditional { self.optional(vec![bound]) } else { self.author.scope.push(bound) }
        }
        Some(step)
    }
}

/// A value for each input; those with a default may be left out.
fn arguments(author: &mut Author, inputs: &[Input]) -> Vec<(String, Expr)> {
    let mut values = vec![];
    for Input { field, default, .. } in inputs {
        if default.is_some() && author.random.chance(50) {
            continue;
        }
        author.budget = 6;
        values.push((field.name.clone(), author.field(field.ty, field.low, field.high, 6)));
    }
    values
}
