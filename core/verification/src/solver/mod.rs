//! Solvers: what decides whether a script has a model.
