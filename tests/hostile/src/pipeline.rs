//! From bytes to a run.

use std::sync::Arc;
use std::time::Duration;

use anrf::types::{Type, TypeId, TypeTable};
use anrf::{Decimal, Engine, Error, Limits, Module, NoResolver, Policy, Run, Timestamp, Value};

use crate::{Measured, TIME, allowance, measure};

/// What an input ended in.
#[derive(Debug)]
pub enum Ending {
    /// An error with this code and message.
    Refused(&'static str, String),
    /// It was loaded; what its functions ended in, called with the plainest arguments.
    Ran(Vec<String>),
}

/// How many functions of a module are called.
const CALLED: usize = 4;

/// An engine that reads no other files and permits little.
#[must_use]
pub fn engine() -> Engine {
    Engine::builder().resolver(Arc::new(NoResolver)).policy(policy()).build()
}

/// Loads bytes and calls what they hold; then does the same with the packed form.
///
/// # Errors
/// Which of the bounds of time and memory it broke (so many times the input, and a mebibyte), or what else
/// is wrong with how it ended.
pub fn load(name: &str, bytes: &[u8], times: usize) -> Result<Ending, String> {
    let engine = engine();
    let loaded = measure(|| engine.load_bytes(name, bytes));
    println!("  loaded in {:?}, {} bytes live at most", loaded.time, loaded.peak);
    bounded("loading", bytes.len(), times, &loaded)?;
    let module = match loaded.value {
        Err(error) => return refused(bytes.len(), &error),
        Ok(module) => module,
    };
    let ran = measure(|| call_plainly(&module));
    // What a run may have is its Policy's: values, and as much again around them.
    let allowed = allowance(bytes.len(), times) + 2 * MEMORY;
    if ran.peak > allowed || ran.time > TIME {
        return Err(format!("running takes {} bytes and {:?}, allowed are {allowed}", ran.peak, ran.time));
    }
    let packed = measure(|| module.pack());
    if packed.time > TIME {
        return Err(format!("packing takes {:?}", packed.time));
    }
    let packed = packed.value;
    let again = measure(|| engine.load_bytes(name, &packed));
    bounded("loading the packed form", packed.len(), times, &again)?;
    match again.value {
        Ok(again) if again.id() != module.id() => Err("the packed form has another id".into()),
        Ok(again) if call_plainly(&again) != ran.value => Err("the packed form runs differently".into()),
        Ok(_) => Ok(Ending::Ran(ran.value)),
        Err(error) => Err(format!("the packed form is refused: {error}")),
    }
}

/// Whether something stayed in its bounds.
///
/// # Errors
/// What it took.
pub fn bounded<T>(what: &str, input: usize, times: usize, measured: &Measured<T>) -> Result<(), String> {
    let allowed = allowance(input, times);
    if measured.time <= TIME && measured.peak <= allowed {
        return Ok(());
    }
    let Measured { peak, time, .. } = measured;
    Err(format!("{what} {input} bytes takes {time:?} and {peak} bytes, allowed are {allowed}"))
}

/// Every error has a code and a place in the input.
fn refused(length: usize, error: &Error) -> Result<Ending, String> {
    for found in error.diagnostics() {
        let (start, end) = (found.span.start as usize, found.span.end as usize);
        if start > end || end > length {
            return Err(format!("{} is at {start}..{end} of {length}", found.code));
        }
    }
    let first = error.diagnostics().first();
    let code = first.map_or(error.code(), |found| found.code).id;
    let message = first.map_or_else(|| error.to_string(), |found| found.message.clone());
    if first.is_none() && !code.starts_with("E-BINARY") && !code.starts_with("E-LOWER") {
        return Err(format!("{code} has no place: {message}"));
    }
    if message.len() > 10_000 {
        return Err(format!("{code} has a message of {} bytes", message.len()));
    }
    Ok(Ending::Refused(code, message))
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
            match plain(&document.types, input.type_id, 0) {
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
fn plain(types: &TypeTable, id: TypeId, depth: usize) -> Option<Value> {
    if depth > 8 {
        return None;
    }
    let fields = |fields: &[anrf::types::Field]| {
        fields
            .iter()
            .map(|field| Some((field.name.clone(), plain(types, field.type_id, depth + 1)?)))
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
