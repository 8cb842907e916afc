//! Says what the macro reads besides the sources, which cargo cannot see: a new migration.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
