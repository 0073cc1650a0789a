//! Types, scopes and order of steps.

use anrf_format::execution::validate::widens;
use anrf_format::semantic::{
    Bind, Call, Domain, ExprId, Function, FunctionKind, LocalId, Loop, LoopHead, Operation, Step, StepId,
    TransitionTarget,
};
use anrf_format::types::{Field, Type, TypeId};

use super::{Certain, STEP, Scope, Sure, Visible, require, same};

/// Looks at a function's flow.
pub(super) fn check<'m>(certain: &mut Certain<'m>, index: u32, function: &'m Function) -> Sure {
    let scope =
        Scope { exprs: &function.exprs, locals: (&function.locals).into(), exits: None, at_entry: false };
    certain.visible.clear();
    certain.visible.resize(function.locals.len(), Visible::No);
    for (input, (local, slot)) in
        function.inputs.iter().zip(function.locals.iter().zip(certain.visible.iter_mut()))
    {
        require(local.type_id == input.type_id)?;
        *slot = Visible::Yes;
    }
    let lemma = certain.is_lemma(index);
    let mut flow = Flow { certain, function, scope, lemma, bound: vec![], loops: vec![] };
    let goes_on = flow.block(&function.body)?;
    // Only a flow that answers nothing may end without saying so.
    require(!goes_on || function.success.is_empty())
}

struct Flow<'m, 'c> {
    certain: &'c mut Certain<'m>,
    function: &'m Function,
    scope: Scope<'m>,
    /// All of it is contract code.
    lemma: bool,
    /// What is visible, in the order of binding, inputs left out.
    bound: Vec<LocalId>,
    /// Those around the present step, innermost last.
    loops: Vec<&'m Loop>,
}

/// What is known of the function or host operation that is called.
struct Callee<'m> {
    success: &'m [Field],
    record: TypeId,
    codes: u32,
}

