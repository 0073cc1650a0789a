//! Expressions, by a list of open tasks instead of recursion: trees may be taller than a small stack allows.
//!
//! A task takes its operands from a stack of values and leaves its result there. What guards (`AND`, `IF`,
//! `MATCH`) becomes blocks; what ranges over something becomes a region (see `folds`).

use anrf_format::builtin::Builtin;
use anrf_format::execution::{
    Access, Arithmetic, BlockId, Check, Comparison, FunctionId, ObligationKind, Op, Target, Terminator,
    ValueId, builtin_can_fault,
};
use anrf_format::semantic::{BinaryOperator, ExprId, ExprKind, LocalId, UnaryOperator};
use anrf_format::types::TypeId;
use anrf_format::value::Value;

use super::Lowering;
use super::builder::plain;
use super::constants::any_value;
use super::error::{LowerError, Result};
use super::folds::OpenFold;
use super::scope::Exit;

/// One thing to do; the last of the list is next.
#[derive(Debug)]
pub(super) enum Task {
    /// Lower the expression, which leaves its value.
    Visit(ExprId),
    /// Make the expression's value of its operands' values.
    Build(ExprId),
    /// Go to the first block if the expression holds, else to the second.
    Condition(ExprId, BlockId, BlockId),
    /// The same on the last value.
    Branch(ExprId, BlockId, BlockId),
    /// Go on in this block.
    Enter(BlockId),
    /// Hand the last value to a block.
    Join(BlockId),
    /// Hand a truth value to a block.
    JoinBoolean(bool, BlockId),
    /// Go on in a block that is handed a value of this type, which is left.
    Joined(BlockId, TypeId),
    /// The local stands for the last value.
    Bind(LocalId),
    /// Locals stand for what they stood for before.
    Rollback(usize),
    /// Go on in the block where the optional has a value; the local stands for it.
    Payload(ExprId, BlockId, ValueId, LocalId),
    /// Go on in the block of this case of the match.
    Arm(ExprId, BlockId, ValueId, u32),
    /// The last value is an index into the one before it.
    CheckIndex(ExprId),
    /// Update the element or entry of an aggregate: the last three values.
    Update(ExprId),
    /// Inside `old`, or no longer.
    Old(bool),
    /// Start the region of a binder of the expression.
    BeginFold(ExprId, usize),
    /// This element is left out.
    Skip(BlockId),
    /// End the region.
    EndFold(ExprId, OpenFold),
}

impl Lowering<'_, '_> {
    /// The value of an expression of the present scope.
    pub(super) fn expr(&mut self, root: ExprId) -> Result<ValueId> {
        self.run(Task::Visit(root))?.ok_or(LowerError::IllTyped("an expression"))
    }

    /// The values of several, in order.
    pub(super) fn exprs(&mut self, roots: &[ExprId]) -> Result<Vec<ValueId>> {
        roots.iter().map(|root| self.expr(*root)).collect()
    }

    /// Ends the present block: to the first block if the expression holds, else to the second.
    pub(super) fn condition(&mut self, root: ExprId, yes: BlockId, no: BlockId) -> Result<()> {
        self.run(Task::Condition(root, yes, no)).map(drop)
    }

    /// Does a task and what comes of it; gives the last value.
    fn run(&mut self, first: Task) -> Result<Option<ValueId>> {
        let outer = self.code.origin;
        let mut open = std::mem::take(&mut self.open);
        open.tasks.push(first);
        while let Some(task) = open.tasks.pop() {
            self.code.spend(1)?;
            self.task(task, &mut open)?;
        }
        self.code.origin = outer;
        let last = open.values.pop();
        open.values.clear();
        self.open = open;
        Ok(last)
    }

