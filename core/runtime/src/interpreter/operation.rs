//! One instruction of the execution layer, where no superinstruction applies.

use anrf_format::builtin::Builtin;
use anrf_format::execution::{Access, Arithmetic, Check, FaultKind, Instruction, Op, ValueId};
use anrf_format::types::TypeId;

use super::code::{CallSite, Code, List, Register, Slow};
use super::compile::{FunctionCompiler, index_of, too_large};
use super::program::Roles;
use crate::arena::{SEQUENCE_HEAD, Shape, Trace, unbounded_slot};
use crate::error::Error;

/// The word of a record's first field, and of a variant's.
const RECORD_FIELDS: u32 = 1;
const VARIANT_FIELDS: u32 = 2;

/// Emits an instruction.
pub(super) fn emit(compiler: &mut FunctionCompiler<'_>, instruction: &Instruction) -> Result<(), Error> {
    let c = compiler;
    match &instruction.op {
        Op::Constant(index) => {
            if c.execution.constants.get(*index as usize).is_none() {
                return Err(Error::malformed("a constant"));
            }
            let to = c.result(instruction)?;
            c.push(Code::Load { to, index: *index });
        }
        Op::Immediate(number) => immediate(c, instruction, *number)?,
        Op::Arithmetic(operator, a, b) => arithmetic(c, instruction, *operator, *a, *b)?,
        Op::Negate(a) => {
            let (to, type_id, a) = (c.result(instruction)?, c.type_of(*a), c.register(*a)?);
            c.push(match type_id {
                TypeId::INTEGER => Code::NegateInteger { to, a },
                TypeId::FLOAT => Code::NegateFloat { to, a },
                _ => Code::NegateNumber { to, a, type_id: type_id.0 },
            });
        }
        Op::Not(a) => {
            let (to, a) = (c.result(instruction)?, c.register(*a)?);
            c.push(Code::Not { to, a });
        }
        Op::Compare(comparison, a, b) => {
            let (comparison, type_id, integer) = (*comparison, c.type_of(*a), c.is_integer_like(*a));
            let (to, a, b) = (c.result(instruction)?, c.register(*a)?, c.register(*b)?);
            c.push(match type_id {
                _ if integer => Code::CompareInteger { comparison, to, a, b },
                TypeId::FLOAT => Code::CompareFloat { comparison, to, a, b },
                _ => Code::Compare { comparison, to, a, b, type_id: type_id.0 },
            });
        }
        Op::Contains(x, element) => {
            let type_id = c.type_of(*x).0;
            let (to, x, element) = (c.result(instruction)?, c.register(*x)?, c.register(*element)?);
            c.push(Code::Contains { to, x, element, type_id });
        }
        Op::Widen(a) => {
            let (from_type, to_type) = (c.type_of(*a), result_type(c, instruction));
            let (to, a) = (c.result(instruction)?, c.register(*a)?);
            if from_type == TypeId::INTEGER {
                c.push(Code::Widen { to, a });
            } else {
                c.slow(Slow::Widen { to, a, from_type, to_type })?;
            }
        }
        Op::Narrow(a) => {
            let (to, a) = (c.result(instruction)?, c.register(*a)?);
            c.push(Code::Narrow { to, a });
        }
        Op::Field(x, field, access) => {
            load(c, instruction, *x, RECORD_FIELDS.saturating_add(*field), *access)?
        }
        Op::WithField(x, field, value) => {
            let (to, x, value) = (c.result(instruction)?, c.register(*x)?, c.register(*value)?);
            c.push(Code::WithField { to, x, value, field: *field });
        }
        Op::Element(x, index, access) => element(c, instruction, *x, *index, *access)?,
        Op::WithElement(x, index, value) => {
            let (to, x) = (c.result(instruction)?, c.register(*x)?);
            let (index, value) = (c.register(*index)?, c.register(*value)?);
            c.push(Code::WithElement { to, x, index, value });
        }
        Op::Slice(x, from, until) => {
            let (to, type_id) = (c.result(instruction)?, c.type_of(*x));
            let (x, from, until) = (c.register(*x)?, c.register(*from)?, c.register(*until)?);
            c.slow(Slow::Slice { to, x, from, until, type_id })?;
        }
        Op::Lookup(x, key, access) => {
            let (to, type_id) = (c.result(instruction)?, c.type_of(*x).0);
            let (x, key) = (c.register(*x)?, c.register(*key)?);
            c.push(Code::Lookup { access: *access, to, x, key, type_id });
        }
        Op::WithEntry(x, key, value) => {
            let (to, type_id) = (c.result(instruction)?, c.type_of(*x).0);
            let (x, key, value) = (c.register(*x)?, c.register(*key)?, c.register(*value)?);
            c.push(Code::WithEntry { to, x, key, value, type_id });
        }
        Op::WithMember(x, key) => {
            let (to, type_id) = (c.result(instruction)?, c.type_of(*x).0);
            let (x, key) = (c.register(*x)?, c.register(*key)?);
            c.push(Code::WithMember { to, x, key, type_id });
        }
        Op::Without(x, key) => {
            let (to, type_id) = (c.result(instruction)?, c.type_of(*x).0);
            let (x, key) = (c.register(*x)?, c.register(*key)?);
            c.push(Code::Without { to, x, key, type_id });
        }
        Op::Concat(a, b) => {
            let (to, type_id) = (c.result(instruction)?, c.type_of(*a).0);
            let (a, b) = (c.register(*a)?, c.register(*b)?);
            c.push(Code::Concat { to, a, b, type_id });
        }
        Op::NewRecord(fields) => {
            let (to, type_id) = (c.result(instruction)?, short_type(c, instruction));
            let (list, count) = c.list(fields)?;
            c.push(Code::NewRecord { to, type_id, count, list });
        }
        Op::NewVariant(case, fields) => {
            let (to, type_id) = (c.result(instruction)?, result_type(c, instruction));
            let fields = c.registers_of(fields)?;
            c.slow(Slow::NewVariant { to, case: *case, fields, type_id })?;
        }
        Op::NewArray(elements) => {
            let (to, type_id) = (c.result(instruction)?, short_type(c, instruction));
            let (list, count) = c.list(elements)?;
            c.push(Code::NewArray { to, type_id, count, list });
        }
        Op::NewSet(members) => {
            let (to, type_id) = (c.result(instruction)?, result_type(c, instruction));
            let members = c.registers_of(members)?;
            c.slow(Slow::NewSet { to, members, type_id })?;
        }
        Op::NewMap(entries) => {
            let (to, type_id) = (c.result(instruction)?, result_type(c, instruction));
            let flat: Vec<ValueId> = entries.iter().flat_map(|(key, value)| [*key, *value]).collect();
            let entries = c.registers_of(&flat)?;
            c.slow(Slow::NewMap { to, entries, type_id })?;
        }
        Op::NewSome(a) => {
            let (to, type_id) = (c.result(instruction)?, result_type(c, instruction).0);
            let a = c.register(*a)?;
            c.push(Code::NewSome { to, a, type_id });
        }
        Op::NewNone => {
            let to = c.result(instruction)?;
            c.push(Code::Immediate { to, value: 0 });
        }
        Op::Payload(x, access) => load(c, instruction, *x, 1, *access)?,
        Op::CaseOf(x) => {
            let (to, x) = (c.result(instruction)?, c.register(*x)?);
            c.push(Code::Field { to, x, word: 1 });
        }
        Op::CaseField(x, _, field, access) => {
            load(c, instruction, *x, VARIANT_FIELDS.saturating_add(*field), *access)?;
        }
        Op::SymbolOf(x) => {
            let (to, from) = (c.result(instruction)?, c.register(*x)?);
            c.push(Code::Move { to, from });
        }
        Op::Builtin(builtin, arguments) => built_in(c, instruction, *builtin, arguments)?,
        Op::Check(check, operands, obligation) => {
            if !never_faults(c, *check, operands) {
                let code = checked(c, *check, operands)?;
                c.site(*obligation, operands)?;
                match code {
                    Checked::Code(code) => c.push(code),
                    Checked::Slow(slow) => c.slow(slow)?,
                }
            }
        }
        Op::CheckRecord(record, value, obligation) => {
            if let Some(function) = Roles::get(&c.program.roles.record, *record) {
                let fields = c.types.records.get(*record as usize).map_or(0, |record| record.fields.len());
                let x = c.register(*value)?;
                // Read without marking: ghost code does not update what was there before it.
                let mut arguments = vec![];
                for word in (RECORD_FIELDS..).take(fields) {
                    let to = c.fresh();
                    c.push(Code::Field { to, x, word });
                    arguments.push(to);
                }
                c.site(*obligation, &[*value])?;
                condition(c, function, arguments, FaultKind::ConstraintViolation)?;
            }
        }
        Op::CheckState(variable, obligation) => {
            if let Some(function) = Roles::get(&c.program.roles.state, *variable) {
                c.site(*obligation, &[])?;
                condition(c, function, vec![], FaultKind::ConstraintViolation)?;
            }
        }
        Op::CheckCall(callee, arguments, obligation) => {
            if let Some(function) = Roles::get(&c.program.roles.entry, *callee) {
                let registers = c.registers_of(arguments)?.into_vec();
                c.site(*obligation, arguments)?;
                condition(c, function, registers, FaultKind::CallPreconditionViolation)?;
            }
        }
        Op::CheckRequest(operation, arguments, obligation) => {
            if let Some(function) = Roles::get(&c.program.roles.request, *operation) {
                let registers = c.registers_of(arguments)?.into_vec();
                c.site(*obligation, arguments)?;
                condition(c, function, registers, FaultKind::CallPreconditionViolation)?;
            }
        }
        Op::Contract(kind, region, obligation) => c.contract(*kind, *region, *obligation)?,
        Op::Ghost(region) => c.ghost(instruction, *region)?,
        Op::Fold(fold, domain, region) => c.fold(instruction, fold, domain, *region)?,
        Op::Share(x) => {
            if c.program.shapes.trace(c.type_of(*x)) == Trace::Pointer {
                let x = c.register(*x)?;
                c.push(Code::Share { x });
            }
        }
        Op::Charge(units) => c.push(Code::Charge { units: *units }),
        Op::Enter => c.push(Code::Enter),
        Op::Leave => c.push(Code::Leave),
        Op::Mark => {
            let to = c.result(instruction)?;
            c.push(Code::Mark { to });
        }
        Op::StateRead(variable, access) => {
            let (to, type_id) = (c.result(instruction)?, result_type(c, instruction));
            let (variable, pointer) = (*variable, c.program.shapes.trace(type_id) == Trace::Pointer);
            c.push(if pointer && *access == Access::Read {
                Code::StateReadPointer { to, variable }
            } else {
                Code::StateRead { to, variable }
            });
        }
        Op::StateWrite(variable, value) => {
            let from = c.register(*value)?;
            c.push(Code::StateWrite { from, variable: *variable });
        }
        Op::Attempts(operation) => {
            let to = c.result(instruction)?;
            c.slow(Slow::Attempts { to, operation: *operation })?;
        }
        Op::Log(level, message, fields) => {
            let message = c.register(*message)?;
            let mut named = vec![];
            for (name, value) in fields {
                named.push((name.clone(), c.register(*value)?, c.type_of(*value)));
            }
            let step = c.step.clone();
            c.slow(Slow::Log { level: *level, step, message, fields: named.into() })?;
        }
        Op::Wait(milliseconds) => c.slow(Slow::Wait { milliseconds: *milliseconds })?,
    }
    Ok(())
}

