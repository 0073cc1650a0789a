//! Tracing: code that also tells who watches which step is reached and what names stand for.
//!
//! It charges nothing and changes no outcome. Comparisons are not fused with jumps, so that every named
//! value is in a register where it is made; otherwise the code is what runs without tracing.

use std::fmt;
use std::sync::Arc;

use anrf_format::execution::{Block, BlockId, Instruction, Op, ValueId};
use anrf_format::module::Module;
use anrf_format::semantic::StepId;
use anrf_format::types::TypeId;

use super::code::{Register, Slow};
use super::compile::{FunctionCompiler, compile_with};
use super::instance::Interpreted;
use super::machine::Machine;
use crate::backend::{Backend, Code, HostEffects, Traced, TracedValue};
use crate::error::Error;
use crate::stop::Stop;

/// Bytes of one value that are told; of larger ones nothing is.
const VALUE_BYTES: u64 = 64 << 10;

/// A name of the source and a value of the execution layer that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedValue {
    /// The value, in the body of the function.
    pub value: ValueId,
    /// The name.
    pub name: String,
    /// The step that binds it; an input is bound by none.
    pub step: Option<StepId>,
}

/// The names in each of a module's functions, in their order.
pub type Names = Vec<Vec<NamedValue>>;

type FindNames = dyn Fn(&Module) -> Names + Send + Sync;

/// The interpreter, telling the [`Observer`](crate::Observer) of a run what it comes by. Slower, with the
/// same outcomes and charges.
#[derive(Clone)]
pub struct TracingInterpreter {
    names: Arc<FindNames>,
}

impl fmt::Debug for TracingInterpreter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TracingInterpreter").finish_non_exhaustive()
    }
}

impl TracingInterpreter {
    /// A tracing interpreter that learns the names in a module from this function: lowering knows them.
    #[must_use]
    pub fn new(names: impl Fn(&Module) -> Names + Send + Sync + 'static) -> Self {
        Self { names: Arc::new(names) }
    }
}

impl Backend for TracingInterpreter {
    fn name(&self) -> &'static str {
        "interpreter"
    }

    fn compile(&self, module: &Arc<Module>) -> Result<Arc<dyn Code>, Error> {
        let names = (self.names)(module);
        let program = Ok(Arc::new(compile_with(module, Some(&names))?));
        Ok(Arc::new(Interpreted::new(module, program.into())))
    }
}

/// What is told at one place of the code.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceSite {
    /// Index of the semantic function.
    function: u32,
    what: What,
    values: Box<[TraceValue]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Entered,
    Stepped(StepId),
    Bound,
}

#[derive(Clone, Debug, PartialEq)]
struct TraceValue {
    name: String,
    step: Option<StepId>,
    register: Register,
    type_id: TypeId,
}

/// What is traced of the function that is compiled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tracing<'a> {
    /// Index of the semantic function.
    pub(super) function: u32,
    pub(super) names: &'a [NamedValue],
    /// The step that was told last in the block.
    pub(super) step: Option<StepId>,
}

