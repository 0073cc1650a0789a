//! Typed expressions as the language writes them, with the parentheses that precedence needs and no more.

use anrf_format::data::to_json;
use anrf_format::module::Module;
use anrf_format::semantic::{
    Aggregate, BinaryOperator, Binder, Clause, Domain, ExprId, ExprKind, Exprs, Function, LocalId, LocalsRef,
    Quantifier, UnaryOperator,
};
use anrf_format::types::TypeId;
use anrf_format::value::Value;

/// What the indices of an expression refer to.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) module: &'a Module,
    pub(crate) exprs: &'a Exprs,
    pub(crate) locals: LocalsRef<'a>,
    /// Names of success fields and error codes, of the function or host operation.
    pub(crate) success: &'a [anrf_format::types::Field],
    pub(crate) error_codes: &'a [String],
}

/// Binding strengths, loosest first (language reference, "Operators").
const OPEN: u8 = 0;
const IFF: u8 = 1;
const IMPLIES: u8 = 2;
const OR: u8 = 3;
const AND: u8 = 4;
const NOT: u8 = 5;
const COMPARE: u8 = 6;
const WITH: u8 = 8;
const ADD: u8 = 9;
const MULTIPLY: u8 = 10;
const NEGATE: u8 = 11;
const ACCESS: u8 = 12;

impl<'a> Scope<'a> {
    /// The scope of a function's flow.
    pub(crate) fn of_function(module: &'a Module, function: &'a Function) -> Self {
        Self {
            module,
            exprs: &function.exprs,
            locals: (&function.locals).into(),
            success: &function.success,
            error_codes: &function.error_codes,
        }
    }

    /// The same names around a clause with its own expressions.
    pub(crate) fn clause(self, clause: &'a Clause) -> Scope<'a> {
        Scope { exprs: &clause.exprs, locals: clause.locals.all(), ..self }
    }

    /// The text of an expression.
    pub(crate) fn text(&self, id: ExprId) -> String {
        let mut out = String::new();
        self.write(id, OPEN, &mut out);
        out
    }

    pub(crate) fn local(&self, id: LocalId) -> &'a str {
        self.locals.get(id).map_or("?", |local| &local.name)
    }

    /// A string expression as a message template: its constant pieces as they are, the rest in braces.
    pub(crate) fn message(&self, id: ExprId) -> String {
        let mut out = String::new();
        self.write_message(id, &mut out);
        out
    }

    fn write_message(&self, id: ExprId, out: &mut String) {
        match &self.exprs[id].kind {
            ExprKind::Literal(Value::String(text)) => {
                out.push_str(&text.replace('{', "{{").replace('}', "}}"))
            }
            ExprKind::Binary(BinaryOperator::Concat, left, right) => {
                self.write_message(*left, out);
                self.write_message(*right, out);
            }
            ExprKind::Builtin(anrf_format::builtin::Builtin::ToString, arguments) if arguments.len() == 1 => {
                out.push('{');
                self.write(arguments[0], OPEN, out);
                out.push('}');
            }
            _ => {
                out.push('{');
                self.write(id, OPEN, out);
                out.push('}');
            }
        }
    }

    fn write(&self, mut id: ExprId, outer: u8, out: &mut String) {
        // Coercions are not written.
        while let ExprKind::Widen(inner) | ExprKind::Narrow { value: inner, .. } = &self.exprs[id].kind {
            id = *inner;
        }
        let strength = strength(&self.exprs[id].kind);
        if strength < outer {
            out.push('(');
            self.write_bare(id, out);
            out.push(')');
        } else {
            self.write_bare(id, out);
        }
    }

