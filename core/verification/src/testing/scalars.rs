//! Scalars: small ones, those at the bounds, and those that the code speaks of.

use anrf_format::decimal::Decimal;
use anrf_format::timestamp::Timestamp;

use super::generate::Generator;

/// Characters that are special to somebody: cases, digits, spaces, several bytes, beyond 16 bits.
const CHARACTERS: &[char] = &[
    'a',
    'b',
    'A',
    'Z',
    '0',
    '9',
    ' ',
    '-',
    '_',
    '.',
    ',',
    '@',
    '/',
    '\n',
    '\0',
    'é',
    'ß',
    'İ',
    '\u{301}',
    '\u{200d}',
    '€',
    '𝒳',
    '😀',
    '\u{ffff}',
    '\u{10ffff}',
];
const FLOATS: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    0.1,
    2.0,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    5e-324,
    f64::EPSILON,
    1e308,
];
const ENDS: &[i64] = &[i64::MIN, i64::MAX, i64::MAX - 1, i64::MIN + 1];

impl Generator {
    pub(super) fn integer(&mut self) -> i64 {
        if self.profile.tiny {
            return self.random.between(if self.profile.nonnegative { 0 } else { -2 }, 4);
        }
        let number = match self.random.below(100) {
            0..=29 => self.random.between(0, 5),
            30..=44 => self.random.between(-10, 20),
            45..=57 => self.random.pick(&self.constants.integers).copied().unwrap_or(1),
            58..=71 => self.random.pick(&self.constants.near).copied().unwrap_or(2),
            72..=79 => self.random.between(-200, 1_000),
            80..=87 => self.random.pick(ENDS).copied().unwrap_or(0),
            88..=95 => (1_i64 << self.random.below(63)).wrapping_add(self.random.between(-1, 1)),
            _ => self.random.bits().cast_signed() >> self.random.below(60),
        };
        if self.profile.nonnegative && number < 0 { number.checked_neg().unwrap_or(i64::MAX) } else { number }
    }

    fn places(&mut self, most: i64) -> u32 {
        u32::try_from(self.random.between(0, most)).unwrap_or(0)
    }

    pub(super) fn decimal(&mut self) -> Decimal {
        let (coefficient, scale) = match self.random.below(100) {
            0..=24 => (i128::from(self.random.between(-3, 10)), 0),
            25..=44 => (i128::from(self.random.between(-50, 1_000)), self.places(2)),
            // Halfway between two neighbours of fewer places.
            45..=59 => (i128::from(self.random.between(-20, 40)) * 10 + 5, self.places(4)),
            60..=79 => {
                let known = self.random.pick(&self.constants.decimals).cloned().unwrap_or(Decimal::ONE);
                let step = Decimal::from_parts(i128::from(self.random.between(-1, 1)), self.places(3));
                let number = step.map(|step| known.add(&step)).unwrap_or(known);
                return if self.profile.nonnegative { number.abs() } else { number };
            }
            80..=89 => (i128::from(self.integer()), 0),
            90..=95 => (i128::from(self.random.bits().cast_signed()), self.places(20)),
            _ => (i128::from(self.random.bits()) << self.random.below(60), self.places(40)),
        };
        let number = Decimal::from_parts(coefficient, scale).unwrap_or(Decimal::ZERO);
        if self.profile.nonnegative { number.abs() } else { number }
    }

    #[allow(clippy::cast_precision_loss)] // any float will do
    pub(super) fn float(&mut self) -> f64 {
        match self.random.below(10) {
            0..=3 => self.random.pick(FLOATS).copied().unwrap_or(0.0),
            4 | 5 => self.random.pick(&self.constants.floats).copied().unwrap_or(1.5),
            6 | 7 => self.random.between(-10, 100) as f64,
            8 => self.random.between(-1_000, 1_000) as f64 / 8.0,
            _ => f64::from_bits(self.random.bits()),
        }
    }

    fn character(&mut self) -> char {
        let own = !self.constants.alphabet.is_empty() && self.random.chance(60);
        let list = if own { &self.constants.alphabet } else { CHARACTERS };
        self.random.pick(list).copied().unwrap_or('a')
    }

    pub(super) fn string(&mut self) -> String {
        match self.random.below(10) {
            0 => String::new(),
            1 => self.character().to_string(),
            2..=4 => self.random.pick(&self.constants.strings).cloned().unwrap_or_else(|| "a".into()),
            5 => {
                let known = self.random.pick(&self.constants.strings).cloned().unwrap_or_default();
                let mut characters: Vec<char> = known.chars().collect();
                let at = self.random.below(characters.len() + 1);
                match self.random.below(3) {
                    0 => characters.truncate(at),
                    1 => characters.insert(at, self.character()),
                    _ => characters.extend(known.chars()),
                }
                characters.into_iter().collect()
            }
            6 => self.random.between(-20, 2_000).to_string(),
            7 => {
                let character = self.character();
                let length = self.random.below(self.profile.longest + 2);
                let length = self.profile.length.unwrap_or(length);
                std::iter::repeat_n(character, length).collect()
            }
            _ => {
                let length = self.random.below(self.profile.longest + 1);
                (0..length).map(|_| self.character()).collect()
            }
        }
    }

    pub(super) fn octets(&mut self) -> Vec<u8> {
        if self.random.chance(25)
            && let Some(known) = self.random.pick(&self.constants.bytes)
        {
            let mut known = known.clone();
            if self.random.chance(50) {
                let at = self.random.below(known.len() + 1);
                known.truncate(at);
                let more = self.random.below(self.profile.longest + 1);
                known.extend((0..more).map(|_| self.octet()));
            }
            return known;
        }
        let length = self.random.below(self.profile.longest + 1);
        (0..length).map(|_| self.octet()).collect()
    }

    fn octet(&mut self) -> u8 {
        let special = [0, 1, 10, 32, 65, 127, 128, 255];
        self.random.pick(&special).copied().unwrap_or(0)
    }

    pub(super) fn timestamp(&mut self) -> Timestamp {
        const SECOND: i64 = 1_000_000;
        let units = [1, SECOND, 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND];
        let unit = self.random.pick(&units).copied().unwrap_or(1);
        let from = match self.random.below(10) {
            0 => Timestamp::MIN,
            1 => Timestamp::MAX,
            2..=5 => self.random.pick(&self.constants.timestamps).copied().unwrap_or(Timestamp::EPOCH),
            6 => Timestamp::EPOCH,
            _ => {
                let micros = self.random.between(Timestamp::MIN.micros(), Timestamp::MAX.micros());
                Timestamp::from_micros(micros).unwrap_or(Timestamp::EPOCH)
            }
        };
        from.add_micros(self.random.between(-2, 2) * unit).unwrap_or(from)
    }
}
