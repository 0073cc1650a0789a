//! The expression parser: places lie in the text, memory is bounded, and the canonical text of what was
//! read without a complaint reads as the same.
#![no_main]

use anrf_hostile_tests::{allowance, peak};
use anrf_language::printer::{self, Quote};
use anrf_language::syntax::expression::{ExprId, Expressions};
use anrf_language::syntax::parse_expression;
use libfuzzer_sys::fuzz_target;

fn parse(text: &str) -> (Expressions, ExprId, Vec<anrf::Diagnostic>) {
    let mut expressions = Expressions::default();
    let mut diagnostics = vec![];
    let offset = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    let id = parse_expression(text, offset, &mut expressions, &mut diagnostics);
    (expressions, id, diagnostics)
}

fuzz_target!(|text: &str| {
    let ((expressions, id, diagnostics), peak) = peak(|| parse(text));
    assert!(peak <= allowance(text.len(), 256), "{peak} bytes live for {}", text.len());
    for found in &diagnostics {
        assert!(text.get(found.span.range()).is_some(), "{found:?}");
        for edit in found.fixes.iter().flat_map(|fix| &fix.edits) {
            assert!(text.get(edit.span.range()).is_some(), "{found:?}");
        }
    }
    let canonical = printer::expression(&expressions, id, Quote::Double);
    if diagnostics.is_empty() {
        let (expressions, id, diagnostics) = parse(&canonical);
        assert!(diagnostics.is_empty(), "`{canonical}` has {diagnostics:?}");
        assert_eq!(printer::expression(&expressions, id, Quote::Double), canonical);
    }
});
