//! Whom a connection to Postgres trusts (`PostgreSQL`, "SSL Support": `sslmode`, `sslrootcert`).

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, NamedGroup, RootCertStore, SignatureScheme,
};

use crate::store::error::StoreError;

/// How much a server must prove.
#[derive(Debug, Clone)]
pub(super) enum Trust {
    /// `disable`: no TLS.
    None,
    /// `prefer`, which libpq takes where nothing is said, and `allow`: TLS where the server offers it.
    IfOffered,
    /// `require`: TLS, whoever the server is.
    Anyone,
    /// `verify-ca`: one of these authorities has signed its certificate.
    Authority(Arc<RootCertStore>),
    /// `verify-full`: and the certificate names the host.
    Host(Arc<RootCertStore>),
}

impl Trust {
    /// Reads `sslmode`, and the file of `sslrootcert`. As with libpq, `require` beside a file means `verify-ca`.
    pub(super) fn of(mode: Option<&str>, authorities: Option<&str>) -> Result<Self, StoreError> {
        Ok(match (mode.unwrap_or("prefer"), authorities) {
            ("disable", _) => Self::None,
            ("allow" | "prefer", _) => Self::IfOffered,
            ("require", None) => Self::Anyone,
            ("verify-ca" | "require", _) => Self::Authority(roots(authorities)?),
            ("verify-full", _) => Self::Host(roots(authorities)?),
            _ => {
                return Err(StoreError::Url(
                    "sslmode is one of disable, allow, prefer, require, verify-ca, verify-full",
                ));
            }
        })
    }

    /// TLS as this much trust wants it.
    pub(super) fn client_config(&self) -> Result<ClientConfig, StoreError> {
        let mut provider = rustls::crypto::ring::default_provider();
        // Postgres up to 17 wants P-256 (`ssl_ecdh_curve`). Another first offer costs a round trip.
        provider.kx_groups.sort_by_key(|group| group.name() != NamedGroup::secp256r1);
        let provider = Arc::new(provider);
        let lenient = |authority| Arc::new(Lenient { provider: Arc::clone(&provider), authority });
        let verifier: Arc<dyn ServerCertVerifier> = match self {
            Self::None | Self::IfOffered | Self::Anyone => lenient(None),
            Self::Authority(roots) => lenient(Some(webpki(roots, &provider)?)),
            Self::Host(roots) => webpki(roots, &provider)?,
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| StoreError::Url("TLS cannot be set up"))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(config)
    }
}

fn webpki(
    roots: &Arc<RootCertStore>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, StoreError> {
    WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(provider))
        .build()
        .map_err(|_| StoreError::Url("sslrootcert holds no certificate"))
}

/// The authorities in a PEM file; without one, or with `system`, the public ones.
fn roots(file: Option<&str>) -> Result<Arc<RootCertStore>, StoreError> {
    let Some(file) = file.filter(|&file| file != "system") else {
        return Ok(Arc::new(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }));
    };
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(file)
        .map_err(|_| StoreError::Url("the file of sslrootcert cannot be read"))?;
    roots.add_parsable_certificates(certificates.filter_map(Result::ok));
    Ok(Arc::new(roots))
}

/// Checks less than that the certificate names the host. It always checks the signatures of the handshake.
#[derive(Debug)]
struct Lenient {
    provider: Arc<CryptoProvider>,
    /// Who must have signed the certificate, for whatever name; `None`: anyone.
    authority: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
        match authority.verify_server_cert(end, between, name, stapled, now) {
            // The name is looked at last: all else holds.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
