//! Random modules that are typed as the checker would type them: every form of expression and step that fits.
//! A generator of this size is no proof, but each module goes through the validator, which knows what must
//! hold of the code.

use anrf_format::builtin::Builtin;
use anrf_format::semantic::*;
use anrf_format::types::{Case, Field, Machine, Type, TypeId, Variant};
use anrf_format::value::Value;

use super::{BOOLEAN, INTEGER, Nodes, STRING, Tree, UNBOUNDED, function, step};

/// The types that generated modules use.
#[derive(Clone, Copy)]
struct Ids {
    integers: TypeId,
    matrix: TypeId,
    optional: TypeId,
    map: TypeId,
    set: TypeId,
    light: TypeId,
    shape: TypeId,
    point: TypeId,
    line: TypeId,
    points: TypeId,
    answer: TypeId,
    maybe_answer: TypeId,
}

/// A linear congruential generator: tests give the same modules everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A module of three functions, a lemma, state and a host operation.
pub fn module(seed: u64) -> Tree {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
    let mut tree = Tree::default();
    let ids = declare(&mut tree);
    let field = |name: &str, type_id| Field { name: name.into(), type_id };
    tree.semantic.host.push(HostOperation {
        name: "ask".into(),
        capability: "network".into(),
        inputs: vec![field("x", INTEGER)],
        success: vec![field("value", INTEGER)],
        success_record: ids.answer,
        error_codes: vec!["busy".into(), "gone".into()],
        preconditions: vec![positive("x")],
        postconditions: vec![positive("x")],
        idempotent: true,
    });
    for index in 0..3 {
        let made = Maker::function(&mut random, ids, index);
        tree.semantic.functions.push(made);
    }
    let mut lemma = function("fact", &[("n", INTEGER)], &[], ids.answer);
    lemma.kind = FunctionKind::Lemma;
    lemma.error_codes.clear();
    lemma.locals = vec![Local { name: "n".into(), type_id: INTEGER }];
    lemma.contract.preconditions.push(positive("n"));
    tree.semantic.functions.push(lemma);
    tree
}

fn declare(tree: &mut Tree) -> Ids {
    let integers = tree.types.intern(Type::Array(INTEGER));
    let matrix = tree.types.intern(Type::Array(integers));
    let optional = tree.types.intern(Type::Optional(INTEGER));
    let map = tree.types.intern(Type::Map(STRING, INTEGER));
    let set = tree.types.intern(Type::Set(INTEGER));
    tree.types.machines.push(Machine {
        name: "Light".into(),
        states: vec!["red".into(), "green".into()],
        initial: 0,
        transitions: vec![(0, 1), (1, 0)],
    });
    let light = tree.types.intern(Type::Machine(0));
    let field = |name: &str, type_id| Field { name: name.into(), type_id };
    tree.types.variants.push(Variant {
        name: "Shape".into(),
        cases: vec![
            Case { name: "circle".into(), fields: vec![field("r", INTEGER)] },
            Case { name: "row".into(), fields: vec![field("xs", integers), field("n", INTEGER)] },
            Case { name: "dot".into(), fields: vec![] },
        ],
    });
    let shape = tree.types.intern(Type::Variant(0));
    let point =
        tree.record("Point", &[("x", INTEGER), ("xs", integers), ("light", light)], vec![positive("x")]);
    let line = tree.record("Line", &[("from", point), ("to", point)], vec![]);
    let points = tree.types.intern(Type::Array(point));
    let answer = tree.record("ask.success", &[("value", INTEGER)], vec![]);
    let maybe_answer = tree.types.intern(Type::Optional(answer));
    tree.semantic.state.push(StateVariable {
        name: "total".into(),
        owner: None,
        type_id: INTEGER,
        initial: Value::Integer(0),
        constraints: vec![state_clause(0)],
    });
    let origin = Value::Record(vec![
        ("x".into(), Value::Integer(1)),
        ("xs".into(), Value::Array(vec![])),
        ("light".into(), Value::Enum("red".into())),
    ]);
    tree.semantic.state.push(StateVariable {
        name: "spot".into(),
        owner: None,
        type_id: point,
        initial: origin,
        constraints: vec![],
    });
    tree.semantic.state.push(StateVariable {
        name: "row".into(),
        owner: None,
        type_id: integers,
        initial: Value::Array(vec![]),
        constraints: vec![],
    });
    tree.semantic.invariants.push(state_clause(0));
    Ids { integers, matrix, optional, map, set, light, shape, point, line, points, answer, maybe_answer }
}

fn positive(name: &str) -> Clause {
    let mut nodes = Nodes::default();
    let local = nodes.name(name, INTEGER);
    let value = nodes.local(local);
    let wide = nodes.widen(value);
    let zero = nodes.big(0);
    let root = nodes.binary(BinaryOperator::Greater, wide, zero);
    nodes.clause(root)
}

