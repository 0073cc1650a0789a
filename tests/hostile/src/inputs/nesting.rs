//! Nesting in expressions: far too deep, and as deep as may be.

use super::*;

/// Nesting in expressions: far too deep, and as deep as may be.
#[must_use]
pub fn nesting() -> Inputs {
    let mut all: Inputs = vec![];
    let mut add = |name: &'static str, text: String| all.push((name, text.into_bytes()));
    for (name, open, middle, close) in [
        ("parentheses", "(", "1", ")"),
        ("parentheses_open", "(", "", ""),
        ("parentheses_closed", "", "1", ")"),
        ("brackets", "[", "1", "]"),
        ("brackets_open", "[", "", ""),
        ("braces", "{1: ", "1", "}"),
        ("braces_open", "{", "", ""),
        ("indices", "n[", "1", "]"),
        ("sets", "SET[", "1", "]"),
        ("calls", "f(", "1", ")"),
        ("negations", "-", "1", ""),
        ("negations_spaced", "- ", "1", ""),
        ("nots", "NOT ", "TRUE", ""),
        ("exclamations", "!", "TRUE", ""),
        ("ifs", "IF TRUE THEN ", "1", " ELSE 2"),
        ("ifs_open", "IF ", "", ""),
        ("ifs_condition", "IF ", "TRUE", " THEN TRUE ELSE FALSE"),
        ("lets", "LET x = 1 IN ", "x", ""),
        ("lets_value", "LET x = ", "1", " IN x"),
        ("lets_open", "LET x = ", "", ""),
        ("matches", "MATCH SOME(1) { SOME(x) => ", "1", ", NONE => 2 }"),
        ("matches_open", "MATCH ", "", ""),
        ("quantifiers", "FORALL i IN 0..1: ", "TRUE", ""),
        ("comprehensions", "[", "1", " FOR x IN [1]]"),
        ("sums", "SUM(", "1", " FOR x IN [1])"),
        ("somes", "SOME(", "1", ")"),
        ("fields", "", "n", ".a"),
        ("elements", "", "n", "[0]"),
        ("withs", "", "n", " WITH { a: 1 }"),
        ("implies", "TRUE IMPLIES ", "TRUE", ""),
        ("powers", "1 + ", "1", ""),
        ("sum_of_names", "n + ", "n", ""),
        ("comparisons", "n < ", "n", ""),
        ("equalities", "n == ", "n", ""),
        ("concatenations", "a ++ ", "b", ""),
        ("commas", ", ", "1", ""),
        ("dots", ".", "1", ""),
        ("ranges", "1..", "1", ""),
        ("ternaries", "n ? 1 : ", "1", ""),
        ("lambdas", "lambda x: ", "1", ""),
        ("strings", "'", "", "'"),
        ("symbols", "@ ", "", ""),
        ("words", "word ", "", ""),
        ("numbers", "1 ", "", ""),
        ("records", "R { a: ", "1", " }"),
        ("records_open", "R { ", "", ""),
        ("sorts", "SORT(x IN ", "[1]", " BY x)"),
        ("ands", "TRUE AND ", "TRUE", ""),
        ("ins", "n IN ", "[1]", ""),
        ("bytes", "b'", "", "'"),
        ("times", "t'", "", "'"),
        ("semicolons", "; ", "1", ""),
        ("assignments", "x = ", "1", ""),
    ] {
        add(name, function("", &nested(100_000, open, middle, close)));
    }
    // Deep, but not too deep; looks exponential.
    for (name, open, middle, close) in [
        ("some_parentheses", "(", "1", ")"),
        ("some_ifs", "IF n > 0 THEN ", "1", " ELSE 2"),
        ("some_ifs_condition", "(IF ", "n > 0", " THEN n > 1 ELSE n > 2)"),
        ("some_ifs_both", "IF n > 0 THEN 1 ELSE ", "1", ""),
        ("some_lets", "LET x = n + 1 IN ", "x", ""),
        ("some_lets_value", "(LET x = ", "1", " IN x + x)"),
        ("some_matches", "MATCH SOME(n) { SOME(x) => ", "1", ", NONE => 2 }"),
        ("some_matches_value", "MATCH SOME(", "n", ") { SOME(x) => x, NONE => 2 }"),
        ("some_sums", "SUM(", "1", " FOR x IN [1])"),
        ("some_domains", "SUM(x FOR x IN [", "1", "])"),
        ("some_counts", "COUNT(x FOR x IN [1, 2] IF ", "1", " == 1)"),
        ("some_chains", "(IF 0 <= ", "n", " < 5 THEN 1 ELSE 0)"),
        ("some_else_sums", "(1 + ", "n", ")"),
        ("some_calls", "ABS(", "n", ")"),
    ] {
        for depth in [20, 60, 110, 126] {
            add(name, function("", &nested(depth, open, middle, close)));
        }
    }
    for form in ["[1..]", "[..1]", "[1:]", ".get()", ".getOrDefault()", ".append()", ".isEmpty()", ".length"] {
        for times in [20, 60, 110] {
            add("foreign_chain", function("", &format!("n{}", form.repeat(times))));
        }
    }
    for depth in [20, 60, 120] {
        add("arrays_in_arrays", function("", &format!("LEN({})", nested(depth, "[", "1", "]"))));
        add(
            "somes_in_somes",
            function("", &format!("IF {} == NONE THEN 1 ELSE 2", nested(depth, "SOME(", "1", ")"))),
        );
        add("empty_arrays", function("", &format!("LEN({})", nested(depth, "[", "", "]"))));
    }
    add("sum_of_1000", function("", &joined(1_000, " + ", |index| index.to_string())));
    add("sum_of_1000_names", function("", &joined(1_000, " + ", |_| "n".into())));
    add(
        "and_of_1000",
        function(
            "",
            &format!("IF {} THEN 1 ELSE 2", joined(1_000, " AND ", |index| format!("n != {index}"))),
        ),
    );
    add(
        "array_of_100000",
        function("", &format!("LEN([{}])", joined(100_000, ", ", |index| index.to_string()))),
    );
    add(
        "set_of_100000",
        function("", &format!("LEN(SET[{}])", joined(100_000, ", ", |index| index.to_string()))),
    );
    add(
        "map_of_50000",
        function("", &format!("LEN({{{}}})", joined(50_000, ", ", |index| format!("{index}: {index}")))),
    );
    add(
        "array_of_wrong_types",
        function(
            "",
            &format!(
                "LEN([{}])",
                joined(100_000, ", ", |index| if index % 2 == 0 { "1".into() } else { "TRUE".into() })
            ),
        ),
    );
    add(
        "array_of_unknown_names",
        function("", &format!("LEN([{}])", joined(50_000, ", ", |index| format!("unknown_{index}")))),
    );
    add("max_of_many", function("", &format!("MAX({})", joined(100_000, ", ", |_| "1".into()))));
    add(
        "withs_in_a_row",
        function("", &format!("LEN([1] WITH {})", joined(20_000, ", ", |_| "[0] = 1".into()))),
    );
    add(
        "binders",
        function(
            "",
            &format!(
                "IF (FORALL {}: TRUE) THEN 1 ELSE 2",
                joined(10_000, ", ", |index| format!("i{index} IN 0..1"))
            ),
        ),
    );
    all
}
