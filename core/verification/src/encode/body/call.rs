//! Calls of functions and host operations: only their contracts are known.

use anrf_format::execution::{Block, BlockId};
use anrf_format::types::TypeId;

use super::Walk;
use super::join::go;
use crate::encode::frame::World;
use crate::encode::{Context, Encoder};
use crate::term::TermId;

impl<'m> Encoder<'m> {
    #[allow(clippy::too_many_arguments, reason = "a call and where it stands")]
    pub(super) fn call(
        &mut self,
        walk: &mut Walk<'m>,
        id: BlockId,
        block: &Block,
        callee: u32,
        arguments: &[TermId],
        success: BlockId,
        failure: Option<BlockId>,
        reached: TermId,
    ) {
        let mut context = Context { pending: Some(vec![]), caller: Some(walk.caller), ..Context::default() };
        let always = self.terms.boolean(true);
        let frame = walk.frame.clone();
        self.check_termination(&frame, id, callee, arguments, always, &mut context);
        self.take_pending(walk, id, context);
        let code = walk.frame.function;
        let types: Vec<TypeId> = code
            .block(success)
            .map(|block| block.parameters.iter().map(|parameter| walk.frame.type_of(*parameter)).collect())
            .unwrap_or_default();
        if self.is_pure(callee) {
            let results = self.results_of(callee, arguments.to_vec(), &Context::default());
            for (type_id, result) in types.iter().zip(&results) {
                let formed = self.well_formed(*type_id, *result);
                Self::learn(walk, id, formed, "");
            }
            go(walk, id, success, reached, results);
            return;
        }
        let before = walk.frame.world.clone();
        let results: Vec<TermId> = types
            .iter()
            .map(|type_id| {
                let sort = self.sort(*type_id);
                self.terms.constant("result", sort)
            })
            .collect();
        let after = self.after_call(walk, id, callee, &before);
        // Whether every host kept its contract inside of it. One that did not leads to the handler, with state as far
        // as the callee got and nothing of what its contract says.
        let mut kept = always;
        if let Some(handler) = block.on_fault.filter(|_| !self.calls.invokes(callee).is_empty()) {
            kept = self.terms.constant("kept", crate::term::SortId::BOOLEAN);
            let broken = self.terms.not(kept);
            let taken = self.terms.and(vec![reached, broken]);
            walk.frame.world = after.clone();
            go(walk, id, handler, taken, vec![]);
            walk.frame.world = before.clone();
        }
        let reached = self.terms.and(vec![reached, kept]);
        let succeeds = self.terms.constant("succeeded", crate::term::SortId::BOOLEAN);
        let succeeded = self.terms.and(vec![kept, succeeds]);
        let fails = self.terms.not(succeeds);
        let failed = self.terms.and(vec![kept, fails]);
        let mut facts = vec![];
        for (type_id, result) in types.iter().zip(&results) {
            facts.push(self.well_formed(*type_id, *result));
        }
        facts.extend(self.exit_facts(callee, arguments, &before, &after, Some(&results), None));
        for holds in facts {
            let said = self.terms.implies(succeeded, holds);
            Self::learn(walk, id, said, "");
        }
        let Some(failure) = failure else {
            Self::learn(walk, id, succeeds, "");
            walk.frame.world = after;
            go(walk, id, success, reached, results);
            return;
        };
        let count = self.module.semantic.functions.get(callee as usize).map_or(0, |it| it.error_codes.len());
        let (error, message) = self.error(walk, id, count);
        // A failure leaves the state as it was.
        let unchanged = World { state: before.state.clone(), attempts: after.attempts.clone() };
        for holds in self.exit_facts(callee, arguments, &before, &unchanged, None, Some(error)) {
            let said = self.terms.implies(failed, holds);
            Self::learn(walk, id, said, "");
        }
        let taken = self.terms.and(vec![reached, succeeded]);
        walk.frame.world = after;
        go(walk, id, success, taken, results);
        let taken = self.terms.and(vec![reached, failed]);
        walk.frame.world = unchanged;
        go(walk, id, failure, taken, vec![error, message]);
    }

