//! Many steps, and steps inside steps.

use super::*;

/// Many steps, and steps inside steps.
#[must_use]
pub fn steps() -> Inputs {
    let mut all: Inputs = vec![];
    let mut add = |name: &'static str, text: String| all.push((name, text.into_bytes()));
    let compute = |index: usize, value: String| {
        format!("  - {{ step: s{index}, operation: compute, parameters: {{ x{index}: \"{value}\" }} }}\n")
    };
    add("steps", body("", &repeat(10_000, |index| compute(index, format!("n + {index}")))));
    add(
        "steps_in_a_chain",
        body(
            "",
            &repeat(10_000, |index| {
                compute(index, if index == 0 { "n".into() } else { format!("x{} + 1", index - 1) })
            }),
        ),
    );
    add(
        "steps_that_double",
        body(
            "",
            &repeat(200, |index| {
                compute(index, if index == 0 { "[n]".into() } else { format!("x{0} ++ x{0}", index - 1) })
            }),
        ),
    );
    add(
        "steps_that_nest",
        body(
            "",
            &repeat(200, |index| {
                compute(index, if index == 0 { "SOME(n)".into() } else { format!("SOME(x{})", index - 1) })
            }),
        ),
    );
    add(
        "steps_that_nest_in_pairs",
        body(
            "",
            &repeat(60, |index| {
                compute(index, if index == 0 { "[n]".into() } else { format!("[x{0}, x{0}]", index - 1) })
            }),
        ),
    );
    add("steps_of_one_name", body("", &repeat(10_000, |_| compute(1, "n".into()))));
    add(
        "steps_that_use_all",
        body(
            "",
            &(repeat(2_000, |index| compute(index, "[n]".into()))
                + &compute(99_999, format!("LEN([{}])", joined(2_000, ", ", |index| format!("x{index}"))))),
        ),
    );
    add("steps_of_unknown_names", body("", &repeat(5_000, |index| compute(index, format!("y{index}")))));
    add(
        "steps_under_when",
        body(
            "",
            &repeat(5_000, |index| {
                format!(
                    "  - {{ step: s{index}, operation: compute, when: \"n > {index}\", parameters: {{ x{index}: \"[n]\" }} }}\n"
                )
            }),
        ),
    );
    add(
        "step_with_many_bindings",
        body(
            "",
            &format!(
                "  - step: s\n    operation: compute\n    parameters:\n{}",
                repeat(10_000, |index| format!("      x{index}: \"n + {index}\"\n"))
            ),
        ),
    );
    add(
        "guards",
        body(
            "",
            &format!(
                "  - step: s\n    operation: compute\n    guards:\n{}    parameters: {{ x: \"1\" }}\n",
                repeat(5_000, |index| format!(
                    "      - {{ fail_when: \"n == {index}\", fail: a, message: \"no\" }}\n"
                ))
            ),
        ),
    );
    add(
        "choose_of_5000",
        body(
            "",
            &format!(
                "  - step: s\n    operation: choose\n    parameters:\n      cases:\n{}      else: []\n",
                repeat(5_000, |index| format!(
                    "        - {{ when: \"n == {index}\", do: [ {{ step: a{index}, operation: compute, parameters: {{ x: \"{index}\" }} }} ] }}\n"
                ))
            ),
        ),
    );
    add(
        "choose_in_a_row",
        body(
            "",
            &repeat(2_000, |index| {
                format!(
                    "  - {{ step: s{index}, operation: choose, parameters: {{ cases: [ {{ when: \"n == {index}\", do: [ {{ step: a{index}, operation: compute, parameters: {{ x: \"{index}\" }} }} ] }} ], else: [ {{ step: b{index}, operation: compute, parameters: {{ x: \"{index}\" }} }} ] }} }}\n"
                )
            }),
        ),
    );
    add(
        "choose_with_many_names",
        body(
            "",
            &repeat(100, |index| {
                format!(
                    "  - {{ step: s{index}, operation: choose, parameters: {{ cases: [ {{ when: \"n == {index}\", do: [ {{ step: a{index}, operation: compute, parameters: {{ {0} }} }} ] }} ], else: [ {{ step: b{index}, operation: compute, parameters: {{ {0} }} }} ] }} }}\n",
                    joined(100, ", ", |name| format!("x{name}: \"1\""))
                )
            }),
        ),
    );
    for depth in [20, 29, 100, 10_000] {
        add(
            "choose_in_choose",
            body(
                "",
                &format!(
                    "  - {}{}\n",
                    nested(
                        depth,
                        "{ step: s, operation: choose, parameters: { cases: [ { when: \"n > 1\", do: [ ",
                        "{ step: s, operation: compute, parameters: { x: \"1\" } }",
                        " ] } ] } }"
                    ),
                    ""
                ),
            ),
        );
        add(
            "loop_in_loop",
            body(
                "",
                &format!(
                    "  - {}\n",
                    nested(
                        depth,
                        "{ step: s, operation: loop, parameters: { state: { t: \"0\" }, for: \"i IN 0..2\", do: [ ",
                        "{ step: s, operation: next, parameters: { t: \"t + 1\" } }",
                        " ] } }"
                    )
                ),
            ),
        );
    }
    add(
        "loops",
        body(
            "",
            &repeat(2_000, |index| {
                format!(
                    "  - {{ step: s{index}, operation: loop, parameters: {{ state: {{ t{index}: \"0\" }}, for: \"i IN 0..2\", do: [ {{ step: a{index}, operation: next, parameters: {{ t{index}: \"t{index} + i\" }} }} ] }} }}\n"
                )
            }),
        ),
    );
    add(
        "loop_of_many_names",
        body(
            "",
            &format!(
                "  - step: s\n    operation: loop\n    parameters:\n      state: {{ {} }}\n      for: \"i IN 0..2\"\n      do: [ {{ step: a, operation: next, parameters: {{ {} }} }} ]\n",
                joined(5_000, ", ", |index| format!("t{index}: \"0\"")),
                joined(5_000, ", ", |index| format!("t{index}: \"t{index} + i\""))
            ),
        ),
    );
    add(
        "loops_around_many_names",
        body(
            "",
            &(repeat(500, |index| compute(index, "[n]".into()))
                + &repeat(500, |index| {
                    format!(
                        "  - {{ step: l{index}, operation: loop, parameters: {{ state: {{ t{index}: \"0\" }}, for: \"i IN 0..2\", do: [ {{ step: a{index}, operation: next, parameters: {{ t{index}: \"t{index} + LEN(x{index})\" }} }} ] }} }}\n"
                    )
                })
                + &compute(99_999, format!("LEN([{}])", joined(500, ", ", |index| format!("x{index}"))))),
        ),
    );
    let host = "host:\n  h: { inputs: { n: integer }, outputs: { success: { m: integer }, error: { error_code: \"enum[bad]\", message: string } }, idempotent: true }\n";
    let failing = "node_id: f\ntype: workflow\nintent: Undo.\ninputs: { n: integer }\noutputs:\n  success: { out: integer }\n  error: { error_code: \"enum[bad]\", message: string }\n";
    let done = "  - { step: done, operation: return, parameters: { out: \"0\" } }\n";
    add(
        "invocations",
        format!(
            "{host}{failing}flow:\n{}{done}",
            repeat(5_000, |index| format!(
                "  - {{ step: a{index}, operation: invoke, parameters: {{ host: h, arguments: {{ n: \"{index}\" }}, bind: b{index} }} }}\n"
            ))
        ),
    );
    add(
        "handlers",
        format!(
            "{host}{failing}flow:\n{}{done}",
            repeat(2_000, |index| format!(
                "  - {{ step: a{index}, operation: invoke, parameters: {{ host: h, arguments: {{ n: \"{index}\" }}, bind: b{index}, on_error: {{ bad: [ {{ step: c{index}, operation: compute, parameters: {{ x{index}: \"1\" }} }} ] }} }} }}\n"
            ))
        ),
    );
    add(
        "compensations",
        format!(
            "{host}{failing}flow:\n{}{done}",
            repeat(1_000, |index| format!(
                "  - {{ step: a{index}, operation: invoke, parameters: {{ host: h, arguments: {{ n: \"{index}\" }} }}, error_handling: {{ compensate: [ {{ step: c{index}, operation: log, parameters: {{ level: info, message: \"undo\" }} }} ] }} }}\n"
            ))
        ),
    );
    add(
        "state_variables",
        format!(
            "state:\n{}{}",
            repeat(2_000, |index| format!(
                "  v{index}: {{ type: integer, initial: 0, constraints: [\"v{index} >= 0\"] }}\n"
            )),
            body(
                "",
                &repeat(2_000, |index| format!(
                    "  - {{ step: s{index}, operation: update, parameters: {{ v{index}: \"v{index} + 1\" }} }}\n"
                ))
            )
        ),
    );
    add(
        "machine_of_1000",
        module(
            &format!(
                "machines:\n  M: {{ states: [{}], initial: s0, transitions: [{}] }}\n",
                symbols(1_000),
                joined(50_000, ", ", |index| format!("[s{}, s{}]", index % 1_000, index / 1_000))
            ),
            &small(0),
        ),
    );
    add(
        "template_holes",
        body(
            "",
            &format!(
                "  - {{ step: a, operation: log, parameters: {{ level: info, message: \"{}\" }} }}\n",
                "{n}".repeat(10_000)
            ),
        ),
    );
    add(
        "template_braces",
        body(
            "",
            &format!(
                "  - {{ step: a, operation: log, parameters: {{ level: info, message: \"{}\" }} }}\n",
                "{{".repeat(100_000)
            ),
        ),
    );
    add(
        "template_open",
        body(
            "",
            &format!(
                "  - {{ step: a, operation: log, parameters: {{ level: info, message: \"{}\" }} }}\n",
                "{ ".repeat(100_000)
            ),
        ),
    );
    add(
        "template_closed",
        body(
            "",
            &format!(
                "  - {{ step: a, operation: log, parameters: {{ level: info, message: \"{}\" }} }}\n",
                "} ".repeat(100_000)
            ),
        ),
    );
    add(
        "template_bad_holes",
        body(
            "",
            &format!(
                "  - {{ step: a, operation: log, parameters: {{ level: info, message: \"{}\" }} }}\n",
                "{+} ".repeat(20_000)
            ),
        ),
    );
    add(
        "uses",
        module(&format!("uses: [{}]\n", joined(10_000, ", ", |index| format!("m{index}@1"))), &small(0)),
    );
    all
}
