//! A function that can be called.

use std::sync::Arc;

use anrf_execution::json::{Recording, RecordingError};
use anrf_execution::typed::{Scalars, TypedFunction, describe};
use anrf_format::data::Fields as Schema;
use anrf_format::hash::Hash;
use anrf_format::types::Field;
use anrf_format::value::Value;
use anrf_runtime::{
    CancellationToken, Environment, Fields, Hook, Host, Observer, Policy, Request, replay, run,
};

use crate::error::{Error, facade_codes};
use crate::execution::Execution;
use crate::module::Module;

/// A function of a loaded module: cheap to clone, shared by threads.
#[derive(Clone, Debug)]
pub struct Function {
    pub(crate) module: Module,
    pub(crate) index: u32,
}

/// What one run is given. What is left out comes from the engine.
#[derive(Clone, Default)]
pub struct Run {
    /// By name, in any order; inputs with a default and optional ones may be left out.
    pub inputs: Fields,
    /// State variables by name; those left out have their initial value.
    pub state: Fields,
    /// What is permitted and how much.
    pub policy: Option<Policy>,
    /// What implements host operations.
    pub host: Option<Arc<dyn Host>>,
    /// Who watches.
    pub observer: Option<Arc<dyn Observer>>,
    /// Who can end it.
    pub cancellation: Option<CancellationToken>,
    /// The id of the run; made up if there is none.
    pub id: Option<String>,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Run")
            .field("id", &self.id)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl Run {
    /// Nothing given yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an input.
    #[must_use]
    pub fn input(mut self, name: impl Into<String>, value: Value) -> Self {
        self.inputs.push((name.into(), value));
        self
    }

    /// Adds a state variable.
    #[must_use]
    pub fn state(mut self, name: impl Into<String>, value: Value) -> Self {
        self.state.push((name.into(), value));
        self
    }

    /// Sets all inputs at once.
    #[must_use]
    pub fn inputs(mut self, inputs: Fields) -> Self {
        self.inputs = inputs;
        self
    }

    /// Sets the whole state, such as [`Execution::state`] of the run before.
    #[must_use]
    pub fn whole_state(mut self, state: Fields) -> Self {
        self.state = state;
        self
    }

    /// Sets who watches.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Sets the id of the run.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets what is permitted.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Sets what implements host operations.
    #[must_use]
    pub fn host(mut self, host: Arc<dyn Host>) -> Self {
        self.host = Some(host);
        self
    }

    /// Sets who can end it.
    #[must_use]
    pub fn cancellation(mut self, token: CancellationToken) -> Self {
        self.cancellation = Some(token);
        self
    }
}

impl Function {
    /// The name with version: `transfer_funds_v1`.
    #[must_use]
    pub fn node_id(&self) -> String {
        self.semantic().node_id()
    }

    /// The name without version.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.semantic().name
    }

    /// Its index in the module's list of functions.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// The module it belongs to.
    #[must_use]
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// One sentence of what it is for.
    #[must_use]
    pub fn intent(&self) -> &str {
        let intents = &self.module.document().intent.functions;
        intents.get(self.index as usize).map_or("", |intent| &intent.text)
    }

    /// The typed tree.
    #[must_use]
    pub fn semantic(&self) -> &anrf_format::semantic::Function {
        &self.module.document().semantic.functions[self.index as usize]
    }

    /// Names and types of the inputs.
    #[must_use]
    pub fn inputs(&self) -> Vec<Field> {
        let inputs = self.semantic().inputs.iter();
        inputs.map(|input| Field { name: input.name.clone(), type_id: input.type_id }).collect()
    }

    /// Names and types of the state variables that it uses.
    #[must_use]
    pub fn state_variables(&self) -> Vec<Field> {
        let variables = self.semantic().state.iter();
        let known = &self.module.document().semantic.state;
        variables
            .filter_map(|index| known.get(*index as usize))
            .map(|variable| Field { name: variable.name.clone(), type_id: variable.type_id })
            .collect()
    }

    /// The hash of its types and contract.
    #[must_use]
    pub fn interface_hash(&self) -> Hash {
        self.module.document().interface_hash(self.index)
    }

    /// The hash of all that decides what it does.
    #[must_use]
    pub fn meaning_hash(&self) -> Hash {
        self.module.document().meaning_hash(self.index)
    }

    /// Reads inputs from a JSON object (language reference, "JSON form of values").
    ///
    /// # Errors
    /// If the text is not the inputs of this function.
    pub fn inputs_from_json(&self, text: &str) -> Result<Fields, Error> {
        let fields = self.inputs();
        let defaults: Vec<Option<Value>> =
            self.semantic().inputs.iter().map(|input| input.default.clone()).collect();
        let sensitive = self.semantic().security.sensitive_data;
        let types = &self.module.document().types;
        let schema = Schema { types, fields: &fields, defaults: &defaults, sensitive };
        let values = schema.from_json(text)?;
        Ok(fields.into_iter().map(|field| field.name).zip(values).collect())
    }

    /// Reads state from a JSON object; variables left out have their initial value.
    ///
    /// # Errors
    /// If the text is not state of this function.
    pub fn state_from_json(&self, text: &str) -> Result<Fields, Error> {
        let document = self.module.document();
        let fields = self.state_variables();
        let variables =
            self.semantic().state.iter().filter_map(|index| document.semantic.state.get(*index as usize));
        let defaults: Vec<Option<Value>> = variables.map(|variable| Some(variable.initial.clone())).collect();
        let sensitive = self.semantic().security.sensitive_data;
        let schema = Schema { types: &document.types, fields: &fields, defaults: &defaults, sensitive };
        let values = schema.from_json(text)?;
        Ok(fields.into_iter().map(|field| field.name).zip(values).collect())
    }

