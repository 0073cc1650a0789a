//! One run of a candidate and what it means.

use std::collections::VecDeque;
use std::sync::Arc;

use anrf_format::execution::{FaultKind, Role};
use anrf_format::module::Module;
use anrf_format::semantic::{Function, HostAnswer};
use anrf_format::types::{Type, TypeId};
use anrf_format::value::Value;
use anrf_runtime::{
    Call, CancellationToken, Code, ContractChecks, End, Ended, Error, Fault, Fields, HostResponse, Instance,
    Limit, Limits, Loaded, Outcome, codes,
};
use rustc_hash::FxHashMap;

use super::generate::Generator;
use super::script::{Answers, Script};
use super::{Defect, Shown, TestOptions, testing_code};
use crate::report::{Method, Witness};

/// What a function is run with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    /// In declared order.
    pub(super) inputs: Fields,
    /// One per variable of the module.
    pub(super) state: Vec<Value>,
    pub(super) answers: Answers,
    pub(super) method: Method,
}

/// How the run of a candidate ended.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    Holds(End),
    Defect(String, End),
    /// The id of the condition.
    NotAnInput(String),
    HostContract(String),
    Limit(Limit),
}

/// A run.
pub(super) struct Ran {
    pub(super) verdict: Verdict,
    /// State afterwards, one per variable of the module.
    pub(super) after: Vec<Value>,
    pub(super) charges: u64,
    pub(super) contract_units: u64,
    pub(super) edges: FxHashMap<u64, u32>,
    /// What the host answered.
    pub(super) given: Answers,
}

/// Looks for runs of one function that show a defect.
pub struct Tester {
    pub(super) module: Arc<Module>,
    pub(super) function: u32,
    pub(super) options: TestOptions,
    pub(super) generator: Generator,
    instance: Box<dyn Instance>,
    /// Obligations of the entry conditions, in their order.
    pub(super) entry: Vec<String>,
}

impl std::fmt::Debug for Tester {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Tester").field("function", &self.function).finish_non_exhaustive()
    }
}

impl Tester {
    /// A tester of a function of a module.
    ///
    /// # Errors
    /// If there is no such function, or it cannot be run.
    pub fn new(loaded: &Loaded, function: u32, options: &TestOptions) -> Result<Self, Error> {
        Self::with_code(&testing_code(loaded)?, function, options)
    }

    /// The same with code that is made once for many functions, see [`testing_code`].
    ///
    /// # Errors
    /// If there is no such function, or it cannot be run.
    pub fn with_code(code: &Arc<dyn Code>, function: u32, options: &TestOptions) -> Result<Self, Error> {
        let module = Arc::clone(code.module());
        let Some(declared) = module.semantic.functions.get(function as usize) else {
            return Err(refuse(&codes::UNKNOWN_FUNCTION, "there is no function of this index"));
        };
        let limits = Limits {
            fuel: options.fuel,
            contract_budget: options.contract_budget,
            memory_bytes: 16 << 20,
            depth: 1_000,
            ..Limits::default()
        };
        let instance = code.instantiate(&limits.within(&declared.performance), ContractChecks::Always)?;
        let entry = module.execution.find(Role::Entry(function));
        let entry = entry.and_then(|id| module.execution.functions.get(id.0 as usize));
        let entry = entry.map_or(&[][..], |code| &code.obligations);
        Ok(Self {
            entry: entry.iter().map(|obligation| obligation.id.clone()).collect(),
            generator: Generator::new(&module, function, options.seed),
            module,
            function,
            options: options.clone(),
            instance,
        })
    }

