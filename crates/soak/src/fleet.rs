//! The processes under test: `social-server`, each on its own port, killed and restarted.
//!
//! They run in local mode and not as `serve`, because `serve` rejects plain http to loopback, and no variable
//! changes that. Apart from the allowed addresses, both are the same program with the same functions.

use std::fs::File;
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Client;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::error::Elapsed;

use crate::error::SoakError;
use crate::timeline::{Incarnation, Timeline};

/// 12 s: how long a container may take after SIGTERM.
const FAREWELL: Duration = Duration::from_secs(12);

/// The settings of a process.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) program: PathBuf,
    /// The folder of the processes' data and logs.
    pub(crate) folder: PathBuf,
    pub(crate) vars: Vec<(&'static str, String)>,
}

/// One place in the fleet. Its process changes, its port does not.
#[derive(Debug)]
struct Worker {
    port: u16,
    now: Mutex<Option<Now>>,
    orders: mpsc::Sender<Order>,
}

/// The current process of the place.
#[derive(Debug, Clone, Copy)]
struct Now {
    who: Incarnation,
    process: u32,
    /// Whether it has responded.
    is_ready: bool,
}

/// Kills this process, and reports when it has ended.
#[derive(Debug)]
struct Order(Incarnation, oneshot::Sender<()>);

/// All processes.
#[derive(Debug)]
pub(crate) struct Fleet {
    workers: Vec<Arc<Worker>>,
    timeline: Arc<Timeline>,
    stop: watch::Sender<bool>,
    keepers: tokio::sync::Mutex<Vec<tokio::task::JoinHandle<()>>>,
}

impl Fleet {
    /// Starts them all; they may not respond yet.
    pub(crate) fn start(
        count: usize,
        settings: &Settings,
        client: &Client,
        timeline: &Arc<Timeline>,
    ) -> Result<Self, SoakError> {
        let (stop, asked) = watch::channel(false);
        let (mut workers, mut keepers) = (Vec::new(), Vec::new());
        for index in 0..count {
            let port = free_port()?;
            let (orders, given) = mpsc::channel(4);
            let worker = Arc::new(Worker { port, now: Mutex::default(), orders });
            let folder = settings.folder.join(format!("worker-{index}"));
            std::fs::create_dir_all(&folder).map_err(SoakError::io("create a process's folder"))?;
            let keeper = Keeper {
                index,
                folder,
                worker: Arc::clone(&worker),
                settings: settings.clone(),
                client: client.clone(),
                timeline: Arc::clone(timeline),
            };
            keepers.push(tokio::spawn(keeper.keep(given, asked.clone())));
            workers.push(worker);
        }
        Ok(Self { workers, timeline: Arc::clone(timeline), stop, keepers: tokio::sync::Mutex::new(keepers) })
    }

    pub(crate) fn len(&self) -> usize {
        self.workers.len()
    }

    /// Returns the address of a worker, whether or not it is listening.
    pub(crate) fn origin(&self, index: usize) -> Option<String> {
        self.workers.get(index).map(|worker| format!("http://127.0.0.1:{}", worker.port))
    }

    /// Returns those that respond, or did a moment ago.
    pub(crate) fn ready(&self) -> Vec<usize> {
        let ready = |worker: &Worker| worker.now().is_some_and(|now| now.is_ready);
        (0..self.len()).filter(|index| self.workers.get(*index).is_some_and(|worker| ready(worker))).collect()
    }

    /// Returns the current processes.
    pub(crate) fn running(&self) -> Vec<(Incarnation, u32)> {
        self.workers.iter().filter_map(|worker| worker.now()).map(|now| (now.who, now.process)).collect()
    }

    /// Runs `kill -9` if it is still alive. Returns when it has ended.
    pub(crate) async fn kill(&self, who: Incarnation) {
        let Some(worker) = self.workers.get(who.worker) else { return };
        let (gone, is_gone) = oneshot::channel();
        if worker.orders.send(Order(who, gone)).await.is_ok() {
            let _ = is_gone.await;
        }
    }

    /// Freezes it, as a cloud freezes a function, and resumes it after a while if it is still alive.
    pub(crate) async fn freeze(&self, who: Incarnation, lasting: Duration) {
        let Some(worker) = self.workers.get(who.worker) else { return };
        // Meanwhile, no caller must wait for it.
        let Some(process) = worker.ready(who, false) else { return };
        let from = self.timeline.now();
        signal("-STOP", process).await;
        tokio::time::sleep(lasting).await;
        if worker.now().is_some_and(|now| now.who == who) {
            signal("-CONT", process).await;
            worker.ready(who, true);
        }
        self.timeline.note_freeze(who, from);
    }

