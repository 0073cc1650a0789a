//! Steps, calls, host operations and compensation.

use std::collections::HashMap;

use anrf::{HostRequest, HostResponse};
use anrf_format::execution::FaultKind;
use anrf_format::semantic::{
    Block, Call, Domain, Function, FunctionKind, LocalId, Loop, LoopHead, Operation, Step, StepId,
    TransitionTarget,
};
use anrf_format::types::{Field, TypeId};

use super::value::Value;
use super::{Entry, Frame, MOST_CALLS, Reference, Result, Stop, fault};

/// How a body is left.
#[derive(Debug)]
pub(super) enum Exit {
    /// With the success fields.
    Return(Vec<Value>),
    /// With a declared error and its message.
    Fail(u32, String),
}

/// Where steps lead.
enum Next {
    /// To the step after them.
    On,
    /// To the head of the loop, or out of it.
    Head,
    Out,
    Leave(Exit),
}

/// A completed step that is to be undone, with the names that were visible.
struct Due {
    step: StepId,
    locals: HashMap<LocalId, Value>,
}

/// A body under way.
struct Body<'m> {
    function: &'m Function,
    frame: Frame<'m>,
    due: Vec<Due>,
}

impl<'m> Reference<'m> {
    /// Conditions of a call, then the body.
    pub(super) fn call(&mut self, index: usize, arguments: Vec<Value>) -> Result<Exit> {
        let checked = self.entry_conditions(index, &arguments);
        Self::as_one(checked, FaultKind::CallPreconditionViolation)?;
        self.body(index, arguments)
    }

    pub(super) fn body(&mut self, index: usize, arguments: Vec<Value>) -> Result<Exit> {
        if self.depth >= MOST_CALLS {
            return Err(Stop::GivesUp("deep calls"));
        }
        self.depth += 1;
        let function = &self.module.semantic.functions[index];
        let entry = Entry { state: self.state.clone(), attempts: self.attempts.clone() };
        let locals = (0..).map(LocalId).zip(arguments.iter().cloned()).collect();
        let frame = Frame {
            exprs: &function.exprs,
            locals,
            entry: entry.clone(),
            old: false,
            exit: super::Exit::None,
        };
        let mut body = Body { function, frame, due: vec![] };
        let left = self.steps(&mut body, &function.body).map(|next| match next {
            Next::Leave(exit) => exit,
            _ => Exit::Return(vec![]),
        });
        let ended = match left {
            Ok(Exit::Return(values)) => {
                let exit = super::Exit::Success(values.clone());
                let checked = self.exit_conditions(index, &arguments, &entry, &exit);
                checked.map(|()| Exit::Return(values))
            }
            other => other,
        };
        let ended = match ended {
            Err(Stop::Fault(kind)) => {
                self.undo(&mut body, true)?;
                fault(kind)
            }
            Ok(Exit::Fail(code, message)) => {
                self.undo(&mut body, false)?;
                self.state.clone_from(&entry.state);
                let exit = super::Exit::Failure(code);
                self.exit_conditions(index, &arguments, &entry, &exit)?;
                Ok(Exit::Fail(code, message))
            }
            other => other,
        };
        self.depth -= 1;
        ended
    }

    /// What was completed last is undone first. A fault in it ends it, and does not hide an earlier one.
    fn undo(&mut self, body: &mut Body<'m>, faulted: bool) -> Result<()> {
        let mut fault = None;
        while let Some(Due { step, locals }) = body.due.pop() {
            let left = body.due.len();
            body.frame.locals = locals;
            let undone = self.steps(body, &body.function.steps[step.0 as usize].compensate);
            body.due.truncate(left);
            match undone {
                Err(Stop::Fault(kind)) => fault = fault.or(Some(kind)),
                Err(other) => return Err(other),
                Ok(_) => {}
            }
        }
        match fault {
            Some(kind) if !faulted => Err(Stop::Fault(kind)),
            _ => Ok(()),
        }
    }

    fn steps(&mut self, body: &mut Body<'m>, block: &'m Block) -> Result<Next> {
        for id in block {
            self.step()?;
            let step = &body.function.steps[id.0 as usize];
            match self.whole_step(body, *id, step)? {
                Next::On => {}
                other => return Ok(other),
            }
        }
        Ok(Next::On)
    }

