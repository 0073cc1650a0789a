//! The guide is short, and every block in it is what it says.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::{Folder, anrf, anrf_with};

/// Fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = vec![];
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(opened) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            if opened == language {
                found.push(block.join("\n") + "\n");
            } else {
                assert!(["vsp", "expr"].contains(&opened), "a block of `{opened}` is not checked");
            }
        }
    }
    found
}

fn guide() -> String {
    anrf(&["guide"]).code(0).stdout
}

#[test]
fn it_is_under_6000_tokens() {
    // Code has about three characters to a token in the vocabularies of today's models; words and signs
    // counted apart are another estimate from above.
    let text = guide();
    let by_length = text.chars().count() / 3;
    let mut pieces = 0;
    let mut in_word = false;
    for letter in text.chars() {
        let is_word = letter.is_alphanumeric();
        pieces += usize::from(!(letter.is_whitespace() || is_word && in_word));
        in_word = is_word;
    }
    assert!(by_length < 6000 && pieces < 6000, "{by_length} by length, {pieces} words and signs");
}

#[test]
fn its_modules_check_and_their_examples_pass() {
    let modules = blocks(&guide(), "vsp");
    assert!(modules.len() >= 3);
    for (index, module) in modules.iter().enumerate() {
        let folder = Folder::new(&format!("guide-{index}"));
        folder.write("a.vsp", module).anrf(&["check", "a.vsp"]).code(0).prints("all is well");
        folder.anrf(&["test", "a.vsp"]).code(0);
    }
}

#[test]
fn its_expressions_have_the_values_it_says() {
    let mut expected = vec![];
    let mut input = String::new();
    for line in blocks(&guide(), "expr").concat().lines() {
        let (expression, value) = line.split_once("  =>  ").unwrap();
        input += &(serde_json::json!({ "id": expected.len(), "expr": expression }).to_string() + "\n");
        expected.push((expression.to_owned(), value.to_owned()));
    }
    assert!(expected.len() > 20);
    let answers = anrf_with(&["eval", "--batch", "-"], &input).code(0).stdout;
    for ((expression, expected), answer) in expected.iter().zip(answers.lines()) {
        let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
        let matches = match expected.strip_prefix("fault ") {
            Some(kind) => answer["fault"]["kind"] == kind,
            None if expected == "refused" => answer["error"].is_object(),
            None => answer["value"] == serde_json::from_str::<serde_json::Value>(expected).unwrap(),
        };
        assert!(matches, "{expression}  =>  {expected}, but {answer}");
    }
}

#[test]
fn it_names_every_built_in_function() {
    let text = guide();
    let list = text.split("Built-ins:").nth(1).unwrap().split("Modes:").next().unwrap();
    let words: Vec<&str> = list.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    for builtin in anrf::builtin::Builtin::ALL {
        let name = builtin.name;
        assert!(words.contains(&name), "`{name}` is not in the guide");
    }
}
