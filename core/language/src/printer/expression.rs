//! The canonical text of an expression: upper-case keywords, one spelling of each operator, and no more
//! parentheses than the grammar or a reader needs. Reading it again gives the same tree.
//!
//! For the reader's sake alone there are parentheses around `IF` and the other forms that reach to the right
//! inside comparisons and arithmetic, around a comparison after `NOT`, and around `WITH` in a comparison.

use std::fmt::Write as _;

use crate::syntax::expression::{
    Aggregate, Argument, Arm, BinaryOperator, Binder, ComprehensionHead, ExprId, ExpressionKind, Expressions,
    Name, Pattern, Quantifier, UnaryOperator, Update,
};

/// The quotes of string literals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quote {
    /// `"text"`
    #[default]
    Double,
    /// `'text'`, which needs no escape inside YAML's double quotes.
    Single,
}

/// The canonical text of an expression.
#[must_use]
pub fn expression(expressions: &Expressions, id: ExprId, quote: Quote) -> String {
    let mut printer = Printer { expressions, quote, source: None, text: String::new() };
    printer.write(id, Level::Expression, BRACKET);
    printer.text
}

/// The same, with numbers grouped as they are in the source that the places of the nodes point into.
pub(super) fn expression_of(expressions: &Expressions, id: ExprId, quote: Quote, source: &str) -> String {
    let mut printer = Printer { expressions, quote, source: Some(source), text: String::new() };
    printer.write(id, Level::Expression, BRACKET);
    printer.text
}

/// The canonical text of a loop's head.
pub(super) fn binder(expressions: &Expressions, binder: &Binder, quote: Quote, source: &str) -> String {
    let mut printer = Printer { expressions, quote, source: Some(source), text: String::new() };
    printer.binder(binder);
    printer.text
}

/// How tightly a form binds, loosest first; see the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Expression,
    Iff,
    Implies,
    Or,
    And,
    Not,
    Comparison,
    Range,
    With,
    Sum,
    Product,
    Sign,
    Operand,
}

/// What surrounds an expression.
#[derive(Clone, Copy)]
struct Place {
    /// Nothing follows that a form reaching to the right could take.
    last: bool,
    /// A comma would end the expression.
    comma: bool,
}

const BRACKET: Place = Place { last: true, comma: false };
const ITEM: Place = Place { last: true, comma: true };

struct Printer<'a> {
    expressions: &'a Expressions,
    quote: Quote,
    /// Where numbers are looked up.
    source: Option<&'a str>,
    text: String,
}

fn operator(operator: BinaryOperator) -> (Level, &'static str) {
    use BinaryOperator as B;
    match operator {
        B::Iff => (Level::Iff, "IFF"),
        B::Implies => (Level::Implies, "IMPLIES"),
        B::Or => (Level::Or, "OR"),
        B::And => (Level::And, "AND"),
        B::Equal => (Level::Comparison, "=="),
        B::NotEqual => (Level::Comparison, "!="),
        B::Less => (Level::Comparison, "<"),
        B::LessEqual => (Level::Comparison, "<="),
        B::Greater => (Level::Comparison, ">"),
        B::GreaterEqual => (Level::Comparison, ">="),
        B::In => (Level::Comparison, "IN"),
        B::Contains => (Level::Comparison, "CONTAINS"),
        B::Add => (Level::Sum, "+"),
        B::Subtract => (Level::Sum, "-"),
        B::Concat => (Level::Sum, "++"),
        B::Multiply => (Level::Product, "*"),
        B::Divide => (Level::Product, "/"),
        B::Remainder => (Level::Product, "%"),
    }
}

fn above(level: Level) -> Level {
    match level {
        Level::Expression => Level::Iff,
        Level::Iff => Level::Implies,
        Level::Implies => Level::Or,
        Level::Or => Level::And,
        Level::And => Level::Not,
        Level::Not => Level::Comparison,
        Level::Comparison => Level::Range,
        Level::Range => Level::With,
        Level::With => Level::Sum,
        Level::Sum => Level::Product,
        Level::Product => Level::Sign,
        Level::Sign | Level::Operand => Level::Operand,
    }
}

