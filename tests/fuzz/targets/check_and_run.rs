//! From text to a run: errors have places in the text, memory is bounded, what runs is the same after
//! packing.
#![no_main]

use std::sync::LazyLock;

use anrf::Engine;
use anrf_hostile_tests::{allowance, call_plainly, engine, peak};
use libfuzzer_sys::fuzz_target;

static ENGINE: LazyLock<Engine> = LazyLock::new(engine);

fuzz_target!(|text: &str| {
    let (checked, live) = peak(|| ENGINE.check("fuzz.vsp", text));
    assert!(live <= allowance(text.len(), 256), "{live} bytes live for {}", text.len());
    for found in &checked.diagnostics {
        assert!(text.get(found.span.range()).is_some(), "{found:?}");
        for edit in found.fixes.iter().flat_map(|fix| &fix.edits) {
            assert!(text.get(edit.span.range()).is_some(), "{found:?}");
        }
    }
    let Some(module) = checked.module else {
        assert!(!checked.diagnostics.is_empty(), "no module and no reason");
        return;
    };
    let endings = call_plainly(&module);
    let packed = module.pack();
    let again = match ENGINE.load_bytes("fuzz.anrf", &packed) {
        Ok(again) => again,
        Err(error) => panic!("the packed form is refused: {error}"),
    };
    assert_eq!(again.id(), module.id());
    let again = call_plainly(&again);
    assert_eq!(again.len(), endings.len());
    for (again, ending) in again.iter().zip(&endings) {
        // A machine that is busy with other things may end either of them in the middle.
        if ![again, ending].into_iter().any(|ending| ending.starts_with("Limit(Time)")) {
            assert_eq!(again, ending);
        }
    }
});
