//! Codes of lowering. Only the second and third concern what a person writes; the others speak of stored
//! modules that no checker has made.

anrf_format::codes! {
    MALFORMED = "E-LOWER-001", "malformed typed tree",
        "The stored module's semantic layer has an index out of range or no trees. It was damaged, or \
         written by another program. Pack the module again from its text.";
    UNSUPPORTED = "E-LOWER-002", "form that is not supported",
        "The language has this form, but this version does not run it yet.";
    TOO_LARGE = "E-LOWER-003", "code too large",
        "The code would be more than a fixed multiple of the module's size. Compensation steps and \
         postconditions are repeated where a function can leave; leave in fewer places, or move steps into \
         a function of their own.";
    TOO_DEEP = "E-LOWER-004", "nesting too deep",
        "Steps nest 64 deep and binders 256 deep at most.";
    ILL_TYPED = "E-LOWER-005", "ill-typed tree",
        "The stored module's semantic layer holds trees whose parts do not fit each other. Pack the module \
         again from its text.";
    INVALID = "E-LOWER-006", "invalid code",
        "What the stored module's semantic layer was lowered to is not valid code, because the types of its \
         trees do not fit each other. Pack the module again from its text.";
}