fn state_clause(variable: u32) -> Clause {
    let mut nodes = Nodes::default();
    let value = nodes.add(INTEGER, ExprKind::State(variable));
    let wide = nodes.widen(value);
    let zero = nodes.big(0);
    let root = nodes.binary(BinaryOperator::GreaterEqual, wide, zero);
    nodes.clause(root)
}

/// Makes one function.
struct Maker<'r> {
    random: &'r mut Random,
    ids: Ids,
    index: u32,
    nodes: Nodes,
    steps: Vec<Step>,
    /// Names in scope.
    scope: Vec<LocalId>,
    /// State of the loops around, innermost last.
    loops: Vec<Vec<LocalId>>,
    compensating: bool,
    postcondition: bool,
}

impl<'r> Maker<'r> {
    fn function(random: &'r mut Random, ids: Ids, index: u32) -> Function {
        let inputs = [
            ("n", INTEGER),
            ("xs", ids.integers),
            ("m", ids.matrix),
            ("p", ids.point),
            ("s", ids.shape),
            ("ps", ids.points),
            ("text", STRING),
        ];
        let success = [("total", INTEGER), ("spot", ids.point)];
        let mut made = function(&format!("f{index}"), &inputs, &success, ids.line);
        made.error_codes = vec!["bad".into(), "busy".into(), "gone".into()];
        made.state = vec![0, 1, 2];
        made.module_invariants = vec![0];
        made.inputs[0].constraints.push({
            let mut clause = positive("n");
            clause.locals.extend(
                inputs[1..].iter().map(|(name, type_id)| Local { name: (*name).into(), type_id: *type_id }),
            );
            clause
        });
        let mut maker = Self {
            random,
            ids,
            index,
            nodes: Nodes::default(),
            steps: vec![],
            scope: vec![],
            loops: vec![],
            compensating: false,
            postcondition: false,
        };
        for (name, type_id) in inputs {
            let local = maker.nodes.name(name, type_id);
            maker.scope.push(local);
        }
        let mut body = maker.block(3);
        if !maker.leaves(&body) {
            body.push(maker.give_back());
        }
        let inputs: Vec<LocalId> = (0..7).map(LocalId).collect();
        let (exprs, locals, steps) = (
            std::mem::take(&mut maker.nodes.exprs),
            maker.nodes.locals.clone(),
            std::mem::take(&mut maker.steps),
        );
        for success_only in [true, false] {
            maker.nodes = Nodes { exprs: Exprs::default(), locals: locals[..7].to_vec() };
            maker.scope.clone_from(&inputs);
            maker.postcondition = true;
            let root = maker.contract_condition(2);
            let root = if success_only {
                let value = maker.nodes.add(INTEGER, ExprKind::Result(0));
                let wide = maker.nodes.widen(value);
                let low = maker.nodes.big(-5);
                let more = maker.nodes.binary(BinaryOperator::Greater, wide, low);
                maker.nodes.binary(BinaryOperator::And, root, more)
            } else {
                let success = maker.nodes.add(BOOLEAN, ExprKind::Success);
                let value = maker.nodes.add(INTEGER, ExprKind::Result(0));
                let zero = maker.nodes.int(0);
                let some = maker.nodes.binary(BinaryOperator::NotEqual, value, zero);
                let guarded = maker.nodes.binary(BinaryOperator::Implies, success, some);
                let failed = maker.nodes.add(BOOLEAN, ExprKind::Failed(1));
                let either = maker.nodes.binary(BinaryOperator::Or, guarded, failed);
                maker.nodes.binary(BinaryOperator::And, root, either)
            };
            let clause = std::mem::take(&mut maker.nodes).clause(root);
            made.contract.postconditions.push(Postcondition { clause, success_only });
        }
        (made.exprs, made.locals, made.steps, made.body) = (exprs, locals, steps, body);
        let mut measure = Nodes { exprs: Exprs::default(), locals: made.locals[..7].to_vec() };
        let n = measure.local(LocalId(0));
        let root = measure.widen(n);
        made.decreases.push(measure.clause(root));
        made
    }

    fn add_step(&mut self, operation: Operation) -> StepId {
        let name = format!("s{}", self.steps.len());
        self.steps.push(step(&name, operation));
        StepId(self.steps.len() as u32 - 1)
    }

    fn give_back(&mut self) -> StepId {
        let (total, spot) = (self.expr(INTEGER, 2), self.expr(self.ids.point, 2));
        self.add_step(Operation::Return(vec![total, spot]))
    }

    /// Whether control does not come out of a block.
    fn leaves(&self, block: &[StepId]) -> bool {
        block.last().is_some_and(|id| {
            let step = &self.steps[id.0 as usize];
            step.when.is_none()
                && match &step.operation {
                    Operation::Return(_)
                    | Operation::Fail { .. }
                    | Operation::Next(_)
                    | Operation::Break(_) => true,
                    Operation::Choose { cases, otherwise: Some(otherwise), .. } => {
                        cases.iter().all(|(_, block)| self.leaves(block)) && self.leaves(otherwise)
                    }
                    _ => false,
                }
        })
    }

