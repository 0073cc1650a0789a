//! Values to and from JSON text, by the types that a module declares.

use anrf::Value;
use anrf::data::{DataError, Fields, TypedFields};
use anrf::types::{Field, TypeTable};

use crate::failure::Failure;
use crate::finding::{Finding, Text};

/// Reads the fields of a JSON object.
pub(crate) fn read(
    types: &TypeTable,
    fields: &[Field],
    defaults: &[Option<Value>],
    sensitive: bool,
    json: &str,
) -> Result<Vec<Value>, DataError> {
    Fields { types, fields, defaults, sensitive }.from_json(json)
}

/// Writes an object with the fields' types; values may come in any order.
pub(crate) fn write(types: &TypeTable, fields: &[Field], values: &anrf::Fields) -> String {
    let known = fields.iter().filter_map(|field| {
        let value = values.iter().find(|(name, _)| *name == field.name);
        value.map(|(_, value)| (field.clone(), value.clone()))
    });
    let (fields, values): (Vec<Field>, Vec<Value>) = known.unzip();
    serde_json::to_string(&TypedFields { types, fields: &fields, values: &values }).unwrap_or_default()
}

/// What is wrong with JSON text that an argument or a file gave; `what` says which, such as `--input`.
/// The text is shown unless it is sensitive.
pub(crate) fn refused(what: &str, file: &str, text: &str, sensitive: bool, error: &DataError) -> Failure {
    let message = if error.path.is_empty() {
        format!("{what}: {}", error.message)
    } else {
        format!("{what}: `{}`: {}", error.path, error.message)
    };
    let finding = Finding::error(error.code, message).with_help(error.help.clone());
    let name = if file.is_empty() { what } else { file };
    let (line, column) = error.place;
    if sensitive {
        let number = |it: usize| u64::try_from(it.max(1)).unwrap_or(u64::MAX);
        let finding = finding.in_file(name).on_line(number(line), Some(number(column)));
        return Failure::Findings(vec![finding]);
    }
    let text = Text::new(name, text);
    let offset = u32::try_from(line).ok().zip(u32::try_from(column).ok()).and_then(|(line, column)| {
        text.lines.offset(anrf::Position { line: line.max(1), column: column.max(1) })
    });
    Failure::Findings(vec![match offset {
        Some(offset) => finding.at(&text, anrf::Span { start: offset, end: offset }),
        None => finding.in_file(name),
    }])
}

/// Longest value shown in a sentence.
const LONGEST_SHOWN: usize = 80;

/// A value in a few characters.
pub(crate) fn short(value: &Value) -> String {
    let text = plain(value);
    if text.chars().count() <= LONGEST_SHOWN {
        return text;
    }
    let mut short: String = text.chars().take(LONGEST_SHOWN - 1).collect();
    short.push('…');
    short
}

/// A value as text for people, where its type is not at hand.
pub(crate) fn plain(value: &Value) -> String {
    let list = |values: &[Value]| values.iter().map(plain).collect::<Vec<_>>().join(", ");
    let fields = |fields: &[(String, Value)]| {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}: {}", plain(value))).collect();
        format!("{{ {} }}", fields.join(", "))
    };
    match value {
        Value::Boolean(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
        Value::Integer(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::String(value) => serde_json::Value::from(value.as_str()).to_string(),
        Value::Bytes(value) => {
            let digits: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("b\"{digits}\"")
        }
        Value::Timestamp(value) => format!("t\"{value}\""),
        Value::Optional(None) => "NONE".to_owned(),
        Value::Optional(Some(inner)) => format!("SOME({})", plain(inner)),
        Value::Array(values) => format!("[{}]", list(values)),
        Value::Set(values) => format!("SET[{}]", list(values)),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", plain(key), plain(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Enum(symbol) => symbol.clone(),
        Value::Record(values) => fields(values),
        Value::Variant(case, values) => format!("{case} {}", fields(values)),
    }
}
