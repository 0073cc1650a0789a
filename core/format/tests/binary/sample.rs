//! A module made by hand that has something of every list.
#![allow(dead_code, reason = "each test file uses a part")]

use anrf_format::binary::{decode, encode};
use anrf_format::builtin::Builtin;
use anrf_format::diagnostic::Span;
use anrf_format::execution::{
    self, BlockId, FaultKind, Instruction, Op, Origin, Place, Role, Terminator, ValueId,
};
use anrf_format::module::{FunctionMeta, Intent, IntentConstraint, Module, Source};
use anrf_format::semantic::{
    AuditLevel, BinaryOperator, Binder, Call, Clause, Contract, Domain, Example, Expected, ExpectedValue,
    Expr, ExprId, ExprKind, Exprs, Function, FunctionKind, Guard, HostAnswer, HostOperation, Input, Local,
    LocalId, LogLevel, Loop, LoopHead, Operation, Performance, Postcondition, Quantifier, Retry, Security,
    StateVariable, Step, StepId, TransitionTarget, When,
};
use anrf_format::source_map::{CodeMap, FunctionMap, links};
use anrf_format::types::{Case, Field, Machine, Record, Type, TypeId, Variant};
use anrf_format::value::Value;

const INTEGER: TypeId = TypeId::INTEGER;
const BOOLEAN: TypeId = TypeId::BOOLEAN;
const DECIMAL: TypeId = TypeId::DECIMAL;
const STRING: TypeId = TypeId::STRING;

/// Index of the function that calls `double`.
pub(crate) const PAY: u32 = 1;
/// Index of the function that `pay` calls.
pub(crate) const DOUBLE: u32 = 0;
/// Index of a function that nothing refers to.
pub(crate) const OTHER: u32 = 2;

/// Expressions, children first.
#[derive(Default)]
pub(crate) struct Tree(Exprs);

impl Tree {
    pub(crate) fn add(&mut self, type_id: TypeId, kind: ExprKind) -> ExprId {
        self.0.nodes.push(Expr { type_id, kind });
        ExprId(u32::try_from(self.0.nodes.len() - 1).unwrap())
    }

    pub(crate) fn integer(&mut self, number: i64) -> ExprId {
        self.add(INTEGER, ExprKind::Literal(Value::Integer(number)))
    }

    pub(crate) fn text(&mut self, text: &str) -> ExprId {
        self.add(STRING, ExprKind::Literal(Value::String(text.into())))
    }

    pub(crate) fn local(&mut self, type_id: TypeId, local: u32) -> ExprId {
        self.add(type_id, ExprKind::Local(LocalId(local)))
    }

    pub(crate) fn binary(
        &mut self,
        type_id: TypeId,
        operator: BinaryOperator,
        a: ExprId,
        b: ExprId,
    ) -> ExprId {
        self.add(type_id, ExprKind::Binary(operator, a, b))
    }
}

fn local(name: &str, type_id: TypeId) -> Local {
    Local { name: name.into(), type_id }
}

