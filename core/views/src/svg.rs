//! SVG: nested boxes, a sequence from top to bottom, alternatives side by side, loops as frames. Boxes
//! are sized from their text before they are placed, so they hold it and never overlap.

use anrf_format::module::Module;
use anrf_format::types::Machine;

use crate::outline::{Item, Line, Outline, outline};
use crate::verdicts::Mark as Verdict;
use crate::{Emitter, View};

/// A picture.
#[derive(Clone, Copy, Debug, Default)]
pub struct Svg;

/// A line of text and its colour.
type Inked = (String, &'static str);

/// The colour of what is no verdict.
const INK: &str = "#1f2328";
/// Pixels per character of the monospaced font at 13 px, with room to spare for other fonts.
const CHARACTER: f64 = 8.0;
const LINE: f64 = 18.0;
const PADDING: f64 = 10.0;
const GAP: f64 = 14.0;
/// Labels longer than this are broken into lines.
const WIDEST: usize = 72;

impl Emitter for Svg {
    fn name(&self) -> &str {
        "svg"
    }

    fn media_type(&self) -> &str {
        "image/svg+xml"
    }

    fn emit(&self, module: &Module, view: &View<'_>) -> String {
        let mut parts: Vec<Shape> =
            view.functions(module).map(|index| function_shape(&outline(module, index, view))).collect();
        if view.machines() {
            parts.extend(module.types.machines.iter().map(machine_shape));
        }
        let picture = Shape::column(parts, GAP * 2.0);
        let (width, height) = (picture.width + GAP * 2.0, picture.height + GAP * 2.0);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"13\">\n\
             <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"#57606a\"/></marker></defs>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
        );
        picture.draw(GAP, GAP, &mut out);
        out.push_str("</svg>\n");
        out
    }
}

/// A thing with a size and what it draws relative to its upper left corner.
struct Shape {
    width: f64,
    height: f64,
    marks: Vec<Mark>,
}

enum Mark {
    Box { x: f64, y: f64, width: f64, height: f64, style: Style },
    Text { x: f64, y: f64, text: String, strong: bool, ink: &'static str },
    Arrow { from: (f64, f64), to: (f64, f64), bend: f64 },
    Line { from: (f64, f64), to: (f64, f64) },
}

#[derive(Clone, Copy)]
enum Style {
    Frame,
    Heading,
    Step,
    Leave,
    Loop,
    Branch,
    State,
}

impl Style {
    fn attributes(self) -> &'static str {
        match self {
            Self::Frame => "fill=\"#f6f8fa\" stroke=\"#8c959f\"",
            Self::Heading => "fill=\"#ddf4ff\" stroke=\"#54aeff\"",
            Self::Step => "fill=\"#ffffff\" stroke=\"#8c959f\"",
            Self::Leave => "fill=\"#dafbe1\" stroke=\"#4ac26b\"",
            Self::Loop => "fill=\"#fff8c5\" stroke=\"#d4a72c\"",
            Self::Branch => "fill=\"#fbefff\" stroke=\"#c297ff\"",
            Self::State => "fill=\"#ddf4ff\" stroke=\"#0969da\"",
        }
    }
}

