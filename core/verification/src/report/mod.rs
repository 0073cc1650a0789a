//! What verification says: a verdict for every obligation, and what each rests on.

mod advice;
mod comparison;
mod confidence;

pub use advice::{claim, defect, sufficient};
pub use comparison::{Compared, Comparison, Difference, Question, Seen, Way};
pub use confidence::{Confidence, ConfidenceMethod};

use anrf_format::diagnostic::Span;
use anrf_format::execution::ObligationKind;
use anrf_format::types::TypeId;
use anrf_format::value::Value;
use anrf_runtime::{Fields, HostResponse, Outcome};

/// The verdicts of some functions of a module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// In the order of the module.
    pub functions: Vec<FunctionReport>,
    /// Solvers that could be asked, with their versions.
    pub solvers: Vec<(String, String)>,
}

impl Report {
    /// Whether every function is proved.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.functions.iter().all(|function| function.verdict.is_proved())
    }

    /// The report of a function, by its node id.
    #[must_use]
    pub fn function(&self, node_id: &str) -> Option<&FunctionReport> {
        self.functions.iter().find(|function| function.function == node_id)
    }
}

/// The verdict of one function: of its own obligations and of all it calls.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionReport {
    /// Its node id.
    pub function: String,
    /// Its index in the module.
    pub index: u32,
    /// Proved when every obligation is, and every function that it calls.
    pub verdict: Verdict,
    /// In the order of the code.
    pub obligations: Vec<ObligationReport>,
    /// Host operations whose contracts are assumed.
    pub assumed_hosts: Vec<String>,
    /// Functions whose contracts the proofs use.
    pub callees: Vec<String>,
    /// Preconditions and loop invariants that the proofs found do not need, by the ids of their obligations;
    /// `None` if nobody asked, or the function is not proved.
    pub unused: Option<Vec<String>>,
    /// What was found to hold at the heads of loops, where proofs needed more than is written.
    pub inferred: Vec<Inferred>,
    /// How much the verdict rests on; no part of it.
    pub confidence: Confidence,
    /// What verifiers of the host said that is not believed, and how they went wrong.
    pub complaints: Vec<Complaint>,
}

/// Something that a verifier of the host did and should not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Its id.
    pub verifier: String,
    /// What it did.
    pub message: String,
}

impl FunctionReport {
    /// What deciding all its obligations took.
    #[must_use]
    pub fn effort(&self) -> Effort {
        self.obligations.iter().fold(Effort::default(), |mut sum, obligation| {
            sum.goals += obligation.effort.goals;
            sum.asked += obligation.effort.asked;
            sum.solver_micros += obligation.effort.solver_micros;
            sum
        })
    }
}

/// The verdict of one obligation.
#[derive(Clone, Debug, PartialEq)]
pub struct ObligationReport {
    /// `function/step/kind/ordinal`.
    pub id: String,
    /// What kind of fact it is.
    pub kind: ObligationKind,
    /// Where it comes from in the text.
    pub span: Span,
    /// What was found.
    pub verdict: Verdict,
    /// Preconditions, invariants and assertions that the proof used, by the ids of their obligations; `None` if
    /// nobody asked.
    pub used: Option<Vec<String>>,
    /// A condition on the inputs under which it is proved, as the language writes it: what a precondition would
    /// have to say, where it is refuted or unknown without. Inputs that were run meet it, and so does every
    /// example.
    pub precondition: Option<String>,
    /// What decided: no part of what two runs must reproduce.
    pub effort: Effort,
}

/// What was found of an obligation or a function.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It holds for every input.
    Proved,
    /// A run shows that it does not.
    Refuted(Box<Witness>),
    /// Neither.
    Unknown(Unknown),
    /// Verification itself went wrong.
    Error(String),
}

impl Verdict {
    /// One word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Refuted(_) => "refuted",
            Self::Unknown(_) => "unknown",
            Self::Error(_) => "error",
        }
    }

    /// Whether it is `Proved`.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        matches!(self, Self::Proved)
    }
}

