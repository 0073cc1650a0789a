//! JSON to values.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{
    DUPLICATE, MAX_DEPTH, MISSING_FIELD, OUT_OF_RANGE, SYNTAX, TOO_DEEP, UNKNOWN_FIELD, UNKNOWN_SYMBOL,
    WRONG_TYPE,
};
use crate::decimal::{Decimal, ParseDecimalError};
use crate::diagnostic::Code;
use crate::encoding::base64_decode;
use crate::timestamp::Timestamp;
use crate::types::{Field, Type, TypeId, TypeTable};
use crate::value::Value;

/// Why a text is not a value of the type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if path.is_empty() { String::new() } else { format!("`{path}`: ") })]
pub struct DataError {
    /// The stable code.
    pub code: &'static Code,
    /// Where in the value, such as `order.lines[3].price`; empty for the whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// The mend, where there is one.
    pub help: Option<String>,
    /// Line and column (1-based) where reading stopped.
    pub place: (usize, usize),
}

/// Fields to read from one object: those with a default (or an optional type) may be left out.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    /// The module's types.
    pub types: &'a TypeTable,
    /// Names and types.
    pub fields: &'a [Field],
    /// One per field, or empty for no defaults at all.
    pub defaults: &'a [Option<Value>],
    /// Whether the values are sensitive: then no part of the text appears in an error.
    pub sensitive: bool,
}

/// The most characters of a value that a message quotes.
const LONGEST_SHOWN: usize = 60;

/// Stands in a message for the number that was read, as it is written.
const NUMBER: char = '\u{1}';

/// What a message says instead of a sensitive value.
const HIDDEN: &str = "[redacted]";

/// Reads a value of a type from JSON text.
///
/// # Errors
/// If the text is not one JSON document, or not the JSON form of a value of the type.
pub fn from_json(types: &TypeTable, type_id: TypeId, text: &str) -> Result<Value, DataError> {
    let context = Context::default();
    read(text, &context, Seed { types, type_id, context: &context })
}

impl Fields<'_> {
    /// Reads one value per field, in their order, from the text of a JSON object.
    ///
    /// # Errors
    /// As [`from_json`].
    pub fn from_json(&self, text: &str) -> Result<Vec<Value>, DataError> {
        let context = Context { sensitive: self.sensitive, ..Context::default() };
        read(text, &context, FieldsSeed { fields: *self, context: &context })
    }

    /// Reads one value per field, in their order, from an object that is part of a larger document.
    ///
    /// # Errors
    /// As [`from_json`]; the place is that of the whole document's error.
    pub fn from_value(&self, object: &serde_json::Value) -> Result<Vec<Value>, DataError> {
        let context = Context { sensitive: self.sensitive, ..Context::default() };
        let result = FieldsSeed { fields: *self, context: &context }.deserialize(object);
        result.map_err(|error| context.explain(&error, ""))
    }
}

fn read<'de, S: DeserializeSeed<'de>>(
    text: &'de str,
    context: &Context,
    seed: S,
) -> Result<S::Value, DataError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let result = seed.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    result.map_err(|error| context.explain(&error, text))
}

/// The number that ends at a place (line and column from 1) of a text, as it is written.
fn number_before(text: &str, (line, column): (usize, usize)) -> Option<&str> {
    let line = text.split('\n').nth(line.checked_sub(1)?)?;
    let before = line.as_bytes().get(..column.min(line.len()))?;
    let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let length = before.iter().rev().take_while(|byte| is_part(byte)).count();
    line.get(before.len() - length..before.len()).filter(|number| !number.is_empty())
}

/// The beginning of a text that is too long for a sentence.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned() + "…",
        None => text.to_owned(),
    }
}

/// serde_json ends its messages in "at line 1 column 2", which [`DataError::place`] says already.
fn strip_place(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(front, _)| front).to_owned()
}