    fn block(&mut self, depth: usize) -> Block {
        let mut block = vec![];
        for _ in 0..1 + self.random.below(4) {
            let id = self.step(depth);
            block.push(id);
            if self.leaves(&block) {
                break;
            }
        }
        block
    }

    /// A block whose names are gone afterwards.
    fn inner(&mut self, depth: usize) -> Block {
        let names = self.scope.len();
        let block = self.block(depth);
        self.scope.truncate(names);
        block
    }

    fn step(&mut self, depth: usize) -> StepId {
        let names = self.scope.len();
        let condition = self.random.chance(20).then(|| self.expr(BOOLEAN, 2));
        let guards = if self.random.chance(15) && !self.compensating {
            vec![Guard { fail_when: self.expr(BOOLEAN, 1), error_code: 0, message: self.expr(STRING, 1) }]
        } else {
            vec![]
        };
        let id = self.operation(depth);
        let invoked =
            matches!(self.steps[id.0 as usize].operation, Operation::Invoke(_) | Operation::Compute { .. });
        if invoked && self.loops.is_empty() && !self.compensating && self.random.chance(40) {
            self.compensating = true;
            let undo = self.inner(0);
            self.compensating = false;
            self.steps[id.0 as usize].compensate = undo;
        }
        if let Some(condition) = condition {
            let mut bound = vec![];
            for local in self.scope.split_off(names) {
                // The only optionals of the table.
                let twin = match self.nodes.locals[local.0 as usize].type_id {
                    INTEGER => self.ids.optional,
                    id if id == self.ids.answer => self.ids.maybe_answer,
                    _ => continue,
                };
                bound.push((local, self.nodes.name("after", twin)));
            }
            self.scope.extend(bound.iter().map(|(_, after)| *after));
            self.steps[id.0 as usize].when = Some(When { condition, bound });
        }
        self.steps[id.0 as usize].guards = guards;
        id
    }

    /// `LET x = value IN ...`: trees share no parts, so what is used twice gets a name.
    fn named(&mut self, value: ExprId, body: impl FnOnce(&mut Self, LocalId) -> ExprId) -> ExprId {
        let type_id = self.nodes.exprs[value].type_id;
        let local = self.nodes.name("it", type_id);
        let body = body(self, local);
        let result = self.nodes.exprs[body].type_id;
        self.nodes.add(result, ExprKind::Let(local, value, body))
    }

    fn bind(&mut self, type_id: TypeId) -> LocalId {
        let local = self.nodes.name("x", type_id);
        self.scope.push(local);
        local
    }

    fn any_type(&mut self) -> TypeId {
        let ids = self.ids;
        let all = [
            INTEGER,
            INTEGER,
            BOOLEAN,
            STRING,
            ids.integers,
            ids.integers,
            ids.matrix,
            ids.optional,
            ids.map,
            ids.set,
            ids.light,
            ids.shape,
            ids.point,
            ids.point,
            ids.line,
            ids.points,
        ];
        all[self.random.below(all.len())]
    }

    fn operation(&mut self, depth: usize) -> StepId {
        let most = if self.compensating { 6 } else { 18 };
        match self.random.below(most) {
            0 | 1 => {
                let mut bindings = vec![];
                for _ in 0..1 + self.random.below(3) {
                    let type_id = self.any_type();
                    let value = self.expr(type_id, 3);
                    bindings.push((self.bind(type_id), value));
                }
                self.add_step(Operation::Compute { bindings, ghost: false })
            }
            2 => {
                let values = match self.random.below(4) {
                    0 => vec![(0, self.expr(INTEGER, 2))],
                    1 => vec![(1, self.expr(self.ids.point, 2))],
                    2 => vec![(2, self.expr(self.ids.integers, 2))],
                    _ => vec![(0, self.expr(INTEGER, 2)), (2, self.expr(self.ids.integers, 3))],
                };
                self.add_step(Operation::Update(values))
            }
            3 => {
                let from = self.nodes.add(self.ids.point, ExprKind::State(1));
                let from = self.nodes.add(self.ids.light, ExprKind::Field(from, 2));
                let target = if self.random.chance(50) {
                    TransitionTarget::State(1, vec![2])
                } else {
                    TransitionTarget::Local(self.bind(self.ids.light))
                };
                let to = self.random.below(2) as u32;
                self.add_step(Operation::Transition { machine: 0, from, to, target })
            }
            4 => {
                let message = self.expr(STRING, 1);
                let fields =
                    vec![("x".into(), self.expr(INTEGER, 1)), ("y".into(), self.expr(self.ids.point, 1))];
                self.add_step(Operation::Log { level: LogLevel::Info, message, fields })
            }
            5 => {
                let condition = self.contract_condition(2);
                self.add_step(Operation::Assert(condition))
            }
            6 | 7 => {
                let (condition, message) = (self.expr(BOOLEAN, 2), self.expr(STRING, 1));
                self.add_step(Operation::Require { condition, error_code: 0, message })
            }
            8 => {
                let value = self.contract_number(2);
                let seen = self
                    .scope
                    .iter()
                    .copied()
                    .find(|local| self.nodes.locals[local.0 as usize].type_id == self.ids.integers);
                let mut bindings = vec![(self.nodes.name("g", UNBOUNDED), value)];
                if let Some(seen) = seen {
                    let value = self.nodes.local(seen);
                    let local = self.nodes.name("snapshot", self.ids.integers);
                    bindings.push((local, value));
                }
                // Ghost names are not in scope of other expressions.
                self.add_step(Operation::Compute { bindings, ghost: true })
            }
            9 | 10 if depth > 0 => self.choose(depth - 1),
            11 | 12 if depth > 0 => self.loop_step(depth - 1),
            13 => self.call(depth),
            14 => self.invoke(depth),
            15 => {
                let arguments = vec![self.expr(INTEGER, 1)];
                self.add_step(Operation::Call(Call {
                    callee: 3,
                    arguments,
                    bind: None,
                    on_error: vec![],
                    propagated: vec![],
                }))
            }
            16 if !self.loops.is_empty() => self.go_on(),
            16 => self.give_back(),
            _ => {
                let message = self.expr(STRING, 1);
                self.add_step(Operation::Fail { error_code: 0, message })
            }
        }
    }

