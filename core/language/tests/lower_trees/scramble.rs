//! Corruptions of what is encoded.

use super::random::Random;

/// Up to three bytes of an encoded tree or of code become others.
pub fn scramble(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + random.below(3) {
        let at = random.below(bytes.len());
        let other = bytes[random.below(bytes.len())];
        let small = u8::try_from(random.below(40)).unwrap();
        bytes[at] = match random.below(5) {
            0 => bytes[at].wrapping_add(1),
            1 => bytes[at].wrapping_sub(1),
            2 => bytes[at] ^ 2,
            3 => small,
            _ => other,
        };
    }
    bytes
}
