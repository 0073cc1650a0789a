//! Functions of one expression: `tests/agreement/expressions.txt`.

use std::fmt::Write as _;

const TYPES: &str = include_str!("../../agreement/types.vsp");
const TABLE: &str = include_str!("../../agreement/expressions.txt");

/// A module for every line: what the expression gives, and the same with a contract that says so, where integers are
/// of any size.
#[must_use]
pub fn expressions() -> Vec<(String, String)> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| (line.to_owned(), module(line))).collect()
}

fn module(line: &str) -> String {
    let mut parts = line.splitn(3, " | ");
    let (inputs, result, expression) =
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut text = format!("anrf: \"1\"\nmodule: compared\nintent: Compare.\n{TYPES}functions:\n");
    for (name, contract) in [("plain", false), ("claimed", true)] {
        let _ = write!(
            text,
            "  - node_id: {name}_v1\n    type: data_transform\n    intent: Compare.\n    inputs: {{ {inputs} }}\n    \
             outputs: {{ success: {{ result: {result} }} }}\n"
        );
        if contract {
            let _ = write!(text, "    contracts:\n      postconditions:\n        - |-\n          result == ({expression})\n");
        }
        let _ = write!(
            text,
            "    flow:\n      - step: done\n        operation: return\n        parameters:\n          result: |-\n            \
             {expression}\n"
        );
    }
    text
}
