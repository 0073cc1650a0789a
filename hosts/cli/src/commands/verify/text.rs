//! What was found, for people: what is open beside its source, then a line for each function.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anrf::{
    FunctionReport, Module, ObligationReport, Outcome as RunOutcome, Severity, Unknown, Verdict, Witness,
    WitnessJson, claim, defect, why_unknown,
};

use super::Verified;
use crate::commands::run::told;
use crate::console::{Console, Ink};
use crate::failure::Outcome;
use crate::finding::{Finding, Text as Source};
use crate::load;
use crate::table::{Table, count, elapsed};
use crate::values::short;

/// A proof that takes longer is named.
const SLOW: Duration = Duration::from_secs(1);

pub(super) struct Text<'a> {
    console: &'a Console,
    explains: bool,
    table: Table,
    /// Told below the table.
    notes: Vec<String>,
}

impl<'a> Text<'a> {
    pub(super) fn new(console: &'a Console, explains: bool) -> Self {
        Self { console, explains, table: Table::new(), notes: vec![] }
    }

    /// What is open in a file, each beside its source.
    pub(super) fn file(
        &mut self,
        one: &Verified,
        path: &Path,
        times: &HashMap<String, Duration>,
    ) -> Outcome<()> {
        let source = load::source(&one.module);
        for function in &one.report.functions {
            for finding in findings(one, function, path, &source) {
                self.console.print(format_args!("{}\n", self.console.output().finding(&finding)))?;
            }
            self.row(one, function, times.get(&function.function).copied());
        }
        Ok(())
    }

    fn row(&mut self, one: &Verified, function: &FunctionReport, time: Option<Duration>) {
        let style = self.console.output();
        let all = function.obligations.len();
        let proved = function.obligations.iter().filter(|it| it.verdict.is_proved()).count();
        let ink = match &function.verdict {
            Verdict::Proved => Ink::Good,
            Verdict::Unknown(_) => Ink::Strong,
            Verdict::Refuted(_) | Verdict::Error(_) => Ink::Bad,
        };
        let obligations = match (&function.verdict, proved == all) {
            (Verdict::Proved, _) => count(all, "obligation"),
            (Verdict::Unknown(why), true) => format!("{}, but {why}", count(all, "obligation")),
            _ => format!("{proved} of {}", count(all, "obligation")),
        };
        let time = time.map_or_else(String::new, |time| format!("in {}", elapsed(time)));
        // Colours have no width, which the table cannot know; padded here they do no harm.
        let verdict = style.paint(ink, format!("{:<7}", function.verdict.name()));
        self.table.row([one.name.clone(), function.function.clone(), verdict, obligations, time]);
        for obligation in &function.obligations {
            let taken = Duration::from_micros(obligation.effort.solver_micros);
            if obligation.verdict.is_proved() && taken > SLOW {
                self.notes.push(format!("{} took {} to prove", obligation.id, elapsed(taken)));
            }
        }
        if self.explains {
            self.notes.push(explained(function));
        }
    }

    /// The line for each function, and the sum.
    pub(super) fn end(self, verified: &[Verified], refused: usize, time: Duration) -> Outcome<()> {
        let (console, style) = (self.console, self.console.output());
        if !self.table.is_empty() {
            console.print(&self.table)?;
        }
        for note in &self.notes {
            console.print(note)?;
        }
        if self.explains {
            console.print("")?;
        }
        let functions = || verified.iter().flat_map(|one| &one.report.functions);
        let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
        for function in functions() {
            *verdicts.entry(function.verdict.name()).or_default() += 1;
        }
        let number = |name: &str| verdicts.get(name).copied().unwrap_or(0);
        let all = functions().count();
        let mut parts = vec![];
        for (name, ink) in
            [("proved", Ink::Good), ("refuted", Ink::Bad), ("unknown", Ink::Strong), ("error", Ink::Bad)]
        {
            if number(name) > 0 {
                parts.push(style.paint(ink, format!("{} {name}", number(name))));
            }
        }
        if refused > 0 {
            parts.push(style.paint(Ink::Bad, format!("{} in files", count(refused, "error"))));
        }
        let asked: usize = functions().map(|function| function.effort().asked).sum();
        let solvers = verified.first().map_or(&[][..], |one| &one.report.solvers);
        let solvers: Vec<String> =
            solvers.iter().map(|(name, version)| format!("{name} {version}")).collect();
        let by = match (asked, solvers.is_empty()) {
            (_, true) => "no solver".to_owned(),
            (asked, false) => format!("{} to {}", count(asked, "question"), solvers.join(", ")),
        };
        let verdicts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
        console.print(format_args!("{}{verdicts} in {}; {by}", count(all, "function"), elapsed(time)))
    }
}

