//! What else is promised in numbers: editing, loading, sharing, long runs. In this process, so that no start of
//! one is counted; medians of as many rounds as the kernels have.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use anrf::{Engine, Limits, Module, Outcome, Policy, Run, Value};
use anrf_tests::editing::{Edits, long_file};
use anrf_tests::limits;

use crate::ROUNDS;

type Result<T = ()> = std::result::Result<T, String>;

/// One row a promise: what, measured, promised.
pub(crate) fn table() -> Result<String> {
    let mut table = Table(String::from("| what | measured | promised |\n|---|---|---|\n"));
    editing(&mut table)?;
    first_result(&mut table)?;
    loading(&mut table)?;
    threads(&mut table)?;
    long_run(&mut table)?;
    Ok(table.0)
}

struct Table(String);

impl Table {
    fn row(&mut self, what: &str, measured: &str, promised: &str) {
        let _ = writeln!(self.0, "| {what} | {measured} | {promised} |");
        eprintln!("{what}: {measured}");
    }
}

/// A thousand edits, each followed by a full check of another copy.
fn editing(table: &mut Table) -> Result {
    let engine = Engine::new();
    let mut text = long_file();
    let mut document = engine.document("long.vsp", &text);
    let mut edits = Edits::new(1, &text);
    let mut times = vec![];
    for _ in 0..1_000 {
        let (range, replacement) = edits.next(&text);
        text.replace_range(range.clone(), &replacement);
        let start = Instant::now();
        let found = document.edit(range, &replacement).map_err(|error| error.to_string())?;
        times.push(start.elapsed().as_secs_f64());
        if found != engine.check("long.vsp", &text).diagnostics {
            return Err("an edit says something else than a full check".into());
        }
    }
    times.sort_by(f64::total_cmp);
    let measured = format!("median {:.2} ms, p99 {:.2} ms", times[500] * 1e3, times[990] * 1e3);
    table.row("`Document::edit`, 1,000 edits of 1,000 lines", &measured, "< 10 ms");
    Ok(())
}

/// From a text and nothing else to what the function answers.
fn first_result(table: &mut Table) -> Result {
    let text = include_str!("../../examples/algorithms/power.vsp");
    let mut answers = vec![];
    let seconds = median(|| {
        let start = Instant::now();
        let module = Engine::new().load_text("power.vsp", text).map_err(|error| error.to_string())?;
        let function = module.function("").map_err(|error| error.to_string())?;
        let inputs = [("base", Value::Integer(3)), ("exponent", Value::Integer(4))];
        let answer = function.call(inputs).map_err(|error| error.to_string())?;
        let seconds = start.elapsed().as_secs_f64();
        answers.push(answer.outcome().clone());
        Ok(seconds)
    })?;
    if answers.iter().any(|answer| !matches!(answer, Outcome::Success(_))) {
        return Err(format!("{:?}", answers.first()));
    }
    let what = format!("text to first result, {} lines", text.lines().count());
    table.row(&what, &format!("{:.3} ms", seconds * 1e3), "< 1 ms");
    Ok(())
}

/// All examples, from text and from their packed form.
fn loading(table: &mut Table) -> Result {
    let engine = Engine::new();
    let texts = examples(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples")))?;
    let load_text = |(name, text): &(String, String)| engine.load_text(name, text);
    let mut packed = vec![];
    for text in &texts {
        packed.push(load_text(text).map_err(|error| error.to_string())?.pack());
    }
    let (mut text, mut untrusted, mut trusted, mut opened) = (vec![], vec![], vec![], vec![]);
    // Round after round, so that a noisy moment hits all of them.
    for _ in 0..ROUNDS {
        text.push(timed(&texts, load_text)?);
        untrusted.push(timed(&packed, |bytes| engine.load_bytes("", bytes))?);
        trusted.push(timed(&packed, |bytes| engine.load_trusted(bytes))?);
        // The same, and the layers decoded.
        opened.push(timed(&packed, |bytes| {
            let module = engine.load_trusted(bytes)?;
            black_box(module.document());
            Ok(module)
        })?);
    }
    let [text, untrusted, trusted, opened] = [text, untrusted, trusted, opened].map(middle);
    let what = format!("loading {} examples", texts.len());
    table.row(&format!("{what} from text"), &format!("{:.2} ms", text * 1e3), "");
    let times = |seconds: f64| format!("{:.2} ms, {:.1} × faster", seconds * 1e3, text / seconds);
    table.row(&format!("{what}, packed, untrusted"), &times(untrusted), "≥ 5 ×");
    table.row(&format!("{what}, packed, trusted"), &times(trusted), "≥ 20 ×");
    table.row(&format!("{what}, packed, trusted, and decoding their layers"), &times(opened), "");
    let written: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let meaning: usize = packed.iter().map(|bytes| meaning_size(bytes)).sum();
    #[allow(clippy::cast_precision_loss, reason = "a percentage")]
    let share = meaning as f64 / written as f64 * 100.0;
    let measured = format!("{meaning} of {written} bytes, {share:.1} %");
    table.row("INTENT, TYPES and SEMANTIC beside the text", &measured, "≤ 50 %");
    Ok(())
}

/// Name and text of every example that is not there to be refused.
fn examples(root: &Path) -> Result<Vec<(String, String)>> {
    let unreadable = |error: std::io::Error| format!("{}: {error}", root.display());
    let mut texts = vec![];
    for folder in std::fs::read_dir(root).map_err(unreadable)? {
        let folder = folder.map_err(unreadable)?.path();
        if !folder.is_dir() || folder.ends_with("refused") {
            continue;
        }
        for file in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = file.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "vsp") {
                let text = std::fs::read_to_string(&path).map_err(unreadable)?;
                texts.push((path.to_string_lossy().into_owned(), text));
            }
        }
    }
    texts.sort();
    Ok(texts)
}

