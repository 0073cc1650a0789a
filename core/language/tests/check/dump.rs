//! A compact text of typed trees: one line a step, expressions as `operator(operands)`, types where the
//! checker has decided something.

use std::fmt::Write as _;

use anrf_format::module::Module;
use anrf_format::semantic::{
    Binder, Block, Clause, Domain, ExprId, ExprKind, Exprs, Function, Local, LocalId, LocalsRef, LoopHead,
    Operation, TransitionTarget,
};
use anrf_format::types::{TypeId, TypeTable};
use anrf_format::value::Value;

/// The whole module.
pub(crate) fn module(module: &Module) -> String {
    let mut text = String::new();
    for variable in &module.semantic.state {
        let name = module.types.name(variable.type_id);
        writeln!(text, "state {}: {name} = {}", variable.name, value(&variable.initial)).unwrap();
    }
    for (index, clause) in module.semantic.invariants.iter().enumerate() {
        writeln!(text, "invariant {index}: {}", Tree::of_clause(module, clause).root()).unwrap();
    }
    for function in &module.semantic.functions {
        dump_function(module, function, &mut text);
    }
    text
}

/// The only expression of the last function: its first binding, or its postcondition.
pub(crate) fn subject(module: &Module, condition: bool) -> String {
    let function = module.semantic.functions.last().unwrap();
    if condition {
        let post = &function.contract.postconditions[0];
        let root = Tree::of_clause(module, &post.clause).root();
        return if post.success_only { format!("{root} (on success)") } else { root };
    }
    let Operation::Compute { bindings, .. } = &function.steps[0].operation else { return String::new() };
    let (local, value) = bindings[0];
    let tree = Tree {
        module,
        types: &module.types,
        exprs: &function.exprs,
        locals: (&function.locals).into(),
        root: value,
    };
    format!("{} : {}", tree.root(), tree.type_name(function.locals[local.0 as usize].type_id))
}

fn dump_function(module: &Module, function: &Function, text: &mut String) {
    writeln!(text, "function {}", function.node_id()).unwrap();
    for input in &function.inputs {
        for clause in &input.constraints {
            writeln!(text, "  constraint: {}", Tree::of_clause(module, clause).root()).unwrap();
        }
    }
    for clause in &function.contract.preconditions {
        writeln!(text, "  pre: {}", Tree::of_clause(module, clause).root()).unwrap();
    }
    for post in &function.contract.postconditions {
        let kind = if post.success_only { "post on success" } else { "post" };
        writeln!(text, "  {kind}: {}", Tree::of_clause(module, &post.clause).root()).unwrap();
    }
    for clause in &function.contract.invariants {
        writeln!(text, "  invariant: {}", Tree::of_clause(module, clause).root()).unwrap();
    }
    if !function.module_invariants.is_empty() {
        writeln!(text, "  module invariants: {:?}", function.module_invariants).unwrap();
    }
    let tree = Tree {
        module,
        types: &module.types,
        exprs: &function.exprs,
        locals: (&function.locals).into(),
        root: ExprId(0),
    };
    dump_block(&tree, function, &function.body, 1, text);
}

fn dump_block(tree: &Tree<'_>, function: &Function, block: &Block, depth: usize, text: &mut String) {
    let pad = "  ".repeat(depth);
    for id in block {
        let step = &function.steps[id.0 as usize];
        if let Some(when) = &step.when {
            let bound: Vec<String> = when
                .bound
                .iter()
                .map(|(a, b)| format!("{} as {}", tree.local(*a), tree.typed_local(*b)))
                .collect();
            writeln!(text, "{pad}when {} [{}]", tree.expr(when.condition), bound.join(", ")).unwrap();
        }
        for guard in &step.guards {
            let message = tree.expr(guard.message);
            writeln!(text, "{pad}guard {} -> {} {message}", tree.expr(guard.fail_when), guard.error_code)
                .unwrap();
        }
        write!(text, "{pad}{}: ", step.name).unwrap();
        dump_operation(tree, function, &step.operation, depth, text);
        if let Some(retry) = step.retry {
            writeln!(text, "{pad}  retry {} after {} ms", retry.times, retry.backoff_ms).unwrap();
        }
        if let Some(fallback) = &step.fallback {
            for (local, value) in fallback {
                writeln!(text, "{pad}  fallback {} = {}", tree.local(*local), tree.expr(*value)).unwrap();
            }
        }
        if !step.compensate.is_empty() {
            writeln!(text, "{pad}  compensate").unwrap();
            dump_block(tree, function, &step.compensate, depth + 2, text);
        }
    }
}