/// What a function's verdict rests on.
fn explained(function: &FunctionReport) -> String {
    let list = |names: &[String]| match names {
        [] => "nothing".to_owned(),
        names => names.join(", "),
    };
    let mut table = Table::new().indent(2);
    table.row(["contracts of", &list(&function.callees)]);
    table.row(["assumed of the host", &list(&function.assumed_hosts)]);
    if !function.inferred.is_empty() {
        let found: Vec<String> =
            function.inferred.iter().map(|found| format!("{}: {}", found.step, found.text)).collect();
        table.row(["inferred of loops", &list(&found)]);
    }
    if let Some(unused) = &function.unused {
        table.row(["not needed by the proofs found", &list(unused)]);
    }
    table.row(["confidence", &format!("{:.2}", function.confidence.score)]);
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for obligation in &function.obligations {
        let (proved, all) = kinds.entry(obligation.kind.name()).or_default();
        *proved += usize::from(obligation.verdict.is_proved());
        *all += 1;
    }
    for (kind, (proved, all)) in kinds {
        table.row([kind, &format!("{proved} of {all} proved")]);
    }
    format!("\n{} rests on\n{table}", function.function)
}

/// What is open of a function.
fn findings(one: &Verified, function: &FunctionReport, path: &Path, source: &Arc<Source>) -> Vec<Finding> {
    let mut found = vec![];
    // Nobody was asked: that is said once.
    let mut unasked: Option<(&Unknown, usize, &ObligationReport)> = None;
    for obligation in &function.obligations {
        match &obligation.verdict {
            Verdict::Proved => {}
            Verdict::Unknown(why @ (Unknown::NoSolver | Unknown::NotTried)) => {
                let (_, number, _) = unasked.get_or_insert((why, 0, obligation));
                *number += 1;
            }
            Verdict::Refuted(witness) => {
                found.push(refuted(one, function, obligation, witness, path, source));
            }
            Verdict::Unknown(why) => found.push(unknown(one, function, obligation, why, source)),
            Verdict::Error(message) => {
                found.push(broken(one, function, obligation, message, source));
            }
        }
    }
    if let Some((why, number, first)) = unasked {
        let verb = if number == 1 { "is" } else { "are" };
        let message =
            format!("{} of `{}` {verb} not decided: {why}", count(number, "obligation"), function.function);
        let mut finding = Finding::of(why.class(), message).with_help(Some(why.help()));
        finding.severity = Severity::Warning;
        found.push(placed(finding, first, source).labelled("the first"));
    }
    found
}

fn broken(
    one: &Verified,
    function: &FunctionReport,
    obligation: &ObligationReport,
    message: &str,
    source: &Arc<Source>,
) -> Finding {
    // `E-SOLVER-010: ...`; what a solver wrote may quote values.
    let (code, said) = message.split_once(": ").unwrap_or(("error", message));
    let code = anrf::codes().find(|known| known.id == code);
    let (code, said) = code.map_or(("error", message), |code| (code.id, said));
    let said = if is_sensitive(&one.module, function) { "" } else { said };
    let message =
        format!("verification of `{}` went wrong where {}", function.function, claim(obligation.kind));
    placed(Finding::of(code, message), obligation, source).labelled(said)
}

