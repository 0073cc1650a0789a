//! Views of a Module for people: what it promises (summary), what it does (detail), and exactly how
//! (code), as pseudocode, as Mermaid text or as a picture, with what is proved of it if there is a report.
//!
//! One outline is made from the semantic layer and each [`Emitter`] draws it, so the three always say the
//! same. Nothing here checks, runs or writes files.

mod expression;
mod mermaid;
mod outline;
mod pseudocode;
mod svg;
mod verdicts;

use anrf_format::module::Module;
use anrf_verification::report::{FunctionReport, Report};

pub use mermaid::Mermaid;
pub use pseudocode::Pseudocode;
pub use svg::Svg;

/// How much a view says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Intent, contract, capabilities.
    Summary,
    /// The flow and the state machines too.
    #[default]
    Detail,
    /// Types of all names and places in the source too.
    Code,
}

/// What is viewed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct View<'a> {
    /// How much is said.
    pub level: Level,
    /// One function (index), or the whole module.
    pub function: Option<u32>,
    /// What verification has found: told at each clause and step, and of each function. Nothing is verified here.
    pub report: Option<&'a Report>,
}

impl<'r> View<'r> {
    /// What is found of a function.
    fn found(&self, module: &Module, index: usize) -> Option<&'r FunctionReport> {
        self.report?.function(&module.semantic.functions.get(index)?.node_id())
    }

    /// The functions that are viewed: the one asked for, or those the module declares itself.
    fn functions<'a>(&self, module: &'a Module) -> impl Iterator<Item = usize> + use<'a> {
        let only = self.function;
        let functions = module.semantic.functions.iter().enumerate();
        functions
            .filter(move |(index, function)| match only {
                Some(only) => only as usize == *index,
                None => function.imported_from.is_none(),
            })
            .map(|(index, _)| index)
    }

    /// Whether state machines are drawn.
    fn machines(&self) -> bool {
        self.level != Level::Summary && self.function.is_none()
    }
}

/// Writes a module in some form for people or for other tools. A host can add its own.
pub trait Emitter: Send + Sync {
    /// The name that users ask for it by, such as `mermaid`.
    fn name(&self) -> &str;

    /// The media type of what it writes, such as `image/svg+xml`.
    fn media_type(&self) -> &str;

    /// The text of a view of a checked module.
    fn emit(&self, module: &Module, view: &View<'_>) -> String;
}
