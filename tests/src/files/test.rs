//! Reading a file test, and what comes of it.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anrf::{Engine, LineIndex, Reference, ResolveError, Resolver, Source};

use super::run::{Act, Subject, header};

const FOUND: &str = "# found:\n";

/// A file test: a `.vsp` file, or one case of a `.cases` file.
#[derive(Clone, Debug)]
pub struct FileTest {
    /// Where it stands.
    pub path: PathBuf,
    /// The title of a case; empty for a whole file.
    pub title: String,
    /// The text up to what was found.
    pub text: String,
    /// What it says was found, from `# found:` on.
    pub found: String,
    /// What it stands for: a kind and a name, such as `builtin LEN`.
    pub covers: Vec<String>,
    acts: Vec<Act>,
}

impl FileTest {
    /// Reads the tests of a file.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn read(path: &Path) -> Vec<Self> {
        let whole =
            std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if path.extension().is_some_and(|extension| extension == "vsp") {
            return vec![Self::new(path, "", &whole)];
        }
        let whole = format!("\n{whole}");
        let cases = whole.split("\n=== ").skip(1);
        let cases = cases.map(|case| case.split_once('\n').unwrap_or((case, "")));
        cases.map(|(title, text)| Self::new(path, title, text)).collect()
    }

    fn new(path: &Path, title: &str, whole: &str) -> Self {
        let (text, found) = match whole.split_once(FOUND) {
            // Between two cases stands an empty line.
            Some((text, found)) => {
                (text.to_owned(), format!("{FOUND}{}\n", found.trim_end()).replace("\n\n", "\n"))
            }
            None => (format!("{}\n", whole.trim_end()), String::new()),
        };
        let mut test = Self {
            path: path.to_owned(),
            title: title.to_owned(),
            text,
            found,
            covers: vec![],
            acts: vec![],
        };
        for line in test.text.clone().lines() {
            match line.strip_prefix("# ").and_then(|line| line.split_once(": ")) {
                Some(("covers", value)) => {
                    test.covers.extend(value.split(", ").map(|it| it.trim().to_owned()));
                }
                Some((key, value)) => header(&mut test.acts, key, value),
                None => {}
            }
        }
        test
    }

    /// The folder under `tests/files`.
    #[must_use]
    pub fn layer(&self) -> String {
        let folder = self.path.parent().and_then(Path::file_name);
        folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Whether it shows that something is accepted: nothing is found, and an act succeeds if there is one.
    #[must_use]
    pub fn accepts(&self) -> bool {
        !self.lines().any(is_finding) && (self.acts.is_empty() || self.lines().any(succeeds))
    }

    /// Whether it shows that something is rejected: by a finding, or by an act that does not succeed.
    #[must_use]
    pub fn rejects(&self) -> bool {
        self.lines().any(|line| is_finding(line) || !succeeds(line))
    }

    /// The codes of what was found.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        let words = self.lines().flat_map(|line| match is_finding(line) {
            true => line.split_whitespace().skip(2).take(1),
            false => line.split_whitespace().skip(2).take(usize::MAX),
        });
        words.map(|word| word.trim_start_matches('[')).filter(|word| is_code(word))
    }

    /// The lines of what was found.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.found.lines().skip(1)
    }

    /// The test with what came of it, as it stands in its file.
    #[must_use]
    pub fn blessed(&self, found: &str) -> String {
        match self.title.as_str() {
            "" => format!("{}{found}", self.text),
            title => format!("=== {title}\n{}{found}", self.text),
        }
    }
}

fn is_finding(line: &str) -> bool {
    ["# error ", "# warning ", "# hint "].iter().any(|severity| line.starts_with(severity))
}

fn is_code(word: &str) -> bool {
    word.starts_with("E-") || word.starts_with("L-")
}

fn succeeds(line: &str) -> bool {
    line.contains(": {\"success\"") || line.ends_with(": fine")
}

/// What comes of a file test, as it stands at the end of the file.
#[must_use]
pub fn found(test: &FileTest) -> String {
    let mut out = FOUND.to_owned();
    let name = test.path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let mut texts = test.text.split("\n# file: ");
    let text = expanded(texts.next().unwrap_or_default());
    let others = texts.map(|text| text.split_once('\n').unwrap_or((text, "")));
    let others: Vec<_> = others.map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let lines = |source: &Option<String>| {
        let other = others.iter().find(|(name, _)| Some(name) == source.as_ref());
        LineIndex::new(other.map_or(&text, |(_, text)| text))
    };
    let engine = Engine::builder().resolver(Arc::new(Others(others.clone()))).build();
    let checked = engine.check(&name, &text);
    let shown = checked.diagnostics.len().min(20);
    for found in &checked.diagnostics[..shown] {
        let place = lines(&found.source).position(found.span.start);
        let severity = format!("{:?}", found.severity).to_lowercase();
        let file = found.source.as_ref().map_or(String::new(), |name| format!("{name}:"));
        let (line, column) = (place.line, place.column);
        let _ = write!(out, "# {severity} {} {file}{line}:{column} {}", found.code, found.message);
        if let Some(help) = &found.help {
            let _ = write!(out, "; help: {help}");
        }
        out.push('\n');
    }
    if shown < checked.diagnostics.len() {
        let _ = writeln!(out, "# warning and {} findings more", checked.diagnostics.len() - shown);
    }
    let tested = checked.module.as_ref().and_then(|module| module.test().ok()).unwrap_or_default();
    for failed in tested.iter().filter(|result| !result.passed) {
        let _ = writeln!(out, "# example: expected {}, found {}", failed.expected, failed.found);
    }
    let subject = Subject { engine: &engine, text: &text, module: checked.module.as_ref() };
    for act in &test.acts {
        out.push_str(&act.found(&subject));
    }
    out
}

/// A line `# repeat 3: text{#}` stands for so many lines of the text, in which `{#}` is their number and `{n}`
/// begins another line.
/// One that ends in `{-}` goes on without a new line.
fn expanded(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let repeated = line.strip_prefix("# repeat ").and_then(|rest| rest.split_once(": "));
        let repeated = repeated.and_then(|(count, line)| Some((count.parse::<usize>().ok()?, line)));
        let Some((count, line)) = repeated else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        let line = match line.strip_suffix("{-}") {
            Some(line) => line.to_owned(),
            None => format!("{line}\n"),
        };
        for number in 0..count {
            out.push_str(&line.replace("{n}", "\n").replace("{#}", &number.to_string()));
        }
    }
    out
}

/// The other texts of a test, which stand behind lines `# file: NAME`. One that is only the word
/// `unreadable` cannot be read.
struct Others(Vec<(String, String)>);

impl Resolver for Others {
    fn resolve(&self, reference: &Reference, _importer: &str) -> Result<Source, ResolveError> {
        let is_meant = |(name, text): &&(String, String)| match reference {
            Reference::Function { name: function, version } => {
                let node = format!("node_id: {function}_v{version}");
                text.lines().any(|line| line.trim_start_matches(['-', ' ']) == node) || *name == *function
            }
            Reference::Module(_) => false,
        };
        match self.0.iter().find(is_meant) {
            Some((name, text)) if text.trim() == "unreadable" => {
                Err(ResolveError::Unreadable { name: name.clone(), message: "the disk is broken".into() })
            }
            Some((name, text)) => Ok(Source { name: name.clone(), text: text.clone() }),
            None => {
                Err(ResolveError::NotFound { reference: reference.clone(), searched: "this test".into() })
            }
        }
    }
}
