//! Which names may be declared.

use anrf_format::builtin::Builtin;
use anrf_format::diagnostic::Diagnostic;

use crate::checker::context::Context;
use crate::codes::names;
use crate::syntax::expression::Name;

const KEYWORDS: &[&str] = &[
    "and", "or", "not", "implies", "iff", "in", "if", "then", "else", "let", "match", "for", "forall",
    "exists", "with", "without", "true", "false", "none", "IFF", "IMPLIES", "OR", "AND", "NOT", "IN",
    "CONTAINS", "WITH", "WITHOUT", "IF", "THEN", "ELSE", "LET", "MATCH", "FOR", "FORALL", "EXISTS", "AT",
    "BY", "DESC", "SET", "SOME", "NONE", "TRUE", "FALSE", "SUM", "COUNT", "ALL", "ANY", "FIND",
];

/// Whether expressions can spell the name.
pub(in crate::checker) fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Reports a name that expressions could not reach. `what` is such as "input".
pub(in crate::checker) fn check_name(cx: &mut Context<'_>, name: &Name, what: &str) -> bool {
    if name.text.is_empty() {
        return false;
    }
    if KEYWORDS.contains(&name.text.as_str()) {
        let message = format!("`{}` is a keyword, so it cannot name {what}", name.text);
        let help = format!("choose another name, such as `{}_value`", name.text.to_lowercase());
        cx.report(Diagnostic::error(&names::RESERVED, name.span, message).with_help(help));
        return false;
    }
    if !is_identifier(&name.text) {
        let mended: String = name
            .text
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' })
            .collect();
        let message = format!("`{}` cannot name {what}", name.text);
        let mut diagnostic = Diagnostic::error(&names::WRONG_FORM, name.span, message);
        diagnostic = if is_identifier(&mended) && mended.contains(|letter: char| letter != '_') {
            diagnostic.with_help(format!("write `{mended}`")).with_fix(
                format!("write `{mended}`"),
                name.span,
                mended,
            )
        } else {
            diagnostic.with_help("names are letters, digits and underscores, and begin with a letter")
        };
        cx.report(diagnostic);
        return false;
    }
    true
}

/// Reports a function that a call would never reach, because a built-in has its name.
pub(super) fn check_not_builtin(cx: &mut Context<'_>, name: &Name, bare: &str) -> bool {
    let taken = Builtin::from_name(bare).is_some() || ["old", "failed", "calls"].contains(&bare);
    if taken {
        let message = format!("`{bare}` is the name of a built-in function");
        let help = "choose another name: before `(` the built-in is always meant";
        cx.report(Diagnostic::error(&names::RESERVED, name.span, message).with_help(help));
    }
    !taken
}

/// Reports a function whose name is not in snake case, which references to it demand.
pub(super) fn check_snake_case(cx: &mut Context<'_>, name: &Name) {
    if !name.text.contains(|letter: char| letter.is_ascii_uppercase()) {
        return;
    }
    let mut snake = String::new();
    let mut after_small = false;
    for letter in name.text.chars() {
        if letter.is_ascii_uppercase() && after_small {
            snake.push('_');
        }
        after_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        snake.push(letter.to_ascii_lowercase());
    }
    let message = format!("functions are named in snake case, found `{}`", name.text);
    cx.report(
        Diagnostic::error(&names::WRONG_FORM, name.span, message)
            .with_help(format!("write `{snake}`"))
            .with_fix(format!("write `{snake}`"), name.span, snake),
    );
}

/// Reports a second declaration of a name.
pub(super) fn report_duplicate(cx: &mut Context<'_>, name: &Name, first: &Name, what: &str) {
    let message = format!("{what} `{}` is declared twice", name.text);
    cx.report(
        Diagnostic::error(&names::DUPLICATE, name.span, message)
            .with_note(first.span, "declared here first")
            .with_help("rename or remove one"),
    );
}

/// Reports every repeated name of a list.
pub(super) fn check_distinct<'n>(
    cx: &mut Context<'_>,
    listed: impl IntoIterator<Item = &'n Name>,
    what: &str,
) {
    let mut seen: rustc_hash::FxHashMap<&str, &Name> = rustc_hash::FxHashMap::default();
    for name in listed {
        match seen.get(name.text.as_str()) {
            Some(first) => report_duplicate(cx, name, first, what),
            None => {
                seen.insert(&name.text, name);
            }
        }
    }
}
