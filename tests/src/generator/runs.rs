//! Runs to make with a program: inputs, state, answers of the host, limits.

use super::author::Author;
use super::program::{Function, HostOperation, Run, RunLimits, StateVariable};
use super::types::{Field, Ty};
use super::values::{field_json, fields_json};

const RUNS: usize = 3;

impl Author {
    pub(crate) fn write_runs(
        &mut self,
        functions: &[Function],
        state: &[StateVariable],
        host: &[HostOperation],
    ) -> Vec<Run> {
        let mut runs = vec![];
        for position in 0..RUNS {
            let last = functions.len() - 1;
            let chosen = if position > 1 { self.random.below(functions.len()) } else { last };
            runs.push(self.run(&functions[chosen], state, host));
        }
        runs
    }

    fn run(&mut self, function: &Function, state: &[StateVariable], host: &[HostOperation]) -> Run {
        let mut fields = vec![];
        for input in &function.inputs {
            if input.default.is_some() && self.random.chance(50) {
                continue;
            }
            let field = self.perhaps_unbounded(&input.field);
            let value = field_json(&mut self.random, &self.types, &field, 0);
            fields.push(format!("\"{}\": {value}", field.name));
        }
        let state = if function.uses_state && self.random.chance(60) {
            let fields: Vec<Field> = state.iter().map(|it| self.perhaps_unbounded(&it.field)).collect();
            fields_json(&mut self.random, &self.types, &fields, 0)
        } else {
            String::new()
        };
        let answers = host.iter().map(|it| (it.name.clone(), self.answers(it))).collect();
        Run {
            function: function.name.clone(),
            inputs: format!("{{{}}}", fields.join(", ")),
            state,
            answers,
            limits: self.limits(),
            granted: self.random.chance(96),
        }
    }

    /// The field, now and then without its bounds, so that its constraint may break.
    fn perhaps_unbounded(&mut self, field: &Field) -> Field {
        if field.ty == Ty::INTEGER && self.random.chance(4) {
            return Field::new(field.name.clone(), field.ty);
        }
        field.clone()
    }

    fn answers(&mut self, operation: &HostOperation) -> Vec<String> {
        let count = 1 + self.random.below(3);
        (0..count)
            .map(|_| {
                if !operation.errors.is_empty() && self.random.chance(30) {
                    let code = self.random.pick(&operation.errors).clone();
                    let message = serde_json::Value::from(super::values::string(&mut self.random));
                    return format!("{{\"error\": {{\"error_code\": \"{code}\", \"message\": {message}}}}}");
                }
                let mut fields: Vec<Field> =
                    operation.success.iter().map(|it| self.perhaps_unbounded(it)).collect();
                if self.random.chance(2) {
                    fields.pop();
                }
                let fields = fields_json(&mut self.random, &self.types, &fields, 0);
                format!("{{\"success\": {fields}}}")
            })
            .collect()
    }

    fn limits(&mut self) -> RunLimits {
        let mut limits = RunLimits {
            fuel: 50_000,
            contract_budget: 200_000,
            memory_bytes: 1 << 20,
            depth: 64,
            journal_bytes: 1 << 16,
            host_calls: 100,
        };
        match self.random.below(50) {
            0 | 1 => limits.fuel = u64::try_from(self.random.between(0, 200)).unwrap_or(0),
            2 | 7 | 8 => {
                limits.memory_bytes = u64::try_from(self.random.between(2 << 10, 8 << 10)).unwrap_or(0);
            }
            3 => limits.depth = u32::from(self.random.chance(50)),
            4 => limits.journal_bytes = u64::try_from(self.random.between(0, 100)).unwrap_or(0),
            5 | 9 => limits.host_calls = u64::from(self.random.chance(50)),
            6 => limits.contract_budget = u64::try_from(self.random.between(0, 60)).unwrap_or(0),
            _ => {}
        }
        limits
    }
}
