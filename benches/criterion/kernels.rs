//! The kernels on the interpreter, for comparing two revisions.

#![allow(missing_docs)]

use anrf::{Engine, Value};
use criterion::{Criterion, criterion_group, criterion_main};

fn kernels(criterion: &mut Criterion) {
    let text = include_str!("../kernels/kernels.vsp");
    let module = Engine::new().load_text("kernels.vsp", text).expect("the kernels are correct");
    for (name, size) in [("fib", 20), ("sieve", 50_000)] {
        let function = module.function(name).expect("the kernel is there");
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| function.call([("n", Value::Integer(size))]).expect("the kernel runs"));
        });
    }
    criterion.bench_function("text_to_module", |bencher| {
        let engine = Engine::new();
        bencher.iter(|| engine.load_text("kernels.vsp", text).expect("the kernels are correct"));
    });
}

criterion_group!(benches, kernels);
criterion_main!(benches);
