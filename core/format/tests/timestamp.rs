//! What the timestamp type promises.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use anrf_format::timestamp::Timestamp;
use proptest::prelude::*;

fn timestamp(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a timestamp")
}

#[test]
fn text_is_rfc_3339_in_utc() {
    let cases = [
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0),
        ("2026-01-08T14:23:15Z", "2026-01-08T14:23:15Z", 1_767_882_195_000_000),
        ("2026-01-08T14:23:15.120000Z", "2026-01-08T14:23:15.12Z", 1_767_882_195_120_000),
        ("2026-01-08T16:23:15.000001+02:00", "2026-01-08T14:23:15.000001Z", 1_767_882_195_000_001),
        ("2026-01-08T00:00:00-05:30", "2026-01-08T05:30:00Z", 1_767_850_200_000_000),
        ("2024-02-29T23:59:59-00:00", "2024-02-29T23:59:59Z", 1_709_251_199_000_000),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z", -1),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ];
    for (text, canonical, micros) in cases {
        assert_eq!((timestamp(text).to_string().as_str(), timestamp(text).micros()), (canonical, micros));
    }
    assert_eq!((timestamp(cases[7].0), timestamp(cases[8].0)), (Timestamp::MIN, Timestamp::MAX));
}

#[test]
fn other_texts_are_refused_with_a_reason() {
    let shape = Some("write it like `2026-01-08T14:23:15Z`");
    let cases = [
        ("", "expected four digits at character 1 of the timestamp ``", shape),
        (
            "2026-1-08T14:23:15Z",
            "expected two digits at character 6 of the timestamp `2026-1-08T14:23:15Z`",
            shape,
        ),
        ("2026-01-08", "expected `T` at character 11 of the timestamp `2026-01-08`", shape),
        (
            "2026-01-08 14:23:15Z",
            "expected `T` at character 11 of the timestamp `2026-01-08 14:23:15Z`",
            Some("write an upper-case `T` between date and time"),
        ),
        (
            "2026-01-08t14:23:15Z",
            "expected `T` at character 11 of the timestamp `2026-01-08t14:23:15Z`",
            Some("write an upper-case `T` between date and time"),
        ),
        (
            "2026-01-08T14:23:15z",
            "expected `Z` or an offset at character 20 of the timestamp `2026-01-08T14:23:15z`",
            Some("write an upper-case `Z`"),
        ),
        (
            "2026-01-08T14:23:15",
            "expected `Z` or an offset at character 20 of the timestamp `2026-01-08T14:23:15`",
            Some("end it with `Z` for UTC, or with an offset such as `+02:00`"),
        ),
        ("2026-01-08T14:23Z", "expected `:` at character 17 of the timestamp `2026-01-08T14:23Z`", shape),
        (
            "2026-01-08T14:23:15.Z",
            "expected a digit at character 21 of the timestamp `2026-01-08T14:23:15.Z`",
            Some("write at least one digit after the `.`, or leave it out"),
        ),
        (
            "2026-01-08T14:23:15Z ",
            "expected the end at character 21 of the timestamp `2026-01-08T14:23:15Z `",
            None,
        ),
        (
            "2026-01-08T14:23:15+0200",
            "expected `:` at character 23 of the timestamp `2026-01-08T14:23:15+0200`",
            shape,
        ),
        (
            "2026-01-08T14:23:15.1234567Z",
            "the timestamp has more than 6 digits of a second, expected microseconds at the finest",
            Some("write at most 6 digits after the `.`"),
        ),
        ("2026-13-08T14:23:15Z", "the month of the timestamp is `13`, expected 1 to 12", None),
        ("2026-02-29T14:23:15Z", "the day of the timestamp is `29`, expected 1 to 28", None),
        ("1900-02-29T14:23:15Z", "the day of the timestamp is `29`, expected 1 to 28", None),
        ("2026-01-08T24:00:00Z", "the hour of the timestamp is `24`, expected 0 to 23", None),
        ("2026-01-08T14:23:61Z", "the second of the timestamp is `61`, expected 0 to 59", None),
        (
            "2016-12-31T23:59:60Z",
            "the second of the timestamp is `60`, but leap seconds cannot be represented",
            Some("write second `59`, or the first second of the next minute"),
        ),
        ("0000-12-31T23:59:59Z", "the year of the timestamp is `0`, expected 1 to 9999", None),
        ("2026-01-08T14:23:15+24:00", "the offset hour of the timestamp is `24`, expected 0 to 23", None),
        ("0001-01-01T00:00:00+00:01", "the timestamp is outside the years 0001 to 9999 of UTC", None),
        ("9999-12-31T23:59:59-00:01", "the timestamp is outside the years 0001 to 9999 of UTC", None),
        (
            "２026-01-08T14:23:15Z",
            "expected four digits at character 1 of the timestamp `２026-01-08T14:23:15Z`",
            shape,
        ),
    ];
    for (text, message, help) in cases {
        let error = Timestamp::parse(text).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.help()), (message, help));
    }
}

