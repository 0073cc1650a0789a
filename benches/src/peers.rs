//! Who runs the kernels: this engine's interpreter and its machine code, CPython in a process, rhai in this one.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use anrf::{Cranelift, Engine, Function, Module, Outcome, Value};

use crate::kernels::{Inputs, Kernel, checksum};

/// Something that runs kernels.
pub(crate) trait Peer {
    fn name(&self) -> &'static str;

    /// Whether it can run a kernel.
    fn can(&self, _kernel: Kernel) -> bool {
        true
    }

    /// Seconds of one run, and a number that all peers must agree on.
    fn run(&mut self, kernel: Kernel) -> Result<(f64, i64), String>;
}

/// This engine, all limits on.
pub(crate) struct Anrf {
    name: &'static str,
    module: Module,
    inputs: Inputs,
}

impl Anrf {
    pub(crate) fn interpreter() -> Result<Self, String> {
        Self::new("interpreter", &Engine::new())
    }

    pub(crate) fn machine_code() -> Result<Self, String> {
        let compiler = Cranelift::new().map_err(|error| error.to_string())?;
        Self::new("machine code", &Engine::builder().backend(Arc::new(compiler)).build())
    }

    fn new(name: &'static str, engine: &Engine) -> Result<Self, String> {
        let text = include_str!("../kernels/kernels.vsp");
        let module = engine.load_text("kernels.vsp", text).map_err(|error| error.to_string())?;
        Ok(Self { name, module, inputs: Inputs::new() })
    }

    fn input(&self, kernel: Kernel) -> (&'static str, Value) {
        let text = |text: &str| Value::String(text.to_owned());
        match kernel {
            Kernel::InsertionSort => (
                "numbers",
                Value::Array(self.inputs.numbers.iter().map(|number| Value::Integer(*number)).collect()),
            ),
            Kernel::SortRecords => {
                let rows = self.inputs.rows.iter().map(|row| {
                    Value::Record(vec![
                        ("group".into(), text(&row.group)),
                        ("amount".into(), Value::Integer(row.amount)),
                        ("id".into(), Value::Integer(row.id)),
                    ])
                });
                ("rows", Value::Array(rows.collect()))
            }
            Kernel::WordCount => ("text", text(&self.inputs.text)),
            _ => ("n", Value::Integer(kernel.size())),
        }
    }
}

impl Peer for Anrf {
    fn name(&self) -> &'static str {
        self.name
    }

    fn run(&mut self, kernel: Kernel) -> Result<(f64, i64), String> {
        let function: Function = self.module.function(kernel.name()).map_err(|error| error.to_string())?;
        let input = self.input(kernel);
        let start = Instant::now();
        let execution = function.call([input]).map_err(|error| error.to_string())?;
        let seconds = start.elapsed().as_secs_f64();
        match execution.outcome() {
            Outcome::Success(fields) => Ok((seconds, fields.first().map_or(0, |(_, value)| check(value)))),
            other => Err(format!("{}: {other:?}", kernel.name())),
        }
    }
}

fn check(value: &Value) -> i64 {
    match value {
        Value::Integer(value) => *value,
        Value::Array(values) => checksum(values.iter().map(|value| match value {
            Value::Integer(value) => *value,
            Value::Record(fields) => match fields.last() {
                Some((_, Value::Integer(id))) => *id,
                _ => 0,
            },
            _ => 0,
        })),
        Value::Map(entries) => entries
            .iter()
            .map(|entry| match entry {
                (Value::String(word), Value::Integer(count)) => {
                    i64::try_from(word.len()).unwrap_or(0) * count
                }
                _ => 0,
            })
            .sum(),
        _ => 0,
    }
}

