//! Says what the macros read besides the sources, which cargo cannot see: a new migration, new query data.

fn main() {
    for folder in ["../../migrations", "../../.sqlx"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