/// The path to the value being read, and the first failure: serde's own errors carry neither.
#[derive(Default)]
struct Context {
    path: RefCell<Vec<Segment>>,
    failure: RefCell<Option<DataError>>,
    /// Whether nothing of the text may appear in an error.
    sensitive: bool,
}

enum Segment {
    Name(String),
    Index(usize),
}

impl Context {
    /// The failure that was noted, or what serde_json itself has to say.
    fn explain(&self, error: &serde_json::Error, text: &str) -> DataError {
        let place = (error.line(), error.column());
        let noted = self.failure.take().map(|mut failure| {
            if failure.message.contains(NUMBER) {
                let number = number_before(text, place).unwrap_or("it");
                failure.message = failure.message.replace(NUMBER, &shortened(number));
            }
            DataError { place, ..failure }
        });
        noted.unwrap_or_else(|| {
            let why = match error.classify() {
                // These quote the value.
                serde_json::error::Category::Data if self.sensitive => ": its form is another one".to_owned(),
                _ => format!(": {}", strip_place(&error.to_string())),
            };
            let message = format!("not a JSON document{why}");
            DataError { code: &SYNTAX, path: String::new(), message, help: None, place }
        })
    }

    /// A piece of the text in a message.
    fn shown(&self, text: &str) -> String {
        if self.sensitive { HIDDEN.to_owned() } else { format!("`{}`", shortened(text)) }
    }

    /// The number that was read last, in a message.
    fn number(&self) -> String {
        if self.sensitive { HIDDEN.to_owned() } else { format!("`{NUMBER}`") }
    }

