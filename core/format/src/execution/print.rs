//! The text form of execution code, for people and tests.

use std::fmt::{self, Write};

use super::{
    Access, Arithmetic, Block, BlockId, Check, Comparison, Domain, Fold, Function, FunctionId, Instruction,
    ObligationId, Op, RegionId, Role, Target, Terminator, ValueId,
};
use crate::builtin::Builtin;
use crate::module::Module;
use crate::semantic::{Aggregate, LogLevel, Quantifier, Semantic};
use crate::types::{TypeId, TypeTable};
use crate::value::Value;

/// One function of the execution layer as text; empty if there is none of this id. Charges, sharing and
/// checks stand where they run; what follows `;` is the obligation that a check guards.
#[must_use]
pub fn print(module: &Module, id: FunctionId) -> String {
    print_function(&module.types, &module.semantic, &module.execution, id)
}

/// The same without a whole module at hand.
#[must_use]
pub fn print_function(
    types: &TypeTable,
    semantic: &Semantic,
    execution: &super::Execution,
    id: FunctionId,
) -> String {
    let Some(function) = execution.functions.get(id.0 as usize) else { return String::new() };
    let mut printer = Printer { types, semantic, execution, function, out: String::new() };
    // Writing to a string cannot fail.
    let _ = printer.function();
    printer.out
}

struct Printer<'a> {
    types: &'a TypeTable,
    semantic: &'a Semantic,
    execution: &'a super::Execution,
    function: &'a Function,
    out: String,
}

impl<'a> Printer<'a> {
    fn function(&mut self) -> fmt::Result {
        let function = self.function;
        write!(self.out, "{} {}(", role_word(function.role), self.role_name(function.role))?;
        let parameters = function.parameters.min(u32::try_from(function.values.len()).unwrap_or(u32::MAX));
        let parameters: Vec<String> = (0..parameters).map(|id| self.typed(ValueId(id))).collect();
        write!(self.out, "{})", parameters.join(", "))?;
        if !function.returns.is_empty() {
            let returns: Vec<String> = function.returns.iter().map(|id| self.type_name(*id)).collect();
            write!(self.out, " -> {}", returns.join(", "))?;
        }
        self.out.push('\n');
        for (index, measure) in function.decreases.iter().enumerate() {
            writeln!(self.out, "  decreases {index}: region{}", measure.0)?;
        }
        for found in &function.loops {
            write!(self.out, "  loop block{} of {}", found.header.0, self.step_name(found.step.0))?;
            if let Some((low, high)) = found.range {
                write!(self.out, ", range v{}..v{}", low.0, high.0)?;
            }
            self.regions(", invariants", &found.invariants)?;
            self.regions(", decreases", &found.decreases)?;
            self.out.push('\n');
        }
        for (index, block) in function.blocks.iter().enumerate() {
            self.block(index, block)?;
        }
        Ok(())
    }

    fn regions(&mut self, label: &str, regions: &[RegionId]) -> fmt::Result {
        if regions.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = regions.iter().map(|region| format!("region{}", region.0)).collect();
        write!(self.out, "{label} {}", names.join(" "))
    }

    fn block(&mut self, index: usize, block: &Block) -> fmt::Result {
        write!(self.out, "block{index}")?;
        if !block.parameters.is_empty() {
            let parameters: Vec<String> = block.parameters.iter().map(|id| self.typed(*id)).collect();
            write!(self.out, "({})", parameters.join(", "))?;
        }
        if let Some(region) = block.region {
            write!(self.out, " in region{}", region.0)?;
        }
        if let Some(handler) = block.on_fault {
            write!(self.out, " on fault block{}", handler.0)?;
        }
        self.out.push_str(":\n");
        for instruction in &block.instructions {
            self.instruction(instruction)?;
        }
        self.out.push_str("  ");
        self.terminator(&block.terminator)?;
        self.out.push('\n');
        Ok(())
    }

    fn instruction(&mut self, instruction: &Instruction) -> fmt::Result {
        self.out.push_str("  ");
        if let Some(result) = instruction.result {
            write!(self.out, "{} = ", self.typed(result))?;
        }
        self.op(&instruction.op, instruction.result)?;
        self.out.push('\n');
        Ok(())
    }

