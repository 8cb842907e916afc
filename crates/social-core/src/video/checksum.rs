//! Checksums, which distinguish two ranges of bytes without storing either.

use std::fmt;
use std::str::FromStr;

use crc_fast::{CrcAlgorithm, Digest};

/// The algorithm's name in the attempt log.
const NAME: &str = "crc64nvme";

/// A CRC-64/NVME, the checksum that S3 stores for every object. It detects accidents, which is enough: only the video's
/// owner could forge it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksum(u64);

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{NAME}:{:016x}", self.0)
    }
}

/// Not a checksum of an algorithm that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a checksum that is known here")]
pub struct UnknownChecksum;

impl FromStr for Checksum {
    type Err = UnknownChecksum;

    fn from_str(text: &str) -> Result<Self, UnknownChecksum> {
        let (name, digits) = text.split_once(':').ok_or(UnknownChecksum)?;
        if name != NAME || digits.len() != 16 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(UnknownChecksum);
        }
        u64::from_str_radix(digits, 16).map(Self).map_err(|_| UnknownChecksum)
    }
}

/// A checksum in the making.
#[derive(Debug, Clone)]
pub(super) struct Running(Digest);

impl Running {
    pub(super) fn new() -> Self {
        Self(Digest::new(CrcAlgorithm::Crc64Nvme))
    }

    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn so_far(&self) -> Checksum {
        Checksum(self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_nvm_express_specification_holds_in_pieces_too() {
        let mut running = Running::new();
        running.take(b"1234");
        running.take(b"56789");
        assert_eq!(running.so_far().to_string(), "crc64nvme:ae8b14860a799888");
        assert_eq!("crc64nvme:ae8b14860a799888".parse(), Ok(running.so_far()));
        for wrong in ["crc32:ae8b1486", "crc64nvme:ae8b", "ae8b14860a799888", "crc64nvme:+e8b14860a799888"] {
            assert_eq!(wrong.parse::<Checksum>(), Err(UnknownChecksum), "{wrong}");
        }
    }
}
