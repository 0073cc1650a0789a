//! `--trace` and `--profile`: what a run does, step by step.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anrf::semantic::StepId;
use anrf::{Event, Module, Observer, Traced};

use crate::console::{Console, Ink};
use crate::finding::Text;
use crate::table::{Table, grouped};
use crate::watch::{self, Calls, Happened};

/// Steps that a JSON document lists; a trace on standard error is as long as the run.
const MOST_LISTED: usize = 100_000;

/// Watches one run.
pub(crate) struct Tracer {
    module: Module,
    text: Arc<Text>,
    console: Console,
    /// Whether steps are told as they are reached.
    tells: bool,
    watched: Mutex<Watched>,
}

#[derive(Default)]
struct Watched {
    calls: Calls,
    lines: Vec<Line>,
    costs: HashMap<(u32, Option<StepId>), Cost>,
    /// What the fuel since then is for.
    current: Option<(u32, Option<StepId>)>,
    fuel: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    times: u64,
    fuel: u64,
}

/// A step of the trace.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Line {
    function: String,
    step: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    /// Calls inside calls.
    depth: usize,
    /// What it bound, as text.
    bound: serde_json::Map<String, serde_json::Value>,
}

/// A step of the profile.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Spent {
    function: String,
    step: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    times: u64,
    fuel: u64,
}

impl Tracer {
    pub(crate) fn new(module: &Module, tells: bool, console: &Console) -> Self {
        let text = crate::load::source(module);
        Self { module: module.clone(), text, console: *console, tells, watched: Mutex::default() }
    }

    fn place(&self, function: u32, step: Option<StepId>) -> (Option<u32>, Option<u32>) {
        let span = step.and_then(|step| watch::step_span(&self.module, function, step));
        let place =
            span.filter(|_| !self.text.text.is_empty()).map(|span| self.text.lines.position(span.start));
        (place.map(|place| place.line), place.map(|place| place.column))
    }

    fn tell(&self, happened: &Happened) {
        let style = self.console.errors();
        match happened {
            Happened::Entered { function, depth } => {
                let name = watch::function_name(&self.module, *function);
                self.console.note(format_args!("{}{}", "  ".repeat(*depth), style.paint(Ink::Strong, name)));
            }
            Happened::Stepped { function, step, depth } => {
                let name = watch::step_name(&self.module, *function, *step);
                let line = self.place(*function, Some(*step)).0;
                let line = line.map_or(String::new(), |line| format!("line {line}"));
                let line = style.paint(Ink::Faint, line);
                self.console.note(format_args!("{}{name}  {line}", "  ".repeat(depth + 1)));
            }
            Happened::Bound { depth, values } => {
                for (name, value) in values {
                    let shown = watch::shown(name, value.as_ref());
                    self.console.note(format_args!("{}{shown}", "  ".repeat(depth + 2)));
                }
            }
        }
    }

    fn list(&self, lines: &mut Vec<Line>, happened: &Happened) {
        match happened {
            Happened::Entered { function, depth } => lines.push(self.line(*function, None, *depth)),
            Happened::Stepped { function, step, depth } => {
                lines.push(self.line(*function, Some(*step), *depth));
            }
            Happened::Bound { values, .. } => {
                let Some(line) = lines.last_mut() else { return };
                for (name, value) in values {
                    let text = value.as_ref().map(crate::values::plain);
                    line.bound.insert(name.clone(), text.into());
                }
            }
        }
    }

    fn line(&self, function: u32, step: Option<StepId>, depth: usize) -> Line {
        let (line, column) = self.place(function, step);
        let step = step.map(|step| watch::step_name(&self.module, function, step));
        let function = watch::function_name(&self.module, function);
        Line { function, step, line, column, depth, bound: serde_json::Map::new() }
    }

    /// The trace, for a document.
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).lines.clone()
    }

    /// What the steps cost; `fuel` is what the whole run used. The dearest first.
    pub(crate) fn profile(&self, fuel: u64) -> Vec<Spent> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.spend(fuel);
        let mut spent: Vec<Spent> = vec![];
        for ((function, step), cost) in &watched.costs {
            let (line, column) = self.place(*function, *step);
            spent.push(Spent {
                function: watch::function_name(&self.module, *function),
                step: step.map(|step| watch::step_name(&self.module, *function, step)),
                line,
                column,
                times: cost.times,
                fuel: cost.fuel,
            });
        }
        spent.sort_by_key(|it| (std::cmp::Reverse(it.fuel), it.function.clone(), it.line));
        spent
    }
}

/// The profile for people.
pub(crate) fn profile_table(spent: &[Spent]) -> Table {
    let total: u64 = spent.iter().map(|it| it.fuel).sum();
    let mut table = Table::new().right(&[0, 1, 2]);
    table.row(["fuel", "share", "times", "step"]);
    // Each share is what the shares up to here have more than those before, so that they add up to all.
    let permille = |fuel: u64| u128::from(fuel) * 1000 + u128::from(total) / 2;
    let permille = |fuel: u64| permille(fuel).checked_div(u128::from(total)).unwrap_or(0);
    let mut before = 0;
    for it in spent {
        let share = permille(before + it.fuel) - permille(before);
        before += it.fuel;
        let step = it.step.as_deref().unwrap_or("(entry and exit)");
        let line = it.line.map_or(String::new(), |line| format!(", line {line}"));
        table.row([
            grouped(it.fuel),
            format!("{}.{}%", share / 10, share % 10),
            grouped(it.times),
            format!("{step} of {}{line}", it.function),
        ]);
    }
    table
}

impl Watched {
    /// Charges what was used since the last time to what it was for.
    fn spend(&mut self, fuel: u64) {
        if let Some(current) = self.current {
            let cost = self.costs.entry(current).or_default();
            cost.fuel = cost.fuel.saturating_add(fuel.saturating_sub(self.fuel));
        }
        self.fuel = fuel;
    }
}

impl Observer for Tracer {
    fn event(&self, event: Event<'_>) {
        let Event::Traced { traced, .. } = event else { return };
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Traced::Entered { fuel, .. } | Traced::Stepped { fuel, .. } = traced {
            watched.spend(*fuel);
        }
        for happened in watched.calls.follow(traced) {
            let reached = match &happened {
                Happened::Entered { function, .. } => Some((*function, None)),
                Happened::Stepped { function, step, .. } => Some((*function, Some(*step))),
                Happened::Bound { .. } => None,
            };
            if let Some(reached) = reached {
                watched.current = Some(reached);
                watched.costs.entry(reached).or_default().times += 1;
            }
            if self.tells && !self.console.is_json() {
                self.tell(&happened);
            } else if self.tells && watched.lines.len() < MOST_LISTED {
                self.list(&mut watched.lines, &happened);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        let spent =
            |fuel: u64| Spent { function: "f".into(), step: None, line: None, column: None, times: 1, fuel };
        for fuels in [vec![1, 1, 1], vec![7, 3, 3, 2, 1, 1], vec![0], vec![u64::MAX / 4; 3]] {
            let all = fuels.iter().sum::<u64>();
            let table = profile_table(&fuels.into_iter().map(spent).collect::<Vec<_>>()).to_string();
            let shares = table
                .split_whitespace()
                .filter_map(|word| word.strip_suffix('%')?.replace('.', "").parse::<u32>().ok());
            assert_eq!(shares.sum::<u32>(), if all > 0 { 1000 } else { 0 }, "{table}");
        }
    }
}
