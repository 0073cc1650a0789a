//! What generated programs have reached: instructions, built-ins, types, outcomes, kinds of faults.

use std::collections::BTreeMap;
use std::fmt;

use anrf::Outcome;
use anrf::builtin::Builtin;
use anrf::ir::{Arithmetic, Check, Comparison, FaultKind, Fold, Op, Terminator};
use anrf::semantic::{Aggregate, Clause, ExprKind, Exprs};
use anrf::types::Type;
use anrf_format::module::Module;

/// How often something has to be reached.
pub const WANTED: u64 = 200;

/// In how many programs something stands, and how often runs end in something.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// Programs.
    pub programs: u64,
    /// Runs.
    pub runs: u64,
    instructions: BTreeMap<&'static str, u64>,
    builtins: BTreeMap<&'static str, u64>,
    types: BTreeMap<&'static str, u64>,
    outcomes: BTreeMap<&'static str, u64>,
    faults: BTreeMap<&'static str, u64>,
    limits: BTreeMap<&'static str, u64>,
    /// How many programs have so many instructions.
    sizes: BTreeMap<usize, u64>,
}

const INSTRUCTIONS: &[&str] = &[
    "constant",
    "immediate",
    "add",
    "subtract",
    "multiply",
    "divide",
    "remainder",
    "negate",
    "not",
    "equal",
    "not_equal",
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "contains",
    "widen",
    "narrow",
    "field",
    "with_field",
    "element",
    "with_element",
    "slice",
    "lookup",
    "with_entry",
    "with_member",
    "without",
    "concat",
    "new_record",
    "new_variant",
    "new_array",
    "new_set",
    "new_map",
    "new_some",
    "new_none",
    "payload",
    "case_of",
    "case_field",
    "symbol_of",
    "builtin",
    "check_arithmetic",
    "check_negate",
    "check_narrow",
    "check_not_zero",
    "check_index",
    "check_slice",
    "check_key",
    "check_some",
    "check_transition",
    "check_builtin",
    "check_record",
    "check_state",
    "check_call",
    "check_request",
    "contract",
    "ghost",
    "fold_quantifier",
    "fold_array",
    "fold_set",
    "fold_map",
    "fold_sum",
    "fold_count",
    "fold_min",
    "fold_max",
    "fold_all",
    "fold_any",
    "fold_find",
    "fold_sort",
    "share",
    "charge",
    "enter",
    "leave",
    "mark",
    "state_read",
    "state_write",
    "attempts",
    "log",
    "wait",
    "jump",
    "repeat",
    "branch",
    "switch",
    "return",
    "fail",
    "call",
    "invoke",
    "yield",
    "skip",
    "resume",
];

const TYPES: &[&str] = &[
    "boolean",
    "integer",
    "unbounded",
    "decimal",
    "float",
    "string",
    "bytes",
    "timestamp",
    "optional",
    "array",
    "map",
    "set",
    "enum",
    "machine",
    "record",
    "variant",
];

const OUTCOMES: &[&str] = &["success", "failure", "fault", "limit", "denied"];

