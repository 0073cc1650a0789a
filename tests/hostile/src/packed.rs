//! Packed modules taken apart, damaged and sealed again.

use anrf::binary::{decode, encode, encode_sections};
use anrf_language::lowering::lower_semantic;

use crate::{allowance, call_plainly, engine, peak};

/// The sections of a file whose table may be damaged: lengths are cut to what is there.
#[must_use]
pub fn sections(bytes: &[u8]) -> Option<Vec<(u32, Vec<u8>)>> {
    let number = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
    let count = number(8)?.min(32) as usize;
    let mut rest = bytes.get(12 + 44 * count + 32..)?;
    (0..count)
        .map(|index| {
            let entry = 12 + 44 * index;
            let length = (number(entry + 4)? as usize).min(rest.len());
            let (section, after) = rest.split_at(length);
            rest = after;
            Some((number(entry)?, section.to_vec()))
        })
        .collect()
}

/// Decodes a file whose hashes are right; what decodes is hashed, loaded, and then run as a forger would
/// pack it: with the execution layer that belongs to its semantic layer. Says how far it came.
///
/// # Panics
/// If decoding takes too much memory, or a module has two forms.
#[must_use]
pub fn survive(bytes: &[u8]) -> &'static str {
    let (decoded, live) = peak(|| decode(bytes));
    assert!(live <= allowance(bytes.len(), 64), "{live} bytes live for {}", bytes.len());
    let mut module = match decoded {
        Ok(module) => module,
        Err(error) => {
            assert!(error.offset <= bytes.len(), "{error:?}");
            return "refused";
        }
    };
    assert!(encode(&module).is_ok_and(|again| again == bytes), "one module has one form");
    for function in (0..).zip(&module.semantic.functions).map(|(index, _)| index) {
        let _ = (module.interface_hash(function), module.meaning_hash(function));
    }
    let loaded = engine().load_bytes("damaged.anrf", bytes);
    let lowered = lower_semantic(&module.types, &module.semantic);
    // What is wrong with the trees is said now, not when something is first run.
    assert_eq!(
        loaded.as_ref().err().map(|error| error.code().id),
        lowered.as_ref().err().map(|it| it.code().id)
    );
    let Ok((execution, map)) = lowered else { return "decoded" };
    if let Ok(loaded) = loaded {
        assert_eq!(loaded.document().execution, execution, "the code that runs");
    }
    module.execution = execution;
    module.source_map.execution = map;
    let Ok(forged) = encode(&module) else { return "lowered" };
    match engine().load_bytes("forged.anrf", &forged) {
        Err(_) => "lowered",
        Ok(module) => {
            let _ = call_plainly(&module);
            "ran"
        }
    }
}

/// Makes the hashes of a damaged file right; `None` if it has no table.
#[must_use]
pub fn resealed(bytes: &[u8]) -> Option<Vec<u8>> {
    sections(bytes).map(|sections| encode_sections(&sections))
}
