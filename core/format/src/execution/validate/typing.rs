//! Types of operands, results, arguments and yields.

use super::shape::{Anchor, Shape};
use super::signature::{fits_builtin, is_totally_ordered};
use super::{Context, Defect, Result, ValidateError, require};
use crate::execution::{
    Arithmetic, Block, BlockId, Check, Comparison, Domain, Fold, Function, Instruction, Op, Terminator,
    ValueId,
};
use crate::semantic::Aggregate;
use crate::types::{Field, Type, TypeId, TypeTable};

pub(super) fn check(context: &Context<'_>, function: &Function, shape: &Shape) -> Result {
    let typing = Typing { context, types: context.types, function };
    for (index, block) in function.blocks.iter().enumerate() {
        let at = |error: ValidateError| error.at(index);
        for instruction in &block.instructions {
            let fits = typing.instruction(instruction).unwrap_or(false);
            require(fits, Defect::Type, "an instruction with operands or a result of the wrong type")
                .map_err(at)?;
        }
        let fits = typing.terminator(block, shape).unwrap_or(false);
        require(fits, Defect::Type, "a terminator with operands of the wrong type").map_err(at)?;
    }
    for (index, region) in function.regions.iter().enumerate() {
        let parameters = &function.blocks[region.entry.0 as usize].parameters;
        let fits = typing.region_parameters(shape.anchor[index], parameters).unwrap_or(false);
        require(fits, Defect::Type, "a region with parameters of the wrong type")?;
    }
    Ok(())
}

struct Typing<'a> {
    context: &'a Context<'a>,
    types: &'a TypeTable,
    function: &'a Function,
}

impl<'a> Typing<'a> {
    fn of(&self, value: ValueId) -> Option<TypeId> {
        self.function.type_of(value)
    }

