//! Mermaid: one flowchart per function and one state diagram per machine, in the syntax of Mermaid 10
//! and later. Several diagrams are separated by a comment line that names what follows.

use anrf_format::module::Module;

use crate::outline::{Item, Line, Outline, outline};
use crate::verdicts::{Mark, Standing};
use crate::{Emitter, View};

/// Mermaid text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mermaid;

/// The line before each diagram of a module; tools split the text at it.
const SEPARATOR: &str = "%% diagram:";

impl Emitter for Mermaid {
    fn name(&self) -> &str {
        "mermaid"
    }

    fn media_type(&self) -> &str {
        "text/vnd.mermaid"
    }

    fn emit(&self, module: &Module, view: &View<'_>) -> String {
        let mut out = String::new();
        for index in view.functions(module) {
            let outline = outline(module, index, view);
            let name = module.semantic.functions[index].node_id();
            out.push_str(&format!("{SEPARATOR} {name}\n{}\n", flowchart(&outline)));
        }
        if view.machines() {
            for machine in &module.types.machines {
                out.push_str(&format!("{SEPARATOR} {}\nstateDiagram-v2\n", machine.name));
                // States get ids of their own, because a state may be called `end` or `state`.
                for (index, state) in machine.states.iter().enumerate() {
                    out.push_str(&format!("  state \"{}\" as s{index}\n", escape(state)));
                }
                out.push_str(&format!("  [*] --> s{}\n", machine.initial));
                for (from, to) in &machine.transitions {
                    out.push_str(&format!("  s{from} --> s{to}\n"));
                }
                out.push('\n');
            }
        }
        let trimmed = out.trim_end().len();
        out.truncate(trimmed);
        out.push('\n');
        out
    }
}

fn flowchart(outline: &Outline) -> String {
    let mut chart = Chart { out: String::from("flowchart TD\n"), next: 0 };
    if outline.verdict.is_some() {
        for standing in Standing::ALL {
            chart.out.push_str(&format!("  classDef {} stroke:{}\n", standing.name(), standing.colour()));
        }
    }
    let mut heading = vec![outline.signature.clone(), outline.intent.clone()];
    heading.extend(outline.verdict.iter().map(|verdict| verdict.text.clone()));
    for (fact, lines) in &outline.facts {
        heading.extend(lines.iter().map(|line| format!("{fact} {}", text(line))));
    }
    heading.retain(|line| !line.is_empty());
    let start = chart.node(&heading.join("\n"), "([", "])", outline.verdict.as_ref());
    chart.items(&outline.flow, vec![(start, String::new())]);
    chart.out
}

/// The open ends of what was drawn so far: a node, and the label of the arrow that leaves it.
type Ends = Vec<(usize, String)>;

struct Chart {
    out: String,
    next: usize,
}

impl Chart {
    fn node(&mut self, text: &str, open: &str, close: &str, mark: Option<&Mark>) -> usize {
        let id = self.next;
        self.next += 1;
        let class = mark.map(|mark| format!(":::{}", mark.standing.name())).unwrap_or_default();
        self.out.push_str(&format!("  n{id}{open}\"{}\"{close}{class}\n", escape(text)));
        id
    }

    fn connect(&mut self, ends: &Ends, to: usize) {
        for (from, label) in ends {
            if label.is_empty() {
                self.out.push_str(&format!("  n{from} --> n{to}\n"));
            } else {
                self.out.push_str(&format!("  n{from} -->|\"{}\"| n{to}\n", escape(label)));
            }
        }
    }

    fn items(&mut self, items: &[Item], mut ends: Ends) -> Ends {
        for item in items {
            ends = self.item(item, ends);
        }
        ends
    }

    fn item(&mut self, item: &Item, ends: Ends) -> Ends {
        match item {
            Item::Line(line) => {
                let id = self.node(&text(line), "[", "]", line.mark.as_ref());
                self.connect(&ends, id);
                if leaves(&line.text) { vec![] } else { vec![(id, String::new())] }
            }
            Item::Group(heading, items) => {
                let id = self.node(&text(heading), "[[", "]]", heading.mark.as_ref());
                self.connect(&ends, id);
                let inner = self.items(items, vec![(id, "do".into())]);
                for (from, label) in inner {
                    self.connect(&vec![(from, label)], id);
                }
                vec![(id, "after".into())]
            }
            Item::Branch(heading, branches) => {
                let id = self.node(&text(heading), "{{", "}}", heading.mark.as_ref());
                self.connect(&ends, id);
                let mut open: Ends = vec![];
                for (condition, items) in branches {
                    open.extend(self.items(items, vec![(id, condition.clone())]));
                }
                if branches.last().is_none_or(|(condition, _)| condition != "else") {
                    open.push((id, "otherwise".into()));
                }
                open
            }
        }
    }
}

/// Whether nothing follows a step.
fn leaves(text: &str) -> bool {
    let operation = text.split_once(": ").map_or(text, |(_, operation)| operation);
    ["return", "fail ", "next", "break"].iter().any(|word| operation.starts_with(word))
}

fn text(line: &Line) -> String {
    let mut text = line.text.clone();
    if let Some(place) = line.place {
        text = format!("{text} ({}:{})", place.line, place.column);
    }
    match &line.mark {
        Some(mark) => format!("{text}\n{}", mark.text),
        None => text,
    }
}

/// Quoted labels take everything but quotes, and treat `#` as the start of a character reference.
fn escape(text: &str) -> String {
    text.replace('#', "#35;")
        .replace('"', "#quot;")
        .replace('&', "#amp;")
        .replace('<', "#lt;")
        .replace('>', "#gt;")
        .replace('`', "#96;")
        .replace('\n', "<br/>")
}
