//! Answers of host operations from their JSON form.

use std::collections::VecDeque;

use anrf::data::Fields as Schema;
use anrf::types::Field;
use anrf::{Fields, HostResponse, Module};

/// One answer, `{"success": {...}}` or `{"error": {...}}`.
///
/// # Errors
/// If the fields are not those of the operation.
pub fn read_answer(
    module: &Module,
    operation: &str,
    answer: &serde_json::Value,
) -> Result<HostResponse, String> {
    if let Some(error) = answer.get("error") {
        let text = |key: &str| error.get(key).and_then(|it| it.as_str()).unwrap_or_default().to_owned();
        return Ok(HostResponse::Error { error_code: text("error_code"), message: text("message") });
    }
    let document = module.document();
    let declared = document.semantic.host.iter().find(|it| it.name == operation);
    let fields: Vec<Field> = declared.map(|it| it.success.clone()).unwrap_or_default();
    let defaults = vec![None; fields.len()];
    let schema = Schema { types: &document.types, fields: &fields, defaults: &defaults, sensitive: false };
    let success = answer.get("success").cloned().unwrap_or_default();
    let values = schema.from_value(&success).map_err(|error| error.to_string())?;
    let named: Fields = fields.into_iter().map(|it| it.name).zip(values).collect();
    Ok(HostResponse::Success(named))
}

/// Answers of several operations: an object with a list for each.
///
/// # Panics
/// If it is none, or an answer does not fit its operation.
#[must_use]
pub fn read_answers(module: &Module, text: &str) -> Vec<(String, VecDeque<HostResponse>)> {
    if text.is_empty() {
        return vec![];
    }
    let parsed: serde_json::Value =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let operations = parsed.as_object().cloned().unwrap_or_default();
    let read = |(name, answers): (String, serde_json::Value)| {
        let answers = answers.as_array().cloned().unwrap_or_default();
        let read = answers.iter().map(|it| read_answer(module, &name, it));
        let answers = read.map(|it| it.unwrap_or_else(|error| panic!("{name}: {error}"))).collect();
        (name, answers)
    };
    operations.into_iter().map(read).collect()
}