    fn write_bare(&self, id: ExprId, out: &mut String) {
        let expr = &self.exprs[id];
        match &expr.kind {
            ExprKind::Literal(value) => out.push_str(&self.literal(expr.type_id, value)),
            ExprKind::BigInteger(digits) => out.push_str(digits),
            ExprKind::Local(local) => out.push_str(self.local(*local)),
            ExprKind::State(index) => {
                out.push_str(
                    self.module.semantic.state.get(*index as usize).map_or("?", |variable| &variable.name),
                );
            }
            ExprKind::Result(index) => {
                out.push_str(self.success.get(*index as usize).map_or("?", |field| &field.name));
            }
            ExprKind::ResultRecord => out.push_str("result"),
            ExprKind::Success => out.push_str("success"),
            ExprKind::None => out.push_str("NONE"),
            ExprKind::Failed(code) => {
                let code = self.error_codes.get(*code as usize).map_or("?", |code| code);
                out.extend(["failed(", code, ")"]);
            }
            ExprKind::Calls(index) => {
                let name = self.module.semantic.host.get(*index as usize).map_or("?", |host| &host.name);
                out.extend(["calls(", name, ")"]);
            }
            ExprKind::Old(inner) => self.call("old", std::slice::from_ref(inner), out),
            ExprKind::Some(inner) => self.call("SOME", std::slice::from_ref(inner), out),
            ExprKind::Call(index, arguments) => {
                let name = self
                    .module
                    .semantic
                    .functions
                    .get(*index as usize)
                    .map_or("?", |function| &function.name);
                self.call(name, arguments, out);
            }
            ExprKind::Builtin(builtin, arguments) => self.call(builtin.info().name, arguments, out),
            ExprKind::Widen(inner) | ExprKind::Narrow { value: inner, .. } => self.write_bare(*inner, out),
            ExprKind::Unary(UnaryOperator::Not, inner) => {
                out.push_str("NOT ");
                self.write(*inner, NOT, out);
            }
            ExprKind::Unary(UnaryOperator::Negate, inner) => {
                out.push('-');
                self.write(*inner, NEGATE, out);
            }
            ExprKind::Binary(operator, left, right) => {
                let own = strength(&expr.kind);
                // Comparisons do not associate; IMPLIES associates to the right, the others to the left.
                let (before, after) = match own {
                    IMPLIES => (own + 1, own),
                    COMPARE => (own + 1, own + 1),
                    _ => (own, own + 1),
                };
                self.write(*left, before, out);
                out.extend([" ", operator.symbol(), " "]);
                self.write(*right, after, out);
            }
            ExprKind::Field(base, index) => {
                self.write(*base, ACCESS, out);
                out.push('.');
                out.push_str(&self.field_name(self.exprs[*base].type_id, *index));
            }
            ExprKind::Index(base, index) | ExprKind::Lookup(base, index) => {
                self.write(*base, ACCESS, out);
                out.push('[');
                self.write(*index, OPEN, out);
                out.push(']');
            }
            ExprKind::Slice(base, from, to) => {
                self.write(*base, ACCESS, out);
                out.push('[');
                self.write(*from, WITH, out);
                out.push_str("..");
                self.write(*to, WITH, out);
                out.push(']');
            }
            ExprKind::Record(values) => {
                out.push_str(&self.module.types.name(expr.type_id));
                self.fields(
                    values.iter().enumerate().map(|(index, value)| {
                        (self.field_name(expr.type_id, u32::try_from(index).unwrap_or(u32::MAX)), *value)
                    }),
                    out,
                );
            }
            ExprKind::Variant(case, values) => {
                let case = self
                    .module
                    .types
                    .variant(expr.type_id)
                    .and_then(|variant| variant.cases.get(*case as usize));
                let Some(case) = case else { return out.push('?') };
                out.push_str(&case.name);
                self.fields(
                    case.fields.iter().map(|field| field.name.clone()).zip(values.iter().copied()),
                    out,
                );
            }
            ExprKind::Array(values) => self.list("[", values, "]", out),
            ExprKind::Set(values) => self.list("SET[", values, "]", out),
            ExprKind::Map(entries) => {
                out.push('{');
                for (position, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if position == 0 { " " } else { ", " });
                    self.write(*key, OPEN, out);
                    out.push_str(": ");
                    self.write(*value, OPEN, out);
                }
                out.push_str(if entries.is_empty() { "}" } else { " }" });
            }
            ExprKind::WithFields(base, updates) => {
                self.write(*base, WITH, out);
                out.push_str(" WITH");
                let type_id = expr.type_id;
                self.fields(
                    updates.iter().map(|(index, value)| (self.field_name(type_id, *index), *value)),
                    out,
                );
            }
            ExprKind::WithElements(base, updates) | ExprKind::WithEntries(base, updates) => {
                self.write(*base, WITH, out);
                out.push_str(" WITH ");
                for (position, (place, value)) in updates.iter().enumerate() {
                    out.push_str(if position == 0 { "[" } else { ", [" });
                    self.write(*place, OPEN, out);
                    out.push_str("] = ");
                    self.write(*value, ADD, out);
                }
            }
            ExprKind::WithMember(base, member) => self.infix(*base, " WITH ", *member, out),
            ExprKind::Without(base, key) => self.infix(*base, " WITHOUT ", *key, out),
            ExprKind::If(condition, then, otherwise) => {
                out.push_str("IF ");
                self.write(*condition, OPEN, out);
                out.push_str(" THEN ");
                self.write(*then, OPEN, out);
                out.push_str(" ELSE ");
                self.write(*otherwise, OPEN, out);
            }
            ExprKind::Let(local, value, body) => {
                out.extend(["LET ", self.local(*local), " = "]);
                self.write(*value, OPEN, out);
                out.push_str(" IN ");
                self.write(*body, OPEN, out);
            }
            ExprKind::MatchOptional(scrutinee, local, some, none) => {
                self.open_match(*scrutinee, out);
                out.extend(["SOME(", self.local(*local), ") => "]);
                self.write(*some, OPEN, out);
                out.push_str(", NONE => ");
                self.write(*none, OPEN, out);
                out.push_str(" }");
            }
            ExprKind::MatchVariant(scrutinee, arms) => {
                self.open_match(*scrutinee, out);
                let variant = self.module.types.variant(self.exprs[*scrutinee].type_id);
                for (index, arm) in arms.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    let case = variant.and_then(|variant| variant.cases.get(index));
                    out.push_str(case.map_or("?", |case| &case.name));
                    out.push_str(" { ");
                    for (position, (field, local)) in arm.bindings.iter().enumerate() {
                        out.push_str(if position == 0 { "" } else { ", " });
                        let field = case.and_then(|case| case.fields.get(*field as usize));
                        out.extend([field.map_or("?", |field| &field.name), ": ", self.local(*local)]);
                    }
                    out.push_str(" } => ");
                    self.write(arm.body, OPEN, out);
                }
                out.push_str(" }");
            }
            ExprKind::MatchEnum(scrutinee, bodies) => {
                self.open_match(*scrutinee, out);
                let symbols = self.module.types.symbols(self.exprs[*scrutinee].type_id).unwrap_or_default();
                for (index, (symbol, body)) in symbols.iter().zip(bodies).enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    out.extend([symbol, " => "]);
                    self.write(*body, OPEN, out);
                }
                out.push_str(" }");
            }
            ExprKind::Quantifier(quantifier, binders, body) => {
                out.push_str(if *quantifier == Quantifier::Forall { "FORALL " } else { "EXISTS " });
                self.binders(binders, out);
                out.push_str(": ");
                self.write(*body, OPEN, out);
            }
            ExprKind::ArrayComprehension(binders, filter, value) => {
                self.comprehension("[", &[*value], binders, *filter, "]", out);
            }
            ExprKind::SetComprehension(binders, filter, value) => {
                self.comprehension("SET[", &[*value], binders, *filter, "]", out);
            }
            ExprKind::MapComprehension(binders, filter, key, value) => {
                self.comprehension("{", &[*key, *value], binders, *filter, "}", out);
            }
            ExprKind::Aggregate(aggregate, binders, filter, value) => {
                let open = format!("{}(", aggregate_name(*aggregate));
                self.comprehension(&open, &[*value], binders, *filter, ")", out);
            }
            ExprKind::SortBy(binder, keys) => {
                out.push_str("SORT(");
                self.binders(std::slice::from_ref(binder), out);
                out.push_str(" BY ");
                for (position, (key, descending)) in keys.iter().enumerate() {
                    out.push_str(if position == 0 { "" } else { ", " });
                    self.write(*key, OPEN, out);
                    out.push_str(if *descending { " DESC" } else { "" });
                }
                out.push(')');
            }
        }
    }

    fn literal(&self, type_id: TypeId, value: &Value) -> String {
        match value {
            Value::Boolean(true) => "TRUE".into(),
            Value::Boolean(false) => "FALSE".into(),
            Value::Enum(symbol) => symbol.clone(),
            Value::Decimal(decimal) => {
                let text = decimal.to_string();
                if text.contains('.') { text } else { format!("{text}.0") }
            }
            Value::Bytes(bytes) => format!("b\"{}\"", anrf_format::encoding::hex_encode(bytes)),
            Value::Timestamp(timestamp) => format!("t\"{timestamp}\""),
            _ => to_json(&self.module.types, type_id, value),
        }
    }

    fn field_name(&self, type_id: TypeId, index: u32) -> String {
        let types = &self.module.types;
        let fields = types.record(type_id).map(|record| &record.fields);
        fields
            .and_then(|fields| fields.get(index as usize))
            .map_or_else(|| "?".into(), |field| field.name.clone())
    }

    fn call(&self, name: &str, arguments: &[ExprId], out: &mut String) {
        self.list(&format!("{name}("), arguments, ")", out);
    }

    fn list(&self, open: &str, values: &[ExprId], close: &str, out: &mut String) {
        out.push_str(open);
        for (position, value) in values.iter().enumerate() {
            out.push_str(if position == 0 { "" } else { ", " });
            self.write(*value, OPEN, out);
        }
        out.push_str(close);
    }

    fn fields(&self, fields: impl Iterator<Item = (String, ExprId)>, out: &mut String) {
        out.push_str(" {");
        for (position, (name, value)) in fields.enumerate() {
            out.push_str(if position == 0 { " " } else { ", " });
            out.extend([&name, ": "]);
            self.write(value, OPEN, out);
        }
        out.push_str(" }");
    }

    fn infix(&self, left: ExprId, operator: &str, right: ExprId, out: &mut String) {
        self.write(left, WITH, out);
        out.push_str(operator);
        self.write(right, ADD, out);
    }

    fn open_match(&self, scrutinee: ExprId, out: &mut String) {
        out.push_str("MATCH ");
        // A brace literal as scrutinee is parenthesised.
        self.write(scrutinee, ACCESS, out);
        out.push_str(" { ");
    }

    fn comprehension(
        &self,
        open: &str,
        heads: &[ExprId],
        binders: &[Binder],
        filter: Option<ExprId>,
        close: &str,
        out: &mut String,
    ) {
        out.push_str(open);
        for (position, head) in heads.iter().enumerate() {
            out.push_str(if position == 0 { "" } else { ": " });
            self.write(*head, OPEN, out);
        }
        out.push_str(" FOR ");
        self.binders(binders, out);
        if let Some(filter) = filter {
            out.push_str(" IF ");
            self.write(filter, OPEN, out);
        }
        out.push_str(close);
    }

    pub(crate) fn binder(&self, binder: &Binder) -> String {
        let mut out = String::new();
        self.binders(std::slice::from_ref(binder), &mut out);
        out
    }

    fn binders(&self, binders: &[Binder], out: &mut String) {
        for (position, binder) in binders.iter().enumerate() {
            out.push_str(if position == 0 { "" } else { ", " });
            out.push_str(self.local(binder.element));
            if let Some(index) = binder.index {
                out.extend([" AT ", self.local(index)]);
            }
            out.push_str(" IN ");
            match binder.domain {
                Domain::Range(low, high) => {
                    self.write(low, WITH, out);
                    out.push_str("..");
                    self.write(high, WITH, out);
                }
                Domain::Array(array) => self.write(array, COMPARE, out),
            }
        }
    }
}