fn zeros(names: impl IntoIterator<Item = &'static str>) -> BTreeMap<&'static str, u64> {
    names.into_iter().map(|name| (name, 0)).collect()
}

impl Default for Coverage {
    fn default() -> Self {
        Self {
            programs: 0,
            runs: 0,
            instructions: zeros(INSTRUCTIONS.iter().copied()),
            builtins: zeros(Builtin::ALL.iter().map(|info| info.name)),
            types: zeros(TYPES.iter().copied()),
            outcomes: zeros(OUTCOMES.iter().copied()),
            faults: zeros(FaultKind::ALL.iter().map(|kind| kind.name())),
            limits: zeros(["fuel", "memory", "depth", "journal", "contract", "io"]),
            sizes: BTreeMap::new(),
        }
    }
}

impl Coverage {
    /// Counts a program: everything once, however often it stands there.
    pub fn program(&mut self, module: &Module) {
        let (types, execution) = (&module.types, &module.execution);
        let mut instructions: Vec<&'static str> = vec![];
        let builtins: Vec<&'static str> = expressions(module)
            .flat_map(|exprs| &exprs.nodes)
            .filter_map(|node| match &node.kind {
                ExprKind::Builtin(builtin, _) => Some(builtin.info().name),
                _ => None,
            })
            .collect();
        let mut used: Vec<&'static str> = vec![];
        let mut size = 0;
        for function in &execution.functions {
            for value in &function.values {
                used.push(type_name(types.get(*value)));
            }
            for block in &function.blocks {
                size += block.instructions.len() + 1;
                for instruction in &block.instructions {
                    instructions.push(op_name(&instruction.op));
                }
                instructions.push(terminator_name(&block.terminator));
            }
        }
        self.programs += 1;
        *self.sizes.entry(size).or_default() += 1;
        for (names, counts) in
            [(instructions, &mut self.instructions), (builtins, &mut self.builtins), (used, &mut self.types)]
        {
            let mut names = names;
            names.sort_unstable();
            names.dedup();
            for name in names {
                *counts.entry(name).or_default() += 1;
            }
        }
    }

    /// Counts how a run ended.
    pub fn outcome(&mut self, outcome: &Outcome) {
        self.runs += 1;
        *self.outcomes.entry(outcome.kind()).or_default() += 1;
        match outcome {
            Outcome::Fault(fault) => *self.faults.entry(fault.kind.name()).or_default() += 1,
            Outcome::Limit(limit) => *self.limits.entry(limit.name()).or_default() += 1,
            _ => {}
        }
    }

    /// The tables with their names.
    pub(super) fn tables(&self) -> [(&'static str, &BTreeMap<&'static str, u64>); 6] {
        [
            ("instruction", &self.instructions),
            ("built-in", &self.builtins),
            ("type", &self.types),
            ("outcome", &self.outcomes),
            ("fault", &self.faults),
            ("limit", &self.limits),
        ]
    }

    /// Counts so many more of a row; false if there is no such row.
    pub(super) fn count(&mut self, table: &str, name: &str, count: u64) -> bool {
        let rows = match table {
            "instruction" => &mut self.instructions,
            "built-in" => &mut self.builtins,
            "type" => &mut self.types,
            "outcome" => &mut self.outcomes,
            "fault" => &mut self.faults,
            "limit" => &mut self.limits,
            _ => return false,
        };
        rows.get_mut(name).map(|known| *known += count).is_some()
    }

    /// How many programs have so many instructions.
    pub(super) fn sizes(&mut self) -> &mut BTreeMap<usize, u64> {
        &mut self.sizes
    }

    /// Adds what another thread has counted.
    pub fn add(&mut self, other: &Self) {
        self.programs += other.programs;
        self.runs += other.runs;
        for (table, rows) in other.tables() {
            for (name, count) in rows {
                self.count(table, name, *count);
            }
        }
        for (size, count) in &other.sizes {
            *self.sizes.entry(*size).or_default() += count;
        }
    }

    /// How many instructions half of the programs have at least.
    #[must_use]
    pub fn median_size(&self) -> usize {
        let mut seen = 0;
        for (size, count) in &self.sizes {
            seen += count;
            if seen * 2 >= self.programs {
                return *size;
            }
        }
        0
    }

    /// Runs that ended in success, in hundredths.
    #[must_use]
    pub fn success_percent(&self) -> u64 {
        self.outcomes.get("success").copied().unwrap_or(0) * 100 / self.runs.max(1)
    }

    /// What was reached less often than wanted.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let rows =
            self.tables().into_iter().flat_map(|(what, counts)| counts.iter().map(move |it| (what, it)));
        let rare = rows.filter(|(_, (_, count))| **count < WANTED);
        rare.map(|(what, (name, count))| format!("{what} {name}: {count}")).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{} programs, {} runs, {}% success, median {} instructions",
            self.programs,
            self.runs,
            self.success_percent(),
            self.median_size()
        )?;
        for (title, counts) in self.tables() {
            writeln!(formatter, "\n{title}s")?;
            for (name, count) in counts {
                let mark = if *count < WANTED { "  < 200" } else { "" };
                writeln!(formatter, "  {name:<28}{count:>10}{mark}")?;
            }
        }
        Ok(())
    }
}

/// The expressions of all flows and clauses.
fn expressions(module: &Module) -> impl Iterator<Item = &Exprs> {
    let semantic = &module.semantic;
    let flows = semantic.functions.iter().map(|it| &it.exprs);
    let contracts = semantic.functions.iter().flat_map(|it| {
        let posts = it.contract.postconditions.iter().map(|it| &it.clause);
        let inputs = it.inputs.iter().flat_map(|it| &it.constraints);
        it.contract.preconditions.iter().chain(&it.contract.invariants).chain(posts).chain(inputs)
    });
    let host = semantic.host.iter().flat_map(|it| it.preconditions.iter().chain(&it.postconditions));
    let state = semantic.state.iter().flat_map(|it| &it.constraints).chain(&semantic.invariants);
    let records = module.types.records.iter().flat_map(|it| &it.constraints);
    let clauses = contracts.chain(host).chain(state).chain(records);
    flows.chain(clauses.map(|it: &Clause| &it.exprs))
}

fn type_name(of: &Type) -> &'static str {
    match of {
        Type::Boolean => "boolean",
        Type::Integer => "integer",
        Type::Unbounded => "unbounded",
        Type::Decimal => "decimal",
        Type::Float => "float",
        Type::String => "string",
        Type::Bytes => "bytes",
        Type::Timestamp => "timestamp",
        Type::Optional(_) => "optional",
        Type::Array(_) => "array",
        Type::Map(..) => "map",
        Type::Set(_) => "set",
        Type::Enum(_) => "enum",
        Type::Machine(_) => "machine",
        Type::Record(_) => "record",
        Type::Variant(_) => "variant",
    }
}

