//! A small language for typed trees, so that tests of lowering need no checker.
#![allow(dead_code, unreachable_pub, clippy::cast_possible_truncation)]

pub mod random;
pub mod scramble;

use anrf_format::builtin::Builtin;
use anrf_format::semantic::*;
use anrf_format::types::{Field, Record, Type, TypeId, TypeTable};
use anrf_format::value::Value;

pub const BOOLEAN: TypeId = TypeId::BOOLEAN;
pub const INTEGER: TypeId = TypeId::INTEGER;
pub const UNBOUNDED: TypeId = TypeId::UNBOUNDED;
pub const STRING: TypeId = TypeId::STRING;

#[derive(Default)]
pub struct Tree {
    pub types: TypeTable,
    pub semantic: Semantic,
}

/// Expressions of a flow or clause under construction.
#[derive(Default)]
pub struct Nodes {
    pub exprs: Exprs,
    pub locals: Vec<Local>,
}

impl Nodes {
    pub fn add(&mut self, type_id: TypeId, kind: ExprKind) -> ExprId {
        self.exprs.nodes.push(Expr { type_id, kind });
        ExprId(self.exprs.nodes.len() as u32 - 1)
    }

    pub fn name(&mut self, name: &str, type_id: TypeId) -> LocalId {
        self.locals.push(Local { name: name.into(), type_id });
        LocalId(self.locals.len() as u32 - 1)
    }

    pub fn local(&mut self, local: LocalId) -> ExprId {
        let type_id = self.locals[local.0 as usize].type_id;
        self.add(type_id, ExprKind::Local(local))
    }

    pub fn int(&mut self, value: i64) -> ExprId {
        self.add(INTEGER, ExprKind::Literal(Value::Integer(value)))
    }

    pub fn big(&mut self, value: i64) -> ExprId {
        self.add(UNBOUNDED, ExprKind::Literal(Value::Integer(value)))
    }

    pub fn text(&mut self, value: &str) -> ExprId {
        self.add(STRING, ExprKind::Literal(Value::String(value.into())))
    }

    pub fn widen(&mut self, value: ExprId) -> ExprId {
        self.add(UNBOUNDED, ExprKind::Widen(value))
    }

    pub fn binary(&mut self, operator: BinaryOperator, a: ExprId, b: ExprId) -> ExprId {
        use BinaryOperator as B;
        let arithmetic =
            matches!(operator, B::Add | B::Subtract | B::Multiply | B::Divide | B::Remainder | B::Concat);
        let type_id = if arithmetic { self.exprs[a].type_id } else { BOOLEAN };
        self.add(type_id, ExprKind::Binary(operator, a, b))
    }

    pub fn builtin(&mut self, builtin: Builtin, type_id: TypeId, arguments: Vec<ExprId>) -> ExprId {
        self.add(type_id, ExprKind::Builtin(builtin, arguments))
    }

    pub fn clause(self, root: ExprId) -> Clause {
        Clause { exprs: self.exprs, root, locals: self.locals.into() }
    }
}

pub fn step(name: &str, operation: Operation) -> Step {
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

pub fn function(
    name: &str,
    inputs: &[(&str, TypeId)],
    success: &[(&str, TypeId)],
    record: TypeId,
) -> Function {
    let field = |(name, type_id): &(&str, TypeId)| Field { name: (*name).into(), type_id: *type_id };
    Function {
        name: name.into(),
        version: Some(1),
        kind: FunctionKind::Algorithm,
        imported_from: None,
        inputs: inputs
            .iter()
            .map(|(name, type_id)| Input {
                name: (*name).into(),
                type_id: *type_id,
                default: None,
                constraints: vec![],
            })
            .collect(),
        success: success.iter().map(field).collect(),
        success_record: record,
        error_codes: vec!["bad".into()],
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

impl Tree {
    pub fn record(&mut self, name: &str, fields: &[(&str, TypeId)], constraints: Vec<Clause>) -> TypeId {
        let fields =
            fields.iter().map(|(name, type_id)| Field { name: (*name).into(), type_id: *type_id }).collect();
        self.types.records.push(Record { name: name.into(), fields, constraints });
        let index = self.types.records.len() as u32 - 1;
        self.types.intern(Type::Record(index))
    }
}

/// Adds the numbers of an array below a bound that is required to be positive.
pub fn sum_module() -> Tree {
    let mut tree = Tree::default();
    let integers = tree.types.intern(Type::Array(INTEGER));
    let record = tree.record("sum.success", &[("total", INTEGER)], vec![]);
    let mut made = function("sum", &[("xs", integers), ("most", INTEGER)], &[("total", INTEGER)], record);
    let mut nodes = Nodes::default();
    let (xs, most) = (nodes.name("xs", integers), nodes.name("most", INTEGER));
    let total = nodes.name("total", INTEGER);
    let x = nodes.name("x", INTEGER);
    let i = nodes.name("i", INTEGER);

    let (m, zero) = (nodes.local(most), nodes.int(0));
    let condition = nodes.binary(BinaryOperator::Greater, m, zero);
    let message = nodes.text("must be positive");
    let initial = nodes.int(0);
    let (array, t) = (nodes.local(xs), nodes.local(total));
    let wide = nodes.widen(t);
    let low = nodes.big(0);
    let invariant = nodes.binary(BinaryOperator::GreaterEqual, wide, low);
    let (t, e) = (nodes.local(total), nodes.local(x));
    let next = nodes.binary(BinaryOperator::Add, t, e);
    let (t, m) = (nodes.local(total), nodes.local(most));
    let over = nodes.binary(BinaryOperator::Greater, t, m);
    let result = nodes.local(total);

    let mut stop = step("stop", Operation::Break(vec![]));
    stop.when = Some(When { condition: over, bound: vec![] });
    made.steps = vec![
        step("positive", Operation::Require { condition, error_code: 0, message }),
        step(
            "add",
            Operation::Loop(Loop {
                state: vec![(total, initial)],
                head: LoopHead::For(Binder { element: x, index: Some(i), domain: Domain::Array(array) }),
                invariants: vec![invariant],
                decreases: vec![],
                body: vec![StepId(2), StepId(3)],
            }),
        ),
        stop,
        step("more", Operation::Next(vec![(total, next)])),
        step("done", Operation::Return(vec![result])),
    ];
    made.body = vec![StepId(0), StepId(1), StepId(4)];
    made.exprs = nodes.exprs;
    made.locals = nodes.locals;

    let mut post = Nodes::default();
    post.name("xs", integers);
    post.name("most", INTEGER);
    let value = post.add(INTEGER, ExprKind::Result(0));
    let wide = post.widen(value);
    let low = post.big(0);
    let root = post.binary(BinaryOperator::GreaterEqual, wide, low);
    made.contract.postconditions.push(Postcondition { clause: post.clause(root), success_only: true });
    let mut pre = Nodes::default();
    let xs = pre.name("xs", integers);
    pre.name("most", INTEGER);
    let x = pre.name("x", INTEGER);
    let array = pre.local(xs);
    let element = pre.local(x);
    let wide = pre.widen(element);
    let low = pre.big(0);
    let body = pre.binary(BinaryOperator::GreaterEqual, wide, low);
    let binder = Binder { element: x, index: None, domain: Domain::Array(array) };
    let root = pre.add(BOOLEAN, ExprKind::Quantifier(Quantifier::Forall, vec![binder], body));
    made.contract.preconditions.push(pre.clause(root));
    tree.semantic.functions.push(made);
    tree
}