#[test]
fn the_calendar_is_gregorian_on_every_day() {
    let (mut year, mut month, mut day) = (1, 1, 1);
    let mut micros = Timestamp::MIN.micros();
    while let Some(instant) = Timestamp::from_micros(micros) {
        assert_eq!((instant.year(), instant.month(), instant.day()), (year, month, day));
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            [usize::try_from(month - 1).unwrap()];
        (year, month, day) = match (month, day) {
            (12, 31) => (year + 1, 1, 1),
            (_, day) if day == last => (year, month + 1, 1),
            _ => (year, month, day + 1),
        };
        micros += 86_400_000_000;
    }
    assert_eq!((year, month, day), (10_000, 1, 1));
}

#[test]
fn the_range_is_kept() {
    assert_eq!(Timestamp::MAX.add_micros(1), None);
    assert_eq!(Timestamp::MIN.add_micros(-1), None);
    assert_eq!(Timestamp::MIN.add_micros(i64::MIN), None);
    assert_eq!(Timestamp::from_micros(i64::MAX), None);
    let span = Timestamp::MIN.micros_between(Timestamp::MAX);
    assert_eq!(Timestamp::MIN.add_micros(span), Some(Timestamp::MAX));
    assert_eq!(Timestamp::MAX.micros_between(Timestamp::MIN), -span);
}

#[test]
fn files_hold_microseconds_or_text() {
    let instant = timestamp("1970-01-01T00:00:00.000001Z");
    assert_eq!(postcard::to_stdvec(&instant).unwrap(), [2]);
    assert_eq!(postcard::from_bytes::<Timestamp>(&[2]).unwrap(), instant);
    assert!(postcard::from_bytes::<Timestamp>(&postcard::to_stdvec(&i64::MAX).unwrap()).is_err());
    assert_eq!(serde_json::to_string(&instant).unwrap(), "\"1970-01-01T00:00:00.000001Z\"");
    assert_eq!(serde_json::from_str::<Timestamp>("\"1970-01-01T00:00:00.000001Z\"").unwrap(), instant);
}

proptest! {
    #[test]
    fn text_leads_back(micros in Timestamp::MIN.micros()..=Timestamp::MAX.micros()) {
        let instant = Timestamp::from_micros(micros).unwrap();
        prop_assert_eq!(timestamp(&instant.to_string()), instant);
        let rest = instant.hour() * 3600 + instant.minute() * 60 + instant.second();
        prop_assert_eq!(rest * 1_000_000 + instant.microsecond(), micros.rem_euclid(86_400_000_000));
    }

    #[test]
    fn any_text_ends(text in "[-+0-9TZ:.]{0,30}|\\PC{0,30}") {
        let _ = Timestamp::parse(&text);
    }
}