    fn whole_step(&mut self, body: &mut Body<'m>, id: StepId, step: &'m Step) -> Result<Next> {
        let Some(when) = &step.when else { return self.guarded(body, id, step) };
        if !self.holds(&mut body.frame, when.condition)? {
            for (_, after) in &when.bound {
                body.frame.locals.insert(*after, Value::Optional(None));
            }
            return Ok(Next::On);
        }
        let next = self.guarded(body, id, step)?;
        if matches!(next, Next::On) {
            for (inner, after) in &when.bound {
                let value = body.frame.locals.get(inner).cloned().ok_or(Stop::GivesUp("an unbound name"))?;
                body.frame.locals.insert(*after, Value::optional(Some(value)));
            }
        }
        Ok(next)
    }

    fn guarded(&mut self, body: &mut Body<'m>, id: StepId, step: &'m Step) -> Result<Next> {
        for guard in &step.guards {
            if self.holds(&mut body.frame, guard.fail_when)? {
                return self.fail(body, guard.error_code, guard.message);
            }
        }
        let next = self.operation(body, step)?;
        if matches!(next, Next::On) && !step.compensate.is_empty() {
            body.due.push(Due { step: id, locals: body.frame.locals.clone() });
        }
        Ok(next)
    }

    fn fail(
        &mut self,
        body: &mut Body<'m>,
        code: u32,
        message: anrf_format::semantic::ExprId,
    ) -> Result<Next> {
        let message = self.eval(&mut body.frame, message)?.str()?.to_owned();
        Ok(Next::Leave(Exit::Fail(code, message)))
    }

    fn operation(&mut self, body: &mut Body<'m>, step: &'m Step) -> Result<Next> {
        match &step.operation {
            Operation::Require { condition, error_code, message } => {
                if !self.holds(&mut body.frame, *condition)? {
                    return self.fail(body, *error_code, *message);
                }
            }
            Operation::Compute { bindings, .. } => {
                for (local, value) in bindings {
                    let value = self.eval(&mut body.frame, *value)?;
                    body.frame.locals.insert(*local, value);
                }
            }
            Operation::Assert(condition) => {
                if !self.holds(&mut body.frame, *condition)? {
                    return fault(FaultKind::AssertionViolation);
                }
            }
            Operation::Choose { cases, otherwise, joined } => {
                let mut taken = None;
                for (index, (condition, block)) in cases.iter().enumerate() {
                    if self.holds(&mut body.frame, *condition)? {
                        taken = Some((index, block));
                        break;
                    }
                }
                let taken = taken.or(otherwise.as_ref().map(|block| (cases.len(), block)));
                let Some((index, block)) = taken else { return Ok(Next::On) };
                match self.steps(body, block)? {
                    Next::On => {}
                    other => return Ok(other),
                }
                for (after, inner) in joined {
                    let inner = inner.get(index).copied().flatten().ok_or(Stop::GivesUp("a branch"))?;
                    let value = body.frame.locals.get(&inner).cloned().ok_or(Stop::GivesUp("a branch"))?;
                    body.frame.locals.insert(*after, value);
                }
            }
            Operation::Loop(looping) => return self.repeat(body, looping),
            Operation::Next(values) | Operation::Break(values) => {
                let mut new = vec![];
                for (local, value) in values {
                    new.push((*local, self.eval(&mut body.frame, *value)?));
                }
                body.frame.locals.extend(new);
                let next = matches!(step.operation, Operation::Next(_));
                return Ok(if next { Next::Head } else { Next::Out });
            }
            Operation::Call(call) => return self.call_step(body, call, step),
            Operation::Invoke(call) => return self.invoke_step(body, call, step),
            Operation::Update(values) => {
                let mut new = vec![];
                for (variable, value) in values {
                    new.push((*variable as usize, self.eval(&mut body.frame, *value)?));
                }
                for (variable, value) in new {
                    self.state[variable] = value;
                }
            }
            Operation::Transition { machine, from, to, target } => {
                let Value::Symbol(from) = self.eval(&mut body.frame, *from)? else {
                    return Err(Stop::GivesUp("a state"));
                };
                let known = &self.module.types.machines[*machine as usize];
                if !known.transitions.iter().any(|(a, b)| *a as usize == from && b == to) {
                    return fault(FaultKind::InvalidTransition);
                }
                let value = Value::Symbol(*to as usize);
                match target {
                    TransitionTarget::Local(local) => {
                        body.frame.locals.insert(*local, value);
                    }
                    TransitionTarget::State(variable, path) => {
                        let type_id = self.module.semantic.state[*variable as usize].type_id;
                        let whole = self.state[*variable as usize].clone();
                        self.state[*variable as usize] = self.replaced(type_id, &whole, path, value)?;
                    }
                }
            }
            Operation::Log { message, fields, .. } => {
                self.eval(&mut body.frame, *message)?;
                for (_, value) in fields {
                    self.eval(&mut body.frame, *value)?;
                }
            }
            Operation::Return(values) => {
                return Ok(Next::Leave(Exit::Return(self.all(&mut body.frame, values)?)));
            }
            Operation::Fail { error_code, message } => return self.fail(body, *error_code, *message),
        }
        Ok(Next::On)
    }

