//! The file as written: what the reader makes of the YAML tree. Scalars that hold expressions are parsed;
//! names are not resolved, types not checked. `Option` where a key was left out.

use anrf_format::diagnostic::Span;

use super::expression::{ExprId, Expressions, Name};
use crate::yaml::NodeId;

/// One `.vsp` file.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// `anrf:`, the format version.
    pub version: Option<Name>,
    /// `module:`, or the node's name where the file is a single function.
    pub name: Option<Name>,
    /// True where the top level has `node_id`.
    pub single_function: bool,
    /// The module's own `intent`.
    pub intent: Option<Intent>,
    /// `types:`, in written order.
    pub types: Vec<TypeDefinition>,
    /// `machines:`.
    pub machines: Vec<Machine>,
    /// `state:`.
    pub state: Vec<StateVariable>,
    /// `invariants:`.
    pub invariants: Vec<ExprId>,
    /// `host:`.
    pub host: Vec<HostOperation>,
    /// `functions:`.
    pub functions: Vec<Function>,
    /// Every expression of the file.
    pub expressions: Expressions,
}

/// A sentence, or a mapping with more.
#[derive(Clone, Debug, Default)]
pub struct Intent {
    /// The sentence.
    pub text: String,
    /// `goals`.
    pub goals: Vec<String>,
    /// `constraints`.
    pub constraints: Vec<IntentConstraint>,
    /// `entities`.
    pub entities: Vec<String>,
    /// `domain`.
    pub domain: Option<String>,
    /// Where.
    pub span: Span,
}

/// One constraint of an intent.
#[derive(Clone, Debug)]
pub struct IntentConstraint {
    /// In prose.
    pub text: String,
    /// A short label.
    pub tag: Option<String>,
    /// As a contract expression.
    pub formal: Option<ExprId>,
    /// Where.
    pub span: Span,
}

/// A type as written.
#[derive(Clone, Debug)]
pub struct TypeExpression {
    /// What.
    pub kind: TypeExpressionKind,
    /// Where.
    pub span: Span,
}

/// The forms of a type.
#[derive(Clone, Debug)]
pub enum TypeExpressionKind {
    /// Unreadable; reported already.
    Error,
    /// `integer`, `Account`.
    Name(String),
    /// `optional<T>`, `array<T>`, `map<K,V>`, `set<T>`: the constructor and its arguments.
    Generic(Name, Vec<TypeExpression>),
    /// `enum[a, b]`.
    Enum(Vec<Name>),
    /// `tensor<float, [n, m]>`: reserved.
    Tensor,
}

/// An entry of `types:`.
#[derive(Clone, Debug)]
pub struct TypeDefinition {
    /// The name.
    pub name: Name,
    /// The definition.
    pub kind: TypeDefinitionKind,
    /// `constraints`.
    pub constraints: Vec<ExprId>,
}

/// What a type definition gives.
#[derive(Clone, Debug)]
pub enum TypeDefinitionKind {
    /// `Cents: integer`.
    Alias(TypeExpression),
    /// `{ fields: ... }`.
    Record(Vec<Field>),
    /// `{ cases: ... }`.
    Variant(Vec<(Name, Vec<Field>)>),
}

/// A named and typed field.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name.
    pub name: Name,
    /// The type.
    pub type_expression: TypeExpression,
}

/// An entry of `machines:`.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The name, also of its enum type.
    pub name: Name,
    /// `states`.
    pub states: Vec<Name>,
    /// `initial`.
    pub initial: Option<Name>,
    /// `transitions`.
    pub transitions: Vec<(Name, Name)>,
}

/// An entry of `state:`.
#[derive(Clone, Debug)]
pub struct StateVariable {
    /// The name.
    pub name: Name,
    /// `type`.
    pub type_expression: TypeExpression,
    /// `initial`: data.
    pub initial: Option<NodeId>,
    /// `constraints`.
    pub constraints: Vec<ExprId>,
}

/// An entry of `host:`.
#[derive(Clone, Debug)]
pub struct HostOperation {
    /// The name.
    pub name: Name,
    /// `capability`.
    pub capability: Option<Name>,
    /// `inputs`.
    pub inputs: Vec<Input>,
    /// `outputs`.
    pub outputs: Outputs,
    /// `contracts`.
    pub contract: Contract,
    /// `idempotent`.
    pub idempotent: bool,
}

/// One of a function's inputs.
#[derive(Clone, Debug)]
pub struct Input {
    /// The name.
    pub name: Name,
    /// The type.
    pub type_expression: TypeExpression,
    /// `constraints`.
    pub constraints: Vec<ExprId>,
    /// `required`, TRUE where left out.
    pub required: bool,
    /// `default`: data.
    pub default: Option<NodeId>,
}

