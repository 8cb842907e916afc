//! How users authenticate.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use url::Url;

use super::reader::Reader;
use crate::secret::JwtSecret;

/// The keys that sign users' tokens (RFC 7519).
#[derive(Debug, Clone)]
pub enum AuthKeys {
    /// HS256 with a shared secret (Supabase's legacy keys, Netlify Identity).
    Secret(JwtSecret),
    /// The keys that an issuer publishes at a URL (RFC 7517 §5), each with its algorithm.
    Jwks {
        /// The URL of the keys.
        url: Url,
        /// The certificate authorities of that host; `None`: the public ones.
        authorities: Option<RootCertStore>,
    },
}

/// The requirements for a user's JWT.
#[derive(Debug, Clone)]
pub struct AuthConfig {
    /// The keys that sign.
    pub keys: AuthKeys,
    /// The required `iss`, if any.
    pub issuer: Option<String>,
    /// The accepted values of `aud`, of which a token must have one. If empty, `aud` is not checked.
    pub audiences: Vec<String>,
}

impl Reader<'_> {
    pub(super) fn auth(&mut self) -> Option<AuthConfig> {
        let authorities = self.authorities();
        let keys = match (self.optional("AUTH_JWT_SECRET"), self.optional("AUTH_JWKS_URL")) {
            (Some(_), Some(_)) => {
                self.problem(
                    "AUTH_JWKS_URL",
                    "is set together with AUTH_JWT_SECRET; keep the one your users' tokens need",
                );
                None
            }
            (Some(secret), None) => self
                .long_enough("AUTH_JWT_SECRET", secret)
                .map(|secret| AuthKeys::Secret(JwtSecret::new(secret))),
            (None, Some(url)) => {
                self.trusted_url("AUTH_JWKS_URL", &url).map(|url| AuthKeys::Jwks { url, authorities })
            }
            (None, None) => {
                self.problem(
                    "AUTH_JWT_SECRET",
                    "is not set; set it to the secret that signs your users' tokens, or set AUTH_JWKS_URL",
                );
                None
            }
        };
        let (issuer, audiences) = (self.optional("AUTH_JWT_ISSUER"), self.list("AUTH_JWT_AUDIENCE"));
        keys.map(|keys| AuthConfig { keys, issuer, audiences })
    }

    /// Reads the certificates of a private authority. The variable holds the text, not a path: a function has
    /// no file of its user's.
    fn authorities(&mut self) -> Option<RootCertStore> {
        let text = self.optional("AUTH_JWKS_CA")?;
        let authorities = certificates(&text);
        if authorities.is_none() {
            let problem = "isn't a certificate in PEM form; set it to the text that starts with -----BEGIN CERTIFICATE-----";
            self.problem("AUTH_JWKS_CA", problem);
        }
        authorities
    }
}

/// Reads certificates in PEM form. A variable may hold them on one line, with `
/// ` for line breaks.
fn certificates(text: &str) -> Option<RootCertStore> {
    let text = text.replace("\\n", "\n");
    let mut authorities = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
        authorities.add(certificate.ok()?).ok()?;
    }
    Some(authorities).filter(|authorities| !authorities.is_empty())
}
