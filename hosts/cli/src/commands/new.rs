//! `anrf new`: a module to begin with.

use std::path::PathBuf;

use crate::arguments::New;
use crate::console::Console;
use crate::document::Document;
use crate::failure::{Exit, Failure, Outcome};
use crate::files;

pub(super) fn run(arguments: &New, console: &Console) -> Outcome {
    let given = arguments.name.to_string_lossy().into_owned();
    let path = if arguments.name.extension().is_some_and(|it| it == "vsp") {
        arguments.name.clone()
    } else {
        PathBuf::from(format!("{given}.vsp"))
    };
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if !is_name(&name) {
        let message = format!("`{name}` cannot name a function");
        let help = match snake_case(&name) {
            Some(better) => format!("write `{better}`"),
            None => "a name begins with a letter and has lower-case letters, digits and `_`".to_owned(),
        };
        return Err(Failure::usage(message).with_help(help));
    }
    if path.exists() {
        let message = format!("`{}` exists already", path.display());
        return Err(Failure::usage(message).with_help("choose another name, or move the file away"));
    }
    files::write(&path, module(&name).as_bytes())?;
    let shown = files::name(&path);
    if console.is_json() {
        return console.print_document(&Document::new().with("file", &shown)).map(|()| Exit::Fine);
    }
    console.print(format_args!("wrote {shown}"))?;
    console.print(format_args!("next: anrf test {shown}"))?;
    Ok(Exit::Fine)
}

fn is_name(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(allowed)
}

/// The name as it could be written.
fn snake_case(name: &str) -> Option<String> {
    let mut better = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && better.ends_with(|last: char| last.is_ascii_lowercase()) {
            better.push('_');
        }
        let letter = if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
        better.push(letter);
    }
    let better = better.trim_matches('_').to_owned();
    is_name(&better).then_some(better)
}

/// A small module that checks, runs and has an example of each way to end.
fn module(name: &str) -> String {
    let versioned = name.rsplit_once("_v").is_some_and(|(_, digits)| digits.parse::<u32>().is_ok());
    let node_id = if versioned { name.to_owned() } else { format!("{name}_v1") };
    TEMPLATE.replace("NODE_ID", &node_id)
}

const TEMPLATE: &str = r#"node_id: NODE_ID
type: policy
intent: Take a percentage off a price, rounded to cents. Say in one sentence what the function is for.
inputs:
  price:   { type: decimal, constraints: ["price >= 0"] }
  percent: { type: integer, constraints: ["0 <= percent"] }
outputs:
  success: { reduced: decimal }
  error:   { error_code: "enum[too_much]", message: string }
contracts:
  postconditions:
    - "0 <= reduced <= price"
    - "percent > 100 IFF failed(too_much)"
examples:
  - inputs: { price: "20.00", percent: 25 }
    success: { reduced: "15.00" }
  - inputs: { price: "20.00", percent: 101 }
    error: { error_code: too_much }
flow:
  - step: check_percent
    operation: require
    parameters: { condition: "percent <= 100", fail: too_much, message: "{percent} is more than 100" }
  - step: compute_cut
    operation: compute
    parameters: { cut: "div(price * decimal(percent), 100.0, 2, DOWN)" }
  - step: done
    operation: return
    parameters: { reduced: "price - cut" }
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_snake_case() {
        assert!(is_name("net_price2") && !is_name("NetPrice") && !is_name("2x") && !is_name(""));
        assert_eq!(snake_case("NetPrice"), Some("net_price".into()));
        assert_eq!(snake_case("net-price"), Some("net_price".into()));
        assert_eq!(snake_case("42"), None);
    }

    #[test]
    fn a_version_is_kept() {
        assert!(module("price").starts_with("node_id: price_v1\n"));
        assert!(module("price_v2").starts_with("node_id: price_v2\n"));
    }
}
