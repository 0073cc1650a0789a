//! What a traced run is doing: calls inside calls, the step that each is at, and what names stand for.

use std::collections::BTreeMap;

use anrf::semantic::StepId;
use anrf::types::TypeId;
use anrf::{Module, Span, Traced, TracedValue, Value};

/// Something worth telling.
#[derive(Clone, Debug)]
pub(crate) enum Happened {
    /// A function was entered.
    Entered { function: u32, depth: usize },
    /// Another step was reached.
    Stepped { function: u32, step: StepId, depth: usize },
    /// Names stand for new values.
    Bound { depth: usize, values: Vec<(String, Option<Value>)> },
}

/// One call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    pub(crate) function: u32,
    pub(crate) step: Option<StepId>,
    /// Names, types and values, in the order in which they were bound first.
    pub(crate) names: Vec<(String, TypeId, Option<Value>)>,
    visited: Vec<StepId>,
    /// Values that were made before the step that names them.
    early: BTreeMap<StepId, Vec<TracedValue>>,
}

impl Frame {
    fn bind(&mut self, value: TracedValue) -> (String, Option<Value>) {
        let bound = (value.name.clone(), value.value.clone());
        match self.names.iter_mut().find(|(name, ..)| *name == value.name) {
            Some(known) => *known = (value.name, value.type_id, value.value),
            None => self.names.push((value.name, value.type_id, value.value)),
        }
        bound
    }
}

/// The calls that are open, the outermost first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    pub(crate) frames: Vec<Frame>,
    base: Option<u32>,
}

impl Calls {
    /// Follows the run.
    pub(crate) fn follow(&mut self, traced: &Traced) -> Vec<Happened> {
        match traced {
            Traced::Entered { function, depth, values, .. } => {
                let base = *self.base.get_or_insert(*depth);
                let depth = depth.saturating_sub(base) as usize;
                self.frames.truncate(depth);
                self.frames.resize_with(depth, Frame::default);
                self.frames.push(Frame { function: *function, ..Frame::default() });
                let mut happened = vec![Happened::Entered { function: *function, depth }];
                happened.extend(self.bind(depth, values));
                happened
            }
            Traced::Stepped { function, step, depth, .. } => {
                let depth = self.at(*depth, *function);
                let Some(frame) = self.frames.last_mut() else { return vec![] };
                if frame.step == Some(*step) {
                    return vec![];
                }
                frame.step = Some(*step);
                if !frame.visited.contains(step) {
                    frame.visited.push(*step);
                }
                let early = frame.early.get(step).cloned().unwrap_or_default();
                let mut happened = vec![Happened::Stepped { function: *function, step: *step, depth }];
                happened.extend(self.bind(depth, &early));
                happened
            }
            Traced::Bound { function, depth, values } => {
                let depth = self.at(*depth, *function);
                self.bind(depth, values)
            }
        }
    }

    /// Leaves the calls that have returned.
    fn at(&mut self, depth: u32, function: u32) -> usize {
        let depth = depth.saturating_sub(*self.base.get_or_insert(depth)) as usize;
        self.frames.truncate(depth + 1);
        self.frames.resize_with(depth + 1, || Frame { function, ..Frame::default() });
        depth
    }

    fn bind(&mut self, depth: usize, values: &[TracedValue]) -> Vec<Happened> {
        let Some(frame) = self.frames.last_mut() else { return vec![] };
        let mut now = vec![];
        for value in values {
            match value.step {
                Some(step) if !frame.visited.contains(&step) => {
                    let early = frame.early.entry(step).or_default();
                    early.retain(|known| known.name != value.name);
                    early.push(value.clone());
                }
                _ => now.push(frame.bind(value.clone())),
            }
        }
        if now.is_empty() { vec![] } else { vec![Happened::Bound { depth, values: now }] }
    }
}

/// The node id of a function.
pub(crate) fn function_name(module: &Module, function: u32) -> String {
    let known = module.document().semantic.functions.get(function as usize);
    known.map_or_else(String::new, anrf::semantic::Function::node_id)
}

/// The name of a step.
pub(crate) fn step_name(module: &Module, function: u32, step: StepId) -> String {
    let known = module.document().semantic.functions.get(function as usize);
    let step = known.and_then(|function| function.steps.get(step.0 as usize));
    step.map_or_else(String::new, |step| step.name.clone())
}

/// Where a step stands.
pub(crate) fn step_span(module: &Module, function: u32, step: StepId) -> Option<Span> {
    let map = module.document().source_map.functions.get(function as usize)?;
    map.steps.get(step.0 as usize).copied()
}

/// `name = value`, or that the value is too large to be told.
pub(crate) fn shown(name: &str, value: Option<&Value>) -> String {
    match value {
        Some(value) => format!("{name} = {}", crate::values::short(value)),
        None => format!("{name} = (large or sensitive)"),
    }
}