    fn choose(&mut self, depth: usize) -> StepId {
        let mut cases = vec![];
        let mut results = vec![];
        let branches = 1 + self.random.below(3);
        let with_else = self.random.chance(70);
        let mut otherwise = None;
        for index in 0..branches + usize::from(with_else) {
            let condition = (index < branches).then(|| self.expr(BOOLEAN, 2));
            let names = self.scope.len();
            let mut block = self.block(depth);
            if self.leaves(&block) {
                results.push(None);
            } else {
                let value = self.expr(INTEGER, 2);
                let local = self.bind(INTEGER);
                block
                    .push(self.add_step(Operation::Compute { bindings: vec![(local, value)], ghost: false }));
                results.push(Some(local));
            }
            self.scope.truncate(names);
            match condition {
                Some(condition) => cases.push((condition, block)),
                None => otherwise = Some(block),
            }
        }
        let mut joined = vec![];
        if otherwise.is_some() && results.iter().any(Option::is_some) {
            joined.push((self.bind(INTEGER), results));
        }
        self.add_step(Operation::Choose { cases, otherwise, joined })
    }

    fn loop_step(&mut self, depth: usize) -> StepId {
        let names = self.scope.len();
        let types = [INTEGER, self.ids.integers, self.ids.points, self.ids.matrix];
        let mut initial: Vec<(TypeId, ExprId)> = vec![];
        for _ in 0..1 + self.random.below(2) {
            let type_id = types[self.random.below(4)];
            initial.push((type_id, self.expr(type_id, 1)));
        }
        let domain = match self.random.below(3) {
            0 => Some(Domain::Range(self.expr(INTEGER, 1), self.expr(INTEGER, 1))),
            1 => Some(Domain::Array(self.expr(self.ids.integers, 1))),
            _ => None,
        };
        let state: Vec<(LocalId, ExprId)> =
            initial.into_iter().map(|(type_id, value)| (self.bind(type_id), value)).collect();
        let invariants = vec![self.contract_condition(2)];
        let decreases = vec![self.contract_number(1)];
        self.loops.push(state.iter().map(|(local, _)| *local).collect());
        let head = match domain {
            Some(domain) => {
                let element = self.bind(INTEGER);
                let index = matches!(domain, Domain::Array(_)).then(|| self.bind(INTEGER));
                LoopHead::For(Binder { element, index, domain })
            }
            None => LoopHead::While(self.expr(BOOLEAN, 2)),
        };
        let body = self.inner(depth);
        self.loops.pop();
        self.scope.truncate(names);
        self.scope.extend(state.iter().map(|(local, _)| *local));
        self.add_step(Operation::Loop(Loop { state, head, invariants, decreases, body }))
    }

    fn go_on(&mut self) -> StepId {
        let state = self.loops.last().cloned().unwrap_or_default();
        let mut values = vec![];
        for local in state {
            if self.random.chance(70) {
                let type_id = self.nodes.locals[local.0 as usize].type_id;
                values.push((local, self.expr(type_id, 3)));
            }
        }
        let operation =
            if self.random.chance(60) { Operation::Next(values) } else { Operation::Break(values) };
        self.add_step(operation)
    }

    fn call(&mut self, depth: usize) -> StepId {
        let ids = self.ids;
        let types = [INTEGER, ids.integers, ids.matrix, ids.point, ids.shape, ids.points, STRING];
        let arguments = types.into_iter().map(|type_id| self.expr(type_id, 1)).collect();
        let callee = self.random.below(3) as u32;
        let mut on_error = vec![];
        if depth > 0 && self.random.chance(50) {
            on_error.push((0, self.inner(depth - 1)));
        }
        let propagated = vec![(0, 0), (1, 1), (2, 2)];
        self.add_step(Operation::Call(Call { callee, arguments, bind: None, on_error, propagated }))
    }

