//! How far a long run has come, as a file: it can be ended at any time and goes on from there.

use std::fmt::Write as _;
use std::path::Path;

use super::Coverage;

/// What has been done of a range of seeds.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Of the sources. Counts of two revisions do not add up to anything.
    pub revision: String,
    /// The first seed.
    pub first: u64,
    /// The next seed.
    pub next: u64,
    /// Seconds that it took.
    pub seconds: f64,
    /// What was reached.
    pub coverage: Coverage,
    /// Seeds of programs that fail.
    pub failures: Vec<u64>,
}

impl Progress {
    /// Reads a file; `None` if there is none.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(path: &Path) -> Result<Option<Self>, String> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map(Some).ok_or_else(|| "it is no file of progress".to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Writes the file: the old one or the new one is there, whenever this ends.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let new = path.with_extension("new");
        std::fs::write(&new, self.text())?;
        std::fs::rename(new, path)
    }

    fn text(&self) -> String {
        let Self { revision, first, next, seconds, coverage, failures } = self;
        let mut out = format!("revision {revision}\nfirst {first}\nnext {next}\nseconds {seconds}\n");
        let _ = writeln!(out, "programs {}\nruns {}", coverage.programs, coverage.runs);
        for seed in failures {
            let _ = writeln!(out, "failure {seed}");
        }
        for (table, rows) in coverage.tables() {
            for (name, count) in rows {
                let _ = writeln!(out, "{table} {name} {count}");
            }
        }
        for (size, count) in coverage.clone().sizes() {
            let _ = writeln!(out, "size {size} {count}");
        }
        out
    }

    fn parse(text: &str) -> Option<Self> {
        let mut progress = Self::default();
        for line in text.lines() {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["revision", value] => value.clone_into(&mut progress.revision),
                ["first", value] => progress.first = value.parse().ok()?,
                ["next", value] => progress.next = value.parse().ok()?,
                ["seconds", value] => progress.seconds = value.parse().ok()?,
                ["programs", value] => progress.coverage.programs = value.parse().ok()?,
                ["runs", value] => progress.coverage.runs = value.parse().ok()?,
                ["failure", value] => progress.failures.push(value.parse().ok()?),
                ["size", size, count] => {
                    progress.coverage.sizes().insert(size.parse().ok()?, count.parse().ok()?);
                }
                [table, name, count] => {
                    progress.coverage.count(table, name, count.parse().ok()?).then_some(())?;
                }
                _ => return None,
            }
        }
        Some(progress)
    }
}

#[cfg(test)]
mod tests {
    use super::{Coverage, Progress};
    use crate::generator::generate;

    #[test]
    fn progress_goes_on_where_it_ended() {
        let engine = anrf::Engine::new();
        let mut coverage = Coverage::default();
        super::super::examine(&engine, &generate(3), &mut coverage).expect("a program that holds");
        let progress = Progress {
            revision: "abc".into(),
            first: 3,
            next: 4,
            seconds: 0.5,
            coverage,
            failures: vec![17, 4],
        };
        let read = Progress::parse(&progress.text()).expect("it reads what it writes");
        assert_eq!(read.text(), progress.text());
        assert_eq!((read.next, read.coverage.programs), (4, 1));
        assert!(Progress::parse("instruction no_such_instruction 5").is_none());
    }
}
