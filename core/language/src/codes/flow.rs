//! Codes of steps and the flow.

anrf_format::codes! {
    MISSING_RETURN = "E-FLOW-001", "flow can reach its end",
        "Every path through a flow ends in `return` or `fail`. Add a `return` step with the success fields.";
    OUTSIDE_LOOP = "E-FLOW-002", "`next` or `break` outside a loop",
        "`next` and `break` belong to the `do` of a loop.";
    UNHANDLED_ERROR = "E-FLOW-003", "error that is neither handled nor declared",
        "An error of a called function or host operation needs a handler under `on_error`, a `fallback`, or \
         a code of the same name among the function's own.";
    NOT_LOOP_STATE = "E-FLOW-004", "not a state of the loop",
        "`next` and `break` give new values to names that the loop lists under `state`.";
    NO_TRANSITION = "E-FLOW-005", "move that no state allows",
        "The machine declares no transition into this state.";
    NOT_A_MACHINE = "E-FLOW-006", "not a state machine",
        "`transition` moves a state variable, or a field path in one, whose type is a machine; with `bind` \
         any value of a machine's type.";
    RETRY = "E-FLOW-007", "retry where nothing can be repeated",
        "`retry` repeats a host operation that is declared `idempotent: true`.";
    FALLBACK = "E-FLOW-008", "fallback where nothing can fail",
        "`fallback` belongs to `call` and `invoke` steps and gives a value for the name under `bind`.";
    MISSING_PARAMETER = "E-FLOW-009", "missing parameter",
        "The operation wants a parameter that is not given.";
    LEAVING_COMPENSATION = "E-FLOW-010", "step that leaves a compensation",
        "Compensation runs to its end: its steps may not return, fail, require, or leave a loop around them.";
    LOOP_HEAD = "E-FLOW-011", "loop without `for` or `while`",
        "A loop says how it goes on: `for: \"x IN xs\"` or `while: \"condition\"`.";
    LOG_LEVEL = "E-FLOW-012", "unknown log level",
        "`level` is debug, info, warn or error.";
    BIND_NOTHING = "E-FLOW-013", "nothing to bind",
        "`bind` names the success record, and the called function has no success fields.";
    UNHANDLED_CODE = "E-FLOW-014", "handler for an error that cannot come",
        "`on_error` names codes of the called function or host operation.";
}
