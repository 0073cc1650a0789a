//! What a file keeps.

use anrf_format::binary::{SectionKind, decode, encode, encode_sections};
use anrf_format::module::{Module, Source};

use super::files::sections;
use super::sample;

#[test]
fn a_module_survives_its_binary_form() {
    let module = sample::module();
    let bytes = encode(&module).unwrap();
    let back = decode(&bytes).unwrap();
    assert_eq!(back, module);
    assert_eq!(encode(&back).unwrap(), bytes, "one module has one form");
    assert_eq!(back.id(), module.id());
}

#[test]
fn an_empty_module_survives_its_binary_form() {
    let module = Module::default();
    assert_eq!(decode(&encode(&module).unwrap()).unwrap(), module);
}

#[test]
fn sections_that_are_not_ours_are_kept_in_their_order() {
    let module = sample::module();
    let back = decode(&sample::packed()).unwrap();
    assert_eq!(back.other, module.other);
    let mut sections = sections(&sample::packed());
    sections.push((77, vec![0; 1000]));
    let with_one_more = decode(&encode_sections(&sections)).unwrap();
    assert_eq!(with_one_more.other.last(), Some(&(77, vec![0; 1000])));
    assert_eq!(with_one_more.id(), module.id());
}

#[test]
fn files_state_their_sections_in_the_documented_order() {
    let kinds: Vec<u32> = sections(&sample::packed()).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [1, 2, 3, 4, 5, 6, 7, 9, 12, 4_000_000_000]);
}

#[test]
fn the_id_is_that_of_what_the_module_means() {
    let module = sample::module();
    let same = |change: fn(&mut Module)| {
        let mut changed = module.clone();
        change(&mut changed);
        assert_ne!(changed, module, "the change changes something");
        assert_eq!(changed.id(), module.id());
        assert_eq!(decode(&encode(&changed).unwrap()).unwrap().id(), module.id());
    };
    same(|module| module.source = Source::default());
    same(|module| module.source.text.push_str("# another comment\n"));
    same(|module| module.source_map.functions[0].name = Default::default());
    same(|module| module.execution = Default::default());
    same(|module| module.meta.name = "renamed".into());
    same(|module| module.meta.functions[0].author = Some("somebody".into()));
    same(|module| module.other.clear());
    same(|module| module.other.push((SectionKind::Evidence as u32, vec![1])));
    same(|module| module.other.push((SectionKind::Code as u32, vec![1])));
    same(|module| module.other.push((SectionKind::Custom as u32, vec![1])));

    let different = |change: fn(&mut Module)| {
        let mut changed = module.clone();
        change(&mut changed);
        assert_ne!(changed.id(), module.id());
    };
    different(|module| module.intent.functions[0].text.push('!'));
    different(|module| module.types.records[0].name.push('2'));
    different(|module| module.types.aliases.clear());
    different(|module| module.semantic.functions[0].name.push('2'));
    different(|module| module.semantic.functions[1].examples.clear());
    different(|module| module.meta.language_version = 0);
    different(|module| module.other.push((SectionKind::System as u32, vec![1])));
}
