//! Texts that a hostile or unlucky sender may send.

mod characters;
mod definitions;
mod nesting;
mod runs;
mod scalars;
mod steps;

pub use characters::characters;
pub use definitions::definitions;
pub use nesting::nesting;
pub use runs::runs;
pub use scalars::scalars;
pub use steps::steps;

/// Inputs and their names.
pub type Inputs = Vec<(&'static str, Vec<u8>)>;

/// A function that returns one integer expression, with more keys of the function before `flow`.
#[must_use]
pub fn function(keys: &str, expression: &str) -> String {
    function_of(
        keys,
        &format!("  - step: done\n    operation: return\n    parameters:\n      out: \"{expression}\"\n"),
    )
}

/// A function of these steps that returns an integer `out`.
#[must_use]
pub fn function_of(keys: &str, steps: &str) -> String {
    format!(
        "node_id: hostile_v1\ntype: algorithm\nintent: Be hostile.\ninputs:\n  n: {{ type: integer }}\n{keys}outputs:\n  success: {{ out: integer }}\nflow:\n{steps}"
    )
}

/// A function of these steps that ends in `return` of `0`.
#[must_use]
pub fn body(keys: &str, body: &str) -> String {
    function_of(
        keys,
        &format!("{body}  - {{ step: done, operation: return, parameters: {{ out: \"0\" }} }}\n"),
    )
}

/// A module of these keys and functions.
#[must_use]
pub fn module(keys: &str, functions: &str) -> String {
    format!("anrf: \"1\"\nmodule: hostile\n{keys}functions:\n{functions}")
}

/// A text made of numbered parts.
#[must_use]
pub fn repeat(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, index| {
        text.push_str(&part(index));
        text
    })
}

/// `open` so many times, `middle`, `close` as many times.
#[must_use]
pub fn nested(count: usize, open: &str, middle: &str, close: &str) -> String {
    [&open.repeat(count), middle, &close.repeat(count)].concat()
}

/// Names joined by a separator.
#[must_use]
pub fn joined(count: usize, separator: &str, part: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for index in 0..count {
        if index > 0 {
            text.push_str(separator);
        }
        text.push_str(&part(index));
    }
    text
}

/// One of many functions, as an item of a list; it returns this integer expression.
#[must_use]
pub fn one_of_many(index: usize, expression: &str) -> String {
    format!(
        "  - {{ node_id: f{index}, type: algorithm, intent: One of many., inputs: {{ n: integer }}, outputs: {{ success: {{ out: integer }} }}, flow: [ {{ step: done, operation: return, parameters: {{ out: \"{expression}\" }} }} ] }}\n"
    )
}

/// One of many plain functions.
#[must_use]
pub fn small(index: usize) -> String {
    one_of_many(index, &format!("n + {index}"))
}

/// Symbols of an enum, states of a machine.
#[must_use]
pub fn symbols(count: usize) -> String {
    joined(count, ", ", |index| format!("s{index}"))
}
