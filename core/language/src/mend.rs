//! Mends of a text that is right as it stands: a precondition that is added to a function.

use anrf_format::diagnostic::{Edit, Fix, Severity, Span};

use crate::syntax::reader::keys::FUNCTION;
use crate::yaml::{Entry, Kind, Limits, NodeId, Tree, load, quoted};

/// The mend that adds a precondition to a function, named with its version. `None` if the text has no such function,
/// or is written in a way that leaves no plain place for it.
#[must_use]
pub fn add_precondition(text: &str, function: &str, condition: &str) -> Option<Fix> {
    let tree = read(text)?;
    let node = find(&tree, function)?;
    let (at, replacement, nodes) = insertion(&tree, node, &quoted(condition))?;
    // Believed only if it adds this and nothing else.
    let mended = format!("{}{replacement}{}", text.get(..at)?, text.get(at..)?);
    let again = read(&mended)?;
    let mut wanted = conditions(&tree, node)?;
    wanted.push(condition.to_owned());
    let found = conditions(&again, find(&again, function)?)?;
    let adds_only_this = found == wanted && again.node_count() == tree.node_count() + nodes;
    let edits = vec![Edit { span: Span::new(at, at), replacement }];
    adds_only_this.then(|| Fix { title: format!("add the precondition `{condition}`"), edits })
}

/// The tree of a text without errors.
fn read(text: &str) -> Option<Tree<'_>> {
    let (tree, diagnostics) = load(text, &Limits::default());
    tree.filter(|_| diagnostics.iter().all(|found| found.severity != Severity::Error))
}

/// The mapping of a function: one of a module's list, or the whole text.
fn find(tree: &Tree<'_>, function: &str) -> Option<NodeId> {
    let is_meant = |node: &NodeId| {
        let id = tree.get(*node, "node_id").map(|entry| entry.value);
        id.and_then(|id| tree.text(id)) == Some(function)
    };
    match tree.get(tree.root(), "functions") {
        Some(list) => tree.items(list.value).find(is_meant),
        None => Some(tree.root()).filter(is_meant),
    }
}

/// The preconditions as they are written; `None` if one is no text.
fn conditions(tree: &Tree<'_>, function: NodeId) -> Option<Vec<String>> {
    let Some(contracts) = tree.get(function, "contracts") else { return Some(vec![]) };
    let Some(list) = tree.get(contracts.value, "preconditions") else { return Some(vec![]) };
    tree.items(list.value).map(|item| tree.text(item).map(str::to_owned)).collect()
}

/// Where what is inserted, and how many nodes that makes.
fn insertion(tree: &Tree<'_>, function: NodeId, condition: &str) -> Option<(usize, String, usize)> {
    let list = format!("preconditions: [{condition}]");
    let Some(contracts) = tree.get(function, "contracts") else {
        return Some((5, new_contracts(tree, function, &list)?)).map(|(nodes, (at, new))| (at, new, nodes));
    };
    let start = tree.span(contracts.value).range().start;
    let Some(present) = tree.get(contracts.value, "preconditions") else {
        let (at, new) = match tree.kind(contracts.value) {
            Kind::Null => (start, after_colon(tree, start, &format!("{{ {list} }}"))),
            Kind::Mapping { flow: true } => match tree.entries(contracts.value).next() {
                Some(_) => (start + 1, format!(" {list},")),
                None => (start + 1, format!(" {list} ")),
            },
            Kind::Mapping { flow: false } => {
                let first = tree.entries(contracts.value).next()?;
                let indentation = indentation(tree, first.key)?;
                (tree.span(first.key).range().start, format!("{list}\n{indentation}"))
            }
            _ => return None,
        };
        return Some((at, new, 3));
    };
    let last = tree.items(present.value).last();
    let start = tree.span(present.value).range().start;
    let (at, new) = match (tree.kind(present.value), last) {
        (Kind::Null, _) => (start, after_colon(tree, start, &format!("[{condition}]"))),
        (Kind::Sequence { flow: true }, None) => (start + 1, condition.to_owned()),
        (Kind::Sequence { flow: true }, Some(last)) => {
            (tree.span(last).range().end, format!(", {condition}"))
        }
        (Kind::Sequence { flow: false }, Some(last)) => {
            let indentation = dash_indentation(tree, tree.items(present.value).next()?)?;
            (line_end(tree, last)?, format!("\n{indentation}- {condition}"))
        }
        _ => return None,
    };
    Some((at, new, 1))
}

/// Where a function that has no contracts gets them: below what stands before them in functions.
fn new_contracts(tree: &Tree<'_>, function: NodeId, list: &str) -> Option<(usize, String)> {
    let rank = |name: &str| FUNCTION.position(name);
    let contracts = rank("contracts")?;
    let is_before = |entry: &Entry| tree.text(entry.key).and_then(rank).is_some_and(|rank| rank < contracts);
    let before = tree.entries(function).filter(is_before).last()?;
    if let Kind::Mapping { flow: true } = tree.kind(function) {
        return Some((tree.span(before.value).range().end, format!(", contracts: {{ {list} }}")));
    }
    let indentation = indentation(tree, tree.entries(function).next()?.key)?;
    let above = if tree.kind(before.value) == Kind::Null { before.key } else { before.value };
    Some((line_end(tree, above)?, format!("\n{indentation}contracts:\n{indentation}  {list}")))
}

/// A value in the place of none, which may stand right behind its colon.
fn after_colon(tree: &Tree<'_>, at: usize, value: &str) -> String {
    let is_behind = tree.source().get(..at).is_some_and(|before| before.ends_with(':'));
    if is_behind { format!(" {value}") } else { value.to_owned() }
}