/// CPython, one process for all rounds.
pub(crate) struct CPython {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl CPython {
    pub(crate) fn new() -> Result<Self, String> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/kernels.py");
        let sizes = Kernel::ALL.iter().map(|kernel| kernel.size().to_string());
        let mut process = Command::new("python3")
            .arg(script)
            .args(sizes)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("python3: {error}"))?;
        let input = process.stdin.take().ok_or("python3 has no standard input")?;
        let output = process.stdout.take().ok_or("python3 has no standard output")?;
        Ok(Self { process, input, output: BufReader::new(output) })
    }
}

impl Drop for CPython {
    fn drop(&mut self) {
        // The process ends with its input; waiting for it is all that is left.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Peer for CPython {
    fn name(&self) -> &'static str {
        "CPython"
    }

    fn run(&mut self, kernel: Kernel) -> Result<(f64, i64), String> {
        writeln!(self.input, "{}", kernel.name()).map_err(|error| format!("python3: {error}"))?;
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(|error| format!("python3: {error}"))?;
        let (seconds, check) = line.trim().split_once(' ').ok_or("python3 answered nothing")?;
        let seconds = seconds.parse().map_err(|error| format!("python3: {error}"))?;
        Ok((seconds, check.parse().map_err(|error| format!("python3: {error}"))?))
    }
}

/// rhai, its operations counted as our fuel is.
pub(crate) struct Rhai {
    engine: rhai::Engine,
    script: rhai::AST,
    inputs: Inputs,
}

impl Rhai {
    pub(crate) fn new() -> Result<Self, String> {
        let mut engine = rhai::Engine::new();
        engine.set_max_operations(10_000_000_000).set_max_call_levels(1_000).set_max_expr_depths(0, 0);
        let script =
            engine.compile(include_str!("../peers/kernels.rhai")).map_err(|error| error.to_string())?;
        Ok(Self { engine, script, inputs: Inputs::new() })
    }

    fn input(&self, kernel: Kernel) -> rhai::Dynamic {
        match kernel {
            Kernel::InsertionSort => {
                self.inputs.numbers.iter().copied().map(rhai::Dynamic::from).collect::<rhai::Array>().into()
            }
            Kernel::SortRecords => {
                let rows = self.inputs.rows.iter().map(|row| {
                    let mut map = rhai::Map::new();
                    map.insert("group".into(), row.group.clone().into());
                    map.insert("amount".into(), row.amount.into());
                    map.insert("id".into(), row.id.into());
                    rhai::Dynamic::from(map)
                });
                rows.collect::<rhai::Array>().into()
            }
            Kernel::WordCount => self.inputs.text.clone().into(),
            _ => kernel.size().into(),
        }
    }
}

impl Peer for Rhai {
    fn name(&self) -> &'static str {
        "rhai"
    }

    /// It has no decimals but with a feature that takes them for all of its numbers.
    fn can(&self, kernel: Kernel) -> bool {
        kernel != Kernel::Invoice
    }

    fn run(&mut self, kernel: Kernel) -> Result<(f64, i64), String> {
        let input = self.input(kernel);
        let mut scope = rhai::Scope::new();
        let start = Instant::now();
        let result: rhai::Dynamic = self
            .engine
            .call_fn(&mut scope, &self.script, kernel.name(), (input,))
            .map_err(|error| format!("rhai: {error}"))?;
        let seconds = start.elapsed().as_secs_f64();
        let check = if let Some(array) = result.read_lock::<rhai::Array>() {
            checksum(array.iter().map(|value| match value.read_lock::<rhai::Map>() {
                Some(row) => row.get("id").and_then(|id| id.as_int().ok()).unwrap_or(0),
                None => value.as_int().unwrap_or(0),
            }))
        } else if let Some(map) = result.read_lock::<rhai::Map>() {
            let counts = map.iter().map(|(word, count)| (word.len(), count.as_int().unwrap_or(0)));
            counts.map(|(length, count)| i64::try_from(length).unwrap_or(0) * count).sum()
        } else {
            result.as_int().unwrap_or(0)
        };
        Ok((seconds, check))
    }
}
