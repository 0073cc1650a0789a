//! What can be typed: every command, its arguments and their help.

pub(crate) mod running;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use running::{Debug, Replay, RowFormat, Run, Setting};

const AFTER_HELP: &str = "\
Exit codes: 0 all is well, 1 findings or a run that did not succeed, 2 wrong usage, 3 internal error.
`anrf guide` prints the language in a few pages; `anrf explain CODE` says what a code means.";

/// Check, run and look at functions written in the .vsp language
#[derive(Debug, Parser)]
#[command(name = "anrf", disable_version_flag = true, subcommand_required = false, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) display: Display,
    /// Print the version
    #[arg(short = 'V', long)]
    pub(crate) version: bool,
    /// With --version: also features, solvers and target
    #[arg(long, requires = "version")]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// How results are shown; accepted by every command.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Display {
    /// Text for people, or one JSON document on standard output
    #[arg(long, global = true, value_name = "FORMAT", default_value = "human", help_heading = "Display")]
    pub(crate) format: Format,
    /// When to colour; `auto` colours on a terminal unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Display")]
    pub(crate) color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
    /// Of `verify` only: SARIF 2.1.0, which editors and code hosts read
    Sarif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// What runs functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    /// The interpreter, which defines what code means
    #[default]
    Interpreter,
    /// Machine code, of functions and loops that run often
    Cranelift,
    /// WebAssembly in a sandbox; needs a program built with the feature `wasm`
    Wasm,
}

impl Backend {
    /// The name that is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Interpreter => "interpreter",
            Self::Cranelift => "cranelift",
            Self::Wasm => "wasm",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a new module that checks, runs and has an example
    New(New),
    /// Say what is wrong with modules, and mend what can be mended
    Check(Check),
    /// Run a function on one input, or on every row of a file
    Run(Box<Run>),
    /// Run once more what a journal recorded, without the host
    Replay(Replay),
    /// Run a function step by step
    Debug(Box<Debug>),
    /// Evaluate an expression
    Eval(Eval),
    /// Run the examples of modules as tests
    Test(Test),
    /// Prove functions for every input, or show a run that refutes them
    Verify(Verify),
    /// Prove that two functions do the same, or show an input on which they differ
    Equiv(Equiv),
    /// Run functions on two backends with made-up inputs, and show a run on which they differ
    Compare(Compare),
    /// Write modules in the canonical layout
    Fmt(Fmt),
    /// Write a module in the binary form
    Pack(Pack),
    /// Write the text of a packed module
    Unpack(Unpack),
    /// Show layers, hashes, source map and code of a module
    Inspect(Inspect),
    /// Show a module as pseudocode or as a diagram
    View(View),
    /// Print the JSON Schema of .vsp files, or of a command's JSON document
    Schema(Schema),
    /// Print the language for a model to read, in under 6,000 tokens
    Guide,
    /// Say what a code means and how to mend it
    Explain(Explain),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Print the manual page, or write all of them into a folder
    Man(Man),
}

/// Where imported modules are looked for.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Search {
    /// Folder in which imported modules are looked for; may be repeated
    #[arg(long, value_name = "FOLDER")]
    pub(crate) path: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct New {
    /// Name of the function, in snake_case; a folder may stand before it
    pub(crate) name: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files or folders; `-` reads standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Apply the mends that a machine can apply
    #[arg(long)]
    pub(crate) fix: bool,
    #[command(flatten)]
    pub(crate) search: Search,
}

#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// The expression; `-` reads it from standard input
    #[arg(value_name = "EXPRESSION", required_unless_present = "batch", allow_hyphen_values = true)]
    pub(crate) expression: Option<String>,
    /// Evaluate JSON lines {"id", "expr"} from a file or from `-`, standard input
    #[arg(long, value_name = "FILE", conflicts_with = "expression")]
    pub(crate) batch: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Files or folders; `-` reads standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Only examples of functions whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    #[command(flatten)]
    pub(crate) search: Search,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Files or folders; `-` reads standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Only this function; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) function: Vec<String>,
    /// How far: 0 and 1 check, 2 looks for runs that show a defect, 3 proves
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=3))]
    pub(crate) tier: u8,
    /// Most wall time for one file, in seconds
    #[arg(long, value_name = "S", default_value_t = 300.0, value_parser = seconds)]
    pub(crate) budget: f64,
    /// Ask only this solver: z3, cvc5 or bitwuzla; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) solver: Vec<String>,
    /// Let every solver decide every question; all must agree
    #[arg(long)]
    pub(crate) cross_check: bool,
    /// Ask everything, also what was proved before
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Say also what each verdict rests on, and list what is proved
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) search: Search,
}

