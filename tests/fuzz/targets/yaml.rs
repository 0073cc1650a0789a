//! The YAML loader: whatever the bytes, places lie in the text and memory is bounded.
#![no_main]

use anrf_hostile_tests::{allowance, peak};
use anrf_language::yaml::{Limits, load_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let ((tree, diagnostics), peak) = peak(|| load_bytes(bytes, &Limits::default()));
    assert!(peak <= allowance(bytes.len(), 64), "{peak} bytes live for {}", bytes.len());
    for found in &diagnostics {
        let (start, end) = (found.span.start as usize, found.span.end as usize);
        assert!(start <= end && end <= bytes.len(), "{found:?}");
        for edit in found.fixes.iter().flat_map(|fix| &fix.edits) {
            // A fix applies to a text, at whole characters.
            let text = std::str::from_utf8(bytes).expect("only texts have fixes");
            assert!(text.get(edit.span.range()).is_some(), "{found:?}");
        }
    }
    assert!(tree.is_some() || !diagnostics.is_empty(), "no tree and no reason");
});