    fn get(&self, id: TypeId) -> Option<&'a Type> {
        self.types.types.get(id.0 as usize)
    }

    fn kind(&self, value: ValueId) -> Option<&'a Type> {
        self.get(self.of(value)?)
    }

    fn all(&self, values: &[ValueId], fields: &[Field]) -> bool {
        values.len() == fields.len()
            && values.iter().zip(fields).all(|(value, field)| self.of(*value) == Some(field.type_id))
    }

    fn are(&self, values: &[ValueId], types: &[TypeId]) -> bool {
        values.len() == types.len()
            && values.iter().zip(types).all(|(value, type_id)| self.of(*value) == Some(*type_id))
    }

    fn record(&self, id: TypeId) -> Option<&'a [Field]> {
        let Type::Record(index) = self.get(id)? else { return None };
        Some(&self.types.records.get(*index as usize)?.fields)
    }

    fn case(&self, id: TypeId, case: u32) -> Option<&'a [Field]> {
        let Type::Variant(index) = self.get(id)? else { return None };
        Some(&self.types.variants.get(*index as usize)?.cases.get(case as usize)?.fields)
    }

    /// `None` and `Some(false)` both say that the types do not fit.
    fn instruction(&self, instruction: &Instruction) -> Option<bool> {
        match instruction.result {
            Some(result) => self.value(&instruction.op, self.of(result)?),
            None => self.statement(&instruction.op),
        }
    }

    fn value(&self, op: &Op, result: TypeId) -> Option<bool> {
        const INTEGER: TypeId = TypeId::INTEGER;
        let is = |value: ValueId, id: TypeId| self.of(value) == Some(id);
        Some(match op {
            Op::Constant(index) => self.context.execution.constants.get(*index as usize)?.0 == result,
            Op::Immediate(bits) => match self.get(result)? {
                Type::Boolean => matches!(bits, 0 | 1),
                Type::Integer | Type::Unbounded => true,
                Type::Timestamp => crate::timestamp::Timestamp::from_micros(*bits).is_some(),
                Type::Enum(_) | Type::Machine(_) => {
                    usize::try_from(*bits).is_ok_and(|bits| bits < self.symbols(result))
                }
                _ => false,
            },
            Op::Arithmetic(operator, a, b) => {
                is(*a, result)
                    && is(*b, result)
                    && match self.get(result)? {
                        Type::Integer | Type::Unbounded | Type::Float => true,
                        Type::Decimal => *operator != Arithmetic::Divide,
                        _ => false,
                    }
            }
            Op::Negate(a) => is(*a, result) && is_number(self.get(result)?),
            Op::Not(a) => is(*a, TypeId::BOOLEAN) && result == TypeId::BOOLEAN,
            Op::Compare(comparison, a, b) => {
                let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
                let operand = self.of(*a)?;
                result == TypeId::BOOLEAN
                    && self.of(*b) == Some(operand)
                    && (equality || (operand != TypeId::BOOLEAN && is_totally_ordered(self.types, operand)))
            }
            Op::Contains(collection, element) => {
                result == TypeId::BOOLEAN
                    && self.of(*element)?
                        == match self.kind(*collection)? {
                            Type::Array(element) | Type::Set(element) | Type::Map(element, _) => *element,
                            Type::String => TypeId::STRING,
                            _ => return None,
                        }
            }
            Op::Widen(a) => self.of(*a)? != result && widens(self.types, self.of(*a)?, result),
            Op::Narrow(a) => is(*a, TypeId::UNBOUNDED) && result == INTEGER,
            Op::Field(a, field, _) => self.record(self.of(*a)?)?.get(*field as usize)?.type_id == result,
            Op::WithField(a, field, b) => {
                let known = self.record(result)?.get(*field as usize)?;
                is(*a, result) && is(*b, known.type_id)
            }
            Op::Element(a, index, _) => {
                is(*index, INTEGER)
                    && match self.kind(*a)? {
                        Type::Array(element) => *element == result,
                        Type::String => result == TypeId::STRING,
                        Type::Bytes => result == INTEGER || result == TypeId::BYTES,
                        _ => false,
                    }
            }
            Op::WithElement(a, index, b) => {
                let Type::Array(element) = self.get(result)? else { return None };
                is(*a, result) && is(*index, INTEGER) && is(*b, *element)
            }
            Op::Slice(a, from, to) => {
                is(*a, result)
                    && is(*from, INTEGER)
                    && is(*to, INTEGER)
                    && matches!(self.get(result)?, Type::Array(_) | Type::String | Type::Bytes)
            }
            Op::Lookup(a, key, _) => {
                let Type::Map(known, element) = self.kind(*a)? else { return None };
                is(*key, *known) && *element == result
            }
            Op::WithEntry(a, key, b) => {
                let Type::Map(known, element) = self.get(result)? else { return None };
                is(*a, result) && is(*key, *known) && is(*b, *element)
            }
            Op::WithMember(a, b) => {
                let Type::Set(element) = self.get(result)? else { return None };
                is(*a, result) && is(*b, *element)
            }
            Op::Without(a, b) => {
                let (Type::Set(key) | Type::Map(key, _)) = self.get(result)? else { return None };
                is(*a, result) && is(*b, *key)
            }
            Op::Concat(a, b) => {
                is(*a, result)
                    && is(*b, result)
                    && matches!(self.get(result)?, Type::Array(_) | Type::String | Type::Bytes)
            }
            Op::NewRecord(parts) => self.all(parts, self.record(result)?),
            Op::NewVariant(case, parts) => self.all(parts, self.case(result, *case)?),
            Op::NewArray(parts) => {
                let Type::Array(element) = self.get(result)? else { return None };
                parts.iter().all(|part| is(*part, *element))
            }
            Op::NewSet(parts) => {
                let Type::Set(element) = self.get(result)? else { return None };
                parts.iter().all(|part| is(*part, *element))
            }
            Op::NewMap(entries) => {
                let Type::Map(key, element) = self.get(result)? else { return None };
                entries.iter().all(|(k, v)| is(*k, *key) && is(*v, *element))
            }
            Op::NewSome(a) => matches!(self.get(result)?, Type::Optional(inner) if is(*a, *inner)),
            Op::NewNone => matches!(self.get(result)?, Type::Optional(_)),
            Op::Payload(a, _) => matches!(self.kind(*a)?, Type::Optional(inner) if *inner == result),
            Op::CaseOf(a) => matches!(self.kind(*a)?, Type::Variant(_)) && result == INTEGER,
            Op::CaseField(a, case, field, _) => {
                self.case(self.of(*a)?, *case)?.get(*field as usize)?.type_id == result
            }
            Op::SymbolOf(a) => {
                matches!(self.kind(*a)?, Type::Enum(_) | Type::Machine(_)) && result == INTEGER
            }
            Op::Builtin(builtin, arguments) => {
                let arguments = arguments.iter().map(|value| self.of(*value)).collect::<Option<Vec<_>>>()?;
                fits_builtin(self.types, *builtin, &arguments, Some(result))
            }
            // What it yields is checked with the region.
            Op::Ghost(_) => true,
            Op::Fold(fold, domain, _) => self.fold(*fold, *domain, result)?,
            Op::Mark => result == INTEGER,
            Op::StateRead(variable, _) => self.state(*variable)? == result,
            Op::Attempts(_) => result == TypeId::UNBOUNDED,
            _ => false,
        })
    }

    fn statement(&self, op: &Op) -> Option<bool> {
        let semantic = self.context.semantic;
        Some(match op {
            Op::Check(check, operands, _) => self.check(*check, operands)?,
            Op::CheckRecord(index, a, _) => self.kind(*a)? == &Type::Record(*index),
            Op::CheckCall(callee, arguments, _) => {
                let inputs = &semantic.functions.get(*callee as usize)?.inputs;
                let inputs: Vec<TypeId> = inputs.iter().map(|input| input.type_id).collect();
                self.are(arguments, &inputs)
            }
            Op::CheckRequest(operation, arguments, _) => {
                self.all(arguments, &semantic.host.get(*operation as usize)?.inputs)
            }
            Op::StateWrite(variable, a) => self.of(*a)? == self.state(*variable)?,
            Op::Log(_, message, _) => self.of(*message)? == TypeId::STRING,
            Op::CheckState(..)
            | Op::Contract(..)
            | Op::Share(_)
            | Op::Charge(_)
            | Op::Enter
            | Op::Leave
            | Op::Wait(_) => true,
            _ => false,
        })
    }

    fn check(&self, check: Check, operands: &[ValueId]) -> Option<bool> {
        const INTEGER: TypeId = TypeId::INTEGER;
        let of = operands.iter().map(|value| self.of(*value)).collect::<Option<Vec<_>>>()?;
        Some(match (check, of.as_slice()) {
            (Check::Arithmetic(_), [INTEGER, INTEGER])
            | (Check::Negate, [INTEGER])
            | (Check::Narrow, [TypeId::UNBOUNDED])
            | (Check::NotZero, [INTEGER | TypeId::UNBOUNDED | TypeId::DECIMAL]) => true,
            (Check::Index, [x, INTEGER]) | (Check::Slice, [x, INTEGER, INTEGER]) => {
                matches!(self.get(*x)?, Type::Array(_) | Type::String | Type::Bytes)
            }
            (Check::Key, [map, key]) => matches!(self.get(*map)?, Type::Map(known, _) if known == key),
            (Check::Some, [x]) => matches!(self.get(*x)?, Type::Optional(_)),
            (Check::Transition(machine, _), [x]) => self.get(*x)? == &Type::Machine(machine),
            (Check::Builtin(builtin), arguments) => fits_builtin(self.types, builtin, arguments, None),
            _ => false,
        })
    }

    fn fold(&self, fold: Fold, domain: Domain, result: TypeId) -> Option<bool> {
        let domain_fits = match domain {
            Domain::Range(low, high) => {
                matches!(self.kind(low)?, Type::Integer | Type::Unbounded) && self.of(low) == self.of(high)
            }
            Domain::Array(array) => matches!(self.kind(array)?, Type::Array(_)),
        };
        let result_fits = match fold {
            Fold::Quantifier(_) | Fold::Aggregate(Aggregate::All | Aggregate::Any, _) => {
                result == TypeId::BOOLEAN
            }
            Fold::Array => matches!(self.get(result)?, Type::Array(_)),
            Fold::Set => matches!(self.get(result)?, Type::Set(_)),
            Fold::Map => matches!(self.get(result)?, Type::Map(..)),
            Fold::Aggregate(Aggregate::Sum, _) => is_number(self.get(result)?),
            Fold::Aggregate(Aggregate::Count, _) => {
                matches!(self.get(result)?, Type::Integer | Type::Unbounded)
            }
            Fold::Aggregate(Aggregate::Min | Aggregate::Max, _) => is_totally_ordered(self.types, result),
            Fold::Aggregate(Aggregate::Find, _) => matches!(self.get(result)?, Type::Optional(_)),
            Fold::Sort { keys, descending } => {
                let spare = descending.checked_shr(u32::from(keys)).unwrap_or(0);
                (1..=64).contains(&keys)
                    && spare == 0
                    && matches!(domain, Domain::Array(array) if self.of(array) == Some(result))
            }
        };
        Some(domain_fits && result_fits)
    }

    /// What a region's `Yield` has to hand over.
    fn yields(&self, anchor: Anchor, values: &[ValueId]) -> Option<bool> {
        let (block, position) = match anchor {
            Anchor::Measure(_) => return Some(self.are(values, &[TypeId::UNBOUNDED])),
            Anchor::Instruction(block, position) => (block, position),
        };
        let instruction = self.function.blocks.get(block as usize)?.instructions.get(position as usize)?;
        let result = instruction.result.and_then(|result| self.of(result));
        Some(match &instruction.op {
            Op::Contract(..) => self.are(values, &[TypeId::BOOLEAN]),
            Op::Ghost(_) => self.are(values, &[result?]),
            Op::Fold(fold, ..) => match fold {
                Fold::Quantifier(_) | Fold::Aggregate(Aggregate::All | Aggregate::Any, _) => {
                    self.are(values, &[TypeId::BOOLEAN])
                }
                Fold::Array | Fold::Set => {
                    let (Type::Array(element) | Type::Set(element)) = self.get(result?)? else { return None };
                    self.are(values, &[*element])
                }
                Fold::Map => {
                    let Type::Map(key, element) = self.get(result?)? else { return None };
                    self.are(values, &[*key, *element])
                }
                Fold::Aggregate(Aggregate::Count, _) => values.len() == 1,
                Fold::Aggregate(Aggregate::Find, _) => {
                    let Type::Optional(inner) = self.get(result?)? else { return None };
                    self.are(values, &[*inner])
                }
                Fold::Aggregate(..) => self.are(values, &[result?]),
                Fold::Sort { keys, .. } => {
                    let ordered = |value: &ValueId| {
                        self.of(*value).is_some_and(|id| is_totally_ordered(self.types, id))
                    };
                    values.len() == usize::from(*keys) && values.iter().all(ordered)
                }
            },
            _ => false,
        })
    }

    fn region_parameters(&self, anchor: Anchor, parameters: &[ValueId]) -> Option<bool> {
        let Anchor::Instruction(block, position) = anchor else { return Some(parameters.is_empty()) };
        let instruction = self.function.blocks.get(block as usize)?.instructions.get(position as usize)?;
        let integer = |value: &ValueId| matches!(self.kind(*value), Some(Type::Integer | Type::Unbounded));
        Some(match (&instruction.op, parameters) {
            (Op::Contract(..) | Op::Ghost(_), []) => true,
            (Op::Fold(_, Domain::Range(low, _), _), [element]) => self.of(*element) == self.of(*low),
            (Op::Fold(_, Domain::Array(array), _), [element, rest @ ..]) => {
                let Type::Array(known) = self.kind(*array)? else { return None };
                self.of(*element) == Some(*known) && rest.len() <= 1 && rest.iter().all(integer)
            }
            _ => false,
        })
    }

    fn terminator(&self, block: &Block, shape: &Shape) -> Option<bool> {
        let mut targets = true;
        block.terminator.for_each_target(|target| {
            let parameters = self.parameters(target.block);
            targets &= parameters.is_some_and(|parameters| {
                parameters.len() == target.arguments.len()
                    && parameters.iter().zip(&target.arguments).all(|(a, b)| self.of(*a) == self.of(*b))
            });
        });
        let semantic = self.context.semantic;
        let fits = match &block.terminator {
            Terminator::Jump(_) | Terminator::Skip | Terminator::Resume => true,
            Terminator::Repeat { mark, .. } => mark.is_none_or(|mark| self.of(mark) == Some(TypeId::INTEGER)),
            Terminator::Branch(condition, ..) => self.of(*condition)? == TypeId::BOOLEAN,
            Terminator::Switch(on, targets) => self.of(*on)? == TypeId::INTEGER && !targets.is_empty(),
            Terminator::Return(values) => self.are(values, &self.function.returns),
            Terminator::Fail(code, message) => {
                self.of(*code)? == TypeId::INTEGER && self.of(*message)? == TypeId::STRING
            }
            Terminator::Call { function, arguments, success, failure } => {
                let callee = semantic.functions.get(function.0 as usize)?;
                let inputs: Vec<TypeId> = callee.inputs.iter().map(|input| input.type_id).collect();
                self.are(arguments, &inputs)
                    && self.all(self.parameters(*success)?, &callee.success)
                    && self.failure(*failure, &callee.error_codes)?
            }
            Terminator::Invoke { operation, arguments, success, failure, .. } => {
                let operation = semantic.host.get(*operation as usize)?;
                self.all(arguments, &operation.inputs)
                    && self.all(self.parameters(*success)?, &operation.success)
                    && self.failure(*failure, &operation.error_codes)?
            }
            Terminator::Yield(values) => self.yields(*shape.anchor.get(block.region?.0 as usize)?, values)?,
        };
        Some(targets && fits)
    }

    fn parameters(&self, block: BlockId) -> Option<&'a [ValueId]> {
        Some(&self.function.blocks.get(block.0 as usize)?.parameters)
    }

    /// There is a block for errors exactly where there are errors.
    fn failure(&self, block: Option<BlockId>, codes: &[String]) -> Option<bool> {
        Some(match block {
            None => codes.is_empty(),
            Some(block) => {
                !codes.is_empty() && self.are(self.parameters(block)?, &[TypeId::INTEGER, TypeId::STRING])
            }
        })
    }

    fn state(&self, variable: u32) -> Option<TypeId> {
        Some(self.context.semantic.state.get(variable as usize)?.type_id)
    }

    fn symbols(&self, id: TypeId) -> usize {
        self.types.symbols(id).map_or(0, <[String]>::len)
    }
}

/// Whether the types differ in `integer` being `unbounded` alone.
#[must_use]
pub fn widens(types: &TypeTable, from: TypeId, to: TypeId) -> bool {
    let get = |id: TypeId| types.types.get(id.0 as usize);
    let (mut from, mut to) = (from, to);
    loop {
        if from == to || (from, to) == (TypeId::INTEGER, TypeId::UNBOUNDED) {
            return true;
        }
        (from, to) = match (get(from), get(to)) {
            (Some(Type::Array(a)), Some(Type::Array(b)))
            | (Some(Type::Optional(a)), Some(Type::Optional(b)))
            | (Some(Type::Set(a)), Some(Type::Set(b))) => (*a, *b),
            // One of the two differs at most; the other is looked at here.
            (Some(Type::Map(k, a)), Some(Type::Map(l, b)))
                if k == l || (*k, *l) == (TypeId::INTEGER, TypeId::UNBOUNDED) =>
            {
                (*a, *b)
            }
            _ => return false,
        };
    }
}

fn is_number(known: &Type) -> bool {
    matches!(known, Type::Integer | Type::Unbounded | Type::Decimal | Type::Float)
}
