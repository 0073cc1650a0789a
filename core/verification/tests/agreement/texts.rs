//! What is compared besides generated programs: functions of one expression, `expressions.txt`, and
//! modules with state, host operations, loops and recursion, `modules`.

use std::fmt::Write as _;

const TYPES: &str = include_str!("types.vsp");
const TABLE: &str = include_str!("expressions.txt");

/// The modules, by their names.
#[must_use]
#[allow(unreachable_pub, reason = "a module of two packages")]
pub fn modules() -> Vec<(String, String)> {
    let modules = [
        ("state", include_str!("modules/state.vsp")),
        ("hosts", include_str!("modules/hosts.vsp")),
        ("flow", include_str!("modules/flow.vsp")),
    ];
    modules.iter().map(|(name, text)| (format!("module {name}"), (*text).to_owned())).collect()
}

/// A module for every line: what the expression gives, and the same with a contract that says so, where integers are
/// of any size.
#[must_use]
#[allow(unreachable_pub, reason = "a module of two packages")]
pub fn expressions() -> Vec<(String, String)> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| (line.to_owned(), module(line))).collect()
}

fn module(line: &str) -> String {
    let mut parts = line.splitn(3, " | ");
    let (inputs, result, expression) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let mut text = format!("anrf: \"1\"\nmodule: compared\nintent: Compare.\n{TYPES}functions:\n");
    for (name, contract) in [("plain", false), ("claimed", true)] {
        let _ = write!(
            text,
            "  - node_id: {name}_v1\n    type: data_transform\n    intent: Compare.\n    inputs: {{ {inputs} }}\n    \
             outputs: {{ success: {{ result: {result} }} }}\n"
        );
        if contract {
            let _ = write!(
                text,
                "    contracts:\n      postconditions:\n        - |-\n          result == ({expression})\n"
            );
        }
        let _ = write!(
            text,
            "    flow:\n      - step: done\n        operation: return\n        parameters:\n          result: |-\n            \
             {expression}\n"
        );
    }
    text
}