    fn fail<E: serde::de::Error>(&self, code: &'static Code, message: String, help: Option<String>) -> E {
        let mut path = String::new();
        for segment in self.path.borrow().iter() {
            match segment {
                Segment::Name(name) if path.is_empty() => path.push_str(name),
                Segment::Name(name) => path.extend([".", name]),
                Segment::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        let error = E::custom(&message);
        self.failure.borrow_mut().get_or_insert(DataError { code, path, message, help, place: (0, 0) });
        error
    }

    /// Runs `read` with one more segment on the path; a failure leaves the path as it was there.
    fn within<T, E: serde::de::Error>(
        &self,
        segment: Segment,
        read: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        if self.path.borrow().len() >= MAX_DEPTH {
            return Err(self.fail(&TOO_DEEP, format!("values nest at most {MAX_DEPTH} levels deep"), None));
        }
        self.path.borrow_mut().push(segment);
        let value = read()?;
        self.path.borrow_mut().pop();
        Ok(value)
    }
}

/// Reads a value of one type.
#[derive(Clone, Copy)]
struct Seed<'a> {
    types: &'a TypeTable,
    type_id: TypeId,
    context: &'a Context,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Seed<'a> {
    fn of(self, type_id: TypeId) -> Self {
        Self { type_id, ..self }
    }

    fn wrong<E: serde::de::Error>(self, found: &str) -> E {
        let expected = self.types.name(self.type_id);
        let help = match self.types.get(self.type_id) {
            Type::Decimal => {
                Some("write decimals as strings, such as \"12.50\", so that no digit is lost".to_owned())
            }
            Type::Timestamp => Some("write timestamps as \"2026-01-08T14:23:15Z\"".to_owned()),
            Type::Bytes => Some("write bytes as base64".to_owned()),
            Type::Map(key, _) if *key != TypeId::STRING => {
                Some("write maps whose keys are not strings as [[key, value], ...]".to_owned())
            }
            Type::Variant(_) => Some("write {\"case\": {fields}}".to_owned()),
            _ => None,
        };
        self.context.fail(&WRONG_TYPE, format!("expected {expected}, found {found}"), help)
    }

    /// What an optional wraps, if the value at hand belongs inside it.
    fn payload(self) -> Option<Self> {
        match self.types.get(self.type_id) {
            Type::Optional(inner) if !matches!(self.types.get(*inner), Type::Optional(_)) => {
                Some(self.of(*inner))
            }
            _ => None,
        }
    }

    fn some<E>(value: Result<Value, E>) -> Result<Value, E> {
        value.map(|value| Value::Optional(Some(Box::new(value))))
    }

    fn integer<E: serde::de::Error>(self, value: i128) -> Result<Value, E> {
        match self.types.get(self.type_id) {
            Type::Integer | Type::Unbounded => {
                i64::try_from(value).map(Value::Integer).map_err(|_| self.too_large(&self.context.number()))
            }
            #[expect(clippy::cast_precision_loss, reason = "JSON does not distinguish 1 from 1.0")]
            Type::Float => Ok(Value::Float(value as f64)),
            _ => Err(self.wrong(&format!("the number {}", self.context.number()))),
        }
    }

    fn too_large<E: serde::de::Error>(self, shown: &str) -> E {
        self.context.fail(&OUT_OF_RANGE, format!("{shown} does not fit a 64-bit integer"), None)
    }

    fn symbol<E: serde::de::Error>(self, text: &str, symbols: &[String]) -> Result<Value, E> {
        if symbols.iter().any(|symbol| symbol == text) {
            return Ok(Value::Enum(text.to_owned()));
        }
        let message = format!("{} is none of {}", self.context.shown(text), symbols.join(", "));
        Err(self.context.fail(&UNKNOWN_SYMBOL, message, None))
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.types.name(self.type_id))
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        if let Some(inner) = self.payload() {
            return Self::some(inner.visit_bool(value));
        }
        match self.types.get(self.type_id) {
            Type::Boolean => Ok(Value::Boolean(value)),
            _ if self.context.sensitive => Err(self.wrong("a boolean")),
            _ => Err(self.wrong(&format!("`{value}`"))),
        }
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        match self.payload() {
            Some(inner) => Self::some(inner.integer(i128::from(value))),
            None => self.integer(i128::from(value)),
        }
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        match self.payload() {
            Some(inner) => Self::some(inner.integer(i128::from(value))),
            None => self.integer(i128::from(value)),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        if let Some(inner) = self.payload() {
            return Self::some(inner.visit_f64(value));
        }
        match self.types.get(self.type_id) {
            Type::Float => Ok(Value::Float(value)),
            Type::Integer | Type::Unbounded if value.abs() >= 9.2e18 => {
                Err(self.too_large(&self.context.number()))
            }
            _ => Err(self.wrong(&format!("the number {}", self.context.number()))),
        }
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        if let Some(inner) = self.payload() {
            return Self::some(inner.visit_str(text));
        }
        let types = self.types;
        match types.get(self.type_id) {
            Type::String => Ok(Value::String(text.to_owned())),
            Type::Integer | Type::Unbounded => match text.parse::<i64>() {
                Ok(value) if !text.starts_with('+') => Ok(Value::Integer(value)),
                _ if is_digits(text) => Err(self.too_large(&self.context.shown(text))),
                _ => Err(self.wrong(&format!("the string {}", self.context.shown(text)))),
            },
            Type::Decimal => Decimal::parse(text).map(Value::Decimal).map_err(|error| {
                let code = if matches!(error, ParseDecimalError::Syntax { .. }) {
                    &WRONG_TYPE
                } else {
                    &OUT_OF_RANGE
                };
                if self.context.sensitive {
                    let help = error.help().map(str::to_owned);
                    return self.context.fail(code, format!("the string {HIDDEN} is no decimal"), help);
                }
                self.context.fail(code, error.to_string(), error.help().map(str::to_owned))
            }),
            Type::Float => match text {
                "NaN" => Ok(Value::Float(f64::NAN)),
                "Infinity" => Ok(Value::Float(f64::INFINITY)),
                "-Infinity" => Ok(Value::Float(f64::NEG_INFINITY)),
                _ => Err(self.wrong(&format!("the string {}", self.context.shown(text)))),
            },
            Type::Bytes => base64_decode(text)
                .map(Value::Bytes)
                .ok_or_else(|| self.wrong(&format!("{}, which is not base64", self.context.shown(text)))),
            Type::Timestamp => Timestamp::parse(text).map(Value::Timestamp).map_err(|error| {
                if self.context.sensitive {
                    return self.wrong(&format!("the string {HIDDEN}"));
                }
                self.context.fail(&WRONG_TYPE, error.to_string(), error.help().map(str::to_owned))
            }),
            _ => match types.symbols(self.type_id) {
                Some(symbols) => self.symbol(text, symbols),
                None => Err(self.wrong(&format!("the string {}", self.context.shown(text)))),
            },
        }
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        match self.types.get(self.type_id) {
            Type::Optional(_) => Ok(Value::Optional(None)),
            _ => Err(self.wrong("null")),
        }
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        if let Some(inner) = self.payload() {
            return Self::some(inner.visit_seq(list));
        }
        match self.types.get(self.type_id).clone() {
            Type::Array(element) => Ok(Value::Array(self.elements(element, &mut list)?)),
            Type::Set(element) => {
                let mut values = self.elements(element, &mut list)?;
                values.sort();
                if let Some(pair) = values.windows(2).find(|pair| pair[0] == pair[1]) {
                    let text = super::to_json(self.types, element, &pair[0]);
                    return Err(self.context.fail(
                        &DUPLICATE,
                        format!("{} stands in the set twice", self.context.shown(&text)),
                        None,
                    ));
                }
                Ok(Value::Set(values))
            }
            Type::Map(key, value) if key != TypeId::STRING => {
                let mut entries = Vec::new();
                let pair = PairSeed { key: self.of(key), value: self.of(value) };
                while let Some(entry) =
                    self.context.within(Segment::Index(entries.len()), || list.next_element_seed(pair))?
                {
                    entries.push(entry);
                }
                self.map(key, entries)
            }
            _ => Err(self.wrong("a list")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        if let Some(inner) = self.payload() {
            return Self::some(inner.visit_map(object));
        }
        let types = self.types;
        match types.get(self.type_id) {
            Type::Record(index) => {
                let fields = types.records.get(*index as usize).map_or(&[][..], |record| &record.fields);
                let values = read_fields(
                    Fields { types, fields, defaults: &[], sensitive: self.context.sensitive },
                    self.context,
                    &mut object,
                )?;
                Ok(Value::Record(named(fields, values)))
            }
            Type::Map(TypeId::STRING, value) => {
                let mut entries = Vec::new();
                while let Some(key) = object.next_key::<String>()? {
                    let hidden = self.context.sensitive.then(|| HIDDEN.to_owned());
                    let segment = Segment::Name(hidden.unwrap_or_else(|| key.clone()));
                    let entry = self.context.within(segment, || object.next_value_seed(self.of(*value)))?;
                    entries.push((Value::String(key), entry));
                }
                self.map(TypeId::STRING, entries)
            }
            Type::Variant(index) => {
                let cases = types.variants.get(*index as usize).map_or(&[][..], |variant| &variant.cases);
                let Some(name) = object.next_key::<String>()? else {
                    return Err(self.wrong("an empty object"));
                };
                let Some(case) = cases.iter().find(|case| case.name == name) else {
                    let known: Vec<&str> = cases.iter().map(|case| &*case.name).collect();
                    let message =
                        format!("{} is none of the cases {}", self.context.shown(&name), known.join(", "));
                    return Err(self.context.fail(&UNKNOWN_SYMBOL, message, None));
                };
                let fields =
                    Fields { types, fields: &case.fields, defaults: &[], sensitive: self.context.sensitive };
                let values = self.context.within(Segment::Name(name.clone()), || {
                    object.next_value_seed(FieldsSeed { fields, context: self.context })
                })?;
                if object.next_key::<String>()?.is_some() {
                    return Err(self.wrong("an object with several keys"));
                }
                Ok(Value::Variant(name, named(&case.fields, values)))
            }
            Type::Optional(inner) => {
                let some = object.next_key::<String>()?;
                if some.as_deref() != Some("some") {
                    return Err(self.wrong("an object that is not {\"some\": ...}"));
                }
                let value = self
                    .context
                    .within(Segment::Name("some".into()), || object.next_value_seed(self.of(*inner)))?;
                if object.next_key::<String>()?.is_some() {
                    return Err(self.wrong("an object with several keys"));
                }
                Ok(Value::Optional(Some(Box::new(value))))
            }
            _ => Err(self.wrong("an object")),
        }
    }
}

impl<'a> Seed<'a> {
    fn elements<'de, A: SeqAccess<'de>>(self, element: TypeId, list: &mut A) -> Result<Vec<Value>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) =
            self.context.within(Segment::Index(values.len()), || list.next_element_seed(self.of(element)))?
        {
            values.push(value);
        }
        // The path of the element that was not there.
        Ok(values)
    }

    fn map<E: serde::de::Error>(self, key: TypeId, mut entries: Vec<(Value, Value)>) -> Result<Value, E> {
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let text = super::to_json(self.types, key, &pair[0].0);
            return Err(self.context.fail(
                &DUPLICATE,
                format!("the key {} stands twice", self.context.shown(&text)),
                None,
            ));
        }
        Ok(Value::Map(entries))
    }
}

/// `[key, value]`.
#[derive(Clone, Copy)]
struct PairSeed<'a> {
    key: Seed<'a>,
    value: Seed<'a>,
}

