//! Codes of data in a file: defaults, initial values, examples. Values of a wrong form use the codes of
//! the JSON form (`E-DATA-…`).

anrf_format::codes! {
    MISSING_INPUT = "E-EXAMPLE-001", "example without an input",
        "An example gives every input that is neither optional nor has a default.";
    NOTHING_EXPECTED = "E-EXAMPLE-002", "example expects nothing",
        "An example says what must come out: `success`, `error` or `fault`.";
    UNKNOWN_FAULT = "E-EXAMPLE-003", "unknown kind of fault",
        "`fault` is one of overflow, division_by_zero, out_of_bounds, missing_key, none_value, \
         invalid_argument, constraint_violation, precondition_violation, call_precondition_violation, \
         postcondition_violation, invariant_violation, assertion_violation, invalid_transition and \
         host_contract_violation.";
    MISSING_INITIAL = "E-EXAMPLE-004", "state variable without an initial value",
        "`initial` is required, except for variables of a machine's type, where the machine's own is taken.";
}
