//! Making a failing program smaller: parts are left out, or put in the place of the whole, as long as it
//! still fails.

use super::expression::Expr;
use super::program::{Operation, Program, Step};
use super::types::Ty;

/// How many candidates are tried at most.
const MOST_ATTEMPTS: usize = 6_000;

impl Program {
    /// The smallest program found that still fails. Candidates may be ill-typed: then they fail in another
    /// way, which is for the caller to tell.
    #[must_use]
    pub fn shrink(&self, fails: &mut dyn FnMut(&Self) -> bool) -> Self {
        let mut shrinker = Shrinker { best: self.clone(), attempts: 0, fails };
        loop {
            let before = shrinker.best.weight();
            shrinker.drop_runs();
            shrinker.drop_declarations();
            shrinker.drop_steps();
            shrinker.drop_clauses();
            shrinker.simplify_expressions();
            if shrinker.best.weight() >= before || shrinker.attempts >= MOST_ATTEMPTS {
                return shrinker.best;
            }
        }
    }

    fn weight(&self) -> usize {
        self.text().len() + self.runs.len()
    }

    fn blocks_mut(&mut self) -> Vec<&mut Vec<Step>> {
        self.functions.iter_mut().map(|function| &mut function.flow).collect()
    }

    /// Every expression that stands by itself.
    fn expressions_mut(&mut self) -> Vec<&mut Expr> {
        let mut found: Vec<&mut Expr> = vec![];
        found.extend(&mut self.invariants);
        found.extend(self.types.records.iter_mut().flat_map(|it| &mut it.constraints));
        found.extend(self.state.iter_mut().flat_map(|it| &mut it.constraints));
        for operation in &mut self.host {
            found.extend(operation.preconditions.iter_mut().chain(&mut operation.postconditions));
        }
        for function in &mut self.functions {
            found.extend(function.inputs.iter_mut().flat_map(|it| &mut it.constraints));
            found.extend(&mut function.preconditions);
            found.extend(&mut function.postconditions);
            found.extend(&mut function.invariants);
            for step in &mut function.flow {
                collect(step, &mut found);
            }
        }
        found
    }

    /// Every list of conditions that may be left out one by one.
    fn clauses_mut(&mut self) -> Vec<&mut Vec<Expr>> {
        let mut found: Vec<&mut Vec<Expr>> = vec![&mut self.invariants];
        found.extend(self.types.records.iter_mut().map(|it| &mut it.constraints));
        found.extend(self.state.iter_mut().map(|it| &mut it.constraints));
        for operation in &mut self.host {
            found.extend([&mut operation.preconditions, &mut operation.postconditions]);
        }
        for function in &mut self.functions {
            found.extend(function.inputs.iter_mut().map(|it| &mut it.constraints));
            found.extend([
                &mut function.preconditions,
                &mut function.postconditions,
                &mut function.invariants,
                &mut function.decreases,
            ]);
            collect_clauses(&mut function.flow, &mut found);
        }
        found
    }
}

fn collect<'a>(step: &'a mut Step, found: &mut Vec<&'a mut Expr>) {
    // Blocks and expressions are disjoint parts of a step, which the borrow checker sees field by field only.
    let Step { when, guards, operation, fallback, compensate, .. } = step;
    found.extend(when);
    for (condition, _, message) in guards {
        found.push(condition);
        found.extend(message.holes_mut());
    }
    found.extend(fallback.iter_mut().map(|(_, it)| it));
    compensate.iter_mut().for_each(|step| collect(step, found));
    match operation {
        Operation::Require(condition, _, message) => {
            found.push(condition);
            found.extend(message.holes_mut());
        }
        Operation::Compute { bindings: named, .. }
        | Operation::Next(named)
        | Operation::Break(named)
        | Operation::Update(named)
        | Operation::Return(named) => found.extend(named.iter_mut().map(|(_, it)| it)),
        Operation::Assert(condition) => found.push(condition),
        Operation::Choose { cases, otherwise } => {
            for (condition, block) in cases {
                found.push(condition);
                block.iter_mut().for_each(|step| collect(step, found));
            }
            otherwise.iter_mut().flatten().for_each(|step| collect(step, found));
        }
        Operation::Loop(body) => {
            found.extend(body.state.iter_mut().map(|(_, _, it)| it));
            found.push(&mut body.head.1);
            found.extend(body.invariants.iter_mut().chain(&mut body.decreases));
            body.body.iter_mut().for_each(|step| collect(step, found));
        }
        Operation::Call(call) | Operation::Invoke(call) => {
            found.extend(call.arguments.iter_mut().map(|(_, it)| it));
            call.on_error.iter_mut().flat_map(|(_, block)| block).for_each(|step| collect(step, found));
        }
        Operation::Log { message, fields, .. } => {
            found.extend(message.holes_mut());
            found.extend(fields.iter_mut().map(|(_, it)| it));
        }
        Operation::Fail(_, message) => found.extend(message.holes_mut()),
        Operation::Transition { .. } => {}
    }
}

