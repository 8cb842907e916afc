//! The tests of the whole.

#[cfg(test)]
mod lambda;
#[cfg(test)]
mod runtime_api;
