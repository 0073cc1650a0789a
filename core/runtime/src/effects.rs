//! What a run does to the outside: host operations, logs, moves of state machines; journaled, counted,
//! redacted.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use anrf_format::module::Module;
use anrf_format::semantic::{Function, LogLevel};
use anrf_format::value::Value;

use crate::backend::{Answer, HostEffects, Traced};
use crate::cancellation::CancellationToken;
use crate::execution_record::{REDACTED, redacted};
use crate::host::{Host, HostError, HostRequest, HostResponse};
use crate::journal::{Journal, JournalEntry, LogEntry};
use crate::observer::Event;
use crate::outcome::Fields;
use crate::policy::Limits;
use crate::run::Environment;
use crate::stop::Limit;

/// How long a wait goes on without looking at the clock.
const NAP: Duration = Duration::from_millis(10);

/// Everything around a run.
pub(crate) struct Surroundings<'run> {
    module: &'run Module,
    environment: &'run Environment<'run>,
    id: &'run str,
    limits: Limits,
    sensitive: bool,
    deadline: Option<Instant>,
    cancellation: Option<CancellationToken>,
    journal: Journal,
    journal_bytes: u64,
    host_calls: u64,
    host_bytes: u64,
    /// Attempts of each operation.
    attempts: Vec<u64>,
}

/// The journal's side of [`HostEffects`].
pub(crate) struct RunEffects<'a, 'run> {
    around: &'a mut Surroundings<'run>,
}

impl<'a, 'run> RunEffects<'a, 'run> {
    pub(crate) fn new(around: &'a mut Surroundings<'run>) -> Self {
        Self { around }
    }
}

