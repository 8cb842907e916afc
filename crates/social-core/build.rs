//! Says what the macros read besides the sources, which cargo cannot see: a new migration.

fn main() {
    // A folder that does not exist would count as changed, and this crate would be compiled at each call of cargo.
    println!("cargo::rerun-if-changed=../../migrations");
}
