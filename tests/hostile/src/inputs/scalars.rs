//! Scalars as large as a file may be.

use super::*;

/// Scalars as large as a file may be.
#[must_use]
pub fn scalars() -> Inputs {
    let mut all: Inputs = vec![];
    let mut add = |name: &'static str, text: String| all.push((name, text.into_bytes()));
    let large = 4 << 20;
    let room = large - 400;
    add("scalar_plain", format!("node_id: {}\n", "x".repeat(room)));
    add("scalar_double", format!("node_id: \"{}\"\n", "x".repeat(room)));
    add("scalar_single", format!("node_id: '{}'\n", "x".repeat(room)));
    add("scalar_double_open", format!("node_id: \"{}", "x".repeat(room)));
    add("scalar_single_open", format!("node_id: '{}", "x".repeat(room)));
    add("scalar_block", format!("node_id: |\n  {}\n", "x ".repeat(room / 2)));
    add("scalar_folded", format!("node_id: >\n{}", "  x\n".repeat(room / 4)));
    add("scalar_key", format!("{}: 1\n", "x".repeat(room)));
    add("scalar_escapes", format!("node_id: \"{}\"\n", "\\u0041".repeat(room / 6)));
    add("scalar_bad_escapes", format!("node_id: \"{}\"\n", "\\q".repeat(room / 2)));
    add("scalar_quotes", format!("node_id: '{}'\n", "''".repeat(room / 2)));
    add("scalar_intent", function("", "n").replace("Be hostile.", &"word ".repeat(room / 5)));
    add("scalar_expression_name", function("", &"x".repeat(room)));
    add("scalar_expression_number", function("", &"9".repeat(room)));
    add("scalar_expression_decimal", function("", &format!("0.{}", "9".repeat(room))));
    add("scalar_expression_string", function("", &format!("LEN('{}')", "x".repeat(room))));
    add("scalar_expression_spaces", function("", &" ".repeat(room)));
    add("scalar_expression_bytes", function("", &format!("LEN(b'{}')", "00".repeat(room / 2))));
    add("scalar_expression_time", function("", &format!("t'{}'", "2".repeat(room))));
    add("scalar_expression_emoji", function("", &"\u{1f600}".repeat(room / 4)));
    add(
        "scalar_template",
        body(
            "",
            &format!(
                "  - {{ step: a, operation: log, parameters: {{ level: info, message: \"{}\" }} }}\n",
                "x".repeat(room - 100)
            ),
        ),
    );
    add(
        "big_contract_number",
        function(&format!("contracts: {{ preconditions: [\"n < {}\"] }}\n", "9".repeat(room)), "n"),
    );
    add("over_the_limit", "x".repeat(large + 1));
    add(
        "number_in_performance",
        function(&format!("performance: {{ timeout_seconds: {} }}\n", "9".repeat(1_000_000)), "n"),
    );
    add(
        "number_in_retry",
        body(
            "host:\n  h: { inputs: {}, outputs: { success: {} }, idempotent: true }\n",
            "  - { step: a, operation: invoke, parameters: { host: h, arguments: {} }, error_handling: { retry: { times: 4294967295, backoff_ms: 18446744073709551615 } } }\n",
        ),
    );
    add("exponent", function("", "1e999999999"));
    add("exponent_of_decimal", function("", "IF 1.0e999999999 == 1.0 THEN 1 ELSE 2"));
    all
}
