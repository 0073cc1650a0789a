//! How owners of clauses are written: the names around a clause are left out, and put back when its owner is
//! read. A module has some five clauses a function, each inside the same inputs.
//!
//! Every form takes its parts out by name, so that a new part cannot be forgotten, and writes them in declared
//! order, as the derived reader of the same type wants them.

use std::sync::Arc;

use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Clause, Contract, Function, HostOperation, Input, Local, Locals, Postcondition};
use crate::types::{Field, Record};

/// Writes a struct as its derived writer would.
macro_rules! write_struct {
    ($to:expr, $name:literal, $($field:ident: $value:expr,)*) => {{
        let fields = [$(stringify!($field)),*];
        let mut to = $to.serialize_struct($name, fields.len())?;
        $(to.serialize_field(stringify!($field), $value)?;)*
        to.end()
    }};
}

/// Something that stands inside so many names.
pub(super) fn inside<T: ?Sized>(value: &T, around: usize) -> Inside<'_, T> {
    Inside { value, around }
}

pub(super) struct Inside<'a, T: ?Sized> {
    value: &'a T,
    around: usize,
}

impl Serialize for Inside<'_, Locals> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let all = self.value.all();
        let mut own = to.serialize_seq(Some(all.len().saturating_sub(self.around)))?;
        for local in all.iter().skip(self.around) {
            own.serialize_element(local)?;
        }
        own.end()
    }
}

impl Serialize for Inside<'_, Clause> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Clause { exprs, root, locals } = self.value;
        write_struct!(to, "Clause", exprs: exprs, root: root, locals: &inside(locals, self.around),)
    }
}

impl Serialize for Inside<'_, Postcondition> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Postcondition { clause, success_only } = self.value;
        write_struct!(to, "Postcondition", clause: &inside(clause, self.around), success_only: success_only,)
    }
}

impl Serialize for Inside<'_, Input> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Input { name, type_id, default, constraints } = self.value;
        let constraints = inside(&constraints[..], self.around);
        write_struct!(to, "Input", name: name, type_id: type_id, default: default, constraints: &constraints,)
    }
}

impl Serialize for Inside<'_, Contract> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Contract { preconditions, postconditions, invariants } = self.value;
        let around = self.around;
        write_struct!(to, "Contract",
            preconditions: &inside(&preconditions[..], around),
            postconditions: &inside(&postconditions[..], around),
            invariants: &inside(&invariants[..], around),
        )
    }
}

impl<'a, T> Serialize for Inside<'a, [T]>
where
    Inside<'a, T>: Serialize,
{
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.value.iter().map(|value| inside(value, self.around)))
    }
}

impl Serialize for Clause {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        inside(self, 0).serialize(to)
    }
}

impl Serialize for Function {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { name, version, kind, imported_from, inputs, success, success_record, error_codes, .. } =
            self;
        let Self { state, module_invariants, contract, decreases, locals, exprs, steps, body, .. } = self;
        let Self { examples, performance, security, .. } = self;
        let around = inputs.len();
        // Its own names begin with the inputs too.
        let locals = locals.get(around..).unwrap_or_default();
        write_struct!(to, "Function",
            name: name,
            version: version,
            kind: kind,
            imported_from: imported_from,
            inputs: &inside(&inputs[..], around),
            success: success,
            success_record: success_record,
            error_codes: error_codes,
            state: state,
            module_invariants: module_invariants,
            contract: &inside(contract, around),
            decreases: &inside(&decreases[..], around),
            locals: locals,
            exprs: exprs,
            steps: steps,
            body: body,
            examples: examples,
            performance: performance,
            security: security,
        )
    }
}

impl Serialize for HostOperation {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { name, capability, inputs, success, success_record, error_codes, .. } = self;
        let Self { preconditions, postconditions, idempotent, .. } = self;
        let around = inputs.len();
        write_struct!(to, "HostOperation",
            name: name,
            capability: capability,
            inputs: inputs,
            success: success,
            success_record: success_record,
            error_codes: error_codes,
            preconditions: &inside(&preconditions[..], around),
            postconditions: &inside(&postconditions[..], around),
            idempotent: idempotent,
        )
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { name, fields, constraints } = self;
        let constraints = inside(&constraints[..], fields.len());
        write_struct!(to, "Record", name: name, fields: fields, constraints: &constraints,)
    }
}

/// For `deserialize_with`: functions, with the names around their clauses.
pub(super) fn functions<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Function>, D::Error> {
    let mut functions: Vec<Function> = Vec::deserialize(from)?;
    for function in &mut functions {
        let inputs = function.inputs.iter();
        let around: Arc<[Local]> =
            inputs.map(|input| Local { name: input.name.clone(), type_id: input.type_id }).collect();
        let contract = &mut function.contract;
        let postconditions = contract.postconditions.iter_mut().map(|it| &mut it.clause);
        let clauses = contract.preconditions.iter_mut().chain(postconditions).chain(&mut contract.invariants);
        let constraints = function.inputs.iter_mut().flat_map(|input| &mut input.constraints);
        put_inside(clauses.chain(constraints).chain(&mut function.decreases), &around);
        function.locals.splice(0..0, around.iter().cloned());
    }
    Ok(functions)
}

/// The same for host operations.
pub(super) fn operations<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<HostOperation>, D::Error> {
    let mut operations: Vec<HostOperation> = Vec::deserialize(from)?;
    for operation in &mut operations {
        let around = names(&operation.inputs);
        put_inside(operation.preconditions.iter_mut().chain(&mut operation.postconditions), &around);
    }
    Ok(operations)
}

/// The same for records.
pub(crate) fn records<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Record>, D::Error> {
    let mut records: Vec<Record> = Vec::deserialize(from)?;
    for record in records.iter_mut().filter(|record| !record.constraints.is_empty()) {
        let around = names(&record.fields);
        put_inside(record.constraints.iter_mut(), &around);
    }
    Ok(records)
}

fn names(fields: &[Field]) -> Arc<[Local]> {
    fields.iter().map(|field| Local { name: field.name.clone(), type_id: field.type_id }).collect()
}

fn put_inside<'a>(clauses: impl Iterator<Item = &'a mut Clause>, around: &Arc<[Local]>) {
    clauses.for_each(|clause| clause.locals.put_inside(around));
}
