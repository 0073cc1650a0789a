//! `to_string`: by the type, not by the sort. Enumerations, machines and timestamps are all numbers here, and one
//! function on numbers would make equal texts of the first symbols of two enumerations.

use anrf_format::builtin::Builtin;
use anrf_format::types::{Type, TypeId};

use super::Encoder;
use crate::term::{SortId, TermId, Theory};

impl Encoder<'_> {
    /// The canonical text of a scalar.
    pub(super) fn shown(&mut self, id: TypeId, value: TermId) -> TermId {
        match self.module.types.get(id) {
            Type::String => value,
            Type::Integer | Type::Unbounded => self.text_of_integer(value),
            Type::Boolean => {
                let (yes, no) = (self.terms.text("TRUE"), self.terms.text("FALSE"));
                self.terms.if_then_else(value, yes, no)
            }
            Type::Enum(_) | Type::Machine(_) => {
                let names = self.module.types.symbols(id).map(<[String]>::to_vec).unwrap_or_default();
                self.symbol_text(value, &names)
            }
            Type::Optional(inner) => {
                let inner = *inner;
                let (present, payload) = (self.is_some(id, value), self.payload(id, value));
                let text = self.shown(inner, payload);
                let (open, close, none) =
                    (self.terms.text("SOME("), self.terms.text(")"), self.terms.text("NONE"));
                let some = self.terms.theory(Theory::Append, vec![open, text, close]);
                self.terms.if_then_else(present, some, none)
            }
            Type::Timestamp => {
                let symbol =
                    self.opaque_function("to_string of a timestamp", vec![SortId::INTEGER], SortId::TEXT);
                self.terms.apply(symbol, vec![value])
            }
            _ => self.known_by_name(Builtin::ToString, &[id], &[value], TypeId::STRING),
        }
    }

    /// The name of a symbol by its number; past the last there is no value.
    fn symbol_text(&mut self, value: TermId, names: &[String]) -> TermId {
        let Some((last, others)) = names.split_last() else { return self.terms.text("") };
        let mut text = self.terms.text(last);
        for (number, name) in others.iter().enumerate().rev() {
            let number = self.terms.integer(number);
            let is_this = self.terms.equal(value, number);
            let this = self.terms.text(name);
            text = self.terms.if_then_else(is_this, this, text);
        }
        text
    }
}
