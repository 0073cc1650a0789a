//! What hostile inputs are measured with: a thread with a small stack, the heap it has live, the time it
//! takes.

#![allow(clippy::print_stdout, reason = "measurements are shown beside the tests")]

mod counting;
pub mod inputs;
pub mod packed;
mod pipeline;

use std::time::{Duration, Instant};

pub use counting::peak;
pub use pipeline::{Ending, bounded, call_plainly, engine, load, policy};

/// What everything must work on.
pub const STACK: usize = 256 << 10;

/// How long anything may take.
pub const TIME: Duration = Duration::from_secs(1);

/// The most heap that work on an input may have live: so many times the input, and a mebibyte.
#[must_use]
pub fn allowance(input: usize, times: usize) -> usize {
    times * input + (1 << 20)
}

/// What some work gave and took.
#[derive(Debug)]
pub struct Measured<T> {
    /// What it gave.
    pub value: T,
    /// The most heap that it had live, in bytes.
    pub peak: usize,
    /// The processor time of its thread where the system tells it, else wall time.
    pub time: Duration,
}

/// Does some work on a thread with a small stack.
///
/// # Panics
/// If the work panics.
pub fn measure<T: Send>(work: impl FnOnce() -> T + Send) -> Measured<T> {
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || {
            let clock = Clock::start();
            let (value, peak) = peak(work);
            Measured { value, peak, time: clock.elapsed() }
        });
        match worker.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(measured)) => measured,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => panic!("no thread: {error}"),
        }
    })
}

/// Processor time of this thread: other tests on the same machine do not count.
struct Clock {
    processor: Option<Duration>,
    wall: Instant,
}

impl Clock {
    fn start() -> Self {
        Self { processor: processor_time(), wall: Instant::now() }
    }

    fn elapsed(&self) -> Duration {
        match (self.processor, processor_time()) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => self.wall.elapsed(),
        }
    }
}

fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