impl FunctionCompiler<'_> {
    /// Tells what a block's parameters are; `at` is its first instruction that is emitted.
    pub(super) fn trace_block(&mut self, id: BlockId, block: &Block, at: usize) -> Result<(), Error> {
        let Some(tracing) = &mut self.tracing else { return Ok(()) };
        tracing.step = None;
        if block.region.is_some() {
            return Ok(());
        }
        if id == BlockId(0) {
            return self.trace_values(What::Entered, &block.parameters);
        }
        self.trace_step(id, block, at)?;
        self.trace_values(What::Bound, &block.parameters)
    }

    /// Tells that a step is reached with the instruction at a position, if it is another one.
    pub(super) fn trace_step(&mut self, id: BlockId, block: &Block, at: usize) -> Result<(), Error> {
        let Some(tracing) = &mut self.tracing else { return Ok(()) };
        let origin = self.origins.and_then(|map| map.blocks.get(id.0 as usize)?.get(at));
        let step = origin.and_then(|origin| origin.step);
        if block.region.is_some() || step.is_none() || step == tracing.step {
            return Ok(());
        }
        tracing.step = step;
        let function = tracing.function;
        match step {
            Some(step) => self.trace(TraceSite { function, what: What::Stepped(step), values: [].into() }),
            None => Ok(()),
        }
    }

    /// Tells what instructions have bound.
    pub(super) fn trace_results(&mut self, block: &Block, done: &[Instruction]) -> Result<(), Error> {
        let Some(tracing) = self.tracing else { return Ok(()) };
        if block.region.is_some() {
            return Ok(());
        }
        let results: Vec<ValueId> = done.iter().filter_map(|instruction| instruction.result).collect();
        self.trace_values(What::Bound, &results)?;
        for instruction in done {
            let Op::StateWrite(variable, value) = &instruction.op else { continue };
            let Some(name) = self.state_names.get(*variable as usize).cloned() else { continue };
            let (register, type_id) = (self.register(*value)?, self.type_of(*value));
            let values = [TraceValue { name, step: None, register, type_id }].into();
            self.trace(TraceSite { function: tracing.function, what: What::Bound, values })?;
        }
        Ok(())
    }

    fn trace_values(&mut self, what: What, candidates: &[ValueId]) -> Result<(), Error> {
        let Some(tracing) = self.tracing else { return Ok(()) };
        let mut values = vec![];
        for value in candidates {
            for named in tracing.names.iter().filter(|named| named.value == *value) {
                values.push(TraceValue {
                    name: named.name.clone(),
                    step: named.step,
                    register: self.register(*value)?,
                    type_id: self.type_of(*value),
                });
            }
        }
        if values.is_empty() && what == What::Bound {
            return Ok(());
        }
        self.trace(TraceSite { function: tracing.function, what, values: values.into() })
    }

    fn trace(&mut self, site: TraceSite) -> Result<(), Error> {
        self.slow(Slow::Trace(Box::new(site)))
    }
}

impl Machine<'_> {
    /// Tells what is told at a place. Ghost code is not traced.
    pub(super) fn trace(
        &mut self,
        effects: &mut dyn HostEffects,
        site: &TraceSite,
        base: usize,
    ) -> Result<(), Stop> {
        if self.meter.ghost() > 0 {
            return Ok(());
        }
        let mut values = vec![];
        let keeps = self.keeps_values;
        for traced in site.values.iter().filter(|_| keeps) {
            let slot = self.register(base, traced.register);
            let mut budget = VALUE_BYTES;
            // What is too large is not told; it is still there.
            let value = self.value(traced.type_id, slot, &mut budget).ok();
            values.push(TracedValue {
                name: traced.name.clone(),
                step: traced.step,
                type_id: traced.type_id,
                value,
            });
        }
        if site.what == What::Entered && keeps {
            self.trace_state(site.function, &mut values);
        }
        let depth = u32::try_from(self.frames.len()).unwrap_or(u32::MAX);
        let (function, fuel) = (site.function, self.meter.fuel_used());
        effects.traced(match site.what {
            What::Entered => Traced::Entered { function, depth, fuel, values },
            What::Stepped(step) => Traced::Stepped { function, step, depth, fuel },
            What::Bound => Traced::Bound { function, depth, values },
        });
        self.meter.check_clock()
    }

    /// Adds the state that a function uses.
    fn trace_state(&mut self, function: u32, values: &mut Vec<TracedValue>) {
        let semantic = &self.module.semantic;
        let used = semantic.functions.get(function as usize).map_or(&[][..], |function| &function.state);
        for index in used {
            let (variable, slot) = (semantic.state.get(*index as usize), self.state.get(*index as usize));
            let (Some(variable), Some(slot)) = (variable, slot.copied()) else { continue };
            let mut budget = VALUE_BYTES;
            let value = self.value(variable.type_id, slot, &mut budget).ok();
            let (name, type_id) = (variable.name.clone(), variable.type_id);
            values.push(TracedValue { name, step: None, type_id, value });
        }
    }
}
