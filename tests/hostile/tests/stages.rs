//! tmp
#![allow(missing_docs)]
use anrf::ir::validate::validate;
use anrf::{NoResolver, Source};
use anrf_hostile_tests::{inputs::*, measure};
use anrf_language::{check_source, lowering::lower};
#[test]
fn stages() {
    for n in [2_000usize, 4_000, 8_000, 16_000] {
        let text = function("", &format!("LEN([{}])", joined(n, ", ", |index| index.to_string())));
        let src = Source { name: "x".into(), text };
        let c = measure(|| check_source(&src, &NoResolver));
        eprintln!("{n} check {:?} {}", c.time, c.peak);
        let Some(checked) = c.value.0 else {
            eprintln!("{:?}", c.value.1);
            continue;
        };
        let l = measure(move || lower(checked));
        eprintln!("{n} lower {:?} {}", l.time, l.peak);
        let m = l.value.unwrap().into_module();
        let v = measure(|| validate(&m.types, &m.semantic, &m.execution, &m.source_map.execution));
        eprintln!("{n} validate {:?} {}", v.time, v.peak);
        let m = std::sync::Arc::new(m);
        let v = measure(|| anrf::Backend::compile(&anrf::Interpreter, &m).map(|_| ()));
        eprintln!("{n} compile {:?} {} {:?}", v.time, v.peak, v.value);
    }
}