#[derive(Debug, Args)]
pub(crate) struct Equiv {
    /// The file of the first function
    #[arg(value_name = "A")]
    pub(crate) first: PathBuf,
    /// The file of the second function; may be the same
    #[arg(value_name = "B")]
    pub(crate) second: PathBuf,
    /// The function in both files; given twice, that of the first and that of the second
    #[arg(long, value_name = "NAME")]
    pub(crate) function: Vec<String>,
    /// Ask less: whether the first can stand wherever the second does, by the second's contract
    #[arg(long)]
    pub(crate) refines: bool,
    /// How far: 2 compares runs, 3 proves
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(2..=3))]
    pub(crate) tier: u8,
    /// Most wall time, in seconds
    #[arg(long, value_name = "S", default_value_t = 300.0, value_parser = seconds)]
    pub(crate) budget: f64,
    /// Ask only this solver: z3, cvc5 or bitwuzla; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) solver: Vec<String>,
    /// Ask everything, also what was proved before
    #[arg(long)]
    pub(crate) no_cache: bool,
    #[command(flatten)]
    pub(crate) search: Search,
}

/// `0.5`, `30`: more than nothing, less than a month.
fn seconds(text: &str) -> Result<f64, String> {
    let seconds: Option<f64> = text.trim().parse().ok().filter(|it| (0.001..=2_592_000.0).contains(it));
    seconds.ok_or_else(|| "expected a number of seconds such as `0.5` or `30`".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The module, as text or packed; `-` reads standard input
    pub(crate) file: PathBuf,
    /// The function; all of the module unless given
    #[arg(long, value_name = "NAME")]
    pub(crate) function: Option<String>,
    /// The two that are compared
    #[arg(long, value_name = "A,B", value_delimiter = ',', default_value = "interpreter,cranelift")]
    pub(crate) backends: Vec<Backend>,
    /// Inputs of each function
    #[arg(short = 'n', long, value_name = "N", default_value = "1000")]
    pub(crate) runs: u64,
    /// Comparisons with one seed use the same inputs
    #[arg(long, value_name = "N", default_value = "0")]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) search: Search,
}

#[derive(Debug, Args)]
pub(crate) struct Fmt {
    /// Files or folders; `-` reads standard input and writes standard output
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Write nothing; say which files would change
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Pack {
    /// The module; `-` reads standard input
    pub(crate) file: PathBuf,
    /// Where to write it; beside the file as .anrf unless given, `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) search: Search,
}

#[derive(Debug, Args)]
pub(crate) struct Unpack {
    /// The packed module
    pub(crate) file: PathBuf,
    /// Where to write the text; beside the file as .vsp unless given, `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite a file that is there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The module, as text or packed; `-` reads standard input
    pub(crate) file: PathBuf,
    /// Show the code of the functions: the execution layer as text
    #[arg(long)]
    pub(crate) ir: bool,
    /// Show for each instruction its step, place and contract
    #[arg(long)]
    pub(crate) source_map: bool,
    /// Only this function
    #[arg(long, value_name = "NAME")]
    pub(crate) function: Option<String>,
    #[command(flatten)]
    pub(crate) search: Search,
}

#[derive(Debug, Args)]
pub(crate) struct View {
    /// The module, as text or packed; `-` reads standard input
    pub(crate) file: PathBuf,
    /// How much is shown
    #[arg(long, value_name = "LEVEL", default_value = "detail")]
    pub(crate) level: ViewLevel,
    /// In which form
    #[arg(long = "as", value_name = "FORM", default_value = "pseudocode")]
    pub(crate) form: ViewForm,
    /// Only this function
    #[arg(long, value_name = "NAME")]
    pub(crate) function: Option<String>,
    /// Verify it first, and say at each clause and step what is proved
    #[arg(long)]
    pub(crate) verified: bool,
    /// Where to write it; standard output unless given
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) search: Search,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViewLevel {
    /// Intent, contract, capabilities
    Summary,
    /// Also the flow and state machines
    Detail,
    /// Also all types and places
    Code,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViewForm {
    Pseudocode,
    Mermaid,
    Svg,
}

impl ViewForm {
    /// The emitter's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pseudocode => "pseudocode",
            Self::Mermaid => "mermaid",
            Self::Svg => "svg",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// `vsp`, or a command whose JSON document is described; `list` names them
    #[arg(default_value = "vsp")]
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Such as E-TYPE-012; without it all codes are listed
    pub(crate) code: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Folder to write a page for each command into
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: Option<PathBuf>,
}