    fn op(&mut self, op: &Op, result: Option<ValueId>) -> fmt::Result {
        let out = &mut self.out;
        match op {
            Op::Constant(index) => {
                let constant = self.execution.constants.get(*index as usize);
                match constant {
                    Some((_, value)) => write!(out, "constant {}", value_text(value)),
                    None => write!(out, "constant #{index}"),
                }
            }
            Op::Immediate(bits) => {
                let type_id = result.and_then(|result| self.function.type_of(result));
                let text = self.immediate(*bits, type_id);
                self.out.push_str(&text);
                Ok(())
            }
            Op::Arithmetic(operator, a, b) => write!(out, "{} {}", arithmetic(*operator), list(&[*a, *b])),
            Op::Negate(a) => write!(out, "negate v{}", a.0),
            Op::Not(a) => write!(out, "not v{}", a.0),
            Op::Compare(comparison, a, b) => {
                write!(out, "{} {}", comparison_name(*comparison), list(&[*a, *b]))
            }
            Op::Contains(a, b) => write!(out, "contains {}", list(&[*a, *b])),
            Op::Widen(a) => write!(out, "widen v{}", a.0),
            Op::Narrow(a) => write!(out, "narrow v{}", a.0),
            Op::Field(a, field, access) => write!(out, "field{} v{}.{field}", access_name(*access), a.0),
            Op::WithField(a, field, b) => write!(out, "with_field v{}.{field}, v{}", a.0, b.0),
            Op::Element(a, b, access) => write!(out, "element{} v{}[v{}]", access_name(*access), a.0, b.0),
            Op::WithElement(a, b, c) => write!(out, "with_element v{}[v{}], v{}", a.0, b.0, c.0),
            Op::Slice(a, b, c) => write!(out, "slice v{}[v{}..v{}]", a.0, b.0, c.0),
            Op::Lookup(a, b, access) => write!(out, "lookup{} v{}[v{}]", access_name(*access), a.0, b.0),
            Op::WithEntry(a, b, c) => write!(out, "with_entry v{}[v{}], v{}", a.0, b.0, c.0),
            Op::WithMember(a, b) => write!(out, "with_member {}", list(&[*a, *b])),
            Op::Without(a, b) => write!(out, "without {}", list(&[*a, *b])),
            Op::Concat(a, b) => write!(out, "concat {}", list(&[*a, *b])),
            Op::NewRecord(parts) => write!(out, "record {{{}}}", list(parts)),
            Op::NewVariant(case, parts) => {
                let name = result.and_then(|result| self.case_name(result, *case));
                write!(self.out, "variant {} {{{}}}", name.unwrap_or_else(|| case.to_string()), list(parts))
            }
            Op::NewArray(parts) => write!(out, "array [{}]", list(parts)),
            Op::NewSet(parts) => write!(out, "set [{}]", list(parts)),
            Op::NewMap(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(k, v)| format!("v{}: v{}", k.0, v.0)).collect();
                write!(out, "map {{{}}}", entries.join(", "))
            }
            Op::NewSome(a) => write!(out, "some v{}", a.0),
            Op::NewNone => write!(out, "none"),
            Op::Payload(a, access) => write!(out, "payload{} v{}", access_name(*access), a.0),
            Op::CaseOf(a) => write!(out, "case_of v{}", a.0),
            Op::CaseField(a, case, field, access) => {
                let name = self.case_name(*a, *case).unwrap_or_else(|| case.to_string());
                write!(self.out, "case_field{} v{}.{name}.{field}", access_name(*access), a.0)
            }
            Op::SymbolOf(a) => write!(out, "symbol_of v{}", a.0),
            Op::Builtin(builtin, arguments) => write!(out, "{}({})", builtin_name(*builtin), list(arguments)),
            Op::Check(check, operands, obligation) => {
                let name = self.check(*check);
                write!(self.out, "check {name} {}", list(operands))?;
                self.obligation(*obligation)
            }
            Op::CheckRecord(record, a, obligation) => {
                let name = self.types.records.get(*record as usize).map_or("?", |record| &record.name);
                write!(out, "check_record {name} v{}", a.0)?;
                self.obligation(*obligation)
            }
            Op::CheckState(variable, obligation) => {
                write!(self.out, "check_state {}", self.state_name(*variable))?;
                self.obligation(*obligation)
            }
            Op::CheckCall(callee, arguments, obligation) => {
                write!(self.out, "check_call {}({})", self.callee_name(*callee), list(arguments))?;
                self.obligation(*obligation)
            }
            Op::CheckRequest(operation, arguments, obligation) => {
                write!(self.out, "check_request {}({})", self.host_name(*operation), list(arguments))?;
                self.obligation(*obligation)
            }
            Op::Contract(fault, region, obligation) => {
                write!(out, "contract {} region{}", fault.name(), region.0)?;
                self.obligation(*obligation)
            }
            Op::Ghost(region) => write!(out, "ghost region{}", region.0),
            Op::Fold(fold, domain, region) => {
                write!(out, "fold {} {}, region{}", fold_name(*fold), domain_text(*domain), region.0)?;
                match fold {
                    Fold::Aggregate(_, obligation) => self.obligation(*obligation),
                    _ => Ok(()),
                }
            }
            Op::Share(a) => write!(out, "share v{}", a.0),
            Op::Charge(units) => write!(out, "charge {units}"),
            Op::Enter => write!(out, "enter"),
            Op::Leave => write!(out, "leave"),
            Op::Mark => write!(out, "mark"),
            Op::StateRead(variable, access) => {
                write!(self.out, "state_read{} {}", access_name(*access), self.state_name(*variable))
            }
            Op::StateWrite(variable, a) => {
                write!(self.out, "state_write {}, v{}", self.state_name(*variable), a.0)
            }
            Op::Attempts(operation) => write!(self.out, "attempts {}", self.host_name(*operation)),
            Op::Log(level, message, fields) => {
                write!(out, "log {} v{}", level_name(*level), message.0)?;
                for (name, value) in fields {
                    write!(out, ", {name}: v{}", value.0)?;
                }
                Ok(())
            }
            Op::Wait(milliseconds) => write!(out, "wait {milliseconds}"),
        }
    }

    fn terminator(&mut self, terminator: &Terminator) -> fmt::Result {
        let out = &mut self.out;
        match terminator {
            Terminator::Jump(target) => write!(out, "jump {}", target_text(target)),
            Terminator::Repeat { target, mark } => {
                write!(out, "repeat {}", target_text(target))?;
                mark.map_or(Ok(()), |mark| write!(out, " mark v{}", mark.0))
            }
            Terminator::Branch(condition, yes, no) => {
                write!(out, "branch v{}, {}, {}", condition.0, target_text(yes), target_text(no))
            }
            Terminator::Switch(on, targets) => {
                let targets: Vec<String> = targets.iter().map(target_text).collect();
                write!(out, "switch v{}, {}", on.0, targets.join(", "))
            }
            Terminator::Return(values) if values.is_empty() => write!(out, "return"),
            Terminator::Return(values) => write!(out, "return {}", list(values)),
            Terminator::Fail(code, message) => write!(out, "fail {}", list(&[*code, *message])),
            Terminator::Call { function, arguments, success, failure } => {
                let callee = self.execution.functions.get(function.0 as usize);
                let name =
                    callee.map_or_else(|| format!("#{}", function.0), |callee| self.role_name(callee.role));
                write!(self.out, "call {name}({})", list(arguments))?;
                self.continuations(*success, *failure)
            }
            Terminator::Invoke { operation, arguments, success, failure, obligation } => {
                write!(self.out, "invoke {}({})", self.host_name(*operation), list(arguments))?;
                self.continuations(*success, *failure)?;
                self.obligation(*obligation)
            }
            Terminator::Yield(values) => write!(out, "yield {}", list(values)),
            Terminator::Skip => write!(out, "skip"),
            Terminator::Resume => write!(out, "resume"),
        }
    }

    fn continuations(&mut self, success: BlockId, failure: Option<BlockId>) -> fmt::Result {
        write!(self.out, " -> block{}", success.0)?;
        failure.map_or(Ok(()), |failure| write!(self.out, ", block{}", failure.0))
    }

    fn obligation(&mut self, id: ObligationId) -> fmt::Result {
        match self.function.obligations.get(id.0 as usize) {
            Some(obligation) => write!(self.out, " ; {}", obligation.id),
            None => Ok(()),
        }
    }

    fn typed(&self, id: ValueId) -> String {
        let type_id = self.function.type_of(id);
        format!("v{}: {}", id.0, type_id.map_or_else(|| "?".into(), |type_id| self.type_name(type_id)))
    }

    fn type_name(&self, id: TypeId) -> String {
        match self.types.types.get(id.0 as usize) {
            None => "?".into(),
            // The language has no name for it; the text form must tell it from `integer`.
            Some(_) if id == TypeId::UNBOUNDED => "unbounded".into(),
            Some(_) => self.types.name(id),
        }
    }

    fn case_name(&self, value: ValueId, case: u32) -> Option<String> {
        let type_id = self.function.type_of(value)?;
        self.types.types.get(type_id.0 as usize)?;
        Some(self.types.variant(type_id)?.cases.get(case as usize)?.name.clone())
    }

    fn immediate(&self, bits: i64, type_id: Option<TypeId>) -> String {
        let Some(type_id) = type_id.filter(|id| (id.0 as usize) < self.types.types.len()) else {
            return bits.to_string();
        };
        if type_id == TypeId::BOOLEAN {
            return if bits == 0 { "FALSE".into() } else { "TRUE".into() };
        }
        let symbols = self.types.symbols(type_id);
        let symbol = symbols.and_then(|symbols| symbols.get(usize::try_from(bits).ok()?));
        symbol.cloned().unwrap_or_else(|| bits.to_string())
    }

    fn check(&self, check: Check) -> String {
        match check {
            Check::Arithmetic(operator) => format!("overflow.{}", arithmetic(operator)),
            Check::Negate => "overflow.negate".into(),
            Check::Narrow => "narrow".into(),
            Check::NotZero => "not_zero".into(),
            Check::Index => "index".into(),
            Check::Slice => "slice".into(),
            Check::Key => "key".into(),
            Check::Some => "some".into(),
            Check::Transition(machine, to) => {
                let machine = self.types.machines.get(machine as usize);
                let state = machine.and_then(|machine| machine.states.get(to as usize));
                format!("transition.{}", state.map_or("?", |state| state))
            }
            Check::Builtin(builtin) => format!("argument.{}", builtin_name(builtin)),
        }
    }

    fn role_name(&self, role: Role) -> String {
        match role {
            Role::Body(index) | Role::Entry(index) => self.callee_name(index).to_string(),
            Role::Record(index) => self
                .types
                .records
                .get(index as usize)
                .map_or_else(|| "?".into(), |record| record.name.clone()),
            Role::State(index) => self.state_name(index).to_owned(),
            Role::HostRequest(index) | Role::HostAnswer(index) => self.host_name(index).to_owned(),
        }
    }

    fn callee_name(&self, index: u32) -> String {
        self.semantic.functions.get(index as usize).map_or_else(|| "?".into(), |callee| callee.node_id())
    }

    fn state_name(&self, index: u32) -> &'a str {
        self.semantic.state.get(index as usize).map_or("?", |variable| &variable.name)
    }

    fn host_name(&self, index: u32) -> &'a str {
        self.semantic.host.get(index as usize).map_or("?", |operation| &operation.name)
    }

    fn step_name(&self, step: u32) -> &'a str {
        let (Role::Body(index) | Role::Entry(index)) = self.function.role else { return "?" };
        let function = self.semantic.functions.get(index as usize);
        function.and_then(|function| function.steps.get(step as usize)).map_or("?", |step| &step.name)
    }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Body(_) => "body",
        Role::Entry(_) => "entry",
        Role::Record(_) => "record",
        Role::State(_) => "state",
        Role::HostRequest(_) => "host_request",
        Role::HostAnswer(_) => "host_answer",
    }
}