impl<'run> Surroundings<'run> {
    pub(crate) fn new(
        module: &'run Module,
        function: &Function,
        environment: &'run Environment<'run>,
        id: &'run str,
        cancellation: Option<CancellationToken>,
    ) -> Self {
        let limits = environment.policy.limits.within(&function.performance);
        let deadline = limits.wall_time.and_then(|time| Instant::now().checked_add(time));
        Self {
            module,
            environment,
            id,
            limits,
            sensitive: function.security.sensitive_data,
            deadline,
            cancellation,
            journal: Journal::default(),
            journal_bytes: 0,
            host_calls: 0,
            host_bytes: 0,
            attempts: vec![0; module.semantic.host.len()],
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Logs, and the journal with them in their places.
    pub(crate) fn into_records(self) -> (Vec<LogEntry>, Journal) {
        let logs = self.journal.entries.iter().filter_map(|entry| match entry {
            JournalEntry::Logged(log) => Some(log.clone()),
            _ => None,
        });
        (logs.collect(), self.journal)
    }

    fn count_journal(&mut self, bytes: usize) -> Result<(), Limit> {
        self.journal_bytes = self.journal_bytes.saturating_add(bytes as u64);
        if self.journal_bytes > self.limits.journal_bytes { Err(Limit::Journal) } else { Ok(()) }
    }

    fn write(&mut self, entry: JournalEntry) {
        self.environment.observer.event(Event::Journaled { id: self.id, entry: &entry });
        self.journal.entries.push(entry);
    }

    /// How many bytes of these the journal would keep.
    fn kept_bytes(&self, fields: &Fields) -> usize {
        if self.sensitive { fields_bytes(&self.redact(fields.clone())) } else { fields_bytes(fields) }
    }

    fn redact(&self, fields: Fields) -> Fields {
        if self.sensitive { fields.into_iter().map(|(name, _)| (name, redacted())).collect() } else { fields }
    }

    fn redact_text(&self, text: String) -> String {
        if self.sensitive { REDACTED.to_owned() } else { text }
    }
}

impl HostEffects for RunEffects<'_, '_> {
    fn invoke(&mut self, operation: u32, inputs: Vec<Value>) -> Result<Answer, Limit> {
        let around = &mut *self.around;
        let Some(declared) = around.module.semantic.host.get(operation as usize) else {
            return Ok(Answer::Invalid);
        };
        around.host_calls += 1;
        if around.host_calls > around.limits.host_calls {
            return Err(Limit::Io);
        }
        let attempt = around.attempts.get_mut(operation as usize).map_or(1, |attempts| {
            *attempts += 1;
            *attempts
        });
        let inputs: Fields = declared.inputs.iter().map(|field| field.name.clone()).zip(inputs).collect();
        around.host_bytes = around.host_bytes.saturating_add(fields_bytes(&inputs) as u64);
        if around.host_bytes > around.limits.host_bytes {
            return Err(Limit::Io);
        }
        let attempt = u32::try_from(attempt).unwrap_or(u32::MAX);
        let request = HostRequest { operation: declared.name.clone(), inputs, attempt };
        // Nothing happens outside that the journal has no room to ask for again.
        let size = request.operation.len() + around.kept_bytes(&request.inputs);
        around.count_journal(size)?;
        let response = invoke_caught(around.environment.host, &request);
        let answer = match &response {
            Ok(HostResponse::Success(fields)) => {
                around.host_bytes = around.host_bytes.saturating_add(fields_bytes(fields) as u64);
                let mut taken = fields.clone();
                let mut take = |name: &str| {
                    let index = taken.iter().position(|(known, _)| known == name)?;
                    Some(taken.swap_remove(index).1)
                };
                let values = declared.success.iter().map(|field| take(&field.name)).collect();
                if taken.is_empty() { Answer::Success(values) } else { Answer::Invalid }
            }
            Ok(HostResponse::Error { error_code, message }) => {
                around.host_bytes = around.host_bytes.saturating_add(message.len() as u64);
                match declared.error_codes.iter().position(|code| code == error_code) {
                    Some(code) => Answer::Error(u32::try_from(code).unwrap_or(u32::MAX), message.clone()),
                    None => Answer::Invalid,
                }
            }
            Err(_) => Answer::Invalid,
        };
        let response = match response {
            Ok(HostResponse::Success(fields)) => Ok(HostResponse::Success(around.redact(fields))),
            Ok(HostResponse::Error { error_code, message }) => {
                Ok(HostResponse::Error { error_code, message: around.redact_text(message) })
            }
            Err(error) => Err(around.redact_text(error.message)),
        };
        let request = HostRequest { inputs: around.redact(request.inputs), ..request };
        let size = match &response {
            Ok(HostResponse::Success(fields)) => fields_bytes(fields),
            Ok(HostResponse::Error { error_code, message }) => error_code.len() + message.len(),
            Err(message) => message.len(),
        };
        let counted = around.count_journal(size);
        // What has happened is kept though its answer be too long, or the run could not be replayed.
        around.write(JournalEntry::Invoked { request, response });
        counted?;
        if around.host_bytes > around.limits.host_bytes { Err(Limit::Io) } else { Ok(answer) }
    }

    fn log(
        &mut self,
        level: LogLevel,
        step: Option<&str>,
        message: String,
        fields: Fields,
    ) -> Result<(), Limit> {
        let around = &mut *self.around;
        let (message, fields) = (around.redact_text(message), around.redact(fields));
        let step = step.map(str::to_owned);
        around.count_journal(message.len() + fields_bytes(&fields))?;
        around.write(JournalEntry::Logged(LogEntry { level, step, message, fields }));
        Ok(())
    }

    fn moved(&mut self, machine: u32, from: u32, to: u32) -> Result<(), Limit> {
        let around = &mut *self.around;
        let Some(known) = around.module.types.machines.get(machine as usize) else { return Ok(()) };
        let state = |index: u32| known.states.get(index as usize).cloned().unwrap_or_default();
        let from = around.redact_text(state(from));
        let to = state(to);
        around.count_journal(known.name.len() + from.len() + to.len())?;
        around.write(JournalEntry::Moved { machine: known.name.clone(), from, to });
        Ok(())
    }

    fn wait(&mut self, milliseconds: u64) -> Result<(), Limit> {
        let around = &mut *self.around;
        let mut left = Duration::from_millis(milliseconds);
        loop {
            if around.cancellation.as_ref().is_some_and(CancellationToken::is_cancelled) {
                return Err(Limit::Cancelled);
            }
            if around.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Err(Limit::Time);
            }
            if left.is_zero() {
                return Ok(());
            }
            let nap = left.min(NAP);
            around.environment.host.wait(u64::try_from(nap.as_millis()).unwrap_or(1).max(1));
            left = left.saturating_sub(nap);
        }
    }

    fn attempts(&self, operation: u32) -> u64 {
        self.around.attempts.get(operation as usize).copied().unwrap_or(0)
    }

    fn traced(&mut self, traced: Traced) {
        self.around.environment.observer.event(Event::Traced { id: self.around.id, traced: &traced });
    }
}

/// Asks the host. A host that panics has not answered; with `panic = "abort"` nothing can be caught, and the
/// process ends.
fn invoke_caught(host: &dyn Host, request: &HostRequest) -> Result<HostResponse, HostError> {
    // What the host leaves half done is its own: nothing of the run is shared with it.
    let answered = catch_unwind(AssertUnwindSafe(|| host.invoke(request)));
    answered.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<&str>().copied();
        let said =
            said.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
        Err(HostError { message: format!("the host panicked in `{}`: {said}", request.operation) })
    })
}

fn fields_bytes(fields: &Fields) -> usize {
    fields.iter().map(|(name, value)| name.len() + value_bytes(value)).sum()
}

/// About how many bytes a value takes; does not recurse, a host may nest as it likes.
fn value_bytes(value: &Value) -> usize {
    let mut bytes = 0_usize;
    let mut work = vec![value];
    while let Some(value) = work.pop() {
        bytes = bytes.saturating_add(8);
        match value {
            Value::String(text) | Value::Enum(text) => bytes = bytes.saturating_add(text.len()),
            Value::Bytes(octets) => bytes = bytes.saturating_add(octets.len()),
            Value::Decimal(number) => {
                bytes = bytes.saturating_add(usize::try_from(number.byte_size()).unwrap_or(usize::MAX));
            }
            Value::Optional(Some(inner)) => work.push(inner),
            Value::Array(values) | Value::Set(values) => work.extend(values),
            Value::Map(entries) => work.extend(entries.iter().flat_map(|(key, value)| [key, value])),
            Value::Record(fields) | Value::Variant(_, fields) => {
                work.extend(fields.iter().map(|(_, value)| value))
            }
            _ => {}
        }
    }
    bytes
}
