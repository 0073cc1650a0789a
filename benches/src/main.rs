//! Prints the table of ratios and saves it, in `table.md` or where `--save FILE` says. Every peer runs in the same process run,
//! round after round, so that a noisy moment hits all of them; the figures are medians of the rounds.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod kernels;
mod peers;
mod promises;
mod twins;

use std::fmt::Write as _;
use std::process::ExitCode;

use kernels::{Inputs, Kernel};
use peers::{Anrf, CPython, Peer, Rhai};
use twins::Rust;

const ROUNDS: usize = 11;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let save = match arguments.as_slice() {
        [] => concat!(env!("CARGO_MANIFEST_DIR"), "/table.md").to_owned(),
        [flag, file] if flag == "--save" => file.clone(),
        [flag] if flag == "--promises" => {
            println!("{}", promises::table()?);
            return Ok(());
        }
        [flag, names @ ..] if flag == "--kernels" => {
            println!("{}", kernels_table(names)?);
            return Ok(());
        }
        _ => {
            return Err(
                "expected nothing, `--save FILE`, or `--kernels` or `--promises` to print that only".into()
            );
        }
    };
    let kernels = kernels_table(&[])?;
    println!("{kernels}");
    let promises = promises::table()?;
    println!("{promises}");
    let text = format!("{KERNELS_HEADING}{kernels}{PROMISES_HEADING}{promises}");
    std::fs::write(&save, text).map_err(|error| format!("{save}: {error}"))
}

const KERNELS_HEADING: &str = "# Kernels beside their peers\n\nMade by `cargo xtask bench`: one run, same sizes, all limits on, medians of 11 rounds with the\nleast and the most.\n\n";

const PROMISES_HEADING: &str = "\n# Editing, loading, sharing\n\nMade in the same run, in one process: medians of 11 rounds where a row does not say otherwise.\n\n";

fn kernels_table(names: &[String]) -> Result<String, String> {
    let mut peers: Vec<Box<dyn Peer>> = vec![
        Box::new(Anrf::interpreter()?),
        Box::new(Anrf::machine_code()?),
        Box::new(Rust(Inputs::new())),
        Box::new(CPython::new()?),
        Box::new(Rhai::new()?),
    ];
    let mut table = String::from("| kernel | size |");
    for peer in &peers {
        let _ = write!(table, " {} ms | spread |", peer.name());
    }
    table.push_str(" CPython / interpreter | rhai / interpreter | machine code / Rust |\n|---|---|");
    table.push_str(&"---|".repeat(peers.len() * 2 + 3));
    table.push('\n');
    let mut products = vec![];
    let wanted = |kernel: &&Kernel| names.is_empty() || names.iter().any(|name| name == kernel.name());
    for kernel in Kernel::ALL.iter().filter(wanted) {
        let mut seconds = vec![vec![]; peers.len()];
        let mut results = vec![None; peers.len()];
        for _ in 0..ROUNDS {
            for (index, peer) in peers.iter_mut().enumerate().filter(|(_, peer)| peer.can(*kernel)) {
                let (time, check) = peer.run(*kernel)?;
                seconds[index].push(time);
                if results[index].replace(check).is_some_and(|before| before != check) {
                    return Err(format!("{} differs from round to round in {}", peer.name(), kernel.name()));
                }
            }
        }
        let answers: Vec<i64> = results.iter().copied().flatten().collect();
        if answers.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(format!("the peers disagree on {}: {results:?}", kernel.name()));
        }
        let _ = write!(table, "| {} | {} |", kernel.name(), kernel.size());
        let mut medians = vec![];
        for times in &mut seconds {
            times.sort_by(f64::total_cmp);
            let [least, .., most] = times[..] else {
                medians.push(None);
                table.push_str(" – | – |");
                continue;
            };
            let median = times[ROUNDS / 2];
            medians.push(Some(median));
            let _ = write!(table, " {:.3} | {:.3}–{:.3} |", median * 1e3, least * 1e3, most * 1e3);
        }
        let [interpreter, machine_code, rust, python, rhai] = medians[..] else {
            return Err("five peers were expected".to_owned());
        };
        let ratios = [(python, interpreter), (rhai, interpreter), (machine_code, rust)];
        for ratio in &mut ratios.into_iter().map(|(a, b)| Some(a? / b?)) {
            let _ = write!(table, " {} |", ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}")));
        }
        table.push('\n');
        products.push(ratios[2].0.zip(ratios[2].1).map_or(1.0, |(a, b)| a / b));
        eprintln!("{} done", kernel.name());
    }
    let mean = (products.iter().map(|ratio| ratio.ln()).sum::<f64>() / products.len() as f64).exp();
    let _ = writeln!(table, "\nGeometric mean of machine code / Rust: {mean:.2}.");
    Ok(table)
}
