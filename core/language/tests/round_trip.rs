//! What is printed reads back as the same tree, and no text makes the reader panic.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anrf_format::diagnostic::Span;
use anrf_language::printer::{self, Quote};
use anrf_language::syntax::expression::{
    Aggregate, Argument, Arm, BinaryOperator, Binder, ComprehensionHead, ExprId, ExpressionKind as E,
    Expressions, Name, Pattern, Quantifier, SortKey, UnaryOperator, Update,
};
use anrf_language::syntax::{parse_expression, parse_text};
use anrf_language::yaml::Limits;
use proptest::prelude::*;

/// A tree without places and ids, for comparison.
fn shape(expressions: &Expressions, id: ExprId) -> String {
    let text = format!("{:?}", expressions[id].kind);
    let mut result = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['E', 'S']) {
        result += &rest[..at];
        rest = &rest[at..];
        if let Some(number) = rest.strip_prefix("ExprId(") {
            let end = number.find(')').unwrap();
            result += &shape(expressions, ExprId(number[..end].parse().unwrap()));
            rest = &number[end + 1..];
        } else if let Some(span) = rest.strip_prefix("Span {") {
            rest = &span[span.find('}').unwrap() + 1..];
        } else {
            result += &rest[..1];
            rest = &rest[1..];
        }
    }
    result + rest
}

/// Builds a tree from a tape of choices.
struct Tape<'t> {
    choices: std::slice::Iter<'t, u8>,
    out: Expressions,
}

const NAMES: &[&str] = &["a", "b", "xs", "status", "count", "x1", "result", "by", "at", "min", "Open"];
const OPERATORS: &[BinaryOperator] = &[
    BinaryOperator::Iff,
    BinaryOperator::Implies,
    BinaryOperator::Or,
    BinaryOperator::And,
    BinaryOperator::Equal,
    BinaryOperator::Less,
    BinaryOperator::GreaterEqual,
    BinaryOperator::In,
    BinaryOperator::Contains,
    BinaryOperator::Add,
    BinaryOperator::Subtract,
    BinaryOperator::Concat,
    BinaryOperator::Multiply,
    BinaryOperator::Divide,
    BinaryOperator::Remainder,
];
const COMPARISONS: &[BinaryOperator] = &[
    BinaryOperator::Less,
    BinaryOperator::LessEqual,
    BinaryOperator::Equal,
    BinaryOperator::NotEqual,
    BinaryOperator::In,
];
const TEXTS: &[&str] = &["", "it's", "say \"x\"", "a\\b\n\t\0\r", "ä😀", "{x}", "\u{7f}\u{2028}"];

