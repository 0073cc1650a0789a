//! What is being proved, on a terminal, and how long each function took.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anrf::{ObligationReport, VerifyProgress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::Console;

/// A bar on standard error, if that is a terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    clock: Mutex<Clock>,
}

#[derive(Default)]
struct Clock {
    /// The function that is at work, and since when.
    at: Option<(String, Instant)>,
    times: HashMap<String, Duration>,
}

impl Clock {
    /// The function that was at work is done.
    fn stop(&mut self) {
        if let Some((function, since)) = self.at.take() {
            self.times.insert(function, since.elapsed());
        }
    }
}

impl Progress {
    pub(super) fn new(console: &Console) -> Self {
        let shown = std::io::stderr().is_terminal() && !console.is_json() && !console.is_sarif();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::new(0);
        bar.set_draw_target(target);
        if let Ok(style) = ProgressStyle::with_template("[{bar:30}] {pos} of {len}  {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar, clock: Mutex::default() }
    }

    pub(super) fn bar(&self) -> &ProgressBar {
        &self.bar
    }

    /// A module is done: how long each of its functions took, by node id.
    pub(super) fn times(&self) -> HashMap<String, Duration> {
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        clock.stop();
        std::mem::take(&mut clock.times)
    }
}

impl VerifyProgress for Progress {
    fn begun(&self, function: &str, position: usize, count: usize) {
        self.bar.set_length(count as u64);
        self.bar.set_position(position as u64);
        self.bar.set_message(function.to_owned());
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        clock.stop();
        clock.at = Some((function.to_owned(), Instant::now()));
    }

    fn decided(&self, obligation: &ObligationReport) {
        self.bar.set_message(format!("{}: {}", obligation.id, obligation.verdict.name()));
    }
}