fn unknown(
    one: &Verified,
    function: &FunctionReport,
    obligation: &ObligationReport,
    why: &Unknown,
    source: &Arc<Source>,
) -> Finding {
    let message = format!("it is not known whether {} in `{}`", claim(obligation.kind), function.function);
    let told = why_unknown(one.module.document(), function.index, why);
    let mut finding = Finding::of(why.class(), message).with_help(Some(why.help()));
    finding.severity = Severity::Warning;
    placed(finding, obligation, source).labelled(told)
}

fn refuted(
    one: &Verified,
    function: &FunctionReport,
    obligation: &ObligationReport,
    witness: &Witness,
    path: &Path,
    source: &Arc<Source>,
) -> Finding {
    let json = WitnessJson { module: one.module.document(), function: function.index, witness };
    let finding = Finding::of(
        obligation.kind.name(),
        format!("{} in `{}`", defect(obligation.kind), function.function),
    );
    if json.is_redacted() {
        let help = "the function handles sensitive data, so the run that shows it is not told";
        return placed(finding.with_help(Some(help.to_owned())), obligation, source);
    }
    let values = |fields: &anrf::Fields| {
        let values = fields.iter().map(|(name, value)| format!("{name} = {}", short(value)));
        values.collect::<Vec<_>>().join(", ")
    };
    let mut given = values(&witness.inputs);
    if !witness.state.is_empty() {
        let before = if given.is_empty() { "" } else { " and " };
        given += &format!("{before}the state {}", values(&witness.state));
    }
    let ends = match &witness.outcome {
        RunOutcome::Success(fields) => format!("success {}", values(fields)),
        // What kind of fault it is, the message says, and its values follow from those given.
        RunOutcome::Fault(fault) => format!("the fault `{}`", fault.kind.name()),
        outcome => told(outcome),
    };
    let with = if given.is_empty() { String::new() } else { format!("with {given}: ") };
    let mend = obligation.precondition.as_deref().map(anrf::sufficient);
    let mend = mend.map(|mend| format!("{mend}; ")).unwrap_or_default();
    let finding =
        finding.with_help(Some(format!("{mend}step through it: {}", debug_line(&json, function, path))));
    placed(finding, obligation, source).labelled(format!("{with}{ends}"))
}

/// What is typed to step through the run.
fn debug_line(json: &WitnessJson<'_>, function: &FunctionReport, path: &Path) -> String {
    let quoted = |text: &str| {
        shlex::try_quote(text).map_or_else(|_| format!("'{text}'"), |quoted| quoted.into_owned())
    };
    let mut line = format!("anrf debug {}", quoted(&path.to_string_lossy()));
    line += &format!(" --function {}", quoted(&function.function));
    if let Some(inputs) = json.inputs() {
        line += &format!(" --input {}", quoted(&inputs));
    }
    if let Some(state) = json.state() {
        line += &format!(" --state {}", quoted(&state));
    }
    let declared = json.module.semantic.functions.get(function.index as usize);
    for capability in declared.map_or(&[][..], |declared| &declared.security.capabilities_required) {
        line += &format!(" --grant {}", quoted(capability));
    }
    if let Some(answers) = json.answers() {
        line += &format!(" --host answers.json, where answers.json is {answers}");
    }
    line
}

fn is_sensitive(module: &Module, function: &FunctionReport) -> bool {
    let declared = module.document().semantic.functions.get(function.index as usize);
    declared.is_none_or(|declared| declared.security.sensitive_data)
}

fn placed(finding: Finding, obligation: &ObligationReport, source: &Arc<Source>) -> Finding {
    if source.text.is_empty() {
        return finding.in_file(source.name.clone());
    }
    finding.at(source, obligation.span)
}
