//! Codes of lowering. The first speaks of stored modules that no checker has made, the others of what a
//! person writes.

anrf_format::codes! {
    MALFORMED = "E-LOWER-001", "malformed typed tree",
        "The stored module's semantic layer has an index out of range, no trees, or trees whose parts do not \
         fit each other. It was damaged, or written by another program. Pack the module again from its text.";
    UNSUPPORTED = "E-LOWER-002", "too many parts",
        "Values can be sorted by 64 keys at most, and a contract can speak of a result whose records hold 2,000 \
         values in all at most.";
    TOO_LARGE = "E-LOWER-003", "code too large",
        "The code would be more than a fixed multiple of the module's size. Compensation steps and \
         postconditions are repeated where a function can leave; leave in fewer places, or move steps into \
         a function of their own.";
    TOO_DEEP = "E-LOWER-004", "binders nested too deeply",
        "Comprehensions, aggregates and quantifiers stand in each other 64 levels deep at most.";
}
