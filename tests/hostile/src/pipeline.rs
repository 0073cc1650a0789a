//! From bytes to a run.

use std::sync::Arc;
use std::time::Duration;

use anrf::semantic::Semantic;
use anrf::types::{Type, TypeId, TypeTable};
use anrf::{Decimal, Engine, Error, Limits, Module, NoResolver, Policy, Run, Timestamp, Value};

use crate::{Measured, TIME, allowance, measure};

/// What an input ended in.
#[derive(Debug)]
pub enum Ending {
    /// An error with this code and place.
    Refused(&'static str, String),
    /// It was loaded; what its functions ended in, called with the plainest arguments.
    Ran(Vec<String>),
}

impl Ending {
    /// The code of the error, or `ran`.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(code, _) => code,
            Self::Ran(_) => "ran",
        }
    }
}

/// How many functions of a module are called.
const CALLED: usize = 4;

/// Loads bytes and calls what they hold, within the bounds of time, memory and stack.
///
/// # Panics
/// If a bound is broken, or an error has no place in the input.
#[must_use]
#[track_caller]
pub fn load(name: &str, bytes: &[u8]) -> Ending {
    let engine = Engine::builder().resolver(Arc::new(NoResolver)).policy(policy()).build();
    let loaded = measure(|| engine.load_bytes(name, bytes));
    bounded(name, "loading", bytes.len(), &loaded);
    match loaded.value {
        Err(error) => refused(name, bytes.len(), &error),
        Ok(module) => {
            let ran = measure(|| call_plainly(&module));
            // What a run may have is its Policy's: values, and as much again around them.
            let allowed = allowance(bytes.len()) + 2 * MEMORY;
            assert!(ran.peak <= allowed, "{name}: running takes {} bytes, allowed are {allowed}", ran.peak);
            assert!(ran.time <= TIME, "{name}: running takes {:?}", ran.time);
            let packed = measure(|| module.pack());
            assert!(packed.time <= TIME, "{name}: packing takes {:?}", packed.time);
            let packed = packed.value;
            let again = measure(|| engine.load_bytes(name, &packed));
            bounded(name, "loading the packed form", packed.len(), &again);
            match again.value {
                Ok(again) => assert_eq!(again.id(), module.id(), "{name}: the packed form has another id"),
                Err(error) => panic!("{name}: the packed form is refused: {error}"),
            }
            Ending::Ran(ran.value)
        }
    }
}

#[track_caller]
fn bounded<T>(name: &str, what: &str, input: usize, measured: &Measured<T>) {
    if std::env::var_os("HOSTILE_REPORT").is_some() {
        let ratio = measured.peak.saturating_sub(1 << 20) / input.max(1);
        eprintln!("{name}: {what} of {input} bytes: {:?}, {} bytes ({ratio}x)", measured.time, measured.peak);
        return;
    }
    let allowed = allowance(input);
    assert!(measured.time <= TIME, "{name}: {what} {input} bytes takes {:?}", measured.time);
    assert!(
        measured.peak <= allowed,
        "{name}: {what} {input} bytes takes {} bytes, allowed are {allowed}",
        measured.peak
    );
}

/// Every error has a code and a place in the input.
#[track_caller]
fn refused(name: &str, length: usize, error: &Error) -> Ending {
    let code = error.code().id;
    let first = error.diagnostics().first();
    for found in error.diagnostics() {
        let (start, end) = (found.span.start as usize, found.span.end as usize);
        assert!(start <= end && end <= length, "{name}: {} is at {start}..{end} of {length}", found.code);
    }
    assert!(
        first.is_some() || !code.starts_with("E-YAML"),
        "{name}: an error of a text has a place: {error}"
    );
    let code = first.map_or(code, |found| found.code.id);
    let message = first.map_or_else(|| error.to_string(), |found| found.message.clone());
    assert!(message.len() < 2_000, "{name}: a message of {} bytes", message.len());
    Ending::Refused(code, message)
}

/// Bytes of values that a run may have.
const MEMORY: usize = 4 << 20;

/// What the runs of hostile modules are permitted.
#[must_use]
pub fn policy() -> Policy {
    let limits = Limits {
        fuel: 1_000_000,
        contract_budget: 1_000_000,
        memory_bytes: MEMORY as u64,
        wall_time: Some(Duration::from_millis(500)),
        ..Limits::default()
    };
    Policy { limits, ..Policy::default() }
}

/// Calls the first functions of a module with the plainest arguments; says what they ended in.
#[must_use]
pub fn call_plainly(module: &Module) -> Vec<String> {
    let document = module.document();
    let mut endings = vec![];
    for function in module.functions().into_iter().take(CALLED) {
        let mut run = Run::new();
        for input in &function.semantic().inputs {
            match plain(&document.types, &document.semantic, input.type_id, 0) {
                Some(value) => run = run.input(&input.name, value),
                None => return endings,
            }
        }
        endings.push(match function.run(run) {
            Ok(execution) => format!("{:?}", execution.outcome()).chars().take(200).collect(),
            Err(error) => error.code().id.to_owned(),
        });
    }
    endings
}

/// The plainest value of a type, if there is a small one.
fn plain(types: &TypeTable, semantic: &Semantic, id: TypeId, depth: usize) -> Option<Value> {
    if depth > 8 {
        return None;
    }
    let fields = |fields: &[anrf::types::Field]| {
        fields
            .iter()
            .map(|field| Some((field.name.clone(), plain(types, semantic, field.type_id, depth + 1)?)))
            .collect::<Option<Vec<_>>>()
    };
    Some(match types.get(id) {
        Type::Boolean => Value::Boolean(false),
        Type::Integer | Type::Unbounded => Value::Integer(1),
        Type::Decimal => Value::Decimal(Decimal::from(1_i64)),
        Type::Float => Value::Float(1.0),
        Type::String => Value::String("text".into()),
        Type::Bytes => Value::Bytes(vec![1]),
        Type::Timestamp => Value::Timestamp(Timestamp::parse("2026-01-01T00:00:00Z").ok()?),
        Type::Optional(_) => Value::Optional(None),
        Type::Array(_) => Value::Array(vec![]),
        Type::Map(..) => Value::Map(vec![]),
        Type::Set(_) => Value::Set(vec![]),
        Type::Enum(_) | Type::Machine(_) => Value::Enum(types.symbols(id)?.first()?.clone()),
        Type::Record(_) => Value::Record(fields(&types.record(id)?.fields)?),
        Type::Variant(_) => {
            let case = types.variant(id)?.cases.first()?;
            Value::Variant(case.name.clone(), fields(&case.fields)?)
        }
    })
}