    /// The record with another value at a field path; the innermost is made first.
    fn replaced(&mut self, type_id: TypeId, whole: &Value, path: &[u32], value: Value) -> Result<Value> {
        let Some((field, rest)) = path.split_first() else { return Ok(value) };
        let mut fields = whole.elements()?.to_vec();
        let record = self.module.types.record(type_id).ok_or(Stop::GivesUp("a record"))?;
        let inner = record.fields[*field as usize].type_id;
        fields[*field as usize] = self.replaced(inner, &fields[*field as usize].clone(), rest, value)?;
        let record = Value::record(fields);
        self.check_record(type_id, &record)?;
        Ok(record)
    }

    fn repeat(&mut self, body: &mut Body<'m>, looping: &'m Loop) -> Result<Next> {
        let mut initial = vec![];
        for (local, value) in &looping.state {
            initial.push((*local, self.eval(&mut body.frame, *value)?));
        }
        // A range from one number to another, or positions of an array.
        let (mut at, end, array) = match &looping.head {
            LoopHead::While(_) => (0, 0, None),
            LoopHead::For(binder) => match binder.domain {
                Domain::Range(low, high) => {
                    let low = self.eval(&mut body.frame, low)?.integer()?;
                    (low, self.eval(&mut body.frame, high)?.integer()?, None)
                }
                Domain::Array(array) => {
                    let array = self.eval(&mut body.frame, array)?;
                    let length = array.elements()?.len() as i128;
                    (0, length, Some(array))
                }
            },
        };
        body.frame.locals.extend(initial);
        loop {
            self.step()?;
            if let LoopHead::For(binder) = &looping.head {
                let position = if array.is_some() { binder.index } else { Some(binder.element) };
                if let Some(position) = position {
                    body.frame.locals.insert(position, Value::Integer(at));
                }
            }
            for invariant in &looping.invariants {
                if !self.holds(&mut body.frame, *invariant)? {
                    return fault(FaultKind::InvariantViolation);
                }
            }
            match &looping.head {
                LoopHead::While(condition) => {
                    if !self.holds(&mut body.frame, *condition)? {
                        return Ok(Next::On);
                    }
                }
                LoopHead::For(_) if at >= end => return Ok(Next::On),
                LoopHead::For(binder) => {
                    if let Some(array) = &array {
                        let element = array.elements()?[usize::try_from(at).unwrap_or(0)].clone();
                        body.frame.locals.insert(binder.element, element);
                    }
                }
            }
            match self.steps(body, &looping.body)? {
                Next::On | Next::Head => at += 1,
                Next::Out => return Ok(Next::On),
                leave @ Next::Leave(_) => return Ok(leave),
            }
        }
    }

    fn call_step(&mut self, body: &mut Body<'m>, call: &'m Call, step: &'m Step) -> Result<Next> {
        let arguments = self.all(&mut body.frame, &call.arguments)?;
        let index = call.callee as usize;
        let callee = &self.module.semantic.functions[index];
        if callee.kind == FunctionKind::Lemma {
            let checked = self.entry_conditions(index, &arguments);
            Self::as_one(checked, FaultKind::CallPreconditionViolation)?;
            return Ok(Next::On);
        }
        let exit = self.call(index, arguments)?;
        self.after_call(body, call, step, exit)
    }

