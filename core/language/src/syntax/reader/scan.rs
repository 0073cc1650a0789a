//! A first look at the tree, for the names that the file declares.

use super::super::declared::Declared;
use crate::yaml::{Kind, NodeId, Tree};

/// What a file declares: functions, types, and keys that are words of other languages.
pub(super) fn declared(tree: &Tree<'_>) -> Declared {
    let mut declared = Declared::default();
    let root = tree.root();
    module_level(tree, root, &mut declared);
    function_level(tree, root, &mut declared);
    if let Some(functions) = tree.get(root, "functions") {
        for function in tree.items(functions.value) {
            function_level(tree, function, &mut declared);
        }
    }
    length_keys(tree, root, &mut declared);
    declared
}

fn module_level(tree: &Tree<'_>, node: NodeId, declared: &mut Declared) {
    for key in ["types", "machines"] {
        if let Some(types) = tree.get(node, key) {
            declared.types.extend(
                tree.entries(types.value).filter_map(|entry| tree.text(entry.key)).map(str::to_owned),
            );
        }
    }
}

fn function_level(tree: &Tree<'_>, node: NodeId, declared: &mut Declared) {
    module_level(tree, node, declared);
    if let Some(name) = tree.get(node, "node_id").and_then(|entry| tree.text(entry.value)) {
        add_function(name, declared);
    }
    let metadata = tree.get(node, "metadata").map(|entry| entry.value);
    let imports = [tree.get(node, "uses"), metadata.and_then(|metadata| tree.get(metadata, "dependencies"))];
    for import in imports.into_iter().flatten() {
        for item in tree.items(import.value) {
            if let Some(text) = tree.text(item) {
                add_function(text.split('@').next().unwrap_or(text), declared);
            }
        }
    }
}

/// `f_v1` is also called `f`.
fn add_function(name: &str, declared: &mut Declared) {
    declared.functions.insert(name.to_owned());
    if let Some((plain, version)) = name.rsplit_once("_v")
        && !version.is_empty()
        && version.bytes().all(|byte| byte.is_ascii_digit())
    {
        declared.functions.insert(plain.to_owned());
    }
}

/// Keys such as `length`, which make a field of that name possible.
fn length_keys(tree: &Tree<'_>, root: NodeId, declared: &mut Declared) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match tree.kind(node) {
            Kind::Sequence { .. } => open.extend(tree.items(node)),
            Kind::Mapping { .. } => {
                for entry in tree.entries(node) {
                    if let Some(text @ ("length" | "len" | "size")) = tree.text(entry.key) {
                        declared.keys.insert(text.to_owned());
                    }
                    open.push(entry.value);
                }
            }
            Kind::Null | Kind::Scalar(_) => {}
        }
    }
}