fn list(values: &[ValueId]) -> String {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        let _ = write!(text, "{separator}v{}", value.0);
    }
    text
}

fn target_text(target: &Target) -> String {
    if target.arguments.is_empty() {
        return format!("block{}", target.block.0);
    }
    format!("block{}({})", target.block.0, list(&target.arguments))
}

fn domain_text(domain: Domain) -> String {
    match domain {
        Domain::Range(low, high) => format!("v{}..v{}", low.0, high.0),
        Domain::Array(array) => format!("v{}", array.0),
    }
}

fn access_name(access: Access) -> &'static str {
    match access {
        Access::Read => "",
        Access::Take => ".take",
    }
}

#[must_use]
fn arithmetic(operator: Arithmetic) -> &'static str {
    match operator {
        Arithmetic::Add => "add",
        Arithmetic::Subtract => "subtract",
        Arithmetic::Multiply => "multiply",
        Arithmetic::Divide => "divide",
        Arithmetic::Remainder => "remainder",
    }
}

fn comparison_name(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "equal",
        Comparison::NotEqual => "not_equal",
        Comparison::Less => "less",
        Comparison::LessEqual => "less_equal",
        Comparison::Greater => "greater",
        Comparison::GreaterEqual => "greater_equal",
    }
}

fn builtin_name(builtin: Builtin) -> &'static str {
    builtin.info().name
}

