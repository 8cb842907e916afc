//! Proof Key for Code Exchange (RFC 7636): checks a verifier with its challenge.

use crate::receiver::hex;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// The encoding of the SHA-256 of a verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Lower-case hex, as TikTok does.
    Hex,
    /// BASE64URL without padding, as the RFC does.
    Base64Url,
}

impl Spelling {
    /// Returns the encoding of this challenge, if it is one: 64 letters or 43.
    pub(crate) fn of(challenge: &str) -> Option<Self> {
        [Self::Hex, Self::Base64Url].into_iter().find(|spelling| spelling.is_challenge(challenge))
    }

    /// Reports whether the text may be a challenge.
    pub(crate) fn is_challenge(self, text: &str) -> bool {
        match self {
            Self::Hex => {
                text.len() == 64 && text.chars().all(|letter| matches!(letter, '0'..='9' | 'a'..='f'))
            }
            Self::Base64Url => URL_SAFE_NO_PAD.decode(text).is_ok_and(|digest| digest.len() == 32),
        }
    }

    /// Reports whether the verifier is well formed (RFC 7636 §4.1) and matches.
    pub(crate) fn fits(self, challenge: &str, verifier: &str) -> bool {
        let legal = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
        let digest = Sha256::digest(verifier);
        let written = match self {
            Self::Hex => hex(&digest),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(digest),
        };
        (43..=128).contains(&verifier.len()) && verifier.chars().all(legal) && written == challenge
    }
}

#[cfg(test)]
mod tests {
    use super::Spelling;

    #[test]
    fn the_example_of_the_rfc_fits() {
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(Spelling::Base64Url.is_challenge(challenge) && Spelling::Base64Url.fits(challenge, verifier));
        assert!(!Spelling::Hex.is_challenge(challenge) && !Spelling::Hex.fits(challenge, verifier));
        assert!(!Spelling::Base64Url.fits(challenge, &verifier[1..]));
        assert_eq!(Spelling::of(challenge), Some(Spelling::Base64Url));
        assert_eq!(Spelling::of(&"0f".repeat(32)), Some(Spelling::Hex));
        assert_eq!(Spelling::of(&challenge[1..]), None);
    }
}
