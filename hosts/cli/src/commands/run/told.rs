//! How a run ended, in words.

use std::sync::Arc;

use anrf::{Fault, LogEntry, LogLevel, Outcome as RunOutcome, Policy};

use crate::console::{Ink, Style};
use crate::finding::{Finding, Text};
use crate::table::grouped;
use crate::values::short;

/// How a run ended that did not succeed, in one line.
pub(crate) fn told(outcome: &RunOutcome) -> String {
    match outcome {
        RunOutcome::Success(_) => "success".to_owned(),
        RunOutcome::Failure { error_code, message } if message.is_empty() => {
            format!("failed with `{error_code}`")
        }
        RunOutcome::Failure { error_code, message } => format!("failed with `{error_code}`: {message}"),
        RunOutcome::Fault(fault) => {
            let values = shown_values(fault).map_or(String::new(), |values| format!(" ({values})"));
            format!("fault `{}`: {}{values}", fault.kind.name(), meaning(fault))
        }
        RunOutcome::Limit(limit) => format!("the limit `{}` was reached", limit.name()),
        RunOutcome::Denied { capability } => format!("the capability `{capability}` was not granted"),
    }
}

/// Why a run did not succeed, with its place and the mend; nothing for a success or a declared failure,
/// which says all itself.
pub(crate) fn finding(outcome: &RunOutcome, text: &Arc<Text>, policy: &Policy) -> Option<Finding> {
    match outcome {
        RunOutcome::Success(_) | RunOutcome::Failure { .. } => None,
        RunOutcome::Fault(fault) => {
            let place = match &fault.step {
                Some(step) => format!(", in step `{step}` of `{}`", fault.function),
                None => format!(", in `{}`", fault.function),
            };
            let finding = Finding::of(fault.kind.name(), format!("{}{place}", meaning(fault)));
            if text.text.is_empty() {
                return Some(finding.with_help(shown_values(fault)));
            }
            let mut finding = finding.at(text, fault.span);
            if let Some(place) = &mut finding.place {
                place.label = shown_values(fault);
            }
            Some(finding)
        }
        RunOutcome::Limit(limit) => {
            let limits = &policy.limits;
            let (message, help) = match limit.name() {
                "fuel" => (
                    format!("the run used up its {} units of fuel", grouped(limits.fuel)),
                    Some("give it more with `--fuel`"),
                ),
                "memory" => (
                    "its values do not fit into the memory that the run may use".to_owned(),
                    Some(
                        "give it more with `--memory`, or raise `memory_limit_mb` of the function, whichever is less",
                    ),
                ),
                "time" => (
                    "the run took longer than it may".to_owned(),
                    Some(
                        "give it more with `--timeout`, or raise `timeout_seconds` of the function, whichever is less",
                    ),
                ),
                "depth" => ("calls nest deeper than they may".to_owned(), None),
                "contract" => ("checking its contracts took more work than it may".to_owned(), None),
                name => (format!("the limit `{name}` was reached"), None),
            };
            Some(Finding::of(limit.name(), message).with_help(help.map(str::to_owned)))
        }
        RunOutcome::Denied { capability } => Some(
            Finding::of(
                "denied",
                format!("the run needs the capability `{capability}`, which was not granted"),
            )
            .with_help(Some(format!("grant it with `--grant {capability}`"))),
        ),
    }
}

/// One log entry of a run.
pub(super) fn log(entry: &LogEntry, style: Style) -> String {
    let level = match entry.level {
        LogLevel::Debug => style.paint(Ink::Faint, "debug"),
        LogLevel::Info => "info".to_owned(),
        LogLevel::Warn => style.paint(Ink::Strong, "warn"),
        LogLevel::Error => style.paint(Ink::Bad, "error"),
    };
    let step = entry.step.as_ref().map_or(String::new(), |step| format!(" [{step}]"));
    let fields: Vec<String> =
        entry.fields.iter().map(|(name, value)| format!(" {name}={}", short(value))).collect();
    format!("{level}{step} {}{}", entry.message, fields.concat())
}

fn shown_values(fault: &Fault) -> Option<String> {
    let values: Vec<String> =
        fault.values.iter().map(|(name, value)| format!("{name} = {}", short(value))).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

fn meaning(fault: &Fault) -> &'static str {
    match fault.kind.name() {
        "overflow" => "an integer left 64 bits",
        "division_by_zero" => "division by zero",
        "out_of_bounds" => "an index is outside its value",
        "missing_key" => "the map does not have the key",
        "none_value" => "the value of NONE was asked for",
        "invalid_argument" => "a built-in function does not take this argument",
        "constraint_violation" => "a value breaks its constraint",
        "precondition_violation" => "the inputs break a precondition",
        "call_precondition_violation" => "a call breaks the precondition of what it calls",
        "postcondition_violation" => "the result breaks a postcondition",
        "invariant_violation" => "an invariant does not hold",
        "assertion_violation" => "an assertion does not hold",
        "invalid_transition" => "the machine does not allow this move from its present state",
        "host_contract_violation" => "the host's answer breaks its contract",
        _ => "the function met a defect",
    }
}
