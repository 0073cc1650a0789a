//! The keys of every place in a file: one table for the reader, the schema, the reference and the tests.

/// What stands under a key.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Free text.
    Text,
    /// A list of texts.
    Texts,
    /// A name of something.
    Name,
    /// A list of names.
    Names,
    /// A pair of names.
    NamePairs,
    /// `true` or `false`.
    Boolean,
    /// A whole number, at least 0.
    Count,
    /// A type.
    Type,
    /// An expression.
    Expression,
    /// A list of expressions.
    Expressions,
    /// An expression or a list of them.
    Measure,
    /// The head of a loop: `i IN 0..n`.
    Binder,
    /// Text with `{expression}` holes.
    Template,
    /// A value as data.
    Data,
    /// A mapping with the keys of a place.
    Place(&'static Place),
    /// A list of such mappings.
    Places(&'static Place),
    /// A mapping of names to such mappings.
    NamedPlaces(&'static Place),
    /// A mapping of names to types.
    NamedTypes,
    /// A mapping of names to expressions.
    NamedExpressions,
    /// A mapping of names to data.
    NamedData,
    /// A mapping of names to lists of such mappings.
    NamedLists(&'static Place),
    /// One of several shapes.
    OneOf(&'static [Shape]),
    /// What the step's operation takes; see [`OPERATIONS`].
    Parameters,
}

/// A key and what stands under it.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What stands under it.
    pub shape: Shape,
    /// Whether the reader reports its absence; the checker asks for more.
    pub required: bool,
    /// One sentence for the reference.
    pub summary: &'static str,
}

/// A kind of mapping in a file.
#[derive(Debug)]
pub struct Place {
    /// With its article, as in "a step".
    pub name: &'static str,
    /// In the order of the reference.
    pub keys: &'static [Key],
    /// What is written instead elsewhere, and the key that is meant.
    pub synonyms: &'static [(&'static str, &'static str)],
}

impl Place {
    /// The position of a key in the table.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.keys.iter().position(|key| key.name == name)
    }
}

/// An operation and its parameters.
#[derive(Clone, Copy, Debug)]
pub struct OperationInfo {
    /// As written.
    pub name: &'static str,
    /// What `parameters` holds.
    pub parameters: Shape,
    /// One sentence for the reference.
    pub summary: &'static str,
}

const fn optional(name: &'static str, shape: Shape, summary: &'static str) -> Key {
    Key { name, shape, required: false, summary }
}

const fn required(name: &'static str, shape: Shape, summary: &'static str) -> Key {
    Key { name, shape, required: true, summary }
}

macro_rules! places {
    ($($id:ident $name:literal [$($key:expr),* $(,)?] [$(($wrong:literal, $right:literal)),* $(,)?];)*) => {
        $(#[doc = concat!("The keys of ", $name, ".")] pub static $id: Place = Place {
            name: $name, keys: &[$($key),*], synonyms: &[$(($wrong, $right)),*],
        };)*
        /// Every place, outermost first.
        pub static PLACES: &[&Place] = &[$(&$id),*];
    };
}

use Shape::Place as In;
use Shape::{
    Binder, Boolean, Count, Data, Expression, Expressions, Measure, Name, NamePairs, NamedData,
    NamedExpressions, NamedLists, NamedPlaces, NamedTypes, Names, OneOf, Parameters, Places, Template, Text,
    Texts, Type,
};

places! {
    MODULE "a module" [
        optional("anrf", Name, "version of the language, `\"1\"`"),
        optional("module", Name, "the module's name"),
        optional("intent", OneOf(&[Text, In(&INTENT)]), "what the module is for"),
        optional("types", NamedPlaces(&TYPE), "types shared by the functions"),
        optional("machines", NamedPlaces(&MACHINE), "state machines"),
        optional("state", NamedPlaces(&STATE), "variables that the host keeps between calls"),
        optional("invariants", Expressions, "conditions over the state"),
        optional("host", NamedPlaces(&HOST), "host operations that the functions may invoke"),
        required("functions", Places(&FUNCTION), "the functions"),
    ] [("version", "anrf"), ("name", "module"), ("nodes", "functions"), ("operations", "host"), ("description", "intent")];

    FUNCTION "a function" [
        required("node_id", Name, "name in snake_case, with an optional version"),
        optional("type", Name, "the kind of function"),
        optional("intent", OneOf(&[Text, In(&INTENT)]), "what was asked"),
        optional("metadata", In(&METADATA), "author, date, dependencies, tags"),
        optional("types", NamedPlaces(&TYPE), "types, visible in the whole module"),
        optional("inputs", NamedPlaces(&INPUT), "name and type of each input"),
        optional("outputs", In(&OUTPUTS), "fields of success, and the declared errors"),
        optional("state", OneOf(&[Names, NamedPlaces(&STATE)]), "variables of the module it uses, or its own"),
        optional("contracts", In(&CONTRACTS), "preconditions, postconditions, invariants"),
        optional("decreases", Measure, "a measure that falls with each recursive call"),
        optional("examples", Places(&EXAMPLE), "executable examples"),
        required("flow", Places(&STEP), "the steps"),
        optional("uses", Names, "imports: name@version or hash"),
        optional("performance", In(&PERFORMANCE), "limits of a run"),
        optional("security", In(&SECURITY), "capabilities and sensitivity"),
    ] [("id", "node_id"), ("name", "node_id"), ("function", "node_id"), ("kind", "type"), ("steps", "flow"), ("body", "flow"),
       ("output", "outputs"), ("returns", "outputs"), ("result", "outputs"), ("input", "inputs"), ("params", "inputs"),
       ("parameters", "inputs"), ("arguments", "inputs"), ("contract", "contracts"), ("tests", "examples"), ("imports", "uses")];

    INTENT "an intent" [
        optional("text", Text, "the sentence"),
        optional("goals", Texts, "what it is for"),
        optional("constraints", OneOf(&[Texts, Places(&INTENT_CONSTRAINT)]), "what must hold"),
        optional("entities", Texts, "what it speaks of"),
        optional("domain", Text, "the field it belongs to"),
    ] [("summary", "text"), ("description", "text")];

    INTENT_CONSTRAINT "a constraint of an intent" [
        required("text", Text, "in prose"),
        optional("tag", Text, "a short label"),
        optional("formal", Expression, "the contract expression that states it"),
    ] [];

    METADATA "metadata" [
        optional("author", Text, "who is responsible"),
        optional("created", Name, "an RFC 3339 instant"),
        optional("dependencies", Names, "as `uses`"),
        optional("tags", Texts, "labels"),
    ] [];

    TYPE "a type" [
        optional("fields", NamedTypes, "the fields of a record"),
        optional("cases", NamedData, "the cases of a variant, each with its fields"),
        optional("constraints", Expressions, "conditions over the fields that every value meets"),
        optional("type", Type, "another name for a type"),
    ] [("variants", "cases"), ("properties", "fields")];

    MACHINE "a machine" [
        required("states", Names, "the states, which are also an enum"),
        optional("initial", Name, "the state a variable starts in"),
        optional("transitions", NamePairs, "the moves: pairs of states"),
    ] [];

    STATE "a state variable" [
        required("type", Type, "its type"),
        optional("initial", Data, "its first value"),
        optional("constraints", Expressions, "conditions that hold between calls"),
    ] [("default", "initial"), ("value", "initial")];

    INPUT "an input" [
        required("type", Type, "its type"),
        optional("constraints", Expressions, "conditions that hold on entry"),
        optional("required", Boolean, "`false` where it may be left out"),
        optional("default", Data, "the value where it is left out"),
    ] [("constraint", "constraints"), ("initial", "default")];

    OUTPUTS "outputs" [
        optional("success", NamedTypes, "the fields of the result"),
        optional("error", In(&ERROR), "the declared errors"),
    ] [("errors", "error"), ("failure", "error"), ("result", "success"), ("ok", "success")];

    ERROR "an error" [
        required("error_code", Type, "an enum of the codes"),
        optional("message", Type, "`string`"),
    ] [("code", "error_code"), ("codes", "error_code")];

    CONTRACTS "contracts" [
        optional("preconditions", Expressions, "what a caller guarantees"),
        optional("postconditions", Expressions, "what holds on every exit"),
        optional("invariants", Expressions, "what holds on entry and on every exit"),
    ] [("requires", "preconditions"), ("ensures", "postconditions"), ("pre", "preconditions"), ("post", "postconditions")];

    HOST "a host operation" [
        optional("capability", Name, "what must be granted to invoke it"),
        optional("inputs", NamedPlaces(&INPUT), "name and type of each input"),
        optional("outputs", In(&OUTPUTS), "fields of success, and the declared errors"),
        optional("contracts", In(&CONTRACTS), "what callers prove, and what is checked on return"),
        optional("idempotent", Boolean, "whether it may be retried"),
    ] [("output", "outputs"), ("input", "inputs"), ("contract", "contracts")];

    EXAMPLE "an example" [
        optional("inputs", NamedData, "the inputs"),
        optional("state", NamedData, "the state before"),
        optional("host", NamedLists(&ANSWER), "the answers of host operations, in order"),
        optional("success", NamedData, "the fields of the expected result that are compared"),
        optional("error", In(&EXPECTED_ERROR), "the expected error"),
        optional("fault", Name, "the kind of the expected fault"),
        optional("state_after", NamedData, "the variables after it that are compared"),
    ] [("input", "inputs"), ("output", "success"), ("outputs", "success"), ("expected", "success"), ("result", "success"),
       ("failure", "error")];

    ANSWER "an answer" [
        optional("success", NamedData, "the fields of the result"),
        optional("error", In(&EXPECTED_ERROR), "the error"),
    ] [("failure", "error")];

    EXPECTED_ERROR "an expected error" [
        optional("error_code", Name, "the code"),
        optional("message", Text, "the message"),
    ] [("code", "error_code")];

    STEP "a step" [
        required("step", Name, "its name"),
        required("operation", Name, "what it does"),
        optional("ghost", Boolean, "`true` on a `compute` that only contracts read"),
        optional("when", Expression, "skip the step unless it holds"),
        optional("guards", Places(&GUARD), "conditions that are looked at before it"),
        optional("parameters", Parameters, "what the operation takes"),
        optional("error_handling", In(&ERROR_HANDLING), "retry, fallback, compensation"),
    ] [("name", "step"), ("id", "step"), ("op", "operation"), ("action", "operation"), ("type", "operation"), ("params", "parameters"),
       ("args", "parameters"), ("with", "parameters"), ("if", "when"), ("condition", "when")];

    GUARD "a guard" [
        required("fail_when", Expression, "the error is taken when it holds"),
        required("fail", Name, "a declared error"),
        optional("message", Template, "its message"),
    ] [("when", "fail_when"), ("error_code", "fail")];

    ERROR_HANDLING "error handling" [
        optional("retry", In(&RETRY), "try a host operation again"),
        optional("fallback", NamedExpressions, "what is bound where an error is declared but not handled"),
        optional("compensate", Places(&STEP), "steps that undo it when a later one fails"),
    ] [];

    RETRY "a retry" [
        required("times", Count, "how often after the first attempt"),
        optional("backoff_ms", Count, "milliseconds between attempts"),
    ] [("max_attempts", "times"), ("count", "times"), ("backoff", "backoff_ms")];

    REQUIRE "`require`" [
        required("condition", Expression, "what has to hold"),
        optional("fail", Name, "the declared error that is taken otherwise"),
        optional("message", Template, "its message"),
    ] [("error_code", "fail"), ("error", "fail"), ("when", "condition"), ("code", "fail")];

    ASSERT "`assert`" [
        required("condition", Expression, "what holds"),
    ] [];

    CHOOSE "`choose`" [
        required("cases", Places(&CASE), "the branches"),
        optional("else", Places(&STEP), "the steps where no case is taken"),
    ] [("default", "else"), ("otherwise", "else"), ("branches", "cases")];

    CASE "a case" [
        required("when", Expression, "the condition"),
        required("do", Places(&STEP), "the steps"),
    ] [("if", "when"), ("condition", "when"), ("then", "do"), ("steps", "do")];

    LOOP "`loop`" [
        optional("state", NamedPlaces(&LOOP_STATE), "names and their initial values"),
        optional("for", Binder, "the range or collection it goes over"),
        optional("while", Expression, "it goes on while this holds"),
        optional("invariants", Expressions, "what holds at its head"),
        optional("decreases", Measure, "a measure that falls with each iteration"),
        required("do", Places(&STEP), "the steps"),
    ] [("steps", "do"), ("body", "do"), ("invariant", "invariants"), ("each", "for"), ("until", "while")];

    LOOP_STATE "a loop variable" [
        optional("type", Type, "its type"),
        required("initial", Expression, "its first value"),
    ] [("value", "initial"), ("init", "initial")];

    CALL "`call`" [
        optional("function", Name, "the function"),
        optional("arguments", NamedExpressions, "its inputs"),
        optional("bind", Name, "names the success record"),
        optional("on_error", NamedLists(&STEP), "what to do on which error"),
    ] [("name", "function"), ("node", "function"), ("inputs", "arguments"), ("args", "arguments"), ("parameters", "arguments"),
       ("as", "bind"), ("result", "bind"), ("into", "bind")];

    INVOKE "`invoke`" [
        optional("host", Name, "the host operation"),
        optional("arguments", NamedExpressions, "its inputs"),
        optional("bind", Name, "names the success record"),
        optional("on_error", NamedLists(&STEP), "what to do on which error"),
    ] [("operation", "host"), ("function", "host"), ("inputs", "arguments"), ("args", "arguments"), ("as", "bind"), ("result", "bind")];

    TRANSITION "`transition`" [
        required("on", Expression, "a state variable, or a field path in one"),
        optional("to", Name, "the state it moves to"),
        optional("bind", Name, "the new name, where `on` is any value"),
    ] [("variable", "on"), ("machine", "on"), ("state", "on")];

    LOG "`log`" [
        optional("level", Name, "debug, info, warning or error"),
        optional("message", Template, "the text"),
        optional("fields", NamedExpressions, "values that go with it"),
    ] [("text", "message"), ("data", "fields")];

    FAIL "`fail`" [
        optional("error_code", Name, "the declared error"),
        optional("message", Template, "its message"),
    ] [("fail", "error_code"), ("code", "error_code"), ("error", "error_code")];

    PERFORMANCE "performance" [
        optional("expected_latency_ms", Count, "a run that takes longer is an event"),
        optional("memory_limit_mb", Count, "memory a run may use"),
        optional("timeout_seconds", Count, "time a run may take"),
        optional("idempotent", Boolean, "whether a second run changes nothing"),
    ] [];

    SECURITY "security" [
        optional("capabilities_required", Names, "what it and its callees need"),
        optional("denied_capabilities", Names, "what it never gets"),
        optional("sensitive_data", Boolean, "whether values are redacted in records"),
        optional("audit_level", Name, "none, basic or detailed"),
    ] [("capabilities", "capabilities_required")];
}

const fn operation(name: &'static str, parameters: Shape, summary: &'static str) -> OperationInfo {
    OperationInfo { name, parameters, summary }
}

/// The operations of steps.
pub static OPERATIONS: &[OperationInfo] = &[
    operation("require", In(&REQUIRE), "leave with a declared error unless the condition holds"),
    operation("compute", NamedExpressions, "bind names, in order"),
    operation("assert", In(&ASSERT), "fault unless the condition holds"),
    operation("choose", In(&CHOOSE), "branch"),
    operation("loop", In(&LOOP), "repeat"),
    operation("next", NamedExpressions, "go to the loop's head with new values"),
    operation("break", NamedExpressions, "leave the loop with new values"),
    operation("call", In(&CALL), "run a function of the module or an imported one"),
    operation("invoke", In(&INVOKE), "ask the host"),
    operation("update", NamedExpressions, "assign state variables"),
    operation("transition", In(&TRANSITION), "move a state machine"),
    operation("log", In(&LOG), "write a log entry"),
    operation("return", NamedExpressions, "leave with success"),
    operation("fail", In(&FAIL), "leave with a declared error"),
];

/// What other languages call an operation that takes the same parameters.
pub(super) static OPERATION_SYNONYMS: &[(&str, &str)] = &[
    ("let", "compute"),
    ("calculate", "compute"),
    ("bind", "compute"),
    ("validate", "require"),
    ("ensure", "require"),
    ("check", "require"),
    ("guard", "require"),
    ("if", "choose"),
    ("branch", "choose"),
    ("switch", "choose"),
    ("match", "choose"),
    ("conditional", "choose"),
    ("for", "loop"),
    ("while", "loop"),
    ("foreach", "loop"),
    ("for_each", "loop"),
    ("repeat", "loop"),
    ("iterate", "loop"),
    ("continue", "next"),
    ("raise", "fail"),
    ("throw", "fail"),
    ("error", "fail"),
    ("print", "log"),
    ("host", "invoke"),
    ("call_host", "invoke"),
    ("yield", "return"),
];