    fn task(&mut self, task: Task, open: &mut Open) -> Result<()> {
        match task {
            Task::Visit(id) => return self.visit(id, open),
            Task::Build(id) => {
                self.at(id);
                return self.build(id, open);
            }
            Task::Condition(id, yes, no) => return self.visit_condition(id, yes, no, open),
            Task::Branch(id, yes, no) => {
                self.at(id);
                let condition = open.pop()?;
                self.code.branch(condition, yes, no)?;
            }
            Task::Enter(block) => self.code.enter(block),
            Task::Join(block) => {
                let value = open.pop()?;
                self.code.jump(block, vec![value])?;
            }
            Task::JoinBoolean(value, block) => {
                let value = self.code.immediate(i64::from(value), TypeId::BOOLEAN)?;
                self.code.jump(block, vec![value])?;
            }
            Task::Joined(block, type_id) => {
                let value = self.code.parameter(block, type_id)?;
                self.code.enter(block);
                open.values.push(value);
            }
            Task::Bind(local) => {
                let value = open.pop()?;
                self.scope.bind(local, value)?;
            }
            Task::Rollback(mark) => self.scope.rollback(mark),
            Task::Payload(id, block, scrutinee, local) => {
                self.at(id);
                self.code.enter(block);
                let type_id = self.scope.type_of(local)?;
                let value = self.code.define(Op::Payload(scrutinee, Access::Read), type_id)?;
                self.scope.bind(local, value)?;
            }
            Task::Arm(id, block, scrutinee, case) => return self.enter_arm(id, block, scrutinee, case),
            Task::CheckIndex(id) => {
                self.at(id);
                let [.., array, index] = open.values.as_slice() else { return Err(OPERAND) };
                let operands = vec![*array, *index];
                self.code.check(Check::Index, operands, ObligationKind::InBounds)?;
            }
            Task::Update(id) => {
                self.at(id);
                let (value, key, base) = (open.pop()?, open.pop()?, open.pop()?);
                let expr = self.node(id)?;
                let op = match expr.kind {
                    ExprKind::WithElements(..) => Op::WithElement(base, key, value),
                    _ => Op::WithEntry(base, key, value),
                };
                let updated = self.code.define(op, expr.type_id)?;
                open.values.push(updated);
            }
            Task::Old(old) => self.scope.old = old,
            Task::BeginFold(id, level) => return self.begin_fold(id, level, open),
            Task::Skip(block) => {
                self.code.enter(block);
                self.code.end(Terminator::Skip)?;
            }
            Task::EndFold(id, fold) => return self.end_fold(id, &fold, open),
        }
        Ok(())
    }

    /// Instructions made from now on come from this expression.
    pub(super) fn at(&mut self, id: ExprId) {
        self.code.origin.place = self.scope.place(id);
    }

    pub(super) fn node(&self, id: ExprId) -> Result<&anrf_format::semantic::Expr> {
        self.scope.exprs.nodes.get(id.0 as usize).ok_or(LowerError::IllTyped("an expression"))
    }

    fn visit(&mut self, id: ExprId, open: &mut Open) -> Result<()> {
        use ExprKind as E;
        let exprs = self.scope.exprs;
        let expr = exprs.nodes.get(id.0 as usize).ok_or(LowerError::IllTyped("an expression"))?;
        match &expr.kind {
            E::Binary(BinaryOperator::And, a, b) => self.guarded(*a, Ok(*b), Err(false), open)?,
            E::Binary(BinaryOperator::Or, a, b) => self.guarded(*a, Err(true), Ok(*b), open)?,
            E::Binary(BinaryOperator::Implies, a, b) => self.guarded(*a, Ok(*b), Err(true), open)?,
            E::If(condition, a, b) => {
                let (yes, no, join) = (self.code.block()?, self.code.block()?, self.code.block()?);
                open.then([
                    Task::Condition(*condition, yes, no),
                    Task::Enter(yes),
                    Task::Visit(*a),
                    Task::Join(join),
                    Task::Enter(no),
                    Task::Visit(*b),
                    Task::Join(join),
                    Task::Joined(join, expr.type_id),
                ]);
            }
            E::Let(local, value, body) => {
                let mark = self.scope.mark();
                open.then([
                    Task::Visit(*value),
                    Task::Bind(*local),
                    Task::Visit(*body),
                    Task::Rollback(mark),
                ]);
            }
            E::MatchOptional(scrutinee, ..) | E::MatchVariant(scrutinee, _) | E::MatchEnum(scrutinee, _) => {
                open.then([Task::Visit(*scrutinee), Task::Build(id)]);
            }
            E::Old(inner) => {
                let before = self.scope.old;
                open.then([Task::Old(true), Task::Visit(*inner), Task::Old(before)]);
            }
            E::WithElements(base, updates) => {
                open.then(std::iter::once(Task::Visit(*base)).chain(updates.iter().flat_map(
                    |(index, value)| {
                        [Task::Visit(*index), Task::CheckIndex(id), Task::Visit(*value), Task::Update(id)]
                    },
                )));
            }
            E::WithEntries(base, updates) => {
                open.then(
                    std::iter::once(Task::Visit(*base)).chain(
                        updates.iter().flat_map(|(key, value)| {
                            [Task::Visit(*key), Task::Visit(*value), Task::Update(id)]
                        }),
                    ),
                );
            }
            E::Quantifier(..)
            | E::ArrayComprehension(..)
            | E::SetComprehension(..)
            | E::MapComprehension(..)
            | E::Aggregate(..)
            | E::SortBy(..) => self.visit_fold(id, 0, open)?,
            kind => {
                open.tasks.push(Task::Build(id));
                let start = open.tasks.len();
                kind.for_each_child(&mut |child| open.tasks.push(Task::Visit(child)));
                open.tasks[start..].reverse();
            }
        }
        Ok(())
    }