/// `outputs:`.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    /// `success` fields.
    pub success: Vec<Field>,
    /// What stands under `success` could not be read, which was said: any field may be meant.
    pub unreadable: bool,
    /// The symbols of `error.error_code`.
    pub error_codes: Vec<Name>,
    /// The whole of `error`, if declared.
    pub error: Option<Span>,
    /// Where `outputs` stands.
    pub span: Span,
}

/// `contracts:`.
#[derive(Clone, Debug, Default)]
pub struct Contract {
    /// `preconditions`.
    pub preconditions: Vec<ExprId>,
    /// `postconditions`.
    pub postconditions: Vec<ExprId>,
    /// `invariants`.
    pub invariants: Vec<ExprId>,
}

/// One function.
#[derive(Clone, Debug)]
pub struct Function {
    /// `node_id`.
    pub node_id: Name,
    /// `type`.
    pub kind: Option<Name>,
    /// `intent`.
    pub intent: Option<Intent>,
    /// `metadata`.
    pub metadata: Metadata,
    /// `types` of the node (visible in the whole module).
    pub types: Vec<TypeDefinition>,
    /// `inputs`.
    pub inputs: Vec<Input>,
    /// `outputs`.
    pub outputs: Outputs,
    /// `contracts`.
    pub contract: Contract,
    /// `state: [names]`.
    pub uses_state: Vec<Name>,
    /// `state: {...}`: its own variables.
    pub own_state: Vec<StateVariable>,
    /// `decreases`.
    pub decreases: Vec<ExprId>,
    /// `uses`.
    pub uses: Vec<Name>,
    /// `examples`.
    pub examples: Vec<Example>,
    /// `flow`.
    pub flow: Vec<Step>,
    /// `performance`.
    pub performance: Performance,
    /// `security`.
    pub security: Security,
    /// The whole function.
    pub span: Span,
}

/// `metadata:`.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// `author`.
    pub author: Option<String>,
    /// `created`, RFC 3339.
    pub created: Option<Name>,
    /// `dependencies`: as `uses`.
    pub dependencies: Vec<Name>,
    /// `tags`.
    pub tags: Vec<String>,
}

/// `performance:`.
#[derive(Clone, Debug, Default)]
pub struct Performance {
    /// `expected_latency_ms`.
    pub expected_latency_ms: Option<u64>,
    /// `memory_limit_mb`.
    pub memory_limit_mb: Option<u64>,
    /// `timeout_seconds`.
    pub timeout_seconds: Option<u64>,
    /// `idempotent`.
    pub idempotent: Option<bool>,
}

/// `security:`.
#[derive(Clone, Debug, Default)]
pub struct Security {
    /// `capabilities_required`.
    pub capabilities_required: Vec<Name>,
    /// `denied_capabilities`.
    pub denied_capabilities: Vec<Name>,
    /// `sensitive_data`.
    pub sensitive_data: bool,
    /// `audit_level`: none, basic or detailed.
    pub audit_level: Option<Name>,
}

/// One entry of `examples:`; values are data, read when the types are known.
#[derive(Clone, Debug)]
pub struct Example {
    /// `inputs`: name and data.
    pub inputs: Vec<(Name, NodeId)>,
    /// `state`.
    pub state: Option<Vec<(Name, NodeId)>>,
    /// `state_after`.
    pub state_after: Option<Vec<(Name, NodeId)>>,
    /// `host`: operation and its answers.
    pub host: Vec<(Name, Vec<ExampleAnswer>)>,
    /// What is expected.
    pub expected: Option<ExampleExpected>,
    /// Where.
    pub span: Span,
}

/// A scripted answer of a host operation.
#[derive(Clone, Debug)]
pub enum ExampleAnswer {
    /// `{ success: {...} }`.
    Success(Vec<(Name, NodeId)>),
    /// `{ error: { error_code, message } }`.
    Error(Name, Option<String>),
}

/// What an example expects.
#[derive(Clone, Debug)]
pub enum ExampleExpected {
    /// Only the listed fields are compared.
    Success(Vec<(Name, NodeId)>),
    /// `error_code`, and `message` if listed.
    Error(Option<Name>, Option<String>),
    /// The kind of a fault.
    Fault(Name),
}

/// One step of a flow.
#[derive(Clone, Debug)]
pub struct Step {
    /// `step`.
    pub name: Name,
    /// `when`.
    pub when: Option<ExprId>,
    /// `guards`.
    pub guards: Vec<Guard>,
    /// `operation` and `parameters`.
    pub operation: Operation,
    /// `error_handling`.
    pub handling: Option<ErrorHandling>,
    /// The whole step.
    pub span: Span,
}