    /// Runs it with these inputs, and all else as the engine has it.
    ///
    /// # Errors
    /// If inputs are missing, unknown or of a wrong type. How the run ends is not an error: see
    /// [`Execution::outcome`].
    pub fn call<N: Into<String>>(
        &self,
        inputs: impl IntoIterator<Item = (N, Value)>,
    ) -> Result<Execution, Error> {
        let inputs = inputs.into_iter().map(|(name, value)| (name.into(), value)).collect();
        self.run(Run { inputs, ..Run::default() })
    }

    /// Runs it.
    ///
    /// # Errors
    /// As [`Function::call`]; also if a hook refuses, or the state is not the function's.
    pub fn run(&self, given: Run) -> Result<Execution, Error> {
        let parts = &self.module.engine.0;
        let hooks: Vec<&dyn Hook> = parts.hooks.iter().map(|hook| &**hook).collect();
        let environment = Environment {
            policy: given.policy.as_ref().unwrap_or(&parts.policy),
            host: &**given.host.as_ref().unwrap_or(&parts.host),
            observer: &**given.observer.as_ref().unwrap_or(&parts.observer),
            hooks: &hooks,
        };
        let state = given.state.clone();
        let request = Request {
            function: self.index,
            inputs: given.inputs,
            state: given.state,
            id: given.id,
            cancellation: given.cancellation,
        };
        let ran = run(&self.module.loaded, request, &environment)?;
        Ok(Execution { function: self.clone(), state_before: state, ran })
    }

    /// Runs a recording once more, without a host.
    ///
    /// # Errors
    /// If the run exchanges something else with the outside than the recording says, or the recording holds
    /// no values because they are sensitive.
    pub fn replay(&self, recording: &Recording, policy: Option<&Policy>) -> Result<Execution, Error> {
        if self.semantic().security.sensitive_data {
            return Err(RecordingError::Redacted(self.node_id()).into());
        }
        let request = Request {
            function: self.index,
            inputs: recording.inputs.clone(),
            state: recording.state.clone(),
            ..Request::default()
        };
        let policy = policy.unwrap_or(&self.module.engine.0.policy);
        let ran = replay(&self.module.loaded, request, &recording.journal, policy)?;
        Ok(Execution { function: self.clone(), state_before: recording.state.clone(), ran })
    }

    /// A native handle for a function over scalars: resolved and authorised once, then called without
    /// conversion. It owns the memory of its runs, so make one per thread.
    ///
    /// # Errors
    /// If the types are others, or the function needs state, host operations or a capability that the
    /// engine's Policy does not give.
    pub fn typed<Arguments: Scalars, Results: Scalars>(
        &self,
    ) -> Result<TypedFunction<Arguments, Results>, Error> {
        let policy = &self.module.engine.0.policy;
        let types = &self.module.document().types;
        let instance = self.module.loaded.instantiate(self.index, policy)?;
        let denied = self.module.loaded.missing_capability(self.index, policy);
        let handle =
            TypedFunction::new(instance, types, self.index, self.semantic()).filter(|_| denied.is_none());
        handle.ok_or_else(|| {
            let semantic = self.semantic();
            let (message, help) =
                if semantic.state.is_empty() && semantic.security.capabilities_required.is_empty() {
                    let message = format!("`{}` is {}", self.node_id(), describe(types, semantic));
                    (message, "name these types, or use `call`, which takes any values")
                } else {
                    let message = format!("`{}` uses state or host operations", self.node_id());
                    (message, "use `call`, which takes and gives state and reaches the host")
                };
            Error::new(&facade_codes::SIGNATURE, message).with_help(help)
        })
    }
}

#[cfg(test)]
mod tests {
    use anrf_format::value::Value;

    use crate::{Engine, Run};

    const SECRET: &str = "node_id: f_v1
type: algorithm
intent: Show one thing.
inputs: { n: { type: integer, constraints: [\"n >= 0\"] } }
outputs: { success: { y: integer }, error: { error_code: \"enum[odd]\", message: string } }
flow:
  - { step: even, operation: require, parameters: { condition: \"n % 2 == 0\", fail: odd, message: \"{n} is odd\" } }
  - { step: done, operation: return, parameters: { y: \"1 / (n - 73317332)\" } }
security: { sensitive_data: true, audit_level: detailed }
";

    #[test]
    fn a_sensitive_value_is_in_no_error() {
        let function = Engine::new().load_text("f.vsp", SECRET).unwrap().function("f").unwrap();
        let mut typed = function.typed::<(i64,), (i64,)>().unwrap();
        for n in [-73317331, 73317331, 73317332] {
            let stopped = typed.call((n,)).unwrap_err();
            let said = format!("{stopped} {stopped:?}");
            assert!(!said.contains("7331733"), "{said}");
            let execution = function.call([("n", Value::Integer(n))]).unwrap();
            let kept = execution.recording().to_json(function.module().document());
            let said = format!("{execution:?} {kept} {}", execution.record_json());
            assert!(!said.replace(SECRET, "").contains("7331733"), "{said}");
        }
        let wrong =
            [Value::String("MARKER".into()), Value::Enum("MARKER".into()), Value::Bytes(b"MARKER".to_vec())];
        for value in wrong {
            let error = function.run(Run::new().inputs(vec![("n".into(), value)])).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("MARKER"), "{error:?}");
        }
        let error = function.inputs_from_json(r#"{"n": "MARKER"}"#).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("MARKER"), "{error:?}");
    }
}
