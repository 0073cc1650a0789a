//! What becomes of a mutant.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::time::Duration;

use anrf::{Budget, Compared, Engine, Module, Report, Verdict, VerifyOptions};

use super::{Mutant, with_function};

/// What the verifier says of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The change makes no program; it counts for nothing.
    NoProgram,
    /// A run shows that this obligation does not hold.
    Refuted(String),
    /// This obligation is not proved, and why.
    NotProved(String, &'static str),
    /// Only what is not proved of the original either is not proved.
    Undecided,
    /// Everything is proved, and so is that the original does the same for every input; how.
    Equivalent(&'static str),
    /// Everything is proved: the change makes no difference that is seen, or the contract lets it pass. What the
    /// comparison with the original came to.
    Survived(&'static str),
}

impl Fate {
    /// Its name in a list of results.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoProgram => "no program",
            Self::Refuted(_) => "refuted",
            Self::NotProved(..) => "not proved",
            Self::Undecided => "undecided",
            Self::Equivalent(_) => "equivalent",
            Self::Survived(_) => "survived",
        }
    }

    /// The obligation, and why it is not proved.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Refuted(id) => id.clone(),
            Self::NotProved(id, why) => format!("{id} {why}"),
            Self::Equivalent(how) | Self::Survived(how) => (*how).to_owned(),
            _ => String::new(),
        }
    }
}

/// Decides about the mutants of one module.
pub struct Judge<'a> {
    engine: &'a Engine,
    name: String,
    module: Module,
    /// What is not proved of the module itself.
    open: OnceCell<BTreeSet<String>>,
}

/// Longer than any proof of the corpus takes; a mutant that needs more is not proved.
const LONGEST: Duration = Duration::from_secs(60);

impl<'a> Judge<'a> {
    /// For the mutants of this module, which is a file of this name.
    #[must_use]
    pub fn new(engine: &'a Engine, name: &str, module: Module) -> Self {
        Self { engine, name: name.to_owned(), module, open: OnceCell::new() }
    }

    /// The module that is changed.
    #[must_use]
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// What becomes of a mutant of the function of this index.
    #[must_use]
    pub fn judge(&self, index: u32, mutant: &Mutant) -> Fate {
        let bytes = with_function(self.module.document(), index, mutant.function.clone());
        let Some(Ok(changed)) = bytes.map(|bytes| self.engine.load_bytes(&self.name, &bytes)) else {
            return Fate::NoProgram;
        };
        let function = mutant.function.node_id();
        // A run that shows it is cheap; solvers are asked about the rest.
        for tier in [2, 3] {
            let Ok(report) = self.verify(&changed, tier, Some(&function)) else { return Fate::NoProgram };
            if let Some(id) = first(&report, |verdict| matches!(verdict, Verdict::Refuted(_))) {
                return Fate::Refuted(id.0);
            }
            if tier == 3 {
                return match self.proof(&report) {
                    Some(fate) => fate,
                    None => self.compare(index, &changed),
                };
            }
        }
        Fate::NoProgram
    }

    /// What is not proved of it; `None` if all is.
    fn proof(&self, report: &Report) -> Option<Fate> {
        let all = report.functions.iter().flat_map(|function| &function.obligations);
        let mut unproved = all.filter(|it| !it.verdict.is_proved()).peekable();
        unproved.peek()?;
        let open = self.open.get_or_init(|| self.open_of_the_original());
        Some(match unproved.find(|it| !open.contains(&it.id)) {
            Some(it) => Fate::NotProved(it.id.clone(), class(&it.verdict)),
            None => Fate::Undecided,
        })
    }

    /// Whether a mutant that is proved does what the original does.
    fn compare(&self, index: u32, changed: &Module) -> Fate {
        let of = |module: &Module| module.functions().into_iter().find(|function| function.index() == index);
        let (Some(original), Some(changed)) = (of(&self.module), of(changed)) else { return Fate::NoProgram };
        match self.engine.equivalent(&original, &changed, &options(3, None)).map(|found| found.verdict) {
            Ok(Compared::Proved(way)) => Fate::Equivalent(way.name()),
            Ok(Compared::Differ(_)) => Fate::Survived("differ"),
            Ok(Compared::Unknown(unknown)) => Fate::Survived(unknown.class()),
            Ok(Compared::Error(_)) | Err(_) => Fate::Survived("error"),
        }
    }

    fn open_of_the_original(&self) -> BTreeSet<String> {
        let Ok(report) = self.verify(&self.module, 3, None) else { return BTreeSet::new() };
        let all = report.functions.iter().flat_map(|function| &function.obligations);
        all.filter(|it| !it.verdict.is_proved()).map(|it| it.id.clone()).collect()
    }

    fn verify(&self, module: &Module, tier: u8, function: Option<&str>) -> Result<Report, anrf::Error> {
        self.engine.verify(module, &options(tier, function))
    }
}

fn options(tier: u8, function: Option<&str>) -> VerifyOptions {
    let functions = function.into_iter().map(str::to_owned).collect();
    let budget = Budget { max_time: LONGEST, ..Budget::default() };
    VerifyOptions { tier, functions, budget, ..VerifyOptions::default() }
}

fn first(report: &Report, is: impl Fn(&Verdict) -> bool) -> Option<(String, &'static str)> {
    let mut all = report.functions.iter().flat_map(|function| &function.obligations);
    all.find(|it| is(&it.verdict)).map(|it| (it.id.clone(), class(&it.verdict)))
}

fn class(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Unknown(unknown) => unknown.class(),
        other => other.name(),
    }
}