impl Tape<'_> {
    fn choose(&mut self, below: u8) -> u8 {
        self.choices.next().map_or(0, |choice| choice % below)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::from(self.choose(u8::try_from(from.len()).unwrap()))]
    }

    fn push(&mut self, kind: E) -> ExprId {
        self.out.push(kind, Span::default())
    }

    fn name(&mut self) -> Name {
        Name { text: self.pick(NAMES).to_owned(), span: Span::default() }
    }

    fn several(&mut self, least: u8, depth: u32) -> Vec<ExprId> {
        (0..least + self.choose(3)).map(|_| self.any(depth)).collect()
    }

    fn binder(&mut self, depth: u32) -> Binder {
        let name = self.name();
        let index = (self.choose(4) == 1).then(|| self.name());
        let domain = if self.choose(2) == 0 {
            self.any(depth)
        } else {
            let (low, high) = (self.any(depth), self.any(depth));
            self.push(E::Range(low, high))
        };
        Binder { name, index, domain }
    }

    fn binders(&mut self, depth: u32) -> Vec<Binder> {
        (0..1 + self.choose(2)).map(|_| self.binder(depth)).collect()
    }

    fn fields(&mut self, depth: u32) -> Vec<(Name, ExprId)> {
        (0..self.choose(3)).map(|_| (self.name(), self.any(depth))).collect()
    }

    fn leaf(&mut self) -> ExprId {
        let kind = match self.choose(9) {
            0 => E::Name(self.name().text),
            1 => E::Integer(self.pick(&["0", "42", "9223372036854775808"]).to_owned()),
            2 => E::Decimal(self.pick(&["0.5", "3.140", "10.0"]).to_owned()),
            3 => E::String(self.pick(TEXTS).to_owned()),
            4 => E::Bytes(vec![0, 255, self.choose(255)]),
            5 => E::Timestamp("2026-01-08T14:23:15Z".to_owned()),
            6 => E::Boolean(self.choose(2) == 0),
            7 => E::None,
            _ => E::Map(vec![]),
        };
        self.push(kind)
    }

    fn any(&mut self, depth: u32) -> ExprId {
        if depth == 0 {
            return self.leaf();
        }
        let below = depth - 1;
        let kind = match self.choose(30) {
            0..=5 => {
                let operator = self.pick(OPERATORS);
                E::Binary(operator, self.any(below), self.any(below))
            }
            6 => E::Unary(UnaryOperator::Not, self.any(below)),
            7 => E::Unary(UnaryOperator::Negate, self.any(below)),
            8 => {
                let first = self.any(below);
                let links =
                    (0..2 + self.choose(2)).map(|_| (self.pick(COMPARISONS), self.any(below))).collect();
                E::Chain(first, links)
            }
            9 => E::Field(self.any(below), self.name()),
            10 => E::Index(self.any(below), self.any(below)),
            11 => E::Slice(self.any(below), self.any(below), self.any(below)),
            12 => {
                let callee = Name {
                    text: self.pick(&["f", "LEN", "old", "to_string", "my_sum"]).into(),
                    span: Span::default(),
                };
                let arguments = (0..self.choose(3))
                    .map(|_| Argument {
                        name: (self.choose(3) == 1).then(|| self.name()),
                        value: self.any(below),
                    })
                    .collect();
                E::Call { callee, arguments }
            }
            13 => E::Some(self.any(below)),
            14 => E::Array(self.several(0, below)),
            15 => E::Set(self.several(0, below)),
            16 => E::Map((0..1 + self.choose(2)).map(|_| (self.any(below), self.any(below))).collect()),
            17 => E::Construct { name: self.name(), fields: self.fields(below) },
            18 => {
                let base = self.any(below);
                let fields = self.fields(below);
                E::With(base, fields.into_iter().map(|(name, value)| Update::Field(name, value)).collect())
            }
            19 => {
                let base = self.any(below);
                let updates = (0..1 + self.choose(2))
                    .map(|_| Update::Index(self.any(below), self.any(below)))
                    .collect();
                E::With(base, updates)
            }
            20 => E::With(self.any(below), vec![Update::Element(self.any(below))]),
            21 => E::Without(self.any(below), self.any(below)),
            22 => E::If(self.any(below), self.any(below), self.any(below)),
            23 => E::Let(self.name(), self.any(below), self.any(below)),
            24 => {
                let scrutinee = self.any(below);
                let arms = (0..1 + self.choose(3))
                    .map(|_| {
                        let pattern = match self.choose(4) {
                            0 => Pattern::None(Span::default()),
                            1 => Pattern::Some(self.name()),
                            2 => Pattern::Case(self.name(), vec![]),
                            _ => {
                                let field = self.name();
                                Pattern::Case(
                                    self.name(),
                                    vec![(field.clone(), field), (self.name(), self.name())],
                                )
                            }
                        };
                        Arm { pattern, body: self.any(below), span: Span::default() }
                    })
                    .collect();
                E::Match(scrutinee, arms)
            }
            25 => {
                let quantifier = self.pick(&[Quantifier::Forall, Quantifier::Exists]);
                E::Quantifier(quantifier, self.binders(below), self.any(below))
            }
            26 | 27 => {
                let head = match self.choose(3) {
                    0 => ComprehensionHead::Array(self.any(below)),
                    1 => ComprehensionHead::Set(self.any(below)),
                    _ => ComprehensionHead::Map(self.any(below), self.any(below)),
                };
                let binders = self.binders(below);
                let filter = (self.choose(2) == 0).then(|| self.any(below));
                E::Comprehension(head, binders, filter)
            }
            28 => {
                let aggregate = self.pick(&[Aggregate::Sum, Aggregate::Min, Aggregate::Any, Aggregate::Find]);
                let element = self.any(below);
                let binders = self.binders(below);
                let filter = (self.choose(2) == 0).then(|| self.any(below));
                E::Aggregate(aggregate, element, binders, filter)
            }
            _ => {
                let binder = self.binder(below);
                let keys = (0..1 + self.choose(2))
                    .map(|_| SortKey { key: self.any(below), descending: self.choose(2) == 0 })
                    .collect();
                E::SortBy(binder, keys)
            }
        };
        self.push(kind)
    }
}