fn result_type(c: &FunctionCompiler<'_>, instruction: &Instruction) -> TypeId {
    instruction.result.map_or(TypeId::BOOLEAN, |value| c.type_of(value))
}

fn short_type(c: &FunctionCompiler<'_>, instruction: &Instruction) -> u16 {
    // A module has fewer types.
    u16::try_from(result_type(c, instruction).0).unwrap_or(0)
}

fn immediate(c: &mut FunctionCompiler<'_>, instruction: &Instruction, number: i64) -> Result<(), Error> {
    if result_type(c, instruction) == TypeId::UNBOUNDED {
        let to = c.result(instruction)?;
        return match unbounded_slot(number) {
            Some(slot) => c.immediate(to, slot.cast_signed()),
            None => {
                c.immediate(to, number)?;
                c.push(Code::Widen { to, a: to });
                Ok(())
            }
        };
    }
    match instruction.result {
        Some(value) if c.is_needed(value) => {
            let to = c.own_register(value)?;
            c.immediate(to, number)
        }
        _ => Ok(()),
    }
}

fn arithmetic(
    c: &mut FunctionCompiler<'_>,
    instruction: &Instruction,
    operator: Arithmetic,
    a: ValueId,
    b: ValueId,
) -> Result<(), Error> {
    let (to, type_id) = (c.result(instruction)?, c.type_of(a));
    let divisor = c.immediate_of(b).and_then(|value| i32::try_from(value).ok()).filter(|value| *value != 0);
    let code = match (type_id, operator, divisor) {
        (TypeId::INTEGER, Arithmetic::Divide, Some(value)) => {
            Code::DivideImmediate { to, a: c.register(a)?, value }
        }
        (TypeId::INTEGER, Arithmetic::Remainder, Some(value)) => {
            Code::RemainderImmediate { to, a: c.register(a)?, value }
        }
        (TypeId::INTEGER, ..) => Code::Wrapping { operator, to, a: c.register(a)?, b: c.register(b)? },
        (TypeId::FLOAT, ..) => Code::Float { operator, to, a: c.register(a)?, b: c.register(b)? },
        _ => Code::Number { operator, to, a: c.register(a)?, b: c.register(b)?, type_id: type_id.0 },
    };
    c.push(code);
    Ok(())
}

