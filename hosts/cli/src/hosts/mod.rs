//! Who answers host operations: nobody, a script, or a program.

mod command;
mod group;
mod scripted;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anrf::{Function, Host, HostError, HostRequest, HostResponse, Journal, ReplayHost};

use crate::arguments::Setting;
use crate::failure::Outcome;

use command::CommandHost;
use scripted::Script;

/// Where answers come from, and the first thing that went wrong there.
#[derive(Debug)]
pub(crate) struct Hosts {
    answers: Answers,
    complaint: Arc<Mutex<Option<String>>>,
}

#[derive(Debug)]
enum Answers {
    Nobody,
    Scripted(Script),
    Program(Arc<CommandHost>),
    Replay(Journal),
}

impl Hosts {
    /// What the arguments ask for.
    pub(crate) fn new(setting: &Setting, function: &Function) -> Outcome<Self> {
        let timeout = setting.timeout.map(Duration::from_millis);
        let answers = match (&setting.host, &setting.host_command) {
            (Some(file), _) => Answers::Scripted(Script::read(file, function)?),
            (None, Some(line)) => Answers::Program(Arc::new(CommandHost::start(line, function, timeout)?)),
            (None, None) => Answers::Nobody,
        };
        Ok(Self { answers, complaint: Arc::default() })
    }

    /// The answers of a journal.
    pub(crate) fn replay(journal: Journal) -> Self {
        Self { answers: Answers::Replay(journal), complaint: Arc::default() }
    }

    /// The host of one run. A script begins anew for each.
    pub(crate) fn for_run(&self) -> Arc<dyn Host> {
        let host: Arc<dyn Host> = match &self.answers {
            Answers::Nobody => Arc::new(Nobody),
            Answers::Scripted(script) => Arc::new(script.begin()),
            Answers::Program(program) => Arc::clone(program) as Arc<dyn Host>,
            Answers::Replay(journal) => Arc::new(ReplayHost::new(journal.clone())),
        };
        Arc::new(Heard { host, complaint: Arc::clone(&self.complaint) })
    }

    /// The first thing that went wrong outside, which a run's outcome cannot say.
    pub(crate) fn complaint(&self) -> Option<String> {
        self.complaint.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A host whose first failure to answer is kept.
struct Heard {
    host: Arc<dyn Host>,
    complaint: Arc<Mutex<Option<String>>>,
}

impl Host for Heard {
    fn invoke(&self, request: &HostRequest) -> Result<HostResponse, HostError> {
        self.host.invoke(request).inspect_err(|error| {
            let mut complaint = self.complaint.lock().unwrap_or_else(PoisonError::into_inner);
            complaint.get_or_insert_with(|| error.message.clone());
        })
    }

    fn wait(&self, milliseconds: u64) {
        self.host.wait(milliseconds);
    }
}

/// Has no answers.
struct Nobody;

impl Host for Nobody {
    fn invoke(&self, request: &HostRequest) -> Result<HostResponse, HostError> {
        let message = format!(
            "nobody answers `{}`: give answers with `--host`, or a program with `--host-command`",
            request.operation
        );
        Err(HostError { message })
    }
}

/// How a file is called in messages about it.
fn called(file: &Path) -> String {
    crate::files::name(file)
}