fn dump_operation(
    tree: &Tree<'_>,
    function: &Function,
    operation: &Operation,
    depth: usize,
    text: &mut String,
) {
    let pad = "  ".repeat(depth + 1);
    let assigned = |values: &[(LocalId, ExprId)]| {
        let values =
            values.iter().map(|(local, value)| format!("{} = {}", tree.local(*local), tree.expr(*value)));
        values.collect::<Vec<_>>().join(", ")
    };
    match operation {
        Operation::Require { condition, error_code, message } => {
            let message = tree.expr(*message);
            writeln!(text, "require {} else {error_code} {message}", tree.expr(*condition)).unwrap();
        }
        Operation::Compute { bindings, ghost } => {
            let ghost = if *ghost { "ghost " } else { "" };
            writeln!(text, "{ghost}{}", assigned(bindings)).unwrap();
        }
        Operation::Assert(condition) => writeln!(text, "assert {}", tree.expr(*condition)).unwrap(),
        Operation::Choose { cases, otherwise, joined } => {
            writeln!(text, "choose").unwrap();
            for (condition, block) in cases {
                writeln!(text, "{pad}case {}", tree.expr(*condition)).unwrap();
                dump_block(tree, function, block, depth + 2, text);
            }
            if let Some(block) = otherwise {
                writeln!(text, "{pad}else").unwrap();
                dump_block(tree, function, block, depth + 2, text);
            }
            for (local, branches) in joined {
                let branches: Vec<String> =
                    branches.iter().map(|it| it.map_or("-".into(), |it| tree.local(it))).collect();
                writeln!(text, "{pad}join {} = {}", tree.typed_local(*local), branches.join(" | ")).unwrap();
            }
        }
        Operation::Loop(repeated) => {
            let head = match &repeated.head {
                LoopHead::For(binder) => format!("for {}", tree.binder(binder)),
                LoopHead::While(condition) => format!("while {}", tree.expr(*condition)),
            };
            writeln!(text, "loop [{}] {head}", assigned(&repeated.state)).unwrap();
            for invariant in &repeated.invariants {
                writeln!(text, "{pad}invariant {}", tree.expr(*invariant)).unwrap();
            }
            for measure in &repeated.decreases {
                writeln!(text, "{pad}decreases {}", tree.expr(*measure)).unwrap();
            }
            dump_block(tree, function, &repeated.body, depth + 1, text);
        }
        Operation::Next(values) => writeln!(text, "next {}", assigned(values)).unwrap(),
        Operation::Break(values) => writeln!(text, "break {}", assigned(values)).unwrap(),
        Operation::Call(call) | Operation::Invoke(call) => {
            let word = if matches!(operation, Operation::Call(_)) { "call" } else { "invoke" };
            let arguments: Vec<String> = call.arguments.iter().map(|it| tree.expr(*it)).collect();
            write!(text, "{word} {}({})", call.callee, arguments.join(", ")).unwrap();
            if let Some(bind) = call.bind {
                write!(text, " as {}", tree.typed_local(bind.local)).unwrap();
            }
            if !call.propagated.is_empty() {
                write!(text, " propagates {:?}", call.propagated).unwrap();
            }
            writeln!(text).unwrap();
            for (code, block) in &call.on_error {
                writeln!(text, "{pad}on {code}").unwrap();
                dump_block(tree, function, block, depth + 2, text);
            }
        }
        Operation::Update(values) => {
            let values: Vec<String> = values
                .iter()
                .map(|(variable, value)| format!("state{variable} = {}", tree.expr(*value)))
                .collect();
            writeln!(text, "update {}", values.join(", ")).unwrap();
        }
        Operation::Transition { machine, from, to, target } => {
            let machine = &tree.types.machines[*machine as usize];
            let target = match target {
                TransitionTarget::State(variable, fields) => format!("state{variable}{fields:?}"),
                TransitionTarget::Local(local) => tree.typed_local(*local),
            };
            let to = &machine.states[*to as usize];
            writeln!(text, "transition {} to {}.{to} into {target}", tree.expr(*from), machine.name).unwrap();
        }
        Operation::Log { level, message, fields } => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name} = {}", tree.expr(*value))).collect();
            writeln!(text, "log {level:?} {} [{}]", tree.expr(*message), fields.join(", ")).unwrap();
        }
        Operation::Return(values) => {
            let values: Vec<String> = values.iter().map(|it| tree.expr(*it)).collect();
            writeln!(text, "return {}", values.join(", ")).unwrap();
        }
        Operation::Fail { error_code, message } => {
            writeln!(text, "fail {error_code} {}", tree.expr(*message)).unwrap();
        }
    }
}