/// A run that shows a defect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Inputs, which meet the function's conditions on entry.
    pub inputs: Fields,
    /// State before.
    pub state: Fields,
    /// What the host answered, in order, with the operation's name.
    pub answers: Vec<(String, HostResponse)>,
    /// How the run ended.
    pub outcome: Outcome,
    /// How the inputs were found.
    pub method: Method,
}

/// How a witness was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// It is one of the function's examples.
    Example,
    /// Made up from the types and the conditions.
    Property,
    /// Changed from inputs that reached new code.
    Fuzzing,
    /// A solver's model.
    Model,
    /// A verifier of the host said so.
    Verifier,
}

impl Method {
    /// One word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Example => "example",
            Self::Property => "property",
            Self::Fuzzing => "fuzzing",
            Self::Model => "model",
            Self::Verifier => "verifier",
        }
    }
}

/// Why something is neither proved nor refuted, as a class that one can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// A loop's invariants do not carry themselves from one iteration to the next: as far as a solver sees,
    /// this state of the loop keeps them and the iteration breaks one. No run is known that gets there.
    NotInductive(Vec<LoopValue>),
    /// It hangs on the inputs: it is proved where they meet a condition that is none of the preconditions.
    NeedsPrecondition {
        /// The function that would need it.
        function: String,
        /// As the language writes it.
        condition: String,
    },
    /// The solvers gave up; it may hold.
    GaveUp,
    /// Time, resources or the budget ran out.
    OutOfTime,
    /// Something that no solver is told about.
    Unsupported(String),
    /// There is no solver.
    NoSolver,
    /// A function that is called is not proved.
    Callee(String),
    /// A function that is compared with another is not proved itself.
    NotProved(String),
    /// The conditions on entry cannot all hold: nothing is proved by them.
    Vacuous,
    /// Nothing was asked that could decide it.
    NotTried,
}

impl Unknown {
    /// The class.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::NotInductive(_) => "not_inductive",
            Self::NeedsPrecondition { .. } => "needs_precondition",
            Self::GaveUp => "gave_up",
            Self::OutOfTime => "out_of_time",
            Self::Unsupported(_) => "unsupported",
            Self::NoSolver => "no_solver",
            Self::Callee(_) => "callee",
            Self::NotProved(_) => "not_proved",
            Self::Vacuous => "vacuous",
            Self::NotTried => "not_tried",
        }
    }
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotInductive(_) => formatter.write_str("not inductive"),
            Self::NeedsPrecondition { function, .. } => {
                write!(formatter, "needs a stronger precondition of `{function}`")
            }
            Self::GaveUp => formatter.write_str("the solvers gave up"),
            Self::OutOfTime => formatter.write_str("out of time"),
            Self::Unsupported(what) => write!(formatter, "unsupported: {what}"),
            Self::NoSolver => formatter.write_str("no solver"),
            Self::Callee(function) => write!(formatter, "`{function}`, which it calls, is not proved"),
            Self::NotProved(function) => write!(formatter, "`{function}` is not proved itself"),
            Self::Vacuous => formatter.write_str("the preconditions exclude every input"),
            Self::NotTried => formatter.write_str("not tried"),
        }
    }
}

/// A fact at the head of a loop that nobody wrote: it holds when the loop is reached, and every iteration keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// The step of the loop.
    pub step: String,
    /// The fact, as the text would say it.
    pub text: String,
}

/// A variable of a loop in an iteration that no run is known to get to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoopValue {
    /// How the text calls it.
    pub name: String,
    /// Its type.
    pub type_id: TypeId,
    /// Before the iteration, if it matters.
    pub before: Option<Value>,
    /// After it.
    pub after: Option<Value>,
}

/// What deciding an obligation took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// How many goals it has.
    pub goals: usize,
    /// How many of them needed a solver.
    pub asked: usize,
    /// Microseconds from when it was first asked of solvers to the answer.
    pub solver_micros: u64,
    /// How many of these the solvers were at work; the rest went into making scripts and waiting for agreement.
    pub working_micros: u64,
    /// The solver that decided last, or the verifier of the host that did.
    pub solver: Option<String>,
    /// Of the questions that every solver was asked (see `cross_check`): how many solvers were run on the last.
    pub solvers: usize,
    /// How many of them decided it, all alike.
    pub agreed: usize,
}
