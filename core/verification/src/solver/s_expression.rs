//! What solvers print: SMT-LIB 2 expressions, read without recursion into one flat list of nodes.

use std::fmt;
use std::sync::Arc;

/// One expression of a solver's output. Cheap to clone; as deep as it likes to be.
#[derive(Clone)]
pub struct SExpression {
    nodes: Arc<[Stored]>,
    /// Index of the node in `nodes`.
    index: usize,
}

/// What stands at one place of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node<'a> {
    /// A symbol, its bars removed: `x`, `|two words|`, `+`, `:named`.
    Symbol(&'a str),
    /// Digits: `12`. A negative number is the list `(- 12)`.
    Numeral(&'a str),
    /// Digits with a point: `0.5`.
    Decimal(&'a str),
    /// Hexadecimal digits, without `#x`.
    Hexadecimal(&'a str),
    /// Binary digits, without `#b`.
    Binary(&'a str),
    /// A string as it is written between its quotes; [`SExpression::text`] decodes it.
    Text(&'a str),
    /// A list of this many expressions; [`SExpression::items`] gives them.
    List(usize),
}

enum Stored {
    Symbol(Box<str>),
    Numeral(Box<str>),
    Decimal(Box<str>),
    Hexadecimal(Box<str>),
    Binary(Box<str>),
    Text(Box<str>),
    /// Indices of the items.
    List(Vec<u32>),
}

impl SExpression {
    /// Reads all expressions of a text. The error says what was wrong.
    pub fn read_all(text: &str) -> Result<Vec<Self>, String> {
        let mut reader = Reader { rest: text, nodes: vec![], open: vec![], roots: vec![] };
        while reader.step()? {}
        if !reader.open.is_empty() {
            return Err("a list is not closed".to_owned());
        }
        let nodes: Arc<[Stored]> = reader.nodes.into();
        let roots = reader.roots.into_iter();
        Ok(roots.map(|index| Self { nodes: Arc::clone(&nodes), index: index as usize }).collect())
    }

    /// Reads a text that is one expression.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut all = Self::read_all(text)?;
        match (all.pop(), all.is_empty()) {
            (Some(one), true) => Ok(one),
            (None, _) => Err("there is no expression".to_owned()),
            (Some(_), false) => Err("there is more than one expression".to_owned()),
        }
    }

    /// What stands here.
    #[must_use]
    pub fn node(&self) -> Node<'_> {
        match self.nodes.get(self.index) {
            Some(Stored::Symbol(text)) => Node::Symbol(text),
            Some(Stored::Numeral(text)) => Node::Numeral(text),
            Some(Stored::Decimal(text)) => Node::Decimal(text),
            Some(Stored::Hexadecimal(text)) => Node::Hexadecimal(text),
            Some(Stored::Binary(text)) => Node::Binary(text),
            Some(Stored::Text(text)) => Node::Text(text),
            Some(Stored::List(items)) => Node::List(items.len()),
            None => Node::List(0),
        }
    }

    /// The symbol that stands here.
    #[must_use]
    pub fn symbol(&self) -> Option<&str> {
        if let Node::Symbol(symbol) = self.node() { Some(symbol) } else { None }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> impl ExactSizeIterator<Item = Self> + '_ {
        let items = match self.nodes.get(self.index) {
            Some(Stored::List(items)) => items.as_slice(),
            _ => &[],
        };
        items.iter().map(|index| Self { nodes: Arc::clone(&self.nodes), index: *index as usize })
    }

    /// The items of a list when it begins with this symbol and has `COUNT` more.
    #[must_use]
    pub fn application<const COUNT: usize>(&self, head: &str) -> Option<[Self; COUNT]> {
        let mut items = self.items();
        if items.len() != COUNT + 1 || items.next()?.symbol() != Some(head) {
            return None;
        }
        items.collect::<Vec<_>>().try_into().ok()
    }

    /// The string that a literal stands for. `None` if it is no string literal, or holds what is no Unicode
    /// scalar value.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let Node::Text(written) = self.node() else { return None };
        decode(written)
    }
}

/// Resolves `""`, `\u{1F600}` and `\u0041`; a backslash before anything else stands for itself.
fn decode(written: &str) -> Option<String> {
    let mut decoded = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(at) = rest.find(['\\', '"']) {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("\"\"") {
            decoded.push('"');
            rest = after;
        } else if let Some((code, after)) = escape(rest) {
            decoded.push(char::from_u32(code)?);
            rest = after;
        } else {
            decoded.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    decoded.push_str(rest);
    Some(decoded)
}

fn escape(text: &str) -> Option<(u32, &str)> {
    let rest = text.strip_prefix("\\u")?;
    let (digits, rest) = match rest.strip_prefix('{') {
        Some(rest) => rest.split_once('}')?,
        None => rest.split_at_checked(4)?,
    };
    let is_code = (1..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_code.then(|| u32::from_str_radix(digits, 16).ok().map(|code| (code, rest))).flatten()
}

struct Reader<'a> {
    rest: &'a str,
    nodes: Vec<Stored>,
    /// The lists that are open, outermost first.
    open: Vec<Vec<u32>>,
    roots: Vec<u32>,
}

impl<'a> Reader<'a> {
    /// Reads one token; false at the end.
    fn step(&mut self) -> Result<bool, String> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let Some(first) = self.rest.chars().next() else { return Ok(false) };
        match first {
            ';' => self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest),
            '(' => {
                self.rest = &self.rest[1..];
                self.open.push(vec![]);
            }
            ')' => {
                self.rest = &self.rest[1..];
                let items = self.open.pop().ok_or("a list is closed that is not open")?;
                self.add(Stored::List(items))?;
            }
            '"' => {
                let text = self.string()?;
                self.add(Stored::Text(text.into()))?;
            }
            '|' => {
                let (text, rest) = self.rest[1..].split_once('|').ok_or("a symbol is not closed")?;
                self.rest = rest;
                self.add(Stored::Symbol(text.into()))?;
            }
            _ => {
                let is_end = |character: char| "()\"|; \t\r\n".contains(character);
                let (word, rest) = self.rest.split_at(self.rest.find(is_end).unwrap_or(self.rest.len()));
                self.rest = rest;
                self.add(atom(word)?)?;
            }
        }
        Ok(true)
    }

    fn add(&mut self, node: Stored) -> Result<(), String> {
        let index = u32::try_from(self.nodes.len()).map_err(|_| "too many expressions")?;
        self.nodes.push(node);
        self.open.last_mut().unwrap_or(&mut self.roots).push(index);
        Ok(())
    }

    /// The text between quotes, where two quotes stand for one and are kept as two.
    fn string(&mut self) -> Result<&'a str, String> {
        let body = &self.rest[1..];
        let mut from = 0;
        while let Some(at) = body[from..].find('"') {
            let end = from + at;
            if body[end + 1..].starts_with('"') {
                from = end + 2;
            } else {
                self.rest = &body[end + 1..];
                return Ok(&body[..end]);
            }
        }
        Err("a string is not closed".to_owned())
    }
}

fn atom(word: &str) -> Result<Stored, String> {
    let all = |text: &str, digit: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|byte| digit(&byte));
    let bad = || Err(format!("`{}` is no literal", word.chars().take(40).collect::<String>()));
    if let Some(digits) = word.strip_prefix("#x") {
        if all(digits, u8::is_ascii_hexdigit) { Ok(Stored::Hexadecimal(digits.into())) } else { bad() }
    } else if let Some(digits) = word.strip_prefix("#b") {
        if all(digits, |byte| matches!(byte, b'0' | b'1')) {
            Ok(Stored::Binary(digits.into()))
        } else {
            bad()
        }
    } else if word.starts_with(|character: char| character.is_ascii_digit()) {
        match word.split_once('.') {
            Some((whole, part)) if all(whole, u8::is_ascii_digit) && all(part, u8::is_ascii_digit) => {
                Ok(Stored::Decimal(word.into()))
            }
            None if all(word, u8::is_ascii_digit) => Ok(Stored::Numeral(word.into())),
            _ => bad(),
        }
    } else {
        Ok(Stored::Symbol(word.into()))
    }
}