    fn invoke(&mut self, depth: usize) -> StepId {
        let arguments = vec![self.expr(INTEGER, 1)];
        let mut on_error = vec![];
        if depth > 0 && self.random.chance(50) {
            on_error.push((1, self.inner(depth - 1)));
        }
        let optional = on_error.iter().any(|(_, block)| !self.leaves(block));
        let fallback = self.random.chance(30).then(|| {
            let value = self.expr(INTEGER, 1);
            self.nodes.add(self.ids.answer, ExprKind::Record(vec![value]))
        });
        let local = self.bind(if optional { self.ids.maybe_answer } else { self.ids.answer });
        let bind = Some(Bind { local, record: self.ids.answer, optional });
        let propagated = vec![(0, 1), (1, 2)];
        let id = self.add_step(Operation::Invoke(Call { callee: 0, arguments, bind, on_error, propagated }));
        self.steps[id.0 as usize].fallback = fallback.map(|value| vec![(local, value)]);
        if self.random.chance(40) {
            self.steps[id.0 as usize].retry = Some(Retry { times: 3, backoff_ms: 10 });
        }
        id
    }

    /// A value of a type.
    fn expr(&mut self, type_id: TypeId, depth: usize) -> ExprId {
        let named: Vec<LocalId> = self
            .scope
            .iter()
            .copied()
            .filter(|local| self.nodes.locals[local.0 as usize].type_id == type_id)
            .collect();
        if !named.is_empty() && (depth == 0 || self.random.chance(35)) {
            let local = named[self.random.below(named.len())];
            return self.nodes.local(local);
        }
        if depth > 0 && self.random.chance(25) {
            return self.wrapped(type_id, depth - 1);
        }
        let ids = self.ids;
        match type_id {
            INTEGER => self.integer(depth),
            BOOLEAN => self.boolean(depth),
            STRING => self.string(depth),
            id if id == ids.integers => self.array(id, INTEGER, depth),
            id if id == ids.matrix => self.array(id, ids.integers, depth),
            id if id == ids.points => self.array(id, ids.point, depth),
            id if id == ids.optional => match self.random.below(3) {
                0 => self.nodes.add(id, ExprKind::None),
                1 if depth > 0 => {
                    let (m, key) = (self.expr(ids.map, depth - 1), self.expr(STRING, depth - 1));
                    self.nodes.builtin(Builtin::Get, id, vec![m, key])
                }
                _ => {
                    let value = self.expr(INTEGER, depth.saturating_sub(1));
                    self.nodes.add(id, ExprKind::Some(value))
                }
            },
            id if id == ids.map => {
                let (key, value) =
                    (self.expr(STRING, depth.min(1)), self.expr(INTEGER, depth.saturating_sub(1)));
                if depth > 0 && self.random.chance(50) {
                    let base = self.expr(id, depth - 1);
                    return match self.random.below(3) {
                        0 => self.nodes.add(id, ExprKind::Without(base, key)),
                        1 => self.named(base, |maker, base| {
                            maker.named(key, |maker, key| {
                                let (base1, key1) = (maker.nodes.local(base), maker.nodes.local(key));
                                let again = maker.nodes.add(INTEGER, ExprKind::Lookup(base1, key1));
                                let more = maker.nodes.binary(BinaryOperator::Add, again, value);
                                let (base2, key2) = (maker.nodes.local(base), maker.nodes.local(key));
                                maker.nodes.add(id, ExprKind::WithEntries(base2, vec![(key2, more)]))
                            })
                        }),
                        _ => self.nodes.add(id, ExprKind::WithEntries(base, vec![(key, value)])),
                    };
                }
                if depth > 0 && self.random.chance(30) {
                    let binder = self.binder(depth);
                    let (key, value) = (self.expr(STRING, depth - 1), self.expr(INTEGER, depth - 1));
                    self.unbind(&binder);
                    return self.nodes.add(id, ExprKind::MapComprehension(vec![binder], None, key, value));
                }
                self.nodes.add(id, ExprKind::Map(vec![(key, value)]))
            }
            id if id == ids.set => {
                let value = self.expr(INTEGER, depth.saturating_sub(1));
                if depth > 0 && self.random.chance(50) {
                    let base = self.expr(id, depth - 1);
                    return self.nodes.add(id, ExprKind::WithMember(base, value));
                }
                self.nodes.add(id, ExprKind::Set(vec![value]))
            }
            id if id == ids.light => self.nodes.add(id, ExprKind::Literal(Value::Enum("green".into()))),
            id if id == ids.shape => match self.random.below(3) {
                0 => {
                    let r = self.expr(INTEGER, depth.saturating_sub(1));
                    self.nodes.add(id, ExprKind::Variant(0, vec![r]))
                }
                1 => {
                    let (xs, n) = (self.expr(ids.integers, depth.saturating_sub(1)), self.expr(INTEGER, 0));
                    self.nodes.add(id, ExprKind::Variant(1, vec![xs, n]))
                }
                _ => self.nodes.add(id, ExprKind::Variant(2, vec![])),
            },
            id if id == ids.point => self.point(depth),
            id if id == ids.line => {
                let (from, to) = (self.expr(ids.point, depth.min(1)), self.expr(ids.point, depth.min(1)));
                self.nodes.add(id, ExprKind::Record(vec![from, to]))
            }
            id if id == ids.answer => {
                let value = self.expr(INTEGER, depth.saturating_sub(1));
                self.nodes.add(id, ExprKind::Record(vec![value]))
            }
            _ => self.nodes.add(type_id, ExprKind::None),
        }
    }