impl Shape {
    fn text_box(lines: &[Inked], style: Style, strong_first: bool) -> Self {
        let widest = lines.iter().map(|(line, _)| columns(line)).max().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "labels are far shorter than 2^52 characters")]
        let (width, height) =
            (widest as f64 * CHARACTER + PADDING * 2.0, lines.len() as f64 * LINE + PADDING);
        let mut marks = vec![Mark::Box { x: 0.0, y: 0.0, width, height, style }];
        let mut y = PADDING / 2.0 + LINE - 5.0;
        for (index, (line, ink)) in lines.iter().enumerate() {
            let (text, strong) = (line.clone(), strong_first && index == 0);
            marks.push(Mark::Text { x: PADDING, y, text, strong, ink });
            y += LINE;
        }
        Self { width, height, marks }
    }

    /// Shapes below each other, joined by arrows.
    fn column(shapes: Vec<Self>, gap: f64) -> Self {
        let mut column = Self { width: 0.0, height: 0.0, marks: vec![] };
        for shape in shapes {
            let y = if column.marks.is_empty() { 0.0 } else { column.height + gap };
            column.width = column.width.max(shape.width);
            column.height = y + shape.height;
            column.add(shape, 0.0, y);
        }
        column
    }

    /// A column in which each shape follows the one before.
    fn sequence(shapes: Vec<Self>) -> Self {
        let mut ends: Vec<f64> = vec![];
        let mut y = 0.0;
        for shape in &shapes {
            ends.push(y + shape.height);
            y += shape.height + GAP;
        }
        let mut column = Self::column(shapes, GAP);
        for end in ends.iter().take(ends.len().saturating_sub(1)) {
            let x = PADDING * 2.0;
            column.marks.push(Mark::Arrow { from: (x, *end), to: (x, end + GAP), bend: 0.0 });
        }
        column
    }

    /// Shapes beside each other, tops level.
    fn row(shapes: Vec<Self>) -> Self {
        let mut row = Self { width: 0.0, height: 0.0, marks: vec![] };
        for shape in shapes {
            let x = if row.marks.is_empty() { 0.0 } else { row.width + GAP };
            row.height = row.height.max(shape.height);
            row.width = x + shape.width;
            row.add(shape, x, 0.0);
        }
        row
    }

    /// A heading and what belongs to it, in a frame.
    fn framed(heading: Self, body: Self, style: Style) -> Self {
        let body = Self::column(vec![heading, body], GAP);
        let (width, height) = (body.width + GAP * 2.0, body.height + GAP * 2.0);
        let mut frame =
            Self { width, height, marks: vec![Mark::Box { x: 0.0, y: 0.0, width, height, style }] };
        frame.add(body, GAP, GAP);
        frame
    }

    fn add(&mut self, shape: Self, dx: f64, dy: f64) {
        let shift = |(x, y): (f64, f64)| (x + dx, y + dy);
        self.marks.extend(shape.marks.into_iter().map(|mark| match mark {
            Mark::Box { x, y, width, height, style } => {
                Mark::Box { x: x + dx, y: y + dy, width, height, style }
            }
            Mark::Text { x, y, text, strong, ink } => Mark::Text { x: x + dx, y: y + dy, text, strong, ink },
            Mark::Arrow { from, to, bend } => Mark::Arrow { from: shift(from), to: shift(to), bend },
            Mark::Line { from, to } => Mark::Line { from: shift(from), to: shift(to) },
        }));
    }

    fn draw(self, x: f64, y: f64, out: &mut String) {
        let mut shifted = Self { width: self.width, height: self.height, marks: vec![] };
        shifted.add(self, x, y);
        for mark in shifted.marks {
            match mark {
                Mark::Box { x, y, width, height, style } => out.push_str(&format!(
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"5\" {}/>\n",
                    style.attributes()
                )),
                Mark::Text { x, y, text, strong, ink } => {
                    let weight = if strong { " font-weight=\"bold\"" } else { "" };
                    let text = escape(&text);
                    out.push_str(&format!("<text x=\"{x}\" y=\"{y}\" fill=\"{ink}\" xml:space=\"preserve\"{weight}>{text}</text>\n"));
                }
                Mark::Arrow { from, to, bend } => {
                    let middle = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0 + bend);
                    out.push_str(&format!(
                        "<path d=\"M{},{} Q{},{} {},{}\" fill=\"none\" stroke=\"#57606a\" marker-end=\"url(#arrow)\"/>\n",
                        from.0, from.1, middle.0, middle.1, to.0, to.1
                    ));
                }
                Mark::Line { from, to } => out.push_str(&format!(
                    "<path d=\"M{},{} L{},{}\" stroke=\"#d0d7de\"/>\n",
                    from.0, from.1, to.0, to.1
                )),
            }
        }
    }
}

fn function_shape(outline: &Outline) -> Shape {
    let mut lines = plain(&outline.signature);
    lines.extend(plain(&outline.intent));
    lines.extend(outline.verdict.iter().flat_map(noted));
    for (heading, facts) in &outline.facts {
        for fact in facts {
            lines.extend(plain(&format!("{heading} {}", fact.text)));
            lines.extend(fact.mark.iter().flat_map(noted));
        }
    }
    lines.retain(|(line, _)| !line.is_empty());
    let heading = Shape::text_box(&lines, Style::Heading, true);
    if outline.flow.is_empty() {
        return heading;
    }
    Shape::framed(heading, items_shape(&outline.flow), Style::Frame)
}

fn items_shape(items: &[Item]) -> Shape {
    Shape::sequence(items.iter().map(item_shape).collect())
}

