//! Kernels in the sandbox and interpreted, side by side.
#![allow(clippy::unwrap_used)] // a test may fail

use std::sync::Arc;

use anrf_format::module::Source;
use anrf_format::value::Value;
use anrf_language::resolver::FolderResolver;
use anrf_runtime::{Backend, Environment, Interpreter, Loaded, NoHost, NoObserver, Policy, Request, run};
use anrf_wasm::Wasm;

#[test]
fn kernels_end_as_they_do_interpreted() {
    let text = include_str!("../../../../benches/kernels/kernels.vsp");
    let source = Source { name: "kernels.vsp".into(), text: text.into() };
    let (checked, _) = anrf_language::check_source(&source, &FolderResolver::new());
    let module = Arc::new(anrf_language::lowering::lower(checked.unwrap()).unwrap().into_module());
    let compiled = Wasm::new().unwrap().threshold(0);
    let numbers = (0..1000).map(|i| Value::Integer((i * 7919 + 13) % 10_007)).collect();
    let cases: [(&str, Vec<(String, Value)>); 3] = [
        ("fib", vec![("n".into(), Value::Integer(24))]),
        ("sieve", vec![("n".into(), Value::Integer(200_000))]),
        ("insertion_sort", vec![("numbers".into(), Value::Array(numbers))]),
    ];
    for (name, inputs) in cases {
        let mut found = vec![];
        for backend in [&Interpreter as &dyn Backend, &compiled] {
            let loaded = Loaded::new(backend, &module).unwrap();
            let function = loaded.find(name).unwrap();
            let policy = Policy::default();
            let environment =
                Environment { policy: &policy, host: &NoHost, observer: &NoObserver, hooks: &[] };
            let request = Request { function, inputs: inputs.clone(), ..Request::default() };
            let ran = run(&loaded, request, &environment).unwrap();
            found.push((ran.outcome().clone(), ran.execution.fuel, ran.execution.contract_units));
        }
        assert_eq!(found[0], found[1], "{name}");
    }
}
