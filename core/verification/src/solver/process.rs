//! One process of a solver: text in, text out, each exchange ended by a marker, with limits on time and size.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;

use super::{Program, SolverError, SolverErrorKind};

/// How often a wait looks whether it was cancelled.
const PULSE: Duration = Duration::from_millis(5);
/// How much of what a process writes to its error stream is kept.
const TAIL: usize = 2048;
/// The threads only move bytes.
const STACK: usize = 128 << 10;

/// A running solver. Killed, with everything it started, when dropped.
pub(super) struct Process {
    name: &'static str,
    child: Child,
    /// Taken by the thread that writes; it closes the process's input when this is dropped.
    input: Sender<String>,
    output: Receiver<Vec<u8>>,
    complaints: Arc<Mutex<Vec<u8>>>,
    /// Fills the complaints until the process closes the stream for them.
    listener: JoinHandle<()>,
    /// Output that was received and not yet read.
    pending: Vec<u8>,
    markers: u64,
    /// Whether it has shown that it is the solver it is taken for.
    pub(super) is_known: bool,
}

/// What ends an exchange early.
pub(super) struct Bounds<'a> {
    pub(super) deadline: Instant,
    pub(super) output_bytes: usize,
    pub(super) cancel: &'a CancellationToken,
}

impl Process {
    /// Starts a program with at most this much address space.
    pub(super) fn start(program: &Program, memory_megabytes: u64) -> Result<Self, SolverError> {
        let name = program.dialect.name();
        let failed = |error: std::io::Error| {
            let path = program.path.display();
            SolverError::new(SolverErrorKind::NotFound, format!("cannot start {name} at `{path}`: {error}"))
        };
        let mut command = command(program, memory_megabytes);
        let (input, their_input) = input_channel().map_err(failed)?;
        command.stdin(their_input).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        // The command holds their end of the input.
        drop(command);

        let (sender, texts) = mpsc::channel::<String>();
        // A full channel stops a process that floods us until somebody looks.
        let (chunks, output) = mpsc::sync_channel(16);
        let complaints = Arc::new(Mutex::new(vec![]));
        let spawn = |work: Box<dyn FnOnce() + Send>| {
            thread::Builder::new().name(format!("anrf {name}")).stack_size(STACK).spawn(work)
        };
        let mut input: Box<dyn Write + Send> = match (input, child.stdin.take()) {
            (Some(ours), _) => ours,
            (None, Some(pipe)) => Box::new(pipe),
            (None, None) => Box::new(std::io::sink()),
        };
        let mut started = spawn(Box::new(move || {
            for text in texts {
                if input.write_all(text.as_bytes()).and_then(|()| input.flush()).is_err() {
                    return;
                }
            }
        }));
        if let (true, Some(stream)) = (started.is_ok(), child.stdout.take()) {
            started = spawn(Box::new(move || {
                read_chunks(stream, |chunk| chunks.send(chunk.to_vec()).is_ok());
            }));
        }
        if let (true, Some(stream)) = (started.is_ok(), child.stderr.take()) {
            let tail = Arc::clone(&complaints);
            started = spawn(Box::new(move || {
                read_chunks(stream, |chunk| {
                    let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
                    tail.extend_from_slice(chunk);
                    let excess = tail.len().saturating_sub(TAIL);
                    tail.drain(..excess);
                    true
                });
            }));
        }
        let listener = started.map_err(|error| {
            drop(child.kill());
            drop(child.wait());
            failed(error)
        })?;
        Ok(Self {
            name,
            child,
            input: sender,
            output,
            complaints,
            listener,
            pending: vec![],
            markers: 0,
            is_known: false,
        })
    }

    /// Sends text without waiting for what it does.
    pub(super) fn send(&mut self, text: String) {
        // A process that is gone is noticed by the next exchange.
        drop(self.input.send(text));
    }