    /// `IF`, `LET`, `MATCH`, and what else is there for any type.
    fn wrapped(&mut self, type_id: TypeId, depth: usize) -> ExprId {
        let ids = self.ids;
        match self.random.below(6) {
            0 => {
                let (c, a, b) =
                    (self.expr(BOOLEAN, depth), self.expr(type_id, depth), self.expr(type_id, depth));
                self.nodes.add(type_id, ExprKind::If(c, a, b))
            }
            1 => {
                let bound = self.any_type();
                let value = self.expr(bound, depth);
                let local = self.bind(bound);
                let body = self.expr(type_id, depth);
                self.scope.retain(|name| *name != local);
                self.nodes.add(type_id, ExprKind::Let(local, value, body))
            }
            2 => {
                let scrutinee = self.expr(ids.optional, depth);
                let local = self.bind(INTEGER);
                let some = self.expr(type_id, depth);
                self.scope.retain(|name| *name != local);
                let none = self.expr(type_id, depth);
                self.nodes.add(type_id, ExprKind::MatchOptional(scrutinee, local, some, none))
            }
            3 => {
                let scrutinee = self.expr(ids.shape, depth);
                let mut arms = vec![];
                for fields in [vec![(0, INTEGER)], vec![(0, ids.integers), (1, INTEGER)], vec![]] {
                    let bindings: Vec<(u32, LocalId)> =
                        fields.into_iter().map(|(field, type_id)| (field, self.bind(type_id))).collect();
                    let body = self.expr(type_id, depth);
                    self.scope.retain(|name| bindings.iter().all(|(_, local)| local != name));
                    arms.push(VariantArm { bindings, body });
                }
                self.nodes.add(type_id, ExprKind::MatchVariant(scrutinee, arms))
            }
            4 => {
                let scrutinee = self.expr(ids.light, depth);
                let bodies = vec![self.expr(type_id, depth), self.expr(type_id, depth)];
                self.nodes.add(type_id, ExprKind::MatchEnum(scrutinee, bodies))
            }
            _ if type_id == ids.point || type_id == ids.integers => {
                let xs = if type_id == ids.point { ids.points } else { ids.matrix };
                let (xs, index) = (self.expr(xs, depth), self.expr(INTEGER, 0));
                self.nodes.add(type_id, ExprKind::Index(xs, index))
            }
            _ => self.expr(type_id, depth),
        }
    }

    fn integer(&mut self, depth: usize) -> ExprId {
        use BinaryOperator as B;
        if depth == 0 {
            let value = self.random.below(9) as i64;
            return self.nodes.int(value);
        }
        let depth = depth - 1;
        let ids = self.ids;
        match self.random.below(12) {
            0..=2 => {
                let (a, b) = (self.expr(INTEGER, depth), self.expr(INTEGER, depth));
                let all = [B::Add, B::Subtract, B::Multiply, B::Divide, B::Remainder];
                self.nodes.binary(all[self.random.below(5)], a, b)
            }
            3 => {
                let a = self.expr(INTEGER, depth);
                self.nodes.add(INTEGER, ExprKind::Unary(UnaryOperator::Negate, a))
            }
            4 => {
                let (xs, i) = (self.expr(ids.integers, depth), self.expr(INTEGER, depth));
                self.nodes.add(INTEGER, ExprKind::Index(xs, i))
            }
            5 => {
                let p = self.expr(ids.point, depth);
                self.nodes.add(INTEGER, ExprKind::Field(p, 0))
            }
            6 => {
                let xs = self.expr(ids.integers, depth);
                self.nodes.builtin(Builtin::Len, INTEGER, vec![xs])
            }
            7 => {
                let o = self.expr(ids.optional, depth);
                self.nodes.builtin(Builtin::ValueOf, INTEGER, vec![o])
            }
            8 => {
                let a = self.expr(INTEGER, depth);
                let b = [Builtin::Abs, Builtin::Isqrt][self.random.below(2)];
                self.nodes.builtin(b, INTEGER, vec![a])
            }
            9 => {
                let binder = self.binder(depth);
                let filter = self.random.chance(50).then(|| self.expr(BOOLEAN, depth));
                let value = self.expr(INTEGER, depth);
                self.unbind(&binder);
                let all = [Aggregate::Sum, Aggregate::Count, Aggregate::Min, Aggregate::Max];
                let aggregate = all[self.random.below(4)];
                self.nodes.add(INTEGER, ExprKind::Aggregate(aggregate, vec![binder], filter, value))
            }
            10 => self.nodes.add(INTEGER, ExprKind::State(0)),
            _ => {
                let (m, key) = (self.expr(ids.map, depth), self.expr(STRING, depth));
                self.nodes.add(INTEGER, ExprKind::Lookup(m, key))
            }
        }
    }