/// A word of an object.
fn load(
    c: &mut FunctionCompiler<'_>,
    instruction: &Instruction,
    x: ValueId,
    word: u32,
    access: Access,
) -> Result<(), Error> {
    let pointer = c.program.shapes.trace(result_type(c, instruction)) == Trace::Pointer;
    let (to, x) = (c.result(instruction)?, c.register(x)?);
    c.push(if pointer { Code::FieldPointer { access, to, x, word } } else { Code::Field { to, x, word } });
    Ok(())
}

fn element(
    c: &mut FunctionCompiler<'_>,
    instruction: &Instruction,
    x: ValueId,
    index: ValueId,
    access: Access,
) -> Result<(), Error> {
    let shape = c.program.shapes.get(c.type_of(x)).clone();
    let (to, x, index) = (c.result(instruction)?, c.register(x)?, c.register(index)?);
    c.push(match shape {
        Shape::String => Code::ElementOfText { to, x, index },
        Shape::Bytes => Code::ElementOfBytes { to, x, index },
        Shape::Array(element) if c.program.shapes.trace(element) == Trace::Pointer => {
            Code::ElementPointer { access, to, x, index }
        }
        _ => Code::Element { to, x, index },
    });
    Ok(())
}

fn built_in(
    c: &mut FunctionCompiler<'_>,
    instruction: &Instruction,
    builtin: Builtin,
    arguments: &[ValueId],
) -> Result<(), Error> {
    let types: Box<[TypeId]> = arguments.iter().map(|argument| c.type_of(*argument)).collect();
    let result = result_type(c, instruction);
    let (to, arguments) = (c.result(instruction)?, c.registers_of(arguments)?);
    match (builtin, &*arguments, types.first().copied().unwrap_or(TypeId::BOOLEAN)) {
        (Builtin::Len, [x], TypeId::STRING) => c.push(Code::LengthOfText { to, x: *x }),
        (Builtin::Len, [x], _) => c.push(Code::Length { to, x: *x }),
        (Builtin::IsSome, [x], _) => c.push(Code::IsSome { to, x: *x }),
        (Builtin::Min, [a, b], TypeId::INTEGER) => c.push(Code::MinInteger { to, a: *a, b: *b }),
        (Builtin::Max, [a, b], TypeId::INTEGER) => c.push(Code::MaxInteger { to, a: *a, b: *b }),
        _ => c.slow(Slow::Builtin { builtin, to, arguments, types, result })?,
    }
    Ok(())
}

