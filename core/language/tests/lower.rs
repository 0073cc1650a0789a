//! Lowering and printing of trees built by hand.
#![allow(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

mod lower_trees;

use anrf_format::execution::{FunctionId, print_function};
use anrf_language::lowering::lower_semantic;
use lower_trees::*;

#[test]
fn arithmetic_is_checked_and_charged() {
    let module = sum_module();
    let (execution, _) = lower_semantic(&module.types, &module.semantic).unwrap();
    let body = print_function(&module.types, &module.semantic, &execution, FunctionId(0));
    let block = body.split("block9:").nth(1).and_then(|rest| rest.split("block10").next());
    let expected = "
  charge 4
  check overflow.add v11, v17 ; sum_v1/more/no_overflow/0
  v20: integer = add v11, v17
  v21: integer = 1
  check overflow.add v12, v21 ; sum_v1/more/no_overflow/1
  v22: integer = add v12, v21
  repeat block4(v20, v22)
";
    assert_eq!(block, Some(expected), "{body}");
}

#[test]
fn random_modules_are_lowered_to_valid_code() {
    for seed in 0..400 {
        let module = random::module(seed);
        let made = lower_semantic(&module.types, &module.semantic);
        if let Err(error) = made {
            panic!("module {seed}: {error}");
        }
    }
}
