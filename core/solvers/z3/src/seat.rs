//! A thread with a context of Z3, and a second one that can interrupt it.

use std::panic::catch_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anrf_runtime::CancellationToken;
use anrf_verification::solver::{Answer, SExpression, SolverError, SolverErrorKind};
use z3::{Context, ContextHandle};

use crate::prover::{Prover, Question, failure};

/// Z3 recurses in places; the program has the 8 MiB of a main thread. Pages that are not used cost nothing.
const STACK: usize = 64 << 20;
/// The watchdog only waits and interrupts.
const WATCH_STACK: usize = 128 << 10;
/// How often Z3 is interrupted until it stops: an interrupt between two calls may be lost.
const INSISTENCE: Duration = Duration::from_millis(10);

/// What a thread is asked.
pub(crate) enum Request {
    Begin(Question),
    Values(Vec<String>),
    Add(String),
    Push,
    Pop,
    Check,
    Core,
}

/// What it says.
pub(crate) enum Said {
    Answer(Answer),
    Values(Vec<SExpression>),
    Names(Vec<String>),
    Done,
}

pub(crate) type Heard = Result<Said, SolverError>;

/// The ends of a thread that serves one query.
pub(crate) struct Seat {
    pub(crate) requests: Sender<Request>,
    pub(crate) replies: Receiver<Heard>,
    pub(crate) watch: Arc<Watch>,
    thread: Option<JoinHandle<()>>,
}

impl Seat {
    /// Starts a thread, which makes its context while nobody waits. It is counted until it has ended.
    pub(crate) fn start(threads: &Arc<AtomicUsize>) -> Result<Self, SolverError> {
        let (requests, theirs) = mpsc::channel();
        let (sender, replies) = mpsc::channel();
        let watch = Arc::new(Watch::default());
        let counted = Counted::new(threads);
        let watched = Arc::clone(&watch);
        let work = move || {
            let _counted = counted;
            serve(&theirs, &sender, &watched);
        };
        let spawned = thread::Builder::new().name("anrf z3".to_owned()).stack_size(STACK).spawn(work);
        let thread = spawned.map_err(|error| cannot_start(&error))?;
        Ok(Self { requests, replies, watch, thread: Some(thread) })
    }

    /// Ends the thread and waits a moment for it, and for its context to be given back, which is the last it does.
    pub(crate) fn leave(&mut self, patience: Duration, cancel: &CancellationToken) {
        self.requests = mpsc::channel().0;
        let Some(thread) = self.thread.take() else { return };
        let begin = Instant::now();
        while !thread.is_finished() && begin.elapsed() < patience && !cancel.is_cancelled() {
            thread::sleep(Duration::from_millis(1));
        }
        if thread.is_finished() {
            // A panic of it was noticed when it did not answer.
            let _ = thread.join();
        }
    }
}

/// One more thread, for as long as it lasts.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(threads: &Arc<AtomicUsize>) -> Self {
        threads.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(threads))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn cannot_start(error: &std::io::Error) -> SolverError {
    failure(SolverErrorKind::NotFound, &format!("cannot start a thread: {error}"))
}

/// Answers requests until nobody asks any more.
fn serve(requests: &Receiver<Request>, replies: &Sender<Heard>, watch: &Watch) {
    // The context of this thread and of nothing else; it goes with the thread. The crate panics if Z3 makes none.
    let Ok(context) = catch_unwind(Context::thread_local) else {
        // Whoever asked is gone if this fails.
        let _ = replies.send(Err(failure(SolverErrorKind::OutOfMemory, "has no memory for a context")));
        return;
    };
    thread::scope(|scope| {
        let _over = Over(watch);
        let handle = context.handle();
        let builder = thread::Builder::new().name("anrf z3 watch".to_owned()).stack_size(WATCH_STACK);
        if let Err(error) = builder.spawn_scoped(scope, move || watch.guard(&handle)) {
            // Whoever asked is gone if this fails.
            let _ = replies.send(Err(cannot_start(&error)));
            return;
        }
        let mut prover = Prover::new();
        for request in requests {
            if replies.send(prover.hear(request)).is_err() {
                return;
            }
        }
    });
}

/// Whether a thread is to be stopped.
#[derive(Default)]
pub(crate) struct Watch {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_stopped: bool,
    is_over: bool,
}

impl Watch {
    /// Interrupts what Z3 does, now and until the thread has ended.
    pub(crate) fn stop(&self) {
        self.lock().is_stopped = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn guard(&self, handle: &ContextHandle<'_>) {
        let mut state = self.lock();
        while !state.is_over {
            state = if state.is_stopped {
                handle.interrupt();
                let waited = self.changed.wait_timeout(state, INSISTENCE);
                waited.unwrap_or_else(PoisonError::into_inner).0
            } else {
                self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
            };
        }
    }
}

/// Ends the watch, also when the thread panics.
struct Over<'a>(&'a Watch);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.changed.notify_all();
    }
}