    /// A truth value by way of blocks: on each side an expression, or a constant.
    fn guarded(
        &mut self,
        condition: ExprId,
        yes: std::result::Result<ExprId, bool>,
        no: std::result::Result<ExprId, bool>,
        open: &mut Open,
    ) -> Result<()> {
        let (on_yes, on_no, join) = (self.code.block()?, self.code.block()?, self.code.block()?);
        let side = |block, side| {
            let (first, second) = match side {
                Ok(expr) => (Task::Visit(expr), Some(Task::Join(join))),
                Err(value) => (Task::JoinBoolean(value, join), None),
            };
            [Some(Task::Enter(block)), Some(first), second].into_iter().flatten()
        };
        let first = std::iter::once(Task::Condition(condition, on_yes, on_no));
        let last = std::iter::once(Task::Joined(join, TypeId::BOOLEAN));
        open.then(first.chain(side(on_yes, yes)).chain(side(on_no, no)).chain(last));
        Ok(())
    }

    fn visit_condition(&mut self, id: ExprId, yes: BlockId, no: BlockId, open: &mut Open) -> Result<()> {
        let (first, second) = match self.node(id)?.kind {
            ExprKind::Binary(BinaryOperator::And, a, b) => {
                let middle = self.code.block()?;
                ((a, middle, no), Some((middle, b)))
            }
            ExprKind::Binary(BinaryOperator::Or, a, b) => {
                let middle = self.code.block()?;
                ((a, yes, middle), Some((middle, b)))
            }
            ExprKind::Binary(BinaryOperator::Implies, a, b) => {
                let middle = self.code.block()?;
                ((a, middle, yes), Some((middle, b)))
            }
            ExprKind::Unary(UnaryOperator::Not, a) => ((a, no, yes), None),
            _ => {
                open.then([Task::Visit(id), Task::Branch(id, yes, no)]);
                return Ok(());
            }
        };
        let (condition, on_yes, on_no) = first;
        match second {
            Some((middle, b)) => open.then([
                Task::Condition(condition, on_yes, on_no),
                Task::Enter(middle),
                Task::Condition(b, yes, no),
            ]),
            None => open.then([Task::Condition(condition, on_yes, on_no)]),
        }
        Ok(())
    }

