//! What was found of all mutants, as lines that a run appends and a later one reads, and as a page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// One judged mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The module's hash, so that results of an earlier text are not taken for those of this one.
    pub module: String,
    /// The file, from `tests/corpus`.
    pub file: String,
    /// `code` or `contract`.
    pub subject: String,
    /// The mutant's number in its function, and the function's in its module.
    pub number: String,
    /// Line and column.
    pub place: String,
    /// What was changed.
    pub what: String,
    /// [`super::Fate::name`].
    pub fate: String,
    /// [`super::Fate::detail`].
    pub detail: String,
}

impl Entry {
    /// The line that says it.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { module, file, subject, number, place, what, fate, detail } = self;
        let what = what.replace(['\t', '\n'], " ");
        format!("{module}\t{file}\t{subject}\t{number}\t{place}\t{what}\t{fate}\t{detail}\n")
    }

    /// What tells it from every other mutant.
    #[must_use]
    pub fn key(&self) -> (String, String, String) {
        (self.module.clone(), self.subject.clone(), self.number.clone())
    }

    /// How people name it: file, place and change.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{}:{} {}", self.file, self.place, self.what)
    }
}

/// Reads the lines; what is no whole line (a run was ended while it wrote) is left out.
#[must_use]
pub fn read_entries(text: &str) -> Vec<Entry> {
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let entry = |line: &str| {
        let mut parts = line.split('\t').map(str::to_owned);
        Some(Entry {
            module: parts.next()?,
            file: parts.next()?,
            subject: parts.next()?,
            number: parts.next()?,
            place: parts.next()?,
            what: parts.next()?,
            fate: parts.next()?,
            detail: parts.next()?,
        })
    };
    whole.lines().filter_map(entry).collect()
}

/// Why a mutant is no mistake, by its title: the lines of `tests/corpus/equivalent`, `title => reason`.
fn reasons(text: &str) -> BTreeMap<&str, &str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(" => ")).collect()
}

/// What a reason begins with that says why no contract can tell the mutant.
const NOT_EQUIVALENT: &str = "not equivalent";

/// Whether the comparison proved, or a reason says, that it does the same.
fn is_equivalent(entry: &Entry, reasons: &BTreeMap<&str, &str>) -> bool {
    let reason = reasons.get(entry.title().as_str());
    entry.fate == "equivalent"
        || entry.fate == "survived" && reason.is_some_and(|reason| !reason.starts_with(NOT_EQUIVALENT))
}

/// The page: how many of each fate by kind of task, the share that is not proved, and every survivor with why
/// it is none. `kind_of` tells a file's kind.
#[must_use]
pub fn report(entries: &[Entry], equivalent: &str, kind_of: &dyn Fn(&str) -> String) -> String {
    let reasons = reasons(equivalent);
    let mut text = String::new();
    let code: Vec<&Entry> = entries.iter().filter(|entry| entry.subject == "code").collect();
    table(&mut text, &code, &reasons, kind_of);
    let proved = code.iter().filter(|entry| matches!(entry.fate.as_str(), "survived" | "equivalent"));
    let (mut equal, mut other, mut unexplained) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for entry in proved {
        let title = entry.title();
        match reasons.get(title.as_str()) {
            _ if entry.fate == "equivalent" => equal.insert(format!("{title}: proved {}", entry.detail)),
            Some(reason) if reason.starts_with(NOT_EQUIVALENT) => other.insert(format!("{title}: {reason}")),
            Some(reason) => equal.insert(format!("{title}: {reason}")),
            None => unexplained.insert(title),
        };
    }
    list(&mut text, "Survivors without a reason", &unexplained);
    list(&mut text, "Survivors that are not equivalent", &other);
    list(&mut text, "Survivors that are equivalent", &equal);
    let contract: Vec<&Entry> = entries.iter().filter(|entry| entry.subject == "contract").collect();
    if !contract.is_empty() {
        contracts(&mut text, &contract);
    }
    text
}

fn list(text: &mut String, heading: &str, lines: &BTreeSet<String>) {
    let _ = writeln!(text, "\n## {heading}\n");
    for line in lines {
        let _ = writeln!(text, "- {line}");
    }
    if lines.is_empty() {
        text.push_str("None.\n");
    }
}

fn table(
    text: &mut String,
    code: &[&Entry],
    reasons: &BTreeMap<&str, &str>,
    kind_of: &dyn Fn(&str) -> String,
) {
    let mut kinds: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    for entry in code {
        kinds.entry(kind_of(&entry.file)).or_default().push(entry);
    }
    text.push_str("| kind | mutants | refuted by a run | not proved | undecided | equivalent | survivors | not proved, of those that matter |\n");
    text.push_str("|---|---|---|---|---|---|---|---|\n");
    let mut row = |name: &str, entries: &[&Entry]| {
        let count = |fate: &str| entries.iter().filter(|entry| entry.fate == fate).count();
        let equivalent = entries.iter().filter(|entry| is_equivalent(entry, reasons)).count();
        let (refuted, unproved, undecided) = (count("refuted"), count("not proved"), count("undecided"));
        let survivors = count("survived") + count("equivalent") - equivalent;
        let programs = entries.len() - count("no program");
        let matter = refuted + unproved + survivors;
        let share = (refuted + unproved) as f64 * 100.0 / matter.max(1) as f64;
        let _ = writeln!(
            text,
            "| {name} | {programs} | {refuted} | {unproved} | {undecided} | {equivalent} | {survivors} | {share:.1}% |"
        );
    };
    for (kind, entries) in &kinds {
        row(kind, entries);
    }
    row("all", code);
}

fn contracts(text: &mut String, entries: &[&Entry]) {
    let count = |fate: &str| entries.iter().filter(|entry| entry.fate == fate).count();
    let (refuted, unproved) = (count("refuted"), count("not proved"));
    let (undecided, holds) = (count("undecided"), count("survived") + count("equivalent"));
    let _ = writeln!(
        text,
        "\n## Changed postconditions\n\nOf the right function a changed postcondition is not proved, unless it holds \
         of it too: it promises less, or the same in other words.\n\n\
         {} mutants: {refuted} refuted by a run, {unproved} not proved, {undecided} undecided, {holds} hold too.",
        refuted + unproved + undecided + holds,
    );
}
