//! Damaged and hostile packed modules end in an error or a valid run, on a small stack, within a second.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;

use anrf::binary::{decode, encode};
use anrf::semantic::{Block, Clause, Expr, ExprId, ExprKind, Exprs, Local, Operation, Step};
use anrf::types::{Case, Field, Record, Type, TypeId, Variant};
use anrf::{Value, ir};
use anrf_hostile_tests::packed::{resealed, survive};
use anrf_hostile_tests::{allowance, bounded, engine, measure, peak};

type Document = anrf_format_module::Module;
use anrf_format_module as _;

mod anrf_format_module {
    pub(crate) use anrf::semantic as _;
}
