//! Strings do what `String` and vectors of scalars do.

use anrf_format::builtin::Builtin;
use anrf_format::types::TypeId;
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::{concat, element_of_text, slice};
use super::World;

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ab, ]{0,12}", "[aé😀, ß]{0,12}", ".{0,80}"]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slices_and_elements_count_scalars(text in text(), from in -3..15_i64, to in -3..15_i64) {
        let mut world = World::new();
        let scalars: Vec<char> = text.chars().collect();
        let slot = world.text(&text);
        prop_assert_eq!(world.arena.scalars(slot) as usize, scalars.len());
        let inside = |at: i64| usize::try_from(at).unwrap_or(0).min(scalars.len());
        let part = slice(&mut world.context(), TypeId::STRING, slot, from, to).unwrap();
        let expected: String = scalars.get(inside(from)..inside(to)).unwrap_or(&[]).iter().collect();
        prop_assert_eq!(world.arena.text(part), &expected);
        prop_assert_eq!(world.arena.scalars(part) as usize, expected.chars().count());
        // In order, from the last on and back, so that the remembered position is used.
        for index in (0..scalars.len()).chain((0..scalars.len()).rev()) {
            let element = element_of_text(&mut world.context(), slot, index as i64).unwrap();
            prop_assert_eq!(world.arena.text(element), scalars[index].to_string());
        }
    }

    #[test]
    fn appending_keeps_what_others_hold(parts in vec((text(), any::<bool>()), 0..20)) {
        let mut world = World::new();
        let mut held = vec![];
        let (mut slot, mut model) = (world.text(""), String::new());
        for (part, kept) in parts {
            if kept {
                world.arena.share(slot);
                held.push((slot, model.clone()));
            }
            let added = world.text(&part);
            slot = concat(&mut world.context(), TypeId::STRING, slot, added).unwrap();
            model.push_str(&part);
        }
        held.push((slot, model));
        for (slot, model) in held {
            prop_assert_eq!(world.arena.text(slot), &model);
            prop_assert_eq!(world.arena.scalars(slot) as usize, model.chars().count());
        }
    }

    #[test]
    fn text_built_ins_are_those_of_string(text in text(), part in "[ab,é ]{1,2}", by in "[xé]{0,3}", times in 0..5_i64) {
        let mut world = World::new();
        let (t, p, b) = (world.text(&text), world.text(&part), world.text(&by));
        let s = TypeId::STRING;
        let integer = world.optional(TypeId::INTEGER);
        let texts = world.array(s);
        let mut call = |builtin, arguments: &[(TypeId, u64)], result| {
            let slot = world.call(builtin, arguments, result).unwrap();
            world.show(result, slot)
        };
        let quoted = |text: &str| format!("{text:?}");
        let pieces: Vec<String> = text.split(&part).map(quoted).collect();
        prop_assert_eq!(call(Builtin::Split, &[(s, t), (s, p)], texts), format!("[{}]", pieces.join(", ")));
        prop_assert_eq!(call(Builtin::Replace, &[(s, t), (s, p), (s, b)], s), quoted(&text.replace(&part, &by)));
        prop_assert_eq!(call(Builtin::Trim, &[(s, t)], s), quoted(text.trim()));
        prop_assert_eq!(call(Builtin::Upper, &[(s, t)], s), quoted(&text.to_uppercase()));
        prop_assert_eq!(call(Builtin::Lower, &[(s, t)], s), quoted(&text.to_lowercase()));
        prop_assert_eq!(call(Builtin::Reverse, &[(s, t)], s), quoted(&text.chars().rev().collect::<String>()));
        prop_assert_eq!(call(Builtin::Repeat, &[(s, t), (TypeId::INTEGER, times.cast_unsigned())], s), quoted(&text.repeat(usize::try_from(times).unwrap())));
        let position = text.find(&part).map(|at| text[..at].chars().count());
        let position = position.map_or("NONE".to_owned(), |at| format!("SOME({at})"));
        prop_assert_eq!(call(Builtin::IndexOf, &[(s, t), (s, p)], integer), position);
    }
}
