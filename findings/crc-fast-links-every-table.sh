#!/bin/sh
# crc-fast 1.10.0 (crates.io), beside crc 3.4.0.
#
# crc-fast has code for the processor's carry-less multiplication, and tables for processors without it. A program that
# computes one checksum, CRC-64/NVME, would be expected to link one table of 32 KB: its algorithm is a constant. It links the
# tables of all algorithms that it knows, because the code that falls back to them picks the table while it runs. That is
# some 700 KB of the executable, with link-time optimisation, one codegen unit and symbols stripped. They hold no
# pattern, so a zip grows by most of it. `crc` takes its algorithm as a constant, and links one table.
#
# So a function whose package must stay small pays for a faster checksum with half a megabyte of zip.
#
# Seen with Rust 1.95 on Linux, x86-64.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p src/bin
cat >Cargo.toml <<'TOML'
[package]
name = "sizes"
version = "0.0.0"
edition = "2024"

[dependencies]
crc = "=3.4.0"
crc-fast = { version = "=1.10.0", default-features = false, features = ["std"] }

[profile.release]
lto = "fat"
codegen-units = 1
strip = "symbols"
TOML
cat >src/bin/fast.rs <<'RUST'
fn main() {
    let mut digest = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc64Nvme);
    digest.update(std::env::args().nth(1).unwrap_or_default().as_bytes());
    println!("{:016x}", digest.finalize());
}
RUST
cat >src/bin/plain.rs <<'RUST'
const NVME: crc::Crc<u64, crc::Table<16>> = crc::Crc::<u64, crc::Table<16>>::new(&crc::CRC_64_NVME);

fn main() {
    println!("{:016x}", NVME.checksum(std::env::args().nth(1).unwrap_or_default().as_bytes()));
}
RUST
cargo build --quiet --release

fast=$(stat -c %s target/release/fast)
plain=$(stat -c %s target/release/plain)
zipped() { gzip -9 <"target/release/$1" | wc -c; }
echo "executable: crc-fast $fast bytes, crc $plain; compressed: $(zipped fast) and $(zipped plain)"
echo "check value: $(target/release/fast 123456789) and $(target/release/plain 123456789)"
[ "$(target/release/fast 123456789)" = ae8b14860a799888 ] || { echo "crc-fast computes another checksum" >&2; exit 1; }
[ "$(target/release/plain 123456789)" = ae8b14860a799888 ] || { echo "crc computes another checksum" >&2; exit 1; }
[ $((fast - plain)) -gt 500000 ] || { echo "crc-fast no longer links what is not used" >&2; exit 1; }