fn strength(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::If(..)
        | ExprKind::Let(..)
        | ExprKind::Quantifier(..)
        | ExprKind::MatchOptional(..)
        | ExprKind::MatchVariant(..)
        | ExprKind::MatchEnum(..) => OPEN,
        ExprKind::Binary(operator, ..) => match operator {
            BinaryOperator::Iff => IFF,
            BinaryOperator::Implies => IMPLIES,
            BinaryOperator::Or => OR,
            BinaryOperator::And => AND,
            BinaryOperator::Add | BinaryOperator::Subtract | BinaryOperator::Concat => ADD,
            BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Remainder => MULTIPLY,
            _ => COMPARE,
        },
        ExprKind::Unary(UnaryOperator::Not, _) => NOT,
        ExprKind::Unary(UnaryOperator::Negate, _) => NEGATE,
        ExprKind::WithFields(..)
        | ExprKind::WithElements(..)
        | ExprKind::WithEntries(..)
        | ExprKind::WithMember(..)
        | ExprKind::Without(..) => WITH,
        ExprKind::Record(_) | ExprKind::Variant(..) => NEGATE,
        _ => ACCESS,
    }
}

fn aggregate_name(aggregate: Aggregate) -> &'static str {
    match aggregate {
        Aggregate::Sum => "SUM",
        Aggregate::Count => "COUNT",
        Aggregate::Min => "MIN",
        Aggregate::Max => "MAX",
        Aggregate::All => "ALL",
        Aggregate::Any => "ANY",
        Aggregate::Find => "FIND",
    }
}
