//! The tests of the whole.

mod lambda;
mod runtime_api;
