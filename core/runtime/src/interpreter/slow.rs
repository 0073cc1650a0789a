//! Rare and large instructions, and those that leave the machine.

use anrf_format::execution::FaultKind;
use anrf_format::types::TypeId;
use anrf_format::value::Value;

use super::code::{InvokeSite, Register, Slow};
use super::machine::{Halt, Machine};
use super::program::Roles;
use super::widen::widen;
use crate::arena::{self, EncodeError};
use crate::backend::{Answer, HostEffects};
use crate::library::{self, CallTypes, Context, SortKey};
use crate::stop::Stop;

/// Built-ins have no more arguments.
const MOST_ARGUMENTS: usize = 8;

/// Where the code goes on.
pub(super) enum Flow {
    Next,
    Jump(u32),
}

impl Machine<'_> {
    /// What library functions work on.
    pub(crate) fn context(&mut self) -> Context<'_> {
        Context {
            arena: &mut self.arena,
            shapes: &self.program.shapes,
            meter: &mut self.meter,
            cache: &mut self.cache,
        }
    }

    /// Runs an instruction that stands out of line.
    #[inline(never)]
    pub(super) fn slow(
        &mut self,
        effects: &mut dyn HostEffects,
        slow: &Slow,
        base: usize,
    ) -> Result<Flow, Stop> {
        let (to, value) = match slow {
            Slow::Widen { to, a, from_type, to_type } => {
                let a = self.register(base, *a);
                (*to, widen(&mut self.context(), *from_type, *to_type, a)?)
            }
            Slow::Slice { to, x, from, until, type_id } => {
                let (x, from, until) =
                    (self.register(base, *x), self.register(base, *from), self.register(base, *until));
                let (from, until) = (from.cast_signed(), until.cast_signed());
                (*to, library::slice(&mut self.context(), *type_id, x, from, until)?)
            }
            Slow::NewVariant { to, case, fields, type_id } => {
                let fields = self.registers(base, fields);
                (*to, self.arena.new_variant(*type_id, *case, &fields)?)
            }
            Slow::NewSet { to, members, type_id } => {
                let members = self.registers(base, members);
                (*to, library::new_set(&mut self.context(), *type_id, &members)?)
            }
            Slow::NewMap { to, entries, type_id } => {
                let entries = self.registers(base, entries);
                (*to, library::new_map(&mut self.context(), *type_id, &entries)?)
            }
            Slow::SetOf { to, array, type_id } => {
                let members = self.arena.elements(self.register(base, *array)).to_vec();
                (*to, library::new_set(&mut self.context(), *type_id, &members)?)
            }
            Slow::MapOf { to, array, type_id } => {
                let entries = self.arena.elements(self.register(base, *array)).to_vec();
                (*to, library::new_map(&mut self.context(), *type_id, &entries)?)
            }
            Slow::Builtin { builtin, to, arguments, types, result } => {
                let values = self.few(base, arguments)?;
                let values = values.get(..arguments.len()).unwrap_or_default();
                let types = CallTypes { arguments: types, result: *result };
                (*to, library::call(*builtin, &types, &mut self.context(), values)?)
            }
            Slow::CheckBuiltin { builtin, arguments, types } => {
                let values = self.few(base, arguments)?;
                let values = values.get(..arguments.len()).unwrap_or_default();
                let types = CallTypes { arguments: types, result: TypeId::BOOLEAN };
                library::check(*builtin, &types, &mut self.context(), values)?;
                return Ok(Flow::Next);
            }
            Slow::CheckTransition { machine, from, to } => {
                let from = self.register(base, *from);
                let known = self.module.types.machines.get(*machine as usize);
                let allowed = known.is_some_and(|known| {
                    u32::try_from(from).is_ok_and(|from| known.transitions.contains(&(from, *to)))
                });
                if !allowed {
                    return Err(Stop::Fault(FaultKind::InvalidTransition));
                }
                if self.meter.ghost() == 0 {
                    let from = u32::try_from(from).unwrap_or(u32::MAX);
                    effects.moved(*machine, from, *to).map_err(Stop::Limit)?;
                }
                return Ok(Flow::Next);
            }
            Slow::Extreme { best, has, value, type_id, smallest } => {
                let value = self.register(base, *value);
                if self.register(base, *has) == 0 {
                    self.set_register(base, *has, 1);
                    (*best, value)
                } else {
                    let known = self.register(base, *best);
                    let order = library::order(&mut self.context(), *type_id, value, known)?;
                    let better = if *smallest { order.is_lt() } else { order.is_gt() };
                    (*best, if better { value } else { known })
                }
            }
            Slow::RequireSome { has } => {
                if self.register(base, *has) == 0 {
                    return Err(Stop::Fault(FaultKind::InvalidArgument));
                }
                return Ok(Flow::Next);
            }
            Slow::Sort { to, array, type_id, keys } => {
                let array = self.register(base, *array);
                let keys: Vec<SortKey> = keys
                    .iter()
                    .map(|(keys, type_id, descending)| SortKey {
                        keys: self.register(base, *keys),
                        type_id: *type_id,
                        descending: *descending,
                    })
                    .collect();
                (*to, library::sort_by(&mut self.context(), *type_id, array, &keys)?)
            }
            Slow::Invoke(site) => return self.invoke(effects, site, base),
            Slow::Attempts { to, operation } => {
                let attempts = i64::try_from(effects.attempts(*operation)).unwrap_or(i64::MAX);
                (*to, self.arena.widen(attempts)?)
            }
            Slow::Log { level, step, message, fields } => {
                if self.meter.ghost() > 0 {
                    return Ok(Flow::Next);
                }
                self.meter.check_clock()?;
                let message = self.arena.text(self.register(base, *message)).to_owned();
                let mut budget = self.memory_limit;
                let mut values = vec![];
                for (name, register, type_id) in fields {
                    let slot = self.register(base, *register);
                    values.push((name.clone(), self.value(*type_id, slot, &mut budget)?));
                }
                effects.log(*level, step.as_deref(), message, values).map_err(Stop::Limit)?;
                return Ok(Flow::Next);
            }
            Slow::Wait { milliseconds } => {
                effects.wait(*milliseconds).map_err(Stop::Limit)?;
                return Ok(Flow::Next);
            }
            Slow::Trace(site) => {
                self.trace(effects, site, base)?;
                return Ok(Flow::Next);
            }
        };
        self.set_register(base, to, value);
        Ok(Flow::Next)
    }

    fn invoke(
        &mut self,
        effects: &mut dyn HostEffects,
        site: &InvokeSite,
        base: usize,
    ) -> Result<Flow, Stop> {
        let module = self.module;
        let Some(operation) = module.semantic.host.get(site.operation as usize) else {
            return Err(Stop::Internal("no such host operation"));
        };
        if self.meter.ghost() > 0 {
            return Err(Stop::Internal("ghost code invokes a host operation"));
        }
        self.meter.check_clock()?;
        let arguments = self.registers(base, &site.arguments);
        let mut budget = self.memory_limit;
        let mut inputs = vec![];
        for (field, slot) in operation.inputs.iter().zip(&arguments) {
            inputs.push(self.value(field.type_id, *slot, &mut budget)?);
        }
        let answer = effects.invoke(site.operation, inputs).map_err(Stop::Limit)?;
        self.meter.check_clock()?;
        let violation = Stop::Fault(FaultKind::HostContractViolation);
        let values = match answer {
            Answer::Invalid => return Err(violation),
            Answer::Error(code, message) => {
                let Some((target, code_register, message_register)) = site.failure else {
                    return Err(violation);
                };
                let message = self.arena.new_text(&message)?;
                self.set_register(base, code_register, u64::from(code));
                self.set_register(base, message_register, message);
                return Ok(Flow::Jump(target));
            }
            Answer::Success(values) => values,
        };
        let mut slots = vec![];
        for (field, value) in operation.success.iter().zip(values) {
            let value = value.ok_or(violation)?;
            slots.push(self.slot(field.type_id, &value).map_err(|error| match error {
                EncodeError::Type { .. } => violation,
                EncodeError::Stop(stop) => stop,
            })?);
        }
        let window = base + usize::from(site.window);
        for (field, slot) in operation.success.iter().zip(&slots) {
            self.check_records(effects, field.type_id, *slot, window)?.map_or(Ok(()), |_| Err(violation))?;
        }
        if let Some(condition) = Roles::get(&self.program.roles.answer, site.operation) {
            let all = [arguments, slots.clone()].concat();
            match self.run_condition(effects, condition, &all, window) {
                Halt::Return(_) => {}
                Halt::Fault(_) | Halt::Fail(..) => return Err(violation),
                Halt::Limit(limit) => return Err(Stop::Limit(limit)),
                Halt::Internal(what) => return Err(Stop::Internal(what)),
            }
        }
        for (to, slot) in site.results.iter().zip(slots) {
            self.set_register(base, *to, slot);
        }
        Ok(Flow::Jump(site.success))
    }

    /// A value for the host.
    pub(crate) fn value(&mut self, type_id: TypeId, slot: u64, budget: &mut u64) -> Result<Value, Stop> {
        let types = &self.module.types;
        // What the host sees is bounded by its size, not charged: it is not work of the code.
        let mut meter = crate::meter::Meter::new(u64::MAX, 0);
        let context = &mut Context {
            arena: &mut self.arena,
            shapes: &self.program.shapes,
            meter: &mut meter,
            cache: &mut self.cache,
        };
        arena::decode(context, types, type_id, slot, budget, 0)
    }

    /// The slot of a value of the host.
    pub(crate) fn slot(&mut self, type_id: TypeId, value: &Value) -> Result<u64, EncodeError> {
        let types = &self.module.types;
        let mut meter = crate::meter::Meter::new(u64::MAX, 0);
        let context = &mut Context {
            arena: &mut self.arena,
            shapes: &self.program.shapes,
            meter: &mut meter,
            cache: &mut self.cache,
        };
        arena::encode(context, types, type_id, value, 0)
    }

    pub(super) fn register(&self, base: usize, register: Register) -> u64 {
        self.stack.get(base + usize::from(register)).copied().unwrap_or(0)
    }

    pub(super) fn set_register(&mut self, base: usize, register: Register, value: u64) {
        if let Some(target) = self.stack.get_mut(base + usize::from(register)) {
            *target = value;
        }
    }

    /// The values of a built-in's arguments.
    fn few(&self, base: usize, registers: &[Register]) -> Result<[u64; MOST_ARGUMENTS], Stop> {
        let mut values = [0; MOST_ARGUMENTS];
        let places = values.get_mut(..registers.len()).ok_or(Stop::Internal("too many arguments"))?;
        for (value, register) in places.iter_mut().zip(registers) {
            *value = self.register(base, *register);
        }
        Ok(values)
    }

    fn registers(&self, base: usize, registers: &[Register]) -> Vec<u64> {
        registers.iter().map(|register| self.register(base, *register)).collect()
    }
}
