//! `.expr` files: lines of `expression  =>  result`, with comments and a header as in module files.
//!
//! The result is the value as JSON and its type, `fault KIND`, `limit WHICH`, or `CODE message`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anrf::{Engine, Outcome};

const ARROW: &str = "  =>  ";

/// An `.expr` file.
#[derive(Clone, Debug)]
pub struct ExpressionFile {
    /// Where it stands.
    pub path: PathBuf,
    /// The whole file.
    pub text: String,
    /// What it stands for.
    pub covers: Vec<String>,
}

impl ExpressionFile {
    /// Reads a file.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let text =
            std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let headers = text.lines().filter_map(|line| line.strip_prefix("# covers: "));
        let covers = headers.flat_map(|line| line.split(", ")).map(|it| it.trim().to_owned()).collect();
        Self { path: path.to_owned(), text, covers }
    }

    fn results(&self) -> impl Iterator<Item = &str> {
        let lines = self.text.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| line.rsplit_once(ARROW)).map(|(_, result)| result)
    }

    /// Whether some expression has a value.
    #[must_use]
    pub fn accepts(&self) -> bool {
        self.results().any(is_value)
    }

    /// Whether some expression has none.
    #[must_use]
    pub fn rejects(&self) -> bool {
        self.results().any(|result| !is_value(result))
    }

    /// The codes that are expected.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        let firsts = self.results().filter_map(|result| result.split(' ').next());
        firsts.filter(|first| first.starts_with("E-"))
    }

    /// The file as it should be.
    #[must_use]
    pub fn evaluated(&self) -> String {
        let engine = Engine::new();
        let mut out = String::new();
        for line in self.text.lines() {
            if line.starts_with('#') || line.trim().is_empty() {
                let _ = writeln!(out, "{line}");
                continue;
            }
            let expression = line.rsplit_once(ARROW).map_or(line, |(expression, _)| expression).trim_end();
            let _ = writeln!(out, "{expression}{ARROW}{}", evaluate(&engine, expression));
        }
        out
    }
}

fn is_value(result: &str) -> bool {
    !["E-", "fault ", "limit "].iter().any(|other| result.starts_with(other))
}

fn evaluate(engine: &Engine, expression: &str) -> String {
    let function = match engine.load_expression(expression) {
        Ok(function) => function,
        Err(error) => {
            let found = error.diagnostics().first();
            return found.map_or_else(|| error.to_string(), |it| format!("{} {}", it.code, it.message));
        }
    };
    let execution = match function.run(anrf::Run::new()) {
        Ok(execution) => execution,
        Err(error) => return format!("{} {}", error.code(), error.message()),
    };
    match execution.outcome() {
        Outcome::Success(_) => {
            let json: serde_json::Value = serde_json::from_str(&execution.to_json()).unwrap_or_default();
            json["success"]["value"].to_string()
        }
        Outcome::Fault(fault) => format!("fault {}", fault.kind.name()),
        Outcome::Limit(limit) => format!("limit {}", limit.name()),
        other => other.kind().to_owned(),
    }
}
