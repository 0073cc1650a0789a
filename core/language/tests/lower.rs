//! Lowering and printing of trees built by hand.

mod lower_trees;

use anrf_format::execution::{FunctionId, print_function};
use anrf_language::lowering::lower_semantic;
use lower_trees::*;

#[test]
fn arithmetic_is_checked_and_charged() {
    let module = sum_module();
    let (execution, _) = lower_semantic(&module.types, &module.semantic).unwrap();
    for index in 0..execution.functions.len() {
        println!("{}", print_function(&module.types, &module.semantic, &execution, FunctionId(index as u32)));
    }
}

#[test]
fn random_modules_are_lowered_to_valid_code() {
    for seed in 0..2000 {
        let module = lower_trees::random::module(seed);
        let made = lower_semantic(&module.types, &module.semantic);
        if let Err(error) = made {
            panic!("module {seed}: {error}");
        }
    }
}
