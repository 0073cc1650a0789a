//! What functions become: text in, WebAssembly's text out.

use std::sync::{Arc, Mutex};

use anrf_format::module::Source;
use anrf_format::value::Value;
use anrf_language::resolver::FolderResolver;
use anrf_runtime::register_code::{Compiler, NativeCode, Program, accelerated};
use anrf_runtime::{Backend, Code};
use anrf_runtime::{
    Environment, Error, Interpreter, Loaded, NoHost, NoObserver, Outcome, Policy, Request, run,
};
use expect_test::{Expect, expect};

use crate::module::{assemble, validate};
use crate::{OfModule, Wasm};

/// A sandbox whose modules can be looked at.
#[derive(Debug)]
struct Watched {
    inner: OfModule,
    made: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Compiler for Watched {
    fn name(&self) -> &'static str {
        "watched"
    }

    fn threshold(&self) -> u32 {
        0
    }

    fn compile(&self, program: &Program, function: u32) -> Result<Option<Arc<dyn NativeCode>>, Error> {
        let assembled = assemble(program, function).unwrap();
        validate(&assembled.bytes).unwrap();
        self.made.lock().unwrap().push(assembled.bytes);
        let made = self.inner.compile(program, function).unwrap();
        assert!(made.is_some());
        Ok(made)
    }
}

struct Watch(Arc<Mutex<Vec<Vec<u8>>>>);

impl Backend for Watch {
    fn name(&self) -> &'static str {
        "watched"
    }

    fn compile(&self, module: &Arc<anrf_format::module::Module>) -> Result<Arc<dyn Code>, Error> {
        let wasm = Wasm::new().unwrap().threshold(0);
        let inner = OfModule { wasm, whole: std::sync::OnceLock::new() };
        accelerated(module, Arc::new(Watched { inner, made: Arc::clone(&self.0) }))
    }
}

pub(crate) fn module(text: &str) -> Arc<anrf_format::module::Module> {
    let source = Source { name: "test.vsp".into(), text: text.into() };
    let (checked, diagnostics) = anrf_language::check_source(&source, &FolderResolver::new());
    let checked = checked.unwrap_or_else(|| panic!("{diagnostics:?}"));
    Arc::new(anrf_language::lowering::lower(checked).unwrap().into_module())
}

/// Runs a function in the sandbox and interpreted, which have to come to the same; gives the module that was made.
fn ran(text: &str, function: &str, inputs: &[(&str, Value)]) -> Vec<u8> {
    let module = module(text);
    let made = Arc::default();
    let mut found = vec![];
    for backend in [&Interpreter as &dyn Backend, &Watch(Arc::clone(&made))] {
        let loaded = Loaded::new(backend, &module).unwrap();
        let function = loaded.find(function).unwrap();
        let policy = Policy::default();
        let environment = Environment { policy: &policy, host: &NoHost, observer: &NoObserver, hooks: &[] };
        let inputs = inputs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let ran = run(&loaded, Request { function, inputs, ..Request::default() }, &environment).unwrap();
        found.push((ran.outcome().clone(), ran.execution.fuel, ran.execution.contract_units));
    }
    assert!(!matches!(found[0].0, Outcome::Limit(_)), "{found:?}");
    assert_eq!(found[0], found[1]);
    let made = made.lock().unwrap().first().cloned();
    made.expect("something was compiled")
}

/// The text of the first function of a module that is not imported.
fn first_function(bytes: &[u8]) -> String {
    let text = wasmprinter::print_bytes(bytes).unwrap();
    let lines = text.lines().skip_while(|line| !line.starts_with("  (func (;5;)"));
    let mut out = vec![];
    for line in lines {
        out.push(line.strip_prefix("  ").unwrap_or(line));
        if line == "  )" {
            break;
        }
    }
    out.join("\n") + "\n"
}

fn check(text: &str, function: &str, inputs: &[(&str, Value)], expected: &Expect) {
    expected.assert_eq(&first_function(&ran(text, function, inputs)));
}

#[test]
fn a_sum_is_checked_and_charged() {
    check(
        r#"
anrf: "1"
module: sums
functions:
  - node_id: twice
    type: algorithm
    intent: The number twice.
    inputs: { n: integer }
    outputs: { success: { sum: integer } }
    flow:
      - { step: done, operation: return, parameters: { sum: "n + n" } }
"#,
        "twice",
        &[("n", Value::Integer(21))],
        &expect![[r#"
            (func (;5;) (type 6) (param i32 i32 i64 i64) (result i64 i64)
              (local i64 i64 i64)
              i32.const 0
              i64.load 1 offset=40
              local.set 4
              local.get 0
              (@metadata.code.branch_hint "\00")
              if ;; label = @1
                local.get 0
                i32.const -1
                i32.eq
                if ;; label = @2
                  call 4
                  i64.const -1
                  i64.const 0
                  return
                end
                local.get 0
                i32.const 1
                i32.eq
                if ;; label = @2
                  i32.const 0
                  i64.load 1 offset=64
                  local.set 3
                  i32.const 0
                  local.set 0
                end
              end
              local.get 2
              i64.const 1
              i64.lt_u
              (@metadata.code.branch_hint "\00")
              if ;; label = @1
                i32.const 0
                local.get 3
                i64.store 1 offset=64
                i32.const 0
                local.get 1
                local.get 2
                call 1
                i64.const -1
                i64.const 0
                return
              end
              local.get 2
              i64.const 1
              i64.sub
              local.set 2
              local.get 3
              local.get 3
              i64.add
              local.set 5
              local.get 5
              local.get 3
              i64.xor
              local.get 5
              local.get 3
              i64.xor
              i64.and
              i64.const 0
              i64.lt_s
              (@metadata.code.branch_hint "\00")
              if ;; label = @1
                i32.const 0
                local.get 3
                i64.store 1 offset=64
                i32.const 1
                local.get 1
                local.get 2
                call 1
                i64.const -1
                i64.const 0
                return
              end
              local.get 5
              local.set 6
              local.get 2
              i64.const 1
              i64.lt_u
              (@metadata.code.branch_hint "\00")
              if ;; label = @1
                i32.const 0
                local.get 6
                i64.store 1 offset=64
                i32.const 2
                local.get 1
                local.get 2
                call 1
                i64.const -1
                i64.const 0
                return
              end
              local.get 2
              i64.const 1
              i64.sub
              local.set 2
              local.get 4
              i64.const 1
              i64.sub
              local.set 5
              i32.const 0
              local.get 5
              i64.store 1 offset=40
              local.get 2
              local.get 6
              return
              unreachable
            )
        "#]],
    );
}

#[test]
fn what_follows_a_call_directly_is_reached() {
    let text = r#"
anrf: "1"
module: rows
functions:
  - node_id: always
    type: policy
    intent: Always.
    inputs: { x: float }
    outputs: { success: { yes: boolean } }
    flow:
      - { step: done, operation: return, parameters: { yes: "TRUE" } }
  - node_id: first
    type: algorithm
    intent: A set, and a number that hangs on a call.
    outputs: { success: { members: "set<string>", chosen: float } }
    flow:
      - step: done
        operation: return
        parameters:
          members: "SET['' FOR x IN SET[0 FOR y IN 0..0] IF TRUE]"
          chosen: "IF always(float(0)) THEN float(1) ELSE float(2)"
"#;
    ran(text, "first", &[]);
}
