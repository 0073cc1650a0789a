//! Demo and test on a machine that has nothing: a clean Debian 12 root made by debootstrap, holding a
//! copy of the Rust toolchain, the package settings of this machine, and a handful of packages.

mod settings;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::Outcome;
use crate::process::{is_present, output, root, run as start};
use crate::report::seconds;

const RELEASE: &str = "bookworm";

/// What the root gets beside the minimal system: a linker, Python and Node for the tests that use them,
/// and git to list the files.
const PACKAGES: &[&str] = &["ca-certificates", "gcc", "git", "libc6-dev", "nodejs", "python3", "python3-pip"];

/// Where things lie inside the root.
const TOOLCHAIN: &str = "opt/rust";
const SOURCE: &str = "root/anrf";

/// Makes the root, runs the tasks in it and removes it; `--keep` leaves it, a task name runs only that.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    let (keep, rest) = match arguments {
        ["--keep", rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let tasks: &[&str] = match rest {
        [] => &["demo", "test"],
        ["demo" | "test"] => rest,
        other => return Err(format!("fresh does not know `{}`", other.join(" "))),
    };
    let source = root()?;
    if output(Command::new("id").arg("-u"))?.trim() != "0" {
        return Err("fresh makes a root file system, which needs root".to_owned());
    }
    if !is_present("debootstrap", &["--version"]) {
        println!("== Install debootstrap (it makes the clean root)");
        start(Command::new("apt-get").args(["install", "--yes", "--no-install-recommends", "debootstrap"]))?;
    }

    let clean =
        CleanRoot { folder: PathBuf::from(format!("/var/tmp/anrf-fresh-{}", std::process::id())), keep };
    timed("Make a clean Debian 12 root", || clean.make())?;
    timed("Pass the package settings through", || settings::copy(&source, &clean.folder))?;
    timed(&format!("Install {}", PACKAGES.join(", ")), || clean.install())?;
    timed("Copy the Rust toolchain", || clean.copy_toolchain())?;
    timed("Clone the repository", || clean.clone_source(&source))?;
    for task in tasks {
        timed(&format!("cargo xtask {task}"), || clean.task(task))?;
    }
    println!("\nfresh: {} passed in a clean root", tasks.join(" and "));
    Ok(())
}

fn timed(heading: &str, work: impl FnOnce() -> Outcome) -> Outcome {
    println!("\n=== {heading}");
    let begin = Instant::now();
    work()?;
    println!("--- {heading}: {}", seconds(begin.elapsed()));
    Ok(())
}

struct CleanRoot {
    folder: PathBuf,
    keep: bool,
}

impl CleanRoot {
    fn make(&self) -> Outcome {
        let mut command = Command::new("debootstrap");
        command.args(["--variant=minbase", RELEASE]).arg(&self.folder).args(settings::mirror());
        for (name, value) in settings::apt_proxies()? {
            command.env(name, value);
        }
        start(&mut command)?;
        start(Command::new("mount").args(["-t", "proc", "proc"]).arg(self.folder.join("proc")))
    }

    fn install(&self) -> Outcome {
        start(self.inside("apt-get").args(["update", "--quiet"]))?;
        let mut install = self.inside("apt-get");
        install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(PACKAGES);
        start(&mut install)?;
        settings::copy_certificates(&self.folder)
    }

    fn copy_toolchain(&self) -> Outcome {
        let toolchain = output(Command::new("rustc").args(["--print", "sysroot"]))?;
        let into = self.folder.join(TOOLCHAIN);
        std::fs::create_dir_all(&into).map_err(|error| format!("cannot make {}: {error}", into.display()))?;
        start(
            Command::new("cp")
                .args(["--archive", "--dereference"])
                .arg(format!("{}/.", toolchain.trim()))
                .arg(into),
        )
    }

    fn clone_source(&self, source: &Path) -> Outcome {
        let status = output(Command::new("git").current_dir(source).args(["status", "--porcelain"]))?;
        if !status.is_empty() {
            println!("(changes that are not committed are left out)");
        }
        let into = self.folder.join(SOURCE);
        start(Command::new("git").args(["clone", "--quiet", "--no-hardlinks"]).arg(source).arg(into))
    }

    fn task(&self, task: &str) -> Outcome {
        let script = format!("cd /{SOURCE} && exec cargo xtask {task}");
        start(self.inside("sh").args(["-c", &script]))
    }

    /// A program inside the root, with nothing of this machine's environment but its package settings.
    fn inside(&self, program: &str) -> Command {
        let mut command = Command::new("chroot");
        command.arg(&self.folder).args(["/usr/bin/env", program]);
        command.env_clear().envs(settings::environment());
        command
            .env(
                "PATH",
                format!("/{TOOLCHAIN}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            )
            .env("HOME", "/root")
            .env("LANG", "C.UTF-8")
            .env("DEBIAN_FRONTEND", "noninteractive");
        command
    }
}

impl Drop for CleanRoot {
    fn drop(&mut self) {
        let proc = self.folder.join("proc");
        if proc.join("self").exists() && start(Command::new("umount").arg(&proc)).is_err() {
            println!("left, because /proc is still mounted in it: {}", self.folder.display());
        } else if self.keep {
            println!("kept: {}", self.folder.display());
        } else if self.folder.exists() {
            // The flag keeps the removal away from anything that is still mounted.
            let mut remove = Command::new("rm");
            remove.args(["-r", "-f", "--one-file-system"]).arg(&self.folder);
            if let Err(message) = start(&mut remove) {
                println!("{message}");
            }
        }
    }
}