impl<'m> Flow<'m, '_> {
    /// Whether control comes to the end of these steps. Those that it does not come to are not lowered.
    fn block(&mut self, block: &'m [StepId]) -> Sure<bool> {
        for id in block {
            let step = self.function.steps.get(id.0 as usize)?;
            if !self.step(step)? {
                return Some(false);
            }
        }
        Some(true)
    }

    fn value(&mut self, id: ExprId) -> Sure<TypeId> {
        self.certain.expr(self.scope, id, false)
    }

    fn ghost(&mut self, id: ExprId) -> Sure<TypeId> {
        self.certain.expr(self.scope, id, true)
    }

    fn is(&mut self, id: ExprId, wanted: TypeId) -> Sure {
        require(self.value(id)? == wanted)
    }

    fn spend(&mut self, parts: usize) -> Sure {
        self.certain.units = self.certain.units.checked_add(STEP.checked_mul(parts)?)?;
        Some(())
    }

    fn bind(&mut self, local: LocalId, type_id: TypeId) -> Sure {
        require(self.scope.type_of(local)? == type_id)?;
        self.certain.bind(local, Visible::Yes)?;
        self.bound.push(local);
        Some(())
    }

    /// What code that is not ghost may read: its type.
    fn visible(&self, local: LocalId) -> Sure<TypeId> {
        require(*self.certain.visible.get(local.0 as usize)? == Visible::Yes)?;
        self.scope.type_of(local)
    }

    fn rollback(&mut self, mark: usize) {
        for local in self.bound.drain(mark.min(self.bound.len())..) {
            self.certain.unbind(local);
        }
    }

    fn step(&mut self, step: &'m Step) -> Sure<bool> {
        require(step.compensate.is_empty())?;
        self.spend(1)?;
        let Some(when) = &step.when else { return self.guarded(step) };
        require(self.lemma || !matches!(step.operation, Operation::Compute { ghost: true, .. }))?;
        self.spend(when.bound.len())?;
        self.is(when.condition, TypeId::BOOLEAN)?;
        let mark = self.bound.len();
        if self.guarded(step)? {
            for (inner, _) in &when.bound {
                self.visible(*inner)?;
            }
        }
        self.rollback(mark);
        for (inner, after) in &when.bound {
            let after_type = self.scope.type_of(*after)?;
            require(self.certain.get(after_type)? == &Type::Optional(self.scope.type_of(*inner)?))?;
            self.bind(*after, after_type)?;
        }
        Some(true)
    }

    fn guarded(&mut self, step: &'m Step) -> Sure<bool> {
        for guard in &step.guards {
            self.spend(1)?;
            self.is(guard.fail_when, TypeId::BOOLEAN)?;
            self.is(guard.message, TypeId::STRING)?;
        }
        self.operation(step)
    }

    fn operation(&mut self, step: &'m Step) -> Sure<bool> {
        match &step.operation {
            Operation::Require { condition, message, .. } => {
                self.is(*condition, TypeId::BOOLEAN)?;
                self.is(*message, TypeId::STRING)?;
            }
            Operation::Compute { bindings, ghost } => {
                self.spend(bindings.len())?;
                let ghost = *ghost && !self.lemma;
                for (local, value) in bindings {
                    let type_id = if ghost { self.ghost(*value)? } else { self.value(*value)? };
                    self.bind(*local, type_id)?;
                    if ghost {
                        *self.certain.visible.get_mut(local.0 as usize)? = Visible::Ghost;
                    }
                }
            }
            Operation::Assert(condition) => require(self.ghost(*condition)? == TypeId::BOOLEAN)?,
            Operation::Choose { cases, otherwise, joined } => {
                return self.choose(cases, otherwise.as_deref(), joined);
            }
            Operation::Loop(looping) => self.looping(looping)?,
            Operation::Next(values) | Operation::Break(values) => {
                let state = self.loops.last()?.state.len();
                self.spend(1 + state + values.len())?;
                for (local, value) in values {
                    require(self.value(*value)? == self.scope.type_of(*local)?)?;
                }
                return Some(false);
            }
            Operation::Call(call) => self.call(step, call)?,
            Operation::Invoke(call) => self.invoke(step, call)?,
            Operation::Update(values) => {
                self.spend(values.len())?;
                for (variable, value) in values {
                    let known = self.certain.semantic.state.get(*variable as usize)?.type_id;
                    self.is(*value, known)?;
                }
            }
            Operation::Transition { machine, from, target, .. } => {
                let from = self.value(*from)?;
                require(self.certain.get(from)? == &Type::Machine(*machine))?;
                match target {
                    TransitionTarget::Local(local) => self.bind(*local, from)?,
                    TransitionTarget::State(variable, path) => {
                        self.spend(path.len())?;
                        let mut at = self.certain.semantic.state.get(*variable as usize)?.type_id;
                        for field in path {
                            at = self.certain.fields(at)?.get(*field as usize)?.type_id;
                        }
                        require(at == from)?;
                    }
                }
            }
            Operation::Log { message, fields, .. } => {
                self.spend(fields.len())?;
                self.is(*message, TypeId::STRING)?;
                for (_, value) in fields {
                    self.value(*value)?;
                }
            }
            Operation::Return(values) => {
                self.spend(values.len())?;
                let success = &self.function.success;
                require(values.len() == success.len())?;
                for (value, field) in values.iter().zip(success) {
                    self.is(*value, field.type_id)?;
                }
                return Some(false);
            }
            Operation::Fail { message, .. } => {
                self.is(*message, TypeId::STRING)?;
                return Some(false);
            }
        }
        Some(true)
    }

    fn choose(
        &mut self,
        cases: &'m [(ExprId, Vec<StepId>)],
        otherwise: Option<&'m [StepId]>,
        joined: &'m [(LocalId, Vec<Option<LocalId>>)],
    ) -> Sure<bool> {
        let mark = self.bound.len();
        let mut goes_on = false;
        let blocks = cases.iter().map(|(condition, block)| (Some(*condition), block.as_slice()));
        for (index, (condition, block)) in blocks.chain([(None, otherwise.unwrap_or_default())]).enumerate() {
            self.spend(1 + joined.len())?;
            if let Some(condition) = condition {
                self.is(condition, TypeId::BOOLEAN)?;
            }
            if self.block(block)? {
                goes_on = true;
                for (after, inner) in joined {
                    let inner = inner.get(index).copied().flatten()?;
                    require(self.visible(inner)? == self.scope.type_of(*after)?)?;
                }
            }
            self.rollback(mark);
        }
        if goes_on {
            for (after, _) in joined {
                self.bind(*after, self.scope.type_of(*after)?)?;
            }
        }
        Some(goes_on)
    }

    fn looping(&mut self, looping: &'m Loop) -> Sure {
        self.spend(4 + 2 * looping.state.len() + looping.invariants.len() + looping.decreases.len())?;
        for (local, initial) in &looping.state {
            require(self.value(*initial)? == self.scope.type_of(*local)?)?;
        }
        let index = match &looping.head {
            LoopHead::While(_) => None,
            LoopHead::For(binder) => Some(match binder.domain {
                Domain::Range(low, high) => {
                    let bound = self.value(low)?;
                    require(matches!(self.certain.get(bound)?, Type::Integer | Type::Unbounded))?;
                    self.is(high, bound)?;
                    (bound, Some(binder.element), None)
                }
                Domain::Array(array) => {
                    let array = self.value(array)?;
                    let element = self.scope.type_of(binder.element)?;
                    require(self.certain.get(array)? == &Type::Array(element))?;
                    (TypeId::INTEGER, binder.index, Some(binder.element))
                }
            }),
        };
        let mark = self.bound.len();
        for (local, _) in &looping.state {
            self.bind(*local, self.scope.type_of(*local)?)?;
        }
        if let Some((index, Some(position), _)) = index {
            let position_type = self.scope.type_of(position)?;
            let types = self.certain.types;
            require(position_type == index || widens(types, index, position_type))?;
            // A measure is taken before the position is widened.
            require(position_type == index || looping.decreases.is_empty())?;
            self.bind(position, position_type)?;
        }
        for measure in &looping.decreases {
            require(self.ghost(*measure)? == TypeId::UNBOUNDED)?;
        }
        for invariant in &looping.invariants {
            require(self.ghost(*invariant)? == TypeId::BOOLEAN)?;
        }
        if let LoopHead::While(condition) = &looping.head {
            self.is(*condition, TypeId::BOOLEAN)?;
        }
        if let Some((_, _, Some(element))) = index {
            self.bind(element, self.scope.type_of(element)?)?;
        }
        self.loops.push(looping);
        self.block(&looping.body)?;
        self.loops.pop();
        self.rollback(mark);
        for (local, _) in &looping.state {
            self.bind(*local, self.scope.type_of(*local)?)?;
        }
        Some(())
    }

    fn call(&mut self, step: &'m Step, call: &'m Call) -> Sure {
        require(step.retry.is_none())?;
        let callee = self.certain.semantic.functions.get(call.callee as usize)?;
        let lemma = callee.kind == FunctionKind::Lemma;
        self.spend(call.arguments.len())?;
        require(call.arguments.len() == callee.inputs.len())?;
        for (argument, input) in call.arguments.iter().zip(&callee.inputs) {
            let type_id = if lemma { self.ghost(*argument)? } else { self.value(*argument)? };
            require(type_id == input.type_id)?;
        }
        if lemma {
            return require(call.bind.is_none() && call.on_error.is_empty());
        }
        let codes = u32::try_from(callee.error_codes.len()).ok()?;
        let callee = Callee { success: &callee.success, record: callee.success_record, codes };
        self.after_call(step, call, &callee)
    }

    fn invoke(&mut self, step: &'m Step, call: &'m Call) -> Sure {
        let operation = self.certain.semantic.host.get(call.callee as usize)?;
        self.spend(4 + call.arguments.len())?;
        require(call.arguments.len() == operation.inputs.len())?;
        for (argument, input) in call.arguments.iter().zip(&operation.inputs) {
            self.is(*argument, input.type_id)?;
        }
        let codes = u32::try_from(operation.error_codes.len()).ok()?;
        let callee = Callee { success: &operation.success, record: operation.success_record, codes };
        self.after_call(step, call, &callee)
    }

    fn after_call(&mut self, step: &'m Step, call: &'m Call, callee: &Callee<'m>) -> Sure {
        self.spend(2 + callee.success.len())?;
        if let Some(bind) = call.bind {
            require(bind.record == callee.record)?;
            let known = self.certain.fields(bind.record)?;
            require(same(known, callee.success.iter().map(|field| field.type_id)))?;
            self.fits_bind(bind)?;
        }
        let mark = self.bound.len();
        let mut fallback = false;
        for code in 0..callee.codes {
            self.spend(1)?;
            if let Some((_, steps)) = call.on_error.iter().find(|(handled, _)| *handled == code) {
                let goes_on = self.block(steps)?;
                // Then there is no record.
                require(!goes_on || call.bind.is_none_or(|bind| bind.optional))?;
                self.rollback(mark);
            } else if let Some(values) = &step.fallback {
                if let (Some(bind), false) = (call.bind, fallback) {
                    let (_, value) = values.first()?;
                    self.is(*value, bind.record)?;
                }
                fallback = true;
            } else {
                call.propagated.iter().find(|(theirs, _)| *theirs == code)?;
            }
        }
        match call.bind {
            Some(bind) => self.bind(bind.local, self.scope.type_of(bind.local)?),
            None => Some(()),
        }
    }

    /// The name of what a call gives is of its record's type, or optional.
    fn fits_bind(&self, bind: Bind) -> Sure {
        let type_id = self.scope.type_of(bind.local)?;
        require(match bind.optional {
            true => self.certain.get(type_id)? == &Type::Optional(bind.record),
            false => type_id == bind.record,
        })
    }
}