    fn binder(&mut self, depth: usize) -> Binder {
        if self.random.chance(40) {
            let (low, high) = (self.expr(INTEGER, 0), self.expr(INTEGER, depth.min(1)));
            let element = self.bind(INTEGER);
            return Binder { element, index: None, domain: Domain::Range(low, high) };
        }
        let array = self.expr(self.ids.points, depth.min(1));
        let element = self.bind(self.ids.point);
        let index = self.random.chance(50).then(|| self.bind(INTEGER));
        Binder { element, index, domain: Domain::Array(array) }
    }

    fn unbind(&mut self, binder: &Binder) {
        self.scope.retain(|name| *name != binder.element && Some(*name) != binder.index);
    }

    fn boolean(&mut self, depth: usize) -> ExprId {
        use BinaryOperator as B;
        if depth == 0 {
            let value = self.random.chance(50);
            return self.nodes.add(BOOLEAN, ExprKind::Literal(Value::Boolean(value)));
        }
        let depth = depth - 1;
        match self.random.below(9) {
            0..=2 => {
                let (a, b) = (self.expr(INTEGER, depth), self.expr(INTEGER, depth));
                let all = [B::Less, B::LessEqual, B::Greater, B::GreaterEqual, B::Equal, B::NotEqual];
                self.nodes.binary(all[self.random.below(6)], a, b)
            }
            3 | 4 => {
                let (a, b) = (self.expr(BOOLEAN, depth), self.expr(BOOLEAN, depth));
                let all = [B::And, B::Or, B::Implies, B::Iff];
                self.nodes.binary(all[self.random.below(4)], a, b)
            }
            5 => {
                let a = self.expr(BOOLEAN, depth);
                self.nodes.add(BOOLEAN, ExprKind::Unary(UnaryOperator::Not, a))
            }
            6 => {
                let (x, xs) = (self.expr(INTEGER, depth), self.expr(self.ids.integers, depth));
                self.nodes.binary(B::In, x, xs)
            }
            7 => {
                let type_id = self.any_type();
                let (a, b) = (self.expr(type_id, depth), self.expr(type_id, depth));
                self.nodes.binary(B::Equal, a, b)
            }
            _ => {
                let (one, two) = (self.binder(depth), self.binder(depth));
                let body = self.expr(BOOLEAN, depth);
                self.unbind(&two);
                self.unbind(&one);
                self.nodes.add(BOOLEAN, ExprKind::Quantifier(Quantifier::Exists, vec![one, two], body))
            }
        }
    }

    fn string(&mut self, depth: usize) -> ExprId {
        if depth == 0 || self.random.chance(30) {
            return self.nodes.text("abc");
        }
        match self.random.below(4) {
            0 => {
                let (a, b) = (self.expr(STRING, depth - 1), self.expr(STRING, depth - 1));
                self.nodes.binary(BinaryOperator::Concat, a, b)
            }
            1 => {
                let a = self.expr(INTEGER, depth - 1);
                self.nodes.builtin(Builtin::ToString, STRING, vec![a])
            }
            2 => {
                let (a, i) = (self.expr(STRING, depth - 1), self.expr(INTEGER, 0));
                self.nodes.add(STRING, ExprKind::Index(a, i))
            }
            _ => {
                let (a, i, j) = (self.expr(STRING, depth - 1), self.expr(INTEGER, 0), self.expr(INTEGER, 0));
                self.nodes.builtin(Builtin::Substring, STRING, vec![a, i, j])
            }
        }
    }

    fn array(&mut self, type_id: TypeId, element: TypeId, depth: usize) -> ExprId {
        if depth == 0 {
            return self.nodes.add(type_id, ExprKind::Array(vec![]));
        }
        let depth = depth - 1;
        match self.random.below(8) {
            0 => {
                let parts = (0..self.random.below(3)).map(|_| self.expr(element, depth)).collect();
                self.nodes.add(type_id, ExprKind::Array(parts))
            }
            1 => {
                let (a, b) = (self.expr(type_id, depth), self.expr(type_id, depth));
                self.nodes.binary(BinaryOperator::Concat, a, b)
            }
            2 => {
                let (a, i, j) = (self.expr(type_id, depth), self.expr(INTEGER, 0), self.expr(INTEGER, 0));
                self.nodes.add(type_id, ExprKind::Slice(a, i, j))
            }
            3 => {
                let binder = self.binder(depth);
                let filter = self.random.chance(50).then(|| self.expr(BOOLEAN, depth));
                let value = self.expr(element, depth);
                self.unbind(&binder);
                self.nodes.add(type_id, ExprKind::ArrayComprehension(vec![binder], filter, value))
            }
            4 => {
                let array = self.expr(type_id, depth);
                let x = self.bind(element);
                let keys = vec![(self.expr(INTEGER, depth), true), (self.expr(STRING, depth), false)];
                self.scope.retain(|name| *name != x);
                let binder = Binder { element: x, index: None, domain: Domain::Array(array) };
                self.nodes.add(type_id, ExprKind::SortBy(binder, keys))
            }
            5 if type_id == self.ids.integers => self.nodes.add(type_id, ExprKind::State(2)),
            _ => {
                let (base, index) = (self.expr(type_id, depth), self.expr(INTEGER, 0));
                if self.random.chance(50) {
                    return self.named(base, |maker, base| {
                        maker.named(index, |maker, index| {
                            let (whole, at) = (maker.nodes.local(base), maker.nodes.local(index));
                            let again = maker.nodes.add(element, ExprKind::Index(whole, at));
                            let value = maker.updated(element, again, depth);
                            let (whole, at) = (maker.nodes.local(base), maker.nodes.local(index));
                            maker.nodes.add(type_id, ExprKind::WithElements(whole, vec![(at, value)]))
                        })
                    });
                }
                let value = self.expr(element, depth);
                self.nodes.add(type_id, ExprKind::WithElements(base, vec![(index, value)]))
            }
        }
    }

