//! `anrf verify --format sarif` writes what the standard's own schema allows.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::{Ended, anrf, conforms_to, has_solver, root, without};
use serde_json::Value;

/// The schema of SARIF 2.1.0 as its committee publishes it.
fn standard() -> Value {
    let path = root().join("hosts/cli/tests/standards/sarif-schema-2.1.0.json");
    let text = std::fs::read_to_string(path).unwrap();
    // The bracket that closes nothing is a character to engines with the old rules, and wrong by the new ones.
    let (odd, strict) = ("{2}]?$", r"{2}\\]?$");
    assert!(text.contains(odd));
    serde_json::from_str(&text.replace(odd, strict)).unwrap()
}

/// The results of a log that is what the standard allows, each with the rule that it names.
#[track_caller]
fn results(ended: &Ended) -> Vec<Value> {
    let log = ended.json();
    conforms_to(&standard(), &log);
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        // What the standard says in prose: only what fails has a level.
        assert_eq!(result["level"] == "error", result["kind"] == "fail", "{result:#}");
    }
    results.clone()
}

fn verdict<'a>(results: &'a [Value], kind: &str) -> Vec<&'a Value> {
    results.iter().filter(|result| result["kind"] == kind).collect()
}

#[test]
fn what_is_refuted_has_its_witness_and_what_is_unknown_its_reason() {
    let arguments = ["verify", "tally.vsp", "lowest.vsp", "--format", "sarif"];
    let results = results(&without(&arguments).code(1));
    assert_eq!(results.len(), 6);
    let [refuted] = verdict(&results, "fail")[..] else { panic!("{results:#?}") };
    assert_eq!((refuted["ruleId"].as_str(), refuted["level"].as_str()), (Some("no_overflow"), Some("error")));
    let witness = &refuted["properties"]["witness"];
    assert_eq!(witness["outcome"]["fault"]["kind"], "overflow");
    let text = refuted["message"]["text"].as_str().unwrap();
    assert!(text.contains(&format!("a run with {} shows it", witness["inputs"])), "{text}");
    let place = &refuted["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "tally.vsp");
    assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&17.into(), &27.into()));
    let [unknown, ..] = verdict(&results, "open")[..] else { panic!("{results:#?}") };
    assert!(unknown["message"]["text"].as_str().unwrap().contains("no solver"), "{unknown:#}");
    assert!(unknown["properties"].get("witness").is_none(), "{unknown:#}");
}

#[test]
fn what_is_proved_passes_and_solvers_are_named() {
    if !has_solver() {
        return;
    }
    let ended = anrf(&["verify", "halve.vsp", "--format", "sarif"]).code(0);
    let results = results(&ended);
    assert_eq!((verdict(&results, "pass").len(), results.len()), (5, 5));
    assert_eq!(ended.json()["runs"][0]["tool"]["extensions"][0]["name"], "z3");
}

#[test]
fn a_condition_that_would_be_enough_comes_as_a_fix() {
    if !has_solver() {
        return;
    }
    let results =
        results(&anrf(&["verify", "../../../../examples/refuted/midpoint.vsp", "--format", "sarif"]).code(1));
    let [refuted] = verdict(&results, "fail")[..] else { panic!("{results:#?}") };
    let [fix] = &refuted["fixes"].as_array().unwrap()[..] else { panic!("{refuted:#}") };
    assert_eq!(fix["description"]["text"], "add the precondition `low + high <= 9223372036854775807`");
    let change = &fix["artifactChanges"][0];
    assert_eq!(change["artifactLocation"], refuted["locations"][0]["physicalLocation"]["artifactLocation"]);
    let replacement = &change["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], ", \"low + high <= 9223372036854775807\"");
    assert_eq!(
        (&replacement["deletedRegion"]["startLine"], &replacement["deletedRegion"]["startColumn"]),
        (&11.into(), &37.into())
    );
    assert!(results.iter().all(|it| it["kind"] == "fail" || it.get("fixes").is_none()), "{results:#?}");
}

#[test]
fn the_schema_is_that_of_the_standard_and_would_notice() {
    let standard = standard();
    assert!(standard["$id"].as_str().unwrap().contains("/oasis-tcs/sarif-spec/"));
    let log = without(&["verify", "tally.vsp", "--format", "sarif"]).code(1).json();
    let schema = jsonschema::options().should_validate_formats(true).build(&standard).unwrap();
    assert!(schema.is_valid(&log));
    let wrong: [fn(&mut Value); 6] = [
        |log| log["version"] = "2.0.0".into(),
        |log| log["runs"][0]["results"][0]["kind"] = "refuted".into(),
        |log| log["runs"][0]["results"][0]["witness"] = Value::Null,
        |log| drop(log["runs"][0]["results"][0].as_object_mut().unwrap().remove("message")),
        |log| drop(log["runs"][0]["tool"].as_object_mut().unwrap().remove("driver")),
        |log| {
            let place = &mut log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
            place["artifactLocation"]["uri"] = "a b\\c.vsp".into();
        },
    ];
    for spoil in wrong {
        let mut log = log.clone();
        spoil(&mut log);
        assert!(!schema.is_valid(&log), "{log:#}");
    }
}

#[test]
fn only_verdicts_have_this_form() {
    anrf(&["check", "halve.vsp", "--format", "sarif"]).code(2).says("`anrf verify`");
}
