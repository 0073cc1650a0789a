//! From each instruction to its step, its place in the text and its contract.

use anrf::ir::{ClauseRef, Origin, Place, Role};
use anrf::{LineIndex, Module};

use crate::table::Table;

/// One instruction's origin.
#[derive(serde::Serialize)]
pub(super) struct Link {
    /// The function of the execution layer.
    function: String,
    block: usize,
    /// Position in the block; the last is the terminator.
    instruction: usize,
    step: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    /// The contract clause it belongs to.
    clause: Option<String>,
    /// The constraint of the intent that the clause states.
    intent: Option<String>,
}

/// The origins of all instructions of some functions of the execution layer.
pub(super) fn links(module: &Module, functions: &[u32]) -> Vec<Link> {
    let document = module.document();
    let lines = LineIndex::new(&document.source.text);
    let mut links = vec![];
    for id in functions {
        let Some(function) = document.execution.functions.get(*id as usize) else { continue };
        let Some(map) = document.source_map.execution.get(*id as usize) else { continue };
        let name = role_name(module, function.role);
        for (block, origins) in map.blocks.iter().enumerate() {
            for (instruction, origin) in origins.iter().enumerate() {
                let place = place(module, function.role, origin).map(|start| lines.position(start));
                let clause = clause(origin);
                links.push(Link {
                    function: name.clone(),
                    block,
                    instruction,
                    step: step(module, function.role, origin),
                    line: place.map(|place| place.line),
                    column: place.map(|place| place.column),
                    clause: clause.map(clause_name),
                    intent: clause.and_then(|clause| intent(module, clause)),
                });
            }
        }
    }
    links
}

pub(super) fn table(links: &[Link]) -> Table {
    let mut table = Table::new();
    table.row(["function", "instruction", "step", "place", "contract", "intent"]);
    for link in links {
        let place = link.line.zip(link.column).map(|(line, column)| format!("{line}:{column}"));
        table.row([
            link.function.clone(),
            format!("block{}.{}", link.block, link.instruction),
            link.step.clone().unwrap_or_default(),
            place.unwrap_or_default(),
            link.clause.clone().unwrap_or_default(),
            link.intent.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn semantic_function(role: Role) -> Option<u32> {
    match role {
        Role::Body(index) | Role::Entry(index) => Some(index),
        _ => None,
    }
}

fn role_name(module: &Module, role: Role) -> String {
    let document = module.document();
    let function = |index: u32| {
        let function = document.semantic.functions.get(index as usize);
        function.map_or_else(|| format!("function {index}"), anrf::semantic::Function::node_id)
    };
    let host = |index: u32| {
        let host = document.semantic.host.get(index as usize);
        host.map_or_else(|| format!("host operation {index}"), |host| host.name.clone())
    };
    match role {
        Role::Body(index) => function(index),
        Role::Entry(index) => format!("entry of {}", function(index)),
        Role::Record(index) => {
            let record = document.types.records.get(index as usize);
            format!("constraints of {}", record.map_or("a record", |record| &record.name))
        }
        Role::State(index) => {
            let variable = document.semantic.state.get(index as usize);
            format!("constraints of {}", variable.map_or("a variable", |variable| &variable.name))
        }
        Role::HostRequest(index) => format!("request of {}", host(index)),
        Role::HostAnswer(index) => format!("answer of {}", host(index)),
    }
}

fn step(module: &Module, role: Role, origin: &Origin) -> Option<String> {
    let function = module.document().semantic.functions.get(semantic_function(role)? as usize)?;
    function.steps.get(origin.step?.0 as usize).map(|step| step.name.clone())
}

/// Offset of the expression, the step or the function in the text.
fn place(module: &Module, role: Role, origin: &Origin) -> Option<u32> {
    let map = &module.document().source_map;
    let function = || map.functions.get(semantic_function(role)? as usize);
    let span = match origin.place {
        Place::Function => function()?.function,
        Place::Step => *function()?.steps.get(origin.step?.0 as usize)?,
        Place::Expr(id) => *function()?.exprs.get(id.0 as usize)?,
        Place::Clause(clause, id) => {
            let at = map.clauses.binary_search_by_key(&clause, |(known, _)| *known).ok()?;
            *map.clauses.get(at)?.1.get(id.0 as usize)?
        }
    };
    Some(span.start)
}

fn clause(origin: &Origin) -> Option<ClauseRef> {
    match origin.place {
        Place::Clause(clause, _) => Some(clause),
        _ => None,
    }
}

/// The kind of a clause and its position, from 1.
fn clause_name(clause: ClauseRef) -> String {
    // `Postcondition(0, 1)`: the last number is the position in its list.
    let debug = format!("{clause:?}");
    let (kind, numbers) = debug.split_once('(').unwrap_or((&debug, ""));
    let last = numbers.trim_end_matches(')').rsplit(", ").next().unwrap_or("");
    let mut name = String::new();
    for letter in kind.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push(' ');
        }
        name.extend(letter.to_lowercase());
    }
    match last.parse::<u32>() {
        Ok(index) => format!("{name} {}", index + 1),
        Err(_) => name,
    }
}

fn intent(module: &Module, clause: ClauseRef) -> Option<String> {
    let document = module.document();
    let (function, index, _) = document.source_map.intent.iter().find(|(.., stated)| *stated == clause)?;
    let intent = match function {
        Some(function) => document.intent.functions.get(*function as usize)?,
        None => document.intent.module.as_ref()?,
    };
    let constraint = intent.constraints.get(*index as usize)?;
    Some(constraint.tag.clone().unwrap_or_else(|| constraint.text.clone()))
}
