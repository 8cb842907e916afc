//! Reads which migration is the newest: the schema version that this program requires.

use std::fs;
use std::io::Error;

fn main() -> Result<(), Error> {
    let folder = "../../migrations";
    println!("cargo::rerun-if-changed={folder}");
    let mut newest = None;
    for file in fs::read_dir(folder)? {
        let name = file?.file_name();
        let version = name.to_str().and_then(|name| name.split('_').next()?.parse::<u64>().ok());
        newest = newest.max(version);
    }
    let newest = newest.ok_or_else(|| Error::other("no migration has a version"))?;
    println!("cargo::rustc-env=NEWEST_MIGRATION={newest}");
    Ok(())
}
