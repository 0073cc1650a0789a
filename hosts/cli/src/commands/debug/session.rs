//! A conversation with whoever debugs.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

use anrf::{CancellationToken, Engine, Event, JournalEntry, Module, Observer};

use super::breaks::{Break, Names, evaluate};
use crate::console::{Console, Ink};
use crate::finding::Text;
use crate::values;
use crate::watch::{self, Calls, Frame, Happened};

const HELP: &str = "\
step (s)             go on to the next step, also into calls
next (n)             go on to the next step of this function
out (o)              go on until this function has returned
continue (c)         go on to the next break, or to the end
print (p) NAME|EXPR  the value of a name or of an expression over the visible names
names (v)            all visible names with their values
where (w)            the calls that are open
list (l)             the text of the step
break (b) CONDITION  stop there too: a step's name, an expression, state_transition:a->b
quit (q)             end the run
An empty line repeats the last command that went on.";

/// Lines of a step that are shown when the run stops there.
const MOST_LINES: usize = 8;

/// A run that stops and asks.
pub(super) struct Session {
    module: Module,
    text: Arc<Text>,
    engine: Engine,
    cancellation: CancellationToken,
    console: Console,
    state: Mutex<State>,
}

struct State {
    calls: Calls,
    breaks: Vec<Break>,
    until: Until,
    last: Until,
    left: bool,
    /// Nobody gives commands any more.
    silent: bool,
}

/// How far the run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    /// The next step, anywhere.
    Step,
    /// The next step at this depth or further out.
    Depth(usize),
    /// The next break.
    Break,
}

impl Session {
    /// Stops at the first step, unless there are breaks to stop at.
    pub(super) fn new(
        module: &Module,
        breaks: Vec<Break>,
        cancellation: CancellationToken,
        console: &Console,
    ) -> Self {
        let until = if breaks.is_empty() { Until::Step } else { Until::Break };
        let state =
            State { calls: Calls::default(), breaks, until, last: Until::Step, left: false, silent: false };
        Self {
            module: module.clone(),
            text: crate::load::source(module),
            engine: Engine::new(),
            cancellation,
            console: *console,
            state: Mutex::new(state),
        }
    }

