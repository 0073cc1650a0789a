//! A program that answers host operations: one JSON line in for each, one JSON line out.
//!
//! Request: `{"id": 1, "operation": "rate", "attempt": 1, "inputs": {...}}`. Answer:
//! `{"success": {...}}` or `{"error": {"error_code": "...", "message": "..."}}`, with the same `id` if it
//! has one. The program's standard error is passed through. It is ended with all that it started: it leads a
//! process group of its own where there are such.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anrf::{Function, Host, HostError, HostRequest, HostResponse, Module};
use serde_json::value::RawValue;

use super::group::Group;
use super::scripted::response;
use crate::failure::{Failure, Outcome, reason};
use crate::values;

/// Longer answers are refused.
const LONGEST_ANSWER: u64 = 64 << 20;

/// How long a program may take to end once its input is closed.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long the last words and the end of a program that does not listen any more are waited for.
const AFTERWARDS: Duration = Duration::from_millis(200);

/// A running program.
#[derive(Debug)]
pub(crate) struct CommandHost {
    line: String,
    module: Module,
    /// Whether no value may be told.
    hides: bool,
    timeout: Option<Duration>,
    pipe: Mutex<Pipe>,
}

#[derive(Debug)]
struct Pipe {
    program: Group,
    requests: Option<ChildStdin>,
    answers: Receiver<std::io::Result<String>>,
    sent: u64,
}

impl CommandHost {
    /// Starts the program of a command line; quotes and backslashes work as in a shell.
    pub(crate) fn start(line: &str, function: &Function, timeout: Option<Duration>) -> Outcome<Self> {
        let words = shlex::split(line).filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| {
            Failure::usage(format!("`--host-command`: `{line}` is no command line"))
                .with_help("close every quote, as in a shell")
        })?;
        let (name, arguments) = words.split_first().ok_or_else(|| Failure::usage("no program"))?;
        let mut command = Command::new(name);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = Group::start(command).map_err(|error| {
            let help = "give the path of a program that may be executed, such as `./host.py`";
            Failure::usage(format!("cannot start `{name}`: {}", reason(&error))).with_help(help)
        })?;
        let requests = program.child.stdin.take();
        let (sender, answers) = mpsc::sync_channel(1);
        if let Some(output) = program.child.stdout.take() {
            // Reading on a thread of its own lets a run stop waiting for a program that hangs.
            std::thread::spawn(move || {
                let mut output = BufReader::new(output);
                loop {
                    let mut answer = String::new();
                    let read = (&mut output).take(LONGEST_ANSWER).read_line(&mut answer);
                    let ended = !matches!(read, Ok(count) if count > 0);
                    // The end says itself by the closed channel; a failure is sent first.
                    if ended && read.is_ok() {
                        break;
                    }
                    if sender.send(read.map(|_| answer)).is_err() || ended {
                        break;
                    }
                }
            });
        }
        let pipe = Mutex::new(Pipe { program, requests, answers, sent: 0 });
        let (module, hides) = (function.module().clone(), function.semantic().security.sensitive_data);
        Ok(Self { line: line.to_owned(), module, hides, timeout, pipe })
    }

    fn ask(&self, request: &HostRequest) -> Result<HostResponse, String> {
        let operation = &request.operation;
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        pipe.sent += 1;
        let id = pipe.sent;
        let line = self.request_line(id, request);
        let sent =
            pipe.requests.as_mut().map(|requests| requests.write_all(&line).and_then(|()| requests.flush()));
        // One that does not listen may have said something before it ended.
        let listens = matches!(sent, Some(Ok(())));
        let patience = if listens { self.timeout } else { Some(AFTERWARDS) };
        let deadline = patience.map(|patience| Instant::now() + patience);
        let answer = loop {
            let answer = match receive(&mut pipe, deadline) {
                Ok(Ok(answer)) => answer,
                Ok(Err(error)) => return Err(format!("cannot read its answer: {}", reason(&error))),
                Err(RecvTimeoutError::Timeout) if listens => {
                    return Err(format!("it did not answer `{operation}` within the time limit"));
                }
                Err(_) => return Err(self.ended(&mut pipe, operation)),
            };
            let mut fields: BTreeMap<String, Box<RawValue>> =
                serde_json::from_str(&answer).map_err(|_| {
                    let shown: String = answer.trim_end().chars().take(200).collect();
                    let shown = if self.hides { String::new() } else { format!(": `{shown}`") };
                    format!("its answer to `{operation}` is not a JSON object{shown}")
                })?;
            match fields.remove("id") {
                // An answer to a request that was given up.
                Some(other) if other.get().parse::<u64>().is_ok_and(|other| other < id) => continue,
                Some(other) if other.get().parse() != Ok(id) => {
                    return Err(format!("its answer to `{operation}` has another id than {id}"));
                }
                _ => break fields,
            }
        };
        response(&self.module, operation, self.hides, &answer)
    }

    fn request_line(&self, id: u64, request: &HostRequest) -> Vec<u8> {
        let document = self.module.document();
        let declared = document.semantic.host.iter().find(|it| it.name == request.operation);
        let inputs = declared.map_or(&[][..], |operation| &operation.inputs);
        let inputs = values::write(&document.types, inputs, &request.inputs);
        let operation = serde_json::Value::from(request.operation.as_str());
        let attempt = request.attempt;
        format!("{{\"id\":{id},\"operation\":{operation},\"attempt\":{attempt},\"inputs\":{inputs}}}\n")
            .into_bytes()
    }

    /// Why there will be no more answers.
    fn ended(&self, pipe: &mut Pipe, operation: &str) -> String {
        // It closed its output, so it is about to end, if it has not.
        let status = pipe.program.wait(AFTERWARDS);
        let how = status.map_or_else(String::new, |status| format!(" ({status})"));
        format!("it ended{how} before it answered `{operation}`")
    }
}

/// The next answer. What the program started may hold its output open when it has ended itself, so its end is
/// looked for too.
fn receive(pipe: &mut Pipe, deadline: Option<Instant>) -> Result<std::io::Result<String>, RecvTimeoutError> {
    const LOOK: Duration = Duration::from_millis(50);
    let mut deadline = deadline;
    let mut ended = false;
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        match pipe.answers.recv_timeout(left.map_or(LOOK, |left| left.min(LOOK))) {
            Err(RecvTimeoutError::Timeout) => {}
            other => return other,
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(if ended { RecvTimeoutError::Disconnected } else { RecvTimeoutError::Timeout });
        }
        if !ended && pipe.program.has_ended() {
            // Its last words may be on their way.
            ended = true;
            let soon = Instant::now() + AFTERWARDS;
            deadline = Some(deadline.map_or(soon, |deadline| deadline.min(soon)));
        }
    }
}

impl Host for CommandHost {
    fn invoke(&self, request: &HostRequest) -> Result<HostResponse, HostError> {
        let answer = self.ask(request);
        answer.map_err(|problem| HostError { message: format!("host command `{}`: {problem}", self.line) })
    }
}

impl Drop for CommandHost {
    /// Closing its input tells the program to end; one that does not is killed, and so is what it leaves.
    fn drop(&mut self) {
        let pipe = self.pipe.get_mut().unwrap_or_else(PoisonError::into_inner);
        pipe.requests = None;
        if pipe.program.wait(PATIENCE).is_none() {
            pipe.program.kill();
        }
    }
}