    /// All operands lie on the stack of values, in order.
    fn build(&mut self, id: ExprId, open: &mut Open) -> Result<()> {
        use ExprKind as E;
        let exprs = self.scope.exprs;
        let expr = exprs.nodes.get(id.0 as usize).ok_or(LowerError::IllTyped("an expression"))?;
        let type_id = expr.type_id;
        let value = match &expr.kind {
            E::Literal(value) => self.literal(value, type_id)?,
            E::BigInteger(digits) => self.literal(&Value::String(digits.clone()), type_id)?,
            E::Local(local) => self.scope.get(*local)?,
            E::State(variable) => self.state_value(*variable)?,
            E::Result(_) | E::ResultRecord | E::Success | E::Failed(_) | E::Calls(_) => {
                self.exit_value(&expr.kind, type_id)?
            }
            E::Unary(operator, _) => {
                let a = open.pop()?;
                self.unary(*operator, a, type_id)?
            }
            E::Binary(operator, ..) => {
                let (b, a) = (open.pop()?, open.pop()?);
                self.binary(*operator, a, b, type_id)?
            }
            E::Widen(_) => {
                let a = open.pop()?;
                if self.code.type_of(a)? == type_id { a } else { self.code.define(Op::Widen(a), type_id)? }
            }
            E::Narrow { saturate, .. } => {
                let a = open.pop()?;
                if !saturate {
                    self.code.check(Check::Narrow, vec![a], ObligationKind::NoOverflow)?;
                }
                self.code.define(Op::Narrow(a), type_id)?
            }
            E::Field(_, field) => {
                let a = open.pop()?;
                self.code.define(Op::Field(a, *field, Access::Read), type_id)?
            }
            E::Index(..) => {
                let (index, a) = (open.pop()?, open.pop()?);
                self.code.check(Check::Index, vec![a, index], ObligationKind::InBounds)?;
                self.code.define(Op::Element(a, index, Access::Read), type_id)?
            }
            E::Lookup(..) => {
                let (key, a) = (open.pop()?, open.pop()?);
                self.code.check(Check::Key, vec![a, key], ObligationKind::KeyPresent)?;
                self.code.define(Op::Lookup(a, key, Access::Read), type_id)?
            }
            E::Slice(..) => {
                let (to, from, a) = (open.pop()?, open.pop()?, open.pop()?);
                self.slice(a, from, to, type_id)?
            }
            E::Record(parts) => {
                let parts = open.pop_many(parts.len())?;
                let record = self.code.define(Op::NewRecord(parts), type_id)?;
                self.check_record(record)?;
                record
            }
            E::Variant(case, parts) => {
                let parts = open.pop_many(parts.len())?;
                self.code.define(Op::NewVariant(*case, parts), type_id)?
            }
            E::Array(parts) => {
                let parts = open.pop_many(parts.len())?;
                self.code.define(Op::NewArray(parts), type_id)?
            }
            E::Set(parts) => {
                let parts = open.pop_many(parts.len())?;
                self.code.define(Op::NewSet(parts), type_id)?
            }
            E::Map(entries) => {
                let parts = open.pop_many(entries.len().saturating_mul(2))?;
                let entries = parts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
                self.code.define(Op::NewMap(entries), type_id)?
            }
            E::Some(_) => {
                let a = open.pop()?;
                self.code.define(Op::NewSome(a), type_id)?
            }
            E::None => self.code.define(Op::NewNone, type_id)?,
            E::WithFields(_, updates) => {
                let values = open.pop_many(updates.len())?;
                let mut record = open.pop()?;
                for ((field, _), value) in updates.iter().zip(values) {
                    record = self.code.define(Op::WithField(record, *field, value), type_id)?;
                }
                self.check_record(record)?;
                record
            }
            E::WithMember(..) => {
                let (member, a) = (open.pop()?, open.pop()?);
                self.code.define(Op::WithMember(a, member), type_id)?
            }
            E::Without(..) => {
                let (key, a) = (open.pop()?, open.pop()?);
                self.code.define(Op::Without(a, key), type_id)?
            }
            E::MatchOptional(..) | E::MatchVariant(..) | E::MatchEnum(..) => {
                return self.build_match(id, open);
            }
            E::Call(callee, arguments) => {
                let arguments = open.pop_many(arguments.len())?;
                self.call_in_expression(*callee, arguments, type_id)?
            }
            E::Builtin(builtin, arguments) => {
                let arguments = open.pop_many(arguments.len())?;
                self.builtin(*builtin, arguments, type_id)?
            }
            _ => return Err(LowerError::IllTyped("an expression")),
        };
        open.values.push(value);
        Ok(())
    }

    /// A constant.
    pub(super) fn literal(&mut self, value: &Value, type_id: TypeId) -> Result<ValueId> {
        let op = self.constants.op(self.facts.types, type_id, value)?;
        self.code.define(op, type_id)
    }

    fn unary(&mut self, operator: UnaryOperator, a: ValueId, type_id: TypeId) -> Result<ValueId> {
        if operator == UnaryOperator::Not {
            return self.code.define(Op::Not(a), type_id);
        }
        if self.code.type_of(a)? == TypeId::INTEGER {
            self.code.check(Check::Negate, vec![a], ObligationKind::NoOverflow)?;
        }
        self.code.define(Op::Negate(a), type_id)
    }

