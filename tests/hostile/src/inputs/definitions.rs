//! Many functions, types and clauses.

use super::*;

/// Many functions, types and clauses.
#[must_use]
pub fn definitions() -> Inputs {
    let mut all: Inputs = vec![];
    let mut add = |name: &'static str, text: String| all.push((name, text.into_bytes()));
    add("functions", module("", &repeat(10_000, small)));
    add("functions_of_one_name", module("", &repeat(10_000, |_| small(1))));
    let chained = |index: usize, to: String| one_of_many(index, &to);
    add(
        "functions_in_a_chain",
        module(
            "",
            &repeat(10_000, |index| {
                chained(index, if index == 9_999 { "n".into() } else { format!("f{}(n)", index + 1) })
            }),
        ),
    );
    add(
        "functions_in_a_chain_back",
        module(
            "",
            &repeat(10_000, |index| {
                chained(index, if index == 0 { "n".into() } else { format!("f{}(n)", index - 1) })
            }),
        ),
    );
    add(
        "functions_in_a_ring",
        module("", &repeat(10_000, |index| chained(index, format!("f{}(n)", (index + 1) % 10_000)))),
    );
    add(
        "functions_that_double",
        module(
            "",
            &repeat(1_000, |index| {
                chained(
                    index,
                    if index == 999 { "n".into() } else { format!("f{0}(n) + f{0}(n)", index + 1) },
                )
            }),
        ),
    );
    add(
        "functions_that_call_all",
        module(
            "",
            &repeat(100, |index| {
                chained(
                    index,
                    joined(
                        index.max(1),
                        " + ",
                        |to| if index == 0 { "n".into() } else { format!("f{to}(n)") },
                    ),
                )
            }),
        ),
    );
    add(
        "calls_of_unknown_functions",
        module("", &repeat(5_000, |index| chained(index, format!("g{index}(n)")))),
    );
    add("enum_of_100000", module(&format!("types:\n  Many: \"enum[{}]\"\n", symbols(100_000)), &small(0)));
    add(
        "enum_of_one_symbol_often",
        module(&format!("types:\n  Many: \"enum[{}]\"\n", joined(100_000, ", ", |_| "s".into())), &small(0)),
    );
    add(
        "enum_used_often",
        module(
            &format!("types:\n  Many: \"enum[{}]\"\n", symbols(20_000)),
            &format!(
                "  - {{ node_id: f, type: algorithm, intent: Use it., inputs: {{ m: Many }}, outputs: {{ success: {{ out: integer }} }}, flow: [ {{ step: done, operation: return, parameters: {{ out: \"LEN([{}])\" }} }} ] }}\n",
                joined(5_000, ", ", |index| format!("m == s{}", index + 10_000))
            ),
        ),
    );
    add(
        "enum_matched",
        module(
            &format!("types:\n  Many: \"enum[{}]\"\n", symbols(20_000)),
            &format!(
                "  - {{ node_id: f, type: algorithm, intent: Use it., inputs: {{ m: Many }}, outputs: {{ success: {{ out: integer }} }}, flow: [ {{ step: done, operation: return, parameters: {{ out: \"MATCH m {{ {} }}\" }} }} ] }}\n",
                joined(20_000, ", ", |index| format!("s{index} => {index}"))
            ),
        ),
    );
    add(
        "enums_of_the_same_symbols",
        module(
            &format!(
                "types:\n{}",
                repeat(200, |index| format!("  E{index}: \"enum[{}, t{index}]\"\n", symbols(100)))
            ),
            &small(0),
        ),
    );
    add(
        "error_codes",
        format!(
            "node_id: f\ntype: algorithm\nintent: Fail.\ninputs: {{ n: integer }}\noutputs:\n  success: {{ out: integer }}\n  error: {{ error_code: \"enum[{}]\", message: string }}\nflow:\n{}  - {{ step: done, operation: return, parameters: {{ out: \"1\" }} }}\n",
            symbols(10_000),
            repeat(10_000, |index| format!(
                "  - {{ step: a{index}, operation: require, parameters: {{ condition: \"n != {index}\", fail: s{index}, message: \"no\" }} }}\n"
            ))
        ),
    );
    add(
        "record_of_10000",
        module(
            &format!(
                "types:\n  R: {{ fields: {{ {} }} }}\n",
                joined(10_000, ", ", |index| format!("a{index}: integer"))
            ),
            &format!(
                "  - {{ node_id: f, type: algorithm, intent: Use it., inputs: {{ n: integer }}, outputs: {{ success: {{ out: R }} }}, flow: [ {{ step: done, operation: return, parameters: {{ out: \"R {{ {} }}\" }} }} ] }}\n",
                joined(10_000, ", ", |index| format!("a{index}: n"))
            ),
        ),
    );
    add(
        "record_read_often",
        module(
            &format!(
                "types:\n  R: {{ fields: {{ {} }} }}\n",
                joined(5_000, ", ", |index| format!("a{index}: integer"))
            ),
            &format!(
                "  - {{ node_id: f, type: algorithm, intent: Use it., inputs: {{ r: R }}, outputs: {{ success: {{ out: integer }} }}, flow: [ {{ step: done, operation: return, parameters: {{ out: \"LEN([{}])\" }} }} ] }}\n",
                joined(5_000, ", ", |index| format!("r.a{index}"))
            ),
        ),
    );
    add(
        "record_updated_often",
        module(
            &format!(
                "types:\n  R: {{ fields: {{ {} }} }}\n",
                joined(3_000, ", ", |index| format!("a{index}: integer"))
            ),
            &format!(
                "  - {{ node_id: f, type: algorithm, intent: Use it., inputs: {{ r: R }}, outputs: {{ success: {{ out: R }} }}, flow: [ {{ step: done, operation: return, parameters: {{ out: \"r WITH {{ {} }}\" }} }} ] }}\n",
                joined(3_000, ", ", |index| format!("a{index}: 1"))
            ),
        ),
    );
    add(
        "variant_of_10000",
        module(
            &format!(
                "types:\n  V: {{ cases: {{ {} }} }}\n",
                joined(10_000, ", ", |index| format!("c{index}: {{ a: integer }}"))
            ),
            &format!(
                "  - {{ node_id: f, type: algorithm, intent: Use it., inputs: {{ v: V }}, outputs: {{ success: {{ out: integer }} }}, flow: [ {{ step: done, operation: return, parameters: {{ out: \"MATCH v {{ {} }}\" }} }} ] }}\n",
                joined(10_000, ", ", |index| format!("c{index} {{ a }} => a"))
            ),
        ),
    );
    add(
        "types_in_a_chain",
        module(
            &format!("types:\n{}", repeat(10_000, |index| format!("  T{index}: T{}\n", index + 1)))
                .replace("T10000", "integer"),
            &small(0),
        ),
    );
    add(
        "types_in_a_ring",
        module(
            &format!(
                "types:\n{}",
                repeat(10_000, |index| format!("  T{index}: T{}\n", (index + 1) % 10_000))
            ),
            &small(0),
        ),
    );
    add(
        "records_in_a_chain",
        module(
            &format!(
                "types:\n{}",
                repeat(5_000, |index| format!("  T{index}: {{ fields: {{ a: T{} }} }}\n", index + 1))
            )
            .replace("T5000", "integer"),
            &small(0),
        ),
    );
    for count in [20, 60] {
        add(
            "records_that_double",
            module(
                &format!(
                    "types:\n{}",
                    repeat(count, |index| format!(
                        "  T{index}: {{ fields: {{ a: T{0}, b: T{0} }}, constraints: [\"TRUE\"] }}\n",
                        index + 1
                    ))
                )
                .replace(&format!("T{count}"), "integer"),
                "  - { node_id: f, type: algorithm, intent: Use it., inputs: { t: T0 }, outputs: { success: { out: T0 } }, flow: [ { step: done, operation: return, parameters: { out: t } } ] }\n",
            ),
        );
        add(
            "optionals_that_double",
            module(
                &format!(
                    "types:\n{}",
                    repeat(count, |index| format!(
                        "  T{index}: {{ fields: {{ a: \"optional<T{0}>\", b: \"optional<T{0}>\" }} }}\n",
                        index + 1
                    ))
                )
                .replace(&format!("T{count}"), "integer"),
                "  - { node_id: f, type: algorithm, intent: Use it., inputs: { t: T0 }, outputs: { success: { out: T0 } }, flow: [ { step: done, operation: return, parameters: { out: t } } ] }\n",
            ),
        );
        add(
            "aliases_that_double",
            module(
                &format!(
                    "types:\n{}",
                    repeat(count, |index| format!("  T{index}: \"map<string, T{0}>\"\n", index + 1))
                )
                .replace(&format!("T{count}"), "integer"),
                &small(0),
            ),
        );
    }
    add(
        "variants_that_double",
        module(
            &format!(
                "types:\n{}",
                repeat(100, |index| format!(
                    "  T{index}: {{ cases: {{ x: {{ a: T{0}, b: T{0} }}, y: {{ a: T{0} }} }} }}\n",
                    index + 1
                ))
            )
            .replace("T100", "integer"),
            &small(0),
        ),
    );
    add(
        "generics",
        function(&format!("  m: {{ type: \"{}\" }}\n", nested(100_000, "array<", "integer", ">")), "n"),
    );
    add(
        "generics_open",
        function(&format!("  m: {{ type: \"{}\" }}\n", nested(100_000, "map<", "", "")), "n"),
    );
    add(
        "some_generics",
        function(&format!("  m: {{ type: \"{}\" }}\n", nested(60, "map<string, ", "integer", ">")), "n"),
    );
    add("inputs", function(&repeat(10_000, |index| format!("  i{index}: {{ type: integer }}\n")), "n"));
    add(
        "inputs_with_constraints",
        function(
            &repeat(3_000, |index| {
                format!("  i{index}: {{ type: integer, constraints: [\"i{index} > 0\"] }}\n")
            }),
            "n",
        ),
    );
    add(
        "preconditions",
        function(
            &format!(
                "contracts:\n  preconditions:\n{}",
                repeat(10_000, |index| format!("    - \"n != {index}\"\n"))
            ),
            "n",
        ),
    );
    add(
        "postconditions",
        function(
            &format!(
                "contracts:\n  postconditions:\n{}",
                repeat(10_000, |index| format!("    - \"out != -{index} - 2\"\n"))
            ),
            "n",
        ),
    );
    add(
        "old_values",
        function(
            &format!(
                "contracts:\n  postconditions:\n{}",
                repeat(5_000, |index| format!("    - \"old(n) != -{index}\"\n"))
            ),
            "n",
        ),
    );
    add(
        "examples",
        function(
            &format!(
                "examples:\n{}",
                repeat(10_000, |index| format!(
                    "  - {{ inputs: {{ n: {index} }}, success: {{ out: {index} }} }}\n"
                ))
            ),
            "n",
        ),
    );
    add(
        "example_of_a_large_value",
        function(
            &format!(
                "  m: {{ type: \"array<integer>\" }}\nexamples:\n  - {{ inputs: {{ n: 1, m: [{}] }}, success: {{ out: 1 }} }}\n",
                joined(200_000, ",", |_| "1".into())
            ),
            "n",
        ),
    );
    add(
        "default_of_a_large_value",
        function(
            &format!(
                "  m: {{ type: \"array<integer>\", required: false, default: [{}] }}\n",
                joined(200_000, ",", |_| "1".into())
            ),
            "n",
        ),
    );
    add(
        "example_of_unknown_fields",
        function(
            &format!(
                "examples:\n  - {{ inputs: {{ {} }}, success: {{ out: 1 }} }}\n",
                joined(20_000, ", ", |index| format!("m{index}: 1"))
            ),
            "n",
        ),
    );
    all
}
