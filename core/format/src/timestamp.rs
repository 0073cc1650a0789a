//! Instants in UTC, to the microsecond, in the years 0001 to 9999 of the proleptic Gregorian calendar.
//!
//! The calendar arithmetic is `days_from_civil` and `civil_from_days` of Howard Hinnant,
//! "chrono-Compatible Low-Level Date Algorithms" (2021). There are no leap seconds: every day has 86,400
//! seconds, and a second 60 in a text is refused.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use thiserror::Error;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
const MICROS_PER_DAY: i64 = SECONDS_PER_DAY * MICROS_PER_SECOND;
/// Days from 0000-03-01, where the algorithm's eras begin, to 1970-01-01.
const EPOCH_DAYS: i64 = 719_468;
const DAYS_PER_ERA: i64 = 146_097;

/// A UTC instant, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(days_from_civil(1, 1, 1) * MICROS_PER_DAY);
    /// 9999-12-31T23:59:59.999999Z.
    pub const MAX: Self = Self(days_from_civil(10_000, 1, 1) * MICROS_PER_DAY - 1);
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// The instant so many microseconds after [`Self::EPOCH`]; `None` outside [`Self::MIN`] to
    /// [`Self::MAX`].
    #[must_use]
    pub const fn from_micros(micros: i64) -> Option<Self> {
        if micros < Self::MIN.0 || micros > Self::MAX.0 { None } else { Some(Self(micros)) }
    }

    /// Microseconds since [`Self::EPOCH`].
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The instant so many microseconds later; `None` outside [`Self::MIN`] to [`Self::MAX`].
    #[must_use]
    pub const fn add_micros(self, micros: i64) -> Option<Self> {
        match self.0.checked_add(micros) {
            Some(sum) => Self::from_micros(sum),
            None => None,
        }
    }

    /// Microseconds from `self` to `later`, negative if that is earlier; never overflows.
    #[must_use]
    pub const fn micros_between(self, later: Self) -> i64 {
        later.0 - self.0
    }

    /// The year, 1 to 9999.
    #[must_use]
    pub const fn year(self) -> i64 {
        civil_from_days(self.days()).0
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> i64 {
        civil_from_days(self.days()).1
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub const fn day(self) -> i64 {
        civil_from_days(self.days()).2
    }

    /// The hour, 0 to 23.
    #[must_use]
    pub const fn hour(self) -> i64 {
        self.second_of_day() / 3600
    }

    /// The minute, 0 to 59.
    #[must_use]
    pub const fn minute(self) -> i64 {
        self.second_of_day() / 60 % 60
    }

    /// The second, 0 to 59.
    #[must_use]
    pub const fn second(self) -> i64 {
        self.second_of_day() % 60
    }

    /// The microsecond of the second, 0 to 999,999.
    #[must_use]
    pub const fn microsecond(self) -> i64 {
        self.0.rem_euclid(MICROS_PER_SECOND)
    }

    /// Reads RFC 3339 text, strictly: upper-case `T` and `Z` or a numeric offset, and up to six digits
    /// of a fraction, since a finer instant could not be kept.
    ///
    /// # Errors
    /// Another form, a field that is out of range, a leap second, a finer fraction, or an instant that
    /// is outside [`Self::MIN`] to [`Self::MAX`].
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let mut reader = Reader { text, rest: text.as_bytes() };
        let year = reader.number(4, "year", 1, 9999)?;
        reader.symbol(b'-')?;
        let month = reader.number(2, "month", 1, 12)?;
        reader.symbol(b'-')?;
        let day = reader.number(2, "day", 1, days_in_month(year, month))?;
        reader.symbol(b'T')?;
        let hour = reader.number(2, "hour", 0, 23)?;
        reader.symbol(b':')?;
        let minute = reader.number(2, "minute", 0, 59)?;
        reader.symbol(b':')?;
        if reader.rest.starts_with(b"60") {
            return Err(TimestampError::LeapSecond);
        }
        let second = reader.number(2, "second", 0, 59)?;
        let micros = reader.fraction()?;
        let offset = reader.offset()?;

        let seconds = hour * 3600 + minute * 60 + second - offset * 60;
        let day_start = days_from_civil(year, month, day) * MICROS_PER_DAY;
        Self::from_micros(day_start + seconds * MICROS_PER_SECOND + micros).ok_or(TimestampError::OutOfRange)
    }

    const fn days(self) -> i64 {
        self.0.div_euclid(MICROS_PER_DAY)
    }

    const fn second_of_day(self) -> i64 {
        self.0.rem_euclid(MICROS_PER_DAY) / MICROS_PER_SECOND
    }
}

/// RFC 3339 in UTC, such as `2026-01-08T14:23:15Z`. A fraction is printed where it is not zero, without
/// trailing zeros.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.days());
        let (hour, minute, second) = (self.hour(), self.minute(), self.second());
        write!(formatter, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if self.microsecond() != 0 {
            let fraction = format!("{:06}", self.microsecond());
            write!(formatter, ".{}", fraction.trim_end_matches('0'))?;
        }
        formatter.write_str("Z")
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Microseconds in binary formats, RFC 3339 in text formats.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            return Self::parse(&text).map_err(D::Error::custom);
        }
        let micros = i64::deserialize(deserializer)?;
        Self::from_micros(micros).ok_or_else(|| D::Error::custom(TimestampError::OutOfRange))
    }
}