    fn binary(
        &mut self,
        operator: BinaryOperator,
        a: ValueId,
        b: ValueId,
        type_id: TypeId,
    ) -> Result<ValueId> {
        use BinaryOperator as B;
        let comparison = match operator {
            B::Equal | B::Iff => Comparison::Equal,
            B::NotEqual => Comparison::NotEqual,
            B::Less => Comparison::Less,
            B::LessEqual => Comparison::LessEqual,
            B::Greater => Comparison::Greater,
            B::GreaterEqual => Comparison::GreaterEqual,
            B::In => return self.code.define(Op::Contains(b, a), type_id),
            B::Contains => return self.code.define(Op::Contains(a, b), type_id),
            B::Concat => return self.code.define(Op::Concat(a, b), type_id),
            B::Add => return self.arithmetic(Arithmetic::Add, a, b, type_id),
            B::Subtract => return self.arithmetic(Arithmetic::Subtract, a, b, type_id),
            B::Multiply => return self.arithmetic(Arithmetic::Multiply, a, b, type_id),
            B::Divide => return self.arithmetic(Arithmetic::Divide, a, b, type_id),
            B::Remainder => return self.arithmetic(Arithmetic::Remainder, a, b, type_id),
            B::And | B::Or | B::Implies => return Err(LowerError::IllTyped("an operator")),
        };
        self.code.define(Op::Compare(comparison, a, b), type_id)
    }

    /// Checked arithmetic: integers stay within 64 bits, divisors are not zero.
    pub(super) fn arithmetic(
        &mut self,
        operator: Arithmetic,
        a: ValueId,
        b: ValueId,
        type_id: TypeId,
    ) -> Result<ValueId> {
        let operands = self.code.type_of(a)?;
        let divides = matches!(operator, Arithmetic::Divide | Arithmetic::Remainder);
        if divides && operands != TypeId::FLOAT {
            self.code.check(Check::NotZero, vec![b], ObligationKind::NoDivisionByZero)?;
        }
        // The remainder of the smallest integer by -1 is 0.
        if operands == TypeId::INTEGER && operator != Arithmetic::Remainder {
            self.code.check(Check::Arithmetic(operator), vec![a, b], ObligationKind::NoOverflow)?;
        }
        self.code.define(Op::Arithmetic(operator, a, b), type_id)
    }

    fn slice(&mut self, a: ValueId, from: ValueId, to: ValueId, type_id: TypeId) -> Result<ValueId> {
        self.code.check(Check::Slice, vec![a, from, to], ObligationKind::InBounds)?;
        self.code.define(Op::Slice(a, from, to), type_id)
    }

    fn builtin(&mut self, builtin: Builtin, arguments: Vec<ValueId>, type_id: TypeId) -> Result<ValueId> {
        match (builtin, arguments.as_slice()) {
            (Builtin::ValueOf, [optional]) => {
                self.code.check(Check::Some, arguments.clone(), ObligationKind::ValuePresent)?;
                return self.code.define(Op::Payload(*optional, Access::Read), type_id);
            }
            (Builtin::Substring, [text, from, to]) => return self.slice(*text, *from, *to, type_id),
            (Builtin::ContainsText, [text, part]) => {
                return self.code.define(Op::Contains(*text, *part), type_id);
            }
            _ => {}
        }
        let first = arguments.first().map(|first| self.code.type_of(*first)).transpose()?;
        if builtin_can_fault(builtin, first) {
            self.code.check(Check::Builtin(builtin), arguments.clone(), builtin_obligation(builtin))?;
        }
        self.code.define(Op::Builtin(builtin, arguments), type_id)
    }

    /// A record keeps its definition's constraints, if there are any.
    pub(super) fn check_record(&mut self, record: ValueId) -> Result<()> {
        let type_id = self.code.type_of(record)?;
        let Some(definition) = self.facts.constrained_record(type_id) else { return Ok(()) };
        let obligation = self.code.obligation(ObligationKind::Constraint)?;
        self.code.emit(Op::CheckRecord(definition, record, obligation))
    }

