//! Damaged files end in an error or a module, never in a panic.

use anrf_format::binary::{SectionKind, decode, encode, encode_sections};

use super::files::{sections, with_section};
use super::sample;

#[test]
fn a_file_cut_short_anywhere_is_an_error() {
    let bytes = sample::packed();
    for length in 0..bytes.len() {
        assert!(decode(&bytes[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn every_flipped_byte_is_an_error() {
    let mut bytes = sample::packed();
    for at in 0..bytes.len() {
        bytes[at] ^= 0xff;
        assert!(decode(&bytes).is_err(), "byte {at}");
        bytes[at] ^= 0xff;
    }
}

#[test]
fn every_flipped_bit_of_resealed_sections_is_an_error_or_a_module() {
    let sections = sections(&sample::packed());
    let (mut modules, mut errors) = (0, 0);
    for index in 0..sections.len() {
        for at in 0..sections[index].1.len() {
            for bit in 0..8 {
                let mut changed = sections.clone();
                changed[index].1[at] ^= 1 << bit;
                let bytes = encode_sections(&changed);
                match decode(&bytes) {
                    Ok(module) => {
                        modules += 1;
                        assert_eq!(encode(&module).unwrap(), bytes, "one module has one form");
                        // What is computed from a decoded module does not panic either.
                        let _ = module.id();
                        for function in 0..module.semantic.functions.len() {
                            let _ = module.interface_hash(function as u32);
                            let _ = module.meaning_hash(function as u32);
                        }
                    }
                    Err(error) => {
                        errors += 1;
                        assert!(error.offset <= bytes.len());
                    }
                }
            }
        }
    }
    assert!(modules > 100 && errors > 100, "{modules} modules, {errors} errors");
}

#[test]
fn sections_cut_short_anywhere_are_errors() {
    let packed = sample::packed();
    for (_, kind) in &SectionKind::ALL[..7] {
        let (_, payload) = sections(&packed).into_iter().find(|(known, _)| *known == *kind as u32).unwrap();
        for length in 0..payload.len() {
            let bytes = with_section(&packed, *kind, |bytes| bytes.truncate(length));
            assert!(decode(&bytes).is_err(), "{kind:?} cut to {length} bytes");
        }
    }
}