    /// Whether the run was ended by `quit`.
    pub(super) fn was_left(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).left
    }

    /// The run has ended because a contract does not hold: the names can still be looked at.
    pub(super) fn ended_in_violation(&self, kind: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.breaks.iter().any(|it| matches!(it, Break::ContractViolation)) {
            self.stop(&mut state, &format!("contract_violation: {kind}; the run is over"));
        }
    }

    /// Says which breaks could never be met.
    pub(super) fn finish(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for condition in &state.breaks {
            if let Break::Expression(watched) = condition
                && !watched.was_known
            {
                let why = self.explain(&state.calls, watched.text());
                self.console.note(format_args!("`{}` had a value at no step: {why}", watched.text()));
            }
        }
    }

    fn explain(&self, calls: &Calls, text: &str) -> String {
        let names = calls.frames.last().map_or(&[][..], |frame| &frame.names);
        let evaluated = evaluate(&self.engine, &self.module, names, text);
        evaluated.err().unwrap_or_else(|| "it is no condition".to_owned())
    }

    /// Whether to stop at a step that has been reached, and why.
    fn reason(&self, state: &mut State, step: &str, depth: usize) -> Option<String> {
        let names: Vec<_> = state.calls.frames.last().map_or(vec![], |frame| frame.names.clone());
        for condition in &mut state.breaks {
            // A guard cannot ask it, because it remembers what it was.
            #[allow(clippy::collapsible_match)]
            let met = match condition {
                Break::Step(wanted) => (wanted == step).then(|| wanted.clone()),
                Break::Expression(watched) => watched
                    .becomes_true(&self.engine, &self.module, &names)
                    .then(|| watched.text().to_owned()),
                Break::ContractViolation | Break::Transition { .. } => None,
            };
            if let Some(met) = met {
                return Some(format!("break `{met}`"));
            }
        }
        let reached = match state.until {
            Until::Step => true,
            Until::Depth(wanted) => depth <= wanted,
            Until::Break => false,
        };
        reached.then(String::new)
    }

    /// Shows where the run is and takes commands until one goes on.
    fn stop(&self, state: &mut State, reason: &str) {
        if state.silent {
            return;
        }
        let style = self.console.output();
        if !reason.is_empty() {
            self.say(style.paint(Ink::Strong, reason));
        }
        if let Some(frame) = state.calls.frames.last() {
            self.say(self.place(frame));
            self.say(self.lines(frame));
        }
        let asks = std::io::stdin().is_terminal();
        loop {
            if asks {
                let mut output = std::io::stdout().lock();
                let _ = write!(output, "(anrf) ").and_then(|()| output.flush());
            }
            let mut line = String::new();
            match std::io::stdin().lock().read_line(&mut line) {
                Ok(count) if count > 0 => {}
                // No further commands: the run goes on to its end.
                _ => {
                    state.silent = true;
                    return;
                }
            }
            if self.command(state, line.trim()) {
                return;
            }
        }
    }

    /// Does what a command says; whether the run goes on.
    fn command(&self, state: &mut State, line: &str) -> bool {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let depth = state.calls.frames.len().saturating_sub(1);
        let go = match word {
            "" => Some(state.last),
            "s" | "step" => Some(Until::Step),
            "n" | "next" => Some(Until::Depth(depth)),
            "o" | "out" => Some(depth.checked_sub(1).map_or(Until::Break, Until::Depth)),
            "c" | "continue" => Some(Until::Break),
            _ => None,
        };
        if let Some(until) = go {
            (state.until, state.last) = (until, until);
            return true;
        }
        let names: &Names = state.calls.frames.last().map_or(&[], |frame| &frame.names);
        match word {
            "p" | "print" if rest.is_empty() => self.say("print what? give a name or an expression"),
            "p" | "print" => match evaluate(&self.engine, &self.module, names, rest) {
                Ok(value) => self.say(format!("{rest} = {value}")),
                Err(why) => self.say(format!("cannot print `{rest}`: {why}")),
            },
            "v" | "names" => {
                for (name, _, value) in names {
                    self.say(watch::shown(name, value.as_ref()));
                }
            }
            "w" | "where" => {
                for frame in state.calls.frames.iter().rev() {
                    self.say(self.place(frame));
                }
            }
            "l" | "list" => {
                if let Some(frame) = state.calls.frames.last() {
                    self.say(self.lines(frame));
                }
            }
            "b" | "break" if rest.is_empty() => {
                self.say("break where? give a step, an expression or a transition")
            }
            "b" | "break" => match Break::read(rest, &self.module) {
                Ok(condition) => state.breaks.push(condition),
                Err(crate::failure::Failure::Usage { message, help, .. }) => {
                    self.say(help.map_or(message.clone(), |help| format!("{message}; {help}")));
                }
                Err(_) => self.say("that is no condition"),
            },
            "q" | "quit" => {
                (state.left, state.silent) = (true, true);
                self.cancellation.cancel();
                return true;
            }
            "h" | "help" | "?" => self.say(HELP),
            _ => self.say(format!("there is no command `{word}`; `help` lists them")),
        }
        false
    }

    fn say(&self, text: impl std::fmt::Display) {
        // Nobody reading means nobody debugging; the run goes on all the same.
        let _ = self.console.print(text);
    }

    fn place(&self, frame: &Frame) -> String {
        let function = watch::function_name(&self.module, frame.function);
        let Some(step) = frame.step else { return format!("entry of {function}") };
        let name = watch::step_name(&self.module, frame.function, step);
        let span =
            watch::step_span(&self.module, frame.function, step).filter(|_| !self.text.text.is_empty());
        let line = span.map(|span| self.text.lines.position(span.start).line);
        let line = line.map_or(String::new(), |line| format!(" ({}:{line})", self.text.name));
        format!("step `{name}` of {function}{line}")
    }

    fn lines(&self, frame: &Frame) -> String {
        let span = frame.step.and_then(|step| watch::step_span(&self.module, frame.function, step));
        let Some(text) = span.and_then(|span| Some((span, self.text.text.get(span.range())?))) else {
            return String::new();
        };
        let (span, text) = text;
        let first = self.text.lines.position(span.start);
        let indent = " ".repeat(first.column.saturating_sub(1) as usize);
        let all: Vec<&str> = text.trim_end().lines().collect();
        let shown = all.iter().take(MOST_LINES).zip(first.line..).enumerate();
        let mut lines: Vec<String> = shown
            .map(|(index, (line, number))| {
                let indent = if index == 0 { indent.as_str() } else { "" };
                format!("{number:>5} | {indent}{line}")
            })
            .collect();
        if all.len() > MOST_LINES {
            lines.push(format!("      | … {} more lines", all.len() - MOST_LINES));
        }
        self.console.output().paint(Ink::Faint, lines.join("\n"))
    }
}

impl Observer for Session {
    fn event(&self, event: Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Traced { traced, .. } => {
                let happened = state.calls.follow(traced);
                for happened in happened {
                    let Happened::Stepped { function, step, depth } = happened else { continue };
                    let name = watch::step_name(&self.module, function, step);
                    if let Some(reason) = self.reason(&mut state, &name, depth) {
                        self.stop(&mut state, &reason);
                    }
                }
            }
            Event::Journaled { entry: JournalEntry::Moved { machine, from, to }, .. } => {
                let meant = |wanted: &str, state: &str| wanted == "*" || wanted == state;
                let stops = state.breaks.iter().any(|it| match it {
                    Break::Transition { from: wanted_from, to: wanted_to } => {
                        meant(wanted_from, from) && meant(wanted_to, to)
                    }
                    _ => false,
                });
                if stops {
                    self.stop(&mut state, &format!("{machine} moves from {from} to {to}"));
                }
            }
            Event::Journaled { entry: JournalEntry::Logged(entry), .. } => {
                let fields: Vec<String> = entry
                    .fields
                    .iter()
                    .map(|(name, value)| format!(" {name}={}", values::short(value)))
                    .collect();
                self.say(format!("log: {}{}", entry.message, fields.concat()));
            }
            _ => {}
        }
    }
}
