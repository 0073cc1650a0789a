//! The binary decoder: the hashes are made right first, so that mutations reach what reads the sections.
//! What decodes is lowered and run as if it came from a trusted place.
#![no_main]

use std::sync::LazyLock;

use anrf::binary::{decode, encode, encode_sections};
use anrf::Engine;
use anrf_hostile_tests::{allowance, call_plainly, peak, policy};
use anrf_language::lowering::lower_semantic;
use libfuzzer_sys::fuzz_target;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::builder().policy(policy()).build());

fuzz_target!(|bytes: &[u8]| {
    // As they are: an error or a module with the same bytes.
    if let Ok(module) = decode(bytes) {
        assert!(encode(&module).is_ok_and(|again| again == bytes), "one module has one form");
    }
    let Some(sections) = sections(bytes) else { return };
    let bytes = encode_sections(&sections);
    let (decoded, live) = peak(|| decode(&bytes));
    assert!(live <= allowance(bytes.len()), "{live} bytes live for {}", bytes.len());
    let mut module = match decoded {
        Ok(module) => module,
        Err(error) => {
            assert!(error.offset <= bytes.len(), "{error:?}");
            return;
        }
    };
    assert!(encode(&module).is_ok_and(|again| again == bytes), "one module has one form");
    for function in 0..u32::try_from(module.semantic.functions.len()).unwrap_or(0) {
        let _ = (module.interface_hash(function), module.meaning_hash(function));
    }
    let _ = ENGINE.load_bytes("fuzz.anrf", &bytes);
    // With the execution layer and the source map of its semantic layer, as a forger would pack it.
    if let Ok((execution, map)) = lower_semantic(&module.types, &module.semantic) {
        module.execution = execution;
        module.source_map.execution = map;
        if let Ok(bytes) = encode(&module) {
            if let Ok(module) = ENGINE.load_bytes("fuzz.anrf", &bytes) {
                let _ = call_plainly(&module);
            }
        }
    }
});

/// The sections of a file whose table may be damaged: lengths are cut to what is there.
fn sections(bytes: &[u8]) -> Option<Vec<(u32, Vec<u8>)>> {
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
