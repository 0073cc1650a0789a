//! Pseudocode: the outline as indented text.

use anrf_format::module::Module;

use crate::outline::{Item, Line, outline};
use crate::{Emitter, Level, View};

/// Indented text that reads aloud.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pseudocode;

impl Emitter for Pseudocode {
    fn name(&self) -> &str {
        "pseudocode"
    }

    fn media_type(&self) -> &str {
        "text/plain"
    }

    fn emit(&self, module: &Module, view: &View<'_>) -> String {
        let mut out = String::new();
        if view.machines() {
            for machine in &module.types.machines {
                out.push_str(&format!("machine {}\n", machine.name));
                let initial = machine.states.get(machine.initial as usize).map_or("?", |state| state);
                out.push_str(&format!("  starts {initial}\n"));
                for (from, to) in &machine.transitions {
                    let state = |index: &u32| machine.states.get(*index as usize).map_or("?", |state| state);
                    out.push_str(&format!("  {} -> {}\n", state(from), state(to)));
                }
                out.push('\n');
            }
        }
        for index in view.functions(module) {
            let outline = outline(module, index, view);
            out.push_str(&outline.signature);
            out.push('\n');
            if !outline.intent.is_empty() {
                out.push_str(&format!("  {}\n", outline.intent));
            }
            if let Some(verdict) = &outline.verdict {
                out.push_str(&format!("  {}\n", verdict.text));
            }
            for (heading, lines) in &outline.facts {
                for line in lines {
                    let text = format!("{heading} {}", line.text);
                    write_line(&Line { text, ..line.clone() }, 1, &mut out);
                }
            }
            if view.level != Level::Summary {
                out.push_str("  does\n");
                write_items(&outline.flow, 2, &mut out);
            }
            out.push('\n');
        }
        let trimmed = out.trim_end().len();
        out.truncate(trimmed);
        out.push('\n');
        out
    }
}

fn write_items(items: &[Item], depth: usize, out: &mut String) {
    for item in items {
        match item {
            Item::Line(line) => write_line(line, depth, out),
            Item::Group(heading, items) => {
                write_line(heading, depth, out);
                write_items(items, depth + 1, out);
            }
            Item::Branch(heading, branches) => {
                write_line(heading, depth, out);
                for (condition, items) in branches {
                    write_line(&Line::from(condition.clone()), depth + 1, out);
                    write_items(items, depth + 2, out);
                }
            }
        }
    }
}

fn write_line(line: &Line, depth: usize, out: &mut String) {
    out.push_str(&"  ".repeat(depth));
    out.push_str(&line.text);
    let place = line.place.map(|place| format!("{}:{}", place.line, place.column));
    let mark = line.mark.as_ref().map(|mark| mark.text.clone());
    let notes: Vec<String> = place.into_iter().chain(mark).collect();
    if !notes.is_empty() {
        out.push_str(&format!("   -- {}", notes.join(", ")));
    }
    out.push('\n');
}
