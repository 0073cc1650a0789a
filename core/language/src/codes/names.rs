//! Codes of names: what is not declared, declared twice or not visible.

anrf_format::codes! {
    UNKNOWN_NAME = "E-NAME-001", "unknown name",
        "The expression uses a name that is neither bound by an earlier step nor an input, a state variable \
         that the function lists, nor a symbol of the enumeration that is expected there. A text stands in \
         quotes: `'text'`.";
    DUPLICATE = "E-NAME-002", "declared twice",
        "Two declarations of the same kind share a name, so one could never be reached. Rename or remove one.";
    UNKNOWN_FIELD = "E-NAME-003", "unknown field",
        "The record, case, input list or output list has no field of this name.";
    UNKNOWN_FUNCTION = "E-NAME-004", "unknown function",
        "There is no built-in and no function of the module with this name. A function of another module is \
         named under `uses`.";
    UNKNOWN_SYMBOL = "E-NAME-005", "unknown symbol",
        "The enumeration or state machine does not have this symbol.";
    UNKNOWN_CASE = "E-NAME-006", "unknown record or case",
        "There is no record type and no case of a variant with this name.";
    RESERVED = "E-NAME-007", "reserved name",
        "The name belongs to the language: a keyword, a built-in function or a built-in type. Choose another.";
    WRONG_FORM = "E-NAME-008", "name of the wrong form",
        "Names of functions, inputs, fields, steps' results and symbols are letters, digits and underscores \
         and do not begin with a digit.";
    UNKNOWN_ERROR_CODE = "E-NAME-009", "undeclared error code",
        "A function may only fail with the codes it declares under `outputs.error.error_code`.";
    UNKNOWN_STATE = "E-NAME-010", "unknown state variable",
        "Only state variables that the module declares and the function lists under `state` can be read, \
         assigned or moved.";
    UNKNOWN_HOST = "E-NAME-011", "unknown host operation",
        "Host operations are declared under the module's `host`.";
    GHOST_NAME = "E-NAME-012", "ghost name outside contracts",
        "A name bound by a step with `ghost: true` exists for contracts only: assertions, invariants and \
         other ghost steps may read it, ordinary code may not.";
    AMBIGUOUS = "E-NAME-013", "ambiguous name",
        "Several declarations answer to this name. Write the version of the function (`name_v2`), or put the \
         case where its type is known.";
    NOT_ALWAYS_BOUND = "E-NAME-014", "not bound on every path",
        "The name is bound in some branches or inside a loop only. After a `choose` a name is visible if \
         every branch that goes on binds it; after a loop only the loop's state is.";
    QUALIFIED = "E-NAME-016", "qualified name",
        "Inputs, state variables, symbols and cases are written by their bare names: `amount`, not \
         `inputs.amount`, and `pending`, not `Status.pending`.";
    UNKNOWN_KIND = "E-NAME-015", "unknown function type",
        "A function's `type` is one of http_handler, data_transform, algorithm, workflow, event_handler, \
         scheduled_job, policy and lemma.";
}