/// Why a text is not a timestamp.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// It does not have the form of RFC 3339.
    #[error("expected {expected} at character {position} of the timestamp `{found}`")]
    Syntax {
        /// What should stand there.
        expected: &'static str,
        /// Where, counted from 1.
        position: usize,
        /// The beginning of the text.
        found: String,
        /// The mend, where it is clear what was meant.
        help: Option<&'static str>,
    },
    /// A field has a value that it cannot have, such as the 30th of February.
    #[error("the {field} of the timestamp is `{value}`, expected {least} to {most}")]
    Field {
        /// Which one.
        field: &'static str,
        /// The value in the text.
        value: i64,
        /// The least that it can be.
        least: i64,
        /// The most that it can be here.
        most: i64,
    },
    /// The second is 60.
    #[error("the second of the timestamp is `60`, but leap seconds cannot be represented")]
    LeapSecond,
    /// The fraction has more than six digits.
    #[error("the timestamp has more than 6 digits of a second, expected microseconds at the finest")]
    TooFine,
    /// The instant, with its offset, is outside the years 0001 to 9999.
    #[error("the timestamp is outside the years 0001 to 9999 of UTC")]
    OutOfRange,
}

impl TimestampError {
    /// The mend, where there is one.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Syntax { help, .. } => *help,
            Self::LeapSecond => Some("write second `59`, or the first second of the next minute"),
            Self::TooFine => Some("write at most 6 digits after the `.`"),
            Self::Field { .. } | Self::OutOfRange => None,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a [u8],
}

impl Reader<'_> {
    fn error<T>(&self, expected: &'static str, help: Option<&'static str>) -> Result<T, TimestampError> {
        let position = self.text.len() - self.rest.len();
        let position =
            self.text.as_bytes().iter().take(position).filter(|byte| **byte & 0xc0 != 0x80).count() + 1;
        let mut found: String = self.text.chars().take(40).collect();
        if self.text.chars().nth(40).is_some() {
            found.push('…');
        }
        Err(TimestampError::Syntax { expected, position, found, help })
    }

    /// Exactly so many digits, within a range.
    fn number(
        &mut self,
        digits: usize,
        field: &'static str,
        least: i64,
        most: i64,
    ) -> Result<i64, TimestampError> {
        match self.rest.split_at_checked(digits) {
            Some((head, tail)) if head.iter().all(u8::is_ascii_digit) => {
                let value = head.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
                if !(least..=most).contains(&value) {
                    return Err(TimestampError::Field { field, value, least, most });
                }
                self.rest = tail;
                Ok(value)
            }
            _ if digits == 4 => self.error("four digits", Some(SHAPE)),
            _ => self.error("two digits", Some(SHAPE)),
        }
    }

    fn symbol(&mut self, symbol: u8) -> Result<(), TimestampError> {
        match (self.rest, symbol) {
            ([first, tail @ ..], _) if *first == symbol => {
                self.rest = tail;
                Ok(())
            }
            ([b't' | b' ', ..], b'T') => {
                self.error("`T`", Some("write an upper-case `T` between date and time"))
            }
            (_, b'T') => self.error("`T`", Some(SHAPE)),
            (_, b'-') => self.error("`-`", Some(SHAPE)),
            _ => self.error("`:`", Some(SHAPE)),
        }
    }

    /// An optional fraction of a second, in microseconds.
    fn fraction(&mut self) -> Result<i64, TimestampError> {
        let [b'.', tail @ ..] = self.rest else { return Ok(0) };
        self.rest = tail;
        let digits = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
        match (digits, tail.split_at_checked(digits)) {
            (1..=6, Some((head, after))) => {
                self.rest = after;
                let padded = head.iter().chain(b"000000").take(6);
                Ok(padded.fold(0, |micros, digit| micros * 10 + i64::from(digit - b'0')))
            }
            (0, _) => self.error("a digit", Some("write at least one digit after the `.`, or leave it out")),
            _ => Err(TimestampError::TooFine),
        }
    }

    /// `Z` or an offset, in minutes, and the end of the text.
    fn offset(&mut self) -> Result<i64, TimestampError> {
        let sign = match self.rest {
            [b'Z', ..] => 0,
            [b'+', ..] => 1,
            [b'-', ..] => -1,
            [b'z', ..] => return self.error("`Z` or an offset", Some("write an upper-case `Z`")),
            _ => {
                return self.error(
                    "`Z` or an offset",
                    Some("end it with `Z` for UTC, or with an offset such as `+02:00`"),
                );
            }
        };
        self.rest = self.rest.get(1..).unwrap_or_default();
        let mut offset = 0;
        if sign != 0 {
            let hours = self.number(2, "offset hour", 0, 23)?;
            self.symbol(b':')?;
            offset = sign * (hours * 60 + self.number(2, "offset minute", 0, 59)?);
        }
        if self.rest.is_empty() { Ok(offset) } else { self.error("the end", None) }
    }
}

const SHAPE: &str = "write it like `2026-01-08T14:23:15Z`";

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 (Hinnant). Years start on the first of March, so that the leap day is the last.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - EPOCH_DAYS
}

/// Year, month and day of a number of days since 1970-01-01 (Hinnant).
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH_DAYS;
    let era = days.div_euclid(DAYS_PER_ERA);
    let day_of_era = days.rem_euclid(DAYS_PER_ERA);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}