    /// A record of these fields, if the type is one.
    pub(super) fn new_record(&mut self, fields: Vec<ValueId>, type_id: TypeId) -> Result<ValueId> {
        let record = self.code.define(Op::NewRecord(fields), type_id)?;
        self.check_record(record)?;
        Ok(record)
    }

    /// The conditions of a call, as far as there are any.
    pub(super) fn check_call(&mut self, callee: u32, arguments: &[ValueId]) -> Result<()> {
        if self.facts.has_entry(callee) {
            let obligation = self.code.obligation(ObligationKind::CallPrecondition)?;
            self.code.emit(Op::CheckCall(callee, arguments.to_vec(), obligation))?;
        }
        if let Some(caller) = self.body_of() {
            // Nothing is checked at run time: fuel and depth bound what does not end.
            if self.facts.is_recursive(caller, callee) {
                self.code.obligation(ObligationKind::Termination)?;
            }
        }
        Ok(())
    }

    fn call_in_expression(
        &mut self,
        callee: u32,
        arguments: Vec<ValueId>,
        type_id: TypeId,
    ) -> Result<ValueId> {
        self.check_call(callee, &arguments)?;
        let success = self.code.block()?;
        self.code.end(Terminator::Call {
            function: FunctionId(callee),
            arguments,
            success,
            failure: None,
        })?;
        let value = self.code.parameter(success, type_id)?;
        self.code.enter(success);
        Ok(value)
    }

    fn build_match(&mut self, id: ExprId, open: &mut Open) -> Result<()> {
        let exprs = self.scope.exprs;
        let expr = exprs.nodes.get(id.0 as usize).ok_or(LowerError::IllTyped("an expression"))?;
        let scrutinee = open.pop()?;
        let mark = self.scope.mark();
        let join = self.code.block()?;
        let mut tasks = vec![];
        match &expr.kind {
            ExprKind::MatchOptional(_, local, some, none) => {
                let (yes, no) = (self.code.block()?, self.code.block()?);
                let present = Op::Builtin(Builtin::IsSome, vec![scrutinee]);
                let present = self.code.define(present, TypeId::BOOLEAN)?;
                self.code.branch(present, yes, no)?;
                tasks.extend([
                    Task::Payload(id, yes, scrutinee, *local),
                    Task::Visit(*some),
                    Task::Rollback(mark),
                    Task::Join(join),
                    Task::Enter(no),
                    Task::Visit(*none),
                    Task::Join(join),
                ]);
            }
            ExprKind::MatchVariant(_, arms) => {
                let case = self.code.define(Op::CaseOf(scrutinee), TypeId::INTEGER)?;
                let blocks = self.switch(case, arms.len())?;
                for ((case, arm), block) in (0..).zip(arms).zip(blocks) {
                    tasks.extend([
                        Task::Arm(id, block, scrutinee, case),
                        Task::Visit(arm.body),
                        Task::Rollback(mark),
                        Task::Join(join),
                    ]);
                }
            }
            ExprKind::MatchEnum(_, bodies) => {
                let symbol = self.code.define(Op::SymbolOf(scrutinee), TypeId::INTEGER)?;
                let blocks = self.switch(symbol, bodies.len())?;
                for (body, block) in bodies.iter().zip(blocks) {
                    tasks.extend([Task::Enter(block), Task::Visit(*body), Task::Join(join)]);
                }
            }
            _ => return Err(LowerError::IllTyped("a match")),
        }
        tasks.push(Task::Joined(join, expr.type_id));
        open.then(tasks);
        Ok(())
    }

    /// Ends the present block with one new block per value of an integer.
    pub(super) fn switch(&mut self, on: ValueId, count: usize) -> Result<Vec<BlockId>> {
        if count == 0 {
            return Err(LowerError::IllTyped("a match without arms"));
        }
        let blocks = (0..count).map(|_| self.code.block()).collect::<Result<Vec<_>>>()?;
        let targets: Vec<Target> = blocks.iter().map(|block| plain(*block)).collect();
        self.code.end(Terminator::Switch(on, targets))?;
        Ok(blocks)
    }