impl fmt::Display for SExpression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Each entry is a list under way: its items and how many were written.
        let mut open: Vec<(&[u32], usize)> = vec![];
        let mut index = self.index;
        loop {
            match self.nodes.get(index) {
                Some(Stored::Symbol(text)) if is_plain(text) => formatter.write_str(text)?,
                Some(Stored::Symbol(text)) => write!(formatter, "|{text}|")?,
                Some(Stored::Numeral(text) | Stored::Decimal(text)) => formatter.write_str(text)?,
                Some(Stored::Hexadecimal(text)) => write!(formatter, "#x{text}")?,
                Some(Stored::Binary(text)) => write!(formatter, "#b{text}")?,
                Some(Stored::Text(text)) => write!(formatter, "\"{text}\"")?,
                Some(Stored::List(items)) => {
                    formatter.write_str("(")?;
                    open.push((items, 0));
                }
                None => {}
            }
            index = loop {
                let Some((items, written)) = open.last_mut() else { return Ok(()) };
                match items.get(*written) {
                    Some(next) => {
                        if *written > 0 {
                            formatter.write_str(" ")?;
                        }
                        *written += 1;
                        break *next as usize;
                    }
                    None => {
                        formatter.write_str(")")?;
                        open.pop();
                    }
                }
            };
        }
    }
}

