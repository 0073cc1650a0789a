//! Reports as SARIF 2.1.0, which editors and code hosts show beside the source.

use anrf_format::diagnostic::{Fix, Span};
use anrf_format::execution::ObligationKind;
use anrf_format::line_index::LineIndex;
use anrf_format::module::Module;
use anrf_verification::report::{FunctionReport, Verdict, claim, defect, sufficient};
use serde_json::{Value, json};

use super::json::{WitnessJson, is_sensitive, why_unknown};
use super::mend::fix_of_file;
use crate::fix::RangeJson;

/// A SARIF log of one run: one rule for each kind of obligation, one result for each obligation.
#[derive(Clone, Debug)]
pub struct Sarif {
    results: Vec<Value>,
    solvers: Vec<(String, String)>,
}

impl Sarif {
    /// A log without results, of a run that asked these solvers.
    #[must_use]
    pub fn new(solvers: &[(String, String)]) -> Self {
        Self { results: vec![], solvers: solvers.to_vec() }
    }

    /// Adds the obligations of a function; `file` is the path of its text, relative to where the log is read.
    pub fn add(&mut self, module: &Module, file: &str, report: &FunctionReport) {
        let lines = LineIndex::new(&module.source.text);
        let sensitive = is_sensitive(module, report.index);
        for obligation in &report.obligations {
            let claim = claim(obligation.kind);
            let mut shown = json!({});
            // A proof is a result too: that something was asked and holds.
            let (kind, level, text) = match &obligation.verdict {
                Verdict::Proved => ("pass", "none", format!("proved: {claim}")),
                Verdict::Refuted(witness) => {
                    let (defect, method) = (defect(obligation.kind), witness.method.name());
                    let witness = WitnessJson { module, function: report.index, witness };
                    let with = witness.inputs().map(|inputs| format!(" with {inputs}")).unwrap_or_default();
                    let mend = obligation.precondition.as_deref().map(sufficient);
                    let mend = mend.map(|mend| format!("; {mend}")).unwrap_or_default();
                    let text = format!("{defect}; a run{with} shows it, found by {method}{mend}");
                    shown = json!({ "witness": witness });
                    ("fail", "error", text)
                }
                Verdict::Unknown(unknown) => {
                    let why = why_unknown(module, report.index, unknown);
                    ("open", "none", format!("it is not known whether {claim}: {why}; {}", unknown.help()))
                }
                Verdict::Error(_) if sensitive => {
                    ("open", "none", format!("it is not known whether {claim}: verification went wrong"))
                }
                Verdict::Error(message) => {
                    ("open", "none", format!("it is not known whether {claim}: {message}"))
                }
            };
            let condition = obligation.precondition.as_deref();
            let fix = condition.and_then(|it| fix_of_file(module, file, report.index, it));
            let mut result = json!({
                "ruleId": obligation.kind.name(),
                "ruleIndex": ObligationKind::ALL.iter().position(|known| *known == obligation.kind),
                "kind": kind,
                "level": level,
                "message": { "text": text },
                "locations": [{
                    "physicalLocation": {
                        "artifactLocation": { "uri": uri(file) },
                        "region": region(&lines, obligation.span),
                    },
                    "logicalLocations": [{ "fullyQualifiedName": report.function, "kind": "function" }],
                }],
                // The id is stable under edits elsewhere, which is what a fingerprint is for.
                "partialFingerprints": { "anrfObligation/v1": obligation.id },
                "properties": shown,
            });
            if let (Some(fix), Value::Object(result)) = (fix, &mut result) {
                result.insert("fixes".to_owned(), json!([mend(&lines, file, &fix)]));
            }
            self.results.push(result);
        }
    }

    /// The log as text, on one line.
    #[must_use]
    pub fn to_text(&self) -> String {
        let rules = ObligationKind::ALL
            .iter()
            .map(|kind| json!({ "id": kind.name(), "shortDescription": { "text": claim(*kind) } }));
        let solvers = self.solvers.iter().map(|(name, version)| json!({ "name": name, "version": version }));
        json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {
                    "driver": {
                        "name": "anrf",
                        "version": env!("CARGO_PKG_VERSION"),
                        "rules": rules.collect::<Vec<_>>(),
                    },
                    "extensions": solvers.collect::<Vec<_>>(),
                },
                "columnKind": "unicodeCodePoints",
                "results": self.results,
            }],
        })
        .to_string()
    }
}

/// A path as a URI reference: what may not stand in one is escaped.
fn uri(file: &str) -> String {
    let mut uri = String::new();
    for byte in file.replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

fn region(lines: &LineIndex, span: Span) -> Value {
    let RangeJson { line, column, end_line, end_column } = RangeJson::of(lines, span);
    json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
}

/// A mend that tools can apply.
fn mend(lines: &LineIndex, file: &str, fix: &Fix) -> Value {
    let replacements = fix.edits.iter().map(|edit| {
        json!({
            "deletedRegion": region(lines, edit.span),
            "insertedContent": { "text": edit.replacement },
        })
    });
    json!({
        "description": { "text": fix.title },
        "artifactChanges": [{
            "artifactLocation": { "uri": uri(file) },
            "replacements": replacements.collect::<Vec<_>>(),
        }],
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_are_uri_references() {
        assert_eq!(super::uri("a b/größe.vsp"), "a%20b/gr%C3%B6%C3%9Fe.vsp");
        assert_eq!(super::uri("<stdin>"), "%3Cstdin%3E");
    }
}
