//! What a function needs before its first step: its own capabilities and those of every host operation
//! that it may come to invoke.

use std::collections::BTreeSet;

use anrf_format::execution::{Role, Terminator};
use anrf_format::module::Module;

use crate::policy::{Policy, covers};

/// Which host operations each function may come to invoke, callees included.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    operations: Vec<BTreeSet<u32>>,
}

impl Needs {
    /// Reads them off the code, which is believed more than the declarations.
    pub(crate) fn of(module: &Module) -> Self {
        let execution = &module.execution;
        let bodies = module.semantic.functions.len();
        let mut operations = vec![BTreeSet::new(); bodies];
        let mut callees = vec![BTreeSet::new(); bodies];
        for function in &execution.functions {
            let Role::Body(index) = function.role else { continue };
            let index = index as usize;
            if index >= bodies {
                continue;
            }
            for block in &function.blocks {
                match &block.terminator {
                    Terminator::Invoke { operation, .. } => {
                        operations[index].insert(*operation);
                    }
                    Terminator::Call { function, .. } => {
                        if let Some(Role::Body(callee)) =
                            execution.functions.get(function.0 as usize).map(|function| function.role)
                        {
                            callees[index].insert(callee as usize);
                        }
                    }
                    _ => {}
                }
            }
        }
        loop {
            let mut changed = false;
            for index in 0..bodies {
                for callee in callees[index].clone() {
                    if let Some(inner) = operations.get(callee).cloned() {
                        let before = operations[index].len();
                        operations[index].extend(inner);
                        changed |= operations[index].len() > before;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        Self { operations }
    }

    /// The first capability that is needed and not given.
    pub(crate) fn missing(&self, module: &Module, function: u32, policy: &Policy) -> Option<String> {
        let declared = module.semantic.functions.get(function as usize)?;
        if let Some(missing) = policy.missing(&declared.security) {
            return Some(missing.to_owned());
        }
        let denied = |capability: &str| {
            let mut lists = policy.denied.iter().chain(&declared.security.denied_capabilities);
            lists.any(|denied| covers(denied, capability))
        };
        let granted = |capability: &str| policy.granted.iter().any(|granted| covers(granted, capability));
        let operations = self.operations.get(function as usize)?.iter();
        operations
            .filter_map(|index| module.semantic.host.get(*index as usize))
            .map(|operation| &*operation.capability)
            .find(|capability| !capability.is_empty() && (denied(capability) || !granted(capability)))
            .map(str::to_owned)
    }
}
