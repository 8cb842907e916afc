//! pgbouncer.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::UnixStream;
use url::Url;

/// pgbouncer in front of a database, ended when this is dropped.
pub(crate) struct Pooler {
    /// Its process.
    pub(crate) process: Child,
    folder: PathBuf,
    /// Leads to the same database, through the pooler.
    pub(crate) url: String,
}

impl Pooler {
    /// Starts one with a mode and a number of server connections; `None`, with the reason printed: it is not installed.
    pub(crate) async fn start(database_url: &str, mode: &str, connections: u32) -> Option<Self> {
        let binary = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"]
            .into_iter()
            .find(|path| fs::exists(path).unwrap_or(false));
        let Some(binary) = binary else {
            eprintln!("skipped: pgbouncer is not installed");
            return None;
        };
        let mut url = Url::parse(database_url).unwrap();
        let socket = url.query_pairs().find(|(name, _)| name == "host").unwrap().1.into_owned();
        // The user that runs Postgres may reach its socket.
        let owner = fs::metadata(&socket).unwrap();
        let folder = std::env::temp_dir().join(format!("pooler-{}", url.path().trim_start_matches('/')));
        fs::create_dir(&folder).unwrap();
        let (users, settings) = (folder.join("users"), folder.join("settings"));
        fs::write(&users, format!("\"{}\" \"\"\n", url.username())).unwrap();
        let shown = folder.display();
        let text = format!(
            "[databases]\n* = host={socket} port=5432\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\n\
            unix_socket_dir = {shown}\nauth_type = trust\nauth_file = {}\npool_mode = {mode}\n\
            default_pool_size = {connections}\nmax_client_conn = 200\nserver_login_retry = 1\n",
            users.display()
        );
        fs::write(&settings, text).unwrap();
        for path in [&folder, &users, &settings] {
            chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        let process = Command::new(binary)
            .arg(&settings)
            .uid(owner.uid())
            .gid(owner.gid())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        url.set_port(Some(6432)).unwrap();
        url.query_pairs_mut()
            .clear()
            .append_pair("host", folder.to_str().unwrap())
            .append_pair("sslmode", "disable");
        // Whatever comes now, it is ended and waited for.
        let pooler = Self { process, folder, url: url.into() };
        let listens = pooler.folder.join(".s.PGSQL.6432");
        for _ in 0..500 {
            if UnixStream::connect(&listens).await.is_ok() {
                return Some(pooler);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("pgbouncer does not listen");
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