impl<'de> DeserializeSeed<'de> for PairSeed<'_> {
    type Value = (Value, Value);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for PairSeed<'_> {
    type Value = (Value, Value);

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[key, value]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let short = || A::Error::custom("expected [key, value]");
        let key = list.next_element_seed(self.key)?.ok_or_else(short)?;
        let value = list.next_element_seed(self.value)?.ok_or_else(short)?;
        if list.next_element::<serde::de::IgnoredAny>()?.is_some() {
            return Err(short());
        }
        Ok((key, value))
    }
}

/// Reads the fields of one object.
#[derive(Clone, Copy)]
struct FieldsSeed<'a> {
    fields: Fields<'a>,
    context: &'a Context,
}

impl<'de> DeserializeSeed<'de> for FieldsSeed<'_> {
    type Value = Vec<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FieldsSeed<'_> {
    type Value = Vec<Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        read_fields(self.fields, self.context, &mut object)
    }
}

fn read_fields<'de, A: MapAccess<'de>>(
    fields: Fields<'_>,
    context: &Context,
    object: &mut A,
) -> Result<Vec<Value>, A::Error> {
    let mut values: Vec<Option<Value>> = vec![None; fields.fields.len()];
    while let Some(name) = object.next_key::<String>()? {
        let Some(index) = fields.fields.iter().position(|field| field.name == name) else {
            let names: Vec<&str> = fields.fields.iter().map(|field| &*field.name).collect();
            let help = Some(format!("the fields are {}", names.join(", ")));
            return Err(context.fail(
                &UNKNOWN_FIELD,
                format!("there is no field {}", context.shown(&name)),
                help,
            ));
        };
        if values[index].is_some() {
            return Err(context.fail(&DUPLICATE, format!("the field `{name}` stands twice"), None));
        }
        let seed = Seed { types: fields.types, type_id: fields.fields[index].type_id, context };
        values[index] = Some(context.within(Segment::Name(name), || object.next_value_seed(seed))?);
    }
    let complete = values.into_iter().enumerate().map(|(index, value)| {
        let field = &fields.fields[index];
        value
            .or_else(|| fields.defaults.get(index).cloned().flatten())
            .or_else(|| {
                matches!(fields.types.get(field.type_id), Type::Optional(_)).then_some(Value::Optional(None))
            })
            .ok_or_else(|| {
                context.fail(&MISSING_FIELD, format!("the field `{}` is missing", field.name), None)
            })
    });
    complete.collect()
}

fn named(fields: &[Field], values: Vec<Value>) -> Vec<(String, Value)> {
    fields.iter().map(|field| field.name.clone()).zip(values).collect()
}

fn is_digits(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
