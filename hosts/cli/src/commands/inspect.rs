//! `anrf inspect`: what a module is made of.

mod origins;

use anrf::Module;
use anrf::binary::SectionKind;

use crate::arguments::Inspect;
use crate::console::{Console, Ink};
use crate::document::Document;
use crate::failure::{Exit, Outcome};
use crate::load;
use crate::table::{Table, grouped};

#[derive(serde::Serialize)]
struct Layer {
    name: String,
    bytes: u64,
    hash: String,
}

#[derive(serde::Serialize)]
struct FunctionPart {
    node_id: String,
    kind: &'static str,
    steps: usize,
    blocks: usize,
    instructions: usize,
    obligations: usize,
    examples: usize,
    interface_hash: String,
    meaning_hash: String,
    imported_from: Option<String>,
}

pub(super) fn run(arguments: &Inspect, console: &Console) -> Outcome {
    let engine = load::verifying_engine(&arguments.search);
    let module = load::module(&engine, &arguments.file)?;
    let only = match &arguments.function {
        Some(name) => Some(load::function(&module, &arguments.file, Some(name))?.index()),
        None => None,
    };
    let layers = layers(&module.pack());
    let functions = functions(&module, only);
    let code = codes(&module, only);
    if console.is_json() {
        let mut document = Document::new()
            .with("module", module.name())
            .with("id", &module.id().to_string())
            .with("language", &module.document().meta.language_version)
            .with("layers", &layers)
            .with("functions", &functions);
        if arguments.ir {
            let texts: Vec<String> = code.iter().map(|id| text(&module, *id)).collect();
            document = document.with("ir", &texts);
        }
        if arguments.source_map {
            document = document.with("source_map", &origins::links(&module, &code));
        }
        return console.print_document(&document).map(|()| Exit::Fine);
    }
    if arguments.ir || arguments.source_map {
        if arguments.ir {
            for id in &code {
                console.print(text(&module, *id))?;
            }
        }
        if arguments.source_map {
            console.print(origins::table(&origins::links(&module, &code)))?;
        }
        return Ok(Exit::Fine);
    }
    overview(&module, &layers, &functions, console)?;
    Ok(Exit::Fine)
}

fn overview(module: &Module, layers: &[Layer], functions: &[FunctionPart], console: &Console) -> Outcome<()> {
    let strong = |text: &str| console.output().paint(Ink::Strong, text);
    let mut table = Table::new();
    table.row(["module", module.name()]);
    table.row(["language", &module.document().meta.language_version.to_string()]);
    table.row(["id", &module.id().to_string()]);
    console.print(table)?;

    console.print(format_args!("\n{}", strong("layers")))?;
    let mut table = Table::new().indent(2).right(&[1]);
    for layer in layers {
        let bytes = grouped(layer.bytes);
        table.row([layer.name.clone(), format!("{bytes} bytes"), short(&layer.hash)]);
    }
    console.print(table)?;

    console.print(format_args!("\n{}", strong("functions")))?;
    for function in functions {
        let imported =
            function.imported_from.as_ref().map_or(String::new(), |from| format!(", from `{from}`"));
        console.print(format_args!(
            "  {} ({}{imported}): {} steps, {} blocks, {} instructions, {} obligations, {} examples",
            function.node_id,
            function.kind,
            function.steps,
            function.blocks,
            function.instructions,
            function.obligations,
            function.examples,
        ))?;
        let mut table = Table::new().indent(4);
        table.row(["interface", &function.interface_hash]);
        table.row(["meaning", &function.meaning_hash]);
        console.print(table)?;
    }
    let help = "`--ir` shows the code, `--source-map` where it comes from, `--format json` all of it";
    console.print(format_args!("\n{}", console.output().paint(Ink::Faint, help)))
}

/// `sha256:` and the first digits.
fn short(hash: &str) -> String {
    hash.chars().take("sha256:".len() + 16).collect()
}

/// The sections of a packed module, read from its table: see `docs/reference/files.md`.
fn layers(packed: &[u8]) -> Vec<Layer> {
    const HEAD: usize = 12;
    const ENTRY: usize = 44;
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let count = packed.get(8..HEAD).map_or(0, number);
    let table = packed.get(HEAD..).unwrap_or_default().chunks_exact(ENTRY);
    table
        .take(usize::try_from(count).unwrap_or(0))
        .map(|entry| {
            let (kind, rest) = entry.split_at(4);
            let (length, hash) = rest.split_at(8);
            let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            Layer {
                name: SectionKind::name(u32::try_from(number(kind)).unwrap_or(u32::MAX)),
                bytes: number(length),
                hash: format!("sha256:{digits}"),
            }
        })
        .collect()
}

fn functions(module: &Module, only: Option<u32>) -> Vec<FunctionPart> {
    let document = module.document();
    let wanted = |index: u32| only.is_none_or(|only| only == index);
    let all = document.semantic.functions.iter().zip(0_u32..).filter(|(_, index)| wanted(*index));
    all.map(|(function, index)| {
        let code = document.execution.functions.get(index as usize);
        let kinds = anrf::semantic::FunctionKind::ALL;
        FunctionPart {
            node_id: function.node_id(),
            kind: kinds.iter().find(|(_, kind)| *kind == function.kind).map_or("", |(name, _)| name),
            steps: function.steps.len(),
            blocks: code.map_or(0, |code| code.blocks.len()),
            instructions: code
                .map_or(0, |code| code.blocks.iter().map(|block| block.instructions.len() + 1).sum()),
            obligations: code.map_or(0, |code| code.obligations.len()),
            examples: function.examples.len(),
            interface_hash: document.interface_hash(index).to_string(),
            meaning_hash: document.meaning_hash(index).to_string(),
            imported_from: function.imported_from.clone(),
        }
    })
    .collect()
}

/// The functions of the execution layer that are shown: bodies and conditions.
fn codes(module: &Module, only: Option<u32>) -> Vec<u32> {
    use anrf::ir::Role;
    let functions = module.document().execution.functions.iter().zip(0_u32..);
    functions
        .filter(|(function, _)| match (only, function.role) {
            (None, _) => true,
            (Some(only), Role::Body(index) | Role::Entry(index)) => index == only,
            (Some(_), _) => false,
        })
        .map(|(_, id)| id)
        .collect()
}

fn text(module: &Module, id: u32) -> String {
    anrf::ir::print(module.document(), anrf::ir::FunctionId(id))
}