/// Seconds to load all of these; letting go of them is not counted.
fn timed<T>(from: &[T], load: impl Fn(&T) -> std::result::Result<Module, anrf::Error>) -> Result<f64> {
    let mut modules = Vec::with_capacity(from.len());
    let start = Instant::now();
    for one in from {
        modules.push(load(one).map_err(|error| error.to_string())?);
    }
    let seconds = start.elapsed().as_secs_f64();
    black_box(&modules);
    Ok(seconds)
}

/// Bytes of the sections that say what a module means.
fn meaning_size(bytes: &[u8]) -> usize {
    use anrf::binary::SectionKind;
    let kinds = [SectionKind::Intent, SectionKind::Types, SectionKind::Semantic].map(|kind| kind as u32);
    let entries = bytes.get(12..).unwrap_or_default().chunks_exact(44);
    let count = bytes.get(8..12).and_then(|count| count.try_into().ok()).map_or(0, u32::from_le_bytes);
    let sizes = entries.take(count as usize).filter_map(|entry| {
        let kind = u32::from_le_bytes(entry.get(..4)?.try_into().ok()?);
        let length = u64::from_le_bytes(entry.get(4..12)?.try_into().ok()?);
        kinds.contains(&kind).then_some(usize::try_from(length).ok()?)
    });
    sizes.sum()
}

/// What two threads do on one module in the time in which one does half of it.
fn threads(table: &mut Table) -> Result {
    let module = Engine::new().load_text("limits.vsp", limits::MODULE).map_err(|error| error.to_string())?;
    let work = || {
        let function = module.function("churn").map_err(|error| error.to_string())?;
        for _ in 0..20 {
            let run = function.call([("iterations", Value::Integer(20_000))]);
            run.map_err(|error| error.to_string())?;
        }
        Ok::<_, String>(())
    };
    let mut ratios = vec![];
    for _ in 0..ROUNDS {
        let start = Instant::now();
        work()?;
        let one = start.elapsed().as_secs_f64();
        let start = Instant::now();
        std::thread::scope(|scope| {
            let other = scope.spawn(work);
            work()?;
            other.join().map_err(|_| "a thread panicked")?
        })?;
        ratios.push(2.0 * one / start.elapsed().as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    let (median, best) = (ratios[ROUNDS / 2], ratios[ROUNDS - 1]);
    table.row("work of two threads on one module", &format!("{median:.2} ×, best {best:.2} ×"), "≥ 1.8 ×");
    Ok(())
}

/// Temporaries by the tens of millions in a mebibyte.
fn long_run(table: &mut Table) -> Result {
    let module = Engine::new().load_text("limits.vsp", limits::MODULE).map_err(|error| error.to_string())?;
    let function = module.function("churn").map_err(|error| error.to_string())?;
    let limits = Limits { memory_bytes: 1 << 20, fuel: u64::MAX, ..Limits::default() };
    let run = Run::new().input("iterations", Value::Integer(10_000_000));
    let start = Instant::now();
    let ran =
        function.run(run.policy(Policy::default().limits(limits))).map_err(|error| error.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    if !matches!(ran.outcome(), Outcome::Success(_)) {
        return Err(format!("{:?}", ran.outcome()));
    }
    let measured = format!("{} bytes in {seconds:.2} s", ran.record().peak_memory);
    table.row("10 million iterations that make temporaries", &measured, "≤ 1,048,576 bytes");
    Ok(())
}

/// The median of the seconds that rounds say they took.
fn median(mut round: impl FnMut() -> Result<f64>) -> Result<f64> {
    let mut seconds = vec![];
    for _ in 0..ROUNDS {
        seconds.push(round()?);
    }
    Ok(middle(seconds))
}

fn middle(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
