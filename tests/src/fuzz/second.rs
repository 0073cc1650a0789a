//! Comparing with the second evaluation.

use anrf::{Engine, Outcome};

use super::examine::{Answers, Failure, execute};
use crate::generator::Program;
use crate::reference;

/// The kind of failure.
pub(super) const DIFFERS: &str = "the reference differs";

/// What came of comparing: runs that agree, and why others were not compared.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Runs in which both agree.
    pub agree: u64,
    /// Runs that ended in a limit or were denied, about which the reference knows nothing.
    pub limits: u64,
    /// Why the reference gave up.
    pub gave_up: std::collections::BTreeMap<&'static str, u64>,
}

impl Compared {
    /// Adds what another thread has compared.
    pub fn add(&mut self, other: &Self) {
        self.agree += other.agree;
        self.limits += other.limits;
        for (why, count) in &other.gave_up {
            *self.gave_up.entry(why).or_default() += count;
        }
    }
}

/// Runs a program both ways. The reference recurses: it needs a large stack.
///
/// # Errors
/// The first run in which they differ.
pub fn second(engine: &Engine, program: &Program, compared: &mut Compared) -> Result<(), Failure> {
    let text = program.text();
    let refused = |error: &anrf::Error| Failure::new("refused", error.to_string());
    let module = engine.load_text("generated.vsp", &text).map_err(|error| refused(&error))?;
    let document = module.document();
    for run in &program.runs {
        let execution = execute(&module, run)?;
        if matches!(execution.outcome(), Outcome::Limit(_) | Outcome::Denied { .. }) {
            compared.limits += 1;
            continue;
        }
        let function = module.function(&run.function).map_err(|error| refused(&error))?;
        let node = function.semantic();
        let index = document.semantic.functions.iter().position(|it| it.name == node.name);
        let given = function.inputs_from_json(&run.inputs).map_err(|error| refused(&error))?;
        let inputs = node.inputs.iter().map(|input| {
            let value = given.iter().find(|(name, _)| *name == input.name).map(|(_, value)| value.clone());
            value.or_else(|| input.default.clone()).unwrap_or(anrf_format::value::Value::Optional(None))
        });
        let given = match run.state.as_str() {
            "" => vec![],
            state => function.state_from_json(state).map_err(|error| refused(&error))?,
        };
        let variables = document.semantic.state.iter();
        let state: Vec<_> = variables
            .map(|variable| {
                let value = given.iter().find(|(name, _)| *name == variable.name);
                value.map_or_else(|| variable.initial.clone(), |(_, value)| value.clone())
            })
            .collect();
        let host = Answers::new(&module, run);
        let inputs: Vec<_> = inputs.collect();
        let end = reference::run(document, index.unwrap_or(0), &inputs, &state, &host);
        match end {
            Err(why) => *compared.gave_up.entry(why).or_default() += 1,
            Ok(end) if agrees(&end, &execution, document, node) => compared.agree += 1,
            Ok(end) => {
                let detail = format!(
                    "{run:?}\nreference {end:?}\nengine {:?}\nstate {:?}",
                    execution.outcome(),
                    execution.state()
                );
                return Err(Failure::new(DIFFERS, detail));
            }
        }
    }
    Ok(())
}

/// The same end, and the same state after a success.
fn agrees(
    end: &reference::End,
    execution: &anrf::Execution,
    module: &anrf_format::module::Module,
    function: &anrf_format::semantic::Function,
) -> bool {
    let same_state = match end {
        reference::End::Success(_, state) => function.state.iter().all(|variable| {
            let name = &module.semantic.state[*variable as usize].name;
            let after = execution.state().iter().find(|(known, _)| known == name);
            after.is_none_or(|(_, value)| *value == state[*variable as usize])
        }),
        _ => true,
    };
    same_state && end.is(execution.outcome())
}
