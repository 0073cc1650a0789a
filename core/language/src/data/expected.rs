//! Values that an example expects: of a record only the listed fields are compared.

use anrf_format::diagnostic::Diagnostic;
use anrf_format::semantic::ExpectedValue;
use anrf_format::types::{TypeId, TypeTable};

use super::Reader;
use crate::yaml::{Kind, NodeId, Tree};

/// Reads an expected value of a type; `None` if it has none, with the reasons added to `findings`.
pub fn read_expected(
    tree: &Tree<'_>,
    node: NodeId,
    type_id: TypeId,
    types: &TypeTable,
    findings: &mut Vec<Diagnostic>,
) -> Option<ExpectedValue> {
    Reader { tree, types, findings }.expected(node, type_id)
}

impl Reader<'_> {
    fn expected(&mut self, node: NodeId, type_id: TypeId) -> Option<ExpectedValue> {
        let types = self.types;
        let record = types.record(type_id);
        let (Some(record), Kind::Mapping { .. }) = (record, self.tree.kind(node)) else {
            return self.value(node, type_id).map(ExpectedValue::Whole);
        };
        let mut fields = vec![];
        let mut complete = true;
        for entry in self.tree.entries(node) {
            let name = self.tree.text(entry.key).unwrap_or_default();
            match record.fields.iter().find(|field| field.name == name) {
                Some(field) => match self.expected(entry.value, field.type_id) {
                    Some(value) => fields.push((name.to_owned(), value)),
                    None => complete = false,
                },
                None => {
                    complete = false;
                    let what = format!("`{}`", record.name);
                    self.unknown_field(self.tree.span(entry.key), name, &record.fields, &what);
                }
            }
        }
        complete.then_some(ExpectedValue::Fields(fields))
    }
}
