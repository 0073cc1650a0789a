//! From a checked module or bytes to a loaded one, and from there to runs: loading, typed handles,
//! examples, single expressions, and the JSON documents of runs.

pub mod evaluate;
pub mod examples;
pub mod json;
pub mod load;
pub mod trace;
pub mod typed;