    /// Sends commands and returns all that the process writes until it has done them.
    pub(super) fn exchange(&mut self, commands: &str, bounds: &Bounds<'_>) -> Result<String, SolverError> {
        match self.output.try_recv() {
            Ok(chunk) => self.pending.extend_from_slice(&chunk),
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return Err(self.crashed(b"")),
        }
        if !self.pending.is_empty() {
            return Err(self.nonsense("wrote without being asked", &self.pending));
        }
        self.markers += 1;
        let marker = format!("anrf-{}", self.markers);
        self.send(format!("{commands}\n(echo \"{marker}\")\n"));

        let mut scanned = 0;
        loop {
            while let Some(length) = find_newline(self.pending.get(scanned..).unwrap_or_default()) {
                let line = self.pending.get(scanned..scanned + length).unwrap_or_default().trim_ascii();
                // The standard has the string printed in quotes, z3 leaves them out.
                let line = line.strip_prefix(b"\"").and_then(|it| it.strip_suffix(b"\"")).unwrap_or(line);
                if line == marker.as_bytes() {
                    let mut output = std::mem::take(&mut self.pending);
                    self.pending = output.split_off(scanned + length + 1);
                    output.truncate(scanned);
                    let text = String::from_utf8(output);
                    return text
                        .map_err(|error| self.nonsense("wrote bytes that are not text", error.as_bytes()));
                }
                scanned += length + 1;
            }
            if self.pending.len() > bounds.output_bytes {
                let message = format!("{} wrote more than {} bytes", self.name, bounds.output_bytes);
                return Err(SolverError::new(SolverErrorKind::Flooded, message));
            }
            if bounds.cancel.is_cancelled() {
                return Err(SolverError::new(SolverErrorKind::Cancelled, "the proof was cancelled"));
            }
            let left = bounds.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let message = format!("{} did not answer in time and was killed", self.name);
                return Err(SolverError::new(SolverErrorKind::Hung, message));
            }
            match self.output.recv_timeout(left.min(PULSE)) {
                Ok(chunk) => self.pending.extend_from_slice(&chunk),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let output = std::mem::take(&mut self.pending);
                    return Err(self.crashed(&output));
                }
            }
        }
    }

    /// The error for output that is no answer.
    pub(super) fn nonsense(&self, what: &str, output: &[u8]) -> SolverError {
        let message = format!("{} {what}: `{}`", self.name, excerpt(output));
        SolverError::new(SolverErrorKind::Nonsense, message)
    }

    /// The error for a process that closed its output.
    fn crashed(&mut self, output: &[u8]) -> SolverError {
        let patience = Instant::now() + Duration::from_secs(1);
        let status = loop {
            match self.child.try_wait() {
                Ok(None) if Instant::now() < patience => thread::sleep(Duration::from_millis(1)),
                Ok(status) => break status,
                Err(_) => break None,
            }
        };
        while !self.listener.is_finished() && Instant::now() < patience {
            thread::sleep(Duration::from_millis(1));
        }
        let complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let said = excerpt(if complaints.trim_ascii().is_empty() { output } else { complaints.as_slice() });
        let name = self.name;
        let code = status.and_then(|status| status.code());
        // The codes with which a shell says that it cannot start something.
        if !self.is_known && matches!(code, Some(126 | 127)) {
            return SolverError::new(SolverErrorKind::NotFound, format!("cannot start {name}: `{said}`"));
        }
        let kind = if speaks_of_memory(&complaints) || speaks_of_memory(output) {
            SolverErrorKind::OutOfMemory
        } else {
            SolverErrorKind::Crashed
        };
        let status = status.map_or("closed its output".to_owned(), |status| status.to_string());
        SolverError::new(kind, format!("{name} ended before it answered ({status}): `{said}`"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        #[cfg(unix)]
        if matches!(self.child.try_wait(), Ok(None)) {
            // The process leads a group of its own, which has everything it started.
            let group = rustix::process::Pid::from_child(&self.child);
            // It may end at this very moment.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A limit on memory is not in std; every Unix shell has one.
#[cfg(unix)]
fn command(program: &Program, memory_megabytes: u64) -> Command {
    use std::os::unix::process::CommandExt;

    let mut command = Command::new("/bin/sh");
    let kilobytes = memory_megabytes.saturating_mul(1024);
    command.arg("-c").arg(format!("ulimit -v {kilobytes} 2>/dev/null; exec \"$0\" \"$@\""));
    command.arg(&program.path).args(program.dialect.arguments(memory_megabytes));
    // An interrupt from the terminal is the host's business.
    command.process_group(0);
    command
}

#[cfg(not(unix))]
fn command(program: &Program, memory_megabytes: u64) -> Command {
    let mut command = Command::new(&program.path);
    command.args(program.dialect.arguments(memory_megabytes));
    command
}

type Input = Box<dyn Write + Send>;

/// A socket, because writing to a pipe whose reader has died raises a signal that would end a host which is
/// not a Rust program.
#[cfg(unix)]
fn input_channel() -> std::io::Result<(Option<Input>, Stdio)> {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    Ok((Some(Box::new(ours)), Stdio::from(std::os::fd::OwnedFd::from(theirs))))
}

#[cfg(not(unix))]
fn input_channel() -> std::io::Result<(Option<Input>, Stdio)> {
    Ok((None, Stdio::piped()))
}

fn read_chunks(mut stream: impl Read, mut take: impl FnMut(&[u8]) -> bool) {
    let mut buffer = vec![0; 16 << 10];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) if take(buffer.get(..length).unwrap_or_default()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            _ => return,
        }
    }
}

fn find_newline(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == b'\n')
}

/// Whether a solver's last words are about memory.
pub(super) fn speaks_of_memory(output: &[u8]) -> bool {
    let text = String::from_utf8_lossy(output).to_lowercase();
    ["out of memory", "bad_alloc", "memoryerror", "cannot allocate", "memout"]
        .iter()
        .any(|it| text.contains(it))
}

/// The end of some output, on one line.
fn excerpt(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let skipped = text.chars().count().saturating_sub(200);
    text.chars().skip(skipped).collect()
}
