//! Codes of the validator. All of them speak of stored code that this lowering has not made.

crate::codes! {
    RANGE = "E-EXECUTION-001", "index out of range",
        "The stored code refers to something that does not exist. Pack the module again from its text.";
    TYPE = "E-EXECUTION-002", "ill-typed code",
        "An instruction of the stored code has operands of the wrong type. Pack the module again from its text.";
    DOMINANCE = "E-EXECUTION-003", "value used before it is made",
        "The stored code uses a value on a path that does not make it. Pack the module again from its text.";
    CONTROL = "E-EXECUTION-004", "malformed control flow",
        "Blocks, regions or loops of the stored code do not fit together. Pack the module again from its text.";
    UNCHECKED = "E-EXECUTION-005", "unchecked instruction",
        "An operation of the stored code lacks the check that it wants. Only the Engine itself removes checks, \
         and only with a proof. Pack the module again from its text.";
    CHARGE = "E-EXECUTION-006", "wrong charge",
        "The stored code charges other fuel than its instructions cost. Pack the module again from its text.";
    DEPTH = "E-EXECUTION-007", "wrong depth bookkeeping",
        "The stored code does not count the depth of calls. Pack the module again from its text.";
    GHOST = "E-EXECUTION-008", "effect in ghost code",
        "Contracts of the stored code have effects, or other code uses what only contracts may. Pack the module \
         again from its text.";
    ROLE = "E-EXECUTION-009", "missing function or condition",
        "The stored code lacks a function or condition of its semantic layer, or has another one. Pack the \
         module again from its text.";
    OBLIGATION = "E-EXECUTION-010", "wrong obligation",
        "A check of the stored code names an obligation of another kind, or one that another check names. Pack \
         the module again from its text.";
    ORIGIN = "E-EXECUTION-011", "broken source map",
        "An instruction of the stored code does not say which step or contract it comes from. Pack the module \
         again from its text.";
    CONSTANT = "E-EXECUTION-012", "wrong constant",
        "A constant of the stored code is not a value of its type. Pack the module again from its text.";
}
