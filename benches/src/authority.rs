//! A certificate for loopback, and the authority that signed it. `openssl` creates both for each run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::trouble::{Outcome, Trouble};

/// The files of both.
pub(crate) struct Authority(PathBuf);

impl Authority {
    /// Makes them in a folder.
    pub(crate) fn make(folder: &Path) -> Outcome<Self> {
        fs::create_dir_all(folder)?;
        let authority = Self(folder.to_owned());
        let curve = [
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ];
        let made = |own: &[&str]| -> Outcome<()> {
            let status = Command::new("openssl")
                .args(curve)
                .args(own)
                .current_dir(folder)
                .stderr(Stdio::null())
                .status()?;
            if status.success() { Ok(()) } else { Err("openssl made no certificate".into()) }
        };
        made(&["-subj", "/CN=authority of the benches", "-keyout", "ca.key", "-out", "ca.pem"])?;
        made(&[
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-keyout",
            "server.key",
            "-out",
            "server.pem",
        ])?;
        Ok(authority)
    }

    /// Those that were made before.
    pub(crate) fn of(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// The authority's own certificate.
    pub(crate) fn root(&self) -> PathBuf {
        self.0.join("ca.pem")
    }

    /// The server's.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.0.join("server.pem")
    }

    /// The server's key.
    pub(crate) fn key(&self) -> PathBuf {
        self.0.join("server.key")
    }

    /// A server's side of TLS.
    pub(crate) fn acceptor(&self) -> Outcome<tokio_rustls::TlsAcceptor> {
        let read = |what: &dyn std::fmt::Display| Trouble::Said(what.to_string());
        let certificate = CertificateDer::from_pem_file(self.certificate()).map_err(|error| read(&error))?;
        let key = PrivateKeyDer::from_pem_file(self.key()).map_err(|error| read(&error))?;
        let config =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![certificate], key))
                .map_err(|error| read(&error))?;
        Ok(tokio_rustls::TlsAcceptor::from(Arc::new(config)))
    }
}

/// The certificates of a file, as what a client trusts.
pub(crate) fn roots(file: &str) -> Outcome<rustls::RootCertStore> {
    let mut roots = rustls::RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(file).map_err(|error| Trouble::Said(error.to_string()))?;
    roots.add_parsable_certificates(certificates.filter_map(Result::ok));
    Ok(roots)
}
