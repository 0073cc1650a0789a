//! Tests of the runtime library.
