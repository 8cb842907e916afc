//! Real servers, real processes: this binary starts itself again as the processes that end or are killed.
#![cfg(unix)]

#[cfg(test)]
mod durable;
#[cfg(test)]
mod player;
#[cfg(test)]
mod shared;
