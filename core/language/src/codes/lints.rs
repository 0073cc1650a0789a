//! Codes of lints: the module works, but probably not as meant.

anrf_format::codes! {
    UNUSED_NAME = "L-UNUSED-001", "unused name",
        "What is bound is never read. Remove it, or begin its name with an underscore.";
    UNUSED_INPUT = "L-UNUSED-002", "unused input",
        "The function never reads this input.";
    UNUSED_TYPE = "L-UNUSED-003", "unused type",
        "Nothing in the module refers to this type.";
    UNUSED_ERROR_CODE = "L-UNUSED-004", "unused error code",
        "The function declares an error that no path ends in.";
    UNUSED_STATE = "L-UNUSED-005", "unused state variable",
        "No function reads or writes this variable, or a function lists it and does not use it.";
    UNUSED_HOST = "L-UNUSED-006", "unused host operation",
        "No function invokes this operation.";
    UNREACHABLE = "L-FLOW-001", "unreachable step",
        "Every path leaves the flow before this step.";
    CONSTANT_CONDITION = "L-FLOW-002", "condition with a constant value",
        "The condition is always TRUE or always FALSE.";
    SHADOWING = "L-FLOW-003", "name hides another",
        "Inside, the outer name cannot be reached any more. Choose another name.";
    NO_MEASURE = "L-FLOW-004", "`while` without `decreases`",
        "Without a measure nobody can prove that the loop ends. Give an integer expression that is at least \
         0 and falls with each iteration.";
    VACUOUS = "L-FLOW-005", "empty range",
        "The range has no element, so what is said about its elements says nothing.";
    PARTIAL_REBINDING = "L-FLOW-006", "name bound anew in some branches only",
        "Not every branch binds the name, so after the step it has its value from before. Bind it in every \
         branch, or use another name inside.";
    ALWAYS_FAULTS = "L-FLOW-007", "expression that always faults",
        "All parts of the expression are constants, and its evaluation ends in a fault.";
    MISSING_EXAMPLE = "L-EXAMPLE-001", "function without an example",
        "Examples are tests and tell readers what the function does. Give at least one.";
    UNSTATED_CONSTRAINT = "L-INTENT-001", "formal constraint that no clause states",
        "The intent says it formally, but nothing checks or proves it: no precondition, postcondition, invariant or \
         constraint of an input is the same expression. Add it to the contract.";
    SENSITIVE_FLOW = "L-SECURITY-001", "sensitive input leaves the function",
        "The function is marked `sensitive_data: true`, and a value that depends on its inputs reaches a log, \
         a message or a host operation.";
    WIDE_CAPABILITY = "L-SECURITY-002", "capability wider than used",
        "The function asks for more than its host operations need. Least privilege: ask for what is used.";
    HOST_LOOP = "L-SECURITY-003", "loop over host data without a bound",
        "How often the loop runs is up to the host. Check the length with `require` first, or take a slice.";
}
