//! A run for each row. Rows are read, run and written in batches, so memory does not grow with their
//! number; the order of outcomes is that of the rows, with any number of threads.

use std::fs::Metadata;
use std::io::{BufWriter, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anrf::{Execution, Fields, Outcome as RunOutcome};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Prepared;
use super::cells::{Columns, outcome_cells, outcome_header, problem};
use super::records::Problem;
use super::rows::{self, Content, Row, Rows};
use super::summary::Summary;
use crate::arguments::{RowFormat, running::Each};
use crate::console::Console;
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::files::{self, Output};
use crate::finding::{Finding, codes};
use crate::table::grouped;

/// Rows that one thread runs before outcomes are written.
const BATCH: usize = 256;

/// Bad rows that a JSON document lists; it counts them all.
const MOST_LISTED: usize = 1000;

pub(super) fn run(prepared: &Prepared, rows: &Path, arguments: &Each, console: &Console) -> Outcome {
    let name = files::name(rows);
    let output = arguments.output.as_deref().filter(|path| !files::is_dash(path));
    if console.is_json() && output.is_none() {
        let failure = Failure::usage("standard output takes either the outcomes or a JSON document");
        return Err(failure.with_help("add `--output FILE` for the outcomes, or leave out `--format json`"));
    }
    let form = rows::form(rows, arguments.rows_as)?;
    let (input, length, read) = open(rows)?;
    let (mut reader, header) = Rows::new(input, form, &name)?;
    let declaration = prepared.function.semantic();
    let columns = match header {
        Some(header) => {
            Some(Columns::new(&header, declaration, prepared.types(), arguments.ignore_columns, &name)?)
        }
        None => None,
    };
    let by_name = output.and_then(Path::extension).is_some_and(|it| it == "csv");
    let output_form = arguments.output_as.unwrap_or(if by_name { RowFormat::Csv } else { RowFormat::Jsonl });
    let mut sink = BufWriter::with_capacity(64 << 10, Sink::new(output)?);
    let wrote = |error: &std::io::Error| match output {
        Some(path) => Failure::writing(path.display(), error),
        None => Failure::printing(error),
    };
    if output_form == RowFormat::Csv {
        sink.write_all(csv_line(&outcome_header(declaration)).as_bytes()).map_err(|error| wrote(&error))?;
    }

    let runner = Runner { prepared, columns, output_form, number: arguments.number_rows };
    let mut state = arguments.carry_state.then(|| prepared.state.clone());
    let mut summary = Summary::default();
    let mut bad = vec![];
    let progress = Progress::new(length, read, output.is_none(), console);
    let begin = Instant::now();
    let threads = usize::from(arguments.threads);
    let (mut stopped, mut stop) = (false, "");
    while !stopped {
        let batch = take(&mut reader, if arguments.fail_fast { threads } else { threads * BATCH })?;
        if batch.is_empty() {
            break;
        }
        for (place, done) in runner.run_all(&batch, threads, &mut state)? {
            match done {
                Done::Ran { line, execution } => {
                    summary.add(&execution);
                    sink.write_all(line.as_bytes()).map_err(|error| wrote(&error))?;
                    stopped |= arguments.fail_fast && !matches!(execution.outcome(), RunOutcome::Success(_));
                    stop = "did not end in success";
                }
                Done::Bad(problem) => {
                    summary.add_bad();
                    stopped |= arguments.fail_fast;
                    stop = "cannot be read";
                    let message = format!("row {} (line {}): {}", place.number, place.line, problem.message);
                    if console.is_json() {
                        if bad.len() < MOST_LISTED {
                            let finding = Finding::error(&codes::ROW, message).in_file(&name);
                            bad.push(finding.on_line(place.line, None).with_help(problem.help));
                        }
                    } else {
                        let help = problem.help.map_or(String::new(), |help| format!("; {help}"));
                        progress.note(console, &format!("{name}: {message} [{}]{help}", codes::ROW));
                    }
                }
            }
            if stopped {
                break;
            }
        }
        // Somebody may be reading along.
        if output.is_none() {
            sink.flush().map_err(|error| wrote(&error))?;
        }
        progress.update(summary.rows, begin.elapsed());
    }
    let sink = sink.into_inner().map_err(|error| wrote(error.error()))?;
    sink.finish()?;
    progress.finish();
    let duration = begin.elapsed();
    if console.is_json() {
        let document = Document::new().with("summary", &summary.json(duration)).with_findings(&bad);
        console.print_document(&document)?;
    } else {
        console.note(summary.told(duration, console.errors()));
        if stopped {
            console.note(format_args!("stopped at the first row that {stop} (`--fail-fast`)"));
        }
        if let Some(complaint) = prepared.hosts.complaint() {
            console.note(complaint);
        }
    }
    Ok(Exit::found(!summary.is_fine()))
}

/// Where outcomes go.
enum Sink {
    Printed(std::io::StdoutLock<'static>),
    Written(Box<Output>),
}

impl Sink {
    fn new(output: Option<&Path>) -> Outcome<Self> {
        Ok(match output {
            Some(path) => Self::Written(Box::new(Output::create(path)?)),
            None => Self::Printed(std::io::stdout().lock()),
        })
    }

    fn finish(self) -> Outcome<()> {
        match self {
            Self::Printed(mut output) => output.flush().map_err(|error| Failure::printing(&error)),
            Self::Written(output) => output.commit(),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Printed(output) => output.write(bytes),
            Self::Written(output) => output.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Printed(output) => output.flush(),
            Self::Written(output) => output.flush(),
        }
    }
}

/// Runs rows.
struct Runner<'a> {
    prepared: &'a Prepared,
    columns: Option<Columns>,
    output_form: RowFormat,
    number: bool,
}

/// What came of a row.
enum Done {
    /// It ran; the line is its outcome in the output's form.
    Ran { line: String, execution: Box<Execution> },
    /// It could not be read.
    Bad(Problem),
}

impl Runner<'_> {
    /// Runs rows on so many threads and gives what came of them in their order.
    fn run_all<'r>(
        &self,
        batch: &'r [Row],
        threads: usize,
        state: &mut Option<Fields>,
    ) -> Outcome<Vec<(&'r Row, Done)>> {
        if threads <= 1 {
            let mut all = vec![];
            for row in batch {
                let done = self.run(row, state.as_ref())?;
                if let (Some(state), Done::Ran { execution, .. }) = (state.as_mut(), &done)
                    && matches!(execution.outcome(), RunOutcome::Success(_))
                {
                    state.clone_from(execution.state());
                }
                all.push((row, done));
            }
            return Ok(all);
        }
        let share = batch.len().div_ceil(threads).max(1);
        let shares: Vec<Outcome<Vec<Done>>> = std::thread::scope(|scope| {
            let workers: Vec<_> = batch
                .chunks(share)
                .map(|rows| scope.spawn(|| rows.iter().map(|row| self.run(row, None)).collect()))
                .collect();
            let joined = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
            let broken = |_| Err(Failure::Internal("a thread stopped at a defect".to_owned()));
            joined.map(|done| done.unwrap_or_else(broken)).collect()
        });
        let mut all = vec![];
        for done in shares {
            all.extend(done?);
        }
        Ok(batch.iter().zip(all).collect())
    }

    fn run(&self, row: &Row, state: Option<&Fields>) -> Outcome<Done> {
        let read = match (&row.content, &self.columns) {
            (Content::Bad(problem), _) => return Ok(Done::Bad(problem.clone())),
            (Content::Json(text), _) => self.prepared.inputs_from_json(text.trim()),
            (Content::Cells(cells), Some(columns)) => self.prepared.inputs_from_json(&columns.object(cells)),
            (Content::Cells(_), None) => return Ok(Done::Bad(Problem::new("there is no header"))),
        };
        let inputs = match read {
            Ok(inputs) => inputs,
            Err(error) => return Ok(Done::Bad(problem(&error))),
        };
        let state = state.unwrap_or(&self.prepared.state).clone();
        let execution = self.prepared.execute_from(inputs, state)?;
        Ok(Done::Ran { line: self.line(row.number, &execution), execution: Box::new(execution) })
    }

    fn line(&self, number: u64, execution: &Execution) -> String {
        match self.output_form {
            RowFormat::Csv => {
                let function = self.prepared.function.semantic();
                csv_line(&outcome_cells(number, execution, function, self.prepared.types()))
            }
            RowFormat::Jsonl => {
                let outcome = execution.to_json();
                match outcome.strip_prefix('{').filter(|_| self.number) {
                    Some(rest) => format!("{{\"row\":{number},{rest}\n"),
                    None => outcome + "\n",
                }
            }
        }
    }
}