    fn invoke_step(&mut self, body: &mut Body<'m>, call: &'m Call, step: &'m Step) -> Result<Next> {
        let arguments = self.all(&mut body.frame, &call.arguments)?;
        let operation = &self.module.semantic.host[call.callee as usize];
        for clause in &operation.preconditions {
            let kind = FaultKind::CallPreconditionViolation;
            let checked = self.clause(clause, &arguments, Entry::default(), super::Exit::None, kind);
            Self::as_one(checked, kind)?;
        }
        let mut left = step.retry.map_or(0, |retry| retry.times);
        loop {
            match self.invoke(call.callee as usize, &arguments)? {
                Exit::Fail(..) if left > 0 => left -= 1,
                exit => return self.after_call(body, call, step, exit),
            }
        }
    }

    /// One attempt. Whatever is wrong with the answer is a breach of contract.
    fn invoke(&mut self, index: usize, arguments: &[Value]) -> Result<Exit> {
        let operation = &self.module.semantic.host[index];
        self.attempts[index] += 1;
        let breach = Stop::Fault(FaultKind::HostContractViolation);
        let named =
            |(field, value): (&Field, &Value)| Ok((field.name.clone(), self.export(field.type_id, value)?));
        let inputs = operation.inputs.iter().zip(arguments).map(named).collect::<Result<_>>()?;
        let attempt = u32::try_from(self.attempts[index]).unwrap_or(u32::MAX);
        let request = HostRequest { operation: operation.name.clone(), inputs, attempt };
        match self.host.invoke(&request) {
            Err(_) => Err(breach),
            Ok(HostResponse::Error { error_code, message }) => {
                let code = operation.error_codes.iter().position(|code| *code == error_code);
                let code = code.and_then(|code| u32::try_from(code).ok()).ok_or(breach)?;
                Ok(Exit::Fail(code, message))
            }
            Ok(HostResponse::Success(fields)) => {
                if fields.len() != operation.success.len() {
                    return Err(breach);
                }
                let mut values = vec![];
                for field in &operation.success {
                    let value = fields.iter().find(|(name, _)| *name == field.name).ok_or(breach.clone())?;
                    values.push(self.import(field.type_id, &value.1).map_err(|_| breach.clone())?);
                }
                for (field, value) in operation.success.iter().zip(&values) {
                    let checked = self.check_records(field.type_id, value);
                    Self::as_one(checked, FaultKind::HostContractViolation)?;
                }
                for clause in &operation.postconditions {
                    let all = [arguments, &values[..]].concat();
                    let exit = super::Exit::Success(values.clone());
                    let kind = FaultKind::HostContractViolation;
                    Self::as_one(self.clause(clause, &all, Entry::default(), exit, kind), kind)?;
                }
                Ok(Exit::Return(values))
            }
        }
    }

    fn after_call(
        &mut self,
        body: &mut Body<'m>,
        call: &'m Call,
        step: &'m Step,
        exit: Exit,
    ) -> Result<Next> {
        let bound = |record: Value, optional: bool| {
            if optional { Value::optional(Some(record)) } else { record }
        };
        let (code, message) = match exit {
            Exit::Return(values) => {
                if let Some(bind) = call.bind {
                    let record = Value::record(values);
                    self.check_record(bind.record, &record)?;
                    body.frame.locals.insert(bind.local, bound(record, bind.optional));
                }
                return Ok(Next::On);
            }
            Exit::Fail(code, message) => (code, message),
        };
        if let Some((_, steps)) = call.on_error.iter().find(|(handled, _)| *handled == code) {
            let next = self.steps(body, steps)?;
            if let (Next::On, Some(bind)) = (&next, call.bind) {
                body.frame.locals.insert(bind.local, Value::Optional(None));
            }
            return Ok(next);
        }
        if let Some(values) = &step.fallback {
            if let (Some(bind), Some((_, value))) = (call.bind, values.first()) {
                let record = self.eval(&mut body.frame, *value)?;
                body.frame.locals.insert(bind.local, bound(record, bind.optional));
            }
            return Ok(Next::On);
        }
        let ours = call.propagated.iter().find(|(theirs, _)| *theirs == code);
        let (_, ours) = ours.ok_or(Stop::GivesUp("an error that nothing takes"))?;
        Ok(Next::Leave(Exit::Fail(*ours, message)))
    }
}