/// `{ fail_when, fail, message }`.
#[derive(Clone, Debug)]
pub struct Guard {
    /// `fail_when`.
    pub fail_when: ExprId,
    /// `fail`.
    pub fail: Name,
    /// `message`.
    pub message: Option<Template>,
    /// Where.
    pub span: Span,
}

/// `error_handling`.
#[derive(Clone, Debug)]
pub struct ErrorHandling {
    /// `retry`: times and backoff in milliseconds.
    pub retry: Option<(u32, u64, Span)>,
    /// `fallback`.
    pub fallback: Option<(Vec<(Name, ExprId)>, Span)>,
    /// `compensate`.
    pub compensate: Option<(Vec<Step>, Span)>,
    /// Where.
    pub span: Span,
}

/// A message with `{expr}` holes.
#[derive(Clone, Debug)]
pub struct Template {
    /// In order; text has `{{` and `}}` replaced.
    pub parts: Vec<TemplatePart>,
    /// Where.
    pub span: Span,
}

/// A piece of a message.
#[derive(Clone, Debug)]
pub enum TemplatePart {
    /// Itself.
    Text(String),
    /// A hole.
    Expression(ExprId),
}

/// What a step does (language reference, "Steps").
#[derive(Clone, Debug)]
pub enum Operation {
    /// Unreadable or unknown; reported already.
    Error,
    /// `require`.
    Require {
        /// What has to hold.
        condition: ExprId,
        /// The declared error.
        fail: Option<Name>,
        /// Its message.
        message: Option<Template>,
    },
    /// `compute`, in text order; `ghost: true` on the step.
    Compute {
        /// Names and values.
        bindings: Vec<(Name, ExprId)>,
        /// Contract code.
        ghost: bool,
    },
    /// `assert`.
    Assert {
        /// What has to hold.
        condition: ExprId,
    },
    /// `choose`.
    Choose {
        /// In order.
        cases: Vec<Case>,
        /// `else`.
        otherwise: Option<Vec<Step>>,
    },
    /// `loop`.
    Loop(Loop),
    /// `next`.
    Next(Vec<(Name, ExprId)>),
    /// `break`.
    Break(Vec<(Name, ExprId)>),
    /// `call`.
    Call(Call),
    /// `invoke`.
    Invoke(Call),
    /// `update`.
    Update(Vec<(Name, ExprId)>),
    /// `transition`.
    Transition {
        /// `on`.
        on: ExprId,
        /// `to`.
        to: Option<Name>,
        /// `bind`.
        bind: Option<Name>,
    },
    /// `log`; the level as written.
    Log {
        /// As written.
        level: Option<Name>,
        /// Its message.
        message: Option<Template>,
        /// Values that go with it.
        fields: Vec<(Name, ExprId)>,
    },
    /// `return`.
    Return(Vec<(Name, ExprId)>),
    /// `fail`.
    Fail {
        /// The declared error.
        error_code: Option<Name>,
        /// Its message.
        message: Option<Template>,
    },
}

/// One case of `choose`.
#[derive(Clone, Debug)]
pub struct Case {
    /// `when`.
    pub when: ExprId,
    /// `do`.
    pub steps: Vec<Step>,
    /// Where.
    pub span: Span,
}

/// `loop`.
#[derive(Clone, Debug)]
pub struct Loop {
    /// `state`.
    pub state: Vec<LoopVariable>,
    /// `for` or `while`.
    pub head: Option<LoopHead>,
    /// `invariants`.
    pub invariants: Vec<ExprId>,
    /// `decreases`.
    pub decreases: Vec<ExprId>,
    /// `do`.
    pub steps: Vec<Step>,
}

/// A loop's state variable.
#[derive(Clone, Debug)]
pub struct LoopVariable {
    /// The name.
    pub name: Name,
    /// `type`, where the initial value alone does not give one.
    pub type_expression: Option<TypeExpression>,
    /// The initial value.
    pub initial: ExprId,
}

/// How a loop goes on.
#[derive(Clone, Debug)]
pub enum LoopHead {
    /// `for`.
    For(super::expression::Binder),
    /// `while`.
    While(ExprId),
}

/// `call` and `invoke`.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function or host operation.
    pub callee: Option<Name>,
    /// `arguments`, by name.
    pub arguments: Vec<(Name, ExprId)>,
    /// `bind`.
    pub bind: Option<Name>,
    /// `on_error`.
    pub on_error: Vec<(Name, Vec<Step>)>,
}
