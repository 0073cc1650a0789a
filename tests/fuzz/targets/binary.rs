//! The binary decoder: the hashes are made right first, so that mutations reach what reads the sections.
//! What decodes is lowered and run as if it came from a trusted place.
#![no_main]

use anrf::binary::{decode, encode};
use anrf_hostile_tests::packed::{resealed, survive};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // As they are: an error or a module with the same bytes.
    if let Ok(module) = decode(bytes) {
        assert!(encode(&module).is_ok_and(|again| again == bytes), "one module has one form");
    }
    if let Some(bytes) = resealed(bytes) {
        let _ = survive(&bytes);
    }
});
