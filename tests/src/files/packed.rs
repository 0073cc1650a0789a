//! Changes of a packed module, as a file test writes them, separated by `; `:
//!
//! ```text
//! cut 40                          the first 40 bytes only
//! append 00ff                     more bytes at the end
//! byte 4 = 02                     other bytes at an offset
//! without TYPES                   a section left out, hashes made right
//! again TYPES                     a section that stands twice, hashes made right
//! payload TYPES = 00              other bytes in a section, hashes made right
//! set /semantic/functions/0/... = 1   a value in the module's tree, by its JSON pointer, packed again
//! remove /source_map/clauses/0    an element of a list there
//! find orders = 00ff              other bytes in place of a text
//! ```

use anrf_format::binary::{SectionKind, decode, encode, encode_sections};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// The bytes after all changes.
///
/// # Panics
/// If a change is none, or does not apply: a test has to mean something.
#[must_use]
pub(super) fn changed(bytes: Vec<u8>, changes: &str) -> Vec<u8> {
    let changes = changes.split("; ").map(str::trim).filter(|change| !matches!(*change, "" | "as it is"));
    changes.fold(bytes, |bytes, change| {
        apply(bytes, change).unwrap_or_else(|| panic!("`{change}` does not apply"))
    })
}

fn apply(mut bytes: Vec<u8>, change: &str) -> Option<Vec<u8>> {
    let (verb, rest) = change.split_once(' ')?;
    let (place, value) = rest.split_once(" =").unwrap_or((rest, ""));
    let value = value.trim();
    match verb {
        "cut" => bytes.truncate(rest.parse().ok()?),
        "append" => bytes.extend(hex(rest)?),
        "byte" => {
            let (start, new) = (place.parse::<usize>().ok()?, hex(value)?);
            bytes.get_mut(start..start + new.len())?.copy_from_slice(&new);
        }
        "find" => {
            let at = bytes.windows(place.len()).position(|window| window == place.as_bytes())?;
            bytes.splice(at..at + place.len(), hex(value)?);
        }
        "without" | "again" | "payload" => {
            let mut sections = sections(&bytes)?;
            let (_, kind) = SectionKind::ALL.iter().find(|(name, _)| *name == place)?;
            let at = sections.iter().position(|(known, _)| *known == *kind as u32)?;
            match verb {
                "without" => drop(sections.remove(at)),
                "again" => sections.insert(at, sections.get(at)?.clone()),
                _ => sections.get_mut(at)?.1 = hex(value)?,
            }
            return Some(encode_sections(&sections));
        }
        "set" | "remove" => {
            let mut module = decode(&bytes).ok()?;
            let (layer, place) = place.trim_start_matches('/').split_once('/')?;
            let place = format!("/{place}");
            match layer {
                "types" => edit(&mut module.types, &place, value)?,
                "semantic" => edit(&mut module.semantic, &place, value)?,
                "execution" => edit(&mut module.execution, &place, value)?,
                "source_map" => edit(&mut module.source_map, &place, value)?,
                _ => return None,
            }
            return encode(&module).ok();
        }
        _ => return None,
    }
    Some(bytes)
}

/// Sets a value of a layer, or removes an element if there is no new value.
fn edit<T: Serialize + DeserializeOwned>(layer: &mut T, place: &str, value: &str) -> Option<()> {
    let mut tree = serde_json::to_value(&*layer).ok()?;
    if value.is_empty() {
        let (list, index) = place.rsplit_once('/')?;
        let Json::Array(list) = tree.pointer_mut(list)? else { return None };
        let index = index.parse().ok().filter(|index| *index < list.len())?;
        list.remove(index);
    } else {
        *tree.pointer_mut(place)? = serde_json::from_str(value).ok()?;
    }
    *layer = serde_json::from_value(tree).ok()?;
    Some(())
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// The sections of a well-formed file, kind and bytes.
fn sections(bytes: &[u8]) -> Option<Vec<(u32, Vec<u8>)>> {
    let number = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
    let count = usize::try_from(number(8)?).ok()?;
    let mut rest = bytes.get(12 + 44 * count + 32..)?;
    let section = |index: usize| {
        let entry = 12 + 44 * index;
        let (section, after) = rest.split_at_checked(usize::try_from(number(entry + 4)?).ok()?)?;
        rest = after;
        Some((number(entry)?, section.to_vec()))
    };
    (0..count).map(section).collect()
}