    /// What the run of given inputs and state shows: a solver's model becomes a refutation only so. Inputs that
    /// are missing have their default, state its initial value, and a host that has no further answer gives
    /// the plainest one.
    pub fn run_candidate(
        &mut self,
        inputs: Fields,
        state: Fields,
        answers: Vec<(String, HostResponse)>,
    ) -> Shown {
        let candidate = match self.complete(inputs, state, answers) {
            Ok(candidate) => candidate,
            Err(error) => return Shown::Refused(error),
        };
        match self.run(&candidate, false, None) {
            Err(error) => Shown::Refused(error),
            Ok(ran) => match ran.verdict {
                Verdict::Holds(end) => Shown::Holds(self.outcome(end)),
                Verdict::Defect(obligation, end) => {
                    let candidate = Candidate { answers: ran.given, ..candidate };
                    Shown::Defect(Box::new(self.defect(candidate, obligation, end)))
                }
                Verdict::NotAnInput(condition) => Shown::NotAnInput(condition),
                Verdict::HostContract(condition) => Shown::HostContract(condition),
                Verdict::Limit(limit) => Shown::Limit(limit),
            },
        }
    }

    fn complete(
        &self,
        inputs: Fields,
        state: Fields,
        answers: Vec<(String, HostResponse)>,
    ) -> Result<Candidate, Error> {
        let function = self.declared();
        for (name, _) in &inputs {
            if !function.is_some_and(|function| function.inputs.iter().any(|input| input.name == *name)) {
                return Err(refuse(&codes::INPUT_NAME, format!("there is no input `{name}`")));
            }
        }
        let find = |fields: &Fields, name: &str| {
            fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        let declared = function.map_or(&[][..], |function| &function.inputs);
        let complete = declared.iter().map(|input| {
            let optional =
                matches!(self.module.types.types.get(input.type_id.0 as usize), Some(Type::Optional(_)));
            let value = find(&inputs, &input.name).or_else(|| input.default.clone());
            let value = value.or_else(|| optional.then_some(Value::Optional(None)));
            let missing = || refuse(&codes::INPUT_NAME, format!("the input `{}` is missing", input.name));
            value.map(|value| (input.name.clone(), value)).ok_or_else(missing)
        });
        let variables = self.module.semantic.state.iter();
        let operation = |(name, response): (String, HostResponse)| {
            let index = self.module.semantic.host.iter().position(|operation| operation.name == name)?;
            Some((u32::try_from(index).ok()?, response))
        };
        Ok(Candidate {
            inputs: complete.collect::<Result<_, _>>()?,
            state: variables
                .map(|variable| find(&state, &variable.name).unwrap_or_else(|| variable.initial.clone()))
                .collect(),
            answers: answers.into_iter().filter_map(operation).collect(),
            method: Method::Model,
        })
    }

    pub(super) fn declared(&self) -> Option<&Function> {
        self.module.semantic.functions.get(self.function as usize)
    }

    /// Runs a candidate; `invents` lets the host make up what the script does not say.
    pub(super) fn run(
        &mut self,
        candidate: &Candidate,
        invents: bool,
        cancellation: Option<&CancellationToken>,
    ) -> Result<Ran, Error> {
        let sensitive = self.declared().is_some_and(|function| function.security.sensitive_data);
        let mut script = Script::new(&mut self.generator, candidate.answers.clone(), invents);
        let call = Call {
            function: self.function,
            inputs: &candidate.inputs,
            state: &candidate.state,
            deadline: None,
            cancellation: cancellation.cloned(),
            keeps_values: !sensitive,
        };
        let Ended { end, state: after, fuel, contract_units, .. } = self.instance.call(&call, &mut script)?;
        let (edges, given) = (std::mem::take(&mut script.edges), std::mem::take(&mut script.given));
        let verdict = match end {
            End::Limit(limit) => Verdict::Limit(limit),
            End::Fault(fault) => judge(fault),
            other => Verdict::Holds(other),
        };
        Ok(Ran { verdict, after, charges: fuel.saturating_add(contract_units), contract_units, edges, given })
    }

    fn outcome(&self, end: End) -> Outcome {
        match end {
            End::Success(values) => {
                let fields = self.declared().map_or(&[][..], |function| &function.success);
                Outcome::Success(fields.iter().map(|field| field.name.clone()).zip(values).collect())
            }
            End::Failure(code, message) => {
                let code = self.declared().and_then(|function| function.error_codes.get(code as usize));
                Outcome::Failure { error_code: code.cloned().unwrap_or_default(), message }
            }
            End::Fault(fault) => Outcome::Fault(fault),
            End::Limit(limit) => Outcome::Limit(limit),
        }
    }

    /// The values of the variables that the function names.
    pub(super) fn named_state(&self, values: Vec<Value>) -> Fields {
        let used = self.declared().map_or(&[][..], |function| &function.state);
        let variables = self.module.semantic.state.iter().zip(values).zip(0_u32..);
        let named = variables.filter(|(_, index)| used.contains(index));
        named.map(|((variable, value), _)| (variable.name.clone(), value)).collect()
    }

    pub(super) fn defect(&self, candidate: Candidate, obligation: String, end: End) -> Defect {
        let state = self.named_state(candidate.state);
        let answers = candidate.answers.into_iter().map(|(operation, response)| {
            let declared = self.module.semantic.host.get(operation as usize);
            (declared.map_or_else(String::new, |declared| declared.name.clone()), response)
        });
        let witness = Witness {
            inputs: candidate.inputs,
            state,
            answers: answers.collect(),
            outcome: self.outcome(end),
            method: candidate.method,
        };
        Defect { obligation, witness }
    }

    /// The function's examples.
    pub(super) fn examples(&self) -> VecDeque<Candidate> {
        let Some(function) = self.declared() else { return VecDeque::new() };
        let made = function.examples.iter().map(|example| {
            let mut state = self.initial_state();
            for (index, value) in &example.state {
                if let Some(place) = state.get_mut(*index as usize) {
                    *place = value.clone();
                }
            }
            let answers = example.host.iter().flat_map(|(operation, answers)| {
                let declared = self.module.semantic.host.get(*operation as usize);
                let fields = declared.map_or(&[][..], |declared| &declared.success);
                answers.iter().map(move |answer| {
                    let response = match answer {
                        HostAnswer::Success(values) => {
                            let names = fields.iter().map(|field| field.name.clone());
                            HostResponse::Success(names.zip(values.iter().cloned()).collect())
                        }
                        HostAnswer::Error(error_code, message) => {
                            HostResponse::Error { error_code: error_code.clone(), message: message.clone() }
                        }
                    };
                    (*operation, response)
                })
            });
            let names = function.inputs.iter().map(|input| input.name.clone());
            Candidate {
                inputs: names.zip(example.inputs.iter().cloned()).collect(),
                state,
                answers: answers.collect(),
                method: Method::Example,
            }
        });
        made.collect()
    }

    pub(super) fn initial_state(&self) -> Vec<Value> {
        self.module.semantic.state.iter().map(|variable| variable.initial.clone()).collect()
    }

    /// The types of the inputs.
    pub(super) fn input_types(&self) -> Vec<TypeId> {
        self.declared()
            .map_or_else(Vec::new, |function| function.inputs.iter().map(|it| it.type_id).collect())
    }
}

/// What a fault says of the function.
fn judge(fault: Fault) -> Verdict {
    let id = fault.obligation.clone().unwrap_or_else(|| format!("{}/{}", fault.function, fault.kind.name()));
    match fault.kind {
        FaultKind::HostContractViolation => Verdict::HostContract(id),
        // A condition on entry that does not hold. One that cannot be told is a defect, also where it is a
        // record's: then the check that failed is another.
        FaultKind::PreconditionViolation | FaultKind::ConstraintViolation | FaultKind::InvariantViolation
            if is_entry_clause(&id) =>
        {
            Verdict::NotAnInput(id)
        }
        _ => Verdict::Defect(id, End::Fault(fault)),
    }
}

fn refuse(code: &'static anrf_format::diagnostic::Code, message: impl Into<String>) -> Error {
    Error { code, message: message.into(), help: None, function: None }
}

fn is_entry_clause(id: &str) -> bool {
    let mut parts = id.rsplit('/').skip(1);
    let kind = parts.next();
    parts.next() == Some("@entry") && matches!(kind, Some("precondition" | "constraint" | "invariant"))
}
