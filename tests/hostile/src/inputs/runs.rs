//! Small texts whose runs would be large.

use super::*;

/// Small texts whose runs would be large.
#[must_use]
pub fn runs() -> Inputs {
    let mut all: Inputs = vec![];
    let mut add = |name: &'static str, text: String| all.push((name, text.into_bytes()));
    for (name, expression) in [
        ("pattern_of_repeats", "IF matches('a', '((((a{100}){100}){100}){100})') THEN 1 ELSE 2"),
        ("pattern_nested", "IF matches('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '^(a+)+$') THEN 1 ELSE 2"),
        ("pad_far", "LEN(pad_left('a', 1_000_000_000_000, 'x'))"),
        ("pad_32_bits", "LEN(pad_left('a', 4_000_000_000, 'x'))"),
        ("division_of_many_places", "scale(div(1.0, 3.0, 1_000_000_000, HALF_EVEN))"),
        ("round_to_many_places", "scale(round(1.5, 1_000_000_000, HALF_EVEN))"),
        ("format_of_many_places", "LEN(format(1.5, 1_000_000_000))"),
        ("range_sum", "SUM(i FOR i IN 0..9_000_000_000_000_000_000)"),
        ("comprehension_of_a_range", "LEN([i FOR i IN 0..9_000_000_000_000_000_000])"),
        ("replace_grows", "LEN(replace('aaaaaaaa', '', 'bbbbbbbb'))"),
        ("pow_far", "pow(2, 9_000_000_000_000_000_000)"),
    ] {
        add(name, function("", expression));
    }
    add(
        "contract_of_a_power",
        function("contracts: { preconditions: [\"pow(10, 1_000_000_000) > 0\"] }\n", "n"),
    );
    add(
        "contract_of_a_range",
        function("contracts: { preconditions: [\"FORALL i IN 0..1_000_000_000_000: i >= 0\"] }\n", "n"),
    );
    add("recursion", module("", &one_of_many(0, "f0(n + 1)")));
    add(
        "endless_loop",
        body(
            "",
            "  - { step: s, operation: loop, parameters: { state: { t: \"0\" }, while: \"t >= 0\", do: [ { step: a, operation: next, parameters: { t: \"t\" } } ] } }\n",
        ),
    );
    add(
        "growing_string",
        body(
            "",
            "  - { step: s, operation: loop, parameters: { state: { t: \"'ab'\" }, while: \"LEN(t) > 0\", do: [ { step: a, operation: next, parameters: { t: \"t ++ t\" } } ] } }\n",
        ),
    );
    all
}