fn fold_name(fold: Fold) -> String {
    match fold {
        Fold::Quantifier(Quantifier::Forall) => "forall".into(),
        Fold::Quantifier(Quantifier::Exists) => "exists".into(),
        Fold::Array => "array".into(),
        Fold::Set => "set".into(),
        Fold::Map => "map".into(),
        Fold::Aggregate(aggregate, _) => match aggregate {
            Aggregate::Sum => "sum",
            Aggregate::Count => "count",
            Aggregate::Min => "min",
            Aggregate::Max => "max",
            Aggregate::All => "all",
            Aggregate::Any => "any",
            Aggregate::Find => "find",
        }
        .into(),
        Fold::Sort { keys, descending } => {
            let order = |key| if descending >> key & 1 == 1 { "descending" } else { "ascending" };
            let keys: Vec<&str> = (0..keys.min(64)).map(order).collect();
            format!("sort {}", keys.join(" "))
        }
    }
}

fn level_name(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
    }
}

/// A constant, shortened where it is long.
fn value_text(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = match value {
        Value::Boolean(value) => value.to_string().to_uppercase(),
        Value::Integer(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}"),
        Value::String(value) => format!("{value:?}"),
        Value::Timestamp(value) => value.to_string(),
        Value::Enum(symbol) => symbol.clone(),
        Value::Optional(None) => "NONE".into(),
        other => format!("{other:?}"),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