fn read(text: &str) -> (Expressions, ExprId, Vec<String>) {
    let mut expressions = Expressions::default();
    let mut diagnostics = vec![];
    let id = parse_expression(text, |at| u32::try_from(at).unwrap(), &mut expressions, &mut diagnostics);
    (expressions, id, diagnostics.into_iter().map(|it| it.message).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn printed_expressions_read_back(choices in prop::collection::vec(any::<u8>(), 0..200), single in any::<bool>()) {
        let mut tape = Tape { choices: choices.iter(), out: Expressions::default() };
        let id = tape.any(5);
        let quote = if single { Quote::Single } else { Quote::Double };
        let text = printer::expression(&tape.out, id, quote);
        let (read, again, messages) = read(&text);
        prop_assert!(messages.is_empty(), "{text}\n{messages:?}");
        prop_assert_eq!(shape(&tape.out, id), shape(&read, again), "{}", text);
        prop_assert_eq!(printer::expression(&read, again, quote), text);
    }

    #[test]
    fn no_text_makes_the_expression_parser_panic(text in "[ -~\\n“é≤]{0,60}") {
        read(&text);
    }

    #[test]
    fn no_soup_of_tokens_makes_the_expression_parser_panic(
        words in prop::collection::vec(prop::sample::select(SOUP), 0..30)
    ) {
        let (expressions, id, messages) = read(&words.join(" "));
        // An error node never stands without a word about it.
        let mut broken = false;
        expressions.for_each_below(id, |_, node| broken |= matches!(node.kind, E::Error));
        prop_assert!(!broken || !messages.is_empty());
    }

    #[test]
    fn no_file_makes_the_reader_panic(lines in prop::collection::vec(prop::sample::select(LINES), 0..20)) {
        let _ = parse_text(&lines.join("\n"), &Limits::default());
    }
}

const SOUP: &[&str] = &[
    "a",
    "xs",
    "1",
    "2.5",
    "'t'",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "..",
    ".",
    "+",
    "++",
    "-",
    "*",
    "/",
    "//",
    "**",
    "%",
    "=",
    "==",
    "<",
    "=>",
    "->",
    "?",
    "!",
    "&&",
    "IF",
    "THEN",
    "ELSE",
    "LET",
    "IN",
    "MATCH",
    "SOME",
    "NONE",
    "FOR",
    "FORALL",
    "WITH",
    "WITHOUT",
    "NOT",
    "AND",
    "IMPLIES",
    "SUM(",
    "SORT(",
    "BY",
    "AT",
    "DESC",
    "SET",
    "SET[",
    "f(",
    "is",
    "not",
    "if",
    "else",
    "elif",
    "lambda",
    "case",
    "when",
    "range(",
    "enumerate(",
    "...",
    "::",
    ";",
    "f\"{x}\"",
    "null",
    "True",
    "mod",
    "between",
    "like",
    "\"",
    "${",
    "1,000",
    "t\"2026-01-08T14:23:15Z\"",
    "b'0'",
    ".len()",
    ".map(",
    "of",
    "where",
    "_",
];

const LINES: &[&str] = &[
    "node_id: f_v1",
    "type: algorithm",
    "intent: x",
    "inputs:",
    "  x: { type: integer }",
    "  x: integer",
    "  - x",
    "  - { name: x, type: T }",
    "outputs:",
    "  success: { y: integer }",
    "  y: integer",
    "  error: { error_code: [a, b] }",
    "flow:",
    "  - step: a",
    "    operation: compute",
    "    operation: loop",
    "    operation: choose",
    "    operation: call",
    "    parameters:",
    "    parameters: { x: [1, 2] }",
    "      do:",
    "      cases:",
    "        - when: a",
    "        - step: b",
    "          operation: return",
    "  step: a",
    "functions:",
    "  - node_id: g",
    "types:",
    "  T: { fields: { a: b } }",
    "  T: [a]",
    "state: [a]",
    "state: { a: { type: integer, initial: 0 } }",
    "machines:",
    "  M: { states: [a], transitions: [[a], a -> b, {from: a}] }",
    "examples:",
    "  - inputs: [1]",
    "    host: { h: [{ error: a }, 1] }",
    "contracts: [a]",
    "contracts: { preconditions: a b }",
    "decreases: [a, b]",
    "host: { h: { outputs: 1 } }",
    "anrf: 2",
    "metadata: x",
    "performance: { timeout_seconds: -1 }",
    "security: { sensitive_data: yes }",
    "uses: a",
    "",
    "# comment",
    "  ",
    "? x",
    "- a",
    "&a b",
    "x",
];