/// Checks of immediates whose outcome is known.
fn never_faults(c: &FunctionCompiler<'_>, check: Check, operands: &[ValueId]) -> bool {
    let number = |index: usize| operands.get(index).and_then(|value| c.immediate_of(*value));
    let type_id = operands.first().map(|value| c.type_of(*value));
    match check {
        Check::NotZero => type_id == Some(TypeId::INTEGER) && number(0).is_some_and(|value| value != 0),
        Check::Arithmetic(Arithmetic::Divide) => number(1).is_some_and(|value| value != -1),
        Check::Arithmetic(Arithmetic::Remainder) => true,
        Check::Builtin(builtin) => builtin.info().faults.is_empty(),
        _ => false,
    }
}

enum Checked {
    Code(Code),
    Slow(Slow),
}

fn checked(c: &mut FunctionCompiler<'_>, check: Check, operands: &[ValueId]) -> Result<Checked, Error> {
    let types: Box<[TypeId]> = operands.iter().map(|operand| c.type_of(*operand)).collect();
    let registers = c.registers_of(operands)?;
    let shape = types.first().map(|type_id| c.program.shapes.get(*type_id).clone());
    let is_text = shape == Some(Shape::String);
    let type_id = types.first().map_or(0, |type_id| type_id.0);
    Ok(Checked::Code(match (check, &*registers) {
        (Check::Arithmetic(operator), [a, b]) => Code::CheckArithmetic { operator, a: *a, b: *b },
        (Check::Negate, [a]) => Code::CheckNegate { a: *a },
        (Check::Narrow, [a]) => Code::CheckNarrow { a: *a },
        (Check::NotZero, [a]) => Code::CheckNotZero { a: *a, type_id },
        (Check::Index, [x, index]) if is_text => Code::CheckIndexOfText { x: *x, index: *index },
        (Check::Index, [x, index]) => Code::CheckIndex { x: *x, index: *index },
        (Check::Slice, [x, from, to]) => Code::CheckSlice { x: *x, from: *from, to: *to, is_text },
        (Check::Key, [x, key]) => Code::CheckKey { x: *x, key: *key, type_id },
        (Check::Some, [x]) => Code::CheckSome { x: *x },
        (Check::Transition(machine, to), [from]) => {
            return Ok(Checked::Slow(Slow::CheckTransition { machine, from: *from, to }));
        }
        (Check::Builtin(builtin), _) => {
            return Ok(Checked::Slow(Slow::CheckBuiltin { builtin, arguments: registers, types }));
        }
        _ => return Err(Error::malformed("an operand")),
    }))
}

fn condition(
    c: &mut FunctionCompiler<'_>,
    function: u32,
    arguments: Vec<Register>,
    kind: FaultKind,
) -> Result<(), Error> {
    let start = index_of(c.program.lists.len())?;
    let count = u16::try_from(arguments.len()).map_err(|_| too_large())?;
    c.program.lists.extend_from_slice(&arguments);
    c.program.list_types.resize(c.program.lists.len(), TypeId::BOOLEAN);
    let callee = c.execution.functions.get(function as usize);
    if callee.is_none_or(|callee| callee.parameters != u32::from(count) || !callee.returns.is_empty()) {
        return Err(Error::malformed("a function"));
    }
    c.call(CallSite {
        at: 0,
        function,
        entry: 0,
        enters: false,
        window: 0,
        arguments: List { start, count },
        results: List::default(),
        result: 0,
        success: 0,
        charge: 0,
        failure: None,
        condition: Some(kind),
    })
}

const _: () = assert!(SEQUENCE_HEAD == 2, "the interpreter's element instructions skip header and capacity");
