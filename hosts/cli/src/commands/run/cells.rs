//! Cells of a CSV file to the inputs of a function, and outcomes to cells.

use anrf::data::DataError;
use anrf::semantic::Function;
use anrf::types::{Type, TypeId, TypeTable};
use anrf::{Execution, Outcome as RunOutcome, Value};

use super::records::Problem;
use crate::failure::{Failure, Outcome};

/// How the columns of a file are the inputs of a function.
#[derive(Debug)]
pub(super) struct Columns {
    /// For each column the input that it gives.
    inputs: Vec<Option<Column>>,
}

#[derive(Debug)]
struct Column {
    /// The input's name as a JSON string.
    key: String,
    form: Form,
    /// An empty cell leaves the input out.
    may_be_empty: bool,
}

/// How a cell becomes JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// The cell is the text itself.
    Text,
    /// The text, without white space around it.
    Word,
    /// A number that is written without quotes in JSON.
    Number,
    Boolean,
    /// The cell holds JSON.
    Json,
}

impl Columns {
    /// Maps a header to the inputs of a function.
    pub(super) fn new(
        header: &[String],
        function: &Function,
        types: &TypeTable,
        ignore: bool,
        file: &str,
    ) -> Outcome<Self> {
        let names =
            || function.inputs.iter().map(|it| format!("`{}`", it.name)).collect::<Vec<_>>().join(", ");
        let mut inputs = vec![];
        for (index, column) in header.iter().enumerate() {
            if header.get(..index).is_some_and(|before| before.contains(column)) {
                return Err(Failure::usage(format!("`{file}`: the column `{column}` stands twice")));
            }
            let input = function.inputs.iter().find(|input| input.name == *column);
            if input.is_none() && !ignore {
                let message =
                    format!("`{file}`: the column `{column}` is no input of `{}`", function.node_id());
                let other = [';', '\t', '|'].into_iter().find(|it| header.len() == 1 && column.contains(*it));
                let help = match other {
                    Some(other) => {
                        format!("columns are separated by `,`, not by `{}`", other.escape_default())
                    }
                    None => {
                        format!("its inputs are {}; `--ignore-columns` leaves out other columns", names())
                    }
                };
                return Err(Failure::usage(message).with_help(help));
            }
            inputs.push(input.map(|input| {
                let (form, optional) = form(types, input.type_id);
                Column {
                    key: serde_json::Value::from(column.as_str()).to_string(),
                    form,
                    may_be_empty: optional || input.default.is_some(),
                }
            }));
        }
        let missing = function.inputs.iter().find(|input| {
            let needed = input.default.is_none() && !matches!(types.get(input.type_id), Type::Optional(_));
            needed && !header.contains(&input.name)
        });
        if let Some(missing) = missing {
            let message = format!("`{file}`: there is no column for the input `{}`", missing.name);
            return Err(Failure::usage(message).with_help("the first line of a CSV file names the inputs"));
        }
        Ok(Self { inputs })
    }

    /// The inputs as a JSON object.
    pub(super) fn object(&self, cells: &[String]) -> String {
        let mut object = String::from("{");
        for (column, cell) in self.inputs.iter().zip(cells) {
            let Some(column) = column else { continue };
            if column.may_be_empty && cell.trim().is_empty() {
                continue;
            }
            if object.len() > 1 {
                object.push(',');
            }
            object.push_str(&column.key);
            object.push(':');
            push(&mut object, column.form, cell);
        }
        object.push('}');
        object
    }
}

/// Which form the cells of a type have, and whether an empty cell is a value of it.
fn form(types: &TypeTable, type_id: TypeId) -> (Form, bool) {
    match types.get(type_id) {
        Type::Optional(inner) => match types.get(*inner) {
            Type::Optional(_) => (Form::Json, true),
            _ => (form(types, *inner).0, true),
        },
        Type::String => (Form::Text, false),
        Type::Integer | Type::Unbounded | Type::Float => (Form::Number, false),
        Type::Boolean => (Form::Boolean, false),
        Type::Decimal | Type::Bytes | Type::Timestamp | Type::Enum(_) | Type::Machine(_) => {
            (Form::Word, false)
        }
        Type::Array(_) | Type::Map(..) | Type::Set(_) | Type::Record(_) | Type::Variant(_) => {
            (Form::Json, false)
        }
    }
}

fn push(object: &mut String, form: Form, cell: &str) {
    let word = cell.trim();
    let is_json = || serde_json::from_str::<serde::de::IgnoredAny>(word).is_ok();
    match form {
        Form::Boolean if word.eq_ignore_ascii_case("true") => object.push_str("true"),
        Form::Boolean if word.eq_ignore_ascii_case("false") => object.push_str("false"),
        Form::Number if is_json() => object.push_str(word),
        Form::Json if is_json() => object.push_str(word),
        Form::Text => object.push_str(&serde_json::Value::from(cell).to_string()),
        // What is no number or no JSON goes on as text, so that the message is about the type.
        _ => object.push_str(&serde_json::Value::from(word).to_string()),
    }
}

/// What is wrong with a row, in a few words.
pub(super) fn problem(error: &DataError) -> Problem {
    Problem { message: error.to_string(), help: error.help.clone() }
}

/// The header of outcomes as CSV.
pub(super) fn outcome_header(function: &Function) -> Vec<String> {
    let fields = function.success.iter().map(|field| field.name.clone());
    let first = ["row".to_owned(), "outcome".to_owned()];
    let last = ["error_code".to_owned(), "message".to_owned()];
    first.into_iter().chain(fields).chain(last).collect()
}

/// The cells of one outcome, in the order of the header. `error_code` holds the declared code, the kind of
/// fault, the limit or the capability.
pub(super) fn outcome_cells(
    number: u64,
    execution: &Execution,
    function: &Function,
    types: &TypeTable,
) -> Vec<String> {
    let mut cells = vec![number.to_string(), execution.outcome().kind().to_owned()];
    let success = match execution.outcome() {
        RunOutcome::Success(fields) => fields.as_slice(),
        _ => &[],
    };
    for field in &function.success {
        let value = success.iter().find(|(name, _)| *name == field.name);
        cells.push(value.map_or_else(String::new, |(_, value)| cell(types, field.type_id, value)));
    }
    let outcome = execution.outcome();
    let (code, message) = match outcome {
        RunOutcome::Success(_) => (String::new(), String::new()),
        RunOutcome::Failure { error_code, message } => (error_code.clone(), message.clone()),
        RunOutcome::Fault(fault) => (fault.kind.name().to_owned(), super::told(outcome)),
        RunOutcome::Limit(limit) => (limit.name().to_owned(), super::told(outcome)),
        RunOutcome::Denied { capability } => (capability.clone(), super::told(outcome)),
    };
    cells.extend([code, message]);
    cells
}

/// A value as a cell: scalars as they are, others as JSON, NONE as nothing.
fn cell(types: &TypeTable, type_id: TypeId, value: &Value) -> String {
    match value {
        Value::String(text) | Value::Enum(text) => text.clone(),
        Value::Optional(None) => String::new(),
        Value::Optional(Some(inner)) => match types.get(type_id) {
            Type::Optional(type_id) if !matches!(types.get(*type_id), Type::Optional(_)) => {
                cell(types, *type_id, inner)
            }
            _ => anrf::data::to_json(types, type_id, value),
        },
        _ => {
            let json = anrf::data::to_json(types, type_id, value);
            // Decimals, timestamps and bytes are strings in JSON.
            let bare = json.strip_prefix('"').and_then(|json| json.strip_suffix('"'));
            bare.map_or(json.clone(), str::to_owned)
        }
    }
}
