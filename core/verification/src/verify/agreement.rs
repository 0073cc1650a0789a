//! The encoding compared with the interpreter: what a run did must be possible, and where the code is straight
//! nothing else may be.

use anrf_format::module::Module;
use anrf_format::value::Value;
use anrf_runtime::Outcome;

use crate::encode::{Calls, Encoder};
use crate::report::Witness;
use crate::term::{Script, TermId};

/// What a solver has to say of one run.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// The run itself: must not be unsatisfiable.
    pub possible: Script,
    /// The same inputs with another outcome: must be unsatisfiable where the encoding is exact. There is none
    /// for code with loops, effects, calls, or what solvers know less of than the language says.
    pub otherwise: Option<Script>,
}

/// Compares the encoding of a function with a run of it; `None` if the run did not end in success or failure,
/// or a script cannot say it.
#[must_use]
pub fn agreement(module: &Module, calls: &Calls, index: u32, run: &Witness) -> Option<Agreement> {
    let mut encoder = Encoder::new(module, calls);
    let encoded = encoder.encode(index);
    let function = module.semantic.functions.get(index as usize)?;
    let (succeeds, outcome): (bool, Vec<Value>) = match &run.outcome {
        Outcome::Success(fields) => (true, fields.iter().map(|(_, value)| value.clone()).collect()),
        Outcome::Failure { error_code, .. } => {
            let code = function.error_codes.iter().position(|known| known == error_code)?;
            (false, vec![Value::Integer(i64::try_from(code).ok()?)])
        }
        _ => return None,
    };
    let mut given: Vec<TermId> = vec![];
    for ((type_id, term), (_, value)) in encoded.inputs.iter().zip(&run.inputs) {
        given.push(encoder.has_value(*type_id, *term, value));
    }
    for (variable, type_id, term) in &encoded.state {
        let name = &module.semantic.state.get(*variable as usize)?.name;
        if let Some((_, value)) = run.state.iter().find(|(known, _)| known == name) {
            given.push(encoder.has_value(*type_id, *term, value));
        }
    }
    // One of the ways out that end so was taken.
    let (mut ways, mut others) = (vec![], vec![]);
    for exit in &encoded.exits {
        let known: Vec<TermId> = exit.known.iter().map(|fact| fact.term).collect();
        if exit.succeeds != succeeds {
            others.push(encoder.terms.and(known));
            continue;
        }
        let values: Vec<TermId> = exit
            .values
            .iter()
            .zip(&outcome)
            .map(|((type_id, term), value)| encoder.has_value(*type_id, *term, value))
            .collect();
        let so = encoder.terms.and(values);
        let not_so = encoder.terms.not(so);
        ways.push(encoder.terms.and(known.iter().copied().chain([so]).collect()));
        others.push(encoder.terms.and(known.into_iter().chain([not_so]).collect()));
    }
    let way = encoder.terms.or(ways);
    let mut assertions = given.clone();
    assertions.push(way);
    let possible = Script::new(&encoder.terms, &assertions, &[]).ok()?;
    let code = module.execution.functions.get(index as usize)?;
    let straight = code.loops.is_empty()
        && calls.reached(index).is_empty()
        && calls.invoked(index).is_empty()
        && encoder.opaque.is_empty();
    let otherwise = if straight {
        let other = encoder.terms.or(others);
        given.push(other);
        Script::new(&encoder.terms, &given, &[]).ok()
    } else {
        None
    };
    Some(Agreement { possible, otherwise })
}