fn field(name: &str, type_id: TypeId) -> Field {
    Field { name: name.into(), type_id }
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

/// `first >= 0`, of decimals.
fn not_negative(first: ExprKind, locals: Vec<Local>) -> Clause {
    let mut tree = Tree::default();
    let left = tree.add(DECIMAL, first);
    let right = tree.add(DECIMAL, ExprKind::Literal(decimal("0")));
    let root = tree.binary(BOOLEAN, BinaryOperator::GreaterEqual, left, right);
    Clause { exprs: tree.0, root, locals: locals.into() }
}

fn step(name: &str, operation: Operation) -> Step {
    Step {
        name: name.into(),
        when: None,
        guards: vec![],
        operation,
        retry: None,
        fallback: None,
        compensate: vec![],
    }
}

fn function(name: &str, module: &mut Module, success: Vec<Field>) -> Function {
    module.types.records.push(Record {
        name: format!("{name}.success"),
        fields: success.clone(),
        constraints: vec![],
    });
    let record = u32::try_from(module.types.records.len() - 1).unwrap();
    Function {
        name: name.into(),
        version: Some(1),
        kind: FunctionKind::Algorithm,
        imported_from: None,
        inputs: vec![],
        success,
        success_record: module.types.intern(Type::Record(record)),
        error_codes: vec![],
        state: vec![],
        module_invariants: vec![],
        contract: Contract::default(),
        decreases: vec![],
        locals: vec![],
        exprs: Exprs::default(),
        steps: vec![],
        body: vec![],
        examples: vec![],
        performance: Performance::default(),
        security: Security::default(),
    }
}

fn input(name: &str, type_id: TypeId) -> Input {
    Input { name: name.into(), type_id, default: None, constraints: vec![] }
}

/// `double(n) = n + n`, or a triple for the one that nobody calls.
fn double(module: &mut Module, name: &str, times: i64) -> Function {
    let mut function = function(name, module, vec![field("result", INTEGER)]);
    function.inputs = vec![input("n", INTEGER)];
    function.locals = vec![local("n", INTEGER)];
    let mut tree = Tree::default();
    let n = tree.local(INTEGER, 0);
    let factor = tree.integer(times);
    let product = tree.binary(INTEGER, BinaryOperator::Multiply, n, factor);
    function.exprs = tree.0;
    function.steps = vec![step("done", Operation::Return(vec![product]))];
    function.body = vec![StepId(0)];
    function
}

#[expect(clippy::too_many_lines, reason = "one value of every kind, in order")]
fn pay(module: &mut Module, machine: TypeId, numbers: TypeId) -> Function {
    let mut function = function("pay", module, vec![field("paid", DECIMAL), field("steps", INTEGER)]);
    function.kind = FunctionKind::Workflow;
    function.inputs = vec![input("amount", DECIMAL), input("numbers", numbers)];
    function.inputs[0].constraints = vec![not_negative(
        ExprKind::Local(LocalId(0)),
        vec![local("amount", DECIMAL), local("numbers", numbers)],
    )];
    function.inputs[1].default = Some(Value::Array(vec![Value::Integer(1)]));
    function.error_codes = vec!["declined".into(), "too_much".into()];
    function.state = vec![0, 1];
    function.module_invariants = vec![0];
    function.locals = vec![
        local("amount", DECIMAL),
        local("numbers", numbers),
        local("twice", INTEGER),
        local("charged", module.types.intern(Type::Record(1))),
        local("total", INTEGER),
        local("x", INTEGER),
    ];
    let around = function.locals[..2].to_vec();
    let mut condition = Tree::default();
    let list = condition.local(numbers, 1);
    let (x, zero) = (condition.local(INTEGER, 2), condition.integer(0));
    let positive = condition.binary(BOOLEAN, BinaryOperator::Greater, x, zero);
    let binder = Binder { element: LocalId(2), index: None, domain: Domain::Array(list) };
    let root = condition.add(BOOLEAN, ExprKind::Quantifier(Quantifier::Forall, vec![binder], positive));
    let locals = [&around[..], &[local("x", INTEGER)]].concat().into();
    function.contract.preconditions = vec![Clause { exprs: condition.0, root, locals }];
    function.contract.postconditions =
        vec![Postcondition { clause: not_negative(ExprKind::Result(0), around.clone()), success_only: true }];
    function.contract.invariants = vec![not_negative(ExprKind::State(0), around.clone())];
    let mut measure = Tree::default();
    let root = measure.add(TypeId::UNBOUNDED, ExprKind::BigInteger("99999999999999999999".into()));
    function.decreases = vec![Clause { exprs: measure.0, root, locals: around.clone().into() }];

    let mut tree = Tree::default();
    let amount = tree.local(DECIMAL, 0);
    let limit = tree.add(DECIMAL, ExprKind::Literal(decimal("1000.50")));
    let small = tree.binary(BOOLEAN, BinaryOperator::LessEqual, amount, limit);
    let message = tree.text("too much");
    let is_large = tree.add(BOOLEAN, ExprKind::Literal(Value::Boolean(false)));
    let guard_message = tree.text("never");
    let mut require = step("check", Operation::Require { condition: small, error_code: 1, message });
    require.guards = vec![Guard { fail_when: is_large, error_code: 1, message: guard_message }];
    let numbers_value = tree.local(numbers, 1);
    let length = tree.add(INTEGER, ExprKind::Builtin(Builtin::Len, vec![numbers_value]));
    let twice = tree.add(INTEGER, ExprKind::Call(DOUBLE, vec![length]));
    let compute = step("twice", Operation::Compute { bindings: vec![(LocalId(2), twice)], ghost: false });
    let (start, zero) = (tree.integer(0), tree.local(numbers, 1));
    let (total, x) = (tree.local(INTEGER, 4), tree.local(INTEGER, 5));
    let sum = tree.binary(INTEGER, BinaryOperator::Add, total, x);
    let next = step("add", Operation::Next(vec![(LocalId(4), sum)]));
    let head = LoopHead::For(Binder { element: LocalId(5), index: None, domain: Domain::Array(zero) });
    let looping = Loop {
        state: vec![(LocalId(4), start)],
        head,
        invariants: vec![],
        decreases: vec![],
        body: vec![StepId(3)],
    };
    let looping = step("sum", Operation::Loop(looping));
    let again = tree.local(DECIMAL, 0);
    let call = Call {
        callee: 0,
        arguments: vec![again],
        bind: None,
        on_error: vec![(0, vec![StepId(5)])],
        propagated: vec![],
    };
    let mut invoke = step("charge", Operation::Invoke(call));
    invoke.retry = Some(Retry { times: 2, backoff_ms: 10 });
    let declined = tree.text("declined");
    let fail = step("declined", Operation::Fail { error_code: 0, message: declined });
    let (balance, paid) = (tree.add(DECIMAL, ExprKind::State(0)), tree.local(DECIMAL, 0));
    let after = tree.binary(DECIMAL, BinaryOperator::Add, balance, paid);
    let update = step("book", Operation::Update(vec![(0, after)]));
    let from = tree.add(machine, ExprKind::State(1));
    let transition = step(
        "ship",
        Operation::Transition { machine: 0, from, to: 1, target: TransitionTarget::State(1, vec![]) },
    );
    let (log_message, log_value) = (tree.text("paid"), tree.local(DECIMAL, 0));
    let mut log = step(
        "log",
        Operation::Log {
            level: LogLevel::Info,
            message: log_message,
            fields: vec![("amount".into(), log_value)],
        },
    );
    let always = tree.add(BOOLEAN, ExprKind::Literal(Value::Boolean(true)));
    log.when = Some(When { condition: always, bound: vec![] });
    let (paid, count) = (tree.local(DECIMAL, 0), tree.local(INTEGER, 4));
    let done = step("done", Operation::Return(vec![paid, count]));
    function.exprs = tree.0;
    function.steps = vec![require, compute, looping, next, invoke, fail, update, transition, log, done];
    function.body = [0, 1, 2, 4, 6, 7, 8, 9].map(StepId).to_vec();
    function.examples = vec![
        Example {
            inputs: vec![decimal("1.5"), Value::Array(vec![])],
            state: vec![(0, decimal("3"))],
            host: vec![(0, vec![HostAnswer::Error("declined".into(), "no".into())])],
            expected: Expected::Failure { error_code: Some("declined".into()), message: None },
            state_after: vec![(0, ExpectedValue::Whole(decimal("3")))],
        },
        Example {
            inputs: vec![decimal("1.5"), Value::Array(vec![])],
            state: vec![],
            host: vec![(0, vec![HostAnswer::Success(vec![Value::String("c1".into())])])],
            expected: Expected::Success(vec![(
                0,
                ExpectedValue::Fields(vec![("x".into(), ExpectedValue::Whole(decimal("1")))]),
            )]),
            state_after: vec![],
        },
        Example {
            inputs: vec![decimal("-1"), Value::Array(vec![])],
            state: vec![],
            host: vec![],
            expected: Expected::Fault(FaultKind::ConstraintViolation),
            state_after: vec![],
        },
    ];
    function.performance = Performance { timeout_seconds: Some(1), ..Performance::default() };
    function.security = Security {
        capabilities_required: vec!["payment.charge".into()],
        denied_capabilities: vec![],
        sensitive_data: false,
        audit_level: AuditLevel::Basic,
    };
    function
}

/// The module.
pub(crate) fn module() -> Module {
    let mut module = Module::default();
    module.meta.name = "shop".into();
    module.meta.language_version = 1;
    let types = &mut module.types;
    types.machines.push(Machine {
        name: "Order".into(),
        states: vec!["open".into(), "shipped".into()],
        initial: 0,
        transitions: vec![(0, 1)],
    });
    let machine = types.intern(Type::Machine(0));
    let numbers = types.intern(Type::Array(INTEGER));
    types.records.push(Record {
        name: "Account".into(),
        fields: vec![field("id", STRING), field("balance", DECIMAL)],
        constraints: vec![not_negative(
            ExprKind::Local(LocalId(1)),
            vec![local("id", STRING), local("balance", DECIMAL)],
        )],
    });
    types.records.push(Record {
        name: "charge.success".into(),
        fields: vec![field("id", STRING)],
        constraints: vec![],
    });
    let account = types.intern(Type::Record(0));
    let answer = types.intern(Type::Record(1));
    types.variants.push(Variant {
        name: "Shape".into(),
        cases: vec![Case { name: "holder".into(), fields: vec![field("of", account)] }],
    });
    types.intern(Type::Variant(0));
    types.intern(Type::Enum(vec!["a".into(), "b".into()]));
    types.intern(Type::Map(STRING, DECIMAL));
    types.aliases.push(("Cents".into(), INTEGER));
    module.semantic.state = vec![
        StateVariable {
            name: "balance".into(),
            owner: None,
            type_id: DECIMAL,
            initial: decimal("0"),
            constraints: vec![not_negative(ExprKind::State(0), vec![])],
        },
        StateVariable {
            name: "stage".into(),
            owner: None,
            type_id: machine,
            initial: Value::Enum("open".into()),
            constraints: vec![],
        },
    ];
    module.semantic.invariants = vec![not_negative(ExprKind::State(0), vec![])];
    module.semantic.host = vec![HostOperation {
        name: "charge".into(),
        capability: "payment.charge".into(),
        inputs: vec![field("amount", DECIMAL)],
        success: vec![field("id", STRING)],
        success_record: answer,
        error_codes: vec!["declined".into()],
        preconditions: vec![not_negative(ExprKind::Local(LocalId(0)), vec![local("amount", DECIMAL)])],
        postconditions: vec![],
        idempotent: true,
    }];
    let double_function = double(&mut module, "double", 2);
    let pay_function = pay(&mut module, machine, numbers);
    let other = double(&mut module, "triple", 3);
    module.semantic.functions = vec![double_function, pay_function, other];
    module.intent.module = Some(Intent { text: "Sell things.".into(), ..Intent::default() });
    module.intent.functions = vec![Intent::default(); 3];
    module.intent.functions[1].constraints = vec![IntentConstraint {
        text: "never negative".into(),
        tag: Some("money".into()),
        formal: Some("paid >= 0".into()),
    }];
    module.meta.functions = vec![FunctionMeta::default(); 3];
    module.meta.functions[1].tags = vec!["money".into()];
    lower(&mut module);
    module.source = Source { name: "shop.vsp".into(), text: "# a comment\nmodule: shop\n".into() };
    module.other = vec![(9, vec![1, 2, 3]), (12, vec![]), (4_000_000_000, b"a host's own".to_vec())];
    module
}

/// Something in the execution layer and the source map; not what lowering makes.
fn lower(module: &mut Module) {
    let origin = Origin { step: Some(StepId(0)), place: Place::Expr(ExprId(2)) };
    module.execution.constants = vec![(DECIMAL, decimal("1000.50"))];
    module.execution.functions = vec![execution::Function {
        role: Role::Body(0),
        values: vec![INTEGER, INTEGER],
        parameters: 1,
        returns: vec![INTEGER],
        blocks: vec![execution::Block {
            region: None,
            parameters: vec![ValueId(0)],
            instructions: vec![
                Instruction { op: Op::Enter, result: None },
                Instruction { op: Op::Immediate(2), result: Some(ValueId(1)) },
                Instruction { op: Op::Leave, result: None },
            ],
            terminator: Terminator::Return(vec![ValueId(1)]),
            on_fault: None,
        }],
        regions: vec![execution::Region { entry: BlockId(0), parent: None }],
        obligations: vec![],
        loops: vec![],
        decreases: vec![],
    }];
    let place = Span::new(3, 9);
    let functions = module.semantic.functions.iter().map(|function| FunctionMap {
        function: place,
        name: place,
        steps: vec![place; function.steps.len()],
        exprs: vec![place; function.exprs.nodes.len()],
        inputs: vec![place; function.inputs.len()],
        examples: vec![place; function.examples.len()],
    });
    module.source_map.functions = functions.collect();
    let clauses = links::clauses_of(module).into_iter();
    let mut clauses: Vec<_> =
        clauses.map(|(reference, clause)| (reference, vec![place; clause.exprs.nodes.len()])).collect();
    clauses.sort();
    module.source_map.clauses = clauses;
    module.source_map.execution = vec![CodeMap { blocks: vec![vec![origin; 4]] }];
}

/// The module as a file.
pub(crate) fn packed() -> Vec<u8> {
    let bytes = encode(&module()).unwrap();
    assert!(decode(&bytes).is_ok(), "the sample is well formed");
    bytes
}
