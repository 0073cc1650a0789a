//! Packed modules: those of earlier builds in `tests/compat`, and files that hold something else than they say.

/// The sections of a packed file: kind and bytes.
#[must_use]
pub fn sections(bytes: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_le_bytes)
    };
    let count = number(8) as usize;
    let mut rest = bytes.get(12 + 44 * count + 32..).unwrap_or_default();
    let mut sections = vec![];
    for entry in (0..count).map(|index| 12 + 44 * index) {
        let (section, after) = rest.split_at(rest.len().min(number(entry + 4) as usize));
        sections.push((number(entry), section.to_vec()));
        rest = after;
    }
    sections
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::fmt::Write as _;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use anrf::binary::{FORMAT_VERSION, SectionKind, encode_sections};
    use anrf::{Engine, Limits, Module, Policy, Reference, ResolveError, Resolver, Source};

    use super::*;

    /// An engine whose runs end soon, whatever they do.
    fn engine() -> Engine {
        let limits = Limits {
            fuel: 20_000,
            contract_budget: 20_000,
            memory_bytes: 1 << 20,
            depth: 50,
            wall_time: Some(Duration::from_millis(200)),
            ..Limits::default()
        };
        Engine::builder().policy(Policy::default().limits(limits)).build()
    }

    #[test]
    fn a_trusted_file_of_something_else_is_an_error_or_runs_and_never_panics() {
        let engine = engine();
        let (mut refused, mut ran) = (0, 0);
        for text in [
            include_str!("../../examples/state/inventory.vsp"),
            include_str!("../../examples/workflows/fetch_with_retry.vsp"),
            include_str!("../../examples/algorithms/sort_records.vsp"),
            include_str!("../../examples/algorithms/shapes.vsp"),
        ] {
            let packed = sections(&engine.load_text("it.vsp", text).unwrap().pack());
            let layers = [SectionKind::Types, SectionKind::Semantic, SectionKind::Execution];
            for kind in layers.map(|kind| kind as u32) {
                let position = packed.iter().position(|(found, _)| *found == kind).unwrap();
                for at in (0..packed[position].1.len()).step_by(3) {
                    let mut changed = packed.clone();
                    changed[position].1[at] ^= [1, 3, 0x80, 0xff][at % 4];
                    let module = engine.load_trusted(&encode_sections(&changed)).unwrap();
                    let _ = (module.name(), module.id(), module.functions());
                    match module.test() {
                        Ok(_) => ran += 1,
                        Err(_) => refused += 1,
                    }
                }
            }
        }
        assert!(refused > 100 && ran > 100, "{refused} refused, {ran} ran");
    }

    #[test]
    fn a_damaged_trusted_file_is_refused_at_once() {
        let engine = Engine::new();
        let text = include_str!("../../examples/algorithms/shapes.vsp");
        let packed = engine.load_text("shapes.vsp", text).unwrap().pack();
        for at in (12..packed.len()).step_by(101) {
            let mut damaged = packed.clone();
            damaged[at] ^= 4;
            assert!(engine.load_trusted(&damaged).is_err(), "byte {at}");
        }
        assert!(engine.load_trusted(&packed[..packed.len() - 1]).is_err());
    }

    #[test]
    fn an_execution_layer_of_another_module_is_run_only_if_trusted() {
        let engine = Engine::new();
        let text = include_str!("../../examples/algorithms/gcd.vsp");
        let whole = engine.load_text("gcd.vsp", text).unwrap().pack();
        let mut packed = sections(&whole);
        let other = text.replacen("gcd(b, a % b)", "gcd(b, b % a)", 1);
        let other = if other == text { text.replacen("==", ">=", 1) } else { other };
        let other = sections(&engine.load_text("gcd.vsp", &other).unwrap().pack());
        assert_ne!(packed[4], other[4]);
        packed[4] = other[4].clone();
        let forged = encode_sections(&packed);
        let passes = |module: &Module| module.test().unwrap().iter().all(|example| example.passed);
        let loaded = engine.load_bytes("gcd.anrf", &forged).unwrap();
        assert!(passes(&loaded));
        assert_eq!(loaded.pack(), whole, "its code was made from its typed trees");
        assert_eq!(engine.load_trusted(&forged).unwrap().pack(), forged);
        let verifying = Engine::builder().verify_stored_code().build();
        assert_eq!(verifying.load_bytes("gcd.anrf", &forged).unwrap_err().code().id, "E-LOAD-002");
        assert!(verifying.load_bytes("gcd.anrf", &whole).is_ok());
    }

    const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

    /// Examples that together use what the language has.
    const KEPT: &[&str] = &[
        "algorithms/merge_sorted",
        "algorithms/shapes",
        "algorithms/shortest_path",
        "algorithms/triangular",
        "money/loan_schedule",
        "money/transfer_every_key",
        "policies/access_decision",
        "state/inventory",
        "state/order_machine",
        "text/parse_customer",
        "vesper/user_balance",
        "workflows/book_trip",
        "workflows/fetch_with_retry",
    ];

    fn kept(name: &str) -> std::path::PathBuf {
        let name = name.rsplit('/').next().unwrap();
        Path::new(ROOT).join("tests/compat").join(name).with_extension("anrf")
    }

    /// One line for the module and one for each function.
    fn hashes(name: &str, module: &Module) -> String {
        let mut lines = format!("{name} {}\n", module.id());
        for function in module.functions() {
            let (interface, meaning) = (function.interface_hash(), function.meaning_hash());
            writeln!(lines, "  {} interface {interface} meaning {meaning}", function.node_id()).unwrap();
        }
        lines
    }

    /// All sections but the code and where it comes from.
    fn meaning(bytes: &[u8]) -> Vec<(u32, Vec<u8>)> {
        let code = [SectionKind::Execution as u32, SectionKind::SourceMap as u32];
        let mut found = sections(bytes);
        found.retain(|(kind, _)| !code.contains(kind));
        found
    }

    #[test]
    fn packed_files_of_earlier_builds_are_readable_and_keep_their_hashes() {
        let (engine, list) = (Engine::new(), Path::new(ROOT).join("tests/compat/hashes"));
        if std::env::var_os("ANRF_BLESS").is_some() {
            let engine = Engine::builder().search_path(format!("{ROOT}/examples/money")).build();
            let mut found = String::new();
            for name in KEPT {
                let text = std::fs::read_to_string(format!("{ROOT}/examples/{name}.vsp")).unwrap();
                // A name without this machine's folders.
                let module = engine.load_text(&format!("{name}.vsp"), &text).unwrap();
                std::fs::write(kept(name), module.pack()).unwrap();
                found += &hashes(name, &module);
            }
            std::fs::write(&list, found).unwrap();
        }
        let expected = std::fs::read_to_string(list).unwrap();
        let (mut untrusted, mut trusted) = (String::new(), String::new());
        for name in KEPT {
            let bytes = std::fs::read(kept(name)).unwrap();
            let load = engine.load_bytes(name, &bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            let trust = engine.load_trusted(&bytes).unwrap();
            for module in [&load, &trust] {
                let examples = module.test().unwrap();
                assert!(!examples.is_empty() && examples.iter().all(|example| example.passed), "{name}");
            }
            assert_eq!(trust.pack(), bytes, "{name}");
            // Code is made anew, and another version may make other code.
            assert_eq!(meaning(&load.pack()), meaning(&bytes), "{name}");
            untrusted += &hashes(name, &load);
            trusted += &hashes(name, &trust);
        }
        assert_eq!(untrusted, expected);
        assert_eq!(trusted, expected);
    }

    /// Has one module, in this folder.
    struct In(&'static str);

    impl Resolver for In {
        fn resolve(&self, _: &Reference, _: &str) -> Result<Source, ResolveError> {
            let text = include_str!("../../examples/money/round_to_step.vsp").to_owned();
            Ok(Source { name: format!("{}/round_to_step.vsp", self.0), text })
        }
    }

    #[test]
    fn where_an_imported_module_lies_is_not_part_of_the_id() {
        let text = include_str!("../../examples/money/transfer_every_key.vsp");
        let loaded = ["/home/somebody", "C:\\modules", "."].map(|folder| {
            let engine = Engine::builder().resolver(Arc::new(In(folder))).build();
            engine.load_text("transfer.vsp", text).unwrap()
        });
        assert_eq!(loaded[0].id(), loaded[1].id());
        assert_eq!(loaded[0].pack(), loaded[2].pack());
    }

    #[test]
    fn a_newer_format_is_refused_in_one_plain_sentence() {
        let engine = Engine::new();
        let mut bytes = std::fs::read(kept("state/inventory")).unwrap();
        bytes[4..8].copy_from_slice(&(FORMAT_VERSION + 1).to_le_bytes());
        for refused in [engine.load_bytes("newer.anrf", &bytes), engine.load_trusted(&bytes)] {
            let error = refused.unwrap_err();
            assert_eq!(
                error.to_string(),
                "E-BINARY-002: the file has format version 2, this library reads version 1; use a newer library"
            );
        }
    }
}
