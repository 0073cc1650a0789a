//! The surroundings of a tested run: a host that answers what it is told to or what could be, and the steps
//! that were come by.

use std::sync::Arc;

use anrf_format::module::Module;
use anrf_format::semantic::LogLevel;
use anrf_format::value::Value;
use anrf_runtime::{Answer, Fields, HostEffects, HostResponse, Limit, Traced};
use rustc_hash::FxHashMap;

use super::generate::Generator;

/// What a host that is made up says of its errors.
const MESSAGE: &str = "made up";
/// So many host calls are answered.
const HOST_CALLS: u64 = 200;

/// What was answered by which operation.
pub(super) type Answers = Vec<(u32, HostResponse)>;

/// The plainest answer of an operation.
pub(super) fn plain_answer(generator: &Generator, operation: u32) -> HostResponse {
    let fields = generator.module.semantic.host.get(operation as usize).map_or(&[][..], |it| &it.success);
    let plain = fields.iter().map(|field| (field.name.clone(), generator.plain(field.type_id)));
    HostResponse::Success(plain.collect())
}

/// Surroundings of one run.
pub(super) struct Script<'a> {
    generator: &'a mut Generator,
    /// Whether answers that the script does not have are made up; otherwise they are the plainest.
    invents: bool,
    remaining: Answers,
    /// What was answered, in order.
    pub(super) given: Answers,
    attempts: Vec<u64>,
    calls: u64,
    /// How often the code went from a step to another at about that charge.
    pub(super) edges: FxHashMap<u64, u32>,
    last: u64,
    last_fuel: u64,
}

impl<'a> Script<'a> {
    pub(super) fn new(generator: &'a mut Generator, answers: Answers, invents: bool) -> Self {
        let operations = generator.module.semantic.host.len();
        Self {
            generator,
            invents,
            remaining: answers,
            given: vec![],
            attempts: vec![0; operations],
            calls: 0,
            edges: FxHashMap::default(),
            last: 0,
            last_fuel: 0,
        }
    }

    fn respond(&mut self, operation: u32, inputs: &[Value]) -> HostResponse {
        if let Some(position) = self.remaining.iter().position(|(known, _)| *known == operation) {
            return self.remaining.remove(position).1;
        }
        let module = Arc::clone(&self.generator.module);
        let declared = module.semantic.host.get(operation as usize).filter(|_| self.invents);
        let Some(declared) = declared else { return plain_answer(self.generator, operation) };
        // Answers often have to do with what was asked.
        for (field, value) in declared.inputs.iter().zip(inputs) {
            self.generator.notice(field.type_id, value);
        }
        if self.generator.random.chance(30)
            && let Some(code) = self.generator.random.pick(&declared.error_codes)
        {
            return HostResponse::Error { error_code: code.clone(), message: MESSAGE.into() };
        }
        let fields = declared.success.iter();
        let made = fields.map(|field| (field.name.clone(), self.generator.value(field.type_id)));
        HostResponse::Success(made.collect())
    }
}

/// What a response says to the code.
fn answer(module: &Module, operation: u32, response: &HostResponse) -> Answer {
    let Some(declared) = module.semantic.host.get(operation as usize) else { return Answer::Invalid };
    match response {
        HostResponse::Success(fields) => {
            let declares = |(name, _): &(String, Value)| declared.success.iter().any(|it| it.name == *name);
            if !fields.iter().all(declares) || fields.len() > declared.success.len() {
                return Answer::Invalid;
            }
            let find = |name: &str| fields.iter().find(|(known, _)| known == name);
            let values = declared.success.iter().map(|it| find(&it.name).map(|(_, value)| value.clone()));
            Answer::Success(values.collect())
        }
        HostResponse::Error { error_code, message } => {
            let code = declared.error_codes.iter().position(|code| code == error_code);
            match code.and_then(|code| u32::try_from(code).ok()) {
                Some(code) => Answer::Error(code, message.clone()),
                None => Answer::Invalid,
            }
        }
    }
}

impl HostEffects for Script<'_> {
    fn invoke(&mut self, operation: u32, inputs: Vec<Value>) -> Result<Answer, Limit> {
        self.calls += 1;
        if self.calls > HOST_CALLS {
            return Err(Limit::Io);
        }
        if let Some(attempts) = self.attempts.get_mut(operation as usize) {
            *attempts += 1;
        }
        let response = self.respond(operation, &inputs);
        let answer = answer(&self.generator.module, operation, &response);
        self.given.push((operation, response));
        Ok(answer)
    }

    fn log(&mut self, _: LogLevel, _: Option<&str>, _: String, _: Fields) -> Result<(), Limit> {
        Ok(())
    }

    fn moved(&mut self, _: u32, _: u32, _: u32) -> Result<(), Limit> {
        Ok(())
    }

    /// Nobody waits for made-up answers.
    fn wait(&mut self, _: u64) -> Result<(), Limit> {
        Ok(())
    }

    fn attempts(&self, operation: u32) -> u64 {
        self.attempts.get(operation as usize).copied().unwrap_or(0)
    }

    fn traced(&mut self, traced: Traced) {
        let (function, step, fuel) = match traced {
            Traced::Entered { function, fuel, .. } => (function, 0, fuel),
            Traced::Stepped { function, step, fuel, .. } => (function, u64::from(step.0) + 1, fuel),
            Traced::Bound { .. } => return,
        };
        // Branches inside a step have no number of their own, but mostly a charge of their own.
        let charged = fuel.saturating_sub(self.last_fuel);
        let charged = if charged < 16 { charged } else { 16 + u64::from(charged.ilog2()) };
        let here = u64::from(function) << 24 | step;
        let edge = self.last.rotate_left(25) ^ here ^ charged << 56;
        *self.edges.entry(edge).or_insert(0) += 1;
        (self.last, self.last_fuel) = (here, fuel);
    }
}
