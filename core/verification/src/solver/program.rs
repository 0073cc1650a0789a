//! Where a solver's program lies.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Dialect;

/// A program that speaks SMT-LIB 2 over its input and output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Which solver it is.
    pub dialect: Dialect,
    /// The file that is started.
    pub path: PathBuf,
}

/// How far above the running program the folder of `cargo xtask solvers` is looked for: `target/solvers` from
/// `target/debug/deps`.
const LEVELS: usize = 4;

impl Program {
    /// A program at a path.
    #[must_use]
    pub fn at(dialect: Dialect, path: impl Into<PathBuf>) -> Self {
        Self { dialect, path: path.into() }
    }

    /// The program of a solver on this machine: where its [variable](Dialect::variable) says, else in
    /// `solvers/bin` of a folder that holds the running program (there `cargo xtask solvers` installs), else
    /// on the `PATH`. A variable that is set to nothing means to go without this solver.
    #[must_use]
    pub fn find(dialect: Dialect) -> Option<Self> {
        let here = std::env::current_exe().ok();
        let path = std::env::var_os("PATH");
        let variable = std::env::var_os(dialect.variable());
        look(dialect, variable, here.as_deref(), path).map(|path| Self { dialect, path })
    }

    /// Every solver on this machine, in the order of a race.
    #[must_use]
    pub fn find_all() -> Vec<Self> {
        Dialect::ALL.into_iter().filter_map(Self::find).collect()
    }
}

fn look(
    dialect: Dialect,
    variable: Option<OsString>,
    here: Option<&Path>,
    path: Option<OsString>,
) -> Option<PathBuf> {
    if let Some(named) = variable {
        // A wrong path is not looked past: it is reported when the program cannot be started.
        return (!named.is_empty()).then(|| PathBuf::from(named));
    }
    let file = format!("{}{}", dialect.name(), std::env::consts::EXE_SUFFIX);
    let above = here.into_iter().flat_map(|here| here.ancestors().skip(1).take(LEVELS));
    let installed = above.map(|folder| folder.join("solvers").join("bin").join(&file));
    let path = path.unwrap_or_default();
    // An empty entry would mean the current folder, from which nothing is started.
    let on_path =
        std::env::split_paths(&path).filter(|folder| folder.is_absolute()).map(|folder| folder.join(&file));
    installed.chain(on_path).find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_wins_and_nothing_means_without() {
        let named = look(Dialect::Z3, Some("/a/z3".into()), None, None);
        assert_eq!(named, Some(PathBuf::from("/a/z3")));
        assert_eq!(look(Dialect::Z3, Some(OsString::new()), None, Some("/bin".into())), None);
    }

    #[test]
    fn the_build_folder_wins_over_the_path() {
        let root = std::env::temp_dir().join(format!("anrf-program-{}", std::process::id()));
        let (installed, elsewhere) = (root.join("target/solvers/bin"), root.join("bin"));
        for folder in [&installed, &elsewhere] {
            std::fs::create_dir_all(folder).unwrap();
        }
        let file = format!("z3{}", std::env::consts::EXE_SUFFIX);
        std::fs::write(elsewhere.join(&file), "").unwrap();
        let here = root.join("target/debug/deps/test");
        let find = || look(Dialect::Z3, None, Some(&here), Some(elsewhere.clone().into()));
        assert_eq!(find(), Some(elsewhere.join(&file)));
        std::fs::write(installed.join(&file), "").unwrap();
        assert_eq!(find(), Some(installed.join(&file)));
        assert_eq!(look(Dialect::Cvc5, None, Some(&here), Some("".into())), None);
        std::fs::remove_dir_all(root).unwrap();
    }
}
