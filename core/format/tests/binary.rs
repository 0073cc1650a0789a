//! The binary form: what it keeps, what it refuses and how it says so.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, missing_docs)]

#[path = "binary/damage.rs"]
mod damage;
#[path = "binary/files.rs"]
mod files;
#[path = "binary/refused.rs"]
mod refused;
#[path = "binary/round_trip.rs"]
mod round_trip;
#[path = "binary/sample.rs"]
mod sample;