    /// A new value made of an old one.
    fn updated(&mut self, type_id: TypeId, old: ExprId, depth: usize) -> ExprId {
        if type_id == self.ids.integers {
            let (index, one) = (self.expr(INTEGER, 0), self.expr(INTEGER, depth.min(1)));
            return self.named(index, |maker, index| {
                maker.named(old, |maker, old| {
                    let (row, at) = (maker.nodes.local(old), maker.nodes.local(index));
                    let before = maker.nodes.add(INTEGER, ExprKind::Index(row, at));
                    let value = maker.nodes.binary(BinaryOperator::Add, before, one);
                    let (row, at) = (maker.nodes.local(old), maker.nodes.local(index));
                    maker.nodes.add(type_id, ExprKind::WithElements(row, vec![(at, value)]))
                })
            });
        }
        if type_id == self.ids.point {
            let value = self.expr(INTEGER, depth.min(1));
            return self.nodes.add(type_id, ExprKind::WithFields(old, vec![(0, value)]));
        }
        old
    }

    fn point(&mut self, depth: usize) -> ExprId {
        let ids = self.ids;
        if depth > 0 && self.random.chance(60) {
            let base = if self.random.chance(30) {
                self.nodes.add(ids.point, ExprKind::State(1))
            } else {
                self.expr(ids.point, depth - 1)
            };
            return self.named(base, |maker, base| {
                let whole = maker.nodes.local(base);
                let inner = maker.nodes.add(ids.integers, ExprKind::Field(whole, 1));
                let xs = maker.updated(ids.integers, inner, depth - 1);
                let x = maker.expr(INTEGER, depth - 1);
                let whole = maker.nodes.local(base);
                maker.nodes.add(ids.point, ExprKind::WithFields(whole, vec![(0, x), (1, xs)]))
            });
        }
        let (x, xs, light) = (self.expr(INTEGER, 0), self.expr(ids.integers, 0), self.expr(ids.light, 0));
        self.nodes.add(ids.point, ExprKind::Record(vec![x, xs, light]))
    }

    /// An unbounded integer.
    fn contract_number(&mut self, depth: usize) -> ExprId {
        use BinaryOperator as B;
        if depth == 0 {
            let value = self.random.below(9) as i64;
            return self.nodes.big(value);
        }
        match self.random.below(6) {
            0 | 1 => {
                let (a, b) = (self.contract_number(depth - 1), self.contract_number(depth - 1));
                let all = [B::Add, B::Subtract, B::Multiply, B::Divide, B::Remainder];
                self.nodes.binary(all[self.random.below(5)], a, b)
            }
            2 => {
                let old = self.nodes.add(INTEGER, ExprKind::State(0));
                let old = self.nodes.add(INTEGER, ExprKind::Old(old));
                self.nodes.widen(old)
            }
            3 => self.nodes.add(UNBOUNDED, ExprKind::Calls(0)),
            4 => {
                let row = self.nodes.add(self.ids.integers, ExprKind::State(2));
                let row = self.nodes.add(self.ids.integers, ExprKind::Old(row));
                let length = self.nodes.builtin(Builtin::Len, INTEGER, vec![row]);
                self.nodes.widen(length)
            }
            _ => {
                let value = self.expr(INTEGER, depth - 1);
                self.nodes.widen(value)
            }
        }
    }

    fn contract_condition(&mut self, depth: usize) -> ExprId {
        let (a, b) = (self.contract_number(depth), self.contract_number(depth));
        let less = self.nodes.binary(BinaryOperator::Less, a, b);
        if self.random.chance(50) {
            return less;
        }
        let binder = self.binder(1);
        let body = self.expr(BOOLEAN, 1);
        self.unbind(&binder);
        let all = self.nodes.add(BOOLEAN, ExprKind::Quantifier(Quantifier::Forall, vec![binder], body));
        self.nodes.binary(BinaryOperator::Implies, less, all)
    }
}