    /// State and attempts after a call: what the callee may change is anything its contract allows.
    pub(super) fn after_call(
        &mut self,
        walk: &mut Walk<'m>,
        id: BlockId,
        callee: u32,
        before: &World,
    ) -> World {
        let mut after = before.clone();
        for variable in self.calls.writes(callee) {
            let Some(known) = self.module.semantic.state.get(variable as usize) else { continue };
            let (name, type_id) = (known.name.clone(), known.type_id);
            let sort = self.sort(type_id);
            let value = self.terms.constant(&name, sort);
            after.state.insert(variable, value);
            let formed = self.well_formed(type_id, value);
            Self::learn(walk, id, formed, "");
        }
        let none = self.terms.integer(0);
        for operation in self.calls.invokes(callee) {
            let so_far = before.attempts.get(&operation).copied().unwrap_or(none);
            let value = self.terms.constant("attempts", crate::term::SortId::INTEGER);
            after.attempts.insert(operation, value);
            let grown = self.terms.less_equal(so_far, value);
            Self::learn(walk, id, grown, "");
        }
        after
    }

    #[allow(clippy::too_many_arguments, reason = "an invocation and where it stands")]
    pub(super) fn invoke(
        &mut self,
        walk: &mut Walk<'m>,
        id: BlockId,
        block: &Block,
        operation: u32,
        arguments: &[TermId],
        success: BlockId,
        failure: Option<BlockId>,
        reached: TermId,
    ) {
        let (none, one) = (self.terms.integer(0), self.terms.integer(1));
        let so_far = walk.frame.world.attempts.get(&operation).copied().unwrap_or(none);
        let attempts = self.terms.add(so_far, one);
        walk.frame.world.attempts.insert(operation, attempts);
        let Some(known) = self.module.semantic.host.get(operation as usize) else { return };
        let types: Vec<TypeId> = known.success.iter().map(|field| field.type_id).collect();
        let codes = known.error_codes.len();
        let answers: Vec<TermId> = types
            .iter()
            .map(|type_id| {
                let sort = self.sort(*type_id);
                self.terms.constant("answer", sort)
            })
            .collect();
        let ended = self.terms.constant("ended", crate::term::SortId::INTEGER);
        // 0 is an answer, 1 a declared error, the rest a host that broke its contract.
        let succeeded = self.terms.equal(ended, none);
        let failed = self.terms.equal(ended, one);
        let mut facts: Vec<TermId> = vec![];
        for (type_id, answer) in types.iter().zip(&answers) {
            facts.push(self.well_formed(*type_id, *answer));
        }
        let values: Vec<TermId> = arguments.iter().chain(&answers).copied().collect();
        facts.extend(self.answer_clauses(operation, &values));
        for holds in facts {
            let said = self.terms.implies(succeeded, holds);
            Self::learn(walk, id, said, "");
        }
        if let Some(handler) = block.on_fault {
            let either = self.terms.or(vec![succeeded, failed]);
            let broken = self.terms.not(either);
            let taken = self.terms.and(vec![reached, broken]);
            go(walk, id, handler, taken, vec![]);
        }
        if let Some(failure) = failure {
            let (error, message) = self.error(walk, id, codes);
            let taken = self.terms.and(vec![reached, failed]);
            go(walk, id, failure, taken, vec![error, message]);
        }
        let taken = self.terms.and(vec![reached, succeeded]);
        go(walk, id, success, taken, answers);
    }

    /// An error code of so many, and a message.
    pub(super) fn error(&mut self, walk: &mut Walk<'m>, id: BlockId, count: usize) -> (TermId, TermId) {
        let error = self.terms.constant("error_code", crate::term::SortId::INTEGER);
        let message = self.terms.constant("message", crate::term::SortId::TEXT);
        let count = self.terms.integer(count);
        let known = self.is_index(error, count);
        Self::learn(walk, id, known, "");
        (error, message)
    }
}
