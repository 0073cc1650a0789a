//! How the solvers differ: arguments, options, units.

use super::{Features, Limits, Query};

/// A family of solver programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Z3.
    Z3,
    /// cvc5.
    Cvc5,
    /// Bitwuzla, behind the driver that `cargo xtask solvers` installs.
    Bitwuzla,
}

impl Dialect {
    /// All of them; a race asks them in this order.
    pub const ALL: [Self; 3] = [Self::Z3, Self::Cvc5, Self::Bitwuzla];

    /// The name of the program.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Z3 => "z3",
            Self::Cvc5 => "cvc5",
            Self::Bitwuzla => "bitwuzla",
        }
    }

    /// The environment variable that holds the program's path.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::Z3 => "ANRF_Z3",
            Self::Cvc5 => "ANRF_CVC5",
            Self::Bitwuzla => "ANRF_BITWUZLA",
        }
    }

    pub(super) fn features(self) -> Features {
        match self {
            Self::Z3 | Self::Cvc5 => Features::ALL,
            Self::Bitwuzla => {
                Features::BIT_VECTORS | Features::FLOATS | Features::ARRAYS | Features::FUNCTIONS
            }
        }
    }

    /// What makes the program read commands from its input as they come.
    pub(super) fn arguments(self, memory_megabytes: u64) -> Vec<String> {
        match self {
            Self::Z3 => vec!["-in".to_owned(), "-smt2".to_owned(), format!("-memory:{memory_megabytes}")],
            Self::Cvc5 => vec!["--lang=smt2".to_owned(), "--incremental".to_owned(), "--quiet".to_owned()],
            Self::Bitwuzla => vec![],
        }
    }

    /// The commands before a query: forget everything, fix every source of chance, set the limits.
    pub(super) fn prelude(self, query: &Query<'_>, limits: &Limits) -> String {
        let milliseconds = u32::try_from(limits.time.as_millis()).unwrap_or(u32::MAX).max(1);
        let mut options: Vec<(&str, String)> = vec![("produce-models", "true".to_owned())];
        if query.wants_core {
            options.push(("produce-unsat-cores", "true".to_owned()));
        }
        let mut logic = None;
        match self {
            Self::Z3 => {
                options.push(("smt.random_seed", "0".to_owned()));
                options.push(("sat.random_seed", "0".to_owned()));
                // Each is said in every query: options outlive a reset.
                let search = Z3Search::of(query);
                options.push(("auto_config", search.auto_config.to_string()));
                options.push(("smt.mbqi", search.mbqi.to_string()));
                options.push(("smt.arith.solver", search.arithmetic.to_string()));
                options.push(("smt.qi.eager_threshold", search.eager.to_string()));
                // Values are printed whole: no `let`, no omissions.
                options.push(("pp.min_alias_size", "1000000000".to_owned()));
                options.push(("pp.max_depth", "1000000000".to_owned()));
                let resources = u32::try_from(limits.resources).unwrap_or(u32::MAX).max(1);
                options.push(("rlimit", resources.to_string()));
                options.push(("timeout", milliseconds.to_string()));
            }
            Self::Cvc5 => {
                options.push(("incremental", "true".to_owned()));
                options.push(("seed", "0".to_owned()));
                options.push(("sat-random-seed", "0".to_owned()));
                options.push(("dag-thresh", "0".to_owned()));
                options.push(("rlimit-per", (limits.resources / 20).max(1).to_string()));
                options.push(("tlimit-per", milliseconds.to_string()));
                if query.features.contains(Features::STRINGS) {
                    options.push(("strings-exp", "true".to_owned()));
                }
                if query.features.contains(Features::ARRAYS) {
                    // Constant arrays.
                    options.push(("arrays-exp", "true".to_owned()));
                }
                logic = Some(query.features.logic());
            }
            Self::Bitwuzla => {
                options.push(("seed", "0".to_owned()));
                options.push(("rlimit", (limits.resources / 1_000).max(1).to_string()));
                options.push(("time-limit-per", milliseconds.to_string()));
                // It does the same for every logic, and not all have names that it knows.
                logic = Some("ALL".to_owned());
            }
        }
        let mut text = "(reset)\n".to_owned();
        for (name, value) in options {
            text += &format!("(set-option :{name} {value})\n");
        }
        if let Some(logic) = logic {
            text += &format!("(set-logic {logic})\n");
        }
        text
    }
}

/// How z3 is to search, whether it is a process or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Z3Search {
    /// `auto_config`: whether it chooses by itself how.
    pub auto_config: bool,
    /// `mbqi`: whether it instantiates by models, too.
    pub mbqi: bool,
    /// `arith.solver`: which of its arithmetics.
    pub arithmetic: u32,
    /// `qi.eager_threshold`: how readily it instantiates by patterns.
    pub eager: f64,
}

impl Z3Search {
    /// By patterns, instances come from them alone, and the older simplex loses itself less often in mixed arithmetic
    /// between them: what Dafny and Boogie ask for, too. Otherwise what z3 does if nothing is said.
    #[must_use]
    pub fn of(query: &Query<'_>) -> Self {
        if !query.by_patterns {
            return Self { auto_config: true, mbqi: true, arithmetic: 6, eager: 10.0 };
        }
        let arithmetic = if has_long_numeral(query.script) { 6 } else { 2 };
        Self { auto_config: false, mbqi: false, arithmetic, eager: 100.0 }
    }
}

/// With numerals of 200 digits z3's older simplex finds contradictions where there are none; with 100 none was seen.
const LONGEST_NUMERAL: usize = 64;

fn has_long_numeral(script: &str) -> bool {
    let numerals = script.split(|character: char| !character.is_ascii_digit());
    numerals.into_iter().any(|digits| digits.len() > LONGEST_NUMERAL)
}