/// Whether a symbol can stand without bars.
fn is_plain(symbol: &str) -> bool {
    let is_allowed =
        |character: char| character.is_ascii_alphanumeric() || "~!@$%^&*_-+=<>.?/:".contains(character);
    !symbol.is_empty()
        && symbol.chars().all(is_allowed)
        && !symbol.starts_with(|it: char| it.is_ascii_digit())
}

impl fmt::Debug for SExpression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = match SExpression::read_all(text) {
            Ok(all) => all.iter().map(SExpression::to_string).collect::<Vec<_>>().join(" "),
            Err(message) => message,
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn what_solvers_print_is_read() {
        check("((x 4)\n (y (/ 1.0 3.0)))", "((x 4) (y (/ 1.0 3.0)))");
        check("(fp #b0 #b00000000000 #x1000000000000)", "(fp #b0 #b00000000000 #x1000000000000)");
        check("(_ bv12 8) () |two words| |x|", "(_ bv12 8) () |two words| x");
        check("(:reason-unknown \"a \"\"b\"\" )\") ; end", "(:reason-unknown \"a \"\"b\"\" )\")");
    }

    #[test]
    fn what_is_no_expression_is_an_error() {
        check("(x", "a list is not closed");
        check("x)", "a list is closed that is not open");
        check("\"x\"\"", "a string is not closed");
        check("|x", "a symbol is not closed");
        check("12x", "`12x` is no literal");
        check("#xg", "`#xg` is no literal");
        check("#b", "`#b` is no literal");
        check("1.", "`1.` is no literal");
        assert!(SExpression::read("").is_err());
        assert!(SExpression::read("a b").is_err());
    }

    #[test]
    fn strings_are_decoded() {
        let text = |written: &str| SExpression::read(written).unwrap().text();
        assert_eq!(text(r#""a\u{1F600}\u0041\u{0}""#).as_deref(), Some("a😀A\0"));
        assert_eq!(
            text(r#""say ""no"" \n \u{} \u{123456} \u12""#).as_deref(),
            Some(r#"say "no" \n \u{} \u{123456} \u12"#)
        );
        assert_eq!(text(r#""\u{d800}""#), None);
        assert_eq!(text("x"), None);
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "(".repeat(1_000_000) + &")".repeat(1_000_000);
        let read = SExpression::read(&deep).unwrap();
        assert_eq!(read.to_string(), deep);
    }

    #[test]
    fn applications_are_taken_apart() {
        let read = SExpression::read("(/ (- 1) 3)").unwrap();
        let [numerator, denominator] = read.application("/").unwrap();
        assert_eq!(numerator.application::<1>("-").unwrap()[0].node(), Node::Numeral("1"));
        assert_eq!(denominator.node(), Node::Numeral("3"));
        assert!(read.application::<1>("/").is_none());
        assert!(read.application::<2>("-").is_none());
    }
}