    fn enter_arm(&mut self, id: ExprId, block: BlockId, scrutinee: ValueId, case: u32) -> Result<()> {
        self.at(id);
        self.code.enter(block);
        let exprs = self.scope.exprs;
        let expr = exprs.nodes.get(id.0 as usize).ok_or(LowerError::IllTyped("an expression"))?;
        let ExprKind::MatchVariant(_, arms) = &expr.kind else { return Err(LowerError::IllTyped("a match")) };
        let arm = arms.get(case as usize).ok_or(LowerError::IllTyped("a match"))?;
        for (field, local) in &arm.bindings {
            let type_id = self.scope.type_of(*local)?;
            let op = Op::CaseField(scrutinee, case, *field, Access::Read);
            let value = self.code.define(op, type_id)?;
            self.scope.bind(*local, value)?;
        }
        Ok(())
    }

    /// What contracts say of the exit and of host operations.
    fn exit_value(&mut self, kind: &ExprKind, type_id: TypeId) -> Result<ValueId> {
        let exit = self.scope.exit.clone();
        match (kind, exit) {
            (ExprKind::Calls(operation), _) => {
                let Some(before) = self.entry_attempts.get(operation).copied() else {
                    // On entry nothing has been attempted yet.
                    return self.code.immediate(0, type_id);
                };
                let now = self.code.define(Op::Attempts(*operation), type_id)?;
                self.code.define(Op::Arithmetic(Arithmetic::Subtract, now, before), type_id)
            }
            (ExprKind::Success, Exit::Success(_)) => self.code.immediate(1, type_id),
            (ExprKind::Success, Exit::Failure(_)) | (ExprKind::Failed(_), Exit::Success(_)) => {
                self.code.immediate(0, type_id)
            }
            (ExprKind::Failed(code), Exit::Failure(actual)) => {
                let code = self.code.immediate(i64::from(*code), TypeId::INTEGER)?;
                self.code.define(Op::Compare(Comparison::Equal, actual, code), type_id)
            }
            (ExprKind::Result(index), Exit::Success(fields)) => {
                fields.get(*index as usize).copied().ok_or(LowerError::IllTyped("a result"))
            }
            (ExprKind::ResultRecord, Exit::Success(fields)) => self.new_record(fields, type_id),
            (ExprKind::Result(_) | ExprKind::ResultRecord, Exit::Failure(_)) => {
                // There is no result on this exit. A contract guards what it says of one; one that does not is
                // ill-defined, which the check says whenever it is reached.
                let none = self.code.immediate(-1, TypeId::INTEGER)?;
                let never = Check::Builtin(Builtin::Isqrt);
                self.code.check(never, vec![none], ObligationKind::ValidArgument)?;
                self.any_value(type_id)
            }
            _ => Err(LowerError::IllTyped("a word of contracts")),
        }
    }

    /// Some value of a type that no execution looks at.
    pub(super) fn any_value(&mut self, type_id: TypeId) -> Result<ValueId> {
        let value = any_value(self.facts.types, type_id);
        let value = value.ok_or(LowerError::Unsupported("a contract over a result of so large a type"))?;
        self.literal(&value, type_id)
    }
}

/// Tasks and values of the expression that is being lowered.
#[derive(Debug, Default)]
pub(super) struct Open {
    pub(super) tasks: Vec<Task>,
    pub(super) values: Vec<ValueId>,
}

const OPERAND: LowerError = LowerError::IllTyped("an operand");

impl Open {
    /// These tasks are next, in this order.
    pub(super) fn then(&mut self, tasks: impl IntoIterator<Item = Task>) {
        let start = self.tasks.len();
        self.tasks.extend(tasks);
        self.tasks[start..].reverse();
    }

    pub(super) fn pop(&mut self) -> Result<ValueId> {
        self.values.pop().ok_or(OPERAND)
    }

    pub(super) fn pop_many(&mut self, count: usize) -> Result<Vec<ValueId>> {
        let start = self.values.len().checked_sub(count).ok_or(OPERAND)?;
        Ok(self.values.split_off(start))
    }
}

fn builtin_obligation(builtin: Builtin) -> ObligationKind {
    use anrf_format::execution::FaultKind;
    let faults = builtin.info().faults;
    if faults.contains(&FaultKind::InvalidArgument) {
        ObligationKind::ValidArgument
    } else if faults.contains(&FaultKind::DivisionByZero) {
        ObligationKind::NoDivisionByZero
    } else {
        ObligationKind::NoOverflow
    }
}