fn item_shape(item: &Item) -> Shape {
    match item {
        Item::Line(line) => {
            let operation = line.text.split_once(": ").map_or(&*line.text, |(_, operation)| operation);
            let leaves = ["return", "fail ", "next", "break"].iter().any(|word| operation.starts_with(word));
            Shape::text_box(&label(line), if leaves { Style::Leave } else { Style::Step }, false)
        }
        Item::Group(heading, items) => {
            let heading = Shape::text_box(&label(heading), Style::Loop, true);
            Shape::framed(heading, items_shape(items), Style::Loop)
        }
        Item::Branch(heading, branches) => {
            let columns = branches.iter().map(|(condition, items)| {
                let condition = Shape::text_box(&plain(condition), Style::Branch, true);
                let mut shapes = vec![condition];
                if !items.is_empty() {
                    shapes.push(items_shape(items));
                }
                Shape::sequence(shapes)
            });
            let heading = Shape::text_box(&label(heading), Style::Branch, true);
            Shape::framed(heading, Shape::row(columns.collect()), Style::Branch)
        }
    }
}

/// States in one column in declared order, moves as arcs to the right of it: later ones reach further
/// out, so that they can be told apart.
fn machine_shape(machine: &Machine) -> Shape {
    let heading = Shape::text_box(&plain(&format!("machine {}", machine.name)), Style::Heading, true);
    let boxes: Vec<Shape> = machine
        .states
        .iter()
        .enumerate()
        .map(|(index, state)| {
            let start =
                if index == machine.initial as usize { format!("{state}  (start)") } else { state.clone() };
            Shape::text_box(&[(start, INK)], Style::State, false)
        })
        .collect();
    let gap = GAP * 2.0;
    let mut middles = vec![];
    let mut y = 0.0;
    for shape in &boxes {
        middles.push((shape.width, y + shape.height / 2.0));
        y += shape.height + gap;
    }
    let mut states = Shape::column(boxes, gap);
    let right = states.width;
    let mut lane = right + GAP;
    for (from, to) in &machine.transitions {
        let (Some(from), Some(to)) = (middles.get(*from as usize), middles.get(*to as usize)) else {
            continue;
        };
        let (start, end) = ((from.0, from.1 - 4.0), (to.0, to.1 + 4.0));
        states.marks.push(Mark::Line { from: start, to: (lane, start.1) });
        states.marks.push(Mark::Line { from: (lane, start.1), to: (lane, end.1) });
        states.marks.push(Mark::Arrow { from: (lane, end.1), to: end, bend: 0.0 });
        lane += PADDING;
    }
    states.width = lane;
    Shape::framed(heading, states, Style::Frame)
}

fn label(line: &Line) -> Vec<Inked> {
    let mut lines = plain(&line.text);
    if let (Some(place), Some((last, _))) = (line.place, lines.last_mut()) {
        last.push_str(&format!("  ({}:{})", place.line, place.column));
    }
    lines.extend(line.mark.iter().flat_map(noted));
    lines
}

fn plain(text: &str) -> Vec<Inked> {
    wrap(text).into_iter().map(|line| (line, INK)).collect()
}

/// A verdict in its colour.
fn noted(mark: &Verdict) -> Vec<Inked> {
    wrap(&mark.text).into_iter().map(|line| (line, mark.standing.colour())).collect()
}

/// Breaks at spaces, and inside words only where a word is wider than a line.
fn wrap(text: &str) -> Vec<String> {
    let mut lines = vec![];
    let mut line = String::new();
    for word in text.split_inclusive(' ') {
        if columns(&line) + columns(word.trim_end()) > WIDEST && !line.is_empty() {
            lines.push(std::mem::replace(&mut line, "    ".into()).trim_end().to_owned());
        }
        for character in word.chars() {
            if columns(&line) >= WIDEST + 8 {
                lines.push(std::mem::replace(&mut line, "    ".into()));
            }
            line.push(character);
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// How many columns of a monospaced font a text takes: East Asian wide characters and symbols beyond the
/// basic plane take two.
fn columns(text: &str) -> usize {
    let wide = |c: char| matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f000..);
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

fn escape(text: &str) -> String {
    // Control characters are not allowed in XML, not even escaped.
    text.chars()
        .map(|c| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => "\u{fffd}".to_owned(),
            c => c.to_string(),
        })
        .collect()
}
