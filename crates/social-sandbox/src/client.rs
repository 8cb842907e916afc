//! The HTTP client for downloads and webhooks.

use rustls::{ClientConfig, RootCertStore, crypto};
use std::sync::Arc;
use std::time::Duration;

/// How long a server may pause before the next bytes.
const SILENCE: Duration = Duration::from_secs(30);

/// Returns the client for downloads and webhooks: no redirects, no proxies, no retries of its own.
pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .read_timeout(SILENCE)
        .build()
}
