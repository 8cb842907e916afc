//! The TLS settings of every outgoing connection.

use std::sync::Arc;

/// Returns the TLS settings that all our clients use: ring, and the compiled-in roots.
///
/// # Panics
/// See [`tls_config_trusting`].
#[must_use]
pub fn tls_config() -> rustls::ClientConfig {
    tls_config_trusting(rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
}

/// Returns the same settings with other roots.
///
/// # Panics
/// If ring does not support the protocol versions, which only a broken build can cause.
#[expect(clippy::expect_used, reason = "ring supports these versions; without TLS nothing can start")]
pub(crate) fn tls_config_trusting(roots: rustls::RootCertStore) -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring supports TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}
