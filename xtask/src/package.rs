//! Packs the crates as a registry would get them, and uses them as a stranger would.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::manifest::{Package, packages};
use crate::markdown::blocks;
use crate::process::{cargo, output, root, run as start, target_folder};

/// Packs every published crate, unpacks the files outside the workspace, and builds and runs the Rust
/// example of the README against them.
pub(crate) fn rust() -> Outcome {
    let root = root()?;
    let packages: Vec<Package> =
        packages(&root)?.into_iter().filter(|package| package.is_published).collect();
    let target = target_folder()?;

    println!("== Pack {} crates", packages.len());
    // Packed together, cargo builds each from its packed files with the others from theirs.
    let mut pack = cargo(&root);
    pack.args(["package", "--allow-dirty"]);
    for package in &packages {
        pack.args(["--package", &package.name]);
    }
    start(&mut pack)?;

    let stranger = std::env::temp_dir().join(format!("anrf-stranger-{}", std::process::id()));
    let outcome = use_as_stranger(&root, &target, &packages, &stranger);
    if outcome.is_ok() {
        std::fs::remove_dir_all(&stranger)
            .map_err(|error| format!("cannot remove {}: {error}", stranger.display()))?;
    } else {
        println!("left for a look: {}", stranger.display());
    }
    outcome
}

fn use_as_stranger(root: &Path, target: &Path, packages: &[Package], stranger: &Path) -> Outcome {
    println!("\n== Unpack them in {}", stranger.display());
    let version = version(root)?;
    let mut patches = String::new();
    for package in packages {
        let name = format!("{}-{version}", package.name);
        let archive = target.join("package").join(format!("{name}.crate"));
        make_folder(stranger)?;
        start(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(stranger))?;
        patches += &format!("{} = {{ path = \"../{name}\" }}\n", package.name);
    }

    println!("\n== Build and run the README's example against them");
    let readme = std::fs::read_to_string(root.join("README.md"))
        .map_err(|error| format!("cannot read README.md: {error}"))?;
    let program = example(&readme)?;
    let user = stranger.join("user");
    make_folder(&user.join("src"))?;
    write(
        user.join("Cargo.toml"),
        &format!(
            "[package]\nname = \"user\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nanrf = \"={version}\"\n\n[patch.crates-io]\n{patches}"
        ),
    )?;
    write(user.join("src/main.rs"), &program)?;
    let mut build = cargo(&user);
    build.args(["run", "--quiet"]).env("CARGO_TARGET_DIR", stranger.join("target"));
    let printed = output(&mut build)?;
    print!("{printed}");
    println!("\n{} crates packed, built and used from their files", packages.len());
    Ok(())
}

/// The first Rust program of a text. The README holds whole programs, as its doctest demands.
fn example(readme: &str) -> Outcome<String> {
    let blocks = blocks(readme);
    let block = blocks.iter().find(|block| block.tag == "rust" && block.text.contains("fn main()"));
    block.map(|block| block.text.clone()).ok_or_else(|| "README.md holds no Rust program".to_owned())
}

fn version(root: &Path) -> Outcome<String> {
    let text = std::fs::read_to_string(root.join("Cargo.toml"))
        .map_err(|error| format!("cannot read Cargo.toml: {error}"))?;
    let entries = crate::manifest::entries(&text);
    let entry = entries.iter().find(|entry| entry.section == "workspace.package" && entry.key == "version");
    let version = entry.and_then(|entry| crate::manifest::strings(&entry.value).pop());
    version.ok_or_else(|| "Cargo.toml names no version".to_owned())
}

fn make_folder(path: &Path) -> Outcome {
    std::fs::create_dir_all(path).map_err(|error| format!("cannot make {}: {error}", path.display()))
}

fn write(path: PathBuf, text: &str) -> Outcome {
    std::fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_whole_program() {
        let readme = "```console\n$ x\n```\n```rust\nlet a = 1;\n```\n```rust\nfn main() {}\n```\n";
        assert_eq!(example(readme), Ok("fn main() {}\n".to_owned()));
        assert!(example("no code").is_err());
    }
}