impl Printer<'_> {
    fn kind(&self, id: ExprId) -> &ExpressionKind {
        self.expressions.nodes.get(id.0 as usize).map_or(&ExpressionKind::Error, |node| &node.kind)
    }

    fn level(&self, id: ExprId, place: Place) -> Level {
        use ExpressionKind as E;
        match self.kind(id) {
            E::Binary(binary, ..) => operator(*binary).0,
            E::Chain(..) => Level::Comparison,
            E::Unary(UnaryOperator::Not, _) => Level::Not,
            E::Unary(UnaryOperator::Negate, _) => Level::Sign,
            E::Range(..) => Level::Range,
            E::With(_, updates) if updates.len() > 1 && place.comma && !is_fields(updates) => {
                Level::Expression
            }
            E::With(..) | E::Without(..) => Level::With,
            // These stand where an operand may, but take all that follows.
            E::If(..) | E::Let(..) | E::Quantifier(..) => {
                if place.last {
                    Level::Operand
                } else {
                    Level::Expression
                }
            }
            _ => Level::Operand,
        }
    }

    /// Writes an expression, in parentheses if it binds more loosely than `least` demands.
    fn write(&mut self, id: ExprId, least: Level, place: Place) {
        let several = matches!(self.kind(id), ExpressionKind::With(_, updates) if updates.len() > 1 && place.comma && !is_fields(updates));
        if several || self.level(id, place) < least {
            self.grouped(id);
        } else {
            self.bare(id, place);
        }
    }

    fn grouped(&mut self, id: ExprId) {
        self.text.push('(');
        self.bare(id, BRACKET);
        self.text.push(')');
    }

    fn bare(&mut self, id: ExprId, place: Place) {
        use ExpressionKind as E;
        let expressions = self.expressions;
        let Some(node) = expressions.nodes.get(id.0 as usize) else { return };
        match &node.kind {
            E::Error => self.text.push_str("<error>"),
            E::Integer(digits) | E::Decimal(digits) => {
                let written = self.source.and_then(|source| source.get(node.span.range()));
                let grouped = written.filter(|text| text.contains('_') && text.replace('_', "") == *digits);
                self.text.push_str(grouped.unwrap_or(digits));
            }
            E::String(text) => self.string(text),
            E::Bytes(bytes) => self.bytes(bytes),
            E::Timestamp(text) => {
                self.text.push('t');
                self.string(text);
            }
            E::Boolean(value) => self.text.push_str(if *value { "TRUE" } else { "FALSE" }),
            E::None => self.text.push_str("NONE"),
            E::Name(name) => self.text.push_str(name),
            E::Some(inner) => {
                self.text.push_str("SOME(");
                self.write(*inner, Level::Expression, ITEM);
                self.text.push(')');
            }
            E::Array(items) => self.list("[", items, "]"),
            E::Set(items) => self.list("SET[", items, "]"),
            E::Map(entries) => self.map(entries),
            E::Construct { name, fields } => {
                self.text.push_str(&name.text);
                self.text.push(' ');
                self.fields(fields.iter().map(|(name, value)| (name, *value)));
            }
            E::Field(base, name) => {
                self.write(*base, Level::Operand, Place { last: false, ..place });
                self.text.push('.');
                self.text.push_str(&name.text);
            }
            E::Index(base, index) => {
                self.write(*base, Level::Operand, Place { last: false, ..place });
                self.text.push('[');
                self.write(*index, Level::Expression, BRACKET);
                self.text.push(']');
            }
            E::Slice(base, low, high) => {
                self.write(*base, Level::Operand, Place { last: false, ..place });
                self.text.push('[');
                self.write(*low, Level::With, Place { last: false, comma: false });
                self.text.push_str("..");
                self.write(*high, Level::With, BRACKET);
                self.text.push(']');
            }
            E::Call { callee, arguments } => self.call(&callee.text, arguments),
            E::Unary(UnaryOperator::Not, operand) => {
                self.text.push_str("NOT ");
                if self.level(*operand, place) == Level::Comparison {
                    self.grouped(*operand);
                } else {
                    self.write(*operand, Level::Not, place);
                }
            }
            E::Unary(UnaryOperator::Negate, operand) => {
                self.text.push('-');
                self.write(*operand, Level::Operand, Place { last: false, ..place });
            }
            E::Binary(binary, left, right) => self.binary(*binary, *left, *right, place),
            E::Chain(first, links) => self.chain(*first, links, place),
            E::Range(low, high) => {
                self.write(*low, Level::With, Place { last: false, ..place });
                self.text.push_str("..");
                self.write(*high, Level::With, place);
            }
            E::With(base, updates) => self.with(*base, updates, place),
            E::Without(base, removed) => {
                self.write(*base, Level::With, Place { last: false, ..place });
                self.text.push_str(" WITHOUT ");
                self.write(*removed, Level::Sum, place);
            }
            E::If(condition, then, otherwise) => {
                self.text.push_str("IF ");
                self.write(*condition, Level::Expression, place);
                self.text.push_str(" THEN ");
                self.write(*then, Level::Expression, place);
                self.text.push_str(" ELSE ");
                self.write(*otherwise, Level::Expression, place);
            }
            E::Let(name, value, body) => self.binding(name, *value, *body, place),
            E::Match(scrutinee, arms) => self.matching(*scrutinee, arms, place),
            E::Quantifier(quantifier, binders, body) => {
                self.text.push_str(match quantifier {
                    Quantifier::Forall => "FORALL ",
                    Quantifier::Exists => "EXISTS ",
                });
                self.binders(binders);
                self.text.push_str(": ");
                self.write(*body, Level::Expression, place);
            }
            E::Comprehension(head, binders, filter) => self.comprehension(head, binders, *filter),
            E::Aggregate(aggregate, element, binders, filter) => {
                self.text.push_str(aggregate_name(*aggregate));
                self.text.push('(');
                self.write(*element, Level::Expression, ITEM);
                self.tail(binders, *filter);
                self.text.push(')');
            }
            E::SortBy(binder, keys) => {
                self.text.push_str("SORT(");
                self.binder(binder);
                self.text.push_str(" BY ");
                for (index, key) in keys.iter().enumerate() {
                    self.separate(index);
                    self.write(key.key, Level::Expression, ITEM);
                    if key.descending {
                        self.text.push_str(" DESC");
                    }
                }
                self.text.push(')');
            }
        }
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.text.push_str(", ");
        }
    }

    fn list(&mut self, open: &str, items: &[ExprId], close: &str) {
        self.text.push_str(open);
        for (index, item) in items.iter().enumerate() {
            self.separate(index);
            self.write(*item, Level::Expression, ITEM);
        }
        self.text.push_str(close);
    }

    fn map(&mut self, entries: &[(ExprId, ExprId)]) {
        if entries.is_empty() {
            return self.text.push_str("{}");
        }
        self.text.push_str("{ ");
        for (index, (key, value)) in entries.iter().enumerate() {
            self.separate(index);
            self.write(*key, Level::Expression, ITEM);
            self.text.push_str(": ");
            self.write(*value, Level::Expression, ITEM);
        }
        self.text.push_str(" }");
    }

    fn fields<'n>(&mut self, fields: impl Iterator<Item = (&'n Name, ExprId)>) {
        let start = self.text.len();
        self.text.push_str("{ ");
        let mut count = 0;
        for (name, value) in fields {
            self.separate(count);
            self.text.push_str(&name.text);
            self.text.push_str(": ");
            self.write(value, Level::Expression, ITEM);
            count += 1;
        }
        if count == 0 {
            self.text.truncate(start);
            self.text.push_str("{}");
        } else {
            self.text.push_str(" }");
        }
    }

    fn call(&mut self, callee: &str, arguments: &[Argument]) {
        self.text.push_str(callee);
        self.text.push('(');
        for (index, argument) in arguments.iter().enumerate() {
            self.separate(index);
            if let Some(name) = &argument.name {
                self.text.push_str(&name.text);
                self.text.push_str(": ");
            }
            self.write(argument.value, Level::Expression, ITEM);
        }
        self.text.push(')');
    }

    fn binary(&mut self, binary: BinaryOperator, left: ExprId, right: ExprId, place: Place) {
        let (level, text) = operator(binary);
        let (left_level, right_level) = match level {
            Level::Implies => (above(level), level),
            Level::Comparison => (Level::Sum, Level::Sum),
            _ => (level, above(level)),
        };
        self.write(left, left_level, Place { last: false, ..place });
        let _ = write!(self.text, " {text} ");
        let last = place.last && level < Level::Comparison;
        self.write(right, right_level, Place { last, ..place });
    }

    fn chain(&mut self, first: ExprId, links: &[(BinaryOperator, ExprId)], place: Place) {
        let place = Place { last: false, ..place };
        self.write(first, Level::Sum, place);
        for (binary, operand) in links {
            let _ = write!(self.text, " {} ", operator(*binary).1);
            self.write(*operand, Level::Sum, place);
        }
    }

    fn with(&mut self, base: ExprId, updates: &[Update], place: Place) {
        self.write(base, Level::With, Place { last: false, ..place });
        self.text.push_str(" WITH ");
        if is_fields(updates) {
            let fields = updates.iter().filter_map(|update| match update {
                Update::Field(name, value) => Some((name, *value)),
                Update::Index(..) | Update::Element(_) => None,
            });
            return self.fields(fields);
        }
        for (index, update) in updates.iter().enumerate() {
            self.separate(index);
            // A form would take the updates that follow it.
            let last = place.last && updates.len() == 1;
            let place = Place { last, comma: place.comma || updates.len() > 1 };
            match update {
                Update::Index(index, value) => {
                    self.text.push('[');
                    self.write(*index, Level::Expression, ITEM);
                    self.text.push_str("] = ");
                    self.write(*value, Level::Sum, place);
                }
                Update::Element(value) | Update::Field(_, value) => {
                    if self.begins_with_brace(*value) {
                        self.grouped(*value);
                    } else {
                        self.write(*value, Level::Sum, place);
                    }
                }
            }
        }
    }

    fn binding(&mut self, name: &Name, value: ExprId, body: ExprId, place: Place) {
        self.text.push_str("LET ");
        self.text.push_str(&name.text);
        self.text.push_str(" = ");
        if self.shows(value, Shown::Membership) {
            self.grouped(value);
        } else {
            self.write(value, Level::Expression, place);
        }
        self.text.push_str(" IN ");
        self.write(body, Level::Expression, place);
    }

    fn matching(&mut self, scrutinee: ExprId, arms: &[Arm], place: Place) {
        self.text.push_str("MATCH ");
        if self.shows(scrutinee, Shown::Brace) {
            self.grouped(scrutinee);
        } else {
            self.write(scrutinee, Level::Expression, Place { last: true, ..place });
        }
        self.text.push_str(" { ");
        for (index, arm) in arms.iter().enumerate() {
            self.separate(index);
            match &arm.pattern {
                Pattern::None(_) => self.text.push_str("NONE"),
                Pattern::Some(name) => {
                    let _ = write!(self.text, "SOME({})", name.text);
                }
                Pattern::Case(name, fields) => self.case(name, fields),
            }
            self.text.push_str(" => ");
            self.write(arm.body, Level::Expression, ITEM);
        }
        self.text.push_str(" }");
    }

    fn case(&mut self, name: &Name, fields: &[(Name, Name)]) {
        self.text.push_str(&name.text);
        if fields.is_empty() {
            return;
        }
        self.text.push_str(" { ");
        for (index, (field, bound)) in fields.iter().enumerate() {
            self.separate(index);
            self.text.push_str(&field.text);
            if field.text != bound.text {
                let _ = write!(self.text, ": {}", bound.text);
            }
        }
        self.text.push_str(" }");
    }

    fn comprehension(&mut self, head: &ComprehensionHead, binders: &[Binder], filter: Option<ExprId>) {
        let (open, close) = match head {
            ComprehensionHead::Array(_) => ("[", "]"),
            ComprehensionHead::Set(_) => ("SET[", "]"),
            ComprehensionHead::Map(..) => ("{ ", " }"),
        };
        self.text.push_str(open);
        match head {
            ComprehensionHead::Array(element) | ComprehensionHead::Set(element) => {
                self.write(*element, Level::Expression, ITEM);
            }
            ComprehensionHead::Map(key, value) => {
                self.write(*key, Level::Expression, ITEM);
                self.text.push_str(": ");
                self.write(*value, Level::Expression, ITEM);
            }
        }
        self.tail(binders, filter);
        self.text.push_str(close);
    }

    fn tail(&mut self, binders: &[Binder], filter: Option<ExprId>) {
        self.text.push_str(" FOR ");
        self.binders(binders);
        if let Some(filter) = filter {
            self.text.push_str(" IF ");
            self.write(filter, Level::Expression, ITEM);
        }
    }

    fn binders(&mut self, binders: &[Binder]) {
        for (index, binder) in binders.iter().enumerate() {
            self.separate(index);
            self.binder(binder);
        }
    }

    fn binder(&mut self, binder: &Binder) {
        self.text.push_str(&binder.name.text);
        if let Some(index) = &binder.index {
            let _ = write!(self.text, " AT {}", index.text);
        }
        self.text.push_str(" IN ");
        self.write(binder.domain, Level::Range, Place { last: false, comma: true });
    }

    // Literals.

    fn string(&mut self, text: &str) {
        let quote = match self.quote {
            Quote::Double => '"',
            Quote::Single => '\'',
        };
        self.text.push(quote);
        for character in text.chars() {
            match character {
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\0' => self.text.push_str("\\0"),
                '\\' => self.text.push_str("\\\\"),
                other if other == quote => {
                    self.text.push('\\');
                    self.text.push(quote);
                }
                other
                    if other.is_control()
                        || matches!(
                            other,
                            '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}'
                        ) =>
                {
                    let _ = write!(self.text, "\\u{{{:x}}}", u32::from(other));
                }
                other => self.text.push(other),
            }
        }
        self.text.push(quote);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let quote = if self.quote == Quote::Double { '"' } else { '\'' };
        self.text.push('b');
        self.text.push(quote);
        for byte in bytes {
            let _ = write!(self.text, "{byte:02x}");
        }
        self.text.push(quote);
    }

    // What is seen from outside, not behind brackets.

    /// Whether the text of an expression begins with a brace.
    fn begins_with_brace(&self, mut id: ExprId) -> bool {
        use ExpressionKind as E;
        loop {
            match self.kind(id) {
                E::Map(_) | E::Comprehension(ComprehensionHead::Map(..), ..) => return true,
                E::Binary(_, left, _)
                | E::Chain(left, _)
                | E::Field(left, _)
                | E::Index(left, _)
                | E::Slice(left, ..)
                | E::With(left, _)
                | E::Without(left, _) => id = *left,
                _ => return false,
            }
        }
    }

    /// Whether something shows that the surroundings would take for theirs. Errs on the side of yes.
    fn shows(&self, root: ExprId, what: Shown) -> bool {
        use ExpressionKind as E;
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            match self.kind(id) {
                E::Binary(BinaryOperator::In, ..) if what == Shown::Membership => return true,
                E::Chain(_, links)
                    if what == Shown::Membership
                        && links.iter().any(|(link, _)| *link == BinaryOperator::In) =>
                {
                    return true;
                }
                E::Map(_) | E::Construct { .. } | E::Comprehension(ComprehensionHead::Map(..), ..)
                    if what == Shown::Brace =>
                {
                    return true;
                }
                E::Binary(_, left, right) | E::Range(left, right) | E::Without(left, right) => {
                    open.extend([*left, *right]);
                }
                E::Unary(_, operand)
                | E::Field(operand, _)
                | E::Index(operand, _)
                | E::Slice(operand, ..) => {
                    open.push(*operand);
                }
                E::Chain(first, links) => {
                    open.push(*first);
                    open.extend(links.iter().map(|(_, operand)| *operand));
                }
                E::With(base, updates) => {
                    open.push(*base);
                    open.extend(updates.iter().filter_map(|update| match update {
                        Update::Index(_, value) | Update::Element(value) => Some(*value),
                        Update::Field(..) => None,
                    }));
                }
                // `THEN` and `ELSE` end what is before them, and so does the form's own `IN`.
                E::If(_, _, otherwise) if what == Shown::Membership => open.push(*otherwise),
                E::If(condition, then, otherwise) => open.extend([*condition, *then, *otherwise]),
                E::Let(_, _, body) if what == Shown::Membership => open.push(*body),
                E::Let(_, value, body) => open.extend([*value, *body]),
                E::Quantifier(_, binders, body) => {
                    open.extend(binders.iter().map(|binder| binder.domain));
                    open.push(*body);
                }
                _ => {}
            }
        }
        false
    }
}

/// What [`Printer::shows`] looks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// `IN` as an operator.
    Membership,
    /// A brace that opens a value.
    Brace,
}

fn is_fields(updates: &[Update]) -> bool {
    updates.iter().all(|update| matches!(update, Update::Field(..)))
}

fn aggregate_name(aggregate: Aggregate) -> &'static str {
    match aggregate {
        Aggregate::Sum => "SUM",
        Aggregate::Count => "COUNT",
        Aggregate::Min => "MIN",
        Aggregate::Max => "MAX",
        Aggregate::All => "ALL",
        Aggregate::Any => "ANY",
        Aggregate::Find => "FIND",
    }
}
