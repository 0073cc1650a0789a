//! What was compared, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::solver::Answer;
use crate::term::Theory;

/// In so many comparisons every constructor of terms has to stand.
pub const WANTED: u64 = 200;

/// Constructors besides the functions of theories.
const OTHERS: [&str; 15] = [
    "literal boolean",
    "literal integer",
    "literal real",
    "literal float",
    "literal text",
    "bound variable",
    "constant",
    "function",
    "regular language",
    "construct",
    "project",
    "is made by",
    "pattern of several",
    "for all",
    "exists",
];

/// How a solver answered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answers {
    /// There is a model.
    pub sat: u64,
    /// There is none.
    pub unsat: u64,
    /// Nothing follows within the limits.
    pub unknown: u64,
    /// The solver had trouble.
    pub trouble: u64,
}

impl Answers {
    /// Counts one.
    pub fn count(&mut self, answer: Option<Answer>) {
        match answer {
            Some(Answer::Sat) => self.sat += 1,
            Some(Answer::Unsat) => self.unsat += 1,
            Some(Answer::Unknown(_)) => self.unknown += 1,
            None => self.trouble += 1,
        }
    }

    /// Questions that were answered.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.sat + self.unsat + self.unknown
    }

    fn add(&mut self, other: &Self) {
        self.sat += other.sat;
        self.unsat += other.unsat;
        self.unknown += other.unknown;
        self.trouble += other.trouble;
    }
}

/// What was compared.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Functions.
    pub functions: u64,
    /// Runs that ended in success or failure: that they are possible.
    pub possible: Answers,
    /// The same runs of what is encoded exactly: that nothing else is.
    pub otherwise: Answers,
    /// The same again and those that broke an obligation, in bit-vectors.
    pub in_bits: Answers,
    /// Runs that broke an obligation: that its goal does not follow.
    pub broken: Answers,
    /// Runs that are not compared: a script cannot say their values, or another function's obligation is broken.
    pub unsaid: u64,
    /// In how many comparisons each constructor stands.
    constructors: BTreeMap<String, u64>,
    /// Where the two do not agree.
    pub differences: Vec<String>,
}

impl Figures {
    /// Counts a comparison's constructors.
    pub(super) fn made_by(&mut self, constructors: &BTreeSet<String>) {
        for name in constructors {
            *self.constructors.entry(name.clone()).or_default() += 1;
        }
    }

    /// Adds what another thread has compared.
    pub fn add(&mut self, other: Self) {
        self.functions += other.functions;
        self.possible.add(&other.possible);
        self.otherwise.add(&other.otherwise);
        self.broken.add(&other.broken);
        self.in_bits.add(&other.in_bits);
        self.unsaid += other.unsaid;
        for (name, count) in other.constructors {
            *self.constructors.entry(name).or_default() += count;
        }
        self.differences.extend(other.differences);
    }

    /// Whether something of this stands in fewer comparisons of the others than is wanted.
    #[must_use]
    pub fn helps(&self, others: &Self) -> bool {
        others.missing().iter().any(|(name, _)| self.constructors.contains_key(name))
    }

    /// All comparisons.
    #[must_use]
    pub fn comparisons(&self) -> u64 {
        self.possible.all() + self.otherwise.all() + self.broken.all() + self.in_bits.all()
    }

    /// Constructors that stand in fewer comparisons than is wanted.
    #[must_use]
    pub fn missing(&self) -> Vec<(String, u64)> {
        self.table().into_iter().filter(|(_, count)| *count < WANTED).collect()
    }

    fn table(&self) -> Vec<(String, u64)> {
        let theories = Theory::ALL.iter().map(|function| format!("{function:?}"));
        let names = OTHERS.iter().map(|name| (*name).to_owned()).chain(theories);
        names.map(|name| (name.clone(), self.constructors.get(&name).copied().unwrap_or(0))).collect()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "| {:<40} | {:>7} | {:>7} | {:>7} | {:>7} |",
            "question", "sat", "unsat", "open", "trouble"
        )?;
        writeln!(formatter, "|---|---:|---:|---:|---:|")?;
        for (name, it) in [
            ("a run is possible (never unsat)", &self.possible),
            ("what it breaks does not follow (never unsat)", &self.broken),
            ("either in bit-vectors (never unsat)", &self.in_bits),
            ("nothing else is possible (never sat)", &self.otherwise),
        ] {
            writeln!(formatter, "| {name} | {} | {} | {} | {} |", it.sat, it.unsat, it.unknown, it.trouble)?;
        }
        writeln!(
            formatter,
            "\n{} comparisons of {} functions, {} differences; {} runs not compared.\n",
            self.comparisons(),
            self.functions,
            self.differences.len(),
            self.unsaid
        )?;
        writeln!(formatter, "| constructor | comparisons |\n|---|---:|")?;
        self.table().iter().try_for_each(|(name, count)| writeln!(formatter, "| {name} | {count} |"))
    }
}