    /// Kills the process in a place, if it has responded before.
    pub(crate) async fn kill_at(&self, index: usize) {
        let now = self.workers.get(index).and_then(|worker| worker.now());
        if let Some(now) = now.filter(|now| now.is_ready) {
            self.kill(now.who).await;
        }
    }

    /// Sends SIGTERM to all of them, and waits until they have ended.
    pub(crate) async fn stop(&self) {
        self.stop.send_replace(true);
        for keeper in self.keepers.lock().await.drain(..) {
            if keeper.await.is_err() {
                self.timeline.note_oddity("the keeper of a process panicked".to_owned());
            }
        }
    }
}

impl Worker {
    fn now(&self) -> Option<Now> {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, now: Option<Now>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Sets whether it may be called, if it still has the place. Returns its process id.
    fn ready(&self, who: Incarnation, is_ready: bool) -> Option<u32> {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.as_mut().filter(|now| now.who == who)?;
        now.is_ready = is_ready;
        Some(now.process)
    }
}

/// Keeps a place filled.
struct Keeper {
    index: usize,
    folder: PathBuf,
    worker: Arc<Worker>,
    settings: Settings,
    client: Client,
    timeline: Arc<Timeline>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Killed,
    Asked,
    ByItself,
}

impl Keeper {
    async fn keep(self, mut orders: mpsc::Receiver<Order>, mut stop: watch::Receiver<bool>) {
        let mut nth = 0;
        while !*stop.borrow() {
            nth += 1;
            let who = Incarnation { worker: self.index, nth };
            match self.spawn() {
                Ok(child) => {
                    if self.watch(who, child, &mut orders, &mut stop).await == End::Asked {
                        return;
                    }
                }
                Err(error) => self.timeline.note_oddity(format!("a process could not be started: {error}")),
            }
            self.worker.set(None);
            // A scheduler notices after a while.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    fn spawn(&self) -> io::Result<Child> {
        let log = File::options().create(true).append(true).open(self.folder.join("log"))?;
        let mut command = Command::new(&self.settings.program);
        command
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.settings.vars.iter().map(|(name, value)| (*name, value.as_str())))
            .env("PORT", self.worker.port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        command.spawn()
    }

    async fn watch(
        &self,
        who: Incarnation,
        mut child: Child,
        orders: &mut mpsc::Receiver<Order>,
        stop: &mut watch::Receiver<bool>,
    ) -> End {
        let process = child.id().unwrap_or_default();
        self.worker.set(Some(Now { who, process, is_ready: false }));
        let mut is_ready = false;
        let mut waiting = Vec::new();
        let end = loop {
            tokio::select! {
                _ = child.wait() => break End::ByItself,
                () = self.answers(), if !is_ready => {
                    is_ready = true;
                    self.worker.ready(who, true);
                }
                Some(Order(whom, gone)) = orders.recv() => {
                    if whom == who {
                        self.timeline.note_kill(who);
                        self.worker.set(None);
                        let _ = child.start_kill();
                        waiting.push(gone);
                        break End::Killed;
                    }
                }
                _ = stop.wait_for(|stop| *stop) => break End::Asked,
            }
        };
        match end {
            End::Killed => {
                let _ = child.wait().await;
            }
            End::Asked => {
                let parted = Self::part(child).await;
                // Before its first response it may not be able to stop yet.
                if is_ready && !matches!(parted, Ok(Ok(status)) if status.success()) {
                    let what =
                        format!("process {}.{} did not stop on SIGTERM: {parted:?}", who.worker, who.nth);
                    self.timeline.note_oddity(what);
                }
            }
            // Before its first response it may end because there is no database; later there is no reason to.
            End::ByItself if is_ready => {
                self.timeline.note_oddity(format!("process {}.{} ended on its own", who.worker, who.nth));
            }
            End::ByItself => {}
        }
        for gone in waiting {
            let _ = gone.send(());
        }
        end
    }

    /// Returns when the process responds.
    async fn answers(&self) {
        let url = format!("http://127.0.0.1:{}/", self.worker.port);
        loop {
            let asked = self.client.get(&url).timeout(Duration::from_secs(2)).send().await;
            if asked.is_ok_and(|reply| reply.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Sends SIGTERM, and waits.
    async fn part(mut child: Child) -> Result<io::Result<ExitStatus>, Elapsed> {
        if let Some(process) = child.id() {
            signal("-TERM", process).await;
        }
        tokio::time::timeout(FAREWELL, child.wait()).await
    }
}

async fn signal(name: &str, process: u32) {
    // A process that has ended needs no signal.
    let _ = Command::new("kill").args([name, &process.to_string()]).stderr(Stdio::null()).status().await;
}

/// Returns a port that is free now. If another process takes it, the server logs that and is restarted.
fn free_port() -> Result<u16, SoakError> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(SoakError::io("find a free port"))?;
    Ok(listener.local_addr().map_err(SoakError::io("find a free port"))?.port())
}
