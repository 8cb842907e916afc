//! The server that videos are read from: nginx with ranges, on a port and in a folder of its own.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::authority::Authority;
use crate::trouble::Outcome;

/// A running nginx, which ends with us.
pub(crate) struct Nginx {
    child: Child,
    folder: PathBuf,
    port: u16,
    scheme: &'static str,
}

impl Nginx {
    /// Starts it with one file of so many bytes, none of which takes room on the disk; over TLS, if an authority vouches
    /// for it.
    pub(crate) fn start(folder: &Path, size: u64, authority: Option<&Authority>) -> Outcome<Self> {
        let files = folder.join("files");
        fs::create_dir_all(&files)?;
        File::create(files.join("video.mp4"))?.set_len(size)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let at = folder.display();
        let (listen, tls) = match authority {
            Some(authority) => (
                "ssl",
                format!(
                    "ssl_certificate {}; ssl_certificate_key {};",
                    authority.certificate().display(),
                    authority.key().display()
                ),
            ),
            None => ("", String::new()),
        };
        let settings = format!(
            "daemon off; worker_processes 1; pid {at}/pid; error_log {at}/log;
            events {{ worker_connections 64; }}
            http {{
                access_log off; sendfile on; tcp_nopush on; default_type video/mp4;
                client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/fastcgi;
                uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;
                server {{ listen 127.0.0.1:{port} {listen}; {tls} root {at}/files; }}
            }}"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, settings)?;
        let mut command = Command::new("nginx");
        command.arg("-c").arg(&file).arg("-e").arg(folder.join("log")).arg("-g");
        // If we are root, its worker would run as a user that may not read the folder.
        command.arg(if is_root() { "user root;" } else { "" });
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        let nginx = Self {
            child,
            folder: folder.to_owned(),
            port,
            scheme: if authority.is_some() { "https" } else { "http" },
        };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if start.elapsed() > Duration::from_secs(10) {
                return Err("nginx does not answer; its log is in target/relay".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(nginx)
    }

    /// The folder of its files.
    pub(crate) fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    /// Where the file is.
    pub(crate) fn url(&self) -> String {
        format!("{}://127.0.0.1:{}/video.mp4", self.scheme, self.port)
    }
}

fn is_root() -> bool {
    fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| status.lines().any(|line| line.starts_with("Uid:\t0\t")))
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM, so that it takes its worker along.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(self.folder.join("files"));
    }
}