fn collect_clauses<'a>(steps: &'a mut [Step], found: &mut Vec<&'a mut Vec<Expr>>) {
    for step in steps {
        let Step { operation, compensate, .. } = step;
        collect_clauses(compensate, found);
        match operation {
            Operation::Choose { cases, otherwise } => {
                cases.iter_mut().for_each(|(_, block)| collect_clauses(block, found));
                otherwise.iter_mut().for_each(|block| collect_clauses(block, found));
            }
            Operation::Loop(body) => {
                found.extend([&mut body.invariants, &mut body.decreases]);
                collect_clauses(&mut body.body, found);
            }
            Operation::Call(call) | Operation::Invoke(call) => {
                call.on_error.iter_mut().for_each(|(_, block)| collect_clauses(block, found));
            }
            _ => {}
        }
    }
}

struct Shrinker<'a> {
    best: Program,
    attempts: usize,
    fails: &'a mut dyn FnMut(&Program) -> bool,
}

impl Shrinker<'_> {
    /// Keeps the change if the program still fails. `None` from the change: there is nothing to change.
    fn attempt(&mut self, change: impl FnOnce(&mut Program) -> Option<()>) -> bool {
        if self.attempts >= MOST_ATTEMPTS {
            return false;
        }
        let mut candidate = self.best.clone();
        if change(&mut candidate).is_none() {
            return false;
        }
        self.attempts += 1;
        let kept = (self.fails)(&candidate);
        if kept {
            self.best = candidate;
        }
        kept
    }

    fn drop_runs(&mut self) {
        for index in (0..self.best.runs.len()).rev() {
            self.attempt(|it| (it.runs.len() > 1 || index == 0).then(|| drop(it.runs.remove(index))));
        }
    }

    fn drop_declarations(&mut self) {
        for index in (0..self.best.functions.len()).rev() {
            self.attempt(|it| {
                if it.functions.len() < 2 {
                    return None;
                }
                let name = it.functions.remove(index).name;
                it.runs.retain(|run| run.function != name);
                Some(())
            });
        }
        for index in (0..self.best.host.len()).rev() {
            self.attempt(|it| {
                drop(it.host.remove(index));
                Some(())
            });
        }
        for index in (0..self.best.state.len()).rev() {
            self.attempt(|it| {
                drop(it.state.remove(index));
                Some(())
            });
        }
        self.attempt(|it| {
            it.functions.iter_mut().for_each(|function| function.uses_state = false);
            it.state.is_empty().then_some(())
        });
        for index in 0..self.best.functions.len() {
            self.attempt(|it| it.functions[index].example.take().map(drop));
            for input in (0..self.best.functions[index].inputs.len()).rev() {
                self.attempt(|it| {
                    let name = it.functions[index].inputs.remove(input).field.name;
                    let function = it.functions[index].name.clone();
                    it.runs.iter_mut().filter(|run| run.function == function).for_each(|run| {
                        run.inputs = without(&run.inputs, &name);
                    });
                    Some(())
                });
            }
        }
        for index in 0..self.best.types.records.len() {
            self.attempt(|it| it.types.hide(&it.types.records[index].name.clone()));
        }
        for index in 0..self.best.types.variants.len() {
            self.attempt(|it| it.types.hide(&it.types.variants[index].name.clone()));
        }
        self.attempt(|it| (!it.types.aliases.is_empty()).then(|| it.types.aliases.clear()));
    }

    fn drop_steps(&mut self) {
        let mut position = 0;
        // Steps by their place in a walk over all blocks; the walk changes as they go.
        while self.attempts < MOST_ATTEMPTS {
            let mut count = 0;
            for block in self.best.clone().blocks_mut() {
                visit_steps(block, &mut |_, _| {
                    count += 1;
                    false
                });
            }
            if position >= count {
                break;
            }
            let dropped =
                self.attempt(|it| edit_step(it, position, |block, index| drop(block.remove(index))));
            let hoisted = !dropped
                && self.attempt(|it| {
                    edit_step(it, position, |block, index| {
                        let mut step = block.remove(index);
                        let inner: Vec<Step> =
                            step.blocks_mut().into_iter().flat_map(std::mem::take).collect();
                        block.splice(index..index, inner);
                    })
                });
            let mut plain = false;
            if !dropped && !hoisted {
                plain |= self.attempt(|it| {
                    edit_step(it, position, |block, index| {
                        let step = &mut block[index];
                        step.guards.clear();
                        step.fallback.clear();
                        step.compensate.clear();
                        step.retry = None;
                    })
                });
                plain |= self.attempt(|it| edit_step(it, position, |block, index| block[index].when = None));
            }
            let _ = plain;
            if !dropped {
                position += 1;
            }
        }
    }

    fn drop_clauses(&mut self) {
        let lists = self.best.clauses_mut().len();
        for list in 0..lists {
            let count = self.best.clauses_mut()[list].len();
            for index in (0..count).rev() {
                self.attempt(|it| {
                    drop(it.clauses_mut().get_mut(list)?.remove(index));
                    Some(())
                });
            }
        }
    }

    fn simplify_expressions(&mut self) {
        let mut position = 0;
        while self.attempts < MOST_ATTEMPTS {
            let Some(size) = self.best.expressions_mut().get(position).map(|it| it.size()) else { return };
            let mut node = 0;
            while node < size && self.attempts < MOST_ATTEMPTS {
                let Some(replacements) = self.replacements(position, node) else { break };
                let done = replacements.into_iter().any(|new| {
                    self.attempt(|it| {
                        *nth(it.expressions_mut().get_mut(position)?, &mut { node })? = new;
                        Some(())
                    })
                });
                if !done {
                    node += 1;
                }
            }
            position += 1;
        }
    }

    /// What may stand in the place of a part: smaller parts of it, or the simplest value.
    fn replacements(&mut self, position: usize, node: usize) -> Option<Vec<Expr>> {
        let mut whole = (*self.best.expressions_mut().get(position)?).clone();
        let part = nth(&mut whole, &mut { node })?.clone();
        let simplest = match part.ty {
            Ty::BOOLEAN => &["TRUE", "FALSE"][..],
            Ty::INTEGER => &["0", "1"],
            Ty::DECIMAL => &["0.0"],
            Ty::FLOAT => &["float(0)"],
            Ty::STRING => &["''"],
            Ty::BYTES => &["b\"\""],
            Ty::TIMESTAMP => &["t\"1970-01-01T00:00:00Z\""],
            _ => &[],
        };
        let text = part.to_text();
        if simplest.contains(&text.as_str()) {
            return Some(vec![]);
        }
        let mut found: Vec<Expr> = simplest.iter().map(|text| Expr::atom(part.ty, *text)).collect();
        let mut inside = vec![];
        descendants(&part, part.ty, &mut inside);
        inside.sort_by_key(Expr::size);
        found.extend(inside.into_iter().take(6));
        Some(found)
    }
}

