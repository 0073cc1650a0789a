//! Comparisons as JSON. If either function has `sensitive_data`, no value is written.

use anrf_execution::json::{OutcomeJson, StateJson};
use anrf_format::module::Module;
use anrf_verification::report::{Compared, Comparison, Difference, Seen};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::json::{OutcomeOf, StateOf, inputs_json, is_sensitive};

/// A comparison: serialises to an object of question, verdict, why, and the runs that show a difference.
#[derive(Clone, Copy, Debug)]
pub struct ComparisonJson<'a> {
    /// The module of the first function, and its index there.
    pub first: (&'a Module, u32),
    /// The same of the second.
    pub second: (&'a Module, u32),
    /// What was found.
    pub comparison: &'a Comparison,
}

impl ComparisonJson<'_> {
    /// Whether no value may be told.
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        is_sensitive(self.first.0, self.first.1) || is_sensitive(self.second.0, self.second.1)
    }

    /// The inputs that show a difference as a JSON object, unless there are none or no value may be told.
    #[must_use]
    pub fn inputs(&self) -> Option<String> {
        let Compared::Differ(difference) = &self.comparison.verdict else { return None };
        let (module, function) = self.first;
        let inputs = inputs_json(module, function, &difference.inputs);
        if self.is_redacted() { None } else { serde_json::to_string(&inputs).ok() }
    }
}

/// Why a comparison is not proved.
#[derive(serde::Serialize)]
struct Why {
    class: &'static str,
    message: String,
    help: Option<String>,
}

impl Serialize for ComparisonJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let redacted = self.is_redacted();
        let why = match &self.comparison.verdict {
            Compared::Proved(_) => None,
            Compared::Differ(difference) => Some(Why {
                class: "refuted",
                message: format!("runs of both show it, found by {}", difference.method.name()),
                help: None,
            }),
            Compared::Unknown(why) => {
                Some(Why { class: why.class(), message: why.to_string(), help: Some(why.help()) })
            }
            // What a solver wrote may quote values of a model.
            Compared::Error(_) if redacted => {
                Some(Why { class: "error", message: "verification went wrong".to_owned(), help: None })
            }
            Compared::Error(message) => Some(Why { class: "error", message: message.clone(), help: None }),
        };
        let way = match &self.comparison.verdict {
            Compared::Proved(way) => Some(way.name()),
            _ => None,
        };
        let difference = match &self.comparison.verdict {
            Compared::Differ(difference) => Some(DifferenceJson { of: self, difference }),
            _ => None,
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("question", self.comparison.question.name())?;
        map.serialize_entry("verdict", self.comparison.verdict.name())?;
        map.serialize_entry("why", &why)?;
        map.serialize_entry("way", &way)?;
        map.serialize_entry("runs", &self.comparison.runs)?;
        map.serialize_entry("difference", &difference)?;
        map.end()
    }
}

struct DifferenceJson<'a> {
    of: &'a ComparisonJson<'a>,
    difference: &'a Difference,
}

impl Serialize for DifferenceJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { of, difference } = *self;
        let redacted = of.is_redacted();
        let (module, function) = of.first;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("method", difference.method.name())?;
        map.serialize_entry("redacted", &redacted)?;
        map.serialize_entry(
            "inputs",
            &(!redacted).then(|| inputs_json(module, function, &difference.inputs)),
        )?;
        let state = StateJson { module, state: &difference.state };
        map.serialize_entry("state", &(!redacted).then_some(StateOf(state)))?;
        for (name, side, seen) in
            [("first", of.first, &difference.first), ("second", of.second, &difference.second)]
        {
            map.serialize_entry(name, &SeenJson { side, seen, redacted })?;
        }
        map.end()
    }
}

struct SeenJson<'a> {
    side: (&'a Module, u32),
    seen: &'a Seen,
    redacted: bool,
}

impl Serialize for SeenJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (module, function) = self.side;
        let (outcome, refuses) = match self.seen {
            Seen::Ends(outcome) => (Some(outcome), None),
            Seen::Refuses(condition) => (None, Some(condition)),
        };
        let (outcome, state) = (outcome.filter(|_| !self.redacted), vec![]);
        let outcome =
            outcome.map(|outcome| OutcomeOf(OutcomeJson { module, function, outcome, state: &state }));
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("outcome", &outcome)?;
        map.serialize_entry("refuses", &refuses)?;
        map.end()
    }
}
