//! Which solvers an engine has.

use std::sync::Arc;

use anrf_verification::solver::{Dialect, PoolOptions, Portfolio, PortfolioOptions, Solver};

/// What Z3 is called that is linked into the program.
const IN_PROCESS: &str = "z3-in-process";

/// The solvers that are part of this program, and not programs of their own: `z3-in-process` if it was built with
/// the feature of that name.
pub const LINKED_SOLVERS: &[&str] = if cfg!(feature = "z3-in-process") { &[IN_PROCESS] } else { &[] };

/// The solvers of an engine.
pub(crate) struct Solvers {
    /// Asked unless others are named, the first to begin first.
    pub(crate) asked: Vec<Arc<dyn Solver>>,
    /// Asked only if they are named.
    on_demand: Vec<Arc<dyn Solver>>,
}

impl Solvers {
    /// Those that a host has chosen.
    pub(crate) fn chosen(asked: Vec<Arc<dyn Solver>>) -> Self {
        Self { asked, on_demand: vec![] }
    }

    /// Those on this machine and in this program.
    pub(crate) fn installed() -> Self {
        let found = Portfolio::installed(PoolOptions::default(), PortfolioOptions::default());
        Self::beside(found.solvers().to_vec(), linked())
    }

    /// What is linked stands in for its program. Where that is there, asking both would tell little more, and the
    /// program can be killed.
    fn beside(mut asked: Vec<Arc<dyn Solver>>, linked: Option<Arc<dyn Solver>>) -> Self {
        let mut on_demand = vec![];
        if asked.iter().any(|solver| solver.name() == Dialect::Z3.name()) {
            on_demand.extend(linked);
        } else {
            asked.splice(0..0, linked);
        }
        Self { asked, on_demand }
    }

    fn all(&self) -> impl Iterator<Item = &Arc<dyn Solver>> {
        self.asked.iter().chain(&self.on_demand)
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Arc<dyn Solver>> {
        self.all().find(|solver| solver.name() == name)
    }

    /// What to do where there is no solver of this name.
    pub(crate) fn help(&self, name: &str) -> String {
        if name == IN_PROCESS && LINKED_SOLVERS.is_empty() {
            return format!(
                "this program was built without it; the feature `{IN_PROCESS}` of its crate builds it in"
            );
        }
        let names: Vec<String> = self.all().map(|solver| format!("`{}`", solver.name())).collect();
        let found = if names.is_empty() { "no solver".to_owned() } else { names.join(", ") };
        format!("on this machine there is {found}; `cargo xtask solvers` installs z3, cvc5 and bitwuzla")
    }
}

#[cfg(feature = "z3-in-process")]
fn linked() -> Option<Arc<dyn Solver>> {
    Some(Arc::new(anrf_z3::Z3::default()))
}

#[cfg(not(feature = "z3-in-process"))]
fn linked() -> Option<Arc<dyn Solver>> {
    None
}

#[cfg(test)]
mod tests {
    use anrf_verification::solver::{Features, Recorded};

    use super::*;

    fn names(solvers: &[Arc<dyn Solver>]) -> Vec<&str> {
        solvers.iter().map(|solver| solver.name()).collect()
    }

    #[test]
    fn what_is_linked_stands_in_for_its_program() {
        let solver = |name: &str| Arc::new(Recorded::new(name, Features::ALL)) as Arc<dyn Solver>;
        let solvers = Solvers::beside(vec![solver("z3"), solver("cvc5")], Some(solver(IN_PROCESS)));
        assert_eq!(names(&solvers.asked), ["z3", "cvc5"]);
        assert!(solvers.find(IN_PROCESS).is_some());
        let solvers = Solvers::beside(vec![solver("cvc5")], Some(solver(IN_PROCESS)));
        assert_eq!(names(&solvers.asked), [IN_PROCESS, "cvc5"]);
        let solvers = Solvers::beside(vec![solver("cvc5")], None);
        assert_eq!((names(&solvers.asked), solvers.find(IN_PROCESS).is_some()), (vec!["cvc5"], false));
    }
}