fn descendants(whole: &Expr, ty: Ty, found: &mut Vec<Expr>) {
    for part in whole.parts() {
        if part.ty == ty {
            found.push(part.clone());
        }
        descendants(part, ty, found);
    }
}

/// The part at this place of a walk from the root.
fn nth<'a>(whole: &'a mut Expr, rest: &mut usize) -> Option<&'a mut Expr> {
    if *rest == 0 {
        return Some(whole);
    }
    *rest -= 1;
    whole.parts_mut().find_map(|part| nth(part, rest))
}

/// Visits steps, outer before inner, until the visitor is done.
fn visit_steps(block: &mut Vec<Step>, visit: &mut dyn FnMut(&mut Vec<Step>, usize) -> bool) -> bool {
    let mut index = 0;
    while index < block.len() {
        if visit(block, index) {
            return true;
        }
        if let Some(step) = block.get_mut(index)
            && step.blocks_mut().into_iter().any(|inner| visit_steps(inner, visit))
        {
            return true;
        }
        index += 1;
    }
    false
}

fn edit_step(program: &mut Program, position: usize, edit: impl FnOnce(&mut Vec<Step>, usize)) -> Option<()> {
    let mut rest = position;
    let mut edit = Some(edit);
    for block in program.blocks_mut() {
        let done = visit_steps(block, &mut |block, index| {
            if rest > 0 {
                rest -= 1;
                return false;
            }
            if let Some(edit) = edit.take() {
                edit(block, index);
            }
            true
        });
        if done {
            return Some(());
        }
    }
    None
}

/// A JSON object without one of its keys.
fn without(object: &str, key: &str) -> String {
    let mut parsed: serde_json::Value = serde_json::from_str(object).unwrap_or_default();
    if let Some(fields) = parsed.as_object_mut() {
        fields.shift_remove(key);
    }
    parsed.to_string()
}