fn csv_line(cells: &[String]) -> String {
    let mut writer = csv::Writer::from_writer(vec![]);
    // Writing to memory fails for no record that has cells.
    let _ = writer.write_record(cells);
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

fn take(reader: &mut Rows, count: usize) -> Outcome<Vec<Row>> {
    // A few rows at the limit of their size are enough for one batch.
    const MOST_BYTES: usize = 64 << 20;
    let mut batch = vec![];
    let mut bytes = 0;
    while batch.len() < count && bytes < MOST_BYTES {
        let Some(row) = reader.next()? else { break };
        bytes += match &row.content {
            Content::Json(text) => text.len(),
            Content::Cells(cells) => cells.iter().map(String::len).sum(),
            Content::Bad(_) => 0,
        };
        batch.push(row);
    }
    Ok(batch)
}

/// Opens a file and counts what is read of it.
#[allow(clippy::type_complexity, reason = "three things that are taken apart at once")]
fn open(path: &Path) -> Outcome<(Box<dyn Read>, Option<u64>, Arc<AtomicU64>)> {
    let read = Arc::new(AtomicU64::new(0));
    let (input, metadata) = files::open(path)?;
    let length = metadata.filter(Metadata::is_file).map(|metadata| metadata.len());
    Ok((Box::new(Counting { input, read: Arc::clone(&read) }), length, read))
}

struct Counting<R> {
    input: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// A bar on standard error, if that is a terminal and outcomes go elsewhere.
struct Progress {
    bar: ProgressBar,
    read: Arc<AtomicU64>,
}

impl Progress {
    fn new(length: Option<u64>, read: Arc<AtomicU64>, prints: bool, console: &Console) -> Self {
        let shown = std::io::stderr().is_terminal()
            && !(prints && std::io::stdout().is_terminal())
            && !console.is_json();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let (bar, template) = match length {
            Some(length) => (ProgressBar::new(length), "[{bar:30}] {percent:>3}%  {msg}  {eta} left"),
            None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
        };
        bar.set_draw_target(target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar, read }
    }

    fn update(&self, rows: u64, elapsed: Duration) {
        if self.bar.is_hidden() {
            return;
        }
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX).max(1);
        let rate = rows.saturating_mul(1_000_000) / micros;
        self.bar.set_message(format!("{} rows, {} rows/s", grouped(rows), grouped(rate)));
        self.bar.set_position(self.read.load(Ordering::Relaxed));
    }

    fn note(&self, console: &Console, line: &str) {
        self.bar.suspend(|| console.note(line));
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