/// What stands before a node on its line.
fn before<'a>(tree: &Tree<'a>, node: NodeId) -> Option<&'a str> {
    let before = tree.source().get(..tree.span(node).range().start)?;
    Some(before.rsplit('\n').next().unwrap_or(before))
}

/// As many spaces as stand before a key, a list's dash counted as one.
fn indentation(tree: &Tree<'_>, key: NodeId) -> Option<String> {
    let before = before(tree, key)?;
    let is_plain = before.chars().all(|character| matches!(character, ' ' | '-'));
    is_plain.then(|| " ".repeat(before.len()))
}

/// What stands before the dash of an item.
fn dash_indentation<'a>(tree: &Tree<'a>, item: NodeId) -> Option<&'a str> {
    let indentation = before(tree, item)?.trim_end_matches(' ').strip_suffix('-')?;
    indentation.chars().all(|character| character == ' ').then_some(indentation)
}

/// The end of the line on which a node ends.
fn line_end(tree: &Tree<'_>, node: NodeId) -> Option<usize> {
    let source = tree.source();
    let end = source.get(..tree.span(node).range().end)?.trim_end().len();
    let rest = source.get(end..)?;
    let line = rest.split('\n').next().unwrap_or(rest);
    Some(end + line.trim_end_matches('\r').len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const CONDITION: &str = "a > 0 AND name != \"x\"";

    /// The text after the mend of `f_v1`, which is read as it was meant.
    fn mended(text: &str) -> Option<String> {
        let fix = add_precondition(text, "f_v1", CONDITION)?;
        let [edit] = &fix.edits[..] else { panic!("{fix:?}") };
        let (before, after) = (&text[..edit.span.range().start], &text[edit.span.range().end..]);
        Some(format!("{before}{}{after}", edit.replacement))
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(mended(text).as_deref(), Some(expected));
    }

    #[test]
    fn a_list_gets_one_more() {
        check(
            "node_id: f_v1\ncontracts: { preconditions: [\"b > 0\"], postconditions: [] }\n",
            "node_id: f_v1\ncontracts: { preconditions: [\"b > 0\", 'a > 0 AND name != \"x\"'], postconditions: [] }\n",
        );
        check(
            "node_id: f_v1\ncontracts:\n  preconditions: []  # none\n",
            "node_id: f_v1\ncontracts:\n  preconditions: ['a > 0 AND name != \"x\"']  # none\n",
        );
        check(
            "node_id: f_v1\ncontracts:\n  preconditions:\n  - b > 0\n  - |\n    b > 0\n      AND c > 0\n\n  # what comes out\n  postconditions: []\n",
            "node_id: f_v1\ncontracts:\n  preconditions:\n  - b > 0\n  - |\n    b > 0\n      AND c > 0\n  - 'a > 0 AND name != \"x\"'\n\n  # what comes out\n  postconditions: []\n",
        );
        check(
            "node_id: f_v1\ncontracts:\n  preconditions:\n    - \"b > 0\"   # small\nflow: []",
            "node_id: f_v1\ncontracts:\n  preconditions:\n    - \"b > 0\"   # small\n    - 'a > 0 AND name != \"x\"'\nflow: []",
        );
    }

    #[test]
    fn contracts_get_a_list() {
        check(
            "node_id: f_v1\ncontracts:\n  # What comes out.\n  postconditions: [\"r > 0\"]\n",
            "node_id: f_v1\ncontracts:\n  # What comes out.\n  preconditions: ['a > 0 AND name != \"x\"']\n  postconditions: [\"r > 0\"]\n",
        );
        check(
            "{ node_id: f_v1, contracts: {} }",
            "{ node_id: f_v1, contracts: { preconditions: ['a > 0 AND name != \"x\"'] } }",
        );
        check(
            "node_id: f_v1\ncontracts:\nflow: []\n",
            "node_id: f_v1\ncontracts: { preconditions: ['a > 0 AND name != \"x\"'] }\nflow: []\n",
        );
        check(
            "node_id: f_v1\ncontracts: { preconditions: , postconditions: [] }\n",
            "node_id: f_v1\ncontracts: { preconditions: ['a > 0 AND name != \"x\"'] , postconditions: [] }\n",
        );
    }

    #[test]
    fn a_function_gets_contracts() {
        check(
            "functions:\n  - node_id: e_v1\n    inputs: {}\n  - node_id: f_v1\n    outputs:\n      success: { r: integer }  # r\n\n    # The steps.\n    flow: []\n",
            "functions:\n  - node_id: e_v1\n    inputs: {}\n  - node_id: f_v1\n    outputs:\n      success: { r: integer }  # r\n    contracts:\n      preconditions: ['a > 0 AND name != \"x\"']\n\n    # The steps.\n    flow: []\n",
        );
        check(
            "functions: [{ node_id: f_v1, flow: [] }]",
            "functions: [{ node_id: f_v1, contracts: { preconditions: ['a > 0 AND name != \"x\"'] }, flow: [] }]",
        );
        check(
            "flow: []\nnode_id: f_v1",
            "flow: []\nnode_id: f_v1\ncontracts:\n  preconditions: ['a > 0 AND name != \"x\"']",
        );
    }

    #[test]
    fn what_leaves_no_plain_place_is_left_alone() {
        for text in [
            "node_id: g_v1\ncontracts: {}\n",
            "node_id: f_v1\ncontracts: { preconditions: \"b > 0\" }\n",
            "node_id: f_v1\ncontracts: [b]\n",
            "node_id: f_v1\ncontracts: { preconditions: [{ b: c }] }\n",
            "node_id: f_v1\nnode_id: f_v1\n",
            "node_id: [f_v1\n",
            "",
        ] {
            assert_eq!(mended(text), None, "{text}");
        }
    }
}
