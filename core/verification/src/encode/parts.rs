//! Parts of a value as terms, for whoever reads a model.

use anrf_format::types::{TypeId, TypeTable};

use super::Encoder;
use super::sorts::Shape;
use crate::term::{SortId, SymbolId, TermId};

impl<'m> Encoder<'m> {
    pub(crate) fn types(&self) -> &'m TypeTable {
        &self.module.types
    }

    /// Names of the inputs, in order.
    pub(crate) fn input_names(&self, encoded: &super::Encoded) -> Vec<String> {
        let function = self.module.semantic.functions.get(encoded.index as usize);
        function.map(|it| it.inputs.iter().map(|input| input.name.clone()).collect()).unwrap_or_default()
    }

    /// Names of the state variables, in order.
    pub(crate) fn state_names(&self, encoded: &super::Encoded) -> Vec<String> {
        let name = |(variable, ..): &(u32, TypeId, TermId)| {
            self.module.semantic.state.get(*variable as usize).map(|it| it.name.clone()).unwrap_or_default()
        };
        encoded.state.iter().map(name).collect()
    }

    /// The function that stands for powers of two, once something has used it.
    pub(crate) fn two_to_symbol(&self) -> Option<SymbolId> {
        self.named.get(&("two_to", None)).copied()
    }

    pub(crate) fn sort_of(&mut self, id: TypeId) -> SortId {
        self.sort(id)
    }

    pub(crate) fn is_some_term(&mut self, id: TypeId, value: TermId) -> TermId {
        self.is_some(id, value)
    }

    pub(crate) fn payload_term(&mut self, id: TypeId, value: TermId) -> TermId {
        self.payload(id, value)
    }

    pub(crate) fn length_term(&mut self, id: TypeId, value: TermId) -> TermId {
        self.len_of(id, value)
    }

    pub(crate) fn item_term(&mut self, id: TypeId, value: TermId, index: usize) -> Option<TermId> {
        let Shape::List(list, _) = self.shape(id) else { return None };
        let index = self.terms.integer(index);
        Some(self.at(list, value, index))
    }

    pub(crate) fn has_term(&mut self, id: TypeId, value: TermId, key: TermId) -> TermId {
        match self.shape(id) {
            Shape::Map(mapping, ..) => self.terms.apply(mapping.has, vec![value, key]),
            Shape::Set(members, _) => self.terms.apply(members.has, vec![value, key]),
            _ => self.terms.boolean(false),
        }
    }

    pub(crate) fn lookup_term(&mut self, id: TypeId, value: TermId, key: TermId) -> TermId {
        match self.shape(id) {
            Shape::Map(mapping, ..) => self.terms.apply(mapping.lookup, vec![value, key]),
            _ => key,
        }
    }

    pub(crate) fn field_term(&mut self, id: TypeId, case: u32, field: u32, value: TermId) -> Option<TermId> {
        match self.shape(id) {
            Shape::Record(datatype, _) | Shape::Variant(datatype, _) => {
                Some(self.terms.project(datatype, case, field, value))
            }
            _ => None,
        }
    }

    pub(crate) fn is_case_term(&mut self, id: TypeId, case: u32, value: TermId) -> Option<TermId> {
        match self.shape(id) {
            Shape::Variant(datatype, _) => Some(self.terms.is_made_by(datatype, case, value)),
            _ => None,
        }
    }
}
