//! Codes of contracts, capabilities and what is declared about a function as a whole.

anrf_format::codes! {
    CONTRACT_ONLY = "E-CONTRACT-001", "only known in contracts",
        "`old`, `result`, `success`, `failed` and `calls` speak of entry and exit. They are known in \
         postconditions; `old` and `calls` also in invariants, assertions and ghost steps.";
    UNGUARDED_RESULT = "E-CONTRACT-002", "result without a guard",
        "A postcondition that uses `success` or `failed` speaks of every exit, and on a failure there is no \
         result. Guard it: `success IMPLIES ...`.";
    STATE_OF_INVARIANT = "E-CONTRACT-003", "invariant over state that is not listed",
        "A function that uses one variable of an invariant must list all of that invariant's variables under \
         `state`, because the invariant is checked on its entry and exit.";
    STATELESS_INVARIANT = "E-CONTRACT-004", "invariant without state",
        "An invariant speaks of state variables. What concerns inputs is a precondition, what concerns \
         results a postcondition.";
    INITIAL_BREAKS = "E-CONTRACT-005", "initial value breaks a constraint",
        "The initial value of a state variable must meet its constraints and the module's invariants.";
    CALLEE_STATE = "E-CONTRACT-006", "state of a called function is not listed",
        "A function lists the module state of every function it calls, because that state may change under it.";
    CAPABILITY_MISSING = "E-SECURITY-001", "capability not declared",
        "A function declares under `security.capabilities_required` what its host operations, and those of \
         the functions it calls, need.";
    CAPABILITY_DENIED = "E-SECURITY-002", "capability denied by the function itself",
        "`denied_capabilities` wins over every grant, so this step could never run.";
    CAPABILITY_FORM = "E-SECURITY-003", "malformed capability",
        "A capability is a dotted path of names, such as `network.http_client.stripe.com`.";
    AUDIT_LEVEL = "E-SECURITY-004", "unknown audit level",
        "`audit_level` is none, basic or detailed.";
    LEMMA_EFFECT = "E-CONTRACT-007", "effect in a lemma",
        "A lemma is ghost code: it may not update state, invoke host operations or write logs.";
    LEMMA_CALL = "E-CONTRACT-008", "lemma used as a function",
        "A lemma states a fact. It is used by a `call` step, binds nothing and cannot stand in an expression.";
    INVALID_TIMESTAMP = "E-CONTRACT-009", "malformed metadata",
        "`metadata.created` is an RFC 3339 time, such as `2026-01-08T14:23:15Z`.";
    NOT_ON_ENTRY = "E-CONTRACT-011", "not known on entry",
        "`old(e)` is evaluated when the function is entered, so `e` may read inputs and state only. Names that \
         are bound later, by a quantifier for example, stand outside: `old(xs)[i]`.";
    TOO_LARGE = "E-UNSUPPORTED-005", "too many names around clauses",
        "Every clause of a contract is kept with the inputs, fields and state it may speak of. A module may have \
         260,000 of these in all clauses together.";
}
