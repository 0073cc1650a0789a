//! A program together with what it starts.

use std::io;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

/// A started program. Where there are process groups, it leads one.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) child: Child,
    /// How it ended; its number may belong to another program since.
    status: Option<ExitStatus>,
}

impl Group {
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Ok(Self { child: command.spawn()?, status: None })
    }

    /// Waits for the program's end, so long. What it leaves behind is killed.
    pub(super) fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + patience;
        while !self.has_ended() {
            if Instant::now() >= deadline {
                return None;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        self.kill();
        self.status
    }

    /// Kills the program with its group.
    pub(super) fn kill(&mut self) {
        if self.status.is_some() {
            return;
        }
        // Its number is its own until it is waited for.
        #[cfg(unix)]
        if let Some(group) = self.id() {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.kill();
        self.status = self.child.wait().ok();
    }

    /// Whether the program has ended.
    pub(super) fn has_ended(&mut self) -> bool {
        if self.status.is_some() {
            return true;
        }
        #[cfg(unix)]
        {
            use rustix::process::{WaitId, WaitIdOptions, waitid};
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            self.id().is_none_or(|id| !matches!(waitid(WaitId::Pid(id), options), Ok(None)))
        }
        #[cfg(not(unix))]
        {
            self.status = self.child.try_wait().ok().flatten();
            self.status.is_some()
        }
    }

    #[cfg(unix)]
    fn id(&self) -> Option<rustix::process::Pid> {
        i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw)
    }
}