struct Tree<'m> {
    module: &'m Module,
    types: &'m TypeTable,
    exprs: &'m Exprs,
    locals: LocalsRef<'m>,
    root: ExprId,
}

fn value(value: &Value) -> String {
    match value {
        Value::Boolean(it) => it.to_string().to_uppercase(),
        Value::Integer(it) => it.to_string(),
        Value::Decimal(it) => format!("{it}d"),
        Value::Float(it) => format!("{it}f"),
        Value::String(it) => format!("'{it}'"),
        Value::Enum(it) => it.clone(),
        Value::Timestamp(it) => it.to_string(),
        other => format!("{other:?}"),
    }
}

impl<'m> Tree<'m> {
    fn of_clause(module: &'m Module, clause: &'m Clause) -> Self {
        let Clause { exprs, root, locals } = clause;
        Self { module, types: &module.types, exprs, locals: locals.all(), root: *root }
    }

    fn local_of(&self, local: LocalId) -> &'m Local {
        self.locals.get(local).unwrap()
    }

    fn root(&self) -> String {
        self.expr(self.root)
    }

    fn local(&self, local: LocalId) -> String {
        format!("{}%{}", self.local_of(local).name, local.0)
    }

    fn typed_local(&self, local: LocalId) -> String {
        format!("{}: {}", self.local(local), self.type_name(self.local_of(local).type_id))
    }

    fn type_name(&self, type_id: TypeId) -> String {
        if type_id == TypeId::UNBOUNDED { "unbounded".into() } else { self.types.name(type_id) }
    }

    fn binder(&self, binder: &Binder) -> String {
        let index = binder.index.map(|it| format!(" at {}", self.local(it))).unwrap_or_default();
        let domain = match binder.domain {
            Domain::Range(low, high) => format!("{}..{}", self.expr(low), self.expr(high)),
            Domain::Array(array) => self.expr(array),
        };
        format!("{}{index} in {domain}", self.typed_local(binder.element))
    }

    fn list(&self, ids: &[ExprId]) -> String {
        ids.iter().map(|id| self.expr(*id)).collect::<Vec<_>>().join(", ")
    }

    fn over(&self, binders: &[Binder], filter: Option<ExprId>) -> String {
        let binders: Vec<String> = binders.iter().map(|it| self.binder(it)).collect();
        let filter = filter.map(|it| format!(" if {}", self.expr(it))).unwrap_or_default();
        format!("for {}{filter}", binders.join(", "))
    }

    fn expr(&self, id: ExprId) -> String {
        let node = &self.exprs[id];
        let typed = self.type_name(node.type_id);
        match &node.kind {
            ExprKind::Literal(literal) if node.type_id == TypeId::UNBOUNDED => format!("{}u", value(literal)),
            ExprKind::Literal(literal) => value(literal),
            ExprKind::BigInteger(digits) => format!("{digits}u"),
            ExprKind::Local(local) => self.local(*local),
            ExprKind::State(variable) => format!("@{}", self.module.semantic.state[*variable as usize].name),
            ExprKind::Result(field) => format!("result{field}"),
            ExprKind::ResultRecord => "result".into(),
            ExprKind::Old(inner) => format!("old({})", self.expr(*inner)),
            ExprKind::Success => "success".into(),
            ExprKind::Failed(code) => format!("failed{code}"),
            ExprKind::Calls(operation) => format!("calls{operation}"),
            ExprKind::Unary(operator, a) => format!("{operator:?}({})", self.expr(*a)),
            ExprKind::Binary(operator, a, b) => format!("{operator:?}({}, {})", self.expr(*a), self.expr(*b)),
            ExprKind::Widen(a) => format!("widen({})", self.expr(*a)),
            ExprKind::Narrow { value, saturate } => {
                let word = if *saturate { "clamp" } else { "narrow" };
                format!("{word}({})", self.expr(*value))
            }
            ExprKind::Field(a, field) => format!("{}.{field}", self.expr(*a)),
            ExprKind::Index(a, b) => format!("{}[{}]", self.expr(*a), self.expr(*b)),
            ExprKind::Lookup(a, b) => format!("{}[[{}]]", self.expr(*a), self.expr(*b)),
            ExprKind::Slice(a, b, c) => format!("{}[{}..{}]", self.expr(*a), self.expr(*b), self.expr(*c)),
            ExprKind::Record(fields) => format!("{typed}({})", self.list(fields)),
            ExprKind::Variant(case, fields) => format!("{typed}#{case}({})", self.list(fields)),
            ExprKind::Array(items) => format!("{typed}[{}]", self.list(items)),
            ExprKind::Set(items) => format!("{typed}[{}]", self.list(items)),
            ExprKind::Map(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(k, v)| format!("{}: {}", self.expr(*k), self.expr(*v))).collect();
                format!("{typed}{{{}}}", entries.join(", "))
            }
            ExprKind::Some(a) => format!("SOME({})", self.expr(*a)),
            ExprKind::None => format!("NONE:{typed}"),
            ExprKind::WithFields(a, fields) => {
                let fields: Vec<String> =
                    fields.iter().map(|(f, v)| format!("{f}: {}", self.expr(*v))).collect();
                format!("with({}, {})", self.expr(*a), fields.join(", "))
            }
            ExprKind::WithElements(a, items) | ExprKind::WithEntries(a, items) => {
                let items: Vec<String> =
                    items.iter().map(|(k, v)| format!("[{}] = {}", self.expr(*k), self.expr(*v))).collect();
                format!("with({}, {})", self.expr(*a), items.join(", "))
            }
            ExprKind::WithMember(a, b) => format!("with({}, {})", self.expr(*a), self.expr(*b)),
            ExprKind::Without(a, b) => format!("without({}, {})", self.expr(*a), self.expr(*b)),
            ExprKind::If(a, b, c) => format!("if({}, {}, {})", self.expr(*a), self.expr(*b), self.expr(*c)),
            ExprKind::Let(local, a, b) => {
                format!("let({} = {}, {})", self.typed_local(*local), self.expr(*a), self.expr(*b))
            }
            ExprKind::MatchOptional(a, local, some, none) => {
                let (some, none) = (self.expr(*some), self.expr(*none));
                format!("match({}, {} => {some}, none => {none})", self.expr(*a), self.local(*local))
            }
            ExprKind::MatchVariant(a, arms) => {
                let arms = arms.iter().map(|arm| {
                    let bound: Vec<String> = arm
                        .bindings
                        .iter()
                        .map(|(f, local)| format!("{f} as {}", self.local(*local)))
                        .collect();
                    format!("[{}] => {}", bound.join(", "), self.expr(arm.body))
                });
                format!("match({}, {})", self.expr(*a), arms.collect::<Vec<_>>().join(", "))
            }
            ExprKind::MatchEnum(a, bodies) => format!("match({}, {})", self.expr(*a), self.list(bodies)),
            ExprKind::Quantifier(quantifier, binders, body) => {
                format!("{quantifier:?}({}: {})", self.over(binders, None), self.expr(*body))
            }
            ExprKind::ArrayComprehension(binders, filter, a) => {
                format!("[{} {}]", self.expr(*a), self.over(binders, *filter))
            }
            ExprKind::SetComprehension(binders, filter, a) => {
                format!("SET[{} {}]", self.expr(*a), self.over(binders, *filter))
            }
            ExprKind::MapComprehension(binders, filter, k, v) => {
                format!("{{{}: {} {}}}", self.expr(*k), self.expr(*v), self.over(binders, *filter))
            }
            ExprKind::Aggregate(aggregate, binders, filter, a) => {
                format!("{aggregate:?}({} {})", self.expr(*a), self.over(binders, *filter))
            }
            ExprKind::SortBy(binder, keys) => {
                let keys: Vec<String> = keys
                    .iter()
                    .map(|(key, down)| format!("{}{}", self.expr(*key), if *down { " desc" } else { "" }))
                    .collect();
                format!("sort({} by {})", self.binder(binder), keys.join(", "))
            }
            ExprKind::Call(function, arguments) => {
                let name = self.module.semantic.functions[*function as usize].node_id();
                format!("{name}({})", self.list(arguments))
            }
            ExprKind::Builtin(builtin, arguments) => {
                format!("{}({})", builtin.info().name, self.list(arguments))
            }
        }
    }
}