fn op_name(op: &Op) -> &'static str {
    match op {
        Op::Constant(_) => "constant",
        Op::Immediate(_) => "immediate",
        Op::Arithmetic(Arithmetic::Add, ..) => "add",
        Op::Arithmetic(Arithmetic::Subtract, ..) => "subtract",
        Op::Arithmetic(Arithmetic::Multiply, ..) => "multiply",
        Op::Arithmetic(Arithmetic::Divide, ..) => "divide",
        Op::Arithmetic(Arithmetic::Remainder, ..) => "remainder",
        Op::Negate(_) => "negate",
        Op::Not(_) => "not",
        Op::Compare(Comparison::Equal, ..) => "equal",
        Op::Compare(Comparison::NotEqual, ..) => "not_equal",
        Op::Compare(Comparison::Less, ..) => "less",
        Op::Compare(Comparison::LessEqual, ..) => "less_equal",
        Op::Compare(Comparison::Greater, ..) => "greater",
        Op::Compare(Comparison::GreaterEqual, ..) => "greater_equal",
        Op::Contains(..) => "contains",
        Op::Widen(_) => "widen",
        Op::Narrow(_) => "narrow",
        Op::Field(..) => "field",
        Op::WithField(..) => "with_field",
        Op::Element(..) => "element",
        Op::WithElement(..) => "with_element",
        Op::Slice(..) => "slice",
        Op::Lookup(..) => "lookup",
        Op::WithEntry(..) => "with_entry",
        Op::WithMember(..) => "with_member",
        Op::Without(..) => "without",
        Op::Concat(..) => "concat",
        Op::NewRecord(_) => "new_record",
        Op::NewVariant(..) => "new_variant",
        Op::NewArray(_) => "new_array",
        Op::NewSet(_) => "new_set",
        Op::NewMap(_) => "new_map",
        Op::NewSome(_) => "new_some",
        Op::NewNone => "new_none",
        Op::Payload(..) => "payload",
        Op::CaseOf(_) => "case_of",
        Op::CaseField(..) => "case_field",
        Op::SymbolOf(_) => "symbol_of",
        Op::Builtin(..) => "builtin",
        Op::Check(check, ..) => check_name(*check),
        Op::CheckRecord(..) => "check_record",
        Op::CheckState(..) => "check_state",
        Op::CheckCall(..) => "check_call",
        Op::CheckRequest(..) => "check_request",
        Op::Contract(..) => "contract",
        Op::Ghost(_) => "ghost",
        Op::Fold(fold, ..) => fold_name(fold),
        Op::Share(_) => "share",
        Op::Charge(_) => "charge",
        Op::Enter => "enter",
        Op::Leave => "leave",
        Op::Mark => "mark",
        Op::StateRead(..) => "state_read",
        Op::StateWrite(..) => "state_write",
        Op::Attempts(_) => "attempts",
        Op::Log(..) => "log",
        Op::Wait(_) => "wait",
    }
}

fn check_name(check: Check) -> &'static str {
    match check {
        Check::Arithmetic(_) => "check_arithmetic",
        Check::Negate => "check_negate",
        Check::Narrow => "check_narrow",
        Check::NotZero => "check_not_zero",
        Check::Index => "check_index",
        Check::Slice => "check_slice",
        Check::Key => "check_key",
        Check::Some => "check_some",
        Check::Transition(..) => "check_transition",
        Check::Builtin(_) => "check_builtin",
    }
}

fn fold_name(fold: &Fold) -> &'static str {
    match fold {
        Fold::Quantifier(_) => "fold_quantifier",
        Fold::Array => "fold_array",
        Fold::Set => "fold_set",
        Fold::Map => "fold_map",
        Fold::Aggregate(Aggregate::Sum, _) => "fold_sum",
        Fold::Aggregate(Aggregate::Count, _) => "fold_count",
        Fold::Aggregate(Aggregate::Min, _) => "fold_min",
        Fold::Aggregate(Aggregate::Max, _) => "fold_max",
        Fold::Aggregate(Aggregate::All, _) => "fold_all",
        Fold::Aggregate(Aggregate::Any, _) => "fold_any",
        Fold::Aggregate(Aggregate::Find, _) => "fold_find",
        Fold::Sort { .. } => "fold_sort",
    }
}

fn terminator_name(terminator: &Terminator) -> &'static str {
    match terminator {
        Terminator::Jump(_) => "jump",
        Terminator::Repeat { .. } => "repeat",
        Terminator::Branch(..) => "branch",
        Terminator::Switch(..) => "switch",
        Terminator::Return(_) => "return",
        Terminator::Fail(..) => "fail",
        Terminator::Call { .. } => "call",
        Terminator::Invoke { .. } => "invoke",
        Terminator::Yield(_) => "yield",
        Terminator::Skip => "skip",
        Terminator::Resume => "resume",
    }
}
