//! `anrf completions` and `anrf man`: generated from the command tree.

use std::path::Path;

use crate::arguments::{Completions, Man};
use crate::console::Console;
use crate::failure::{Exit, Failure, Outcome};
use crate::files;

pub(super) fn completions(arguments: &Completions, console: &Console) -> Outcome {
    let mut script = vec![];
    clap_complete::generate(arguments.shell, &mut crate::command(), "anrf", &mut script);
    console.print_bytes(&script).map(|()| Exit::Fine)
}

pub(super) fn pages(arguments: &Man, console: &Console) -> Outcome {
    let mut command = crate::command();
    command.build();
    let Some(folder) = &arguments.output else {
        return console.print_bytes(&page(command)?).map(|()| Exit::Fine);
    };
    std::fs::create_dir_all(folder).map_err(|error| Failure::writing(folder.display(), &error))?;
    let commands: Vec<clap::Command> =
        command.get_subcommands().filter(|it| it.get_name() != "help").cloned().collect();
    write(folder, "anrf", command)?;
    for subcommand in commands {
        let name = format!("anrf-{}", subcommand.get_name());
        // clap_mangen wants a name that lives as long as the program.
        write(folder, &name, subcommand.name(String::leak(name.clone()) as &'static str))?;
    }
    console.print(format_args!("wrote the pages into {}", folder.display()))?;
    Ok(Exit::Fine)
}

fn write(folder: &Path, name: &str, command: clap::Command) -> Outcome<()> {
    files::write(&folder.join(format!("{name}.1")), &page(command)?)
}

fn page(command: clap::Command) -> Outcome<Vec<u8>> {
    let mut page = vec![];
    let rendered = clap_mangen::Man::new(command).render(&mut page);
    rendered.map_err(|error| Failure::Internal(format!("cannot make the manual page: {error}")))?;
    Ok(page)
}
