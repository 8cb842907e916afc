//! An issuer behind a private authority.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use social_core::config::{Config, Mode};
use social_core::web::platform_vars;
use tokio_rustls::TlsAcceptor;

use super::issuer::Issuer;
use super::keys::{jwk, set, sign};
use super::{alice, ask, world};

const AUTHORITY: &str = include_str!("../../fixtures/sign_in/authority.pem");
const SERVER: &[u8] = include_bytes!("../../fixtures/sign_in/server.pem");
const SERVER_KEY: &[u8] = include_bytes!("../../fixtures/sign_in/server.key");

/// Returns an issuer with https, whose certificate no public authority has signed.
async fn private_issuer() -> Issuer {
    let (listener, issuer) = Issuer::listen("https").await;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let settings = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(SERVER).unwrap()],
            PrivateKeyDer::from_pem_slice(SERVER_KEY).unwrap(),
        )
        .unwrap();
    let (acceptor, of_task) = (TlsAcceptor::from(Arc::new(settings)), issuer.clone());
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            if let Ok(connection) = acceptor.accept(connection).await {
                of_task.serve(connection).await;
            }
        }
    });
    issuer
}

#[tokio::test]
async fn a_private_authority_is_trusted_if_its_certificate_is_given() {
    let issuer = private_issuer().await;
    issuer.publish(&set(&[jwk("rsa", json!({"kid": "k"}))]));
    let token = sign("rsa", json!({"alg": "RS256", "kid": "k"}), &alice());
    let mut world = world(&issuer, &[]).await;
    assert_eq!((ask(&world.app, &token).await.status, issuer.asked()), (503, 0));
    world.set("AUTH_JWKS_CA", AUTHORITY);
    assert_eq!((ask(&world.app, &token).await.status, issuer.asked()), (200, 1));
    // On one line, as in a file of variables.
    world.set("AUTH_JWKS_CA", &AUTHORITY.replace('\n', "\\n"));
    assert_eq!(ask(&world.app, &token).await.status, 200);
}

#[test]
fn what_is_no_certificate_is_refused_by_name_at_the_start() {
    let read = |authority: &str| {
        let vars = [("AUTH_JWKS_URL", "https://id.example/jwks"), ("AUTH_JWKS_CA", authority)];
        let var =
            |name: &str| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Config::from_vars(Mode::Hosted, &platform_vars(), &var).unwrap_err().to_string()
    };
    assert!(!read(AUTHORITY).contains("AUTH_JWKS_CA"));
    for wrong in
        ["/etc/ssl/canary.pem", "canary", &AUTHORITY[..200], &AUTHORITY.replace("CERTIFICATE", "PRIVATE KEY")]
    {
        let told = read(wrong);
        assert!(told.contains("AUTH_JWKS_CA: isn't a certificate in PEM form"), "{told}");
        assert!(!told.contains("canary"), "{told}");
    }
}
