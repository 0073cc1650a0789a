//! Text to syntax: the expression parser and the reader that turns a YAML tree into a [`module::Module`].

pub mod expression;
pub mod module;
