//! Arguments of the commands that run functions.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Backend, Search};

/// What a single run is given.
#[derive(Debug, Args)]
pub(crate) struct Setting {
    /// The module, as text or packed; `-` reads standard input
    pub(crate) file: PathBuf,
    /// The function; needed where the module has several
    #[arg(long, value_name = "NAME")]
    pub(crate) function: Option<String>,
    /// State before the run: JSON, or @FILE; variables left out have their initial value
    #[arg(long, value_name = "JSON|@FILE")]
    pub(crate) state: Option<String>,
    /// Most fuel that the run may use
    #[arg(long, value_name = "N", help_heading = "Limits")]
    pub(crate) fuel: Option<u64>,
    /// Most memory that its values may take, in bytes; K, M and G are accepted
    #[arg(long, value_name = "BYTES", value_parser = byte_count, help_heading = "Limits")]
    pub(crate) memory: Option<u64>,
    /// Most wall time, in milliseconds
    #[arg(long, value_name = "MS", help_heading = "Limits")]
    pub(crate) timeout: Option<u64>,
    /// Capability that the run may use, and all below it; may be repeated
    #[arg(long, value_name = "CAPABILITY", help_heading = "Host")]
    pub(crate) grant: Vec<String>,
    /// Answers of host operations in order, as in examples: {"operation": [{"success": {...}}]}
    #[arg(long, value_name = "FILE", conflicts_with = "host_command", help_heading = "Host")]
    pub(crate) host: Option<PathBuf>,
    /// Program that answers host operations, one JSON line for each
    #[arg(long, value_name = "PROGRAM", help_heading = "Host")]
    pub(crate) host_command: Option<String>,
    #[command(flatten)]
    pub(crate) search: Search,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) setting: Setting,
    /// The inputs: JSON, @FILE, or `-` for standard input
    #[arg(long, value_name = "JSON|@FILE", allow_hyphen_values = true)]
    pub(crate) input: Option<String>,
    /// Refuse to run a function that is not proved
    #[arg(long)]
    pub(crate) verified: bool,
    /// Record the run, so that `anrf replay` can repeat it
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// What runs the function; steps are told and counted by the interpreter only
    #[arg(
        long,
        value_name = "BACKEND",
        default_value = "interpreter",
        conflicts_with_all = ["trace", "profile"]
    )]
    pub(crate) backend: Backend,
    /// Say each step on standard error as it is reached
    #[arg(long)]
    pub(crate) trace: bool,
    /// Say afterwards how often each step ran and what it used
    #[arg(long)]
    pub(crate) profile: bool,
    #[command(flatten)]
    pub(crate) each: Each,
}

/// Running on every row of a file.
#[derive(Debug, Args)]
#[command(next_help_heading = "Many rows")]
pub(crate) struct Each {
    /// Run on every row of a .jsonl or .csv file, or of standard input (`-`)
    #[arg(
        long = "each",
        value_name = "FILE",
        conflicts_with_all = ["input", "journal", "trace", "profile"]
    )]
    pub(crate) rows: Option<PathBuf>,
    /// Form of the rows, if the file's name does not say it
    #[arg(long, value_name = "FORM", requires = "rows")]
    pub(crate) rows_as: Option<RowFormat>,
    /// Where to write the outcomes; standard output unless given
    #[arg(short, long, value_name = "FILE", requires = "rows")]
    pub(crate) output: Option<PathBuf>,
    /// Form of the outcomes; by the output's name, else JSON lines
    #[arg(long, value_name = "FORM", requires = "rows")]
    pub(crate) output_as: Option<RowFormat>,
    /// Write the number of the row into each outcome; CSV always has it
    #[arg(long, requires = "rows")]
    pub(crate) number_rows: bool,
    /// Stop at the first row that is bad or does not end in success
    #[arg(long, requires = "rows")]
    pub(crate) fail_fast: bool,
    /// Ignore columns of a CSV file that are no inputs
    #[arg(long, requires = "rows")]
    pub(crate) ignore_columns: bool,
    /// Give each row the state that the row before it left
    #[arg(long, requires = "rows", conflicts_with = "threads")]
    pub(crate) carry_state: bool,
    /// Threads that run rows; the order of the outcomes stays that of the rows
    #[arg(long, value_name = "N", requires = "rows", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// One JSON document a line
    Jsonl,
    /// A header and comma-separated values
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// What `anrf run --journal` wrote
    pub(crate) journal: PathBuf,
    /// The module, if it is not where it was
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) search: Search,
}

#[derive(Debug, Args)]
pub(crate) struct Debug {
    #[command(flatten)]
    pub(crate) setting: Setting,
    /// The inputs: JSON or @FILE
    #[arg(long, value_name = "JSON|@FILE", allow_hyphen_values = true)]
    pub(crate) input: Option<String>,
    /// Stop at `contract_violation`, `state_transition:a->b`, a step's name, or where an expression is true
    #[arg(long, value_name = "CONDITION")]
    pub(crate) break_on: Vec<String>,
}

/// `4096`, `64K`, `16M`, `1G`; units are powers of 1024.
fn byte_count(text: &str) -> Result<u64, String> {
    let bad = || "expected a number of bytes such as `4096`, `64K` or `16M`".to_owned();
    let upper = text.trim().to_ascii_uppercase();
    let digits = upper.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let shift = match &upper[digits.len()..] {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        _ => return Err(bad()),
    };
    let number: u64 = digits.parse().map_err(|_| bad())?;
    number.checked_mul(1 << shift).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::byte_count;

    #[test]
    fn bytes_may_have_a_unit() {
        assert_eq!(byte_count("4096"), Ok(4096));
        assert_eq!(byte_count("64k"), Ok(64 << 10));
        assert_eq!(byte_count("16MiB"), Ok(16 << 20));
        assert!(byte_count("many").is_err() && byte_count("99999999999G").is_err());
    }
}
